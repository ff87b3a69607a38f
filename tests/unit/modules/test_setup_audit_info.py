# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""setup_audit_info: who changed what in Setup, as far as the org has kept and written it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from emulator import seed
from emulator.stamps import stamp
from harness.direct import Bench

AGENT = "agent@acme.example.uat"
SET = "ContactWorld_Agent"


def put(bench: Bench, display: str, *, days_ago: float = 0, who: str | None = None, **more: Any) -> None:
    """An entry of the trail."""
    by = bench.info["users"][who] if who else None
    seed.put_audit(bench.org, "PermSetCreate", display, by=by, at=bench.org.clock() - timedelta(days=days_ago), **more)


def audit(bench: Bench, **options: Any) -> dict[str, Any]:
    result = bench.task("setup_audit_info", **options)
    assert result.get("msg") is None
    return result


def displays(result: dict[str, Any]) -> list[str]:
    return [entry["display"] for entry in result["entries"]]


def label(bench: Bench, name: str) -> str:
    return str(bench.org.find("PermissionSet", Name=name)[0]["Label"])


@pytest.mark.parametrize("check", [False, True], ids=["run", "check mode"])
def test_entries_are_told_newest_first_in_one_call(uat: Bench, check: bool) -> None:
    put(uat, "older", days_ago=3)
    put(uat, "newest", delegate="support@acme.example")
    put(uat, "middle", days_ago=1, who="agent", section=None)
    result = audit(uat, check=check)
    assert displays(result) == ["newest", "middle", "older"]
    assert (result["last"], result["complete"], result["changed"]) == ({}, True, False)
    newest, middle, _older = result["entries"]
    assert (newest["who"], newest["delegate"], newest["section"]) == (uat.info["admin_username"], "support@acme.example", "Manage Users")
    assert (middle["who"], middle["section"], middle["subjects"]) == (AGENT, "", [])
    assert newest["when"].endswith("Z")
    assert uat.org.writes == []
    assert [entry.kind for entry in uat.entries()] == ["login", "read"]


def test_a_set_and_a_user_are_found_by_what_entries_call_them(uat: Bench) -> None:
    user_id = uat.info["user_ids"]["agent"]
    put(uat, f"Permission set {label(uat, SET)}: assigned to user Somebody (UserID: [{user_id[:15]}])", days_ago=2)
    put(uat, f"Changed permission set {label(uat, SET)}: description was changed", who="agent")
    put(uat, "Something else", days_ago=1)
    whole = f"NVMContactWorld__{SET}"
    last = audit(uat, subjects=[whole, SET, "agent@acme.example", "Nobody"], sandbox_name="uat")["last"]
    assert last[whole] == last[SET]
    assert (last[SET]["who"], last[SET]["subjects"]) == (AGENT, [whole, SET])
    assert last["agent@acme.example"]["subjects"] == [whole, SET, "agent@acme.example"]
    assert last["Nobody"] is None
    assert uat.calls() == 2


def test_what_somebody_does_by_hand_is_found_and_told_of_both_the_set_and_the_user(uat: Bench) -> None:
    info, org = uat.info, uat.org
    row = {"AssigneeId": info["user_ids"]["agent"], "PermissionSetId": info["set_ids"]["vonage_agent"], "IsActive": True}
    seed.by_hand(org, "insert", "PermissionSetAssignment", row, by=info["users"]["member"])
    own_set = org.get("PermissionSet", info["set_ids"]["voice_agent"])
    seed.by_hand(org, "update", "PermissionSet", {"PermissionsApiEnabled": True}, id=own_set["Id"])
    last = audit(uat, subjects=[own_set["Name"], AGENT])["last"]
    assert (last[AGENT]["action"], last[AGENT]["who"]) == ("PermSetAssign", info["users"]["member"])
    assert (last[own_set["Name"]]["action"], last[own_set["Name"]]["who"]) == ("PermSetEnableUserPerm", info["admin_username"])


def test_only_what_came_since_then_is_read(uat: Bench) -> None:
    put(uat, "older", days_ago=10)
    put(uat, "newer", days_ago=1)
    since = stamp(uat.org.clock() - timedelta(days=5))[:10]
    assert displays(audit(uat, since=since)) == ["newer"]
    assert displays(audit(uat, since=f"{since}T00:00:00+00:00")) == ["newer"]


def test_the_newest_are_read_up_to_the_limit_and_it_is_said_when_there_are_more(uat: Bench) -> None:
    for number in range(4):
        put(uat, f"Changed thing {number}", days_ago=number)
    result = audit(uat, limit=3, subjects=["thing 3", "thing 2"])
    assert (displays(result), result["complete"]) == (["Changed thing 2"], False)
    assert result["last"]["thing 3"] is None
    assert audit(uat, limit=4)["complete"] is True


def test_the_limit_takes_a_whole_page_and_one_more_row_no_second_call(uat: Bench) -> None:
    uat.org.settings.page_size = 3
    for number in range(6):
        put(uat, f"Changed thing {number}", days_ago=number)
    audit(uat)
    result = audit(uat, limit=3)
    assert (len(result["entries"]), uat.calls()) == (3, 1)
    assert result["complete"] is False


def test_without_the_right_the_remedy_names_it(uat: Bench) -> None:
    result = uat.task("setup_audit_info", username=uat.info["limited_username"])
    assert (result["failed"], result["error_code"]) == (True, "INVALID_TYPE")
    assert "View Setup and Configuration (ViewSetup)" in result["msg"]


@pytest.mark.parametrize(("options", "code"), [({"since": "soon"}, "since"), ({"limit": 5000}, "limit"), ({"subjects": [""]}, "no_name")])
def test_what_cannot_be_asked_never_reaches_the_org(uat: Bench, options: dict[str, Any], code: str) -> None:
    assert uat.task("setup_audit_info", **options)["error_code"] == code
    assert uat.entries() == ()
