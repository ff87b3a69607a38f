# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""/composite: up to 25 subrequests in one call, with references between them, all-or-none and collation; and /composite/batch.

What a composite takes is its Taking: that of the data API is here, that of /tooling/composite in tooling_composite.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from emulator.errors import ApiError, NotEmulated, not_found
from emulator.http_api import collections_api, evidence, resources
from emulator.http_api.messages import Answer, flag, json_error, json_object, refusal, require_method
from emulator.http_api.resources import Ask, encoded
from emulator.http_api.versions import require_version
from emulator.journal import Sub

if TYPE_CHECKING:
    from emulator.http_api.served import Served
    from emulator.org import Org

MAX_SUBREQUESTS = 25
MAX_QUERIES = 5
MAX_COLLATED_SOBJECTS = 5
BATCH_SINCE = 34
METHODS = ("POST", "PUT", "PATCH", "GET", "DELETE")
INHERITED_HEADERS = ("accept", "authorization", "content-type")
ROLLED_BACK = ApiError(
    400, "PROCESSING_HALTED", "The transaction was rolled back since another operation in the same transaction failed.", None
)

_REFERENCE = re.compile(r"@\{([^}]*)\}")
_ENCODED_REFERENCE = re.compile(r"%40%7[Bb].*?%7[Dd]")
_EXPRESSION = re.compile(r"([A-Za-z0-9_]+)((?:\.[A-Za-z0-9_]+|\[\d+\])+)")
_STEP = re.compile(r"\.([A-Za-z0-9_]+)|\[(\d+)\]")
_REFERENCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*")
_RESOURCE = re.compile(r"/services/data/v(\d+\.\d)(/.*)?")


@dataclass(frozen=True)
class Subrequest:
    method: str
    url: str
    reference_id: str
    body: Any
    headers: Mapping[str, str]
    root: tuple[str, ...] = ()
    """Below which resource of the version its composite works: none, or tooling."""

    @property
    def parts(self) -> tuple[str, ...]:
        """The resource's path segments below the root (references left as they are); none for a resource elsewhere."""
        found = _RESOURCE.fullmatch(urlsplit(self.url).path)
        return below(self.root, segments(found[2] or "")) if found is not None else ()

    @property
    def version(self) -> str:
        found = _RESOURCE.match(self.url)
        return found[1] if found is not None else ""

    @property
    def refers_to(self) -> frozenset[str]:
        """The reference Ids that this subrequest names."""
        return frozenset(re.split(r"[.\[]", text, maxsplit=1)[0] for text in _REFERENCE.findall(self.url) + _named(self.body))

    @property
    def is_query_or_collection(self) -> bool:
        return self.parts[:1] in (("query",), ("queryAll",)) or self.parts[:2] == ("composite", "sobjects")


def segments(path: str) -> tuple[str, ...]:
    return tuple(unquote(part) for part in path.split("/") if part)


def below(root: tuple[str, ...], parts: tuple[str, ...]) -> tuple[str, ...]:
    """The segments below that resource; none for a resource elsewhere."""
    return parts[len(root) :] if parts[: len(root)] == root else ()


@dataclass(frozen=True)
class Taking:
    """Which resources a composite takes: root says below which one they are; takes, of the segments below it, whether one may be asked."""

    root: tuple[str, ...]
    takes: Callable[[Org, tuple[str, ...]], bool]


def _takes_data(_org: Org, parts: tuple[str, ...]) -> bool:
    return parts[:1] in (("sobjects",), ("query",), ("queryAll",)) or parts[:2] == ("composite", "sobjects")


DATA = Taking((), _takes_data)


def _named(body: Any) -> list[str]:
    """Every reference expression in the texts of a body."""
    if isinstance(body, str):
        return [str(item) for item in _REFERENCE.findall(body)]
    if isinstance(body, dict):
        return [item for value in body.values() for item in _named(value)]
    if isinstance(body, list):
        return [item for value in body for item in _named(value)]
    return []


@dataclass
class Run:
    """A composite under way: what was answered so far, by reference Id."""

    served: Served
    user: str
    version: str
    known_versions: frozenset[str]
    all_or_none: bool
    taking: Taking = DATA
    answers: dict[str, Answer] = field(default_factory=dict)
    retrieved: set[str] = field(default_factory=set)
    """Reference Ids whose subrequest retrieved one record: their null fields can be referred to (v52.0 and later)."""


class _HaltError(Exception):
    """Leaves the transaction: a subrequest failed under allOrNone."""

    def __init__(self, index: int, answer: Answer) -> None:
        super().__init__(index)
        self.index = index
        self.answer = answer


def answer(served: Served, user: str, ask: Ask, known_versions: frozenset[str]) -> tuple[Answer, tuple[Sub, ...]]:
    """POST /composite (GET lists the composite resources)."""
    require_method(ask.method, "GET", "POST")
    if ask.method != "POST":
        base = f"/services/data/v{ask.version}/composite"
        return Answer(200, {name: f"{base}/{name}" for name in ("batch", "graph", "sobjects", "tree")}), ()
    return perform(served, user, ask, known_versions, DATA)


def perform(served: Served, user: str, ask: Ask, known_versions: frozenset[str], taking: Taking) -> tuple[Answer, tuple[Sub, ...]]:
    """The answer to a posted composite of that kind, and what it was asked. Raises ApiError for a refusal of the whole request."""
    body = json_object(ask.body())
    listed = body.get("compositeRequest")
    if not isinstance(listed, list) or not listed:
        raise json_error("'compositeRequest' is a required field.")
    subrequests = [replace(subrequest(item, ask.version), root=taking.root) for item in listed]
    over = _over_cap(subrequests)
    if over is not None:
        shown = {"body": refusal(over).body, "httpHeaders": {}, "httpStatusCode": over.status, "referenceId": None}
        return Answer(200, {"compositeResponse": [shown]}), ()
    _require_unique(served, subrequests)
    run = Run(served, user, ask.version, known_versions, flag(body.get("allOrNone"), "allOrNone"), taking)
    collates = _collates(body, ask.version)
    answers = _perform(run, subrequests, _chunks(subrequests, _order(run, subrequests, collates), collates))
    shown_all = [result(subrequest, given) for subrequest, given in zip(subrequests, answers, strict=True)]
    subs = tuple(
        Sub(subrequest.method, subrequest.url, given.status, subrequest.reference_id)
        for subrequest, given in zip(subrequests, answers, strict=True)
    )
    return Answer(200, {"compositeResponse": shown_all}), subs


def subrequest(item: Any, version: str, allowed: re.Pattern[str] = _REFERENCE_ID) -> Subrequest:
    """One subrequest as sent; allowed is what a referenceId may look like from v52.0 on. Raises JSON_PARSER_ERROR."""
    if not isinstance(item, dict):
        raise json_error("each subrequest must be an object")
    for name in ("method", "url", "referenceId"):
        if not isinstance(item.get(name), str) or not item[name]:
            raise json_error(f"'{name}' is a required field.")
    if item["method"] not in METHODS:
        raise json_error(f"unknown method '{item['method']}': methods are case-sensitive, one of {', '.join(METHODS)}")
    if allowed.fullmatch(item["referenceId"]) is None and float(version) >= 52:
        raise json_error(_illegal_reference(item["referenceId"]))
    if _RESOURCE.match(item["url"]) is None:
        raise json_error("the url must start with /services/data/vXX.X/")
    headers = item.get("httpHeaders") or {}
    if not isinstance(headers, dict):
        raise json_error("'httpHeaders' must be an object")
    for name in headers:
        if str(name).lower() in INHERITED_HEADERS:
            raise json_error(f"the header {name} cannot be set in a subrequest")
    return Subrequest(
        item["method"], item["url"], item["referenceId"], item.get("body"), {str(key).lower(): str(headers[key]) for key in headers}
    )


def _illegal_reference(text: str) -> str:
    return (
        f"Provided referenceId ('{text}') must start with a letter or a number, and it can contain only letters, numbers and "
        "underscores ('_')."
    )


def _over_cap(subrequests: list[Subrequest]) -> ApiError | None:
    if len(subrequests) > MAX_SUBREQUESTS:
        return ApiError(400, "LIMIT_EXCEEDED", f"The request can\u2019t contain more than {MAX_SUBREQUESTS} operations.", None)
    if sum(subrequest.is_query_or_collection for subrequest in subrequests) > MAX_QUERIES:
        return ApiError(
            400, "LIMIT_EXCEEDED", f"The request can\u2019t contain more than {MAX_QUERIES} query or collection operations.", None
        )
    return None


def _require_unique(served: Served, subrequests: list[Subrequest]) -> None:
    names = [subrequest.reference_id for subrequest in subrequests]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None and evidence.setting(served.org, evidence.COMPOSITE_DUPLICATE_REFERENCE) == "refused":
        raise json_error(f"the referenceId '{twice}' is used more than once")


def _collates(body: Mapping[str, Any], version: str) -> bool:
    default = float(version) >= 49
    return flag(body.get("collateSubrequests"), "collateSubrequests", default) and float(version) >= 48


# --- order ---


def _order(run: Run, subrequests: list[Subrequest], collates: bool) -> list[int]:
    """In which order the subrequests run. An explicit reference always keeps its order; neighbours that may be collated do not."""
    if not collates:
        return list(range(len(subrequests)))
    if evidence.setting(run.served.org, evidence.COMPOSITE_COLLATION) == "any_independent":
        return shuffled(run, subrequests, list(range(len(subrequests))))
    order: list[int] = []
    for group in _groups(subrequests):
        order += shuffled(run, subrequests, group)
    return order


def _groups(subrequests: list[Subrequest]) -> list[list[int]]:
    """Runs of neighbours that may be collated; a subrequest that may not is a group of its own. References are kept later, by shuffled."""
    groups: list[list[int]] = []
    for index, subrequest in enumerate(subrequests):
        if groups and _may_join([subrequests[member] for member in groups[-1]], subrequest):
            groups[-1].append(index)
            continue
        groups.append([index])
    return groups


def _may_join(group: list[Subrequest], subrequest: Subrequest) -> bool:
    first = group[0]
    if not all(member.parts[:1] == ("sobjects",) and not member.headers for member in (first, subrequest)):
        return False
    if first.method != subrequest.method or first.version != subrequest.version:
        return False
    sobjects = {member.parts[1].lower() for member in (*group, subrequest) if len(member.parts) > 1}
    return len(sobjects) <= MAX_COLLATED_SOBJECTS


def shuffled(run: Run, subrequests: list[Subrequest], group: list[int]) -> list[int]:
    """The group in a random order in which nothing runs before what it refers to."""
    waiting, order = list(group), list[int]()
    while waiting:
        pending = {subrequests[index].reference_id for index in waiting}
        ready = [index for index in waiting if not subrequests[index].refers_to & (pending - {subrequests[index].reference_id})]
        chosen = run.served.org.random.choice(ready or waiting[:1])
        waiting.remove(chosen)
        order.append(chosen)
    return order


# --- running ---


def _perform(run: Run, subrequests: list[Subrequest], chunks: list[list[int]]) -> list[Answer]:
    answers: dict[int, Answer] = {}
    try:
        with run.served.org.transaction() if run.all_or_none else nullcontext():
            for chunk in chunks:
                _perform_chunk(run, subrequests, chunk, answers)
    except _HaltError as halt:
        return [halt.answer if index == halt.index else refusal(ROLLED_BACK) for index in range(len(subrequests))]
    return [answers[index] for index in range(len(subrequests))]


def _perform_chunk(run: Run, subrequests: list[Subrequest], chunk: list[int], answers: dict[int, Answer]) -> None:
    with run.served.org.together(len(chunk)):
        for index in chunk:
            answers[index] = perform_one(run, subrequests[index])
            if run.all_or_none and _failed(subrequests[index], answers[index]):
                raise _HaltError(index, answers[index])


def _chunks(subrequests: list[Subrequest], order: list[int], collates: bool) -> list[list[int]]:
    """The order in parts: neighbours that are collated and write one type are one chunk, as a trigger sees it."""
    chunks: list[list[int]] = []
    for index in order:
        if collates and chunks and _is_bulkified([subrequests[member] for member in chunks[-1]], subrequests[index]):
            chunks[-1].append(index)
            continue
        chunks.append([index])
    return chunks


def _is_bulkified(chunk: list[Subrequest], subrequest: Subrequest) -> bool:
    alike = subrequest.parts[:2] == chunk[0].parts[:2] and _may_join(chunk, subrequest)
    return alike and not subrequest.refers_to & {member.reference_id for member in chunk}


def _failed(subrequest: Subrequest, given: Answer) -> bool:
    """An error, or a collection in which a record failed (its own status is 200 nevertheless)."""
    if given.status >= 300:  # several records of one external Id is an error too
        return True
    if not collections_api.is_write(subrequest.method, subrequest.parts):
        return False
    return any(not result["success"] for result in given.body)


def perform_one(run: Run, subrequest: Subrequest) -> Answer:
    """The answer of one subrequest, kept for what refers to it."""
    try:
        given = _answer_one(run, subrequest)
    except ApiError as error:
        given = refusal(error)
    run.answers[subrequest.reference_id] = given
    if subrequest.method == "GET" and subrequest.parts[:1] == ("sobjects",) and len(subrequest.parts) == 3:
        run.retrieved.add(subrequest.reference_id)
    return given


def _answer_one(run: Run, subrequest: Subrequest) -> Answer:
    url = _resolved_url(run, subrequest.url)
    body = _resolved(run, subrequest.body)
    found = _RESOURCE.fullmatch(urlsplit(url).path)
    if found is None or found[1] not in run.known_versions:
        raise not_found()
    parts = segments(found[2] or "")
    if not run.taking.takes(run.served.org, below(run.taking.root, parts)):
        raise ApiError(400, "PROCESSING_HALTED", f"The resource {url} is not supported in a composite request.", None)
    query = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    return resources.answer(run.served, run.user, Ask(subrequest.method, parts, query, found[1], lambda: body, subrequest.headers))


def result(subrequest: Subrequest, given: Answer) -> dict[str, Any]:
    return {
        "body": given.body,
        "httpHeaders": dict(given.headers),
        "httpStatusCode": given.status,
        "referenceId": subrequest.reference_id,
    }


# --- references ---


def _invalid_reference(expression: str) -> ApiError:
    name = re.split(r"[.\[]", expression, maxsplit=1)[0]
    return ApiError(
        400,
        "PROCESSING_HALTED",
        f"Invalid reference specified. No value for {expression} found in {name}. {_illegal_reference(expression)}",
        None,
    )


def _value(run: Run, expression: str) -> Any:
    """What the expression stands for: a scalar, or None for a null field where that is allowed."""
    found = _EXPRESSION.fullmatch(expression)
    if found is None or found[1] not in run.answers:
        raise _invalid_reference(expression)
    current = run.answers[found[1]].body
    for name, index in _STEP.findall(found[2]):
        if name and isinstance(current, dict) and name in current:
            current = current[name]
        elif index and isinstance(current, list) and int(index) < len(current):
            current = current[int(index)]
        else:
            raise _invalid_reference(expression)
    null_allowed = found[1] in run.retrieved and float(run.version) >= 52
    if isinstance(current, (dict, list)) or (current is None and not null_allowed):
        raise _invalid_reference(expression)
    return current


def _resolved(run: Run, body: Any) -> Any:
    """The body with its references replaced; a text that is one reference takes the value's own type."""
    if isinstance(body, str):
        whole = _REFERENCE.fullmatch(body)
        if whole is not None:
            return _value(run, whole[1])
        return _REFERENCE.sub(lambda found: _text(_value(run, found[1]), found[1]), body)
    if isinstance(body, dict):
        return {key: _resolved(run, value) for key, value in body.items()}
    if isinstance(body, list):
        return [_resolved(run, value) for value in body]
    return body


def _resolved_url(run: Run, url: str) -> str:
    if evidence.setting(run.served.org, evidence.COMPOSITE_ENCODED_REFERENCE) == "resolved":
        url = _ENCODED_REFERENCE.sub(lambda found: unquote(found[0]), url)
    return _REFERENCE.sub(lambda found: encoded(_text(_value(run, found[1]), found[1])), url)


def _text(value: Any, expression: str) -> str:
    if value is None:
        raise NotEmulated(f"a null value within a text (@{{{expression}}})")
    return value if isinstance(value, str) else json.dumps(value)


# --- batch ---


def batch(served: Served, user: str, ask: Ask, known_versions: frozenset[str]) -> tuple[Answer, tuple[Sub, ...]]:
    """POST /composite/batch: independent subrequests in order, each an API call."""
    require_version(ask.version, BATCH_SINCE)
    require_method(ask.method, "POST")
    body = json_object(ask.body())
    listed = body.get("batchRequests")
    if not isinstance(listed, list) or not listed:
        raise json_error("'batchRequests' is a required field.")
    if len(listed) > MAX_SUBREQUESTS:
        raise ApiError(400, "LIMIT_EXCEEDED", f"The request can\u2019t contain more than {MAX_SUBREQUESTS} operations.", None)
    for item in listed:
        if not isinstance(item, dict) or not isinstance(item.get("url"), str) or item.get("method") not in METHODS:
            raise json_error("each batch subrequest needs a method and a url")
        if "binaryPartName" in item or "binaryPartNameAlias" in item:
            raise NotEmulated("binary parts of a batch")
    halts = flag(body.get("haltOnError"), "haltOnError")
    answers: list[Answer] = []
    for item in listed:
        if halts and any(given.status >= 400 for given in answers):
            answers.append(refusal(ApiError(412, "BATCH_PROCESSING_HALTED", "a previous subrequest failed", None)))
            continue
        answers.append(_batched(served, user, item, ask.version, known_versions))
    subs = tuple(Sub(item["method"], item["url"], given.status) for item, given in zip(listed, answers, strict=True))
    results = [{"statusCode": given.status, "result": given.body} for given in answers]
    return Answer(200, {"hasErrors": any(given.status >= 400 for given in answers), "results": results}), subs


def _batched(served: Served, user: str, item: Mapping[str, Any], version: str, known_versions: frozenset[str]) -> Answer:
    url = str(item["url"])
    found = re.fullmatch(r"(?:/services/data)?/?v(\d+\.\d)(/.*)?", urlsplit(url).path)
    try:
        if found is None or found[1] not in known_versions or not BATCH_SINCE <= float(found[1]) <= float(version):
            raise not_found()
        parts = segments(found[2] or "")
        if parts[:1] not in (("sobjects",), ("query",), ("queryAll",), ("limits",)):
            raise NotEmulated(f"{url} in a batch")
        query = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
        rich_input = item.get("richInput")
        return resources.answer(served, user, Ask(str(item["method"]), parts, query, found[1], lambda: rich_input))
    except ApiError as error:
        return refusal(error)
