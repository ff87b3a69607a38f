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
  - Makes sure that users are members of a contact center of Salesforce Voice with Partner Telephony (also from Amazon Connect), are not, or are
    exactly its members.
  - To be added, a user must be active and not frozen, a Service Cloud User, in no other contact center, and have the right Contact Center Agent or
    Admin (Partner Telephony) by any active permission set, clones and groups included. This is checked for the whole list before the first write;
    O(repair), O(role) and O(move) say what the module may do about it.
  - Removing takes away membership only. The user, its licences and its permission sets stay, unless O(remove_permission_sets) says otherwise.
  - Salesforce does not sync members with the telephony provider, unless the center's vendor declares that it does. RV(reminder), RV(joining) and
    RV(leaving) say what is to be done there.
  - Only the reading back decides who is a member. Users whom the org refused are in RV(errors) with the org's code; running again finishes the rest.
author: The voiceops.salesforce contributors (@voiceops)
extends_documentation_fragment:
  - voiceops.salesforce.connection
  - voiceops.salesforce.members
  - voiceops.salesforce.members.guards
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
      - Where the center's row does not tell, its definition is asked for. Where that tells nothing either, or may not be read, this option counts; without
        it the center is refused.
    type: str
    choices: [partner_telephony]
  role:
    description:
      - Which of Salesforce's permission sets a new member gets that has neither right - V(agent) gives C(ContactCenterAgentExternalTelephony),
        V(admin) gives C(ContactCenterAdminExternalTelephony). Who has one of the rights by any set or group gets nothing.
      - With V(none) nobody gets a permission set, and users without the right cannot be added.
      - The set takes a seat of its permission set license. Without enough free seats for the whole list nobody is added.
    type: str
    choices: [agent, admin, none]
    default: none
  method:
    description:
      - How users are added. V(user_field) writes one field of the user; nothing shows that a vendor is told. V(bulk) asks for it through the object
        C(ContactCenterBulkOp), which is the route that Salesforce documents; it is to tell a vendor that syncs users, and assigns the Partner Telephony
        Permission Set, which takes a seat. It is not there in every org, nor for Partner Telephony from Amazon Connect.
      - V(auto) is V(user_field), but stops before adding anybody where the center's vendor declares that it syncs users.
      - Removing always writes the field - Salesforce documents no other route.
    type: str
    choices: [auto, bulk, user_field]
    default: auto
  batch_size:
    description:
      - How many users to write together, from 1 to 200. Smaller batches are kinder to triggers on users and to vendors, who take all users of a batch or
        none; up to five batches go in one API call. With O(method=bulk) it is the size of a job; 200 makes one job of the whole list.
      - A batch that a trigger of the org refuses as a whole is halved, and the rest goes on.
      - When it is left out, 2 where the vendor syncs users, as Salesforce's document asks, and 100 otherwise.
    type: int
  move:
    description:
      - Whether a user who is a member of another contact center is moved. Such a user is an error otherwise.
      - Where the org does not take the move in one step, the user leaves and joins; if joining fails, the user goes back to the old center.
    type: bool
    default: false
  wait_timeout:
    description:
      - For how many seconds to wait until what the org took shows, and for each bulk job.
    type: int
    default: 300
  allow_provider_calls:
    description:
      - Whether a sandbox may write membership where the center's vendor syncs users, or where it is not known and O(method=bulk). A refreshed sandbox
        can carry production's credentials, so the write may change users at the provider in production.
    type: bool
    default: false
  repair:
    description:
      - What to put right for users who are to be added - V(service_cloud_user) makes them Service Cloud Users, V(frozen) unfreezes them.
      - Nothing is put right that is not named, and nobody is activated.
    type: list
    elements: str
    choices: [service_cloud_user, frozen]
    default: []
  remove_permission_sets:
    description:
      - Whether those who leave also lose the permission sets with the right of a contact center's agent or admin, and the Partner Telephony Permission Set,
        as far as they were assigned directly. What comes through a group or a profile stays and is warned of.
      - With O(state=absent) it counts for all listed users who are in no other contact center.
    type: bool
    default: false
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
    max_removals: 25%

- name: Add a new starter with all that an agent needs
  voiceops.salesforce.contact_center_member:
    contact_center: AcmeVoice
    users: [alex@acme.example]
    role: agent
    repair: [service_cloud_user]

- name: Move two agents here, by Salesforce's documented route
  voiceops.salesforce.contact_center_member:
    contact_center: AcmeVoice
    users: [alex@acme.example, kim@acme.example]
    move: true
    method: bulk

- name: Take a leaver out, with the permission sets that the contact center needed
  voiceops.salesforce.contact_center_member:
    contact_center: AcmeVoice
    users: [alex@acme.example]
    state: absent
    remove_permission_sets: true
"""

RETURN = r"""
changes:
  description: What was changed, or in check mode would be, in order; by names, the same in every org.
  returned: always
  type: list
  elements: dict
  sample: [{"op": "create", "kind": "contact_center_member", "key": "AcmeVoice/alex@acme.example", "before": {}, "after": {"member": true}}]
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
  description:
    - The contact center, its kind, and how that was told; the name of its vendor where it is certain (else empty), and whether that vendor syncs users
      (null where the org does not tell).
  returned: success
  type: dict
  sample:
    name: Acme Voice
    internal_name: AcmeVoice
    flavour: partner_telephony
    told_by: CustomSettings.reqCallCenterType is SCVBYOT
    vendor: acmevoice__AcmeVendor
    syncs_users: false
method:
  description: The route by which users are added - C(user_field) or C(bulk).
  returned: success
  type: str
  sample: user_field
batch_size:
  description: How many users are written together.
  returned: success
  type: int
  sample: 100
joining:
  description:
    - Who was added, or in check mode would be, as the provider's side needs to know it. C(from) is the internal name of the contact center that the user
      was moved from, or empty.
    - In a task that partly failed, those who are members now.
  returned: success
  type: list
  elements: dict
  sample:
    - username: alex@acme.example
      first_name: Alex
      last_name: Doe
      email: alex@acme.example
      federation_id: alex
      employee_number: E1001
      from: ""
leaving:
  description: Who was removed, or in check mode would be, as in RV(joining). In a task that partly failed, those who are no members any more.
  returned: success
  type: list
  elements: dict
  sample:
    - username: kim@acme.example
      first_name: Kim
      last_name: Doe
      email: kim@acme.example
      federation_id: kim
      employee_number: E1002
unchanged:
  description: How many of the users were as they should be.
  returned: success
  type: int
  sample: 12
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
