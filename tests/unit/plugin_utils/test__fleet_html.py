# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is not markup becomes text, whatever it holds."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.plugin_utils._fleet_html import Html, join, tag, text, visible


class _Read(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.said = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said += data


def read(markup: str) -> _Read:
    reader = _Read()
    reader.feed(markup)
    reader.close()
    return reader


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("plain", "plain"),
        (None, ""),
        (0, "0"),
        (4.5, "4.5"),
        ("a\tb\nc", "a\tb\nc"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\x00\x1b[31mred", "\\u0000\\u001b[31mred"),
        ("abc\u202edcba", "abc\\u202edcba"),
        ("\u2066isolated\u2069", "\\u2066isolated\\u2069"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("half \ud800", "half \\ud800"),
        ("soft\u00adhyphen", "soft\\u00adhyphen"),
        ("tags \U000e0041", "tags \\ue0041"),
        ("\u05e9\u05dc\u05d5\u05dd \u00e9 \u4e16", "\u05e9\u05dc\u05d5\u05dd \u00e9 \u4e16"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
    ],
)
def test_what_a_reader_would_not_see_is_written_out(value: object, shown: str) -> None:
    assert visible(value) == shown


@given(st.text(st.characters()))
def test_any_text_is_read_back_as_it_is_shown(value: str) -> None:
    made = tag("p", value, title=value)
    made.encode("utf-8")
    seen = read(made)
    assert seen.elements == [("p", {"title": visible(value)})]
    assert seen.said == visible(value)


def test_markup_stays_and_text_does_not() -> None:
    inner = tag("b", "<i>")
    assert tag("p", inner, "<i>") == "<p><b>&lt;i&gt;</b>&lt;i&gt;</p>"
    assert text(inner) is inner
    assert join([inner, None, "&"], "<") == "<b>&lt;i&gt;</b>&lt;&amp;"
    assert isinstance(join(["a"]), Html)


def test_attributes_are_named_and_left_out() -> None:
    made = tag("td", class_="a", data_o=0, hidden=True, title=None, open=False, aria_label='"><script>')
    assert made == '<td class="a" data-o="0" hidden aria-label="&quot;&gt;&lt;script&gt;"></td>'


def test_elements_without_an_end_have_none() -> None:
    assert tag("br") == "<br>"
