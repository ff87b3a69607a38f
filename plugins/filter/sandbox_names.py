# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters for what a sandbox makes of usernames and e-mail addresses. Each has its documentation in a file of its name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Callable, Union

from ansible.errors import AnsibleFilterError

from ansible_collections.voiceops.salesforce.plugins.module_utils._users import INVALID, unsuffixed

Names = Union[str, list[str]]

_SANDBOX = re.compile(r"[A-Za-z0-9_-]*")


def sandbox_username(value: Any, sandbox: Any) -> Names:
    """What a sandbox of that name calls users of production."""
    end = f".{_sandbox(sandbox)}" if _sandbox(sandbox) else ""
    return _each(value, lambda name: f"{name}{end}")


def production_username(value: Any, sandbox: Any, known: Iterable[str] = ()) -> Names:
    """What production calls users of a sandbox of that name."""
    names = [str(item) for item in known]
    return _each(value, lambda name: unsuffixed(name, _sandbox(sandbox), names))


def sandbox_email(value: Any) -> Names:
    """What a sandbox makes of addresses."""
    return _each(value, lambda address: address if address.lower().endswith(INVALID) else f"{address}{INVALID}")


def production_email(value: Any) -> Names:
    """The addresses before a sandbox made them invalid."""
    return _each(value, lambda address: address[: -len(INVALID)] if address.lower().endswith(INVALID) else address)


def _each(value: Any, make: Callable[[str], str]) -> Names:
    if isinstance(value, (list, tuple)):
        return [make(_address(item)) for item in value]
    return make(_address(value))


def _address(value: Any) -> str:
    """The text. Raises AnsibleFilterError for what has not the form that usernames and addresses have."""
    text = value.strip() if isinstance(value, str) else ""
    if "@" not in text.strip("@"):
        raise AnsibleFilterError(f"{value!r} is no username and no e-mail address: both are texts with an @ inside. Correct the value.")
    return text


def _sandbox(name: Any) -> str:
    """The sandbox's name; empty for production."""
    text = name.strip() if isinstance(name, str) else name
    if not isinstance(text, str) or not _SANDBOX.fullmatch(text):
        raise AnsibleFilterError(
            f"{name!r} is no sandbox's name. Give it as Setup shows it (Sandboxes), such as uat, without a dot; '' in production."
        )
    return text


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Names]]:
        """By name."""
        return {
            "sandbox_username": sandbox_username,
            "production_username": production_username,
            "sandbox_email": sandbox_email,
            "production_email": production_email,
        }
