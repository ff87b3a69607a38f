#!/usr/bin/python
# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: permission_set_assignment
short_description: Assign a permission set to users
version_added: 0.1.0
description:
  - Makes sure that users have a permission set, do not have it, or are exactly those who have it.
  - A user has the set when the assignment is active, not revoked and not expired. Any other assignment counts as none and is repaired.
  - Assignments through a profile or a permission set group, the running user's own, and those of Salesforce's own users are never taken away.
author: The voiceops.salesforce contributors (@voiceops)
extends_documentation_fragment:
  - voiceops.salesforce.connection
  - voiceops.salesforce.members
  - voiceops.salesforce.attributes
options:
  permission_set:
    description:
      - The set, by API name, as C(namespace__Name), or by record Id.
      - A bare name means the set without a namespace; if there is none, the one set of that name in any namespace. Two are an error.
      - Sets of packages may be assigned. Sets that belong to a profile, and the sum of a permission set group, may not.
    type: str
    required: true
  state:
    description:
      - V(present) assigns the set to the users and leaves everybody else alone.
      - V(absent) takes it away from the users.
      - V(exact) assigns it to the users and takes it away from everybody else, within O(max_removals).
    type: str
    choices: [present, absent, exact]
    default: present
"""

EXAMPLES = r"""
- name: Give the API user its permission set
  voiceops.salesforce.permission_set_assignment:
    permission_set: Acme_Vonage_API_User
    users: [vonage.api@acme.example]

- name: Make these two, and nobody else, supervisors of the package
  voiceops.salesforce.permission_set_assignment:
    permission_set: NVMContactWorld__ContactWorld_Supervisor
    users:
      - alex@acme.example
      - kim@acme.example
    state: exact
    max_removals: 3
"""

RETURN = r"""
changes:
  description: What was changed, or in check mode would be, in order; by names, the same in every org.
  returned: always
  type: list
  elements: dict
  sample: [{"op": "create", "kind": "permission_set_assignment", "key": "Acme_Set/kim@acme.example", "before": {}, "after": {"assigned": true}}]
errors:
  description: The records that the org refused, each with the org's own code and words and with what to do.
  returned: always
  type: list
  elements: dict
  sample: []
org:
  description: Which org this was.
  returned: when the org could be reached
  type: dict
  sample: {"id": "00D000000000001EAA", "name": "Acme", "is_sandbox": true}
error_class:
  description: What kind of failure it was - C(config), C(auth), C(network), C(limit) or C(org), where the org refused.
  returned: failure
  type: str
  sample: config
error_code:
  description: The org's error code, or a word of this collection in lower case.
  returned: failure
  type: str
  sample: unknown_user
http_status:
  description: The HTTP status of the org's answer, where it was an answer that ended the task.
  returned: failure
  type: int
  sample: 400
step:
  description: Where the task ended - C(options), C(reading), C(planning) or C(writing).
  returned: failure
  type: str
  sample: planning
api:
  description: What the task cost in API calls, a login included, and the org's usage of the last 24 hours as the org tells it.
  returned: when the org could be reached
  type: dict
  sample: {"calls": 4, "retries": 0, "usage": {"used": 1204, "limit": 100000}}
permission_set:
  description: The set's API name, with its namespace where it has one.
  returned: success
  type: str
  sample: NVMContactWorld__ContactWorld_Agent
left_out:
  description: The users that were left out, and why.
  returned: success
  type: list
  elements: dict
  sample: [{"user": "gone@acme.example", "reason": "is inactive"}]
"""

from ansible_collections.voiceops.salesforce.plugins.module_utils._module import run_module
from ansible_collections.voiceops.salesforce.plugins.module_utils._permission_set_assignment import NOUN


def main() -> None:
    run_module(NOUN)


if __name__ == "__main__":
    main()
