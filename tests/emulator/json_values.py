# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A JSON value as a field stores it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from emulator.errors import ApiError, NotEmulated
from emulator.model import Field
from emulator.rules.registry import Grade, Switch, rule
from emulator.stamps import read_stamp, stamp
from emulator.store import NUMBER_TYPES, TEXT_TYPES

rule(
    "json_types",
    says="a JSON value of another type than the field's is refused with JSON_PARSER_ERROR; whether texts are converted is a switch",
    grade=Grade.INFERRED,
    source="public reports of 'Cannot deserialize instance of ...'; the REST API Developer Guide's own example of an sObject Tree sends "
    "numberOfEmployees as a text: which texts an org converts is not stated",
    switch=Switch("json_types", ("strict", "converted")),
)

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def from_text(item: Field, value: Any) -> Any:
    """The other setting of json_types: texts that spell the field's type, and numbers for text fields."""
    if item.type == "boolean" and value in ("true", "false"):
        return value == "true"
    if item.type in NUMBER_TYPES and isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return int(value) if item.type == "int" and "." not in value else float(value)
    if item.type in TEXT_TYPES and isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value


def converted(item: Field, value: Any) -> Any:
    """The value as stored. Raises JSON_PARSER_ERROR where its JSON type is not the field's."""
    if value is None:
        if item.type == "boolean":
            raise NotEmulated(f"null for the boolean field {item.name}")
        return None
    if item.type == "boolean":
        return value if isinstance(value, bool) else wrong_type(item, value)
    if item.type in NUMBER_TYPES:
        return number(item, value)
    if item.type == "date":
        return date_text(item, value)
    if item.type == "datetime":
        return datetime_text(item, value)
    if item.type in TEXT_TYPES:
        return (value or None) if isinstance(value, str) else wrong_type(item, value)
    if item.type in ("reference", "id"):
        return value if isinstance(value, str) else wrong_type(item, value)
    raise NotEmulated(f"writing a field of type {item.type}")


def number(item: Field, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return wrong_type(item, value)
    if item.type == "int":
        return value if isinstance(value, int) else wrong_type(item, value)
    return float(value)


def date_text(item: Field, value: Any) -> str:
    if not isinstance(value, str) or not DATE.fullmatch(value):
        wrong_type(item, value)
    try:
        date.fromisoformat(value)
    except ValueError:
        wrong_type(item, value)
    return str(value)


def datetime_text(item: Field, value: Any) -> str:
    if not isinstance(value, str):
        wrong_type(item, value)
    try:
        return stamp(read_stamp(value))
    except ValueError:
        wrong_type(item, value)
    raise AssertionError("unreachable")


def wrong_type(item: Field, value: Any) -> Any:
    kind = {bool: "VALUE_TRUE" if value else "VALUE_FALSE", int: "VALUE_NUMBER_INT", float: "VALUE_NUMBER_FLOAT", str: "VALUE_STRING"}.get(
        type(value)
    )
    seen = f"{kind} value {value}" if kind else ("START_ARRAY" if isinstance(value, list) else "START_OBJECT")
    raise ApiError(
        400, "JSON_PARSER_ERROR", f"Cannot deserialize instance of {item.type} from {seen} or request may be missing a required field", None
    )
