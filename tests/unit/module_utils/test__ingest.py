# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data and the results of bulk jobs, without an org."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils import _ingest
from ansible_collections.voiceops.salesforce.plugins.module_utils._ingest import FailedRow, Ingested

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2)))
def test_what_is_written_is_read_as_it_was(rows: list[list[str]]) -> None:
    text = _ingest.as_csv(["A", "B"], [{"A": first, "B": second} for first, second in rows])
    assert list(csv.reader(io.StringIO(text, newline=""), strict=True)) == [["A", "B"], *rows]


def test_a_cell_says_a_value_nothing_or_null() -> None:
    rows: list[dict[str, str | None]] = [{"Id": "1", "Name": "a, b"}, {"Id": "2"}, {"Id": "3", "Name": None}, {"Id": "4", "Name": ""}]
    assert _ingest.as_csv(["Id", "Name"], rows) == 'Id,Name\n1,"a, b"\n2,\n3,#N/A\n4,\n'


@pytest.mark.parametrize(
    ("told", "code", "message", "fields"),
    [
        (
            "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --",
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [Name]",
            ("Name",),
        ),
        ("INVALID_FIELD:a: b:--", "INVALID_FIELD", "a: b", ()),
        ("INVALID_FIELD:a:A, B__c --", "INVALID_FIELD", "a", ("A", "B__c")),
        (
            "CANNOT_X:T: execution of BeforeUpdate\n\ncaused by: X: 101:--",
            "CANNOT_X",
            "T: execution of BeforeUpdate\n\ncaused by: X: 101",
            (),
        ),
        ("NOT_FOUND:nothing --", "NOT_FOUND", "nothing --", ()),
        ("something else", "UNKNOWN", "something else", ()),
    ],
)
def test_a_failed_row_tells_code_words_and_fields(told: str, code: str, message: str, fields: tuple[str, ...]) -> None:
    quoted = told.replace('"', '""')
    ingested = _ingest.with_failed(Ingested("750", "JobComplete"), f'"sf__Id","sf__Error",Id,Name\r\n"","{quoted}",1,"x\ny"\r\n')
    assert ingested.failed == (FailedRow({"Id": "1", "Name": "x\ny"}, code, message, fields),)


def test_rows_that_were_not_looked_at_are_those_sent_or_those_told() -> None:
    ended = Ingested("750", "Aborted")
    assert _ingest.with_unprocessed(ended, [{"Id": "1", "Name": None}]).unprocessed == ({"Id": "1", "Name": "#N/A"},)
    assert _ingest.with_unprocessed(ended, "Id,Name\n1,\u00fc\n").unprocessed == ({"Id": "1", "Name": "\u00fc"},)
    assert _ingest.with_unprocessed(ended, "").unprocessed == ()


@pytest.mark.parametrize(
    ("job", "told"),
    [
        ({"state": "UploadComplete"}, Ingested("750", "UploadComplete", timed_out=True)),
        ({"state": "InProgress", "numberRecordsProcessed": 7}, Ingested("750", "InProgress", "", 7, timed_out=True)),
        ({"state": "JobComplete", "numberRecordsProcessed": 9, "numberRecordsFailed": 2}, Ingested("750", "JobComplete", "", 9, 2)),
        (
            {"state": "Failed", "errorMessage": "InvalidBatch : x", "numberRecordsProcessed": 0},
            Ingested("750", "Failed", "InvalidBatch : x"),
        ),
    ],
)
def test_a_job_is_over_or_was_not_waited_for_to_its_end(job: dict[str, Any], told: Ingested) -> None:
    assert _ingest.outcome({"id": "750", **job}) == told
