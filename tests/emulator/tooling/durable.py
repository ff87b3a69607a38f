# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Ids of definitions: a standard object's is its name, a custom one has one of its own."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from emulator.ids import ALPHABET

if TYPE_CHECKING:
    from emulator.model import SObject
    from emulator.org import Org


def described(org: Org) -> list[SObject]:
    """What a user of the data API sees: the objects that have a definition."""
    seen = org.schema_at(org.settings.api_version_max).sobjects
    return [seen[name] for name in sorted(seen)]


def durable_ids(org: Org) -> dict[str, str]:
    """Object -> DurableId of its definition; it stays when other objects come and go."""

    def found() -> dict[str, str]:
        return {one.name: definition_id(org, "01I", one.name) if one.custom else one.name for one in described(org)}

    known: dict[str, str] = org.of_schema("durable_ids", found)
    return known


def definition_id(org: Org, prefix: str, name: str) -> str:
    """An Id of 15 characters for something in Setup that is no record: the same for the same name."""
    number = int.from_bytes(blake2b(name.encode(), digest_size=6).digest(), "big")
    digits = ""
    for _unused in range(9):
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return f"{prefix}{org.id[3:6]}{digits}"


def named_by(org: Org, entity_id: str) -> str | None:
    """The custom object that has this Id, of 15 or 18 characters."""
    names: dict[str, str] = org.of_schema("objects_by_durable_id", lambda: {durable: name for name, durable in durable_ids(org).items()})
    return names.get(entity_id[:15])
