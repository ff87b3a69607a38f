# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Relative dates of SOQL (TODAY, LAST_N_DAYS:3 ...) as half-open ranges of days in the running user's time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from emulator.errors import NotEmulated

UNITS = ("WEEK", "MONTH", "QUARTER", "YEAR", "FISCAL_QUARTER", "FISCAL_YEAR")
DAYS = {"YESTERDAY": -1, "TODAY": 0, "TOMORROW": 1}
PLAIN = frozenset({*DAYS, "LAST_90_DAYS", "NEXT_90_DAYS", *(f"{side}_{unit}" for side in ("LAST", "THIS", "NEXT") for unit in UNITS)})
COUNTED = frozenset(
    name for unit in ("DAY", *UNITS) for name in (f"LAST_N_{unit}S", f"NEXT_N_{unit}S", f"N_{unit}S_AGO")
)  # fmt: skip
RELATIVE = PLAIN | COUNTED
"""Every date literal; those of COUNTED have a number behind a colon."""
WEEK_BEGINS = {"en_US": 6, "en_GB": 0}
"""date.weekday() of the first day of the week, for the locales of which it is known from a source."""


@dataclass(frozen=True)
class Calendar:
    """What ranges of days depend on: the user's locale and the org's fiscal year (its first month, and after which year it is named)."""

    locale: str = "en_US"
    fiscal_month: int = 1
    fiscal_named_after_start: bool = False

    def week_begins(self) -> int:
        if self.locale not in WEEK_BEGINS:
            raise NotEmulated(f"the first day of the week of the locale {self.locale}")
        return WEEK_BEGINS[self.locale]


def month_start(day: date, months: int = 0) -> date:
    """The first day of the month so many months away."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def start_of(unit: str, day: date, calendar: Calendar, away: int = 0) -> date:
    """The first day of the unit (DAY, WEEK, ... FISCAL_YEAR) that day lies in, or of the one so many units away."""
    if unit == "DAY":
        return day + timedelta(days=away)
    if unit == "WEEK":
        return day - timedelta(days=(day.weekday() - calendar.week_begins()) % 7) + timedelta(days=7 * away)
    length = {"MONTH": 1, "QUARTER": 3, "FISCAL_QUARTER": 3, "YEAR": 12, "FISCAL_YEAR": 12}[unit]
    first = calendar.fiscal_month if unit.startswith("FISCAL") else 1
    return month_start(day, away * length - (day.month - first) % length)


def day_range(name: str, today: date, calendar: Calendar) -> tuple[date, date]:
    """First day and first day after."""
    word, _unused, count = name.partition(":")
    if word in DAYS:
        return today + timedelta(days=DAYS[word]), today + timedelta(days=DAYS[word] + 1)
    if word.endswith("_90_DAYS"):
        word, count = word.replace("_90_", "_N_"), "90"
    if word not in COUNTED:
        side, _unused, unit = word.partition("_")
        away = {"LAST": -1, "THIS": 0, "NEXT": 1}[side]
        return start_of(unit, today, calendar, away), start_of(unit, today, calendar, away + 1)
    many = int(count)
    try:
        return counted_range(word, many, today, calendar)
    except (OverflowError, ValueError):
        raise NotEmulated(f"dates as far away as {name}") from None


def counted_range(word: str, many: int, today: date, calendar: Calendar) -> tuple[date, date]:
    """The current unit belongs to no range of several, except that LAST_N_DAYS ends with today."""
    unit = word.removeprefix("LAST_N_").removeprefix("NEXT_N_").removeprefix("N_").removesuffix("_AGO").removesuffix("S")
    if word.startswith("N_"):
        return start_of(unit, today, calendar, -many), start_of(unit, today, calendar, 1 - many)
    if word.startswith("NEXT_N_"):
        return start_of(unit, today, calendar, 1), start_of(unit, today, calendar, many + 1)
    return start_of(unit, today, calendar, -many), start_of(unit, today, calendar, 1 if unit == "DAY" else 0)


def zone_of(key: str | None) -> ZoneInfo:
    """A user's TimeZoneSidKey as a zone; UTC for none."""
    try:
        return ZoneInfo(key or "UTC")
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise NotEmulated(f"the time zone {key}") from error


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Where that day begins in the zone, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
