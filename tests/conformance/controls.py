# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Controls: a stub, and the emulator with single behaviours broken, must score lower than the emulator. A break that no test notices is an
untested rule, and that is a problem."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from conformance import broken, install, jsforce, pytests
from conformance.results import Case, Part
from conformance.stub import stub
from emulator.evidence import import_everything

WORKERS = 2
STUB_SECRETS = {
    "SF_USERNAME": "nobody@acme.example",
    "SF_PASSWORD": "none",
    "SF_OAUTH2_CLIENT_ID": "none",
    "SF_OAUTH2_CLIENT_SECRET": "none",
}


def failures(tests: Sequence[Case]) -> int:
    return sum(test.status == "failed" for test in tests)


def run(emulated: int) -> list[Part]:
    """A part a control. emulated: how many of the six jsforce suites' tests pass against the emulator, 0 where they were not run."""
    import_everything()
    return [stub_jsforce(emulated), stub_contract(), *broken_parts()]


def stub_jsforce(emulated: int) -> Part:
    """The suites of jsforce against the stub."""
    name = "control: a stub, jsforce"
    try:
        folder = install.install("jsforce")
    except install.Missing as missing:
        return Part(name, problems=(f"{name}: {missing}",))
    passed = ran = 0
    with stub() as url:
        environment = {**STUB_SECRETS, "SF_LOGIN_URL": url, "HTTPS_PROXY": url}
        for suite in jsforce.COUNTED:
            found = jsforce.run_suite(suite, folder, environment)
            passed += sum(error is None for _title, error in found.tests)
            ran += jsforce.SIZES[suite]
    problems = (f"{name}: it passes {passed}, the emulator {emulated}",) if emulated and passed >= emulated else ()
    return Part(name, note=f"{passed} of {ran}", problems=problems)


def stub_contract() -> Part:
    name = "control: a stub, contract tests"
    tests = pytests.contract("--stub")
    passed = {test.name for test in tests if test.status == "passed"} - {test.name for test in tests if test.status == "failed"}
    problems = () if failures(tests) > len(passed) else (f"{name}: it passes {len(passed)}",)
    return Part(name, note=f"{len(passed)} of {len({test.name for test in tests})}", problems=problems)


def broken_parts() -> list[Part]:
    """For each group of what must be right first: how many contract tests each break makes fail."""
    listed = [(group, name) for group, names in broken.GROUPS.items() for name in names]
    with ThreadPoolExecutor(WORKERS) as pool:
        found = dict(zip(listed, pool.map(lambda item: pytests.contract("--break", item[1]), listed), strict=True))
    parts = []
    for group, names in broken.GROUPS.items():
        told = {name: found[group, name] for name in names}
        note = "; ".join(f"{name}: {failures(tests)} fail" for name, tests in told.items())
        problems = tuple(problem for name, tests in told.items() if (problem := verdict(name, tests)))
        parts.append(Part(f"control: {group}", note=note, problems=problems))
    return parts


def verdict(name: str, tests: Sequence[Case]) -> str:
    """What is wrong with a control, or nothing."""
    failed = failures(tests)
    if not failed:
        return f"untested rule: {name}: breaking it makes no contract test fail"
    # An emulator that does nothing any more proves as little as one that does everything.
    return f"control {name}: every test fails, so it shows nothing of that rule" if failed > len(tests) / 2 else ""


def sweep() -> list[Part]:
    """Every behaviour that can be broken, and a test that notices: of the contract, or else the emulator's own."""
    import_everything()
    wanted = broken.names()
    with ThreadPoolExecutor(WORKERS) as pool:
        noticed = list(pool.map(noticing, wanted))
    tests = tuple(Case(name, "passed" if by else "failed", by) for name, by in zip(wanted, noticed, strict=True))
    problems = tuple(f"untested rule: {test.name}" for test in tests if test.status == "failed")
    return [Part("sweep: a test notices each break", tests, problems)]


def noticing(name: str) -> str:
    """The first test that fails when this is broken, or nothing."""
    tests = pytests.contract("-x", "--break", name)
    if not failures(tests) and name not in broken.PATCHES:
        tests = pytests.run(pytests.likely_first(), "-x", environment={"EMULATOR_BROKEN_RULES": name})
    by = next((test.name for test in tests if test.status == "failed"), "")
    print(f"{name}: {by or 'nothing notices'}", file=sys.stderr, flush=True)
    return by
