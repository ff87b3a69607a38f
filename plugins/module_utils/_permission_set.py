# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""A permission set of one's own: hand-made, or a clone of another that is extended and kept in step.

What is asked for stands in _set_wish, what the org can grant in _set_offer, what to read in _set_reading, what follows in _set_planning. Here
the org is asked and written. A new set and its content go in one all-or-none composite, so that a half-made set never exists.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from . import _dependencies, _set_origin, _set_planning, _set_reference
from ._converge import Noun
from ._dependencies import Needs, within
from ._errors import CONFIG, Problem
from ._grants import Row, applied, granted_by, minus, name_of, union
from ._org import MAX_SUBREQUESTS, Answers, Get, Org, Outcome, Query, Read, Write, rolled_back
from ._plan import Change, Create, Delete, Update
from ._set_offer import ObjectTraits, Offer, carried_over, expand, to_describe, traits_of, twin_of
from ._set_planning import ASSIGNMENT_KIND, KIND, MEMBER_KIND, ORIGIN, Current, License
from ._set_reading import (
    ABSENT,
    VISIBILITY_COLUMN,
    ability_reads,
    describe_reads,
    either,
    impossible_in,
    kind_reads,
    kinds_in,
    name_reads,
    names_again,
    names_in,
    needs_listing,
    object_read,
    offer_of,
    row_reads,
    set_reads,
    settings_listed,
    state_of,
    tab_names_read,
)
from ._set_reference import SetReference
from ._set_sections import BY_KIND, FIELDS, OBJECTS, TABS, USER_PERMISSIONS, Section
from ._set_state import SetState
from ._set_wish import ALL, ARGUMENT_SPEC, NONE, Desired, desired, matcher
from ._soql import in_list, list_chunks, quote

_SET_LICENSE = "0PL"
_SET_ID = "(the new set)"
_ANY_REFUSAL = ("INVALID_TYPE", "INVALID_FIELD", "INSUFFICIENT_ACCESS", "NOT_FOUND")
_STANDING = ("Active", "Free", "Trial", "")
_DEPENDENCIES = "dependencies"
_OBJECT_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)


def read(org: Org, wish: Desired) -> Current:
    """The set, its source and what the org offers, in two calls: first the sets with their rows and the picklists, then the describes and
    names that the wishes turn out to need. What needs what, and a package's version, are asked for where a plan depends on them."""
    if wish.state == "absent":
        return _read_absent(org, wish)
    answers = _first_look(org, wish, [wish.reference, *([wish.source] if wish.source else [])])
    rows = answers.rows["sets"]
    target_row = _set_reference.choose(wish.reference, rows, wish.tried)
    source_row = _set_reference.choose(wish.source, rows, f"{wish.tried}: finding its source") if wish.source else None
    if wish.source and source_row is None and target_row:
        answers, source_row = _renamed(org, wish, target_row, answers)
    bodies = _whole_rows(org, answers, [row for row in (target_row, source_row) if row is not None])
    current = _foreseen(org, wish, _second_look(org, wish, answers, target_row, source_row, bodies))
    if wish.source:
        _check_source(wish, current)
    current = _with_dependencies(org, wish, _with_version(org, wish, current))
    try:
        return replace(current, since=_set_planning.since(wish, current))
    except Problem:
        return current  # planning says what is wrong with the wishes


def write(org: Org, wish: Desired, current: Current, changes: Sequence[Change]) -> list[Outcome]:
    """Apply the changes: a new set with its content all or none, an existing one record by record."""
    kinds = {(change.kind, change.key, change.__class__) for change in changes}
    sent = [change for change in changes if not _comes_along(change, kinds)]
    if sent and isinstance(sent[0], Create) and sent[0].kind == KIND:
        writes = [_as_write(change, wish, current) for change in sent]
        outcomes = org.write_together(writes[0], writes[1:], _SET_ID)
        if outcomes[0].errors:
            org.outcomes.extend(rolled_back(Outcome(change)) for change in changes if _comes_along(change, kinds))
        return outcomes
    return org.write(_in_order(sent, wish, current))


def reread(org: Org, wish: Desired, current: Current, changes: Sequence[Change]) -> Current:
    """The set and the rows that the changes touched, read again."""
    if wish.state == "absent":
        return _read_absent(org, wish)
    answers = _asked(org, *_reads_of_touched(wish, changes))
    row = _set_reference.choose(replace(wish.reference, namespace=""), answers.rows["sets"], wish.tried)
    if row is None:
        return replace(current, target=None)
    whole = _whole_rows(org, answers, [row])[row["Id"]]
    fresh = state_of(row, whole, answers, current.offer.names, current.offer.permissions)
    return replace(current, target=fresh if current.target is None else _merged(current.target, fresh, changes))


def learn(wish: Desired, current: Current, outcomes: Sequence[Outcome]) -> Current | None:
    """What the org's refusals tell of what needs what."""
    return _set_planning.learn(wish, current, [item.errors for item in outcomes])


# -- reading -------------------------------------------------------------------------------------------------------------------------


def _first_look(org: Org, wish: Desired, references: Sequence[SetReference]) -> Answers:
    parents = either([_set_reference.condition(item, "Parent") for item in references])
    reads = [*set_reads(references), *row_reads(parents), *describe_reads()]
    if needs_listing(wish.selectors):
        reads.append(Get("listing", "/sobjects"))
    return _asked(org, reads, parents)


def _asked(org: Org, reads: Sequence[Read], parents: str, narrowed: str = "") -> Answers:
    """The answers; object rows are asked for again where the org lacks their newest column."""
    answers = org.read(reads)
    if "objects" in answers.refusals:
        answers.rows["objects"] = org.read([object_read(parents, narrowed)]).rows["objects"]
    return answers


def _renamed(org: Org, wish: Desired, target_row: Mapping[str, Any], answers: Answers) -> tuple[Answers, Mapping[str, Any] | None]:
    """The source under another name: the record that the set says it was cloned from."""
    origin = _set_origin.parse(str(target_row["Description"] or ""))[1]
    if origin is None or not origin.id:
        return answers, None
    own, recorded = SetReference(id=target_row["Id"]), SetReference(id=origin.id)
    answers = _first_look(org, wish, [own, recorded])
    return answers, _set_reference.choose(recorded, answers.rows["sets"], wish.tried)


def _second_look(
    org: Org,
    wish: Desired,
    answers: Answers,
    target_row: Mapping[str, Any] | None,
    source_row: Mapping[str, Any] | None,
    bodies: Mapping[str, Mapping[str, Any]],
) -> Current:
    """The sets as they are, with the names behind Ids, licences, and what describes tell."""
    offer = offer_of(answers)
    target, source = (_state(row, bodies, answers, offer) for row in (target_row, source_row))
    licensed = str((target_row or source_row or {}).get("LicenseId") or "")
    second, offer = _looked_up(
        org, wish, answers, offer, _license_reads(wish, licensed, source_row), _to_describe(wish, offer, target, source)
    )
    target, source = (_state(row, bodies, answers, offer) for row in (target_row, source_row))
    return Current(
        target,
        source,
        offer,
        license=_license(wish, second),
        source_trouble=_source_trouble(source_row, second),
        hidden=answers.hidden.get("fields", 0),
    )


def _looked_up(
    org: Org, wish: Desired, first: Answers, offer: Offer, more: Sequence[Read], unknown: tuple[Sequence[str], Sequence[str]]
) -> tuple[Answers, Offer]:
    """The answers to the second look, and the offer with what they tell. unknown: the objects to describe, and the fields of which only is to be
    known whether the org computes them: their objects are described too where there is room in the call."""
    objects, fields = unknown
    ids = {row["SetupEntityId"] for row in first.rows["entities"]}
    shown = {row["Name"] for row in first.rows["tabs"]}
    listed = settings_listed(first.bodies["listing"]) if "listing" in first.bodies else []
    reads = [*name_reads(ids, wish.selectors, listed), *tab_names_read(wish.of(TABS), shown), *more]
    all_objects = sorted({*objects, *(name.partition(".")[0] for name in fields)})
    if len(reads) + len(all_objects) <= MAX_SUBREQUESTS:
        objects, fields = all_objects, ()
    reads += [*kind_reads(fields), *_describes(objects)]
    answers = org.read(reads) if reads else Answers({}, {}, {})
    computed = kinds_in(answers, fields)
    again = [*names_again(answers, ids, wish.selectors, listed), *ability_reads(_doubtful(wish, offer, _traits(answers)))]
    again += _describes(all_objects) if fields and not computed else ()
    answers = answers.joined(org.read(again)) if again else answers
    names = names_in(answers)
    # Where the running user may not see the org's tabs, the org itself says whether it knows one.
    unseen = [line.pattern for line in wish.of(TABS) if line.is_exact] if "tab_names0" in answers.refusals else []
    names[TABS.option].update(dict.fromkeys([*shown, *unseen], ""))
    impossible = impossible_in(answers)
    traits = {
        name: replace(item, impossible=impossible.get(name, frozenset())) if item else None for name, item in _traits(answers).items()
    }
    return answers, replace(offer, names=names, traits=traits, computed=computed)


def _doubtful(wish: Desired, offer: Offer, traits: Mapping[str, ObjectTraits | None]) -> list[str]:
    """The objects on which a line asks for a right that the running user, and perhaps nobody, has."""
    lines = [(matcher(line), line.rights) for line in wish.of(OBJECTS)]
    candidates = [(name, item.impossible) for name, item in sorted(traits.items()) if item and item.impossible and name in offer.objects]
    return [name for name, impossible in candidates if any(rights & impossible and fits(name) for fits, rights in lines)]


def _describes(objects: Sequence[str]) -> list[Read]:
    return [Get(f"describe_{name}", f"/sobjects/{name}/describe", ("NOT_FOUND",)) for name in objects]


def _traits(answers: Answers) -> dict[str, ObjectTraits | None]:
    """The traits of the objects that were described; None for those that the org does not show."""
    told: dict[str, ObjectTraits | None] = {ref[len("describe_") :]: None for ref in answers.refusals if ref.startswith("describe_")}
    described = {ref[len("describe_") :]: body for ref, body in answers.bodies.items() if ref.startswith("describe_")}
    return {**told, **{name: traits_of(body) for name, body in described.items()}}


def _state(row: Mapping[str, Any] | None, bodies: Mapping[str, Mapping[str, Any]], answers: Answers, offer: Offer) -> SetState | None:
    return state_of(row, bodies[row["Id"]], answers, offer.names, offer.permissions) if row else None


def _to_describe(wish: Desired, offer: Offer, target: SetState | None, source: SetState | None) -> tuple[list[str], list[str]]:
    """The objects whose describe a plan may depend on, and the fields of which only is to be known whether the org computes them; found before
    anything is known of them."""
    held = granted_by(target.held) if target else {}
    lenient = replace(wish, skip_missing=True, selectors=tuple(wish.of(OBJECTS) + wish.of(FIELDS)))
    asked = expand(lenient, offer, held).grants
    carried = carried_over(granted_by(source.held), asked, offer) if source else {}
    wanted = union(asked, carried)
    names, fields = to_describe(wish, offer, wanted, held)
    beyond = minus({OBJECTS.option: held.get(OBJECTS.option, {})}, wanted)
    if OBJECTS.option in wish.exact and beyond:
        # Something is to go: whether a detail that stays needs it, and what goes first, the describes tell.
        names |= {*beyond[OBJECTS.option], *wanted.get(OBJECTS.option, {})}
    known = {*offer.objects, *(name.partition(".")[0] for name in offer.fields), *_named_objects(wish)}
    return sorted(names & known), fields


def _named_objects(wish: Desired) -> set[str]:
    """The objects of fields that are named, as far as an object can be called so: their names go into paths."""
    named = {line.pattern.partition(".")[0] for line in wish.of(FIELDS) if line.is_exact}
    return {name for name in named if _OBJECT_NAME.fullmatch(name)}


def _whole_rows(org: Org, answers: Answers, rows: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The sets with all their columns, by Id; those that the first read did not reach are asked for."""
    bodies: dict[str, Mapping[str, Any]] = {body["Id"]: body for ref, body in answers.bodies.items() if ref.startswith("whole_")}
    missing = [row["Id"] for row in rows if row["Id"] not in bodies]
    if missing:
        more = org.read([Get(f"whole_{item}", f"/sobjects/PermissionSet/{item}") for item in missing])
        bodies.update({body["Id"]: body for body in more.bodies.values()})
    return bodies


def _check_source(wish: Desired, current: Current) -> None:
    source = current.source
    if source is None:
        if current.origin is not None and wish.clone != "never":
            return
        raise Problem(
            wish.tried,
            f"the org has no permission set {wish.source} to clone.",
            "Check that the package is installed here, and the set's label and namespace (Setup, Permission Sets).",
            CONFIG,
            "unknown_source",
        )
    if source.qualified.lower() == wish.name.lower():
        raise Problem(wish.tried, "it would be a clone of itself.", "Name another set in clone_from.", CONFIG, "own_source")


def _license_reads(wish: Desired, licensed: str, source_row: Mapping[str, Any] | None) -> list[Read]:
    reads: list[Read] = []
    if wish.license:
        named = quote(wish.license)
        reads.append(Query("user_licenses", f"SELECT Id, Name FROM UserLicense WHERE Name = {named} OR MasterLabel = {named}"))
        reads.append(
            Query(
                "set_licenses",
                f"SELECT Id, MasterLabel, DeveloperName FROM PermissionSetLicense WHERE DeveloperName = {named} OR MasterLabel = {named}",
            )
        )
        reads.append(Get("set_license", "/sobjects/PermissionSetLicense/@{set_licenses.records[0].Id}", ABSENT))
    elif licensed.startswith(_SET_LICENSE):
        reads.append(Get("set_license", f"/sobjects/PermissionSetLicense/{licensed}", ABSENT))
    source_license = str((source_row or {}).get("LicenseId") or "")
    if source_license.startswith(_SET_LICENSE):
        reads.append(Get("source_license", f"/sobjects/PermissionSetLicense/{source_license}?fields=MasterLabel,Status", ABSENT))
    namespace = (source_row or {}).get("NamespacePrefix")
    if namespace:
        soql = f"SELECT Status, ExpirationDate FROM PackageLicense WHERE NamespacePrefix = {quote(namespace)}"
        reads.append(Query("package_license", soql, _ANY_REFUSAL))
    return reads


def _source_trouble(source_row: Mapping[str, Any] | None, answers: Answers) -> str:
    """Why the licence of a source no longer stands; empty where it does, or where there is none."""
    whole = answers.bodies.get("source_license")
    if whole and str(whole.get("Status") or "") not in _STANDING:
        return f"the permission set license {whole['MasterLabel']} is {whole['Status']}"
    if "source_license" in answers.refusals:
        return "its permission set license is gone"
    rows = answers.rows.get("package_license", [])
    bad = [row for row in rows if str(row["Status"] or "") not in _STANDING]
    return f"the package license of {(source_row or {})['NamespacePrefix']} is {bad[0]['Status']}" if bad else ""


def _license(wish: Desired, answers: Answers) -> License | None:
    """The licence that is asked for, or the permission set licence that the set or its source has; None for any other."""
    whole = answers.bodies.get("set_license", {})
    if not wish.license:
        return License(whole["Id"], whole["MasterLabel"], _allowed(whole)) if whole else None
    found = [License(row["Id"], row["Name"], None) for row in answers.rows["user_licenses"]]
    found += [
        License(row["Id"], row["MasterLabel"], _allowed(whole) if whole.get("Id") == row["Id"] else None)
        for row in answers.rows["set_licenses"]
    ]
    if len(found) == 1:
        return found[0]
    said = f"the org has no licence {wish.license}." if not found else f"the name {wish.license} belongs to {len(found)} licences."
    remedy = "Give the name of a user licence, or the label or developer name of a permission set licence (Setup, Company Information)."
    raise Problem(wish.tried, said, remedy, CONFIG, "unknown_license" if not found else "ambiguous_license")


def _allowed(license_row: Mapping[str, Any]) -> frozenset[str]:
    """The user permissions that a permission set licence admits (PermissionSetLicense.MaximumPermissionsXxx, Object Reference)."""
    prefix = "MaximumPermissions"
    return frozenset(name[len(prefix) :] for name, value in license_row.items() if name.startswith(prefix) and value)


# -- what is asked only where a plan depends on it -----------------------------------------------------------------------------------


def _with_version(org: Org, wish: Desired, current: Current) -> Current:
    """The current state with the version of the source's package, where a clone is to be written or its source has changed."""
    namespace = current.source.row["NamespacePrefix"] if current.source else None
    if not namespace:
        return current
    asked = _expected(wish, current)
    if asked is None or _set_planning.source_suffices(wish, current, asked):
        return current
    wanted = _set_planning.wanted_of(replace(wish, resolve=NONE), current, asked)
    changed = wanted.changes is not None and wanted.changes.changed
    if not changed and not minus(wanted.grants, granted_by(current.held)) and not _set_planning.removable(wish, current, wanted):
        return current
    soql = f"SELECT MajorVersion, MinorVersion FROM Publisher WHERE NamespacePrefix = {quote(namespace)}"
    rows = org.read([Query("publisher", soql, _ANY_REFUSAL, tooling=True)]).rows["publisher"]
    known = [f"{row['MajorVersion']}.{row['MinorVersion']}" for row in rows if row["MajorVersion"] is not None]
    return replace(current, version=known[0] if known else "")


def _with_dependencies(org: Org, wish: Desired, current: Current) -> Current:
    """The current state with what the org tells of what needs what: of rights that are to be added, and, where an exact section is to lose
    something, of what may need that."""
    asked = _expected(wish, current)
    if asked is None or wish.resolve == NONE or _set_planning.source_suffices(wish, current, asked):
        return current
    wanted = _set_planning.wanted_of(replace(wish, resolve=NONE), current, asked)
    lacking, beyond = minus(wanted.grants, granted_by(current.held)), _set_planning.removable(wish, current, wanted)
    things = _rights_that_may_need_others(lacking.get(OBJECTS.option, {}), current.offer)
    # A user permission may need rights of objects, which every mode but none adds; what it needs of its own kind is followed with all only.
    things |= set(lacking.get(USER_PERMISSIONS.option, {}))
    if wish.resolve == ALL and (USER_PERMISSIONS.option in lacking or USER_PERMISSIONS.option in beyond):
        things |= set(wanted.grants.get(USER_PERMISSIONS.option, {}))
    needs = _needs_of(org, things, current.offer, wish.resolve == ALL) if things else Needs()
    if OBJECTS.option in beyond:
        needs = needs.joined(_needs_for_objects(org, beyond[OBJECTS.option]))
    if wish.resolve != ALL:
        needs = replace(needs, user={})
    return replace(current, needs=current.needs.joined(needs))


def _rights_that_may_need_others(objects: Mapping[str, frozenset[str]], offer: Offer) -> set[str]:
    """The rights, as PermissionDependency writes them, on objects that may need another object: details, and Salesforce's own."""
    told = {name: within(OBJECTS, rights) for name, rights in objects.items() if not _stands_alone(name, offer)}
    return {_dependencies.coded(name, right) for name, rights in told.items() for right in rights}


def _stands_alone(name: str, offer: Offer) -> bool:
    """Whether an object is known to need no other one: a custom object without a master."""
    return name.endswith("__c") and offer.traits.get(name) is not None and name not in offer.masters


def _expected(wish: Desired, current: Current) -> Any:
    """The wishes as exact names, or None where planning will say what is wrong with them."""
    try:
        return expand(wish, current.offer, granted_by(current.held))
    except Problem:
        return None


def _needs_of(org: Org, things: set[str], offer: Offer, with_permissions: bool) -> Needs:
    """What these user permissions and rights of objects need, and what those need in turn: one level a query. Kept for the run.

    Kept by lower-case name: how the org writes the right of an object is not known for all of them, and its queries compare without case.
    """
    kept: dict[str, list[dict[str, str]]] = org.recall(_DEPENDENCIES) or {}
    told, pending = set[str](), {name.lower() for name in things}
    while pending - told:
        unknown = sorted(pending - told - set(kept))
        for part in list_chunks(unknown):
            rows = _dependency_rows(org, f"Permission IN {in_list(part)}")
            kept.update({name: [row for row in rows if row["Permission"].lower() == name] for name in part})
        if unknown:
            org.keep(_DEPENDENCIES, kept)
        told |= pending
        needed = {name for name in (row["RequiredPermission"] for one in told for row in kept[one]) if with_permissions or "<" in name}
        pending = {name.lower() for name in needed if not _stands_alone(name.partition("<")[0], offer)}
    return _dependencies.from_rows(row for name in told for row in kept[name])


def _needs_for_objects(org: Org, beyond: Mapping[str, frozenset[str]]) -> Needs:
    """What needs these rights of objects."""
    coded = sorted(_dependencies.coded(name, right) for name, rights in beyond.items() for right in rights)
    needs = Needs()
    for part in list_chunks(coded):
        rows = _dependency_rows(org, f"RequiredPermissionType = 'Object Permission' AND RequiredPermission IN {in_list(part)}")
        needs = needs.joined(_dependencies.from_rows(rows))
    return needs


def _dependency_rows(org: Org, where: str) -> list[dict[str, str]]:
    """Rows of PermissionDependency. That object ignores LIMIT and its further pages repeat earlier rows, so its pages are walked by Id."""
    rows: dict[str, dict[str, str]] = {}
    columns = "Permission, PermissionType, RequiredPermission, RequiredPermissionType"
    after = ""
    while True:
        soql = f"SELECT Id, {columns} FROM PermissionDependency WHERE {where}{after} ORDER BY Id"
        answers = org.read([Query("dependencies", soql, _ANY_REFUSAL, tooling=True, pages=False)])
        new = [row for row in answers.rows["dependencies"] if row["Id"] not in rows]
        rows.update({row["Id"]: row for row in new})
        if not new or not answers.unfinished:
            return [{name: row[name] for name in columns.split(", ")} for row in rows.values()]
        after = f" AND Id > {quote(max(rows))}"


# -- check mode's foresight ----------------------------------------------------------------------------------------------------------


def _foreseen(org: Org, wish: Desired, current: Current) -> Current:
    """The sets as earlier tasks of this check-mode run would leave them."""
    source = _as_foreseen(org, wish.source, current.source) if wish.source else current.source
    target = _as_foreseen(org, wish.reference, current.target, source)
    return replace(current, target=target, source=source, offer=replace(current.offer, names=_names_foreseen(org, current.offer)))


def _names_foreseen(org: Org, offer: Offer) -> dict[str, Mapping[str, str]]:
    """The names that the org has, also those that nobody asked for by now because an earlier task of the run would have granted them."""
    planned = {
        section.option: [key.split("/", 1)[1] for key in org.foreseen(section.kind)] for section in BY_KIND.values() if section.entity
    }
    return {option: {**dict.fromkeys(planned.get(option, ()), ""), **known} for option, known in offer.names.items()}


def _as_foreseen(org: Org, reference: SetReference, found: SetState | None, source: SetState | None = None) -> SetState | None:
    """The set as earlier tasks of this check-mode run would leave it: made, changed, or gone. source: what it would be a clone of."""
    planned = org.foreseen(KIND)
    name = _foreseen_name(planned, reference, found)
    if name is None:
        return _with_foreseen_rows(org, str(found.row["Name"]), found) if found and not found.row["NamespacePrefix"] else found
    after = planned[name]
    if after is None:
        return None
    row = found.row if found else _set_reference.foreseen_row(name, after)
    named = {
        column: after[option] for option, column in (("label", "Label"), ("session_activation", "HasActivationRequired")) if option in after
    }
    if "description" in after or ORIGIN in after:
        named["Description"] = _set_planning.foreseen_description(row, after, source)
    return _with_foreseen_rows(org, name, replace(found or SetState(row, {}), row={**row, **named}))


def _with_foreseen_rows(org: Org, name: str, found: SetState) -> SetState:
    changes: list[Change] = []
    for kind, section in BY_KIND.items():
        for key, fields in org.foreseen(kind, switches=section is USER_PERMISSIONS).items():
            if key.split("/", 1)[0].lower() != name.lower():
                continue
            if section is USER_PERMISSIONS:
                changes.extend(_foreseen_switches(key, fields))
            else:
                changes.append(Delete(kind, key, "", {}) if fields is None else Create(kind, key, fields))
    return replace(found, held=applied(found.held, changes)) if changes else found


def _foreseen_switches(key: str, fields: Mapping[str, Any] | None) -> list[Change]:
    on = {name: True for name, value in (fields or {}).items() if value}
    off = {name: True for name, value in (fields or {}).items() if not value}
    kind = USER_PERMISSIONS.kind
    return [*([Delete(kind, key, "", off)] if off else []), *([Create(kind, key, on)] if on else [])]


def _foreseen_name(planned: Mapping[str, Any], reference: SetReference, found: SetState | None) -> str | None:
    """The name under which the set is foreseen, if it is: only sets without a namespace ever are."""
    if found:
        own = "" if found.row["NamespacePrefix"] else str(found.row["Name"]).lower()
        return next((name for name in planned if name.lower() == own), None)
    if reference.id or reference.namespace:
        return None
    for name, after in planned.items():
        label = str((after or {}).get("label", ""))
        if name.lower() == str(reference.name).lower() or (reference.label and label.lower() == reference.label.lower()):
            return name
    return None


# -- reading what is to go -----------------------------------------------------------------------------------------------------------


def _read_absent(org: Org, wish: Desired) -> Current:
    own = SetReference(name=wish.name)
    answers = org.read(
        [
            Query("sets", f"SELECT {_set_reference.FIELDS} FROM PermissionSet WHERE {_set_reference.condition(own)}"),
            Query(
                "assignments",
                "SELECT Id, PermissionSetId, AssigneeId, Assignee.Username FROM PermissionSetAssignment "
                f"WHERE {_set_reference.condition(own, 'PermissionSet')}",
            ),
            Query(
                "groups",
                "SELECT Id, PermissionSetId, PermissionSetGroup.DeveloperName FROM PermissionSetGroupComponent "
                f"WHERE PermissionSetId IN (SELECT Id FROM PermissionSet WHERE {_set_reference.condition(own)})",
                tolerate=("INVALID_TYPE",),
            ),
        ]
    )
    row = _set_reference.choose(own, answers.rows["sets"], wish.tried)
    target = _as_foreseen(org, own, SetState(row, {}) if row else None)
    if target is None:
        return Current(None, None, Offer())
    holders = [item for item in answers.rows["assignments"] if item["PermissionSetId"] == target.id]
    mine = {item["Assignee"]["Username"]: item["Id"] for item in holders}
    running = next((item["Assignee"]["Username"] for item in holders if holders and item["AssigneeId"][:15] == org.user_id[:15]), "")
    for key, after in org.foreseen(ASSIGNMENT_KIND).items():
        set_name, username = key.split("/", 1)
        if set_name == target.qualified:
            mine.pop(username, None)
            mine.update({} if after is None else {username: ""})
    groups = {
        item["PermissionSetGroup"]["DeveloperName"]: item["Id"] for item in answers.rows["groups"] if item["PermissionSetId"] == target.id
    }
    for key, after in org.foreseen(MEMBER_KIND).items():
        group, set_name = key.split("/", 1)
        if set_name == target.qualified:
            groups.pop(group, None)
            groups.update({} if after is None else {group: ""})
    return Current(target, None, Offer(), assignments=mine, groups=groups, running_user=running)


# -- reading back --------------------------------------------------------------------------------------------------------------------


def _reads_of_touched(wish: Desired, changes: Sequence[Change]) -> tuple[list[Read], str, str]:
    """(reads, the condition on the set's rows, what narrows the object rows)."""
    own = SetReference(name=wish.name, namespace="")
    mine = _set_reference.condition(own, "Parent")
    kinds = {change.kind for change in changes}
    narrowed = _touched("SobjectType", OBJECTS, changes)
    objects, fields, entities, tabs = row_reads(mine, narrowed, _touched("Field", FIELDS, changes))
    touched = {
        OBJECTS.kind: objects,
        FIELDS.kind: fields,
        TABS.kind: tabs,
        **{section.kind: entities for section in BY_KIND.values() if section.entity},
    }
    rows = list(dict.fromkeys(query for kind, query in touched.items() if kind in kinds))
    return [*set_reads([own])[:2], *rows], mine, narrowed


def _touched(column: str, section: Section, changes: Sequence[Change]) -> str:
    """The condition that keeps a read-back to what was written, while that is a short list."""
    names = [name_of(change) for change in changes if change.kind == section.kind]
    return f" AND {column} IN {in_list(names)}" if 0 < len(names) <= 200 else ""


def _merged(before: SetState, fresh: SetState, changes: Sequence[Change]) -> SetState:
    """The set before, with the sections and rows that were read again in place of the old ones."""
    held: dict[str, Mapping[str, Row]] = {USER_PERMISSIONS.option: fresh.held[USER_PERMISSIONS.option]}
    kinds = {change.kind for change in changes}
    entities_read = any(section.entity and section.kind in kinds for section in BY_KIND.values())
    for section in BY_KIND.values():
        rows, again = before.held.get(section.option, {}), fresh.held[section.option]
        if section in (OBJECTS, FIELDS):
            touched = {name_of(change) for change in changes if change.kind == section.kind}
            held[section.option] = {**{name: row for name, row in rows.items() if name not in touched}, **again}
        elif section.entity or section is TABS:
            held[section.option] = again if (entities_read if section.entity else section.kind in kinds) else rows
    return SetState(fresh.row, held, fresh.other if entities_read else before.other)


# -- writing -------------------------------------------------------------------------------------------------------------------------


def _in_order(changes: Sequence[Change], wish: Desired, current: Current) -> list[Write]:
    """The writes in the plan's order. A row that loses one right and gains another is lowered with what goes, and raised with what comes."""
    mixed = [change for change in changes if isinstance(change, Update) and {True, False} <= set(change.after.values())]
    lowered = [_lowering(change, wish, current) for change in mixed if change.kind in (OBJECTS.kind, FIELDS.kind)]
    going = [*(_as_write(change, wish, current) for change in changes if _only_takes(change)), *lowered]
    objects = {name_of(item.change): item for item in going if item.change.kind == OBJECTS.kind}
    others = [item for item in going if item.change.kind != OBJECTS.kind]
    coming = [_as_write(change, wish, current) for change in changes if not _only_takes(change)]
    return [*others, *(objects[name] for name in _set_planning.details_first(objects, current)), *coming]


def _only_takes(change: Change) -> bool:
    if isinstance(change, Update) and change.kind in (OBJECTS.kind, FIELDS.kind):
        return True not in change.after.values()
    return isinstance(change, Delete)


def _lowering(change: Change, wish: Desired, current: Current) -> Write:
    whole = _as_write(change, wish, current)
    return replace(whole, fields={name: value for name, value in whole.fields.items() if value is False})


def _as_write(change: Change, wish: Desired, current: Current) -> Write:
    if change.kind == KIND:
        return _write_of_set(change, wish, current)
    set_id = current.target.id if current.target else _SET_ID
    if change.kind == USER_PERMISSIONS.kind:
        names, value = (change.before, False) if isinstance(change, Delete) else (change.after, True)
        return Write(change, "update", "PermissionSet", set_id, {f"Permissions{name}": value for name in names})
    if change.kind in (ASSIGNMENT_KIND, MEMBER_KIND):
        sobject = "PermissionSetAssignment" if change.kind == ASSIGNMENT_KIND else "PermissionSetGroupComponent"
        return Write(change, "delete", sobject, change.id if isinstance(change, Delete) else None, {})
    section = BY_KIND[change.kind]
    if isinstance(change, Delete):
        return Write(change, "delete", section.sobject, change.id, {})
    fields = _row_fields(section, change.after)
    if isinstance(change, Update):
        return Write(change, "update", section.sobject, change.id, fields)
    return Write(change, "create", section.sobject, None, {"ParentId": set_id, **_identifying(section, name_of(change), current), **fields})


def _row_fields(section: Section, after: Mapping[str, Any]) -> dict[str, Any]:
    if section is TABS:
        return {"Visibility": VISIBILITY_COLUMN[after["visibility"]]}
    return {section.rights[name]: value for name, value in after.items() if name in section.rights}


def _identifying(section: Section, name: str, current: Current) -> dict[str, str]:
    if section is OBJECTS:
        return {"SobjectType": name}
    if section is FIELDS:
        return {"SobjectType": name.split(".", 1)[0], "Field": name}
    return {"Name": name} if section is TABS else {"SetupEntityId": current.offer.names[section.option][name]}


def _write_of_set(change: Change, wish: Desired, current: Current) -> Write:
    if isinstance(change, Delete):
        return Write(change, "delete", "PermissionSet", change.id, {})
    after = change.after
    fields: dict[str, Any] = {"Label": after["label"]} if "label" in after else {}
    if "session_activation" in after:
        fields["HasActivationRequired"] = after["session_activation"]
    if "description" in after or ORIGIN in after:
        fields["Description"] = _set_planning.described_as(wish, current, change)
    if isinstance(change, Update):
        return Write(change, "update", "PermissionSet", change.id, fields)
    license_id = _set_planning.license_of_new(current)[0]
    if license_id:
        fields["LicenseId"] = license_id
    return Write(change, "create", "PermissionSet", None, {"Name": change.key, **fields})


def _comes_along(change: Change, kinds: Collection[tuple[str, str, type[Change]]]) -> bool:
    """Custom fields of activities stand on Task and on Event, and the org writes both when one is written: only the Task row is sent. Where an
    org does not do that, reading back shows it and the Event row is sent alone. kinds: (kind, key, class) of all changes."""
    name = name_of(change)
    if change.kind != FIELDS.kind or not name.startswith("Event."):
        return False
    # An exact type: an update comes along with an update only.
    return (FIELDS.kind, f"{change.key.split('/', 1)[0]}/{twin_of(name)}", change.__class__) in kinds


NOUN = Noun(
    name=KIND,
    argument_spec=ARGUMENT_SPEC,
    desired=desired,
    read=read,
    plan=_set_planning.plan,
    report=_set_planning.report,
    write=write,
    reread=reread,
    learn=learn,
)
