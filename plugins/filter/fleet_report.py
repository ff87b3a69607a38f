# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_report
short_description: A file of the report, as text
version_added: 0.1.0
author:
  - The voiceops.salesforce contributors (@voiceops)
description:
  - Makes of the two documents of a run (P(voiceops.salesforce.fleet_merge#filter)) the text of one of the report's files.
positional: file
options:
  _input:
    description: C(fleet) and C(run), the two documents.
    type: dict
    required: true
  file:
    description: Which file.
    type: str
    choices: [fleet.json, run.json, fleet.md, fleet.html]
    required: true
"""

EXAMPLES = r"""
- name: Show the report
  ansible.builtin.debug:
    msg: >-
      {{ (['/reports/slice1', '/reports/slice2'] | voiceops.salesforce.fleet_merge
      | voiceops.salesforce.fleet_report('fleet.md')).splitlines() }}
"""

RETURN = r"""
_value:
  description: The text, with a line end at its end.
  type: str
"""

import json
from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.voiceops.salesforce.plugins.plugin_utils import _fleet_files


def fleet_report(documents: Mapping[str, Any], file: str) -> str:
    """The text of a file of the report. Raises AnsibleFilterError for another one."""
    known = [name for names in _fleet_files.FILES.values() for name in names]
    if file not in known:
        raise AnsibleFilterError(f"fleet_report: the report has no file {file}; it has {', '.join(known)}.")
    if not isinstance(documents, Mapping) or not {"fleet", "run"} <= set(documents):
        raise AnsibleFilterError("fleet_report: the input must be what fleet_merge returns: fleet and run.")
    told = json.loads(json.dumps(documents, default=str))
    return _fleet_files.text_of(str(file), told["fleet"], told["run"])


class FilterModule:
    """What Ansible looks for in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"fleet_report": fleet_report}
