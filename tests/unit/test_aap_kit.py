# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kit for AWX: its data against what the controller's modules take, and its credential rendered by AWX's own code."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from awx_plugins.interfaces._temporary_private_inject_api import ENV_BLOCKLIST, HIDDEN_PASSWORD
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ansible_collections.voiceops.salesforce.plugins.module_utils._connection import TABLE, connection, resolve
from harness import aap
from tooling import awx_options
from tooling.workspace import ROOT

RECORD = json.loads(awx_options.RECORD.read_text(encoding="utf-8"))
KIT = aap.kit()
TASKS = ROOT / "playbooks" / "tasks"
# Which module has the entries of which list.
MODULE_OF = {
    "controller_credential_types": "credential_type",
    "controller_credentials": "credential",
    "controller_execution_environments": "execution_environment",
    "controller_notifications": "notification_template",
    "controller_projects": "project",
    "controller_inventories": "inventory",
    "controller_inventory_sources": "inventory_source",
    "controller_templates": "job_template",
    "controller_workflows": "workflow_job_template",
    "controller_schedules": "schedule",
}
ENTRIES = [pytest.param(name, entry, id=f"{name}-{entry['name']}") for name, entries in KIT.items() for entry in entries]
KEY = "-----BEGIN PRIVATE KEY-----\nMIIEcanary\n-----END PRIVATE KEY-----"
CERTIFICATES = "-----BEGIN CERTIFICATE-----\nMIIDcanary\n-----END CERTIFICATE-----"
# AWX takes a file for a playbook where one of its lines looks so (awx/main/utils/ansible.py).
PLAYBOOK_LINE = re.compile(r"^\s*?-?\s*?(?:hosts|(?:ansible\.builtin\.)?import_playbook):")
SURVEY_TYPES: dict[str, type] = {"text": str, "textarea": str, "integer": int, "multiplechoice": str}


def texts(value: Any) -> Iterator[str]:
    """Every text in the data, keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def setup_tasks() -> list[dict[str, Any]]:
    """The tasks of the playbook that sets the controller up, in the order in which it runs them."""
    play = aap.load(ROOT / "playbooks" / "aap_setup.yml")[0]
    include = next(task for task in play["tasks"] if "ansible.builtin.include_tasks" in task)
    return [task for part in include["loop"] for task in aap.load(TASKS / f"aap_{part}.yml")]


def module_of(task: Mapping[str, Any]) -> str:
    return next(key for key in task if key.startswith("awx.awx.")).removeprefix("awx.awx.")


def test_the_lists_are_those_that_infra_aap_configuration_reads() -> None:
    assert set(KIT) == set(MODULE_OF) == set(RECORD["lists"])


@pytest.mark.parametrize(("name", "entry"), ENTRIES)
def test_every_entry_is_one_that_the_module_takes(name: str, entry: dict[str, Any]) -> None:
    checked = ArgumentSpecValidator(RECORD["modules"][MODULE_OF[name]]).validate(entry)
    assert checked.error_messages == []


@pytest.mark.parametrize(("name", "entry"), ENTRIES)
def test_every_key_is_one_that_infra_aap_configuration_passes_on(name: str, entry: dict[str, Any]) -> None:
    assert set(entry) - set(RECORD["lists"][name]) == set()


def test_the_options_on_record_are_those_of_awx_awx() -> None:
    found = awx_options.installed()
    if found is None:
        pytest.skip(awx_options.MISSING)
    assert awx_options.modules(found) == RECORD["modules"]
    assert awx_options.version(found) == RECORD["modules_of"]


def test_the_playbook_passes_on_every_key_of_the_same_data() -> None:
    """One truth, two consumers: an entry's key that one task left out would be set by infra.aap_configuration alone."""
    tasks = {module_of(task): task for task in setup_tasks()}
    assert set(tasks) == set(MODULE_OF.values())
    for name, module in MODULE_OF.items():
        task = tasks[module]
        assert task["loop"] == f"{{{{ {name} }}}}"
        keys = {key for entry in KIT[name] for key in entry}
        assert set(task[f"awx.awx.{module}"]) == keys
        for key, value in task[f"awx.awx.{module}"].items():
            everywhere = all(entry.get(key, "") != "" for entry in KIT[name])
            assert re.fullmatch(rf"{{{{ item\.{key}( \| default\(omit(, true)?\))? }}}}", value), value
            assert everywhere != ("default(omit" in value), f"{name}.{key}"


def test_the_playbook_reads_every_file_of_the_kit() -> None:
    play = aap.load(ROOT / "playbooks" / "aap_setup.yml")[0]
    assert sorted(play["vars_files"]) == sorted(f"vars/aap/{path.name}" for path in aap.KIT.glob("*.yml"))


def test_a_text_with_braces_is_a_setting_or_is_left_to_the_controller() -> None:
    """Anything else would be rendered by one consumer, on the machine that sets up, and mean nothing there."""
    raw = [aap.load(path) for path in aap.KIT.glob("*.yml") if path.stem != "settings"]
    loose = [
        text for text in texts(raw) if re.search(r"\{[{%]", text) and not isinstance(text, aap.Unsafe) and not aap.SETTING.fullmatch(text)
    ]
    assert loose == []


def test_every_setting_is_used_and_belongs_to_the_kit() -> None:
    raw = "".join(path.read_text(encoding="utf-8") for path in aap.KIT.glob("*.yml") if path.stem != "settings")
    settings = aap.load(aap.KIT / "settings.yml")
    assert set(settings) == set(aap.SETTING.findall(raw))


def names(name: str) -> set[str]:
    return {entry["name"] for entry in KIT[name]}


def test_what_an_entry_names_is_there() -> None:
    assert {entry["credential_type"] for entry in KIT["controller_credentials"]} <= names("controller_credential_types")
    for template in KIT["controller_templates"]:
        assert template["project"] in names("controller_projects")
        assert template["inventory"] in names("controller_inventories")
        assert set(template.get("credentials", ())) <= names("controller_credentials")
        assert template["execution_environment"] in names("controller_execution_environments")
    for source in KIT["controller_inventory_sources"]:
        assert source["inventory"] in names("controller_inventories")
        assert source["source_project"] in names("controller_projects")
        assert source["credential"] in names("controller_credentials")
        assert source["execution_environment"] in names("controller_execution_environments")
    for entries in KIT.values():
        for entry in entries:
            told = [name for key, value in entry.items() if key.startswith("notification_templates_") for name in value]
            assert set(told) <= names("controller_notifications")
    launched = names("controller_templates") | names("controller_workflows")
    assert {entry["unified_job_template"] for entry in KIT["controller_schedules"]} <= launched


def test_one_credential_of_a_type_is_all_that_a_template_may_have() -> None:
    kinds = {entry["name"]: entry["credential_type"] for entry in KIT["controller_credentials"]}
    for template in KIT["controller_templates"]:
        used = [kinds[name] for name in template.get("credentials", ())]
        assert len(used) == len(set(used))


@pytest.mark.parametrize("template", KIT["controller_templates"], ids=lambda entry: entry["name"])
def test_every_template_names_a_playbook_of_the_project(template: dict[str, Any]) -> None:
    path = aap.PROJECT / template["playbook"]
    lines = path.read_text(encoding="utf-8").splitlines()
    assert any(PLAYBOOK_LINE.match(line) for line in lines)
    imported = aap.load(path)[0]["import_playbook"].removeprefix("voiceops.salesforce.")
    assert (ROOT / "playbooks" / f"{imported}.yml").is_file()


def test_the_inventory_file_is_one_that_the_plugin_takes() -> None:
    source = KIT["controller_inventory_sources"][0]
    assert source["source_path"].endswith(".salesforce_orgs.yml")
    assert yaml.safe_load((aap.PROJECT / source["source_path"]).read_text(encoding="utf-8"))["plugin"] == "voiceops.salesforce.orgs"


def declared() -> set[str]:
    """Every variable that the playbooks or roles read."""
    found: set[str] = set()
    for path in (ROOT / "roles").glob("*/meta/argument_specs.yml"):
        found |= set(yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"])
    files = [*(ROOT / "playbooks").glob("*.yml"), *(ROOT / "playbooks" / "tasks").glob("*.yml")]
    for path in files:
        if not path.name.startswith("aap_"):
            found |= set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", re.sub(r"(?m)^ *#.*$", "", path.read_text(encoding="utf-8"))))
    return found


def questions(entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    spec = entry.get("survey_spec", {}).get("spec", [])
    return list(spec)


SURVEYED = [entry for name in ("controller_templates", "controller_workflows") for entry in KIT[name] if "survey_spec" in entry]


def test_surveys_and_extra_variables_set_only_what_the_playbooks_read() -> None:
    asked = {question["variable"] for entry in SURVEYED for question in questions(entry)}
    given = {name for template in KIT["controller_templates"] for name in template.get("extra_vars", {})}
    assert asked | given <= declared()
    assert asked


@pytest.mark.parametrize("entry", SURVEYED, ids=lambda entry: entry["name"])
def test_every_question_can_be_answered_and_left_alone(entry: dict[str, Any]) -> None:
    """A node of a workflow answers no survey: what is required has a default of the right type. The controller takes no other types."""
    assert entry["survey_enabled"] is True
    for question in questions(entry):
        kind = SURVEY_TYPES[question["type"]]
        assert question["required"] is False or "default" in question, question["variable"]
        assert isinstance(question.get("default", kind()), kind)
        assert {"question_name", "question_description", "variable", "type", "required"} <= set(question)


def test_what_a_survey_offers_by_default_overrules_no_inventory() -> None:
    """A default of a survey is an extra variable: it would win over what the inventory says of every org."""
    roles = {name for path in (ROOT / "roles").glob("*/meta/argument_specs.yml") for name in options_of(path)}
    defaults = {question["variable"] for entry in SURVEYED for question in questions(entry) if "default" in question}
    assert defaults & roles == set()


def options_of(path: Path) -> set[str]:
    return set(yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"])


@pytest.mark.parametrize("workflow", KIT["controller_workflows"], ids=lambda entry: entry["name"])
def test_every_node_of_a_workflow_is_reached_and_runs_what_is_there(workflow: dict[str, Any]) -> None:
    nodes = {node["identifier"]: node for node in workflow["workflow_nodes"]}
    assert len(nodes) == len(workflow["workflow_nodes"])
    after = {name: [link["identifier"] for links in node.get("related", {}).values() for link in links] for name, node in nodes.items()}
    assert {name for links in after.values() for name in links} == set(nodes) - {"orgs"}
    for node in nodes.values():
        unified = node["unified_job_template"]
        where = {
            "inventory_source": names("controller_inventory_sources"),
            "job_template": names("controller_templates"),
            "workflow_approval": {unified["name"]},
        }
        assert unified["name"] in where[unified["type"]]


def test_nothing_is_applied_before_somebody_approved() -> None:
    nodes = {
        node["identifier"]: node for node in aap.named(KIT["controller_workflows"], "Salesforce drift, approval, apply")["workflow_nodes"]
    }
    before = {
        link["identifier"]: (name, how)
        for name, node in nodes.items()
        for how, links in node.get("related", {}).items()
        for link in links
        if link["identifier"] in {"apply", "approval"}
    }
    assert before == {"apply": ("approval", "success_nodes"), "approval": ("drift", "failure_nodes")}
    assert nodes["approval"]["unified_job_template"]["timeout"] > 0


def test_only_what_looks_is_split_into_slices() -> None:
    """Waves and canaries count the hosts of a whole fleet."""
    sliced = {
        entry["playbook"] for entry in aap.kit({"salesforce_aap_slices": 4})["controller_templates"] if entry.get("job_slice_count", 1) > 1
    }
    assert sliced == {"drift.yml", "preflight.yml"}
    assert {entry["job_type"] for entry in KIT["controller_templates"] if entry["playbook"] in sliced} == {"check"}


@pytest.mark.parametrize("schedule", KIT["controller_schedules"], ids=lambda entry: entry["name"])
def test_schedules_say_a_beginning_and_an_interval(schedule: dict[str, Any]) -> None:
    """The controller refuses rules without them."""
    assert re.fullmatch(r"DTSTART;TZID=[A-Za-z_/]+:\d{8}T\d{6} RRULE:FREQ=(DAILY|WEEKLY);INTERVAL=\d+(;BYDAY=[A-Z,]+)?", schedule["rrule"])


# The credential type.

TYPE = KIT["controller_credential_types"][0]
FIELDS = {field["id"]: field for field in TYPE["inputs"]["fields"]}
INJECTORS = TYPE["injectors"]


def test_what_is_injected_are_connection_options_and_no_extra_variables() -> None:
    """Extra variables would win over what the inventory says of an org, and stand in the job's record."""
    assert set(INJECTORS) == {"file", "env"}
    assert set(INJECTORS["env"]) <= {row.environment for row in TABLE}


def test_every_secret_of_the_connection_is_a_secret_field_or_none_at_all() -> None:
    secret = {row.option for row in TABLE if row.secret}
    assert {name for name in FIELDS if name in secret} == {name for name, field in FIELDS.items() if field.get("secret")}


def test_the_controller_takes_the_fields() -> None:
    """As awx/main/fields.py has it: keys and types, and what texts alone may have."""
    allowed = {"id", "label", "type", "format", "choices", "help_text", "multiline", "secret", "ask_at_runtime", "default"}
    assert len(FIELDS) == len(TYPE["inputs"]["fields"])
    for name, field in FIELDS.items():
        assert re.fullmatch(r"[a-zA-Z_]+[a-zA-Z0-9_]*", name)
        assert set(field) <= allowed
        assert field["type"] in {"string", "boolean"}
        assert field.get("format", "url") in {"ssh_private_key", "url"}
        if field["type"] == "boolean":
            assert not {"choices", "multiline", "format", "secret"} & set(field)


def test_the_controller_takes_the_injectors() -> None:
    """Names, and templates that render with every field set and nothing else."""
    for name in INJECTORS["env"]:
        assert not name.startswith("ANSIBLE_")
        assert name not in ENV_BLOCKLIST
    labels = [re.fullmatch(r"template\.([a-zA-Z_]+[a-zA-Z0-9_]*)", label) for label in INJECTORS["file"]]
    assert all(labels)
    files = type("Files", (), {found[1]: "a name" for found in labels if found})
    namespace = {**dict.fromkeys(FIELDS, "EXAMPLE"), "tower": type("Tower", (), {"filename": files})}
    jinja = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    for template in texts(INJECTORS):
        assert template.isascii()
        assert jinja.from_string(template).render(namespace)


def contents(environment: Mapping[str, str], name: str) -> str:
    return Path(environment[name]).read_text(encoding="utf-8") if environment[name] else ""


COMBINATIONS = {
    "nothing": ({}, {}),
    "key": ({"client_id": "3MVG9", "private_key": KEY}, {"SALESFORCE_CLIENT_ID": "3MVG9"}),
    "secret": ({"client_id": "3MVG9", "client_secret": "canary"}, {"SALESFORCE_CLIENT_ID": "3MVG9", "SALESFORCE_CLIENT_SECRET": "canary"}),
    "one org": (
        {"client_id": "3MVG9", "private_key": KEY, "username": "automation@acme.example", "login_url": "https://acme.my.salesforce.com"},
        {
            "SALESFORCE_CLIENT_ID": "3MVG9",
            "SALESFORCE_USERNAME": "automation@acme.example",
            "SALESFORCE_LOGIN_URL": "https://acme.my.salesforce.com",
        },
    ),
    "behind a proxy": (
        {"private_key": KEY, "ca_certificates": CERTIFICATES, "proxy": "http://user:canary@proxy.example.com:3128"},
        {"SALESFORCE_PROXY": "http://user:canary@proxy.example.com:3128"},
    ),
    "may write production": ({"allow_production": True}, {"SALESFORCE_ALLOW_PRODUCTION": "True"}),
    "may not": ({"allow_production": False}, {}),
    # The user interface sends fields that were left alone as empty texts.
    "empty texts": (
        dict.fromkeys(("client_id", "private_key", "client_secret", "username", "login_url", "ca_certificates", "proxy"), ""),
        {},
    ),
}


@pytest.mark.parametrize(("inputs", "expected"), COMBINATIONS.values(), ids=COMBINATIONS)
def test_what_each_combination_of_fields_injects(tmp_path: Path, inputs: dict[str, Any], expected: dict[str, str]) -> None:
    environment, _stored, arguments = aap.inject(tmp_path, inputs)
    files = {"SALESFORCE_PRIVATE_KEY_FILE": "private_key", "SALESFORCE_CA_PATH": "ca_certificates"}
    assert arguments == []
    assert set(environment) == set(INJECTORS["env"])
    plain = {name: value for name, value in environment.items() if name not in files}
    assert plain == {**dict.fromkeys(plain, ""), "SALESFORCE_ALLOW_PRODUCTION": "False", **expected}
    for name, field in files.items():
        assert contents(environment, name).strip() == inputs.get(field, "")


def test_the_key_is_in_a_file_of_its_owner_alone_and_ends_with_a_line(tmp_path: Path) -> None:
    environment, _stored, _arguments = aap.inject(tmp_path, {"private_key": KEY})
    path = Path(environment["SALESFORCE_PRIVATE_KEY_FILE"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.is_relative_to(tmp_path / "env")
    assert path.read_text(encoding="utf-8") == f"{KEY}\n"


def test_what_the_controller_stores_of_the_environment_hides_every_secret(tmp_path: Path) -> None:
    inputs = {
        "private_key": KEY,
        "client_secret": "canary-secret",
        "proxy": "http://user:canary-proxy@proxy.example.com:3128",
        "username": "u",
    }
    environment, stored, _arguments = aap.inject(tmp_path, inputs)
    assert stored["SALESFORCE_CLIENT_SECRET"] == stored["SALESFORCE_PROXY"] == HIDDEN_PASSWORD
    assert "canary" not in json.dumps(stored)
    assert "MIIEcanary" not in json.dumps(environment)
    assert stored["SALESFORCE_USERNAME"] == "u"


FLOWS = {
    "key": ({"private_key": KEY}, "jwt_bearer"),
    "secret": ({"client_secret": "canary"}, "client_credentials"),
    "key and secret": ({"private_key": KEY, "client_secret": "canary"}, "jwt_bearer"),
    "nothing": ({}, "jwt_bearer"),
}


@pytest.mark.parametrize(("inputs", "flow"), FLOWS.values(), ids=FLOWS)
def test_the_collection_takes_the_flow_that_the_fields_mean(tmp_path: Path, inputs: dict[str, Any], flow: str) -> None:
    """A key file that is empty must not stand in the way of a secret."""
    environment, _stored, _arguments = aap.inject(tmp_path, inputs)
    options = connection(resolve({}, lambda _name: None, environment) | {"allow_production": False})
    assert options.auth == flow
    assert bool(options.private_key_file) == ("private_key" in inputs)
    assert options.login_url == "https://login.salesforce.com"


def test_what_an_org_says_of_itself_goes_before_the_credential(tmp_path: Path) -> None:
    environment, _stored, _arguments = aap.inject(
        tmp_path, {"client_id": "shared", "private_key": KEY, "username": "somebody@acme.example"}
    )
    own = {"salesforce_client_id": "its own", "salesforce_username": "automation@acme.example.uat"}
    resolved = resolve({}, own.get, environment)
    assert (resolved["client_id"], resolved["username"]) == ("its own", "automation@acme.example.uat")
    assert resolved["private_key_file"]
