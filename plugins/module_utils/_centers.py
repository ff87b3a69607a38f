# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Contact centers: which one is meant, what kind it is, who its telephony vendor is, and how that was told. Pure.

Every kind of center is a row of CallCenter, and the row has no field for the kind or the vendor. CallCenter.CustomSettings may show the kind; the
definition, a component of the Metadata API, names the vendor in its item reqVendorInfoApiName; ConversationVendorInfo tells what the vendor is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from . import _ids
from ._errors import CONFIG, Problem, did_you_mean

PARTNER_TELEPHONY, PARTNER_TELEPHONY_AMAZON = "partner_telephony", "partner_telephony_amazon_connect"
AMAZON_CONNECT, OPEN_CTI, UNKNOWN = "amazon_connect", "open_cti", "unknown"
ACCEPTED = (PARTNER_TELEPHONY, PARTNER_TELEPHONY_AMAZON)

# reqCallCenterType of a center made for Partner Telephony, also for the one from Amazon Connect (Partner Telephony developer guide).
_PARTNER_TELEPHONY_TYPE = "SCVBYOT"
# ConversationVendorInfo.VendorType of Partner Telephony, and of the Amazon Connect that Salesforce resells.
PARTNER_TYPE, _AMAZON_TYPE = "ServiceCloudVoicePartner", "Amazon_Connect"
# What the definition of a center for Partner Telephony from Amazon Connect names as vendor; c stands for no namespace.
_FROM_AMAZON = "c__amazon_connect"
_VENDOR_ITEM, _ADAPTER_ITEM = "reqVendorInfoApiName", "reqAdapterUrl"
NO_KIND = "CustomSettings names no reqCallCenterType"


@dataclass(frozen=True)
class Vendor:
    """A telephony vendor. name: as definitions write it, namespace__Name or c__Name. type: VendorType, empty where it is not known. syncs_users:
    whether it is told of users who join and leave; None where the org does not tell."""

    name: str
    type: str
    syncs_users: bool | None


@dataclass(frozen=True)
class Center:
    """A call center row, and what is known of its kind. flavour: one of the five words above, or the word by which the org calls another kind.
    told_by, vendor_told_by: how that was told. syncing: what is so of each vendor that it may have, where its own is not known."""

    id: str
    name: str
    internal_name: str
    flavour: str
    told_by: str
    vendor: Vendor | None = None
    vendor_told_by: str = ""
    syncing: bool | None = None

    @property
    def is_partner_telephony(self) -> bool:
        return self.flavour in ACCEPTED

    @property
    def syncs_users(self) -> bool | None:
        """Whether the vendor is told of users who join and leave; None where the org does not tell."""
        return self.vendor.syncs_users if self.vendor else self.syncing


# -- what the rows tell --------------------------------------------------------------------------------------------------------------


def vendor(row: Mapping[str, Any]) -> Vendor:
    """The vendor of a ConversationVendorInfo row. That a vendor syncs only if it also has a named credential is said in one place of the developer
    guide and not in another: the flag alone counts here."""
    name = f"{row.get('NamespacePrefix') or 'c'}__{row['DeveloperName']}"
    return Vendor(name, str(row.get("VendorType") or ""), bool(row.get("CapabilitiesSupportsUserSyncing")))


def center(row: Mapping[str, Any], vendors: Sequence[Vendor] | None) -> Center:
    """The center of a CallCenter row, as far as the row and the org's vendors tell. vendors: None where the org does not show them."""
    flavour, told_by = classify(row.get("CustomSettings"))
    found = Center(str(row["Id"]), str(row["Name"]), str(row["InternalName"]), flavour, told_by)
    if flavour not in (*ACCEPTED, UNKNOWN):
        return found
    if vendors is None:
        return replace(found, vendor_told_by="the org does not show ConversationVendorInfo to the running user, or has no such object")
    able = [item for item in vendors if item.type in (PARTNER_TYPE, "")]
    syncing = {item.syncs_users for item in able}
    # Such a center has a vendor: where the org shows none, nothing is known of it.
    found = replace(found, syncing=syncing == {True} if len(syncing) == 1 else None)
    if flavour == UNKNOWN or len(able) != 1:
        said = (
            "the org shows no vendor of Partner Telephony"
            if not able
            else f"it may be any of {', '.join(sorted(one.name for one in able))}"
        )
        return replace(found, vendor_told_by=f"{said}: only the center's definition tells")
    return _with_vendor(found, able[0], "it is the only vendor of Partner Telephony in this org")


def classify(custom_settings: str | None) -> tuple[str, str]:
    """(flavour, how it was told) from CallCenter.CustomSettings. A kind that is named and is not Partner Telephony is returned as it is
    named; where nothing is named, the kind is unknown: Open CTI centers, and centers whose settings this user cannot see."""
    kind = _kind(custom_settings)
    if not kind:
        return UNKNOWN, NO_KIND
    return PARTNER_TELEPHONY if kind == _PARTNER_TELEPHONY_TYPE else kind, f"CustomSettings.reqCallCenterType is {kind}"


def _kind(custom_settings: str | None) -> str:
    try:
        settings = json.loads(custom_settings or "null")
    except ValueError:
        return ""
    return str(settings.get("reqCallCenterType") or "") if isinstance(settings, dict) else ""


def _with_vendor(found: Center, its: Vendor, told_by: str) -> Center:
    """The center with that vendor, which tells the two products of Partner Telephony apart."""
    found = replace(found, vendor=its, vendor_told_by=told_by, syncing=its.syncs_users)
    if found.flavour == PARTNER_TELEPHONY and its.name.lower() == _FROM_AMAZON:
        return replace(found, flavour=PARTNER_TELEPHONY_AMAZON, told_by=f"{found.told_by}; its vendor is {its.name} ({told_by})")
    return found


# -- what a definition tells ---------------------------------------------------------------------------------------------------------


def as_defined(found: Center, definition: Mapping[str, Any], vendors: Sequence[Vendor] | None) -> Center:
    """The center with what its definition tells: the kind and the vendor. definition: the component, sections and items as lists."""
    items = dict(_items(definition))
    named = items.get(_VENDOR_ITEM, "").strip()
    its = _named(named, vendors or ()) if named else None
    flavour, told_by = _defined_flavour(definition, items, named, its)
    # An adapter alone says little: what the row itself names counts more.
    if flavour in (UNKNOWN, OPEN_CTI) and found.flavour != UNKNOWN:
        flavour, told_by = found.flavour, found.told_by
    told = replace(found, flavour=flavour, told_by=told_by)
    if its is None:
        return replace(told, vendor_told_by=found.vendor_told_by if found.vendor else "its definition names no vendor")
    return _with_vendor(told, its, "its definition names it")


def _items(definition: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for section in definition.get("sections") or ():
        for item in section.get("items") or ():
            yield str(item.get("name") or ""), str(item.get("value") or "")


def _named(name: str, vendors: Iterable[Vendor]) -> Vendor:
    """The vendor that a definition names; one that the org does not show is known by name only."""
    wanted = name.lower() if "__" in name else f"c__{name}".lower()
    return next((item for item in vendors if item.name.lower() == wanted), Vendor(name, "", None))


def _defined_flavour(definition: Mapping[str, Any], items: Mapping[str, str], named: str, its: Vendor | None) -> tuple[str, str]:
    kind = _kind(definition.get("customSettings"))
    if kind == _PARTNER_TELEPHONY_TYPE:
        return PARTNER_TELEPHONY, f"its definition has reqCallCenterType {kind}"
    vendor_type = its.type if its else ""
    if vendor_type:
        flavour = {PARTNER_TYPE: PARTNER_TELEPHONY, _AMAZON_TYPE: AMAZON_CONNECT}.get(vendor_type, vendor_type)
        return flavour, f"its definition names vendor {named}, whose VendorType is {vendor_type}"
    if kind:
        return kind, f"its definition has reqCallCenterType {kind}"
    if named.lower() == _FROM_AMAZON:
        return PARTNER_TELEPHONY, f"its definition names vendor {named}"
    if named:
        return UNKNOWN, f"its definition names vendor {named}, which the org does not show"
    if definition.get("adapterUrl") or items.get(_ADAPTER_ITEM):
        return OPEN_CTI, "its definition has the URL of a CTI adapter and no vendor"
    return UNKNOWN, "its definition names neither a vendor, nor a kind, nor the URL of a CTI adapter"


# -- which center is meant -----------------------------------------------------------------------------------------------------------


def choose(name: str, centers: Sequence[Center], tried: str) -> Center:
    """The center that is meant: by Id, by internal name (unique in an org), or by name. Raises Problem for none and for two."""
    word = name.strip().lower()
    for meant in (
        [one for one in centers if _ids.is_id(name.strip(), "04v") and _ids.same(one.id, name.strip())],
        [one for one in centers if one.internal_name.lower() == word],
        [one for one in centers if one.name.lower() == word],
    ):
        if len(meant) > 1:
            names = ", ".join(sorted(one.internal_name for one in meant))
            remedy = "Give the internal name of the one you mean."
            raise Problem(tried, f"the name {name} belongs to {names}.", remedy, CONFIG, "ambiguous_center")
        if meant:
            return meant[0]
    known = sorted(one.internal_name for one in centers)
    raise Problem(
        tried,
        f"the org has no contact center {name}." + did_you_mean(name, known),
        f"Its centers are: {', '.join(known) or 'none'}. Contact centers are made in Setup, Partner Telephony Contact Centers.",
        CONFIG,
        "unknown_center",
    )


def asserted(found: Center, flavour: str | None) -> Center:
    """The center, of the flavour that the task asserts where the org tells none."""
    if found.flavour != UNKNOWN or not flavour:
        return found
    return replace(found, flavour=flavour, told_by=f"asserted by the task; {found.told_by}")


def refusal(found: Center, tried: str) -> Problem | None:
    """Why membership of that center is not managed here; None for Partner Telephony, also from Amazon Connect."""
    if found.is_partner_telephony:
        return None
    if found.flavour == UNKNOWN:
        return Problem(
            tried,
            f"the org does not reveal what kind of center it is ({found.told_by}).",
            "If Setup lists it under Partner Telephony Contact Centers, set flavour: partner_telephony.",
            CONFIG,
            "unknown_flavour",
        )
    return Problem(
        tried,
        f"it is not a Partner Telephony center ({found.told_by}).",
        "Name a Partner Telephony center; members of other kinds are managed in their own Setup pages.",
        CONFIG,
        "wrong_flavour",
    )
