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

from ansible_collections.voiceops.salesforce.plugins.module_utils import _permission_set_assignment as noun
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._permission_set_assignment import Current, Desired, Row
from ansible_collections.voiceops.salesforce.plugins.module_utils._plan import Create, Delete, Plan, Update, as_changes, as_diff, removals

PLATFORM = "is one of Salesforce's own users"
RUNNING = "is the running user, who never takes a set away from itself"
PAST = "2001-01-01T00:00:00.000+0000"


def desired(**given: Any) -> Desired:
    """What validated options ask for."""
    options = {"permission_set": "pkg__Agent", "users": ["user0@acme.example"]} | given
    checked = ArgumentSpecValidator(noun.NOUN.argument_spec).validate(options)
    assert not checked.error_messages
    return noun.desired(checked.validated_parameters)


def permission_set(**more: Any) -> dict[str, Any]:
    return {
        "Id": "0PS#1",
        "Name": "Agent",
        "Label": "Agent",
        "NamespacePrefix": "pkg",
        "IsOwnedByProfile": False,
        "PermissionSetGroupId": None,
        "LicenseId": None,
        "HasActivationRequired": False,
        **more,
    }


def user(name: str, **more: Any) -> dict[str, Any]:
    profile = {"UserLicenseId": "100#1", "UserLicense": {"Name": "Salesforce"}}
    return {"Id": f"005#{name}", "Username": name, "IsActive": True, "UserType": "Standard", "Profile": profile, **more}


def held(name: str, **more: Any) -> Row:
    values: dict[str, Any] = {"active": True, "revoked": False, "expires": None, "expired": False, "protected": ""}
    return Row(**{"id": f"0Pa#{name}", "username": name, **values, **more})


def current(users: dict[str, Any], rows: list[Row], found: dict[str, Any] | None = None) -> Current:
    return Current(permission_set() if found is None else found, users, {row.username.lower(): row for row in rows})


def apply(plan: Plan, before: Current) -> Current:
    """The assignments after every change, deletes and repairs first, as the org is sent them; a repaired row is active again."""
    rows = dict(before.rows)
    for change in sorted(plan.changes, key=lambda item: isinstance(item, Create)):
        name = change.key.split("/", 1)[1]
        if isinstance(change, Create):
            assert name.lower() not in rows, "the org would answer DUPLICATE_VALUE"
            rows[name.lower()] = held(name, id="0Pa#new", active=not before.needs_activation)
            continue
        assert rows[name.lower()].id == change.id
        if isinstance(change, Delete):
            del rows[name.lower()]
            continue
        repaired = rows[name.lower()]
        if "revoked" in change.after:
            repaired = replace(repaired, revoked=change.after["revoked"])
        if "expires" in change.after:
            repaired = replace(repaired, expires=change.after["expires"], expired=False)
        rows[name.lower()] = replace(repaired, active=not repaired.revoked and not repaired.expired)
    return replace(before, rows=rows)


# -- strategies ----------------------------------------------------------------------------------------------------------------------

NAMES = [f"User{number}@acme.example" for number in range(6)]


@st.composite
def rows_of(draw: st.DrawFn, name: str) -> Row:
    expires = draw(st.sampled_from([None, PAST, "2999-01-01T00:00:00.000+0000"]))
    return held(
        name,
        active=draw(st.booleans()),
        revoked=draw(st.booleans()),
        expires=expires,
        expired=expires == PAST,
        protected=draw(st.sampled_from(["", "", PLATFORM, RUNNING])),
    )


@st.composite
def situations(draw: st.DrawFn) -> tuple[Desired, Current]:
    wanted = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4))
    having = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=5))
    people = {name: user(name, IsActive=draw(st.booleans())) for name in wanted}
    rows = [draw(rows_of(name)) for name in having]
    found = permission_set(HasActivationRequired=draw(st.booleans()))
    state = draw(st.sampled_from(["present", "absent", "exact"]))
    target = draw(st.sampled_from([{}, {"permission_set": None, "permission_set_group": "pkg__Agent"}]))
    counts = draw(st.sampled_from(["counts", "ignored"]))
    wish = desired(users=wanted, state=state, on_ineligible="skip", max_removals=9, allow_empty=True, through_group=counts, **target)
    if wish.is_group:
        return wish, current(people, rows, found)
    through = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=3))
    return wish, replace(current(people, rows, found), through={name.lower(): ("pkg__Agents",) for name in through})


# -- the plan ------------------------------------------------------------------------------------------------------------------------


@given(situations())
def test_an_applied_plan_leaves_nothing_to_do(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    after = apply(noun.plan(wish, before), before)
    assert noun.plan(wish, after) == Plan()


@given(situations())
def test_an_applied_plan_gives_the_set_to_those_wanted_and_to_nobody_it_should_not(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    after = apply(noun.plan(wish, before), before)
    granted = {
        row.username for row in after.rows.values() if (row.active or before.needs_activation) and not row.revoked and not row.expired
    }
    through = set(before.through or {}) if wish.through_group == "counts" else set()
    able = {name for name, item in before.users.items() if item["IsActive"] and name.lower() not in through}
    if wish.state == "absent":
        assert {name for name in granted & set(before.users) if not before.rows[name.lower()].protected} == set()
        return
    assert able <= granted
    if wish.state == "exact":
        assert {name for name in granted - set(before.users) if not before.rows[name.lower()].protected} == set()


@given(situations())
def test_removals_happen_only_for_absent_and_exact_and_never_to_the_protected(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    changes = noun.plan(wish, before).changes
    created = {change.key for change in changes if isinstance(change, Create)}
    taken = [change for change in changes if isinstance(change, Delete) and change.key not in created]
    assert wish.state != "present" or taken == []
    assert [change for change in taken if before.rows[change.key.split("/", 1)[1].lower()].protected] == []
    for change in taken:
        assert (change.key.split("/", 1)[1] in before.users) == (wish.state == "absent")


@given(situations())
def test_users_who_are_not_named_keep_what_they_have_unless_the_list_is_exact(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    if wish.state != "exact":
        assert {change.key.split("/", 1)[1] for change in noun.plan(wish, before).changes} <= set(before.users)


@given(situations())
def test_a_replaced_row_goes_before_its_successor_comes(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    changes = noun.plan(wish, before).changes
    for place, change in enumerate(changes):
        if isinstance(change, Delete):
            assert change.key not in {other.key for other in changes[:place] if isinstance(other, Create)}


@given(situations())
def test_no_record_id_is_ever_shown(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    made = noun.plan(wish, before)
    assert "#" not in json.dumps([as_changes(made.changes), as_diff(made.changes, "x"), noun.report(wish, before, made)])


@given(situations())
def test_the_plan_says_before_and_after_of_the_same_fields(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    for change in noun.plan(wish, before).changes:
        if isinstance(change, Update):
            assert set(change.before) == set(change.after) <= {"revoked", "expires"}


KEY = "pkg__Agent/user0@acme.example"


@pytest.mark.parametrize(
    ("row", "changes"),
    [
        (None, (Create(noun.KIND, KEY, {"assigned": True}),)),
        (held("user0@acme.example"), ()),
        (held("user0@acme.example", expires="2999-01-01T00:00:00.000+0000"), ()),
        (
            held("user0@acme.example", active=False, revoked=True),
            (Update(noun.KIND, KEY, "0Pa#user0@acme.example", {"revoked": True}, {"revoked": False}),),
        ),
        (
            held("user0@acme.example", active=False, expires=PAST, expired=True),
            (Update(noun.KIND, KEY, "0Pa#user0@acme.example", {"expires": PAST}, {"expires": None}),),
        ),
        (
            held("user0@acme.example", active=False, revoked=True, expires=PAST, expired=True),
            (Update(noun.KIND, KEY, "0Pa#user0@acme.example", {"revoked": True, "expires": PAST}, {"revoked": False, "expires": None}),),
        ),
    ],
    ids=["none", "granted", "granted for a time", "revoked", "expired", "revoked and expired"],
)
def test_what_is_not_granted_is_assigned_or_repaired(row: Row | None, changes: tuple[Any, ...]) -> None:
    name = "user0@acme.example"
    assert noun.plan(desired(), current({name: user(name)}, [row] if row else [])).changes == changes


def test_a_row_that_is_inactive_for_no_reason_is_replaced_and_that_shows() -> None:
    name = "user0@acme.example"
    changes = noun.plan(desired(), current({name: user(name)}, [held(name, active=False)])).changes
    assert [type(change) for change in changes] == [Delete, Create]
    diff = as_diff(changes, "x")
    assert diff["before"][noun.KIND][KEY] != diff["after"][noun.KIND][KEY]


def test_a_set_that_needs_activation_is_granted_while_it_is_inactive() -> None:
    name = "user0@acme.example"
    before = current({name: user(name)}, [held(name, active=False)], permission_set(HasActivationRequired=True))
    assert noun.plan(desired(), before) == Plan()
    assert "needs activation" in noun.report(desired(), before, Plan())["warnings"][0]


def test_a_username_is_found_in_any_case() -> None:
    before = current({"Kim@acme.example": user("Kim@acme.example")}, [held("kim@ACME.example")])
    assert noun.plan(desired(users=["KIM@acme.example"]), before) == Plan()


# -- groups --------------------------------------------------------------------------------------------------------------------------


@given(situations())
def test_holding_the_set_through_a_group_changes_only_who_is_given_it(situation: tuple[Desired, Current]) -> None:
    """What is taken away, and from whom, does not depend on groups; ignored or not, nobody gets more than without groups."""
    wish, before = situation
    alone = noun.plan(wish, replace(before, through={})).changes
    made = noun.plan(wish, before).changes
    through = {f"pkg__Agent/{name}" for name in before.users if name.lower() in (before.through or {})}
    assert made == tuple(
        change for change in alone if wish.through_group == "ignored" or wish.state == "absent" or change.key not in through
    )


def test_a_group_s_assignments_are_changes_of_their_own_kind() -> None:
    name = "user0@acme.example"
    wish = desired(permission_set=None, permission_set_group="pkg__Agent")
    assert noun.plan(wish, current({name: user(name)}, [])).changes == (Create(noun.GROUP_KIND, KEY, {"assigned": True}),)
    assert noun.GROUP_KIND != noun.KIND


@pytest.mark.parametrize(("state", "having", "stops"), [("present", [], True), ("absent", ["user0"], False), ("exact", ["user1"], True)])
def test_a_group_that_the_org_failed_to_recalculate_is_not_assigned_and_may_be_taken_away(
    state: str, having: list[str], stops: bool
) -> None:
    name = "user0@acme.example"
    wish = desired(permission_set=None, permission_set_group="pkg__Agent", state=state)
    before = current({name: user(name)}, [held(f"{item}@acme.example") for item in having], permission_set(Status="Failed"))
    if not stops:
        assert len(noun.plan(wish, before).changes) == 1
        return
    with pytest.raises(Problem) as told:
        noun.plan(wish, before)
    assert (told.value.code, told.value.error_class) == ("GROUP_FAILED", "org")


@pytest.mark.parametrize(
    ("options", "warned"), [({}, False), ({"through_group": "counts"}, True), ({"state": "absent"}, True), ({"state": "exact"}, True)]
)
def test_where_the_org_does_not_show_groups_that_is_said_and_warned_of_where_it_matters(options: dict[str, Any], warned: bool) -> None:
    before = replace(current({}, []), through=None)
    report = noun.report(desired(users=[], allow_empty=True, **options), before, Plan())
    assert report["through_group"] is None
    assert ["not known" in item for item in report["warnings"]] == [True] * warned


# -- what cannot be ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["present", "absent", "exact"])
@pytest.mark.parametrize(
    ("more", "code"), [({"IsOwnedByProfile": True}, "profile_owned_set"), ({"PermissionSetGroupId": "0PG#1"}, "group_set")]
)
def test_sets_that_nobody_assigns_by_hand_are_refused(more: dict[str, Any], code: str, state: str) -> None:
    with pytest.raises(Problem) as told:
        noun.plan(desired(state=state), current({}, [], permission_set(**more)))
    assert told.value.code == code
    assert "pkg__Agent" in told.value.tried
    assert told.value.remedy


@pytest.mark.parametrize("state", ["present", "exact"])
def test_a_set_that_is_not_there_is_refused(state: str) -> None:
    with pytest.raises(Problem) as told:
        noun.plan(desired(state=state), Current(None, {}, {}))
    assert told.value.code == "unknown_set"
    assert "pkg__Agent" in told.value.tried
    assert "API name" in told.value.remedy


def test_a_set_that_is_not_there_needs_no_taking_away() -> None:
    nothing = Current(None, {}, {})
    assert noun.plan(desired(state="absent"), nothing) == Plan()
    assert "no permission set pkg__Agent" in noun.report(desired(state="absent"), nothing, Plan())["warnings"][0]


@pytest.mark.parametrize(
    ("more", "found", "reason"),
    [
        ({"IsActive": False}, {}, "is inactive"),
        ({"UserType": "AutomatedProcess"}, {}, PLATFORM),
        ({"UserType": "CloudIntegrationUser"}, {}, PLATFORM),
        ({"Profile": None}, {"LicenseId": "100#1"}, "has the user licence"),
        ({}, {"LicenseId": "100#2"}, "has the user licence Salesforce"),
    ],
    ids=["inactive", "automated process", "integration user of the platform", "no profile to see", "another licence"],
)
def test_users_who_cannot_have_the_set_stop_the_task_or_are_left_out(more: dict[str, Any], found: dict[str, Any], reason: str) -> None:
    name, other = "user0@acme.example", "user1@acme.example"
    before = current({name: user(name, **more), other: user(other, Profile={"UserLicenseId": found.get("LicenseId", "100#1")})}, [])
    before = replace(before, permission_set=permission_set(**found))
    with pytest.raises(Problem) as told:
        noun.plan(desired(users=[name, other]), before)
    assert told.value.code == "ineligible_user"
    assert f"{name} {reason}" in told.value.said
    assert other not in told.value.said
    wish = desired(users=[name, other], on_ineligible="skip")
    made = noun.plan(wish, before)
    assert [change.key for change in made.changes] == [f"pkg__Agent/{other}"]
    report = noun.report(wish, before, made)
    assert [item["user"] for item in report["left_out"]] == [name]
    assert name in report["warnings"][0]


@pytest.mark.parametrize("licence", ["0PL#1", None, "100#1"], ids=["permission set licence", "none", "the user's own"])
def test_other_licences_of_a_set_keep_nobody_from_it(licence: str | None) -> None:
    name = "user0@acme.example"
    assert len(noun.plan(desired(), current({name: user(name)}, [], permission_set(LicenseId=licence))).changes) == 1


def test_who_has_the_set_already_may_be_inactive() -> None:
    name = "user0@acme.example"
    assert noun.plan(desired(), current({name: user(name, IsActive=False)}, [held(name)])) == Plan()


@pytest.mark.parametrize("reason", [PLATFORM, RUNNING])
def test_the_protected_keep_the_set(reason: str) -> None:
    name, other = "user0@acme.example", "user1@acme.example"
    before = current({other: user(other)}, [held(name, protected=reason), held(other)])
    wish = desired(users=[other], state="exact", max_removals=0)
    assert noun.plan(wish, before) == Plan()
    assert noun.report(wish, before, Plan())["left_out"] == [{"user": name, "reason": reason}]

    before = current({name: user(name)}, [held(name, protected=reason)])
    with pytest.raises(Problem) as told:
        noun.plan(desired(state="absent"), before)
    assert told.value.code == "ineligible_user"
    assert name in told.value.said
    wish = desired(state="absent", on_ineligible="skip")
    assert noun.plan(wish, before) == Plan()
    assert noun.report(wish, before, Plan())["left_out"] == [{"user": name, "reason": reason}]


# -- exact ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("most", "stops"), [(2, True), (3, False)])
def test_exact_takes_away_no_more_than_it_may(most: int, stops: bool) -> None:
    name = "user0@acme.example"
    before = current({name: user(name)}, [held(other) for other in NAMES[1:4]])
    wish = desired(state="exact", max_removals=most)
    if not stops:
        assert removals(noun.plan(wish, before).changes, noun.KIND) == 3
        return
    with pytest.raises(Problem) as told:
        noun.plan(wish, before)
    assert told.value.code == "too_many_removals"
    assert "3 users" in told.value.said
    assert NAMES[1] in told.value.said


def test_a_replaced_row_is_no_removal() -> None:
    name = "user0@acme.example"
    before = current({name: user(name)}, [held(name, active=False)])
    assert len(noun.plan(desired(state="exact", max_removals=0), before).changes) == 2


def test_ten_removals_are_allowed_unless_the_task_says_otherwise() -> None:
    wish = desired(state="exact")
    assert (str(wish.max_removals), wish.allow_empty, wish.lookup) == ("10", False, "fail")


def test_an_empty_exact_list_is_refused_before_anything_is_read() -> None:
    with pytest.raises(Problem) as told:
        desired(users=[], state="exact")
    assert told.value.code == "empty_exact"
    assert desired(users=[], state="exact", allow_empty=True).users == ()
    assert desired(users=[], state="present").users == ()
