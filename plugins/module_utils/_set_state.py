# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""One permission set as an org has it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import _set_reference
from ._grants import Held


@dataclass(frozen=True)
class SetState:
    """One set as the org has it. row: its own columns. other: Id -> type of what it grants access to that this collection does not manage."""

    row: Mapping[str, Any]
    held: Held
    other: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.row["Id"])

    @property
    def qualified(self) -> str:
        """The set's name with its namespace."""
        return _set_reference.qualified(self.row)
