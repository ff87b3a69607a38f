# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Setup Audit Trail: who reads it, what it refuses, what a change by hand leaves in it; policies that take away and give back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from emulator import seed
from emulator.errors import ApiError
from emulator.fleet import Fleet
from emulator.org import Org
from emulator.rules.registry import break_rule

V = "67.0"
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
COLUMNS = "Action, Section, Display, CreatedDate, CreatedBy.Username, DelegateUser"


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def org() -> Org:
    return seed.vonage("acme-uat", sandbox=True, features=seed.DEFAULT_FEATURES | {"user_access_policies"}, clock=Clock())


def admin(org: Org) -> str:
    return str(org.seed_info["user_ids"]["automation"])


def user(org: Org, role: str) -> str:
    return str(org.seed_info["user_ids"][role])


def trail(org: Org, where: str = "") -> list[tuple[str, str]]:
    """(Action, Display), the latest first."""
    soql = f"SELECT {COLUMNS} FROM SetupAuditTrail {where} ORDER BY CreatedDate DESC, Id DESC"
    return [(row["Action"], row["Display"]) for row in org.query(admin(org), soql, V)["records"]]


def of_set(org: Org, **columns: Any) -> str:
    return org.put("PermissionSet", Name="Acme_Set", Label="Acme Set", **columns)


def who(org: Org, role: str) -> str:
    row = org.get("User", user(org, role)) or {}
    return f"{row['Name']} (UserID: [{row['Id'][:15]}])"


# --- reading ---


def test_a_fresh_org_has_an_empty_trail(org: Org) -> None:
    assert trail(org) == []
    assert org.query(admin(org), "SELECT COUNT() FROM SetupAuditTrail", V)["totalSize"] == 0


def test_reading_needs_view_setup(org: Org) -> None:
    with pytest.raises(ApiError) as caught:
        org.query(user(org, "limited"), "SELECT Id FROM SetupAuditTrail", V)
    assert caught.value.code == "INVALID_TYPE"
    with break_rule("audit_trail_view_setup"):
        assert org.query(user(org, "limited"), "SELECT Id FROM SetupAuditTrail", V)["totalSize"] == 0


@pytest.mark.parametrize("items", ["COUNT(Id)", "MAX(CreatedDate)", "Action, COUNT(Id) n"])
def test_aggregates_are_refused(org: Org, items: str) -> None:
    group = " GROUP BY CreatedById" if "Action" in items else ""
    with pytest.raises(ApiError) as caught:
        org.query(admin(org), f"SELECT {items} FROM SetupAuditTrail{group}", V)
    assert caught.value.code == "MALFORMED_QUERY"
    with break_rule("audit_trail_no_aggregates"):
        assert org.query(admin(org), "SELECT COUNT(Id) n FROM SetupAuditTrail", V)["records"][0]["n"] == 0


@pytest.mark.parametrize(("where", "code"), [("Display LIKE '%x%'", "INVALID_FIELD"), ("Section = 'Manage Users'", "INVALID_FIELD")])
def test_sentences_and_sections_cannot_be_filtered(org: Org, where: str, code: str) -> None:
    with pytest.raises(ApiError) as caught:
        trail(org, f"WHERE {where}")
    assert caught.value.code == code


def test_actions_times_and_people_can_be_filtered(org: Org) -> None:
    supervisor = org.seed_info["users"]["supervisor"]
    seed.put_audit(org, "frozeuser", "Froze user account for One", at=NOW - timedelta(days=3))
    seed.put_audit(org, "unfrozeuser", "Unfroze user account for One", by=supervisor)
    assert [action for action, _display in trail(org, "WHERE Action LIKE 'froze%'")] == ["frozeuser"]
    assert [action for action, _display in trail(org, "WHERE CreatedDate >= 2026-05-31T00:00:00Z")] == ["unfrozeuser"]
    assert [action for action, _display in trail(org, f"WHERE CreatedBy.Username = '{supervisor}'")] == ["unfrozeuser"]


def test_nobody_writes_it(org: Org) -> None:
    row = seed.put_audit(org, "frozeuser", "Froze user account for One")
    for call in (
        lambda: org.create(admin(org), "SetupAuditTrail", {"Action": "x"}),
        lambda: org.update(admin(org), "SetupAuditTrail", row, {"Action": "x"}),
        lambda: org.delete(admin(org), "SetupAuditTrail", row),
    ):
        with pytest.raises(ApiError) as caught:
            call()
        assert caught.value.status == 405


def test_rows_are_gone_after_180_days(org: Org) -> None:
    seed.put_audit(org, "frozeuser", "Froze user account for One", at=NOW - timedelta(days=179))
    assert len(trail(org)) == 1
    org.clock.now = NOW + timedelta(days=2)  # type: ignore[attr-defined]
    with break_rule("audit_trail_180_days"):
        assert len(trail(org)) == 1
    assert trail(org) == []


# --- what a change by hand leaves ---


def test_assignments_tell_set_and_user(org: Org) -> None:
    label = (org.get("PermissionSet", org.seed_info["set_ids"]["voice_agent"]) or {})["Label"]
    columns = {"AssigneeId": user(org, "without_set"), "PermissionSetId": org.seed_info["set_ids"]["voice_agent"]}
    seed.by_hand(org, "insert", "PermissionSetAssignment", columns, by=org.seed_info["users"]["supervisor"])
    (row,) = org.query(admin(org), f"SELECT {COLUMNS} FROM SetupAuditTrail", V)["records"]
    assert row["Action"] == "PermSetAssign"
    assert row["Section"] == "Manage Users"
    assert row["Display"] == f"Permission set {label}: assigned to user {who(org, 'without_set')}"
    assert row["CreatedBy"]["Username"] == org.seed_info["users"]["supervisor"]
    seed.by_hand(org, "delete", "PermissionSetAssignment", where=columns)
    assert trail(org)[0] == ("PermSetUnassign", f"Permission set {label}: unassigned from user {who(org, 'without_set')}")


def test_the_set_of_a_profile_is_nobody_s_assignment(org: Org) -> None:
    own = org.find("PermissionSet", IsOwnedByProfile=True)[0]["Id"]
    seed.by_hand(org, "insert", "PermissionSetAssignment", {"AssigneeId": user(org, "agent"), "PermissionSetId": own})
    assert trail(org) == []


def test_an_assignment_that_expires_says_so(org: Org) -> None:
    set_id = of_set(org)
    until = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    columns = {"AssigneeId": user(org, "agent"), "PermissionSetId": set_id, "ExpirationDate": until}
    (made,) = seed.by_hand(org, "insert", "PermissionSetAssignment", columns)
    seed.by_hand(org, "update", "PermissionSetAssignment", {"ExpirationDate": until + timedelta(days=1)}, id=made)
    seed.by_hand(org, "delete", "PermissionSetAssignment", id=made)
    agent = who(org, "agent")
    assert trail(org) == [
        ("PermSetUnassign_HasExpiration", f"Permission set Acme Set with expiration: unassigned from user {agent}"),
        (
            "PermSetAssignmentExpirationChange",
            f"Permission set Acme Set assigned to user {agent}: expiration was changed from Thu Dec 31 23:59:59 GMT 2026 to Fri Jan 01 23:59:59 GMT 2027",
        ),
        (
            "PermSetAssign_HasExpiration",
            f"Permission set Acme Set with expiration: assigned to user {agent}, expiring on Thu Dec 31 23:59:59 GMT 2026",
        ),
    ]


def test_groups_and_licences_are_told_apart(org: Org) -> None:
    group = org.seed_info["group_id"]
    seed.by_hand(
        org,
        "insert",
        "PermissionSetAssignment",
        {"AssigneeId": user(org, "agent"), "PermissionSetId": org.seed_info["group_set_id"], "PermissionSetGroupId": group},
    )
    licence = org.find("PermissionSetLicense")[0]
    seed.by_hand(org, "insert", "PermissionSetLicenseAssign", {"AssigneeId": user(org, "kim"), "PermissionSetLicenseId": licence["Id"]})
    seed.by_hand(org, "delete", "UserPackageLicense", where={"UserId": user(org, "agent")})
    name = (org.get("PermissionSetGroup", group) or {})["MasterLabel"]
    assert trail(org) == [
        ("revokeduserpackagelicense", "Revoked User Package License assignment"),
        ("PermSetLicenseAssign", f"Permission set license {licence['MasterLabel']}: assigned to user {who(org, 'kim')}"),
        ("PermSetGroupAssign", f"Permission set group {name}: assigned to user {who(org, 'agent')}"),
    ]


SET_CHANGES: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    (
        {"PermissionsEditTask": True},
        [("PermSetEnableUserPerm", "Changed permission set Acme Set: Edit Tasks permission was changed from disabled to enabled")],
    ),
    (
        {"PermissionsApiEnabled": False},
        [("PermSetDisableUserPerm", "Changed permission set Acme Set: API Enabled permission was changed from enabled to disabled")],
    ),
    (
        {"Label": "Other"},
        [("PermSetLabelChange", "Changed permission set Other: Master Label was changed from Acme Set to Other")],
    ),
    (
        {"Name": "Other"},
        [("PermSetDeveloperNameChange", "Changed permission set Acme Set: API name was changed from Acme_Set to Other")],
    ),
    ({"Description": "new"}, [("PermSetDescriptionChange", "Changed permission set Acme Set: description was changed")]),
    (
        {"HasActivationRequired": True},
        [
            (
                "PermSetHasActivationRequiredChange",
                "Changed Permission Set Acme Set: Session Activation Required has changed from disabled to enabled",
            )
        ],
    ),
    ({"Label": "Acme Set"}, []),
]


@pytest.mark.parametrize(("fields", "left"), SET_CHANGES, ids=[",".join(fields) for fields, _left in SET_CHANGES])
def test_changes_of_a_set(org: Org, fields: dict[str, Any], left: list[tuple[str, str]]) -> None:
    seed.by_hand(org, "update", "PermissionSet", fields, id=of_set(org, PermissionsApiEnabled=True))
    assert trail(org) == left


def test_what_a_set_opens_is_told_in_words(org: Org) -> None:
    set_id = of_set(org)
    (made,) = seed.by_hand(
        org, "insert", "ObjectPermissions", {"ParentId": set_id, "SobjectType": "Account", "PermissionsRead": True, "PermissionsEdit": True}
    )
    seed.by_hand(org, "delete", "ObjectPermissions", id=made)
    field = {"ParentId": set_id, "SobjectType": "Account", "Field": "Account.Phone", "PermissionsRead": True, "PermissionsEdit": True}
    seed.by_hand(org, "insert", "FieldPermissions", field)
    seed.by_hand(org, "insert", "PermissionSetTabSetting", {"ParentId": set_id, "Name": "standard-Account", "Visibility": "DefaultOn"})
    assert [display.removeprefix("Changed permission set Acme Set: ") for _action, display in trail(org)] == [
        "Accounts tab was changed from None to Visible",
        "field-level security for Account: Account Phone was changed from No Access to Edit",
        "Account object permissions were changed from Read, Edit to No Access",
        "Account object permissions were changed from No Access to Read, Edit",
    ]


def test_profiles_that_are_standard_leave_what_was_seen_of_them(org: Org) -> None:
    profile = org.find("Profile", Name="Standard User")[0]["Id"]
    own = org.find("PermissionSet", ProfileId=profile)[0]["Id"]
    seed.by_hand(org, "update", "ObjectPermissions", {"PermissionsDelete": False}, where={"ParentId": own, "SobjectType": "Account"})
    seed.by_hand(org, "update", "Profile", {"PermissionsEditTask": False}, id=profile)
    assert trail(org) == []
    seed.by_hand(org, "update", "FieldPermissions", {"PermissionsEdit": False}, where={"ParentId": own, "Field": "Account.Phone"})
    said = "Changed profile Standard User: field-level security for Account: Account Phone was changed from Read/Write to Read Only"
    assert trail(org) == [("profileFlsChangedStandard", said)]
    org.set("PermissionSet", own, IsCustom=True)
    seed.by_hand(org, "update", "Profile", {"PermissionsEditTask": True}, id=profile)
    said = "Changed profile Standard User: general user permission Edit Tasks was changed from disabled to enabled"
    assert trail(org)[0] == ("profilePermChangedCustom", said)


USER_CHANGES: list[tuple[dict[str, Any], list[str]]] = [
    ({"IsActive": False}, ["deactivateduser"]),
    ({"UserPermissionsSupportUser": False}, ["changedsupportuseronoff"]),
    ({"FederationIdentifier": "new"}, ["changedfederationid"]),
    ({"Username": "new@acme.example.uat"}, ["changedusername"]),
    ({"Email": "new@acme.example"}, ["changedemail"]),
    ({"UserRoleId": None}, ["changedroleforusertonone"]),
    ({"Department": "Support"}, []),
    ({"CallCenterId": None}, []),
]


@pytest.mark.parametrize(("fields", "actions"), USER_CHANGES, ids=[",".join(fields) for fields, _actions in USER_CHANGES])
def test_changes_of_a_user(org: Org, fields: dict[str, Any], actions: list[str]) -> None:
    seed.by_hand(org, "update", "User", fields, id=user(org, "agent"))
    assert [action for action, _display in trail(org)] == actions


def test_profiles_frozen_users_and_new_ones(org: Org) -> None:
    profile = org.find("Profile", Name="Standard Platform User")[0]["Id"]
    seed.by_hand(org, "update", "User", {"ProfileId": profile}, id=user(org, "agent"))
    seed.by_hand(org, "update", "UserLogin", {"IsFrozen": True}, where={"UserId": user(org, "agent")})
    seed.by_hand(org, "update", "UserLogin", {"IsFrozen": False}, where={"UserId": user(org, "agent")})
    seed.by_hand(org, "insert", "User", {"Username": "a@b.example", "FirstName": "Ada", "LastName": "Lovelace", "ProfileId": profile})
    assert trail(org) == [
        ("createduser", "Created new user Ada Lovelace"),
        ("unfrozeuser", "Unfroze user account for Acme Agent"),
        ("frozeuser", "Froze user account for Acme Agent"),
        ("changedprofileforuserstdtostd", "Changed profile for user Acme Agent from Standard User to Standard Platform User"),
    ]


def test_sets_groups_and_classes(org: Org) -> None:
    licence = org.find("UserLicense", Name="Salesforce")[0]["Id"]
    (made,) = seed.by_hand(org, "insert", "PermissionSet", {"Name": "One", "Label": "One", "LicenseId": licence})
    (bare,) = seed.by_hand(org, "insert", "PermissionSet", {"Name": "Two", "Label": "Two"})
    apex = org.put("ApexClass", Name="Dialler", Body="class Dialler {}")
    seed.by_hand(org, "insert", "SetupEntityAccess", {"ParentId": made, "SetupEntityId": apex})
    seed.by_hand(org, "insert", "PermissionSetGroupComponent", {"PermissionSetGroupId": org.seed_info["group_id"], "PermissionSetId": made})
    seed.by_hand(org, "delete", "PermissionSet", id=bare)
    assert trail(org) == [
        ("PermSetDelete", "Deleted permission set Two"),
        ("PermissionSetGroupComponentAdd", f"Changed permission set group {org.seed_info['group']}: group member One was added"),
        ("SetupEntityAccessAudit_PermissionSet_ApexClass_Enabled", "Changed permission set One: Dialler Apex class access was enabled"),
        ("PermSetCreateNoLicense", "Created permission set Two: with no license"),
        ("PermSetCreate", "Created permission set One: with User License Salesforce"),
    ]


def test_a_change_by_hand_can_be_of_another_time_and_is_signed(org: Org) -> None:
    moment = NOW - timedelta(days=2)
    set_id = of_set(org)
    seed.by_hand(org, "update", "PermissionSet", {"Description": "x"}, id=set_id, by=org.seed_info["users"]["agent"], at=moment)
    row = org.get("PermissionSet", set_id) or {}
    assert row["LastModifiedById"] == user(org, "agent")
    assert row["LastModifiedDate"] == "2026-05-30T12:00:00.000+0000"
    assert trail(org, "WHERE CreatedDate < 2026-05-31T00:00:00Z") != []


@pytest.mark.parametrize(
    "call",
    [
        lambda org: seed.by_hand(org, "update", "PermissionSet", {"Label": "x"}, id="0PS000000000001AAA"),
        lambda org: seed.by_hand(org, "update", "Nothing", {}, id="0PS000000000001AAA"),
        lambda org: seed.by_hand(org, "insert", "PermissionSet", {"Nothing": 1}),
        lambda org: seed.by_hand(org, "insert", "PermissionSet", {"Name": "x"}, by="nobody@acme.example"),
        lambda org: seed.put_audit(org, "x", "y", by="nobody@acme.example"),
    ],
)
def test_what_is_not_there_is_told(org: Org, call: Callable[[Org], object]) -> None:
    with pytest.raises(KeyError):
        call(org)


def test_the_rule_can_be_broken(org: Org) -> None:
    with break_rule("audit_trail_rows"):
        seed.by_hand(org, "update", "PermissionSet", {"Description": "x"}, id=of_set(org))
    assert trail(org) == []


@pytest.mark.parametrize(("setting", "rows"), [("nothing", 0), ("as_by_hand", 1)])
def test_changes_through_the_api_leave_what_the_switch_says(org: Org, setting: str, rows: int) -> None:
    org.switches["audit_trail_of_api_changes"] = setting
    org.update(admin(org), "PermissionSet", of_set(org), {"Description": "x"})
    assert len(trail(org)) == rows
    assert trail(org, f"WHERE CreatedById = '{admin(org)}'") == trail(org)


def test_seeds_and_refused_changes_leave_nothing(org: Org) -> None:
    org.switches["audit_trail_of_api_changes"] = "as_by_hand"
    with pytest.raises(ApiError):
        org.create(admin(org), "PermissionSet", {"Name": "Bad Name", "Label": "x"})
    org.set("PermissionSet", of_set(org), Description="x")
    assert trail(org) == []


# --- policies that run ---


def held(org: Org, role: str, set_name: str) -> list[tuple[bool, bool]]:
    found = org.find("PermissionSetAssignment", AssigneeId=user(org, role), PermissionSetId=org.seed_info["set_ids"][set_name])
    return [(row["IsActive"], row["IsRevoked"]) for row in found]


@pytest.mark.parametrize(("setting", "left"), [("marks", [(False, True)]), ("deletes", [])])
def test_a_policy_takes_away_and_gives_back(org: Org, setting: str, left: list[tuple[bool, bool]]) -> None:
    org.switches["policy_revokes"] = setting
    voice = org.seed_info["set_ids"]["voice_agent"]
    seed.put_policy(org, "Acme_Takes", [("Revoke", voice)])
    seed.put_policy(org, "Acme_Gives", [("Grant", voice)])
    agent = org.seed_info["users"]["agent"]
    assert seed.run_policy(org, "Acme_Takes", [agent]) == [(agent, "revoked", voice)]
    assert held(org, "agent", "voice_agent") == left
    assert seed.run_policy(org, "Acme_Takes", [agent]) == []
    assert seed.run_policy(org, "Acme_Gives", [agent]) == [(agent, "granted", voice)]
    assert held(org, "agent", "voice_agent") == [(True, False)]
    assert seed.run_policy(org, "Acme_Gives", [agent]) == []
    assert held(org, "member", "voice_agent") == [(True, False)]


def test_without_users_a_policy_is_for_everybody_who_is_active(org: Org) -> None:
    done = seed.run_policy(org, "Acme_Agents")
    assert {username for username, _word, _target in done}.isdisjoint({org.seed_info["users"]["inactive"]})
    assert held(org, "limited", "vonage_agent") == [(True, False)]


def test_a_policy_may_grant_a_group(org: Org) -> None:
    seed.put_policy(org, "Acme_Group", [("Grant", org.seed_info["group_id"])])
    seed.run_policy(org, "Acme_Group", [org.seed_info["users"]["agent"]])
    (row,) = org.find("PermissionSetAssignment", AssigneeId=user(org, "agent"), PermissionSetGroupId=org.seed_info["group_id"])
    assert row["PermissionSetId"] == org.seed_info["group_set_id"]


@pytest.mark.parametrize(("setting", "rows"), [("nothing", 0), ("by_the_administrator", 1)])
def test_what_a_policy_leaves_in_the_trail(org: Org, setting: str, rows: int) -> None:
    org.switches["audit_trail_of_policies"] = setting
    seed.run_policy(org, "Acme_Agents", [org.seed_info["users"]["without_set"]])
    assert len(trail(org, "WHERE Action = 'PermSetAssign'")) == rows


def test_policies_that_cannot_run(org: Org) -> None:
    seed.put_policy(org, "Acme_Odd", [("Grant", admin(org))])
    with pytest.raises(KeyError):
        seed.run_policy(org, "Acme_Nothing")
    with pytest.raises(KeyError):
        seed.run_policy(org, "Acme_Agents", ["nobody@acme.example"])
    with pytest.raises(ValueError, match="neither"):
        seed.run_policy(org, "Acme_Odd")


# --- through the control API ---


Control = Callable[[str, dict[str, Any]], requests.Response]


@pytest.fixture
def client(org: Org) -> Iterator[Control]:
    with Fleet([org]) as fleet, requests.Session() as session:
        session.trust_env = False
        session.verify = str(fleet.ca_path)
        home = fleet["acme-uat"].home
        yield lambda path, body: session.post(f"{home}/emulator/{path}", json=body, timeout=10)


def test_drift_is_signed_and_told(org: Org, client: Control) -> None:
    set_id = of_set(org)
    body = {"op": "update", "sobject": "PermissionSet", "id": set_id, "fields": {"Description": "x"}}
    supervisor = org.seed_info["users"]["supervisor"]
    assert client("drift", {**body, "as": supervisor, "at": "2026-05-30T00:00:00Z"}).json() == {"ids": [set_id]}
    assert trail(org, f"WHERE CreatedBy.Username = '{supervisor}' AND CreatedDate = 2026-05-30T00:00:00Z") != []
    for wrong in ({"as": "nobody@acme.example"}, {"as": 1}, {"at": "soon"}):
        assert client("drift", {**body, **wrong}).status_code == 400


def test_rows_of_the_trail_can_be_put(org: Org, client: Control) -> None:
    row = {"action": "changedemail", "display": "Changed email", "section": "Manage Users", "delegate": "support@salesforce.com"}
    assert client("audit", {**row, "as": org.seed_info["users"]["agent"], "at": "2026-05-30T00:00:00Z"}).status_code == 200
    assert trail(org, "WHERE DelegateUser = 'support@salesforce.com'") == [("changedemail", "Changed email")]
    for wrong in ({"action": "x"}, {**row, "display": 1}, {**row, "other": "x"}, {**row, "as": "nobody@acme.example"}):
        assert client("audit", wrong).status_code == 400


def test_a_policy_can_be_run(org: Org, client: Control) -> None:
    without_set = org.seed_info["users"]["without_set"]
    done = client("run-policy", {"policy": "Acme_Agents", "users": [without_set]}).json()["done"]
    assert [(one["username"], one["what"]) for one in done] == [(without_set, "granted")]
    for wrong in ({}, {"policy": "Nothing"}, {"policy": "Acme_Agents", "users": "x"}, {"policy": "Acme_Agents", "users": ["nobody"]}):
        assert client("run-policy", wrong).status_code == 400
