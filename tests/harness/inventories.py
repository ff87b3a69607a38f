# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin in this process, as Ansible runs it: a file in, hosts and groups out, and what was said on the way."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from ansible import constants as C
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultSecret

PLUGIN = "voiceops.salesforce.orgs"
FRAGMENTS: Mapping[str, str] = {
    "ansible.builtin.constructed": "ansible.plugins.doc_fragments.constructed",
    "ansible.builtin.inventory_cache": "ansible.plugins.doc_fragments.inventory_cache",
    "voiceops.salesforce.plugin_connection": "ansible_collections.voiceops.salesforce.plugins.doc_fragments.plugin_connection",
}


@dataclass
class Display:
    """What the plugin says."""

    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def warning(self, words: str, *_unused: Any, **_more: Any) -> None:
        self.warnings.append(words)

    def v(self, words: str, *_unused: Any, **_more: Any) -> None:
        self.notes.append(words)

    vv = vvv = vvvv = debug = v


@dataclass(frozen=True)
class Parsed:
    """What a file came to."""

    data: Any
    display: Display
    plugin: Any

    @property
    def hosts(self) -> list[str]:
        return list(self.data.hosts)

    def variables(self, host: str) -> dict[str, Any]:
        found: dict[str, Any] = self.data.hosts[host].vars
        return found

    def org(self, host: str) -> dict[str, Any]:
        """What the plugin tells of the org."""
        told: dict[str, Any] = self.variables(host)["salesforce_org"]
        return told

    def group(self, name: str) -> list[str]:
        """The hosts of a group and of those below it; none where there is no such group."""
        return sorted(host.name for host in self.data.groups[name].get_hosts()) if name in self.data.groups else []

    def groups(self, host: str) -> set[str]:
        """The groups that the host is in, with those above them."""
        return {group.name for group in self.data.hosts[host].get_groups()} - {"all"}


def module() -> Any:
    return importlib.import_module("ansible_collections.voiceops.salesforce.plugins.inventory.orgs")


@cache
def documented() -> dict[str, Any]:
    """Every documented option, those of the fragments under the plugin's own."""
    told = yaml.safe_load(module().DOCUMENTATION)
    options: dict[str, Any] = {}
    for name in told["extends_documentation_fragment"]:
        options.update(yaml.safe_load(importlib.import_module(FRAGMENTS[name]).ModuleDocFragment.DOCUMENTATION)["options"])
    return {**options, **told["options"]}


def parse(path: Path, *, now: float | None = None, cached: bool = True, vault: VaultSecret | None = None) -> Parsed:
    """Read an inventory file. now: what the clock says; cached: whether the plugin may use what it kept; vault: the vault's password."""
    C.config.initialize_plugin_configuration_definitions("inventory", PLUGIN, documented())
    plugin = module().InventoryModule()
    plugin._load_name = PLUGIN
    plugin.ansible_aliases = [PLUGIN]
    plugin.ansible_name = PLUGIN
    plugin._redirected_names = [PLUGIN]
    plugin.display = Display()
    if now is not None:
        plugin.clock = lambda: now
    data = InventoryData()
    assert plugin.verify_file(str(path))
    loader = DataLoader()
    loader.set_vault_secrets([("default", vault)] if vault else [])
    plugin.parse(data, loader, str(path), cache=cached)
    if getattr(plugin, "_cache", None) is not None:
        plugin.update_cache_if_changed()
    data.reconcile_inventory()
    return Parsed(data, plugin.display, plugin)


def written(folder: Path, text: str, name: str = "acme.salesforce_orgs.yml") -> Path:
    """That text as an inventory file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
