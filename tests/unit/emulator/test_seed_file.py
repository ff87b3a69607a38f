# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Seed files: the example end to end, what the format can say, and how every mistake is told."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from simple_salesforce import Salesforce

from emulator import __main__ as program
from emulator import faults
from emulator.fleet import Fleet
from emulator.http_api import passwords
from emulator.seed import from_file
from emulator.seed.from_file import SeedError
from harness.plays import host_variables, play

EXAMPLE = Path(str(files("emulator.seed"))) / "example.yml"
TESTS = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def example() -> Iterator[Fleet]:
    with from_file.serve(from_file.read_file(EXAMPLE)) as fleet:
        yield fleet


def small(**org: Any) -> str:
    return yaml.safe_dump({"orgs": [{"name": "small", **org}]})


def built(**org: Any) -> Any:
    return from_file.read(small(**org), "seed.yml")["small"].build()


def mistake(text: str) -> str:
    """What reading or building says."""
    with pytest.raises(SeedError) as caught:
        _use(text)
    return str(caught.value)


def _use(text: str) -> None:
    for one in from_file.read(text, "seed.yml").values():
        one.build()


# --- the example ---


def test_the_example_holds_what_it_says(example: Fleet) -> None:
    served = example["example-production"]
    org = served.org
    ada = org.find("User", Username="ada@example.org")[0]
    assert (ada["Department"], ada["LastName"], ada["UserPermissionsSupportUser"]) == ("Support", "Ada", True)
    assert org.get("CallCenter", ada["CallCenterId"])["InternalName"] == "ExampleVoice"  # type: ignore[index]
    assert {"ApiEnabled", "EditTask"} <= org.permissions_of(ada["Id"])
    assert passwords.check(served, "ada@example.org", "a-passwordTOKEN") == ada["Id"]
    agents = [row for row in org.find("User") if row["Username"].startswith("agent")]
    assert [len(agents), agents[0]["Username"], agents[-1]["Username"]] == [20, "agent00001@example.org", "agent00020@example.org"]
    assert "IsContactCenterAgentBYOT" in org.permissions_of(agents[0]["Id"])
    licence = org.find("PermissionSetLicense", DeveloperName="ServiceCloudVoiceExternalTelephonyPsl")[0]
    assert (licence["TotalLicenses"], licence["UsedLicenses"]) == (25, 20)
    contact = org.find("Contact", LastName="Lovelace")[0]
    assert contact["AccountId"] == org.find("Account", Name="Example Customer")[0]["Id"]
    assert org.switches["oauth_unknown_user"] == "authentication_failure"
    assert (org.settings.api_limit, org.settings.page_size) == (15000, 500)


def test_the_example_works_with_a_client(example: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    served = example["example-production"]
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(example.ca_path))
    assert served.client.client_id == "example-consumer-key"
    fields = {"grant_type": "client_credentials", "client_id": "example-consumer-key", "client_secret": "example-consumer-secret"}
    token = requests.post(f"{served.url}/services/oauth2/token", data=fields, timeout=10).json()["access_token"]
    salesforce = Salesforce(instance_url=served.url, session_id=token, version="60.0")
    account = salesforce.query("SELECT Id, Name FROM Account")["records"][0]
    assert account["Name"] == "Example Customer"
    salesforce.Account.update(account["Id"], {"Phone": "1"})
    assert served.org.get("Account", account["Id"])["Phone"] == "1"  # type: ignore[index]
    assert [entry.kind for entry in served.journal.entries] == ["login", "read", "write"]


def test_faults_of_the_file_are_armed_and_come_back_with_a_reset(example: Fleet) -> None:
    served = example["example-uat"]
    assert served.my_domain == "https://example--uat.sandbox.my.salesforce.com"
    for _unused in range(2):
        token = served.token(served.org.seed_info["admin_username"])
        query = f"{served.url}/services/data/v60.0/query?q=SELECT+Id+FROM+User"
        statuses = [
            requests.get(query, headers={"Authorization": f"Bearer {token}"}, timeout=10, verify=str(example.ca_path)).status_code
            for _unused in range(3)
        ]
        assert statuses == [503, 503, 200]
        assert requests.post(f"{served.url}/emulator/reset", timeout=30, verify=str(example.ca_path)).status_code == 200


def test_the_format_describes_itself() -> None:
    """Editors read it: every key of an org has a description."""
    form = json.loads((EXAMPLE.parent / "format.json").read_text(encoding="utf-8"))
    org = form["properties"]["orgs"]["items"]["properties"]
    assert all(one.get("description") for one in org.values())
    for text in (EXAMPLE.read_text(encoding="utf-8"),):
        for key in re.findall(r"^    (\w+):", text, re.MULTILINE):
            assert key in org


# --- what it can say ---


def test_an_org_needs_a_name_only() -> None:
    org = built()
    admin = org.find("User", Username="admin@small.example")[0]
    assert org.seed_info["admin_username"] == "admin@small.example"
    assert "ModifyAllData" in org.permissions_of(admin["Id"])
    assert len(org.find("User")) == 1
    assert org.schema.sobject("NVMContactWorld__CallEndEvent__c") is None
    assert org.id == built().id
    assert org.id != built(random_seed=2).id


def test_the_whole_example_customer_can_be_the_base() -> None:
    org = built(base="example", users=[{"username": "more@acme.example", "permission_sets": ["NVMContactWorld__ContactWorld_Agent"]}])
    assert org.find("User", Username="automation@acme.example")
    more = org.find("User", Username="more@acme.example")[0]
    assert len(org.find("PermissionSetAssignment", AssigneeId=more["Id"])) == 2


def test_many_orgs_of_a_kind_have_usernames_of_their_own() -> None:
    planted = from_file.read(small(count=3, admin="boss@acme.example", users=[{"username": "a@acme.example"}]), "seed.yml")
    assert list(planted) == ["small-1", "small-2", "small-3"]
    orgs = [one.build() for one in planted.values()]
    assert [org.seed_info["admin_username"] for org in orgs] == ["boss@acme.example.1", "boss@acme.example.2", "boss@acme.example.3"]
    assert orgs[2].find("User", Username="a@acme.example.3")
    assert len({org.id for org in orgs}) == 3


def test_a_big_org_is_there_soon() -> None:
    started = time.process_time()  # what it costs, whatever else the machine does
    org = built(users=[{"username": "agent{n}@acme.example", "count": 20_000}])
    took = time.process_time() - started
    assert org.store.count("User") == 20_001
    assert took < 5, took


def test_the_usernames_of_an_app_are_numbered_with_their_orgs() -> None:
    app = {"approved": ["ada@small.example"], "run_as": "ada@small.example"}
    text = small(count=2, app=app, users=[{"username": "ada@small.example"}])
    with from_file.serve(from_file.read(text, "seed.yml")) as fleet:
        client = fleet["small-2"].client
        assert (client.run_as, "ada@small.example.2" in client.approved) == ("ada@small.example.2", True)


def test_profiles_get_login_hours_and_ranges() -> None:
    hours, ranges = {"mondayStart": 480, "mondayEnd": 1080}, [{"startAddress": "10.0.0.1", "endAddress": "10.0.0.9"}]
    org = built(profile_conditions=[{"profile": "Standard User", "login_hours": hours, "login_ip_ranges": ranges}])
    conditions = org.seed_info["profile_conditions"][org.find("Profile", Name="Standard User")[0]["Id"]]
    assert (conditions.login_hours, [one.end for one in conditions.login_ip_ranges]) == (hours, ["10.0.0.9"])


def test_a_profile_that_says_nothing_of_fields_shows_those_of_its_objects() -> None:
    objects = {"Account": ["read"], "contact": ["read", "edit"]}
    silent, closed = (
        {"name": name, "license": "Salesforce", "objects": objects, **more} for name, more in (("P", {}), ("Q", {"fields": {}}))
    )
    org = built(profiles=[silent, closed])
    rows: dict[str, dict[str, bool]] = {}
    for name in ("P", "Q"):
        own = org.find("PermissionSet", ProfileId=org.find("Profile", Name=name)[0]["Id"])[0]["Id"]
        rows[name] = {row["Field"]: row["PermissionsEdit"] for row in org.find("FieldPermissions", ParentId=own)}
    assert (rows["P"]["Account.Phone"], rows["P"]["Contact.Phone"]) == (False, True)
    assert {field.partition(".")[0] for field in rows["P"]} == {"Account", "Contact"}
    assert rows["Q"] == {}


def test_times_are_kept_as_the_api_writes_them() -> None:
    org = built(records=[{"sobject": "Account", "fields": {"Name": "A", "CreatedDate": "2020-01-01T02:00:00+02:00"}}])
    assert org.find("Account")[0]["CreatedDate"] == "2020-01-01T00:00:00.000+0000"


# --- mistakes ---


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "seed.yml:1: the file is empty"),
        ("orgs: [", "seed.yml:1: no YAML"),
        ("orgs: []", "seed.yml:1: orgs: at least one is wanted"),
        ("org:\n  - name: a", "seed.yml:1: org: is not known here; known are orgs"),
        ("orgs:\n  - nam: a", "seed.yml:2: orgs[0].nam: is not known here"),
        ("orgs:\n  - nam: a", "seed.yml:2: orgs[0]: name is missing"),
        ("orgs:\n  - name: a\n    sandbox: 'yes'", "seed.yml:3: orgs[0].sandbox: true or false is wanted, not 'yes'"),
        ("orgs:\n  - name: a\n    sandbox: true\n    sandbox: false", "seed.yml:4: orgs[0].sandbox: is here twice"),
        ("orgs:\n  - name: a b", "seed.yml:2: orgs[0].name: 'a b' does not look like"),
        ("orgs:\n  - name: ''", "seed.yml:2: orgs[0].name: must not be empty"),
        ("orgs:\n  - name: a\n    settings:\n      page_size: 0", "seed.yml:4: orgs[0].settings.page_size: must be 1 or more"),
        ("orgs:\n  - name: a\n    base: other", "seed.yml:3: orgs[0].base: 'other' is none of example, standard"),
        ("orgs:\n  - name: a\n    users: {}", "seed.yml:3: orgs[0].users: a list is wanted, not a mapping"),
        ("orgs:\n  - name: a\n  - name: a", "seed.yml:3: orgs[1].name: two orgs are called a"),
        ("orgs:\n  - name: a\n    switches: {magic: x}", "seed.yml:3: orgs[0].switches.magic: no such switch"),
        ("orgs:\n  - name: a\n    switches: {missing_record: x}", "seed.yml:3: orgs[0].switches.missing_record: 'x' is none of"),
        ("orgs:\n  - name: a\n    features: [x]", "seed.yml:3: orgs[0].features[0]: 'x' is none of"),
        ("orgs:\n  - name: a\n    faults:\n      - {action: magic}", "seed.yml:4: orgs[0].faults[0]: unknown action 'magic'"),
        ("orgs:\n  - name: a\n    count: 2\n    base: example", "seed.yml:3: orgs[0].count: many orgs of a kind want base: standard"),
        (
            "orgs:\n  - name: a\n    users:\n      - username: ada",
            "seed.yml:4: orgs[0].users[0].username: 'ada' does not look like an e-mail",
        ),
        ("orgs:\n  - name: a\n    users:\n      - {username: a@b.c, count: 2}", "seed.yml:4: orgs[0].users[0].username: {n} and count go"),
        (
            "orgs:\n  - name: a\n    users:\n      - {username: a@b.c, profile: X}",
            "seed.yml:4: orgs[0].users[0].profile: the org has no profile X",
        ),
        (
            "orgs:\n  - name: a\n    users:\n      - {username: a@b.c}\n      - {username: A@b.c}",
            "seed.yml:5: orgs[0].users[1].username: the org",
        ),
        (
            "orgs:\n  - name: a\n    users:\n      - username: a@b.c\n        fields:\n          Nope: x",
            "seed.yml:6: orgs[0].users[0].fields.Nope: User",
        ),
        (
            "orgs:\n  - name: a\n    users:\n      - {username: a@b.c, permission_sets: [X]}",
            "seed.yml:4: orgs[0].users[0].permission_sets[0]: the org has no permission set X",
        ),
        (
            "orgs:\n  - name: a\n    permission_sets:\n      - {name: X, permissions: [Magic]}",
            "seed.yml:4: orgs[0].permission_sets[0].permissions[0]: PermissionSet has no PermissionsMagic",
        ),
        (
            "orgs:\n  - name: a\n    permission_sets:\n      - {name: X, objects: {Nope__c: [read]}}",
            "seed.yml:4: orgs[0].permission_sets[0].objects.Nope__c: the org has no sObject Nope__c",
        ),
        (
            "orgs:\n  - name: a\n    records:\n      - {sobject: Account, fields: {Name: 1}}",
            "seed.yml:4: orgs[0].records[0].fields.Name: Name is of",
        ),
        (
            "orgs:\n  - name: a\n    records:\n      - {sobject: Contact, fields: {AccountId: '@{x}'}}",
            "seed.yml:4: orgs[0].records[0].fields.AccountId: no record above has the ref x",
        ),
        (
            "orgs:\n  - name: a\n    records:\n      - {sobject: Contact, fields: {AccountId: nope}}",
            "seed.yml:4: orgs[0].records[0].fields.AccountId: AccountId wants an Id or",
        ),
        (
            "orgs:\n  - name: a\n    records:\n      - {sobject: Task, fields: {ActivityDate: 2020-13-45}}",
            "seed.yml:4: orgs[0].records[0].fields.ActivityDate: ActivityDate wants a date, '2020-13-45' is none",
        ),
        (
            "orgs:\n  - name: a\n    users:\n      - {username: a@b.c, alias: muchtoolong}",
            "orgs[0].users[0].alias: Alias holds 8 characters, not 11",
        ),
        ("orgs:\n  - name: a\n    users:\n      - {username: a@b.c, fields: {Departmnt: x}}", "did you mean Department?"),
        ("orgs:\n  - name: a\n    users:\n      - {username: a@b.c, profile: Standard Usr}", "did you mean Standard User?"),
        ("orgs:\n  - name: a\n    switches: {missing_record: off}", "a text is wanted, not False; put it in quotes"),
        ("orgs:\n  - name: a\n    faults:\n      - {action: status}", "seed.yml:4: orgs[0].faults[0]: status wants status"),
        (
            "orgs:\n  - name: a\n    faults:\n      - {action: delay, second: 1}",
            "seed.yml:4: orgs[0].faults[0]: delay has no option second; it has seconds, match_method",
        ),
        ("orgs:\n  - name: a\n    app: {approved: [x@y.z]}", "seed.yml:3: orgs[0].app.approved: the org has no user x@y.z"),
        ("orgs:\n  - name: a\n    app: {run_as: x@y.z}", "seed.yml:3: orgs[0].app.run_as: the org has no user x@y.z"),
        ("orgs:\n  - {name: a, admin: x@y.z}\n  - {name: b, admin: X@y.z}", "seed.yml:3: orgs[1].admin: X@y.z is the org a's already"),
        ("orgs:\n  - {name: a, my_domain: d}\n  - {name: b, my_domain: d}", "seed.yml:3: orgs[1].my_domain: d is the org a's already"),
        (
            "orgs:\n  - name: a\n    permission_sets: [{name: X}]\n    users: [{username: a@b.c, permission_sets: [X, x]}]",
            "seed.yml:4: orgs[0].users[0]: the same permission set or group is assigned twice",
        ),
        (
            "orgs:\n  - name: a\n    profile_conditions: [{profile: X}]",
            "seed.yml:3: orgs[0].profile_conditions[0].profile: the org has no Profile X",
        ),
        (
            "orgs:\n  - name: a\n    profile_conditions: [{profile: Standard User, login_hours: {mondayStart: 90}}]",
            "seed.yml:3: orgs[0].profile_conditions[0]: no login hours: mondayStart",
        ),
        (
            "orgs:\n  - name: a\n    profile_conditions: [{profile: Standard User, login_ip_ranges: [{startAddress: b, endAddress: a}]}]",
            "seed.yml:3: orgs[0].profile_conditions[0]: 'b' does not appear to be an IPv4",
        ),
        (
            "orgs:\n  - name: a\n    profile_conditions:\n      - {profile: Standard User, login_ip_ranges: [{startAddress: 10.0.0.9, endAddress: 10.0.0.1}]}",
            "seed.yml:4: orgs[0].profile_conditions[0]: no range of addresses",
        ),
        ("orgs: &x\n  - name: a\n    users: *x", "seed.yml:3: orgs[0].users: refers to itself"),
        ("orgs:\n  - name: !!python/object:os.system a", "orgs[0].name: the tag"),
    ],
)
def test_each_mistake_is_told_with_line_and_key(text: str, told: str) -> None:
    assert told in mistake(text)


def test_all_mistakes_of_form_are_told_at_once() -> None:
    told = mistake("orgs:\n  - name: a\n    sandbox: 1\n    users:\n      - {usernam: x}").splitlines()
    assert len(told) == 3


def test_what_the_org_has_is_not_put_twice() -> None:
    for key, entry in (
        ("licenses", {"name": "Salesforce", "key": "SFDC", "seats": 1}),
        ("profiles", {"name": "Standard User", "license": "Salesforce"}),
    ):
        assert "already" in mistake(small(**{key: [entry]}))
    assert "already" in mistake(small(permission_sets=[{"name": "X"}, {"name": "x"}]))
    assert "already" in mistake(small(contact_centers=[{"internal_name": "X"}] * 2))
    for key, one in (("permission_sets", {"name": "X"}), ("permission_set_licenses", {"name": "X", "seats": 1})):
        assert "already" in mistake(small(**{key: [one, one]}))
    twice = [{"name": "G", "permission_sets": []}] * 2
    assert "already" in mistake(json.dumps({"orgs": [{"name": "a", "permission_set_groups": twice}]}))


# --- the program ---


def test_the_program_serves_a_file(tmp_path: Path) -> None:
    file = tmp_path / "seed.yml"
    file.write_text(small(users=[{"username": "a@acme.example"}]), encoding="utf-8")
    inventory = tmp_path / "orgs.yml"
    process = subprocess.Popen(
        [sys.executable, "-m", "emulator", "--seed", str(file), "--write-inventory", str(inventory), "--plain-http", "--proxy"],
        env={"PYTHONPATH": str(TESTS), "TMPDIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        printed = ""
        for line in process.stdout:
            printed += line
            if "HTTPS_PROXY" in line:
                break
        plain = re.search(r"plain +(http://127\.0\.0\.1:\d+)", printed)
        assert plain is not None
        assert requests.get(f"{plain[1]}/emulator", timeout=10).json()["org"] == "small"
        assert list(yaml.safe_load(inventory.read_text(encoding="utf-8"))["all"]["hosts"]) == ["small"]
    finally:
        process.terminate()
        _rest, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")


def test_the_program_tells_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    file = tmp_path / "seed.yml"
    file.write_text("orgs:\n  - name: a\n    users: [{username: a@b.c, profile: X}]\n", encoding="utf-8")
    with pytest.raises(SystemExit, match=rf"{re.escape(str(file))}:3: orgs\[0\].users\[0\].profile: the org has no profile X"):
        program.fleet_of(program.arguments(["--seed", str(file)]))
    with pytest.raises(SystemExit, match="cannot be read"):
        program.planted(tmp_path / "nothing.yml")


# --- the guide ---


def test_the_program_tells_of_a_port_or_a_folder_it_cannot_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program.signal, "signal", lambda *_unused: None)  # pytest keeps its own
    seeded = ["--seed", str(EXAMPLE)]
    with from_file.serve(from_file.read(small(), "seed.yml")) as other:
        port = other["small"].home.rpartition(":")[2]
        with pytest.raises(SystemExit, match=f"--ports {port},0: Address already in use"):
            program.main([*seeded, "--ports", f"{port},0"])
    with pytest.raises(SystemExit, match="--ports wants 2 numbers up to 65535"):
        program.main([*seeded, "--ports", "99999,0"])
    for option in ("--write-inventory", "--pid-file"):
        with pytest.raises(SystemExit, match=r"x\.yml cannot be written: No such file"):
            program.main([*seeded, option, str(tmp_path / "none" / "x.yml")])


@pytest.fixture
def guide() -> str:
    return (TESTS.parent / "docs" / "emulator-guide.md").read_text(encoding="utf-8")


def test_the_guide_shows_the_example_as_it_is(guide: str) -> None:
    shown = re.search(r"<!-- begin: example.yml -->\n\n```yaml\n(.*?)```", guide, re.DOTALL)
    assert shown is not None
    assert EXAMPLE.read_text(encoding="utf-8").endswith(f"---\n{shown[1]}")


def test_the_guide_names_every_action_of_a_fault(guide: str) -> None:
    named = {name for cell in re.findall(r"^\| (`[^|]*`) \|", guide, re.MULTILINE) for name in re.findall(r"`([a-z_]+)`", cell)}
    assert set(faults.ACTIONS) <= named


def test_the_guides_python_runs(guide: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = re.search(r"```python\n(.*?)```", guide, re.DOTALL)
    assert code is not None
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my-orgs.yml").write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    exec(compile(code[1], "emulator-guide.md", "exec"), {})
    assert list(yaml.safe_load((tmp_path / "orgs.inventory.yml").read_text(encoding="utf-8"))["all"]["hosts"]) == [
        "example-production",
        "example-uat",
    ]


def test_the_format_is_a_schema_that_others_read_alike() -> None:
    """The example passes, and what the emulator refuses by form fails, with an implementation of JSON Schema by others."""
    jsonschema = pytest.importorskip("jsonschema")
    form = json.loads((EXAMPLE.parent / "format.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(form)
    check = jsonschema.Draft202012Validator(form)
    assert check.is_valid(yaml.safe_load(EXAMPLE.read_text(encoding="utf-8")))
    for wrong in ({"sandbox": "yes"}, {"magic": 1}, {"settings": {"page_size": 0}}, {"base": "other"}, {"users": {}}, {"users": [{}]}):
        document = {"orgs": [{"name": "a", **wrong}]}
        assert not check.is_valid(document)
        mistake(json.dumps(document))


def test_a_playbook_converges_the_example_and_finds_nothing_to_do_then(tmp_path: Path) -> None:
    """As the guide promises: an inventory of the fleet, a playbook, the org's records, no second write."""
    with from_file.serve(from_file.read_file(EXAMPLE)) as fleet:
        served = fleet["example-production"]
        hosts = {"example-production": host_variables(fleet)["example-production"]}
        task = {"voiceops.salesforce.permission_set_assignment": {"users": ["ada@example.org"], "permission_set": "Voice_Agent"}}
        first = play(tmp_path, hosts, [task])
        assert first.status == 0, first.output
        ada = served.org.find("User", Username="ada@example.org")[0]["Id"]
        voice = served.org.find("PermissionSet", Name="Voice_Agent")[0]["Id"]
        assert served.org.find("PermissionSetAssignment", AssigneeId=ada, PermissionSetId=voice)
        assert len(served.journal.writes()) == 1
        mark = served.journal.last_seq
        again = play(tmp_path, hosts, [task])
        assert again.status == 0, again.output
        assert served.journal.since(mark)
        assert served.journal.writes(since=mark) == ()
