# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

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
