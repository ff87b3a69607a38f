# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Options of modules that work on a list of users: how it is written, and what keeps it from doing harm."""

    DOCUMENTATION = r"""
options:
  users:
    description:
      - The users. Each is a username, a record Id, or a dictionary with one or more of C(id), C(username), C(federation_id), C(employee_number) and
        C(email), which are tried in that order. Each may be listed once.
      - In a sandbox whose name is known (see O(sandbox_name)) a production username also means the username that the sandbox made of it.
        C(docs/users.md) of the collection describes how a user is found.
      - A user that several fit, or that is listed twice in two ways, stops the task before anything is written. O(lookup_failure_action) says what
        becomes of one that the org does not have.
    type: list
    elements: raw
    required: true
"""

    # Also of modules that name their users in another way.
    GUARDS = r"""
options:
  on_ineligible:
    description:
      - What to do about users who cannot be served. V(fail) stops the task before anything is written, V(skip) leaves them out and says so.
    type: str
    choices: [fail, skip]
    default: fail
  lookup_failure_action:
    description:
      - What to do about users whom the org does not have. V(fail) stops the task before anything is written. V(warn) leaves them out with a warning
        and lists them in C(left_out) of the result, V(ignore) does so without a warning.
      - With O(state=exact) somebody whose name is misspelt is then one of those who are taken away; O(max_removals) is the guard.
    type: str
    choices: [fail, warn, ignore]
    default: fail
  max_removals:
    description:
      - How many users O(state=exact) may take away at the most. More stop the task before anything is written.
      - A whole number, such as V(10), or a whole percentage of those who are there now, such as V(25%), rounded down - V(5%) of ten is nobody.
    type: raw
    default: 10
  allow_empty:
    description:
      - Whether O(state=exact) may be used with an empty list, which takes away everybody.
    type: bool
    default: false
"""
