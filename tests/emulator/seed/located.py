# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""YAML that remembers where each value stood, checked against a JSON Schema: every mistake is told with file, line and key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

Path = tuple[str | int, ...]
"""("orgs", 0, "users", 2, "profile")"""


class SeedError(ValueError):
    """A seed file that cannot be used: a line a mistake."""


@dataclass(frozen=True)
class Document:
    """data is plain; lines says where each path's key (or item) stands."""

    name: str
    data: Any
    lines: dict[Path, int] = field(repr=False)

    def wrong(self, path: Path, why: str) -> SeedError:
        return SeedError(self.told(path, why))

    def told(self, path: Path, why: str) -> str:
        """FILE:LINE: key: why. A path that is not in the file is told at what surrounds it."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        return f"{self.name}:{self.lines.get(known, 1)}: {written(path)}: {why}"


def written(path: Path) -> str:
    """orgs[0].users[2].profile"""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.lstrip(".") or "the file"


def load(text: str, name: str, schema: Mapping[str, Any]) -> Document:
    """The document, which fits the schema. Raises SeedError, which tells every mistake."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as broken:
        mark = getattr(broken, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        raise SeedError(f"{name}:{line}: no YAML: {getattr(broken, 'problem', None) or broken}") from broken
    if root is None:
        raise SeedError(f"{name}:1: the file is empty")
    mistakes: list[str] = []
    document = Document(name, None, {})
    data = _plain(root, (), document, mistakes, set())
    document = Document(name, data, document.lines)
    mistakes += [document.told(path, why) for path, why in _mistakes(data, schema, ())]
    if mistakes:
        raise SeedError("\n".join(mistakes))
    return document


def _plain(node: yaml.Node, path: Path, document: Document, mistakes: list[str], above: set[int]) -> Any:
    """The node's value; times stay texts, as the API has them."""
    document.lines.setdefault(path, node.start_mark.line + 1)
    if id(node) in above:
        mistakes.append(document.told(path, "refers to itself"))
        return None
    above = above | {id(node)}
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, document, mistakes, above)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*path, index), document, mistakes, above) for index, item in enumerate(node.value)]
    kind = node.tag.removeprefix("tag:yaml.org,2002:")
    if kind in ("str", "timestamp"):
        return node.value
    if kind in ("bool", "int", "float", "null"):
        return yaml.safe_load(node.value)
    mistakes.append(document.told(path, f"the tag {node.tag} is not known here"))
    return None


def _mapping(node: yaml.MappingNode, path: Path, document: Document, mistakes: list[str], above: set[int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in node.value:
        name = str(key.value)
        here = (*path, name)
        if name in found:
            mistakes.append(f"{document.name}:{key.start_mark.line + 1}: {written(here)}: is here twice")
            continue
        document.lines[here] = key.start_mark.line + 1
        found[name] = _plain(value, here, document, mistakes, above)
    return found


# --- the part of JSON Schema that the format uses ---

_KINDS: dict[str, tuple[tuple[type, ...], str]] = {
    "object": ((dict,), "a mapping"),
    "array": ((list,), "a list"),
    "string": ((str,), "a text"),
    "boolean": ((bool,), "true or false"),
    "integer": ((int,), "a whole number"),
    "number": ((int, float), "a number"),
}


def _mistakes(value: Any, schema: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, str]]:
    if "type" in schema:
        kinds, called = _KINDS[schema["type"]]
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            quotes = "; put it in quotes" if schema["type"] == "string" and isinstance(value, (bool, int, float)) else ""
            yield path, f"{called} is wanted, not {_shown(value)}{quotes}"
            return
    if "enum" in schema and value not in schema["enum"]:
        yield path, f"{_shown(value)} is none of {', '.join(map(str, schema['enum']))}"
    if isinstance(value, dict):
        yield from _mistakes_of_mapping(value, schema, path)
    elif isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            yield path, "at least one is wanted"
        for index, item in enumerate(value):
            yield from _mistakes(item, schema.get("items", {}), (*path, index))
    elif isinstance(value, str):
        if len(value) < schema.get("minLength", 0):
            yield path, "must not be empty"
        elif "pattern" in schema and re.search(schema["pattern"], value) is None:
            yield path, f"{_shown(value)} does not look like {schema['pattern']}"
    elif "minimum" in schema and value < schema["minimum"]:
        yield path, f"must be {schema['minimum']} or more"


def _mistakes_of_mapping(value: Mapping[str, Any], schema: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, str]]:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield path, f"{name} is missing"
    for name, item in value.items():
        if name in properties:
            yield from _mistakes(item, properties[name], (*path, name))
        elif schema.get("additionalProperties", True) is False:
            yield (*path, name), f"is not known here; known are {', '.join(properties)}"
        elif isinstance(schema.get("additionalProperties"), dict):
            yield from _mistakes(item, schema["additionalProperties"], (*path, name))


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    return repr(value)
