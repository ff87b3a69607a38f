# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Contact centers of the example org, one of each flavour, and the vendors behind them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from emulator.metadata import CallCenterDefinition, Items, define_call_center, partner_telephony_definition, plain_definition
from emulator.org import Org
from emulator.rules.contact_centers import shown_settings
from emulator.rules.licences import count_seats
from emulator.rules.user_logins import put_logins
from emulator.rules.vendor_syncing import vendor_of
from emulator.seed.sets import VOICE_LICENSE


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

INSTANCE: Items = (
    ("reqInstanceId", "Instance Id", "11111111-2222-3333-4444-555555555555"),
    ("reqRegion", "Region", "eu-west-2"),
)
RESOLD_VENDOR: Items = (("reqVendorInfoApiName", "Conversation Vendor Info Developer Name", "c__Acme_Amazon"),)
OPEN_CTI: Items = (
    ("reqVersion", "Version", "4"),
    ("reqDescription", "Description", "Acme Softphone"),
    ("reqProgId", "Program Id", "AcmeSoftphone.Adapter"),
    ("reqAdapterUrl", "CTI Adapter URL", "https://softphone.acme.example/cti"),
)
"""Items of the definitions beside names and vendor (facts contact-center-api 5c)."""


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
            define_call_center(org, made[center.kind], _definition(org, center))
    vendors = {center.kind: center.vendor for center in CENTERS if center.vendor}
    org.seed_info["center_vendors"] = {made[kind]: vendor for kind, vendor in vendors.items() if kind in made}
    return made


def _definition(org: Org, center: Center) -> CallCenterDefinition:
    settings = json.dumps(dict(center.settings))
    if center.vendor:
        more = INSTANCE if center.kind == "partner_telephony_amazon" else ()
        return partner_telephony_definition(settings, center.internal_name, center.name, center.vendor, more)
    if center.kind == "open_cti":
        return plain_definition(settings, center.internal_name, center.name, OPEN_CTI)
    named = org.switches["metadata_vendor_of_a_resold_center"] == "named"
    return plain_definition(settings, center.internal_name, center.name, (*(RESOLD_VENDOR if named else ()), *INSTANCE))


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


# --- what happens to them later ---------------------------------------------------------------------------------------


def vendor_syncs(org: Org, center: str, *, refuses: Iterable[str] = (), named_credential: bool = True, syncs: bool = True) -> str:
    """The vendor of the center (by internal name) declares user syncing from now on, or with syncs=False no longer; refuses are usernames that it does
    not take, "*" for everybody, in place of those before. The Id of the vendor's row. Raises KeyError for a center that is not there or has no vendor."""
    found = org.find("CallCenter", InternalName=center)
    vendor = vendor_of(org, str(found[0]["Id"])) if found else None
    if vendor is None:
        raise KeyError(f"{org.name} has no center {center} with a vendor")
    declare_vendor(org, str(vendor["Id"]), syncs=syncs, named_credential=syncs and named_credential)
    org.vendor_refuses = {name.lower() for name in refuses}
    return str(vendor["Id"])


def declare_vendor(org: Org, vendor_id: str, *, syncs: bool, named_credential: bool) -> None:
    values = {"CapabilitiesSupportsUserSyncing": syncs, "CapabilitiesSupportsNamedCredential": named_credential}
    org.set("ConversationVendorInfo", vendor_id, **values)


def leave_seats(org: Org, number: int, license_name: str = VOICE_LICENSE) -> None:
    """So many seats of the permission set licence are free from now on. Raises KeyError for a licence that is not there."""
    found = org.find("PermissionSetLicense", DeveloperName=license_name)
    if not found:
        raise KeyError(f"{org.name} has no permission set licence {license_name}")
    license_id = str(found[0]["Id"])
    count_seats(org, license_id)
    taken = len(org.find("PermissionSetLicenseAssign", PermissionSetLicenseId=license_id))
    org.set("PermissionSetLicense", license_id, TotalLicenses=taken + number)


def freeze(org: Org, username: str, *, frozen: bool = True) -> None:
    """Freeze that user as an administrator does in Setup, or thaw. Raises KeyError for a user who is not there."""
    found = org.find("User", Username=username)
    if not found:
        raise KeyError(f"{org.name} has no user {username}")
    user_id = found[0]["Id"]
    rows = org.find("UserLogin", UserId=user_id)
    if not rows:
        put_logins(org, [str(user_id)], frozen=frozen)
    for row in rows:
        org.set("UserLogin", row["Id"], IsFrozen=frozen)
