# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Access to classes, pages and custom permissions, and tab settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.errors import NotEmulated
from emulator.rules import registry
from emulator.rules.object_permissions import DUPLICATE
from emulator.rules.permissionable import takes_object_permissions
from emulator.rules.refusals import duplicate, masked_duplicate
from emulator.rules.registry import Change, Grade, breakable, holds, rule

if TYPE_CHECKING:
    from emulator.org import Org

STORED = {"01p": "ApexClass", "066": "ApexPage", "0CP": "CustomPermission"}
NAMED_ONLY = {"01I": "CustomEntityDefinition"}
"""Custom settings and custom metadata types: their Ids are of setup entities that no sObject of the emulator holds."""

rule(
    "the_type_of_a_setup_entity_comes_from_its_id",
    says="SetupEntityType is derived from SetupEntityId: class, page, custom permission, custom setting. Other types answer 501.",
    grade=Grade.DOCUMENTED,
    source="facts permission-api D (object reference, SetupEntityAccess)",
)
rule(
    "one_row_a_setup_entity_and_set",
    says="A second row is refused with DUPLICATE_VALUE.",
    grade=Grade.INFERRED,
    source="facts permission-api C4: assumed",
    switch=DUPLICATE,
)
rule(
    "tab_settings",
    says="One row a tab and set; the tab exists (standard-<Object> or a package's tab); Visibility is DefaultOn or DefaultOff, no row is hidden.",
    grade=Grade.DOCUMENTED,
    source="facts permission-api D (object reference, PermissionSetTabSetting)",
)


for _name in ("one_row_a_setup_entity_and_set", "tab_settings"):
    breakable(_name)


@registry.before("insert", "SetupEntityAccess")
def new_access(org: Org, user: str, change: Change) -> None:
    entity = str(change.after["SetupEntityId"])
    change.after["SetupEntityType"] = entity_type(org, entity)
    existing = org.find("SetupEntityAccess", ParentId=change.after["ParentId"], SetupEntityId=entity)
    if not existing or not holds("one_row_a_setup_entity_and_set"):
        return
    if org.switches[DUPLICATE.name] == "masked":
        raise masked_duplicate()
    raise duplicate(f"duplicate value found: SetupEntityId duplicates value on record with id: {existing[0]['Id']}")


def entity_type(org: Org, entity: str) -> str:
    prefix = entity[:3]
    if prefix in STORED:
        return STORED[prefix]  # that it is there was seen to before, as of any reference
    if prefix in NAMED_ONLY:
        if not org.find("SetupEntityAccess", SetupEntityId=entity):
            raise NotEmulated(f"access to a {NAMED_ONLY[prefix]} that no permission set of the org has yet")
        return NAMED_ONLY[prefix]
    raise NotEmulated(f"access to setup entities with the key prefix {prefix}")


@registry.before("insert", "PermissionSetTabSetting")
def new_tab_setting(org: Org, user: str, change: Change) -> None:
    name = str(change.after["Name"])
    if not tab_exists(org, name):
        raise NotEmulated(f"the tab {name!r}: tabs are known only for objects and from the seeded packages")
    existing = org.find("PermissionSetTabSetting", ParentId=change.after["ParentId"], Name=name)
    if existing and holds("tab_settings"):
        raise masked_duplicate()


def tab_exists(org: Org, name: str) -> bool:
    if name.startswith("standard-"):
        sobject = org.schema.sobject(name.removeprefix("standard-"))
        return sobject is not None and not sobject.custom and takes_object_permissions(sobject)
    return bool(org.find("PermissionSetTabSetting", Name=name))
