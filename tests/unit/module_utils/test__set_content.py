# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._plan import Existing
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_content import (
    APEX_CLASS,
    APEX_PAGE,
    NEEDS,
    OBJECT_RIGHTS,
    OPENING_RIGHTS,
    Access,
    Content,
    FieldTraits,
    Grant,
    Offer,
    as_grant,
    carried_over,
    expand,
    field_fits,
    fits,
    is_glob,
    lacking,
    masters_first,
    objects_to_describe,
    rights_of,
    traits_of,
)

TRIED = "shaping permission set Acme_Set"
PLAIN = FieldTraits(True, False, "")
FORMULA = FieldTraits(True, True, "a formula")
REQUIRED = FieldTraits(False, False, "required or a system field: everybody who sees the object has it")

# A small org: two package objects, the second a detail of the first, a subscriber's field among the package's, and a standard object.
OFFER = Offer(
    {"ApiEnabled": "API Enabled", "EditTask": "Edit Tasks", "ViewAllData": "View All Data", "One": "Twice Said", "Two": "Twice said"},
    frozenset({"pkg__Call__c", "pkg__Leg__c", "Account"}),
    frozenset(
        {"pkg__Call__c.pkg__Size__c", "pkg__Call__c.pkg__Total__c", "pkg__Call__c.Own__c", "Account.pkg__Link__c", "Account.Industry"}
    ),
    {
        "pkg__Call__c": {
            "Id": REQUIRED,
            "pkg__Size__c": PLAIN,
            "pkg__Total__c": FORMULA,
            "pkg__Name__c": REQUIRED,
            "Own__c": PLAIN,
        },
        "pkg__Leg__c": {"pkg__Call__c": FieldTraits(False, False, "a master-detail field follows its master", "pkg__Call__c")},
        "Account": {"pkg__Link__c": PLAIN, "Industry": PLAIN, "Name": REQUIRED},
    },
    {APEX_CLASS: {"pkg__Dial": "01p1", "Own": "01p2"}, APEX_PAGE: {"pkg__Panel": "0661"}},
)


def wish(
    permissions: tuple[str, ...] = (),
    objects: tuple[Access, ...] = (),
    fields: tuple[Access, ...] = (),
    classes: tuple[str, ...] = (),
    pages: tuple[str, ...] = (),
    offer: Offer = OFFER,
) -> Grant:
    return expand(permissions, objects, fields, classes, pages, offer, TRIED)


# -- names and globs -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("Account", "account", True),
        ("pkg__*", "PKG__Call__c", True),
        ("pkg__*", "other__Call__c", False),
        ("pkg__?all__c", "pkg__Call__c", True),
        ("Acc", "Account", False),
        ("*", "anything", True),
        ("A[bc]", "Ab", False),
        ("A[bc]", "A[bc]", True),
        ("A[!b]*", "A[!b]x", True),
    ],
)
def test_star_and_question_mark_are_the_only_globs_and_case_does_not_count(pattern: str, name: str, expected: bool) -> None:
    assert fits(pattern, name) is expected


@given(st.text("aB_[]!-^.c", max_size=6))
def test_a_name_without_globs_means_itself_alone(name: str) -> None:
    assert fits(name, name)
    assert not fits(name, name + "x")
    assert not is_glob(name)


@pytest.mark.parametrize(("pattern", "expected"), [("pkg__*", True), ("A?c", True), ("Account", False), ("A[b]", False)])
def test_a_glob_is_told_by_its_signs(pattern: str, expected: bool) -> None:
    assert is_glob(pattern) is expected


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("pkg__*", "Account.pkg__Link__c", True),
        ("pkg__*", "pkg__Call__c.Own__c", False),
        ("pkg__*.*", "pkg__Call__c.Own__c", True),
        ("*.pkg__*", "Account.pkg__Link__c", True),
        ("account.INDUSTRY", "Account.Industry", True),
        ("Account.*", "Contact.Name", False),
        ("*", "Account.Industry", True),
        ("Industry", "Account.Industry", False),
    ],
)
def test_a_fields_own_prefix_counts(pattern: str, name: str, expected: bool) -> None:
    assert field_fits(pattern, name) is expected


# -- what describe says --------------------------------------------------------------------------------------------------------------


def described(**more: Any) -> dict[str, Any]:
    item = {"name": "F__c", "permissionable": True, "calculated": False, "autoNumber": False, "referenceTo": [], "relationshipOrder": None}
    return {"fields": [{**item, **more}]}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, PLAIN),
        ({"calculated": True}, FORMULA),
        ({"autoNumber": True}, FieldTraits(True, True, "an auto number")),
        ({"permissionable": False}, REQUIRED),
        (
            {"permissionable": False, "relationshipOrder": 0, "referenceTo": ["Master__c"]},
            FieldTraits(False, False, "a master-detail field follows its master", "Master__c"),
        ),
        ({"referenceTo": ["Account"]}, PLAIN),
    ],
    ids=["plain", "formula", "auto number", "required", "master-detail", "lookup"],
)
def test_describe_tells_what_a_field_can_carry(more: dict[str, Any], expected: FieldTraits) -> None:
    assert traits_of(described(**more)) == {"F__c": expected}


@pytest.mark.parametrize(
    ("fields", "objects", "expected"),
    [
        ((Access("pkg__*", ("read",)),), (), ["Account", "pkg__Call__c"]),
        ((Access("Lead.pkg__X__c", ("read",)),), (), ["Lead"]),
        ((Access("Ac*.Industry", ("read",)),), (), ["Account"]),
        ((), (Access("pkg__*", ("read",)),), ["pkg__Call__c", "pkg__Leg__c"]),
        ((), (Access("Account", ("read",)),), []),
        ((), (), []),
    ],
    ids=["glob of fields", "a named field, known or not", "glob of objects", "custom objects for their masters", "standard object", "none"],
)
def test_only_objects_that_matter_are_described(fields: tuple[Access, ...], objects: tuple[Access, ...], expected: list[str]) -> None:
    assert objects_to_describe(fields, objects, OFFER) == expected


# -- expanding -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ApiEnabled", "apienabled", "PermissionsApiEnabled", "API Enabled", "api enabled"])
def test_a_user_permission_is_known_by_api_name_or_label(name: str) -> None:
    assert wish((name,)).permissions == {"ApiEnabled"}


def test_a_label_that_means_two_permissions_is_an_error_that_lists_them() -> None:
    with pytest.raises(Problem) as told:
        wish(("twice said",))
    assert told.value.code == "ambiguous_label"
    assert "One, Two" in told.value.said


def test_an_api_name_wins_over_a_label() -> None:
    offer = Offer({"One": "Two", "Two": "Something"}, frozenset(), frozenset())
    assert wish(("Two",), offer=offer).permissions == {"Two"}


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        ({"permissions": ("ApiEnable",)}, "unknown_permission", "ApiEnabled"),
        ({"permissions": ("Nonsense",)}, "unknown_permission", "Nonsense"),
        ({"objects": (Access("Acount", ("read",)),)}, "unknown_name", "Did you mean Account?"),
        ({"objects": (Access("gone__*", ("read",)),)}, "unknown_name", "gone__*"),
        ({"fields": (Access("Account.Industri", ("read",)),)}, "unknown_name", "Account.Industry"),
        ({"fields": (Access("Industry", ("read",)),)}, "unknown_name", "Account.Industry"),
        ({"fields": (Access("Account.Nam*", ("read",)),)}, "unknown_name", "Account.Nam*"),
        ({"fields": (Access("gone__*", ("read",)),)}, "unknown_name", "gone__*"),
        ({"classes": ("pkg__Dia",)}, "unknown_name", "pkg__Dial"),
        ({"classes": ("gone__*",)}, "unknown_name", "Apex class"),
        ({"pages": ("Panel",)}, "unknown_name", "Visualforce page"),
    ],
)
def test_what_the_org_does_not_know_stops_the_task_by_name(asked: dict[str, Any], code: str, words: str) -> None:
    with pytest.raises(Problem) as told:
        wish(**asked)
    assert told.value.code == code
    assert words in told.value.said
    assert told.value.tried == TRIED
    assert told.value.remedy


def test_object_globs_become_names_and_rights_add_up() -> None:
    granted = wish(objects=(Access("pkg__*", ("read",)), Access("PKG__call__c", ("edit",)))).objects
    assert granted == {"pkg__Call__c": {"read", "edit"}, "pkg__Leg__c": {"read"}}


def test_field_globs_take_the_packages_own_fields_and_say_what_is_passed_over() -> None:
    grant = wish(fields=(Access("pkg__*", ("read", "edit")),))
    assert grant.fields == {
        "Account.pkg__Link__c": {"read", "edit"},
        "pkg__Call__c.pkg__Size__c": {"read", "edit"},
        "pkg__Call__c.pkg__Total__c": {"read"},
    }
    assert dict(grant.passed_over) == {
        "pkg__Call__c.pkg__Name__c": REQUIRED.why,
        "pkg__Call__c.pkg__Total__c": "a formula: read only",
        "pkg__Leg__c.pkg__Call__c": "a master-detail field follows its master",
    }


def test_a_glob_says_nothing_of_system_fields_and_a_name_does() -> None:
    assert dict(wish(fields=(Access("Account.*", ("read",)),)).passed_over) == {}
    assert dict(wish(fields=(Access("Account.Name", ("read",)),)).passed_over) == {"Account.Name": REQUIRED.why}


def test_a_formula_is_not_passed_over_where_only_reading_is_asked_for() -> None:
    assert wish(fields=(Access("pkg__Call__c.pkg__Total__c", ("read",)),)).passed_over == ()


def test_a_glob_that_means_nothing_is_passed_over_beside_one_that_means_something() -> None:
    grant = wish(
        objects=(Access("gone__*", ("read",)), Access("Account", ("read",))),
        fields=(Access("gone__*", ("read",)), Access("Account.Industry", ("read",))),
        classes=("gone__*", "pkg__Dial"),
    )
    assert [name for name, _unused in grant.passed_over] == ["gone__*"] * 3
    assert all("matches no" in reason for _unused, reason in grant.passed_over)
    assert (set(grant.objects), set(grant.fields), grant.entities) == ({"Account"}, {"Account.Industry"}, {(APEX_CLASS, "pkg__Dial")})


def test_what_a_right_needs_is_a_right_that_needs_no_more() -> None:
    """NEEDS says all that a right needs, not only the next: whoever has that has no need left."""
    assert set(NEEDS) | {"read"} == set(OBJECT_RIGHTS)
    for right, needed in NEEDS.items():
        assert right not in needed
        assert {more for one in needed for more in NEEDS.get(one, ())} <= set(needed)


@pytest.mark.parametrize(
    ("offer", "reason"),
    [
        (Offer({}, frozenset(), frozenset({"Account.X__c"})), "hidden from the running user"),
        (Offer({}, frozenset(), frozenset(), {"Account": {"X__c": PLAIN}}), "the org offers no field permission for it"),
    ],
    ids=["in the picklist, not in describe", "in describe, not in the picklist"],
)
def test_a_field_must_be_offered_by_describe_and_by_the_picklist(offer: Offer, reason: str) -> None:
    grant = wish(fields=(Access("Account.X__c", ("read",)),), offer=offer)
    assert grant.fields == {}
    assert grant.passed_over == (("Account.X__c", reason),)


def test_classes_and_pages_are_named_with_their_namespace() -> None:
    assert wish(classes=("pkg__*", "own"), pages=("*",)).entities == {
        (APEX_CLASS, "pkg__Dial"),
        (APEX_CLASS, "Own"),
        (APEX_PAGE, "pkg__Panel"),
    }


patterns = st.sampled_from(["pkg__*", "*", "Account.*", "pkg__Call__c.pkg__Total__c", "pkg__Call__c.*", "Account.Name", "*.Own__c"])
field_wishes = st.lists(st.builds(Access, patterns, st.sampled_from([("read",), ("read", "edit"), ("edit",), ()])), max_size=4)


@given(field_wishes)
def test_nothing_is_granted_that_the_org_cannot_carry(fields: list[Access]) -> None:
    grant = wish(fields=tuple(fields))
    assert set(grant.fields) <= OFFER.fields
    assert "edit" not in grant.fields.get("pkg__Call__c.pkg__Total__c", ())
    assert all(rights for rights in grant.fields.values())
    assert len(set(grant.passed_over)) == len(grant.passed_over)


# -- comparing -----------------------------------------------------------------------------------------------------------------------

rights = st.fixed_dictionaries({name: st.booleans() for name in OBJECT_RIGHTS})
rows = st.dictionaries(st.sampled_from(["Account", "pkg__Call__c", "Gone__c"]), rights.map(lambda held: Existing("110#", held)))
field_rows = st.dictionaries(
    st.sampled_from(["Account.Industry", "Account.Gone__c"]),
    st.fixed_dictionaries({"read": st.booleans(), "edit": st.booleans()}).map(lambda held: Existing("01k#", held)),
)
entities = st.dictionaries(
    st.sampled_from([(APEX_CLASS, "Own"), (APEX_PAGE, "pkg__Panel"), ("CustomPermission", "X")]),
    st.just(Existing("0J0#", {"access": True})),
)
permissions = st.frozensets(st.sampled_from(["ApiEnabled", "EditTask", "ViewAllData", "NotHere"]))
contents = st.builds(Content, permissions, rows, field_rows, entities)


@given(contents)
def test_a_content_lacks_nothing_of_itself(content: Content) -> None:
    assert lacking(content, as_grant(content)) == []


@given(contents, contents)
def test_a_content_lacks_nothing_only_if_it_holds_every_right(content: Content, other: Content) -> None:
    wanted = as_grant(other)
    holds_all = (
        wanted.permissions <= content.permissions
        and all(asked <= rights_of(content.objects.get(name, Existing(None, {}))) for name, asked in wanted.objects.items())
        and all(asked <= rights_of(content.fields.get(name, Existing(None, {}))) for name, asked in wanted.fields.items())
        and wanted.entities <= set(content.entities)
    )
    assert (lacking(content, wanted) == []) == holds_all


def test_what_is_lacking_is_told_in_words() -> None:
    wanted = Grant(
        frozenset({"ApiEnabled"}),
        {"Account": frozenset({"edit", "read", "modify_all_records"})},
        {"Account.Industry": frozenset({"edit"})},
        frozenset({(APEX_CLASS, "Own")}),
    )
    assert lacking(Content(objects={"Account": Existing("110#", {"read": True})}), wanted) == [
        "user permission ApiEnabled",
        "edit+modify_all_records on object Account",
        "edit on field Account.Industry",
        "ApexClass Own",
    ]


@given(contents, permissions)
def test_a_clone_carries_what_the_org_offers_and_opens_it_only_where_asked(source: Content, asked: frozenset[str]) -> None:
    carried = carried_over(source, Grant(asked), OFFER)
    assert carried.permissions <= source.permissions
    assert carried.permissions <= set(OFFER.permissions)
    assert carried.permissions & OPENING_RIGHTS <= asked
    assert source.permissions & set(OFFER.permissions) - OPENING_RIGHTS <= carried.permissions
    assert source.permissions & asked & set(OFFER.permissions) <= carried.permissions
    assert set(carried.objects) == set(source.objects) & OFFER.objects
    assert set(carried.fields) == set(source.fields) & OFFER.fields
    assert carried.entities == {key for key in source.entities if key[0] in (APEX_CLASS, APEX_PAGE)}


def test_the_rights_that_open_an_org_are_those_of_the_first_day() -> None:
    assert sorted(OPENING_RIGHTS) == [
        "AssignPermissionSets",
        "AuthorApex",
        "CustomizeApplication",
        "ManageSharing",
        "ManageUsers",
        "ModifyAllData",
        "ModifyMetadata",
        "ViewAllData",
    ]


@given(contents, contents)
def test_two_grants_together_hold_each_and_no_more(one: Content, other: Content) -> None:
    both = as_grant(one).joined(as_grant(other))
    for content in (one, other):
        single = as_grant(content)
        assert single.permissions <= both.permissions
        assert single.entities <= both.entities
        assert all(held <= both.objects[name] for name, held in single.objects.items())
        assert all(held <= both.fields[name] for name, held in single.fields.items())
    for name, held in both.objects.items():
        assert held == as_grant(one).objects.get(name, frozenset()) | as_grant(other).objects.get(name, frozenset())
    assert both.permissions == one.permissions | other.permissions


def test_a_grant_joined_with_another_says_once_what_is_passed_over() -> None:
    one = Grant(passed_over=(("A.x", "required"), ("A.y", "a formula")))
    other = Grant(passed_over=(("A.y", "a formula"), ("A.z", "required")))
    assert one.joined(other).passed_over == (("A.x", "required"), ("A.y", "a formula"), ("A.z", "required"))


# -- order ---------------------------------------------------------------------------------------------------------------------------

names = [f"{letter}__c" for letter in "ABCDEF"]
edges = st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=10)


def offer_of(details: list[tuple[str, str]]) -> Offer:
    """details: (detail, master)."""
    traits: dict[str, dict[str, FieldTraits]] = {}
    for detail, master in details:
        traits.setdefault(detail, {})[f"{master[0]}_of__c"] = FieldTraits(False, False, "", master)
    return Offer({}, frozenset(names), frozenset(), traits)


@given(edges, st.permutations(names))
def test_masters_come_before_their_details(details: list[tuple[str, str]], ages: list[str]) -> None:
    acyclic = [(detail, master) for detail, master in details if ages.index(master) < ages.index(detail)]
    ordered = masters_first(names, offer_of(acyclic))
    assert sorted(ordered) == sorted(names)
    assert all(ordered.index(master) < ordered.index(detail) for detail, master in acyclic)


@given(edges, st.frozensets(st.sampled_from(names)))
def test_every_object_comes_once_even_where_masters_go_in_circles(details: list[tuple[str, str]], wanted: frozenset[str]) -> None:
    assert sorted(masters_first(wanted, offer_of(details))) == sorted(wanted)


def test_objects_without_masters_come_by_name() -> None:
    assert masters_first(["C__c", "A__c", "B__c"], offer_of([("A__c", "C__c")])) == ["C__c", "A__c", "B__c"]
    assert masters_first(["C__c", "A__c", "B__c"], offer_of([])) == ["A__c", "B__c", "C__c"]
