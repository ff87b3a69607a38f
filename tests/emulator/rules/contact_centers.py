# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Contact centers: rows of CallCenter, told apart only by what CustomSettings reveals, and their routing maps."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from emulator.rules import registry
from emulator.rules.permission_sets import NAME, bad_name
from emulator.rules.refusals import field_integrity, masked_duplicate, refuse
from emulator.rules.registry import Change, Grade, Switch, breakable, holds, rule

if TYPE_CHECKING:
    from emulator.org import Org

INTERNAL_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{0,39}")

CUSTOM_SETTINGS = Switch("customsettings", ("reveals", "null", "other"))
INTERNAL_NAME_CODE = Switch("bad_internal_name_code", ("FIELD_INTEGRITY_EXCEPTION", "INVALID_INPUT"))
OUTSIDERS = Switch("routing_map_of_outsider", ("refused", "accepted"))
MAP_NAMES = Switch("routing_map_names", ("any", "api_name"))
ROUTING_MAP_TWINS = Switch("duplicate_routing_map_code", ("DUPLICATE_DEVELOPER_NAME", "DUPLICATE_VALUE"))

rule(
    "call_centers_are_created_and_read_only",
    says="CallCenter takes create and query: no update, no delete, no upsert. (The verbs are in the schema.)",
    grade=Grade.DOCUMENTED,
    source="facts contact-center-api 5a (object reference, CallCenter)",
)
rule(
    "internal_names_of_call_centers",
    says="InternalName has up to 40 letters and digits, starts with a letter and is unique.",
    grade=Grade.QUOTED,
    source="facts contact-center-api 5a (error of the Setup import; developer guide)",
)
rule(
    "code_of_a_bad_internal_name",
    says="What the org answers to such a name.",
    grade=Grade.INFERRED,
    source="published nowhere for the API",
    switch=INTERNAL_NAME_CODE,
)
rule(
    "what_customsettings_shows",
    says="CallCenter.CustomSettings shows the flavour (reqCallCenterType SCVBYOT for Partner Telephony), or nothing, or settings that do not name "
    "it. Settled when a center is seeded or created.",
    grade=Grade.INFERRED,
    source="facts contact-center-api 5c and 14.4: that SOQL returns the definition's settings is inferred",
    switch=CUSTOM_SETTINGS,
)
rule(
    "routing_maps_need_membership",
    says="A CallCenterRoutingMap row for a user who is not in that center is refused, or taken.",
    grade=Grade.INFERRED,
    source="facts contact-center-api 7: that the user must be in the center is documented, what the API does about it is not",
    switch=OUTSIDERS,
)
rule(
    "names_of_routing_maps",
    says="DeveloperName is any text, as the documented form 005..._04v... begins with a digit; or it follows the rules for API names.",
    grade=Grade.INFERRED,
    source="facts contact-center-api 7 and 14.7: the text of the reference and its own sample disagree",
    switch=MAP_NAMES,
)
rule(
    "routing_maps_are_unique",
    says="DeveloperName is unique, and one row a center and user or queue.",
    grade=Grade.INFERRED,
    source="facts contact-center-api 7: expected, not documented",
    switch=ROUTING_MAP_TWINS,
)


for _name in ("internal_names_of_call_centers", "routing_maps_need_membership", "routing_maps_are_unique"):
    breakable(_name)


def shown_settings(org: Org, settings: str | None) -> str | None:
    """What CustomSettings shows of a center's definition."""
    setting = org.switches[CUSTOM_SETTINGS.name]
    if setting == "reveals" or settings is None:
        return settings
    if setting == "null":
        return None
    return json.dumps({"reqUseApi": "true", "reqSalesforceCompatibilityMode": "Lightning"})


@registry.before("insert", "CallCenter")
def new_center(org: Org, user: str, change: Change) -> None:
    name = str(change.after["InternalName"])
    strict = holds("internal_names_of_call_centers")
    if strict and not INTERNAL_NAME.fullmatch(name):
        raise refuse(
            org.switches[INTERNAL_NAME_CODE.name], "The internal name can only contain letters and digits, up to 40.", "InternalName"
        )
    if strict and org.find("CallCenter", InternalName=name):
        raise masked_duplicate()
    change.after["CustomSettings"] = shown_settings(org, change.after.get("CustomSettings"))


@registry.before("insert", "CallCenterRoutingMap")
@registry.before("update", "CallCenterRoutingMap")
def mapped_user_is_member(org: Org, user: str, change: Change) -> None:
    center, reference = change.after["CallCenterId"], str(change.after["ReferenceRecordId"])
    outside = reference.startswith("005") and (org.get("User", reference) or {}).get("CallCenterId") != center
    if outside and holds("routing_maps_need_membership") and org.switches[OUTSIDERS.name] == "refused":
        raise field_integrity("The user isn't a member of the contact center.", "ReferenceRecordId")
    if org.switches[MAP_NAMES.name] == "api_name" and not NAME.fullmatch(str(change.after["DeveloperName"])):
        raise bad_name(org, "DeveloperName")
    twins = org.find("CallCenterRoutingMap", DeveloperName=change.after["DeveloperName"])
    twins += org.find("CallCenterRoutingMap", CallCenterId=center, ReferenceRecordId=reference)
    if all(row["Id"] == change.id for row in twins) or not holds("routing_maps_are_unique"):
        return
    if org.switches[ROUTING_MAP_TWINS.name] == "DUPLICATE_VALUE":
        raise masked_duplicate()
    raise refuse("DUPLICATE_DEVELOPER_NAME", f"The name {change.after['DeveloperName']} is already in use.", "DeveloperName")
