# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""What a permission set grants, what an org can grant at all, and how wishes with globs become exact names. Pure.

What can carry a permission comes from the org: the picklists of ObjectPermissions.SobjectType and FieldPermissions.Field, and the describe
of each object. No list of names is kept here.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable

from ._errors import CONFIG, Problem, did_you_mean, listing
from ._plan import Existing

# option name -> column, in the order in which a right needs the ones before it.
OBJECT_RIGHTS: Mapping[str, str] = {
    "read": "PermissionsRead",
    "create": "PermissionsCreate",
    "edit": "PermissionsEdit",
    "delete": "PermissionsDelete",
    "view_all_records": "PermissionsViewAllRecords",
    "modify_all_records": "PermissionsModifyAllRecords",
    "view_all_fields": "PermissionsViewAllFields",
}
# The column came with API version 63 and is asked for apart, so that a set can be read in every org and version.
VIEW_ALL_FIELDS = "view_all_fields"
# What a right needs beside it (ObjectPermissions and FieldPermissions, Object Reference). The API does not add it.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "create": ("read",),
    "edit": ("read",),
    "delete": ("read", "edit"),
    "view_all_records": ("read",),
    "modify_all_records": ("read", "edit", "delete", "view_all_records"),
    "view_all_fields": ("read",),
}
FIELD_RIGHTS: Mapping[str, str] = {"read": "PermissionsRead", "edit": "PermissionsEdit"}

# Rights that open an org: granted only where the task names them, never because a source set happens to carry them.
OPENING_RIGHTS = frozenset(
    {
        "ModifyAllData",
        "ViewAllData",
        "ManageUsers",
        "AssignPermissionSets",
        "AuthorApex",
        "CustomizeApplication",
        "ModifyMetadata",
        "ManageSharing",
    }
)

APEX_CLASS = "ApexClass"
APEX_PAGE = "ApexPage"


@dataclass(frozen=True)
class Access:
    """One line of a wish: a name or glob, and the rights asked for."""

    pattern: str
    rights: tuple[str, ...]


@dataclass(frozen=True)
class FieldTraits:
    """What describe says of a field, as far as field permissions go. master: the master object of a master-detail field."""

    permissionable: bool
    read_only: bool
    why: str
    master: str | None = None


@dataclass(frozen=True)
class Offer:
    """What the org can grant. permissions: API name -> label. entities: type -> name -> Id, for classes and pages."""

    permissions: Mapping[str, str]
    objects: frozenset[str]
    fields: frozenset[str]
    traits: Mapping[str, Mapping[str, FieldTraits]] = field(default_factory=dict)
    entities: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Content:
    """What one set grants. objects, fields: name -> row with its rights. entities: (type, name) -> row. tabs: name -> visibility.
    other: Id -> type of what it grants access to that this collection does not manage."""

    permissions: frozenset[str] = frozenset()
    objects: Mapping[str, Existing] = field(default_factory=dict)
    fields: Mapping[str, Existing] = field(default_factory=dict)
    entities: Mapping[tuple[str, str], Existing] = field(default_factory=dict)
    tabs: Mapping[str, str] = field(default_factory=dict)
    other: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Grant:
    """Exact names and rights that a set should have. objects, fields: name -> rights."""

    permissions: frozenset[str] = frozenset()
    objects: Mapping[str, frozenset[str]] = field(default_factory=dict)
    fields: Mapping[str, frozenset[str]] = field(default_factory=dict)
    entities: frozenset[tuple[str, str]] = frozenset()
    passed_over: tuple[tuple[str, str], ...] = ()

    def joined(self, other: Grant) -> Grant:
        """Both together."""
        return Grant(
            self.permissions | other.permissions,
            _joined(self.objects, other.objects),
            _joined(self.fields, other.fields),
            self.entities | other.entities,
            tuple(dict.fromkeys(self.passed_over + other.passed_over)),
        )


def is_glob(pattern: str) -> bool:
    """Whether the name holds * or ?."""
    return "*" in pattern or "?" in pattern


def fits(pattern: str, name: str) -> bool:
    """Whether the name is one that the pattern means; API names compare without case."""
    return fnmatch.fnmatchcase(name.lower(), pattern.lower().replace("[", "[[]"))


def field_fits(pattern: str, qualified: str) -> bool:
    """Whether Object.Field is one that the pattern means. A pattern without a dot speaks of the field's own name, on every object: the
    prefix of the field counts, so a subscriber's own field on a package's object stays out."""
    object_name, field_name = qualified.split(".", 1)
    if "." not in pattern:
        return is_glob(pattern) and fits(pattern, field_name)
    object_pattern, field_pattern = pattern.split(".", 1)
    return fits(object_pattern, object_name) and fits(field_pattern, field_name)


def objects_to_describe(fields: Sequence[Access], objects: Sequence[Access], offer: Offer) -> list[str]:
    """The objects whose fields must be known to expand the wishes, in the order of their names."""
    named = {item.pattern.split(".", 1)[0] for item in fields if "." in item.pattern and not is_glob(item.pattern.split(".", 1)[0])}
    named |= {name.split(".", 1)[0] for name in offer.fields if any(field_fits(item.pattern, name) for item in fields)}
    # Custom objects also for their master-detail fields, which decide the order of writing.
    named |= {name for name in offer.objects if name.endswith("__c") and any(fits(item.pattern, name) for item in objects)}
    return sorted(named)


def traits_of(described: Mapping[str, Any]) -> dict[str, FieldTraits]:
    """The traits of every field of one described object."""
    traits = {}
    for item in described["fields"]:
        master = item["referenceTo"][0] if item.get("relationshipOrder") is not None and item["referenceTo"] else None
        why = ""
        if not item["permissionable"]:
            why = (
                "a master-detail field follows its master" if master else "required or a system field: everybody who sees the object has it"
            )
        kind = "a formula" if item["calculated"] else "an auto number"
        read_only = bool(item["calculated"] or item["autoNumber"])
        traits[item["name"]] = FieldTraits(bool(item["permissionable"]), read_only, why or (kind if read_only else ""), master)
    return traits


def expand(
    permissions: Sequence[str],
    objects: Sequence[Access],
    fields: Sequence[Access],
    classes: Sequence[str],
    pages: Sequence[str],
    offer: Offer,
    tried: str,
) -> Grant:
    """The wishes as exact names. Raises Problem for what this org does not know, and for a label that means several permissions."""
    object_names, nothing = _named([item.pattern for item in objects], offer.objects, fits, "object with object permissions", tried)
    passed_over = list(nothing)
    granted_objects: dict[str, frozenset[str]] = {}
    for item in objects:
        for name in object_names[item.pattern]:
            granted_objects[name] = granted_objects.get(name, frozenset()) | frozenset(item.rights)

    def means(pattern: str, name: str) -> bool:
        # A glob means custom fields and others that could carry a permission; system fields are not worth a word each.
        return field_fits(pattern, name) and (not is_glob(pattern) or name in offer.fields or name.endswith("__c"))

    field_names, nothing = _named([item.pattern for item in fields], _fields_known(offer), means, "field", tried)
    passed_over.extend(nothing)
    granted_fields: dict[str, frozenset[str]] = {}
    for item in fields:
        for name in field_names[item.pattern]:
            rights, reason = _field_rights(name, frozenset(item.rights), offer)
            if reason:
                passed_over.append((name, reason))
            if rights:
                granted_fields[name] = granted_fields.get(name, frozenset()) | rights
    entities: set[tuple[str, str]] = set()
    for kind, patterns, what in ((APEX_CLASS, classes, "Apex class"), (APEX_PAGE, pages, "Visualforce page")):
        names, nothing = _named(patterns, offer.entities.get(kind, {}), fits, what, tried)
        passed_over.extend(nothing)
        entities.update((kind, name) for found in names.values() for name in found)
    return Grant(
        frozenset(_permission(name, offer.permissions, tried) for name in permissions),
        granted_objects,
        granted_fields,
        frozenset(entities),
        tuple(dict.fromkeys(passed_over)),
    )


def carried_over(source: Content, asked: Grant, offer: Offer) -> Grant:
    """Of what the source grants: all that a set of one's own can carry in this org. Rights that open an org only where they are asked for."""
    return Grant(
        frozenset(
            name for name in source.permissions if name in offer.permissions and (name not in OPENING_RIGHTS or name in asked.permissions)
        ),
        {name: rights_of(row) for name, row in source.objects.items() if name in offer.objects},
        {name: rights_of(row) for name, row in source.fields.items() if name in offer.fields},
        frozenset(key for key in source.entities if key[0] in (APEX_CLASS, APEX_PAGE)),
    )


def lacking(content: Content, grant: Grant) -> list[str]:
    """What the grant holds and the content does not, in words."""
    words = [f"user permission {name}" for name in sorted(grant.permissions - content.permissions)]
    for what, wanted, rows in (("object", grant.objects, content.objects), ("field", grant.fields, content.fields)):
        for name, rights in wanted.items():
            missing = rights - (rights_of(rows[name]) if name in rows else frozenset())
            if missing:
                words.append(f"{_ordered(missing)} on {what} {name}")
    words += [f"{kind} {name}" for kind, name in sorted(grant.entities - set(content.entities))]
    return words


def as_grant(content: Content) -> Grant:
    """Everything that a content grants, as a grant."""
    return Grant(
        content.permissions,
        {name: rights_of(row) for name, row in content.objects.items()},
        {name: rights_of(row) for name, row in content.fields.items()},
        frozenset(content.entities),
    )


def rights_of(row: Existing) -> frozenset[str]:
    """The rights that a row grants."""
    return frozenset(name for name, value in row.fields.items() if value)


def masters_first(names: Iterable[str], offer: Offer) -> list[str]:
    """Object names so that a master stands before its details; otherwise by name."""
    ordered: list[str] = []

    def place(name: str, above: tuple[str, ...]) -> None:
        if name in ordered or name in above:
            return
        for traits in offer.traits.get(name, {}).values():
            if traits.master in pending:
                place(str(traits.master), (*above, name))
        ordered.append(name)

    pending = set(names)
    for name in sorted(pending):
        place(name, ())
    return ordered


def _joined(one: Mapping[str, frozenset[str]], other: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    names = list(dict.fromkeys([*one, *other]))
    return {name: one.get(name, frozenset()) | other.get(name, frozenset()) for name in names}


def _named(
    patterns: Sequence[str], known: Iterable[str], meant: Callable[[str, str], bool], what: str, tried: str
) -> tuple[dict[str, list[str]], list[tuple[str, str]]]:
    """The names that each pattern means, and the globs that mean nothing here. Raises Problem for a name that is not known, and where all
    globs mean nothing: then it is the org that is not as expected."""
    everything = sorted(known)
    found = {pattern: [name for name in everything if meant(pattern, name)] for pattern in patterns}
    empty = [pattern for pattern, names in found.items() if not names]
    for pattern in empty:
        if not is_glob(pattern):
            raise Problem(
                tried,
                f"this org has no {what} called {pattern}." + did_you_mean(pattern, everything),
                "Use the API name, with the package's prefix where it has one; the running user must see it.",
                CONFIG,
                "unknown_name",
            )
    if empty and len(empty) == len(found):
        raise Problem(
            tried,
            f"{listing(empty)} matches no {what} in this org.",
            "Check the namespace, and that the package is installed here.",
            CONFIG,
            "unknown_name",
        )
    return found, [(pattern, f"matches no {what} in this org") for pattern in empty]


def _fields_known(offer: Offer) -> set[str]:
    """Every field that a wish may name: those that can carry a permission, and those that it would mean but that cannot."""
    return set(offer.fields) | {f"{name}.{item}" for name, traits in offer.traits.items() for item in traits}


def _field_rights(name: str, rights: frozenset[str], offer: Offer) -> tuple[frozenset[str], str]:
    """What of the rights a field can carry, and why not the rest."""
    object_name, field_name = name.split(".", 1)
    traits = offer.traits.get(object_name, {}).get(field_name)
    if traits is None:
        return frozenset(), "hidden from the running user"
    if not traits.permissionable or name not in offer.fields:
        return frozenset(), traits.why or "the org offers no field permission for it"
    if traits.read_only and "edit" in rights:
        return rights - {"edit"}, f"{traits.why}: read only"
    return rights, ""


def _permission(name: str, known: Mapping[str, str], tried: str) -> str:
    """The API name, without its prefix, of a user permission given by API name or label."""
    bare = name[len("Permissions") :] if name.lower().startswith("permissions") else name
    by_name = {item.lower(): item for item in known}
    if bare.lower() in by_name:
        return by_name[bare.lower()]
    labelled = sorted(item for item, label in known.items() if label.lower() == name.strip().lower())
    if len(labelled) == 1:
        return labelled[0]
    if labelled:
        raise Problem(
            tried, f"the label {name!r} means {listing(labelled)}.", "Give the API name of the one you mean.", CONFIG, "ambiguous_label"
        )
    raise Problem(
        tried,
        f"this org has no user permission {name}." + did_you_mean(name, [*known, *known.values()]),
        "Use the API name (ApiEnabled) or the label (API Enabled); permissions differ with edition and licences.",
        CONFIG,
        "unknown_permission",
    )


def _ordered(rights: Iterable[str]) -> str:
    order = list(OBJECT_RIGHTS)
    return "+".join(sorted(rights, key=order.index))
