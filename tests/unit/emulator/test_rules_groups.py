# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Permission set groups over HTTP, and groups whose recalculation takes its time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from emulator import seed, snapshots
from emulator.errors import ApiError
from emulator.fleet import Fleet
from emulator.org import Org

from .conftest import Client

V = "67.0"
DELAYED = {"group_recalculation": "delayed"}


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def org(clock: Clock) -> Org:
    return seed.vonage(switches=DELAYED, clock=clock)


def admin(org: Org) -> str:
    return str(org.seed_info["user_ids"]["automation"])


def new_set(org: Org, name: str, **values: Any) -> str:
    return org.create(admin(org), "PermissionSet", {"Name": name, "Label": name, **values})


def new_group(org: Org, *members: str) -> str:
    group = org.create(admin(org), "PermissionSetGroup", {"DeveloperName": "Acme_Group", "MasterLabel": "Acme"})
    for member in members:
        org.create(admin(org), "PermissionSetGroupComponent", {"PermissionSetGroupId": group, "PermissionSetId": member})
    return group


def status(org: Org, group: str) -> str:
    return str(org.query(admin(org), f"SELECT Status FROM PermissionSetGroup WHERE Id = '{group}'", V)["records"][0]["Status"])


def through(org: Org, group: str) -> set[str]:
    """User permissions of the group's aggregate set, as a query shows them."""
    soql = f"SELECT PermissionsApiEnabled, PermissionsEditTask FROM PermissionSet WHERE PermissionSetGroupId = '{group}'"
    return {name for name, value in org.query(admin(org), soql, V)["records"][0].items() if value is True}


def refused(call: Callable[[], object]) -> ApiError:
    with pytest.raises(ApiError) as caught:
        call()
    return caught.value


# --- recalculation that takes its time ---


def test_a_changed_group_is_outdated_then_updating_then_updated(org: Org, clock: Clock) -> None:
    group = new_group(org, new_set(org, "Acme_Api", PermissionsApiEnabled=True))
    assert (status(org, group), through(org, group)) == ("Outdated", set())
    clock.pass_by(9)
    assert status(org, group) == "Outdated"
    clock.pass_by(2)
    assert (status(org, group), through(org, group)) == ("Updating", set())
    clock.pass_by(19)
    assert (status(org, group), through(org, group)) == ("Updated", {"PermissionsApiEnabled"})


def test_how_long_it_takes_is_a_setting(org: Org, clock: Clock) -> None:
    org.settings.group_recalculation_seconds = 300
    group = new_group(org, new_set(org, "Acme_Api"))
    clock.pass_by(299)
    assert status(org, group) == "Updating"
    clock.pass_by(1)
    assert status(org, group) == "Updated"


def test_another_change_starts_it_anew(org: Org, clock: Clock) -> None:
    member = new_set(org, "Acme_Api")
    group = new_group(org, member)
    clock.pass_by(29)
    org.update(admin(org), "PermissionSet", member, {"PermissionsEditTask": True})
    clock.pass_by(29)
    assert status(org, group) == "Updating"
    clock.pass_by(1)
    assert (status(org, group), through(org, group)) == ("Updated", {"PermissionsEditTask"})


def test_a_group_is_assigned_when_it_is_updated(org: Org, clock: Clock) -> None:
    group = new_group(org, new_set(org, "Acme_Api", PermissionsApiEnabled=True))
    body = {"AssigneeId": org.seed_info["user_ids"]["minimum"], "PermissionSetGroupId": group}
    assert refused(lambda: org.create(admin(org), "PermissionSetAssignment", body)).code == "INVALID_CROSS_REFERENCE_KEY"
    clock.pass_by(30)
    org.create(admin(org), "PermissionSetAssignment", body)
    assert "ApiEnabled" in org.permissions_of(org.seed_info["user_ids"]["minimum"])


def test_a_group_that_is_gone_is_not_recalculated(org: Org, clock: Clock) -> None:
    group = new_group(org, new_set(org, "Acme_Api"))
    org.delete(admin(org), "PermissionSetGroup", group)
    clock.pass_by(60)
    assert org.query(admin(org), f"SELECT Id FROM PermissionSetGroup WHERE Id = '{group}'", V)["totalSize"] == 0
    assert org.recalculations == {}


def test_a_snapshot_keeps_what_is_under_way(org: Org, clock: Clock) -> None:
    group = new_group(org, new_set(org, "Acme_Api"))
    kept = snapshots.take(org)
    clock.pass_by(30)
    assert status(org, group) == "Updated"
    assert org.recalculations == {}
    snapshots.restore(org, kept)
    assert list(org.recalculations) == [group]
    assert (org.get("PermissionSetGroup", group) or {})["Status"] == "Outdated"


# --- over HTTP ---


@pytest.fixture
def client() -> Iterator[Client]:
    org = seed.vonage("acme-test")
    with Fleet([org]) as fleet:
        made = Client(fleet["acme-test"], fleet.ca_path, fleet.key_path)
        made.use(str(org.seed_info["admin_username"]))
        yield made
        made.session.close()


def post(client: Client, sobject: str, **values: Any) -> str:
    answer = client.post(f"/sobjects/{sobject}", values)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def columns(client: Client, group: str) -> dict[str, bool]:
    soql = f"SELECT PermissionsApiEnabled, PermissionsEditTask FROM PermissionSet WHERE PermissionSetGroupId = '{group}'"
    record: dict[str, Any] = client.get("/query", params={"q": soql}).json()["records"][0]
    return {name.removeprefix("Permissions"): value for name, value in record.items() if name != "attributes"}


def test_a_group_with_a_muting_set_from_its_making_to_its_end(client: Client) -> None:
    member = post(client, "PermissionSet", Name="Acme_Both", Label="Both", PermissionsApiEnabled=True, PermissionsEditTask=True)
    group = post(client, "PermissionSetGroup", DeveloperName="Acme_Group", MasterLabel="Acme")
    component = post(client, "PermissionSetGroupComponent", PermissionSetGroupId=group, PermissionSetId=member)
    assert columns(client, group) == {"ApiEnabled": True, "EditTask": True}
    muting = post(client, "MutingPermissionSet", DeveloperName="Acme_Muting", MasterLabel="Muting", PermissionsApiEnabled=True)
    assert columns(client, group) == {"ApiEnabled": True, "EditTask": True}
    row = post(client, "PermissionSetGroupComponent", PermissionSetGroupId=group, PermissionSetId=muting)
    assert columns(client, group) == {"ApiEnabled": False, "EditTask": True}
    changed = {"PermissionsApiEnabled": False, "PermissionsEditTask": True}
    assert client.call("PATCH", f"/sobjects/MutingPermissionSet/{muting}", json=changed).status_code == 204
    assert columns(client, group) == {"ApiEnabled": True, "EditTask": False}
    assert client.call("DELETE", f"/sobjects/PermissionSetGroupComponent/{row}").status_code == 204
    assert columns(client, group) == {"ApiEnabled": True, "EditTask": True}
    assert client.call("DELETE", f"/sobjects/MutingPermissionSet/{muting}").status_code == 204
    refusal = client.call("DELETE", f"/sobjects/PermissionSet/{member}")
    assert (refusal.status_code, refusal.json()[0]["errorCode"]) == (400, "DELETE_FAILED")
    assert client.call("DELETE", f"/sobjects/PermissionSetGroupComponent/{component}").status_code == 204
    assert client.call("DELETE", f"/sobjects/PermissionSet/{member}").status_code == 204
    assert columns(client, group) == {"ApiEnabled": False, "EditTask": False}
    assert client.call("DELETE", f"/sobjects/PermissionSetGroup/{group}").status_code == 204
    assert (
        client.get("/query", params={"q": f"SELECT Id FROM PermissionSet WHERE PermissionSetGroupId = '{group}'"}).json()["totalSize"] == 0
    )


def test_deleting_a_muting_set_takes_its_row_along(client: Client) -> None:
    group = post(client, "PermissionSetGroup", DeveloperName="Acme_Group", MasterLabel="Acme")
    muting = post(client, "MutingPermissionSet", DeveloperName="Acme_Muting", MasterLabel="Muting")
    post(client, "PermissionSetGroupComponent", PermissionSetGroupId=group, PermissionSetId=muting)
    assert client.call("DELETE", f"/sobjects/MutingPermissionSet/{muting}").status_code == 204
    soql = f"SELECT Id FROM PermissionSetGroupComponent WHERE PermissionSetGroupId = '{group}'"
    assert client.get("/query", params={"q": soql}).json()["totalSize"] == 0
