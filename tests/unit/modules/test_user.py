# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A user made and changed on the emulator: what the org's record is then, and what is refused before anything is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator import seed
from emulator.fleet import Fleet
from emulator.org import Org
from harness.direct import Bench
from harness.look import holders, last_read, queries, record_writes, unchanged

NEW: dict[str, Any] = {
    "user": "new.person@acme.example",
    "first_name": "New",
    "last_name": "Person",
    "email": "new.person@acme.example",
    "profile": "Standard User",
}
ALL = ["profile", "username", "email", "role", "active"]


def the_user(org: Org, username: str) -> dict[str, Any]:
    (row,) = org.find("User", Username=username)
    return row


def of_role(bench: Bench, role: str) -> dict[str, Any]:
    """The record of a seeded person."""
    return bench.org.get("User", bench.info["user_ids"][role]) or {}


def refused(bench: Bench, code: str, **options: Any) -> dict[str, Any]:
    """The result of a task that stops before anything is written."""
    result = bench.task("user", **options)
    assert (result["failed"], result["error_code"]) == (True, code), result
    assert bench.org.writes == []
    return result


def full(org: Org, licence: str = "Salesforce") -> None:
    """The user licence has as many seats as are taken."""
    (row,) = org.find("UserLicense", Name=licence)
    profiles = [one["Id"] for one in org.find("Profile", UserLicenseId=row["Id"])]
    org.set("UserLicense", row["Id"], TotalLicenses=len(org.find("User", ProfileId=profiles, IsActive=True)))


# -- a new user ----------------------------------------------------------------------------------------------------------------------


def test_a_new_user_has_what_the_task_says_and_the_rest_from_the_org(uat: Bench) -> None:
    options = {**NEW, "role": "Voice Agents", "features": {"SupportUser": True}, "time_zone": "Europe/Paris"}
    result = uat.task("user", **options)
    assert (result.get("msg"), result["created"], record_writes(uat.org)) == (None, True, [("insert", "User")])
    row = the_user(uat.org, NEW["user"])
    assert (row["FirstName"], row["LastName"], row["Email"], row["Alias"]) == ("New", "Person", NEW["email"], "newperso")
    assert (row["LocaleSidKey"], row["LanguageLocaleKey"], row["TimeZoneSidKey"]) == ("en_GB", "en_US", "Europe/Paris")
    assert (row["EmailEncodingKey"], row["IsActive"], row["UserPermissionsSupportUser"]) == ("UTF-8", True, True)
    assert row["UserRoleId"] == uat.info["user_roles"]["Voice_Agents"]
    assert result["user"]["id"] == row["Id"]
    assert (result["user"]["profile"], result["user"]["license"], result["user"]["role"]) == ("Standard User", "Salesforce", "Voice Agents")
    assert (result["user"]["frozen"], result["user"]["features"]["SupportUser"], result["warnings"]) == (False, True, [])
    unchanged(uat.task("user", **options))


def test_a_new_user_of_a_sandbox_gets_its_suffix_and_is_found_by_both_names(uat: Bench) -> None:
    result = uat.task("user", **NEW, sandbox_name="uat")
    assert [item["key"] for item in result["changes"]] == ["new.person@acme.example.uat"]
    assert the_user(uat.org, "new.person@acme.example.uat")
    unchanged(uat.task("user", **NEW, sandbox_name="uat"))
    unchanged(uat.task("user", **{**NEW, "user": "NEW.person@acme.example.uat"}, sandbox_name="uat"))


def test_an_inactive_user_can_be_made_where_no_seat_is_free(uat: Bench) -> None:
    full(uat.org)
    result = refused(uat, "no_free_seat", **NEW)
    assert "Salesforce" in result["msg"]
    assert uat.task("user", **NEW, active=False).get("msg") is None
    assert the_user(uat.org, NEW["user"])["IsActive"] is False
    assert uat.task("user", **NEW, active=True, allow_change=["active"])["error_code"] == "no_free_seat"


def test_in_check_mode_the_users_that_the_run_would_make_take_their_seats(uat: Bench) -> None:
    full(uat.org)
    (licence,) = uat.org.find("UserLicense", Name="Salesforce")
    uat.org.set("UserLicense", licence["Id"], TotalLicenses=licence["TotalLicenses"] + 1)
    second = {**NEW, "user": "other@acme.example", "email": "other@acme.example"}
    assert uat.task("user", check=True, **NEW).get("msg") is None
    unchanged(uat.task("user", check=True, **NEW))
    assert uat.task("user", check=True, **second)["error_code"] == "no_free_seat"
    uat.new_run()
    assert uat.task("user", **NEW).get("msg") is None
    assert uat.task("user", **second)["error_code"] == "no_free_seat"


SEATS: dict[str, tuple[int, list[dict[str, Any]], list[str | None]]] = {
    "a seat that is given up is free": (
        0,
        [{"user": "agent@acme.example.uat", "active": False, "allow_change": ["active"]}, NEW],
        [None, None],
    ),
    "whoever is activated takes one": (
        1,
        [{"user": "inactive@acme.example.uat", "active": True, "allow_change": ["active"]}, NEW],
        [None, "no_free_seat"],
    ),
    "whoever was made inactive takes one later": (
        0,
        [{**NEW, "active": False}, {"user": NEW["user"], "active": True, "allow_change": ["active"]}],
        [None, "no_free_seat"],
    ),
    "a seat taken by another profile of the licence": (
        1,
        [{**NEW, "profile": "Minimum Access - Salesforce"}, {**NEW, "user": "other@acme.example", "email": "other@acme.example"}],
        [None, "no_free_seat"],
    ),
    "who changes to another licence frees a seat": (
        0,
        [{"user": "kim@acme.example.uat", "profile": "Standard Platform User", "allow_change": ["profile"]}, NEW],
        [None, None],
    ),
}


@pytest.mark.parametrize("what", SEATS)
def test_check_mode_counts_seats_as_the_run_would_find_them(uat: Bench, what: str) -> None:
    free, tasks, codes = SEATS[what]
    full(uat.org)
    (licence,) = uat.org.find("UserLicense", Name="Salesforce")
    uat.org.set("UserLicense", licence["Id"], TotalLicenses=licence["TotalLicenses"] + free)
    assert [uat.task("user", check=True, **options).get("error_code") for options in tasks] == codes
    assert uat.org.writes == []
    uat.new_run()
    assert [uat.task("user", **options).get("error_code") for options in tasks] == codes


def test_nobody_is_made_a_second_time_in_a_sandbox_whose_name_is_not_known(uat: Bench) -> None:
    result = refused(uat, "ambiguous_user", **{**NEW, "user": "Agent@acme.example"})
    assert "agent@acme.example.uat" in result["msg"]
    assert "salesforce_sandbox_name" in result["msg"]
    # With more than one word behind it, it is another domain.
    uat.org.set("User", uat.info["user_ids"]["agent"], Username="new.person@acme.example.co.uat")
    assert uat.task("user", **NEW).get("msg") is None


def test_in_production_longer_usernames_are_other_people(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(name="acme-prod", sandbox=False)
    bench.org.set("User", bench.info["user_ids"]["agent"], Username="new.person@acme.example.uat")
    assert bench.task("user", **NEW).get("msg") is None
    assert the_user(bench.org, NEW["user"])


def test_too_little_for_a_new_user_is_told_by_name(uat: Bench) -> None:
    result = refused(uat, "not_enough_to_create", user="new.person@acme.example", first_name="New", email="x@acme.example")
    assert "last_name, profile" in result["msg"]


def test_a_mistyped_name_is_told_its_nearest(uat: Bench) -> None:
    result = refused(uat, "not_enough_to_create", user="agnet@acme.example", active=False, allow_change=["active"], sandbox_name="uat")
    assert "agent@acme.example.uat" in result["msg"]


def test_a_user_named_by_another_key_alone_is_not_made(uat: Bench) -> None:
    refused(uat, "unknown_user", **{**NEW, "user": {"federation_id": "nobody"}})


def test_a_username_of_another_org_is_explained(tmp_path: Path, make_bench: Callable[..., Bench]) -> None:
    orgs = [seed.vonage("acme-uat", sandbox=True), seed.vonage("acme-dev", sandbox=True)]
    with Fleet(orgs) as fleet:
        (tmp_path / "run").mkdir()
        bench = Bench(fleet, fleet.orgs["acme-uat"], tmp_path / "run")
        taken = orgs[1].seed_info["users"]["agent"]
        result = bench.task("user", **{**NEW, "user": taken})
        assert [error["code"] for error in result["errors"]] == ["DUPLICATE_USERNAME"]
        assert "choose another one" in result["msg"]
        assert "salesforce_sandbox_name" in result["msg"]
        assert orgs[0].find("User", Username=taken) == []


# -- a user who is there -------------------------------------------------------------------------------------------------------------


def test_what_a_task_leaves_out_stays(uat: Bench) -> None:
    before = of_role(uat, "agent")
    assert uat.task("user", user="agent@acme.example.uat", nickname="the.agent").get("msg") is None
    after = of_role(uat, "agent")
    assert {name for name, value in after.items() if before[name] != value} <= {"CommunityNickname", "LastModifiedDate", "SystemModstamp"}
    assert after["CommunityNickname"] == "the.agent"


CHANGES: dict[str, tuple[dict[str, Any], str, Any]] = {
    "first_name": ({"first_name": ""}, "FirstName", None),
    "last_name": ({"last_name": "Other"}, "LastName", "Other"),
    "alias": ({"alias": "other"}, "Alias", "other"),
    "locale": ({"locale": "de_DE"}, "LocaleSidKey", "de_DE"),
    "language": ({"language": "de"}, "LanguageLocaleKey", "de"),
    "time_zone": ({"time_zone": "Europe/Paris"}, "TimeZoneSidKey", "Europe/Paris"),
    "email_encoding": ({"email_encoding": "ISO-8859-1"}, "EmailEncodingKey", "ISO-8859-1"),
    "features": ({"features": {"KnowledgeUser": True}}, "UserPermissionsKnowledgeUser", True),
    "role away": ({"role": "", "allow_change": ["role"]}, "UserRoleId", None),
    "active": ({"active": False, "allow_change": ["active"]}, "IsActive", False),
    "username": ({"new_username": "a.gent@acme.example", "allow_change": ["username"]}, "Username", "a.gent@acme.example"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_each_field_is_changed_and_then_left(uat: Bench, what: str) -> None:
    options, column, value = CHANGES[what]
    result = uat.task("user", user="agent@acme.example.uat", **options)
    assert (result.get("msg"), result["changed"], result["created"]) == (None, True, False)
    assert of_role(uat, "agent")[column] == value
    assert record_writes(uat.org) == [("update", "User")]
    uat.new_run()
    unchanged(uat.task("user", user="agent@acme.example.uat", **options))


def test_a_profile_is_changed_where_that_is_allowed(uat: Bench) -> None:
    options = {"user": "without.set@acme.example.uat", "profile": "minimum access - salesforce"}
    held = uat.task("user", **options)
    assert [(item["field"], item["is"], item["wanted"]) for item in held["held_back"]] == [
        ("profile", "Standard User", "Minimum Access - Salesforce")
    ]
    assert (held["changed"], len(held["warnings"]), uat.org.writes) == (False, 1, [])
    done = uat.task("user", **options, allow_change=["profile"])
    assert (done["user"]["profile"], done["held_back"]) == ("Minimum Access - Salesforce", [])
    (profile,) = uat.org.find("Profile", Name="Minimum Access - Salesforce")
    assert of_role(uat, "without_set")["ProfileId"] == profile["Id"]


@pytest.mark.parametrize("how", ["confirmed_first", "at_once"])
def test_a_new_address_counts_when_the_org_puts_it_in_force(make_bench: Callable[..., Bench], how: str) -> None:
    bench = make_bench(switches={"email_change": how})
    options = {"user": bench.info["users"]["agent"], "email": "desk@acme.example", "allow_change": ["email"]}
    result = bench.task("user", **options)
    assert (result.get("msg"), result["changed"]) == (None, True)
    waits = how == "confirmed_first"
    assert of_role(bench, "agent")["Email"] == ("agent@acme.example.invalid" if waits else "desk@acme.example")
    assert ["confirm" in item["reason"] for item in result["held_back"]] == ([True] if waits else [])
    assert result["user"]["email"] == of_role(bench, "agent")["Email"]
    if waits:
        seed.confirm_address(bench.org, options["user"])
    unchanged(bench.task("user", **options))


def test_an_address_that_the_sandbox_hides_is_left(uat: Bench) -> None:
    result = uat.task("user", user=uat.info["users"]["agent"], email="agent@acme.example")
    unchanged(result)
    assert [(item["field"], ".invalid" in item["reason"]) for item in result["held_back"]] == [("email", True)]
    assert result["warnings"] == []


@pytest.mark.parametrize(
    ("given", "role"),
    [
        ("prepended@acme.example", "prepended"),
        ("kim@acme.example", "kim"),
        ("joakim@acme.example", "joakim"),
        ({"federation_id": "acme-agent"}, "agent"),
        ({"employee_number": "E1003"}, "supervisor"),
        ({"email": "supervisor@acme.example"}, "supervisor"),
    ],
    ids=str,
)
def test_the_right_user_is_changed_however_it_is_named(uat: Bench, given: Any, role: str) -> None:
    assert uat.task("user", user=given, last_name="Right", sandbox_name="uat").get("msg") is None
    assert [row["Id"] for row in uat.org.find("User", LastName="Right")] == [uat.info["user_ids"][role]]


def test_the_features_told_are_those_of_the_right_one_of_two_who_look_alike(uat: Bench) -> None:
    """The org answers the other one first."""
    uat.org.set("User", uat.info["user_ids"]["agent"], Username="xkim@acme.example.uat")
    result = uat.task("user", user="kim@acme.example", features={"SupportUser": False}, sandbox_name="uat")
    unchanged(result)
    assert (result["user"]["username"], result["user"]["features"]["SupportUser"]) == ("kim@acme.example.uat", False)


@pytest.mark.parametrize("given", [{"employee_number": "E2000"}, {"email": "desk@acme.example"}], ids=str)
def test_a_user_who_is_not_certain_is_not_changed(uat: Bench, given: Any) -> None:
    result = refused(uat, "ambiguous_user", user=given, last_name="Wrong", sandbox_name="uat")
    assert "joakim@acme.example.uat, kim@acme.example.uat" in result["msg"]


def test_a_name_that_only_ends_alike_is_nobody_s(uat: Bench) -> None:
    """Without kim, joakim is not kim: the task would make kim, and says what for that it lacks."""
    uat.org.set("User", uat.info["user_ids"]["kim"], Username="somebody@acme.example.uat")
    refused(uat, "not_enough_to_create", user="kim@acme.example", last_name="Kim", sandbox_name="uat")


def test_the_running_user_is_not_deactivated(uat: Bench) -> None:
    own = uat.info["admin_username"]
    refused(uat, "own_user", user=own, active=False, allow_change=["active"])
    refused(uat, "own_user", user=own, profile="Standard User", allow_change=["profile"])
    refused(uat, "own_user", user=own, new_username="other@acme.example.uat", allow_change=["username"])
    assert uat.task("user", user=own, profile="System Administrator", active=True, allow_change=["profile", "active"])["changed"] is False
    assert uat.task("user", user=uat.info["admin_username"], active=False)["held_back"][0]["field"] == "active"


def test_a_frozen_user_is_told(uat: Bench) -> None:
    result = uat.task("user", user=uat.info["users"]["frozen"])
    unchanged(result)
    assert result["user"]["frozen"] is True
    assert ["frozen" in text for text in result["warnings"]] == [True]


@pytest.mark.parametrize("rows", ["every_user", "frozen_ones"])
def test_who_never_was_frozen_is_not(make_bench: Callable[..., Bench], rows: str) -> None:
    bench = make_bench(switches={"user_login_rows": rows})
    assert bench.task("user", user=bench.info["users"]["agent"])["user"]["frozen"] is False
    assert bench.task("user", user=bench.info["users"]["frozen"])["user"]["frozen"] is True


def test_who_may_not_see_logins_does_not_know_who_is_frozen(uat: Bench) -> None:
    result = uat.task("user", user=uat.info["users"]["frozen"], username=uat.info["limited_username"])
    assert (result.get("msg"), result["user"]["frozen"], result["warnings"]) == (None, None, [])


def test_a_renamed_user_is_the_one_that_is_meant(uat: Bench) -> None:
    options = {"user": "agent@acme.example", "new_username": "a.gent@acme.example", "allow_change": ["username"], "sandbox_name": "uat"}
    assert uat.task("user", **options).get("msg") is None
    assert of_role(uat, "agent")["Username"] == "a.gent@acme.example.uat"
    unchanged(uat.task("user", **options))
    refused_ = uat.task("user", **{**options, "user": "kim@acme.example"})
    assert refused_["error_code"] == "username_taken"


# -- what cannot be ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "options", "hint"),
    [
        ("unknown_profile", {"profile": "Standard Usr"}, "Standard User"),
        ("unknown_role", {"role": "Voice Agent"}, "Voice Agents"),
        ("unknown_value", {"language": "en_UK"}, "en_US"),
        ("unknown_value", {"time_zone": "Europe/Lodnon"}, "Europe/London"),
        ("unknown_value", {"locale": "en_UK"}, "en_"),
        ("unknown_value", {"email_encoding": "utf8"}, "UTF-8"),
        ("unknown_feature", {"features": {"SuportUser": True}}, "SupportUser"),
    ],
)
@pytest.mark.parametrize("user", ["agent@acme.example.uat", "new.person@acme.example"], ids=["there", "new"])
def test_what_the_org_does_not_have_stops_the_task_with_the_nearest(
    uat: Bench, user: str, code: str, options: dict[str, Any], hint: str
) -> None:
    assert hint in refused(uat, code, **{**NEW, "user": user, **options})["msg"]


def test_a_time_zone_that_the_org_refuses_is_explained(uat: Bench) -> None:
    """Where the org's describe lists no values, the org's own word counts."""
    offered = {"time_zone": [], "locale": [], "language": [], "email_encoding": [], "features": []}
    agent = uat.info["users"]["agent"]
    uat.task("user", check=True, user=agent, time_zone="Europe/Paris")
    (kept,) = uat.folder.glob("salesforce-user-fields-*")
    kept.write_text(json.dumps(offered), encoding="utf-8")
    result = uat.task("user", user=agent, time_zone="Europe/Lodnon")
    assert (result["failed"], result["error_code"]) == (True, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")
    assert of_role(uat, "agent")["TimeZoneSidKey"] == "Europe/London"


def test_a_feature_licence_without_a_seat_is_named(uat: Bench) -> None:
    taken = len(uat.org.find("User", UserPermissionsKnowledgeUser=True, IsActive=True))
    uat.org.feature_licenses["UserPermissionsKnowledgeUser"] = taken
    result = uat.task("user", user=uat.info["users"]["agent"], features={"KnowledgeUser": True})
    assert [error["code"] for error in result["errors"]] == ["LICENSE_LIMIT_EXCEEDED"]
    assert "feature licence KnowledgeUser" in result["msg"]


# -- later tasks of a run ------------------------------------------------------------------------------------------------------------


def test_in_check_mode_later_tasks_see_the_user_that_would_be_made(uat: Bench) -> None:
    user = {"username": "new.person@acme.example", "federation_id": "acme-new"}
    assert uat.task("user", check=True, **{**NEW, "user": user}, sandbox_name="uat").get("msg") is None
    for given in ("new.person@acme.example", {"federation_id": "acme-new"}, {"email": "NEW.person@acme.example"}):
        result = uat.task("permission_set_assignment", check=True, permission_set="ContactWorld_Agent", users=[given], sandbox_name="uat")
        assert result.get("msg") is None
        assert [item["key"] for item in result["changes"]] in ([], ["NVMContactWorld__ContactWorld_Agent/new.person@acme.example.uat"])
    told = uat.task("user_info", check=True, users=["new.person@acme.example"], sandbox_name="uat")
    assert [(item["id"], item["profile"], item["license"]) for item in told["users"]] == [(None, "Standard User", "Salesforce")]
    access = uat.task("permission_set_info", check=True, user="new.person@acme.example", sandbox_name="uat")
    assert access.get("msg") is None
    assert access["effective_access"]["user_permissions"]
    assert uat.org.writes == []
    uat.new_run()
    assert uat.task("permission_set_assignment", permission_set="ContactWorld_Agent", users=[user])["error_code"] == "unknown_user"


def test_in_check_mode_a_user_that_would_be_made_can_be_changed(uat: Bench) -> None:
    tasks: list[dict[str, Any]] = [
        {**NEW, "features": {"SupportUser": True}},
        {"user": NEW["user"], "features": {"KnowledgeUser": True, "OfflineUser": False, "SupportUser": True}, "nickname": "newcomer"},
        {"user": NEW["user"], "active": False, "allow_change": ["active"]},
    ]
    foretold = [uat.task("user", check=True, **options) for options in tasks]
    assert uat.task("user", check=True, user=NEW["user"], features={"SuportUser": True})["error_code"] == "unknown_feature"
    uat.new_run()
    done = [uat.task("user", **options) for options in tasks]
    assert [result.get("msg") for result in (*foretold, *done)] == [None] * 6
    assert foretold[1]["changes"][0]["after"] == {"nickname": "newcomer", "KnowledgeUser": True}
    assert [result["changes"][0]["after"] for result in foretold] == [result["changes"][0]["after"] for result in done]


def test_in_check_mode_a_user_that_would_be_made_joins_a_center(uat: Bench) -> None:
    tasks: list[tuple[str, dict[str, Any]]] = [
        ("user", {**NEW, "features": {"SupportUser": True}}),
        ("permission_set_assignment", {"permission_set": "ContactCenterAgentExternalTelephony", "users": [NEW["user"]]}),
        ("contact_center_member", {"contact_center": "AcmeVoice", "users": [NEW["user"]]}),
    ]
    foretold = [uat.task(module, check=True, **options) for module, options in tasks]
    assert uat.org.writes == []
    uat.new_run()
    done = [uat.task(module, **options) for module, options in tasks]
    assert [result.get("msg") for result in (*foretold, *done)] == [None] * 6
    assert [result["changes"] for result in foretold] == [result["changes"] for result in done]


def test_in_check_mode_a_user_that_would_be_renamed_joins_a_center(uat: Bench) -> None:
    kim = uat.info["users"]["kim"]
    tasks: list[tuple[str, dict[str, Any]]] = [
        ("user", {"user": kim, "new_username": "kim.lee@acme.example", "allow_change": ["username"], "features": {"SupportUser": True}}),
        ("permission_set_assignment", {"permission_set": "ContactCenterAgentExternalTelephony", "users": ["kim.lee@acme.example"]}),
        ("contact_center_member", {"contact_center": "AcmeVoice", "users": ["kim.lee@acme.example"]}),
    ]
    foretold = [uat.task(module, check=True, **options) for module, options in tasks]
    uat.new_run()
    done = [uat.task(module, **options) for module, options in tasks]
    assert [result.get("msg") for result in (*foretold, *done)] == [None] * 6
    assert [result["changes"] for result in foretold] == [result["changes"] for result in done]


def test_in_check_mode_a_user_that_would_be_activated_can_be_given_a_set(uat: Bench) -> None:
    inactive = uat.info["users"]["inactive"]
    tasks: list[tuple[str, dict[str, Any]]] = [
        ("user", {"user": inactive, "active": True, "allow_change": ["active"]}),
        ("permission_set_assignment", {"permission_set": "ContactWorld_Supervisor", "users": [inactive]}),
    ]
    foretold = [uat.task(module, check=True, **options) for module, options in tasks]
    uat.new_run()
    done = [uat.task(module, **options) for module, options in tasks]
    assert [result.get("msg") for result in (*foretold, *done)] == [None] * 4
    assert inactive in holders(uat.org, uat.info["set_ids"]["vonage_supervisor"])


def test_in_check_mode_a_user_that_would_be_renamed_is_found_by_the_new_name(uat: Bench) -> None:
    agent = uat.info["users"]["agent"]
    tasks: list[tuple[str, dict[str, Any]]] = [
        ("user", {"user": agent, "new_username": "a.gent@acme.example", "allow_change": ["username"]}),
        ("permission_set_assignment", {"permission_set": "ContactWorld_Supervisor", "users": ["a.gent@acme.example"]}),
    ]
    foretold = [uat.task(module, check=True, **options) for module, options in tasks]
    uat.new_run()
    done = [uat.task(module, **options) for module, options in tasks]
    assert [result.get("msg") for result in (*foretold, *done)] == [None] * 4
    assert foretold[1]["changes"] == done[1]["changes"]


# -- what it costs -------------------------------------------------------------------------------------------------------------------


def test_a_user_costs_three_calls_when_made_and_one_when_unchanged(uat: Bench) -> None:
    options = {**NEW, "role": "Voice_Agents", "active": True, "sandbox_name": "uat"}
    uat.task("user", **options)
    assert [entry.kind for entry in uat.entries()] == ["login", "read", "write", "read"]
    assert uat.calls() == 4
    unchanged(uat.task("user", **options))
    assert [entry.kind for entry in uat.entries()] == ["read"]
    assert uat.calls() == 1


def test_a_federation_id_of_somebody_else_stops_the_task(uat: Bench) -> None:
    result = refused(uat, "federation_id_taken", user={"username": "kim@acme.example.uat", "federation_id": "acme-agent"})
    assert "agent@acme.example.uat" in result["msg"]


def test_a_nickname_of_somebody_else_stops_the_task(uat: Bench) -> None:
    uat.org.set("User", uat.info["user_ids"]["agent"], CommunityNickname="ace")
    for user in ("kim@acme.example.uat", NEW["user"]):
        assert "agent@acme.example.uat" in refused(uat, "nickname_taken", **{**NEW, "user": user, "nickname": "ace"})["msg"]
    unchanged(uat.task("user", user="agent@acme.example.uat", nickname="ace"))
    assert uat.calls() == 1


def test_in_check_mode_what_comes_after_a_renaming_is_remembered(uat: Bench) -> None:
    tasks: list[dict[str, Any]] = [
        {"user": "agent@acme.example.uat", "features": {"KnowledgeUser": True}},
        {"user": "agent@acme.example.uat", "new_username": "a.gent@acme.example", "allow_change": ["username"]},
        {"user": "a.gent@acme.example", "features": {"KnowledgeUser": True}, "nickname": "agent"},
        {"user": "a.gent@acme.example", "nickname": "agent"},
    ]
    foretold = [uat.task("user", check=True, **options) for options in tasks]
    uat.new_run()
    done = [uat.task("user", **options) for options in tasks]
    assert [result.get("msg") for result in (*foretold, *done)] == [None] * 8
    assert [result["changes"] for result in foretold] == [result["changes"] for result in done]
    assert [result["changed"] for result in done] == [True, True, True, False]


def test_what_the_org_offers_is_asked_once_a_run(uat: Bench) -> None:
    agent = uat.info["users"]["agent"]
    uat.task("user", check=True, user=agent, time_zone="Europe/Paris")
    assert uat.calls() == 3
    uat.task("user", check=True, user=agent, time_zone="Europe/Rome")
    assert uat.calls() == 1


def test_the_read_back_asks_for_the_one_user(uat: Bench) -> None:
    uat.task("user", user=uat.info["users"]["agent"], last_name="Other")
    back = last_read(uat.entries())
    assert back
    assert [soql for soql in back if uat.info["user_ids"]["agent"][:15] not in soql] == []
    assert queries(uat.entries()[1])
