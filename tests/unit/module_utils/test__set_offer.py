# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils._dependencies import HIGH_RISK
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._grants import Grants, minus, tab_rights
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_offer import (
    Asked,
    FieldTraits,
    ObjectTraits,
    Offer,
    carried_over,
    expand,
    masters_first,
    traits_of,
    twin_of,
)
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_sections import BY_OPTION, ENTITIES
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_wish import ARGUMENT_SPEC, Desired, desired

NAME = "Acme_Set"
GRANTED = frozenset({"granted"})
CALL, LEG = "pkg__Call__c", "pkg__Leg__c"
PLAIN = FieldTraits(True, False, "")
FORMULA = FieldTraits(True, True, "a formula")
REQUIRED = FieldTraits(False, False, "required or a system field: everybody who sees the object has it")
DETAIL = FieldTraits(False, False, "a master-detail field follows its master")

# A small org: two package objects, the second a detail of the first, a subscriber's field among the package's, and a standard object.
OFFER = Offer(
    {
        "ApiEnabled": "API Enabled",
        "EditTask": "Edit Tasks",
        "ViewSetup": "View Setup",
        "ViewAllData": "View All Data",
        "One": "Twice Said",
        "Two": "Twice said",
    },
    {CALL: "Call", LEG: "Leg", "Account": "Account", "AccountShare": "Share", "Report": "Report"},
    frozenset(
        {
            f"{CALL}.pkg__Size__c",
            f"{CALL}.pkg__Total__c",
            f"{CALL}.Own__c",
            "Account.pkg__Link__c",
            "Account.pkg__Link__pc",
            "Account.Industry",
        }
    ),
    {
        "apex_classes": {"pkg__Dial": "01p1", "Own": "01p2"},
        "visualforce_pages": {"pkg__Panel": "0661"},
        "connected_apps": {"Sync (0H41)": "0H41", "Sync (0H42)": "0H42", "Report": "0H43"},
        "tabs": {"standard-Case": "", "pkg__Tab": ""},
    },
    {
        CALL: ObjectTraits({"Id": REQUIRED, "pkg__Size__c": PLAIN, "pkg__Total__c": FORMULA, "pkg__Name__c": REQUIRED, "Own__c": PLAIN}),
        LEG: ObjectTraits({"pkg__Call__c": DETAIL}, frozenset({CALL})),
        "Account": ObjectTraits({"pkg__Link__c": PLAIN, "Industry": PLAIN, "Name": REQUIRED, "pkg__Odd__c": PLAIN}),
        "Report": ObjectTraits({}, frozenset(), frozenset({"create", "edit", "modify_all_records"})),
    },
)


def wish(**given: Any) -> Desired:
    checked = ArgumentSpecValidator(ARGUMENT_SPEC).validate({"name": NAME} | given)
    assert not checked.error_messages, checked.error_messages
    return desired(checked.validated_parameters)


def asked(held: Grants | None = None, offer: Offer = OFFER, **given: Any) -> Asked:
    return expand(wish(**given), offer, held or {})


def objects(*lines: dict[str, Any]) -> dict[str, Any]:
    return {"object_permissions": list(lines)}


def fields(*lines: dict[str, Any]) -> dict[str, Any]:
    return {"field_permissions": list(lines)}


# -- what describe says --------------------------------------------------------------------------------------------------------------


def described(**more: Any) -> dict[str, Any]:
    item = {"name": "F__c", "permissionable": True, "calculated": False, "autoNumber": False, "referenceTo": [], "relationshipOrder": None}
    return {"fields": [{**item, **more}]}


@pytest.mark.parametrize(
    ("more", "expected", "masters"),
    [
        ({}, PLAIN, set()),
        ({"calculated": True}, FORMULA, set()),
        ({"autoNumber": True}, FieldTraits(True, True, "an auto number"), set()),
        ({"permissionable": False}, REQUIRED, set()),
        ({"permissionable": False, "relationshipOrder": 0, "referenceTo": ["Master__c"]}, DETAIL, {"Master__c"}),
        ({"referenceTo": ["Account"]}, PLAIN, set()),
    ],
    ids=["plain", "formula", "auto number", "required", "master-detail", "lookup"],
)
def test_describe_tells_what_a_field_can_carry(more: dict[str, Any], expected: FieldTraits, masters: set[str]) -> None:
    traits = traits_of(described(**more))
    assert traits.fields == {"F__c": expected}
    assert traits.masters == masters


@pytest.mark.parametrize(
    ("abilities", "impossible"),
    [
        ({"createable": True, "updateable": True, "deletable": True}, []),
        ({}, []),
        ({"createable": False}, ["create"]),
        ({"updateable": False}, ["edit", "modify_all_records"]),
        ({"deletable": False}, ["delete", "modify_all_records"]),
    ],
    ids=str,
)
def test_describe_tells_what_the_running_user_cannot_do_to_an_object(abilities: dict[str, bool], impossible: list[str]) -> None:
    assert sorted(traits_of({**described(), **abilities}).impossible) == impossible


# -- user permissions ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ApiEnabled", "apienabled", "PermissionsApiEnabled", "API Enabled", "api enabled", "Api*"])
def test_a_user_permission_is_known_by_api_name_label_or_glob(name: str) -> None:
    assert asked(user_permissions=[name]).grants == {"user_permissions": {"ApiEnabled": GRANTED}}


def test_a_label_that_means_two_permissions_is_an_error_that_lists_them() -> None:
    with pytest.raises(Problem) as told:
        asked(user_permissions=["twice said"], missing="skip")
    assert told.value.code == "ambiguous_label"
    assert "One" in told.value.said
    assert "Two" in told.value.said


def test_an_api_name_wins_over_a_label() -> None:
    offer = Offer({"One": "Two", "Two": "Something"})
    assert set(asked(offer=offer, user_permissions=["Two"]).grants["user_permissions"]) == {"Two"}


def test_a_glob_never_means_a_right_that_opens_the_org_and_says_so() -> None:
    found = asked(user_permissions=["View*"])
    assert set(found.grants["user_permissions"]) == {"ViewSetup"}
    ((name, reason),) = found.passed_over
    assert name == "ViewAllData"
    assert "name it" in reason
    assert set(asked(user_permissions=["View*", "View All Data"]).grants["user_permissions"]) == {"ViewSetup", "ViewAllData"}


# -- what an org does not know -------------------------------------------------------------------------------------------------------

UNKNOWN: list[tuple[dict[str, Any], str, str]] = [
    ({"user_permissions": ["ApiEnable"]}, "unknown_permission", "ApiEnabled"),
    ({"user_permissions": ["Nonsense"]}, "unknown_permission", "Nonsense"),
    (objects({"object": "Acount", "read": True}), "unknown_name", "Did you mean Account"),
    (objects({"object": "gone__*", "read": True}), "unknown_name", "gone__*"),
    (objects({"package": "gone", "read": True}), "unknown_name", "package gone"),
    (fields({"field": "Account.Industri", "read": True}), "unknown_name", "Account.Industry"),
    (fields({"field": "Account.Nam*", "read": True}), "unknown_name", "Account.Nam*"),
    (fields({"package": "gone", "read": True}), "unknown_name", "package gone"),
    ({"apex_classes": ["pkg__Dia"]}, "unknown_name", "pkg__Dial"),
    ({"apex_classes": ["gone__*"]}, "unknown_name", "Apex class"),
    ({"visualforce_pages": ["Panel"]}, "unknown_name", "Visualforce page"),
    ({"flows": ["Wrap_Up"]}, "unknown_name", "flow"),
    ({"tabs": [{"tab": "standard-Cas"}]}, "unknown_name", "standard-Case"),
]


@pytest.mark.parametrize(("given", "code", "words"), UNKNOWN, ids=str)
def test_what_the_org_does_not_know_stops_the_task_by_name(given: dict[str, Any], code: str, words: str) -> None:
    with pytest.raises(Problem) as told:
        asked(**given)
    assert told.value.code == code
    assert words in told.value.said
    assert NAME in told.value.tried
    assert "skip" in told.value.remedy


@pytest.mark.parametrize(("given", "code", "words"), UNKNOWN, ids=str)
def test_or_it_is_left_out_and_told(given: dict[str, Any], code: str, words: str) -> None:
    found = asked(**given, missing="skip")
    ((section, name),) = found.left_out
    assert {section: name} == {option: str(next(line for line in wish(**given).selectors)) for option in given}
    assert found.grants == {}


def test_a_selector_that_means_nothing_is_passed_over_beside_one_that_means_something() -> None:
    found = asked(
        **objects({"object": "gone__*", "read": True}, {"object": "Account", "read": True}),
        **fields({"package": "gone", "read": True}, {"field": "Account.Industry", "read": True}),
        apex_classes=["gone__*", "pkg__Dial"],
    )
    assert [name for name, _unused in found.passed_over] == ["gone__*", "package gone", "gone__*"]
    assert all("matches no" in reason for _unused, reason in found.passed_over)
    assert {option: set(names) for option, names in found.grants.items()} == {
        "object_permissions": {"Account"},
        "field_permissions": {"Account.Industry"},
        "apex_classes": {"pkg__Dial"},
    }


@pytest.mark.parametrize("missing", ["fail", "skip"])
def test_one_name_for_two_things_is_an_error_that_lists_both(missing: str) -> None:
    with pytest.raises(Problem) as told:
        asked(connected_apps=["Sync"], missing=missing)
    assert told.value.code == "ambiguous_name"
    assert "Sync (0H41)" in told.value.said
    assert "Sync (0H42)" in told.value.said
    assert set(asked(connected_apps=["Sync (0H42)"]).grants["connected_apps"]) == {"Sync (0H42)"}


# -- what selectors mean -------------------------------------------------------------------------------------------------------------


def test_object_selectors_become_names_and_rights_add_up() -> None:
    found = asked(
        **objects({"object": "pkg__*", "read": True}, {"object": "PKG__call__c", "edit": True}, {"package": "pkg", "create": True})
    )
    assert found.grants == {"object_permissions": {CALL: {"read", "edit", "create"}, LEG: {"read", "create"}}}


def test_companions_are_meant_only_by_their_names() -> None:
    assert "AccountShare" not in asked(**objects({"object": "*", "read": True})).grants["object_permissions"]
    assert set(asked(**objects({"object": "accountshare", "read": True})).grants["object_permissions"]) == {"AccountShare"}


def test_field_selectors_take_the_package_s_own_fields_and_say_what_is_passed_over() -> None:
    for line in ({"field": "pkg__*"}, {"package": "pkg"}):
        found = asked(**fields({**line, "read": True, "edit": True}))
        assert found.grants == {
            "field_permissions": {
                "Account.pkg__Link__c": {"read", "edit"},
                f"{CALL}.pkg__Size__c": {"read", "edit"},
                f"{CALL}.pkg__Total__c": {"read"},
            }
        }
        assert dict(found.passed_over) == {f"{CALL}.pkg__Total__c": "a formula: read only"}


def test_a_formula_is_not_passed_over_where_only_reading_is_asked_for() -> None:
    assert asked(**fields({"field": f"{CALL}.pkg__Total__c", "read": True})).passed_over == ()


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("Account.Name", REQUIRED.why),
        (f"{LEG}.pkg__Call__c", DETAIL.why),
        ("Account.pkg__Odd__c", "the org offers no field permission for it"),
    ],
)
def test_a_field_that_can_carry_no_permission_is_passed_over_and_the_reason_told(field: str, reason: str) -> None:
    found = asked(**fields({"field": field, "read": True}))
    assert (found.grants, found.passed_over) == ({}, ((field, reason),))


def test_a_field_that_describe_does_not_show_is_hidden_from_the_running_user() -> None:
    offer = Offer(fields=frozenset({"Account.X__c"}), traits={"Account": None})
    found = asked(offer=offer, **fields({"field": "Account.X__c", "read": True}))
    assert (found.grants, found.passed_over) == ({}, (("Account.X__c", "hidden from the running user"),))


def test_what_the_set_holds_needs_no_second_look() -> None:
    held = {"field_permissions": {"Account.X__c": frozenset({"read"})}}
    offer = Offer(fields=frozenset({"Account.X__c"}), traits={"Account": None})
    assert asked(held, offer, **fields({"field": "Account.X__c", "read": True})).grants == held


# -- what a thing cannot carry -------------------------------------------------------------------------------------------------------


def test_edit_on_a_formula_that_is_named_is_refused() -> None:
    with pytest.raises(Problem) as told:
        asked(**fields({"field": f"{CALL}.pkg__size__c", "edit": True}, {"field": f"{CALL}.pkg__Total__c", "edit": True}))
    assert told.value.code == "read_only_field"
    assert "field_permissions[1]" in told.value.said
    assert f"{CALL}.pkg__Total__c" in told.value.said
    assert "a formula" in told.value.said


@pytest.mark.parametrize(
    ("given", "rights"),
    [
        ({"create": True}, "create"),
        ({"edit": True, "read": True, "create": True}, "create and edit"),
        ({"modify_all_records": True}, "modify_all_records"),
    ],
)
def test_a_right_that_nobody_can_have_is_refused_by_name(given: dict[str, bool], rights: str) -> None:
    with pytest.raises(Problem) as told:
        asked(**objects({"object": "Report", **given}))
    assert told.value.code == "impossible_right"
    assert f"object_permissions[0] asks for {rights} on Report" in told.value.said


def test_a_right_that_nobody_can_have_is_left_away_where_a_selector_meant_it() -> None:
    found = asked(**objects({"object": "Rep*", "read": True, "create": True}))
    assert found.grants == {"object_permissions": {"Report": {"read"}}}
    assert found.passed_over == (("Report", "nobody can have create on it"),)


# -- contradictions ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (objects({"object": "Account", "edit": True}, {"object": "Account", "edit": False}), ("edit on Account",)),
        (objects({"object": "Account", "edit": False}, {"object": "*", "edit": True}), ("edit on Account",)),
        (objects({"package": "pkg", "read": True}, {"object": CALL, "read": False}), (f"read on {CALL}",)),
        (fields({"package": "pkg", "edit": True}, {"field": f"{CALL}.pkg__Size__c", "edit": False}), (f"edit on {CALL}.pkg__Size__c",)),
        (objects({"object": "Account", "delete": True}, {"object": "Account", "edit": False}), ("edit on Account",)),
        (objects({"object": "Account", "read": False}, {"object": "Account", "modify_all_records": True}), ("read on Account",)),
        ({"tabs": [{"tab": "standard-Case"}, {"tab": "standard-*", "visibility": "available"}]}, ("standard-Case",)),
        ({"tabs": [{"package": "pkg", "visibility": "available"}, {"tab": "pkg__Tab"}]}, ("pkg__Tab",)),
    ],
    ids=str,
)
def test_lines_that_contradict_each_other_are_refused_with_both_places(given: dict[str, Any], words: tuple[str, ...]) -> None:
    with pytest.raises(Problem) as told:
        asked(**given)
    assert told.value.code == "contradiction"
    option = next(iter(given))
    assert [word for word in (f"{option}[0]", f"{option}[1]", *words) if word not in told.value.said] == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (objects({"object": "Account", "delete": True, "edit": False}), "edit on Account"),
        (fields({"field": "Account.Industry", "edit": True, "read": False}), "read on Account.Industry"),
    ],
)
def test_a_line_that_denies_what_it_needs_is_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(Problem) as told:
        asked(**given)
    assert told.value.code == "contradiction"
    assert words in told.value.said
    assert f"{next(iter(given))}[0]" in told.value.said


def test_a_right_that_the_api_version_does_not_know_is_refused_or_left_out() -> None:
    older = replace(OFFER, object_rights=frozenset({"read", "edit"}))
    line = objects({"object": "Account", "read": True, "view_all_fields": True})
    with pytest.raises(Problem) as told:
        asked(offer=older, **line)
    assert told.value.code == "unknown_name"
    assert "object_permissions[0] asks for view_all_fields on Account" in told.value.said
    assert "63.0" in told.value.remedy
    found = asked(offer=older, **line, missing="skip")
    assert found.grants == {"object_permissions": {"Account": frozenset({"read"})}}
    assert found.left_out == (("object_permissions", "view_all_fields on Account"),)
    assert asked(**line).grants["object_permissions"]["Account"] == {"read", "view_all_fields"}


@pytest.mark.parametrize(
    "given",
    [
        objects({"object": "Account", "edit": True}, {"object": CALL, "edit": False}),
        objects({"object": "Account", "edit": True}, {"object": "Account", "delete": False}),
        objects({"object": "Account", "edit": False}, {"object": "Account", "edit": False}),
        {"tabs": [{"tab": "standard-Case"}, {"tab": "*-Case"}, {"tab": "pkg__Tab", "visibility": "available"}]},
    ],
    ids=["another object", "another right", "said twice", "the same visibility twice"],
)
def test_lines_that_speak_of_different_things_do_not_contradict_each_other(given: dict[str, Any]) -> None:
    asked(**given)


# -- properties ----------------------------------------------------------------------------------------------------------------------

patterns = st.sampled_from(
    [{"field": name} for name in ("pkg__*", "*", "Account.*", f"{CALL}.*", "Account.Name", "*.Own__c")] + [{"package": "pkg"}]
)
lines = st.lists(
    st.builds(
        lambda name, rights: {**name, **dict.fromkeys(rights, True)},
        patterns,
        st.sampled_from([("read",), ("read", "edit"), ("edit",), ()]),
    ),
    max_size=4,
)


@given(lines)
def test_nothing_is_granted_that_the_org_cannot_carry(given: list[dict[str, Any]]) -> None:
    found = asked(**fields(*given))
    granted = found.grants.get("field_permissions", {})
    assert set(granted) <= OFFER.fields
    assert "edit" not in granted.get(f"{CALL}.pkg__Total__c", ())
    assert all(granted.values())
    assert len(set(found.passed_over)) == len(found.passed_over)


some = st.dictionaries(st.sampled_from(["pkg__Dial", "Own", "pkg__Gone"]), st.just(GRANTED))
contents = st.fixed_dictionaries(
    {
        "user_permissions": st.dictionaries(st.sampled_from([*OFFER.permissions, "NotHere"]), st.just(GRANTED)),
        "object_permissions": st.dictionaries(st.sampled_from(["Account", "Gone__c"]), st.just(frozenset({"read"}))),
        "field_permissions": st.dictionaries(st.sampled_from(["Account.Industry", "Account.Gone__c"]), st.just(frozenset({"read"}))),
        "apex_classes": some,
        "tabs": st.dictionaries(st.sampled_from(["pkg__Tab", "pkg__Unlisted"]), st.just(tab_rights("visible"))),
    }
)


@given(contents, st.booleans())
def test_a_clone_carries_what_the_org_offers_and_opens_it_only_where_asked(source: Grants, named: bool) -> None:
    carried = carried_over(source, {"user_permissions": {"ViewAllData": GRANTED}} if named else {}, OFFER)
    assert minus(carried, source) == {}
    dropped = minus(source, carried)
    assert set(dropped.get("user_permissions", {})) == {
        name for name in source["user_permissions"] if name not in OFFER.permissions or (name in HIGH_RISK and not named)
    }
    assert set(dropped.get("object_permissions", {})) <= {"Gone__c"}
    assert set(dropped.get("field_permissions", {})) <= {"Account.Gone__c"}
    assert set(dropped.get("apex_classes", {})) <= {"pkg__Gone"}
    assert dropped.get("tabs", {}) == {}, "that a tab is not listed is no reason"


@pytest.mark.parametrize(
    ("name", "twin"),
    [
        ("Task.pkg__Kind__c", "Event.pkg__Kind__c"),
        ("Event.pkg__Kind__c", "Task.pkg__Kind__c"),
        ("Task.Description", None),
        ("Account.pkg__Kind__c", None),
    ],
)
def test_custom_fields_of_activities_stand_on_both(name: str, twin: str | None) -> None:
    assert twin_of(name) == twin


def test_every_section_is_offered_somewhere() -> None:
    offer = replace(OFFER, names={section.option: {"X": ""} for section in ENTITIES} | {"tabs": {"X": ""}})
    assert all(offer.known(section) for section in BY_OPTION.values())


# -- order ---------------------------------------------------------------------------------------------------------------------------

names = [f"{letter}__c" for letter in "ABCDEF"]
edges = st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=10)


def masters(details: list[tuple[str, str]]) -> dict[str, set[str]]:
    """details: (detail, master)."""
    found: dict[str, set[str]] = {}
    for detail, master in details:
        found.setdefault(detail, set()).add(master)
    return found


@given(edges, st.permutations(names))
def test_masters_come_before_their_details(details: list[tuple[str, str]], ages: list[str]) -> None:
    acyclic = [(detail, master) for detail, master in details if ages.index(master) < ages.index(detail)]
    ordered = masters_first(names, masters(acyclic))
    assert sorted(ordered) == sorted(names)
    assert all(ordered.index(master) < ordered.index(detail) for detail, master in acyclic)


@given(edges, st.frozensets(st.sampled_from(names)))
def test_every_object_comes_once_even_where_masters_go_in_circles(details: list[tuple[str, str]], wanted: frozenset[str]) -> None:
    assert sorted(masters_first(wanted, masters(details))) == sorted(wanted)


def test_objects_without_masters_come_by_name() -> None:
    assert masters_first(["C__c", "A__c", "B__c"], masters([("A__c", "C__c")])) == ["C__c", "A__c", "B__c"]
    assert masters_first(["C__c", "A__c", "B__c"], {}) == ["A__c", "B__c", "C__c"]
