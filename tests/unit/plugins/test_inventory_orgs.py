# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin in this process: from a file to hosts and groups, against emulated orgs where it asks some."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible import constants as C
from ansible.errors import AnsibleError, AnsibleParserError
from ansible.parsing import vault
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.voiceops.salesforce.plugins.module_utils._inventory_options import OPTIONS, Option
from emulator import seed
from emulator.fleet import Fleet
from emulator.http_api.served import Served
from harness import inventories
from harness.inventories import Parsed, documented, parse, written

PLUGIN = "plugin: voiceops.salesforce.orgs\n"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

LIST = """
orgs:
  - name: acme-production
    login_url: https://acme.my.salesforce.com
    username: automation@acme.com
    org_id: 00D000000000001EAA
    ring: 2
  - login_url: https://acme--uat.sandbox.my.salesforce.com
    parent: acme-production
    type: partial
    alias: uat
    ring: 0
    vars: {owner: telephony, greeting: "{{ owner }}"}
  - {name: acme-dev, login_url: "https://acme--dev.sandbox.my.salesforce.com", type: developer}
"""


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Parsed]:
    """A reader of inventory texts; the run's folder is the test's own."""
    (tmp_path / "run").mkdir()
    monkeypatch.setattr(C, "DEFAULT_LOCAL_TMP", str(tmp_path / "run"))

    def reader(text: str, *, now: datetime = NOW, cached: bool = True) -> Parsed:
        return parse(written(tmp_path, PLUGIN + text), now=now.timestamp(), cached=cached)

    return reader


def refusal(read: Callable[..., Parsed], text: str) -> str:
    with pytest.raises(AnsibleParserError) as refused:
        read(text)
    return str(refused.value)


# -- what is documented ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_every_option_is_documented_with_its_default_and_its_place_in_the_environment(option: Option) -> None:
    told = documented()[option.name]
    assert told["env"] == [{"name": f"SALESFORCE_INVENTORY_{option.name.upper()}"}]
    assert told.get("default", None) in (option.default, list(option.default) if isinstance(option.default, tuple) else option.default)
    assert all(f"V({choice})" in str(told["description"]) for choice in option.choices)


def test_nothing_else_is_documented_but_the_connection_and_what_ansible_brings() -> None:
    own = yaml.safe_load(inventories.module().DOCUMENTATION)["options"]
    assert set(own) == {"plugin", *(option.name for option in OPTIONS)}


def test_no_option_of_the_documentation_lacks_an_environment_variable() -> None:
    """Inventory sources of AWX can be given nothing else. The name of the plugin, and what only Ansible itself may decide, apart."""
    assert [name for name, told in documented().items() if not told.get("env")] == ["plugin"]


def test_the_examples_can_be_read(read: Callable[..., Parsed], tmp_path: Path) -> None:
    examples = list(yaml.safe_load_all(inventories.module().EXAMPLES))
    assert len(examples) == 3
    for told in examples:
        assert told.pop("plugin") == "voiceops.salesforce.orgs"
        read(yaml.safe_dump({**told, "sources": [], "merge_with": [], "orgs": told.get("orgs", [])}))


# -- a list ------------------------------------------------------------------------------------------------------------------------


def test_a_list_becomes_hosts_in_the_groups_they_belong_to(read: Callable[..., Parsed]) -> None:
    found = read(LIST)
    assert found.hosts == ["acme-dev", "acme-production", "acme-uat"]
    assert found.group("salesforce_orgs") == found.hosts
    assert found.group("sf_production") == found.group("ring2") == ["acme-production"]
    assert found.group("sf_sandbox") == ["acme-dev", "acme-uat"]
    assert found.group("sf_sandbox_partial") == found.group("ring0") == ["acme-uat"]
    assert found.groups("acme-dev") == {"salesforce_orgs", "sf_sandbox", "sf_sandbox_developer"}
    assert (found.display.warnings, found.display.notes) == ([], [])


def test_a_host_has_what_the_modules_need_and_the_users_own(read: Callable[..., Parsed]) -> None:
    told = read(LIST).variables("acme-uat")
    assert told["salesforce_login_url"] == "https://acme--uat.sandbox.my.salesforce.com"
    assert (told["salesforce_username"], told["salesforce_sandbox_name"]) == ("automation@acme.com.uat", "uat")
    assert (told["salesforce_ring"], told["owner"], told["greeting"]) == (0, "telephony", "{{ owner }}")
    assert "salesforce_expected_org_id" not in told


def test_the_order_of_the_list_does_not_matter(read: Callable[..., Parsed]) -> None:
    turned = yaml.safe_dump({"orgs": list(reversed(yaml.safe_load(LIST)["orgs"]))})
    assert read(LIST).hosts == read(turned).hosts


def test_connection_options_of_the_file_that_are_no_secrets_are_for_its_hosts(read: Callable[..., Parsed]) -> None:
    found = read(LIST + "client_id: 3MVG9\nclient_secret: CANARY\nproxy: http://CANARY@proxy:1\ntimeout: '{{ 6 * 5 }}'\nusername: x@y.z\n")
    told = found.variables("acme-dev")
    assert (told["salesforce_client_id"], str(told["salesforce_timeout"])) == ("3MVG9", "30")
    assert "salesforce_username" not in told
    assert "CANARY" not in str([found.variables(host) for host in found.hosts])


def test_templates_are_worked_out_where_the_file_is_read(read: Callable[..., Parsed], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_NAME", "here")
    found = read("""
orgs: [{name: "{{ lookup('env', 'ACME_NAME') }}", ring: "{{ 1 + 1 }}"}, {name: other}]
exclude_names: ["{{ 'other' }}"]
""")
    assert found.hosts == ["here"]
    assert found.group("ring2") == ["here"]
    assert "template" in refusal(read, "my_domain: '{{ nobody_said }}'\norgs: []\n")


def test_what_stands_in_the_users_own_variables_is_worked_out_when_it_is_used(read: Callable[..., Parsed]) -> None:
    told = read(LIST).variables("acme-uat")
    assert Templar(DataLoader(), told).template(told["greeting"]) == "telephony"


def test_hosts_can_be_named_otherwise_and_parents_follow(read: Callable[..., Parsed]) -> None:
    found = read(LIST + "hostname: '{{ salesforce_org.alias or inventory_hostname }}'\nhostname_prefix: eu-\n")
    assert found.hosts == ["eu-acme-dev", "eu-acme-production", "eu-uat"]
    assert found.org("eu-uat")["parent"] == "eu-acme-production"
    assert "two orgs would be called eu-x" in refusal(read, LIST + "hostname: x\nhostname_prefix: eu-\n")
    assert "no name" in refusal(read, LIST + "hostname: '{{ salesforce_org.alias }}'\n")
    assert "hostname of acme-dev" in refusal(read, LIST + "hostname: '{{ nobody_said }}'\n")


# -- bad input ---------------------------------------------------------------------------------------------------------------------


def test_a_file_is_known_by_its_ending(tmp_path: Path) -> None:
    plugin = inventories.module().InventoryModule()
    for name, mine in {
        "a.salesforce_orgs.yml": True,
        "a.salesforce_orgs.yaml": True,
        "salesforce_orgs.yml": False,
        "a.yml": False,
        "a.salesforce_orgs.json": False,
    }.items():
        assert plugin.verify_file(str(written(tmp_path, PLUGIN, name))) is mine
    assert not plugin.verify_file(str(tmp_path / "missing.salesforce_orgs.yml"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sorces: [sf_files]\norgs: []\n", r"acme.salesforce_orgs.yml:2: sorces is no option. Did you mean sources"),
        ("orgs: []\n\norgs: []\n", r"acme.salesforce_orgs.yml:4: orgs stands there already, in line 2"),
        ("orgs:\n  - name: a\n    nme: b\n", r"acme.salesforce_orgs.yml:4: nme is no key of an org. Did you mean name"),
        (
            "orgs:\n  - {name: a, org_id: 00D000000000001EAA}\n  - {name: b, org_id: 00D000000000001}\n",
            r"yml:3 and .*yml:4: both entries are one org",
        ),
        ("orgs:\n  - name: a\n  - name: a\n", r"yml:4: a is the name of another org already \(.*yml:3\)"),
        ("orgs: acme\n", r"acme.salesforce_orgs.yml:2\): 'acme' is no value"),
        ("sources: [sandbox]\n", r"acme.salesforce_orgs.yml:2\).*Did you mean sandboxes"),
        ("\ninclude_expired: perhaps\norgs: []\n", r"acme.salesforce_orgs.yml:3\).*Give true or false"),
        ("strict: [1\n", r"acme.salesforce_orgs.yml:\d+: it is no YAML"),
        ("", r"names no orgs. Set orgs, or sources"),
        ("sources: {a: 1}\n", r"acme.salesforce_orgs.yml: .*sources"),
    ],
)
def test_mistakes_are_told_with_file_and_line(read: Callable[..., Parsed], text: str, words: str) -> None:
    assert re.search(words, refusal(read, text), re.DOTALL)


@pytest.mark.parametrize("text", ["", "- plugin: x\n", "word\n"])
def test_a_file_that_is_no_dictionary_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(AnsibleParserError, match="no dictionary"):
        parse(written(tmp_path, text))


def test_a_file_of_another_plugin_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AnsibleError):
        parse(written(tmp_path, "plugin: other.one.orgs\norgs: []\n"))


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "")
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(AnsibleParserError, match="no text"):
        parse(path)


# -- the environment ---------------------------------------------------------------------------------------------------------------


def test_every_option_counts_from_the_environment_too(read: Callable[..., Parsed], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "rings.yml").write_text("eu-acme-uat: {owner: kim}\n", encoding="utf-8")
    for name, text in {
        "orgs": json.dumps(yaml.safe_load(LIST)["orgs"]),
        "merge_with": "rings.yml",
        "hostname_prefix": "eu-",
        "include_names": "eu-acme-u*, eu-acme-d*",
        "include_filters": "salesforce_org.sandbox_type in ['partial', 'full']",
        "exclude_filters": "[\"inventory_hostname is match('nobody')\"]",
        "compose": "shouted: owner | default('x') | upper",
        "groups": '{"of_telephony": "owner == \'telephony\'"}',
        "keyed_groups": "- key: owner\n  prefix: ''\n- key: salesforce_org.sandbox_type\n  prefix: type\n",
        "leading_separator": "no",
        "strict": "yes",
    }.items():
        monkeypatch.setenv(f"SALESFORCE_INVENTORY_{name.upper()}", text)
    found = read("")
    assert found.hosts == ["eu-acme-uat"]
    # What the list says wins over what is merged.
    assert found.variables("eu-acme-uat")["shouted"] == "TELEPHONY"
    assert {"of_telephony", "telephony", "type_partial", "ring0"} <= found.groups("eu-acme-uat")


def test_the_file_wins_over_the_environment(read: Callable[..., Parsed], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALESFORCE_INVENTORY_INCLUDE_NAMES", "nobody")
    assert read(LIST).hosts == []
    assert read(LIST + "include_names: acme-u*\n").hosts == ["acme-uat"]


def test_empty_texts_in_the_environment_are_no_values(read: Callable[..., Parsed], monkeypatch: pytest.MonkeyPatch) -> None:
    for told in documented().values():
        for place in told.get("env", ()):
            if place["name"].startswith("SALESFORCE_"):
                monkeypatch.setenv(place["name"], "")
    assert len(read(LIST).hosts) == 3


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("ORGS", "[{", "SALESFORCE_INVENTORY_ORGS.*neither YAML nor JSON"),
        ("ORGS", '[{"name": "a", "nme": 1}]', r"orgs\[0\].nme in the environment variable SALESFORCE_INVENTORY_ORGS"),
        ("STRICT", "perhaps", "SALESFORCE_INVENTORY_STRICT.*Give true or false"),
        ("SOURCES", "nowhere", "SALESFORCE_INVENTORY_SOURCES.*Choose among"),
    ],
)
def test_mistakes_of_the_environment_are_told_with_the_variable(
    read: Callable[..., Parsed], monkeypatch: pytest.MonkeyPatch, name: str, text: str, words: str
) -> None:
    monkeypatch.setenv(f"SALESFORCE_INVENTORY_{name}", text)
    assert re.search(words, refusal(read, ""), re.DOTALL)


# -- variables of other files ------------------------------------------------------------------------------------------------------


def test_files_add_variables_and_the_later_one_wins(read: Callable[..., Parsed], tmp_path: Path) -> None:
    (tmp_path / "vars").mkdir()
    (tmp_path / "vars" / "rings.yml").write_text(
        "acme-dev: {ring: 1, owner: a}\n00D000000000001: {owner: b}\nuat: {team: x}\n", encoding="utf-8"
    )
    (tmp_path / "owners.yml").write_text("acme-dev: {owner: '{{ team }}', team: y}\n", encoding="utf-8")
    found = read(LIST + "merge_with: [vars/rings.yml, owners.yml]\nkeyed_groups: [{key: team, prefix: team}]\n")
    assert found.group("ring1") == ["acme-dev"]
    assert found.variables("acme-production")["owner"] == "b"
    assert found.variables("acme-uat")["team"] == "x"
    assert (found.group("team_x"), found.group("team_y")) == (["acme-uat"], ["acme-dev"])
    told = found.variables("acme-dev")
    assert Templar(DataLoader(), told).template(told["owner"]) == "y"


def test_an_entry_that_fits_no_org_is_told_or_stops(read: Callable[..., Parsed], tmp_path: Path) -> None:
    (tmp_path / "rings.yml").write_text("acme-uta: {ring: 1}\n", encoding="utf-8")
    (warning,) = read(LIST + "merge_with: rings.yml\n").display.warnings
    assert "acme-uta (Did you mean acme-uat" in warning
    assert "acme-uta" in refusal(read, LIST + "merge_with: rings.yml\nmerge_unmatched: fail\n")
    assert read(LIST + "merge_with: rings.yml\nmerge_unmatched: ignore\n").display.warnings == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "there is no file .*rings.yml"),
        ("acme-uat: x\n", "rings.yml:1: variables must be a dictionary"),
        ("acme-uat:\n  salesforce_client_secret: CANARY\n", "rings.yml:2: salesforce_client_secret holds a secret"),
        ("a: {}\na: {}\n", "rings.yml:2: a stands there already, in line 1"),
        ("a: [\n", r"rings.yml:\d: it is no YAML"),
    ],
)
def test_files_that_cannot_be_merged_are_refused_with_their_place(
    read: Callable[..., Parsed], tmp_path: Path, text: str | None, words: str
) -> None:
    if text is not None:
        (tmp_path / "rings.yml").write_text(text, encoding="utf-8")
    told = refusal(read, LIST + "merge_with: rings.yml\n")
    assert re.search(words, told)
    assert "CANARY" not in told


# -- filters and constructed features ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("include_names: ['acme-[du]*']\n", ["acme-dev", "acme-uat"]),
        ("exclude_names: '*-production'\n", ["acme-dev", "acme-uat"]),
        (
            "include_filters: [salesforce_org.is_sandbox, inventory_hostname == 'acme-production']\n",
            ["acme-dev", "acme-production", "acme-uat"],
        ),
        ("exclude_filters: owner is defined\n", ["acme-dev", "acme-production"]),
        ("include_filters: salesforce_ring | default('none') == 'none'\n", ["acme-dev"]),
        ("include_filters: [false]\n", []),
    ],
)
def test_hosts_are_chosen_by_name_and_condition(read: Callable[..., Parsed], text: str, expected: list[str]) -> None:
    assert read(LIST + text).hosts == expected


@pytest.mark.parametrize("option", ["include_filters", "exclude_filters"])
def test_a_condition_that_fails_lets_nobody_in(read: Callable[..., Parsed], option: str) -> None:
    found = read(LIST + f"{option}: owner == 'telephony'\n")
    assert found.hosts == (["acme-uat"] if option == "include_filters" else [])
    assert len(found.display.warnings) == 2
    assert "acme-dev" in found.display.warnings[0]
    assert "owner" in refusal(read, LIST + f"{option}: owner == 'telephony'\nstrict: true\n")


def test_variables_and_groups_are_constructed(read: Callable[..., Parsed]) -> None:
    found = read(
        LIST
        + "compose: {is_first: salesforce_ring == 0, broken: nobody_said}\ngroups: {first: is_first, other: nobody_said}\n"
        + "keyed_groups: [{key: salesforce_org.sandbox_type, prefix: type, parent_group: types}]\n"
    )
    assert found.variables("acme-uat")["is_first"] is True
    assert "broken" not in found.variables("acme-uat")
    assert found.group("first") == ["acme-uat"]
    assert found.group("types") == ["acme-dev", "acme-uat"]
    with pytest.raises(AnsibleError, match="nobody_said"):
        read(LIST + "compose: {broken: nobody_said}\nstrict: true\n")


# -- a production org --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fleet() -> Iterator[Fleet]:
    """The production org of a fleet, and one of its sandboxes. Read only."""
    orgs = seed.many(4, members=0)
    production = orgs[0]
    seed.put_sandbox(production, "fresh", license_type="DEVELOPER", organization="00D000000000007", ended=NOW - timedelta(days=2))
    seed.put_sandbox(production, "again", license_type="FULL", organization="00D000000000008", ended=NOW - timedelta(days=90))
    seed.put_sandbox(production, "again", license_type="FULL", status="Processing", progress=7, started=NOW - timedelta(hours=1))
    with Fleet(orgs[:2], shared_app=True) as served:
        served.proxy()
        yield served


def options_of(fleet: Fleet, name: str = "acme-production", **more: Any) -> str:
    given = {key.removeprefix("salesforce_"): value for key, value in fleet.connection(name, proxied=True).items()}
    return yaml.safe_dump({**given, "sources": ["sandboxes"], **more})


@pytest.fixture
def production(fleet: Fleet) -> Served:
    return fleet["acme-production"]


def calls(served: Served, since: int) -> list[tuple[str, str]]:
    return [(entry.method, entry.path.rsplit("/", 2)[-2] + "/" + entry.path.rsplit("/", 1)[-1]) for entry in served.journal.since(since)]


def test_a_production_org_tells_of_itself_and_its_sandboxes_in_three_calls(
    read: Callable[..., Parsed], fleet: Fleet, production: Served
) -> None:
    mark = production.journal.last_seq
    found = read(options_of(fleet))
    assert found.hosts == ["acme-fresh", "acme-production", "acme-s01", "acme-s02", "acme-s03"]
    assert calls(production, mark) == [("POST", "oauth2/token"), ("POST", "v66.0/composite"), ("POST", "tooling/composite")]
    told = found.variables("acme-s01")
    connection = fleet.connection("acme-s01", proxied=True)
    for name in ("salesforce_login_url", "salesforce_username", "salesforce_client_id", "salesforce_private_key_file"):
        assert told[name] == connection[name]
    assert told["salesforce_expected_org_id"] == fleet["acme-s01"].org.id
    assert found.org("acme-s01")["parent"] == "acme-production"
    assert "salesforce_proxy" not in told
    assert found.org("acme-production")["edition"] == "Enterprise Edition"


def test_sandboxes_that_are_being_copied_or_are_gone_are_left_out(read: Callable[..., Parsed], fleet: Fleet) -> None:
    found = read(options_of(fleet))
    assert [words.split()[0] for words in found.display.warnings] == ["acme-again", "acme-copying"]
    assert "Processing, 7 %" in found.display.warnings[0]
    assert any(words.startswith("acme-gone is left out: it is deleted") for words in found.display.notes)
    kept = read(options_of(fleet, include_unready=True))
    assert {"acme-again", "acme-copying"} <= set(kept.hosts)
    assert "acme-gone" not in kept.hosts
    # Until the new copy is there, the org of the copy before is.
    assert kept.variables("acme-again")["salesforce_expected_org_id"] == "00D000000000008EAA"
    assert "salesforce_expected_org_id" not in kept.variables("acme-copying")


def test_what_was_refreshed_lately_is_in_a_group_of_its_own(read: Callable[..., Parsed], fleet: Fleet) -> None:
    text = options_of(fleet, include_names=["acme-fresh"])
    assert read(text).group("sf_recently_refreshed") == ["acme-fresh"]
    assert read(text).org("acme-fresh")["refreshed_at"] == "2026-11-20T12:00:00Z"
    assert read(text, now=NOW + timedelta(days=6)).group("sf_recently_refreshed") == []
    assert read(text + "recently_refreshed_days: 8\n", now=NOW + timedelta(days=6)).group("sf_recently_refreshed") == ["acme-fresh"]


def test_the_list_wins_over_what_the_org_tells_and_both_are_one_host(read: Callable[..., Parsed], fleet: Fleet, production: Served) -> None:
    entry = {"name": "prod", "login_url": "https://acme.my.salesforce.com", "vars": {"owner": "kim"}}
    found = read(
        options_of(fleet, orgs=[entry, {"name": "mine", "login_url": "https://acme--s01.sandbox.my.salesforce.com", "username": "x@y.z"}])
    )
    assert "acme-production" not in found.hosts
    assert found.variables("prod")["salesforce_expected_org_id"] == production.org.id
    assert found.variables("mine")["salesforce_username"] == "x@y.z"
    assert found.org("mine")["parent"] == found.org("acme-s02")["parent"] == "prod"
    assert any("are one org" in words for words in found.display.notes)


def test_rings_of_a_sandbox_that_is_being_copied_are_no_mistake(read: Callable[..., Parsed], fleet: Fleet, tmp_path: Path) -> None:
    (tmp_path / "rings.yml").write_text("acme-again: {ring: 0}\nacme-s01: {ring: 0}\n", encoding="utf-8")
    found = read(options_of(fleet, merge_with=["rings.yml"], merge_unmatched="fail"))
    assert found.group("ring0") == ["acme-s01"]


def test_production_itself_can_be_left_out(read: Callable[..., Parsed], fleet: Fleet) -> None:
    found = read(options_of(fleet, include_production=False))
    assert "acme-production" not in found.hosts
    assert found.org("acme-s01")["parent"] == ""
    assert [words for words in found.display.warnings if "parent" in words] == []


def test_without_its_my_domain_the_sandboxes_cannot_be_named(read: Callable[..., Parsed], fleet: Fleet) -> None:
    given = {name.removeprefix("salesforce_"): value for name, value in fleet.connection("acme-production").items()}
    text = yaml.safe_dump({**given, "sources": ["sandboxes"]})
    if "127.0.0.1" in given["login_url"]:
        assert "Set my_domain" in refusal(read, text)
    assert "acme-s01" in read(text + "my_domain: acme\n").hosts


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"client_id": "CANARY"}, "invalid_client_id"),
        ({"expected_org_id": "00D000000000009"}, "expected_org_id|expected"),
        ({"login_url": "https://127.0.0.1:1", "proxy": ""}, "Check|reach"),
        ({"timeout": "soon"}, "timeout"),
        ({"client_id": ""}, "client_id"),
    ],
)
def test_an_org_that_cannot_be_asked_stops_the_inventory_in_words_to_act_on(
    read: Callable[..., Parsed], fleet: Fleet, more: dict[str, Any], words: str
) -> None:
    assert re.search(words, refusal(read, options_of(fleet, **more)))


def test_a_sandbox_has_no_sandboxes(read: Callable[..., Parsed], fleet: Fleet) -> None:
    assert "it is a sandbox itself" in refusal(read, options_of(fleet, "acme-s01"))


def test_secrets_are_in_no_variable_and_in_no_error(read: Callable[..., Parsed], fleet: Fleet, tmp_path: Path) -> None:
    key = fleet.key_path.read_text(encoding="utf-8")
    found = read(options_of(fleet, private_key=key, private_key_file="", client_secret="CANARY"))
    told = str([found.variables(host) for host in found.hosts])
    assert key.splitlines()[1] not in told
    assert "CANARY" not in told
    token = json.loads(next((tmp_path / "run").glob("salesforce-token-*")).read_text(encoding="utf-8"))["token"]
    assert token not in told
    refused = refusal(read, options_of(fleet, proxy="http://user:CANARY@127.0.0.1:1"))
    assert "CANARY" not in refused


def test_what_is_vaulted_is_decrypted_for_the_login_and_stays_vaulted_for_the_hosts(
    fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(C, "DEFAULT_LOCAL_TMP", str(tmp_path))
    secret = vault.VaultSecret(b"a password")
    # From ansible-core 2.19 values are decrypted where they are used.
    if context := getattr(vault, "VaultSecretsContext", None):
        monkeypatch.setattr(context, "_current", context([("default", secret)]))
    key = fleet.key_path.read_text(encoding="utf-8")
    sealed = vault.VaultLib([("default", secret)]).encrypt(key).decode()
    vaulted = "!vault |\n" + "".join(f"          {line}\n" for line in sealed.splitlines())
    text = options_of(fleet, private_key_file="") + f"private_key: {vaulted}"
    text += f"orgs:\n  - name: mine\n    vars:\n      salesforce_private_key: {vaulted}"
    found = parse(written(tmp_path, PLUGIN + text), now=NOW.timestamp(), vault=secret)
    assert "acme-s01" in found.hosts
    # Whatever Ansible makes of a vaulted value, it is no plain text.
    assert not isinstance(found.variables("mine").pop("salesforce_private_key"), str)
    assert key.splitlines()[1] not in json.dumps({host: found.variables(host) for host in found.hosts}, default=repr)


def test_the_login_counts_from_the_environment(read: Callable[..., Parsed], fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in fleet.connection("acme-production", proxied=True).items():
        monkeypatch.setenv(name.upper(), value)
    found = read("sources: sandboxes\n")
    assert found.variables("acme-s01")["salesforce_username"] == fleet.connection("acme-s01")["salesforce_username"]
    # What the modules read from the environment themselves is no variable.
    assert "salesforce_client_id" not in found.variables("acme-s01")


# -- scratch orgs ------------------------------------------------------------------------------------------------------------------


def test_a_dev_hub_tells_of_its_scratch_orgs(read: Callable[..., Parsed], fleet: Fleet, production: Served) -> None:
    rows = production.org.find("ScratchOrgInfo")
    expired = [row for row in rows if row["ExpirationDate"] < time.strftime("%Y-%m-%d")]
    assert 0 < len(expired) < len(rows)
    text = options_of(fleet, sources=["scratch_orgs"])
    found = read(text, now=datetime.now(UTC))
    assert len(found.group("sf_scratch")) == len(rows) - len(expired)
    assert found.org("acme-production")["is_dev_hub"] is True
    (host, *_more) = found.group("sf_scratch")
    assert (found.org(host)["parent"], found.org(host)["sandbox_type"]) == ("acme-production", "scratch")
    assert found.variables(host)["salesforce_username"] in {row["SignupUsername"] for row in rows}
    everything = read(text + "include_expired: true\n", now=datetime.now(UTC))
    assert len(everything.group("sf_scratch")) == len(rows)


def test_an_org_that_is_no_dev_hub_says_so(read: Callable[..., Parsed], fleet: Fleet) -> None:
    assert "Enable Dev Hub" in refusal(read, options_of(fleet, "acme-s01", sources=["scratch_orgs"]))


# -- the sf command line -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A folder of the sf CLI with a sandbox and a file that is broken."""
    folder = tmp_path / ".sfdx"
    folder.mkdir()
    org = {
        "username": "kim@acme.com.uat",
        "instanceUrl": "https://acme--uat.sandbox.my.salesforce.com",
        "accessToken": "CANARY",
        "isSandbox": True,
    }
    (folder / "kim@acme.com.uat.json").write_text(
        json.dumps({**org, "orgId": "00D000000000002EAA", "name": "{{ 7 * 6 }}"}), encoding="utf-8"
    )
    (folder / "alias.json").write_text('{"orgs": {"my uat!": "kim@acme.com.uat"}}', encoding="utf-8")
    (folder / "bad@acme.com.json").write_text("CANARY", encoding="utf-8")
    return folder


def test_orgs_of_the_command_line_are_hosts_and_a_broken_file_is_told(
    read: Callable[..., Parsed], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(state.parent))
    found = read("sources: [sf_files]\n")
    assert found.hosts == ["my-uat"]
    assert found.variables("my-uat")["salesforce_expected_org_id"] == "00D000000000002EAA"
    (warning,) = found.display.warnings
    assert "bad@acme.com.json is left out: it is no JSON" in warning
    assert "CANARY" not in str((found.display, found.variables("my-uat")))
    refused = refusal(read, "sources: [sf_files]\non_unreadable_file: fail\n")
    assert "bad@acme.com.json: it is no JSON" in refused
    assert "left out" not in refused
    assert "sf org login" in refusal(read, f"sources: [sf_files]\nsf_state_folder: {state.parent}/nowhere\n")


def test_what_others_wrote_is_never_a_template(read: Callable[..., Parsed], state: Path) -> None:
    found = read(
        f"sources: [sf_files]\nsf_state_folder: {state}\nhostname: 'x-{{{{ salesforce_org.name }}}}'\ncompose: {{copied: salesforce_org.name}}\n"
    )
    (host,) = found.hosts
    assert host == "x--7-6"
    told = found.variables(host)
    assert told["copied"] == "{{ 7 * 6 }}"
    assert Templar(DataLoader(), told).template(told["salesforce_org"])["name"] == "{{ 7 * 6 }}"


def test_what_the_program_lists_are_hosts(read: Callable[..., Parsed], tmp_path: Path, state: Path) -> None:
    org = json.loads((state / "kim@acme.com.uat.json").read_text(encoding="utf-8"))
    told = {"status": 0, "result": {"sandboxes": [{**org, "alias": "uat", "accessToken": "[REDACTED]"}]}}
    program = tmp_path / "sf"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(told)}\nEND\n", encoding="utf-8")
    program.chmod(0o700)
    assert read(f"sources: sf_org_list\nsf_program: {program}\n").hosts == ["uat"]
    assert "sf_program" in refusal(read, f"sources: sf_org_list\nsf_program: {tmp_path}/none\n")


# -- the cache ---------------------------------------------------------------------------------------------------------------------


def test_what_was_asked_is_kept_and_nothing_secret_with_it(
    read: Callable[..., Parsed], fleet: Fleet, production: Served, tmp_path: Path
) -> None:
    kept = {"cache": True, "cache_plugin": "jsonfile", "cache_connection": str(tmp_path / "cache")}
    first = read(options_of(fleet, **kept, client_secret="CANARY"))
    mark = production.journal.last_seq
    second = read(options_of(fleet, **kept, client_secret="CANARY", include_names=["acme-s0*"]))
    assert calls(production, mark) == []
    assert second.hosts == [host for host in first.hosts if host.startswith("acme-s0")]
    assert second.variables("acme-s01") == {**first.variables("acme-s01"), "inventory_file": None}
    assert second.display.warnings == first.display.warnings
    (path,) = (tmp_path / "cache").iterdir()
    text = path.read_text(encoding="utf-8")
    token = json.loads(next((tmp_path / "run").glob("salesforce-token-*")).read_text(encoding="utf-8"))["token"]
    assert "acme--s01" in text
    assert [secret for secret in ("CANARY", token, str(fleet.key_path), "PRIVATE KEY") if secret in text] == []
    read(options_of(fleet, **kept), cached=False)
    assert len(calls(production, mark)) >= 2


def test_another_question_is_asked_anew(read: Callable[..., Parsed], fleet: Fleet, production: Served, tmp_path: Path) -> None:
    kept = {"cache": True, "cache_plugin": "jsonfile", "cache_connection": str(tmp_path / "cache")}
    read(options_of(fleet, **kept))
    assert read(options_of(fleet, **kept, sources=["scratch_orgs"]), now=datetime.now(UTC)).group("sf_scratch")


def test_nothing_is_added_where_something_is_wrong(read: Callable[..., Parsed], tmp_path: Path) -> None:
    path = written(tmp_path, PLUGIN + LIST + "merge_with: missing.yml\n")
    plugin_data: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        real = inventories.InventoryData
        patch.setattr(inventories, "InventoryData", lambda: plugin_data.append(real()) or plugin_data[-1])
        with pytest.raises(AnsibleParserError):
            parse(path)
    assert list(plugin_data[0].hosts) == []


def test_the_environment_of_the_tests_is_theirs() -> None:
    assert [name for name in os.environ if name.startswith("SALESFORCE_")] == []
