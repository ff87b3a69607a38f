#!/usr/bin/python
# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight_info
short_description: Tell whether a run would get through, and what to do where it would not
version_added: 0.1.0
description:
  - Looks at this machine, at the way to the org, at the login, and in the org at what a run will need. Nothing is written.
  - A dead network or a refused login does not fail the task. It becomes a check in state V(error), and what cannot be looked at then is V(skipped).
    The role C(voiceops.salesforce.preflight) prints the checks and decides which of them stop a run.
  - What cannot be used at all fails the task. That is a connection option such as a O(ca_path) that is not there, an option of this module such as
    a user that is none, and a Python without simple-salesforce.
author: The voiceops.salesforce contributors (@voiceops)
extends_documentation_fragment:
  - voiceops.salesforce.connection
  - voiceops.salesforce.attributes.info
options:
  needs:
    description:
      - For which purposes the running user's rights are looked at, and what belongs to them.
      - V(api_user) is the role C(voiceops.salesforce.api_user), V(contact_center) the role C(voiceops.salesforce.contact_center).
    type: list
    elements: str
    choices: [api_user, contact_center]
    default: [api_user, contact_center]
  packages:
    description: Namespaces of packages that should be installed, with a licence that has a free seat.
    type: list
    elements: str
    default: []
  users:
    description:
      - Users who should be there, active and not frozen. Each is a username or record Id, or a dictionary with one or more of C(id), C(username),
        C(federation_id), C(employee_number) and C(email).
    type: list
    elements: raw
    default: []
  new_users:
    description:
      - Users whom the run makes where they are missing, named as in O(users). One that is missing is well; one that is there should be active and
        not frozen.
    type: list
    elements: raw
    default: []
  permission_set_licenses:
    description: Permission set licences that should be there with a free seat, by API name, key or label.
    type: list
    elements: str
    default: []
  contact_center:
    description:
      - A contact center that should be there, by internal name or name.
      - When it is empty, the check tells which there are.
    type: str
    default: ""
  minimum_api_headroom:
    description: How many percent of the org's API calls of 24 hours should be left.
    type: int
    default: 10
seealso:
  - module: voiceops.salesforce.org_info
notes:
  - It takes at most four API calls after the login, and one more where a user is not found at once.
"""

EXAMPLES = r"""
- name: Look before the change window opens
  voiceops.salesforce.preflight_info:
    packages: [NVMContactWorld]
    users: [vonage.api@acme.example]
    contact_center: AcmeVoice
  register: preflight

- name: Show what has to be done
  ansible.builtin.debug:
    msg: "{{ preflight.checks | rejectattr('state', 'equalto', 'ok') | list }}"

- name: Stop here unless all is well
  ansible.builtin.assert:
    that: preflight.summary.error == 0
"""

RETURN = r"""
checks:
  description:
    - What was looked at, in the order in which a run meets it. C(check) names it. C(state) is V(ok), V(warning), V(error) or V(skipped). C(found) is what
      was seen, and C(remedy) what to do about it, or empty.
    - Rights are checked as C(right:ViewSetup), packages, users and licences as C(package:NVMContactWorld), C(user:name) and the like.
  returned: success
  type: list
  elements: dict
  sample:
    - check: clock
      state: warning
      found: 75 s ahead of acme.my.salesforce.com:443
      remedy: Set this machine's clock.
summary:
  description: How many checks are in which state.
  returned: success
  type: dict
  sample: {"ok": 27, "warning": 1, "error": 0, "skipped": 1}
org:
  description: Which org this is. Empty where it was not reached.
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
  returned: success
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
  sample: ca_path
http_status:
  description: The HTTP status of the org's answer, where it was an answer that ended the task.
  returned: failure
  type: int
  sample: 400
step:
  description: Where the task ended - C(options), C(reading), C(planning) or C(writing).
  returned: failure
  type: str
  sample: options
api:
  description: What the task cost, in API calls, and the org's usage of the last 24 hours.
  returned: success
  type: dict
  sample: {"calls": 4, "retries": 0, "usage": {"used": 18, "limit": 100000}}
"""

from ansible_collections.voiceops.salesforce.plugins.module_utils._module import run_module
from ansible_collections.voiceops.salesforce.plugins.module_utils._preflight_info import NOUN


def main() -> None:
    run_module(NOUN)


if __name__ == "__main__":
    main()
