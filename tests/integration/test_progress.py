# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person at the terminal sees of long work, and what a program that reads the output does not."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from emulator.faults import Delay, Fault
from emulator.fleet import Fleet
from harness.plays import CALLBACKS, Played, host_variables, play
from tooling import workspace

EVERY = 0.5
DELAY = 0.3
LINE = re.compile(r"^\[.+ \(127\.0\.0\.1:\d+\)\] [\w ]+ (\d+)/60, [\d.]+/s, API [\d,]+/100,000$", re.MULTILINE)


def played(folder: Path, serve: Callable[..., Fleet], environment: Mapping[str, str], *, in_process: bool = True) -> tuple[Played, float]:
    """Sixty members leave, ten a call, each call a while; how the run went and how long it was."""
    fleet = serve(members=60)
    served = fleet["acme-uat"]
    served.faults.add(Fault(Delay(DELAY), match_path="/composite", times=None))
    options: dict[str, Any] = {
        "contact_center": served.org.seed_info["centers"]["partner_telephony"],
        "users": served.org.seed_info["members"],
        "state": "absent",
        "batch_size": 2,
    }
    task = {"voiceops.salesforce.contact_center_member": options}
    own = {"VOICEOPS_SALESFORCE_PROGRESS_EVERY": str(EVERY), "ANSIBLE_DISPLAY_FAILED_STDERR": "false", **environment}
    started = time.monotonic()
    run = play(folder, host_variables(fleet, in_process=in_process), [task], environment=own)
    assert run.status == 0, run.output
    assert len(run.of("contact_center_member")[0]["changes"]) == 60
    return run, time.monotonic() - started


def test_long_work_is_told_of_live_and_not_too_often(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    run, lasted = played(tmp_path, serve, {})
    done = [int(number) for number in LINE.findall(run.output)]
    assert 2 <= len(done) <= lasted / EVERY
    assert done == sorted(set(done))
    assert done[0] < 60
    assert run.output.index(LINE.search(run.output)[0]) < run.output.index("changed: [acme-uat]")  # type: ignore[index]


# A callback that writes what programs read, as those of ansible.posix do, which the tests do not install.
CALLBACK = '''
DOCUMENTATION = """
name: {name}
type: stdout
short_description: for tests
description: [for tests]
options: {{}}
"""
from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "{name}"

    def v2_playbook_on_stats(self, stats):
        self._display.display("[]")
'''


@pytest.mark.parametrize(("callback", "told"), [("json", False), ("ansible.posix.jsonl", False), ("ansible.posix.other", True)])
def test_nothing_is_told_where_a_program_reads(callback: str, told: bool, tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    name = callback.rpartition(".")[2]
    folder = tmp_path / "ansible_collections" / "ansible" / "posix" / "plugins" / "callback"
    folder.mkdir(parents=True)
    (folder / f"{name}.py").write_text(CALLBACK.format(name=name), encoding="utf-8")
    found = {
        "ANSIBLE_STDOUT_CALLBACK": callback,
        "ANSIBLE_CALLBACK_PLUGINS": f"{CALLBACKS}:{folder}",
        "ANSIBLE_COLLECTIONS_PATH": f"{workspace.WORKSPACE}:{tmp_path}",
    }
    run, _unused = played(tmp_path, serve, found)
    assert bool(LINE.search(run.output)) is told
    assert told or run.output.strip() == "[]"


def test_a_module_in_a_process_of_its_own_tells_nothing(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    run, _unused = played(tmp_path, serve, {}, in_process=False)
    assert LINE.search(run.output) is None
