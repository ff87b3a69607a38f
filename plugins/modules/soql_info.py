#!/usr/bin/python
# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: soql_info
short_description: Ask a Salesforce org a SOQL query of your own
version_added: 0.1.0
description:
  - Tells the records that a SOQL query finds, as plain dictionaries. It only reads.
  - For one value inside an expression there is the lookup P(voiceops.salesforce.soql#lookup) with the same options.
author: The voiceops.salesforce contributors (@voiceops)
options:
  query:
    description:
      - One SOQL query, of any length that Salesforce takes. What is no C(SELECT) is refused, and so are the clauses that write (C(FOR VIEW),
        C(FOR REFERENCE), C(FOR UPDATE), C(UPDATE TRACKING), C(UPDATE VIEWSTAT)).
      - A word with a colon in front of it, such as C(:name), is the place of a value of O(bind).
    type: str
    required: true
  bind:
    description:
      - The values of the query's places, by name without the colon. They are written as SOQL wants them, so that no value can change what is asked.
      - A text is quoted; in C(LIKE) its C(%) and C(_) stay wildcards. A list is what stands behind C(IN). Numbers, booleans and null are written as
        they are.
      - What SOQL wants without quotes and Ansible has as text is said by a dictionary of one key - V(date) with a value such as V(2026-11-01),
        V(datetime) with V(2026-11-01T08:30:00Z), V(number) with V(5), or V(boolean) with V(true).
      - Each place needs a value, and each value a place. When it is left out, the query has no places.
    type: dict
  tooling:
    description: Whether to ask the Tooling API, which has objects that the data API does not have, such as V(SandboxInfo).
    type: bool
    default: false
  max_records:
    description: How many records to tell at most. RV(truncated) says whether there are more, and a warning does too.
    type: int
    default: 2000
extends_documentation_fragment:
  - voiceops.salesforce.connection
  - voiceops.salesforce.attributes.info
seealso:
  - plugin: voiceops.salesforce.soql
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Find the users who never logged in
  voiceops.salesforce.soql_info:
    query: SELECT Username, Profile.Name FROM User WHERE IsActive = true AND LastLoginDate = null ORDER BY Username
  register: never_seen

- name: Find the holders of some permission sets, with values from variables
  voiceops.salesforce.soql_info:
    query: >-
      SELECT Assignee.Username, PermissionSet.Name FROM PermissionSetAssignment
      WHERE PermissionSet.Name IN :sets AND SystemModstamp > :since
    bind:
      sets: [Acme_Voice_Agent, Acme_Voice_Supervisor]
      since:
        datetime: 2026-11-01T00:00:00Z
  register: holders

- name: Count the cases
  voiceops.salesforce.soql_info:
    query: SELECT COUNT() FROM Case
  register: cases

- name: Look at the sandboxes of a production org
  voiceops.salesforce.soql_info:
    query: SELECT SandboxName, LicenseType FROM SandboxInfo
    tooling: true
  register: sandboxes
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
records:
  description:
    - The records, each a dictionary of the query's fields. A related record is a dictionary inside it, or null; those of a subquery are a
      list, or null where there are none.
    - Of V(SELECT COUNT(\)) there are none - RV(total) is the number.
  returned: success
  type: list
  elements: dict
  sample: [{"Username": "kim@acme.com", "Profile": {"Name": "Standard User"}}]
total:
  description: How many rows the org counts for the query.
  returned: success
  type: int
  sample: 1
truncated:
  description: Whether there are more records than O(max_records), or more child records than the org sends at once.
  returned: success
  type: bool
  sample: false
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
from ansible_collections.voiceops.salesforce.plugins.module_utils._soql_info import NOUN


def main() -> None:
    run_module(NOUN)


if __name__ == "__main__":
    main()
