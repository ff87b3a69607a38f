# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""A permission set of one's own: hand-made, or a clone of another that is extended and kept in step.

The API does not add what a right needs, as Setup does; it refuses. A new set and its first content therefore go in one all-or-none composite, and
masters go before their details. Facts: ObjectPermissions, FieldPermissions, SetupEntityAccess and PermissionSet in the Object Reference.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from . import _ids, _set_content, _set_reference, _users
from ._converge import Noun
from ._errors import CONFIG, Problem, listing
from ._org import Answers, Get, Org, Outcome, Query, Read, Write, rolled_back
from ._plan import Change, Create, Delete, Existing, Fields, Plan, Update, compare
from ._set_content import APEX_CLASS, APEX_PAGE, FIELD_RIGHTS, NEEDS, OBJECT_RIGHTS, VIEW_ALL_FIELDS, Access, Content, Grant, Offer
from ._set_reference import SetReference
from ._soql import in_list, list_chunks, quote

KIND = "permission_set"
OBJECT_KIND = "object_permissions"
FIELD_KIND = "field_permissions"
ENTITY_KINDS: Mapping[str, str] = {APEX_CLASS: "apex_class_access", APEX_PAGE: "visualforce_page_access"}
ASSIGNMENT_KIND = "permission_set_assignment"

# Object Reference, PermissionSet.Name.
_NAME = re.compile(r"^[A-Za-z](?!.*__)[A-Za-z0-9_]*(?<!_)$")
_LENGTHS: Mapping[str, int] = {"name": 80, "label": 80, "description": 255}
# Rows that exist only because of Modify All Data have made-up Ids and cannot be written (Object Reference, ObjectPermissions).
_VIRTUAL = "000"
_SET_LICENSE = "0PL"
_SET_ID = "(the new set)"
_MISSING = ("NOT_FOUND", "PROCESSING_HALTED", "INVALID_TYPE")
_ATTRIBUTES: Mapping[str, str] = {"label": "Label", "description": "Description"}


@dataclass(frozen=True)
class Desired:
    """What the set should be. source: what it is cloned from. clone: when a clone is wanted at all."""

    name: str
    state: str
    attributes: Mapping[str, str]
    license: str | None
    source: SetReference | None
    clone: str
    permissions: tuple[str, ...]
    objects: tuple[Access, ...]
    fields: tuple[Access, ...]
    classes: tuple[str, ...]
    pages: tuple[str, ...]
    max_removals: int

    @property
    def tried(self) -> str:
        return f"shaping permission set {self.name}"

    @property
    def reference(self) -> SetReference:
        return SetReference(name=self.name)


@dataclass(frozen=True)
class PermissionSet:
    """One set as the org has it."""

    row: Mapping[str, Any]
    content: Content

    @property
    def id(self) -> str:
        return str(self.row["Id"])

    @property
    def qualified(self) -> str:
        return _set_reference.qualified(self.row)


@dataclass(frozen=True)
class License:
    """A user licence or permission set licence by the name the user gave. allows: the user permissions a permission set licence admits, or
    None where the org does not say."""

    id: str
    name: str
    allows: frozenset[str] | None


@dataclass(frozen=True)
class Current:
    """The set and its source as they are, what the org offers, and, where the set is to go, who has it."""

    target: PermissionSet | None
    source: PermissionSet | None
    offer: Offer
    license: License | None = None
    assignments: Mapping[str, str] = field(default_factory=dict)
    groups: tuple[str, ...] = ()


def desired(params: Mapping[str, Any]) -> Desired:
    """What the options ask for. Raises Problem for names that Salesforce would refuse."""
    name = params["name"].strip()
    tried = f"shaping permission set {name}"
    _check_name(name, tried)
    attributes = {option: params[option].strip() for option in _ATTRIBUTES if params[option] is not None}
    for option, text in {**attributes, "name": name}.items():
        if len(text) > _LENGTHS[option]:
            raise Problem(
                tried, f"its {option} has {len(text)} characters.", f"Salesforce takes at most {_LENGTHS[option]}.", CONFIG, "too_long"
            )
    if attributes.get("label") == "":
        raise Problem(tried, "its label is empty.", "Give a label or leave the option out.", CONFIG, "empty_label")
    source = _source(params["clone_from"], tried)
    if source is None and params["clone"] != "always":
        raise Problem(tried, f"clone is {params['clone']} and there is nothing to clone.", "Set clone_from.", CONFIG, "no_source")
    return Desired(
        name,
        params["state"],
        attributes,
        params["license"] or None,
        source,
        params["clone"],
        tuple(name.strip() for name in params["user_permissions"] or ()),
        tuple(_access(item, "object", OBJECT_RIGHTS, tried) for item in params["object_permissions"] or ()),
        tuple(_access(item, "field", FIELD_RIGHTS, tried) for item in params["field_permissions"] or ()),
        tuple(name.strip() for name in params["apex_classes"] or ()),
        tuple(name.strip() for name in params["visualforce_pages"] or ()),
        params["max_removals"],
    )


def read(org: Org, wish: Desired) -> Current:
    """The set, its source and what the org offers, in two calls: first the sets with their rows and the picklists, then the describes and
    names that the wishes turn out to need."""
    if wish.state == "absent":
        return _read_absent(org, wish)
    answers = org.read(_first_reads(wish))
    rows = answers.rows["sets"]
    target_row = _set_reference.choose(wish.reference, rows, wish.tried)
    source_row = _set_reference.choose(wish.source, rows, f"{wish.tried}: finding its source") if wish.source else None
    bodies = _whole_rows(org, answers, [row for row in (target_row, source_row) if row is not None])
    offer = _first_offer(answers)
    # A clone takes over its source's rows: their master-detail fields decide the order of writing too.
    carried = {item["SobjectType"] for item in answers.rows["objects"] if item["SobjectType"].endswith("__c")}
    objects = sorted({*_set_content.objects_to_describe(wish.fields, wish.objects, offer), *(carried & offer.objects)})
    entity_ids = {row["SetupEntityId"] for row in answers.rows["entities"]}
    licensed = str((target_row or source_row or {}).get("LicenseId") or "")
    second = org.read(_second_reads(wish, objects, entity_ids, licensed))
    answers = answers.with_rows("tabs", second.rows["tabs"])
    traits = {name: _set_content.traits_of(second.bodies[f"describe_{name}"]) for name in objects if f"describe_{name}" in second.bodies}
    entities = {kind: _entity_ids(second, kind) for kind in (APEX_CLASS, APEX_PAGE)}
    offer = replace(offer, traits=traits, entities=entities)
    target, source = (_permission_set(row, bodies, answers, offer) for row in (target_row, source_row))
    target = _as_foreseen(org, wish.reference, target)
    if wish.source:
        source = _as_foreseen(org, wish.source, source)
        _check_source(wish, source)
    return Current(target, source, offer, _license(wish, second))


def plan(wish: Desired, current: Current) -> Plan:
    """What is missing. Nothing is taken away or lowered. Raises Problem for a set that is not the user's to write, and for anything asked for that
    this org does not know."""
    if wish.state == "absent":
        return _plan_absent(wish, current)
    asked = _asked(wish, current)
    if _source_suffices(wish, current, asked):
        return Plan()
    if current.target:
        _check_writable(wish, current.target)
    _check_license(wish, current, asked)
    grant = asked
    if current.source:
        grant = _set_content.carried_over(current.source.content, asked, current.offer).joined(asked)
    return Plan(tuple(_set_changes(wish, current, grant) + _content_changes(wish, current, grant)))


def write(org: Org, wish: Desired, current: Current, changes: Sequence[Change]) -> list[Outcome]:
    """Apply the changes: a new set with its content all or none, an existing one record by record."""
    writes = [_as_write(change, current) for change in changes if not _comes_along(change, changes)]
    if writes and isinstance(writes[0].change, Create) and writes[0].change.kind == KIND:
        outcomes = org.write_together(writes[0], writes[1:], _SET_ID)
        if outcomes[0].errors:
            org.outcomes.extend(rolled_back(Outcome(change)) for change in changes if _comes_along(change, changes))
        return outcomes
    return org.write(writes)


def reread(org: Org, wish: Desired, current: Current, changes: Sequence[Change]) -> Current:
    """The set and the rows that the changes touched, read again."""
    if wish.state == "absent":
        return _read_absent(org, wish)
    answers = org.read(_reads_of_touched(wish, changes))
    row = _set_reference.choose(replace(wish.reference, namespace=""), answers.rows["sets"], wish.tried)
    if row is None:
        return replace(current, target=None)
    fresh = _permission_set(row, _whole_rows(org, answers, [row]), answers, current.offer)
    if fresh is None or current.target is None:
        return replace(current, target=fresh)
    return replace(current, target=PermissionSet(fresh.row, _merged(current.target.content, fresh.content, changes)))


def report(wish: Desired, current: Current, made: Plan) -> dict[str, Any]:
    """Which set to assign, what of the wishes it lacks, what its source grants and it does not, and what could not be asked of a field."""
    if wish.state == "absent":
        return {"permission_set": {"name": wish.name, "namespace": "", "qualified_name": wish.name, "label": "", "is_clone": False}}
    asked = _asked(wish, current)
    suffices = _source_suffices(wish, current, asked)
    effective = current.source if suffices else current.target
    content = effective.content if effective else Content()
    warnings = []
    after = content if suffices else _after(content, made)
    missing = _set_content.lacking(after, asked)
    not_cloned = [] if suffices or not current.source else _not_cloned(current.source, after)
    if suffices and missing:
        warnings.append(
            f"{effective.qualified if effective else wish.name} lacks {len(missing)} of the rights asked for: {'; '.join(missing[:5])}."
        )
    return {
        "permission_set": {
            "name": str(effective.row["Name"]) if effective else wish.name,
            "namespace": str(effective.row["NamespacePrefix"] or "") if effective else "",
            "qualified_name": effective.qualified if effective else wish.name,
            "label": str(effective.row["Label"]) if suffices and effective else _label(wish, current),
            "is_clone": bool(current.source and not suffices),
        },
        "source": current.source.qualified if current.source else None,
        "missing": missing,
        "not_cloned": not_cloned,
        "passed_over": [{"name": name, "reason": reason} for name, reason in asked.passed_over],
        "warnings": warnings,
    }


# -- wishes --------------------------------------------------------------------------------------------------------------------------


def _check_name(name: str, tried: str) -> None:
    if _NAME.match(name):
        return
    if "__" in name:
        raise Problem(
            tried,
            "a name with a namespace belongs to a package, whose sets cannot be written.",
            "Give the clone a name of your own and name the package's set in clone_from.",
            CONFIG,
            "managed_target",
        )
    raise Problem(
        tried,
        "Salesforce would refuse that API name.",
        "Use letters, digits and single underscores; begin with a letter; do not end with an underscore.",
        CONFIG,
        "bad_name",
    )


def _source(given: Mapping[str, Any] | None, tried: str) -> SetReference | None:
    if not given:
        return None
    if given["id"]:
        if not _ids.is_id(given["id"], "0PS"):
            remedy = "It begins with 0PS and has 15 characters, or 18 with their checksum; or name the set."
            raise Problem(tried, f"{given['id']} is not the Id of a permission set.", remedy, CONFIG, "not_an_id")
        return SetReference(id=given["id"])
    namespace = given["namespace"]
    if given["name"]:
        reference = _set_reference.parse(given["name"])
        return replace(reference, namespace=namespace) if namespace is not None and reference.namespace is None else reference
    if not given["label"]:
        raise Problem(tried, "clone_from names no set.", "Give id, name, or namespace with label.", CONFIG, "no_source")
    return SetReference(label=given["label"], namespace=namespace)


def _access(item: Mapping[str, Any], what: str, known: Mapping[str, str], tried: str) -> Access:
    """One line of a wish. Raises Problem for a right without those that it needs: the API would refuse it half-way."""
    name, rights = item[what].strip(), tuple(right for right in known if item[right])
    for right in rights:
        missing = [needed for needed in NEEDS.get(right, ()) if needed not in rights]
        if missing:
            raise Problem(tried, f"{right} on {name} needs {' and '.join(missing)} too.", "Ask for these as well.", CONFIG, "missing_right")
    return Access(name, rights)


def _asked(wish: Desired, current: Current) -> Grant:
    return _set_content.expand(wish.permissions, wish.objects, wish.fields, wish.classes, wish.pages, current.offer, wish.tried)


def _source_suffices(wish: Desired, current: Current, asked: Grant) -> bool:
    """Whether the source itself is to be used: as told, or because it grants all that is asked for."""
    if current.source is None or wish.clone == "always":
        return False
    return wish.clone == "never" or not _set_content.lacking(current.source.content, asked)


# -- reading -------------------------------------------------------------------------------------------------------------------------


def _first_reads(wish: Desired) -> list[Read]:
    meant = _either([_set_reference.condition(item) for item in _sets(wish)])
    parents = _parents(wish)
    return [
        Query("sets", f"SELECT {_set_reference.FIELDS} FROM PermissionSet WHERE {meant} ORDER BY NamespacePrefix NULLS FIRST"),
        *(Get(f"whole_{number}", f"/sobjects/PermissionSet/@{{sets.records[{number}].Id}}", _MISSING) for number in range(2)),
        *_row_reads(parents, parents, parents),
        Get("describe_set", "/sobjects/PermissionSet/describe"),
        Get("describe_objects", "/sobjects/ObjectPermissions/describe"),
        Get("describe_fields", "/sobjects/FieldPermissions/describe"),
    ]


def _sets(wish: Desired) -> list[SetReference]:
    return [wish.reference, *([wish.source] if wish.source else [])]


def _parents(wish: Desired) -> str:
    """The condition on rows that hang on the set or on its source."""
    return _either([_set_reference.condition(item, "Parent") for item in _sets(wish)])


def _row_reads(objects: str, fields: str, entities: str) -> list[Read]:
    rights = ", ".join(column for name, column in OBJECT_RIGHTS.items() if name != VIEW_ALL_FIELDS)
    view_all_fields = f"({objects}) AND {OBJECT_RIGHTS[VIEW_ALL_FIELDS]} = true"
    return [
        Query("objects", f"SELECT Id, ParentId, SobjectType, {rights} FROM ObjectPermissions WHERE {objects}"),
        Query(VIEW_ALL_FIELDS, f"SELECT Id FROM ObjectPermissions WHERE {view_all_fields}", tolerate=("INVALID_FIELD",)),
        Query("fields", f"SELECT Id, ParentId, SobjectType, Field, PermissionsRead, PermissionsEdit FROM FieldPermissions WHERE {fields}"),
        Query("entities", f"SELECT Id, ParentId, SetupEntityId, SetupEntityType FROM SetupEntityAccess WHERE {entities}"),
    ]


def _second_reads(wish: Desired, objects: Sequence[str], entity_ids: set[str], licensed: str) -> list[Read]:
    parents = _parents(wish)
    reads: list[Read] = [Query("tabs", f"SELECT Id, ParentId, Name, Visibility FROM PermissionSetTabSetting WHERE {parents}")]
    for kind, patterns in ((APEX_CLASS, wish.classes), (APEX_PAGE, wish.pages)):
        of_kind = sorted(item for item in entity_ids if item.startswith({APEX_CLASS: "01p", APEX_PAGE: "066"}[kind]))
        by_id = [f"Id IN {in_list(part)}" for part in list_chunks(of_kind)]
        conditions = [*map(_named_like, patterns), *by_id[:1]]
        wheres = [[""] if "" in conditions else conditions, *([item] for item in by_id[1:])] if conditions else []
        for number, where in enumerate(wheres):
            reads.append(
                Query(f"{kind}{number}", f"SELECT Id, Name, NamespacePrefix FROM {kind}" + (f" WHERE {_either(where)}" if where[0] else ""))
            )
    if wish.license:
        named = quote(wish.license)
        reads.append(Query("user_licenses", f"SELECT Id, Name FROM UserLicense WHERE Name = {named} OR MasterLabel = {named}"))
        reads.append(
            Query(
                "set_licenses",
                f"SELECT Id, MasterLabel, DeveloperName FROM PermissionSetLicense WHERE DeveloperName = {named} OR MasterLabel = {named}",
            )
        )
        reads.append(Get("set_license", "/sobjects/PermissionSetLicense/@{set_licenses.records[0].Id}", _MISSING))
    elif licensed.startswith(_SET_LICENSE):
        reads.append(Get("set_license", f"/sobjects/PermissionSetLicense/{licensed}", _MISSING))
    reads.extend(Get(f"describe_{name}", f"/sobjects/{name}/describe", ("NOT_FOUND",)) for name in objects)
    return reads


def _reads_of_touched(wish: Desired, changes: Sequence[Change]) -> list[Read]:
    own = SetReference(name=wish.name, namespace="")
    mine = _set_reference.condition(own, "Parent")
    reads: list[Read] = [
        Query("sets", f"SELECT {_set_reference.FIELDS} FROM PermissionSet WHERE {_set_reference.condition(own)}"),
        Get("whole_0", "/sobjects/PermissionSet/@{sets.records[0].Id}", _MISSING),
    ]
    kinds = {change.kind for change in changes}
    objects, view_all_fields, fields, entities = _row_reads(
        f"{mine}{_touched('SobjectType', OBJECT_KIND, changes)}", f"{mine}{_touched('Field', FIELD_KIND, changes)}", mine
    )
    if OBJECT_KIND in kinds:
        reads.extend((objects, view_all_fields))
    if FIELD_KIND in kinds:
        reads.append(fields)
    if kinds & set(ENTITY_KINDS.values()):
        reads.append(entities)
    return reads


def _touched(column: str, kind: str, changes: Sequence[Change]) -> str:
    """The condition that keeps a read-back to what was written, while that is a short list."""
    names = [_child(change) for change in changes if change.kind == kind]
    return f" AND {column} IN {in_list(names)}" if 0 < len(names) <= 200 else ""


def _either(conditions: Sequence[str]) -> str:
    if len(conditions) == 1:
        return conditions[0]
    return " OR ".join(f"({item})" for item in conditions)


def _named_like(pattern: str) -> str:
    """The narrowest condition that finds every class or page that the pattern may mean; "" where only all of them will do."""
    namespace, separator, name = pattern.partition("__")
    if not separator:
        return "" if _set_content.is_glob(pattern) else f"(Name = {quote(pattern)} AND NamespacePrefix = null)"
    if _set_content.is_glob(namespace):
        return ""
    own = f"NamespacePrefix = {quote(namespace)}"
    return f"({own})" if _set_content.is_glob(name) else f"({own} AND Name = {quote(name)})"


def _check_source(wish: Desired, source: PermissionSet | None) -> None:
    if source is None:
        raise Problem(
            wish.tried,
            f"the org has no permission set {wish.source} to clone.",
            "Check that the package is installed here, and the set's label and namespace (Setup, Permission Sets).",
            CONFIG,
            "unknown_source",
        )
    if source.qualified.lower() == wish.name.lower():
        raise Problem(wish.tried, "it would be a clone of itself.", "Name another set in clone_from.", CONFIG, "own_source")


def _as_foreseen(org: Org, reference: SetReference, found: PermissionSet | None) -> PermissionSet | None:
    """The set as earlier tasks of this check-mode run would leave it: made, extended, or gone."""
    planned = org.foreseen(KIND)
    name = _foreseen_name(planned, reference, found)
    if name is None:
        return found
    after = planned[name]
    if after is None:
        return None
    rows = [
        Create(kind, key, fields)
        for kind in (OBJECT_KIND, FIELD_KIND, *ENTITY_KINDS.values())
        for key, fields in org.foreseen(kind).items()
        if fields is not None and key.startswith(f"{name}/")
    ]
    row = found.row if found else _set_reference.foreseen_row(name, after)
    named = {column: after[option] for option, column in _ATTRIBUTES.items() if option in after}
    content = _after(found.content if found else Content(), Plan((Create(KIND, name, after), *rows)))
    return PermissionSet({**row, **named}, content)


def _foreseen_name(planned: Mapping[str, Any], reference: SetReference, found: PermissionSet | None) -> str | None:
    """The name under which the set is foreseen, if it is: only sets without a namespace ever are."""
    if found:
        return str(found.row["Name"]) if not found.row["NamespacePrefix"] and found.row["Name"] in planned else None
    if reference.id or reference.namespace:
        return None
    for name, after in planned.items():
        label = str((after or {}).get("label", ""))
        if name.lower() == str(reference.name).lower() or (reference.label and label.lower() == reference.label.lower()):
            return name
    return None


def _whole_rows(org: Org, answers: Answers, rows: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The sets with all their columns, by Id; those that the first read did not reach are asked for."""
    bodies: dict[str, Mapping[str, Any]] = {body["Id"]: body for ref, body in answers.bodies.items() if ref.startswith("whole_")}
    missing = [row["Id"] for row in rows if row["Id"] not in bodies]
    if missing:
        more = org.read([Get(f"whole_{item}", f"/sobjects/PermissionSet/{item}") for item in missing])
        bodies.update({body["Id"]: body for body in more.bodies.values()})
    return bodies


def _first_offer(answers: Answers) -> Offer:
    permissions = {
        item["name"][len("Permissions") :]: item["label"]
        for item in answers.bodies["describe_set"]["fields"]
        if item["name"].startswith("Permissions") and item["type"] == "boolean"
    }
    return Offer(
        permissions,
        frozenset(_picklist(answers.bodies["describe_objects"], "SobjectType")),
        frozenset(_picklist(answers.bodies["describe_fields"], "Field")),
    )


def _picklist(described: Mapping[str, Any], name: str) -> list[str]:
    for item in described["fields"]:
        if item["name"] == name:
            return [value["value"] for value in item["picklistValues"] if value["active"]]
    return []


def _entity_ids(answers: Answers, kind: str) -> dict[str, str]:
    return {_set_reference.qualified(row): row["Id"] for row in answers.all(kind)}


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


def _permission_set(
    row: Mapping[str, Any] | None, bodies: Mapping[str, Mapping[str, Any]], answers: Answers, offer: Offer
) -> PermissionSet | None:
    """A set with what it grants. Rows are told apart by ParentId; entities get the names that the org has for them."""
    if row is None:
        return None
    whole = bodies[row["Id"]]
    names = {entity: (kind, name) for kind, known in offer.entities.items() for name, entity in known.items()}
    entities: dict[tuple[str, str], Existing] = {}
    other: dict[str, str] = {}
    sees_all_fields = {item["Id"] for item in answers.rows.get(VIEW_ALL_FIELDS, ())}
    for item in _of(row, answers, "entities"):
        key = names.get(item["SetupEntityId"])
        if key:
            entities[key] = Existing(item["Id"], {"access": True})
        else:
            other[item["SetupEntityId"]] = str(item["SetupEntityType"])
    return PermissionSet(
        row,
        Content(
            frozenset(name for name in offer.permissions if whole.get(f"Permissions{name}") is True),
            {item["SobjectType"]: _existing(item, OBJECT_RIGHTS, sees_all_fields) for item in _of(row, answers, "objects")},
            {item["Field"]: _existing(item, FIELD_RIGHTS) for item in _of(row, answers, "fields")},
            entities,
            {item["Name"]: item["Visibility"] for item in _of(row, answers, "tabs")},
            other,
        ),
    )


def _of(row: Mapping[str, Any], answers: Answers, ref: str) -> list[dict[str, Any]]:
    return [item for item in answers.rows.get(ref, ()) if item["ParentId"] == row["Id"] and not item["Id"].startswith(_VIRTUAL)]


def _existing(item: Mapping[str, Any], rights: Mapping[str, str], sees_all_fields: Collection[str] = ()) -> Existing:
    granted = {name: bool(item[column]) for name, column in rights.items() if column in item}
    if VIEW_ALL_FIELDS in rights:
        granted[VIEW_ALL_FIELDS] = item["Id"] in sees_all_fields
    return Existing(item["Id"], granted)


def _read_absent(org: Org, wish: Desired) -> Current:
    own = SetReference(name=wish.name)
    answers = org.read(
        [
            Query("sets", f"SELECT {_set_reference.FIELDS} FROM PermissionSet WHERE {_set_reference.condition(own)}"),
            Query(
                "assignments",
                f"SELECT Id, PermissionSetId, Assignee.Username FROM PermissionSetAssignment WHERE {_set_reference.condition(own, 'PermissionSet')}",
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
    offer = Offer({}, frozenset(), frozenset())
    target = _as_foreseen(org, own, PermissionSet(row, Content()) if row else None)
    if target is None:
        return Current(None, None, offer)
    mine = {item["Assignee"]["Username"]: item["Id"] for item in answers.rows["assignments"] if item["PermissionSetId"] == target.id}
    for key, after in org.foreseen(ASSIGNMENT_KIND).items():
        set_name, username = key.split("/", 1)
        if set_name == target.qualified:
            mine.pop(username, None)
            mine.update({} if after is None else {username: ""})
    groups = sorted(item["PermissionSetGroup"]["DeveloperName"] for item in answers.rows["groups"] if item["PermissionSetId"] == target.id)
    return Current(target, None, offer, None, mine, tuple(groups))


def _merged(before: Content, fresh: Content, changes: Sequence[Change]) -> Content:
    """The content before, with the sections and rows that were read again in place of the old ones."""
    objects = {_child(change) for change in changes if change.kind == OBJECT_KIND}
    fields = {_child(change) for change in changes if change.kind == FIELD_KIND}
    entities_read = any(change.kind in ENTITY_KINDS.values() for change in changes)
    return Content(
        fresh.permissions,
        {**{name: row for name, row in before.objects.items() if name not in objects}, **fresh.objects},
        {**{name: row for name, row in before.fields.items() if name not in fields}, **fresh.fields},
        fresh.entities if entities_read else before.entities,
        before.tabs,
        fresh.other if entities_read else before.other,
    )


# -- planning ------------------------------------------------------------------------------------------------------------------------


def _check_writable(wish: Desired, target: PermissionSet) -> None:
    row = target.row
    remedy = "Choose another name for your own set; name this one in clone_from if you want its content."
    if row["NamespacePrefix"] and row["IsCustom"]:
        raise Problem(wish.tried, f"{target.qualified} belongs to a package and cannot be written.", remedy, CONFIG, "managed_target")
    if not row["IsCustom"] or row["NamespacePrefix"]:
        raise Problem(
            wish.tried, f"{target.qualified} is one of Salesforce's own sets and cannot be written.", remedy, CONFIG, "standard_target"
        )
    if row["PermissionSetGroupId"]:
        raise Problem(wish.tried, "it is the sum of a permission set group.", "Change the group's sets instead.", CONFIG, "group_target")


def _check_license(wish: Desired, current: Current, asked: Grant) -> None:
    wanted = current.license
    if wanted is None:
        return
    if wish.license and current.target and str(current.target.row["LicenseId"] or "") != wanted.id:
        raise Problem(
            wish.tried,
            f"it exists with another licence than {wanted.name}, and a set's licence never changes.",
            "Leave license out, or remove the set (state: absent) and make it anew, or use another name.",
            CONFIG,
            "license_fixed",
        )
    refused = sorted(asked.permissions - wanted.allows) if wanted.allows is not None else []
    if refused:
        raise Problem(
            wish.tried,
            f"the licence {wanted.name} does not allow {', '.join(refused)}.",
            "Take these permissions out, or choose a licence that allows them, or none.",
            CONFIG,
            "license_forbids",
        )


def _set_changes(wish: Desired, current: Current, grant: Grant) -> list[Change]:
    """The change to the set's own record: attributes and user permissions."""
    permissions = dict.fromkeys(sorted(grant.permissions), True)
    if current.target is None:
        after: dict[str, Any] = {"label": _default_label(wish), **wish.attributes}
        license_name = _license_of_new(current)[1]
        if license_name:
            after["license"] = license_name
        return [Create(KIND, wish.name, {**after, **({"user_permissions": sorted(permissions)} if permissions else {})})]
    row, held = current.target.row, current.target.content.permissions
    before: dict[str, Any] = {}
    changed: dict[str, Any] = {}
    for option, column in _ATTRIBUTES.items():
        if option in wish.attributes and (row[column] or "") != wish.attributes[option]:
            before[option], changed[option] = row[column] or "", wish.attributes[option]
    added = sorted(grant.permissions - held)
    if added:
        before["user_permissions"], changed["user_permissions"] = [], added
    return [Update(KIND, wish.name, current.target.id, before, changed)] if changed else []


def _content_changes(wish: Desired, current: Current, grant: Grant) -> list[Change]:
    """The changes to the rows that hang on the set, in the order in which the org takes them: masters before details."""
    held = current.target.content if current.target else Content()
    ordered = _set_content.masters_first(grant.objects, current.offer)
    objects = {name: _added_rights(held.objects.get(name), grant.objects[name], OBJECT_RIGHTS) for name in ordered if grant.objects[name]}
    fields = {
        name: _added_rights(held.fields.get(name), grant.fields[name], FIELD_RIGHTS) for name in sorted(grant.fields) if grant.fields[name]
    }
    changes = compare(OBJECT_KIND, _keyed(wish, held.objects), _keyed(wish, objects))
    changes += compare(FIELD_KIND, _keyed(wish, held.fields), _keyed(wish, fields))
    for kind, word in ENTITY_KINDS.items():
        wanted = {name: {"access": True} for entity, name in sorted(grant.entities) if entity == kind}
        having = {name: row for (entity, name), row in held.entities.items() if entity == kind}
        changes += compare(word, _keyed(wish, having), _keyed(wish, wanted))
    return changes


def _added_rights(row: Existing | None, rights: frozenset[str], known: Mapping[str, str]) -> Fields:
    """The rights as fields: a new row says all of them, an existing one only what it gains, since nothing is lowered."""
    if row is None:
        # Said whole, but for a column that not every org has.
        return {name: name in rights for name in known if name in rights or name != VIEW_ALL_FIELDS}
    return {name: True for name in known if name in rights}


def _keyed(wish: Desired, children: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{wish.name}/{name}": item for name, item in children.items()}


def _plan_absent(wish: Desired, current: Current) -> Plan:
    """Nobody may have a set that goes (Salesforce Help, permission sets): assignments first, then the set, which takes its rows along."""
    if current.target is None:
        return Plan()
    _check_writable(wish, current.target)
    if current.groups:
        raise Problem(
            f"removing permission set {wish.name}",
            f"it is in {listing(current.groups)}, and the set of a permission set group cannot be removed.",
            "Take it out of the group first (Setup, Permission Set Groups).",
            CONFIG,
            "in_group",
        )
    changes: list[Change] = [
        Delete(ASSIGNMENT_KIND, f"{wish.name}/{username}", row_id, {"assigned": True})
        for username, row_id in sorted(current.assignments.items())
    ]
    _users.guard_removals(sorted(current.assignments), wish.max_removals, f"removing permission set {wish.name}")
    label = str(current.target.row["Label"])
    return Plan((*changes, Delete(KIND, wish.name, current.target.id, {"label": label})))


def _license_of_new(current: Current) -> tuple[str, str]:
    """(Id, name) of the licence of a set to be made: as asked for, else its source's, as Setup's Clone does; empty for none."""
    if current.license:
        return current.license.id, current.license.name
    row = current.source.row if current.source else {}
    return str(row.get("LicenseId") or ""), str((row.get("License") or {}).get("Name") or "")


def _label(wish: Desired, current: Current) -> str:
    """The label as the plan leaves it."""
    return wish.attributes.get("label", str(current.target.row["Label"]) if current.target else _default_label(wish))


def _default_label(wish: Desired) -> str:
    return wish.name.replace("_", " ")


# -- writing -------------------------------------------------------------------------------------------------------------------------


def _as_write(change: Change, current: Current) -> Write:
    if isinstance(change, Delete):
        sobject = "PermissionSetAssignment" if change.kind == ASSIGNMENT_KIND else "PermissionSet"
        return Write(change, "delete", sobject, change.id, {})
    if change.kind == KIND:
        return _write_of_set(change, current)
    sobject, identifying, rights = _row_shape(change, current)
    fields = {rights[name]: value for name, value in change.after.items() if name in rights}
    if isinstance(change, Update):
        return Write(change, "update", sobject, change.id, fields)
    parent = current.target.id if current.target else _SET_ID
    return Write(change, "create", sobject, None, {"ParentId": parent, **identifying, **fields})


def _write_of_set(change: Change, current: Current) -> Write:
    after = {} if isinstance(change, Delete) else change.after
    fields: dict[str, Any] = {column: after[option] for option, column in _ATTRIBUTES.items() if option in after}
    fields.update({f"Permissions{name}": True for name in after.get("user_permissions", ())})
    if isinstance(change, Update):
        return Write(change, "update", "PermissionSet", change.id, fields)
    license_id = _license_of_new(current)[0]
    if license_id:
        fields["LicenseId"] = license_id
    return Write(change, "create", "PermissionSet", None, {"Name": change.key, **fields})


def _row_shape(change: Change, current: Current) -> tuple[str, dict[str, str], Mapping[str, str]]:
    """(sObject, identifying fields, rights) of a row that hangs on a set."""
    name = _child(change)
    if change.kind == OBJECT_KIND:
        return "ObjectPermissions", {"SobjectType": name}, OBJECT_RIGHTS
    if change.kind == FIELD_KIND:
        return "FieldPermissions", {"SobjectType": name.split(".", 1)[0], "Field": name}, FIELD_RIGHTS
    entity = next(kind for kind, word in ENTITY_KINDS.items() if word == change.kind)
    return "SetupEntityAccess", {"SetupEntityId": current.offer.entities[entity][name]}, {}


def _comes_along(change: Change, changes: Sequence[Change]) -> bool:
    """Custom fields of activities stand on Task and on Event, and the org writes both when one is written: only the Task row is sent. Where an
    org does not do that, reading back shows it and the Event row is sent alone."""
    name = _child(change)
    if change.kind != FIELD_KIND or not name.startswith("Event.") or not name.endswith("__c"):
        return False
    twin = f"{change.key.split('/', 1)[0]}/Task.{name.split('.', 1)[1]}"
    return any(other.kind == FIELD_KIND and other.key == twin and type(other) is type(change) for other in changes)


def _child(change: Change) -> str:
    return change.key.split("/", 1)[-1]


# -- reporting -----------------------------------------------------------------------------------------------------------------------


def _after(content: Content, made: Plan) -> Content:
    """The content as the plan leaves it; the same whether the plan was applied or only shown."""
    permissions, objects, fields, entities = set(content.permissions), dict(content.objects), dict(content.fields), dict(content.entities)
    words = {word: kind for kind, word in ENTITY_KINDS.items()}
    for change in made.changes:
        if isinstance(change, Delete):
            continue
        if change.kind == KIND:
            permissions.update(change.after.get("user_permissions", ()))
        elif change.kind in words:
            entities[(words[change.kind], _child(change))] = Existing(None, change.after)
        else:
            rows = objects if change.kind == OBJECT_KIND else fields
            held = rows[_child(change)].fields if _child(change) in rows else {}
            rows[_child(change)] = Existing(None, {**held, **change.after})
    return Content(frozenset(permissions), objects, fields, entities, content.tabs, content.other)


def _not_cloned(source_set: PermissionSet, clone: Content) -> list[str]:
    """What the source grants and the clone lacks, in words: nothing is dropped in silence."""
    source = source_set.content
    words = _set_content.lacking(clone, _set_content.as_grant(source))
    if source_set.row["HasActivationRequired"]:
        words.append("session activation")
    words += [f"tab {name} ({visibility})" for name, visibility in sorted(source.tabs.items()) if clone.tabs.get(name) != visibility]
    unmanaged = Counter(kind for entity, kind in source.other.items() if entity not in clone.other)
    return words + [f"access to {count} {kind}" for kind, count in sorted(unmanaged.items())]


NOUN = Noun(
    name=KIND,
    argument_spec={
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
        "label": {"type": "str"},
        "description": {"type": "str"},
        "license": {"type": "str"},
        "clone_from": {
            "type": "dict",
            "options": {"id": {"type": "str"}, "name": {"type": "str"}, "namespace": {"type": "str"}, "label": {"type": "str"}},
            "required_one_of": [["id", "name", "label"]],
            "mutually_exclusive": [["id", "name", "label"], ["id", "namespace"]],
        },
        "clone": {"type": "str", "default": "always", "choices": ["always", "when_needed", "never"]},
        "user_permissions": {"type": "list", "elements": "str"},
        "object_permissions": {
            "type": "list",
            "elements": "dict",
            "options": {
                "object": {"type": "str", "required": True},
                **{name: {"type": "bool", "default": False} for name in OBJECT_RIGHTS},
            },
        },
        "field_permissions": {
            "type": "list",
            "elements": "dict",
            "options": {"field": {"type": "str", "required": True}, **{name: {"type": "bool", "default": False} for name in FIELD_RIGHTS}},
        },
        "apex_classes": {"type": "list", "elements": "str"},
        "visualforce_pages": {"type": "list", "elements": "str"},
        "max_removals": {"type": "int", "default": 10},
    },
    desired=desired,
    read=read,
    plan=plan,
    report=report,
    write=write,
    reread=reread,
)
