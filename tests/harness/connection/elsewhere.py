# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: elsewhere
short_description: Stand for another machine, for tests
description:
  - Runs commands here, without the environment and the variables of the controller.
author: The voiceops.salesforce contributors
options: {}
"""

from typing import Any

from ansible.plugins.connection.local import Connection as Local


class Connection(Local):
    """Like the local connection, but not called local: another machine, as far as anybody can tell."""

    transport = "elsewhere"

    def exec_command(self, cmd: Any, in_data: Any = None, sudoable: bool = True) -> Any:
        return super().exec_command(f"env -u SALESFORCE_CLIENT_ID -u SALESFORCE_PRIVATE_KEY_FILE {cmd}", in_data, sudoable)
