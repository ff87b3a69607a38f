# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""What the Vonage Contact Center documentation asks of the API user, sentence by sentence, and whether what was read of an org is so. Pure.

D1 to D16 are sentences of the page "What permissions does the Salesforce API user need" of that documentation, in words of our own; X1 and
following are what they rest on without saying so, and what people ask for beyond them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable

from ._effective_access import EVERYWHERE, Given
from ._errors import listing
from ._readiness import BY_HAND, MANUAL, MET, NOT_ASKED, REPORT, ROLE, UNKNOWN, VIOLATED, WARNING, Verdict, row
from ._set_sections import FIELDS, OBJECTS, USER_PERMISSIONS, VIEW_ALL_FIELDS, Section

# What the document asks for on every custom object of the package.
SIX_RIGHTS = tuple(right for right in OBJECTS.rights if right != VIEW_ALL_FIELDS)
# The user permissions that have a sentence of their own.
ALWAYS = ("ApiEnabled", "EditTask", "PasswordNeverExpires")
# The objects of Salesforce that the package reads and writes; the organization-wide defaults of these and of its own decide what the user sees.
STANDARD_OBJECTS = ("Account", "Contact", "Lead", "Case", "Opportunity", "Task")
PRIVATE = "Private"
# UserLicense.Name as Setup shows it.
SALESFORCE, PLATFORM, INTEGRATION = "Salesforce", "Salesforce Platform", "Salesforce Integration"
INTEGRATION_SET_LICENSE = "SalesforceAPIIntegrationPsl"
MOST_ACCOUNTS = 5
# Why an assignment gives nothing where its set is only for sessions.
NEEDS_ACTIVATION = "it needs activation in a session"
_ACTIVATE = "Activate the user first: see user_active."
# The package's own set cannot be changed: where that one is assigned, no run repairs what it lacks.
_CLONES = " (api_user_permission_set_mode auto or clone; managed changes nothing)"


@dataclass(frozen=True)
class Asked:
    """What a person said. permission_set: the set that the user should hold, as results call it, or "". package_licenses: namespaces."""

    profile: str
    permission_set: str
    namespaces: tuple[str, ...]
    user_permissions: tuple[str, ...]
    queries_users: bool
    private_sharing: bool
    data_connector: bool
    api_only: bool
    package_licenses: tuple[str, ...]
    permission_set_licenses: tuple[str, ...]


@dataclass(frozen=True)
class ApiUser:
    """The user. frozen: None where the org does not tell it to the running user. licenses: every name of the permission set licences that it has,
    in lower case."""

    username: str
    active: bool
    frozen: bool | None
    profile: str
    license: str
    licenses: frozenset[str] = frozenset()


@dataclass(frozen=True)
class HeldSet:
    """A set that is assigned to the user. wanted: whether it is one that should be. managed: whether a package owns it. why_not: why it gives
    nothing now, or empty. through: the group that brings it, or empty."""

    name: str
    wanted: bool
    managed: bool
    why_not: str = ""
    through: str = ""


@dataclass(frozen=True)
class Seat:
    """The licence of a package in this org. over: why it gives its holders nothing any more, or empty. held: whether the user has a seat."""

    over: str
    site: bool
    held: bool


@dataclass(frozen=True)
class Code:
    """What of a kind of code the package's own set opens, and how much of that the user may not use. from_set: that set's name."""

    what: str
    of: int
    lacking: int
    from_set: str


@dataclass(frozen=True)
class Found:
    """What was read. user: None where there is none; then absent says so, in words. restrictions: what the profile restricts logins to, "" for
    nothing, None where the org does not show it. no_profile: whether the org shows no profile of the name that is asked for.

    objects, fields: the package's, a field with whether it can be edited (None: not known). carriers: standard objects with fields of the package
    that object permissions exist for. permissions: API name -> label of every user permission of the org. sharing: object -> organization-wide
    default, None where it is not shown. policies: User Access Policies that are active; touched: what of the user's some policy acts on; both are
    None where they are not shown. hidden: sections of which the org keeps rows from the running user, so that what they do not show may be there.
    """

    user: ApiUser | None
    absent: str = ""
    restrictions: str | None = None
    no_profile: bool = False
    given: Given = field(default_factory=dict)
    sets: tuple[HeldSet, ...] = ()
    objects: tuple[str, ...] = ()
    fields: Mapping[str, bool | None] = field(default_factory=dict)
    carriers: tuple[str, ...] = ()
    code: tuple[Code, ...] | None = None
    seats: Mapping[str, Seat] = field(default_factory=dict)
    permissions: Mapping[str, str] = field(default_factory=dict)
    unknown_permissions: tuple[str, ...] = ()
    sharing: Mapping[str, str] | None = None
    policies: tuple[str, ...] | None = None
    touched: tuple[str, ...] | None = None
    is_sandbox: bool = False
    hidden: frozenset[str] = frozenset()

    def sources(self, permission: str) -> Sequence[str]:
        """What gives the user that user permission."""
        rights = self.given.get(USER_PERMISSIONS.option, {}).get(permission, {})
        return [source for several in rights.values() for source in several]

    def object_rights(self, name: str) -> frozenset[str]:
        """The user's rights on an object, those among them that a user permission gives on every object."""
        everywhere = {right for permission, rights in EVERYWHERE.items() if self.sources(permission) for right in rights}
        return frozenset(self.given.get(OBJECTS.option, {}).get(name, {})) | everywhere

    def field_rights(self, name: str) -> frozenset[str]:
        """The user's rights on a field, whatever those on its object are."""
        rights = frozenset(self.given.get(FIELDS.option, {}).get(name, {}))
        return rights | {"read"} if VIEW_ALL_FIELDS in self.object_rights(name.partition(".")[0]) else rights


@dataclass(frozen=True)
class Requirement:
    """One row of the table. sentence: of the document (D), or beyond it (X). says: that sentence in our words. repair: who puts it right - the
    role api_user, a person in Salesforce (report), or a person in Vonage Contact Center (manual). of_user: judged only where there is a user."""

    id: str
    sentence: str
    says: str
    repair: str
    judge: Callable[[Asked, Found], Verdict]
    of_user: bool = True


def judged(asked: Asked, found: Found) -> list[dict[str, str]]:
    """Every requirement, in the order of the document, with how it stands."""
    return [row(item, _verdict(item, asked, found)) for item in REQUIREMENTS]


def gaps(found: Found) -> list[dict[str, Any]]:
    """Rights that are asked for and that nothing gives: on objects, then on fields. Of a field that the user could use if it could use its
    object, useless says what is given in vain."""
    objects = [{"object": name, "lacks": lacks} for name, lacks in _object_gaps(found).items()]
    fields = [{"field": name, "lacks": lacks} for name, lacks in _field_gaps(found).items()]
    return [*objects, *fields, *({"field": name, "lacks": [], "useless": why} for name, why in _in_vain(found).items())]


def private_objects(found: Found) -> dict[str, str]:
    """Objects that the org shares privately and whose records the user sees only where somebody shares them: name -> model."""
    told = found.sharing or {}
    return {name: model for name, model in told.items() if model == PRIVATE and "view_all_records" not in found.object_rights(name)}


# -- judging -------------------------------------------------------------------------------------------------------------------------


def _verdict(item: Requirement, asked: Asked, found: Found) -> Verdict:
    if item.of_user and found.user is None:
        return Verdict(UNKNOWN, "There is no user to look at.", "Make the user first: see user_exists.")
    return item.judge(asked, found)


def _user(found: Found) -> ApiUser:
    if found.user is None:
        raise AssertionError("requirements of a user are judged only where there is one")
    return found.user


def _exists(asked: Asked, found: Found) -> Verdict:
    if found.user:
        return Verdict(MET, f"{found.user.username} is there.")
    remedy = "Set api_user_username, api_user_last_name and api_user_email, and run the role api_user: it makes the user."
    return Verdict(VIOLATED, found.absent, remedy)


def _linked(asked: Asked, found: Found) -> Verdict:
    """How to link: Vonage Contact Center documentation, "Linking Vonage Contact Center to a Salesforce account"."""
    who = found.user.username if found.user else "the API user"
    return Verdict(
        MANUAL,
        f"Salesforce does not show whom Vonage Contact Center is linked to. One API user serves at most {MOST_ACCOUNTS} of its accounts.",
        f"In the Vonage Contact Center Admin Portal open CRM Admin (Salesforce Admin in older ones), choose Link or Relink and then "
        f"{'Sandbox' if found.is_sandbox else 'Production'}, log in to Salesforce as {who} itself (not through the login of an administrator) and choose "
        f"Allow. Link no more than {MOST_ACCOUNTS} accounts to one user; for more, have another user.",
    )


def _package_access(asked: Asked, found: Found) -> Verdict:
    if not found.objects and not found.fields:
        return _no_package(asked)
    lacking = [f"{item.lacking} of the {item.of} {item.what} that {item.from_set} opens" for item in found.code or () if item.lacking]
    objects, fields = _object_gaps(found, found.objects), _field_gaps(found)
    lacking += [f"rights on {len(objects)} of its {len(found.objects)} objects"] if objects else []
    lacking += [f"rights on {len(fields)} of its {len(found.fields)} fields"] if fields else []
    if lacking:
        remedy = (
            f"Run the role api_user: it brings the clone in step with the package{_CLONES}; with api_user_on_source_change: merge also with the package's "
            "own set."
        )
        return Verdict(VIOLATED, f"The user lacks {'; '.join(lacking)}.", remedy)
    for section in (OBJECTS, FIELDS):
        if section.option in found.hidden:
            return _kept_back(section)
    if found.code is None:
        remedy = "Set package_set to the name or label of the package's set for the API user; see the names with permission_set_info."
        return Verdict(UNKNOWN, "Objects and fields are open; the package has no set to compare Apex classes and pages with.", remedy)
    opened = ", ".join(f"{item.of} {item.what}" for item in found.code)
    return Verdict(MET, f"{len(found.objects)} objects, {len(found.fields)} fields{', ' if opened else ''}{opened}.")


def _kept_back(section: Section) -> Verdict:
    remedy = "Run as a user who sees them: one with View Setup and Configuration and with access to the package's objects and fields."
    return Verdict(UNKNOWN, f"The org keeps rows of {section.option} from the running user.", remedy)


def _no_package(asked: Asked) -> Verdict:
    names = listing(asked.namespaces) or "no package"
    return Verdict(UNKNOWN, f"The org has nothing of {names} to look at.", "Install the package, or correct api_user_namespaces.")


def _assigned(asked: Asked, found: Found) -> Verdict:
    wanted = [item for item in found.sets if item.wanted]
    effective = [item for item in wanted if not item.why_not]
    if effective:
        return Verdict(MET, f"{listing(_named(item) for item in effective)}.")
    remedy = "Run the role api_user: it assigns the set (api_user_permission_set_mode says which)."
    if not _user(found).active:
        remedy = f"{_ACTIVATE} {remedy}"
    if wanted:
        said = "; ".join(f"{_named(item)}: {item.why_not}" for item in wanted)
        if all(item.why_not == NEEDS_ACTIVATION for item in wanted):
            remedy = "The set is for sessions only: clear Session Activation Required in Setup, Permission Sets, on its page, or name another set."
        return Verdict(VIOLATED, f"It is assigned and gives nothing: {said}.", remedy)
    said = (
        f"{asked.permission_set} is not assigned." if asked.permission_set else "Neither the package's set nor a clone of it is assigned."
    )
    return Verdict(VIOLATED, said, remedy)


def _named(item: HeldSet) -> str:
    return f"{item.name} through group {item.through}" if item.through else item.name


def _permission(name: str, remedy: str) -> Callable[[Asked, Found], Verdict]:
    """The judge of a user permission that is always asked for."""

    def judge(asked: Asked, found: Found) -> Verdict:
        sources = found.sources(name)
        if sources:
            return Verdict(MET, f"Given by {listing(sources)}.")
        return Verdict(VIOLATED, f"Nothing gives the user {_called(name, found)}.", remedy)

    return judge


def _called(name: str, found: Found) -> str:
    label = found.permissions.get(name)
    return f"{label} ({name})" if label else name


def _conditional(name: str, said: Callable[[Asked], bool], option: str, when: str) -> Callable[[Asked, Found], Verdict]:
    """The judge of a user permission that is asked for only where a person says that its case is theirs."""

    def judge(asked: Asked, found: Found) -> Verdict:
        sources = found.sources(name)
        if not said(asked):
            had = f" The user has {_called(name, found)} all the same, by {listing(sources)}." if sources else ""
            return Verdict(NOT_ASKED, f"{option} is false.{had}", f"Set {option}: true if {when}.")
        if sources:
            return Verdict(MET, f"Given by {listing(sources)}.")
        remedy = f"Run the role api_user with {option}: true: it adds it to a clone of the package's set{_CLONES}."
        return Verdict(VIOLATED, f"{option} is true, and nothing gives the user {_called(name, found)}.", remedy)

    return judge


def _view_all_data(asked: Asked, found: Found) -> Verdict:
    if asked.private_sharing or found.sources("ViewAllData"):
        return _conditional("ViewAllData", lambda item: item.private_sharing, "api_user_private_sharing", _SEES_ALL)(asked, found)
    remedy = f"Set api_user_private_sharing: true if {_SEES_ALL}."
    if found.sharing is None:
        return Verdict(UNKNOWN, "The org does not show its organization-wide defaults.", remedy)
    private = private_objects(found)
    if private:
        said = ", ".join(f"{name} ({model})" for name, model in private.items())
        return Verdict(
            WARNING, f"The org shares privately, and View All Data is not asked for: {said}.", f"{remedy} Or share the records with it."
        )
    return Verdict(NOT_ASKED, "The org shares nothing privately that the user needs.", remedy)


_SEES_ALL = "the user must see records that nobody shares with it"


def _cloned(asked: Asked, found: Found) -> Verdict:
    cases = [asked.queries_users, asked.private_sharing, asked.data_connector]
    if not any(cases):
        return Verdict(
            NOT_ASKED, "None of the three cases is asked for, so the package's own set will do.", "Nothing, unless one of them is yours."
        )
    effective = [item for item in found.sets if item.wanted and not item.why_not]
    clones = [item for item in effective if not item.managed]
    if clones:
        return Verdict(MET, f"{listing(_named(item) for item in clones)} is a set of your own.")
    remedy = "Set api_user_permission_set_mode to auto or clone and run the role api_user."
    held = (
        f"{listing(_named(item) for item in effective)} belongs to the package and cannot be extended."
        if effective
        else "No clone is assigned."
    )
    return Verdict(WARNING, held, remedy)


def _profile(asked: Asked, found: Found) -> Verdict:
    user = _user(found)
    if user.profile.lower() == asked.profile.lower():
        return Verdict(MET, f"{user.profile}, with the licence {user.license or '(not shown)'}.")
    remedy = "Set api_user_allow_change: [profile] and run the role api_user, which then changes it; or name the profile that you mean in api_user_profile."
    return Verdict(VIOLATED, f"The profile is {user.profile}, and {asked.profile} is asked for.", remedy)


def _unrestricted(asked: Asked, found: Found) -> Verdict:
    name = found.user.profile if found.user else asked.profile
    if found.no_profile:
        said = f"The org has no profile {name}, or does not show it to the running user."
        return Verdict(UNKNOWN, said, "Correct api_user_profile: the name as Setup, Profiles, shows it.")
    if found.restrictions is None:
        remedy = "Look in Setup, Profiles, at Login Hours and Login IP Ranges; or give the running user View Setup and Configuration."
        return Verdict(UNKNOWN, f"The org does not show login hours and login IP ranges of {name} to the running user.", remedy)
    if not found.restrictions:
        return Verdict(MET, f"{name} has no login hours and no login IP ranges that keep anybody out.")
    remedy = (
        f"In Setup, Profiles, {name}, clear Login Hours and Login IP Ranges, or give the user an unrestricted profile with the same licence; the role "
        "never writes profiles."
    )
    return Verdict(VIOLATED, f"{name} restricts logins: {found.restrictions}.", remedy)


def _objects(asked: Asked, found: Found) -> Verdict:
    if not found.objects:
        return _no_package(asked)
    if OBJECTS.option in found.hidden:
        return _kept_back(OBJECTS)
    lacking = _object_gaps(found, found.objects)
    if not lacking:
        return Verdict(MET, f"All six rights on {len(found.objects)} objects.")
    said = "; ".join(f"{name} lacks {', '.join(rights)}" for name, rights in _first(lacking))
    return Verdict(
        VIOLATED, f"{said}{_more(lacking)}.", f"Run the role api_user: it asks for all six on every object of api_user_namespaces{_CLONES}."
    )


def _fields(asked: Asked, found: Found) -> Verdict:
    if not found.fields:
        return _no_package(asked)
    if FIELDS.option in found.hidden:
        return _kept_back(FIELDS)
    lacking = _field_gaps(found)
    if lacking:
        said = "; ".join(f"{name} lacks {' and '.join(rights)}" for name, rights in _first(lacking))
        return Verdict(
            VIOLATED,
            f"{said}{_more(lacking)}.",
            f"Run the role api_user: it asks for every field of api_user_namespaces that can carry it{_CLONES}.",
        )
    unclear = [name for name, editable in found.fields.items() if editable is None and "edit" not in found.field_rights(name)]
    if unclear:
        remedy = "Give the running user View Setup and Configuration, or look whether these are formulas."
        return Verdict(
            UNKNOWN, f"The org does not show whether these can be edited at all, and the user cannot: {listing(unclear)}.", remedy
        )
    return Verdict(MET, f"{len(found.fields)} fields; formulas and automatic numbers are read only.")


def _first(lacking: Mapping[str, Sequence[str]], most: int = 5) -> list[tuple[str, Sequence[str]]]:
    return list(lacking.items())[:most]


def _more(lacking: Mapping[str, Any], most: int = 5) -> str:
    return f"; and {len(lacking) - most} more, see gaps" if len(lacking) > most else ""


def _licensed(asked: Asked, found: Found) -> Verdict:
    license_name = _user(found).license
    if license_name == SALESFORCE:
        return Verdict(MET, "The user licence is Salesforce.")
    remedy = "Give the user a profile of the licence Salesforce: api_user_profile, with api_user_allow_change: [profile]."
    if license_name == PLATFORM:
        said = "The user licence is Salesforce Platform, which the documentation does not recommend: some features may not work, for agents too."
        return Verdict(WARNING, said, remedy)
    if license_name == INTEGRATION:
        said = "The user licence is Salesforce Integration. Newer pages of the documentation name it; see integration_license for its conflict."
        return Verdict(WARNING, said, remedy)
    if not license_name:
        return Verdict(UNKNOWN, "The org does not show the user's licence.", "Give the running user View Setup and Configuration.")
    return Verdict(VIOLATED, f"The user licence is {license_name}.", remedy)


def _package_licensed(asked: Asked, found: Found) -> Verdict:
    if not asked.package_licenses:
        return Verdict(NOT_ASKED, "No package is named.", "Name the package's namespace in api_user_package_licenses.")
    told = {name: _seat(name, found) for name in asked.package_licenses}
    for state in (VIOLATED, UNKNOWN):
        worst = [item for item in told.values() if item.state == state]
        if worst:
            return Verdict(state, " ".join(item.found for item in worst), " ".join(dict.fromkeys(item.remedy for item in worst)))
    return Verdict(MET, " ".join(item.found for item in told.values()))


def _seat(namespace: str, found: Found) -> Verdict:
    seat = found.seats.get(namespace.lower())
    if seat is None:
        return _no_seats(namespace, found)
    if seat.over:
        return Verdict(VIOLATED, f"The org's licence of {namespace} {seat.over}.", "Renew it with Vonage.")
    if seat.site:
        return Verdict(MET, f"{namespace} has a site licence: nobody needs a seat.")
    if found.user is None:
        return Verdict(UNKNOWN, f"{namespace} is installed; there is no user to look at.", "Make the user first: see user_exists.")
    if seat.held:
        return Verdict(MET, f"The user has a seat of {namespace}.")
    remedy = f"Run the role api_user with {namespace} in api_user_package_licenses: it gives the seat."
    if not found.user.active:
        remedy = f"{_ACTIVATE} {remedy}"
    return Verdict(VIOLATED, f"The user has no seat of {namespace}.", remedy)


def _no_seats(namespace: str, found: Found) -> Verdict:
    names = (*found.objects, *(name.partition(".")[2] for name in found.fields))
    if any(name.lower().startswith(f"{namespace.lower()}__") for name in names):
        said = f"{namespace} is installed, and the org shows no licence of it."
        remedy = f"Look in Setup, Installed Packages, at {namespace}: if nobody needs a licence of it, leave it out of api_user_package_licenses."
        return Verdict(VIOLATED, said, remedy)
    return Verdict(
        VIOLATED, f"{namespace} is not installed: the org has no licence of it.", "Install the package, then run the role api_user."
    )


def _active(asked: Asked, found: Found) -> Verdict:
    if _user(found).active:
        return Verdict(MET, "The user is active.")
    remedy = "Set api_user_allow_change: [active] and run the role api_user, or activate the user in Setup, Users."
    return Verdict(VIOLATED, "The user is inactive: it cannot log in.", remedy)


def _not_frozen(asked: Asked, found: Found) -> Verdict:
    frozen = _user(found).frozen
    if frozen is None:
        remedy = "Look in Setup, Users; or give the running user Manage Users."
        return Verdict(UNKNOWN, "The org does not tell the running user whether the user is frozen.", remedy)
    if frozen:
        return Verdict(
            VIOLATED, "The user is frozen: it cannot log in.", "Find out why, then choose Unfreeze on the user's page in Setup, Users."
        )
    return Verdict(MET, "The user is not frozen.")


def _policies(asked: Asked, found: Found) -> Verdict:
    if found.policies is None:
        remedy = "Look in Setup, User Access Policies; or give the running user View Setup and Configuration."
        return Verdict(UNKNOWN, "The org does not show User Access Policies to the running user.", remedy)
    active = f"Active: {listing(found.policies)}" if found.policies else "None is active"
    if not found.policies or found.touched == ():
        return Verdict(MET, f"{active}; none acts on what this user holds." if found.policies else f"{active}.")
    remedy = (
        "Look in Setup, User Access Policies, whether one of them gives or takes what this user holds: it undoes what is assigned here."
    )
    if found.touched is None:
        return Verdict(WARNING, f"{active}; what they act on is not shown.", remedy)
    return Verdict(WARNING, f"{active}. A policy acts on {listing(found.touched)}; no API tells which.", remedy)


def _integration(asked: Asked, found: Found) -> Verdict:
    user = _user(found)
    if user.license != INTEGRATION:
        return Verdict(MET, f"The user licence is {user.license or 'not shown'}.")
    held = INTEGRATION_SET_LICENSE.lower() in user.licenses
    tasks = "has" if found.sources("EditTask") else "lacks"
    said = (
        f"A user with the licence Salesforce Integration reaches standard objects only with {INTEGRATION_SET_LICENSE}, which is "
        f"{'assigned' if held else 'not assigned'}; that one is reported to forbid Edit Tasks, which the documentation asks for and the user {tasks}."
    )
    remedy = f"Use a profile of the licence Salesforce; or name {INTEGRATION_SET_LICENSE} in api_user_permission_set_licenses, and see whether it writes tasks."
    return Verdict(WARNING, said, remedy)


def _carriers(asked: Asked, found: Found) -> Verdict:
    if not found.carriers:
        return _no_package(asked)
    if OBJECTS.option in found.hidden:
        return _kept_back(OBJECTS)
    lacking = _object_gaps(found, found.carriers)
    if not lacking:
        return Verdict(MET, f"The user reaches {', '.join(found.carriers)}.")
    said = "; ".join(f"{name} lacks {', '.join(rights)}" for name, rights in lacking.items())
    vain = _in_vain(found)
    vainly = (
        f" So these are of no use: {'; '.join(f'{name} ({why})' for name, why in list(vain.items())[:5])}{_more(vain)}." if vain else ""
    )
    remedy = "Name these objects with read and edit in api_user_extra_object_permissions and run the role api_user, or use a profile that has them."
    return Verdict(VIOLATED, f"{said}.{vainly}", remedy)


def _set_licenses(asked: Asked, found: Found) -> Verdict:
    if not asked.permission_set_licenses:
        return Verdict(NOT_ASKED, "None is named.", "Name what the user needs in api_user_permission_set_licenses.")
    lacking = [name for name in asked.permission_set_licenses if name.lower() not in _user(found).licenses]
    if lacking:
        return Verdict(
            VIOLATED, f"The user lacks {listing(lacking)}.", "Run the role api_user: it gives those in api_user_permission_set_licenses."
        )
    return Verdict(MET, f"The user has {listing(asked.permission_set_licenses)}.")


def _further(asked: Asked, found: Found) -> Verdict:
    further = [name for name in asked.user_permissions if name not in ALWAYS]
    if not further and not found.unknown_permissions:
        return Verdict(NOT_ASKED, "None beyond those of the document.", "Name what the user needs in api_user_extra_user_permissions.")
    if found.unknown_permissions:
        said = f"This org has no user permission {listing(found.unknown_permissions)}."
        return Verdict(
            VIOLATED, said, "Correct api_user_extra_user_permissions: API names or labels; editions and licences differ in them."
        )
    lacking = [_called(name, found) for name in further if not found.sources(name)]
    if lacking:
        return Verdict(
            VIOLATED,
            f"Nothing gives the user {listing(lacking)}.",
            f"Run the role api_user: it adds them to a clone of the package's set{_CLONES}.",
        )
    return Verdict(MET, f"The user has {listing(further)}.")


# -- gaps ----------------------------------------------------------------------------------------------------------------------------


def _object_gaps(found: Found, names: Sequence[str] | None = None) -> dict[str, list[str]]:
    """Object -> rights that are asked for and not given: the package's need all six, those that carry its fields read, and edit where one of
    these can be edited."""
    if found.user is None or OBJECTS.option in found.hidden:
        return {}
    wanted = {name: _wanted_on(name, found) for name in (names if names is not None else (*found.objects, *found.carriers))}
    lacking = {name: [right for right in rights if right not in found.object_rights(name)] for name, rights in wanted.items()}
    return {name: rights for name, rights in lacking.items() if rights}


def _wanted_on(name: str, found: Found) -> Sequence[str]:
    if name in found.objects:
        return SIX_RIGHTS
    writes = any(editable for field_name, editable in found.fields.items() if field_name.partition(".")[0] == name)
    return ("read", "edit") if writes else ("read",)


def _field_gaps(found: Found) -> dict[str, list[str]]:
    """Field -> rights that are asked for and not given. Of a field that may be a formula, only read is."""
    if found.user is None or FIELDS.option in found.hidden:
        return {}
    wanted = {name: ("read", "edit") if editable else ("read",) for name, editable in found.fields.items()}
    lacking = {name: [right for right in rights if right not in found.field_rights(name)] for name, rights in wanted.items()}
    return {name: rights for name, rights in lacking.items() if rights}


def _in_vain(found: Found) -> dict[str, str]:
    """Field -> what is given on it in vain, since the right on its object is missing."""
    return dict(_each_in_vain(found)) if found.user and OBJECTS.option not in found.hidden else {}


def _each_in_vain(found: Found) -> Iterator[tuple[str, str]]:
    securable = {*found.objects, *found.carriers}
    for name in found.fields:
        object_name = name.partition(".")[0]
        if object_name not in securable:
            continue
        rights, on_object = found.field_rights(name), found.object_rights(object_name)
        if rights and "read" not in on_object:
            yield name, f"{' and '.join(sorted(rights, reverse=True))} without read on {object_name}"
        elif "edit" in rights and "edit" not in on_object:
            yield name, f"edit without edit on {object_name}"


# -- the table -----------------------------------------------------------------------------------------------------------------------

_SET_ROLE = f"Run the role api_user: it asks for it always, and puts it into a clone where the package's set lacks it{_CLONES}."

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement("user_exists", "D1", "There is a user in Salesforce for the API.", ROLE, _exists, of_user=False),
    Requirement("linked_in_vonage", "D1", "Vonage Contact Center is linked to that user.", BY_HAND, _linked, of_user=False),
    Requirement("package_access", "D2", "The user may use the package's objects, fields, pages and Apex classes.", ROLE, _package_access),
    Requirement(
        "permission_set_assigned", "D3", "The package's set for the API user, or its clone, is assigned to the user.", ROLE, _assigned
    ),
    Requirement("api_enabled", "D4", "The user has API Enabled.", ROLE, _permission("ApiEnabled", _SET_ROLE)),
    Requirement("edit_tasks", "D5", "The user has Edit Tasks.", ROLE, _permission("EditTask", _SET_ROLE)),
    Requirement("standard_user_profile", "D6", "The user has the profile Standard User, or the one that is named.", REPORT, _profile),
    Requirement(
        "login_restrictions", "D7", "That profile has no login hours and no login IP ranges.", REPORT, _unrestricted, of_user=False
    ),
    Requirement(
        "password_never_expires", "D8", "The user has Password Never Expires.", ROLE, _permission("PasswordNeverExpires", _SET_ROLE)
    ),
    Requirement("object_rights", "D9", "The user has all six rights on every custom object of the package.", ROLE, _objects),
    Requirement("field_rights", "D10", "The user may read and write every custom field of the package, on any object.", ROLE, _fields),
    Requirement(
        "view_all_users",
        "D11",
        "Where users are queried, the user has View All Users.",
        ROLE,
        _conditional("ViewAllUsers", lambda asked: asked.queries_users, "api_user_queries_users", "Vonage Contact Center queries users"),
    ),
    Requirement("view_all_data", "D12", "Where the org shares privately, the user has View All Data.", ROLE, _view_all_data),
    Requirement(
        "modify_all_data",
        "D13",
        "Where the Data Connector inserts records, the user has Modify All Data.",
        ROLE,
        _conditional("ModifyAllData", lambda asked: asked.data_connector, "api_user_data_connector", "the Data Connector inserts records"),
    ),
    Requirement("clone_for_more", "D14", "In these cases the set is cloned and extended, and the clone is assigned.", ROLE, _cloned),
    Requirement(
        "salesforce_license", "D15", "The user has a Salesforce licence; Salesforce Platform is not recommended.", REPORT, _licensed
    ),
    Requirement("package_license", "D16", "The user has the Vonage Contact Center package.", ROLE, _package_licensed, of_user=False),
    Requirement("user_active", "X1", "The user is active.", REPORT, _active),
    Requirement("user_not_frozen", "X2", "The user is not frozen.", REPORT, _not_frozen),
    Requirement(
        "api_only",
        "X3",
        "Where that is asked for, the user may use nothing but the API.",
        ROLE,
        _conditional(
            "ApiUserOnly", lambda asked: asked.api_only, "api_user_api_only", "the user logs in to the API alone, without a second factor"
        ),
    ),
    Requirement(
        "user_access_policies", "X4", "No User Access Policy gives or takes what is assigned here.", REPORT, _policies, of_user=False
    ),
    Requirement("integration_license", "X5", "The user's licence does not forbid what the documentation asks for.", REPORT, _integration),
    Requirement(
        "standard_object_access", "X6", "The user reaches the standard objects that carry fields of the package.", REPORT, _carriers
    ),
    Requirement("permission_set_licenses", "X7", "The user has the permission set licences that are named.", ROLE, _set_licenses),
    Requirement("further_user_permissions", "X8", "The user has the further user permissions that are named.", ROLE, _further),
)
