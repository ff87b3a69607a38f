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

from ansible_collections.voiceops.salesforce.plugins.module_utils import _membership_planning as planning
from ansible_collections.voiceops.salesforce.plugins.module_utils._centers import Center, Vendor
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem, RecordError
from ansible_collections.voiceops.salesforce.plugins.module_utils._member_standing import Grant, Standing
from ansible_collections.voiceops.salesforce.plugins.module_utils._membership_planning import (
    Current,
    Desired,
    GivenSet,
    Holding,
    Licence,
    Member,
    Offer,
    Row,
)
from ansible_collections.voiceops.salesforce.plugins.module_utils._plan import Create, Delete, Plan, Update, as_changes, as_diff, removals
from ansible_collections.voiceops.salesforce.plugins.module_utils._users import Skipped

CENTER = Center("04v#1", "Acme Voice", "AcmeVoice", "partner_telephony", "CustomSettings.reqCallCenterType is SCVBYOT", syncing=False)
OTHER = Center("04v#2", "Acme Other", "AcmeOther", "partner_telephony", "CustomSettings.reqCallCenterType is SCVBYOT", syncing=False)
NAMES = [f"user{number}@acme.example" for number in range(6)]
ABLE = Standing(True, False, (Grant("0Pa#0", "Acme_Agent", frozenset({"agent"})),))
UNABLE = replace(ABLE, grants=())
ROLE_SET = GivenSet("0PS#1", "force__ContactCenterAgentExternalTelephony", "0PL#1")
PARTNER_SET = GivenSet("0PS#2", "PartnerTelephonyCustomPsl", "0PL#1")
OFFER = Offer(ROLE_SET, PARTNER_SET, (ROLE_SET.name,), {}, (Licence("0PL#1", "Voice", 9, 0),))


def desired(**given: Any) -> Desired:
    """What validated options ask for."""
    options = {"contact_center": "AcmeVoice", "users": NAMES[:1]} | given
    options = {name: value for name, value in options.items() if value is not None}
    checked = ArgumentSpecValidator(planning.ARGUMENT_SPEC).validate(options)
    assert not checked.error_messages
    return planning.desired(checked.validated_parameters)


def member(name: str, center: str = "", active: bool = True) -> Member:
    return Member(f"005#{name}", name, active, center)


def current(wanted: list[Member], others: list[Member] | None = None, center: Center = CENTER, **more: Any) -> Current:
    everyone = [*wanted, *(others or [])]
    members = {item.username: item for item in everyone if item.center_id == center.id}
    standings = more.pop("standings", {item.username: ABLE for item in wanted})
    users = {item.username: item for item in wanted}
    return Current(center, users, members, centers={center.id: center, OTHER.id: OTHER}, standings=standings, **{"offer": OFFER, **more})


def apply(plan: Plan, before: Current) -> Current:
    """The users after every change; refuses what the org does not hold."""
    people = {**before.members, **before.users}
    standings, holdings = dict(before.standings), dict(before.holdings)
    joined, left = set(before.joined), set(before.left)
    for change in plan.changes:
        name = change.key if change.kind == planning.USER_KIND else change.key.split("/", 1)[1]
        if change.kind == planning.USER_KIND:
            assert isinstance(change, Update)
            frozen = change.after.get("frozen", standings[name].frozen)
            standings[name] = replace(
                standings[name], service_user=change.after.get("SupportUser", standings[name].service_user), frozen=frozen
            )
        elif change.kind == planning.ASSIGNMENT_KIND and isinstance(change, Delete) and "assigned" in change.before:
            assert people[name].center_id == ""
            holdings[name] = tuple(held for held in holdings[name] if held.id != change.id)
        elif change.kind == planning.ASSIGNMENT_KIND:
            standings[name] = replace(standings[name], grants=ABLE.grants)
        elif isinstance(change, Create):
            assert people[name].center_id == "", "a user has one center"
            people[name] = replace(people[name], center_id=before.center.id)
            joined.add(name)
        else:
            assert isinstance(change, Delete)
            center = {CENTER.internal_name: CENTER.id, OTHER.internal_name: OTHER.id}[change.key.split("/", 1)[0]]
            assert (people[name].id, people[name].center_id) == (change.id, center)
            people[name] = replace(people[name], center_id="")
            left |= {name} if center == before.center.id else set()
    return replace(
        before,
        users={name: people[name] for name in before.users},
        members={name: people[name] for name in before.members},
        standings=standings,
        holdings=holdings,
        joined=frozenset(joined),
        left=frozenset(left),
        written=True,
    )


@st.composite
def situations(draw: st.DrawFn) -> tuple[Desired, Current]:
    wanted = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4))
    people = {name: member(name, draw(st.sampled_from(["", CENTER.id, OTHER.id])), draw(st.booleans())) for name in NAMES}
    frozen = st.sampled_from([True, False, None])
    standings = {name: Standing(draw(st.booleans()), draw(frozen), draw(st.sampled_from([(), ABLE.grants]))) for name in NAMES}
    rows = {name: Row("0Pa#1", draw(st.booleans()), draw(st.sampled_from([None, "2024"]))) for name in NAMES if draw(st.booleans())}
    held = (Holding("0Pa#2", "force__Agent"), Holding("0Pa#3", "Group", "through a group"))
    wish = desired(
        users=wanted,
        state=draw(st.sampled_from(["present", "absent", "exact"])),
        role=draw(st.sampled_from(["none", "agent"])),
        method=draw(st.sampled_from(["auto", "bulk"])),
        move=draw(st.booleans()),
        repair=draw(st.sampled_from([[], ["frozen"], ["frozen", "service_cloud_user"]])),
        remove_permission_sets=draw(st.booleans()),
        on_ineligible="skip",
        max_removals="100%",
        allow_empty=True,
    )
    others = [item for name, item in people.items() if name not in wanted]
    before = current([people[name] for name in wanted], others, standings=standings, holdings=dict.fromkeys(NAMES, held))
    return wish, replace(before, offer=replace(OFFER, rows=rows))


@given(situations())
def test_an_applied_plan_leaves_nothing_to_do(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    after = apply(planning.plan(wish, before), before)
    assert planning.plan(wish, after) == Plan()


@given(situations())
def test_an_applied_plan_makes_members_of_those_wanted_and_of_nobody_else(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    members = {item.username for item in before.inside()}
    after = apply(planning.plan(wish, before), before)
    now = {name for name, item in {**after.members, **after.users}.items() if item.center_id == CENTER.id}
    able = set(before.users) - {item.user for item in planning.ineligible(wish, before)}
    assert now == {"absent": members - set(before.users), "present": members | able, "exact": able}[wish.state]


@given(situations())
def test_what_a_user_needs_comes_first_then_who_leaves_then_who_joins_then_what_leavers_lose(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    changes = planning.plan(wish, before).changes

    def place(change: Any) -> int:
        if change.kind == planning.USER_KIND:
            return 0
        if change.kind == planning.ASSIGNMENT_KIND:
            return 5 if isinstance(change, Delete) and "assigned" in change.before else 1
        if isinstance(change, Create):
            return 4
        return 2 if change.key.startswith("AcmeVoice/") else 3

    places = [place(change) for change in changes]
    assert places == sorted(places)
    assert wish.state != "present" or not {2, 5} & set(places)
    assert wish.state != "absent" or not {0, 1, 3, 4} & set(places)
    assert wish.move or 3 not in places
    assert wish.repair or 0 not in places
    assert wish.role != "none" or 1 not in places
    assert wish.remove_permission_sets or 5 not in places


@given(situations())
def test_only_those_who_join_are_repaired_and_only_those_who_left_lose_something(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    changes = planning.plan(wish, before).changes
    joining = {planning.username_of(change) for change in changes if change.kind == planning.KIND and isinstance(change, Create)}
    assert {change.key for change in changes if change.kind == planning.USER_KIND} <= joining
    taken = [
        change
        for change in changes
        if change.kind == planning.ASSIGNMENT_KIND and isinstance(change, Delete) and "assigned" in change.before
    ]
    assert not {planning.username_of(change) for change in taken} & joining
    assert {change.id for change in taken} <= {"0Pa#2"}


@given(situations())
def test_who_joins_comes_in_the_order_of_the_list(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    changes = planning.plan(wish, before).changes
    joining = [planning.username_of(change) for change in changes if change.kind == planning.KIND and isinstance(change, Create)]
    assert joining == [str(name) for name in wish.users if str(name) in joining]


@given(situations())
def test_no_record_id_is_ever_shown_and_the_report_adds_up(situation: tuple[Desired, Current]) -> None:
    wish, before = situation
    made = planning.plan(wish, before)
    told = planning.report(wish, before, made)
    assert "#" not in json.dumps([as_changes(made.changes), as_diff(made.changes, "x"), told])
    wanted_leaving = [item for item in told["leaving"] if item["username"] in before.users]
    assert told["unchanged"] + len(told["joining"]) + len(wanted_leaving) + len(told["left_out"]) == len(before.users)
    assert planning.report(wish, apply(made, before), made)["joining"] == told["joining"]
    assert planning.report(wish, apply(made, before), made)["leaving"] == told["leaving"]


# -- options -------------------------------------------------------------------------------------------------------------------------


def test_defaults_are_careful() -> None:
    wish = desired()
    assert (wish.state, wish.on_ineligible, wish.lookup, str(wish.max_removals), wish.allow_empty) == (
        "present",
        "fail",
        "fail",
        "10",
        False,
    )
    assert (wish.role, wish.method, wish.batch_size, wish.move, wish.wait_timeout) == ("none", "auto", None, False, 300)
    assert (wish.allow_provider_calls, wish.repair, wish.remove_permission_sets) == (False, frozenset(), False)


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


@pytest.mark.parametrize(
    ("syncing", "given_size", "size"), [(True, None, 2), (False, None, 100), (None, None, 100), (True, 50, 50), (False, 1, 1)]
)
def test_batches_are_small_where_the_vendor_syncs_users(syncing: bool | None, given_size: int | None, size: int) -> None:
    center = replace(CENTER, syncing=syncing)
    assert planning.size_of_batch(desired(batch_size=given_size), current([], center=center)) == size


# -- who cannot be added -------------------------------------------------------------------------------------------------------------


def refused(wish: Desired, before: Current) -> Problem:
    with pytest.raises(Problem) as told:
        planning.plan(wish, before)
    assert "AcmeVoice" in told.value.tried
    assert told.value.remedy
    return told.value


def test_users_who_cannot_be_added_stop_the_task_or_are_left_out() -> None:
    before = current([member(NAMES[0], active=False), member(NAMES[1])])
    problem = refused(desired(users=NAMES[:2]), before)
    assert problem.code == "ineligible_user"
    assert f"{NAMES[0]} is inactive" in problem.said
    wish = desired(users=NAMES[:2], on_ineligible="skip")
    made = planning.plan(wish, before)
    assert made.changes == (Create(planning.KIND, f"AcmeVoice/{NAMES[1]}", {"member": True}),)
    report = planning.report(wish, before, made)
    assert report["left_out"] == [{"user": NAMES[0], "reason": "is inactive"}]
    assert NAMES[0] in report["warnings"][0]


def test_a_member_stays_one_whatever_became_of_the_user() -> None:
    before = current([member(NAMES[0], CENTER.id, active=False)], standings={})
    assert before.outside() == []
    assert planning.plan(desired(role="agent", repair=["frozen"]), before) == Plan()


@pytest.mark.parametrize(
    ("who", "standing", "reason"),
    [
        (member(NAMES[0], OTHER.id), ABLE, "another contact center, AcmeOther"),
        (member(NAMES[0], "", active=False), ABLE, "is inactive"),
        (member(NAMES[0]), replace(ABLE, service_user=False), "Service Cloud User"),
        (member(NAMES[0]), replace(ABLE, frozen=True), "is frozen"),
        (member(NAMES[0]), UNABLE, "neither Contact Center Agent nor Admin"),
        (member(NAMES[0]), replace(ABLE, frozen=None), ""),
        (member(NAMES[0]), ABLE, ""),
    ],
    ids=["in another center", "inactive", "no Service Cloud User", "frozen", "no right", "not known whether frozen", "eligible"],
)
def test_why_a_user_cannot_be_added(who: Member, standing: Standing, reason: str) -> None:
    told = planning.ineligible(desired(), current([who], standings={who.username: standing}))
    assert [reason in item.reason for item in told] == ([True] if reason else [])


@pytest.mark.parametrize(("most", "stops"), [(2, True), (3, False), ("74%", True), ("75%", False)])
def test_exact_removes_no_more_than_it_may(most: Any, stops: bool) -> None:
    before = current([member(NAMES[0], CENTER.id)], [member(name, CENTER.id) for name in NAMES[1:4]])
    wish = desired(state="exact", max_removals=most)
    if not stops:
        assert removals(planning.plan(wish, before).changes, planning.KIND) == 3
        return
    assert refused(wish, before).code == "too_many_removals"


# -- sets and seats ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "ops"),
    [
        (None, [Create]),
        (Row("0Pa#1", True, None), [Update]),
        (Row("0Pa#1", False, "2024"), [Update]),
        (Row("0Pa#1", True, "2024"), [Update]),
        (Row("0Pa#1", False, None), [Delete, Create]),
    ],
    ids=["none", "revoked", "expired", "both", "not active"],
)
def test_an_assignment_that_grants_nothing_is_put_right(row: Row | None, ops: list[type]) -> None:
    before = current([member(NAMES[0])], standings={NAMES[0]: UNABLE})
    before = replace(before, offer=replace(OFFER, rows={NAMES[0]: row} if row else {}))
    changes = planning.plan(desired(role="agent"), before).changes
    given = [change for change in changes if change.kind == planning.ASSIGNMENT_KIND]
    assert [change.__class__ for change in given] == ops
    assert {change.key for change in given} == {f"{ROLE_SET.name}/{NAMES[0]}"}


@pytest.mark.parametrize(
    ("method", "role", "total", "taken", "holders", "stops"),
    [
        ("auto", "agent", 5, 3, (), False),
        ("auto", "agent", 5, 4, (), True),
        ("auto", "agent", 5, 4, (NAMES[0],), False),
        ("auto", "agent", 5, 7, (NAMES[0], NAMES[1]), False),
        ("bulk", "agent", 5, 4, (), True),
        ("bulk", "none", 5, 3, (NAMES[2],), False),
        ("bulk", "none", 5, 4, (), True),
        ("auto", "none", 0, 0, (), False),
        ("auto", "agent", -1, 0, (), False),
    ],
)
def test_seats_are_counted_before_anybody_is_added(
    method: str, role: str, total: int, taken: int, holders: tuple[str, ...], stops: bool
) -> None:
    """Two users without the right, and one with it; without a role these two are left out and the bulk operation seats the third."""
    standings = {NAMES[0]: UNABLE, NAMES[1]: UNABLE, NAMES[2]: ABLE}
    licence = Licence("0PL#1", "Voice", total, taken, frozenset({*holders, *([NAMES[2]] if role != "none" else [])}))
    before = current([member(name) for name in NAMES[:3]], standings=standings, offer=replace(OFFER, licences=(licence,)))
    if method == "bulk" and role == "none":
        before = replace(before, users={NAMES[2]: before.users[NAMES[2]], NAMES[3]: member(NAMES[3])})
        before = replace(before, standings={NAMES[2]: ABLE, NAMES[3]: ABLE})
    wish = desired(users=NAMES[:3], method=method, role=role, on_ineligible="skip")
    if not stops:
        assert planning.plan(wish, before).changes
        return
    problem = refused(wish, before)
    assert problem.code == "no_free_seat"
    assert "Voice" in problem.said


def test_what_was_done_for_somebody_who_has_joined_is_looked_at_once_more() -> None:
    """An automation of the org may take a set away again: then the plan is not done."""
    wish = desired(role="agent", repair=["service_cloud_user"])
    member_now = current([member(NAMES[0], CENTER.id)], standings={NAMES[0]: Standing()})
    assert planning.plan(wish, member_now) == Plan()
    left = planning.plan(wish, replace(member_now, joined=frozenset(NAMES[:1]))).changes
    assert [change.kind for change in left] == [planning.USER_KIND, planning.ASSIGNMENT_KIND]


def test_seats_that_are_not_shown_are_warned_of() -> None:
    before = current([member(NAMES[0])], offer=replace(OFFER, licences=None))
    wish = desired(method="bulk")
    (warning,) = [one for one in planning.report(wish, before, planning.plan(wish, before))["warnings"] if "seats" in one]
    assert "seats" in warning


@pytest.mark.parametrize("carriers", [None, (), ("Acme_Agent",)])
def test_without_the_standard_set_the_task_stops_only_where_somebody_needs_it(carriers: tuple[str, ...] | None) -> None:
    offer = Offer(None, None, carriers)
    lacking = current([member(NAMES[0])], standings={NAMES[0]: UNABLE}, offer=offer)
    problem = refused(desired(role="agent"), lacking)
    assert problem.code == "no_role_set"
    assert not carriers or carriers[0] in problem.remedy
    assert planning.plan(desired(role="agent"), current([member(NAMES[0])], offer=offer)).changes


# -- vendors and routes --------------------------------------------------------------------------------------------------------------

VENDOR = Vendor("acme__Vendor", "ServiceCloudVoicePartner", True)


@pytest.mark.parametrize(
    ("syncing", "sandbox", "options", "adding", "code"),
    [
        (True, False, {}, True, "vendor_syncs_users"),
        (True, False, {}, False, ""),
        (True, False, {"method": "bulk"}, True, ""),
        (True, False, {"method": "user_field"}, True, ""),
        (True, True, {"method": "user_field"}, True, "provider_calls"),
        (True, True, {"method": "bulk"}, True, "provider_calls"),
        (True, True, {}, False, "provider_calls"),
        (True, True, {"allow_provider_calls": True}, False, ""),
        (True, True, {"allow_provider_calls": True}, True, "vendor_syncs_users"),
        (True, True, {"allow_provider_calls": True, "method": "bulk"}, True, ""),
        (None, True, {"method": "bulk"}, True, "provider_calls"),
        (None, True, {"method": "bulk"}, False, ""),
        (None, True, {}, True, ""),
        (None, False, {"method": "bulk"}, True, ""),
        (False, True, {}, True, ""),
        (False, True, {"method": "bulk"}, True, ""),
    ],
)
def test_what_may_reach_the_provider_is_asked_for(
    syncing: bool | None, sandbox: bool, options: dict[str, Any], adding: bool, code: str
) -> None:
    center = replace(CENTER, syncing=syncing, vendor=replace(VENDOR, syncs_users=syncing))
    before = current([member(NAMES[0], "" if adding else center.id)], center=center, is_sandbox=sandbox)
    wish = desired(state="present" if adding else "absent", **options)
    if code:
        assert refused(wish, before).code == code
    else:
        assert len(planning.plan(wish, before).changes) == 1


@pytest.mark.parametrize("more", [{"bulk_refusal": "NOT_FOUND"}, {"center": replace(CENTER, flavour="partner_telephony_amazon_connect")}])
def test_bulk_is_refused_where_it_is_not_offered(more: dict[str, Any]) -> None:
    before = current([member(NAMES[0])], **more)
    assert refused(desired(method="bulk"), before).code == "bulk_not_offered"
    assert planning.plan(desired(), before).changes
    assert planning.plan(desired(method="bulk", state="absent"), before) == Plan()


@pytest.mark.parametrize(("flavour", "code"), [("unknown", "unknown_flavour"), ("open_cti", "wrong_flavour"), ("SCV", "wrong_flavour")])
@pytest.mark.parametrize("state", ["present", "absent", "exact"])
def test_only_partner_telephony_centers_are_served(flavour: str, code: str, state: str) -> None:
    before = current([member(NAMES[0])], center=replace(CENTER, flavour=flavour))
    assert refused(desired(state=state), before).code == code


# -- what is told --------------------------------------------------------------------------------------------------------------------


def test_the_report_tells_the_center_and_reminds_of_the_telephony_provider() -> None:
    center = replace(CENTER, vendor=replace(VENDOR, syncs_users=False))
    told = planning.report(desired(), current([], center=center), Plan())
    assert told["contact_center"] == {
        "name": "Acme Voice",
        "internal_name": "AcmeVoice",
        "flavour": "partner_telephony",
        "told_by": CENTER.told_by,
        "vendor": "acme__Vendor",
        "syncs_users": False,
    }
    assert "does not sync" in told["reminder"]
    assert "provider" in told["reminder"]


@pytest.mark.parametrize("lookup", ["warn", "ignore"])
def test_users_whom_the_org_does_not_have_are_told(lookup: str) -> None:
    unknown = (Skipped("gone@acme.example", "is not in this org"),)
    told = planning.report(desired(lookup_failure_action=lookup), current([], unknown=unknown), Plan())
    assert told["left_out"] == [{"user": "gone@acme.example", "reason": "is not in this org"}]
    assert len(told["warnings"]) == (lookup == "warn")


def test_who_is_not_shown_to_be_frozen_is_warned_of_only_where_it_joins() -> None:
    before = current([member(NAMES[0]), member(NAMES[1], CENTER.id)], standings={NAMES[0]: replace(ABLE, frozen=None)})
    wish = desired(users=NAMES[:2])
    (warning,) = planning.report(wish, before, planning.plan(wish, before))["warnings"]
    assert NAMES[0] in warning
    assert NAMES[1] not in warning


def test_the_error_of_what_could_not_be_tried_has_the_code_of_what_was_refused() -> None:
    told = planning.not_added("AcmeVoice/x", RecordError("set/x", "LICENSE_LIMIT_EXCEEDED", "no seat", ("Id",), "free one"), "the set")
    assert (told.record, told.code, told.fields, told.remedy) == ("AcmeVoice/x", "LICENSE_LIMIT_EXCEEDED", ("Id",), "free one")
    assert "the set was refused: no seat" in told.message
