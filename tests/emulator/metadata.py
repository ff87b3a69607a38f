# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the Metadata API reads, composed from the org's own records: profiles, permission sets, call centers, fields.

A component is a dict in the order of the Metadata WSDL (v63); lists repeat an element, absent keys are absent elements. What no sObject
holds (login hours, IP ranges, the sections of a call center definition) lives in org.seed_info, so that a reset brings it back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from emulator import leads
from emulator.errors import ApiError, NotEmulated
from emulator.rules.registry import Grade, Switch, breakable, holds, rule
from emulator.tooling.durable import named_by

if TYPE_CHECKING:
    from emulator.model import Field
    from emulator.org import Org

GUIDE = "Metadata API Developer Guide"
DAYS = ("friday", "monday", "saturday", "sunday", "thursday", "tuesday", "wednesday")
LOGIN_HOURS = tuple(f"{day}{end}" for day in DAYS for end in ("End", "Start"))
JUNCTIONS_SINCE = 40.0
VIEW_ALL_FIELDS_SINCE = 63.0
VALUE_SETS_SINCE = 38.0

Component = dict[str, Any]

rule(
    "metadata_rights",
    says="Metadata API calls need Modify Metadata Through Metadata API Functions or Modify All Data: INSUFFICIENT_ACCESS 'use of the Metadata API "
    "requires a user with the ModifyAllData or ModifyMetadata permissions'",
    grade=Grade.QUOTED,
    source="forcedotcom/cli#3048; pgonzaleznetwork/sfdc-soup#8",
)
rule(
    "metadata_read_limit",
    says="readMetadata takes up to 10 full names: EXCEEDED_ID_LIMIT 'record limit reached. cannot submit more than 10 records in this operation'",
    grade=Grade.QUOTED,
    source="certinia/apex-mdapi#105",
)
rule(
    "metadata_list_limit",
    says="listMetadata takes up to three queries",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, listMetadata(); the refusal of a fourth takes the words of readMetadata",
)
rule(
    "metadata_unknown_name",
    says="a full name that no component has is answered by a record that is nil, or by an empty one",
    grade=Grade.INFERRED,
    source="clients cope with both; the guide does not say",
    switch=Switch("metadata_unknown_name", ("nil", "empty")),
)
rule(
    "metadata_profile",
    says="a Profile is read whole: userPermissions that are on, object and field permissions, classes, pages, custom permissions, login hours and "
    "IP ranges; the contents need View Setup and Configuration",
    grade=Grade.QUOTED,
    source=f"certinia/apex-mdapi#68 and #192 (readMetadata answers with layouts and object permissions); {GUIDE}, Profile, special access rules",
)
rule(
    "metadata_profile_names",
    says="standard profiles have names of their own: Admin, Standard, StandardAul, SolutionManager, ContractManager, MarketingProfile; other names "
    "stand as they are, special characters percent-encoded",
    grade=Grade.QUOTED,
    source="certinia/apex-mdapi#192; profile files of public org backups",
)
rule(
    "metadata_permission_set",
    says="a PermissionSet is read whole from API version 40.0 on; before, only its user permissions. Profile-owned and group-owned sets have no name "
    "here",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, PermissionSet",
)
rule(
    "metadata_license_name",
    says="a set's license is named by the user licence's name; of a permission set licence, by its DeveloperName or its label",
    grade=Grade.INFERRED,
    source=f"{GUIDE}, PermissionSet.license: the related licence; which of its names is not said",
    switch=Switch("metadata_license_name", ("DeveloperName", "MasterLabel")),
)
rule(
    "metadata_call_center",
    says="a CallCenter is its definition file: customSettings, names, sections with items; the vendor is the item reqVendorInfoApiName of the section "
    "reqGeneralInfo",
    grade=Grade.DOCUMENTED,
    source="facts contact-center-api 5b",
)
rule(
    "metadata_vendor_of_a_resold_center",
    says="the definition of an Amazon Connect center that Salesforce resells names no vendor, or names one as those of Partner Telephony do; settled when "
    "a center is seeded",
    grade=Grade.INFERRED,
    source="facts contact-center-api 5c: its definition is not public",
    switch=Switch("metadata_vendor_of_a_resold_center", ("absent", "named")),
)
rule(
    "metadata_standard_picklist",
    says="a standard picklist field shows its values up to API version 37.0, lead statuses with what is converted; later versions do not",
    grade=Grade.QUOTED,
    source="the remark in jsforce 1.9.3, test/soap.test.js, whose set-up reads Lead.Status so from a real org",
)
for _name in ("metadata_rights", "metadata_read_limit", "metadata_list_limit", "metadata_permission_set"):
    breakable(_name)

PROFILE_NAMES = {
    "System Administrator": "Admin",
    "Standard User": "Standard",
    "Standard Platform User": "StandardAul",
    "Solution Manager": "SolutionManager",
    "Contract Manager": "ContractManager",
    "Marketing User": "MarketingProfile",
}
STANDARD_PROFILES = frozenset(PROFILE_NAMES) | {"Minimum Access - Salesforce", "Salesforce API Only System Integrations"}


@dataclass(frozen=True)
class IpRange:
    start: str
    end: str
    description: str | None = None


@dataclass(frozen=True)
class ProfileConditions:
    """login_hours: "mondayStart" and so on -> minutes after midnight, full hours; a day that is not named is open all day."""

    login_hours: Mapping[str, int]
    login_ip_ranges: tuple[IpRange, ...] = ()


@dataclass(frozen=True)
class CallCenterDefinition:
    """The part of a definition that the CallCenter record does not show. sections: (name, label, ((item, label, value), ...))."""

    custom_settings: str | None = None
    sections: tuple[tuple[str, str, tuple[tuple[str, str, str], ...]], ...] = ()


def set_profile_conditions(
    org: Org, profile: str, *, login_hours: Mapping[str, int] | None = None, login_ip_ranges: Sequence[Mapping[str, str]] = ()
) -> None:
    """Restrict a profile (by name or Id). Replaces what was there; nothing given lifts all. Raises KeyError, ValueError."""
    found = org.find("Profile", Name=profile) or org.find("Profile", Id=profile)
    if not found:
        raise KeyError(profile)
    hours = dict(login_hours or {})
    known = {f"{day}{end}" for day in DAYS for end in ("Start", "End")}
    wrong = [name for name, minutes in hours.items() if name not in known or minutes % 60 or not 0 <= minutes <= 1440]
    if wrong:
        raise ValueError(f"no login hours: {', '.join(wrong)}")
    for one in login_ip_ranges:
        first, last = ip_address(one["startAddress"]), ip_address(one["endAddress"])
        if first.version != last.version or int(first) > int(last):
            raise ValueError(f"no range of addresses: {first} to {last}")
    ranges = tuple(IpRange(one["startAddress"], one["endAddress"], one.get("description")) for one in login_ip_ranges)
    org.seed_info.setdefault("profile_conditions", {})[str(found[0]["Id"])] = ProfileConditions(hours, ranges)


def define_call_center(org: Org, center_id: str, definition: CallCenterDefinition) -> None:
    org.seed_info.setdefault("call_center_definitions", {})[center_id] = definition


Items = tuple[tuple[str, str, str], ...]


def partner_telephony_definition(
    settings: str, internal_name: str, display_name: str, vendor: str, more: Items = ()
) -> CallCenterDefinition:
    """The definition of a Partner Telephony center, whose vendor is an item (facts contact-center-api 5b)."""
    items = (
        ("reqInternalName", "InternalName", internal_name),
        ("reqDisplayName", "Display Name", display_name),
        ("reqVendorInfoApiName", "Conversation Vendor Info Developer Name", vendor),
        *more,
    )
    return CallCenterDefinition(settings, (("reqGeneralInfo", "General Information", items), ("reqHvcc", "SCV Settings", ())))


def plain_definition(settings: str, internal_name: str, display_name: str, more: Items) -> CallCenterDefinition:
    """The definition of a center of another kind: the same section, without a vendor."""
    items = (("reqInternalName", "InternalName", internal_name), ("reqDisplayName", "Display Name", display_name), *more)
    return CallCenterDefinition(settings, (("reqGeneralInfo", "General Information", items),))


# --- reading ---


@dataclass(frozen=True)
class Type:
    """A metadata type. rows: the records it stands for; name: a record's full name; read: the component."""

    name: str
    directory: str
    suffix: str
    sobject: str
    rows: Callable[[Org], list[dict[str, Any]]]
    full_name: Callable[[Mapping[str, Any]], str]
    read: Callable[[Org, str, Mapping[str, Any], float], Component]


def require_rights(org: Org, user: str) -> None:
    """Raises ApiError for a user who may not use the Metadata API."""
    if org.permissions_of(user).isdisjoint({"ModifyAllData", "ModifyMetadata"}) and holds("metadata_rights"):
        message = "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions"
        raise ApiError(403, "INSUFFICIENT_ACCESS", message, None)


def read(org: Org, user: str, type_name: str, full_names: Sequence[str], version: str) -> list[Component | None]:
    """The components in the order asked for, None for a name nobody has. Raises ApiError."""
    if len(full_names) > 10 and holds("metadata_read_limit"):
        raise ApiError(400, "EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 10 records in this operation", None)
    if type_name == "CustomField":
        return [custom_field(org, name, float(version)) for name in full_names]
    kind = TYPES.get(type_name)
    if kind is None or org.schema.sobject(kind.sobject) is None:
        raise NotEmulated(f"the metadata type {type_name}")
    named = {kind.full_name(row): row for row in kind.rows(org)} if full_names else {}
    return [kind.read(org, user, named[name], float(version)) if name in named else None for name in full_names]


def listed(org: Org, type_name: str) -> list[Component]:
    """FileProperties of every component of a type."""
    kind = TYPES.get(type_name)
    if kind is None or org.schema.sobject(kind.sobject) is None:
        raise NotEmulated(f"the metadata type {type_name}")
    return [_file(org, kind, row) for row in kind.rows(org)]


def _file(org: Org, kind: Type, row: Mapping[str, Any]) -> Component:
    name = kind.full_name(row)
    namespace = row.get("NamespacePrefix")
    return {
        "createdById": row.get("CreatedById") or "",
        "createdByName": _user_name(org, row.get("CreatedById")),
        "createdDate": _utc(row.get("CreatedDate")),
        "fileName": f"{kind.directory}/{name}.{kind.suffix}",
        "fullName": name,
        "id": row["Id"],
        "lastModifiedById": row.get("LastModifiedById") or "",
        "lastModifiedByName": _user_name(org, row.get("LastModifiedById")),
        "lastModifiedDate": _utc(row.get("LastModifiedDate")),
        "manageableState": "installed" if namespace else "unmanaged",
        **({"namespacePrefix": namespace} if namespace else {}),
        "type": kind.name,
    }


def _user_name(org: Org, user_id: str | None) -> str:
    user = org.get("User", user_id) if user_id else None
    return str(user["Name"]) if user is not None else ""


def _utc(text: str | None) -> str:
    return (text or "").replace("+0000", "Z")


# --- profiles ---


def profile_name(row: Mapping[str, Any]) -> str:
    name = str(row["Name"])
    return PROFILE_NAMES.get(name) or quote(name, safe=" -_.")


def profile(org: Org, user: str, row: Mapping[str, Any], version: float) -> Component:
    owned = next(iter(org.find("PermissionSet", ProfileId=row["Id"])), None)
    contents = _contents(org, owned["Id"], version) if owned is not None and "ViewSetup" in org.permissions_of(user) else {}
    licence = org.get("UserLicense", row["UserLicenseId"]) if row.get("UserLicenseId") else None
    conditions = org.seed_info.get("profile_conditions", {}).get(row["Id"], ProfileConditions({}))
    hours = {name: str(conditions.login_hours[name]) for name in LOGIN_HOURS if name in conditions.login_hours}
    return _present(
        {
            "fullName": profile_name(row),
            "classAccesses": contents.get("classAccesses"),
            "custom": row["Name"] not in STANDARD_PROFILES,
            "customMetadataTypeAccesses": contents.get("customMetadataTypeAccesses"),
            "customPermissions": contents.get("customPermissions"),
            "customSettingAccesses": contents.get("customSettingAccesses"),
            "description": row.get("Description"),
            "fieldPermissions": contents.get("fieldPermissions"),
            "flowAccesses": contents.get("flowAccesses"),
            "loginHours": hours or None,
            "loginIpRanges": [
                _present({"description": one.description, "endAddress": one.end, "startAddress": one.start})
                for one in conditions.login_ip_ranges
            ],
            "objectPermissions": contents.get("objectPermissions"),
            "pageAccesses": contents.get("pageAccesses"),
            "tabVisibilities": [_of_profile(one) for one in contents.get("tabSettings", ())],
            "userLicense": licence["Name"] if licence is not None else None,
            "userPermissions": _user_permissions(row),
        }
    )


# --- permission sets ---


def named_sets(org: Org) -> list[dict[str, Any]]:
    rows = org.find("PermissionSet")
    if not holds("metadata_permission_set"):
        return rows
    return [row for row in rows if not row["IsOwnedByProfile"] and not row.get("PermissionSetGroupId") and row.get("Type") != "Group"]


def permission_set(org: Org, user: str, row: Mapping[str, Any], version: float) -> Component:
    whole = version >= JUNCTIONS_SINCE and "ViewSetup" in org.permissions_of(user)
    contents = _contents(org, row["Id"], version) if whole else {}
    return _present(
        {
            "fullName": qualified(row, "Name"),
            "classAccesses": contents.get("classAccesses"),
            "customMetadataTypeAccesses": contents.get("customMetadataTypeAccesses"),
            "customPermissions": contents.get("customPermissions"),
            "customSettingAccesses": contents.get("customSettingAccesses"),
            "description": row.get("Description"),
            "fieldPermissions": contents.get("fieldPermissions"),
            "flowAccesses": contents.get("flowAccesses"),
            "hasActivationRequired": bool(row.get("HasActivationRequired")),
            "label": row["Label"],
            "license": _licence(org, row.get("LicenseId")),
            "objectPermissions": contents.get("objectPermissions"),
            "pageAccesses": contents.get("pageAccesses"),
            "tabSettings": contents.get("tabSettings"),
            "userPermissions": _user_permissions(row),
        }
    )


def qualified(row: Mapping[str, Any], column: str) -> str:
    """A component's name with the namespace of its package."""
    return f"{row['NamespacePrefix']}__{row[column]}" if row.get("NamespacePrefix") else str(row[column])


def _licence(org: Org, licence_id: str | None) -> str | None:
    known = org.schema.by_prefix(licence_id[:3]) if licence_id else None
    row = org.get(known.name, licence_id) if known is not None and licence_id is not None else None
    if row is None:
        return None
    return str(row["Name"]) if known is not None and known.name == "UserLicense" else str(row[org.switches["metadata_license_name"]])


def _user_permissions(row: Mapping[str, Any]) -> list[Component]:
    held = sorted(name.removeprefix("Permissions") for name, value in row.items() if name.startswith("Permissions") and value is True)
    return [{"enabled": True, "name": name} for name in held]


def _contents(org: Org, parent: str, version: float) -> Component:
    """What hangs on a permission set, each kind in the order of its names."""
    return {
        **_entities(org, parent),
        "fieldPermissions": _fields(org, parent),
        "objectPermissions": _objects(org, parent, version),
        "tabSettings": _tabs(org, parent),
    }


def _fields(org: Org, parent: str) -> list[Component]:
    rows = sorted(org.find("FieldPermissions", ParentId=parent), key=lambda row: str(row["Field"]))
    return [{"editable": row["PermissionsEdit"], "field": row["Field"], "readable": row["PermissionsRead"]} for row in rows]


def _objects(org: Org, parent: str, version: float) -> list[Component]:
    rows = sorted(org.find("ObjectPermissions", ParentId=parent), key=lambda row: str(row["SobjectType"]))
    return [
        {
            "allowCreate": row["PermissionsCreate"],
            "allowDelete": row["PermissionsDelete"],
            "allowEdit": row["PermissionsEdit"],
            "allowRead": row["PermissionsRead"],
            "modifyAllRecords": row["PermissionsModifyAllRecords"],
            "object": row["SobjectType"],
            **({"viewAllFields": bool(row.get("PermissionsViewAllFields"))} if version >= VIEW_ALL_FIELDS_SINCE else {}),
            "viewAllRecords": row["PermissionsViewAllRecords"],
        }
        for row in rows
    ]


def _tabs(org: Org, parent: str) -> list[Component]:
    shown = {"DefaultOn": "Visible", "DefaultOff": "Available"}
    rows = sorted(org.find("PermissionSetTabSetting", ParentId=parent), key=lambda row: str(row["Name"]))
    return [{"tab": row["Name"], "visibility": shown[row["Visibility"]]} for row in rows]


def _of_profile(tab: Component) -> Component:
    """A profile calls the visibility of a tab as the row does, a permission set in words of its own."""
    return {"tab": tab["tab"], "visibility": {"Visible": "DefaultOn", "Available": "DefaultOff"}[tab["visibility"]]}


_ENTITIES = {
    # SetupEntityType -> section, element that names the entity, column with the name
    "ApexClass": ("classAccesses", "apexClass", "Name"),
    "ApexPage": ("pageAccesses", "apexPage", "Name"),
    "CustomPermission": ("customPermissions", "name", "DeveloperName"),
    "CustomEntityDefinition": ("customSettingAccesses", "name", ""),
    "CustomMetadataType": ("customMetadataTypeAccesses", "name", ""),
    "FlowDefinition": ("flowAccesses", "flow", ""),
}
_ELSEWHERE = frozenset({"ConnectedApplication"})
"""Setup entities that a set opens and the Metadata API does not show with the set."""


def _entities(org: Org, parent: str) -> dict[str, list[Component]]:
    sections: dict[str, list[Component]] = {}
    for row in org.find("SetupEntityAccess", ParentId=parent):
        kind = str(row["SetupEntityType"])
        if kind in _ELSEWHERE:
            continue
        if kind not in _ENTITIES:
            raise NotEmulated(f"access to a {kind} in metadata")
        name = _entity_name(org, kind, _ENTITIES[kind][2], str(row["SetupEntityId"]))
        section, element, _column = _ENTITIES["CustomMetadataType" if name.endswith("__mdt") else kind]
        pair = {element: name, "enabled": True} if element != "name" else {"enabled": True, "name": name}
        sections.setdefault(section, []).append(pair)
    return {section: sorted(found, key=lambda one: json.dumps(one, sort_keys=True)) for section, found in sections.items()}


def _entity_name(org: Org, kind: str, column: str, entity_id: str) -> str:
    known: str | None = org.seed_info.get("entity_names", {}).get(entity_id)
    if known is not None:
        return known
    if kind == "CustomEntityDefinition":
        known = named_by(org, entity_id)
    if kind == "FlowDefinition":
        flows = org.find("FlowDefinitionView", DurableId=[entity_id, entity_id[:15]])
        prefix = f"{flows[0]['NamespacePrefix']}__" if flows and flows[0]["NamespacePrefix"] else ""
        known = prefix + str(flows[0]["ApiName"]).removeprefix(prefix) if flows else None
    if known is not None:
        return known
    row = org.get(kind, entity_id) if column and org.schema.sobject(kind) is not None else None
    if row is None:
        raise NotEmulated(f"the name of the {kind} {entity_id}")
    return qualified(row, column)


# --- call centers ---


def call_center(org: Org, _user: str, row: Mapping[str, Any], _version: float) -> Component:
    definition = org.seed_info.get("call_center_definitions", {}).get(row["Id"])
    if definition is None:
        items = (("reqInternalName", "InternalName", str(row["InternalName"])), ("reqDisplayName", "Display Name", str(row["Name"])))
        definition = CallCenterDefinition(row.get("CustomSettings"), (("reqGeneralInfo", "General Information", items),))
    version = row.get("Version")
    return _present(
        {
            "fullName": row["InternalName"],
            "adapterUrl": row.get("AdapterUrl"),
            "customSettings": definition.custom_settings,
            "displayName": row["Name"],
            "displayNameLabel": "Display Name",
            "internalNameLabel": "InternalName",
            "sections": [
                _present(
                    {
                        "items": [{"label": label, "name": item, "value": value} for item, label, value in items],
                        "label": title,
                        "name": name,
                    }
                )
                for name, title, items in definition.sections
            ],
            "version": f"{version:g}" if version is not None else None,
        }
    )


# --- fields ---

_FIELD_TYPES = {
    "string": "Text",
    "boolean": "Checkbox",
    "date": "Date",
    "datetime": "DateTime",
    "email": "Email",
    "phone": "Phone",
    "url": "Url",
    "picklist": "Picklist",
    "reference": "Lookup",
}


def custom_field(org: Org, full_name: str, version: float) -> Component | None:
    """A field by Object.Field, None where there is none. Raises NotEmulated for a kind of field that is not known."""
    owner, _unused, name = full_name.partition(".")
    sobject = org.schema.sobjects.get(owner)
    item = sobject.fields.get(name) if sobject is not None else None
    if item is None:
        return None
    if item.custom:
        return _own_field(item, full_name)
    if full_name == "Lead.Status" or item.type == "picklist":
        return _standard_picklist(org, owner, item, full_name, version)
    return {"fullName": full_name}


def _standard_picklist(org: Org, owner: str, item: Field, full_name: str, version: float) -> Component:
    if version >= VALUE_SETS_SINCE:
        return {"fullName": full_name, "type": "Picklist"}
    if full_name == "Lead.Status":
        values: list[Component] = [
            {"fullName": one.value, "default": one.default, "converted": one.converted} for one in leads.statuses(org)
        ]
    else:
        values = [{"fullName": value, "default": item.default == value} for value, _label in org.picklist(owner, item)]
    return {"fullName": full_name, "picklist": {"picklistValues": values, "sorted": False}, "type": "Picklist"}


def _own_field(item: Field, full_name: str) -> Component:
    kind = _FIELD_TYPES.get(item.type)
    if kind is None or kind == "Picklist":
        raise NotEmulated(f"the metadata of a {item.type} field ({full_name})")
    return _present(
        {
            "fullName": full_name,
            "externalId": item.external_id if kind == "Text" else None,
            "label": item.label,
            "length": item.length if kind == "Text" else None,
            "referenceTo": item.reference_to[0] if kind == "Lookup" and item.reference_to else None,
            "relationshipName": (item.relationship_name or "").removesuffix("__r") if kind == "Lookup" else None,
            "required": None if kind in ("Checkbox",) else not item.nillable,
            "type": "MasterDetail" if item.master_detail else kind,
            "unique": item.unique if kind == "Text" else None,
        }
    )


def _present(values: Mapping[str, Any]) -> Component:
    """Without what is null or empty: those elements are not there."""
    return {name: value for name, value in values.items() if value is not None and value not in ([], "")}


def _all(sobject: str) -> Callable[[Org], list[dict[str, Any]]]:
    return lambda org: org.find(sobject)


def _named(items: Iterable[Type]) -> dict[str, Type]:
    return {item.name: item for item in items}


TYPES = _named(
    (
        Type(
            "CallCenter", "callCenters", "callCenter", "CallCenter", _all("CallCenter"), lambda row: str(row["InternalName"]), call_center
        ),
        Type(
            "PermissionSet",
            "permissionsets",
            "permissionset",
            "PermissionSet",
            named_sets,
            lambda row: qualified(row, "Name"),
            permission_set,
        ),
        Type("Profile", "profiles", "profile", "Profile", _all("Profile"), profile_name, profile),
    )
)
