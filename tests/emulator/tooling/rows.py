# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows of EntityDefinition, FieldDefinition and PermissionDependency, computed from the org's schema and rules; querying them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from emulator import metadata, tooling
from emulator.errors import ApiError, NotEmulated, not_found
from emulator.ids import to_18
from emulator.model import Field, SObject
from emulator.rules import dependencies, object_permissions, registry, tabs
from emulator.rules.registry import Grade, Switch, holds, rule
from emulator.rules.user_access_policies import OBJECTS as POLICIES
from emulator.soql import columns
from emulator.soql.ast import Column, Comparison, Condition, Membership, Path, Query, Subquery
from emulator.soql.parser import parse
from emulator.soql.run import NO_ID, WITHOUT_ID
from emulator.soql.special import top_parts
from emulator.tooling.durable import described, durable_ids

if TYPE_CHECKING:
    from emulator.org import Org

MANAGEABLE = "ManageableState"
ONE_ROW = ("Metadata", "FullName")
GUIDE = "Tooling API guide"
WIRE_ROWS = 10_000
_OBJECTS: ContextVar[frozenset[str] | None] = ContextVar("objects_asked_for", default=None)
"""Names and DurableIds, in lower case, of the objects that the statement under way is about; None for all."""

rule(
    "tooling_objects",
    says="/tooling has objects of its own, with columns of their own: PermissionSet without LicenseId and with ManageableState, Profile with "
    "FullName and Metadata; its records' URLs are below /tooling/sobjects",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, PermissionSet, Profile; facts permission-api B",
)
rule(
    "tooling_query_shape",
    says="a tooling query answers size, totalSize, done, queryLocator, entityTypeName and records",
    grade=Grade.QUOTED,
    source=f"sample answer of Salesforce's own Postman collection, Tooling Query (v59); {GUIDE}, QueryResult",
)
rule(
    "tooling_one_row",
    says="Metadata and FullName can be asked for one row only: MALFORMED_QUERY 'When retrieving results with Metadata or FullName fields, the query "
    "qualifications must specify no more than one row for retrieval. Result size: N'",
    grade=Grade.QUOTED,
    source="sorenkrabbe/Chrome-Salesforce-inspector#39",
)
rule(
    "tooling_rights",
    says="PermissionDependency needs View Setup and Configuration; whether all of /tooling does is open: without it every object looks unknown, or "
    "only those whose page says so",
    grade=Grade.INFERRED,
    source=f"{GUIDE}, PermissionDependency and EntityDefinition (exposed in Tooling to profiles with View Setup)",
    switch=Switch("tooling_rights", ("all", "per_object")),
)
rule(
    "permission_dependency_view_setup",
    says="PermissionDependency can be read only with View Setup and Configuration",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, PermissionDependency, special access rules",
)
rule(
    "permission_dependency_rows",
    says="one row a dependency: Permission, PermissionType ('User Permission', 'Object Permission'), RequiredPermission, RequiredPermissionType; user "
    "permissions without their prefix, object rights as Account<read>; rows come in the order of their Ids",
    grade=Grade.QUOTED,
    source="facts permission-api C2",
)
rule(
    "permission_dependency_paging",
    says="rows are duplicated on the wire: the answer repeats its first page until 10,000 records, so that only paging by Id reaches the others, and "
    "object rows stand there twice, each time under an Id of its own; or each row comes once",
    grade=Grade.INFERRED,
    source="facts permission-api C2: measured on one real org, quoted from a public reader",
    switch=Switch("permission_dependency_paging", ("repeated", "once")),
)
rule(
    "entity_definition_rows",
    says="EntityDefinition has one row an object of the org: DurableId is the name of a standard object and an Id (01I) of a custom one; IsFlsEnabled "
    "where fields can be secured",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, EntityDefinition; dannysummerlin/force-navigator#46 for the custom ones",
)
rule(
    "entity_definition_sharing",
    says="InternalSharingModel of accounts, contacts, leads, cases, opportunities and campaigns follows the organization-wide default; of others it "
    "is Private unless the seed says otherwise, or ReadWrite",
    grade=Grade.INFERRED,
    source="facts permission-api D: values seen; which object has which is the org's own choice",
    switch=Switch("entity_definition_sharing", ("Private", "ReadWrite")),
)
rule(
    "field_definition_rows",
    says="FieldDefinition has one row a field, with the type in the words of the user interface (Auto Number, Lookup(Account)); parts of a "
    "compound field have no row, or have one",
    grade=Grade.INFERRED,
    source=f"{GUIDE}, FieldDefinition and EntityParticle: a field as the Metadata API defines it against each element of it",
    switch=Switch("field_definition_components", ("left_out", "shown")),
)
rule(
    "tooling_virtual_ids",
    says=f"the Id of an EntityDefinition or FieldDefinition is {NO_ID} in answers, or its DurableId; the record's URL ends in the DurableId",
    grade=Grade.INFERRED,
    source="views of metadata have no record of their own, as UserPermissionAccess",
    switch=Switch("tooling_virtual_ids", ("empty", "durable")),
)
rule(
    "publisher_rows",
    says="Publisher has one row for Salesforce, one for the org itself and one for each installed package, that one with MajorVersion and MinorVersion",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Publisher; DurableId System, <local> and the package's prefix: octoberswimmer/aer-dist#402 (PublisherId); names composed",
)
registry.breakable("tooling_one_row")
DEPENDENCY_SWITCHES = (
    "permission_dependency_paging",
    "hidden_dependency_rows",
    "extra_dependency_rows",
    "inferred_dependencies",
    "detail_needs_master",
)
"""Everything beside the schema that the rows follow."""


@registry.readable("PermissionDependency", rule="permission_dependency_view_setup")
def may_read_dependencies(org: Org, user: str) -> bool:
    return "ViewSetup" in org.permissions_of(user)


# --- rows ---


@registry.rows("PermissionDependency", rule="permission_dependency_rows")
def dependency_rows(org: Org, _user: str) -> list[dict[str, Any]]:
    repeated = org.switches["permission_dependency_paging"] == "repeated"
    chosen = [org.switches[name] for name in DEPENDENCY_SWITCHES]
    key = f"permission_dependencies {chosen} {sorted(registry.BROKEN)}"
    found: list[dict[str, Any]] = org.of_schema(key, lambda: _dependency_rows(org, repeated))
    return found


def _dependency_rows(org: Org, repeated: bool) -> list[dict[str, Any]]:
    rows = dependencies.published(org, object_permissions.general_edges(org))
    if repeated:
        rows += [row for row in rows if row.permission_type == dependencies.OBJECT]
    return [
        {
            "Id": to_18(f"4pd{org.id[3:6]}{number:09d}"),
            "Permission": row.permission,
            "PermissionType": row.permission_type,
            "RequiredPermission": row.required,
            "RequiredPermissionType": row.required_type,
        }
        for number, row in enumerate(rows, start=1)
    ]


def parts_of(name: str) -> tuple[str | None, str]:
    """(namespace, developer name) of an API name."""
    bare = name.removesuffix("__c").removesuffix("__mdt").removesuffix("__e")
    if bare == name:
        return None, name
    namespace, found, rest = bare.partition("__")
    return (namespace, rest) if found else (None, bare)


@registry.rows("EntityDefinition", rule="entity_definition_rows")
def entity_rows(org: Org, user: str) -> list[dict[str, Any]]:
    durable = durable_ids(org)
    sharing = _sharing(org)
    return [
        _entity(sobject, durable[sobject.name], sharing.get(sobject.name, org.switches["entity_definition_sharing"]))
        for sobject in described(org)
        if sobject.name not in POLICIES or org.readable(user, sobject.name)
    ]


def _entity(sobject: SObject, durable: str, sharing: str) -> dict[str, Any]:
    namespace, developer_name = parts_of(sobject.name)
    own = not sobject.setup
    return {
        "Id": durable,
        "DurableId": durable,
        "QualifiedApiName": sobject.name,
        "FullName": sobject.name,
        "NamespacePrefix": namespace,
        "DeveloperName": developer_name,
        "MasterLabel": sobject.label,
        "Label": sobject.label,
        "PluralLabel": sobject.label_plural,
        "KeyPrefix": sobject.key_prefix,
        "IsCustomizable": own,
        "IsApexTriggerable": own,
        "IsTriggerable": own,
        "IsWorkflowEnabled": own,
        "IsProcessEnabled": own,
        "IsCompactLayoutable": own,
        "IsLayoutable": own,
        "IsCustomSetting": sobject.custom_setting,
        "IsReplicateable": sobject.replicateable,
        "IsRetrieveable": sobject.retrieveable,
        "IsSearchable": sobject.searchable,
        "IsEverCreatable": sobject.createable,
        "IsCreatable": sobject.createable,
        "IsEverUpdatable": sobject.updateable,
        "IsEverDeletable": sobject.deletable,
        "IsDeletable": sobject.deletable,
        "IsQueryable": sobject.queryable,
        "IsFlsEnabled": any(item.permissionable for item in sobject.fields.values()),
        "InternalSharingModel": sharing,
        "ExternalSharingModel": "Private",
    }


@registry.rows("Publisher", rule="publisher_rows")
def publisher_rows(org: Org, _user: str) -> list[dict[str, Any]]:
    """Installed packages are in org.seed_info["packages"], prefix -> (name, version)."""
    installed: dict[str, tuple[str, str]] = org.seed_info.get("packages", {})
    rows = [_publisher("System", "salesforce.com", salesforce=True), _publisher("<local>", org.name)]
    return [*rows, *(_publisher(prefix, name, prefix, version) for prefix, (name, version) in sorted(installed.items()))]


def _publisher(durable: str, name: str, prefix: str | None = None, version: str = "", *, salesforce: bool = False) -> dict[str, Any]:
    major, _unused, minor = version.partition(".")
    return {
        "Id": durable,
        "DurableId": durable,
        "Name": name,
        "NamespacePrefix": prefix,
        "IsSalesforce": salesforce,
        "MajorVersion": int(major) if major else None,
        "MinorVersion": int(minor) if minor else None,
    }


DEFAULTS = {  # object -> the column of Organization
    "Account": "DefaultAccountAccess",
    "Contact": "DefaultContactAccess",
    "Opportunity": "DefaultOpportunityAccess",
    "Lead": "DefaultLeadAccess",
    "Case": "DefaultCaseAccess",
    "Campaign": "DefaultCampaignAccess",
}
MODELS = {"None": "Private", "Edit": "ReadWrite", "ReadEditTransfer": "ReadWriteTransfer", "All": "FullAccess"}
"""What Organization says -> what EntityDefinition calls it; other words are the same in both."""


def _sharing(org: Org) -> dict[str, str]:
    company = next(iter(org.find("Organization")), {}) if org.schema.sobject("Organization") is not None else {}
    given: dict[str, str] = org.seed_info.get("sharing_models", {})
    defaults = {name: MODELS.get(value, value) for name, column in DEFAULTS.items() if (value := company.get(column))}
    return {**defaults, **given}


@registry.rows("FieldDefinition", rule="field_definition_rows")
def field_rows(org: Org, _user: str) -> list[dict[str, Any]]:
    whole = org.switches["field_definition_components"] == "shown"
    found: dict[str, list[dict[str, Any]]] = org.of_schema(f"field_definitions {whole}", lambda: _field_rows(org, whole))
    durable, objects = durable_ids(org), _OBJECTS.get()
    return [row for name, rows in found.items() if objects is None or objects & {name.lower(), durable[name].lower()} for row in rows]


def _field_rows(org: Org, whole: bool) -> dict[str, list[dict[str, Any]]]:
    """The rows of each object."""
    durable = durable_ids(org)
    rows: dict[str, list[dict[str, Any]]] = {}
    number = 0
    for sobject in described(org):
        own = _own(sobject, frozenset() if whole else components(sobject))
        rows[sobject.name] = [_definition(org, sobject, item, durable[sobject.name], number + at) for at, item in enumerate(own, start=1)]
        number += len(own)
    return rows


def _own(sobject: SObject, parts: frozenset[str]) -> list[Field]:
    return [item for item in sobject.fields.values() if item.name not in parts and "data" in item.apis]


def components(sobject: SObject) -> frozenset[str]:
    """Fields that are only parts: of a person's name, of an address."""
    names = {"FirstName", "LastName", "Salutation"} if {"FirstName", "LastName", "Name"} <= sobject.fields.keys() else set()
    for item in sobject.fields.values():
        if item.type == "address":
            prefix = item.name.removesuffix("Address")
            names |= {
                f"{prefix}{part}"
                for part in ("Street", "City", "State", "PostalCode", "Country", "Latitude", "Longitude", "GeocodeAccuracy")
            }
    return frozenset(names & sobject.fields.keys())


def _definition(org: Org, sobject: SObject, item: Field, owner: str, number: int) -> dict[str, Any]:
    namespace, developer_name = parts_of(item.name)
    durable = f"{owner}.00N{org.id[3:6]}{number:09d}" if item.custom else f"{owner}.{item.name}"
    return {
        "Id": durable,
        "DurableId": durable,
        "QualifiedApiName": item.name,
        "FullName": f"{sobject.name}.{item.name}",
        "EntityDefinitionId": owner,
        "NamespacePrefix": namespace,
        "DeveloperName": developer_name,
        "MasterLabel": item.label,
        "Label": item.label,
        "Length": item.length,
        "DataType": data_type(org, item),
        "ValueTypeId": item.type,
        "IsCalculated": item.calculated,
        "IsNameField": item.name_field,
        "IsNillable": item.nillable,
        "IsCompound": item.type in ("address", "location"),
        "IsPolymorphicForeignKey": len(item.reference_to) > 1,
        "IsWorkflowFilterable": item.filterable,
        "IsApiFilterable": item.filterable,
        "IsApiSortable": item.sortable,
        "IsApiGroupable": item.groupable,
        "IsFlsEnabled": item.permissionable,
        "Precision": 18 if item.type in ("double", "currency", "percent") else 0,
        "Scale": 0,
        "RelationshipName": item.relationship_name,
        "ReferenceTo": json.dumps({"referenceTo": list(item.reference_to) or None}),
    }


_UI_TYPES = {
    "boolean": "Checkbox",
    "date": "Date",
    "datetime": "Date/Time",
    "email": "Email",
    "phone": "Phone",
    "url": "URL",
    "picklist": "Picklist",
    "combobox": "Picklist",
    "multipicklist": "Picklist (Multi-Select)",
    "address": "Address",
    "location": "Geolocation",
    "percent": "Percent(18, 0)",
    "currency": "Currency(18, 0)",
    "double": "Number(18, 0)",
    "int": "Number(9, 0)",
    "id": "Lookup()",
}


def data_type(org: Org, item: Field) -> str:
    """A field's type as the user interface calls it."""
    if item.auto_number:
        return "Auto Number"
    if item.type == "reference":
        known = [org.schema.sobject(name) for name in item.reference_to]
        kind = "Master-Detail" if item.master_detail else "Lookup"
        return f"{kind}({','.join(target.label for target in known if target is not None)})"
    if item.type == "textarea":
        return f"Long Text Area({item.length})" if item.length > 255 else f"Text Area({item.length})"
    return _UI_TYPES.get(item.type, f"Text({item.length})")


# --- asking ---


def query(org: Org, user: str, soql: str, version: str, *, include_deleted: bool = False, page_size: int | None = None) -> dict[str, Any]:
    """The first page of a tooling query, in the shape of /tooling. Raises ApiError."""
    parsed = parse(soql)
    name = _canonical(org, parsed)
    _require_view_setup(org, user, name)
    _require_composed(org, parsed, name, version)
    asked = _columns(parsed)
    with shown_columns(org, name), tabs.whole_org(), _only(_objects(parsed, name)):
        answer = org.query(user, soql, version, include_deleted=include_deleted, page_size=page_size, api="tooling")
    if name == "PermissionDependency" and not answer["done"] and org.switches["permission_dependency_paging"] == "repeated":
        answer = _repeated(org, user, answer, version)
    one_row = [column for column in ONE_ROW if column.lower() in asked]
    if one_row and answer["totalSize"] > 1 and holds("tooling_one_row"):
        message = (
            "When retrieving results with Metadata or FullName fields, the query qualifications must specify no more than one row for retrieval. "
            f"Result size: {answer['totalSize']}"
        )
        raise ApiError(400, "MALFORMED_QUERY", message, None)
    return _shaped(org, user, name, answer, version)


def query_columns(org: Org, user: str, soql: str, version: str) -> dict[str, Any]:
    """The columns of a tooling query, for query?columns=true. Raises ApiError."""
    name = _canonical(org, parse(soql))
    _require_view_setup(org, user, name)
    with shown_columns(org, name):
        return columns(org, user, soql, version, "tooling")


def _repeated(org: Org, user: str, answer: Mapping[str, Any], version: str) -> dict[str, Any]:
    """The first page again and again: reading on never reaches the other rows, only a filter on Id does."""
    page = answer["records"]
    return org.open_cursor(user, (page * (WIRE_ROWS // len(page)))[:WIRE_ROWS], len(page), version)


def query_more(org: Org, user: str, locator: str, version: str) -> dict[str, Any]:
    answer = org.query_more(user, locator, version)
    name = next((record["attributes"]["type"] for record in answer["records"]), "")
    return _shaped(org, user, name, answer, version)


def retrieve(org: Org, user: str, sobject: str, record_id: str, fields: list[str] | None, version: str) -> dict[str, Any]:
    """One tooling record by Id, or by the DurableId of what has no Id. Raises ApiError."""
    found = visible(org, user, sobject, version)
    names = fields if fields is not None else [name for name in found.fields if name not in ("Metadata",)]
    key = "DurableId" if found.name in WITHOUT_ID else "Id"
    text = record_id.replace("\\", "\\\\").replace("'", "\\'")
    answer = query(org, user, f"SELECT {', '.join(names)} FROM {found.name} WHERE {key} = '{text}'", version)
    if not answer["records"]:
        raise not_found()
    record: dict[str, Any] = answer["records"][0]
    return record


def visible(org: Org, user: str, sobject: str, version: str) -> SObject:
    """The object of /tooling by name. Raises 404, or 501 for one that real orgs have and this emulator has not."""
    _require_view_setup(org, user, sobject)
    described = org.schema_at(version, "tooling").sobject(sobject)
    if described is None or not org.readable(user, described.name):
        if sobject.lower() in tooling.not_emulated():
            raise NotEmulated(f"the tooling object {sobject}")
        raise not_found()
    return described


def _canonical(org: Org, parsed: Query) -> str:
    asked = parsed.source.parts[-1]
    known = org.schema.sobject(asked)
    return known.name if known is not None else asked


def _require_view_setup(org: Org, user: str, name: str) -> None:
    closed = org.switches["tooling_rights"] == "all" or (name.lower() == "tabdefinition" and holds("tab_definitions_of_the_org"))
    if closed and "ViewSetup" not in org.permissions_of(user):
        raise ApiError(400, "INVALID_TYPE", f"sObject type '{name}' is not supported.", None)


@contextmanager
def _only(objects: frozenset[str] | None) -> Iterator[None]:
    """While inside, the fields of these objects alone are put into the table: those of a whole org take half a second."""
    token = _OBJECTS.set(objects)
    try:
        yield
    finally:
        _OBJECTS.reset(token)


_OBJECT_COLUMNS = {
    "EntityDefinition": (("qualifiedapiname",), ("durableid",)),
    "FieldDefinition": (("entitydefinition", "qualifiedapiname"), ("entitydefinition", "durableid"), ("entitydefinitionid",)),
}


def _objects(parsed: Query, name: str) -> frozenset[str] | None:
    """The objects that a statement on definitions is about, as its filter says; None where it does not say."""
    named = (_values(part, _OBJECT_COLUMNS.get(name, ())) for part in top_parts(parsed.where))
    return next((values for values in named if values is not None), None)


def _values(part: Condition, columns: Collection[tuple[str, ...]]) -> frozenset[str] | None:
    if not isinstance(part, (Comparison, Membership)) or not isinstance(part.operand, Path):
        return None
    if tuple(step.lower() for step in part.operand.parts) not in columns:
        return None
    if isinstance(part, Comparison):
        return frozenset({str(part.value.value).lower()}) if part.operator == "=" else None
    return None if part.negated else frozenset(str(value.value).lower() for value in part.values)


def _children(parsed: Query, sobject: SObject | None) -> dict[str, Query]:
    """Object -> the child subquery that reads it."""
    known = {child.name.lower(): child.child for child in sobject.child_relationships} if sobject is not None else {}
    asked = [item.query for item in parsed.items if isinstance(item, Subquery)]
    return {known[query.source.parts[-1].lower()]: query for query in asked if query.source.parts[-1].lower() in known}


def _require_composed(org: Org, parsed: Query, name: str, version: str) -> None:
    """Raises 501 for an object or a column that real orgs have here and the emulator has not, wherever the statement names it."""
    here = org.schema_at(version, "tooling")
    if not here.sobjects:
        raise NotEmulated("the Tooling API in an org whose schema was made without it")
    if here.sobject(name) is None and name.lower() in tooling.not_emulated():
        raise NotEmulated(f"the tooling object {name}")
    words = {word.lower() for word in re.findall(r"[A-Za-z]\w*", re.sub(r"'(?:\\.|[^'\\])*'", "", parsed.text))}
    children = _children(parsed, here.sobject(name))
    for one in (name, *children):
        missing = sorted(words & tooling.not_composed(one))
        if missing:
            raise NotEmulated(f"{one}.{missing[0]}")
    for one, query in children.items():
        if {column.lower() for column in ONE_ROW} & set(_columns(query)):
            raise NotEmulated(f"Metadata or FullName of {one} in a child subquery")


def _columns(parsed: Query) -> list[str]:
    """The plain columns asked for, and the first step of every path, in lower case."""
    found: list[str] = []
    for item in parsed.items:
        operand = item.operand if isinstance(item, Column) else None
        if isinstance(operand, Path):
            found.append(operand.parts[0].lower())
    return found


@contextmanager
def shown_columns(org: Org, name: str) -> Iterator[None]:
    """While inside, the columns that only /tooling shows hold their values."""
    if name not in tooling.shared():
        yield
        return
    with org.store.pretending():
        for row in org.find(name):
            if name == "PermissionSet":
                org.store.update(name, row["Id"], {MANAGEABLE: "installed" if row.get("NamespacePrefix") else "unmanaged"})
            elif name == "Profile":
                org.store.update(name, row["Id"], {"FullName": metadata.profile_name(row)})
        yield


def _shaped(org: Org, user: str, name: str, answer: Mapping[str, Any], version: str) -> dict[str, Any]:
    records = [_record(org, user, record, version) for record in answer["records"]]
    url = answer.get("nextRecordsUrl")
    return {
        "size": len(records) if answer["records"] else answer["totalSize"],
        "totalSize": answer["totalSize"],
        "done": answer["done"],
        "queryLocator": None,
        **({"nextRecordsUrl": url.replace("/query/", "/tooling/query/")} if url else {}),
        "entityTypeName": name,
        "records": records,
    }


def _record(org: Org, user: str, record: Mapping[str, Any], version: str) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for key, value in record.items():
        if key == "attributes":
            shown[key] = {
                "type": value["type"],
                **({"url": value["url"].replace("/sobjects/", "/tooling/sobjects/")} if "url" in value else {}),
            }
        elif isinstance(value, Mapping) and "attributes" in value:
            shown[key] = _record(org, user, value, version)
        elif isinstance(value, Mapping) and value.get("records"):
            shown[key] = _shaped(org, user, value["records"][0]["attributes"]["type"], value, version)
        else:
            shown[key] = value
    kind = record["attributes"]["type"]
    if kind == "FieldDefinition" and isinstance(shown.get("ReferenceTo"), str):
        shown["ReferenceTo"] = json.loads(shown["ReferenceTo"])
    if kind == "Profile" and "Metadata" in shown:
        row = org.get("Profile", record["attributes"]["url"].rpartition("/")[2])
        shown["Metadata"] = _profile_metadata(org, user, row, version) if row is not None else None
    return shown


def _profile_metadata(org: Org, user: str, row: Mapping[str, Any], version: str) -> dict[str, Any]:
    """The component without its name, which is a column of its own. What has no value is null or an empty list, as JSON shows complex types."""
    component = metadata.profile(org, user, row, float(version))
    del component["fullName"]
    if component.get("loginHours"):
        component["loginHours"] = {**dict.fromkeys(metadata.LOGIN_HOURS), **component["loginHours"]}
    lists = (
        "classAccesses",
        "customMetadataTypeAccesses",
        "customPermissions",
        "fieldPermissions",
        "flowAccesses",
        "loginIpRanges",
        "objectPermissions",
        "pageAccesses",
        "tabVisibilities",
    )
    return {**{name: [] for name in (*lists, "userPermissions")}, "description": None, "loginHours": None, **component}
