# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fleet page in a browser: it asks for nothing, is filtered by typing and by a click, can be used by the keyboard and on a phone, prints
everything, and reads without its script."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="no playwright: pip install playwright")

from playwright.sync_api import Browser, BrowserContext, Page, expect

from ansible_collections.voiceops.salesforce.plugins.plugin_utils._fleet_page import page
from harness import browser
from harness.fleet_documents import documents

PROGRAM = browser.executable()
pytestmark = pytest.mark.skipif(PROGRAM is None, reason=browser.MISSING)
FEW = {1: "drift", 2: "failed", 3: "drift", 4: "violations", 5: "not_run", 10: "drift"}
LONG = "W" * 60 + "-a-name-that-nobody-would-choose-but-somebody-has"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    assert PROGRAM
    with browser.started(PROGRAM) as found:
        yield found


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    few = documents(12, unlike=FEW)
    long = json.loads(
        json.dumps(few).replace("acme-s01", LONG).replace("Acme_Vonage_API_User", "Very_" * 30).replace("connection", "x" * 400)
    )
    hostile = json.loads(json.dumps(few).replace("Acme", "</script><img src='https://example.org/x.png' onerror='alert(1)'>"))
    pages = {"hundred": documents(100), "few": few, "long": long, "hostile": hostile, "none": documents(0)}
    for name, given in pages.items():
        (folder / f"{name}.html").write_text(page(*given), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in pages}


@pytest.fixture
def open_page(chromium: Browser, files: dict[str, Path]) -> Iterator[Open]:
    """Open a page by its name; whatever it asks for besides itself, or complains of, fails the test."""
    contexts: list[BrowserContext] = []
    asked: list[str] = []
    complaints: list[str] = []

    def start(name: str, hash: str = "", **settings: Any) -> Page:
        context = chromium.new_context(**{"viewport": browser.DESKTOP, **settings})
        contexts.append(context)
        tab = context.new_page()
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        tab.goto(files[name].as_uri() + hash)
        return tab

    yield start
    for context in contexts:
        context.close()
    assert [url for url in asked if not url.startswith(("file:", "data:,"))] == []
    assert len([url for url in asked if url.startswith("file:")]) == len(contexts)
    assert complaints == []


def hosts(tab: Page) -> list[str]:
    """The orgs whose sections are to be seen."""
    return [told.strip() for told in tab.locator("details.org:visible .host").all_inner_texts()]


def hash_of(tab: Page) -> str:
    return tab.url.partition("#")[2]


def test_typing_filters_and_the_address_keeps_it(open_page: Open) -> None:
    tab = open_page("hundred")
    expect(tab.get_by_role("status")).to_have_text("100 orgs")
    tab.get_by_label("Search").fill("vonage.api@acme.example.s58")
    assert hosts(tab) == ["acme-s58"]
    assert tab.locator("#matrix tbody tr:visible").count() == 1
    expect(tab.get_by_role("status")).to_have_text("1 of 100 orgs shown")
    assert hash_of(tab) == "q=vonage.api%40acme.example.s58"
    drifted = ["acme-s17", "acme-s42", "acme-s64"]
    for words, found in (
        ("timed out", ["acme-s23"]),
        ("NOBODY", ["acme-s42"]),
        ("c10", ["acme-s17"]),
        ("Acme_Vonage_API_User kim", drifted),
    ):
        tab.get_by_label("Search").fill(words)
        assert hosts(tab) == found, words
    tab.get_by_label("Search").fill("no such thing")
    assert hosts(tab) == []
    expect(tab.get_by_text("No org fits the search")).to_be_visible()
    tab.keyboard.press("Escape")
    assert len(hosts(tab)) == 100
    assert hash_of(tab) == ""


def test_a_click_filters_by_outcome_and_ring_and_the_view_can_be_shared(open_page: Open) -> None:
    tab = open_page("few")
    tab.get_by_role("button", name="Drifted").click()
    assert hosts(tab) == ["acme-s01", "acme-s03", "acme-s10"]
    tab.get_by_role("button", name="Ring 0").click()
    assert hosts(tab) == ["acme-s01", "acme-s03"]
    expect(tab.get_by_role("status")).to_have_text("2 of 12 orgs shown: Drifted, Ring 0")
    expect(tab.get_by_role("button", name="Drifted")).to_have_attribute("aria-pressed", "true")
    assert hash_of(tab) == "outcome=drift&ring=0"
    other = open_page("few", "#outcome=drift&ring=0")
    assert hosts(other) == ["acme-s01", "acme-s03"]
    other.get_by_role("button", name="Failed").click()
    assert hosts(other) == ["acme-s02", "acme-s01", "acme-s03"]
    other.get_by_role("button", name="Clear filters").click()
    assert len(hosts(other)) == 12


def test_a_link_opens_the_org_and_so_does_its_address(open_page: Open) -> None:
    tab = open_page("few")
    tab.locator("#matrix").get_by_role("link", name="acme-s08").click()
    assert hash_of(tab) == "at=org-acme-s08"
    expect(tab.locator("[id=org-acme-s08]")).to_be_in_viewport()
    for address in ("#at=org-acme-s09", "#org-acme-s09"):
        expect(open_page("few", address).locator("[id=org-acme-s09]")).to_be_in_viewport()


def test_the_keyboard_reaches_everything(open_page: Open) -> None:
    tab = open_page("few")
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("link", name="Skip to the orgs")).to_be_focused()
    tab.keyboard.press("/")
    expect(tab.get_by_label("Search")).to_be_focused()
    tab.keyboard.type("acme-s01/")
    expect(tab.get_by_label("Search")).to_have_value("acme-s01/")
    tab.keyboard.press("Escape")
    tab.locator("#matrix td[tabindex='0']").focus()
    assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowLeft"):
        tab.keyboard.press(key)
    place = "[document.activeElement.parentElement.rowIndex, document.activeElement.cellIndex]"
    assert tab.evaluate(place) == [4, 2]
    expect(tab.locator("#readout")).to_contain_text("acme-s01 \u00b7 D1 met \u2014 There is a user in Salesforce for the API.")
    tab.keyboard.press("Control+End")
    assert tab.evaluate(place) == [13, tab.locator("#matrix thead tr").nth(1).locator("th").count()]
    tab.keyboard.press("Control+Home")
    assert tab.evaluate(place) == [2, 1]
    tab.keyboard.press("ArrowUp")
    assert tab.evaluate(place) == [2, 1]


def test_enter_in_the_matrix_opens_the_org_at_the_requirement(open_page: Open) -> None:
    tab = open_page("few")
    tab.locator("#matrix td.bad").first.hover()
    expect(tab.locator("#readout")).to_contain_text("violated")
    tab.locator("#matrix td[tabindex='0']").focus()
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    focused = tab.locator(":focus")
    expect(focused).to_contain_text("Vonage Contact Center is linked to that user.")
    expect(focused).to_contain_text("What to do:")
    expect(focused).to_be_in_viewport()
    assert hash_of(tab) == "at=org-acme-s01"
    tab.locator("#matrix td.bad").first.click()
    expect(tab.locator(":focus")).to_contain_text("violated")


def test_light_and_dark_follow_the_system_or_the_reader(open_page: Open) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    light, dark = "rgb(245, 246, 248)", "rgb(16, 21, 27)"
    tab = open_page("few", color_scheme="dark")
    assert tab.evaluate(ground) == dark
    tab.get_by_label("Light").check()
    assert tab.evaluate(ground) == light
    other = open_page("few", color_scheme="light", java_script_enabled=False)
    assert other.evaluate(ground) == light
    other.get_by_label("Dark").check()
    assert other.evaluate(ground) == dark


@pytest.mark.parametrize("name", ["hundred", "long", "none"])
def test_a_phone_needs_no_scrolling_sideways(open_page: Open, name: str) -> None:
    tab = open_page(name, viewport=browser.PHONE, has_touch=True, is_mobile=True)
    tab.evaluate("document.querySelectorAll('details').forEach((fold, place) => place < 60 && (fold.open = true))")
    assert tab.evaluate(OVERFLOW) == 0
    assert tab.evaluate("window.innerWidth") == 360
    if name == "none":
        return
    first = "document.querySelector('#matrix tbody th').getBoundingClientRect().x"
    at = tab.evaluate(first)
    tab.evaluate("document.querySelector('#matrix').parentElement.scrollLeft = 300")
    assert tab.evaluate("document.querySelector('#matrix').parentElement.scrollLeft") == 300
    assert tab.evaluate(first) == at


def test_a_touch_tells_and_a_second_one_opens(open_page: Open) -> None:
    tab = open_page("few", viewport=browser.PHONE, has_touch=True, is_mobile=True)
    cell = tab.locator("#matrix td.ok").first
    cell.tap()
    expect(tab.locator("#readout")).to_contain_text("met")
    assert hash_of(tab) == ""
    cell.tap()
    expect(tab).to_have_url(re.compile("#at=org-acme-"))


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_print_shows_everything_and_no_controls(open_page: Open, script: bool) -> None:
    tab = open_page("few", java_script_enabled=script, color_scheme="dark")
    tab.emulate_media(media="print")
    assert tab.evaluate("[...document.querySelectorAll('details > :not(summary)')].filter((part) => !part.checkVisibility()).length") == 0
    for control in (".theme", "nav", "#q", "#readout", "#unfold", ".skip"):
        expect(tab.locator(control)).to_be_hidden()
    assert tab.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(23, 33, 44)"
    assert tab.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_what_print_unfolds_is_folded_again(open_page: Open) -> None:
    """For browsers that cannot unfold by style alone."""
    tab = open_page("few")
    folds, opened = tab.locator("details").count(), tab.locator("details[open]").count()
    assert opened < folds
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert tab.locator("details[open]").count() == folds
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert tab.locator("details[open]").count() == opened


def test_without_its_script_the_page_still_says_all(open_page: Open) -> None:
    tab = open_page("few", java_script_enabled=False)
    for words in ("1 refused the login", "What stopped it", "changed back since the last converge", "Who changed it last", "CHG0042317"):
        expect(tab.get_by_text(words).first).to_be_visible()
    expect(tab.locator("#tools")).to_be_hidden()
    tab.locator("#matrix").get_by_role("link", name="acme-s08").click()
    assert hash_of(tab) == "org-acme-s08"


def test_hostile_texts_stay_texts(open_page: Open) -> None:
    tab = open_page("hostile")
    expect(tab.get_by_text("</script><img src='https://example.org/x.png'").first).to_be_visible()
    assert tab.locator("img").count() == 0
    tab.get_by_label("Search").fill("onerror=")
    assert len(hosts(tab)) > 0


def test_the_picture_of_the_docs_is_small(chromium: Browser, files: dict[str, Path], tmp_path: Path) -> None:
    image = tmp_path / "fleet-report.png"
    browser.photograph(chromium, files["hundred"], image)
    assert image.read_bytes().startswith(b"\x89PNG")
    assert 20_000 < image.stat().st_size < 250_000
