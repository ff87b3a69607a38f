# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils import _set_origin, _set_wish
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._grants import Grants, Rights, Row, granted_by, tab_rights, union
from ansible_collections.voiceops.salesforce.plugins.module_utils._permission_set_info import (
    Current,
    Desired,
    Found,
    as_task,
    condition,
    desired,
    kind_of,
    meant,
    plan,
    report,
)
from ansible_collections.voiceops.salesforce.plugins.module_utils._plan import Plan
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_sections import BY_OPTION, GRANTED, SECTIONS, TABS, Section
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_state import SetState

ORIGIN = _set_origin.origin_of("ns__Source", "0PS000000000001", "17.126", {})


def row(name: str = "Acme_Set", namespace: str | None = None, **values: Any) -> dict[str, Any]:
    return {
        "Id": f"0PS{namespace or ''}{name}",
        "Name": name,
        "Label": name.replace("_", " "),
        "Description": None,
        "NamespacePrefix": namespace,
        "IsCustom": True,
        "IsOwnedByProfile": False,
        "PermissionSetGroupId": None,
        "License": None,
        "HasActivationRequired": False,
        **values,
    }


ROWS = [
    row("Acme_Set"),
    row("Acme_Other"),
    row("AcmeXSet"),
    row("Agent", "pack"),
    row("Agent", "force", IsCustom=False),
    row("Acme_Set", "pack"),
    row("X00e000000000001", IsOwnedByProfile=True, IsCustom=False, Id="0PS000000000001"),
    row("Acme_Sum", PermissionSetGroupId="0PG000000000001"),
    row("Sum", "pack", PermissionSetGroupId="0PG000000000002"),
]


def wish(*words: str, package: str = "", user: str = "") -> Desired:
    return desired({"permission_sets": list(words), "package": package, "user": user})


def state(grants: Grants | None = None, other: Mapping[str, str] | None = None, **values: Any) -> SetState:
    held = {option: {name: Row(None, rights) for name, rights in names.items()} for option, names in (grants or {}).items()}
    return SetState(row(**values), held, other or {})


def told(grants: Grants | None = None, *, users: int = 0, groups: tuple[str, ...] = (), **values: Any) -> dict[str, Any]:
    current = Current((Found(state(grants, **values), users, groups),), (), None, {})
    found: dict[str, Any] = report(wish("Acme_Set"), current, Plan())["permission_sets"][0]
    return found


# -- which sets ----------------------------------------------------------------------------------------------------------------------

MEANT = {
    "a bare name is the set without a namespace": (["Acme_Set"], ["Acme_Set"]),
    "names compare without case": (["acme_SET", "PACK__agent"], ["Acme_Set", "pack__Agent"]),
    "a bare name that only others have is all of theirs": (["Agent"], ["force__Agent", "pack__Agent"]),
    "a name with its namespace": (["pack__Acme_Set"], ["pack__Acme_Set"]),
    "a glob over names, in which an underscore is itself": (["Acme_*"], ["Acme_Other", "Acme_Set", "pack__Acme_Set"]),
    "a glob within a namespace": (["pack__*"], ["pack__Acme_Set", "pack__Agent"]),
    "a glob over namespaces": (["*o*__Agent"], ["force__Agent"]),
    "a question mark": (["Acme?Set"], ["Acme_Set", "AcmeXSet", "pack__Acme_Set"]),
    "an Id, also of what stands behind a profile": (["0PS000000000001"], ["X00e000000000001"]),
    "a set named twice is told once": (["Acme_Set", "Acme_S*", "pack__Acme_Set"], ["Acme_Set", "pack__Acme_Set"]),
}


@pytest.mark.parametrize(("words", "expected"), MEANT.values(), ids=MEANT.keys())
def test_a_word_means_these_sets(words: list[str], expected: list[str]) -> None:
    found, missing = meant(wish(*words), ROWS)
    assert [f"{item['NamespacePrefix']}__{item['Name']}" if item["NamespacePrefix"] else item["Name"] for item in found] == expected
    assert missing == ()


def test_a_package_is_its_sets_without_the_sums_of_its_groups() -> None:
    found, missing = meant(wish(package="PACK"), ROWS)
    assert ([item["Name"] for item in found], missing) == (["Acme_Set", "Agent"], ())


def test_everything_is_all_but_what_the_org_made_for_itself() -> None:
    expected = ["Acme_Other", "Acme_Set", "AcmeXSet", "forceAgent", "packAcme_Set", "packAgent"]
    assert [item["Id"].removeprefix("0PS") for item in meant(wish("*"), ROWS)[0]] == expected


def test_what_nothing_fits_is_missing_once_by_the_words_it_was_asked_for() -> None:
    found, missing = meant(wish("Nobody", "Nobody", "Nothing*", "0PS000000000009", "X00e000000000001", package="absent"), ROWS)
    assert (found, missing) == ([], ("Nobody", "Nothing*", "0PS000000000009", "X00e000000000001", "package absent"))


def test_a_namespace_with_a_glob_never_means_sets_without_one() -> None:
    assert [item["NamespacePrefix"] for item in meant(wish("*__Acme_Set"), ROWS)[0]] == ["pack"]


def like(pattern: str, text: str) -> bool:
    """LIKE as SOQL has it."""
    parts = {"%": ".*", "_": "."}
    return re.fullmatch("".join(parts.get(letter, re.escape(letter)) for letter in pattern.lower()), text.lower()) is not None


@given(
    st.text("aA_*?x", min_size=1, max_size=5).filter(lambda text: "__" not in text and ("*" in text or "?" in text)),
    st.text("aA_x", max_size=6),
)
def test_the_query_finds_everything_that_a_glob_means(pattern: str, name: str) -> None:
    asked = re.match(r"Name LIKE '(.*?)' AND", condition(wish(pattern).words[0]))
    assert asked
    if meant(wish(pattern), [row(name)])[0]:
        assert like(asked[1], name)


@pytest.mark.parametrize(
    ("params", "code"),
    [({"user": "alex"}, "not_a_user"), ({"permission_sets": ["Acme_Set", " "]}, "no_set")],
)
def test_what_names_nothing_is_refused(params: dict[str, Any], code: str) -> None:
    with pytest.raises(Problem) as caught:
        desired({"permission_sets": None, "package": None, "user": None, **params})
    assert caught.value.code == code


# -- the task that makes a set ---------------------------------------------------------------------------------------------------------


def names_of(section: Section) -> st.SearchStrategy[str]:
    return (
        st.sampled_from(["Account.Name", "b__C.d__E"])
        if section.option == "field_permissions"
        else st.sampled_from(["A", "b__C", "On", "No"])
    )


def rights_of(section: Section) -> st.SearchStrategy[Rights]:
    if section is TABS:
        return st.sampled_from([tab_rights("visible"), tab_rights("available")])
    if not section.rights:
        return st.just(frozenset({GRANTED}))
    closed = {right: frozenset({right, *section.needs.get(right, ())}) for right in section.rights}
    return st.lists(st.sampled_from(list(section.rights)), min_size=1).map(lambda some: frozenset().union(*(closed[item] for item in some)))


any_grants = st.fixed_dictionaries({item.option: st.dictionaries(names_of(item), rights_of(item), max_size=3) for item in SECTIONS})


def asked_by(task: Mapping[str, Any]) -> dict[str, dict[str, Rights]]:
    """What permission_set understands of these options."""
    defaults = {name: told.get("default") for name, told in _set_wish.ARGUMENT_SPEC.items()}
    assert set(task) <= set(defaults)
    made = _set_wish.desired({**defaults, **task})
    assert made.exact == frozenset(BY_OPTION)
    assert all(line.is_exact for line in made.selectors)
    return union(*({line.section: {line.pattern: line.rights}} for line in made.selectors))


@given(any_grants)
def test_the_task_asks_for_what_the_set_grants(grants: Grants) -> None:
    set_state = state(grants)
    task = as_task(set_state, granted_by(set_state.held))
    assert asked_by(task) == {option: dict(names) for option, names in grants.items() if names}
    for option in BY_OPTION:
        lines = [str(line) for line in task.get(option, [])]
        assert lines == sorted(lines)


def test_the_task_has_the_sets_own_words_and_no_clones_trailer() -> None:
    values: dict[str, Any] = {
        "Description": _set_origin.described("By hand", ORIGIN),
        "License": {"Name": "Salesforce"},
        "HasActivationRequired": True,
    }
    task = as_task(state(**values), {})
    assert {name: value for name, value in task.items() if name != "exact"} == {
        "name": "Acme_Set",
        "label": "Acme Set",
        "description": "By hand",
        "license": "Salesforce",
        "session_activation": True,
    }
    found = told(**values)
    assert found["description"] == "By hand"
    assert found["cloned_from"] == {"source": "ns__Source", "version": "17.126", "fingerprint": ORIGIN.fingerprint}
    assert "clone_from" in found["not_exported"][0]
    assert "ns__Source 17.126" in found["not_exported"][0]


KINDS: Mapping[str, dict[str, Any]] = {
    "custom": {},
    "managed": {"namespace": "pack"},
    "standard": {"namespace": "force", "IsCustom": False},
    "profile": {"IsOwnedByProfile": True, "IsCustom": False},
    "group": {"PermissionSetGroupId": "0PG000000000001"},
}


@pytest.mark.parametrize(("kind", "values"), KINDS.items(), ids=KINDS)
def test_a_set_is_of_a_kind(kind: str, values: dict[str, Any]) -> None:
    assert kind_of(row(**values)) == kind
    found = told(**values)
    assert (found["task"] is None) == (kind in ("profile", "group"))
    assert bool(found["not_exported"]) == (kind != "custom"), "who owns it is said of every set that is not one's own"


@pytest.mark.parametrize("kind", ["managed", "standard"])
def test_the_copy_of_somebody_elses_set_has_a_name_of_its_own(kind: str) -> None:
    task = as_task(state(name="Long_" * 15 + "Name_", Label="L" * 80, **KINDS[kind]), {})
    assert (task["name"], task["label"]) == ("Long_" * 14 + "Long_Copy", "L" * 73 + " (copy)")
    assert told(**KINDS[kind])["task"]["name"] == "Acme_Set_Copy"
    assert "Acme_Set_Copy" in told(**KINDS[kind])["not_exported"][0]


def test_what_cannot_be_said_by_name_is_left_out_and_told() -> None:
    grants = {"connected_apps": dict.fromkeys(["Portal (0H4000000000001AAA)", "What?", "Plain"], frozenset({GRANTED}))}
    other = {"02u000000000001": "TabSet", "02u000000000002": "TabSet", "01p000000000001": "ApexClass"}
    found = told(grants, other=other)
    assert found["task"]["connected_apps"] == ["Plain"]
    assert set(BY_OPTION) - set(found["task"]["exact"]) == {"connected_apps"}, "exact would take away what the list cannot name"
    assert found["not_exported"] == [
        "connected app Portal (0H4000000000001AAA): others have the same name, so connected_apps is left out of exact",
        "connected app What?: its name would be read as a pattern, so connected_apps is left out of exact",
        "1 of type ApexClass: the org does not show their names to the running user",
        "2 of type TabSet: no section of a task speaks of them",
    ]


def test_who_has_it_and_which_groups_it_is_in_are_told_and_not_exported() -> None:
    found = told(users=3, groups=("A", "B"))
    assert (found["assigned_users"], found["groups"]) == (3, ["A", "B"])
    assert found["not_exported"] == ["its membership in permission set groups: A, B", "its assignment to users: 3"]


def test_content_tells_every_section() -> None:
    grants: Grants = {
        "object_permissions": {"B": frozenset({"edit", "read"}), "A": frozenset({"read"})},
        "tabs": {"T": tab_rights("available")},
        "flows": {"F": frozenset({GRANTED})},
    }
    content = told(grants)["content"]
    assert set(content) == set(BY_OPTION)
    assert list(content["object_permissions"].items()) == [("A", ["read"]), ("B", ["read", "edit"])]
    assert (content["tabs"], content["flows"], content["apex_classes"]) == ({"T": "available"}, ["F"], [])


def test_what_is_missing_or_hidden_is_warned_of() -> None:
    result = report(wish("Acme_Set"), Current((), ("Nobody",), None, {"field_permissions": 2}), Plan())
    assert (result["missing"], result["effective_access"]) == (["Nobody"], None)
    assert [("Nobody" in words, "2 rows" in words) for words in result["warnings"]] == [(True, False), (False, True)]


def test_nothing_is_ever_planned() -> None:
    assert not plan(wish("Acme_Set"), Current((), (), None, {})).changes
