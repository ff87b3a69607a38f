# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""permission_set: a clone and what becomes of its source: upgraded, renamed, removed, without a licence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.voiceops.salesforce.plugins.module_utils._set_origin import LENGTH, MAX_TEXT, parse
from emulator.faults import DropAfter, DropBefore, Fault
from emulator.org import Org
from emulator.seed.upgrade import expire_licence, remove_set, rename_set, upgrade
from harness.cases import put_set
from harness.direct import VONAGE_CLONE, Bench
from harness.look import content, record_writes, set_named, unchanged

PACKAGE = "NVMContactWorld"
NAME = "Acme_Follower"
AGENT = "ContactWorld_Agent"
SOURCE = f"{PACKAGE}__{AGENT}"
CLONE: Mapping[str, Any] = {"name": NAME, "clone_from": {"name": SOURCE}}
CALL_END, ROUTING = f"{PACKAGE}__CallEndEvent__c", f"{PACKAGE}__CaseRoutingRequest__c"
SKILLS = f"Case.{PACKAGE}__Skills__c"

GAINED: Mapping[str, Any] = {
    "object_permissions": {CALL_END: ["delete"], ROUTING: ["read"]},
    "field_permissions": {SKILLS: ["read", "edit"]},
    "apex_classes": [f"{PACKAGE}__ApiUserAccess"],
    "custom_permissions": [f"{PACKAGE}__Agent_Console"],
    "custom_settings": [f"{PACKAGE}__Settings__c"],
    "flows": [f"{PACKAGE}__Post_Call_Survey"],
    "tabs": {f"{PACKAGE}__Agent_Console": "visible"},
}
LOST: Mapping[str, Any] = {"object_permissions": {CALL_END: ["create"]}, "visualforce_pages": [f"{PACKAGE}__LogACallAction"]}
GAINED_WORDS = {
    f"delete on object {CALL_END}",
    f"read on object {ROUTING}",
    f"read+edit on field {SKILLS}",
    f"Apex class {PACKAGE}__ApiUserAccess",
    f"custom permission {PACKAGE}__Agent_Console",
    f"custom setting {PACKAGE}__Settings__c",
    f"flow {PACKAGE}__Post_Call_Survey",
    f"tab {PACKAGE}__Agent_Console (visible)",
}
LOST_WORDS = {f"create on object {CALL_END}", f"Visualforce page {PACKAGE}__LogACallAction"}


def made(org: Org, name: str = NAME, namespace: str | None = None) -> dict[str, Any]:
    row = set_named(org, name, namespace)
    assert row is not None
    return content(org, row["Id"])


def description(org: Org, name: str = NAME) -> str:
    return str((set_named(org, name) or {})["Description"] or "")


def task(bench: Bench, **more: Any) -> dict[str, Any]:
    """The task in a run of its own, foretold by check mode."""
    bench.new_run()
    foretold = bench.task("permission_set", check=True, **{**CLONE, **more})
    bench.new_run()
    result = bench.task("permission_set", **{**CLONE, **more})
    for key in ("msg", "error_code", "changes", "source_changes", "not_cloned", "missing", "permission_set"):
        assert result.get(key) == foretold.get(key), key
    return result


def follower(bench: Bench) -> dict[str, Any]:
    """A clone as the first run makes it, before the vendor's next version; returns what it grants."""
    assert task(bench)["changed"]
    upgrade(bench.org, version="18.2", permission_set=AGENT, gained=GAINED, lost=LOST)
    return made(bench.org)


# -- where it came from ---------------------------------------------------------------------------------------------------------------


def test_a_clone_records_where_it_came_from_at_the_end_of_its_description(uat: Bench) -> None:
    result = task(uat, description="Ours")
    text, origin = parse(description(uat.org))
    assert text == "Ours"
    assert origin is not None
    assert (origin.source, origin.id, origin.version) == (SOURCE, uat.info["set_ids"]["vonage_agent"][:15], "17.126")
    assert len(description(uat.org)) == len("Ours") + LENGTH
    after = result["changes"][0]["after"]
    assert (after["description"], after["cloned_from"].split()[:2]) == ("Ours", [SOURCE, "17.126"])
    assert origin.id not in repr(result["changes"])


def test_a_clone_takes_over_the_description_of_its_source_unless_it_has_its_own(uat: Bench) -> None:
    task(uat)
    assert parse(description(uat.org))[0] == "Installed with the package"


@pytest.mark.parametrize(("length", "code"), [(MAX_TEXT, None), (MAX_TEXT + 1, "too_long")])
def test_a_clone_s_own_words_have_the_room_that_the_record_leaves(uat: Bench, length: int, code: str | None) -> None:
    result = uat.task("permission_set", **CLONE, description="x" * length)
    assert result.get("error_code") == code
    if code is None:
        assert len(description(uat.org)) == 255
        unchanged(uat.task("permission_set", **CLONE, description="x" * length))
    else:
        assert uat.org.writes == []


def test_the_record_is_no_drift_and_stays_when_only_words_change(uat: Bench) -> None:
    task(uat, description="Ours")
    origin = parse(description(uat.org))[1]
    upgrade(uat.org, version="99.9", permission_set=AGENT)
    assert not task(uat, description="Ours")["changed"], "another version with the same content is nothing to write"
    (change,) = task(uat, description="Theirs")["changes"]
    assert (change["before"], change["after"]) == ({"description": "Ours"}, {"description": "Theirs"})
    assert parse(description(uat.org)) == ("Theirs", origin)
    (change,) = task(uat, description="")["changes"]
    assert change["after"] == {"description": ""}
    assert parse(description(uat.org)) == ("", origin)


def test_the_record_is_renewed_with_the_content(uat: Bench) -> None:
    task(uat)
    upgrade(uat.org, version="99.9", permission_set=AGENT)
    result = task(uat, user_permissions=["EditTask"])
    assert [change["kind"] for change in result["changes"]] == ["permission_set", "user_permissions"]
    origin = parse(description(uat.org))[1]
    assert origin is not None
    assert origin.version == "99.9"


def test_a_set_made_by_hand_says_nothing_of_an_origin(uat: Bench) -> None:
    uat.task("permission_set", name="Acme_Own", description="Ours", user_permissions=["ApiEnabled"])
    assert description(uat.org, "Acme_Own") == "Ours"


# -- what the vendor changed ----------------------------------------------------------------------------------------------------------


def test_what_the_source_gained_and_lost_is_told_and_nothing_is_done_about_it(uat: Bench) -> None:
    before = follower(uat)
    for _again in range(2):
        result = task(uat)
        unchanged(result)
        told = result["source_changes"]
        assert (set(told["gained"]), set(told["lost"])) == (GAINED_WORDS, LOST_WORDS)
        assert (told["changed"], told["confirmed"], told["removed"], told["renamed_from"], told["license"]) == (True, True, False, None, "")
        assert told["version"] == {"before": "17.126", "now": "18.2"}
        assert any("merge" in words for words in result["warnings"])
    assert made(uat.org) == before


def test_merge_adds_what_was_gained_and_only_an_exact_section_loses_what_was_lost(uat: Bench) -> None:
    before = follower(uat)
    result = task(uat, on_source_change="merge", exact=["object_permissions"])
    assert result.get("msg") is None
    after, source = made(uat.org), made(uat.org, AGENT, PACKAGE)
    assert after["objects"] == source["objects"]
    assert after["fields"] == source["fields"]
    assert after["tabs"] == source["tabs"]
    assert after["entities"] == source["entities"] | before["entities"]
    origin = parse(description(uat.org))[1]
    assert origin is not None
    assert origin.version == "18.2"
    later = task(uat, on_source_change="merge", exact=["object_permissions"])
    unchanged(later)
    assert later["source_changes"]["changed"] is False
    assert (later["source_changes"]["gained"], later["source_changes"]["lost"]) == ([], [])


def test_fail_stops_before_any_write_and_merge_settles_it(uat: Bench) -> None:
    before = follower(uat)
    count = len(uat.org.writes)
    stopped = task(uat, on_source_change="fail", user_permissions=["EditTask"])
    assert (stopped["error_code"], stopped["error_class"], len(uat.org.writes)) == ("source_changed", "config", count)
    assert SOURCE in stopped["msg"]
    assert made(uat.org) == before
    assert task(uat, on_source_change="merge")["changed"]
    assert task(uat, on_source_change="fail").get("msg") is None


def test_a_right_that_opens_the_org_is_not_merged_but_told(uat: Bench) -> None:
    task(uat)
    upgrade(uat.org, permission_set=AGENT, gained={"user_permissions": ["ManageInternalUsers", "RunReports"]})
    result = task(uat, on_source_change="merge")
    assert made(uat.org)["permissions"] == {"RunReports"}
    assert "user permission ManageInternalUsers" in result["source_changes"]["gained"]
    assert result["not_cloned"] == ["user permission ManageInternalUsers"]


def test_what_was_taken_from_a_clone_by_hand_is_given_back_and_its_source_has_not_changed(uat: Bench) -> None:
    task(uat)
    clone = set_named(uat.org, NAME) or {}
    (row, *_others) = uat.org.find("SetupEntityAccess", ParentId=clone["Id"])
    uat.org.remove("SetupEntityAccess", row["Id"])
    result = task(uat, on_source_change="fail")
    assert [change["op"] for change in result["changes"]] == ["create"]
    assert result["source_changes"]["changed"] is False
    assert made(uat.org) == made(uat.org, AGENT, PACKAGE)


def test_what_is_asked_for_beyond_the_source_is_no_loss_of_it(uat: Bench) -> None:
    more = {"user_permissions": ["EditTask"], "object_permissions": [{"object": "Account", "edit": True}]}
    task(uat, **more)
    result = task(uat, **more, on_source_change="fail")
    unchanged(result)
    assert result["source_changes"]["changed"] is False


# -- the source itself ----------------------------------------------------------------------------------------------------------------


def test_a_source_that_was_renamed_is_found_by_its_record_and_told(uat: Bench) -> None:
    task(uat)
    rename_set(uat.org, AGENT, "ContactWorld_Agent_2")
    result = task(uat)
    unchanged(result)
    assert result["source"] == f"{PACKAGE}__ContactWorld_Agent_2"
    assert result["source_changes"]["renamed_from"] == SOURCE
    assert result["source_changes"]["changed"] is True
    assert (result["source_changes"]["gained"], result["source_changes"]["lost"]) == ([], [])


def test_a_source_that_is_gone_is_told_and_nothing_is_taken_from_the_clone(uat: Bench) -> None:
    task(uat)
    before = made(uat.org)
    remove_set(uat.org, AGENT)
    result = task(uat)
    unchanged(result)
    assert (result["source"], result["source_changes"]["removed"]) == (None, True)
    assert any("gone" in words for words in result["warnings"])
    assert task(uat, user_permissions=["EditTask"]).get("msg") is None
    assert made(uat.org) == {**before, "permissions": {"EditTask"}}


@pytest.mark.parametrize(
    ("options", "code"), [({"exact": ["apex_classes"]}, "source_gone"), ({"on_source_change": "fail"}, "source_changed")]
)
def test_a_source_that_is_gone_stops_what_depends_on_it(uat: Bench, options: dict[str, Any], code: str) -> None:
    task(uat)
    count = len(uat.org.writes)
    remove_set(uat.org, AGENT)
    assert (task(uat, **options)["error_code"], len(uat.org.writes)) == (code, count)


def test_a_source_without_a_licence_is_told(uat: Bench) -> None:
    task(uat)
    expire_licence(uat.org)
    result = task(uat)
    unchanged(result)
    assert PACKAGE in result["source_changes"]["license"]
    assert "Expired" in result["source_changes"]["license"]
    assert any("Expired" in words for words in result["warnings"])


def test_a_package_that_was_installed_anew_is_the_same_source(uat: Bench) -> None:
    """Its sets and classes have other Ids then; what is granted is compared by name."""
    task(uat)
    old = uat.org.get("PermissionSet", uat.info["set_ids"]["vonage_agent"]) or {}
    held = content(uat.org, old["Id"])
    remove_set(uat.org, AGENT)
    again = put_set(uat.org, AGENT, NamespacePrefix=PACKAGE, Label=old["Label"], Description=old["Description"])
    for row in uat.org.find("ApexClass", NamespacePrefix=PACKAGE):
        kept = {name: row[name] for name in ("Name", "NamespacePrefix", "Status", "IsValid", "ApiVersion")}
        for access in uat.org.find("SetupEntityAccess", SetupEntityId=row["Id"]):
            uat.org.remove("SetupEntityAccess", access["Id"])
        uat.org.remove("ApexClass", row["Id"])
        uat.org.put("ApexClass", **kept)
    upgrade(uat.org, permission_set=AGENT, gained=as_contents(held))
    assert content(uat.org, again) == held
    result = task(uat)
    assert result.get("msg") is None
    assert result["source_changes"]["changed"] is False, "reinstalled, and as it was"
    assert made(uat.org) == held


def as_contents(held: Mapping[str, Any]) -> dict[str, Any]:
    kinds = {"ApexClass": "apex_classes", "ApexPage": "visualforce_pages", "CustomPermission": "custom_permissions"}
    found: dict[str, Any] = {"object_permissions": held["objects"], "field_permissions": held["fields"], "tabs": held["tabs"]}
    for kind, name in (words.split(" ", 1) for words in held["entities"]):
        found.setdefault(kinds[kind], []).append(name)
    return found


# -- session activation and licence ---------------------------------------------------------------------------------------------------


def test_a_clone_of_a_set_that_needs_activation_needs_it_too_and_says_so(uat: Bench) -> None:
    uat.org.set("PermissionSet", uat.info["set_ids"]["vonage_agent"], HasActivationRequired=True)
    for _again in range(2):
        result = task(uat)
        assert result["permission_set"]["needs_activation"] is True
        assert any("needs activation" in words for words in result["warnings"])
    assert (set_named(uat.org, NAME) or {})["HasActivationRequired"] is True
    result = task(uat, session_activation=False)
    assert result["permission_set"]["needs_activation"] is False
    assert (set_named(uat.org, NAME) or {})["HasActivationRequired"] is False
    assert "session activation" in result["not_cloned"]


def test_a_set_for_which_the_source_is_used_as_it_is_says_that_it_needs_activation(uat: Bench) -> None:
    uat.org.set("PermissionSet", uat.info["set_ids"]["vonage_agent"], HasActivationRequired=True)
    assert task(uat, clone="when_needed")["permission_set"]["needs_activation"] is True


# -- runs that are killed -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", [DropBefore(), DropAfter()], ids=["before it was written", "after it was written"])
def test_a_first_run_that_is_killed_leaves_nothing_or_a_whole_clone(uat: Bench, action: Any) -> None:
    uat.task("permission_set", check=True, **VONAGE_CLONE)
    reads = [entry.path.endswith("/composite") for entry in uat.entries()].count(True)
    uat.new_run()
    if isinstance(action, DropAfter):
        uat.served.faults.add(Fault(action, match_path="/composite$", skip=reads))
    uat.served.faults.add(Fault(DropBefore(), match_path="/composite$", skip=reads + isinstance(action, DropAfter), times=None))
    killed = uat.task("permission_set", **VONAGE_CLONE, retry_time=0)
    assert killed["failed"]
    uat.served.faults.clear()
    name = str(VONAGE_CLONE["name"])
    assert (set_named(uat.org, name) is None) is isinstance(action, DropBefore)
    uat.new_run()
    finished = uat.task("permission_set", **VONAGE_CLONE)
    assert (finished.get("msg"), finished["changed"]) == (None, isinstance(action, DropBefore))
    uat.new_run()
    later = uat.task("permission_set", **VONAGE_CLONE)
    unchanged(later)
    assert later["source_changes"]["changed"] is False
    assert [op for op, sobject in record_writes(uat.org) if sobject == "PermissionSet" and op == "insert"] == ["insert"]


def test_where_cloning_is_ruled_out_a_source_that_is_gone_stops_the_task(uat: Bench) -> None:
    follower(uat)
    remove_set(uat.org, AGENT)
    before = made(uat.org)
    result = task(uat, clone="never", user_permissions=["EditTask"])
    assert result["error_code"] == "unknown_source"
    assert made(uat.org) == before


def test_a_clone_whose_source_is_gone_is_still_a_clone(uat: Bench) -> None:
    follower(uat)
    remove_set(uat.org, AGENT)
    result = task(uat)
    assert (result["permission_set"]["is_clone"], result["source_changes"]["removed"]) == (True, True)
    stopped = task(uat, on_source_change="fail")
    assert stopped["error_code"] == "source_changed"
    assert "merge" not in stopped["msg"], "there is nothing to merge"


def test_a_set_with_long_words_of_its_own_is_told_so_before_it_becomes_a_clone(uat: Bench) -> None:
    uat.task("permission_set", name=NAME, description="x" * 200)
    before = made(uat.org)
    result = task(uat)
    assert result["error_code"] == "too_long"
    assert (made(uat.org), description(uat.org)) == (before, "x" * 200)


def test_another_app_of_the_same_name_is_no_change_of_the_source(uat: Bench) -> None:
    twins = [uat.org.put("ConnectedApplication", Name="Twin") for _unused in range(2)]
    uat.task("permission_set", name="Acme_Source")
    source = set_named(uat.org, "Acme_Source")
    assert source is not None
    uat.org.put("SetupEntityAccess", ParentId=source["Id"], SetupEntityId=twins[0])
    given = {"clone_from": {"name": "Acme_Source"}, "on_source_change": "fail"}
    assert task(uat, **given)["changed"]
    # The glob brings the names of all apps, and with them the second one of that name.
    result = task(uat, **given, connected_apps=["Acme*"])
    assert (result.get("msg"), result["source_changes"]["changed"]) == (None, False)
