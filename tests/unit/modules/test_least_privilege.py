# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The automation's own permission sets: with exactly these everything works, and without any one right something says which it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from ansible_collections.voiceops.salesforce.plugins.module_utils._dependencies import HIGH_RISK
from ansible_collections.voiceops.salesforce.plugins.module_utils._needed_rights import NEEDS, label, required
from emulator.rules.dependencies import closure
from harness import direct
from harness.cases import CASES, Case, state_of
from harness.direct import VONAGE_CLONE, Bench
from harness.look import content
from harness.switch_probes import with_package_right
from tooling.workspace import ROOT

FILE = ROOT / "playbooks" / "vars" / "automation_permission_set.yml"
TEXT = FILE.read_text(encoding="utf-8")
SETS: Mapping[str, dict[str, Any]] = yaml.safe_load(TEXT)
BASE = SETS["automation_permission_set"]
USERS = SETS["automation_users_permission_set"]
MAPS = SETS["automation_routing_maps_permission_set"]
RIGHTS: list[str] = BASE["user_permissions"]
KIM = "kim@acme.example.uat"
OURS = (BASE["name"], USERS["name"], MAPS["name"])
# Modules that need more than the first set.
MORE = {"permission_set_license_assignment": USERS, "contact_center_routing_map": MAPS}


@pytest.fixture
def uat(make_bench: Callable[..., Bench]) -> Bench:
    """An org that has every right the sets name."""
    return make_bench(extend=with_package_right)


def hire(bench: Bench, *sets: Mapping[str, Any]) -> str:
    """The username of a user of the smallest profile that holds these sets and nothing else; they are made as the playbook makes them."""
    username = str(bench.info["users"]["minimum"])
    for options in sets:
        made = bench.task("permission_set", **options)
        assert made.get("msg") is None
        assert bench.task("permission_set_assignment", permission_set=options["name"], users=[username]).get("msg") is None
    bench.served.client.approve(username)
    bench.new_run()
    return username


def without(*rights: str) -> dict[str, Any]:
    return {**BASE, "user_permissions": [name for name in RIGHTS if name not in rights]}


def others_than_ours(state: dict[str, Any]) -> dict[str, Any]:
    """The state without the automation's own sets."""
    return {**state, "sets": {name: told for name, told in state["sets"].items() if name.removeprefix("None__") not in OURS}}


# -- what is in the file -------------------------------------------------------------------------------------------------------------


def test_the_file_and_the_table_of_rights_say_the_same(uat: Bench) -> None:
    assert set(RIGHTS) == closure(uat.org, {need.rights[0] for need in required()})
    licences = next(need for need in NEEDS if "PermissionSetLicenseAssign" in need.writes)
    assert USERS["user_permissions"] == list(licences.rights)
    maps = next(need for need in NEEDS if "CallCenterRoutingMap" in need.writes)
    assert MAPS["user_permissions"] == [maps.rights[0]]
    assert [need for need in (licences, maps) if not need.without] == []


def test_no_right_to_all_data_is_granted(uat: Bench) -> None:
    for options in (BASE, USERS, MAPS):
        granted = closure(uat.org, set(options["user_permissions"]))
        assert granted & {"ModifyAllData", "ViewAllData", "ViewAllFieldsGlobal", "CustomizeApplication", "AuthorApex"} == set()
    rights = [line for option in ("object_permissions", "field_permissions") for line in BASE[option]]
    assert {name for line in rights for name, value in line.items() if value is True} == {"read"}


def test_every_line_of_the_file_says_what_needs_it_and_whether_it_is_high_risk() -> None:
    lines = TEXT.splitlines()
    for name in RIGHTS:
        number = lines.index(f"    - {name}")
        words: list[str] = []
        while lines[number - 1].startswith("    # "):
            number -= 1
            words.insert(0, lines[number])
        assert words, name
        assert ("High risk" in " ".join(words)) is (name in HIGH_RISK), name


# -- with exactly these rights everything works --------------------------------------------------------------------------------------


def one_of_each() -> list[Case]:
    """The first case of each module and state."""
    found: dict[tuple[str, str], Case] = {}
    for case in CASES:
        found.setdefault((case.module, case.state), case)
    return list(found.values())


def test_every_writing_module_is_tried() -> None:
    assert {case.module for case in one_of_each()} == {case.module for case in CASES}


@pytest.mark.parametrize("case", one_of_each(), ids=lambda case: case.name)
def test_the_automation_does_what_an_administrator_does(make_bench: Callable[..., Bench], case: Case) -> None:
    states = []
    for user in ("administrator", "automation"):
        made = make_bench(extend=with_package_right)
        sets = [BASE, *([MORE[case.module]] if case.module in MORE else [])]
        own = {"username": hire(made, *sets)} if user == "automation" else {}
        case.prepare(made.org)
        result = case.run(made, **own)
        assert result.get("msg") is None, user
        assert len(result["changes"]) >= case.changes
        states.append(others_than_ours(state_of(made.org)))
    # An exact list spares whoever runs the task: two users, two outcomes.
    assert states[0] == states[1] or (case.module, case.state) == ("permission_set_assignment", "exact")


def test_a_user_is_made_and_changed(uat: Bench) -> None:
    own = hire(uat, BASE)
    said = {"user": "new@acme.example.uat", "last_name": "New", "email": "new@acme.example", "profile": "Standard User"}
    assert uat.task("user", **said, role="Voice Agents", username=own).get("msg") is None
    assert uat.task("user", user="new@acme.example.uat", active=False, allow_change=["active"], username=own).get("msg") is None
    (row,) = uat.org.find("User", Username="new@acme.example.uat")
    assert (row["LastName"], row["IsActive"], row["UserRoleId"]) == ("New", False, uat.info["user_roles"]["Voice_Agents"])


READERS: Mapping[str, Mapping[str, Any]] = {
    "api_user_info": {"user": "vonage.api@acme.example.uat", "namespaces": ["NVMContactWorld"]},
    "contact_center_info": {"contact_centers": ["AcmeVoice"], "roster": ["agent@acme.example"], "sso_match": "username"},
    "org_info": {},
    "permission_set_group_info": {},
    "permission_set_info": {"permission_sets": ["NVMContactWorld__*"]},
    "preflight_info": {"users": [KIM], "packages": ["NVMContactWorld"]},
    "profile_info": {"profiles": ["Standard User"]},
    "setup_audit_info": {"subjects": [KIM, "Acme_Voice_Agent"]},
    "soql_info": {"query": "SELECT Name, ProfileId FROM PermissionSet ORDER BY Name"},
    "user_info": {"users": [KIM]},
}


def test_every_reader_is_tried() -> None:
    assert set(READERS) == {path.stem for path in (ROOT / "plugins" / "modules").glob("*_info.py")}


def test_what_is_read_is_what_an_administrator_reads(uat: Bench) -> None:
    own = hire(uat, BASE, USERS)
    for module, asked in READERS.items():
        as_admin, as_automation = uat.task(module, **asked), uat.task(module, **asked, username=own)
        assert (as_admin.get("msg"), as_automation.get("msg")) == (None, None), module
        of_oneself = {"user", "rights", "lacking", "checks", "summary"} if module in ("org_info", "preflight_info") else set()
        # Definitions, vendors and routing maps take further rights; what goes without them is in the tests of the module.
        of_oneself |= {"contact_centers", "warnings"} if module == "contact_center_info" else set()
        for name in set(as_admin) - {"api"} - of_oneself:
            assert as_automation[name] == as_admin[name], (module, name)


def test_the_preflight_finds_nothing_lacking(uat: Bench) -> None:
    result = uat.task("preflight_info", username=hire(uat, BASE), packages=["NVMContactWorld"], users=[KIM])
    assert [row for row in result["checks"] if row["state"] == "error"] == []
    assert uat.task("org_info", username=uat.info["users"]["minimum"])["lacking"] == []


# -- and without any one of them something says so -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    module: str
    options: Mapping[str, Any]


NAMED: Mapping[str, tuple[Step, ...]] = {
    "ApiEnabled": (Step("org_info", {}), Step("permission_set_info", {"permission_sets": ["Acme_*"]})),
    "ManageProfilesPermissionsets": (
        Step("permission_set", {"name": "Acme_New", "user_permissions": ["ApiEnabled"]}),
        Step("permission_set", {"name": "Acme_Voice_Agent", "object_permissions": [{"object": "Lead", "read": True}]}),
        Step("permission_set_group", {"name": "Acme_New_Group", "permission_sets": ["Acme_Voice_Agent"]}),
    ),
    "AssignPermissionSets": (Step("permission_set_assignment", {"permission_set": "ContactWorld_Agent", "users": [KIM]}),),
    "ManageInternalUsers": (
        Step("user", {"user": KIM, "first_name": "Kimberley"}),
        Step("user", {"user": "n@acme.example.uat", "last_name": "N", "email": "n@acme.example", "profile": "Standard User"}),
        Step("contact_center_member", {"contact_center": "AcmeVoice", "users": ["agent@acme.example.uat"]}),
    ),
    "ManagePackageLicenses": (Step("package_license_assignment", {"package": "NVMContactWorld", "users": [KIM]}),),
}
# What nothing refuses: without it less is seen, and the preflight says so.
SEEN = ("ActivitiesAccess",)


def test_every_right_that_no_other_one_requires_is_tried(uat: Bench) -> None:
    alone = {name for name in RIGHTS if not any(name in closure(uat.org, {other}) for other in RIGHTS if other != name)}
    assert alone == {*NAMED, *SEEN}


STRICT, OTHER = "INSUFFICIENT_ACCESS_OR_READONLY", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"


@pytest.mark.parametrize(
    ("right", "step", "refusal"),
    [
        *((right, step, STRICT) for right, steps in NAMED.items() for step in steps),
        *((right, steps[0], OTHER) for right, steps in NAMED.items() if right != "ApiEnabled"),
    ],
    ids=lambda value: value.module if isinstance(value, Step) else str(value),
)
def test_without_a_right_a_step_fails_and_names_it(make_bench: Callable[..., Bench], right: str, step: Step, refusal: str) -> None:
    made = make_bench(extend=with_package_right, switches={"write_refusal": refusal})
    before = others_than_ours(state_of(made.org))
    result = made.task(step.module, **step.options, username=hire(made, without(right)))
    assert result["failed"]
    assert label(right).partition(" (")[0] in result["msg"]
    assert right in result["msg"] or right == "ApiEnabled"
    after = others_than_ours(state_of(made.org))
    minimum = made.info["users"]["minimum"]
    assert {**after, "users": {**after["users"], minimum: None}} == {**before, "users": {**before["users"], minimum: None}}


@pytest.mark.parametrize("right", [*NAMED, *SEEN])
def test_without_a_right_the_preflight_names_it_too(uat: Bench, right: str) -> None:
    result = uat.task("preflight_info", username=hire(uat, without(right)))
    wrong = [row for row in result["checks"] if row["state"] == "error"]
    assert len(wrong) == 1
    assert label(right).partition(" (")[0] in wrong[0]["remedy"] + wrong[0]["found"]


def test_permission_set_licences_need_manage_users_and_the_refusal_says_so(uat: Bench) -> None:
    step = {"permission_set_license": "SalesforceAPIIntegrationPsl", "users": [KIM]}
    result = uat.task("permission_set_license_assignment", **step, username=hire(uat, BASE))
    assert (result["failed"], label("ManageUsers") in result["msg"]) == (True, True)
    uat.task("permission_set", **USERS)
    uat.task("permission_set_assignment", permission_set=USERS["name"], users=[uat.info["users"]["minimum"]])
    assert uat.task("permission_set_license_assignment", **step, username=uat.info["users"]["minimum"]).get("msg") is None


def test_routing_maps_need_manage_call_centers_and_the_refusal_says_so(uat: Bench) -> None:
    step = {"contact_center": "AcmeVoice", "mappings": [{"user": "member@acme.example.uat", "external_id": "agent.1"}]}
    result = uat.task("contact_center_routing_map", **step, username=hire(uat, BASE))
    assert (result["failed"], label("ManageCallCenters") in result["msg"]) == (True, True)
    uat.task("permission_set", **MAPS)
    uat.task("permission_set_assignment", permission_set=MAPS["name"], users=[uat.info["users"]["minimum"]])
    assert uat.task("contact_center_routing_map", **step, username=uat.info["users"]["minimum"]).get("msg") is None


def test_where_the_org_does_not_offer_manage_package_licenses_manage_users_is_named_and_enough(make_bench: Callable[..., Bench]) -> None:
    """The orgs as they are seeded: none of the recorded ones has that permission."""
    made = make_bench()
    own, step = hire(made, BASE), {"package": "NVMContactWorld", "users": [KIM]}
    result = made.task("package_license_assignment", **step, username=own)
    assert (result["failed"], label("ManageUsers") in result["msg"]) == (True, True)
    (wrong,) = [row for row in made.task("preflight_info", username=own)["checks"] if row["state"] == "error"]
    assert wrong["check"] == "right:ManagePackageLicenses"
    assert [words for words in (label("ManageUsers"), "automation_manages_users: true") if words not in wrong["remedy"]] == []
    hire(made, USERS)
    assert made.task("package_license_assignment", **step, username=own).get("msg") is None
    assert [row for row in made.task("preflight_info", username=own)["checks"] if row["state"] == "error"] == []


def test_who_is_frozen_is_told_with_manage_users_only(uat: Bench) -> None:
    frozen = uat.info["users"]["frozen"]
    assert uat.task("user_info", users=[frozen], username=hire(uat, BASE))["users"][0]["frozen"] is None
    uat.task("permission_set", **USERS)
    uat.task("permission_set_assignment", permission_set=USERS["name"], users=[uat.info["users"]["minimum"]])
    assert uat.task("user_info", users=[frozen], username=uat.info["users"]["minimum"])["users"][0]["frozen"] is True


# -- reading the package's fields ----------------------------------------------------------------------------------------------------


def cloned(bench: Bench, **login: str) -> dict[str, Any]:
    """What the clone of the package's set holds."""
    assert bench.task("permission_set", **VONAGE_CLONE, **login).get("msg") is None
    (row,) = bench.org.find("PermissionSet", Name=VONAGE_CLONE["name"])
    return dict(content(bench.org, row["Id"]))


SIGHT: Mapping[str, Mapping[str, Any]] = {
    "fields of the package": {"field_permissions": []},
    "objects of the package": {"object_permissions": [line for line in BASE["object_permissions"] if "package" not in line]},
    "cases": {"object_permissions": [line for line in BASE["object_permissions"] if line.get("object") != "Case"]},
    "tasks and events": {"user_permissions": [name for name in RIGHTS if name != "ActivitiesAccess"]},
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The clone that an administrator makes."""
    with direct.bench(tmp_path_factory.mktemp("whole") / "run", extend=with_package_right) as made:
        return cloned(made)


def test_the_automation_makes_the_clone_that_an_administrator_makes(uat: Bench, whole: dict[str, Any]) -> None:
    assert cloned(uat, username=hire(uat, BASE)) == whole


@pytest.mark.parametrize("less", SIGHT.values(), ids=SIGHT.keys())
def test_without_reading_all_of_the_package_a_clone_lacks_fields(uat: Bench, whole: dict[str, Any], less: Mapping[str, Any]) -> None:
    """Which is why the set holds it. Nothing is refused without it, and the task says what it could not see."""
    reader = hire(uat, {**BASE, **less})
    warnings = uat.task("permission_set", check=True, **VONAGE_CLONE, username=reader)["warnings"]
    assert any("hidden from the running user" in words for words in warnings)
    made = cloned(uat, username=reader)
    assert {key: value for key, value in made.items() if key != "fields"} == {key: value for key, value in whole.items() if key != "fields"}
    assert len(made["fields"]) < len(whole["fields"])
