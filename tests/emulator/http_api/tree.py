# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""/composite/tree/<sObject>: records with their children, made in one call."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from emulator.errors import ApiError, NotEmulated, not_found
from emulator.http_api import evidence
from emulator.http_api.messages import Answer, json_object, record_error, require_method
from emulator.model import ChildRelationship, SObject
from emulator.rules.registry import Grade, rule
from emulator.schema import not_emulated_children

if TYPE_CHECKING:
    from emulator.http_api.resources import Ask
    from emulator.http_api.served import Served

GUIDE = "REST API Developer Guide"
MAX_RECORDS = 200
MAX_TYPES = 5
MAX_DEPTH = 5
_REFERENCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*")

TREE = rule(
    "tree",
    says="up to 200 records of up to five types, five levels deep, made level by level; 201 {hasErrors: false, results: [{referenceId, id}]} "
    "in that order; the first record that fails undoes all and is alone in the results of a 400; one API call",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, sObject Tree; its Request Body and Response Body; Create Nested Records (the order of the results)",
)
TREE_REFERENCES = rule(
    "tree_references",
    says="every record carries a type and a referenceId that is unique in the request; a repeated one is in the results once for each use, "
    "INVALID_INPUT 'Duplicate ReferenceId provided in the request.'; no type: INVALID_INPUT 'Include an entity type for each record in the "
    "request.'; no referenceId: 403 INVALID_INPUT 'Include a reference ID for each record in the request.', without results",
    grade=Grade.QUOTED,
    source="a Java client of public authorities that quotes all three answers; amp-labs/connectors; the guide has the rule, not the words",
)


@dataclass(frozen=True)
class Node:
    """One record to make, and the one it hangs from."""

    sobject: SObject
    reference_id: str
    values: Mapping[str, Any]
    depth: int
    parent: str | None = None
    """The parent's referenceId."""
    lookup: str | None = None
    """The field that takes the parent's Id."""


class _RefusedError(ApiError):
    """A refusal that names records: what stands in the results."""

    def __init__(self, results: list[dict[str, Any]]) -> None:
        super().__init__(400, "INVALID_INPUT", "the tree is refused", None)
        self.results = results


def answer(served: Served, user: str, ask: Ask) -> Answer:
    """Raises ApiError for a refusal that names no record."""
    if len(ask.parts) != 3:
        raise not_found()
    require_method(ask.method, "POST")
    root = served.org.visible(user, ask.parts[2], ask.version)
    records = json_object(ask.body()).get("records")
    if not isinstance(records, list) or not records:
        raise _malformed(served, "records is a required list")
    try:
        _require_types_and_references(records)
        nodes = list(_nodes(served, user, ask.version, records, [root], 1))
        _require_bounds(served, nodes)
        return Answer(201, {"hasErrors": False, "results": _make(served, user, nodes)})
    except _RefusedError as refused:
        return Answer(400, {"hasErrors": True, "results": refused.results})


# --- what was asked for ---


def _require_types_and_references(records: list[Any]) -> None:
    """What the whole request must have before any of it is looked at: a referenceId and a type in each record, no referenceId twice."""
    every = list(_attributes(records))
    if any(not isinstance(attributes.get("referenceId"), str) or not attributes["referenceId"] for attributes in every):
        raise ApiError(403, "INVALID_INPUT", "Include a reference ID for each record in the request.", None)
    untyped = [attributes["referenceId"] for attributes in every if not isinstance(attributes.get("type"), str)]
    if untyped:
        raise _RefusedError([_refusal(name, "Include an entity type for each record in the request.") for name in untyped])
    uses = Counter(attributes["referenceId"] for attributes in every)
    twice = [attributes["referenceId"] for attributes in every if uses[attributes["referenceId"]] > 1]
    if twice:
        raise _RefusedError([_refusal(name, "Duplicate ReferenceId provided in the request.") for name in twice])


def _attributes(records: list[Any]) -> Iterator[Mapping[str, Any]]:
    """The attributes of every record, children after their parent."""
    for record in records:
        attributes = json_object(record).get("attributes")
        yield attributes if isinstance(attributes, dict) else {}
        for value in record.values():
            if isinstance(value, dict) and isinstance(value.get("records"), list):
                yield from _attributes(value["records"])


def _refusal(reference_id: str, words: str) -> dict[str, Any]:
    return {"referenceId": reference_id, "errors": [record_error(ApiError(400, "INVALID_INPUT", words))]}


def _nodes(
    served: Served,
    user: str,
    version: str,
    records: list[Any],
    allowed: list[SObject],
    depth: int,
    parent: str | None = None,
    lookup: str | None = None,
) -> Iterator[Node]:
    """The records of one list and all below them."""
    for record in records:
        attributes = record["attributes"]
        name, reference_id = str(attributes["type"]), str(attributes["referenceId"])
        sobject = next((one for one in allowed if one.name.lower() == name.lower()), None)
        if sobject is None:
            raise _malformed(served, f"{reference_id} is a {name}, not a {' or '.join(one.name for one in allowed)}")
        values, below = _parted(sobject, record)
        yield Node(sobject, reference_id, values, depth, parent, lookup)
        for relationship, children in below:
            child = served.org.visible(user, relationship.child, version)
            yield from _nodes(served, user, version, children, [child], depth + 1, reference_id, relationship.field)


def _parted(sobject: SObject, record: Mapping[str, Any]) -> tuple[dict[str, Any], list[tuple[ChildRelationship, list[Any]]]]:
    """A record's own values, and its children by relationship."""
    values: dict[str, Any] = {}
    below: list[tuple[ChildRelationship, list[Any]]] = []
    for name, value in record.items():
        if name == "attributes":
            continue
        if not isinstance(value, dict) or not isinstance(value.get("records"), list):
            values[name] = value
            continue
        below.append((_relationship(sobject, name), value["records"]))
    return values, below


def _relationship(sobject: SObject, name: str) -> ChildRelationship:
    found = next((item for item in sobject.child_relationships if item.name.lower() == name.lower()), None)
    if found is not None:
        return found
    if name.lower() in not_emulated_children().get(sobject.name, frozenset()):
        raise NotEmulated(f"the child relationship {name} of {sobject.name}")
    raise ApiError(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}", None)


def _require_bounds(served: Served, nodes: list[Node]) -> None:
    if len(nodes) > MAX_RECORDS:
        raise _malformed(served, f"more than {MAX_RECORDS} records")
    if len({node.sobject.name for node in nodes}) > MAX_TYPES:
        raise _malformed(served, f"records of more than {MAX_TYPES} types")
    if any(node.depth > MAX_DEPTH for node in nodes):
        raise _malformed(served, f"more than {MAX_DEPTH} levels")
    odd = next((node.reference_id for node in nodes if _REFERENCE_ID.fullmatch(node.reference_id) is None), None)
    if odd is not None:
        raise _malformed(served, f"the referenceId '{odd}' has other characters than letters, digits and underscores")


def _malformed(served: Served, why: str) -> ApiError:
    return ApiError(400, evidence.setting(served.org, evidence.TREE_MALFORMED), why, None)


# --- making it ---


def _make(served: Served, user: str, nodes: list[Node]) -> list[dict[str, Any]]:
    """Every record, level by level. Raises _RefusedError for the first that fails; nothing is left then."""
    made: dict[str, str] = {}
    sizes = Counter(_level(node) for node in nodes)
    with served.org.transaction():
        for level, chunk in groupby(sorted(nodes, key=lambda node: node.depth), key=_level):
            with served.org.together(sizes[level]):
                for node in chunk:
                    made[node.reference_id] = _make_one(served, user, node, made)
    return [{"referenceId": reference_id, "id": record_id} for reference_id, record_id in made.items()]


def _level(node: Node) -> tuple[int, str]:
    """What is written together: the records of one type on one level."""
    return node.depth, node.sobject.name


def _make_one(served: Served, user: str, node: Node, made: Mapping[str, str]) -> str:
    parent = {} if node.parent is None or node.lookup is None else {node.lookup: made[node.parent]}
    try:
        return served.org.create(user, node.sobject.name, {**node.values, **parent})
    except NotEmulated:
        raise
    except ApiError as error:
        raise _RefusedError([{"referenceId": node.reference_id, "errors": [record_error(error)]}]) from error
