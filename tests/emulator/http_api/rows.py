# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""/sobjects/<sObject>/...: one record by its Id or an external Id, and what its relationships lead to."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from emulator.errors import ApiError, NotEmulated, not_found
from emulator.external_ids import SeveralMatchError
from emulator.http_api.messages import Answer, flag, json_object, not_allowed, require_method
from emulator.http_api.versions import require_version
from emulator.ids import is_shaped_like_id
from emulator.relationships import Children, follow
from emulator.rules.registry import Grade, rule
from emulator.stamps import read_stamp

if TYPE_CHECKING:
    from datetime import datetime

    from emulator.http_api.resources import Ask
    from emulator.http_api.served import Served
    from emulator.model import SObject

GUIDE = "REST API Developer Guide"
ROW = "HEAD,GET,PATCH,DELETE"

UPSERT_ANSWER = rule(
    "upsert_answer",
    says="201 {id, success, errors, created: true}, or 200 with created false; before v46.0 created is not there and an update is a 204",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Insert or Update (Upsert) a Record Using an External ID",
)
SEVERAL = rule(
    "several_records_answer",
    says="an external Id that several records have: 300 with the list of their URLs, whatever the method",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Status Codes and Error Responses; that the list holds URLs: jsforce 1.9.3, test/connection-crud.test.js",
)
POST_BY_ID = rule(
    "post_by_id",
    says="POST .../<sObject>/Id creates a record as an upsert without a key does: 201 with created true",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Inserting New Records Using Id as the External ID",
)
NO_ID_AT_ALL = rule(
    "no_id_in_the_url",
    says="a URL whose last part is no Id (15 or 18 letters and digits): 404 NOT_FOUND 'Provided external ID field does not exist or is not "
    "accessible: X', whatever the method",
    grade=Grade.QUOTED,
    source="test suites of three public clients and a wire log in a public repository (GET, PATCH, DELETE)",
)
EMPTY_BODY = rule(
    "empty_body",
    says="a request that needs a body and has none: 400 JSON_PARSER_ERROR 'The HTTP entity body is required, but this request has no entity "
    "body.'",
    grade=Grade.QUOTED,
    source="test suites of several public REST clients; Salesforce Scheduler guide, error codes",
)
MODIFIED_SINCE = rule(
    "if_modified_since",
    says="If-Modified-Since on a record, a describe or the list of objects: 304 without a body where nothing changed since",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Conditional Request Headers; Get Object Metadata Changes",
)


def answer(served: Served, user: str, ask: Ask) -> Answer:
    """Everything below /sobjects/<sObject>/ that is about records. Raises ApiError."""
    sobject = served.org.visible(user, ask.parts[1], ask.version)
    try:
        return _routed(served, user, ask, sobject)
    except SeveralMatchError as several:
        return Answer(300, [f"/services/data/v{ask.version}/sobjects/{several.sobject}/{record_id}" for record_id in several.ids])


def _routed(served: Served, user: str, ask: Ask, sobject: SObject) -> Answer:
    key, rest = ask.parts[2], ask.parts[3:]
    if not rest and key.lower() == "id" and ask.method == "POST":
        require_version(ask.version, 37)
        return _saved(ask, 201, served.org.create(user, sobject.name, record_values(ask.body())), created=True)
    if not rest:
        return _row(served, user, ask, sobject.name, key)
    if sobject.field(key) is not None:
        return _by_key(served, user, ask, sobject, key, rest)
    if not is_shaped_like_id(key):
        raise not_found()
    require_version(ask.version, 36)
    return _related(served, user, ask, sobject, key, rest)


def _row(served: Served, user: str, ask: Ask, name: str, record_id: str) -> Answer:
    org = served.org
    if ask.method not in ROW.split(","):
        raise not_allowed(ask.method, ROW)
    if not is_shaped_like_id(record_id):
        raise ApiError(404, "NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {record_id}", None)
    refuse_conditions(ask, name)
    if ask.method == "PATCH":
        org.update(user, name, record_id, record_values(ask.body()))
        return Answer(204)
    if ask.method == "DELETE":
        org.delete(user, name, record_id)
        return Answer(204)
    shown = org.retrieve(user, name, record_id, field_list(ask.query.get("fields")), ask.version)
    stored = org.get(name, record_id) or {}
    changed = stored.get("LastModifiedDate") or stored.get("SystemModstamp")
    return unmodified(ask, read_stamp(changed)) or Answer(200, shown) if changed else Answer(200, shown)


# --- by an external Id ---


def _by_key(served: Served, user: str, ask: Ask, sobject: SObject, key: str, rest: tuple[str, ...]) -> Answer:
    org = served.org
    if len(rest) > 1:
        raise NotEmulated("relationships of a record that an external Id names")
    if ask.method == "POST":
        raise NotEmulated("POST to an external Id")
    if ask.method not in ROW.split(","):
        raise not_allowed(ask.method, ROW)
    if ask.method == "PATCH":
        refuse_conditions(ask, sobject.name)
        update_only = flag(ask.query.get("updateOnly"), "updateOnly")
        done = org.upsert(user, sobject.name, key, rest[0], record_values(ask.body()), update_only=update_only)
        return _saved(ask, 201 if done.created else 200, done.id, created=done.created)
    record_id = org.record_named(user, sobject.name, key, rest[0], ask.version)
    return _row(served, user, ask, sobject.name, record_id)


def _saved(ask: Ask, status: int, record_id: str, *, created: bool) -> Answer:
    shown: dict[str, Any] = {"id": record_id, "success": True, "errors": []}
    if float(ask.version) >= 46:
        return Answer(status, {**shown, "created": created})
    return Answer(status, shown) if created else Answer(204)


# --- over relationships ---


def _related(served: Served, user: str, ask: Ask, sobject: SObject, record_id: str, path: tuple[str, ...]) -> Answer:
    end = follow(served.org, user, sobject, record_id, path, ask.version)
    if isinstance(end, Children):
        require_method(ask.method, "GET")
        fields = field_list(ask.query.get("fields"))
        return Answer(200, served.org.children(user, end.sobject, end.field, end.id, fields, ask.version))
    return _row(served, user, ask, end.sobject, end.id)


# --- parts of requests ---


def record_values(body: Any) -> dict[str, Any]:
    """A record's fields, without the attributes that clients send along."""
    return {name: value for name, value in json_object(body).items() if name != "attributes"}


def field_list(text: str | None) -> list[str] | None:
    if text is None:
        return None
    return [name.strip() for name in text.split(",") if name.strip()]


def refuse_conditions(ask: Ask, name: str = "") -> None:
    """Raises NotEmulated for conditions that would be ignored otherwise; ETags have an effect on accounts only, none on DELETE."""
    if ask.method == "DELETE":
        return
    heard = ["if-unmodified-since", *(["if-match", "if-none-match"] if name == "Account" else [])]
    if ask.method == "PATCH":
        heard.append("if-modified-since")
    for header in heard:
        if header in ask.headers:
            raise NotEmulated(f"the header {header} with {ask.method}")


def unmodified(ask: Ask, changed: datetime) -> Answer | None:
    """304 where the caller wants to know of changes since a moment and the last one was not later."""
    text = ask.headers.get("if-modified-since")
    if text is None:
        return None
    try:
        since = parsedate_to_datetime(text)
    except ValueError as broken:
        raise NotEmulated(f"If-Modified-Since: {text}") from broken
    return Answer(304) if changed.replace(microsecond=0) <= since else None
