# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Licences: what a user licence allows, seats of permission set licences and of packages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.rules import registry
from emulator.rules.object_permissions import VERBS, rights_in, spoken
from emulator.rules.permissionable import STANDARD_OBJECTS
from emulator.rules.refusals import field_integrity, invalid_reference, masked_duplicate, refuse, seats_exhausted
from emulator.rules.registry import Change, Grade, Switch, breakable, holds, rule

if TYPE_CHECKING:
    from emulator.errors import ApiError
    from emulator.org import Org

LIMITS_SWITCH = Switch("licence_limits", ("enforced", "ignored"))
SET_LICENCE_LIMITS = Switch("permission_set_licence_limits", ("enforced", "ignored"))
SITE_LICENCE = Switch("site_licence_rows", ("refused", "accepted"))
ALONG = Switch("set_licence_comes_along", ("assigned", "required"))
STILL_NEEDED = Switch("set_licence_still_needed", ("refused", "accepted"))
BACK = Switch("set_licence_goes_back", ("given_back", "kept"))
USED = Switch("used_licenses_column", ("current", "lagging"))
BEYOND = Switch("assigned_set_beyond_licence", ("refused", "accepted"))
INACTIVE = Switch("licences_for_inactive_users", ("refused", "accepted"))
EXPIRED = Switch("expired_licences", ("refused", "accepted"))
PACKAGE_DUPLICATE = Switch("duplicate_package_licence_code", ("DUPLICATE_VALUE", "INVALID_CROSS_REFERENCE_KEY"))

rule(
    "a_licence_forbids_permissions",
    says="Assigning a set with a permission that the assignee's user licence does not allow is refused with FIELD_INTEGRITY_EXCEPTION.",
    grade=Grade.QUOTED,
    source="golden errors.json (MultiOrgSecuritySummary 5); facts permission-api C4",
)
rule(
    "an_assigned_set_stays_within_its_holders_licences",
    says="Adding to a set a permission that the user licence of somebody who holds it does not allow is refused with FIELD_INTEGRITY_EXCEPTION 'The "
    "user license doesn't allow the permission: ...', or accepted.",
    grade=Grade.INFERRED,
    source="SFDO-Community/declarative-lookup-rollup-summaries#967 quotes it of a package upgrade whose set a guest user holds; that a write through "
    "the API is judged the same, and the code, is assumed",
    switch=BEYOND,
)
rule(
    "what_the_licences_forbid",
    says="Salesforce Integration: Edit Tasks, Edit Events, Access Activities, contact-center permissions, and standard objects without the "
    "integration permission set licence. Salesforce Platform: leads, opportunities, cases, contact-center and administrator's permissions.",
    grade=Grade.INFERRED,
    source="facts permission-api D (public note on the integration licence); the Platform list is general knowledge",
    switch=LIMITS_SWITCH,
)
rule(
    "a_set_with_a_user_licence_fits_only_that_licence",
    says="If LicenseId is a user licence it must be the licence of the assignee's profile, and the set cannot carry what that licence forbids.",
    grade=Grade.DOCUMENTED,
    source="facts permission-api D (object reference, PermissionSetAssignment and PermissionSet.LicenseId)",
)
rule(
    "a_set_with_a_permission_set_licence_holds_what_that_admits",
    says="If LicenseId is a permission set licence, creating or updating the set with a user permission that the licence's MaximumPermissions "
    "column does not admit, or has no column for, is refused with FIELD_INTEGRITY_EXCEPTION.",
    grade=Grade.INFERRED,
    source="facts permission-api D: the columns exist, what the org does with them is not stated; the code is that of C4 for a user licence",
    switch=SET_LICENCE_LIMITS,
)
rule(
    "a_set_with_a_permission_set_licence_assigns_it",
    says="Assigning a set whose licence is a permission set licence takes a seat for the user by itself. Without a free seat: "
    "LICENSE_LIMIT_EXCEEDED.",
    grade=Grade.DOCUMENTED,
    source="facts permission-api J; C4",
)
rule(
    "whether_a_set_s_licence_is_assigned_along",
    says="Assigning a set of a permission set licence assigns the licence, or is refused for a user who does not hold it yet.",
    grade=Grade.INFERRED,
    source="facts permission-api D and J disagree; J is the later reading of Salesforce's pages",
    switch=ALONG,
)
rule(
    "whether_a_set_s_licence_goes_back",
    says="Unassigning the last set that needs a licence takes the licence away as well, or leaves it.",
    grade=Grade.INFERRED,
    source="Salesforce Help, Remove a Permission Set License from a User: automatic in most cases; not through user access policies, not when a set "
    "leaves a group, not for 50 or more at once (since Winter '26; before, never)",
    switch=BACK,
)
rule(
    "a_licence_that_a_set_needs_stays",
    says="Deleting a PermissionSetLicenseAssign while the user holds a set of that licence is refused, or not.",
    grade=Grade.INFERRED,
    source="Salesforce Help, Remove a Permission Set License from a User: first remove the sets that require it; what the API answers is not stated",
    switch=STILL_NEEDED,
)
rule(
    "usedlicenses_may_lag",
    says="UsedLicenses of permission set and package licences follows every assignment, or stays as it was (a real one can lag by a day).",
    grade=Grade.INFERRED,
    source="facts permission-api J (secondary sources)",
    switch=USED,
)
rule(
    "package_licence_seats",
    says="A UserPackageLicense beyond AllowedLicenses is refused with LICENSE_LIMIT_EXCEEDED; deactivated users keep their seat.",
    grade=Grade.DOCUMENTED,
    source="facts permission-api G and J",
)
rule(
    "site_licences_take_rows",
    says="With AllowedLicenses -1 a row for a user is refused, or harmless.",
    grade=Grade.INFERRED,
    source="Salesforce Help, Assign Licenses for Installed Packages: with a site license all users have the package and licenses cannot be managed; "
    "what the API answers is not stated",
    switch=SITE_LICENCE,
)
rule(
    "licences_of_inactive_users",
    says="Giving an inactive user a package licence or a permission set licence is refused with INACTIVE_OWNER_OR_USER, or not.",
    grade=Grade.INFERRED,
    source="not stated anywhere; the code is a StatusCode of the Partner WSDL (golden jsforce)",
    switch=INACTIVE,
)
rule(
    "licences_that_have_expired",
    says="Giving somebody a package licence whose Status is Expired, or a permission set licence whose Status is Disabled, is refused with "
    "FIELD_INTEGRITY_EXCEPTION, or not.",
    grade=Grade.INFERRED,
    source="Object Reference, PackageLicense.Status and PermissionSetLicense.Status (Disabled: the license has expired); what a write answers is not "
    "stated",
    switch=EXPIRED,
)
rule(
    "one_package_licence_row_a_user",
    says="The code of a second row for the same user and package.",
    grade=Grade.INFERRED,
    source="facts permission-api C4: assumed",
    switch=PACKAGE_DUPLICATE,
)

for _name in (
    "a_licence_forbids_permissions",
    "an_assigned_set_stays_within_its_holders_licences",
    "a_set_with_a_user_licence_fits_only_that_licence",
    "a_set_with_a_permission_set_licence_holds_what_that_admits",
    "a_set_with_a_permission_set_licence_assigns_it",
    "package_licence_seats",
    "one_package_licence_row_a_user",
):
    breakable(_name)

CONTACT_CENTER = frozenset(
    {
        "IsContactCenterAdminBYOT",
        "IsContactCenterAgentBYOT",
        "IsContactCenterSupervisor",
        "DelegatedContactCenterAdmin",
        "IsContactCenterAdmin",
        "IsContactCenterAgent",
    }
)


@dataclass(frozen=True)
class Limits:
    """What a licence does not allow. unlocked_by: permission set licence that opens the objects."""

    permissions: frozenset[str]
    objects: frozenset[str]
    unlocked_by: str | None = None


NO_LIMITS = Limits(frozenset(), frozenset())
LIMITS: Mapping[str, Limits] = {
    "Salesforce Integration": Limits(
        frozenset({"EditTask", "EditEvent", "ActivitiesAccess"}) | CONTACT_CENTER,
        frozenset(STANDARD_OBJECTS),
        "SalesforceAPIIntegrationPsl",
    ),
    "Salesforce Platform": Limits(
        frozenset(
            {"AuthorApex", "ConvertLeads", "CustomizeApplication", "ManageCallCenters", "ManageUsers", "ModifyAllData", "TransferAnyLead"}
        )
        | CONTACT_CENTER,
        frozenset({"Lead", "Opportunity", "Case"}),
    ),
}


def licence_of_user(org: Org, user_row: Mapping[str, Any]) -> dict[str, Any]:
    profile = org.get("Profile", str(user_row["ProfileId"])) or {}
    return org.get("UserLicense", str(profile.get("UserLicenseId"))) or {}


def limits_of(org: Org, licence_name: object) -> Limits:
    if org.switches[LIMITS_SWITCH.name] == "ignored":
        return NO_LIMITS
    return LIMITS.get(str(licence_name), NO_LIMITS)


def holds_licence(org: Org, user_id: object, developer_name: str) -> bool:
    owned = [row["PermissionSetLicenseId"] for row in org.find("PermissionSetLicenseAssign", AssigneeId=user_id)]
    return any((org.get("PermissionSetLicense", str(one)) or {}).get("DeveloperName") == developer_name for one in owned)


def forbidden_by(org: Org, limits: Limits, permission_set: Mapping[str, Any], *, objects_open: bool = False) -> str | None:
    """The first permission of that set that the limits do not allow, in the words of the message; None when all are allowed."""
    sobject = org.schema.sobject("PermissionSet")
    for name in sorted(limits.permissions):
        if permission_set.get(f"Permissions{name}"):
            field = sobject.field(f"Permissions{name}") if sobject else None
            return field.label if field else name
    if objects_open or not limits.objects:
        return None
    for row in org.find("ObjectPermissions", ParentId=permission_set["Id"], SobjectType=sorted(limits.objects)):
        described = org.schema.sobject(str(row["SobjectType"]))
        for verb in VERBS:
            if verb in rights_in(row):
                return spoken(verb, described.label_plural if described else str(row["SobjectType"]))
    return None


def refuse_unlicensed(org: Org, permission_set: Mapping[str, Any], assignee: Mapping[str, Any]) -> None:
    """The licence half of an assignment."""
    words = f"Can't assign permission set {permission_set['Label']} to user {assignee['Name']}."
    licence = licence_of_user(org, assignee)
    required = str(permission_set.get("LicenseId") or "")
    fits = required == licence.get("Id") or not holds("a_set_with_a_user_licence_fits_only_that_licence")
    if required.startswith("100") and not fits:
        raise field_integrity(f"{words} The user license doesn't match the permission set's license.", "PermissionSetId")
    limits = limits_of(org, licence.get("Name"))
    unlocked = limits.unlocked_by is not None and holds_licence(org, assignee["Id"], limits.unlocked_by)
    forbidden = forbidden_by(org, limits, permission_set, objects_open=unlocked)
    if forbidden is not None and holds("a_licence_forbids_permissions"):
        raise field_integrity(f"{words} The user license doesn't allow the permission: {forbidden}", "PermissionSetId")


@registry.before("insert", "PermissionSet")
@registry.before("update", "PermissionSet")
def set_fits_its_licence(org: Org, user: str, change: Change) -> None:
    licence = str(change.after.get("LicenseId") or "")
    if licence.startswith("0PL") and holds("a_set_with_a_permission_set_licence_holds_what_that_admits"):
        kind, limits = "permission set license", limits_of_set_licence(org, licence)
    elif licence.startswith("100"):
        kind, limits = "user license", limits_of(org, (org.get("UserLicense", licence) or {}).get("Name"))
    else:
        return
    forbidden = forbidden_by(org, Limits(limits.permissions, frozenset()), change.after)
    if forbidden is not None:
        raise field_integrity(f"The {kind} doesn't allow the permission: {forbidden}")


def limits_of_set_licence(org: Org, licence_id: str) -> Limits:
    """Every user permission of this org that no MaximumPermissions column of the permission set licence admits."""
    sobject = org.schema.sobject("PermissionSet")
    if sobject is None or org.switches[SET_LICENCE_LIMITS.name] == "ignored":
        return NO_LIMITS
    licence = org.get("PermissionSetLicense", licence_id) or {}
    permissions = [name for name in sobject.fields if name.startswith("Permissions")]
    return Limits(frozenset(name.removeprefix("Permissions") for name in permissions if not licence.get(f"Maximum{name}")), frozenset())


@registry.before("insert", "ObjectPermissions")
@registry.before("update", "ObjectPermissions")
def row_fits_the_licence(org: Org, user: str, change: Change) -> None:
    parent = org.get("PermissionSet", str(change.after["ParentId"])) or {}
    licence = str(parent.get("LicenseId") or "")
    if not licence.startswith("100"):
        return
    limits = limits_of(org, (org.get("UserLicense", licence) or {}).get("Name"))
    described = org.schema.sobject(str(change.after["SobjectType"]))
    held = [verb for verb in VERBS if verb in rights_in(change.after)]
    if described is not None and described.name in limits.objects and held:
        raise field_integrity(f"The user license doesn't allow the permission: {spoken(held[0], described.label_plural)}")


@registry.before("update", "PermissionSet")
def set_fits_its_holders(org: Org, user: str, change: Change) -> None:
    switched_on = {name for name, value in change.after.items() if name.startswith("Permissions") and value and not change.before.get(name)}
    sobject = org.schema.sobject("PermissionSet")
    for limits, _unlocked in _limits_of_holders(org, change.id) if switched_on else ():
        forbidden = sorted(name for name in limits.permissions if f"Permissions{name}" in switched_on)
        if forbidden:
            field = sobject.field(f"Permissions{forbidden[0]}") if sobject else None
            raise _beyond(field.label if field else forbidden[0])


@registry.before("insert", "ObjectPermissions")
@registry.before("update", "ObjectPermissions")
def row_fits_the_holders(org: Org, user: str, change: Change) -> None:
    name = str(change.after["SobjectType"])
    added = [verb for verb in VERBS if verb in rights_in(change.after) - rights_in(change.before)]
    for limits, unlocked in _limits_of_holders(org, change.after["ParentId"]) if added else ():
        if name in limits.objects and not unlocked:
            described = org.schema.sobject(name)
            raise _beyond(spoken(added[0], described.label_plural if described else name))


def _beyond(permission: str) -> ApiError:
    return field_integrity(f"The user license doesn't allow the permission: {permission}")


def _limits_of_holders(org: Org, set_id: object) -> list[tuple[Limits, bool]]:
    """What the licences of those who hold that set do not allow, and whether a permission set licence opens the objects to them."""
    if org.switches[BEYOND.name] == "accepted" or not holds("an_assigned_set_stays_within_its_holders_licences"):
        return []
    names = {row["Id"]: row["Name"] for row in org.find("UserLicense") if limits_of(org, row["Name"]) is not NO_LIMITS}
    profiles = {row["Id"]: row["UserLicenseId"] for row in org.find("Profile", UserLicenseId=list(names))} if names else {}
    users = org.store.find("User", {"ProfileId": list(profiles)}, ("Id", "ProfileId")) if profiles else []
    holders = {row["Id"]: limits_of(org, names[profiles[row["ProfileId"]]]) for row in users}
    assigned = org.find("PermissionSetAssignment", PermissionSetId=set_id, AssigneeId=list(holders)) if holders else []
    found = [(row["AssigneeId"], holders[row["AssigneeId"]]) for row in assigned]
    return [(limits, limits.unlocked_by is not None and holds_licence(org, who, limits.unlocked_by)) for who, limits in found]


# --- permission set licences ------------------------------------------------------------------------------------------


def seats_taken(org: Org, licence_id: str) -> int:
    return len(org.find("PermissionSetLicenseAssign", PermissionSetLicenseId=licence_id))


def refuse_without_seat(org: Org, licence_id: str) -> None:
    licence = org.get("PermissionSetLicense", licence_id)
    if licence is None:
        raise invalid_reference("PermissionSetLicenseId")
    if seats_taken(org, licence_id) >= int(licence.get("TotalLicenses") or 0):
        raise seats_exhausted(f"License limit exceeded: no more {licence['MasterLabel']} permission set licenses are available.")


def sets_behind(org: Org, permission_set: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The set itself, or the members of the group whose aggregate it is: an aggregate set has no licence of its own."""
    group = permission_set.get("PermissionSetGroupId")
    if not group:
        return [permission_set]
    members = [row["PermissionSetId"] for row in org.find("PermissionSetGroupComponent", PermissionSetGroupId=group)]
    return [*org.find("PermissionSet", Id=members)]


def seats_needed(org: Org, sets: Iterable[Mapping[str, Any]]) -> list[str]:
    """The permission set licences that these sets bring along."""
    licences = [str(member.get("LicenseId") or "") for one in sets for member in sets_behind(org, one)]
    return sorted({licence for licence in licences if licence.startswith("0PL")})


def take_seats(org: Org, user_id: object, permission_set: Mapping[str, Any]) -> None:
    """The licences that a set brings along and the user does not hold."""
    for licence in seats_needed(org, [permission_set]) if holds("a_set_with_a_permission_set_licence_assigns_it") else ():
        if org.find("PermissionSetLicenseAssign", AssigneeId=user_id, PermissionSetLicenseId=licence):
            continue
        if org.switches[ALONG.name] == "required":
            label = (org.get("PermissionSetLicense", licence) or {}).get("MasterLabel")
            raise field_integrity(f"The user needs the permission set license {label} first.", "PermissionSetId")
        refuse_without_seat(org, licence)
        org.put("PermissionSetLicenseAssign", AssigneeId=user_id, PermissionSetLicenseId=licence)
        count_seats(org, licence)


def give_seats_back(org: Org, user_id: object, permission_set: Mapping[str, Any]) -> None:
    """The licences that a set brought along and no other set of the user needs."""
    if org.switches[BACK.name] == "kept":
        return
    others = [row["PermissionSetId"] for row in org.find("PermissionSetAssignment", AssigneeId=user_id)]
    still_needed = seats_needed(org, org.find("PermissionSet", Id=others))
    for licence in seats_needed(org, [permission_set]):
        if licence in still_needed:
            continue
        for row in org.find("PermissionSetLicenseAssign", AssigneeId=user_id, PermissionSetLicenseId=licence):
            org.remove("PermissionSetLicenseAssign", row["Id"])
        count_seats(org, licence)


def count_seats(org: Org, licence_id: str) -> None:
    if org.switches[USED.name] == "current":
        org.set("PermissionSetLicense", licence_id, UsedLicenses=seats_taken(org, licence_id))


@registry.before("insert", "PermissionSetLicenseAssign")
def new_licence(org: Org, user: str, change: Change) -> None:
    licence, assignee = str(change.after["PermissionSetLicenseId"]), change.after["AssigneeId"]
    if org.find("PermissionSetLicenseAssign", AssigneeId=assignee, PermissionSetLicenseId=licence):
        raise masked_duplicate()
    _refuse_inactive(org, assignee, "AssigneeId")
    _refuse_expired(org, (org.get("PermissionSetLicense", licence) or {}).get("Status") == "Disabled", "PermissionSetLicenseId")
    refuse_without_seat(org, licence)


def _refuse_inactive(org: Org, user_id: object, field: str) -> None:
    if org.switches[INACTIVE.name] == "refused" and not (org.get("User", str(user_id)) or {"IsActive": True})["IsActive"]:
        raise refuse("INACTIVE_OWNER_OR_USER", "operation performed with inactive user", field)


def _refuse_expired(org: Org, expired: bool, field: str) -> None:
    if expired and org.switches[EXPIRED.name] == "refused":
        raise field_integrity("The license has expired.", field)


@registry.before("delete", "PermissionSetLicenseAssign")
def licence_in_use(org: Org, user: str, change: Change) -> None:
    if org.switches[STILL_NEEDED.name] == "accepted":
        return
    held = [row["PermissionSetId"] for row in org.find("PermissionSetAssignment", AssigneeId=change.before["AssigneeId"])]
    if change.before["PermissionSetLicenseId"] in seats_needed(org, org.find("PermissionSet", Id=held)):
        raise field_integrity("The user has permission sets that need this permission set license.", "PermissionSetLicenseId")


@registry.after("insert", "PermissionSetLicenseAssign")
@registry.after("delete", "PermissionSetLicenseAssign")
def licence_counted(org: Org, user: str, change: Change) -> None:
    count_seats(org, str((change.before or change.after)["PermissionSetLicenseId"]))


# --- package licences -------------------------------------------------------------------------------------------------


@registry.before("insert", "UserPackageLicense")
def new_package_licence(org: Org, user: str, change: Change) -> None:
    package = org.get("PackageLicense", str(change.after["PackageLicenseId"])) or {}
    taken = org.find("UserPackageLicense", PackageLicenseId=change.after["PackageLicenseId"])
    if any(row["UserId"] == change.after["UserId"] for row in taken) and holds("one_package_licence_row_a_user"):
        if org.switches[PACKAGE_DUPLICATE.name] == "DUPLICATE_VALUE":
            raise masked_duplicate()
        raise invalid_reference("UserId")
    _refuse_inactive(org, change.after["UserId"], "UserId")
    _refuse_expired(org, package.get("Status") == "Expired", "PackageLicenseId")
    allowed = int(package.get("AllowedLicenses") or 0)
    if allowed == -1 and org.switches[SITE_LICENCE.name] == "refused":
        raise field_integrity("This package has a site license: users don't need one of their own.", "PackageLicenseId")
    if allowed != -1 and len(taken) >= allowed and holds("package_licence_seats"):
        raise seats_exhausted(
            f"License limit exceeded: no more {package.get('NamespacePrefix')} licenses are available.", "PackageLicenseId"
        )


@registry.after("insert", "UserPackageLicense")
@registry.after("delete", "UserPackageLicense")
def package_licence_counted(org: Org, user: str, change: Change) -> None:
    package = str((change.before or change.after)["PackageLicenseId"])
    if org.switches[USED.name] == "lagging":
        return
    org.set("PackageLicense", package, UsedLicenses=len(org.find("UserPackageLicense", PackageLicenseId=package)))
