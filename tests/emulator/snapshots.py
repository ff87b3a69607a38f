# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole state of an org, put aside and brought back: records, schema, switches, settings, jobs, and how its clock is set."""

from __future__ import annotations

import copy
import sqlite3
from dataclasses import dataclass
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
