# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sf command line: its files, whole and broken, and the program, willing and not."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from ansible_collections.voiceops.salesforce.plugins.plugin_utils import _sf_cli

ORG = {"username": "kim@acme.com", "orgId": "00D000000000002EAA", "instanceUrl": "https://acme.my.salesforce.com/", "accessToken": "CANARY"}


def put(folder: Path, name: str, content: Any) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / name).write_text(text, encoding="utf-8")


def test_users_sandboxes_and_aliases_are_read_and_nothing_else(tmp_path: Path) -> None:
    put(tmp_path, "kim@acme.com.json", ORG)
    put(tmp_path, "00D000000000002EAA.sandbox.json", {"sandboxName": "uat", "prodOrgUsername": "kim@acme.com", "secret": "CANARY"})
    put(tmp_path, "alias.json", {"orgs": {"prod": "kim@acme.com", "odd": 5}})
    for name in ("key.json", "sfdx-config.json", ".hidden@acme.com.json", "00D000000000002EAA.json", "kim@acme.com.txt", "stash.json"):
        put(tmp_path, name, "CANARY {")
    (tmp_path / "dir@acme.com.json").mkdir()
    found = _sf_cli.read_files(str(tmp_path))
    assert found.orgs == {"kim@acme.com.json": {name: value for name, value in ORG.items() if name != "accessToken"}}
    assert found.sandboxes == {"00D000000000002": {"sandboxName": "uat", "prodOrgUsername": "kim@acme.com"}}
    assert (found.aliases, found.unreadable) == ({"prod": "kim@acme.com"}, {})
    assert "CANARY" not in str(found)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('{"CANARY": ', "no JSON (line 1)"),
        ('["CANARY"]', "no JSON object"),
        ('{"accessToken": "CANARY"}', "names no org"),
        ("", "no JSON"),
    ],
)
def test_one_broken_file_does_not_hide_the_others(tmp_path: Path, content: str, why: str) -> None:
    put(tmp_path, "a@acme.com.json", content)
    put(tmp_path, "kim@acme.com.json", ORG)
    found = _sf_cli.read_files(str(tmp_path))
    assert list(found.orgs) == ["kim@acme.com.json"]
    assert list(found.unreadable) == [str(tmp_path / "a@acme.com.json")]
    told = found.unreadable[str(tmp_path / "a@acme.com.json")]
    assert why in told
    assert "CANARY" not in told


def test_a_file_that_is_no_text_and_broken_aliases_are_told(tmp_path: Path) -> None:
    (tmp_path / "a@acme.com.json").write_bytes(b"\xff\xfe\x00")
    put(tmp_path, "alias.json", {"orgs": ["CANARY"]})
    put(tmp_path, "00D000000000002EAA.sandbox.json", "{")
    found = _sf_cli.read_files(str(tmp_path))
    assert {Path(name).name for name in found.unreadable} == {"a@acme.com.json", "alias.json", "00D000000000002EAA.sandbox.json"}
    assert "CANARY" not in str(found)


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_unused: Any, **_more: Any) -> str:
        raise PermissionError(13, "Permission denied")

    put(tmp_path, "a@acme.com.json", ORG)
    monkeypatch.setattr(Path, "read_text", refuse)
    assert "Permission denied" in next(iter(_sf_cli.read_files(str(tmp_path)).unreadable.values()))


def test_a_folder_that_is_not_there_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(Problem, match="sf org login") as refused:
        _sf_cli.read_files("~/.sfdx")
    assert refused.value.code == "sf_state_folder"
    (tmp_path / ".sfdx").mkdir()
    assert _sf_cli.read_files("~/.sfdx").orgs == {}


# -- the program -------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], str]:
    """A program of that shell text in place of sf."""

    def make(text: str) -> str:
        path = tmp_path / "sf"
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return str(path)

    return make


def listed(program: str, timeout: int = 20, *, everything: bool = False, **environment: str) -> dict[str, Any]:
    return _sf_cli.org_list(program, timeout, {**os.environ, **environment}, everything)


def test_the_program_is_asked_without_connecting_and_without_secrets(program: Callable[[str], str]) -> None:
    path = program('printf \'{"status": 0, "result": {"asked": "%s", "secrets": "%s"}}\' "$*" "$SF_TEMP_SHOW_SECRETS"')
    assert listed(path, SF_TEMP_SHOW_SECRETS="true") == {"asked": "org list --json --skip-connection-status", "secrets": ""}
    assert listed(path, everything=True)["asked"] == "org list --json --skip-connection-status --all"


def test_words_around_the_json_do_no_harm(program: Callable[[str], str]) -> None:
    text = 'echo "Warning: a new version is there"; echo \'{"status": 0, "result": {"other": []}}\'; echo done; echo noise >&2'
    assert listed(program(text)) == {"other": []}


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ('echo \'{"status": 1, "name": "NoAuth", "message": "log in first"}\'; exit 1', "sf_failed", "NoAuth: log in first."),
        ('echo \'{"status": 0, "result": []}\'', "sf_failed", "exit code 0"),
        ("echo broken >&2; exit 127", "sf_no_json", "exit code 127"),
        ("echo broken {", "sf_no_json", "broken"),
        ("exit 0", "sf_no_json", "nothing"),
    ],
)
def test_a_program_that_fails_is_told_in_its_own_words(program: Callable[[str], str], text: str, code: str, words: str) -> None:
    with pytest.raises(Problem) as refused:
        listed(program(text))
    assert refused.value.code == code
    assert words in str(refused.value)


def test_what_looks_like_a_token_is_not_repeated(program: Callable[[str], str]) -> None:
    token = "00D000000000002!AQEAQ.CANARY_x"
    with pytest.raises(Problem) as refused:
        listed(program(f"echo 'bad {token} token' >&2; exit 1"))
    assert "CANARY" not in str(refused.value)
    assert "bad ******** token" in str(refused.value)


def test_a_program_that_is_not_there_or_never_ends_is_told(program: Callable[[str], str], tmp_path: Path) -> None:
    with pytest.raises(Problem, match="sf_files") as missing:
        listed(str(tmp_path / "no-sf"))
    assert missing.value.code == "sf_program"
    with pytest.raises(Problem, match="after 1 seconds") as slow:
        listed(program("exec sleep 60"), timeout=1)
    assert slow.value.code == "sf_timeout"
