# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""org_info: which org, who is running, and what that user may do here."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ansible_collections.voiceops.salesforce.plugins.module_utils._org_info import Current, report
from ansible_collections.voiceops.salesforce.plugins.module_utils._plan import Plan
from emulator import seed
from harness.cases import assign, put_set
from harness.direct import Bench

TOLD = {
    "ActivitiesAccess",
    "ApiEnabled",
    "AssignPermissionSets",
    "CustomizeApplication",
    "IsContactCenterAdminBYOT",
    "ManageCallCenters",
    "ManageInternalUsers",
    "ManageProfilesPermissionsets",
    "ManageUsers",
    "ViewSetup",
}


def test_the_org_is_told_as_it_says_of_itself(uat: Bench) -> None:
    assert uat.task("org_info")["org"] == {
        "id": uat.org.id,
        "name": "Acme",
        "is_sandbox": True,
        "edition": "Enterprise Edition",
        "instance": "CS999",
        "host": uat.served.url.removeprefix("https://"),
        "api_version": "66.0",
    }


@pytest.mark.parametrize("sandbox", [True, False])
def test_a_sandbox_is_told_from_production(make_bench: Callable[..., Bench], sandbox: bool) -> None:
    bench = make_bench(name="acme-org", sandbox=sandbox)
    result = bench.task("org_info", allow_production=False)
    assert (result.get("msg"), result["org"]["is_sandbox"], result["warnings"]) == (None, sandbox, [])


@pytest.mark.parametrize("check", [False, True], ids=["run", "check mode"])
def test_nothing_is_changed_and_nothing_written(uat: Bench, check: bool) -> None:
    result = uat.task("org_info", check=check)
    assert (result["changed"], uat.org.writes) == (False, [])
    assert not {"changes", "diff", "errors"} & result.keys(), "there is nothing that could be in them"
    assert {entry.kind for entry in uat.entries()} == {"login", "read"}


def test_the_administrator_lacks_nothing(uat: Bench) -> None:
    result = uat.task("org_info")
    assert result["user"] == {"username": uat.info["admin_username"], "name": "Acme Automation", "type": "Standard"}
    assert result["rights"] == {name: name != "IsContactCenterAdminBYOT" for name in TOLD}
    assert result["lacking"] == []


def test_a_right_that_a_permission_set_gives_counts(uat: Bench) -> None:
    uat.org.put(
        "PermissionSetAssignment",
        AssigneeId=uat.info["user_ids"]["automation"],
        PermissionSetId=uat.info["set_ids"]["voice_admin"],
        IsActive=True,
    )
    assert uat.task("org_info")["rights"]["IsContactCenterAdminBYOT"]


@pytest.mark.parametrize("held", ["ManageUsers", "ManageInternalUsers"])
def test_where_one_of_two_rights_will_do_the_other_is_not_lacking(uat: Bench, held: str) -> None:
    set_id = put_set(uat.org, **{f"Permissions{name}": True for name in ("ViewSetup", "ViewRoles", held)})
    assign(uat.org, "limited", set_id)
    result = uat.task("org_info", username=uat.info["limited_username"])
    assert result["rights"][held]
    assert "user, contact_center_member" not in [item["needed_for"] for item in result["lacking"]]


def test_the_limited_user_is_told_what_it_lacks_and_what_for(uat: Bench) -> None:
    result = uat.task("org_info", username=uat.info["limited_username"])
    assert result.get("msg") is None
    assert result["user"]["username"] == uat.info["limited_username"]
    assert {name for name, held in result["rights"].items() if held} == {"ApiEnabled"}
    assert {item["right"]: item["needed_for"] for item in result["lacking"]} == {
        "ViewSetup": "reading permission sets, their assignments, profiles and licence assignments",
        "ActivitiesAccess": "permission_set, api_user_info: fields of a package on tasks and events are hidden without it, and a clone would lack them",
        "ManageProfilesPermissionsets": "permission_set, permission_set_group",
        "AssignPermissionSets": "permission_set_assignment",
        "ManageInternalUsers or ManageUsers": "user, contact_center_member",
        # This org has no permission Manage Package Licenses.
        "ManageUsers": "package_license_assignment",
    }


def test_a_right_that_the_org_does_not_know_is_not_lacking(uat: Bench) -> None:
    """Access Activities is asked for apart, since not every org has it."""
    told = {name: True for name in uat.task("org_info")["rights"] if name != "ActivitiesAccess"}
    user = {"Username": "kim@acme.example", "Name": "Kim", "UserType": "Standard"}
    assert report((), Current(user, told, True), Plan())["lacking"] == []
    assert [item["right"] for item in report((), Current(user, {**told, "ActivitiesAccess": False}, True), Plan())["lacking"]] == [
        "ActivitiesAccess"
    ]


def test_rights_that_the_org_does_not_know_are_left_out(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(features=frozenset())
    result = bench.task("org_info")
    assert (result.get("msg"), result["partner_telephony"]) == (None, False)
    assert "IsContactCenterAdminBYOT" not in result["rights"]
    assert make_bench(features=seed.DEFAULT_FEATURES).task("org_info")["partner_telephony"] is True


def test_a_user_without_the_api_is_told_so(uat: Bench) -> None:
    uat.served.client.approve(uat.info["users"]["minimum"])
    result = uat.task("org_info", username=uat.info["users"]["minimum"])
    assert (result["failed"], result["error_code"], result["http_status"]) == (True, "API_DISABLED_FOR_ORG", 403)
    assert "API Enabled" in result["msg"]


@pytest.mark.parametrize("flow", ["jwt_bearer", "client_credentials", "access_token"])
def test_every_login_flow_tells_the_same(uat: Bench, flow: str) -> None:
    unset = dict.fromkeys(("private_key_file", "username", "client_id"))
    given = {
        "jwt_bearer": {},
        "client_credentials": {**unset, "client_id": uat.served.client.client_id, "client_secret": uat.served.client.client_secret},
        "access_token": {**unset, "access_token": uat.served.token(uat.info["admin_username"]), "instance_url": uat.served.url},
    }[flow]
    expected = uat.task("org_info")
    uat.new_run()
    for auth in (None, flow):
        result = uat.task("org_info", auth=auth, **given)
        for name in ("org", "user", "rights", "lacking"):
            assert result[name] == expected[name]
