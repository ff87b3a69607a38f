# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How changes become writes, and what a reading back replaces. What is planned: test__set_planning."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.voiceops.salesforce.plugins.module_utils import _permission_set as noun
from ansible_collections.voiceops.salesforce.plugins.module_utils._grants import Grants, Row, granted_by, tab_rights
from ansible_collections.voiceops.salesforce.plugins.module_utils._plan import Change, Create, Delete, Update
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_offer import ObjectTraits, Offer
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_planning import Current
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_sections import BY_OPTION
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_state import SetState
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_wish import Desired

NAME = "Acme_Set"
GRANTED = frozenset({"granted"})
CALL, ZONE = "pkg__Call__c", "pkg__Zone__c"
OFFER = Offer(
    objects={CALL: "Call", ZONE: "Zone"},
    names={"apex_classes": {"pkg__Dial": "01p1"}, "tabs": {"pkg__Tab": ""}},
    traits={CALL: ObjectTraits({}, frozenset({ZONE}))},
)


def a_set(grants: Grants | None = None) -> SetState:
    row = {"Id": "0PS1", "Name": NAME, "Label": NAME, "Description": None, "NamespacePrefix": None, "HasActivationRequired": False}
    held = {option: {name: Row("old", rights) for name, rights in (grants or {}).get(option, {}).items()} for option in BY_OPTION}
    return SetState(row, held)


def desired(**given: Any) -> Desired:
    checked = ArgumentSpecValidator(noun.NOUN.argument_spec).validate({"name": NAME} | given)
    assert not checked.error_messages
    return noun.desired(checked.validated_parameters)


CURRENT = Current(a_set(), None, OFFER)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (Create("user_permissions", NAME, {"ApiEnabled": True}), ("update", "PermissionSet", "0PS1", {"PermissionsApiEnabled": True})),
        (
            Delete("user_permissions", NAME, "0PS1", {"ApiEnabled": True}),
            ("update", "PermissionSet", "0PS1", {"PermissionsApiEnabled": False}),
        ),
        (
            Create("object_permissions", f"{NAME}/{CALL}", {"read": True, "edit": False}),
            (
                "create",
                "ObjectPermissions",
                None,
                {"ParentId": "0PS1", "SobjectType": CALL, "PermissionsRead": True, "PermissionsEdit": False},
            ),
        ),
        (
            Create("field_permissions", f"{NAME}/Account.X__c", {"read": True, "edit": False}),
            (
                "create",
                "FieldPermissions",
                None,
                {"ParentId": "0PS1", "SobjectType": "Account", "Field": "Account.X__c", "PermissionsRead": True, "PermissionsEdit": False},
            ),
        ),
        (
            Create("apex_class_access", f"{NAME}/pkg__Dial", {"access": True}),
            ("create", "SetupEntityAccess", None, {"ParentId": "0PS1", "SetupEntityId": "01p1"}),
        ),
        (
            Create("tab_setting", f"{NAME}/pkg__Tab", {"visibility": "available"}),
            ("create", "PermissionSetTabSetting", None, {"ParentId": "0PS1", "Name": "pkg__Tab", "Visibility": "DefaultOff"}),
        ),
        (
            Update("tab_setting", f"{NAME}/pkg__Tab", "01P1", {"visibility": "available"}, {"visibility": "visible"}),
            ("update", "PermissionSetTabSetting", "01P1", {"Visibility": "DefaultOn"}),
        ),
        (Delete("flow_access", f"{NAME}/Wrap", "0J01", {"access": True}), ("delete", "SetupEntityAccess", "0J01", {})),
        (Delete("permission_set_assignment", f"{NAME}/a@b.c", "0Pa1", {}), ("delete", "PermissionSetAssignment", "0Pa1", {})),
        (Delete("permission_set_group_component", f"Group/{NAME}", "0PM1", {}), ("delete", "PermissionSetGroupComponent", "0PM1", {})),
        (Delete("permission_set", NAME, "0PS1", {}), ("delete", "PermissionSet", "0PS1", {})),
        (
            Update("permission_set", NAME, "0PS1", {}, {"label": "L", "description": "D", "session_activation": True}),
            ("update", "PermissionSet", "0PS1", {"Label": "L", "Description": "D", "HasActivationRequired": True}),
        ),
    ],
    ids=lambda value: f"{value.__class__.__name__} {value.kind}" if isinstance(value, (Create, Update, Delete)) else "",
)
def test_a_change_becomes_one_write(change: Change, expected: tuple[Any, ...]) -> None:
    (write,) = noun._in_order([change], desired(), CURRENT)
    assert (write.op, write.sobject, write.id, dict(write.fields)) == expected
    assert write.change is change


def test_a_row_that_loses_one_right_and_gains_another_is_lowered_in_time_and_raised_in_time() -> None:
    changes: list[Change] = [
        Delete("user_permissions", NAME, "0PS1", {"EditTask": True}),
        Delete("field_permissions", f"{NAME}/{CALL}.X__c", "01k1", {"read": True, "edit": False}),
        Update("object_permissions", f"{NAME}/{ZONE}", "1101", {"view_all_records": True}, {"view_all_records": False}),
        Update(
            "object_permissions",
            f"{NAME}/{CALL}",
            "1102",
            {"create": False, "view_all_records": True},
            {"create": True, "view_all_records": False},
        ),
        Create("user_permissions", NAME, {"ApiEnabled": True}),
    ]
    writes = noun._in_order(changes, desired(), CURRENT)
    assert [(write.sobject, write.id, dict(write.fields)) for write in writes] == [
        ("PermissionSet", "0PS1", {"PermissionsEditTask": False}),
        ("FieldPermissions", "01k1", {}),
        ("ObjectPermissions", "1102", {"PermissionsViewAllRecords": False}),
        ("ObjectPermissions", "1101", {"PermissionsViewAllRecords": False}),
        ("ObjectPermissions", "1102", {"PermissionsCreate": True, "PermissionsViewAllRecords": False}),
        ("PermissionSet", "0PS1", {"PermissionsApiEnabled": True}),
    ]


TASK = Create("field_permissions", f"{NAME}/Task.K__c", {"read": True})
EVENT = Create("field_permissions", f"{NAME}/Event.K__c", {"read": True})


@pytest.mark.parametrize(
    ("change", "others", "expected"),
    [
        (EVENT, [TASK, EVENT], True),
        (TASK, [TASK, EVENT], False),
        (EVENT, [EVENT], False),
        (EVENT, [EVENT, Update("field_permissions", f"{NAME}/Task.K__c", "01k1", {"edit": False}, {"edit": True})], False),
        (
            Delete("field_permissions", f"{NAME}/Event.K__c", "01k2", {}),
            [Delete("field_permissions", f"{NAME}/Task.K__c", "01k1", {})],
            True,
        ),
        (Create("field_permissions", f"{NAME}/Event.Location", {}), [Create("field_permissions", f"{NAME}/Task.Location", {})], False),
    ],
    ids=["along with the task's", "the task's itself", "alone", "not along with another kind of change", "going too", "a standard field"],
)
def test_the_event_row_of_an_activity_field_comes_along_with_the_task_row(change: Change, others: list[Change], expected: bool) -> None:
    kinds = {(item.kind, item.key, item.__class__) for item in others}
    assert noun._comes_along(change, kinds) is expected


def test_reading_back_replaces_what_was_touched_and_keeps_the_rest() -> None:
    before = a_set(
        {
            "user_permissions": {"ApiEnabled": GRANTED},
            "object_permissions": {CALL: frozenset({"read"}), ZONE: frozenset({"read"})},
            "apex_classes": {"Own": GRANTED},
            "flows": {"Wrap": GRANTED},
            "tabs": {"pkg__Tab": tab_rights("visible")},
        }
    )
    fresh = a_set(
        {
            "user_permissions": {"EditTask": GRANTED},
            "object_permissions": {CALL: frozenset({"read", "edit"})},
            "apex_classes": {"New": GRANTED},
        }
    )
    changes: list[Change] = [
        Update("object_permissions", f"{NAME}/{CALL}", "old", {"edit": False}, {"edit": True}),
        Delete("object_permissions", f"{NAME}/Gone__c", "old", {}),
        Create("apex_class_access", f"{NAME}/New", {"access": True}),
    ]
    merged = granted_by(noun._merged(before, fresh, changes).held)
    assert {option: names for option, names in merged.items() if names} == {
        "user_permissions": {"EditTask": GRANTED},
        "object_permissions": {CALL: {"read", "edit"}, ZONE: {"read"}},
        "apex_classes": {"New": GRANTED},
        "tabs": {"pkg__Tab": tab_rights("visible")},
    }, "all access is read in one query, so what is not there any more is gone"
