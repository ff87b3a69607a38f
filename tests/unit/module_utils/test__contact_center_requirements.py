# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The requirements of a contact center and its people on what may be found: each met, violated, warned of and unknown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils._centers import Center, Vendor
from ansible_collections.voiceops.salesforce.plugins.module_utils._contact_center_requirements import (
    MANUAL,
    MET,
    NOT_ASKED,
    REQUIREMENTS,
    UNKNOWN,
    VIOLATED,
    WARNING,
    Asked,
    Found,
    Seats,
    Subject,
    judged,
)
from ansible_collections.voiceops.salesforce.plugins.module_utils._member_standing import Grant, Standing
from ansible_collections.voiceops.salesforce.plugins.module_utils._provider_roster import Compared, Entry
from ansible_collections.voiceops.salesforce.plugins.module_utils._readiness import is_ready, violations
from ansible_collections.voiceops.salesforce.plugins.module_utils._users import Skipped

AGENT = Standing(True, False, (Grant("0Pa", "Voice_Agent", frozenset({"agent"})),))
SUPERVISOR = Standing(True, False, (Grant("0Pa", "Voice_Supervisor", frozenset({"supervisor"})),))
CENTER = Center(
    "04v1", "Acme Voice", "AcmeVoice", "partner_telephony", "because", Vendor("acme__V", "ServiceCloudVoicePartner", False), "named"
)
KIM = Subject("kim@acme.example", True, AGENT, "AcmeVoice", "Salesforce", "kim")
ROBIN = Subject("robin@acme.example", True, AGENT, "", "Salesforce")
RIGHTS = dict.fromkeys(
    ("ApiEnabled", "ViewSetup", "AssignPermissionSets", "ManageUsers", "ManageInternalUsers", "CustomizeApplication", "ManageCallCenters"),
    True,
) | {"IsContactCenterAdminBYOT": True}
ASKED = Asked("present", "none", "none")
ROSTER = Compared(matched=1)
GOOD = Found(CENTER, (KIM,), rights=RIGHTS, roster=ROSTER)
SOME = Entry("line 3", username="sam")


def rows(asked: Asked = ASKED, found: Found = GOOD) -> dict[str, dict[str, str]]:
    return {row["requirement"]: row for row in judged(asked, found)}


def listed(*people: Subject, **more: Any) -> Found:
    return replace(GOOD, listed=people, **more)


def center(**more: Any) -> Found:
    return replace(GOOD, center=replace(CENTER, **more))


def test_the_table_has_every_sentence_of_the_article_once_in_order() -> None:
    sentences = [item.sentence for item in REQUIREMENTS]
    assert sentences == [*(f"C{number}" for number in range(1, 17)), *(f"X{number}" for number in range(1, 9))]
    assert len({item.id for item in REQUIREMENTS}) == len(REQUIREMENTS)


def test_with_everything_as_asked_nothing_is_left_but_what_nobody_asked_for() -> None:
    found = rows()
    assert {name for name, row in found.items() if row["state"] != MET} == {
        "no_other_members",
        "same_usernames",
        "batch_size",
        "offered_in_setup",
        "removal_scope",
        "removed",
        "seats",
        "routing_maps",
    }
    assert {row["state"] for row in found.values()} == {MET, NOT_ASKED}


ABSENT, EXACT = replace(ASKED, state="absent"), replace(ASKED, state="exact")
AS_AGENT = replace(ASKED, role="agent")
BY_NAME, BY_MAP = replace(ASKED, rule="username"), replace(ASKED, rule="routing_map")
NO_RIGHT = replace(KIM, standing=replace(AGENT, grants=()))
WAITING = replace(ROBIN, standing=replace(AGENT, grants=()))
STATES: tuple[tuple[str, Asked, Found, str, str], ...] = (
    ("center_usable", ASKED, center(flavour="partner_telephony_amazon_connect"), MET, "partner_telephony_amazon_connect"),
    ("center_usable", ASKED, center(flavour="open_cti"), VIOLATED, "open_cti"),
    ("center_usable", ASKED, center(flavour="unknown"), VIOLATED, "does not reveal"),
    (
        "service_cloud_users",
        ASKED,
        listed(KIM, replace(ROBIN, standing=replace(AGENT, service_user=False))),
        VIOLATED,
        "robin@acme.example",
    ),
    ("service_cloud_users", ABSENT, listed(replace(ROBIN, standing=replace(AGENT, service_user=False))), NOT_ASKED, "leave"),
    ("agent_or_admin", ASKED, listed(KIM, replace(ROBIN, standing=SUPERVISOR)), VIOLATED, "robin@acme.example"),
    ("agent_or_admin", ASKED, replace(GOOD, knows_rights=False), VIOLATED, "does not have these rights"),
    ("no_other_members", ASKED, replace(GOOD, others=(ROBIN,)), NOT_ASKED, "not listed: 1"),
    ("no_other_members", EXACT, replace(GOOD, others=(ROBIN,)), VIOLATED, "robin@acme.example"),
    ("no_other_members", EXACT, GOOD, MET, "no member but"),
    ("setup_page", ASKED, replace(GOOD, rights=RIGHTS | {"ManageCallCenters": False}), WARNING, "ManageCallCenters"),
    ("setup_page", ASKED, replace(GOOD, rights={}), UNKNOWN, "does not show"),
    ("center_admin", ASKED, replace(GOOD, rights=RIGHTS | {"IsContactCenterAdminBYOT": False}), WARNING, "Contact Center Admin"),
    ("center_admin", ASKED, replace(GOOD, rights={"ApiEnabled": True}), UNKNOWN, "does not have"),
    ("in_provider_system", ASKED, replace(GOOD, roster=None), MANUAL, "no roster"),
    ("in_provider_system", ASKED, replace(GOOD, roster=Compared(missing_at_provider=("kim",))), VIOLATED, "kim"),
    ("in_provider_system", ABSENT, replace(GOOD, roster=Compared(missing_at_provider=("kim",))), NOT_ASKED, "leave"),
    ("same_people", ASKED, replace(GOOD, roster=None), MANUAL, "No vendor of this center syncs users"),
    ("same_people", ASKED, replace(GOOD, roster=Compared(unknown=(SOME,))), WARNING, "sam (line 3)"),
    ("same_people", EXACT, replace(GOOD, roster=Compared(unknown=(SOME,))), VIOLATED, "sam (line 3)"),
    ("same_people", EXACT, replace(GOOD, roster=Compared(odd=("line 4 fits several",))), WARNING, "line 4"),
    ("same_usernames", BY_NAME, replace(GOOD, roster=None), MANUAL, "no roster"),
    ("same_usernames", BY_NAME, GOOD, MET, "username"),
    (
        "same_usernames",
        BY_NAME,
        replace(GOOD, roster=Compared(mismatched=({"user": "kim", "salesforce": "a", "provider": "b"},))),
        VIOLATED,
        "Salesforce a, provider b",
    ),
    ("same_usernames", BY_MAP, replace(GOOD, roster=Compared(incomparable=("kim",))), UNKNOWN, "kim"),
    ("members", ASKED, listed(KIM, ROBIN), VIOLATED, "robin@acme.example"),
    ("members", ASKED, listed(KIM, left_out=(Skipped("sam@acme.example", "is not in this org"),)), WARNING, "sam@acme.example"),
    ("members", ABSENT, listed(ROBIN), NOT_ASKED, "leave"),
    ("members", ASKED, listed(), NOT_ASKED, "Nobody is listed"),
    ("offered_in_setup", ASKED, listed(ROBIN), MET, "everybody"),
    ("offered_in_setup", ASKED, listed(replace(ROBIN, standing=SUPERVISOR)), WARNING, "robin"),
    ("offered_in_setup", ASKED, listed(replace(ROBIN, center="Other")), WARNING, "robin"),
    ("offered_in_setup", ASKED, listed(NO_RIGHT), NOT_ASKED, "member already"),
    ("batch_size", ASKED, center(vendor=Vendor("a", "", True)), NOT_ASKED, "2 at a time"),
    ("removed", ABSENT, listed(KIM, ROBIN), VIOLATED, "kim@acme.example"),
    ("removed", ABSENT, listed(ROBIN), MET, "None"),
    ("removed", EXACT, listed(ROBIN), NOT_ASKED, "no_other_members"),
    ("gone_at_provider", ASKED, replace(GOOD, roster=None), MANUAL, "no roster"),
    ("gone_at_provider", ASKED, replace(GOOD, roster=Compared(to_remove=((SOME, "sam@acme"),))), WARNING, "sam@acme (line 3)"),
    ("gone_at_provider", EXACT, replace(GOOD, roster=Compared(to_remove=((SOME, "sam@acme"),))), VIOLATED, "sam@acme"),
    ("gone_at_provider", ABSENT, replace(GOOD, roster=Compared(to_remove=((SOME, "sam@acme"),))), VIOLATED, "sam@acme"),
    ("users_active", ASKED, listed(replace(KIM, active=False)), VIOLATED, "kim"),
    ("users_active", ABSENT, listed(replace(KIM, active=False)), NOT_ASKED, "leave"),
    ("users_not_frozen", ASKED, listed(replace(KIM, standing=replace(AGENT, frozen=True))), VIOLATED, "kim"),
    ("users_not_frozen", ASKED, listed(replace(KIM, standing=replace(AGENT, frozen=None))), UNKNOWN, "does not tell"),
    (
        "users_not_frozen",
        ASKED,
        listed(replace(KIM, standing=replace(AGENT, frozen=None)), replace(ROBIN, standing=replace(AGENT, frozen=True))),
        VIOLATED,
        "robin",
    ),
    ("one_center", ASKED, listed(replace(KIM, center="Other")), VIOLATED, "kim@acme.example (Other)"),
    ("user_license", ASKED, listed(replace(KIM, license="Salesforce Platform")), WARNING, "kim"),
    ("seats", AS_AGENT, GOOD, MET, "Nobody needs"),
    ("seats", AS_AGENT, listed(NO_RIGHT, seats=Seats("Psl", True, 0)), MET, "Nobody needs"),
    ("seats", ASKED, listed(WAITING), NOT_ASKED, "none"),
    ("seats", AS_AGENT, listed(WAITING, seats=Seats("Psl", True, 0)), VIOLATED, "Seats of Psl: 1 needed, 0 free"),
    ("seats", AS_AGENT, listed(WAITING, seats=Seats("Psl", True, 1)), MET, "1 free"),
    ("seats", AS_AGENT, listed(WAITING, seats=Seats("Psl", True, 0, frozenset({WAITING.username}))), MET, "0 needed"),
    ("seats", AS_AGENT, listed(WAITING, seats=Seats("Psl", True, None)), UNKNOWN, "does not show"),
    ("seats", AS_AGENT, listed(WAITING, seats=Seats("Psl", False, 0)), VIOLATED, "no permission set licence Psl"),
    ("routing_maps", BY_MAP, GOOD, MET, "yes"),
    ("routing_maps", BY_MAP, listed(KIM, ROBIN), VIOLATED, "robin"),
    ("routing_maps", ASKED, listed(KIM, ROBIN, roster=Compared(has_external_ids=True)), WARNING, "robin"),
    ("routing_maps", BY_MAP, listed(ROBIN, maps=False), UNKNOWN, "does not show"),
    ("vendor_syncing", ASKED, center(vendor=Vendor("a__V", "", True)), WARNING, "a__V (named)"),
    ("vendor_syncing", ASKED, center(vendor=None, syncing=None), UNKNOWN, "not known (named)"),
    ("vendor_syncing", ASKED, center(vendor=None, syncing=False), MET, "No vendor"),
    ("running_user_rights", ASKED, replace(GOOD, rights=RIGHTS | {"ManageUsers": False, "ManageInternalUsers": False}), VIOLATED, "Manage"),
    ("running_user_rights", ASKED, replace(GOOD, rights=RIGHTS | {"ManageUsers": False}), MET, "needs"),
    ("running_user_rights", ASKED, replace(GOOD, rights=RIGHTS | {"AssignPermissionSets": False}), WARNING, "Assign Permission Sets"),
    ("running_user_rights", AS_AGENT, replace(GOOD, rights=RIGHTS | {"AssignPermissionSets": False}), VIOLATED, "Assign Permission Sets"),
)


@pytest.mark.parametrize(("requirement", "asked", "found", "state", "words"), STATES)
def test_what_is_found_is_judged_and_said(requirement: str, asked: Asked, found: Found, state: str, words: str) -> None:
    row = rows(asked, found)[requirement]
    assert row["state"] == state
    assert words in row["found"]


def test_every_requirement_is_seen_in_another_state_than_met() -> None:
    seen = {requirement for requirement, *_rest in STATES}
    assert {item.id for item in REQUIREMENTS} - seen == {"center_named", "removal_scope"}


@pytest.mark.parametrize(
    ("requirement", "asked", "found", "words"),
    [
        ("agent_or_admin", AS_AGENT, listed(WAITING), "contact_center_role: agent it assigns ContactCenterAgentExternalTelephony"),
        ("agent_or_admin", replace(ASKED, role="admin"), listed(WAITING), "it assigns ContactCenterAdminExternalTelephony"),
        ("agent_or_admin", ASKED, listed(WAITING), "contact_center_role: agent or admin"),
        ("agent_or_admin", AS_AGENT, listed(NO_RIGHT), "contact_center_permission_set"),
        ("service_cloud_users", ASKED, listed(replace(ROBIN, standing=Standing())), "contact_center_repair: [service_cloud_user]"),
        ("service_cloud_users", ASKED, listed(replace(KIM, standing=Standing())), "SupportUser with module user"),
        ("users_not_frozen", ASKED, listed(replace(ROBIN, standing=Standing(True, True))), "contact_center_repair: [frozen]"),
        ("users_not_frozen", ASKED, listed(replace(KIM, standing=Standing(True, True))), "Unfreeze"),
        ("offered_in_setup", ASKED, listed(replace(ROBIN, standing=SUPERVISOR)), "ContactCenterAgentExternalTelephony"),
        ("center_usable", ASKED, center(flavour="unknown"), "contact_center_flavour: partner_telephony"),
        ("vendor_syncing", ASKED, replace(center(vendor=Vendor("a", "", True)), is_sandbox=True), "contact_center_allow_provider_calls"),
        ("one_center", ASKED, listed(replace(KIM, center="Other")), "contact_center_move: true"),
    ],
)
def test_a_remedy_names_what_to_give_or_to_set(requirement: str, asked: Asked, found: Found, words: str) -> None:
    assert words in rows(asked, found)[requirement]["remedy"]


@pytest.mark.parametrize(
    ("requirement", "standing"),
    [("service_cloud_users", Standing()), ("agent_or_admin", Standing(True)), ("users_not_frozen", Standing(True, True))],
)
def test_the_role_is_named_only_for_those_whom_it_puts_right(requirement: str, standing: Standing) -> None:
    joining, member = replace(ROBIN, standing=standing), replace(KIM, standing=standing)
    for people, words in (((joining,), [True, False]), ((member,), [False, True]), ((joining, member), [True, True])):
        remedy = rows(AS_AGENT, listed(*people))[requirement]["remedy"]
        assert ["run the role contact_center" in remedy, "Members:" in remedy] == words


def test_outside_sandboxes_no_word_of_production_credentials() -> None:
    assert "sandbox" not in rows(ASKED, center(vendor=Vendor("a", "", True)))["vendor_syncing"]["remedy"]


def test_ready_is_who_has_nothing_violated_and_violations_say_what_to_do() -> None:
    assert is_ready(judged(BY_MAP, GOOD))
    assert violations(judged(BY_MAP, GOOD)) == []
    found = judged(ASKED, listed(KIM, ROBIN))
    assert not is_ready(found)
    assert violations(found) == ["C10 members: No members: robin@acme.example. Run the role contact_center: it adds them."]
    warned = judged(ASKED, replace(GOOD, roster=Compared(unknown=(SOME,))))
    assert is_ready(warned)


subjects = st.builds(
    Subject,
    st.sampled_from(["kim", "robin", "sam"]),
    st.booleans(),
    st.builds(Standing, st.booleans(), st.none() | st.booleans(), st.sampled_from([(), AGENT.grants, SUPERVISOR.grants])),
    st.sampled_from(["", "AcmeVoice", "Other"]),
    st.sampled_from(["Salesforce", "Salesforce Platform"]),
    st.sampled_from(["", "x"]),
)
people = st.lists(subjects, max_size=3, unique_by=lambda one: one.username).map(tuple)
rosters = st.none() | st.builds(
    Compared,
    st.integers(0, 3),
    st.sampled_from([(), ("kim",)]),
    st.sampled_from([(), ((SOME, "kim"),)]),
    st.sampled_from([(), (SOME,)]),
    st.sampled_from([(), ({"user": "kim", "rule": "username", "salesforce": "a", "provider": "b"},)]),
    st.sampled_from([(), ("kim",)]),
    st.sampled_from([(), ("odd",)]),
    st.booleans(),
)
centers = st.builds(
    replace,
    st.just(CENTER),
    flavour=st.sampled_from(["partner_telephony", "partner_telephony_amazon_connect", "open_cti", "unknown", "Other"]),
    vendor=st.sampled_from([None, Vendor("a__V", "", True), Vendor("a__V", "", None)]),
    syncing=st.none() | st.booleans(),
)
anything = st.builds(
    Found,
    centers,
    people,
    people,
    st.sampled_from([(), (Skipped("x", "is not in this org"),)]),
    rosters,
    st.dictionaries(st.sampled_from(sorted(RIGHTS)), st.booleans()),
    st.booleans(),
    st.none() | st.builds(Seats, st.just("Psl"), st.booleans(), st.none() | st.integers(0, 2)),
    st.booleans(),
    st.booleans(),
)
asking = st.builds(
    Asked,
    st.sampled_from(["present", "absent", "exact"]),
    st.sampled_from(["none", "agent", "admin"]),
    st.sampled_from(["none", "username", "federation_identifier", "routing_map"]),
)


@given(asking, anything)
def test_whatever_is_found_every_requirement_has_a_row_and_whatever_is_not_met_a_remedy(asked: Asked, found: Found) -> None:
    table = judged(asked, found)
    assert [row["requirement"] for row in table] == [item.id for item in REQUIREMENTS]
    for row in table:
        assert row["state"] in {MET, VIOLATED, WARNING, UNKNOWN, MANUAL, NOT_ASKED}
        assert row["found"]
        assert bool(row["remedy"]) == (row["state"] != MET), row
    if asked.state == "absent":
        assert all(row["state"] == NOT_ASKED for row, item in zip(table, REQUIREMENTS, strict=True) if item.joining)
    assert is_ready(table) == (violations(table) == [])
