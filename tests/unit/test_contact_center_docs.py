# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page about contact centers says of every requirement which option, which check and which test: what it names exists."""

from __future__ import annotations

import re

import yaml

from ansible_collections.voiceops.salesforce.plugins.module_utils._contact_center_requirements import REQUIREMENTS
from tooling.workspace import ROOT

GUIDE = (ROOT / "docs" / "contact-center.md").read_text(encoding="utf-8")
OPTIONS = yaml.safe_load((ROOT / "roles" / "contact_center" / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"][
    "main"
]["options"]
ROWS = [line.strip("| ").split(" | ") for line in GUIDE.splitlines() if re.match(r"\| [CX]\d+ \|", line)]


def test_every_requirement_has_its_row_in_order() -> None:
    assert [(row[0], row[3].strip("`")) for row in ROWS] == [(item.sentence, item.id) for item in REQUIREMENTS]


def test_every_option_that_is_named_is_one_of_the_role() -> None:
    named = set(re.findall(r"`(contact_center_\w+)(?:: [^`]*)?`", GUIDE))
    others = {"contact_center_outcome", "contact_center_joining", "contact_center_leaving"}
    assert len(named) > len(others)
    assert named - others <= set(OPTIONS)
    assert sum("contact_center_" in row[2] for row in ROWS) > len(ROWS) / 2


def test_every_value_that_is_named_is_one_of_the_option_s() -> None:
    named = re.findall(r"^(contact_center_\w+): (\w+)", GUIDE, re.MULTILINE) + re.findall(r"`(contact_center_\w+): (\w+)`", GUIDE)
    chosen = [(name, value) for name, value in named if "choices" in OPTIONS.get(name, {})]
    assert chosen
    assert [(name, value) for name, value in chosen if value not in OPTIONS[name]["choices"]] == []


def test_every_option_of_the_role_is_on_the_page() -> None:
    elsewhere = {"contact_center_on_ineligible", "contact_center_allow_empty", "contact_center_routing_maps_state"}
    assert {name for name in OPTIONS if name not in GUIDE} <= elsewhere


def test_every_test_that_is_named_exists() -> None:
    files = [*(ROOT / "tests" / "integration").glob("*.py"), *(ROOT / "tests" / "unit" / "modules").glob("*.py")]
    known = set(re.findall(r"^def (test_\w+)", "\n".join(item.read_text(encoding="utf-8") for item in files), re.MULTILINE))
    named = {name for row in ROWS for name in re.findall(r"`(test_\w+)`", row[4])}
    assert named
    assert named <= known


def test_the_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https:)([^)#]+)\)", GUIDE)
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).is_file()] == []
