# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The emulator's answers against the OpenAPI document that a real org generated, and its verbs against those of that document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from unit.emulator.conftest import ADMIN, Client, small_org

from conformance import openapi
from emulator.fleet import Fleet
from emulator.model import Field, SObject
from emulator.org import Org
from emulator.schema import FEATURES, load_schema

SHARED = Path(__file__).resolve().parents[4] / "shared"
VERBS_FILE = SHARED / "golden" / "opensdks-oas" / "verbs-by-sobject.json"
FIELDS_FILE = SHARED / "golden" / "opensdks-oas" / "fields-by-sobject.json"

pytestmark = pytest.mark.skipif(not openapi.available(), reason="the recorded OpenAPI document (../shared/golden) is not on this machine")

NOBODY = "005000000000001AAA"
METHODS = ("GET", "HEAD", "POST", "PATCH", "DELETE")


def emulated() -> list[str]:
    """Objects of the data API that every recorded source of verbs knows."""
    if not VERBS_FILE.is_file():
        return []
    recorded = json.loads(VERBS_FILE.read_text(encoding="utf-8"))
    return sorted(name for name, one in load_schema(FEATURES).sobjects.items() if "data" in one.apis and name in recorded)


def in_document() -> list[str]:
    return [name for name in emulated() if name in openapi.object_names()] if openapi.available() else []


def value_for(item: Field) -> Any:
    """Some value that fits the field."""
    if item.picklist:
        return item.picklist[0].value
    plain: dict[str, Any] = {"boolean": True, "int": 3, "double": 1.5, "currency": 1.5, "percent": 5.0, "date": "2026-01-31"}
    return plain.get(item.type, "Something")


def filled(org: Org, sobject: SObject) -> dict[str, Any]:
    """A value for every field that holds one of its own (no Ids, no compounds), and the references that must not be null."""
    kept = ("boolean", "int", "double", "currency", "percent", "date", "string", "textarea", "picklist")
    values = {item.name: value_for(item) for item in sobject.fields.values() if item.type in kept and item.name != "IsDeleted"}
    for item in sobject.fields.values():
        known = [target for target in item.reference_to if target in org.schema.sobjects and target != sobject.name]
        if item.type == "reference" and known and (not item.nillable or item.name == "PermissionSetId"):
            values[item.name] = row_of(org, known[0])
    return values


def row_of(org: Org, name: str) -> str:
    """The Id of a record of that object, made where there is none."""
    found = org.find(name)
    if found:
        return str(found[0]["Id"])
    return org.put(name, **filled(org, org.schema.sobjects[name]))


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    org = small_org("acme-openapi")
    org.evolve(load_schema(FEATURES))
    profile = org.find("Profile", Name="System Administrator")[0]["Id"]
    org.set("Profile", profile, **{name: True for name in org.schema.sobjects["Profile"].fields if name.startswith("Permissions")})
    with Fleet([org]) as running:
        made = Client(running["acme-openapi"], running.ca_path, running.key_path).use(ADMIN)
        made.base = made.base.replace("v67.0", "v59.0")
        yield made
        made.session.close()


def parsed(answer: requests.Response) -> Any:
    return answer.json() if answer.content else None


def checked(client: Client, method: str, path: str, body: Any = None, *, complete: bool = False) -> requests.Response:
    """The answer, which must not contradict the document."""
    answer = client.call(method, path, **({"json": body} if body is not None else {}))
    wrong = openapi.problems(method, answer.request.path_url, answer.status_code, parsed(answer), complete=complete)
    assert wrong == [], (answer.status_code, answer.text[:500])
    return answer


# --- answers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", emulated())
def test_describes_are_as_the_document_has_them(client: Client, name: str) -> None:
    """All keys, each of the right type; the row of the list and the object's own root too."""
    answer = checked(client, "GET", f"/sobjects/{name}/describe", complete=True)
    assert (answer.status_code, answer.json()["name"]) == (200, name)
    assert checked(client, "GET", f"/sobjects/{name}", complete=True).json()["objectDescribe"]["name"] == name


def test_the_list_of_objects_is_as_the_document_has_it(client: Client) -> None:
    listed = checked(client, "GET", "/sobjects", complete=True).json()["sobjects"]
    assert {"Account", "PermissionSet", "User"} <= {one["name"] for one in listed}


@pytest.mark.parametrize("name", in_document())
def test_a_record_has_the_document_s_columns_with_the_document_s_types(client: Client, name: str) -> None:
    org = client.served.org
    record_id = row_of(org, name)
    answer = client.call("GET", f"/sobjects/{name}/{record_id}")
    if name == "UserPermissionAccess":
        assert answer.status_code == 501
        return
    assert answer.status_code == 200
    record = {column: value for column, value in answer.json().items() if column not in columns_of_features(name)}
    assert openapi.problems("GET", f"/sobjects/{name}/{record_id}", 200, record) == []


def columns_of_features(name: str) -> frozenset[str]:
    """What only orgs with some feature have; the org of the document had none of them."""
    ordinary = load_schema(frozenset()).sobjects.get(name)
    known = set(json.loads(FIELDS_FILE.read_text(encoding="utf-8"))[name])
    with_features = load_schema(FEATURES).sobjects[name].fields
    return frozenset(column for column in with_features if column not in known and (ordinary is None or column not in ordinary.fields)) | (
        frozenset(column for column in ADDED_COLUMNS.get(name, ()))
    )


ADDED_COLUMNS = {
    "Contact": ("DoNotCall", "HasOptedOutOfEmail", "HasOptedOutOfFax"),
    "Lead": ("DoNotCall", "HasOptedOutOfEmail", "HasOptedOutOfFax"),
    "PermissionSet": ("PermissionsFreezeUsers", "PermissionsMonitorLoginHistory"),
    "Profile": ("PermissionsFreezeUsers", "PermissionsMonitorLoginHistory"),
    "PermissionSetLicense": ("MaximumPermissionsFreezeUsers", "MaximumPermissionsMonitorLoginHistory"),
}
"""Columns that the org of the document did not show and other recorded sources have."""


@pytest.mark.parametrize("name", in_document())
def test_errors_have_the_shape_of_errors(client: Client, name: str) -> None:
    prefix = client.served.org.schema.sobjects[name].key_prefix
    missing = f"{prefix}000000000001"
    checked(client, "GET", f"/sobjects/{name}/{missing}")
    checked(client, "POST", f"/sobjects/{name}", {"NoSuchField": 1})
    checked(client, "PATCH", f"/sobjects/{name}/{missing}", {"NoSuchField": 1})
    checked(client, "PATCH", f"/sobjects/{name}/{NOBODY if name != 'User' else missing}", {})
    checked(client, "DELETE", f"/sobjects/{name}/{missing}")
    checked(client, "GET", f"/sobjects/{name}/deleted?start=2026-01-01T00:00:00Z&end=2026-01-02T00:00:00Z")


@pytest.mark.parametrize(
    ("name", "body", "change"),
    [
        ("Account", {"Name": "Acme", "Type": "Prospect", "AnnualRevenue": 5}, {"Phone": "1"}),
        ("Contact", {"LastName": "Doe", "Email": "doe@acme.example"}, {"Department": "Sales"}),
        ("Lead", {"LastName": "Doe", "Company": "Acme"}, {"Status": "Working - Contacted"}),
        ("Case", {"Subject": "It rings"}, {"Status": "Closed"}),
        ("Opportunity", {"Name": "Big", "StageName": "Prospecting", "CloseDate": "2026-12-31"}, {"Amount": 10}),
        ("PermissionSet", {"Name": "Openapi", "Label": "Openapi"}, {"Description": "changed"}),
        ("Campaign", {"Name": "Spring"}, {"Status": "Planned"}),
        ("Product2", {"Name": "Line"}, {"ProductCode": "L"}),
        ("Task", {"Subject": "Call"}, {"Priority": "High"}),
    ],
)
def test_a_record_s_life_is_as_the_document_has_it(client: Client, name: str, body: dict[str, Any], change: dict[str, Any]) -> None:
    org = client.served.org
    made = checked(client, "POST", f"/sobjects/{name}", body)
    assert made.status_code == 201, made.text
    record_id = made.json()["id"]
    assert checked(client, "PATCH", f"/sobjects/{name}/{record_id}", change).status_code == 204
    assert {column: (org.get(name, record_id) or {}).get(column) for column in change} == change
    assert checked(client, "HEAD", f"/sobjects/{name}/{record_id}").status_code == 200
    assert checked(client, "DELETE", f"/sobjects/{name}/{record_id}").status_code == 204
    assert checked(client, "DELETE", f"/sobjects/{name}/{record_id}").status_code == 404
    assert org.get(name, record_id) is None


def test_an_asset_s_life_is_as_the_document_has_it(client: Client) -> None:
    account = checked(client, "POST", "/sobjects/Account", {"Name": "Acme"}).json()["id"]
    assert checked(client, "POST", "/sobjects/Asset", {"Name": "Phone"}).json()[0]["errorCode"] == "FIELD_INTEGRITY_EXCEPTION"
    made = checked(client, "POST", "/sobjects/Asset", {"Name": "Phone", "AccountId": account})
    assert made.status_code == 201
    assert checked(client, "GET", f"/sobjects/Asset/{made.json()['id']}").json()["AccountId"] == account
    assert checked(client, "DELETE", f"/sobjects/Asset/{made.json()['id']}").status_code == 204


# --- the validator itself ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status", "body", "wrong"),
    [
        ("GET", "/sobjects/Account/001000000000001AAA", 200, {"attributes": {"type": "Account", "url": "/x"}, "Name": 5}, "is not of type"),
        ("GET", "/sobjects/Account/001000000000001AAA", 200, {"attributes": {"type": "Account", "url": "/x"}, "Nome": "x"}, "'Nome'"),
        ("GET", "/sobjects/Account/001000000000001AAA", 200, {"Name": "x"}, "'attributes' is a required property"),
        ("GET", "/sobjects/Account/001000000000001AAA", 200, None, "no body"),
        ("GET", "/sobjects/Account/001000000000001AAA", 201, {}, "lists no such status"),
        ("GET", "/sobjects/Account/001000000000001AAA", 404, {"errorCode": "NOT_FOUND", "message": "x"}, "is not of type"),
        ("GET", "/sobjects/Account/001000000000001AAA", 404, [{"errorCode": "NOT_FOUND"}], "'message' is a required property"),
        ("GET", "/sobjects/Account/001000000000001AAA", 429, [{"error": "x"}], "unexpected"),
        ("POST", "/sobjects/Account", 201, {"id": "001", "success": True}, "'errors' is a required property"),
        ("POST", "/sobjects/Account", 201, {"id": "001", "success": "yes", "errors": []}, "is not of type"),
        ("POST", "/sobjects/PackageLicense", 201, {"id": "050", "success": True, "errors": []}, "no such verb"),
        ("DELETE", "/sobjects/User/005000000000001AAA", 204, None, "no such verb"),
        ("PATCH", "/sobjects/User/005000000000001AAA", 204, {"id": "x"}, "a body where the document has none"),
        (
            "GET",
            "/services/data/v59.0/sobjects/Account/deleted",
            200,
            {"deletedRecords": [{"id": "001", "deletedDate": "yesterday"}], "earliestDateAvailable": None, "latestDateCovered": None},
            "is no date-time",
        ),
    ],
)
def test_the_validator_finds_what_is_wrong(method: str, path: str, status: int, body: Any, wrong: str) -> None:
    assert any(wrong in text for text in openapi.problems(method, path, status, body)), openapi.problems(method, path, status, body)


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/services/data/v67.0/query?q=SELECT", 200, {"anything": 1}),
        ("GET", "/services/data/v67.0/sobjects/NVM__Thing__c/a00000000000001AAA", 200, {"anything": 1}),
        ("GET", "/services/data/v67.0/sobjects/Account/001000000000001AAA", 501, ["whatever"]),
        (
            "GET",
            "/services/data/v67.0/sobjects/Account/001000000000001AAA",
            200,
            {"attributes": {"type": "Account", "url": "/x"}, "New": 1},
        ),
        ("DELETE", "/sobjects/User/005000000000001AAA", 405, [{"errorCode": "METHOD_NOT_ALLOWED", "message": "x"}]),
        ("GET", "/sobjects/account/001000000000001AAA", 404, [{"errorCode": "ENTITY_IS_DELETED", "message": "x", "fields": []}]),
        ("GET", "/sobjects/Account/001000000000001AAA", 200, {"attributes": {"type": "Account", "url": "/x"}, "Name": None, "A__c": 1}),
    ],
)
def test_the_validator_lets_through_what_it_cannot_judge(method: str, path: str, status: int, body: Any) -> None:
    assert openapi.problems(method, path, status, body) == []


def test_a_describe_must_be_complete_where_that_is_asked() -> None:
    assert openapi.problems("GET", "/sobjects/Account/describe", 200, {"name": "Account"}) == []
    assert any("required property" in text for text in openapi.problems("GET", "/sobjects/Account/describe", 200, {}, complete=True))


# --- verbs -------------------------------------------------------------------------------------------------------------

DIFFERENCES: dict[tuple[str, str, str], str] = {}
"""(object, resource, method) that the emulator allows and the document does not, or the other way round, and why. None is known."""


NOT_DONE = {
    ("UserPermissionAccess", "record", "GET"): "a row of the running user's session; what its Id names is not known",
    ("UserPermissionAccess", "record", "HEAD"): "likewise",
    **{
        (name, "record", "DELETE"): "writes of this object are not emulated"
        for name in (
            "ApexClass",
            "ApexPage",
            "ConversationVendorInfo",
            "Group",
            "GroupMember",
            "Profile",
            "QueueSobject",
            "StaticResource",
            "UserRole",
        )
    },
}
"""(object, resource, method) that the document has and the emulator answers with 501, and why."""


def allowed_by_document(name: str, resource: str, method: str) -> bool:
    recorded = json.loads(VERBS_FILE.read_text(encoding="utf-8"))[name][resource]
    return openapi.verb_of(method) in recorded


@pytest.mark.parametrize("name", emulated())
def test_an_object_has_the_recorded_verbs_and_no_others(client: Client, name: str) -> None:
    org = client.served.org
    seen: dict[tuple[str, str, str], bool] = {}
    not_done: set[tuple[str, str, str]] = set()
    for resource in ("collection", "record"):
        for method in METHODS:
            path = f"/sobjects/{name}" if resource == "collection" else f"/sobjects/{name}/{row_of(org, name)}"
            answer = client.call(method, path, **({"json": {"NoSuchField": 1}} if method in ("POST", "PATCH") else {}))
            seen[(name, resource, method)] = answer.status_code != 405
            assert answer.status_code != 500, answer.text
            if answer.status_code == 501:
                not_done.add((name, resource, method))
            if answer.status_code == 405 and method != "HEAD":
                assert answer.json()[0]["errorCode"] == "METHOD_NOT_ALLOWED"
    wrong = {key for key, allowed in seen.items() if allowed != allowed_by_document(*key)}
    assert wrong == {key for key in DIFFERENCES if key[0] == name}
    assert not_done == {key for key in NOT_DONE if key[0] == name}
