# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What every module of the collection can do, and how a reader differs."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and say what it would change, without writing anything.
    support: full
    details:
      - The plan shown is the plan that a real run applies. What an earlier task of the run would have created counts as there.
  diff_mode:
    description: Shows what changes, before and after, by the names people use and never by record Id.
    support: full
  idempotent:
    description: Running it again changes nothing.
    support: full
  async:
    description: Works with C(async).
    support: partial
    details:
      - With C(poll) above 0 the task runs to its end in the controller. With C(poll=0) the host needs C(ansible_connection=local), or the task a delegation.
  action_group:
    description: Use C(group/voiceops.salesforce.all) in C(module_defaults) to set options for the whole collection.
    support: full
    membership:
      - voiceops.salesforce.all
"""

    INFO = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode. It only reads.
    support: full
  diff_mode:
    description: Shows what changes.
    support: N/A
    details:
      - It changes nothing.
  idempotent:
    description: Running it again changes nothing.
    support: full
  async:
    description: Works with C(async).
    support: partial
    details:
      - With C(poll) above 0 the task runs to its end in the controller. With C(poll=0) the host needs C(ansible_connection=local), or the task a delegation.
  action_group:
    description: Use C(group/voiceops.salesforce.all) in C(module_defaults) to set options for the whole collection.
    support: full
    membership:
      - voiceops.salesforce.all
"""
