#!/usr/bin/python
# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: permission_set_assignment
short_description: Assign a permission set or a permission set group to users
version_added: 0.1.0
description:
  - Makes sure that users have a permission set or a permission set group, do not have it, or are exactly those who have it.
  - A user has it when the assignment is active, not revoked and not expired. Any other assignment counts as none and is repaired.
  - What users hold through a profile or another assignment, the running user's own assignments, and those of Salesforce's own users are never
    taken away.
  - A set that is made for a permission set licence takes a seat of it for the user by itself, and so do the members of a group. The licence is
    told in RV(license) and is not managed here.
author: The voiceops.salesforce contributors (@voiceops)
extends_documentation_fragment:
  - voiceops.salesforce.connection
  - voiceops.salesforce.members
  - voiceops.salesforce.members.guards
  - voiceops.salesforce.attributes
options:
  permission_set:
    description:
      - The set, by API name, as C(namespace__Name), or by record Id. Either this or O(permission_set_group) is needed.
      - A bare name means the set without a namespace; if there is none, the one set of that name in any namespace. Two are an error.
      - Sets of packages may be assigned. Sets that belong to a profile, and the sum of a permission set group, may not.
    type: str
  permission_set_group:
    description:
      - The group to assign instead of a set, by API name, as C(namespace__Name), or by record Id. Either this or O(permission_set) is needed.
      - A bare name means the group without a namespace; if there is none, the one group of that name in any namespace. Two are an error.
      - The org assigns only a group that it has recalculated since its last change. See O(wait_timeout).
    type: str
  state:
    description:
      - V(present) assigns the set or group to the users and leaves everybody else alone.
      - V(absent) takes it away from the users.
      - V(exact) assigns it to the users and takes it away from everybody else, within O(max_removals).
      - A set that a user holds through a group is not taken away by V(absent) and V(exact). Who still holds it is warned about by name.
    type: str
    choices: [present, absent, exact]
    default: present
  through_group:
    description:
      - What it means for a O(permission_set) that a user holds it through a permission set group. It has no meaning for a O(permission_set_group).
      - With V(ignored) the user is assigned the set as well. With V(counts) holding it through a group is enough and nothing is assigned; an
        assignment that is there stays.
      - Holding it means to have an active assignment of a group that the set is a member of. What the group mutes is not looked at. A group that
        needs activation in a session does not count.
      - Either way those who hold it through a group are listed in RV(through_group).
    type: str
    choices: [counts, ignored]
    default: ignored
  wait_timeout:
    description:
      - For how many seconds to wait for a O(permission_set_group) that the org is still recalculating, before anything is written. V(0) does not wait.
      - A group that is not ready by then, or whose recalculation failed, stops the task. Check mode and removals do not wait.
    type: int
    default: 300
seealso:
  - module: voiceops.salesforce.permission_set
  - module: voiceops.salesforce.permission_set_group
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

- name: Give new agents the group of their role
  voiceops.salesforce.permission_set_assignment:
    permission_set_group: Acme_Voice_Agents
    users:
      - robin@acme.example
      - sam@acme.example

- name: Assign the set only to those who do not have it through a group
  voiceops.salesforce.permission_set_assignment:
    permission_set: NVMContactWorld__ContactWorld_Agent
    users: "{{ agents }}"
    through_group: counts
"""

RETURN = r"""
changes:
  description:
    - What was changed, or in check mode would be, in order; by names, the same in every org.
    - The kind is C(permission_set_assignment) for a set and C(permission_set_group_assignment) for a group.
  returned: always
  type: list
  elements: dict
  sample: [{"op": "create", "kind": "permission_set_assignment", "key": "Acme_Set/kim@acme.example", "before": {}, "after": {"assigned": true}}]
check_mode:
  description: Whether the task ran in check mode, and so only tells what would be.
  returned: when the org could be reached
  type: bool
  sample: false
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
  description: The set's API name, with its namespace where it has one; null where a group was assigned.
  returned: success
  type: str
  sample: NVMContactWorld__ContactWorld_Agent
permission_set_group:
  description: The group's API name, with its namespace where it has one; null where a set was assigned.
  returned: success
  type: str
  sample: Acme_Voice_Agents
license:
  description:
    - The licence that the set is made for, or null. A permission set licence is taken by the assignment itself, a user licence must be the user's own.
    - Always null for a group; M(voiceops.salesforce.permission_set_group) tells the licences of its members.
  returned: success
  type: str
  sample: Salesforce Voice User (Partner Telephony)
left_out:
  description: The users that were left out, and why.
  returned: success
  type: list
  elements: dict
  sample: [{"user": "gone@acme.example", "reason": "is inactive"}]
through_group:
  description:
    - Who of O(users), and with O(state=exact) who else, holds the set through which groups.
    - Null where the running user is not shown the org's groups.
  returned: success
  type: list
  elements: dict
  sample: [{"user": "robin@acme.example", "groups": ["Acme_Voice_Agents"]}]
"""

from ansible_collections.voiceops.salesforce.plugins.module_utils._module import run_module
from ansible_collections.voiceops.salesforce.plugins.module_utils._permission_set_assignment import NOUN


def main() -> None:
    run_module(NOUN)


if __name__ == "__main__":
    main()
