# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Query jobs: a SOQL query whose rows are read as CSV, page by page."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.bulk import csv_text, life
from emulator.bulk.evidence import QUERY_REFUSAL, VERSION_CODE
from emulator.bulk.state import Job
from emulator.bulk.values import cell_of
from emulator.errors import ApiError, NotEmulated
from emulator.model import Field
from emulator.soql.aggregates import Output
from emulator.soql.ast import Subquery, TypeOf
from emulator.soql.compile import Plan, compile_query
from emulator.soql.parser import parse
from emulator.soql.run import asking

if TYPE_CHECKING:
    from emulator.org import Org

OPERATIONS = ("query", "queryAll")
KNOWN = life.CREATE_COMMON | {"query"}
COMPOUND = ("address", "location")
ALPHABETICAL_BEFORE = 50.0


@dataclass(frozen=True)
class Column:
    """One column of the result: its header, the way to its value in a record, the field behind it."""

    header: str
    path: tuple[str, ...]
    item: Field | None


@dataclass(frozen=True)
class Page:
    """One set of results. locator is None at the end."""

    text: str
    count: int
    locator: str | None


def create(org: Org, user: str, version: str, wanted: Mapping[str, Any]) -> Job:
    """A new job, UploadComplete. Raises ApiError."""
    life.check_names(org, wanted, KNOWN)
    operation = life.choice(org, wanted, "operation", OPERATIONS)
    soql = wanted.get("query")
    if not isinstance(soql, str) or not soql.strip():
        raise life.bad_property(org, "query is required")
    life.check_quota(org.bulk.used(org.clock())["query_jobs"], org.bulk.query_jobs_a_day)
    sobject = _checked(org, user, version, soql, operation)
    job = life.new_job(org, user, version, "query", wanted, operation=operation, sobject=sobject, state="UploadComplete", soql=soql)
    org.bulk.queries.append(org.clock())
    life.close(org, job, process)
    return job


def _checked(org: Org, user: str, version: str, soql: str, operation: str) -> str:
    """The queried object. Raises ApiError for a query that cannot be run, unless that only shows when the job is worked on."""
    try:
        return _plan(org, user, version, soql, operation).sobject.name
    except NotEmulated:
        raise
    except ApiError:
        if org.switches[QUERY_REFUSAL.name] == "at_creation":
            raise
        return _source_name(soql)


def _source_name(soql: str) -> str:
    try:
        return str(parse(soql).source)
    except ApiError:
        return ""


def _plan(org: Org, user: str, version: str, soql: str, operation: str) -> Plan:
    """The compiled query. Raises ApiError, also for what SOQL knows and bulk queries do not."""
    query = parse(soql)
    if query.group_by or query.offset is not None:
        raise _not_supported("GROUP BY and OFFSET are not supported in Bulk V2 Query with CSV content type")
    if any(isinstance(item, TypeOf) for item in query.items):
        raise _not_supported("TYPEOF is not supported in Bulk V2 Query with CSV content type")
    if any(isinstance(item, Subquery) for item in query.items):
        raise _not_supported("Aggregate Relationships not supported in Bulk V2 Query with CSV content type")
    plan = compile_query(query, asking(org, user, version, operation == "queryAll", "data"))
    if plan.shape != "records":
        raise _not_supported("Aggregate functions are not supported in Bulk V2 Query with CSV content type")
    for output in plan.outputs:
        kind = output.item.type if isinstance(output, Output) and output.item is not None else ""
        if kind in COMPOUND:
            raise _not_supported("Selecting compound data not supported in Bulk Query")
        if kind == "base64":
            raise _not_supported("Blob field not supported in Bulk V2 Query with CSV content type")
    return plan


def _not_supported(message: str) -> ApiError:
    return ApiError(400, "FEATURENOTENABLED", message, None)


def process(org: Org, job: Job) -> None:
    """Run the query; one that cannot be run fails the job."""
    try:
        plan = _plan(org, job.user, job.version, job.soql, job.operation)
        records = _records(org, job)
    except NotEmulated:
        raise
    except ApiError as error:
        life.fail(org, job, f"InvalidBatch : Failed to process query: {error.code}: {error.message}")
        return
    columns = _columns(plan, job.version)
    job.header = tuple(column.header for column in columns)
    job.rows = [tuple(cell_of(org, column.item, _value(record, column.path)) for column in columns) for record in records]


def _records(org: Org, job: Job) -> list[dict[str, Any]]:
    page = org.query(job.user, job.soql, job.version, include_deleted=job.operation == "queryAll")
    records = list(page["records"])
    while not page["done"]:
        page = org.query_more(job.user, str(page["nextRecordsUrl"]).rpartition("/")[2], job.version)
        records += page["records"]
    return records


def _columns(plan: Plan, version: str) -> list[Column]:
    outputs = [output for output in plan.outputs if isinstance(output, Output)]
    columns = [Column(".".join((*output.parents, output.key)), (*output.parents, output.key), output.item) for output in outputs]
    if float(version) < ALPHABETICAL_BEFORE:
        columns.sort(key=lambda column: column.header)
    return columns


def _value(record: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = record
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def results(org: Org, job: Job, version: str, locator: str | None, wanted: str | None) -> Page:
    """The set of results that the locator names, the first one without it. Raises ApiError."""
    if version != job.version:
        raise ApiError(409, org.switches[VERSION_CODE.name], f"The job was created in API version {job.version}", None)
    if job.state != "JobComplete":
        raise life.wrong_state(f"Results of {job.state} Job are not available")
    start, size = _offset(job, locator), _size(org, wanted)
    rows = job.rows[start : start + size]
    end = start + len(rows)
    text = csv_text.write([job.header, *rows], csv_text.DELIMITERS[job.delimiter], csv_text.LINE_ENDINGS[job.line_ending])
    return Page(text, len(rows), locator_of(end) if end < len(job.rows) else None)


def _size(org: Org, wanted: str | None) -> int:
    if wanted is None:
        return org.bulk.result_page
    if not wanted.isdigit() or int(wanted) < 1:
        raise life.bad_property(org, "maxRecords must be a positive number")
    return int(wanted)


def locator_of(offset: int) -> str:
    """As recorded: the number of rows before it, in base64 without padding."""
    return base64.b64encode(str(offset).encode()).decode().rstrip("=")


def _offset(job: Job, locator: str | None) -> int:
    if locator is None:
        return 0
    try:
        text = base64.b64decode(locator + "=" * (-len(locator) % 4), validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        text = ""
    if not text.isdigit() or int(text) >= len(job.rows):
        raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator", None)
    return int(text)
