# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._soql import (
    LIST_BUDGET,
    MAX_LITERAL,
    MAX_STATEMENT,
    chunks,
    in_list,
    list_chunks,
    quote,
)
from emulator.soql import parse
from emulator.soql.ast import Comparison, Membership

# Everything that means something inside a literal, often, and any other character now and then.
awkward = st.text(st.one_of(st.sampled_from("'\\\"\n\r\t\b\f%_(),"), st.characters(exclude_categories=("Cs",))), max_size=60)
words = st.lists(awkward, max_size=12)


def value_of(soql: str) -> object:
    """The literal of a statement's one comparison, as the org's own parser reads it."""
    where = parse(soql).where
    assert isinstance(where, Comparison)
    assert where.value.kind == "string"
    return where.value.value


@given(awkward)
def test_the_org_reads_a_quoted_text_as_it_was(text: str) -> None:
    assert value_of(f"SELECT Id FROM User WHERE Name = {quote(text)}") == text


@given(awkward)
def test_a_quoted_text_never_ends_before_its_end(text: str) -> None:
    assert value_of(f"SELECT Id FROM User WHERE Name = {quote(text)} LIMIT 7") == text
    assert parse(f"SELECT Id FROM User WHERE Name = {quote(text)} LIMIT 7").limit == 7


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("O'Brien", r"'O\'Brien'"),
        ("a\\", r"'a\\'"),
        ("\\' OR Name != '", r"'\\\' OR Name != \''"),
        ('say "x"', r"'say \"x\"'"),
        ("one\ntwo", r"'one\ntwo'"),
        ("\r\t\b\f", r"'\r\t\b\f'"),
        ("", "''"),
        ("é漢", "'é漢'"),
        ("100%_", "'100%_'"),
    ],
)
def test_reserved_characters_are_escaped(text: str, literal: str) -> None:
    assert quote(text) == literal


@given(st.integers(MAX_LITERAL - 12, MAX_LITERAL + 2), st.integers(0, 6))
def test_whatever_can_be_quoted_is_short_enough_for_the_org(plain: int, escaped: int) -> None:
    """A literal is measured as it is written, escapes included: the strictest reading of the limit."""
    text = "x" * plain + "'" * escaped
    if plain + 2 * escaped <= MAX_LITERAL:
        assert value_of(f"SELECT Id FROM User WHERE Name = {quote(text)}") == text
        return
    with pytest.raises(Problem) as told:
        quote(text)
    assert told.value.code == "too_long"
    assert str(MAX_LITERAL) in told.value.remedy
    assert text[:40] in told.value.tried
    assert len(str(told.value)) < 200


@given(words.filter(bool))
def test_an_in_list_holds_the_values_in_order(values: list[str]) -> None:
    where = parse(f"SELECT Id FROM User WHERE Name IN {in_list(values)}").where
    assert isinstance(where, Membership)
    assert [item.value for item in where.values] == values


def test_an_empty_in_list_is_refused() -> None:
    with pytest.raises(ValueError):
        in_list([])


@given(st.lists(st.integers()), st.integers(1, 9))
def test_chunks_keep_order_and_size(items: list[int], size: int) -> None:
    parts = [list(part) for part in chunks(items, size)]
    assert [item for part in parts for item in part] == items
    assert all(len(part) == size for part in parts[:-1])
    assert all(1 <= len(part) <= size for part in parts[-1:])


@given(words, st.integers(1, 80))
def test_list_chunks_keep_order_and_lose_nothing(values: list[str], budget: int) -> None:
    parts = list_chunks(values, budget)
    assert [value for part in parts for value in part] == values
    assert all(parts)


@given(words, st.integers(1, 80))
def test_the_list_of_each_chunk_stays_within_the_budget(values: list[str], budget: int) -> None:
    for part in list_chunks(values, budget):
        assert len(in_list(part)) <= budget or len(part) == 1


@given(words, st.integers(1, 80))
def test_chunks_are_as_few_as_the_budget_allows(values: list[str], budget: int) -> None:
    parts = list_chunks(values, budget)
    for part, following in itertools.pairwise(parts):
        assert len(in_list([*part, following[0]])) > budget


def test_no_values_make_no_chunk() -> None:
    assert list_chunks([]) == []


def test_a_list_of_ten_thousand_usernames_fits_statements() -> None:
    usernames = [f"somebody.with.a.name.{number:05}@of.some.company.example.sandbox" for number in range(10_000)]
    parts = list_chunks(usernames)
    assert sum(map(len, parts)) == len(usernames)
    for part in parts:
        statement = f"SELECT Id FROM PermissionSetAssignment WHERE Assignee.Username IN {in_list(part)}"
        assert len(statement) <= MAX_STATEMENT
        assert parse(statement)
    assert LIST_BUDGET < MAX_STATEMENT
