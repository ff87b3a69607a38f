# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the fleet page and takes its picture: python -m demo.fleet_page [--report FOLDER] [--image FILE] [--scheme light|dark].

Without a report (a folder with fleet.json and run.json) it is the page of a made-up fleet of a hundred orgs: the picture that the docs show.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tooling import workspace

sys.path.insert(0, str(workspace.make()))

from ansible_collections.voiceops.salesforce.plugins.plugin_utils._fleet_page import page
from harness import browser
from harness.fleet_documents import documents

IMAGE = workspace.ROOT / "docs" / "images" / "fleet-report.png"


def main() -> int:
    """Write the picture; its exit status."""
    parser = argparse.ArgumentParser(prog="python -m demo.fleet_page", description="Write the fleet page and take its picture.")
    parser.add_argument("--report", type=Path, help="folder with fleet.json and run.json; without it, a made-up fleet")
    parser.add_argument("--image", type=Path, default=IMAGE, help="the PNG file to write (default: %(default)s)")
    parser.add_argument("--scheme", choices=("light", "dark"), default="light")
    asked = parser.parse_args()
    program = browser.executable()
    if not program:
        print(browser.MISSING, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder, browser.started(program) as chromium:
        written = Path(folder) / "fleet.html"
        written.write_text(page(*_documents(asked.report)), encoding="utf-8")
        asked.image.parent.mkdir(parents=True, exist_ok=True)
        browser.photograph(chromium, written, asked.image, asked.scheme)
    print(f"{asked.image}: {asked.image.stat().st_size:,} bytes")
    return 0


def _documents(report: Path | None) -> tuple[dict[str, object], dict[str, object]]:
    if report is None:
        return documents(100)
    fleet, run = (json.loads((report / name).read_text(encoding="utf-8")) for name in ("fleet.json", "run.json"))
    return fleet, run


if __name__ == "__main__":
    sys.exit(main())
