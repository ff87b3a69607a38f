# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Record Ids: 15 characters that tell case apart, or 18 with a checksum of that case. Pure."""

from __future__ import annotations

import re

_SHAPE = re.compile(r"^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$")
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def is_id(text: str, prefix: str) -> bool:
    """Whether the text is a record Id with that key prefix; 18 characters must have the right checksum (SOAP API guide, ID field type)."""
    if not _SHAPE.match(text) or not text.startswith(prefix):
        return False
    return len(text) == 15 or text[15:] == checksum(text[:15])


def same(one: str, other: str) -> bool:
    """Whether two Ids, of 15 or 18 characters, are the same record's."""
    return one[:15] == other[:15]


def checksum(fifteen: str) -> str:
    """The three characters that make 18 of 15: each tells which of five characters are upper case."""
    parts = [fifteen[start : start + 5] for start in (0, 5, 10)]
    return "".join(_CHECKSUM[sum(1 << place for place, letter in enumerate(part) if letter.isupper())] for part in parts)
