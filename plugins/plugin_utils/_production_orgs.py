# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is private to the collection.
"""What a production org tells of its sandboxes, and a Dev Hub of its scratch orgs, in one read."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ansible_collections.voiceops.salesforce.plugins.module_utils._composite import Query
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import CONFIG, ORG, Problem, RecordError, sentence
from ansible_collections.voiceops.salesforce.plugins.module_utils._inventory_orgs import (
    SANDBOXES,
    SCRATCH_ORGS,
    Found,
    Production,
    from_production,
    from_sandboxes,
    from_scratch_orgs,
    my_domain_of,
)
from ansible_collections.voiceops.salesforce.plugins.module_utils._org import Org

# What an org answers that has no such thing, or does not show it: told in words of its own.
_MISSING = ("INVALID_TYPE", "INSUFFICIENT_ACCESS")
_SANDBOX_INFOS = Query(
    "sandboxes", "SELECT Id, SandboxName, LicenseType FROM SandboxInfo ORDER BY SandboxName", tolerate=_MISSING, tooling=True
)
_PROCESS = (
    "SELECT Id, SandboxInfoId, SandboxName, LicenseType, Status, CopyProgress, SandboxOrganization, EndDate, CreatedDate FROM SandboxProcess "
    "WHERE Status {} ORDER BY CreatedDate DESC"
)
# Filters take codes, answers show words in the user's language (forcedotcom/sfdx-core: D is deleted; D and E are left out of what counts).
_COPIES = Query("copies", _PROCESS.format("NOT IN ('D', 'E')"), tolerate=_MISSING, tooling=True)
_DELETIONS = Query("deletions", _PROCESS.format("= 'D'"), tolerate=_MISSING, tooling=True)
_SCRATCH_ORG_INFOS = Query(
    "scratch",
    "SELECT Id, ScratchOrg, OrgName, SignupUsername, LoginUrl, Status, Edition, ExpirationDate FROM ScratchOrgInfo ORDER BY SignupUsername",
    tolerate=_MISSING,
)
_RIGHT = "Give the running user the right to see sandboxes (View Setup and Configuration)."
_DEV_HUB = "Enable Dev Hub in this org, log in to the one that is a Dev Hub, or give the running user the right to see scratch orgs."
# What a refused query was for, and what to do about it.
_REFUSED: Mapping[str, tuple[str, str]] = {"scratch": ("scratch orgs", _DEV_HUB)}


def orgs_of(org: Org, sources: Collection[str], my_domain: str) -> list[Found]:
    """The org itself, first, and what it tells. my_domain: the name in its My Domain, where the host that answers does not tell it.

    Raises Problem where it is unreachable, refuses, or has nothing of that kind to tell.
    """
    reads = [_SANDBOX_INFOS, _COPIES, _DELETIONS] if SANDBOXES in sources else []
    answers = org.read([*reads, *([_SCRATCH_ORG_INFOS] if SCRATCH_ORGS in sources else [])])
    production = _production(org, my_domain)
    if SANDBOXES in sources:
        _require_production(org, production)
    _require_answers(org, answers.refusals)
    found = [from_production(production, SANDBOXES if SANDBOXES in sources else SCRATCH_ORGS, SCRATCH_ORGS in sources)]
    if SANDBOXES in sources:
        found += from_sandboxes(production, answers.rows["sandboxes"], answers.rows["copies"], answers.rows["deletions"])
    if SCRATCH_ORGS in sources:
        found += from_scratch_orgs(production, answers.rows["scratch"])
    return found


def _production(org: Org, my_domain: str) -> Production:
    host, who = org.place.lower(), org.identity
    name, edition = (who.name, who.edition) if who else ("", "")
    return Production(org.org_id, name, edition, host, org.connection.username or "", my_domain or my_domain_of(host))


def _require_production(org: Org, production: Production) -> None:
    """Raises Problem for an org that has no sandboxes, or whose sandboxes could not be reached."""
    if org.identity and org.identity.is_sandbox:
        raise Problem(
            f"finding the sandboxes of {org.label}",
            "it is a sandbox itself.",
            "Set login_url to the production org's My Domain, and username to a user there.",
            CONFIG,
            "no_production",
        )
    if not production.my_domain:
        raise Problem(
            f"finding the sandboxes of {org.label}",
            "where it answers does not tell its My Domain, of which those of its sandboxes are made.",
            "Set my_domain, such as acme for https://acme.my.salesforce.com.",
            CONFIG,
            "my_domain",
        )


def _require_answers(org: Org, refusals: Mapping[str, RecordError]) -> None:
    """Raises Problem for what the org has not, or does not show."""
    for ref, refusal in refusals.items():
        what, remedy = _REFUSED.get(ref, ("sandboxes", _RIGHT))
        raise Problem(f"finding the {what} of {org.label}", sentence(f"{refusal.code}: {refusal.message}"), remedy, ORG, refusal.code)
