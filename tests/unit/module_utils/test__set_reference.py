# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils import _set_reference
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_reference import (
    SetReference,
    choose,
    condition,
    fits,
    parse,
    qualified,
)
from harness.direct import Bench

TRIED = "assigning permission set Agent"


def row(
    name: str, namespace: str | None = None, *, label: str = "", owned: bool = False, number: int = 1, group: str | None = None
) -> dict[str, Any]:
    return {
        "Id": f"0PS0000000{number:05}GAA",
        "Name": name,
        "Label": label or name,
        "NamespacePrefix": namespace,
        "IsOwnedByProfile": owned,
        "PermissionSetGroupId": group,
    }


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("Agent", SetReference(name="Agent")),
        ("  Agent ", SetReference(name="Agent")),
        ("pkg__Agent", SetReference(name="Agent", namespace="pkg")),
        ("pkg__Agent__x", SetReference(name="Agent__x", namespace="pkg")),
        ("__Agent", SetReference(name="__Agent")),
        ("pkg__", SetReference(name="pkg__")),
        ("Agent_Set", SetReference(name="Agent_Set")),
        ("0PS000000000001", SetReference(id="0PS000000000001")),
        ("0PS000000000001GAA", SetReference(id="0PS000000000001GAA")),
        ("0PS000000000001AAA", SetReference(name="0PS000000000001AAA")),
        ("0PS00000000000", SetReference(name="0PS00000000000")),
        ("0Pa000000000001", SetReference(name="0Pa000000000001")),
    ],
)
def test_one_word_names_a_set(text: str, reference: SetReference) -> None:
    assert parse(text) == reference


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        (SetReference(id="0PS000000000001"), "0PS000000000001"),
        (SetReference(name="Agent"), "Agent"),
        (SetReference(name="Agent", namespace="pkg"), "pkg__Agent"),
        (SetReference(label="An agent", namespace="pkg"), "'An agent' of namespace pkg"),
        (SetReference(label="An agent"), "'An agent' of namespace (none)"),
    ],
)
def test_a_reference_is_told_as_the_user_wrote_it(reference: SetReference, text: str) -> None:
    assert str(reference) == text


@pytest.mark.parametrize(
    ("reference", "relation", "expected"),
    [
        (SetReference(id="0PS000000000001"), "", "Id = '0PS000000000001'"),
        (SetReference(id="0PS000000000001"), "Parent", "ParentId = '0PS000000000001'"),
        (SetReference(name="Agent"), "", "Name = 'Agent'"),
        (SetReference(name="Agent", namespace="pkg"), "Parent", "Parent.Name = 'Agent' AND Parent.NamespacePrefix = 'pkg'"),
        (SetReference(name="Agent", namespace=""), "", "Name = 'Agent' AND NamespacePrefix = null"),
        (SetReference(label="O'Brien", namespace="pkg"), "", r"Label = 'O\'Brien' AND NamespacePrefix = 'pkg'"),
    ],
)
def test_the_condition_says_what_is_known_of_the_set(reference: SetReference, relation: str, expected: str) -> None:
    assert condition(reference, relation) == expected


MINE = row("Agent", number=1)
PACKAGED = row("Agent", "pkg", label="An Agent", number=2)
OTHER = row("agent", "two", label="an agent", number=3)
OWNED = row("Agent", owned=True, number=4)
STRANGER = row("Agents", number=5)


@pytest.mark.parametrize(
    ("reference", "rows", "expected"),
    [
        (SetReference(name="agent"), [PACKAGED, MINE, OTHER], MINE),
        (SetReference(name="Agent"), [PACKAGED, STRANGER], PACKAGED),
        (SetReference(name="Agent", namespace="PKG"), [MINE, PACKAGED, OTHER], PACKAGED),
        (SetReference(name="Agent", namespace=""), [PACKAGED, MINE], MINE),
        (SetReference(name="Agent", namespace=""), [PACKAGED], None),
        (SetReference(label="AN AGENT", namespace="pkg"), [MINE, PACKAGED, OTHER], PACKAGED),
        (SetReference(label="an agent", namespace="three"), [PACKAGED, OTHER], None),
        (SetReference(id=OWNED["Id"][:15]), [MINE, OWNED], OWNED),
        (SetReference(id=MINE["Id"]), [OWNED, MINE], MINE),
        (SetReference(name="Agent"), [OWNED], None),
        (SetReference(name="Agent"), [], None),
    ],
    ids=[
        "a bare name means the unmanaged set",
        "a bare name means the one set of any namespace",
        "namespace without case",
        "no namespace is asked for",
        "no namespace is asked for and there is none",
        "label without case",
        "label of another namespace",
        "short Id",
        "long Id",
        "a profile's set is not meant by name",
        "no sets",
    ],
)
def test_the_one_set_that_is_meant_is_chosen(
    reference: SetReference, rows: list[Mapping[str, Any]], expected: Mapping[str, Any] | None
) -> None:
    assert choose(reference, rows, TRIED) is expected
    assert choose(reference, rows[::-1], TRIED) is expected


@pytest.mark.parametrize(
    ("reference", "rows", "names"),
    [
        (SetReference(name="Agent"), [PACKAGED, OTHER], "pkg__Agent, two__agent"),
        (SetReference(label="an agent"), [PACKAGED, OTHER], "pkg__Agent, two__agent"),
        (SetReference(label="an agent"), [row("Mine", label="An agent"), PACKAGED], "Mine, pkg__Agent"),
        (SetReference(label="x", namespace="pkg"), [row("A", "pkg", label="X"), row("B", "pkg", label="x")], "pkg__A, pkg__B"),
        (SetReference(label="x"), [row("A", label="X"), row("B", label="x")], "A, B"),
    ],
    ids=[
        "name in two namespaces",
        "label in two namespaces",
        "label of an own set too",
        "label twice in one namespace",
        "label of two unmanaged sets",
    ],
)
def test_two_sets_are_an_error_that_lists_them(reference: SetReference, rows: list[Mapping[str, Any]], names: str) -> None:
    with pytest.raises(Problem) as told:
        choose(reference, rows, TRIED)
    assert told.value.code == "ambiguous_set"
    assert names in told.value.said
    assert str(reference) in told.value.said
    assert "ns__Name" in told.value.remedy


api_names = st.from_regex(r"[A-C](_?[ab]){0,2}", fullmatch=True)
sets = st.lists(
    st.tuples(api_names, st.sampled_from([None, "pkg", "two", "Pkg2"])),
    unique_by=lambda item: (item[0].lower(), (item[1] or "").lower()),
    max_size=6,
).map(lambda named: [row(name, namespace, number=number) for number, (name, namespace) in enumerate(named)])


@given(sets)
def test_the_qualified_name_of_a_set_finds_it_among_any_others(rows: list[dict[str, Any]]) -> None:
    for item in rows:
        assert choose(parse(qualified(item)), rows, TRIED) is item


@given(sets)
def test_the_id_of_a_set_finds_it_among_any_others(rows: list[dict[str, Any]]) -> None:
    for item in rows:
        assert choose(parse(item["Id"]), rows, TRIED) is item
        assert choose(parse(item["Id"][:15]), rows, TRIED) is item


def test_the_org_finds_with_the_condition_what_fits_says(uat: Bench) -> None:
    """The condition reads the rows and fits() sorts them: where they disagree, a set is overlooked."""
    user = uat.org.find("User", Username=uat.info["admin_username"])[0]["Id"]
    every = uat.org.query(user, f"SELECT {_set_reference.FIELDS} FROM PermissionSet", "66.0", page_size=2000)["records"]
    by_name = [item for item in every if not item["IsOwnedByProfile"]]
    assert len(by_name) > 5
    for item in by_name:
        namespace = item["NamespacePrefix"] or ""
        for reference in (
            SetReference(id=item["Id"]),
            SetReference(id=item["Id"][:15]),
            SetReference(name=item["Name"].upper()),
            SetReference(name=item["Name"], namespace=namespace.upper()),
            SetReference(label=item["Label"].upper()),
            SetReference(label=item["Label"], namespace=namespace),
        ):
            soql = f"SELECT {_set_reference.FIELDS} FROM PermissionSet WHERE {condition(reference)}"
            found = uat.org.query(user, soql, "66.0")["records"]
            assert {one["Id"] for one in found} == {one["Id"] for one in every if fits(reference, one)}
            assert item["Id"] in {one["Id"] for one in found}


def test_a_set_is_meant_before_the_sum_of_a_group_of_its_name() -> None:
    own, behind = row("Agent", number=1), row("Agent", number=2, group="0PG#1")
    assert choose(SetReference(name="Agent"), [behind, own], "t") == own
    assert choose(SetReference(name="Agent"), [behind], "t") == behind
