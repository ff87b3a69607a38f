# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SOAP: the Partner API's login and record calls (/services/Soap/u/XX.X), the Metadata API's reads (/services/Soap/m/XX.X)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.errors import NotEmulated
from emulator.http_api.messages import Outcome, Request

if TYPE_CHECKING:
    from emulator.http_api.served import Served


def process(served: Served, request: Request, outcome: Outcome) -> None:
    """Fill in the outcome of one SOAP call. Raises ApiError only for what is no SOAP call."""
    outcome.charged, outcome.calls = False, 0
    raise NotEmulated(request.path)
