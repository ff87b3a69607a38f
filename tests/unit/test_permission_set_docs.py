# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is written about permission sets, against the code: the guide, the module's documentation, and the role that passes options on."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from ansible_collections.voiceops.salesforce.plugins.module_utils import (
    _permission_set_assignment,
    _permission_set_group,
    _set_groups,
    _set_origin,
)
from ansible_collections.voiceops.salesforce.plugins.module_utils._dependencies import HIGH_RISK
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_sections import BY_OPTION
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_wish import ARGUMENT_SPEC
from tooling.workspace import ROOT

GUIDE = (ROOT / "docs" / "permission-sets.md").read_text(encoding="utf-8")
ROLE = ROOT / "roles" / "api_user"
# Option of the module -> the role's variable for it, where it is passed on as it is; the lists below are extended by the role.
PASSED_ON = {
    "on_source_change": "api_user_on_source_change",
    "exact": "api_user_exact",
    "missing": "api_user_missing",
    "apex_classes": "api_user_apex_classes",
    "visualforce_pages": "api_user_visualforce_pages",
    "custom_permissions": "api_user_custom_permissions",
    "custom_settings": "api_user_custom_settings",
    "custom_metadata_types": "api_user_custom_metadata_types",
    "connected_apps": "api_user_connected_apps",
    "flows": "api_user_flows",
    "tabs": "api_user_tabs",
}
EXTENDED = {
    "user_permissions": "api_user_extra_user_permissions",
    "object_permissions": "api_user_extra_object_permissions",
    "field_permissions": "api_user_extra_field_permissions",
}


def documented() -> dict[str, Any]:
    """The module's own blocks of documentation, read."""
    tree = ast.parse((ROOT / "plugins" / "modules" / "permission_set.py").read_text(encoding="utf-8"))
    blocks = {
        node.targets[0].id: node.value for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    return {name: yaml.safe_load(ast.literal_eval(value)) for name, value in blocks.items()}


# What the role only speaks of where its variable is set.
NOT_SPOKEN_OF = {
    "api_user_first_name",
    "api_user_last_name",
    "api_user_email",
    "api_user_alias",
    "api_user_nickname",
    "api_user_role",
    "api_user_locale",
    "api_user_language",
    "api_user_time_zone",
    "api_user_email_encoding",
}


def role_options() -> Any:
    specs = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    return specs["argument_specs"]["main"]["options"]


def part(heading: str) -> str:
    """One section of the guide."""
    return GUIDE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def rows(text: str) -> Iterator[list[str]]:
    """The cells of each table row that begins with a name in code."""
    for line in text.splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


# --- the guide --------------------------------------------------------------------------------------------------------------------------


def test_the_guide_has_a_row_for_every_section_and_says_how_it_is_known() -> None:
    found = {cells[0].strip("`"): cells[1:] for cells in rows(part("What a set is made of").partition("Beside the sections")[0])}
    assert found.keys() == BY_OPTION.keys()
    for name, (where, *_unused, known) in found.items():
        assert len(_unused) == 3, name
        assert name == "custom_metadata_types" or BY_OPTION[name].sobject in where
        assert re.match(r"(recorded|documented|quoted|inferred)\b", known), name


def test_the_guide_lists_the_high_risk_rights_that_the_code_holds_back() -> None:
    listed = GUIDE.partition("<!-- high risk: begin -->")[2].partition("<!-- high risk: end -->")[0]
    told = {cells[0].strip("`"): cells[1].removesuffix("|").strip() for cells in rows(listed)}
    assert told == dict(HIGH_RISK)


def test_the_guide_shows_a_trailer_as_the_code_writes_it() -> None:
    shown = re.findall(r"^\[from .*\]$", GUIDE, re.MULTILINE)
    assert len(shown) == 1
    text, origin = _set_origin.parse(f"Words. {shown[0]}")
    assert origin is not None
    assert text == "Words."
    assert _set_origin.trailer(origin) == f" {shown[0]}"
    assert f"ends in {_set_origin.LENGTH} characters" in GUIDE
    assert f"{_set_origin.MAX_TEXT} are left" in GUIDE


def test_the_links_of_the_guide_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https:)([^)#]+)\)", GUIDE)
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).is_file()] == []


def test_every_code_that_the_guide_names_is_one_that_the_code_gives() -> None:
    told = {code for heading in ("Groups", "Removing a set", "When it stops") for code in codes(part(heading))}
    assert {"NOT_UPDATED_YET", "GROUP_FAILED", "assigned", "managed_target"} <= told
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "plugins" / "module_utils").glob("_*.py"))
    assert sorted(code for code in told if f'"{code}"' not in source) == []


def codes(text: str) -> Iterator[str]:
    """The error codes in a part of the guide: cells of tables that hold nothing else, and words in brackets after what they refuse."""
    cells = [cell for line in text.splitlines() if line.startswith("|") for cell in line.strip("| ").split(" | ")[:2]]
    found = [word for cell in cells if re.fullmatch(r"(`\w+`(, )?)+", cell) for word in re.findall(r"\w+", cell)]
    yield from (word for word in found if not is_module(word))
    yield from re.findall(r"\(`([a-z]+_[a-z_]+)`\)", text)
    yield from re.findall(r"stops with `(\w+)`", text)


def is_module(word: str) -> bool:
    return (ROOT / "plugins" / "modules" / f"{word}.py").is_file()


def test_the_guide_tells_the_defaults_of_groups_as_the_code_has_them() -> None:
    text = part("Groups")
    group, assignment = _permission_set_group.NOUN.argument_spec, _permission_set_assignment.NOUN.argument_spec
    assert group["wait_timeout"]["default"] == assignment["wait_timeout"]["default"]
    assert f"`wait_timeout` seconds ({group['wait_timeout']['default']})" in text
    assert f"`max_removals` ({group['max_removals']['default']})" in text
    assert f"`{assignment['through_group']['default']}` (default)" in text
    pauses = list(_set_groups.pauses(group["wait_timeout"]["default"]))
    assert "1, 2, 4 and up to 15 seconds" in text
    assert (pauses[:3], max(pauses)) == ([1, 2, 4], 15)
    named = {
        "exact",
        "muted_user_permissions",
        "wait",
        "wait_timeout",
        "take_from",
        "max_removals",
        "through_group",
        "permission_set_group",
    }
    assert {word for word in named if f"`{word}" in text} == named
    assert named <= group.keys() | assignment.keys()


# --- the module -------------------------------------------------------------------------------------------------------------------------


def test_options_are_documented_as_they_are_taken() -> None:
    options = documented()["DOCUMENTATION"]["options"]
    assert options.keys() == ARGUMENT_SPEC.keys()
    for name, taken in ARGUMENT_SPEC.items():
        assert leaf(options[name]) == leaf(taken), name
        inner, suboptions = taken.get("options", {}), options[name].get("suboptions", {})
        assert {key: leaf(value) for key, value in suboptions.items()} == {key: leaf(value) for key, value in inner.items()}, name


def leaf(option: Mapping[str, Any]) -> dict[str, Any]:
    """What documentation and code must agree on; the order of choices is free."""
    kept = {key: option.get(key) for key in ("type", "elements", "default", "required")}
    return {**kept, "choices": set(option.get("choices", ()))}


def test_examples_ask_only_for_what_there_is() -> None:
    for task in documented()["EXAMPLES"]:
        given = task["voiceops.salesforce.permission_set"]
        assert given.keys() <= ARGUMENT_SPEC.keys(), task["name"]
        assert set(given.get("exact", ())) <= BY_OPTION.keys(), task["name"]


@pytest.mark.parametrize("name", ["skipped", "failed", "changed", "warnings", "invocation"])
def test_no_result_has_a_name_that_ansible_gives_a_meaning_of_its_own(name: str) -> None:
    assert name not in documented()["RETURN"]


# --- the role ---------------------------------------------------------------------------------------------------------------------------


def test_the_role_has_a_default_for_every_variable_but_the_user() -> None:
    defaults = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8"))
    assert role_options().keys() - defaults.keys() == {"api_user_username", *NOT_SPOKEN_OF}
    assert defaults.keys() <= role_options().keys()
    for name, option in role_options().items():
        assert option.get("default", defaults.get(name)) == defaults.get(name), name


@pytest.mark.parametrize(("option", "variable"), [*PASSED_ON.items(), *EXTENDED.items()])
def test_the_role_takes_what_the_module_takes(option: str, variable: str) -> None:
    taken, offered = ARGUMENT_SPEC[option], role_options()[variable]
    assert offered["type"] == taken["type"]
    assert offered.get("elements") == taken.get("elements")
    assert set(offered.get("choices", ())) == set(taken.get("choices", ()))
    inner, suboptions = taken.get("options", {}), offered.get("options", {})
    assert {key: leaf(value) for key, value in suboptions.items()} == {key: leaf(value) for key, value in inner.items()}


def role_tasks() -> list[dict[str, Any]]:
    files = [ROLE / "tasks" / name for name in ("main.yml", "outcome.yml")]
    listed = [item for path in files for item in yaml.safe_load(path.read_text(encoding="utf-8"))]
    return [inner for item in listed for inner in item.get("block", [item])]


def task(module: str) -> dict[str, Any]:
    """The options of the role's first task of that module."""
    name = f"voiceops.salesforce.{module}"
    found: dict[str, Any] = next(item[name] for item in role_tasks() if name in item)
    return found


def test_what_the_role_does_not_speak_of_is_left_out() -> None:
    given = task("user")
    for variable in NOT_SPOKEN_OF:
        option = variable.removeprefix("api_user_")
        assert given[option] == f"{{{{ {variable} | default(omit) }}}}"


def test_the_role_passes_on_what_it_takes() -> None:
    given = task("permission_set")
    assert given.keys() <= ARGUMENT_SPEC.keys()
    assert BY_OPTION.keys() <= given.keys()
    assert "resolve_dependencies" in given
    for option, variable in PASSED_ON.items():
        assert given[option] == f"{{{{ {variable} }}}}"
    for option, variable in EXTENDED.items():
        assert given[option].endswith(f"+ {variable} }}}}")


def test_the_outcome_of_the_role_holds_what_the_module_tells() -> None:
    facts = {name: value for item in role_tasks() for name, value in item.get("ansible.builtin.set_fact", {}).items()}
    outcome = facts["api_user_outcome"]
    returned = documented()["RETURN"].keys()
    own = {
        "username",
        "created",
        "held_back",
        "permission_set",
        "is_clone",
        "needs_activation",
        "ready",
        "requirements",
        "violations",
        "stopped",
        "changes",
        "seats",
    }
    assert outcome.keys() - own <= returned
    assert {"missing", "not_cloned", "passed_over", "left_out", "added_dependencies", "source_changes"} <= outcome.keys()
