# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Partner API over SOAP: login, records, leads, and what it refuses."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed
from simple_salesforce.login import SalesforceLogin

from emulator import leads
from emulator.errors import ApiError
from emulator.fleet import Fleet
from emulator.http_api import passwords
from emulator.http_api.served import Served
from emulator.http_api.soap import markup
from emulator.rules.registry import break_rule

from .conftest import ADMIN, LIMITED, small_org

WSDL = Path(__file__).resolve().parents[4] / "shared" / "golden" / "jsforce" / "partner-v47.wsdl"
PASSWORD, TOKEN = "correct horse", "battery"
ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?><se:Envelope xmlns:se="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><se:Header xmlns="{space}">{header}</se:Header>'
    '<se:Body xmlns="{space}">{body}</se:Body></se:Envelope>'
)
PARTNER = "urn:partner.soap.sforce.com"


@dataclass
class Reply:
    status: int
    text: str

    @property
    def root(self) -> markup.Element:
        return markup.read(self.text.encode())

    @property
    def results(self) -> list[markup.Element]:
        body = self.root.child("Body")
        assert body is not None
        return list(body.children[0].all("result"))

    @property
    def fault(self) -> tuple[str, str]:
        """faultcode and faultstring."""
        found = self.root.child("Body")
        fault = found.child("Fault") if found is not None else None
        assert fault is not None, self.text
        return fault.value("faultcode") or "", fault.value("faultstring") or ""

    @property
    def code(self) -> str:
        return self.fault[0].removeprefix("sf:")


class Soap:
    """One session of one user, or none."""

    def __init__(self, fleet: Fleet, served: Served, username: str = "") -> None:
        self.served = served
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.verify = str(fleet.ca_path)
        self.session_id = served.token(username) if username else ""

    def raw(self, body: bytes | str, path: str = "/services/Soap/u/59.0", method: str = "POST") -> Reply:
        sent = body.encode() if isinstance(body, str) else body
        headers = {"Content-Type": "text/xml", "SOAPAction": '""'}
        answer = self.http.request(method, self.served.home + path, data=sent, headers=headers, timeout=10)
        return Reply(answer.status_code, answer.text)

    def call(self, body: str, *, header: str = "", path: str = "/services/Soap/u/59.0", space: str = PARTNER) -> Reply:
        session = f"<SessionHeader><sessionId>{self.session_id}</sessionId></SessionHeader>" if self.session_id else ""
        return self.raw(ENVELOPE.format(space=space, header=session + header, body=body), path)

    def login(self, password: str, *, username: str = ADMIN, version: str = "59.0", header: str = "", kind: str = "u") -> Reply:
        body = f"<login><username>{username}</username><password>{password}</password></login>"
        space = PARTNER if kind == "u" else "urn:enterprise.soap.sforce.com"
        return self.call(body, header=header, path=f"/services/Soap/{kind}/{version}", space=space)


@pytest.fixture
def soap(fleet: Fleet, served: Served) -> Iterator[Soap]:
    """As the administrator, who has a password."""
    passwords.set_password(served.org, ADMIN, PASSWORD, TOKEN)
    made = Soap(fleet, served, ADMIN)
    yield made
    made.http.close()


@pytest.fixture
def nobody(fleet: Fleet, served: Served) -> Iterator[Soap]:
    passwords.set_password(served.org, ADMIN, PASSWORD, TOKEN)
    made = Soap(fleet, served)
    yield made
    made.http.close()


def record(kind: str, **values: Any) -> str:
    return f"<sObjects><type>{kind}</type>{''.join(f'<{name}>{value}</{name}>' for name, value in values.items())}</sObjects>"


def admin_id(served: Served) -> str:
    return str(served.org.find("User", Username=ADMIN)[0]["Id"])


def make(served: Served, sobject: str, **values: Any) -> str:
    return served.org.create(admin_id(served), sobject, values)


# --- login, logout ---


def test_a_login_says_where_to_go_on_and_who_it_is(nobody: Soap, served: Served) -> None:
    reply = nobody.login(PASSWORD + TOKEN)
    assert reply.status == 200
    result = reply.results[0]
    names = [item.name for item in result.children]
    assert names == ["metadataServerUrl", "passwordExpired", "sandbox", "serverUrl", "sessionId", "userId", "userInfo"]
    assert result.value("serverUrl") == f"{served.home}/services/Soap/u/59.0/{served.org.id[:15]}"
    assert result.value("metadataServerUrl") == f"{served.home}/services/Soap/m/59.0/{served.org.id[:15]}"
    info = result.child("userInfo")
    assert info is not None
    assert (info.value("userName"), info.value("organizationId"), info.value("userId")) == (ADMIN, served.org.id, admin_id(served))
    user = served.sessions.user_of(result.value("sessionId") or "")
    assert user == admin_id(served) == result.value("userId")


def test_user_info_is_in_the_order_of_the_wsdl(soap: Soap) -> None:
    if not WSDL.exists():
        pytest.skip("the Partner WSDL is not here")
    text = WSDL.read_text(encoding="utf-8")
    start = text.index('<complexType name="GetUserInfoResult">')
    wanted = re.findall(r'<element name="(\w+)"', text[start : text.index("</complexType>", start)])
    assert [item.name for item in soap.call("<getUserInfo/>").results[0].children] == wanted


@pytest.mark.parametrize(
    ("password", "version", "code"),
    [
        ("wrong", "59.0", "INVALID_LOGIN"),
        (PASSWORD, "59.0", "LOGIN_MUST_USE_SECURITY_TOKEN"),
        (PASSWORD + TOKEN, "65.0", "INVALID_OPERATION"),
        (PASSWORD + TOKEN, "67.0", "INVALID_OPERATION"),
        (PASSWORD + TOKEN, "99.0", "UNSUPPORTED_API_VERSION"),
    ],
)
def test_a_refused_login_is_a_fault(nobody: Soap, served: Served, password: str, version: str, code: str) -> None:
    reply = nobody.login(password, version=version)
    assert (reply.status, reply.code) == (500, code)
    assert reply.fault[1].startswith(f"{code}: ")
    assert f"<sf:exceptionCode>{code}</sf:exceptionCode>" in reply.text
    assert served.sessions.expire_all() == 0


def test_login_works_up_to_version_64(nobody: Soap) -> None:
    assert nobody.login(PASSWORD + TOKEN, version="64.0").status == 200


def test_an_org_may_have_soap_login_disabled(nobody: Soap, served: Served) -> None:
    served.org.settings.soap_login = False
    reply = nobody.login(PASSWORD + TOKEN)
    assert reply.fault[1] == (
        "INVALID_OPERATION: SOAP API login() is disabled by default in this org. Contact the org administrator to enable SOAP API login()."
    )


@pytest.mark.parametrize(("setting", "prefix"), [("bare", ""), ("prefixed", "sf:")])
def test_the_faultcode_of_a_login_may_have_a_prefix(nobody: Soap, served: Served, setting: str, prefix: str) -> None:
    served.org.switches["soap_login_faultcode"] = setting
    assert nobody.login("wrong").fault[0] == f"{prefix}INVALID_LOGIN"


@pytest.mark.parametrize(("setting", "status"), [("refused", 500), ("ignored", 200)])
def test_a_login_for_another_org_is_refused(nobody: Soap, served: Served, setting: str, status: int) -> None:
    served.org.switches["soap_login_scope"] = setting
    header = "<LoginScopeHeader><organizationId>00D000000000001AAA</organizationId></LoginScopeHeader>"
    assert nobody.login(PASSWORD + TOKEN, header=header).status == status
    own = f"<LoginScopeHeader><organizationId>{served.org.id}</organizationId></LoginScopeHeader>"
    assert nobody.login(PASSWORD + TOKEN, header=own).status == 200


def test_simple_salesforce_logs_in_unmodified(fleet: Fleet, served: Served) -> None:
    passwords.set_password(served.org, ADMIN, "p&w<d", TOKEN)
    session = requests.Session()
    session.trust_env = False
    session.verify = str(fleet.ca_path)
    token, instance = SalesforceLogin(username=ADMIN, password="p&w<d", security_token=TOKEN, scratch_url=served.home, session=session)
    client = Salesforce(instance=instance, session_id=token, session=session)
    assert client.query("SELECT Id FROM Organization")["totalSize"] == 1
    with pytest.raises(SalesforceAuthenticationFailed) as refused:
        SalesforceLogin(username=ADMIN, password="no", security_token="", scratch_url=served.home, session=session)
    assert refused.value.code == "INVALID_LOGIN"


def test_a_login_over_plain_http_stays_there() -> None:
    with Fleet([small_org()], plain_http=True) as fleet:
        served = fleet["acme-test"]
        passwords.set_password(served.org, ADMIN, PASSWORD)
        body = f"<login><username>{ADMIN}</username><password>{PASSWORD}</password></login>"
        answer = requests.post(
            f"{served.plain_home}/services/Soap/u/42.0", data=ENVELOPE.format(space=PARTNER, header="", body=body), timeout=10
        )
        assert Reply(answer.status_code, answer.text).results[0].value("serverUrl") == (
            f"{served.plain_home}/services/Soap/u/42.0/{served.org.id[:15]}"
        )


def test_the_enterprise_endpoint_logs_in_and_does_no_more(nobody: Soap, served: Served) -> None:
    reply = nobody.login(PASSWORD + TOKEN, kind="c")
    assert f"/services/Soap/c/59.0/{served.org.id[:15]}" in (reply.results[0].value("serverUrl") or "")
    nobody.session_id = reply.results[0].value("sessionId") or ""
    path, space = "/services/Soap/c/59.0", "urn:enterprise.soap.sforce.com"
    assert nobody.call("<getUserInfo/>", path=path, space=space).status == 200
    assert nobody.call("<query><queryString>SELECT Id FROM User</queryString></query>", path=path, space=space).status == 501


def test_a_login_is_no_api_call_and_leaves_no_password_behind(nobody: Soap, served: Served) -> None:
    before = served.journal.usage
    nobody.login(PASSWORD + TOKEN)
    nobody.login("hunter2")
    assert (served.journal.usage, served.journal.logins) == (before, 2)
    entries = served.journal.since(0)
    assert [entry.kind for entry in entries] == ["login", "login"]
    assert not any(secret in repr(entry) for entry in entries for secret in (PASSWORD, TOKEN, "hunter2"))


def test_after_logout_the_session_is_worth_nothing(soap: Soap, served: Served) -> None:
    reply = soap.call("<logout/>")
    assert reply.status == 200
    assert "<logoutResponse/>" in reply.text
    again = soap.call("<getUserInfo/>")
    assert (again.status, again.fault) == (
        500,
        ("sf:INVALID_SESSION_ID", "INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session"),
    )
    assert served.sessions.user_of(soap.session_id) is None


@pytest.mark.parametrize(("setting", "price"), [("free", 0), ("counted", 1)])
def test_a_call_costs_one_and_a_refused_session_what_the_switch_says(
    soap: Soap, nobody: Soap, served: Served, setting: str, price: int
) -> None:
    served.org.switches["expired_session_calls"] = setting
    before = served.journal.usage
    soap.call(f"<create>{record('Account', Name='A')}{record('Account', Name='B')}</create>")
    nobody.call("<getUserInfo/>")
    assert served.journal.usage == before + 1 + price
    assert [(entry.kind, entry.calls) for entry in served.journal.since(0)] == [("write", 1), ("read", price)]


def test_the_answer_tells_the_usage(soap: Soap, nobody: Soap, served: Served) -> None:
    served.org.settings.api_limit = 77
    for count in (1, 2):
        info = soap.call("<getUserInfo/>").root.children[0].children[0].child("limitInfo")
        assert info is not None
        assert (info.value("current"), info.value("limit")) == (str(count), "77")
    assert "LimitInfoHeader" not in nobody.login(PASSWORD + TOKEN).text


def test_the_server_time_is_the_org_s_clock(soap: Soap, served: Served) -> None:
    stamp = soap.call("<getServerTimestamp/>").results[0].value("timestamp") or ""
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", stamp)
    assert stamp[:10] == served.org.clock().date().isoformat()


def test_a_user_without_the_api_or_beyond_the_limit_is_refused(fleet: Fleet, soap: Soap, served: Served) -> None:
    assert Soap(fleet, served, "no-api@acme.example").call("<getUserInfo/>").code == "API_DISABLED_FOR_ORG"
    served.org.settings.api_limit = served.journal.usage
    assert soap.call("<getUserInfo/>").code == "REQUEST_LIMIT_EXCEEDED"


# --- what is no call ---

BOMB = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'


@pytest.mark.parametrize("body", ["", "no xml", "<open>", b"\xff\xfe\x00", "<a>&cl</a>", "<a>\x01</a>"])
def test_what_is_no_xml_is_a_fault(soap: Soap, body: str | bytes) -> None:
    reply = soap.raw(body)
    assert (reply.status, reply.code) == (500, "UNKNOWN_EXCEPTION")


@pytest.mark.parametrize("code", ["UNKNOWN_EXCEPTION", "XML_PARSER_ERROR"])
def test_a_document_type_is_refused_before_any_entity_is_read(soap: Soap, served: Served, code: str) -> None:
    served.org.switches["soap_doctype"] = code
    reply = soap.raw(BOMB)
    assert (reply.status, reply.code) == (500, code)
    assert "aaaa" not in reply.text


@pytest.mark.parametrize(
    ("body", "space"),
    [("<frobnicate/>", PARTNER), ("<getUserInfo/>", "urn:enterprise.soap.sforce.com"), ("<login/>", "urn:example"), ("", PARTNER)],
)
def test_an_operation_nobody_knows_is_the_client_s_fault(soap: Soap, body: str, space: str) -> None:
    reply = soap.call(body, space=space)
    assert (reply.status, reply.fault[0]) == (500, "soapenv:Client")
    assert reply.fault[1].startswith("No operation available for request {")


def test_known_operations_that_are_not_emulated_say_so(soap: Soap, served: Served) -> None:
    before = served.journal.usage
    reply = soap.call("<sendEmail/>")
    assert (reply.status, reply.code) == (501, "NOT_EMULATED")
    assert served.journal.usage == before


def test_only_post_and_only_known_paths(soap: Soap) -> None:
    assert soap.raw("", method="GET").status == 405
    assert soap.raw("<x/>", path="/services/Soap/x/59.0").status == 404
    assert soap.raw("<x/>", path="/services/Soap/T/59.0").status == 501


@pytest.mark.parametrize(("setting", "status"), [("refused", 500), ("ignored", 200)])
def test_the_url_of_another_org_is_refused(soap: Soap, served: Served, setting: str, status: int) -> None:
    served.org.switches["soap_destination"] = setting
    assert soap.call("<getUserInfo/>", path="/services/Soap/u/59.0/00D000000000001").status == status
    assert soap.call("<getUserInfo/>", path=f"/services/Soap/u/59.0/{served.org.id[:15]}").status == 200


# --- records ---


def test_records_are_made_changed_and_deleted(soap: Soap, served: Served) -> None:
    made = soap.call(
        f"<create>{record('Account', Name='A &amp; B', NumberOfEmployees='7')}{record('Contact', LastName='L')}</create>"
    ).results
    assert [item.value("success") for item in made] == ["true", "true"]
    account, contact = (str(item.value("id")) for item in made)
    stored = served.org.get("Account", account)
    assert stored is not None
    assert (stored["Name"], stored["NumberOfEmployees"]) == ("A & B", 7)
    changed = f"<sObjects><type>Account</type><fieldsToNull>NumberOfEmployees</fieldsToNull><Id>{account}</Id><Name>C</Name></sObjects>"
    assert soap.call(f"<update>{changed}</update>").results[0].value("id") == account
    stored = served.org.get("Account", account)
    assert stored is not None
    assert (stored["Name"], stored["NumberOfEmployees"]) == ("C", None)
    gone = soap.call(f"<delete><ids>{account}</ids><ids>{contact[:15]}</ids></delete>").results
    assert [item.value("success") for item in gone] == ["true", "true"]
    assert served.org.find("Account") == served.org.find("Contact") == []


def test_a_nil_element_says_nothing(soap: Soap, served: Served) -> None:
    account = make(served, "Account", Name="A", Site="S")
    sent = f'<sObjects><type>Account</type><Id>{account}</Id><Site xsi:nil="true"/></sObjects>'
    assert soap.call(f"<update>{sent}</update>").results[0].value("success") == "true"
    stored = served.org.get("Account", account)
    assert stored is not None
    assert stored["Site"] == "S"


def test_one_bad_record_leaves_the_others_alone_unless_all_or_none(soap: Soap, served: Served) -> None:
    body = f"<create>{record('Contact', LastName='Good')}{record('Contact', FirstName='Bad')}</create>"
    good, bad = soap.call(body).results
    assert (good.value("success"), bad.value("success")) == ("true", "false")
    errors = bad.child("errors")
    assert errors is not None
    assert (errors.value("statusCode"), errors.value("fields")) == ("REQUIRED_FIELD_MISSING", "LastName")
    assert len(served.org.find("Contact")) == 1
    both = soap.call(body, header="<AllOrNoneHeader><allOrNone>true</allOrNone></AllOrNoneHeader>").results
    codes = [item.child("errors").value("statusCode") for item in both]  # type: ignore[union-attr]
    assert codes == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"]
    assert len(served.org.find("Contact")) == 1


def test_two_hundred_records_and_no_more(soap: Soap, served: Served) -> None:
    assert len(soap.call(f"<create>{record('Account', Name='A') * 200}</create>").results) == 200
    reply = soap.call(f"<create>{record('Account', Name='A') * 201}</create>")
    assert reply.code == "EXCEEDED_ID_LIMIT"
    assert len(served.org.find("Account")) == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (record("Nothing__c", Name="x"), "sf:INVALID_TYPE"),
        (record("", Name="x"), "sf:INVALID_TYPE"),
        (record("Account", Name="x", Nothing="y"), "sf:INVALID_FIELD"),
        (record("Account", Name="x", NumberOfEmployees="seven"), "soapenv:Client"),
    ],
)
def test_what_the_schema_does_not_know_fails_the_whole_call(soap: Soap, served: Served, body: str, code: str) -> None:
    reply = soap.call(f"<create>{record('Account', Name='first')}{body}</create>")
    assert (reply.status, reply.fault[0]) == (500, code)
    assert served.org.find("Account") == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<delete><ids>001000000000001AAA</ids></delete>", "INVALID_CROSS_REFERENCE_KEY"),
        ("<delete><ids>nonsense</ids></delete>", "MALFORMED_ID"),
        (f"<update>{record('Account', Name='x')}</update>", "MISSING_ARGUMENT"),
        (f"<create>{record('Account', Id='001000000000001AAA', Name='x')}</create>", "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ],
)
def test_a_record_is_refused_by_itself(soap: Soap, body: str, code: str) -> None:
    errors = soap.call(body).results[0].child("errors")
    assert errors is not None
    assert errors.value("statusCode") == code


@pytest.mark.parametrize("code", ["INVALID_TYPE_FOR_OPERATION", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"])
def test_a_verb_that_the_type_does_not_have(soap: Soap, served: Served, code: str) -> None:
    served.org.switches["soap_not_for_operation"] = code
    errors = soap.call(f"<delete><ids>{admin_id(served)}</ids></delete>").results[0].child("errors")
    assert errors is not None
    assert errors.value("statusCode") == code


def test_upsert_by_an_external_id_finds_or_makes(soap: Soap, served: Served) -> None:
    user = record("User", Username="limited@acme.example", Title="Found")
    sent = f"<upsert><externalIDFieldName>Username</externalIDFieldName>{user}</upsert>"
    result = soap.call(sent).results[0]
    stored = served.org.find("User", Username=LIMITED)[0]
    assert [item.name for item in result.children] == ["created", "id", "success"]
    assert (result.value("created"), result.value("id"), stored["Title"]) == ("false", stored["Id"], "Found")
    by_id = (
        f"<upsert><externalIDFieldName>Id</externalIDFieldName>{record('Account', Id=make(served, 'Account', Name='A'), Name='B')}</upsert>"
    )
    assert soap.call(by_id).results[0].value("success") == "true"
    assert [row["Name"] for row in served.org.find("Account")] == ["B"]
    wrong = f"<upsert><externalIDFieldName>Site</externalIDFieldName>{record('Account', Site='S', Name='B')}</upsert>"
    assert soap.call(wrong).code == "INVALID_FIELD"


# --- reading ---


def query(soap: Soap, soql: str, header: str = "") -> Reply:
    return soap.call(f"<query><queryString>{soql}</queryString></query>", header=header)


def test_a_query_shows_records_parents_and_children(soap: Soap, served: Served) -> None:
    account = make(served, "Account", Name="A")
    make(served, "Contact", LastName="L", AccountId=account)
    make(served, "Contact", LastName="M")
    page = query(soap, "SELECT LastName, Account.Name, CreatedDate FROM Contact ORDER BY LastName").results[0]
    assert [item.name for item in page.children] == ["done", "queryLocator", "records", "records", "size"]
    first, second = page.all("records")
    assert [item.name for item in first.children] == ["type", "Id", "LastName", "Account", "CreatedDate"]
    assert first.child("Id").nil  # type: ignore[union-attr]
    assert first.child("Account").value("Name") == "A"  # type: ignore[union-attr]
    assert (first.value("CreatedDate") or "").endswith("Z")
    assert second.child("Account").nil  # type: ignore[union-attr]
    parent = query(soap, "SELECT Name, (SELECT LastName FROM Contacts) FROM Account").results[0].child("records")
    contacts = parent.child("Contacts") if parent is not None else None
    assert contacts is not None
    assert (contacts.value("size"), contacts.child("records").value("LastName")) == ("1", "L")  # type: ignore[union-attr]


@pytest.mark.parametrize(("setting", "times"), [("twice", 2), ("once", 1)])
def test_a_selected_id_stands_twice_in_a_record(soap: Soap, served: Served, setting: str, times: int) -> None:
    served.org.switches["soap_query_id"] = setting
    found = query(soap, "SELECT Id, Name FROM Organization").results[0].child("records")
    assert found is not None
    assert [item.text for item in found.all("Id")] == [served.org.id] * times


def test_a_long_answer_comes_in_pages(soap: Soap, served: Served) -> None:
    served.org.settings.page_size = 200
    for number in range(203):
        served.org.put("Account", Name=f"A{number}")
    page = query(soap, "SELECT Name FROM Account").results[0]
    assert (page.value("done"), len(list(page.all("records"))), page.value("size")) == ("false", 200, "203")
    rest = soap.call(f"<queryMore><queryLocator>{page.value('queryLocator')}</queryLocator></queryMore>").results[0]
    assert (rest.value("done"), len(list(rest.all("records")))) == ("true", 3)
    assert soap.call("<queryMore><queryLocator>01g000000000001AAA-200</queryLocator></queryMore>").code == "INVALID_QUERY_LOCATOR"
    header = "<QueryOptions><batchSize>5</batchSize></QueryOptions>"
    assert query(soap, "SELECT Name FROM Account", header).code == "INVALID_BATCH_SIZE"


@pytest.mark.parametrize(
    ("soql", "code"), [("SELECT", "MALFORMED_QUERY"), ("SELECT No FROM User", "INVALID_FIELD"), ("SELECT Id FROM No", "INVALID_TYPE")]
)
def test_a_bad_query_is_a_fault_of_its_kind(soap: Soap, soql: str, code: str) -> None:
    reply = query(soap, soql)
    assert (reply.status, reply.code) == (500, code)
    assert "<sf:row>" in reply.text


def test_retrieve_answers_in_order_and_nil_for_what_is_not_there(soap: Soap, served: Served) -> None:
    first, second = make(served, "Account", Name="A"), make(served, "Account", Name="B")
    served.org.delete(admin_id(served), "Account", first)
    body = f"<retrieve><fieldList>Name</fieldList><sObjectType>Account</sObjectType><ids>{second}</ids><ids>{first}</ids></retrieve>"
    found, missing = soap.call(body).results
    assert (found.value("Name"), missing.nil) == ("B", True)


def test_describe_is_in_the_order_of_the_wsdl(soap: Soap) -> None:
    described = soap.call("<describeSObjects><sObjectType>Account</sObjectType><sObjectType>user</sObjectType></describeSObjects>").results
    assert [item.value("name") for item in described] == ["Account", "User"]
    everything = soap.call("<describeGlobal/>").results[0]
    assert {"Account", "User"} <= {item.value("name") for item in everything.all("sobjects")}
    if not WSDL.exists():
        pytest.skip("the Partner WSDL is not here")
    text = WSDL.read_text(encoding="utf-8")
    for kind, element in (("DescribeSObjectResult", described[0]), ("Field", described[0].child("fields"))):
        start = text.index(f'<complexType name="{kind}">')
        order = re.findall(r'<element name="(\w+)"', text[start : text.index("</complexType>", start)])
        assert element is not None
        places = [order.index(item.name) for item in element.children]
        assert places == sorted(places)


def test_the_tabs_are_of_objects_that_the_user_sees(fleet: Fleet, soap: Soap, served: Served) -> None:
    app = soap.call("<describeTabs/>").results[0]
    assert (app.value("label"), app.value("selected")) == ("Sales", "true")
    tabs = {tab.value("name"): tab for tab in app.all("tabs")}
    assert {"standard-home", "standard-Account", "standard-Lead"} <= tabs.keys()
    assert tabs["standard-Account"].value("url") == f"{served.home}/001/o"
    seen = Soap(fleet, served, LIMITED).call("<describeTabs/>").results[0]
    assert [tab.value("name") for tab in seen.all("tabs")] == ["standard-home"]


# --- leads ---

CONVERTED = "Closed - Converted"


def lead(served: Served, **values: Any) -> str:
    return make(served, "Lead", **{"LastName": "Doe", "Company": "Acme", "Status": "Open - Not Contacted", **values})


def convert(soap: Soap, lead_id: str, **values: str) -> markup.Element:
    sent = {"leadId": lead_id, "convertedStatus": CONVERTED, **values}
    return soap.call(
        f"<convertLead><leadConverts>{''.join(f'<{k}>{v}</{k}>' for k, v in sent.items())}</leadConverts></convertLead>"
    ).results[0]


def refusal(result: markup.Element) -> str:
    errors = result.child("errors")
    assert errors is not None
    assert result.value("success") == "false"
    return errors.value("statusCode") or ""


def test_a_converted_lead_becomes_three_records(soap: Soap, served: Served) -> None:
    lead_id = lead(served, FirstName="Jo", Phone="123", LeadSource="Web", City="Basel")
    result = convert(soap, lead_id, opportunityName="Big")
    account = served.org.get("Account", result.value("accountId") or "")
    contact = served.org.get("Contact", result.value("contactId") or "")
    opportunity = served.org.get("Opportunity", result.value("opportunityId") or "")
    stored = served.org.get("Lead", lead_id)
    assert account is not None
    assert contact is not None
    assert opportunity is not None
    assert stored is not None
    assert (account["Name"], account["Phone"], account["BillingCity"]) == ("Acme", "123", "Basel")
    assert (contact["Name"], contact["AccountId"], contact["LeadSource"]) == ("Jo Doe", account["Id"], "Web")
    assert (opportunity["Name"], opportunity["AccountId"]) == ("Big", account["Id"])
    assert opportunity["CloseDate"] == leads.quarter_end(served.org.clock().date()).isoformat()
    assert (stored["IsConverted"], stored["Status"], stored["ConvertedContactId"]) == (True, CONVERTED, contact["Id"])


def test_an_account_that_is_named_keeps_what_it_has(soap: Soap, served: Served) -> None:
    account = make(served, "Account", Name="Old", Phone="999")
    result = convert(soap, lead(served, Phone="123", Fax="456"), accountId=account, doNotCreateOpportunity="true")
    assert (result.value("accountId"), result.child("opportunityId").nil) == (account, True)  # type: ignore[union-attr]
    stored = served.org.get("Account", account)
    assert stored is not None
    assert (stored["Name"], stored["Phone"], stored["Fax"]) == ("Old", "999", "456")
    assert served.org.find("Opportunity") == []


def test_a_lead_is_converted_once_and_only_by_a_converted_status(soap: Soap, served: Served) -> None:
    lead_id = lead(served)
    assert refusal(convert(soap, lead_id, convertedStatus="Closed - Not Converted")) == "INVALID_STATUS"
    assert served.org.find("Account") == []
    assert convert(soap, lead_id).value("success") == "true"
    assert refusal(convert(soap, lead_id)) == "CANNOT_UPDATE_CONVERTED_LEAD"
    with pytest.raises(ApiError, match="cannot reference converted lead"):
        served.org.update(admin_id(served), "Lead", lead_id, {"Company": "Other"})
    with break_rule("lead_converted_once"):
        served.org.update(admin_id(served), "Lead", lead_id, {"Company": "Other"})


@pytest.mark.parametrize("code", ["INVALID_CROSS_REFERENCE_KEY", "INVALID_ID_FIELD"])
def test_a_contact_needs_its_own_account(soap: Soap, served: Served, code: str) -> None:
    served.org.switches["lead_conversion_contact"] = code
    contact = make(served, "Contact", LastName="Else")
    account = make(served, "Account", Name="A")
    assert refusal(convert(soap, lead(served), contactId=contact, accountId=account)) == code
    assert not any(row["IsConverted"] for row in served.org.find("Lead"))


def test_converting_needs_the_right_to(fleet: Fleet, served: Served) -> None:
    limited = Soap(fleet, served, LIMITED)
    assert refusal(convert(limited, lead(served))) == "INSUFFICIENT_ACCESS_OR_READONLY"


def test_a_rule_of_the_org_stops_a_conversion_half_way(soap: Soap, served: Served) -> None:
    def no_contacts(_org: Any, _user: str, change: Any) -> None:
        if change.sobject == "Contact":
            raise ApiError(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "no contacts today", ())

    served.org.extra_before.append(no_contacts)
    assert refusal(convert(soap, lead(served))) == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert served.org.find("Account") == []


@pytest.mark.parametrize("limit", [100, 200])
def test_so_many_leads_in_one_call(soap: Soap, served: Served, limit: int) -> None:
    served.org.switches["soap_lead_limit"] = str(limit)
    one = "<leadConverts><leadId>00Q000000000001AAA</leadId><convertedStatus>x</convertedStatus></leadConverts>"
    assert len(soap.call(f"<convertLead>{one * limit}</convertLead>").results) == limit
    assert soap.call(f"<convertLead>{one * (limit + 1)}</convertLead>").code == "EXCEEDED_LEAD_CONVERT_LIMIT"


@pytest.mark.parametrize(("day", "end"), [("2026-01-01", "2026-03-31"), ("2026-06-30", "2026-06-30"), ("2026-11-22", "2026-12-31")])
def test_quarters_end_with_their_last_month(day: str, end: str) -> None:
    from datetime import date

    assert leads.quarter_end(date.fromisoformat(day)).isoformat() == end


# --- merging ---


def merge(soap: Soap, master: str, losers: list[str], kind: str = "Account", element: str = "request", **values: str) -> Reply:
    fields = "".join(f"<{name}>{value}</{name}>" for name, value in values.items())
    others = "".join(f"<recordToMergeIds>{one}</recordToMergeIds>" for one in losers)
    return soap.call(
        f"<merge><{element}><masterRecord><type>{kind}</type><Id>{master}</Id>{fields}</masterRecord>{others}</{element}></merge>"
    )


@pytest.mark.parametrize("element", ["request", "mergeRequests", "mergeRequest"])
def test_merged_records_leave_their_children_to_the_master(soap: Soap, served: Served, element: str) -> None:
    master, first, second = (make(served, "Account", Name=name) for name in "ABC")
    contact = make(served, "Contact", LastName="L", AccountId=first)
    result = merge(soap, master, [first, second], element=element, Name="D").results[0]
    assert (result.value("success"), result.value("id")) == ("true", master)
    assert [item.text for item in result.all("mergedRecordIds")] == [first, second]
    assert [item.text for item in result.all("updatedRelatedIds")] == [contact]
    assert [row["Name"] for row in served.org.find("Account")] == ["D"]
    stored = served.org.get("Contact", contact)
    assert stored is not None
    assert stored["AccountId"] == master
    gone = served.org.query(admin_id(served), "SELECT Id, MasterRecordId FROM Account WHERE IsDeleted = true", "67.0", include_deleted=True)
    assert {row["Id"]: row["MasterRecordId"] for row in gone["records"]} == {first: master, second: master}


@pytest.mark.parametrize("code", ["MERGE_FAILED", "INVALID_ID_FIELD"])
def test_too_many_or_the_master_itself_cannot_be_merged(soap: Soap, served: Served, code: str) -> None:
    served.org.switches["merge_refusal"] = code
    four = [make(served, "Account", Name=name) for name in "ABCD"]
    assert refusal(merge(soap, four[0], four[1:]).results[0]) == code
    assert refusal(merge(soap, four[0], [four[0]]).results[0]) == code
    assert len(served.org.find("Account")) == 4


def test_other_types_do_not_merge(soap: Soap, served: Served) -> None:
    reply = merge(soap, admin_id(served), [admin_id(served)], kind="User")
    assert (reply.status, reply.fault[1]) == (500, "INVALID_TYPE_FOR_OPERATION: entity type does not support merge")
    reply = merge(soap, admin_id(served), [admin_id(served)], kind="Case")
    assert (reply.status, reply.code) == (501, "NOT_EMULATED")  # real orgs merge cases


# --- the writer ---


def test_what_is_written_can_be_read_again() -> None:
    text = markup.write("a", {"b": [1, True, None, "x<&>\x01"], "c": markup.Node({"k": '"q"'}, [("d", ""), ("d", "y")])})
    root = ET.fromstring(f'<r xmlns:xsi="{markup.XSI}">{text}</r>')
    assert [item.text for item in root.iter("b")] == ["1", "true", None, "x<&>"]
    assert [item.text for item in root.iter("d")] == [None, "y"]
