# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Permission sets of the example org: the package's three, Salesforce's for Partner Telephony, a customer's clone, a group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from emulator import ids
from emulator.org import Org
from emulator.rules.field_permissions import field_of, permissionable_fields
from emulator.rules.groups import put_aggregate, recalculate
from emulator.rules.licences import count_seats
from emulator.rules.permission_sets import MANAGED_PERMISSIONS
from emulator.rules.setup_entity_access import FLOW_IDS, FLOW_NAMES
from emulator.seed import people
from emulator.seed.package import facts, in_namespaces
from emulator.seed.profiles import ADMIN
from emulator.tooling.durable import definition_id, durable_ids

PACKAGE = "NVMContactWorld"
VOICE_LICENSE = "ServiceCloudVoiceExternalTelephonyPsl"
INTEGRATION_LICENSE = "SalesforceAPIIntegrationPsl"
GROUP = "Acme_Voice_Agents"

VONAGE_SETS = {"api_user": "ContactWorld_API_User", "agent": "ContactWorld_Agent", "supervisor": "ContactWorld_Supervisor"}

VOICE_SETS = {
    "voice_admin": (
        "ContactCenterAdminExternalTelephony",
        "Salesforce Voice Contact Center Admin (Partner Telephony)",
        "PermissionsIsContactCenterAdminBYOT",
    ),
    "voice_agent": (
        "ContactCenterAgentExternalTelephony",
        "Salesforce Voice Contact Center Rep (Partner Telephony)",
        "PermissionsIsContactCenterAgentBYOT",
    ),
    "voice_supervisor": (
        "ContactCenterSupervisorExternalTelephony",
        "Salesforce Voice Contact Center Supervisor (Partner Telephony)",
        "PermissionsIsContactCenterSupervisor",
    ),
}
"""role -> API name, label, flag. Names and labels: facts contact-center-api 4; which flag a set grants is inferred there."""

ALL_RIGHTS = ("Read", "Create", "Edit", "Delete", "ViewAllRecords", "ModifyAllRecords")
AGENT_OBJECTS = ("CallEndEvent__c", "InteractionEvent__c", "InteractionEventNote__c")
DOCUMENTED_PERMISSIONS = ("ApiEnabled", "EditTask", "PasswordNeverExpires")


# --- the package ------------------------------------------------------------------------------------------------------


def put_code(org: Org) -> dict[str, str]:
    """Classes and pages of the packages and two of the customer's own; "ns.Name" or "Name" -> Id."""
    found: dict[str, str] = {}
    entries = [("ApexClass", entry) for entry in facts()["classes"]] + [("ApexPage", entry) for entry in facts()["pages"]]
    entries += [("ApexClass", {"namespace": None, "name": "AcmeCallRouting"}), ("ApexPage", {"namespace": None, "name": "AcmeWallboard"})]
    for sobject, entry in entries:
        extra = (
            {"Status": "Active", "IsValid": True, "Body": "(hidden)", "LengthWithoutComments": 0}
            if sobject == "ApexClass"
            else {"MasterLabel": entry["name"], "ControllerType": "1", "Markup": "(hidden)"}
        )
        row = org.put(sobject, NamespacePrefix=entry["namespace"], Name=entry["name"], ApiVersion=60.0, **extra)
        found[f"{sobject} {_qualified(entry)}"] = row
    return found


def _qualified(entry: Mapping[str, Any]) -> str:
    return f"{entry['namespace']}.{entry['name']}" if entry["namespace"] else str(entry["name"])


def put_package(org: Org, namespaces: Iterable[str] = (PACKAGE,)) -> dict[str, str]:
    """The packages with everything that no schema says, beside the customer's own; role -> Id of the three packaged sets."""
    put_tabs(org)
    org.seed_info["packages"] = {one: (facts()["packages"][one]["name"], facts()["packages"][one]["version"]) for one in namespaces}
    return put_vonage_sets(org, {**put_code(org), **put_entities(org)})


def put_tabs(org: Org) -> None:
    """The package's tabs and the customer's own; the administrators see the package's. That of the customer nobody sees so far."""
    tab = facts()["tab"]
    given = {tab["name"]: (tab["label"], None)}
    given.update({entry["name"]: (entry["label"], entry["object"]) for entry in facts()["invented"]["tabs"]})
    org.seed_info["tab_definitions"] = {**org.seed_info.get("tab_definitions", {}), **given}
    packaged = [name for name in given if name.startswith(f"{PACKAGE}__")]
    org.seed_info["tabs"] = packaged
    for profile in org.find("Profile", Name=ADMIN):
        for own_set in org.find("PermissionSet", ProfileId=profile["Id"]):
            people.put_tabs(org, own_set["Id"], packaged)


def put_entities(org: Org) -> dict[str, str]:
    """Custom permissions, connected apps and flows; "Type ns.Name" or "Type Name" -> Id. All of them are invented."""
    invented = facts()["invented"]
    found: dict[str, str] = {}
    for entry in invented["custom_permissions"]:
        values = {"DeveloperName": entry["name"], "MasterLabel": entry["label"], "NamespacePrefix": entry["namespace"], "Language": "en_US"}
        found[f"CustomPermission {_qualified(entry)}"] = org.put("CustomPermission", **values)
    for name in invented["connected_apps"]:
        found[f"ConnectedApplication {name}"] = org.put("ConnectedApplication", Name=name, OptionsAllowAdminApprovedUsersOnly=True)
    for entry in invented["flows"]:
        found[f"FlowDefinition {_qualified(entry)}"] = put_flow(org, entry["namespace"], entry["name"], entry["label"])
    return found


def put_flow(org: Org, namespace: str | None, name: str, label: str) -> str:
    """A flow and its definition's Id, of 18 characters."""
    entity = ids.to_18(definition_id(org, "300", f"{namespace}.{name}"))
    assert entity is not None
    prefixed = namespace and org.switches[FLOW_NAMES.name] == "prefixed"
    org.put(
        "FlowDefinitionView",
        ApiName=f"{namespace}__{name}" if prefixed else name,
        NamespacePrefix=namespace,
        DurableId=entity[:15] if org.switches[FLOW_IDS.name] == "short" else entity,
        Label=label,
        ProcessType="AutoLaunchedFlow",
        IsActive=True,
        ManageableState="installed" if namespace else "unmanaged",
    )
    return entity


def definition_of(org: Org, name: str) -> str:
    """The Id of a custom setting's or metadata type's definition, of 18 characters."""
    return str(ids.to_18(durable_ids(org)[name]))


def put_vonage_sets(org: Org, code: Mapping[str, str]) -> dict[str, str]:
    """Role -> Id of the three packaged sets, with their contents."""
    labels = {entry["name"]: entry["label"] for entry in facts()["permission_sets"]}
    flags = (
        {f"Permissions{name}": True for name in DOCUMENTED_PERMISSIONS} if org.switches[MANAGED_PERMISSIONS.name] == "documented" else {}
    )
    made = {
        role: org.put(
            "PermissionSet",
            Name=name,
            Label=labels[name],
            NamespacePrefix=PACKAGE,
            IsCustom=True,
            IsOwnedByProfile=False,
            Type="Regular",
            Description="Installed with the package",
            **(flags if role == "api_user" else {}),
        )
        for role, name in VONAGE_SETS.items()
    }
    objects = [str(entry["name"]) for entry in in_namespaces(facts()["objects"], frozenset({PACKAGE}))]
    _fill_api_user(org, made["api_user"], objects, code)
    _fill_agent(org, made["agent"], code)
    _fill_supervisor(org, made["supervisor"], objects, code)
    return made


def _fill_api_user(org: Org, set_id: str, objects: list[str], code: Mapping[str, str]) -> None:
    lacks = facts()["contents_of_sets"]
    for sobject in objects:
        put_rights(org, set_id, sobject, ALL_RIGHTS[:-1] if sobject in lacks["without_modify_all"] else ALL_RIGHTS)
    lacking = {*lacks["without_fields"], *(name.replace("Task.", "Event.") for name in lacks["without_fields"])}
    put_fields(org, set_id, (name for name in package_fields(org) if name not in lacking), editable=True)
    own_code = [key for key in code if key.startswith((f"ApexClass {PACKAGE}.", f"ApexPage {PACKAGE}."))]
    lacking_code = {f"ApexClass {PACKAGE}.{name}" for name in lacks["without_classes"]} | {
        f"ApexPage {PACKAGE}.{name}" for name in lacks["without_pages"]
    }
    put_access(org, set_id, {key: code[key] for key in own_code if key not in lacking_code})
    org.put("PermissionSetTabSetting", ParentId=set_id, Name=facts()["tab"]["name"], Visibility="DefaultOn")
    org.put("PermissionSetTabSetting", ParentId=set_id, Name=f"{PACKAGE}__InteractionEvent__c", Visibility="DefaultOff")
    granted = [f"CustomPermission {name}" for name in lacks["custom_permissions"]]
    put_access(org, set_id, {key: code[key] for key in granted})
    definitions = [*lacks["custom_settings"], *lacks["metadata_types"]]
    put_access(org, set_id, {f"CustomEntityDefinition {name}": definition_of(org, name) for name in definitions})


def _fill_agent(org: Org, set_id: str, code: Mapping[str, str]) -> None:
    objects = [f"{PACKAGE}__{name}" for name in AGENT_OBJECTS]
    for sobject in objects:
        put_rights(org, set_id, sobject, ("Read", "Create", "Edit"))
    put_fields(org, set_id, (name for name in package_fields(org) if name.partition(".")[0] in {*objects, "Task", "Event"}), editable=True)
    put_access(org, set_id, {key: code[key] for key in (f"ApexClass {PACKAGE}.LogACallController", f"ApexPage {PACKAGE}.LogACallAction")})


def _fill_supervisor(org: Org, set_id: str, objects: list[str], code: Mapping[str, str]) -> None:
    for sobject in objects:
        put_rights(org, set_id, sobject, ("Read", "ViewAllRecords"))
    put_fields(org, set_id, package_fields(org), editable=False)
    put_access(
        org, set_id, {key: code[key] for key in (f"ApexPage {PACKAGE}.CallRecordingPlayer", f"ApexPage {PACKAGE}.QualityManagement")}
    )


def package_fields(org: Org) -> list[str]:
    """Object.Field of every permissionable field whose own name carries the package's prefix."""
    return [value for value, _label in permissionable_fields(org) if value.partition(".")[2].startswith(f"{PACKAGE}__")]


def put_rights(org: Org, set_id: str, sobject: str, rights: Iterable[str]) -> None:
    org.put("ObjectPermissions", ParentId=set_id, SobjectType=sobject, **{f"Permissions{right}": True for right in rights})


def put_fields(org: Org, set_id: str, names: Iterable[str], *, editable: bool) -> None:
    for name in names:
        field = field_of(org, name)
        edit = editable and field is not None and not field.calculated and not field.auto_number
        org.put(
            "FieldPermissions", ParentId=set_id, SobjectType=name.partition(".")[0], Field=name, PermissionsRead=True, PermissionsEdit=edit
        )


def put_access(org: Org, set_id: str, entities: Mapping[str, str]) -> None:
    for key, entity_id in entities.items():
        org.put("SetupEntityAccess", ParentId=set_id, SetupEntityId=entity_id, SetupEntityType=key.split(" ")[0])


# --- voice ------------------------------------------------------------------------------------------------------------


def put_voice_sets(org: Org, extra_seats: int) -> dict[str, str]:
    """Role -> Id of Salesforce's sets for Partner Telephony, the customer's clone of one, and the set that the bulk operation assigns."""
    # Which columns the real licence has on is published nowhere: here those that its own sets need.
    admitted = {f"Maximum{flag}": True for _name, _label, flag in VOICE_SETS.values()}
    license_id = _put_license(org, VOICE_LICENSE, "Salesforce Voice User (Partner Telephony)", 40 + extra_seats, **admitted)
    made = {
        role: org.put(
            "PermissionSet",
            Name=name,
            Label=label,
            NamespacePrefix="force",
            IsCustom=False,
            IsOwnedByProfile=False,
            Type="Standard",
            LicenseId=license_id,
            **{flag: True},
        )
        for role, (name, label, flag) in VOICE_SETS.items()
    }
    made["voice_clone"] = _put_custom(
        org,
        "Acme_Voice_Agent",
        "Acme Voice Agent",
        LicenseId=license_id,
        PermissionsIsContactCenterAgentBYOT=True,
    )
    made["partner_telephony"] = _put_custom(org, "PartnerTelephonyCustomPsl", "Partner Telephony Permission Set", LicenseId=license_id)
    return made


def put_integration_license(org: Org) -> str:
    """No MaximumPermissions column is on: what the real licence admits is not known, and no set of the seed belongs to it."""
    return _put_license(org, INTEGRATION_LICENSE, "Salesforce API Integration", 5)


def _put_license(org: Org, name: str, label: str, seats: int, **admitted: bool) -> str:
    return org.put(
        "PermissionSetLicense",
        DeveloperName=name,
        PermissionSetLicenseKey=name,
        MasterLabel=label,
        Language="en_US",
        TotalLicenses=seats,
        UsedLicenses=0,
        Status="Active",
        **admitted,
    )


def _put_custom(org: Org, name: str, label: str, **values: Any) -> str:
    return org.put("PermissionSet", Name=name, Label=label, IsCustom=True, IsOwnedByProfile=False, Type="Regular", **values)


def put_group(org: Org, members: Iterable[str], name: str = GROUP, label: str = "Acme Voice Agents") -> tuple[str, str]:
    """(Id of the group, Id of its aggregate set)."""
    values = {"DeveloperName": name, "MasterLabel": label, "Description": "Agents of the example customer" if name == GROUP else None}
    group_id = org.put("PermissionSetGroup", Language="en_US", Status="Updated", **values)
    aggregate_id = put_aggregate(org, group_id, values)
    for member in members:
        org.put("PermissionSetGroupComponent", PermissionSetGroupId=group_id, PermissionSetId=member)
    recalculate(org, group_id)
    return group_id, aggregate_id


# --- who holds them ---------------------------------------------------------------------------------------------------


def grant(org: Org, user_id: str, set_id: str, **values: Any) -> None:
    org.put("PermissionSetAssignment", **{"AssigneeId": user_id, "PermissionSetId": set_id, "IsActive": True, **values})


def grant_special(org: Org, user_ids: Mapping[str, str], agent_set: str, group_id: str, aggregate_id: str) -> None:
    """The assignments that are not simply there: through a group, expired, revoked."""
    grant(org, user_ids["via_group"], aggregate_id, PermissionSetGroupId=group_id)
    grant(org, user_ids["expired"], agent_set, IsActive=False, ExpirationDate=org.clock() - timedelta(days=7))
    if "revoked" in user_ids:
        grant(org, user_ids["revoked"], agent_set, IsActive=False, IsRevoked=True)


def put_seats(org: Org, user_ids: Iterable[str]) -> None:
    """A seat of the voice licence for each of these users, as assigning one of the sets would have taken it."""
    license_id = str(org.find("PermissionSetLicense", DeveloperName=VOICE_LICENSE)[0]["Id"])
    org.put_many("PermissionSetLicenseAssign", [{"AssigneeId": user_id, "PermissionSetLicenseId": license_id} for user_id in user_ids])
    count_seats(org, license_id)
