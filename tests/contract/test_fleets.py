# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a fleet is found by and watched with: the Setup Audit Trail, a production org's sandboxes, a Dev Hub's scratch orgs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
import requests

from contract.door import Org
from emulator import seed

TRAIL = "Id, Action, Section, Display, CreatedDate, CreatedById, CreatedBy.Username, CreatedBy.Name, DelegateUser"
PROCESSES = "Id, SandboxInfoId, SandboxName, LicenseType, Status, CopyProgress, SandboxOrganization, StartDate, EndDate, CreatedDate"
SCRATCH = "Id, ScratchOrg, OrgName, SignupUsername, LoginUrl, Status, Edition, ExpirationDate"


def tooling(org: Org, soql: str) -> requests.Response:
    return org.get(f"/tooling/query?q={quote(soql, safe='')}")


def is_sandbox(org: Org) -> bool:
    return bool(org.soql("SELECT IsSandbox FROM Organization")[0]["IsSandbox"])


# --- the Setup Audit Trail ---


@pytest.mark.evidence("trail-read")
def test_the_trail_is_read_newest_first_with_who_it_was(org: Org) -> None:
    if org.state is not None:
        seed.put_audit(org.state, "frozeuser", "Froze user account for One")  # nobody has worked in its Setup
    since = (datetime.now(UTC) - timedelta(days=180)).strftime("%Y-%m-%dT%H:%M:%SZ")
    rows = org.soql(f"SELECT {TRAIL} FROM SetupAuditTrail WHERE CreatedDate >= {since} ORDER BY CreatedDate DESC LIMIT 20")
    if not rows and org.state is None:
        pytest.skip("nobody has worked in the Setup of this org")
    assert rows
    times = [row["CreatedDate"] for row in rows]
    assert times == sorted(times, reverse=True)
    assert all(row["Action"] and row["CreatedById"].startswith("005") for row in rows)
    assert org.query("SELECT COUNT() FROM SetupAuditTrail").json()["totalSize"] >= len(rows)


@pytest.mark.evidence("trail-limits")
@pytest.mark.parametrize(
    "soql", ["SELECT COUNT(Id) FROM SetupAuditTrail", "SELECT Id FROM SetupAuditTrail WHERE Display LIKE 'Permission%'"]
)
def test_sentences_are_neither_counted_nor_filtered(org: Org, soql: str) -> None:
    assert org.query(soql).status_code == 400


@pytest.mark.evidence("trail-limits")
def test_nobody_writes_the_trail(org: Org) -> None:
    assert org.post("/sobjects/SetupAuditTrail", {"Action": "PermSetAssign"}).status_code >= 400


@pytest.mark.evidence("trail-rights")
def test_the_trail_needs_view_setup(org: Org) -> None:
    if org.limited_token is None:
        pytest.skip("SALESFORCE_CONTRACT_LIMITED_TOKEN is not set")
    answer = org.query("SELECT Id FROM SetupAuditTrail LIMIT 1", headers={"Authorization": f"Bearer {org.limited_token}"})
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == "INVALID_TYPE"


@pytest.mark.evidence("trail-of-api")
def test_what_a_client_changes_leaves_the_words_of_a_change_by_hand_or_nothing(org: Org) -> None:
    label = f"{org.prefix} Trail"
    org.create("PermissionSet", Name=f"{org.prefix}_Trail", Label=label)
    rows = org.soql(
        "SELECT Action, Section, Display FROM SetupAuditTrail WHERE Action LIKE 'PermSetCreate%' ORDER BY CreatedDate DESC LIMIT 200"
    )
    ours = [(row["Action"], row["Section"], row["Display"]) for row in rows if label in row["Display"]]
    assert ours in ([], [("PermSetCreateNoLicense", "Manage Users", f"Created permission set {label}: with no license")])


# --- sandboxes and scratch orgs ---


@pytest.mark.evidence("sandboxes-asked")
def test_production_tells_of_its_sandboxes_and_a_sandbox_does_not(org: Org) -> None:
    answer = tooling(org, f"SELECT {PROCESSES} FROM SandboxProcess WHERE Status NOT IN ('D', 'E') ORDER BY CreatedDate DESC")
    if is_sandbox(org):
        assert answer.status_code == 400 or answer.json()["records"] == []
        return
    assert answer.status_code == 200, answer.text
    for row in answer.json()["records"]:
        assert row["SandboxOrganization"] is None or len(row["SandboxOrganization"]) in (15, 18)
        assert row["EndDate"] is None or row["EndDate"] >= row["CreatedDate"]


@pytest.mark.evidence("sandboxes-asked")
def test_each_sandbox_that_is_there_has_a_row_of_its_own(org: Org) -> None:
    if is_sandbox(org):
        assert tooling(org, "SELECT Id FROM SandboxInfo").status_code in (200, 400)
        return
    rows = tooling(org, "SELECT Id, SandboxName, LicenseType FROM SandboxInfo ORDER BY SandboxName").json()["records"]
    names = [row["SandboxName"].lower() for row in rows]
    assert len(set(names)) == len(names)
    assert {row["LicenseType"] for row in rows} <= {"DEVELOPER", "DEVELOPER_PRO", "PARTIAL", "FULL"}


@pytest.mark.evidence("scratch-orgs-asked")
def test_a_dev_hub_tells_of_its_scratch_orgs_and_others_know_no_such_object(org: Org) -> None:
    answer = org.query(f"SELECT {SCRATCH} FROM ScratchOrgInfo ORDER BY SignupUsername")
    if answer.status_code == 400:
        assert answer.json()[0]["errorCode"] == "INVALID_TYPE"
        return
    described = {field["name"]: field["type"] for field in org.get("/sobjects/ScratchOrgInfo/describe").json().get("fields", [])}
    assert described["ExpirationDate"] == "date"
    for row in answer.json()["records"]:
        assert row["ScratchOrg"] is None or len(row["ScratchOrg"]) in (15, 18)
        assert row["Status"] in ("New", "Creating", "Active", "Error", "Deleted")
