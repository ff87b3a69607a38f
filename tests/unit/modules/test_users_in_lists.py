# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every module that takes a list of users does about users whom the org does not have (lookup_failure_action), about users who are not certain, and
about removals (max_removals, as a number and as a percentage)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from emulator.org import Org
from harness.cases import assign, assign_group, join, put_group, put_map, put_set, state_of
from harness.direct import NOUNS, Bench
from harness.look import holders, license_holders, members, package_holders, routing_maps, set_named

AGENT, MEMBER = "agent@acme.example.uat", "member@acme.example.uat"
STRANGER = "agnet@acme.example.uat"
SURE, UNSURE = {"federation_id": "acme-agent"}, {"employee_number": "E2000"}
PSL = "SalesforceAPIIntegrationPsl"
# So many have it before the tests of removals: one in ten is one, one in twenty is none.
TEN = 10


@dataclass(frozen=True)
class Listing:
    """A module with a list of users. options: all but the users. having: who has it. give: let these (by username) have it, as it is."""

    module: str
    options: Mapping[str, Any]
    having: Callable[[Org], set[str]]
    give: Callable[[Org, Sequence[str]], None]

    def task(self, bench: Bench, users: Sequence[Any], state: str = "present", **more: Any) -> dict[str, Any]:
        named: dict[str, Any] = {"users": list(users)}
        if self.module == "contact_center_routing_map":
            named = {"mappings": [{"user": user, "external_id": str(user)} for user in users]}
        return bench.task(self.module, **self.options, **named, state=state, **more)


def ids(org: Org, users: Sequence[str]) -> list[str]:
    return [str(org.find("User", Username=user)[0]["Id"]) for user in users]


def give_set(org: Org, users: Sequence[str]) -> None:
    set_id = put_set(org, PermissionsApiEnabled=True)
    for user_id in ids(org, users):
        assign(org, "agent", set_id, AssigneeId=user_id)


def give_group(org: Org, users: Sequence[str]) -> None:
    group_id = put_group(org, put_set(org, "Acme_Inner"))
    for user_id in ids(org, users):
        assign_group(org, "agent", group_id, AssigneeId=user_id)


def give_package(org: Org, users: Sequence[str]) -> None:
    (package,) = org.find("PackageLicense", NamespacePrefix="NVMContactWorld")
    org.set("PackageLicense", package["Id"], AllowedLicenses=100)
    for row in org.find("UserPackageLicense", PackageLicenseId=package["Id"]):
        org.remove("UserPackageLicense", row["Id"])
    for user_id in ids(org, users):
        org.put("UserPackageLicense", PackageLicenseId=package["Id"], UserId=user_id)


def give_seat(org: Org, users: Sequence[str]) -> None:
    (licence,) = org.find("PermissionSetLicense", DeveloperName=PSL)
    for row in org.find("PermissionSetLicenseAssign", PermissionSetLicenseId=licence["Id"]):
        org.remove("PermissionSetLicenseAssign", row["Id"])
    for user_id in ids(org, users):
        org.put("PermissionSetLicenseAssign", PermissionSetLicenseId=licence["Id"], AssigneeId=user_id)


def make_members(org: Org, users: Sequence[str]) -> None:
    (center,) = org.find("CallCenter", InternalName="AcmeVoice")
    for row in org.find("User", CallCenterId=center["Id"]):
        org.set("User", row["Id"], CallCenterId=None)
    for user_id in ids(org, users):
        org.set("User", user_id, CallCenterId=center["Id"])


def map_them(org: Org, users: Sequence[str]) -> None:
    make_members(org, [*users, AGENT])
    for row in org.find("CallCenterRoutingMap"):
        org.remove("CallCenterRoutingMap", row["Id"])
    for user, user_id in zip(users, ids(org, users), strict=True):
        put_map(org, "agent", user, ReferenceRecordId=user_id, DeveloperName=f"Map_{user_id}")


def set_holders(org: Org) -> set[str]:
    found = set_named(org, "Acme_Set")
    return holders(org, found["Id"]) if found else set()


def group_holders(org: Org) -> set[str]:
    groups = [row["Id"] for row in org.find("PermissionSetGroup", DeveloperName="Acme_Group")]
    rows = org.find("PermissionSetAssignment", PermissionSetGroupId=groups)
    return {str((org.get("User", row["AssigneeId"]) or {})["Username"]) for row in rows}


LISTINGS: Mapping[str, Listing] = {
    "set": Listing("permission_set_assignment", {"permission_set": "Acme_Set"}, set_holders, give_set),
    "group": Listing("permission_set_assignment", {"permission_set_group": "Acme_Group"}, group_holders, give_group),
    "package": Listing("package_license_assignment", {"package": "NVMContactWorld"}, lambda org: set(package_holders(org)), give_package),
    "licence": Listing(
        "permission_set_license_assignment", {"permission_set_license": PSL}, lambda org: set(license_holders(org, PSL)), give_seat
    ),
    "center": Listing("contact_center_member", {"contact_center": "AcmeVoice"}, members, make_members),
    "maps": Listing("contact_center_routing_map", {"contact_center": "AcmeVoice"}, lambda org: set(routing_maps(org)), map_them),
}
every_listing = pytest.mark.parametrize("listing", LISTINGS.values(), ids=LISTINGS.keys())


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench(agents=TEN)


def test_every_module_with_such_a_list_is_here() -> None:
    asking = {name for name, noun in NOUNS.items() if "lookup_failure_action" in noun.argument_spec and "allow_empty" in noun.argument_spec}
    assert {listing.module for listing in LISTINGS.values()} == asking


# -- users whom the org does not have --------------------------------------------------------------------------------------------------


@every_listing
@pytest.mark.parametrize("state", ["present", "absent", "exact"])
def test_somebody_who_is_not_there_stops_the_task(bench: Bench, listing: Listing, state: str) -> None:
    listing.give(bench.org, bench.info["agents"][:3])
    before = state_of(bench.org)
    for check in (True, False):
        result = listing.task(bench, [AGENT, STRANGER], state, check=check)
        assert (result["failed"], result["error_code"], AGENT in result["msg"]) == (True, "unknown_user", True)
        assert "lookup_failure_action: warn" in result["msg"]
    assert (bench.org.writes, state_of(bench.org)) == ([], before)


@every_listing
@pytest.mark.parametrize("action", ["warn", "ignore"])
@pytest.mark.parametrize("state", ["present", "absent", "exact"])
def test_or_is_left_out_and_told(bench: Bench, listing: Listing, state: str, action: str) -> None:
    listing.give(bench.org, bench.info["agents"][:3])
    there, (kept, *others) = listing.having(bench.org), bench.info["agents"][:3]
    asked: dict[str, Any] = {"state": state, "lookup_failure_action": action}
    predicted = listing.task(bench, [AGENT, STRANGER, kept], **asked, check=True)
    result = listing.task(bench, [AGENT, STRANGER, kept], **asked)
    assert (result.get("msg"), result["changes"]) == (None, predicted["changes"])
    expected = {"present": {*there, AGENT}, "absent": there - {kept}, "exact": {AGENT, kept}}
    assert listing.having(bench.org) == expected[state]
    for told in (predicted, result):
        (left,) = told["left_out"]
        assert (left["user"], left["reason"].startswith("is not in this org (nearest: ")) == (STRANGER, True)
        assert [STRANGER in warning and AGENT in warning for warning in told["warnings"] if "org has no such user" in warning] == [True] * (
            action == "warn"
        )
    assert not {STRANGER, *others} & {change["key"].split("/", 1)[1] for change in result["changes"] if change["op"] == "create"}


@every_listing
def test_somebody_misspelt_is_one_of_those_who_go_and_is_guarded(bench: Bench, listing: Listing) -> None:
    listing.give(bench.org, [AGENT, *bench.info["agents"][:3]])
    asked: dict[str, Any] = {"state": "exact", "lookup_failure_action": "ignore"}
    result = listing.task(bench, [STRANGER, *bench.info["agents"][:3]], **asked, max_removals=0)
    assert (result["error_code"], AGENT in result["msg"]) == ("too_many_removals", True)
    result = listing.task(bench, [STRANGER], **asked, max_removals="100%")
    assert result["error_code"] == "empty_exact"
    assert bench.org.writes == []


@every_listing
@pytest.mark.parametrize("state", ["present", "absent", "exact"])
def test_who_is_not_certain_stops_the_task_whatever_it_says(bench: Bench, listing: Listing, state: str) -> None:
    listing.give(bench.org, bench.info["agents"][:3])
    for action, check in (("fail", True), ("warn", True), ("warn", False), ("ignore", True), ("ignore", False)):
        result = listing.task(bench, [AGENT, STRANGER, UNSURE], state, lookup_failure_action=action, check=check)
        assert (result["error_code"], "kim@acme.example.uat" in result["msg"]) == ("ambiguous_user", True)
        result = listing.task(bench, [AGENT, SURE], state, lookup_failure_action=action, check=check)
        assert result["error_code"] == "user_twice"
    assert bench.org.writes == []


# -- removals ------------------------------------------------------------------------------------------------------------------------

WRONG = ["150%", "101%", "-1", -1, "-5%", "ten", 2.5, "2.5%", "", True]


@every_listing
def test_what_is_no_allowance_is_refused_before_any_call(uat: Bench, listing: Listing) -> None:
    for given in WRONG:
        result = listing.task(uat, [AGENT], max_removals=given)
        assert (result["error_code"], result["step"], uat.entries()) == ("max_removals", "options", ()), given


ENOUGH = {"1": True, 1: True, 0: False, "0": False, "0%": False, "5%": False, "9%": False, "10%": True, " 10 %": True, "100%": True}


@every_listing
def test_one_of_ten_may_go_or_not(bench: Bench, listing: Listing) -> None:
    everybody = bench.info["agents"][:TEN]
    listing.give(bench.org, everybody)
    assert listing.having(bench.org) == set(everybody)
    for given, enough in ENOUGH.items():
        bench.new_run()  # what check mode shows counts in later tasks of the run
        result = listing.task(bench, everybody[1:], "exact", max_removals=given, check=True)
        assert result.get("error_code") == (None if enough else "too_many_removals"), given
        if isinstance(given, str) and given.endswith("%") and not enough:
            assert f"{given} (of the 10 who have it now, rounded down: 0)" in result["msg"]
            assert "at least 1, which is 10% here" in result["msg"]
    bench.new_run()
    assert listing.task(bench, everybody[1:], "exact", max_removals="9%")["error_code"] == "too_many_removals"
    assert listing.having(bench.org) == set(everybody)
    assert listing.task(bench, everybody[1:], "exact", max_removals="10%").get("msg") is None
    assert listing.having(bench.org) == set(everybody[1:])


def test_removing_a_set_or_a_group_takes_it_from_everybody_so_that_only_a_number_is_taken(uat: Bench) -> None:
    for module in ("permission_set", "permission_set_group"):
        result = uat.task(module, name="Acme_Set", state="absent", max_removals=-1)
        assert (result["error_code"], uat.entries()) == ("max_removals", ())
        assert NOUNS[module].argument_spec["max_removals"]["type"] == "int"


def test_members_are_asked_for_together_with_their_maps(uat: Bench) -> None:
    join(uat.org, "agent")
    result = LISTINGS["maps"].task(uat, [AGENT, MEMBER, STRANGER], lookup_failure_action="ignore")
    assert (result.get("msg"), routing_maps(uat.org)) == (None, {AGENT: [AGENT], MEMBER: [MEMBER]})
