# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Salesforce's own recordings of Bulk API 2.0, replayed: the recorded request, sent over HTTPS to an org in the recorded state, is answered
with the recorded status, headers, keys, types and columns; errors with the recorded body, results with the recorded file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from emulator.bulk.state import Job
from emulator.http_api.served import Served

RECORDINGS = Path(__file__).resolve().parents[4] / "shared" / "golden" / "sf-fx-runtime-java"
pytestmark = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recorded facts (../shared/golden) are not on this machine")

BASE = "/services/data/v53.0/jobs"
UPLOADED = '"Name","Employees"\n"Foo",12\n"Bar",1138'
"""What the recorded unprocessed rows are the echo of."""
OF_TRANSPORT = frozenset(
    "date strict-transport-security x-content-type-options x-xss-protection x-robots-tag cache-control set-cookie vary "
    "content-security-policy connection server content-length".split()
)
"""Headers of Salesforce's and of our front, none of the API's; the allowance counts what was asked before."""

State = Callable[[Any, Served], str]


def recording(name: str) -> dict[str, Any]:
    return dict(json.loads((RECORDINGS / name).read_text(encoding="utf-8")))


def ingest(client: Any, data: str | None = None, *, close: bool = False, sobject: str = "Account") -> str:
    job = str(client.post(f"{BASE}/ingest", {"object": sobject, "operation": "insert"}).json()["id"])
    if data is not None:
        client.call("PUT", f"{BASE}/ingest/{job}/batches", data=data.encode(), headers={"Content-Type": "text/csv"})
    if close:
        client.call("PATCH", f"{BASE}/ingest/{job}", json={"state": "UploadComplete"})
    return job


def finished(client: Any, kind: str, job: str) -> str:
    while client.get(f"{BASE}/{kind}/{job}").json()["state"] not in ("JobComplete", "Failed"):
        pass
    return job


def open_job(client: Any, served: Served) -> str:
    return ingest(client)


def open_asset_job(client: Any, served: Served) -> str:
    return ingest(client, sobject="Asset")


def filled_job(client: Any, served: Served) -> str:
    return ingest(client, UPLOADED)


def failed_job(client: Any, served: Served) -> str:
    return finished(client, "ingest", ingest(client, UPLOADED, close=True))


def no_job(client: Any, served: Served) -> str:
    return ""


def recorded_accounts(served: Served) -> None:
    rows = csv.DictReader(io.StringIO(recording("bulk-query-get-results.json")["response"]["body"]))
    for row in rows:
        served.org.put("Account", **{name: value or None for name, value in row.items()})


def finished_query(client: Any, served: Served) -> str:
    recorded_accounts(served)
    wanted = {"operation": "query", "query": "SELECT Name, Type, Industry FROM Account"}
    return finished(client, "query", str(client.post(f"{BASE}/query", wanted).json()["id"]))


STATES: dict[str, State] = {
    "bulk-ingest-abort-nonexistent.json": no_job,
    "bulk-ingest-abort.json": open_asset_job,
    "bulk-ingest-close.json": filled_job,
    "bulk-ingest-create.json": no_job,
    "bulk-ingest-delete.json": failed_job,
    "bulk-ingest-get-failed-results.json": failed_job,
    "bulk-ingest-get-info.json": failed_job,
    "bulk-ingest-get-successful-results.json": failed_job,
    "bulk-ingest-get-unprocessed-records.json": failed_job,
    "bulk-ingest-upload.json": open_job,
    "bulk-query-create.json": no_job,
    "bulk-query-delete.json": finished_query,
    "bulk-query-get-info.json": finished_query,
    "bulk-query-get-results-limited-next.json": finished_query,
    "bulk-query-get-results-limited.json": finished_query,
    "bulk-query-get-results.json": finished_query,
}


def replayed(client: Any, request: dict[str, Any], job: str) -> requests.Response:
    """The recorded request, with this org's job instead of the recorded one."""
    parts = request["url"].split("/")
    if job:
        at = 6  # the Id's place in /services/data/v53.0/jobs/<kind>/<Id>
        parts[at] = job + parts[at][18:]
    pattern = (request.get("bodyPatterns") or [{}])[0]
    json_text, text = pattern.get("equalToJson"), pattern.get("equalTo")
    headers = {"Content-Type": "application/json" if json_text else "text/csv"} if json_text or text else {}
    body = (json_text or text or "").encode()
    return client.call(request["method"], "/".join(parts), data=body or None, headers=headers)  # type: ignore[no-any-return]


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value).__name__


SAME = (
    "operation",
    "object",
    "state",
    "concurrencyMode",
    "contentType",
    "apiVersion",
    "jobType",
    "lineEnding",
    "columnDelimiter",
    "errorMessage",
)
COUNTED = ("numberRecordsProcessed", "numberRecordsFailed", "retries")


@pytest.mark.parametrize("name", sorted(STATES))
def test_a_recorded_request_is_answered_as_recorded(name: str, client: Any, served: Served) -> None:
    recorded = recording(name)
    job = STATES[name](client, served)
    answer = replayed(client, recorded["request"], job)
    wanted = recorded["response"]
    assert answer.status_code == wanted["status"], answer.text
    api_headers = {key.lower() for key in wanted["headers"]} - OF_TRANSPORT
    assert {key.lower() for key in answer.headers} - OF_TRANSPORT == api_headers
    for header in ("Content-Type", "Sforce-Locator", "Sforce-NumberOfRecords"):
        assert answer.headers.get(header) == wanted["headers"].get(header)
    check_body(name, answer, wanted.get("body"))


def check_body(name: str, answer: requests.Response, wanted: str | None) -> None:
    if wanted is None:
        assert answer.content == b""
        return
    if answer.headers["Content-Type"] == "text/csv":
        assert answer.content.decode() == wanted
        return
    expected, told = json.loads(wanted), answer.json()
    if answer.status_code >= 400:
        assert told == expected
        return
    assert list(told) == list(expected), name
    assert shape(told) == shape(expected)
    for key in (*SAME, *COUNTED):
        assert told.get(key) == expected.get(key), key
    assert told["id"].startswith("750")


def test_the_recorded_upload_is_what_fails(client: Any, served: Served) -> None:
    """The life in one piece, with the bytes of the recorded upload."""
    upload = recording("bulk-ingest-upload.json")["request"]["bodyPatterns"][0]["equalTo"]
    job = finished(client, "ingest", ingest(client, upload, close=True))
    told: Job = served.org.bulk.jobs[job]
    assert told.error == json.loads(recording("bulk-ingest-get-info.json")["response"]["body"])["errorMessage"]
    assert served.org.find("Account") == []


def test_every_bulk_recording_is_replayed() -> None:
    assert {path.name for path in RECORDINGS.glob("bulk-*.json")} == set(STATES)
