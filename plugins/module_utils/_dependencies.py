# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Which right needs which other one: what is true everywhere, what the org tells of itself, and what follows from both. Pure.

The API adds nothing by itself and refuses a right without those it needs. What a right of an object needs of the same object is documented;
what a detail needs of its master too; what user permissions need differs with the org's edition and features, so the org is asked
(PermissionDependency, Tooling API) and its refusals are read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable, Union

from ._grants import Grants, Rights, each, in_words, minus, ordered
from ._set_sections import BY_OPTION, GRANTED, OBJECTS, USER_PERMISSIONS, Section

# User permissions that open an org -> why. Granted only where the task names them: no glob means them, no source set hands them on, and
# nothing adds them because something else needs them.
HIGH_RISK: Mapping[str, str] = {
    "ModifyAllData": "reads, changes and deletes every record, whoever owns it",
    "ViewAllData": "reads every record, whoever owns it",
    "ViewAllFieldsGlobal": "reads every field of every object, past field-level security",
    "ViewEncryptedData": "reads encrypted fields in clear text",
    "ViewUserPII": "reads personal data of users that is concealed from others",
    "QueryAllFiles": "reads every file in the org, also those that nobody shared with the user",
    "DataExport": "takes all data out of the org in one archive",
    "BulkApiHardDelete": "deletes records past the recycle bin, so that nobody can bring them back",
    "ManageUsers": "creates users of any profile and changes those there are",
    "ManageInternalUsers": "creates internal users and changes those there are",
    "ResetPasswords": "sets a new password for other users, and with it takes over their accounts",
    "ManageProfilesPermissionsets": "changes what profiles and permission sets grant, the user's own included",
    "AssignPermissionSets": "assigns any permission set, also to the user itself",
    "ManageSessionPermissionSets": "switches on permission sets that are meant to be active only for a checked session",
    "ManageRoles": "moves users in the role hierarchy, and with it decides whose records they see",
    "ManageSharing": "changes sharing rules and defaults: who sees which records",
    "ManageLoginAccessPolicies": "decides whether administrators may log in as other users",
    "ManagePasswordPolicies": "weakens the password rules of the whole org",
    "ManageIpAddresses": "changes the trusted addresses from which a login is not questioned",
    "DelegatedTwoFactor": "hands out and takes away other users' second factors in Setup",
    "ManageTwoFactor": "hands out and takes away other users' second factors through the API",
    "BypassMFAForUiLogins": "logs in without a second factor where the org demands one",
    "SkipIdentityConfirmation": "logs in from an unknown device without being questioned",
    "UseAnyApiAuth": "logs in to the API in ways that are otherwise closed, such as with a password",
    "ManageAuthProviders": "lets users of another identity provider log in",
    "ManageRemoteAccess": "creates connected apps and changes who may use them",
    "CanApproveUninstalledApps": "lets in connected apps that no administrator has installed",
    "ManageCertificates": "replaces the certificates and keys with which the org signs and is trusted",
    "ManageEncryptionKeys": "creates, rotates and destroys the keys of encrypted data",
    "ManageNamedCredentials": "sends the org's stored credentials to other addresses",
    "ViewClientSecret": "reads the secrets of external client apps",
    "ClientSecretRotation": "replaces the keys and secrets of apps",
    "CustomizeApplication": "changes objects, fields, automations and security settings of the org",
    "ModifyMetadata": "deploys changes of the org's configuration through the Metadata API",
    "AuthorApex": "writes code that runs with all rights",
    "ManageInteraction": "creates and activates flows, which can run with all rights",
    "InboundMigrationToolsUser": "deploys change sets: configuration and code of another org",
    "InstallPackaging": "installs packages, whose code then runs in the org",
    "ManageSandboxes": "copies the org with its data",
    "ModifyTransactionSecurityPolicies": "switches off the policies that block and report suspicious use",
}

_READ = "read"
_VIEW_ALL = "view_all_records"
# User permissions of which orgs have been seen to demand more than PermissionDependency tells.
UNTOLD = ("ModifyAllData", "ViewAllData")
# PermissionDependency writes a right of an object as Account<update>.
_CODED = re.compile(r"(\w+)<(\w+)>")
_VERBS: Mapping[str, str] = {
    "read": _READ,
    "create": "create",
    "update": "edit",
    "delete": "delete",
    "viewallrecords": _VIEW_ALL,
    "modifyallrecords": "modify_all_records",
    "viewallfields": "view_all_fields",
}
_USER_TYPE, _OBJECT_TYPE = "User Permission", "Object Permission"
# A refusal writes it in words, the longer ones first: "Read All Account" is no right to read an object called "All Account".
_PHRASES: tuple[tuple[str, str], ...] = (
    ("view all fields ", "view_all_fields"),
    ("modify all ", "modify_all_records"),
    ("read all ", _VIEW_ALL),
    ("create ", "create"),
    ("delete ", "delete"),
    ("edit ", "edit"),
    ("read ", _READ),
)
_DEPENDS = " depends on permission(s): "
_CLAUSE, _NAME = "Permission ", ", "

Pair = tuple[str, str]  # (object, right)
Thing = Union[str, Pair]  # a user permission, or a right of an object
Item = tuple[str, str, str]  # (section, name, right)


@dataclass(frozen=True)
class Needs:
    """What an org has told of who needs what. Names without the Permissions prefix; rights as options call them.

    user: user permission -> user permissions. objects: user permission -> (object, right). between: (object, right) -> (object, right).
    unread: names in a refusal that mean nothing, or several things, in this org, and user permissions that a right of an object needs: for
    the message, since nothing can be made of them.
    """

    user: Mapping[str, frozenset[str]] = field(default_factory=dict)
    objects: Mapping[str, frozenset[Pair]] = field(default_factory=dict)
    between: Mapping[Pair, frozenset[Pair]] = field(default_factory=dict)
    unread: tuple[str, ...] = ()

    def joined(self, other: Needs) -> Needs:
        """What either tells."""
        return Needs(
            {key: self.user.get(key, frozenset()) | other.user.get(key, frozenset()) for key in {**self.user, **other.user}},
            {key: self.objects.get(key, frozenset()) | other.objects.get(key, frozenset()) for key in {**self.objects, **other.objects}},
            {key: self.between.get(key, frozenset()) | other.between.get(key, frozenset()) for key in {**self.between, **other.between}},
            tuple(dict.fromkeys(self.unread + other.unread)),
        )


@dataclass(frozen=True)
class Added:
    """Rights that nobody asked for and something asked for needs. needed_by: in words, what needs them."""

    section: str
    name: str
    rights: tuple[str, ...]
    needed_by: tuple[str, ...]

    def as_result(self) -> dict[str, Any]:
        return {"section": self.section, "name": self.name, "rights": list(self.rights), "needed_by": list(self.needed_by)}


# -- what the org tells --------------------------------------------------------------------------------------------------------------


def from_rows(rows: Iterable[Mapping[str, Any]]) -> Needs:
    """What rows of PermissionDependency tell; the same row may come many times, as that object serves it.

    Rights of kinds that sets do not know are left out, and so are user permissions that a right of an object needs: the org's refusal names
    them where they matter.
    """
    pairs = []
    for row in rows:
        thing = _decoded(row["PermissionType"], row["Permission"])
        needed = _decoded(row["RequiredPermissionType"], row["RequiredPermission"])
        if thing is not None and needed is not None:
            pairs.append((thing, needed))
    return _told(pairs)


def from_refusal(message: str, permissions: Mapping[str, str], objects: Mapping[str, str]) -> Needs:
    """What a refusal tells: "Permission X depends on permission(s): A, B; Permission Y depends on permission(s): C".

    permissions, objects: API name -> label of what this org has. Messages call a user permission by API name without its prefix or by label, and a
    right of an object in words, such as "Read All Account"; labels may hold commas. A message of another form tells nothing.
    """
    known = _Known.of(permissions, objects)
    pairs: list[tuple[Thing, Thing]] = []
    unread: list[str] = []
    head, *lists = message.split(_DEPENDS)
    subject = head.partition(_CLAUSE)[2]
    for number, text in enumerate(lists, start=1):
        names, _unused, following = text.rpartition(f"; {_CLAUSE}") if number < len(lists) else (text, "", "")
        needed, unknown = known.several(names)
        unread += unknown
        thing = known.one(subject)
        if thing is None:
            unread.append(subject)
        elif isinstance(thing, str):
            pairs += [(thing, item) for item in needed]
        else:
            pairs += [(thing, item) for item in needed if not isinstance(item, str)]
            unread += [item for item in needed if isinstance(item, str)]
        subject = following
    return _told(pairs, unread)


@dataclass(frozen=True)
class _Known:
    """How an org's messages may call things: lower-case name or label -> API name. longest: parts between commas of the longest label."""

    permissions: Mapping[str, str]
    objects: Mapping[str, str]
    longest: int

    @classmethod
    def of(cls, permissions: Mapping[str, str], objects: Mapping[str, str]) -> _Known:
        labels = [*permissions.values(), *objects.values()]
        return cls(_by_name(permissions), _by_name(objects), 1 + max((label.count(_NAME) for label in labels), default=0))

    def one(self, words: str) -> Thing | None:
        """What the words mean; None where they mean nothing, or more than one thing."""
        name = words.strip().lower()
        permission = self.permissions.get(name) or self.permissions.get(name.removeprefix("permissions"))
        if permission:
            return permission
        for phrase, right in _PHRASES:
            if name.startswith(phrase) and name[len(phrase) :] in self.objects:
                return self.objects[name[len(phrase) :]], right
        return None

    def several(self, words: str) -> tuple[list[Thing], list[str]]:
        """What each name of a comma list means, the longest that means something first; and the names that mean nothing."""
        parts = words.strip().rstrip(".").split(_NAME)
        found: list[Thing] = []
        unknown: list[str] = []
        at = 0
        while at < len(parts):
            length, thing = self._longest_at(parts, at)
            if thing is None:
                unknown.append(parts[at])
            else:
                found.append(thing)
            at += length
        return found, unknown

    def _longest_at(self, parts: Sequence[str], at: int) -> tuple[int, Thing | None]:
        for length in range(min(self.longest, len(parts) - at), 0, -1):
            thing = self.one(_NAME.join(parts[at : at + length]))
            if thing is not None:
                return length, thing
        return 1, None


def _by_name(labels: Mapping[str, str]) -> dict[str, str]:
    """Lower-case label or API name -> API name, without labels that mean several things."""
    meant: dict[str, list[str]] = {}
    for name, label in labels.items():
        meant.setdefault(label.lower(), []).append(name)
    by_label = {label: names[0] for label, names in meant.items() if len(names) == 1}
    return {**by_label, **{name.lower(): name for name in labels}}


def coded(name: str, right: str) -> str:
    """How PermissionDependency writes a right of an object, whatever the case: queries compare without it."""
    return f"{name}<{next(verb for verb, option in _VERBS.items() if option == right)}>"


def _decoded(kind: str, name: str) -> Thing | None:
    if kind == _USER_TYPE:
        return name
    coded = _CODED.fullmatch(name) if kind == _OBJECT_TYPE else None
    right = _VERBS.get(coded[2].lower()) if coded else None
    return (coded[1], right) if coded and right else None


def _told(pairs: Iterable[tuple[Thing, Thing]], unread: Iterable[str] = ()) -> Needs:
    user: dict[str, set[str]] = {}
    objects: dict[str, set[Pair]] = {}
    between: dict[Pair, set[Pair]] = {}
    for thing, needed in pairs:
        if thing == needed:
            continue
        if isinstance(thing, str) and isinstance(needed, str):
            user.setdefault(thing, set()).add(needed)
        elif isinstance(thing, str) and not isinstance(needed, str):
            objects.setdefault(thing, set()).add(needed)
        elif not isinstance(thing, str) and not isinstance(needed, str):
            between.setdefault(thing, set()).add(needed)
    return Needs(
        {name: frozenset(names) for name, names in user.items()},
        {name: frozenset(rights) for name, rights in objects.items()},
        {right: frozenset(rights) for right, rights in between.items()},
        tuple(dict.fromkeys(unread)),
    )


# -- what follows --------------------------------------------------------------------------------------------------------------------


def within(section: Section, rights: Iterable[str]) -> Rights:
    """The rights of one row with those that they need of the same row."""
    held, todo = set[str](), list(rights)
    while todo:
        right = todo.pop()
        if right not in held:
            held.add(right)
            todo += section.needs.get(right, ())
    return frozenset(held)


def object_closure(objects: Mapping[str, Rights], masters: Mapping[str, frozenset[str]], needs: Needs) -> dict[str, Rights]:
    """The rights of objects with everything that they need: of the same object, of a detail's masters, and what the org has told.

    masters: detail -> its master objects that can carry rights. Reading a detail needs reading its master, and view all needs view all. What else
    of a master an org may demand is not known and not granted in advance: its refusal names it, and it comes back in needs.between.
    """
    start = [(OBJECTS.option, name, right) for name, rights in objects.items() for right in rights]
    found: dict[str, set[str]] = {name: set() for name in objects}
    reached = _reached(start, lambda item: _needed(item, masters, needs))
    for _unused, name, right in sorted(reached):
        found.setdefault(name, set()).add(right)
    return {name: frozenset(rights) for name, rights in found.items()}


def user_closure(permissions: Collection[str], needs: Needs, known: Collection[str]) -> tuple[frozenset[str], dict[str, Rights]]:
    """The user permissions that these need, as far as this org has them, and the rights of objects that all of them need: object -> rights.

    Those of high risk are among the added ones: the caller refuses them by name. The rights of objects are not closed in themselves yet.
    """
    here = frozenset(known)
    held, todo = set[str](), list(permissions)
    while todo:
        name = todo.pop()
        if name not in held:
            held.add(name)
            todo += needs.user.get(name, frozenset()) & here
    objects: dict[str, set[str]] = {}
    for object_name, right in sorted({pair for name in held for pair in needs.objects.get(name, ())}):
        objects.setdefault(object_name, set()).add(right)
    return frozenset(held) - frozenset(permissions), {name: frozenset(rights) for name, rights in objects.items()}


def why(asked: Grants, closed: Grants, masters: Mapping[str, frozenset[str]], needs: Needs) -> tuple[Added, ...]:
    """For everything that closed grants beyond what is asked: what needs it directly; rights added to the same object are no reason."""
    beyond = minus(closed, asked)
    needed_by: dict[tuple[str, str], dict[str, dict[str, set[str]]]] = {}
    for item in _items(closed) if beyond else ():
        option, name, right = item
        added = right in beyond.get(option, {}).get(name, ())
        for other_option, other, needed in _needed(item, masters, needs):
            if needed not in beyond.get(other_option, {}).get(other, ()) or (added and (option, name) == (other_option, other)):
                continue
            needed_by.setdefault((other_option, other), {}).setdefault(option, {}).setdefault(name, set()).add(right)
    return tuple(
        Added(option, name, tuple(ordered(BY_OPTION[option], rights)), tuple(in_words(_frozen(needed_by.get((option, name), {})))))
        for option in BY_OPTION
        for _unused, name, rights in sorted(each({option: beyond.get(option, {})}))
    )


def _needed(item: Item, masters: Mapping[str, frozenset[str]], needs: Needs) -> Iterator[Item]:
    """What one right needs directly."""
    option, name, right = item
    if option == USER_PERMISSIONS.option:
        yield from ((option, other, GRANTED) for other in needs.user.get(name, ()))
        yield from ((OBJECTS.option, *pair) for pair in needs.objects.get(name, ()))
        return
    yield from ((option, name, other) for other in BY_OPTION[option].needs.get(right, ()))
    if option != OBJECTS.option:
        return
    if right in (_READ, _VIEW_ALL):
        yield from ((option, master, right) for master in masters.get(name, ()))
    yield from ((option, *pair) for pair in needs.between.get((name, right), ()))


def _reached(start: Iterable[Item], needed: Callable[[Item], Iterable[Item]]) -> set[Item]:
    """The start and everything it needs, each looked at once."""
    reached, todo = set[Item](), list(start)
    while todo:
        item = todo.pop()
        if item not in reached:
            reached.add(item)
            todo += needed(item)
    return reached


def _items(grants: Grants) -> Iterator[Item]:
    return ((option, name, right) for option, name, rights in each(grants) for right in rights)


def _frozen(grants: Mapping[str, Mapping[str, set[str]]]) -> Grants:
    return {option: {name: frozenset(rights) for name, rights in names.items()} for option, names in grants.items()}
