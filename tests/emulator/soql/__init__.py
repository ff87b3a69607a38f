# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SOQL: parse, compile to SQLite, run, answer."""

from __future__ import annotations

import emulator.soql.evidence  # noqa: F401  registers the rules
from emulator.soql.columns import columns
from emulator.soql.parser import parse
from emulator.soql.run import answer

__all__ = ["answer", "columns", "parse"]
