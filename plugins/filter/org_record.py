# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: org_record
short_description: What a run came to in one org, from the facts that its roles keep
version_added: 0.1.0
author:
  - The voiceops.salesforce contributors (@voiceops)
description:
  - Makes of one host's facts its record - what stands of it in the report, C(fleet.json), and under C(run) what stands of it in C(run.json).
  - The role P(voiceops.salesforce.report#role) uses it; records are merged by P(voiceops.salesforce.fleet_merge#filter).
options:
  _input:
    description:
      - "The facts, each of which but C(host) may be missing: C(host), C(ring) (or C(groups), one of which may be C(ring0) and the like), C(login_url),
        C(check_mode), C(whoami) (a result of M(voiceops.salesforce.org_info)), C(api_user) (C(api_user_outcome)), C(contact_center)
        (C(contact_center_outcome)), C(failure), C(notes), C(changed_last), C(changed_back), C(ticket), C(playbook), and C(started) and C(ended), times
        in UTC."
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Keep what became of the org
  ansible.builtin.set_fact:
    record: >-
      {{ {'host': inventory_hostname, 'whoami': salesforce_whoami, 'api_user': api_user_outcome | default({})}
      | voiceops.salesforce.org_record }}
"""

RETURN = r"""
_value:
  description: The record.
  type: dict
"""

import json
from collections.abc import Mapping
from typing import Any, Callable
from urllib.parse import urlsplit

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.voiceops.salesforce.plugins.module_utils import _fleet
from ansible_collections.voiceops.salesforce.plugins.plugin_utils import _fleet_files


def org_record(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The record of one host. Raises AnsibleFilterError where the facts are none."""
    if not isinstance(facts, Mapping) or not facts.get("host"):
        raise AnsibleFilterError("org_record: the input must be a dictionary that has at least host, the name of the inventory host.")
    told = json.loads(json.dumps(facts, default=str))
    whoami = told.get("whoami") or {}
    about = _fleet.About(
        host=told["host"],
        ring=_fleet.ring_of(told.get("ring"), told.get("groups") or ()),
        address=urlsplit(told.get("login_url") or "").hostname or "",
        # An org that was not reached tells nothing.
        checking=told.get("check_mode", whoami.get("check_mode")),
        facts={f"salesforce_{name}": told[name] for name in ("failure", "notes", "changed_last", "changed_back") if name in told},
    )
    record = _fleet.from_facts(about, told)
    head = {name: told.get(name) or "" for name in ("started", "ended", "playbook", "ticket")}
    record["run"]["of"] = {"id": _fleet_files.run_id(), **head, "versions": _fleet_files.versions()}
    # What an org says is never a template.
    unsafe: dict[str, Any] = wrap_var(record)
    return unsafe


class FilterModule:
    """What Ansible looks for in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"org_record": org_record}
