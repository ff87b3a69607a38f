# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""contact_center_member: who may join, which centers are written, what is written and what is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from emulator.faults import ApexLimit, Fault, Refuse
from harness.cases import assign, join
from harness.direct import Bench
from harness.look import members, record_writes, unchanged

CENTER = "AcmeVoice"


def task(bench: Bench, users: list[str], state: str = "present", center: str = CENTER, **more: Any) -> dict[str, Any]:
    """The module on users of these roles (or usernames)."""
    names = [bench.info["users"].get(user, user) for user in users]
    return bench.task("contact_center_member", contact_center=center, users=names, state=state, **more)


def names(bench: Bench, *roles: str) -> set[str]:
    return {bench.info["users"][role] for role in roles}


def changed_users(result: Mapping[str, Any], op: str) -> set[str]:
    return {change["key"].split("/", 1)[1] for change in result["changes"] if change["op"] == op}


# -- present, absent, exact -----------------------------------------------------------------------------------------------------------


def test_present_adds_and_leaves_other_members_alone(uat: Bench) -> None:
    result = task(uat, ["agent", "contact_admin"])
    assert result["changes"] == [
        {
            "op": "create",
            "kind": "contact_center_member",
            "key": f"{CENTER}/{uat.info['users'][role]}",
            "before": {},
            "after": {"member": True},
        }
        for role in ("agent", "contact_admin")
    ]
    assert members(uat.org) == names(uat, "agent", "contact_admin", "member")
    assert (result["left_out"], result["warnings"]) == ([], [])


def test_absent_removes_the_users_and_nobody_else(uat: Bench) -> None:
    join(uat.org, "agent")
    result = task(uat, ["member", "via_group"], "absent")
    assert changed_users(result, "delete") == names(uat, "member")
    assert members(uat.org) == names(uat, "agent")


def test_exact_adds_and_removes_so_that_just_these_are_members(uat: Bench) -> None:
    result = task(uat, ["agent", "via_group"], "exact")
    assert changed_users(result, "create") == names(uat, "agent", "via_group")
    assert changed_users(result, "delete") == names(uat, "member")
    assert members(uat.org) == names(uat, "agent", "via_group")


def test_members_leave_before_others_join(uat: Bench) -> None:
    task(uat, ["agent"], "exact")
    assert [write.fields["CallCenterId"] for write in uat.org.writes] == [None, uat.info["center_ids"]["partner_telephony"]]


def test_exact_removes_members_who_are_inactive_or_could_not_join_today(uat: Bench) -> None:
    join(uat.org, "inactive", "without_set", "without_service")
    result = task(uat, ["member"], "exact")
    assert changed_users(result, "delete") == names(uat, "inactive", "without_set", "without_service")
    assert members(uat.org) == names(uat, "member")


def test_members_who_could_not_join_today_stay_where_they_are_listed(uat: Bench) -> None:
    join(uat.org, "inactive", "without_set")
    for state in ("present", "exact"):
        result = task(uat, ["inactive", "without_set", "member"], state)
        assert (result.get("msg"), result["changed"]) == (None, False)


def test_members_of_other_centers_are_no_business_of_exact(uat: Bench) -> None:
    task(uat, ["member"], "exact", max_removals=0)
    assert members(uat.org, "partner_telephony_amazon") == names(uat, "other_center")


def test_absent_leaves_members_of_other_centers_where_they_are(uat: Bench) -> None:
    unchanged(task(uat, ["other_center"], "absent"))
    assert members(uat.org, "partner_telephony_amazon") == names(uat, "other_center")


def test_users_are_known_by_username_in_any_case_and_by_id(uat: Bench) -> None:
    task(uat, ["AGENT@Acme.Example.UAT", uat.info["user_ids"]["contact_admin"][:15], uat.info["user_ids"]["via_group"]])
    assert members(uat.org) == names(uat, "agent", "contact_admin", "via_group", "member")


@pytest.mark.parametrize("state", ["present", "absent", "exact"])
def test_nothing_but_the_user_s_center_is_written(uat: Bench, state: str) -> None:
    counts = {name: len(uat.org.find(name)) for name in ("PermissionSetAssignment", "PermissionSetLicenseAssign", "CallCenterRoutingMap")}
    task(uat, ["member"] if state == "absent" else ["agent"], state)
    assert uat.org.writes
    assert set(record_writes(uat.org)) == {("update", "User")}
    assert {tuple(write.fields) for write in uat.org.writes} == {("CallCenterId",)}
    assert {name: len(uat.org.find(name)) for name in counts} == counts


def test_the_result_reminds_of_the_provider_s_side(uat: Bench) -> None:
    for result in (task(uat, ["agent"], check=True), task(uat, ["agent"]), task(uat, ["agent"])):
        assert "provider" in result["reminder"]


# -- who may join ---------------------------------------------------------------------------------------------------------------------

INELIGIBLE = {
    "inactive": "is inactive",
    "without_service": "is not a Service Cloud User",
    "without_set": "has neither Contact Center Agent nor Admin",
    "supervisor": "has neither Contact Center Agent nor Admin",
    "expired": "has neither Contact Center Agent nor Admin",
    "revoked": "has neither Contact Center Agent nor Admin",
    "other_center": "is a member of another contact center, AcmeAmazonVoice",
}


@pytest.mark.parametrize("role", INELIGIBLE)
def test_one_user_who_may_not_join_stops_the_task_before_any_write(uat: Bench, role: str) -> None:
    result = task(uat, ["agent", role])
    assert (result["error_code"], result["error_class"]) == ("ineligible_user", "config")
    assert f"{uat.info['users'][role]} {INELIGIBLE[role]}" in result["msg"]
    assert uat.info["users"]["agent"] not in result["msg"]
    assert CENTER in result["msg"]
    assert "on_ineligible: skip" in result["msg"]
    assert uat.org.writes == []
    assert [entry for entry in uat.entries() if entry.kind == "write"] == []


@pytest.mark.parametrize("state", ["present", "exact"])
def test_users_who_may_not_join_are_left_out_where_told_each_with_the_reason(uat: Bench, state: str) -> None:
    result = task(uat, ["agent", *INELIGIBLE], state, on_ineligible="skip")
    assert result.get("msg") is None
    left_out = {item["user"]: item["reason"] for item in result["left_out"]}
    assert left_out.keys() == names(uat, *INELIGIBLE)
    assert all(left_out[uat.info["users"][role]].startswith(reason) for role, reason in INELIGIBLE.items())
    assert len(result["warnings"]) == len(INELIGIBLE)
    assert changed_users(result, "create") == names(uat, "agent")


def test_all_that_keeps_a_user_out_is_told_at_once(uat: Bench) -> None:
    said = task(uat, ["frozen"])["msg"]
    assert [words in said for words in ("is not a Service Cloud User", "is frozen", "has neither Contact Center Agent nor Admin")] == [
        True
    ] * 3
    uat.org.set("User", uat.info["user_ids"]["other_center"], UserPermissionsSupportUser=False)
    said = task(uat, ["other_center"])["msg"]
    assert [words in said for words in ("is a member of another contact center", "is not a Service Cloud User")] == [True, True]


@pytest.mark.parametrize("role", ["agent", "contact_admin", "via_group", "via_clone"])
def test_the_right_counts_whatever_set_or_group_brings_it(uat: Bench, role: str) -> None:
    assert task(uat, [role]).get("msg") is None
    assert members(uat.org) == names(uat, role, "member")


def test_an_expired_assignment_that_the_org_still_calls_active_does_not_count(uat: Bench) -> None:
    uat.org.clock = lambda: datetime.now(UTC) - timedelta(seconds=90)
    assign(uat.org, "without_set", uat.info["set_ids"]["voice_agent"], ExpirationDate=datetime.now(UTC) - timedelta(seconds=45))
    assert task(uat, ["without_set"])["error_code"] == "ineligible_user"
    assert uat.org.writes == []


def test_a_revoked_assignment_that_the_org_still_calls_active_does_not_count(uat: Bench) -> None:
    assign(uat.org, "without_set", uat.info["set_ids"]["voice_agent"], IsRevoked=True)
    assert task(uat, ["without_set"])["error_code"] == "ineligible_user"
    assert uat.org.writes == []


def test_one_good_assignment_is_enough_beside_broken_ones(uat: Bench) -> None:
    assign(uat.org, "expired", uat.info["set_ids"]["voice_admin"])
    assign(uat.org, "revoked", uat.info["set_ids"]["voice_clone"])
    assert task(uat, ["expired", "revoked"]).get("msg") is None


def test_where_the_org_enforces_the_rule_itself_the_same_users_may_join(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(switches={"enforce_permset_on_patch": "on", "enforce_active_on_patch": "on"})
    assert task(bench, ["agent", "contact_admin", "via_group", "via_clone"]).get("msg") is None
    assert len(members(bench.org)) == 5


# -- which center ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["AcmeVoice", "acmevoice", "Acme Voice", "ACME VOICE", " AcmeVoice ", "18", "15"])
@pytest.mark.parametrize("state", ["present", "exact"])
def test_a_center_is_known_by_internal_name_name_and_id(uat: Bench, word: str, state: str) -> None:
    given = uat.info["center_ids"]["partner_telephony"][: int(word)] if word.isdigit() else word
    result = task(uat, ["agent"], state, given)
    assert result["contact_center"] == {
        "name": "Acme Voice",
        "internal_name": "AcmeVoice",
        "flavour": "partner_telephony",
        "told_by": "CustomSettings.reqCallCenterType is SCVBYOT",
        "vendor": "",
        "syncs_users": False,
    }
    assert members(uat.org) == names(uat, "agent", *(() if state == "exact" else ("member",)))


def test_an_internal_name_wins_over_a_name(uat: Bench) -> None:
    uat.org.put("CallCenter", Name="AcmeVoice", InternalName="Another", CustomSettings='{"reqCallCenterType": "SCVBYOT"}')
    assert task(uat, ["agent"])["contact_center"]["internal_name"] == "AcmeVoice"


def test_a_name_that_two_centers_have_is_an_error_that_lists_both(uat: Bench) -> None:
    uat.org.put("CallCenter", Name="Acme Voice", InternalName="Another", CustomSettings='{"reqCallCenterType": "SCVBYOT"}')
    result = task(uat, ["agent"], center="Acme Voice")
    assert (result["error_code"], uat.org.writes) == ("ambiguous_center", [])
    assert "AcmeVoice" in result["msg"]
    assert "Another" in result["msg"]


@pytest.mark.parametrize("state", ["present", "absent", "exact"])
def test_a_center_that_does_not_exist_stops_the_task_with_a_suggestion(uat: Bench, state: str) -> None:
    result = task(uat, ["agent"], state, "AcmeVoise")
    assert (result["error_code"], result["error_class"], uat.org.writes) == ("unknown_center", "config", [])
    assert "Did you mean AcmeVoice" in result["msg"]
    assert "AcmeOpenCti" in result["msg"]


def test_partner_telephony_from_amazon_connect_is_partner_telephony(uat: Bench) -> None:
    result = task(uat, ["agent"], center="AcmeAmazonVoice")
    assert result["contact_center"]["flavour"] == "partner_telephony"
    assert members(uat.org, "partner_telephony_amazon") == names(uat, "agent", "other_center")


@pytest.mark.parametrize("flavour", [None, "partner_telephony"])
@pytest.mark.parametrize("state", ["present", "absent", "exact"])
@pytest.mark.parametrize("kind", ["amazon_connect", "open_cti"])
def test_centers_that_are_not_partner_telephony_are_refused(uat: Bench, kind: str, state: str, flavour: str | None) -> None:
    center = uat.org.get("CallCenter", uat.info["center_ids"][kind]) or {}
    uat.org.set("CallCenter", center["Id"], CustomSettings='{"reqCallCenterType": "SomethingElse"}')
    result = task(uat, ["agent"], state, center["InternalName"], flavour=flavour)
    assert (result["error_code"], result["error_class"], uat.org.writes) == ("wrong_flavour", "config", [])
    assert "SomethingElse" in result["msg"]
    assert center["InternalName"] in result["msg"]


SEEDED = {"amazon_connect": "unknown_flavour", "open_cti": "wrong_flavour"}


@pytest.mark.parametrize("kind", SEEDED)
@pytest.mark.parametrize("state", ["present", "absent", "exact"])
def test_centers_of_other_kinds_are_refused_as_far_as_their_definitions_tell(uat: Bench, kind: str, state: str) -> None:
    join(uat.org, "agent", center=kind)
    result = task(uat, ["contact_admin"], state, uat.info["centers"][kind])
    assert (result["error_code"], result["error_class"], uat.org.writes) == (SEEDED[kind], "config", [])
    assert uat.info["centers"][kind] in result["msg"]
    assert "definition" in result["msg"]
    assert ("flavour: partner_telephony" in result["msg"]) == (SEEDED[kind] == "unknown_flavour")


def undefined(bench: Bench) -> None:
    """The org does not show the running user the definitions of its centers."""
    bench.info["call_center_definitions"].clear()


def untold(bench: Bench, center: str) -> None:
    """Neither the center's row nor its definition says what kind it is."""
    undefined(bench)
    bench.org.set("CallCenter", str(bench.org.find("CallCenter", InternalName=center)[0]["Id"]), AdapterUrl=None)


@pytest.mark.parametrize("shown", ["null", "other"])
def test_where_the_org_does_not_reveal_the_kind_the_task_may_vouch_for_it(make_bench: Callable[..., Bench], shown: str) -> None:
    bench = make_bench(switches={"customsettings": shown})
    undefined(bench)
    refused = task(bench, ["agent"])
    assert (refused["error_code"], bench.org.writes) == ("unknown_flavour", [])
    result = task(bench, ["agent"], flavour="partner_telephony")
    assert result["contact_center"]["flavour"] == "partner_telephony"
    assert "asserted by the task" in result["contact_center"]["told_by"]
    assert members(bench.org) == names(bench, "agent", "member")


@pytest.mark.parametrize("state", ["present", "absent", "exact"])
def test_nobody_can_vouch_for_a_center_whose_definition_tells_another_kind(uat: Bench, state: str) -> None:
    result = task(uat, ["agent"], state, center="AcmeOpenCti", flavour="partner_telephony")
    assert (result["error_code"], uat.org.writes) == ("wrong_flavour", [])


@pytest.mark.parametrize("shown", ["null", "other"])
def test_a_definition_tells_the_kind_that_the_row_does_not(make_bench: Callable[..., Bench], shown: str) -> None:
    bench = make_bench(switches={"customsettings": shown})
    result = task(bench, ["agent"])
    assert "definition" in result["contact_center"]["told_by"]
    assert result["contact_center"]["vendor"] == "acmevoice__AcmeVendor"
    assert members(bench.org) == names(bench, "agent", "member")


def test_settings_that_are_no_json_reveal_nothing(uat: Bench) -> None:
    undefined(uat)
    uat.org.set("CallCenter", uat.info["center_ids"]["partner_telephony"], CustomSettings="<settings/>")
    assert task(uat, ["agent"])["error_code"] == "unknown_flavour"


# -- guards and batches ---------------------------------------------------------------------------------------------------------------


def test_exact_removes_nobody_where_that_would_be_more_than_allowed(uat: Bench) -> None:
    join(uat.org, "inactive", "without_set")
    result = task(uat, ["agent"], "exact", max_removals=2)
    assert (result["error_code"], uat.org.writes) == ("too_many_removals", [])
    assert [name for name in names(uat, "inactive", "without_set", "member") if name not in result["msg"]] == []
    assert task(uat, ["agent"], "exact", max_removals=3).get("msg") is None


def test_an_empty_list_means_nobody_only_where_that_is_said(uat: Bench) -> None:
    assert task(uat, [], "exact")["error_code"] == "empty_exact"
    assert members(uat.org) == names(uat, "member")
    assert task(uat, [], "exact", allow_empty=True).get("msg") is None
    assert members(uat.org) == set()


@pytest.mark.parametrize("size", [0, -1, 201])
def test_a_batch_holds_one_to_two_hundred_users(uat: Bench, size: int) -> None:
    result = task(uat, ["agent"], batch_size=size)
    assert (result["error_code"], uat.calls()) == ("batch_size", 0)
    assert str(size) in result["msg"]


@pytest.mark.parametrize(("size", "batches"), [(1, [1] * 7), (3, [3, 3, 1]), (200, [7])])
def test_users_are_written_in_batches_of_the_size_that_is_asked(make_bench: Callable[..., Bench], size: int, batches: list[int]) -> None:
    bench = make_bench(agents=7)
    task(bench, bench.info["agents"], batch_size=size)
    sent = [len(sub["body"]["records"]) for entry in bench.entries() if entry.kind == "write" for sub in entry.body["compositeRequest"]]
    assert sent == batches
    assert members(bench.org) == {*bench.info["agents"], bench.info["users"]["member"]}


def test_a_user_whom_the_org_refuses_does_not_stop_the_others_of_the_batch(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(agents=5)
    refused = bench.info["agents"][2]
    bench.served.faults.add(Fault(Refuse("User", {"Username": refused}, message="a trigger said no")))
    result = task(bench, bench.info["agents"], batch_size=2)
    assert (result["failed"], result["changed"]) == (True, True)
    assert [(error["record"], error["message"]) for error in result["errors"]] == [(f"{CENTER}/{refused}", "a trigger said no")]
    assert members(bench.org) == {*bench.info["agents"], bench.info["users"]["member"]} - {refused}
    assert [change["key"] for change in task(bench, bench.info["agents"])["changes"]] == [f"{CENTER}/{refused}"]


# -- orgs without Partner Telephony ---------------------------------------------------------------------------------------------------


def test_an_org_without_partner_telephony_has_nobody_who_may_join(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(features=frozenset())
    assert "PermissionsIsContactCenterAgentBYOT" not in bench.org.schema.sobjects["PermissionSet"].fields
    untold(bench, "AcmeOpenCti")
    result = task(bench, ["agent"], center="AcmeOpenCti", flavour="partner_telephony")
    assert (result["error_code"], bench.org.writes) == ("ineligible_user", [])
    assert "has neither Contact Center Agent nor Admin" in result["msg"]


def test_an_org_without_partner_telephony_still_lists_its_centers(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(features=frozenset())
    result = task(bench, ["agent"])
    assert result["error_code"] == "unknown_center"
    assert "AcmeOpenCti" in result["msg"]


def test_in_an_org_without_user_access_policies_membership_is_the_same(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(name="acme-dev", features=frozenset({"partner_telephony"}))
    result = task(bench, ["agent", "expired"], on_ineligible="skip")
    assert changed_users(result, "create") == names(bench, "agent")
    assert [item["user"] for item in result["left_out"]] == [bench.info["users"]["expired"]]


def test_users_of_a_sandbox_are_found_by_every_form_of_their_names(uat: Bench) -> None:
    uat.org.set("User", uat.info["user_ids"]["agent"], Username="00x7Vqagent@acme.example.uat")
    options = {"contact_center": "AcmeVoice", "users": ["agent@acme.example", {"employee_number": "E1002"}], "sandbox_name": "uat"}
    before = members(uat.org)
    result = uat.task("contact_center_member", **options)
    assert result.get("msg") is None
    assert members(uat.org) - before == {"00x7Vqagent@acme.example.uat", uat.info["users"]["contact_admin"]}
    unchanged(uat.task("contact_center_member", **options))
    assert uat.task("contact_center_member", **options, state="absent")["changed"]
    assert members(uat.org) == before


@pytest.mark.parametrize("lookup", ["warn", "ignore"])
@pytest.mark.parametrize("state", ["present", "absent", "exact"])
def test_users_whom_the_org_does_not_have_are_left_out_where_told(uat: Bench, state: str, lookup: str) -> None:
    result = task(uat, ["member", "agent", "nobody@acme.example.uat"], state, lookup_failure_action=lookup)
    assert result.get("msg") is None
    assert [item["user"] for item in result["left_out"]] == ["nobody@acme.example.uat"]
    assert len(result["warnings"]) == (lookup == "warn")
    assert members(uat.org) == (set() if state == "absent" else names(uat, "agent", "member"))


@pytest.mark.parametrize("state", ["present", "absent", "exact"])
def test_a_user_whom_the_org_does_not_have_stops_the_task(uat: Bench, state: str) -> None:
    result = task(uat, ["agent", "nobody@acme.example.uat"], state)
    assert (result["error_code"], uat.org.writes) == ("unknown_user", [])
    assert "nobody@acme.example.uat" in result["msg"]


def test_one_user_in_two_forms_is_refused_also_where_members_are_read_first(uat: Bench) -> None:
    given = [uat.info["users"]["member"], {"email": "member@acme.example"}]
    for state in ("present", "exact"):
        result = uat.task("contact_center_member", contact_center=CENTER, users=given, state=state)
        assert (result["error_code"], uat.org.writes) == ("user_twice", [])


def test_a_member_named_by_another_key_is_not_removed_by_exact(uat: Bench) -> None:
    given = [{"email": "member@acme.example"}, {"employee_number": "E1002"}]
    result = uat.task("contact_center_member", contact_center=CENTER, users=given, state="exact")
    assert changed_users(result, "create") == names(uat, "contact_admin")
    assert changed_users(result, "delete") == set()
    assert members(uat.org) == names(uat, "member", "contact_admin")


@pytest.mark.parametrize(("most", "stops"), [("49%", True), ("50%", False)])
def test_the_cap_may_be_a_share_of_the_members(uat: Bench, most: str, stops: bool) -> None:
    join(uat.org, "inactive")
    result = task(uat, ["member"], "exact", max_removals=most)
    assert result.get("error_code") == ("too_many_removals" if stops else None)
    assert members(uat.org) == names(uat, "member", *(["inactive"] if stops else []))


def test_people_are_told_as_the_provider_needs_to_know_them(uat: Bench) -> None:
    result = task(uat, ["agent", "member"], check=True)
    assert result["joining"] == [
        {
            "username": uat.info["users"]["agent"],
            "first_name": uat.org.find("User", Username=uat.info["users"]["agent"])[0]["FirstName"] or "",
            "last_name": uat.org.find("User", Username=uat.info["users"]["agent"])[0]["LastName"],
            "email": "agent@acme.example.invalid",
            "federation_id": "acme-agent",
            "employee_number": "E1001",
            "from": "",
        }
    ]
    assert (result["leaving"], result["unchanged"], result["method"], result["batch_size"]) == ([], 1, "user_field", 100)
    left = task(uat, ["member"], "absent")
    assert [(item["username"], "from" in item) for item in left["leaving"]] == [(uat.info["users"]["member"], False)]
    assert (left["joining"], left["unchanged"]) == ([], 0)


def test_after_a_partial_failure_only_those_who_joined_or_left_are_told(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(agents=3)
    join(bench.org, "via_group")
    for name in (bench.info["agents"][1], bench.info["users"]["member"]):
        bench.served.faults.add(Fault(Refuse("User", {"Username": name}), times=None))
    result = task(bench, bench.info["agents"], "exact")
    assert result["failed"]
    assert [item["username"] for item in result["joining"]] == [bench.info["agents"][0], bench.info["agents"][2]]
    assert [item["username"] for item in result["leaving"]] == [bench.info["users"]["via_group"]]


def test_a_large_batch_that_a_trigger_refuses_is_halved_and_the_rest_goes_on(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(agents=40)
    bench.served.faults.add(Fault(ApexLimit("User", over=15), times=None))
    bad = bench.info["agents"][7]
    bench.served.faults.add(Fault(Refuse("User", {"Username": bad}), times=None))
    result = task(bench, bench.info["agents"], batch_size=40)
    assert [error["record"] for error in result["errors"]] == [f"{CENTER}/{bad}"]
    assert members(bench.org) == {*bench.info["agents"], bench.info["users"]["member"]} - {bad}


@pytest.mark.parametrize("state", ["present", "absent"])
def test_what_takes_effect_late_is_waited_for(make_bench: Callable[..., Bench], state: str) -> None:
    bench = make_bench(switches={"callcenter_patch": "late"})
    result = task(bench, ["agent"] if state == "present" else ["member"], state)
    assert (result.get("msg"), len(result["changes"])) == (None, 1)
    assert bench.clock.slept
    unchanged(task(bench, ["agent"] if state == "present" else ["member"], state))


def test_what_never_takes_effect_is_an_error_after_the_time_that_is_given(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(switches={"callcenter_patch": "ignored"})
    result = task(bench, ["agent"], wait_timeout=40)
    assert [(error["record"], error["code"]) for error in result["errors"]] == [
        (f"{CENTER}/{bench.info['users']['agent']}", "NOT_AS_PLANNED")
    ]
    assert (result["changed"], result["joining"], sum(bench.clock.slept)) == (False, [], 40)


def test_a_time_below_zero_is_refused(uat: Bench) -> None:
    assert (task(uat, ["agent"], wait_timeout=-1)["error_code"], uat.calls()) == ("wait_timeout", 0)


def test_a_user_whom_only_a_second_look_finds_is_judged_like_the_others_by_exact(uat: Bench) -> None:
    for role, code in (("agent", None), ("without_set", "ineligible_user")):
        uat.org.set("User", uat.info["user_ids"][role], Username=f"00x7Vq{role.replace('_', '.')}@acme.example.uat")
        options = {"contact_center": CENTER, "users": ["member@acme.example", f"{role.replace('_', '.')}@acme.example"], "state": "exact"}
        result = uat.task("contact_center_member", **options, sandbox_name="uat", max_removals=1)
        assert result.get("error_code") == code
        assert members(uat.org) == {"00x7Vqagent@acme.example.uat", uat.info["users"]["member"]}


def test_a_member_who_would_have_left_is_judged_anew_by_exact(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench()
    chain = [
        {"users": [bench.info["users"]["member"]], "state": "absent"},
        {"users": [bench.info["users"]["agent"], bench.info["users"]["member"]], "state": "exact"},
    ]
    foretold = [bench.task("contact_center_member", contact_center=CENTER, check=True, **options) for options in chain]
    bench.new_run()
    done = [bench.task("contact_center_member", contact_center=CENTER, **options) for options in chain]
    assert [one.get("msg") for one in done] == [None, None]
    assert [one["changes"] for one in foretold] == [one["changes"] for one in done]
    assert [one["joining"] for one in foretold] == [one["joining"] for one in done]


def test_the_licence_that_is_not_recommended_for_agents_is_warned_of(uat: Bench) -> None:
    (profile,) = uat.org.find("Profile", Name="Standard Platform User")
    uat.org.set("User", uat.info["user_ids"]["member"], ProfileId=profile["Id"])
    options = {"contact_center": "AcmeVoice", "users": [uat.info["users"]["member"], uat.info["users"]["agent"]], "check": True}
    (warning,) = uat.task("contact_center_member", **options)["warnings"]
    assert "member@acme.example.uat: " in warning
    assert "Salesforce Platform" in warning
    assert "agent@" not in warning
    assert uat.task("contact_center_member", **options, state="absent")["warnings"] == []
