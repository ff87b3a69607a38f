# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Probes of the switches that only HTTP shows: each serves the org it gets for the length of the probe."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from emulator import seed
from emulator.faults import Fault, Lock
from emulator.fleet import Fleet
from emulator.http_api import passwords, restrictions
from emulator.http_api.passwords import LoginRefused
from emulator.http_api.served import Served
from emulator.model import Field
from emulator.org import Org, utc_now
from harness.switch_probes import VERSION, Probe, admin, center, outcome, user

PROBES: dict[str, Probe] = {}
DATA = f"/services/data/v{VERSION}"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
OTHER_KEY = (
    rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
)


@dataclass(frozen=True)
class Door:
    """A served org and a session of its administrator."""

    served: Served
    session: requests.Session
    key: str

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        url = self.served.url + (path if path.startswith("/services") else DATA + path)
        return self.session.request(method, url, timeout=10, **options)

    def get(self, path: str) -> requests.Response:
        return self.call("GET", path)

    def post(self, path: str, body: Any) -> requests.Response:
        return self.call("POST", path, json=body)

    def token(self, **fields: str) -> tuple[int, str, str]:
        answer = self.session.post(f"{self.served.url}/services/oauth2/token", data=fields, timeout=10)
        told = answer.json()
        return answer.status_code, str(told.get("error")), str(told.get("error_description"))

    def bearer(self, key: str | None = None, **claims: Any) -> tuple[int, str, str]:
        good = {"iss": self.served.client.client_id, "sub": self.username, "aud": self.served.url, "exp": int(time.time()) + 180}
        signed = jwt.PyJWS().encode(json.dumps({**good, **claims}).encode(), key or self.key, "RS256")
        return self.token(grant_type=JWT_BEARER, assertion=signed)

    @property
    def username(self) -> str:
        return str(self.served.org.seed_info["admin_username"])


@contextmanager
def served(org: Org) -> Iterator[Door]:
    with Fleet([org]) as fleet, requests.Session() as session:
        one = fleet[org.name]
        session.trust_env = False
        session.verify = str(fleet.ca_path)
        session.headers["Authorization"] = f"Bearer {one.token(str(org.seed_info['admin_username']))}"
        yield Door(one, session, Path(fleet.key_path).read_text(encoding="utf-8"))


def probe(name: str) -> Callable[[Callable[[Door], object]], Callable[[Door], object]]:
    def register(function: Callable[[Door], object]) -> Callable[[Door], object]:
        def run(org: Org) -> object:
            with served(org) as door:
                return function(door)

        if name in PROBES:
            raise ValueError(f"two probes of the switch {name!r}")
        PROBES[name] = run
        return function

    return register


def told(answer: requests.Response) -> tuple[int, str]:
    """Status and the first error code there is."""
    body = answer.json() if answer.text else None
    first = body[0] if isinstance(body, list) and body else body
    return answer.status_code, str(first.get("errorCode")) if isinstance(first, dict) else ""


def of(sobject: str, **values: Any) -> dict[str, Any]:
    return {"attributes": {"type": sobject}, **values}


def with_shop(org: Org, **changed: Any) -> None:
    """A custom object with keys of its own; without field-level security, as it takes no field permissions."""
    fields = (
        Field("Id", "id", "Record ID", "probe", length=18, nillable=False),
        Field("Name", "string", "Name", "probe", length=80, createable=True, updateable=True, name_field=True),
        Field(
            "Old__c", "string", "Old", "probe", length=40, createable=True, updateable=True, custom=True, external_id=True, id_lookup=True
        ),
        Field(
            "Above__c",
            "reference",
            "Above",
            "probe",
            18,
            createable=True,
            custom=True,
            reference_to=("Shop__c",),
            relationship_name="Above__r",
        ),
        Field("Tags__c", "multipicklist", "Tags", "probe", length=255, createable=True, updateable=True, custom=True),
    )
    account = org.schema.sobjects["Account"]
    shop = replace(account, name="Shop__c", label="Shop", key_prefix="a9Z", custom=True, child_relationships=(), **changed)
    org.evolve(org.schema.with_sobjects([replace(shop, fields={item.name: item for item in fields})]))


# --- logging in ---


@probe("jwt_bad_signature")
def _jwt_bad_signature(door: Door) -> object:
    return door.bearer(OTHER_KEY)


@probe("jwt_exp_too_far")
def _jwt_exp_too_far(door: Door) -> object:
    door.served.org.clock = utc_now
    return door.bearer(exp=int(time.time()) + 600)


@probe("jwt_exp_as_text")
def _jwt_exp_as_text(door: Door) -> object:
    door.served.org.clock = utc_now
    return door.bearer(exp=str(int(time.time()) + 100))


@probe("jwt_clock_skew")
def _jwt_clock_skew(door: Door) -> object:
    door.served.org.clock = utc_now
    return door.bearer(exp=int(time.time()) - 60)


@probe("oauth_unknown_user")
def _oauth_unknown_user(door: Door) -> object:
    door.served.org.clock = utc_now
    return door.bearer(sub="nobody@acme.example")


@probe("oauth_frozen_user")
def _oauth_frozen_user(door: Door) -> object:
    door.served.org.clock = utc_now
    door.served.org.put("UserLogin", UserId=admin(door.served.org), IsFrozen=True, IsPasswordLocked=False)
    return door.bearer()


@probe("oauth_login_hours")
def _oauth_login_hours(door: Door) -> object:
    door.served.org.clock = utc_now
    seed.restrict_profile(door.served.org, "System Administrator", dict.fromkeys(restrictions.DAYS, (0, 0)))
    return door.bearer()


@probe("oauth_password_flow")
def _oauth_password_flow(door: Door) -> object:
    return door.token(grant_type="password", username=door.username, password="x")


@probe("oauth_code_refused")
def _oauth_code_refused(door: Door) -> object:
    client = door.served.client
    return door.token(grant_type="authorization_code", code="x", client_id=client.client_id, client_secret=client.client_secret)


@probe("login_locked_code")
def _login_locked_code(door: Door) -> object:
    passwords.set_password(door.served.org, door.username, "secret-word")
    codes = []
    for attempt in ["wrong"] * passwords.MAX_ATTEMPTS + ["secret-word"]:
        try:
            passwords.check(door.served, door.username, attempt)
        except LoginRefused as error:
            codes.append(error.code)
    return codes[-1]


@probe("expired_session_calls")
def _expired_session_calls(door: Door) -> object:
    door.served.sessions.expire_all()
    door.get("/sobjects")
    return door.served.journal.usage


# --- collections, composite, trees, graphs ---


@probe("collections_chunks_code")
def _collections_chunks_code(door: Door) -> object:
    records = [of("Account", Name="x") if number % 2 else of("Contact", LastName="x") for number in range(11)]
    return told(door.post("/composite/sobjects", {"records": records}))


@probe("collections_setup_mix")
def _collections_setup_mix(door: Door) -> object:
    return told(door.post("/composite/sobjects", {"records": [of("PermissionSet", Name="One", Label="One"), of("Account", Name="One")]}))


@probe("collections_malformed_code")
def _collections_malformed_code(door: Door) -> object:
    return told(door.post("/composite/sobjects", {"records": [{"Name": "no type"}]}))


def _ask(reference: str, method: str, path: str, body: Any = None) -> dict[str, Any]:
    return {"referenceId": reference, "method": method, "url": DATA + path, **({"body": body} if body is not None else {})}


@probe("composite_duplicate_reference")
def _composite_duplicate_reference(door: Door) -> object:
    twice = [_ask("a", "POST", "/sobjects/Account", {"Name": "x"}) for _unused in range(2)]
    return door.post("/composite", {"compositeRequest": twice}).status_code


@probe("composite_encoded_reference")
def _composite_encoded_reference(door: Door) -> object:
    query = "/query?q=SELECT%20Id%20FROM%20Account%20WHERE%20Name%3D%27%40%7Bmade.id%7D%27"
    asked = [_ask("made", "POST", "/sobjects/Account", {"Name": "x"}), _ask("uses", "GET", query)]
    door.served.org.put("Account", Name="@{made.id}")
    return door.post("/composite", {"compositeRequest": asked}).json()["compositeResponse"][1]["body"]["totalSize"]


@probe("composite_collation")
def _composite_collation(door: Door) -> object:
    seen = set()
    for turn in range(12):
        asked = [
            _ask("made", "POST", "/sobjects/Account", {"Name": f"turn{turn}"}),
            _ask("uses", "GET", f"/query?q=SELECT+Id+FROM+Account+WHERE+Name='turn{turn}'"),
        ]
        seen.add(door.post("/composite", {"compositeRequest": asked}).json()["compositeResponse"][1]["body"]["totalSize"])
    return sorted(seen)


@probe("tree_malformed_code")
def _tree_malformed_code(door: Door) -> object:
    records = [{"attributes": {"type": "Account", "referenceId": f"r{number}"}, "Name": "x"} for number in range(201)]
    return told(door.post("/composite/tree/Account", {"records": records}))


def _graph(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {"graphs": [{"graphId": "one", "compositeRequest": list(nodes)}]}


@probe("graph_malformed_code")
def _graph_malformed_code(door: Door) -> object:
    twice = [_ask("a", "POST", "/sobjects/Account", {"Name": "x"}) for _unused in range(2)]
    return told(door.post("/composite/graph", _graph(*twice)))


@probe("graph_order")
def _graph_order(door: Door) -> object:
    ahead = _ask("child", "POST", "/sobjects/Contact", {"LastName": "x", "AccountId": "@{parent.id}"})
    answer = door.post("/composite/graph", _graph(ahead, _ask("parent", "POST", "/sobjects/Account", {"Name": "x"})))
    return answer.json()["graphs"][0]["isSuccessful"]


# --- records by keys, changes over time ---


@probe("upsert_without_view_all_code")
def _upsert_without_view_all_code(door: Door) -> object:
    org = door.served.org
    with_shop(org)
    for own in org.find("PermissionSet", IsOwnedByProfile=True):
        org.put(
            "ObjectPermissions",
            ParentId=own["Id"],
            SobjectType="Shop__c",
            PermissionsRead=True,
            PermissionsCreate=True,
            PermissionsEdit=True,
        )
    door.session.headers["Authorization"] = f"Bearer {door.served.token(org.seed_info['users']['agent'])}"
    return told(door.call("PATCH", "/sobjects/Shop__c/Old__c/x", json={"Name": "One"}))


@probe("id_lookup_case")
def _id_lookup_case(door: Door) -> object:
    return door.get(f"/sobjects/User/Username/{door.username.upper()}").status_code


def _span(kind: str, sobject: str, start: str, end: str) -> str:
    return f"/sobjects/{sobject}/{kind}/?start=2026-06-01T{start}Z&end=2026-06-01T{end}Z"


@probe("get_deleted_span")
def _get_deleted_span(door: Door) -> object:
    return told(door.get(_span("deleted", "Account", "11:00:00", "11:01:00")))


@probe("not_replicateable_code")
def _not_replicateable_code(door: Door) -> object:
    with_shop(door.served.org, replicateable=False)
    return told(door.get(_span("deleted", "Shop__c", "10:00:00", "11:00:00")))


@probe("record_count")
def _record_count(door: Door) -> object:
    counts = []
    for _unused in range(2):
        door.served.org.put("Account", Name="x")
        counts.append(door.get("/limits/recordCount?sObjects=Account").json()["sObjects"][0]["count"])
    return counts


# --- bulk jobs ---


def _opened(door: Door, sobject: str = "Account", operation: str = "insert", **more: str) -> str:
    return str(door.post("/jobs/ingest", {"object": sobject, "operation": operation, **more}).json()["id"])


def _loaded(door: Door, data: str, sobject: str = "Account", operation: str = "insert") -> str:
    """Id of a job that has its data and is closed."""
    job = _opened(door, sobject, operation)
    door.call("PUT", f"/jobs/ingest/{job}/batches", data=data.encode(), headers={"Content-Type": "text/csv"})
    door.call("PATCH", f"/jobs/ingest/{job}", json={"state": "UploadComplete"})
    return job


def _state(door: Door, job: str, kind: str = "ingest") -> str:
    return str(door.get(f"/jobs/{kind}/{job}").json()["state"])


def _finished(door: Door, job: str, kind: str = "ingest") -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for _unused in range(5):
        shown = door.get(f"/jobs/{kind}/{job}").json()
        if shown["state"] in ("JobComplete", "Failed", "Aborted"):
            break
    return shown


def _ran(door: Door, data: str, sobject: str = "Account", operation: str = "insert") -> tuple[str, int]:
    shown = _finished(door, _loaded(door, data, sobject, operation))
    return shown["state"], shown["numberRecordsFailed"]


@probe("bulk_second_upload_code")
def _bulk_second_upload_code(door: Door) -> object:
    job = _opened(door)
    for _unused in range(2):
        door.call("PUT", f"/jobs/ingest/{job}/batches", data=b"Name\nAcme\n", headers={"Content-Type": "text/csv"})
    return told(door.call("PATCH", f"/jobs/ingest/{job}", json={"state": "UploadComplete"}))


@probe("bulk_pace")
def _bulk_pace(door: Door) -> object:
    job = _loaded(door, "Name\nAcme\n")
    return len(door.served.org.find("Account")), [_state(door, job) for _unused in range(3)]


@probe("bulk_header_case")
def _bulk_header_case(door: Door) -> object:
    return _ran(door, "name\nAcme\n")


@probe("bulk_booleans")
def _bulk_booleans(door: Door) -> object:
    return _ran(door, f"Id,UserPermissionsSupportUser\n{user(door.served.org, 'agent')},yes\n", "User", "update")


@probe("bulk_unprocessed_form")
def _bulk_unprocessed_form(door: Door) -> object:
    job = _loaded(door, "Name,Nothing\nAcme,1\n")
    _finished(door, job)
    return door.get(f"/jobs/ingest/{job}/unprocessedrecords").text


@probe("bulk_lock_scope")
def _bulk_lock_scope(door: Door) -> object:
    door.served.faults.add(Fault(Lock("Account", {"Name": "A1"})))
    return _ran(door, "Name\nA0\nA1\nA2\n")


@probe("bulk_malformed_rows")
def _bulk_malformed_rows(door: Door) -> object:
    return _ran(door, "Name,Phone\nGood,1\nAcme\n")


@probe("bulk_upload_too_large")
def _bulk_upload_too_large(door: Door) -> object:
    door.served.org.bulk.upload_limit = 40
    return _ran_or_open(door, "Name\n" + "A" * 40)


def _ran_or_open(door: Door, data: str) -> tuple[int, str]:
    job = _opened(door)
    put = door.call("PUT", f"/jobs/ingest/{job}/batches", data=data.encode(), headers={"Content-Type": "text/csv"})
    return put.status_code, _state(door, job)


@probe("bulk_job_without_data")
def _bulk_job_without_data(door: Door) -> object:
    job = _opened(door)
    door.call("PATCH", f"/jobs/ingest/{job}", json={"state": "UploadComplete"})
    return _finished(door, job)["state"]


@probe("bulk_early_results")
def _bulk_early_results(door: Door) -> object:
    return door.get(f"/jobs/ingest/{_opened(door)}/successfulResults").status_code


@probe("bulk_bad_property_code")
def _bulk_bad_property_code(door: Door) -> object:
    return told(door.post("/jobs/ingest", {"object": "Account"}))


@probe("bulk_unknown_object_code")
def _bulk_unknown_object_code(door: Door) -> object:
    return told(door.post("/jobs/ingest", {"object": "Nothing__c", "operation": "insert"}))


def _query_job(door: Door, soql: str) -> requests.Response:
    return door.post("/jobs/query", {"operation": "query", "query": soql})


@probe("bulk_query_refusal")
def _bulk_query_refusal(door: Door) -> object:
    return _query_job(door, "SELECT COUNT() FROM Account").status_code


@probe("bulk_datetimes")
def _bulk_datetimes(door: Door) -> object:
    door.served.org.put("Account", Name="x")
    job = str(_query_job(door, "SELECT CreatedDate FROM Account").json()["id"])
    _finished(door, job, "query")
    return door.get(f"/jobs/query/{job}/results").text


@probe("bulk_version_conflict_code")
def _bulk_version_conflict_code(door: Door) -> object:
    job = str(_query_job(door, "SELECT Id FROM Account").json()["id"])
    _finished(door, job, "query")
    return told(door.get(f"/services/data/v60.0/jobs/query/{job}/results"))


# --- users into a contact center by bulk ---


def _row(org: Org, role: str, **changed: str) -> dict[str, str]:
    person = org.get("User", user(org, role)) or {}
    return {"Argument1": person["Email"], "Argument2": person["Id"], "Argument5": center(org), "BulkAction": "AddUsers", **changed}


def _added(door: Door, *rows: dict[str, str]) -> tuple[str, int, list[str]]:
    """(state, failed rows, roles in the center once everything has settled)"""
    org = door.served.org
    data = "".join(",".join(line) + "\n" for line in [list(rows[0]), *(list(row.values()) for row in rows)])
    state, failed = _ran(door, data, "ContactCenterBulkOp")
    for _unused in range(3):
        org.query(admin(org), "SELECT Id FROM User LIMIT 1", VERSION)
    inside = {row["Id"] for row in org.find("User", CallCenterId=center(org))}
    return state, failed, sorted(role for role, user_id in org.seed_info["user_ids"].items() if user_id in inside)


@probe("bulk_entity")
def _bulk_entity(door: Door) -> object:
    return door.get("/sobjects/ContactCenterBulkOp/describe").status_code


@probe("bulk_entity_door")
def _bulk_entity_door(door: Door) -> object:
    return told(door.post("/sobjects/ContactCenterBulkOp", _row(door.served.org, "agent")))


@probe("bulk_entity_right")
def _bulk_entity_right(door: Door) -> object:
    org = door.served.org
    org.switches["bulk_entity_door"] = "any"
    return outcome(lambda: org.create(user(org, "without_set"), "ContactCenterBulkOp", _row(org, "agent")))


@probe("bulk_entity_effect")
def _bulk_entity_effect(door: Door) -> object:
    org = door.served.org
    org.switches["bulk_entity_door"] = "any"
    org.create(admin(org), "ContactCenterBulkOp", _row(org, "agent"))
    org.query(admin(org), "SELECT Id FROM User LIMIT 1", VERSION)
    return (org.get("User", user(org, "agent")) or {})["CallCenterId"]


@probe("bulk_entity_vendor")
def _bulk_entity_vendor(door: Door) -> object:
    org = door.served.org
    for vendor in org.find("ConversationVendorInfo"):
        org.set("ConversationVendorInfo", vendor["Id"], CapabilitiesSupportsUserSyncing=True)
    return _added(door, _row(org, "agent")), len(org.vendor_calls)


@probe("bulk_entity_no_seat")
def _bulk_entity_no_seat(door: Door) -> object:
    org = door.served.org
    org.switches["bulk_entity_ineligible"] = "accepted"
    licence = org.find("PermissionSetLicense", DeveloperName="ServiceCloudVoiceExternalTelephonyPsl")[0]
    org.set("PermissionSetLicense", licence["Id"], TotalLicenses=licence["UsedLicenses"])
    return _added(door, _row(org, "without_set"))


@probe("bulk_entity_bad_arguments")
def _bulk_entity_bad_arguments(door: Door) -> object:
    return _added(door, _row(door.served.org, "agent", Argument2="nobody"))


@probe("bulk_entity_short_ids")
def _bulk_entity_short_ids(door: Door) -> object:
    return _added(door, _row(door.served.org, "agent", Argument2=user(door.served.org, "agent")[:15]))


@probe("bulk_entity_email")
def _bulk_entity_email(door: Door) -> object:
    return _added(door, _row(door.served.org, "agent", Argument1="other@acme.example"))


@probe("bulk_entity_ineligible")
def _bulk_entity_ineligible(door: Door) -> object:
    return _added(door, _row(door.served.org, "without_set"))


@probe("bulk_entity_member_elsewhere")
def _bulk_entity_member_elsewhere(door: Door) -> object:
    return _added(door, _row(door.served.org, "other_center"))


@probe("bulk_entity_amazon_arguments")
def _bulk_entity_amazon_arguments(door: Door) -> object:
    from_amazon = str(door.served.org.seed_info["center_ids"]["partner_telephony_amazon"])
    state, failed, _unused = _added(door, _row(door.served.org, "agent", Argument5=from_amazon))
    return state, failed, (door.served.org.get("User", user(door.served.org, "agent")) or {})["CallCenterId"] == from_amazon


@probe("bulk_entity_member_again")
def _bulk_entity_member_again(door: Door) -> object:
    org = door.served.org
    _added(door, _row(org, "member"))
    partner_set = org.find("PermissionSet", Name="PartnerTelephonyCustomPsl")[0]["Id"]
    return len(org.find("PermissionSetAssignment", AssigneeId=user(org, "member"), PermissionSetId=partner_set))


# --- queries of more kinds ---


@probe("excludes_null")
def _excludes_null(door: Door) -> object:
    with_shop(door.served.org)
    door.served.org.put("Shop__c", Name="Without tags")
    return door.get("/query?q=SELECT+Id+FROM+Shop__c+WHERE+Tags__c+EXCLUDES+('x')").json()["totalSize"]


@probe("typeof_unmatched")
def _typeof_unmatched(door: Door) -> object:
    soql = "SELECT TYPEOF License WHEN UserLicense THEN Name END FROM PermissionSet WHERE Name = 'Acme_Voice_Agent'"
    return str(_asked(door, soql).json()["records"][0]["License"])


def _asked(door: Door, soql: str, path: str = "/query") -> requests.Response:
    return door.call("GET", path, params={"q": soql})


@probe("metadata_view_limit")
def _metadata_view_limit(door: Door) -> object:
    return _asked(door, "SELECT QualifiedApiName FROM EntityDefinition LIMIT 1").json()["totalSize"]


@probe("field_definition_in")
def _field_definition_in(door: Door) -> object:
    both = "SELECT QualifiedApiName FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName IN ('Account', 'Contact')"
    return told(_asked(door, both)) if _asked(door, both).status_code != 200 else "answered"


@probe("field_definition_children")
def _field_definition_children(door: Door) -> object:
    below = "SELECT QualifiedApiName, (SELECT QualifiedApiName FROM Fields) FROM EntityDefinition WHERE QualifiedApiName = 'Account'"
    return _asked(door, below, "/tooling/query").status_code


@probe("query_plan_cost")
def _query_plan_cost(door: Door) -> object:
    return door.call("GET", "/query", params={"explain": "SELECT Id FROM Account"}).json()["plans"][0]["relativeCost"]


# --- tooling ---


@probe("tooling_composite_query_all")
def _tooling_composite_query_all(door: Door) -> object:
    asked = _ask("one", "GET", "/tooling/queryAll?q=SELECT+Id+FROM+Profile")
    return door.post("/tooling/composite", {"compositeRequest": [asked]}).json()["compositeResponse"][0]["httpStatusCode"]


@probe("tooling_rights")
def _tooling_rights(door: Door) -> object:
    org = door.served.org
    door.session.headers["Authorization"] = f"Bearer {door.served.token(org.seed_info['limited_username'])}"
    return _asked(door, "SELECT QualifiedApiName FROM EntityDefinition WHERE QualifiedApiName = 'User'", "/tooling/query").status_code


@probe("permission_dependency_paging")
def _permission_dependency_paging(door: Door) -> object:
    door.served.org.settings.page_size = 100
    return _asked(door, "SELECT Id, Permission FROM PermissionDependency", "/tooling/query").json()["totalSize"]


@probe("entity_definition_sharing")
def _entity_definition_sharing(door: Door) -> object:
    soql = "SELECT InternalSharingModel FROM EntityDefinition WHERE QualifiedApiName = 'Asset'"
    return _asked(door, soql).json()["records"][0]["InternalSharingModel"]


@probe("field_definition_components")
def _field_definition_components(door: Door) -> object:
    return len(_asked(door, "SELECT QualifiedApiName FROM FieldDefinition WHERE EntityDefinitionId = 'Account'").json()["records"])


@probe("tooling_virtual_ids")
def _tooling_virtual_ids(door: Door) -> object:
    soql = "SELECT Id FROM EntityDefinition WHERE QualifiedApiName = 'Account'"
    return _asked(door, soql, "/tooling/query").json()["records"][0]["Id"]


# --- SOAP ---

PARTNER, METADATA = "urn:partner.soap.sforce.com", "http://soap.sforce.com/2006/04/metadata"


def _soap(door: Door, body: str, *, header: str = "", path: str = "u/59.0", space: str = PARTNER, prolog: str = "") -> str:
    """The answer's text."""
    session = f"<SessionHeader><sessionId>{door.served.token(door.username)}</sessionId></SessionHeader>"
    message = (
        f'<?xml version="1.0" encoding="UTF-8"?>{prolog}<se:Envelope xmlns:se="http://schemas.xmlsoap.org/soap/envelope/" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><se:Header xmlns="{space}">{header or session}</se:Header>'
        f'<se:Body xmlns="{space}">{body}</se:Body></se:Envelope>'
    )
    headers = {"Content-Type": "text/xml", "SOAPAction": '""'}
    return door.call("POST", f"/services/Soap/{path}", data=message.encode(), headers=headers).text


def _between(text: str, name: str) -> str:
    """What stands in the first element of that name, prefixes aside; nothing for none."""
    found = re.search(rf"<(?:\w+:)?{name}(?:\s[^>]*)?>(.*?)</(?:\w+:)?{name}>", text, re.DOTALL)
    return found[1] if found else ""


def _login(door: Door, password: str, header: str = "<none/>") -> str:
    passwords.set_password(door.served.org, door.username, "secret-word")
    body = f"<login><username>{door.username}</username><password>{password}</password></login>"
    return _between(_soap(door, body, header=header), "faultcode")


@probe("soap_login_faultcode")
def _soap_login_faultcode(door: Door) -> object:
    return _login(door, "wrong")


@probe("soap_login_scope")
def _soap_login_scope(door: Door) -> object:
    return _login(door, "secret-word", "<LoginScopeHeader><organizationId>00D000000000001AAA</organizationId></LoginScopeHeader>")


@probe("soap_destination")
def _soap_destination(door: Door) -> object:
    return _between(_soap(door, "<getServerTimestamp/>", path="u/59.0/00D000000000001"), "faultcode")


@probe("soap_doctype")
def _soap_doctype(door: Door) -> object:
    return _between(_soap(door, "<getServerTimestamp/>", prolog='<!DOCTYPE x [<!ENTITY y "z">]>'), "faultcode")


@probe("soap_not_for_operation")
def _soap_not_for_operation(door: Door) -> object:
    return _between(_soap(door, f"<delete><ids>{center(door.served.org)}</ids></delete>"), "statusCode")


@probe("soap_query_id")
def _soap_query_id(door: Door) -> object:
    answer = _soap(door, "<query><queryString>SELECT Id FROM Organization</queryString></query>")
    return answer.count(door.served.org.id)


@probe("soap_lead_limit")
def _soap_lead_limit(door: Door) -> object:
    status = "<convertedStatus>Closed - Converted</convertedStatus><leadId>00Q000000000001AAA</leadId>"
    leads = f"<leadConverts><accountId xsi:nil='true'/>{status}</leadConverts>" * 101
    return _between(_soap(door, f"<convertLead>{leads}</convertLead>"), "faultcode")


@probe("lead_conversion_contact")
def _lead_conversion_contact(door: Door) -> object:
    org = door.served.org
    lead, contact = org.put("Lead", LastName="x", Company="x"), org.put("Contact", LastName="x")
    values = f"<contactId>{contact}</contactId><convertedStatus>Closed - Converted</convertedStatus><leadId>{lead}</leadId>"
    return _between(_soap(door, f"<convertLead><leadConverts>{values}</leadConverts></convertLead>"), "statusCode")


@probe("merge_refusal")
def _merge_refusal(door: Door) -> object:
    account = door.served.org.put("Account", Name="x")
    master = f"<masterRecord><type>Account</type><Id>{account}</Id></masterRecord><recordToMergeIds>{account}</recordToMergeIds>"
    return _between(_soap(door, f"<merge><request>{master}</request></merge>"), "statusCode")


def _metadata(door: Door, kind: str, name: str) -> str:
    body = f"<readMetadata><type>{kind}</type><fullNames>{name}</fullNames></readMetadata>"
    return _soap(door, body, path="m/59.0", space=METADATA)


@probe("metadata_unknown_name")
def _metadata_unknown_name(door: Door) -> object:
    return "nil" in _metadata(door, "PermissionSet", "Nothing")


@probe("metadata_license_name")
def _metadata_license_name(door: Door) -> object:
    return _between(_metadata(door, "PermissionSet", "Acme_Voice_Agent"), "license")
