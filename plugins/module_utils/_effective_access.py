# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""What one user may do, and which profile, permission set or group gives it. Pure.

Access adds up: the set behind the user's profile, the sets assigned now, and for groups the set that sums up their members, with what a group
mutes already taken away in it. A set that needs activation in a session gives nothing outside such a session.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ._grants import Grants, each, ordered
from ._set_sections import BY_OPTION, OBJECTS, TABS, USER_PERMISSIONS, VIEW_ALL_FIELDS

PROFILE, PERMISSION_SET, GROUP = "profile", "permission_set", "group"
_WORDS: Mapping[str, str] = {PROFILE: "profile", PERMISSION_SET: "permission set", GROUP: "group"}
# User permissions that stand for rights on every object (Object Reference, ObjectPermissions; Salesforce Help, "View All" and "Modify All").
EVERYWHERE: Mapping[str, tuple[str, ...]] = {
    "ModifyAllData": tuple(right for right in OBJECTS.rights if right != VIEW_ALL_FIELDS),
    "ViewAllData": ("read", "view_all_records"),
    "ViewAllFieldsGlobal": (VIEW_ALL_FIELDS,),
}


@dataclass(frozen=True)
class Source:
    """Something that gives a user access. members: of a group, name of a set -> what it grants by itself. why_not: why it gives nothing now,
    or empty."""

    kind: str
    name: str
    grants: Grants
    members: Mapping[str, Grants] = field(default_factory=dict)
    why_not: str = ""

    @property
    def words(self) -> str:
        return f"{_WORDS[self.kind]} {self.name}"

    def giving(self, section: str, name: str, right: str) -> str:
        """How the source of one right is called: a group with those of its members that grant it by themselves."""
        members = sorted(member for member, grants in self.members.items() if right in grants.get(section, {}).get(name, ()))
        return f"{self.words} ({', '.join(members)})" if members else self.words


@dataclass(frozen=True)
class Access:
    """A user, and all that gives access to it, the profile first."""

    username: str
    active: bool
    profile: str
    sources: tuple[Source, ...]


Given = dict[str, dict[str, dict[str, list[str]]]]  # section -> name -> right -> sources


def given(sources: Iterable[Source]) -> Given:
    """Who gives which right, of the sources that are in effect."""
    found: Given = {option: {} for option in BY_OPTION}
    for source in sources:
        if source.why_not:
            continue
        for option, name, rights in each(source.grants):
            of_name = found[option].setdefault(name, {})
            for right in rights:
                of_name.setdefault(right, []).append(source.giving(option, name, right))
    return found


def on_every_object(found: Given) -> Iterator[dict[str, Any]]:
    """The rights on every object that a user permission stands for, and who gives that permission."""
    for permission, rights in EVERYWHERE.items():
        for sources in found[USER_PERMISSIONS.option].get(permission, {}).values():
            yield {"rights": list(rights), "through": permission, "sources": sources}


def as_result(access: Access) -> dict[str, Any]:
    """The access as results tell it: sources by right where a section has several, else by name alone."""
    found = given(access.sources)
    told: dict[str, Any] = {
        "username": access.username,
        "active": access.active,
        "profile": access.profile,
        "sources": [_source(item) for item in access.sources],
        "on_every_object": list(on_every_object(found)),
    }
    for option, names in found.items():
        section = BY_OPTION[option]
        several = bool(section.rights) or section is TABS
        told[option] = {
            name: {right: rights[right] for right in ordered(section, rights)} if several else _only(list(rights.values()))
            for name, rights in sorted(names.items())
        }
    return told


def _source(source: Source) -> dict[str, Any]:
    return {
        "kind": source.kind,
        "name": source.name,
        "via": "profile" if source.kind == PROFILE else "assignment",
        "members": sorted(source.members),
        "in_effect": not source.why_not,
        "reason": source.why_not,
    }


def _only(sources: Sequence[list[str]]) -> list[str]:
    return sources[0] if sources else []
