# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs ansible-test in the clone: python -m tooling.ansible_test sanity [arguments].

ansible-test wants three things that a clone does not give: a collection that is no link (it gets a copy of what git would commit), a home
for the virtual environments of its tests (it gets one in the workspace, kept warm between runs), and get-pip from a host of its own project
(it gets a stand-in that takes pip from the package registry, so that a machine that reaches only a registry can run it too).
"""

from __future__ import annotations

import ast
import configparser
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tooling import workspace

HOME = workspace.WORKSPACE / "ansible-test"
WHEELS = HOME / "wheels"

# Run by ansible-test with the arguments it would give to get-pip: requirements, and options of get-pip that pip does not know.
STAND_IN = """\
# Written by tests/tooling/ansible_test.py: installs pip from a wheel in place of get-pip.
import runpy
import sys

WHEEL = {wheel!r}
NOT_PIPS = ("--no-setuptools", "--no-wheel")

sys.path.insert(0, WHEEL)
arguments = [argument for argument in sys.argv[1:] if argument not in NOT_PIPS]
sys.argv[1:] = ["install", "--no-index", "--find-links", {wheels!r}, "--upgrade", "--force-reinstall", *arguments]
runpy.run_module("pip", run_name="__main__", alter_sys=True)
"""


def pip_version() -> str:
    """The version of pip that the installed ansible-test puts into its virtual environments."""
    asked = (
        "import types; from ansible_test._internal import python_requirements as requirements;"
        f"print(requirements.get_venv_packages(types.SimpleNamespace(version={python_version()!r}))['pip'])"
    )
    return subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True).stdout.strip()


def python_version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def pip_settings(environ: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """(section, option, value) of all that pip is told here; what the environment says comes last, since it wins."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listing = subprocess.run(command, check=True, capture_output=True, text=True, env=dict(environ))
    from_environment = []
    for line in listing.stdout.splitlines():
        found = re.fullmatch(r"(?P<section>[^=]+)\.(?P<option>[^.=]+)=(?P<value>'.*'|\".*\")", line)
        if not found:
            continue
        value = str(ast.literal_eval(found["value"]))
        if found["section"] == ":env:":
            from_environment.append(("global", found["option"], value))
        else:
            yield found["section"], found["option"], value
    yield from from_environment
    # ansible-test drops these from the environment; pip would have read them.
    certificates = environ.get("REQUESTS_CA_BUNDLE") or environ.get("SSL_CERT_FILE")
    if certificates and "PIP_CERT" not in environ:
        yield "global", "cert", certificates


def write_pip_configuration(environ: Mapping[str, str]) -> None:
    """Repeat pip's settings in the home of ansible-test, which drops PIP_* and SSL_* from the environment."""
    settings = configparser.RawConfigParser()
    settings.read_dict({"global": {"quiet": "2"}})
    for section, option, value in pip_settings(environ):
        if not settings.has_section(section):
            settings.add_section(section)
        settings.set(section, option, value)
    path = HOME / ".config" / "pip" / "pip.conf"
    path.parent.mkdir(parents=True, exist_ok=True)
    # Registry settings may hold a password.
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        settings.write(file)


def write_stand_in() -> None:
    """Put the stand-in where ansible-test looks for get-pip before it would download it."""
    version = pip_version()
    wheels = sorted(WHEELS.glob(f"pip-{version}-*.whl"))
    if not wheels:
        download = [sys.executable, "-m", "pip", "download", "-qq", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*download, "--dest", str(WHEELS), f"pip=={version}"], check=True)
        wheels = sorted(WHEELS.glob(f"pip-{version}-*.whl"))
    path = HOME / ".ansible" / "test" / "cache" / f"get_pip_{version.replace('.', '_')}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(STAND_IN.format(wheel=str(wheels[0]), wheels=str(WHEELS)), encoding="utf-8")


def copy_collection(root: Path) -> Path:
    """Copy what git would commit below root; returns the collection's folder there."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, check=True, capture_output=True, cwd=workspace.ROOT)
    collection = root / workspace.COLLECTION
    for name in filter(None, os.fsdecode(listing.stdout).split("\0")):
        original = workspace.ROOT / name
        if not original.exists():  # removed, and not committed yet
            continue
        copy = collection / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(original, copy, follow_symlinks=False)
    return collection


def run(arguments: list[str]) -> int:
    """Run ansible-test with these arguments on a copy of the collection; returns its exit code."""
    write_pip_configuration(os.environ)
    write_stand_in()
    programs = str(Path(sys.executable).parent)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(workspace.FOREIGN)}
    environ |= {"HOME": str(HOME), "PATH": os.pathsep.join([programs, environ.get("PATH", os.defpath)])}
    environ.pop("PYTHONPATH", None)
    environ.pop("XDG_CONFIG_HOME", None)
    with tempfile.TemporaryDirectory(prefix="ansible-test-") as scratch:
        collection = copy_collection(Path(scratch).resolve())
        command = [str(Path(programs, "ansible-test")), arguments[0], "--python", python_version(), *arguments[1:]]
        return subprocess.run(command, cwd=collection, env=environ, stdin=subprocess.DEVNULL, check=False).returncode


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:] or ["sanity"]))
