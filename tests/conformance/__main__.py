# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs every part, prints the table, and ends with 1 where something failed that nobody explained.

python -m conformance                          everything
python -m conformance --part sf --part soql    these parts alone
python -m conformance --write                  put the table into docs/conformance.md too
python -m conformance --sweep                  break every rule that can be broken, one after the other, and name a test that notices
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from conformance import controls, install, jsforce, pytests, sfcli, soql
from conformance.results import Part, put_into, table, unavailable
from tooling import workspace

PAGE = Path("docs", "conformance.md")


def run_controls(done: list[Part]) -> list[Part]:
    total = next((part for part in done if part.name == jsforce.TOTAL), None)
    passed = int(total.note.strip("*").split(" ", 1)[0]) if total else 0
    return controls.run(passed)


PARTS: Mapping[str, Callable[[list[Part]], list[Part]]] = {
    "jsforce": lambda _done: jsforce.run(),
    "recordings": lambda _done: [pytests.recordings()],
    "contract": lambda _done: pytests.contract_parts(),
    "openapi": lambda _done: [pytests.openapi()],
    "soql": lambda _done: [soql.run()],
    "sf": lambda _done: [sfcli.run()],
    "controls": run_controls,
}
"""In this order; the controls look at what was found before."""


def perform(names: list[str]) -> list[Part]:
    done: list[Part] = []
    for name in names:
        started = time.monotonic()
        try:
            done += PARTS[name](done)
        except (install.Missing, RuntimeError, ImportError, subprocess.TimeoutExpired) as error:
            done.append(unavailable(name, error))
        print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", action="append", choices=list(PARTS), help="this part alone; may be given again")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE} as well")
    parser.add_argument("--sweep", action="store_true", help="only this: break everything that can be broken")
    arguments = parser.parse_args()
    if arguments.write and (arguments.part or arguments.sweep):
        parser.error("the page shows every part: --write goes alone")
    parts = controls.sweep() if arguments.sweep else perform(arguments.part or list(PARTS))
    print(table(parts))
    if arguments.sweep:
        print("\n" + "\n".join(f"- {case.name}: {case.why or 'no test'}" for part in parts for case in part.tests))
    problems = [problem for part in parts for problem in part.problems]
    if problems:
        print("\nProblems:\n" + "\n".join(f"- {problem}" for problem in problems))
    if arguments.write:
        page = workspace.ROOT / PAGE
        page.write_text(put_into(page.read_text(encoding="utf-8"), parts), encoding="utf-8")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
