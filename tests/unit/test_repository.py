# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must hold of the repository as a whole, whichever file changed."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tooling import workspace

ROOT = workspace.ROOT
LICENCE = (
    "# Copyright (c) 2026, the voiceops.salesforce contributors",
    "# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)",
    "# SPDX-License-Identifier: GPL-3.0-or-later",
)


def read_yaml(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def files_of_git() -> list[Path]:
    """Every file that is, or would be, committed."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return [path for name in listing.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def names_in(folder: str) -> set[str]:
    """The plugins in a folder of plugins/."""
    return {path.stem for path in (ROOT / "plugins" / folder).glob("*.py") if path.stem != "__init__"}


def test_the_collection_depends_on_no_other() -> None:
    assert read_yaml("galaxy.yml")["dependencies"] == {}


def test_the_oldest_supported_ansible_is_named() -> None:
    assert read_yaml("meta/runtime.yml")["requires_ansible"] == ">=2.16.0"


def test_the_version_has_the_newest_entry_of_the_changelog() -> None:
    version = read_yaml("galaxy.yml")["version"]
    releases = read_yaml("changelogs/changelog.yaml")["releases"]
    assert max(releases, key=lambda name: [int(part) for part in name.split(".")]) == version
    title = f"## v{version}".replace(".", r"\.")
    assert title in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()


def test_every_module_is_new_in_some_release() -> None:
    releases = read_yaml("changelogs/changelog.yaml")["releases"].values()
    announced = {module["name"] for release in releases for module in release.get("modules", ())}
    assert announced == names_in("modules"), "`make changelog` brings the changelog up to date"


def test_requirements_are_lower_bounds_only() -> None:
    lines = [line.partition("#")[0].strip() for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()]
    requirements = [line for line in lines if line]
    assert requirements
    assert [line for line in requirements if not re.fullmatch(r"[A-Za-z0-9-]+>=[0-9.]+", line)] == []


def test_development_tools_are_pinned() -> None:
    lines = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [line for line in pins if not re.fullmatch(r"[a-z0-9-]+==[^ ]+( ; .+)?", line)] == []
    pinned = {line.partition("==")[0] for line in pins}
    asked = (ROOT / "requirements-dev.in").read_text(encoding="utf-8").splitlines()
    wanted = {line.partition("==")[0].strip().lower() for line in asked if line and not line.startswith(("#", "-r"))} | {
        "simple-salesforce"
    }
    assert wanted <= pinned, "`make lock` brings the lock up to date"


def test_the_action_group_holds_every_module() -> None:
    assert set(read_yaml("meta/runtime.yml")["action_groups"]["all"]) == names_in("modules")


def test_every_module_has_an_action_of_its_name() -> None:
    assert names_in("action") == names_in("modules")


def test_actions_are_found_by_name_alone() -> None:
    """Routing by action_plugin imports simple-salesforce in every task, an action of the module's own name once a run."""
    assert "action_plugin" not in (ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8")


def test_no_role_or_playbook_goes_by_ansible_check_mode() -> None:
    """It mirrors the command line, and stays false under a play's own check_mode: true: every result says check_mode itself."""
    files = [path for folder in ("roles", "playbooks", "extensions") for path in (ROOT / folder).rglob("*") if path.is_file()]
    assert files
    assert [str(path.relative_to(ROOT)) for path in files if "ansible_check_mode" in path.read_text(encoding="utf-8")] == []


def test_no_sanity_test_is_ignored() -> None:
    assert list((ROOT / "tests").rglob("ignore-*.txt")) == []


def test_continuous_integration_checks_then_shows_then_tests() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    text = script.read_text(encoding="utf-8")
    assert text.startswith("#!/usr/bin/env bash\n")
    assert "set -euo pipefail" in text
    assert re.findall(r"\bmake (.*?) *(?:<.*)?$", text, re.MULTILINE)[-1].split() == ["check", "demo", "test"]


def test_no_file_names_a_folder_of_this_machine() -> None:
    here = [str(ROOT), str(Path.home())]
    machine = tuple(f"{folder}/".encode() for folder in here if folder.count("/") > 1 or folder == "/root")
    found = [str(path.relative_to(ROOT)) for path in files_of_git() if any(folder in path.read_bytes() for folder in machine)]
    assert found == []


def opening(path: Path) -> tuple[str, ...]:
    """The first three lines after a shebang."""
    lines = path.read_text(encoding="utf-8").splitlines()
    start = 1 if lines and lines[0].startswith("#!") else 0
    return tuple(lines[start : start + 3])


def test_python_files_open_with_the_licence() -> None:
    # An empty __init__.py has nothing to license, and ansible-test wants those of modules and module_utils empty.
    sources = [path for path in files_of_git() if path.suffix == ".py" and path.stat().st_size]
    assert [str(path.relative_to(ROOT)) for path in sources if opening(path) != LICENCE] == []


def test_the_licence_is_there_in_full() -> None:
    text = (ROOT / "COPYING").read_text(encoding="utf-8")
    assert "GNU GENERAL PUBLIC LICENSE" in text
    assert "Version 3, 29 June 2007" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_what_make_sets_up_stays_out_of_the_collection() -> None:
    ignored = read_yaml("galaxy.yml")["build_ignore"]
    assert {".ws", ".venv", ".ci"} <= set(ignored)
