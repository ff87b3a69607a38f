# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An org that was filled before is copied: the copy is as good as one filled anew, and an org of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from emulator import seed
from emulator.org import Org, utc_now

STAMPS = {"CreatedDate", "LastModifiedDate", "SystemModstamp", "ExpirationDate"}


def content(org: Org) -> dict[str, Any]:
    """Every record, but for when it was made."""
    return {
        name: [{key: value for key, value in row.items() if key not in STAMPS} for row in org.find(name)] for name in org.schema.sobjects
    }


def test_a_copy_is_like_an_org_that_is_filled_anew_and_goes_on_by_itself() -> None:
    first, copy = seed.vonage("acme-shelf"), seed.vonage("acme-shelf")
    anew = seed.vonage("acme-shelf", clock=utc_now)
    assert content(copy) == content(anew)
    assert (copy.id, copy.seed_info, copy.switches) == (anew.id, anew.seed_info, anew.switches)
    made = copy.put("Account", Name="Acme")
    assert anew.put("Account", Name="Acme") == made, "the next Id is another one"
    copy.seed_info["users"]["agent"] = "somebody else"
    copy.switches["missing_record"] = "invalid_cross_reference_key"
    for other in (first, seed.vonage("acme-shelf")):
        assert other.find("Account") == []
        assert (other.seed_info["users"]["agent"], other.switches["missing_record"]) == (anew.seed_info["users"]["agent"], "not_found")


def test_a_switch_that_the_filling_asks_about_makes_another_org_and_one_that_it_does_not_is_kept() -> None:
    seed.vonage("acme-shelf")
    documented = seed.vonage("acme-shelf", switches={"managed_set_user_permissions": "documented"})
    other = seed.vonage("acme-shelf", switches={"missing_record": "invalid_cross_reference_key"})
    assert content(documented)["PermissionSet"] != content(other)["PermissionSet"]
    assert content(documented) == content(seed.vonage("acme-shelf", switches={"managed_set_user_permissions": "documented"}, clock=utc_now))
    assert other.switches["missing_record"] == "invalid_cross_reference_key"


def test_rights_end_with_the_assignment_though_nothing_is_written() -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    org = seed.vonage("acme-shelf", clock=lambda: now)
    user, given = org.seed_info["user_ids"]["without_set"], org.seed_info["set_ids"]["voice_agent"]
    before = org.permissions_of(user)
    org.put("PermissionSetAssignment", AssigneeId=user, PermissionSetId=given, IsActive=True, ExpirationDate=now + timedelta(days=1))
    assert org.permissions_of(user) - before == {"IsContactCenterAgentBYOT"}
    now += timedelta(days=2)
    assert org.permissions_of(user) == before
    now -= timedelta(days=2)
    assert org.permissions_of(user) > before, "a clock may be set back"
