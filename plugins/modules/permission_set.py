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
  - It only adds, but for the sections named in O(exact).
  - A new set is written with its content, all or none. What is too much for one call follows at once; if the org refuses any of that, the set is
    taken away again, and if the run is cut off in between, the next one completes the set.
  - What can carry a permission is read from the org. Required and master-detail fields carry none, and formulas and auto numbers read access
    only; RV(passed_over) lists what was asked of them in vain.
  - Sets of packages, Salesforce's own sets, those behind profiles and the sums of permission set groups are refused; they can be cloned.
  - High-risk rights, such as ModifyAllData or ManageUsers, are granted only where O(user_permissions) names them one by one, never by a glob,
    as a dependency, or because the source of a clone grants them. The guide lists them.
  - The guide tells what each section can hold, and how that is known,
    U(https://github.com/voiceops/salesforce/blob/main/docs/permission-sets.md).
author: The voiceops.salesforce contributors (@voiceops)
extends_documentation_fragment:
  - voiceops.salesforce.connection
  - voiceops.salesforce.attributes
options:
  name:
    description:
      - The API name of the set, without a namespace. Letters, digits and single underscores; it begins with a letter and does not end with an
        underscore.
    type: str
    required: true
  state:
    description:
      - V(present) makes the set and adds what it lacks.
      - V(absent) removes the set. One that is in use is removed only as far as O(take_from) allows.
    type: str
    choices: [present, absent]
    default: present
  label:
    description:
      - What Setup shows. When it is left out, a new set is called after its name and an existing one keeps its label.
    type: str
  description:
    description:
      - The description in Setup. The record of where a clone came from, which ends a clone's description, is no part of it.
      - When it is left out, a new clone takes its source's, and otherwise it is not managed; V("") clears it.
    type: str
  license:
    description:
      - The user licence or permission set licence that the set is made for, by name, label or developer name. An existing set's licence never
        changes, so another one is refused.
      - When it is left out, a new set is for any licence, a new clone has its source's, and an existing set keeps its own.
    type: str
  session_activation:
    description:
      - Whether the set grants nothing until it is activated in a user's session.
      - When it is left out, a new set needs no activation, a new clone does what its source does, and an existing set stays as it is.
    type: bool
  clone_from:
    description:
      - The set whose grants this one carries as well, in all sections below. Later runs compare with the source again, see O(on_source_change).
      - When it is left out, the set is made from nothing, and one that was made as a clone is no longer compared with its source.
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
  on_source_change:
    description:
      - What to do when the source has gained or lost grants since the clone was last brought in step. As long as the source is unchanged, what
        the clone lacks of it is always added again.
      - V(report) leaves that change alone and tells it in RV(source_changes).
      - V(merge) adds what the source gained. What it lost is taken away only in sections named in O(exact). The change is then
        recorded as known, also where the clone has nothing to gain or lose by it.
      - V(fail) stops the task before anything is written.
    type: str
    choices: [report, merge, fail]
    default: report
  user_permissions:
    description:
      - User permissions to grant, by API name (C(ApiEnabled)), label (C(API Enabled)) or glob over API names (C(View*)). A label that means
        several is an error.
      - This section and the following ones, when left out, ask for nothing; see O(exact) for what that means there.
    type: list
    elements: str
  object_permissions:
    description:
      - Access to objects. Each line names objects by O(object_permissions[].object) or O(object_permissions[].package).
      - V(true) asks for a right and V(false) says that it is not to be asked for. A right that is left out is not spoken of. Two lines that say
        V(true) and V(false) of one right on the same object are an error that names both; so is V(false) for a right that an asked one needs.
      - Globs and package selectors never mean objects whose names end in Share, History, Feed or ChangeEvent.
    type: list
    elements: dict
    suboptions:
      object:
        description: API name of an object, or a glob such as C(Acme_*).
        type: str
      package:
        description: The namespace of a package; it means all its objects that can carry permissions.
        type: str
      read:
        description: Read records.
        type: bool
      create:
        description: Create records. Needs read.
        type: bool
      edit:
        description: Edit records. Needs read.
        type: bool
      delete:
        description: Delete records. Needs read and edit.
        type: bool
      view_all_records:
        description: See all records, whatever sharing says. Needs read.
        type: bool
      modify_all_records:
        description: Change all records, whatever sharing says. Needs read, edit, delete and view_all_records.
        type: bool
      view_all_fields:
        description: Read all fields, whatever field permissions say. Needs read. Orgs know it from API version 63.0.
        type: bool
  field_permissions:
    description:
      - Access to fields. Each line names fields by O(field_permissions[].field) or O(field_permissions[].package), and its rights are read as those
        of O(object_permissions) are.
      - Edit on a formula or auto number is an error where the field is named, not where a glob or a package means it.
    type: list
    elements: dict
    suboptions:
      field:
        description:
          - C(Object.Field) with API names, either part of it a glob, or a glob without a dot for the field's own name on every object.
          - Globs never mean C(__pc) fields, which mirror a person's contact.
        type: str
      package:
        description:
          - The namespace of a package. It means every field whose own prefix that is, on the package's objects and on standard ones. A field that
            somebody else added to a package's object stays out.
        type: str
      read:
        description: Read the field.
        type: bool
      edit:
        description: Edit the field. Needs read.
        type: bool
  apex_classes:
    description:
      - Apex classes that may be run. Each item is a name (C(namespace__Name), or C(Name) without a package), a glob over such names, or a dictionary
        with the key C(package) and a namespace, which means all of that package.
    type: list
    elements: raw
  visualforce_pages:
    description:
      - Visualforce pages that may be opened, written like O(apex_classes).
    type: list
    elements: raw
  custom_permissions:
    description:
      - Custom permissions to grant, written like O(apex_classes).
    type: list
    elements: raw
  custom_settings:
    description:
      - Custom settings that may be read, by the API name of the setting's object (C(namespace__Name__c)), otherwise written like O(apex_classes).
    type: list
    elements: raw
  custom_metadata_types:
    description:
      - Custom metadata types that may be read, by API name (C(namespace__Name__mdt)), otherwise written like O(apex_classes).
    type: list
    elements: raw
  connected_apps:
    description:
      - Connected apps that may be used, by name or glob. They have no namespace, and a name that two apps share is an error.
    type: list
    elements: str
  flows:
    description:
      - Flows that may be run, by API name, written like O(apex_classes).
    type: list
    elements: raw
  tabs:
    description:
      - Tabs to show. Each line names tabs by O(tabs[].tab) or O(tabs[].package). Two visibilities for one tab are an error that names both.
    type: list
    elements: dict
    suboptions:
      tab:
        description: API name of a tab, such as C(standard-Account) or C(namespace__Object__c), or a glob.
        type: str
      package:
        description: The namespace of a package; it means all its tabs.
        type: str
      visibility:
        description:
          - V(visible) shows the tab, V(available) only offers it in the list of all tabs. A tab without either is hidden, unless another set or the
            profile shows it.
          - A visible tab becomes merely available only where O(exact) names C(tabs).
        type: str
        choices: [visible, available]
        default: visible
  exact:
    description:
      - The sections in which nothing else stays than what is asked for, what the source of a clone grants, and what these need. The rest is
        removed, and rights are lowered.
      - A section that is named here and left out above keeps only what the source grants; without O(clone_from) it is emptied.
      - Rows that Salesforce shows only because of Modify All Data, and the Event rows of activity fields, are never removed by themselves.
    type: list
    elements: str
    choices:
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
    default: []
  missing:
    description:
      - What to do about names that this org does not have. V(fail) stops the task before anything is written and tells the nearest names.
      - V(skip) goes on without them, and RV(left_out) lists them. It is for fleets whose orgs differ in edition, features or packages.
      - A glob or package selector that matches nothing is passed over while another item of its section matches something. Else it counts as a
        name that this org does not have.
    type: str
    choices: [fail, skip]
    default: fail
  resolve_dependencies:
    description:
      - Whether rights that others need are added. The API does not add them, as Setup does; it refuses. What is added is in RV(added_dependencies).
      - V(objects) adds the rights that a right needs on the same object, read on the master of a detail object, and rights on objects that the
        org names, in its table of dependencies or in a refusal.
      - V(all) adds the user permissions that it names too. Where a high-risk right would have to be added that
        O(high_risk_dependencies) does not name, the task stops and names it.
      - V(none) adds nothing, and a right without those that it needs is an error.
    type: str
    choices: [none, objects, all]
    default: objects
  high_risk_dependencies:
    description:
      - High-risk rights, by API name, that V(all) may add where what is asked for needs them. Others stop the task, which names them.
      - They are not asked for by this. In an org where nothing needs them they are not granted.
    type: list
    elements: str
    default: []
  take_from:
    description:
      - With O(state=absent), the uses that may be ended before the set is removed. A use that is not named stops the task before anything is written.
      - V(groups) takes the set out of permission set groups. V(users) takes it away from the users who have it, within O(max_removals), and
        V(running_user) from the user that Ansible logs in as, who may lose rights by it.
    type: list
    elements: str
    choices: [users, groups, running_user]
    default: []
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
      - package: NVMContactWorld
        create: true
        modify_all_records: true # read, edit, delete and view_all_records come along, see resolve_dependencies
    field_permissions:
      - package: NVMContactWorld
        read: true
        edit: true
    apex_classes: [{package: NVMContactWorld}]
    visualforce_pages: [{package: NVMContactWorld}]

- name: Make a set from nothing
  voiceops.salesforce.permission_set:
    name: Acme_Callback_Editor
    description: Works on callbacks, sees accounts.
    user_permissions: [Run Reports]
    object_permissions:
      - {object: Account, read: true}
      - {object: Callback__c, read: true, create: true, edit: true}
    field_permissions:
      - {field: Account.Phone, read: true}
      - {field: Callback__c.*, read: true, edit: true}

- name: Let that set grant these objects and classes, and no others
  voiceops.salesforce.permission_set:
    name: Acme_Callback_Editor
    object_permissions:
      - {object: Callback__c, read: true, edit: true}
    apex_classes: [CallbackQueue, Callback*Test]
    exact: [object_permissions, apex_classes]

- name: Give agents the tabs, the custom permission and the flows of their work
  voiceops.salesforce.permission_set:
    name: Acme_Agent_Extras
    tabs:
      - {tab: standard-Case}
      - {package: NVMContactWorld, visibility: available}
    custom_permissions: [Acme_Transfer_Calls, {package: NVMContactWorld}]
    flows: [Acme_Wrap_Up]

- name: Ask the same of every org, whatever each of them has
  voiceops.salesforce.permission_set:
    name: Acme_Reporting
    user_permissions: [RunReports, ViewPublicReports, ViewEventLogFiles]
    object_permissions:
      - {package: NVMContactWorld, read: true}
      - {package: NVMStatsSF, read: true}
    missing: skip
    resolve_dependencies: all

- name: Follow the vendor after an upgrade of the package, losses included
  voiceops.salesforce.permission_set:
    name: Acme_Vonage_Supervisor
    clone_from:
      name: NVMContactWorld__ContactWorld_Supervisor
    on_source_change: merge
    exact: [object_permissions, field_permissions, apex_classes, visualforce_pages]

- name: Remove a set that is in a group and that two people still have
  voiceops.salesforce.permission_set:
    name: Acme_Old_Set
    state: absent
    take_from: [groups, users]
    max_removals: 2
"""

RETURN = r"""
changes:
  description: What was changed, or in check mode would be, in order; by names, the same in every org.
  returned: always
  type: list
  elements: dict
  sample: [{"op": "create", "kind": "permission_set", "key": "Acme_Vonage_API_User", "before": {}, "after": {"label": "Acme Vonage API user"}}]
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
permission_set:
  description:
    - The set to assign. With O(clone) other than V(always) it may be the source.
    - While C(needs_activation) is true, the set grants nothing before it is activated in a user's session.
  returned: success
  type: dict
  sample:
    name: Acme_Vonage_API_User
    namespace: ""
    qualified_name: Acme_Vonage_API_User
    label: Acme Vonage API user
    is_clone: true
    needs_activation: false
source:
  description: The set that this one is cloned from, with its namespace.
  returned: success
  type: str
  sample: NVMContactWorld__ContactWorld_API_User
source_changes:
  description:
    - What has become of the source since the clone was last brought in step. Null unless there is a clone that remembers this source.
    - C(changed) is true when anything has. C(gained) and C(lost) are what the source grants more and less; C(confirmed) is true when the
      fingerprint that the clone carries proves that they are the whole change, and false where they are only what clone and source differ in.
    - C(version) is that of the source's package; the present one is asked for only where something is to be written or has changed.
    - C(renamed_from) is the source's former name, C(removed) is true when the org no longer has it, and C(license) says what is wrong with its
      licence, empty where nothing is.
  returned: success
  type: dict
  sample:
    changed: true
    confirmed: true
    gained: [Apex class NVMContactWorld__NVMCallFlow]
    lost: ["edit on field Contact.NVMContactWorld__NVM_Owner__c"]
    version: {"before": "17.126", "now": "18.2"}
    renamed_from: null
    removed: false
    license: ""
missing:
  description: What was asked for and RV(permission_set) does not grant. Empty unless the source itself is used.
  returned: success
  type: list
  elements: str
  sample: [user permission ApiEnabled]
not_cloned:
  description: What the source grants and the clone lacks, because the API cannot carry it over or because it is high-risk and nobody asked for it.
  returned: success
  type: list
  elements: str
  sample: [user permission ModifyAllData]
passed_over:
  description: What was meant and cannot carry the right, and why; also globs and package selectors that mean nothing in this org.
  returned: success
  type: list
  elements: dict
  sample:
    - name: NVMContactWorld__CallEndEvent__c.NVMContactWorld__Total__c
      reason: "a formula: read only"
left_out:
  description: What was asked for and this org does not have, with O(missing=skip).
  returned: success
  type: list
  elements: dict
  sample: [{"section": "object_permissions", "name": "NVMStatsSF"}]
added_dependencies:
  description: What was added because something that is asked for, or that the source grants, needs it.
  returned: success
  type: list
  elements: dict
  sample:
    - section: object_permissions
      name: NVMContactWorld__InteractionEvent__c
      rights: [read]
      needed_by: [read on object NVMContactWorld__InteractionEventNote__c]
"""

from ansible_collections.voiceops.salesforce.plugins.module_utils._module import run_module
from ansible_collections.voiceops.salesforce.plugins.module_utils._permission_set import NOUN


def main() -> None:
    run_module(NOUN)


if __name__ == "__main__":
    main()
