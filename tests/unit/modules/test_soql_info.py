# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""soql_info: a query of the user's own against the org, read only."""

from __future__ import annotations

from typing import Any

import pytest

from harness.direct import Bench

AGENT = "agent@acme.example.uat"


def ask(bench: Bench, query: str, **options: Any) -> dict[str, Any]:
    result = bench.task("soql_info", query=query, **options)
    assert result.get("msg") is None
    return result


@pytest.mark.parametrize("check", [False, True], ids=["run", "check mode"])
def test_records_are_plain_with_related_ones_inside_and_nothing_is_written(uat: Bench, check: bool) -> None:
    result = ask(
        uat, "SELECT Username, IsActive, Profile.Name, Manager.Name FROM User WHERE Username = :user", bind={"user": AGENT}, check=check
    )
    assert result["records"] == [{"Username": AGENT, "IsActive": True, "Profile": {"Name": "Standard User"}, "Manager": None}]
    assert (result["total"], result["truncated"], result["warnings"], result["changed"]) == (1, False, [], False)
    assert uat.org.writes == []
    assert [entry.kind for entry in uat.entries()] == ["login", "read"]


def test_child_records_are_a_list_and_null_where_there_are_none(uat: Bench) -> None:
    query = "SELECT Username, (SELECT PermissionSet.Name FROM PermissionSetAssignments WHERE PermissionSet.Name = :set) FROM User WHERE Username IN :users"
    holder, other = uat.info["users"]["member"], uat.info["users"]["without_set"]
    uat.org.put(
        "PermissionSetAssignment",
        AssigneeId=uat.info["user_ids"]["member"],
        PermissionSetId=uat.info["set_ids"]["vonage_agent"],
        IsActive=True,
    )
    result = ask(uat, f"{query} ORDER BY Username", bind={"set": "ContactWorld_Agent", "users": [holder, other]})
    assert {item["Username"]: item["PermissionSetAssignments"] for item in result["records"]} == {
        holder: [{"PermissionSet": {"Name": "ContactWorld_Agent"}}],
        other: None,
    }


def test_counting_brings_a_number_and_grouping_brings_records(uat: Bench) -> None:
    users = uat.org.find("User")
    assert ask(uat, "SELECT COUNT() FROM User")["total"] == len(users)
    assert ask(uat, "SELECT COUNT() FROM User")["records"] == []
    grouped = ask(uat, "SELECT IsActive active, COUNT(Id) FROM User GROUP BY IsActive")["records"]
    assert {item["active"]: item["expr0"] for item in grouped} == {
        on: len([row for row in users if row["IsActive"] is on]) for on in {row["IsActive"] for row in users}
    }


def test_the_tooling_api_is_asked_where_it_is_meant(uat: Bench) -> None:
    query = "SELECT Name FROM TabDefinition ORDER BY Name LIMIT 1"
    assert ask(uat, query, tooling=True)["total"] == 1
    assert "/tooling/composite" in [entry.path for entry in uat.entries()][-1]
    assert uat.task("soql_info", query=query.replace("TabDefinition", "Nonsense"), tooling=True)["error_code"] == "INVALID_TYPE"


def test_pages_are_followed_until_enough_is_there(uat: Bench) -> None:
    users = len(uat.org.find("User"))
    uat.org.settings.page_size = 5
    ask(uat, "SELECT Id FROM User")
    everything = ask(uat, "SELECT Id FROM User ORDER BY Username")
    assert (len(everything["records"]), everything["total"], everything["truncated"]) == (users, users, False)
    assert uat.calls() == -(-users // 5)

    some = ask(uat, "SELECT Id FROM User ORDER BY Username", max_records=7)
    assert some["records"] == everything["records"][:7]
    assert (some["total"], some["truncated"], uat.calls()) == (users, True, 2)
    assert f"7 of {users} records" in some["warnings"][0]


@pytest.mark.parametrize(("most", "truncated"), [(4, True), (5, True), (10, False)])
def test_a_whole_page_more_is_not_forgotten(uat: Bench, most: int, truncated: bool) -> None:
    uat.org.settings.page_size = 5
    result = ask(uat, "SELECT Id FROM User ORDER BY Username LIMIT 10", max_records=most)
    assert (len(result["records"]), result["total"], result["truncated"]) == (most, 10, truncated)


def test_a_long_query_is_asked_whole(uat: Bench) -> None:
    names = [f"nobody{number}@acme.example" for number in range(2000)]
    result = ask(uat, "SELECT Username FROM User WHERE Username IN :names", bind={"names": [*names, AGENT]})
    assert result["records"] == [{"Username": AGENT}]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT Id FROM User FOR VIEW", "not_read_only"),
        ("UPDATE User SET Alias = 'x'", "no_select"),
        ("SELECT Id FROM User WHERE Id = :id", "bind"),
    ],
)
def test_what_is_refused_here_never_reaches_the_org(uat: Bench, query: str, code: str) -> None:
    result = uat.task("soql_info", query=query)
    assert (result["failed"], result["error_code"], result["error_class"]) == (True, code, "config")
    assert uat.entries() == ()


def test_a_query_that_the_org_refuses_is_named_with_its_words(uat: Bench) -> None:
    result = uat.task("soql_info", query="SELECT Nonsense\nFROM User")
    assert (result["error_code"], result["http_status"], result["step"]) == ("INVALID_FIELD", 400, "reading")
    assert "asking SELECT Nonsense FROM User" in result["msg"]
    assert result["org"]["name"] == uat.org.name or result["org"]["name"] == "Acme"


def test_another_problem_keeps_its_own_words(uat: Bench) -> None:
    result = uat.task("soql_info", query="SELECT Id FROM User", expected_org_id="00D000000000009")
    assert result["error_code"] == "wrong_org"
    assert "asking SELECT" not in result["msg"]
