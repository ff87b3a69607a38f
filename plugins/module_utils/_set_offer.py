# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""What an org can grant at all, and how selectors become exact names and rights in it. Pure.

What can carry a permission comes from the org: the picklists of ObjectPermissions.SobjectType and FieldPermissions.Field, the columns of
PermissionSet, and the describe of an object. No list of names is kept here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ._dependencies import HIGH_RISK, within
from ._errors import CONFIG, Problem, did_you_mean, listing
from ._grants import Grants, Rights
from ._set_sections import BY_OPTION, FIELDS, OBJECTS, TABS, USER_PERMISSIONS, VISIBLE, Section
from ._set_wish import NONE, Desired, Selector, literal_start, matcher

NOTHING: Rights = frozenset()
AVAILABLE_ONLY = "visibility"
# Sorts after every character that a name may have.
_LAST = chr(0x10FFFF)
FORMULA, AUTO_NUMBER = "a formula", "an auto number"
TWINS: Mapping[str, str] = {"Task": "Event", "Event": "Task"}
# What describe says of an object -> the right that the running user cannot use (DescribeSObjectResult), and perhaps nobody.
_ABILITIES: Mapping[str, str] = {"createable": "create", "updateable": "edit", "deletable": "delete"}
# Why a field is passed over that the org has and the running user may not see.
HIDDEN = "hidden from the running user"


@dataclass(frozen=True)
class FieldTraits:
    """What describe says of a field, as far as field permissions go. why: why it cannot carry one, or not edit."""

    permissionable: bool
    read_only: bool
    why: str


@dataclass(frozen=True)
class ObjectTraits:
    """What describe says of an object. masters: the objects of its master-detail fields. impossible: rights that nobody can have on it; of a
    describe alone, that the running user has not."""

    fields: Mapping[str, FieldTraits] = field(default_factory=dict)
    masters: frozenset[str] = frozenset()
    impossible: Rights = NOTHING


@dataclass(frozen=True)
class Offer:
    """What the org can grant. permissions, objects: API name -> label. names: section -> name -> Id, as far as they were asked for.
    object_rights: those that its API version knows.

    traits: of the objects that were described; None for one that cannot be. computed: field -> why it cannot be edited, or "", of fields that
    were looked up by themselves; None for one that was not found.
    """

    permissions: Mapping[str, str] = field(default_factory=dict)
    objects: Mapping[str, str] = field(default_factory=dict)
    fields: frozenset[str] = frozenset()
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    traits: Mapping[str, ObjectTraits | None] = field(default_factory=dict)
    computed: Mapping[str, str | None] = field(default_factory=dict)
    object_rights: Rights = frozenset(OBJECTS.rights)

    def known(self, section: Section) -> Collection[str]:
        """The names that the org has in a section."""
        if section is USER_PERMISSIONS:
            return self.permissions
        if section is OBJECTS:
            return self.objects
        return self.fields if section is FIELDS else self.names.get(section.option, {})

    @property
    def masters(self) -> dict[str, frozenset[str]]:
        """Detail -> its masters, of the objects that were described."""
        return {name: traits.masters for name, traits in self.traits.items() if traits and traits.masters}


@dataclass(frozen=True)
class Asked:
    """The selectors as exact names. passed_over: what could not be asked for, and why. left_out: (section, name) that the org does not know."""

    grants: Grants
    passed_over: tuple[tuple[str, str], ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()


def traits_of(described: Mapping[str, Any]) -> ObjectTraits:
    """The traits of a described object."""
    fields, masters = {}, set()
    for item in described["fields"]:
        master = bool(item.get("relationshipOrder") is not None and item["referenceTo"])
        if master:
            masters.update(item["referenceTo"])
        why = ""
        if not item["permissionable"]:
            why = (
                "a master-detail field follows its master" if master else "required or a system field: everybody who sees the object has it"
            )
        kind = FORMULA if item["calculated"] else AUTO_NUMBER
        read_only = bool(item["calculated"] or item["autoNumber"])
        fields[item["name"]] = FieldTraits(bool(item["permissionable"]), read_only, why or (kind if read_only else ""))
    impossible = frozenset(right for ability, right in _ABILITIES.items() if described.get(ability) is False)
    return ObjectTraits(fields, frozenset(masters), impossible | ({"modify_all_records"} if impossible & {"edit", "delete"} else NOTHING))


def expand(wish: Desired, offer: Offer, held: Grants) -> Asked:
    """The wish's selectors as exact names with rights. held: what the set grants already, which needs no second look.

    Raises Problem for what this org does not know (unless such things are to be left out), for a label that means several permissions, for two
    lines that contradict each other, and for a right that the thing named cannot carry.
    """
    grants: dict[str, dict[str, Rights]] = {}
    said = _Said({}, {}, wish.resolve != NONE)
    notes = _Notes(wish, [], [])
    for option, section in BY_OPTION.items():
        lines = wish.of(section)
        meant = _names_meant(section, lines, offer, notes)
        may_contradict = section is TABS or any(line.denied for line in lines)
        for line in lines:
            for name in meant[line.place]:
                rights = _possible(section, line, name, offer, held.get(option, {}).get(name, NOTHING), notes)
                if may_contradict:
                    said.note(line, name, wish.tried)
                if rights:
                    names = grants.setdefault(option, {})
                    names[name] = names.get(name, NOTHING) | rights
    return Asked(grants, tuple(dict.fromkeys(notes.passed_over)), tuple(dict.fromkeys(notes.left_out)))


def to_describe(wish: Desired, offer: Offer, wanted: Grants, held: Grants) -> tuple[set[str], list[str]]:
    """(objects, fields): the objects that must be described, since a row is missing or short, or a field is named and not offered; and the
    fields of other objects that lack nothing but edit: whether the org computes them is all that there is to know."""
    names = set()
    only_edit = []
    for name, rights in wanted.get(OBJECTS.option, {}).items():
        if rights - held.get(OBJECTS.option, {}).get(name, NOTHING):
            names.add(name)
    for name, rights in wanted.get(FIELDS.option, {}).items():
        lacking = rights - held.get(FIELDS.option, {}).get(name, NOTHING)
        if lacking == {"edit"}:
            only_edit.append(name)
        elif lacking:
            names.add(name.partition(".")[0])
    offered = {name.lower() for name in offer.fields}
    for line in wish.of(FIELDS):
        if line.is_exact and line.pattern.lower() not in offered:
            names.add(line.pattern.partition(".")[0])
    return names, [name for name in only_edit if name.partition(".")[0] not in names]


def carried_over(source: Grants, asked: Grants, offer: Offer) -> dict[str, dict[str, Rights]]:
    """Of what the source grants: all that a set of one's own can carry in this org. Rights that open an org only where they are asked for."""
    named = asked.get(USER_PERMISSIONS.option, {})
    carried: dict[str, dict[str, Rights]] = {}
    for option, names in source.items():
        section = BY_OPTION[option]
        known = names if section is TABS else offer.known(section)
        carried[option] = {
            name: rights
            for name, rights in names.items()
            if name in known and (section is not USER_PERMISSIONS or name not in HIGH_RISK or name in named)
        }
    return carried


def masters_first(names: Iterable[str], masters: Mapping[str, Iterable[str]]) -> list[str]:
    """Object names so that a master stands before its details; otherwise by name."""
    pending, placed = set(names), dict[str, None]()

    def place(name: str, above: tuple[str, ...]) -> None:
        if name in placed or name in above:
            return
        for master in sorted(masters.get(name, ())):
            if master in pending:
                place(master, (*above, name))
        placed[name] = None

    for name in sorted(pending):
        place(name, ())
    return list(placed)


def twin_of(field_name: str) -> str | None:
    """The Event field of a Task field and the other way round: custom fields of activities stand on both."""
    object_name, own = field_name.split(".", 1)
    return f"{TWINS[object_name]}.{own}" if object_name in TWINS and own.endswith("__c") else None


# -- names ---------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Index:
    """Names in order, by lower case: there may be a glob for each of hundreds of objects, and none of them should look at every name."""

    keys: Sequence[str]
    names: Sequence[str]

    @classmethod
    def of(cls, names: Collection[str]) -> _Index:
        pairs = sorted((name.lower(), name) for name in names)
        return cls([key for key, _unused in pairs], [name for _unused, name in pairs])

    def beginning(self, start: str) -> Sequence[str]:
        """The names that begin so."""
        return self.names[bisect_left(self.keys, start) : bisect_left(self.keys, start + _LAST)]


@dataclass(frozen=True)
class _Notes:
    """What expanding comes upon on its way."""

    wish: Desired
    passed_over: list[tuple[str, str]]
    left_out: list[tuple[str, str]]


def _names_meant(section: Section, lines: Sequence[Selector], offer: Offer, notes: _Notes) -> dict[str, list[str]]:
    """place -> the names that the line there means. A selector that means nothing is passed over where another one of the section means
    something, and stops the task where none does: then it is the org that is not as expected."""
    known = offer.known(section)
    by_lower = {name.lower(): name for name in known}
    index = _Index.of(known if any(not line.is_exact for line in lines) else ())
    meant: dict[str, list[str]] = {}
    for line in lines:
        if line.is_exact:
            found = _exactly(section, line, by_lower, offer, notes)
            meant[line.place] = [found] if found else []
            continue
        fits = matcher(line)
        meant[line.place] = [name for name in index.beginning(literal_start(line)) if fits(name) and not _risky(section, name, line, notes)]
        if not meant[line.place]:
            notes.passed_over.append((str(line), f"matches no {section.what} in this org"))
    empty = [str(line) for line in lines if not line.is_exact and not meant[line.place]]
    if not empty or any(meant.values()):
        return meant
    if notes.wish.skip_missing:
        notes.left_out.extend((section.option, name) for name in empty)
        return meant
    raise Problem(
        notes.wish.tried,
        f"{listing(empty)} matches no {section.what} in this org.",
        "Check the namespace, and that the package is installed here; or set missing to skip.",
        CONFIG,
        "unknown_name",
    )


def _risky(section: Section, name: str, line: Selector, notes: _Notes) -> bool:
    if section is not USER_PERMISSIONS or name not in HIGH_RISK:
        return False
    notes.passed_over.append((name, f"opens the org: {line} does not mean it, name it if you want it"))
    return True


def _exactly(section: Section, line: Selector, by_lower: Mapping[str, str], offer: Offer, notes: _Notes) -> str | None:
    """The org's own spelling of an exact name, or None where it is to be left out or cannot be granted."""
    if section is USER_PERMISSIONS:
        return _permission(line, by_lower, offer, notes)
    found = by_lower.get(line.pattern.lower())
    if found is not None:
        return found
    if section is FIELDS:
        object_name, own = line.pattern.split(".", 1)
        traits = next((item for name, item in offer.traits.items() if name.lower() == object_name.lower()), None)
        known = {name.lower(): item for name, item in traits.fields.items()} if traits else {}
        if own.lower() in known:
            notes.passed_over.append((line.pattern, known[own.lower()].why or "the org offers no field permission for it"))
            return None
    _unknown(section, line, offer.known(section), notes)
    return None


def _unknown(section: Section, line: Selector, known: Iterable[str], notes: _Notes) -> None:
    """Take it down as left out, or raise Problem."""
    twins = sorted(name for name in known if name.lower().startswith(f"{line.pattern.lower()} (")) if section.entity else []
    if twins:
        remedy = "Rename one of them, or write the one you mean with its Id, as listed."
        raise Problem(notes.wish.tried, f"{line.pattern} could be any of {listing(twins)}.", remedy, CONFIG, "ambiguous_name")
    if notes.wish.skip_missing:
        notes.left_out.append((section.option, line.pattern))
        return
    raise Problem(
        notes.wish.tried,
        f"this org has no {section.what} called {line.pattern} ({line.place}).{did_you_mean(line.pattern, known)}",
        "Use the API name, with the package's prefix where it has one; the running user must see it. Or set missing to skip.",
        CONFIG,
        "unknown_name",
    )


def _permission(line: Selector, by_lower: Mapping[str, str], offer: Offer, notes: _Notes) -> str | None:
    """The API name, without its prefix, of a user permission given by API name or label."""
    word = line.pattern.lower()
    bare = word[len("permissions") :] if word.startswith("permissions") else word
    if bare in by_lower:
        return by_lower[bare]
    labelled = sorted(name for name, label in offer.permissions.items() if label.lower() == word)
    if len(labelled) == 1:
        return labelled[0]
    if labelled:
        remedy = "Give the API name of the one you mean."
        raise Problem(notes.wish.tried, f"the label {line.pattern!r} means {listing(labelled)}.", remedy, CONFIG, "ambiguous_label")
    if notes.wish.skip_missing:
        notes.left_out.append((USER_PERMISSIONS.option, line.pattern))
        return None
    raise Problem(
        notes.wish.tried,
        f"this org has no user permission {line.pattern}." + did_you_mean(line.pattern, [*offer.permissions, *offer.permissions.values()]),
        "Use the API name (ApiEnabled) or the label (API Enabled); permissions differ with edition and licences. Or set missing to skip.",
        CONFIG,
        "unknown_permission",
    )


# -- rights --------------------------------------------------------------------------------------------------------------------------


def _possible(section: Section, line: Selector, name: str, offer: Offer, held: Rights, notes: _Notes) -> Rights:
    """What of the asked rights the thing can carry. Raises Problem where it is named and cannot."""
    if line.rights <= held:
        return line.rights
    if section is OBJECTS:
        return _possible_on_object(line, name, offer, notes)
    if section is FIELDS:
        return _possible_on_field(line, name, offer, notes)
    return line.rights


def _known_rights(line: Selector, name: str, offer: Offer, notes: _Notes) -> Rights:
    """The asked rights that the org's API version knows. Raises Problem for another one, unless such things are to be left out."""
    unknown = sorted(line.rights - offer.object_rights)
    if unknown and not notes.wish.skip_missing:
        said = f"{line.place} asks for {listing(unknown)} on {name}, which this API version does not know."
        remedy = "Set api_version to 63.0 or later, take the right out, or set missing to skip."
        raise Problem(notes.wish.tried, said, remedy, CONFIG, "unknown_name")
    notes.left_out.extend((OBJECTS.option, f"{right} on {name}") for right in unknown)
    return line.rights & offer.object_rights


def _possible_on_object(line: Selector, name: str, offer: Offer, notes: _Notes) -> Rights:
    traits = offer.traits.get(name)
    known = _known_rights(line, name, offer, notes)
    impossible = known & traits.impossible if traits else NOTHING
    if not impossible:
        return known
    rights = " and ".join(sorted(impossible))
    if line.is_exact:
        remedy = "Take the right out: the org's describe says that nobody can have it on this object."
        raise Problem(notes.wish.tried, f"{line.place} asks for {rights} on {name}.", remedy, CONFIG, "impossible_right")
    notes.passed_over.append((name, f"nobody can have {rights} on it"))
    return known - impossible


def _possible_on_field(line: Selector, name: str, offer: Offer, notes: _Notes) -> Rights:
    object_name, own = name.split(".", 1)
    if object_name in offer.traits:
        traits = offer.traits[object_name]
        field_traits = traits.fields.get(own) if traits else None
    elif name in offer.computed:
        why = offer.computed[name]
        field_traits = None if why is None else FieldTraits(True, bool(why), why)
    else:
        return line.rights
    if field_traits is None:
        notes.passed_over.append((name, HIDDEN))
        return NOTHING
    if not field_traits.permissionable:
        notes.passed_over.append((name, field_traits.why))
        return NOTHING
    if not field_traits.read_only or "edit" not in line.rights:
        return line.rights
    if line.is_exact:
        raise Problem(
            notes.wish.tried,
            f"{line.place} asks for edit on {name}, and it is {field_traits.why}.",
            "Ask for read only: the org computes its value.",
            CONFIG,
            "read_only_field",
        )
    notes.passed_over.append((name, f"{field_traits.why}: read only"))
    return line.rights - {"edit"}


@dataclass(frozen=True)
class _Said:
    """Which line asked for a right on a thing, and which one said that it is not to have it."""

    asked: dict[tuple[str, str, str], str]
    denied: dict[tuple[str, str, str], str]
    closes: bool

    def note(self, line: Selector, name: str, tried: str) -> None:
        """Take down what a line says of a thing. Raises Problem where an earlier line says the opposite."""
        # Available and visible are no two rights to be had apart: a tab has one visibility.
        denied = {AVAILABLE_ONLY} if line.section == TABS.option and VISIBLE in line.rights else line.denied
        asked = {AVAILABLE_ONLY} if line.section == TABS.option and VISIBLE not in line.rights else self._meant(line)
        for right in sorted(asked & denied):
            said = f"{line.place} says that {right} on {name} is not to be asked for, and asks for what needs it."
            raise Problem(tried, said, f"Leave out {right}: false, or the right that needs it.", CONFIG, "contradiction")
        for rights, other in ((asked, self.denied), (denied, self.asked)):
            for right in sorted(rights):
                place = other.get((line.section, name, right))
                if place:
                    raise Problem(
                        tried,
                        f"{place} and {line.place} contradict each other about {right} on {name}.",
                        "Leave it, and rights that need it, out of one of them, or narrow its selector.",
                        CONFIG,
                        "contradiction",
                    )
        for rights, mine in ((asked, self.asked), (denied, self.denied)):
            for right in rights:
                mine.setdefault((line.section, name, right), line.place)

    def _meant(self, line: Selector) -> Rights:
        """What the line asks for, and what of the same thing that needs and would be added."""
        return within(BY_OPTION[line.section], line.rights) if self.closes else line.rights
