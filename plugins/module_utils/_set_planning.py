# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""What a permission set should grant, and the changes that make it so. Pure.

What is wanted is what the source grants, what is asked for, and what those need, together. An exact section loses what is outside all three; the
others only gain. A clone follows its source as far as the user lets it: see _set_origin.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from . import _set_origin, _set_reference, _users
from ._dependencies import HIGH_RISK, UNTOLD, Added, Needs, from_refusal, object_closure, user_closure, why, within
from ._errors import CONFIG, Problem, RecordError, listing
from ._grants import Grants, Held, Rights, applied, fields_of, granted_by, in_words, minus, union
from ._plan import Change, Create, Delete, Plan, Update
from ._set_offer import HIDDEN, NOTHING, Asked, Offer, carried_over, expand, masters_first, twin_of
from ._set_origin import Origin, SourceChanges
from ._set_sections import FIELDS, GRANTED, OBJECTS, SECTIONS, USER_PERMISSIONS, VIEW_ALL_FIELDS, Section
from ._set_state import SetState
from ._set_wish import ALL, FAIL, GROUPS, MERGE, NONE, RUNNING_USER, USERS, Desired

KIND = "permission_set"
ASSIGNMENT_KIND = "permission_set_assignment"
MEMBER_KIND = "permission_set_group_component"

# What is not read back as a record of its own: where a clone came from, kept in its description.
ORIGIN = "cloned_from"
_COLUMNS: Mapping[str, str] = {"label": "Label", "description": "Description", "session_activation": "HasActivationRequired"}
_DEPENDENCY = "FIELD_INTEGRITY_EXCEPTION"


@dataclass(frozen=True)
class License:
    """A user licence or permission set licence by the name the user gave. allows: the user permissions a permission set licence admits, or
    None where the org does not say."""

    id: str
    name: str
    allows: frozenset[str] | None


@dataclass(frozen=True)
class Since:
    """What the set recorded of its source when the task began, and what became of the source since; renamed: its name then, if it has another."""

    origin: Origin
    changes: SourceChanges | None
    renamed: str | None


@dataclass(frozen=True)
class Current:
    """The set and its source as they are, what the org offers and has told of what needs what.

    version: of the source's package, where it was asked for. source_trouble: why the source's licence no longer stands. hidden: field rows
    that the running user does not see. since: what became of the source, as it was when the task began. Where the set is to go: who has it,
    which groups, and the running user's name if that is one of them.
    """

    target: SetState | None
    source: SetState | None
    offer: Offer
    needs: Needs = field(default_factory=Needs)
    license: License | None = None
    version: str = ""
    source_trouble: str = ""
    hidden: int = 0
    since: Since | None = None
    assignments: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    running_user: str = ""

    @property
    def held(self) -> Held:
        """What the set holds; nothing where there is none."""
        return self.target.held if self.target else {}

    @property
    def origin(self) -> Origin | None:
        """Where the set says that it was cloned from."""
        return _set_origin.parse(str(self.target.row["Description"] or ""))[1] if self.target else None


@dataclass(frozen=True)
class Wanted:
    """What the set should grant. keep: what an exact section may hold besides. added: what nobody asked for and something needs.

    changes: what became of the source since the set was last cloned from it, where that is known.
    """

    asked: Asked
    grants: Grants
    keep: Grants
    added: tuple[Added, ...]
    changes: SourceChanges | None


def plan(wish: Desired, current: Current) -> Plan:
    """The changes, in the order in which the org takes them. Raises Problem for a set that is not the user's to write, for anything asked for
    that this org does not know, and for what must not happen by itself."""
    if wish.state == "absent":
        return _plan_absent(wish, current)
    asked = expand(wish, current.offer, granted_by(current.held))
    if source_suffices(wish, current, asked):
        return Plan()
    if current.target:
        check_writable(wish, current.target)
    wanted = wanted_of(wish, current, asked)
    _check_license(wish, current, wanted)
    _check_source_change(wish, current, wanted)
    removals, additions = _removals(wish, current, wanted), _additions(wish, current, wanted)
    own = _own_change(wish, current, bool(removals or additions) or _follows_anew(wish, wanted), wanted)
    _check_room(wish, current, own)
    return Plan((*removals, *own, *additions))


def _follows_anew(wish: Desired, wanted: Wanted) -> bool:
    """Whether a change of the source is taken over. Even where the set has nothing to gain or lose by it, it is recorded: else it would be told,
    or stop tasks, for ever."""
    return wish.on_source_change == MERGE and wanted.changes is not None and wanted.changes.changed


def learn(wish: Desired, current: Current, refusals: Iterable[tuple[RecordError, ...]]) -> Current | None:
    """What refusals tell of what needs what, where that is new and may be followed."""
    if wish.state == "absent" or wish.resolve == NONE:
        return None
    told = Needs()
    for error in (item for errors in refusals for item in errors if item.code == _DEPENDENCY):
        told = told.joined(from_refusal(error.message, current.offer.permissions, current.offer.objects))
    if wish.resolve != ALL:
        told = replace(told, user={})
    known = current.needs.joined(told)
    return None if known == current.needs else replace(current, needs=known)


def report(wish: Desired, current: Current, made: Plan) -> dict[str, Any]:
    """Which set to assign, what of the wishes it lacks, what its source grants and it does not, and what was left out or added on the way."""
    if wish.state == "absent":
        return {"permission_set": _called(wish.name, "", "", False, False)}
    asked = expand(wish, current.offer, granted_by(current.held))
    suffices = source_suffices(wish, current, asked)
    effective = current.source if suffices else current.target
    after = granted_by(effective.held if suffices and effective else applied(current.held, made.changes))
    wanted = None if suffices else wanted_of(wish, current, asked)
    missing = in_words(minus(asked.grants, after))
    needs_activation = _needs_activation(wish, current, suffices)
    return {
        "permission_set": _called(
            str(effective.row["Name"]) if effective else wish.name,
            str(effective.row["NamespacePrefix"] or "") if effective else "",
            str(effective.row["Label"]) if suffices and effective else _label(wish, current),
            bool((current.source or (wish.source and current.origin)) and not suffices),
            needs_activation,
        ),
        "source": current.source.qualified if current.source else None,
        "missing": missing,
        "not_cloned": [] if suffices or not current.source else _not_cloned(current.source, after, current, needs_activation),
        "passed_over": [{"name": name, "reason": reason} for name, reason in asked.passed_over],
        "left_out": [{"section": section, "name": name} for section, name in asked.left_out],
        "added_dependencies": [item.as_result() for item in wanted.added] if wanted else [],
        "source_changes": None if suffices else _source_changes(current),
        "warnings": [
            *_warnings(wish, current, effective, missing if suffices else [], needs_activation),
            *([] if suffices else _unforeseen(wish, current, asked.grants)),
            *([] if suffices else _unseen(wish, asked)),
        ],
    }


# -- what is wanted ------------------------------------------------------------------------------------------------------------------


def source_suffices(wish: Desired, current: Current, asked: Asked) -> bool:
    """Whether the source itself is to be used: as told, or because it grants all that is asked for."""
    if current.source is None or wish.clone == "always":
        return False
    return wish.clone == "never" or not minus(asked.grants, granted_by(current.source.held))


def wanted_of(wish: Desired, current: Current, asked: Asked) -> Wanted:
    """What is asked for, what of the source is taken over, and what those need."""
    source_now = granted_by(current.source.held) if current.source else {}
    held = granted_by(current.held)
    # As it was when the task began: what the task itself writes makes the set look more like its source.
    told = current.since.changes if current.since else None
    changes = told or _changes_of_source(current, source_now, held, _explained(wish, current, asked.grants))
    follows = changes is None or not changes.changed or wish.on_source_change == MERGE
    taken = source_now if follows or changes is None else minus(source_now, changes.gained)
    carried = carried_over(taken, asked.grants, current.offer)
    base = union(asked.grants, carried)
    grants = base if wish.resolve == NONE else _closed(wish, current, base)
    masters = _masters(current.offer)
    kept = [grants, source_now] if follows or changes is None else [grants, source_now, changes.lost]
    kept += [_rows_of_view_all_data(grants, current.offer), _needed_by_what_stays(wish, current)]
    # That a field to be edited is read as well is not worth a line for each of hundreds.
    added = tuple(item for item in why(base, grants, masters, current.needs) if item.section != FIELDS.option)
    return Wanted(asked, grants, _with_twins(union(*kept)), added, changes)


def _needed_by_what_stays(wish: Desired, current: Current) -> Grants:
    """What the set's user permissions need of objects, as far as the org told, where these permissions stay: nobody can take that away."""
    if USER_PERMISSIONS.option in wish.exact:
        return {}
    held = frozenset(current.held.get(USER_PERMISSIONS.option, {}))
    _unused, objects = user_closure(held, current.needs, held)
    return {OBJECTS.option: object_closure(objects, _masters(current.offer), current.needs)}


def since(wish: Desired, current: Current) -> Since | None:
    """What became of the source since the set was last cloned from it; None for a set that is no clone, or does not say. Raises Problem as
    expand does."""
    origin, source = current.origin, current.source
    if origin is None or wish.source is None or (source is not None and not is_of(origin, source)):
        return None
    if source is None:
        return Since(origin, None, None)
    held = granted_by(current.held)
    asked = expand(wish, current.offer, held).grants
    changes = _changes_of_source(current, granted_by(source.held), held, _explained(wish, current, asked))
    return Since(origin, changes, _set_origin.moved(origin, source.qualified, source.id))


def _explained(wish: Desired, current: Current, asked: Grants) -> Grants:
    """What the set holds because of what is asked for: that, what it needs, and what the org writes along with it."""
    return _with_twins(asked if wish.resolve == NONE else _closed(wish, current, asked))


def _changes_of_source(current: Current, source_now: Grants, held: Grants, asked: Grants) -> SourceChanges | None:
    """What became of the source since; None where the set does not say, or says that it was cloned from another set."""
    origin = current.origin
    if origin is None or current.source is None or not is_of(origin, current.source):
        return None
    return _set_origin.changes_since(origin, source_now, held, asked)


def is_of(origin: Origin, source: SetState) -> bool:
    """Whether the origin means that set: the same record, or, after a package was installed anew, the same name."""
    return source.id[:15] == origin.id or _set_origin.origin_of(source.qualified, "", "", {}).source == origin.source


def _rows_of_view_all_data(grants: Grants, offer: Offer) -> Grants:
    """View All Data stands on read and view all of every object, as rows of their own (ObjectPermissions, Object Reference): they stay with it."""
    if "ViewAllData" not in grants.get(USER_PERMISSIONS.option, {}):
        return {}
    return {OBJECTS.option: dict.fromkeys(offer.objects, frozenset({"read", "view_all_records"}))}


def _masters(offer: Offer) -> dict[str, frozenset[str]]:
    """Detail -> its masters, as far as these can carry rights."""
    return {name: frozenset(item for item in masters if item in offer.objects) for name, masters in offer.masters.items()}


def _closed(wish: Desired, current: Current, base: Grants) -> dict[str, dict[str, Rights]]:
    """The grants with everything that they need. Raises Problem where that would add a right that opens the org."""
    needs, offer = current.needs, current.offer
    permissions = frozenset(base.get(USER_PERMISSIONS.option, {}))
    added, needed_objects = user_closure(permissions, needs, offer.permissions)
    known = wish.high_risk | frozenset(current.held.get(USER_PERMISSIONS.option, {}))
    risky = sorted(name for name in added if name in HIGH_RISK and name not in known)
    if risky:
        raise Problem(
            wish.tried,
            f"what is asked for needs {listing(risky)}, and nobody asked for that: "
            + "; ".join(f"{name} {HIGH_RISK[name]}" for name in risky[:3])
            + ".",
            "Name it in high_risk_dependencies (or in user_permissions) if the set is to have it, or take out what needs it.",
            CONFIG,
            "high_risk",
        )
    objects = union({OBJECTS.option: base.get(OBJECTS.option, {})}, {OBJECTS.option: needed_objects}).get(OBJECTS.option, {})
    closed = object_closure(objects, _masters(offer), needs)
    fields = base.get(FIELDS.option, {})
    whole = {rights: within(FIELDS, rights) for rights in set(fields.values())}
    return union(
        base,
        {
            OBJECTS.option: {name: rights for name, rights in closed.items() if name in offer.objects},
            FIELDS.option: {name: whole[rights] for name, rights in fields.items()},
            USER_PERMISSIONS.option: dict.fromkeys(added, frozenset({GRANTED})),
        },
    )


def _with_twins(grants: Grants) -> Grants:
    """The grants, and the fields that the org writes along with them: a custom field of activities stands on Task and on Event."""
    twins: dict[str, Rights] = {}
    for name, rights in grants.get(FIELDS.option, {}).items():
        twin = twin_of(name)
        if twin:
            twins[twin] = rights
    return union(grants, {FIELDS.option: twins})


# -- the changes ---------------------------------------------------------------------------------------------------------------------


def removable(wish: Desired, current: Current, wanted: Wanted) -> Grants:
    """What exact sections hold beyond what they should."""
    held = granted_by(current.held)
    return minus({option: held.get(option, {}) for option in sorted(wish.exact)}, wanted.keep)


def _removals(wish: Desired, current: Current, wanted: Wanted) -> list[Change]:
    """User permissions first, since they need the others; details before their masters."""
    changes: list[Change] = []
    beyond = removable(wish, current, wanted)
    permissions = sorted(beyond.get(USER_PERMISSIONS.option, {}))
    if permissions and current.target:
        changes.append(Delete(USER_PERMISSIONS.kind, wish.name, current.target.id, dict.fromkeys(permissions, True)))
    for section in reversed([item for item in SECTIONS if item is not USER_PERMISSIONS]):
        rows = current.held.get(section.option, {})
        empty = {name for name, row in rows.items() if not row.rights and section.option in wish.exact}
        for name in reversed(_ordered(section, {*beyond.get(section.option, {}), *empty}, current)):
            row, raised = rows[name], wanted.grants.get(section.option, {}).get(name, NOTHING)
            left = row.rights - beyond.get(section.option, {}).get(name, NOTHING)
            key = f"{wish.name}/{name}"
            if not left and not raised:
                changes.append(Delete(section.kind, key, row.id or "", fields_of(section, row.rights)))
            elif not raised - left:
                changes.append(_updated(section, key, row.id, row.rights, left))
    return changes


def _additions(wish: Desired, current: Current, wanted: Wanted) -> list[Change]:
    """Masters before their details, user permissions last, since they need the others. A row that is lowered too is lowered here."""
    changes: list[Change] = []
    beyond = removable(wish, current, wanted)
    lacking = minus(wanted.grants, granted_by(current.held))
    for section in (item for item in SECTIONS if item is not USER_PERMISSIONS):
        rows = current.held.get(section.option, {})
        for name in _ordered(section, lacking.get(section.option, {}), current):
            key, row = f"{wish.name}/{name}", rows.get(name)
            rights = wanted.grants[section.option][name]
            if row is None:
                changes.append(Create(section.kind, key, _said_whole(section, rights)))
                continue
            left = row.rights - beyond.get(section.option, {}).get(name, NOTHING)
            changes.append(_updated(section, key, row.id, row.rights, left | rights))
    permissions = sorted(lacking.get(USER_PERMISSIONS.option, {}))
    if permissions:
        changes.append(Create(USER_PERMISSIONS.kind, wish.name, dict.fromkeys(permissions, True)))
    return changes


def details_first(names: Iterable[str], current: Current) -> list[str]:
    """Object names in the order in which they can lose rights."""
    return list(reversed(_ordered(OBJECTS, names, current)))


def _ordered(section: Section, names: Iterable[str], current: Current) -> list[str]:
    """By name, objects after those that they need."""
    if section is not OBJECTS:
        return sorted(names)
    needed: dict[str, set[str]] = {name: set(masters) for name, masters in current.offer.masters.items()}
    for (name, _right), others in current.needs.between.items():
        needed.setdefault(name, set()).update(other for other, _unused in others)
    return masters_first(names, needed)


def _said_whole(section: Section, rights: Rights) -> dict[str, Any]:
    """A new row says all of its rights, but for a column that not every API version has."""
    return {name: value for name, value in fields_of(section, rights).items() if value or name != VIEW_ALL_FIELDS}


def _updated(section: Section, key: str, row_id: str | None, before: Rights, after: Rights) -> Update:
    """Only what differs is said."""
    old, new = fields_of(section, before), fields_of(section, after)
    names = [name for name in new if old[name] != new[name]]
    return Update(section.kind, key, row_id or "", {name: old[name] for name in names}, {name: new[name] for name in names})


def _own_change(wish: Desired, current: Current, content_changes: bool, wanted: Wanted) -> list[Change]:
    """The change to the set's own record: its attributes, and where it came from, which is written only when content changes."""
    origin = _origin_now(wish, current, wanted)
    if current.target is None:
        after = _attributes_of_new(wish, current)
        return [Create(KIND, wish.name, {**after, **({ORIGIN: origin_words(origin)} if origin else {})})]
    row = current.target.row
    before: dict[str, Any] = {}
    changed: dict[str, Any] = {}
    for option, value in wish.attributes.items():
        now = own_text(row) if option == "description" else row[_COLUMNS[option]]
        if (now or "") != (value or ""):
            before[option], changed[option] = now or ("" if isinstance(value, str) else False), value
    if content_changes and origin and origin != current.origin:
        before[ORIGIN], changed[ORIGIN] = origin_words(current.origin), origin_words(origin)
    return [Update(KIND, wish.name, current.target.id, before, changed)] if changed else []


def _origin_now(wish: Desired, current: Current, wanted: Wanted) -> Origin | None:
    """What the set's description should record after its content was written. A change of the source that is only reported stays recorded as it
    was: it is still to be reported."""
    if current.source is None:
        return current.origin
    if wanted.changes and wanted.changes.changed and wish.on_source_change != MERGE:
        return current.origin
    granted = granted_by(current.source.held)
    return _set_origin.origin_of(current.source.qualified, current.source.id, current.version, granted)


def described_as(wish: Desired, current: Current, change: Change) -> str:
    """The description to write: its own text, and where the set came from."""
    text = str(change.after["description"]) if not isinstance(change, Delete) and "description" in change.after else None
    if text is None:
        text = own_text(current.target.row) if current.target else ""
    planned = None if isinstance(change, Delete) or ORIGIN not in change.after else _origin_now(wish, current, _any_change(wish, current))
    origin = planned or current.origin
    return _set_origin.described(text, origin) if origin else text


def _any_change(wish: Desired, current: Current) -> Wanted:
    return wanted_of(wish, current, expand(wish, current.offer, granted_by(current.held)))


def own_text(row: Mapping[str, Any]) -> str:
    """The description of a set without the words that record where it came from."""
    return _set_origin.parse(str(row["Description"] or ""))[0]


def origin_words(origin: Origin | None) -> str:
    """An origin as plans show it."""
    return f"{origin.source} {origin.version or '-'} {origin.fingerprint}" if origin else ""


def foreseen_description(row: Mapping[str, Any], after: Mapping[str, Any], source: SetState | None) -> str:
    """The description that a planned change would leave. Plans tell no Ids: that of the origin is the source's, where it has the name."""
    text, origin = _set_origin.parse(str(row["Description"] or ""))
    if ORIGIN in after:
        name, version, fingerprint = str(after[ORIGIN]).split(" ")
        known = _set_origin.origin_of(source.qualified, source.id, "", {}) if source else None
        origin = Origin(name, known.id if known and known.source == name else "", version.replace("-", ""), fingerprint)
    text = str(after.get("description", text))
    return _set_origin.described(text, origin) if origin else text


def _attributes_of_new(wish: Desired, current: Current) -> dict[str, Any]:
    """As Setup's Clone does, a clone takes over its source's description, licence and session activation."""
    after: dict[str, Any] = {"label": wish.name.replace("_", " ")}
    if current.source:
        inherited = _set_origin.fitted(own_text(current.source.row))
        after.update({"description": inherited} if inherited else {})
        after.update({"session_activation": True} if current.source.row["HasActivationRequired"] else {})
    license_name = license_of_new(current)[1]
    if license_name:
        after["license"] = license_name
    return {**after, **wish.attributes}


def license_of_new(current: Current) -> tuple[str, str]:
    """(Id, name) of the licence of a set to be made: as asked for, else its source's; empty for none."""
    if current.license:
        return current.license.id, current.license.name
    row = current.source.row if current.source else {}
    return str(row.get("LicenseId") or ""), str((row.get("License") or {}).get("Name") or "")


def _plan_absent(wish: Desired, current: Current) -> Plan:
    """Out of its groups first, then away from its users, then the set itself, which takes its rows along (Salesforce Help, permission sets)."""
    if current.target is None:
        return Plan()
    check_writable(wish, current.target)
    tried = f"removing permission set {wish.name}"
    _check_unused(wish, current, tried)
    users = sorted(current.assignments)
    _users.guard_removals(users, wish.max_removals, tried)
    changes: list[Change] = [
        Delete(MEMBER_KIND, f"{group}/{wish.name}", row_id, {"member": True}) for group, row_id in sorted(current.groups.items())
    ]
    changes += [Delete(ASSIGNMENT_KIND, f"{wish.name}/{user}", current.assignments[user], {"assigned": True}) for user in users]
    return Plan((*changes, Delete(KIND, wish.name, current.target.id, {"label": str(current.target.row["Label"])})))


# -- what must stop a task -----------------------------------------------------------------------------------------------------------


def check_writable(wish: Desired, target: SetState) -> None:
    """Raises Problem for a set that is not the user's to write."""
    row = target.row
    remedy = "Choose another name for your own set; name this one in clone_from if you want its content."
    if row["IsOwnedByProfile"]:
        raise Problem(wish.tried, "it belongs to a profile.", "Change the profile, or use a set of your own.", CONFIG, "profile_target")
    if row["PermissionSetGroupId"]:
        raise Problem(wish.tried, "it is the sum of a permission set group.", "Change the group's sets instead.", CONFIG, "group_target")
    if row["NamespacePrefix"] and row["IsCustom"]:
        raise Problem(wish.tried, f"{target.qualified} belongs to a package and cannot be written.", remedy, CONFIG, "managed_target")
    if not row["IsCustom"] or row["NamespacePrefix"]:
        raise Problem(
            wish.tried, f"{target.qualified} is one of Salesforce's own sets and cannot be written.", remedy, CONFIG, "standard_target"
        )


def _check_unused(wish: Desired, current: Current, tried: str) -> None:
    """Raises Problem where somebody or something still uses the set and nobody said that it may be taken from them."""
    if current.groups and GROUPS not in wish.take_from:
        raise Problem(
            tried,
            f"it is in {listing(sorted(current.groups))}, and the set of a permission set group cannot be removed.",
            "Take it out of the group, or add groups to take_from.",
            CONFIG,
            "in_group",
        )
    others = [user for user in sorted(current.assignments) if user != current.running_user]
    if others and USERS not in wish.take_from:
        raise Problem(
            tried,
            f"{listing(others)} still {'has' if len(others) == 1 else 'have'} it.",
            "Take it away first, or add users to take_from.",
            CONFIG,
            "assigned",
        )
    if current.running_user in current.assignments and RUNNING_USER not in wish.take_from:
        raise Problem(
            tried,
            f"the running user {current.running_user} has it, and could lose the right to go on.",
            "Run as another user, or add running_user to take_from.",
            CONFIG,
            "own_set",
        )


def _check_room(wish: Desired, current: Current, own: Sequence[Change]) -> None:
    """Raises Problem where the set's own description leaves no room for the record of where it came from: the org would refuse both."""
    for change in own:
        after: Mapping[str, Any] = {} if isinstance(change, Delete) else change.after
        text = str(after.get("description", own_text(current.target.row) if current.target else ""))
        if (ORIGIN in after or ("description" in after and current.origin)) and len(text) > _set_origin.MAX_TEXT:
            raise Problem(
                wish.tried,
                f"its description has {len(text)} characters.",
                f"Give one of at most {_set_origin.MAX_TEXT}: the description of a clone also records where it came from.",
                CONFIG,
                "too_long",
            )


def _has_license(target: SetState, wanted: License) -> bool:
    """A set that an earlier task of a check-mode run would have made has its licence's name alone."""
    if target.row["LicenseId"] or target.row["Id"]:
        return str(target.row["LicenseId"] or "") == wanted.id
    return str((target.row["License"] or {}).get("Name") or "") == wanted.name


def _check_license(wish: Desired, current: Current, goal: Wanted) -> None:
    wanted = current.license
    if wanted is None:
        return
    if wish.license and current.target and not _has_license(current.target, wanted):
        raise Problem(
            wish.tried,
            f"it exists with another licence than {wanted.name}, and a set's licence never changes.",
            "Leave license out, or remove the set (state: absent) and make it anew, or use another name.",
            CONFIG,
            "license_fixed",
        )
    permissions = frozenset(goal.grants.get(USER_PERMISSIONS.option, {}))
    refused = sorted(permissions - wanted.allows) if wanted.allows is not None else []
    if refused:
        raise Problem(
            wish.tried,
            f"the licence {wanted.name} does not allow {', '.join(refused)}, for anybody who has the set.",
            "Take these permissions out, or choose a licence that allows them, or none.",
            CONFIG,
            "license_forbids",
        )


def _check_source_change(wish: Desired, current: Current, wanted: Wanted) -> None:
    """Raises Problem where the source changed and the user wants to decide, and where it is gone and rows would be removed for that."""
    gone = current.source is None and current.origin is not None and wish.source is not None
    if gone and wish.exact:
        raise Problem(
            wish.tried,
            f"its source {current.origin.source if current.origin else ''} is gone, so what exact sections should keep is not known.",
            "Leave clone_from out to keep only what is asked for, or exact to remove nothing.",
            CONFIG,
            "source_gone",
        )
    if wish.on_source_change != FAIL or not (gone or (wanted.changes and wanted.changes.changed)):
        return
    told = "is gone" if gone or not wanted.changes else f"changed{_in_short(wanted.changes)}"
    raise Problem(
        wish.tried,
        f"its source {wish.source} {told}.",
        "Leave clone_from out, or leave on_source_change at report: the set stays as it is."
        if gone
        else "Look at the package's release notes; then run once with on_source_change merge, or leave it at report.",
        CONFIG,
        "source_changed",
    )


def _in_short(changes: SourceChanges) -> str:
    """How the source changed, to follow that word. Where that is not proven, who changed is not known, and nobody is accused."""
    gained, lost = in_words(changes.gained), in_words(changes.lost)
    said = ("gained", "lost") if changes.confirmed else ("it has more than the clone", "the clone has more than it")
    mark = " " if changes.confirmed else ": "
    parts = [f"{word}{mark}{listing(words, 3)}" for word, words in zip(said, (gained, lost)) if words]
    if not parts:
        return " in a way that cannot be told"
    return f": {' and '.join(parts)}" if changes.confirmed else f", and so did the clone: {'; '.join(parts)}"


# -- what the result says ------------------------------------------------------------------------------------------------------------


def _called(name: str, namespace: str, label: str, is_clone: bool, needs_activation: bool) -> dict[str, Any]:
    return {
        "name": name,
        "namespace": namespace,
        "qualified_name": f"{namespace}__{name}" if namespace else name,
        "label": label,
        "is_clone": is_clone,
        "needs_activation": needs_activation,
    }


def _label(wish: Desired, current: Current) -> str:
    """The label as the plan leaves it."""
    return str(wish.attributes.get("label", current.target.row["Label"] if current.target else wish.name.replace("_", " ")))


def _needs_activation(wish: Desired, current: Current, suffices: bool) -> bool:
    if suffices and current.source:
        return bool(current.source.row["HasActivationRequired"])
    if "session_activation" in wish.attributes:
        return bool(wish.attributes["session_activation"])
    row = (current.target or current.source or SetState({}, {})).row
    return bool(row.get("HasActivationRequired"))


def _not_cloned(source: SetState, after: Grants, current: Current, needs_activation: bool) -> list[str]:
    """What the source grants and the clone lacks, in words: nothing is dropped in silence."""
    words = in_words(minus(granted_by(source.held), after))
    if source.row["HasActivationRequired"] and not needs_activation:
        words.append("session activation")
    mine = current.target.other if current.target else {}
    unmanaged = Counter(kind for entity, kind in source.other.items() if entity not in mine)
    return words + [f"access to {count} {kind}" for kind, count in sorted(unmanaged.items())]


def _source_changes(current: Current) -> dict[str, Any] | None:
    """What became of the source since the set was last cloned from it; None for a set that is no clone or did not say."""
    told = current.since
    if told is None:
        return None
    changes = told.changes
    return {
        "changed": bool(changes is None or changes.changed or told.renamed or current.source_trouble),
        "confirmed": changes.confirmed if changes else False,
        "gained": in_words(changes.gained) if changes else [],
        "lost": in_words(changes.lost) if changes else [],
        "version": {"before": told.origin.version, "now": current.version},
        "renamed_from": told.renamed,
        "removed": changes is None,
        "license": current.source_trouble,
    }


def _warnings(wish: Desired, current: Current, effective: SetState | None, missing: Sequence[str], needs_activation: bool) -> list[str]:
    told = []
    if missing:
        name = effective.qualified if effective else wish.name
        told.append(f"{name} lacks {len(missing)} of the rights asked for: {'; '.join(missing[:5])}.")
    if needs_activation:
        told.append(f"{wish.name} needs activation in a session before it grants anything; assigning it is not enough.")
    if current.hidden:
        told.append(f"{current.hidden} field permission rows are hidden from the running user, who lacks read on these fields.")
    told += _warnings_of_source(wish, current)
    if current.source_trouble and wish.source:
        told.append(f"the source's licence no longer stands: {current.source_trouble}.")
    return told


def _unseen(wish: Desired, asked: Asked) -> list[str]:
    """What a set lacks in silence because the user that makes it cannot see it."""
    names = [name for name, reason in asked.passed_over if reason == HIDDEN]
    if not names:
        return []
    remedy = "give that user read on them and on their objects, then run again."
    return [f"{wish.name} is left without fields that are hidden from the running user ({listing(names, 5)}): {remedy}"]


def _unforeseen(wish: Desired, current: Current, asked: Grants) -> list[str]:
    """What only the org's refusal tells of rights that are still to be granted. After a write the set holds them, and nothing is left to foresee."""
    wanted, held = asked.get(USER_PERMISSIONS.option, {}), granted_by(current.held).get(USER_PERMISSIONS.option, {})
    told = {*current.needs.user, *current.needs.objects}
    names = [name for name in UNTOLD if name in wanted and name not in held and name not in told]
    if not names:
        return []
    asked_of = f"{wish.name}: the org does not tell beforehand what it demands along with {listing(names)}"
    return [f"{asked_of}. It answers that to a write: the changes foretold here may be fewer than those of the run."]


def _warnings_of_source(wish: Desired, current: Current) -> list[str]:
    if current.since is None:
        return []
    changes = current.since.changes
    if changes is None:
        return [f"the source {current.since.origin.source} is gone; nothing is taken over from it any more."]
    name = current.source.qualified if current.source else str(wish.source)
    told = []
    if current.since.renamed:
        corrected = wish.source is not None and current.source is not None and _set_reference.fits(wish.source, current.source.row)
        told.append(f"the source is now called {name}; it was {current.since.renamed}.{'' if corrected else ' Correct clone_from.'}")
    if changes.changed and wish.on_source_change != MERGE:
        told.append(f"the source {name} has changed since{_in_short(changes)}. on_source_change: merge takes that over.")
    return told
