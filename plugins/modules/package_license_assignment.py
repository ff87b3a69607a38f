#!/usr/bin/python
# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: package_license_assignment
short_description: Give users the licence of a managed package, and take it away
version_added: 0.1.0
description:
  - Makes sure that users hold a seat of a managed package's licence, do not, or are exactly its holders.
  - The seats are counted for the whole list before anything is written. Where they are too few, the task fails, names everybody who needs one, and names
    inactive users who still hold one, since a deactivated user keeps the seat until it is taken away. Nobody is served by the order of the list.
  - A site licence covers everybody. Nothing is written then, whatever O(state) says, and C(license.site) tells so.
  - The user who runs the task never loses the licence by it, and neither do Salesforce's own users.
  - Inactive users are not given a seat. An expired licence is not assigned.
  - Needs the permission Manage Package Licenses.
author: The voiceops.salesforce contributors (@voiceops)
extends_documentation_fragment:
  - voiceops.salesforce.connection
  - voiceops.salesforce.members
  - voiceops.salesforce.members.guards
  - voiceops.salesforce.attributes
options:
  package:
    description:
      - The package, by namespace.
      - A package that the org has no licence of stops the task before anything is written.
    type: str
    required: true
  state:
    description:
      - V(present) gives the users a seat and leaves other holders alone.
      - V(absent) takes the seat from the users, inactive ones included.
      - V(exact) gives the users a seat and takes it from everybody else, within O(max_removals). Seats are freed before they are taken, so that one task
        can hand a seat on when all are taken.
    type: str
    choices: [present, absent, exact]
    default: present
"""

EXAMPLES = r"""
- name: The API user has the licence of Vonage Contact Center
  voiceops.salesforce.package_license_assignment:
    package: NVMContactWorld
    users:
      - vonage.api@acme.example

- name: Nobody but the people on the rota holds a seat
  voiceops.salesforce.package_license_assignment:
    package: NVMContactWorld
    users: "{{ rota }}"
    state: exact
    max_removals: 5

- name: Users who have left give their seats back
  voiceops.salesforce.package_license_assignment:
    package: NVMContactWorld
    users: "{{ leavers }}"
    state: absent
"""

RETURN = r"""
changes:
  description: What was changed, or in check mode would be, in order; by names, the same in every org.
  returned: always
  type: list
  elements: dict
  sample:
    - {"op": "create", "kind": "package_license_assignment", "key": "NVMContactWorld/alex@acme.example", "before": {}, "after": {"assigned": true}}
check_mode:
  description: Whether the task ran in check mode, and so only tells what would be.
  returned: when the org could be reached
  type: bool
  sample: false
errors:
  description:
    - The records that the org refused, each with the org's own code and words and with what to do.
    - Where seats lack, everybody who needs one.
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
  sample: no_free_seat
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
license:
  description:
    - The licence and its seats as they are after the task, or in check mode would be. Seats are counted from rows, not taken from the org's own figure,
      which can lag. Where seats are not counted, C(license.total) and C(license.free) are null.
  returned: success
  type: dict
  sample:
    name: NVMContactWorld
    label: NVMContactWorld
    total: 25
    used: 5
    free: 20
    site: false
    status: Active
    expires: null
inactive_holders:
  description:
    - Inactive users who hold a seat, as far as the task read them - with O(state=exact) all of them, else those of O(users).
    - Where seats lack, the message of the failed task names inactive users who hold one.
  returned: success
  type: list
  elements: str
  sample: [gone@acme.example]
left_out:
  description: The users that were left out, and why; with O(state=absent) and O(state=exact) also those who keep their seat, and why.
  returned: success
  type: list
  elements: dict
  sample: [{"user": "gone@acme.example", "reason": "is inactive"}]
"""

from ansible_collections.voiceops.salesforce.plugins.module_utils._module import run_module
from ansible_collections.voiceops.salesforce.plugins.module_utils._package_license_assignment import NOUN


def main() -> None:
    run_module(NOUN)


if __name__ == "__main__":
    main()
