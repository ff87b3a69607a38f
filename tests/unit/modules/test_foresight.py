# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plans that a run shows in check mode are those that it then applies, task by task, also where a task builds on an earlier one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from harness.cases import EVERY_SECTION, SECTIONS
from harness.direct import VONAGE_CLONE, Bench

Task = tuple[str, dict[str, Any]]

AGENT = "agent@acme.example.uat"
ADMIN = "contact.admin@acme.example.uat"
MEMBER = "member@acme.example.uat"
WITHOUT = "without.set@acme.example.uat"
READ = {"object": "Account", "read": True}
DETAIL = "NVMContactWorld__InteractionEventNote__c"
TOLD = ("failed", "error_code", "changed", "changes", "diff", "left_out", "missing", "not_cloned", "added_dependencies", "source_changes")

CHAINS: Mapping[str, list[Task]] = {
    "a clone of a set that is still to be made": [
        ("permission_set", {"name": "Acme_Base", "label": "Acme base", "user_permissions": ["RunReports"], "object_permissions": [READ]}),
        ("permission_set", {"name": "Acme_Copy", "clone_from": {"name": "Acme_Base"}, "user_permissions": ["ApiEnabled"]}),
        ("permission_set", {"name": "Acme_Other", "clone_from": {"namespace": "", "label": "acme BASE"}}),
    ],
    "the same set in two tasks": [
        ("permission_set", {"name": "Acme_Twice", "user_permissions": ["ApiEnabled"]}),
        ("permission_set", {"name": "Acme_Twice", "label": "Other", "user_permissions": ["RunReports"], "object_permissions": [READ]}),
        ("permission_set", {"name": "Acme_Twice", "object_permissions": [{**READ, "edit": True}]}),
    ],
    "the same set in tasks that spell it differently": [
        ("permission_set", {"name": "acme_voice_AGENT", "tabs": [{"tab": "standard-Case"}]}),
        ("permission_set", {"name": "Acme_Voice_Agent", "tabs": [{"tab": "standard-Case"}]}),
        ("permission_set", {"name": "Acme_VOICE_Agent", "description": "Ours"}),
        ("permission_set", {"name": "Acme_Voice_Agent", "description": "Ours", "tabs": [{"tab": "standard-Case"}]}),
    ],
    "a set that is made for a licence, and asked for once more": [
        ("permission_set", {"name": "Acme_Licensed", "license": "Salesforce"}),
        ("permission_set", {"name": "Acme_Licensed", "license": "Salesforce", "user_permissions": ["RunReports"]}),
    ],
    "the same assignment in two tasks": [
        ("permission_set_assignment", {"permission_set": "ContactWorld_Agent", "users": [AGENT]}),
        ("permission_set_assignment", {"permission_set": "ContactWorld_Agent", "users": [AGENT, ADMIN]}),
    ],
    "a set that is made, given, taken and removed": [
        ("permission_set", {"name": "Acme_Short", "user_permissions": ["ApiEnabled"]}),
        ("permission_set_assignment", {"permission_set": "Acme_Short", "users": [AGENT, ADMIN]}),
        ("permission_set_assignment", {"permission_set": "Acme_Short", "users": [AGENT], "state": "absent"}),
        ("permission_set", {"name": "Acme_Short", "state": "absent", "take_from": ["users"]}),
        ("permission_set_assignment", {"permission_set": "Acme_Short", "users": [AGENT], "state": "absent"}),
        ("permission_set", {"name": "Acme_Short", "user_permissions": ["RunReports"]}),
    ],
    "a set that gains and then loses in every section": [
        ("permission_set", dict(EVERY_SECTION)),
        ("permission_set", {"name": EVERY_SECTION["name"], "user_permissions": ["ApiEnabled"], "exact": [*SECTIONS]}),
        ("permission_set", {"name": EVERY_SECTION["name"], "user_permissions": ["RunReports"]}),
        ("permission_set", {"name": EVERY_SECTION["name"], "user_permissions": ["RunReports"], "exact": ["user_permissions"]}),
    ],
    "a tab that is available, then visible, then available": [
        ("permission_set", {"name": "Acme_Tab", "tabs": [{"tab": "standard-Case", "visibility": "available"}]}),
        ("permission_set", {"name": "Acme_Tab", "tabs": [{"tab": "standard-Case"}]}),
        ("permission_set", {"name": "Acme_Tab", "tabs": [{"tab": "standard-Case", "visibility": "available"}], "exact": ["tabs"]}),
    ],
    "rights that others need, and then lose": [
        ("permission_set", {"name": "Acme_Needs", "object_permissions": [{"object": DETAIL, "delete": True}]}),
        (
            "permission_set",
            {"name": "Acme_Needs", "object_permissions": [{"object": DETAIL, "read": True}], "exact": ["object_permissions"]},
        ),
        ("permission_set", {"name": "Acme_Needs", "session_activation": True, "exact": ["object_permissions"]}),
        ("permission_set", {"name": "Acme_Copy", "clone_from": {"name": "Acme_Needs"}}),
    ],
    "a member who joins, is mapped, mapped anew and unmapped": [
        ("contact_center_member", {"contact_center": "AcmeVoice", "users": [AGENT]}),
        ("contact_center_routing_map", {"contact_center": "AcmeVoice", "mappings": [{"user": AGENT, "external_id": "1"}]}),
        (
            "contact_center_routing_map",
            {"contact_center": "AcmeVoice", "mappings": [{"user": AGENT, "external_id": "2"}], "state": "exact"},
        ),
        ("contact_center_routing_map", {"contact_center": "Acme Voice", "mappings": [{"user": AGENT, "external_id": "2"}]}),
        ("contact_center_routing_map", {"contact_center": "AcmeVoice", "mappings": [{"user": AGENT}, {"user": MEMBER}], "state": "absent"}),
    ],
    "a set that is put in a group and then removed": [
        ("permission_set", {"name": "Acme_Grouped", "user_permissions": ["ApiEnabled"]}),
        ("permission_set_group", {"name": "Acme_Group", "permission_sets": ["Acme_Grouped"]}),
        ("permission_set", {"name": "Acme_Grouped", "state": "absent", "take_from": ["groups"]}),
    ],
    "a member who moves to another center": [
        ("contact_center_member", {"contact_center": "AcmeVoice", "users": [MEMBER], "state": "absent"}),
        ("contact_center_member", {"contact_center": "AcmeAmazonVoice", "users": [MEMBER]}),
    ],
    "exact after others were added": [
        ("contact_center_member", {"contact_center": "AcmeVoice", "users": [AGENT, ADMIN]}),
        ("contact_center_member", {"contact_center": "AcmeVoice", "users": [ADMIN], "state": "exact"}),
        ("permission_set_assignment", {"permission_set": "ContactWorld_Supervisor", "users": [AGENT]}),
        ("permission_set_assignment", {"permission_set": "ContactWorld_Supervisor", "users": [ADMIN], "state": "exact"}),
    ],
    "a right to be a member that is still to be given": [
        ("permission_set_assignment", {"permission_set": "ContactCenterAgentExternalTelephony", "users": [WITHOUT]}),
        ("contact_center_member", {"contact_center": "AcmeVoice", "users": [WITHOUT]}),
    ],
    "a clone that is extended, described anew, and copied": [
        ("permission_set", {"name": "Acme_Clone", "clone_from": {"name": "NVMContactWorld__ContactWorld_Agent"}}),
        (
            "permission_set",
            {"name": "Acme_Clone", "clone_from": {"name": "NVMContactWorld__ContactWorld_Agent"}, "user_permissions": ["ApiEnabled"]},
        ),
        ("permission_set", {"name": "Acme_Clone", "description": "Ours"}),
        (
            "permission_set",
            {"name": "Acme_Clone", "clone_from": {"name": "NVMContactWorld__ContactWorld_Agent"}, "object_permissions": [READ]},
        ),
        ("permission_set", {"name": "Acme_Copy", "clone_from": {"name": "Acme_Clone"}, "on_source_change": "fail"}),
        ("permission_set", {"name": "Acme_Copy", "clone_from": {"name": "Acme_Clone"}, "on_source_change": "fail"}),
    ],
    "the whole job twice": [
        ("permission_set", dict(VONAGE_CLONE)),
        ("permission_set_assignment", {"permission_set": VONAGE_CLONE["name"], "users": [AGENT]}),
        ("permission_set", dict(VONAGE_CLONE)),
        ("permission_set_assignment", {"permission_set": VONAGE_CLONE["name"], "users": [AGENT]}),
    ],
}


def told(result: Mapping[str, Any]) -> dict[str, Any]:
    return {key: result.get(key) for key in TOLD}


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS.keys())
def test_a_chain_of_tasks_is_foretold_task_by_task(chain: list[Task], make_bench: Callable[..., Bench]) -> None:
    bench = make_bench()
    foretold = [bench.task(module, check=True, **options) for module, options in chain]
    assert bench.org.writes == []
    bench.new_run()
    done = [bench.task(module, **options) for module, options in chain]
    assert not any(result.get("failed") for result in done), [result.get("msg") for result in done]
    assert [told(result) for result in foretold] == [told(result) for result in done]
    assert any(result["changed"] for result in done)


def test_a_right_that_would_be_taken_away_no_longer_makes_a_member(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench()
    chain: list[Task] = [
        ("permission_set_assignment", {"permission_set": bench.info["sets"]["voice_agent"], "users": [AGENT], "state": "absent"}),
        ("contact_center_member", {"contact_center": "AcmeVoice", "users": [AGENT]}),
    ]
    foretold = [bench.task(module, check=True, **options) for module, options in chain]
    bench.new_run()
    done = [bench.task(module, **options) for module, options in chain]
    assert [result.get("error_code") for result in foretold] == [result.get("error_code") for result in done] == [None, "ineligible_user"]


def test_another_licence_than_the_one_a_set_would_be_made_for_is_refused_as_in_the_run(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench()
    chain: list[dict[str, Any]] = [{"name": "Acme_Licensed", "license": name} for name in ("Salesforce", "Salesforce Platform")]
    foretold = [bench.task("permission_set", check=True, **options).get("error_code") for options in chain]
    bench.new_run()
    done = [bench.task("permission_set", **options).get("error_code") for options in chain]
    assert foretold == done == [None, "license_fixed"]


def test_what_one_run_would_do_is_nothing_to_the_next(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench()
    options = {"name": "Acme_Planned", "user_permissions": ["ApiEnabled"]}
    first = bench.task("permission_set", check=True, **options)
    assert not bench.task("permission_set", check=True, **options)["changed"]
    bench.new_run()
    assert bench.task("permission_set", check=True, **options)["changes"] == first["changes"]
