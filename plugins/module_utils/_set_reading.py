# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Reading permission sets: what to ask of the org, and what its answers say each set grants. The asking itself is the noun's.

A set takes two looks. The first finds it, its rows and what the org can grant; the second brings the names behind the Ids of classes, pages and
the like, and the describes that turned out to be needed. EntityDefinition and FlowDefinitionView are not stored like other objects: the first
takes neither OR nor more than equality (public error texts), so each condition on them is a query of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from . import _set_reference
from ._grants import Row, tab_rights
from ._org import Answers, Get, Query, Read
from ._set_offer import AUTO_NUMBER, FORMULA, Offer
from ._set_reference import SetReference
from ._set_sections import (
    AVAILABLE,
    BY_OPTION,
    CUSTOM_METADATA_TYPES,
    CUSTOM_SETTINGS,
    ENTITIES,
    FIELDS,
    GRANTED,
    OBJECTS,
    TABS,
    USER_PERMISSIONS,
    VIEW_ALL_FIELDS,
    VISIBLE,
    WITH_ID,
    Entity,
    Section,
    section_of_entity,
)
from ._set_state import SetState
from ._set_wish import Selector, is_glob, matcher
from ._soql import chunks, in_list, list_chunks, quote

# A retrieval by the Id of a set that was not found, or after one that was not.
ABSENT = ("NOT_FOUND", "PROCESSING_HALTED", "INVALID_TYPE")
# Rows that exist only because of Modify All Data have made-up Ids and cannot be written (Object Reference, ObjectPermissions).
_VIRTUAL = "000"
_PREFIX = "Permissions"
_EVERYWHERE = tuple(name for name in OBJECTS.rights if name != VIEW_ALL_FIELDS)
_ENTITY_DEFINITIONS, _FLOWS = "EntityDefinition", "FlowDefinitionView"
# EntityDefinition answers one page and no more (public error text); a page has at least 200 rows (REST API Developer Guide, Query).
_DEFINITIONS_AT_ONCE = 200
_TOO_MANY = "EXCEEDED_ID_LIMIT"
_KINDS_AT_ONCE = 100
_NOT_ANSWERED = (_TOO_MANY, "MALFORMED_QUERY", "INVALID_FIELD", "INVALID_TYPE")
_EVER: Mapping[str, str] = {"IsEverCreatable": "create", "IsEverUpdatable": "edit", "IsEverDeletable": "delete"}
# FieldDefinition.DataType, as Setup calls it.
_AUTO_NUMBER = "Auto Number"
_NOT_FOR_THIS_USER = ("INVALID_TYPE", "INSUFFICIENT_ACCESS")
_VISIBILITIES: Mapping[str, str] = {"DefaultOn": VISIBLE, "DefaultOff": AVAILABLE}
VISIBILITY_COLUMN: Mapping[str, str] = {word: value for value, word in _VISIBILITIES.items()}


# -- what to ask ---------------------------------------------------------------------------------------------------------------------


def either(conditions: Sequence[str]) -> str:
    """The conditions joined by OR."""
    return conditions[0] if len(conditions) == 1 else " OR ".join(f"({item})" for item in conditions)


def set_reads(references: Sequence[SetReference]) -> list[Read]:
    """The sets that are meant, and the first two of them with all their columns."""
    meant = either([_set_reference.condition(item) for item in references])
    return [
        Query("sets", f"SELECT {_set_reference.FIELDS} FROM PermissionSet WHERE {meant} ORDER BY NamespacePrefix NULLS FIRST"),
        *(Get(f"whole_{number}", f"/sobjects/PermissionSet/@{{sets.records[{number}].Id}}", ABSENT) for number in range(2)),
    ]


def row_reads(parents: str, objects: str = "", fields: str = "") -> list[Read]:
    """The object, field, setup entity and tab rows below the sets. parents: the condition on them. objects, fields: what narrows those rows."""
    return [
        object_read(parents, objects, VIEW_ALL_FIELDS),
        Query(
            "fields",
            f"SELECT Id, ParentId, SobjectType, Field, PermissionsRead, PermissionsEdit FROM FieldPermissions WHERE ({parents}){fields}",
        ),
        Query("entities", f"SELECT Id, ParentId, SetupEntityId, SetupEntityType FROM SetupEntityAccess WHERE {parents}"),
        Query("tabs", f"SELECT Id, ParentId, Name, Visibility FROM PermissionSetTabSetting WHERE {parents}"),
    ]


def object_read(parents: str, narrowed: str = "", extra: str = "") -> Query:
    """The object rows below the sets. extra: a right whose column not every org has; where it is missing, the query is refused as a whole and
    asked again without it."""
    rights = ", ".join(column for name, column in OBJECTS.rights.items() if name in (*_EVERYWHERE, extra))
    soql = f"SELECT Id, ParentId, SobjectType, {rights} FROM ObjectPermissions WHERE ({parents}){narrowed}"
    return Query("objects", soql, tolerate=("INVALID_FIELD",) if extra else ())


def describe_reads() -> list[Read]:
    """What the org can grant: columns of the set, objects and fields."""
    return [
        Get("describe_set", "/sobjects/PermissionSet/describe"),
        Get("describe_objects", "/sobjects/ObjectPermissions/describe"),
        Get("describe_fields", "/sobjects/FieldPermissions/describe"),
    ]


def name_reads(entity_ids: Collection[str], lines: Sequence[Selector], listed: Collection[str] = ()) -> list[Read]:
    """The queries for the names behind these Ids, and for what these lines mean. listed: custom settings and metadata types of the org, where
    a line needs them all. What asks EntityDefinition may be refused for its size: see names_again."""
    return _name_reads(_by_sobject(), entity_ids, lines, listed, _DEFINITIONS_AT_ONCE)


def names_again(answers: Answers, entity_ids: Collection[str], lines: Sequence[Selector], listed: Collection[str] = ()) -> list[Read]:
    """The queries to ask once more, one name each, where EntityDefinition had more rows than the org's page: it has no second one."""
    if not any(ref.startswith(_ENTITY_DEFINITIONS) for ref in answers.refusals):
        return []
    return _name_reads({_ENTITY_DEFINITIONS: _by_sobject()[_ENTITY_DEFINITIONS]}, entity_ids, lines, listed, 1)


def _name_reads(
    sobjects: Mapping[str, list[Section]], entity_ids: Collection[str], lines: Sequence[Selector], listed: Collection[str], at_once: int
) -> list[Read]:
    reads: list[Read] = []
    for sobject, sections in sobjects.items():
        entity = _entity(sections[0])
        ids = sorted(item for item in entity_ids if item.startswith(entity.prefix))
        asked = [line for line in lines if BY_OPTION[line.section] in sections]
        if sobject == _ENTITY_DEFINITIONS:
            conditions = _definition_conditions(ids, asked, listed, at_once)
        elif sobject == _FLOWS:
            # Whether DurableId has 15 characters or 18 is not known, and it is compared as text.
            conditions = [*_in("DurableId", [*ids, *(item[:15] for item in ids)]), *_flow_conditions(asked)]
        else:
            conditions = _stored_conditions(entity, ids, asked)
        columns = ", ".join(dict.fromkeys([entity.id, entity.name, *filter(None, [entity.namespace])]))
        extra = ", IsCustomSetting" if sobject == _ENTITY_DEFINITIONS else ""
        tolerate = (_TOO_MANY,) if sobject == _ENTITY_DEFINITIONS and at_once > 1 else ()
        for number, where in enumerate([""] if "" in conditions else conditions):
            soql = f"SELECT {columns}{extra} FROM {sobject}" + (f" WHERE {where}" if where else "")
            reads.append(Query(f"{sobject}{number}", soql, tolerate))
    return reads


def kind_reads(fields: Sequence[str]) -> list[Read]:
    """Which of these fields the org computes, in fewer calls than their objects' describes would take: by EntityDefinition's child relationship
    Fields (Tooling API Guide), since FieldDefinition itself may refuse more than one object."""
    by_object: dict[str, list[str]] = {}
    for name in fields:
        by_object.setdefault(name.partition(".")[0], []).append(name.partition(".")[2])
    reads: list[Read] = []
    for number, part in enumerate(chunks(sorted(by_object), _KINDS_AT_ONCE)):
        own = sorted({name for object_name in part for name in by_object[object_name]})
        below = f"SELECT QualifiedApiName, IsCalculated, DataType FROM Fields WHERE QualifiedApiName IN {in_list(own)}"
        soql = f"SELECT QualifiedApiName, ({below}) FROM EntityDefinition WHERE QualifiedApiName IN {in_list(part)}"
        reads.append(Query(f"kinds{number}", soql, _NOT_ANSWERED, tooling=True))
    return reads


def ability_reads(objects: Sequence[str]) -> list[Read]:
    """Whether anybody at all can create, edit and delete records of these objects: describe tells only whether the running user can."""
    columns = ", ".join(_EVER)
    return [
        Query(
            f"ever{number}",
            f"SELECT QualifiedApiName, {columns} FROM EntityDefinition WHERE QualifiedApiName IN {in_list(part)}",
            _NOT_ANSWERED,
        )
        for number, part in enumerate(chunks(objects, _KINDS_AT_ONCE))
    ]


def impossible_in(answers: Answers) -> dict[str, frozenset[str]]:
    """object -> rights that nobody can have on it. Empty where the org did not answer: then it says itself what it refuses."""
    found = {}
    for row in answers.all("ever"):
        rights = frozenset(right for column, right in _EVER.items() if row[column] is False)
        found[str(row["QualifiedApiName"])] = rights | ({"modify_all_records"} if rights & {"edit", "delete"} else frozenset())
    return found


def kinds_in(answers: Answers, fields: Sequence[str]) -> dict[str, str | None]:
    """field -> why it cannot be edited, or "" where it can; None for a field that the org does not show. Empty where the org did not answer
    such queries: then the objects must be described."""
    if any(ref.startswith("kinds") for ref in answers.refusals):
        return {}
    found = {}
    for row in answers.all("kinds"):
        for item in (row["Fields"] or {}).get("records", ()):
            numbered = AUTO_NUMBER if item["DataType"] == _AUTO_NUMBER else ""
            found[f"{row['QualifiedApiName']}.{item['QualifiedApiName']}"] = FORMULA if item["IsCalculated"] else numbered
    return {name: found.get(name) for name in fields}


def needs_listing(lines: Iterable[Selector]) -> bool:
    """Whether a line can only be answered from the list of all objects: a glob or package of settings or metadata types."""
    return any(line.section in (CUSTOM_SETTINGS.option, CUSTOM_METADATA_TYPES.option) and not line.is_exact for line in lines)


def tab_names_read(lines: Sequence[Selector], held: Collection[str]) -> list[Read]:
    """The org's tabs, where a line is a glob or package, or names a tab that is not known already. The Tooling API tells all of them to who may
    view the setup, the data API only those that the running user sees (TabDefinition, Tooling API Guide and Object Reference)."""
    known = {name.lower() for name in held}
    new = sorted({line.pattern for line in lines if line.is_exact and line.pattern.lower() not in known})
    if any(not line.is_exact for line in lines):
        return [_tab_names("")]
    return [_tab_names(f" WHERE Name IN {in_list(part)}", number) for number, part in enumerate(list_chunks(new))]


def _tab_names(where: str, number: int = 0) -> Query:
    return Query(f"tab_names{number}", f"SELECT Name FROM TabDefinition{where}", _NOT_FOR_THIS_USER, tooling=True)


def _by_sobject() -> dict[str, list[Section]]:
    found: dict[str, list[Section]] = {}
    for section in ENTITIES:
        found.setdefault(_entity(section).sobject, []).append(section)
    return found


def _entity(section: Section) -> Entity:
    if section.entity is None:
        raise AssertionError(f"{section.option} is no section of setup entities")
    return section.entity


def _in(column: str, values: Sequence[str]) -> list[str]:
    return [f"{column} IN {in_list(part)}" for part in list_chunks(values)]


def _stored_conditions(entity: Entity, ids: Sequence[str], lines: Sequence[Selector]) -> list[str]:
    """One condition where the lists are short enough for one statement."""
    by_namespace: dict[str, list[str]] = {}
    conditions = []
    for line in lines:
        namespace, name = _parted(line, entity)
        if namespace is None:
            return [""]
        if name:
            by_namespace.setdefault(namespace, []).append(name)
        else:
            conditions.append(f"{entity.namespace} = {quote(namespace)}")
    for namespace, names in by_namespace.items():
        owned = f"{entity.namespace} = {quote(namespace) if namespace else 'null'} AND " if entity.namespace else ""
        conditions += [f"({owned}{part})" for part in _in(entity.name, names)]
    by_id = _in(entity.id, ids)
    short = [*conditions, *by_id[:1]]
    joined = [either(short)] if short and sum(map(len, short)) < 90_000 else short
    return [*joined, *by_id[1:]]


def _parted(line: Selector, entity: Entity) -> tuple[str | None, str]:
    """(namespace, name) that a line asks for: no name for all of a namespace, no namespace (None) where only the list of all will do."""
    if line.package:
        return line.package, ""
    if not entity.namespace:
        # One of several of that name is written with its Id.
        return (None, "") if is_glob(line.pattern) else ("", WITH_ID.sub("", line.pattern))
    namespace, separator, name = line.pattern.partition("__")
    if not separator:
        return (None, "") if is_glob(line.pattern) else ("", line.pattern)
    if is_glob(namespace):
        return None, ""
    return namespace, "" if is_glob(name) else name


def _flow_conditions(lines: Sequence[Selector]) -> list[str]:
    """Whether ApiName carries a package's prefix is not known: exact names are asked for both ways, and told apart afterwards."""
    names: list[str] = []
    conditions = []
    for line in lines:
        namespace, name = _parted(line, Entity("", "", "", ""))
        if namespace is None:
            return [""]
        if name:
            names += [name, *([f"{namespace}__{name}"] if namespace else [])]
        else:
            conditions.append(f"NamespacePrefix = {quote(namespace)}")
    return [*dict.fromkeys(conditions), *_in("ApiName", list(dict.fromkeys(names)))]


def _definition_conditions(ids: Sequence[str], lines: Sequence[Selector], listed: Collection[str], at_once: int) -> list[str]:
    names = {line.pattern for line in lines if line.is_exact}
    for line in lines:
        if not line.is_exact:
            fits = matcher(line)
            names |= {name for name in listed if fits(name) and name.endswith("__mdt") == (line.section == CUSTOM_METADATA_TYPES.option)}
    conditions = [f"DurableId IN {in_list(item[:15] for item in part)}" for part in chunks(ids, at_once)]
    return conditions + [f"QualifiedApiName IN {in_list(part)}" for part in chunks(sorted(names), at_once)]


# -- what the answers say ------------------------------------------------------------------------------------------------------------


def offer_of(answers: Answers) -> Offer:
    """What the org can grant, names behind Ids and traits of objects left out."""
    return Offer(
        {
            item["name"][len(_PREFIX) :]: item["label"]
            for item in answers.bodies["describe_set"]["fields"]
            if item["name"].startswith(_PREFIX) and item["type"] == "boolean"
        },
        _picklist(answers.bodies["describe_objects"], "SobjectType"),
        frozenset(_picklist(answers.bodies["describe_fields"], "Field")),
        object_rights=_rights_known(answers.bodies["describe_objects"]),
    )


def _rights_known(described: Mapping[str, Any]) -> frozenset[str]:
    columns = {item["name"] for item in described["fields"]}
    return frozenset(name for name, column in OBJECTS.rights.items() if column in columns)


def settings_listed(body: Mapping[str, Any]) -> list[str]:
    """The custom settings and metadata types among all objects of the org (Describe Global)."""
    return [item["name"] for item in body["sobjects"] if item.get("customSetting") or item["name"].endswith("__mdt")]


def names_in(answers: Answers) -> dict[str, dict[str, str]]:
    """section -> name -> Id, of everything that the name queries brought."""
    names: dict[str, dict[str, str]] = {section.option: {} for section in (*ENTITIES, TABS)}
    for sobject, sections in _by_sobject().items():
        entity = _entity(sections[0])
        rows = {str(row[entity.id]): row for row in answers.all(sobject) if str(row[entity.id]).startswith(entity.prefix)}
        called = {row_id: _called(entity, row) for row_id, row in rows.items()}
        # Names compare without case: two that differ in nothing else are one name for two things.
        twice = {name for name, count in Counter(map(str.lower, called.values())).items() if count > 1}
        for row_id, name in called.items():
            section = section_of_entity(entity.type, name)
            if section is None or (section is CUSTOM_SETTINGS and not rows[row_id].get("IsCustomSetting")):
                continue
            names[section.option][f"{name} ({row_id})" if name.lower() in twice else name] = row_id
    names[TABS.option] = {row["Name"]: "" for row in answers.all("tab_names")}
    return names


def state_of(
    row: Mapping[str, Any], whole: Mapping[str, Any], answers: Answers, names: Mapping[str, Mapping[str, str]], permissions: Iterable[str]
) -> SetState:
    """A set with what it grants. Rows are told apart by ParentId; what they grant access to gets the names that the org has for it."""
    by_id = {row_id[:15]: (option, name) for option, known in names.items() for name, row_id in known.items() if row_id}
    held: dict[str, dict[str, Row]] = {option: {} for option in BY_OPTION}
    other: dict[str, str] = {}
    for name in permissions:
        if whole.get(f"{_PREFIX}{name}") is True:
            held[USER_PERMISSIONS.option][name] = Row(None, frozenset({GRANTED}))
    for item in _of(row, answers, "objects"):
        held[OBJECTS.option][item["SobjectType"]] = Row(item["Id"], _rights(OBJECTS, item))
    for item in _of(row, answers, "fields"):
        held[FIELDS.option][item["Field"]] = Row(item["Id"], _rights(FIELDS, item))
    for item in _of(row, answers, "entities"):
        known = by_id.get(item["SetupEntityId"][:15])
        if known:
            held[known[0]][known[1]] = Row(item["Id"], frozenset({GRANTED}))
        else:
            other[item["SetupEntityId"]] = str(item["SetupEntityType"])
    for item in _of(row, answers, "tabs"):
        held[TABS.option][item["Name"]] = Row(item["Id"], tab_rights(_VISIBILITIES.get(item["Visibility"], AVAILABLE)))
    return SetState(row, held, other)


def _picklist(described: Mapping[str, Any], name: str) -> dict[str, str]:
    for item in described["fields"]:
        if item["name"] == name:
            return {value["value"]: str(value.get("label") or value["value"]) for value in item["picklistValues"] if value["active"]}
    return {}


def _called(entity: Entity, row: Mapping[str, Any]) -> str:
    """The name with its package's prefix, once."""
    namespace, name = str(row.get(entity.namespace) or ""), str(row[entity.name])
    return name if not namespace or name.lower().startswith(f"{namespace.lower()}__") else f"{namespace}__{name}"


def _of(row: Mapping[str, Any], answers: Answers, ref: str) -> list[dict[str, Any]]:
    return [item for item in answers.rows.get(ref, ()) if item["ParentId"] == row["Id"] and not item["Id"].startswith(_VIRTUAL)]


def _rights(section: Section, item: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(name for name, column in section.rights.items() if item.get(column))
