# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where in a YAML file a value stands."""

from __future__ import annotations

import pytest

from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from ansible_collections.voiceops.salesforce.plugins.plugin_utils._located_yaml import Document

TEXT = """---
plugin: voiceops.salesforce.orgs
orgs:
  - name: a
    vars:
      secret: !vault |
        $ANSIBLE_VAULT;1.1;AES256
  - {name: b, ring: 1}
odd: !anything [1, 2]
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 2),
        (("plugin",), 2),
        (("orgs", 0), 4),
        (("orgs", 0, "vars", "secret"), 6),
        (("orgs", 1, "ring"), 8),
        (("orgs", 1, "nothing", "of", "it"), 8),
        (("nothing",), 2),
    ],
)
def test_a_value_has_the_line_of_its_key(path: tuple[str | int, ...], line: int) -> None:
    assert Document("file", TEXT).at(path) == f"file:{line}"


def test_what_is_vaulted_is_known_by_its_tag() -> None:
    document = Document("file", TEXT)
    assert document.placed().vaulted == {("orgs", 0, "vars", "secret")}
    assert document.top_keys() == ["plugin", "orgs", "odd"]


def test_a_key_that_stands_twice_is_told_with_both_lines() -> None:
    assert Document("file", "a: 1\nb:\n  c: 1\n  c: 2\n").repeated() == ["file:4: c stands there already, in line 3."]


def test_an_alias_of_what_it_stands_in_ends() -> None:
    assert Document("file", "a: &x\n  b: *x\n").at(("a", "b")) == "file:2"


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n", "word"])
def test_what_is_no_dictionary_has_no_keys(text: str) -> None:
    assert Document("file", text).top_keys() == []


def test_what_is_no_yaml_is_told_with_its_line() -> None:
    with pytest.raises(Problem, match="file:2") as refused:
        Document("file", "a: 1\n\tb: 2\n")
    assert refused.value.code == "no_yaml"
