# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""OAuth 2.0 client credentials: the app's own run-as user. Works on the org's My Domain only (Salesforce Help, client credentials flow)."""

from __future__ import annotations

from .._connection import Connection

NAME = "client_credentials"


def required(connection: Connection) -> tuple[str, ...]:
    """The options that the flow needs and that are unset."""
    return tuple(option for option in ("client_id", "client_secret") if not getattr(connection, option))


def form(connection: Connection, now: float) -> dict[str, str]:
    """The form that the token endpoint is sent."""
    return {
        "grant_type": "client_credentials",
        "client_id": connection.client_id or "",
        "client_secret": connection.client_secret or "",
    }
