# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SOQL's functions: which there are, which field types they take, and those that SQLite has to be taught."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache

from emulator.model import Field
from emulator.rules.registry import Grade, rule
from emulator.soql.dates import Calendar, zone_of
from emulator.stamps import read_stamp
from emulator.store import NUMBER_TYPES

rule(
    "soql_date_functions",
    says="CALENDAR_YEAR() and its like give numbers, DAY_ONLY() a date, in UTC unless the field stands in convertTimezone(); DAY_ONLY and"
    " HOUR_IN_DAY want a dateTime; in SELECT only what GROUP BY groups; not comparable with TODAY and its like",
    grade=Grade.DOCUMENTED,
    source="SOQL and SOSL Reference, Date Functions; codes assumed",
)
rule(
    "soql_aggregate_types",
    says="AVG and SUM take numbers; COUNT, COUNT_DISTINCT, MIN and MAX everything but boolean, multipicklist, address, location, anyType,"
    " time and long text",
    grade=Grade.DOCUMENTED,
    source="SOQL and SOSL Reference, Support for Field Types in Aggregate Functions; codes assumed",
)
rule(
    "soql_fiscal_year",
    says="fiscal literals and functions follow Organization.FiscalYearStartMonth (January where it is empty) and"
    " UsesStartDateAsFiscalYearName; custom fiscal years are not emulated",
    grade=Grade.DOCUMENTED,
    source="SOQL and SOSL Reference, Date Functions; fields of Organization: golden opensdks-oas",
)

AGGREGATES = frozenset({"COUNT", "COUNT_DISTINCT", "MIN", "MAX", "SUM", "AVG"})
NOT_AGGREGATABLE = frozenset({"boolean", "multipicklist", "address", "location", "anyType", "time", "base64", "encryptedstring"})
DATETIME_ONLY = frozenset({"DAY_ONLY", "HOUR_IN_DAY"})


def fiscal_year(day: date, calendar: Calendar) -> int:
    """The year's name: that of its first or of its last day."""
    start = day.year if day.month >= calendar.fiscal_month else day.year - 1
    return start if calendar.fiscal_month == 1 or calendar.fiscal_named_after_start else start + 1


DATE_PARTS: dict[str, Callable[[date, Calendar], int | str]] = {
    "CALENDAR_MONTH": lambda day, _calendar: day.month,
    "CALENDAR_QUARTER": lambda day, _calendar: (day.month - 1) // 3 + 1,
    "CALENDAR_YEAR": lambda day, _calendar: day.year,
    "DAY_IN_MONTH": lambda day, _calendar: day.day,
    "DAY_IN_WEEK": lambda day, _calendar: day.isoweekday() % 7 + 1,
    "DAY_IN_YEAR": lambda day, _calendar: day.timetuple().tm_yday,
    "DAY_ONLY": lambda day, _calendar: day.isoformat()[:10],
    "FISCAL_MONTH": lambda day, calendar: (day.month - calendar.fiscal_month) % 12 + 1,
    "FISCAL_QUARTER": lambda day, calendar: (day.month - calendar.fiscal_month) % 12 // 3 + 1,
    "FISCAL_YEAR": fiscal_year,
    "HOUR_IN_DAY": lambda day, _calendar: day.hour if isinstance(day, datetime) else 0,
    "WEEK_IN_MONTH": lambda day, _calendar: (day.day - 1) // 7 + 1,
    "WEEK_IN_YEAR": lambda day, _calendar: (day.timetuple().tm_yday - 1) // 7 + 1,
}


@lru_cache(maxsize=4096)
def date_part(name: str, value: str | None, zone: str, fiscal_month: int, named_after_start: int) -> int | str | None:
    """What a date function says of a stored date or dateTime."""
    if value is None:
        return None
    moment = date.fromisoformat(value) if len(value) == 10 else read_stamp(value).astimezone(zone_of(zone))
    return DATE_PARTS[name](moment, Calendar(fiscal_month=fiscal_month, fiscal_named_after_start=bool(named_after_start)))


def chosen(text: str) -> frozenset[str]:
    """The values selected in a multi-select picklist, without case."""
    return frozenset(part.strip().casefold() for part in text.split(";") if part.strip())


def includes(value: str | None, wanted: str) -> int:
    """1 where all values of wanted (separated by semicolons) are among those of value."""
    return 0 if value is None else int(chosen(wanted) <= chosen(value))


def same_choice(value: str | None, wanted: str) -> int:
    return 0 if value is None else int(chosen(wanted) == chosen(value))


def install(connection: sqlite3.Connection) -> None:
    """Teach SQLite what the compiled statements call; once, since each new function makes it prepare all statements anew."""
    try:
        connection.execute("SELECT SOQL_SAME_CHOICE(NULL, '')").fetchall()
        return
    except sqlite3.OperationalError:
        pass
    connection.create_function("SOQL_DATE", 5, date_part, deterministic=True)
    connection.create_function("SOQL_INCLUDES", 2, includes, deterministic=True)
    connection.create_function("SOQL_SAME_CHOICE", 2, same_choice, deterministic=True)


def takes(name: str, item: Field) -> bool:
    """Does the aggregate function take a field like this?"""
    if name in ("SUM", "AVG"):
        return item.type in NUMBER_TYPES
    long_text = item.type == "textarea" and not item.filterable
    return item.type not in NOT_AGGREGATABLE and not long_text
