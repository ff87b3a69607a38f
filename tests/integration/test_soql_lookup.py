# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lookup soql and the filters in playbooks, as their users write them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.fleet import Fleet
from harness.plays import host_variables, play

WHOAMI = {"voiceops.salesforce.org_info": {}}
AGENT = "agent@acme.example.uat"


def saying(expression: str, **more: Any) -> dict[str, Any]:
    """A task that shows what an expression comes to."""
    return {"name": "Say", "ansible.builtin.debug": {"msg": "{{ " + expression + " }}"}, **more}


def soql(query: str, options: str = "") -> str:
    return f"query('voiceops.salesforce.soql', {query!r}{options})"


def test_tasks_and_lookups_of_a_run_share_one_login(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    counted = soql("SELECT COUNT() FROM User")
    played = play(tmp_path, host_variables(fleet), [WHOAMI, saying(counted), WHOAMI, saying(counted)])
    assert played.status == 0, played.output
    assert [entry.kind for entry in fleet["acme-uat"].journal.entries] == ["login"] + ["read"] * 4
    assert [result["msg"] for result in played.named("Say")] == [[len(fleet["acme-uat"].org.find("User"))]] * 2


def test_a_lookup_that_comes_first_logs_in_for_the_tasks(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    played = play(tmp_path, host_variables(fleet), [saying(soql("SELECT Name FROM Organization")), WHOAMI])
    assert played.status == 0, played.output
    assert [entry.kind for entry in fleet["acme-uat"].journal.entries] == ["login", "read", "read"]
    assert played.named("Say")[0]["msg"] == [{"Name": "Acme"}]


def test_each_host_asks_its_own_org_and_a_lookup_may_name_another(tmp_path: Path, three_orgs: Fleet) -> None:
    hosts = host_variables(three_orgs)
    other = sorted(hosts)[0]
    names = ", ".join(f"{name.removeprefix('salesforce_')}=hostvars['{other}'].{name}" for name in three_orgs.connection(other))
    ids = "SELECT Id FROM Organization"
    played = play(tmp_path, hosts, [saying(f"[{soql(ids)}[0].Id, {soql(ids, ', ' + names)}[0].Id]")])
    assert played.status == 0, played.output
    told = {item.host: item.result["msg"] for item in played.results if item.task.endswith("Say")}
    assert told == {name: [three_orgs[name].org.id, three_orgs[other].org.id] for name in hosts}


def test_values_of_a_run_are_bound_and_records_feed_a_task(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    """Also in check mode, which asks all the same."""
    fleet = serve()
    task = {
        "voiceops.salesforce.permission_set_assignment": {
            "permission_set": "ContactWorld_Supervisor",
            "users": "{{ query('voiceops.salesforce.soql', agents, bind={'names': wanted}) | map(attribute='Username') }}",
        },
        "vars": {"agents": "SELECT Username FROM User WHERE Username IN :names", "wanted": [AGENT, "x' OR Username != '"]},
    }
    played = play(tmp_path, host_variables(fleet), [task], arguments=["--check"])
    assert played.status == 0, played.output
    assert [change["key"] for change in played.of("permission_set_assignment")[0]["changes"]] == [
        "NVMContactWorld__ContactWorld_Supervisor/" + AGENT
    ]
    assert fleet["acme-uat"].org.writes == []


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        (soql("SELECT Nonsense FROM User"), "asking SELECT Nonsense FROM User: INVALID_FIELD"),
        (soql("DELETE FROM User"), "it is no SELECT"),
        (soql("SELECT Id FROM User", ", max_records=2"), "of which 2 came"),
        (soql("SELECT Id FROM User", ", privat_key='x'"), "there is no option privat_key"),
        (soql("SELECT Id FROM User", ", username=nobody_said"), "nobody_said"),
        ("'kim' | voiceops.salesforce.sandbox_username('uat')", "no username"),
        ("'00D00000000000' | voiceops.salesforce.id18", "no record Id"),
    ],
)
def test_what_cannot_be_answered_fails_the_task_and_says_why(
    expression: str, words: str, tmp_path: Path, serve: Callable[..., Fleet]
) -> None:
    played = play(tmp_path, host_variables(serve()), [saying(expression)])
    assert played.status != 0
    assert words in played.output
    assert "Traceback" not in played.output


def test_no_secret_is_shown_at_any_verbosity(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    """A key that no PEM is comes back in the words of who reads it, and must not."""
    hosts = {"acme-uat": {**host_variables(serve())["acme-uat"], "salesforce_private_key_file": ""}}
    secret = {"SALESFORCE_PRIVATE_KEY": "swordfish-is-no-key"}
    played = play(tmp_path, hosts, [saying(soql("SELECT Id FROM User"))], arguments=["-vvvv"], environment=secret)
    assert played.status != 0
    assert "takes a passphrase off" in played.output
    assert "swordfish" not in played.output


def test_filters_work_in_templates(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    tasks = [
        saying("['kim@acme.com'] | voiceops.salesforce.sandbox_username('uat')"),
        saying("'00x7Vquser@acme.com.test' | voiceops.salesforce.production_username('test', known=['user@acme.com'])"),
        saying("'kim@acme.com' | voiceops.salesforce.sandbox_email"),
        saying("'kim@acme.com.invalid' | voiceops.salesforce.production_email"),
        saying("'00D000000000001' | voiceops.salesforce.id18 | voiceops.salesforce.id15"),
    ]
    played = play(tmp_path, host_variables(serve()), tasks)
    assert played.status == 0, played.output
    assert [result["msg"] for result in played.named("Say")] == [
        ["kim@acme.com.uat"],
        "user@acme.com",
        "kim@acme.com.invalid",
        "kim@acme.com",
        "00D000000000001",
    ]
