# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voiceops.salesforce.plugins.module_utils._composite import Answers
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._plan import Plan
from ansible_collections.voiceops.salesforce.plugins.module_utils._setup_audit_info import (
    Current,
    Desired,
    as_entry,
    called,
    desired,
    name_reads,
    plan,
    report,
    subjects_in,
)

OPTIONS: dict[str, Any] = {"subjects": [], "since": None, "limit": 200}


def row(display: str, at: str = "2026-11-20T10:11:12.000+0000", **more: Any) -> dict[str, Any]:
    return {
        "CreatedDate": at,
        "CreatedBy": {"Username": "admin@acme.com", "Name": "Kim Admin"},
        "Action": "PermSetCreate",
        "Section": "Manage Users",
        "Display": display,
        "DelegateUser": None,
        **more,
    }


@pytest.mark.parametrize(
    ("text", "subject", "is_named"),
    [
        ("Created permission set Voice Agent: with no license", "Voice Agent", True),
        ("Created permission set VOICE AGENT: with no license", "voice agent", True),
        ("Created permission set Voice Agents", "Voice Agent", False),
        ("Created permission set My-Voice Agent", "Voice Agent", False),
        ("Created permission set Voice Agent-2", "Voice Agent", False),
        ("Created permission set Voice Agent", "Voice Agent", True),
        ("Voice Agent", "Voice Agent", True),
        ('Changed "Voice Agent"', "Voice Agent", True),
        ("Changed (Voice Agent).", "Voice Agent", True),
        ("For user kim@acme.com.uat, the password was reset", "kim@acme.com", False),
        ("For user kim@acme.com.uat, the password was reset", "kim@acme.com.uat", True),
        ("For user joakim@acme.com", "kim@acme.com", False),
        ("For user a.kim@acme.com", "kim@acme.com", False),
        ("Reset the password of kim@acme.com.", "kim@acme.com", True),
        ("Changed C++ (beta)", "C++ (beta)", True),
        ("Changed .*", "Voice", False),
        ("Changed Voice", ".*", False),
        ("Voice\nAgent", "Voice Agent", False),
        ("", "Voice Agent", False),
        ("Voice Agent", "  Voice Agent ", True),
    ],
)
def test_a_name_counts_where_it_stands_by_itself(text: str, subject: str, is_named: bool) -> None:
    assert subjects_in(text, {subject: [subject]}) == ([subject] if is_named else [])


def test_a_name_inside_a_longer_one_of_the_names_is_not_meant() -> None:
    names = {name: [name] for name in ("Voice", "Voice Agent", "voice agent")}
    assert subjects_in("Created permission set Voice Agent", names) == ["Voice Agent", "voice agent"]
    assert subjects_in("Created permission set Voice Agent in Voice", names) == ["Voice Agent", "voice agent", "Voice"]
    assert subjects_in("anything", {}) == []


def test_a_name_counts_by_each_text_that_entries_have_for_it() -> None:
    texts = {"Acme_Voice": ["Acme_Voice", "Acme Voice"], "kim@acme.com": ["kim@acme.com", "005000000000001"]}
    assert subjects_in("Permission set Acme Voice: assigned to user Kim (UserID: [005000000000001])", texts) == [
        "Acme_Voice",
        "kim@acme.com",
    ]
    assert subjects_in("Changed Acme_Voice (Acme Voice)", texts) == ["Acme_Voice"]


def test_what_entries_call_a_subject_is_asked_once_for_each_kind() -> None:
    reads = {read.ref: read.soql for read in name_reads(["kim@acme.com", "Acme_Voice", "NVM__Agent", "Acme Voice"], "uat")}
    assert sorted(reads) == ["groups0", "sets0", "users0"]
    assert reads["users0"].endswith("IN ('kim@acme.com','kim@acme.com.uat')")
    assert reads["sets0"].endswith("Name IN ('Acme_Voice','Agent')")
    assert name_reads(["Acme Voice"], "uat") == []


def test_subjects_are_called_by_label_and_id() -> None:
    rows = {
        "users0": [{"Username": "Kim@acme.com.uat", "Id": "005000000000001AAA"}],
        "sets0": [
            {"Name": "Agent", "Label": "NVM Agent", "NamespacePrefix": "NVM"},
            {"Name": "Agent", "Label": "Our Agent", "NamespacePrefix": None},
            {"Name": "Rep", "Label": "Voice Rep", "NamespacePrefix": "force"},
        ],
        "groups0": [{"DeveloperName": "Agents", "MasterLabel": "All Agents", "NamespacePrefix": None}],
    }
    subjects = ["kim@acme.com", "nvm__Agent", "Agent", "agents", "Rep", "Nobody"]
    assert called(subjects, Answers(rows, {}, {}), "uat") == {
        "kim@acme.com": ("005000000000001",),
        "nvm__Agent": ("NVM Agent",),
        "Agent": ("Our Agent",),
        "agents": ("All Agents",),
        "Rep": ("Voice Rep",),
        "Nobody": (),
    }


def test_an_entry_is_told_as_people_read_it() -> None:
    assert as_entry(row("Created permission set Voice Agent", DelegateUser="support@acme.com")) == {
        "when": "2026-11-20T10:11:12Z",
        "who": "admin@acme.com",
        "name": "Kim Admin",
        "action": "PermSetCreate",
        "section": "Manage Users",
        "display": "Created permission set Voice Agent",
        "delegate": "support@acme.com",
    }


def test_what_an_entry_does_not_have_is_empty() -> None:
    told = as_entry({**row("x"), "CreatedBy": None, "Section": None, "Display": None})
    assert (told["who"], told["name"], told["section"], told["display"], told["delegate"]) == ("", "", "", "", "")


def test_the_last_entry_of_each_name_is_its_newest() -> None:
    rows = (row("Changed Voice Agent: newer"), row("Changed something else"), row("Created Voice Agent", "2026-11-01T00:00:00.000Z"))
    told = report(Desired("", 200, ("Voice Agent", "Nobody")), Current(rows, True), Plan())
    assert [entry["display"] for entry in told["entries"]] == ["Changed Voice Agent: newer", "Created Voice Agent"]
    assert told["last"] == {"Voice Agent": told["entries"][0], "Nobody": None}
    assert told["entries"][0]["subjects"] == ["Voice Agent"]
    assert told["entries"][1]["when"] == "2026-11-01T00:00:00Z"
    assert told["complete"] is True


def test_without_names_every_entry_is_told() -> None:
    told = report(Desired("", 200, ()), Current((row("a"), row("b")), False), Plan())
    assert ([entry["display"] for entry in told["entries"]], told["last"], told["complete"]) == (["a", "b"], {}, False)


def test_the_options_are_what_is_asked() -> None:
    assert desired({"subjects": ["a", " b ", "a"], "since": "2026-11-01", "limit": 5}) == Desired("2026-11-01T00:00:00Z", 5, ("a", "b"))
    assert desired(OPTIONS) == Desired("", 200, ())
    assert desired({**OPTIONS, "since": " "}).since == ""


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-11-01T00:00:00Z OR Id != null"}, "since"),
        ({"limit": 0}, "limit"),
        ({"limit": 2001}, "limit"),
        ({"subjects": ["a", " "]}, "no_name"),
    ],
)
def test_what_cannot_be_asked_is_refused(given: dict[str, Any], code: str) -> None:
    with pytest.raises(Problem) as caught:
        desired({**OPTIONS, **given})
    assert caught.value.code == code
    assert caught.value.remedy


def test_nothing_is_planned() -> None:
    assert not plan(Desired("", 1, ()), Current((), True))
