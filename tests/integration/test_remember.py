# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan that is only looked at: salesforce_remember: false keeps it out of what later tasks of a check-mode run build on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.fleet import Fleet
from harness.plays import host_variables, play

SET: dict[str, Any] = {"voiceops.salesforce.permission_set": {"name": "Acme_Looked_At", "user_permissions": ["ApiEnabled"]}}
PATHS = pytest.mark.parametrize("in_process", [True, False], ids=["in process", "as a module"])


@PATHS
@pytest.mark.parametrize("remember", [True, False])
def test_a_plan_is_remembered_unless_the_task_says_not_to(
    remember: bool, in_process: bool, tmp_path: Path, serve: Callable[..., Fleet]
) -> None:
    looked = {**SET, "check_mode": True, "vars": {"salesforce_remember": remember}}
    run = play(tmp_path, host_variables(serve(), in_process=in_process), [looked, {**SET, "check_mode": True}])
    assert run.status == 0, run.output
    assert [result["changed"] for result in run.of("permission_set")] == [True, not remember]


@PATHS
def test_a_task_that_remembers_nothing_sees_what_was_remembered(in_process: bool, tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    looked = {**SET, "vars": {"salesforce_remember": False}}
    run = play(tmp_path, host_variables(serve(), in_process=in_process), [SET, looked], arguments=["--check"])
    assert run.status == 0, run.output
    assert [result["changed"] for result in run.of("permission_set")] == [True, False]


def test_the_environment_says_it_too_and_a_word_that_is_neither_is_refused(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    hosts = host_variables(serve())
    run = play(tmp_path, hosts, [SET, SET], arguments=["--check"], environment={"SALESFORCE_REMEMBER": "no"})
    assert [result["changed"] for result in run.of("permission_set")] == [True, True]
    hosts["acme-uat"]["salesforce_remember"] = "perhaps"
    (result,) = play(tmp_path, hosts, [SET]).of("permission_set")
    assert (result["failed"], result["error_class"], result["error_code"]) == (True, "config", "remember")
