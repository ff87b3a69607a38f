# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Access to classes, pages, custom permissions, connected apps, custom settings, custom metadata types and flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.errors import NotEmulated
from emulator.rules import registry
from emulator.rules.object_permissions import DUPLICATE
from emulator.rules.permissionable import is_metadata_type
from emulator.rules.refusals import duplicate, masked_duplicate
from emulator.rules.registry import Change, Grade, Switch, breakable, holds, rule
from emulator.tooling.durable import named_by

if TYPE_CHECKING:
    from emulator.org import Org

TYPES = {
    "01p": "ApexClass",
    "066": "ApexPage",
    "0CP": "CustomPermission",
    "0H4": "ConnectedApplication",
    "01I": "CustomEntityDefinition",
    "300": "FlowDefinition",
}
"""Key prefix of SetupEntityId -> SetupEntityType. The last two are of definitions that no sObject of the data API holds."""

FLOW_NAMES = Switch("packaged_flow_names", ("prefixed", "bare"))
FLOW_IDS = Switch("flow_durable_ids", ("short", "long"))

rule(
    "the_type_of_a_setup_entity_comes_from_its_id",
    says="SetupEntityType is derived from SetupEntityId: class, page, custom permission, connected app, flow, custom setting, custom metadata type. "
    "Other types answer 501.",
    grade=Grade.DOCUMENTED,
    source="facts permission-api D (object reference, SetupEntityAccess)",
)
rule(
    "custom_settings_and_metadata_types_by_their_definition",
    says="Access to a custom setting or custom metadata type names the Id (01I) of its definition, which EntityDefinition shows as DurableId; one that "
    "the org does not have is refused as any missing reference is.",
    grade=Grade.DOCUMENTED,
    source="object reference, SetupEntityAccess: CustomEntityDefinition for custom settings and custom metadata types (48.0); DurableId of custom "
    "objects: dannysummerlin/force-navigator#46",
)
rule(
    "flows_by_their_definition",
    says="Access to a flow names the Id (300) of its definition, which FlowDefinitionView shows as DurableId.",
    grade=Grade.DOCUMENTED,
    source="object reference, SetupEntityAccess (FlowDefinition, 58.0) and FlowDefinitionView (DurableId: the ID of the flow definition)",
)
rule(
    "names_of_packaged_flows",
    says="ApiName of a packaged flow carries the package's prefix, or NamespacePrefix alone names it. Settled when an org is seeded.",
    grade=Grade.INFERRED,
    source="object reference, FlowDefinitionView: ApiName and NamespacePrefix without a word on it",
    switch=FLOW_NAMES,
)
rule(
    "durable_ids_of_flows",
    says="DurableId of a FlowDefinitionView has 15 characters, or 18. Settled when an org is seeded.",
    grade=Grade.INFERRED,
    source="object reference, FlowDefinitionView: type ID in its first version, string later",
    switch=FLOW_IDS,
)
rule(
    "one_row_a_setup_entity_and_set",
    says="A second row is refused with DUPLICATE_VALUE.",
    grade=Grade.INFERRED,
    source="facts permission-api C4: assumed",
    switch=DUPLICATE,
)
for _name in (
    "one_row_a_setup_entity_and_set",
    "custom_settings_and_metadata_types_by_their_definition",
    "flows_by_their_definition",
):
    breakable(_name)


@registry.entity("01I", rule="custom_settings_and_metadata_types_by_their_definition")
def is_a_definition(org: Org, entity_id: str) -> bool:
    name = named_by(org, entity_id)
    sobject = org.schema.sobject(name) if name is not None else None
    if sobject is not None and not (sobject.custom_setting or is_metadata_type(sobject)):
        raise NotEmulated(f"access to the object {name}: custom settings and custom metadata types are granted so, as far as anybody says")
    return sobject is not None


@registry.entity("300", rule="flows_by_their_definition")
def is_a_flow(org: Org, entity_id: str) -> bool:
    known = org.schema.sobject("FlowDefinitionView")
    return known is not None and bool(org.find("FlowDefinitionView", DurableId=[entity_id, entity_id[:15]]))


@registry.before("insert", "SetupEntityAccess")
def new_access(org: Org, user: str, change: Change) -> None:
    entity = str(change.after["SetupEntityId"])
    if entity[:3] not in TYPES:
        raise NotEmulated(f"access to setup entities with the key prefix {entity[:3]}")
    change.after["SetupEntityType"] = TYPES[entity[:3]]
    existing = org.find("SetupEntityAccess", ParentId=change.after["ParentId"], SetupEntityId=entity)
    if not existing or not holds("one_row_a_setup_entity_and_set"):
        return
    if org.switches[DUPLICATE.name] == "masked":
        raise masked_duplicate()
    raise duplicate(f"duplicate value found: SetupEntityId duplicates value on record with id: {existing[0]['Id']}")
