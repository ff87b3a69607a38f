# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a vendor does to an org after the first installation: another version, packaged sets that hold more or less, renamed or gone; a licence
that ends. Plain functions on an org, without the rules, as an installation is.

Contents are written by section, names with the package's prefix:

{"user_permissions": ["ApiEnabled"],
 "object_permissions": {"NVMContactWorld__CallEndEvent__c": ["read", "edit"]},
 "field_permissions": {"Case.NVMContactWorld__Tier__c": ["read"]},
 "apex_classes": [..], "visualforce_pages": [..], "custom_permissions": [..], "custom_settings": [..], "custom_metadata_types": [..],
 "connected_apps": [..], "flows": [..],
 "tabs": {"NVMContactWorld__Agent_Console": "visible"}}

What is gained and not there yet is installed: an object (of the customer's kind, with a name), a text field, a class, a page and so on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any

from emulator import ids
from emulator.org import Org
from emulator.rules.field_permissions import field_of, takes_field_permissions
from emulator.rules.object_permissions import VERBS
from emulator.rules.setup_entity_access import TYPES
from emulator.rules.tabs import tabs_of
from emulator.seed import people, sets
from emulator.seed.package import custom_field, custom_object, custom_setting, free_prefix, metadata_type
from emulator.seed.profiles import ADMIN

Contents = Mapping[str, Collection[str] | Mapping[str, Collection[str]] | Mapping[str, str]]

OBJECT_RIGHTS = {
    "read": "Read",
    "create": "Create",
    "edit": "Edit",
    "delete": "Delete",
    "view_all_records": "ViewAllRecords",
    "modify_all_records": "ModifyAllRecords",
    "view_all_fields": "ViewAllFields",
}
ENTITIES = {
    "apex_classes": "ApexClass",
    "visualforce_pages": "ApexPage",
    "custom_permissions": "CustomPermission",
    "custom_settings": "CustomEntityDefinition",
    "custom_metadata_types": "CustomEntityDefinition",
    "connected_apps": "ConnectedApplication",
    "flows": "FlowDefinition",
}
VISIBILITY = {"visible": "DefaultOn", "available": "DefaultOff"}


def upgrade(
    org: Org,
    *,
    version: str | None = None,
    gained: Contents | None = None,
    lost: Contents | None = None,
    permission_set: str = sets.VONAGE_SETS["api_user"],
    namespace: str = sets.PACKAGE,
) -> None:
    """Another version of the package, whose set of that name holds more and less than before."""
    with org.transaction():
        name, before = org.seed_info["packages"][namespace]
        org.seed_info["packages"] = {**org.seed_info["packages"], namespace: (name, version or before)}
        set_id = packaged_set(org, permission_set, namespace)
        fill(org, set_id, gained or {})
        for section, contents in (lost or {}).items():
            for one, wanted in _pairs(contents):
                _lose(org, set_id, section, one, wanted)


def fill(org: Org, set_id: str, contents: Contents) -> None:
    """A set holds this as well."""
    for section, some in contents.items():
        for one, wanted in _pairs(some):
            _gain(org, set_id, section, one, wanted)


def packaged_set(org: Org, name: str, namespace: str = sets.PACKAGE) -> str:
    """The Id of a package's permission set. Raises LookupError."""
    found = org.find("PermissionSet", Name=name, NamespacePrefix=namespace)
    if not found:
        raise LookupError(f"no permission set {namespace}__{name} in {org.name}")
    return str(found[0]["Id"])


def rename_set(org: Org, name: str, to: str, *, label: str | None = None, namespace: str = sets.PACKAGE) -> None:
    """The vendor's set has another API name from now on; its Id stays."""
    org.set("PermissionSet", packaged_set(org, name, namespace), Name=to, **({} if label is None else {"Label": label}))


def remove_set(org: Org, name: str, *, namespace: str = sets.PACKAGE) -> None:
    """The vendor took the set out of the package: its contents, assignments and memberships go along."""
    set_id = packaged_set(org, name, namespace)
    with org.transaction():
        for child in ("ObjectPermissions", "FieldPermissions", "SetupEntityAccess", "PermissionSetTabSetting"):
            _remove_all(org, child, ParentId=set_id)
        _remove_all(org, "PermissionSetAssignment", PermissionSetId=set_id)
        _remove_all(org, "PermissionSetGroupComponent", PermissionSetId=set_id)
        org.remove("PermissionSet", set_id)


def expire_licence(org: Org, namespace: str = sets.PACKAGE) -> None:
    """The package's licence ended yesterday."""
    for row in org.find("PackageLicense", NamespacePrefix=namespace):
        org.set("PackageLicense", row["Id"], Status="Expired", ExpirationDate=org.clock() - timedelta(days=1))


def _remove_all(org: Org, sobject: str, **equals: Any) -> None:
    for row in org.find(sobject, **equals):
        org.remove(sobject, row["Id"])


def _pairs(contents: Any) -> Iterable[tuple[str, Any]]:
    return contents.items() if isinstance(contents, Mapping) else ((one, None) for one in contents)


# --- more ---


def _gain(org: Org, set_id: str, section: str, name: str, wanted: Any) -> None:
    if section == "user_permissions":
        org.set("PermissionSet", set_id, **{f"Permissions{name}": True})
    elif section == "object_permissions":
        _with_object(org, name)
        _raise(org, "ObjectPermissions", {"ParentId": set_id, "SobjectType": name}, {VERBS[OBJECT_RIGHTS[right]]: True for right in wanted})
    elif section == "field_permissions":
        _with_field(org, name)
        key = {"ParentId": set_id, "SobjectType": name.partition(".")[0], "Field": name}
        _raise(org, "FieldPermissions", key, {"PermissionsRead": True, "PermissionsEdit": "edit" in wanted})
    elif section == "tabs":
        _with_tab(org, name)
        _raise(org, "PermissionSetTabSetting", {"ParentId": set_id, "Name": name}, {"Visibility": VISIBILITY[wanted]})
    else:
        kind = ENTITIES[section]
        _raise(org, "SetupEntityAccess", {"ParentId": set_id, "SetupEntityId": _entity(org, section, name)}, {"SetupEntityType": kind})


def _raise(org: Org, sobject: str, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    found = org.find(sobject, **key)
    if not found:
        org.put(sobject, **key, **values)
        return
    org.set(sobject, found[0]["Id"], **{name: value for name, value in values.items() if value})


def _with_object(org: Org, name: str) -> None:
    if org.schema.sobject(name) is not None:
        return
    label = _label(name)
    facts = {
        "name": name,
        "label": label,
        "plural": f"{label}s",
        "sharing": "ReadWrite",
        "name_label": "Name",
        "auto_number": False,
        "fields": [],
    }
    org.evolve(org.schema.with_sobjects([custom_object(facts, prefix=free_prefix(org.schema, "a"))]))


def _with_field(org: Org, qualified: str) -> None:
    """A field that is new is open to administrators, as an installation for administrators makes it."""
    if field_of(org, qualified) is None:
        owner, _unused, name = qualified.partition(".")
        _with_object(org, owner)
        field = custom_field({"name": name, "label": _label(name), "type": "string", "length": 80})
        org.evolve(org.schema.with_sobjects([org.schema.sobjects[owner].with_fields([field])]))
        open_to_administrators(org, [qualified])


def open_to_administrators(org: Org, fields: Iterable[str]) -> None:
    """Read, and edit where that is possible, on these fields for the profile System Administrator."""
    own_sets = administrators(org)
    rows = []
    for qualified in fields:
        sobject, field = org.schema.sobjects[qualified.partition(".")[0]], field_of(org, qualified)
        if field is not None and takes_field_permissions(sobject, field):
            edit = not field.calculated and not field.auto_number
            row = {"SobjectType": sobject.name, "Field": qualified, "PermissionsRead": True, "PermissionsEdit": edit}
            rows += [{"ParentId": own_set, **row} for own_set in own_sets]
    org.put_many("FieldPermissions", rows)


def _with_tab(org: Org, name: str) -> None:
    if name in tabs_of(org):
        return
    sobject = name if org.schema.sobject(name) is not None else None
    org.seed_info["tab_definitions"] = {**org.seed_info.get("tab_definitions", {}), name: (_label(name), sobject)}
    for own_set in administrators(org):
        people.put_tabs(org, own_set, [name])


def administrators(org: Org) -> list[str]:
    """The Ids of the sets behind the profile System Administrator."""
    return [str(one["Id"]) for row in org.find("Profile", Name=ADMIN) for one in org.find("PermissionSet", ProfileId=row["Id"])]


def _label(name: str) -> str:
    return name.removesuffix("__c").removesuffix("__mdt").rpartition("__")[2].replace("_", " ")


def _apart(name: str) -> tuple[str | None, str]:
    prefix, found, rest = name.partition("__")
    return (prefix, rest) if found else (None, name)


def _code(sobject: str, **extra: Any) -> Callable[[Org, str], str]:
    def find_or_put(org: Org, name: str) -> str:
        namespace, bare = _apart(name)
        found = org.find(sobject, NamespacePrefix=namespace, Name=bare)
        return str(found[0]["Id"]) if found else org.put(sobject, NamespacePrefix=namespace, Name=bare, ApiVersion=60.0, **extra)

    return find_or_put


def _custom_permission(org: Org, name: str) -> str:
    namespace, bare = _apart(name)
    found = org.find("CustomPermission", NamespacePrefix=namespace, DeveloperName=bare)
    values = {"NamespacePrefix": namespace, "DeveloperName": bare, "MasterLabel": _label(name), "Language": "en_US"}
    return str(found[0]["Id"]) if found else org.put("CustomPermission", **values)


def _connected_app(org: Org, name: str) -> str:
    found = org.find("ConnectedApplication", Name=name)
    return str(found[0]["Id"]) if found else org.put("ConnectedApplication", Name=name)


def _flow(org: Org, name: str) -> str:
    namespace, bare = _apart(name)
    for row in org.find("FlowDefinitionView", NamespacePrefix=namespace):
        if str(row["ApiName"]).removeprefix(f"{namespace}__") == bare:
            return str(ids.to_18(row["DurableId"]))
    return sets.put_flow(org, namespace, bare, _label(name))


def _definition(org: Org, name: str) -> str:
    if org.schema.sobject(name) is None:
        label = _label(name)
        facts = {"name": name, "label": label, "plural": f"{label}s", "fields": []}
        made = metadata_type(facts, prefix=free_prefix(org.schema, "m")) if name.endswith("__mdt") else None
        org.evolve(org.schema.with_sobjects([made or custom_setting(facts, prefix=free_prefix(org.schema, "a"))]))
    return sets.definition_of(org, name)


FINDERS: Mapping[str, Callable[[Org, str], str]] = {
    "apex_classes": _code("ApexClass", Status="Active", IsValid=True),
    "visualforce_pages": _code("ApexPage", MasterLabel="Installed", ControllerType="1"),
    "custom_permissions": _custom_permission,
    "custom_settings": _definition,
    "custom_metadata_types": _definition,
    "connected_apps": _connected_app,
    "flows": _flow,
}


def _entity(org: Org, section: str, name: str) -> str:
    """The Id, of 18 characters, of what that name means; installed where it is not there."""
    found = FINDERS[section](org, name)
    assert TYPES[found[:3]] == ENTITIES[section]
    return found


# --- less ---


def _lose(org: Org, set_id: str, section: str, name: str, wanted: Any) -> None:
    if section == "user_permissions":
        org.set("PermissionSet", set_id, **{f"Permissions{name}": False})
    elif section == "object_permissions":
        _lower(org, "ObjectPermissions", {"ParentId": set_id, "SobjectType": name}, [VERBS[OBJECT_RIGHTS[right]] for right in wanted])
    elif section == "field_permissions":
        _lower(org, "FieldPermissions", {"ParentId": set_id, "Field": name}, [f"Permissions{right.title()}" for right in wanted])
    elif section == "tabs":
        _lower(org, "PermissionSetTabSetting", {"ParentId": set_id, "Name": name}, [])
    else:
        _lower(org, "SetupEntityAccess", {"ParentId": set_id, "SetupEntityId": _entity(org, section, name)}, [])


def _lower(org: Org, sobject: str, key: Mapping[str, Any], columns: Collection[str]) -> None:
    """Without these rights; without the row where none is left. Raises LookupError where there is no row."""
    found = org.find(sobject, **key)
    if not found:
        raise LookupError(f"the set holds no {sobject} {dict(key)} that it could lose")
    for row in found:
        left = {name for name, value in row.items() if name.startswith("Permissions") and value} - set(columns)
        if left and "PermissionsRead" in left:
            org.set(sobject, row["Id"], **dict.fromkeys(columns, False))
            continue
        org.remove(sobject, row["Id"])
