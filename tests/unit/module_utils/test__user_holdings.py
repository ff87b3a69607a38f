# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What users hold, told from the org's rows and from what check mode foresees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils import _user_holdings
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import RecordError
from ansible_collections.voiceops.salesforce.plugins.module_utils._org import Answers

KIM = "005000000000001AAA"
ROBIN = "005000000000002AAA"
VOICE, OTHER_LICENSE = "0PL000000000001AAA", "0PL000000000002AAA"
CENTER, OTHER = "04v000000000001AAA", "04v000000000002AAA"
PLANS = {
    "permission_sets": "permission_set_assignment",
    "permission_set_groups": "permission_set_group_assignment",
    "permission_set_licenses": "permission_set_license_assignment",
    "package_licenses": "package_license_assignment",
}
ROWS: dict[str, list[dict[str, Any]]] = {
    "held_centers": [{"Id": CENTER, "InternalName": "AcmeVoice"}, {"Id": OTHER, "InternalName": "AcmeOther"}],
    "held_permission_sets0": [
        {"AssigneeId": KIM, "PermissionSet": {"Name": "Zebra", "NamespacePrefix": None, "LicenseId": None}},
        {"AssigneeId": KIM, "PermissionSet": {"Name": "Agent", "NamespacePrefix": "force", "LicenseId": VOICE}},
    ],
    "held_permission_sets1": [
        {"AssigneeId": ROBIN, "PermissionSet": {"Name": "Late", "NamespacePrefix": None, "LicenseId": None}},
    ],
    "held_permission_set_groups0": [{"AssigneeId": KIM, "PermissionSetGroup": {"DeveloperName": "Agents", "NamespacePrefix": "ns"}}],
    "held_permission_set_licenses0": [
        {"AssigneeId": KIM, "PermissionSetLicenseId": VOICE, "PermissionSetLicense": {"DeveloperName": "VoicePsl"}},
    ],
    "held_package_licenses0": [{"UserId": KIM, "PackageLicense": {"NamespacePrefix": "NVMContactWorld"}}],
    "held_routing_maps0": [
        {"Id": "2", "ReferenceRecordId": KIM, "CallCenterId": OTHER, "ExternalId": "k2"},
        {"Id": "1", "ReferenceRecordId": KIM, "CallCenterId": CENTER, "ExternalId": "k1"},
    ],
}
USERS = {
    "Kim@acme.example": {
        "Id": KIM,
        "IsActive": False,
        "CallCenterId": CENTER,
        "UserPermissionsSupportUser": True,
        "UserPermissionsKnowledgeUser": False,
    },
    "robin@acme.example": {"Id": ROBIN, "IsActive": True},
}


@dataclass(frozen=True)
class Foreseeing:
    """An org as far as check mode's memory goes."""

    coming: Mapping[str, Mapping[str, Mapping[str, Any] | None]] = field(default_factory=dict)

    def foreseen(self, kind: str) -> Mapping[str, Mapping[str, Any] | None]:
        return self.coming.get(kind, {})


def told(
    *hidden: str,
    users: Mapping[str, Any] | None = None,
    rows: Mapping[str, list[dict[str, Any]]] | None = None,
    **coming: Mapping[str, Mapping[str, Any] | None],
) -> dict[str, Any]:
    """hidden: the refs whose queries are refused. rows: in place of ROWS. coming: by kind, what is foreseen."""
    refusals = {ref: RecordError(ref, "INVALID_TYPE", "no such thing") for ref in hidden}
    answered = {ref: [] if ref in hidden else found for ref, found in {**ROWS, **(rows or {})}.items()}
    return _user_holdings.told(Foreseeing(coming), USERS if users is None else users, Answers(answered, {}, refusals))  # type: ignore[arg-type]


def test_each_user_is_told_what_its_own_rows_say() -> None:
    assert told() == {
        "Kim@acme.example": {
            "contact_center": "AcmeVoice",
            "routing_maps": [{"contact_center": "AcmeOther", "external_id": "k2"}, {"contact_center": "AcmeVoice", "external_id": "k1"}],
            "permission_sets": ["Zebra", "force__Agent"],
            "permission_set_groups": ["ns__Agents"],
            "permission_set_licenses": ["VoicePsl"],
            "package_licenses": ["NVMContactWorld"],
            "features": ["SupportUser"],
            "active": False,
        },
        "robin@acme.example": {
            "contact_center": None,
            "routing_maps": [],
            "permission_sets": ["Late"],
            "permission_set_groups": [],
            "permission_set_licenses": [],
            "package_licenses": [],
            "features": [],
            "active": True,
        },
    }


@pytest.mark.parametrize("what", [*PLANS, "routing_maps"])
def test_what_the_org_does_not_show_is_null_and_the_rest_is_told(what: str) -> None:
    ref = f"held_{what}0"
    seen, plain = told(ref), told()
    assert {name: held.pop(what) for name, held in seen.items()} == dict.fromkeys(USERS)
    assert seen == {name: {key: value for key, value in held.items() if key != what} for name, held in plain.items()}


def test_where_centers_are_hidden_their_ids_stand_for_their_names() -> None:
    kim = told("held_centers")["Kim@acme.example"]
    assert (kim["contact_center"], [one["contact_center"] for one in kim["routing_maps"]]) == (CENTER, [CENTER, OTHER])


@pytest.mark.parametrize("what", PLANS)
@given(data=st.data())
def test_check_mode_adds_what_would_come_and_leaves_out_what_would_go(what: str, data: st.DataObject) -> None:
    held = frozenset(told()["Kim@acme.example"][what])
    names = st.sampled_from([*sorted(held), "New_One", "ns__Other"])
    coming = data.draw(st.dictionaries(names, st.sampled_from([None, {"assigned": True}])))
    # Names compare without case, as Salesforce's do.
    keys = {f"{name}/{data.draw(st.sampled_from(['Kim', 'kim', 'KIM']))}@acme.example": after for name, after in coming.items()}
    seen = told(**{PLANS[what]: keys})
    assert set(seen["Kim@acme.example"][what]) == (held - set(coming)) | {name for name, after in coming.items() if after}
    assert seen["robin@acme.example"] == told()["robin@acme.example"]


@pytest.mark.parametrize(
    ("coming", "center"),
    [
        ({"AcmeVoice": None}, None),
        ({"AcmeOther": None}, "AcmeVoice"),
        ({"AcmeVoice": None, "AcmeOther": {"member": True}}, "AcmeOther"),
        ({"AcmeOther": {"member": True}}, "AcmeOther"),
    ],
    ids=["left", "left another", "moved", "joined"],
)
def test_check_mode_tells_the_center_that_the_user_would_be_in(coming: dict[str, Any], center: str | None) -> None:
    keys = {f"{name}/kim@acme.example": after for name, after in coming.items()}
    assert told(contact_center_member=keys)["Kim@acme.example"]["contact_center"] == center


@pytest.mark.parametrize(
    ("there", "coming", "maps"),
    [
        (["a"], {"AcmeVoice/kim@acme.example": None}, []),
        (["a"], {"AcmeVoice/kim@acme.example": {"external_id": "b"}}, ["b"]),
        ([], {"AcmeVoice/kim@acme.example": {"external_id": "b"}}, ["b"]),
        (["a", "b"], {"AcmeVoice/kim@acme.example": {"external_id": "c"}}, ["c", "b"]),
        (["a", "b"], {"AcmeVoice/kim@acme.example (also b)": None}, ["a"]),
        (["a", "b"], {"AcmeVoice/kim@acme.example": None, "AcmeVoice/kim@acme.example (also b)": None}, []),
        (["a", "b"], {"AcmeVoice/Kim@acme.example": {"external_id": "b"}}, ["a", "b"]),
        (["a"], {"AcmeOther/kim@acme.example": None, "AcmeVoice/robin@acme.example": None}, ["a"]),
    ],
)
def test_check_mode_tells_the_routing_maps_that_there_would_be(there: list[str], coming: dict[str, Any], maps: list[str]) -> None:
    """A user with two maps in one center is no order of things, and yet may be found."""
    rows = [{"Id": str(number), "ReferenceRecordId": KIM, "CallCenterId": CENTER, "ExternalId": one} for number, one in enumerate(there)]
    seen = told(rows={"held_routing_maps0": rows[::-1]}, contact_center_routing_map=coming)
    assert seen["Kim@acme.example"]["routing_maps"] == [{"contact_center": "AcmeVoice", "external_id": one} for one in maps]


def direct(name: str, license_id: str | None) -> dict[str, Any]:
    return {"AssigneeId": KIM, "PermissionSet": {"Name": name, "NamespacePrefix": None, "LicenseId": license_id}}


@pytest.mark.parametrize(
    ("sets", "gone", "more", "freed"),
    [
        ([("Agent", VOICE)], ["Agent"], {}, True),
        ([("Agent", VOICE), ("Plain", None)], ["agent"], {}, True),
        ([("Agent", VOICE), ("Clone", VOICE)], ["Agent"], {}, False),
        ([("Agent", VOICE), ("Clone", VOICE)], ["Agent", "Clone"], {}, True),
        ([("Agent", OTHER_LICENSE)], ["Agent"], {}, False),
        ([("Plain", None)], ["Plain"], {}, False),
        ([("Agent", VOICE)], [], {}, False),
        ([("Agent", VOICE)], ["Agent"], {"permission_set_assignment": {"New/kim@acme.example": {"assigned": True}}}, False),
        ([("Agent", VOICE)], ["Agent"], {"permission_set_group_assignment": {"Agents/kim@acme.example": None}}, False),
    ],
)
def test_check_mode_foresees_that_a_licence_goes_with_its_last_set(
    sets: list[tuple[str, str]], gone: list[str], more: dict[str, dict[str, Any]], freed: bool
) -> None:
    rows: dict[str, list[dict[str, Any]]] = {"held_permission_sets0": [direct(*one) for one in sets], "held_permission_set_groups0": []}
    planned = dict.fromkeys([f"{name}/kim@acme.example" for name in gone])
    coming = {**more, "permission_set_assignment": {**planned, **more.get("permission_set_assignment", {})}}
    assert told(rows=rows, **coming)["Kim@acme.example"]["permission_set_licenses"] == ([] if freed else ["VoicePsl"])


def test_a_licence_is_not_foreseen_to_go_where_a_group_may_need_it() -> None:
    seen = told(permission_set_assignment={"force__Agent/kim@acme.example": None})["Kim@acme.example"]
    assert (seen["permission_sets"], seen["permission_set_groups"], seen["permission_set_licenses"]) == (
        ["Zebra"],
        ["ns__Agents"],
        ["VoicePsl"],
    )


def test_a_user_whom_a_run_would_make_holds_what_the_run_would_give() -> None:
    seen = told(
        users={**USERS, "new@acme.example": {"Id": None, "IsActive": True}},
        permission_set_assignment={"Acme_Set/new@acme.example": {"assigned": True}},
    )
    assert seen["new@acme.example"]["permission_sets"] == ["Acme_Set"]
    assert seen["new@acme.example"]["routing_maps"] == []


def test_the_questions_fill_one_composite_and_ask_for_these_users_alone() -> None:
    asked = _user_holdings.reads([KIM, ROBIN])
    assert len(asked) == 5
    assert all(query.soql.endswith(f"IN ('{KIM}','{ROBIN}')") for query in asked)
    assert _user_holdings.reads([]) == []
