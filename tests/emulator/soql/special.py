# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects that are views on metadata, not tables: what SOQL cannot do with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from emulator.errors import ApiError
from emulator.rules.registry import Grade, Switch, breakable, holds, rule
from emulator.soql.ast import And, Call, Choice, Column, Comparison, Condition, CountRows, Membership, Not, Or, Path, Query, SemiJoin

LIMITS_PAGE = "Tooling API guide, SOQL Operation Limitations"
rule(
    "metadata_view_operations",
    says="EntityDefinition, FieldDefinition, EntityParticle and their like refuse OR (Disjunctions not supported), everything but = and IN"
    " (Only equals comparisons permitted), INCLUDES (Unsupported filter type), COUNT(), aggregates and GROUP BY (The requested operation is"
    " not yet supported by this SObject storage type ...)",
    grade=Grade.DOCUMENTED,
    source=f"{LIMITS_PAGE}; the code MALFORMED_QUERY and that IN passes: facts permission-api D; no position lines: assumed",
)
breakable("metadata_view_operations")
rule(
    "metadata_view_limit",
    says="LIMIT and OFFSET are ignored on these objects, and on PermissionDependency",
    grade=Grade.DOCUMENTED,
    source=f"{LIMITS_PAGE}; PermissionDependency: facts permission-api C2; public code that relies on LIMIT and OFFSET says otherwise",
    switch=Switch("metadata_view_limit", ("ignored", "honoured")),
)
rule(
    "metadata_view_needs_a_filter",
    says="FieldDefinition, EntityParticle, UserEntityAccess and UserFieldAccess answer only with a filter on one of their key columns"
    " (a filter on a reified column is required)",
    grade=Grade.QUOTED,
    source="facts permission-api D",
)
rule(
    "metadata_view_one_batch",
    says="EntityDefinition does not support queryMore(): more rows than a page are EXCEEDED_ID_LIMIT",
    grade=Grade.QUOTED,
    source="facts permission-api D; that the other objects of the kind do the same is assumed",
)

rule(
    "field_definition_in",
    says="a FieldDefinition query for several objects at once (IN with more than one key) is refused as the storage type's other gaps are, or"
    " answered",
    grade=Grade.INFERRED,
    source="one public note reports the refusal; the documentation is silent",
    switch=Switch("field_definition_in", ("refused", "answered")),
)
rule(
    "field_definition_children",
    says="EntityDefinition has the child relationship Fields, in the Tooling API alone: the fields of each object, null for an object without; such a "
    "query is answered, or refused as the storage type's other gaps are",
    grade=Grade.INFERRED,
    source="Tooling API guide, EntityDefinition (such relationships are for subqueries) and FieldDefinition (an example of one); no answer was read",
    switch=Switch("field_definition_children", ("answered", "refused")),
)

STORAGE = "The requested operation is not yet supported by this SObject storage type, contact salesforce.com support for more information."


@dataclass(frozen=True)
class Special:
    """keys: the columns of which one must be filtered; empty for none. views: the operations above are refused."""

    views: bool = True
    keys: tuple[str, ...] = ()


VIEW = Special()
SPECIAL: Mapping[str, Special] = {
    **dict.fromkeys(
        "CompactLayoutInfo CompactLayoutItemInfo DataType EntityDefinition EntityLimit Publisher RelationshipDomain RelationshipInfo"
        " SearchLayout ServiceFieldDataType StandardAction TimeSheetTemplate".split(),
        VIEW,
    ),
    "FieldDefinition": Special(keys=("EntityDefinitionId", "DurableId")),
    "EntityParticle": Special(keys=("EntityDefinitionId", "FieldDefinitionId", "DurableId")),
    "UserEntityAccess": Special(keys=("UserId", "DurableId")),
    "UserFieldAccess": Special(keys=("DurableId",)),
    "PermissionDependency": Special(views=False),
}


def refused(message: str, code: str = "MALFORMED_QUERY") -> ApiError:
    return ApiError(400, code, message, None)


def check_special(name: str, query: Query, switches: Mapping[str, str], *, child: bool = False) -> None:
    """Refuse what this object's storage cannot do. child: the object is read below its parent, which is a filter on a key column."""
    if name == "SetupAuditTrail" and holds("audit_trail_no_aggregates") and (query.group_by or any(map(aggregated, query.items))):
        raise refused("Aggregate queries are not supported on SetupAuditTrail; SELECT COUNT() is")
    special = SPECIAL.get(name)
    if special is None or not special.views or not holds("metadata_view_operations"):
        return
    if query.group_by or any(isinstance(item, CountRows) or aggregated(item) for item in query.items):
        raise refused(STORAGE)
    if child and name == "FieldDefinition" and switches["field_definition_children"] == "refused":
        raise refused(STORAGE)
    if query.where is not None:
        check_condition(query.where)
    if special.keys and not child and not any(on_key(part, special.keys) for part in top_parts(query.where)):
        raise refused(f"{name}: a filter on a reified column is required [{','.join(special.keys)}]")
    if name == "FieldDefinition" and switches["field_definition_in"] == "refused":
        check_one_object(query.where, special.keys)


def check_one_object(where: Condition | None, keys: tuple[str, ...]) -> None:
    if any(isinstance(part, Membership) and len(part.values) > 1 and on_key(part, keys) for part in top_parts(where)):
        raise refused(STORAGE)


def aggregated(item: object) -> bool:
    return isinstance(item, Column) and isinstance(item.operand, Call) and item.operand.name != "TOLABEL"


def check_condition(condition: Condition) -> None:
    if isinstance(condition, Or):
        raise refused("Disjunctions not supported")
    if isinstance(condition, Choice):
        raise refused("Unsupported filter type")
    if isinstance(condition, SemiJoin):
        raise refused(STORAGE)
    if isinstance(condition, And):
        for part in condition.parts:
            check_condition(part)
        return
    negated = isinstance(condition, Not) or (isinstance(condition, Membership) and condition.negated)
    if negated or (isinstance(condition, Comparison) and condition.operator != "="):
        raise refused("Only equals comparisons permitted")


def top_parts(where: Condition | None) -> tuple[Condition, ...]:
    if where is None:
        return ()
    return tuple(inner for part in where.parts for inner in top_parts(part)) if isinstance(where, And) else (where,)


def on_key(part: Condition, keys: tuple[str, ...]) -> bool:
    """EntityDefinition.QualifiedApiName = 'X' stands for EntityDefinitionId = 'X'."""
    if not isinstance(part, (Comparison, Membership)) or not isinstance(part.operand, Path):
        return False
    parts = [one.lower() for one in part.operand.parts]
    wanted = {key.lower() for key in keys}
    return parts[-1] in wanted or (len(parts) > 1 and f"{parts[-2]}id" in wanted)


def ignores_limit(name: str, switches: Mapping[str, str]) -> bool:
    return name in SPECIAL and switches["metadata_view_limit"] == "ignored"


def check_one_batch(name: str, rows: int, page: int) -> None:
    special = SPECIAL.get(name)
    if special is not None and special.views and rows > page:
        raise refused(f"{name} does not support queryMore(), use LIMIT to restrict the results to a single batch", "EXCEEDED_ID_LIMIT")
