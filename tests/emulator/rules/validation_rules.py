# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A customer's own validation rules and field updates, on any object: state of the org, run on each insert and update."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.rules.refusals import refuse
from emulator.rules.registry import Change, Grade, breakable, holds, rule

if TYPE_CHECKING:
    from emulator.org import Org

rule(
    "validation_rules_of_the_customer",
    says="A record for which an active validation rule's condition is true is refused with FIELD_CUSTOM_VALIDATION_EXCEPTION, the customer's own "
    "message and the field the error is shown at; the other records of the call go on. The condition sees the whole record as it would be "
    "stored, so a write that does not touch the field can be refused too.",
    grade=Grade.DOCUMENTED,
    source="Apex developer guide, Triggers and Order of Execution (rules run after before-triggers and system checks); the code: StatusCode of the "
    "Partner WSDL in golden jsforce; that only the first failing rule is reported is a limit of the emulator",
)
rule(
    "field_updates_of_the_customer",
    says="A workflow, flow or trigger of the customer changes the record after it was saved: the write succeeds and the record is not what was written.",
    grade=Grade.DOCUMENTED,
    source="Apex developer guide, Triggers and Order of Execution (field updates after the save)",
)
for _name in ("validation_rules_of_the_customer", "field_updates_of_the_customer"):
    breakable(_name)


@dataclass(frozen=True)
class ValidationRule:
    """Refuses a record whose fields have all these values (None: blank; text without case). field: where the error is shown, None for the
    top of the page."""

    name: str
    sobject: str
    when: Mapping[str, Any]
    message: str
    field: str | None = None
    on: frozenset[str] = frozenset({"insert", "update"})

    def refuses(self, record: Mapping[str, Any]) -> bool:
        return all(_same(record.get(name), value) for name, value in self.when.items())


def _same(stored: Any, wanted: Any) -> bool:
    if isinstance(stored, str) and isinstance(wanted, str):
        return stored.casefold() == wanted.casefold()
    return bool((stored or None) == (wanted or None)) if stored in ("", None) or wanted in ("", None) else bool(stored == wanted)


def check(org: Org, change: Change) -> None:
    """All rules of that object, in the order in which the customer made them; the first that applies speaks."""
    if not org.validation_rules or not holds("validation_rules_of_the_customer"):
        return
    for one in org.validation_rules:
        if one.sobject == change.sobject and change.op in one.on and one.refuses(change.after):
            raise refuse("FIELD_CUSTOM_VALIDATION_EXCEPTION", one.message, *((one.field,) if one.field else ()))


@dataclass(frozen=True)
class FieldUpdate:
    """Sets these fields of a record whose fields have all the values in when, after it was saved."""

    name: str
    sobject: str
    when: Mapping[str, Any]
    sets: Mapping[str, Any]
    on: frozenset[str] = frozenset({"insert", "update"})


def run_field_updates(org: Org, change: Change) -> None:
    if not org.field_updates or change.id is None or not holds("field_updates_of_the_customer"):
        return
    for one in org.field_updates:
        record = org.get(change.sobject, change.id) if one.sobject == change.sobject and change.op in one.on else None
        if record is not None and all(_same(record.get(name), value) for name, value in one.when.items()):
            org.set(change.sobject, change.id, **one.sets)
