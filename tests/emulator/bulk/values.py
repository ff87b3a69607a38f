# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Between a CSV cell and a field's value."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from emulator.bulk.evidence import BOOLEANS, DATETIMES
from emulator.errors import ApiError
from emulator.model import Field
from emulator.stamps import read_stamp, stamp

if TYPE_CHECKING:
    from emulator.org import Org

NULL = "#N/A"
TRUE, FALSE = frozenset({"true", "1"}), frozenset({"false", "0"})
TRUE_WORDS, FALSE_WORDS = TRUE | {"yes", "y", "on"}, FALSE | {"no", "n", "off"}
INTEGER = re.compile(r"[+-]?\d+")
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:?\d{2})?")
XSD = {"boolean": "boolean", "int": "int", "date": "date", "datetime": "dateTime"}
FLOATS = ("double", "currency", "percent")


def value_of(org: Org, item: Field, cell: str, column: int) -> Any:
    """The value a cell means for that field. Raises ApiError where it is not of the field's type."""
    if cell == NULL:
        return None
    try:
        return _typed(org, item, cell)
    except ValueError as wrong:
        kind = "double" if item.type in FLOATS else XSD[item.type]
        message = f"Failed to deserialize field at col {column}. Due to, '{cell}' is not a valid value for the type xsd:{kind}"
        raise ApiError(400, "INVALID_FIELD", message, (item.name,)) from wrong


def _typed(org: Org, item: Field, cell: str) -> Any:
    if item.type == "boolean":
        return _boolean(cell.lower(), words=org.switches[BOOLEANS.name] == "words")
    if item.type == "int":
        return int(_shaped(INTEGER, cell))
    if item.type in FLOATS:
        return float(_shaped(NUMBER, cell))
    if item.type == "date":
        found = DAY.fullmatch(cell)
        return date.fromisoformat(found[1] if found else "").isoformat()
    if item.type == "datetime":
        return stamp(read_stamp(cell))
    return cell


def _shaped(pattern: re.Pattern[str], cell: str) -> str:
    if not pattern.fullmatch(cell):
        raise ValueError(cell)
    return cell


def _boolean(word: str, *, words: bool) -> bool:
    if word in (TRUE_WORDS if words else TRUE):
        return True
    if word in (FALSE_WORDS if words else FALSE):
        return False
    raise ValueError(word)


def cell_of(org: Org, item: Field | None, value: Any) -> str:
    """How a queried value stands in a result file."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if item is not None and item.type == "datetime" and org.switches[DATETIMES.name] == "zulu":
        return str(value).replace("+0000", "Z")
    return str(value)
