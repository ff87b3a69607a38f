# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a part of the conformance run found, and the table of it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

BEGIN = "<!-- begin: make conformance -->"
END = "<!-- end -->"


@dataclass(frozen=True)
class Case:
    """One test of somebody's: status is passed, failed or skipped; why says what happened, or for a skip the reason."""

    name: str
    status: str
    why: str = ""


@dataclass(frozen=True)
class Part:
    """One row of the table. problems: what makes the whole run fail; empty when every failure is explained. note: a word for the table."""

    name: str
    tests: tuple[Case, ...] = ()
    problems: tuple[str, ...] = ()
    note: str = ""

    def count(self, status: str) -> int:
        return sum(test.status == status for test in self.tests)

    @property
    def skips(self) -> Counter[str]:
        """How many tests were skipped for each reason."""
        return Counter(test.why for test in self.tests if test.status == "skipped")


def unavailable(name: str, why: object) -> Part:
    """A part that could not run at all: that is a problem, never a pass."""
    return Part(name, problems=(f"{name} did not run: {why}",))


def of_tests(name: str, tests: Iterable[Case], note: str = "", problems: Sequence[str] = ()) -> Part:
    """A part whose every failed test is a problem; a part without tests is one too."""
    found = tuple(tests)
    failed = [f"{name}: {test.name}: {test.why}" for test in found if test.status == "failed"]
    if not found:
        failed.append(f"{name}: nothing was run")
    return Part(name, found, (*failed, *problems), note)


def from_junit(path: Path) -> list[Case]:
    """The tests of a pytest run, from its junit file."""
    return [_junit_case(case) for case in ET.parse(path).iter("testcase")]


def _junit_case(case: ET.Element) -> Case:
    name = f"{case.get('classname', '').rpartition('.')[2]}::{case.get('name', '')}"
    for kind, status in (("failure", "failed"), ("error", "failed"), ("skipped", "skipped")):
        found = case.find(kind)
        if found is not None:
            return Case(name, status, (found.get("message") or "").strip().split("\n", 1)[0][:300])
    return Case(name, "passed")


def counts(part: Part) -> str:
    """Passed, failed, skipped; nothing where the note says it all."""
    return " | ".join(str(part.count(status)) if part.tests else "" for status in ("passed", "failed", "skipped"))


def table(parts: Sequence[Part]) -> str:
    """The parts as a Markdown table, and below it why tests were skipped."""
    lines = ["| part | passed | failed | skipped | |", "|---|---|---|---|---|"]
    lines += [f"| {part.name} | {counts(part)} | {part.note} |" for part in parts]
    reasons = [f"- {part.name}: {number} × {why}" for part in parts for why, number in sorted(part.skips.items())]
    if reasons:
        lines += ["", "Skipped:", "", *reasons]
    return "\n".join(lines)


def put_into(text: str, parts: Sequence[Part]) -> str:
    """The text of the page with the table between its markers. Raises ValueError where they are missing."""
    before, begin, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no {BEGIN} ... {END} in the page")
    return f"{before}{BEGIN}\n\n{table(parts)}\n\n{END}{after}"
