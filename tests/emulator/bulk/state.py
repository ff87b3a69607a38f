# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an org remembers of bulk jobs: plain data."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from emulator.bulk.csv_text import Row
from emulator.ids import IdFactory

Kind = Literal["ingest", "query"]
State = Literal["Open", "UploadComplete", "InProgress", "JobComplete", "Failed", "Aborted"]
FINISHED: tuple[State, ...] = ("JobComplete", "Failed", "Aborted")
DAY = timedelta(hours=24)


class JobEndedError(Exception):
    """Raised while a row is written: the job ends here, as state says, with that message where it failed."""

    def __init__(self, state: str, message: str) -> None:
        super().__init__(state)
        self.state = state
        self.message = message


@dataclass(frozen=True)
class Done:
    """A row that was written: the record, whether it is new, the cells sent."""

    id: str
    created: bool
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Refused:
    """A row that was not written; id is empty where the row names no record."""

    id: str
    error: str
    cells: tuple[str, ...]


@dataclass
class Job:
    """One job. version is the API version it was made in, as in the path ("67.0")."""

    id: str
    kind: Kind
    operation: str
    sobject: str
    user: str
    version: str
    created: datetime
    state: State
    modified: datetime
    delimiter: str = "COMMA"
    line_ending: str = "LF"
    external_id_field: str | None = None
    soql: str = ""
    uploads: list[bytes] = field(default_factory=list)
    closed: datetime | None = None
    polls: int = 0
    """How often its state was asked since it was closed."""
    error: str | None = None
    not_emulated: str | None = None
    """What the emulator could not do for it: every question for the job is a 501 then."""
    header: tuple[str, ...] = ()
    raw_header: str = ""
    queue: list[Row] | None = None
    """Rows still to be written; None before the data was read."""
    done: list[Done] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    unprocessed: str = ""
    rows: list[tuple[str, ...]] = field(default_factory=list)
    """A query's result."""

    @property
    def finished(self) -> bool:
        return self.state in FINISHED

    @property
    def processed(self) -> int:
        return len(self.rows) if self.kind == "query" else len(self.done) + len(self.refused)


@dataclass
class BulkState:
    """The jobs of one org, oldest first, and what they may use."""

    jobs: dict[str, Job] = field(default_factory=dict)
    upload_limit: int = 150 * 1024 * 1024
    """Bytes of a job's data as base64."""
    list_page: int = 1000
    result_page: int = 2000
    rows_a_step: int = 10_000
    """How many rows are written between two questions for a job's state."""
    query_jobs_a_day: int = 10_000
    batches_a_day: int = 15_000
    writing: bool = False
    """True while the rows of a job are written: some objects take records from bulk jobs only."""
    chunk: int = 0
    """The number of the chunk that is written, to tell which rows came together."""
    queries: list[datetime] = field(default_factory=list)
    batches: list[tuple[datetime, int]] = field(default_factory=list)
    ids: IdFactory = field(default_factory=lambda: IdFactory(random.Random("bulk")))

    def used(self, now: datetime) -> dict[str, int]:
        """Query jobs and batches of the last 24 hours."""
        return {
            "query_jobs": sum(1 for at in self.queries if at > now - DAY),
            "batches": sum(count for at, count in self.batches if at > now - DAY),
        }


def new_state(org_name: str, seed: int) -> BulkState:
    """For an org of that name: its job Ids look like its record Ids and are the same for the same seed."""
    return BulkState(ids=IdFactory(random.Random(f"{org_name}/{seed}/ids")))
