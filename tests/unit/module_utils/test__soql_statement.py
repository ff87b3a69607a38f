# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils import _soql_statement
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._soql import MAX_STATEMENT
from ansible_collections.voiceops.salesforce.plugins.module_utils._soql_statement import counts, moment, shortened, statement
from emulator.soql import parse
from emulator.soql.ast import Comparison, Membership

QUERY = "SELECT Id FROM User WHERE Name = :name"


def refusal(text: str, values: dict[str, Any] | None = None) -> Problem:
    with pytest.raises(Problem) as caught:
        statement(text, values or {})
    return caught.value


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("Kim", "'Kim'"),
        ("O'Neil \\ Sons", r"'O\'Neil \\ Sons'"),
        ("x' OR Name != '", r"'x\' OR Name != \''"),
        ("", "''"),
        (":other", "':other'"),
        (5, "5"),
        (-2.5, "-2.5"),
        (True, "true"),
        (False, "false"),
        (None, "null"),
        (["a", "b'c"], r"('a','b\'c')"),
        ([1, None], "(1,null)"),
        ({"date": "2026-11-01"}, "2026-11-01"),
        ({"datetime": "2026-11-01T08:30:00Z"}, "2026-11-01T08:30:00Z"),
        ({"datetime": "2026-11-01T08:30:00.123+01:00"}, "2026-11-01T08:30:00.123+01:00"),
        ({"datetime": "2026-11-01 08:30:00+00:00"}, "2026-11-01T08:30:00+00:00"),
        ({"number": "5"}, "5"),
        ({"number": "-.5"}, "-.5"),
        ({"boolean": "True"}, "true"),
        ([{"date": "2026-11-01"}], "(2026-11-01)"),
    ],
    ids=repr,
)
def test_a_value_is_written_as_soql_wants_it(value: Any, written: str) -> None:
    assert statement(QUERY, {"name": value}) == f"SELECT Id FROM User WHERE Name = {written}"


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_no_text_changes_what_is_asked(text: str) -> None:
    condition = parse(statement(QUERY, {"name": text})).where
    assert isinstance(condition, Comparison)
    assert condition.value.value == text


@given(st.lists(st.text(max_size=20), min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_no_list_changes_what_is_asked(texts: list[str]) -> None:
    condition = parse(statement("SELECT Id FROM User WHERE Name IN :names", {"names": texts})).where
    assert isinstance(condition, Membership)
    assert [item.value for item in condition.values] == texts


@pytest.mark.parametrize(
    "text",
    [
        "SELECT Id FROM User WHERE LastLoginDate = LAST_N_DAYS:3",
        "SELECT Id FROM User WHERE LastLoginDate = LAST_N_DAYS:days",
        "SELECT Id FROM User WHERE CreatedDate > 2026-11-01T08:30:00+01:00",
        "SELECT Id FROM User WHERE Name = ':name and :more'",
        r"SELECT Id FROM User WHERE Name = 'it\'s :name'",
        "SELECT Id FROM User WHERE Name = 'FOR VIEW and UPDATE TRACKING'",
        "select id from user",
        "SELECT ForView__c, Update__c FROM User",
    ],
)
def test_what_is_no_place_and_does_not_write_stays(text: str) -> None:
    assert statement(f"\n {text} \n", {}) == text


def test_a_place_may_stand_often_and_between_others() -> None:
    text = "SELECT Id FROM User WHERE (Name=:name OR Alias=:name) AND Title IN :titles AND City = ':name'"
    assert statement(text, {"titles": ["x"], "name": "a:titles"}) == (
        "SELECT Id FROM User WHERE (Name='a:titles' OR Alias='a:titles') AND Title IN ('x') AND City = ':name'"
    )


@pytest.mark.parametrize(
    "text", ["", "  ", "UPDATE User SET Name = 'x'", "DELETE FROM User", "FIND {Kim}", "SELECTED Id FROM User", "/*x*/ SELECT Id FROM User"]
)
def test_what_is_no_select_is_refused(text: str) -> None:
    assert refusal(text).code == "no_select"


@pytest.mark.parametrize("marks", ["FOR VIEW", "for  reference", "FOR UPDATE", "UPDATE TRACKING", "update viewstat", "LIMIT 1\nFOR\nVIEW"])
def test_what_writes_is_refused(marks: str) -> None:
    problem = refusal(f"SELECT Id FROM Account WHERE Name = 'x' {marks}")
    assert problem.code == "not_read_only"


@pytest.mark.parametrize(
    "text",
    ["SELECT Id FROM User WHERE Name = 'x", "SELECT Id FROM User WHERE Name = 'x' AND City = '", r"SELECT Id FROM User WHERE Name = 'x\'"],
)
def test_a_quote_that_is_never_closed_is_refused(text: str) -> None:
    """A value behind it would be read as something else."""
    assert refusal(text).code == "quotes"


@pytest.mark.parametrize(
    ("text", "values", "words"),
    [
        (QUERY, {}, "has :name, and no value"),
        (QUERY, {"naem": "x"}, "Did you mean naem?"),
        (QUERY, {"name": "x", "more": 1}, "has no :more"),
        ("SELECT Id FROM User WHERE Name = ':name'", {"name": "x"}, "has no :name"),
        (QUERY, {"name": []}, "name is an empty list"),
        (QUERY, {"name": [["x"]]}, "list of lists"),
        (QUERY, {"name": {}}, "name is a dictionary"),
        (QUERY, {"name": {"date": "2026-11-01", "number": 1}}, "name is a dictionary"),
        (QUERY, {"name": {"text": "x"}}, "name is a dictionary"),
        (QUERY, {"name": {"date": "2026-13-01"}}, "is no date"),
        (QUERY, {"name": {"date": "2026-11-01 OR Name != null"}}, "is no date"),
        (QUERY, {"name": {"datetime": "2026-11-01"}}, "is no datetime"),
        (QUERY, {"name": {"number": "1 OR 1=1"}}, "is no number"),
        (QUERY, {"name": {"number": "\u0661"}}, "is no number"),
        (QUERY, {"name": float("inf")}, "is no number"),
        (QUERY, {"name": {"boolean": "yes"}}, "is no boolean"),
    ],
    ids=lambda item: repr(item)[:40],
)
def test_a_value_that_is_missing_unused_or_unwritable_is_named(text: str, values: dict[str, Any], words: str) -> None:
    problem = refusal(text, values)
    assert problem.code == "bind"
    assert words in problem.said
    assert problem.remedy


def test_a_text_or_statement_that_salesforce_does_not_take_is_refused() -> None:
    assert refusal(QUERY, {"name": "x" * 4001}).code == "too_long"
    many = ["x" * 3000] * (MAX_STATEMENT // 3000 + 1)
    assert refusal("SELECT Id FROM User WHERE Name IN :names", {"names": many}).code == "too_long"


@pytest.mark.parametrize(
    ("text", "is_count"),
    [
        ("SELECT COUNT() FROM User", True),
        ("select count ( )\nfrom User", True),
        ("SELECT COUNT(Id) FROM User", False),
        ("SELECT Id FROM User", False),
    ],
)
def test_counting_is_told_from_asking_for_records(text: str, is_count: bool) -> None:
    assert counts(text) is is_count


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-11-01", "2026-11-01T00:00:00Z"),
        ("2026-11-01T08:30:00+01:00", "2026-11-01T08:30:00+01:00"),
        ("2026-11-01 08:30:00+00:00", "2026-11-01T08:30:00+00:00"),
        ("yesterday", None),
        ("2026-11-01T08:30:00", None),
        ("2026-11-01 OR", None),
    ],
)
def test_a_moment_is_a_date_or_a_datetime_with_its_offset(text: str, written: str | None) -> None:
    assert moment(text) == written


def test_a_statement_in_a_message_is_one_short_line() -> None:
    assert shortened("SELECT Id\n  FROM User") == "SELECT Id FROM User"
    assert shortened("x" * 500) == "x" * _soql_statement._SHOWN + "..."
