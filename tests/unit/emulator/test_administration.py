# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""User access policies as an org shows them; sharing as its administrators set it; conditions of a profile."""

from __future__ import annotations

from typing import Any

import pytest

from emulator import seed
from emulator.errors import ApiError, NotEmulated
from emulator.org import Org
from emulator.tooling import rows

V = "67.0"
WITH = seed.DEFAULT_FEATURES | {"user_access_policies"}
POLICIES = "SELECT DeveloperName, MasterLabel, Status, TriggerType, Order FROM UserAccessPolicy ORDER BY Order"
ACTIONS = "SELECT Action, TargetId FROM UserAccessPolicyAction"


@pytest.fixture
def org() -> Org:
    return seed.vonage("acme-uat", sandbox=True, features=WITH)


def admin(org: Org) -> str:
    return str(org.default_user)


def asked(org: Org, soql: str, user: str | None = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = org.query(user or admin(org), soql, V)["records"]
    return found


def tooling(org: Org, soql: str, user: str | None = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = rows.query(org, user or admin(org), soql, V)["records"]
    return found


# --- policies ---


def test_policies_are_read_through_both_apis(org: Org) -> None:
    for read in (asked, tooling):
        (policy,) = read(org, POLICIES)
        del policy["attributes"]
        assert policy == {
            "DeveloperName": "Acme_Agents",
            "MasterLabel": "Acme Agents",
            "Status": "Active",
            "TriggerType": "CreateAndUpdate",
            "Order": 10,
        }
    assert org.seed_info["policies"].keys() == {"Acme_Agents"}


def test_actions_name_their_targets_and_no_policy(org: Org) -> None:
    api_user = org.seed_info["set_ids"]["vonage_api_user"]
    seed.put_policy(org, "Acme_Leavers", [("Revoke", api_user)], status="Design")
    assert [(row["Action"], row["TargetId"]) for row in tooling(org, ACTIONS)] == [
        ("Grant", org.seed_info["set_ids"]["vonage_agent"]),
        ("Revoke", api_user),
    ]
    assert [row["TargetId"] for row in tooling(org, f"{ACTIONS} WHERE TargetId = '{api_user}'")] == [api_user]
    assert [row["Status"] for row in asked(org, "SELECT Status FROM UserAccessPolicy ORDER BY DeveloperName")] == ["Active", "Design"]
    (kept,) = tooling(org, "SELECT ColumnName, Operation, SortOrder, Target, Value FROM UserAccessPolicyFilter LIMIT 1")
    assert (kept["ColumnName"], kept["Operation"], kept["Value"]) == ("IsActive", "equals", "true")
    with pytest.raises(NotEmulated):
        tooling(org, "SELECT UserAccessPolicyId FROM UserAccessPolicyAction")
    with pytest.raises(ApiError) as caught:
        asked(org, ACTIONS)
    assert caught.value.code == "INVALID_TYPE"


def test_the_order_of_policies_came_with_version_61(org: Org) -> None:
    assert org.query(admin(org), "SELECT Order FROM UserAccessPolicy", "61.0")["totalSize"] == 1
    with pytest.raises(ApiError) as caught:
        org.query(admin(org), "SELECT Order FROM UserAccessPolicy", "60.0")
    assert caught.value.code == "INVALID_FIELD"


@pytest.mark.parametrize(("setting", "there"), [("unknown_object", False), ("no_rows", True)])
def test_orgs_without_policies(setting: str, there: bool) -> None:
    org = seed.vonage(switches={"user_access_policies_off": setting})
    with pytest.raises(ValueError, match="user_access_policies"):
        seed.put_policy(org, "Acme_Other")
    if there:
        assert asked(org, POLICIES) == tooling(org, ACTIONS) == []
        return
    for read, soql in ((asked, POLICIES), (tooling, POLICIES), (tooling, ACTIONS)):
        with pytest.raises(ApiError) as caught:
            read(org, soql)
        assert caught.value.code == "INVALID_TYPE"


def test_reading_policies_needs_view_setup_or_nothing(org: Org) -> None:
    limited = org.seed_info["user_ids"]["limited"]
    with pytest.raises(ApiError) as caught:
        asked(org, POLICIES, limited)
    assert caught.value.code == "INVALID_TYPE"
    assert len(asked(org, POLICIES, org.seed_info["user_ids"]["agent"])) == 1
    org.switches["user_access_policy_reads"] = "everybody"
    assert len(asked(org, POLICIES, limited)) == 1


def test_nobody_writes_policies_through_the_data_api(org: Org) -> None:
    with pytest.raises(ApiError) as caught:
        org.create(admin(org), "UserAccessPolicy", {"DeveloperName": "X", "MasterLabel": "X"})
    assert caught.value.status == 405


# --- sharing ---


def models(org: Org, *names: str) -> dict[str, str]:
    listed = ", ".join(f"'{name}'" for name in names)
    found = asked(org, f"SELECT QualifiedApiName, InternalSharingModel FROM EntityDefinition WHERE QualifiedApiName IN ({listed})")
    return {row["QualifiedApiName"]: row["InternalSharingModel"] for row in found}


EVENT, NOTE = "NVMContactWorld__InteractionEvent__c", "NVMContactWorld__InteractionEventNote__c"


def test_the_sharing_of_the_example_org(org: Org) -> None:
    assert models(org, "Account", "Contact", "Lead", "Case", "Opportunity", "Task", EVENT, NOTE) == {
        "Account": "ReadWrite",
        "Contact": "ControlledByParent",
        "Lead": "ReadWriteTransfer",
        "Case": "ReadWriteTransfer",
        "Opportunity": "ReadWrite",
        "Task": "ControlledByParent",
        EVENT: "ReadWrite",
        NOTE: "ControlledByParent",
    }


def test_sharing_is_set_in_both_places(org: Org) -> None:
    seed.share(org, {"Account": "Private", "Lead": "Read", "Task": "Private", EVENT: "Private"})
    assert models(org, "Account", "Lead", "Task", EVENT, "Case") == {
        "Account": "Private",
        "Lead": "Read",
        "Task": "Private",
        EVENT: "Private",
        "Case": "ReadWriteTransfer",
    }
    (company,) = asked(org, "SELECT DefaultAccountAccess, DefaultLeadAccess, DefaultCaseAccess FROM Organization")
    assert [company[name] for name in ("DefaultAccountAccess", "DefaultLeadAccess", "DefaultCaseAccess")] == [
        "None",
        "Read",
        "ReadEditTransfer",
    ]
    seed.share(org, {"Account": "ReadWrite", "Task": "ControlledByParent"})
    assert models(org, "Account", "Task", EVENT) == {"Account": "ReadWrite", "Task": "ControlledByParent", EVENT: "Private"}
    with pytest.raises(KeyError):
        seed.share(org, {"Nothing__c": "Private"})


# --- profiles ---


def conditions(org: Org) -> tuple[Any, Any]:
    (row,) = tooling(org, "SELECT Name, Metadata FROM Profile WHERE Name = 'Standard User'")
    return row["Metadata"]["loginHours"], row["Metadata"]["loginIpRanges"]


def test_conditions_of_a_profile_come_and_go(org: Org) -> None:
    assert conditions(org) == (None, [])
    seed.restrict_profile(org, "Standard User", {"monday": (8, 17)}, [("10.0.0.0", "10.0.0.255", "office"), ("192.0.2.1", "192.0.2.1")])
    hours, ranges = conditions(org)
    assert {name: value for name, value in hours.items() if value is not None} == {"mondayStart": "480", "mondayEnd": "1020"}
    assert len(hours) == 14
    assert ranges == [
        {"description": "office", "endAddress": "10.0.0.255", "startAddress": "10.0.0.0"},
        {"endAddress": "192.0.2.1", "startAddress": "192.0.2.1"},
    ]
    seed.lift_profile(org, "Standard User")
    assert conditions(org) == (None, [])
    with pytest.raises(KeyError):
        seed.restrict_profile(org, "Nobody")


def test_conditions_need_view_setup(org: Org) -> None:
    with pytest.raises(ApiError) as caught:
        tooling(org, "SELECT Metadata FROM Profile WHERE Name = 'Standard User'", org.seed_info["user_ids"]["limited"])
    assert caught.value.code == "INVALID_TYPE"
