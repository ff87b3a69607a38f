# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a Dev Hub says of its scratch orgs: rows to be read. Making and deleting scratch orgs is not emulated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.errors import NotEmulated
from emulator.rules import registry
from emulator.rules.registry import Change, Grade, Switch, rule

if TYPE_CHECKING:
    from emulator.org import Org

OBJECTS = ("ScratchOrgInfo", "ActiveScratchOrg")
EXPIRED = Switch("expired_scratch_org", ("still_active", "deleted"))

rule(
    "scratch_orgs_in_a_dev_hub",
    says="ScratchOrgInfo and ActiveScratchOrg exist in a Dev Hub alone, and are read with object permissions: without Read the object looks unknown.",
    grade=Grade.DOCUMENTED,
    source="Object Reference, ScratchOrgInfo, ActiveScratchOrg; Salesforce DX Developer Guide, Create and Assign a Permission Set to Developer Users",
)
rule(
    "scratch_org_id_is_text",
    says="ScratchOrg is a text of 15 characters: a filter on it finds Ids that differ in case alone, too.",
    grade=Grade.QUOTED,
    source="forcedotcom/sfdx-core, src/org/authInfo.ts, a comment on a query of ScratchOrgInfo",
)
rule(
    "scratch_org_that_expired",
    says="A scratch org past its ExpirationDate still stands as Active, with its row in ActiveScratchOrg; or its request is Deleted and that row gone.",
    grade=Grade.INFERRED,
    source="public clean-up jobs wait for Status Deleted after the date; Salesforce DX Developer Guide, Manage Scratch Orgs (active, expired or "
    "deleted), does not say when a status changes",
    switch=EXPIRED,
)


def not_emulated(org: Org, user: str, change: Change) -> None:
    raise NotEmulated(f"{change.op} of {change.sobject}")


registry.before("insert", *OBJECTS)(not_emulated)
registry.before("update", *OBJECTS)(not_emulated)
registry.before("delete", *OBJECTS)(not_emulated)
