#!/usr/bin/python
# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: contact_center_member
short_description: Add users to a Partner Telephony contact center, and remove them
version_added: 0.1.0
description:
  - Makes sure that users are members of a contact center of Service Cloud Voice with Partner Telephony (also from Amazon Connect), are not, or are
    exactly its members.
  - To be added, a user must be active, a Service Cloud User, without another contact center, and have the right Contact Center Agent or Admin
    (Partner Telephony) by any active permission set, clones and groups included.
  - Removing takes away membership only. The user, its licences and its permission sets stay.
  - Salesforce does not sync members with the telephony provider. RV(reminder) says what is to be done there.
author: The voiceops.salesforce contributors (@voiceops)
extends_documentation_fragment:
  - voiceops.salesforce.connection
  - voiceops.salesforce.members
  - voiceops.salesforce.attributes
options:
  contact_center:
    description:
      - The contact center, by internal name, name or record Id. An internal name wins over a name.
    type: str
    required: true
  state:
    description:
      - V(present) adds the users and leaves other members alone.
      - V(absent) removes the users.
      - V(exact) adds the users and removes all other members, inactive ones included, within O(max_removals).
    type: str
    choices: [present, absent, exact]
    default: present
  flavour:
    description:
      - What kind of center it is, for a center of which the org does not reveal it. A center that the org says is of another kind is refused all the same.
      - When it is left out, a center of unrevealed kind is refused.
    type: str
    choices: [partner_telephony]
  batch_size:
    description:
      - How many users to write in one collection, from 1 to 200. Smaller batches are kinder to triggers on users; up to five batches go in one API call.
    type: int
    default: 100
"""

EXAMPLES = r"""
- name: Add two agents
  voiceops.salesforce.contact_center_member:
    contact_center: AcmeVoice
    users:
      - alex@acme.example
      - kim@acme.example

- name: Nobody but the people on the rota is a member
  voiceops.salesforce.contact_center_member:
    contact_center: AcmeVoice
    users: "{{ rota }}"
    state: exact
    max_removals: 5
"""

RETURN = r"""
changes:
  description: What was changed, or in check mode would be, in order; by names, the same in every org.
  returned: always
  type: list
  elements: dict
  sample: [{"op": "create", "kind": "contact_center_member", "key": "AcmeVoice/alex@acme.example", "before": {}, "after": {"member": true}}]
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
contact_center:
  description: The contact center, its kind, and how that was told.
  returned: success
  type: dict
  sample:
    name: Acme Voice
    internal_name: AcmeVoice
    flavour: partner_telephony
    told_by: CustomSettings.reqCallCenterType is SCVBYOT
left_out:
  description: The users that were left out, and why.
  returned: success
  type: list
  elements: dict
  sample: [{"user": "gone@acme.example", "reason": "is inactive"}]
reminder:
  description: What remains to be done at the telephony provider.
  returned: success
  type: str
  sample: Salesforce does not sync members with the telephony provider.
"""

from ansible_collections.voiceops.salesforce.plugins.module_utils._contact_center_member import NOUN
from ansible_collections.voiceops.salesforce.plugins.module_utils._module import run_module


def main() -> None:
    run_module(NOUN)


if __name__ == "__main__":
    main()
