# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a production org knows of its sandboxes and scratch orgs. Rows only: whether such an org is served is another matter."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from emulator.org import ids_of
from emulator.rules.sandboxes import DELETED
from emulator.rules.scratch_orgs import EXPIRED

if TYPE_CHECKING:
    from emulator.org import Org

COPYING_TAKES = timedelta(hours=2)


def put_sandbox(
    org: Org,
    name: str,
    *,
    license_type: str = "DEVELOPER",
    organization: str | None = None,
    status: str = "Completed",
    progress: int | None = None,
    started: datetime | None = None,
    ended: datetime | None = None,
    description: str | None = None,
    source: str | None = None,
    deleted: bool = False,
) -> tuple[str, str]:
    """(Id of the SandboxInfo, Id of its SandboxProcess). organization: the sandbox's own org Id, as it is known once it is copied. ended: when it
    was copied; where it is not given, the copying is under way. source: Id of the SandboxInfo that it is a clone of. deleted: it was, later.
    A second process for a name that is known is a refresh. Raises ValueError in an org that is a sandbox itself."""
    if org.schema.sobject("SandboxInfo") is None:
        raise ValueError(f"{org.name} is a sandbox, or has no Tooling API: only production knows sandboxes")
    begun = started or (ended or org.clock()) - COPYING_TAKES
    common = {"SandboxName": name, "LicenseType": license_type, "Description": description, "SourceId": source, "HistoryDays": 0}
    known = org.find("SandboxInfo", SandboxName=name)
    info = str(known[0]["Id"]) if known else org.put("SandboxInfo", CreatedDate=begun, LastModifiedDate=begun, **common)
    process = org.put(
        "SandboxProcess",
        SandboxInfoId=info,
        SandboxOrganization=organization[:15] if organization else None,
        Status=DELETED if deleted else status,
        CopyProgress=100 if ended and progress is None else progress or 0,
        StartDate=begun,
        EndDate=ended,
        CreatedDate=begun,
        LastModifiedDate=ended or begun,
        **common,
    )
    if deleted:
        org.remove("SandboxInfo", info)
    return info, process


def put_scratch_org(
    org: Org, name: str, *, expires: datetime, username: str | None = None, edition: str = "Developer", description: str | None = None
) -> str:
    """The Id of the ScratchOrgInfo of a scratch org that was made for 30 days. One that has expired looks as the switch expired_scratch_org says.
    Raises ValueError in an org that is no Dev Hub."""
    if org.schema.sobject("ScratchOrgInfo") is None:
        raise ValueError(f"{org.name} is no Dev Hub: give it the feature dev_hub")
    number = len(org.find("ScratchOrgInfo")) + 1
    made = expires - timedelta(days=30)
    gone = expires < org.clock() and org.switches[EXPIRED.name] == "deleted"
    label = "-".join(name.lower().split())
    common = {
        "OrgName": name,
        "Edition": edition,
        "Description": description,
        "ScratchOrg": ids_of(f"{org.name}/{name}").new("00D")[:15],
        "SignupUsername": username or f"test-{number:06d}@{label}.example",
        "SignupEmail": "automation@acme.example",
        "SignupInstance": "CS999",
        "ExpirationDate": expires.date().isoformat(),
        "HasSampleData": False,
        "CreatedDate": made,
    }
    status = {"Status": "Deleted" if gone else "Active", "DeletedDate": expires if gone else None}
    login_url = f"https://{label}-dev-ed.scratch.my.salesforce.com"
    info = org.put("ScratchOrgInfo", Name=f"{number:08d}", DurationDays=30, LoginUrl=login_url, **status, **common)
    if not gone:
        org.put("ActiveScratchOrg", Name=f"{number:08d}", ScratchOrgInfoId=info, **common)
    return info
