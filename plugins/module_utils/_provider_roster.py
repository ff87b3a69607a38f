# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""The people that the telephony provider has, as a list or as the text of a CSV file, held against those of a contact center. Pure.

Salesforce and the provider do not sync users: somebody makes them on both sides, and with single sign-on the username must be the same on both
(Salesforce Help, "Add and Remove Users in Your Partner Telephony Contact Center").
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable

from ._errors import CONFIG, Problem, listing
from ._users import INVALID, User, suffixed

# What an entry may say of a person, in the order in which it names the entry.
WORDS = ("username", "external_id", "federation_id", "email", "employee_number")
# How single sign-on tells who somebody is; none: there is none, or nothing is to be compared.
USERNAME, FEDERATION, ROUTING_MAP, NONE = "username", "federation_identifier", "routing_map", "none"
RULES = (USERNAME, FEDERATION, ROUTING_MAP, NONE)

_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
_DELIMITERS = (",", ";", "\t", "|")
# A line that spreadsheets put before the header, to tell each other the delimiter.
_SPREADSHEET = re.compile(r'"?sep=.?"?', re.IGNORECASE)
_NO_LETTERS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Entry:
    """One person as the provider has it; what it does not tell is empty. place: where it stands in what was given."""

    place: str
    username: str = ""
    external_id: str = ""
    federation_id: str = ""
    email: str = ""
    employee_number: str = ""

    def __str__(self) -> str:
        return next((value for value in self.said() if value), "nobody")

    def said(self) -> tuple[str, ...]:
        return tuple(str(getattr(self, word)) for word in WORDS)

    def as_result(self, user: str = "") -> dict[str, str]:
        """The entry by our words, where it stands, and which Salesforce user it is of where that is known."""
        return {**dict(zip(WORDS, self.said())), "entry": self.place, "user": user}

    def as_user(self) -> User | None:
        """Whom of an org's users the entry may mean; None for an entry that says nothing by which users are found."""
        names = ((word, getattr(self, word)) for word in ("username", "federation_id", "employee_number", "email"))
        keys = tuple((word, value) for word, value in names if value and ("@" in value or word not in ("username", "email")))
        return User(keys) if keys else None


@dataclass(frozen=True)
class Person:
    """A Salesforce user. external_id: the provider's id of it by its routing map in the center, or empty."""

    username: str
    external_id: str = ""
    federation_id: str = ""
    employee_number: str = ""
    email: str = ""


@dataclass(frozen=True)
class Matched:
    """Who is who. pairs: by username. ambiguous: entries that fit several users; twice: entries of a user who has another entry already."""

    pairs: Mapping[str, Entry]
    people: Mapping[str, Person]
    unknown: tuple[Entry, ...] = ()
    ambiguous: tuple[Entry, ...] = ()
    twice: tuple[tuple[Entry, str], ...] = ()


@dataclass(frozen=True)
class Compared:
    """Both sides held against each other. missing_at_provider: usernames of those who should be there. to_remove: entries of users who should not
    be, with the username. unknown: entries of nobody in Salesforce. mismatched: by the rule of single sign-on. incomparable: usernames of whom
    one side says nothing to compare."""

    matched: int = 0
    missing_at_provider: tuple[str, ...] = ()
    to_remove: tuple[tuple[Entry, str], ...] = ()
    unknown: tuple[Entry, ...] = ()
    mismatched: tuple[Mapping[str, str], ...] = ()
    incomparable: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()
    has_external_ids: bool = False

    def as_result(self) -> dict[str, Any]:
        return {
            "matched": self.matched,
            "missing_at_provider": list(self.missing_at_provider),
            "missing_in_salesforce": [entry.as_result() for entry in self.unknown]
            + [entry.as_result(user) for entry, user in self.to_remove],
            "mismatched": [dict(item) for item in self.mismatched],
            "incomparable": list(self.incomparable),
            "odd": list(self.odd),
        }


# -- reading what was given ------------------------------------------------------------------------------------------------------------


def from_list(given: Sequence[Any], tried: str) -> tuple[Entry, ...]:
    """The entries of a list: a text is a username at the provider, a dictionary has the words above. Raises Problem, naming what is no entry."""
    found = [_of_list(item, f"entry {number}") for number, item in enumerate(given, 1)]
    odd = [f"entry {number} ({given[number - 1]})" for number, entry in enumerate(found, 1) if entry is None]
    if odd:
        remedy = f"Give for each person the username at the provider, or a dictionary with one or more of {', '.join(WORDS)}."
        raise Problem(tried, f"the roster has entries that name nobody: {listing(odd)}.", remedy, CONFIG, "bad_roster")
    return tuple(entry for entry in found if entry)


def _of_list(given: Any, place: str) -> Entry | None:
    if isinstance(given, str):
        return Entry(place, username=given.strip()) if given.strip() else None
    if not isinstance(given, Mapping) or set(given) - set(WORDS):
        return None
    return _entry(place, given)


def _entry(place: str, values: Mapping[str, Any]) -> Entry | None:
    """YAML and JSON read an employee number of digits as a number."""
    plain = {word: value for word, value in values.items() if isinstance(value, (str, int)) and not isinstance(value, bool)}
    texts = {str(word): str(value).strip() for word, value in plain.items()}
    return Entry(place, **texts) if any(texts.values()) else None


def from_csv(text: str, columns: Mapping[str, Any], tried: str) -> tuple[Entry, ...]:
    """The entries of a CSV file with a header. columns: our word -> the file's header, where that is not our word. Raises Problem, naming lines."""
    strange = sorted(str(word) for word in columns if word not in WORDS)
    if strange:
        raise Problem(tried, f"roster_columns names {listing(strange)}.", f"Its keys are {', '.join(WORDS)}.", CONFIG, "bad_roster")
    lines = text.lstrip(_BOM).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if "\0" in text:
        raise Problem(tried, "the roster is no UTF-8 text.", "Save it as CSV UTF-8; it may be UTF-16 now.", CONFIG, "bad_roster")
    if _SPREADSHEET.fullmatch(lines[0].strip()):
        lines[0] = ""
    readings = [_reading(lines, delimiter) for delimiter in _DELIMITERS]
    named = [_header(reading.header, columns) for reading in readings]
    best = max(range(len(_DELIMITERS)), key=lambda number: len(named[number]))
    reading, words = readings[best], named[best]
    if reading.broken:
        raise Problem(
            tried, f"the roster is no CSV text: {reading.broken}.", "Save it as CSV, each quoted value closed.", CONFIG, "bad_roster"
        )
    _checked_header(reading.header, words, columns, tried)
    return tuple(_of_rows(reading.rows[1:], len(reading.header), words, tried))


@dataclass(frozen=True)
class _Reading:
    """A text read with one delimiter. rows: (number of its last line, cells) of every row that has any text. broken: why it is no CSV, or empty."""

    rows: tuple[tuple[int, list[str]], ...] = ()
    broken: str = ""

    @property
    def header(self) -> list[str]:
        return self.rows[0][1] if self.rows else []


def _reading(lines: Sequence[str], delimiter: str) -> _Reading:
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter, strict=True)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        return _Reading(broken=f"line {reader.line_num}: {error}")
    return _Reading(tuple((number, cells) for number, cells in rows if any(cells)))


def _header(header: Sequence[str], columns: Mapping[str, Any]) -> dict[str, int]:
    """Our word -> the number of its column, for the words that the header has."""
    there = {_folded(cell): number for number, cell in reversed(list(enumerate(header)))}
    wanted = {word: _folded(str(columns.get(word) or word)) for word in WORDS}
    return {word: there[name] for word, name in wanted.items() if name in there}


def _folded(header: str) -> str:
    """The header as far as it counts: Employee Number is employee_number, e-mail is email."""
    return _NO_LETTERS.sub("", header.lower()) or header.strip()


def _checked_header(header: Sequence[str], named: Mapping[str, int], columns: Mapping[str, Any], tried: str) -> None:
    headers = listing(header) or "nothing"
    lost = [str(header) for word, header in columns.items() if word not in named]
    if lost:
        said = f"the roster has no column {listing(lost)}; its first line has {headers}."
        raise Problem(tried, said, "Correct roster_columns: the headers as the file has them.", CONFIG, "bad_roster")
    if not named:
        remedy = (
            f"Its first line must name the columns, one or more of {', '.join(WORDS)}; or say in roster_columns which header means which."
        )
        raise Problem(tried, f"the roster's first line names no column that is known; it has {headers}.", remedy, CONFIG, "bad_roster")


def _of_rows(rows: Sequence[tuple[int, list[str]]], width: int, named: Mapping[str, int], tried: str) -> Iterator[Entry]:
    wrong = [f"line {number} has {len(cells)} values" for number, cells in rows if len(cells) != width]
    if wrong:
        said = f"the roster's header has {width} columns, but {listing(wrong)}."
        raise Problem(tried, said, "Correct these lines; a value that has the delimiter in it needs quotes.", CONFIG, "bad_roster")
    found = [(number, _entry(f"line {number}", {word: cells[column] for word, column in named.items()})) for number, cells in rows]
    empty = [f"line {number}" for number, entry in found if entry is None]
    if empty:
        said = f"the roster has lines that name nobody: {listing(empty)}."
        raise Problem(tried, said, f"Fill in one or more of {', '.join(named)}, or take these lines out.", CONFIG, "bad_roster")
    yield from (entry for _unused, entry in found if entry)


# -- who is who ------------------------------------------------------------------------------------------------------------------------

# Each way to tell who an entry is of, the surest first: what the entry says, and what the user has, for it.
_Ways = tuple[tuple[Callable[[Entry], Iterable[str]], Callable[[Person], Iterable[str]]], ...]


def _ways(sandbox: str) -> _Ways:
    def named(entry: Entry) -> Iterable[str]:
        own = [value for value in (entry.username, entry.external_id) if value]
        return [*own, *(suffixed(value, sandbox) for value in own if "@" in value)]

    return (
        (lambda entry: (entry.external_id, entry.username), lambda person: (person.external_id,)),
        (named, lambda person: (person.username,)),
        (lambda entry: (entry.federation_id,), lambda person: (person.federation_id,)),
        (lambda entry: (entry.employee_number,), lambda person: (person.employee_number,)),
        (lambda entry: (_mailbox(entry.email),), lambda person: (_mailbox(person.email),)),
    )


def _mailbox(email: str) -> str:
    """The address without what a sandbox puts behind it."""
    return email[: -len(INVALID)] if email.lower().endswith(INVALID) else email


def matched(people: Iterable[Person], entries: Sequence[Entry], sandbox: str = "") -> Matched:
    """Who is who: the surest way first over all entries, so that no weaker likeness takes a user whom another entry names for certain. sandbox: the
    name that usernames of this org end with, or nothing."""
    everyone = {person.username: person for person in people}
    pairs: dict[str, Entry] = {}
    left = list(entries)
    unclear: set[Entry] = set()
    twice: list[tuple[Entry, str]] = []
    for said, has in _ways(sandbox):
        index = _index(everyone.values(), has)
        undecided = []
        for entry in left:
            fitting = _fitting(entry, said, index)
            if len(fitting) > 1:
                unclear.add(entry)
            if len(fitting) != 1:
                undecided.append(entry)
            elif fitting[0] in pairs:
                twice.append((entry, fitting[0]))
            else:
                pairs[fitting[0]] = entry
        left = undecided
    ambiguous = tuple(entry for entry in left if entry in unclear)
    return Matched(pairs, everyone, tuple(entry for entry in left if entry not in unclear), ambiguous, tuple(twice))


def _index(people: Iterable[Person], has: Callable[[Person], Iterable[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for person in people:
        for value in has(person):
            if value:
                found.setdefault(value.lower(), []).append(person.username)
    return found


def _fitting(entry: Entry, said: Callable[[Entry], Iterable[str]], index: Mapping[str, Sequence[str]]) -> list[str]:
    """The users that fit, by the first of the entry's values that fits any."""
    for value in said(entry):
        if value and value.lower() in index:
            return list(dict.fromkeys(index[value.lower()]))
    return []


# -- both sides ------------------------------------------------------------------------------------------------------------------------


def compared(who: Matched, expected: Iterable[str], rule: str) -> Compared:
    """Both sides. expected: usernames of those who should be at the provider. rule: how single sign-on tells who somebody is."""
    should = list(dict.fromkeys(expected))
    wanted = set(should)
    there = [(name, entry) for name, entry in who.pairs.items() if name in wanted]
    checked = [(name, _sides(rule, who.people[name], entry)) for name, entry in there] if rule != NONE else []
    return Compared(
        matched=len(there),
        missing_at_provider=tuple(name for name in should if name not in who.pairs),
        to_remove=tuple((entry, name) for name, entry in who.pairs.items() if name not in wanted),
        unknown=who.unknown,
        mismatched=tuple(
            {"user": name, "rule": rule, "salesforce": here, "provider": theirs}
            for name, (here, theirs, same) in checked
            if not same and theirs and here
        ),
        incomparable=tuple(name for name, (here, theirs, same) in checked if not here or not theirs),
        odd=tuple(_odd(who)),
        has_external_ids=any(entry.external_id for entry in who.pairs.values()),
    )


def _sides(rule: str, person: Person, entry: Entry) -> tuple[str, str, bool]:
    """(what Salesforce has, what the provider has, whether they are the same): usernames without case, the others to the letter."""
    if rule == USERNAME:
        return person.username, entry.username, person.username.lower() == entry.username.lower()
    if rule == FEDERATION:
        provider = entry.federation_id or entry.username
        return person.federation_id, provider, person.federation_id == provider
    named = [value for value in (entry.external_id, entry.username) if value]
    return person.external_id, named[0] if named else "", person.external_id in named


def _odd(who: Matched) -> Iterator[str]:
    for entry, name in who.twice:
        yield f"{entry.place} ({entry}) is {name} once more, after {who.pairs[name].place}"
    for entry in who.ambiguous:
        yield f"{entry.place} ({entry}) fits several users: give the username"
