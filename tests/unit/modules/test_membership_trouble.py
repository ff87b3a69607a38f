# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bad input to membership, and orgs in which it goes wrong: each with its code and what to do about it, with the org as it was where nothing could be
done, and with a next run that finishes what can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator import faults, seed
from emulator.faults import Fault
from emulator.org import Org
from emulator.rules.registry import Change
from harness import membership
from harness.direct import Bench
from harness.membership import CENTER, MEMBER

BULK_OP = "ContactCenterBulkOp"
LICENCE = "ServiceCloudVoiceExternalTelephonyPsl"


@pytest.fixture
def plain(make_bench: Callable[..., Bench]) -> Bench:
    """The example's sandbox without the Vonage package: quicker, and enough here."""
    return make_bench(package=False)


def names(bench: Bench, *roles: str) -> list[str]:
    return [str(bench.info["users"][role]) for role in roles]


def task(bench: Bench, *roles: str, **options: Any) -> dict[str, Any]:
    return bench.task(MEMBER, **{"contact_center": "AcmeVoice", "users": names(bench, *roles), **options})


def members(bench: Bench) -> set[str]:
    """Roles of those who are in the center once everything late has shown."""
    known, center = membership.settled(bench.org), bench.info["center_ids"][CENTER]
    return {role for role, name in bench.info["users"].items() if known[name].center == center}


def records(result: dict[str, Any]) -> dict[str, str]:
    """Code by username, of what failed; every error says what to do."""
    assert all(error["remedy"].strip() for error in result["errors"])
    return {error["record"].rpartition("/")[2]: error["code"] for error in result["errors"]}


def stopped(bench: Bench, *roles: str, words: str, **options: Any) -> dict[str, Any]:
    """The result of a task that stops before it writes anything, in check mode as in a run; words: of what it says is to be done."""
    before, written = membership.settled(bench.org), len(bench.org.writes)
    foretold = task(bench, *roles, check=True, **options)
    bench.new_run()
    result = task(bench, *roles, **options)
    assert (result["failed"], result["changed"]) == (True, False)
    assert (foretold["failed"], foretold["error_code"], foretold["msg"]) == (True, result["error_code"], result["msg"])
    assert words in result["msg"]
    assert len(bench.org.writes) == written
    assert membership.settled(bench.org) == before
    return result


def finishes(bench: Bench, *roles: str, **options: Any) -> None:
    """The same task, once nothing is in the way: everybody is in, and a further run has nothing to do."""
    bench.served.faults.clear()
    bench.new_run()
    result = task(bench, *roles, **options)
    assert not result.get("failed"), result["msg"]
    assert members(bench) >= set(roles)
    bench.new_run()
    again = task(bench, *roles, **options)
    assert (again.get("msg"), again["changes"]) == (None, [])


# -- users ------------------------------------------------------------------------------------------------------------------------------


def test_users_who_do_not_exist_stop_the_task_or_are_left_out(plain: Bench) -> None:
    users = ["nobody@acme.example.uat", *names(plain, "agent")]
    result = stopped(plain, users=users, words="Check the spelling")
    assert result["error_code"] == "unknown_user"
    for lookup, warned in (("ignore", 0), ("warn", 1)):
        told = task(plain, users=users, lookup_failure_action=lookup, check=True)
        assert [item["user"] for item in told["left_out"]] == ["nobody@acme.example.uat"]
        assert len(told["warnings"]) == warned
    assert not task(plain, users=users, lookup_failure_action="warn").get("failed")
    assert members(plain) == {"member", "agent"}


@pytest.mark.parametrize("lookup", ["fail", "warn", "ignore"])
def test_a_key_that_two_users_have_always_stops_the_task(plain: Bench, lookup: str) -> None:
    result = stopped(
        plain, users=[{"employee_number": "E2000"}], lookup_failure_action=lookup, words="Name each of these users by username or Id"
    )
    assert result["error_code"] == "ambiguous_user"
    assert [name for name in names(plain, "kim", "joakim") if name not in result["msg"]] == []


@pytest.mark.parametrize("other", ["id", "federation_id", "production"])
@pytest.mark.parametrize("state", ["present", "absent", "exact"])
def test_a_user_given_twice_in_different_forms_stops_the_task(plain: Bench, other: str, state: str) -> None:
    name = names(plain, "agent")[0]
    forms = {"id": plain.info["user_ids"]["agent"], "federation_id": {"federation_id": "acme-agent"}, "production": "agent@acme.example"}
    result = stopped(plain, users=[name, forms[other]], state=state, sandbox_name="uat", words="List each user once")
    assert result["error_code"] == "user_twice"
    assert name in result["msg"]


KEPT_OUT = {
    "inactive": "is inactive",
    "without_service": "is not a Service Cloud User",
    "without_set": "has neither Contact Center Agent nor Admin",
    "other_center": "is a member of another contact center, AcmeAmazonVoice",
    "contact_admin": "is frozen",
}


@pytest.mark.parametrize("method", ["user_field", "bulk"])
@pytest.mark.parametrize("role", KEPT_OUT)
def test_whoever_may_not_join_keeps_everybody_out_or_is_left_out(plain: Bench, role: str, method: str) -> None:
    seed.freeze(plain.org, plain.info["users"]["contact_admin"])
    result = stopped(plain, "agent", role, method=method, words="on_ineligible: skip")
    assert result["error_code"] == "ineligible_user"
    assert KEPT_OUT[role] in result["msg"]
    plain.new_run()
    result = task(plain, "agent", role, method=method, on_ineligible="skip")
    assert not result.get("failed"), result["msg"]
    (item,) = result["left_out"]
    assert (item["user"], KEPT_OUT[role] in item["reason"]) == (plain.info["users"][role], True)
    assert members(plain) == {"member", "agent"}


def test_an_inactive_member_is_a_member_and_can_be_removed(plain: Bench) -> None:
    plain.org.set("User", plain.info["user_ids"]["member"], IsActive=False)
    assert task(plain, "member")["changes"] == []
    result = stopped(plain, "agent", state="exact", max_removals=0, words="max_removals")
    assert result["error_code"] == "too_many_removals"
    plain.new_run()
    assert not task(plain, "agent", state="exact", max_removals=1).get("failed")
    assert members(plain) == {"agent"}


# -- centers ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["present", "absent", "exact"])
@pytest.mark.parametrize(
    ("kind", "switch", "code"),
    [
        ("open_cti", {}, "wrong_flavour"),
        ("amazon_connect", {}, "unknown_flavour"),
        ("amazon_connect", {"metadata_vendor_of_a_resold_center": "named"}, "wrong_flavour"),
    ],
)
def test_a_center_of_another_kind_is_left_alone(
    make_bench: Callable[..., Bench], kind: str, switch: dict[str, str], code: str, state: str
) -> None:
    bench = make_bench(package=False, switches=switch)
    bench.org.set("User", bench.info["user_ids"]["agent"], CallCenterId=bench.info["center_ids"][kind])
    words = "Name a Partner Telephony center" if code == "wrong_flavour" else "flavour: partner_telephony"
    result = stopped(bench, "contact_admin", state=state, contact_center=bench.info["centers"][kind], words=words)
    assert result["error_code"] == code


def test_a_center_that_does_not_exist_is_told_with_those_that_do(plain: Bench) -> None:
    result = stopped(
        plain, "agent", contact_center="AcmeVoise", words="Its centers are: AcmeAmazonVoice, AcmeConnect, AcmeOpenCti, AcmeVoice"
    )
    assert result["error_code"] == "unknown_center"


def test_a_definition_that_may_not_be_read_leaves_the_kind_unknown_and_says_so(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(package=False, switches={"customsettings": "null"})
    for sobject, where in (("Profile", {"Name": "System Administrator"}), ("PermissionSet", {"IsOwnedByProfile": True})):
        for row in bench.org.find(sobject, **where):
            bench.org.set(sobject, row["Id"], PermissionsModifyAllData=False, PermissionsModifyMetadata=False)
    result = stopped(bench, "agent", words="flavour: partner_telephony")
    assert result["error_code"] == "unknown_flavour"
    bench.new_run()
    assert not task(bench, "agent", flavour="partner_telephony").get("failed")
    assert members(bench) == {"member", "agent"}


# -- guards -----------------------------------------------------------------------------------------------------------------------------


def test_exact_with_nobody_listed_wants_to_be_meant(plain: Bench) -> None:
    result = stopped(plain, state="exact", words="allow_empty: true")
    assert result["error_code"] == "empty_exact"
    assert not task(plain, state="exact", allow_empty=True).get("failed")
    assert members(plain) == set()


@pytest.mark.parametrize(("cap", "allowed"), [(2, False), ("50%", False), ("3", True), ("75%", True), (3, True)])
def test_more_removals_than_allowed_remove_nobody(plain: Bench, cap: int | str, allowed: bool) -> None:
    center = plain.info["center_ids"][CENTER]
    for role in ("agent", "inactive", "via_group"):
        plain.org.set("User", plain.info["user_ids"][role], CallCenterId=center)
    if not allowed:
        result = stopped(plain, "agent", state="exact", max_removals=cap, words="Set max_removals to at least 3")
        assert result["error_code"] == "too_many_removals"
        return
    assert not task(plain, "agent", state="exact", max_removals=cap).get("failed")
    assert members(plain) == {"agent"}


@pytest.mark.parametrize("cap", ["-1", "many", "101%", "1.5"])
def test_a_cap_that_is_none_stops_the_task(plain: Bench, cap: str) -> None:
    result = task(plain, "agent", state="exact", max_removals=cap)
    assert (result["error_code"], plain.calls()) == ("max_removals", 0)


# -- the bulk operation -----------------------------------------------------------------------------------------------------------------


def test_an_org_without_the_bulk_entity_says_so_before_anything(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(package=False, switches={"bulk_entity": "absent"})
    result = stopped(bench, "agent", method="bulk", words="Set method: user_field")
    assert result["error_code"] == "bulk_not_offered"
    finishes(bench, "agent", method="auto")


def test_a_center_from_amazon_connect_is_not_offered_the_bulk_operation(plain: Bench) -> None:
    result = stopped(plain, "agent", method="bulk", contact_center="AcmeAmazonVoice", words="Set method: user_field")
    assert result["error_code"] == "bulk_not_offered"


@pytest.mark.parametrize(("state", "code"), [("Failed", "BULK_JOB_FAILED"), ("Aborted", "BULK_JOB_ABORTED")])
@pytest.mark.parametrize("taken", [0, 1, 2])
def test_a_job_that_ends_half_way(plain: Bench, state: str, code: str, taken: int) -> None:
    """What it took before is a request like any other, and comes to something; the rest is told with the job's end."""
    plain.served.faults.add(Fault(faults.EndJob(BULK_OP, state), skip=taken))
    roles = ("agent", "contact_admin", "via_group")
    result = task(plain, *roles, method="bulk", batch_size=200)
    assert result["failed"]
    assert members(plain) == {"member", *roles[:taken]}
    assert records(result) == dict.fromkeys(names(plain, *roles[taken:]), code)
    assert {change["key"].partition("/")[2] for change in result["changes"]} == set(names(plain, *roles[:taken]))
    finishes(plain, *roles, method="bulk", batch_size=200)


def test_after_a_job_that_failed_no_further_one_is_made(plain: Bench) -> None:
    plain.served.faults.add(Fault(faults.EndJob(BULK_OP)))
    roles = ("agent", "contact_admin", "via_group")
    result = task(plain, *roles, method="bulk", batch_size=1)
    assert list(records(result).values()) == ["BULK_JOB_FAILED", "BULK_NOT_SENT", "BULK_NOT_SENT"]
    assert len(plain.org.bulk.jobs) == 1
    assert members(plain) == {"member"}
    finishes(plain, *roles, method="bulk", batch_size=1)


def test_rows_that_the_org_refuses_carry_its_code(plain: Bench) -> None:
    refused = plain.info["user_ids"]["contact_admin"]
    plain.served.faults.add(Fault(faults.Refuse(BULK_OP, {"Argument2": refused}, message="Ask HR first"), times=None))
    result = task(plain, "agent", "contact_admin", method="bulk", batch_size=200)
    assert records(result) == {names(plain, "contact_admin")[0]: "FIELD_CUSTOM_VALIDATION_EXCEPTION"}
    assert result["errors"][0]["message"] == "Ask HR first"
    assert members(plain) == {"member", "agent"}
    finishes(plain, "agent", "contact_admin", method="bulk")


def test_a_job_that_succeeds_and_does_nothing_is_not_believed(plain: Bench) -> None:
    """A customer's rule on users refuses the effect, of which the job says nothing."""
    plain.served.faults.add(Fault(faults.Refuse("User", {"Username": names(plain, "agent")[0]}), times=None))
    result = task(plain, "agent", "contact_admin", method="bulk", wait_timeout=30)
    assert records(result) == {names(plain, "agent")[0]: "BULK_NO_EFFECT"}
    (job,) = plain.org.bulk.jobs
    assert job in result["errors"][0]["message"]
    assert members(plain) == {"member", "contact_admin"}
    assert 30 <= sum(plain.clock.slept) <= 90
    finishes(plain, "agent", "contact_admin", method="bulk")


def test_a_mover_whom_the_bulk_operation_does_not_take_is_back_where_it_was(plain: Bench) -> None:
    plain.served.faults.add(Fault(faults.EndJob(BULK_OP)))
    before = membership.settled(plain.org)
    result = task(plain, "other_center", method="bulk", move=True)
    assert records(result) == {names(plain, "other_center")[0]: "BULK_JOB_FAILED"}
    assert membership.settled(plain.org) == before
    assert result["changes"] == []
    finishes(plain, "other_center", method="bulk", move=True)


# -- the vendor -------------------------------------------------------------------------------------------------------------------------


def syncing(make_bench: Callable[..., Bench], *refused: str, sandbox: bool = False, **switches: str) -> Bench:
    name = "acme-uat" if sandbox else "acme-production"
    bench = make_bench(name=name, sandbox=sandbox, package=False, switches=switches)
    seed.vendor_syncs(bench.org, "AcmeVoice", refuses=names(bench, *refused))
    return bench


def test_where_the_vendor_syncs_users_the_method_is_to_be_chosen(make_bench: Callable[..., Bench]) -> None:
    bench = syncing(make_bench)
    result = stopped(bench, "agent", words="Set method: bulk")
    assert result["error_code"] == "vendor_syncs_users"
    assert "method: user_field" in result["msg"]
    assert bench.org.vendor_calls == []
    assert task(bench, "member")["changes"] == []
    assert not task(bench, "member", state="absent").get("failed")


@pytest.mark.parametrize(("method", "state"), [("bulk", "present"), ("user_field", "present"), ("auto", "absent")])
def test_in_a_sandbox_nothing_that_may_reach_the_provider_is_done_unasked(
    make_bench: Callable[..., Bench], method: str, state: str
) -> None:
    bench = syncing(make_bench, sandbox=True)
    role = "agent" if state == "present" else "member"
    result = stopped(bench, role, method=method, state=state, words="allow_provider_calls: true")
    assert result["error_code"] == "provider_calls"
    assert bench.org.vendor_calls == []
    bench.new_run()
    assert not task(bench, role, method=method, state=state, allow_provider_calls=True).get("failed")


def test_a_vendor_that_refuses_one_user_costs_the_whole_batch(make_bench: Callable[..., Bench]) -> None:
    bench = syncing(make_bench, "contact_admin")
    roles = ("agent", "contact_admin", "via_group", "via_clone")
    result = task(bench, *roles, method="bulk", wait_timeout=20)
    assert result["batch_size"] == 2
    assert records(result) == dict.fromkeys(names(bench, "agent", "contact_admin"), "BULK_NO_EFFECT")
    assert "a smaller batch_size tells which" in result["errors"][0]["remedy"]
    assert members(bench) == {"member", "via_group", "via_clone"}
    bench.new_run()
    result = task(bench, *roles, method="bulk", wait_timeout=20, batch_size=1)
    assert records(result) == {names(bench, "contact_admin")[0]: "BULK_NO_EFFECT"}
    assert members(bench) == {"member", "agent", "via_group", "via_clone"}
    bench.org.vendor_refuses.clear()
    finishes(bench, *roles, method="bulk")


@pytest.mark.parametrize("code", ["FIELD_INTEGRITY_EXCEPTION", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"])
@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_vendor_that_refuses_a_field_write_is_quoted(make_bench: Callable[..., Bench], code: str, state: str) -> None:
    bench = syncing(make_bench, "agent", callcenter_patch="vendor_sync", vendor_refusal_code=code)
    roles = ("agent", "contact_admin", "via_group")
    if state == "absent":
        for role in roles:
            bench.org.set("User", bench.info["user_ids"][role], CallCenterId=bench.info["center_ids"][CENTER])
    result = task(bench, *roles, method="user_field", state=state)
    assert records(result) == {names(bench, "agent")[0]: code}
    assert "The partner refused" in result["errors"][0]["message"]
    assert members(bench) == ({"member", "contact_admin", "via_group"} if state == "present" else {"member", "agent"})


# -- seats and customers' own rules -----------------------------------------------------------------------------------------------------


def test_too_few_seats_for_the_whole_list_add_nobody(plain: Bench) -> None:
    seed.leave_seats(plain.org, 1)
    roles = ("agent", "without_set", "supervisor", "kim")
    result = stopped(plain, *roles, role="agent", repair=["service_cloud_user"], words="Free seats")
    assert result["error_code"] == "no_free_seat"
    assert "2 of the users" in result["msg"]
    seed.leave_seats(plain.org, 2)
    finishes(plain, *roles, role="agent", repair=["service_cloud_user"])


def test_seats_that_somebody_else_takes_half_way_cost_those_who_came_too_late(plain: Bench) -> None:
    seed.leave_seats(plain.org, 3)

    def taken_meanwhile(org: Org, user: str, change: Change) -> None:
        if (change.op, change.sobject) == ("insert", "PermissionSetAssignment") and org.chunk.rows:
            (licence,) = org.find("PermissionSetLicense", DeveloperName=LICENCE)
            if not org.seed_info.get("seats_taken"):
                org.seed_info["seats_taken"] = True
                org.set("PermissionSetLicense", licence["Id"], TotalLicenses=licence["TotalLicenses"] - 2)

    plain.served.add_hook(taken_meanwhile)
    roles = ("agent", "without_set", "kim", "joakim")
    options: dict[str, Any] = {"role": "agent", "repair": ["service_cloud_user"]}
    result = task(plain, *roles, **options)
    failed = records(result)
    assert len(failed) == 2
    assert set(failed.values()) == {"LICENSE_LIMIT_EXCEEDED"}
    assert set(failed) < set(names(plain, "without_set", "kim", "joakim"))
    joined = {role for role in roles if plain.info["users"][role] not in failed}
    assert members(plain) == {"member", *joined}
    assert {person["username"] for person in result["joining"]} == set(names(plain, *joined))
    seed.leave_seats(plain.org, 2)
    finishes(plain, *roles, **options)


@pytest.mark.parametrize("over", [1, 3])
def test_a_trigger_that_cannot_take_a_batch_gets_halves(plain: Bench, over: int) -> None:
    plain.served.faults.add(Fault(faults.ApexLimit(over=over), times=None))
    roles = ("agent", "contact_admin", "via_group", "via_clone")
    result = task(plain, *roles, batch_size=200)
    assert not result.get("failed"), result["msg"]
    assert members(plain) == {"member", *roles}
    assert any("batch_size" in warning for warning in result["warnings"])


def test_whom_a_rule_of_the_customer_refuses_is_told_and_the_others_go_on(plain: Bench) -> None:
    refused = names(plain, "via_group")[0]
    plain.served.faults.add(Fault(faults.Refuse("User", {"Username": refused}, message="Ask HR first"), times=None))
    plain.served.faults.add(Fault(faults.ApexLimit(over=2), times=None))
    roles = ("agent", "contact_admin", "via_group", "via_clone")
    result = task(plain, *roles)
    assert records(result) == {refused: "FIELD_CUSTOM_VALIDATION_EXCEPTION"}
    assert members(plain) == {"member", "agent", "contact_admin", "via_clone"}
    finishes(plain, *roles)
