# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: recorder
type: notification
short_description: Write every task result of a run to a file, for tests
description:
  - Writes one JSON line a task result to the file named by the environment.
  - Where a port is named too, it says there that the line is written and waits until somebody has looked.
options: {}
"""

import json
import os
import socket
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    """Records what Ansible made of each task, diff and invocation included."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "recorder"

    def _record(self, verdict: str, result: Any) -> None:
        task = getattr(result, "_task", None) or result.task
        host = getattr(result, "_host", None) or result.host
        line = {
            "verdict": verdict,
            "host": host.get_name(),
            "task": task.get_name(),
            "action": task.action,
            "result": getattr(result, "_result", None) or result.result,
        }
        with Path(os.environ["RECORDER_FILE"]).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line, default=str) + "\n")
        if "RECORDER_PORT" in os.environ:
            with socket.create_connection(("127.0.0.1", int(os.environ["RECORDER_PORT"]))) as watching:
                watching.recv(1)

    def v2_runner_on_ok(self, result: Any) -> None:
        self._record("ok", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._record("failed", result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._record("skipped", result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._record("unreachable", result)

    def v2_runner_on_async_ok(self, result: Any) -> None:
        self._record("async_ok", result)
