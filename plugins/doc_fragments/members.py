# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Options of modules that take a list of users."""

    DOCUMENTATION = r"""
options:
  users:
    description:
      - The users. Each is a username, a record Id, or a dictionary with one or more of C(id), C(username), C(federation_id), C(employee_number) and
        C(email), which are tried in that order. Each may be listed once.
      - In a sandbox whose name is known (see O(sandbox_name)) a production username also means the username that the sandbox made of it.
        C(docs/users.md) of the collection describes how a user is found.
      - A user that the org does not have, or that several fit, stops the task before anything is written.
    type: list
    elements: raw
    required: true
  on_ineligible:
    description:
      - What to do about users who cannot be served. V(fail) stops the task before anything is written, V(skip) leaves them out and says so.
    type: str
    choices: [fail, skip]
    default: fail
  max_removals:
    description:
      - How many users O(state=exact) may take away at the most. More stop the task before anything is written.
    type: int
    default: 10
  allow_empty:
    description:
      - Whether O(state=exact) may be used with an empty list, which takes away everybody.
    type: bool
    default: false
"""
