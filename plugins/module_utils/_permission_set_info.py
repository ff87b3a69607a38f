# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Permission sets as they are: what they grant, the task that would make them anew, and what one user may do through which of them. Reads only.

Three looks whatever the number of sets: which ones are meant, their rows and columns, the names behind the Ids in their rows. The columns of a
set come by retrieving it, since no query holds all of them; so the second look grows by a call for every 25 sets.
"""

from __future__ import annotations

import fnmatch
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import _effective_access, _set_groups, _set_origin, _set_reading, _set_reference, _user_reading, _users
from ._converge import Noun
from ._effective_access import GROUP, PERMISSION_SET, PROFILE, Access, Source
from ._errors import CONFIG, Problem, listing
from ._grants import Grants, granted_by, ordered, visibility_of
from ._org import Answers, Get, Org, Query, Read
from ._plan import Plan
from ._set_reference import SetReference
from ._set_sections import BY_OPTION, ENTITIES, FIELDS, GRANTED, OBJECTS, TABS, USER_PERMISSIONS, Section
from ._set_state import SetState
from ._set_wish import Selector, is_glob
from ._soql import MAX_STATEMENT, chunks, in_list, quote
from ._users import User

_PREFIX = "Permissions"
_UNKNOWN = ("INVALID_TYPE", "INVALID_FIELD")
_USER_FIELDS = "Id, Username, IsActive, Profile.Name"
# So many sets are read with one query for each kind of their rows.
_SETS_AT_ONCE = 500
_CONDITIONS = MAX_STATEMENT - 20_000
# Neither the set behind a profile nor the sum of a group is meant by anything but its Id: their names are made up by the org.
_OWN = "IsOwnedByProfile = false AND PermissionSetGroupId = null"
_CUSTOM, _MANAGED, _STANDARD = "custom", "managed", "standard"
# How the copy of a set is called that belongs to somebody else. Names and labels have at most 80 characters (Object Reference, PermissionSet).
_COPY, _COPY_LABEL, _NAME_LENGTH = "_Copy", " (copy)", 80
_BY_PARENT = ("objects", "fields", "entities", "tabs")
# The word that names a thing in a line of these sections.
_WORD: Mapping[str, str] = {OBJECTS.option: "object", FIELDS.option: "field"}
_IN_OPTIONS = (USER_PERMISSIONS, OBJECTS, FIELDS, *ENTITIES, TABS)


@dataclass(frozen=True)
class Word:
    """One way of naming sets: an Id, an API name, or a glob over API names."""

    text: str
    reference: SetReference | None

    @property
    def pattern(self) -> tuple[str | None, str]:
        """(namespace, name) of a glob, either with * and ?; no namespace (None) where it speaks of the name in any."""
        namespace, separator, name = self.text.partition("__")
        return (namespace, name) if separator else (None, self.text)


@dataclass(frozen=True)
class Desired:
    """Which sets to tell of, and whose access."""

    words: tuple[Word, ...]
    package: str
    user: User | None

    @property
    def tried(self) -> str:
        return f"reading the access of {self.user}" if self.user else "reading permission sets"


@dataclass(frozen=True)
class Found:
    """One set that is told of. users: how many it is assigned to by a row of their own. groups: those it is a member of."""

    state: SetState
    users: int
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Current:
    """What there is. missing: what of the wish no set of the org fits. hidden: rows that the org counted and did not show, by what they are."""

    sets: tuple[Found, ...]
    missing: tuple[str, ...]
    access: Access | None
    hidden: Mapping[str, int]


@dataclass(frozen=True)
class _Holding:
    """One user's row, assignments and the components of the groups assigned to it. revoked: Ids of assignments."""

    user: Mapping[str, Any]
    own: tuple[str, ...]
    assignments: tuple[Mapping[str, Any], ...]
    revoked: frozenset[str]
    components: tuple[Mapping[str, Any], ...]

    @property
    def set_ids(self) -> list[str]:
        """Every set that is needed to tell what the user may do, and why."""
        members = [str(row["PermissionSetId"]) for row in self.components if not _is_muting(row)]
        return list(
            dict.fromkeys([*self.own, *(str(row["PermissionSetId"]) for row in self.assignments if row["PermissionSetId"]), *members])
        )


# -- the procedure -------------------------------------------------------------------------------------------------------------------


def desired(params: Mapping[str, Any]) -> Desired:
    """What is asked for. Raises Problem for a user that is none."""
    words = tuple(_word(str(item).strip()) for item in params["permission_sets"] or ())
    named = params["user"] if params["user"] not in (None, "", {}) else None
    users = _users.wanted([named], "reading a user's access") if named is not None else ()
    wish = Desired(words, (params["package"] or "").strip(), next(iter(users), None))
    if not all(word.text for word in words):
        raise Problem(wish.tried, "permission_sets holds an empty name.", "Give API names, globs or Ids.", CONFIG, "no_set")
    return wish


def read(org: Org, wish: Desired) -> Current:
    """The sets that are meant, then their content, then the names in it."""
    org.log_in()
    answers = org.read([*_set_reads(wish), *_holding_reads(org, wish.user)])
    rows = _sorted({row["Id"]: row for row in answers.all("sets")}.values())
    named, missing = meant(wish, rows)
    holding = _holding(org, wish, answers)
    ids = list(dict.fromkeys([*(str(row["Id"]) for row in named), *(holding.set_ids if holding else ())]))
    contents = _contents(org, ids)
    told = [str(row["Id"]) for row in named]
    entities = {str(item["SetupEntityId"]) for item in contents.rows["entities"]}
    apps = _ALL_APPS if any(map(_is_app, entities)) else ()
    names = org.read([*_group_reads(told), *_set_reading.name_reads(entities, apps)])
    again = _set_reading.names_again(names, entities, apps)
    names = names.joined(org.read(again)) if again else names
    states = _states(contents, _set_reading.names_in(names), {str(row["Id"]): row for row in named})
    access = _access(holding, states, org.now_text()) if holding else None
    gone = tuple(_set_reference.qualified(row) for row in named if row["Id"] not in states)
    return Current(tuple(_found(states[item], contents, names) for item in told if item in states), missing + gone, access, contents.hidden)


def plan(wish: Desired, current: Current) -> Plan:
    """Nothing to change."""
    return Plan()


def report(wish: Desired, current: Current, made: Plan) -> dict[str, Any]:
    """The sets, what was asked for and is not there, and the user's access."""
    return {
        "permission_sets": [_told(item) for item in current.sets],
        "missing": list(current.missing),
        "effective_access": _effective_access.as_result(current.access) if current.access else None,
        "warnings": list(_warnings(current)),
    }


def _warnings(current: Current) -> Iterator[str]:
    for name in current.missing:
        yield f"{name}: this org has no such permission set, or the running user cannot see it."
    for what, number in current.hidden.items():
        yield f"{number} rows of {what} are hidden from the running user, so what is told of them is not all there is."
    if current.access and not current.access.active:
        yield f"{current.access.username} is inactive: what is told takes effect when the user is activated."


# -- which sets ----------------------------------------------------------------------------------------------------------------------


def _word(text: str) -> Word:
    return Word(text, None if is_glob(text) else _set_reference.parse(text))


def _set_reads(wish: Desired) -> list[Read]:
    conditions = [condition(word) for word in wish.words]
    if wish.package:
        conditions.append(f"NamespacePrefix = {quote(wish.package)} AND {_OWN}")
    parts: list[list[str]] = []
    for item in dict.fromkeys(conditions):
        if not parts or sum(map(len, parts[-1])) + 6 * len(parts[-1]) + len(item) > _CONDITIONS:
            parts.append([])
        parts[-1].append(item)
    return [
        Query(f"sets{number}", f"SELECT {_set_reference.FIELDS} FROM PermissionSet WHERE {_set_reading.either(part)}")
        for number, part in enumerate(parts)
    ]


def condition(word: Word) -> str:
    """The WHERE condition that finds at least the sets that the word means."""
    if word.reference:
        return _set_reference.condition(word.reference)
    namespace, name = word.pattern
    of_namespace = "" if namespace is None else f"NamespacePrefix {_like(namespace)} AND "
    return f"{of_namespace}Name {_like(name)} AND {_OWN}"


def _like(pattern: str) -> str:
    """What finds at least everything that the pattern fits: an underscore stands for any character in LIKE, and stays one here."""
    return f"LIKE {quote(pattern.replace('*', '%').replace('?', '_'))}" if is_glob(pattern) else f"= {quote(pattern)}"


def meant(wish: Desired, rows: Sequence[Mapping[str, Any]]) -> tuple[list[Mapping[str, Any]], tuple[str, ...]]:
    """The rows that are meant, each once, and what no row fits."""
    found: dict[str, Mapping[str, Any]] = {}
    missing = []
    for word in wish.words:
        mine = _fitting(word, rows)
        found.update({str(row["Id"]): row for row in mine})
        missing += [] if mine else [word.text]
    if wish.package:
        mine = [row for row in rows if _is_own(row) and str(row["NamespacePrefix"]).lower() == wish.package.lower()]
        found.update({str(row["Id"]): row for row in mine})
        missing += [] if mine else [f"package {wish.package}"]
    return _sorted(found.values()), tuple(dict.fromkeys(missing))


def _fitting(word: Word, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """A bare name means the set without a namespace, and where there is none those of that name in any."""
    if word.reference is None:
        namespace, name = word.pattern
        return [
            row
            for row in rows
            if _is_own(row) and _fits(name, row["Name"]) and (namespace is None or _fits(namespace, row["NamespacePrefix"]))
        ]
    mine = [row for row in rows if _set_reference.fits(word.reference, row)]
    bare = word.reference.name and word.reference.namespace is None
    return [row for row in mine if bare and not row["NamespacePrefix"]] or mine


def _fits(pattern: str, text: str | None) -> bool:
    return bool(text) and re.match(fnmatch.translate(pattern.lower().replace("[", "[[]")), str(text).lower()) is not None


def _is_own(row: Mapping[str, Any]) -> bool:
    return not row["IsOwnedByProfile"] and not row["PermissionSetGroupId"]


def _sorted(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(rows, key=lambda row: (_set_reference.qualified(row).lower(), str(row["Id"])))


# -- one user ------------------------------------------------------------------------------------------------------------------------


def _holding_reads(org: Org, user: User | None) -> list[Read]:
    if not user:
        return []
    mine, assigned = _users.condition([user], sandbox=org.sandbox_name), _users.condition([user], "Assignee", org.sandbox_name)
    groups = f"SELECT PermissionSetGroupId FROM PermissionSetAssignment WHERE {assigned}"
    return [
        *_user_reading.reads(org, [user], _USER_FIELDS),
        Query(
            "own", f"SELECT Id FROM PermissionSet WHERE IsOwnedByProfile = true AND ProfileId IN (SELECT ProfileId FROM User WHERE {mine})"
        ),
        Query(
            "assignments",
            f"SELECT Id, PermissionSetId, PermissionSetGroupId, IsActive, ExpirationDate FROM PermissionSetAssignment WHERE {assigned}",
        ),
        Query("revoked", f"SELECT Id FROM PermissionSetAssignment WHERE {assigned} AND IsRevoked = true", tolerate=("INVALID_FIELD",)),
        Query(
            "components",
            "SELECT PermissionSetId, PermissionSetGroupId, PermissionSetGroup.DeveloperName, PermissionSetGroup.NamespacePrefix "
            f"FROM PermissionSetGroupComponent WHERE PermissionSetGroupId IN ({groups})",
            tolerate=_UNKNOWN,
        ),
    ]


def _holding(org: Org, wish: Desired, answers: Answers) -> _Holding | None:
    """What the user has; asked again by Id where the wish alone did not tell who is meant."""
    if not wish.user:
        return None
    (user,) = _user_reading.found(org, [wish.user], answers, _USER_FIELDS, wish.tried).values()
    if not user["Id"]:
        return _Holding(user, _of_profile(org, user), (), frozenset(), ())
    if [row["Id"] for row in answers.all("users")] != [user["Id"]]:
        answers = org.read(_holding_reads(org, User((("id", str(user["Id"])),))))
    return _Holding(
        user,
        tuple(str(row["Id"]) for row in answers.rows["own"]),
        tuple(answers.rows["assignments"]),
        frozenset(str(row["Id"]) for row in answers.rows["revoked"]),
        tuple(answers.rows["components"]),
    )


def _of_profile(org: Org, user: Mapping[str, Any]) -> tuple[str, ...]:
    """The set behind the profile of a user that an earlier task of this check-mode run would have made."""
    named = quote(str(user["Profile"]["Name"]))
    rows = org.read([Query("own", f"SELECT Id FROM PermissionSet WHERE IsOwnedByProfile = true AND Profile.Name = {named}")]).rows["own"]
    return tuple(str(row["Id"]) for row in rows)


def _access(holding: _Holding, states: Mapping[str, SetState], now: str) -> Access:
    profile = str((holding.user["Profile"] or {}).get("Name") or "")
    sources = [Source(PROFILE, profile, granted_by(states[item].held)) for item in holding.own if item in states]
    mine = [row for row in holding.assignments if row["PermissionSetId"] in states and row["PermissionSetId"] not in holding.own]
    assigned = [_source(row, states, holding, _why_not(row, states[row["PermissionSetId"]], holding, now)) for row in mine]
    order = (PERMISSION_SET, GROUP)
    sources += sorted(assigned, key=lambda item: (order.index(item.kind), item.name.lower()))
    return Access(str(holding.user["Username"]), bool(holding.user["IsActive"]), profile, tuple(sources))


def _source(row: Mapping[str, Any], states: Mapping[str, SetState], holding: _Holding, why_not: str) -> Source:
    """A set, or a group by the set that sums it up."""
    state = states[row["PermissionSetId"]]
    grants = granted_by(state.held)
    if not row["PermissionSetGroupId"]:
        return Source(PERMISSION_SET, state.qualified, grants, {}, why_not)
    parts = [item for item in holding.components if item["PermissionSetGroupId"] == row["PermissionSetGroupId"]]
    name = _set_groups.qualified(parts[0]) if parts else str(state.row["Label"])
    ids = [str(item["PermissionSetId"]) for item in parts]
    members = {states[item].qualified: granted_by(states[item].held) for item in ids if item in states}
    return Source(GROUP, name, grants, members, why_not)


def _why_not(row: Mapping[str, Any], state: SetState, holding: _Holding, now: str) -> str:
    """Why an assignment gives nothing, or empty. Granted means active, not revoked and not expired (PermissionSetAssignment, Object Reference)."""
    if row["Id"] in holding.revoked:
        return "the assignment is revoked"
    if row["ExpirationDate"] and row["ExpirationDate"] <= now:
        return f"the assignment expired on {row['ExpirationDate'][:10]}"
    if state.row["HasActivationRequired"]:
        return "it needs activation in a session"
    return "" if row["IsActive"] else "the assignment is inactive"


def _is_muting(row: Mapping[str, Any]) -> bool:
    return str(row["PermissionSetId"]).startswith(_set_groups.MUTING_PREFIX)


# -- content -------------------------------------------------------------------------------------------------------------------------


def _contents(org: Org, ids: Sequence[str]) -> Answers:
    """The rows below these sets, how many users have each, and the sets with all their columns."""
    rows: dict[str, list[dict[str, Any]]] = {ref: [] for ref in (*_BY_PARENT, "users")}
    bodies: dict[str, dict[str, Any]] = {}
    hidden: Counter[str] = Counter()
    for part in chunks(ids, _SETS_AT_ONCE):
        parents = f"ParentId IN {in_list(part)}"
        whole = [Get(f"whole_{number}", f"/sobjects/PermissionSet/{item}", _set_reading.ABSENT) for number, item in enumerate(part)]
        answers = org.read([*_set_reading.row_reads(parents), _users_read(part), *whole])
        if "objects" in answers.refusals:  # an org or API version without the newest right
            answers.rows.update(org.read([_set_reading.object_read(parents)]).rows)
        for ref, kept in rows.items():
            kept.extend(answers.rows[ref])
        bodies.update({str(body["Id"]): body for body in answers.bodies.values()})
        hidden.update({what: answers.hidden[ref] for ref, what in _REFS.items() if ref in answers.hidden})
    return Answers(rows, bodies, {}, dict(hidden))


_REFS: Mapping[str, str] = {"objects": OBJECTS.option, "fields": FIELDS.option, "entities": "setup entity access", "tabs": TABS.option}


def _users_read(ids: Sequence[str]) -> Query:
    counted = "SELECT PermissionSetId, COUNT(Id) users FROM PermissionSetAssignment"
    return Query("users", f"{counted} WHERE PermissionSetId IN {in_list(ids)} GROUP BY PermissionSetId")


def _group_reads(ids: Sequence[str]) -> list[Read]:
    columns = "PermissionSetId, PermissionSetGroup.DeveloperName, PermissionSetGroup.NamespacePrefix"
    return [
        Query(
            f"groups{number}",
            f"SELECT {columns} FROM PermissionSetGroupComponent WHERE PermissionSetId IN {in_list(part)}",
            tolerate=_UNKNOWN,
        )
        for number, part in enumerate(chunks(ids, _SETS_AT_ONCE))
    ]


def _states(contents: Answers, names: Mapping[str, Mapping[str, str]], told: Mapping[str, Mapping[str, Any]]) -> dict[str, SetState]:
    """Id -> set, of all that were retrieved. told: the rows, with the name of their licence, of those that are told of."""
    below: dict[str, dict[str, list[dict[str, Any]]]] = {item: {ref: [] for ref in _BY_PARENT} for item in contents.bodies}
    for ref in _BY_PARENT:
        for row in contents.rows[ref]:
            if row["ParentId"] in below:
                below[row["ParentId"]][ref].append(row)
    return {
        item: _set_reading.state_of(told.get(item, whole), whole, Answers(below[item], {}, {}), names, _permissions(whole))
        for item, whole in contents.bodies.items()
    }


def _permissions(whole: Mapping[str, Any]) -> list[str]:
    """The user permissions that a retrieved set has columns for."""
    return sorted(name[len(_PREFIX) :] for name in whole if name.startswith(_PREFIX))


def _found(state: SetState, contents: Answers, names: Answers) -> Found:
    users = sum(int(row["users"]) for row in contents.rows["users"] if row["PermissionSetId"] == state.id)
    groups = {_set_groups.qualified(row) for row in names.all("groups") if row["PermissionSetId"] == state.id and row["PermissionSetGroup"]}
    return Found(state, users, tuple(sorted(groups)))


# -- how it is told ------------------------------------------------------------------------------------------------------------------


def _told(found: Found) -> dict[str, Any]:
    state, row = found.state, found.state.row
    description, origin = _set_origin.parse(str(row["Description"] or ""))
    grants = granted_by(state.held)
    return {
        "id": state.id,
        "name": row["Name"],
        "namespace": row["NamespacePrefix"] or "",
        "qualified_name": state.qualified,
        "label": row["Label"],
        "description": description,
        "license": _license(row),
        "session_activation": bool(row["HasActivationRequired"]),
        "kind": kind_of(row),
        "assigned_users": found.users,
        "groups": list(found.groups),
        "cloned_from": {"source": origin.source, "version": origin.version, "fingerprint": origin.fingerprint} if origin else None,
        "content": {section.option: _content(section, grants) for section in _IN_OPTIONS},
        "task": as_task(state, grants) if kind_of(row) in (_CUSTOM, _MANAGED, _STANDARD) else None,
        "not_exported": list(_not_exported(found, grants)),
    }


def kind_of(row: Mapping[str, Any]) -> str:
    """Whose set it is: custom, managed (of a package), standard (Salesforce's own), or what stands behind a profile or a group."""
    if row["IsOwnedByProfile"]:
        return PROFILE
    if row["PermissionSetGroupId"]:
        return GROUP
    if row["NamespacePrefix"] and row["IsCustom"]:
        return _MANAGED
    return _CUSTOM if row["IsCustom"] else _STANDARD


def own_names(row: Mapping[str, Any]) -> tuple[str, str]:
    """(API name, label) of the set that a task makes. Where a bare name means a set that cannot be written, its copy is called otherwise."""
    name, label = str(row["Name"]), str(row["Label"])
    if kind_of(row) not in (_MANAGED, _STANDARD):
        return name, label
    return f"{name[: _NAME_LENGTH - len(_COPY)].rstrip('_')}{_COPY}", f"{label[: _NAME_LENGTH - len(_COPY_LABEL)].rstrip()}{_COPY_LABEL}"


def as_task(state: SetState, grants: Grants) -> dict[str, Any]:
    """The options of permission_set that make this set and nothing else, as far as its names can be written."""
    row = state.row
    name, label = own_names(row)
    task: dict[str, Any] = {
        "name": name,
        "label": label,
        "description": _set_origin.parse(str(row["Description"] or ""))[0],
        **({"license": _license(row)} if _license(row) else {}),
        "session_activation": bool(row["HasActivationRequired"]),
    }
    for section in _IN_OPTIONS:
        lines = list(_lines(section, grants))
        if lines:
            task[section.option] = lines
    # What a task cannot name, it would take away in an exact section.
    whole = [section for section in _IN_OPTIONS if not any(_unsayable(section, name) for name in grants.get(section.option, {}))]
    return {**task, "exact": [section.option for section in whole]}


def _lines(section: Section, grants: Grants) -> Iterator[Any]:
    """What a section of a task holds: one line for each name."""
    for name, rights in sorted(grants.get(section.option, {}).items()):
        if _unsayable(section, name):
            continue
        if section is TABS:
            yield {"tab": name, "visibility": visibility_of(rights)}
        elif section.rights:
            yield {_WORD[section.option]: name, **dict.fromkeys(ordered(section, rights), True)}
        else:
            yield name


def _unsayable(section: Section, name: str) -> str:
    """Why a name cannot stand in a task: several things bear it and only their Ids differ, or it would be read as a pattern."""
    if section not in ENTITIES:
        return ""
    if _AMBIGUOUS.search(name):
        return "others have the same name"
    return "its name would be read as a pattern" if is_glob(name) else ""


# Connected apps have no namespace: whether a name is another one's too is known only from the list of all.
_APPS = BY_OPTION["connected_apps"]
_ALL_APPS = (Selector(_APPS.option, _APPS.option, "*", None, frozenset({GRANTED})),)


def _is_app(record_id: str) -> bool:
    return _APPS.entity is not None and record_id.startswith(_APPS.entity.prefix)


_AMBIGUOUS = re.compile(r" \([A-Za-z0-9]{15,18}\)\Z")


def _content(section: Section, grants: Grants) -> Any:
    names = sorted(grants.get(section.option, {}).items())
    if section is TABS:
        return {name: visibility_of(rights) for name, rights in names}
    if section.rights:
        return {name: ordered(section, rights) for name, rights in names}
    return [name for name, _unused in names]


def _license(row: Mapping[str, Any]) -> str:
    return str((row.get("License") or {}).get("Name") or "")


def _not_exported(found: Found, grants: Grants) -> Iterator[str]:
    """What of the set the task leaves out, in words."""
    row = found.state.row
    kind = kind_of(row)
    if kind == PROFILE:
        yield "all of it: it belongs to a profile"
    elif kind == GROUP:
        yield "all of it: it is the sum of a permission set group, whose members can be exported"
    elif kind != _CUSTOM:
        owner = f"package {row['NamespacePrefix']}" if kind == _MANAGED else "Salesforce"
        yield f"that it belongs to {owner}: the task makes a set of your own, called {own_names(row)[0]}"
    origin = _set_origin.parse(str(row["Description"] or ""))[1]
    if origin:
        version = f" {origin.version}" if origin.version else ""
        yield f"that it is a clone of {origin.source}{version}: with clone_from in the task it is kept in step with that set"
    if found.groups:
        yield f"its membership in permission set groups: {listing(found.groups)}"
    if found.users:
        yield f"its assignment to users: {found.users}"
    for section in ENTITIES:
        for name in grants.get(section.option, {}):
            why = _unsayable(section, name)
            if why:
                yield f"{section.what} {name}: {why}, so {section.option} is left out of exact"
    yield from _unmanaged(found.state)


def _unmanaged(state: SetState) -> Iterator[str]:
    """Other setup entities, by type: those of types that no section speaks of, and those whose names the org does not show."""
    types = {section.entity.type for section in ENTITIES if section.entity}
    for entity_type, number in sorted(Counter(state.other.values()).items()):
        if entity_type in types:
            yield f"{number} of type {entity_type}: the org does not show their names to the running user"
        else:
            yield f"{number} of type {entity_type}: no section of a task speaks of them"


NOUN = Noun(
    name="permission_set_info",
    argument_spec={
        "permission_sets": {"type": "list", "elements": "str"},
        "package": {"type": "str"},
        "user": {"type": "raw"},
    },
    desired=desired,
    read=read,
    plan=plan,
    report=report,
    constraints={"required_one_of": [["permission_sets", "package", "user"]]},
)
