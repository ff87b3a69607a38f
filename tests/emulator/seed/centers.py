# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Contact centers of the example org, one of each flavour, and the vendors behind them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from emulator.metadata import define_call_center, partner_telephony_definition
from emulator.org import Org
from emulator.rules.contact_centers import shown_settings


@dataclass(frozen=True)
class Center:
    """kind: key in seed_info. feature: what the org must have for it. vendor: reqVendorInfoApiName of its definition."""

    kind: str
    name: str
    internal_name: str
    settings: tuple[tuple[str, str], ...]
    version: float | None
    feature: str | None
    vendor: str | None = None
    adapter_url: str | None = None


LIGHTNING = (
    ("reqUseApi", "true"),
    ("reqSalesforceCompatibilityMode", "Lightning"),
    ("reqSoftphoneHeight", "300"),
    ("reqSoftphoneWidth", "500"),
)
PARTNER = (("reqCallCenterType", "SCVBYOT"), *LIGHTNING)

CENTERS = (
    Center("partner_telephony", "Acme Voice", "AcmeVoice", PARTNER, None, "partner_telephony", "acmevoice__AcmeVendor"),
    Center("partner_telephony_amazon", "Acme Amazon Voice", "AcmeAmazonVoice", PARTNER, 2.0, "partner_telephony", "c__AMAZON_CONNECT"),
    Center("amazon_connect", "Acme Connect", "AcmeConnect", (("reqUseApi", "true"),), 13.0, "amazon_connect"),
    Center("open_cti", "Acme Softphone", "AcmeOpenCti", LIGHTNING, 4.0, None, None, "https://softphone.acme.example/cti"),
)
"""What each flavour shows: facts contact-center-api 5c. The settings of the Amazon Connect one are composed: its real ones are not public."""

VENDORS: tuple[dict[str, Any], ...] = (
    {"DeveloperName": "AcmeVendor", "NamespacePrefix": "acmevoice", "MasterLabel": "Acme Vendor", "VendorType": "ServiceCloudVoicePartner"},
    {"DeveloperName": "AMAZON_CONNECT", "MasterLabel": "Amazon Connect for Acme", "VendorType": "ServiceCloudVoicePartner"},
    {"DeveloperName": "Acme_Amazon", "MasterLabel": "Acme Amazon", "VendorType": "Amazon_Connect"},
)

VENDOR_OF = {"partner_telephony": "acmevoice__AcmeVendor", "partner_telephony_amazon": "c__AMAZON_CONNECT"}
"""What the definition file names as vendor: namespace or c, then ConversationVendorInfo.DeveloperName."""


def put_centers(org: Org, features: frozenset[str]) -> dict[str, str]:
    """Kind -> Id of the centers that the org's features allow."""
    made: dict[str, str] = {}
    for center in CENTERS:
        if center.feature is None or center.feature in features:
            made[center.kind] = org.put(
                "CallCenter",
                Name=center.name,
                InternalName=center.internal_name,
                AdapterUrl=center.adapter_url,
                Version=center.version,
                CustomSettings=shown_settings(org, json.dumps(dict(center.settings))),
            )
            if center.kind in VENDOR_OF:
                settings = json.dumps(dict(center.settings))
                definition = partner_telephony_definition(settings, center.internal_name, center.name, VENDOR_OF[center.kind])
                define_call_center(org, made[center.kind], definition)
    vendors = {center.kind: center.vendor for center in CENTERS if center.vendor}
    org.seed_info["center_vendors"] = {made[kind]: vendor for kind, vendor in vendors.items() if kind in made}
    return made


def put_vendors(org: Org) -> None:
    for vendor in VENDORS:
        org.put("ConversationVendorInfo", Language="en_US", **vendor)


def put_routing_map(org: Org, center_id: str, user_id: str, external_id: str) -> None:
    org.put(
        "CallCenterRoutingMap",
        CallCenterId=center_id,
        ReferenceRecordId=user_id,
        DeveloperName=f"User_{user_id}_{center_id[:15]}",
        MasterLabel=external_id,
        ExternalId=external_id,
        Language="en_US",
    )
