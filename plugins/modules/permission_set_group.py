#!/usr/bin/python
# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: permission_set_group
short_description: Keep a permission set group, its members and what it mutes
version_added: 0.1.0
description:
  - Makes sure that a permission set group is there with its members, or is not there.
  - A group adds its member sets up. A user permission that the group mutes is taken out of that sum for everybody who has the group; who has it from
    elsewhere keeps it. Muting needs a muting permission set, which is made with the first permission that is to be muted.
  - After a change the org recalculates the group, which takes a while. The task waits for that, and so does a task that finds the group unfinished.
  - Object and field permissions can be muted in Setup and are not managed here. What is muted of them stays as it is.
  - Groups of packages cannot be written. Make a group of your own with the same members.
  - Who has the group is said with M(voiceops.salesforce.permission_set_assignment).
author: The voiceops.salesforce contributors (@voiceops)
extends_documentation_fragment:
  - voiceops.salesforce.connection
  - voiceops.salesforce.attributes
options:
  name:
    description:
      - The group's API name. It has no namespace - letters, digits and single underscores, beginning with a letter.
    type: str
    required: true
  state:
    description:
      - V(present) makes the group, or completes it. V(absent) removes it with its muting set; the member sets stay.
    type: str
    choices: [present, absent]
    default: present
  label:
    description:
      - How people see the group. When it is left out, a new group is called after O(name), and an existing one stays as it is.
    type: str
  description:
    description:
      - The group's description. V("") clears it. When it is left out, it stays as it is.
    type: str
  session_activation:
    description:
      - Whether the group grants anything only while a session is activated for it. When it is left out, it stays as it is, and a new group needs none.
    type: bool
  permission_sets:
    description:
      - The sets that are to be members, by API name, as C(namespace__Name), or by record Id. A bare name means the set without a namespace; if there
        is none, the one set of that name in any namespace.
      - Sets of packages may be members. Sets that belong to a profile, and the sum of another group, may not.
      - When it is left out, members are not looked at. V([]) names none, which takes all out where O(exact=true).
    type: list
    elements: str
  exact:
    description:
      - Whether sets that O(permission_sets) does not name are taken out of the group. When it is V(false), members are only added.
    type: bool
    default: false
  muted_user_permissions:
    description:
      - Exactly the user permissions that the group mutes, by API name (V(ApiEnabled)) or label (V(API Enabled)). V([]) mutes none.
      - When it is left out, what the group mutes stays as it is.
      - In a group that there is already, what is to be muted is muted before members come, and what is to be given back is given back last.
    type: list
    elements: str
  missing:
    description:
      - What to do about sets and permissions that this org does not have. V(fail) stops the task before anything is written and names them; V(skip)
        goes on without them and lists them in RV(left_out).
    type: str
    choices: [fail, skip]
    default: fail
  wait:
    description:
      - Whether to wait until the org has recalculated the group, after a change and when it is found unfinished. Check mode never waits.
      - When it is V(false), RV(status) says how far the org is. A group that is not V(Updated) cannot be assigned yet.
    type: bool
    default: true
  wait_timeout:
    description:
      - For how many seconds to wait. A group that is not V(Updated) by then, or whose recalculation failed, fails the task with what was changed in
        RV(changes) and the code C(NOT_UPDATED_YET) or C(GROUP_FAILED).
      - What was written stays written, and the org goes on by itself.
    type: int
    default: 300
  take_from:
    description:
      - From whom O(state=absent) may take the group before it removes it. V(users) are all who have it but the user that Ansible logs in as;
        V(running_user) is that user, who may lose rights by it. Together they are at most O(max_removals).
      - When it is left out, a group that somebody has is not removed.
    type: list
    elements: str
    choices: [users, running_user]
    default: []
  max_removals:
    description:
      - How many users O(take_from) may take the group from at the most. More stop the task before anything is written.
    type: int
    default: 10
seealso:
  - module: voiceops.salesforce.permission_set_group_info
  - module: voiceops.salesforce.permission_set_assignment
"""

EXAMPLES = r"""
- name: Keep the group of the voice agents
  voiceops.salesforce.permission_set_group:
    name: Acme_Voice_Agents
    label: Voice agents
    description: All that an agent needs. Kept by Ansible.
    permission_sets:
      - NVMContactWorld__ContactWorld_Agent
      - ContactCenterAgentExternalTelephony
      - Acme_Agent_Extras

- name: Let exactly these sets be members, and mute what agents should not have
  voiceops.salesforce.permission_set_group:
    name: Acme_Voice_Agents
    permission_sets:
      - NVMContactWorld__ContactWorld_Agent
      - ContactCenterAgentExternalTelephony
    exact: true
    muted_user_permissions: [ExportReport, Run Reports]

- name: Go on where an org lacks a set, and do not wait for the recalculation
  voiceops.salesforce.permission_set_group:
    name: Acme_Supervisors
    permission_sets:
      - NVMContactWorld__ContactWorld_Supervisor
      - NVMStatsSF__Statistics_User
    missing: skip
    wait: false

- name: Remove the group, and take it from its users first
  voiceops.salesforce.permission_set_group:
    name: Acme_Old_Agents
    state: absent
    take_from: [users]
    max_removals: 50
"""

RETURN = r"""
changes:
  description:
    - What was changed, or in check mode would be, in order; by names, the same in every org.
    - The kinds are C(permission_set_group), C(permission_set_group_component), C(muted_user_permissions), and for a group that goes also
      C(muting_permission_set) and C(permission_set_group_assignment).
  returned: always
  type: list
  elements: dict
  sample: [{"op": "create", "kind": "permission_set_group_component", "key": "Acme_Group/Acme_Set", "before": {}, "after": {"member": true}}]
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
  sample: unknown_set
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
permission_set_group:
  description: The group, as the task leaves it. C(needs_activation) is whether it grants anything only in an activated session.
  returned: success
  type: dict
  sample:
    name: Acme_Voice_Agents
    namespace: ""
    qualified_name: Acme_Voice_Agents
    label: Voice agents
    needs_activation: false
status:
  description:
    - How far the org is with the group - C(Updated), C(Outdated), C(Updating) or C(Failed). Null where there is no group.
    - In check mode C(Updated) where the task would change the group and wait for it, otherwise what it is now.
  returned: success
  type: str
  sample: Updated
members:
  description: The sets in the group, with their namespace where they have one.
  returned: success
  type: list
  elements: str
  sample: [Acme_Agent_Extras, NVMContactWorld__ContactWorld_Agent]
muted:
  description: The user permissions that the group mutes.
  returned: success
  type: list
  elements: str
  sample: [ExportReport]
licenses:
  description: The members that are made for a licence. Whoever gets the group takes a seat of a permission set licence; a user licence must be the user's own.
  returned: success
  type: list
  elements: dict
  sample: [{"permission_set": "force__ContactCenterAgentExternalTelephony", "license": "Salesforce Voice User (Partner Telephony)"}]
left_out:
  description: What this org does not have, where O(missing=skip), and the option that named it.
  returned: success
  type: list
  elements: dict
  sample: [{"section": "permission_sets", "name": "NVMStatsSF__Statistics_User"}]
waited:
  description: For how many seconds the task waited until the org was done with the group.
  returned: success
  type: float
  sample: 7.0
"""

from ansible_collections.voiceops.salesforce.plugins.module_utils._module import run_module
from ansible_collections.voiceops.salesforce.plugins.module_utils._permission_set_group import NOUN


def main() -> None:
    run_module(NOUN)


if __name__ == "__main__":
    main()
