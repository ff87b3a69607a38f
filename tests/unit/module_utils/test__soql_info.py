# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._plan import Plan
from ansible_collections.voiceops.salesforce.plugins.module_utils._soql_info import Desired, Found, desired, is_cut, plain, plan, report

WISH = Desired(("SELECT Id FROM User",), False, 2000)
OPTIONS: dict[str, Any] = {"query": "SELECT Id FROM User", "bind": None, "tooling": False, "max_records": 2000}


def row(**fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": "User", "url": "/services/data/v66.0/sobjects/User/005"}, **fields}


def children(*rows: Any, done: bool = True) -> dict[str, Any]:
    return {"totalSize": len(rows), "done": done, "records": list(rows)}


def test_a_record_is_told_without_what_only_the_api_needs() -> None:
    told = plain(
        row(
            Name="Kim",
            IsActive=True,
            Visits=3,
            Nothing=None,
            Profile=row(Name="Standard User", UserLicense=row(Name="Salesforce")),
            Manager=None,
            Address={"city": "Berlin", "country": None},
            Contacts=children(row(Name="A", Cases=children(row(Id="1"))), row(Name="B", Cases=None)),
        )
    )
    assert told == {
        "Name": "Kim",
        "IsActive": True,
        "Visits": 3,
        "Nothing": None,
        "Profile": {"Name": "Standard User", "UserLicense": {"Name": "Salesforce"}},
        "Manager": None,
        "Address": {"city": "Berlin", "country": None},
        "Contacts": [{"Name": "A", "Cases": [{"Id": "1"}]}, {"Name": "B", "Cases": None}],
    }


def test_a_field_that_is_called_attributes_stays() -> None:
    assert plain({"Metadata": {"attributes": ["x"], "values": [{"attributes": None}]}}) == {
        "Metadata": {"attributes": ["x"], "values": [{"attributes": None}]}
    }


@pytest.mark.parametrize(
    ("value", "cut"),
    [
        (row(Contacts=children(row())), False),
        (row(Contacts=children(row(), done=False)), True),
        (row(Account=row(Contacts=children(row(), done=False))), True),
        (row(Contacts=children(row(Cases=children(done=False)))), True),
        (row(done=False, records=1), False),
    ],
)
def test_children_on_a_further_page_are_seen(value: Any, cut: bool) -> None:
    assert is_cut(value) is cut


def test_nothing_is_planned() -> None:
    assert not plan(WISH, [])


@pytest.mark.parametrize(
    ("found", "warned"),
    [
        (Found("SELECT Id FROM User", ({"Id": "1"},), 1, False), []),
        (Found("SELECT Id FROM User", ({"Id": "1"},), 9, True), ["1 of 9 records"]),
        (Found("SELECT Id FROM User", ({"Id": "1"},), 3, False, 2), ["counts 3 records and shows 1"]),
        (Found("SELECT COUNT() FROM User", (), 7, False), []),
    ],
)
def test_what_is_missing_is_warned_of(found: Found, warned: list[str]) -> None:
    told = report(WISH, [found], Plan())
    assert (told["records"], told["total"], told["truncated"]) == (list(found.records), found.total, found.truncated)
    assert len(told["warnings"]) == len(warned)
    assert all(words in told["warnings"][number] for number, words in enumerate(warned))


def test_the_options_are_what_is_asked() -> None:
    asked = desired({**OPTIONS, "query": "SELECT Id FROM User WHERE Name = :n", "bind": {"n": "x"}, "tooling": True, "max_records": 1})
    assert asked == Desired(("SELECT Id FROM User WHERE Name = 'x'",), True, 1)


@pytest.mark.parametrize("number", [0, -1])
def test_no_records_is_no_number_of_records(number: int) -> None:
    with pytest.raises(Problem) as caught:
        desired({**OPTIONS, "max_records": number})
    assert caught.value.code == "max_records"
