# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which center is meant, what kind it is, who its vendor is, and how that was told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils import _centers
from ansible_collections.voiceops.salesforce.plugins.module_utils._centers import Center, Vendor
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem

PARTNER = json.dumps({"reqCallCenterType": "SCVBYOT", "reqUseApi": "true"})
TOLD = "CustomSettings.reqCallCenterType is SCVBYOT"
PLAIN = Vendor("acme__Vendor", "ServiceCloudVoicePartner", False)
SYNCING = Vendor("acme__Other", "ServiceCloudVoicePartner", True)
FROM_AMAZON = Vendor("c__AMAZON_CONNECT", "ServiceCloudVoicePartner", False)
RESOLD = Vendor("c__Acme_Amazon", "Amazon_Connect", True)
UNTYPED = Vendor("c__Untyped", "", True)
CHANNEL = Vendor("c__Channel", "BringYourOwnChannelPartner", True)


def row(settings: str | None = PARTNER, number: int = 1, name: str = "Acme Voice", internal: str = "AcmeVoice") -> dict[str, Any]:
    return {"Id": f"04v00000000000{number}AAA", "Name": name, "InternalName": internal, "CustomSettings": settings}


def definition(vendor: str = "", settings: str | None = None, adapter: str = "", element: str = "") -> dict[str, Any]:
    """A component as the Metadata API reads it."""
    items = [{"name": "reqInternalName", "label": "InternalName", "value": "AcmeVoice"}]
    items += [{"name": "reqVendorInfoApiName", "label": "Vendor", "value": vendor}] if vendor else []
    items += [{"name": "reqAdapterUrl", "label": "URL", "value": adapter}] if adapter else []
    told: dict[str, Any] = {"fullName": "AcmeVoice", "sections": [{"name": "reqGeneralInfo", "items": items}, {"name": "reqHvcc"}]}
    return told | ({"customSettings": settings} if settings else {}) | ({"adapterUrl": element} if element else {})


@pytest.mark.parametrize(
    ("settings", "flavour"),
    [
        (PARTNER, "partner_telephony"),
        ('{"reqCallCenterType": "SomethingElse"}', "SomethingElse"),
        ('{"reqUseApi": "true"}', "unknown"),
        ('{"reqCallCenterType": null}', "unknown"),
        ("[1, 2]", "unknown"),
        ("no JSON", "unknown"),
        ('"SCVBYOT"', "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_the_settings_tell_the_kind_or_nothing(settings: str | None, flavour: str) -> None:
    told, how = _centers.classify(settings)
    assert told == flavour
    assert how == (
        "CustomSettings names no reqCallCenterType"
        if flavour == "unknown"
        else f"CustomSettings.reqCallCenterType is {json.loads(str(settings))['reqCallCenterType']}"
    )


@pytest.mark.parametrize(
    ("columns", "vendor"),
    [
        ({"NamespacePrefix": "acme", "VendorType": "ServiceCloudVoicePartner"}, Vendor("acme__V", "ServiceCloudVoicePartner", False)),
        ({"NamespacePrefix": None, "VendorType": None, "CapabilitiesSupportsUserSyncing": True}, Vendor("c__V", "", True)),
        ({"CapabilitiesSupportsUserSyncing": True, "CapabilitiesSupportsNamedCredential": False}, Vendor("c__V", "", True)),
    ],
)
def test_a_vendor_is_called_as_definitions_call_it(columns: Mapping[str, Any], vendor: Vendor) -> None:
    assert _centers.vendor({"DeveloperName": "V", **columns}) == vendor


@pytest.mark.parametrize(
    ("vendors", "flavour", "vendor", "syncs"),
    [
        ((PLAIN,), "partner_telephony", "acme__Vendor", False),
        ((SYNCING, RESOLD), "partner_telephony", "acme__Other", True),
        ((UNTYPED,), "partner_telephony", "c__Untyped", True),
        ((FROM_AMAZON, RESOLD, CHANNEL), "partner_telephony_amazon_connect", "c__AMAZON_CONNECT", False),
        ((PLAIN, FROM_AMAZON), "partner_telephony", None, False),
        ((PLAIN, SYNCING), "partner_telephony", None, None),
        ((SYNCING, UNTYPED), "partner_telephony", None, True),
        ((RESOLD, CHANNEL), "partner_telephony", None, None),
        ((), "partner_telephony", None, None),
        (None, "partner_telephony", None, None),
    ],
)
def test_what_the_vendors_of_the_org_tell_of_a_center(
    vendors: Sequence[Vendor] | None, flavour: str, vendor: str | None, syncs: bool | None
) -> None:
    center = _centers.center(row(), vendors)
    assert (center.flavour, center.vendor.name if center.vendor else None, center.syncs_users) == (flavour, vendor, syncs)
    assert center.is_partner_telephony
    assert center.told_by.startswith(TOLD)
    assert center.vendor_told_by


@pytest.mark.parametrize("vendors", [(PLAIN,), (PLAIN, SYNCING), None])
def test_a_center_that_shows_no_kind_has_no_vendor_by_its_row(vendors: Sequence[Vendor] | None) -> None:
    """A lone vendor of Partner Telephony says nothing of a center that may be Open CTI."""
    center = _centers.center(row(None), vendors)
    assert (center.flavour, center.vendor, center.is_partner_telephony) == ("unknown", None, False)
    assert center.syncs_users is (False if vendors == (PLAIN,) else None)


def test_a_center_of_another_kind_has_no_vendor_of_partner_telephony() -> None:
    center = _centers.center(row('{"reqCallCenterType": "Other"}'), (PLAIN,))
    assert (center.flavour, center.vendor, center.syncs_users) == ("Other", None, None)


EVERY = (PLAIN, SYNCING, FROM_AMAZON, RESOLD, CHANNEL)
DEFINED: tuple[tuple[dict[str, Any], Sequence[Vendor] | None, str, str | None, bool | None], ...] = (
    (definition("acme__Vendor"), EVERY, "partner_telephony", "acme__Vendor", False),
    (definition("ACME__other"), EVERY, "partner_telephony", "acme__Other", True),
    (definition("c__AMAZON_CONNECT"), EVERY, "partner_telephony_amazon_connect", "c__AMAZON_CONNECT", False),
    (definition("AMAZON_CONNECT"), EVERY, "partner_telephony_amazon_connect", "c__AMAZON_CONNECT", False),
    (definition("c__AMAZON_CONNECT"), None, "partner_telephony_amazon_connect", "c__AMAZON_CONNECT", None),
    (
        definition("c__AMAZON_CONNECT"),
        (Vendor("c__AMAZON_CONNECT", "Amazon_Connect", False),),
        "amazon_connect",
        "c__AMAZON_CONNECT",
        False,
    ),
    (definition("c__Acme_Amazon"), EVERY, "amazon_connect", "c__Acme_Amazon", True),
    (definition("c__Channel"), EVERY, "BringYourOwnChannelPartner", "c__Channel", True),
    (definition("acme__Gone"), EVERY, "unknown", "acme__Gone", None),
    (definition("acme__Gone", PARTNER), EVERY, "partner_telephony", "acme__Gone", None),
    (definition("acme__Vendor"), None, "unknown", "acme__Vendor", None),
    (definition("", PARTNER), EVERY, "partner_telephony", None, None),
    (definition("", '{"reqCallCenterType": "Other"}'), EVERY, "Other", None, None),
    (definition(adapter="https://cti.example"), EVERY, "open_cti", None, None),
    (definition(element="https://cti.example"), EVERY, "open_cti", None, None),
    (definition("acme__Vendor", adapter="https://cti.example"), EVERY, "partner_telephony", "acme__Vendor", False),
    (definition(), EVERY, "unknown", None, None),
    ({"sections": [{}, {"items": [{}]}]}, EVERY, "unknown", None, None),
    ({}, EVERY, "unknown", None, None),
)


@pytest.mark.parametrize(("told", "vendors", "flavour", "vendor", "syncs"), DEFINED)
def test_what_a_definition_tells_of_a_center_that_shows_nothing(
    told: Mapping[str, Any], vendors: Sequence[Vendor] | None, flavour: str, vendor: str | None, syncs: bool | None
) -> None:
    center = _centers.as_defined(_centers.center(row(None), vendors), told, vendors)
    assert (center.flavour, center.vendor.name if center.vendor else None, center.syncs_users) == (flavour, vendor, syncs)
    assert "definition" in center.told_by
    assert _centers.as_defined(center, told, vendors) == center


@pytest.mark.parametrize(("told", "vendors", "flavour", "vendor", "syncs"), DEFINED)
def test_a_definition_that_tells_no_kind_leaves_what_the_row_told(
    told: Mapping[str, Any], vendors: Sequence[Vendor] | None, flavour: str, vendor: str | None, syncs: bool | None
) -> None:
    before = _centers.center(row(), vendors)
    center = _centers.as_defined(before, told, vendors)
    weak = flavour in ("unknown", "open_cti")
    assert center.flavour == ("partner_telephony" if weak else flavour)
    if weak:
        assert center.told_by == before.told_by


CENTERS = tuple(
    _centers.center(row(settings, number, name, internal), (PLAIN,))
    for number, (settings, name, internal) in enumerate(
        [
            (PARTNER, "Acme Voice", "AcmeVoice"),
            (None, "Acme CTI", "AcmeCti"),
            (PARTNER, "AcmeCti", "Third"),
            (PARTNER, "Acme Voice", "Fourth"),
        ],
        1,
    )
)


@pytest.mark.parametrize(
    ("word", "internal_name"),
    [
        ("AcmeVoice", "AcmeVoice"),
        (" acmevoice ", "AcmeVoice"),
        ("ACMECTI", "AcmeCti"),
        ("acme cti", "AcmeCti"),
        ("04v000000000002", "AcmeCti"),
        ("Third", "Third"),
    ],
)
def test_a_center_is_known_by_id_then_internal_name_then_name(word: str, internal_name: str) -> None:
    assert _centers.choose(word, CENTERS, "trying").internal_name == internal_name


@pytest.mark.parametrize(
    ("word", "code", "said"),
    [("Acme Voice", "ambiguous_center", "AcmeVoice, Fourth"), ("AcmeVoise", "unknown_center", "Did you mean AcmeVoice")],
)
def test_a_center_that_is_not_told_for_certain_is_refused(word: str, code: str, said: str) -> None:
    with pytest.raises(Problem) as caught:
        _centers.choose(word, CENTERS, "trying")
    assert (caught.value.code, caught.value.error_class) == (code, "config")
    assert said in str(caught.value)


def test_an_org_without_centers_says_so() -> None:
    with pytest.raises(Problem, match="Its centers are: none"):
        _centers.choose("AcmeVoice", (), "trying")


def test_a_flavour_is_asserted_only_where_the_org_tells_none() -> None:
    vouched = _centers.asserted(_centers.choose("AcmeCti", CENTERS, "trying"), "partner_telephony")
    assert (vouched.flavour, vouched.told_by) == ("partner_telephony", "asserted by the task; CustomSettings names no reqCallCenterType")
    told = _centers.center(row('{"reqCallCenterType": "Other"}'), (PLAIN,))
    assert _centers.asserted(told, "partner_telephony") == told
    assert _centers.asserted(CENTERS[1], None) == CENTERS[1]


@pytest.mark.parametrize(
    ("flavour", "code"),
    [
        ("partner_telephony", None),
        ("partner_telephony_amazon_connect", None),
        ("unknown", "unknown_flavour"),
        ("open_cti", "wrong_flavour"),
        ("amazon_connect", "wrong_flavour"),
        ("Other", "wrong_flavour"),
    ],
)
def test_only_partner_telephony_is_managed(flavour: str, code: str | None) -> None:
    problem = _centers.refusal(Center("04v", "Acme", "Acme", flavour, "because"), "trying")
    assert (problem.code if problem else None) == code
    assert problem is None or "because" in problem.said


names = st.sampled_from([one.name for one in EVERY] + ["", "c__Nobody", "AMAZON_CONNECT"])
kinds = st.sampled_from([None, PARTNER, '{"reqCallCenterType": "Other"}', "no JSON"])
some_vendors = st.none() | st.lists(st.sampled_from(EVERY), unique=True).map(tuple)


@given(some_vendors, names, kinds, kinds, st.booleans())
def test_whatever_the_org_shows_is_told_with_a_reason_and_a_vendor_is_one_that_was_named_or_the_only_one(
    vendors: tuple[Vendor, ...] | None, name: str, shown: str | None, settings: str | None, adapter: bool
) -> None:
    before = _centers.center(row(shown), vendors)
    told = _centers.as_defined(before, definition(name, settings, "https://cti.example" if adapter else ""), vendors)
    for center in (before, told):
        assert center.told_by
        assert center.is_partner_telephony == (_centers.refusal(center, "trying") is None)
    if name:
        assert told.vendor is not None
        assert told.vendor.name.lower().endswith(name.lower())
    if told.vendor and vendors and told.vendor in vendors:
        assert told.syncs_users == told.vendor.syncs_users
    if shown == PARTNER and not name and settings != '{"reqCallCenterType": "Other"}':
        assert told.is_partner_telephony
