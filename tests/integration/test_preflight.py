# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role and playbook preflight, and the playbook that gives the automation's own user its rights, as they are run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator import seed
from emulator.fleet import Fleet
from harness.cases import assign
from harness.plays import Played, host_variables, play
from harness.switch_probes import with_package_right
from tooling.workspace import ROOT

PREFLIGHT = ROOT / "playbooks" / "preflight.yml"
AUTOMATION = ROOT / "playbooks" / "automation_user.yml"
CONVERGE = ROOT / "playbooks" / "converge.yml"
FROZEN, AGENT = "frozen@acme.example.uat", "agent@acme.example.uat"
OUTCOME = {"name": "Outcome", "ansible.builtin.debug": {"var": "preflight_outcome"}}
ROLE = {"name": "Look", "ansible.builtin.import_role": {"name": "voiceops.salesforce.preflight"}}


@pytest.fixture
def well(serve: Callable[..., Fleet]) -> Fleet:
    """An org in which there is nothing to be said."""
    fleet = serve(features=seed.DEFAULT_FEATURES)
    org = fleet["acme-uat"].org
    assign(org, "automation", org.seed_info["set_ids"]["voice_admin"])
    return fleet


def run(folder: Path, fleet: Fleet, *arguments: str, **variables: Any) -> Played:
    hosts = {name: {**values, **variables} for name, values in host_variables(fleet).items()}
    return play(folder, hosts, [ROLE, OUTCOME], arguments=arguments)


def table(played: Played, host: str = "acme-uat") -> list[str]:
    lines: list[str] = played.named("Show it", host)[0]["msg"]
    return lines


@pytest.mark.parametrize("arguments", [[], ["--check"]], ids=["run", "check mode"])
def test_the_table_has_a_line_for_each_check_and_nothing_is_written(tmp_path: Path, well: Fleet, arguments: list[str]) -> None:
    played = run(tmp_path, well, *arguments)
    assert played.status == 0, played.output
    found = played.named("Outcome")[0]["preflight_outcome"]
    lines = table(played)
    assert len(lines) == len(found["checks"]) == sum(found["summary"].values())
    assert (found["passed"], found["org"]["name"], found["summary"]["error"]) == (True, "Acme", 0)
    line_of = {line.split()[1]: line for line in lines}
    column = {line_of[row["check"]].index(row["found"], len("SKIPPED  " + row["check"])) for row in found["checks"]}
    assert len(column) == 1, "what was found stands in one column"
    assert well["acme-uat"].org.writes == []


@pytest.mark.parametrize(
    ("fail_on", "users", "status"),
    [("error", [FROZEN], 2), ("never", [FROZEN], 0), ("error", [AGENT], 0), ("warning", [AGENT], 2), ("warning", [FROZEN], 2)],
)
def test_what_stops_a_run_is_for_the_user_to_say(
    tmp_path: Path, serve: Callable[..., Fleet], fail_on: str, users: list[str], status: int
) -> None:
    """The administrator of this org lacks a right of Setup's pages, which is a warning."""
    played = run(tmp_path, serve(), preflight_users=users, preflight_fail_on=fail_on)
    assert played.status == status, played.output
    errors = [line for line in table(played) if line.startswith("ERROR")]
    assert len(errors) == (users == [FROZEN])
    assert table(played)[-1].startswith("ERROR" if errors else "WARNING"), "what has to be done stands last"
    if status:
        (stopped,) = played.named("Stop where a run would not get through")
        assert (FROZEN in stopped["msg"]) is (users == [FROZEN])
        assert " -> " in stopped["msg"]
    else:
        assert played.named("Outcome")[0]["preflight_outcome"]["passed"] is True


def test_one_org_that_cannot_be_reached_says_so_and_stops_no_other(tmp_path: Path, three_orgs: Fleet) -> None:
    hosts = host_variables(three_orgs)
    hosts["acme-dev"]["salesforce_login_url"] = "https://127.0.0.1:1"
    played = play(tmp_path, hosts, playbook=PREFLIGHT)
    assert played.status == 2
    assert [line.split()[1] for line in table(played, "acme-dev") if line.startswith("ERROR")] == ["connection"]
    for name in ("acme-production", "acme-uat"):
        assert [line for line in table(played, name) if line.startswith("ERROR")] == []
    assert "UNREACHABLE" not in played.output


def test_what_is_looked_at_follows_from_the_other_roles_variables(tmp_path: Path, well: Fleet) -> None:
    played = run(
        tmp_path,
        well,
        contact_center_name="AcmeVoice",
        contact_center_users=[AGENT],
        api_user_username=FROZEN,
        api_user_package_licenses=[],
    )
    checks = {row["check"]: row["state"] for row in played.named("Outcome")[0]["preflight_outcome"]["checks"]} if played.status == 0 else {}
    assert checks == {}, "the frozen API user stops it"
    lines = " ".join(table(played))
    assert [word for word in (f"user:{AGENT}", f"user:{FROZEN}", "AcmeVoice", "package:NVMContactWorld") if word not in lines] == []
    made = run(tmp_path, well, api_user_username="new@acme.example.uat", api_user_email="new@acme.example")
    assert made.status == 0, "a user that the run would make is not missed"
    people = ["nobody@acme.example", AGENT, FROZEN, "inactive@acme.example.uat", {"federation_id": "acme-contact-admin"}]
    several = run(tmp_path, well, contact_center_users=people, preflight_fail_on="never")
    told = [row["check"] for row in several.named("Outcome")[0]["preflight_outcome"]["checks"] if row["check"].startswith("user:")]
    assert told == [*(f"user:{name}" for name in people[:-1]), "user:federation_id acme-contact-admin"], "in the order of the list"
    there = run(tmp_path, well, api_user_username=FROZEN, api_user_email="x@acme.example", contact_center_users=[AGENT, FROZEN])
    assert [line.split()[1] for line in table(there) if line.startswith("ERROR")] == [f"user:{FROZEN}"], (
        "one that is there is looked at, once"
    )


def test_of_a_role_that_is_not_asked_for_nothing_is_looked_at(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    """An org without the package, or without a contact center, is well for the other role."""
    own = {"api_user_username": FROZEN, "api_user_permission_set_licenses": ["AcmePsl"], "contact_center_users": ["nobody@acme.example"]}
    fleet = serve(package=False)
    asked = {"preflight_needs": ["contact_center"], "contact_center_name": "AcmeVoice", "contact_center_state": "absent"}
    played = run(tmp_path, fleet, **own, **asked)
    assert [line for line in table(played) if line.startswith("ERROR")] == [], played.output
    assert [line.split()[1] for line in table(played) if line.split()[1].startswith(("package", "user:", "permission_set_license"))] == []
    other = run(tmp_path, fleet, **own, preflight_needs=["api_user"], api_user_namespaces=["Acme"])
    assert {line.split()[1] for line in table(other) if line.startswith("ERROR")} == {
        "package:Acme",
        "permission_set_license:AcmePsl",
        f"user:{FROZEN}",
    }


def test_a_misspelt_option_of_the_role_is_refused(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    played = run(tmp_path, serve(), preflight_fail_on="errors")
    assert played.status != 0
    assert "errors" in played.output


def test_the_automations_user_gets_its_sets_once(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    fleet = serve()
    org = fleet["acme-uat"].org
    hosts = host_variables(fleet)
    hosts["acme-uat"]["automation_username"] = org.seed_info["users"]["minimum"]
    foretold = play(tmp_path, hosts, playbook=AUTOMATION, arguments=["--check"])
    assert (foretold.status, org.writes) == (0, []), foretold.output
    first = play(tmp_path, hosts, playbook=AUTOMATION)
    assert first.status == 0, first.output
    told = first.named("Say what this org does not offer")[0]["msg"]
    assert [word for word in ("ManagePackageLicenses", "automation_manages_users") if word not in told] == []
    assert [row["Name"] for row in org.find("PermissionSet") if str(row["Name"]).startswith("Voiceops")] == ["Voiceops_Automation"]
    assert " changed=0 " in play(tmp_path, hosts, playbook=AUTOMATION).output
    hosts["acme-uat"]["automation_manages_users"] = True
    second = play(tmp_path, hosts, playbook=AUTOMATION)
    assert second.status == 0, second.output
    assert "automation_manages_users" not in second.named("Say what this org does not offer")[0]["msg"]
    assert "ManageUsers" in org.permissions_of(org.seed_info["user_ids"]["minimum"])


@pytest.mark.parametrize("manages_users", [False, True], ids=["an org with Manage Package Licenses", "an org without it"])
def test_both_roles_run_with_exactly_the_automations_rights(tmp_path: Path, serve: Callable[..., Fleet], manages_users: bool) -> None:
    fleet = serve(extend=None if manages_users else with_package_right)
    served = fleet["acme-uat"]
    minimum = served.org.seed_info["users"]["minimum"]
    hosts = host_variables(fleet)
    hosts["acme-uat"] |= {
        "automation_username": minimum,
        "automation_manages_users": manages_users,
        "api_user_username": "new.api@acme.example.uat",
        "api_user_last_name": "Vonage API",
        "api_user_email": "voice.team@acme.example",
        "api_user_permission_set_name": "Acme_Vonage_API_User",
        "contact_center_name": "AcmeVoice",
        "contact_center_users": ["kim@acme.example.uat", "without.set@acme.example.uat"],
        "contact_center_permission_set": "ContactCenterAgentExternalTelephony",
        "contact_center_on_ineligible": "skip",
        # Kim is no Service Cloud User, and is left out: the table says so.
        "contact_center_fail_on": "never",
    }
    assert play(tmp_path, hosts, playbook=AUTOMATION).status == 0
    served.client.approve(minimum)
    hosts["acme-uat"]["salesforce_username"] = minimum
    first = play(tmp_path, hosts, playbook=CONVERGE)
    assert first.status == 0, first.output
    assert served.org.find("User", Username="new.api@acme.example.uat")
    second = play(tmp_path, hosts, playbook=CONVERGE)
    assert second.status == 0, second.output
    assert " changed=0 " in second.output


def test_users_whom_the_role_bears_or_puts_right_stop_no_run(tmp_path: Path, well: Fleet) -> None:
    """What converge gets through is no error before it; the API user is not of these."""
    asked = {
        "preflight_needs": ["contact_center"],
        "contact_center_name": well["acme-uat"].org.seed_info["center_ids"]["partner_telephony"],
        "contact_center_users": ["nobody@acme.example.uat", AGENT, FROZEN],
    }
    strict = run(tmp_path, well, **asked)
    assert strict.status == 2
    assert [line.split()[1] for line in table(strict) if line.startswith("ERROR")] == ["user:nobody@acme.example.uat", f"user:{FROZEN}"]
    borne = run(tmp_path, well, contact_center_lookup_failure_action="warn", contact_center_repair=["frozen"], **asked)
    assert borne.status == 0, borne.output
    found = borne.named("Outcome")[0]["preflight_outcome"]
    assert (found["summary"]["error"], sum(found["summary"].values())) == (0, len(found["checks"]))
    skipping = run(tmp_path, well, contact_center_on_ineligible="skip", preflight_fail_on="never", **asked)
    assert [line.split()[1] for line in table(skipping) if line.startswith("ERROR")] == ["user:nobody@acme.example.uat"]
    both = {**asked, "preflight_needs": ["api_user", "contact_center"], "api_user_username": FROZEN, "contact_center_repair": ["frozen"]}
    assert f"user:{FROZEN}" in [line.split()[1] for line in table(run(tmp_path, well, **both)) if line.startswith("ERROR")]
