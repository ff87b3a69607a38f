# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From which API version on a resource exists."""

from __future__ import annotations

from emulator.errors import not_found
from emulator.rules.registry import Grade, rule

SINCE = rule(
    "resources_have_a_first_version",
    says="a resource is unknown (404) in versions before the one it came with: batch 34, relationships 36, POST by Id 37, recordCount 40, "
    "tooling composite 40, collections 42, upsert by collections 46, graph 50",
    grade=Grade.DOCUMENTED,
    source="REST API Developer Guide, the page of each resource: 'available in API version X and later' (collections: CumulusCI says 42)",
)


def require_version(version: str, first: int) -> None:
    """Raises 404 where the resource came with a later version."""
    if float(version) < first:
        raise not_found()
