# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Metadata API's reads: through simple-salesforce as it is, and as XML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from simple_salesforce import Salesforce
from zeep.exceptions import Fault

from emulator import metadata
from emulator.errors import ApiError, NotEmulated
from emulator.fleet import Fleet
from emulator.http_api.served import Served
from emulator.org import Org
from emulator.rules.registry import break_rule
from emulator.seed.vonage import vonage

from .conftest import ADMIN, LIMITED, Client, small_org
from .test_soap import Soap

SPACE = "http://soap.sforce.com/2006/04/metadata"
HOURS = {"mondayStart": 480, "mondayEnd": 1080}
RANGES = [{"startAddress": "10.0.0.0", "endAddress": "10.0.0.255", "description": "office"}]


@pytest.fixture
def soap(fleet: Fleet, served: Served) -> Iterator[Soap]:
    made = Soap(fleet, served, ADMIN)
    yield made
    made.http.close()


@pytest.fixture
def mdapi(fleet: Fleet, served: Served, monkeypatch: pytest.MonkeyPatch) -> Any:
    """simple-salesforce's client of the Metadata API, unmodified."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(fleet.ca_path))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return Salesforce(instance_url=served.home, session_id=served.token(ADMIN), version="59.0").mdapi


@pytest.fixture(scope="module")
def production() -> Org:
    return vonage()


def read(org: Org, kind: str, *names: str, version: str = "67.0", user: str | None = None) -> list[metadata.Component | None]:
    return metadata.read(org, user or str(org.default_user), kind, names, version)


def one(org: Org, kind: str, name: str, version: str = "67.0") -> metadata.Component:
    found = read(org, kind, name, version=version)[0]
    assert found is not None
    return found


# --- through simple-salesforce ---


def test_simple_salesforce_reads_the_login_hours_and_ranges_of_a_profile(mdapi: Any, served: Served) -> None:
    metadata.set_profile_conditions(served.org, "Standard User", login_hours=HOURS, login_ip_ranges=RANGES)
    profile = mdapi.Profile.read("Standard")
    assert (profile.fullName, profile.custom, profile.userLicense) == ("Standard", False, "Salesforce")
    assert (profile.loginHours.mondayStart, profile.loginHours.mondayEnd, profile.loginHours.sundayStart) == ("480", "1080", None)
    assert [(one.startAddress, one.endAddress, one.description) for one in profile.loginIpRanges] == [("10.0.0.0", "10.0.0.255", "office")]
    assert [(one.name, one.enabled) for one in profile.userPermissions] == [("ApiEnabled", True)]
    free = mdapi.Profile.read("Admin")
    assert (free.loginHours, free.loginIpRanges) == (None, [])


def test_simple_salesforce_reads_sets_and_centers(mdapi: Any, served: Served) -> None:
    org = served.org
    made = org.put("PermissionSet", Name="Callers", Label="Callers", PermissionsApiEnabled=True, IsCustom=True)
    org.put("ObjectPermissions", ParentId=made, SobjectType="Account", PermissionsRead=True, PermissionsEdit=True)
    org.put("FieldPermissions", ParentId=made, SobjectType="Account", Field="Account.Site", PermissionsRead=True)
    found = mdapi.PermissionSet.read(["Callers", "Nobody"])
    assert (found[0].label, [item.name for item in found[0].userPermissions]) == ("Callers", ["ApiEnabled"])
    assert [(item.object, item.allowRead, item.allowEdit, item.allowCreate) for item in found[0].objectPermissions] == [
        ("Account", True, True, False)
    ]
    assert [(item.field, item.readable, item.editable) for item in found[0].fieldPermissions] == [("Account.Site", True, False)]
    assert found[1].fullName is None
    org.put("CallCenter", Name="Acme Voice", InternalName="AcmeVoice", Version=2.0)
    center = mdapi.CallCenter.read("AcmeVoice")
    assert (center.displayName, center.version) == ("Acme Voice", "2")
    assert {item.name: item.value for item in center.sections[0].items} == {"reqInternalName": "AcmeVoice", "reqDisplayName": "Acme Voice"}


def test_simple_salesforce_lists_and_describes(mdapi: Any) -> None:
    assert {item.xmlName for item in mdapi.describe_metadata().metadataObjects} == {"CallCenter", "PermissionSet", "Profile"}
    files = mdapi.list_metadata([mdapi.ListMetadataQuery(type="Profile")])
    assert {item.fileName for item in files} == {
        "profiles/Admin.profile",
        "profiles/Standard.profile",
        "profiles/Minimum Access.profile",
    }


@pytest.mark.parametrize(
    ("kind", "names", "words"),
    [
        ("Profile", ["x"] * 11, "EXCEEDED_ID_LIMIT: record limit reached. cannot submit more than 10 records in this operation"),
        ("Layout", ["x"], "NOT_EMULATED: the emulator does not implement the metadata type Layout"),
    ],
)
def test_simple_salesforce_meets_the_refusals(mdapi: Any, kind: str, names: list[str], words: str) -> None:
    with pytest.raises(Fault) as refused:
        getattr(mdapi, kind).read(names)
    assert refused.value.message == words


# --- as XML ---


def call(soap: Soap, body: str, version: str = "59.0") -> Any:
    return soap.call(body, path=f"/services/Soap/m/{version}", space=SPACE)


def test_ten_names_are_read_and_a_call_costs_one(soap: Soap, served: Served) -> None:
    before = served.journal.usage
    reply = call(soap, f"<readMetadata><type>Profile</type>{'<fullNames>Admin</fullNames>' * 10}</readMetadata>")
    assert len(list(reply.results[0].all("records"))) == 10
    assert served.journal.usage == before + 1
    assert served.journal.since(0)[-1].kind == "read"


@pytest.mark.parametrize(("setting", "nil"), [("nil", True), ("empty", False)])
def test_an_unknown_name_is_a_record_without_content(soap: Soap, served: Served, setting: str, nil: bool) -> None:
    served.org.switches["metadata_unknown_name"] = setting
    record = call(soap, "<readMetadata><type>Profile</type><fullNames>Nobody</fullNames></readMetadata>").results[0].child("records")
    assert (record.nil, record.children) == (nil, [])


@pytest.mark.parametrize(
    "body",
    [
        "<readMetadata><type>Profile</type><fullNames>Admin</fullNames></readMetadata>",
        "<listMetadata><queries><type>Profile</type></queries><asOfVersion>59.0</asOfVersion></listMetadata>",
        "<describeMetadata><asOfVersion>59.0</asOfVersion></describeMetadata>",
    ],
)
def test_the_metadata_api_needs_its_right(fleet: Fleet, served: Served, body: str) -> None:
    limited = Soap(fleet, served, LIMITED)
    reply = call(limited, body)
    assert (reply.status, reply.fault) == (
        500,
        (
            "sf:INSUFFICIENT_ACCESS",
            "INSUFFICIENT_ACCESS: use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions",
        ),
    )
    assert "detail" not in reply.text
    profile = served.org.find("Profile", Name="Standard User")[0]
    served.org.set("Profile", profile["Id"], PermissionsModifyMetadata=True)
    assert call(limited, body).status == 200


def test_bad_calls(soap: Soap) -> None:
    assert call(soap, "<deploy/>").status == 501
    assert call(soap, "<nonsense/>").fault[0] == "soapenv:Client"
    assert soap.call("<readMetadata/>", path="/services/Soap/m/59.0").fault[0] == "soapenv:Client"
    assert call(soap, "<describeMetadata><asOfVersion>x</asOfVersion></describeMetadata>").fault[0] == "soapenv:Client"
    queries = "<queries><type>Profile</type></queries>"
    assert call(soap, f"<listMetadata>{queries * 3}<asOfVersion>59</asOfVersion></listMetadata>").status == 200
    assert call(soap, f"<listMetadata>{queries * 4}<asOfVersion>59</asOfVersion></listMetadata>").code == "EXCEEDED_ID_LIMIT"
    soap.session_id = "worthless"
    assert call(soap, "<readMetadata><type>Profile</type></readMetadata>").code == "INVALID_SESSION_ID"


def test_elements_come_in_the_order_of_the_schema(soap: Soap, served: Served) -> None:
    metadata.set_profile_conditions(served.org, "Standard User", login_hours=HOURS, login_ip_ranges=RANGES)
    reply = call(soap, "<readMetadata><type>Profile</type><fullNames>Standard</fullNames></readMetadata>")
    record = reply.results[0].child("records")
    names = list(dict.fromkeys(item.name for item in record.children))
    assert names == ["fullName", "custom", "loginHours", "loginIpRanges", "userLicense", "userPermissions"]
    assert 'xsi:type="Profile"' in reply.text


def test_lead_status_shows_its_values_to_old_versions(soap: Soap) -> None:
    body = "<readMetadata><type>CustomField</type><fullNames>Lead.Status</fullNames></readMetadata>"
    old = call(soap, body, "37.0").results[0].child("records").child("picklist")
    values = {item.value("fullName"): item.value("converted") for item in old.all("picklistValues")}
    assert values["Closed - Converted"] == "true"
    assert values["Open - Not Contacted"] == "false"
    assert call(soap, body, "38.0").results[0].child("records").child("picklist") is None


# --- what a component holds ---


def test_a_profile_holds_the_rows_of_its_own_set(production: Org) -> None:
    component = one(production, "Profile", "Standard")
    row = production.find("Profile", Name="Standard User")[0]
    owned = production.find("PermissionSet", ProfileId=row["Id"])[0]
    objects = {item["SobjectType"] for item in production.find("ObjectPermissions", ParentId=owned["Id"])}
    fields = {item["Field"] for item in production.find("FieldPermissions", ParentId=owned["Id"])}
    assert objects
    assert {item["object"] for item in component["objectPermissions"]} == objects
    assert {item["field"] for item in component["fieldPermissions"]} == fields
    assert {item["name"] for item in component["userPermissions"]} == {
        name.removeprefix("Permissions") for name, value in row.items() if name.startswith("Permissions") and value is True
    }


def test_contents_need_view_setup() -> None:
    org = small_org()
    limited = org.find("User", Username=LIMITED)[0]["Id"]
    made = org.put("PermissionSet", Name="Callers", Label="Callers", PermissionsApiEnabled=True)
    org.put("ObjectPermissions", ParentId=made, SobjectType="Account", PermissionsRead=True)
    without = read(org, "PermissionSet", "Callers", user=limited)[0]
    assert without is not None
    assert "objectPermissions" not in without
    org.set("Profile", org.find("Profile", Name="Standard User")[0]["Id"], PermissionsViewSetup=True)
    whole = read(org, "PermissionSet", "Callers", user=limited)[0]
    assert whole is not None
    assert [item["object"] for item in whole["objectPermissions"]] == ["Account"]


def test_before_version_40_a_set_shows_only_its_user_permissions(production: Org) -> None:
    named = {metadata.qualified(row, "Name"): row["Id"] for row in metadata.named_sets(production)}
    name = next(name for name, record_id in named.items() if production.find("ObjectPermissions", ParentId=record_id))
    assert "objectPermissions" not in one(production, "PermissionSet", name, "39.0")
    assert "objectPermissions" in one(production, "PermissionSet", name, "40.0")


def test_view_all_fields_is_shown_from_version_63_on(production: Org) -> None:
    assert "viewAllFields" not in one(production, "Profile", "Standard", "62.0")["objectPermissions"][0]
    assert "viewAllFields" in one(production, "Profile", "Standard", "63.0")["objectPermissions"][0]


def test_managed_sets_carry_their_namespace_and_others_have_no_name_here(production: Org) -> None:
    listed = {item["fullName"]: item for item in metadata.listed(production, "PermissionSet")}
    managed = next(item for item in listed.values() if item["manageableState"] == "installed")
    assert managed["fullName"].startswith(f"{managed['namespacePrefix']}__")
    owned = production.find("PermissionSet", IsOwnedByProfile=True)[0]["Name"]
    assert owned not in listed
    assert read(production, "PermissionSet", owned) == [None]
    with break_rule("metadata_permission_set"):
        assert read(production, "PermissionSet", owned) != [None]


@pytest.mark.parametrize(("setting", "shown"), [("DeveloperName", "VoicePsl"), ("MasterLabel", "Voice User")])
def test_a_set_names_its_licence(setting: str, shown: str) -> None:
    org = small_org(switches={"metadata_license_name": setting})
    psl = org.put(
        "PermissionSetLicense", DeveloperName="VoicePsl", MasterLabel="Voice User", PermissionSetLicenseKey="VoicePsl", Status="Active"
    )
    org.put("PermissionSet", Name="A", Label="A", LicenseId=psl)
    org.put("PermissionSet", Name="B", Label="B", LicenseId=org.find("UserLicense")[0]["Id"])
    admin = org.find("User", Username=ADMIN)[0]["Id"]
    assert [found and found["license"] for found in read(org, "PermissionSet", "A", "B", user=admin)] == [shown, "Salesforce"]


def test_an_entity_whose_name_nobody_knows_is_not_made_up() -> None:
    org = small_org()
    admin = org.find("User", Username=ADMIN)[0]["Id"]
    made = org.put("PermissionSet", Name="A", Label="A")
    org.put("SetupEntityAccess", ParentId=made, SetupEntityId="01I000000000001AAA", SetupEntityType="CustomEntityDefinition")
    with pytest.raises(NotEmulated, match="the name of the CustomEntityDefinition"):
        read(org, "PermissionSet", "A", user=admin)
    org.seed_info["entity_names"] = {"01I000000000001AAA": "Settings__c"}
    found = read(org, "PermissionSet", "A", user=admin)[0]
    assert found is not None
    assert found["customSettingAccesses"] == [{"enabled": True, "name": "Settings__c"}]


def test_the_vendor_of_a_partner_telephony_center_is_an_item(production: Org) -> None:
    component = one(production, "CallCenter", "AcmeVoice")
    general = next(section for section in component["sections"] if section["name"] == "reqGeneralInfo")
    assert {item["name"]: item["value"] for item in general["items"]}["reqVendorInfoApiName"] == "acmevoice__AcmeVendor"
    assert "SCVBYOT" in component["customSettings"]
    cti = one(production, "CallCenter", "AcmeOpenCti")
    assert "SCVBYOT" not in cti["customSettings"]


@pytest.mark.parametrize(
    ("name", "full_name"),
    [
        ("System Administrator", "Admin"),
        ("Standard Platform User", "StandardAul"),
        ("Sales & Service", "Sales %26 Service"),
        ("Own", "Own"),
    ],
)
def test_profiles_have_names_of_their_own(name: str, full_name: str) -> None:
    assert metadata.profile_name({"Name": name}) == full_name


@pytest.mark.parametrize("hours", [{"mondayStart": 30}, {"mondayStart": 1500}, {"mondayBegin": 60}])
def test_login_hours_are_full_hours_of_known_days(hours: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="no login hours"):
        metadata.set_profile_conditions(small_org(), "Standard User", login_hours=hours)


def test_conditions_can_be_set_by_control_and_last_until_a_reset(client: Client, served: Served) -> None:
    wanted = {"profile": "Standard User", "login_hours": HOURS, "login_ip_ranges": RANGES}
    assert client.post("/emulator/profile-conditions", wanted).status_code == 200
    admin = str(served.org.find("User", Username=ADMIN)[0]["Id"])
    found = read(served.org, "Profile", "Standard", user=admin)[0]
    assert found is not None
    assert found["loginHours"] == {"mondayEnd": "1080", "mondayStart": "480"}
    for bad in ({"profile": "Nobody"}, {}, {**wanted, "more": 1}, {**wanted, "login_ip_ranges": [{}]}, {**wanted, "login_hours": {"x": 1}}):
        assert client.post("/emulator/profile-conditions", bad).status_code == 400
    served.reset()
    fresh = read(served.org, "Profile", "Standard", user=str(served.org.find("User", Username=ADMIN)[0]["Id"]))[0]
    assert fresh is not None
    assert "loginHours" not in fresh


def test_own_fields_say_their_type(production: Org) -> None:
    own = next(
        f"{sobject.name}.{item.name}"
        for sobject in production.schema.sobjects.values()
        for item in sobject.fields.values()
        if item.custom and item.type == "string"
    )
    assert one(production, "CustomField", own)["type"] == "Text"
    assert read(production, "CustomField", "Account.Nothing", "Nothing.Name") == [None, None]
    with pytest.raises(ApiError, match="record limit reached"):
        read(production, "CustomField", *["Account.Name"] * 11)
