# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bulk API 2.0 ingest jobs as the collection makes them: in one request or in four, asked for until they end, their results as CSV."""

from __future__ import annotations

import csv
import io
import json
import time
from typing import Any

import pytest

from contract.door import Org

FINISHED = ("JobComplete", "Failed", "Aborted")
PATIENCE = 180
NOBODY = "005000000000000AAA"


def wanted(**more: str) -> dict[str, str]:
    return {"object": "User", "operation": "update", "contentType": "CSV", "lineEnding": "LF", **more}


def made_at_once(org: Org, data: str) -> dict[str, Any]:
    """The job that one multipart request makes, fills and closes."""
    parts = {"job": (None, json.dumps(wanted()), "application/json"), "content": ("content", data, "text/csv")}
    answer = org.call("POST", "/jobs/ingest", files=parts, headers={"Content-Type": None})
    assert answer.status_code == 200, answer.text
    job: dict[str, Any] = answer.json()
    return job


def ended(org: Org, job_id: str) -> dict[str, Any]:
    """The job once it is over."""
    deadline = time.monotonic() + PATIENCE
    while True:
        job: dict[str, Any] = org.get(f"/jobs/ingest/{job_id}").json()
        if job["state"] in FINISHED:
            return job
        assert time.monotonic() < deadline, job
        time.sleep(2 if org.is_live else 0)


def rows(org: Org, job_id: str, which: str) -> list[dict[str, str]]:
    answer = org.get(f"/jobs/ingest/{job_id}/{which}")
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8"), newline="")))


def person(org: Org) -> str:
    """The test user's Id. Its title comes back at the end."""
    found = org.person()
    (row,) = org.soql(f"SELECT Title FROM User WHERE Id = '{found['Id']}'")
    org.restore.append(("User", found["Id"], {"Title": row["Title"]}))
    return str(found["Id"])


def title(org: Org, user_id: str) -> str | None:
    (row,) = org.soql(f"SELECT Title FROM User WHERE Id = '{user_id}'")
    told: str | None = row["Title"]
    return told


@pytest.mark.evidence("job-multipart")
def test_one_request_makes_a_job_fills_and_closes_it(org: Org) -> None:
    user, new = person(org), org.name("t\u00fctle")
    job = made_at_once(org, f'Id,Title\n{user},"{new}, ""x"""\n')
    assert job["state"] in ("UploadComplete", "InProgress", "JobComplete")
    assert ended(org, job["id"])["state"] == "JobComplete"
    assert title(org, user) == f'{new}, "x"'


@pytest.mark.evidence("job-upload")
def test_a_job_is_made_filled_and_closed_in_steps(org: Org) -> None:
    user, new = person(org), org.name("title")
    job = org.post("/jobs/ingest", wanted()).json()
    assert job["state"] == "Open"
    path = f"/jobs/ingest/{job['id']}"
    uploaded = org.call(
        "PUT", f"{path}/batches", data=f"Id,Title\n{user},{new}\n".encode(), headers={"Content-Type": "text/csv; charset=UTF-8"}
    )
    assert (uploaded.status_code, uploaded.text) == (201, "")
    assert org.patch(path, {"state": "UploadComplete"}).json()["state"] == "UploadComplete"
    assert ended(org, job["id"])["state"] == "JobComplete"
    assert title(org, user) == new


@pytest.mark.evidence("job-results")
def test_a_job_counts_and_tells_the_rows_that_were_refused(org: Org) -> None:
    user, new = person(org), org.name("title")
    job = ended(org, made_at_once(org, f"Id,Title\n{NOBODY},{new}\n{user},{new}\n")["id"])
    assert (job["state"], job["numberRecordsProcessed"], job["numberRecordsFailed"]) == ("JobComplete", 2, 1)
    (row,) = rows(org, job["id"], "failedResults")
    assert (row["Id"], row["Title"]) == (NOBODY, new)
    code, colon, words = row["sf__Error"].partition(":")
    assert (code.isupper(), colon) == (True, ":")
    assert words.rstrip().endswith("--")
    assert title(org, user) == new


@pytest.mark.evidence("job-null")
def test_an_empty_cell_says_nothing_and_a_word_says_null(org: Org) -> None:
    user, new = person(org), org.name("title")
    for cell, told in ((new, new), ("", new), ("#N/A", None)):
        job = made_at_once(org, f"Id,Title,IsActive\n{user},{cell},true\n")
        assert ended(org, job["id"])["state"] == "JobComplete"
        assert title(org, user) == told


@pytest.mark.evidence("job-failed")
def test_a_job_with_a_column_that_is_none_fails_before_its_first_row(org: Org) -> None:
    job = ended(org, made_at_once(org, f"Id,Nope\n{NOBODY},x\n")["id"])
    assert (job["state"], job["numberRecordsProcessed"]) == ("Failed", 0)
    assert "Nope" in job["errorMessage"]
