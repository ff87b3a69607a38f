# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The requirements of the API user on what may be found: each met, violated, warned of and unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils._api_user_requirements import (
    MANUAL,
    MET,
    NOT_ASKED,
    REQUIREMENTS,
    SIX_RIGHTS,
    UNKNOWN,
    VIOLATED,
    WARNING,
    ApiUser,
    Asked,
    Code,
    Found,
    HeldSet,
    Seat,
    gaps,
    judged,
)
from ansible_collections.voiceops.salesforce.plugins.module_utils._effective_access import Given
from ansible_collections.voiceops.salesforce.plugins.module_utils._readiness import is_ready

HIDDEN = frozenset({"object_permissions", "field_permissions"})
OBJECT, FIELD, FORMULA = "NVM__Call__c", "Case.NVM__Skill__c", "Case.NVM__Phone__c"
USER = ApiUser("api@acme.example", True, False, "Standard User", "Salesforce")
ASKED = Asked(
    profile="Standard User",
    permission_set="",
    namespaces=("NVM",),
    user_permissions=("ApiEnabled", "EditTask", "PasswordNeverExpires"),
    queries_users=False,
    private_sharing=False,
    data_connector=False,
    api_only=False,
    package_licenses=("NVM",),
    permission_set_licenses=(),
)


def access(
    permissions: tuple[str, ...] = ("ApiEnabled", "EditTask", "PasswordNeverExpires"),
    objects: Mapping[str, tuple[str, ...]] | None = None,
    fields: Mapping[str, tuple[str, ...]] | None = None,
) -> Given:
    """What one set gives."""
    told = {OBJECT: SIX_RIGHTS, "Case": ("read", "edit")} if objects is None else objects
    shown = {FIELD: ("read", "edit"), FORMULA: ("read",)} if fields is None else fields

    def rights(names: tuple[str, ...]) -> dict[str, list[str]]:
        return {name: ["permission set Api"] for name in names}

    return {
        "user_permissions": {name: rights(("granted",)) for name in permissions},
        "object_permissions": {name: rights(names) for name, names in told.items()},
        "field_permissions": {name: rights(names) for name, names in shown.items()},
    }


ALL = ("ApiEnabled", "EditTask", "PasswordNeverExpires")
RIGHT = Found(
    user=USER,
    restrictions="",
    given=access(),
    sets=(HeldSet("Api", True, False), HeldSet("Other", False, False)),
    objects=(OBJECT,),
    fields={FIELD: True, FORMULA: False},
    carriers=("Case",),
    code=(Code("Apex classes", 3, 0, "NVM__Api"),),
    seats={"nvm": Seat("", False, True)},
    permissions={"ApiEnabled": "API Enabled"},
    sharing={"Case": "ReadWrite", OBJECT: "Private"},
    policies=(),
    touched=(),
)


def verdicts(asked: Asked = ASKED, found: Found = RIGHT) -> dict[str, dict[str, str]]:
    return {row["requirement"]: row for row in judged(asked, found)}


def states(asked: Asked = ASKED, found: Found = RIGHT) -> dict[str, str]:
    return {name: row["state"] for name, row in verdicts(asked, found).items()}


def test_the_table_has_every_sentence_once_or_in_two_parts_and_every_word_once() -> None:
    sentences = [item.sentence for item in REQUIREMENTS]
    assert list(dict.fromkeys(sentences)) == [*(f"D{number}" for number in range(1, 17)), *(f"X{number}" for number in range(1, 9))]
    assert sentences.count("D1") == 2
    assert len({item.id for item in REQUIREMENTS}) == len(REQUIREMENTS)
    assert {item.repair for item in REQUIREMENTS} == {"role", "report", "manual"}
    assert [item.id for item in REQUIREMENTS if item.repair == "manual"] == ["linked_in_vonage"]


def test_all_is_right() -> None:
    found = states()
    assert {name for name, state in found.items() if state not in (MET, NOT_ASKED)} == {"linked_in_vonage"}
    assert is_ready(judged(ASKED, RIGHT))
    assert gaps(RIGHT) == []
    assert all(row["remedy"] == "" for row in judged(ASKED, RIGHT) if row["state"] == MET)


def user(**values: Any) -> Found:
    return replace(RIGHT, user=replace(USER, **values))


# What is found, the requirement, its state, and a word that its row says.
TABLE: tuple[tuple[str, str, str, Asked, Found, str], ...] = (
    ("no user", "user_exists", VIOLATED, ASKED, replace(RIGHT, user=None, absent="Nobody."), "Nobody."),
    ("no user", "object_rights", UNKNOWN, ASKED, replace(RIGHT, user=None, absent="Nobody."), "no user"),
    ("nobody's link", "linked_in_vonage", MANUAL, ASKED, RIGHT, "at most 5"),
    (
        "a class is closed",
        "package_access",
        VIOLATED,
        ASKED,
        replace(RIGHT, code=(Code("Apex classes", 3, 1, "NVM__Api"),)),
        "1 of the 3 Apex",
    ),
    ("an object is closed", "package_access", VIOLATED, ASKED, replace(RIGHT, given=access(objects={})), "1 of its 1 objects"),
    ("a field is closed", "package_access", VIOLATED, ASKED, replace(RIGHT, given=access(fields={})), "2 of its 2 fields"),
    ("no set to compare with", "package_access", UNKNOWN, ASKED, replace(RIGHT, code=None), "no set to compare"),
    ("no package", "package_access", UNKNOWN, ASKED, replace(RIGHT, objects=(), fields={}, carriers=()), "nothing of NVM"),
    ("not assigned", "permission_set_assigned", VIOLATED, ASKED, replace(RIGHT, sets=(HeldSet("Other", False, False),)), "Neither"),
    (
        "another is named",
        "permission_set_assigned",
        VIOLATED,
        replace(ASKED, permission_set="Mine"),
        replace(RIGHT, sets=()),
        "Mine is not assigned",
    ),
    (
        "expired",
        "permission_set_assigned",
        VIOLATED,
        ASKED,
        replace(RIGHT, sets=(HeldSet("Api", True, False, "it expired"),)),
        "Api: it expired",
    ),
    (
        "by a group",
        "permission_set_assigned",
        MET,
        ASKED,
        replace(RIGHT, sets=(HeldSet("Api", True, False, "", "Team"),)),
        "Api through group Team",
    ),
    ("no API", "api_enabled", VIOLATED, ASKED, replace(RIGHT, given=access(ALL[1:])), "API Enabled (ApiEnabled)"),
    ("no tasks", "edit_tasks", VIOLATED, ASKED, replace(RIGHT, given=access((ALL[0], ALL[2]))), "EditTask"),
    ("a password that expires", "password_never_expires", VIOLATED, ASKED, replace(RIGHT, given=access(ALL[:2])), "PasswordNeverExpires"),
    ("another profile", "standard_user_profile", VIOLATED, ASKED, user(profile="Sales"), "Sales"),
    ("the profile in other letters", "standard_user_profile", MET, ASKED, user(profile="standard user"), "Salesforce"),
    ("a restricted profile", "login_restrictions", VIOLATED, ASKED, replace(RIGHT, restrictions="login hours on monday"), "monday"),
    (
        "no such profile",
        "login_restrictions",
        UNKNOWN,
        ASKED,
        replace(RIGHT, user=None, restrictions=None, no_profile=True),
        "no profile Standard",
    ),
    ("a profile that is not shown", "login_restrictions", UNKNOWN, ASKED, replace(RIGHT, restrictions=None), "does not show"),
    (
        "a right is missing",
        "object_rights",
        VIOLATED,
        ASKED,
        replace(RIGHT, given=access(objects={OBJECT: ("read",)})),
        "modify_all_records",
    ),
    ("no objects", "object_rights", UNKNOWN, ASKED, replace(RIGHT, objects=()), "nothing of NVM"),
    (
        "read alone",
        "field_rights",
        VIOLATED,
        ASKED,
        replace(RIGHT, given=access(fields={FIELD: ("read",), FORMULA: ("read",)})),
        "Skill__c lacks edit",
    ),
    (
        "perhaps a formula",
        "field_rights",
        UNKNOWN,
        ASKED,
        replace(RIGHT, fields={FIELD: None, FORMULA: None}, given=access(fields={FIELD: ("read", "edit"), FORMULA: ("read",)})),
        FORMULA,
    ),
    (
        "hidden rows",
        "field_rights",
        UNKNOWN,
        ASKED,
        replace(RIGHT, given=access(fields={}), hidden=HIDDEN),
        "keeps rows of field_permissions",
    ),
    (
        "hidden rows",
        "object_rights",
        UNKNOWN,
        ASKED,
        replace(RIGHT, given=access(objects={}), hidden=HIDDEN),
        "keeps rows of object_permissions",
    ),
    ("hidden rows", "standard_object_access", UNKNOWN, ASKED, replace(RIGHT, given=access(objects={}), hidden=HIDDEN), "keeps rows"),
    ("hidden rows", "package_access", UNKNOWN, ASKED, replace(RIGHT, given=access(fields={}), hidden=HIDDEN), "keeps rows"),
    ("users are queried", "view_all_users", VIOLATED, replace(ASKED, queries_users=True), RIGHT, "ViewAllUsers"),
    ("nobody queries users", "view_all_users", NOT_ASKED, ASKED, RIGHT, "false"),
    ("it has it", "view_all_users", MET, replace(ASKED, queries_users=True), replace(RIGHT, given=access(("ViewAllUsers",))), "set Api"),
    ("private", "view_all_data", WARNING, ASKED, replace(RIGHT, sharing={"Case": "Private"}), "Case (Private)"),
    ("not shown", "view_all_data", UNKNOWN, ASKED, replace(RIGHT, sharing=None), "does not show"),
    ("asked", "view_all_data", VIOLATED, replace(ASKED, private_sharing=True), RIGHT, "ViewAllData"),
    (
        "private, and sees all",
        "view_all_data",
        NOT_ASKED,
        ASKED,
        replace(RIGHT, sharing={"Case": "Private"}, given=access(("ViewAllData",))),
        "all the same",
    ),
    ("the connector inserts", "modify_all_data", VIOLATED, replace(ASKED, data_connector=True), RIGHT, "ModifyAllData"),
    ("nothing more", "clone_for_more", NOT_ASKED, ASKED, RIGHT, "own set will do"),
    ("a clone", "clone_for_more", MET, replace(ASKED, queries_users=True), RIGHT, "Api"),
    (
        "the package's own",
        "clone_for_more",
        WARNING,
        replace(ASKED, queries_users=True),
        replace(RIGHT, sets=(HeldSet("NVM__Api", True, True),)),
        "belongs to the package",
    ),
    ("platform", "salesforce_license", WARNING, ASKED, user(license="Salesforce Platform"), "not recommend"),
    ("integration", "salesforce_license", WARNING, ASKED, user(license="Salesforce Integration"), "Integration"),
    ("another licence", "salesforce_license", VIOLATED, ASKED, user(license="Chatter Free"), "Chatter Free"),
    ("no licence is shown", "salesforce_license", UNKNOWN, ASKED, user(license=""), "does not show"),
    ("no seat", "package_license", VIOLATED, ASKED, replace(RIGHT, seats={"nvm": Seat("", False, False)}), "no seat of NVM"),
    ("a site licence", "package_license", MET, ASKED, replace(RIGHT, seats={"nvm": Seat("", True, False)}), "site licence"),
    ("expired", "package_license", VIOLATED, ASKED, replace(RIGHT, seats={"nvm": Seat("has expired", False, True)}), "of NVM has expired"),
    ("not installed", "package_license", VIOLATED, ASKED, replace(RIGHT, seats={}, objects=(), fields={}), "not installed"),
    ("installed without a licence", "package_license", VIOLATED, ASKED, replace(RIGHT, seats={}), "shows no licence"),
    (
        "two are not",
        "package_license",
        VIOLATED,
        replace(ASKED, package_licenses=("A", "B")),
        RIGHT,
        "A is not installed: the org has no licence of it. B is",
    ),
    ("not asked", "package_license", NOT_ASKED, replace(ASKED, package_licenses=()), RIGHT, "No package"),
    ("nobody to have a seat", "package_license", UNKNOWN, ASKED, replace(RIGHT, user=None), "no user"),
    ("inactive", "user_active", VIOLATED, ASKED, user(active=False), "cannot log in"),
    ("frozen", "user_not_frozen", VIOLATED, ASKED, user(frozen=True), "frozen"),
    ("perhaps frozen", "user_not_frozen", UNKNOWN, ASKED, user(frozen=None), "does not tell"),
    ("API only is asked for", "api_only", VIOLATED, replace(ASKED, api_only=True), RIGHT, "ApiUserOnly"),
    ("policies elsewhere", "user_access_policies", MET, ASKED, replace(RIGHT, policies=("P",)), "P; none acts"),
    ("a policy here", "user_access_policies", WARNING, ASKED, replace(RIGHT, policies=("P",), touched=("permission set Api",)), "set Api"),
    ("policies that act somewhere", "user_access_policies", WARNING, ASKED, replace(RIGHT, policies=("P",), touched=None), "not shown"),
    ("policies are not shown", "user_access_policies", UNKNOWN, ASKED, replace(RIGHT, policies=None), "does not show"),
    ("integration", "integration_license", WARNING, ASKED, user(license="Salesforce Integration"), "Edit Tasks"),
    (
        "no way to the object",
        "standard_object_access",
        VIOLATED,
        ASKED,
        replace(RIGHT, given=access(objects={OBJECT: SIX_RIGHTS})),
        "Case lacks read, edit",
    ),
    (
        "no edit",
        "standard_object_access",
        VIOLATED,
        ASKED,
        replace(RIGHT, given=access(objects={"Case": ("read",)})),
        "edit without edit on Case",
    ),
    (
        "formulas alone",
        "standard_object_access",
        MET,
        ASKED,
        replace(RIGHT, fields={FORMULA: False}, given=access(objects={"Case": ("read",)})),
        "Case",
    ),
    ("a set licence", "permission_set_licenses", VIOLATED, replace(ASKED, permission_set_licenses=("Psl",)), RIGHT, "Psl"),
    (
        "a set licence",
        "permission_set_licenses",
        MET,
        replace(ASKED, permission_set_licenses=("Psl",)),
        user(licenses=frozenset({"psl"})),
        "Psl",
    ),
    ("one more", "further_user_permissions", VIOLATED, replace(ASKED, user_permissions=("RunReports",)), RIGHT, "RunReports"),
    ("one unheard of", "further_user_permissions", VIOLATED, ASKED, replace(RIGHT, unknown_permissions=("Fly",)), "Fly"),
)


@pytest.mark.parametrize(("case", "requirement", "state", "asked", "found", "said"), TABLE, ids=[f"{row[1]}: {row[0]}" for row in TABLE])
def test_a_row(case: str, requirement: str, state: str, asked: Asked, found: Found, said: str) -> None:
    row = verdicts(asked, found)[requirement]
    assert row["state"] == state
    assert said in row["found"]
    assert (row["remedy"] == "") is (state == MET)


def test_every_requirement_stands_in_the_table_above_in_every_way_it_can() -> None:
    known = {(requirement, state) for _case, requirement, state, *_rest in TABLE}
    assert {item.id for item in REQUIREMENTS} == {requirement for requirement, _state in known}
    can_be_broken = {item.id for item in REQUIREMENTS} - {
        "linked_in_vonage",
        "clone_for_more",
        "user_access_policies",
        "integration_license",
    }
    assert can_be_broken == {requirement for requirement, state in known if state == VIOLATED}


@pytest.mark.parametrize("permission", ["ModifyAllData", "ViewAllData"])
def test_what_counts_on_every_object_counts(permission: str) -> None:
    found = replace(RIGHT, given=access((*ALL, permission), objects={}))
    assert states(found=found)["object_rights"] == (MET if permission == "ModifyAllData" else VIOLATED)
    assert "read" in found.object_rights("Case")


def test_to_view_all_fields_of_an_object_is_to_read_each() -> None:
    found = replace(RIGHT, given=access(objects={"Case": ("read", "view_all_fields")}, fields={}))
    assert {"field": FIELD, "lacks": ["edit"]} in gaps(found)
    assert not any(item.get("field") == FORMULA for item in gaps(found))


def test_gaps_name_what_lacks_and_what_is_of_no_use() -> None:
    found = replace(RIGHT, given=access(objects={OBJECT: ("read", "edit")}, fields={FIELD: ("read", "edit")}))
    assert gaps(found) == [
        {"object": OBJECT, "lacks": ["create", "delete", "view_all_records", "modify_all_records"]},
        {"object": "Case", "lacks": ["read", "edit"]},
        {"field": FORMULA, "lacks": ["read"]},
        {"field": FIELD, "lacks": [], "useless": "read and edit without read on Case"},
    ]
    assert gaps(replace(found, user=None)) == []


def test_what_is_kept_from_the_running_user_is_no_gap() -> None:
    assert gaps(replace(RIGHT, given=access(objects={}, fields={}), hidden=HIDDEN)) == []


def test_many_gaps_are_counted() -> None:
    objects = tuple(f"NVM__O{number}__c" for number in range(9))
    row = verdicts(found=replace(RIGHT, objects=objects))["object_rights"]
    assert "and 4 more, see gaps" in row["found"]


yes = st.booleans()
FOUND = st.builds(
    Found,
    user=st.one_of(
        st.none(),
        st.builds(
            ApiUser,
            username=st.just("a@b"),
            active=yes,
            frozen=st.sampled_from([None, True, False]),
            profile=st.sampled_from(["Standard User", "Other"]),
            license=st.sampled_from(["", "Salesforce", "Salesforce Platform", "Salesforce Integration", "Chatter Free"]),
        ),
    ),
    absent=st.just("nobody"),
    restrictions=st.sampled_from([None, "", "hours"]),
    given=st.lists(st.sampled_from([*ALL, "ViewAllData", "ModifyAllData"])).map(lambda names: access(tuple(names))),
    sets=st.lists(st.builds(HeldSet, st.just("S"), yes, yes, st.sampled_from(["", "no"]))).map(tuple),
    objects=st.sampled_from([(), (OBJECT,)]),
    fields=st.dictionaries(st.sampled_from([FIELD, FORMULA]), st.sampled_from([None, True, False])),
    carriers=st.sampled_from([(), ("Case",)]),
    code=st.one_of(st.none(), st.just((Code("pages", 2, 1, "S"),))),
    seats=st.dictionaries(st.just("nvm"), st.builds(Seat, st.sampled_from(["Active", "Expired"]), yes, yes)),
    sharing=st.one_of(st.none(), st.dictionaries(st.just("Case"), st.sampled_from(["Private", "ReadWrite"]))),
    policies=st.one_of(st.none(), st.just(()), st.just(("P",))),
    touched=st.one_of(st.none(), st.just(()), st.just(("S",))),
)
WISHES = st.builds(
    replace,
    st.just(ASKED),
    queries_users=yes,
    private_sharing=yes,
    data_connector=yes,
    api_only=yes,
    permission_set=st.sampled_from(["", "S"]),
    permission_set_licenses=st.sampled_from([(), ("Psl",)]),
)


@given(WISHES, FOUND)
def test_it_is_ready_where_nothing_is_violated_and_every_row_says_what_and_what_to_do(asked: Asked, found: Found) -> None:
    rows = judged(asked, found)
    assert [row["requirement"] for row in rows] == [item.id for item in REQUIREMENTS]
    assert is_ready(rows) is ("violated" not in {row["state"] for row in rows})
    assert {row["state"] for row in rows} <= {MET, VIOLATED, WARNING, UNKNOWN, MANUAL, NOT_ASKED}
    assert all(row["found"] and (row["remedy"] or row["state"] == MET) for row in rows)
    if found.user is None:
        assert {row["state"] for row in rows if row["requirement"] != "user_exists"} <= {MET, VIOLATED, WARNING, UNKNOWN, MANUAL, NOT_ASKED}
        assert not is_ready(rows)
    assert rows == judged(asked, found)
