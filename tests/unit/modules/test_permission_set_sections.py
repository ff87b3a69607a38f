# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""permission_set: every section added, changed and removed; exact sections; what an org does not have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from emulator.faults import DropAfter, DropBefore, Fault
from emulator.org import Org
from emulator.seed.upgrade import fill
from harness.cases import EVERY_SECTION, LITTLE, SECTIONS, everything_in_a_set, put_set
from harness.direct import VONAGE_CLONE, Bench
from harness.look import content, record_writes, set_named, unchanged

PACKAGE = "NVMContactWorld"
NAME = "Acme_Set"
EVENT, NOTE, CALL_END = (f"{PACKAGE}__{name}__c" for name in ("InteractionEvent", "InteractionEventNote", "CallEndEvent"))
TIER = "Case.Acme_Escalation_Tier__c"


def made(org: Org, name: str = NAME) -> dict[str, Any]:
    row = set_named(org, name)
    assert row is not None
    return content(org, row["Id"])


def done(bench: Bench, **options: Any) -> dict[str, Any]:
    """The task, which succeeds as check mode foretold, and leaves nothing to do."""
    given = {"name": NAME, **options}
    bench.new_run()
    foretold = bench.task("permission_set", check=True, **given)
    bench.new_run()
    result = bench.task("permission_set", **given)
    assert (result.get("msg"), result["errors"]) == (None, [])
    assert result["changes"] == foretold["changes"]
    bench.new_run()
    unchanged(bench.task("permission_set", **given))
    return result


def keys(result: Mapping[str, Any], op: str) -> list[tuple[str, str]]:
    return [(change["kind"], change["key"]) for change in result["changes"] if change["op"] == op]


# -- one section at a time ------------------------------------------------------------------------------------------------------------

# section -> (a line, what the set then holds, another line, what an exact set then holds)
Line = Any
ONE_BY_ONE: Mapping[str, tuple[Line, dict[str, Any], Line, dict[str, Any]]] = {
    "user_permissions": ("ApiEnabled", {"permissions": {"ApiEnabled"}}, "Run Reports", {"permissions": {"RunReports"}}),
    "object_permissions": (
        {"object": "Account", "edit": True},
        {"objects": {"Account": {"read", "edit"}}},
        {"object": "Account", "create": True},
        {"objects": {"Account": {"read", "create"}}},
    ),
    "field_permissions": (
        {"field": TIER, "edit": True},
        {"fields": {TIER: {"read", "edit"}}},
        {"field": TIER, "read": True},
        {"fields": {TIER: {"read"}}},
    ),
    "apex_classes": (
        "AcmeCallRouting",
        {"entities": {"ApexClass AcmeCallRouting"}},
        f"{PACKAGE}__ApiUserAccess",
        {"entities": {f"ApexClass {PACKAGE}__ApiUserAccess"}},
    ),
    "visualforce_pages": (
        "AcmeWallboard",
        {"entities": {"ApexPage AcmeWallboard"}},
        f"{PACKAGE}__LogACall*",
        {"entities": {f"ApexPage {PACKAGE}__LogACallAction"}},
    ),
    "custom_permissions": (
        "acme_refunds",
        {"entities": {"CustomPermission Acme_Refunds"}},
        f"{PACKAGE}__Agent_Console",
        {"entities": {f"CustomPermission {PACKAGE}__Agent_Console"}},
    ),
    "custom_settings": (
        f"{PACKAGE}__Settings__c",
        {"entities": {f"CustomEntityDefinition {PACKAGE}__Settings__c"}},
        f"{PACKAGE}__Nvm*",
        {"entities": {f"CustomEntityDefinition {PACKAGE}__{name}__c" for name in ("NvmNodes", "NvmRouting")}},
    ),
    "custom_metadata_types": (
        "Acme_Queue_Mapping__mdt",
        {"entities": {"CustomEntityDefinition Acme_Queue_Mapping__mdt"}},
        {"package": PACKAGE},
        {"entities": {f"CustomEntityDefinition {PACKAGE}__{name}__mdt" for name in ("Routing_Profile", "Screen_Pop_Rule")}},
    ),
    "connected_apps": (
        "Acme Reporting",
        {"entities": {"ConnectedApplication Acme Reporting"}},
        "Acme T*",
        {"entities": {"ConnectedApplication Acme Telephony Sync"}},
    ),
    "flows": (
        "Acme_Missed_Call",
        {"entities": {"FlowDefinition Acme_Missed_Call"}},
        {"package": PACKAGE},
        {"entities": {f"FlowDefinition {PACKAGE}__{name}" for name in ("Callback_Request", "Post_Call_Survey")}},
    ),
    "tabs": (
        {"tab": "standard-Case"},
        {"tabs": {"standard-Case": "visible"}},
        {"tab": "standard-Case", "visibility": "available"},
        {"tabs": {"standard-Case": "available"}},
    ),
}
NOTHING: Mapping[str, Any] = {"permissions": set(), "objects": {}, "fields": {}, "entities": set(), "tabs": {}}


def test_every_section_has_a_row_here() -> None:
    assert set(ONE_BY_ONE) == set(SECTIONS)


@pytest.mark.parametrize("option", SECTIONS)
def test_a_section_is_filled_changed_and_emptied(uat: Bench, option: str) -> None:
    line, expected, other, exactly = ONE_BY_ONE[option]
    done(uat, **{option: [line]})
    assert made(uat.org) == {**NOTHING, **expected}
    done(uat, **{option: [other]}, exact=[option])
    assert made(uat.org) == {**NOTHING, **exactly}
    emptied = done(uat, exact=[option])
    assert emptied["changes"]
    assert made(uat.org) == NOTHING


@pytest.mark.parametrize("option", SECTIONS)
def test_what_is_in_a_section_stays_where_another_one_is_exact(uat: Bench, option: str) -> None:
    line, expected, _unused, _exactly = ONE_BY_ONE[option]
    done(uat, **{option: [line]})
    others = [name for name in SECTIONS if name != option]
    unchanged(uat.task("permission_set", name=NAME, exact=others))
    assert made(uat.org) == {**NOTHING, **expected}


@pytest.mark.parametrize("names", ["prefixed", "bare"])
@pytest.mark.parametrize("ids", ["short", "long"])
def test_every_section_at_once_is_made_whole_and_needs_activation(make_bench: Callable[..., Bench], names: str, ids: str) -> None:
    bench = make_bench(switches={"packaged_flow_names": names, "flow_durable_ids": ids})
    result = done(bench, **EVERY_SECTION)
    assert result["permission_set"]["needs_activation"]
    assert any("needs activation" in words for words in result["warnings"])
    assert (set_named(bench.org, EVERY_SECTION["name"]) or {})["HasActivationRequired"] is True
    assert made(bench.org, EVERY_SECTION["name"]) == {
        "permissions": {"RunReports"},
        "objects": {"Account": {"read", "view_all_fields"}},
        "fields": {TIER: {"read"}},
        "entities": {
            "ApexClass AcmeCallRouting",
            "ApexPage AcmeWallboard",
            "CustomPermission Acme_Refunds",
            *(f"CustomPermission {PACKAGE}__{name}" for name in ("Agent_Console", "Recording_Playback", "Supervisor_Dashboard")),
            f"CustomEntityDefinition {PACKAGE}__Settings__c",
            "CustomEntityDefinition Acme_Queue_Mapping__mdt",
            "ConnectedApplication Acme Reporting",
            "FlowDefinition Acme_Missed_Call",
            *(f"FlowDefinition {PACKAGE}__{name}" for name in ("Callback_Request", "Post_Call_Survey")),
        },
        "tabs": {"standard-Case": "visible", CALL_END: "available"},
    }


@pytest.mark.parametrize("twin", ["Acme Reporting", "ACME REPORTING"])
def test_one_connected_app_of_two_is_meant_by_its_id(uat: Bench, twin: str) -> None:
    second = uat.org.put("ConnectedApplication", Name=twin)
    refused = uat.task("permission_set", name=NAME, connected_apps=["Acme Reporting"])
    assert refused["error_code"] == "ambiguous_name"
    word = f"{twin} ({second})"
    assert word in refused["msg"]
    done(uat, connected_apps=[word])
    assert [
        row["SetupEntityId"] for row in uat.org.find("SetupEntityAccess") if row["ParentId"] == (set_named(uat.org, NAME) or {})["Id"]
    ] == [second]


@pytest.mark.parametrize("selector", [{"tab": "Acme_*"}, {"tab": "Acme_Wallboard"}])
def test_a_tab_is_known_also_where_the_running_user_does_not_see_it(uat: Bench, selector: Mapping[str, Any]) -> None:
    done(uat, tabs=[selector])
    assert made(uat.org)["tabs"] == {"Acme_Wallboard": "visible"}


def test_the_tabs_of_a_package_are_those_with_its_prefix(uat: Bench) -> None:
    done(uat, tabs=[{"package": PACKAGE, "visibility": "available"}])
    assert made(uat.org)["tabs"] == dict.fromkeys(uat.info["tabs"], "available")


def test_a_tab_that_is_available_becomes_visible_and_is_lowered_only_where_tabs_are_exact(uat: Bench) -> None:
    available, visible = [{"tab": "standard-Case", "visibility": "available"}], [{"tab": "standard-Case"}]
    done(uat, tabs=available)
    assert keys(done(uat, tabs=visible), "update") == [("tab_setting", f"{NAME}/standard-Case")]
    unchanged(uat.task("permission_set", name=NAME, tabs=available))
    assert made(uat.org)["tabs"] == {"standard-Case": "visible"}


@pytest.mark.parametrize("given", [{"package": PACKAGE}, {"field": f"{PACKAGE}__*"}, {"field": f"*.{PACKAGE.lower()}__*"}], ids=str)
def test_a_selector_of_fields_reaches_standard_objects_and_activities_but_no_field_of_the_customer_s(
    uat: Bench, given: Mapping[str, Any]
) -> None:
    done(uat, field_permissions=[{**given, "read": True}])
    fields = made(uat.org)["fields"]
    assert {name.split(".")[0] for name in fields} >= {"Account", "Contact", "Lead", "Case", "User", "Task", "Event", EVENT}
    assert not [name for name in fields if not name.split(".")[1].startswith(f"{PACKAGE}__")]
    assert f"{EVENT}.Acme_Campaign_Code__c" not in fields


def test_only_companions_that_are_named_are_meant(uat: Bench) -> None:
    """Objects ending in Share, History, Feed or ChangeEvent that an org offers all the same."""
    fill(uat.org, put_set(uat.org, "Acme_Other"), {"object_permissions": {"Acme_Feed": ["read"], "Acme_Thing__c": ["read"]}})
    done(uat, object_permissions=[{"object": "Acme_*", "read": True}])
    assert set(made(uat.org)["objects"]) == {"Acme_Thing__c"}
    done(uat, object_permissions=[{"object": "Acme_Feed", "read": True}])
    assert set(made(uat.org)["objects"]) == {"Acme_Thing__c", "Acme_Feed"}


# -- exact ----------------------------------------------------------------------------------------------------------------------------


def test_an_exact_set_loses_all_that_nobody_asked_for_in_an_order_that_the_org_takes(uat: Bench) -> None:
    everything_in_a_set(uat.org)
    done(uat, **{**LITTLE, "exact": list(SECTIONS)})
    assert made(uat.org) == {
        **NOTHING,
        "permissions": {"ApiEnabled"},
        "objects": {"Account": {"read"}},
        "tabs": {"standard-Case": "available"},
    }
    assert (set_named(uat.org, NAME) or {})["HasActivationRequired"] is False
    removed = [sobject for op, sobject in record_writes(uat.org) if op == "delete"]
    assert removed == sorted(removed, key=["PermissionSetTabSetting", "SetupEntityAccess", "FieldPermissions", "ObjectPermissions"].index)
    assert record_writes(uat.org)[0] == ("update", "PermissionSet"), "user permissions go first"
    objects = [write for write in uat.org.writes if (write.op, write.sobject) == ("delete", "ObjectPermissions")]
    assert len(objects) == 2


def test_without_exact_the_same_task_removes_nothing(uat: Bench) -> None:
    set_id = everything_in_a_set(uat.org)
    before = content(uat.org, set_id)
    result = done(uat, **LITTLE)
    assert keys(result, "delete") == []
    assert content(uat.org, set_id) == before


@pytest.mark.parametrize("settings", [{"detail_needs_master": "same_right"}, {"detail_needs_master": "read_and_view_all"}], ids=str)
def test_a_detail_that_loses_one_right_and_gains_another_is_lowered_before_its_master(
    make_bench: Callable[..., Bench], settings: dict[str, str]
) -> None:
    bench = make_bench(switches=settings)
    both = ["read", "view_all_records"]
    fill(bench.org, put_set(bench.org), {"object_permissions": {EVENT: both, NOTE: both}})
    done(bench, object_permissions=[{"object": NOTE, "create": True}], exact=["object_permissions"])
    assert made(bench.org)["objects"][NOTE] == {"read", "create"}
    assert "view_all_records" not in made(bench.org)["objects"][EVENT]


def test_what_an_asked_right_needs_is_no_surplus(uat: Bench) -> None:
    fill(uat.org, put_set(uat.org), {"object_permissions": {EVENT: ["read"], NOTE: ["read"], "Account": ["read"]}})
    result = done(uat, object_permissions=[{"object": NOTE, "read": True}], exact=["object_permissions"])
    assert keys(result, "delete") == [("object_permissions", f"{NAME}/Account")]
    assert made(uat.org)["objects"] == {EVENT: {"read"}, NOTE: {"read"}}


@pytest.mark.parametrize("mirroring", ["mirrored", "separate"])
def test_the_event_row_of_a_task_field_goes_with_it_and_never_alone(make_bench: Callable[..., Bench], mirroring: str) -> None:
    bench = make_bench(switches={"activity_mirroring": mirroring})
    field = f"{PACKAGE}__InteractionQuality__c"
    assert field in bench.org.schema.sobjects["Task"].fields
    rows = {f"{name}.{field}": ["read", "edit"] for name in ("Task", "Event")}
    fill(bench.org, put_set(bench.org), {"field_permissions": rows})
    unchanged(
        bench.task(
            "permission_set",
            name=NAME,
            field_permissions=[{"field": f"Task.{field}", "read": True, "edit": True}],
            exact=["field_permissions"],
        )
    )
    assert set(made(bench.org)["fields"]) == set(rows)
    done(bench, exact=["field_permissions"])
    assert made(bench.org)["fields"] == {}


def test_rows_of_modify_all_data_are_neither_removed_nor_counted(uat: Bench) -> None:
    uat.org.switches["object_needs_of_user_permissions"] = "ignored"
    put_set(uat.org, PermissionsModifyAllData=True, PermissionsViewAllData=True)
    unchanged(uat.task("permission_set", name=NAME, exact=["object_permissions"]))


def test_an_exact_clone_keeps_what_its_source_grants(uat: Bench) -> None:
    uat.task("permission_set", **VONAGE_CLONE)
    name = str(VONAGE_CLONE["name"])
    before = made(uat.org, name)
    fill(
        uat.org,
        (set_named(uat.org, name) or {})["Id"],
        {"object_permissions": {"Account": ["read"]}, "user_permissions": ["RunReports"], "tabs": {"standard-Case": "visible"}},
    )
    result = done(uat, **VONAGE_CLONE, exact=list(SECTIONS))
    assert sorted(keys(result, "delete")) == [
        ("object_permissions", f"{name}/Account"),
        ("tab_setting", f"{name}/standard-Case"),
        ("user_permissions", name),
    ]
    assert made(uat.org, name) == before


def test_a_field_that_is_lowered_keeps_its_read(uat: Bench) -> None:
    fill(uat.org, put_set(uat.org), {"field_permissions": {TIER: ["read", "edit"]}})
    result = done(uat, field_permissions=[{"field": TIER, "read": True, "edit": False}], exact=["field_permissions"])
    (change,) = result["changes"]
    assert (change["before"], change["after"]) == ({"edit": True}, {"edit": False})


# -- what this org does not have ------------------------------------------------------------------------------------------------------

MISSING: Mapping[str, tuple[Any, str]] = {
    "user_permissions": ("Nonsense", "Nonsense"),
    "object_permissions": ({"object": "Nowhere__c", "read": True}, "Nowhere__c"),
    "field_permissions": ({"field": "Case.Nowhere__c", "read": True}, "Case.Nowhere__c"),
    "apex_classes": ("Nowhere", "Nowhere"),
    "visualforce_pages": ({"package": "Other"}, "package Other"),
    "custom_permissions": ("Other__Nowhere", "Other__Nowhere"),
    "custom_settings": ("Nowhere__c", "Nowhere__c"),
    "custom_metadata_types": ("Nowhere__mdt", "Nowhere__mdt"),
    "connected_apps": ("No App", "No App"),
    "flows": ("Nowhere", "Nowhere"),
    "tabs": ({"tab": "Nowhere"}, "Nowhere"),
}


@pytest.mark.parametrize("option", SECTIONS)
def test_what_an_org_does_not_have_stops_the_task_or_is_left_out_and_told(uat: Bench, option: str) -> None:
    line, word = MISSING[option]
    given = {**EVERY_SECTION, option: [*EVERY_SECTION[option], line]}
    refused = uat.task("permission_set", **given)
    if word.startswith("package"):
        assert refused.get("msg") is None, "beside a line that means something, it is passed over"
        assert any(item["name"] == word for item in refused["passed_over"])
        return
    assert refused["error_code"] == ("unknown_permission" if option == "user_permissions" else "unknown_name")
    assert word in refused["msg"]
    assert uat.org.writes == []
    result = done(uat, **given, missing="skip")
    assert result["left_out"] == [{"section": option, "name": word}]
    expected = made(uat.org, EVERY_SECTION["name"])
    assert uat.task("permission_set", **EVERY_SECTION)["changed"] is False
    assert made(uat.org, EVERY_SECTION["name"]) == expected


@pytest.mark.parametrize("option", SECTIONS)
def test_a_section_that_means_nothing_at_all_here_is_left_out_too(uat: Bench, option: str) -> None:
    line, word = MISSING[option]
    result = done(uat, label="Acme", **{option: [line]}, missing="skip")
    assert [item["section"] for item in result["left_out"]] == [option]
    assert result["left_out"][0]["name"] == word
    assert made(uat.org) == NOTHING


# -- rows that the running user does not see ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hidden", ["unseen", "org_only"])
def test_field_rows_that_are_hidden_from_the_running_user_are_told(make_bench: Callable[..., Bench], hidden: str) -> None:
    """Such rows count in totalSize and do not come (FieldPermissions)."""
    bench = make_bench(switches={"hidden_field_rows": hidden})
    field = f"Case.{PACKAGE}__RoutePlanIdentifier__c"
    set_id = put_set(bench.org)
    fill(bench.org, set_id, {"field_permissions": {field: ["read"], TIER: ["read"]}})
    for row in bench.org.find("FieldPermissions", Field=field):
        if row["ParentId"] != set_id:
            bench.org.remove("FieldPermissions", row["Id"])
    result = bench.task("permission_set", name=NAME, field_permissions=[{"field": TIER, "read": True}], exact=["field_permissions"])
    told = [words for words in result["warnings"] if "1 field permission rows are hidden" in words]
    if hidden == "unseen":
        unchanged(result)
        assert len(told) == 1
        assert set(made(bench.org)["fields"]) == {field, TIER}
        return
    assert set(made(bench.org)["fields"]) == {TIER}
    assert told == []


@pytest.mark.parametrize("check", [True, False])
def test_fields_that_the_running_user_does_not_see_are_missed_aloud(uat: Bench, check: bool) -> None:
    """A package means them, describe does not show them: the set is made without them, and the warning names them."""
    field = f"Case.{PACKAGE}__RoutePlanIdentifier__c"
    for row in uat.org.find("FieldPermissions", Field=field):
        uat.org.remove("FieldPermissions", row["Id"])
    result = uat.task("permission_set", check=check, name=NAME, field_permissions=[{"package": PACKAGE, "read": True}])
    told = [words for words in result["warnings"] if field in words]
    assert len(told) == 1
    assert "hidden from the running user" in told[0]
    assert "give that user read" in told[0]
    seen = uat.task("permission_set", check=check, name="Acme_Seen", field_permissions=[{"field": TIER, "read": True}])
    assert seen["warnings"] == []


# -- runs that are killed -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("action", [DropBefore(), DropAfter()], ids=["before it was written", "after it was written"])
@pytest.mark.parametrize("prepare", [lambda org: None, everything_in_a_set], ids=["first run", "a set that is there"])
def test_a_run_that_is_killed_at_any_write_leaves_what_the_next_run_completes(
    uat: Bench, prepare: Callable[[Org], Any], action: Any, number: int
) -> None:
    """The connection goes at that write and stays away, as when the controller dies."""
    prepare(uat.org)
    options = {**EVERY_SECTION, "name": NAME, "exact": ["object_permissions", "tabs"]}
    uat.task("permission_set", check=True, **options)
    reads = [entry.path.endswith("/composite") for entry in uat.entries()].count(True)
    uat.new_run()
    composite = {"match_path": "/composite$"}
    alive = reads + number
    if isinstance(action, DropAfter):
        uat.served.faults.add(Fault(action, **composite, skip=alive))
        alive += 1
    uat.served.faults.add(Fault(DropBefore(), **composite, skip=alive, times=None))
    killed = uat.task("permission_set", **options, retry_time=0)
    uat.served.faults.clear()
    assert killed.get("failed") or number
    uat.new_run()
    finished = uat.task("permission_set", **options)
    assert (finished.get("msg"), finished["errors"]) == (None, [])
    uat.new_run()
    unchanged(uat.task("permission_set", **options))
    granted = made(uat.org)
    assert granted["objects"] == {"Account": {"read", "view_all_fields"}}
    assert granted["tabs"] == {"standard-Case": "visible", CALL_END: "available"}
    assert granted["permissions"] >= {"RunReports"}


@pytest.mark.parametrize("check", [True, False], ids=["check mode", "the run"])
def test_a_right_that_an_older_api_version_does_not_know_stops_the_task_or_is_left_out(uat: Bench, check: bool) -> None:
    options = {"name": "Acme_Older", "object_permissions": [{"object": "Account", "read": True, "view_all_fields": True}]}
    stopped = uat.task("permission_set", check=check, api_version="62.0", **options)
    assert stopped["error_code"] == "unknown_name"
    assert uat.org.writes == []
    result = uat.task("permission_set", check=check, api_version="62.0", **options, missing="skip")
    assert result["left_out"] == [{"section": "object_permissions", "name": "view_all_fields on Account"}]
    assert [change["after"].get("view_all_fields") for change in result["changes"]] == [None, None]


@pytest.mark.parametrize("field", ["O'Brien.Phone", "No Such/Thing.Phone", "{}.Phone"])
def test_a_field_of_something_that_no_object_can_be_called_is_unknown_and_never_put_into_a_path(uat: Bench, field: str) -> None:
    refused = uat.task("permission_set", name=NAME, field_permissions=[{"field": field, "read": True}])
    assert refused["error_code"] == "unknown_name"
    assert field in refused["msg"]
    assert not any(field.partition(".")[0] in sub.url for entry in uat.entries() for sub in entry.subrequests)
