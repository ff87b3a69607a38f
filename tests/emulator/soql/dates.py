# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Relative dates of SOQL (TODAY, LAST_N_DAYS:3 ...) as half-open ranges of days in the running user's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from emulator.errors import NotEmulated


def month_start(day: date, months: int = 0) -> date:
    """The first day of the month so many months away."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def day_range(name: str, today: date) -> tuple[date, date]:
    """First day and first day after. Raises NotEmulated for a name not done here (weeks, fiscal periods)."""
    word, _unused, count = name.partition(":")
    if bool(count) != ("_N_" in word or word.startswith("N_")):
        raise NotEmulated(f"the date literal {name}")
    many = int(count or 0)
    day = timedelta(days=1)
    quarter = -((today.month - 1) % 3)
    ranges = {
        "YESTERDAY": (today - day, today),
        "TODAY": (today, today + day),
        "TOMORROW": (today + day, today + 2 * day),
        "LAST_90_DAYS": (today - 90 * day, today + day),
        "NEXT_90_DAYS": (today + day, today + 91 * day),
        "THIS_MONTH": (month_start(today), month_start(today, 1)),
        "LAST_MONTH": (month_start(today, -1), month_start(today)),
        "NEXT_MONTH": (month_start(today, 1), month_start(today, 2)),
        "THIS_QUARTER": (month_start(today, quarter), month_start(today, quarter + 3)),
        "LAST_QUARTER": (month_start(today, quarter - 3), month_start(today, quarter)),
        "NEXT_QUARTER": (month_start(today, quarter + 3), month_start(today, quarter + 6)),
        "THIS_YEAR": (date(today.year, 1, 1), date(today.year + 1, 1, 1)),
        "LAST_YEAR": (date(today.year - 1, 1, 1), date(today.year, 1, 1)),
        "NEXT_YEAR": (date(today.year + 1, 1, 1), date(today.year + 2, 1, 1)),
        "LAST_N_DAYS": (today - many * day, today + day),
        "NEXT_N_DAYS": (today + day, today + (many + 1) * day),
        "N_DAYS_AGO": (today - many * day, today - (many - 1) * day),
        "LAST_N_MONTHS": (month_start(today, -many), month_start(today)),
        "NEXT_N_MONTHS": (month_start(today, 1), month_start(today, many + 1)),
    }
    if word not in ranges:
        raise NotEmulated(f"the date literal {name}")
    return ranges[word]


def zone_of(key: str | None) -> ZoneInfo:
    """A user's TimeZoneSidKey as a zone; UTC for none."""
    try:
        return ZoneInfo(key or "UTC")
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise NotEmulated(f"the time zone {key}") from error


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Where that day begins in the zone, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
