# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Moments as the API writes and reads them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:?\d{2})")


def stamp(moment: datetime) -> str:
    """A moment as the API writes it: UTC, milliseconds, offset without a colon."""
    moment = moment.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"


def read_stamp(text: str) -> datetime:
    """The other way round; also takes the forms people write (Z, offset with a colon). Raises ValueError."""
    if not DATETIME.fullmatch(text):
        raise ValueError(f"not a dateTime: {text!r}")
    return datetime.fromisoformat(text).astimezone(UTC)
