# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils._grants import (
    Grants,
    Held,
    Rights,
    Row,
    applied,
    each,
    fields_of,
    granted_by,
    in_words,
    minus,
    name_of,
    ordered,
    rights_in,
    tab_rights,
    union,
    visibility_of,
)
from ansible_collections.voiceops.salesforce.plugins.module_utils._plan import Change, Create, Delete, Update
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_sections import (
    BY_OPTION,
    FIELDS,
    GRANTED,
    OBJECTS,
    SECTIONS,
    TABS,
    USER_PERMISSIONS,
    Section,
)

ON = frozenset({GRANTED})
NONE: Rights = frozenset()


def rights(*names: str) -> Rights:
    return frozenset(names)


def possible(section: Section) -> st.SearchStrategy[Rights]:
    """The rights that a row of a section may have."""
    if section is TABS:
        return st.sampled_from([tab_rights("visible"), tab_rights("available")])
    return st.frozensets(st.sampled_from(list(section.rights)), min_size=1) if section.rights else st.just(ON)


names = st.text("abc/_. ", min_size=1, max_size=3)
grants = st.fixed_dictionaries({}, optional={item.option: st.dictionaries(names, possible(item), max_size=3) for item in SECTIONS})
Triples = set[tuple[str, str, str]]


def triples(held: Grants) -> Triples:
    return {(option, name, right) for option, name, some in each(held) for right in some}


# -- adding and subtracting ----------------------------------------------------------------------------------------------------------


@given(grants, grants)
def test_together_they_grant_what_either_does(one: Grants, other: Grants) -> None:
    assert triples(union(one, other)) == triples(one) | triples(other)
    assert union(one, other) == union(other, one)


@given(grants, grants)
def test_a_difference_is_what_only_the_one_grants(one: Grants, other: Grants) -> None:
    assert triples(minus(one, other)) == triples(one) - triples(other)
    assert bool(minus(one, other)) == bool(triples(one) - triples(other))


@given(grants, grants)
def test_neither_changes_what_it_is_given(one: Grants, other: Grants) -> None:
    before = triples(one), triples(other)
    union(one, other)
    minus(one, other)
    assert (triples(one), triples(other)) == before


@given(grants)
def test_nothing_adds_nothing_and_takes_nothing(held: Grants) -> None:
    assert triples(union(held, {})) == triples(minus(held, {})) == triples(held)
    assert minus(held, held) == {}
    assert union() == {}


def test_everything_comes_in_the_order_in_which_it_stands() -> None:
    held: Grants = {"tabs": {"B": rights("available")}, "apex_classes": {"Z": ON, "A": ON}}
    assert list(each(held)) == [("tabs", "B", rights("available")), ("apex_classes", "Z", ON), ("apex_classes", "A", ON)]


def test_rows_without_rights_grant_nothing() -> None:
    held: Held = {"object_permissions": {"Account": Row("110A", rights("read")), "Lead": Row("110B", NONE)}, "tabs": {}}
    assert granted_by(held) == {"object_permissions": {"Account": rights("read")}, "tabs": {}}


# -- in words ------------------------------------------------------------------------------------------------------------------------


def test_one_line_for_each_thing_and_user_permissions_first() -> None:
    held: Grants = {
        "tabs": {"standard-Lead": tab_rights("visible"), "standard-Case": tab_rights("available")},
        "field_permissions": {"Lead.Z__c": rights("edit", "read"), "Lead.A__c": rights("read")},
        "object_permissions": {"Lead": rights("view_all_fields", "delete", "read")},
        "custom_metadata_types": {"ns__Rule__mdt": ON},
        "user_permissions": {"ViewSetup": ON, "ApiEnabled": ON},
    }
    assert in_words(held) == [
        "user permission ApiEnabled",
        "user permission ViewSetup",
        "read+delete+view_all_fields on object Lead",
        "read on field Lead.A__c",
        "read+edit on field Lead.Z__c",
        "custom metadata type ns__Rule__mdt",
        "tab standard-Case (available)",
        "tab standard-Lead (visible)",
    ]


@given(grants)
def test_no_two_things_read_the_same(held: Grants) -> None:
    assert len(in_words(held)) == len(set(in_words(held))) == sum(len(rows) for rows in held.values())


def test_rights_stand_in_the_order_of_their_section() -> None:
    assert ordered(OBJECTS, rights("modify_all_records", "create", "read")) == ["read", "create", "modify_all_records"]
    assert ordered(TABS, rights("visible", "available")) == ["available", "visible"]
    assert ordered(USER_PERMISSIONS, ON) == [GRANTED]


# -- as a change says it -------------------------------------------------------------------------------------------------------------


def test_a_change_names_every_right_of_a_row() -> None:
    assert fields_of(FIELDS, rights("read")) == {"read": True, "edit": False}
    assert fields_of(BY_OPTION["flows"], ON) == {"access": True}
    assert fields_of(TABS, tab_rights("visible")) == {"visibility": "visible"}
    assert fields_of(TABS, tab_rights("available")) == {"visibility": "available"}
    assert set(fields_of(OBJECTS, NONE)) == set(OBJECTS.rights)


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.option)
@given(st.data())
def test_a_change_says_neither_more_nor_less_than_the_rights(section: Section, data: st.DataObject) -> None:
    some = data.draw(possible(section))
    assert rights_in(section, fields_of(section, some)) == some


@pytest.mark.parametrize("visibility", ["visible", "available"])
def test_visible_is_available_and_more(visibility: str) -> None:
    assert visibility_of(tab_rights(visibility)) == visibility
    assert tab_rights("available") < tab_rights("visible")


def test_a_key_is_the_set_and_the_name_which_may_hold_slashes_itself() -> None:
    assert name_of(Create("connected_app_access", "Acme/Phone/Mobile", {})) == "Phone/Mobile"
    assert name_of(Delete("user_permissions", "Acme", "", {})) == "Acme"


# -- what changes leave --------------------------------------------------------------------------------------------------------------

HELD: Held = {
    "user_permissions": {"ApiEnabled": Row(None, ON), "EditTask": Row(None, ON)},
    "object_permissions": {"Account": Row("110A", rights("read", "edit"))},
    "tabs": {"standard-Lead": Row("01PA", tab_rights("visible"))},
    "apex_classes": {"Dial": Row("0J0A", ON)},
}


@pytest.mark.parametrize(
    ("change", "option", "after"),
    [
        (
            Create("object_permissions", "Acme/Lead", {"read": True, "edit": False}),
            "object_permissions",
            {"Account": Row("110A", rights("read", "edit")), "Lead": Row(None, rights("read"))},
        ),
        (
            Update("object_permissions", "Acme/Account", "110A", {"delete": False}, {"delete": True}),
            "object_permissions",
            {"Account": Row("110A", rights("read", "edit", "delete"))},
        ),
        (
            Update("object_permissions", "Acme/Account", "110A", {"edit": True}, {"edit": False}),
            "object_permissions",
            {"Account": Row("110A", rights("read"))},
        ),
        (Delete("object_permissions", "Acme/Account", "110A", {"read": True}), "object_permissions", {}),
        (Delete("object_permissions", "Acme/Gone", "110Z", {"read": True}), "object_permissions", HELD["object_permissions"]),
        (
            Update("tab_setting", "Acme/standard-Lead", "01PA", {"visibility": "visible"}, {"visibility": "available"}),
            "tabs",
            {"standard-Lead": Row("01PA", tab_rights("available"))},
        ),
        (Create("apex_class_access", "Acme/Ring", {"access": True}), "apex_classes", {"Dial": Row("0J0A", ON), "Ring": Row(None, ON)}),
        (
            Create("user_permissions", "Acme", {"ViewSetup": True, "ViewRoles": True}),
            "user_permissions",
            {**HELD["user_permissions"], "ViewSetup": Row(None, ON), "ViewRoles": Row(None, ON)},
        ),
        (Delete("user_permissions", "Acme", "", {"EditTask": True, "Gone": True}), "user_permissions", {"ApiEnabled": Row(None, ON)}),
    ],
)
def test_a_change_leaves_its_section_so_and_the_others_alone(change: Change, option: str, after: object) -> None:
    left = applied(HELD, [change])
    assert left[option] == after
    assert {name: rows for name, rows in left.items() if name != option and rows} == {
        name: rows for name, rows in HELD.items() if name != option
    }


def test_what_is_no_section_changes_no_rows_and_every_section_is_there() -> None:
    left = applied({}, [Create("permission_set", "Acme", {"label": "Acme"}), Delete("permission_set_assignment", "Acme/x", "0Pa", {})])
    assert left == {option: {} for option in BY_OPTION}


def test_the_rows_themselves_stay_as_they_were() -> None:
    applied(HELD, [Delete("user_permissions", "Acme", "", {"EditTask": True}), Delete("apex_class_access", "Acme/Dial", "0J0A", {})])
    assert set(HELD["user_permissions"]) == {"ApiEnabled", "EditTask"}
    assert set(HELD["apex_classes"]) == {"Dial"}


def changes_between(before: Grants, after: Grants) -> list[Change]:
    """The changes that make after of before, as plans say them."""
    changes: list[Change] = []
    for option, section in BY_OPTION.items():
        old, new = before.get(option, {}), after.get(option, {})
        if section is USER_PERMISSIONS:
            changes.append(Delete(section.kind, "Acme", "", dict.fromkeys(set(old) - set(new), True)))
            changes.append(Create(section.kind, "Acme", dict.fromkeys(set(new) - set(old), True)))
            continue
        changes += [Delete(section.kind, f"Acme/{name}", "Id", fields_of(section, some)) for name, some in old.items() if name not in new]
        changes += [Create(section.kind, f"Acme/{name}", fields_of(section, some)) for name, some in new.items() if name not in old]
        for name in set(old) & set(new):
            was, is_now = fields_of(section, old[name]), fields_of(section, new[name])
            differing = [key for key in is_now if was[key] != is_now[key]]
            if differing:
                shown = {key: was[key] for key in differing}, {key: is_now[key] for key in differing}
                changes.append(Update(section.kind, f"Acme/{name}", "Id", *shown))
    return changes


@given(grants, grants)
def test_changes_that_lead_from_one_set_to_another_leave_the_other(before: Grants, after: Grants) -> None:
    held = {option: {name: Row("Id", some) for name, some in rows.items()} for option, rows in before.items()}
    left = granted_by(applied(held, changes_between(before, after)))
    assert triples(left) == triples(after)
