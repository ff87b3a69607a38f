# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a clone, a guard or an interrupted write must never pass over in silence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ansible_collections.voiceops.salesforce.plugins.module_utils import _org
from emulator import seed
from emulator.faults import DropAfter, DropBefore, Fault, Refuse, Status
from harness.direct import VONAGE_CLONE, Bench

WRITES = '"method": "(POST|PATCH|DELETE)"'


def test_a_clone_carries_view_all_fields_over_where_the_org_has_it(make_bench: Callable[..., Bench]) -> None:
    for features in (seed.DEFAULT_FEATURES, seed.DEFAULT_FEATURES - {"view_all_fields"}):
        bench = make_bench(features=features)
        source = bench.org.put("PermissionSet", Name="Acme_Source", Label="Acme source")
        rights = {"PermissionsViewAllFields": True} if "view_all_fields" in features else {}
        bench.org.put("ObjectPermissions", ParentId=source, SobjectType="Account", PermissionsRead=True, **rights)
        result = bench.task("permission_set", name="Acme_Clone", clone_from={"name": "Acme_Source"})
        assert not result.get("failed"), result["msg"]
        assert result["not_cloned"] == []
        clone = bench.org.find("PermissionSet", Name="Acme_Clone")[0]["Id"]
        row = bench.org.find("ObjectPermissions", ParentId=clone)[0]
        assert row.get("PermissionsViewAllFields", False) is bool(rights)
        assert not bench.task("permission_set", name="Acme_Clone", clone_from={"name": "Acme_Source"})["changed"]


def test_access_that_is_not_managed_is_told_apart_by_what_it_is_to(uat: Bench) -> None:
    """A source and a clone with access to one credential each do not cancel each other out."""
    org = uat.org
    first, second = "0XU000000000001", "0XU000000000002"
    kind = "ExternalCredentialParameter"
    source = org.put("PermissionSet", Name="Acme_Source", Label="Acme source")
    clone = org.put("PermissionSet", Name="Acme_Clone", Label="Acme clone")
    org.put("SetupEntityAccess", ParentId=source, SetupEntityId=first, SetupEntityType=kind)
    org.put("SetupEntityAccess", ParentId=clone, SetupEntityId=second, SetupEntityType=kind)
    result = uat.task("permission_set", name="Acme_Clone", clone_from={"name": "Acme_Source"})
    assert result["not_cloned"] == ["access to 1 ExternalCredentialParameter"]


@pytest.mark.parametrize("module", ["contact_center_member", "permission_set_assignment"])
def test_exact_with_nobody_who_can_be_served_empties_nothing(uat: Bench, module: str) -> None:
    inactive, agent = uat.info["users"]["inactive"], uat.info["users"]["agent"]
    what = {"contact_center": "AcmeVoice"} if module == "contact_center_member" else {"permission_set": "ContactWorld_Supervisor"}
    assert uat.task(module, users=[agent], **what)["changed"]
    writes = len(uat.org.writes)
    result = uat.task(module, users=[inactive], state="exact", on_ineligible="skip", max_removals=100, **what)
    assert result["failed"]
    assert result["error_code"] == "empty_exact"
    assert len(uat.org.writes) == writes
    assert not uat.task(module, users=[inactive], state="exact", on_ineligible="skip", max_removals=100, allow_empty=True, **what).get(
        "failed"
    )


def test_a_set_in_a_group_is_not_taken_from_its_users(uat: Bench) -> None:
    """The org would refuse to remove it after its users had lost it."""
    org = uat.org
    made = org.put("PermissionSet", Name="Acme_Grouped", Label="Grouped")
    org.put("PermissionSetAssignment", AssigneeId=uat.info["user_ids"]["agent"], PermissionSetId=made, IsActive=True)
    org.put("PermissionSetGroupComponent", PermissionSetGroupId=uat.info["group_id"], PermissionSetId=made)
    for check in (True, False):
        result = uat.task("permission_set", check=check, name="Acme_Grouped", state="absent")
        assert result["failed"]
        assert result["error_code"] == "in_group"
    assert org.writes == []


def test_a_write_without_an_answer_that_cannot_be_read_back_is_said_to_be_unknown(uat: Bench) -> None:
    def then_nothing(org: object, user: str, change: object) -> None:
        uat.served.faults.add(Fault(DropBefore(), match_path="/composite$", times=None))

    uat.org.extra_before.append(then_nothing)
    uat.served.faults.add(Fault(DropAfter(), match_path="/composite$", match_body=WRITES))
    result = uat.task("contact_center_member", contact_center="AcmeVoice", users=[uat.info["users"]["agent"]])
    assert result["failed"]
    assert result["error_class"] == "network"
    assert "may have been carried out" in result["msg"]


@pytest.mark.parametrize("undone", [True, False], ids=["and can be taken away", "and cannot be taken away"])
def test_a_set_whose_second_part_meets_the_limit_does_not_stay_half_made(uat: Bench, monkeypatch: pytest.MonkeyPatch, undone: bool) -> None:
    monkeypatch.setattr(_org, "MAX_RECORDS", 20)
    monkeypatch.setattr(_org, "MAX_COLLECTIONS", 2)
    status = Status(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    # The first write makes the set, the second meets the limit, the third takes the set away.
    uat.served.faults.add(Fault(status, match_path="/composite$", match_body='"FieldPermissions".*"ParentId": "0PS'))
    if not undone:
        uat.served.faults.add(
            Fault(Refuse("PermissionSet", {"Name": VONAGE_CLONE["name"]}, "UNKNOWN_EXCEPTION", "not today", ops=("delete",)), times=None)
        )
    result = uat.task("permission_set", **VONAGE_CLONE)
    assert result["failed"]
    assert bool(uat.org.find("PermissionSet", Name=VONAGE_CLONE["name"])) is not undone
    if undone:
        assert result["error_class"] == "limit"
    else:
        assert "half-made" in result["msg"]
        assert "without all of its content" in result["msg"]


def test_a_session_id_tells_its_org_so_that_nothing_more_is_asked(uat: Bench) -> None:
    token = uat.served.token(uat.info["admin_username"])
    ready = {"auth": "access_token", "access_token": token, "instance_url": uat.served.url, "private_key_file": None}
    assert not uat.task("permission_set", **VONAGE_CLONE, **ready).get("failed")
    uat.task("permission_set", **VONAGE_CLONE, **ready)
    assert uat.calls() == 2
