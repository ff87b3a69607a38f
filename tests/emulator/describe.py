# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An sObject as describe shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.model import Field, SObject

if TYPE_CHECKING:
    from emulator.org import Org

SOAP_TYPES = {
    "id": "tns:ID", "reference": "tns:ID", "boolean": "xsd:boolean", "int": "xsd:int", "double": "xsd:double", "currency": "xsd:double",
    "percent": "xsd:double", "date": "xsd:date", "datetime": "xsd:dateTime", "address": "urn:address", "location": "urn:location",
    "anyType": "xsd:anyType",
}  # fmt: skip


LAID_OUT_IN_SETUP = frozenset({"User"})
"""Objects of the Setup area that describeLayout is among the supported calls of (object reference)."""


def is_laid_out(sobject: SObject) -> bool:
    """Whether records of the object are shown on pages."""
    return not sobject.setup or sobject.name in LAID_OUT_IN_SETUP


def describe_basic(sobject: SObject, version: str) -> dict[str, Any]:
    """The part of a describe that the list of all objects carries."""
    base = f"/services/data/v{version}/sobjects/{sobject.name}"
    urls = {"rowTemplate": base + "/{ID}", "describe": base + "/describe", "sobject": base}
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": sobject.createable,
        "custom": sobject.custom,
        "customSetting": sobject.custom_setting,
        "dataTranslationEnabled": None,
        "deepCloneable": False,
        "deletable": sobject.deletable,
        "deprecatedAndHidden": False,
        "feedEnabled": False,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": sobject.key_prefix,
        "label": sobject.label,
        "labelPlural": sobject.label_plural,
        "layoutable": is_laid_out(sobject),
        "mergeable": sobject.mergeable,
        "mruEnabled": False,
        "name": sobject.name,
        "queryable": sobject.queryable,
        "replicateable": sobject.replicateable,
        "retrieveable": sobject.retrieveable,
        "searchable": sobject.searchable,
        "triggerable": False,
        "undeletable": sobject.undeletable,
        "updateable": sobject.updateable,
        "urls": urls,
    }


def describe_full(org: Org, sobject: SObject, version: str) -> dict[str, Any]:
    children = [
        {
            "cascadeDelete": child.cascade_delete,
            "childSObject": child.child,
            "deprecatedAndHidden": False,
            "field": child.field,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": child.name,
            "restrictedDelete": child.restricted_delete,
        }
        for child in sobject.child_relationships
    ]
    return {
        **describe_basic(sobject, version),
        "actionOverrides": [],
        "childRelationships": children,
        "compactLayoutable": is_laid_out(sobject),
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [describe_field(org, sobject, item) for item in sobject.fields.values()],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [],
        "searchLayoutable": False,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [{"label": f"All {sobject.label_plural}", "name": "everything"}],
    }


def describe_field(org: Org, sobject: SObject, item: Field) -> dict[str, Any]:
    picklist = org.picklist(sobject.name, item)
    return {
        "aggregatable": item.aggregatable and item.type != "boolean",
        "aiPredictionField": False,
        "autoNumber": item.auto_number,
        "byteLength": item.length * 3,
        "calculated": item.calculated,
        "calculatedFormula": None,
        "cascadeDelete": item.master_detail,
        "caseSensitive": False,
        "compoundFieldName": item.compound_field_name,
        "controllerName": None,
        "createable": item.createable,
        "custom": item.custom,
        "dataTranslationEnabled": None,
        "defaultValue": item.default if item.default is not None else (False if item.type == "boolean" else None),
        "defaultValueFormula": None,
        "defaultedOnCreate": item.defaulted_on_create,
        "dependentPicklist": False,
        "deprecatedAndHidden": False,
        "digits": 9 if item.type == "int" else 0,
        "displayLocationInDecimal": False,
        "encrypted": False,
        "externalId": item.external_id,
        "extraTypeInfo": None,
        "filterable": item.filterable,
        "filteredLookupInfo": None,
        "formulaTreatNullNumberAsZero": False,
        "groupable": item.groupable,
        "highScaleNumber": False,
        "htmlFormatted": False,
        "idLookup": item.id_lookup,
        "inlineHelpText": None,
        "label": item.label,
        "length": item.length,
        "mask": None,
        "maskType": None,
        "name": item.name,
        "nameField": item.name_field,
        "namePointing": len(item.reference_to) > 1,
        "nillable": item.nillable,
        "permissionable": item.permissionable,
        "picklistValues": [
            {"active": True, "defaultValue": item.default == value, "label": label, "validFor": None, "value": value}
            for value, label in picklist
        ],
        "polymorphicForeignKey": len(item.reference_to) > 1,
        "precision": 18 if item.type in ("double", "currency", "percent") else 0,
        "queryByDistance": False,
        "referenceTargetField": None,
        "referenceTo": list(item.reference_to),
        "relationshipName": item.relationship_name,
        "relationshipOrder": 0 if item.master_detail else None,
        "restrictedDelete": False,
        "restrictedPicklist": item.restricted_picklist,
        "scale": 0,
        "searchPrefilterable": False,
        "soapType": SOAP_TYPES.get(item.type, "xsd:string"),
        "sortable": item.sortable,
        "type": item.type,
        "unique": item.unique,
        "updateable": item.updateable,
        "writeRequiresMasterRead": False,
    }
