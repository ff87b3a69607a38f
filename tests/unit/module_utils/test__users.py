# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils import _users
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._users import Skipped
from emulator.soql import parse
from emulator.soql.ast import Condition, Membership, Or

TRIED = "assigning permission set Agent"

usernames = st.text("abz'\\", min_size=1, max_size=4).map(lambda text: f"{text}@acme.example")
user_ids = st.integers(0, 9999).map(lambda number: f"005000000{number:06}")
long_ids = user_ids.map(lambda text: f"{text}AAA")
anybody = st.lists(st.one_of(usernames, user_ids, long_ids), min_size=1, max_size=6)


def row(number: int, username: str) -> dict[str, Any]:
    return {"Id": f"005000000{number:06}AAA", "Username": username}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("005000000000001", True),
        ("005000000000001AAA", True),
        ("00500000000000bAAA", True),
        ("00500000000000BAAA", False),
        ("00500000000000BAAQ", True),
        ("00500000000000", False),
        ("0050000000000011", False),
        ("003000000000001", False),
        ("005000000000001@acme.example", False),
        ("", False),
    ],
)
def test_an_id_is_told_by_prefix_and_length(name: str, expected: bool) -> None:
    assert _users.is_id(name) is expected


def test_wanted_users_are_kept_in_order_without_the_space_around_them() -> None:
    assert _users.wanted([" kim@acme.example ", "005000000000001"], TRIED) == ("kim@acme.example", "005000000000001")


@pytest.mark.parametrize("strange", ["Kim", "", " ", "003000000000001", "kim.acme.example"])
def test_what_is_no_user_stops_the_task_by_name(strange: str) -> None:
    with pytest.raises(Problem) as told:
        _users.wanted(["alex@acme.example", strange], TRIED)
    assert told.value.code == "not_a_user"
    assert strange.strip() in str(told.value)
    assert TRIED in str(told.value)
    assert told.value.remedy


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kim@acme.example", "kim@acme.example"),
        ("kim@acme.example", "KIM@acme.example "),
        ("005000000000001", "005000000000001AAA"),
    ],
    ids=["same", "other case", "both lengths of an Id"],
)
def test_a_user_given_twice_stops_the_task(one: str, other: str) -> None:
    with pytest.raises(Problem) as told:
        _users.wanted([one, "alex@acme.example", other], TRIED)
    assert told.value.code == "user_twice"
    assert other.strip() in str(told.value)


def test_ids_that_differ_in_case_are_two_users() -> None:
    both = ("00500000000000a", "00500000000000A")
    assert _users.wanted(both, TRIED) == both


def named(condition: Condition) -> dict[str, list[Any]]:
    """column -> the values a condition asks for."""
    parts = condition.parts if isinstance(condition, Or) else (condition,)
    found: dict[str, list[Any]] = {}
    for part in parts:
        assert isinstance(part, Membership)
        assert not part.negated
        found[str(part.operand)] = [value.value for value in part.values]
    return found


@given(anybody)
def test_the_condition_asks_for_each_user_once_by_the_right_column(users: list[str]) -> None:
    where = parse(f"SELECT Id FROM User WHERE {_users.condition(users)} AND IsActive = true").where
    assert where is not None
    asked = named(where.parts[0])  # type: ignore[union-attr]
    assert asked.get("Username", []) == [name for name in users if "@" in name]
    assert asked.get("Id", []) == [name for name in users if "@" not in name]


@given(anybody)
def test_the_condition_follows_a_relation(users: list[str]) -> None:
    where = parse(f"SELECT Id FROM PermissionSetAssignment WHERE {_users.condition(users, 'Assignee')}").where
    assert where is not None
    asked = named(where)
    assert set(asked) <= {"Assignee.Username", "AssigneeId"}
    assert sorted(name for names in asked.values() for name in names) == sorted(users)


def test_users_are_matched_by_name_without_case_and_by_id_of_either_length() -> None:
    rows = [row(1, "Kim@acme.example"), row(2, "alex@acme.example"), row(3, "jo@acme.example")]
    found = _users.match(["005000000000002", "kim@ACME.example", "005000000000003AAA"], rows, TRIED)
    assert list(found) == ["alex@acme.example", "Kim@acme.example", "jo@acme.example"]
    assert [item["Id"] for item in found.values()] == [rows[1]["Id"], rows[0]["Id"], rows[2]["Id"]]


def test_a_user_that_the_org_does_not_have_stops_the_task_by_name() -> None:
    with pytest.raises(Problem) as told:
        _users.match(["kim@acme.example", "nobody@acme.example", "005000000000009"], [row(1, "kim@acme.example")], TRIED)
    assert told.value.code == "unknown_user"
    assert "nobody@acme.example, 005000000000009" in str(told.value)
    assert "kim@acme.example" not in str(told.value)
    assert "sandbox" in told.value.remedy


def test_a_user_named_by_id_and_by_username_stops_the_task() -> None:
    with pytest.raises(Problem) as told:
        _users.match(["kim@acme.example", "005000000000001"], [row(1, "kim@acme.example")], TRIED)
    assert told.value.code == "user_twice"
    assert "kim@acme.example" in str(told.value)


@given(st.permutations([f"user{number}@acme.example" for number in range(5)]))
def test_matched_users_come_in_the_order_of_the_wish(users: list[str]) -> None:
    rows = [row(number, f"user{number}@acme.example") for number in range(5)]
    assert list(_users.match(users, rows, TRIED)) == users


LEFT_OUT = [Skipped(f"user{number}@acme.example", "is inactive") for number in range(12)]


def test_ineligible_users_stop_the_task_and_are_counted_beyond_ten() -> None:
    with pytest.raises(Problem) as told:
        _users.stop_or_skip(LEFT_OUT, "fail", TRIED)
    assert told.value.code == "ineligible_user"
    assert told.value.said.startswith("12 of the users")
    assert "user9@acme.example is inactive; and 2 more." in told.value.said
    assert "user10@" not in told.value.said
    assert "on_ineligible: skip" in told.value.remedy


def test_up_to_ten_ineligible_users_are_all_named() -> None:
    with pytest.raises(Problem) as told:
        _users.stop_or_skip(LEFT_OUT[:10], "fail", TRIED)
    assert told.value.said.endswith("user9@acme.example is inactive.")


@pytest.mark.parametrize(("left_out", "on_ineligible"), [(LEFT_OUT, "skip"), ([], "fail"), ([], "skip")])
def test_ineligible_users_are_left_out_where_the_task_says_so(left_out: list[Skipped], on_ineligible: str) -> None:
    _users.stop_or_skip(left_out, on_ineligible, TRIED)


@pytest.mark.parametrize(
    ("leaving", "staying", "most", "allow_empty", "code"),
    [
        (0, 1, 0, False, ""),
        (3, 1, 3, False, ""),
        (4, 1, 3, False, "too_many_removals"),
        (1, 1, 0, False, "too_many_removals"),
        (0, 0, 10, False, "empty_exact"),
        (0, 0, 10, True, ""),
        (11, 0, 10, True, "too_many_removals"),
        (0, 1, -1, False, "max_removals"),
    ],
)
def test_exact_is_guarded(leaving: int, staying: int, most: int, allow_empty: bool, code: str) -> None:
    names = [f"user{number}@acme.example" for number in range(leaving)]
    if not code:
        _users.guard_exact(names, staying, most, allow_empty, TRIED)
        return
    with pytest.raises(Problem) as told:
        _users.guard_exact(names, staying, most, allow_empty, TRIED)
    assert (told.value.code, told.value.tried) == (code, TRIED)
    assert {"empty_exact": "allow_empty", "too_many_removals": "max_removals", "max_removals": "0"}[code] in told.value.remedy
    if code == "too_many_removals":
        assert f"{leaving} users" in told.value.said
        assert "user0@acme.example" in told.value.said


def test_a_left_out_user_is_told_with_the_reason() -> None:
    assert LEFT_OUT[0].as_result() == {"user": "user0@acme.example", "reason": "is inactive"}
