# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils import _permission_set as noun
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._permission_set import Current, Desired, License, PermissionSet
from ansible_collections.voiceops.salesforce.plugins.module_utils._plan import (
    Change,
    Create,
    Delete,
    Existing,
    Plan,
    Update,
    as_changes,
    as_diff,
    identity,
)
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_content import (
    APEX_CLASS,
    APEX_PAGE,
    FIELD_RIGHTS,
    OBJECT_RIGHTS,
    OPENING_RIGHTS,
    Content,
    FieldTraits,
    Offer,
    rights_of,
)
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_reference import SetReference

NAME = "Acme_Set"
KINDS = ["permission_set", "object_permissions", "field_permissions", "apex_class_access", "visualforce_page_access"]

# pkg__Zone__c is the master of pkg__Call__c, so that the order of names is not the order of writing.
OFFER = Offer(
    {"ApiEnabled": "API Enabled", "EditTask": "Edit Tasks", "ViewAllData": "View All Data", "ManageUsers": "Manage Users"},
    frozenset({"Account", "pkg__Call__c", "pkg__Zone__c"}),
    frozenset({"Account.Industry", "pkg__Call__c.pkg__Size__c", "pkg__Call__c.pkg__Total__c"}),
    {
        "Account": {"Industry": FieldTraits(True, False, "")},
        "pkg__Call__c": {
            "pkg__Size__c": FieldTraits(True, False, ""),
            "pkg__Total__c": FieldTraits(True, True, "a formula"),
            "pkg__Zone__c": FieldTraits(False, False, "a master-detail field follows its master", "pkg__Zone__c"),
        },
        "pkg__Zone__c": {},
    },
    {APEX_CLASS: {"pkg__Dial": "01p#1", "pkg__Hang": "01p#2"}, APEX_PAGE: {"pkg__Panel": "066#1"}},
)


def options(**given: Any) -> dict[str, Any]:
    """The module's own options, validated as Ansible does."""
    checked = ArgumentSpecValidator(noun.NOUN.argument_spec, **noun.NOUN.constraints).validate({"name": NAME} | given)
    assert not checked.error_messages
    return dict(checked.validated_parameters)


def desired(**given: Any) -> Desired:
    return noun.desired(options(**given))


def row(name: str = NAME, **more: Any) -> dict[str, Any]:
    return {
        "Id": f"0PS#{name}",
        "Name": name,
        "Label": name,
        "Description": None,
        "NamespacePrefix": None,
        "IsCustom": True,
        "IsOwnedByProfile": False,
        "PermissionSetGroupId": None,
        "LicenseId": None,
        "License": None,
        "HasActivationRequired": False,
        **more,
    }


def packaged(content: Content, **more: Any) -> PermissionSet:
    return PermissionSet(row("Packaged", NamespacePrefix="pkg", **more), content)


def apply(plan: Plan, current: Current) -> Current:
    """The org after it has taken every change, one after the other; refuses what an org would refuse for its order."""
    target, assignments = current.target, dict(current.assignments)
    for change in plan.changes:
        if change.kind == noun.ASSIGNMENT_KIND:
            assert isinstance(change, Delete)
            assert assignments.pop(change.key.split("/", 1)[1]) == change.id
        elif change.kind == noun.KIND:
            target = _set_applied(change, target, current, assignments)
        else:
            assert target is not None, "a row before its set"
            target = PermissionSet(target.row, _row_applied(change, target.content))
    return replace(current, target=target, assignments=assignments)


def _set_applied(change: Change, target: PermissionSet | None, current: Current, assignments: dict[str, str]) -> PermissionSet | None:
    if isinstance(change, Delete):
        assert not assignments, "a set that users have cannot go"
        return None
    if isinstance(change, Create):
        assert target is None
        lender = current.license.id if current.license else current.source.row["LicenseId"] if current.source else None
        target = PermissionSet(row(change.key, LicenseId=lender), Content())
    assert target is not None
    words = {"label": "Label", "description": "Description"}
    changed = {words[name]: value for name, value in change.after.items() if name in words}
    held = target.content.permissions | set(change.after.get("user_permissions", ()))
    return PermissionSet({**target.row, **changed}, replace(target.content, permissions=held))


def _row_applied(change: Change, content: Content) -> Content:
    name = change.key.split("/", 1)[1]
    part = {"object_permissions": "objects", "field_permissions": "fields"}.get(change.kind, "entities")
    key = {"apex_class_access": (APEX_CLASS, name), "visualforce_page_access": (APEX_PAGE, name)}.get(change.kind, name)
    rows: dict[Any, Existing] = dict(getattr(content, part))
    assert not isinstance(change, Delete), "this noun takes no row away"
    if isinstance(change, Create):
        assert key not in rows
        rows[key] = Existing("row#new", dict(change.after))
    else:
        rows[key] = Existing(change.id, {**rows[key].fields, **change.after})
    return replace(content, **{part: rows})


# -- strategies ----------------------------------------------------------------------------------------------------------------------

flags = st.booleans()
# Rights as they can be asked for: each with those that it needs.
sensible = st.sampled_from(
    [
        (),
        ("read",),
        ("read", "create"),
        ("read", "edit"),
        ("read", "edit", "delete"),
        ("read", "view_all_records"),
        ("read", "view_all_fields"),
        ("read", "edit", "delete", "view_all_records", "modify_all_records"),
        tuple(OBJECT_RIGHTS),
    ]
)
object_wishes = st.lists(
    st.builds(
        lambda name, rights: {"object": name, **dict.fromkeys(rights, True)},
        st.sampled_from(["Account", "pkg__*", "pkg__Call__c", "*"]),
        sensible,
    ),
    max_size=3,
)
field_wishes = st.lists(
    st.builds(
        lambda name, rights: {"field": name, **dict.fromkeys(rights, True)},
        st.sampled_from(["pkg__*", "Account.Industry", "*.*", "pkg__Call__c.pkg__Total__c"]),
        st.sampled_from([(), ("read",), ("read", "edit")]),
    ),
    max_size=3,
)
wishes = st.fixed_dictionaries(
    {},
    optional={
        "label": st.sampled_from(["Acme Set", "Other"]),
        "description": st.sampled_from(["", "words"]),
        "user_permissions": st.lists(st.sampled_from(["ApiEnabled", "EditTask", "View All Data"]), max_size=3),
        "object_permissions": object_wishes,
        "field_permissions": field_wishes,
        "apex_classes": st.lists(st.sampled_from(["pkg__*", "pkg__Dial"]), max_size=2),
        "visualforce_pages": st.lists(st.just("pkg__Panel"), max_size=1),
        "clone": st.sampled_from(["always", "when_needed", "never"]),
    },
).map(lambda given: desired(clone_from={"name": "pkg__Packaged"}, **given))

object_rows = st.dictionaries(
    st.sampled_from(["Account", "pkg__Call__c", "pkg__Zone__c", "Gone__c"]),
    st.fixed_dictionaries(dict.fromkeys(OBJECT_RIGHTS, flags)).map(lambda held: Existing("110#row", held)),
)
field_rows = st.dictionaries(
    st.sampled_from([*sorted(OFFER.fields), "Account.Gone__c"]),
    st.fixed_dictionaries(dict.fromkeys(FIELD_RIGHTS, flags)).map(lambda held: Existing("01k#row", held)),
)
entity_rows = st.dictionaries(
    st.sampled_from([(APEX_CLASS, "pkg__Dial"), (APEX_CLASS, "pkg__Hang"), (APEX_PAGE, "pkg__Panel")]),
    st.just(Existing("0J0#row", {"access": True})),
)
contents = st.builds(
    Content,
    st.frozensets(st.sampled_from([*OFFER.permissions, "NotHere"])),
    object_rows,
    field_rows,
    entity_rows,
    st.dictionaries(st.just("pkg__Tab"), st.sampled_from(["DefaultOn", "Available"])),
    st.sampled_from([{}, {"0CP#1": "CustomPermission", "0CP#2": "CustomPermission"}]),
)
targets = st.builds(
    PermissionSet,
    st.builds(row, Label=st.sampled_from(["Acme Set", "Else"]), Description=st.sampled_from([None, "words", "old"])),
    contents,
)
currents = st.builds(Current, st.none() | targets, st.none() | st.builds(packaged, contents), st.just(OFFER))


# -- the plan ------------------------------------------------------------------------------------------------------------------------


@given(wishes, currents)
def test_an_applied_plan_leaves_nothing_to_do(wish: Desired, current: Current) -> None:
    applied = apply(noun.plan(wish, current), current)
    assert noun.plan(wish, applied) == Plan()


@given(wishes, currents)
def test_an_applied_plan_leaves_nothing_missing(wish: Desired, current: Current) -> None:
    made = noun.plan(wish, current)
    told = noun.report(wish, apply(made, current), made)
    assert told["missing"] == [] or (wish.clone == "never" and told["permission_set"]["namespace"] == "pkg")


@given(wishes, currents)
def test_check_mode_reports_what_the_run_then_reports(wish: Desired, current: Current) -> None:
    made = noun.plan(wish, current)
    assert noun.report(wish, current, made) == noun.report(wish, apply(made, current), made)


@given(wishes, currents)
def test_nothing_is_taken_away_or_lowered(wish: Desired, current: Current) -> None:
    for change in noun.plan(wish, current).changes:
        assert not isinstance(change, Delete)
        if isinstance(change, Update) and change.kind != noun.KIND:
            assert set(change.after.values()) == {True}
            assert set(change.before.values()) == {False}
    before = current.target.content if current.target else Content()
    applied = apply(noun.plan(wish, current), current)
    after = applied.target.content if applied.target else Content()
    assert before.permissions <= after.permissions
    assert set(before.entities) <= set(after.entities)
    for held, left in ((before.objects, after.objects), (before.fields, after.fields)):
        assert all(rights_of(row) <= rights_of(left[name]) for name, row in held.items())


@given(wishes, currents)
def test_attributes_that_nobody_named_are_never_in_a_plan(wish: Desired, current: Current) -> None:
    for change in noun.plan(wish, current).changes:
        if change.kind == noun.KIND and isinstance(change, Update):
            assert set(change.after) - {"user_permissions"} <= set(wish.attributes)
        if change.kind == noun.KIND and isinstance(change, Create):
            assert set(change.after) - {"user_permissions", "label", "license"} <= set(wish.attributes)


@given(wishes, currents)
def test_rows_that_nobody_asked_for_are_never_in_a_plan(wish: Desired, current: Current) -> None:
    """Without a source, only what the wishes name; with one, only what it grants as well."""
    assume(current.source is None)
    asked = noun._asked(wish, current)
    named = {
        "object_permissions": set(asked.objects),
        "field_permissions": set(asked.fields),
        "apex_class_access": {name for kind, name in asked.entities if kind == APEX_CLASS},
        "visualforce_page_access": {name for kind, name in asked.entities if kind == APEX_PAGE},
    }
    for change in noun.plan(wish, current).changes:
        if change.kind != noun.KIND:
            assert change.key.split("/", 1)[1] in named[change.kind]


@given(wishes, currents)
def test_a_plan_puts_the_set_first_then_objects_fields_and_entities(wish: Desired, current: Current) -> None:
    kinds = [KINDS.index(change.kind) for change in noun.plan(wish, current).changes]
    assert kinds == sorted(kinds)
    assert kinds.count(0) <= 1
    if current.target is None and kinds:
        assert kinds[0] == 0


@given(wishes, currents)
def test_masters_come_before_their_details(wish: Desired, current: Current) -> None:
    objects = [change.key.split("/", 1)[1] for change in noun.plan(wish, current).changes if change.kind == noun.OBJECT_KIND]
    if {"pkg__Zone__c", "pkg__Call__c"} <= set(objects):
        assert objects.index("pkg__Zone__c") < objects.index("pkg__Call__c")


@given(wishes, currents)
def test_rights_that_open_an_org_are_granted_only_where_they_are_named(wish: Desired, current: Current) -> None:
    named = {"ViewAllData"} if "View All Data" in wish.permissions else set()
    for change in noun.plan(wish, current).changes:
        if change.kind == noun.KIND and not isinstance(change, Delete):
            assert set(change.after.get("user_permissions", ())) & OPENING_RIGHTS <= named


@given(wishes, currents)
def test_no_record_id_is_ever_shown(wish: Desired, current: Current) -> None:
    made = noun.plan(wish, current)
    shown = json.dumps([as_changes(made.changes), as_diff(made.changes, "x"), noun.report(wish, current, made)])
    assert "#" not in shown


@given(wishes, currents)
def test_each_change_of_a_plan_is_of_its_own(wish: Desired, current: Current) -> None:
    told = [identity(change) for change in noun.plan(wish, current).changes]
    assert len(told) == len(set(told))


@given(wishes, currents)
def test_a_source_that_suffices_is_used_as_it_is(wish: Desired, current: Current) -> None:
    assume(current.source is not None)
    made = noun.plan(wish, current)
    told = noun.report(wish, current, made)
    if wish.clone == "never":
        assert made == Plan()
    if wish.clone == "always":
        assert told["permission_set"]["is_clone"]
    if told["permission_set"]["namespace"] == "pkg":
        assert made == Plan()
        assert wish.clone == "never" or told["missing"] == []
        assert told["permission_set"]["qualified_name"] == "pkg__Packaged"


def test_a_new_set_is_called_after_its_name_and_holds_what_is_asked_for() -> None:
    wish = desired(
        user_permissions=["Edit Tasks", "ApiEnabled"],
        object_permissions=[{"object": "Account", "read": True, "edit": True}],
        field_permissions=[{"field": "pkg__Call__c.*", "read": True, "edit": True}],
        apex_classes=["pkg__Dial"],
        visualforce_pages=["pkg__*"],
    )
    none = dict.fromkeys(["read", "create", "edit", "delete", "view_all_records", "modify_all_records"], False)
    assert noun.plan(wish, Current(None, None, OFFER)).changes == (
        Create("permission_set", NAME, {"label": "Acme Set", "user_permissions": ["ApiEnabled", "EditTask"]}),
        Create("object_permissions", f"{NAME}/Account", {**none, "read": True, "edit": True}),
        Create("field_permissions", f"{NAME}/pkg__Call__c.pkg__Size__c", {"read": True, "edit": True}),
        Create("field_permissions", f"{NAME}/pkg__Call__c.pkg__Total__c", {"read": True, "edit": False}),
        Create("apex_class_access", f"{NAME}/pkg__Dial", {"access": True}),
        Create("visualforce_page_access", f"{NAME}/pkg__Panel", {"access": True}),
    )


def test_an_existing_row_gains_only_what_it_lacks() -> None:
    held = Content(objects={"Account": Existing("110#1", {**dict.fromkeys(OBJECT_RIGHTS, False), "read": True, "delete": True})})
    wish = desired(object_permissions=[{"object": "Account", "read": True, "edit": True}])
    assert noun.plan(wish, Current(PermissionSet(row(), held), None, OFFER)).changes == (
        Update("object_permissions", f"{NAME}/Account", "110#1", {"edit": False}, {"edit": True}),
    )


@pytest.mark.parametrize(
    ("given", "held", "after"),
    [
        ({"description": ""}, "words", {"description": ""}),
        ({"description": ""}, None, None),
        ({}, "words", None),
        ({"description": "new"}, None, {"description": "new"}),
        ({"label": NAME}, None, None),
    ],
    ids=["an empty text clears", "what is clear stays", "left out is not managed", "set", "unchanged"],
)
def test_a_text_is_managed_only_where_it_is_given(given: dict[str, Any], held: str | None, after: dict[str, Any] | None) -> None:
    made = noun.plan(desired(**given), Current(PermissionSet(row(Description=held), Content()), None, OFFER))
    assert [change.after for change in made.changes if isinstance(change, Update)] == ([after] if after else [])


# -- who may be written --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"NamespacePrefix": "pkg"}, "managed_target"),
        ({"IsCustom": False}, "standard_target"),
        ({"IsCustom": False, "NamespacePrefix": "force"}, "standard_target"),
        ({"PermissionSetGroupId": "0PG#1"}, "group_target"),
    ],
)
def test_sets_that_are_not_the_users_own_are_refused(more: dict[str, Any], code: str, state: str) -> None:
    with pytest.raises(Problem) as told:
        noun.plan(desired(state=state), Current(PermissionSet(row(**more), Content()), None, OFFER))
    assert told.value.code == code
    assert NAME in str(told.value)
    assert told.value.remedy


LICENCE = License("0PL#1", "Voice Seat", frozenset({"ApiEnabled"}))


@pytest.mark.parametrize(
    ("target", "licence", "code"),
    [
        (PermissionSet(row(LicenseId="0PL#2"), Content()), LICENCE, "license_fixed"),
        (PermissionSet(row(), Content()), LICENCE, "license_fixed"),
        (None, LICENCE, "license_forbids"),
    ],
    ids=["another licence", "none", "a permission that it does not allow"],
)
def test_a_licence_that_cannot_be_is_refused(target: PermissionSet | None, licence: License, code: str) -> None:
    with pytest.raises(Problem) as told:
        noun.plan(desired(license="Voice Seat", user_permissions=["EditTask"]), Current(target, None, OFFER, licence))
    assert told.value.code == code
    assert "Voice Seat" in told.value.said
    assert code != "license_forbids" or "EditTask" in told.value.said


@pytest.mark.parametrize(
    ("licence", "source", "expected"),
    [
        (LICENCE, packaged(Content(), LicenseId="100#1", License={"Name": "Salesforce"}), "Voice Seat"),
        (None, packaged(Content(), LicenseId="100#1", License={"Name": "Salesforce"}), "Salesforce"),
        (None, packaged(Content()), None),
        (None, None, None),
    ],
    ids=["as asked for", "the source's", "the source has none", "none"],
)
def test_a_new_set_gets_the_licence_asked_for_or_its_sources(
    licence: License | None, source: PermissionSet | None, expected: str | None
) -> None:
    created = noun.plan(desired(), Current(None, source, OFFER, licence)).changes[0]
    assert isinstance(created, Create)
    assert created.after.get("license") == expected


# -- taking a set away ---------------------------------------------------------------------------------------------------------------

holders = st.dictionaries(st.integers(0, 99).map(lambda number: f"user{number}@acme.example"), st.just("0Pa#1"), max_size=4)


@given(holders)
def test_an_absent_set_is_taken_from_its_users_first(assignments: dict[str, str]) -> None:
    current = Current(PermissionSet(row(), Content()), None, OFFER, None, assignments)
    made = noun.plan(desired(state="absent"), current)
    assert [change.kind for change in made.changes] == ["permission_set_assignment"] * len(assignments) + ["permission_set"]
    assert all(isinstance(change, Delete) for change in made.changes)
    applied = apply(made, current)
    assert applied.target is None
    assert noun.plan(desired(state="absent"), applied) == Plan()


@pytest.mark.parametrize(("most", "stops"), [(2, True), (3, False)])
def test_a_set_that_more_users_have_than_may_lose_it_stays(most: int, stops: bool) -> None:
    assignments = {f"user{number}@acme.example": "0Pa#1" for number in range(3)}
    current = Current(PermissionSet(row(), Content()), None, OFFER, None, assignments)
    wish = desired(state="absent", max_removals=most)
    if not stops:
        assert len(noun.plan(wish, current).changes) == 4
        return
    with pytest.raises(Problem) as told:
        noun.plan(wish, current)
    assert told.value.code == "too_many_removals"
    assert "max_removals" in told.value.remedy
    assert NAME in told.value.tried


def test_a_set_of_a_group_stays() -> None:
    current = Current(PermissionSet(row(), Content()), None, OFFER, groups=("Sales_Group",))
    with pytest.raises(Problem) as told:
        noun.plan(desired(state="absent"), current)
    assert told.value.code == "in_group"
    assert "Sales_Group" in told.value.said
    assert NAME in told.value.tried


def test_a_set_that_is_not_there_needs_no_removal() -> None:
    current = Current(None, None, OFFER)
    assert noun.plan(desired(state="absent"), current) == Plan()
    assert noun.report(desired(state="absent"), current, Plan())["permission_set"]["name"] == NAME


# -- the report ----------------------------------------------------------------------------------------------------------------------


def test_nothing_of_a_source_is_dropped_in_silence() -> None:
    source = packaged(
        Content(
            frozenset({"ApiEnabled", "ManageUsers", "NotHere"}),
            {"Gone__c": Existing("110#1", {"read": True})},
            {"Account.Gone__c": Existing("01k#1", {"read": True, "edit": False})},
            {("CustomPermission", "x"): Existing("0J0#1", {"access": True})},
            {"pkg__Tab": "DefaultOn"},
            {"0CP#1": "CustomPermission", "0CP#2": "CustomPermission", "0CF#1": "ConnectedApplication"},
        ),
        HasActivationRequired=True,
    )
    current = Current(None, source, OFFER)
    wish = desired()
    assert noun.report(wish, current, noun.plan(wish, current))["not_cloned"] == [
        "user permission ManageUsers",
        "user permission NotHere",
        "read on object Gone__c",
        "read on field Account.Gone__c",
        "CustomPermission x",
        "session activation",
        "tab pkg__Tab (DefaultOn)",
        "access to 1 ConnectedApplication",
        "access to 2 CustomPermission",
    ]


def test_a_source_that_is_only_checked_says_what_it_lacks() -> None:
    current = Current(None, packaged(Content()), OFFER)
    wish = desired(clone="never", clone_from={"name": "pkg__Packaged"}, user_permissions=["ApiEnabled"])
    told = noun.report(wish, current, noun.plan(wish, current))
    assert told["missing"] == ["user permission ApiEnabled"]
    assert "pkg__Packaged lacks 1 of the rights" in told["warnings"][0]
    assert told["source"] == told["permission_set"]["qualified_name"] == "pkg__Packaged"
    assert told["not_cloned"] == []


def test_fields_that_cannot_carry_a_permission_are_reported() -> None:
    wish = desired(field_permissions=[{"field": "pkg__Call__c.*", "read": True, "edit": True}])
    current = Current(None, None, OFFER)
    assert noun.report(wish, current, noun.plan(wish, current))["passed_over"] == [
        {"name": "pkg__Call__c.pkg__Total__c", "reason": "a formula: read only"},
        {"name": "pkg__Call__c.pkg__Zone__c", "reason": "a master-detail field follows its master"},
    ]


# -- the wishes ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["A", "Acme_Set", "a1_2b", "A" * 80, " Acme_Set "])
def test_names_that_salesforce_takes(name: str) -> None:
    assert desired(name=name).name == name.strip()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"name": "1Set"}, "bad_name"),
        ({"name": "_Set"}, "bad_name"),
        ({"name": "Set_"}, "bad_name"),
        ({"name": "Acme Set"}, "bad_name"),
        ({"name": "Acme-Set"}, "bad_name"),
        ({"name": ""}, "bad_name"),
        ({"name": "Sét"}, "bad_name"),
        ({"name": "pkg__Set"}, "managed_target"),
        ({"name": "A" * 81}, "too_long"),
        ({"label": "x" * 81}, "too_long"),
        ({"description": "x" * 256}, "too_long"),
        ({"label": ""}, "empty_label"),
        ({"clone_from": {"namespace": "pkg", "label": ""}}, "no_source"),
        ({"clone": "never"}, "no_source"),
        ({"clone": "when_needed"}, "no_source"),
        ({"clone_from": {"id": "0PS000000000001AAA"}}, "not_an_id"),
        ({"clone_from": {"id": "005000000000001"}}, "not_an_id"),
    ],
)
def test_what_salesforce_would_refuse_is_refused_before_anything_is_read(given: dict[str, Any], code: str) -> None:
    with pytest.raises(Problem) as told:
        desired(**given)
    assert told.value.code == code
    assert given.get("name", NAME) in told.value.tried
    assert told.value.remedy


@pytest.mark.parametrize(
    ("given", "reference"),
    [
        (None, None),
        ({"id": "0PS000000000001"}, SetReference(id="0PS000000000001")),
        ({"name": "pkg__Agent"}, SetReference(name="Agent", namespace="pkg")),
        ({"name": "Agent"}, SetReference(name="Agent")),
        ({"name": "Agent", "namespace": "pkg"}, SetReference(name="Agent", namespace="pkg")),
        ({"name": "Agent", "namespace": ""}, SetReference(name="Agent", namespace="")),
        ({"name": "one__Agent", "namespace": "two"}, SetReference(name="Agent", namespace="one")),
        ({"label": "An agent", "namespace": "pkg"}, SetReference(label="An agent", namespace="pkg")),
        ({"label": "An agent"}, SetReference(label="An agent")),
    ],
)
def test_a_source_is_named_in_any_of_four_ways(given: dict[str, Any] | None, reference: SetReference | None) -> None:
    assert desired(clone_from=given).source == reference


@pytest.mark.parametrize(
    "given",
    [
        {"namespace": "pkg"},
        {"id": "0PS000000000001", "name": "Agent"},
        {"name": "Agent", "label": "An agent"},
        {"id": "0PS000000000001", "namespace": "pkg"},
    ],
)
def test_a_source_named_by_half_or_twice_is_refused_by_the_options(given: dict[str, Any]) -> None:
    checked = ArgumentSpecValidator(noun.NOUN.argument_spec).validate({"name": NAME, "clone_from": given})
    assert checked.error_messages


def test_only_the_rights_that_are_true_are_asked_for() -> None:
    wish = desired(
        object_permissions=[{"object": " Account ", "read": True, "edit": False}],
        field_permissions=[{"field": "A.b", "edit": True, "read": True}],
    )
    assert [(item.pattern, item.rights) for item in wish.objects] == [("Account", ("read",))]
    assert [(item.pattern, item.rights) for item in wish.fields] == [("A.b", ("read", "edit"))]


@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        ({"object_permissions": [{"object": "Account", "create": True}]}, "read"),
        ({"object_permissions": [{"object": "Account", "read": True, "delete": True}]}, "edit"),
        ({"object_permissions": [{"object": "Account", "view_all_fields": True}]}, "read"),
        (
            {"object_permissions": [{"object": "Account", "read": True, "edit": True, "modify_all_records": True}]},
            "delete and view_all_records",
        ),
        ({"field_permissions": [{"field": "Account.Industry", "edit": True}]}, "read"),
    ],
)
def test_a_right_without_those_it_needs_is_refused_by_name(given: dict[str, Any], lacking: str) -> None:
    with pytest.raises(Problem) as told:
        desired(**given)
    assert told.value.code == "missing_right"
    assert f"needs {lacking} too" in told.value.said
    assert "Account" in told.value.said
    assert NAME in told.value.tried


def test_a_column_that_not_every_org_has_is_written_only_where_it_is_wanted() -> None:
    for wanted in (True, False):
        wish = desired(object_permissions=[{"object": "Account", "read": True, "view_all_fields": wanted}])
        created = noun.plan(wish, Current(None, None, OFFER)).changes[1]
        assert isinstance(created, Create)
        assert created.after.get("view_all_fields", False) is wanted
        assert ("view_all_fields" in created.after) is wanted


def test_space_around_names_and_texts_does_not_count() -> None:
    wish = desired(label=" Acme ", description=" words ", user_permissions=[" ApiEnabled "], apex_classes=[" pkg__* "])
    assert (wish.attributes, wish.permissions, wish.classes) == ({"label": "Acme", "description": "words"}, ("ApiEnabled",), ("pkg__*",))
