# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The SOQL differential as a part of the run: what the emulator's parser takes and refuses, and what a parser that others wrote does."""

from __future__ import annotations

from conformance import install
from conformance.differential import compare
from conformance.results import Case, Part

EXAMPLES = 2000
SEED = 1


def run() -> Part:
    return judged(compare.run(install.install("apex"), EXAMPLES, SEED))


def judged(found: compare.Comparison) -> Part:
    """Agreed statements passed, explained disagreements are skipped with their reason, the others failed. A statement may hold several."""
    name = "SOQL, accepted or refused"
    tests = [Case(f"statement {number}", "passed") for number in range(found.agreed)]
    tests += [Case(reason, "skipped", reason) for reason, number in found.explained.items() for _unused in range(number)]
    tests += [Case(statement, "failed", f"ours: {mine}; theirs: {theirs}") for statement, mine, theirs in found.unexplained]
    problems = [f"{name}: {test.name!r}: {test.why}" for test in tests if test.status == "failed"]
    if found.examples < EXAMPLES:
        problems.append(f"{name}: {found.examples} statements, not {EXAMPLES}")
    note = f"{found.examples} generated statements, {found.accepted_by_both} accepted by both; skipped: explained disagreements"
    return Part(name, tuple(tests), tuple(problems), note)
