# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs have done to an org, what was undone since, and who did it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils._converge_record import KEPT, continued, last_touched, subjects, undone

ADD = {"op": "create", "kind": "contact_center_member", "key": "AcmeVoice/kim@acme.example", "before": {}, "after": {}}
REMOVE = {**ADD, "op": "delete"}
GRANT = {"op": "update", "kind": "permission_set", "key": "Acme_Set", "before": {"EditTask": False}, "after": {"EditTask": True}}
MONDAY, TUESDAY, WEDNESDAY = "2026-11-16T06:00:00Z", "2026-11-17T06:00:00Z", "2026-11-18T06:00:00Z"

changes = st.lists(
    st.fixed_dictionaries(
        {"op": st.sampled_from(["create", "update", "delete"]), "kind": st.sampled_from("ab"), "key": st.sampled_from("xyz")}
    ),
    unique_by=lambda change: (change["kind"], change["key"]),
    max_size=6,
)


def test_the_first_run_begins_a_record() -> None:
    assert continued(None, [ADD], MONDAY, "CHG1") == {
        "when": MONDAY,
        "ticket": "CHG1",
        "changes": [{"op": "create", "kind": ADD["kind"], "key": ADD["key"], "fields": [], "when": MONDAY, "ticket": "CHG1", "times": 1}],
    }


def test_a_run_that_changes_nothing_keeps_what_others_did() -> None:
    first = continued({}, [ADD, GRANT], MONDAY, "CHG1")
    assert continued(first, [], TUESDAY) == {"when": TUESDAY, "ticket": "", "changes": first["changes"]}


def test_what_is_done_again_is_counted_and_what_is_done_otherwise_begins_anew() -> None:
    record = continued(continued({}, [ADD], MONDAY), [ADD], TUESDAY, "CHG2")
    assert [(item["op"], item["times"], item["when"], item["ticket"]) for item in record["changes"]] == [("create", 2, TUESDAY, "CHG2")]
    record = continued(record, [REMOVE], WEDNESDAY)
    assert [(item["op"], item["times"]) for item in record["changes"]] == [("delete", 1)]


@pytest.mark.parametrize(
    ("now", "found"),
    [([ADD], ["create"]), ([REMOVE], []), ([GRANT], []), ([GRANT, ADD], ["create"]), ([], [])],
    ids=["the same again", "the opposite", "something else", "both", "nothing"],
)
def test_what_was_undone_is_what_was_done_and_is_to_be_done_again(now: list[dict[str, Any]], found: list[str]) -> None:
    assert [item["op"] for item in undone(continued({}, [ADD], MONDAY, "CHG1"), now)] == found


def test_a_record_may_come_as_text() -> None:
    record = continued({}, [ADD], MONDAY, "CHG1")
    text = json.dumps(record)
    assert continued(text, [ADD], TUESDAY) == continued(record, [ADD], TUESDAY)
    assert undone(text, [ADD]) == undone(record, [ADD]) != []


OTHER = {**GRANT, "before": {"label": "A"}, "after": {"label": "B"}}
REVOKED = {**ADD, "op": "update", "before": {"is_revoked": True}, "after": {"is_revoked": False}}


@pytest.mark.parametrize(
    ("before", "now", "is_undone"),
    [(GRANT, GRANT, True), (GRANT, OTHER, False), (ADD, REVOKED, True), (REMOVE, REVOKED, False), (REMOVE, REMOVE, True)],
    ids=["the same field", "another field", "made, and put right in part", "taken away, and to be put right", "taken away again"],
)
def test_what_is_done_again_need_not_be_done_in_the_same_way(before: dict[str, Any], now: dict[str, Any], is_undone: bool) -> None:
    record = continued({}, [before], MONDAY)
    assert [item["op"] for item in undone(record, [now])] == ([now["op"]] if is_undone else [])
    assert continued(record, [now], TUESDAY)["changes"][0]["times"] == (2 if is_undone else 1)


@pytest.mark.parametrize("record", [None, {}, "", "{}"])
def test_without_a_record_nothing_is_known_to_be_undone(record: dict[str, Any] | str | None) -> None:
    assert undone(record, [ADD]) == []


def test_a_record_stays_small_and_keeps_the_newest() -> None:
    many = [{**ADD, "key": f"AcmeVoice/{number}@acme.example"} for number in range(KEPT)]
    record = continued(continued({}, [GRANT], MONDAY), many, TUESDAY)
    assert len(record["changes"]) == KEPT
    assert GRANT["kind"] not in {item["kind"] for item in record["changes"]}


@given(runs=st.lists(changes, max_size=5))
def test_a_record_holds_the_last_change_of_everything(runs: list[list[dict[str, Any]]]) -> None:
    record: dict[str, Any] = {}
    last: dict[tuple[str, str], str] = {}
    for number, made in enumerate(runs):
        record = continued(record, made, f"2026-11-{number + 1:02}T00:00:00Z")
        last.update({(change["kind"], change["key"]): change["op"] for change in made})
    assert {(item["kind"], item["key"]): item["op"] for item in record.get("changes", [])} == last
    assert [(item["kind"], item["key"]) for item in record.get("changes", [])] == sorted(last)


def entry(who: str, *names: str, when: str = TUESDAY) -> dict[str, Any]:
    return {"who": who, "when": when, "display": f"{who} touched {', '.join(names)}", "subjects": list(names)}


KIM = "kim@acme.example"


@pytest.mark.parametrize(
    ("entries", "who"),
    [
        ([entry("a", "AcmeVoice", KIM), entry("b", "AcmeVoice", KIM)], "a"),
        ([entry("a", KIM), entry("b", KIM, "AcmeVoice")], "b"),
        ([entry("a", "AcmeVoice"), entry("b", KIM)], "b"),
        ([entry("a", "AcmeVoice")], "a"),
        ([entry("a", "robin@acme.example")], None),
        ([entry("a")], None),
        ([], None),
    ],
    ids=["newest", "both names win", "the user before the center", "the center at least", "another user", "no names", "empty"],
)
def test_who_touched_a_thing_last_is_the_newest_that_names_it(entries: list[dict[str, Any]], who: str | None) -> None:
    assert [item["who"] for item in last_touched([ADD], entries)] == ([who] if who else [])


def test_what_is_told_is_the_change_in_words_and_the_trails_own() -> None:
    assert last_touched([GRANT, ADD], [entry("admin@acme.example", "Acme_Set", when=MONDAY)]) == [
        {
            "change": "update permission_set Acme_Set",
            "who": "admin@acme.example",
            "when": MONDAY,
            "what": "admin@acme.example touched Acme_Set",
        }
    ]


def test_what_to_look_for_is_each_name_once() -> None:
    assert subjects([ADD, REMOVE, GRANT]) == ["AcmeVoice", "Acme_Set", KIM]
    assert subjects([]) == []
