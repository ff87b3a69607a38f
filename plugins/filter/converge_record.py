# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: converge_record
short_description: What converging runs have done to an org
version_added: 0.1.0
author:
  - The voiceops.salesforce contributors (@voiceops)
description:
  - Continues the record of what runs have changed in an org. The record is kept beside the org, such as in a fact cache, and never in it.
  - P(voiceops.salesforce.converge_undone#filter) tells by it what was changed back since.
positional: changes
options:
  _input:
    description: The record so far, as a dictionary or as JSON text, or nothing before the first run.
    type: raw
  changes:
    description: The changes of this run, as RV(voiceops.salesforce.permission_set#module:changes) has them.
    type: list
    elements: dict
    required: true
  when:
    description: When the run was, as ISO 8601.
    type: str
    required: true
  ticket:
    description: The change ticket that the run was for. When it is left out, none.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Keep what this run did
  ansible.builtin.set_fact:
    salesforce_converged: >-
      {{ salesforce_converged | default({})
      | voiceops.salesforce.converge_record(api_user_outcome.changes, when=now(utc=true).isoformat(), ticket='CHG0001') | to_json }}
    cacheable: true
"""

RETURN = r"""
_value:
  description:
    - The record with this run in it - C(when) and C(ticket) of the run, and C(changes), each with C(op), C(kind), C(key), C(when), C(ticket) and C(times).
    - C(times) says how often the same was done again. At most 500 changes are kept, the newest.
  type: dict
  sample:
    when: "2026-11-22T06:00:00+00:00"
    ticket: CHG0001
    changes:
      - op: create
        kind: contact_center_member
        key: AcmeVoice/kim@acme.example
        when: "2026-11-22T06:00:00+00:00"
        ticket: CHG0001
        times: 2
"""

from typing import Any, Callable

from ansible_collections.voiceops.salesforce.plugins.module_utils import _converge_record


class FilterModule:
    """The record of converging runs, and what it tells."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters by name."""
        return {
            "converge_record": _converge_record.continued,
            "converge_subjects": _converge_record.subjects,
            "converge_undone": _converge_record.undone,
            "converge_touched": _converge_record.last_touched,
        }
