# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The evidence for what the HTTP side does, registered so that the table in the docs shows it beside the org's own rules.

Guide = Salesforce REST API Developer Guide (developer.salesforce.com/docs/platform/api-rest/guide). What only an org can tell, and no
public page says, is inferred and has a switch; its default is the stricter setting for a client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.rules.registry import Grade, Rule, Switch, rule

if TYPE_CHECKING:
    from emulator.org import Org

GUIDE = "REST API Developer Guide"
HELP = "Salesforce Help"


def setting(org: Org, behaviour: Rule) -> str:
    """How this org's switch of that rule stands."""
    assert behaviour.switch is not None
    return org.switches.get(behaviour.switch.name, behaviour.switch.default)


# --- OAuth ---

JWT_BEARER = rule(
    "oauth_jwt_bearer",
    says="JWT bearer: RS256 signature by the app's certificate, iss the consumer key, sub the username, aud login.salesforce.com, "
    "test.salesforce.com (sandboxes) or the org's My Domain, exp in the future; no refresh token",
    grade=Grade.DOCUMENTED,
    source=f"{HELP}, OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration (remoteaccess_oauth_jwt_flow)",
)
JWT_ERRORS = rule(
    "oauth_jwt_errors",
    says="invalid_grant: 'audience is invalid', 'expired authorization code' (exp passed), 'invalid assertion' (not a JWT); "
    "invalid_client_id 'client identifier invalid' (iss)",
    grade=Grade.QUOTED,
    source="useparagon.com integration errors; salesforce.stackexchange.com 282513; frankkessler/salesforce-laravel-oauth2-rest#68; "
    "arthurimirzian/salesforce-jwt-bearer-token-flow#4",
)
JWT_BAD_SIGNATURE = rule(
    "oauth_jwt_bad_signature",
    says="a signature of another key: invalid_grant 'invalid assertion', or invalid_client 'invalid client credentials'",
    grade=Grade.INFERRED,
    source="both are quoted: forcedotcom/sfdx-travisci#135 (wrong key), jpadilla/pyjwt#366 (wrong algorithm)",
    switch=Switch("jwt_bad_signature", ("invalid_assertion", "invalid_client")),
)
JWT_EXP_TOO_FAR = rule(
    "oauth_jwt_exp_too_far",
    says="an exp more than five minutes ahead is refused as 'expired authorization code'",
    grade=Grade.INFERRED,
    source="the five minutes are documented for the flow, the answer to more is not",
    switch=Switch("jwt_exp_too_far", ("refused", "accepted")),
)
JWT_EXP_AS_TEXT = rule(
    "oauth_jwt_exp_as_text",
    says="exp may be a text of digits: Salesforce's own example writes it so and simple-salesforce sends it so; RFC 7519 wants a number",
    grade=Grade.INFERRED,
    source=f"{HELP} 000204593 (example claims set); simple-salesforce 1.12.10 login.py",
    switch=Switch("jwt_exp_as_text", ("accepted", "refused")),
)
JWT_CLOCK_SKEW = rule(
    "oauth_jwt_clock_skew",
    says="an exp that has passed is refused at once, or is good for three more minutes",
    grade=Grade.INFERRED,
    source="secondary pages speak of a three-minute buffer; quoted refusals came within seconds",
    switch=Switch("jwt_clock_skew", ("none", "three_minutes")),
)
OAUTH_UNKNOWN_USER = rule(
    "oauth_unknown_user",
    says="sub names nobody: invalid_grant, as for a user who has not approved the app, or 'authentication failure'",
    grade=Grade.INFERRED,
    source="an answer that tells usernames apart would be a leak; no page states the words",
    switch=Switch("oauth_unknown_user", ("not_approved", "authentication_failure")),
)
OAUTH_APPROVAL = rule(
    "oauth_pre_authorisation",
    says="policy 'admin approved users': invalid_app_access 'user is not admin approved to access this app'; policy 'all users may "
    "self-authorize': invalid_grant \"user hasn't approved this consumer\"",
    grade=Grade.QUOTED,
    source=f"{HELP} 001121341; public integration guides quoting both",
)
OAUTH_USER_STATE = rule(
    "oauth_user_state",
    says="invalid_grant 'inactive user' for an inactive user, 'user is locked' for a locked password",
    grade=Grade.DOCUMENTED,
    source=f"{HELP}, OAuth 2.0 Authorization Errors (remoteaccess_oauth_flow_errors)",
)
OAUTH_FROZEN = rule(
    "oauth_frozen_user",
    says="a frozen user (UserLogin.IsFrozen) cannot log in; told as 'inactive user' or as 'user is locked'",
    grade=Grade.INFERRED,
    source="that frozen users cannot log in is documented (Freeze or Unfreeze User Accounts), the words are not",
    switch=Switch("oauth_frozen_user", ("inactive_user", "user_is_locked")),
)
CLIENT_CREDENTIALS = rule(
    "oauth_client_credentials",
    says="client credentials: only at a My Domain host ('request not supported on this domain' elsewhere), as the app's run-as user "
    "('no client credentials user enabled' without one), flow off: unsupported_grant_type, wrong secret: invalid_client",
    grade=Grade.QUOTED,
    source="public integration guides quoting each answer",
)
PASSWORD_FLOW = rule(
    "oauth_password_flow",
    says="the username-password flow is blocked unless org and app allow it: invalid_grant 'authentication failure', or "
    "unsupported_grant_type",
    grade=Grade.INFERRED,
    source="blocked by default in new orgs (documented); which answer is not stated",
    switch=Switch("oauth_password_flow", ("authentication_failure", "unsupported_grant_type")),
)
PASSWORD_GRANT = rule(
    "oauth_password_grant",
    says="where it is allowed: consumer key and secret, username, password followed by the security token; any refused login is "
    "invalid_grant 'authentication failure'; no refresh token",
    grade=Grade.QUOTED,
    source="facts permission-api (descriptions seen); salesforcedictionary.com, INVALID_LOGIN (the token is needed here too)",
)
WEB_SERVER_FLOW = rule(
    "oauth_web_server_flow",
    says="/services/oauth2/authorize (response_type=code, client_id, redirect_uri; scope, state) leads over the login page and the approval "
    "page to redirect_uri?code=&state=; who is pre-authorised or has approved before sees no approval page; 'Deny' leads back with "
    "error=access_denied; the token request names client_id, client_secret, code and the same redirect_uri",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Understanding the Web Server OAuth Authentication Flow; {HELP}, OAuth 2.0 Authorization Errors",
)
WEB_SERVER_PAGES = rule(
    "oauth_web_server_pages",
    says="the login page is /?ec=302 (#username, #password, Login), the approval page /setup/secur/RemoteAccessAuthorizationPage.apexp "
    "(#oaapprove), errors without a trusted callback are shown at /setup/secur/RemoteAccessErrorPage.apexp",
    grade=Grade.QUOTED,
    source="jsforce 1.9.3 test/helper/node/webauth.js, written against real orgs",
)
PKCE = rule(
    "oauth_pkce",
    says="code_challenge (S256) with a code_verifier that does not fit: invalid_request; with none: invalid_grant",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE} (v42), Understanding the Web Server OAuth Authentication Flow, code_challenge",
)
CODE_WORDS = rule(
    "oauth_code_refused",
    says="an authorization code that is unknown, used or older than 15 minutes: invalid_grant 'expired authorization code', or "
    "'invalid authorization code'",
    grade=Grade.INFERRED,
    source="secondary pages say once and 15 minutes; which words go with which case is not stated",
    switch=Switch("oauth_code_refused", ("expired_authorization_code", "invalid_authorization_code")),
)
REDIRECT_MISMATCH = rule(
    "oauth_redirect_uri_mismatch",
    says="a redirect_uri that the app does not list, or another one at the token endpoint: redirect_uri_mismatch 'redirect_uri must match "
    "configuration'; the former shown on an error page, not sent to that URI",
    grade=Grade.QUOTED,
    source="docs.transflator.com, OAuth errors (error page with the code in its URL); blog.path-finder.jp/?p=10995",
)
REFRESH = rule(
    "oauth_refresh_token",
    says="the web server flow issues a refresh token where app and request have the scope refresh_token; the JWT, password and client "
    "credentials flows never do; grant_type=refresh_token renews the access token, with rotation the refresh token too",
    grade=Grade.DOCUMENTED,
    source=f"{HELP}, OAuth 2.0 Refresh Token Flow for Renewed Sessions; {GUIDE}, Understanding the OAuth Refresh Token Process",
)
IDENTITY = rule(
    "identity_and_userinfo",
    says="/id/<org>/<user> and /services/oauth2/userinfo tell who a token stands for, with photos (of nobody in particular here) and the URLs of "
    "the APIs, whose {version} is literal unless ?version= names one or latest; the token may be the parameter oauth_token; a user may ask for "
    "a colleague (asserted_user false); formats other than JSON are not emulated",
    grade=Grade.DOCUMENTED,
    source=f"{HELP}, Identity URLs (remoteaccess_using_openid); the answer's keys: samples in forcedotcom/SalesforceMobileSDK-Android tests",
)
IDENTITY_REFUSED = rule(
    "identity_refused",
    says="there a dead or strange token is 403 and the plain text Bad_OAuth_Token, no token Missing_OAuth_Token: not the 401 of the APIs",
    grade=Grade.QUOTED,
    source="jsforce/jsforce#736; forcedotcom/SalesforceMobileSDK-iOS#3398 and SalesforceMobileSDK-Android#2430, which name Help, Query for User "
    "Information; the word for no token is from memory of the same page",
)
REFRESH_REFUSED = rule(
    "oauth_refresh_refused",
    says="an unknown or revoked refresh token: invalid_grant 'expired access/refresh token'",
    grade=Grade.QUOTED,
    source="facts permission-api (descriptions seen); jsforce 1.9.3 connection-session.test.js (invalid_grant)",
)
REVOKE = rule(
    "oauth_revoke",
    says="/services/oauth2/revoke by GET or POST: 200, or 400 invalid_token; revoking a refresh token ends its access tokens; with callback= "
    "(JSONP) the answer is a script",
    grade=Grade.DOCUMENTED,
    source="Salesforce Developers blog 2011-11, Revoking OAuth 2.0 Access Tokens and Refresh Tokens; Mobile SDK guide, Revoking OAuth Tokens",
)
INTROSPECT = rule(
    "oauth_introspect",
    says="/services/oauth2/introspect: active, scope, client_id, username, sub, token_type (access_token), exp, iat, nbf; a dead token is "
    "active: false",
    grade=Grade.QUOTED,
    source="npm @solarmosaic/sf-idp-client, README (answer of a real org); RFC 7662 for the dead token",
)
TOKEN_ANSWER = rule(
    "oauth_token_answer",
    says="access_token, instance_url, id, token_type, issued_at (milliseconds), signature (base64 HMAC-SHA256 of id and issued_at with the "
    "consumer secret), scope; errors are HTTP 400 {error, error_description}; logins are no part of Sforce-Limit-Info",
    grade=Grade.DOCUMENTED,
    source=f"{HELP}, OAuth 2.0 JWT Bearer Flow, Authorization Errors; OAuth Tokens and Scopes",
)

# --- every call ---

SESSION = rule(
    "session_expired",
    says="missing, unknown or expired token: 401 INVALID_SESSION_ID 'Session expired or invalid'; a header that is neither Bearer nor "
    "OAuth: 401 INVALID_AUTH_HEADER 'INVALID_HEADER_TYPE'",
    grade=Grade.QUOTED,
    source="restforce expired_session_response.json; restforce#594",
)
SESSION_PRICE = rule(
    "session_expired_price",
    says="whether a call that is refused for its session counts as an API call",
    grade=Grade.INFERRED,
    source="no page says",
    switch=Switch("expired_session_calls", ("counted", "free")),
)
API_ENABLED = rule(
    "api_enabled",
    says="a user without API Enabled: 403 API_DISABLED_FOR_ORG",
    grade=Grade.QUOTED,
    source="restforce/restforce#219 and forcedotcom/salesforcedx-vscode#2387 (the code); the words differ: newer reports read 'API is disabled for "
    "this User'",
)
LIMIT_INFO = rule(
    "limit_info",
    says="Sforce-Limit-Info: api-usage=used/limit on every REST answer; 403 REQUEST_LIMIT_EXCEEDED 'TotalRequests Limit exceeded.' beyond",
    grade=Grade.QUOTED,
    source="recorded header (sf-fx-runtime-java); SalesforceLabs/OrgCheck#181",
)
URI_LIMIT = rule(
    "uri_limit",
    says="414 when the URI exceeds 16,384 bytes, 431 when URI and headers together do",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Status Codes and Error Responses",
)
METHOD_NOT_ALLOWED = rule(
    "method_not_allowed",
    says="405 METHOD_NOT_ALLOWED \"HTTP Method 'X' not allowed. Allowed are …\"",
    grade=Grade.QUOTED,
    source="public client code and posts",
)
MALFORMED_JSON = rule(
    "malformed_json",
    says="400 JSON_PARSER_ERROR for a body that is not JSON; 415 UNSUPPORTED_MEDIA_TYPE for another Content-Type",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Status Codes and Error Responses",
)

# --- collections ---

COLLECTIONS = rule(
    "collections",
    says="up to 200 records, allOrNone false by default, HTTP 200 with one result a record in order; a failed result carries no id; "
    "with allOrNone the others say ALL_OR_NONE_OPERATION_ROLLED_BACK",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, sObject Collections (create, update, delete)",
)
COLLECTIONS_LIMIT = rule(
    "collections_limit",
    says="more than 200 records: 400 EXCEEDED_ID_LIMIT 'record limit reached. cannot submit more than 200 records into this call'",
    grade=Grade.QUOTED,
    source="sorenkrabbe/Chrome-Salesforce-inspector#134",
)
COLLECTIONS_CHUNKS = rule(
    "collections_chunks",
    says="neighbours of one type form a chunk; more than ten chunks are refused (documented); the code is",
    grade=Grade.INFERRED,
    source=f"{GUIDE}, Create Records Using sObject Collections; ExceptionCode EXCEEDED_MAX_TYPES_LIMIT of the Partner WSDL",
    switch=Switch("collections_chunks_code", ("EXCEEDED_MAX_TYPES_LIMIT", "INVALID_INPUT")),
)
COLLECTIONS_SETUP = rule(
    "collections_setup_mix",
    says="records of a Setup object and of any other type cannot share a call (documented); the whole request is refused, or every record",
    grade=Grade.INFERRED,
    source=f"{GUIDE}, Create Records Using sObject Collections; the code MIXED_DML_OPERATION is the SOAP and Apex one",
    switch=Switch("collections_setup_mix", ("request_refused", "records_refused")),
)
COLLECTIONS_MALFORMED = rule(
    "collections_malformed",
    says="a collection that is not well formed (no records, no attributes.type, an id on create, none on update) is a 400; the code is",
    grade=Grade.INFERRED,
    source=f"{GUIDE}, sObject Collections say 400 and no code",
    switch=Switch("collections_malformed_code", ("INVALID_INPUT", "JSON_PARSER_ERROR")),
)
RETRIEVE_MANY = rule(
    "collections_retrieve",
    says="GET ?ids=&fields= or POST {ids, fields} (up to 2,000) for one type; null where an Id is invalid or not visible",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Get Records Using sObject Collections, Get Records With a Request Body",
)

# --- composite ---

COMPOSITE = rule(
    "composite",
    says="up to 25 subrequests, one API call, HTTP 200 with {body, httpHeaders, httpStatusCode, referenceId} each, in request order; "
    "methods are case-sensitive; Accept, Authorization and Content-Type inside fail the whole request with 400",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Send Multiple Requests Using Composite; Composite Request Body; Composite Subrequest Result",
)
COMPOSITE_CAP = rule(
    "composite_cap",
    says='more than 25: HTTP 200 with one result, 400 LIMIT_EXCEEDED "The request can\'t contain more than 25 operations." and a null '
    "referenceId; the documented cap of five queries and collections is answered likewise",
    grade=Grade.QUOTED,
    source="guardian/support-service-lambdas#766",
)
COMPOSITE_REFERENCE_ID = rule(
    "composite_reference_id",
    says="referenceId is required (\"'referenceId' is a required field.\") and, from v52.0, of letters, digits and underscores: "
    "else the whole request is a 400 JSON_PARSER_ERROR",
    grade=Grade.DOCUMENTED,
    source=f"developer.salesforce.com blog, Handle Errors with Composite Resources; {GUIDE}, Composite Subrequest Result",
)
COMPOSITE_DUPLICATE_REFERENCE = rule(
    "composite_duplicate_reference",
    says="two subrequests with one referenceId are refused as a 400 JSON_PARSER_ERROR, or the later one wins",
    grade=Grade.INFERRED,
    source="no page says",
    switch=Switch("composite_duplicate_reference", ("refused", "last_wins")),
)
COMPOSITE_RESOURCES = rule(
    "composite_resources",
    says="only sObject resources, query, queryAll (with their further pages) and sObject Collections; anything else, tooling included, is "
    "PROCESSING_HALTED",
    grade=Grade.QUOTED,
    source=f"{GUIDE}, Send Multiple Requests Using Composite; a public note on tooling in /composite",
)
COMPOSITE_REFERENCES = rule(
    "composite_references",
    says="@{ref.field}, @{ref.list[0].field} in url and body, case-sensitive, scalars only; one that has no value: that subrequest is a "
    "400 PROCESSING_HALTED 'Invalid reference specified. No value for … found in ….'; from v52.0 a null field of a retrieved "
    "record is a null",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Composite Subrequest Result, References to Null Fields, to Fields That Aren't Specified",
)
COMPOSITE_ENCODED_REFERENCE = rule(
    "composite_encoded_reference",
    says="a reference whose @{ } are percent-encoded in the url stays unresolved text, or is resolved like a plain one",
    grade=Grade.INFERRED,
    source=f"{GUIDE} shows references plain in otherwise encoded urls and says nothing of encoded ones",
    switch=Switch("composite_encoded_reference", ("not_resolved", "resolved")),
)
COMPOSITE_ALL_OR_NONE = rule(
    "composite_all_or_none",
    says="allOrNone: the first error rolls everything back, that subrequest keeps its answer, every other one is a 400 PROCESSING_HALTED; "
    "a failing record of a collection is such an error, and with allOrNone false inside the collection still shows success: true for "
    "records that were rolled back (case 4 of the page)",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, allOrNone Parameters in Composite and Collections Requests; words recorded in apache/camel",
)
COMPOSITE_COLLATION = rule(
    "composite_collation",
    says="collateSubrequests (true from v49.0): subrequests of one method and version under /sobjects, without headers, at most five "
    "sObjects and no explicit reference among them run in any order; here the order of such neighbours is permuted, or of all "
    "independent subrequests",
    grade=Grade.INFERRED,
    source=f"{GUIDE}, Composite Request Body: the order is not guaranteed; how far it strays is not stated",
    switch=Switch("composite_collation", ("neighbours", "any_independent")),
)
BATCH = rule(
    "composite_batch",
    says="up to 25 independent subrequests in order, each one API call, {hasErrors, results: [{statusCode, result}]}; haltOnError: the "
    "rest is 412 BATCH_PROCESSING_HALTED",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Composite Batch; Batch Request Body; Batch Response Body",
)
LIMITS_RIGHT = rule(
    "limits_right",
    says="/limits needs View Setup and Configuration",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Limits",
)

# --- trees, graphs, query plans ---

TREE_MALFORMED = rule(
    "tree_malformed",
    says="too many records, types or levels, a referenceId of other characters, a root of another type, a child of a type that its "
    "relationship does not hold (all documented): a 400; the code is not",
    grade=Grade.INFERRED,
    source=f"{GUIDE}, sObject Tree Request Body: no code; INVALID_INPUT is quoted for its neighbours",
    switch=Switch("tree_malformed_code", ("INVALID_INPUT", "LIMIT_EXCEEDED")),
)
GRAPH_MALFORMED = rule(
    "graph_malformed",
    says="more than 75 graphs, 500 nodes, 15 levels or 15 kinds of node (version, method, object), a graphId that is repeated, has 40 "
    "characters or a period (all documented), a repeated referenceId, a resource that graphs do not have: the whole request is a 400; the "
    "code is not documented",
    grade=Grade.INFERRED,
    source=f"{GUIDE}, Composite Graph Limits; Using Composite Graphs: no code",
    switch=Switch("graph_malformed_code", ("JSON_PARSER_ERROR", "LIMIT_EXCEEDED")),
)
GRAPH_ORDER = rule(
    "graph_order",
    says="nodes that do not refer to each other run in any order, or as listed",
    grade=Grade.INFERRED,
    source=f"{GUIDE}: a graph is its nodes and references; no page promises an order",
    switch=Switch("graph_order", ("any_independent", "as_listed")),
)
RELATIVE_COST = rule(
    "query_plan_cost",
    says="what an org's optimizer thinks of a query cannot be known: every query is too costly here, or none",
    grade=Grade.INFERRED,
    source=f"{GUIDE}, Query Performance Feedback: above 1.0 a query is not selective; how the cost is found is not stated",
    switch=Switch("query_plan_cost", ("not_selective", "selective")),
)
