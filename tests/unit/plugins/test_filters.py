# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters for usernames, addresses and Ids: what they make, what they refuse, and that what is documented is what is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.filter import record_ids, sandbox_names
from tooling import workspace

FOLDER = workspace.ROOT / "plugins" / "filter"
FILTERS: dict[str, Callable[..., Any]] = {**record_ids.FilterModule().filters(), **sandbox_names.FilterModule().filters()}

usernames = st.builds(
    "{}@{}.com".format,
    st.text("abcdef.", min_size=1, max_size=8).filter(lambda text: text.strip(".")),
    st.text("abc", min_size=1, max_size=6),
)


@pytest.mark.parametrize(
    ("name", "value", "arguments", "made"),
    [
        ("sandbox_username", "kim@acme.com", ["uat"], "kim@acme.com.uat"),
        ("sandbox_username", "kim@acme.com.uat", ["uat"], "kim@acme.com.uat.uat"),
        ("sandbox_username", "kim@acme.com", [""], "kim@acme.com"),
        ("sandbox_username", ["kim@acme.com", " lee@acme.com "], ["uat"], ["kim@acme.com.uat", "lee@acme.com.uat"]),
        ("sandbox_username", [], ["uat"], []),
        ("production_username", "kim@acme.com.uat", ["uat"], "kim@acme.com"),
        ("production_username", "kim@acme.com.UAT", ["uat"], "kim@acme.com"),
        ("production_username", "kim@acme.com", ["uat"], "kim@acme.com"),
        ("production_username", "kim@acme.com.dev", ["uat"], "kim@acme.com.dev"),
        ("production_username", "kim@acme.com.uat.uat", ["uat"], "kim@acme.com.uat"),
        ("production_username", "kim@acme.com.uat", [""], "kim@acme.com.uat"),
        ("production_username", "00x7Vquser@acme.com.test", ["test"], "00x7Vquser@acme.com"),
        ("production_username", "00x7Vquser@acme.com.test", ["test", ["User@acme.com"]], "User@acme.com"),
        ("production_username", "00x7Vquser@acme.com.test", ["test", ["00x7vquser@acme.com", "user@acme.com"]], "00x7vquser@acme.com"),
        ("production_username", "joakimkim@acme.com.uat", ["uat", ["kim@acme.com"]], "joakimkim@acme.com"),
        ("production_username", "00x7Vqlee@acme.com.test", ["test", ["user@acme.com"]], "00x7Vqlee@acme.com"),
        ("sandbox_email", "kim@acme.com", [], "kim@acme.com.invalid"),
        ("sandbox_email", "kim@acme.com.INVALID", [], "kim@acme.com.INVALID"),
        ("production_email", "kim@acme.com.invalid", [], "kim@acme.com"),
        ("production_email", "kim@acme.com", [], "kim@acme.com"),
        ("production_email", ["kim@acme.com.Invalid"], [], ["kim@acme.com"]),
        ("id18", "00D000000000001", [], "00D000000000001EAA"),
        ("id18", "00D000000000001EAA", [], "00D000000000001EAA"),
        ("id18", "aBcdEfghIjklMno", [], "aBcdEfghIjklMnoSIE"),
        ("id15", "00D000000000001EAA", [], "00D000000000001"),
        ("id15", "00D000000000001", [], "00D000000000001"),
        ("id15", ["00D000000000001EAA", " 00D000000000001 "], [], ["00D000000000001"] * 2),
    ],
)
def test_what_a_filter_makes(name: str, value: Any, arguments: list[Any], made: Any) -> None:
    assert FILTERS[name](value, *arguments) == made


@pytest.mark.parametrize(
    ("name", "value", "arguments", "words"),
    [
        ("sandbox_username", "kim", ["uat"], "'kim' is no username"),
        ("sandbox_username", None, ["uat"], "None is no username"),
        ("sandbox_username", ["kim@acme.com", 5], ["uat"], "5 is no username"),
        ("sandbox_username", "@acme.com", ["uat"], "is no username"),
        ("sandbox_username", "kim@acme.com", [".uat"], "'.uat' is no sandbox's name"),
        ("sandbox_username", "kim@acme.com", [None], "None is no sandbox's name"),
        ("production_username", "kim@acme.com", ["u a t"], "is no sandbox's name"),
        ("sandbox_email", "", [], "is no username and no e-mail address"),
        ("id18", "00D", [], "'00D' is no record Id: an Id has 15 or 18"),
        ("id18", 5, [], "5 is no record Id"),
        ("id18", "00D00000000000\u0661", [], "is no record Id"),
        ("id18", "00d000000000001EAA", [], "would end in AAA, not in EAA"),
        ("id15", "00D000000000001EAB", [], "copy it again"),
    ],
)
def test_what_cannot_be_made_is_refused_with_the_reason(name: str, value: Any, arguments: list[Any], words: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        FILTERS[name](value, *arguments)
    assert words in str(caught.value)


@given(st.lists(usernames, max_size=4), st.text("abc123", max_size=6))
def test_production_knows_again_what_a_sandbox_made(names: list[str], sandbox: str) -> None:
    there = FILTERS["sandbox_username"](names, sandbox)
    assert FILTERS["production_username"](there, sandbox) == names
    assert FILTERS["production_email"](FILTERS["sandbox_email"](names)) == names


@given(st.text("ABCabc012", min_size=15, max_size=15))
def test_an_id_comes_back(fifteen: str) -> None:
    assert FILTERS["id15"](FILTERS["id18"](fifteen)) == fifteen
    assert FILTERS["id18"](FILTERS["id18"](fifteen)) == FILTERS["id18"](fifteen)


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_a_filter_is_documented_by_its_own_arguments(name: str) -> None:
    told = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    code = FILTERS[name].__code__
    arguments = list(code.co_varnames[1 : code.co_argcount])
    document = told["DOCUMENTATION"]
    assert document["name"] == name
    assert list(document["options"]) == ["_input", *arguments]
    assert document.get("positional", "") == ", ".join(arguments)
    assert told["RETURN"]["_value"]["description"]
    examples = yaml.safe_load(told["EXAMPLES"])
    assert all(f"voiceops.salesforce.{name}" in task["ansible.builtin.debug"]["msg"] for task in examples)
