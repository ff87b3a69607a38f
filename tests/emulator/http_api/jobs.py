# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""/jobs/ingest and /jobs/query: Bulk API 2.0."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.errors import NotEmulated
from emulator.http_api.messages import Answer

if TYPE_CHECKING:
    from emulator.http_api.resources import Ask
    from emulator.http_api.served import Served


def answer(served: Served, user: str, ask: Ask) -> Answer:
    """Raises ApiError for a refusal."""
    raise NotEmulated(f"the resource /{'/'.join(ask.parts)}")
