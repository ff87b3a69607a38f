# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""/tooling: query and describe of what the Tooling API alone shows. Reading only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.errors import ApiError, NotEmulated, not_found
from emulator.http_api.messages import Answer, batch_size, require_method
from emulator.tooling import rows

if TYPE_CHECKING:
    from emulator.http_api.resources import Ask
    from emulator.http_api.served import Served

NOT_EMULATED = frozenset(
    "apexManifest completions composite executeAnonymous limits parameterizedSearch runTestsAsynchronous runTestsSynchronous search".split()
)


def answer(served: Served, user: str, ask: Ask) -> Answer:
    """Raises ApiError for a refusal."""
    parts = ask.parts[1:]
    if not parts:
        require_method(ask.method, "GET")
        base = f"/services/data/v{ask.version}/tooling"
        return Answer(200, {name: f"{base}/{name}" for name in ("composite", "query", "queryAll", "sobjects")})
    if parts[0] in ("query", "queryAll"):
        return _query(served, user, ask, parts)
    if parts[0] == "sobjects":
        return _sobjects(served, user, ask, parts[1:])
    if parts[0] in NOT_EMULATED:
        raise NotEmulated(f"the resource /{'/'.join(ask.parts)}")
    raise not_found()


def _query(served: Served, user: str, ask: Ask, parts: tuple[str, ...]) -> Answer:
    require_method(ask.method, "GET")
    if len(parts) == 2:
        return Answer(200, rows.query_more(served.org, user, parts[1], ask.version))
    if len(parts) > 2:
        raise not_found()
    if "explain" in ask.query:
        raise NotEmulated("query with explain=")
    if "q" not in ask.query:
        raise ApiError(400, "MALFORMED_QUERY", "A query string has to be specified", None)
    if ask.query.get("columns", "").lower() == "true":
        return Answer(200, rows.query_columns(served.org, user, ask.query["q"], ask.version))
    size = batch_size(ask.headers.get("sforce-query-options"))
    found = rows.query(served.org, user, ask.query["q"], ask.version, include_deleted=parts[0] == "queryAll", page_size=size)
    return Answer(200, found)


def _sobjects(served: Served, user: str, ask: Ask, parts: tuple[str, ...]) -> Answer:
    org = served.org
    if ask.method not in ("GET", "HEAD"):
        raise NotEmulated(f"{ask.method} /{'/'.join(ask.parts)}")
    if not parts:
        return Answer(200, _below_tooling(org.describe_global(user, ask.version, "tooling")))
    sobject = rows.visible(org, user, parts[0], ask.version)
    if len(parts) == 1:
        described = org.describe_global(user, ask.version, "tooling")["sobjects"]
        summary = next(item for item in described if item["name"] == sobject.name)
        return Answer(200, _below_tooling({"objectDescribe": summary, "recentItems": []}))
    if len(parts) > 2:
        raise not_found()
    if parts[1] == "describe":
        return Answer(200, _below_tooling(org.describe(user, sobject.name, ask.version, "tooling")))
    fields = [name.strip() for name in ask.query["fields"].split(",") if name.strip()] if "fields" in ask.query else None
    return Answer(200, rows.retrieve(org, user, sobject.name, parts[1], fields, ask.version))


def _below_tooling(described: Any) -> Any:
    """The same describe with its URLs where this API answers."""
    if isinstance(described, dict):
        return {name: _below_tooling(value) for name, value in described.items()}
    if isinstance(described, list):
        return [_below_tooling(item) for item in described]
    if isinstance(described, str) and described.startswith("/services/data/v"):
        return described.replace("/sobjects/", "/tooling/sobjects/", 1)
    return described
