# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""What is granted, as plain data that can be added, subtracted and compared: section -> name -> rights. Pure.

Names are API names with their package's prefix, never Ids: Ids of classes and pages change when a package is installed anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ._plan import Change, Delete, Fields
from ._set_sections import AVAILABLE, BY_KIND, BY_OPTION, GRANTED, SECTIONS, TABS, USER_PERMISSIONS, VISIBLE, Section

Rights = frozenset[str]
Grants = Mapping[str, Mapping[str, Rights]]


@dataclass(frozen=True)
class Row:
    """One row that hangs on a set, as the org has it. The Id is None for a row that an earlier task of a check-mode run would have made, and for
    user permissions, which are columns of the set."""

    id: str | None
    rights: Rights


Held = Mapping[str, Mapping[str, Row]]

_NOTHING: Rights = frozenset()


def granted_by(held: Held) -> Grants:
    """What the rows grant."""
    return {option: {name: row.rights for name, row in rows.items() if row.rights} for option, rows in held.items()}


def union(*several: Grants) -> dict[str, dict[str, Rights]]:
    """What any of them grants."""
    joined: dict[str, dict[str, Rights]] = {}
    for option, names in ((option, names) for grants in several for option, names in grants.items() if names):
        section = joined.setdefault(option, {})
        for name, rights in names.items():
            # Thousands of rows stand in several of them with the same rights: no new set is made for these.
            known = section.setdefault(name, rights)
            if not rights <= known:
                section[name] = known | rights
    return joined


def minus(one: Grants, other: Grants) -> dict[str, dict[str, Rights]]:
    """What the one grants beyond the other."""
    beyond: dict[str, dict[str, Rights]] = {}
    for option, name, rights in each(one):
        left = rights - other.get(option, {}).get(name, _NOTHING)
        if left:
            beyond.setdefault(option, {})[name] = left
    return beyond


def each(grants: Grants) -> Iterator[tuple[str, str, Rights]]:
    """(section, name, rights), in the order in which they stand."""
    for option, names in grants.items():
        for name, rights in names.items():
            yield option, name, rights


def ordered(section: Section, rights: Iterable[str]) -> list[str]:
    """The rights in the order in which the section lists them."""
    known = list(section.rights) or [GRANTED, AVAILABLE, VISIBLE]
    return sorted(rights, key=known.index)


def in_words(grants: Grants) -> list[str]:
    """One line for each thing granted: "user permission ApiEnabled", "read+edit on object Account", "tab standard-Lead (visible)"."""
    words = []
    for section in (USER_PERMISSIONS, *(item for item in SECTIONS if item is not USER_PERMISSIONS)):
        for name, rights in sorted(grants.get(section.option, {}).items()):
            if section.rights:
                words.append(f"{'+'.join(ordered(section, rights))} on {section.what} {name}")
            elif section is TABS:
                words.append(f"{section.what} {name} ({visibility_of(rights)})")
            else:
                words.append(f"{section.what} {name}")
    return words


def visibility_of(rights: Rights) -> str:
    """How Setup calls the visibility of a tab with these rights."""
    return VISIBLE if VISIBLE in rights else AVAILABLE


def tab_rights(visibility: str) -> Rights:
    """The rights of a tab of that visibility."""
    return frozenset({AVAILABLE, VISIBLE} if visibility == VISIBLE else {AVAILABLE})


def fields_of(section: Section, rights: Rights) -> dict[str, bool | str]:
    """A row as a change says it: every right of a row with rights, access alone, or a tab's visibility."""
    if section is TABS:
        return {"visibility": visibility_of(rights)}
    return {right: right in rights for right in section.rights} if section.rights else {"access": True}


def rights_in(section: Section, fields: Fields) -> Rights:
    """The rights that a change's fields grant."""
    if section is TABS:
        return tab_rights(str(fields["visibility"]))
    return frozenset(name for name, value in fields.items() if value) if section.rights else frozenset({GRANTED})


def applied(held: Held, changes: Iterable[Change]) -> dict[str, dict[str, Row]]:
    """The rows as the changes leave them; the same whether they were carried out or only planned."""
    after = {option: dict(held.get(option, {})) for option in BY_OPTION}
    for change in changes:
        section = BY_KIND.get(change.kind)
        if section is None:
            continue
        rows = after[section.option]
        if section is USER_PERMISSIONS:
            _switch(rows, change)
        elif isinstance(change, Delete):
            rows.pop(name_of(change), None)
        else:
            known = rows.get(name_of(change), Row(None, _NOTHING))
            lowered = frozenset(name for name, value in change.after.items() if value is False)
            kept = _NOTHING if section is TABS else known.rights - lowered
            rows[name_of(change)] = Row(known.id, kept | rights_in(section, change.after))
    return after


def _switch(rows: dict[str, Row], change: Change) -> None:
    """User permissions are one change for all that are switched on, and one for all that are switched off."""
    if isinstance(change, Delete):
        for name in change.before:
            rows.pop(name, None)
        return
    rows.update({name: Row(None, frozenset({GRANTED})) for name in change.after})


def name_of(change: Change) -> str:
    """The name within the section that a change is about: its key without the set's own name."""
    return change.key.split("/", 1)[-1]
