# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which objects take object permissions. No hooks here, so that any rule may ask without changing the order of the hooks."""

from __future__ import annotations

from emulator.model import SObject

STANDARD_OBJECTS = (
    "Account",
    "ActiveScratchOrg",
    "Asset",
    "Campaign",
    "Case",
    "Contact",
    "Contract",
    "Document",
    "Lead",
    "Macro",
    "Opportunity",
    "Order",
    "Pricebook2",
    "Product2",
    "Quote",
    "ScratchOrgInfo",
    "Solution",
)
"""Standard objects that take object permissions, as far as the emulated orgs have them. Task, Event, User, OpportunityLineItem,
CampaignMember, EmailMessage, Attachment and Note never do (0 of 1,117 public profiles and sets). ScratchOrgInfo and ActiveScratchOrg: Salesforce DX
Developer Guide, Create and Assign a Permission Set to Developer Users."""


def takes_object_permissions(sobject: SObject) -> bool:
    if sobject.custom:
        return not sobject.custom_setting and not is_metadata_type(sobject)
    return sobject.name in STANDARD_OBJECTS


def is_metadata_type(sobject: SObject) -> bool:
    """A custom metadata type: its records are read through the data API and written through the Metadata API alone."""
    return sobject.name.endswith("__mdt")
