# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils import _set_groups, _set_reference
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_reference import SetReference

GROUP_ID = "0PG000000000001"
KNOWN = {"ApiEnabled": "API Enabled", "RunReports": "Run Reports", "One": "Same label", "Two": "Same label", "Named": "RunReports"}


def row(**more: Any) -> dict[str, Any]:
    return {
        "Id": f"{GROUP_ID}AAA",
        "DeveloperName": "Agents",
        "MasterLabel": "All agents",
        "Description": None,
        "NamespacePrefix": None,
        "Status": "Updated",
        "HasActivationRequired": False,
        **more,
    }


@pytest.mark.parametrize(
    ("word", "reference"),
    [
        (" Agents ", SetReference(name="Agents")),
        ("ns__Agents", SetReference(name="Agents", namespace="ns")),
        (GROUP_ID, SetReference(id=GROUP_ID)),
    ],
)
def test_a_group_is_named_as_a_set_is(word: str, reference: SetReference) -> None:
    assert _set_groups.parse(word) == reference


@pytest.mark.parametrize(
    ("reference", "here", "by_relation"),
    [
        (SetReference(id=GROUP_ID), f"Id = '{GROUP_ID}'", f"PermissionSetGroupId = '{GROUP_ID}'"),
        (SetReference(name="A'b"), "DeveloperName = 'A\\'b'", "PermissionSetGroup.DeveloperName = 'A\\'b'"),
        (
            SetReference(name="A", namespace="ns"),
            "DeveloperName = 'A' AND NamespacePrefix = 'ns'",
            "PermissionSetGroup.DeveloperName = 'A' AND PermissionSetGroup.NamespacePrefix = 'ns'",
        ),
        (
            SetReference(name="A", namespace=""),
            "DeveloperName = 'A' AND NamespacePrefix = null",
            "PermissionSetGroup.DeveloperName = 'A' AND PermissionSetGroup.NamespacePrefix = null",
        ),
    ],
)
def test_a_group_is_found_by_id_or_by_name_and_namespace(reference: SetReference, here: str, by_relation: str) -> None:
    assert _set_groups.condition(reference) == here
    assert _set_groups.condition(reference, "PermissionSetGroup") == by_relation


def test_a_group_in_the_shape_of_a_set_is_chosen_and_named_as_a_set() -> None:
    own, packaged = _set_groups.as_set(row()), _set_groups.as_set(row(NamespacePrefix="ns"))
    assert _set_reference.choose(SetReference(name="agents"), [packaged, own], "x") is own
    assert _set_reference.choose(SetReference(name="Agents", namespace="ns"), [packaged, own], "x") is packaged
    assert (_set_reference.qualified(own), _set_reference.qualified(packaged)) == ("Agents", "ns__Agents")
    assert _set_groups.qualified({"PermissionSetGroup": row(NamespacePrefix="ns")}) == "ns__Agents"
    assert _set_groups.qualified({"PermissionSetGroup": row()}) == "Agents"


def test_a_foreseen_group_has_the_columns_of_one_that_is_there() -> None:
    foreseen = _set_groups.foreseen_row("Agents", {"label": "All agents", "description": "d", "session_activation": True})
    assert set(_set_groups.as_set(row())) <= set(foreseen)
    assert (foreseen["Label"], foreseen["Description"], foreseen["HasActivationRequired"]) == ("All agents", "d", True)
    assert _set_groups.foreseen_row("Agents", {})["HasActivationRequired"] is False


def test_what_is_muted_is_the_columns_that_are_on() -> None:
    columns = {"Id": "0QM1", "DeveloperName": "Permissions", "PermissionsApiEnabled": True, "PermissionsRunReports": False}
    assert _set_groups.muted(columns) == {"ApiEnabled"}
    described = {"fields": [{"name": "Id", "label": "Id"}, {"name": "PermissionsApiEnabled", "label": "API Enabled"}]}
    assert _set_groups.can_be_muted(described) == {"ApiEnabled": "API Enabled"}


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("ApiEnabled", "ApiEnabled"),
        ("apienabled", "ApiEnabled"),
        ("PermissionsApiEnabled", "ApiEnabled"),
        (" API enabled ", "ApiEnabled"),
        ("RunReports", "RunReports"),
        ("Nothing", None),
    ],
)
def test_a_permission_is_known_by_api_name_before_label(word: str, name: str | None) -> None:
    assert _set_groups.permission(word, KNOWN, "x") == name


def test_a_label_of_two_permissions_is_an_error_that_names_both() -> None:
    with pytest.raises(Problem) as told:
        _set_groups.permission("same label", KNOWN, "muting")
    assert told.value.code == "ambiguous_label"
    assert "One" in told.value.said
    assert "Two" in told.value.said


@given(st.integers(min_value=1, max_value=2000))
def test_pauses_grow_and_are_together_just_the_time_given(seconds: int) -> None:
    pauses = list(_set_groups.pauses(seconds))
    assert sum(pauses) == pytest.approx(seconds)
    assert pauses[:-1] == sorted(pauses[:-1])
    assert max(pauses) <= 15
    assert len(pauses) <= 5 + seconds / 15


@pytest.mark.parametrize("seconds", [0, -1])
def test_no_time_is_no_pause(seconds: int) -> None:
    assert list(_set_groups.pauses(seconds)) == []
