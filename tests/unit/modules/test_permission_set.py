# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""permission_set: clones and hand-made sets, what can carry a right, all or none, licences, removal.

Every section, exact ones and what is missing: test_permission_set_sections; what needs what: test_permission_set_dependencies; a source that changes:
test_permission_set_clone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.voiceops.salesforce.plugins.module_utils import _org
from ansible_collections.voiceops.salesforce.plugins.module_utils._dependencies import HIGH_RISK
from emulator.faults import Fault, Refuse
from emulator.org import Org
from emulator.rules.dependencies import closure
from emulator.rules.field_permissions import takes_field_permissions
from emulator.rules.permissionable import takes_object_permissions
from harness.cases import HAND_MADE, acme_set_with_holders, assign, half_of_the_clone, put_set
from harness.direct import VONAGE_CLONE, Bench
from harness.look import content, holders, record_writes, set_named, unchanged

PACKAGE = "NVMContactWorld"
CLONE = str(VONAGE_CLONE["name"])
SOURCE = f"{PACKAGE}__ContactWorld_API_User"
OPENING_RIGHTS = [
    "AssignPermissionSets",
    "AuthorApex",
    "CustomizeApplication",
    "DataExport",
    "ManageInternalUsers",
    "ManageSharing",
    "ManageUsers",
    "ModifyAllData",
    "ModifyMetadata",
    "ViewAllData",
]
NOTHING: Mapping[str, Any] = {"permissions": set(), "objects": {}, "fields": {}, "entities": set(), "tabs": {}}
ALL_RIGHTS = {"read", "create", "edit", "delete", "view_all_records", "modify_all_records"}


def made(org: Org, name: str = CLONE) -> dict[str, Any]:
    """What the customer's own set of that name grants."""
    row = set_named(org, name)
    assert row is not None
    return content(org, row["Id"])


def granted_by_source(org: Org) -> dict[str, Any]:
    return content(org, org.seed_info["set_ids"]["vonage_api_user"])


def package_fields(org: Org) -> dict[str, set[str]]:
    """Every field with the package's prefix that can carry a permission, and what it can carry at the most."""
    found = {}
    for sobject in org.schema.sobjects.values():
        for field in sobject.fields.values():
            if field.name.startswith(f"{PACKAGE}__") and takes_field_permissions(sobject, field):
                found[f"{sobject.name}.{field.name}"] = {"read"} if field.calculated or field.auto_number else {"read", "edit"}
    return found


def package_objects(org: Org) -> set[str]:
    return {one.name for one in org.schema.sobjects.values() if one.name.startswith(f"{PACKAGE}__") and takes_object_permissions(one)}


# -- naming the source ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reference",
    [
        {"namespace": PACKAGE, "label": "ContactWorld API user"},
        {"namespace": "nvmcontactworld", "label": "CONTACTWORLD api USER"},
        {"label": "ContactWorld API user"},
        {"name": SOURCE},
        {"name": SOURCE.lower()},
        {"name": "ContactWorld_API_User"},
        {"name": "contactworld_api_user", "namespace": PACKAGE},
        {"id": "18"},
        {"id": "15"},
    ],
    ids=str,
)
def test_a_clone_grants_what_its_source_grants_however_the_source_is_named(uat: Bench, reference: Mapping[str, str]) -> None:
    given = dict(reference)
    if "id" in given:
        given["id"] = uat.info["set_ids"]["vonage_api_user"][: int(given["id"])]
    result = uat.task("permission_set", name="Acme_Clone", clone_from=given)
    assert (result.get("msg"), result["source"]) == (None, SOURCE)
    source, clone = granted_by_source(uat.org), made(uat.org, "Acme_Clone")
    assert clone == source
    assert {name.split(" ")[0] for name in clone["entities"]} == {"ApexClass", "ApexPage", "CustomPermission", "CustomEntityDefinition"}
    assert set(clone["tabs"].values()) == {"visible", "available"}
    assert len(clone["fields"]) > 50
    assert len(clone["entities"]) > 10


def test_a_bare_name_means_the_customer_s_own_set_before_a_package_s(uat: Bench) -> None:
    put_set(uat.org, "ContactWorld_API_User", PermissionsRunReports=True)
    result = uat.task("permission_set", name="Acme_Clone", clone_from={"name": "ContactWorld_API_User"})
    assert result["source"] == "ContactWorld_API_User"
    assert made(uat.org, "Acme_Clone") == {**NOTHING, "permissions": {"RunReports"}}


@pytest.mark.parametrize(
    ("twin", "reference", "told"),
    [
        (
            {"Name": "Other", "Label": "contactworld API USER", "NamespacePrefix": PACKAGE},
            {"namespace": PACKAGE, "label": "ContactWorld API user"},
            f"{PACKAGE}__Other",
        ),
        ({"Name": "ContactWorld_API_User", "NamespacePrefix": "Other"}, {"name": "ContactWorld_API_User"}, "Other__ContactWorld_API_User"),
        (
            {"Name": "Acme_Twin", "Label": "ContactWorld API user", "NamespacePrefix": "Other"},
            {"label": "ContactWorld API user"},
            "Other__Acme_Twin",
        ),
    ],
    ids=["label", "name in two packages", "label in two packages"],
)
def test_two_sets_that_a_reference_may_mean_are_an_error_that_lists_both(
    uat: Bench, twin: Mapping[str, str], reference: Mapping[str, str], told: str
) -> None:
    put_set(uat.org, **{"Label": "x", **twin})
    result = uat.task("permission_set", name="Acme_Clone", clone_from=dict(reference))
    assert result["error_code"] == "ambiguous_set"
    assert SOURCE in result["msg"]
    assert told in result["msg"]
    assert uat.org.writes == []


@pytest.mark.parametrize(
    "reference", [{"name": "Nobody"}, {"namespace": "Other", "label": "ContactWorld API user"}, {"id": "0PS000000000001GAA"}], ids=str
)
def test_a_source_that_the_org_does_not_have_stops_the_task(uat: Bench, reference: Mapping[str, str]) -> None:
    result = uat.task("permission_set", name="Acme_Clone", clone_from=dict(reference))
    assert result["error_code"] == "unknown_source"
    assert next(iter(reference.values())) in result["msg"]
    assert uat.org.writes == []


def test_a_set_is_no_clone_of_itself(uat: Bench) -> None:
    put_set(uat.org)
    assert uat.task("permission_set", name="acme_set", clone_from={"name": "Acme_Set"})["error_code"] == "own_source"


# -- what is granted ------------------------------------------------------------------------------------------------------------------


def test_the_extended_clone_has_all_that_the_document_asks_for(uat: Bench) -> None:
    result = uat.task("permission_set", **VONAGE_CLONE)
    clone = made(uat.org)
    assert clone["permissions"] == {"ApiEnabled", "EditTask", "PasswordNeverExpires"}
    assert clone["objects"] == dict.fromkeys(package_objects(uat.org), ALL_RIGHTS)
    assert clone["fields"] == package_fields(uat.org)
    code = {f"{kind} {PACKAGE}__{row['Name']}" for kind in ("ApexClass", "ApexPage") for row in uat.org.find(kind, NamespacePrefix=PACKAGE)}
    assert clone["entities"] == code | granted_by_source(uat.org)["entities"]
    assert clone["tabs"] == granted_by_source(uat.org)["tabs"]
    row = set_named(uat.org, CLONE) or {}
    assert (row["Label"], row["LicenseId"], row["Type"]) == ("Acme Vonage API User", None, "Regular")
    assert result["missing"] == []
    assert result["permission_set"] == {
        "name": CLONE,
        "namespace": "",
        "qualified_name": CLONE,
        "label": "Acme Vonage API User",
        "is_clone": True,
        "needs_activation": False,
    }


def test_a_set_made_by_hand_has_what_is_listed_and_nothing_else(uat: Bench) -> None:
    result = uat.task("permission_set", **HAND_MADE)
    assert made(uat.org, "Acme_Hand_Made") == {
        "permissions": {"ApiEnabled", "EditTask"},
        "objects": {"Account": {"read", "edit"}, f"{PACKAGE}__CallEndEvent__c": {"read"}},
        "fields": {"Case.Acme_Escalation_Tier__c": {"read", "edit"}},
        "entities": {"ApexClass AcmeCallRouting", f"ApexClass {PACKAGE}__ApiUserAccess", "ApexPage AcmeWallboard"},
        "tabs": {},
    }
    row = set_named(uat.org, "Acme_Hand_Made") or {}
    assert (row["Label"], row["Description"]) == ("Acme, by hand", "Made in a test")
    assert (result["source"], result["not_cloned"], result["permission_set"]["is_clone"]) == (None, [], False)


@pytest.mark.parametrize(
    "word", ["ApiEnabled", "PermissionsApiEnabled", "API Enabled", "apienabled", "api enabled", "permissionsapienabled"]
)
def test_a_user_permission_is_known_by_api_name_and_by_label(uat: Bench, word: str) -> None:
    result = uat.task("permission_set", name="Acme_Set", user_permissions=[word])
    (change,) = [change for change in result["changes"] if change["kind"] == "user_permissions"]
    assert (change["key"], change["after"]) == ("Acme_Set", {"ApiEnabled": True})
    assert made(uat.org, "Acme_Set")["permissions"] == {"ApiEnabled"}


@pytest.mark.parametrize("pattern", ["NVMContactWorld__*", "nvmcontactworld__*", "*.NVMContactWorld__*"])
def test_a_glob_of_fields_goes_by_the_field_s_own_prefix(uat: Bench, pattern: str) -> None:
    uat.task("permission_set", name="Acme_Set", field_permissions=[{"field": pattern, "read": True, "edit": True}])
    fields = made(uat.org, "Acme_Set")["fields"]
    assert fields == package_fields(uat.org)
    assert f"{PACKAGE}__InteractionEvent__c.Acme_Campaign_Code__c" not in fields
    assert "Case.NVMContactWorld__Skills__c" in fields


def test_a_glob_of_one_object_s_fields_means_every_custom_field_of_it(uat: Bench) -> None:
    uat.task("permission_set", name="Acme_Set", field_permissions=[{"field": f"{PACKAGE}__InteractionEvent__c.*__c", "read": True}])
    fields = made(uat.org, "Acme_Set")["fields"]
    assert {name.split(".")[0] for name in fields} == {f"{PACKAGE}__InteractionEvent__c"}
    assert f"{PACKAGE}__InteractionEvent__c.Acme_Campaign_Code__c" in fields


def test_globs_of_objects_classes_and_pages_go_by_their_prefix(uat: Bench) -> None:
    options = {
        "object_permissions": [{"object": "NVMContactWorld__C*", "read": True}],
        "apex_classes": ["NVMContactWorld__C*", "Acme*"],
        "visualforce_pages": ["*__Mobile*Page"],
    }
    uat.task("permission_set", name="Acme_Set", **options)
    granted = made(uat.org, "Acme_Set")
    assert set(granted["objects"]) == {name for name in package_objects(uat.org) if name.startswith("NVMContactWorld__C")}
    classes = {
        f"ApexClass {PACKAGE}__{row['Name']}" for row in uat.org.find("ApexClass", NamespacePrefix=PACKAGE) if row["Name"].startswith("C")
    }
    pages = {f"ApexPage {PACKAGE}__{row['Name']}" for row in uat.org.find("ApexPage") if row["Name"].startswith("Mobile")}
    assert len(classes) > 2
    assert len(pages) > 2
    assert granted["entities"] == {*classes, *pages, "ApexClass AcmeCallRouting"}


def test_formulas_that_a_glob_means_get_read_alone_and_every_run_says_so(uat: Bench) -> None:
    formulas = {name for name, rights in package_fields(uat.org).items() if rights == {"read"}}
    assert len(formulas) > 5
    for _again in range(2):
        result = uat.task("permission_set", **VONAGE_CLONE)
        assert {item["name"]: item["reason"] for item in result["passed_over"]} == dict.fromkeys(formulas, "a formula: read only")


def test_one_field_that_cannot_carry_the_right_is_passed_over_too(uat: Bench) -> None:
    name = f"{PACKAGE}__InteractionEventNote__c.{PACKAGE}__Event__c"
    result = uat.task("permission_set", name="Acme_Set", field_permissions=[{"field": name, "read": True}])
    assert [item["name"] for item in result["passed_over"]] == [name]
    assert made(uat.org, "Acme_Set")["fields"] == {}


def test_masters_are_written_before_their_details(uat: Bench) -> None:
    uat.task("permission_set", **VONAGE_CLONE)
    written = [write.fields["SobjectType"] for write in uat.org.writes if write.sobject == "ObjectPermissions"]
    master, detail = f"{PACKAGE}__InteractionEvent__c", f"{PACKAGE}__InteractionEventNote__c"
    assert sorted([master, detail]) == [detail, master], "by name alone the detail would come first"
    assert written.index(master) < written.index(detail)


@pytest.mark.parametrize("mirroring", ["mirrored", "separate"])
@pytest.mark.parametrize("prepare", [None, half_of_the_clone], ids=["new", "extended"])
def test_fields_of_activities_are_granted_on_task_and_event_whether_the_org_mirrors_them_or_not(
    make_bench: Callable[..., Bench], mirroring: str, prepare: Callable[[Org], None] | None
) -> None:
    bench = make_bench(switches={"activity_mirroring": mirroring})
    if prepare:
        prepare(bench.org)
    result = bench.task("permission_set", **VONAGE_CLONE)
    assert (result.get("msg"), result["errors"]) == (None, [])
    fields = made(bench.org)["fields"]
    twins = {name for name in package_fields(bench.org) if name.startswith(("Task.", "Event."))}
    assert len(twins) >= 20
    assert {name: fields.get(name) for name in twins} == {name: {"read", "edit"} for name in twins}
    assert bench.calls() <= 12
    unchanged(bench.task("permission_set", **VONAGE_CLONE))


# -- nothing is dropped in silence ----------------------------------------------------------------------------------------------------


def test_what_the_source_grants_and_the_clone_lacks_is_told_in_every_run(uat: Bench) -> None:
    """Access of kinds that sets of one's own do not manage, a session activation that the clone is not to have, and a right that opens the org."""
    source = uat.info["set_ids"]["vonage_api_user"]
    uat.org.set("PermissionSet", source, HasActivationRequired=True, PermissionsResetPasswords=True)
    uat.org.put("SetupEntityAccess", ParentId=source, SetupEntityId="0XU000000000001", SetupEntityType="ExternalCredentialParameter")
    for _again in range(2):
        not_cloned = uat.task("permission_set", **VONAGE_CLONE, session_activation=False)["not_cloned"]
        assert not_cloned == ["user permission ResetPasswords", "session activation", "access to 1 ExternalCredentialParameter"]


def test_what_the_source_loses_later_stays_in_the_clone(uat: Bench) -> None:
    uat.task("permission_set", name="Acme_Clone", clone_from={"name": SOURCE})
    before = made(uat.org, "Acme_Clone")
    source = uat.info["set_ids"]["vonage_api_user"]
    for row in uat.org.find("ObjectPermissions", ParentId=source):
        uat.org.remove("ObjectPermissions", row["Id"])
    unchanged(uat.task("permission_set", name="Acme_Clone", clone_from={"name": SOURCE}))
    assert made(uat.org, "Acme_Clone") == before


# -- clone: always, when_needed, never ------------------------------------------------------------------------------------------------


def test_where_the_source_grants_all_that_is_asked_it_is_the_set_to_assign(uat: Bench) -> None:
    wish = {"object_permissions": [{"object": f"{PACKAGE}__CallEndEvent__c", "read": True}]}
    result = uat.task("permission_set", name=CLONE, clone_from={"name": SOURCE}, clone="when_needed", **wish)
    unchanged(result)
    assert uat.org.writes == []
    assert result["permission_set"] == {
        "name": "ContactWorld_API_User",
        "namespace": PACKAGE,
        "qualified_name": SOURCE,
        "label": "ContactWorld API user",
        "is_clone": False,
        "needs_activation": False,
    }
    assert (result["missing"], result["not_cloned"], result["warnings"]) == ([], [], [])


def test_where_more_is_asked_than_the_source_grants_it_is_cloned(uat: Bench) -> None:
    result = uat.task("permission_set", **{**VONAGE_CLONE, "clone": "when_needed"})
    assert result["permission_set"]["is_clone"]
    assert made(uat.org)["objects"] == dict.fromkeys(package_objects(uat.org), ALL_RIGHTS)


def test_a_clone_is_made_always_unless_told_otherwise(uat: Bench) -> None:
    assert uat.task("permission_set", name=CLONE, clone_from={"name": SOURCE})["permission_set"]["is_clone"]
    assert set_named(uat.org, CLONE)


def test_where_cloning_is_ruled_out_the_result_says_what_the_source_lacks(uat: Bench) -> None:
    result = uat.task("permission_set", **{**VONAGE_CLONE, "clone": "never"})
    assert (result.get("msg"), result["changed"], uat.org.writes) == (None, False, [])
    assert result["permission_set"]["qualified_name"] == SOURCE
    assert result["missing"] == [
        "user permission ApiEnabled",
        "user permission EditTask",
        "user permission PasswordNeverExpires",
        "modify_all_records on object NVMContactWorld__Background_Action__c",
        "modify_all_records on object NVMContactWorld__CaseRoutingRequest__c",
        "read+edit on field Case.NVMContactWorld__RoutePlanIdentifier__c",
        "read+edit on field Event.NVMContactWorld__InteractionQuality__c",
        "read+edit on field NVMContactWorld__CallEndEvent__c.NVMContactWorld__CallLegInfoJson__c",
        "read+edit on field Task.NVMContactWorld__InteractionQuality__c",
        "Apex class NVMContactWorld__RecordingPlayerController",
        "Visualforce page NVMContactWorld__QualityManagement",
    ]
    (warning,) = result["warnings"]
    assert SOURCE in warning
    assert "11" in warning


@pytest.mark.parametrize(("carried", "lacking"), [("none", {"ApiEnabled", "EditTask", "PasswordNeverExpires"}), ("documented", set())])
def test_what_a_packaged_set_carries_is_read_and_never_supposed(make_bench: Callable[..., Bench], carried: str, lacking: set[str]) -> None:
    bench = make_bench(switches={"managed_set_user_permissions": carried})
    wish = {"user_permissions": ["ApiEnabled", "EditTask", "PasswordNeverExpires"]}
    result = bench.task("permission_set", name=CLONE, clone_from={"name": SOURCE}, clone="never", **wish)
    assert set(result["missing"]) == {f"user permission {name}" for name in lacking}


# -- rights that open an org ----------------------------------------------------------------------------------------------------------


def put_open_source(org: Org, right: str) -> set[str]:
    """Acme_Source, which has that right and all that it depends on; returns what it has."""
    held = closure(org, {right})
    # Such a set is complete only together with Modify All Data's rights on every object; what an org says without them is another matter.
    org.switches["object_needs_of_user_permissions"] = "ignored"
    put_set(org, "Acme_Source", **{f"Permissions{name}": True for name in held})
    return held


@pytest.mark.parametrize("right", OPENING_RIGHTS)
def test_a_right_that_opens_the_org_is_not_taken_over_unless_it_is_named(uat: Bench, right: str) -> None:
    held = put_open_source(uat.org, right)
    result = uat.task("permission_set", name="Acme_Clone", clone_from={"name": "Acme_Source"})
    assert result.get("msg") is None
    assert made(uat.org, "Acme_Clone")["permissions"] == held - set(HIGH_RISK)
    assert {f"user permission {name}" for name in held & set(HIGH_RISK)} <= set(result["not_cloned"])


@pytest.mark.parametrize("right", OPENING_RIGHTS)
def test_a_right_that_opens_the_org_is_granted_where_it_is_named(uat: Bench, right: str) -> None:
    held = put_open_source(uat.org, right)
    result = uat.task(
        "permission_set", name="Acme_Clone", clone_from={"name": "Acme_Source"}, user_permissions=sorted(held & set(HIGH_RISK))
    )
    assert result.get("msg") is None
    assert made(uat.org, "Acme_Clone")["permissions"] == held
    assert not [words for words in result["not_cloned"] if words.startswith("user permission ")]


# -- changing a set -------------------------------------------------------------------------------------------------------------------


def test_an_update_adds_and_never_lowers_or_removes(uat: Bench) -> None:
    half_of_the_clone(uat.org)
    before = made(uat.org)
    result = uat.task("permission_set", **VONAGE_CLONE)
    assert result.get("msg") is None
    assert {op for op, _sobject in record_writes(uat.org)} == {"insert", "update"}
    after = made(uat.org)
    assert after["permissions"] == {"ApiEnabled", "EditTask", "PasswordNeverExpires", *before["permissions"]}
    assert after["objects"] == dict.fromkeys(package_objects(uat.org), ALL_RIGHTS) | {"Account": {"read", "create"}}
    assert after["fields"] == package_fields(uat.org)


def test_asking_for_less_than_there_is_changes_nothing(uat: Bench) -> None:
    uat.task("permission_set", **VONAGE_CLONE)
    before, count = made(uat.org), len(uat.org.writes)
    less = {
        "object_permissions": [{"object": f"{PACKAGE}__CallEndEvent__c", "read": True}],
        "field_permissions": [{"field": "Case.NVMContactWorld__Skills__c", "read": True}],
    }
    result = uat.task("permission_set", name=CLONE, **less)
    assert (result["changed"], len(uat.org.writes)) == (False, count)
    assert made(uat.org) == before


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ("Acme Set", "before")),
        ({"label": "Other"}, ("Other", "before")),
        ({"description": "after"}, ("Acme Set", "after")),
        ({"description": ""}, ("Acme Set", None)),
        ({"label": "Acme Set", "description": "before"}, ("Acme Set", "before")),
    ],
    ids=str,
)
def test_label_and_description_are_managed_only_where_they_are_given(
    uat: Bench, options: Mapping[str, str], expected: tuple[str, str | None]
) -> None:
    set_id = put_set(uat.org, Description="before")
    result = uat.task("permission_set", name="Acme_Set", **options)
    row = uat.org.get("PermissionSet", set_id) or {}
    assert (row["Label"], row["Description"]) == expected
    assert result["changed"] == (expected != ("Acme Set", "before"))
    unchanged(uat.task("permission_set", name="Acme_Set", **options))


def test_only_what_differs_is_written(uat: Bench) -> None:
    put_set(uat.org, Description="before", PermissionsApiEnabled=True)
    uat.task("permission_set", name="Acme_Set", label="Acme Set", description="after", user_permissions=["ApiEnabled", "EditTask"])
    assert [write.fields for write in uat.org.writes] == [{"Description": "after"}, {"PermissionsEditTask": True}]


# -- all or none ----------------------------------------------------------------------------------------------------------------------

REFUSALS = (
    Refuse("PermissionSet", {"Name": CLONE}, "INSUFFICIENT_ACCESS_OR_READONLY", "not this one", ("insert",)),
    Refuse(
        "ObjectPermissions", {"SobjectType": f"{PACKAGE}__InteractionEventNote__c"}, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "no notes here"
    ),
    Refuse("FieldPermissions", {"Field": "Case.NVMContactWorld__Skills__c"}, "INVALID_CROSS_REFERENCE_KEY", "no skills here"),
    Refuse("SetupEntityAccess", {}, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "no code here"),
)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda one: one.sobject)
def test_a_set_is_made_whole_or_not_at_all(uat: Bench, refusal: Refuse) -> None:
    number = uat.served.faults.add(Fault(refusal, times=None))
    result = uat.task("permission_set", **VONAGE_CLONE)
    assert (result["failed"], result["changed"], result["changes"]) == (True, False, [])
    assert {error["code"] for error in result["errors"]} == {refusal.code}
    assert all(refusal.message in error["message"] for error in result["errors"])
    assert refusal.message in result["msg"]
    assert "Acme" in result["msg"]
    if refusal.sobject != "SetupEntityAccess":
        (error,) = result["errors"]
        assert error["record"].endswith(next(iter(refusal.where.values())))
    assert uat.org.writes == []
    assert set_named(uat.org, CLONE) is None

    uat.served.faults.remove(number)
    assert uat.task("permission_set", **VONAGE_CLONE)["changed"]
    assert made(uat.org)["fields"] == package_fields(uat.org)


def many_fields(org: Org, count: int) -> None:
    """That many more custom fields on Account, Acme_0001__c and so on."""
    account = org.schema.sobject("Account")
    case = org.schema.sobject("Case")
    assert account is not None
    assert case is not None
    like = case.fields["Acme_Escalation_Tier__c"]
    added = [replace(like, name=f"Acme_{number:04d}__c", label=f"Acme {number}") for number in range(count)]
    org.evolve(org.schema.with_sobjects([account.with_fields(added)]))
    administrator = org.find("User", Username=org.seed_info["admin_username"])[0]
    own_set = org.find("PermissionSet", ProfileId=administrator["ProfileId"])[0]["Id"]
    for field in added:
        rights = {"PermissionsRead": True, "PermissionsEdit": True}
        org.put("FieldPermissions", ParentId=own_set, SobjectType="Account", Field=f"Account.{field.name}", **rights)


MANY = {"name": "Acme_Many", "field_permissions": [{"field": "Account.Acme_*", "read": True, "edit": True}]}


def test_a_set_of_more_rows_than_one_call_takes_is_undone_when_the_second_is_refused_and_else_made_in_two(uat: Bench) -> None:
    many_fields(uat.org, 1_050)
    uat.served.faults.add(Fault(Refuse("FieldPermissions", {"Field": "Account.Acme_1049__c"}, message="not this field")))
    refused = uat.task("permission_set", **MANY)
    assert (refused["failed"], refused["changed"], refused["changes"]) == (True, False, [])
    assert [(error["record"], error["message"]) for error in refused["errors"]] == [("Acme_Many/Account.Acme_1049__c", "not this field")]
    assert set_named(uat.org, "Acme_Many") is None

    result = uat.task("permission_set", **MANY)
    assert (result.get("msg"), len(result["changes"])) == (None, 1_051)
    assert [entry.kind for entry in uat.entries()].count("write") == 2
    assert len(made(uat.org, "Acme_Many")["fields"]) == 1_050


# Twenty rows in the first call, and the others by tens: Account's are among the first, the code's among the last.
@pytest.mark.parametrize(
    "refusal", [Refuse("FieldPermissions", {"Field": "Account.NVMContactWorld__NVM_Phone__c"}), Refuse("SetupEntityAccess", {})]
)
def test_with_small_collections_too_a_refused_row_leaves_nothing_behind(
    uat: Bench, monkeypatch: pytest.MonkeyPatch, refusal: Refuse
) -> None:
    monkeypatch.setattr(_org, "MAX_RECORDS", 10)
    monkeypatch.setattr(_org, "MAX_COLLECTIONS", 2)
    uat.served.faults.add(Fault(refusal))
    result = uat.task("permission_set", **VONAGE_CLONE)
    assert (result["failed"], result["changed"], result["changes"]) == (True, False, [])
    assert [error["code"] for error in result["errors"]] == [refusal.code]
    assert set_named(uat.org, CLONE) is None
    assert uat.task("permission_set", **VONAGE_CLONE)["changed"]
    assert made(uat.org)["fields"] == package_fields(uat.org)


# -- licences -------------------------------------------------------------------------------------------------------------------------


def put_set_license(org: Org, name: str = "AcmePsl", label: str = "Acme Add-on", *permissions: str) -> str:
    return org.put(
        "PermissionSetLicense",
        DeveloperName=name,
        PermissionSetLicenseKey=name,
        MasterLabel=label,
        Language="en_US",
        TotalLicenses=10,
        UsedLicenses=0,
        Status="Active",
        **{f"MaximumPermissions{permission}": True for permission in permissions},
    )


@pytest.mark.parametrize("word", ["AcmePsl", "Acme Add-on", "acme add-on"])
def test_a_set_is_made_for_the_permission_set_licence_that_is_named(uat: Bench, word: str) -> None:
    license_id = put_set_license(uat.org, "AcmePsl", "Acme Add-on", "ApiEnabled")
    result = uat.task("permission_set", name="Acme_Set", license=word, user_permissions=["ApiEnabled"])
    assert (set_named(uat.org, "Acme_Set") or {})["LicenseId"] == license_id
    assert result["changes"][0]["after"]["license"] == "Acme Add-on"
    unchanged(uat.task("permission_set", name="Acme_Set", license=word, user_permissions=["ApiEnabled"]))


def test_a_set_is_made_for_the_user_licence_that_is_named(uat: Bench) -> None:
    uat.task("permission_set", name="Acme_Set", license="Salesforce Platform", user_permissions=["ApiEnabled"])
    assert (set_named(uat.org, "Acme_Set") or {})["LicenseId"] == uat.org.find("UserLicense", Name="Salesforce Platform")[0]["Id"]


def test_a_clone_has_the_licence_of_its_source_as_setup_s_clone_has(uat: Bench) -> None:
    result = uat.task("permission_set", name="Acme_Clone", clone_from={"name": "ContactCenterAgentExternalTelephony"})
    source = uat.org.get("PermissionSet", uat.info["set_ids"]["voice_agent"]) or {}
    assert source["LicenseId"]
    assert (set_named(uat.org, "Acme_Clone") or {})["LicenseId"] == source["LicenseId"]
    assert result["changes"][0]["after"]["license"] == "Salesforce Voice User (Partner Telephony)"
    assert result["source"] == "force__ContactCenterAgentExternalTelephony"


@pytest.mark.parametrize(
    ("license_name", "code"),
    [("Acme Nothing", "unknown_license"), ("Salesforce", "ambiguous_license"), ("Acme Add-on", "license_forbids")],
)
def test_a_licence_that_cannot_be_had_stops_the_task(uat: Bench, license_name: str, code: str) -> None:
    put_set_license(uat.org, "AcmeTwin", "Salesforce")
    put_set_license(uat.org, "AcmePsl", "Acme Add-on", "EditTask")
    result = uat.task("permission_set", name="Acme_Set", license=license_name, user_permissions=["ApiEnabled", "EditTask"])
    assert (result["error_code"], result["error_class"]) == (code, "config")
    assert license_name in result["msg"]
    assert ("ApiEnabled" in result["msg"]) == (code == "license_forbids")
    assert uat.org.writes == []


def test_a_user_licence_that_forbids_a_permission_leaves_nothing_behind_and_the_org_s_words_are_told(uat: Bench) -> None:
    result = uat.task("permission_set", name="Acme_Set", license="Salesforce Integration", user_permissions=["EditTask"])
    assert (result["failed"], result["changed"], result["error_code"]) == (True, False, "FIELD_INTEGRITY_EXCEPTION")
    assert "Edit Tasks" in result["errors"][0]["message"]
    assert "licence" in result["errors"][0]["remedy"]
    assert uat.org.writes == []


@pytest.mark.parametrize("before", [None, "Salesforce Platform"])
def test_the_licence_of_a_set_never_changes(uat: Bench, before: str | None) -> None:
    license_id = uat.org.find("UserLicense", Name=before)[0]["Id"] if before else None
    put_set(uat.org, LicenseId=license_id)
    result = uat.task("permission_set", name="Acme_Set", license="Salesforce")
    assert result["error_code"] == "license_fixed"
    assert uat.org.writes == []
    unchanged(uat.task("permission_set", name="Acme_Set", license=before))


# -- removal --------------------------------------------------------------------------------------------------------------------------


def test_a_set_goes_after_its_assignments_and_with_its_content(uat: Bench) -> None:
    uat.task("permission_set", **VONAGE_CLONE)
    set_id = (set_named(uat.org, CLONE) or {})["Id"]
    assign(uat.org, "agent", set_id)
    assign(uat.org, "supervisor", set_id)
    count = len(uat.org.writes)
    result = uat.task("permission_set", name=CLONE, state="absent", take_from=["users"], max_removals=2)
    assert result.get("msg") is None
    assert record_writes(uat.org)[count:] == [("delete", "PermissionSetAssignment")] * 2 + [("delete", "PermissionSet")]
    assert uat.org.get("PermissionSet", set_id) is None
    assert content(uat.org, set_id) == NOTHING
    unchanged(uat.task("permission_set", name=CLONE, state="absent"))


def test_a_set_that_more_users_have_than_may_lose_it_stays(uat: Bench) -> None:
    acme_set_with_holders(uat.org)
    result = uat.task("permission_set", name="Acme_Set", state="absent", take_from=["users"], max_removals=1)
    assert (result["error_code"], result["error_class"], uat.org.writes) == ("too_many_removals", "config", [])
    assert "Acme_Set" in result["msg"]
    assert "max_removals" in result["msg"]


def test_where_taking_a_set_away_from_a_user_is_refused_it_stays_and_the_others_lost_it(uat: Bench) -> None:
    acme_set_with_holders(uat.org)
    uat.served.faults.add(Fault(Refuse("PermissionSetAssignment", {"AssigneeId": uat.info["user_ids"]["agent"]}, message="not this one")))
    result = uat.task("permission_set", name="Acme_Set", state="absent", take_from=["users"])
    assert (result["failed"], result["changed"]) == (True, True)
    assert [change["key"] for change in result["changes"]] == [f"Acme_Set/{uat.info['users']['supervisor']}"]
    assert result["errors"][0]["message"] == "not this one"
    row = set_named(uat.org, "Acme_Set") or {}
    assert holders(uat.org, row["Id"]) == {uat.info["users"]["agent"]}
    assert uat.task("permission_set", name="Acme_Set", state="absent", take_from=["users"]).get("msg") is None
    assert set_named(uat.org, "Acme_Set") is None


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("ContactWorld_Agent", "managed_target"),
        ("NVMContactWorld__ContactWorld_Agent", "managed_target"),
        ("ContactCenterAgentExternalTelephony", "standard_target"),
        ("Acme_Voice_Agents", "group_target"),
    ],
)
def test_sets_that_are_not_the_customer_s_to_write_are_refused(uat: Bench, name: str, code: str, state: str) -> None:
    result = uat.task("permission_set", name=name, state=state, **({"user_permissions": ["ApiEnabled"]} if state == "present" else {}))
    assert (result["error_code"], result["error_class"]) == (code, "config")
    assert name in result["msg"]
    assert uat.org.writes == []


def test_the_set_behind_a_profile_is_never_meant_by_its_machine_made_name(uat: Bench) -> None:
    owned = uat.org.find("PermissionSet", IsOwnedByProfile=True)[0]
    unchanged(uat.task("permission_set", name=owned["Name"], state="absent"))
    assert uat.org.get("PermissionSet", owned["Id"])


# -- rows that only seem to be there --------------------------------------------------------------------------------------------------


def test_rows_that_exist_only_because_of_modify_all_data_are_not_taken_for_grants(uat: Bench) -> None:
    held = put_open_source(uat.org, "ModifyAllData")
    assert "ModifyAllData" in held
    result = uat.task("permission_set", name="Acme_Clone", clone_from={"name": "Acme_Source"})
    # Only what Convert Leads, which is taken over, needs of objects.
    assert made(uat.org, "Acme_Clone")["objects"] == {"Account": {"read", "create"}}
    assert [item["needed_by"] for item in result["added_dependencies"]] == [["user permission ConvertLeads"]]


def test_a_set_with_modify_all_data_gets_the_rows_that_are_asked_for(uat: Bench) -> None:
    held = closure(uat.org, {"ModifyAllData"})
    put_set(uat.org, **{f"Permissions{name}": True for name in held})
    wish = {"object_permissions": [{"object": "Account", "read": True}]}
    assert uat.task("permission_set", name="Acme_Set", **wish).get("msg") is None
    assert made(uat.org, "Acme_Set")["objects"] == {"Account": {"read"}}
    unchanged(uat.task("permission_set", name="Acme_Set", **wish))
