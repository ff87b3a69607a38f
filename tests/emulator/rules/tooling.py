# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules that live beside their own state: leads and merging, and what the Tooling and Metadata APIs show."""

from __future__ import annotations

from emulator import leads, metadata
from emulator.tooling import rows

__all__ = ["leads", "metadata", "rows"]
