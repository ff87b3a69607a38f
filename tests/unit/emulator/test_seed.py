# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The seeded orgs: what they hold, that they are the same each time, that big ones are quick; the generated files."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from emulator import evidence, generate_package, seed
from emulator.org import Org
from emulator.rules.dependencies import missing_permissions
from emulator.rules.field_permissions import field_of, permissionable_fields
from emulator.rules.object_permissions import broken_between_rows, broken_in_row, rows_of_set
from emulator.rules.registry import RULES, Grade
from emulator.rules.vendor_syncing import vendor_of
from emulator.seed.package import facts

REPOSITORY = Path(__file__).parents[3]
FACTS = REPOSITORY.parent / "shared" / "facts"
PACKAGE = "NVMContactWorld__"


@pytest.fixture(scope="module")
def org() -> Org:
    return seed.vonage()


def everything(org: Org) -> dict[str, list[dict[str, Any]]]:
    moments = {"CreatedDate", "LastModifiedDate", "SystemModstamp", "ExpirationDate"}
    return {
        name: [{key: value for key, value in row.items() if key not in moments} for row in org.find(name)]
        for name, sobject in org.schema.sobjects.items()
        if sobject.queryable
    }


def test_the_same_seed_gives_the_same_records(org: Org) -> None:
    assert everything(org) == everything(seed.vonage())
    assert everything(org) != everything(seed.vonage(seed=2))


def test_a_seeded_org_has_no_history(org: Org) -> None:
    assert org.writes == []


def test_what_callers_rely_on(org: Org) -> None:
    info = org.seed_info
    assert set(info) >= {"admin_username", "limited_username", "api_user", "users", "centers", "vonage_sets"}
    assert org.find("User", Username=info["admin_username"])[0]["Id"] == info["user_ids"]["automation"]
    assert {org.find("CallCenter", InternalName=name)[0]["Id"] for name in info["centers"].values()} == set(info["center_ids"].values())
    for role, name in info["vonage_sets"].items():
        (row,) = org.find("PermissionSet", Name=name, NamespacePrefix=info["namespace"])
        assert row["Id"] == info["set_ids"][f"vonage_{role}"]


def test_rights_of_the_example_users(org: Org) -> None:
    ids = org.seed_info["user_ids"]
    assert org.permissions_of(ids["automation"]) >= {
        "ApiEnabled",
        "ManageProfilesPermissionsets",
        "AssignPermissionSets",
        "ManageUsers",
        "ModifyAllData",
    }
    assert org.permissions_of(ids["limited"]) == {"ApiEnabled", "ApiUserOnly", "ChatterInternalUser"}
    agents = {role for role, user_id in ids.items() if "IsContactCenterAgentBYOT" in org.permissions_of(user_id)}
    assert agents == {"agent", "via_group", "via_clone", "inactive", "without_service", "other_center", "member"}


def test_the_seed_breaks_no_rule_of_its_own(org: Org) -> None:
    for permission_set in org.find("PermissionSet"):
        assert missing_permissions(org, permission_set) == {}, permission_set["Name"]
        rows = rows_of_set(org, permission_set["Id"])
        for sobject, row in rows.items():
            assert broken_in_row(row) == []
            assert broken_between_rows(org, rows, sobject) == []


def test_the_packaged_api_user_set_lacks_something_and_holds_what_no_clone_carries(org: Org) -> None:
    set_id = org.seed_info["set_ids"]["vonage_api_user"]
    rows = org.find("ObjectPermissions", ParentId=set_id)
    assert len(rows) == 7
    assert not all(row["PermissionsModifyAllRecords"] for row in rows)
    held = {row["Field"] for row in org.find("FieldPermissions", ParentId=set_id)}
    possible = {
        f"{sobject.name}.{field.name}"
        for sobject in org.schema.sobjects.values()
        for field in sobject.fields.values()
        if field.permissionable and field.name.startswith(PACKAGE)
    }
    assert held < possible
    assert org.find("PermissionSetTabSetting", ParentId=set_id)
    assert org.find("SetupEntityAccess", ParentId=set_id, SetupEntityType="CustomEntityDefinition")
    flags = {name for name, value in (org.get("PermissionSet", set_id) or {}).items() if name.startswith("Permissions") and value}
    assert flags == set()


def test_the_packaged_set_may_carry_what_the_vendor_documents() -> None:
    org = seed.vonage(switches={"managed_set_user_permissions": "documented"})
    row = org.get("PermissionSet", org.seed_info["set_ids"]["vonage_api_user"]) or {}
    assert row["PermissionsApiEnabled"]
    assert row["PermissionsEditTask"]
    assert row["PermissionsPasswordNeverExpires"]


def test_package_fields_and_a_subscribers_own(org: Org) -> None:
    event = org.schema.sobject("NVMContactWorld__InteractionEvent__c")
    note = org.schema.sobject("NVMContactWorld__InteractionEventNote__c")
    assert event is not None
    assert note is not None
    assert event.fields["Acme_Campaign_Code__c"].permissionable
    assert not event.fields["NVMContactWorld__IndexedCallObjectIdentifier__c"].permissionable
    master = note.fields["NVMContactWorld__Event__c"]
    assert master.master_detail
    assert not master.permissionable
    assert not master.nillable
    assert note.field("OwnerId") is None
    assert [child.name for child in event.child_relationships] == ["NVMContactWorld__Interaction_Event_Notes__r"]


def test_orgs_without_the_package_or_partner_telephony() -> None:
    plain = seed.vonage("acme-empty", package=False, features=frozenset({"view_all_fields"}))
    assert plain.schema.sobject("NVMContactWorld__InteractionEvent__c") is None
    assert plain.find("PermissionSet", NamespacePrefix="NVMContactWorld") == []
    permission_set = plain.schema.sobject("PermissionSet")
    assert permission_set is not None
    assert permission_set.field("PermissionsIsContactCenterAgentBYOT") is None
    assert plain.seed_info["centers"] == {"open_cti": "AcmeOpenCti"}


def test_the_statistics_package_is_optional(org: Org) -> None:
    assert org.schema.sobject("NVMStatsSF__CDR_NVM__c") is None
    both = seed.vonage(features=seed.DEFAULT_FEATURES | {"stats"})
    assert both.schema.sobject("NVMStatsSF__CDR_NVM__c") is not None
    prefixes = [sobject.key_prefix for sobject in both.schema.sobjects.values()]
    assert len(prefixes) == len(set(prefixes))


def test_the_fleet() -> None:
    production, uat, dev = seed.fleet()
    assert [one.name for one in (production, uat, dev)] == ["acme-production", "acme-uat", "acme-dev"]
    assert [one.find("Organization")[0]["IsSandbox"] for one in (production, uat, dev)] == [False, True, True]
    assert len({one.id for one in (production, uat, dev)}) == 3
    assert uat.seed_info["admin_username"] == "automation@acme.example.uat"
    assert "revoked" in uat.seed_info["users"]
    assert "revoked" not in dev.seed_info["users"]
    assert [one.find("Organization")[0]["Id"] == one.id for one in (production, uat, dev)] == [True] * 3


def test_a_thousand_agents_are_quick() -> None:
    started = time.process_time()  # what it costs, whatever else the machine does
    big = seed.vonage(agents=1000)
    assert time.process_time() - started < 2
    assert len(big.seed_info["agents"]) == 1000
    user = big.find("User", Username=big.seed_info["agents"][-1])[0]
    assert "IsContactCenterAgentBYOT" in big.permissions_of(user["Id"])
    assert user["UserPermissionsSupportUser"]


def test_who_sees_which_fields(org: Org) -> None:
    fields = {value for value, _label in permissionable_fields(org)}
    own = {
        row["Name"]: {
            one["Field"]
            for own_set in org.find("PermissionSet", ProfileId=row["Id"], IsOwnedByProfile=True)
            for one in org.find("FieldPermissions", ParentId=own_set["Id"])
        }
        for row in org.find("Profile")
    }
    assert own["System Administrator"] == fields
    assert {"Account.Phone", "Task.Description"} <= own["Standard User"]
    assert not [field for field in own["Standard User"] if field.endswith("__c")]
    assert own["Salesforce API Only System Integrations"] == set()
    written = [row for row in org.find("FieldPermissions") if row["PermissionsEdit"]]
    assert all(not (field_of(org, row["Field"]) or pytest.fail(row["Field"])).calculated for row in written)


def test_centers_name_their_vendors(org: Org) -> None:
    ids = org.seed_info["center_ids"]
    assert {kind: (vendor_of(org, ids[kind]) or {}).get("DeveloperName") for kind in ids} == {
        "partner_telephony": "AcmeVendor",
        "partner_telephony_amazon": "AMAZON_CONNECT",
        "amazon_connect": None,
        "open_cti": None,
    }


def test_names_are_examples(org: Org) -> None:
    assert all(str(row["Username"]).endswith("@acme.example") for row in org.find("User"))


# --- generated files ---


def test_generated_files_are_up_to_date() -> None:
    if not FACTS.is_dir():
        pytest.skip("the facts they are generated from are kept outside this repository")
    for name, content in generate_package.files(FACTS).items():
        assert (generate_package.SEED / name).read_text(encoding="utf-8") == content, f"run python -m emulator.generate_package ({name})"


def test_what_is_invented_says_so() -> None:
    classes = facts()["classes"]
    assert sum(entry["invented"] for entry in classes) == len(generate_package.INVENTED_CLASSES)
    assert all(entry["note"] for entry in classes if entry["invented"])


def test_inferred_rules_have_switches_and_the_docs_list_every_rule() -> None:
    page = (REPOSITORY / "docs" / "emulator.md").read_text(encoding="utf-8")
    assert evidence.put_into(page) == page, "run python -m emulator.evidence --into docs/emulator.md"
    assert all(rule.switch is not None for rule in RULES.values() if rule.grade is Grade.INFERRED)
