#!/usr/bin/python
# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: user
short_description: Make a user, or keep one as it should be
version_added: 0.1.0
description:
  - Makes a user who is not there, and changes one who is. No user is ever deleted. What a task leaves out is not spoken of.
  - What every user has (last name, e-mail address, profile, alias, nickname, locale, language, time zone, encoding) cannot be cleared.
  - What lets people in and out, or tells who they are (profile, username, e-mail address, role, activity), is changed on a user who exists only
    where O(allow_change) names it. Otherwise the difference is told in RV(held_back) and warned about.
  - Unknown profiles, roles, time zones, locales, languages and feature licences, a username that has not the form of one, and a user licence
    without a free seat stop the task before anything is written. Seats are counted from the active users, not taken from the licence's own counter.
  - An org may put a new e-mail address of a user who exists in force only when its owner has confirmed it by the link that the org sends. Until then
    it is told in RV(held_back), and every further run asks the org again, and says changed, since nothing tells that an address waits.
author: The voiceops.salesforce contributors (@voiceops)
extends_documentation_fragment:
  - voiceops.salesforce.connection
  - voiceops.salesforce.attributes
options:
  user:
    description:
      - The user - a username, a record Id, or a dictionary with one or more of C(id), C(username), C(federation_id), C(employee_number) and C(email),
        which are tried in that order. Empty entries count as left out. C(docs/users.md) of the collection describes how the user is found, in sandboxes too.
      - A user who is not there is made under the C(username). In a sandbox whose name is known (see O(sandbox_name)) a dot and that name are put behind
        it, as Salesforce does when it copies an org. In a sandbox whose name is not known nobody is made whose username another user has with a dot and
        one word behind it.
      - The dictionary's C(federation_id) and C(employee_number) are written on a new user, and on one who has none. Another one that is there stays and
        is told in RV(held_back).
    type: raw
    required: true
  first_name:
    description: The first name. V("") clears it.
    type: str
  last_name:
    description: The last name. A new user needs one.
    type: str
  email:
    description:
      - The e-mail address. A new user needs one.
      - An address that a sandbox hides by C(.invalid) at its end is left so, unless O(allow_change) names C(email).
    type: str
  alias:
    description: The alias, of at most eight characters. A new user gets one made of the username.
    type: str
  nickname:
    description: The nickname, which no other user of the org may have. The org makes one where it is left out.
    type: str
  profile:
    description: The profile, by name. A new user needs one.
    type: str
  role:
    description: The role, by API name or by name. V("") takes it away.
    type: str
  locale:
    description: The locale, such as V(en_GB). A new user gets the org's.
    type: str
  language:
    description: The language, such as V(en_US). A new user gets the org's.
    type: str
  time_zone:
    description: The time zone, such as V(Europe/London). A new user gets the org's.
    type: str
  email_encoding:
    description: The encoding of outgoing e-mail. A new user gets V(UTF-8).
    type: str
  features:
    description:
      - Feature licences, each on or off, by the names of User's columns without C(UserPermissions), such as C(SupportUser) (Service Cloud User) or
        C(KnowledgeUser). Those that are not named stay.
    type: dict
  active:
    description:
      - Whether the user is active. A new user is, unless this is V(false).
      - The running user is never deactivated, nor given another profile or username.
    type: bool
  new_username:
    description:
      - The username that the user is to get, if O(allow_change) names C(username). A user who has it already is the one that is meant.
      - In a sandbox whose name is known a dot and that name are put behind it.
    type: str
  allow_change:
    description: What may be changed on a user who exists.
    type: list
    elements: str
    choices: [profile, username, email, role, active]
    default: []
seealso:
  - module: voiceops.salesforce.user_info
  - module: voiceops.salesforce.permission_set_assignment
"""

EXAMPLES = r"""
- name: Have the API user of the telephony package
  voiceops.salesforce.user:
    user: vonage.api@acme.example
    first_name: Vonage
    last_name: API
    email: telephony@acme.example
    profile: Standard User

- name: Give an agent Service Cloud, whatever the sandbox calls the agent
  voiceops.salesforce.user:
    user: kim@acme.example
    features:
      SupportUser: true

- name: Deactivate who has left, found by employee number
  voiceops.salesforce.user:
    user:
      employee_number: "4711"
    active: false
    allow_change: [active]

- name: Rename a user
  voiceops.salesforce.user:
    user: kim@acme.example
    new_username: kim.lee@acme.example
    allow_change: [username]
"""

RETURN = r"""
changes:
  description: What was changed, or in check mode would be; by names, the same in every org. The key is the username as the org has it.
  returned: always
  type: list
  elements: dict
  sample: [{"op": "update", "kind": "user", "key": "kim@acme.example", "before": {"SupportUser": false}, "after": {"SupportUser": true}}]
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
user:
  description:
    - The user after the task, or in check mode as a run would leave it. Its Id is null in check mode where it would be made.
    - C(frozen) is null where the running user is not shown it, which needs Manage Users.
  returned: success
  type: dict
  sample:
    id: 005000000000001AAA
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
created:
  description: Whether the user was made, or in check mode would be.
  returned: success
  type: bool
  sample: false
held_back:
  description: What was left as it is although the task says otherwise, and why.
  returned: success
  type: list
  elements: dict
  sample: [{"field": "profile", "is": "Minimum Access", "wanted": "Standard User", "reason": "allow_change does not name profile"}]
"""

from ansible_collections.voiceops.salesforce.plugins.module_utils._module import run_module
from ansible_collections.voiceops.salesforce.plugins.module_utils._user import NOUN


def main() -> None:
    run_module(NOUN)


if __name__ == "__main__":
    main()
