# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records over SOAP: create, update, upsert, delete, retrieve, query, convertLead, merge, describe. The org does the work, as for REST."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from emulator import leads
from emulator.errors import ApiError, NotEmulated
from emulator.http_api.soap import describe, evidence
from emulator.http_api.soap.envelope import Call, ClientFault, SoapFault
from emulator.http_api.soap.markup import Element, Node
from emulator.ids import is_shaped_like_id, to_18
from emulator.model import Field, SObject
from emulator.schema import not_emulated_sobjects
from emulator.stamps import DATETIME

if TYPE_CHECKING:
    from emulator.http_api.served import Served

LIMIT = 200
RETRIEVE_LIMIT = 2000
RECORD = {"xsi:type": "sf:sObject"}
ROLLED_BACK = ApiError(
    400,
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)


class _RollBackError(Exception):
    """Leaves a transaction so that it is undone."""


# --- writes ---


def create(served: Served, user: str, call: Call) -> list[Any]:
    def write(item: Element) -> dict[str, Any]:
        sobject, record_id, values = _record(served, user, call, item)
        if record_id is not None:
            raise ApiError(400, "INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", ("Id",))
        return {"id": served.org.create(user, sobject.name, values)}

    return _saved(served, call, list(call.body.all("sObjects")), write)


def update(served: Served, user: str, call: Call) -> list[Any]:
    def write(item: Element) -> dict[str, Any]:
        sobject, record_id, values = _record(served, user, call, item)
        if record_id is None:
            raise ApiError(400, "MISSING_ARGUMENT", "Id not specified in an update call", ())
        served.org.update(user, sobject.name, record_id, values)
        return {"id": to_18(record_id) or record_id}

    return _saved(served, call, list(call.body.all("sObjects")), write)


def upsert(served: Served, user: str, call: Call) -> list[Any]:
    by = call.body.value("externalIDFieldName") or ""

    def write(item: Element) -> dict[str, Any]:
        sobject, record_id, values = _record(served, user, call, item)
        if record_id is not None:
            values["Id"] = record_id
        given = next((name for name in values if name.lower() == by.lower()), None)
        if given is None:
            raise ApiError(400, "MISSING_ARGUMENT", f"{by} not specified", ())
        made, created = _upserted(served, user, sobject, by, values.pop(given), values)
        return {"created": created, "id": made}

    return _saved(served, call, list(call.body.all("sObjects")), write, {"created": False})


def _upserted(served: Served, user: str, sobject: SObject, by: str, value: Any, values: dict[str, Any]) -> tuple[str, bool]:
    """(Id, whether it is new) of the record that this external Id names."""
    org = served.org
    item = sobject.field(by)
    if item is None or not (item.external_id or item.id_lookup or item.name == "Id"):
        raise SoapFault(
            "INVALID_FIELD", f"Field name provided, {by} does not match an External ID, Salesforce Id, or indexed field for {sobject.name}"
        )
    if item.name == "Id":
        org.update(user, sobject.name, str(value), values)
        return to_18(str(value)) or str(value), False
    found = org.find(sobject.name, **{item.name: value}) if value not in (None, "") else []
    if len(found) > 1:
        raise ApiError(
            300, "DUPLICATE_EXTERNAL_ID", f"{item.name}: more than one record found for external id field: {[row['Id'] for row in found]}"
        )
    if found:
        org.update(user, sobject.name, str(found[0]["Id"]), values)
        return str(found[0]["Id"]), False
    return org.create(user, sobject.name, {**values, item.name: value}), True


def delete(served: Served, user: str, call: Call) -> list[Any]:
    def write(item: Element) -> dict[str, Any]:
        sobject = _by_id(served, user, item.text)
        served.org.delete(user, sobject.name, item.text.strip())
        return {"id": to_18(item.text.strip())}

    return _saved(served, call, list(call.body.all("ids")), write)


def _saved(
    served: Served,
    call: Call,
    items: Sequence[Element],
    write: Callable[[Element], dict[str, Any]],
    refused: Mapping[str, Any] | None = None,
) -> list[Any]:
    """One result a record. With AllOrNoneHeader one failure takes back all of them."""
    _require_at_most(items, LIMIT)
    wanted = (call.header("AllOrNoneHeader", "allOrNone") or "").strip() in ("true", "1")
    results: list[dict[str, Any]] = []
    failed: list[int] = []
    with _undone_by(_RollBackError), served.org.transaction(), served.org.together(len(items)):
        for at, item in enumerate(items):
            try:
                with served.org.transaction():
                    results.append({"success": True, **write(item)})
            except ApiError as error:
                results.append(_refused(served, error, refused or {}))
                failed.append(at)
        if failed and wanted:
            raise _RollBackError
    if failed and wanted:
        results = [result if at in failed else _refused(served, ROLLED_BACK, refused or {}) for at, result in enumerate(results)]
    return [_ordered(result) for result in results]


@contextmanager
def _undone_by(kind: type[Exception]) -> Iterator[None]:
    try:
        yield
    except kind:
        return


def _require_at_most(items: Sequence[Element], limit: int) -> None:
    if len(items) > limit:
        raise SoapFault("EXCEEDED_ID_LIMIT", f"record limit reached. cannot submit more than {limit} records into this call")


def _refused(served: Served, error: ApiError, more: Mapping[str, Any]) -> dict[str, Any]:
    """A result without success. What is no refusal of one record (501, an unknown column or type) leaves as it came."""
    if error.status == 501:
        raise error
    if error.code in ("INVALID_FIELD", "INVALID_TYPE"):
        raise error
    return {**more, "errors": _error(served, error), "id": None, "success": False}


def _error(served: Served, error: ApiError) -> dict[str, Any]:
    code = error.code
    if code == "NOT_FOUND":
        code, message = "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"
    elif code == "METHOD_NOT_ALLOWED":
        code, message = evidence.setting(served.org, evidence.NOT_FOR_OPERATION), "entity type does not support this operation"
    else:
        message = error.message
    return {**({"fields": list(error.fields)} if error.fields else {}), "message": message, "statusCode": code}


def _ordered(result: dict[str, Any]) -> dict[str, Any]:
    """The WSDL's order: created, errors, id, success."""
    return {name: result[name] for name in ("created", "errors", "id", "success") if name in result}


# --- what a record says ---


def _record(served: Served, user: str, call: Call, item: Element) -> tuple[SObject, str | None, dict[str, Any]]:
    """Type, Id and values of an sObject as sent. Raises SoapFault for a type nobody knows."""
    sobject = _visible(served, user, (item.value("type") or "").strip(), call.endpoint.version)
    values: dict[str, Any] = {}
    record_id: str | None = None
    for child in item.children:
        if child.name in ("type", "fieldsToNull"):
            continue
        if child.name.lower() == "id":
            record_id = None if child.nil else child.text.strip() or None
            continue
        if child.children:
            raise NotEmulated("references by external Id in a SOAP record")
        if not child.nil:  # a null is said by fieldsToNull, an element without a value says nothing
            values[child.name] = _value(sobject.field(child.name), child.text)
    values.update({name.text.strip(): None for name in item.all("fieldsToNull") if name.text.strip()})
    return sobject, record_id, values


def _value(item: Field | None, text: str) -> Any:
    """The text as a value of the field's type. Raises ClientFault where it is none."""
    kind = item.type if item is not None else "string"
    stripped = text.strip()
    try:
        if kind == "boolean":
            return {"true": True, "1": True, "false": False, "0": False}[stripped]
        if kind == "int":
            return int(stripped)
        if kind in ("double", "currency", "percent"):
            return float(stripped)
    except (KeyError, ValueError) as wrong:
        raise ClientFault(f"'{text}' is not a valid value for the type xsd:{kind if kind in ('boolean', 'int') else 'double'}") from wrong
    return text


def _visible(served: Served, user: str, name: str, version: str) -> SObject:
    found = served.org.schema_at(version).sobject(name) if name else None
    if found is None and name.lower() in not_emulated_sobjects():
        raise NotEmulated(f"the sObject {not_emulated_sobjects()[name.lower()]}")
    if found is None or not served.org.readable(user, found.name):
        raise SoapFault("INVALID_TYPE", evidence.UNKNOWN_TYPE.format(name=name), "InvalidSObjectFault")
    return found


def _by_id(served: Served, user: str, text: str) -> SObject:
    """The type of a record by its Id's prefix. Raises ApiError MALFORMED_ID."""
    record_id = text.strip()
    found = served.org.schema.by_prefix(record_id[:3]) if is_shaped_like_id(record_id) and to_18(record_id) is not None else None
    if found is None or "data" not in found.apis or not served.org.readable(user, found.name):
        raise ApiError(400, "MALFORMED_ID", f"malformed id {record_id}", ())
    return found


# --- reads ---


def query(served: Served, user: str, call: Call) -> list[Any]:
    return _queried(served, user, call, include_deleted=False)


def query_all(served: Served, user: str, call: Call) -> list[Any]:
    return _queried(served, user, call, include_deleted=True)


def _queried(served: Served, user: str, call: Call, *, include_deleted: bool) -> list[Any]:
    size = (call.header("QueryOptions", "batchSize") or "").strip()
    if size and not (size.isdigit() and 200 <= int(size) <= 2000):
        raise SoapFault("INVALID_BATCH_SIZE", f"batchSize: {size}")
    answer = served.org.query(
        user,
        call.body.value("queryString") or "",
        call.endpoint.version,
        include_deleted=include_deleted,
        page_size=int(size) if size else None,
    )
    return [Node({"xsi:type": "QueryResult"}, _page(served, answer))]


def query_more(served: Served, user: str, call: Call) -> list[Any]:
    answer = served.org.query_more(user, (call.body.value("queryLocator") or "").strip(), call.endpoint.version)
    return [Node({"xsi:type": "QueryResult"}, _page(served, answer))]


def _page(served: Served, answer: Mapping[str, Any]) -> dict[str, Any]:
    """QueryResult."""
    url = answer.get("nextRecordsUrl")
    page: dict[str, Any] = {"done": answer["done"], "queryLocator": url.rpartition("/")[2] if url else None}
    if answer["records"]:
        page["records"] = [_shown(served, record) for record in answer["records"]]
    return {**page, "size": answer["totalSize"]}


def _shown(served: Served, record: Mapping[str, Any]) -> Node:
    """A record as an sObject: its type, its Id (nil where it was not asked for), then what was asked for."""
    kind = record["attributes"]["type"]
    known = served.org.schema.sobject(kind)
    shown: list[tuple[str, Any]] = [("sf:type", kind), ("sf:Id", record.get("Id"))]
    for name, value in record.items():
        if name == "attributes" or (name == "Id" and evidence.setting(served.org, evidence.QUERY_ID) == "once"):
            continue
        shown.append((f"sf:{name}", _shown_value(served, known.field(name) if known is not None else None, value)))
    return Node(RECORD, shown)


def _shown_value(served: Served, item: Field | None, value: Any) -> Any:
    if isinstance(value, Mapping) and "records" in value:
        return Node({"xsi:type": "QueryResult"}, _page(served, value))
    if isinstance(value, Mapping):
        return _shown(served, value) if "attributes" in value else Node({}, {f"sf:{name}": part for name, part in value.items()})
    if isinstance(value, str) and (item is None or item.type == "datetime") and DATETIME.fullmatch(value):
        return value.replace("+0000", "Z")
    return value


def retrieve(served: Served, user: str, call: Call) -> list[Any]:
    sobject = _visible(served, user, (call.body.value("sObjectType") or "").strip(), call.endpoint.version)
    fields = [name.strip() for name in (call.body.value("fieldList") or "").split(",") if name.strip()]
    ids = list(call.body.all("ids"))
    _require_at_most(ids, RETRIEVE_LIMIT)
    results: list[Any] = []
    for item in ids:
        try:
            results.append(_shown(served, served.org.retrieve(user, sobject.name, item.text.strip(), fields, call.endpoint.version)))
        except ApiError as error:
            if error.code not in ("NOT_FOUND", "ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY"):
                raise
            results.append(None)
    return results


def describe_sobject(served: Served, user: str, call: Call) -> list[Any]:
    return _described(served, user, call, limit=1)


def describe_sobjects(served: Served, user: str, call: Call) -> list[Any]:
    return _described(served, user, call, limit=100)


def _described(served: Served, user: str, call: Call, *, limit: int) -> list[Any]:
    asked = list(call.body.all("sObjectType"))
    _require_at_most(asked, limit)
    found = [_visible(served, user, item.text.strip(), call.endpoint.version) for item in asked]
    return [describe.sobject(served.org.describe(user, sobject.name, call.endpoint.version)) for sobject in found]


def describe_global(served: Served, user: str, call: Call) -> list[Any]:
    return [describe.everything(served.org.describe_global(user, call.endpoint.version))]


# --- leads and merging ---


def convert_lead(served: Served, user: str, call: Call) -> list[Any]:
    asked = list(call.body.all("leadConverts"))
    limit = int(evidence.setting(served.org, evidence.LEAD_LIMIT))
    if len(asked) > limit:
        raise SoapFault("EXCEEDED_LEAD_CONVERT_LIMIT", f"cannot convert more than {limit} leads in one call")
    results: list[Any] = []
    for item in asked:
        try:
            done = leads.convert(served.org, user, _conversion(item))
        except ApiError as error:
            failed = _refused(served, error, {})
            results.append(
                {"accountId": None, "contactId": None, "errors": failed["errors"], "leadId": None, "opportunityId": None, "success": False}
            )
            continue
        results.append(
            {
                "accountId": done.account_id,
                "contactId": done.contact_id,
                "leadId": done.lead_id,
                "opportunityId": done.opportunity_id,
                "success": True,
            }
        )
    return results


def _conversion(item: Element) -> leads.Conversion:
    for name in ("accountRecord", "contactRecord", "opportunityRecord", "opportunityId"):
        if item.value(name):
            raise NotEmulated(f"convertLead with {name}")

    def flag(name: str) -> bool:
        return (item.value(name) or "").strip() in ("true", "1")

    return leads.Conversion(
        lead_id=(item.value("leadId") or "").strip(),
        converted_status=item.value("convertedStatus") or "",
        account_id=item.value("accountId") or None,
        contact_id=item.value("contactId") or None,
        opportunity_name=item.value("opportunityName") or None,
        owner_id=item.value("ownerId") or None,
        create_opportunity=not flag("doNotCreateOpportunity"),
        overwrite_lead_source=flag("overwriteLeadSource"),
    )


def merge(served: Served, user: str, call: Call) -> list[Any]:
    # The WSDL calls the element "request"; jsforce says mergeRequests, salesforcer mergeRequest, and real orgs take them all.
    asked = call.body.children
    _require_at_most(asked, LIMIT)
    results: list[Any] = []
    for item in asked:
        master = item.child("masterRecord")
        if master is None:
            raise ClientFault("masterRecord is missing")
        sobject, record_id, values = _record(served, user, call, master)
        leads.require_mergeable(sobject.name)
        try:
            done = leads.merge(
                served.org, user, sobject.name, record_id or "", values, [one.text.strip() for one in item.all("recordToMergeIds")]
            )
        except ApiError as error:
            failed = _refused(served, error, {})
            results.append({"errors": failed["errors"], "id": None, "success": False})
            continue
        results.append(
            {"id": done.id, "mergedRecordIds": list(done.merged_ids), "success": True, "updatedRelatedIds": list(done.updated_related_ids)}
        )
    return results
