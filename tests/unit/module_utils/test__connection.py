# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.doc_fragments.connection import ModuleDocFragment
from ansible_collections.voiceops.salesforce.plugins.module_utils._connection import (
    FLOWS,
    IN_PROCESS,
    SHARED,
    TABLE,
    Connection,
    Row,
    argument_spec,
    connection,
    resolve,
    sandbox_of,
)
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem

DOCUMENTATION = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)
OPTIONS = [row.option for row in TABLE]
every_row = pytest.mark.parametrize("row", TABLE, ids=OPTIONS)

texts = st.sampled_from([None, "", "  ", "one", "two"])


def resolved(task: dict[str, Any], host: dict[str, Any] | None = None, environment: dict[str, str] | None = None) -> dict[str, Any]:
    return resolve(task, (host or {}).get, environment or {})


# -- where an option comes from ------------------------------------------------------------------------------------------------------


@every_row
@pytest.mark.parametrize(
    ("task", "host", "environment", "expected"),
    [
        ("task", "host", "environment", "task"),
        (None, "host", "environment", "host"),
        (None, None, "environment", "environment"),
        (None, None, None, None),
        ("", "host", "environment", "host"),
        ("", "", "environment", "environment"),
        (" ", "\t", "environment", "environment"),
        ("", "", "", None),
        ("task", None, None, "task"),
        ("task", "", "", "task"),
        (None, "host", None, "host"),
    ],
)
def test_the_task_wins_over_the_host_and_the_host_over_the_environment(
    row: Row, task: str | None, host: str | None, environment: str | None, expected: str | None
) -> None:
    variables = {f"salesforce_{row.option}": host} if host is not None else {}
    process = {f"SALESFORCE_{row.option.upper()}": environment} if environment is not None else {}
    found = resolved({row.option: task} if task is not None else {}, variables, process)
    assert found == ({row.option: expected} if expected else {})


@every_row
def test_a_value_that_is_false_or_zero_is_set(row: Row) -> None:
    for value in (False, 0):
        assert resolved({row.option: value}, {row.host_variable: "host"}, {row.environment: "environment"}) == {row.option: value}
        assert resolved({}, {row.host_variable: value}, {row.environment: "environment"}) == {row.option: value}


@given(st.dictionaries(st.sampled_from(OPTIONS), texts), st.dictionaries(st.sampled_from(OPTIONS), texts))
def test_options_do_not_meddle_with_each_other(task: dict[str, Any], host: dict[str, Any]) -> None:
    whole = resolved(task, {f"salesforce_{name}": value for name, value in host.items()})
    single = [resolved({name: task.get(name)}, {f"salesforce_{name}": host.get(name)}).get(name) for name in OPTIONS]
    assert [whole.get(name) for name in OPTIONS] == single


def test_a_modules_own_options_are_left_alone_even_where_they_are_empty() -> None:
    task = {"name": "Acme", "description": "", "label": None, "users": []}
    assert resolved(task, {"salesforce_name": "host"}, {"SALESFORCE_NAME": "environment"}) == task


def test_resolving_changes_nothing_of_the_task() -> None:
    task = {"username": "", "name": "Acme"}
    resolved(task, {"salesforce_username": "kim@acme.example"})
    assert task == {"username": "", "name": "Acme"}


# -- the table and its documentation -------------------------------------------------------------------------------------------------


def test_the_documented_options_are_those_of_the_table_in_its_order() -> None:
    assert list(DOCUMENTATION["options"]) == OPTIONS


@every_row
def test_each_row_is_documented_as_it_is(row: Row) -> None:
    told = DOCUMENTATION["options"][row.option]
    assert told["type"] == row.type
    assert told.get("default") == row.default
    assert tuple(told.get("choices", ())) == (row.choices or ())
    assert "required" not in told
    words = " ".join(told["description"])
    assert f"C(salesforce_{row.option})" in words
    assert f"E(SALESFORCE_{row.option.upper()})" in words


def test_the_switch_of_the_action_plugin_is_documented_and_no_option() -> None:
    assert IN_PROCESS.option not in OPTIONS
    assert IN_PROCESS.default is True
    assert any(f"C({IN_PROCESS.host_variable})" in note for note in DOCUMENTATION["notes"])


def test_that_two_hosts_may_be_one_org_is_documented_and_no_option() -> None:
    assert SHARED.option not in OPTIONS
    assert SHARED.default is False
    assert any(f"C({SHARED.host_variable})" in note and f"E({SHARED.environment})" in note for note in DOCUMENTATION["notes"])


@every_row
def test_each_row_is_an_option_of_every_module(row: Row) -> None:
    entry = argument_spec()[row.option]
    assert entry["type"] == row.type
    assert entry.get("default") == row.default
    assert entry.get("choices", []) == list(row.choices or ())
    assert entry["fallback"][1] == [f"SALESFORCE_{row.option.upper()}"]
    assert not entry.get("required")


def test_the_spec_holds_the_table_and_nothing_else() -> None:
    assert list(argument_spec()) == OPTIONS


@every_row
def test_a_module_run_alone_reads_the_environment(row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    value = {"int": "7", "bool": "true"}.get(row.type, (row.choices or ("x",))[0])
    monkeypatch.setenv(row.environment, value)
    checked = ArgumentSpecValidator(argument_spec()).validate({})
    assert not checked.error_messages
    assert str(checked.validated_parameters[row.option]).lower() == value


# -- secrets -------------------------------------------------------------------------------------------------------------------------


def test_the_secret_options_are_these() -> None:
    """A proxy's URL may hold a password."""
    assert {row.option for row in TABLE if row.secret} == {"client_secret", "private_key", "access_token", "proxy"}


@every_row
def test_exactly_the_secret_options_are_no_log(row: Row) -> None:
    assert argument_spec()[row.option]["no_log"] is row.secret


def test_the_secrets_of_a_connection_are_the_values_of_its_secret_options() -> None:
    checked = ("login_url", "instance_url", "min_api_headroom")
    plain = [row for row in TABLE if row.type in ("str", "path") and not row.choices and row.option not in checked]
    params = {row.option: f"value of {row.option}" for row in plain if row.option not in ("api_version", "sandbox_name")}
    assert sorted(connection(params).secrets) == sorted(params[row.option] for row in TABLE if row.secret)


def test_an_unset_secret_is_no_secret() -> None:
    assert connection({"client_secret": "", "private_key": None}).secrets == []


# -- the connection ------------------------------------------------------------------------------------------------------------------


def flow_expected(given_options: set[str]) -> str:
    """As documented: told by what is given, in this order."""
    if "access_token" in given_options:
        return "access_token"
    if given_options & {"private_key", "private_key_file"}:
        return "jwt_bearer"
    return "client_credentials" if "client_secret" in given_options else "jwt_bearer"


CREDENTIALS = ("access_token", "private_key", "private_key_file", "client_secret")
COMBINATIONS = [set(names) for count in range(5) for names in itertools.combinations(CREDENTIALS, count)]


@pytest.mark.parametrize("names", COMBINATIONS, ids=lambda names: "+".join(sorted(names)))
def test_the_flow_is_told_by_what_is_given(names: set[str]) -> None:
    params: dict[str, Any] = dict.fromkeys(CREDENTIALS, "") | dict.fromkeys(names, "x")
    assert connection(params).auth == flow_expected(names)


@pytest.mark.parametrize("flow", FLOWS)
def test_a_flow_that_is_named_is_taken(flow: str) -> None:
    assert connection({"auth": flow, "access_token": "x", "private_key": "x", "client_secret": "x"}).auth == flow


def test_what_is_left_out_has_the_tables_default() -> None:
    settings = connection({})
    for row in TABLE:
        assert row.option == "auth" or getattr(settings, row.option) == row.default
    assert set(Connection.__dataclass_fields__) == set(OPTIONS)


@pytest.mark.parametrize("empty", [None, "", " "])
def test_an_empty_text_counts_as_unset(empty: str | None) -> None:
    settings = connection({row.option: empty for row in TABLE if row.type in ("str", "path")})
    assert settings == connection({})


@pytest.mark.parametrize(
    ("given_url", "url"),
    [
        ("https://acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        ("https://acme.my.salesforce.com/", "https://acme.my.salesforce.com"),
        ("acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        (" acme.my.salesforce.com/ ", "https://acme.my.salesforce.com"),
        ("https://127.0.0.1:8443", "https://127.0.0.1:8443"),
        ("localhost:8443", "https://localhost:8443"),
        ("https://acme.my.salesforce.com/services/data\n", "https://acme.my.salesforce.com"),
        ("https://Acme.My.Salesforce.com", "https://acme.my.salesforce.com"),
    ],
)
def test_urls_may_be_written_as_people_write_them(given_url: str, url: str) -> None:
    settings = connection({"login_url": given_url, "instance_url": given_url})
    assert (settings.login_url, settings.instance_url) == (url, url)


@pytest.mark.parametrize("option", ["login_url", "instance_url"])
@pytest.mark.parametrize(
    "url", ["http://acme.my.salesforce.com", "ftp://acme", "https://", "https://a b", "https://acme..com", "a@b", "x:port"]
)
def test_only_an_https_url_is_spoken_to(option: str, url: str) -> None:
    """What a login sends must not be read on the way."""
    with pytest.raises(Problem) as told:
        connection({option: url})
    assert (told.value.code, told.value.error_class) == (option, "config")
    assert url in told.value.said
    assert "https" in told.value.remedy


@pytest.mark.parametrize("version", ["66", "66.0", "v66.0", "v66", " 66.0 "])
def test_a_version_may_be_written_as_people_write_it(version: str) -> None:
    assert connection({"api_version": version}).api_version == "66.0"


@pytest.mark.parametrize(
    ("option", "value"),
    [("api_version", "66.1"), ("api_version", "latest"), ("api_version", "6"), ("timeout", 0), ("timeout", -1), ("retry_time", -1)],
)
def test_a_value_that_can_be_none_is_refused_by_name(option: str, value: Any) -> None:
    with pytest.raises(Problem) as told:
        connection({option: value})
    assert (told.value.code, told.value.error_class) == (option, "config")
    assert option in told.value.tried
    assert str(value) in told.value.said


def test_no_time_for_retries_is_a_time() -> None:
    assert connection({"retry_time": 0}).retry_time == 0


@pytest.mark.parametrize("option", ["client_id", "client_secret", "access_token", "username", "expected_org_id"])
def test_a_lines_end_is_no_part_of_a_value(option: str) -> None:
    assert getattr(connection({option: " x\n"}), option) == "x"


@pytest.mark.parametrize(
    ("params", "place"),
    [
        ({}, "login.salesforce.com"),
        ({"login_url": "https://acme.my.salesforce.com/path"}, "acme.my.salesforce.com"),
        ({"login_url": "a.example", "instance_url": "https://b.example:8443/"}, "b.example:8443"),
    ],
)
def test_an_org_without_a_known_name_is_called_by_its_host(params: dict[str, Any], place: str) -> None:
    assert connection(params).place == place


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("acme--uat.sandbox.my.salesforce.com", "uat"),
        ("ACME--UAT.sandbox.my.salesforce.com:443", "uat"),
        ("acme-co--uat2.sandbox.my.salesforce.com", "uat2"),
        ("acme.my.salesforce.com", ""),
        ("acme--uat.my.salesforce.com", ""),
        ("acme-uat.sandbox.my.salesforce.com", ""),
        ("acme--uat.sandbox.my.salesforce.com.evil.example", ""),
        ("test.salesforce.com", ""),
        ("127.0.0.1:8443", ""),
    ],
)
def test_a_sandbox_is_called_as_its_my_domain_says(host: str, name: str) -> None:
    assert sandbox_of(host) == name


@pytest.mark.parametrize("name", [".uat", "u at", "uat@acme"])
def test_a_sandbox_name_that_could_be_none_is_refused(name: str) -> None:
    with pytest.raises(Problem) as told:
        connection({"sandbox_name": name})
    assert told.value.code == "sandbox_name"


@pytest.mark.parametrize(
    ("given", "limit", "kept"),
    [
        (None, 100_000, 0),
        ("", 100_000, 0),
        ("0", 100_000, 0),
        (5000, 100_000, 5000),
        ("10%", 15_000, 1500),
        (" 10 % ", 15, 2),
        ("100%", 7, 7),
    ],
)
def test_headroom_is_a_number_of_calls_or_a_share_rounded_up(given: object, limit: int, kept: int) -> None:
    assert connection({"min_api_headroom": None if given is None else str(given)}).headroom(limit) == kept


@pytest.mark.parametrize("text", ["some", "-1", "10.5%", "101%", "%"])
def test_headroom_that_can_be_none_is_refused(text: str) -> None:
    with pytest.raises(Problem) as told:
        connection({"min_api_headroom": text})
    assert (told.value.code, told.value.error_class) == ("min_api_headroom", "config")
    assert text in told.value.said
