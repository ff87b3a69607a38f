# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""sObject Collections: up to 200 records in one request, one result a record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from emulator.errors import ApiError, NotEmulated, not_found
from emulator.external_ids import case_counts, key_field
from emulator.http_api import evidence
from emulator.http_api.messages import Answer, flag, json_object, record_error, require_method
from emulator.http_api.versions import require_version
from emulator.rules.registry import Grade, rule

if TYPE_CHECKING:
    from emulator.http_api.resources import Ask
    from emulator.http_api.served import Served
    from emulator.model import Field, SObject

LIMIT = 200
CHUNKS = 10
RETRIEVE_LIMIT = 2000
ROLLED_BACK = {
    "statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "message": "Record rolled back because not all records were valid and the request was using AllOrNone header",
    "fields": [],
}


COLLECTIONS_UPSERT = rule(
    "collections_upsert",
    says="PATCH .../composite/sobjects/<sObject>/<external Id field>: up to 200 records of that one type, by external Id only; each result "
    "says created; records that share a value in one call all fail",
    grade=Grade.DOCUMENTED,
    source="REST API Developer Guide, Upsert Records Using sObject Collections; SOAP API Developer Guide, upsert()",
)
COLLECTIONS_UPSERT_WORDS = rule(
    "collections_upsert_words",
    says="records that share a value: DUPLICATE_VALUE 'Duplicate external id specified: X'; a field that cannot name a record: INVALID_FIELD "
    "'Field name provided, F does not match an External ID, Salesforce Id, or indexed field for S'",
    grade=Grade.QUOTED,
    source="public client code that matches these words (error parsers of several data loaders)",
)
ROLLED_BACK_IDS = rule(
    "collections_rolled_back_ids",
    says="with allOrNone, a record that was taken along keeps its id in the result of an update, delete or upsert, not of a create",
    grade=Grade.DOCUMENTED,
    source="REST API Developer Guide, examples of Create, Update, Delete and Upsert Records Using sObject Collections",
)


@dataclass(frozen=True)
class Job:
    """One record's write: what type it is of, and how to do it (returns what the result says beside success)."""

    sobject: str
    write: Callable[[], dict[str, Any]]
    keeps_id: bool = True
    """Whether its result names the id although the write was rolled back."""


class _RollBackError(Exception):
    """Leaves a transaction so that it is undone."""


def answer(served: Served, user: str, ask: Ask) -> Answer:
    """/composite/sobjects, /composite/sobjects/<sObject> and /composite/sobjects/<sObject>/<external Id field>."""
    require_version(ask.version, 42)
    if len(ask.parts) == 2:
        require_method(ask.method, "POST", "PATCH", "DELETE")
        jobs, all_or_none = _writes(served, user, ask)
        return Answer(200, _perform(served, jobs, all_or_none))
    if len(ask.parts) == 3:
        require_method(ask.method, "GET", "POST")
        return Answer(200, _retrieve(served, user, ask, ask.parts[2]))
    if len(ask.parts) == 4:
        require_version(ask.version, 46)
        require_method(ask.method, "PATCH")
        jobs, all_or_none = _upserts(served, user, ask)
        return Answer(200, _perform(served, jobs, all_or_none))
    raise not_found()


def is_write(method: str, parts: tuple[str, ...]) -> bool:
    """A collection request that writes (a POST to one sObject only reads)."""
    if parts[:2] != ("composite", "sobjects"):
        return False
    return method in ("POST", "PATCH", "DELETE") if len(parts) == 2 else len(parts) == 4 and method == "PATCH"


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
    return Job(name, lambda: {"id": served.org.create(user, name, values)}, keeps_id=False)


def _update(served: Served, user: str, record: Any) -> Job:
    name, values = _typed(served, record)
    given = [key for key in values if key.lower() == "id"]
    if len(given) != 1 or not isinstance(values[given[0]], str):
        raise _malformed(served, "a record to update needs an id")
    record_id = str(values.pop(given[0]))

    def write() -> dict[str, Any]:
        served.org.update(user, name, record_id, values)
        return {"id": _long_id(served, name, record_id)}

    return Job(name, write)


def _long_id(served: Served, name: str, record_id: str) -> str:
    stored = served.org.get(name, record_id)
    return str(stored["Id"]) if stored is not None else record_id


def _delete(served: Served, user: str, record_id: str) -> Job:
    sobject = served.org.schema.by_prefix(record_id[:3])
    if sobject is None or len(record_id) not in (15, 18):

        def refuse() -> dict[str, Any]:
            # Words and code as in the guide's example of a failed delete.
            raise ApiError(400, "MALFORMED_ID", f"malformed id {record_id}")

        return Job("", refuse)
    name = sobject.name

    def write() -> dict[str, Any]:
        full = _long_id(served, name, record_id)
        served.org.delete(user, name, record_id)
        return {"id": full}

    return Job(name, write)


def _upserts(served: Served, user: str, ask: Ask) -> tuple[list[Job], bool]:
    body = json_object(ask.body())
    records = body.get("records")
    if not isinstance(records, list):
        raise _malformed(served, "records is a required list")
    sobject, field = served.org.visible(user, ask.parts[2], ask.version), ask.parts[3]
    typed = [_typed(served, record) for record in records]
    if any(name.lower() != sobject.name.lower() for name, _values in typed):
        raise _malformed(served, f"every record must be of the type {sobject.name}")
    if any(key.lower() == "id" for _name, values in typed for key in values):
        raise _malformed(served, "a record to upsert must not have an id")
    jobs = _upsert_jobs(served, user, sobject, field, [values for _name, values in typed])
    _require_size(served, jobs)
    return jobs, flag(body.get("allOrNone"), "allOrNone")


def _upsert_jobs(served: Served, user: str, sobject: SObject, field: str, records: list[dict[str, Any]]) -> list[Job]:
    try:
        item = key_field(sobject, field)
    except NotEmulated:
        raise
    except ApiError:
        words = f"Field name provided, {field} does not match an External ID, Salesforce Id, or indexed field for {sobject.name}"
        return [_refusing(sobject.name, ApiError(400, "INVALID_FIELD", words)) for _record in records]
    given = [_taken_out(values, item.name) for values in records]
    exact = case_counts(served.org, item)
    keys = [str(value) if exact else str(value).casefold() for value in given]
    uses = Counter(keys)
    return [
        _upsert(served, user, sobject, item, value, values, alone=uses[key] == 1)
        for key, value, values in zip(keys, given, records, strict=True)
    ]


def _taken_out(values: dict[str, Any], name: str) -> Any:
    """The value of that field, in any case, which leaves the record."""
    found = [key for key in values if key.lower() == name.lower()]
    if len(found) > 1:
        raise NotEmulated("one field twice in a record body")
    return values.pop(found[0]) if found else None


def _upsert(served: Served, user: str, sobject: SObject, item: Field, value: Any, values: dict[str, Any], *, alone: bool) -> Job:
    if value is None or value == "":
        raise NotEmulated(f"a record without {item.name} in an upsert")
    if not alone:
        return _refusing(sobject.name, ApiError(400, "DUPLICATE_VALUE", f"Duplicate external id specified: {value}"))

    def write() -> dict[str, Any]:
        done = served.org.upsert(user, sobject.name, item.name, value, values)
        return {"id": done.id, "created": done.created}

    return Job(sobject.name, write)


def _refusing(name: str, error: ApiError) -> Job:
    def refuse() -> dict[str, Any]:
        raise error

    return Job(name, refuse)


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
        return [_rolled_back(job, result) for job, result in zip(jobs, results, strict=True)]
    return results


def _rolled_back(job: Job, result: dict[str, Any]) -> dict[str, Any]:
    if not result["success"]:
        return result
    taken_along = {"success": False, "errors": [ROLLED_BACK]}
    return {"id": result["id"], **taken_along} if job.keeps_id else taken_along


def _attempt(served: Served, jobs: list[Job]) -> list[dict[str, Any]]:
    """Each record on its own; a failed one does not hide the others."""
    refused_as_mixed = _mixes_setup(served, jobs)
    results: list[dict[str, Any]] = []
    for _name, neighbours in groupby(jobs, key=lambda job: job.sobject.lower()):
        chunk = list(neighbours)
        with served.org.together(len(chunk)):
            results += _attempt_chunk(chunk, refused_as_mixed=refused_as_mixed)
    return results


def _attempt_chunk(jobs: list[Job], *, refused_as_mixed: bool) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = []
    for job in jobs:
        try:
            if refused_as_mixed:
                raise _mixed()
            written = job.write()
            results.append({"id": written.pop("id"), "success": True, "errors": [], **written})
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
