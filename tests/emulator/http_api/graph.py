# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""/composite/graph: composites that are each a transaction of their own."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.errors import ApiError
from emulator.http_api import composite, evidence
from emulator.http_api.composite import ROLLED_BACK, Run, Subrequest
from emulator.http_api.messages import Answer, json_error, json_object, refusal, require_method
from emulator.http_api.versions import require_version
from emulator.ids import is_shaped_like_id
from emulator.journal import Sub
from emulator.rules.registry import Grade, rule

if TYPE_CHECKING:
    from emulator.http_api.resources import Ask
    from emulator.http_api.served import Served

GUIDE = "REST API Developer Guide"
MAX_GRAPHS = 75
MAX_NODES = 500
MAX_DEPTH = 15
MAX_KINDS = 15
MAX_FAILURES = 14
FIRST_VERSION = 50
HALTED = ApiError(400, "PROCESSING_HALTED", "The graph was not processed: too many graphs of the request have failed.", None)

_GRAPH_ID = re.compile(r"[A-Za-z0-9][^.]{0,38}")
_REFERENCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")

GRAPH = rule(
    "graph",
    says="each graph is a transaction of its own: {graphId, graphResponse: {compositeResponse}, isSuccessful}; a failing node keeps its "
    "answer, the others of its graph are a 400 PROCESSING_HALTED as in a composite with allOrNone; HTTP 200, one API call",
    grade=Grade.RECORDED,
    source="golden composite-graph-create, -create-tree, -single-create-error, -single-update, -single-delete (the answers of a graph's "
    f"other nodes: {GUIDE}, Composite Subrequest Result)",
)
GRAPH_RESOURCES = rule(
    "graph_resources",
    says="POST to an sObject; DELETE, GET and PATCH of a record by its Id; DELETE, GET, PATCH and POST by an external Id; v50.0 and later. "
    "References reach nodes of the same graph only",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Using Composite Graphs; Composite Subrequest",
)
GRAPH_REFERENCE_IDS = rule(
    "graph_reference_ids",
    says="a referenceId may hold hyphens, though the guide allows letters, digits and underscores only; no reference can name such a node",
    grade=Grade.RECORDED,
    source="golden composite-graph-create, -single-create-error (v53.0, referenceId insert-anh)",
)
GRAPH_FAILURES = rule(
    "graph_failures",
    says="when more than 14 graphs have failed, the remaining ones are not processed: PROCESSING_HALTED",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Composite Graph Limits",
)


@dataclass(frozen=True)
class Graph:
    id: str
    nodes: list[Subrequest]


class _FailedError(Exception):
    """Leaves a graph's transaction."""


def answer(served: Served, user: str, ask: Ask, known_versions: frozenset[str]) -> tuple[Answer, tuple[Sub, ...]]:
    """Raises ApiError for a refusal of the whole request."""
    require_version(ask.version, FIRST_VERSION)
    require_method(ask.method, "POST")
    listed = json_object(ask.body()).get("graphs")
    if not isinstance(listed, list) or not listed:
        raise json_error("'graphs' is a required field.")
    graphs = [_graph(item, ask.version) for item in listed]
    _require_bounds(served, graphs)
    shown: list[dict[str, Any]] = []
    subs: list[Sub] = []
    for graph in graphs:
        failures = sum(not one["isSuccessful"] for one in shown)
        given = [refusal(HALTED)] * len(graph.nodes) if failures > MAX_FAILURES else _process(served, user, ask, known_versions, graph)
        shown.append(_result(graph, given))
        subs += [Sub(node.method, node.url, one.status, node.reference_id) for node, one in zip(graph.nodes, given, strict=True)]
    return Answer(200, {"graphs": shown}), tuple(subs)


def _graph(item: Any, version: str) -> Graph:
    graph = json_object(item)
    for name, kind in (("graphId", str), ("compositeRequest", list)):
        if not isinstance(graph.get(name), kind) or not graph[name]:
            raise json_error(f"'{name}' is a required field.")
    return Graph(graph["graphId"], [composite.subrequest(node, version, _REFERENCE_ID) for node in graph["compositeRequest"]])


def _result(graph: Graph, given: list[Answer]) -> dict[str, Any]:
    shown = [composite.result(node, one) for node, one in zip(graph.nodes, given, strict=True)]
    successful = all(one.status < 300 for one in given)
    return {"graphId": graph.id, "graphResponse": {"compositeResponse": shown}, "isSuccessful": successful}


# --- bounds ---


def _require_bounds(served: Served, graphs: list[Graph]) -> None:
    nodes = [node for graph in graphs for node in graph.nodes]
    problem = _misnamed(graphs) or _too_many(graphs, nodes) or _unfit(nodes)
    if problem:
        raise ApiError(400, evidence.setting(served.org, evidence.GRAPH_MALFORMED), problem, None)


def _misnamed(graphs: list[Graph]) -> str:
    repeated = [name for name, uses in Counter(graph.id for graph in graphs).items() if uses > 1]
    if repeated:
        return f"the graphId '{repeated[0]}' is used more than once"
    odd = next((graph.id for graph in graphs if _GRAPH_ID.fullmatch(graph.id) is None), None)
    if odd is not None:
        return f"the graphId '{odd}' must begin with a letter or a digit, be shorter than 40 characters and have no period"
    for graph in graphs:
        twice = [name for name, uses in Counter(node.reference_id for node in graph.nodes).items() if uses > 1]
        if twice:
            return f"the referenceId '{twice[0]}' is used more than once in the graph '{graph.id}'"
    return ""


def _too_many(graphs: list[Graph], nodes: list[Subrequest]) -> str:
    if len(graphs) > MAX_GRAPHS:
        return f"more than {MAX_GRAPHS} graphs"
    if len(nodes) > MAX_NODES:
        return f"more than {MAX_NODES} nodes"
    kinds = {(node.version, node.method, node.parts[1].lower() if len(node.parts) > 1 else "") for node in nodes}
    if len(kinds) > MAX_KINDS:
        return f"more than {MAX_KINDS} different nodes"
    if any(_depth(graph) > MAX_DEPTH for graph in graphs):
        return f"a graph of more than {MAX_DEPTH} levels"
    return ""


def _depth(graph: Graph) -> int:
    """Nodes without a reference are at depth 1; a circle counts as too deep."""
    by_name = {node.reference_id: node for node in graph.nodes}
    depths: dict[str, int] = {}
    waiting = dict(by_name)
    while waiting:
        ready = [name for name, node in waiting.items() if not node.refers_to & (waiting.keys() - {name}) and name not in node.refers_to]
        if not ready:
            return MAX_DEPTH + 1
        for name in ready:
            depths[name] = 1 + max((depths[other] for other in waiting[name].refers_to if other in depths), default=0)
        for name in ready:
            del waiting[name]
    return max(depths.values())


def _unfit(nodes: list[Subrequest]) -> str:
    for node in nodes:
        if float(node.version) < FIRST_VERSION or node.method not in _methods(node.parts):
            return f"{node.method} {node.url} cannot be a node of a graph"
    return ""


def _methods(parts: tuple[str, ...]) -> tuple[str, ...]:
    """The methods that a graph allows for that resource."""
    if parts[:1] != ("sobjects",):
        return ()
    if len(parts) == 2:
        return ("POST",)
    if len(parts) == 3 and (is_shaped_like_id(parts[2]) or parts[2].startswith("@{")):
        return ("DELETE", "GET", "PATCH")
    if len(parts) == 3 and parts[2].lower() == "id":
        return ("POST",)
    if len(parts) == 4 and not is_shaped_like_id(parts[2]):
        return ("DELETE", "GET", "PATCH", "POST")
    return ()


# --- running ---


def _process(served: Served, user: str, ask: Ask, known_versions: frozenset[str], graph: Graph) -> list[Answer]:
    """The answers of a graph's nodes, as listed. All of it happens, or nothing."""
    run = Run(served, user, ask.version, known_versions, all_or_none=True)
    order = list(range(len(graph.nodes)))
    if evidence.setting(served.org, evidence.GRAPH_ORDER) == "any_independent":
        order = composite.shuffled(run, graph.nodes, order)
    answers: dict[int, Answer] = {}
    failed: int | None = None
    try:
        with served.org.transaction():
            for index in order:
                answers[index] = composite.perform_one(run, graph.nodes[index])
                if answers[index].status >= 300:
                    failed = index
                    raise _FailedError
    except _FailedError:
        return [answers[index] if index == failed else refusal(ROLLED_BACK) for index in range(len(graph.nodes))]
    return [answers[index] for index in range(len(graph.nodes))]
