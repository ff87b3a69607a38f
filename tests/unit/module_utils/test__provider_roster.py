# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The provider's people: how a roster is read, who is who on both sides, and what is missing or different where."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils import _provider_roster as roster
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._provider_roster import WORDS, Entry, Person

KIM = Person("kim@acme.example", "kim.1", "acme-kim", "E1", "kim@mail.example")
ROBIN = Person("robin@acme.example.uat", "", "acme-robin", "E2", "desk@mail.example.invalid")
SAM = Person("sam@acme.example", "", "", "E2", "desk@mail.example")


def said(entries: Sequence[Entry]) -> list[tuple[str, ...]]:
    return [entry.said() for entry in entries]


# -- reading -----------------------------------------------------------------------------------------------------------------------------


def test_a_list_has_usernames_and_dictionaries() -> None:
    given_ = [" kim ", {"external_id": 17, "email": "x@y.example", "federation_id": None}, {"employee_number": 2, "username": ""}]
    assert said(roster.from_list(given_, "trying")) == [("kim", "", "", "", ""), ("", "17", "", "x@y.example", ""), ("", "", "", "", "2")]


@pytest.mark.parametrize("wrong", ["", "  ", {}, {"login": "kim"}, {"username": ""}, {"username": True}, 17, None, ["kim"]])
def test_an_entry_that_names_nobody_is_named(wrong: Any) -> None:
    with pytest.raises(Problem, match="entry 2") as caught:
        roster.from_list(["kim", wrong], "trying")
    assert caught.value.code == "bad_roster"


TEXTS: tuple[tuple[str, Mapping[str, Any], list[tuple[str, ...]]], ...] = (
    ("username,external_id\nkim,1\n", {}, [("kim", "1", "", "", "")]),
    ("\N{ZERO WIDTH NO-BREAK SPACE}Username;External ID\r\nkim;1\r\n", {}, [("kim", "1", "", "", "")]),
    ("E-Mail\tEmployee Number\nk@y.example\t007", {}, [("", "", "", "k@y.example", "007")]),
    ('Login|Name\n"kim|x"|"Kim, A"\n', {"username": "login"}, [("kim|x", "", "", "", "")]),
    ("username\nkim\n\n   \n,\nrobin", {}, [("kim", "", "", "", ""), ("robin", "", "", "", "")]),
    ("username,note\nkim,\n,,\n", {}, [("kim", "", "", "", "")]),
    ("username,Username\nkim,other\n", {}, [("kim", "", "", "", "")]),
    ("Mail,Login,username\na@b,kim,never\n", {"email": "Mail", "username": "Login"}, [("kim", "", "", "a@b", "")]),
    ("username,note\nkim,a;b;c\n", {}, [("kim", "", "", "", "")]),
    ("username\n", {}, []),
    ('\N{ZERO WIDTH NO-BREAK SPACE}"Login;Name";email\nkim;k@y\n', {"username": "Login;Name"}, [("kim", "", "", "k@y", "")]),
)


@pytest.mark.parametrize(("text", "columns", "entries"), TEXTS)
def test_a_csv_text_is_read_whatever_separates_and_ends_its_lines(
    text: str, columns: Mapping[str, Any], entries: list[tuple[str, ...]]
) -> None:
    assert said(roster.from_csv(text, columns, "trying")) == entries


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_entries_say_on_which_line_they_stand(end: str) -> None:
    text = end.join(["username,note", 'kim,"two', 'lines"', "", "robin,x", ""])
    assert [entry.place for entry in roster.from_csv(text, {}, "trying")] == ["line 3", "line 5"]


@pytest.mark.parametrize(
    ("text", "columns", "words"),
    [
        ("", {}, "first line"),
        ("Login,Name\nkim,Kim\n", {}, "it has Login, Name"),
        ("username,email\nkim,\nrobin\nsam,a,b\n", {}, "line 3 has 1 values, line 4 has 3 values"),
        ("username,email,note\nkim,,\n,,x\n", {}, "line 3"),
        ('username\n"kim\n', {}, "no CSV text: line"),
        ("username\nkim\n", {"email": "Mail"}, "no column Mail"),
        ("username\nkim\n", {"login": "username"}, "roster_columns names login"),
        ("u\0s\0e\0r\0n\0a\0m\0e\0\n\0k\0i\0m\0", {}, "no UTF-8 text"),
    ],
)
def test_a_text_that_is_no_roster_is_refused_with_the_line(text: str, columns: Mapping[str, Any], words: str) -> None:
    with pytest.raises(Problem) as caught:
        roster.from_csv(text, columns, "trying")
    assert (caught.value.code, caught.value.error_class) == ("bad_roster", "config")
    assert words in str(caught.value)


def test_a_spreadsheet_s_own_first_line_is_no_header() -> None:
    (entry,) = roster.from_csv("sep=;\r\nusername;email\r\nkim;k@acme.example\r\n", {}, "trying")
    assert (entry.username, entry.email, entry.place) == ("kim", "k@acme.example", "line 3")


cells = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=12).map(str.strip)
rows = st.lists(st.fixed_dictionaries(dict.fromkeys(WORDS, cells)).filter(lambda row: any(row.values())), max_size=8)


@given(
    rows,
    st.permutations(WORDS),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_a_spreadsheet_writes_is_read_as_it_was_meant(
    people: list[dict[str, str]], order: list[str], delimiter: str, end: str, quoting: Any
) -> None:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow(order)
    writer.writerows([person[word] for word in order] for person in people)
    assert said(roster.from_csv(file.getvalue(), {}, "trying")) == [tuple(person[word] for word in WORDS) for person in people]


@given(st.text(), st.dictionaries(st.sampled_from([*WORDS, "login"]), st.text(max_size=5), max_size=2))
def test_any_text_is_read_or_refused(text: str, columns: dict[str, str]) -> None:
    found: Sequence[Entry] = ()
    with suppress(Problem):
        found = roster.from_csv(text, columns, "trying")
    assert all(any(entry.said()) and entry.place for entry in found)


# -- who is who --------------------------------------------------------------------------------------------------------------------------

MATCHES: tuple[tuple[Entry, str | None], ...] = (
    (Entry("1", external_id="KIM.1"), KIM.username),
    (Entry("1", username="kim.1"), KIM.username),
    (Entry("1", username="Kim@ACME.example"), KIM.username),
    (Entry("1", external_id="kim@acme.example"), KIM.username),
    (Entry("1", username="robin@acme.example"), ROBIN.username),
    (Entry("1", username="robin@acme.example.UAT"), ROBIN.username),
    (Entry("1", federation_id="Acme-Robin"), ROBIN.username),
    (Entry("1", employee_number="e1"), KIM.username),
    (Entry("1", email="KIM@mail.example"), KIM.username),
    (Entry("1", username="stranger", email="kim@mail.example"), KIM.username),
    (Entry("1", username="stranger"), None),
    (Entry("1", username="robin"), None),
    # Two have this employee number and this mailbox: neither is sure.
    (Entry("1", employee_number="E2"), None),
    (Entry("1", email="desk@mail.example"), None),
    (Entry("1", employee_number="E2", email="kim@mail.example"), KIM.username),
)


@pytest.mark.parametrize(("entry", "username"), MATCHES)
def test_an_entry_is_of_the_user_whom_it_names_for_certain(entry: Entry, username: str | None) -> None:
    found = roster.matched([KIM, ROBIN, SAM], [entry], "uat")
    assert dict(found.pairs) == ({username: entry} if username else {})


def test_a_likeness_never_takes_a_user_whom_another_entry_names() -> None:
    weak, sure = Entry("1", username="stranger", email="kim@mail.example"), Entry("2", username="kim@acme.example")
    found = roster.matched([KIM], [weak, sure])
    assert found.pairs == {KIM.username: sure}
    assert found.twice == ((weak, KIM.username),)


def test_what_fits_several_is_told_apart_from_what_fits_nobody() -> None:
    unclear, nobody = Entry("1", employee_number="E2"), Entry("2", username="stranger")
    found = roster.matched([ROBIN, SAM], [unclear, nobody])
    assert (found.ambiguous, found.unknown) == ((unclear,), (nobody,))


@pytest.mark.parametrize(
    ("entry", "keys"),
    [
        (Entry("1", username="kim@acme.example", email="nowhere"), (("username", "kim@acme.example"),)),
        (
            Entry("1", username="kim", federation_id="f", employee_number="7", email="k@y"),
            (("federation_id", "f"), ("employee_number", "7"), ("email", "k@y")),
        ),
        (Entry("1", username="kim", external_id="x"), None),
    ],
)
def test_whom_an_entry_may_mean_is_asked_by_what_users_have(entry: Entry, keys: Any) -> None:
    user = entry.as_user()
    assert (user.keys if user else None) == keys


# -- both sides --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "entry", "different", "silent"),
    [
        ("username", Entry("1", username="KIM@acme.example"), "", False),
        ("username", Entry("1", username="kim.1"), "kim.1", False),
        ("username", Entry("1", external_id="kim.1"), "", True),
        ("federation_identifier", Entry("1", external_id="kim.1", federation_id="acme-kim"), "", False),
        ("federation_identifier", Entry("1", external_id="kim.1", federation_id="Acme-Kim"), "Acme-Kim", False),
        ("federation_identifier", Entry("1", external_id="kim.1", username="acme-kim"), "", False),
        ("federation_identifier", Entry("1", external_id="kim.1"), "", True),
        ("routing_map", Entry("1", external_id="kim.1"), "", False),
        ("routing_map", Entry("1", username="kim.1"), "", False),
        ("routing_map", Entry("1", username="kim@acme.example", external_id="kim.2"), "kim.2", False),
        ("routing_map", Entry("1", username="kim@acme.example", external_id="KIM.1"), "KIM.1", False),
        ("routing_map", Entry("1", employee_number="E1"), "", True),
        ("none", Entry("1", username="kim.1"), "", False),
    ],
)
def test_single_sign_on_needs_the_same_name_on_both_sides(rule: str, entry: Entry, different: str, silent: bool) -> None:
    found = roster.compared(roster.matched([KIM], [entry]), [KIM.username], rule)
    assert [item["provider"] for item in found.mismatched] == ([different] if different else [])
    assert found.incomparable == ((KIM.username,) if silent else ())
    assert found.matched == 1


def test_in_a_sandbox_the_production_username_is_another_one() -> None:
    found = roster.compared(roster.matched([ROBIN], [Entry("1", username="robin@acme.example")], "uat"), [ROBIN.username], "username")
    assert found.mismatched == (
        {"user": ROBIN.username, "rule": "username", "salesforce": ROBIN.username, "provider": "robin@acme.example"},
    )


def test_a_user_without_a_routing_map_has_nothing_to_compare() -> None:
    found = roster.compared(roster.matched([SAM], [Entry("1", username=SAM.username)]), [SAM.username], "routing_map")
    assert (found.incomparable, found.mismatched) == ((SAM.username,), ())


def test_both_sides_say_who_is_missing() -> None:
    entries = [
        Entry("1", username=KIM.username),
        Entry("2", username="stranger"),
        Entry("3", username=SAM.username),
        Entry("4", employee_number="E1"),
    ]
    found = roster.compared(roster.matched([KIM, ROBIN, SAM], entries), [KIM.username, ROBIN.username], "none").as_result()
    assert (found["matched"], found["missing_at_provider"]) == (1, [ROBIN.username])
    assert [(item["username"], item["user"], item["entry"]) for item in found["missing_in_salesforce"]] == [
        ("stranger", "", "2"),
        (SAM.username, SAM.username, "3"),
    ]
    assert found["odd"] == [f"4 (E1) is {KIM.username} once more, after 1"]


few = st.sampled_from(["", "a", "b", "A", "c@x", "C@X", "d@x", "d@x.uat"])
entries_ = st.lists(st.tuples(few, few, few, few, few), max_size=6).map(
    lambda values: [Entry(f"line {number}", *one) for number, one in enumerate(values, 2)]
)
people_ = st.lists(
    st.tuples(few.filter(lambda name: "@" in name), few, few, few, few), max_size=5, unique_by=lambda one: one[0].lower()
).map(lambda values: [Person(*one) for one in values])


@given(people_, entries_, st.sampled_from(["", "uat"]), st.sampled_from(roster.RULES), st.sets(st.integers(0, 4)))
def test_every_entry_and_every_user_is_told_of_once(
    people: list[Person], entries: list[Entry], sandbox: str, rule: str, chosen: set[int]
) -> None:
    who = roster.matched(people, entries, sandbox)
    told = [*who.pairs.values(), *who.unknown, *who.ambiguous, *(entry for entry, _unused in who.twice)]
    assert sorted(entry.place for entry in told) == sorted(entry.place for entry in entries)
    expected = [person.username for number, person in enumerate(people) if number in chosen]
    both = roster.compared(who, expected, rule)
    assert both.matched + len(both.missing_at_provider) == len(expected)
    assert {name for _unused, name in both.to_remove} == set(who.pairs) - set(expected)
    assert {item["user"] for item in both.mismatched}.isdisjoint(both.incomparable)
    assert {item["user"] for item in both.mismatched} | set(both.incomparable) <= set(expected)


@given(people_, entries_.flatmap(lambda entries: st.tuples(st.just(entries), st.permutations(entries))))
def test_the_order_of_a_roster_decides_nothing_about_who_is_in_it(people: list[Person], orders: tuple[list[Entry], list[Entry]]) -> None:
    first, second = (roster.matched(people, entries) for entries in orders)
    assert set(first.pairs) == set(second.pairs)
    assert {entry.place for entry in first.unknown} == {entry.place for entry in second.unknown}
