# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of writing membership needs no org; the rest is tested against the emulator."""

from __future__ import annotations

from ansible_collections.voiceops.salesforce.plugins.module_utils import _membership_writing as writing
from ansible_collections.voiceops.salesforce.plugins.module_utils._centers import Center
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import RecordError
from ansible_collections.voiceops.salesforce.plugins.module_utils._member_standing import Grant, Standing
from ansible_collections.voiceops.salesforce.plugins.module_utils._membership_planning import (
    ASSIGNMENT_KIND,
    KIND,
    USER_KIND,
    Current,
    Member,
)
from ansible_collections.voiceops.salesforce.plugins.module_utils._org import Outcome
from ansible_collections.voiceops.salesforce.plugins.module_utils._plan import Create, Update

ABLE = Standing(True, False, (Grant("0Pa#1", "Set", frozenset({"agent"})),))
CENTER = Center("04v#1", "Acme Voice", "AcmeVoice", "partner_telephony", "")
JOIN = Create(KIND, "AcmeVoice/kim@acme.example", {"member": True})
GIVE = Create(ASSIGNMENT_KIND, "Set/kim@acme.example", {"assigned": True})
REPAIR = Update(USER_KIND, "kim@acme.example", "005#1", {"SupportUser": False, "frozen": True}, {"SupportUser": True, "frozen": False})
NO = RecordError("x", "CODE", "no")


def current(standing: Standing) -> Current:
    kim = Member("005#1", "kim@acme.example", True, "")
    return Current(CENTER, {kim.username: kim}, {}, standings={kim.username: standing})


def test_whoever_lacks_something_that_is_not_being_given_any_more_is_held_back() -> None:
    """Where an answer was lost, the next round writes what is left of the plan, and a refusal of the round before stays."""
    assert [item.code for item in writing._unprepared(current(Standing(True)), [JOIN], {}).values()] == ["NOT_PREPARED"]
    assert writing._unprepared(current(Standing(True)), [GIVE, JOIN], {}) == {}
    assert writing._unprepared(current(ABLE), [JOIN], {}) == {}
    assert writing._unprepared(current(Standing(True)), [GIVE, JOIN], {"kim@acme.example": NO}) == {"kim@acme.example": NO}


def test_two_records_of_one_change_must_both_be_taken() -> None:
    merged = writing._merged([Outcome(REPAIR, "005#1"), Outcome(GIVE, "0Pa#1"), Outcome(REPAIR, "0Yw#1", (NO,))])
    assert [(item.change, item.errors) for item in merged] == [(REPAIR, (NO,)), (GIVE, ())]
