# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run over many orgs came to, from what was seen of its tasks."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils import _fleet
from ansible_collections.voiceops.salesforce.plugins.module_utils._fleet import About, Observation

UAT = About("acme-uat", "1", "acme--uat.sandbox.my.salesforce.com")
ORG: dict[str, Any] = {
    "id": "00DkI00000gzwNRUAY",
    "name": "Acme",
    "is_sandbox": True,
    "edition": "Enterprise Edition",
    "instance": "CS1",
    "host": "acme--uat.sandbox.my.salesforce.com",
    "api_version": "66.0",
}
GRANT = {"op": "create", "kind": "permission_set_assignment", "key": "Set/kim@acme.example", "before": {}, "after": {"assigned": True}}
JOIN = {"op": "create", "kind": "contact_center_member", "key": "Voice/kim@acme.example", "before": {}, "after": {"member": True}}
ENDED = "2026-01-01T00:01:00Z"
HEAD = {
    "id": "a",
    "started": "2026-01-01T00:00:00Z",
    "ended": "2026-01-01T00:01:00Z",
    "seconds": 60.0,
    "playbook": "drift.yml",
    "versions": {"a": "1"},
}


def seen(action: str = "org_info", /, *, failed: bool = False, task: str = "a task", **keywords: Any) -> Observation:
    """A task of the collection; keywords of an observation by their names, others are the result's."""
    own = {name: keywords.pop(name) for name in ("verdict", "foresees", "checking", "seconds") if name in keywords}
    return Observation(task, action, {"org": ORG, **keywords}, failed=failed, **own)


def wrote(*changes: Mapping[str, Any], action: str = "permission_set_assignment", **keywords: Any) -> Observation:
    return seen(action, changed=bool(changes), changes=list(changes), **keywords)


def row(sentence: str, state: str = "met", name: str = "edit_tasks") -> dict[str, str]:
    return {
        "requirement": name,
        "sentence": sentence,
        "says": "It is so.",
        "state": state,
        "found": "It is.",
        "remedy": "",
        "repair": "role",
    }


def failing(msg: str, task: str = "a task", action: str = "", **keywords: Any) -> Observation:
    return seen(action, failed=True, task=task, msg=msg, **keywords)


# -- what an org came to -----------------------------------------------------------------------------------------------------------------


def failed(about: About = UAT, **facts: Any) -> About:
    return About(about.host, about.ring, about.address, failed=True, facts=facts)


VIOLATED = seen("api_user_info", requirements=[row("D1", "violated")], user={"username": "api@acme.example"})


@pytest.mark.parametrize(
    ("about", "observations", "outcome"),
    [
        (UAT, [], "not_run"),
        (UAT, [seen()], "as_declared"),
        (UAT, [seen(), wrote()], "as_declared"),
        (UAT, [wrote(GRANT)], "changed"),
        (UAT, [wrote(GRANT, checking=True)], "drift"),
        (UAT, [VIOLATED], "violations"),
        (UAT, [wrote(GRANT), VIOLATED], "changed"),
        (UAT, [wrote(GRANT, checking=True), VIOLATED], "drift"),
        # A plan in the middle of a play that writes is no change, nor is a look before it in check mode.
        (UAT, [wrote(GRANT, foresees=True), wrote()], "as_declared"),
        (UAT, [wrote(GRANT, checking=True), wrote()], "as_declared"),
        # A reader outside check mode makes no run of a check.
        (UAT, [seen(), wrote(GRANT, checking=True)], "drift"),
        # Told by a task that shows nothing.
        (UAT, [Observation("t", "user", {"changed": True, "censored": "hidden"})], "changed"),
        (UAT, [seen("user", changed=False, changes=[GRANT])], "as_declared"),
        (failed(), [failing("no")], "failed"),
        (failed(), [seen(), failing("no", action="user")], "failed"),
        # Rescued, and nobody told of it.
        (UAT, [failing("no"), wrote()], "as_declared"),
        # Rescued, and the play kept it.
        (About("a", facts={"salesforce_failure": {"task": "t", "msg": "no"}}), [], "failed"),
        (About("a", facts={"salesforce_failure": {}}), [seen()], "as_declared"),
        # What only tells what was found.
        (failed(), [wrote(GRANT, checking=True), failing("1 difference", verdict=True)], "drift"),
        (failed(), [VIOLATED, failing("not ready", verdict=True)], "violations"),
        (failed(), [failing("no audit"), wrote(GRANT, checking=True), failing("1 difference", verdict=True)], "drift"),
        (About("a", stopped_at="Add"), [wrote(GRANT)], "failed"),
    ],
)
def test_an_outcome_is_the_first_that_applies(about: About, observations: list[Observation], outcome: str) -> None:
    assert _fleet.record(about, observations)["outcome"] == outcome


def test_a_failure_is_told_at_its_root() -> None:
    """The role rescues the step and fails with its words; the play rescues that and fails with the role's."""
    root = failing("[acme] login: refused.", "Have the API user", "user", error_class="auth", error_code="invalid_grant")
    other = failing("something that was rescued and done with", "Try")
    role = failing("Have the API user: [acme] login: refused.", "outcome | Stop where a step failed")
    play = failing("outcome | Stop where a step failed: Have the API user: [acme] login: refused.", "Tell what stopped")
    expected = {"task": "Have the API user", "msg": "[acme] login: refused.", "error_class": "auth", "code": "invalid_grant"}
    assert _fleet.record(failed(), [other, root, role, play])["failure"] == expected
    assert _fleet.record(failed(), [other, root, role])["failure"] == expected
    kept = {"task": "outcome | Stop where a step failed", "msg": role.result["msg"], "error_class": "", "error_code": ""}
    assert _fleet.record(failed(salesforce_failure=kept), [other, root, role, play])["failure"] == expected
    assert _fleet.record(About("a", facts={"salesforce_failure": kept}), [other, root, role])["failure"] == expected
    # Facts alone, as the role report has them: the outcome of the role knows the step.
    stopped = {"task": "Have the API user", "msg": root.result["msg"], "error_class": "auth", "error_code": "invalid_grant"}
    told = {"api_user": {"stopped": stopped}}
    assert _fleet.from_facts(About("a", facts={"salesforce_failure": kept}), told)["failure"] == expected


def test_a_failure_that_no_log_hides_says_so() -> None:
    told = _fleet.record(About("acme", failed=True), [seen(failed=True, task="Secret", censored="the output has been hidden")])["failure"]
    assert (told["task"], "no_log" in told["msg"]) == ("Secret", True)


def test_a_failure_has_nothing_of_where_things_were_in_memory() -> None:
    said = "<urllib3.connection.HTTPSConnection object{}>: Failed to establish a new connection"
    told = [
        _fleet.record(About("acme", failed=True), [seen(failed=True, msg=said.format(where))])
        for where in (" at 0x7f3a00d1", " at 0x7FFF12")
    ]
    assert [item["failure"]["msg"] for item in told] == [said.format("")] * 2


def test_the_item_of_a_loop_that_failed_is_the_failure() -> None:
    items = [{"msg": "fine", "failed": False}, {"msg": "no seat", "failed": True, "error_class": "config", "error_code": "no_free_seat"}]
    observation = Observation(
        "Give licences", "package_license_assignment", {"msg": "One or more items failed", "results": items}, failed=True
    )
    assert _fleet.record(failed(), [observation])["failure"] == {
        "task": "Give licences",
        "msg": "no seat",
        "error_class": "config",
        "code": "no_free_seat",
    }


def test_changes_keep_the_order_of_the_run_and_say_what_was_changed_back() -> None:
    about = About("a", facts={"salesforce_changed_back": ["create contact_center_member Voice/kim@acme.example"]})
    told = _fleet.record(about, [wrote(JOIN), wrote(GRANT)])["changes"]
    assert told == [{**JOIN, "changed_back": True}, {**GRANT, "changed_back": False}]


def test_in_check_mode_two_tasks_that_plan_the_same_are_one_change() -> None:
    assert len(_fleet.record(UAT, [wrote(GRANT, checking=True), wrote(GRANT, checking=True)])["changes"]) == 1
    assert len(_fleet.record(UAT, [wrote(GRANT), wrote(GRANT)])["changes"]) == 2


def test_items_of_a_loop_count_each_and_skipped_ones_do_not() -> None:
    items = [
        {"changed": True, "changes": [GRANT]},
        {"skipped": True, "changed": True, "changes": [JOIN]},
        {"changed": False, "changes": []},
    ]
    told = _fleet.record(UAT, [Observation("t", "permission_set_assignment", {"changed": True, "results": items})])
    assert [item["key"] for item in told["changes"]] == [GRANT["key"]]


def test_requirements_are_of_the_last_reading_of_each_subject_and_in_the_order_of_their_documents() -> None:
    user, other = {"username": "api@acme.example"}, {"username": "other@acme.example"}
    center = seen("contact_center_info", requirements=[row("C10"), row("X1"), row("C2")], contact_centers=[{"internal_name": "Voice"}])
    told = _fleet.record(
        UAT,
        [
            seen("api_user_info", requirements=[row("D1", "violated")], user=user),
            center,
            seen("api_user_info", requirements=[row("D1", "warning")], user=other),
            seen("api_user_info", requirements=[row("D1")], user=user),
            seen("contact_center_info", requirements=[], contact_centers=[{"internal_name": "Voice"}]),
        ],
    )
    assert [(item["subject"], item["id"], item["state"]) for item in told["requirements"]] == [
        ("api_user", "D1", "met"),
        ("api_user other@acme.example", "D1", "warning"),
        ("contact_center Voice", "C2", "met"),
        ("contact_center Voice", "C10", "met"),
        ("contact_center Voice", "X1", "met"),
    ]
    assert told["outcome"] == "as_declared"


def test_in_check_mode_requirements_are_of_the_first_reading_since_later_ones_foretell() -> None:
    """A center without one of its members is told as it is, whatever a run would make of it: by results and by facts alike."""
    lacking, foretold = [row("C10", "violated", "members")], [row("C10", "met", "members")]
    center = {"contact_centers": [{"internal_name": "V"}], "checking": True}
    readings = [seen("contact_center_info", requirements=rows, **center) for rows in (lacking, foretold)]
    by_results = _fleet.record(UAT, [readings[0], wrote(JOIN, action="contact_center_member", checking=True), readings[1]])
    outcome = {"requirements": foretold, "found": lacking, "changes": [JOIN], "contact_center": {"internal_name": "V"}}
    by_facts = {
        checking: _fleet.from_facts(About("acme-uat", checking=checking), {"contact_center": outcome}) for checking in (True, False)
    }
    for told in (by_results, by_facts[True]):
        assert (told["outcome"], [item["state"] for item in told["requirements"]], len(told["violations"])) == ("drift", ["violated"], 1)
    assert [item["state"] for item in by_facts[False]["requirements"]] == ["met"]


def test_users_who_were_left_out_are_told_once_and_rights_are_notes() -> None:
    gone = {"user": "gone@acme.example", "reason": "is inactive"}
    told = _fleet.record(UAT, [seen(left_out=[gone]), seen(left_out=[gone, {"user": "a@acme.example", "reason": "is not in this org"}])])
    assert [item["user"] for item in told["unresolved"]] == ["a@acme.example", "gone@acme.example"]
    guesses = [{"user": "x", "reason": f"is not in this org (nearest: {names})"} for names in ("kim", "kim, alex")]
    for tasks in ([seen(left_out=guesses)], [seen(left_out=guesses[1:]), seen(left_out=guesses[:1])]):
        assert _fleet.record(UAT, tasks)["unresolved"] == [{"user": "x", "reason": "is not in this org (nearest: kim)"}]
    told = _fleet.record(UAT, [wrote(action="permission_set", left_out=[{"name": "flow No_Such_Flow"}])])
    assert (told["unresolved"], told["notes"]) == ([], ["This org does not have: flow No_Such_Flow"])
    assert _fleet.record(About("a", facts={"salesforce_notes": ["b", "a", "b"]}), [seen()])["notes"] == ["a", "b"]


def test_what_a_run_costs_stands_apart() -> None:
    license_ = {"name": "NVM", "label": "NVM", "total": 25, "used": 20, "free": 5, "status": "Active"}
    told = _fleet.record(
        UAT,
        [
            seen(api={"calls": 2, "retries": 1, "usage": {"used": 100, "limit": 1000}}, seconds=1.26, warnings=["b"]),
            seen(
                "package_license_assignment",
                changed=False,
                changes=[],
                license=license_,
                seconds=0.5,
                api={"calls": 1, "retries": 0, "usage": {"used": 101, "limit": 1000}},
            ),
            seen("user_info", api={"calls": 1, "retries": 0, "usage": None}, seconds=0.5),
        ],
    )
    run = told["run"]
    assert run["api"] == {"calls": 4, "retries": 1, "used": 101, "limit": 1000}
    assert run["seats"] == [{"kind": "package", "license": "NVM", "total": 25, "used": 20, "free": 5}]
    assert (run["seconds"], run["org_id"], run["warnings"], run["mode"]) == (2.3, ORG["id"], ["b"], "apply")
    assert [item["calls"] for item in run["tasks"]] == [2, 1, 1]
    assert ORG["id"] not in _fleet.as_text(_fleet.fleet([told]))
    assert "used" not in _fleet.as_text(_fleet.fleet([told]))


def test_of_a_result_only_what_a_record_is_made_of_is_kept() -> None:
    result = {
        "changed": True,
        "invocation": {"module_args": {"client_secret": "x"}},
        "diff": {},
        "contact_centers": [{"internal_name": "Voice", "members": [1]}],
        "results": [{"changed": False, "failed": 1, "invocation": {}}, "text"],
    }
    assert _fleet.kept(result) == {
        "changed": True,
        "contact_centers": [{"internal_name": "Voice"}],
        "results": [{"changed": False, "failed": True}],
    }


# -- the documents -----------------------------------------------------------------------------------------------------------------------


def records(*hosts: str, checking: bool = True, ended: str = ENDED, run: str = "a") -> tuple[dict[str, Any], dict[str, Any]]:
    told = [_fleet.record(About(host), [wrote(GRANT, checking=checking)]) for host in hosts]
    return _fleet.fleet(told), _fleet.run(told, {**HEAD, "id": run, "ended": ended})


def test_the_documents_do_not_hang_on_the_order_of_hosts() -> None:
    names = [f"acme-s{number:02}" for number in range(20)]
    expected = [_fleet.as_text(item) for item in records(*names)]
    random.Random(7).shuffle(names)
    assert [_fleet.as_text(item) for item in records(*names)] == expected


def test_a_summary_counts_each_outcome() -> None:
    told = [_fleet.record(UAT, []), _fleet.record(About("b"), [wrote(GRANT, JOIN)]), _fleet.record(About("c"), [seen()])]
    assert _fleet.fleet(told)["summary"] == {
        "orgs": 3,
        "as_declared": 1,
        "changed": 1,
        "drift": 0,
        "violations": 0,
        "failed": 0,
        "not_run": 1,
        "changes": 2,
    }
    assert _fleet.fleet([])["summary"]["orgs"] == 0


def test_slices_merge_into_one_whatever_their_order() -> None:
    slices = [records("a", "d", run="1"), records("c", run="2", ended="2026-01-01T00:03:00Z"), records("b", run="3")]
    fleet, run = _fleet.merge(slices)
    assert [item["host"] for item in fleet["orgs"]] == ["a", "b", "c", "d"]
    assert (run["run"]["slices"], run["run"]["id"], run["run"]["ended"], run["run"]["notes"]) == (3, "1+2+3", "2026-01-01T00:03:00Z", [])
    assert (fleet["mode"], fleet["summary"]["drift"], sorted(run["orgs"])) == ("check", 4, ["a", "b", "c", "d"])
    for other in (slices[::-1], [slices[1], slices[2], slices[0]]):
        assert [_fleet.as_text(item) for item in _fleet.merge(other)] == [_fleet.as_text(fleet), _fleet.as_text(run)]


def test_merging_one_report_gives_it_back() -> None:
    fleet, run = records("a", "b")
    assert [_fleet.as_text(item) for item in _fleet.merge([(fleet, run)])] == [_fleet.as_text(fleet), _fleet.as_text(run)]
    assert [_fleet.as_text(item) for item in _fleet.merge([(fleet, run), (fleet, run)])] == [_fleet.as_text(fleet), _fleet.as_text(run)]


def test_of_a_host_in_two_runs_the_newer_counts_and_is_noted() -> None:
    older, newer = records("a", run="1"), records("a", run="2", checking=False, ended="2026-01-02T00:00:00Z")
    fleet, run = _fleet.merge([newer, older])
    assert ([item["outcome"] for item in fleet["orgs"]], fleet["mode"]) == (["changed"], "apply")
    newest, oldest = "the run of 2026-01-02T00:00:00Z where it is changed", "the run of 2026-01-01T00:01:00Z where it is drift"
    assert run["run"]["notes"] == [f"a is in more than one run: {newest} counts, and not {oldest}."]
    # The time decides, and not the name of the run.
    later = records("a", run="0", checking=False, ended="2026-01-02T00:00:00Z")
    assert [item["outcome"] for item in _fleet.merge([later, older])[0]["orgs"]] == ["changed"]
    untouched = [_fleet.record(About("a"), [])]
    never = (_fleet.fleet(untouched), _fleet.run(untouched, {**HEAD, "id": "3", "ended": "2026-01-03T00:00:00Z"}))
    fleet, run = _fleet.merge([never, older])
    assert [item["outcome"] for item in fleet["orgs"]] == ["drift"]
    assert "where it was not run" in run["run"]["notes"][0]


def test_runs_of_both_modes_are_mixed() -> None:
    fleet, run = _fleet.merge([records("a", run="1"), records("b", run="2", checking=False)])
    assert (fleet["mode"], run["run"]["mode"], [item["outcome"] for item in fleet["orgs"]]) == ("mixed", "mixed", ["drift", "changed"])
    # An org that the run did not come to was neither looked at nor written.
    assert _fleet.fleet([_fleet.record(UAT, []), _fleet.record(About("b"), [wrote(GRANT, checking=True)])])["mode"] == "check"


def test_a_merged_report_counts_its_slices_when_it_is_merged_again() -> None:
    merged = _fleet.merge([records("a", run="1"), records("b", run="2")])
    assert _fleet.merge([merged, records("c", run="3")])[1]["run"]["slices"] == 3


def test_nothing_merges_into_an_empty_report() -> None:
    fleet, run = _fleet.merge([])
    assert (fleet["orgs"], run["orgs"], run["run"]["slices"]) == ([], {}, 0)


def test_records_that_travelled_alone_are_documents_again() -> None:
    head = {
        "id": "7",
        "started": "2026-01-01T00:00:00Z",
        "ended": "2026-01-01T00:00:05Z",
        "ticket": "CHG1",
        "versions": {"ansible": "2.19"},
    }
    loose = [_fleet.record(About(host), [seen()]) for host in ("b", "a")]
    loose += [_fleet.record(About("c"), [seen()])]
    for item, run in zip(loose, ("7", "7", "8"), strict=True):
        item["run"]["of"] = {**head, "id": run}
    fleet, run_document = _fleet.merge(_fleet.pairs_of(loose))
    assert [item["host"] for item in fleet["orgs"]] == ["a", "b", "c"]
    assert (run_document["run"]["slices"], run_document["run"]["ticket"], run_document["run"]["id"]) == (2, "CHG1", "7+8")
    assert all("of" not in item for item in run_document["orgs"].values())


def test_facts_of_the_roles_make_the_same_entry_as_their_results() -> None:
    requirements = [row("D2"), row("D1", "violated")]
    outcome = {"requirements": requirements, "changes": [GRANT], "left_out": [], "seats": [{"kind": "package", "name": "NVM", "total": 1}]}
    center = {
        "requirements": [row("C1")],
        "changes": [JOIN],
        "left_out": [{"user": "x", "reason": "is inactive"}],
        "contact_center": {"internal_name": "V"},
    }
    whoami = {"org": ORG, "api": {"calls": 2, "retries": 0, "usage": {"used": 5, "limit": 10}}}
    told = _fleet.from_facts(About("acme-uat", "1", checking=True), {"whoami": whoami, "api_user": outcome, "contact_center": center})
    seen_too = _fleet.record(
        About("acme-uat", "1"),
        [
            seen(checking=True),
            wrote(GRANT, checking=True),
            seen("api_user_info", requirements=requirements, user={"username": "u"}, checking=True),
            seen("contact_center_info", requirements=[row("C1")], contact_centers=[{"internal_name": "V"}], left_out=center["left_out"]),
            wrote(JOIN, checking=True),
        ],
    )
    assert _fleet.as_text(_fleet.fleet([told])) == _fleet.as_text(_fleet.fleet([seen_too]))
    assert told["run"]["api"] == {"calls": None, "retries": None, "used": 5, "limit": 10}
    assert [item["license"] for item in told["run"]["seats"]] == ["NVM"]
    assert _fleet.from_facts(About("b"), {})["outcome"] == "not_run"


@pytest.mark.parametrize(
    ("variable", "groups", "ring"),
    [(None, [], ""), ("", ["ring2"], "2"), (0, ["ring2"], "0"), ("emea", [], "emea"), (None, ["ring10", "ring2", "ringing"], "2")],
)
def test_a_ring_is_the_variable_or_the_group(variable: Any, groups: list[str], ring: str) -> None:
    assert _fleet.ring_of(variable, groups) == ring


NAMES = st.sampled_from(["a", "b", "c", "d"])


@given(st.lists(st.tuples(st.sets(NAMES, max_size=4), st.integers(0, 3), st.booleans()), max_size=5), st.randoms())
def test_merging_does_not_hang_on_order_and_loses_no_host(runs: list[tuple[set[str], int, bool]], shuffling: random.Random) -> None:
    pairs = [
        records(*sorted(hosts), checking=checking, ended=f"2026-01-0{day + 1}T00:00:00Z", run=str(number))
        for number, (hosts, day, checking) in enumerate(runs)
    ]
    merged = _fleet.merge(pairs)
    shuffling.shuffle(pairs)
    assert _fleet.merge(pairs) == merged
    assert [item["host"] for item in merged[0]["orgs"]] == sorted({host for hosts, _unused, _also in runs for host in hosts})
    assert json.loads(_fleet.as_text(merged[0])) == merged[0]
    again = _fleet.merge([merged])
    assert again[0] == merged[0]
