# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Big permission sets over the invented part of a wide org, by exact names and by selectors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from harness.any_set import FIELDS, GRANTED, OBJECTS, TABS, VISIBILITY, Shape, Triple, Triples

# The hand-made set, and an org of the kind that has as much and more fields.
SIZES: Mapping[str, int] = {OBJECTS: 40, FIELDS: 600, "apex_classes": 80, "visualforce_pages": 20, TABS: 30}
HAND_MADE: Mapping[str, Any] = {"objects": 40, "fields": 1150, "classes": 80, "pages": 20, "tabs": 30}
RIGHTS = ("read", "create", "edit", "delete")


def content(shape: Shape, sizes: Mapping[str, int] | None = None) -> Triples:
    """Rights on that many of the invented things of each kind, or on all of them; fields of invented objects and of standard ones."""
    pools: Mapping[str, Iterable[str]] = {
        OBJECTS: shape.objects,
        FIELDS: shape.fields,
        "apex_classes": shape.names["apex_classes"],
        "visualforce_pages": shape.names["visualforce_pages"],
        TABS: shape.tabs,
    }
    found: set[Triple] = set()
    for section, names in pools.items():
        chosen = sorted(name for name in names if "Wide" in name)
        for name in chosen[: sizes.get(section, 0)] if sizes is not None else chosen:
            rights = {OBJECTS: RIGHTS, FIELDS: tuple(shape.fields.get(name, ())), TABS: VISIBILITY["visible"]}.get(section, (GRANTED,))
            found |= {(section, name, right) for right in rights}
    return frozenset(found)


def by_name(triples: Triples) -> dict[str, list[Any]]:
    """The sections of a task that asks for exactly this, a line for each thing."""
    rights: dict[tuple[str, str], set[str]] = {}
    for section, name, right in triples:
        rights.setdefault((section, name), set()).add(right)
    options: dict[str, list[Any]] = {}
    for (section, name), held in sorted(rights.items()):
        word = {OBJECTS: "object", FIELDS: "field"}.get(section)
        line: Any = {word: name, **dict.fromkeys(sorted(held), True)} if word else {"tab": name} if section == TABS else name
        options.setdefault(section, []).append(line)
    return options


def as_selectors() -> dict[str, list[Any]]:
    """The sections of a task that asks for all of the invented things in a few lines, globs and packages. Edit is asked of formulas too, as a
    selector cannot but do."""
    fields = dict.fromkeys(("read", "edit"), True)
    return {
        OBJECTS: [{"object": "*_Wide_*", **dict.fromkeys(RIGHTS, True)}],
        FIELDS: [{"field": "Acme_Wide_*.*", **fields}, {"field": "BigPkg__Wide_*.*", **fields}, {"package": "BigPkg", **fields}],
        "apex_classes": [{"package": "BigPkg"}, "WideClass*"],
        "visualforce_pages": [{"package": "BigPkg"}, "WidePage*"],
        TABS: [{"tab": "Acme_Wide_*"}, {"tab": "BigPkg__Wide_*"}],
    }
