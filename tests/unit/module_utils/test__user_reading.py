# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finding users on the emulator: who is found in how many calls, and what a sandbox is called."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.voiceops.salesforce.plugins.module_utils import _user_reading, _users
from ansible_collections.voiceops.salesforce.plugins.module_utils._connection import connection
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._org import Answers, Org, Run
from ansible_collections.voiceops.salesforce.plugins.module_utils._plan import Create, Update
from emulator import seed
from harness.direct import Bench

TRIED = "trying"
FIELDS = "Id, Username, IsActive, UserType, Profile.UserLicenseId, Profile.UserLicense.Name"
FULL_NAME = {
    "username": "new@acme.example.uat",
    "profile": "Standard User",
    "last_name": "New",
    "federation_id": "f-new",
    "SupportUser": True,
}


def org_of(bench: Bench, *, check: bool = False, **options: Any) -> Org:
    """The org as the modules meet it, logged in."""
    org = Org(connection(bench.connection() | options), Run(check, bench.folder, {}, bench.folder, bench.folder))
    org.log_in()
    bench.mark = bench.served.journal.last_seq
    return org


def found(org: Org, *given: Any) -> dict[str, Any]:
    users = _users.wanted(given, TRIED)
    answers = org.read(_user_reading.reads(org, users, FIELDS))
    return dict(_user_reading.found(org, users, answers, FIELDS, TRIED))


def test_users_are_found_in_one_call_in_the_order_of_the_wish(uat: Bench) -> None:
    org = org_of(uat, sandbox_name="uat")
    given = [
        {"employee_number": "E1003"},
        "agent@acme.example",
        "kim@acme.example.uat",
        uat.info["user_ids"]["joakim"],
        {"email": "limited@acme.example"},
    ]
    rows = found(org, *given)
    assert list(rows) == [uat.info["users"][role] for role in ("supervisor", "agent", "kim", "joakim", "limited")]
    assert [row["Id"] for row in rows.values()] == [
        uat.info["user_ids"][role] for role in ("supervisor", "agent", "kim", "joakim", "limited")
    ]
    assert uat.calls() == 1


def test_who_is_not_found_at_once_costs_one_call_more_and_is_told_late(uat: Bench) -> None:
    org = org_of(uat, sandbox_name="uat")
    users = _users.wanted(["agent@acme.example", "prepended@acme.example"], TRIED)
    answers = org.read(_user_reading.reads(org, users, FIELDS))
    rows = _user_reading.found(org, users, answers, FIELDS, TRIED)
    assert list(rows) == ["agent@acme.example.uat", "00x7Vqprepended@acme.example.uat"]
    assert _user_reading.late(rows, answers) == ["00x7Vqprepended@acme.example.uat"]
    assert uat.calls() == 2


@pytest.mark.parametrize("options", [{}, {"sandbox_name": "dev"}], ids=["no name", "another name"])
def test_in_a_sandbox_of_no_known_name_users_are_called_as_it_has_them(uat: Bench, options: dict[str, str]) -> None:
    org = org_of(uat, **options)
    assert list(found(org, "agent@acme.example.uat"))
    with pytest.raises(Problem) as told:
        found(org, "agent@acme.example")
    assert told.value.code == "unknown_user"
    assert "agent@acme.example.uat" in told.value.said
    assert ("salesforce_sandbox_name" in told.value.remedy) == (not options)


def test_production_has_no_sandbox_name_whatever_its_host_says(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(seed.vonage("acme-production"))
    bench.org.put("User", **{**bench.org.find("User")[3], "Id": None, "Username": "solo@acme.example.uat"})
    org = org_of(bench, sandbox_name="uat")
    with pytest.raises(Problem) as told:
        found(org, "solo@acme.example")
    assert told.value.code == "unknown_user"
    assert org.sandbox_name == ""
    assert list(found(org, "solo@acme.example.uat")) == ["solo@acme.example.uat"]


def test_the_unknown_are_told_with_the_nearest(uat: Bench) -> None:
    with pytest.raises(Problem) as told:
        found(org_of(uat, sandbox_name="uat"), "agent@acme.example", "supervisr@acme.example", {"federation_id": "nobody"})
    assert told.value.code == "unknown_user"
    assert "supervisr@acme.example, federation_id nobody" in told.value.said
    assert "supervisor@acme.example.uat" in told.value.said
    assert "agent@acme.example," not in told.value.said


def test_one_person_named_in_two_ways_is_listed_twice(uat: Bench) -> None:
    with pytest.raises(Problem) as told:
        found(org_of(uat), "agent@acme.example.uat", {"federation_id": "acme-agent"})
    assert told.value.code == "user_twice"


def test_nobody_costs_nothing(uat: Bench) -> None:
    assert _user_reading.reads(org_of(uat), (), FIELDS) == []
    assert found(org_of(uat)) == {}


# -- what check mode foresees ----------------------------------------------------------------------------------------------------------


def test_check_mode_finds_users_that_the_run_would_make(uat: Bench) -> None:
    org = org_of(uat, check=True, sandbox_name="uat")
    org.read([])
    org.read(_user_reading.reads(org, _users.by_username(["agent@acme.example"]), FIELDS))
    org.foresee([Create("user", "new@acme.example.uat", FULL_NAME)])
    for given in ("new@acme.example", {"federation_id": "f-new"}):
        username, row = next(iter(found(org, given).items()))
        assert (username, row["Id"], row["IsActive"], row["UserType"]) == ("new@acme.example.uat", None, True, "Standard")
        assert (row["Profile"]["Name"], row["Profile"]["UserLicense"]["Name"]) == ("Standard User", "Salesforce")
        assert row["UserPermissionsSupportUser"] is True
        assert _user_reading.late({username: row}, org.read([])) == []
    assert found(org_of(uat, check=True), "agent@acme.example.uat")["agent@acme.example.uat"]["Id"]


def test_outside_check_mode_nothing_is_foreseen(uat: Bench) -> None:
    org = org_of(uat, check=True)
    org.read(_user_reading.reads(org, _users.by_username(["agent@acme.example.uat"]), FIELDS))
    org.foresee([Create("user", "new@acme.example.uat", FULL_NAME)])
    with pytest.raises(Problem):
        found(org_of(uat), "new@acme.example.uat")


def test_check_mode_finds_users_as_the_run_would_leave_them(uat: Bench) -> None:
    org = org_of(uat, check=True)
    inactive = uat.info["users"]["inactive"]
    org.read(_user_reading.reads(org, _users.by_username([inactive]), FIELDS))
    after = {"active": True, "profile": "Standard Platform User", "username": "back@acme.example.uat"}
    org.foresee([Update("user", inactive, uat.info["user_ids"]["inactive"], {}, after)])
    for given in ("back@acme.example.uat", uat.info["user_ids"]["inactive"]):
        username, row = next(iter(found(org, given).items()))
        assert (username, row["Id"], row["IsActive"]) == ("back@acme.example.uat", uat.info["user_ids"]["inactive"], True)
        assert row["Profile"]["UserLicense"]["Name"] == "Salesforce Platform"
    with pytest.raises(Problem):
        found(org, inactive)


# -- what the sandbox is called --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("domain", "name"), [("acme--uat", "uat"), ("acme-uat", "")])
def test_a_sandbox_is_called_as_its_my_domain_says(uat: Bench, domain: str, name: str) -> None:
    uat.org.seed_info["my_domain"] = domain
    org = org_of(uat, login_url=uat.served.my_domain, proxy=uat.fleet.proxy().url)
    assert org.sandbox_name == name
    org.read([])
    assert org.sandbox_name == name
    # The host's own word wins.
    assert org_of(uat, sandbox_name="dev").sandbox_name == "dev"


def test_what_a_sandbox_is_called_is_known_without_a_read(uat: Bench) -> None:
    uat.org.seed_info["my_domain"] = "acme--uat"
    org = Org(
        connection(uat.connection() | {"login_url": uat.served.my_domain, "proxy": uat.fleet.proxy().url}), Run(False, uat.folder, {})
    )
    assert org.sandbox_name == "uat"
    assert [entry.kind for entry in uat.served.journal.since(0)] == ["login"]


# -- users from rows that are there already, and users who are not there ---------------------------------------------------------------


def test_from_rows_alone_only_ids_and_exact_usernames_are_certain(uat: Bench) -> None:
    org = org_of(uat, sandbox_name="uat")
    rows = list(found(org, *(uat.info["users"][role] for role in ("agent", "kim", "supervisor"))).values())
    uat.mark = uat.served.journal.last_seq
    exact, by_id, short = uat.info["users"]["kim"].upper(), uat.info["user_ids"]["agent"], uat.info["user_ids"]["supervisor"][:15]
    others = [
        "agent@acme.example",
        {"federation_id": "acme-agent"},
        "nobody@acme.example",
        {"id": "005000000999999", "username": "agent@acme.example.uat"},
    ]
    users = _users.wanted([exact, by_id, short, *others], TRIED)
    meant, rest = _user_reading.among(org, users, rows, FIELDS)
    assert [row["Username"] for row in meant.values()] == ["kim@acme.example.uat", "agent@acme.example.uat", "supervisor@acme.example.uat"]
    assert list(meant) == list(users[:3])
    assert rest == list(users[3:])
    assert uat.calls() == 0


def test_names_of_production_are_certain_where_nobody_has_just_that_one(uat: Bench) -> None:
    org = org_of(uat, sandbox_name="uat")
    kim = uat.org.get("User", uat.info["user_ids"]["kim"]) or {}
    uat.org.put("User", **{**{column: value for column, value in kim.items() if column != "Id"}, "Username": "kim@acme.example"})
    rows = list(found(org, "kim@acme.example.uat", "agent@acme.example.uat").values())
    users = _users.wanted(["Agent@acme.example", "kim@acme.example", "supervisor@acme.example", {"federation_id": "acme-agent"}], TRIED)
    answers = org.read(_user_reading.own_names(org, users))
    meant, rest = _user_reading.among(org, users, rows, FIELDS, answers)
    assert ([row["Username"] for row in meant.values()], rest) == (["agent@acme.example.uat"], list(users[1:]))
    # Where not all of them are known, nobody is certain.
    answers.unfinished.add("own_names")
    assert _user_reading.among(org, users, rows, FIELDS, answers) == ({}, list(users))


def test_own_names_are_asked_for_only_where_somebody_is_called_as_in_production(uat: Bench) -> None:
    org = org_of(uat, sandbox_name="uat")
    assert _user_reading.own_names(org, _users.wanted(["kim@acme.example.uat", uat.info["user_ids"]["agent"]], TRIED)) == []
    assert len(_user_reading.own_names(org, _users.wanted(["kim@acme.example.uat", "agent@acme.example"], TRIED))) == 1


def test_a_name_of_production_that_a_check_mode_run_would_give_is_asked_for(uat: Bench) -> None:
    org = org_of(uat, check=True, sandbox_name="uat")
    rows = list(found(org, "agent@acme.example.uat").values())
    org.foresee([Update("user", "kim@acme.example.uat", "005", {"username": "kim@acme.example.uat"}, {"username": "agent@acme.example"})])
    users = _users.wanted(["agent@acme.example"], TRIED)
    assert _user_reading.among(org, users, rows, FIELDS, org.read(_user_reading.own_names(org, users))) == ({}, list(users))


def test_who_is_known_is_not_asked_for_and_all_come_in_the_order_of_the_wish(uat: Bench) -> None:
    org = org_of(uat, sandbox_name="uat")
    rows = list(found(org, "kim@acme.example.uat").values())
    uat.mark = uat.served.journal.last_seq
    users = _users.wanted(["agent@acme.example", "kim@acme.example.uat", "nobody@acme.example"], TRIED)
    known, rest = _user_reading.among(org, users, rows, FIELDS)
    answers = org.read(_user_reading.reads(org, rest, FIELDS))
    assert [row["Username"] for row in answers.all("users")] == ["agent@acme.example.uat"]
    told = _user_reading.sought(org, users, answers, FIELDS, TRIED, "ignore", known=known)
    assert list(told.rows) == ["agent@acme.example.uat", "kim@acme.example.uat"]
    assert [item.user for item in told.left_out] == ["nobody@acme.example"]
    again = _users.wanted([uat.info["user_ids"]["kim"], "kim@acme.example"], TRIED)
    known, rest = _user_reading.among(org, again, rows, FIELDS)
    with pytest.raises(Problem) as refused:
        _user_reading.sought(org, again, org.read(_user_reading.reads(org, rest, FIELDS)), FIELDS, TRIED, "ignore", known=known)
    assert refused.value.code == "user_twice"


def test_rows_that_are_there_are_taken_as_earlier_tasks_would_leave_them(uat: Bench) -> None:
    org = org_of(uat, check=True, sandbox_name="uat")
    rows = list(found(org, "kim@acme.example.uat", "agent@acme.example.uat").values())
    before, after = {"username": "kim@acme.example.uat"}, {"username": "kai@acme.example.uat", "profile": "Standard Platform User"}
    org.foresee([Update("user", "kim@acme.example.uat", "005", before, after)])
    users = _users.wanted(["kai@acme.example.uat", "kim@acme.example.uat", "agent@acme.example.uat"], TRIED)
    meant, rest = _user_reading.among(org, users, rows, FIELDS)
    assert [(row["Username"], row["Profile"]["Name"] if user == users[0] else "") for user, row in meant.items()] == [
        ("kai@acme.example.uat", "Standard Platform User"),
        ("agent@acme.example.uat", ""),
    ]
    assert rest == [users[1]]


@pytest.mark.parametrize(("lookup", "left_out"), [("warn", 1), ("ignore", 1), ("fail", None)])
def test_who_is_not_there_is_left_out_where_the_task_says_so(uat: Bench, lookup: str, left_out: int | None) -> None:
    org = org_of(uat, sandbox_name="uat")
    users = _users.wanted(["agent@acme.example", "kin@acme.example"], TRIED)
    answers = org.read(_user_reading.reads(org, users, FIELDS))
    if left_out is None:
        with pytest.raises(Problem) as refused:
            _user_reading.sought(org, users, answers, FIELDS, TRIED, lookup)
        assert refused.value.code == "unknown_user"
        return
    told = _user_reading.sought(org, users, answers, FIELDS, TRIED, lookup)
    assert (list(told.rows), len(told.left_out)) == (["agent@acme.example.uat"], left_out)
    assert told.left_out[0].reason.startswith("is not in this org (nearest: kim@acme.example.uat, ")


@pytest.mark.parametrize("lookup", ["fail", "warn", "ignore"])
def test_who_several_fit_is_refused_in_any_case(uat: Bench, lookup: str) -> None:
    org = org_of(uat, sandbox_name="uat")
    users = _users.wanted(["nobody@acme.example", {"employee_number": "E2000"}], TRIED)
    answers = org.read(_user_reading.reads(org, users, FIELDS))
    with pytest.raises(Problem) as refused:
        _user_reading.sought(org, users, answers, FIELDS, TRIED, lookup)
    assert refused.value.code == "ambiguous_user"


def test_finding_ten_thousand_users_takes_no_time(uat: Bench) -> None:
    org = org_of(uat, sandbox_name="uat")
    names = [f"agent.{number}@acme.example.uat" for number in range(10_000)]
    rows = [{"Id": f"0050000{number:08}", "Username": name, "IsActive": True} for number, name in enumerate(names)]
    users = _users.wanted(names, TRIED)
    began = time.process_time()
    meant, rest = _user_reading.among(org, users, rows, FIELDS)
    assert (len(meant), rest) == (10_000, [])
    answers = Answers({"users0": rows}, {}, {})
    told = _user_reading.sought(org, users, answers, FIELDS, TRIED, "ignore")
    assert len(told.rows) == 10_000
    assert time.process_time() - began < 2
