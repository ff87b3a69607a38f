# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of a business record's children when it is deleted: the child relationships of its describe say it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from emulator.errors import ApiError
from emulator.model import ChildRelationship, SObject
from emulator.rules import registry
from emulator.rules.registry import Change, Grade, rule

if TYPE_CHECKING:
    from emulator.org import Org

rule(
    "children_go_with_their_parent",
    says="Deleting an account, contact, lead, case, opportunity, asset, campaign or product takes along the children whose relationship says "
    "cascadeDelete, and theirs.",
    grade=Grade.RECORDED,
    source="childRelationships of a recorded describe (schema: describe-v62)",
)
rule(
    "a_record_with_restricting_children_stays",
    says="A record that has children whose relationship says restrictedDelete (cases of an account or contact) is not deleted: DELETE_FAILED, "
    "and the message names them.",
    grade=Grade.QUOTED,
    source="childRelationships of a recorded describe (schema: describe-v62); the words: comment in the public node client whose source "
    "quotes the answer to deleting a contact with a case",
)

PARENTS = ("Account", "Contact", "Lead", "Case", "Opportunity", "Asset", "Campaign", "Product2", "Task", "Event")


def kept_children(org: Org, sobject: SObject) -> Iterator[tuple[ChildRelationship, SObject]]:
    """Relationships that say something about deleting, with the child's object as this org has it."""
    for one in sobject.child_relationships:
        child = org.schema.sobject(one.child)
        if child is not None and child.field(one.field) is not None and (one.cascade_delete or one.restricted_delete):
            yield one, child


@registry.before("delete", *PARENTS, rule="a_record_with_restricting_children_stays")
def not_while_needed(org: Org, _user: str, change: Change) -> None:
    refuse_if_needed(org, change.sobject, change.before)


def refuse_if_needed(org: Org, name: str, record: Mapping[str, Any]) -> None:
    """Raises DELETE_FAILED where a child of the record, or of one that would go with it, restricts deleting."""
    sobject = org.schema.sobjects[name]
    for relationship, child in kept_children(org, sobject):
        rows = org.find(child.name, **{relationship.field: record["Id"]})
        if rows and relationship.restricted_delete:
            raise refusal(sobject, record, child, rows)
        for row in rows if relationship.cascade_delete else ():
            refuse_if_needed(org, child.name, row)


def refusal(sobject: SObject, record: Mapping[str, Any], child: SObject, rows: list[dict[str, Any]]) -> ApiError:
    names = ", ".join(str(shown_name(child, row)) for row in rows)
    reason = f"it is associated with the following {child.label_plural.lower()}."
    text = f"Your attempt to delete {shown_name(sobject, record)} could not be completed because {reason}: {names}\n"
    return ApiError(400, "DELETE_FAILED", text, ())


def shown_name(sobject: SObject, record: Mapping[str, Any]) -> object:
    """What the record is called, its Id where it has no name."""
    named = next((item.name for item in sobject.fields.values() if item.name_field), "Id")
    return record.get(named) or record["Id"]


@registry.after("delete", *PARENTS, rule="children_go_with_their_parent")
def taken_along(org: Org, _user: str, change: Change) -> None:
    if change.id is not None:
        take_along(org, change.sobject, change.id)


def take_along(org: Org, name: str, record_id: str) -> None:
    for relationship, child in kept_children(org, org.schema.sobjects[name]):
        for row in org.find(child.name, **{relationship.field: record_id}) if relationship.cascade_delete else ():
            org.remove(child.name, row["Id"])
            take_along(org, child.name, row["Id"])
