# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The export playbook: files that change nothing on the org they came from, and make equal sets on another one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator.fleet import Fleet
from emulator.org import Org
from emulator.rules.field_permissions import permissionable_fields
from harness.cases import assign, put_set
from harness.direct import VONAGE_CLONE
from harness.look import content, set_named
from harness.plays import Played, host_variables, play
from harness.random_sets import Recipe, entities, put_recipe
from tooling.workspace import ROOT

EXPORT = ROOT / "playbooks" / "export.yml"


def export(folder: Path, fleet: Fleet, *names: str, **more: Any) -> Played:
    wanted = {"export_permission_sets": list(names), "export_directory": str(folder / "exported"), **more}
    played = play(folder, host_variables(fleet), playbook=EXPORT, arguments=["-e", json.dumps(wanted)])
    assert played.status == 0, played.output
    return played


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder / "exported")): path.read_bytes() for path in sorted((folder / "exported").rglob("*")) if path.is_file()
    }


def options_in(path: Path) -> dict[str, Any]:
    """The options of the one task in an exported file, what is marked unsafe as plain text."""

    class Loader(yaml.SafeLoader):
        """Knows Ansible's tag."""

    Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))  # type: ignore[arg-type]
    (one_play,) = yaml.load(path.read_text(encoding="utf-8"), Loader)  # a SafeLoader
    (task,) = one_play["tasks"]
    options: dict[str, Any] = task["voiceops.salesforce.permission_set"]
    return options


def one_of_everything(org: Org) -> str:
    """A set with something in every section, and texts that YAML and Ansible could take for something else."""
    fields = [name for name, _label in permissionable_fields(org) if name.startswith(("Account.", "Case."))]
    recipe = Recipe(
        {
            "Label": 'It\'s {{ 1 + 1 }}: "yes" # \u00e9 \U0001f600',
            "Description": "No\nand\n\n  {% raw %} - {a: b} \u2028 %s",
            "HasActivationRequired": True,
        },
        frozenset({"ApiEnabled", "ManageUsers", "ViewAllData"}),
        {"NVMContactWorld__InteractionEventNote__c": frozenset({"Read", "Edit"}), "Account": frozenset({"Create"})},
        {name: bool(number % 2) for number, name in enumerate(fields)},
        frozenset(entities(org)),
        {"standard-Account": "DefaultOn", "standard-Case": "DefaultOff"},
    )
    return put_recipe(org, "Acme_Everything", recipe)


def test_an_exported_set_changes_nothing_at_home_and_is_equal_elsewhere(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    home, away = serve(), serve()
    org = home["acme-uat"].org
    set_id = one_of_everything(org)
    export(tmp_path, home, "Acme_Every*")
    (name,) = files(tmp_path)
    assert name == "acme-uat/Acme_Everything.yml"
    playbook = tmp_path / "exported" / name
    options = options_in(playbook)
    assert (options["label"], options["description"]) == (
        org.find("PermissionSet", Id=set_id)[0]["Label"],
        org.find("PermissionSet", Id=set_id)[0]["Description"],
    )
    assert len(options) == 5 + 11, "name, texts, activation, exact, and every section"

    at_home = play(tmp_path / "home", host_variables(home), playbook=playbook)
    assert at_home.status == 0, at_home.output
    (result,) = at_home.of("permission_set")
    assert (result["changed"], result["changes"], org.writes) == (False, [], [])

    elsewhere = play(tmp_path / "away", host_variables(away), playbook=playbook)
    assert elsewhere.status == 0, elsewhere.output
    copy = set_named(away["acme-uat"].org, "Acme_Everything")
    assert copy
    assert content(away["acme-uat"].org, copy["Id"]) == content(org, set_id)
    export(tmp_path / "again", away, "Acme_Every*")
    assert files(tmp_path / "again") == files(tmp_path), "every section, text and right is the same, or the files would differ"


def test_exporting_twice_gives_the_same_bytes_and_check_mode_writes_none(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    one_of_everything(fleet["acme-uat"].org)
    export(tmp_path, fleet, "*")
    first = files(tmp_path)
    assert len(first) == 9
    again = export(tmp_path, fleet, "*")
    assert files(tmp_path) == first
    assert not any(item.result.get("changed") for item in again.results)
    checked = play(
        tmp_path / "check",
        host_variables(fleet),
        playbook=EXPORT,
        arguments=["--check", "-e", json.dumps({"export_permission_sets": "*", "export_directory": str(tmp_path / "check" / "exported")})],
    )
    assert checked.status == 0, checked.output
    assert not (tmp_path / "check" / "exported").exists()


def test_a_file_says_what_is_not_in_it(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    org = fleet["acme-uat"].org
    set_id = put_set(org, PermissionsApiEnabled=True)
    assign(org, "agent", set_id)
    assert fleet["acme-uat"].org.find("PermissionSet", Name="Acme_Set")
    export(tmp_path, fleet, "Acme_Set", "ContactWorld_Agent")
    own, managed = (files(tmp_path)[f"acme-uat/{name}.yml"].decode() for name in ("Acme_Set", "NVMContactWorld__ContactWorld_Agent"))
    assert "# Not exported: its assignment to users: 1." in own.splitlines()
    assert "name: Acme_Set\n" in own
    assert "Acme_Set.yml --limit acme-uat --check --diff" in own, "without a limit the file is for every org of the inventory"
    assert "# Not exported: that it belongs to package NVMContactWorld" in managed
    assert "name: ContactWorld_Agent_Copy\n" in managed


def test_a_line_is_one_name(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    export(tmp_path, fleet, "ContactWorld_API_User")
    (text,) = (item.decode() for item in files(tmp_path).values())
    options = options_in(next((tmp_path / "exported").rglob("*.yml")))
    assert "          - {field: Case.NVMContactWorld__EmailSentTo__c, read: true, edit: true}" in text.splitlines()
    lines = sum(len(value) for value in options.values() if isinstance(value, list))
    assert text.count("\n          - ") == lines > 100
    for section, key in (("object_permissions", "object"), ("field_permissions", "field"), ("tabs", "tab")):
        assert [line[key] for line in options[section]] == sorted(line[key] for line in options[section])


def test_a_package_is_exported_host_by_host_and_an_org_that_is_down_stops_no_other(tmp_path: Path, three_orgs: Fleet) -> None:
    hosts = host_variables(three_orgs)
    hosts["acme-dev"]["salesforce_login_url"] = "https://127.0.0.1:9"
    wanted = {"export_package": "NVMContactWorld", "export_directory": str(tmp_path / "exported")}
    played = play(tmp_path, hosts, playbook=EXPORT, arguments=["-e", json.dumps(wanted)])
    assert played.status == 2
    assert {name.partition("/")[0] for name in files(tmp_path)} == {"acme-production", "acme-uat"}
    assert len(files(tmp_path)) == 6


def test_a_name_that_no_set_has_is_a_warning(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    played = export(tmp_path, serve(), "Nobody")
    assert files(tmp_path) == {}
    assert "Nobody: this org has no such permission set" in " ".join(played.output.split())


@pytest.mark.parametrize("asked", [{}, {"export_permission_sets": []}])
def test_asking_for_nothing_is_told_or_exports_nothing(asked: dict[str, Any], tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    played = play(
        tmp_path, host_variables(serve()), playbook=EXPORT, arguments=["-e", json.dumps({"export_directory": str(tmp_path / "e"), **asked})]
    )
    assert played.status == (0 if asked else 2)
    assert ("permission_sets, package, user" in played.output) is not bool(asked)


def test_an_exported_clone_is_written_out_and_its_source_is_told(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    made = play(tmp_path / "made", host_variables(fleet), [{"voiceops.salesforce.permission_set": dict(VONAGE_CLONE)}])
    assert made.status == 0, made.output
    export(tmp_path, fleet, str(VONAGE_CLONE["name"]))
    (name,) = files(tmp_path)
    assert b"is a clone of NVMContactWorld__ContactWorld_API_User" in files(tmp_path)[name]
    assert b"[from " not in files(tmp_path)[name]
    again = play(tmp_path / "again", host_variables(fleet), playbook=tmp_path / "exported" / name)
    assert [result["changed"] for result in again.of("permission_set")] == [False]
