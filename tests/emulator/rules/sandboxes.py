# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a production org says of its sandboxes: rows to be read. Making, refreshing and deleting sandboxes is not emulated."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.rules.registry import Grade, rule

DELETED, DISCARDED = "Deleted", "Discarded"

CODES: Mapping[tuple[str, str], Mapping[str, str]] = {("SandboxProcess", "Status"): {"D": DELETED, "E": DISCARDED}}
"""(sObject, field) -> code that filters take -> the word that answers show."""

rule(
    "sandbox_process_status",
    says="SandboxProcess.Status is shown as a word in the language of the user (Completed, Pending Activation) and filtered by a code: D for deleted, E "
    "for one that came to nothing. Other codes are not public: filtering by anything else is not emulated (501), and so are the words for D and E, "
    "which are composed.",
    grade=Grade.QUOTED,
    source="forcedotcom/sfdx-core, src/org/sandbox/sandboxProcessQueries.ts (Status != 'D', NOT IN ('D', 'E')); a public protocol of a refresh in a "
    "Japanese org; Tooling API guide, SandboxProcess (Completed, Pending Activation)",
)
rule(
    "sandbox_process_latest",
    says="each creation or refresh of a sandbox has a SandboxProcess of its own; the latest one of a SandboxInfo says how the sandbox is. "
    "SandboxOrganization holds 15 characters. A deleted sandbox has no SandboxInfo any more; its processes stay.",
    grade=Grade.DOCUMENTED,
    source="Tooling API guide, SandboxInfo and SandboxProcess; 15 characters and that processes stay: forcedotcom/sfdx-core (trimTo15, Status != 'D')",
)
rule(
    "sandboxes_in_production_only",
    says="SandboxInfo and SandboxProcess are unknown in a sandbox.",
    grade=Grade.DOCUMENTED,
    source="Salesforce Help, Sandbox Action and Status Reference: sandboxes are made and seen from production; that their objects look unknown "
    "elsewhere is assumed",
)
