# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""List views: named queries of an object. An emulated org has one for each business object, with all of its records."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from emulator.model import Field, SObject
from emulator.rules.registry import Grade, rule
from emulator.stamps import read_stamp

HIDDEN = ("Id", "CreatedDate", "LastModifiedDate", "SystemModstamp")
DIGITS = frozenset({"phone"})
TEXTS = frozenset({"string", "email", "url", "textarea"})

rule(
    "list_views",
    says="the list, the describe (columns, orderBy, query) and the results of list views, by limit (25, at most 2,000) and offset. Which views "
    "an org has is its own affair: here one, with all records by name",
    grade=Grade.DOCUMENTED,
    source="REST API Developer Guide, List Views for an Object; List View Describe; List View Results",
)


@dataclass(frozen=True)
class ListView:
    id: str
    sobject: SObject
    developer_name: str
    label: str
    columns: tuple[Field, ...]
    hidden: tuple[Field, ...]

    @property
    def order(self) -> tuple[str, ...]:
        return (self.columns[0].name, "Id")

    @property
    def query(self) -> str:
        names = ", ".join(item.name.lower() for item in (*self.columns, *self.hidden))
        order = ", ".join(f"{name} ASC NULLS FIRST" for name in self.order)
        return f"SELECT {names} FROM {self.sobject.name} ORDER BY {order}"


def has_views(sobject: SObject) -> bool:
    return not sobject.setup and not sobject.custom_setting and sobject.queryable and name_field(sobject) is not None


def name_field(sobject: SObject) -> Field | None:
    return next((item for item in sobject.fields.values() if item.name_field), None)


def all_records(view_id: str, sobject: SObject) -> ListView:
    """The view of all records of an object that has views."""
    first = name_field(sobject)
    assert first is not None
    developer_name = "All" + re.sub(r"[^A-Za-z0-9]", "", sobject.label_plural)
    hidden = tuple(sobject.fields[name] for name in HIDDEN if name in sobject.fields)
    return ListView(view_id, sobject, developer_name, f"All {sobject.label_plural}", (first,), hidden)


def described_columns(view: ListView) -> list[dict[str, Any]]:
    return [_column(view, item, hidden=False) for item in view.columns] + [_column(view, item, hidden=True) for item in view.hidden]


def _column(view: ListView, item: Field, *, hidden: bool) -> dict[str, Any]:
    ascending, descending = (None, None) if hidden else _order_labels(item)
    index = None if hidden or item.name not in view.order else view.order.index(item.name)
    return {
        "ascendingLabel": ascending,
        "descendingLabel": descending,
        "fieldNameOrPath": item.name,
        "hidden": hidden,
        "label": item.label,
        "selectListItem": item.name,
        "sortDirection": None if index is None else "ascending",
        "sortIndex": index,
        "sortable": not hidden and item.sortable,
        "type": item.type,
    }


def _order_labels(item: Field) -> tuple[str, str]:
    if item.type in DIGITS:
        return "9-0", "0-9"
    return ("Z-A", "A-Z") if item.type in TEXTS else ("Low to High", "High to Low")


def presented(item: Field, value: Any) -> Any:
    """A value as the results show it: moments in words."""
    if item.type != "datetime" or value is None:
        return value
    return f"{read_stamp(value):%a %b %d %H:%M:%S} GMT {read_stamp(value):%Y}"
