# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is private to the collection.
"""HTML that cannot be forgotten to be escaped: whatever is not finished markup is text, and becomes markup here and nowhere else."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Union

# What would hide, reorder or end a text: controls other than tab and line feed, marks and overrides of direction, separators of lines, what
# has no width (except the joiners, which some scripts are written with), halves of characters, and what is no character.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff\ud800-\udfff]"
    "|[\U000e0000-\U000e0fff]"
)
_VOID = frozenset({"br", "input"})


class Html(str):
    """Finished markup. Only tag(), text() and join() make it of texts."""

    __slots__ = ()


Child = Union[Html, str, int, float, None]
Attribute = Union[str, int, float, bool, None]


def visible(value: object) -> str:
    """The text, with what a reader would not see written out (a line feed and a tab stay). None is nothing."""
    if value is None:
        return ""
    plain = str(value).replace("\r\n", "\n").replace("\r", "\n")
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", plain)


def text(value: object) -> Html:
    """The value as markup that shows it."""
    return value if isinstance(value, Html) else Html(html.escape(visible(value)))


def join(parts: Iterable[Child], between: str = "") -> Html:
    """The parts one after the other; between is text."""
    return Html(html.escape(between).join(text(part) for part in parts if part is not None))


def tag(name: str, *children: Child, **attributes: Attribute) -> Html:
    """An element. An attribute's name ends in an underscore where Python has the word for itself, and has hyphens for the others; one that is
    None or False is left out."""
    given = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Html(f"<{name}{given}>")
    return Html(f"<{name}{given}>{join(children)}</{name}>")


def _attribute(key: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{html.escape(visible(value))}"'
