# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils import _permission_set_group as noun
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._permission_set_group import Current, Desired, Group, Member, Muting
from ansible_collections.voiceops.salesforce.plugins.module_utils._plan import Create, Delete, Plan, Update, as_changes, as_diff, identity
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_groups import (
    ASSIGNMENT_KIND,
    KIND,
    MEMBER_KIND,
    MUTED_KIND,
    MUTING_KIND,
)

KNOWN = {"ApiEnabled": "API Enabled", "RunReports": "Run Reports", "EditTask": "Edit Tasks", "ExportReport": "Export Reports"}
SETS = ["One", "Two", "Three", "Four"]
# How the changes of a plan may follow each other where the group is there already, and where it is made.
ORDER: list[tuple[str, type[Any]]] = [
    (KIND, Update),
    (MUTED_KIND, Create),
    (MEMBER_KIND, Create),
    (MEMBER_KIND, Delete),
    (MUTED_KIND, Update),
]
ORDER_OF_NEW: list[tuple[str, type[Any]]] = [(KIND, Create), (MEMBER_KIND, Create), (MUTED_KIND, Create)]


def desired(**given_options: Any) -> Desired:
    """What validated options ask for."""
    checked = ArgumentSpecValidator(noun.NOUN.argument_spec).validate({"name": "Agents", **given_options})
    assert not checked.error_messages
    return noun.desired(checked.validated_parameters)


def set_row(name: str, **more: Any) -> dict[str, Any]:
    return {
        "Id": f"0PS#{name}",
        "Name": name,
        "Label": name,
        "NamespacePrefix": None,
        "IsOwnedByProfile": False,
        "PermissionSetGroupId": None,
        "LicenseId": None,
        "License": None,
        **more,
    }


def group(*members: str, muted: tuple[str, ...] | None = None, **more: Any) -> Group:
    """The group with these members; muted: None where it has no muting set."""
    row = {
        "Id": "0PG#1",
        "Name": "Agents",
        "Label": "Agents",
        "NamespacePrefix": None,
        "Description": None,
        "HasActivationRequired": False,
        "Status": "Updated",
        **more,
    }
    muting = None if muted is None else Muting("0QM#1", "0PM#m", frozenset(muted))
    return Group(row, {name: Member(f"0PM#{name}", set_row(name)) for name in members}, muting)


def current(found: Group | None, *wanted: str, **more: Any) -> Current:
    return Current(found, {name: set_row(name) for name in wanted}, KNOWN, **more)


def apply(made: Plan, before: Current) -> Current:
    """The group after every change."""
    found = before.group
    for change in made.changes:
        if change.kind == KIND:
            assert not isinstance(change, Delete)
            found = found or group(Status="Outdated")
            columns = {noun._AS_SET[name]: value for name, value in change.after.items()}
            found = replace(found, row={**found.row, **columns})
            continue
        assert found is not None, "the group comes first"
        if change.kind == MUTED_KIND:
            assert not isinstance(change, Delete)
            flags = {**dict.fromkeys(found.muted, True), **change.after}
            found = replace(found, muting=Muting("0QM#1", "0PM#m", frozenset(name for name, value in flags.items() if value)))
            continue
        name = change.key.split("/", 1)[1]
        members = {key: value for key, value in found.members.items() if key != name}
        assert (len(members) == len(found.members)) == isinstance(change, Create), "the org would answer DUPLICATE_VALUE"
        if isinstance(change, Create):
            members[name] = Member(f"0PM#{name}", set_row(name))
        found = replace(found, members=members)
    return replace(before, group=found)


# -- strategies ----------------------------------------------------------------------------------------------------------------------


@st.composite
def situations(draw: st.DrawFn) -> tuple[Desired, Current]:
    names = st.lists(st.sampled_from(SETS), unique=True)
    permissions = st.lists(st.sampled_from(sorted(KNOWN)), unique=True)
    options: dict[str, Any] = {}
    members = draw(st.none() | names)
    if members is not None:
        options |= {"permission_sets": members, "exact": draw(st.booleans())}
    muted = draw(st.none() | permissions)
    if muted is not None:
        options["muted_user_permissions"] = [draw(st.sampled_from([name, KNOWN[name]])) for name in muted]
    options |= draw(st.fixed_dictionaries({}, optional={"label": st.sampled_from(["Agents", "Other"])}))
    options |= draw(st.fixed_dictionaries({}, optional={"description": st.sampled_from(["", "New"])}))
    options |= draw(st.fixed_dictionaries({}, optional={"session_activation": st.booleans()}))
    having = None
    if draw(st.booleans()):
        held = draw(st.none() | permissions)
        having = group(*draw(names), muted=None if held is None else tuple(held), Description=draw(st.sampled_from([None, "Old"])))
    return desired(**options), current(having, *(members or ()))


# -- the plan ------------------------------------------------------------------------------------------------------------------------


@given(situations())
def test_an_applied_plan_leaves_nothing_to_do(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    assert noun.plan(wish, apply(noun.plan(wish, before), before)) == Plan()


@given(situations())
def test_an_applied_plan_is_what_was_asked_for_and_the_rest_is_as_it_was(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    after = apply(noun.plan(wish, before), before).group
    assert after is not None
    had, has = set(before.group.members) if before.group else set(), set(after.members)
    wanted = set(before.wanted)
    assert has == (wanted if wish.exact else had | wanted)
    held = before.group.muted if before.group else frozenset()
    by_label = {label: name for name, label in KNOWN.items()}
    assert after.muted == (held if wish.muted is None else {by_label.get(item, item) for item in wish.muted})
    for option, column in noun._AS_SET.items():
        if option in wish.attributes:
            assert after.row[column] == wish.attributes[option] or not (after.row[column] or wish.attributes[option])
        elif before.group:
            assert after.row[column] == before.group.row[column]


@given(situations())
def test_what_is_muted_comes_before_members_and_is_given_back_after_they_left(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    order = ORDER if before.group else ORDER_OF_NEW
    places = [order.index((change.kind, type(change))) for change in noun.plan(wish, before).changes]
    assert places == sorted(places)


@given(situations())
def test_every_change_of_a_plan_is_told_from_the_others_and_shows_no_record_id(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    made = noun.plan(wish, before)
    assert len({identity(change) for change in made.changes}) == len(made.changes)
    assert "#" not in json.dumps([as_changes(made.changes), as_diff(made.changes, "x"), noun.report(wish, before, made)])


@given(situations())
def test_what_check_mode_reports_is_what_is_reported_after_the_run(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    made = noun.plan(wish, before)
    after = apply(made, before)
    assert after.group is not None
    done = replace(after, group=replace(after.group, row={**after.group.row, "Status": "Updated"}), read_back=True)
    foretold, told = noun.report(wish, before, made), noun.report(wish, done, made)
    assert foretold == told


@pytest.mark.parametrize("exact", [False, True])
def test_other_members_leave_only_where_the_list_is_exact(exact: bool) -> None:
    made = noun.plan(desired(permission_sets=["One"], exact=exact), current(group("One", "Two"), "One"))
    assert [(type(change), change.key) for change in made.changes] == ([(Delete, "Agents/Two")] if exact else [])


def test_left_out_means_not_managed_and_an_empty_list_means_none() -> None:
    having = current(group("One", muted=("ApiEnabled",)))
    assert noun.plan(desired(), having) == Plan()
    made = noun.plan(desired(permission_sets=[], exact=True, muted_user_permissions=[]), having)
    assert made.changes == (
        Delete(MEMBER_KIND, "Agents/One", "0PM#One", {"member": True}),
        Update(MUTED_KIND, "Agents", "0QM#1", {"ApiEnabled": True}, {"ApiEnabled": False}),
    )


def test_a_set_named_twice_comes_once() -> None:
    before = Current(None, {"One": set_row("One"), "0PS000000000001": set_row("One")}, KNOWN)
    made = noun.plan(desired(permission_sets=["One", "0PS000000000001"]), before)
    assert [change.key for change in made.changes if change.kind == MEMBER_KIND] == ["Agents/One"]


def test_a_new_group_is_called_after_its_name() -> None:
    made = noun.plan(desired(name="Acme_Voice_Agents"), current(None))
    assert made.changes == (Create(KIND, "Acme_Voice_Agents", {"label": "Acme Voice Agents"}),)


def test_a_group_is_called_as_the_org_writes_it() -> None:
    made = noun.plan(desired(name="AGENTS", permission_sets=["One"], label="New"), current(group(), "One"))
    assert [change.key for change in made.changes] == ["Agents", "Agents/One"]


# -- what cannot be ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"name": "ns__Agents"}, "managed_target"),
        ({"name": "1Agents"}, "bad_name"),
        ({"name": "Agents_"}, "bad_name"),
        ({"name": "A" * 81}, "too_long"),
        ({"description": "x" * 256}, "too_long"),
        ({"label": " "}, "empty_label"),
        ({"exact": True}, "no_members"),
        ({"max_removals": -1}, "max_removals"),
    ],
)
def test_what_salesforce_would_refuse_is_refused_before_anything_is_read(options: dict[str, Any], code: str) -> None:
    with pytest.raises(Problem) as told:
        desired(**options)
    assert (told.value.code, told.value.error_class) == (code, "config")
    assert told.value.remedy


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_package_s_group_is_refused(state: str) -> None:
    with pytest.raises(Problem) as told:
        noun.plan(desired(state=state), current(group(NamespacePrefix="ns")))
    assert told.value.code == "managed_target"
    assert "ns__Agents" in told.value.said


@pytest.mark.parametrize(
    ("more", "code"), [({"IsOwnedByProfile": True}, "profile_owned_set"), ({"PermissionSetGroupId": "0PG#2"}, "group_set")]
)
def test_sets_that_no_group_takes_are_refused_by_name(more: dict[str, Any], code: str) -> None:
    before = Current(None, {"One": set_row("One", **more)}, KNOWN)
    with pytest.raises(Problem) as told:
        noun.plan(desired(permission_sets=["One"]), before)
    assert told.value.code == code
    assert "One" in told.value.said


def test_sets_and_permissions_that_the_org_lacks_stop_the_task_or_are_left_out() -> None:
    options = {"permission_sets": ["One", "Gone"], "muted_user_permissions": ["Run Report", "ApiEnabled"]}
    before = Current(None, {"One": set_row("One"), "Gone": None}, KNOWN)
    with pytest.raises(Problem) as told:
        noun.plan(desired(**options), before)
    assert (told.value.code, "Gone" in told.value.said, "One" in told.value.said) == ("unknown_set", True, False)
    with pytest.raises(Problem) as told:
        noun.plan(desired(muted_user_permissions=["Run Report"]), before)
    assert told.value.code == "unknown_permission"
    assert "Run Reports" in told.value.said, "the nearest name"
    wish = desired(**options, missing="skip")
    made = noun.plan(wish, before)
    assert [change.key for change in made.changes] == ["Agents", "Agents/One", "Agents"]
    assert noun.report(wish, before, made)["left_out"] == [
        {"section": "permission_sets", "name": "Gone"},
        {"section": "muted_user_permissions", "name": "Run Report"},
    ]


# -- removal -------------------------------------------------------------------------------------------------------------------------


def test_a_group_goes_after_its_users_and_what_is_in_it() -> None:
    before = current(group("Two", "One", muted=("ApiEnabled",)), assignments={"a@x.example": "0Pa#1", "b@x.example": "0Pa#2"})
    made = noun.plan(desired(state="absent", take_from=["users"]), before)
    assert [(change.kind, change.key) for change in made.changes] == [
        (ASSIGNMENT_KIND, "Agents/a@x.example"),
        (ASSIGNMENT_KIND, "Agents/b@x.example"),
        (MUTING_KIND, "Agents"),
        (MEMBER_KIND, "Agents/One"),
        (MEMBER_KIND, "Agents/Two"),
        (KIND, "Agents"),
    ]
    assert all(isinstance(change, Delete) for change in made.changes)


def test_a_group_that_somebody_has_is_not_removed_unless_that_is_asked() -> None:
    before = current(group(), assignments={f"user{number}@x.example": "0Pa#1" for number in range(3)})
    with pytest.raises(Problem) as told:
        noun.plan(desired(state="absent"), before)
    assert (told.value.code, "user2@x.example" in told.value.said, "take_from" in told.value.remedy) == ("assigned", True, True)
    with pytest.raises(Problem) as told:
        noun.plan(desired(state="absent", take_from=["users"], max_removals=2), before)
    assert told.value.code == "too_many_removals"
    assert len(noun.plan(desired(state="absent", take_from=["users"], max_removals=3), before).changes) == 4


def test_a_group_that_is_not_there_needs_no_removal() -> None:
    assert noun.plan(desired(state="absent"), current(None)) == Plan()
    report = noun.report(desired(state="absent"), current(None), Plan())
    assert (report["status"], report["members"], report["left_out"]) == (None, [], [])


# -- what is told --------------------------------------------------------------------------------------------------------------------


def test_licences_of_members_are_told() -> None:
    having = group("One")
    licensed = {**having.members, "Two": Member("0PM#2", set_row("Two", LicenseId="0PL#1", License={"Name": "Voice"}))}
    before = current(replace(having, members=licensed))
    assert noun.report(desired(), before, Plan())["licenses"] == [{"permission_set": "Two", "license": "Voice"}]


@pytest.mark.parametrize(("wait", "status"), [(True, "Updated"), (False, "Outdated")])
def test_check_mode_tells_the_status_that_a_task_that_waits_would_leave(wait: bool, status: str) -> None:
    before = current(group(Status="Outdated"))
    for label, expected in (("Other", status), ("Agents", "Outdated")):
        wish = desired(label=label, wait=wait)
        assert noun.report(wish, before, noun.plan(wish, before))["status"] == expected


def test_a_group_that_needs_activation_or_is_not_ready_is_warned_of() -> None:
    before = current(group(HasActivationRequired=True, Status="Updating"))
    report = noun.report(desired(wait=False), before, Plan())
    assert (report["status"], report["permission_set_group"]["needs_activation"]) == ("Updating", True)
    assert ["activation" in report["warnings"][0], "Updating" in report["warnings"][1]] == [True, True]
