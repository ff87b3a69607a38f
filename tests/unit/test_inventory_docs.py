# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/inventory.md says of the inventory plugin what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ansible_collections.voiceops.salesforce.plugins.module_utils._inventory_hosts import ALL, GROUPS, RECENT, SHARED_OPTIONS, facts
from ansible_collections.voiceops.salesforce.plugins.module_utils._inventory_options import OPTIONS, Option
from ansible_collections.voiceops.salesforce.plugins.module_utils._inventory_orgs import DISCOVERING, SANDBOX_TYPES, Found
from harness.inventories import parse, written
from tooling.workspace import ROOT

TEXT = (ROOT / "docs" / "inventory.md").read_text(encoding="utf-8")


def blocks() -> list[str]:
    """The inventory files that the page shows."""
    return [block for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL) if "plugin: voiceops" in block]


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_every_option_stands_in_the_table_with_its_place_in_the_environment(option: Option) -> None:
    (line,) = [line for line in TEXT.splitlines() if line.startswith("|") and f"`{option.environment}`" in line]
    assert f"`{option.name}`" in line.split("|")[1]
    if isinstance(option.default, (bool, int)):
        assert f"`{str(option.default).lower()}`" in line.split("|")[3]
    assert all(f"`{choice}`" in TEXT for choice in option.choices)


def test_every_group_and_variable_stands_in_its_table() -> None:
    groups = {ALL, RECENT, *GROUPS.values(), *(f"{GROUPS['sandbox']}_{name}" for name in SANDBOX_TYPES.values())}
    told = facts(Found("list", "", id="x", login_url="https://a.my.salesforce.com", username="x", sandbox_name="x"))
    names = {*groups, *told, *told["salesforce_org"], *(f"salesforce_{name}" for name in SHARED_OPTIONS), *DISCOVERING}
    assert sorted(name for name in names if f"`{name}`" not in TEXT) == []


def test_the_graph_is_the_one_that_is_tested() -> None:
    tested = (ROOT / "tests" / "integration" / "test_inventory.py").read_text(encoding="utf-8")
    (graph,) = re.findall(r'GRAPH = """\\\n(.*?)"""', tested, re.DOTALL)
    assert graph in TEXT


@pytest.mark.parametrize("block", blocks(), ids=range(len(blocks())))
def test_the_files_that_are_shown_can_be_read(block: str, tmp_path: Path) -> None:
    """What they discover apart: that is other tests' matter."""
    told = yaml.safe_load(block)
    shown = {name: value for name, value in told.items() if name not in ("sources", "merge_with")}
    parse(written(tmp_path, yaml.safe_dump({**shown, "orgs": told.get("orgs", [])})))
