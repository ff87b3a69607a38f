# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters for record Ids of 15 and 18 characters. Each has its documentation in a file of its name."""

from __future__ import annotations

import re
from typing import Any, Callable, Union

from ansible.errors import AnsibleFilterError

from ansible_collections.voiceops.salesforce.plugins.module_utils._ids import checksum

Ids = Union[str, list[str]]

_SHAPE = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")


def id18(value: Any) -> Ids:
    """Ids with the three characters that tell their case."""
    return _each(value, lambda fifteen: fifteen + checksum(fifteen))


def id15(value: Any) -> Ids:
    """Ids without the three characters that tell their case."""
    return _each(value, lambda fifteen: fifteen)


def _each(value: Any, make: Callable[[str], str]) -> Ids:
    if isinstance(value, (list, tuple)):
        return [make(_fifteen(item)) for item in value]
    return make(_fifteen(value))


def _fifteen(value: Any) -> str:
    """The first 15 characters of an Id. Raises AnsibleFilterError, saying what is wrong, for what is none."""
    text = value.strip() if isinstance(value, str) else ""
    if not _SHAPE.fullmatch(text):
        raise AnsibleFilterError(f"{value!r} is no record Id: an Id has 15 or 18 letters and digits. Correct the value.")
    wanted = checksum(text[:15])
    if text[15:] not in ("", wanted):
        raise AnsibleFilterError(
            f"{text!r} is no record Id: its first 15 characters would end in {wanted}, not in {text[15:]}. "
            "Upper and lower case got lost on the way, or a character is wrong: copy it again from the org."
        )
    return text[:15]


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Ids]]:
        """By name."""
        return {"id18": id18, "id15": id15}
