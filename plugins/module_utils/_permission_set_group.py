# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""A permission set group of one's own: its members, what it mutes, and the wait until the org has added it up.

A group mutes user permissions with one muting permission set, which is a component of it like a member (Object Reference, MutingPermissionSet).
The muting set is made with the first permission that is to be muted, and before members come, so that nothing is granted in between.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from . import _set_groups, _set_reference, _users
from ._converge import Noun
from ._errors import CONFIG, Problem, RecordError, did_you_mean, listing
from ._org import ROLLED_BACK, Answers, Get, Org, Outcome, Query, Read, Write, rolled_back
from ._plan import Change, Create, Delete, Plan, Update
from ._set_groups import ASSIGNMENT_KIND, KIND, MEMBER_KIND, MUTED_KIND, MUTING_KIND
from ._set_reference import SetReference
from ._users import Allowance

# Object Reference, PermissionSetGroup.DeveloperName.
_NAME = re.compile(r"^[A-Za-z](?!.*__)[A-Za-z0-9_]*(?<!_)$")
_LENGTHS: Mapping[str, int] = {"name": 80, "label": 255, "description": 255}
_COLUMNS: Mapping[str, str] = {"label": "MasterLabel", "description": "Description", "session_activation": "HasActivationRequired"}
_AS_SET: Mapping[str, str] = {"label": "Label", "description": "Description", "session_activation": "HasActivationRequired"}
# What a retrieval answers where there is nothing: the reference points nowhere, or at a record of another kind.
_NOTHING = ("NOT_FOUND", "PROCESSING_HALTED", "INVALID_TYPE", "MALFORMED_ID", "INVALID_CROSS_REFERENCE_KEY")
_PARENT_ID = "(the new record)"
# From whom a group may be taken that is to be removed.
_USERS, _RUNNING_USER = "users", "running_user"


@dataclass(frozen=True)
class Desired:
    """What the group should be. members, muted: None where the task does not speak of them."""

    name: str
    state: str
    attributes: Mapping[str, Any]
    members: tuple[SetReference, ...] | None
    exact: bool
    muted: tuple[str, ...] | None
    skip_missing: bool
    wait: bool
    wait_timeout: int
    take_from: frozenset[str]
    max_removals: Allowance

    @property
    def tried(self) -> str:
        return f"{'removing' if self.state == 'absent' else 'shaping'} permission set group {self.name}"


@dataclass(frozen=True)
class Member:
    """A set in the group. id: of the component that makes it one."""

    id: str
    row: Mapping[str, Any]


@dataclass(frozen=True)
class Muting:
    """The group's muting set: its Id, the component's, and what it mutes."""

    id: str
    component_id: str
    permissions: frozenset[str]


@dataclass(frozen=True)
class Group:
    """The group as it is. row: in the shape of a set's. members: by name with namespace."""

    row: Mapping[str, Any]
    members: Mapping[str, Member] = field(default_factory=dict)
    muting: Muting | None = None

    @property
    def muted(self) -> frozenset[str]:
        return self.muting.permissions if self.muting else frozenset()


@dataclass(frozen=True)
class Current:
    """The group, the sets that are to be its members (by the word for each; None where there is none), what can be muted here, and who has the
    group. running_user: its name, if it is one of them. read_back: whether this is the state after writing. waited: for how many seconds."""

    group: Group | None
    wanted: Mapping[str, Mapping[str, Any] | None] = field(default_factory=dict)
    can_be_muted: Mapping[str, str] = field(default_factory=dict)
    assignments: Mapping[str, str] = field(default_factory=dict)
    running_user: str = ""
    read_back: bool = False
    waited: float = 0.0


def desired(params: Mapping[str, Any]) -> Desired:
    """What the options ask for. Raises Problem for names and texts that Salesforce would refuse."""
    name = params["name"].strip()
    attributes = {option: params[option] for option in _COLUMNS if params[option] is not None}
    attributes.update({option: text.strip() for option, text in attributes.items() if isinstance(text, str)})
    members = params["permission_sets"]
    wish = Desired(
        name,
        params["state"],
        attributes,
        None if members is None else tuple(_set_reference.parse(item) for item in members),
        params["exact"],
        None if params["muted_user_permissions"] is None else tuple(params["muted_user_permissions"]),
        params["missing"] == "skip",
        params["wait"],
        params["wait_timeout"],
        frozenset(params["take_from"]),
        _users.allowance(params["max_removals"], f"shaping permission set group {name}"),
    )
    _check(wish)
    return wish


def read(org: Org, wish: Desired) -> Current:
    """The group, its members and what it mutes, and the sets that are to be members: one call. Raises Problem where the org has no groups."""
    answers = org.read(_reads(wish, with_wanted=True))
    if "groups" in answers.refusals:
        raise _set_groups.not_shown(wish.tried, answers.refusals["groups"].code)
    group = _as_foreseen(org, wish, _group(org, wish, answers))
    wanted = (
        {str(item): _wanted(org, wish, item, answers.rows["wanted"]) for item in wish.members or ()} if "wanted" in answers.rows else {}
    )
    known = _set_groups.can_be_muted(answers.bodies["muting_describe"]) if "muting_describe" in answers.bodies else {}
    assigned = _assigned(org, wish, answers)
    return Current(group, wanted, known, assigned, _running_user(org, answers) if assigned else "")


def plan(wish: Desired, current: Current) -> Plan:
    """What is missing, and with exact what is too much. Raises Problem for a group or members that cannot be written, and for what this org does
    not have."""
    if current.group and current.group.row["NamespacePrefix"]:
        raise _managed(wish, _set_reference.qualified(current.group.row))
    if wish.state == "absent":
        return _plan_absent(wish, current)
    missing = _missing(wish, current)
    if missing and not wish.skip_missing:
        raise _unknown(wish, current, missing)
    _check_members(wish, current)
    joining, leaving = _member_changes(wish, current)
    muting, unmuting = _muting_changes(wish, current)
    # A new group has nobody yet; in one that people have, what is to be muted is muted before it comes, and given back after the rest.
    middle = [*muting, *joining] if current.group else [*joining, *muting]
    return Plan((*_group_changes(wish, current), *middle, *leaving, *unmuting))


def write(org: Org, wish: Desired, current: Current, changes: Sequence[Change]) -> list[Outcome]:
    """Apply the changes stage by stage; where one stage is refused, nothing of the later ones is tried.

    A new group comes with its members, all or none; what it mutes needs its Id and follows in the next round.
    """
    for parent, writes in _stages(current, changes):
        made = org.write_together(parent, writes, _PARENT_ID) if parent else org.write(writes)
        if parent and parent.change.kind == MUTED_KIND:
            org.outcomes[:] = [item for item in org.outcomes if item not in made] + [_as_one(made)]
        if any(item.errors for item in made):
            tried = {id(item.change) for item in org.outcomes}
            org.outcomes.extend(rolled_back(Outcome(change)) for change in changes if id(change) not in tried)
            break
    return org.outcomes


def reread(org: Org, wish: Desired, current: Current, changes: Sequence[Change]) -> Current:
    """The group and all that hangs on it, read again."""
    answers = org.read(_reads(wish, with_wanted=False))
    group = _group(org, wish, answers)
    return replace(current, group=group, assignments=_assigned(org, wish, answers), read_back=True)


def settle(org: Org, wish: Desired, current: Current) -> tuple[Current, list[RecordError]]:
    """Wait until the org has recalculated the group, within the time that the task gives it."""
    if not wish.wait or current.group is None:
        return current, []
    row, waited = current.group.row, 0.0
    for pause in _set_groups.pauses(wish.wait_timeout):
        if row["Status"] in (_set_groups.UPDATED, _set_groups.FAILED):
            break
        org.run.sleep(pause)
        waited += pause
        seen = _row(org.read([_group_query(wish)]))
        if seen is None:
            raise Problem(f"waiting for {wish.name}", "it is gone.", "Somebody removed it meanwhile: run again.", CONFIG, "unknown_group")
        row = seen
    current = replace(current, group=replace(current.group, row=row), waited=waited)
    return current, [] if row["Status"] == _set_groups.UPDATED else [_not_updated(wish, str(row["Status"]), waited)]


def report(wish: Desired, current: Current, made: Plan) -> dict[str, Any]:
    """The group as it is called everywhere, what is in it, and how far the org is with it."""
    group = current.group if current.read_back else _after(wish, current, made)
    row = group.row if group else {"Name": wish.name, "Label": "", "HasActivationRequired": False, "Status": None}
    members = group.members if group else {}
    return {
        "permission_set_group": {
            "name": str(row["Name"]),
            "namespace": "",
            "qualified_name": str(row["Name"]),
            "label": str(row["Label"]),
            "needs_activation": bool(row["HasActivationRequired"]),
        },
        "status": row["Status"],
        "members": sorted(members),
        "muted": sorted(group.muted) if group else [],
        "licenses": [
            {"permission_set": name, "license": item.row["License"]["Name"]}
            for name, item in sorted(members.items())
            if item.row["License"]
        ],
        "left_out": [] if wish.state == "absent" else [{"section": section, "name": name} for section, name in _missing(wish, current)],
        "waited": current.waited,
        "warnings": _warnings(wish, row),
    }


# -- wishes --------------------------------------------------------------------------------------------------------------------------


def _check(wish: Desired) -> None:
    if "__" in wish.name:
        raise _managed(wish, wish.name)
    for option, text in {**wish.attributes, "name": wish.name}.items():
        if option in _LENGTHS and len(text) > _LENGTHS[option]:
            said = f"its {option} has {len(text)} characters."
            raise Problem(wish.tried, said, f"Salesforce takes at most {_LENGTHS[option]}.", CONFIG, "too_long")
    if not _NAME.match(wish.name):
        raise Problem(
            wish.tried,
            "Salesforce would refuse that API name.",
            "Use letters, digits and single underscores; begin with a letter; do not end with an underscore.",
            CONFIG,
            "bad_name",
        )
    if wish.attributes.get("label") == "":
        raise Problem(wish.tried, "its label is empty.", "Give a label or leave the option out.", CONFIG, "empty_label")
    if wish.exact and wish.members is None:
        remedy = "List the members in permission_sets ([] for none), or leave exact out."
        raise Problem(wish.tried, "exact is true and permission_sets is left out.", remedy, CONFIG, "no_members")
    _set_reference.require_named(wish.members or (), "permission_sets", wish.tried)


def _managed(wish: Desired, name: str) -> Problem:
    return Problem(
        wish.tried,
        f"{name} belongs to a package, whose groups cannot be written here.",
        "Make a group of your own under another name, with the same members.",
        CONFIG,
        "managed_target",
    )


# -- reading -------------------------------------------------------------------------------------------------------------------------


def _mine(wish: Desired) -> str:
    return _set_groups.condition(SetReference(name=wish.name, namespace=""), "PermissionSetGroup")


def _group_query(wish: Desired) -> Query:
    found = _set_groups.condition(SetReference(name=wish.name))
    return Query("groups", f"SELECT {_set_groups.FIELDS} FROM PermissionSetGroup WHERE {found}", tolerate=_set_groups.NOT_SHOWN)


def _reads(wish: Desired, *, with_wanted: bool) -> list[Read]:
    """The muting set's Id sorts before those of permission sets, so the first component leads to it."""
    mine = _mine(wish)
    sets = f"SELECT {_set_reference.FIELDS} FROM PermissionSet WHERE"
    components = f"FROM PermissionSetGroupComponent WHERE {mine}"
    reads: list[Read] = [
        _group_query(wish),
        Query("components", f"SELECT Id, PermissionSetId {components} ORDER BY PermissionSetId DESC", tolerate=_set_groups.NOT_SHOWN),
        Get("muting", "/sobjects/MutingPermissionSet/@{components.records[0].PermissionSetId}", tolerate=_NOTHING),
        Query("members", f"{sets} Id IN (SELECT PermissionSetId {components})", tolerate=_set_groups.NOT_SHOWN),
    ]
    if wish.state == "absent":
        fields = "Id, AssigneeId, Assignee.Username"
        reads.append(Query("assigned", f"SELECT {fields} FROM PermissionSetAssignment WHERE {mine}", tolerate=_set_groups.NOT_SHOWN))
        return reads
    if with_wanted and wish.members:
        named = " OR ".join(f"({_set_reference.condition(item)})" for item in dict.fromkeys(wish.members))
        reads.append(Query("wanted", f"{sets} {named}"))
    if with_wanted and wish.muted:
        reads.append(Get("muting_describe", "/sobjects/MutingPermissionSet/describe", tolerate=_NOTHING))
    return reads


def _row(answers: Answers) -> dict[str, Any] | None:
    """The group's own row; the package's, where only a package has one of that name."""
    rows = [_set_groups.as_set(row) for row in answers.rows["groups"]]
    return next((row for row in rows if not row["NamespacePrefix"]), rows[0] if rows else None)


def _group(org: Org, wish: Desired, answers: Answers) -> Group | None:
    row = _row(answers)
    if row is None:
        return None
    components = {item["PermissionSetId"]: item["Id"] for item in answers.rows["components"]}
    members = {_set_reference.qualified(item): Member(components.get(item["Id"], ""), item) for item in answers.rows["members"]}
    return Group(row, members, _muting(org, components, answers))


def _muting(org: Org, components: Mapping[str, str], answers: Answers) -> Muting | None:
    muting_id = next((item for item in components if item.startswith(_set_groups.MUTING_PREFIX)), None)
    if muting_id is None:
        return None
    columns = answers.bodies.get("muting", {})
    if columns.get("Id") != muting_id:
        columns = org.read([Get("muting", f"/sobjects/MutingPermissionSet/{muting_id}")]).bodies["muting"]
    return Muting(muting_id, components[muting_id], _set_groups.muted(columns))


def _assigned(org: Org, wish: Desired, answers: Answers) -> dict[str, str]:
    """Username -> Id of the assignment, for all who have the group; only asked for where it is to go."""
    if wish.state != "absent":
        return {}
    held = {str(row["Assignee"]["Username"]): str(row["Id"]) for row in answers.rows["assigned"]}
    for key, after in org.foreseen(ASSIGNMENT_KIND).items():
        name, username = key.split("/", 1)
        if name.lower() == wish.name.lower():
            held.pop(username, None)
            held.update({username: ""} if after is not None else {})
    return dict(sorted(held.items()))


def _running_user(org: Org, answers: Answers) -> str:
    """The running user's name, where it has the group."""
    return next((str(row["Assignee"]["Username"]) for row in answers.rows["assigned"] if row["AssigneeId"][:15] == org.user_id[:15]), "")


def _wanted(org: Org, wish: Desired, reference: SetReference, rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The set that is meant, as earlier tasks of this check-mode run would leave it."""
    found = _set_reference.choose(reference, rows, wish.tried)
    if reference.id or reference.namespace or (found and found["NamespacePrefix"]):
        return found
    planned = {name.lower(): (name, after) for name, after in org.foreseen("permission_set").items()}
    name, after = planned.get(str(reference.name).lower(), ("", None))
    if not name:
        return found
    return None if after is None else (found or _set_reference.foreseen_row(name, after))


def _as_foreseen(org: Org, wish: Desired, group: Group | None) -> Group | None:
    """The group as earlier tasks of this check-mode run would leave it: made, changed, or gone."""
    planned = {name.lower(): (name, after) for name, after in org.foreseen(KIND).items()}
    name, after = planned.get(wish.name.lower(), (wish.name, {}))
    if after is None or (group is None and not after):
        return None
    group = group or Group(_set_groups.foreseen_row(name, after))
    row = {**group.row, **{_AS_SET[option]: value for option, value in after.items()}}
    return Group(row, _members_as_foreseen(org, str(row["Name"]), group.members), _muting_as_foreseen(org, str(row["Name"]), group.muting))


def _members_as_foreseen(org: Org, group: str, members: Mapping[str, Member]) -> dict[str, Member]:
    sets = org.foreseen("permission_set")
    overlaid = dict(members)
    for key, after in org.foreseen(MEMBER_KIND).items():
        of_group, name = key.split("/", 1)
        if of_group.lower() != group.lower():
            continue
        overlaid.pop(name, None)
        if after is not None:
            overlaid[name] = members.get(name) or Member("", _set_reference.foreseen_row(name, sets.get(name) or {}))
    return overlaid


def _muting_as_foreseen(org: Org, group: str, muting: Muting | None) -> Muting | None:
    planned = next((after for name, after in org.foreseen(MUTED_KIND).items() if name.lower() == group.lower()), None)
    if planned is None:
        return muting
    kept = {name for name in (muting.permissions if muting else ()) if planned.get(name, True)}
    permissions = frozenset(kept | {name for name, value in planned.items() if value})
    return replace(muting, permissions=permissions) if muting else Muting("", "", permissions)


# -- planning ------------------------------------------------------------------------------------------------------------------------


def _missing(wish: Desired, current: Current) -> list[tuple[str, str]]:
    """(option, word) of every set and permission that this org does not have."""
    sets = [("permission_sets", str(item)) for item in wish.members or () if current.wanted.get(str(item)) is None]
    known = current.can_be_muted
    permissions = [item for item in wish.muted or () if _set_groups.permission(item, known, wish.tried) is None]
    return [*dict.fromkeys(sets), *(("muted_user_permissions", item) for item in dict.fromkeys(permissions))]


def _unknown(wish: Desired, current: Current, missing: Sequence[tuple[str, str]]) -> Problem:
    sets = [name for section, name in missing if section == "permission_sets"]
    if sets:
        return Problem(
            wish.tried,
            f"the org has no such permission set: {listing(sets)}.",
            "Check the API names (Setup, Permission Sets; a package's set is written ns__Name), or set missing: skip to go on without them.",
            CONFIG,
            "unknown_set",
        )
    names = [name for _unused, name in missing]
    near = did_you_mean(names[0], [*current.can_be_muted, *current.can_be_muted.values()])
    return Problem(
        wish.tried,
        f"this org cannot mute a user permission called {listing(names)}." + near,
        "Use the API name (ApiEnabled) or the label (API Enabled), or set missing: skip; permissions differ with edition and licences.",
        CONFIG,
        "unknown_permission",
    )


def _check_members(wish: Desired, current: Current) -> None:
    """Raise Problem for sets that no group takes."""
    for word, row in current.wanted.items():
        if row is not None and row["IsOwnedByProfile"]:
            said, code = f"{word} belongs to a profile.", "profile_owned_set"
        elif row is not None and row["PermissionSetGroupId"]:
            said, code = f"{word} is the sum of a permission set group.", "group_set"
        else:
            continue
        raise Problem(wish.tried, said, "A group takes permission sets only: name the sets that you mean.", CONFIG, code)


def _group_changes(wish: Desired, current: Current) -> list[Change]:
    if current.group is None:
        return [Create(KIND, wish.name, {"label": wish.name.replace("_", " "), **wish.attributes})]
    row = current.group.row
    before = {option: row[_AS_SET[option]] for option in wish.attributes if (row[_AS_SET[option]] or "") != (wish.attributes[option] or "")}
    if not before:
        return []
    return [Update(KIND, str(row["Name"]), str(row["Id"]), before, {option: wish.attributes[option] for option in before})]


def _name(wish: Desired, current: Current) -> str:
    """The group's name as the org writes it."""
    return str(current.group.row["Name"]) if current.group else wish.name


def _member_changes(wish: Desired, current: Current) -> tuple[list[Change], list[Change]]:
    """Who comes, and with exact who goes."""
    members = current.group.members if current.group else {}
    wanted = {_set_reference.qualified(row): row for row in current.wanted.values() if row is not None}
    name = _name(wish, current)
    joining: list[Change] = [Create(MEMBER_KIND, f"{name}/{item}", {"member": True}) for item in wanted if item not in members]
    if not wish.exact:
        return joining, []
    return joining, [
        Delete(MEMBER_KIND, f"{name}/{item}", members[item].id, {"member": True}) for item in sorted(members) if item not in wanted
    ]


def _muting_changes(wish: Desired, current: Current) -> tuple[list[Change], list[Change]]:
    """What is to be muted, and what is muted and should not be."""
    if wish.muted is None:
        return [], []
    named = [_set_groups.permission(item, current.can_be_muted, wish.tried) for item in wish.muted]
    wanted = {item for item in named if item is not None}
    muting, held = (current.group.muting, current.group.muted) if current.group else (None, frozenset[str]())
    name = _name(wish, current)
    on: list[Change] = [Create(MUTED_KIND, name, dict.fromkeys(sorted(wanted - held), True))] if wanted - held else []
    if muting is None or not held - wanted:
        return on, []
    off = sorted(held - wanted)
    return on, [Update(MUTED_KIND, name, muting.id, dict.fromkeys(off, True), dict.fromkeys(off, False))]


def _plan_absent(wish: Desired, current: Current) -> Plan:
    """Users first, then what is in the group, then the group."""
    if current.group is None:
        return Plan()
    _check_unused(wish, current)
    _users.guard_removals(list(current.assignments), wish.max_removals, wish.tried)
    name, group = _name(wish, current), current.group
    changes: list[Change] = [
        Delete(ASSIGNMENT_KIND, f"{name}/{user}", row, {"assigned": True}) for user, row in current.assignments.items()
    ]
    if group.muting:
        changes.append(Delete(MUTING_KIND, name, group.muting.id, dict.fromkeys(sorted(group.muted), True)))
    changes += [Delete(MEMBER_KIND, f"{name}/{item}", member.id, {"member": True}) for item, member in sorted(group.members.items())]
    before = {"label": group.row["Label"], "description": group.row["Description"]}
    return Plan((*changes, Delete(KIND, name, str(group.row["Id"]), before)))


def _check_unused(wish: Desired, current: Current) -> None:
    """Raise Problem where somebody has the group and nobody said that it may be taken from them."""
    others = [user for user in current.assignments if user != current.running_user]
    if others and _USERS not in wish.take_from:
        raise Problem(
            wish.tried,
            f"{listing(others)} still {'has' if len(others) == 1 else 'have'} it.",
            "Take it away from them first (permission_set_assignment), or add users to take_from.",
            CONFIG,
            "assigned",
        )
    if current.running_user in current.assignments and _RUNNING_USER not in wish.take_from:
        raise Problem(
            wish.tried,
            f"the running user {current.running_user} has it, and could lose the right to go on.",
            "Run as another user, or add running_user to take_from.",
            CONFIG,
            "own_group",
        )


def _after(wish: Desired, current: Current, made: Plan) -> Group | None:
    """The group as the plan leaves it."""
    group = current.group
    if wish.state == "absent" or (group is None and not made):
        return group if not made else None
    attributes = {_AS_SET[option]: value for item in made.changes if item.kind == KIND for option, value in _written(item).items()}
    row = {**(group.row if group else _set_groups.foreseen_row(wish.name, {})), **attributes}
    members = dict(group.members) if group else {}
    rows = {_set_reference.qualified(item): item for item in current.wanted.values() if item is not None}
    muted = dict.fromkeys(group.muted if group else (), True)
    for item in made.changes:
        if item.kind == MUTED_KIND:
            muted.update(_written(item))
        elif item.kind == MEMBER_KIND:
            name = item.key.split("/", 1)[1]
            members = {key: value for key, value in members.items() if key != name}
            members.update({name: Member("", rows[name])} if isinstance(item, Create) else {})
    if made and wish.wait:
        row["Status"] = _set_groups.UPDATED
    return Group(row, members, Muting("", "", frozenset(name for name, value in muted.items() if value)))


def _written(change: Change) -> Mapping[str, Any]:
    return {} if isinstance(change, Delete) else change.after


# -- writing -------------------------------------------------------------------------------------------------------------------------


def _stages(current: Current, changes: Sequence[Change]) -> list[tuple[Write | None, list[Write]]]:
    """What is written together, in order: (a new record that the others hang on or None, the others)."""
    users = [_as_delete(item, "PermissionSetAssignment") for item in changes if item.kind == ASSIGNMENT_KIND]
    rest = [item for item in changes if item.kind != ASSIGNMENT_KIND]
    if rest and isinstance(rest[0], Create) and rest[0].kind == KIND:
        joining = [_as_write(item, current) for item in rest if item.kind == MEMBER_KIND]
        return [(_as_write(rest[0], current), joining)]
    stages: list[tuple[Write | None, list[Write]]] = [(None, users)] if users else []
    muting = [item for item in rest if item.kind == MUTED_KIND]
    others = [item for item in rest if item.kind != MUTED_KIND]
    stages += [_muting_stage(item, current) for item in muting if isinstance(item, Create)]
    if others:
        stages.append((None, [write for item in others for write in _as_writes(item, current)]))
    return stages + [(None, [_as_write(item, current)]) for item in muting if isinstance(item, Update)]


def _muting_stage(change: Create, current: Current) -> tuple[Write | None, list[Write]]:
    """Into the muting set that there is; else a new one, which becomes a component of the group in the same write."""
    columns = {f"Permissions{name}": value for name, value in change.after.items()}
    group = current.group.row if current.group else {}
    if current.group and current.group.muting:
        return None, [Write(change, "update", "MutingPermissionSet", current.group.muting.id, columns)]
    # Names of muting sets are unique in the org and have 80 characters at the most: it is called after its group.
    name = {"DeveloperName": f"{str(group['Name'])[:73]}_Muting".replace("__", "_"), "MasterLabel": f"{str(group['Label'])[:72]} muting"}
    component = {"PermissionSetGroupId": group["Id"], "PermissionSetId": _PARENT_ID}
    return (
        Write(change, "create", "MutingPermissionSet", None, {**name, **columns}),
        [Write(change, "create", "PermissionSetGroupComponent", None, component)],
    )


def _as_one(made: Sequence[Outcome]) -> Outcome:
    """What became of a muting set and of its component, which one change stands for: the cause, where one of them was refused."""
    errors = [error for item in made for error in item.errors]
    causes = [error for error in errors if error.code not in ROLLED_BACK] or errors
    return replace(made[0], errors=tuple(causes))


def _as_writes(change: Change, current: Current) -> list[Write]:
    if change.kind != MUTING_KIND:
        return [_as_write(change, current)]
    muting = current.group.muting if current.group else None
    detached = [Write(change, "delete", "PermissionSetGroupComponent", muting.component_id, {})] if muting else []
    return [*detached, _as_delete(change, "MutingPermissionSet")]


def _as_write(change: Change, current: Current) -> Write:
    sobject = {KIND: "PermissionSetGroup", MEMBER_KIND: "PermissionSetGroupComponent", MUTED_KIND: "MutingPermissionSet"}[change.kind]
    if isinstance(change, Delete):
        return _as_delete(change, sobject)
    if isinstance(change, Update):
        named = {f"Permissions{name}": value for name, value in change.after.items()}
        fields = named if change.kind == MUTED_KIND else {_COLUMNS[name]: value for name, value in change.after.items()}
        return Write(change, "update", sobject, change.id, {name: None if value == "" else value for name, value in fields.items()})
    if change.kind == KIND:
        fields = {_COLUMNS[name]: value for name, value in change.after.items() if value != ""}
        return Write(change, "create", sobject, None, {"DeveloperName": change.key, **fields})
    rows = {_set_reference.qualified(row): row for row in current.wanted.values() if row is not None}
    group_id = current.group.row["Id"] if current.group else _PARENT_ID
    fields = {"PermissionSetGroupId": group_id, "PermissionSetId": rows[change.key.split("/", 1)[1]]["Id"]}
    return Write(change, "create", sobject, None, fields)


def _as_delete(change: Change, sobject: str) -> Write:
    return Write(change, "delete", sobject, "" if isinstance(change, Create) else change.id, {})


# -- what is told --------------------------------------------------------------------------------------------------------------------


def _not_updated(wish: Desired, status: str, waited: float) -> RecordError:
    if status == _set_groups.FAILED:
        return RecordError(
            wish.name,
            "GROUP_FAILED",
            "the org could not recalculate the group: its status is Failed, and its users keep what they had.",
            (),
            "Open the group in Setup (Permission Set Groups): it says why. Correct the members or recalculate it there, then run again.",
        )
    return RecordError(
        wish.name,
        "NOT_UPDATED_YET",
        f"the org has not recalculated the group: its status is still {status} after {waited:g} seconds.",
        (),
        "What was changed is written and comes into force by itself. Look at the group in Setup (Permission Set Groups), raise wait_timeout if the "
        "org is slow, or run again.",
    )


def _warnings(wish: Desired, row: Mapping[str, Any]) -> list[str]:
    warnings = []
    if row["HasActivationRequired"]:
        warnings.append(f"{wish.name} needs activation in a session before it grants anything; assigning it is not enough.")
    # In check mode nobody waits, so a failure that waiting does not mend is told here; the run fails with it.
    if row["Status"] == _set_groups.FAILED or (row["Status"] not in (None, _set_groups.UPDATED) and not wish.wait):
        warnings.append(f"{wish.name} has the status {row['Status']}: until the org has recalculated it, it cannot be assigned.")
    return warnings


NOUN = Noun(
    name=KIND,
    argument_spec={
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
        "label": {"type": "str"},
        "description": {"type": "str"},
        "session_activation": {"type": "bool"},
        "permission_sets": {"type": "list", "elements": "str"},
        "exact": {"type": "bool", "default": False},
        "muted_user_permissions": {"type": "list", "elements": "str"},
        "missing": {"type": "str", "default": "fail", "choices": ["fail", "skip"]},
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "int", "default": 300},
        "take_from": {"type": "list", "elements": "str", "default": [], "choices": [_USERS, _RUNNING_USER]},
        "max_removals": {"type": "int", "default": 10},
    },
    desired=desired,
    read=read,
    plan=plan,
    report=report,
    write=write,
    reread=reread,
    settle=settle,
)
