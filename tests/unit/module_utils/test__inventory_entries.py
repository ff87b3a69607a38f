# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What users write of orgs, and how mistakes in it are told."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voiceops.salesforce.plugins.module_utils import _inventory_entries as entries
from ansible_collections.voiceops.salesforce.plugins.module_utils._connection import TABLE
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._inventory_entries import Written
from ansible_collections.voiceops.salesforce.plugins.module_utils._inventory_orgs import Found

ID, ID18 = "00D000000000002", "00D000000000002EAA"
HERE = Written(lambda path: "/".join(map(str, path)))


def listed(*told: Any) -> list[Found]:
    return entries.from_list(list(told), HERE)


def test_a_secret_variable_is_one_of_a_secret_option() -> None:
    assert set(entries.SECRET_VARIABLES) == {row.host_variable for row in TABLE if row.secret}


def test_an_entry_says_what_the_host_is() -> None:
    (org,) = listed(
        {
            "name": "uat",
            "login_url": "acme--UAT.sandbox.my.salesforce.com/",
            "username": " bot@acme.com.uat ",
            "org_id": ID,
            "type": "partial",
            "parent": "acme-production",
            "alias": "mine",
            "ring": 0,
            "vars": {"owner": "kim"},
        }
    )
    assert (org.key, org.login_url, org.username) == ("uat", "https://acme--uat.sandbox.my.salesforce.com", "bot@acme.com.uat")
    assert (org.id, org.kind, org.sandbox_type, org.sandbox_name) == (ID18, "sandbox", "partial", "uat")
    assert (org.parent, org.alias, org.place) == ("acme-production", "mine", "orgs/0")
    assert org.own == {"salesforce_ring": 0, "owner": "kim"}


@pytest.mark.parametrize(
    ("entry", "key", "kind", "sandbox_type", "sandbox_name"),
    [
        ({"login_url": "https://acme.my.salesforce.com"}, "acme-production", "production", "", ""),
        ({"login_url": "https://acme--uat.sandbox.my.salesforce.com"}, "acme-uat", "sandbox", "", "uat"),
        ({"login_url": "https://saas-1.scratch.my.salesforce.com"}, "saas-1", "scratch", "scratch", ""),
        ({"name": "a", "login_url": "https://test.salesforce.com"}, "a", "sandbox", "", ""),
        ({"name": "a", "login_url": "https://127.0.0.1:8443", "type": "full", "sandbox_name": "UAT"}, "a", "sandbox", "full", "uat"),
        ({"name": "a"}, "a", "production", "", ""),
    ],
)
def test_what_is_left_out_is_told_by_the_my_domain(
    entry: dict[str, Any], key: str, kind: str, sandbox_type: str, sandbox_name: str
) -> None:
    (org,) = listed(entry)
    assert (org.key, org.kind, org.sandbox_type, org.sandbox_name) == (key, kind, sandbox_type, sandbox_name)


@pytest.mark.parametrize(
    ("entry", "place", "words"),
    [
        ("uat", "orgs/0", "not a text"),
        ({"nme": "uat", "login_url": "https://acme.my.salesforce.com"}, "orgs/0/nme", "Did you mean name"),
        ({"name": "uat", "owner": "kim"}, "orgs/0/owner", "below vars"),
        ({}, "orgs/0", "needs name"),
        ({"name": 5}, "orgs/0/name", "put it in quotes"),
        ({"name": "a b"}, "orgs/0/name", "no name for a host"),
        ({"name": "a", "login_url": "http://acme.my.salesforce.com"}, "orgs/0/login_url", "no https URL"),
        ({"name": "a", "org_id": "00D000000000002EAB"}, "orgs/0/org_id", "no org Id"),
        ({"name": "a", "org_id": "005000000000002"}, "orgs/0/org_id", "no org Id"),
        ({"name": "a", "type": "partail"}, "orgs/0/type", "Did you mean partial"),
        ({"login_url": "https://acme--u.sandbox.my.salesforce.com", "type": "production"}, "orgs/0/type", "My Domain of a sandbox"),
        ({"name": "a", "type": "sandbox", "sandbox_name": "u.t"}, "orgs/0/sandbox_name", "no name of a sandbox"),
        ({"name": "a", "vars": ["x"]}, "orgs/0/vars", "not a list"),
        ({"name": "a", "vars": {"1x": 1}}, "orgs/0/vars/1x", "no name for a variable"),
    ],
)
def test_a_mistake_is_told_with_its_place(entry: Any, place: str, words: str) -> None:
    with pytest.raises(Problem) as refused:
        listed(entry)
    assert f"{place}: " in str(refused.value)
    assert words in str(refused.value)


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(Problem, match="3 mistakes") as refused:
        listed({"name": "a", "org_id": "x"}, {"name": "b"}, "c", {"name": "b"})
    assert all(place in str(refused.value) for place in ("orgs/0/org_id", "orgs/2", "orgs/3"))


def test_a_list_that_is_none_is_refused() -> None:
    with pytest.raises(Problem, match="must be a list"):
        entries.from_list({"name": "a"}, HERE)
    with pytest.raises(Problem, match="must be a list"):
        entries.from_list("acme", HERE)


@pytest.mark.parametrize("name", entries.SECRET_VARIABLES)
def test_a_secret_is_refused_unless_it_is_vaulted_or_looked_up(name: str) -> None:
    with pytest.raises(Problem, match="holds a secret") as refused:
        listed({"name": "a", "vars": {name: "CANARY"}})
    assert "CANARY" not in str(refused.value)
    with pytest.raises(Problem, match="holds a secret"):
        entries.merge_entries({"a": {name: "CANARY"}}, HERE)
    assert listed({"name": "a", "vars": {name: "{{ lookup('env', 'X') }}"}})
    vaulted = Written(HERE.at, frozenset({("orgs", 0, "vars", name)}))
    assert entries.from_list([{"name": "a", "vars": {name: "$ANSIBLE_VAULT"}}], vaulted)


# -- files that add variables ------------------------------------------------------------------------------------------------------

UAT = Found("sandboxes", "here", key="acme-uat", id=ID18, alias="uat")


@pytest.mark.parametrize("name", ["acme-uat", "uat", ID, ID18])
def test_an_org_is_found_by_host_name_alias_or_id(name: str) -> None:
    added = entries.with_variables([UAT], entries.merge_entries({name: {"owner": "kim", "ring": 1}}, HERE))
    assert added.unmatched == ()
    assert added.orgs[0].own == {"owner": "kim", "salesforce_ring": 1}


def test_what_the_list_says_wins_and_the_host_name_wins_over_the_alias() -> None:
    told = entries.merge_entries({"acme-uat": {"a": 1, "b": 1}, "uat": {"a": 2, "c": 2}}, HERE)
    org = Found("list", "here", key="acme-uat", alias="uat", own={"b": 0})
    assert entries.with_variables([org], told).orgs[0].own == {"a": 1, "b": 0, "c": 2}


def test_an_entry_that_fits_nobody_is_told() -> None:
    added = entries.with_variables([UAT], {"acme-dev": {"owner": "kim"}, "acme-uat": {}})
    assert added.unmatched == ("acme-dev",)


def test_an_org_without_id_or_alias_is_not_everybodys() -> None:
    org = Found("list", "here", key="a")
    assert entries.with_variables([org], {"": {"x": 1}, "nonsense": {"x": 1}}).orgs[0].own == {}


@pytest.mark.parametrize(
    ("told", "words"), [(["acme-uat"], "not a list"), ({"a": "x"}, "must be a dictionary"), ({"a": {"b c": 1}}, "no name")]
)
def test_a_file_of_another_shape_is_refused(told: Any, words: str) -> None:
    with pytest.raises(Problem, match=words):
        entries.merge_entries(told, HERE)


def test_an_entry_without_variables_adds_nothing() -> None:
    assert entries.merge_entries({"a": None}, HERE) == {"a": {}}
