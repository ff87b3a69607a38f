# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""permission_set: what needs what: by what is documented, by what the org tells of itself, and by what it refuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ansible_collections.voiceops.salesforce.plugins.module_utils._dependencies import HIGH_RISK
from emulator.errors import ApiError
from emulator.org import Org
from emulator.rules.dependencies import closure
from emulator.rules.registry import Change
from harness.cases import put_set
from harness.direct import Bench
from harness.look import content, queries, set_named, unchanged

NAME = "Acme_Set"
EVENT, NOTE = "NVMContactWorld__InteractionEvent__c", "NVMContactWorld__InteractionEventNote__c"
MODES = ("none", "objects", "all")


def made(org: Org, name: str = NAME) -> dict[str, Any]:
    row = set_named(org, name)
    assert row is not None
    return content(org, row["Id"])


def done(bench: Bench, **options: Any) -> dict[str, Any]:
    """The task, which succeeds, foretold by check mode where the org refuses nothing, and leaves nothing to do."""
    result = bench.task("permission_set", name=NAME, **options)
    assert (result.get("msg"), result["errors"]) == (None, [])
    bench.new_run()
    unchanged(bench.task("permission_set", name=NAME, **options))
    return result


def asked_of_tooling(bench: Bench) -> list[str]:
    """The tooling queries of the last task that asked for dependencies."""
    return [query for entry in bench.entries() if "/tooling/" in entry.path for query in queries(entry) if "PermissionDependency" in query]


def needing(right: str, *needed: str) -> Callable[[Org, str, Change], None]:
    """An org in which one user permission needs rights that no table of it tells."""

    def refuse(org: Org, _user: str, change: Change) -> None:
        if change.sobject != "PermissionSet" or change.op == "delete" or change.after.get(f"Permissions{right}") is not True:
            return
        held = {**change.before, **change.after}
        missing = [name for name in needed if not _has(org, change, held, name)]
        if missing:
            words = ", ".join(_called(org, name) for name in missing)
            raise ApiError(400, "FIELD_INTEGRITY_EXCEPTION", f"Permission {_called(org, right)} depends on permission(s): {words}")

    return refuse


def _called(org: Org, name: str) -> str:
    """As the org's messages call a right: by API name or by label."""
    column = org.schema.sobjects["PermissionSet"].fields.get(f"Permissions{name}")
    return column.label if column and org.switches["dependency_names"] == "label" else name


def _has(org: Org, change: Change, held: Mapping[str, Any], name: str) -> bool:
    if name.startswith("Read "):
        return bool(org.find("ObjectPermissions", ParentId=change.id, SobjectType=name.removeprefix("Read "))) if change.id else False
    return held.get(f"Permissions{name}") is True


# -- of objects -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["objects", "all"])
@pytest.mark.parametrize("setting", ["same_right", "read_and_view_all"])
def test_what_rights_of_objects_need_is_added_and_told(make_bench: Callable[..., Bench], mode: str, setting: str) -> None:
    bench = make_bench(switches={"detail_needs_master": setting})
    result = done(bench, object_permissions=[{"object": NOTE, "delete": True}], resolve_dependencies=mode)
    granted = made(bench.org)["objects"]
    assert granted[NOTE] == {"read", "edit", "delete"}
    assert "read" in granted[EVENT]
    told = {item["name"]: item for item in result["added_dependencies"]}
    assert set(told) == {NOTE, EVENT}
    assert (told[NOTE]["section"], told[NOTE]["rights"]) == ("object_permissions", ["read", "edit"])
    assert any(NOTE in words for words in told[EVENT]["needed_by"])
    assert granted[EVENT] == set(told[EVENT]["rights"])


def test_without_resolving_nothing_is_added_and_the_org_s_words_are_told(uat: Bench) -> None:
    given = {"object_permissions": [{"object": NOTE, "read": True}], "resolve_dependencies": "none"}
    result = uat.task("permission_set", name=NAME, **given)
    assert (result["failed"], result["changed"], result["error_code"]) == (True, False, "FIELD_INTEGRITY_EXCEPTION")
    assert set_named(uat.org, NAME) is None
    assert asked_of_tooling(uat) == []


@pytest.mark.parametrize(
    ("line", "needed"),
    [
        ({"object_permissions": [{"object": "Account", "modify_all_records": True}]}, "read and edit and delete and view_all_records"),
        ({"object_permissions": [{"object": "Account", "read": True, "delete": True}]}, "edit"),
        ({"field_permissions": [{"field": "Case.Acme_Escalation_Tier__c", "edit": True}]}, "read"),
    ],
)
def test_a_right_without_those_of_the_same_row_is_refused_before_the_org_is_asked(uat: Bench, line: Mapping[str, Any], needed: str) -> None:
    result = uat.task("permission_set", name=NAME, **line, resolve_dependencies="none")
    assert (result["error_code"], uat.calls()) == ("missing_right", 0)
    assert f"needs {needed} too" in result["msg"]


def test_a_field_that_is_to_be_edited_is_read_too_and_needs_no_object(uat: Bench) -> None:
    result = done(uat, field_permissions=[{"field": "Case.Acme_Escalation_Tier__c", "edit": True}])
    assert made(uat.org)["fields"] == {"Case.Acme_Escalation_Tier__c": {"read", "edit"}}
    assert made(uat.org)["objects"] == {}
    assert result["added_dependencies"] == []


# -- of user permissions --------------------------------------------------------------------------------------------------------------


def test_the_org_s_own_table_says_what_user_permissions_need_and_only_all_follows_it(uat: Bench) -> None:
    result = done(uat, user_permissions=["ViewSetup"], resolve_dependencies="all")
    assert made(uat.org)["permissions"] == {"ViewSetup", "ViewRoles"}
    (added,) = result["added_dependencies"]
    assert added == {
        "section": "user_permissions",
        "name": "ViewRoles",
        "rights": ["granted"],
        "needed_by": ["user permission ViewSetup"],
    }


@pytest.mark.parametrize("mode", ["none", "objects"])
def test_nothing_is_granted_as_somebody_s_dependency_unless_asked_and_the_org_s_refusal_is_told(uat: Bench, mode: str) -> None:
    result = uat.task("permission_set", name=NAME, user_permissions=["ViewSetup"], resolve_dependencies=mode)
    assert (result["error_code"], result["changed"]) == ("FIELD_INTEGRITY_EXCEPTION", False)
    assert "ViewRoles" in result["errors"][0]["message"]
    assert "ask for those too" in result["msg"]
    assert "resolve_dependencies" in result["msg"]
    assert set_named(uat.org, NAME) is None
    # What it needs of objects is asked, where that may be added; what that needs of its own kind is not followed.
    assert len(asked_of_tooling(uat)) == (0 if mode == "none" else 1)


def test_rights_on_objects_that_a_user_permission_needs_are_foretold_in_check_mode(uat: Bench) -> None:
    options = {"name": NAME, "user_permissions": ["ImportPersonal"]}
    foretold = uat.task("permission_set", check=True, **options)
    assert {change["key"] for change in foretold["changes"]} >= {f"{NAME}/Account", f"{NAME}/Contact"}
    uat.new_run()
    done = uat.task("permission_set", **options)
    assert (done.get("msg"), done["changes"]) == (None, foretold["changes"])


def test_the_table_is_asked_only_where_a_user_permission_is_added_and_once_in_a_run(uat: Bench) -> None:
    options = {"user_permissions": ["ViewSetup"], "resolve_dependencies": "all"}
    uat.task("permission_set", name=NAME, **options)
    assert 0 < len(asked_of_tooling(uat)) <= 3
    uat.task("permission_set", name="Acme_Second", **options)
    assert asked_of_tooling(uat) == [], "what the run has learned it knows"
    uat.new_run()
    unchanged(uat.task("permission_set", name=NAME, **options))
    assert asked_of_tooling(uat) == [], "nothing is to be added"
    uat.task("permission_set", name="Acme_Third", label="Acme", resolve_dependencies="all")
    assert asked_of_tooling(uat) == []


@pytest.mark.parametrize("page", [1, 3, 2000])
def test_a_table_that_comes_in_pages_is_read_to_its_end(uat: Bench, page: int) -> None:
    uat.org.settings.page_size = page
    done(uat, user_permissions=["ManageCustomPermissions", "ViewSetup"], resolve_dependencies="all")
    assert made(uat.org)["permissions"] >= {"ViewSetup", "ViewRoles", "ManageCustomPermissions"}


@pytest.mark.parametrize("names", ["api", "label"])
def test_a_refusal_teaches_what_no_table_tells(make_bench: Callable[..., Bench], names: str) -> None:
    """One link of the chain a refusal; the plan grows, and what was refused is tried again."""
    bench = make_bench(switches={"dependency_names": names})
    bench.org.extra_before += [needing("RunReports", "EditTask"), needing("EditTask", "ApiEnabled")]
    result = done(bench, user_permissions=["RunReports"], resolve_dependencies="all")
    assert made(bench.org)["permissions"] == {"RunReports", "EditTask", "ApiEnabled"}
    assert {item["name"]: item["needed_by"] for item in result["added_dependencies"]} == {
        "EditTask": ["user permission RunReports"],
        "ApiEnabled": ["user permission EditTask"],
    }
    (change,) = [change for change in result["changes"] if change["kind"] == "user_permissions"]
    assert change["after"] == dict.fromkeys(["ApiEnabled", "EditTask", "RunReports"], True)


def test_a_refusal_teaches_an_existing_set_too(uat: Bench) -> None:
    put_set(uat.org)
    uat.org.extra_before.append(needing("RunReports", "EditTask"))
    result = done(
        uat, user_permissions=["RunReports"], object_permissions=[{"object": "Account", "read": True}], resolve_dependencies="all"
    )
    assert made(uat.org)["permissions"] == {"RunReports", "EditTask"}
    assert [change["kind"] for change in result["changes"]] == ["object_permissions", "user_permissions"]


def test_rights_of_objects_that_a_refusal_names_are_added_by_default(uat: Bench) -> None:
    put_set(uat.org)
    uat.org.extra_before.append(needing("RunReports", "Read Case"))
    done(uat, user_permissions=["RunReports"])
    assert made(uat.org)["objects"] == {"Case": {"read"}}
    assert made(uat.org)["permissions"] == {"RunReports"}


def test_a_refusal_that_goes_on_ends_the_task_with_the_org_s_words(uat: Bench) -> None:
    """Whatever is added, the org asks for something that it does not have: no lesson, no endless tries."""
    uat.org.extra_before.append(needing("RunReports", "Unheard Of Right"))
    result = uat.task("permission_set", name=NAME, user_permissions=["RunReports"], resolve_dependencies="all")
    assert (result["failed"], result["changed"]) == (True, False)
    assert "Unheard Of Right" in result["msg"]
    assert set_named(uat.org, NAME) is None
    assert uat.calls() <= 8


# -- rights that open an org ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check", [True, False])
def test_a_right_that_opens_the_org_is_not_added_the_task_stops_and_names_it(uat: Bench, check: bool) -> None:
    result = uat.task("permission_set", check=check, name=NAME, user_permissions=["ManageUsers"], resolve_dependencies="all")
    assert (result["error_code"], result["error_class"], uat.org.writes) == ("high_risk", "config", [])
    named = [name for name in HIGH_RISK if name in result["msg"]]
    assert named
    assert set(named) >= {"ManageInternalUsers"} or len(named) >= 3
    assert "user_permissions" in result["msg"]


def test_a_right_that_opens_the_org_is_not_added_when_a_refusal_names_it_either(uat: Bench) -> None:
    uat.org.extra_before.append(needing("RunReports", "DataExport"))
    result = uat.task("permission_set", name=NAME, user_permissions=["RunReports"], resolve_dependencies="all")
    assert (result["failed"], result["changed"]) == (True, False)
    assert "DataExport" in result["msg"]
    assert set_named(uat.org, NAME) is None


def test_rights_that_open_the_org_are_granted_with_their_needs_where_all_of_them_are_named(uat: Bench) -> None:
    risky = ["ManageUsers", *sorted(name for name in HIGH_RISK if name != "ManageUsers" and name in needs_of(uat, "ManageUsers"))]
    done(uat, user_permissions=risky, resolve_dependencies="all")
    granted = made(uat.org)["permissions"]
    assert set(risky) < granted, "and what is harmless was added"
    assert granted & set(HIGH_RISK) == set(risky)


def needs_of(bench: Bench, right: str) -> set[str]:
    return set(closure(bench.org, {right}))


def test_a_glob_of_user_permissions_never_means_a_right_that_opens_the_org(uat: Bench) -> None:
    result = uat.task("permission_set", check=True, name=NAME, user_permissions=["View*", "Manage*"])
    (change,) = [change for change in result["changes"] if change["kind"] == "user_permissions"]
    assert len(change["after"]) > 10
    assert set(change["after"]) & set(HIGH_RISK) == set()
    told = {item["name"] for item in result["passed_over"]}
    assert {"ViewAllData", "ManageUsers", "ManageSharing"} <= told


# -- removing -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_a_user_permission_goes_before_what_it_needs(uat: Bench, mode: str) -> None:
    put_set(uat.org, PermissionsViewSetup=True, PermissionsViewRoles=True, PermissionsApiEnabled=True)
    done(uat, user_permissions=["ApiEnabled"], exact=["user_permissions"], resolve_dependencies=mode)
    assert made(uat.org)["permissions"] == {"ApiEnabled"}


@pytest.mark.parametrize("mode", ["objects", "all"])
def test_an_exact_section_keeps_what_user_permissions_need_of_it_as_far_as_is_resolved(uat: Bench, mode: str) -> None:
    put_set(uat.org, PermissionsViewSetup=True, PermissionsViewRoles=True, PermissionsApiEnabled=True)
    result = uat.task("permission_set", name=NAME, user_permissions=["ViewSetup"], exact=["user_permissions"], resolve_dependencies=mode)
    if mode == "all":
        assert result.get("msg") is None
        assert made(uat.org)["permissions"] == {"ViewSetup", "ViewRoles"}
        return
    assert result["error_code"] == "FIELD_INTEGRITY_EXCEPTION", "nobody asked for ViewRoles, and nothing was to be added"
    assert made(uat.org)["permissions"] == {"ViewSetup", "ViewRoles", "ApiEnabled"}


def test_a_right_that_is_accepted_comes_along_where_it_is_needed_and_only_there(uat: Bench) -> None:
    accepted = {"resolve_dependencies": "all", "high_risk_dependencies": ["ViewAllData", "modifymetadata"]}
    foretold = uat.task("permission_set", check=True, name=NAME, user_permissions=["ModifyAllData"], **accepted)
    uat.new_run()
    result = uat.task("permission_set", name=NAME, user_permissions=["ModifyAllData"], **accepted)
    assert len(foretold["changes"]) == len(result["changes"]) == 2
    assert foretold["changes"] != result["changes"], "what only a refusal tells cannot be foretold, so check mode says so"
    assert "ModifyAllData" in " ".join(foretold["warnings"])
    assert result["warnings"] == []
    assert {"ModifyAllData", "ViewAllData", "ModifyMetadata"} <= made(uat.org)["permissions"]
    other = uat.task("permission_set", name="Acme_Other", user_permissions=["RunReports"], **accepted)
    assert "failed" not in other
    row = uat.org.find("PermissionSet", Name="Acme_Other")[0]
    assert (row["PermissionsRunReports"], row["PermissionsViewAllData"], row["PermissionsModifyMetadata"]) == (True, False, False)


@pytest.mark.parametrize(
    ("given", "code", "named"),
    [
        ({"resolve_dependencies": "all", "high_risk_dependencies": ["ViewAllDta"]}, "not_high_risk", "ViewAllData"),
        ({"resolve_dependencies": "all", "high_risk_dependencies": ["RunReports"]}, "not_high_risk", "RunReports"),
        ({"high_risk_dependencies": ["ViewAllData"]}, "contradiction", "resolve_dependencies"),
    ],
)
def test_what_cannot_be_accepted_is_refused_by_name(uat: Bench, given: dict[str, Any], code: str, named: str) -> None:
    result = uat.task("permission_set", name=NAME, user_permissions=["ModifyAllData"], **given)
    assert (result["error_code"], uat.org.writes) == (code, [])
    assert named in result["msg"]
