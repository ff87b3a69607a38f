# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""How far a long piece of work has come, as a line for the person in front of the terminal. Pure: the clock is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Callable

# Seconds of work before the first line, and between two lines.
EVERY = 5.0


@dataclass
class Progress:
    """One piece of work. say: where lines go, or None for nowhere. done: how much of it is behind us for certain."""

    say: Callable[[str], None] | None
    monotonic: Callable[[], float]
    label: str
    what: str
    total: int
    every: float = EVERY
    done: int = 0

    def __post_init__(self) -> None:
        self._started = self._told = self.monotonic()

    def tell(self, usage: Mapping[str, int] | None, coming: int = 0) -> None:
        """Say how far the work is, where it is time to. coming: what is done besides and not yet for certain."""
        now = self.monotonic()
        if self.say is None or now - self._told < self.every:
            return
        self._told = now
        self.say(line(self.label, self.what, self.done + coming, self.total, now - self._started, usage))


def line(label: str, what: str, done: int, total: int, seconds: float, usage: Mapping[str, int] | None) -> str:
    """One line of progress, such as "[Acme (acme.my.salesforce.com)] members 400/1000, 38.2/s, API 1,204/100,000"."""
    parts = [f"{what} {done}/{total}"]
    if seconds > 0:
        parts.append(f"{done / seconds:.1f}/s")
    if usage:
        parts.append(f"API {usage['used']:,}/{usage['limit']:,}")
    return f"[{label}] {', '.join(parts)}"
