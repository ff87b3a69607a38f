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

from ansible_collections.voiceops.salesforce.plugins.module_utils import _contact_center_member as noun
from ansible_collections.voiceops.salesforce.plugins.module_utils._contact_center_member import Center, Current, Desired, Member, classify
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._plan import Create, Delete, Plan, Update, as_changes, as_diff, removals
from ansible_collections.voiceops.salesforce.plugins.module_utils._users import Skipped

CENTER = Center("04v#1", "Acme Voice", "AcmeVoice", "partner_telephony", "CustomSettings.reqCallCenterType is SCVBYOT")
NAMES = [f"user{number}@acme.example" for number in range(6)]


def desired(**given: Any) -> Desired:
    """What validated options ask for."""
    options = {"contact_center": "AcmeVoice", "users": NAMES[:1]} | given
    options = {name: value for name, value in options.items() if value is not None}
    checked = ArgumentSpecValidator(noun.NOUN.argument_spec).validate(options)
    assert not checked.error_messages
    return noun.desired(checked.validated_parameters)


def member(name: str, center: str = "", active: bool = True) -> Member:
    return Member(f"005#{name}", name, active, center)


def current(
    wanted: list[Member], others: list[Member] | None = None, ineligible: tuple[Skipped, ...] = (), center: Center = CENTER
) -> Current:
    everyone = [*wanted, *(others or [])]
    members = {item.username: item for item in everyone if item.center_id == center.id}
    return Current(center, {item.username: item for item in wanted}, members, ineligible)


def apply(plan: Plan, before: Current) -> Current:
    """The users after every change; refuses what the org does not hold."""
    people = {**before.members, **before.users}
    for change in plan.changes:
        name = change.key.split("/", 1)[1]
        if isinstance(change, Create):
            assert people[name].center_id == "", "a user has one center"
            people[name] = replace(people[name], center_id=before.center.id)
            continue
        assert isinstance(change, Delete)
        assert (people[name].id, people[name].center_id) == (change.id, before.center.id)
        people[name] = replace(people[name], center_id="")
    members = {name: item for name, item in people.items() if item.center_id == before.center.id}
    return replace(before, users={name: people[name] for name in before.users}, members=members)


@st.composite
def situations(draw: st.DrawFn) -> tuple[Desired, Current]:
    wanted = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4))
    people = {name: member(name, draw(st.sampled_from(["", CENTER.id, "04v#2"])), draw(st.booleans())) for name in NAMES}
    left_out = tuple(
        Skipped(name, "is inactive")
        for name in wanted
        if people[name].center_id != CENTER.id and (people[name].center_id or not people[name].active)
    )
    state = draw(st.sampled_from(["present", "absent", "exact"]))
    wish = desired(users=wanted, state=state, on_ineligible="skip", max_removals=9, allow_empty=True)
    others = [item for name, item in people.items() if name not in wanted]
    return wish, current([people[name] for name in wanted], others, left_out)


@given(situations())
def test_an_applied_plan_leaves_nothing_to_do(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    after = apply(noun.plan(wish, before), before)
    assert noun.plan(wish, after) == Plan()


@given(situations())
def test_an_applied_plan_makes_members_of_those_wanted_and_of_nobody_else(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    members = set(apply(noun.plan(wish, before), before).members)
    able = set(before.users) - {item.user for item in before.ineligible}
    if wish.state == "absent":
        assert members == set(before.members) - set(before.users)
    if wish.state == "present":
        assert members == set(before.members) | able
    if wish.state == "exact":
        assert members == able


@given(situations())
def test_members_leave_before_others_join_and_only_where_that_is_asked_for(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    changes = noun.plan(wish, before).changes
    kinds = [isinstance(change, Create) for change in changes]
    assert kinds == sorted(kinds)
    assert wish.state != "present" or all(kinds)
    assert wish.state != "absent" or not any(kinds)
    assert not [change for change in changes if isinstance(change, Update)]


@given(situations())
def test_only_membership_is_ever_named(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    for shown in as_changes(noun.plan(wish, before).changes):
        assert {**shown["before"], **shown["after"]} == {"member": True}
        assert shown["key"].startswith("AcmeVoice/")


@given(situations())
def test_who_joins_comes_in_the_order_of_the_list(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    joining = [change.key.split("/", 1)[1] for change in noun.plan(wish, before).changes if isinstance(change, Create)]
    assert joining == [str(name) for name in wish.users if str(name) in joining]


@given(situations())
def test_no_record_id_is_ever_shown(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    made = noun.plan(wish, before)
    assert "#" not in json.dumps([as_changes(made.changes), as_diff(made.changes, "x"), noun.report(wish, before, made)])


# -- who cannot be added -------------------------------------------------------------------------------------------------------------


def test_users_who_cannot_be_added_stop_the_task_or_are_left_out() -> None:
    before = current([member(NAMES[0]), member(NAMES[1])], [], (Skipped(NAMES[0], "is inactive"),))
    with pytest.raises(Problem) as told:
        noun.plan(desired(users=NAMES[:2]), before)
    assert told.value.code == "ineligible_user"
    assert f"{NAMES[0]} is inactive" in told.value.said
    assert "AcmeVoice" in told.value.tried
    wish = desired(users=NAMES[:2], on_ineligible="skip")
    made = noun.plan(wish, before)
    assert made.changes == (Create(noun.KIND, f"AcmeVoice/{NAMES[1]}", {"member": True}),)
    report = noun.report(wish, before, made)
    assert report["left_out"] == [{"user": NAMES[0], "reason": "is inactive"}]
    assert NAMES[0] in report["warnings"][0]


def test_a_member_stays_one_whatever_became_of_the_user() -> None:
    before = current([member(NAMES[0], CENTER.id, active=False)])
    assert before.joining() == []
    assert noun.plan(desired(), before) == Plan()


@pytest.mark.parametrize(
    ("who", "service", "may", "reason"),
    [
        (member(NAMES[0], "04v#2"), True, True, "another contact center"),
        (member(NAMES[0], "", active=False), True, True, "is inactive"),
        (member(NAMES[0]), False, True, "Service Cloud User"),
        (member(NAMES[0]), True, False, "neither Contact Center Agent nor Admin"),
        (member(NAMES[0]), True, True, ""),
    ],
    ids=["in another center", "inactive", "no Service Cloud User", "no right", "eligible"],
)
def test_why_a_user_cannot_be_added(who: Member, service: bool, may: bool, reason: str) -> None:
    told = noun._why_not(who, service, may)
    assert reason in told
    assert bool(told) == bool(reason)


@pytest.mark.parametrize(("most", "stops"), [(2, True), (3, False)])
def test_exact_removes_no_more_than_it_may(most: int, stops: bool) -> None:
    before = current([member(NAMES[0])], [member(name, CENTER.id) for name in NAMES[1:4]])
    wish = desired(state="exact", max_removals=most)
    if not stops:
        assert removals(noun.plan(wish, before).changes, noun.KIND) == 3
        return
    with pytest.raises(Problem) as told:
        noun.plan(wish, before)
    assert told.value.code == "too_many_removals"
    assert "max_removals" in told.value.remedy


def test_an_empty_exact_list_is_refused_before_anything_is_read() -> None:
    with pytest.raises(Problem) as told:
        desired(users=[], state="exact")
    assert told.value.code == "empty_exact"
    assert desired(users=[], state="exact", allow_empty=True).users == ()
    assert desired(users=[], state="absent").users == ()


@pytest.mark.parametrize(("size", "taken"), [(0, False), (1, True), (200, True), (201, False), (-1, False)])
def test_a_batch_holds_one_to_two_hundred_users(size: int, taken: bool) -> None:
    if taken:
        assert desired(batch_size=size).batch_size == size
        return
    with pytest.raises(Problem) as told:
        desired(batch_size=size)
    assert told.value.code == "batch_size"
    assert "200" in told.value.remedy


def test_defaults_are_careful() -> None:
    wish = desired()
    assert (wish.state, wish.on_ineligible, wish.max_removals, wish.allow_empty, wish.batch_size) == ("present", "fail", 10, False, 100)


# -- the center ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "flavour"),
    [
        ('{"reqCallCenterType": "SCVBYOT"}', "partner_telephony"),
        ('{"reqCallCenterType": "SCV"}', "SCV"),
        ('{"reqCallCenterType": ""}', "unknown"),
        ('{"other": 1}', "unknown"),
        ("[1]", "unknown"),
        ("null", "unknown"),
        ("<xml/>", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_center_is_of_the_kind_that_the_org_names(settings: str | None, flavour: str) -> None:
    told, how = classify(settings)
    assert told == flavour
    assert "CustomSettings" in how


def center_row(number: int, name: str, internal: str, settings: str | None = '{"reqCallCenterType": "SCVBYOT"}') -> dict[str, Any]:
    return {"Id": f"04v0000000{number:05}AAA", "Name": name, "InternalName": internal, "CustomSettings": settings}


ROWS = [
    center_row(1, "Acme Voice", "AcmeVoice"),
    center_row(2, "AcmeVoice", "Other"),
    center_row(3, "Twice", "A"),
    center_row(4, "twice", "B"),
]


@pytest.mark.parametrize(
    ("named", "internal"),
    [
        ("AcmeVoice", "AcmeVoice"),
        ("acmevoice", "AcmeVoice"),
        ("Acme Voice", "AcmeVoice"),
        ("ACME VOICE", "AcmeVoice"),
        ("Other", "Other"),
        ("04v000000000002", "Other"),
        ("04v000000000002AAA", "Other"),
        (" AcmeVoice ", "AcmeVoice"),
    ],
    ids=[
        "internal name wins over a name",
        "internal name without case",
        "name",
        "name without case",
        "other",
        "short Id",
        "long Id",
        "space",
    ],
)
def test_a_center_is_meant_by_id_internal_name_or_name(named: str, internal: str) -> None:
    assert noun._choose(desired(contact_center=named), ROWS).internal_name == internal


@pytest.mark.parametrize(("named", "code", "words"), [("Twice", "ambiguous_center", "A, B"), ("AcmeVoise", "unknown_center", "AcmeVoice")])
def test_a_center_that_is_none_or_two_stops_the_task_by_name(named: str, code: str, words: str) -> None:
    with pytest.raises(Problem) as told:
        noun._choose(desired(contact_center=named), ROWS)
    assert told.value.code == code
    assert words in told.value.said
    assert named in told.value.tried
    assert told.value.remedy


@pytest.mark.parametrize(
    ("settings", "asserted", "flavour", "code"),
    [
        ('{"reqCallCenterType": "SCVBYOT"}', None, "partner_telephony", ""),
        (None, None, "unknown", "unknown_flavour"),
        (None, "partner_telephony", "partner_telephony", ""),
        ('{"reqCallCenterType": "SCV"}', None, "SCV", "wrong_flavour"),
        ('{"reqCallCenterType": "SCV"}', "partner_telephony", "SCV", "wrong_flavour"),
    ],
    ids=["partner telephony", "unrevealed", "asserted", "of another kind", "of another kind, asserted all the same"],
)
@pytest.mark.parametrize("state", ["present", "absent", "exact"])
def test_only_partner_telephony_centers_are_served(settings: str | None, asserted: str | None, flavour: str, code: str, state: str) -> None:
    wish = desired(flavour=asserted, state=state)
    center = noun._choose(wish, [center_row(1, "Acme Voice", "AcmeVoice", settings)])
    assert center.flavour == flavour
    before = current([member(NAMES[0])], center=center)
    if not code:
        noun.plan(wish, before)
        told = noun.report(wish, before, Plan())["contact_center"]
        assert told == {"name": "Acme Voice", "internal_name": "AcmeVoice", "flavour": flavour, "told_by": center.told_by}
        assert ("asserted by the task" in center.told_by) == (asserted is not None)
        return
    with pytest.raises(Problem) as problem:
        noun.plan(wish, before)
    assert problem.value.code == code
    assert "AcmeVoice" in problem.value.tried
    assert problem.value.remedy


def test_the_report_reminds_of_the_telephony_provider() -> None:
    reminder = noun.report(desired(), current([]), Plan())["reminder"]
    assert "does not sync" in reminder
    assert "provider" in reminder
