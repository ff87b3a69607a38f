# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The readiness table of a contact center: every requirement broken by hand, found, named, and put right by what its remedy says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from ansible_collections.voiceops.salesforce.plugins.module_utils._contact_center_requirements import REQUIREMENTS
from emulator import seed
from harness.direct import Bench

CENTER = "AcmeVoice"
AGENT = "agent"


def name(bench: Bench, role: str) -> str:
    return str(bench.info["users"][role])


def user_id(bench: Bench, role: str) -> str:
    return str(bench.info["user_ids"][role])


def set_user(role: str, **values: Any) -> Callable[[Bench], None]:
    return lambda bench: bench.org.set("User", user_id(bench, role), **values)


def freeze(bench: Bench) -> None:
    for row in bench.org.find("UserLogin", UserId=user_id(bench, AGENT)):
        bench.org.set("UserLogin", row["Id"], IsFrozen=True)


def into_the_other_center(bench: Bench) -> None:
    bench.org.set("User", user_id(bench, AGENT), CallCenterId=bench.info["center_ids"]["partner_telephony_amazon"])


def without_sets(bench: Bench) -> None:
    for row in bench.org.find("PermissionSetAssignment", AssigneeId=user_id(bench, AGENT)):
        if row["PermissionSetId"] == bench.info["set_ids"]["voice_agent"]:
            bench.org.remove("PermissionSetAssignment", row["Id"])


def nothing(_bench: Bench) -> None:
    return


def member(**options: Any) -> Callable[[Bench], dict[str, Any]]:
    """The role's own task, for the agent."""

    def repair(bench: Bench) -> dict[str, Any]:
        asked = {"contact_center": CENTER, "users": [name(bench, AGENT), name(bench, "member")], **options}
        return bench.task("contact_center_member", **asked)

    return repair


def mapped(bench: Bench) -> dict[str, Any]:
    member()(bench)
    mappings = [{"user": name(bench, role), "external_id": name(bench, role)} for role in (AGENT, "member")]
    return bench.task("contact_center_routing_map", contact_center=CENTER, mappings=mappings)


@dataclass(frozen=True)
class Broken:
    """by: what somebody did by hand. asked: options of contact_center_info on top of the usual. named: what `found` must say; {user} is the agent.
    repair: what the remedy says to do, or None where people do it; then: what is asked after it, where the provider's side has changed."""

    requirement: str
    by: Callable[[Bench], None]
    named: str = "{user}"
    state: str = "violated"
    asked: Mapping[str, Any] = field(default_factory=dict)
    repair: Callable[[Bench], dict[str, Any]] | None = None
    then: Mapping[str, Any] | None = None


EVERYBODY = "{user},{member}"

BROKEN = (
    Broken("service_cloud_users", set_user(AGENT, UserPermissionsSupportUser=False), repair=member(repair=["service_cloud_user"])),
    Broken("agent_or_admin", without_sets, repair=member(role="agent")),
    Broken("no_other_members", nothing, "{member}", asked={"users": ["{user}"], "state": "exact"}, then={}),
    Broken("members", nothing, repair=member()),
    Broken("removed", nothing, "{member}", asked={"state": "absent"}, repair=member(state="absent")),
    Broken("users_not_frozen", freeze, repair=member(repair=["frozen"])),
    Broken("users_active", set_user(AGENT, IsActive=False)),
    Broken("one_center", into_the_other_center, repair=member(move=True)),
    Broken("in_provider_system", nothing, asked={"roster": ["{member}"]}, then={"roster": ["{user}", "{member}"]}),
    Broken(
        "same_people",
        nothing,
        "stranger@acme.example",
        asked={"roster": ["stranger@acme.example", "{user}", "{member}"], "state": "exact"},
        then={"roster": ["{user}", "{member}"]},
    ),
    Broken(
        "same_usernames",
        nothing,
        "somebody.else@acme.example",
        repair=None,
        asked={"sso_match": "username", "roster": [{"username": "somebody.else@acme.example", "employee_number": "E1001"}]},
        then={"sso_match": "username", "roster": ["{user}", "{member}"]},
    ),
    Broken(
        "gone_at_provider",
        nothing,
        "{supervisor}",
        asked={"roster": ["{user}", "{member}", "{supervisor}"], "state": "exact"},
        then={"roster": ["{user}", "{member}"]},
    ),
    Broken("routing_maps", nothing, asked={"sso_match": "routing_map"}, repair=mapped),
    Broken("offered_in_setup", without_sets, state="warning", repair=member(role="agent")),
)
# Nothing that a hand in the org can break: what the center is (another test), what does not show afterwards, what a person needs in Setup,
# licences and rights that come with the org.
ELSEWHERE = {
    "center_usable", "center_named", "batch_size", "removal_scope", "setup_page", "center_admin", "user_license", "seats", "vendor_syncing",
    "running_user_rights",
}  # fmt: skip


def filled(bench: Bench, value: Any) -> Any:
    """The options with the people's usernames in them."""
    if isinstance(value, str):
        return value.format(user=name(bench, AGENT), member=name(bench, "member"), supervisor=name(bench, "supervisor"))
    if isinstance(value, Mapping):
        return {key: filled(bench, item) for key, item in value.items()}
    return [filled(bench, item) for item in value]


def look(bench: Bench, **asked: Any) -> dict[str, dict[str, str]]:
    given = filled(bench, {"users": ["{user}", "{member}"], **asked})
    result = bench.task("contact_center_info", contact_centers=[CENTER], **given)
    assert not result.get("failed"), result
    assert result["ready"] == all(row["state"] != "violated" for row in result["requirements"])
    return {row["requirement"]: row for row in result["requirements"]}


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.requirement)
def test_every_requirement_that_is_broken_is_found_named_and_put_right_by_its_remedy(uat: Bench, case: Broken) -> None:
    case.by(uat)
    row = look(uat, **case.asked)[case.requirement]
    assert row["state"] == case.state
    assert filled(uat, case.named) in row["found"]
    assert row["remedy"]
    if case.repair:
        done = case.repair(uat)
        assert not done.get("failed"), done
        assert done["changed"]
    if case.repair or case.then is not None:
        again = look(uat, **(case.asked if case.then is None else case.then))[case.requirement]
        assert again["state"] in ("met", "not_asked")


def test_the_table_of_broken_requirements_is_complete() -> None:
    told = [case.requirement for case in BROKEN]
    assert len(set(told)) == len(told)
    assert {item.id for item in REQUIREMENTS} == set(told) | ELSEWHERE


def test_whoever_runs_this_without_the_rights_is_told_which(uat: Bench) -> None:
    """An administrator has them; a user who may only look is told what is missing, before any write."""
    assert look(uat)["running_user_rights"]["state"] == "met"
    org = uat.org
    admin = org.find("User", Id=org.default_user)[0]
    own = org.find("PermissionSet", ProfileId=admin["ProfileId"], IsOwnedByProfile=True)[0]
    for table, row_id in (("Profile", admin["ProfileId"]), ("PermissionSet", own["Id"])):
        org.set(table, row_id, PermissionsManageUsers=False, PermissionsManageInternalUsers=False)
    row = look(uat)["running_user_rights"]
    assert row["state"] == "violated"
    assert "Manage Internal Users" in row["found"]


def test_seats_that_do_not_suffice_are_counted(uat: Bench) -> None:
    asked = {"role": "agent", "users": [name(uat, "without_set")]}
    assert look(uat, **asked)["seats"]["state"] == "met"
    licence = uat.org.find("PermissionSetLicense", DeveloperName="ServiceCloudVoiceExternalTelephonyPsl")[0]
    uat.org.set("PermissionSetLicense", licence["Id"], TotalLicenses=licence["UsedLicenses"])
    row = look(uat, **asked)["seats"]
    assert row["state"] == "violated"
    assert "1 needed" in row["found"]
    assert "0 free" in row["found"]


def test_a_member_on_a_licence_that_is_not_for_agents_is_warned_of(uat: Bench) -> None:
    assert look(uat)["user_license"]["state"] == "met"
    row = look(uat, users=[name(uat, "platform")])["user_license"]
    assert row["state"] == "warning"
    assert name(uat, "platform") in row["found"]


@pytest.mark.parametrize(("syncs", "state"), [(False, "met"), (True, "warning")])
def test_a_vendor_that_is_told_of_users_is_told_of(uat: Bench, syncs: bool, state: str) -> None:
    if syncs:
        seed.vendor_syncs(uat.org, CENTER)
    assert look(uat)["vendor_syncing"]["state"] == state
