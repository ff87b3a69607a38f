# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: soql
author: The voiceops.salesforce contributors (@voiceops)
short_description: Records of SOQL queries
version_added: 0.1.0
description:
  - Asks the org that the host stands for, and tells the records as plain dictionaries. It only reads.
  - It takes the same host variables as the modules, and shares their login.
  - The module M(voiceops.salesforce.soql_info) has the same options, shows what it cost, and can be registered.
options:
  _terms:
    description:
      - The SOQL queries, each of any length that Salesforce takes. What is no C(SELECT) is refused, and so are the clauses that write.
      - A word with a colon in front of it, such as C(:name), is the place of a value of O(bind).
    type: list
    elements: str
    required: true
  bind:
    description:
      - The values of the queries' places, by name without the colon, written as SOQL wants them. See M(voiceops.salesforce.soql_info).
      - When it is left out, the queries have no places.
    type: dict
  tooling:
    description: Whether to ask the Tooling API.
    type: bool
    default: false
  max_records:
    description:
      - How many records a query may bring. With more the lookup fails, since what takes part of a list for the whole may do harm.
    type: int
    default: 2000
extends_documentation_fragment:
  - voiceops.salesforce.plugin_connection
notes:
  - Use C(query), or C(lookup) with C(wantlist=true). Without it Ansible tells a single record by itself, and no list.
  - The keyword C(environment) of a task does not reach lookups; host variables and the environment of Ansible itself do.
seealso:
  - module: voiceops.salesforce.soql_info
"""

EXAMPLES = r"""
- name: Assign a permission set to everybody of a role
  voiceops.salesforce.permission_set_assignment:
    permission_set: Acme_Voice_Agent
    users: "{{ query('voiceops.salesforce.soql', agents, bind={'role': voice_role}) | map(attribute='Username') }}"
  vars:
    agents: SELECT Username FROM User WHERE IsActive = true AND UserRole.DeveloperName = :role

- name: Tell how many cases there are
  ansible.builtin.debug:
    msg: "{{ query('voiceops.salesforce.soql', 'SELECT COUNT() FROM Case') | first }}"

- name: Tell the sandboxes of another org of the inventory
  ansible.builtin.debug:
    msg: >-
      {{ query('voiceops.salesforce.soql', 'SELECT SandboxName FROM SandboxInfo', tooling=true,
      login_url=hostvars['acme-production'].salesforce_login_url, username=hostvars['acme-production'].salesforce_username) }}
"""

RETURN = r"""
_raw:
  description:
    - The records of all queries, one after the other, each a dictionary of the query's fields. A related record is a dictionary inside it, or null;
      those of a subquery are a list, or null where there are none.
    - Of a query that is V(SELECT COUNT(\)) the number.
  type: list
  elements: raw
"""

import os
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError, AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.voiceops.salesforce.plugins.module_utils._connection import argument_spec
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import CONFIG, Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._soql_info import NOUN, Found, read, wanted
from ansible_collections.voiceops.salesforce.plugins.module_utils._soql_statement import counts, shortened
from ansible_collections.voiceops.salesforce.plugins.plugin_utils._plugin_org import org_of, problems_as, scrubbed, validated

SPEC = {**argument_spec(), **{name: entry for name, entry in NOUN.argument_spec.items() if name != "query"}}


class LookupModule(LookupBase):
    """Records of SOQL queries of the host's org."""

    def run(self, terms: list[Any], variables: Mapping[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        """The records of all terms. Raises AnsibleLookupError, with what was tried, what the org said and what to do."""
        secrets: set[str] = set()
        with problems_as(AnsibleLookupError, secrets):
            params = validated(kwargs, SPEC, lambda name: self._host_variable(name, variables or {}), os.environ, secrets)
            wish = wanted([str(term) for term in terms], params)
            org = org_of(params, os.environ, secrets)
            try:
                found = read(org, wish)
            except Problem as problem:
                raise problem.on(org.label) from None
            told: list[Any] = scrubbed([record for item in found for record in _all_of(item)], secrets)
            return told

    def _host_variable(self, name: str, variables: Mapping[str, Any]) -> Any:
        """A host variable, templated. Raises Problem naming it when its template cannot be."""
        if name not in variables:
            return None
        try:
            return self._templar.template(variables[name])
        except AnsibleError as error:
            raise Problem(
                f"reading the host variable {name}", f"its template fails: {error}.", "Correct the inventory.", CONFIG, "host_variable"
            ) from None


def _all_of(found: Found) -> list[Any]:
    """Every record that the query finds, or the number that it counts. Raises Problem where some are missing."""
    if found.truncated:
        raise Problem(
            f"asking {shortened(found.statement)}",
            f"it finds {found.total} records, of which {len(found.records)} came, or child records of which not all came.",
            "Raise max_records, or narrow the query; soql_info tells a part, and says so.",
            CONFIG,
            "truncated",
        )
    return [found.total] if counts(found.statement) else list(found.records)
