# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.voiceops.salesforce.plugins.module_utils._soql_info import NOUN
from ansible_collections.voiceops.salesforce.plugins.plugin_utils._action import SalesforceAction


class ActionModule(SalesforceAction):
    """Runs M(voiceops.salesforce.soql_info) inside the controller."""

    noun = NOUN
