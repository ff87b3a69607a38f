# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""A Bulk API 2.0 ingest job: its data as CSV, the request that makes it, and what its results mean. Pure.

Sources: Bulk API 2.0 Developer Guide, Create a Job (multipart), Get Job Info, Get Job Failed Record Results, Get Job Unprocessed Record
Results; prepare CSV files (UTF-8; an empty cell is "not said", #N/A is null).
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

# Up to that many characters of data, one request makes a job, fills and closes it (Bulk API 2.0 Developer Guide, multipart).
MULTIPART_LIMIT = 100_000
FINISHED = ("JobComplete", "Failed", "Aborted")
CSV = "text/csv; charset=UTF-8"
NULL = "#N/A"

# Seconds between two questions for a job's state: each time twice as long, up to the longest.
FIRST_WAIT = 1.0
LONGEST_WAIT = 10.0

# CODE:words:Field,Field -- as sf__Error has it; fields may be missing.
_ERROR = re.compile(r"(?P<code>[A-Z][A-Z0-9_]*):(?P<words>.*?)(?::(?P<fields>[\w., ]*)--)?\s*", re.DOTALL)
_SPECIAL = re.compile(r'[",\r\n]|^\s|\s$')


@dataclass(frozen=True)
class FailedRow:
    """A row that the org refused: its cells by column, the org's code, words and fields."""

    cells: Mapping[str, str]
    code: str
    message: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ingested:
    """What became of a job. processed counts the failed rows too, failures them alone. timed_out: it was still at work when the time was up, and
    goes on."""

    job_id: str
    state: str
    error_message: str = ""
    processed: int = 0
    failures: int = 0
    failed: tuple[FailedRow, ...] = ()
    unprocessed: tuple[Mapping[str, str], ...] = ()
    timed_out: bool = False


def as_csv(columns: Sequence[str], rows: Sequence[Mapping[str, str | None]]) -> str:
    """The data of a job. A cell that a row does not have, or an empty one, says nothing; None says null."""
    lines = [columns, *([_cell(row.get(name, "")) for name in columns] for row in rows)]
    return "".join(",".join(map(_quoted, line)) + "\n" for line in lines)


def wanted(sobject: str, operation: str) -> dict[str, str]:
    """What a new job is asked for."""
    return {"object": sobject, "operation": operation, "contentType": "CSV", "lineEnding": "LF"}


def multipart(job: Mapping[str, str], text: str) -> dict[str, tuple[str | None, str, str]]:
    """The parts of the request that makes a job with its data, as requests takes them: (file name, content, content type)."""
    return {"job": (None, json.dumps(job), "application/json"), "content": ("content", text, "text/csv")}


def outcome(job: Mapping[str, Any]) -> Ingested:
    """What a job says of itself."""
    return Ingested(
        str(job["id"]),
        str(job["state"]),
        str(job.get("errorMessage") or ""),
        int(job.get("numberRecordsProcessed") or 0),
        int(job.get("numberRecordsFailed") or 0),
        timed_out=job["state"] not in FINISHED,
    )


def with_failed(ingested: Ingested, text: str) -> Ingested:
    """With the rows of failedResults."""
    return replace(ingested, failed=tuple(_failed(row) for row in _rows(text)))


def with_unprocessed(ingested: Ingested, rows: Sequence[Mapping[str, str | None]] | str) -> Ingested:
    """With the rows that were not looked at: as they were sent, or as unprocessedrecords tells them."""
    left = _rows(rows) if isinstance(rows, str) else ({name: _cell(value) for name, value in row.items()} for row in rows)
    return replace(ingested, unprocessed=tuple(left))


def _cell(value: str | None) -> str:
    return NULL if value is None else value


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if _SPECIAL.search(cell) else cell


def _rows(text: str) -> Iterator[dict[str, str]]:
    # Cut at line feeds alone: the reader puts cells that hold some together again.
    return iter(csv.DictReader((f"{line}\n" for line in text.split("\n")), restval=""))


def _failed(row: Mapping[str, str]) -> FailedRow:
    cells = {name: cell for name, cell in row.items() if not str(name).startswith("sf__")}
    told = row.get("sf__Error", "").strip()
    found = _ERROR.fullmatch(told)
    if found is None:
        return FailedRow(cells, "UNKNOWN", told)
    fields = tuple(name.strip() for name in (found["fields"] or "").split(",") if name.strip())
    return FailedRow(cells, found["code"], found["words"].strip(), fields)
