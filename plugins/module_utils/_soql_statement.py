# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""A SOQL statement of the user's own: that it only reads, and the values in it written as literals. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ._errors import CONFIG, Problem, did_you_mean, listing
from ._soql import MAX_STATEMENT, quote

_LITERAL = r"'(?:\\.|[^'\\])*'"
# LAST_N_DAYS:3 and the times of day in a datetime have their colon behind a letter or digit.
_PLACE = re.compile(rf"(?P<literal>{_LITERAL})|(?<![\w:]):(?P<name>[A-Za-z_]\w*)", re.DOTALL)
_SELECT = re.compile(r"SELECT\b", re.IGNORECASE)
_COUNT = re.compile(r"SELECT\s+COUNT\s*\(\s*\)\s", re.IGNORECASE)
# These write: when records were last viewed or referenced, and the statistics of articles (SOQL and SOSL Reference, the clauses of these names).
# FOR UPDATE locks; it belongs to Apex.
_WRITES = re.compile(r"\bFOR\s+(?:VIEW|REFERENCE|UPDATE)\b|\bUPDATE\s+(?:TRACKING|VIEWSTAT)\b", re.IGNORECASE)

_DATE = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,3})?"
# The forms of values that are written without quotes (SOQL and SOSL Reference, Date Formats), as a text has them. YAML's own datetimes become
# texts with a blank in the place of the T.
_FORMS: Mapping[str, re.Pattern[str]] = {
    "date": re.compile(_DATE, re.ASCII),
    "datetime": re.compile(rf"{_DATE}[T ]{_TIME}(?:Z|[+-]\d\d:?\d\d)", re.ASCII),
    "number": re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII),
    "boolean": re.compile("true|false", re.IGNORECASE),
}
_TRIED = "reading the option bind"
_SHOWN = 200


def statement(text: str, values: Mapping[str, Any]) -> str:
    """The statement to ask: one SELECT, with each :name of it replaced by the literal of that value.

    A text is quoted, a number or boolean is written as it is, None is null, a list is what stands behind IN; {date: ...}, {datetime: ...},
    {number: ...} and {boolean: ...} say of a text what it is. A :name inside quotes is text.
    Raises Problem for what is no SELECT, what writes, and values that are missing, unused or without a literal.
    """
    asked = text.strip()
    _only_reads(asked)
    names = list(dict.fromkeys(found["name"] for found in _PLACE.finditer(asked) if found["name"]))
    missing = [name for name in names if name not in values]
    if missing:
        hint = did_you_mean(missing[0], map(str, values))
        raise _unbound(
            f"the query has {_places(missing)}, and no value is given for it.{hint}", "Give each name of the query a value in bind."
        )
    unused = [str(name) for name in values if name not in names]
    if unused:
        raise _unbound(
            f"the query has no {_places(unused)}.", "Write the name with its colon where its value belongs, without quotes around it."
        )
    literals = {name: literal(name, values[name]) for name in names}
    whole = _PLACE.sub(lambda found: found["literal"] or literals[found["name"]], asked)
    if len(whole) > MAX_STATEMENT:
        raise _refused(
            whole, f"it has {len(whole)} characters with its values.", f"Salesforce takes {MAX_STATEMENT}: ask in parts.", "too_long"
        )
    return whole


def literal(name: str, value: Any) -> str:
    """The value as SOQL writes it. Raises Problem, with the value's name, where it cannot be written."""
    if isinstance(value, list):
        if not value or any(isinstance(item, list) for item in value):
            raise _unbound(
                f"{name} is an empty list, or a list of lists.", "SOQL has no such list: ask only where there is something to ask for."
            )
        return "(" + ",".join(literal(name, item) for item in value) + ")"
    if isinstance(value, Mapping):
        return _as_said(name, value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (int, float)):
        return _as_said(name, {"number": value})
    return quote(str(value))


def moment(text: str) -> str | None:
    """The datetime literal of a date, which is its beginning in UTC, or of a datetime; None for a text that is neither."""
    if _FORMS["date"].fullmatch(text):
        return f"{text}T00:00:00Z"
    return text.replace(" ", "T") if _FORMS["datetime"].fullmatch(text) else None


def counts(asked: str) -> bool:
    """Whether the statement is a SELECT COUNT(), which answers a number and no records."""
    return _COUNT.match(asked) is not None


def shortened(asked: str) -> str:
    """The statement for a message, in one line."""
    line = " ".join(asked.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}..."


def _only_reads(asked: str) -> None:
    """Raises Problem for what is no SELECT, or writes."""
    if not _SELECT.match(asked):
        raise _refused(asked, "it is no SELECT.", "Give one SOQL query; the collection's modules write, each its own records.", "no_select")
    words = re.sub(_LITERAL, "''", asked, flags=re.DOTALL)
    if "'" in words.replace("''", ""):
        raise _refused(
            asked,
            "a quote in it is never closed.",
            r"Close it, and write \' for a quote inside a text; or give the text in bind.",
            "quotes",
        )
    writes = _WRITES.search(words)
    if writes:
        raise _refused(asked, f"{writes[0]} writes to the org, or locks.", "Leave it out: this only reads.", "not_read_only")


def _as_said(name: str, value: Mapping[Any, Any]) -> str:
    form, said = next(iter(value.items()), ("", ""))
    pattern = _FORMS.get(str(form))
    if len(value) != 1 or pattern is None:
        raise _unbound(f"{name} is a dictionary, but not one of {', '.join(_FORMS)} with its text.", "Write such as {date: 2026-11-01}.")
    if not pattern.fullmatch(str(said)):
        raise _unbound(f"{name}: {str(said)[:40]!r} is no {form}.", "Write a date as 2026-11-01 and a datetime as 2026-11-01T08:30:00Z.")
    return str(said).lower() if form == "boolean" else str(said).replace(" ", "T")


def _places(names: list[str]) -> str:
    return listing(f":{name}" for name in names)


def _unbound(said: str, remedy: str) -> Problem:
    return Problem(_TRIED, said, remedy, CONFIG, "bind")


def _refused(asked: str, said: str, remedy: str, code: str) -> Problem:
    return Problem(f"reading the query {shortened(asked)!r}", said, remedy, CONFIG, code)
