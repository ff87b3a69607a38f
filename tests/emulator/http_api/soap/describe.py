# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Describe answers as SOAP orders them (Partner WSDL v47); the org's describe is the one of REST."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

GLOBAL = (
    "activateable createable custom customSetting dataTranslationEnabled deepCloneable deletable deprecatedAndHidden feedEnabled "
    "hasSubtypes idEnabled isInterface isSubtype keyPrefix label labelPlural layoutable mergeable mruEnabled name queryable "
    "replicateable retrieveable searchable triggerable undeletable updateable"
).split()
SOBJECT = (
    "actionOverrides activateable childRelationships compactLayoutable createable custom customSetting dataTranslationEnabled "
    "deepCloneable defaultImplementation deletable deprecatedAndHidden feedEnabled fields hasSubtypes idEnabled implementedBy "
    "implementsInterfaces isInterface isSubtype keyPrefix label labelPlural layoutable mergeable mruEnabled name namedLayoutInfos "
    "networkScopeFieldName queryable recordTypeInfos replicateable retrieveable searchLayoutable searchable supportedScopes "
    "triggerable undeletable updateable urlDetail urlEdit urlNew"
).split()
FIELD = (
    "aggregatable aiPredictionField autoNumber byteLength calculated calculatedFormula cascadeDelete caseSensitive "
    "compoundFieldName controllerName createable custom dataTranslationEnabled defaultValue defaultValueFormula defaultedOnCreate "
    "dependentPicklist deprecatedAndHidden digits displayLocationInDecimal encrypted externalId extraTypeInfo filterable "
    "filteredLookupInfo formulaTreatNullNumberAsZero groupable highScaleNumber htmlFormatted idLookup inlineHelpText label length "
    "mask maskType name nameField namePointing nillable permissionable picklistValues polymorphicForeignKey precision "
    "queryByDistance referenceTargetField referenceTo relationshipName relationshipOrder restrictedDelete restrictedPicklist scale "
    "searchPrefilterable soapType sortable type unique updateable writeRequiresMasterRead"
).split()
PICKLIST = ("active defaultValue label validFor value").split()
CHILD = (
    "cascadeDelete childSObject deprecatedAndHidden field junctionIdListNames junctionReferenceTo relationshipName restrictedDelete"
).split()
ALWAYS = frozenset(
    "defaultImplementation implementedBy implementsInterfaces keyPrefix networkScopeFieldName urlDetail urlEdit urlNew".split()
)
"""Nillable, yet not optional."""


def everything(described: Mapping[str, Any]) -> dict[str, Any]:
    """DescribeGlobalResult."""
    listed = [_ordered({**one, "idEnabled": False}, GLOBAL) for one in described["sobjects"]]
    return {"encoding": described["encoding"], "maxBatchSize": described["maxBatchSize"], "sobjects": listed}


def sobject(described: Mapping[str, Any]) -> dict[str, Any]:
    """DescribeSObjectResult."""
    inner = {
        "fields": [_field(item) for item in described["fields"]],
        "childRelationships": [_ordered(item, CHILD) for item in described["childRelationships"]],
        "idEnabled": False,
    }
    return _ordered({**described, **inner}, SOBJECT)


def _field(item: Mapping[str, Any]) -> dict[str, Any]:
    picklist = [_ordered(value, PICKLIST) for value in item["picklistValues"]]
    return _ordered({**item, "picklistValues": picklist}, FIELD)


def _ordered(values: Mapping[str, Any], order: list[str]) -> dict[str, Any]:
    """What is known, in the WSDL's order; what is null or empty is left out, where the WSDL lets it."""
    return {name: values.get(name) for name in order if name in ALWAYS or (values.get(name) is not None and values[name] != [])}
