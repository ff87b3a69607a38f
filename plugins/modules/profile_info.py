#!/usr/bin/python
# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: profile_info
short_description: Read profiles - licence, user permissions, login hours and login IP ranges
version_added: 0.1.0
description:
  - Reads the licence and the user permissions of profiles, and from when to when and from where their users may log in.
  - Profiles are never written.
author: The voiceops.salesforce contributors (@voiceops)
extends_documentation_fragment:
  - voiceops.salesforce.connection
  - voiceops.salesforce.attributes.info
options:
  profiles:
    description:
      - The profiles, by the names that Setup shows. Names compare without case.
    type: list
    elements: str
    required: true
  missing:
    description:
      - What to do about a name that no profile has. V(fail) stops the task, V(skip) lists it in RV(left_out) and warns.
    type: str
    choices: [fail, skip]
    default: fail
notes:
  - Login hours and login IP ranges come from the Tooling API, which the running user needs View Setup and Configuration for. Without it they are null,
    and there is a warning.
seealso:
  - module: voiceops.salesforce.api_user_info
"""

EXAMPLES = r"""
- name: Read when and from where standard users may log in
  voiceops.salesforce.profile_info:
    profiles: [Standard User]
  register: standard

- name: Stop where they may not log in at any time and from anywhere
  ansible.builtin.assert:
    that: not standard.profiles[0].restricted
"""

RETURN = r"""
profiles:
  description: The profiles, in the order of the option.
  returned: success
  type: list
  elements: dict
  sample:
    - name: Standard User
      license: Salesforce
      custom: false
      user_permissions: [ApiEnabled, EditTask]
      login_hours: {"monday": {"start": "08:00", "end": "17:00"}}
      login_ip_ranges: [{"start": "203.0.113.0", "end": "203.0.113.255", "description": "The office"}]
      restricted: true
  contains:
    name:
      description: What Setup shows.
      type: str
    license:
      description: The user licence that the profile belongs to.
      type: str
    custom:
      description: Whether the profile is the customer's own. Null where the org does not show it to the running user.
      type: bool
    user_permissions:
      description: The user permissions that are on, by API name.
      type: list
      elements: str
    login_hours:
      description:
        - For each day with login hours, from when to when users may log in, in the time zone of the organization. C(24:00) is the end of the day.
        - Empty where the profile has none. Null where the org does not show them to the running user.
      type: dict
    login_ip_ranges:
      description:
        - The ranges of addresses from which users may log in. Empty where they may log in from anywhere.
        - Null where the org does not show them to the running user.
      type: list
      elements: dict
    restricted:
      description: >-
        Whether the profile has login hours or login IP ranges that keep anybody out. Days open from C(00:00) to C(24:00) do not, nor does a range
        of every address (C(0.0.0.0) to C(255.255.255.255)). Null where that is not known.
      type: bool
left_out:
  description: The names that no profile of this org has, with those that look most like them.
  returned: success
  type: list
  elements: dict
  sample: [{"profile": "Standart User", "reason": "the org has no such profile", "candidates": ["Standard User"]}]
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
  sample: unknown_profile
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

from ansible_collections.voiceops.salesforce.plugins.module_utils._module import run_module
from ansible_collections.voiceops.salesforce.plugins.module_utils._profile_info import NOUN


def main() -> None:
    run_module(NOUN)


if __name__ == "__main__":
    main()
