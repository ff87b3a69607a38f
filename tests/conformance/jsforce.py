# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The mocha suites that ship inside jsforce 1.9.3, unmodified, against an emulated org.

The suites log in by SOAP over plain http where they are told a login URL; the session suite always logs in at login.salesforce.com, so it
goes through the CONNECT entry. Each suite gets an org of its own. Every test that does not pass must be in skips.yml with a reason, and an
entry whose test passes is a mistake too.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from conformance import install
from conformance.results import Case, Part
from conformance.seed import PASSWORD, suite_org
from emulator.fleet import Fleet

SKIPS = Path(__file__).with_name("skips.yml")
COUNTED = ("connection-crud", "query", "sobject", "soap", "connection-session", "soql-builder")
"""The six suites of which at least 90 of the 98 tests must pass."""
FURTHER = ("connection-meta",)
SUITES = (*COUNTED, *FURTHER)
SIZES: Mapping[str, int] = {
    "connection-crud": 18,
    "query": 16,
    "sobject": 24,
    "soap": 8,
    "connection-session": 12,
    "soql-builder": 17,
    "connection-meta": 15,
}
"""How many tests each suite has: a run that counts fewer has lost some."""
REQUIRED = 90
TOTAL = "jsforce, the six suites"
THROUGH_LOGIN_HOST = ("connection-session", "connection-meta")
"""Suites that call login.salesforce.com whatever they are told: to log in, or because identity URLs are there."""
CALLBACK = "http://localhost:4000/oauth2/callback"
NO_BROWSER = "no browser"
LIMIT_SECONDS = 240
WORKERS = 2


@dataclass(frozen=True)
class Target:
    """Where a suite runs: what its environment says of the org."""

    environment: Mapping[str, str]


@dataclass(frozen=True)
class SuiteRun:
    """What one suite's own reporter said. tests: each as (title, error or None)."""

    suite: str
    tests: tuple[tuple[str, str | None], ...]
    hooks: tuple[str, ...] = ()
    """Failed set-up or clean-up hooks."""


@contextmanager
def emulated(suite: str, browser: Path | None) -> Iterator[Target]:
    """An emulated org of its own for that suite, set up as the suite's authors set theirs up: the username-password flow is allowed, and any
    user may let the app in."""
    org = suite_org(f"jsforce-{suite}")
    with Fleet([org], plain_http=True) as fleet:
        served = fleet[org.name]
        app = served.client
        app.password_flow, app.policy, app.scope = True, "self_authorize", "api refresh_token"
        app.callback_urls.add(CALLBACK)
        environment = {
            "SF_LOGIN_URL": str(served.plain_home),
            "SF_USERNAME": str(org.seed_info["admin_username"]),
            "SF_PASSWORD": PASSWORD,
            "SF_OAUTH2_CLIENT_ID": app.client_id,
            "SF_OAUTH2_CLIENT_SECRET": app.client_secret,
        }
        if suite in THROUGH_LOGIN_HOST:
            del environment["SF_LOGIN_URL"]
            proxy = fleet.proxy().url
            environment |= {"HTTPS_PROXY": proxy, "NODE_EXTRA_CA_CERTS": str(fleet.ca_path)}
            if browser is not None:
                environment["PUPPETEER_EXECUTABLE_PATH"] = str(wrapped(browser, fleet.folder, proxy))
        yield Target(environment)


def wrapped(browser: Path, folder: Path, proxy: str) -> Path:
    """A program that starts the browser so that it finds the emulator: Chromium takes proxy and trust from its command line alone."""
    program = folder / "browser"
    options = f"--proxy-server={shlex.quote(proxy)} --ignore-certificate-errors"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(str(browser))} {options} "$@"\n', encoding="utf-8")
    program.chmod(0o700)
    return program


def run_suite(suite: str, folder: Path, environment: Mapping[str, str]) -> SuiteRun:
    """Run one suite as mocha does and read its report. Raises RuntimeError where there is none."""
    package = folder / "node_modules" / "jsforce"
    mocha = folder / "node_modules" / "mocha" / "bin" / "_mocha"
    command = [str(install.node()), "--no-deprecation", str(mocha), "--reporter", "json", f"test/{suite}.test.js"]
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    done = subprocess.run(
        command, cwd=package, env={**kept, **environment}, capture_output=True, text=True, check=False, timeout=LIMIT_SECONDS
    )
    return SuiteRun(suite, *read_report(done.stdout, done.stderr))


def read_report(output: str, errors: str = "") -> tuple[tuple[tuple[str, str | None], ...], tuple[str, ...]]:
    """(tests, failed hooks) of mocha's JSON report, which other output may precede."""
    start = output.find('{\n  "stats"')
    if start < 0:
        raise RuntimeError(f"mocha gave no report: {(errors or output).strip()[-400:]}")
    report: dict[str, Any] = json.JSONDecoder().raw_decode(output[start:])[0]
    tests = tuple((str(test["fullTitle"]), _error(test)) for test in report["tests"])
    ran = {title for title, _error_text in tests}
    hooks = [f"{test['fullTitle']}: {_error(test)}" for test in report["failures"] if test["fullTitle"] not in ran]
    return tests, tuple(hooks)


def _error(test: Mapping[str, Any]) -> str | None:
    error = test.get("err") or {}
    if not error:
        return None
    return str(error.get("message") or error)[:300].replace("\n", " ")


def reasons() -> dict[tuple[str, str], str]:
    """(suite, title) -> why that test need not pass."""
    listed = yaml.safe_load(SKIPS.read_text(encoding="utf-8")) or []
    return {(str(entry["suite"]), str(entry["test"])): str(entry["reason"]) for entry in listed}


def judge(found: SuiteRun, known: Mapping[tuple[str, str], str], size: int) -> tuple[list[Case], list[str]]:
    """The tests of a suite, the explained failures as skipped; and what is wrong with the run or the list."""
    tests: list[Case] = []
    problems = [f"jsforce {found.suite}: a hook failed: {hook}" for hook in found.hooks]
    seen: dict[str, int] = {}
    for title, error in found.tests:
        seen[title] = seen.get(title, 0) + 1
        reason = known.get((found.suite, title))
        if error is None:
            tests.append(Case(title, "passed"))
            if reason is not None:
                problems.append(f"jsforce {found.suite}: {title!r} passes, yet skips.yml says: {reason}")
        elif reason is not None:
            tests.append(Case(title, "skipped", reason))
        else:
            tests.append(Case(title, "failed", error))
            problems.append(f"jsforce {found.suite}: {title!r} failed: {error}")
    unknown = [title for suite, title in known if suite == found.suite and title not in seen]
    problems += [f"jsforce {found.suite}: skips.yml names {title!r}, which did not run" for title in unknown]
    if len(found.tests) != size:
        problems.append(f"jsforce {found.suite}: {len(found.tests)} tests ran, not {size}")
    return tests, problems


def applicable(known: Mapping[tuple[str, str], str], browser: Path | None) -> dict[tuple[str, str], str]:
    """The reasons that hold on this machine: the tests that drive a browser need none where there is one."""
    return {key: reason for key, reason in known.items() if browser is None or not reason.startswith(NO_BROWSER)}


def find_browser() -> Path | None:
    try:
        return install.browser()
    except install.Missing:
        return None


def run(suites: Sequence[str] = SUITES) -> list[Part]:
    """A part for each suite, and the sum of the six that count."""
    folder = install.install("jsforce")
    browser = find_browser()
    known = applicable(reasons(), browser)

    def one(suite: str) -> Part:
        with emulated(suite, browser) as target:
            found = run_suite(suite, folder, target.environment)
        tests, problems = judge(found, known, SIZES[suite])
        return Part(f"jsforce {suite}", tuple(tests), tuple(problems))

    with ThreadPoolExecutor(WORKERS) as pool:
        parts = list(pool.map(one, suites))
    return [*parts, total(parts)] if set(suites) == set(SUITES) else parts


def total(parts: Sequence[Part]) -> Part:
    """The number that is asked for: how many of the six suites' tests pass."""
    counted = [part for part in parts if part.name.removeprefix("jsforce ") in COUNTED]
    passed = sum(part.count("passed") for part in counted)
    size = sum(SIZES[suite] for suite in COUNTED)
    problems = () if passed >= REQUIRED else (f"jsforce: {passed} of {size} tests pass, fewer than {REQUIRED}",)
    return Part(TOTAL, note=f"**{passed} of {size}**", problems=problems)
