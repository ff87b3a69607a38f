# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Orgs as the sources tell them, and what they come to together."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils import _inventory_orgs as orgs
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._inventory_orgs import Found

PRODUCTION = orgs.Production("00D000000000001", "Acme", "Enterprise Edition", "acme.my.salesforce.com", "bot@acme.com", "acme")
UAT_ID, UAT_ID18 = "00D000000000002", "00D000000000002EAA"
OTHER_ID18 = "00D000000000003EAA"


def info(name: str = "uat", licence: str = "PARTIAL", id_: str = "0GQ000000000001AAA") -> dict[str, Any]:
    return {"Id": id_, "SandboxName": name, "LicenseType": licence}


def process(name: str = "uat", status: str = "Completed", info_id: str = "0GQ000000000001AAA", **more: Any) -> dict[str, Any]:
    row = {"SandboxInfoId": info_id, "SandboxName": name, "LicenseType": "PARTIAL", "Status": status, "CopyProgress": 100}
    return {**row, "SandboxOrganization": UAT_ID, "EndDate": "2026-11-02T07:00:00.000+0000", **more}


# -- hosts -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "kind", "key", "my_domain"),
    [
        ("acme.my.salesforce.com", "production", "acme-production", "acme"),
        ("acme--uat.sandbox.my.salesforce.com", "sandbox", "acme-uat", ""),
        ("acme.my.salesforce.mil", "production", "acme-production", "acme"),
        ("acme-dev-ed.develop.my.salesforce.com", "production", "acme-dev-ed", ""),
        ("saas-1234.scratch.my.salesforce.com", "scratch", "saas-1234", ""),
        ("login.salesforce.com", "", "", ""),
        ("127.0.0.1:8443", "", "", ""),
        ("acme.my.salesforce.com.example.com", "", "", ""),
    ],
)
def test_what_a_host_tells(host: str, kind: str, key: str, my_domain: str) -> None:
    assert (orgs.kind_of(host), orgs.key_of(host), orgs.my_domain_of(host)) == (kind, key, my_domain)


def test_a_common_login_host_is_nobodys_own() -> None:
    assert Found("list", "", login_url="https://login.salesforce.com").host == ""
    assert (
        Found("list", "", login_url="https://test.salesforce.com", instance_url="https://a.my.salesforce.com").host == "a.my.salesforce.com"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-02T07:00:00.000+0000", "2026-11-02T07:00:00Z"),
        ("2026-11-02T07:00:00Z", "2026-11-02T07:00:00Z"),
        ("2026-11-02T07:00:00.000+0100", ""),
        (None, ""),
        ("2026-11-02", ""),
    ],
)
def test_times_are_utc_or_unknown(text: str | None, expected: str) -> None:
    assert orgs.iso(text) == expected


def test_ids_are_made_eighteen_characters_long() -> None:
    assert orgs.id18(UAT_ID) == orgs.id18(UAT_ID18) == UAT_ID18
    assert orgs.id18("005000000000002") == orgs.id18("00D000000000002EAB") == orgs.id18("") == ""


# -- sandboxes ---------------------------------------------------------------------------------------------------------------------


def sandboxes(infos: list[dict[str, Any]], copies: list[dict[str, Any]], deleted: list[dict[str, Any]] | None = None) -> list[Found]:
    return orgs.from_sandboxes(PRODUCTION, infos, copies, deleted or [])


def test_a_sandbox_is_told_by_its_row_and_its_latest_copy() -> None:
    (found,) = sandboxes([info("UAT")], [process("UAT")])
    assert (found.key, found.id, found.kind, found.sandbox_type) == ("acme-uat", UAT_ID18, "sandbox", "partial")
    assert (found.login_url, found.username) == ("https://acme--uat.sandbox.my.salesforce.com", "bot@acme.com.uat")
    assert (found.sandbox_name, found.name, found.refreshed_at, found.state) == ("uat", "UAT", "2026-11-02T07:00:00Z", orgs.READY)
    assert found.parent == "00D000000000001EAA"


@pytest.mark.parametrize("licence", ["DEVELOPER", "DEVELOPER_PRO", "DEVELOPER PRO", "PARTIAL", "FULL", "SOMETHING_NEW", None])
def test_the_type_of_a_sandbox_is_its_licences(licence: str | None) -> None:
    (found,) = sandboxes([{**info(), "LicenseType": licence}], [process()])
    expected = {None: "", "SOMETHING_NEW": ""}.get(licence, str(licence).lower().replace(" ", "_"))
    assert found.sandbox_type == expected


NOT_DONE = {"SandboxOrganization": None, "EndDate": None, "CopyProgress": 42}


@pytest.mark.parametrize(
    ("latest", "state"),
    [
        ({"Status": "Completed"}, orgs.READY),
        ({"Status": "a word in another language"}, orgs.READY),
        ({"Status": "Processing", **NOT_DONE}, orgs.UNREADY),
        ({"Status": "a word in another language", **NOT_DONE}, orgs.UNREADY),
        ({"Status": "Completed", "EndDate": None}, orgs.UNREADY),
        ({"Status": "Pending Activation", "CopyProgress": 100}, orgs.UNREADY),
    ],
)
def test_the_latest_copy_decides_whether_a_sandbox_can_be_worked_with(latest: dict[str, Any], state: str) -> None:
    """Until a copy is in use, the org that is there is the one of the copy before."""
    before = process(EndDate="2026-01-01T00:00:00.000+0000", SandboxOrganization=UAT_ID)
    now = process(**{"SandboxOrganization": OTHER_ID18[:15], **latest})
    (found,) = sandboxes([info()], [now, before])
    assert found.state == state
    assert found.id == (OTHER_ID18 if state == orgs.READY else UAT_ID18)
    assert found.refreshed_at == ("2026-11-02T07:00:00Z" if state == orgs.READY else "2026-01-01T00:00:00Z")
    assert found.status == (f"{latest['Status']}, {now['CopyProgress']} %" if state == orgs.UNREADY else latest["Status"])


def test_a_sandbox_that_was_never_copied_is_not_ready() -> None:
    (found,) = sandboxes([info()], [])
    assert (found.state, found.id, found.refreshed_at) == (orgs.UNREADY, "", "")


def test_a_deleted_sandbox_is_known_by_its_processes_alone_and_a_new_one_of_its_name_is_not_it() -> None:
    for copies, deleted in (([process()], []), ([], [process()]), ([process()], [process()])):
        (gone,) = sandboxes([], copies, deleted)
        assert (gone.key, gone.state) == ("acme-uat", orgs.GONE)
    new = [process(info_id="0GQ000000000002AAA", SandboxOrganization=None, EndDate=None), process()]
    (found,) = sandboxes([info(id_="0GQ000000000002AAA")], new, [process()])
    assert (found.state, found.id) == (orgs.UNREADY, "")


@pytest.mark.parametrize(("deleted_at", "state"), [("2026-11-03", orgs.GONE), ("2026-11-01", orgs.READY)])
def test_a_sandbox_that_is_being_deleted_is_gone(deleted_at: str, state: str) -> None:
    (found,) = sandboxes([info()], [process(CreatedDate="2026-11-02")], [process(CreatedDate=deleted_at)])
    assert found.state == state


def test_sandboxes_of_a_user_who_is_not_known_have_no_username() -> None:
    nobody = orgs.Production("00D000000000001", "Acme", "", "acme.my.salesforce.mil", "", "acme")
    (found,) = orgs.from_sandboxes(nobody, [info()], [process()], [])
    assert (found.username, found.login_url) == ("", "https://acme--uat.sandbox.my.salesforce.mil")


# -- scratch orgs ------------------------------------------------------------------------------------------------------------------


def scratch(**more: Any) -> dict[str, Any]:
    row = {"ScratchOrg": UAT_ID, "SignupUsername": "test-1@example.com", "LoginUrl": "https://saas-1.scratch.my.salesforce.com/"}
    return {**row, "Status": "Active", "ExpirationDate": "2026-11-22", "OrgName": "Trial", "Edition": "Developer", **more}


def test_a_scratch_org_is_told_by_its_dev_hub() -> None:
    (found,) = orgs.from_scratch_orgs(PRODUCTION, [scratch()])
    assert (found.key, found.id, found.kind, found.username) == ("saas-1", UAT_ID18, "scratch", "test-1@example.com")
    assert (found.login_url, found.expires, found.edition) == ("https://saas-1.scratch.my.salesforce.com", "2026-11-22", "Developer")


def test_a_scratch_org_without_a_my_domain_is_called_by_its_user() -> None:
    (found,) = orgs.from_scratch_orgs(PRODUCTION, [scratch(LoginUrl="https://test.salesforce.com")])
    assert (found.key, found.host, found.login_url) == ("test-1@example.com", "", "https://test.salesforce.com")


@pytest.mark.parametrize(
    ("row", "today", "kept", "warned", "noted"),
    [
        (scratch(), "2026-11-22", 1, 0, 0),
        (scratch(), "2026-11-23", 0, 0, 1),
        (scratch(Status="Deleted"), "2026-11-01", 0, 0, 1),
        (scratch(Status="Creating"), "2026-11-01", 0, 1, 0),
    ],
)
def test_scratch_orgs_that_are_over_are_left_out(row: dict[str, Any], today: str, kept: int, warned: int, noted: int) -> None:
    told = orgs.left_out(orgs.from_scratch_orgs(PRODUCTION, [row]), today, unready=False, expired=False)
    assert tuple(map(len, told)) == (kept, warned, noted)


def test_expired_and_unready_orgs_are_kept_where_that_is_asked_for_and_deleted_ones_never() -> None:
    rows = [scratch(), scratch(Status="Creating", SignupUsername="b@x.y"), scratch(Status="Deleted", SignupUsername="c@x.y")]
    found = orgs.from_scratch_orgs(PRODUCTION, rows)
    kept, _warnings, _notes = orgs.left_out(found, "2026-12-01", unready=True, expired=True)
    assert [org.username for org in kept] == ["b@x.y", "test-1@example.com"]
    assert {org.state for org in kept} == {orgs.EXPIRED, orgs.UNREADY}


# -- the sf command line -----------------------------------------------------------------------------------------------------------

# As the command line writes them: seen from @salesforce/cli with @salesforce/core 8.32.
SANDBOX_FILE = {
    "username": "kim@acme.com.uat",
    "orgId": UAT_ID18,
    "accessToken": "CANARY",
    "instanceUrl": "https://acme--uat.sandbox.my.salesforce.com/",
    "loginUrl": "https://test.salesforce.com",
    "isDevHub": False,
    "instanceApiVersion": "67.0",
    "name": "Acme",
    "instanceName": "CS999",
    "namespacePrefix": None,
    "isSandbox": True,
    "isScratch": False,
    "trailExpirationDate": None,
    "orgEdition": "Enterprise Edition",
    "refreshToken": "CANARY",
    "clientSecret": "CANARY",
    "privateKey": "/CANARY/key.pem",
}
SCRATCH_FILE = {
    **SANDBOX_FILE,
    "username": "test-1@example.com",
    "orgId": OTHER_ID18,
    "instanceUrl": "https://saas-1.scratch.my.salesforce.com",
    "isSandbox": False,
    "isScratch": True,
    "devHubUsername": "kim@acme.com",
    "expirationDate": "2026-11-22",
}


def test_nothing_of_a_file_is_taken_but_what_is_named() -> None:
    kept = orgs.taken(SANDBOX_FILE)
    assert "CANARY" not in str(kept)
    assert kept["instanceUrl"] == SANDBOX_FILE["instanceUrl"]
    assert orgs.taken({"username": "[REDACTED] Use another command", "orgId": 5}) == {}


def test_an_org_of_the_command_line_is_called_by_its_alias_and_logs_in_at_its_my_domain() -> None:
    (found,) = orgs.from_sf_files({"kim@acme.com.uat.json": orgs.taken(SANDBOX_FILE)}, {"uat": "kim@acme.com.uat"}, {})
    assert (found.key, found.alias, found.kind, found.sandbox_name) == ("uat", "uat", "sandbox", "uat")
    assert (found.login_url, found.username) == ("https://acme--uat.sandbox.my.salesforce.com", "kim@acme.com.uat")
    assert (found.id, found.edition, found.source) == (UAT_ID18, "Enterprise Edition", "sf_files")


def test_without_an_alias_it_is_called_by_its_my_domain_and_without_that_by_its_user() -> None:
    told = orgs.taken(SANDBOX_FILE)
    assert orgs.from_sf_files({"a.json": told}, {}, {})[0].key == "acme-uat"
    (found,) = orgs.from_sf_files({"a.json": {**told, "instanceUrl": "https://127.0.0.1:8443/"}}, {}, {})
    assert (found.key, found.login_url) == ("kim@acme.com.uat", "https://test.salesforce.com")


def test_a_file_that_names_no_user_is_its_names() -> None:
    (found,) = orgs.from_sf_files({"kim@acme.com.json": {"instanceUrl": "https://acme.my.salesforce.com"}}, {}, {})
    assert (found.username, found.kind, found.sandbox_name) == ("kim@acme.com", "production", "")


def test_a_sandbox_file_tells_what_the_users_file_does_not() -> None:
    told = {**orgs.taken(SANDBOX_FILE), "isSandbox": False, "instanceUrl": "https://cs999.salesforce.com"}
    (found,) = orgs.from_sf_files({"a.json": told}, {}, {UAT_ID: {"sandboxName": "UAT", "prodOrgUsername": "kim@acme.com"}})
    assert (found.kind, found.sandbox_name, found.parent) == ("sandbox", "uat", "kim@acme.com")


def test_a_scratch_org_of_the_command_line_knows_its_dev_hub_and_its_end() -> None:
    (found,) = orgs.from_sf_files({"a.json": orgs.taken(SCRATCH_FILE)}, {}, {})
    assert (found.kind, found.parent, found.expires, found.key) == ("scratch", "kim@acme.com", "2026-11-22", "saas-1")


def test_the_lists_of_the_command_line_overlap() -> None:
    hub = {
        **SANDBOX_FILE,
        "username": "kim@acme.com",
        "orgId": OTHER_ID18,
        "instanceUrl": "https://acme.my.salesforce.com/",
        "isSandbox": False,
    }
    hub["isDevHub"] = True
    result = {
        "other": [],
        "sandboxes": [{**SANDBOX_FILE, "alias": "uat"}],
        "nonScratchOrgs": [{**SANDBOX_FILE, "alias": "uat"}, hub],
        "devHubs": [hub],
        "scratchOrgs": [{**SCRATCH_FILE, "isExpired": False, "status": "Active", "orgName": "Trial"}, "nonsense", {"alias": "no user"}],
        "warnings": "nonsense",
    }
    found = orgs.from_sf_org_list(result)
    assert [(org.key, org.kind, org.is_dev_hub) for org in found] == [
        ("acme-production", "production", True),
        ("uat", "sandbox", False),
        ("saas-1", "scratch", False),
    ]
    assert "CANARY" not in str(found)


# -- together ----------------------------------------------------------------------------------------------------------------------

LISTED = Found("list", "file:3", key="uat", login_url="https://acme--uat.sandbox.my.salesforce.com", kind="sandbox", own={"owner": "kim"})
ASKED = sandboxes([info()], [process()])[0]
FILED = orgs.from_sf_files({"kim.json": orgs.taken(SANDBOX_FILE)}, {"mine": "kim@acme.com.uat"}, {})[0]


@pytest.mark.parametrize("order", list(permutations((LISTED, ASKED, FILED))))
def test_sources_that_know_one_org_make_one_host_in_the_words_of_the_first(order: tuple[Found, ...]) -> None:
    joined = orgs.together(order)
    (org,) = joined.orgs
    assert (org.key, org.source, org.own) == ("uat", "list", {"owner": "kim"})
    assert (org.id, org.username, org.alias) == (UAT_ID18, "bot@acme.com.uat", "mine")
    assert (org.refreshed_at, org.sandbox_type) == ("2026-11-02T07:00:00Z", "partial")
    assert len(joined.notes) == 2
    assert joined.warnings == ()


def test_one_org_twice_in_the_list_is_refused_with_both_places() -> None:
    other = Found("list", "file:9", key="uat2", login_url="https://acme--uat.sandbox.my.salesforce.com", kind="sandbox")
    with pytest.raises(Problem, match=r"host acme--uat\.sandbox") as refused:
        orgs.together([LISTED, other])
    assert refused.value.code == "org_twice"
    assert "file:3" in str(refused.value)
    assert "file:9" in str(refused.value)


def test_several_users_of_one_org_are_one_host_and_the_one_with_an_alias_is_it() -> None:
    files = {"a.json": {**orgs.taken(SANDBOX_FILE), "username": "a@acme.com.uat"}, "kim.json": orgs.taken(SANDBOX_FILE)}
    joined = orgs.together(orgs.from_sf_files(files, {"uat": "kim@acme.com.uat"}, {}))
    assert [(org.key, org.username) for org in joined.orgs] == [("uat", "kim@acme.com.uat")]


def test_a_list_with_the_id_of_before_the_refresh_wins_and_is_told() -> None:
    joined = orgs.together([replace(LISTED, id=OTHER_ID18), ASKED])
    assert [org.id for org in joined.orgs] == [OTHER_ID18]
    (warning,) = joined.warnings
    assert OTHER_ID18 in warning
    assert UAT_ID18 in warning


def test_a_listed_org_that_was_deleted_stays_with_a_warning_and_a_filed_one_goes() -> None:
    gone = replace(ASKED, state=orgs.GONE)
    listed = orgs.together([replace(LISTED, id=OTHER_ID18), gone])
    assert [org.state for org in listed.orgs] == [orgs.READY]
    # That a deleted org had another Id is no news.
    (warning,) = listed.warnings
    assert "deleted" in warning
    filed = orgs.together([FILED, gone])
    assert [org.state for org in filed.orgs] == [orgs.GONE]


def test_orgs_at_a_common_login_host_are_not_one() -> None:
    one = Found("sf_files", "a", key="a", login_url="https://test.salesforce.com")
    other = Found("sf_files", "b", key="b", login_url="https://test.salesforce.com")
    assert len(orgs.together([one, other]).orgs) == 2


def test_two_orgs_of_one_name_are_refused_and_so_is_one_without() -> None:
    one, other = Found("list", "file:3", key="uat", id=UAT_ID18), Found("sf_files", "b.json", key="uat", id=OTHER_ID18)
    with pytest.raises(Problem) as refused:
        orgs.require_one_name_each([one, other])
    assert refused.value.code == "host_twice"
    assert "file:3" in str(refused.value)
    assert "b.json" in str(refused.value)
    with pytest.raises(Problem) as nameless:
        orgs.require_one_name_each([replace(one, key="")])
    assert nameless.value.code == "hostname"


TEXTS = [item.name for item in fields(Found) if item.type == "str" and item.name not in ("source", "state")]


@given(st.lists(st.tuples(st.sampled_from(orgs.DISCOVERING), st.integers(1, 4), st.booleans(), st.booleans()), max_size=12))
def test_together_there_is_one_host_an_org_whatever_the_order(told: list[tuple[str, int, bool, bool]]) -> None:
    """Each org is known by its Id, by its host, or by both; nobody is lost, and asking again changes nothing."""
    found = [
        Found(
            source,
            f"{source} {place}",
            key=f"org{number}",
            id=f"00D00000000000{number}EAA" if by_id or not by_host else "",
            login_url=f"https://org{number}.my.salesforce.com" if by_host else "",
        )
        for place, (source, number, by_id, by_host) in enumerate(told)
    ]
    # One that is known by its Id alone and one that is known by its host alone cannot be told to be one: give each org its Id.
    found = [replace(org, id=f"00D00000000000{org.key[-1]}EAA") for org in found]
    joined = orgs.together(found)
    assert sorted({org.key for org in found}) == [org.key for org in joined.orgs]
    assert orgs.together(joined.orgs).orgs == joined.orgs
    assert {org.key: org for org in orgs.together(list(reversed(found))).orgs}.keys() == {org.key for org in found}


def test_merging_never_changes_what_is_said() -> None:
    joined = orgs.merged(LISTED, ASKED)
    assert {name: getattr(joined, name) for name in TEXTS if getattr(LISTED, name)} == {
        name: getattr(LISTED, name) for name in TEXTS if getattr(LISTED, name)
    }
    # What only a sandbox has is not taken over by an org that is said to be none.
    assert orgs.merged(replace(LISTED, kind="production"), ASKED).sandbox_type == ""
