#!/usr/bin/python
# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: permission_set_info
short_description: Tell what permission sets grant, and what one user may do through which of them
version_added: 0.1.0
description:
  - Reads any number of permission sets completely, and gives for each the options of M(voiceops.salesforce.permission_set) that would make it.
  - For one user, tells every right it has, and which profile, permission set or permission set group gives it.
  - The playbook C(voiceops.salesforce.export) writes these options to files.
author: The voiceops.salesforce contributors (@voiceops)
extends_documentation_fragment:
  - voiceops.salesforce.connection
  - voiceops.salesforce.attributes.info
options:
  permission_sets:
    description:
      - The sets to tell of, each by API name (C(Name) or C(namespace__Name)), by record Id, or by a glob over API names such as C(Acme_*). Names
        compare without case.
      - A bare name means the set without a namespace, and where there is none, those of that name in any namespace. A bare glob means names in every
        namespace.
      - The sets behind profiles and behind permission set groups are told of only by Id.
      - When it is left out, no set is told of by name.
    type: list
    elements: str
  package:
    description:
      - A namespace. All sets of that package are told of.
      - When it is left out, no package's sets are told of.
    type: str
  user:
    description:
      - The user whose access is told in RV(effective_access) - a username, a record Id, or a dictionary with one or more of C(id), C(username),
        C(federation_id), C(employee_number) and C(email). C(docs/users.md) of the collection describes how a user is found.
      - When it is left out, nobody's is.
    type: raw
notes:
  - At least one of O(permission_sets), O(package) and O(user) is needed.
  - Record types, page layouts, login hours and other things that the API does not show of a set are not read. See
    U(https://github.com/voiceops/salesforce/blob/main/docs/permission-sets.md).
seealso:
  - module: voiceops.salesforce.permission_set
"""

EXAMPLES = r"""
- name: Read the sets whose names begin with Acme_
  voiceops.salesforce.permission_set_info:
    permission_sets: ["Acme_*"]
  register: acme

- name: Tell why a user may delete accounts
  voiceops.salesforce.permission_set_info:
    user: alex@acme.example
  register: alex

- name: Say what gives it
  ansible.builtin.debug:
    msg: "{{ access.object_permissions.Account.delete | default([]) + access.on_every_object | map(attribute='through') | list }}"
  vars:
    access: "{{ alex.effective_access }}"

- name: Read all sets of a package
  voiceops.salesforce.permission_set_info:
    package: NVMContactWorld
"""

RETURN = r"""
permission_sets:
  description: The sets, by qualified name.
  returned: success
  type: list
  elements: dict
  sample:
    - id: 0PS000000000001EAA
      name: Acme_Callback_Editor
      namespace: ""
      qualified_name: Acme_Callback_Editor
      label: Acme, callback editor
      description: Edits callbacks
      license: ""
      session_activation: false
      kind: custom
      assigned_users: 3
      groups: [Acme_Agents]
      cloned_from: null
      content:
        user_permissions: [ApiEnabled]
        object_permissions: {"Account": ["read", "edit"]}
        field_permissions: {"Account.Phone": ["read"]}
        apex_classes: [AcmeCallRouting]
        visualforce_pages: []
        custom_permissions: []
        custom_settings: []
        custom_metadata_types: []
        connected_apps: []
        flows: []
        tabs: {"standard-Account": visible}
      task:
        name: Acme_Callback_Editor
        label: Acme, callback editor
        description: Edits callbacks
        session_activation: false
        user_permissions: [ApiEnabled]
        object_permissions: [{"object": "Account", "read": true, "edit": true}]
        field_permissions: [{"field": "Account.Phone", "read": true}]
        apex_classes: [AcmeCallRouting]
        tabs: [{"tab": "standard-Account", "visibility": visible}]
        exact:
          - user_permissions
          - object_permissions
          - field_permissions
          - apex_classes
          - visualforce_pages
          - custom_permissions
          - custom_settings
          - custom_metadata_types
          - connected_apps
          - flows
          - tabs
      not_exported: ["its assignment to users: 3", "its membership in permission set groups: Acme_Agents"]
  contains:
    id:
      description: Record Id.
      type: str
    name:
      description: API name without namespace.
      type: str
    namespace:
      description: The package's namespace, or nothing.
      type: str
    qualified_name:
      description: API name with namespace, the same in every org.
      type: str
    label:
      description: What Setup shows.
      type: str
    description:
      description: The description, without the record of where a clone came from.
      type: str
    license:
      description: The licence that the set is made for, or nothing.
      type: str
    session_activation:
      description: Whether the set grants nothing until it is activated in a session.
      type: bool
    kind:
      description:
        - C(custom), C(managed) by a package, C(standard) for Salesforce's own, C(profile) for the set behind a profile, C(group) for the sum of a
          permission set group.
      type: str
    assigned_users:
      description: To how many users the set is assigned by itself. Who has it through a group is not counted; expired assignments that the org
        still shows are.
      type: int
    groups:
      description: The permission set groups that it is a member of.
      type: list
      elements: str
    cloned_from:
      description: Where a clone made by M(voiceops.salesforce.permission_set) came from - C(source), C(version) and C(fingerprint) - or null.
      type: dict
    content:
      description:
        - What the set grants, by section. Rights are listed by name of the object or field, tabs have their visibility, other sections list
          names. Every section is there.
      type: dict
    task:
      description:
        - The options of M(voiceops.salesforce.permission_set) that make a set with the same content in an org that has the same things, and that change
          nothing in this one. Null for the kinds C(profile) and C(group).
        - Of a package's set or one of Salesforce's, they make a set of your own, whose name ends in C(_Copy).
      type: dict
    not_exported:
      description: What of this set RV(permission_sets[].task) leaves out, in words.
      type: list
      elements: str
missing:
  description: What was asked for and no set fits. Not a failure, there is a warning for each.
  returned: success
  type: list
  elements: str
  sample: []
effective_access:
  description:
    - What O(user) may do, and through what. Null when O(user) is left out.
    - Besides the keys below it has one for each section of M(voiceops.salesforce.permission_set). A right is there if something gives it, with the
      list of all that do, such as C(profile Standard User), C(permission set Acme_Callback_Editor) or C(group Acme_Agents (Acme_Callback_Editor)),
      where the names in parentheses are the members of the group that grant it.
    - A tab that is C(visible) is C(available) too.
    - Sharing, licences, and what a permission set licence gives by itself are not looked at.
  returned: success
  type: dict
  sample:
    username: alex@acme.example
    active: true
    profile: Standard User
    sources:
      - {"kind": "profile", "name": "Standard User", "via": "profile", "members": [], "in_effect": true, "reason": ""}
      - {"kind": "group", "name": "Acme_Agents", "via": "assignment", "members": ["Acme_Callback_Editor"], "in_effect": true, "reason": ""}
    on_every_object: []
    user_permissions: {"ApiEnabled": ["profile Standard User"]}
    object_permissions: {"Account": {"read": ["profile Standard User", "group Acme_Agents (Acme_Callback_Editor)"]}}
    tabs: {"standard-Account": {"available": ["profile Standard User"]}}
  contains:
    username:
      description: The user, as the org writes it.
      type: str
    active:
      description: Whether the user is active. What is told of an inactive one takes effect when it is activated.
      type: bool
    profile:
      description: The user's profile.
      type: str
    sources:
      description:
        - Everything that could give access - the profile, then assigned sets, then assigned groups with their members. Where C(in_effect) is
          false, C(reason) says why - it needs activation in a session, or the assignment has expired, is revoked or inactive.
      type: list
      elements: dict
    on_every_object:
      description:
        - Rights on every object that Modify All Data, View All Data or View All Fields give. C(through) names the user permission, and
          C(sources) what gives it. They are not repeated under C(object_permissions).
      type: list
      elements: dict
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
  sample: {"calls": 4, "retries": 0, "usage": {"used": 18, "limit": 100000}}
"""

from ansible_collections.voiceops.salesforce.plugins.module_utils._module import run_module
from ansible_collections.voiceops.salesforce.plugins.module_utils._permission_set_info import NOUN


def main() -> None:
    run_module(NOUN)


if __name__ == "__main__":
    main()
