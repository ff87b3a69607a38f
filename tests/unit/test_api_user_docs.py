# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page about the API user says of every requirement which option, which check and which test: what it names exists."""

from __future__ import annotations

import re

import yaml

from ansible_collections.voiceops.salesforce.plugins.module_utils._api_user_requirements import REQUIREMENTS
from tooling.workspace import ROOT

GUIDE = (ROOT / "docs" / "api-user.md").read_text(encoding="utf-8")
SPECS = yaml.safe_load((ROOT / "roles" / "api_user" / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
ROWS = [line.strip("| ").split(" | ") for line in GUIDE.splitlines() if re.match(r"\| [DX]\d+ \|", line)]


def test_every_requirement_has_its_row_in_order() -> None:
    told = [(row[0], re.findall(r"`(\w+)`", row[3])[0]) for row in ROWS]
    assert told == [(item.sentence, item.id) for item in REQUIREMENTS]


def test_every_option_that_is_named_is_one_of_the_role() -> None:
    named = set(re.findall(r"`(api_user_\w+?)(?:: [^`]*)?`", GUIDE)) - {"api_user_outcome", "api_user_info"}
    assert named
    assert named <= set(SPECS["argument_specs"]["main"]["options"])
    assert sum("api_user_" in row[2] for row in ROWS) > len(ROWS) / 2


def test_every_test_that_is_named_exists() -> None:
    files = [*(ROOT / "tests" / "integration").glob("*.py")]
    known = set(re.findall(r"^def (test_\w+)", "\n".join(item.read_text(encoding="utf-8") for item in files), re.MULTILINE))
    named = {name for row in ROWS for name in re.findall(r"`(test_\w+)`", row[4])}
    assert named
    assert named <= known


def test_the_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https:)([^)#]+)\)", GUIDE)
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).is_file()] == []
