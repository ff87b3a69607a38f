# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A request as it came in and an answer as it goes out: plain data between the socket and the resources."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from emulator.errors import ApiError, NotEmulated
from emulator.journal import Kind, Sub


@dataclass(frozen=True)
class Request:
    """target is path and query as sent; headers have lower-case names; base is the URL that the client used for this host (scheme, host and
    port), peer the address that the client has; both are empty where they are not known."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base: str = ""
    peer: str = ""

    @property
    def path(self) -> str:
        """The decoded path, without its trailing slash (real clients send both)."""
        path = unquote(urlsplit(self.target).path)
        return path.rstrip("/") or "/"

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))


@dataclass(frozen=True)
class Delivery:
    """How the body goes over the line. keep: how much of it, from 0 to 1; honest: whether Content-Length tells of what is kept; seconds: over how
    long, in that many pieces."""

    keep: float = 1.0
    honest: bool = True
    seconds: float = 0.0
    pieces: int = 1


@dataclass(frozen=True)
class Answer:
    """body None: nothing is sent. text, where given, is sent instead of body, with content_type."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    content_type: str = "application/json;charset=UTF-8"
    delivery: Delivery = field(default_factory=Delivery)

    def payload(self) -> bytes:
        if self.text is not None:
            return self.text.encode()
        if self.body is None:
            return b""
        return json.dumps(self.body, separators=(",", ":"), ensure_ascii=False).encode()


@dataclass
class Outcome:
    """An answer and what the journal says about it."""

    answer: Answer
    kind: Kind = "read"
    calls: int = 1
    user: str | None = None
    body: Any = None
    subs: tuple[Sub, ...] = ()
    charged: bool = True


def error_body(error: ApiError) -> list[dict[str, Any]]:
    """How a refused single request looks: a list of one, `fields` only where the real body has the key."""
    body: dict[str, Any] = {"message": error.message, "errorCode": error.code}
    if error.fields is not None:
        body["fields"] = list(error.fields)
    return [body]


def refusal(error: ApiError) -> Answer:
    return Answer(error.status, error_body(error))


def record_error(error: ApiError) -> dict[str, Any]:
    """The same refusal inside a collection: the key is statusCode there."""
    return {"statusCode": error.code, "message": error.message, "fields": list(error.fields or ())}


def not_allowed(method: str, allowed: str) -> ApiError:
    return ApiError(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed. Allowed are {allowed}", None)


def require_method(method: str, *allowed: str) -> None:
    """HEAD is good wherever GET is."""
    known = ("HEAD", *allowed) if "GET" in allowed else allowed
    if method not in known:
        raise not_allowed(method, ",".join(known))


def json_error(why: str) -> ApiError:
    return ApiError(400, "JSON_PARSER_ERROR", why, None)


def json_body(request: Request) -> Any:
    """The body as JSON. Raises 415 for another Content-Type, 400 JSON_PARSER_ERROR for what is not JSON."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/json":
        raise ApiError(415, "UNSUPPORTED_MEDIA_TYPE", f"Content type not supported: {kind or 'none'}", None)
    if not request.body:
        raise json_error("The HTTP entity body is required, but this request has no entity body.")
    try:
        text = request.body.decode("utf-8")
        parsed = json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_number, parse_int=_whole)
    except RecursionError as deep:
        raise json_error("The nesting is too deep") from deep
    except UnicodeDecodeError as broken:
        raise json_error(f"Invalid UTF-8: {broken.reason}") from broken
    except json.JSONDecodeError as broken:
        raise json_error(f"{broken.msg} at [line:{broken.lineno}, column:{broken.colno}]") from broken
    _require_whole_characters(text, parsed)
    return parsed


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise NotEmulated("one key twice in a JSON object")
    return made


def _whole(digits: str) -> int:
    """Numbers of more digits than any field takes (and than Python reads) are left to who knows the answer."""
    if len(digits) > 18:
        raise NotEmulated("a whole number of more than 18 digits")
    return int(digits)


def _require_whole_characters(text: str, parsed: Any) -> None:
    r"""Half a pair (\ud83d) can be written in JSON and is no character."""
    if "\\ud" not in text.lower():
        return
    try:
        json.dumps(parsed, ensure_ascii=False).encode()
    except UnicodeEncodeError as half:
        raise NotEmulated("half a surrogate pair in a text") from half


def _no_number(text: str) -> Any:
    raise json_error(f"{text} is not JSON")


def json_object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise json_error("The HTTP entity body must be a JSON object")
    return body


def flag(value: Any, name: str, default: bool = False) -> bool:
    """A JSON boolean, or the words true/false (query strings, lenient JSON readers)."""
    if value is None:
        return default
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise json_error(f"{name} must be true or false")


def batch_size(header: str | None) -> int | None:
    """batchSize of Sforce-Query-Options (200 to 2,000, a hint)."""
    if header is None:
        return None
    found = re.fullmatch(r"\s*batchSize\s*=\s*(\d+)\s*", header, re.IGNORECASE)
    if found is None or not 200 <= int(found[1]) <= 2000:
        raise NotEmulated(f"Sforce-Query-Options: {header}")
    return int(found[1])
