# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The conformance run itself: what it counts, what it calls a problem, and that evidence, contract tests and controls keep in step."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from conformance import __main__ as program
from conformance import broken, controls, install, jsforce, pytests, results, seed, soql
from conformance.differential import compare
from conformance.results import Case, Part
from conformance.stub import stub
from contract import door, live
from contract.conftest import drawn
from emulator import seed as seeds
from emulator.evidence import import_everything
from emulator.fleet import Fleet
from emulator.rules.registry import holds, switches
from tooling import workspace

import_everything()
CONTRACT = workspace.ROOT / "tests" / "contract"
EVIDENCE = (workspace.ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
PAGE = (workspace.ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")


# --- results ----------------------------------------------------------------------------------------------------------------------------


def test_a_failed_test_is_a_problem_and_so_is_a_part_without_tests() -> None:
    part = results.of_tests("one", [Case("a", "passed"), Case("b", "failed", "why"), Case("c", "skipped", "no need")])
    assert part.problems == ("one: b: why",)
    assert [part.count(status) for status in ("passed", "failed", "skipped")] == [1, 1, 1]
    assert results.of_tests("none", []).problems == ("none: nothing was run",)
    assert results.unavailable("sf", "no npm").problems


def test_the_table_counts_and_gives_the_reason_of_each_skip() -> None:
    part = Part("one", (Case("a", "passed"), Case("c", "skipped", "no need"), Case("d", "skipped", "no need")), note="said")
    assert "| one | 1 | 0 | 2 | said |" in results.table([part])
    assert "- one: 2 × no need" in results.table([part])


def test_the_page_gets_the_table_between_its_markers() -> None:
    text = results.put_into(f"before\n{results.BEGIN}\nold\n{results.END}\nafter", [Part("one", (Case("a", "passed"),))])
    assert "old" not in text
    assert text.startswith("before\n")
    assert text.endswith("\nafter")
    assert results.put_into(text, [Part("one", (Case("a", "passed"),))]) == text
    with pytest.raises(ValueError, match="begin: make conformance"):
        results.put_into("no markers", [])


def test_the_page_has_the_markers_and_says_what_the_number_does_not_prove() -> None:
    results.put_into(PAGE, [])
    assert "say nothing of permission sets" in PAGE


def test_a_junit_file_is_read(tmp_path: Path) -> None:
    cases = '<testcase classname="a.b" name="one"/><testcase classname="a.b" name="two"><failure message="boom&#10;more"/></testcase>'
    skipped = '<testcase classname="a.b" name="three"><skipped message="not here"/></testcase>'
    path = tmp_path / "junit.xml"
    path.write_text(f"<testsuites><testsuite>{cases}{skipped}</testsuite></testsuites>", encoding="utf-8")
    assert results.from_junit(path) == [Case("b::one", "passed"), Case("b::two", "failed", "boom"), Case("b::three", "skipped", "not here")]


def test_a_part_that_cannot_run_is_a_problem_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_unused: list[Part]) -> list[Part]:
        raise install.Missing("there is no npm here")

    good = Part("good", (Case("a", "passed"),))
    monkeypatch.setattr(program, "PARTS", {"bad": missing, "good": lambda _unused: [good]})
    done = program.perform(["bad", "good"])
    assert done[1] is good
    assert "there is no npm here" in done[0].problems[0]


# --- what others wrote ------------------------------------------------------------------------------------------------------------------


def test_versions_are_exact() -> None:
    for path in install.DEFINITIONS.glob("*/package.json"):
        told = json.loads(path.read_text(encoding="utf-8"))
        wanted = {**told["dependencies"], **told.get("optionalDependencies", {})}
        assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values()), path
        lock = path.with_name("package-lock.json")
        if lock.is_file():
            assert json.loads(lock.read_text(encoding="utf-8"))["packages"][""]["dependencies"] == told["dependencies"]
        else:
            assert path.parent.name == "sf"  # the CLI ships its own list of exact versions


def test_what_is_installed_is_not_installed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "apex").mkdir()
    (tmp_path / "apex" / install.STAMP).write_text(install.fingerprint("apex"), encoding="utf-8")
    monkeypatch.setattr(install.shutil, "which", lambda _unused: None)
    assert install.install("apex", tmp_path) == tmp_path / "apex"
    (tmp_path / "apex" / install.STAMP).write_text("another version", encoding="utf-8")
    with pytest.raises(install.Missing, match="no npm here"):
        install.install("apex", tmp_path)
    with pytest.raises(install.Missing, match=r"Node\.js"):
        install.node()


def test_a_registry_that_does_not_answer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'ENOTFOUND registry' >&2\nexit 1\n", encoding="utf-8")
    npm.chmod(0o700)
    monkeypatch.setattr(install, "npm", lambda: npm)
    with pytest.raises(install.Missing, match="ENOTFOUND registry"):
        install.install("apex", tmp_path)
    assert not install.is_ready("apex", tmp_path)


# --- jsforce ----------------------------------------------------------------------------------------------------------------------------


def report(*tests: tuple[str, str], hooks: tuple[str, ...] = ()) -> str:
    def shown(title: str, error: str) -> dict[str, Any]:
        return {"fullTitle": title, "err": {"message": error} if error else {}}

    told = {
        "stats": {},
        "tests": [shown(*test) for test in tests],
        "failures": [shown(title, error) for title, error in tests if error] + [shown(hook, "broke") for hook in hooks],
    }
    return "Username: a\n" + json.dumps(told, indent=2) + "\nlast words"


def test_mocha_s_report_is_read_and_hooks_are_no_tests() -> None:
    tests, hooks = jsforce.read_report(report(("a", ""), ("b", "boom"), hooks=("after all",)))
    assert tests == (("a", None), ("b", "boom"))
    assert hooks == ("after all: broke",)
    with pytest.raises(RuntimeError, match="gave no report: gone"):
        jsforce.read_report("nothing", "gone")


def test_what_fails_without_a_reason_and_what_passes_with_one_are_problems() -> None:
    found = jsforce.SuiteRun("query", (("a", None), ("b", "boom"), ("c", "boom"), ("d", None)), ("after all: broke",))
    known = {("query", "c"): "out", ("query", "d"): "out", ("query", "e"): "out", ("soap", "b"): "elsewhere"}
    tests, problems = jsforce.judge(found, known, 5)
    assert [test.status for test in tests] == ["passed", "failed", "skipped", "passed"]
    told = "\n".join(problems)
    for part in ("a hook failed: after all", "'b' failed: boom", "'d' passes, yet", "names 'e', which did not run", "4 tests ran, not 5"):
        assert part in told
    assert len(problems) == 5


def test_every_skip_names_a_suite_and_a_reason_once() -> None:
    listed = yaml.safe_load(jsforce.SKIPS.read_text(encoding="utf-8"))
    assert all(
        set(entry) == {"suite", "test", "reason"} and entry["suite"] in jsforce.SUITES and len(entry["reason"]) > 20 for entry in listed
    )
    assert len(jsforce.reasons()) == len(listed)


def test_fewer_passing_tests_than_asked_for_are_a_problem() -> None:
    enough = Part("jsforce query", tuple(Case(str(number), "passed") for number in range(jsforce.REQUIRED)))
    assert jsforce.total([enough]).problems == ()
    assert jsforce.total([enough, Part("jsforce connection-meta", (Case("a", "passed"),))]).note == f"**{jsforce.REQUIRED} of 95**"
    assert jsforce.total([Part("jsforce query", enough.tests[1:])]).problems


def test_the_suite_s_org_has_what_its_set_up_script_makes() -> None:
    org = seed.suite_org("suite")
    assert len(org.find("BigTable__c")) == seed.BIG_ROWS
    item = org.schema.sobjects["UpsertTable__c"].fields["ExtId__c"]
    assert (item.external_id, item.unique, item.length) == (True, False, 50)
    user = org.find("User", Username=org.seed_info["admin_username"])[0]["Id"]
    made = org.create(user, "UpsertTable__c", {"Name": "x", "ExtId__c": "1"})
    kept = org.put("UpsertTable__c", Name="of somebody else", CreatedById=org.seed_info["user_ids"]["agent"])
    seed.clean_up(org, user)
    assert org.get("UpsertTable__c", made) is None
    assert org.get("UpsertTable__c", kept) is not None


# --- other parts ------------------------------------------------------------------------------------------------------------------------


def comparison(**changes: Any) -> compare.Comparison:
    told: dict[str, Any] = {
        "examples": soql.EXAMPLES,
        "agreed": soql.EXAMPLES,
        "accepted_by_both": 1,
        "explained": {},
        "unexplained": (),
        "samples": {},
    }
    return compare.Comparison(**{**told, **changes})


def test_an_unexplained_disagreement_and_too_few_statements_are_problems() -> None:
    assert soql.judged(comparison()).problems == ()
    part = soql.judged(comparison(agreed=1990, explained={"a reason": 9}, unexplained=(("SELECT", "accepted", "refused"),)))
    assert [part.count(status) for status in ("passed", "failed", "skipped")] == [1990, 1, 9]
    assert len(part.problems) == 1
    assert soql.judged(comparison(examples=10, agreed=10)).problems


@pytest.mark.skipif(not pytests.RECORDINGS.is_dir(), reason="the recordings (../shared/golden) are not on this machine")
def test_every_recording_is_replayed_by_some_test() -> None:
    stems = sorted(path.stem for path in pytests.RECORDINGS.glob("*.json"))
    assert len(stems) >= 37
    files = sorted((workspace.ROOT / pytests.UNIT).glob("test_recordings_*.py"))
    assert pytests.uncovered(files, stems) == []


def test_a_recording_that_no_test_names_is_found(tmp_path: Path) -> None:
    path = tmp_path / "test_recordings_x.py"
    path.write_text('A = ["create.json", "update"]\n', encoding="utf-8")
    assert pytests.uncovered([path], ["create", "create-tree", "update"]) == ["create-tree"]


# --- controls ---------------------------------------------------------------------------------------------------------------------------


def test_the_stub_answers_everything_with_success() -> None:
    with stub() as url:
        for method in ("GET", "POST", "PATCH", "DELETE"):
            told = requests.request(method, f"{url}/services/data/v66.0/sobjects/Account", json={}, timeout=5).json()
            assert (told["success"], told["records"]) == (True, [])
        login = requests.post(f"{url}/services/Soap/u/42.0", data="<x/>", timeout=5)
        assert f"{url}/services/Soap/u/" in login.text


def test_every_group_has_controls_that_exist() -> None:
    assert len(broken.GROUPS) == 7
    assert all(broken.GROUPS.values())
    assert {name for names in broken.GROUPS.values() for name in names} <= set(broken.names())


@pytest.mark.parametrize("name", sorted(broken.PATCHES))
def test_what_is_broken_is_whole_again_afterwards(name: str) -> None:
    one = broken.PATCHES[name]
    before = getattr(one.owner, one.name)
    with broken.broken([name]):
        assert getattr(one.owner, one.name) is not before
    assert getattr(one.owner, one.name) is before


def test_a_rule_is_broken_by_name_and_a_slip_is_an_error() -> None:
    with broken.broken(["one_center_a_user"]):
        assert not holds("one_center_a_user")
    assert holds("one_center_a_user")
    with pytest.raises(ValueError, match="not breakable"), broken.broken(["no such rule"]):
        pass


def test_a_control_that_nothing_notices_or_that_breaks_everything_is_a_problem() -> None:
    passed, failed = Case("a", "passed"), Case("b", "failed")
    assert "untested rule" in controls.verdict("x", [passed, passed])
    assert controls.verdict("x", [passed, passed, failed]) == ""
    assert "every test fails" in controls.verdict("x", [failed, failed, passed])


# --- evidence ---------------------------------------------------------------------------------------------------------------------------


def evidence_rows() -> Iterator[tuple[str, list[str]]]:
    for line in EVIDENCE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| `"):
            yield cells[0].strip("| `"), cells


def marked() -> dict[str, set[str]]:
    """Row -> the files whose tests check it."""
    found: dict[str, set[str]] = {}
    for path in sorted(CONTRACT.glob("test_*.py")):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(function, ast.FunctionDef) or not function.name.startswith("test_"):
                continue
            marks = [mark for mark in function.decorator_list if ast.unparse(mark).startswith("pytest.mark.evidence(")]
            assert marks, f"{path.name}: {function.name} names no row of the evidence"
            for argument in (one for mark in marks if isinstance(mark, ast.Call) for one in mark.args):
                found.setdefault(ast.literal_eval(argument), set()).add(path.stem)
    return found


def test_every_row_of_the_evidence_names_the_files_that_test_it_or_why_none_does() -> None:
    told = {}
    for row, cells in evidence_rows():
        assert len(cells) == 6, row
        assert row not in told, f"{row} is there twice"
        told[row] = set() if cells[5].startswith("no: ") else set(re.findall(r"\[(\w+)\]\(\.\./tests/contract/\1\.py\)", cells[5]))
        assert told[row] or len(cells[5]) > len("no: ") + 10, row
        assert re.match(r"(recorded|documented|quoted|inferred)\b", cells[2]), row
    assert {row: files for row, files in told.items() if files} == marked()


# --- a real org -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"IsSandbox": True, "OrganizationType": "Enterprise Edition", "TrialExpirationDate": None}, False),
        ({"IsSandbox": False, "OrganizationType": "Developer Edition", "TrialExpirationDate": None}, False),
        ({"IsSandbox": False, "OrganizationType": "Enterprise Edition", "TrialExpirationDate": "2026-01-01"}, False),
        ({"IsSandbox": False, "OrganizationType": "Enterprise Edition", "TrialExpirationDate": None}, True),
    ],
)
def test_production_is_what_says_nothing_else(row: Mapping[str, Any], expected: bool) -> None:
    assert live.is_production(row) is expected


def test_production_is_refused_unless_told_twice() -> None:
    row = {"Id": "00D000000000001EAA", "Name": "P", "IsSandbox": False, "OrganizationType": "Enterprise", "TrialExpirationDate": None}
    right = {live.PRODUCTION: "00D000000000001"}
    for environment, production in (
        ({}, True),
        (right, False),
        ({live.PRODUCTION: "00D000000000002"}, True),
        ({live.PRODUCTION: ""}, True),
    ):
        with pytest.raises(live.Refused, match="say it twice"):
            live.refuse_production(row, environment, production=production)
    live.refuse_production(row, right, production=True)
    with pytest.raises(live.Refused, match="wants to know which org"):
        live.enter({}, Path(), None, production=True)


COUNTED = ("PermissionSet", "PermissionSetAssignment", "ObjectPermissions", "FieldPermissions", "SetupEntityAccess", "Account")


@pytest.fixture
def run_live() -> Iterator[Callable[..., tuple[int, str, Fleet]]]:
    """Runs contract tests against a served org as against a real one: by its URL and the variables alone."""
    fleets: list[Fleet] = []

    def run(sandbox: bool, *paths: str) -> tuple[int, str, Fleet]:
        state = seeds.vonage("acme-real", sandbox=sandbox, features=seeds.DEFAULT_FEATURES | {"user_access_policies"})
        fleet = Fleet([state])
        fleets.append(fleet)
        served, info = fleet[state.name], state.seed_info
        given = {name.upper(): value for name, value in fleet.connection(state.name).items()}
        given |= {live.PERSON: info["users"]["without_set"], live.LIMITED: served.token(info["limited_username"])}
        given |= {live.READER: served.token(info["users"]["agent"])}
        command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "--live", *paths]
        done = subprocess.run(
            command,
            cwd=workspace.ROOT,
            env={**workspace.environment(os.environ), **given},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        return done.returncode, done.stdout + done.stderr, fleet

    yield run
    for fleet in fleets:
        fleet.close()


def test_a_live_run_leaves_nothing_behind(run_live: Callable[..., tuple[int, str, Fleet]]) -> None:
    untouched = seeds.vonage("acme-real", sandbox=True, features=seeds.DEFAULT_FEATURES | {"user_access_policies"})
    code, output, fleet = run_live(True, "tests/contract/")
    assert code == 0, output
    org = fleet["acme-real"].org
    assert len(org.writes) > 100
    assert {name: len(org.find(name)) for name in COUNTED} == {name: len(untouched.find(name)) for name in COUNTED}
    before = {row["Username"]: row["CallCenterId"] for row in untouched.find("User")}
    assert {row["Username"]: row["CallCenterId"] for row in org.find("User")} == before
    theirs = {row["Id"] for name in ("User", "CallCenter", "PermissionSet", "PermissionSetAssignment") for row in untouched.find(name)}
    deleted = [entry.path for entry in fleet["acme-real"].journal.entries if entry.method == "DELETE"]
    assert deleted
    assert [path for path in deleted if any(one in path for one in theirs)] == [], "a live run tries to delete what it did not make"


def test_a_live_run_in_production_stops_before_it_writes(run_live: Callable[..., tuple[int, str, Fleet]]) -> None:
    code, output, fleet = run_live(False, "tests/contract/test_permission_sets.py")
    assert code == 4, output
    assert "is a production org" in output
    assert fleet["acme-real"].org.writes == []


def test_what_answers_say_was_made_is_remembered() -> None:
    root = "/services/data/v66.0"
    made = {"id": "001A", "success": True, "errors": []}
    assert door.made_by("POST", f"{root}/sobjects/Account/", {}, 201, made) == [("Account", "001A")]
    assert door.made_by("POST", f"{root}/sobjects/Account", {}, 400, [{"errorCode": "X"}]) == []
    assert door.made_by("PATCH", f"{root}/composite/sobjects", {}, 200, [made]) == []
    assert door.made_by("POST", f"{root}/composite/sobjects", {}, 200, [made, {"success": False, "errors": []}]) == [("", "001A")]
    asked = {
        "compositeRequest": [
            {"method": "POST", "url": f"{root}/sobjects/Account", "referenceId": "a"},
            {"method": "POST", "url": f"{root}/composite/sobjects", "referenceId": "b"},
            {"method": "PATCH", "url": f"{root}/composite/sobjects", "referenceId": "c"},
        ]
    }
    parts = [
        {"referenceId": "a", "httpStatusCode": 201, "body": made},
        {"referenceId": "b", "httpStatusCode": 200, "body": [{**made, "id": "002A"}]},
        {"referenceId": "c", "httpStatusCode": 200, "body": [{**made, "id": "003A"}]},
    ]
    told = door.made_by("POST", f"{root}/composite", asked, 200, {"compositeResponse": parts})
    assert told == [("Account", "001A"), ("", "002A")]


def test_switches_are_drawn_the_same_for_the_same_seed() -> None:
    assert drawn("random:1") == drawn("random:1") != drawn("random:2")
    assert set(drawn("random:1")) == set(switches())
    assert drawn("setup_reads=open,row_order=shuffled") == {"setup_reads": "open", "row_order": "shuffled"}


class Answering:
    """A session that answers every request with one status and body, and remembers what was asked."""

    def __init__(self, status: int, body: object) -> None:
        self.answer = requests.Response()
        self.answer.status_code = status
        self.answer._content = json.dumps(body).encode()

    def get(self, _url: str, **_options: Any) -> requests.Response:
        return self.answer

    patch = delete = get


@pytest.mark.parametrize(
    ("status", "body", "left"), [(401, [{"errorCode": "INVALID_SESSION_ID"}], 2), (503, "maintenance", 2), (404, [], 1)]
)
def test_what_cannot_be_shown_to_be_gone_or_put_back_is_told(status: int, body: object, left: int) -> None:
    org = door.Org("https://org.example", Answering(status, body), "66.0", is_live=True)  # type: ignore[arg-type]
    org.made = [("PermissionSet", "0PS000000000001GAA")]
    org.restore = [("User", "005000000000001AAA", {"CallCenterId": None})]
    told = org.clean()
    assert len(told) == left
    assert told[0].startswith("User 005000000000001AAA")
    assert (org.made, org.restore) == ([], [])
