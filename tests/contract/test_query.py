# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SOQL as far as the collection's answers depend on its meaning."""

from __future__ import annotations

import pytest

from contract.door import Org, code_of


@pytest.fixture
def twins(org: Org) -> tuple[str, str]:
    """The names of two permission sets that differ in their middle."""
    names = org.name("a_x"), org.name("b_y")
    for name in names:
        org.create("PermissionSet", Name=name, Label=name)
    return names


@pytest.mark.evidence("soql-null-parent")
def test_a_record_without_its_parent_shows_the_parent_as_null(org: Org, twins: tuple[str, str]) -> None:
    rows = org.soql(f"SELECT Name, License.Name, Profile.Name FROM PermissionSet WHERE Name = '{twins[0]}'")
    assert [(row["License"], row["Profile"]) for row in rows] == [(None, None)]
    assert rows[0]["attributes"]["type"] == "PermissionSet"


@pytest.mark.evidence("soql-parent")
def test_a_parent_s_field_comes_nested_and_can_be_filtered(org: Org) -> None:
    rows = org.soql("SELECT Id, Profile.Name, Profile.UserLicense.Name FROM User WHERE Profile.UserLicense.Name != null LIMIT 1")
    assert len(rows) == 1
    assert isinstance(rows[0]["Profile"]["UserLicense"]["Name"], str)


@pytest.mark.evidence("soql-case")
def test_text_and_names_compare_without_case_and_come_back_as_they_are(org: Org, twins: tuple[str, str]) -> None:
    rows = org.soql(f"select name from PERMISSIONSET where NAME = '{twins[0].upper()}'")
    assert [row["Name"] for row in rows] == [twins[0]]
    assert rows[0]["attributes"]["type"] == "PermissionSet"


@pytest.mark.evidence("soql-like")
def test_like_knows_any_text_and_any_character(org: Org, twins: tuple[str, str]) -> None:
    first, second = twins
    assert len(org.soql(f"SELECT Id FROM PermissionSet WHERE Name LIKE '{org.prefix}%'")) == 2
    assert len(org.soql(f"SELECT Id FROM PermissionSet WHERE Name LIKE '{first[:-1]}_'")) == 1
    literal = first.replace("_", "\\_")
    assert len(org.soql(f"SELECT Id FROM PermissionSet WHERE Name LIKE '{literal}'")) == 1
    assert org.soql(f"SELECT Id FROM PermissionSet WHERE Name LIKE '{second[:-1]}\\_'") == []


@pytest.mark.evidence("soql-in")
def test_in_finds_each_and_ignores_what_is_not_there(org: Org, twins: tuple[str, str]) -> None:
    rows = org.soql(f"SELECT Name FROM PermissionSet WHERE Name IN ('{twins[0]}', '{twins[1]}', '{org.name('nobody')}')")
    assert {row["Name"] for row in rows} == set(twins)
    assert org.soql(f"SELECT Id FROM PermissionSet WHERE Name LIKE '{org.prefix}%' AND Name NOT IN ('{twins[0]}', '{twins[1]}')") == []


@pytest.mark.evidence("soql-semi-join")
def test_a_semi_join_finds_rows_by_another_object(org: Org, twins: tuple[str, str]) -> None:
    set_id = org.soql(f"SELECT Id FROM PermissionSet WHERE Name = '{twins[0]}'")[0]["Id"]
    org.create("ObjectPermissions", ParentId=set_id, SobjectType="Account", PermissionsRead=True)
    inner = "SELECT ParentId FROM ObjectPermissions WHERE SobjectType = 'Account'"
    rows = org.soql(f"SELECT Name FROM PermissionSet WHERE Name LIKE '{org.prefix}%' AND Id IN ({inner})")
    assert [row["Name"] for row in rows] == [twins[0]]


@pytest.mark.evidence("soql-paging")
def test_a_long_result_goes_on_where_the_answer_says(org: Org, twins: tuple[str, str]) -> None:
    names = [org.name(f"p{number}") for number in range(205)]
    for start in (0, 200):
        records = [{"attributes": {"type": "PermissionSet"}, "Name": name, "Label": name} for name in names[start : start + 200]]
        assert all(item["success"] for item in org.post("/composite/sobjects", {"allOrNone": True, "records": records}).json())
    soql = f"SELECT Id, Name FROM PermissionSet WHERE Name LIKE '{org.prefix}%' ORDER BY Name"
    first = org.query(soql, headers={"Sforce-Query-Options": "batchSize=200"}).json()
    assert first["totalSize"] == 207
    if first["done"]:
        pytest.skip("the org may choose larger pages than asked for, and did")
    assert len(first["records"]) == 200
    rest = org.get(first["nextRecordsUrl"]).json()
    assert (rest["done"], rest["totalSize"], len(rest["records"])) == (True, 207, 7)
    found = [row["Name"] for row in [*first["records"], *rest["records"]]]
    assert sorted(found) == sorted([*names, *twins])


@pytest.mark.evidence("soql-ids")
def test_an_id_is_found_in_15_and_in_18_characters(org: Org, twins: tuple[str, str]) -> None:
    set_id = org.soql(f"SELECT Id FROM PermissionSet WHERE Name = '{twins[0]}'")[0]["Id"]
    assert len(set_id) == 18
    for written in (set_id, set_id[:15]):
        assert [row["Id"] for row in org.soql(f"SELECT Id FROM PermissionSet WHERE Id = '{written}'")] == [set_id]


@pytest.mark.evidence("soql-unknown-column")
def test_one_unknown_column_fails_the_whole_query(org: Org) -> None:
    answer = org.query("SELECT Id, Bacon__c FROM PermissionSet LIMIT 2")
    assert answer.status_code == 400
    told = answer.json()[0]
    assert told["errorCode"] == "INVALID_FIELD"
    assert told["message"] == (
        "\nSELECT Id, Bacon__c FROM PermissionSet LIMIT 2\n           ^\nERROR at Row:1:Column:12\nNo such column 'Bacon__c' on entity "
        "'PermissionSet'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please "
        "reference your WSDL or the describe call for the appropriate names."
    )


@pytest.mark.evidence("soql-unknown-column")
def test_one_unknown_column_in_a_condition_fails_the_whole_query(org: Org) -> None:
    assert code_of(org.query("SELECT Id FROM PermissionSetAssignment WHERE Bacon__c = true")) == "INVALID_FIELD"


@pytest.mark.evidence("soql-unknown-object")
def test_an_unknown_object_is_an_invalid_type(org: Org) -> None:
    answer = org.query("SELECT Id FROM NoSuchThing__c")
    assert (answer.status_code, code_of(answer)) == (400, "INVALID_TYPE")


@pytest.mark.evidence("soql-and-or")
def test_and_and_or_side_by_side_need_parentheses(org: Org, twins: tuple[str, str]) -> None:
    answer = org.query("SELECT Id FROM PermissionSet WHERE Name = 'a' AND Label = 'b' OR Name = 'c'")
    assert (answer.status_code, code_of(answer)) == (400, "MALFORMED_QUERY")
    rows = org.soql(f"SELECT Name FROM PermissionSet WHERE IsCustom = true AND (Name = '{twins[0]}' OR Name = '{twins[1]}')")
    assert {row["Name"] for row in rows} == set(twins)


@pytest.mark.evidence("soql-null")
def test_not_equal_holds_for_null(org: Org, twins: tuple[str, str]) -> None:
    mine = f"Name = '{twins[0]}'"
    assert len(org.soql(f"SELECT Id FROM PermissionSet WHERE {mine} AND NamespacePrefix = null")) == 1
    assert len(org.soql(f"SELECT Id FROM PermissionSet WHERE {mine} AND Description != 'x'")) == 1
    assert org.soql(f"SELECT Id FROM PermissionSet WHERE {mine} AND Description = 'x'") == []


@pytest.mark.evidence("soql-nulls-first")
def test_nulls_come_first_when_asked(org: Org) -> None:
    rows = org.soql("SELECT NamespacePrefix FROM PermissionSet ORDER BY NamespacePrefix NULLS FIRST LIMIT 5")
    prefixes = [row["NamespacePrefix"] or "" for row in rows]
    assert prefixes == sorted(prefixes)
    assert prefixes[0] == ""
