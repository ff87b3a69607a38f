# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a request to an answer: faults, session, price, the resource, the journal."""

from __future__ import annotations

import json
import re
import sys
import time
import traceback
from typing import TYPE_CHECKING, Any

from emulator import faults
from emulator.errors import ApiError, NotEmulated
from emulator.http_api import composite, control, evidence, graph, oauth, resources, soap
from emulator.http_api.messages import Answer, Outcome, Request, json_body, not_found, refusal, require_method
from emulator.journal import Kind

if TYPE_CHECKING:
    from emulator.http_api.served import Served

URI_LIMIT = 16_384
_VERSIONED = re.compile(r"/services/data/v(\d+\.\d)(/.*)?")
_RETRIEVES = re.compile(r"/composite/sobjects/\w+/?$")
"""A POST to the collection of one sObject reads."""
_IDENTITY = re.compile(r"/id/(\w{15,18})/(\w{15,18})")
# Parts of Salesforce that answer outside /services/data and are not here: 501, never a plausible 404.
NOT_EMULATED = ("/services/async", "/services/apexrest", "/services/oauth2", "/services/wave", "/cometd")
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
    with served.lock:
        outcome = _instead(struck, request) or _guarded(served, request)
        if outcome.charged:
            served.journal.charge(outcome.calls)
    answered = not any(isinstance(action, (faults.DropBefore, faults.DropAfter)) for action in struck)
    served.journal.record(
        at=served.org.clock(),
        kind=outcome.kind,
        method=request.method,
        path=request.path if request.path.startswith("/services/oauth2") else request.target,  # queries there may hold secrets
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
    return _with_limit_info(served, request, outcome.answer)


def _controlled(served: Served, request: Request) -> Answer:
    with served.lock:
        answer = control.answer(served, request)
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


def _instead(struck: list[faults.RequestAction], request: Request) -> Outcome | None:
    """What a fault answers in the org's place: the org never saw the request, so it costs nothing."""
    for action in struck:
        if isinstance(action, faults.DropBefore):
            return Outcome(Answer(0), kind=kind_of(request), calls=0, charged=False)
        if isinstance(action, faults.Status):
            if action.body is not None:
                answer = Answer(action.status, headers=action.headers, text=action.body, content_type="text/html;charset=UTF-8")
            else:
                answer = Answer(action.status, [{"message": action.message, "errorCode": action.code}], action.headers)
            return Outcome(answer, kind=kind_of(request), calls=0, charged=False)
        if isinstance(action, faults.LoginError):
            return Outcome(oauth.refused(oauth.OAuthError(action.error, action.description)), kind="login", charged=False)
    return None


def kind_of(request: Request) -> Kind:
    """What a request is for, whether or not the org ever sees it: a composite that only reads is a read."""
    path = request.path
    if path == "/services/oauth2/token":
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
    outcome.user = oauth.bearer(served, request)
    identity = _IDENTITY.fullmatch(request.path)
    if identity is None:
        outcome.answer = oauth.userinfo(served, outcome.user)
        return
    if identity[1][:15] != served.org.id[:15] or identity[2][:15] != outcome.user[:15]:
        raise not_found()
    outcome.answer = oauth.identity(served, outcome.user)


def _require_short(request: Request, outcome: Outcome) -> None:
    uri = len(request.target.encode())
    headers = sum(len(name) + len(value) + 4 for name, value in request.headers.items())
    if uri > URI_LIMIT or uri + headers > URI_LIMIT:
        outcome.charged, outcome.calls = False, 0
        if uri > URI_LIMIT:
            raise ApiError(414, "URI_TOO_LONG", "URI Too Long", None)
        raise ApiError(431, "REQUEST_HEADER_FIELDS_TOO_LARGE", "Request Header Fields Too Large", None)


def _resource(served: Served, request: Request, outcome: Outcome, version: str, rest: str) -> None:
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
        raise ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", None)
    known = known_versions(served)
    if version not in known:
        raise not_found()
    parts = tuple(part for part in rest.split("/") if part)
    ask = resources.Ask(request.method, parts, request.query, version, lambda: _parsed(request, outcome), request.headers, request.body)
    if parts == ("composite",):
        outcome.answer, outcome.subs = composite.answer(served, user, ask, known)
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
    return Answer(answer.status, answer.body, {"Sforce-Limit-Info": info, **answer.headers}, answer.text, answer.content_type)
