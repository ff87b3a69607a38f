#!/usr/bin/python
# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: setup_audit_info
short_description: Tell who changed what in the Setup of a Salesforce org
version_added: 0.1.0
description:
  - Reads the newest entries of the Setup Audit Trail, and tells who changed the things you name last.
  - It costs one API call. Salesforce keeps the entries of at least the last 180 days.
author: The voiceops.salesforce contributors (@voiceops)
options:
  subjects:
    description:
      - What to look for in what the entries say - API names or labels of permission sets and groups, usernames, or any other name. Case does not
        matter; a name counts where it stands by itself, and not as a part of a longer word, of a longer username, or of a longer one of these names.
      - Entries call a permission set by its label and most users by their Ids. API names and usernames are looked up for that in the same call; in a
        sandbox the usernames of production will do.
      - Salesforce does not write an entry for everything, nor name in each what it is about - then nothing is found.
      - When it is left out, every entry is told, and RV(last) is empty.
    type: list
    elements: str
    default: []
  since:
    description:
      - The time of the oldest entry to read, as V(2026-11-01), V(2026-11-01T08:30:00Z) or with an offset such as V(+01:00). A date means its
        beginning in UTC.
      - When it is left out, all that the org keeps counts.
    type: str
  limit:
    description: How many entries to read, the newest first. At most V(2000).
    type: int
    default: 200
extends_documentation_fragment:
  - voiceops.salesforce.connection
  - voiceops.salesforce.attributes.info
notes:
  - The running user needs View Setup and Configuration (C(ViewSetup)).
"""

EXAMPLES = r"""
- name: Tell who changed Setup in the last days
  voiceops.salesforce.setup_audit_info:
    since: 2026-11-01
  register: audit

- name: Tell who changed a permission set last
  voiceops.salesforce.setup_audit_info:
    subjects:
      - Acme_Voice_Agent
      - kim@acme.com
  register: audit

- name: Show it
  ansible.builtin.debug:
    msg: "{{ item.key }}: {{ item.value.who ~ ', ' ~ item.value.when ~ ', ' ~ item.value.display if item.value else 'nobody' }}"
  loop: "{{ audit.last | dict2items }}"

- name: Tell who assigned that permission set to that user, or took it away
  ansible.builtin.debug:
    msg: >-
      {{ audit.entries | selectattr('subjects', 'contains', 'Acme_Voice_Agent') | selectattr('subjects', 'contains', 'kim@acme.com')
      | first | default('nobody') }}
"""

RETURN = r"""
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
entries:
  description:
    - What was read, newest first; with O(subjects) only what names one of them.
    - C(who) is the username and C(name) the name of who did it, both empty where Salesforce itself did. C(delegate)
      is the user who was logged in as that one, or empty. C(subjects) are those of O(subjects) that it names.
  returned: success
  type: list
  elements: dict
  sample:
    - when: "2026-11-20T10:11:12Z"
      who: admin@acme.com
      name: Kim Admin
      action: PermSetCreate
      section: Manage Users
      display: "Created permission set Acme Voice Agent: with no license"
      delegate: ""
      subjects: [Acme Voice Agent]
last:
  description: Each of O(subjects) as it was given, and the newest entry that names it, as in RV(entries); null where none does.
  returned: success
  type: dict
  sample: {"Acme Voice Agent": null}
complete:
  description: Whether all entries since O(since) were read. If not, an older one may name a subject too - raise O(limit).
  returned: success
  type: bool
  sample: true
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
  sample: {"calls": 2, "retries": 0, "usage": {"used": 18, "limit": 100000}}
"""

from ansible_collections.voiceops.salesforce.plugins.module_utils._module import run_module
from ansible_collections.voiceops.salesforce.plugins.module_utils._setup_audit_info import NOUN


def main() -> None:
    run_module(NOUN)


if __name__ == "__main__":
    main()
