# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Production orgs, users without rights, secrets."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.voiceops.salesforce.plugins.module_utils._auth import jwt_bearer
from ansible_collections.voiceops.salesforce.plugins.module_utils._connection import connection
from ansible_collections.voiceops.salesforce.plugins.module_utils._module import full_spec, outcome
from ansible_collections.voiceops.salesforce.plugins.module_utils._org import Run
from emulator.faults import Fault, LoginError, Refuse, Status
from harness.cases import CASES, HAND_MADE, Case
from harness.direct import NOUNS, Bench
from harness.look import set_named

ONE_OF_EACH = tuple({(case.module, case.state): case for case in reversed(CASES)}.values())


# -- production -----------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def production(make_bench: Callable[..., Bench]) -> Bench:
    """The production org, where User Access Policies are on too."""
    return make_bench(name="acme-production", sandbox=False)


@pytest.mark.parametrize("case", ONE_OF_EACH, ids=lambda case: f"{case.module} {case.state}")
def test_a_production_org_is_not_written_unless_its_host_says_so(production: Bench, case: Case) -> None:
    case.prepare(production.org)
    refused = case.run(production, allow_production=False)
    assert (refused["failed"], refused["changed"], refused["changes"]) == (True, False, [])
    assert (refused["error_code"], refused["error_class"]) == ("production", "config")
    assert "Acme" in refused["msg"]
    assert "salesforce_allow_production: true" in refused["msg"]
    assert production.org.writes == []
    assert [entry for entry in production.entries() if entry.kind == "write"] == []
    assert case.run(production, allow_production=True)["changed"]


@pytest.mark.parametrize("case", ONE_OF_EACH, ids=lambda case: f"{case.module} {case.state}")
def test_check_mode_on_a_production_org_shows_the_plan_and_warns(production: Bench, case: Case) -> None:
    case.prepare(production.org)
    result = case.run(production, check=True, allow_production=False)
    assert (result.get("msg"), result["changed"], production.org.writes) == (None, True, [])
    warnings = [words for words in result["warnings"] if "production" in words]
    assert len(warnings) == 1
    assert "Acme" in warnings[0]
    production.new_run()
    allowed = case.run(production, check=True, allow_production=True)
    assert [words for words in allowed["warnings"] if "production" in words] == []
    assert allowed["changes"] == result["changes"]


@pytest.mark.parametrize("case", ONE_OF_EACH, ids=lambda case: f"{case.module} {case.state}")
def test_a_production_org_is_not_written_unless_its_host_says_which_org_it_is(production: Bench, case: Case) -> None:
    case.prepare(production.org)
    refused = case.run(production, expected_org_id=None)
    assert (refused["failed"], refused["changed"], refused["changes"]) == (True, False, [])
    assert (refused["error_code"], refused["error_class"]) == ("production_org_id", "config")
    assert f"salesforce_expected_org_id: {production.org.id}" in refused["msg"]
    assert production.org.writes == []
    planned = case.run(production, check=True, expected_org_id=None)
    assert [f"salesforce_expected_org_id: {production.org.id}" in words for words in planned["warnings"] if "production" in words] == [True]


def test_a_production_org_on_which_nothing_is_to_do_is_no_error(production: Bench) -> None:
    result = production.task("permission_set", name="Nobody", state="absent", allow_production=False)
    assert (result.get("msg"), result["changed"], result["warnings"]) == (None, False, [])


@pytest.mark.parametrize("case", ONE_OF_EACH, ids=lambda case: f"{case.module} {case.state}")
def test_a_sandbox_is_written_without_more_ado(uat: Bench, case: Case) -> None:
    case.prepare(uat.org)
    result = case.run(uat, allow_production=False)
    assert (result.get("msg"), result["changed"]) == (None, True)


# -- calls that are left to others ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ONE_OF_EACH, ids=lambda case: f"{case.module} {case.state}")
def test_a_task_that_would_take_calls_which_are_kept_for_others_stops_before_it_writes(uat: Bench, case: Case) -> None:
    case.prepare(uat.org)
    uat.org.settings.api_limit = uat.served.journal.usage + 20
    refused = case.run(uat, min_api_headroom="20")
    assert (refused["failed"], refused["changed"], refused["error_class"], refused["error_code"]) == (True, False, "limit", "api_headroom")
    assert uat.org.writes == []
    assert "min_api_headroom" in refused["msg"]
    # The drift report is compared from run to run: what is left stands in the usage, and not in the words.
    assert case.run(uat, min_api_headroom="20")["msg"] == refused["msg"]
    assert refused["api"]["usage"]["limit"] == uat.org.settings.api_limit


def test_a_task_goes_on_where_enough_calls_are_left(uat: Bench) -> None:
    uat.org.settings.api_limit = 1000
    told = uat.task("org_info", min_api_headroom="50%")
    assert not told.get("failed")
    assert told["api"]["usage"]["limit"] == 1000


# -- users without rights -------------------------------------------------------------------------------------------------------------

LIMITED = (
    ("permission_set", HAND_MADE, "ManageProfilesPermissionsets"),
    (
        "permission_set_assignment",
        {"permission_set": "ContactWorld_Supervisor", "users": ["agent@acme.example.uat"]},
        "AssignPermissionSets",
    ),
    ("contact_center_member", {"contact_center": "AcmeVoice", "users": ["agent@acme.example.uat"]}, "ManageInternalUsers"),
)


@pytest.mark.parametrize(("module", "options"), [row[:2] for row in LIMITED])
def test_a_user_who_may_not_even_look_is_told_which_right_it_needs(uat: Bench, module: str, options: Mapping[str, Any]) -> None:
    result = uat.task(module, username=uat.info["limited_username"], **options)
    assert (result["failed"], result["changed"], result["error_class"]) == (True, False, "org")
    assert result["error_code"] in ("INVALID_TYPE", "NOT_FOUND")
    assert "View Setup and Configuration" in result["msg"] or "cannot see" in result["msg"]
    assert "Acme" in result["msg"] or "127.0.0.1" in result["msg"]
    assert uat.org.writes == []


@pytest.mark.parametrize("code", ["INSUFFICIENT_ACCESS_OR_READONLY", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"])
@pytest.mark.parametrize(("module", "options", "right"), LIMITED)
def test_a_user_who_may_look_and_not_write_is_told_by_the_org_and_by_the_remedy(
    make_bench: Callable[..., Bench], module: str, options: Mapping[str, Any], right: str, code: str
) -> None:
    bench = make_bench(switches={"setup_reads": "open", "write_refusal": code})
    result = bench.task(module, username=bench.info["limited_username"], **options)
    assert (result["failed"], result["changed"], result["error_class"], result["error_code"]) == (True, False, "org", code)
    assert {error["code"] for error in result["errors"]} == {code}
    assert all(right in error["remedy"] for error in result["errors"])
    assert "org_info" in result["msg"]
    assert bench.org.writes == []
    assert set_named(bench.org, "Acme_Hand_Made") is None


# -- secrets --------------------------------------------------------------------------------------------------------------------------


def by_text(bench: Bench) -> dict[str, Any]:
    return {"private_key": bench.fleet.key_path.read_text(), "private_key_file": None}


def by_secret(bench: Bench) -> dict[str, Any]:
    return {"private_key_file": None, "username": None, "client_secret": bench.served.client.client_secret}


def by_token(bench: Bench) -> dict[str, Any]:
    return {"access_token": bench.served.token(bench.info["admin_username"]), "instance_url": bench.served.url, "private_key_file": None}


FLOWS = {"private key": by_text, "client secret": by_secret, "access token": by_token}


def tokens(bench: Bench) -> list[str]:
    """Every token that the org has issued and that is still good."""
    return list(bench.served.sessions._open)


def lines_of_secrets(bench: Bench) -> list[str]:
    """What must be nowhere: tokens, the consumer secret, and each line of the private key."""
    key = [line for line in bench.fleet.key_path.read_text().splitlines() if not line.startswith("-----")]
    return [*tokens(bench), bench.served.client.client_secret, *key]


def shown(bench: Bench, result: Mapping[str, Any]) -> list[str]:
    told = json.dumps(result)
    return [secret for secret in lines_of_secrets(bench) if secret in told]


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("case", [ONE_OF_EACH[0], CASES[0], CASES[6]], ids=lambda case: case.name)
def test_no_secret_is_in_a_result(uat: Bench, case: Case, flow: str) -> None:
    case.prepare(uat.org)
    result = case.run(uat, **FLOWS[flow](uat))
    assert result.get("msg") is None
    assert tokens(uat)
    assert shown(uat, result) == []


@pytest.mark.parametrize("flow", FLOWS)
def test_an_org_that_repeats_a_secret_in_its_refusal_does_not_get_it_shown(uat: Bench, flow: str) -> None:
    given = FLOWS[flow](uat)
    uat.task("org_info", **given)
    words = f"token {' '.join(tokens(uat))} secret {given.get('client_secret')} key {given.get('private_key')}"
    uat.served.faults.add(Fault(Status(400, "SOMETHING", words), match_path="/composite$"))
    result = uat.task("org_info", **given)
    assert (result["error_code"], shown(uat, result)) == ("SOMETHING", [])
    assert "********" in result["msg"]


def test_the_token_of_a_login_just_made_is_not_shown_either(uat: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulator.http_api.sessions.secrets.token_urlsafe", lambda length: "known-in-advance")
    uat.served.faults.add(
        Fault(Status(400, "SOMETHING", f"the token {uat.org.id[:15]}!known-in-advance is strange"), match_path="/composite$")
    )
    result = uat.task("org_info")
    assert (result["error_code"], [entry.kind for entry in uat.entries()]) == ("SOMETHING", ["login", "read"])
    assert "is strange" in result["msg"]
    assert "known-in-advance" not in repr(result)


@pytest.mark.parametrize("flow", FLOWS)
def test_a_refused_record_does_not_show_a_secret_either(uat: Bench, flow: str) -> None:
    given = FLOWS[flow](uat)
    uat.task("org_info", **given)
    words = f"a trigger says {' '.join(tokens(uat))} {given.get('client_secret')}"
    uat.served.faults.add(Fault(Refuse("PermissionSetAssignment", message=words)))
    users = [uat.info["users"]["agent"]]
    result = uat.task("permission_set_assignment", permission_set="ContactWorld_Supervisor", users=users, **given)
    assert (len(result["errors"]), shown(uat, result)) == (1, [])


def test_a_login_that_is_refused_with_the_secret_in_its_words_does_not_show_it(uat: Bench) -> None:
    given = by_secret(uat)
    uat.served.faults.add(Fault(LoginError("invalid_client", f"the secret {given['client_secret']} is wrong")))
    result = uat.task("org_info", **given)
    assert (result["error_code"], shown(uat, result)) == ("invalid_client", [])


def test_a_login_that_is_refused_with_the_assertion_in_its_words_does_not_show_it(uat: Bench) -> None:
    spec = full_spec(NOUNS["org_info"])
    params = ArgumentSpecValidator(spec).validate(uat.connection()).validated_parameters
    assertion = jwt_bearer.form(connection(params), 1_700_000_000)["assertion"]
    uat.served.faults.add(Fault(LoginError("invalid_grant", f"the assertion {assertion} is wrong")))
    run = Run(check_mode=False, scratch=uat.folder, environment={}, now=lambda: 1_700_000_000)
    result = outcome(NOUNS["org_info"], params, run)
    assert result["error_code"] == "invalid_grant"
    assert "is wrong" in result["msg"]
    assert assertion not in repr(result)
    assert assertion.rpartition(".")[2] not in repr(result)


def test_no_assertion_and_no_secret_is_in_the_journal_that_these_tests_read(uat: Bench) -> None:
    uat.task("org_info")
    told = repr([entry.as_json() for entry in uat.entries()])
    assert [secret for secret in lines_of_secrets(uat) if secret in told] == []


def test_the_session_of_a_run_is_kept_in_a_file_that_only_its_owner_reads_under_a_name_that_tells_nothing(uat: Bench) -> None:
    uat.task("permission_set", check=True, **HAND_MADE)
    kept = {path.name: stat.S_IMODE(path.stat().st_mode) for path in uat.folder.iterdir()}
    kinds = {name.removeprefix("salesforce-").split("-", 1)[0] for name in kept}
    assert kinds == {"dependencies", "foreseen", "token"}
    assert set(kept.values()) == {0o600}
    told = " ".join(kept)
    assert uat.info["admin_username"] not in told
    assert uat.served.client.client_id not in told
    assert [secret for secret in lines_of_secrets(uat) if secret in told] == []


def test_what_check_mode_remembers_holds_no_secret(uat: Bench) -> None:
    uat.task("permission_set", check=True, **HAND_MADE)
    (path,) = uat.folder.glob("salesforce-foreseen-*")
    assert [secret for secret in lines_of_secrets(uat) if secret in path.read_text()] == []


def test_a_ready_token_is_not_kept(uat: Bench) -> None:
    uat.task("org_info", **by_token(uat))
    assert list(uat.folder.iterdir()) == []


@pytest.mark.parametrize("option", ["username", "client_id", "private_key_file", "login_url"])
def test_another_login_does_not_get_the_session_of_this_one(uat: Bench, option: str) -> None:
    uat.task("org_info")
    other = {
        "username": uat.info["limited_username"],
        "client_id": "3MVG9other",
        "private_key_file": "/nowhere/key.pem",
        "login_url": uat.served.url.replace("127.0.0.1", "localhost"),
    }
    result = uat.task("org_info", **{option: other[option]})
    assert [entry.kind for entry in uat.entries()][:1] != ["read"], "the session was another's"
    assert result.get("user", {}).get("username") == {
        "username": uat.info["limited_username"],
        "login_url": uat.info["admin_username"],
    }.get(option)
