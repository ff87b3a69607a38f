# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""sObject Collections: one result a record, 200 at most, all or none, one kind of Setup object a call."""

from __future__ import annotations

from typing import Any

import pytest

from contract.door import Org, code_of


def record(name: str, **fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": "PermissionSet"}, "Name": name, "Label": name, **fields}


def count(org: Org, *names: str) -> int:
    listed = ", ".join(f"'{name}'" for name in names)
    return len(org.soql(f"SELECT Id FROM PermissionSet WHERE Name IN ({listed})"))


@pytest.mark.evidence("collections-results")
def test_one_result_a_record_in_order_and_a_refused_one_stops_nobody(org: Org) -> None:
    good, bad, last = org.name("good"), org.name("bad"), org.name("last")
    answer = org.post("/composite/sobjects", {"allOrNone": False, "records": [record(good), record(bad, Nothing__c=1), record(last)]})
    assert answer.status_code == 200
    told = answer.json()
    assert [item["success"] for item in told] == [True, False, True]
    assert "id" not in told[1]
    assert told[1]["errors"][0]["statusCode"] == "INVALID_FIELD"
    assert count(org, good, bad, last) == 2


@pytest.mark.evidence("collections-rollback")
def test_all_or_none_keeps_nothing_and_says_so_of_each(org: Org) -> None:
    good, bad = org.name("good"), org.name("bad")
    answer = org.post("/composite/sobjects", {"allOrNone": True, "records": [record(good), record(bad, Nothing__c=1)]})
    told = answer.json()
    assert [item["success"] for item in told] == [False, False]
    assert told[0]["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert count(org, good, bad) == 0


@pytest.mark.evidence("collections-cap")
def test_more_than_200_records_are_refused_whole(org: Org) -> None:
    names = [org.name(f"n{number}") for number in range(201)]
    answer = org.post("/composite/sobjects", {"allOrNone": False, "records": [record(name) for name in names]})
    assert answer.status_code == 400
    assert code_of(answer) == "EXCEEDED_ID_LIMIT"
    assert count(org, *names[:2], names[-1]) == 0


@pytest.mark.evidence("collections-setup-mix")
def test_a_setup_object_and_another_type_do_not_share_a_call(org: Org) -> None:
    name = org.name("mix")
    account = {"attributes": {"type": "Account"}, "Name": name}
    answer = org.post("/composite/sobjects", {"allOrNone": False, "records": [record(name), account]})
    # Whether the whole request is refused or each record is not known: one of the two must not come through.
    accepted = [item["success"] for item in answer.json()] if answer.status_code == 200 else []
    assert accepted != [True, True]
    assert count(org, name) + len(org.soql(f"SELECT Id FROM Account WHERE Name = '{name}'")) < 2


@pytest.mark.evidence("collections-update")
def test_records_are_updated_by_id_each_with_its_result(org: Org) -> None:
    ids = [org.permission_set(), org.permission_set()]
    records = [{"attributes": {"type": "PermissionSet"}, "id": one, "Description": "changed"} for one in ids]
    answer = org.call("PATCH", "/composite/sobjects", json={"allOrNone": False, "records": records})
    assert answer.status_code == 200
    assert [(item["id"], item["success"], item["errors"]) for item in answer.json()] == [(one, True, []) for one in ids]
    found = org.soql(f"SELECT Description FROM PermissionSet WHERE Id IN ('{ids[0]}', '{ids[1]}')")
    assert [row["Description"] for row in found] == ["changed", "changed"]


@pytest.mark.evidence("collections-delete")
def test_records_are_deleted_by_ids_in_the_query_string(org: Org) -> None:
    ids = [org.permission_set(), org.permission_set()]
    answer = org.delete(f"/composite/sobjects?ids={','.join(ids)}&allOrNone=false")
    assert answer.status_code == 200
    assert [(item["id"], item["success"]) for item in answer.json()] == [(one, True) for one in ids]
    assert org.soql(f"SELECT Id FROM PermissionSet WHERE Id IN ('{ids[0]}', '{ids[1]}')") == []
