#!/usr/bin/python
# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: permission_set
short_description: Make a permission set of your own, from nothing or as a clone that is kept in step
version_added: 0.1.0
description:
  - Makes sure that a permission set exists and grants what is listed, and what the set it is cloned from grants.
  - A right is asked for together with those that it needs. The API does not add them, and the task says which are missing.
  - It only adds. Rights that are there beyond what is asked for stay, and nothing is lowered.
  - A new set and its content are written all or none, so a half-made set never exists.
  - What can carry a permission is read from the org. Required and master-detail fields are passed over, and formulas get read access only;
    RV(passed_over) says which.
  - Sets of packages and Salesforce's own sets cannot be written. Clone them.
  - Rights that open an org (ModifyAllData, ViewAllData, ManageUsers, AssignPermissionSets, AuthorApex, CustomizeApplication, ModifyMetadata,
    ManageSharing) are granted only where O(user_permissions) names them, also when the source of a clone grants them.
author: The voiceops.salesforce contributors (@voiceops)
extends_documentation_fragment:
  - voiceops.salesforce.connection
  - voiceops.salesforce.attributes
options:
  name:
    description:
      - The API name of the set, without a namespace. Letters, digits and single underscores; it begins with a letter and does not end with an underscore.
    type: str
    required: true
  state:
    description:
      - V(present) makes the set and adds what it lacks.
      - V(absent) takes the set away from its users, within O(max_removals), and removes it.
    type: str
    choices: [present, absent]
    default: present
  label:
    description:
      - What Setup shows. When it is left out, a new set is called after its name and an existing one keeps its label.
    type: str
  description:
    description:
      - The description in Setup. When it is left out it is not managed; V("") clears it.
    type: str
  license:
    description:
      - The user licence or permission set licence that the set is made for, by name, label or developer name. It can be given only when the set is made.
      - When it is left out, a new set is for any licence, and a clone has its source's.
    type: str
  clone_from:
    description:
      - The set whose grants this one carries as well. On later runs, what the source has gained since is added.
      - When it is left out, the set is made from nothing.
    type: dict
    suboptions:
      id:
        description: Record Id of the source.
        type: str
      name:
        description: API name of the source, also as C(namespace__Name).
        type: str
      namespace:
        description: The package's namespace, for O(clone_from.name) or O(clone_from.label). V("") means sets without one. When left out, any.
        type: str
      label:
        description: Label of the source, compared without case. Two matches are an error.
        type: str
  clone:
    description:
      - When O(clone_from) is to be cloned. V(always) keeps the clone.
      - V(when_needed) makes the clone only if the source does not grant all that is asked for; else the source itself is RV(permission_set).
      - V(never) only checks the source, and RV(missing) says what it lacks.
    type: str
    choices: [always, when_needed, never]
    default: always
  user_permissions:
    description:
      - User permissions to grant, by API name (C(ApiEnabled)) or label (C(API Enabled)). A label that means several is an error.
    type: list
    elements: str
  object_permissions:
    description:
      - Access to objects.
    type: list
    elements: dict
    suboptions:
      object:
        description: API name of the object, or a glob such as C(NVMContactWorld__*).
        type: str
        required: true
      read:
        description: Read records.
        type: bool
        default: false
      create:
        description: Create records. Needs O(object_permissions[].read).
        type: bool
        default: false
      edit:
        description: Edit records. Needs O(object_permissions[].read).
        type: bool
        default: false
      delete:
        description: Delete records. Needs O(object_permissions[].edit).
        type: bool
        default: false
      view_all_records:
        description: See all records, whatever sharing says. Needs O(object_permissions[].read).
        type: bool
        default: false
      modify_all_records:
        description: Change all records, whatever sharing says. Needs O(object_permissions[].delete) and O(object_permissions[].view_all_records).
        type: bool
        default: false
      view_all_fields:
        description: Read all fields, whatever field permissions say. Needs O(object_permissions[].read). Orgs know it from API version 63.0.
        type: bool
        default: false
  field_permissions:
    description:
      - Access to fields.
    type: list
    elements: dict
    suboptions:
      field:
        description:
          - C(Object.Field) with API names, either part of it a glob, or a glob for the field's own name on every object.
          - C(NVMContactWorld__*) means every field that has the package's prefix itself, on package objects and on standard ones. A field that somebody
            else added to a package's object stays out.
        type: str
        required: true
      read:
        description: Read the field.
        type: bool
        default: false
      edit:
        description: Edit the field. Needs O(field_permissions[].read).
        type: bool
        default: false
  apex_classes:
    description:
      - A glob that matches nothing is passed over where another one of the list matches, and stops the task where none does. So it is for
        objects, fields and pages.
      - Apex classes that may be run, as C(namespace__Name) or, without a package, C(Name). Globs are allowed.
    type: list
    elements: str
  visualforce_pages:
    description:
      - Visualforce pages that may be opened, named like O(apex_classes).
    type: list
    elements: str
  max_removals:
    description:
      - How many users may lose the set with O(state=absent). More stop the task before anything is written.
    type: int
    default: 10
"""

EXAMPLES = r"""
- name: Clone the package's set for the API user and extend it
  voiceops.salesforce.permission_set:
    name: Acme_Vonage_API_User
    label: Acme Vonage API user
    clone_from:
      namespace: NVMContactWorld
      label: ContactWorld API user
    user_permissions: [ApiEnabled, EditTask, PasswordNeverExpires, ViewAllUsers]
    object_permissions:
      - object: NVMContactWorld__*
        read: true
        create: true
        edit: true
        delete: true
        view_all_records: true
        modify_all_records: true
    field_permissions:
      - field: NVMContactWorld__*
        read: true
        edit: true
    apex_classes: [NVMContactWorld__*]
    visualforce_pages: [NVMContactWorld__*]

- name: Remove a set that two people still have
  voiceops.salesforce.permission_set:
    name: Acme_Old_Set
    state: absent
    max_removals: 2
"""

RETURN = r"""
changes:
  description: What was changed, or in check mode would be, in order; by names, the same in every org.
  returned: always
  type: list
  elements: dict
  sample: [{"op": "create", "kind": "permission_set", "key": "Acme_Vonage_API_User", "before": {}, "after": {"label": "Acme Vonage API user"}}]
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
permission_set:
  description: The set to assign. With O(clone) other than V(always) it may be the source.
  returned: success
  type: dict
  sample:
    name: Acme_Vonage_API_User
    namespace: ""
    qualified_name: Acme_Vonage_API_User
    label: Acme Vonage API user
    is_clone: true
source:
  description: The set that this one is cloned from, with its namespace.
  returned: success
  type: str
  sample: NVMContactWorld__ContactWorld_API_User
missing:
  description: What was asked for and RV(permission_set) does not grant. Empty unless the source itself is used.
  returned: success
  type: list
  elements: str
  sample: [user permission ApiEnabled]
not_cloned:
  description: What the source grants and the clone lacks, because a clone cannot carry it, this collection does not manage it, or nobody asked for it.
  returned: success
  type: list
  elements: str
  sample: [tab NVMContactWorld__User_Creation (DefaultOn)]
passed_over:
  description: Fields that were asked for and cannot carry the permission, and why.
  returned: success
  type: list
  elements: dict
  sample:
    - name: NVMContactWorld__CallEndEvent__c.NVMContactWorld__Total__c
      reason: "a formula: read only"
"""

from ansible_collections.voiceops.salesforce.plugins.module_utils._module import run_module
from ansible_collections.voiceops.salesforce.plugins.module_utils._permission_set import NOUN


def main() -> None:
    run_module(NOUN)


if __name__ == "__main__":
    main()
