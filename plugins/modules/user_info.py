#!/usr/bin/python
# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: user_info
short_description: Read users
version_added: 0.1.0
description:
  - Reads users - who they are, their profile, licence and role, whether they are active or frozen, and their feature licences.
author: The voiceops.salesforce contributors (@voiceops)
extends_documentation_fragment:
  - voiceops.salesforce.connection
  - voiceops.salesforce.attributes.info
options:
  users:
    description:
      - The users. Each is a username, a record Id, or a dictionary with one or more of C(id), C(username), C(federation_id), C(employee_number) and
        C(email), which are tried in that order. Each may be listed once.
      - C(docs/users.md) of the collection describes how a user is found, in sandboxes too.
    type: list
    elements: raw
    required: true
  lookup_failure_action:
    description:
      - What to do about users whom the org does not have. V(fail) stops the task. V(warn) leaves them out with a warning and lists them in
        RV(left_out), V(ignore) does so without a warning.
      - A user that several fit stops the task in any case.
    type: str
    choices: [fail, warn, ignore]
    default: fail
  holdings:
    description:
      - Whether to tell what each user holds, in C(holdings) of RV(users) - contact center, routing maps, permission sets and groups, licences.
      - What it holds through its profile or through a permission set group is not listed again. Rows that are not in force (expired, revoked) are.
    type: bool
    default: false
seealso:
  - module: voiceops.salesforce.user
"""

EXAMPLES = r"""
- name: Read two users
  voiceops.salesforce.user_info:
    users:
      - kim@acme.example
      - federation_id: acme-robin
  register: people

- name: Stop where one of them is frozen
  ansible.builtin.assert:
    that: people.users | selectattr('frozen') | length == 0

- name: Read what a leaver still holds
  voiceops.salesforce.user_info:
    users: [kim@acme.example]
    holdings: true
    lookup_failure_action: ignore
"""

RETURN = r"""
users:
  description:
    - The users, in the order of the option. C(frozen) is null where the running user is not shown it, which needs Manage Users.
    - C(holdings) is there with O(holdings=true). In it C(contact_center) is the center's internal name, or null for none; a list is null where
      the org does not have such a thing or does not show it to the running user. C(features) are the feature licences that are on.
  returned: success
  type: list
  elements: dict
  sample:
    - id: 005000000000001AAA
      username: vonage.api@acme.example
      name: Vonage API
      first_name: Vonage
      last_name: API
      email: telephony@acme.example
      alias: vonageap
      nickname: vonage.api
      profile: Standard User
      license: Salesforce
      role: ""
      active: true
      frozen: false
      locale: en_GB
      language: en_US
      time_zone: Europe/London
      email_encoding: UTF-8
      federation_id: null
      employee_number: null
      features: {"SupportUser": false, "KnowledgeUser": false}
      type: Standard
      holdings:
        contact_center: AcmeVoice
        routing_maps: [{"contact_center": "AcmeVoice", "external_id": "kim"}]
        permission_sets: [force__ContactCenterAgentExternalTelephony]
        permission_set_groups: [Acme_Voice_Agents]
        permission_set_licenses: [ServiceCloudVoiceExternalTelephonyPsl]
        package_licenses: [NVMContactWorld]
        features: [SupportUser]
        active: true
left_out:
  description: The users of the option whom the org does not have, and (of the first ten) which usernames may be meant.
  returned: success
  type: list
  elements: dict
  sample: [{"user": "kin@acme.example", "reason": "is not in this org", "candidates": ["kim@acme.example"]}]
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
from ansible_collections.voiceops.salesforce.plugins.module_utils._user_info import NOUN


def main() -> None:
    run_module(NOUN)


if __name__ == "__main__":
    main()
