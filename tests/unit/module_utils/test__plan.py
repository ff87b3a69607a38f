# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils._plan import (
    Change,
    Create,
    Delete,
    Existing,
    Plan,
    Update,
    as_changes,
    as_diff,
    compare,
    identity,
    in_short,
    op_of,
    removals,
)

# Ids look like nothing that keys, names or values can be, so that one can be found wherever it slips through.
ids = st.integers(0, 999).map(lambda number: f"0PS#{number:03}#")
keys = st.text("abcdef", min_size=1, max_size=2)
values = st.one_of(st.booleans(), st.none(), st.integers(0, 2), st.text("xyz", max_size=2))
fields = st.dictionaries(st.sampled_from(["label", "read", "edit", "delete", "expires"]), values, max_size=4)
currents = st.dictionaries(keys, st.builds(Existing, ids, fields), max_size=6)
wishes = st.dictionaries(keys, fields, max_size=6)
doomed = st.frozensets(keys, max_size=6)


def apply(changes: Iterable[Change], current: Mapping[str, Existing]) -> dict[str, Existing]:
    """What an org that takes every change holds afterwards; refuses what cannot be applied."""
    org = dict(current)
    for change in changes:
        if isinstance(change, Create):
            assert change.key not in org, "a create of what is there"
            org[change.key] = Existing(f"new of {change.key}", dict(change.after))
            continue
        assert org[change.key].id == change.id, "a change of another record"
        if isinstance(change, Delete):
            del org[change.key]
            continue
        org[change.key] = Existing(change.id, {**org[change.key].fields, **change.after})
    return org


@given(currents, doomed)
def test_what_is_as_wanted_needs_no_change(current: dict[str, Existing], removable: frozenset[str]) -> None:
    wanted = {key: row.fields for key, row in current.items()}
    assert compare("thing", current, wanted, removable.__contains__) == []


@given(currents, wishes, doomed)
def test_an_applied_plan_leaves_nothing_to_do(current: dict[str, Existing], wanted: dict[str, Any], removable: frozenset[str]) -> None:
    applied = apply(compare("thing", current, wanted, removable.__contains__), current)
    assert compare("thing", applied, wanted, removable.__contains__) == []


@given(currents, wishes, doomed)
def test_an_applied_plan_holds_what_was_wanted(current: dict[str, Existing], wanted: dict[str, Any], removable: frozenset[str]) -> None:
    applied = apply(compare("thing", current, wanted, removable.__contains__), current)
    assert all(applied[key].fields.get(name) == value for key, asked in wanted.items() for name, value in asked.items())
    assert set(applied) == set(wanted) | {key for key in current if key not in removable}


@given(currents, wishes, doomed)
def test_a_field_that_nobody_named_is_neither_shown_nor_changed(
    current: dict[str, Existing], wanted: dict[str, Any], removable: frozenset[str]
) -> None:
    changes = compare("thing", current, wanted, removable.__contains__)
    for change in changes:
        if isinstance(change, (Create, Update)):
            assert set(change.after) <= set(wanted[change.key])
        if isinstance(change, Update):
            assert set(change.before) == set(change.after)
    applied = apply(changes, current)
    for key in set(current) & set(applied):
        unnamed = set(current[key].fields) - set(wanted.get(key, ()))
        assert {name: applied[key].fields[name] for name in unnamed} == {name: current[key].fields[name] for name in unnamed}


@given(currents, wishes)
def test_an_update_holds_only_what_differs(current: dict[str, Existing], wanted: dict[str, Any]) -> None:
    for change in compare("thing", current, wanted):
        if isinstance(change, Update):
            assert change.after
            assert all(change.before[name] != value for name, value in change.after.items())
            assert change.before == {name: current[change.key].fields.get(name) for name in change.after}


@given(currents, wishes)
def test_nothing_is_deleted_unless_it_is_said_to_be_removable(current: dict[str, Existing], wanted: dict[str, Any]) -> None:
    assert [change for change in compare("thing", current, wanted) if isinstance(change, Delete)] == []


@given(currents, wishes, doomed)
def test_deleted_is_what_is_removable_and_not_wanted(
    current: dict[str, Existing], wanted: dict[str, Any], removable: frozenset[str]
) -> None:
    deletes = [change for change in compare("thing", current, wanted, removable.__contains__) if isinstance(change, Delete)]
    assert {change.key for change in deletes} == (set(current) & removable) - set(wanted)
    assert all(change.before == current[change.key].fields for change in deletes)


@given(currents, wishes, doomed)
def test_changes_come_in_the_order_of_the_wishes_and_deletes_last_in_reverse(
    current: dict[str, Existing], wanted: dict[str, Any], removable: frozenset[str]
) -> None:
    changes = compare("thing", current, wanted, removable.__contains__)
    written = [change.key for change in changes if not isinstance(change, Delete)]
    deleted = [change.key for change in changes if isinstance(change, Delete)]
    assert [change.key for change in changes] == written + deleted
    assert written == [key for key in wanted if key in written]
    assert deleted == [key for key in reversed(list(current)) if key in deleted]


@given(currents, wishes, doomed)
def test_no_record_id_is_ever_shown(current: dict[str, Existing], wanted: dict[str, Any], removable: frozenset[str]) -> None:
    changes = compare("thing", current, wanted, removable.__contains__)
    assert "0PS#" not in json.dumps([as_changes(changes), as_diff(changes, "a thing on Acme")])


@given(currents, wishes, doomed)
def test_a_diff_shows_each_change_and_nothing_else(current: dict[str, Existing], wanted: dict[str, Any], removable: frozenset[str]) -> None:
    changes = compare("thing", current, wanted, removable.__contains__)
    diff = as_diff(changes, "a thing on Acme")
    before, after = diff["before"].get("thing", {}), diff["after"].get("thing", {})
    assert set(before) == {change.key for change in changes if not isinstance(change, Create)}
    assert set(after) == {change.key for change in changes if not isinstance(change, Delete)}
    for change in changes:
        if isinstance(change, Update):
            assert before[change.key] != after[change.key]
    assert diff["before_header"] == diff["after_header"] == "a thing on Acme"


@given(currents, wishes, doomed)
def test_what_is_planned_does_not_depend_on_ids(current: dict[str, Existing], wanted: dict[str, Any], removable: frozenset[str]) -> None:
    elsewhere = {key: Existing(f"other {row.id}", row.fields) for key, row in current.items()}
    here = compare("thing", current, wanted, removable.__contains__)
    there = compare("thing", elsewhere, wanted, removable.__contains__)
    assert as_changes(here) == as_changes(there)
    assert [identity(change) for change in here] == [identity(change) for change in there]


@given(currents, wishes)
def test_planning_changes_neither_side(current: dict[str, Existing], wanted: dict[str, Any]) -> None:
    told = repr((current, wanted))
    for change in compare("thing", current, wanted, lambda key: True):
        for shown in (getattr(change, "before", None), getattr(change, "after", None)):
            assert all(shown is not row.fields for row in current.values())
            assert all(shown is not asked for asked in wanted.values())
    assert repr((current, wanted)) == told


def test_a_record_that_is_only_foreseen_has_no_id_to_write() -> None:
    changes = compare("thing", {"a": Existing(None, {"label": "old"})}, {"a": {"label": "new"}})
    assert changes == [Update("thing", "a", "", {"label": "old"}, {"label": "new"})]


CREATE = Create("set", "Acme", {"label": "Acme"})
UPDATE = Update("set", "Acme", "0PS#001#", {"label": "Old"}, {"label": "New"})
DELETE = Delete("row", "Acme/Account", "110#001#", {"read": True})


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        (CREATE, {"op": "create", "kind": "set", "key": "Acme", "before": {}, "after": {"label": "Acme"}}),
        (UPDATE, {"op": "update", "kind": "set", "key": "Acme", "before": {"label": "Old"}, "after": {"label": "New"}}),
        (DELETE, {"op": "delete", "kind": "row", "key": "Acme/Account", "before": {"read": True}, "after": {}}),
    ],
    ids=["create", "update", "delete"],
)
def test_a_result_shows_a_change_by_its_key_before_and_after(change: Change, shown: dict[str, Any]) -> None:
    assert as_changes([change]) == [shown]
    assert identity(change) == (shown["op"], shown["kind"], shown["key"])
    assert op_of(change) == shown["op"]


def test_a_diff_is_sorted_by_kind_and_says_flags_in_one_line() -> None:
    assert as_diff([UPDATE, DELETE], "here") == {
        "before": {"set": {"Acme": {"label": "Old"}}, "row": {"Acme/Account": "read"}},
        "after": {"set": {"Acme": {"label": "New"}}},
        "before_header": "here",
        "after_header": "here",
    }


@pytest.mark.parametrize(
    ("given_fields", "line"),
    [
        ({"read": True, "edit": False, "delete": True}, "read, delete"),
        ({"read": False, "edit": False}, "no read, edit"),
        ({"read": True, "label": "x"}, {"read": True, "label": "x"}),
        ({"expires": None}, {"expires": None}),
        ({"size": 1}, {"size": 1}),
        ({}, {}),
    ],
    ids=["granted", "none granted", "mixed", "null", "a number is no flag", "nothing"],
)
def test_flags_are_shown_as_one_line_and_other_fields_as_they_are(given_fields: dict[str, Any], line: Any) -> None:
    assert in_short(given_fields) == line


@given(st.dictionaries(st.text("abc", min_size=1), st.booleans(), min_size=1), st.dictionaries(st.text("abc", min_size=1), st.booleans()))
def test_rights_of_the_same_names_read_the_same_only_where_they_are_the_same(one: dict[str, bool], other: dict[str, bool]) -> None:
    assume(other)
    same = {name: other.get(name, True) for name in one}
    assert (in_short(one) == in_short(same)) == (one == same)


@pytest.mark.parametrize(("kind", "count"), [("set", 0), ("row", 2)])
def test_removals_are_the_deletes_of_one_kind(kind: str, count: int) -> None:
    other = Delete("row", "Acme/Case", "110#002#", {})
    assert removals([CREATE, UPDATE, DELETE, other], kind) == count


def test_an_empty_plan_is_false_and_plans_join_in_order() -> None:
    assert not Plan()
    assert Plan((CREATE,))
    assert (Plan((CREATE,)) + Plan((UPDATE, DELETE))).changes == (CREATE, UPDATE, DELETE)
