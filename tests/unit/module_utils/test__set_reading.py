# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils._grants import tab_rights
from ansible_collections.voiceops.salesforce.plugins.module_utils._org import Answers, Query, Read
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_reading import (
    name_reads,
    names_again,
    names_in,
    needs_listing,
    object_read,
    offer_of,
    row_reads,
    set_reads,
    settings_listed,
    state_of,
    tab_names_read,
)
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_reference import SetReference
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_sections import BY_OPTION
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_wish import ARGUMENT_SPEC, Selector, desired

# SOQL of one statement (REST API Developer Guide); a page of names for one filter.
LONGEST = 100_000
GRANTED = frozenset({"granted"})


def lines(**given: Any) -> tuple[Selector, ...]:
    checked = ArgumentSpecValidator(ARGUMENT_SPEC).validate({"name": "Acme_Set"} | given)
    assert not checked.error_messages
    return desired(checked.validated_parameters).selectors


def soql(reads: list[Read]) -> list[str]:
    return [read.soql for read in reads if isinstance(read, Query)]


def asked_of(sobject: str, ids: Sequence[str] = (), listed: Sequence[str] = (), **given: Any) -> list[str]:
    """The WHERE of every query for names in that object."""
    found = [words.partition(f" FROM {sobject}") for words in soql(name_reads(ids, lines(**given), listed))]
    return [where.removeprefix(" WHERE ") for _unused, here, where in found if here]


def ids_of(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{number:012d}AAA" for number in range(count)]


# -- which names are asked for -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["Own"], ["(NamespacePrefix = null AND Name IN ('Own'))"]),
        (["pkg__A", "pkg__B"], ["(NamespacePrefix = 'pkg' AND Name IN ('A','B'))"]),
        ([{"package": "pkg"}], ["NamespacePrefix = 'pkg'"]),
        (["pkg__*"], ["NamespacePrefix = 'pkg'"]),
        (["Own*"], [""]),
        (["*__Own"], [""]),
        (["pkg__A", "*"], [""]),
        (["O'Neil"], [r"(NamespacePrefix = null AND Name IN ('O\'Neil'))"]),
        ([], []),
    ],
    ids=str,
)
def test_classes_are_asked_for_by_namespace_and_all_of_them_only_where_a_line_needs_that(given: list[Any], expected: list[str]) -> None:
    assert [words.replace(", ", ",") for words in asked_of("ApexClass", apex_classes=given)] == expected


def test_one_statement_asks_for_the_names_of_all_namespaces_and_for_the_ids_that_a_set_holds() -> None:
    (where,) = asked_of("ApexClass", ids_of("01p", 2) + ids_of("066", 1), apex_classes=["Own", "a__X", "b__Y", {"package": "c"}])
    assert where.count(" OR ") == 4
    for part in ("NamespacePrefix = null", "NamespacePrefix = 'a'", "NamespacePrefix = 'b'", "NamespacePrefix = 'c'", ids_of("01p", 1)[0]):
        assert part in where
    assert "066" not in where


@pytest.mark.parametrize(("ids", "names"), [(500, 0), (3_000, 0), (0, 3_000), (2_500, 2_500), (6_000, 1)])
def test_long_lists_are_split_and_no_name_is_lost(ids: int, names: int) -> None:
    held = ids_of("01p", ids)
    given = [f"pkg__{'x' * 30}{number}" for number in range(names)]
    wheres = asked_of("ApexClass", held, apex_classes=given)
    assert all(len(where) < LONGEST - 200 for where in wheres)
    told = "".join(wheres)
    assert [item for item in held if item not in told] == []
    assert len(re.findall(r"x{30}\d+'", told)) == names
    refs = [read.ref for read in name_reads(held, lines(apex_classes=given))]
    assert len(refs) == len(set(refs))


def test_connected_apps_have_no_namespace_and_one_of_several_is_told_by_its_id() -> None:
    assert asked_of("ConnectedApplication", connected_apps=["a__b"]) == ["(Name IN ('a__b'))"]
    assert asked_of("ConnectedApplication", connected_apps=["Sync (0H4000000000001AAA)"]) == ["(Name IN ('Sync'))"]
    assert asked_of("ConnectedApplication", connected_apps=["Sync (old)"]) == ["(Name IN ('Sync (old)'))"]
    assert asked_of("ConnectedApplication", connected_apps=["Sync*"]) == [""]


def test_flows_are_asked_for_with_and_without_their_prefix() -> None:
    (where,) = asked_of("FlowDefinitionView", flows=["pkg__Wrap_Up", "Own"])
    assert {"'Wrap_Up'", "'pkg__Wrap_Up'", "'Own'"} <= set(re.findall(r"'[^']*'", where))


ONLY_EQUAL = re.compile(r"(DurableId|QualifiedApiName) IN \((?:'[^']*',? ?)+\)\Z")


@given(
    st.lists(st.sampled_from(["pkg__A__c", "pkg__B__c", "Own__c", "pkg__*", "*"]), max_size=4),
    st.lists(st.sampled_from(["pkg__R__mdt", {"package": "pkg"}, "*__mdt"]), max_size=3),
    st.integers(0, 450),
)
def test_what_entity_definition_is_asked_holds_equality_alone(settings: list[Any], types: list[Any], held: int) -> None:
    """It takes no OR (public error texts), and answers one page and no more."""
    listed = [f"pkg__N{number}__c" for number in range(300)] + ["pkg__R__mdt", "Own__mdt"]
    wheres = asked_of("EntityDefinition", ids_of("01I", held), listed, custom_settings=settings, custom_metadata_types=types)
    for where in wheres:
        assert ONLY_EQUAL.match(where), where
        assert where.count("'") // 2 <= 200
    told = "".join(wheres)
    assert all(item[:15] in told and item not in told for item in ids_of("01I", held)), "DurableId has 15 characters"
    if "*__mdt" in types:
        assert "'pkg__R__mdt'" in told
        assert "'Own__mdt'" in told


def test_a_selector_of_settings_means_no_metadata_type_and_the_reverse() -> None:
    listed = ["pkg__Nodes__c", "pkg__Route__mdt"]
    assert asked_of("EntityDefinition", [], listed, custom_settings=[{"package": "pkg"}]) == ["QualifiedApiName IN ('pkg__Nodes__c')"]
    assert asked_of("EntityDefinition", [], listed, custom_metadata_types=[{"package": "pkg"}]) == [
        "QualifiedApiName IN ('pkg__Route__mdt')"
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"custom_settings": ["pkg__Nodes__c"]}, False),
        ({"custom_settings": ["pkg__*"]}, True),
        ({"custom_metadata_types": [{"package": "pkg"}]}, True),
        ({"apex_classes": ["*"], "object_permissions": [{"package": "pkg"}]}, False),
    ],
    ids=str,
)
def test_the_list_of_all_objects_is_asked_for_only_where_settings_are_meant_by_a_selector(given: dict[str, Any], expected: bool) -> None:
    assert needs_listing(lines(**given)) is expected


def test_a_definition_too_many_for_one_page_is_asked_for_again_one_by_one() -> None:
    asked = lines(custom_settings=["A__c", "B__c"])
    first = name_reads([], asked)
    definitions = [read for read in first if isinstance(read, Query) and "EntityDefinition" in read.soql]
    assert all("EXCEEDED_ID_LIMIT" in read.tolerate for read in definitions)
    refused = Answers({}, {}, {definitions[0].ref: None})  # type: ignore[dict-item]
    assert len([words for words in soql(names_again(refused, [], asked)) if "QualifiedApiName IN ('" in words]) == 2
    assert names_again(Answers({}, {}, {}), [], asked) == []


def test_tabs_are_asked_of_the_tooling_api_and_only_those_that_are_not_held_already() -> None:
    asked = [line for line in lines(tabs=[{"tab": "A"}, {"tab": "b"}]) if line.section == "tabs"]
    (read,) = tab_names_read(asked, ["B"])
    assert isinstance(read, Query)
    assert (read.tooling, read.soql.partition(" WHERE ")[2]) == (True, "Name IN ('A')")
    assert tab_names_read(asked, ["a", "B"]) == []
    (everything,) = tab_names_read(list(lines(tabs=[{"package": "pkg"}])), [])
    assert isinstance(everything, Query)
    assert "WHERE" not in everything.soql


# -- reading sets --------------------------------------------------------------------------------------------------------------------


def test_object_rows_are_asked_with_the_newest_column_and_may_be_refused_for_it() -> None:
    rows = row_reads("Parent.Name = 'X'")
    newest = rows[0]
    assert isinstance(newest, Query)
    assert "PermissionsViewAllFields" in newest.soql
    assert newest.tolerate == ("INVALID_FIELD",)
    plain = object_read("Parent.Name = 'X'")
    assert "PermissionsViewAllFields" not in plain.soql
    assert plain.tolerate == ()


def test_both_columns_that_field_permissions_insist_on_are_in_their_query() -> None:
    (fields,) = [words for words in soql(row_reads("x")) if " FROM FieldPermissions " in words]
    assert {"SobjectType", "Field"} <= set(re.split(r"[ ,]+", fields.partition(" FROM ")[0]))


def test_sets_are_read_with_all_their_columns_in_the_same_call() -> None:
    reads = set_reads([SetReference(name="A"), SetReference(name="B", namespace="pkg")])
    assert [read.ref for read in reads] == ["sets", "whole_0", "whole_1"]
    assert "(Name = 'A') OR (Name = 'B' AND NamespacePrefix = 'pkg')" in soql(reads)[0]


# -- what the answers say ------------------------------------------------------------------------------------------------------------


def test_names_come_with_their_prefix_once_and_settings_apart_from_metadata_types() -> None:
    found = names_in(
        Answers(
            {
                "ApexClass0": [
                    {"Id": "01p1", "Name": "Dial", "NamespacePrefix": "pkg"},
                    {"Id": "01p2", "Name": "Own", "NamespacePrefix": None},
                ],
                "FlowDefinitionView0": [
                    {"DurableId": "3001", "ApiName": "pkg__Wrap", "NamespacePrefix": "pkg"},
                    {"DurableId": "3002", "ApiName": "Bare", "NamespacePrefix": "pkg"},
                ],
                "EntityDefinition0": [
                    {"DurableId": "01I1", "QualifiedApiName": "pkg__Nodes__c", "IsCustomSetting": True},
                    {"DurableId": "01I2", "QualifiedApiName": "pkg__Call__c", "IsCustomSetting": False},
                ],
                "EntityDefinition1": [{"DurableId": "01I3", "QualifiedApiName": "pkg__Route__mdt", "IsCustomSetting": False}],
                "ConnectedApplication0": [{"Id": "0H41", "Name": "Sync"}, {"Id": "0H42", "Name": "Sync"}, {"Id": "0H43", "Name": "Other"}],
                "tab_names0": [{"Name": "standard-Case"}],
            },
            {},
            {},
        )
    )
    assert found == {
        "apex_classes": {"pkg__Dial": "01p1", "Own": "01p2"},
        "visualforce_pages": {},
        "custom_permissions": {},
        "custom_settings": {"pkg__Nodes__c": "01I1"},
        "custom_metadata_types": {"pkg__Route__mdt": "01I3"},
        "connected_apps": {"Sync (0H41)": "0H41", "Sync (0H42)": "0H42", "Other": "0H43"},
        "flows": {"pkg__Wrap": "3001", "pkg__Bare": "3002"},
        "tabs": {"standard-Case": ""},
    }


def test_a_set_holds_its_own_rows_and_what_has_no_name_here_is_kept_apart() -> None:
    mine, other = {"Id": "0PS1"}, "0PS2"
    columns = {f"Permissions{name}": False for name in ("Create", "Edit", "Delete", "ViewAllRecords", "ModifyAllRecords")}
    answers = Answers(
        {
            "objects": [
                {"Id": "1101", "ParentId": "0PS1", "SobjectType": "Account", "PermissionsRead": True, **columns},
                {"Id": "000x", "ParentId": "0PS1", "SobjectType": "Case", "PermissionsRead": True, **columns},
                {"Id": "1102", "ParentId": other, "SobjectType": "Lead", "PermissionsRead": True, **columns},
            ],
            "fields": [{"Id": "01k1", "ParentId": "0PS1", "Field": "Account.X__c", "PermissionsRead": True, "PermissionsEdit": False}],
            "entities": [
                {"Id": "0J01", "ParentId": "0PS1", "SetupEntityId": "01I000000000001AAA", "SetupEntityType": "CustomEntityDefinition"},
                {"Id": "0J02", "ParentId": "0PS1", "SetupEntityId": "0XU000000000001AAA", "SetupEntityType": "ExternalCredentialParameter"},
            ],
            "tabs": [
                {"Id": "01P1", "ParentId": "0PS1", "Name": "standard-Case", "Visibility": "DefaultOn"},
                {"Id": "01P2", "ParentId": "0PS1", "Name": "pkg__Tab", "Visibility": "DefaultOff"},
            ],
        },
        {},
        {},
    )
    whole = {"PermissionsApiEnabled": True, "PermissionsEditTask": False, "PermissionsNotMine": True}
    names = {option: {} for option in BY_OPTION} | {"custom_settings": {"pkg__Nodes__c": "01I000000000001"}}
    state = state_of(mine, whole, answers, names, ["ApiEnabled", "EditTask"])
    assert {option: {name: row.rights for name, row in rows.items()} for option, rows in state.held.items() if rows} == {
        "user_permissions": {"ApiEnabled": GRANTED},
        "object_permissions": {"Account": {"read"}},
        "field_permissions": {"Account.X__c": {"read"}},
        "custom_settings": {"pkg__Nodes__c": GRANTED},
        "tabs": {"standard-Case": tab_rights("visible"), "pkg__Tab": tab_rights("available")},
    }
    assert state.other == {"0XU000000000001AAA": "ExternalCredentialParameter"}


def test_what_an_org_offers_comes_from_its_describes() -> None:
    def picklist(name: str, *values: tuple[str, bool]) -> dict[str, Any]:
        return {
            "fields": [
                {"name": name, "picklistValues": [{"value": value, "label": f"The {value}", "active": active} for value, active in values]}
            ]
        }

    offer = offer_of(
        Answers(
            {},
            {
                "describe_set": {
                    "fields": [
                        {"name": "PermissionsApiEnabled", "label": "API Enabled", "type": "boolean"},
                        {"name": "PermissionSetGroupId", "label": "Group", "type": "reference"},
                        {"name": "IsCustom", "label": "Custom", "type": "boolean"},
                    ]
                },
                "describe_objects": picklist("SobjectType", ("Account", True), ("Gone__c", False)),
                "describe_fields": picklist("Field", ("Account.X__c", True), ("Account.Gone__c", False)),
            },
            {},
        )
    )
    assert (offer.permissions, offer.objects, offer.fields) == ({"ApiEnabled": "API Enabled"}, {"Account": "The Account"}, {"Account.X__c"})


def test_settings_and_metadata_types_are_told_from_all_objects() -> None:
    listed = [{"name": "A__c", "customSetting": True}, {"name": "B__c", "customSetting": False}, {"name": "C__mdt", "customSetting": False}]
    assert settings_listed({"sobjects": listed}) == ["A__c", "C__mdt"]
