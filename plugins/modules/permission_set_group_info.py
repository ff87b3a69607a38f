#!/usr/bin/python
# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: permission_set_group_info
short_description: Read permission set groups
version_added: 0.1.0
description:
  - Reads one, several or all permission set groups of an org - their members, what they mute, how far the org is with them, and how many assignments
    they have.
  - Muted object and field permissions are not read.
author: The voiceops.salesforce contributors (@voiceops)
extends_documentation_fragment:
  - voiceops.salesforce.connection
  - voiceops.salesforce.attributes.info
options:
  names:
    description:
      - The groups, by API name, as C(namespace__Name), or by record Id. A bare name means the groups of that name in every namespace.
      - When it is left out, all groups of the org are read. Names that no group has are listed in RV(not_found) and warned about.
    type: list
    elements: str
seealso:
  - module: voiceops.salesforce.permission_set_group
"""

EXAMPLES = r"""
- name: Read all groups
  voiceops.salesforce.permission_set_group_info:
  register: groups

- name: Stop while the org has not recalculated a group
  ansible.builtin.assert:
    that: groups.permission_set_groups | rejectattr('status', 'eq', 'Updated') | length == 0

- name: Read one group
  voiceops.salesforce.permission_set_group_info:
    names: [Acme_Voice_Agents]
"""

RETURN = r"""
permission_set_groups:
  description: The groups, by name. C(permission_sets) and C(muted_user_permissions) are written as M(voiceops.salesforce.permission_set_group) takes them.
  returned: success
  type: list
  elements: dict
  sample:
    - name: Acme_Voice_Agents
      namespace: ""
      qualified_name: Acme_Voice_Agents
      label: Voice agents
      description: All that an agent needs
      session_activation: false
      status: Updated
      permission_sets: [NVMContactWorld__ContactWorld_Agent]
      muted_user_permissions: [ExportReport]
      assigned: 40
not_found:
  description: The names that no group of this org has.
  returned: success
  type: list
  elements: str
  sample: []
check_mode:
  description: Whether the task ran in check mode, and so only tells what would be.
  returned: when the org could be reached
  type: bool
  sample: false
errors:
  description: What the org refused, with its own code and words and with what to do.
  returned: failure
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
  sample: INVALID_TYPE
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
"""

from ansible_collections.voiceops.salesforce.plugins.module_utils._module import run_module
from ansible_collections.voiceops.salesforce.plugins.module_utils._permission_set_group_info import NOUN


def main() -> None:
    run_module(NOUN)


if __name__ == "__main__":
    main()
