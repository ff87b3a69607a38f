# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is only inferred of Salesforce is a switch of the emulator: the main job ends right under every setting of every one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator import seed
from emulator.evidence import import_everything
from emulator.rules.registry import switches
from harness.asked import asked_by
from harness.direct import VONAGE_CLONE, Bench
from harness.membership import of_centers

import_everything()  # every module of the emulator registers its switches: a new one is run here without being named
FEATURES = seed.DEFAULT_FEATURES | {"user_access_policies"}
# The org answers success and does nothing, or does it later: what reading back makes of that has a test of its own below.
NOT_AT_ONCE = [("callcenter_patch", "ignored"), ("callcenter_patch", "late")]
# What is of contact centers alone is run through in test_membership_switches, with all that is done to members.
SETTINGS = [
    (name, setting)
    for name, switch in sorted(switches().items())
    for setting in switch.settings[1:]
    if (name, setting) not in NOT_AT_ONCE and (name not in of_centers() or name == "customsettings")
]

NEW_USER = {"user": "new.person@acme.example", "last_name": "Person", "email": "new.person@acme.example", "profile": "Standard User"}
# Where the org does not say what kind of center it is, the task says so: that is what the option is for.
ASSERTED = {("customsettings", setting): {"flavour": "partner_telephony"} for setting in ("null", "other")}
# Logins that such an org refuses whatever the collection does are refused with a reason: nothing is listed here, since its assertion is by the book.


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """The switches that the main job depends on."""
    return asked_by(the_main_job, tmp_path_factory.mktemp("asked") / "run", features=FEATURES)


@pytest.mark.parametrize(("name", "setting"), SETTINGS, ids=[f"{name}={setting}" for name, setting in SETTINGS])
def test_the_main_job_ends_right_under_every_setting(
    name: str, setting: str, asked: frozenset[str], make_bench: Callable[..., Bench]
) -> None:
    if name in asked:
        the_main_job(make_bench(features=FEATURES, switches={name: setting}), **ASSERTED.get((name, setting), {}))


def the_main_job(bench: Bench, **flavour: Any) -> None:
    org, info = bench.org, bench.info
    agents = [info["users"][role] for role in ("agent", "contact_admin", "via_group", "via_clone")]
    job: list[tuple[str, dict[str, Any]]] = [
        ("user", NEW_USER),
        ("user", {"user": agents[0], "role": "Head_of_Voice", "features": {"KnowledgeUser": True}, "allow_change": ["role"]}),
        ("permission_set", dict(VONAGE_CLONE)),
        ("permission_set_assignment", {"permission_set": VONAGE_CLONE["name"], "users": [info["api_user"]]}),
        ("contact_center_member", {"contact_center": "AcmeVoice", "users": agents, **flavour}),
        ("package_license_assignment", {"package": "NVMContactWorld", "users": agents, "state": "exact"}),
        ("permission_set_license_assignment", {"permission_set_license": "SalesforceAPIIntegrationPsl", "users": agents[:2]}),
    ]
    for module, options in job:
        foretold = bench.task(module, check=True, **options)
        bench.new_run()
        done = bench.task(module, **options)
        assert not done.get("failed"), done["msg"]
        assert done["changed"]
        assert done["changes"] == foretold["changes"]
        writes = len(org.writes)
        again = bench.task(module, **options)
        assert not again.get("failed"), again["msg"]
        assert not again["changed"]
        assert len(org.writes) == writes

    clone = org.find("PermissionSet", Name=VONAGE_CLONE["name"])[0]
    assert clone["PermissionsApiEnabled"] is True
    objects = org.find("ObjectPermissions", ParentId=clone["Id"])
    assert len(objects) == 7
    assert all(row["PermissionsModifyAllRecords"] for row in objects)
    fields = {row["Field"] for row in org.find("FieldPermissions", ParentId=clone["Id"])}
    activity = {field.split(".", 1)[1] for field in fields if field.startswith("Task.")}
    assert activity
    assert activity == {field.split(".", 1)[1] for field in fields if field.startswith("Event.")}
    user = org.find("User", Username=info["api_user"])[0]
    assert len(org.find("PermissionSetAssignment", AssigneeId=user["Id"], PermissionSetId=clone["Id"])) == 1
    center = info["center_ids"]["partner_telephony"]
    assert all(row["CallCenterId"] == center for row in org.find("User", Username=agents))


@pytest.mark.parametrize("kept", ["visible", "soft_deleted"])
@pytest.mark.parametrize("regrant", ["accepted", "duplicate"])
def test_an_expired_assignment_is_repaired_or_the_refusal_explained(kept: str, regrant: str, make_bench: Callable[..., Bench]) -> None:
    """Only where the org hides the row and refuses a new one can nothing be done from outside; then the error says so."""
    bench = make_bench(features=FEATURES, switches={"expired_assignments": kept, "regrant_after_expiry": regrant})
    user = bench.info["users"]["expired"]
    set_name = bench.info["sets"]["voice_agent"]
    result = bench.task("permission_set_assignment", permission_set=set_name, users=[user])
    if (kept, regrant) == ("soft_deleted", "duplicate"):
        assert result["failed"]
        assert [error["code"] for error in result["errors"]] == ["DUPLICATE_VALUE"]
        assert "hidden" in result["errors"][0]["remedy"]
        return
    assert not result.get("failed"), result["msg"]
    assert result["changed"]
    assert "IsContactCenterAgentBYOT" in bench.org.permissions_of(bench.info["user_ids"]["expired"])


@pytest.mark.parametrize(("name", "setting"), NOT_AT_ONCE)
def test_a_membership_that_does_not_show_is_not_believed(name: str, setting: str, make_bench: Callable[..., Bench]) -> None:
    """Success is what reading back shows: what only comes late is waited for, and what never comes is an error."""
    bench = make_bench(features=FEATURES, switches={name: setting})
    wish = {"contact_center": "AcmeVoice", "users": [bench.info["users"]["agent"]]}
    result = bench.task("contact_center_member", **wish)
    assert (bool(result.get("failed")), result["changed"]) == (setting == "ignored", setting != "ignored")
    assert [error["code"] for error in result["errors"]] == (["NOT_AS_PLANNED"] if setting == "ignored" else [])
    assert bench.clock.slept
    again = bench.task("contact_center_member", check=True, **wish)
    assert again["changed"] is (setting == "ignored")
