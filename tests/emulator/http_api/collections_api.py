# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""sObject Collections: up to 200 records in one request, one result a record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from emulator.errors import ApiError, NotEmulated
from emulator.http_api import evidence
from emulator.http_api.messages import Answer, flag, json_object, not_found, record_error, require_method

if TYPE_CHECKING:
    from emulator.http_api.resources import Ask
    from emulator.http_api.served import Served

LIMIT = 200
CHUNKS = 10
RETRIEVE_LIMIT = 2000
ROLLED_BACK = {
    "statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "message": "Record rolled back because not all records were valid and the request was using AllOrNone header",
    "fields": [],
}


@dataclass(frozen=True)
class Job:
    """One record's write: what type it is of, and how to do it (returns the Id)."""

    sobject: str
    write: Callable[[], str]


class _RollBackError(Exception):
    """Leaves a transaction so that it is undone."""


def answer(served: Served, user: str, ask: Ask) -> Answer:
    """/composite/sobjects and /composite/sobjects/<sObject>."""
    if len(ask.parts) == 2:
        require_method(ask.method, "POST", "PATCH", "DELETE")
        jobs, all_or_none = _writes(served, user, ask)
        return Answer(200, _perform(served, jobs, all_or_none))
    if len(ask.parts) == 3:
        if ask.method == "PATCH":
            raise NotEmulated("upsert by external Id")
        require_method(ask.method, "GET", "POST")
        return Answer(200, _retrieve(served, user, ask, ask.parts[2]))
    if len(ask.parts) == 4:
        raise NotEmulated("upsert by external Id")
    raise not_found()


def is_write(method: str, parts: tuple[str, ...]) -> bool:
    """A collection request that writes (a POST to one sObject only reads)."""
    return parts == ("composite", "sobjects") and method in ("POST", "PATCH", "DELETE")


def _malformed(served: Served, why: str) -> ApiError:
    return ApiError(400, evidence.setting(served.org, evidence.COLLECTIONS_MALFORMED), why, None)


def _writes(served: Served, user: str, ask: Ask) -> tuple[list[Job], bool]:
    if ask.method == "DELETE":
        ids = [item for item in ask.query.get("ids", "").split(",") if item]
        jobs = [_delete(served, user, record_id) for record_id in ids]
        all_or_none = flag(ask.query.get("allOrNone"), "allOrNone")
    else:
        body = json_object(ask.body())
        records = body.get("records")
        if not isinstance(records, list):
            raise _malformed(served, "records is a required list")
        make = _create if ask.method == "POST" else _update
        jobs = [make(served, user, record) for record in records]
        all_or_none = flag(body.get("allOrNone"), "allOrNone")
    _require_size(served, jobs)
    _require_one_kind(served, jobs)
    return jobs, all_or_none


def _require_size(served: Served, jobs: list[Job]) -> None:
    if not jobs:
        raise _malformed(served, "at least one record is required")
    if len(jobs) > LIMIT:
        raise ApiError(400, "EXCEEDED_ID_LIMIT", f"record limit reached. cannot submit more than {LIMIT} records into this call", None)
    chunks = len(list(groupby(jobs, key=lambda job: job.sobject.lower())))
    if chunks > CHUNKS:
        code = evidence.setting(served.org, evidence.COLLECTIONS_CHUNKS)
        raise ApiError(400, code, f"cannot process more than {CHUNKS} chunks of records of one type in a call", None)


def _require_one_kind(served: Served, jobs: list[Job]) -> None:
    """Raises where a Setup object's records are mixed with any other type's."""
    if not _mixes_setup(served, jobs) or evidence.setting(served.org, evidence.COLLECTIONS_SETUP) == "records_refused":
        return
    raise _mixed()


def _mixes_setup(served: Served, jobs: Iterable[Job]) -> bool:
    names = {job.sobject.lower() for job in jobs}
    known = [served.org.schema.sobject(name) for name in names]
    return len(names) > 1 and any(sobject is not None and sobject.setup for sobject in known)


def _mixed() -> ApiError:
    return ApiError(400, "MIXED_DML_OPERATION", "records of a Setup object cannot share a call with records of another type", None)


def _typed(served: Served, record: Any) -> tuple[str, dict[str, Any]]:
    """The record's type and its fields."""
    if not isinstance(record, dict):
        raise _malformed(served, "each record must be an object")
    attributes = record.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    if not isinstance(name, str) or not name:
        raise _malformed(served, "each record needs attributes with a type")
    return name, {key: value for key, value in record.items() if key != "attributes"}


def _create(served: Served, user: str, record: Any) -> Job:
    name, values = _typed(served, record)
    if any(key.lower() == "id" for key in values):
        raise _malformed(served, "a record to create must not have an id")
    return Job(name, lambda: served.org.create(user, name, values))


def _update(served: Served, user: str, record: Any) -> Job:
    name, values = _typed(served, record)
    given = [key for key in values if key.lower() == "id"]
    if len(given) != 1 or not isinstance(values[given[0]], str):
        raise _malformed(served, "a record to update needs an id")
    record_id = str(values.pop(given[0]))

    def write() -> str:
        served.org.update(user, name, record_id, values)
        return _long_id(served, name, record_id)

    return Job(name, write)


def _long_id(served: Served, name: str, record_id: str) -> str:
    stored = served.org.get(name, record_id)
    return str(stored["Id"]) if stored is not None else record_id


def _delete(served: Served, user: str, record_id: str) -> Job:
    sobject = served.org.schema.by_prefix(record_id[:3])
    if sobject is None or len(record_id) not in (15, 18):

        def refuse() -> str:
            # Words and code as in the guide's example of a failed delete.
            raise ApiError(400, "MALFORMED_ID", f"malformed id {record_id}")

        return Job("", refuse)
    name = sobject.name

    def write() -> str:
        full = _long_id(served, name, record_id)
        served.org.delete(user, name, record_id)
        return full

    return Job(name, write)


def _perform(served: Served, jobs: list[Job], all_or_none: bool) -> list[dict[str, Any]]:
    if not all_or_none:
        with served.org.transaction():  # what is not emulated (501) must not leave half of the records behind
            return _attempt(served, jobs)
    results: list[dict[str, Any]] = []
    try:
        with served.org.transaction():
            results = _attempt(served, jobs)
            if not all(result["success"] for result in results):
                raise _RollBackError
    except _RollBackError:
        return [{"success": False, "errors": [ROLLED_BACK]} if result["success"] else result for result in results]
    return results


def _attempt(served: Served, jobs: list[Job]) -> list[dict[str, Any]]:
    """Each record on its own; a failed one does not hide the others."""
    refused_as_mixed = _mixes_setup(served, jobs)
    results: list[dict[str, Any]] = []
    for job in jobs:
        try:
            if refused_as_mixed:
                raise _mixed()
            results.append({"id": job.write(), "success": True, "errors": []})
        except NotEmulated:
            raise
        except ApiError as error:
            results.append({"success": False, "errors": [record_error(error)]})
    return results


def _retrieve(served: Served, user: str, ask: Ask, name: str) -> list[dict[str, Any] | None]:
    if ask.method == "POST":
        body = json_object(ask.body())
        ids, fields = body.get("ids"), body.get("fields")
    else:
        ids = [item for item in ask.query.get("ids", "").split(",") if item]
        fields = [item.strip() for item in ask.query.get("fields", "").split(",") if item.strip()]
    if not isinstance(ids, list) or not ids or not isinstance(fields, list) or not fields:
        raise _malformed(served, "ids and fields are required")
    if len(ids) > RETRIEVE_LIMIT:
        raise ApiError(
            400, "EXCEEDED_ID_LIMIT", f"record limit reached. cannot submit more than {RETRIEVE_LIMIT} records into this call", None
        )
    return [_one(served, user, name, str(record_id), [str(item) for item in fields], ask.version) for record_id in ids]


def _one(served: Served, user: str, name: str, record_id: str, fields: list[str], version: str) -> dict[str, Any] | None:
    try:
        return served.org.retrieve(user, name, record_id, fields, version)
    except ApiError as error:
        if error.code in ("ENTITY_IS_DELETED", "MALFORMED_ID") or (error.code == "NOT_FOUND" and served.org.schema.sobject(name)):
            return None
        raise
