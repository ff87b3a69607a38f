# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils import _user_planning as planning
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem, RecordError
from ansible_collections.voiceops.salesforce.plugins.module_utils._plan import Create, Plan, Update
from ansible_collections.voiceops.salesforce.plugins.module_utils._user_planning import Current, Desired

ALL = list(planning.GUARDED)
SALESFORCE = {"Name": "Salesforce", "TotalLicenses": 10}
PLATFORM = {"Name": "Salesforce Platform", "TotalLicenses": 2}
STANDARD = {"Id": "00e1", "Name": "Standard User", "UserLicenseId": "1001", "UserLicense": SALESFORCE}
OTHER = {"Id": "00e2", "Name": "Standard Platform User", "UserLicenseId": "1002", "UserLicense": PLATFORM}
ROLE = {"Id": "00E1", "Name": "Voice Agents", "DeveloperName": "Voice_Agents"}
ORGANIZATION = {"DefaultLocaleSidKey": "en_GB", "LanguageLocaleKey": "en_US", "TimeZoneSidKey": "Europe/London"}
ROW: dict[str, Any] = {
    "Id": "005000000000001AAA",
    "Username": "kim@acme.example",
    "Name": "Kim Lee",
    "FirstName": "Kim",
    "LastName": "Lee",
    "Email": "kim@acme.example",
    "Alias": "kim",
    "CommunityNickname": "kim",
    "IsActive": True,
    "UserType": "Standard",
    "Profile": STANDARD,
    "UserRole": None,
    "LocaleSidKey": "en_GB",
    "LanguageLocaleKey": "en_US",
    "TimeZoneSidKey": "Europe/London",
    "EmailEncodingKey": "UTF-8",
    "FederationIdentifier": None,
    "EmployeeNumber": "E1",
    "UserPermissionsSupportUser": False,
    "UserPermissionsKnowledgeUser": True,
}
THERE = Current(ROW, False, organization=ORGANIZATION)
NOWHERE = Current(None, False, STANDARD, organization=ORGANIZATION)
NEW: dict[str, Any] = {"user": "new@acme.example", "last_name": "New", "email": "new@acme.example", "profile": "standard user"}


def wish(**options: Any) -> Desired:
    given_ = {"user": "kim@acme.example", "allow_change": [], **options}
    return planning.desired({**dict.fromkeys(planning.ARGUMENT_SPEC), **given_})


def change(current: Current, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """(before, after) of the one change that the options make, or two empty ones."""
    made = planning.plan(wish(**options), current)
    if not made:
        return {}, {}
    (item,) = made.changes
    assert isinstance(item, Update)
    assert (item.kind, item.key, item.id) == ("user", ROW["Username"], ROW["Id"])
    return dict(item.before), dict(item.after)


def creation(current: Current = NOWHERE, **options: Any) -> Create:
    (item,) = planning.plan(wish(**{**NEW, **options}), current).changes
    assert isinstance(item, Create)
    return item


def refused(code: str, current: Current, **options: Any) -> Problem:
    with pytest.raises(Problem) as told:
        planning.plan(wish(**options), current)
    assert told.value.code == code
    assert told.value.remedy
    return told.value


# -- what is wanted ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "options"),
    [
        ("not_a_username", {"user": "kim"}),
        ("not_a_username", {"user": "kim@acme"}),
        ("not_a_username", {"user": "k im@acme.example"}),
        ("not_a_username", {"user": {"username": "kim@acme"}}),
        ("not_a_username", {"new_username": "kim"}),
        ("not_an_email", {"email": "kim@"}),
        ("not_a_flag", {"features": {"SupportUser": "yes"}}),
        ("not_a_user", {"user": {"name": "kim@acme.example"}}),
        ("not_a_user", {"user": ""}),
        ("empty_value", {"last_name": ""}),
        ("empty_value", {"email": " "}),
        ("empty_value", {"profile": ""}),
        ("empty_value", {"alias": ""}),
        ("empty_value", {"nickname": ""}),
        ("empty_value", {"locale": ""}),
        ("too_long", {"alias": "ninechars"}),
        ("too_long", {"first_name": "x" * 41}),
        ("too_long", {"last_name": "x" * 81}),
        ("too_long", {"nickname": "x" * 41}),
        ("too_long", {"email": f"{'x' * 120}@acme.example"}),
    ],
)
def test_what_cannot_be_wanted_is_refused_before_the_org_is_asked(code: str, options: dict[str, Any]) -> None:
    with pytest.raises(Problem) as told:
        wish(**options)
    assert told.value.code == code
    assert told.value.remedy


def test_what_has_just_the_room_that_the_org_gives_is_taken() -> None:
    assert wish(alias="eightch8", first_name="x" * 40).fields == {"alias": "eightch8", "first_name": "x" * 40}


def test_a_username_that_gets_too_long_by_the_sandbox_is_refused() -> None:
    name = f"{'x' * 66}@acme.example"
    assert creation(user=name).key == name
    assert "username" in refused("too_long", replace(NOWHERE, sandbox="uat", in_sandbox=True), **{**NEW, "user": name}).said
    renaming = {"new_username": name, "allow_change": ALL}
    assert change(THERE, **renaming)[1] == {"username": name}
    assert "username" in refused("too_long", replace(THERE, sandbox="uat", in_sandbox=True), **renaming).said


def test_spaces_around_a_new_username_do_not_count() -> None:
    assert change(THERE, new_username=" kim@acme.example ", allow_change=ALL) == ({}, {})


def test_another_role_of_the_same_name_is_another_role() -> None:
    namesake = {"Id": "00E2", "Name": "Voice Agents", "DeveloperName": "Voice_Agents_2"}
    has = {**ROW, "UserRole": {"Name": "Voice Agents", "DeveloperName": "Voice_Agents"}, "UserRoleId": "00E1"}
    other, same = (replace(THERE, row=has, role=role) for role in (namesake, ROLE))
    assert change(other, role="Voice_Agents_2", allow_change=ALL) == ({"role": "Voice Agents"}, {"role": "Voice_Agents_2"})
    assert change(same, role="Voice_Agents", allow_change=ALL) == ({}, {})


def test_a_user_may_be_named_by_id() -> None:
    assert wish(user=" 005000000000001AAA ").user.keys == (("id", "005000000000001AAA"),)


def test_what_is_left_out_is_not_spoken_of() -> None:
    assert wish().fields == {}
    assert wish(first_name="", active=False).fields == {"first_name": "", "active": False}


def test_what_a_template_made_text_of_is_still_on_or_off() -> None:
    assert wish(features={"SupportUser": "True", "KnowledgeUser": "false"}).features == {"SupportUser": True, "KnowledgeUser": False}


def test_features_may_be_called_as_their_columns() -> None:
    assert wish(features={"UserPermissionsSupportUser": True, "KnowledgeUser": False}).features == {
        "SupportUser": True,
        "KnowledgeUser": False,
    }


# -- a user who is there -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "before", "after"),
    [
        ({}, {}, {}),
        ({"first_name": "Kim", "last_name": "Lee", "alias": "kim"}, {}, {}),
        ({"first_name": ""}, {"first_name": "Kim"}, {"first_name": ""}),
        ({"last_name": "Li", "nickname": "k"}, {"last_name": "Lee", "nickname": "kim"}, {"last_name": "Li", "nickname": "k"}),
        ({"time_zone": "Europe/Paris"}, {"time_zone": "Europe/London"}, {"time_zone": "Europe/Paris"}),
        ({"features": {"SupportUser": True, "KnowledgeUser": True}}, {"SupportUser": False}, {"SupportUser": True}),
        ({"features": {"KnowledgeUser": False}}, {"KnowledgeUser": True}, {"KnowledgeUser": False}),
        ({"email": "KIM@acme.example"}, {}, {}),
        ({"user": {"username": "kim@acme.example", "federation_id": "f"}}, {"federation_id": None}, {"federation_id": "f"}),
        ({"user": {"username": "kim@acme.example", "employee_number": "E2"}}, {}, {}),
    ],
)
def test_what_a_task_may_change_without_being_allowed(options: dict[str, Any], before: dict[str, Any], after: dict[str, Any]) -> None:
    assert change(THERE, **options) == (before, after)


GUARDED: dict[str, tuple[Current, dict[str, Any], Any, Any]] = {
    "profile": (replace(THERE, profile=OTHER), {"profile": "standard platform user"}, "Standard User", "Standard Platform User"),
    "username": (THERE, {"new_username": "k.lee@acme.example"}, "kim@acme.example", "k.lee@acme.example"),
    "email": (THERE, {"email": "desk@acme.example"}, "kim@acme.example", "desk@acme.example"),
    "role": (replace(THERE, role=ROLE), {"role": "Voice_Agents"}, "", "Voice Agents"),
    "active": (THERE, {"active": False}, True, False),
}


@pytest.mark.parametrize("field", GUARDED)
def test_what_is_guarded_is_told_unless_it_is_allowed(field: str) -> None:
    current, options, is_, wanted = GUARDED[field]
    others = [name for name in ALL if name != field]
    assert change(current, **options, allow_change=others) == ({}, {})
    (held,) = planning.held_back(wish(**options, allow_change=others), current)
    assert (held["field"], held["is"], held["wanted"]) == (field, is_, wanted)
    told = planning.report(wish(**options, allow_change=others), current, Plan())
    assert [text for text in told["warnings"] if field in text and "allow_change" in text]
    assert change(current, **options, allow_change=[field]) == ({field: is_}, {field: wanted})
    assert planning.held_back(wish(**options, allow_change=[field]), current) == []


def test_every_guarded_field_is_in_the_table() -> None:
    assert set(GUARDED) == set(planning.GUARDED)


def test_a_role_is_taken_away_by_an_empty_text() -> None:
    current = replace(THERE, row={**ROW, "UserRole": ROLE})
    assert change(current, role="", allow_change=["role"]) == ({"role": "Voice Agents"}, {"role": ""})
    assert change(THERE, role="", allow_change=["role"]) == ({}, {})


def test_an_address_that_a_sandbox_hides_is_left_and_nobody_is_warned() -> None:
    sandbox = replace(THERE, row={**ROW, "Email": "kim@acme.example.invalid"}, sandbox="uat", in_sandbox=True)
    assert change(sandbox, email="kim@acme.example") == ({}, {})
    told = planning.report(wish(email="kim@acme.example"), sandbox, Plan())
    assert [(item["field"], ".invalid" in item["reason"]) for item in told["held_back"]] == [("email", True)]
    assert told["warnings"] == []
    assert change(sandbox, email="kim@acme.example", allow_change=["email"])[1] == {"email": "kim@acme.example"}
    production = replace(sandbox, sandbox="", in_sandbox=False)
    assert planning.report(wish(email="kim@acme.example"), production, Plan())["warnings"]


def test_an_address_that_waits_for_its_owner_is_not_planned_again() -> None:
    waiting = replace(THERE, awaited="desk@acme.example", reread=True)
    options = {"email": "desk@acme.example", "allow_change": ["email"]}
    assert change(waiting, **options) == ({}, {})
    told = planning.report(wish(**options), waiting, Plan())
    assert [(item["field"], "confirm" in item["reason"]) for item in told["held_back"]] == [("email", True)]
    assert "confirm" in told["warnings"][0]


def test_another_person_s_key_is_told_and_not_taken_over() -> None:
    wanted = wish(user={"username": "kim@acme.example", "employee_number": "E2"})
    (held,) = planning.held_back(wanted, THERE)
    assert (held["field"], held["is"], held["wanted"]) == ("employee_number", "E1", "E2")


@pytest.mark.parametrize(("frozen", "active", "words"), [(True, True, "frozen"), (None, True, ""), (False, False, "inactive")])
def test_who_cannot_log_in_is_warned_of(frozen: bool | None, active: bool, words: str) -> None:
    told = planning.report(wish(), replace(THERE, frozen=frozen, row={**ROW, "IsActive": active}), Plan())
    assert told["user"]["frozen"] is frozen
    assert [words in text for text in told["warnings"]] == ([True] if words else [])


def test_nobody_is_warned_of_the_inactivity_that_the_task_wants() -> None:
    inactive = replace(THERE, row={**ROW, "IsActive": False})
    assert planning.report(wish(active=False), inactive, Plan())["warnings"] == []


def test_the_running_user_is_not_deactivated() -> None:
    mine = replace(THERE, running="005000000000001")
    refused("own_user", mine, active=False, allow_change=["active"])
    assert change(mine, active=False) == ({}, {})
    assert change(replace(THERE, running="005000000000002"), active=False, allow_change=["active"])[1] == {"active": False}


# -- a new user ----------------------------------------------------------------------------------------------------------------------


def test_a_new_user_gets_what_the_task_says_and_what_the_org_uses() -> None:
    item = creation(first_name="Kim", active=False)
    assert item.key == "new@acme.example"
    assert item.after == {
        "username": "new@acme.example",
        "alias": "new",
        "locale": "en_GB",
        "language": "en_US",
        "time_zone": "Europe/London",
        "email_encoding": "UTF-8",
        "first_name": "Kim",
        "last_name": "New",
        "email": "new@acme.example",
        "profile": "Standard User",
        "active": False,
    }


def test_what_the_task_says_wins_over_what_the_org_uses() -> None:
    item = creation(replace(NOWHERE, role=ROLE), locale="de_DE", alias="x", role="voice agents", email_encoding="ISO-8859-1")
    assert [item.after[name] for name in ("locale", "alias", "role", "email_encoding")] == ["de_DE", "x", "Voice Agents", "ISO-8859-1"]


@pytest.mark.parametrize(
    ("user", "sandbox", "username"),
    [
        ("new@acme.example", "", "new@acme.example"),
        ("new@acme.example", "uat", "new@acme.example.uat"),
        ("new@acme.example.UAT", "uat", "new@acme.example.UAT"),
    ],
)
def test_a_new_user_of_a_sandbox_is_called_as_a_copy_would_call_it(user: str, sandbox: str, username: str) -> None:
    item = creation(replace(NOWHERE, sandbox=sandbox, in_sandbox=True), user=user)
    assert (item.key, item.after["username"]) == (username, username)


@pytest.mark.parametrize(
    ("username", "alias"), [("a.very.long.name@x.y", "averylon"), ("...@x.y", "user"), ("o'hara@x.y", "ohara"), ("j\u00f6rg@x.y", "jrg")]
)
def test_an_alias_is_made_of_the_username(username: str, alias: str) -> None:
    assert creation(user=username).after["alias"] == alias


def test_the_keys_of_a_new_user_are_written() -> None:
    user = {"username": "new@acme.example", "federation_id": "f", "employee_number": 7, "email": "key@acme.example"}
    item = creation(user=user, email=None)
    assert [item.after[name] for name in ("federation_id", "employee_number", "email")] == ["f", "7", "key@acme.example"]


@pytest.mark.parametrize("lacking", ["last_name", "email", "profile"])
def test_a_new_user_needs_more_than_a_name(lacking: str) -> None:
    assert lacking in refused("not_enough_to_create", NOWHERE, **{**NEW, lacking: None}).said


@pytest.mark.parametrize(("allowed", "username"), [([], "new@acme.example"), (["username"], "newer@acme.example")])
def test_a_new_user_gets_the_new_name_at_once_where_that_is_allowed(allowed: list[str], username: str) -> None:
    assert creation(new_username="newer@acme.example", allow_change=allowed).key == username


# -- what the org has ----------------------------------------------------------------------------------------------------------------

FULL = {"1001": 10, "1002": 2}


@pytest.mark.parametrize(
    ("current", "options", "full"),
    [
        (replace(NOWHERE, used=FULL), NEW, True),
        (replace(NOWHERE, used={"1001": 9}), NEW, False),
        (replace(NOWHERE, used=FULL), {**NEW, "active": False}, False),
        (replace(THERE, used=FULL, row={**ROW, "IsActive": False}), {"active": True, "allow_change": ["active"]}, True),
        (replace(THERE, used=FULL, row={**ROW, "IsActive": False}), {"active": True}, False),
        (replace(THERE, used=FULL, profile=OTHER), {"profile": "Standard Platform User", "allow_change": ["profile"]}, True),
        (replace(THERE, used=FULL, profile=OTHER), {"profile": "Standard Platform User"}, False),
        (replace(THERE, used=FULL, profile={**STANDARD, "Name": "Copy"}), {"profile": "Copy", "allow_change": ["profile"]}, False),
        (
            replace(THERE, used=FULL, profile=OTHER, row={**ROW, "IsActive": False}),
            {"profile": "Standard Platform User", "allow_change": ["profile"]},
            False,
        ),
        (
            replace(THERE, used={"1001": 10}, profile=OTHER, row={**ROW, "IsActive": False}),
            {"profile": "Standard Platform User", "active": True, "allow_change": ["active", "profile"]},
            False,
        ),
        (
            replace(THERE, used={"1002": 2}, profile=OTHER, row={**ROW, "IsActive": False}),
            {"profile": "Standard Platform User", "active": True, "allow_change": ["active"]},
            False,
        ),
        (replace(NOWHERE, used=FULL, profile={**STANDARD, "UserLicense": {"Name": "S", "TotalLicenses": None}}), NEW, False),
    ],
)
def test_who_takes_a_seat_needs_a_free_one(current: Current, options: dict[str, Any], full: bool) -> None:
    if not full:
        planning.plan(wish(**options), current)
        return
    problem = refused("no_free_seat", current, **options)
    licence = current.profile["UserLicense"] if current.profile else SALESFORCE
    assert [word for word in (licence["Name"], f"of {licence['TotalLicenses']}") if word not in problem.said] == []


OFFERED = {
    "time_zone": ["Europe/London", "Europe/Paris"],
    "language": ["en_US"],
    "locale": [],
    "features": ["SupportUser", "KnowledgeUser"],
}


@pytest.mark.parametrize("current", [NOWHERE, THERE], ids=["new", "there"])
@pytest.mark.parametrize(("option", "value", "hint"), [("time_zone", "Europe/Pariss", "Europe/Paris"), ("language", "en_us", "en_US")])
def test_a_value_that_the_org_does_not_offer_is_refused(current: Current, option: str, value: str, hint: str) -> None:
    problem = refused("unknown_value", replace(current, values=OFFERED), **{**(NEW if current is NOWHERE else {}), option: value})
    assert value in problem.said
    assert f"Did you mean {hint}" in problem.said


def test_what_the_org_does_not_list_is_left_to_the_org() -> None:
    assert change(replace(THERE, values=OFFERED), locale="xx_YY")[1] == {"locale": "xx_YY"}


@pytest.mark.parametrize("current", [replace(NOWHERE, values=OFFERED), THERE], ids=["new", "there"])
def test_a_feature_that_the_org_does_not_have_is_refused(current: Current) -> None:
    problem = refused("unknown_feature", current, **{**(NEW if current.row is None else {}), "features": {"SuportUser": True}})
    assert "Did you mean SupportUser" in problem.said


@pytest.mark.parametrize(
    ("code", "fields", "current", "words"),
    [
        ("LICENSE_LIMIT_EXCEEDED", ("UserPermissionsKnowledgeUser",), THERE, "feature licence KnowledgeUser"),
        ("LICENSE_LIMIT_EXCEEDED", (), THERE, "Deactivate a user"),
        ("DUPLICATE_USERNAME", ("Username",), replace(THERE, in_sandbox=True), "salesforce_sandbox_name"),
        ("DUPLICATE_USERNAME", ("Username",), replace(THERE, in_sandbox=True, sandbox="uat"), "as before"),
        ("DUPLICATE_USERNAME", ("Username",), THERE, "as before"),
        ("DUPLICATE_VALUE", (), THERE, "federation_id"),
        ("FIELD_INTEGRITY_EXCEPTION", (), THERE, "user licence does not allow"),
    ],
)
def test_a_refusal_says_what_to_do(code: str, fields: tuple[str, ...], current: Current, words: str) -> None:
    assert words in planning.explained(current, RecordError("kim", code, "No.", fields, "as before")).remedy


def test_a_licence_without_a_number_of_seats_is_never_full() -> None:
    boundless = {**STANDARD, "UserLicense": {"Name": "Salesforce", "TotalLicenses": -1}}
    assert creation(replace(NOWHERE, profile=boundless, used={"1001": 5}))
    assert refused("no_free_seat", replace(NOWHERE, used={"1001": 10}), **NEW)


# -- what holds for all --------------------------------------------------------------------------------------------------------------

texts = st.sampled_from(["", "Kim", "kim", "x"])
wishes = st.fixed_dictionaries(
    {},
    optional={
        "first_name": texts,
        "last_name": st.sampled_from(["Lee", "Li"]),
        "nickname": st.sampled_from(["Kim", "kim", "x"]),
        "email": st.sampled_from(["kim@acme.example", "desk@acme.example"]),
        "active": st.booleans(),
        "features": st.dictionaries(st.sampled_from(["SupportUser", "KnowledgeUser"]), st.booleans()),
        "new_username": st.sampled_from(["kim@acme.example", "k.lee@acme.example"]),
        "allow_change": st.lists(st.sampled_from(ALL), unique=True),
    },
)


@given(wishes)
def test_what_was_planned_and_done_leaves_nothing_to_plan(options: dict[str, Any]) -> None:
    wanted = wish(**options)
    made = planning.plan(wanted, THERE)
    row = planning._as_planned(THERE, made)
    assert row is not None
    assert planning.plan(wanted, replace(THERE, row=row)).changes == ()
    assert planning.report(wanted, THERE, made)["user"] == planning.report(wanted, replace(THERE, row=row, reread=True), made)["user"]


@given(wishes)
def test_nothing_guarded_is_changed_unless_it_is_allowed(options: dict[str, Any]) -> None:
    for item in planning.plan(wish(**options), THERE).changes:
        assert isinstance(item, Update)
        assert set(item.after) & set(planning.GUARDED) <= set(options.get("allow_change", ()))
        assert {name for name in item.after if item.before[name] == item.after[name]} == set()
