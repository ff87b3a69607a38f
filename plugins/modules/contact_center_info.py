#!/usr/bin/python
# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: contact_center_info
short_description: Read contact centers, their members, and whether people and center are as Salesforce asks
version_added: 0.1.0
description:
  - Reads contact centers - what kind each is and how that was told, its telephony vendor, its members, members who would not be taken any more, and
    routing maps that are missing or of no use - and who could be a member and is in no center.
  - With O(users) it tells for one center, sentence by sentence of the Salesforce Help article on its users, whether everything is as asked, and what to
    do where it is not.
  - With O(roster) or O(roster_csv) it holds the provider's people against those of the center. Salesforce and the provider do not sync users.
author: The voiceops.salesforce contributors (@voiceops)
extends_documentation_fragment:
  - voiceops.salesforce.connection
  - voiceops.salesforce.attributes.info
options:
  contact_centers:
    description:
      - The contact centers to tell of, each by internal name, name or record Id. When it is left out, all.
      - O(users), O(roster) and O(roster_csv) need exactly one.
    type: list
    elements: str
  flavour:
    description:
      - What kind the centers of O(contact_centers) are, where the org does not reveal it. When it is left out, these are C(unknown).
    type: str
    choices: [partner_telephony]
  users:
    description:
      - The users who are to be members, or with O(state=absent) who are not. Each is a username, a record Id, or a dictionary with one or more of
        C(id), C(username), C(federation_id), C(employee_number) and C(email), which are tried in that order. Each may be listed once.
      - C(docs/users.md) of the collection describes how a user is found, in sandboxes too.
      - When it is left out, RV(requirements) is empty and RV(ready) null.
    type: list
    elements: raw
  state:
    description:
      - Whether the users are to be members (V(present)), no members (V(absent)), or the only members (V(exact)).
    type: str
    choices: [present, absent, exact]
    default: present
  role:
    description:
      - Which permission set a new member is to get, as in M(voiceops.salesforce.contact_center_member). It decides about seats and remedies only.
    type: str
    choices: [agent, admin, none]
    default: none
  roster:
    description:
      - The people that the provider has in this call center. Each is the username at the provider, or a dictionary with one or more of C(username),
        C(external_id) (what identifies the person in the provider's system), C(federation_id), C(email) and C(employee_number).
      - V([]) means that the provider has nobody. When it is left out, and O(roster_csv) too, nothing is compared.
    type: list
    elements: raw
  roster_csv:
    description:
      - The same as the text of a CSV file, for example from the lookup P(ansible.builtin.file#lookup). Its first line names the columns; those that
        are not known are passed over. Comma, semicolon, tabulator or bar may separate.
    type: str
  roster_columns:
    description:
      - How the CSV calls the columns where it has other words for them, by our word, such as C(username) with C(Login).
    type: dict
    default: {}
  sso_match:
    description:
      - How single sign-on tells who somebody is, and so what must be the same on both sides. V(username) is the username, whatever its case.
        V(federation_identifier) is the user's Federation ID, to the letter, and the roster's C(federation_id) or else C(username).
        V(routing_map) is the provider's id in the user's routing map, and the roster's C(external_id) or C(username). V(none) compares nothing.
    type: str
    choices: [username, federation_identifier, routing_map, none]
    default: none
  lookup_failure_action:
    description:
      - What to do about users whom the org does not have. V(fail) stops the task. V(warn) leaves them out with a warning and lists them in
        RV(left_out), V(ignore) does so without a warning.
      - A user that several fit stops the task in any case.
    type: str
    choices: [fail, warn, ignore]
    default: fail
notes:
  - No field of a contact center tells its kind or its vendor. Where its settings and the org's vendors leave that open, its definition is read, which
    takes a running user who may use the Metadata API (Modify Metadata Through Metadata API Functions, or Modify All Data). Without, the kind may be
    C(unknown), and RV(contact_centers[].told_by) says why.
  - Who is frozen needs Manage Users. Rights are told by what permission sets and groups carry, whatever they are called.
  - In check mode it tells the org as earlier tasks of the run would leave it.
seealso:
  - module: voiceops.salesforce.contact_center_member
  - module: voiceops.salesforce.contact_center_routing_map
"""

EXAMPLES = r"""
- name: Read all contact centers
  voiceops.salesforce.contact_center_info:
  register: centers

- name: Stop where somebody is a member who would not be taken any more
  ansible.builtin.assert:
    that: centers.contact_centers | map(attribute='no_longer_eligible') | flatten | length == 0

- name: Hold the provider's people against those of one center
  voiceops.salesforce.contact_center_info:
    contact_centers: [AcmeVoice]
    users: "{{ agents }}"
    state: exact
    roster_csv: "{{ lookup('ansible.builtin.file', 'provider.csv') }}"
    roster_columns:
      username: Login
      external_id: Agent ID
    sso_match: username
  register: readiness

- name: Show what is not as it should be
  ansible.builtin.debug:
    msg: "{{ item.sentence }} {{ item.requirement }} is {{ item.state }}. {{ item.found }} {{ item.remedy }}"
  loop: "{{ readiness.requirements | rejectattr('state', 'in', ['met', 'not_asked']) }}"
  loop_control:
    label: "{{ item.requirement }}"
"""

RETURN = r"""
contact_centers:
  description: The contact centers, in the order of the option.
  returned: success
  type: list
  elements: dict
  sample:
    - id: 04v000000000001AAA
      name: Acme Voice
      internal_name: AcmeVoice
      flavour: partner_telephony
      told_by: its definition has reqCallCenterType SCVBYOT
      vendor:
        name: acmevoice__AcmeVendor
        type: ServiceCloudVoicePartner
        syncs_users: false
        told_by: its definition names it
      syncs_users: false
      members:
        - username: kim@acme.example
          name: Kim Acme
          email: kim@acme.example
          federation_id: null
          active: true
          frozen: false
          license: Salesforce
          service_cloud_user: true
          rights: [agent]
          routing_map: kim@acme.example
          reason: ""
      no_longer_eligible: []
      routing_maps: {"missing": [], "stale": []}
  contains:
    flavour:
      description:
        - C(partner_telephony), C(partner_telephony_amazon_connect) (Partner Telephony from Amazon Connect), C(amazon_connect), C(open_cti) or
          C(unknown); another kind by the word that the org has for it.
      type: str
    told_by:
      description: How that was told, or why it could not be.
      type: str
    vendor:
      description: The telephony vendor. Null where the center has none, or the org does not tell which.
      type: dict
    syncs_users:
      description:
        - Whether the vendor is told of users who join and leave; where it is not known which vendor the center has, whether all that it may have are. Null
          where the org does not tell.
      type: bool
    members:
      description:
        - Everybody in the center, inactive users too. C(rights) are any of C(agent), C(admin) and C(supervisor). C(routing_map) is the provider's id of
          the user, or null. C(frozen) is null where the running user is not shown it. C(reason) says why the user would not be taken any more.
      type: list
      elements: dict
    no_longer_eligible:
      description: The members with a C(reason). Empty for centers that are not of Partner Telephony.
      type: list
      elements: dict
    routing_maps:
      description:
        - C(missing) are members without a routing map, which matters only where the provider routes calls to users. C(stale) are maps of users who are
          inactive, or no members of the center. Null where the org does not show routing maps.
      type: dict
eligible_not_members:
  description: Usernames of active users of the whole org who could be members of a Partner Telephony center and are in no center.
  returned: success
  type: list
  elements: str
  sample: [robin@acme.example]
ready:
  description: Whether no requirement is violated. Those that are unknown, warned of, or done by hand do not count. Null without O(users).
  returned: success
  type: bool
  sample: true
requirements:
  description: Every requirement, in the order of the article, then what it rests on. Empty without O(users).
  returned: success
  type: list
  elements: dict
  sample:
    - requirement: members
      sentence: C10
      says: The users are members of the contact center.
      state: met
      found: "All 3 users: yes."
      remedy: ""
      repair: role
  contains:
    requirement:
      description: A word that names the requirement and stays the same.
      type: str
    sentence:
      description: The sentence of the article, C(C1) to C(C16), or C(X1) and following for what it rests on. C(docs/contact-center.md) lists them.
      type: str
    says:
      description: What is required.
      type: str
    state:
      description:
        - C(met), C(violated), C(warning) where it works but should be looked at, C(unknown) where the org does not show it to the running user,
          C(manual) where a roster is needed to tell, and C(not_asked) where nobody asked for it or it does not show afterwards.
      type: str
    found:
      description: What the org shows.
      type: str
    remedy:
      description: What to do. Empty where the requirement is met.
      type: str
    repair:
      description: Who puts it right - the role C(contact_center) (C(role)), people in Salesforce (C(report)), or people at the provider (C(manual)).
      type: str
violations:
  description: The requirements that are violated, in words.
  returned: success
  type: list
  elements: str
  sample: ["C10 members: No members: robin@acme.example. Run the role contact_center: it adds them."]
roster:
  description:
    - Both sides held against each other. Null without O(roster) and O(roster_csv). Whoever is to be a member by O(users) and O(state) should be in the
      roster; without O(users), whoever is a member.
  returned: success
  type: dict
  sample:
    matched: 1
    missing_at_provider: [robin@acme.example]
    missing_in_salesforce:
      - {"username": "sam", "external_id": "", "federation_id": "", "email": "", "employee_number": "", "entry": "line 3", "user": ""}
    mismatched:
      - {"user": "kim@acme.example", "rule": "username", "salesforce": "kim@acme.example", "provider": "kim@acme.test"}
    incomparable: []
    odd: []
  contains:
    matched:
      description: How many of those who should be in the roster are.
      type: int
    missing_at_provider:
      description: Usernames of those who should be in the roster and are not.
      type: list
      elements: str
    missing_in_salesforce:
      description:
        - Entries of nobody who should be a member. C(entry) says where it stands; C(user) is the Salesforce user that it is of, or empty.
      type: list
      elements: dict
    mismatched:
      description: Who is not the same on both sides, by O(sso_match).
      type: list
      elements: dict
    incomparable:
      description: Usernames of those of whom one side has nothing to compare by O(sso_match).
      type: list
      elements: str
    odd:
      description: Entries that fit several users, or one who has another entry, in words.
      type: list
      elements: str
check_mode:
  description: Whether the task ran in check mode, and so only tells what would be. What earlier tasks of the run would do counts as done then.
  returned: when the org could be reached
  type: bool
  sample: false
left_out:
  description: Users whom the org does not have, with O(lookup_failure_action) other than V(fail).
  returned: success
  type: list
  elements: dict
  sample: [{"user": "nobody@acme.example", "reason": "is not in this org"}]
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

from ansible_collections.voiceops.salesforce.plugins.module_utils._contact_center_info import NOUN
from ansible_collections.voiceops.salesforce.plugins.module_utils._module import run_module


def main() -> None:
    run_module(NOUN)


if __name__ == "__main__":
    main()
