# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An org's clock that a test can set: it runs on from there, or stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.org import Org


@dataclass
class Clock:
    """source is the time that passes; offset is how far this clock is ahead of it; stands_at, where set, is all it says."""

    source: Callable[[], datetime]
    offset: timedelta = timedelta()
    stands_at: datetime | None = None

    def __call__(self) -> datetime:
        return self.stands_at if self.stands_at is not None else self.source() + self.offset

    def set(self, moment: datetime) -> None:
        """From now on it is that moment."""
        self.offset = moment - self.source()
        self.stands_at = moment if self.stands_at is not None else None

    def stand(self, still: bool) -> None:
        """Stop, or run on from where it stands."""
        now = self()
        self.stands_at = now if still else None
        self.offset = now - self.source()


def clock_of(org: Org) -> Clock:
    """The org's clock as one that can be set."""
    if not isinstance(org.clock, Clock):
        org.clock = Clock(org.clock)
    return org.clock
