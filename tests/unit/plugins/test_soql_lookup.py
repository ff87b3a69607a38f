# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What lookups and inventory plugins reach an org with, and the lookup soql without Ansible around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from ansible import constants as C
from ansible.errors import AnsibleError, AnsibleLookupError

from ansible_collections.voiceops.salesforce.plugins.lookup import soql
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._org import Org, Query
from ansible_collections.voiceops.salesforce.plugins.module_utils._soql_info import NOUN
from ansible_collections.voiceops.salesforce.plugins.plugin_utils._plugin_org import open_org, problems_as
from harness.direct import Bench

LAYERS = ("expected_org_id", "salesforce_expected_org_id", "SALESFORCE_EXPECTED_ORG_ID")
WRONG_ORG = "00D000000000009"
WHO = [Query("who", "SELECT Name FROM Organization")]


class AsItIs:
    """A templar of values that are no templates."""

    def template(self, value: Any) -> Any:
        if value == "{{ nobody_said }}":
            raise AnsibleError("'nobody_said' is undefined")
        return value


@pytest.fixture(autouse=True)
def of_the_run(uat: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of the run is that of the bench: its tasks and these plugins are of one run."""
    monkeypatch.setattr(C, "DEFAULT_LOCAL_TMP", str(uat.folder))


def host(bench: Bench) -> dict[str, Any]:
    """The host's variables."""
    return {f"salesforce_{name}": value for name, value in bench.connection().items()}


def ask(bench: Bench, *terms: str, variables: Mapping[str, Any] | None = None, **options: Any) -> list[Any]:
    plugin = soql.LookupModule(loader=None, templar=AsItIs())
    bench.mark = bench.served.journal.last_seq
    return plugin.run(list(terms), host(bench) if variables is None else variables, **options)


def refusal(bench: Bench, *terms: str, **options: Any) -> str:
    with pytest.raises(AnsibleLookupError) as caught:
        ask(bench, *terms, **options)
    return str(caught.value)


@pytest.mark.parametrize("first", range(3), ids=LAYERS)
def test_options_come_from_the_plugin_then_the_host_then_the_environment(uat: Bench, first: int) -> None:
    """The layers before the one that must win are empty, and those after it expect another org."""

    def opened(value: str) -> Org:
        layers = [{name: "" if place < first else value if place == first else WRONG_ORG} for place, name in enumerate(LAYERS)]
        return open_org(uat.connection() | layers[0], layers[1].get, layers[2])

    assert opened(uat.org.id).read(WHO).rows["who"][0]["Name"] == "Acme"
    with pytest.raises(Problem) as caught:
        opened(WRONG_ORG).read(WHO)
    assert caught.value.code == "wrong_org"


@pytest.mark.parametrize(("given", "words"), [({"timeout": "soon"}, "argument 'timeout'"), ({"nonsense": 1}, "no option nonsense")])
def test_what_is_no_option_is_named(given: dict[str, Any], words: str) -> None:
    with pytest.raises(Problem) as caught:
        open_org(given, {}.get, {})
    assert caught.value.code == "options"
    assert words in caught.value.said


def test_a_problem_is_told_without_secrets() -> None:
    with pytest.raises(AnsibleLookupError) as caught, problems_as(AnsibleLookupError, {"swordfish\n"}):
        raise Problem("logging in", "swordfish is no key.", "Give another.")
    assert str(caught.value) == "logging in: ******** is no key. Give another."


def test_every_secret_that_is_met_is_known_to_the_plugin(uat: Bench) -> None:
    secrets: set[str] = set()
    org = open_org({**uat.connection(), "client_secret": "swordfish"}, {}.get, {}, secrets)
    before = set(secrets)
    org.log_in()
    assert "swordfish" in before
    assert len(secrets) > len(before)


def test_a_lookup_shares_the_login_of_the_runs_tasks(uat: Bench) -> None:
    uat.task("org_info")
    assert ask(uat, "SELECT Name FROM Organization") == [{"Name": "Acme"}]
    assert [entry.kind for entry in uat.entries()] == ["read"]


def test_the_records_of_all_queries_follow_each_other_and_a_count_is_a_number(uat: Bench) -> None:
    told = ask(
        uat,
        "SELECT Username FROM User WHERE Username IN :users ORDER BY Username",
        "SELECT COUNT() FROM User WHERE Username IN :users",
        "SELECT Id FROM User WHERE Username = 'nobody' AND Username IN :users",
        bind={"users": ["agent@acme.example.uat", "member@acme.example.uat"]},
    )
    assert told == [{"Username": "agent@acme.example.uat"}, {"Username": "member@acme.example.uat"}, 2]
    assert uat.org.writes == []


def test_more_records_than_asked_for_are_an_error_not_a_part(uat: Bench) -> None:
    users = len(uat.org.find("User"))
    assert len(ask(uat, "SELECT Id FROM User", max_records=users)) == users
    assert f"it finds {users} records, of which {users - 1} came" in refusal(uat, "SELECT Id FROM User", max_records=users - 1)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT Nonsense FROM User", "asking SELECT Nonsense FROM User: INVALID_FIELD"),
        ("DELETE FROM User", "it is no SELECT"),
        ("SELECT Id FROM User FOR VIEW", "FOR VIEW writes"),
        ("SELECT Id FROM User WHERE Id = :id", "has :id, and no value"),
    ],
)
def test_a_query_that_cannot_be_answered_is_an_error_of_the_lookup(uat: Bench, query: str, words: str) -> None:
    assert words in refusal(uat, query)


def test_an_error_of_the_org_names_the_org(uat: Bench) -> None:
    assert refusal(uat, "SELECT Nonsense FROM User").startswith("[Acme (")


def test_a_host_variable_that_cannot_be_templated_is_named(uat: Bench) -> None:
    variables = {**host(uat), "salesforce_username": "{{ nobody_said }}"}
    words = refusal(uat, "SELECT Id FROM User", variables=variables)
    assert "reading the host variable salesforce_username" in words
    assert "nobody_said" in words


def test_a_secret_never_stands_in_what_a_lookup_tells(uat: Bench) -> None:
    told = ask(uat, "SELECT Username FROM User WHERE Username = 'agent@acme.example.uat'", client_secret="agent")
    assert told == [{"Username": "********@acme.example.uat"}]


def test_the_lookup_documents_the_options_that_it_takes() -> None:
    told = yaml.safe_load(soql.DOCUMENTATION)["options"]
    spec = {name: entry for name, entry in NOUN.argument_spec.items() if name != "query"}
    assert {name: (entry["type"], entry.get("default")) for name, entry in told.items() if name != "_terms"} == {
        name: (entry["type"], entry.get("default")) for name, entry in spec.items()
    }
    assert set(spec) < set(soql.SPEC)
