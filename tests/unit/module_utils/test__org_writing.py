# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writing many records: what a customer's own trigger refuses as a whole goes in halves, and how far the work is can be seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import LostAnswer
from ansible_collections.voiceops.salesforce.plugins.module_utils._org import Org, Outcome, Write
from ansible_collections.voiceops.salesforce.plugins.module_utils._plan import Update
from emulator.faults import ApexLimit, DropAfter, Fault, Lock, Refuse
from harness.direct import Bench

TRIGGER = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
NULL = "VipTrigger: execution of BeforeUpdate\n\ncaused by: System.NullPointerException: Attempt to de-reference a null object"


@pytest.fixture
def many(make_bench: Callable[..., Bench]) -> Bench:
    """An org with 60 members of its contact center."""
    return make_bench(members=60)


def writes(bench: Bench, count: int) -> list[Write]:
    members = bench.info["members"][:count]
    return [
        Write(Update("user", row["Username"], row["Id"], {}, {}), "update", "User", row["Id"], {"Title": "New"})
        for row in _rows(bench, members)
    ]


def _rows(bench: Bench, usernames: list[str]) -> list[dict[str, str]]:
    found = {str(row["Username"]): row for row in bench.org.find("User")}
    return [found[name] for name in usernames]


def written(bench: Bench) -> int:
    return len(bench.org.find("User", Title="New"))


def sizes(bench: Bench) -> list[list[int]]:
    """The sizes of the batches of each call since the bench met the org."""
    return [[_size(sub["body"]) for sub in entry.body["compositeRequest"]] for entry in bench.entries() if entry.kind == "write"]


def _size(body: dict[str, Any]) -> int:
    records = body.get("records")
    return len(records) if isinstance(records, list) else 1


def codes(outcomes: list[Outcome]) -> list[str]:
    return [error.code for item in outcomes for error in item.errors]


# -- halves --------------------------------------------------------------------------------------------------------------------------


def test_a_trigger_that_takes_fewer_gets_fewer(many: Bench) -> None:
    many.served.faults.add(Fault(ApexLimit(over=20), times=None))
    org = many.meet()
    outcomes = org.write(writes(many, 60))
    assert (codes(outcomes), written(many), len(outcomes)) == ([], 60, 60)
    assert sizes(many) == [[60], [30, 30], [15, 15, 15, 15]]
    assert many.calls() == 3
    assert sorted(id(item) for item in org.outcomes) == sorted(id(item) for item in outcomes)
    assert org.tally.batch == 15


def test_what_went_through_is_not_written_again(many: Bench) -> None:
    """Only the batch that the trigger refused is halved; its neighbour in the same call stays as it is."""
    many.served.faults.add(Fault(ApexLimit(over=20), times=1))
    org = many.meet()
    outcomes = org.write(writes(many, 60), size=30)
    assert (codes(outcomes), written(many)) == ([], 60)
    assert sizes(many) == [[30, 30], [15, 15]]
    assert len(org.outcomes) == 60
    assert org.tally.batch == 15, "another batch of that size was refused"


def test_one_record_that_a_trigger_cannot_bear_ends_alone(many: Bench) -> None:
    """A trigger that fails for one record fails the whole batch."""
    sent = writes(many, 60)
    poor = sent[22]
    org = many.meet()
    calls = breaks_for(org, str(poor.id))
    outcomes = org.write(sent)
    failed = [item for item in outcomes if item.errors]
    assert [item.change.key for item in failed] == [poor.change.key]
    assert written(many) == 59
    (error,) = failed[0].errors
    assert (error.code, error.message) == (TRIGGER, NULL)
    assert error.remedy.startswith("The Apex trigger VipTrigger of this org failed (BeforeUpdate) on this record")
    assert "batches of up to 30 of the others went through" in error.remedy
    assert [item for item in org.outcomes if item.errors] == failed
    # At each level one half fails beside one that goes through; the last few go one by one, in one call.
    assert calls == [[60], [30, 30], [15, 15], [8, 7], [1] * 8]


def breaks_for(org: Org, user_id: str) -> list[list[int]]:
    """A customer's trigger that throws for this user, so that every record of the user's batch fails. The sizes of the batches of each call."""
    composite, calls = org._composite, list[list[int]]()
    refusal = {"success": False, "errors": [{"statusCode": TRIGGER, "message": NULL, "fields": []}]}

    def answered(request: dict[str, Any]) -> dict[str, Any]:
        if user_id not in str(request):
            return composite([request], True)[0]
        if "records" in request["body"]:
            return {"httpStatusCode": 200, "body": [refusal] * _size(request["body"])}
        return {"httpStatusCode": 400, "body": [{"errorCode": TRIGGER, "message": NULL, "fields": []}]}

    def broken(requests: list[dict[str, Any]], **_unused: Any) -> list[dict[str, Any]]:
        calls.append([_size(request["body"]) for request in requests])
        return [answered(request) for request in requests]

    org._composite = broken  # type: ignore[assignment]
    return calls


def test_a_trigger_that_fails_for_everybody_ends_with_each_alone(many: Bench) -> None:
    many.served.faults.add(Fault(Refuse("User", code=TRIGGER, message=NULL), times=None))
    org = many.meet()
    outcomes = org.write(writes(many, 60))
    assert (codes(outcomes), written(many), org.tally.batch) == ([TRIGGER] * 60, 0, 0)
    assert "for each of 60 records, singly too" in outcomes[0].errors[0].remedy
    # 1, 2, 4, 8 batches, and 60 single records, 25 a call: halving down to the end would take 26 calls.
    assert many.calls() == 1 + 1 + 1 + 2 + 3


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "no"),
        (TRIGGER, "entity type cannot be updated: User"),
        ("INSUFFICIENT_ACCESS_OR_READONLY", "no"),
    ],
)
def test_other_refusals_are_not_tried_again(code: str, message: str, many: Bench) -> None:
    many.served.faults.add(Fault(Refuse("User", code=code, message=message), times=None))
    assert codes(many.meet().write(writes(many, 20))) == [code] * 20
    assert sizes(many) == [[20]]


def test_one_record_is_not_halved(many: Bench) -> None:
    many.served.faults.add(Fault(Refuse("User", code=TRIGGER, message=NULL), times=None))
    (outcome,) = many.meet().write(writes(many, 1))
    assert outcome.errors[0].remedy.endswith("on this record: the message says why; ask its owner to correct it, then run again.")
    assert sizes(many) == [[1]]


def test_locked_records_of_a_half_are_waited_for(many: Bench) -> None:
    sent = writes(many, 30)
    many.served.faults.add(Fault(ApexLimit(over=20), times=None))
    many.served.faults.add(Fault(Lock("User", {"Id": sent[3].id}), times=2))
    org = many.meet()
    outcomes = org.write(sent)
    assert (codes(outcomes), written(many)) == ([], 30)
    assert sorted(id(item) for item in org.outcomes) == sorted(id(item) for item in outcomes)
    assert org.tally.retries >= 1


def test_what_was_halved_has_no_outcome_where_the_answer_is_lost(many: Bench) -> None:
    """Reading back decides on them then: a refusal that was to be tried again would hide that they were written."""
    many.served.faults.add(Fault(ApexLimit(over=20), times=1))
    many.served.faults.add(Fault(DropAfter(), match_method="POST", match_path="/composite", skip=1))
    org = many.meet()
    with pytest.raises(LostAnswer):
        org.write(writes(many, 30))
    assert org.outcomes == []
    assert written(many) == 30


@pytest.mark.parametrize(("over", "failing", "told"), [(20, False, 15), (20, True, 15), (30, False, 0)])
def test_a_task_warns_of_the_size_that_went_through(over: int, failing: bool, told: int, many: Bench) -> None:
    people = many.info["members"][:30]
    many.served.faults.add(Fault(ApexLimit(over=over), times=None))
    if failing:
        many.served.faults.add(Fault(Refuse("User", {"Username": people[7]}), times=None))
    center = many.info["centers"]["partner_telephony"]
    result = many.task("contact_center_member", contact_center=center, users=people, state="absent", batch_size=200)
    assert (bool(result.get("failed")), len(result["changes"])) == (failing, 29 if failing else 30)
    words = f"refused a larger batch of records; batches of up to {told} went through. batch_size: {told} spares the tries."
    assert [words in warning for warning in result["warnings"] if "batch" in warning] == [True] * bool(told)


# -- progress ------------------------------------------------------------------------------------------------------------------------


def slow(bench: Bench, org: Org, seconds: float) -> None:
    """Every call takes that long by the run's clock."""
    call = org._call

    def slowly(method: str, path: str, body: object, writing: bool) -> object:
        bench.clock.sleep(seconds)
        return call(method, path, body, writing)

    org._call = slowly  # type: ignore[method-assign]


def test_long_writes_tell_how_far_they_are(many: Bench) -> None:
    lines: list[str] = []
    org = many.meet(lines=lines)
    slow(many, org, 2)
    org.write(writes(many, 60), size=2, what="members")
    used = many.served.journal.usage
    # A call each two seconds: the first to be told of is the third, then every third.
    assert [line.split("] ", 1)[1].split(", API")[0] for line in lines] == ["members 30/60, 5.0/s", "members 60/60, 5.0/s"]
    assert lines[-1].startswith(f"[{org.label}] ")
    assert f"API {used:,}/100,000" in lines[-1]


def test_short_writes_tell_nothing(many: Bench) -> None:
    lines: list[str] = []
    org = many.meet(lines=lines)
    slow(many, org, 2)
    org.write(writes(many, 20), size=2)
    assert lines == []


def test_halves_are_not_counted_before_they_are_written(many: Bench) -> None:
    lines: list[str] = []
    many.served.faults.add(Fault(ApexLimit(over=20), times=None))
    org = many.meet(lines=lines)
    slow(many, org, 5)
    org.write(writes(many, 60))
    assert [line.split("] ", 1)[1].split(",")[0] for line in lines] == ["User 0/60", "User 0/60", "User 60/60"]


def test_work_in_several_parts_counts_as_one(many: Bench) -> None:
    lines: list[str] = []
    org = many.meet(lines=lines)
    slow(many, org, 3)
    told, sent = org.progress("members", 40), writes(many, 40)
    for start in range(0, 40, 10):
        org.write(sent[start : start + 10], told=told)
    rows = [{"Id": item.id, "Title": "Newer"} for item in sent[:10]]
    org.ingest("User", "update", ("Id", "Title"), rows, 60, told=told)
    assert [line.split("] ", 1)[1].split(",")[0] for line in lines[:2]] == ["members 20/40", "members 40/40"]
    assert told.done == 50


def test_a_job_tells_how_far_it_is(many: Bench) -> None:
    lines: list[str] = []
    org = many.meet(lines=lines)
    many.org.switches["bulk_pace"] = "one_poll"
    many.org.bulk.rows_a_step = 4
    org.run = replace(org.run, every=1.0)
    org.ingest("User", "update", ("Id", "Title"), [{"Id": item.id, "Title": "New"} for item in writes(many, 10)], 60, what="rows")
    assert [line.split("] ", 1)[1].split(",")[0] for line in lines] == ["rows 4/10", "rows 8/10", "rows 10/10"]
