# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers held against the OpenAPI document that a real org generated of its sObjects resources (API v59.0).

    problems("GET", "/services/data/v59.0/sobjects/Account/001...", 200, body) -> [] or what is wrong, one sentence each

Every value may be null, as the document itself never says which may. Beyond the document, which forbids nothing it does not name:

- a key that the document does not have is a problem (a column of a record too, while v59.0 or older was asked; custom fields, attributes
  and the records of relationships are let through, and describes of newer versions may have more keys);
- keys that recorded answers always have must be there (ALWAYS);
- an answer of success must have a status that the document lists for that operation. Errors may have others: the document lists no 414.

Paths outside the document have no problems; `covered` tells them apart.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema  # type: ignore[import-untyped]

DOCUMENT = Path(__file__).resolve().parents[2].parent / "shared" / "golden" / "opensdks-oas" / "salesforce-v59.subset.oas.json"
NEWEST = 59.0
ALWAYS = {
    "SaveResult": ("id", "success", "errors"),
    "ErrorInfo": ("message", "errorCode"),
    "RestApiError": ("message", "errorCode"),
    "SObjectRootInfo": ("objectDescribe", "recentItems"),
    "DescribeGlobalResult": ("encoding", "maxBatchSize", "sobjects"),
    "GetDeletedResult": ("deletedRecords", "earliestDateAvailable", "latestDateCovered"),
}
"""Keys that recorded answers of that kind always have."""
EXTRA = {"RestApiError": {"fields": {"type": "array", "items": {"type": "string"}}}}
"""Keys that recorded answers have and the document lacks: a 404 ENTITY_IS_DELETED carries fields."""
EXTRA_OF_DESCRIBED_FIELDS: dict[str, Any] = {"defaultValue": {}}
"""Likewise for the fields of a describe: every recorded describe has a defaultValue, of any type."""
GROWING = {"DescribeSObjectResult", "DescribeGlobalResult", "SObjectRootInfo"}
"""Shapes that newer versions may extend."""
FORMATS = {"date": r"\d{4}-\d\d-\d\d", "date-time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)"}


@dataclass(frozen=True)
class Operation:
    """One path of the document as asked: its template, and the version in the URL."""

    template: str
    version: float


def available() -> bool:
    """Whether the document is on this machine."""
    return DOCUMENT.is_file()


def problems(method: str, path: str, status: int, body: Any, *, complete: bool = False) -> list[str]:
    """What contradicts the document, one sentence each. body is the parsed JSON, None where there is none. complete: a describe must have
    every key that the document knows. An answer of 501 is no real org's and says so itself: it has no problems."""
    operation = operation_of(path)
    if operation is None or status == 501:
        return []
    where = f"{method} {operation.template} -> {status}"
    described = document()["paths"][operation.template].get(verb_of(method))
    if described is None:
        return [] if status == 405 else [f"{where}: the document has no such verb here"]
    answer = described["responses"].get(str(status))
    if answer is None:
        return [f"{where}: the document lists no such status"] if status < 400 else error_problems(where, body)
    if method == "HEAD":
        return []
    schema = schema_of(answer)
    if schema is None:
        return [] if body in (None, "") else [f"{where}: a body where the document has none"]
    if body is None:
        return [f"{where}: no body"]
    return schema_problems(where, schema, body, operation.version, complete)


def error_problems(where: str, body: Any) -> list[str]:
    """An error whose status the document does not list still has an error's shape."""
    return schema_problems(where, {"type": "array", "items": {"$ref": "#/components/schemas/ErrorInfo"}}, body, NEWEST, False)


def schema_problems(where: str, schema: Mapping[str, Any], body: Any, version: float, complete: bool) -> list[str]:
    # From version 60 on describes and records may have keys that this document cannot know.
    strict = strict_schemas(complete, version > NEWEST)
    validator = jsonschema.Draft202012Validator({**nullable(dict(schema)), "components": {"schemas": strict}})
    found = [f"{where}: {place(error)}{shortened(error.message)}" for error in validator.iter_errors(body)]
    return found + [f"{where}: {text}" for text in format_problems(schema, body)]


def place(error: jsonschema.ValidationError) -> str:
    parts = [str(part) for part in error.absolute_path]
    return f"{'/'.join(parts)}: " if parts else ""


def shortened(text: str, limit: int = 240) -> str:
    return text if len(text) <= limit else f"{text[: limit // 2]} ... {text[-limit // 2 :]}"


def operation_of(path: str) -> Operation | None:
    """The document's path that this path is an instance of; object names in any case."""
    bare = unquote(path.split("?", maxsplit=1)[0]).rstrip("/")
    versioned = re.fullmatch(r"(?:https?://[^/]+)?/services/data/v(\d+\.\d)(/.*)", bare)
    version, rest = (float(versioned[1]), versioned[2]) if versioned else (NEWEST, bare)
    parts = rest.strip("/").split("/")
    if parts[0] != "sobjects" or len(parts) > 4:
        return None
    template = template_of(parts)
    return None if template is None else Operation(template, version)


def template_of(parts: list[str]) -> str | None:
    paths = document()["paths"]
    if len(parts) == 1:
        return "/sobjects"
    known = {name.lower(): name for name in object_names()}
    name = known.get(parts[1].lower())
    if len(parts) == 3 and parts[2] in ("describe", "deleted"):
        return f"/sobjects/{{sObject}}/{parts[2]}"
    if name is None or len(parts) == 4:
        return None
    if len(parts) == 2:
        return f"/sobjects/{name}"
    template = f"/sobjects/{name}/{{id}}"
    return template if template in paths and re.fullmatch(r"\w{15}(\w{3})?", parts[2]) else None


@lru_cache(maxsize=1)
def object_names() -> tuple[str, ...]:
    """The sObjects that the document describes."""
    return tuple(path.split("/")[2] for path in document()["paths"] if re.fullmatch(r"/sobjects/\w+", path))


def verb_of(method: str) -> str:
    return "get" if method == "HEAD" else method.lower()


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    return loaded


def schema_of(answer: Mapping[str, Any]) -> dict[str, Any] | None:
    found: dict[str, Any] | None = answer.get("content", {}).get("application/json", {}).get("schema")
    return found


def nullable(schema: Any) -> Any:
    """The schema with null allowed for every value."""
    if isinstance(schema, list):
        return [nullable(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return schema
    kept = {name: nullable_part(name, value) for name, value in schema.items() if name not in ("description", "format", "example")}
    if isinstance(kept.get("type"), str):
        kept["type"] = [kept["type"], "null"]
    if "enum" in kept:
        kept["enum"] = [*kept["enum"], None]
    return kept


def nullable_part(name: str, value: Any) -> Any:
    if name == "properties":
        return {key: nullable(item) for key, item in value.items()}
    return nullable(value) if name in ("items", "additionalProperties", "allOf", "anyOf", "oneOf") else value


@lru_cache(maxsize=4)
def strict_schemas(complete: bool, newer: bool) -> dict[str, Any]:
    """The document's schemas, nullable and closed: no keys but those they name."""
    return {name: closed(name, schema, complete, newer) for name, schema in document()["components"]["schemas"].items()}


def closed(name: str, schema: Mapping[str, Any], complete: bool, newer: bool) -> dict[str, Any]:
    made: dict[str, Any] = nullable(dict(schema))
    made["properties"] = {**made["properties"], **nullable_part("properties", EXTRA.get(name, {}))}
    if name.endswith("SObject"):
        return closed_record(made, newer)
    if name == "DescribeSObjectResult":
        made["properties"]["fields"]["items"]["properties"].update(EXTRA_OF_DESCRIBED_FIELDS)
    if complete and name in GROWING:
        require_everything(made)
    if not (newer and name in GROWING):
        close(made)
    made["required"] = list(dict.fromkeys([*made.get("required", ()), *ALWAYS.get(name, ())]))
    return made


def closed_record(made: dict[str, Any], newer: bool) -> dict[str, Any]:
    made["properties"]["attributes"] = {
        "type": "object",
        "properties": {"type": {"type": "string"}, "url": {"type": "string"}},
        "required": ["type", "url"],
        "additionalProperties": False,
    }
    made["patternProperties"] = {"__[cr]$": {}}
    made["required"] = ["attributes"]
    if not newer:
        made["additionalProperties"] = False
    return made


def close(schema: Any) -> None:
    """No keys but the named ones, at every depth."""
    if isinstance(schema, list):
        for item in schema:
            close(item)
    if not isinstance(schema, dict):
        return
    if "properties" in schema:
        schema.setdefault("additionalProperties", False)
        close(list(schema["properties"].values()))
    close(schema.get("items"))


def require_everything(schema: Any) -> None:
    """Every named key must be there, at every depth."""
    if not isinstance(schema, dict):
        return
    if "properties" in schema:
        schema["required"] = list(schema["properties"])
        for item in schema["properties"].values():
            require_everything(item)
    require_everything(schema.get("items"))


def format_problems(schema: Any, body: Any) -> list[str]:
    """Dates and times that do not look like Salesforce's."""
    if body is None or not isinstance(schema, Mapping):
        return []
    if "$ref" in schema:
        return format_problems(document()["components"]["schemas"][str(schema["$ref"]).rpartition("/")[2]], body)
    if isinstance(body, list):
        return [text for item in body for text in format_problems(schema.get("items"), item)]
    if isinstance(body, Mapping):
        return [text for name, part in schema.get("properties", {}).items() for text in format_problems(part, body.get(name))]
    pattern = FORMATS.get(str(schema.get("format")))
    if pattern is None or re.fullmatch(pattern, str(body)):
        return []
    return [f"{body!r} is no {schema['format']}"]
