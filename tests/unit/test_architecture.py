# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The laws of docs and design that no single file can keep: who imports whom, what happens in one place only, and that what is
documented is what is there."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.voiceops.salesforce.plugins.module_utils import _session
from ansible_collections.voiceops.salesforce.plugins.module_utils._converge import Noun
from ansible_collections.voiceops.salesforce.plugins.module_utils._module import full_spec
from harness.direct import NOUNS as HARNESS_NOUNS
from harness.direct import Bench
from tooling import workspace

PLUGINS = workspace.ROOT / "plugins"
PACKAGE = "ansible_collections.voiceops.salesforce.plugins"

# Who may import whom, from the top floor to the ground: a file imports from floors below its own, never from its own or above.
# A noun stands above the procedure: it declares itself in the procedure's form (Noun), and the procedure knows no noun.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("modules/*", "action/*", "inventory/*", "lookup/*", "callback/*", "filter/*"),
    (
        "plugin_utils/_action",
        "plugin_utils/_fleet_files",
        "plugin_utils/_located_yaml",
        "plugin_utils/_plugin_org",
        "plugin_utils/_production_orgs",
        "plugin_utils/_sf_cli",
    ),
    ("module_utils/_module", "plugin_utils/_fleet_page"),
    (
        "module_utils/_api_user_info",
        "module_utils/_contact_center_info",
        "module_utils/_contact_center_member",
        "module_utils/_contact_center_routing_map",
        "module_utils/_org_info",
        "module_utils/_package_license_assignment",
        "module_utils/_permission_set",
        "module_utils/_permission_set_assignment",
        "module_utils/_permission_set_group",
        "module_utils/_permission_set_group_info",
        "module_utils/_permission_set_info",
        "module_utils/_permission_set_license_assignment",
        "module_utils/_preflight_info",
        "module_utils/_profile_info",
        "module_utils/_setup_audit_info",
        "module_utils/_soql_info",
        "module_utils/_user",
        "module_utils/_user_info",
    ),
    ("module_utils/_converge", "plugin_utils/_fleet_page_org"),
    ("module_utils/_license_reading", "module_utils/_member_eligibility", "module_utils/_membership_writing"),
    (
        "module_utils/_center_reading",
        "module_utils/_profile_reading",
        "module_utils/_rights_reading",
        "module_utils/_set_reading",
        "module_utils/_user_holdings",
        "module_utils/_user_reading",
    ),
    ("module_utils/_org",),
    ("module_utils/_probes", "plugin_utils/_fleet_html", "plugin_utils/_fleet_view"),
    ("module_utils/_session",),
    ("module_utils/_auth/access_token", "module_utils/_auth/client_credentials", "module_utils/_auth/jwt_bearer"),
    ("module_utils/_auth/__init__",),
    ("module_utils/_connection",),
    ("module_utils/_set_planning",),
    ("module_utils/_set_offer",),
    (
        "module_utils/_api_user_requirements",
        "module_utils/_contact_center_requirements",
        "module_utils/_membership_planning",
        "module_utils/_set_groups",
        "module_utils/_set_state",
        "module_utils/_set_wish",
        "module_utils/_user_planning",
    ),
    ("module_utils/_license_assignment", "module_utils/_provider_roster", "module_utils/_user_state"),
    ("module_utils/_set_reference", "module_utils/_users"),
    ("module_utils/_dependencies", "module_utils/_effective_access", "module_utils/_set_origin"),
    (
        "module_utils/_centers",
        "module_utils/_grants",
        "module_utils/_inventory_entries",
        "module_utils/_inventory_hosts",
        "module_utils/_inventory_options",
        "module_utils/_member_standing",
    ),
    ("module_utils/_composite", "module_utils/_fleet_markdown", "module_utils/_inventory_orgs", "module_utils/_soql_statement"),
    (
        "module_utils/_fleet",
        "module_utils/_ids",
        "module_utils/_plan",
        "module_utils/_preflight_checks",
        "module_utils/_set_sections",
        "module_utils/_soql",
    ),
    ("module_utils/_errors",),
    (
        "module_utils/_converge_record",
        "module_utils/_ingest",
        "module_utils/_needed_rights",
        "module_utils/_progress",
        "module_utils/_readiness",
        "module_utils/_soap",
    ),
)
DOCUMENTS = "doc_fragments/*"  # texts: nobody imports them, and they import nothing
NOUN_FILES = FLOORS[3]
# What several nouns ask the org, in one place: it stands between them and the org.
READINGS = (*FLOORS[5], *FLOORS[6])
# What writes in several steps, apart from its noun's reading: called by that noun's write and by nothing else.
WRITINGS: Mapping[str, str] = {"module_utils/_membership_writing": "module_utils/_contact_center_member"}
# What needs nothing of the network, and those of the readings that only word what the org is to be asked.
PURE = [name for floor in FLOORS[FLOORS.index(("module_utils/_connection",)) + 1 :] for name in floor]
WORDED = ("module_utils/_profile_reading", "module_utils/_rights_reading", "module_utils/_set_reading")

# What pure files may take from Python itself: nothing of it knows the time, the machine or the network.
HARMLESS = frozenset(
    {"__future__", "bisect", "collections", "csv", "dataclasses", "difflib", "fnmatch", "hashlib", "json", "re", "typing", "xml"}
)

# The only files that may know these libraries.
ACQUAINTED: Mapping[str, frozenset[str]] = {
    "ansible": frozenset(
        {
            "plugin_utils/_action",
            "plugin_utils/_fleet_files",
            "plugin_utils/_plugin_org",
            "module_utils/_module",
            "module_utils/_connection",
            "inventory/orgs",
            "lookup/soql",
            "callback/report",
            "filter/fleet_merge",
            "filter/fleet_report",
            "filter/org_record",
            "filter/record_ids",
            "filter/sandbox_names",
        }
    ),
    "requests": frozenset({"module_utils/_session"}),
    "simple_salesforce": frozenset({"module_utils/_session", "module_utils/_org"}),
    "jwt": frozenset({"module_utils/_auth/jwt_bearer"}),
    "cryptography": frozenset({"module_utils/_auth/jwt_bearer", "module_utils/_probes"}),
}

FILES: Mapping[str, Path] = {
    str(path.relative_to(PLUGINS).with_suffix("")): path for path in sorted(PLUGINS.rglob("*.py")) if path.stat().st_size
}
TREES: Mapping[str, ast.Module] = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in FILES.items()}
MODULES = sorted(name.removeprefix("modules/") for name in FILES if name.startswith("modules/"))
every_module = pytest.mark.parametrize("module", MODULES)
every_noun = pytest.mark.parametrize("noun_file", NOUN_FILES)


def floor_of(name: str) -> int | None:
    """The floor a file stands on, from the top; None for a file that stands nowhere."""
    wildcard = f"{name.split('/', 1)[0]}/*"
    return next((number for number, names in enumerate(FLOORS) if name in names or wildcard in names), None)


def imports(name: str) -> Iterator[tuple[str, str]]:
    """(module, name) of everything a file imports, wherever it stands, relative imports resolved."""
    here = f"{PACKAGE}.{name.replace('/', '.')}".split(".")
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            base = ".".join(here[: -node.level]) if node.level else ""
            module = ".".join(part for part in (base, node.module or "") if part)
            yield from ((module, alias.name) for alias in node.names)


def inner_imports(name: str) -> set[str]:
    """The files of the collection that a file imports."""
    found = set()
    for module, what in imports(name):
        if module != PACKAGE and not module.startswith(f"{PACKAGE}."):
            continue
        place = module.removeprefix(f"{PACKAGE}.").replace(".", "/")
        found.add(next(known for known in (f"{place}/{what}", place, f"{place}/__init__") if known in FILES))
    return found


def outer_imports(name: str) -> set[str]:
    """The top names of what a file imports from elsewhere."""
    return {module.split(".", 1)[0] for module, _unused in imports(name) if not module.startswith(PACKAGE)}


def calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    """(function around it, call) for every call in a file."""
    for function in ast.walk(TREES[name]):
        if isinstance(function, (ast.FunctionDef, ast.Lambda)):
            around = function.name if isinstance(function, ast.FunctionDef) else "lambda"
            yield from ((around, node) for node in ast.walk(function) if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    """What is called, as it is written."""
    return ast.unparse(call.func)


# -- who imports whom ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_file_stands_on_a_floor(name: str) -> None:
    assert floor_of(name) is not None or name.startswith("doc_fragments/")


def test_every_floor_is_inhabited() -> None:
    named = [name for floor in FLOORS for name in floor if not name.endswith("*")]
    assert [name for name in named if name not in FILES] == []


@pytest.mark.parametrize("name", sorted(FILES))
def test_imports_point_downwards(name: str) -> None:
    own = floor_of(name)
    if own is None:
        assert inner_imports(name) == set()
        return
    upward = sorted(other for other in inner_imports(name) if (floor_of(other) or 0) <= own)
    assert upward == []


def test_the_import_reader_sees_the_imports() -> None:
    """The tests above pass on a reader that sees nothing."""
    assert inner_imports("module_utils/_session") == {
        "module_utils/_auth/access_token",
        "module_utils/_auth/client_credentials",
        "module_utils/_auth/jwt_bearer",
        "module_utils/_connection",
        "module_utils/_errors",
    }
    assert {"module_utils/_users", "module_utils/_converge"} <= inner_imports("module_utils/_contact_center_member")
    assert inner_imports("modules/org_info") == {"module_utils/_module", "module_utils/_org_info"}
    assert inner_imports("module_utils/_auth/jwt_bearer") == {"module_utils/_connection", "module_utils/_errors"}
    assert {"requests", "simple_salesforce", "os"} <= outer_imports("module_utils/_session")


@pytest.mark.parametrize("name", PURE)
def test_pure_files_know_nothing_of_the_world(name: str) -> None:
    assert sorted(outer_imports(name) - HARMLESS) == []
    assert inner_imports(name) <= set(PURE)


@pytest.mark.parametrize("name", WORDED)
def test_what_words_a_reading_asks_nothing_itself(name: str) -> None:
    assert sorted(outer_imports(name) - HARMLESS) == []
    assert inner_imports(name) <= {*PURE, "module_utils/_org"}
    of_the_org = {what for module, what in imports(name) if module.endswith("._org")}
    assert of_the_org <= {"Answers", "Get", "Query", "Read"}


@pytest.mark.parametrize("name", READINGS)
def test_what_reads_for_several_nouns_reaches_the_world_through_the_org_alone(name: str) -> None:
    assert sorted(outer_imports(name) - HARMLESS) == []
    assert inner_imports(name) <= {*PURE, *READINGS, "module_utils/_org"}


@every_noun
def test_nouns_reach_the_world_through_the_org_alone(noun_file: str) -> None:
    assert sorted(outer_imports(noun_file) - HARMLESS - {"json"}) == []
    assert inner_imports(noun_file) <= {*PURE, *READINGS, "module_utils/_org", "module_utils/_converge"}


@every_noun
def test_what_is_wanted_planned_and_reported_is_worked_out_without_the_org(noun_file: str) -> None:
    noun = noun_of(noun_file.removeprefix("module_utils/_"))
    worked_out = {"desired": ["params"], "plan": ["wish", "current"], "report": ["wish", "current", "made"]}
    functions = {node.name: [item.arg for item in node.args.args] for node in TREES[noun_file].body if isinstance(node, ast.FunctionDef)}
    here = []
    for name, arguments in worked_out.items():
        function = getattr(noun, name)
        assert (function.__name__, list(inspect.signature(function).parameters)) == (name, arguments)
        file = function.__module__.removeprefix(f"{PACKAGE}.").replace(".", "/")
        assert file in (noun_file, *PURE)
        here += [name] if file == noun_file else []
    with_org = {name for name, arguments in functions.items() if "org" in arguments}
    reached, todo = set[str](), here
    while todo:
        around = todo.pop()
        reached.add(around)
        todo += [
            called(call) for name, call in calls(noun_file) if name == around and called(call) in functions and called(call) not in reached
        ]
    assert reached & with_org == set()


@pytest.mark.parametrize("library", sorted(ACQUAINTED))
def test_a_library_is_known_in_its_own_place_only(library: str) -> None:
    assert {name for name in FILES if library in outer_imports(name)} == ACQUAINTED[library]


# -- one place only ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["exit_json", "fail_json"])
def test_a_module_ends_in_one_place(method: str) -> None:
    found = [(name, around) for name in FILES for around, call in calls(name) if called(call).endswith(f".{method}")]
    assert found == [("module_utils/_module", "run_module")]


# What may be decided by check mode: whether to write (one place), whether to wait for the org after that, what is warned of, and the memory of
# what is planned.
DECIDED_BY_CHECK_MODE = {
    ("module_utils/_converge", "converge"),
    ("module_utils/_converge", "_awaited"),
    ("module_utils/_converge", "_result"),
    ("module_utils/_org", "foresee"),
    ("module_utils/_org", "foreseen"),
}


def deciding(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """(function around it, condition) for every condition in a file that looks at check mode."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            tests = [node.test] if isinstance(node, (ast.If, ast.IfExp, ast.While, ast.Assert)) else []
            tests += node.ifs if isinstance(node, ast.comprehension) else []
            tests += [node] if isinstance(node, (ast.BoolOp, ast.Compare, ast.UnaryOp)) else []
            tests += [node.subject] if isinstance(node, ast.Match) else []
            yield from ((function.name, test) for test in tests if "check_mode" in ast.unparse(test))


def test_check_mode_decides_in_one_place_whether_to_write() -> None:
    assert {(name, around) for name, tree in TREES.items() for around, _unused in deciding(tree)} == DECIDED_BY_CHECK_MODE


def test_the_plan_is_applied_only_behind_that_decision() -> None:
    """converge() returns before it applies where check mode is on, and nothing else applies or writes."""
    tree = next(node for node in TREES["module_utils/_converge"].body if isinstance(node, ast.FunctionDef) and node.name == "converge")
    (decision,) = [node for node in ast.walk(tree) if isinstance(node, ast.If) and "check_mode" in ast.unparse(node.test)]
    assert ast.unparse(decision.test) == "run.check_mode or not plan"
    assert isinstance(decision.body[-1], ast.Return)
    applying = [call for _unused, call in calls("module_utils/_converge") if called(call) == "_apply"]
    assert [call.lineno > (decision.end_lineno or 0) for call in applying] == [True]
    assert [around for around, call in calls("module_utils/_converge") if called(call) == "noun.write"] == ["_apply"]


@every_noun
def test_only_a_nouns_write_writes(noun_file: str) -> None:
    found = {around for around, call in calls(noun_file) if called(call) in ("org.write", "org.write_together", "org.ingest")}
    assert found <= {"write"}


def test_nobody_else_writes_to_an_org() -> None:
    others = set(FILES) - set(NOUN_FILES) - set(WRITINGS) - {"module_utils/_org"}
    writes = ("org.write", "org.write_together", "org.ingest", "self.write", "self._write_once", "self._new_job")
    assert [name for name in others for _unused, call in calls(name) if called(call) in writes] == []


@pytest.mark.parametrize(("file", "noun_file"), WRITINGS.items())
def test_what_writes_for_a_noun_is_called_by_its_write_alone(file: str, noun_file: str) -> None:
    assert {name for name in FILES if file in inner_imports(name)} == {noun_file}
    functions = {node.name for node in TREES[file].body if isinstance(node, ast.FunctionDef)}
    assert {(around, called(call)) for around, call in calls(noun_file) if called(call) in functions} == {("write", "write_all")}


@pytest.mark.parametrize("name", sorted(FILES))
def test_only_what_can_be_named_is_caught(name: str) -> None:
    handlers = [node for node in ast.walk(TREES[name]) if isinstance(node, ast.ExceptHandler)]
    caught = {ast.unparse(node.type) if node.type else "everything" for node in handlers}
    blunt = {"everything", "Exception", "BaseException"}
    assert [words for words in caught if blunt & set(words.strip("()").replace(" ", "").split(","))] == []


# -- modules and actions -------------------------------------------------------------------------------------------------------------


def noun_of(module: str) -> Noun:
    noun: Noun = importlib.import_module(f"{PACKAGE}.modules.{module}").NOUN
    return noun


@every_module
def test_a_module_is_documentation_and_one_call(module: str) -> None:
    body = list(TREES[f"modules/{module}"].body)
    assert [ast.unparse(node.targets[0]) for node in body if isinstance(node, ast.Assign)] == ["DOCUMENTATION", "EXAMPLES", "RETURN"]
    rest = [node for node in body if not isinstance(node, (ast.Assign, ast.ImportFrom))]
    assert [ast.unparse(node) for node in rest] == ["def main() -> None:\n    run_module(NOUN)", "if __name__ == '__main__':\n    main()"]
    assert inner_imports(f"modules/{module}") == {"module_utils/_module", f"module_utils/_{module}"}


@every_module
def test_an_action_is_its_modules_noun_and_nothing_more(module: str) -> None:
    (action,) = [node for node in TREES[f"action/{module}"].body if not isinstance(node, ast.ImportFrom)]
    assert isinstance(action, ast.ClassDef)
    assert [ast.unparse(base) for base in action.bases] == ["SalesforceAction"]
    assert [ast.unparse(node) for node in action.body[1:]] == ["noun = NOUN"]
    found = importlib.import_module(f"{PACKAGE}.action.{module}")
    assert found.ActionModule.noun is found.NOUN is noun_of(module)
    assert f"M(voiceops.salesforce.{module})" in str(found.ActionModule.__doc__)


@every_module
def test_a_noun_is_called_as_its_module(module: str) -> None:
    assert noun_of(module).name == module
    assert HARNESS_NOUNS[module] is noun_of(module)


@every_module
def test_a_module_has_an_action_and_is_in_the_action_group(module: str) -> None:
    runtime = yaml.safe_load((workspace.ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert f"action/{module}" in FILES
    assert module in runtime["action_groups"]["all"]
    assert attributes_of(module)["action_group"]["membership"] == ["voiceops.salesforce.all"]


def test_the_collection_and_its_user_agent_have_one_version() -> None:
    galaxy = yaml.safe_load((workspace.ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    assert galaxy["version"] == _session.VERSION
    assert f"{galaxy['namespace']}.{galaxy['name']}/{galaxy['version']}" == _session.USER_AGENT


# -- what is documented --------------------------------------------------------------------------------------------------------------


def text_of(module: str, name: str) -> Any:
    return yaml.safe_load(getattr(importlib.import_module(f"{PACKAGE}.modules.{module}"), name))


def fragments_of(module: str) -> list[dict[str, Any]]:
    """The fragments that a module's documentation is extended by, as Ansible finds them."""
    found = []
    for name in text_of(module, "DOCUMENTATION")["extends_documentation_fragment"]:
        collection, file, section = [*name.rsplit(".", 1), ""] if name.count(".") == 2 else name.rsplit(".", 2)
        assert collection == "voiceops.salesforce"
        fragment = importlib.import_module(f"{PACKAGE}.doc_fragments.{file}").ModuleDocFragment
        found.append(yaml.safe_load(getattr(fragment, section.upper() or "DOCUMENTATION")))
    return found


def options_of(module: str) -> dict[str, Any]:
    """Every documented option of a module; an option that two places document is refused."""
    options: dict[str, Any] = {}
    for document in [*fragments_of(module), text_of(module, "DOCUMENTATION")]:
        twice = set(options) & set(document.get("options", {}))
        assert twice == set()
        options.update(document.get("options", {}))
    return options


def attributes_of(module: str) -> dict[str, Any]:
    return {name: told for document in fragments_of(module) for name, told in document.get("attributes", {}).items()}


def shape(options: Mapping[str, Any], inner: str) -> dict[str, Any]:
    """What documentation and argument spec must say alike of options, down to suboptions."""
    return {
        name: {
            "type": told.get("type", "str"),
            "elements": told.get("elements"),
            "default": told.get("default"),
            "choices": list(told.get("choices") or ()),
            "required": bool(told.get("required")),
            "aliases": list(told.get("aliases") or ()),
            "options": shape(told.get(inner) or {}, inner),
        }
        for name, told in options.items()
    }


def documented(options: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """(name, what is said) of every option and suboption."""
    for name, told in options.items():
        yield name, told
        yield from documented(told.get("suboptions") or {})


@every_module
def test_the_documented_options_are_those_of_the_argument_spec(module: str) -> None:
    assert shape(options_of(module), "suboptions") == shape(full_spec(noun_of(module)), "options")


@every_module
def test_every_option_says_what_it_is(module: str) -> None:
    for name, told in documented(options_of(module)):
        words = told.get("description")
        assert words, name
        assert all(line.strip() for line in ([words] if isinstance(words, str) else words)), name


@every_module
def test_a_module_says_what_it_is_since_when_and_by_whom(module: str) -> None:
    told = text_of(module, "DOCUMENTATION")
    assert told["module"] == module
    assert told["short_description"]
    assert not told["short_description"].endswith(".")
    assert all(told[key] for key in ("description", "version_added", "author"))


@every_module
def test_a_module_says_how_it_does_in_check_and_diff_mode(module: str) -> None:
    told = attributes_of(module)
    assert {"check_mode", "diff_mode", "idempotent", "action_group"} <= set(told)
    assert told["check_mode"]["support"] == "full"
    assert told["diff_mode"]["support"] == ("N/A" if module.endswith("_info") else "full")


@every_module
def test_examples_are_fully_qualified_named_and_use_options_that_exist(module: str) -> None:
    tasks = text_of(module, "EXAMPLES")
    assert isinstance(tasks, list)
    spec = full_spec(noun_of(module))
    own = [task for task in tasks if f"voiceops.salesforce.{module}" in task]
    assert own
    assert tasks[0] is own[0]
    for task in tasks:
        assert task["name"]
        assert [key for key in task if "." in key and key.count(".") != 2] == []
    for task in own:
        given = task[f"voiceops.salesforce.{module}"] or {}
        assert set(given) <= set(spec)
        assert {name for name, told in spec.items() if told.get("required")} <= set(given)


@every_module
def test_every_return_value_says_what_when_and_of_which_type_with_a_sample(module: str) -> None:
    told = text_of(module, "RETURN")
    assert told
    for name, value in told.items():
        assert {"description", "returned", "type", "sample"} <= set(value), name
        assert (value["type"] == "list") == ("elements" in value), name


# One task of each module that succeeds, and one that the org's words end.
TASKS: Mapping[str, dict[str, Any]] = {
    "api_user_info": {"user": "{agent}"},
    "contact_center_info": {"contact_centers": ["{center}"], "users": ["{agent}"], "roster": ["{agent}"], "sso_match": "username"},
    "contact_center_member": {"contact_center": "{center}", "users": ["{agent}"]},
    "contact_center_routing_map": {
        "contact_center": "{center}",
        "mappings": [{"user": "member@acme.example.uat", "external_id": "agent.1"}],
    },
    "org_info": {},
    "package_license_assignment": {"package": "NVMContactWorld", "users": ["{agent}"]},
    "permission_set": {"name": "Acme_Set", "user_permissions": ["ApiEnabled"]},
    "permission_set_assignment": {"permission_set": "{set}", "users": ["{agent}"]},
    "permission_set_group": {"name": "Acme_Group", "permission_sets": ["{set}"]},
    "permission_set_group_info": {},
    "permission_set_info": {"permission_sets": ["{set}"], "user": "{agent}"},
    "permission_set_license_assignment": {"permission_set_license": "SalesforceAPIIntegrationPsl", "users": ["{agent}"]},
    "preflight_info": {"packages": ["NVMContactWorld"], "users": ["{agent}"]},
    "profile_info": {"profiles": ["Standard User"]},
    "setup_audit_info": {"subjects": ["{agent}"]},
    "soql_info": {"query": "SELECT Username FROM User"},
    "user": {"user": "{agent}", "first_name": "Another"},
    "user_info": {"users": ["{agent}"]},
}

# What ends a task and how, where a wrong org does not.
FAILING: Mapping[str, tuple[dict[str, Any], str]] = {"preflight_info": ({"ca_path": "/nowhere/ca.pem"}, "ca_path")}

# How the documentation puts it that a value is there, in a success and in a failure that came after the org was reached.
IN_SUCCESS = frozenset({"always", "success", "when the org could be reached"})
IN_FAILURE = frozenset({"always", "failure", "when the org could be reached"})

# What Ansible itself documents of every module's result.
COMMON = frozenset({"changed", "diff", "failed", "msg", "warnings"})


def result_of(bench: Bench, module: str, **more: Any) -> dict[str, Any]:
    words = {
        "{center}": bench.info["centers"]["partner_telephony"],
        "{agent}": bench.info["users"]["agent"],
        "{set}": bench.info["sets"]["voice_agent"],
    }
    told = {
        name: [words.get(str(item), item) for item in value] if isinstance(value, list) else words.get(value, value)
        for name, value in TASKS[module].items()
    }
    return bench.task(module, **told, **more)


def promised(module: str, when: frozenset[str]) -> set[str]:
    return {name for name, told in text_of(module, "RETURN").items() if told["returned"] in when}


@every_module
def test_a_result_holds_what_is_documented(uat: Bench, module: str) -> None:
    result = result_of(uat, module)
    assert "failed" not in result
    assert promised(module, IN_SUCCESS) - set(result) == set()
    assert set(result) - COMMON - set(text_of(module, "RETURN")) == set()


@every_module
def test_a_failure_holds_what_is_documented(uat: Bench, module: str) -> None:
    options, code = FAILING.get(module, ({"expected_org_id": "00D000000000009"}, "wrong_org"))
    result = result_of(uat, module, **options)
    assert result["error_code"] == code
    assert promised(module, IN_FAILURE) - set(result) == set()
    assert set(result) - COMMON - set(text_of(module, "RETURN")) == set()


def test_every_module_has_a_task_here() -> None:
    assert sorted(TASKS) == MODULES
