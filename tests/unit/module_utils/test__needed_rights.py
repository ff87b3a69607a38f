# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.voiceops.salesforce.plugins.module_utils import _needed_rights
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import record_errors, refused
from ansible_collections.voiceops.salesforce.plugins.module_utils._needed_rights import (
    AREAS,
    NEEDS,
    Need,
    asked,
    label,
    named,
    remedy,
    required,
)
from emulator.rules.rights import READ_RIGHTS, WRITE_RIGHTS


@pytest.mark.parametrize("need", NEEDS, ids=lambda need: "|".join(need.rights))
def test_every_line_says_for_what_for_whom_and_where_it_is_from(need: Need) -> None:
    assert need.needed_for
    assert need.source
    assert set(need.areas) <= set(AREAS)
    assert need.grade in (_needed_rights.DOCUMENTED, _needed_rights.INFERRED)
    assert [name for name in (*need.rights, *need.instead) if name not in _needed_rights.LABELS] == []


def test_no_object_is_written_by_two_lines() -> None:
    written = [sobject for need in NEEDS for sobject in need.writes]
    assert sorted(set(written)) == sorted(written)
    read = [sobject for need in NEEDS for sobject in need.reads]
    assert sorted(set(read)) == sorted(read)


@pytest.mark.parametrize("need", NEEDS, ids=lambda need: "|".join(need.rights))
def test_the_emulator_asks_for_the_same_rights(need: Need) -> None:
    for sobject in need.writes:
        assert set(need.rights) <= WRITE_RIGHTS[sobject], sobject
    for sobject in need.reads:
        assert set(need.rights) <= READ_RIGHTS.get(sobject, set(need.rights)), sobject


def test_what_the_modules_write_has_a_line() -> None:
    ours = {"User", "UserPackageLicense", "PermissionSetLicenseAssign", "PermissionSetAssignment", "PermissionSet", "FieldPermissions"}
    assert ours <= {sobject for need in NEEDS for sobject in need.writes}


def test_what_is_asked_for_goes_by_purpose() -> None:
    assert set(asked(AREAS)) == set(NEEDS)
    assert "ManagePackageLicenses" not in named(asked(["contact_center"]))
    assert "CustomizeApplication" not in named(asked(["api_user"]))
    assert {need.rights[0] for need in required()} == {
        "ActivitiesAccess",
        "ApiEnabled",
        "ViewSetup",
        "ManageProfilesPermissionsets",
        "AssignPermissionSets",
        "ManageInternalUsers",
        "ManagePackageLicenses",
    }


@pytest.mark.parametrize(
    ("told", "held"),
    [
        ({"Wanted": True, "Other": False}, True),
        ({"Wanted": False, "Other": True}, False),
        ({"Other": True}, True),
        ({"Other": False}, False),
        ({}, False),
    ],
)
def test_another_right_counts_only_where_the_org_does_not_have_the_line_s_own(told: dict[str, bool], held: bool) -> None:
    assert Need(("Wanted",), "", (), instead=("Other",)).held(told) is held


@pytest.mark.parametrize(
    ("told", "lacks"),
    [({"Wanted": True}, False), ({"Wanted": False}, True), ({"Other": False}, True), ({"Other": True}, False), ({"Unlike": True}, False)],
)
def test_a_right_that_the_org_does_not_know_is_not_lacking(told: dict[str, bool], lacks: bool) -> None:
    assert Need(("Wanted",), "", (), instead=("Other",)).lacks(told) is lacks


REFUSALS = [
    ("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", "UserPackageLicense", True, "Manage Package Licenses"),
    ("INSUFFICIENT_ACCESS", "no", "UserPackageLicense", True, "or Manage Users (ManageUsers) in an org that does not have that right"),
    ("INSUFFICIENT_ACCESS", "no", "PermissionSetAssignment", True, "Assign Permission Sets"),
    ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type cannot be updated: User", "User", True, "Manage Internal Users"),
    ("INVALID_TYPE", "sObject type 'UserLogin' is not supported.", "User", False, "Reading UserLogin needs Manage Users"),
    ("INVALID_TYPE", "sObject type 'FieldPermissions' is not supported.", "", False, "View Setup and Configuration"),
    (
        "INVALID_TYPE",
        "sObject type 'CallCenterRoutingMap' is not supported.",
        "",
        False,
        "Reading CallCenterRoutingMap needs Manage Call Centers",
    ),
    ("INSUFFICIENT_ACCESS_OR_READONLY", "no", "CallCenterRoutingMap", True, "or Contact Center Admin (Partner Telephony)"),
    ("NOT_FOUND", "The requested resource does not exist", "PermissionSet", False, "View Setup and Configuration"),
]


@pytest.mark.parametrize(("code", "words", "sobject", "writing", "expected"), REFUSALS)
def test_a_refusal_names_the_right_that_the_object_needs(code: str, words: str, sobject: str, writing: bool, expected: str) -> None:
    assert expected in remedy(code, words, sobject, writing)
    (error,) = record_errors("a record", [{"errorCode": code, "message": words}], sobject, writing)
    assert expected in error.remedy


@pytest.mark.parametrize(
    ("code", "words", "sobject", "writing"),
    [
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "UserTrigger: execution of AfterUpdate caused by: boom", "User", True),
        ("INVALID_TYPE", "sObject type 'Nonsense__c' is not supported.", "", False),
        ("DUPLICATE_VALUE", "duplicate", "User", True),
        ("NOT_FOUND", "The requested resource does not exist", "Account", False),
        ("INSUFFICIENT_ACCESS_OR_READONLY", "no", "Account", True),
        ("INVALID_TYPE", "sObject type 'User' is not supported.", "User", True),
    ],
)
def test_what_means_something_else_names_no_right(code: str, words: str, sobject: str, writing: bool) -> None:
    assert remedy(code, words, sobject, writing) == ""


def test_a_refused_reading_names_it_too() -> None:
    problem = refused("reading sets", 400, [{"errorCode": "INVALID_TYPE", "message": "sObject type 'SetupEntityAccess' is not supported"}])
    assert label("ViewSetup") in problem.remedy
