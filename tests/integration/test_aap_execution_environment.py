# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The execution environment as far as it can be made without a container engine: its build context, and in a clean virtual environment what the
Containerfile would install, with the built collection, looking at an emulated org."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml

from emulator.fleet import Fleet
from tooling.workspace import ROOT

DEFINITION = ROOT / "docs" / "aap" / "execution-environment.yml"
PIP = ("-m", "pip", "--disable-pip-version-check", "--retries", "1", "--timeout", "15")


def clean() -> dict[str, str]:
    """The environment without anything of this clone's."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "SALESFORCE_", "PYTHONPATH", "VIRTUAL_ENV"))
    }


def run(*command: object, cwd: Path | None = None, environment: Mapping[str, str] | None = None) -> str:
    """Run a program, away from this clone's ansible.cfg; its output. Raises AssertionError with it where the program fails."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd or "/",
        env={**clean(), **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("context")
    run(sys.executable, "-m", "ansible_builder", "create", "--file", DEFINITION, "--context", folder, "--output-filename", "Containerfile")
    return folder


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the built collection is installed, and nothing else."""
    folder = tmp_path_factory.mktemp("collection")
    galaxy = (sys.executable, "-m", "ansible", "galaxy", "collection")
    home = {"ANSIBLE_HOME": str(folder / "home")}
    run(*galaxy, "build", ROOT, "--output-path", folder, environment=home)
    (tarball,) = folder.glob("voiceops-salesforce-*.tar.gz")
    run(*galaxy, "install", "--offline", "--collections-path", folder / "installed", tarball, environment=home)
    return folder / "installed"


def argument(context: Path, name: str) -> str:
    """The value of an ARG of the Containerfile."""
    found = re.search(rf'^ARG {name}="(.*)"$', (context / "Containerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert found, name
    return found[1]


def test_the_build_context_installs_the_collection_and_what_it_needs(context: Path) -> None:
    wanted = yaml.safe_load((context / "_build" / "requirements.yml").read_text(encoding="utf-8"))
    assert [entry["name"] for entry in wanted["collections"]] == ["voiceops.salesforce"]
    lines = (context / "Containerfile").read_text(encoding="utf-8")
    assert (
        'ansible-galaxy collection install $ANSIBLE_GALAXY_CLI_COLLECTION_OPTS -r requirements.yml --collections-path "/usr/share/' in lines
    )
    assert "introspect.py introspect" in lines
    assert "ansible-core" in argument(context, "ANSIBLE_INSTALL_REFS")
    assert "ansible-runner" in argument(context, "ANSIBLE_INSTALL_REFS")
    python = yaml.safe_load(DEFINITION.read_text(encoding="utf-8"))["dependencies"]["python_interpreter"]
    assert argument(context, "PYCMD") == python["python_path"]


def introspected(python: Path, context: Path, collections: Path, folder: Path) -> list[str]:
    """What the context's own program finds in the installed collection, as the Containerfile has it do; the Python requirements."""
    pip, bindep = folder / "requirements.txt", folder / "bindep.txt"
    script = context / "_build" / "scripts" / "introspect.py"
    run(python, script, "introspect", f"--write-pip={pip}", f"--write-bindep={bindep}", collections)
    assert not bindep.exists() or not bindep.read_text(encoding="utf-8").strip()
    return [line.partition("#")[0].strip() for line in pip.read_text(encoding="utf-8").splitlines() if line.partition("#")[0].strip()]


def test_the_collection_tells_the_builder_what_it_needs(tmp_path: Path, context: Path, collections: Path) -> None:
    asked = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = [line.strip() for line in asked if line.strip() and not line.startswith("#")]
    assert introspected(Path(sys.executable), context, collections, tmp_path) == wanted


def test_what_the_context_asks_for_is_enough_to_look_at_an_org_and_to_converge_it(
    tmp_path: Path, context: Path, collections: Path, serve: Callable[..., Fleet]
) -> None:
    python = tmp_path / "environment" / "bin" / "python"
    venv.create(tmp_path / "environment", with_pip=False, symlinks=True)
    pip = (sys.executable, *PIP, "--python", python, "install", "--quiet")
    try:
        run(*pip, "--dry-run", "--no-deps", "ansible-runner")
    except (AssertionError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"the package registry cannot be reached: {str(error).strip().splitlines()[-1]}")
    wanted = introspected(Path(sys.executable), context, collections, tmp_path)
    run(*pip, *shlex.split(argument(context, "ANSIBLE_INSTALL_REFS")), *wanted)
    fleet = serve()
    inventory = tmp_path / "orgs.yml"
    inventory.write_text(fleet.inventory().replace("all:", "salesforce_orgs:", 1), encoding="utf-8")
    info = fleet["acme-uat"].org.seed_info
    declared = {
        "api_user_username": info["api_user"],
        "api_user_permission_set_name": "Acme_Vonage_API_User",
        "contact_center_name": "AcmeVoice",
        "contact_center_users": [info["users"]["agent"]],
    }
    variables = ["-e", json.dumps(declared)]
    environment = {
        "PATH": f"{python.parent}:/usr/bin:/bin",
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_HOME": str(tmp_path / "home"),
        "ANSIBLE_CALLBACKS_ENABLED": "voiceops.salesforce.report",
        "ANSIBLE_NOCOLOR": "1",
    }
    said = {}
    for playbook in ("preflight", "drift", "converge"):
        writes = len(fleet["acme-uat"].org.writes)
        said[playbook] = run(
            python.with_name("ansible-playbook"),
            "-i",
            inventory,
            f"voiceops.salesforce.{playbook}",
            *variables,
            cwd=tmp_path,
            environment=environment,
        )
        assert "failed=0" in said[playbook], said[playbook]
        assert bool(fleet["acme-uat"].org.writes[writes:]) is (playbook == "converge")
    assert "create permission_set Acme_Vonage_API_User" in said["drift"]
    report = (tmp_path / "salesforce_reports" / "fleet.html").read_text(encoding="utf-8")
    assert "acme-uat" in report
