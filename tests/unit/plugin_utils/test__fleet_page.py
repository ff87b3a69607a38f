# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page as a whole: it loads nothing, shows every text as text, is the same for the same documents, and can be read in both schemes."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.plugin_utils._fleet_html import visible
from ansible_collections.voiceops.salesforce.plugins.plugin_utils._fleet_page import ASSETS, page
from harness.fleet_documents import documents

HOSTILE = (
    "<script>alert(1)</script>",
    "</style></script><img src=x onerror=alert(1)>",
    "\"'><svg/onload=alert(1)>",
    "${style} $script $$ {0} %s",
    "-->]]>&lt;b&amp;",
    "abc\u202egpj.exe\u2069\u200b",
    "line\none\r\ttab\x00\x1b[0m",
    "long " + "x" * 10_000,
)
VOID = {"meta", "link", "input", "br"}
ELEMENTS = frozenset(
    "html head meta title link style body a header p fieldset legend label input span h1 div b button i svg rect small kbd main section h2 ul li "
    "details summary table caption thead tr th tbody td h3 h4 h5 code pre del ins ol dl dt dd footer script nav br".split()
)
ATTRIBUTES = frozenset(
    "lang charset http-equiv content name rel href class id type checked autocomplete for spellcheck placeholder disabled title hidden tabindex "
    "role scope colspan rowspan width height x viewBox preserveaspectratio viewbox open".split()
)


class Seen(HTMLParser):
    """What a browser would make of the page: elements, attributes, and the text outside style and script."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.raw: dict[str, str] = {}
        self.feed(markup)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _value in attrs}) == len(attrs)
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("style", "script"):
            self.raw[self.open[-1]] = self.raw.get(self.open[-1], "") + data
            return
        self.texts.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def having(self, attribute: str) -> Iterator[tuple[str, dict[str, str]]]:
        return ((tag, attrs) for tag, attrs in self.elements if attribute in attrs)


def harmless(seen: Seen) -> None:
    """Nothing in it loads, runs or leads anywhere but what the page itself brings."""
    assert {tag for tag, _attrs in seen.elements} <= ELEMENTS
    names = {name for _tag, attrs in seen.elements for name in attrs}
    assert {name for name in names if not name.startswith(("data-", "aria-"))} <= ATTRIBUTES
    assert Counter(tag for tag, _attrs in seen.elements if tag in ("script", "style", "link", "title", "h1")) == dict.fromkeys(
        ("script", "style", "link", "title", "h1"), 1
    )
    assert {attrs["href"][0] for _tag, attrs in seen.having("href") if attrs["href"] != "data:,"} <= {"#"}


def hashed(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


@pytest.fixture(scope="module")
def hundred() -> str:
    return page(*documents(100))


@pytest.fixture(scope="module")
def seen(hundred: str) -> Seen:
    return Seen(hundred)


# -- nothing leaves the page, and nothing runs in it that is not its own --------------------------------------------------------------------


def test_the_page_loads_nothing(seen: Seen) -> None:
    harmless(seen)
    assert "url(" not in seen.raw["style"]
    assert "@import" not in seen.raw["style"]
    for word in (
        "fetch",
        "XMLHttpRequest",
        "sendBeacon",
        "WebSocket",
        "import(",
        "localStorage",
        "sessionStorage",
        "cookie",
        "innerHTML",
        "eval",
    ):
        assert word not in seen.raw["script"]


def test_the_policy_allows_its_own_style_and_script_alone(seen: Seen) -> None:
    policy = next(attrs["content"] for _tag, attrs in seen.having("http-equiv"))
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules == {
        "default-src": "'none'",
        "style-src": f"'{hashed(seen.raw['style'])}'",
        "script-src": f"'{hashed(seen.raw['script'])}'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_assets_can_stand_in_a_page() -> None:
    for name in ("page.css", "page.js"):
        asset = (ASSETS / name).read_text(encoding="utf-8")
        assert "</" not in asset
        assert "<!--" not in asset
        assert "\r" not in asset


# -- every text is shown as text ----------------------------------------------------------------------------------------------------------


def spoiled(document: Any, text: str) -> Any:
    """The document with every text in it replaced, but for the words that decide what is shown."""
    if isinstance(document, dict):
        kept = ("outcome", "state", "op", "mode")
        return {key: value if key in kept else spoiled(value, text) for key, value in document.items()}
    if isinstance(document, (list, tuple)):
        return [spoiled(item, text) for item in document]
    return text if isinstance(document, str) else document


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:24])
def test_hostile_texts_in_every_field_are_texts(text: str) -> None:
    fleet, run = spoiled(documents(3, unlike={0: "drift", 1: "failed", 2: "violations"}), text)
    run["orgs"] = {text: next(iter(run["orgs"].values()))}
    markup = page(fleet, run)
    seen = Seen(markup)
    harmless(seen)
    said = "".join(seen.texts)
    assert said.count(visible(text)) > 30
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", markup)


texts = st.text(st.characters(), max_size=12) | st.sampled_from(HOSTILE[:-1])
plain = st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats() | texts
outcomes = st.sampled_from(["failed", "not_run", "drift", "violations", "changed", "as_declared"]) | texts
states = st.sampled_from(["met", "violated", "warning", "unknown", "manual", "not_asked"]) | texts
change = st.fixed_dictionaries(
    {"op": st.sampled_from(["create", "update", "delete"]) | texts, "kind": texts, "key": texts},
    optional={
        "before": st.dictionaries(texts, plain, max_size=3),
        "after": st.dictionaries(texts, plain, max_size=3),
        "changed_back": st.booleans(),
    },
)
requirement = st.fixed_dictionaries(
    {"subject": texts, "id": texts, "state": states}, optional={"name": texts, "requirement": texts, "reason": texts, "remedy": texts}
)
listed = st.lists(texts, max_size=2)
failure = st.none() | st.fixed_dictionaries({}, optional={"task": texts, "msg": texts, "error_class": texts, "code": texts})
org = st.fixed_dictionaries(
    {"host": texts, "outcome": outcomes},
    optional={
        "org": st.fixed_dictionaries({"name": texts, "host": texts, "is_sandbox": st.none() | st.booleans()}),
        "ring": texts | st.integers() | st.none(),
        "failure": failure,
        "changes": st.lists(change, max_size=2),
        "requirements": st.lists(requirement, max_size=3),
        "violations": listed,
        "notes": listed,
        "unresolved": st.lists(st.fixed_dictionaries({"user": texts, "reason": texts}), max_size=2),
    },
)
task = st.fixed_dictionaries(
    {"task": texts}, optional={"action": texts, "seconds": plain, "calls": plain, "changed": st.booleans(), "failed": st.booleans()}
)
seat = st.fixed_dictionaries({"license": texts}, optional={"kind": texts, "total": plain, "used": plain, "free": plain})
numbers = st.none() | st.integers(0, 10**9)
org_run = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("org_id", "edition", "instance", "api_version", "mode"), texts),
        "seconds": plain,
        "api": st.fixed_dictionaries({}, optional={"calls": numbers, "retries": numbers, "used": numbers, "limit": numbers}),
        "seats": st.lists(seat, max_size=2),
        "tasks": st.lists(task, max_size=2),
        "changed_last": st.lists(
            st.fixed_dictionaries({"change": texts}, optional={"who": texts, "when": texts, "what": texts}), max_size=2
        ),
        "warnings": listed,
    },
)
about = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("id", "started", "ended", "playbook", "ticket", "mode"), texts),
        "seconds": plain,
        "slices": plain,
        "versions": st.dictionaries(texts, texts, max_size=2),
        "notes": listed,
    },
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_any_documents_make_a_harmless_page(data: st.DataObject) -> None:
    orgs = data.draw(st.lists(org, max_size=3, unique_by=lambda one: one["host"]))
    runs = {one["host"]: data.draw(org_run) for one in orgs}
    fleet = {"format": 1, "mode": data.draw(st.sampled_from(["check", "apply", "mixed"]) | texts), "orgs": orgs}
    markup = page(fleet, {"format": 1, "run": data.draw(about), "orgs": runs})
    markup.encode("utf-8")
    seen = Seen(markup)
    harmless(seen)
    for one in orgs:
        assert visible(one["host"]) in seen.text
        for said in (*one.get("notes", ()), *(item["user"] for item in one.get("unresolved", ()))):
            assert visible(said) in seen.text


# -- the same documents, the same bytes -----------------------------------------------------------------------------------------------------


def test_the_order_of_a_document_does_not_matter(hundred: str) -> None:
    fleet, run = copy.deepcopy(documents(100))
    random.Random(7).shuffle(fleet["orgs"])
    fleet, run = (json.loads(json.dumps(document, sort_keys=True)) for document in (fleet, run))
    assert page(fleet, run) == hundred


def test_documents_are_left_as_they_are() -> None:
    given = documents(4, unlike={1: "drift", 2: "failed"})
    before = copy.deepcopy(given)
    page(*given)
    assert given == before


@pytest.mark.parametrize(
    "given",
    [
        ({}, {}),
        ({"orgs": []}, {"run": None, "orgs": None}),
        ({"orgs": [{}]}, {}),
        ({"orgs": [{"host": None, "failure": {}}]}, {"orgs": {"": {}}}),
    ],
)
def test_what_is_missing_is_left_out(given: tuple[dict[str, Any], dict[str, Any]]) -> None:
    harmless(Seen(page(*given)))


# -- what stands in it --------------------------------------------------------------------------------------------------------------------


def test_links_lead_to_places_that_exist_once(seen: Seen) -> None:
    ids = Counter(attrs["id"] for _tag, attrs in seen.having("id"))
    assert [name for name, count in ids.items() if count > 1] == []
    for attribute in ("href", "for", "aria-labelledby", "aria-describedby"):
        for _tag, attrs in seen.having(attribute):
            assert attrs[attribute] == "data:," or attrs[attribute].removeprefix("#") in ids


def test_everything_can_be_read_without_the_script(seen: Seen) -> None:
    """What waits for the script is what only the script can do."""
    assert sorted(attrs.get("id", "") for _tag, attrs in seen.having("hidden")) == ["clear", "none", "readout", "tools", "unfold"]


def test_every_org_stands_in_matrix_section_and_figures(seen: Seen) -> None:
    places = Counter((tag, attrs["data-o"]) for tag, attrs in seen.having("data-o"))
    assert {place for place, count in places.items() if place[0] == "details" and count == 1} == {
        ("details", str(place)) for place in range(100)
    }
    assert (
        sum(count for (tag, _org), count in places.items() if tag == "tr") == 198
    )  # all in the matrix, all but the two that failed in the figures


def test_the_sentence_of_every_requirement_stands_with_its_column(seen: Seen) -> None:
    fleet, _run = documents(100)
    sentences = {row["requirement"] for org in fleet["orgs"] for row in org["requirements"]}
    heads = [attrs["title"] for tag, attrs in seen.elements if tag == "th" and "title" in attrs]
    assert set(heads) == sentences
    assert all(sentence in seen.text for sentence in sentences)


def test_states_are_told_by_sign_and_word(seen: Seen) -> None:
    cells = {(attrs["class"], attrs["title"]) for tag, attrs in seen.elements if tag == "td" and "title" in attrs}
    assert {title for _tone, title in cells} == {"met", "violated", "warning", "by hand"}


def test_orgs_that_need_attention_are_unfolded_while_they_are_few(seen: Seen) -> None:
    many = Seen(page(*documents(20, unlike=dict.fromkeys(range(20), "failed"))))
    opened = [sum("open" in attrs for _tag, attrs in one.elements if attrs.get("class") == "org") for one in (seen, many)]
    assert opened == [6, 0]


def test_rings_are_a_filter_only_where_they_differ(hundred: str) -> None:
    assert hundred.count("data-ring=") == 103
    assert page(*documents(2)).count('class="chip" aria-pressed') == 2
    fleet, run = documents(2)
    for one in fleet["orgs"]:
        one["ring"] = ""
    assert 'class="chip" aria-pressed' not in page(fleet, run)


# -- size and time --------------------------------------------------------------------------------------------------------------------------


def test_a_hundred_orgs_make_a_page_that_can_be_mailed(hundred: str) -> None:
    assert len(hundred.encode()) < 1_500_000


def test_a_page_of_many_orgs_is_written_in_seconds() -> None:
    given = documents(250)
    started = time.process_time()
    assert page(*given).count('class="org"') == 250
    assert time.process_time() - started < 2.5


# -- colours --------------------------------------------------------------------------------------------------------------------------------

TONES = ("ok", "bad", "warn", "rule", "info", "none")
READ = [
    *((text, ground) for text in ("ink", "soft", "link") for ground in ("page", "card", "sunk")),
    *((tone, f"{tone}-tint") for tone in TONES),
    *((tone, "card") for tone in TONES),
    *(("ink", ground) for ground in ("bad-tint", "rule-tint", "none-tint", "info-tint", "mark")),
    ("soft", "info-tint"),
    ("link", "mark"),
]
# What is no text: borders of controls, the ring of the focus, bars.
SEEN = [(line, ground) for line in ("edge", "focus") for ground in ("page", "card", "sunk")] + [
    ("ok", "line"),
    ("warn", "line"),
    ("bad", "line"),
]


def palette(scheme: int) -> dict[str, str]:
    css = (ASSETS / "page.css").read_text(encoding="utf-8")
    found = re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", css)
    return {name: colours[scheme] for name, *colours in found}


def luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_contrast_of_black_and_white_is_known() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_texts_can_be_read(scheme: int) -> None:
    colours = palette(scheme)
    assert {pair: round(ratio, 2) for pair in READ if (ratio := contrast(colours[pair[0]], colours[pair[1]])) < 4.5} == {}


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_controls_and_bars_can_be_seen(scheme: int) -> None:
    colours = palette(scheme)
    assert {pair: round(ratio, 2) for pair in SEEN if (ratio := contrast(colours[pair[0]], colours[pair[1]])) < 3} == {}


def test_every_colour_is_one_of_the_palette() -> None:
    css = (ASSETS / "page.css").read_text(encoding="utf-8")
    head, _brace, rules = css.partition("}")
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{]*;)|rgba?\(|hsla?\(", rules) == []
    assert set(re.findall(r"var\(--([a-z-]+)\)", css)) == set(palette(0))
    assert len(re.findall("light-dark", head)) == len(palette(0))
