# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of awx.awx's modules, read from its files: what tests/harness/awx_options.json keeps, so that the kit is held against them where
awx.awx is not installed.

    python -m tooling.awx_options FOLDER      FOLDER: .../ansible_collections/awx/awx, as the package ansible carries it
"""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

MODULES = (
    "credential",
    "credential_type",
    "execution_environment",
    "inventory",
    "inventory_source",
    "job_template",
    "notification_template",
    "project",
    "schedule",
    "workflow_job_template",
)
KEPT = ("type", "elements", "choices", "required", "aliases")
MISSING = "awx.awx is not here: AWX_AWX_FOLDER=.../ansible_collections/awx/awx names it (the package ansible carries it)"
RECORD = Path(__file__).resolve().parents[1] / "harness" / "awx_options.json"


def installed() -> Path | None:
    """The folder of awx.awx: the one that AWX_AWX_FOLDER names, or where Python finds it; None where it is not."""
    if folder := os.environ.get("AWX_AWX_FOLDER"):
        return Path(folder)
    if importlib.util.find_spec("ansible_collections.awx") is None:
        return None
    found = importlib.util.find_spec("ansible_collections.awx.awx")
    return Path(found.submodule_search_locations[0]) if found and found.submodule_search_locations else None


def modules(collection: Path) -> dict[str, Any]:
    """By module: its argument spec. The nodes of a workflow, which the module takes as they are, as its documentation has them."""
    specs = {name: _spec(collection / "plugins" / "modules" / f"{name}.py") for name in MODULES}
    documented = _documentation(collection / "plugins" / "modules" / "workflow_job_template.py")
    specs["workflow_job_template"]["workflow_nodes"]["options"] = _nested(documented["options"]["workflow_nodes"]["suboptions"])
    return specs


def version(collection: Path) -> str:
    """The collection's version."""
    info = json.loads((collection / "MANIFEST.json").read_text(encoding="utf-8"))["collection_info"]
    return f"{info['namespace']}.{info['name']} {info['version']}"


def _spec(path: Path) -> dict[str, Any]:
    """The call dict(...) that main() gives its name argument_spec, as data."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    known = {node.targets[0].id: node.value for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "argument_spec":
            spec = _value(node.value, known)
            return {name: {key: entry[key] for key in KEPT if key in entry} for name, entry in spec.items()}
    raise LookupError(f"{path} says no argument_spec")


def _value(node: ast.AST, known: Mapping[str, ast.AST]) -> Any:
    """A literal, a dict(...) of such, or the list of a constant's keys: what argument specs are written with."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        return {str(item.arg): _value(item.value, known) for item in node.keywords}
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "list":
        return _value(node.args[0], known)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "keys":
        return list(_value(node.func.value, known))
    if isinstance(node, ast.Name):
        return _value(known[node.id], known)
    return ast.literal_eval(ast.unparse(node))


def _documentation(path: Path) -> Any:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "DOCUMENTATION":
            return yaml.safe_load(ast.literal_eval(node.value))
    raise LookupError(f"{path} has no DOCUMENTATION")


def _nested(options: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, entry in options.items():
        found[name] = {key: entry[key] for key in KEPT if key in entry}
        if "suboptions" in entry:
            found[name]["options"] = _nested(entry["suboptions"])
    return found


def main() -> int:
    """Write what the record says of awx.awx anew; what it says of infra.aap_configuration stays."""
    collection = Path(sys.argv[1])
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    record |= {"modules": modules(collection), "modules_of": version(collection)}
    RECORD.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
