# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole state of an org, put aside and brought back: records, schema, switches, settings, jobs, and how its clock is set."""

from __future__ import annotations

import copy
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from emulator.clock import clock_of
from emulator.model import Schema
from emulator.store import closed_with

if TYPE_CHECKING:
    from emulator.org import Org

# What belongs to the process, or is remembered only to be quick and found out again.
_LEFT_OUT = frozenset(
    {"_store", "clock", "extra_before", "_memo", "_versions", "_picklists", "_derived", "access_generation", "remembered", "_counted"}
)


@dataclass(frozen=True)
class Snapshot:
    rows: sqlite3.Connection
    schema: Schema
    attributes: dict[str, Any]
    offset: timedelta
    stands_at: datetime | None
    taken: datetime

    def __post_init__(self) -> None:
        closed_with(self, self.rows)


def take(org: Org) -> Snapshot:
    """A copy of everything that requests can change."""
    clock = clock_of(org)
    with org.store.lock:
        attributes = copy.deepcopy({name: value for name, value in vars(org).items() if name not in _LEFT_OUT})
        return Snapshot(org.store.copied(), org.schema, attributes, clock.offset, clock.stands_at, clock())


def restore(org: Org, snapshot: Snapshot) -> None:
    """Bring the org back to that state; the snapshot stays good."""
    clock = clock_of(org)
    with org.store.lock:
        org.store.replace(snapshot.rows, snapshot.schema)
        for name in set(vars(org)) - set(snapshot.attributes) - _LEFT_OUT:
            delattr(org, name)
        vars(org).update(copy.deepcopy(snapshot.attributes))
        clock.offset, clock.stands_at = snapshot.offset, snapshot.stands_at
        org.forget()


class Noted(dict[str, str]):
    """Switches that know which of them somebody has asked about."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        super().__init__(settings)
        self.asked: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        self.asked[name] = super().__getitem__(name)
        return self.asked[name]

    def get(self, name: str, default: Any = None) -> Any:
        if name not in self:
            return default
        return self[name]


@dataclass(frozen=True)
class _Kept:
    snapshot: Snapshot
    decisive: Mapping[str, str]
    """The settings that filling the org has asked for: another org gets the same where it has these."""

    def fits(self, org: Org) -> bool:
        return self.snapshot.schema is org.schema and all(org.switches[name] == setting for name, setting in self.decisive.items())


@dataclass
class Shelf:
    """Orgs that were filled before, by what they were filled from: a copy of one is had ten times quicker than another one filled. Not for orgs whose
    clock somebody has set."""

    room: int = 24
    _kept: OrderedDict[Hashable, list[_Kept]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fill(self, org: Org, key: Hashable, fill: Callable[[Org], None]) -> None:
        """Put into a new org what fill() puts there. key: all that this depends on beside the org's schema and switches."""
        with self._lock:
            kept = self._kept.setdefault(key, [])
            self._kept.move_to_end(key)
            if len(self._kept) > self.room:
                self._kept.popitem(last=False)
            known = next((one for one in kept if one.fits(org)), None)
        if known is not None:
            settings = org.switches
            restore(org, known.snapshot)
            org.switches = settings
            return
        noted = Noted(org.switches)
        org.switches = noted
        fill(org)
        org.switches = dict(noted)
        with self._lock:
            kept.append(_Kept(take(org), noted.asked))
            del kept[: -self.room]
