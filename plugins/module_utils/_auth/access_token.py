# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""A token that somebody else obtained: nothing to log in with, nothing to renew."""

from __future__ import annotations

from .._connection import Connection

NAME = "access_token"


def required(connection: Connection) -> tuple[str, ...]:
    """The options that the flow needs and that are unset."""
    return tuple(option for option in ("access_token", "instance_url") if not getattr(connection, option))


def form(connection: Connection, now: float) -> dict[str, str]:
    """Nothing is asked of the token endpoint."""
    return {}
