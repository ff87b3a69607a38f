# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parts of the run that are tests of this repository, run by pytest in a process of their own and counted."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from conformance.results import Case, Part, from_junit, of_tests
from tooling import workspace

UNIT = Path("tests", "unit", "emulator")
CONTRACT = Path("tests", "contract")
RECORDINGS = workspace.ROOT.parent / "shared" / "golden" / "sf-fx-runtime-java"
LIMIT_SECONDS = 900
DRAWS = 4


def run(paths: Sequence[Path], *options: str, environment: Mapping[str, str] | None = None) -> list[Case]:
    """Every test of these paths. Raises RuntimeError where pytest itself failed."""
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        report = Path(folder) / "junit.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", f"--junitxml={report}", *options]
        done = subprocess.run(
            [*command, *map(str, paths)],
            cwd=workspace.ROOT,
            env={**workspace.environment(os.environ), **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT_SECONDS,
        )
        if not report.is_file() or done.returncode not in (0, 1):
            raise RuntimeError(f"pytest ended with {done.returncode}: {(done.stdout + done.stderr).strip()[-400:]}")
        return from_junit(report)


def likely_first() -> list[Path]:
    """The emulator's own test files; those of rules before the others, since a run that looks for one failure ends there."""
    files = sorted((workspace.ROOT / UNIT).glob("test_*.py"))
    return [path.relative_to(workspace.ROOT) for path in sorted(files, key=lambda path: not path.name.startswith("test_rules_"))]


def contract(*options: str) -> list[Case]:
    return run([CONTRACT], *options)


def contract_parts() -> list[Part]:
    """The contract tests, each answer held against the OpenAPI document; then with the switches drawn at random."""
    plain = of_tests("contract tests", contract(), note="every answer checked against the OpenAPI document" if checks_openapi() else "")
    found: list[Case] = []
    for seed in range(1, DRAWS + 1):
        found += contract("--switches", f"random:{seed}")
    return [plain, of_tests("contract tests, switches drawn", found, note=f"{DRAWS} draws")]


def checks_openapi() -> bool:
    return (RECORDINGS.parent / "opensdks-oas").is_dir() and (Path(__file__).parent / "openapi.py").is_file()


def openapi() -> Part:
    """Every emulated object's answers, and every verb."""
    return of_tests("OpenAPI schemas and verbs", run([UNIT / "test_openapi.py"]), note="every emulated object that the document has")


def recordings() -> Part:
    """Salesforce's own recordings, replayed; a file that no test replays is a problem."""
    name = "recordings"
    if not RECORDINGS.is_dir():
        return Part(name, (Case("all", "skipped", "the recordings (../shared/golden) are not on this machine"),))
    files = sorted((workspace.ROOT / UNIT).glob("test_recordings_*.py"))
    tests = run([path.relative_to(workspace.ROOT) for path in files]) if files else []
    left = uncovered(files, sorted(path.stem for path in RECORDINGS.glob("*.json")))
    problems = [f"{name}: no test replays {stem}.json" for stem in left]
    number = len(list(RECORDINGS.glob("*.json")))
    return of_tests(name, tests, note=f"{number - len(left)} of {number} files", problems=problems)


def uncovered(files: Sequence[Path], stems: Sequence[str]) -> list[str]:
    """Recordings that no test names."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    return [stem for stem in stems if f'"{stem}"' not in text and f'"{stem}.json"' not in text]
