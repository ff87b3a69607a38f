# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_merge
short_description: The reports of several runs, or of a run's slices, as one
version_added: 0.1.0
author:
  - The voiceops.salesforce contributors (@voiceops)
description:
  - Merges records (P(voiceops.salesforce.org_record#filter)) and reports that were written before. Their order does not matter.
  - Of a host that is in several runs the one that ended last counts, unless that one never came to the host. The merged report notes it.
options:
  _input:
    description:
      - "What to merge: dictionaries of records by whatever name, and paths on the controller - the folder of a report (C(fleet.json) and C(run.json)), a
        C(fleet.json), a folder of records, or the file of one."
    type: list
    elements: raw
    required: true
"""

EXAMPLES = r"""
- name: Merge what two slices wrote
  ansible.builtin.set_fact:
    merged: "{{ ['/reports/slice1', '/reports/slice2'] | voiceops.salesforce.fleet_merge }}"
"""

RETURN = r"""
_value:
  description: C(fleet) and C(run), the two documents. P(voiceops.salesforce.fleet_report#filter) makes the report's files of them.
  type: dict
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from ansible_collections.voiceops.salesforce.plugins.plugin_utils import _fleet_files


def fleet_merge(sources: Iterable[Any]) -> dict[str, Any]:
    """The two documents of all sources. Raises AnsibleFilterError naming the one that is none."""
    if isinstance(sources, (str, Mapping)) or not isinstance(sources, Iterable):
        raise AnsibleFilterError("fleet_merge: the input must be a list of records by name and of paths.")
    try:
        fleet, run = _fleet_files.merged(json.loads(json.dumps(list(sources), default=str)))
    except Problem as problem:
        raise AnsibleFilterError(f"fleet_merge: {problem}") from None
    # What an org says is never a template.
    unsafe: dict[str, Any] = wrap_var({"fleet": fleet, "run": run})
    return unsafe


class FilterModule:
    """What Ansible looks for in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"fleet_merge": fleet_merge}
