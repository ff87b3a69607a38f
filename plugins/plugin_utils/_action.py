# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is private to the collection.
"""The action boundary: the same procedure, inside the controller's worker, whatever the host's connection says.

An org is a host that nobody can log in to: its tasks run here. The module path is taken where it is asked for (salesforce_in_process: false), for
async with poll 0, and for a delegation to another machine.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Callable

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import filter_loader, test_loader
from ansible.utils.display import Display

from ansible_collections.voiceops.salesforce.plugins.module_utils._connection import IN_PROCESS, REMEMBER, SHARED, Row, resolve
from ansible_collections.voiceops.salesforce.plugins.module_utils._converge import Noun
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import CONFIG, Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._module import (
    HOST_VARIABLE,
    MEMORY_VARIABLE,
    REMEMBER_VARIABLE,
    failure,
    full_spec,
    outcome,
)
from ansible_collections.voiceops.salesforce.plugins.module_utils._org import Run
from ansible_collections.voiceops.salesforce.plugins.module_utils._progress import EVERY

# Callbacks whose output programs read, or that are there to write none: a line between would spoil it.
SILENT_CALLBACKS = frozenset({"json", "jsonl", "null"})
# Seconds between two lines of progress, for tests. Not an option: users never set it.
EVERY_VARIABLE = "VOICEOPS_SALESFORCE_PROGRESS_EVERY"

# Each task of each host is a process of its own, and loads every filter and test of Ansible anew unless its parent has: a sixth of what a play
# costs. This file is imported by the parent, before the first of them.
filter_loader.get("ansible.builtin.combine")
test_loader.get("ansible.builtin.match")


class SalesforceAction(ActionBase):
    """What every action plugin of the collection is, apart from its noun."""

    _supports_check_mode = True
    _supports_async = True
    noun: Noun

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The task's result: worked out here, or by the module where the task asks for that."""
        variables = task_vars or {}
        result: dict[str, Any] = super().run(tmp, variables)
        try:
            environment = self._environment()
            options = resolve(_plain(self._task.args), lambda name: self._host_variable(name, variables), environment)
            if self._stays_here(variables, environment):
                # The work is done when this returns: there is nothing to poll for.
                self._task.async_val = 0
                result.update(self._in_process(options, variables, environment))
            else:
                result.update(self._as_module(options, variables, environment))
        except Problem as problem:
            result.update(failure(self.noun, problem))
        return result

    def _in_process(self, options: dict[str, Any], variables: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
        spec = full_spec(self.noun)
        checked = ArgumentSpecValidator(spec, **self.noun.constraints).validate(options)
        secrets: set[str] = {str(value) for value in checked._no_log_values if value}
        if checked.error_messages:
            raise Problem(
                self.noun.name,
                str(remove_values("; ".join(checked.error_messages), secrets)) + ".",
                "See ansible-doc for its options.",
                CONFIG,
                "options",
            )
        folder = Path(C.DEFAULT_LOCAL_TMP)
        run = Run(
            check_mode=bool(self._task.check_mode),
            scratch=folder,
            environment=environment,
            tokens=folder,
            memory=folder,
            secrets=secrets,
            remember=self._switched(REMEMBER, variables, environment),
            progress=_teller(),
            every=float(environment.get(EVERY_VARIABLE) or EVERY),
            host=self._own_host(variables, environment),
        )
        result = outcome(self.noun, checked.validated_parameters, run)
        shown = {
            name: ("VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" if spec.get(name, {}).get("no_log") else value) for name, value in options.items()
        }
        result["invocation"] = remove_values({"module_args": shown}, run.secrets)
        # What the validator has to say of options reaches users only through the result.
        result["warnings"] = [*result.get("warnings", []), *map(_alias_warning, checked._warnings)]
        if checked._deprecations:
            result["deprecations"] = list(checked._deprecations)
        return result

    def _as_module(self, options: dict[str, Any], variables: dict[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
        """Send the module, with every option resolved here, since host variables and this machine's environment do not exist there."""
        local = self._connection.transport == "local"
        if not local and not self._task.delegate_to:
            raise Problem(
                self.noun.name,
                "poll: 0 and salesforce_in_process: false run the module over the host's own connection, and nobody can log in to an org.",
                "Set ansible_connection: local on the host, delegate the task, or leave both out.",
                CONFIG,
                "no_connection",
            )
        variables = dict(variables)
        if local:
            # Named hosts get a discovered interpreter otherwise, which need not have simple-salesforce.
            variables.setdefault("ansible_python_interpreter", sys.executable)
            run = {
                MEMORY_VARIABLE: C.DEFAULT_LOCAL_TMP,
                REMEMBER_VARIABLE: "yes" if self._switched(REMEMBER, variables, environment) else "no",
                HOST_VARIABLE: self._own_host(variables, environment),
            }
            self._task.environment = [*(self._task.environment or []), run]
        else:
            options = _carried(options)
        sent: dict[str, Any] = self._execute_module(module_args=options, task_vars=variables, wrap_async=self._task.async_val)
        return sent

    def _stays_here(self, variables: Mapping[str, Any], environment: Mapping[str, str]) -> bool:
        if self._task.async_val and not self._task.poll:
            return False
        if self._task.delegate_to and self._connection.transport != "local":
            return False
        return self._switched(IN_PROCESS, variables, environment)

    def _switched(self, row: Row, variables: Mapping[str, Any], environment: Mapping[str, str]) -> bool:
        """What is asked of the action itself: by the host's or the task's variable, else by the environment."""
        asked = self._host_variable(row.host_variable, variables)
        if asked in (None, ""):
            asked = environment.get(row.environment) or row.default
        try:
            return bool(boolean(asked))
        except TypeError:
            raise Problem(
                f"reading {row.host_variable}",
                f"{asked!r} is neither true nor false.",
                "Set it to true or false.",
                CONFIG,
                row.option,
            ) from None

    def _own_host(self, variables: Mapping[str, Any], environment: Mapping[str, str]) -> str:
        """The inventory host that the org is to be no other host's of this run; empty where that is allowed."""
        return "" if self._switched(SHARED, variables, environment) else str(variables.get("inventory_hostname", ""))

    def _environment(self) -> dict[str, str]:
        """The process environment under the task's environment: keyword, which never reaches os.environ of an action."""
        added: dict[str, Any] = {}
        self._compute_environment_string(added)
        return {**os.environ, **{name: str(value) for name, value in added.items()}}

    def _host_variable(self, name: str, variables: Mapping[str, Any]) -> Any:
        """A host variable, templated. Raises Problem naming it when its template cannot be."""
        if name not in variables:
            return None
        try:
            return _plain(self._templar.template(variables[name]))
        except AnsibleError as error:
            raise Problem(
                f"reading the host variable {name}", f"its template fails: {error}.", "Correct the inventory.", CONFIG, "host_variable"
            ) from None


def _teller() -> Callable[[str], None] | None:
    """Where lines of progress go: the terminal, through the parent process; nowhere where its output is for programs."""
    if str(C.DEFAULT_STDOUT_CALLBACK).rsplit(".", 1)[-1] in SILENT_CALLBACKS:
        return None
    teller: Callable[[str], None] = Display().display
    return teller


def _alias_warning(told: Mapping[str, str]) -> str:
    return f"Both option {told['option']} and its alias {told['alias']} are set."


def _plain(value: Any) -> Any:
    """The value as plain Python: from ansible-core 2.19 values carry tags, up to 2.18 vaulted ones are objects."""
    return json.loads(json.dumps(value, default=str))


def _carried(options: dict[str, Any]) -> dict[str, Any]:
    """Options for another machine: what they name on this one goes along as text."""
    carried = dict(options)
    key_file = carried.pop("private_key_file", None)
    if key_file and not carried.get("private_key"):
        carried["private_key"] = _text_of(key_file, "private_key_file")
    ca_path = carried.get("ca_path")
    if ca_path and not ca_path.lstrip().startswith("-----BEGIN"):
        carried["ca_path"] = _text_of(ca_path, "ca_path")
    return carried


def _text_of(path: str, option: str) -> str:
    try:
        return Path(path).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(
            f"reading {option} {path}",
            f"{getattr(error, 'strerror', None) or 'it is not text'}.",
            "It must be a readable file on the controller.",
            CONFIG,
            option,
        ) from None
