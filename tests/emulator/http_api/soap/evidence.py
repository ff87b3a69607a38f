# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The evidence for what the SOAP side does. WSDL = Partner WSDL v47; Guide = SOAP API Developer Guide."""

from __future__ import annotations

from emulator.http_api.evidence import setting
from emulator.rules.registry import Grade, Switch, rule

__all__ = ["setting"]

GUIDE = "SOAP API Developer Guide"

ENVELOPE = rule(
    "soap_faults",
    says="a refused call is HTTP 500 with a soapenv:Fault: faultcode 'sf:CODE', faultstring 'CODE: message', the detail a fault type of the WSDL "
    "with sf:exceptionCode and sf:exceptionMessage",
    grade=Grade.QUOTED,
    source="apexsharp/apexsharp#20; forcedotcom/postman-salesforce-apis#26; fault types and codes: Partner WSDL v47",
)
LOGIN_FAULTCODE = rule(
    "soap_login_faultcode",
    says="before there is a session the faultcode stands bare ('INVALID_LOGIN'), or with its prefix as it does later",
    grade=Grade.INFERRED,
    source="bare: apexsharp/apexsharp#20, forcedotcom/postman-salesforce-apis#26; with prefix: tests of other clients",
    switch=Switch("soap_login_faultcode", ("bare", "prefixed")),
)
LOGIN = rule(
    "soap_login",
    says="login answers session Id, server URL (/services/Soap/u/XX.X/<15 character org Id>), metadata server URL and user info",
    grade=Grade.QUOTED,
    source=f"{GUIDE}, login(), LoginResult; answers quoted in RoseSilverSoftware/IlluminatedCloud#1980",
)
LOGIN_ENDS = rule(
    "soap_login_ends",
    says="login is not available from API version 65.0 on: INVALID_OPERATION",
    grade=Grade.QUOTED,
    source="forcedotcom/wsc#363; facts operations: SOAP login() is disappearing",
)
LOGIN_DISABLED = rule(
    "soap_login_disabled",
    says="an org may have SOAP login disabled, as new ones have (OrgSettings.soap_login): INVALID_OPERATION",
    grade=Grade.QUOTED,
    source="OpenFn/adaptors#1715; facts operations: disabled by default in new orgs",
)
LOGIN_SCOPE = rule(
    "soap_login_scope",
    says="a LoginScopeHeader that names another org is refused as INVALID_LOGIN, or ignored",
    grade=Grade.INFERRED,
    source=f"{GUIDE} describes the header for portal users only; simple-salesforce sends it with organizationId",
    switch=Switch("soap_login_scope", ("refused", "ignored")),
)
LOGOUT = rule(
    "soap_logout",
    says="logout ends the session that made the call and answers an empty logoutResponse",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, logout()",
)
SESSION = rule(
    "soap_session",
    says="without a good session Id in the SessionHeader a call is refused: sf:INVALID_SESSION_ID 'Invalid Session ID found in SessionHeader: "
    "Illegal Session'",
    grade=Grade.QUOTED,
    source="forcedotcom/postman-salesforce-apis#56; forcedotcom/wsc#56",
)
VERSION = rule(
    "soap_version",
    says="an API version the org does not have: UNSUPPORTED_API_VERSION 'Invalid Api version specified on URL'",
    grade=Grade.QUOTED,
    source="superfell/zkSforce#52; lwc-soql-builder/lwc-soql-builder#30",
)
DESTINATION = rule(
    "soap_destination",
    says="a URL that ends in another org's Id is refused: UNKNOWN_EXCEPTION 'Destination URL not reset', or taken as if it had no Id",
    grade=Grade.INFERRED,
    source="the words are quoted for calls to the login server; what another org's Id does is not",
    switch=Switch("soap_destination", ("refused", "ignored")),
)
OPERATION = rule(
    "soap_operation",
    says="an operation, or a namespace, that the endpoint does not know: soapenv:Client 'No operation available for request {namespace}name'",
    grade=Grade.QUOTED,
    source="congaengr/soapforce#12; watzon/salesforce-angular2-boilerplate#14",
)
MALFORMED = rule(
    "soap_malformed",
    says="what is no XML: UNKNOWN_EXCEPTION with the words of the parser",
    grade=Grade.QUOTED,
    source="forcedotcom/postman-salesforce-apis#26",
)
DOCTYPE = rule(
    "soap_doctype",
    says="a document type in the message is refused, as SOAP 1.1 says, so that no entity is ever expanded; the code is open",
    grade=Grade.INFERRED,
    source="SOAP 1.1, section 3: a message must not contain a document type declaration",
    switch=Switch("soap_doctype", ("UNKNOWN_EXCEPTION", "XML_PARSER_ERROR")),
)
PRICE = rule(
    "soap_price",
    says="a SOAP call is one API call, whatever the number of its records; a login is counted among the logins",
    grade=Grade.DOCUMENTED,
    source="Salesforce Developer Limits Quick Reference, API request limits count REST, SOAP and Bulk calls",
)
UNKNOWN_TYPE = (
    "sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. "
    "Please reference your WSDL or the describe call for the appropriate names."
)
RECORDS = rule(
    "soap_records",
    says="create, update, upsert and delete take up to 200 records and answer one result each; with AllOrNoneHeader one failure takes back all; "
    "fieldsToNull clears, a nil element says nothing",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, create(), update(), upsert(), delete(), AllOrNoneHeader, fieldsToNull; the limit: superfell/Beatbox#3",
)
TYPES = rule(
    "soap_unknown_type",
    says="an unknown type fails the whole call: sf:INVALID_TYPE 'sObject type X is not supported...'; so does an unknown column: sf:INVALID_FIELD",
    grade=Grade.QUOTED,
    source="tests of a public Ruby client (faults INVALID_TYPE); the fault types InvalidSObjectFault and InvalidFieldFault: Partner WSDL v47",
)
VALUES = rule(
    "soap_values",
    says="text that is no value of the field's type fails the whole call: soapenv:Client 'X' is not a valid value for the type xsd:Y",
    grade=Grade.QUOTED,
    source="public support pages and tests of clients (CloudConverter help; partner connection tests)",
)
NOT_FOR_OPERATION = rule(
    "soap_not_for_operation",
    says="writing a type that does not have that verb: the code of the refused record",
    grade=Grade.INFERRED,
    source="facts contact-center-api: PATCH/DELETE CallCenter; both codes are StatusCodes of the Partner WSDL",
    switch=Switch("soap_not_for_operation", ("INVALID_TYPE_FOR_OPERATION", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY")),
)
QUERY_ID = rule(
    "soap_query_id",
    says="an sObject always begins with type and Id; an Id that was asked for stands in it twice, or once",
    grade=Grade.INFERRED,
    source="the sObject of the Partner WSDL has type and Id before the fields; what a selected Id does is not written",
    switch=Switch("soap_query_id", ("twice", "once")),
)
LEAD_LIMIT = rule(
    "soap_lead_limit",
    says="how many leads one convertLead() takes before EXCEEDED_LEAD_CONVERT_LIMIT",
    grade=Grade.INFERRED,
    source="Apex reference, Database.convertLead: up to 100; other SOAP calls: 200",
    switch=Switch("soap_lead_limit", ("100", "200")),
)
TABS = rule(
    "soap_describe_tabs",
    says="describeTabs answers the apps of the user with their tabs; the emulator's orgs have the standard app Sales with Home and the tabs of leads, "
    "accounts, contacts, opportunities and cases",
    grade=Grade.QUOTED,
    source=f"{GUIDE}, describeTabs() (Sales is a standard app); sample answer at wiki.apexdevnet.com, PartnerDescribeTabs; icons: REST guide, Tabs",
)
LIMIT_INFO = rule(
    "soap_limit_info",
    says="the answer to a Partner or Enterprise call that had a session carries the LimitInfoHeader: API REQUESTS, current and limit",
    grade=Grade.QUOTED,
    source="answers in the tests of several public clients; the header: Partner WSDL v47",
)
