# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from hypothesis import given as with_any
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils._effective_access import (
    GROUP,
    PERMISSION_SET,
    PROFILE,
    Access,
    Source,
    as_result,
    given,
    on_every_object,
)
from ansible_collections.voiceops.salesforce.plugins.module_utils._grants import Grants, Rights, tab_rights, union
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_sections import BY_OPTION, GRANTED, SECTIONS, TABS, Section

ON = frozenset({GRANTED})


def possible(section: Section) -> st.SearchStrategy[Rights]:
    if section is TABS:
        return st.sampled_from([tab_rights("visible"), tab_rights("available")])
    return st.frozensets(st.sampled_from(list(section.rights)), min_size=1) if section.rights else st.just(ON)


names = st.sampled_from(["A", "b__C", "D.E"])
grants = st.fixed_dictionaries({}, optional={item.option: st.dictionaries(names, possible(item), max_size=3) for item in SECTIONS})
sources = st.builds(
    Source,
    st.sampled_from([PROFILE, PERMISSION_SET, GROUP]),
    st.sampled_from(["One", "Two", "Three"]),
    grants,
    st.dictionaries(st.sampled_from(["M", "N"]), grants, max_size=2),
    st.sampled_from(["", "it needs activation in a session"]),
)


def of(*several: Source) -> Access:
    return Access("a@b.c", True, "P", several)


@with_any(st.lists(sources, max_size=4))
def test_what_is_given_is_what_the_sources_in_effect_grant_together(several: list[Source]) -> None:
    found = given(several)
    told = {option: {name: frozenset(rights) for name, rights in of_option.items()} for option, of_option in found.items() if of_option}
    expected = union(*(item.grants for item in several if not item.why_not))
    assert told == {option: dict(of_option) for option, of_option in expected.items() if of_option}


@with_any(st.lists(sources, max_size=4))
def test_each_source_in_effect_is_named_for_each_of_its_rights_and_no_other_is(several: list[Source]) -> None:
    for option, of_option in given(several).items():
        for name, rights in of_option.items():
            for right, words in rights.items():
                mine = [item for item in several if not item.why_not and right in item.grants.get(option, {}).get(name, ())]
                assert words == [item.giving(option, name, right) for item in mine]
                assert all(word.startswith(item.words) for word, item in zip(words, mine, strict=True))


def test_a_group_names_the_members_that_grant_a_right_and_not_the_others() -> None:
    reading: Grants = {"object_permissions": {"Account": frozenset({"read"})}}
    both: Grants = {"object_permissions": {"Account": frozenset({"read", "edit"})}, "apex_classes": {"C": ON}}
    found = as_result(of(Source(GROUP, "G", both, {"Editor": {"object_permissions": both["object_permissions"]}, "Reader": reading})))
    assert found["object_permissions"] == {"Account": {"read": ["group G (Editor, Reader)"], "edit": ["group G (Editor)"]}}
    assert found["apex_classes"] == {"C": ["group G"]}, "a sum that is older than its members is told as it is"


def test_a_source_that_is_not_in_effect_is_listed_with_its_reason_and_gives_nothing() -> None:
    asleep = Source(PERMISSION_SET, "S", {"user_permissions": {"ApiEnabled": ON}}, {}, "the assignment is revoked")
    result = as_result(of(Source(PROFILE, "P", {}), asleep))
    assert result["user_permissions"] == {}
    assert [(item["name"], item["in_effect"], item["reason"]) for item in result["sources"]] == [
        ("P", True, ""),
        ("S", False, "the assignment is revoked"),
    ]


def test_rights_on_every_object_are_told_once_with_what_gives_them() -> None:
    every = Source(PROFILE, "P", {"user_permissions": {"ModifyAllData": ON, "ViewAllData": ON}})
    found = list(on_every_object(given([every, Source(PERMISSION_SET, "S", {"user_permissions": {"ViewAllData": ON}})])))
    assert [(item["through"], item["sources"]) for item in found] == [
        ("ModifyAllData", ["profile P"]),
        ("ViewAllData", ["profile P", "permission set S"]),
    ]
    assert found[0]["rights"] == ["read", "create", "edit", "delete", "view_all_records", "modify_all_records"]
    assert found[1]["rights"] == ["read", "view_all_records"]


def test_every_section_is_told_and_rights_stand_in_their_order() -> None:
    result = as_result(
        of(Source(PROFILE, "P", {"tabs": {"T": tab_rights("visible")}, "field_permissions": {"A.B": frozenset({"edit", "read"})}}))
    )
    assert set(BY_OPTION) <= set(result)
    assert list(result["tabs"]["T"]) == ["available", "visible"]
    assert list(result["field_permissions"]["A.B"]) == ["read", "edit"]
