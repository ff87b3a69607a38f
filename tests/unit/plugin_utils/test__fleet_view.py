# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sentence at the top, the order of orgs and columns, and the words for figures."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.plugin_utils._fleet_view import (
    Org,
    cells_of,
    columns_of,
    duration,
    first_line,
    headline,
    in_brief,
    moment,
    number,
    orgs_of,
    planned,
    share,
)


def org(outcome: str, **more: Any) -> Org:
    return Org(0, {"host": "acme-uat", "outcome": outcome, **more}, {})


def failed(error_class: str) -> Org:
    return org("failed", failure={"error_class": error_class})


STOPPED = org("failed", failure={"error_class": "org", "code": "stopped"})


@pytest.mark.parametrize(
    ("orgs", "sentence"),
    [
        ([], "No org was looked at."),
        ([org("as_declared")], "The org is as declared."),
        ([org("changed")], "The org is as declared, since this run put it right."),
        ([org("drift")], "The org is not known to be as declared; 1 drifted."),
        ([org("as_declared")] * 1200, "All 1,200 orgs are as declared."),
        ([org("changed")] * 2, "All 2 orgs are as declared, since this run put them right."),
        ([org("as_declared"), org("changed")], "All 2 orgs are as declared, 1 of them since this run put it right."),
        ([org("as_declared"), org("not_run")], "1 of 2 orgs is as declared; 1 was not run."),
        (
            [org("as_declared")] * 96 + [org("drift")] * 3 + [failed("network")],
            "96 of 100 orgs are as declared; 3 drifted; 1 could not be reached.",
        ),
        (
            [failed("limit"), failed("auth"), failed("auth"), failed("org"), failed(""), failed("config"), org("violations"), STOPPED],
            (
                "None of 8 orgs is known to be as declared; 1 has unmet requirements; 2 refused the login; 1 was over the API limit; "
                "1 does not fit what is declared; 1 was stopped halfway; 2 failed."
            ),
        ),
        (
            [org("violations")] * 2 + [org("not_run")] * 2,
            "None of 4 orgs is known to be as declared; 2 have unmet requirements; 2 were not run.",
        ),
    ],
)
def test_one_sentence_says_it_all(orgs: list[Org], sentence: str) -> None:
    assert headline(orgs) == sentence


def test_what_needs_attention_comes_first_then_the_host() -> None:
    outcomes = {"a": "as_declared", "b": "drift", "c": "failed", "d": "changed", "e": "violations", "f": "drift", "g": "not_run"}
    fleet = {"orgs": [{"host": host, "outcome": outcome} for host, outcome in outcomes.items()]}
    seen = orgs_of(fleet, {"orgs": {"f": {"seconds": 2.0}}})
    assert [one.host for one in seen] == ["c", "g", "b", "f", "e", "d", "a"]
    assert [one.number for one in seen] == list(range(7))
    assert [one.run for one in seen if one.run] == [{"seconds": 2.0}]


def requirement(subject: str, sentence: str, name: str, state: str = "met") -> dict[str, str]:
    return {"subject": subject, "id": sentence, "name": name, "requirement": f"{name}.", "state": state}


def test_columns_stand_by_subject_and_number() -> None:
    rows = [requirement("contact_center A", "C1", "usable"), *(requirement("api_user", name, name) for name in ("X2", "D10", "D2", "D1"))]
    rows += [requirement("api_user", "D1", "another"), requirement("contact_center B", "C1", "usable")]
    columns = columns_of([org("drift", requirements=rows)])
    assert [(one.kind, one.id, one.name) for one in columns] == [
        ("api_user", "D1", "D1"),
        ("api_user", "D1", "another"),
        ("api_user", "D2", "D2"),
        ("api_user", "D10", "D10"),
        ("api_user", "X2", "X2"),
        ("contact_center", "C1", "usable"),
    ]
    assert [one.kind_label for one in columns][-2:] == ["API user", "Contact center"]


def test_of_two_contact_centers_the_graver_state_is_shown() -> None:
    rows = [
        requirement(f"contact_center {name}", "C1", "usable", state) for name, state in (("A", "warning"), ("B", "violated"), ("C", "met"))
    ]
    assert list(cells_of(org("drift", requirements=rows)).values()) == ["violated"]


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (failed("auth"), "It failed without a message."),
        (org("failed", failure={"msg": "First.\nSecond."}), "First."),
        (org("not_run"), "Nothing was looked at in this org: the run ended before its turn."),
        (org("as_declared"), ""),
        (org("drift", changes=[{}]), "1 change to be made"),
        (org("drift", changes=[{"changed_back": True}]), "1 change to be made, changed back since the last converge"),
        (
            org("drift", changes=[{"changed_back": True}, {}], violations=["a"], unresolved=[{}, {}]),
            "2 changes to be made, 1 of them changed back since the last converge, 1 violation, 2 users not found",
        ),
        (org("violations", violations=["D6: so.", "b", "c"]), "D6: so. And 2 more."),
    ],
)
def test_an_org_is_told_in_a_line(one: Org, said: str) -> None:
    assert in_brief(one, "check") == said


def test_changes_are_planned_or_made() -> None:
    assert planned(org("changed"), "check")
    assert planned(org("drift"), "mixed")
    assert not planned(org("changed"), "apply")
    assert planned(Org(0, {"outcome": "changed"}, {"mode": "check"}), "mixed")
    assert in_brief(org("changed", changes=[{}]), "apply") == "1 change made"


def test_long_messages_are_cut_between_words() -> None:
    assert first_line("one two three", 9) == "one two \u2026"
    assert first_line("onetwothree", 6) == "onetwo \u2026"
    assert first_line("one two", 7) == "one two"
    assert first_line(None) == ""


@given(st.text(st.characters()), st.text(st.characters()))
def test_each_host_has_its_own_anchor_without_spaces(one: str, other: str) -> None:
    first, second = (Org(0, {"host": host}, {}).anchor for host in (one, other))
    assert (first == second) == (one == other) or "\\" in one + other
    assert not set(first) & set(" \t\n\"'<>&#")
    if not any("\ud800" <= sign <= "\udfff" for sign in one):
        assert unquote(first) == f"org-{one}"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, ""),
        (0, "0"),
        (115000, "115,000"),
        (1.5, "1.5"),
        (2.0, "2"),
        ("many", "many"),
        (True, "True"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
    ],
)
def test_counts_are_readable(value: object, said: str) -> None:
    assert number(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, ""),
        (0, "0.0 s"),
        (41.26, "41.3 s"),
        (59.99, "60.0 s"),
        (185, "3 min 5 s"),
        (3600, "1 h 0 min"),
        (7322.4, "2 h 2 min"),
        (-1, "-1"),
        (float("nan"), "nan"),
        ("a while", "a while"),
    ],
)
def test_times_are_readable(value: object, said: str) -> None:
    assert duration(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("2026-11-22T14:05:33Z", "2026-11-22 14:05 UTC"),
        ("2026-11-22T14:05:33.000+0000", "2026-11-22 14:05 UTC"),
        ("2026-11-22T14:05:33+01:00", "2026-11-22T14:05:33+01:00"),
        ("yesterday", "yesterday"),
        (None, ""),
    ],
)
def test_moments_are_readable(value: object, said: str) -> None:
    assert moment(value) == said


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(1, 4, 0.25), (5, 4, 1.0), (-1, 4, 0.0), (1, 0, None), (None, 4, None), (1, None, None), ("1", 4, None), (True, 4, None)],
)
def test_a_share_is_between_nothing_and_all(part: object, whole: object, said: float | None) -> None:
    assert share(part, whole) == said
