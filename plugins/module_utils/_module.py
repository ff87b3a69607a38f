# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""The module boundary: the only place with AnsibleModule, exit_json and fail_json."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.parameters import remove_values

from ._connection import argument_spec
from ._converge import Noun, converge
from ._errors import Problem
from ._org import Run

# Set by the action plugin: where check mode remembers what it planned to create. Not an option: users never set it.
MEMORY_VARIABLE = "VOICEOPS_SALESFORCE_MEMORY"
# Set by the action plugin too: "no" where this task's plan is not to be remembered.
REMEMBER_VARIABLE = "VOICEOPS_SALESFORCE_REMEMBER"
# And the inventory host that the task is for.
HOST_VARIABLE = "VOICEOPS_SALESFORCE_HOST"


def full_spec(noun: Noun) -> dict[str, Mapping[str, Any]]:
    """A module's argument spec: the connection's options and its own."""
    return {**argument_spec(), **noun.argument_spec}


def failure(noun: Noun, problem: Problem) -> dict[str, Any]:
    """The result of a task that could not go on."""
    unchanged = {} if noun.only_reads else {"changes": []}
    return {"failed": True, "changed": False, **unchanged, "msg": str(problem), **problem.as_result()}


def outcome(noun: Noun, params: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """The one procedure's result, or its failure as one, with every secret taken out. Both boundaries end here."""
    try:
        # Libraries warn on the terminal in the middle of a run's output; what matters to users is in the result.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = converge(noun, params, run)
    except Problem as problem:
        result = failure(noun, problem)
    # What repeats a key seldom repeats the line end after it.
    hidden = {text for secret in run.secrets for text in (secret, secret.strip()) if text}
    scrubbed: dict[str, Any] = remove_values(result, hidden)
    return scrubbed


def run_module(noun: Noun) -> None:
    """A module's main: options in, result out."""
    module = AnsibleModule(argument_spec=full_spec(noun), supports_check_mode=True, **noun.constraints)
    memory: str | None = os.environ.get(MEMORY_VARIABLE)
    run = Run(
        check_mode=module.check_mode,
        scratch=Path(module.tmpdir),
        environment=dict(os.environ),
        memory=Path(memory) if memory and Path(memory).is_dir() else None,
        secrets=set(module.no_log_values),
        remember=os.environ.get(REMEMBER_VARIABLE) != "no",
        host=os.environ.get(HOST_VARIABLE, ""),
    )
    result = outcome(noun, module.params, run)
    for warning in result.pop("warnings", []):
        module.warn(warning)
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)
