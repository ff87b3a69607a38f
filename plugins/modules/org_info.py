#!/usr/bin/python
# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: org_info
short_description: Tell which Salesforce org this is and what the running user may do
version_added: 0.1.0
description:
  - Logs in and says which org answers, whether it is a sandbox, what its API usage is, and which of the rights that this collection needs the
    running user has and lacks.
author: The voiceops.salesforce contributors (@voiceops)
extends_documentation_fragment:
  - voiceops.salesforce.connection
  - voiceops.salesforce.attributes.info
"""

EXAMPLES = r"""
- name: Say who is running where
  voiceops.salesforce.org_info:
  register: whoami

- name: Stop when the running user lacks a right
  ansible.builtin.assert:
    that: whoami.lacking | length == 0
    fail_msg: "{{ whoami.user.username }} lacks {{ whoami.lacking | map(attribute='right') | join(', ') }}"
"""

RETURN = r"""
org:
  description: Which org this is.
  returned: success
  type: dict
  sample:
    id: 00D000000000001EAA
    name: Acme
    is_sandbox: true
    edition: Enterprise Edition
    instance: NA1
    host: acme--uat.sandbox.my.salesforce.com
    api_version: "66.0"
user:
  description: The running user.
  returned: success
  type: dict
  sample: {"username": "automation@acme.example.uat", "name": "Automation", "type": "Standard"}
rights:
  description: The rights that matter here, and whether the running user has them. Rights that the org does not know are left out.
  returned: success
  type: dict
  sample: {"ApiEnabled": true, "AssignPermissionSets": true}
lacking:
  description: The rights that the collection's modules need and the running user lacks, and what needs them.
  returned: success
  type: list
  elements: dict
  sample: [{"right": "ManageInternalUsers or ManageUsers", "needed_for": "contact_center_member"}]
partner_telephony:
  description: Whether the org knows the rights of Partner Telephony, which come with its licence.
  returned: success
  type: bool
  sample: true
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
  description: What the task cost, in API calls, and the org's usage of the last 24 hours.
  returned: success
  type: dict
  sample: {"calls": 2, "retries": 0, "usage": {"used": 18, "limit": 100000}}
"""

from ansible_collections.voiceops.salesforce.plugins.module_utils._module import run_module
from ansible_collections.voiceops.salesforce.plugins.module_utils._org_info import NOUN


def main() -> None:
    run_module(NOUN)


if __name__ == "__main__":
    main()
