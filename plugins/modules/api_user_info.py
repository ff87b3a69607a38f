#!/usr/bin/python
# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: api_user_info
short_description: Tell whether the Vonage Contact Center API user is as the documentation asks
version_added: 0.1.0
description:
  - Reads what the Vonage Contact Center documentation asks of the Salesforce user that it is linked to, and says sentence by sentence whether it is so,
    what was found, and what to do.
  - What counts is what the user really has, through its profile, permission sets and permission set groups together.
  - What is missing in the org is a row of the table and never a failure, also a user that is not there.
author: The voiceops.salesforce contributors (@voiceops)
extends_documentation_fragment:
  - voiceops.salesforce.connection
  - voiceops.salesforce.attributes.info
options:
  user:
    description:
      - The API user, by username or record Id, or a dictionary with one or more of C(id), C(username), C(federation_id), C(employee_number) and
        C(email), which are tried in this order.
      - C(docs/users.md) of the collection describes how a user is found, in sandboxes too.
    type: raw
    required: true
  profile:
    description:
      - The profile that the user should have. It must have no login hours and no login IP ranges.
    type: str
    default: Standard User
  permission_set:
    description:
      - The permission set that the user should hold, by API name (C(Name) or C(namespace__Name)) or record Id. Holding it through a group is enough.
      - When it is left out, the package's own set for the API user will do, or any clone of it that this collection has made.
    type: str
  package_set:
    description:
      - The name or the label of the package's own set for the API user. The Apex classes and Visualforce pages that it opens are those that the user
        needs.
    type: str
    default: ContactWorld API user
  namespaces:
    description:
      - The namespaces of the package, whose objects and fields the user needs.
    type: list
    elements: str
    default: [NVMContactWorld]
  user_permissions:
    description:
      - The user permissions that the user needs in any case, by API name or label. The three of the default have a row each, whether they are named or not,
        others have one together.
    type: list
    elements: str
    default: [ApiEnabled, EditTask, PasswordNeverExpires]
  queries_users:
    description:
      - Whether Vonage Contact Center queries users, which needs View All Users.
    type: bool
    default: false
  private_sharing:
    description:
      - Whether the user must see records that nobody shares with it, which needs View All Data. An org that shares privately is warned of where this
        is V(false).
    type: bool
    default: false
  data_connector:
    description:
      - Whether the Data Connector inserts records into Salesforce, which needs Modify All Data.
    type: bool
    default: false
  api_only:
    description:
      - Whether the user should be able to use nothing but the API.
    type: bool
    default: false
  package_licenses:
    description:
      - The namespaces of the packages of which the user needs a licence.
      - When it is left out, those of O(namespaces).
    type: list
    elements: str
  permission_set_licenses:
    description:
      - The permission set licences that the user needs, by name, key or label.
    type: list
    elements: str
    default: []
notes:
  - Login hours, login IP ranges, User Access Policies, organization-wide defaults and which fields are formulas come from the Tooling API, which the
    running user needs View Setup and Configuration for. Whether the user is frozen needs Manage Users. What is not shown is C(unknown), and there
    is a warning.
  - No API links the actions of a User Access Policy to the policy. So all active policies are told, and whether some policy acts on a set of the user.
  - In check mode too it tells the org as it is, without what earlier tasks of the run would change.
seealso:
  - module: voiceops.salesforce.profile_info
  - module: voiceops.salesforce.permission_set_info
"""

EXAMPLES = r"""
- name: Read whether the API user is ready
  voiceops.salesforce.api_user_info:
    user: vonage.api@acme.example
    permission_set: Vonage_API_User
  register: readiness

- name: Show what is not as it should be
  ansible.builtin.debug:
    msg: "{{ item.sentence }} {{ item.requirement }} is {{ item.state }}. {{ item.found }} {{ item.remedy }}"
  loop: "{{ readiness.requirements | rejectattr('state', 'in', ['met', 'not_asked']) }}"
  loop_control:
    label: "{{ item.requirement }}"

- name: Ask for what the Data Connector needs too
  voiceops.salesforce.api_user_info:
    user: vonage.api@acme.example
    data_connector: true
"""

RETURN = r"""
ready:
  description: Whether no requirement is violated. Those that are unknown, warned of, or done by hand do not count.
  returned: success
  type: bool
  sample: true
requirements:
  description: Every requirement, in the order of the documentation, then what it rests on and what is asked for beyond it.
  returned: success
  type: list
  elements: dict
  sample:
    - requirement: edit_tasks
      sentence: D5
      says: The user has Edit Tasks.
      state: met
      found: Given by profile Standard User.
      remedy: ""
      repair: role
  contains:
    requirement:
      description: A word that names the requirement and stays the same.
      type: str
    sentence:
      description: The sentence of the documentation, C(D1) to C(D16), or C(X1) and following for what goes beyond it.
      type: str
    says:
      description: What is required.
      type: str
    state:
      description:
        - C(met), C(violated), C(warning) where it works but should be looked at, C(unknown) where the org does not show it to the running user or there is
          nothing to look at, C(manual) where no API shows it, and C(not_asked) where nobody asked for it.
      type: str
    found:
      description: What the org shows.
      type: str
    remedy:
      description: What to do. Empty where the requirement is met.
      type: str
    repair:
      description: Who puts it right - the role C(role) api_user, people in Salesforce (C(report)), or people in Vonage Contact Center (C(manual)).
      type: str
user:
  description: The user, or null where there is none. C(frozen) is null where the org does not tell it to the running user.
  returned: success
  type: dict
  sample:
    id: 005000000000001AAA
    username: vonage.api@acme.example
    name: Vonage Api
    active: true
    frozen: false
    profile: Standard User
    license: Salesforce
profile:
  description:
    - The user's profile, or the one that is asked for where there is no user, in the words of M(voiceops.salesforce.profile_info). Null where the org has
      no such profile or does not show it.
  returned: success
  type: dict
  sample:
    name: Standard User
    license: Salesforce
    custom: false
    user_permissions: [ApiEnabled, EditTask]
    login_hours: {}
    login_ip_ranges: []
    restricted: false
gaps:
  description:
    - Rights that are asked for and that nothing gives, by C(object) or C(field). Of a field with rights that are of no use without rights on its object,
      C(useless) says so.
  returned: success
  type: list
  elements: dict
  sample:
    - {"object": "Case", "lacks": ["read", "edit"]}
    - {"field": "Case.NVMContactWorld__Skills__c", "lacks": [], "useless": "read and edit without read on Case"}
sharing:
  description: The organization-wide defaults of the objects that the package reads and of its own. Null where the org does not show them.
  returned: success
  type: dict
  sample: {"Account": "ReadWrite", "Case": "Private"}
policies:
  description: The labels of the active User Access Policies. Null where the org does not show them.
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
  sample: not_a_user
http_status:
  description: The HTTP status of the org's answer, where it was an answer that ended the task.
  returned: failure
  type: int
  sample: 400
step:
  description: Where the task ended - C(options), C(reading), C(planning) or C(writing).
  returned: failure
  type: str
  sample: reading
api:
  description: What the task cost in API calls, a login included, and the org's usage of the last 24 hours as the org tells it.
  returned: when the org could be reached
  type: dict
  sample: {"calls": 3, "retries": 0, "usage": {"used": 1204, "limit": 100000}}
"""

from ansible_collections.voiceops.salesforce.plugins.module_utils._api_user_info import NOUN
from ansible_collections.voiceops.salesforce.plugins.module_utils._module import run_module


def main() -> None:
    run_module(NOUN)


if __name__ == "__main__":
    main()
