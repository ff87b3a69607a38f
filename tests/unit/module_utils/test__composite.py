# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Batches of writes: how they are packed into composites, and when they are halved."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils import _composite
from ansible_collections.voiceops.salesforce.plugins.module_utils._composite import Batch, Outcome, Write
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import RecordError
from ansible_collections.voiceops.salesforce.plugins.module_utils._plan import Create

TRIGGER = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
WORDS = "UserTrigger: execution of BeforeUpdate\n\ncaused by: System.LimitException: Too many SOQL queries: 101"


def write(number: int, op: str = "update") -> Write:
    return Write(Create("user", str(number), {}), op, "User", f"005{number:015}" if op != "create" else None, {"Title": "x"})


def batch(count: int) -> Batch:
    return Batch(tuple(map(write, range(count))))


def outcome(one: Write, code: str = "", message: str = WORDS) -> Outcome:
    return Outcome(one.change, one.id, (RecordError(one.change.key, code, message),) if code else ())


@given(st.integers(2, 200))
def test_halves_hold_the_same_records_in_smaller_batches(count: int) -> None:
    whole = batch(count)
    halves = _composite.parted(whole)
    assert tuple(item for half in halves for item in half.writes) == whole.writes
    assert max(len(half.writes) for half in halves) <= (count + 1) // 2
    assert all(half.row == (len(half.writes) == 1) for half in halves)


@given(st.lists(st.booleans(), min_size=1))
def test_a_composite_takes_five_collections_and_twenty_five_requests(rows: list[bool]) -> None:
    sent = [Batch((write(number),), row=row) for number, row in enumerate(rows)]
    parts = _composite.in_composites(sent)
    assert [item for part in parts for item in part] == sent
    assert all(len(part) <= 25 and sum(not item.row for item in part) <= 5 for part in parts)


def test_single_records_fill_up_what_collections_leave() -> None:
    rows = [Batch((write(number),), row=True) for number in range(21)]
    assert [len(part) for part in _composite.in_composites([*[batch(2)] * 5, *rows])] == [25, 1]


def test_few_records_go_one_by_one_twenty_five_a_call() -> None:
    sent = [item for _unused in range(5) for item in _composite.parted(batch(10))]
    assert [len(part) for part in _composite.in_composites(sent)] == [25, 25]


@pytest.mark.parametrize(
    ("op", "request_"),
    [
        ("create", {"method": "POST", "url": "/v/sobjects/User", "referenceId": "write3", "body": {"Title": "x"}}),
        ("update", {"method": "PATCH", "url": "/v/sobjects/User/005000000000000001", "referenceId": "write3", "body": {"Title": "x"}}),
        ("delete", {"method": "DELETE", "url": "/v/sobjects/User/005000000000000001", "referenceId": "write3"}),
    ],
)
def test_a_record_by_itself_is_a_request_of_its_own(op: str, request_: dict[str, Any]) -> None:
    assert Batch((write(1, op),), row=True).as_subrequest("/v", 3) == request_


@pytest.mark.parametrize(
    ("codes", "message", "halved"),
    [
        ([TRIGGER, TRIGGER], WORDS, True),
        ([TRIGGER], WORDS, False),
        ([TRIGGER, ""], WORDS, False),
        ([TRIGGER, "FIELD_CUSTOM_VALIDATION_EXCEPTION"], WORDS, True),
        (["FIELD_CUSTOM_VALIDATION_EXCEPTION"] * 2, WORDS, False),
        ([TRIGGER, TRIGGER], "entity type cannot be updated: User", False),
        (["UNABLE_TO_LOCK_ROW", "UNABLE_TO_LOCK_ROW"], "held", False),
    ],
)
def test_only_what_a_trigger_refused_as_a_whole_is_halved(codes: list[str], message: str, halved: bool) -> None:
    sent = batch(len(codes))
    outcomes = [outcome(one, code, message) for one, code in zip(sent.writes, codes, strict=True)]
    assert _composite.is_for_halving(sent, outcomes) is halved


def test_a_round_leaves_halves_locked_records_and_what_is_settled() -> None:
    first, second, third = batch(20), batch(3), batch(2)
    answered = [
        [outcome(one, TRIGGER) for one in first.writes],
        [outcome(second.writes[0]), outcome(second.writes[1], "UNABLE_TO_LOCK_ROW", "held"), outcome(second.writes[2], "X", "x")],
        [outcome(one, "X", "x") for one in third.writes],
    ]
    left = _composite.sorted_out([first, second, third], answered)
    assert [len(item.writes) for item in left.halves] == [10, 10]
    assert left.locked == [(second.writes[1], answered[1][1])]
    assert left.settled == [answered[1][0], answered[1][2], *answered[2]]
    assert left.passed == 3


def test_a_record_that_fails_by_itself_beside_a_trigger_is_settled_and_the_others_are_written_again() -> None:
    sent = batch(4)
    answered = [outcome(one, "X" if number == 2 else TRIGGER) for number, one in enumerate(sent.writes)]
    left = _composite.sorted_out([sent], [answered])
    assert [item.writes for item in left.halves] == [(sent.writes[0],), (sent.writes[1],), (sent.writes[3],)]
    assert (left.settled, left.locked) == ([answered[2]], [])


@pytest.mark.parametrize(
    ("fields", "size", "passed", "words"),
    [
        ((), 200, 50, "batches of up to 50 of the others went through"),
        ((), 200, 0, "failed (BeforeUpdate) for each of 200 records, singly too"),
        (("CallCenterId",), 200, 50, "as it was"),
    ],
)
def test_the_remedy_names_the_trigger_and_what_went_through(fields: tuple[str, ...], size: int, passed: int, words: str) -> None:
    one = Outcome(write(1).change, None, (RecordError("1", TRIGGER, WORDS, fields, "as it was"),))
    (error,) = _composite.told_of_trigger(one, size, passed).errors
    assert words in error.remedy
    assert ("Apex trigger UserTrigger" in error.remedy) is not bool(fields)


def test_other_refusals_keep_their_remedies() -> None:
    one = Outcome(write(1).change, None, (RecordError("1", "X", "x", (), "as it was"),))
    assert _composite.told_of_trigger(one, 200, 50) == one
