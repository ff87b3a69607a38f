# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Page layouts and compact layouts. How pages look is each org's own affair: an emulated org has one page layout for each object, with all
fields that the user sees, and one compact layout with the record's name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from emulator.describe import describe_field
from emulator.list_views import name_field
from emulator.model import ChildRelationship, Field, SObject
from emulator.rules.registry import Grade, rule
from emulator.validation import is_required

if TYPE_CHECKING:
    from emulator.org import Org

MASTER_RECORD_TYPE = "012000000000000AAA"
UNSHOWN = frozenset({"Id", "IsDeleted", "SystemModstamp"})
NAMED = {"User": ("UserAlt",)}
ROWS_OF_A_RELATED_LIST = 5
NO_BUTTON_DETAILS = (
    "behavior", "colors", "content", "contentSource", "encoding", "height", "icons", "menubar", "resizeable", "scrollbars",
    "showsLocation", "showsStatus", "toolbar", "url", "width", "windowPosition",
)  # fmt: skip

rule(
    "page_layouts",
    says="{layouts, recordTypeMappings, recordTypeSelectorRequired} with one layout for the only record type, Master",
    grade=Grade.DOCUMENTED,
    source="REST API Developer Guide, Get Layouts and Descriptions for a Specified Object; SOAP API Developer Guide, DescribeLayoutResult",
)
rule(
    "named_layouts",
    says="User has the alternate layout UserAlt",
    grade=Grade.QUOTED,
    source="jsforce 1.9.3, test/sobject.test.js, which its author ran against a real org; the shape: that of a layout",
)
rule(
    "compact_layouts",
    says="{compactLayouts, defaultCompactLayoutId, recordTypeCompactLayoutMappings, urls} with one layout, the primary one",
    grade=Grade.DOCUMENTED,
    source="REST API Developer Guide, Get Compact Layouts Using sObject CompactLayouts",
)


def layouts(org: Org, user: str, sobject: SObject, layout_id: str) -> dict[str, Any]:
    """What .../describe/layouts answers."""
    shown = [item for item in sobject.fields.values() if item.name not in UNSHOWN]
    written = [item for item in shown if item.createable or item.updateable]
    layout: dict[str, Any] = {
        "buttonLayoutSection": {"detailButtons": [_button(name) for name, given in _buttons(sobject) if given]},
        "detailLayoutSections": [_section(org, sobject, layout_id, shown)],
        "editLayoutSections": [_section(org, sobject, layout_id, written)],
        "feedView": None,
        "highlightsPanelLayoutSection": None,
        "id": layout_id,
        "multirowEditLayoutSections": [],
        "offlineLinks": [],
        "quickActionList": {"quickActionListItems": []},
        "relatedContent": None,
        "relatedLists": [_related_list(org, child) for child in sobject.child_relationships if _shows(org, user, child)],
        "saveOptions": [],
    }
    return {"layouts": [layout], "recordTypeMappings": [_record_type(org, sobject, layout_id)], "recordTypeSelectorRequired": [False]}


def _buttons(sobject: SObject) -> Iterable[tuple[str, bool]]:
    return (("Edit", sobject.updateable), ("Delete", sobject.deletable))


def _button(name: str) -> dict[str, Any]:
    return {**dict.fromkeys(NO_BUTTON_DETAILS), "custom": False, "label": name, "name": name, "overridden": False}


def _section(org: Org, sobject: SObject, layout_id: str, fields: list[Field]) -> dict[str, Any]:
    items = [_item(org, sobject, item, place) for place, item in enumerate(fields, 1)]
    pairs = [items[start : start + 2] for start in range(0, len(items), 2)]
    return {
        "columns": 2,
        "heading": f"{sobject.label} Information",
        "layoutRows": [{"layoutItems": pair, "numItems": len(pair)} for pair in pairs],
        "parentLayoutId": layout_id,
        "rows": len(pairs),
        "tabOrder": "LeftToRightTopToBottom",
        "useCollapsibleSection": False,
        "useHeading": True,
    }


def _item(org: Org, sobject: SObject, item: Field, place: int) -> dict[str, Any]:
    required = is_required(item)
    return {
        "editableForNew": item.createable,
        "editableForUpdate": item.updateable,
        "label": item.label,
        "layoutComponents": [_component(org, sobject, item, place)],
        "placeholder": False,
        "required": required,
        "uiBehavior": "Required" if required else "Edit" if item.createable or item.updateable else "Readonly",
    }


def _component(org: Org, sobject: SObject, item: Field, place: int) -> dict[str, Any]:
    return {
        "components": [],
        "details": describe_field(org, sobject, item),
        "displayLines": 1,
        "tabOrder": place,
        "type": "Field",
        "value": item.name,
    }


def _shows(org: Org, user: str, child: ChildRelationship) -> bool:
    return org.schema.sobject(child.child) is not None and org.readable(user, child.child)


def _related_list(org: Org, child: ChildRelationship) -> dict[str, Any]:
    sobject = org.schema.sobjects[child.child]
    name = name_field(sobject) or sobject.fields["Id"]
    path = f"{sobject.name}.{name.name}"
    column = {"field": path, "fieldApiName": path, "format": None, "label": name.label, "lookupId": "Id", "name": name.name}
    return {
        "buttons": [],
        "columns": [column],
        "custom": sobject.custom,
        "field": child.field,
        "label": sobject.label_plural,
        "limitRows": ROWS_OF_A_RELATED_LIST,
        "name": child.name,
        "sobject": sobject.name,
        "sort": [],
    }


def _record_type(org: Org, sobject: SObject, layout_id: str) -> dict[str, Any]:
    picklists = [item for item in sobject.fields.values() if item.type in ("picklist", "multipicklist")]
    values = [{"picklistName": item.name, "picklistValues": describe_field(org, sobject, item)["picklistValues"]} for item in picklists]
    return {
        "available": True,
        "defaultRecordTypeMapping": True,
        "layoutId": layout_id,
        "name": "Master",
        "picklistsForRecordType": values,
        "recordTypeId": MASTER_RECORD_TYPE,
    }


def compact_layouts(org: Org, sobject: SObject, layout_id: str, version: str) -> dict[str, Any]:
    """What .../describe/compactLayouts answers."""
    name = name_field(sobject)
    fields = [] if name is None else [_compact_item(org, sobject, name)]
    base = f"/services/data/v{version}/sobjects/{sobject.name}/describe/compactLayouts"
    developer_name = f"{sobject.name.removesuffix('__c')}_Compact_Layout"
    layout = {
        "actions": [],
        "fieldItems": fields,
        "id": layout_id,
        "imageItems": [],
        "label": f"{sobject.label} Compact Layout",
        "name": developer_name,
        "objectType": sobject.name,
    }
    mapping = {
        "available": True,
        "compactLayoutId": layout_id,
        "compactLayoutName": developer_name,
        "recordTypeId": MASTER_RECORD_TYPE,
        "recordTypeName": "Master",
        "urls": {"compactLayout": f"{base}/{MASTER_RECORD_TYPE}"},
    }
    return {
        "compactLayouts": [layout],
        "defaultCompactLayoutId": layout_id,
        "recordTypeCompactLayoutMappings": [mapping],
        "urls": {"primary": f"{base}/primary"},
    }


def _compact_item(org: Org, sobject: SObject, item: Field) -> dict[str, Any]:
    return {
        "editableForNew": False,
        "editableForUpdate": False,
        "label": item.label,
        "layoutComponents": [_component(org, sobject, item, 1)],
        "placeholder": False,
        "required": False,
        "uiBehavior": None,
    }
