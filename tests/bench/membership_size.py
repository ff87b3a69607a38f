# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a contact center of 10,000 members costs: API calls (each task with its own login), this side's own time, and the most memory that this
process, Python and its libraries included, has held by then. The emulated org answers from another process.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.voiceops.salesforce.plugins.module_utils._contact_center_member import NOUN
from ansible_collections.voiceops.salesforce.plugins.module_utils._module import full_spec, outcome
from ansible_collections.voiceops.salesforce.plugins.module_utils._org import Run

CENTER, MEMBERS, SOME, FEW = "AcmeVoice", 10_000, 1_000, 50
WAIT = 60


@contextmanager
def org(folder: Path) -> Iterator[dict[str, Any]]:
    """The connection options of an emulated sandbox with that many members, for as long as it is needed."""
    inventory = folder / "emulator.yml"
    command = [sys.executable, "-m", "emulator", "--orgs", "sandbox1", "--members", str(MEMBERS - 1), "--write-inventory", str(inventory)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            for _unused in range(WAIT * 10):
                if inventory.exists() and inventory.read_text(encoding="utf-8").endswith("\n"):
                    break
                time.sleep(0.1)
            (host,) = _hosts(yaml.safe_load(inventory.read_text(encoding="utf-8")))
            yield {name.removeprefix("salesforce_"): value for name, value in host.items()}
        finally:
            process.terminate()


def _hosts(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The variables of each host of an inventory, with those of its group."""
    return [{**(group.get("vars") or {}), **(values or {})} for group in told.values() for values in (group.get("hosts") or {}).values()]


def task(connection: Mapping[str, Any], **options: Any) -> dict[str, Any]:
    """One task as a run of its own. Raises SystemExit where it failed."""
    given = {**connection, "contact_center": CENTER, "batch_size": 200, **options}
    known = {name: value for name, value in given.items() if name in full_spec(NOUN)}
    checked = ArgumentSpecValidator(full_spec(NOUN)).validate(known)
    with tempfile.TemporaryDirectory() as scratch:
        result = outcome(NOUN, checked.validated_parameters, Run(check_mode=False, scratch=Path(scratch), environment=dict(os.environ)))
    if result.get("failed"):
        raise SystemExit(result["msg"])
    return result


def line(what: str, connection: Mapping[str, Any], **options: Any) -> str:
    """One line of the table: the task done and measured."""
    started = time.thread_time()
    result = task(connection, **options)
    seconds = time.thread_time() - started
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"{what:<58} {len(result['changes']):>8} {result['api']['calls']:>6} {seconds:>10.2f} {megabytes:>8.0f}"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, org(Path(folder)) as connection:
        everybody = [f"agent{number:05d}@acme.example.uat" for number in range(1, MEMBERS)] + ["member@acme.example.uat"]
        some, rest = everybody[:SOME], everybody[FEW:]
        print(f"{'':<58} {'changes':>8} {'calls':>6} {'own CPU s':>10} {'peak MB':>8}")
        print(line(f"{MEMBERS:,} members, exact, nothing to do", connection, users=everybody, state="exact"))
        print(line(f"{MEMBERS:,} members, exact, {FEW} to remove", connection, users=rest, state="exact", max_removals=FEW))
        print(line(f"{MEMBERS:,} members, exact, {FEW} to add", connection, users=everybody, state="exact"))
        print(line(f"{SOME:,} users removed", connection, users=some, state="absent"))
        print(line(f"{SOME:,} users added by the field", connection, users=some))
        print(line(f"{SOME:,} users, nothing to do", connection, users=some))
        task(connection, users=some, state="absent")
        print(line(f"{SOME:,} users added by a bulk job (polls included)", connection, users=some, method="bulk"))


if __name__ == "__main__":
    main()
