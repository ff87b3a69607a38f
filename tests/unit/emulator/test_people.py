# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The people of the seeded orgs, as production and as a sandbox have them, and the columns of users that have a will of their own."""

from __future__ import annotations

from typing import Any

import pytest

from emulator import seed
from emulator.errors import ApiError
from emulator.org import Org
from emulator.rules.registry import break_rule
from emulator.rules.user_values import locales, zones

V = "67.0"
LOCALES = {"TimeZoneSidKey": "Europe/London", "LocaleSidKey": "en_GB", "EmailEncodingKey": "UTF-8", "LanguageLocaleKey": "en_US"}


@pytest.fixture
def org() -> Org:
    return seed.vonage()


@pytest.fixture(scope="module")
def uat() -> Org:
    return seed.vonage("acme-uat", sandbox=True)


def admin(org: Org) -> str:
    return str(org.default_user)


def user_id(org: Org, role: str) -> str:
    return str(org.seed_info["user_ids"][role])


def stored(org: Org, role: str) -> dict[str, Any]:
    return org.get("User", user_id(org, role)) or {}


def asked(org: Org, soql: str, user: str | None = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = org.query(user or admin(org), soql, V)["records"]
    return found


def new_user(org: Org, **values: Any) -> str:
    profile = stored(org, "agent")["ProfileId"]
    given = {"Username": "new@acme.example", "LastName": "New", "Alias": "new", "Email": "new@acme.example", "ProfileId": profile}
    return org.create(admin(org), "User", {**given, **LOCALES, **values})


def patch(org: Org, role: str, **values: Any) -> None:
    org.update(admin(org), "User", user_id(org, role), values)


def refused(org: Org, role: str, **values: Any) -> tuple[str, str, tuple[str, ...] | None]:
    before = stored(org, role)
    with pytest.raises(ApiError) as caught:
        patch(org, role, **values)
    assert stored(org, role) == before
    return caught.value.code, caught.value.message, caught.value.fields


# --- who is there ---


def test_a_sandbox_has_the_names_and_addresses_of_a_copy(uat: Org) -> None:
    names = uat.seed_info["users"]
    assert names["agent"] == "agent@acme.example.uat"
    assert names["prepended"] == "00x7Vqprepended@acme.example.uat"
    assert names["joakim"].endswith(names["kim"])
    addresses = {row["Username"]: row["Email"] for row in uat.find("User")}
    assert addresses.pop(names["automation"]) == "automation@acme.example"
    assert all(address.endswith("@acme.example.invalid") for address in addresses.values())


def test_production_has_neither(org: Org) -> None:
    assert org.seed_info["users"]["prepended"] == "prepended@acme.example"
    assert not [row["Email"] for row in org.find("User") if row["Email"].endswith(".invalid")]


def test_the_other_keys_of_users(org: Org) -> None:
    federation = [row["FederationIdentifier"] for row in org.find("User") if row["FederationIdentifier"]]
    assert sorted(federation) == ["acme-agent", "acme-contact-admin", "acme-prepended"]
    shared = asked(org, "SELECT Username FROM User WHERE EmployeeNumber = 'E2000' AND Email = 'desk@acme.example'")
    assert {row["Username"] for row in shared} == {"kim@acme.example", "joakim@acme.example"}


def test_roles_stand_in_a_hierarchy(org: Org) -> None:
    roles = org.seed_info["user_roles"]
    rows = asked(org, "SELECT DeveloperName, ParentRoleId FROM UserRole ORDER BY DeveloperName")
    assert [(row["DeveloperName"], row["ParentRoleId"]) for row in rows] == [
        ("Head_of_Voice", None),
        ("Voice_Agents", roles["Head_of_Voice"]),
    ]
    held = asked(org, "SELECT Username, UserRole.Name FROM User WHERE UserRoleId != null ORDER BY Username")
    assert [(row["Username"], row["UserRole"]["Name"]) for row in held] == [
        ("agent@acme.example", "Voice Agents"),
        ("supervisor@acme.example", "Head of Voice"),
    ]


# --- login rows ---


def test_one_user_is_frozen_and_everybody_has_a_login_row(org: Org) -> None:
    assert len(org.find("UserLogin")) == len(org.find("User"))
    rows = asked(org, "SELECT UserId FROM UserLogin WHERE IsFrozen = true AND UserId IN (SELECT Id FROM User WHERE IsActive = true)")
    assert [row["UserId"] for row in rows] == [user_id(org, "frozen")]
    made = new_user(org)
    assert [row["IsFrozen"] for row in org.find("UserLogin", UserId=made)] == [False]


def test_login_rows_may_be_there_for_the_frozen_alone() -> None:
    org = seed.vonage(switches={"user_login_rows": "frozen_ones"})
    assert [row["UserId"] for row in org.find("UserLogin")] == [user_id(org, "frozen")]
    new_user(org)
    assert len(org.find("UserLogin")) == 1


def test_login_rows_need_manage_users(org: Org) -> None:
    with pytest.raises(ApiError) as caught:
        asked(org, "SELECT IsFrozen FROM UserLogin", user_id(org, "agent"))
    assert caught.value.code == "INVALID_TYPE"


def test_a_user_is_frozen_and_thawed_but_never_locked(org: Org) -> None:
    row = org.find("UserLogin", UserId=user_id(org, "agent"))[0]["Id"]
    org.update(admin(org), "UserLogin", row, {"IsFrozen": True})
    assert (org.get("UserLogin", row) or {})["IsFrozen"] is True
    with pytest.raises(ApiError) as caught:
        org.update(admin(org), "UserLogin", row, {"IsPasswordLocked": True})
    assert (caught.value.code, caught.value.fields) == ("FIELD_INTEGRITY_EXCEPTION", ("IsPasswordLocked",))
    org.set("UserLogin", row, IsPasswordLocked=True)
    org.update(admin(org), "UserLogin", row, {"IsPasswordLocked": False})
    with break_rule("a_password_is_only_unlocked"):
        org.update(admin(org), "UserLogin", row, {"IsPasswordLocked": True})


# --- choices ---


@pytest.mark.parametrize(
    ("column", "good", "bad"),
    [
        ("TimeZoneSidKey", "America/New_York", "UTC"),
        ("TimeZoneSidKey", "GMT", "Europe/Lodnon"),
        ("LocaleSidKey", "de_DE", "de-DE"),
        ("LanguageLocaleKey", "fr", "tlh"),
        ("EmailEncodingKey", "ISO-8859-1", "latin1"),
    ],
)
def test_choices_are_those_of_describe(org: Org, column: str, good: str, bad: str) -> None:
    described = {item["name"]: item for item in org.describe(admin(org), "User", V)["fields"]}[column]
    offered = {item["value"] for item in described["picklistValues"]}
    assert good in offered
    assert bad not in offered
    code, message, fields = refused(org, "agent", **{column: bad})
    assert (code, fields) == ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", (column,))
    assert message.endswith(f"bad value for restricted picklist field: {bad}")
    patch(org, "agent", **{column: good})
    with pytest.raises(ApiError):
        new_user(org, **{column: bad})
    with break_rule("time_zone_and_locale_are_restricted_picklists"):
        patch(org, "agent", **{column: bad})


def test_the_lists_are_worth_the_name() -> None:
    assert {"Europe/London", "America/Los_Angeles", "Asia/Tokyo", "Australia/Sydney", "GMT"} <= set(zones())
    assert {"en_GB", "en_US", "de_DE", "fr_FR", "ja_JP", "nl_NL"} <= set(locales())


# --- addresses and names ---


def test_a_new_address_of_a_user_waits_for_its_owner(org: Org) -> None:
    patch(org, "agent", Email="other@acme.example", Department="Voice")
    assert (stored(org, "agent")["Email"], stored(org, "agent")["Department"]) == ("agent@acme.example", "Voice")
    assert seed.confirm_address(org, "agent@acme.example") == "other@acme.example"
    assert stored(org, "agent")["Email"] == "other@acme.example"
    with pytest.raises(KeyError):
        seed.confirm_address(org, "agent@acme.example")
    assert (org.get("User", new_user(org, Email="first@acme.example")) or {})["Email"] == "first@acme.example"


def test_writing_the_address_of_before_takes_the_wait_back(org: Org) -> None:
    patch(org, "agent", Email="other@acme.example")
    patch(org, "agent", Email="agent@acme.example")
    with pytest.raises(KeyError):
        seed.confirm_address(org, "agent@acme.example")


def test_a_new_address_may_stand_at_once() -> None:
    org = seed.vonage(switches={"email_change": "at_once"})
    patch(org, "agent", Email="other@acme.example")
    assert stored(org, "agent")["Email"] == "other@acme.example"


def test_an_address_that_is_none_is_refused_before_it_waits(org: Org) -> None:
    assert refused(org, "agent", Email="nobody")[0] == "INVALID_EMAIL_ADDRESS"
    assert org.seed_info.get("unconfirmed_addresses", {}) == {}


@pytest.mark.parametrize("code", ["DUPLICATE_COMM_NICKNAME", "DUPLICATE_VALUE"])
def test_a_nickname_belongs_to_one(code: str) -> None:
    org = seed.vonage(switches={"duplicate_nickname_code": code})
    taken = stored(org, "kim")["CommunityNickname"]
    assert refused(org, "agent", CommunityNickname=taken)[0] == code
    with pytest.raises(ApiError) as caught:
        new_user(org, CommunityNickname=taken.upper())
    assert caught.value.code == code
    patch(org, "kim", CommunityNickname=taken)


def test_a_federation_id_belongs_to_one(org: Org) -> None:
    code, message, _fields = refused(org, "kim", FederationIdentifier="acme-agent")
    assert (code, user_id(org, "agent") in message) == ("DUPLICATE_VALUE", True)
    patch(org, "kim", EmployeeNumber="E1001")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"Alias": "ninechars"}, "STRING_TOO_LONG"),
        ({"LastName": None}, "REQUIRED_FIELD_MISSING"),
        ({"Email": None}, "REQUIRED_FIELD_MISSING"),
        ({"TimeZoneSidKey": None}, "REQUIRED_FIELD_MISSING"),
        ({"Username": "AGENT@acme.example"}, "DUPLICATE_USERNAME"),
        ({"FederationIdentifier": "ACME-agent"}, "DUPLICATE_VALUE"),
    ],
)
def test_what_a_new_user_is_refused_for(org: Org, values: dict[str, Any], code: str) -> None:
    with pytest.raises(ApiError) as caught:
        new_user(org, **values)
    assert caught.value.code == code
    assert org.find("User", LastName="New") == []


def test_a_user_is_renamed_and_moved_in_the_hierarchy(org: Org) -> None:
    patch(org, "agent", Username="agent.two@acme.example", UserRoleId=org.seed_info["user_roles"]["Head_of_Voice"])
    assert stored(org, "agent")["Username"] == "agent.two@acme.example"
    patch(org, "agent", UserRoleId=None)
    assert stored(org, "agent")["UserRoleId"] is None
    gone = org.put("UserRole", Name="Gone", DeveloperName="Gone")
    org.remove("UserRole", gone)
    assert refused(org, "agent", UserRoleId=gone)[0] in ("INVALID_CROSS_REFERENCE_KEY", "ENTITY_IS_DELETED")
