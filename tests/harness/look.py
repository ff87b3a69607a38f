# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests want to know of an org and of a journal, in natural keys: states of two orgs can be compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from emulator.journal import Entry
from emulator.org import Org
from emulator.rules.setup_entity_access import TYPES
from emulator.tooling.durable import named_by

OBJECT_COLUMNS = {
    "read": "PermissionsRead",
    "create": "PermissionsCreate",
    "edit": "PermissionsEdit",
    "delete": "PermissionsDelete",
    "view_all_records": "PermissionsViewAllRecords",
    "modify_all_records": "PermissionsModifyAllRecords",
    "view_all_fields": "PermissionsViewAllFields",
}
FIELD_COLUMNS = {"read": "PermissionsRead", "edit": "PermissionsEdit"}
VISIBILITY = {"DefaultOn": "visible", "DefaultOff": "available"}
# Type of access -> where its names stand, and under which column.
NAMED = {"ApexClass": "Name", "ApexPage": "Name", "CustomPermission": "DeveloperName", "ConnectedApplication": "Name"}


def set_named(org: Org, name: str, namespace: str | None = None) -> dict[str, Any] | None:
    """The permission set of that name and namespace, or None."""
    found = [row for row in org.find("PermissionSet", Name=name) if row["NamespacePrefix"] == namespace]
    return found[0] if found else None


def content(org: Org, set_id: str) -> dict[str, Any]:
    """What a set grants: permissions (names), objects and fields (name -> rights), entities ("Type ns__Name"), tabs (name -> visibility)."""
    row = org.get("PermissionSet", set_id) or {}
    return {
        "permissions": {
            name.removeprefix("Permissions") for name, value in row.items() if name.startswith("Permissions") and value is True
        },
        "objects": {one["SobjectType"]: _rights(one, OBJECT_COLUMNS) for one in org.find("ObjectPermissions", ParentId=set_id)},
        "fields": {one["Field"]: _rights(one, FIELD_COLUMNS) for one in org.find("FieldPermissions", ParentId=set_id)},
        "entities": {entity_name(org, one) for one in org.find("SetupEntityAccess", ParentId=set_id)},
        "tabs": {one["Name"]: VISIBILITY[one["Visibility"]] for one in org.find("PermissionSetTabSetting", ParentId=set_id)},
    }


def entity_name(org: Org, access: Mapping[str, Any]) -> str:
    """What a row grants access to: "Type ns__Name", or "Type" alone where it has no name here."""
    entity_id = str(access["SetupEntityId"])
    kind = TYPES.get(entity_id[:3], str(access["SetupEntityType"]))
    if kind == "CustomEntityDefinition":
        return f"{kind} {named_by(org, entity_id)}"
    if kind == "FlowDefinition":
        row = org.find("FlowDefinitionView", DurableId=[entity_id, entity_id[:15]])[0]
        return f"{kind} {_with_prefix(row, str(row['ApiName']))}"
    found = org.get(kind, entity_id) if kind in NAMED else None
    return f"{kind} {_with_prefix(found, str(found[NAMED[kind]]))}" if found else kind


def _with_prefix(row: Mapping[str, Any], name: str) -> str:
    namespace = row.get("NamespacePrefix")
    return f"{namespace}__{name}" if namespace and not name.startswith(f"{namespace}__") else name


def _rights(row: dict[str, Any], columns: dict[str, str]) -> set[str]:
    return {name for name, column in columns.items() if row.get(column)}


def group_content(org: Org, group_id: str) -> dict[str, Any]:
    """What a group is: its texts, member sets (by name), muted user permissions, what its users get of these, and who has it now."""
    row = org.get("PermissionSetGroup", group_id) or {}
    components = [str(one["PermissionSetId"]) for one in org.find("PermissionSetGroupComponent", PermissionSetGroupId=group_id)]
    aggregate = org.find("PermissionSet", PermissionSetGroupId=group_id)[0]["Id"]
    muting = [org.get("MutingPermissionSet", one) or {} for one in components if one.startswith("0QM")]
    return {
        "texts": (row["MasterLabel"], row["Description"], row["HasActivationRequired"]),
        "members": {(org.get("PermissionSet", one) or {})["Name"] for one in components if one.startswith("0PS")},
        "muted": {name.removeprefix("Permissions") for one in muting for name, value in one.items() if value is True},
        "granted": content(org, aggregate)["permissions"],
        "holders": holders(org, aggregate),
    }


def direct_row(org: Org, username: str, set_id: str) -> dict[str, Any] | None:
    """The user's own assignment of the set, in whatever state."""
    user = org.find("User", Username=username)[0]
    found = org.find("PermissionSetAssignment", AssigneeId=user["Id"], PermissionSetId=set_id)
    return found[0] if found else None


def holders(org: Org, set_id: str) -> set[str]:
    """Usernames of those to whom the set is granted now by a row of their own."""
    rows = [row for row in org.find("PermissionSetAssignment", PermissionSetId=set_id) if org.is_granted(row)]
    return {str((org.get("User", row["AssigneeId"]) or {})["Username"]) for row in rows}


def members(org: Org, kind: str = "partner_telephony") -> set[str]:
    """Usernames of the members of the seeded center of that kind."""
    return {str(row["Username"]) for row in org.find("User", CallCenterId=org.seed_info["center_ids"][kind])}


def package_holders(org: Org, namespace: str = "NVMContactWorld") -> set[str]:
    """Usernames of those who hold a seat of the package's licence."""
    licence = org.find("PackageLicense", NamespacePrefix=namespace)[0]["Id"]
    return {str((org.get("User", row["UserId"]) or {})["Username"]) for row in org.find("UserPackageLicense", PackageLicenseId=licence)}


def license_holders(org: Org, developer_name: str) -> set[str]:
    """Usernames of those who hold a seat of the permission set licence."""
    licence = org.find("PermissionSetLicense", DeveloperName=developer_name)[0]["Id"]
    rows = org.find("PermissionSetLicenseAssign", PermissionSetLicenseId=licence)
    return {str((org.get("User", row["AssigneeId"]) or {})["Username"]) for row in rows}


def queries(entry: Entry) -> list[str]:
    """The SOQL of a composite, in order."""
    found = []
    for sub in entry.subrequests:
        asked = parse_qs(urlsplit(sub.url).query).get("q")
        found += asked or []
    return found


def last_read(entries: Iterable[Entry]) -> list[str]:
    """The SOQL of the last call, which after a write is the read-back."""
    last = list(entries)[-1]
    assert last.kind == "read"
    return queries(last)


def record_writes(org: Org) -> list[tuple[str, str]]:
    """(operation, sObject) of every record that was written through the API, in order."""
    return [(write.op, write.sobject) for write in org.writes]


def unchanged(result: Mapping[str, Any]) -> None:
    """The task was successful and had nothing to do. (A task that failed has changed nothing either.)"""
    assert (result.get("msg"), result["changed"], result["changes"], result["errors"]) == (None, False, [], [])


def routing_maps(org: Org, kind: str = "partner_telephony") -> dict[str, list[str]]:
    """The ids at the provider of each user (by username) and queue (by Id) that has a map in that center; queues have none in orgs as they are seeded."""
    told: dict[str, list[str]] = {}
    for row in org.find("CallCenterRoutingMap", CallCenterId=org.seed_info["center_ids"].get(kind)):
        user = org.get("User", row["ReferenceRecordId"])
        told.setdefault(str(user["Username"] if user else row["ReferenceRecordId"]), []).append(str(row["ExternalId"]))
    return {name: sorted(ids) for name, ids in sorted(told.items())}
