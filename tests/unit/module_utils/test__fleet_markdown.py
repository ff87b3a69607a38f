# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as Markdown: what it says, and that what an org says stays text in it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils import _fleet
from ansible_collections.voiceops.salesforce.plugins.module_utils._fleet_markdown import MOST_CHANGES, code, markdown, text

HEAD = {
    "id": "1",
    "started": "2026-01-01T00:00:00Z",
    "seconds": 12.5,
    "playbook": "drift.yml",
    "ticket": "CHG1",
    "versions": {"ansible": "2.19"},
}


def row(sentence: str, state: str) -> dict[str, str]:
    return {
        "requirement": "r",
        "sentence": sentence,
        "says": f"{sentence} is so.",
        "state": state,
        "found": "It is.",
        "remedy": "",
        "repair": "",
    }


def change(op: str, key: str, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {"op": op, "kind": "permission_set", "key": key, "before": before, "after": after}


def org(host: str, *changes: dict[str, Any], rows: Any = (), facts: Any = None, failure: Any = None, **result: Any) -> dict[str, Any]:
    told = {"salesforce_failure": failure} if failure else {}
    observations = [
        _fleet.Observation("Write", "permission_set", {"changed": bool(changes), "changes": list(changes), **result}, 1.26, checking=True),
        _fleet.Observation("Look", "api_user_info", {"requirements": list(rows)}, checking=True),
    ]
    return _fleet.record(_fleet.About(host, facts={**(facts or {}), **told}), observations)


def shown(*records: dict[str, Any], **head: Any) -> str:
    return markdown(_fleet.fleet(records), _fleet.run(records, {**HEAD, **head}))


def test_the_first_thing_it_says_is_how_many_orgs_are_as_they_should_be() -> None:
    failure = {"task": "Look", "msg": "Refused.", "error_class": "auth", "error_code": "invalid_grant"}
    told = shown(org("a"), org("b", change("create", "S", {}, {"label": "S"})), org("c", failure=failure))
    assert "\n**1 of 3 orgs are as declared; 1 failed; 1 drifted.**\n" in told
    assert "- Change ticket: CHG1\n" in told
    assert "Slices" not in told
    assert "- Slices: 4\n" in shown(org("a"), slices=4)
    assert "Stopped at `Look` (`auth` `invalid_grant`): Refused." in told
    assert told.index("| c | ") < told.index("| b | ") < told.index("| a | ")


def test_the_matrix_has_the_requirements_in_their_order() -> None:
    told = shown(org("a", rows=[row("D10", "violated"), row("D2", "met")]), org("b", rows=[row("D2", "unknown"), row("X1", "manual")]))
    assert "| org | D2 | D10 | X1 |\n|---|---|---|---|\n| a | ok | **NO** |  |\n| b | ? |  | hand |\n" in told
    assert "- D10: D10 is so." in told


def test_changes_show_what_was_and_what_is_to_be() -> None:
    told = shown(
        org(
            "a",
            change("update", "S", {"label": "Old"}, {"label": "New"}),
            change("create", "T", {}, {"read": True, "edit": False}),
            change("delete", "U", {"label": "`U`"}, {}),
            facts={
                "salesforce_changed_back": ["create permission_set T"],
                "salesforce_changed_last": [
                    {"change": "update permission_set S", "who": "pat", "when": "2026-01-01T00:00:00Z", "what": "edited"}
                ],
            },
        )
    )
    assert "What a run would change:" in told
    assert '- `update permission_set S`\n  - changed last by pat, 2026-01-01T00:00:00Z: edited\n  - label: `"Old"` -> `"New"`\n' in told
    assert "- `create permission_set T`: `read`; it was changed back since the last run\n" in told
    assert '- `delete permission_set U`: ``{"label": "`U`"}``' in told


def test_a_text_for_a_comment_has_an_end() -> None:
    told = shown(org("a", *(change("create", f"S{number}", {}, {}) for number in range(MOST_CHANGES + 7))))
    assert told.count("- `create permission_set S") == MOST_CHANGES
    assert "- and 7 more: see fleet.json" in told
    assert len(text("x" * 10_000)) < 600


def test_seats_and_usage_stand_in_tables() -> None:
    license_ = {"label": "NVM", "total": 1200, "used": 1195, "free": 5}
    records = [
        _fleet.record(
            _fleet.About("a"),
            [
                _fleet.Observation(
                    "Give",
                    "package_license_assignment",
                    {"license": license_, "api": {"calls": 3, "usage": {"used": 30, "limit": 40}}},
                    2.0,
                )
            ],
        )
    ]
    told = shown(*records)
    assert "| a | NVM | 1,200 | 1,195 | 5 |" in told
    assert "30 of 40 (25 % left)" in told
    assert "| a | 2.0 | 3 | Give (2.0 s) |" in told


def test_versions_read_as_they_are_written() -> None:
    """The text is also mailed as it is."""
    told = shown(org("a"), versions={"ansible": "2.19.14", "collection": "0.1.0"})
    assert told.endswith("\nMade by ansible 2.19.14, collection 0.1.0.\n")


def test_no_org_is_no_table() -> None:
    assert "**No org is in this report.**" in shown()


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("kim@acme.example has NVM__Call__c, D2 of 3", "kim@acme.example has NVM__Call__c, D2 of 3"),
        ("# heading", "\\# heading"),
        ("- item", "\\- item"),
        ("1. item", "1<!-- -->. item"),
        ("a | b", "a \\| b"),
        ("<b>x</b> & [l](http://x)", "\\<b\\>x\\</b\\> \\& \\[l\\](http<!-- -->://x)"),
        ("*a* _b_ `c` ~d~", "\\*a\\* \\_b\\_ \\`c\\` \\~d\\~"),
        ("ask @pat", "ask @<!-- -->pat"),
        ("two\nlines\x1b[0m \u202eoff", "two lines \\[0m  off"),
    ],
)
def test_text_stays_text(said: str, written: str) -> None:
    assert text(said) == written


@given(st.text())
def test_no_text_leaves_its_line_or_its_cell(said: str) -> None:
    assert not re.search(r"[\n\r\u2028\u2029\u202a-\u202e]", text(said) + code(said))
    assert not re.search(r"(?<!\\)(?:\\\\)*\|", text(said))
    fence = re.match("`+", code(said))
    assert fence
    assert code(said).endswith(fence.group())
    assert max(map(len, re.findall("`+", code(said)[len(fence.group()) : -len(fence.group())])), default=0) < len(fence.group())


def test_the_same_documents_make_the_same_text() -> None:
    records = [org("a", rows=[row("D2", "met")]), org("b")]
    assert shown(*records) == shown(*reversed(records))
