# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bulk API 2.0 without its HTTP side: jobs, their CSV, what processing them does to the org."""

from __future__ import annotations

import emulator.bulk.evidence  # noqa: F401  # pylint: disable=unused-import  # registers the rules
