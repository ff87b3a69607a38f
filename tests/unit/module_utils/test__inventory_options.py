# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of the inventory plugin's options, from a file or the environment."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voiceops.salesforce.plugins.module_utils import _inventory_options as options
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem

BY_NAME = {option.name: option for option in options.OPTIONS}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("include_expired", True, True),
        ("include_expired", "Yes", True),
        ("include_expired", "off", False),
        ("recently_refreshed_days", 3, 3),
        ("recently_refreshed_days", " 14 ", 14),
        ("include_names", "a-*, b-*,", ("a-*", "b-*")),
        ("include_names", ["a-*", 5], ("a-*", "5")),
        ("include_filters", "a in [1, 2]", ("a in [1, 2]",)),
        ("include_filters", ["a", True], ("a", "true")),
        ("include_filters", False, ("false",)),
        ("sources", "sandboxes,sf_files", ("sandboxes", "sf_files")),
        ("merge_unmatched", "fail", "fail"),
        ("my_domain", " acme ", "acme"),
        ("compose", {"a": "b"}, {"a": "b"}),
        ("orgs", [{"name": "a"}], [{"name": "a"}]),
    ],
)
def test_a_value_is_taken_as_the_option_wants_it(name: str, value: Any, expected: Any) -> None:
    assert options.converted(BY_NAME[name], value, "here") == expected


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("include_expired", "maybe", "true or false"),
        ("recently_refreshed_days", "-1", "whole number"),
        ("recently_refreshed_days", True, "whole number"),
        ("sources", ["sandbox"], "Did you mean sandboxes"),
        ("merge_unmatched", "stop", "warn, fail, ignore"),
        ("include_names", {"a": 1}, "list of texts"),
        ("include_filters", [{"include": "a"}], "list of texts"),
        ("compose", ["a"], "dictionary"),
        ("orgs", "acme", "list of dictionaries"),
        ("my_domain", ["a"], "Give a text"),
    ],
)
def test_any_other_value_is_refused_with_its_place(name: str, value: Any, words: str) -> None:
    with pytest.raises(Problem, match=words) as refused:
        options.converted(BY_NAME[name], value, "file:7")
    assert (refused.value.code, "file:7" in str(refused.value)) == (name, True)


@pytest.mark.parametrize(
    ("value", "expected"), [(None, False), ("", False), (" \n", False), (0, True), (False, True), ([], True), ("x", True)]
)
def test_an_empty_text_is_no_value(value: Any, expected: bool) -> None:
    assert options.is_set(value) is expected


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("sources", "sandboxes,sf_files", False),
        ("sources", '["sandboxes"]', True),
        ("sources", "- sandboxes", True),
        ("sources", "a\nb", True),
        ("include_filters", "a in [1, 2]", False),
        ("include_filters", '["a in [1, 2]"]', True),
        ("my_domain", "[acme", False),
        ("orgs", "x", True),
        ("compose", "a: b", True),
    ],
)
def test_texts_of_the_environment_are_yaml_where_they_look_like_it(name: str, text: str, expected: bool) -> None:
    assert options.is_structured(BY_NAME[name], text) is expected
