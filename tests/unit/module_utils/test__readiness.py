# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What readiness tables have in common."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from ansible_collections.voiceops.salesforce.plugins.module_utils._readiness import (
    MANUAL,
    MET,
    NOT_ASKED,
    ROLE,
    UNKNOWN,
    VIOLATED,
    WARNING,
    Verdict,
    is_ready,
    row,
    violations,
)


@dataclass(frozen=True)
class Asked:
    """A row of some table."""

    id: str
    sentence: str
    says: str
    repair: str


ACTIVE = Asked("users_active", "X1", "The users are active.", ROLE)


def test_a_row_says_what_is_asked_how_it_stands_and_what_to_do() -> None:
    assert row(ACTIVE, Verdict(VIOLATED, "Inactive: kim.", "Activate.")) == {
        "requirement": "users_active",
        "sentence": "X1",
        "says": "The users are active.",
        "state": "violated",
        "found": "Inactive: kim.",
        "remedy": "Activate.",
        "repair": "role",
    }


def test_what_is_met_needs_no_remedy() -> None:
    assert row(ACTIVE, Verdict(MET, "All.", "Activate."))["remedy"] == ""


@pytest.mark.parametrize(
    ("state", "ready"), [(MET, True), (VIOLATED, False), (WARNING, True), (UNKNOWN, True), (MANUAL, True), (NOT_ASKED, True)]
)
def test_only_what_is_violated_keeps_a_table_from_being_ready(state: str, ready: bool) -> None:
    rows = [row(ACTIVE, Verdict(MET, "All.")), row(ACTIVE, Verdict(state, "So.", "Do."))]
    assert is_ready(rows) is ready
    assert violations(rows) == ([] if ready else ["X1 users_active: So. Do."])
