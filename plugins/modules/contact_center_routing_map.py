#!/usr/bin/python
# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: contact_center_routing_map
short_description: Map the members of a Partner Telephony contact center to the users of the telephony provider
version_added: 0.1.0
description:
  - Makes sure that members of a contact center of Service Cloud Voice with Partner Telephony (also from Amazon Connect) are mapped to their users at the
    telephony provider (CallCenterRoutingMap), are not, or that exactly these are.
  - Salesforce routes calls and transfers to mapped users only where the provider asks it to; membership itself needs no map. A vendor that syncs users
    makes the maps of those who are added in Setup.
  - A map is found by its user and center, whatever its developer name. Maps of queues and groups are left alone.
  - A user must be a member of the center to be mapped, see M(voiceops.salesforce.contact_center_member). Maps can stay behind when a user leaves the center;
    O(state=absent) and O(state=exact) remove them.
  - Needs one of the rights Manage Call Centers, Customize Application, Contact Center Admin (Partner Telephony) or Contact Center Supervisor.
author: The voiceops.salesforce contributors (@voiceops)
extends_documentation_fragment:
  - voiceops.salesforce.connection
  - voiceops.salesforce.members.guards
  - voiceops.salesforce.attributes
options:
  contact_center:
    description:
      - The contact center, by internal name, name or record Id. An internal name wins over a name.
    type: str
    required: true
  mappings:
    description:
      - The users and their ids at the telephony provider. Each user may be listed once, and each id.
      - An id that in this center is also mapped to a user who is not listed is taken over with a warning.
    type: list
    elements: dict
    required: true
    suboptions:
      user:
        description:
          - The user. A username, a record Id, or a dictionary with one or more of C(id), C(username), C(federation_id), C(employee_number) and C(email),
            which are tried in that order. C(docs/users.md) of the collection describes how a user is found, in sandboxes too.
        type: raw
        required: true
      external_id:
        description:
          - The username or login name that tells the user from all others in the telephony system, up to 255 characters. Spaces around it do not count.
          - Required unless O(state=absent), which removes the user's map whatever the id.
        type: str
  state:
    description:
      - V(present) maps the users, corrects the ids of those who are mapped to others, and leaves the maps of other users alone.
      - V(absent) removes the maps of these users.
      - V(exact) maps the users and removes all other users' maps of the center, also of those who left it, within O(max_removals).
      - A user with several maps in the center (which no org should allow) keeps the one with the wanted id, or else the oldest, corrected. V(present)
        warns of the others, V(exact) removes them, and V(absent) removes all.
    type: str
    choices: [present, absent, exact]
    default: present
  flavour:
    description:
      - What kind of center it is, for a center of which the org does not reveal it. A center that the org says is of another kind is refused all the same.
      - Where the center's row does not tell, its definition is asked for. Where that tells nothing either, or may not be read, this option counts; without
        it the center is refused.
    type: str
    choices: [partner_telephony]
seealso:
  - module: voiceops.salesforce.contact_center_member
"""

EXAMPLES = r"""
- name: Map two agents
  voiceops.salesforce.contact_center_routing_map:
    contact_center: AcmeVoice
    mappings:
      - user: alex@acme.example
        external_id: agent.17
      - user: {employee_number: "4711"}
        external_id: agent.18

- name: Nobody but the people on the rota is mapped, and at most a tenth of the maps may go
  voiceops.salesforce.contact_center_routing_map:
    contact_center: AcmeVoice
    mappings: "{{ rota }}"
    state: exact
    max_removals: 10%

- name: Unmap somebody who has left
  voiceops.salesforce.contact_center_routing_map:
    contact_center: AcmeVoice
    mappings:
      - user: kim@acme.example
    state: absent
    lookup_failure_action: warn
"""

RETURN = r"""
changes:
  description: What was changed, or in check mode would be, in order; by names, the same in every org.
  returned: always
  type: list
  elements: dict
  sample:
    - op: create
      kind: contact_center_routing_map
      key: AcmeVoice/alex@acme.example
      before: {}
      after: {"external_id": agent.17}
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
contact_center:
  description: The contact center, its kind, and how that was told.
  returned: success
  type: dict
  sample:
    name: Acme Voice
    internal_name: AcmeVoice
    flavour: partner_telephony
    told_by: CustomSettings.reqCallCenterType is SCVBYOT
unchanged:
  description: How many of the users were as wanted already.
  returned: success
  type: int
  sample: 41
left_out:
  description: The users that were left out, and why.
  returned: success
  type: list
  elements: dict
  sample: [{"user": "gone@acme.example", "reason": "is not in this org"}]
"""

from ansible_collections.voiceops.salesforce.plugins.module_utils._contact_center_routing_map import NOUN
from ansible_collections.voiceops.salesforce.plugins.module_utils._module import run_module


def main() -> None:
    run_module(NOUN)


if __name__ == "__main__":
    main()
