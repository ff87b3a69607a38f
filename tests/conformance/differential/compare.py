# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accept or reject: the emulator's parser and @apexdevtools/apex-parser on the same generated statements, syntax only.

    PYTHONPATH=tests python -m conformance.differential.compare --oracle DIR --examples 2000

DIR is the folder that holds node_modules. Where the two disagree, known_disagreements.py must say why.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.differential.generate import examples as generated
from conformance.differential.known_disagreements import Answer, Case, Known, Oracle, applying
from emulator.errors import ApiError
from emulator.soql.parser import parse

ORACLE = Path(__file__).with_name("oracle.cjs")
SHOWN = 20
ROUNDS = 4
"""How many disagreements one statement may hold at once."""


@dataclass(frozen=True)
class Comparison:
    """What came out. explained: how often each reason held; unexplained: (statement, our answer, the oracle's)."""

    examples: int
    agreed: int
    accepted_by_both: int
    explained: dict[str, int]
    unexplained: tuple[tuple[str, str, str], ...]
    samples: dict[str, str]
    """One statement for each reason."""


def ours(statement: str) -> Answer:
    try:
        return Answer(parse(statement), "")
    except ApiError as error:
        return Answer(None, error.message.rpartition("\n")[2])


def oracle(found: dict[str, Any]) -> Oracle:
    return Oracle(**{**found, "names": tuple((str(name), int(at)) for name, at in found.get("names", ()))})


def ask(oracle_folder: Path, statements: Sequence[str]) -> list[Oracle]:
    """The oracle's answers, in order. Raises RuntimeError where node or the parser is missing."""
    node = shutil.which("node")
    if node is None or not (oracle_folder / "node_modules" / "@apexdevtools" / "apex-parser").is_dir():
        raise RuntimeError(f"node, or @apexdevtools/apex-parser in {oracle_folder}, is missing")
    lines = "".join(json.dumps(statement) + "\n" for statement in statements)
    done = subprocess.run([node, str(ORACLE), str(oracle_folder)], input=lines, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"the oracle failed: {done.stderr.strip()}")
    answers = [oracle(json.loads(line)) for line in done.stdout.splitlines()]
    if len(answers) != len(statements):
        raise RuntimeError(f"the oracle answered {len(answers)} of {len(statements)} statements")
    return answers


def disagreements(statements: Sequence[str], answers: Sequence[Oracle]) -> tuple[list[Case], int]:
    """(where the two differ, how many statements both accept)"""
    cases = [Case(statement, ours(statement), oracle) for statement, oracle in zip(statements, answers, strict=True)]
    both = sum(case.oracle.accept and case.ours.query is not None for case in cases)
    return [case for case in cases if (case.ours.query is not None) != case.oracle.accept], both


def explain(oracle_folder: Path, cases: Sequence[Case]) -> dict[str, list[Known]]:
    """Statement -> the reasons that hold. A reason that can be mended is a reason only if the mended statement is accepted by both."""
    found = {case.statement: applying(case) for case in cases}
    waiting = {case.statement: case for case in cases}
    confirmed: dict[str, list[Known]] = {}
    for _unused in range(ROUNDS):
        mended: dict[str, str] = {}
        for statement, case in waiting.items():
            reasons = applying(case)
            found[statement] += [one for one in reasons if one not in found[statement]]
            if any(one.mended is None for one in reasons):
                confirmed[statement] = found[statement]
            elif reasons:
                mended[statement] = next(one.mended(case) for one in reasons if one.mended is not None)
        answers = dict(zip(mended, ask(oracle_folder, list(mended.values())), strict=True)) if mended else {}
        waiting = {}
        for statement, text in mended.items():
            again = Case(text, ours(text), answers[statement])
            if again.oracle.accept and again.ours.query is not None:
                confirmed[statement] = found[statement]
            elif again.oracle.accept != (again.ours.query is not None):
                waiting[statement] = again
    return confirmed


def compare(oracle_folder: Path, statements: Sequence[str]) -> Comparison:
    differing, both = disagreements(statements, ask(oracle_folder, statements))
    reasons = explain(oracle_folder, differing)
    explained: Counter[str] = Counter()
    samples: dict[str, str] = {}
    for statement, known in reasons.items():
        label = f"{known[0].reason} [{known[0].source}]"
        explained[label] += 1
        if label not in samples or len(statement) < len(samples[label]):
            samples[label] = statement
    unexplained = tuple(
        (case.statement, case.ours.error or "accepted", case.oracle.error or "accepted")
        for case in differing
        if case.statement not in reasons
    )
    return Comparison(len(statements), len(statements) - len(differing), both, dict(explained), unexplained, samples)


def run(oracle_folder: Path, examples: int = 2000, seed: int = 1) -> Comparison:
    """Generate, ask both, compare."""
    return compare(oracle_folder, generated(examples, seed))


def report(found: Comparison) -> str:
    """The comparison in lines."""
    lines = [f"{found.examples} statements, {found.agreed} agreed ({found.accepted_by_both} accepted by both)"]
    for reason, count in sorted(found.explained.items(), key=lambda pair: -pair[1]):
        lines += [f"{count:5} {reason}", f"      {found.samples[reason]}"]
    lines.append(f"{len(found.unexplained)} unexplained")
    for statement, mine, theirs in found.unexplained[:SHOWN]:
        lines += [f"  {statement}", f"    here: {mine}", f"    there: {theirs}"]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--oracle", type=Path, required=True, help="the folder that holds node_modules")
    parser.add_argument("--examples", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    found = run(chosen.oracle, chosen.examples, chosen.seed)
    sys.stdout.write(report(found))
    return 1 if found.unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
