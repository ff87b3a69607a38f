# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Record Ids: 15 case-sensitive characters, or those 15 and a three-character checksum of their case."""

from __future__ import annotations

import random
import re
import string
from functools import lru_cache

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
CHECKSUM_ALPHABET = string.ascii_uppercase + "012345"
_CASE = str.maketrans({letter: "1" if letter in string.ascii_uppercase else "0" for letter in ALPHABET})
SHAPE = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")


def checksum(short: str) -> str:
    """The three characters that make a 15-character Id safe where case is lost: one bit per upper-case letter, five bits a character."""
    bits = short.translate(_CASE)
    return "".join(CHECKSUM_ALPHABET[int(bits[end : end - 5 : -1] if end > 4 else bits[4::-1], 2)] for end in (4, 9, 14))


@lru_cache(maxsize=8192)
def to_18(text: str) -> str | None:
    """The 18-character form of a 15- or 18-character Id; None where the text is no Id (length, characters or checksum)."""
    if not SHAPE.fullmatch(text):
        return None
    whole = text[:15] + checksum(text[:15])
    return whole if len(text) == 15 or text == whole else None


def is_shaped_like_id(text: str) -> bool:
    """True for 15 or 18 letters and digits, whatever the checksum says."""
    return SHAPE.fullmatch(text) is not None


class IdFactory:
    """New Ids per key prefix, the same for the same seed: prefix, three characters of the org, nine of a running number."""

    def __init__(self, source: random.Random) -> None:
        self._org = "".join(source.choice(string.ascii_letters) for _unused in range(2)) + "0"
        self._start = source.randrange(62**4, 62**5)
        self._next: dict[str, int] = {}

    def new(self, prefix: str) -> str:
        """A fresh 18-character Id of that key prefix."""
        number = self._next.get(prefix, self._start)
        self._next[prefix] = number + 1
        digits = ""
        for _unused in range(9):
            number, digit = divmod(number, 62)
            digits = ALPHABET[digit] + digits
        short = prefix + self._org + digits
        return short + checksum(short)
