# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks that change something, at least one for every module and state: what holds for all of them is tested once, on this table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ansible_collections.voiceops.salesforce.plugins.module_utils._grants import tab_rights
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_origin import described, origin_of
from ansible_collections.voiceops.salesforce.plugins.module_utils._users import ATTRIBUTES
from emulator.org import Org
from emulator.rules.groups import recalculate
from emulator.seed import sets
from emulator.seed.upgrade import ENTITIES, fill, upgrade
from harness.direct import VONAGE_CLONE, Bench
from harness.look import content, group_content, holders, license_holders, members, package_holders, routing_maps

Prepare = Callable[[Org], object]
LONG_AGO = datetime(2024, 1, 2, tzinfo=UTC)


def nothing(org: Org) -> None:
    """The org as it is seeded."""


@dataclass(frozen=True)
class Case:
    """A task on an org that was prepared for it. options may hold users by role; changes: how many are to be made at the least."""

    name: str
    module: str
    options: Mapping[str, Any]
    prepare: Prepare = nothing
    changes: int = 1

    @property
    def state(self) -> str:
        return str(self.options.get("state", "present"))

    def run(self, bench: Bench, **more: Any) -> dict[str, Any]:
        """The task's result; roles in user, users and mappings become the org's usernames."""
        options = {**self.options, **more}
        if "users" in options:
            options["users"] = [bench.info["users"].get(name, name) for name in options["users"]]
        if "mappings" in options:
            options["mappings"] = [{**one, "user": bench.info["users"].get(one["user"], one["user"])} for one in options["mappings"]]
        if isinstance(options.get("user"), str):
            options["user"] = bench.info["users"].get(options["user"], options["user"])
        return bench.task(self.module, **options)


def put_set(org: Org, name: str = "Acme_Set", **values: Any) -> str:
    """A permission set of the customer's own, as it is."""
    return org.put(
        "PermissionSet",
        **{"Name": name, "Label": name.replace("_", " "), "IsCustom": True, "IsOwnedByProfile": False, "Type": "Regular", **values},
    )


def assign(org: Org, role: str, set_id: str, **values: Any) -> str:
    """An assignment row for the user of that role, as it is."""
    return org.put(
        "PermissionSetAssignment", **{"AssigneeId": org.seed_info["user_ids"][role], "PermissionSetId": set_id, "IsActive": True, **values}
    )


def join(org: Org, *roles: str, center: str = "partner_telephony") -> None:
    """Make the users of these roles members of a center, as it is."""
    for role in roles:
        org.set("User", org.seed_info["user_ids"][role], CallCenterId=org.seed_info["center_ids"][center])


def acme_set_with_holders(org: Org) -> None:
    """Acme_Set, held by agent and supervisor."""
    set_id = put_set(org, PermissionsApiEnabled=True)
    assign(org, "agent", set_id)
    assign(org, "supervisor", set_id)


def every_kind_of_row(org: Org) -> None:
    """Acme_Set, held by agent; expired, revoked and inactive rows of three others; the administrator and a group hold it too."""
    set_id = put_set(org, PermissionsApiEnabled=True)
    assign(org, "agent", set_id)
    assign(org, "supervisor", set_id)
    assign(org, "expired", set_id, IsActive=False, ExpirationDate=LONG_AGO)
    assign(org, "without_set", set_id, IsActive=False)
    assign(org, "automation", set_id)
    if "revoked" in org.seed_info["user_ids"]:
        assign(org, "revoked", set_id, IsActive=False, IsRevoked=True)


def half_of_the_clone(org: Org) -> None:
    """The clone's name is taken by a set that has little of what it should have, and some of its own."""
    set_id = put_set(org, str(VONAGE_CLONE["name"]), Description="before", PermissionsApiEnabled=True, PermissionsRunReports=True)
    org.put("ObjectPermissions", ParentId=set_id, SobjectType="NVMContactWorld__CallEndEvent__c", PermissionsRead=True)
    org.put("ObjectPermissions", ParentId=set_id, SobjectType="Account", PermissionsRead=True, PermissionsCreate=True)
    org.put(
        "FieldPermissions",
        ParentId=set_id,
        SobjectType="Case",
        Field="Case.NVMContactWorld__Skills__c",
        PermissionsRead=True,
        PermissionsEdit=False,
    )


def members_of_all_kinds(org: Org) -> None:
    """Members who are to go: one who is inactive, and one who lacks the set by now."""
    join(org, "inactive", "without_set")


def put_map(org: Org, role: str, external_id: str, center: str = "partner_telephony", **values: Any) -> str:
    """The routing map of the user of that role, as it is."""
    user_id, center_id = org.seed_info["user_ids"][role], org.seed_info["center_ids"][center]
    made = {
        "CallCenterId": center_id,
        "ReferenceRecordId": user_id,
        "DeveloperName": f"User_{user_id}_{center_id[:15]}",
        "MasterLabel": role,
    }
    return org.put("CallCenterRoutingMap", **{**made, "ExternalId": external_id, "Language": "en_US", **values})


def maps_of_all_kinds(org: Org) -> None:
    """Members with a map and without, and somebody who left the center and kept the map."""
    join(org, "agent", "supervisor", "contact_admin")
    put_map(org, "supervisor", "agent.3", DeveloperName="Chosen_by_a_vendor")
    put_map(org, "without_set", "agent.4")


def put_group(org: Org, *members: str, name: str = "Acme_Group", muted: tuple[str, ...] = (), **values: Any) -> str:
    """A group of the customer's own with these sets (by Id) and these user permissions muted, recalculated, as it is."""
    group_id, _aggregate = sets.put_group(org, members, name, name.replace("_", " "))
    if muted:
        columns = {f"Permissions{item}": True for item in muted}
        muting_id = org.put("MutingPermissionSet", DeveloperName=f"{name}_Mute", MasterLabel="Mute", Language="en_US", **columns)
        org.put("PermissionSetGroupComponent", PermissionSetGroupId=group_id, PermissionSetId=muting_id)
        recalculate(org, group_id)
    org.set("PermissionSetGroup", group_id, **values)
    return group_id


def assign_group(org: Org, role: str, group_id: str, **values: Any) -> str:
    """An assignment row of the group for the user of that role, as it is."""
    aggregate = org.find("PermissionSet", PermissionSetGroupId=group_id)[0]["Id"]
    return assign(org, role, aggregate, PermissionSetGroupId=group_id, **values)


def group_with_holders(org: Org) -> str:
    """Acme_Group with Acme_Set in it and one permission muted, held by agent and supervisor."""
    group_id = put_group(org, put_set(org, PermissionsApiEnabled=True, PermissionsRunReports=True), muted=("ApiEnabled",))
    assign_group(org, "agent", group_id)
    assign_group(org, "supervisor", group_id)
    return group_id


def every_kind_of_group_row(org: Org) -> None:
    """Acme_Group, held by agent, supervisor and the administrator; expired and inactive rows of two others."""
    group_id = group_with_holders(org)
    assign_group(org, "expired", group_id, IsActive=False, ExpirationDate=LONG_AGO)
    assign_group(org, "without_set", group_id, IsActive=False)
    assign_group(org, "automation", group_id)


VOICE_LICENSE = "ServiceCloudVoiceExternalTelephonyPsl"


def sell_package_seats(org: Org, seats: int) -> None:
    """The package's licence with that many seats."""
    org.set("PackageLicense", org.find("PackageLicense", NamespacePrefix="NVMContactWorld")[0]["Id"], AllowedLicenses=seats)


def take_package_seat(org: Org, role: str) -> None:
    """The package's licence is taken from the user of that role."""
    for row in org.find("UserPackageLicense", UserId=org.seed_info["user_ids"][role]):
        org.remove("UserPackageLicense", row["Id"])


def voice_seat_without_a_set(org: Org) -> None:
    """A user without any set that needs the voice licence holds it."""
    licence = org.find("PermissionSetLicense", DeveloperName=VOICE_LICENSE)[0]["Id"]
    org.put("PermissionSetLicenseAssign", PermissionSetLicenseId=licence, AssigneeId=org.seed_info["user_ids"]["without_set"])


HAND_MADE: Mapping[str, Any] = {
    "name": "Acme_Hand_Made",
    "label": "Acme, by hand",
    "description": "Made in a test",
    "user_permissions": ["Api Enabled", "PermissionsEditTask"],
    "object_permissions": [{"object": "Account", "read": True, "edit": True}, {"object": "NVMContactWorld__CallEndEvent__c", "read": True}],
    "field_permissions": [{"field": "Case.Acme_Escalation_Tier__c", "read": True, "edit": True}],
    "apex_classes": ["AcmeCallRouting", "NVMContactWorld__ApiUserAccess"],
    "visualforce_pages": ["AcmeWallboard"],
}

GROUP: Mapping[str, Any] = {
    "name": "Acme_Group",
    "description": "Made in a test",
    "permission_sets": ["ContactWorld_Agent", "ContactCenterAgentExternalTelephony"],
    "muted_user_permissions": ["Api Enabled"],
}

SECTIONS = (
    "user_permissions",
    "object_permissions",
    "field_permissions",
    "apex_classes",
    "visualforce_pages",
    "custom_permissions",
    "custom_settings",
    "custom_metadata_types",
    "connected_apps",
    "flows",
    "tabs",
)

# At least one thing in every section, by name, glob and package.
EVERY_SECTION: Mapping[str, Any] = {
    "name": "Acme_Everything",
    "session_activation": True,
    "user_permissions": ["RunReports"],
    "object_permissions": [{"object": "Account", "read": True, "view_all_fields": True}],
    "field_permissions": [{"field": "Case.Acme_Escalation_Tier__c", "read": True}],
    "apex_classes": ["AcmeCall*"],
    "visualforce_pages": ["AcmeWallboard"],
    "custom_permissions": [{"package": "NVMContactWorld"}, "Acme_Refunds"],
    "custom_settings": ["NVMContactWorld__Settings__c"],
    "custom_metadata_types": ["Acme_*"],
    "connected_apps": ["Acme Reporting"],
    "flows": ["Acme_Missed_Call", {"package": "NVMContactWorld"}],
    "tabs": [{"tab": "standard-Case"}, {"tab": "NVMContactWorld__CallEndEvent__c", "visibility": "available"}],
}

LITTLE: Mapping[str, Any] = {
    "name": "Acme_Set",
    "session_activation": False,
    "user_permissions": ["ApiEnabled"],
    "object_permissions": [{"object": "Account", "read": True}],
    "tabs": [{"tab": "standard-Case", "visibility": "available"}],
}


def everything_in_a_set(org: Org) -> str:
    """Acme_Set with something of every section, much of it more than it should have."""
    set_id = put_set(org, HasActivationRequired=True, PermissionsApiEnabled=True, PermissionsRunReports=True, PermissionsEditTask=True)
    note, event = "NVMContactWorld__InteractionEventNote__c", "NVMContactWorld__InteractionEvent__c"
    fill(
        org,
        set_id,
        {
            "object_permissions": {"Account": ["read", "create", "edit"], event: ["read"], note: ["read"]},
            "field_permissions": {"Case.Acme_Escalation_Tier__c": ["read", "edit"], "Case.NVMContactWorld__Skills__c": ["read"]},
            "apex_classes": ["AcmeCallRouting"],
            "visualforce_pages": ["AcmeWallboard"],
            "custom_permissions": ["Acme_Refunds"],
            "custom_settings": ["NVMContactWorld__Settings__c"],
            "custom_metadata_types": ["Acme_Queue_Mapping__mdt"],
            "connected_apps": ["Acme Reporting"],
            "flows": ["NVMContactWorld__Post_Call_Survey"],
            "tabs": {"standard-Case": "visible", "NVMContactWorld__CallEndEvent__c": "available"},
        },
    )
    return set_id


FOLLOWER: Mapping[str, Any] = {"name": "Acme_Follower", "clone_from": {"name": "NVMContactWorld__ContactWorld_Agent"}}


def clone_of(org: Org, source_id: str, name: str = "Acme_Follower", text: str = "Ours", version: str = "17.126") -> str:
    """A clone of a set, as a first run makes it."""
    clone_id = put_set(org, name, PermissionsApiEnabled=True)
    for sobject in ("ObjectPermissions", "FieldPermissions", "SetupEntityAccess", "PermissionSetTabSetting"):
        for row in org.find(sobject, ParentId=source_id):
            values = {
                column: value for column, value in row.items() if column not in ("Id", "SystemModstamp") and not isinstance(value, datetime)
            }
            org.put(sobject, **{**values, "ParentId": clone_id})
    row = org.get("PermissionSet", source_id) or {}
    source = f"{row['NamespacePrefix']}__{row['Name']}" if row["NamespacePrefix"] else str(row["Name"])
    org.set("PermissionSet", clone_id, Description=described(text, origin_of(source, source_id, version, grants_of(org, source_id))))
    return clone_id


def grants_of(org: Org, set_id: str) -> dict[str, dict[str, frozenset[str]]]:
    """What a set grants, as fingerprints are made of it."""
    held = content(org, set_id)
    found = {
        "user_permissions": dict.fromkeys(held["permissions"], frozenset({"granted"})),
        "object_permissions": {name: frozenset(rights) for name, rights in held["objects"].items()},
        "field_permissions": {name: frozenset(rights) for name, rights in held["fields"].items()},
        "tabs": {name: tab_rights(visibility) for name, visibility in held["tabs"].items()},
    }
    for kind, name in (words.split(" ", 1) for words in held["entities"]):
        option = "custom_metadata_types" if name.endswith("__mdt") else next(option for option, item in ENTITIES.items() if item == kind)
        found.setdefault(option, {})[name] = frozenset({"granted"})
    return found


def clone_of_an_older_version(org: Org) -> None:
    """Acme_Follower, a clone of the agents' set; since then the package was upgraded, and that set gained and lost something."""
    clone_of(org, org.seed_info["set_ids"]["vonage_agent"])
    upgrade(
        org,
        version="18.2",
        permission_set="ContactWorld_Agent",
        gained={
            "object_permissions": {"NVMContactWorld__CallEndEvent__c": ["delete"], "NVMContactWorld__CaseRoutingRequest__c": ["read"]},
            "field_permissions": {"Case.NVMContactWorld__Skills__c": ["read", "edit"]},
            "custom_permissions": ["NVMContactWorld__Agent_Console"],
            "tabs": {"NVMContactWorld__Agent_Console": "visible"},
        },
        lost={"apex_classes": ["NVMContactWorld__LogACallController"]},
    )


def set_in_use_everywhere(org: Org) -> None:
    """Acme_Set, in two groups, held by agent, by supervisor and by the running user."""
    acme_set_with_holders(org)
    set_id = org.find("PermissionSet", Name="Acme_Set")[0]["Id"]
    put_group(org, set_id)
    put_group(org, set_id, name="Acme_Other_Group")
    assign(org, "automation", set_id)


CASES = (
    Case("a clone is made", "permission_set", VONAGE_CLONE, changes=100),
    Case("a clone is completed", "permission_set", {**VONAGE_CLONE, "description": ""}, half_of_the_clone, changes=100),
    Case("a set is made by hand", "permission_set", HAND_MADE, changes=7),
    Case(
        "a set is renamed and its description cleared",
        "permission_set",
        {"name": "Acme_Set", "label": "Other", "description": ""},
        lambda org: put_set(org, Description="before"),
    ),
    Case("a clone is made where it is needed", "permission_set", {**VONAGE_CLONE, "clone": "when_needed"}, changes=100),
    Case(
        "a set goes with its assignments",
        "permission_set",
        {"name": "Acme_Set", "state": "absent", "take_from": ["users"]},
        acme_set_with_holders,
        changes=3,
    ),
    Case(
        "users get a set, and broken assignments are repaired",
        "permission_set_assignment",
        {"permission_set": "Acme_Set", "users": ["agent", "expired", "without_set", "vonage_api"]},
        every_kind_of_row,
        changes=3,
    ),
    Case(
        "users who cannot have a set are left out",
        "permission_set_assignment",
        {"permission_set": "Acme_Set", "users": ["inactive", "vonage_api"], "on_ineligible": "skip"},
        every_kind_of_row,
    ),
    Case(
        "users lose a set",
        "permission_set_assignment",
        {"permission_set": "Acme_Set", "users": ["agent", "expired", "vonage_api"], "state": "absent"},
        every_kind_of_row,
    ),
    Case(
        "exactly these users have a set",
        "permission_set_assignment",
        {"permission_set": "Acme_Set", "users": ["vonage_api", "expired"], "state": "exact"},
        every_kind_of_row,
        changes=4,
    ),
    Case(
        "users become members",
        "contact_center_member",
        {"contact_center": "AcmeVoice", "users": ["agent", "contact_admin", "via_group", "via_clone", "member"]},
        changes=4,
    ),
    Case(
        "users who cannot be members are left out",
        "contact_center_member",
        {"contact_center": "AcmeVoice", "users": ["agent", "inactive", "without_set"], "on_ineligible": "skip"},
    ),
    Case(
        "users stop being members",
        "contact_center_member",
        {"contact_center": "AcmeVoice", "users": ["member", "agent"], "state": "absent"},
    ),
    Case(
        "exactly these users are members",
        "contact_center_member",
        {"contact_center": "AcmeVoice", "users": ["agent", "via_clone"], "state": "exact"},
        members_of_all_kinds,
        changes=5,
    ),
    Case(
        "users are mapped",
        "contact_center_routing_map",
        {
            "contact_center": "AcmeVoice",
            "mappings": [{"user": "agent", "external_id": "agent.1"}, {"user": "supervisor", "external_id": "agent.2"}],
        },
        maps_of_all_kinds,
        changes=2,
    ),
    Case(
        "users who cannot be mapped are left out",
        "contact_center_routing_map",
        {
            "contact_center": "AcmeVoice",
            "mappings": [{"user": "agent", "external_id": "agent.1"}, {"user": "via_clone", "external_id": "agent.2"}],
            "on_ineligible": "skip",
        },
        maps_of_all_kinds,
    ),
    Case(
        "users are not mapped any more",
        "contact_center_routing_map",
        {
            "contact_center": "AcmeVoice",
            "mappings": [{"user": "supervisor"}, {"user": "without_set"}, {"user": "agent"}],
            "state": "absent",
        },
        maps_of_all_kinds,
        changes=2,
    ),
    Case(
        "exactly these users are mapped",
        "contact_center_routing_map",
        {
            "contact_center": "AcmeVoice",
            "mappings": [{"user": "contact_admin", "external_id": "agent.4"}, {"user": "supervisor", "external_id": "agent.2"}],
            "state": "exact",
        },
        maps_of_all_kinds,
        changes=4,
    ),
    Case(
        "users become members with all that they need",
        "contact_center_member",
        {
            "contact_center": "AcmeVoice",
            "users": ["without_set", "frozen", "other_center", "agent"],
            "role": "agent",
            "repair": ["frozen", "service_cloud_user"],
            "move": True,
        },
        changes=8,
    ),
    Case(
        "users become members by the bulk operation",
        "contact_center_member",
        {"contact_center": "AcmeVoice", "users": ["agent", "contact_admin"], "method": "bulk", "batch_size": 200},
        changes=2,
    ),
    Case(
        "members leave with the sets that they needed",
        "contact_center_member",
        {"contact_center": "AcmeVoice", "users": ["member", "agent"], "state": "absent", "remove_permission_sets": True},
        changes=3,
    ),
    Case("a group is made", "permission_set_group", GROUP, changes=4),
    Case(
        "a group is changed in everything",
        "permission_set_group",
        {**GROUP, "label": "Other", "description": "", "session_activation": True, "exact": True, "muted_user_permissions": ["RunReports"]},
        group_with_holders,
        changes=6,
    ),
    Case(
        "a group goes with its assignments",
        "permission_set_group",
        {"name": "Acme_Group", "state": "absent", "take_from": ["users"]},
        group_with_holders,
        changes=5,
    ),
    Case(
        "users get a group, and broken assignments are repaired",
        "permission_set_assignment",
        {"permission_set_group": "Acme_Group", "users": ["agent", "expired", "without_set", "vonage_api"]},
        every_kind_of_group_row,
        changes=3,
    ),
    Case(
        "users lose a group",
        "permission_set_assignment",
        {"permission_set_group": "Acme_Group", "users": ["agent", "expired", "vonage_api"], "state": "absent"},
        every_kind_of_group_row,
    ),
    Case(
        "exactly these users have a group",
        "permission_set_assignment",
        {"permission_set_group": "Acme_Group", "users": ["vonage_api", "expired"], "state": "exact"},
        every_kind_of_group_row,
        changes=4,
    ),
    Case(
        "users get a set unless they hold it through a group",
        "permission_set_assignment",
        {"permission_set": "Acme_Set", "users": ["agent", "vonage_api"], "through_group": "counts"},
        group_with_holders,
    ),
    Case("a set gets something in every section", "permission_set", EVERY_SECTION, changes=14),
    Case(
        "a set loses all that it should not have",
        "permission_set",
        {**LITTLE, "exact": list(SECTIONS)},
        everything_in_a_set,
        changes=13,
    ),
    Case(
        "a set gets what its rights need",
        "permission_set",
        {
            "name": "Acme_Set",
            "user_permissions": ["ManageCustomPermissions"],
            "object_permissions": [{"object": "NVMContactWorld__InteractionEventNote__c", "delete": True}],
            "resolve_dependencies": "all",
        },
        put_set,
        changes=3,
    ),
    Case(
        "a set gets what this org has of what is asked",
        "permission_set",
        {
            "name": "Acme_Set",
            "user_permissions": ["ApiEnabled", "Nonsense"],
            "object_permissions": [{"object": "Account", "read": True}, {"package": "Other", "read": True}],
            "apex_classes": ["Nowhere", "AcmeCallRouting"],
            "missing": "skip",
        },
        changes=4,
    ),
    Case(
        "a clone follows its source, losses included",
        "permission_set",
        {**FOLLOWER, "on_source_change": "merge", "exact": ["object_permissions", "apex_classes", "tabs"]},
        clone_of_an_older_version,
        changes=6,
    ),
    Case(
        "a clone is completed and its source's changes are told",
        "permission_set",
        {**FOLLOWER, "user_permissions": ["EditTask"]},
        clone_of_an_older_version,
    ),
    Case(
        "a set goes out of its groups and away from its users",
        "permission_set",
        {"name": "Acme_Set", "state": "absent", "take_from": ["users", "groups", "running_user"]},
        set_in_use_everywhere,
        changes=5,
    ),
    Case(
        "users get the licence of a package",
        "package_license_assignment",
        {"package": "NVMContactWorld", "users": ["agent", "member", "via_group", "inactive"]},
        changes=2,
    ),
    Case(
        "users who cannot have the licence of a package are left out",
        "package_license_assignment",
        {"package": "NVMContactWorld", "users": ["member", "inactive"], "on_ineligible": "skip"},
        lambda org: take_package_seat(org, "inactive"),
    ),
    Case(
        "users lose the licence of a package",
        "package_license_assignment",
        {"package": "NVMContactWorld", "users": ["agent", "inactive", "member"], "state": "absent"},
        changes=2,
    ),
    Case(
        "exactly these users have the licence of a package of which every seat is taken",
        "package_license_assignment",
        {"package": "NVMContactWorld", "users": ["agent", "member", "via_group"], "state": "exact"},
        lambda org: sell_package_seats(org, 4),
        changes=5,
    ),
    Case(
        "users get a permission set licence",
        "permission_set_license_assignment",
        {"permission_set_license": "SalesforceAPIIntegrationPsl", "users": ["agent", "member"]},
        changes=2,
    ),
    Case(
        "users lose a permission set licence unless a set needs it",
        "permission_set_license_assignment",
        {"permission_set_license": VOICE_LICENSE, "users": ["agent", "via_group", "without_set"], "state": "absent"},
        voice_seat_without_a_set,
    ),
    Case(
        "exactly these users and those whose sets need it have a permission set licence",
        "permission_set_license_assignment",
        {"permission_set_license": VOICE_LICENSE, "users": ["minimum"], "state": "exact"},
        voice_seat_without_a_set,
        changes=2,
    ),
    Case(
        "a user is made",
        "user",
        {
            "user": {"username": "new.person@acme.example", "federation_id": "acme-new"},
            "first_name": "New",
            "last_name": "Person",
            "email": "new.person@acme.example",
            "profile": "Standard User",
            "role": "Voice_Agents",
            "features": {"SupportUser": True},
            "language": "de",
        },
    ),
    Case(
        "a user is changed",
        "user",
        {
            "user": "without_service",
            "first_name": "",
            "nickname": "nobody.else",
            "role": "Voice Agents",
            "profile": "Standard Platform User",
            "features": {"SupportUser": False, "KnowledgeUser": True},
            "allow_change": ["role"],
        },
    ),
    Case(
        "a user is activated, renamed and gets another profile",
        "user",
        {
            "user": "inactive",
            "new_username": "back.again@acme.example.uat",
            "active": True,
            "profile": "standard user",
            "allow_change": ["active", "username", "profile"],
        },
    ),
)


def user_content(org: Org, row: Mapping[str, Any]) -> dict[str, Any]:
    """All that a task may change of a user."""
    columns = (*ATTRIBUTES.values(), "Email", "FederationIdentifier", "EmployeeNumber")
    role = org.get("UserRole", row["UserRoleId"]) if row["UserRoleId"] else None
    told = {name: value for name, value in row.items() if name.startswith("UserPermissions")}
    profile = org.get("Profile", row["ProfileId"]) or {}
    # A nickname that the org made up holds a part of the Id.
    plain = {name: row[name] for name in columns if name != "CommunityNickname"}
    return {**plain, **told, "profile": profile.get("Name"), "role": role["DeveloperName"] if role else None}


def state_of(org: Org) -> dict[str, Any]:
    """All that the modules may change, in natural keys: the same in any two orgs that are in the same state."""
    sets = [row for row in org.find("PermissionSet") if not row["IsOwnedByProfile"]]
    return {
        "sets": {
            f"{row['NamespacePrefix']}__{row['Name']}": {
                "label": row["Label"],
                "description": row["Description"],
                "holders": holders(org, row["Id"]),
                "rows": len(org.find("PermissionSetAssignment", PermissionSetId=row["Id"])),
                **content(org, row["Id"]),
            }
            for row in sets
        },
        "groups": {row["DeveloperName"]: group_content(org, row["Id"]) for row in org.find("PermissionSetGroup")},
        "members": {kind: members(org, kind) for kind in org.seed_info["center_ids"]},
        "routing_maps": {kind: routing_maps(org, kind) for kind in org.seed_info["center_ids"]},
        "package_licenses": {row["NamespacePrefix"]: package_holders(org, row["NamespacePrefix"]) for row in org.find("PackageLicense")},
        "set_licenses": {row["DeveloperName"]: license_holders(org, row["DeveloperName"]) for row in org.find("PermissionSetLicense")},
        "users": {row["Username"]: user_content(org, row) for row in org.find("User")},
    }
