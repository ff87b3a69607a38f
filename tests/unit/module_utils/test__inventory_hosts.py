# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Orgs as hosts: variables, groups, names, parents."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.voiceops.salesforce.plugins.module_utils import _inventory_hosts as hosts
from ansible_collections.voiceops.salesforce.plugins.module_utils._connection import TABLE
from ansible_collections.voiceops.salesforce.plugins.module_utils._inventory_orgs import Found

PRODUCTION = Found(
    "list",
    "here",
    key="acme-production",
    id="00D000000000001EAA",
    kind="production",
    login_url="https://acme.my.salesforce.com",
    username="bot@acme.com",
)
SANDBOX = Found(
    "list",
    "here",
    key="acme-uat",
    kind="sandbox",
    sandbox_type="partial",
    sandbox_name="uat",
    login_url="https://acme--uat.sandbox.my.salesforce.com",
    refreshed_at="2026-11-02T07:00:00Z",
    parent="acme-production",
)
SCRATCH = Found("scratch_orgs", "here", key="s", kind="scratch", login_url="https://test.salesforce.com", username="t@x.y")


def test_the_variables_of_a_host_make_the_modules_reach_its_org() -> None:
    told = hosts.facts(replace(SANDBOX, id="00D000000000002EAA", username="bot@acme.com.uat"))
    connection = {name: value for name, value in told.items() if name != "salesforce_org"}
    assert connection == {
        "ansible_host": "acme--uat.sandbox.my.salesforce.com",
        "salesforce_login_url": "https://acme--uat.sandbox.my.salesforce.com",
        "salesforce_username": "bot@acme.com.uat",
        "salesforce_expected_org_id": "00D000000000002EAA",
        "salesforce_sandbox_name": "uat",
    }
    assert {"ansible_host", *(row.host_variable for row in TABLE)} >= set(connection)


def test_what_is_not_known_is_no_variable() -> None:
    assert set(hosts.facts(SCRATCH)) == {"salesforce_login_url", "salesforce_username", "salesforce_org"}
    org = hosts.facts(SCRATCH)["salesforce_org"]
    assert (org["is_sandbox"], org["sandbox_type"], org["instance_url"]) == (True, "scratch", "")


def test_the_port_is_no_part_of_the_host() -> None:
    assert hosts.facts(replace(PRODUCTION, login_url="https://127.0.0.1:8443"))["ansible_host"] == "127.0.0.1"


def test_every_org_tells_the_same_facts() -> None:
    told = [hosts.facts(org)["salesforce_org"] for org in (PRODUCTION, SANDBOX, SCRATCH)]
    assert len({tuple(one) for one in told}) == 1
    assert set(told[0]) == set(
        "source name id is_sandbox sandbox_type refreshed_at parent status alias expires edition instance_url is_dev_hub".split()
    )


def test_no_shared_option_is_a_secret_or_one_orgs_own() -> None:
    secret = {row.option for row in TABLE if row.secret}
    own = {"login_url", "instance_url", "username", "expected_org_id", "sandbox_name", "allow_production", "audience"}
    assert set(hosts.SHARED_OPTIONS) == {row.option for row in TABLE} - secret - own
    assert hosts.shared({"client_id": "3MVG9", "ca_path": "", "timeout": None}) == {"salesforce_client_id": "3MVG9"}


@pytest.mark.parametrize(
    ("org", "since", "expected"),
    [
        (PRODUCTION, "", ["sf_production"]),
        (SANDBOX, "2026-11-02T07:00:00Z", ["sf_sandbox_partial", "sf_recently_refreshed"]),
        (SANDBOX, "2026-11-02T07:00:01Z", ["sf_sandbox_partial"]),
        (replace(SANDBOX, sandbox_type="", refreshed_at=""), "", ["sf_sandbox"]),
        (SCRATCH, "", ["sf_scratch"]),
        (Found("list", "here", key="a"), "", ["sf_production"]),
    ],
)
def test_the_groups_of_an_org(org: Found, since: str, expected: list[str]) -> None:
    assert hosts.groups(org, since) == expected


def test_groups_stand_below_each_other() -> None:
    assert hosts.parents("sf_sandbox_partial") == ["sf_sandbox", "salesforce_orgs"]
    assert hosts.parents("sf_production") == hosts.parents("sf_recently_refreshed") == ["salesforce_orgs"]


@pytest.mark.parametrize("parent", ["acme-production", "00D000000000001EAA", "bot@acme.com"])
def test_a_sandbox_has_its_parents_username_with_its_name_behind(parent: str) -> None:
    (production, sandbox), warnings = hosts.related([PRODUCTION, replace(SANDBOX, parent=parent)])
    assert production == PRODUCTION
    assert (sandbox.parent, sandbox.username, warnings) == ("acme-production", "bot@acme.com.uat", [])


def test_a_username_of_its_own_stays_and_an_unknown_parent_is_told() -> None:
    (sandbox,), warnings = hosts.related([replace(SANDBOX, username="other@acme.com.uat")])
    assert (sandbox.parent, sandbox.username) == ("", "other@acme.com.uat")
    assert "acme-production" in warnings[0]
    assert hosts.related([replace(SANDBOX, parent="00D000000000001EAA")]) == ([replace(SANDBOX, parent="")], [])


def test_names_change_for_parents_too() -> None:
    found = hosts.renamed([PRODUCTION, SANDBOX], ["a", "b"])
    assert [(org.key, org.parent) for org in found] == [("a", ""), ("b", "a")]


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        ([], [], True),
        (["acme-*"], [], True),
        (["b*", "acme-uat"], [], True),
        (["b*"], [], False),
        ([], ["*-uat"], False),
        (["acme-*"], ["*"], False),
    ],
)
def test_names_are_chosen_by_patterns(include: list[str], exclude: list[str], expected: bool) -> None:
    assert hosts.named("acme-uat", include, exclude) is expected
