# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Columns that follow from a record's status, and what references to records of several types accept."""

from __future__ import annotations

from typing import Any

import pytest
from unit.emulator.conftest import ADMIN, small_org

from emulator.errors import ApiError, NotEmulated
from emulator.org import Org
from emulator.rules.registry import break_rule
from emulator.rules.statuses import Stage


@pytest.fixture
def org() -> Org:
    return small_org()


@pytest.fixture
def admin(org: Org) -> str:
    return str(org.find("User", Username=ADMIN)[0]["Id"])


def read(org: Org, sobject: str, record_id: str, *names: str) -> tuple[Any, ...]:
    record = org.get(sobject, record_id)
    assert record is not None
    return tuple(record[name] for name in names)


def opportunity(org: Org, admin: str, **values: Any) -> str:
    return org.create(admin, "Opportunity", {"Name": "Big", "StageName": "Prospecting", "CloseDate": "2026-05-31", **values})


@pytest.mark.parametrize(("sobject", "done", "moment"), [("Case", "Closed", "ClosedDate"), ("Task", "Completed", "CompletedDateTime")])
def test_a_status_closes_and_opens_again(org: Org, admin: str, sobject: str, done: str, moment: str) -> None:
    record_id = org.create(admin, sobject, {"Subject": "It rings"})
    assert read(org, sobject, record_id, "IsClosed", moment) == (False, None)
    org.update(admin, sobject, record_id, {"Status": done})
    closed, when = read(org, sobject, record_id, "IsClosed", moment)
    assert closed
    assert when is not None
    org.update(admin, sobject, record_id, {"Subject": "Still"})
    assert read(org, sobject, record_id, "IsClosed", moment) == (True, when)
    org.update(admin, sobject, record_id, {"Status": "In Progress"})
    assert read(org, sobject, record_id, "IsClosed", moment) == (False, None)


def test_the_org_says_which_statuses_close(org: Org, admin: str) -> None:
    org.seed_info["closed_statuses"] = {"Case": frozenset({"Solved"})}
    solved = org.create(admin, "Case", {"Status": "Solved"})
    closed = org.create(admin, "Case", {"Status": "Closed"})
    assert [read(org, "Case", one, "IsClosed") for one in (solved, closed)] == [(True,), (False,)]


def test_a_task_s_priority_says_whether_it_is_high(org: Org, admin: str) -> None:
    task = org.create(admin, "Task", {"Subject": "Call", "Priority": "High"})
    assert read(org, "Task", task, "IsHighPriority") == (True,)
    org.update(admin, "Task", task, {"Priority": "Low"})
    assert read(org, "Task", task, "IsHighPriority") == (False,)


def test_a_stage_sets_what_follows_from_it(org: Org, admin: str) -> None:
    made = opportunity(org, admin, Amount=200)
    columns = ("IsClosed", "IsWon", "Probability", "ForecastCategoryName", "ForecastCategory", "ExpectedRevenue")
    assert read(org, "Opportunity", made, *columns) == (False, False, 10, "Pipeline", "Pipeline", 20)
    org.update(admin, "Opportunity", made, {"StageName": "Closed Won"})
    assert read(org, "Opportunity", made, *columns) == (True, True, 100, "Closed", "Closed", 200)
    org.update(admin, "Opportunity", made, {"StageName": "Closed Lost"})
    assert read(org, "Opportunity", made, *columns) == (True, False, 0, "Omitted", "Omitted", 0)


def test_probability_and_category_may_differ_from_the_stage_s(org: Org, admin: str) -> None:
    made = opportunity(org, admin, Probability=33, ForecastCategoryName="Best Case")
    assert read(org, "Opportunity", made, "Probability", "ForecastCategory", "ExpectedRevenue") == (33, "BestCase", None)
    org.update(admin, "Opportunity", made, {"StageName": "Prospecting", "Amount": 10})
    assert read(org, "Opportunity", made, "Probability", "ExpectedRevenue") == (33, 3.3)
    org.update(admin, "Opportunity", made, {"StageName": "Qualification"})
    assert read(org, "Opportunity", made, "Probability", "ForecastCategory") == (10, "Pipeline")


@pytest.mark.parametrize(
    ("close", "period"), [("2026-01-01", (2026, 1, "2026 1")), ("2026-06-30", (2026, 2, "2026 2")), ("2027-12-31", (2027, 4, "2027 4"))]
)
def test_the_fiscal_period_follows_the_close_date(org: Org, admin: str, close: str, period: tuple[Any, ...]) -> None:
    made = opportunity(org, admin, CloseDate=close)
    assert read(org, "Opportunity", made, "FiscalYear", "FiscalQuarter", "Fiscal") == period


def test_the_org_has_its_own_stages(org: Org, admin: str) -> None:
    org.seed_info["opportunity_stages"] = {"Signed": Stage(100, "Closed", closed=True, won=True)}
    assert read(org, "Opportunity", opportunity(org, admin, StageName="Signed"), "IsWon", "Probability") == (True, 100)
    assert read(org, "Opportunity", opportunity(org, admin, StageName="Closed Won"), "IsWon", "IsClosed") == (False, False)


@pytest.mark.parametrize(
    ("sobject", "column"), [("Case", "IsClosed"), ("Task", "IsClosed"), ("Opportunity", "IsWon"), ("Opportunity", "ExpectedRevenue")]
)
def test_what_follows_cannot_be_set(org: Org, admin: str, sobject: str, column: str) -> None:
    body = {"Name": "x", "StageName": "Prospecting", "CloseDate": "2026-05-31"} if sobject == "Opportunity" else {"Subject": "x"}
    value: Any = 5.0 if column == "ExpectedRevenue" else True
    with pytest.raises(ApiError) as refused:
        org.create(admin, sobject, {**body, column: value})
    assert refused.value.code == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_broken_rules_leave_the_columns_alone(org: Org, admin: str) -> None:
    with break_rule("a_status_says_whether_a_case_is_closed", "a_stage_rules_its_opportunity"):
        case = org.create(admin, "Case", {"Status": "Closed"})
        made = opportunity(org, admin, StageName="Closed Won")
    assert read(org, "Case", case, "IsClosed") == (False,)
    assert read(org, "Opportunity", made, "IsWon", "Probability") == (False, None)


def test_cases_are_numbered(org: Org, admin: str) -> None:
    cases = [org.create(admin, "Case", {"Subject": "It rings"}) for _unused in range(2)]
    assert [read(org, "Case", one, "CaseNumber") for one in cases] == [("00001000",), ("00001001",)]
    org.delete(admin, "Case", cases[1])
    assert read(org, "Case", org.create(admin, "Case", {}), "CaseNumber") == ("00001002",)
    with pytest.raises(ApiError) as refused:
        org.create(admin, "Case", {"CaseNumber": "1"})
    assert refused.value.code == "INVALID_FIELD_FOR_INSERT_UPDATE"


# --- assets ---


@pytest.mark.parametrize("parent", ["AccountId", "ContactId"])
def test_an_asset_belongs_to_somebody(org: Org, admin: str, parent: str) -> None:
    owner = org.create(admin, parent[:-2], {"Name": "Acme"} if parent == "AccountId" else {"LastName": "Doe"})
    with pytest.raises(ApiError) as refused:
        org.create(admin, "Asset", {"Name": "Phone"})
    assert (refused.value.code, refused.value.fields) == ("FIELD_INTEGRITY_EXCEPTION", ("AccountId", "ContactId"))
    asset = org.create(admin, "Asset", {"Name": "Phone", parent: owner})
    with pytest.raises(ApiError):
        org.update(admin, "Asset", asset, {parent: None})
    assert read(org, "Asset", asset, parent) == (owner,)


def test_an_asset_of_its_own_sharing_belongs_to_nobody(org: Org, admin: str) -> None:
    org.seed_info["asset_sharing"] = "own"
    assert read(org, "Asset", org.create(admin, "Asset", {"Name": "Phone"}), "AccountId", "ContactId") == (None, None)


# --- children ---


def family(org: Org, admin: str) -> dict[str, str]:
    """An account with a contact, which has a task; and a child account."""
    account = org.create(admin, "Account", {"Name": "Acme"})
    contact = org.create(admin, "Contact", {"LastName": "Doe", "AccountId": account})
    task = org.create(admin, "Task", {"Subject": "Call", "WhoId": contact})
    child = org.create(admin, "Account", {"Name": "Acme North", "ParentId": account})
    return {"Account": account, "Contact": contact, "Task": task, "child": child}


def test_children_go_with_their_parent_and_their_children_with_them(org: Org, admin: str) -> None:
    made = family(org, admin)
    org.delete(admin, "Account", made["Account"])
    assert [org.get(name, made[name]) for name in ("Account", "Contact", "Task")] == [None, None, None]
    assert org.get("Account", made["child"]) is not None
    assert org.state_of("Contact", made["Contact"]) == "deleted"


def test_children_stay_where_the_rule_is_broken(org: Org, admin: str) -> None:
    made = family(org, admin)
    with break_rule("children_go_with_their_parent"):
        org.delete(admin, "Account", made["Account"])
    assert org.get("Contact", made["Contact"]) is not None


@pytest.mark.parametrize("parent", ["Account", "Contact"])
def test_a_record_with_cases_is_not_deleted(org: Org, admin: str, parent: str) -> None:
    made = family(org, admin)
    case = org.create(admin, "Case", {"Subject": "It rings", "ContactId": made["Contact"]})
    assert read(org, "Case", case, "CaseNumber") == ("00001000",)
    with pytest.raises(ApiError) as refused:
        org.delete(admin, parent, made[parent])
    assert (refused.value.code, refused.value.fields) == ("DELETE_FAILED", ())
    assert refused.value.message.endswith("could not be completed because it is associated with the following cases.: 00001000\n")
    assert org.get(parent, made[parent]) is not None
    assert org.get("Task", made["Task"]) is not None
    org.delete(admin, "Case", case)
    org.delete(admin, parent, made[parent])
    assert org.get("Contact", made["Contact"]) is None


# --- references to several types ---


def test_a_task_is_about_any_of_many_things(org: Org, admin: str) -> None:
    asset = org.create(admin, "Asset", {"Name": "Phone", "AccountId": org.create(admin, "Account", {"Name": "Acme"})})
    lead = org.create(admin, "Lead", {"LastName": "Doe", "Company": "Acme"})
    task = org.create(admin, "Task", {"WhatId": asset, "WhoId": lead})
    assert read(org, "Task", task, "WhatId", "WhoId") == (asset, lead)


@pytest.mark.parametrize("column", ["WhatId", "WhoId", "OwnerId"])
def test_a_record_of_another_type_is_the_wrong_type(org: Org, admin: str, column: str) -> None:
    profile = org.find("Profile")[0]["Id"]
    with pytest.raises(ApiError) as refused:
        org.create(admin, "Task", {column: profile})
    assert (refused.value.code, refused.value.fields) == ("MALFORMED_ID", (column,))


def test_a_target_that_is_not_emulated_is_not_judged(org: Org, admin: str) -> None:
    with pytest.raises(NotEmulated):
        org.create(admin, "Task", {"WhatId": "0WO000000000001"})
