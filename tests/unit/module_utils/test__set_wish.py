# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._grants import tab_rights
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_origin import MAX_TEXT
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_reference import SetReference
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_sections import BY_OPTION, ENTITIES
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_wish import (
    ARGUMENT_SPEC,
    Desired,
    Selector,
    desired,
    is_companion,
    is_glob,
    literal_start,
    matcher,
)

NAME = "Acme_Set"
GRANTED = frozenset({"granted"})


def wish(**given: Any) -> Desired:
    checked = ArgumentSpecValidator(ARGUMENT_SPEC).validate({"name": NAME} | given)
    assert not checked.error_messages, checked.error_messages
    return desired(checked.validated_parameters)


def means(section: str, pattern: str, name: str, package: str | None = None) -> bool:
    return matcher(Selector(section, f"{section}[0]", pattern, package, GRANTED))(name)


# -- names and globs -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("Account", "account", True),
        ("pkg__*", "PKG__Call__c", True),
        ("pkg__*", "other__Call__c", False),
        ("pkg__?all__c", "pkg__Call__c", True),
        ("Acc", "Account", False),
        ("*", "anything", True),
        ("A[bc]", "Ab", False),
        ("A[bc]", "A[bc]", True),
        ("A[!b]*", "A[!b]x", True),
        ("Acme*", "Acme Sync\nnow", True),
    ],
)
def test_star_and_question_mark_are_the_only_globs_and_case_does_not_count(pattern: str, name: str, expected: bool) -> None:
    assert means("object_permissions", pattern, name) is expected


@given(st.text("aB_[]!-^.c", max_size=6))
def test_a_name_without_globs_means_itself_alone(name: str) -> None:
    assert means("object_permissions", name, name)
    assert not means("object_permissions", name, name + "x")
    assert not is_glob(name)


@pytest.mark.parametrize(("pattern", "expected"), [("pkg__*", True), ("A?c", True), ("Account", False), ("A[b]", False)])
def test_a_glob_is_told_by_its_signs(pattern: str, expected: bool) -> None:
    assert is_glob(pattern) is expected


@pytest.mark.parametrize(
    ("pattern", "package", "name", "expected"),
    [
        ("pkg__*", None, "Account.pkg__Link__c", True),
        ("pkg__*", None, "pkg__Call__c.Own__c", False),
        ("pkg__*.*", None, "pkg__Call__c.Own__c", True),
        ("*.pkg__*", None, "Account.pkg__Link__c", True),
        ("account.INDUSTRY", None, "Account.Industry", True),
        ("Account.*", None, "Contact.Name", False),
        ("*", None, "Account.Industry", True),
        ("", "pkg", "Account.pkg__Link__c", True),
        ("", "PKG", "Task.pkg__Link__c", True),
        ("", "pkg", "pkg__Call__c.Own__c", False),
        ("", "pkg", "Account.pkg_Link__c", False),
        ("", "pkg", "Account.xpkg__Link__c", False),
    ],
)
def test_a_field_s_own_prefix_counts(pattern: str, package: str | None, name: str, expected: bool) -> None:
    assert means("field_permissions", pattern, name, package) is expected


@pytest.mark.parametrize(
    "name", ["AccountShare", "pkg__Call__Share", "CaseHistory", "AccountFeed", "pkg__Call__ChangeEvent", "pkg__call__feed"]
)
def test_a_selector_never_means_what_only_accompanies_other_objects(name: str) -> None:
    assert is_companion(name)
    assert not means("object_permissions", "*", name)
    assert not means("field_permissions", "*.*", f"{name}.pkg__X__c")
    assert not means("field_permissions", "", f"{name}.pkg__X__c", "pkg")
    assert means("object_permissions", name, name), "but who names it means it"


@pytest.mark.parametrize("name", ["Share__c", "Feedback__c", "pkg__History__c", "Account"])
def test_a_custom_object_that_is_only_called_so_is_no_companion(name: str) -> None:
    assert not is_companion(name)
    assert means("object_permissions", "*", name)


@pytest.mark.parametrize("section", sorted(set(BY_OPTION) - {"object_permissions", "field_permissions"}))
def test_only_objects_and_fields_have_companions(section: str) -> None:
    """A package's class or page may well be called CallHistory, and a user permission is called MonitorLoginHistory."""
    assert means(section, "*", "pkg__CallHistory")
    assert means(section, "", "pkg__NewsFeed", "pkg")


def test_a_selector_never_means_a_person_account_s_copy_of_a_field() -> None:
    assert not means("field_permissions", "Account.*", "Account.pkg__Link__pc")
    assert not means("field_permissions", "", "Account.pkg__Link__pc", "pkg")
    assert means("field_permissions", "Account.pkg__Link__pc", "Account.pkg__Link__pc")


# -- names and texts -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["A", "Acme_Set", "a1_2b", "A" * 80, " Acme_Set "])
def test_names_that_salesforce_takes(name: str) -> None:
    assert wish(name=name).name == name.strip()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"name": "1Set"}, "bad_name"),
        ({"name": "_Set"}, "bad_name"),
        ({"name": "Set_"}, "bad_name"),
        ({"name": "Acme Set"}, "bad_name"),
        ({"name": "Acme-Set"}, "bad_name"),
        ({"name": ""}, "bad_name"),
        ({"name": "S\u00e9t"}, "bad_name"),
        ({"name": "pkg__Set"}, "managed_target"),
        ({"name": "A" * 81}, "too_long"),
        ({"label": "x" * 81}, "too_long"),
        ({"description": "x" * 256}, "too_long"),
        ({"description": "x" * (MAX_TEXT + 1), "clone_from": {"name": "Other"}}, "too_long"),
        ({"label": ""}, "empty_label"),
        ({"clone_from": {"namespace": "pkg", "label": ""}}, "no_source"),
        ({"clone_from": {"name": "  "}}, "no_source"),
        ({"clone": "never"}, "no_source"),
        ({"clone": "when_needed"}, "no_source"),
        ({"clone_from": {"id": "0PS000000000001AAA"}}, "not_an_id"),
        ({"clone_from": {"id": "005000000000001"}}, "not_an_id"),
    ],
)
def test_what_salesforce_would_refuse_is_refused_before_anything_is_read(given: dict[str, Any], code: str) -> None:
    with pytest.raises(Problem) as told:
        wish(**given)
    assert told.value.code == code
    assert given.get("name", NAME) in told.value.tried
    assert told.value.remedy


@pytest.mark.parametrize(("source", "most"), [(None, 255), ({"name": "Other"}, MAX_TEXT)])
def test_a_description_may_be_as_long_as_there_is_room(source: dict[str, str] | None, most: int) -> None:
    assert wish(description="x" * most, clone_from=source).attributes == {"description": "x" * most}


@pytest.mark.parametrize(
    ("given", "reference"),
    [
        (None, None),
        ({"id": "0PS000000000001"}, SetReference(id="0PS000000000001")),
        ({"name": "pkg__Agent"}, SetReference(name="Agent", namespace="pkg")),
        ({"name": "Agent"}, SetReference(name="Agent")),
        ({"name": "Agent", "namespace": "pkg"}, SetReference(name="Agent", namespace="pkg")),
        ({"name": "Agent", "namespace": ""}, SetReference(name="Agent", namespace="")),
        ({"name": "one__Agent", "namespace": "two"}, SetReference(name="Agent", namespace="one")),
        ({"label": "An agent", "namespace": "pkg"}, SetReference(label="An agent", namespace="pkg")),
        ({"label": "An agent"}, SetReference(label="An agent")),
    ],
)
def test_a_source_is_named_in_any_of_four_ways(given: dict[str, Any] | None, reference: SetReference | None) -> None:
    assert wish(clone_from=given).source == reference


@pytest.mark.parametrize(
    "given",
    [
        {"clone_from": {"namespace": "pkg"}},
        {"clone_from": {"id": "0PS000000000001", "name": "Agent"}},
        {"clone_from": {"name": "Agent", "label": "An agent"}},
        {"clone_from": {"id": "0PS000000000001", "namespace": "pkg"}},
        {"object_permissions": [{"read": True}]},
        {"object_permissions": [{"object": "Account", "package": "pkg"}]},
        {"field_permissions": [{"field": "Account.X", "package": "pkg"}]},
        {"tabs": [{"visibility": "visible"}]},
        {"tabs": [{"tab": "x", "visibility": "hidden"}]},
        {"exact": ["everything"]},
        {"missing": "ignore"},
        {"resolve_dependencies": "users"},
        {"take_from": ["everybody"]},
        {"on_source_change": "ask"},
    ],
    ids=str,
)
def test_what_the_options_cannot_mean_is_refused_by_them(given: dict[str, Any]) -> None:
    assert ArgumentSpecValidator(ARGUMENT_SPEC).validate({"name": NAME} | given).error_messages


def test_what_is_left_out_is_not_said() -> None:
    plain = wish()
    assert str(plain.max_removals) == "10"
    assert (dict(plain.attributes), plain.selectors, plain.exact, plain.take_from) == ({}, (), frozenset(), frozenset())
    assert (plain.on_source_change, plain.resolve, plain.skip_missing, plain.license) == ("report", "objects", False, None)


def test_exact_and_missing_know_every_section() -> None:
    assert set(ARGUMENT_SPEC["exact"]["choices"]) == set(BY_OPTION)
    assert set(BY_OPTION) <= set(ARGUMENT_SPEC)


# -- selectors -----------------------------------------------------------------------------------------------------------------------


def test_a_right_is_asked_for_denied_or_not_said() -> None:
    made = wish(
        object_permissions=[{"object": " Account ", "read": True, "edit": False}],
        field_permissions=[{"package": "pkg", "edit": True, "read": True}],
    )
    (on_object, on_field) = made.selectors
    assert (on_object.pattern, on_object.rights, on_object.denied) == ("Account", {"read"}, {"edit"})
    assert (on_field.pattern, on_field.package, on_field.rights, on_field.denied) == ("", "pkg", {"read", "edit"}, frozenset())
    assert [item.place for item in made.selectors] == ["object_permissions[0]", "field_permissions[0]"]


def test_a_tab_is_visible_unless_told_otherwise() -> None:
    made = wish(tabs=[{"tab": "x"}, {"package": "pkg", "visibility": "available"}])
    assert [item.rights for item in made.selectors] == [tab_rights("visible"), tab_rights("available")]


@pytest.mark.parametrize("option", [section.option for section in ENTITIES])
def test_a_list_takes_names_globs_and_where_there_are_packages_their_namespace(option: str) -> None:
    assert [str(item) for item in wish(**{option: [" One ", "pkg__*"]}).selectors] == ["One", "pkg__*"]
    if option == "connected_apps":
        return
    (line,) = wish(**{option: [{"package": "pkg"}]}).selectors
    assert (line.package, line.is_exact, str(line)) == ("pkg", False, "package pkg")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"apex_classes": [{"name": "X"}]}, "bad_selector"),
        ({"apex_classes": [{"package": "pkg", "name": "X"}]}, "bad_selector"),
        ({"flows": [{"package": ""}]}, "bad_selector"),
        ({"flows": [""]}, "bad_selector"),
        ({"flows": [None]}, "bad_selector"),
        ({"apex_classes": [["X"]]}, "bad_selector"),
        ({"apex_classes": [5]}, "bad_selector"),
        ({"user_permissions": [" "]}, "bad_selector"),
        ({"object_permissions": [{"object": "", "read": True}]}, "bad_selector"),
        ({"object_permissions": [{"package": "no__such", "read": True}]}, "bad_selector"),
        ({"object_permissions": [{"package": "1pkg", "read": True}]}, "bad_selector"),
        ({"tabs": [{"package": "a_namespace_that_is_long"}]}, "bad_selector"),
        ({"field_permissions": [{"field": "Industry", "read": True}]}, "unknown_name"),
    ],
    ids=str,
)
def test_a_line_that_cannot_be_understood_is_told_by_its_place(given: dict[str, Any], code: str) -> None:
    with pytest.raises(Problem) as told:
        wish(**given)
    assert told.value.code == code
    assert f"{next(iter(given))}[0]" in told.value.said
    assert told.value.remedy


@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        ({"object_permissions": [{"object": "Account", "create": True}]}, "read"),
        ({"object_permissions": [{"object": "Account", "read": True, "delete": True}]}, "edit"),
        ({"object_permissions": [{"object": "Account", "view_all_fields": True}]}, "read"),
        (
            {"object_permissions": [{"object": "Account", "read": True, "edit": True, "modify_all_records": True}]},
            "delete and view_all_records",
        ),
        ({"field_permissions": [{"field": "Account.Industry", "edit": True}]}, "read"),
    ],
)
def test_a_right_without_those_it_needs_is_refused_by_name_where_nothing_is_to_be_added(given: dict[str, Any], lacking: str) -> None:
    with pytest.raises(Problem) as told:
        wish(**given, resolve_dependencies="none")
    assert told.value.code == "missing_right"
    assert f"needs {lacking} too" in told.value.said
    assert "Account" in told.value.said
    assert NAME in told.value.tried
    assert wish(**given).selectors, "and where it is, nothing is amiss"


@pytest.mark.parametrize(
    "lines",
    [
        [{"object": "Account", "read": True}, {"object": "account", "edit": True}],
        [{"object": "pkg__Call__c", "edit": True}, {"object": "pkg__*", "read": True}],
        [{"object": "pkg__Call__c", "edit": True}, {"package": "pkg", "read": True}],
    ],
    ids=["the same name", "a glob", "a package"],
)
def test_what_a_right_needs_may_be_asked_for_by_another_line(lines: list[dict[str, Any]]) -> None:
    assert len(wish(object_permissions=lines, resolve_dependencies="none").selectors) == 2


def test_a_line_that_speaks_of_less_does_not_ask_for_what_a_right_needs() -> None:
    lines = [{"object": "pkg__*", "edit": True}, {"object": "pkg__Call__c", "read": True}]
    with pytest.raises(Problem) as told:
        wish(object_permissions=lines, resolve_dependencies="none")
    assert told.value.code == "missing_right"


@given(st.text("pkgCal_*?.[]", min_size=1, max_size=6), st.text("pkgCALl_.[]", max_size=8))
def test_what_a_selector_means_begins_as_it_does(pattern: str, name: str) -> None:
    for section in BY_OPTION:
        selector = Selector(section, f"{section}[0]", pattern, None, GRANTED)
        assert not matcher(selector)(name) or name.lower().startswith(literal_start(selector))


def test_space_around_names_and_texts_does_not_count() -> None:
    made = wish(label=" Acme ", description=" words ", user_permissions=[" ApiEnabled "], apex_classes=[" pkg__* "])
    assert dict(made.attributes) == {"label": "Acme", "description": "words"}
    assert [item.pattern for item in made.selectors] == ["pkg__*", "ApiEnabled"]
