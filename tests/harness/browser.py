# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A headless Chromium of the machine's own, with an empty profile and nothing that calls home."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MISSING = f"no browser: install one of {', '.join(NAMES)}, or name it in CHROMIUM"
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}


def executable() -> str | None:
    """The browser's program; None where there is none."""
    found = (shutil.which(name) for name in (os.environ.get("CHROMIUM", ""), *NAMES) if name)
    return next((path for path in found if path), None)


@contextmanager
def started(program: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, headless=True, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def photograph(browser: Browser, page: Path, image: Path, scheme: str = "light") -> None:
    """The top of a page as a picture, as wide as a desk's screen."""
    context = browser.new_context(viewport={"width": 1280, "height": 1120}, color_scheme="dark" if scheme == "dark" else "light")
    tab = context.new_page()
    tab.goto(page.as_uri())
    tab.screenshot(path=image)
    context.close()
