# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Permission sets and wishes for them, at random, in orgs of any shape; and what a wish means there, found out without the collection's help.

Everything a set grants is spoken of in triples (section, name, right), read off the emulated org itself. What needs what is the emulator's own
knowledge; selectors mean what a prefix, an ending or a namespace says.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils._dependencies import HIGH_RISK
from emulator import ids, seed
from emulator.evidence import import_everything
from emulator.org import Org
from emulator.rules.dependencies import edges, published
from emulator.rules.field_permissions import permissionable_fields
from emulator.rules.object_permissions import general_edges, permissionable_objects
from emulator.rules.registry import switches
from emulator.rules.tabs import tabs_of
from emulator.seed.package import custom_field
from emulator.seed.sets import definition_of
from emulator.seed.upgrade import administrators, open_to_administrators
from emulator.tooling.durable import named_by

import_everything()

Triple = tuple[str, str, str]
Triples = frozenset[Triple]

OBJECTS, FIELDS, TABS, PERMISSIONS = "object_permissions", "field_permissions", "tabs", "user_permissions"
ENTITIES: Mapping[str, str] = {
    "apex_classes": "ApexClass",
    "visualforce_pages": "ApexPage",
    "custom_permissions": "CustomPermission",
    "custom_settings": "CustomEntityDefinition",
    "custom_metadata_types": "CustomEntityDefinition",
    "connected_apps": "ConnectedApplication",
    "flows": "FlowDefinition",
}
SECTIONS = (OBJECTS, FIELDS, *ENTITIES, TABS, PERMISSIONS)
OBJECT_COLUMNS: Mapping[str, str] = {
    "read": "PermissionsRead",
    "create": "PermissionsCreate",
    "edit": "PermissionsEdit",
    "delete": "PermissionsDelete",
    "view_all_records": "PermissionsViewAllRecords",
    "modify_all_records": "PermissionsModifyAllRecords",
    "view_all_fields": "PermissionsViewAllFields",
}
VERBS: Mapping[str, str] = {
    "read": "read",
    "create": "create",
    "update": "edit",
    "delete": "delete",
    "viewallrecords": "view_all_records",
    "modifyallrecords": "modify_all_records",
    "viewallfields": "view_all_fields",
}
WITHIN: Mapping[str, tuple[str, ...]] = {
    "create": ("read",),
    "edit": ("read",),
    "delete": ("read", "edit"),
    "view_all_records": ("read",),
    "modify_all_records": ("read", "edit", "delete", "view_all_records"),
    "view_all_fields": ("read",),
}
GRANTED = "granted"
VISIBILITY: Mapping[str, tuple[str, ...]] = {"visible": ("available", "visible"), "available": ("available",)}
NAMESPACES = ("NVMContactWorld", "BigPkg")


# -- orgs ----------------------------------------------------------------------------------------------------------------------------


def any_org(number: int, name: str = "acme-uat", *, at_random: bool = True) -> Org:
    """The random org of that number, with fields on other people's objects, fields that the administrator does not see, and an object that
    nobody can create. at_random: whether every open point of the emulator is decided at random too."""
    chance = random.Random(number)
    decided = {item.name: chance.choice(item.settings) for _unused, item in sorted(switches().items())} if at_random else {}
    features = seed.DEFAULT_FEATURES | {"user_access_policies"}
    org = seed.random_org(number, name, sandbox=True, seed=number + 1, features=features, package=chance.random() < 0.7, switches=decided)
    objects = [
        one
        for one in org.seed_info["shape"]["objects"]
        if org.schema.sobjects[one].deletable and not org.schema.sobjects[one].custom_setting
    ]
    for owner in chance.sample(objects, 3):
        _add_field(org, owner, chance.choice(("Own__c", *(f"{prefix}__Added__c" for prefix in NAMESPACES))))
    closed = replace(org.schema.sobjects[chance.choice(objects)], createable=False)
    org.evolve(org.schema.with_sobjects([closed]))
    _hide(org, [name for name, _label in permissionable_fields(org) if chance.random() < 0.02])
    return org


def _add_field(org: Org, owner: str, name: str) -> None:
    added = custom_field({"name": name, "label": "Added", "type": "string", "length": 80})
    org.evolve(org.schema.with_sobjects([org.schema.sobjects[owner].with_fields([added])]))
    open_to_administrators(org, [f"{owner}.{name}"])


def _hide(org: Org, fields: Iterable[str]) -> None:
    """Take these fields from the administrators' sight."""
    for row in org.find("FieldPermissions", ParentId=administrators(org), Field=list(fields)):
        org.remove("FieldPermissions", row["Id"])


@dataclass(frozen=True)
class Shape:
    """What sets can be made of in one org, as the org itself has it."""

    org: Org
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Section -> name -> Id, of what SetupEntityAccess grants."""

    @classmethod
    def of(cls, org: Org) -> Shape:
        return cls(org, {section: _entities(org, section) for section in ENTITIES})

    @cached_property
    def objects(self) -> dict[str, frozenset[str]]:
        """Object -> the rights that anybody can have on it."""
        found = {}
        for name, _label in permissionable_objects(self.org):
            sobject = self.org.schema.sobjects[name]
            barred = {
                right
                for able, right in ((sobject.createable, "create"), (sobject.updateable, "edit"), (sobject.deletable, "delete"))
                if not able
            }
            found[name] = frozenset(OBJECT_COLUMNS) - barred - ({"modify_all_records"} if barred & {"edit", "delete"} else set())
        return found

    @cached_property
    def fields(self) -> dict[str, frozenset[str]]:
        """Object.Field -> the rights that anybody can have on it, of the fields that the administrator sees."""
        seen = self.org.schema_seen(str(self.org.default_user), "66.0").sobjects
        found = {}
        for name, _label in permissionable_fields(self.org):
            owner, _unused, own = name.partition(".")
            item = seen[owner].fields.get(own) if owner in seen else None
            if item is not None:
                found[name] = frozenset({"read"} if item.calculated or item.auto_number else {"read", "edit"})
        return found

    @cached_property
    def tabs(self) -> list[str]:
        return sorted(tabs_of(self.org))

    @cached_property
    def permissions(self) -> dict[str, str]:
        """User permission -> label."""
        columns = self.org.schema.sobjects["PermissionSet"].fields.values()
        return {
            item.name.removeprefix("Permissions"): item.label
            for item in columns
            if item.name.startswith("Permissions") and item.type == "boolean"
        }

    @cached_property
    def masters(self) -> dict[str, frozenset[str]]:
        found = {}
        for name in self.objects:
            masters = [item.reference_to for item in self.org.schema.sobjects[name].fields.values() if item.master_detail]
            found[name] = frozenset(one for several in masters for one in several if one in self.objects)
        return found

    @cached_property
    def told(self) -> dict[Triple, frozenset[Triple]]:
        """Everything that the org shows, enforces or might enforce of what needs what."""
        pairs = [((row.permission, row.required)) for row in published(self.org, general_edges(self.org))]
        found: dict[Triple, set[Triple]] = {}
        for one, other in pairs:
            found.setdefault(_thing(one), set()).add(_thing(other))
        for of in ("user_permissions", "objects_of_user_permissions", "object_permissions"):
            for edge in edges(of):
                found.setdefault(_thing(edge.permission), set()).add(_thing(edge.requires))
        for detail, masters in self.masters.items():
            for right in set(OBJECT_COLUMNS) - {"create"}:
                found.setdefault((OBJECTS, detail, right), set()).update((OBJECTS, master, right) for master in masters)
        return {thing: frozenset(item for item in needed if self.knows(item)) for thing, needed in found.items()}

    def knows(self, triple: Triple) -> bool:
        """Whether the org has such a thing."""
        section, name, _unused = triple
        if section == PERMISSIONS:
            return name in self.permissions
        return name in {OBJECTS: self.objects, FIELDS: self.fields, TABS: self.tabs}.get(section, self.names.get(section, {}))

    def least(self, asked: Iterable[Triple]) -> Triples:
        """What must come with it: the rights of the same row, and what reading a detail needs of its masters."""
        return _closed(asked, self._least)

    def most(self, asked: Iterable[Triple]) -> Triples:
        """What may come with it: everything that anybody says it needs, and what the org writes by itself."""
        return _closed(asked, lambda triple: [*self._least(triple), *self.told.get(triple, ()), *self._mirrored(triple)])

    def _least(self, triple: Triple) -> list[Triple]:
        section, name, right = triple
        if section == FIELDS and right == "edit":
            return [(section, name, "read")]
        if section != OBJECTS:
            return []
        masters = self.masters.get(name, frozenset()) if right in ("read", "view_all_records") else frozenset()
        return [*((section, name, one) for one in WITHIN.get(right, ())), *((section, master, right) for master in masters)]

    def with_twins(self, triples: Triples) -> Triples:
        """The same, and what the org may write along with it."""
        return triples | {twin for triple in triples for twin in self._mirrored(triple)}

    def _mirrored(self, triple: Triple) -> list[Triple]:
        """Custom fields of activities stand on tasks and on events, and the org may write both."""
        section, name, right = triple
        owner, _unused, own = name.partition(".")
        other = {"Task": "Event", "Event": "Task"}.get(owner)
        return [(section, f"{other}.{own}", right)] if section == FIELDS and other and own.endswith("__c") else []

    def is_harmless(self, asked: Iterable[Triple]) -> bool:
        """Whether nothing that opens the org could come with it."""
        wanted = frozenset(asked)
        return not any(section == PERMISSIONS and name in HIGH_RISK for section, name, _unused in self.most(wanted) - wanted)


def _thing(name: str) -> Triple:
    """A right as the emulator writes it: ApiEnabled, Account:Read or Account<read>."""
    for separator in (":", "<"):
        owner, found, verb = name.rstrip(">").partition(separator)
        if found:
            right = {**VERBS, "viewallrecords": "view_all_records"}.get(verb.lower()) or verb.lower()
            return OBJECTS, owner, right
    return PERMISSIONS, name, GRANTED


def _closed(asked: Iterable[Triple], needed: Any) -> Triples:
    found, todo = set[Triple](), list(asked)
    while todo:
        item = todo.pop()
        if item not in found:
            found.add(item)
            todo += needed(item)
    return frozenset(found)


def _entities(org: Org, section: str) -> dict[str, str]:
    """Name with prefix -> Id."""
    if section in ("custom_settings", "custom_metadata_types"):
        wanted = [
            one.name
            for one in org.schema.sobjects.values()
            if (one.name.endswith("__mdt") if section == "custom_metadata_types" else one.custom_setting)
        ]
        return {name: definition_of(org, name) for name in sorted(wanted)}
    if section == "flows":
        return {_qualified(row, "ApiName"): str(ids.to_18(row["DurableId"])) for row in org.find("FlowDefinitionView")}
    column = "DeveloperName" if section == "custom_permissions" else "Name"
    return {_qualified(row, column): str(row["Id"]) for row in org.find(ENTITIES[section])}


def _qualified(row: Mapping[str, Any], column: str) -> str:
    prefix, name = row.get("NamespacePrefix"), str(row[column])
    return name if not prefix or name.startswith(f"{prefix}__") else f"{prefix}__{name}"


# -- sets ----------------------------------------------------------------------------------------------------------------------------


def granted(shape: Shape, set_id: str) -> Triples:
    """Everything that the set grants, as its records say."""
    org = shape.org
    found: set[Triple] = set()
    row = org.get("PermissionSet", set_id) or {}
    found |= {
        (PERMISSIONS, name.removeprefix("Permissions"), GRANTED)
        for name, value in row.items()
        if name.startswith("Permissions") and value is True
    }
    for item in org.find("ObjectPermissions", ParentId=set_id):
        found |= {(OBJECTS, item["SobjectType"], right) for right, column in OBJECT_COLUMNS.items() if item.get(column)}
    for item in org.find("FieldPermissions", ParentId=set_id):
        found |= {(FIELDS, item["Field"], right) for right in ("read", "edit") if item[f"Permissions{right.title()}"]}
    for item in org.find("PermissionSetTabSetting", ParentId=set_id):
        found |= {(TABS, item["Name"], right) for right in VISIBILITY["visible" if item["Visibility"] == "DefaultOn" else "available"]}
    called = {record_id[:15]: (section, name) for section, names in shape.names.items() for name, record_id in names.items()}
    for item in org.find("SetupEntityAccess", ParentId=set_id):
        section, name = called.get(item["SetupEntityId"][:15]) or ("?", str(named_by(org, item["SetupEntityId"])))
        found.add((section, name, GRANTED))
    return frozenset(found)


def put_set(shape: Shape, name: str, triples: Iterable[Triple], namespace: str | None = None, **values: Any) -> str:
    """A set of that content, put into the org as it is; its Id."""
    org = shape.org
    set_id = org.put(
        "PermissionSet", Name=name, Label=name, NamespacePrefix=namespace, IsCustom=True, IsOwnedByProfile=False, Type="Regular", **values
    )
    fill(shape, set_id, triples)
    return set_id


def fill(shape: Shape, set_id: str, triples: Iterable[Triple]) -> None:
    """Make the content of the set exactly this, without the rules: as a vendor's upgrade does."""
    org = shape.org
    for sobject in ("ObjectPermissions", "FieldPermissions", "SetupEntityAccess", "PermissionSetTabSetting"):
        for row in org.find(sobject, ParentId=set_id):
            org.remove(sobject, row["Id"])
    rights: dict[tuple[str, str], set[str]] = {}
    for section, name, right in triples:
        rights.setdefault((section, name), set()).add(right)
    on = {name for section, name in rights if section == PERMISSIONS}
    org.set("PermissionSet", set_id, **{f"Permissions{name}": name in on for name in shape.permissions})
    for (section, name), held in sorted(rights.items()):
        if section == OBJECTS:
            org.put("ObjectPermissions", ParentId=set_id, SobjectType=name, **{OBJECT_COLUMNS[right]: True for right in held})
        elif section == FIELDS:
            edit = "edit" in held
            org.put(
                "FieldPermissions",
                ParentId=set_id,
                SobjectType=name.partition(".")[0],
                Field=name,
                PermissionsRead=True,
                PermissionsEdit=edit,
            )
        elif section == TABS:
            org.put("PermissionSetTabSetting", ParentId=set_id, Name=name, Visibility="DefaultOn" if "visible" in held else "DefaultOff")
        elif section in ENTITIES:
            org.put("SetupEntityAccess", ParentId=set_id, SetupEntityId=shape.names[section][name], SetupEntityType=ENTITIES[section])


def any_content(shape: Shape, most: int = 6, *, risky: bool = False) -> st.SearchStrategy[Triples]:
    """What some set of the org grants: complete in itself. risky: whether it may hold what opens the org."""
    permissions = [
        name for name in sorted(shape.permissions) if risky or (name not in HIGH_RISK and shape.is_harmless([(PERMISSIONS, name, GRANTED)]))
    ]
    pools: list[st.SearchStrategy[Triple]] = [
        st.sampled_from(sorted(shape.objects)).flatmap(
            lambda name: st.sampled_from([(OBJECTS, name, right) for right in sorted(shape.objects[name])])
        ),
        st.sampled_from(sorted(shape.fields)).flatmap(
            lambda name: st.sampled_from([(FIELDS, name, right) for right in sorted(shape.fields[name])])
        ),
        st.sampled_from([(PERMISSIONS, name, GRANTED) for name in permissions]),
        st.sampled_from([(TABS, name, right) for name in shape.tabs for right in VISIBILITY["visible"]]),
    ]
    pools += [st.sampled_from([(section, name, GRANTED) for name in sorted(names)]) for section, names in shape.names.items() if names]
    return st.lists(st.one_of(pools), min_size=most, max_size=3 * most).map(
        lambda triples: _whole_tabs(_possible(shape, shape.most(triples)))
    )


def _possible(shape: Shape, triples: Triples) -> Triples:
    """Without the rights that nobody can have, and what is left of a row that needs them."""
    return frozenset(
        (section, name, right)
        for section, name, right in triples
        if section != OBJECTS or (right in shape.objects[name] and set(WITHIN.get(right, ())) <= shape.objects[name])
    )


def _whole_tabs(triples: Triples) -> Triples:
    return triples | {(TABS, name, "available") for section, name, right in triples if section == TABS}


# -- wishes --------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wish:
    """Sections of a task, and what they ask for in the org that they were made for."""

    options: Mapping[str, Any]
    asked: Triples

    def __str__(self) -> str:
        return str(dict(self.options))


@dataclass(frozen=True)
class Line:
    """One selector. exact: the one name that it is; otherwise prefix and ending of what it means, or a package."""

    exact: str | None = None
    prefix: str = ""
    ending: str = ""
    package: str | None = None
    own: bool = False
    """Whether it speaks of a field's own name."""

    def means(self, name: str) -> bool:
        if self.exact is not None:
            return name == self.exact
        told = name.partition(".")[2] if self.own else name
        lowered = told.lower()
        if self.package:
            return lowered.startswith(f"{self.package.lower()}__")
        return (
            lowered.startswith(self.prefix.lower())
            and lowered.endswith(self.ending.lower())
            and len(told) >= len(self.prefix + self.ending)
        )

    @property
    def text(self) -> str:
        return self.exact if self.exact is not None else f"{self.prefix}*{self.ending}"

    def written(self, word: str) -> dict[str, Any]:
        return {"package": self.package} if self.package else {word: self.text}


def _lines(names: Sequence[str], *, packages: bool = True, fields: bool = False) -> st.SearchStrategy[Line]:
    """Lines that mean at least one of the names."""

    @st.composite
    def line(draw: Any) -> Line:
        name = draw(st.sampled_from(names))
        form = draw(st.sampled_from(("exact", "exact", "prefix", "ending", "package", "object")))
        told = name.partition(".")[2] if fields else name
        namespace = told.partition("__")[0]
        if form == "package" and packages and namespace in NAMESPACES:
            return Line(package=namespace, own=fields)
        if form == "object" and fields:
            return Line(prefix=f"{name.partition('.')[0]}.")
        if form == "prefix":
            return Line(prefix=told[: draw(st.integers(2, len(told)))], own=fields)
        if form == "ending":
            return Line(ending=told[-draw(st.integers(3, max(3, len(told)))) :], own=fields)
        return Line(exact=name)

    return line()


@st.composite
def wishes(draw: Any, shape: Shape, *, resolve: str = "objects", most: int = 3) -> Wish:
    """A wish of every section, free of contradictions by construction: what one line denies, no line asks for."""
    options: dict[str, Any] = {}
    asked: set[Triple] = set()
    parts = [
        _object_lines(draw, shape, most),
        _field_lines(draw, shape, most),
        _tab_lines(draw, shape, most),
        _permission_lines(draw, shape, most, resolve),
        *(_entity_lines(draw, section, names, most) for section, names in shape.names.items() if names),
    ]
    for section, lines, triples in parts:
        if lines:
            options[section] = lines
            asked |= triples
    return Wish(options, frozenset(asked))


Part = tuple[str, list[Any], set[Triple]]


def _object_lines(draw: Any, shape: Shape, most: int) -> Part:
    lines, asked = [], set[Triple]()
    denied = draw(st.sets(st.sampled_from(("delete", "modify_all_records", "view_all_fields")), max_size=2))
    open_to_all = [right for right in OBJECT_COLUMNS if right not in denied and not set(WITHIN.get(right, ())) & denied]
    for line in draw(st.lists(_lines(sorted(shape.objects)), max_size=most)):
        possible = shape.objects[line.exact] if line.exact else frozenset(OBJECT_COLUMNS)
        rights = draw(st.sets(st.sampled_from([one for one in open_to_all if one in possible]), max_size=3))
        said = {**dict.fromkeys(sorted(rights), True), **dict.fromkeys(sorted(denied), False)}
        lines.append({**line.written("object"), **said})
        asked |= {(OBJECTS, name, right) for name, able in shape.objects.items() if line.means(name) for right in rights & able}
    return OBJECTS, lines, asked


def _field_lines(draw: Any, shape: Shape, most: int) -> Part:
    lines, asked = [], set[Triple]()
    for line in draw(st.lists(_lines(sorted(shape.fields), fields=True), max_size=most)):
        rights = draw(st.sets(st.sampled_from(sorted(shape.fields[line.exact] if line.exact else {"read", "edit"})), min_size=1))
        lines.append({**line.written("field"), **dict.fromkeys(sorted(rights), True)})
        asked |= {(FIELDS, name, right) for name, able in shape.fields.items() if line.means(name) for right in rights & able}
    return FIELDS, lines, asked


def _tab_lines(draw: Any, shape: Shape, most: int) -> Part:
    """One visibility for all of them, since two selectors may mean the same tab."""
    visibility = draw(st.sampled_from(sorted(VISIBILITY)))
    lines, asked = [], set[Triple]()
    for line in draw(st.lists(_lines(shape.tabs), max_size=most)):
        lines.append({**line.written("tab"), "visibility": visibility})
        asked |= {(TABS, name, right) for name in shape.tabs if line.means(name) for right in VISIBILITY[visibility]}
    return TABS, lines, asked


def _permission_lines(draw: Any, shape: Shape, most: int, resolve: str) -> Part:
    """By name, label or glob; without what needs other permissions where these are not added."""
    lines, asked = [], set[Triple]()
    for line in draw(st.lists(_lines(sorted(shape.permissions), packages=False), max_size=most)):
        risky = line.exact is None
        meant = {(PERMISSIONS, name, GRANTED) for name in shape.permissions if line.means(name) and not (risky and name in HIGH_RISK)}
        alone = not any(section == PERMISSIONS for section, _unused, _right in shape.most(meant) - meant)
        named = line.exact in HIGH_RISK
        if not meant or named or not shape.is_harmless(meant) or (resolve != "all" and not alone):
            continue
        label = shape.permissions.get(line.exact or "", "")
        by_label = bool(label) and list(shape.permissions.values()).count(label) == 1 and draw(st.booleans())
        lines.append(label if by_label else line.text)
        asked |= meant
    return PERMISSIONS, lines, asked


def _entity_lines(draw: Any, section: str, names: Mapping[str, str], most: int) -> Part:
    lines: list[Any] = []
    asked: set[Triple] = set()
    for line in draw(st.lists(_lines(sorted(names), packages=section != "connected_apps"), max_size=most)):
        lines.append({"package": line.package} if line.package else line.text)
        asked |= {(section, name, GRANTED) for name in names if line.means(name)}
    return section, lines, asked


def of_sections(triples: Iterable[Triple], sections: Collection[str]) -> Triples:
    """Those of these sections."""
    return frozenset(item for item in triples if item[0] in sections)
