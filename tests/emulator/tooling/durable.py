# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Ids of definitions: a standard object's is its name, a custom one has one of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.model import SObject
    from emulator.org import Org


def described(org: Org) -> list[SObject]:
    """What a user of the data API sees: the objects that have a definition."""
    seen = org.schema_at(org.settings.api_version_max).sobjects
    return [seen[name] for name in sorted(seen)]


def durable_ids(org: Org) -> dict[str, str]:
    """Object -> DurableId of its definition."""
    custom = [sobject.name for sobject in described(org) if sobject.custom]
    numbered = {name: f"01I{org.id[3:6]}{number:09d}" for number, name in enumerate(custom, start=1)}
    return {sobject.name: numbered.get(sobject.name, sobject.name) for sobject in described(org)}
