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

from ansible_collections.voiceops.salesforce.plugins.module_utils import _license_assignment as shared
from ansible_collections.voiceops.salesforce.plugins.module_utils import _package_license_assignment as package
from ansible_collections.voiceops.salesforce.plugins.module_utils import _permission_set_license_assignment as permission_set
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem, RecordError
from ansible_collections.voiceops.salesforce.plugins.module_utils._license_assignment import Current, Desired, Holder, License
from ansible_collections.voiceops.salesforce.plugins.module_utils._plan import Create, Delete, Plan, as_changes, as_diff

NAMES = [f"user{number}@acme.example" for number in range(6)]
NOW = "2026-11-22T12:00:00.000+0000"
SOLD = License("050#", "Acme", "Acme", 10, False, "Active", None, "", ("Acme",))
SITE = replace(SOLD, total=-1, site=True)


def desired(noun: Any = package, **given: Any) -> Desired:
    """What validated options ask for."""
    option = "package" if noun is package else "permission_set_license"
    options = {option: "Acme", "users": NAMES[:1]} | given
    checked = ArgumentSpecValidator(noun.NOUN.argument_spec).validate(options)
    assert not checked.error_messages
    wish: Desired = noun.desired(checked.validated_parameters)
    return wish


def user(name: str, active: bool = True, kind: str = "Standard") -> dict[str, Any]:
    return {"Id": f"005#{name}", "Username": name, "IsActive": active, "UserType": kind}


def holder(name: str, active: bool = True, kind: str = "Standard") -> Holder:
    return Holder(f"051#{name}", f"005#{name}", name, active, kind)


def current(wanted: list[dict[str, Any]], holders: list[Holder], found: License = SOLD, used: int | None = None, **more: Any) -> Current:
    held = {item.username.lower(): item for item in holders}
    return Current(found, {row["Username"]: row for row in wanted}, held, len(held) if used is None else used, **more)


def apply(plan: Plan, before: Current) -> Current:
    """The seats after every change; refuses what the org would refuse."""
    held, used = dict(before.holders), before.used
    for change in plan.changes:
        name = change.key.split("/", 1)[1]
        if isinstance(change, Create):
            assert name.lower() not in held, "one seat a user"
            assert used < before.license.total, "no seat is left"
            held[name.lower()], used = holder(name), used + 1
            continue
        assert isinstance(change, Delete)
        assert held.pop(name.lower()).row_id == change.id
        used -= 1
    return replace(before, holders=held, used=used)


@st.composite
def situations(draw: st.DrawFn) -> tuple[Desired, Current]:
    """Six users, some of them inactive, protected or with a set that needs the licence; with enough seats or not."""
    wanted = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4))
    people = {
        name: user(name, draw(st.booleans()), draw(st.sampled_from(["Standard", "Standard", "CloudIntegrationUser"]))) for name in NAMES
    }
    holding = draw(st.lists(st.sampled_from(NAMES), unique=True))
    state = draw(st.sampled_from(["present", "absent", "exact"]))
    held = [holder(name, people[name]["IsActive"], people[name]["UserType"]) for name in holding]
    seen = held if state == "exact" else [item for item in held if item.username in wanted]
    needed = dict.fromkeys(draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=2)), ("permission set Acme_Set",))
    found = replace(SOLD, total=draw(st.integers(0, 8)))
    wish = desired(permission_set, users=wanted, state=state, on_ineligible="skip", max_removals=9, allow_empty=True)
    running = draw(st.sampled_from(["", f"005#{NAMES[0]}"]))
    return wish, current([people[name] for name in wanted], seen, found, len(held), needed=needed, running_user_id=running)


def planned(wish: Desired, before: Current) -> Plan | None:
    """The plan, or None where seats lack."""
    try:
        return shared.plan(wish, before)
    except Problem as problem:
        if problem.code != "no_free_seat":
            raise
        return None


@given(situations())
def test_an_applied_plan_leaves_nothing_to_do(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    made = planned(wish, before)
    if made is not None:
        assert shared.plan(wish, apply(made, before)) == Plan()


@given(situations())
def test_seats_are_lacking_just_where_not_everybody_would_get_one(situation: tuple[Desired, Current]) -> None:
    """apply() refuses to create beyond the last seat, so that the plan never does."""
    wish, before = situation
    made = planned(wish, before)
    short = shared.lacking(wish, before)
    assert (made is None) is bool(short)
    if made is not None:
        apply(made, before)
    elif before.used <= before.license.total:
        # With that many seats more there is a plan that can be applied.
        enough = replace(before, license=replace(before.license, total=before.license.total + short))
        apply(shared.plan(wish, enough), enough)


@given(situations())
def test_nobody_outside_the_list_is_touched_unless_exactly_these_are_wanted(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    made = planned(wish, before) or Plan()
    touched = {change.key.split("/", 1)[1] for change in made.changes}
    if wish.state != "exact":
        assert touched <= set(before.users)
    assert not [change for change in made.changes if isinstance(change, Delete) and wish.state == "present"]
    assert not [change for change in made.changes if isinstance(change, Create) and wish.state == "absent"]


@given(situations())
def test_who_holds_a_seat_afterwards(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    made = planned(wish, before)
    if made is None:
        return
    after = set(apply(made, before).holders)
    able = {name for name, row in before.users.items() if (row["IsActive"] and row["UserType"] == "Standard") or name in before.holders}
    firm = {
        name
        for name, item in before.holders.items()
        if name in before.needed or item.type != "Standard" or item.user_id == before.running_user_id
    }
    if wish.state == "present":
        assert after == set(before.holders) | able
    if wish.state == "absent":
        assert after == set(before.holders) - (set(before.users) - firm)
    if wish.state == "exact":
        assert after == able | firm


@given(situations())
def test_seats_are_freed_before_they_are_taken_and_a_row_is_never_changed(situation: tuple[Desired, Current]) -> None:
    made = planned(*situation) or Plan()
    kinds = [isinstance(change, Create) for change in made.changes]
    assert kinds == sorted(kinds)
    assert all(isinstance(change, (Create, Delete)) for change in made.changes)


@given(situations())
def test_no_record_id_is_ever_shown_and_the_result_foretells_the_seats(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    made = planned(wish, before)
    if made is None:
        return
    told = shared.report(wish, before, made)
    assert "#" not in json.dumps([as_changes(made.changes), as_diff(made.changes, "x"), told])
    after = shared.report(wish, replace(apply(made, before), written=True), made)
    assert {**told, "warnings": []} == {**after, "warnings": []}


# -- seats ---------------------------------------------------------------------------------------------------------------------------


def test_too_few_seats_stop_the_task_and_name_everybody_who_needs_one() -> None:
    before = current([user(name) for name in NAMES], [], replace(SOLD, total=4), 1, inactive=("gone@acme.example",))
    with pytest.raises(Problem) as told:
        shared.plan(desired(users=NAMES), before)
    problem = told.value
    assert (problem.code, problem.error_class) == ("no_free_seat", "config")
    assert [error.record for error in problem.errors] == [f"Acme/{name}" for name in NAMES]
    assert all(name in problem.said for name in NAMES)
    assert "3 of 4 seats are free and 6 users need one" in problem.said
    assert "Free 3 seats" in problem.remedy
    assert "gone@acme.example" in problem.remedy
    assert "Acme" in problem.tried


def test_seats_that_the_same_task_frees_count() -> None:
    before = current([user(name) for name in NAMES[:2]], [holder(name) for name in NAMES[2:4]], replace(SOLD, total=2))
    made = shared.plan(desired(users=NAMES[:2], state="exact"), before)
    assert [type(change).__name__ for change in made.changes] == ["Delete", "Delete", "Create", "Create"]
    assert shared.lacking(desired(users=NAMES[:2], state="exact"), before) == 0


def test_seats_of_users_who_keep_them_do_not_count_as_freed() -> None:
    before = current([user(NAMES[0])], [holder(NAMES[2])], replace(SOLD, total=1), needed={NAMES[2]: ("permission set Acme_Set",)})
    with pytest.raises(Problem) as told:
        shared.plan(desired(state="exact"), before)
    assert told.value.code == "no_free_seat"


def test_an_inactive_user_who_leaves_anyway_is_no_remedy() -> None:
    before = current([user(name) for name in NAMES[:3]], [holder(NAMES[3], active=False)], replace(SOLD, total=1), inactive=(NAMES[3],))
    with pytest.raises(Problem) as told:
        shared.plan(desired(users=NAMES[:3], state="exact"), before)
    assert NAMES[3] not in told.value.remedy
    assert "no inactive user holds one" in told.value.remedy


def test_more_seats_taken_than_sold_is_understood() -> None:
    before = current([user(NAMES[0])], [], replace(SOLD, total=2), 4)
    assert before.free() == 0
    assert shared.lacking(desired(), before) == 3


def test_after_a_write_the_org_has_the_last_word_about_seats() -> None:
    before = current([user(NAMES[0])], [], replace(SOLD, total=1), 1, written=True)
    assert shared.plan(desired(), before).changes == (Create("package_license_assignment", f"Acme/{NAMES[0]}", {"assigned": True}),)


@pytest.mark.parametrize("state", ["present", "absent", "exact"])
def test_a_site_licence_is_never_written(state: str) -> None:
    wish = desired(users=NAMES[:2], state=state, max_removals=0)
    before = current([user(NAMES[0]), user(NAMES[1], active=False)], [holder(NAMES[1]), holder(NAMES[2])], SITE)
    assert shared.plan(wish, before) == Plan()
    told = shared.report(wish, before, Plan())
    assert (told["license"]["site"], told["license"]["total"], told["license"]["free"], told["left_out"]) == (True, None, None, [])
    assert bool(told["warnings"]) is (state != "present")


# -- who is served -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "reason"),
    [(user(NAMES[0], active=False), "is inactive"), (user(NAMES[0], kind="AutomatedProcess"), "is one of Salesforce's own users")],
)
def test_users_who_cannot_have_a_seat_stop_the_task_or_are_left_out(row: dict[str, Any], reason: str) -> None:
    before = current([row, user(NAMES[1])], [])
    with pytest.raises(Problem) as told:
        shared.plan(desired(users=NAMES[:2]), before)
    assert told.value.code == "ineligible_user"
    assert f"{NAMES[0]} {reason}" in told.value.said
    skip = desired(users=NAMES[:2], on_ineligible="skip")
    made = shared.plan(skip, before)
    assert [change.key for change in made.changes] == [f"Acme/{NAMES[1]}"]
    assert shared.report(skip, before, made)["left_out"] == [{"user": NAMES[0], "reason": reason}]


def test_an_inactive_user_who_holds_a_seat_keeps_it_where_listed_and_is_named() -> None:
    before = current([user(NAMES[0], active=False)], [holder(NAMES[0], active=False)])
    for state in ("present", "exact"):
        wish = desired(state=state)
        assert shared.plan(wish, before) == Plan()
        assert shared.report(wish, before, Plan())["inactive_holders"] == [NAMES[0]]
    gone = shared.plan(desired(state="absent"), before)
    assert [change.key for change in gone.changes] == [f"Acme/{NAMES[0]}"]
    assert shared.report(desired(state="absent"), before, gone)["inactive_holders"] == []


@pytest.mark.parametrize("protected", ["running", "platform"])
def test_who_is_protected_keeps_the_seat(protected: str) -> None:
    kept = holder(NAMES[1], kind="Standard" if protected == "running" else "AutomatedProcess")
    running = kept.user_id if protected == "running" else ""
    exact = desired(state="exact")
    before = current([user(NAMES[0])], [kept, holder(NAMES[2])], running_user_id=running)
    made = shared.plan(exact, before)
    assert [change.key for change in made.changes] == [f"Acme/{NAMES[2]}", f"Acme/{NAMES[0]}"]
    assert [item["user"] for item in shared.report(exact, before, made)["left_out"]] == [NAMES[1]]

    listed = current([user(NAMES[1])], [kept], running_user_id=running)
    with pytest.raises(Problem) as told:
        shared.plan(desired(users=[NAMES[1]], state="absent"), listed)
    assert told.value.code == "ineligible_user"
    assert shared.plan(desired(users=[NAMES[1]], state="absent", on_ineligible="skip"), listed) == Plan()


@pytest.mark.parametrize("state", ["absent", "exact"])
def test_a_licence_that_a_set_needs_is_not_fought_over(state: str) -> None:
    """It is no error either: the wish holds as soon as the set is gone."""
    wanted = [user(NAMES[1])] if state == "absent" else []
    wish = desired(permission_set, users=[row["Username"] for row in wanted], state=state, allow_empty=True)
    before = current(wanted, [holder(NAMES[1])], needed={NAMES[1]: ("permission set Acme_Set",)})
    assert shared.plan(wish, before) == Plan()
    (left,) = shared.report(wish, before, Plan())["left_out"]
    assert left["user"] == NAMES[1]
    assert "permission set Acme_Set" in left["reason"]


def test_more_removals_than_allowed_stop_the_task() -> None:
    before = current([user(NAMES[0])], [holder(name) for name in NAMES[1:4]])
    with pytest.raises(Problem) as told:
        shared.plan(desired(state="exact", max_removals=2), before)
    assert told.value.code == "too_many_removals"
    assert all(name in told.value.said for name in NAMES[1:4])


def test_exactly_nobody_must_be_meant() -> None:
    with pytest.raises(Problem) as told:
        desired(users=[], state="exact")
    assert told.value.code == "empty_exact"
    with pytest.raises(Problem) as told:
        shared.plan(
            desired(users=NAMES[:1], state="exact", on_ineligible="skip"), current([user(NAMES[0], active=False)], [holder(NAMES[1])])
        )
    assert told.value.code == "empty_exact"


@pytest.mark.parametrize("noun", [package, permission_set])
def test_an_empty_name_is_refused_before_the_org_is_asked(noun: Any) -> None:
    option = "package" if noun is package else "permission_set_license"
    with pytest.raises(Problem) as told:
        desired(noun, **{option: "  "})
    assert told.value.code == "no_name"
    assert option in told.value.said


# -- which licence -------------------------------------------------------------------------------------------------------------------

ROWS = [
    {"Id": "0PL1", "DeveloperName": "VoicePsl", "PermissionSetLicenseKey": "VoiceKey", "MasterLabel": "Voice User", "TotalLicenses": 5},
    {"Id": "0PL2", "DeveloperName": "Voice_User", "PermissionSetLicenseKey": "OtherKey", "MasterLabel": "VoiceKey", "TotalLicenses": 5},
    {"Id": "0PL3", "DeveloperName": "Third", "PermissionSetLicenseKey": "ThirdKey", "MasterLabel": "Twin", "TotalLicenses": 5},
    {"Id": "0PL4", "DeveloperName": "Fourth", "PermissionSetLicenseKey": "FourthKey", "MasterLabel": "Twin", "TotalLicenses": 5},
]


def chosen(word: str, **values: Any) -> License:
    rows = [{"Status": "Active", "ExpirationDate": None, **row, **values} for row in ROWS]
    return shared.choose(desired(permission_set, permission_set_license=word), rows, NOW)


@pytest.mark.parametrize(
    ("word", "found"), [("VoicePsl", "0PL1"), ("voicepsl", "0PL1"), ("VoiceKey", "0PL1"), ("VOICE USER", "0PL1"), ("Voice_User", "0PL2")]
)
def test_a_licence_is_known_by_developer_name_key_and_label_in_this_order(word: str, found: str) -> None:
    assert chosen(word).id == found


def test_a_licence_that_the_org_lacks_is_an_error_with_the_nearest_names() -> None:
    with pytest.raises(Problem) as told:
        chosen("VoicePsI")
    assert told.value.code == "unknown_license"
    assert "Did you mean VoicePsl" in told.value.said
    assert "Third" in told.value.remedy


def test_a_label_that_two_licences_have_is_an_error_that_lists_both() -> None:
    with pytest.raises(Problem) as told:
        chosen("Twin")
    assert told.value.code == "ambiguous_license"
    assert "Fourth, Third" in told.value.said


@pytest.mark.parametrize(
    ("values", "over"),
    [
        ({}, ""),
        ({"Status": "Trial"}, ""),
        ({"Status": "Expired"}, "has expired"),
        ({"Status": "Disabled"}, "is disabled"),
        ({"ExpirationDate": "2026-11-21"}, "has expired"),
        ({"ExpirationDate": "2026-11-22"}, ""),
        ({"ExpirationDate": "2026-11-22T11:59:59.000+0000"}, "has expired"),
        ({"ExpirationDate": "2026-11-22T12:00:01.000+0000"}, ""),
    ],
)
def test_when_a_licence_is_over(values: dict[str, Any], over: str) -> None:
    assert chosen("VoicePsl", **values).over == over


def test_a_licence_that_is_over_is_not_assigned_and_its_holders_are_warned_of_it() -> None:
    over = replace(SOLD, status="Expired", expires="2026-01-01", over="has expired")
    with pytest.raises(Problem) as told:
        shared.plan(desired(), current([user(NAMES[0])], [], over))
    assert told.value.code == "license_over"
    assert "2026-01-01" in told.value.said
    held = current([user(NAMES[0])], [holder(NAMES[0])], over)
    assert shared.plan(desired(), held) == Plan()
    assert ["has expired" in warning for warning in shared.report(desired(), held, Plan())["warnings"]] == [True]
    assert shared.plan(desired(state="absent"), held).changes


# -- check mode and refusals ---------------------------------------------------------------------------------------------------------

GIVEN, TAKEN = {"assigned": True}, None


def test_seats_are_seen_as_earlier_tasks_would_leave_them() -> None:
    before = current([user(NAMES[0]), user(NAMES[1])], [holder(NAMES[1])], SOLD, 5)
    foreseen = {f"Acme/{NAMES[0]}": GIVEN, f"Acme/{NAMES[1]}": TAKEN, f"Acme/{NAMES[2]}": GIVEN, f"Other/{NAMES[3]}": GIVEN}
    after = shared.as_foreseen(package.PACKAGE, before, foreseen)
    assert set(after.holders) == {NAMES[0], NAMES[2]}
    assert after.used == 6
    assert after.holders[NAMES[0]].user_id == f"005#{NAMES[0]}"


def test_a_seat_that_came_and_went_among_earlier_tasks_is_as_it_was() -> None:
    before = current([user(NAMES[0])], [], SOLD, 5)
    assert shared.as_foreseen(package.PACKAGE, before, {f"Acme/{NAMES[0]}": TAKEN}) == before


def test_a_seat_that_went_between_the_count_and_the_write_is_explained() -> None:
    before = current([user(NAMES[0])], [], SOLD, 9)
    told = shared.explained(desired(), before, RecordError("x", "LICENSE_LIMIT_EXCEEDED", "license limit exceeded", (), "old"))
    assert "1 of 10 seats were free" in told.remedy
    other = RecordError("x", "UNABLE_TO_LOCK_ROW", "locked", (), "old")
    assert shared.explained(desired(), before, other) is other
