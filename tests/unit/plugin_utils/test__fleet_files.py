# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report's files, and what the filters make of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.voiceops.salesforce.plugins.filter.fleet_merge import fleet_merge
from ansible_collections.voiceops.salesforce.plugins.filter.fleet_report import fleet_report
from ansible_collections.voiceops.salesforce.plugins.filter.org_record import org_record
from ansible_collections.voiceops.salesforce.plugins.plugin_utils import _fleet_files

WHOAMI = {"org": {"id": "00D000000000001EAA", "name": "Acme", "is_sandbox": True, "host": "acme--uat.example"}, "check_mode": True}


def record(host: str = "acme-uat", **facts: Any) -> dict[str, Any]:
    return org_record({"host": host, "whoami": WHOAMI, "ended": "2026-01-01T00:00:00Z", "ticket": "CHG1", **facts})


def report(folder: Path, *hosts: str) -> Path:
    merged = fleet_merge([{host: record(host) for host in hosts}])
    for name in ("fleet.json", "run.json"):
        _fleet_files.write(folder / name, fleet_report(merged, name))
    return folder


def hosts_of(merged: dict[str, Any]) -> list[str]:
    return [item["host"] for item in merged["fleet"]["orgs"]]


def test_a_record_says_which_run_it_is_of_and_a_report_keeps_that() -> None:
    told = record()
    assert told["run"]["of"]["id"] == _fleet_files.run_id()
    assert told["run"]["of"]["versions"]["collection"]
    merged = fleet_merge([{"any name": told}])
    assert merged["fleet"]["mode"] == "check"
    assert (merged["run"]["run"]["ticket"], merged["run"]["run"]["id"]) == ("CHG1", _fleet_files.run_id())
    assert told["org"]["host"] == "acme--uat.example"
    assert record(whoami={}, login_url="https://acme.my.salesforce.com/x")["org"]["host"] == "acme.my.salesforce.com"


def test_every_kind_of_source_is_read(tmp_path: Path) -> None:
    whole = report(tmp_path / "whole", "a")
    singles = tmp_path / "kept" / "orgs"
    singles.mkdir(parents=True)
    for host in ("b", "c"):
        (singles / f"{host}.json").write_text(json.dumps(record(host)), encoding="utf-8")
    one = tmp_path / "d.json"
    one.write_text(json.dumps(record("d")), encoding="utf-8")
    several = tmp_path / "several.json"
    several.write_text(json.dumps({"salesforce_report_of_e": record("e")}), encoding="utf-8")
    sources = [str(whole), str(tmp_path / "kept"), str(one), str(several), {"f": record("f")}]
    assert hosts_of(fleet_merge(sources)) == list("abcdef")
    assert hosts_of(fleet_merge([str(singles), str(whole / "fleet.json")])) == list("abc")
    (whole / "run.json").unlink()
    assert hosts_of(fleet_merge([str(whole)])) == ["a"]
    assert fleet_merge([])["fleet"]["orgs"] == []


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("absent", None, "it is not there"),
        ("broken.json", "{", "it is no JSON"),
        ("binary.json", b"\xff\xfe", "it is no JSON"),
        ("list.json", "[]", "it holds no JSON object"),
        ("run.json", '{"format": 1, "orgs": {}}', "it is a run document"),
        ("future.json", '{"format": 2, "orgs": []}', "its format is 2"),
        ("other.json", '{"a": {"host": "x"}}', "it is no record of an org"),
        ("text.json", '{"a": "x"}', "it is no record of an org"),
    ],
)
def test_a_source_that_is_none_is_named(name: str, content: Any, words: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(AnsibleFilterError, match="reading the report") as caught:
        fleet_merge([str(path)])
    assert str(path) in str(caught.value)
    assert words in str(caught.value)


def test_an_empty_folder_and_what_is_no_list_are_told(tmp_path: Path) -> None:
    with pytest.raises(AnsibleFilterError, match=r"neither fleet\.json nor files of single orgs"):
        fleet_merge([str(tmp_path)])
    for wrong in ("/a/path", {"a": 1}, 7):
        with pytest.raises(AnsibleFilterError, match="must be a list"):
            fleet_merge(wrong)  # type: ignore[arg-type]
    with pytest.raises(AnsibleFilterError, match=r"has no file fleet\.pdf; it has fleet\.json, run\.json, fleet\.md, fleet\.html"):
        fleet_report({"fleet": {}, "run": {}}, "fleet.pdf")
    with pytest.raises(AnsibleFilterError, match="must be what fleet_merge returns"):
        fleet_report({"fleet": {}}, "fleet.md")
    with pytest.raises(AnsibleFilterError, match="host"):
        org_record({})


@pytest.mark.parametrize("name", ["fleet.json", "run.json", "fleet.md", "fleet.html"])
def test_each_file_has_a_text_that_can_be_written_whatever_an_org_says(name: str, tmp_path: Path) -> None:
    """A lone half of a character pair, as a broken name may have it, is no reason to have no report."""
    merged = fleet_merge([{"a": record(notes=["\ud83d <b>", "{{ 7 * 7 }}"])}])
    text = fleet_report(merged, name)
    assert text.endswith("\n")
    _fleet_files.write(tmp_path / "new" / name, text)
    written = tmp_path / "new" / name
    assert written.read_text(encoding="utf-8")
    assert (written.stat().st_mode & 0o777, [path.name for path in written.parent.iterdir()]) == (0o644, [name])
    assert "<b>" not in written.read_text(encoding="utf-8") or name in ("fleet.json", "fleet.html")


def test_a_file_that_cannot_be_written_leaves_no_draft(tmp_path: Path) -> None:
    (tmp_path / "fleet.md").mkdir()
    with pytest.raises(OSError, match="directory"):
        _fleet_files.write(tmp_path / "fleet.md", "text")
    assert [path.name for path in tmp_path.iterdir()] == ["fleet.md"]
