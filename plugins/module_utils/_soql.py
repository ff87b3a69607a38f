# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Writing SOQL safely: literals, IN lists, chunks. Pure.

Limits (Salesforce, "SOQL and SOSL Limits"): a statement holds 100,000 characters, a string literal in WHERE 4,000.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from ._errors import CONFIG, Problem

T = TypeVar("T")

MAX_STATEMENT = 100_000
MAX_LITERAL = 4_000
# Room for SELECT, FROM and the other conditions around an IN list.
LIST_BUDGET = MAX_STATEMENT - 8_000

_ESCAPES = str.maketrans({"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"})


def quote(text: str) -> str:
    """A SOQL string literal with its quotes; reserved characters escaped.

    Raises Problem for a text that no literal can hold: over 4,000 characters as it is written, escapes included.
    """
    literal = text.translate(_ESCAPES)
    if len(literal) > MAX_LITERAL:
        raise Problem(
            f"asking for {text[:40]}...",
            f"this text takes {len(literal)} characters in a query.",
            f"Salesforce takes at most {MAX_LITERAL}: shorten it.",
            CONFIG,
            "too_long",
        )
    return f"'{literal}'"


def in_list(values: Iterable[str]) -> str:
    """('a','b'): the right side of IN. Raises ValueError when there is no value, since SOQL has no empty list."""
    literals = [quote(value) for value in values]
    if not literals:
        raise ValueError("an IN list needs at least one value")
    return "(" + ",".join(literals) + ")"


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in order, at most size at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def list_chunks(values: Iterable[str], budget: int = LIST_BUDGET) -> list[list[str]]:
    """The values in order, split so that the IN list of each part stays within budget characters."""
    parts: list[list[str]] = []
    room = 0
    for value in values:
        cost = len(quote(value)) + 1
        if not parts or cost > room:
            parts.append([])
            room = budget - 1  # the parentheses, less the comma that the last value does without
        parts[-1].append(value)
        room -= cost
    return parts
