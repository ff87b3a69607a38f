# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils import _contact_center_routing_map as maps
from ansible_collections.voiceops.salesforce.plugins.module_utils._centers import AMAZON_CONNECT, PARTNER_TELEPHONY, UNKNOWN, Center
from ansible_collections.voiceops.salesforce.plugins.module_utils._contact_center_routing_map import Current, Desired, Mapped
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._plan import Change, Create, Delete, Update, as_changes

CENTER = Center("04vxx0000004EHIAA2", "Acme Voice", "AcmeVoice", PARTNER_TELEPHONY, "")
PEOPLE = ("alex@acme.example", "kim@acme.example", "robin@acme.example", "sam@acme.example")
KIM, ALEX, ROBIN = "kim@acme.example", "alex@acme.example", "robin@acme.example"


def desired(ids: Mapping[str, Any] | None = None, **options: Any) -> Desired:
    mappings = [{"user": name, "external_id": value} for name, value in ({KIM: "agent.1"} if ids is None else ids).items()]
    given = {
        "contact_center": "AcmeVoice",
        "mappings": mappings,
        "state": "present",
        "flavour": None,
        "on_ineligible": "fail",
        "max_removals": 10,
        "allow_empty": False,
        "lookup_failure_action": "fail",
    }
    return maps.desired({**given, **options})


def current(
    wish: Desired,
    there: Mapping[str, Sequence[str]] | None = None,
    *,
    members: Sequence[str] = PEOPLE,
    center: Center = CENTER,
    **more: Any,
) -> Current:
    """The center with these maps: username -> ids, in the order in which they were made."""
    rows = {
        name: tuple(Mapped(f"1Rm{PEOPLE.index(name)}{number}", f"005{PEOPLE.index(name)}", name, one) for number, one in enumerate(ids))
        for name, ids in (there or {}).items()
        if ids
    }
    wanted = {str(user): external_id for user, external_id in wish.ids.items()}
    ids = {name: f"005{PEOPLE.index(name)}" for name in wanted}
    return Current(center, wanted, ids, {name: CENTER.id if name in members else "" for name in wanted}, rows, **more)


def changes(wish: Desired, there: Current) -> list[tuple[str, str, Any, Any]]:
    told = as_changes(maps.plan(wish, there).changes)
    return [(one["op"], one["key"], one["before"].get("external_id"), one["after"].get("external_id")) for one in told]


def refused(code: str, **options: Any) -> Problem:
    with pytest.raises(Problem) as told:
        desired(**options)
    assert (told.value.code, told.value.error_class) == (code, "config")
    return told.value


# -- what is wanted ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [None, "", "   "])
@pytest.mark.parametrize("state", ["present", "exact"])
def test_an_id_is_needed_to_map_somebody(given: str | None, state: str) -> None:
    assert KIM in refused("no_external_id", ids={ALEX: "agent.1", KIM: given}, state=state).said
    assert desired({KIM: given}, state="absent").users


def test_an_id_has_at_most_255_characters() -> None:
    assert KIM in refused("too_long", ids={ALEX: "x", KIM: "x" * 256}).said
    assert desired({KIM: "x" * 255}).users


def test_one_id_for_two_users_is_refused() -> None:
    problem = refused("external_id_twice", ids={ALEX: "agent.1", ROBIN: "agent.2", KIM: " agent.1 "})
    assert f"agent.1 for {ALEX} and {KIM}" in problem.said
    assert "agent.2" not in problem.said
    assert desired({ALEX: "agent.1", KIM: "agent.1"}, state="absent").users


@pytest.mark.parametrize(
    ("mappings", "code"),
    [
        ([{"user": "kim", "external_id": "1"}], "not_a_user"),
        ([{"user": KIM, "external_id": "1"}, {"user": KIM.upper(), "external_id": "2"}], "user_twice"),
        ([{"user": {"nickname": "kim"}, "external_id": "1"}], "not_a_user"),
    ],
)
def test_users_are_checked_as_everywhere(mappings: list[dict[str, Any]], code: str) -> None:
    refused(code, mappings=mappings)


def test_an_empty_exact_list_is_refused_unless_asked_for() -> None:
    refused("empty_exact", ids={}, state="exact")
    assert desired({}, state="exact", allow_empty=True).users == ()
    refused("max_removals", max_removals="150%")


def test_spaces_around_an_id_do_not_count_and_numbers_are_texts() -> None:
    assert [*desired({KIM: " agent 1 "}).ids.values()] == ["agent 1"]


# -- the difference ------------------------------------------------------------------------------------------------------------------

TABLE: Mapping[str, tuple[str, Mapping[str, str], Mapping[str, Sequence[str]], list[tuple[str, str, Any, Any]]]] = {
    "somebody new is mapped": ("present", {KIM: "1"}, {ALEX: ["2"]}, [("create", f"AcmeVoice/{KIM}", None, "1")]),
    "who is mapped so stays": ("present", {KIM: "1"}, {KIM: ["1"]}, []),
    "another id is corrected": ("present", {KIM: "1"}, {KIM: ["2"]}, [("update", f"AcmeVoice/{KIM}", "2", "1")]),
    "case counts in an id": ("present", {KIM: "a"}, {KIM: ["A"]}, [("update", f"AcmeVoice/{KIM}", "A", "a")]),
    "two people change places": (
        "present",
        {KIM: "1", ALEX: "2"},
        {KIM: ["2"], ALEX: ["1"]},
        [("update", f"AcmeVoice/{KIM}", "2", "1"), ("update", f"AcmeVoice/{ALEX}", "1", "2")],
    ),
    "a removed map is gone, whatever its id": ("absent", {KIM: "", ALEX: "9"}, {ALEX: ["2"]}, [("delete", f"AcmeVoice/{ALEX}", "2", None)]),
    "exactly these: removals, corrections, new ones": (
        "exact",
        {KIM: "1", ALEX: "2", ROBIN: "3"},
        {"sam@acme.example": ["2"], ALEX: ["9"], ROBIN: ["3"]},
        [
            ("delete", "AcmeVoice/sam@acme.example", "2", None),
            ("update", f"AcmeVoice/{ALEX}", "9", "2"),
            ("create", f"AcmeVoice/{KIM}", None, "1"),
        ],
    ),
    "of two maps the wanted one counts, and present leaves the other": ("present", {KIM: "1"}, {KIM: ["2", "1"]}, []),
    "of two maps the older one is corrected": ("present", {KIM: "1"}, {KIM: ["2", "3"]}, [("update", f"AcmeVoice/{KIM}", "2", "1")]),
    "exact keeps one map of each": (
        "exact",
        {KIM: "1"},
        {KIM: ["2", "1", "2"]},
        [("delete", f"AcmeVoice/{KIM} (also 2)", "2", None), ("delete", f"AcmeVoice/{KIM} (also 2) no. 2", "2", None)],
    ),
    "absent removes all maps of a user": (
        "absent",
        {KIM: ""},
        {KIM: ["2", "1"]},
        [("delete", f"AcmeVoice/{KIM}", "2", None), ("delete", f"AcmeVoice/{KIM} (also 1)", "1", None)],
    ),
}


@pytest.mark.parametrize(("state", "ids", "there", "expected"), TABLE.values(), ids=TABLE.keys())
def test_what_is_to_be_done(
    state: str, ids: Mapping[str, str], there: Mapping[str, Sequence[str]], expected: list[tuple[str, str, Any, Any]]
) -> None:
    wish = desired(ids, state=state)
    assert changes(wish, current(wish, there)) == expected


def test_who_is_no_member_cannot_be_mapped() -> None:
    wish = desired({KIM: "1", ALEX: "2"})
    with pytest.raises(Problem) as told:
        maps.plan(wish, current(wish, members=[ALEX]))
    assert (told.value.code, KIM in told.value.said, ALEX in told.value.said) == ("ineligible_user", True, False)
    wish = desired({KIM: "1", ALEX: "2"}, on_ineligible="skip")
    there = current(wish, members=[ALEX])
    assert changes(wish, there) == [("create", f"AcmeVoice/{ALEX}", None, "2")]
    told_of = maps.report(wish, there, maps.plan(wish, there))
    assert [item["user"] for item in told_of["left_out"]] == [KIM]
    assert len(told_of["warnings"]) == 1


def test_who_left_the_center_and_is_mapped_as_wanted_is_let_be_and_can_be_unmapped() -> None:
    wish = desired({KIM: "1"})
    assert changes(wish, current(wish, {KIM: ["1"]}, members=[])) == []
    wish = desired({KIM: "1"}, state="absent")
    assert changes(wish, current(wish, {KIM: ["1"]}, members=[])) == [("delete", f"AcmeVoice/{KIM}", "1", None)]


def test_removals_are_guarded() -> None:
    there = {name: ["x"] for name in PEOPLE}
    for most, code in ((2, "too_many_removals"), ("74%", "too_many_removals"), (3, ""), ("75%", "")):
        wish = desired({KIM: "x"}, state="exact", max_removals=most)
        if not code:
            assert len(changes(wish, current(wish, there))) == 3
            continue
        with pytest.raises(Problem) as told:
            maps.plan(wish, current(wish, there))
        assert told.value.code == code
    wish = desired({KIM: "1"}, state="exact", on_ineligible="skip")
    with pytest.raises(Problem) as told:
        maps.plan(wish, current(wish, {ALEX: ["2"]}, members=[]))
    assert told.value.code == "empty_exact"


@pytest.mark.parametrize(("flavour", "code"), [(UNKNOWN, "unknown_flavour"), (AMAZON_CONNECT, "wrong_flavour")])
@pytest.mark.parametrize("state", ["present", "absent", "exact"])
def test_a_center_of_another_kind_is_refused(flavour: str, code: str, state: str) -> None:
    wish = desired(state=state)
    with pytest.raises(Problem) as told:
        maps.plan(wish, current(wish, center=Center("04v", "X", "X", flavour, "")))
    assert told.value.code == code


def test_several_maps_of_a_user_and_ids_of_others_are_warned_of() -> None:
    wish = desired({KIM: "1", ALEX: "2"})
    taken = (Mapped("1Rm", "0059", ROBIN, "2"), Mapped("1Rm", "0059", ROBIN, "elsewhere"))
    there = current(wish, {KIM: ["1", "9"]}, taken=taken)
    twins, used = maps.report(wish, there, maps.plan(wish, there))["warnings"]
    assert f"{KIM} (1, 9)" in twins
    assert "state: exact" in twins
    assert f"2 ({ROBIN})" in used
    assert "elsewhere" not in used
    wish = desired({KIM: "1"}, state="exact")
    there = current(wish, {KIM: ["1", "9"]})
    assert maps.report(wish, there, maps.plan(wish, there))["warnings"] == []


def test_who_is_as_wanted_is_counted() -> None:
    wish = desired({KIM: "1", ALEX: "2", ROBIN: "3"})
    there = current(wish, {KIM: ["1"], ALEX: ["1"]})
    assert maps.report(wish, there, maps.plan(wish, there))["unchanged"] == 1
    wish = desired({KIM: "", ALEX: ""}, state="absent")
    there = current(wish, {KIM: ["1"]})
    assert maps.report(wish, there, maps.plan(wish, there))["unchanged"] == 1


# -- what holds for every org --------------------------------------------------------------------------------------------------------

names = st.sampled_from(PEOPLE)
some_ids = st.sampled_from(["1", "2", "3", "4", "5", "6"])
orgs = st.dictionaries(names, st.lists(some_ids, max_size=3), max_size=4)
wishes = st.dictionaries(names, some_ids, min_size=1, max_size=4).filter(lambda ids: len(set(ids.values())) == len(ids))


def applied(there: Current, done: Sequence[Change]) -> Current:
    """The maps after the changes, each found by the Id that the change bears."""
    rows = {name: list(items) for name, items in there.maps.items()}
    for change in done:
        name = change.key.split("/", 1)[1].split(" ", 1)[0]
        items = rows.setdefault(name, [])
        if isinstance(change, Create):
            items.append(Mapped(f"new{name}", "005", name, change.after["external_id"]))
        else:
            items[:] = [item for item in items if item.id != change.id]
        if isinstance(change, Update):
            items.append(Mapped(change.id, "005", name, change.after["external_id"]))
    kept = {name: tuple(items) for name, items in rows.items() if items}
    return Current(there.center, there.wanted, there.user_ids, there.member_of, kept)


@given(ids=wishes, there=orgs, state=st.sampled_from(["present", "absent", "exact"]))
def test_a_plan_makes_the_org_as_wanted_and_touches_nobody_else(ids: dict[str, str], there: dict[str, list[str]], state: str) -> None:
    wish = desired(ids, state=state, max_removals=100)
    before = current(wish, there)
    done = maps.plan(wish, before).changes
    assert len({(type(one), one.key) for one in done}) == len(done)
    order = [(Delete, Update, Create).index(type(one)) for one in done]
    assert order == sorted(order)
    after = applied(before, done)
    assert maps.plan(wish, after).changes == ()
    for name in PEOPLE:
        now = sorted(item.external_id for item in after.maps.get(name, ()))
        if state == "exact":
            assert now == ([ids[name]] if name in ids else [])
        elif name not in ids:
            assert now == sorted(there.get(name, []))
        elif state == "absent":
            assert now == []
        else:
            assert ids[name] in now
            assert len(now) == max(1, len(there.get(name, [])))
