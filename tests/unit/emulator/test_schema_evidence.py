# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The generated schema against what was recorded: columns, types, relationships, calls, picklists, versions; and where sources disagree."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from emulator import generate_schema, schema
from emulator.model import SObject
from emulator.schema import DEFAULT_FEATURES, FEATURES, load_schema
from emulator.store import Store

GOLDEN = Path(__file__).resolve().parents[4] / "shared" / "golden"
with_golden = pytest.mark.skipif(not GOLDEN.is_dir(), reason="the recorded facts (../shared/golden) are not on this machine")
PEOPLE_AND_BUSINESS = (*generate_schema.BUSINESS, "User")
TEXTS = generate_schema.TEXT_KINDS
BELIEF = ("describe-v62", "uiapi-recipes", "facts", "objectref-v63", "types-v67", "oas-v59", "jsforce")
"""From most to least believed; "facts" are the fact files."""


def golden(*parts: str) -> Any:
    return json.loads(GOLDEN.joinpath(*parts).read_text(encoding="utf-8"))


def everything() -> Mapping[str, SObject]:
    return load_schema(FEATURES).sobjects


# --- where sources disagree ---


def rank(source: str) -> int:
    return BELIEF.index("facts" if source.startswith("facts:") else source.split(":", maxsplit=1)[0].split("+", maxsplit=1)[0])


def test_where_sources_contradict_each_other_the_more_believed_one_won() -> None:
    """With -s the list is shown."""
    found = schema.conflicts()
    assert found
    for one in found:
        won = f"{one['won']} by {one['by']}"
        sys.stdout.write(f"{one['sobject']}.{one['field']} {one['property']}: {won}, not {one['lost']} of {one['of']}\n")
        assert rank(one["by"]) <= rank(one["of"]), one
        item = everything()[one["sobject"]].fields[one["field"]]
        shown = getattr(item, one["property"])
        assert (list(shown) if isinstance(shown, tuple) else shown) == one["won"], one


def test_a_contradiction_between_sources_is_noticed() -> None:
    draft = generate_schema.Draft("Name")
    draft.learn("describe-v62", type="string", nillable=False)
    draft.learn("jsforce", nillable=True, length=80)
    assert (draft.known["nillable"], draft.known["length"]) == (False, 80)
    assert [(one["property"], one["by"], one["of"]) for one in draft.conflicts] == [("nillable", "describe-v62", "jsforce")]


@pytest.mark.parametrize(
    ("name", "known", "other", "verdict"),
    [
        ("type", "picklist", "string", False),
        ("type", "currency", "double", False),
        ("type", "boolean", "int", True),
        ("reference_to", ["Group", "User"], ["User"], False),
        ("reference_to", ["User"], ["Group"], True),
        ("relationship_name", None, "Owner", False),
        ("relationship_name", "Owner", "Boss", True),
        ("label", "Name", "Account Name", False),
        ("createable", True, False, True),
    ],
)
def test_a_coarser_word_is_no_contradiction(name: str, known: Any, other: Any, verdict: bool) -> None:
    assert generate_schema.contradicts(name, known, other) is verdict


# --- recorded describes ---


def test_fields_are_what_the_recorded_describe_says() -> None:
    """Type, flags, targets and labels of every field in recorded.tsv, but for the exceptions that say why."""
    recorded = generate_schema.read_recorded()
    checked = 0
    for (sobject, name), (kind, letters, reference, label, _default, values) in recorded.fields.items():
        if sobject not in everything() or (sobject, name) in generate_schema.OVERRULES:
            continue
        item = everything()[sobject].fields[name]
        flags = {word: getattr(item, word) for word in generate_schema.flags_of("")}
        assert (item.type, flags, item.label) == (kind, generate_schema.flags_of(letters), label), (sobject, name)
        if kind == "reference":
            assert ("->" + "|".join(item.reference_to) + "/" + (item.relationship_name or "-")) == (reference or "->/-"), (sobject, name)
        if values and (sobject, name) not in generate_schema.PICKLISTS:
            assert [value.value for value in item.picklist] == values.split("|"), (sobject, name)
        checked += 1
    assert checked > 900


def test_writability_and_length_are_what_was_recorded() -> None:
    recorded = generate_schema.read_recorded()
    for (sobject, name), (letters, length) in recorded.writes.items():
        item = everything()[sobject].fields.get(name)
        if item is None:
            assert sobject == "User", name
            continue
        assert (item.createable, item.updateable) == ("C" in letters, "U" in letters), (sobject, name)
        if item.type in TEXTS - {"picklist"} and length:
            assert item.length == length, (sobject, name)


def test_permission_columns_are_filtered_but_neither_sorted_nor_grouped() -> None:
    for holder in ("PermissionSet", "Profile", "MutingPermissionSet", "UserPermissionAccess"):
        columns = [item for name, item in everything()[holder].fields.items() if name.startswith("Permissions")]
        assert len(columns) > 350
        assert {(item.type, item.nillable, item.filterable, item.sortable, item.groupable) for item in columns} == {
            ("boolean", False, True, False, False)
        }


# --- columns ---


@with_golden
@pytest.mark.parametrize("name", PEOPLE_AND_BUSINESS)
def test_business_objects_have_every_standard_column_in_describe_order(name: str) -> None:
    recorded = [column for column in golden("opensdks-oas", "fields-by-sobject.json")[name] if not column.endswith("__c")]
    ours = list(load_schema(DEFAULT_FEATURES).sobjects[name].fields)
    assert [column for column in ours if column in recorded] == recorded


@with_golden
@pytest.mark.parametrize("name", ["Contact", "Lead"])
def test_columns_that_the_describing_user_could_not_read_are_there(name: str) -> None:
    types = {column for column, _kind in golden("sobject-types", "fields-v67.json")[name]}
    added = {"DoNotCall", "HasOptedOutOfEmail", "HasOptedOutOfFax"}
    assert added <= types
    assert added <= set(load_schema(frozenset()).sobjects[name].fields)


@with_golden
def test_a_column_with_a_version_is_missing_from_the_older_document() -> None:
    older = golden("opensdks-oas", "fields-by-sobject.json")
    for name, sobject in everything().items():
        for item in sobject.fields.values():
            if item.min_version > 59.0 and (name, item.name) not in generate_schema.MIN_VERSIONS:
                assert item.name not in older[name], (name, item.name)
    versions = {name: item.min_version for name, item in everything()["User"].fields.items()}
    assert versions["UserPreferencesActionLauncherEinsteinGptConsent"] == 62.0
    assert versions["UserPreferencesEnableLwrLexPilot"] == 67.0
    assert versions["CallCenterId"] == 0.0


@pytest.mark.parametrize("name", generate_schema.OBJECTS)
def test_texts_have_a_length_and_at_most_one_field_is_the_name(name: str) -> None:
    fields = everything()[name].fields.values()
    assert [item.name for item in fields if item.type in TEXTS and not item.length] == []
    assert sum(item.name_field for item in fields) <= 1


@pytest.mark.parametrize(
    ("sobject", "name", "length"),
    [
        ("Account", "Name", 255),
        ("Account", "SicDesc", 80),
        ("Account", "Description", 32000),
        ("Contact", "MailingStreet", 255),
        ("Contact", "LastName", 80),
        ("Lead", "CompanyDunsNumber", 9),
        ("Opportunity", "Name", 120),
        ("User", "Email", 128),
        ("User", "AboutMe", 1000),
        ("PermissionSet", "Name", 80),
        ("CallCenter", "CustomSettings", 3000),
    ],
)
def test_lengths(sobject: str, name: str, length: int) -> None:
    assert everything()[sobject].fields[name].length == length


def test_parts_of_compound_fields_name_their_whole() -> None:
    parts = {
        (name, item.name): item.compound_field_name
        for name, sobject in everything().items()
        for item in sobject.fields.values()
        if item.compound_field_name
    }
    assert parts[("Account", "BillingCity")] == "BillingAddress"
    assert parts[("Contact", "MailingStateCode")] == "MailingAddress"
    assert parts[("Lead", "City")] == "Address"
    assert parts[("User", "FirstName")] == "Name"
    assert ("Account", "Name") not in parts
    for (name, part), whole in parts.items():
        compound = everything()[name].fields[whole]
        assert whole == "Name" or compound.type == "address", (name, part)
        assert not compound.createable


# --- relationships ---


@with_golden
@pytest.mark.parametrize("name", generate_schema.OBJECTS)
def test_parent_relationships_are_the_recorded_ones(name: str) -> None:
    recorded = golden("jsforce", "standard-schema.facts.json").get(name, {}).get("ParentReferences", {})
    for relationship, parent in recorded.items():
        item = everything()[name].fields.get(f"{relationship}Id")
        if item is None or (name, item.name) in WITHOUT_TARGET:
            continue
        assert item.relationship_name == relationship
        assert parent["type"] in item.reference_to or (parent["type"] in ("Name", "SObject") and len(item.reference_to) > 1), item


WITHOUT_TARGET = {("Case", "SourceId")}
"""References whose targets nobody recorded: writing one answers 501."""


@pytest.mark.parametrize(
    ("sobject", "name", "relationship", "some"),
    [
        ("Case", "OwnerId", "Owner", {"Group", "User"}),
        ("Lead", "OwnerId", "Owner", {"Group", "User"}),
        ("Task", "OwnerId", "Owner", {"Group", "User"}),
        ("Event", "OwnerId", "Owner", {"Calendar", "User"}),
        ("Task", "WhoId", "Who", {"Contact", "Lead"}),
        ("Event", "WhatId", "What", {"Account", "Asset", "Campaign", "Case", "Opportunity", "Product2"}),
        ("SetupEntityAccess", "SetupEntityId", "SetupEntity", {"ApexClass", "ApexPage", "ConnectedApplication", "CustomPermission"}),
        ("GroupMember", "UserOrGroupId", "UserOrGroup", {"Group", "User"}),
    ],
)
def test_references_to_several_types(sobject: str, name: str, relationship: str, some: set[str]) -> None:
    item = everything()[sobject].fields[name]
    assert item.relationship_name == relationship
    assert some <= set(item.reference_to)


@with_golden
@pytest.mark.parametrize("name", generate_schema.OBJECTS)
def test_every_recorded_child_relationship_is_emulated_or_known_not_to_be(name: str) -> None:
    recorded = set(golden("jsforce", "standard-schema.facts.json").get(name, {}).get("ChildRelationships", {}))
    ours = {one.name for one in everything()[name].child_relationships}
    assert {one.lower() for one in recorded - ours} <= schema.not_emulated_children().get(name, frozenset())


def test_children_know_what_deleting_their_parent_does() -> None:
    children = {one.name: one for one in everything()["Account"].child_relationships}
    assert (children["Contacts"].cascade_delete, children["Contacts"].restricted_delete) == (True, False)
    assert (children["Cases"].cascade_delete, children["Cases"].restricted_delete) == (False, True)
    assert (children["ChildAccounts"].cascade_delete, children["ChildAccounts"].restricted_delete) == (False, False)


# --- calls, prefixes, picklists ---


@with_golden
@pytest.mark.parametrize("name", generate_schema.OBJECTS)
def test_calls_are_the_documented_ones(name: str) -> None:
    reference = golden("object-reference-facts", "facts-v63.json").get(name)
    sobject = everything()[name]
    if reference is None:
        assert sobject.calls_source == "composed"
        return
    calls = set(reference["supported_calls"])
    assert sobject.calls_source == "objectref-v63"
    assert (sobject.replicateable, sobject.searchable) == ({"getDeleted", "getUpdated"} <= calls, "search" in calls)
    assert (sobject.createable, sobject.deletable) == ("create" in calls, "delete" in calls) or name in VERBS_DIFFER


VERBS_DIFFER = {"Organization"}


def test_made_up_key_prefixes_are_marked() -> None:
    made_up = {name for name, sobject in everything().items() if sobject.key_prefix_source == "composed"}
    assert made_up == generate_schema.COMPOSED_PREFIXES
    assert all("composed" in everything()[name].source for name in made_up)
    assert {everything()[name].key_prefix for name in ("Asset", "Campaign", "Product2", "RecordType")} == {"02i", "701", "01t", "012"}


@pytest.mark.parametrize(
    ("sobject", "name", "values", "default"),
    [
        (
            "Lead",
            "Status",
            ["Open - Not Contacted", "Working - Contacted", "Closed - Converted", "Closed - Not Converted"],
            "Open - Not Contacted",
        ),
        ("Case", "Status", ["New", "Working", "Escalated", "Closed"], "New"),
        ("Case", "Priority", ["High", "Medium", "Low"], "Medium"),
        ("Task", "Status", ["Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred"], "Not Started"),
        ("Task", "Priority", ["High", "Normal", "Low"], "Normal"),
        ("Account", "Rating", ["Hot", "Warm", "Cold"], None),
        ("ContactCenterBulkOp", "BulkAction", ["AddUsers", "AddGroups"], None),
        ("PermissionSetGroup", "Status", ["Updated", "Outdated", "Updating", "Failed"], "Updated"),
    ],
)
def test_picklists(sobject: str, name: str, values: list[str], default: str | None) -> None:
    item = everything()[sobject].fields[name]
    assert ([one.value for one in item.picklist], item.default) == (values, default)


def test_picklists_that_administrators_change_are_open() -> None:
    """An org renames and adds their values, so a value that is not in the list is no error there."""
    for sobject, name in (
        ("Lead", "Status"),
        ("Case", "Status"),
        ("Task", "Priority"),
        ("Account", "Industry"),
        ("Opportunity", "StageName"),
    ):
        assert not everything()[sobject].fields[name].restricted_picklist
    assert everything()["ContactCenterBulkOp"].fields["BulkAction"].restricted_picklist


def test_defaults_are_among_the_values() -> None:
    for name, sobject in everything().items():
        for item in sobject.fields.values():
            if item.picklist and item.default is not None:
                assert item.default in [one.value for one in item.picklist], (name, item.name)


def test_contact_center_bulk_operations_can_only_be_created() -> None:
    entity = everything()["ContactCenterBulkOp"]
    assert (entity.createable, entity.updateable, entity.deletable, entity.queryable, entity.retrieveable) == (
        True,
        False,
        False,
        False,
        False,
    )
    assert [name for name, item in entity.fields.items() if item.createable] == [
        *(f"Argument{number}" for number in range(1, 7)),
        "BulkAction",
    ]
    assert all("composed" in item.source for name, item in entity.fields.items() if name.startswith("Argument"))


# --- cost ---


def test_loading_the_schema_and_making_its_tables_is_quick() -> None:
    load_schema.cache_clear()
    schema._entries.cache_clear()
    began = time.process_time()
    loaded = load_schema(FEATURES)
    Store(loaded).close()
    assert time.process_time() - began < 1.0
