# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CSV as Bulk API 2.0 reads and writes it: strict about quotes and line ends, nothing is trimmed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}


class LineEndingError(ValueError):
    """A row ends otherwise than the job says."""


@dataclass(frozen=True)
class Row:
    """cells is None where the quotes are in the wrong place; raw is the row as sent, without its line end."""

    cells: tuple[str, ...] | None
    raw: str


@lru_cache(maxsize=16)
def _patterns(delimiter: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    mark = re.escape(delimiter)
    return re.compile(rf'"((?:[^"]|"")*)"|([^{mark}\r\n"]*)'), re.compile(rf"{mark}|\r\n|\n|\Z")


def read(text: str, delimiter: str, line_ending: str) -> list[Row]:
    """The rows of a file, the header first. delimiter and line_ending are characters. Raises LineEndingError."""
    rows: list[Row] = []
    at = 0
    while at < len(text):
        row, end, after = _row(text, at, delimiter)
        if text[end:after] not in ("", line_ending):
            raise LineEndingError
        rows.append(row)
        at = after
    return rows


def _row(text: str, start: int, delimiter: str) -> tuple[Row, int, int]:
    """The row that starts there, where it ends, where the next one starts."""
    cell, separator = _patterns(delimiter)
    cells: list[str] = []
    at = start
    while True:
        found = cell.match(text, at)
        after = separator.match(text, found.end()) if found is not None else None
        if found is None or after is None:
            return _broken(text, start)
        cells.append(found[2] if found[1] is None else found[1].replace('""', '"'))
        if after[0] != delimiter:
            return Row(tuple(cells), text[start : after.start()]), after.start(), after.end()
        at = after.end()


def _broken(text: str, start: int) -> tuple[Row, int, int]:
    newline = text.find("\n", start)
    after = len(text) if newline < 0 else newline + 1
    end = len(text) if newline < 0 else (newline - 1 if text[newline - 1 : newline] == "\r" else newline)
    return Row(None, text[start:end]), end, after


def write(rows: Iterable[Sequence[str]], delimiter: str, line_ending: str) -> str:
    """Every cell quoted, every row ended."""
    return "".join(_lines(rows, delimiter, line_ending))


def _lines(rows: Iterable[Sequence[str]], delimiter: str, line_ending: str) -> Iterator[str]:
    for cells in rows:
        yield delimiter.join('"' + cell.replace('"', '""') + '"' for cell in cells) + line_ending
