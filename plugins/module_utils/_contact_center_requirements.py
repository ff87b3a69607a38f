# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""What Salesforce asks of a Partner Telephony contact center and its people, sentence by sentence, and whether what was read is so. Pure.

C1 to C16 are sentences of the Help article "Add and Remove Users in Your Partner Telephony Contact Center", in words of our own; X1 and following
are what they rest on without saying so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Callable

from ._centers import UNKNOWN as UNKNOWN_FLAVOUR
from ._centers import Center, refusal
from ._errors import listing
from ._member_standing import ADMIN, AGENT, STANDARD_SETS, Standing
from ._needed_rights import CONTACT_CENTER, label, required
from ._provider_roster import NONE, ROUTING_MAP, Compared
from ._readiness import BY_HAND, MANUAL, MET, NOT_ASKED, REPORT, ROLE, UNKNOWN, VIOLATED, WARNING, Verdict, row
from ._users import Skipped

PRESENT, ABSENT, EXACT = "present", "absent", "exact"
NO_ROLE = "none"
# UserLicense.Name of the licence that Vonage does not recommend for agents.
_PLATFORM = "Salesforce Platform"
_WORK = "Without a roster nobody can tell: give the provider's users as contact_center_roster or contact_center_roster_file."


@dataclass(frozen=True)
class Asked:
    """What a person said. role: which permission set a new member is to get, or none. rule: how single sign-on tells who somebody is."""

    state: str
    role: str
    rule: str


@dataclass(frozen=True)
class Subject:
    """A user who is listed, or a member who is not. center: internal name of the user's center, or empty. license: the user licence's name.
    external_id: the provider's id of the user by its routing map, or empty."""

    username: str
    active: bool
    standing: Standing
    center: str = ""
    license: str = ""
    external_id: str = ""


@dataclass(frozen=True)
class Seats:
    """The permission set licence that the role's set needs. name: as Setup has it. free: seats that nobody has; None where it is not shown, and
    there: whether the org has the licence. holders: usernames of those listed who have a seat already."""

    name: str
    there: bool
    free: int | None
    holders: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Found:
    """What was read. listed: the users that are named; others: members who are not. left_out: users that the org does not have. roster: both sides
    held against each other, None without a roster. rights: the running user's, one that the org does not know is absent. knows_rights: whether
    the org has the rights of Partner Telephony at all. seats: None where nobody needs any. maps: whether routing maps are shown."""

    center: Center
    listed: tuple[Subject, ...] = ()
    others: tuple[Subject, ...] = ()
    left_out: tuple[Skipped, ...] = ()
    roster: Compared | None = None
    rights: Mapping[str, bool] = field(default_factory=dict)
    knows_rights: bool = True
    seats: Seats | None = None
    maps: bool = True
    is_sandbox: bool = False

    def is_member(self, person: Subject) -> bool:
        return person.center == self.center.internal_name


@dataclass(frozen=True)
class Requirement:
    """One row of the table. sentence: of the article (C), or beyond it (X). says: that sentence in our words. repair: who puts it right - the role
    contact_center, a person in Salesforce (report), or a person at the provider (manual). joining: judged only of users who are to be members."""

    id: str
    sentence: str
    says: str
    repair: str
    judge: Callable[[Asked, Found], Verdict]
    joining: bool = False


def judged(asked: Asked, found: Found) -> list[dict[str, str]]:
    """Every requirement, in the order of the article, with how it stands."""
    return [row(item, _verdict(item, asked, found)) for item in REQUIREMENTS]


# -- judging ---------------------------------------------------------------------------------------------------------------------------


def _verdict(item: Requirement, asked: Asked, found: Found) -> Verdict:
    if item.joining and asked.state == ABSENT:
        return Verdict(NOT_ASKED, "The users are to leave.", "Nothing.")
    if item.joining and not found.listed:
        return Verdict(NOT_ASKED, "Nobody is listed.", "List the users in contact_center_users.")
    return item.judge(asked, found)


def _names(people: Iterable[Subject]) -> str:
    return listing(person.username for person in people)


def _all(people: Sequence[Subject]) -> str:
    return "The user" if len(people) == 1 else f"All {len(people)} users"


def _of_all(said: str, lacking: Sequence[Subject], remedy: str, met: str, state: str = VIOLATED) -> Verdict:
    """The verdict on a list: met where nobody lacks it."""
    return Verdict(state, f"{said}: {_names(lacking)}.", remedy) if lacking else Verdict(MET, met)


def _usable(asked: Asked, found: Found) -> Verdict:
    center = found.center
    problem = refusal(center, "")
    if problem is None:
        return Verdict(MET, f"{center.internal_name} is of flavour {center.flavour} ({center.told_by}).")
    what = "is of a kind that the org does not reveal" if center.flavour == UNKNOWN_FLAVOUR else f"is of flavour {center.flavour}"
    return Verdict(
        VIOLATED, f"{center.internal_name} {what} ({center.told_by}).", problem.remedy.replace("flavour:", "contact_center_flavour:")
    )


def _by_role(found: Found, lacking: Sequence[Subject], joining: str, members: str) -> str:
    """What to do about users who lack something: the role puts right only those who are still to be added."""
    parts = [joining] if any(not found.is_member(person) for person in lacking) else []
    parts += [members] if any(found.is_member(person) for person in lacking) else []
    return " ".join(parts)


def _service(asked: Asked, found: Found) -> Verdict:
    lacking = [person for person in found.listed if not person.standing.service_user]
    remedy = _by_role(
        found,
        lacking,
        "Those to be added: set contact_center_repair: [service_cloud_user] and run the role contact_center; it takes a seat of that licence.",
        "Members: give them the feature SupportUser with module user, or tick Service Cloud User on each user's page in Setup.",
    )
    return _of_all("Not Service Cloud Users", lacking, remedy, f"{_all(found.listed)}: yes.")


def _rights(asked: Asked, found: Found) -> Verdict:
    if not found.knows_rights:
        return Verdict(
            VIOLATED, "The org does not have these rights.", "They come with the licence of Partner Telephony: ask Salesforce for it."
        )
    lacking = [person for person in found.listed if not person.standing.may_join]
    set_name = STANDARD_SETS.get(asked.role, STANDARD_SETS[AGENT])
    joining = f"Those to be added: run the role contact_center; with contact_center_role: {asked.role} it assigns {set_name}."
    if asked.role == NO_ROLE:
        joining = f"Those to be added: set contact_center_role: agent or admin, so that the role assigns {set_name} or its like."
    members = (
        f"Members: name {set_name}, or another set with that right, in contact_center_permission_set, or assign it with permission_set_assignment; a "
        "supervisor's right alone does not count."
    )
    return _of_all("Without either right", lacking, _by_role(found, lacking, joining, members), f"{_all(found.listed)}: yes.")


def _offered(asked: Asked, found: Found) -> Verdict:
    """Whom the dialog in Setup would not list: it goes by right, service user and center."""
    waiting = [person for person in found.listed if not found.is_member(person)]
    if not waiting:
        return Verdict(NOT_ASKED, "Everybody listed is a member already.", "Nothing.")
    hidden = [person for person in waiting if not person.standing.may_join or not person.standing.service_user or person.center]
    sets = " or ".join(STANDARD_SETS[right] for right in (ADMIN, AGENT))
    remedy = f"See agent_or_admin, service_cloud_users and one_center: the set is {sets}."
    return _of_all("Setup would not list", hidden, remedy, f"Setup would list everybody who is to be added: {len(waiting)}.", WARNING)


def _no_others(asked: Asked, found: Found) -> Verdict:
    if asked.state != EXACT:
        others = f"Members who are not listed: {len(found.others)}." if found.others else "Every member is listed."
        return Verdict(
            NOT_ASKED, f"contact_center_state is {asked.state}. {others}", "Set contact_center_state: exact if the list is complete."
        )
    remedy = "Run the role contact_center: with contact_center_state: exact it removes them, within contact_center_max_removals."
    return _of_all("Members who are not listed", found.others, remedy, "There is no member but those listed.")


def _page(asked: Asked, found: Found) -> Verdict:
    return _running_user(
        found,
        ("CustomizeApplication", "ManageCallCenters"),
        "The modules do without. Give both, or Delegated Contact Center Admin, to whoever is to look at the page in Setup.",
    )


def _admin(asked: Asked, found: Found) -> Verdict:
    return _running_user(
        found,
        ("IsContactCenterAdminBYOT",),
        "The modules do without. Give it to whoever creates, edits or deletes centers in Setup, or removes contact center admins there.",
    )


def _running_user(found: Found, rights: Sequence[str], remedy: str) -> Verdict:
    """What a person in Setup needs, told of the user who runs this."""
    lacking = [name for name in rights if not found.rights.get(name)]
    if not lacking:
        return Verdict(MET, f"The running user has {listing(map(label, rights))}.")
    if not any(name in found.rights for name in rights):
        return Verdict(UNKNOWN, f"The org does not have, or does not show, {listing(map(label, rights))}.", remedy)
    return Verdict(WARNING, f"The running user lacks {listing(map(label, lacking))}.", remedy)


def _at_provider(asked: Asked, found: Found) -> Verdict:
    if found.roster is None:
        return Verdict(MANUAL, "There is no roster of the provider's users.", _WORK)
    missing = found.roster.missing_at_provider
    if not missing:
        return Verdict(MET, f"The roster has everybody: {found.roster.matched}.")
    remedy = (
        "Create them in the provider's system and add them to its call center: by contact_center_before_add, or by hand from the work list."
    )
    return Verdict(VIOLATED, f"Not in the roster: {listing(missing)}.", remedy)


def _same_people(asked: Asked, found: Found) -> Verdict:
    syncs = found.center.syncs_users
    told = {True: "The vendor declares that it syncs users.", False: "No vendor of this center syncs users.", None: ""}[syncs]
    if found.roster is None:
        return Verdict(MANUAL, f"There is no roster of the provider's users. {told}".strip(), _WORK)
    unknown, odd = found.roster.unknown, found.roster.odd
    remedy = (
        "Create them in Salesforce and list them in contact_center_users, or remove them at the provider; give entries that mean somebody else the "
        "username."
    )
    said = [f"Nobody in Salesforce: {listing(f'{entry} ({entry.place})' for entry in unknown)}."] if unknown else []
    said += [f"Not clear: {listing(odd)}."] if odd else []
    if not said:
        return Verdict(MET, f"Every entry of the roster is a Salesforce user's. {told}".strip())
    return Verdict(VIOLATED if unknown and asked.state == EXACT else WARNING, f"{' '.join(said)} {told}".strip(), remedy)


def _same_names(asked: Asked, found: Found) -> Verdict:
    if asked.rule == NONE:
        return Verdict(NOT_ASKED, "contact_center_sso_match is none.", "Set contact_center_sso_match if agents log in by single sign-on.")
    if found.roster is None:
        return Verdict(MANUAL, f"contact_center_sso_match is {asked.rule}, and there is no roster to compare with.", _WORK)
    wrong, silent = found.roster.mismatched, found.roster.incomparable
    where = "the routing map (contact_center_routing_maps)" if asked.rule == ROUTING_MAP else "one of the two"
    if wrong:
        said = listing(f"{item['user']} (Salesforce {item['salesforce']}, provider {item['provider']})" for item in wrong)
        return Verdict(VIOLATED, f"Not the same by {asked.rule}: {said}.", f"Correct {where}: they must be the same.")
    if silent:
        return Verdict(
            UNKNOWN, f"Nothing to compare by {asked.rule}: {listing(silent)}.", "Fill in what is empty, in Salesforce or in the roster."
        )
    return Verdict(MET, f"The same on both sides by {asked.rule}; compared: {found.roster.matched}.")


def _members(asked: Asked, found: Found) -> Verdict:
    missing = [person for person in found.listed if not found.is_member(person)]
    if missing or not found.left_out:
        remedy = "Run the role contact_center: it adds them."
        return _of_all("No members", missing, remedy, f"{_all(found.listed)}: yes.")
    absent = listing(item.user for item in found.left_out)
    return Verdict(WARNING, f"The org has no such user: {absent}.", "Create them, or correct contact_center_users.")


def _named(asked: Asked, found: Found) -> Verdict:
    return Verdict(MET, f"{found.center.internal_name} ({found.center.name}).")


def _batches(asked: Asked, found: Found) -> Verdict:
    syncs = found.center.syncs_users
    usual = "2 at a time, since the vendor syncs users" if syncs else "100 at a time, since no vendor is known to sync users"
    said = f"It does not show afterwards. Where contact_center_batch_size is left out, the role adds {usual}."
    return Verdict(NOT_ASKED, said, "Set contact_center_batch_size for another number.")


def _scope(asked: Asked, found: Found) -> Verdict:
    said = "It does not show afterwards. The role empties the user's center (User.CallCenterId) and writes nothing else."
    return Verdict(NOT_ASKED, said, "Set contact_center_remove_permission_sets: true if the sets are to go too.")


def _gone(asked: Asked, found: Found) -> Verdict:
    if asked.state != ABSENT:
        further = " See no_other_members." if asked.state == EXACT else ""
        return Verdict(
            NOT_ASKED, f"contact_center_state is {asked.state}.{further}", "Set contact_center_state: absent to remove the users listed."
        )
    still = [person for person in found.listed if found.is_member(person)]
    return _of_all("Still members", still, "Run the role contact_center: it removes them.", "None of the users is a member.")


def _gone_at_provider(asked: Asked, found: Found) -> Verdict:
    if found.roster is None:
        return Verdict(MANUAL, "There is no roster of the provider's users.", _WORK)
    if not found.roster.to_remove:
        return Verdict(MET, "The roster has nobody who is no member.")
    said = listing(f"{name} ({entry.place})" for entry, name in found.roster.to_remove)
    remedy = "Remove them from the provider's system: by contact_center_after_remove, or by hand from the work list."
    return Verdict(WARNING if asked.state == PRESENT else VIOLATED, f"In the roster and no members: {said}.", remedy)


def _active(asked: Asked, found: Found) -> Verdict:
    inactive = [person for person in found.listed if not person.active]
    remedy = (
        "Activate them in Setup, Users, or with module user; or take them out of contact_center_users. An inactive user may stay a member."
    )
    return _of_all("Inactive", inactive, remedy, f"{_all(found.listed)}: yes.")


def _not_frozen(asked: Asked, found: Found) -> Verdict:
    frozen = [person for person in found.listed if person.standing.frozen]
    remedy = _by_role(
        found,
        frozen,
        "Find out why. Those to be added: set contact_center_repair: [frozen] and run the role contact_center.",
        "Members: find out why, then choose Unfreeze on the user's page in Setup, Users.",
    )
    if not frozen and any(person.standing.frozen is None for person in found.listed):
        return Verdict(UNKNOWN, "The org does not tell the running user who is frozen.", "Give the running user Manage Users.")
    return _of_all("Frozen, so that they cannot log in", frozen, remedy, "Nobody is frozen.")


def _one_center(asked: Asked, found: Found) -> Verdict:
    elsewhere = [person for person in found.listed if person.center and not found.is_member(person)]
    if not elsewhere:
        return Verdict(MET, "Nobody is in another center.")
    said = listing(f"{person.username} ({person.center})" for person in elsewhere)
    return Verdict(
        VIOLATED, f"In another center: {said}.", "Set contact_center_move: true to move them, or take them out of one of the lists."
    )


def _licensed(asked: Asked, found: Found) -> Verdict:
    platform = [person for person in found.listed if person.license == _PLATFORM]
    remedy = "Give them a profile of the licence Salesforce, or see that what they use works."
    return _of_all(f"With the licence {_PLATFORM}, not recommended for agents", platform, remedy, f"Nobody has {_PLATFORM}.", WARNING)


def _seats(asked: Asked, found: Found) -> Verdict:
    needing = [person for person in found.listed if not person.standing.may_join and not found.is_member(person)]
    if asked.role == NO_ROLE:
        return Verdict(NOT_ASKED, "contact_center_role is none: the role assigns no set.", "Set contact_center_role if it should.")
    if not needing or found.seats is None:
        return Verdict(MET, "Nobody needs another seat.")
    seats, free = found.seats, found.seats.free
    if not seats.there:
        return Verdict(
            VIOLATED, f"The org has no permission set licence {seats.name}.", "It comes with Partner Telephony: ask Salesforce for it."
        )
    if free is None:
        return Verdict(UNKNOWN, f"The org does not show the seats of {seats.name}.", "Give the running user View Setup and Configuration.")
    short = [person for person in needing if person.username not in seats.holders]
    said = f"Seats of {seats.name}: {len(short)} needed, {free} free."
    if len(short) <= free:
        return Verdict(MET, said)
    return Verdict(VIOLATED, said, "Free seats (deactivated users keep theirs until the set is taken away) or buy more.")


def _mapped(asked: Asked, found: Found) -> Verdict:
    used = asked.rule == ROUTING_MAP or bool(found.roster and found.roster.has_external_ids)
    if not used:
        said = "Neither contact_center_sso_match nor a roster says that calls are routed by it."
        return Verdict(NOT_ASKED, said, "Set contact_center_sso_match: routing_map if the provider routes calls to users.")
    if not found.maps:
        return Verdict(UNKNOWN, "The org does not show routing maps.", "Give the running user Manage Call Centers.")
    lacking = [person for person in found.listed if not person.external_id]
    remedy = "Map them in contact_center_routing_maps; calls of the provider's routing do not reach users who are not mapped."
    state = VIOLATED if asked.rule == ROUTING_MAP else WARNING
    return _of_all("Without a routing map", lacking, remedy, f"{_all(found.listed)}: yes.", state)


def _syncing(asked: Asked, found: Found) -> Verdict:
    syncs, vendor = found.center.syncs_users, found.center.vendor
    name = f"{vendor.name} ({found.center.vendor_told_by})" if vendor else f"not known ({found.center.vendor_told_by})"
    if syncs is False:
        return Verdict(MET, f"No vendor that the center may have is told of users. Vendor: {name}.")
    sandbox = (
        " In a sandbox set contact_center_allow_provider_calls: true only if its credentials are not production's."
        if found.is_sandbox
        else ""
    )
    remedy = f"Say how users are added: contact_center_method: bulk (may call the vendor) or user_field (may not).{sandbox}"
    if syncs:
        return Verdict(WARNING, f"The vendor declares that it is told of users who join and leave. Vendor: {name}.", remedy)
    return Verdict(UNKNOWN, f"The org does not tell whether the vendor is told of users. Vendor: {name}.", remedy)


def _running_rights(asked: Asked, found: Found) -> Verdict:
    """The rights without which the role cannot write; assigning sets only where it is to do that."""
    needs = [need for need in required() if CONTACT_CENTER in need.areas and need.lacks(found.rights)]
    lacking = [need for need in needs if asked.role != NO_ROLE or need.rights != ("AssignPermissionSets",)]
    remedy = "Give the running user these rights, by a permission set of its own; org_info tells what it has."
    if lacking:
        return Verdict(VIOLATED, f"The running user lacks {listing(need.words for need in lacking)}.", remedy)
    if needs:
        said = f"The running user lacks {listing(need.words for need in needs)}, which is needed only to assign sets."
        return Verdict(WARNING, said, remedy)
    return Verdict(MET, "The running user has what writing users and assigning sets needs.")


# -- the table -------------------------------------------------------------------------------------------------------------------------

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement("center_usable", "C1", "The contact center is one of Partner Telephony, also from Amazon Connect.", REPORT, _usable),
    Requirement("service_cloud_users", "C2", "The users are Service Cloud Users.", ROLE, _service, True),
    Requirement("agent_or_admin", "C3", "Each user has Contact Center Admin or Agent (Partner Telephony).", ROLE, _rights, True),
    Requirement("no_other_members", "C4", "Users who no longer need access are no members.", ROLE, _no_others),
    Requirement("setup_page", "C5", "To see the page in Setup: Customize Application and Manage Call Centers.", REPORT, _page),
    Requirement("center_admin", "C6", "To create and manage a center: Contact Center Admin (Partner Telephony).", REPORT, _admin),
    Requirement(
        "in_provider_system", "C7", "The users are in the call center of the telephony provider's system.", BY_HAND, _at_provider, True
    ),
    Requirement(
        "same_people", "C8", "Salesforce and the provider do not sync users: the same people are made on both sides.", BY_HAND, _same_people
    ),
    Requirement("same_usernames", "C9", "With single sign-on the username is the same on both sides.", BY_HAND, _same_names, True),
    Requirement("members", "C10", "The users are members of the contact center.", ROLE, _members, True),
    Requirement("center_named", "C11", "The contact center that is meant is found by its name.", REPORT, _named),
    Requirement("batch_size", "C12", "Users are added one or two at a time.", ROLE, _batches),
    Requirement(
        "offered_in_setup", "C13", "Setup lists whoever is to be added; whom it does not list lacks the set.", ROLE, _offered, True
    ),
    Requirement("removal_scope", "C14", "Removing takes away nothing but access to the contact center.", ROLE, _scope),
    Requirement("removed", "C15", "Whoever is to be removed is no member any more.", ROLE, _gone),
    Requirement("gone_at_provider", "C16", "Removed users are removed from the provider's system too.", BY_HAND, _gone_at_provider),
    Requirement("users_active", "X1", "The users are active.", REPORT, _active, True),
    Requirement("users_not_frozen", "X2", "The users are not frozen.", ROLE, _not_frozen, True),
    Requirement("one_center", "X3", "The users are in no other contact center.", ROLE, _one_center, True),
    Requirement("user_license", "X4", "The users have no licence Salesforce Platform.", REPORT, _licensed, True),
    Requirement("seats", "X5", "There are seats for those who still get the role's permission set.", REPORT, _seats, True),
    Requirement("routing_maps", "X6", "Where calls are routed by it, each user is mapped to the provider's id.", ROLE, _mapped, True),
    Requirement("vendor_syncing", "X7", "It is clear whether the vendor is told of users who join and leave.", REPORT, _syncing),
    Requirement(
        "running_user_rights", "X8", "The running user may write users, and assign sets where the role is to.", REPORT, _running_rights
    ),
)
