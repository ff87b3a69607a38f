# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One org's section: the diff of a change, and what is told of an org and what is not told twice."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.plugin_utils._fleet_page_org import (
    MOST_LINES,
    by_seconds,
    gauge,
    headroom,
    section,
    unified,
)
from ansible_collections.voiceops.salesforce.plugins.plugin_utils._fleet_view import Org, columns_of

many = [str(place) for place in range(20)]


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ({"enabled": False}, {"enabled": True}, ["- enabled: false", "+ enabled: true"]),
        ({"a": 1, "b": "x"}, {"a": 2, "b": "y"}, ["- a: 1", "+ a: 2", "- b: x", "+ b: y"]),
        ({}, {"read": True, "edit": True, "delete": False}, ["+ edit, read"]),
        ({"member": True}, {}, ["- member"]),
        ({}, {"label": "Agents", "licence": None}, ["+ label: Agents", "+ licence: null"]),
        ({"users": ["ann", "bob"]}, {"users": ["ann", "kim"]}, ["  users:", "    ann", "-   bob", "+   kim"]),
        ({"users": []}, {"users": ["kim"]}, ["- users: []", "+ users:", "+   kim"]),
        ({"text": "one\ntwo"}, {"text": "one"}, ["  text: one", "-   two"]),
        ({"set": {"x": True, "y": 1}}, {"set": {"x": True, "y": 2}}, ["  set:", "    x: true", "-   y: 1", "+   y: 2"]),
        (
            {"l": many},
            {"l": [*many, "new"]},
            ["  l:", "    0", "    1", "  \u2026 15 more that stay", "    17", "    18", "    19", "+   new"],
        ),
        ({}, {}, []),
        (None, None, []),
    ],
)
def test_a_change_reads_like_a_diff(before: Any, after: Any, lines: list[str]) -> None:
    assert [f"{sign} {line}" for sign, line in unified({"before": before, "after": after})] == lines


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
fields = st.dictionaries(st.text(max_size=6), values, max_size=4)


@given(fields)
def test_what_stays_is_neither_taken_nor_given(same: dict[str, Any]) -> None:
    if same:
        assert {sign for sign, _line in unified({"before": same, "after": dict(same)})} == {" "}


@given(fields, fields)
def test_nothing_that_differs_goes_untold(before: dict[str, Any], after: dict[str, Any]) -> None:
    signs = {sign for sign, _line in unified({"before": before, "after": after})}
    assert signs <= {"-", "+", " "}
    assert (not signs) == (not before and not after)


def test_a_diff_longer_than_anyone_reads_is_cut_and_says_so() -> None:
    change = {
        "op": "update",
        "kind": "k",
        "key": "x",
        "before": {"l": [f"a{n}" for n in range(900)]},
        "after": {"l": [f"b{n}" for n in range(900)]},
    }
    made = section(Org(0, {"host": "h", "outcome": "drift", "changes": [change]}, {}), {}, "check", "", True)
    assert made.count("<del>") + made.count("<ins>") == MOST_LINES
    assert f"{1802 - MOST_LINES:,} more lines are in fleet.json." in made


def test_depth_has_an_end() -> None:
    deep: Any = "end"
    for _level in range(200):
        deep = {"x": deep}
    assert len(unified({"before": {}, "after": {"a": deep}})) < 20


def told(declared: dict[str, Any], run: dict[str, Any] | None = None, mode: str = "check") -> str:
    org = Org(0, {"host": "acme-uat", "outcome": "drift", **declared}, run or {})
    return section(org, {column: place for place, column in enumerate(columns_of([org]))}, mode, "drift.yml", True)


def test_a_failure_says_what_stopped_and_what_to_do() -> None:
    failure = {"task": "Add the members", "msg": "It said no.", "error_class": "auth", "code": "invalid_grant"}
    made = told({"host": "acme uat", "outcome": "failed", "failure": failure})
    for words in (
        "It said no.",
        "Add the members",
        "invalid_grant",
        "The org refused the login.",
        "ansible-playbook drift.yml --limit &#x27;acme uat&#x27; --check --diff",
    ):
        assert words in made
    assert "--check" not in told({"outcome": "failed", "failure": failure}, mode="apply")


def test_a_violation_of_a_requirement_is_told_once() -> None:
    row = {
        "subject": "api_user",
        "id": "D4",
        "name": "api_enabled",
        "requirement": "The user has API Enabled.",
        "state": "violated",
        "reason": "It has not.",
    }
    made = told({"requirements": [row], "violations": ["D4 api_enabled: It has not.", "Something else."]})
    assert "D4 api_enabled" not in made
    assert made.count("It has not.") == 1
    assert made.count("Something else.") == 1


def test_what_was_changed_back_and_who_changed_it_are_told() -> None:
    change = {
        "op": "update",
        "kind": "user_permission",
        "key": "Set/Right",
        "before": {"enabled": False},
        "after": {"enabled": True},
        "changed_back": True,
    }
    last = {"change": "update user_permission Set/Right", "who": "pat@acme.example", "when": "2026-11-21T16:42:10Z", "what": "Changed it"}
    made = told({"changes": [change]}, {"changed_last": [last]})
    assert made.count("changed back</span>") == 1
    for words in ("pat@acme.example", "2026-11-21 16:42 UTC", "1 change that a run would make", "1 change undone"):
        assert words in made


@pytest.mark.parametrize("ring", ["", "1"])
def test_what_an_org_came_to_stands_in_its_own_column_with_a_ring_and_without(ring: str) -> None:
    made = told({"ring": ring, "changes": [{}]})
    summary = made[made.index("<summary") : made.index("</summary>")]
    assert summary.count("<span") == 4
    assert summary.index('class="soft"') < summary.index('class="brief"')


@pytest.mark.parametrize(("known", "said"), [(True, "sandbox"), (False, "production"), (None, "")])
def test_an_org_that_was_not_reached_is_neither_sandbox_nor_production(known: bool | None, said: str) -> None:
    made = told({"org": {"name": "", "host": "x", "is_sandbox": known}})
    assert [word for word in ("sandbox", "production") if f"<span>{word}</span>" in made] == ([said] if said else [])


def test_headroom_is_a_bar_and_figures() -> None:
    assert "13,000 of 100,000 used, <b>87,000 left</b>" in headroom({"used": 13000, "limit": 100000})
    assert "0 left" in headroom({"used": 120, "limit": 100})
    assert "not known" in headroom({"used": None, "limit": None})


@pytest.mark.parametrize(("used", "tone"), [(10, "ok"), (75, "warn"), (90, "bad"), (100, "bad")])
def test_a_bar_warns_when_little_is_left(used: int, tone: str) -> None:
    made = gauge(used, 100)
    assert f'<rect class="{tone}" width="{used}.0"' in made
    assert f'aria-label="{used}% used"' in made
    assert gauge(None, 100) == ""


def test_the_slowest_task_comes_first() -> None:
    tasks = [{"task": "a", "seconds": 1.0}, {"task": "b", "seconds": 3.0}, {"task": "c", "seconds": None}, {"task": "d", "seconds": 3.0}]
    assert [one["task"] for one in by_seconds(tasks)] == ["b", "d", "a", "c"]
