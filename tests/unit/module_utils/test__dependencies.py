# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils._dependencies import (
    HIGH_RISK,
    Added,
    Needs,
    coded,
    from_refusal,
    from_rows,
    object_closure,
    user_closure,
    why,
    within,
)
from ansible_collections.voiceops.salesforce.plugins.module_utils._grants import Grants, Rights, union
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_sections import FIELDS, GRANTED, OBJECTS, TABS
from emulator.schema import FEATURES, load_schema
from tooling import workspace

NAMES = workspace.ROOT.parent / "shared" / "facts" / "user_permissions.tsv"

# Of the Object Reference, ObjectPermissions; written down a second time, so that neither can change unseen.
SAME_OBJECT: Mapping[str, frozenset[str]] = {
    "read": frozenset(),
    "create": frozenset({"read"}),
    "edit": frozenset({"read"}),
    "delete": frozenset({"read", "edit"}),
    "view_all_records": frozenset({"read"}),
    "modify_all_records": frozenset({"read", "edit", "delete", "view_all_records"}),
    "view_all_fields": frozenset({"read"}),
}
ON = frozenset({GRANTED})


def rights(*names: str) -> Rights:
    return frozenset(names)


# -- what is never added by itself ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "ModifyAllData",
        "ViewAllData",
        "ManageUsers",
        "AssignPermissionSets",
        "AuthorApex",
        "CustomizeApplication",
        "ModifyMetadata",
        "ManageSharing",
        "ManageProfilesPermissionsets",
        "ManageInternalUsers",
        "ResetPasswords",
        "ManageAuthProviders",
        "BulkApiHardDelete",
    ],
)
def test_what_opens_an_org_is_of_high_risk(name: str) -> None:
    assert name in HIGH_RISK


@pytest.mark.parametrize(
    "name", ["ApiEnabled", "EditTask", "PasswordNeverExpires", "ViewAllUsers", "ViewSetup", "ViewRoles", "ApiUserOnly"]
)
def test_what_an_integration_user_needs_every_day_is_not(name: str) -> None:
    assert name not in HIGH_RISK


def test_each_has_one_line_of_its_own_that_says_why() -> None:
    assert len(set(HIGH_RISK.values())) == len(HIGH_RISK)
    assert [
        words for words in HIGH_RISK.values() if not words[0].islower() or "\n" in words or words.endswith(".") or len(words) > 90
    ] == []


def test_each_is_a_permission_that_an_org_may_have() -> None:
    columns = load_schema(FEATURES).sobjects["PermissionSet"].fields
    newer = {"CanApproveUninstalledApps", "InboundMigrationToolsUser", "ManageSandboxes", "ModifyTransactionSecurityPolicies"}
    newer |= {"UseAnyApiAuth", "ViewAllFieldsGlobal"}
    assert {name for name in HIGH_RISK if f"Permissions{name}" not in columns} <= newer


@pytest.mark.skipif(not NAMES.is_file(), reason="the recorded facts (../shared/facts) are not on this machine")
def test_each_is_a_permission_that_is_published() -> None:
    published = {line.split("\t")[0] for line in NAMES.read_text(encoding="utf-8").splitlines()}
    assert {name for name in HIGH_RISK if f"Permissions{name}" not in published} == set()


# -- what the org tells in rows ------------------------------------------------------------------------------------------------------


def row(permission: str, required: str) -> dict[str, Any]:
    """A row of PermissionDependency; what is written Object<verb> is a right of an object."""

    def kind(name: str) -> str:
        return "Object Permission" if "<" in name else "User Permission"

    return {
        "Permission": permission,
        "PermissionType": kind(permission),
        "RequiredPermission": required,
        "RequiredPermissionType": kind(required),
    }


def test_rows_of_each_kind() -> None:
    told = from_rows(
        [
            row("ViewAllData", "ViewSetup"),
            row("ViewAllData", "ViewRoles"),
            row("ConvertLeads", "Account<create>"),
            row("Asset<read>", "Account<read>"),
            row("Asset<update>", "Account<viewAllRecords>"),
            row("pkg__Call__c<modifyAllRecords>", "Account<delete>"),
            row("Asset<viewAllFields>", "Asset<read>"),
        ]
    )
    assert told.user == {"ViewAllData": rights("ViewSetup", "ViewRoles")}
    assert told.objects == {"ConvertLeads": {("Account", "create")}}
    assert told.between == {
        ("Asset", "read"): {("Account", "read")},
        ("Asset", "edit"): {("Account", "view_all_records")},
        ("pkg__Call__c", "modify_all_records"): {("Account", "delete")},
        ("Asset", "view_all_fields"): {("Asset", "read")},
    }
    assert told.unread == ()


@pytest.mark.parametrize("right", list(SAME_OBJECT))
def test_a_right_is_asked_for_as_it_is_read(right: str) -> None:
    told = from_rows([row("ConvertLeads", coded("pkg__Call__c", right))])
    assert told.objects == {"ConvertLeads": {("pkg__Call__c", right)}}


def test_a_right_to_edit_is_asked_for_as_update() -> None:
    assert coded("Account", "edit") == "Account<update>"


def test_the_same_row_many_times_tells_the_same() -> None:
    rows = [row("ViewSetup", "ViewRoles"), row("Asset<read>", "Account<read>")]
    assert from_rows(rows * 50) == from_rows(rows)


@pytest.mark.parametrize(
    "unusable",
    [
        row("ViewSetup", "Account<frobnicate>"),
        row("Account<frobnicate>", "Account<read>"),
        row("Asset<read>", "ViewSetup"),
        row("ViewSetup", "ViewSetup"),
        row("ViewSetup", "Account<read> and more"),
        {**row("ViewSetup", "ViewRoles"), "RequiredPermissionType": "Custom Permission"},
        {**row("ViewSetup", "ViewRoles"), "PermissionType": "Object Permission"},
    ],
)
def test_what_no_set_can_follow_is_left_out(unusable: Mapping[str, Any]) -> None:
    assert from_rows([unusable]) == Needs()


def test_what_two_sources_tell_counts_together() -> None:
    one = from_rows([row("A", "B"), row("A", "Account<read>"), row("Asset<read>", "Account<read>")])
    other = Needs({"A": rights("C"), "D": rights("E")}, {}, {("Asset", "read"): frozenset({("Contact", "read")})}, ("Odd", "Odd"))
    joined = one.joined(other)
    assert joined.user == {"A": rights("B", "C"), "D": rights("E")}
    assert joined.objects == one.objects
    assert joined.between == {("Asset", "read"): {("Account", "read"), ("Contact", "read")}}
    assert joined.unread == ("Odd",)
    assert one.joined(Needs()) == one == Needs().joined(one)


# -- what the org tells in a refusal -------------------------------------------------------------------------------------------------

PERMISSIONS = {
    "CustomizeApplication": "Customize Application",
    "ManageTranslation": "Manage Translation",
    "ManageUsers": "Manage Users",
    "ViewRoles": "View Roles and Role Hierarchy",
    "ViewSetup": "View Setup and Configuration",
    "ConvertLeads": "Convert Leads",
    "EditTask": "Edit Tasks",
    "ModifyAllData": "Modify All Data",
    "AssignPermissionSets": "Assign Permission Sets",
    "Careful": "Create, Edit, and Delete Careful Things",
    "Tricky": "Careful Things",
    "Quick": "Edit Tasks, Quickly",
    "TwiceOne": "Said Twice",
    "TwiceTwo": "said twice",
}
LABELS = {
    "Account": "Account",
    "Asset": "Asset",
    "Lead": "Lead",
    "pkg__Call__c": "Call, Incoming",
    "pkg__Leg__c": "All Account",
    "pkg__Log__c": "Log Entry",
    "Log__c": "Log Entry",
    "Data": "Data",
}


def refused(message: str) -> Needs:
    return from_refusal(message, PERMISSIONS, LABELS)


@pytest.mark.parametrize(
    ("message", "user", "objects", "between"),
    [
        (
            "Permission CustomizeApplication depends on permission(s): ManageTranslation",
            {"CustomizeApplication": rights("ManageTranslation")},
            {},
            {},
        ),
        ("Permission ManageUsers depends on permission(s): ViewRoles", {"ManageUsers": rights("ViewRoles")}, {}, {}),
        (
            "Permission Manage Users depends on permission(s): View Roles and Role Hierarchy, Edit Tasks",
            {"ManageUsers": rights("ViewRoles", "EditTask")},
            {},
            {},
        ),
        (
            "Permission Convert Leads depends on permission(s): Create Account; Permission Read All Asset depends on permission(s): Read All Account",
            {},
            {"ConvertLeads": {("Account", "create")}},
            {("Asset", "view_all_records"): {("Account", "view_all_records")}},
        ),
        (
            "Permission ConvertLeads depends on permission(s): EditTask; Permission ConvertLeads depends on permission(s): Edit Lead.",
            {"ConvertLeads": rights("EditTask")},
            {"ConvertLeads": {("Lead", "edit")}},
            {},
        ),
        (
            "Permission Modify All Account depends on permission(s): Delete Account, Read All Account, View All Fields Asset",
            {},
            {},
            {("Account", "modify_all_records"): {("Account", "delete"), ("Account", "view_all_records"), ("Asset", "view_all_fields")}},
        ),
        # Labels with commas, of a permission and of an object, and one whose parts mean something by themselves.
        (
            "Permission EditTask depends on permission(s): ViewSetup, Create, Edit, and Delete Careful Things, Read Call, Incoming, ViewRoles",
            {"EditTask": rights("ViewSetup", "Careful", "ViewRoles")},
            {"EditTask": {("pkg__Call__c", "read")}},
            {},
        ),
        (
            "Permission ViewSetup depends on permission(s): Edit Tasks, Quickly, Edit Tasks, ViewRoles",
            {"ViewSetup": rights("Quick", "EditTask", "ViewRoles")},
            {},
            {},
        ),
        # A permission's own name comes before a right of an object that would read the same.
        ("Permission EditTask depends on permission(s): Modify All Data", {"EditTask": rights("ModifyAllData")}, {}, {}),
        # API names of objects, prefixed names of permissions, and other cases of letters.
        (
            "Permission PermissionsEditTask depends on permission(s): read pkg__log__c, permissionsviewsetup",
            {"EditTask": rights("ViewSetup")},
            {"EditTask": {("pkg__Log__c", "read")}},
            {},
        ),
        # Words around it, and a label that holds the word Permission.
        (
            "No: Permission EditTask depends on permission(s): Assign Permission Sets; Permission Assign Permission Sets depends on permission(s): ViewRoles",
            {"EditTask": rights("AssignPermissionSets"), "AssignPermissionSets": rights("ViewRoles")},
            {},
            {},
        ),
    ],
)
def test_a_refusal_names_what_is_needed(message: str, user: Any, objects: Any, between: Any) -> None:
    told = refused(message)
    assert (told.user, told.objects, told.between, told.unread) == (user, objects, between, ())


@pytest.mark.parametrize(
    ("message", "unread", "user"),
    [
        ("Permission EditTask depends on permission(s): Fly, ViewSetup", ("Fly",), {"EditTask": rights("ViewSetup")}),
        ("Permission Fly depends on permission(s): ViewSetup", ("Fly",), {}),
        ("Permission EditTask depends on permission(s): Said Twice", ("Said Twice",), {}),
        ("Permission EditTask depends on permission(s): Read Log Entry", ("Read Log Entry",), {}),
        ("Permission EditTask depends on permission(s): Read Nothing__c", ("Read Nothing__c",), {}),
        ("Permission Read Asset depends on permission(s): ViewSetup", ("ViewSetup",), {}),
        ("Permission Fly depends on permission(s): Swim; Permission Swim depends on permission(s): Fly", ("Swim", "Fly"), {}),
    ],
)
def test_what_cannot_be_read_is_named(message: str, unread: tuple[str, ...], user: Any) -> None:
    told = refused(message)
    assert (told.unread, told.user, told.objects, told.between) == (unread, user, {}, {})


@pytest.mark.parametrize("message", ["", "Unable to lock the row", "Permission denied", "depends on permission(s): ViewSetup"])
def test_a_message_of_another_form_tells_nothing(message: str) -> None:
    assert refused(message) == Needs()


def test_read_all_of_an_object_is_not_read_of_an_object_called_all() -> None:
    assert refused("Permission EditTask depends on permission(s): Read All Account").objects == {
        "EditTask": {("Account", "view_all_records")}
    }
    without = {name: label for name, label in LABELS.items() if name != "Account"}
    told = from_refusal("Permission EditTask depends on permission(s): Read All Account", PERMISSIONS, without)
    assert told.objects == {"EditTask": {("pkg__Leg__c", "read")}}


spoken = st.sampled_from([*PERMISSIONS, *PERMISSIONS.values()]).filter(lambda name: name.lower() != "said twice")


@given(st.lists(st.tuples(spoken, st.lists(spoken, min_size=1, max_size=4)), min_size=1, max_size=4))
def test_however_permissions_are_called_each_is_understood(clauses: list[tuple[str, list[str]]]) -> None:
    by_any = {**{name: name for name in PERMISSIONS}, **{label: name for name, label in PERMISSIONS.items()}}
    wanted: dict[str, set[str]] = {}
    for subject, names in clauses:
        for name in names:
            if by_any[name] != by_any[subject]:
                wanted.setdefault(by_any[subject], set()).add(by_any[name])
    message = "; ".join(f"Permission {subject} depends on permission(s): {', '.join(names)}" for subject, names in clauses)
    told = refused(message)
    assert told.user == wanted
    assert told.unread == ()


# -- what follows --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "closed"),
    [
        ((), ()),
        (("read",), ("read",)),
        (("create",), ("create", "read")),
        (("edit",), ("edit", "read")),
        (("delete",), ("delete", "edit", "read")),
        (("view_all_records",), ("view_all_records", "read")),
        (("view_all_fields",), ("view_all_fields", "read")),
        (("modify_all_records",), ("modify_all_records", "view_all_records", "delete", "edit", "read")),
    ],
)
def test_rights_of_the_same_object(asked: tuple[str, ...], closed: tuple[str, ...]) -> None:
    assert within(OBJECTS, asked) == rights(*closed)
    assert object_closure({"Account": rights(*asked)}, {}, Needs()) == {"Account": rights(*closed)}


def test_rights_of_other_sections() -> None:
    assert within(FIELDS, ["edit"]) == rights("edit", "read")
    assert within(TABS, ["visible"]) == rights("visible")


def test_a_detail_needs_to_read_its_masters_up_to_the_top_and_no_more() -> None:
    masters = {"Note": rights("Call"), "Call": rights("Account", "Agent")}
    assert object_closure({"Note": rights("delete")}, masters, Needs()) == {
        "Note": rights("read", "edit", "delete"),
        "Call": rights("read"),
        "Account": rights("read"),
        "Agent": rights("read"),
    }
    assert object_closure({"Note": rights("modify_all_records")}, masters, Needs())["Account"] == rights("read", "view_all_records")


def test_what_an_org_demands_beyond_is_added_when_it_is_told() -> None:
    told = Needs(between={("Note", "edit"): frozenset({("Call", "edit")})})
    assert object_closure({"Note": rights("edit")}, {"Note": rights("Call")}, told)["Call"] == rights("read", "edit")
    assert object_closure({"Note": rights("read")}, {"Note": rights("Call")}, told)["Call"] == rights("read")


def test_objects_come_in_the_order_asked_and_what_is_added_after_them_by_name() -> None:
    closed = object_closure({"Z": rights("read"), "A": rights("read")}, {"Z": rights(*"NBHEKCJD")}, Needs())
    assert "".join(closed) == "ZABCDEHJKN"


def test_user_permissions_through_several_steps_and_only_those_the_org_has() -> None:
    needs = Needs(
        {
            "ViewAllData": rights("ViewSetup", "Absent"),
            "ViewSetup": rights("ViewRoles"),
            "Absent": rights("Hidden"),
            "Other": rights("Else"),
        },
        {"ViewRoles": frozenset({("Role", "read")}), "ViewAllData": frozenset({("Account", "edit")}), "Other": frozenset({("X", "read")})},
    )
    added, objects = user_closure(rights("ViewAllData"), needs, ["ViewAllData", "ViewSetup", "ViewRoles", "Hidden", "Other", "Else"])
    assert added == rights("ViewSetup", "ViewRoles")
    assert objects == {"Account": rights("edit"), "Role": rights("read")}


def test_permissions_that_need_each_other_come_to_an_end() -> None:
    needs = Needs({"A": rights("B"), "B": rights("A")})
    assert user_closure(rights("A"), needs, ["A", "B"]) == (rights("B"), {})
    assert user_closure(rights("A", "B"), needs, ["A", "B"]) == (rights(), {})
    circle = {"One": rights("Two"), "Two": rights("One")}
    assert object_closure({"One": rights("read")}, circle, Needs()) == {"One": rights("read"), "Two": rights("read")}


# -- properties of what follows ------------------------------------------------------------------------------------------------------

names = st.sampled_from(["Account", "Asset", "Call", "Leg", "Note"])
object_rights = st.sampled_from(list(SAME_OBJECT))
pairs = st.tuples(names, object_rights)
wishes = st.dictionaries(names, st.frozensets(object_rights, min_size=1))
masters_of = st.dictionaries(names, st.frozensets(names, max_size=2))
betweens = st.dictionaries(pairs, st.frozensets(pairs, max_size=2), max_size=6)
users = st.sampled_from("ABCDEFG")
user_needs = st.dictionaries(users, st.frozensets(users, max_size=3))
of_users = st.dictionaries(users, st.frozensets(pairs, max_size=2))


def unmet(closed: Mapping[str, Rights], masters: Mapping[str, frozenset[str]], needs: Needs) -> set[tuple[str, str]]:
    """What something granted needs and nothing grants: the oracle, by the tables and not by search."""
    held = {(name, right) for name, some in closed.items() for right in some}
    needed = {(name, other) for name, right in held for other in SAME_OBJECT[right]}
    needed |= {(master, "read") for name, right in held if right == "read" for master in masters.get(name, ())}
    needed |= {(master, right) for name, right in held if right == "view_all_records" for master in masters.get(name, ())}
    needed |= {pair for item in held for pair in needs.between.get(item, ())}
    return needed - held


@given(wishes, masters_of, betweens)
def test_a_closure_holds_what_was_asked_and_lacks_nothing(wish: Any, masters: Any, between: Any) -> None:
    closed = object_closure(wish, masters, Needs(between=between))
    assert all(some <= closed[name] for name, some in wish.items())
    assert unmet(closed, masters, Needs(between=between)) == set()
    assert object_closure(closed, masters, Needs(between=between)) == closed


@given(wishes, wishes, masters_of, betweens)
def test_who_asks_for_more_gets_no_less(wish: Any, more: Any, masters: Any, between: Any) -> None:
    needs = Needs(between=between)
    both = union({"object_permissions": wish}, {"object_permissions": more}).get("object_permissions", {})
    small, large = object_closure(wish, masters, needs), object_closure(both, masters, needs)
    assert all(some <= large[name] for name, some in small.items())


@given(wishes, masters_of, betweens)
def test_nothing_is_added_that_nothing_needs(wish: Any, masters: Any, between: Any) -> None:
    needs = Needs(between=between)
    closed = object_closure(wish, masters, needs)
    for name, some in closed.items():
        for right in some - wish.get(name, frozenset()):
            assert (name, right) in unmet({**closed, name: some - {right}}, masters, needs)


@given(st.frozensets(users), user_needs, of_users, st.frozensets(users))
def test_a_closure_of_user_permissions_lacks_nothing_that_is_here_and_holds_nothing_idle(
    asked: Any, user: Any, objects: Any, known: Any
) -> None:
    needs = Needs(user, objects)
    added, of_objects = user_closure(asked, needs, known)
    held = asked | added
    assert added <= known - asked
    assert {other for name in held for other in user.get(name, ())} & known <= held
    assert all(any(name in user.get(other, ()) for other in held - {name}) for name in added)
    assert {(name, right) for name, some in of_objects.items() for right in some} == {
        pair for name in held for pair in objects.get(name, ())
    }
    assert user_closure(held, needs, known) == (frozenset(), of_objects)


# -- and why -------------------------------------------------------------------------------------------------------------------------


def test_why_names_what_was_asked_and_the_nearest_of_a_chain() -> None:
    needs = Needs(
        {"ViewAllData": rights("ViewSetup"), "ViewSetup": rights("ViewRoles")}, {"ConvertLeads": frozenset({("Account", "create")})}
    )
    asked: Grants = {
        "user_permissions": {"ViewAllData": ON, "ConvertLeads": ON},
        "object_permissions": {"Note": rights("modify_all_records"), "Leg": rights("read")},
        "field_permissions": {"Note.Text__c": rights("edit")},
    }
    closed: Grants = {
        "user_permissions": {"ViewAllData": ON, "ConvertLeads": ON, "ViewSetup": ON, "ViewRoles": ON},
        "object_permissions": {
            "Note": within(OBJECTS, ["modify_all_records"]),
            "Leg": rights("read"),
            "Call": rights("read", "view_all_records"),
            "Account": rights("read", "create"),
        },
        "field_permissions": {"Note.Text__c": rights("edit", "read")},
    }
    assert why(asked, closed, {"Note": rights("Call"), "Leg": rights("Call")}, needs) == (
        Added("object_permissions", "Account", ("read", "create"), ("user permission ConvertLeads",)),
        Added(
            "object_permissions",
            "Call",
            ("read", "view_all_records"),
            ("read on object Leg", "read+view_all_records on object Note"),
        ),
        Added("object_permissions", "Note", ("read", "edit", "delete", "view_all_records"), ("modify_all_records on object Note",)),
        Added("field_permissions", "Note.Text__c", ("read",), ("edit on field Note.Text__c",)),
        Added("user_permissions", "ViewRoles", (GRANTED,), ("user permission ViewSetup",)),
        Added("user_permissions", "ViewSetup", (GRANTED,), ("user permission ViewAllData",)),
    )


def test_a_result_shows_it_as_plain_lists() -> None:
    assert Added("tabs", "standard-Lead", ("available",), ("something",)).as_result() == {
        "section": "tabs",
        "name": "standard-Lead",
        "rights": ["available"],
        "needed_by": ["something"],
    }


def test_where_nothing_was_added_there_is_nothing_to_explain() -> None:
    asked: Grants = {"object_permissions": {"Note": rights("read")}, "tabs": {"standard-Lead": rights("available", "visible")}}
    assert why(asked, asked, {}, Needs()) == ()


@given(wishes, masters_of, betweens, st.frozensets(users), user_needs, of_users)
def test_everything_added_has_a_reason(wish: Any, masters: Any, between: Any, asked: Any, user: Any, objects: Any) -> None:
    needs = Needs(user, objects, between)
    added, of_objects = user_closure(asked, needs, "ABCDEFG")
    start: Grants = {"object_permissions": wish, "user_permissions": dict.fromkeys(asked, ON)}
    together = union(start, {"object_permissions": of_objects}).get("object_permissions", {})
    closed: Grants = {
        "object_permissions": object_closure(together, masters, needs),
        "user_permissions": dict.fromkeys(asked | added, ON),
    }
    reasons = why(start, closed, masters, needs)
    assert all(item.needed_by and item.rights for item in reasons)
    explained = {(item.section, item.name, right) for item in reasons for right in item.rights}
    gained = {(option, name, right) for option, rows in closed.items() for name, some in rows.items() for right in some}
    assert explained == gained - {(option, name, right) for option, rows in start.items() for name, some in rows.items() for right in some}


# -- time ----------------------------------------------------------------------------------------------------------------------------


def seconds(work: Callable[[], object]) -> float:
    """The least process time of three runs."""
    taken = []
    for _unused in range(3):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)


def closing(count: int) -> Callable[[], object]:
    """A long chain of details and masters, asked for from its far end and everywhere, with half of it told by the org."""
    objects = {f"Object{number:05}": rights("modify_all_records") for number in range(count)}
    chain = {f"Object{number:05}": rights(f"Object{number + 1:05}") for number in range(count)}
    needs = Needs(between={(name, "edit"): frozenset({(next(iter(above)), "edit")}) for name, above in chain.items()})
    lonely = {"Object00000": rights("modify_all_records")}

    def work() -> object:
        return object_closure(objects, chain, needs), why(
            {"object_permissions": lonely}, {"object_permissions": object_closure(lonely, chain, needs)}, chain, needs
        )

    return work


def reading(count: int) -> Callable[[], object]:
    """One refusal that names many rights, in an org of as many objects."""
    labels = {f"Object{number:05}__c": f"Thing, {number}" for number in range(count)}
    message = f"Permission EditTask depends on permission(s): {', '.join(f'Read {label}' for label in labels.values())}"
    return lambda: from_refusal(message, PERMISSIONS, labels)


@pytest.mark.parametrize("make", [closing, reading])
def test_ten_times_as_much_takes_about_ten_times_as_long(make: Callable[[int], Callable[[], object]]) -> None:
    few, many = seconds(make(600)), seconds(make(6000))
    assert many < 1
    assert many < 40 * max(few, 0.001)
