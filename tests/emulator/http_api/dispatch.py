# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a request to an answer: faults, session, price, the resource, the journal."""

from __future__ import annotations

import html
import json
import re
import sys
import time
import traceback
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from emulator import faults
from emulator.errors import ApiError, NotEmulated, not_found
from emulator.http_api import composite, control, evidence, graph, jobs, login_pages, oauth, resources, soap, tooling_composite
from emulator.http_api.messages import Answer, Outcome, Request, json_body, refusal, require_method
from emulator.journal import Kind

if TYPE_CHECKING:
    from emulator.http_api.served import Served

URI_LIMIT = 16_384
_VERSIONED = re.compile(r"/services/data/v(\d+\.\d)(/.*)?")
_SOAP_LOGIN = re.compile(rb"<(?:[\w.-]+:)?login[\s>]")
_RETRIEVES = re.compile(r"(/composite/sobjects/\w+|/jobs/query)/?$")
"""A POST to the collection of one sObject reads, and one that makes a query job."""
_IDENTITY = re.compile(r"/id/(\w{15,18})/(\w{15,18})")
# Parts of Salesforce that answer outside /services/data and are not here: 501, never a plausible 404.
NOT_EMULATED = ("/services/async", "/services/oauth2", "/services/wave", "/cometd")
APEX_REST = "/services/apexrest"
# Queries there may hold secrets: the journal shows the path alone.
SECRETIVE = ("/services/oauth2", "/id/")
SEASONS = ("Winter", "Spring", "Summer")


def respond(served: Served, request: Request) -> Answer | None:
    """The answer, or None where a fault closes the connection without one."""
    if request.target.startswith("/emulator"):
        return _controlled(served, request)
    started = time.perf_counter()
    struck = served.faults.take(request.method, request.target, request.body)
    waits = served.latency_ms / 1000 + sum(action.seconds for action in struck if isinstance(action, faults.Delay))
    if waits:
        time.sleep(waits)
    if any(isinstance(action, faults.ExpireSessions) for action in struck):
        served.sessions.expire_all()
    with served.lock, served.reached_at(request.base):
        outcome = _instead(struck, request) or _guarded(served, request)
        if outcome.charged:
            served.journal.charge(outcome.calls)
    answered = not any(isinstance(action, (faults.DropBefore, faults.DropAfter)) for action in struck)
    served.journal.record(
        at=served.org.clock(),
        kind=outcome.kind,
        method=request.method,
        path=request.path if request.path.startswith(SECRETIVE) or request.path in login_pages.PATHS else request.target,
        status=outcome.answer.status if answered else 0,
        calls=outcome.calls,
        user=outcome.user,
        body=outcome.body,
        subrequests=outcome.subs,
        duration_ms=(time.perf_counter() - started) * 1000,
        answered=answered,
    )
    if not answered:
        return None
    return _delivered(struck, _with_limit_info(served, request, outcome.answer))


def _controlled(served: Served, request: Request) -> Answer:
    with served.lock, served.reached_at(request.base):
        answer = _control_answer(served, request)
    if request.method != "GET":
        served.journal.record(
            at=served.org.clock(),
            kind="control",
            method=request.method,
            path=request.target,
            status=answer.status,
            calls=0,
            user=None,
            body=None,
            subrequests=(),
            duration_ms=0.0,
            answered=True,
        )
    return answer


def _control_answer(served: Served, request: Request) -> Answer:
    try:
        return control.answer(served, request)
    except Exception as mistake:  # noqa: BLE001  the outermost boundary of a request: a client must get an answer
        traceback.print_exc(file=sys.stderr)
        return Answer(500, {"error": f"the emulator failed: {mistake!r}"})


def _instead(struck: list[faults.RequestAction], request: Request) -> Outcome | None:
    """What a fault answers in the org's place: the org never saw the request, so it costs nothing."""
    for action in struck:
        answer = _fault_answer(action)
        if answer is not None:
            calls = 1 if isinstance(action, faults.LoginError) else 0
            return Outcome(answer, kind=kind_of(request), calls=calls, charged=False)
    return None


def _fault_answer(action: faults.RequestAction) -> Answer | None:
    """The answer that a fault gives, None for one that leaves answering to the org."""
    if isinstance(action, faults.DropBefore):
        return Answer(0)
    if isinstance(action, faults.Status):
        if action.body is not None:
            return Answer(action.status, headers=action.headers, text=action.body, content_type="text/html;charset=UTF-8")
        return Answer(action.status, [{"message": action.message, "errorCode": action.code}], action.headers)
    if isinstance(action, faults.RequestLimit):
        return refusal(request_limit())
    if isinstance(action, faults.HtmlPage):
        page = (
            f"<!DOCTYPE html><html><head><title>{html.escape(action.title)}</title></head><body>{html.escape(action.title)}</body></html>"
        )
        return Answer(action.status, text=page, content_type="text/html;charset=UTF-8")
    if isinstance(action, faults.LoginError):
        return oauth.refused(oauth.OAuthError(action.error, action.description))
    return None


def request_limit() -> ApiError:
    return ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", None)


def _delivered(struck: list[faults.RequestAction], answer: Answer) -> Answer:
    """The answer with what faults do to it on its way."""
    for action in struck:
        if isinstance(action, faults.SlowBody):
            answer = replace(answer, delivery=replace(answer.delivery, seconds=action.seconds, pieces=max(1, action.pieces)))
        if isinstance(action, faults.Truncate):
            answer = replace(answer, delivery=replace(answer.delivery, keep=min(1.0, max(0.0, action.keep)), honest=action.honest))
    return answer


def kind_of(request: Request) -> Kind:
    """What a request is for, whether or not the org ever sees it: a composite that only reads is a read."""
    path = request.path
    if path == "/services/oauth2/token" or (path.startswith("/services/Soap/") and _SOAP_LOGIN.search(request.body)):
        return "login"
    if request.method in ("GET", "HEAD") or (request.method == "POST" and _RETRIEVES.search(path)):
        return "read"
    if path.endswith(("/composite", "/composite/batch")) and _only_reads(request.body):
        return "read"
    return "write"


def _only_reads(body: bytes) -> bool:
    try:
        parsed = json.loads(body)
    except ValueError:
        return False
    listed = parsed.get("compositeRequest") or parsed.get("batchRequests") if isinstance(parsed, dict) else None
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        return False
    return all(item.get("method") == "GET" or (item.get("method") == "POST" and _RETRIEVES.search(str(item.get("url")))) for item in listed)


def _guarded(served: Served, request: Request) -> Outcome:
    """The outcome, an ApiError as the answer it means, a mistake of the emulator itself as a 500 that says so."""
    outcome = Outcome(Answer(500), kind=kind_of(request))
    try:
        _process(served, request, outcome)
    except ApiError as error:
        outcome.answer = refusal(error)
    except Exception as mistake:  # noqa: BLE001  the outermost boundary of a request: a client must get an answer
        traceback.print_exc(file=sys.stderr)
        outcome.answer = refusal(ApiError(500, "UNKNOWN_EXCEPTION", f"the emulator failed: {mistake!r}", None))
    return outcome


def _process(served: Served, request: Request, outcome: Outcome) -> None:
    _require_short(request, outcome)
    path = request.path
    if path == "/services/oauth2/token":
        outcome.kind, outcome.charged = "login", False
        outcome.answer, outcome.user = oauth.token(served, request)
        outcome.body = {"grant_type": oauth.form(request).get("grant_type", "")}
        return
    if path == "/services/oauth2/revoke":
        outcome.kind, outcome.charged, outcome.calls = "login", False, 0
        outcome.answer = oauth.revoke(served, request)
        return
    if path == "/services/oauth2/introspect":
        outcome.kind, outcome.charged, outcome.calls = "read", False, 0
        outcome.answer = oauth.introspect(served, request)
        return
    if path in login_pages.PATHS:
        outcome.kind, outcome.charged, outcome.calls = "login", False, 0
        outcome.answer = login_pages.answer(served, request)
        return
    if path == "/services/data":
        outcome.charged, outcome.calls = False, 0
        require_method(request.method, "GET")
        outcome.answer = Answer(200, versions(served))
        return
    if path == "/services/oauth2/userinfo" or _IDENTITY.fullmatch(path):
        _who(served, request, outcome)
        return
    if path.startswith("/services/Soap/"):
        soap.process(served, request, outcome)
        return
    if path.startswith(APEX_REST):
        _apex_rest(served, request, outcome)
        return
    if path.startswith(NOT_EMULATED):
        outcome.charged, outcome.calls = False, 0
        raise NotEmulated(path)
    found = _VERSIONED.fullmatch(path)
    if found is None:
        outcome.charged, outcome.calls = False, 0
        raise not_found()
    _resource(served, request, outcome, found[1], found[2] or "")


def _who(served: Served, request: Request, outcome: Outcome) -> None:
    outcome.charged, outcome.calls = False, 0
    require_method(request.method, "GET", "POST")
    outcome.kind = "read"  # whatever the method
    found = oauth.known_bearer(served, request)
    if isinstance(found, Answer):
        outcome.answer = found
        return
    outcome.user = found
    _require_json(request)
    identity = _IDENTITY.fullmatch(request.path)
    if identity is None:
        outcome.answer = oauth.userinfo(served, found)
        return
    if identity[1][:15] != served.org.id[:15]:
        raise not_found()
    version = request.query.get("version", "{version}")
    named = max(known_versions(served), key=float) if version == "latest" else version
    outcome.answer = oauth.identity(served, found, identity[2], named)


def _require_json(request: Request) -> None:
    """The identity service answers in other formats, too, and to a script: not here."""
    accepted = request.headers.get("accept", "").split(",")[0].partition(";")[0].strip()
    wanted = request.query.get("format") or {"application/xml": "xml", "application/x-www-form-urlencoded": "urlencoded"}.get(
        accepted, "json"
    )
    if wanted != "json" or "callback" in request.query:
        raise NotEmulated(f"an identity as {wanted if wanted != 'json' else 'a script'}")


def _require_short(request: Request, outcome: Outcome) -> None:
    uri = len(request.target.encode())
    headers = sum(len(name) + len(value) + 4 for name, value in request.headers.items())
    if uri > URI_LIMIT or uri + headers > URI_LIMIT:
        outcome.charged, outcome.calls = False, 0
        if uri > URI_LIMIT:
            raise ApiError(414, "URI_TOO_LONG", "URI Too Long", None)
        raise ApiError(431, "REQUEST_HEADER_FIELDS_TOO_LARGE", "Request Header Fields Too Large", None)


def _apex_rest(served: Served, request: Request, outcome: Outcome) -> None:
    """A customer's own endpoint, where the seed brings one: org.seed_info["apex_rest"], (method, path) -> function of org and running user."""
    handler = served.org.seed_info.get("apex_rest", {}).get((request.method, request.path.removeprefix(APEX_REST)))
    if handler is None:
        outcome.charged, outcome.calls = False, 0
        raise NotEmulated(f"the Apex REST endpoint {request.path}")
    user = _caller(served, request, outcome)
    outcome.answer = Answer(200, handler(served.org, user))


def _caller(served: Served, request: Request, outcome: Outcome) -> str:
    """The running user of an API call, who may call the API while there are calls left. Raises ApiError."""
    try:
        user = oauth.bearer(served, request)
    except ApiError:
        if evidence.setting(served.org, evidence.SESSION_PRICE) == "free":
            outcome.charged, outcome.calls = False, 0
        raise
    outcome.user = user
    if "ApiEnabled" not in served.org.permissions_of(user):
        raise ApiError(403, "API_DISABLED_FOR_ORG", "API is not enabled for this organization or user type", None)
    if served.journal.usage >= served.org.settings.api_limit:
        outcome.charged, outcome.calls = False, 0
        raise request_limit()
    return user


def _resource(served: Served, request: Request, outcome: Outcome, version: str, rest: str) -> None:
    user = _caller(served, request, outcome)
    known = known_versions(served)
    if version not in known:
        raise not_found()
    jobs.let_time_pass(served.org)
    parts = tuple(part for part in rest.split("/") if part)
    ask = resources.Ask(request.method, parts, request.query, version, lambda: _parsed(request, outcome), request.headers, request.body)
    if parts == ("composite",):
        outcome.answer, outcome.subs = composite.answer(served, user, ask, known)
        return
    if parts == ("tooling", "composite"):
        outcome.answer, outcome.subs = tooling_composite.answer(served, user, ask, known)
        return
    if parts == ("composite", "batch"):
        outcome.answer, outcome.subs = composite.batch(served, user, ask, known)
        outcome.calls = len(outcome.subs)
        return
    if parts == ("composite", "graph"):
        outcome.answer, outcome.subs = graph.answer(served, user, ask, known)
        return
    outcome.answer = resources.answer(served, user, ask)


def _parsed(request: Request, outcome: Outcome) -> Any:
    outcome.body = json_body(request)
    return outcome.body


def known_versions(served: Served) -> frozenset[str]:
    return frozenset(str(version) for version in served.org.settings.api_versions)


def versions(served: Served) -> list[dict[str, str]]:
    """GET /services/data: what versions there are, oldest first, without authentication."""
    listed = sorted(known_versions(served), key=float)
    return [{"label": release(version), "url": f"/services/data/v{version}", "version": version} for version in listed]


def release(version: str) -> str:
    """The season of an API version: v67.0 is Summer '26, three releases a year, Winter '27 comes after Summer '26."""
    number = int(float(version))
    season = SEASONS[(number - 65) % 3]
    return f"{season} '{26 + (number - 65) // 3:02d}"


def _with_limit_info(served: Served, request: Request, answer: Answer) -> Answer:
    if not request.path.startswith("/services/data/v") or answer.status in (401, 501):
        return answer
    info = f"api-usage={served.journal.usage}/{served.org.settings.api_limit}"
    return replace(answer, headers={"Sforce-Limit-Info": info, **answer.headers})
