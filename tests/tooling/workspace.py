# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The clone as an installed collection.

Ansible finds a collection only below a folder named ansible_collections. The workspace, .ws, holds such a folder with a link back to the
root of the clone, so that every tool works on the files that are being edited. Standard library only: this runs before anything else.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORKSPACE = ROOT / ".ws"
COLLECTION = Path("ansible_collections", "voiceops", "salesforce")

# Settings of the person who runs the tests must not change what they see: options of Ansible, and the collection's own connection options.
FOREIGN = ("ANSIBLE_", "SALESFORCE_")

# What the person's environment said of a Salesforce org before it was taken out: for the contract tests, which run against it with --live.
own_org: dict[str, str] = {}


def make() -> Path:
    """Make the workspace, or leave it as it is; returns its path."""
    link = WORKSPACE / COLLECTION
    target = Path(os.path.relpath(ROOT, link.parent))
    link.parent.mkdir(parents=True, exist_ok=True)
    if link.is_symlink() and link.readlink() == target:
        return WORKSPACE
    # Several test workers may do this at once: a rename replaces the link in one step.
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)
    return WORKSPACE


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """environ as the collection's tools and tests see it: without foreign settings, with the workspace and nothing outside the clone."""
    kept = {name: value for name, value in environ.items() if not name.startswith(FOREIGN)}
    return kept | {
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(WORKSPACE),
        "ANSIBLE_HOME": str(WORKSPACE / "home"),
        "PYTHONPATH": os.pathsep.join([str(WORKSPACE), str(ROOT / "tests")]),
    }


if __name__ == "__main__":
    make()
