# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a vendor does to an org later on: another version, sets with more or less, renamed, gone, a licence that ends."""

from __future__ import annotations

from typing import Any

import pytest

from emulator import seed
from emulator.org import Org
from emulator.rules.tabs import tabs_of
from emulator.tooling import rows

V = "67.0"
NS = "NVMContactWorld"
EVENT = f"{NS}__InteractionEvent__c"


@pytest.fixture
def org() -> Org:
    return seed.vonage()


def admin(org: Org) -> str:
    return str(org.seed_info["user_ids"]["automation"])


def packaged(org: Org) -> str:
    return str(org.seed_info["set_ids"]["vonage_api_user"])


def shown(org: Org, soql: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = org.query(admin(org), soql, V)["records"]
    return found


def content(org: Org) -> dict[str, Any]:
    """Everything the packaged set holds, as the administrator reads it."""
    where = f"WHERE ParentId = '{packaged(org)}'"
    flags = org.get("PermissionSet", packaged(org)) or {}
    rights = ", ".join(f"Permissions{verb}" for verb in ("Read", "Create", "Edit", "Delete", "ViewAllRecords", "ModifyAllRecords"))
    return {
        "flags": {name for name, value in flags.items() if name.startswith("Permissions") and value},
        "objects": {
            row["SobjectType"]: {name for name, value in row.items() if value is True}
            for row in shown(org, f"SELECT SobjectType, {rights} FROM ObjectPermissions {where}")
        },
        "fields": {
            row["Field"]: (row["PermissionsRead"], row["PermissionsEdit"])
            for row in shown(org, f"SELECT SobjectType, Field, PermissionsRead, PermissionsEdit FROM FieldPermissions {where}")
        },
        "entities": {row["SetupEntityId"] for row in shown(org, f"SELECT SetupEntityId FROM SetupEntityAccess {where}")},
        "tabs": {row["Name"]: row["Visibility"] for row in shown(org, f"SELECT Name, Visibility FROM PermissionSetTabSetting {where}")},
    }


GAINED: dict[str, Any] = {
    "user_permissions": ["ApiEnabled"],
    "object_permissions": {f"{NS}__Survey__c": ["read", "create"], f"{NS}__Background_Action__c": ["modify_all_records"]},
    "field_permissions": {f"Case.{NS}__Tier__c": ["read", "edit"], f"{NS}__Survey__c.{NS}__Score__c": ["read"]},
    "apex_classes": [f"{NS}__SurveyController"],
    "visualforce_pages": [f"{NS}__Survey"],
    "custom_permissions": [f"{NS}__Supervisor_Dashboard"],
    "custom_settings": [f"{NS}__NvmNodes__c", f"{NS}__Surveys__c"],
    "custom_metadata_types": [f"{NS}__Survey_Rule__mdt"],
    "connected_apps": ["Acme Reporting"],
    "flows": [f"{NS}__Callback_Request", f"{NS}__Survey_Sent"],
    "tabs": {f"{NS}__Survey__c": "visible", f"{NS}__Vonage_Contact_Center_User_Creation": "available"},
}


def test_an_upgrade_gives_the_set_more_and_installs_what_is_new(org: Org) -> None:
    before = content(org)
    seed.upgrade(org, version="18.2", gained=GAINED)
    after = content(org)
    assert after["flags"] == {"PermissionsApiEnabled"}
    assert after["objects"][f"{NS}__Survey__c"] == {"PermissionsRead", "PermissionsCreate"}
    raised, was = (state["objects"][f"{NS}__Background_Action__c"] for state in (after, before))
    assert "PermissionsModifyAllRecords" in raised
    assert raised > was
    assert {name: after["fields"][name] for name in set(after["fields"]) - set(before["fields"])} == {
        f"Case.{NS}__Tier__c": (True, True),
        f"{NS}__Survey__c.{NS}__Score__c": (True, False),
    }
    assert len(after["entities"] - before["entities"]) == 9
    assert after["tabs"] == {
        f"{NS}__InteractionEvent__c": "DefaultOff",
        f"{NS}__Survey__c": "DefaultOn",
        f"{NS}__Vonage_Contact_Center_User_Creation": "DefaultOff",
    }
    publisher = rows.query(org, admin(org), f"SELECT MajorVersion, MinorVersion FROM Publisher WHERE NamespacePrefix = '{NS}'", V)[
        "records"
    ]
    assert [(one["MajorVersion"], one["MinorVersion"]) for one in publisher] == [(18, 2)]
    assert tabs_of(org)[f"{NS}__Survey__c"].sobject == f"{NS}__Survey__c"
    prefixes = [sobject.key_prefix for sobject in org.schema.sobjects.values()]
    assert len(set(prefixes)) == len(prefixes)


def test_gaining_and_losing_the_same_leaves_the_set_as_it_was(org: Org) -> None:
    before = content(org)
    new = {section: names for section, names in GAINED.items() if section not in ("tabs", "user_permissions")}
    seed.upgrade(org, gained=new)
    assert content(org) != before
    seed.upgrade(org, lost=new)
    assert content(org) == before


def test_losing_read_takes_the_row_and_losing_less_lowers_it(org: Org) -> None:
    seed.upgrade(org, lost={"object_permissions": {EVENT: ["view_all_records", "modify_all_records"]}, "field_permissions": {}})
    assert content(org)["objects"][EVENT] == {"PermissionsRead", "PermissionsCreate", "PermissionsEdit", "PermissionsDelete"}
    seed.upgrade(org, lost={"object_permissions": {EVENT: ["read"]}, "tabs": {EVENT: "available"}})
    assert EVENT not in content(org)["objects"]
    assert EVENT not in content(org)["tabs"]


@pytest.mark.parametrize(
    "lost", [{"object_permissions": {"Account": ["read"]}}, {"flows": [f"{NS}__Callback_Request"]}, {"tabs": {"standard-Lead": "visible"}}]
)
def test_what_a_set_does_not_hold_it_cannot_lose(org: Org, lost: dict[str, Any]) -> None:
    before = content(org)
    with pytest.raises(LookupError, match="could lose"):
        seed.upgrade(org, lost=lost)
    assert content(org) == before


def test_a_set_is_renamed_and_keeps_its_id(org: Org) -> None:
    seed.rename_set(org, "ContactWorld_API_User", "VCC_API_User", label="VCC API user")
    row = org.get("PermissionSet", packaged(org)) or {}
    assert (row["Name"], row["Label"], row["NamespacePrefix"]) == ("VCC_API_User", "VCC API user", NS)
    with pytest.raises(LookupError):
        seed.rename_set(org, "ContactWorld_API_User", "Other")


def test_a_set_is_removed_with_all_that_hangs_on_it(org: Org) -> None:
    set_id = org.seed_info["set_ids"]["vonage_agent"]
    seed.remove_set(org, "ContactWorld_Agent")
    assert org.get("PermissionSet", set_id) is None
    children = ("ObjectPermissions", "FieldPermissions", "SetupEntityAccess", "PermissionSetTabSetting")
    assert [org.find(child, ParentId=set_id) for child in children] == [[]] * 4
    assert org.find("PermissionSetAssignment", PermissionSetId=set_id) == []


def test_a_licence_ends(org: Org) -> None:
    seed.expire_licence(org)
    row = shown(org, f"SELECT Status, ExpirationDate FROM PackageLicense WHERE NamespacePrefix = '{NS}'")[0]
    assert row["Status"] == "Expired"
    assert row["ExpirationDate"]
