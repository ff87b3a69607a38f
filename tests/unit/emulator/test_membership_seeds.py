# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What seeds, seed files and the control API can say of contact centers: vendors that sync users, free seats, frozen users, many members."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator import metadata, seed
from emulator.errors import ApiError
from emulator.fleet import Fleet
from emulator.org import Org
from emulator.rules.vendor_syncing import sync, syncing_vendor
from emulator.seed import from_file
from emulator.seed.from_file import SeedError
from emulator.seed.vonage import DEFAULT_FEATURES

from .conftest import Client

VERSION = "67.0"
LICENCE = "ServiceCloudVoiceExternalTelephonyPsl"


def center_of(org: Org, internal_name: str = "AcmeVoice") -> str:
    return str(org.find("CallCenter", InternalName=internal_name)[0]["Id"])


def built(**org: Any) -> Org:
    return from_file.read(yaml.safe_dump({"orgs": [{"name": "small", **org}]}), "seed.yml")["small"].build()


# --- seeds ---


def test_ten_thousand_members_are_there_quickly() -> None:
    started = time.process_time()
    org = seed.vonage(agents=10_100, members=10_000)
    assert time.process_time() - started < 5
    inside = org.find("User", CallCenterId=center_of(org))
    assert len(inside) == 10_001
    assert {row["Username"] for row in inside} == {*org.seed_info["members"], org.seed_info["users"]["member"]}
    assert len(org.seed_info["agents"]) == 10_100
    seat = org.find("PermissionSetLicense", DeveloperName=LICENCE)[0]
    assert seat["UsedLicenses"] <= seat["TotalLicenses"]


def test_members_alone_are_agents_too() -> None:
    org = seed.vonage(members=3)
    assert org.seed_info["agents"] == org.seed_info["members"]
    assert len(org.seed_info["members"]) == 3


@pytest.mark.parametrize("named_credential", [True, False])
def test_the_vendor_of_one_center_syncs_users_and_the_other_does_not(named_credential: bool) -> None:
    org = seed.vonage()
    assert syncing_vendor(org, center_of(org)) is None
    seed.vendor_syncs(org, "AcmeVoice", refuses=["Agent@Acme.example"], named_credential=named_credential)
    assert syncing_vendor(org, center_of(org)) is not None
    assert syncing_vendor(org, center_of(org, "AcmeAmazonVoice")) is None
    org.switches["vendor_sync_capabilities"] = "with_named_credential"
    assert (syncing_vendor(org, center_of(org)) is not None) is named_credential
    org.switches["vendor_sync_capabilities"] = "user_syncing"
    agent, admin = (org.seed_info["user_ids"][role] for role in ("agent", "contact_admin"))
    refused, taken = sync(org, center_of(org), [agent, admin], added=True), sync(org, center_of(org), [admin], added=True)
    assert refused is not None
    assert taken is not None
    assert (refused.success, taken.success) == (False, True)
    seed.vendor_syncs(org, "AcmeVoice", syncs=False)
    assert (syncing_vendor(org, center_of(org)), org.vendor_refuses) == (None, set())


@pytest.mark.parametrize("center", ["AcmeOpenCti", "Nowhere"])
def test_a_center_without_a_vendor_has_none_to_sync(center: str) -> None:
    with pytest.raises(KeyError, match=center):
        seed.vendor_syncs(seed.vonage(), center)


def test_seats_that_are_left_are_all_there_are() -> None:
    org = seed.vonage()
    seed.leave_seats(org, 1)
    voice, admin = org.seed_info["set_ids"]["voice_agent"], org.seed_info["user_ids"]["automation"]

    def grant(role: str) -> None:
        org.create(admin, "PermissionSetAssignment", {"AssigneeId": org.seed_info["user_ids"][role], "PermissionSetId": voice})

    grant("without_set")
    with pytest.raises(ApiError, match="LICENSE_LIMIT_EXCEEDED"):
        grant("kim")
    with pytest.raises(KeyError, match="Nothing"):
        seed.leave_seats(org, 1, "Nothing")


@pytest.mark.parametrize("rows", ["every_user", "frozen_ones"])
def test_a_user_can_be_frozen_and_thawed(rows: str) -> None:
    org = seed.vonage(switches={"user_login_rows": rows})
    member = org.seed_info["users"]["member"]
    for frozen in (True, False):
        seed.freeze(org, member, frozen=frozen)
        found = org.find("UserLogin", UserId=org.seed_info["user_ids"]["member"])
        assert [row["IsFrozen"] for row in found] == [frozen]
    with pytest.raises(KeyError, match="nobody"):
        seed.freeze(org, "nobody@acme.example")


# --- what tells the flavours apart ---


@pytest.mark.parametrize("setting", ["absent", "named"])
def test_each_center_has_a_definition_of_its_flavour(setting: str) -> None:
    org = seed.vonage(switches={"metadata_vendor_of_a_resold_center": setting, "customsettings": "null"})
    names = ["AcmeVoice", "AcmeAmazonVoice", "AcmeConnect", "AcmeOpenCti"]
    found = metadata.read(org, org.default_user or "", "CallCenter", names, VERSION)
    items = [
        {item["name"]: item["value"] for section in one["sections"] for item in section.get("items", ())}
        for one in found
        if one is not None
    ]
    assert [one.get("reqVendorInfoApiName") for one in items] == [
        "acmevoice__AcmeVendor",
        "c__AMAZON_CONNECT",
        "c__Acme_Amazon" if setting == "named" else None,
        None,
    ]
    assert [name for name, one in zip(names, items, strict=True) if "reqInstanceId" in one] == ["AcmeAmazonVoice", "AcmeConnect"]
    assert [name for name, one in zip(names, items, strict=True) if "reqAdapterUrl" in one] == ["AcmeOpenCti"]
    assert ["SCVBYOT" in one["customSettings"] for one in found if one is not None] == [True, True, False, False]


@pytest.mark.parametrize("features", [frozenset(), frozenset({"view_all_fields"})])
def test_without_the_licence_there_are_no_vendors(features: frozenset[str]) -> None:
    org = seed.vonage(features=features)
    with pytest.raises(ApiError, match="INVALID_TYPE"):
        org.query(org.default_user or "", "SELECT Id FROM ConversationVendorInfo", VERSION)


@pytest.mark.parametrize(("setting", "role", "seen"), [("contact_center_right", "contact_admin", 3), ("everybody", "limited", 3)])
def test_who_sees_the_vendors(setting: str, role: str, seen: int) -> None:
    org = seed.vonage(switches={"vendor_info_reads": setting})
    users = org.seed_info["user_ids"]
    soql = "SELECT Id FROM ConversationVendorInfo"
    assert org.query(users[role], soql, VERSION)["totalSize"] == seen
    if setting == "contact_center_right":
        with pytest.raises(ApiError, match="INVALID_TYPE"):
            org.query(users["limited"], soql, VERSION)


# --- seed files ---


def test_a_file_makes_vendors_and_their_centers() -> None:
    settings = {"reqCallCenterType": "SCVBYOT"}
    org = built(
        vendors=[
            {"name": "ns__Syncing", "syncs_users": True, "refuses": ["A@x.example"]},
            {"name": "c__Quiet"},
            {"name": "c__Resold", "type": "Amazon_Connect"},
        ],
        contact_centers=[
            {"internal_name": "One", "settings": settings, "vendor": "ns__Syncing"},
            {"internal_name": "Two", "settings": settings, "vendor": "c__Quiet"},
            {"internal_name": "Cti", "settings": {"reqUseApi": "true"}},
        ],
        users=[{"username": "a@x.example", "contact_center": "One", "frozen": True}, {"username": "b@x.example"}],
    )
    assert syncing_vendor(org, center_of(org, "One")) is not None
    assert syncing_vendor(org, center_of(org, "Two")) is None
    assert org.vendor_refuses == {"a@x.example"}
    found = metadata.read(org, org.default_user or "", "CallCenter", ["One", "Cti"], VERSION)
    assert ["reqVendorInfoApiName" in str(one) for one in found] == [True, False]
    assert [row["VendorType"] for row in org.find("ConversationVendorInfo", DeveloperName="Resold")] == ["Amazon_Connect"]
    frozen = {row["UserId"]: row["IsFrozen"] for row in org.find("UserLogin")}
    assert [frozen[org.find("User", Username=name)[0]["Id"]] for name in ("a@x.example", "b@x.example")] == [True, False]


def test_a_file_changes_a_vendor_of_the_example() -> None:
    org = built(base="example", vendors=[{"name": "acmevoice__AcmeVendor", "syncs_users": True, "named_credential": False}])
    vendor = syncing_vendor(org, center_of(org))
    assert vendor is not None
    assert vendor["CapabilitiesSupportsNamedCredential"] is False


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"contact_centers": [{"internal_name": "One", "vendor": "c__Nobody"}]}, "the org has no vendor c__Nobody"),
        ({"base": "example", "vendors": [{"name": "acmevoice__AcmeVendor", "type": "Amazon_Connect"}]}, "its type stays"),
        ({"features": ["view_all_fields"], "vendors": [{"name": "c__One"}]}, "the org has no sObject ConversationVendorInfo"),
        ({"vendors": [{"name": "NoPrefix"}]}, "vendors"),
    ],
)
def test_mistakes_about_vendors_are_told(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(SeedError, match=words):
        built(**wrong)


# --- by control ---


@pytest.fixture
def client() -> Iterator[Client]:
    with Fleet([seed.vonage("acme-bulk")], rebuild={"acme-bulk": lambda: seed.vonage("acme-bulk")}) as running:
        made = Client(running["acme-bulk"], running.ca_path, Path(running.key_path))
        yield made
        made.session.close()


def test_a_vendor_over_the_control_api(client: Client) -> None:
    org = client.served.org
    assert {one["name"]: one["syncs_users"] for one in client.get("/emulator/vendors").json()["vendors"]} == {
        "acmevoice__AcmeVendor": False,
        "c__AMAZON_CONNECT": False,
        "c__Acme_Amazon": False,
    }
    told = client.post("/emulator/vendors", {"contact_center": "AcmeVoice", "refuses": ["x@acme.example"]})
    assert (told.status_code, told.json()["refuses"]) == (200, ["x@acme.example"])
    assert syncing_vendor(org, center_of(org)) is not None
    sync(org, center_of(org), [org.seed_info["user_ids"]["agent"]], added=True)
    (call,) = client.get("/emulator/vendors").json()["calls"]
    assert (call["direction"], call["success"], call["vendor"]) == ("add", True, "AcmeVendor")
    assert client.post("/emulator/reset").status_code == 200
    assert client.get("/emulator/vendors").json()["calls"] == []
    assert client.served.org.vendor_refuses == set()


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"contact_center": "Nowhere"},
        {"contact_center": "AcmeVoice", "refuses": "x"},
        {"contact_center": "AcmeVoice", "syncs_users": "yes"},
        {"contact_center": "AcmeVoice", "more": 1},
    ],
)
def test_what_the_control_api_does_not_take(client: Client, wrong: dict[str, Any]) -> None:
    assert client.post("/emulator/vendors", wrong).status_code == 400
    assert syncing_vendor(client.served.org, center_of(client.served.org)) is None


def test_an_org_without_vendors_lists_none() -> None:
    with Fleet([seed.vonage("acme-plain", features=DEFAULT_FEATURES - {"partner_telephony", "amazon_connect"})]) as running:
        made = Client(running["acme-plain"], running.ca_path, Path(running.key_path))
        assert made.get("/emulator/vendors").json()["vendors"] == []
        made.session.close()
