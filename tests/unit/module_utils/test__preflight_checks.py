# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._needed_rights import AREAS, asked, named
from ansible_collections.voiceops.salesforce.plugins.module_utils._preflight_checks import (
    ERROR,
    OK,
    SKIPPED,
    STATES,
    WARNING,
    Certificate,
    Facts,
    Machine,
    Network,
    Person,
    Row,
    Settings,
    Wish,
    checked,
    stops_before_login,
    summary,
)

WISH = Wish(tuple(AREAS), ("Pack",), ("kim",), ("Psl",), "Center", 10)
SETTINGS = Settings("jwt_bearer", "66.0", "automation", "00D000000000001EAA", False)
MACHINE = Machine("3.12.1", "/usr/bin/python3", {"ansible-core": "2.19.1", "simple-salesforce": "1.12.10", "requests": "2.32"})
NETWORK = Network(
    "acme:443",
    ca="bundled",
    resolved="acme:443",
    addresses=("10.0.0.1",),
    certificate=Certificate("CN=Big CA", 300),
    skew=0,
    status=200,
    versions=("65.0", "66.0"),
)
ROWS: dict[str, list[dict[str, Any]]] = {
    "running_user": [{"Username": "automation"}],
    "rights": [{}],
    "packages": [{"NamespacePrefix": "Pack", "Name": "The package", "MajorVersion": 1, "MinorVersion": 2}],
    "package_licenses": [{"Id": "1", "NamespacePrefix": "Pack", "Status": "Active", "AllowedLicenses": 5, "ExpirationDate": None}],
    "seats": [{"PackageLicenseId": "1", "taken": 4}],
    "permission_set_licenses": [
        {
            "DeveloperName": "Psl",
            "PermissionSetLicenseKey": "PslKey",
            "MasterLabel": "The licence",
            "Status": "Active",
            "TotalLicenses": 2,
            "UsedLicenses": 1,
            "ExpirationDate": None,
        }
    ],
    "user_licenses": [{"Name": "Salesforce", "TotalLicenses": 2, "UsedLicenses": 1}],
    "centers": [{"Name": "The center", "InternalName": "Center"}],
    "policies": [{"DeveloperName": "Old", "MasterLabel": "Old", "Status": "Inactive"}],
}
FACTS = Facts(
    SETTINGS,
    MACHINE,
    NETWORK,
    "acme",
    org={"id": "00D000000000001EAA", "name": "Acme", "is_sandbox": True, "edition": "Enterprise Edition", "instance": "CS1"},
    rows=ROWS,
    rights=dict.fromkeys(named(asked(AREAS)), True),
    people=(Person("kim", "kim@acme.example", True, False),),
    frozen_self=False,
    usage={"used": 1, "limit": 100},
)


def row(check: str, facts: Facts = FACTS, wish: Wish = WISH) -> Row:
    return next(item for item in checked(wish, facts) if item.check == check)


def seen(**values: Any) -> Facts:
    return replace(FACTS, network=replace(NETWORK, **values))


def read(ref: str, **values: Any) -> Facts:
    """The facts with the first row of what was read changed."""
    return replace(FACTS, rows={**ROWS, ref: [{**ROWS[ref][0], **values}]})


def test_where_all_is_well_every_row_is_ok() -> None:
    told = checked(WISH, FACTS)
    assert [item for item in told if item.state != OK] == []
    assert [item for item in told if item.remedy] == []
    assert summary(told) == {"ok": len(told), "warning": 0, "error": 0, "skipped": 0}


def without_package_right(manages_users: bool) -> Facts:
    """An org that has no Manage Package Licenses, where Manage Users will do."""
    rights = {name: value for name, value in FACTS.rights.items() if name != "ManagePackageLicenses"}
    return replace(FACTS, rights={**rights, "ManageUsers": manages_users})


NO_ANSWER = Problem("connecting", "it cannot be reached.", "Check it.", "network", "unreachable")
UNTRUSTED = Problem("connecting", "its certificate is not trusted.", "Set ca_path.", "network", "untrusted_certificate")

JUDGED: dict[str, tuple[str, Facts, str, str]] = {
    "an old Python": ("python", replace(FACTS, machine=replace(MACHINE, python="3.8.2")), WARNING, "3.9"),
    "an old Ansible": ("ansible-core", replace(FACTS, machine=replace(MACHINE, versions={"ansible-core": "2.15.9"})), WARNING, "2.16"),
    "a release candidate": ("ansible-core", replace(FACTS, machine=replace(MACHINE, versions={"ansible-core": "2.16rc1"})), OK, "2.16rc1"),
    "a version nobody knows": ("ansible-core", replace(FACTS, machine=replace(MACHINE, versions={})), OK, "not known"),
    "an old library": ("libraries", replace(FACTS, machine=replace(MACHINE, versions={"simple-salesforce": "1.9"})), WARNING, "1.9"),
    "a proxy": ("proxy", seen(via="p:1", told_by="the option proxy"), OK, "p:1, from the option proxy"),
    "names resolved by a proxy": ("dns", seen(via="p:1", resolved="p:1"), OK, "acme:443 is resolved by the proxy"),
    "an unknown name": ("dns", seen(unresolved="nobody knows it."), ERROR, "nobody knows it"),
    "no answer": ("connection", seen(problem=NO_ANSWER), ERROR, "cannot be reached"),
    "an untrusted certificate": ("tls", seen(problem=UNTRUSTED), ERROR, "issued by CN=Big CA"),
    "no certificate to look at": ("tls", seen(certificate=None), OK, "not told"),
    "a certificate that ends soon": ("tls", seen(certificate=Certificate("CN=Big CA", 20)), WARNING, "20 days"),
    "a certificate that lasts": ("tls", seen(certificate=Certificate("CN=Big CA", 21)), OK, "21 days"),
    "60 s": ("clock", seen(skew=60), OK, "60 s ahead"),
    "61 s": ("clock", seen(skew=-61), WARNING, "61 s behind"),
    "180 s": ("clock", seen(skew=180), WARNING, "180 s ahead"),
    "181 s": ("clock", seen(skew=181), ERROR, "181 s ahead"),
    "181 s without an assertion": ("clock", replace(seen(skew=181), settings=replace(SETTINGS, auth="access_token")), WARNING, "181 s"),
    "no time": ("clock", seen(skew=None), SKIPPED, "told no time"),
    "an old org": ("api_version", seen(versions=("60.0", "61.0")), ERROR, "60.0 to 61.0"),
    "an old host of many orgs": (
        "api_version",
        seen(host="test.salesforce.com:443", versions=("60.0", "61.0")),
        WARNING,
        "may be of another release",
    ),
    "a clock that was not asked": ("clock", seen(skew=None, unresolved="nobody knows it."), SKIPPED, "since dns failed"),
    "a proxy that does not answer": ("connection", seen(problem=NO_ANSWER, via="p:1"), ERROR, "acme:443 through p:1: it cannot"),
    "a key that is not there": (
        "login",
        replace(FACTS, login=Problem("reading the private key file /k.pem", "No such file.", "Set it.", "auth")),
        ERROR,
        "/k.pem",
    ),
    "another right that will do here": ("right:ManagePackageLicenses", without_package_right(True), OK, "this org has no Manage Package"),
    "another right that lacks here": ("right:ManagePackageLicenses", without_package_right(False), ERROR, "this org has no Manage Package"),
    "no API": ("api_version", seen(versions=None, status=404), WARNING, "HTTP 404"),
    "an org that is down": ("api_version", seen(versions=None, status=503), ERROR, "HTTP 503"),
    "an org of another Id": (
        "expected_org_id",
        replace(FACTS, settings=replace(SETTINGS, expected_org_id="00D000000000002EAA")),
        ERROR,
        "00D000000000001EAA",
    ),
    "an Id of 15 characters": ("expected_org_id", replace(FACTS, settings=replace(SETTINGS, expected_org_id="00D000000000001")), OK, "00D"),
    "no Id": ("expected_org_id", replace(FACTS, settings=replace(SETTINGS, expected_org_id="")), SKIPPED, "not set"),
    "a package that is not there": ("package:Pack", read("packages", NamespacePrefix="Pick"), ERROR, "Did you mean Pick?"),
    "a package in small letters": ("package:Pack", read("packages", NamespacePrefix="pack"), OK, "The package 1.2"),
    "the last seat": ("package_license:Pack", read("seats", taken=5), WARNING, "5 of 5"),
    "more than all seats": ("package_license:Pack", read("seats", taken=6), WARNING, "6 of 5"),
    "an expired licence": ("package_license:Pack", read("package_licenses", Status="Expired"), ERROR, "expired"),
    "a site licence": ("package_license:Pack", read("package_licenses", AllowedLicenses=-1), OK, "site licence"),
    "no licence": ("package_license:Pack", read("package_licenses", NamespacePrefix="Other"), WARNING, "no licence"),
    "a licence by its key": (
        "permission_set_license:Psl",
        read("permission_set_licenses", DeveloperName="X", PermissionSetLicenseKey="psl"),
        OK,
        "1 of 2",
    ),
    "a licence without limit": ("permission_set_license:Psl", read("permission_set_licenses", TotalLicenses=-1), OK, "no limit"),
    "no such user licence": ("user_license:Salesforce", read("user_licenses", Name="Other"), WARNING, "does not have it"),
    "a user who cannot be seen through": (
        "user:kim",
        replace(FACTS, people=(Person("kim", "kim@acme.example", True, None),)),
        OK,
        "Manage Users",
    ),
    "an active policy": ("user_access_policies", read("policies", Status="Active"), WARNING, "Old"),
    "no center at all": ("contact_center", replace(FACTS, rows={**ROWS, "centers": []}), ERROR, "none"),
    "exactly enough calls": ("api_headroom", replace(FACTS, usage={"used": 90, "limit": 100}), OK, "90 of 100"),
    "too few calls": ("api_headroom", replace(FACTS, usage={"used": 91, "limit": 100}), ERROR, "less than 10 %"),
    "an org that does not count": ("api_headroom", replace(FACTS, usage=None), SKIPPED, "did not tell"),
    "a frozen running user": ("running_user", replace(FACTS, frozen_self=True), WARNING, "frozen"),
}


@pytest.mark.parametrize(("check", "facts", "state", "words"), JUDGED.values(), ids=JUDGED.keys())
def test_a_fact_is_judged(check: str, facts: Facts, state: str, words: str) -> None:
    told = row(check, facts)
    assert told.state == state
    assert words in told.found
    assert (told.remedy != "") or state not in (ERROR, WARNING)


def test_two_centers_of_one_name_are_ambiguous() -> None:
    centers = [{"Name": "Center", "InternalName": "One"}, {"Name": "Center", "InternalName": "Two"}]
    told = row("contact_center", replace(FACTS, rows={**ROWS, "centers": centers}))
    assert (told.state, told.found) == (ERROR, "Center fits One, Two")


def test_where_no_center_is_named_those_there_are_are_told() -> None:
    told = row("contact_center", wish=replace(WISH, contact_center=""))
    assert (told.state, told.found) == (OK, "the org has: Center")


@pytest.mark.parametrize("ref", sorted(ROWS))
def test_what_was_not_read_is_skipped_and_stops_nothing(ref: str) -> None:
    rows = {name: found for name, found in ROWS.items() if name != ref}
    for facts in (replace(FACTS, rows=rows), replace(FACTS, rows=rows, refusals={ref: "INVALID_TYPE"})):
        told = checked(WISH, facts)
        assert {item.state for item in told} == {OK, SKIPPED}


def test_a_reading_that_ended_in_the_middle_leaves_what_was_read() -> None:
    problem = Problem("reading frozen", "the org is busy.", "Wait.", "org", "BUSY")
    told = checked(WISH, replace(FACTS, problem=problem, rows={"running_user": ROWS["running_user"]}))
    assert [item.check for item in told if item.state == ERROR] == ["reading"]
    assert row("running_user", replace(FACTS, problem=problem)).state == OK


@pytest.mark.parametrize(
    ("facts", "stops"),
    [
        (FACTS, False),
        (seen(unresolved="no."), True),
        (seen(problem=NO_ANSWER), True),
        (seen(problem=UNTRUSTED), True),
        (seen(skew=500), True),
        (seen(skew=100), False),
        (seen(versions=("60.0",)), True),
        (seen(versions=None, status=404), False),
    ],
)
def test_a_login_is_worth_trying_only_where_the_way_is_open(facts: Facts, stops: bool) -> None:
    assert stops_before_login(WISH, facts) is stops


@given(
    unresolved=st.sampled_from(["", "no."]),
    problem=st.sampled_from([None, NO_ANSWER, UNTRUSTED]),
    skew=st.one_of(st.none(), st.integers(-400, 400)),
    versions=st.sampled_from([None, (), ("66.0",), ("60.0",)]),
    login=st.sampled_from([None, NO_ANSWER]),
    org=st.booleans(),
    needs=st.lists(st.sampled_from(AREAS), unique=True),
)
def test_whatever_goes_wrong_every_check_has_one_row_in_one_order(
    unresolved: str,
    problem: Problem | None,
    skew: int | None,
    versions: tuple[str, ...] | None,
    login: Problem | None,
    org: bool,
    needs: list[str],
) -> None:
    wish = replace(WISH, needs=tuple(needs))
    facts = replace(
        seen(unresolved=unresolved, problem=problem, skew=skew, versions=versions, status=200),
        login=login,
        org=FACTS.org if org else None,
        problem=None if org else NO_ANSWER,
    )
    told = checked(wish, facts)
    assert [item.check for item in told] == [item.check for item in checked(wish, FACTS)]
    assert {item.state for item in told} <= set(STATES)
    assert [item for item in told if item.state in (ERROR, WARNING) and not item.remedy] == []
    assert len([item for item in told if item.state == ERROR]) <= 2
