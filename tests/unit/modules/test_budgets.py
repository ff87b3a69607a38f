# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tasks cost in API calls at pages of 2,000 rows, the login counted; and that a read-back reads no more than was touched."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from emulator import seed
from harness.cases import join
from harness.direct import VONAGE_CLONE, Bench
from harness.look import holders, last_read, members, queries, unchanged


def test_assigning_a_thousand_users_costs_four_calls_and_two_when_nothing_changes(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(agents=1000)
    options = {"permission_set": "ContactWorld_Agent", "users": bench.info["agents"]}

    first = bench.task("permission_set_assignment", **options)
    assert (first.get("msg"), len(first["changes"])) == (None, 1000)
    assert bench.calls() <= 4
    assert holders(bench.org, bench.info["set_ids"]["vonage_agent"]) >= set(bench.info["agents"])

    bench.new_run()
    unchanged(bench.task("permission_set_assignment", **options))
    assert bench.calls() <= 2


def test_adding_two_hundred_members_costs_five_calls_and_two_when_nothing_changes(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(agents=200)
    options = {"contact_center": "AcmeVoice", "users": bench.info["agents"], "batch_size": 200}

    first = bench.task("contact_center_member", **options)
    assert (first.get("msg"), len(first["changes"])) == (None, 200)
    assert bench.calls() <= 5
    assert members(bench.org) >= set(bench.info["agents"])

    bench.new_run()
    unchanged(bench.task("contact_center_member", **options))
    assert bench.calls() <= 2


def test_cloning_the_whole_package_costs_eight_calls_and_three_when_nothing_changes(uat: Bench) -> None:
    first = uat.task("permission_set", **VONAGE_CLONE)
    assert first.get("msg") is None
    assert len(first["changes"]) > 100
    assert uat.calls() <= 8

    uat.new_run()
    unchanged(uat.task("permission_set", **VONAGE_CLONE))
    assert uat.calls() <= 3


def test_set_licence_assignment_and_members_cost_eight_calls_in_an_org_that_is_as_declared(make_bench: Callable[..., Bench]) -> None:
    """What an org of a fleet costs a run that finds nothing to do, its one login counted."""
    bench = make_bench(agents=20)
    api_user = [bench.info["api_user"]]
    declared = (
        (
            "permission_set",
            {"name": "Acme_Plain", "label": "Acme Plain", "user_permissions": ["ApiEnabled", "EditTask", "PasswordNeverExpires"]},
        ),
        ("package_license_assignment", {"package": "NVMContactWorld", "users": api_user}),
        ("permission_set_assignment", {"permission_set": "Acme_Plain", "users": api_user}),
        ("contact_center_member", {"contact_center": "AcmeVoice", "users": bench.info["agents"]}),
    )
    for module, options in declared:
        assert bench.task(module, **options).get("msg") is None

    bench.new_run()
    spent = {"calls": 0, "logins": 0}
    for module, options in declared:
        unchanged(bench.task(module, **options))
        spent["calls"] += bench.calls()
        spent["logins"] += sum(entry.kind == "login" for entry in bench.entries())
    assert spent["calls"] <= 8
    assert spent["logins"] == 1


def test_a_user_costs_three_calls_and_the_login_when_made_and_one_when_nothing_changes(uat: Bench) -> None:
    made = {"user": "new@acme.example", "last_name": "New", "email": "new@acme.example", "profile": "Standard User", "role": "Voice_Agents"}
    assert uat.task("user", **made, sandbox_name="uat").get("msg") is None
    assert [entry.kind for entry in uat.entries()] == ["login", "read", "write", "read"]
    assert uat.calls() == 4
    unchanged(uat.task("user", **made, sandbox_name="uat"))
    assert uat.calls() == 1


def test_asking_who_one_is_costs_one_call_and_the_login(uat: Bench) -> None:
    uat.task("org_info")
    assert [entry.kind for entry in uat.entries()] == ["login", "read"]
    assert uat.calls() == 2


def test_asking_who_changed_what_costs_one_call_and_the_login_whatever_is_looked_for(uat: Bench) -> None:
    result = uat.task("setup_audit_info", subjects=["Acme_Voice_Agent", "Voice Agent", "agent@acme.example", "NVM__Agent"], limit=2000)
    assert result.get("msg") is None
    assert [entry.kind for entry in uat.entries()] == ["login", "read"]
    assert uat.calls() == 2


def test_a_query_of_ones_own_costs_one_call_a_page_and_the_login(uat: Bench) -> None:
    assert uat.task("soql_info", query="SELECT Id FROM User").get("msg") is None
    assert uat.calls() == 2
    assert uat.task("soql_info", query="SELECT Id FROM User").get("msg") is None
    assert uat.calls() == 1


def test_reading_profiles_costs_one_call_and_one_for_each_five(uat: Bench) -> None:
    names = [row["Name"] for row in uat.org.find("Profile")]
    assert len(names) == 5
    result = uat.task("profile_info", profiles=names)
    assert (len(result["profiles"]), uat.calls()) == (5, 3)
    uat.task("profile_info", profiles=names[:1])
    assert uat.calls() == 2


@pytest.mark.parametrize("role", ["vonage_api", "via_group", "supervisor", "automation"])
def test_reading_whether_the_api_user_is_ready_costs_three_calls_whatever_it_holds(make_bench: Callable[..., Bench], role: str) -> None:
    bench = make_bench(features=seed.DEFAULT_FEATURES | {"stats", "user_access_policies"}, agents=300)
    options = {"user": bench.info["users"][role], "namespaces": ["NVMContactWorld", "NVMStatsSF"]}
    result = bench.task("api_user_info", **options)
    assert result.get("msg") is None
    assert (bench.calls(), bench.entries()[0].kind) == (4, "login")


def test_reading_a_contact_center_costs_two_calls_and_one_where_its_vendor_is_open(uat: Bench) -> None:
    """Login, two composites, and the definitions of up to ten centers in one call."""
    options = {"contact_centers": ["AcmeVoice"], "users": [uat.info["users"]["member"]], "state": "exact", "role": "agent"}
    for asked in ({}, options):
        uat.new_run()
        assert uat.task("contact_center_info", **asked).get("msg") is None
        assert ([entry.kind for entry in uat.entries()], uat.calls()) == (["login", "read", "read", "read"], 4)
    for row in uat.org.find("ConversationVendorInfo", DeveloperName="AMAZON_CONNECT"):
        uat.org.remove("ConversationVendorInfo", row["Id"])
    for asked in ({"contact_centers": ["AcmeVoice"]}, options):
        uat.new_run()
        assert uat.task("contact_center_info", **asked).get("msg") is None
        assert ([entry.kind for entry in uat.entries()], uat.calls()) == (["login", "read", "read"], 3)


def test_what_only_the_answers_name_costs_one_call_more(uat: Bench) -> None:
    """An entry of the roster that fits nobody, the seat of a user without the right, the user of a routing map who is in no center."""
    users = [uat.info["users"]["without_set"]]
    uat.task("contact_center_info", contact_centers=["AcmeVoice"], users=users, role="agent", roster=["stranger@acme.example"])
    assert uat.calls() == 5
    # A member gets no set from the role, and so needs no seat.
    join(uat.org, "without_set")
    uat.new_run()
    uat.task("contact_center_info", contact_centers=["AcmeVoice"], users=users, role="agent")
    assert uat.calls() == 4


def test_reading_ten_thousand_members_costs_their_pages_and_no_call_a_member(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(members=10_000)
    started = time.process_time()
    result = bench.task("contact_center_info", contact_centers=["AcmeVoice"], users=bench.info["members"][:5000], state="present")
    assert result.get("msg") is None
    assert len(result["contact_centers"][0]["members"]) == 10_001
    # Pages of 2,000: the members, the service users, the assignments and the routing maps of nearly as many.
    assert bench.calls() <= 30
    assert time.process_time() - started < 60


TASKS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("preflight_info", {"packages": ["NVMContactWorld"], "users": ["agent@acme.example.uat"], "contact_center": "AcmeVoice"}),
    ("contact_center_info", {"contact_centers": ["AcmeVoice"], "users": ["agent@acme.example.uat"], "roster": ["agent@acme.example"]}),
    ("org_info", {}),
    ("permission_set", VONAGE_CLONE),
    ("permission_set", {"name": "Acme_Voice_Agent", "state": "absent", "take_from": ["users"]}),
    ("permission_set_assignment", {"permission_set": "ContactWorld_Agent", "users": ["without.set@acme.example.uat"], "state": "exact"}),
    ("contact_center_member", {"contact_center": "AcmeVoice", "users": ["agent@acme.example.uat"], "state": "exact"}),
    (
        "contact_center_routing_map",
        {"contact_center": "AcmeVoice", "mappings": [{"user": "member@acme.example.uat", "external_id": "agent.1"}], "state": "exact"},
    ),
    ("package_license_assignment", {"package": "NVMContactWorld", "users": ["member@acme.example.uat"], "state": "exact"}),
    (
        "permission_set_license_assignment",
        {"permission_set_license": "ServiceCloudVoiceExternalTelephonyPsl", "users": ["minimum@acme.example.uat"], "state": "exact"},
    ),
    ("user", {"user": "agent@acme.example.uat", "last_name": "Other", "language": "de"}),
)


@pytest.mark.parametrize(("module", "options"), TASKS)
def test_the_result_tells_the_calls_that_the_journal_counts(uat: Bench, module: str, options: Mapping[str, Any]) -> None:
    for _again in range(2):
        result = uat.task(module, **options)
        assert result.get("msg") is None
        assert result["api"]["calls"] == uat.calls()
        assert result["api"]["retries"] == 0
        assert result["api"]["usage"] == {"used": uat.served.journal.usage, "limit": uat.org.settings.api_limit}


def test_the_tasks_of_a_run_share_one_login(uat: Bench) -> None:
    uat.task("org_info")
    for module, options in TASKS:
        uat.task(module, check=True, **options)
        assert [entry.kind for entry in uat.entries() if entry.kind == "login"] == []


@pytest.mark.parametrize(("module", "options"), TASKS[2:])
def test_what_is_read_goes_in_composites_and_nothing_is_read_record_by_record(uat: Bench, module: str, options: Mapping[str, Any]) -> None:
    """What only the Tooling API knows is asked there: the version of a source's package, and what needs what, a level at a time."""
    uat.task(module, **options)
    entries = [entry for entry in uat.entries() if entry.kind != "login"]
    tooling = "/services/data/v66.0/tooling/composite"
    assert {entry.path for entry in entries} - {tooling} == {"/services/data/v66.0/composite"}
    asked = [query.partition(" FROM ")[2].partition(" ")[0] for entry in entries if entry.path == tooling for query in queries(entry)]
    assert set(asked) <= {"Publisher", "PermissionDependency"}
    assert asked.count("Publisher") <= 1
    assert asked.count("PermissionDependency") <= 3
    assert not asked or options is VONAGE_CLONE


def test_assignments_are_read_back_for_the_touched_users_only(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(agents=20)
    touched = bench.info["agents"][3:5]
    bench.task("permission_set_assignment", permission_set="ContactWorld_Agent", users=[*touched, bench.info["users"]["agent"]])
    read_back = last_read(bench.entries())
    assert read_back
    assert all(query.partition(" FROM ")[2].startswith("PermissionSetAssignment ") for query in read_back)
    for query in read_back:
        assert all(name in query for name in touched)
        assert bench.info["users"]["agent"] not in query
        assert query.count("@acme.example") == len(touched)


def test_a_removal_of_state_exact_reads_back_those_who_left_and_not_everybody(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(agents=20)
    kept, leaving = bench.info["users"]["agent"], bench.info["users"]["supervisor"]
    bench.org.put(
        "PermissionSetAssignment",
        AssigneeId=bench.info["user_ids"]["supervisor"],
        PermissionSetId=bench.info["set_ids"]["vonage_agent"],
        IsActive=True,
    )
    bench.task("permission_set_assignment", permission_set="ContactWorld_Agent", users=[kept], state="exact")
    for query in last_read(bench.entries()):
        assert leaving in query
        assert kept not in query


def test_members_are_read_back_for_the_touched_users_only(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(agents=20)
    touched = bench.info["agents"][3:5]
    bench.task("contact_center_member", contact_center="AcmeVoice", users=[*touched, bench.info["users"]["member"]])
    (query,) = last_read(bench.entries())
    assert all(name in query for name in touched)
    assert query.count("@acme.example") == len(touched)


def test_a_changed_set_is_read_back_for_the_touched_rows_only(uat: Bench) -> None:
    uat.task("permission_set", **VONAGE_CLONE)
    more = {
        **VONAGE_CLONE,
        "field_permissions": [*VONAGE_CLONE["field_permissions"], {"field": "Case.Acme_Escalation_Tier__c", "read": True}],
    }
    result = uat.task("permission_set", **more)
    assert [change["key"] for change in result["changes"]] == ["Acme_Vonage_API_User/Case.Acme_Escalation_Tier__c"]
    read_back = last_read(uat.entries())
    (fields,) = [query for query in read_back if " FROM FieldPermissions " in query]
    assert fields.endswith("AND Field IN ('Case.Acme_Escalation_Tier__c')")
    assert not [query for query in read_back if " FROM ObjectPermissions " in query or " FROM SetupEntityAccess " in query]


def test_users_of_state_present_are_asked_for_by_name_and_the_org_s_other_users_are_not_read(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(agents=20)
    bench.task("contact_center_member", contact_center="AcmeVoice", users=bench.info["agents"][:1], check=True)
    for entry in bench.entries():
        for query in queries(entry):
            of_the_org = (" FROM CallCenter", " FROM ConversationVendorInfo", " FROM Organization")
            assert any(words in query for words in of_the_org) or bench.info["agents"][0] in query
