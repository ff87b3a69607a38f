# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the Setup Audit Trail says of a change: action, section and sentence, as rows of real orgs that were published read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.rules.registry import Change
from emulator.rules.tabs import tabs_of
from emulator.stamps import read_stamp

if TYPE_CHECKING:
    from emulator.org import Org

SOURCE = (
    "kratapps/docs, subsites/setup-audit-trail/docs/reference.md (some hundred actions with section and an example row each); ExabeamLabs/Content-Library-CIM2 "
    "(the words of PermSetAssign in logged rows); Object Reference, SetupAuditTrail (PermSetCreate). Words that they show in one place only are used in the "
    "others of the kind: Available of tabs and Read Only of fields in permission sets are composed"
)
USERS = "Manage Users"
APPS = "Custom App Licenses"
GROUPS = "Permission Set Group"
VERBS = ("Read", "Create", "Edit", "Delete", "ViewAll", "ModifyAll")
VERB_COLUMNS = {"ViewAll": "PermissionsViewAllRecords", "ModifyAll": "PermissionsModifyAllRecords"}
VERB_WORDS = {"ViewAll": "View All", "ModifyAll": "Modify All"}


@dataclass(frozen=True)
class Said:
    action: str
    display: str
    section: str | None = USERS


Sentences = Callable[["Org", Change], Iterator[Said]]


def sentences(org: Org, change: Change) -> list[Said]:
    """Empty for what nobody has published a row of."""
    found = SPOKEN_OF.get(change.sobject)
    return list(found(org, change)) if found is not None else []


# --- names ---


def row_of(org: Org, sobject: str, record_id: object) -> Mapping[str, Any]:
    """The record, deleted or not, or an empty one."""
    return org.store.get(sobject, str(record_id), include_deleted=True) or {} if record_id else {}


def person(org: Org, user_id: object) -> str:
    return f"{row_of(org, 'User', user_id).get('Name')} (UserID: [{str(user_id)[:15]}])"


def set_label(org: Org, set_id: object) -> str:
    return str(row_of(org, "PermissionSet", set_id).get("Label"))


def owner(org: Org, set_id: object) -> tuple[str, str, str]:
    """Whose rights a record below a set decides: ("permission set" or "profile", its name, "Custom" or "Standard" for a profile)."""
    found = row_of(org, "PermissionSet", set_id)
    if not found.get("IsOwnedByProfile"):
        return "permission set", str(found.get("Label")), ""
    name = str(row_of(org, "Profile", found["ProfileId"]).get("Name"))
    return "profile", name, "Custom" if found.get("IsCustom") else "Standard"


def moved(change: Change, name: str) -> bool:
    return bool(change.before and change.after) and change.before.get(name) != change.after.get(name)


def on(value: object) -> str:
    return "enabled" if value else "disabled"


# --- who holds what ---


def of_assignment(org: Org, change: Change) -> Iterator[Said]:
    row = change.after or change.before
    who = person(org, row["AssigneeId"])
    group = row.get("PermissionSetGroupId")
    if row_of(org, "PermissionSet", row.get("PermissionSetId")).get("IsOwnedByProfile"):
        return
    if group:
        what, kind = f"Permission set group {row_of(org, 'PermissionSetGroup', group).get('MasterLabel')}", "PermSetGroup"
    else:
        what, kind = f"Permission set {set_label(org, row['PermissionSetId'])}", "PermSet"
    expiry = row.get("ExpirationDate")
    if change.op == "update":
        if moved(change, "ExpirationDate") and change.before["ExpirationDate"] and expiry and not group:
            text = (
                f"{what} assigned to user {who}: expiration was changed from {moment(change.before['ExpirationDate'])} to {moment(expiry)}"
            )
            yield Said("PermSetAssignmentExpirationChange", text, None)
        return
    verb, word = ("Assign", "assigned to") if change.op == "insert" else ("Unassign", "unassigned from")
    if expiry and not group:
        until = f", expiring on {moment(expiry)}" if change.op == "insert" else ""
        yield Said(f"{kind}{verb}_HasExpiration", f"{what} with expiration: {word} user {who}{until}", None)
        return
    yield Said(f"{kind}{verb}", f"{what}: {word} user {who}")


def moment(text: str) -> str:
    return read_stamp(text).strftime("%a %b %d %H:%M:%S GMT %Y")


def of_set_license(org: Org, change: Change) -> Iterator[Said]:
    row = change.after or change.before
    label = row_of(org, "PermissionSetLicense", row["PermissionSetLicenseId"]).get("MasterLabel")
    who = person(org, row["AssigneeId"])
    if change.op == "insert":
        yield Said("PermSetLicenseAssign", f"Permission set license {label}: assigned to user {who}")
    elif change.op == "delete":
        yield Said("PermSetLicenseUnassign", f"Permission set license {label} removed from user {who}")


def of_package_license(org: Org, change: Change) -> Iterator[Said]:
    if change.op == "insert":
        text = f"Granted 1 User Package Licenses for User with ID: {str(change.after['UserId'])[:15]}"
        yield Said("granteduserpackagelicense", text, APPS)
    elif change.op == "delete":
        yield Said("revokeduserpackagelicense", "Revoked User Package License assignment", APPS)


# --- permission sets and groups ---


def of_set(org: Org, change: Change) -> Iterator[Said]:
    label = (change.after or change.before).get("Label")
    if change.op == "insert":
        yield from new_set(org, change, label)
    elif change.op == "delete":
        yield Said("PermSetDelete", f"Deleted permission set {label}")
    elif not change.after.get("IsOwnedByProfile"):
        yield from changed_set(change, label)
        for permission, before, after in flags(org, change):
            action = "PermSetEnableUserPerm" if change.after[permission] else "PermSetDisableUserPerm"
            name = permission_label(org, permission)
            yield Said(action, f"Changed permission set {label}: {name} permission was changed from {before} to {after}")


def new_set(org: Org, change: Change, label: object) -> Iterator[Said]:
    licence = change.after.get("LicenseId")
    if not licence:
        yield Said("PermSetCreateNoLicense", f"Created permission set {label}: with no license")
    elif named := row_of(org, "UserLicense", licence).get("Name"):
        yield Said("PermSetCreate", f"Created permission set {label}: with User License {named}")


def changed_set(change: Change, label: object) -> Iterator[Said]:
    start = f"Changed permission set {label}:"
    if moved(change, "Label"):
        yield Said("PermSetLabelChange", f"{start} Master Label was changed from {change.before['Label']} to {label}")
    if moved(change, "Name"):
        text = f"{start} API name was changed from {change.before['Name']} to {change.after['Name']}"
        yield Said("PermSetDeveloperNameChange", text)
    if moved(change, "Description"):
        yield Said("PermSetDescriptionChange", f"{start} description was changed")
    if moved(change, "HasActivationRequired"):
        before, after = on(change.before["HasActivationRequired"]), on(change.after["HasActivationRequired"])
        text = f"Changed Permission Set {label}: Session Activation Required has changed from {before} to {after}"
        yield Said("PermSetHasActivationRequiredChange", text)


def flags(org: Org, change: Change) -> Iterator[tuple[str, str, str]]:
    """(column, before, after) of each user permission that changed."""
    for name in change.after:
        if name.startswith("Permissions") and moved(change, name):
            yield name, on(change.before[name]), on(change.after[name])


def permission_label(org: Org, column: str) -> str:
    sobject = org.schema.sobject("PermissionSet")
    item = sobject.field(column) if sobject is not None else None
    return item.label if item is not None else column.removeprefix("Permissions")


def of_profile(org: Org, change: Change) -> Iterator[Said]:
    own = org.find("PermissionSet", ProfileId=change.id) if change.op == "update" else []
    if not own or not own[0].get("IsCustom"):
        return
    for permission, before, after in flags(org, change):
        text = f"general user permission {permission_label(org, permission)} was changed from {before} to {after}"
        yield Said("profilePermChangedCustom", f"Changed profile {change.after['Name']}: {text}")


def of_group(org: Org, change: Change) -> Iterator[Said]:
    name = (change.after or change.before).get("DeveloperName")
    if change.op != "update":
        action, word = ("PermissionSetGroupCreate", "Created") if change.op == "insert" else ("PermissionSetGroupDelete", "Deleted")
        yield Said(action, f"{word} permission set group {name}", GROUPS)


def of_component(org: Org, change: Change) -> Iterator[Said]:
    row = change.after or change.before
    name = row_of(org, "PermissionSetGroup", row["PermissionSetGroupId"]).get("DeveloperName")
    label = row_of(org, "PermissionSet", row["PermissionSetId"]).get("Label")
    if change.op == "update" or label is None:
        return
    action, word = ("Add", "added") if change.op == "insert" else ("Removed", "removed")
    text = f"Changed permission set group {name}: group member {label} was {word}"
    yield Said(f"PermissionSetGroupComponent{action}", text, GROUPS)


# --- what a set or a profile opens ---


def of_object(org: Org, change: Change) -> Iterator[Said]:
    row = change.after or change.before
    kind, name, custom = owner(org, row["ParentId"])
    before, after = verbs(change.before), verbs(change.after)
    if before == after or (kind == "profile" and custom == "Standard"):
        return
    action = "PermSetEntityPermChanged" if kind == "permission set" else "profileOlpChangedCustom"
    label = object_label(org, str(row["SobjectType"]))
    yield Said(action, f"Changed {kind} {name}: {label} object permissions were changed from {before} to {after}")


def verbs(row: Mapping[str, Any]) -> str:
    held = [VERB_WORDS.get(verb, verb) for verb in VERBS if row.get(VERB_COLUMNS.get(verb, f"Permissions{verb}"))]
    return ", ".join(held) or "No Access"


def object_label(org: Org, name: str) -> str:
    found = org.schema.sobject(name)
    return found.label if found is not None else name


def of_field(org: Org, change: Change) -> Iterator[Said]:
    row = change.after or change.before
    kind, name, custom = owner(org, row["ParentId"])
    edit = "Read/Write" if kind == "profile" else "Edit"
    before, after = level(change.before, edit), level(change.after, edit)
    if before == after:
        return
    sobject, _dot, column = str(row["Field"]).partition(".")
    found = org.schema.sobject(sobject)
    item = found.field(column) if found is not None else None
    label = item.label if item is not None else column
    action = "PermSetFlsChanged" if kind == "permission set" else f"profileFlsChanged{custom}"
    text = f"field-level security for {object_label(org, sobject)}: {label} was changed from {before} to {after}"
    yield Said(action, f"Changed {kind} {name}: {text}")


def level(row: Mapping[str, Any], edit: str) -> str:
    if row.get("PermissionsEdit"):
        return edit
    return "Read Only" if row.get("PermissionsRead") else "No Access"


TABS = {"permission set": {None: "None", "DefaultOff": "Available", "DefaultOn": "Visible"}}
PROFILE_TABS = {None: "Tab Hidden", "DefaultOff": "Default Off", "DefaultOn": "Default On"}


def of_tab(org: Org, change: Change) -> Iterator[Said]:
    row = change.after or change.before
    kind, name, custom = owner(org, row["ParentId"])
    words = TABS.get(kind, PROFILE_TABS)
    before, after = words[change.before.get("Visibility")], words[change.after.get("Visibility")]
    if before == after:
        return
    tab = tabs_of(org).get(str(row["Name"]))
    label = tab.label if tab is not None else row["Name"]
    action = "PermSetTabSettingsChangedNew" if kind == "permission set" else f"profileTabsetChanged{custom}"
    yield Said(action, f"Changed {kind} {name}: {label} tab was changed from {before} to {after}")


ENTITIES = {
    "ApexClass": ("Name", "Apex class access was"),
    "ApexPage": ("Name", "Visualforce page access was"),
    "ConnectedApplication": ("Name", "connected app is"),
    "CustomPermission": ("MasterLabel", "Custom Permission was"),
}


def of_entity(org: Org, change: Change) -> Iterator[Said]:
    row = change.after or change.before
    found = org.schema.by_prefix(str(row["SetupEntityId"])[:3])
    if change.op == "update" or found is None or found.name not in ENTITIES:
        return
    column, phrase = ENTITIES[found.name]
    kind, name, custom = owner(org, row["ParentId"])
    word = on(change.op == "insert")
    holder = "PermissionSet" if kind == "permission set" else "Profile"
    text = f"Changed {kind} {name}: {row_of(org, found.name, row['SetupEntityId']).get(column)} {phrase} {word}"
    yield Said(f"SetupEntityAccessAudit_{holder}_{found.name}_{word.title()}{custom}", text)


# --- users ---


def of_user(org: Org, change: Change) -> Iterator[Said]:
    if change.op == "insert":
        yield Said("createduser", f"Created new user {full_name(change.after)}")
    if change.op != "update":
        return
    who = f"{full_name(change.after)} (UserID: [{str(change.id)[:15]}])"
    if moved(change, "IsActive"):
        active = change.after["IsActive"]
        yield Said("activateduser" if active else "deactivateduser", f"{'Activated' if active else 'Deactivated'} user {who}")
    yield from named_changes(change, who)
    yield from switched_features(change)
    yield from placed(org, change)


def full_name(row: Mapping[str, Any]) -> str:
    return str(row.get("Name") or " ".join(part for part in (row.get("FirstName"), row.get("LastName")) if part))


def named_changes(change: Change, who: str) -> Iterator[Said]:
    if moved(change, "Username"):
        names = f"from {change.before['Username']} to {change.after['Username']}"
        yield Said("changedusername", f"Changed username for {str(change.id)[:15]} {names}")
    for column, action, word in (
        ("Email", "changedemail", "email"),
        ("FederationIdentifier", "changedfederationid", "federation id"),
        ("CommunityNickname", "changedcommunitynickname", "nickname"),
    ):
        if moved(change, column):
            before, after = (row[column] if row[column] is not None else "null" for row in (change.before, change.after))
            yield Said(action, f"Changed {word} for user {who} from {before} to {after}")


def switched_features(change: Change) -> Iterator[Said]:
    for column, action, word in (
        ("UserPermissionsSupportUser", "supportuser", "Service Cloud"),
        ("UserPermissionsKnowledgeUser", "knowledgeuser", "Knowledge"),
        ("UserPermissionsInteractionUser", "interactionuser", "Flow"),
    ):
        if moved(change, column):
            before, after = ("off", "on") if change.after[column] else ("on", "off")
            text = f"For user {full_name(change.after)}, changed {word} user from {before} to {after}"
            yield Said(f"changed{action}{before}{after}", text)


def placed(org: Org, change: Change) -> Iterator[Said]:
    """Profile and role."""
    name = full_name(change.after)
    if moved(change, "ProfileId"):
        profiles = [change.before["ProfileId"], change.after["ProfileId"]]
        old, new = (str(row_of(org, "Profile", one).get("Name")) for one in profiles)
        kinds = ["cust" if any(row["IsCustom"] for row in org.find("PermissionSet", ProfileId=one)) else "std" for one in profiles]
        suffix = "" if kinds == ["cust", "cust"] else "to".join(kinds)
        yield Said(f"changedprofileforuser{suffix}", f"Changed profile for user {name} from {old} to {new}")
    if moved(change, "UserRoleId"):
        old, new = (str(row_of(org, "UserRole", row["UserRoleId"]).get("Name") or NO_ROLE) for row in (change.before, change.after))
        suffix = "fromnone" if old == NO_ROLE else "tonone" if new == NO_ROLE else ""
        yield Said(f"changedroleforuser{suffix}", f"Changed role for user {name} from {old} to {new}")


NO_ROLE = "<None Specified>"


def of_login(org: Org, change: Change) -> Iterator[Said]:
    if moved(change, "IsFrozen"):
        frozen, name = change.after["IsFrozen"], row_of(org, "User", change.after["UserId"]).get("Name")
        yield Said("frozeuser" if frozen else "unfrozeuser", f"{'Froze' if frozen else 'Unfroze'} user account for {name}")


SPOKEN_OF: Mapping[str, Sentences] = {
    "PermissionSetAssignment": of_assignment,
    "PermissionSetLicenseAssign": of_set_license,
    "UserPackageLicense": of_package_license,
    "PermissionSet": of_set,
    "Profile": of_profile,
    "PermissionSetGroup": of_group,
    "PermissionSetGroupComponent": of_component,
    "ObjectPermissions": of_object,
    "FieldPermissions": of_field,
    "PermissionSetTabSetting": of_tab,
    "SetupEntityAccess": of_entity,
    "User": of_user,
    "UserLogin": of_login,
}
"""sObject -> what the trail says of a change to one of its records."""
