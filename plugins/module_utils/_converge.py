# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""The one procedure: what is wanted, what is there, the difference as data; then show it, or apply it and read it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Callable

from ._connection import connection
from ._errors import CONFIG, NETWORK, ORG, LostAnswer, Problem, RecordError, sentence
from ._org import ROLLED_BACK, Org, Outcome, Run
from ._plan import Change, Plan, as_changes, as_diff, identity, op_of

# A record that another one of the same plan brings along is settled by reading again and planning again. Twice is plenty. Lost answers are
# settled so too, within the time that the task has for retries.
ROUNDS = 3
# How often a task may plan anew because a refusal named what the plan lacked: each one names the next link of a chain.
LESSONS = 8

Key = tuple[str, str, str]


def _nothing_to_write(org: Org, desired: Any, current: Any, changes: Sequence[Change]) -> list[Outcome]:
    """What a reader writes."""
    return []


def _as_read(org: Org, desired: Any, current: Any, changes: Sequence[Change]) -> Any:
    """What a reader reads back."""
    return current


def _nothing_learned(desired: Any, current: Any, outcomes: Sequence[Outcome]) -> Any:
    """Most refusals teach nothing that another plan could use."""
    return None


def _at_once(org: Org, desired: Any, current: Any) -> tuple[Any, list[RecordError]]:
    """Most of what is written is in force when it is read back."""
    return current, []


@dataclass(frozen=True)
class Noun:
    """One thing the collection manages: the functions that the one procedure is made of.

    desired: options -> what is wanted (pure; raises Problem for what cannot be wanted). read: what is there. plan: the difference (pure;
    raises Problem for what must stop the task before any write). write: changes -> outcomes. reread: current with what the changes touched read
    again. report: the noun's own part of the result (pure). learn: current with what the org's refusals told, where a plan made with that can
    succeed; None where they told nothing new (pure). settle: wait, outside check mode, for what the org does by itself after a write or has not
    done yet; current as it is then, and what is wrong with that.
    """

    name: str
    argument_spec: Mapping[str, Mapping[str, Any]]
    desired: Callable[[Mapping[str, Any]], Any]
    read: Callable[[Org, Any], Any]
    plan: Callable[[Any, Any], Plan]
    report: Callable[[Any, Any, Plan], dict[str, Any]]
    write: Callable[[Org, Any, Any, Sequence[Change]], list[Outcome]] = _nothing_to_write
    reread: Callable[[Org, Any, Any, Sequence[Change]], Any] = _as_read
    constraints: Mapping[str, Any] = field(default_factory=dict)
    learn: Callable[[Any, Any, Sequence[Outcome]], Any] = _nothing_learned
    settle: Callable[[Org, Any, Any], tuple[Any, list[RecordError]]] = _at_once

    @property
    def only_reads(self) -> bool:
        """Whether the noun never writes, and so has no changes to tell."""
        return self.write is _nothing_to_write


@dataclass(frozen=True)
class Applied:
    """What a plan became: the changes the org has, those it refused, and the state read back. error_class: of what ended the task, if not a
    refusal of records. plan: as it stood in the end, with what was learned on the way."""

    plan: Plan
    changes: tuple[Change, ...]
    errors: tuple[RecordError, ...]
    current: Any
    error_class: str = ORG


def converge(noun: Noun, params: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """Make the org what params say, or in check mode say what that would change. The result is the task's, with failed: true in it where the
    org refused some records.

    Raises Problem, naming the org, where nothing (more) could be done.
    """
    settings = connection(params)
    run.secrets.update(settings.secrets)
    org: Org | None = None
    step = "options"
    try:
        desired = noun.desired(params)
        step = "reading"
        org = Org(settings, run)
        current = noun.read(org, desired)
        step = "planning"
        if not noun.only_reads:
            org.claim()
        plan = noun.plan(desired, current)
        step = "writing"
        if run.check_mode or not plan:
            org.foresee(plan.changes)
            return _result(noun, org, desired, _awaited(noun, org, desired, Applied(plan, plan.changes, (), current)))
        _guard_production(org)
        return _result(noun, org, desired, _awaited(noun, org, desired, _apply(noun, org, desired, current, plan)))
    except Problem as problem:
        seen = _seen(org) if org and org.identity else {}
        raise replace(problem.on(org.label if org else settings.place).at(step), seen=seen) from None


def _apply(noun: Noun, org: Org, desired: Any, current: Any, plan: Plan) -> Applied:
    """Write the plan, read back what it touched, plan again: what is left then is an error, or another round's work.

    Where refusals taught what the plan lacked, the next round's plan has it, and what was refused is tried once more.
    """
    outstanding = remaining = plan.changes
    settled: dict[Key, Outcome] = {}
    lessons = 0
    for attempt in count():
        lost: Problem | None = None
        org.outcomes.clear()
        try:
            noun.write(org, desired, current, outstanding)
        except LostAnswer as error:
            lost = _never_answered(error)
        except Problem as problem:
            return _interrupted(org, plan, current, settled, problem)
        learned = noun.learn(desired, current, org.outcomes) if lessons < LESSONS else None
        lessons += learned is not None
        settled.update({identity(item.change): item for item in org.outcomes if learned is None or not item.errors})
        try:
            current = noun.reread(org, desired, current if learned is None else learned, outstanding)
            remaining = noun.plan(desired, current).changes
        except Problem as problem:
            return _interrupted(org, plan, current, settled, _unknown(problem) if lost else problem)
        plan = _continued(plan, org.outcomes, remaining) if learned is not None else plan
        outstanding = tuple(item for item in remaining if identity(item) not in settled)
        if not outstanding or not (learned is not None or (org.pause(attempt) if lost else attempt - lessons + 1 < ROUNDS)):
            break
    return _settled(plan, current, settled, remaining, lost if outstanding else None)


def _continued(plan: Plan, outcomes: Sequence[Outcome], remaining: Sequence[Change]) -> Plan:
    """What the plan has come to: what was done of it, and what is left as it is now planned. What was refused and is wanted no more is gone."""
    over = {identity(item) for item in remaining} | {identity(item.change) for item in outcomes if item.errors}
    return Plan((*(item for item in plan.changes if identity(item) not in over), *remaining))


def _settled(plan: Plan, current: Any, settled: Mapping[Key, Outcome], remaining: Sequence[Change], lost: Problem | None) -> Applied:
    """What the reading back shows. lost: why what is left of the plan never reached the org, if it did not."""
    errors: list[RecordError] = []
    for change in remaining:
        outcome = settled.get(identity(change))
        if outcome or not lost:
            errors.extend(outcome.errors if outcome and outcome.errors else [_not_as_planned(change)])
    causes = [error for error in errors if error.code not in ROLLED_BACK] or errors
    still = {identity(item) for item in remaining}
    applied = tuple(item for item in plan.changes if identity(item) not in still)
    if lost is None:
        return Applied(plan, applied, tuple(causes), current)
    if not applied and not causes:
        raise lost
    return Applied(plan, applied, (*causes, _told(lost)), current, lost.error_class)


def _interrupted(org: Org, plan: Plan, current: Any, settled: dict[Key, Outcome], problem: Problem) -> Applied:
    """What is known when the org stopped answering in the middle: it is said only of what was surely written."""
    settled.update({identity(item.change): item for item in org.outcomes})
    written = tuple(item for item in plan.changes if identity(item) in settled and not settled[identity(item)].errors)
    refused = [error for item in settled.values() for error in item.errors if error.code not in ROLLED_BACK]
    if not written and not refused:
        raise problem
    return Applied(plan, written, (*refused, _told(problem)), current, problem.error_class)


def _awaited(noun: Noun, org: Org, desired: Any, applied: Applied) -> Applied:
    """What was applied, once the org is done with it; changes stay told where it is not, or where it can no longer be asked."""
    if org.run.check_mode or applied.errors:
        return applied
    try:
        current, errors = noun.settle(org, desired, applied.current)
    except Problem as problem:
        if not applied.changes:
            raise
        return replace(applied, errors=(_told(problem),), error_class=problem.error_class)
    return replace(applied, current=current, errors=tuple(errors))


def _told(problem: Problem) -> RecordError:
    return RecordError(problem.tried, problem.code or problem.error_class, problem.said, (), f"{problem.remedy} Then run again.".strip())


def _unknown(problem: Problem) -> Problem:
    """A write without an answer, and then a reading back that failed: nobody knows, and that must be said."""
    said = f"{problem.said} The write before it had no answer either: it may have been carried out."
    return replace(problem, said=said, remedy=f"{problem.remedy} Run again: the run starts from what is there.")


def _never_answered(error: LostAnswer) -> Problem:
    return Problem(
        "writing to the org",
        f"no answer came ({error}).",
        "Check the network between this machine and the org; raise timeout or retry_time if the org is slow.",
        NETWORK,
        "no_answer",
    )


def _not_as_planned(change: Change) -> RecordError:
    return RecordError(
        change.key,
        "NOT_AS_PLANNED",
        f"the org took the {op_of(change)} of {change.kind} {change.key}, but reading back shows that it did not last.",
        (),
        "An automation of the org (trigger, flow, User Access Policy), another person or a delay undid it: see the Setup Audit Trail, then run again.",
    )


def _guard_production(org: Org) -> None:
    """A production org is written only where its host says so, and says which org it is: a login that leads elsewhere is found then."""
    if not _is_production(org):
        return
    if not org.connection.allow_production:
        raise Problem(
            "writing to a production org",
            "this org is not a sandbox, and its host does not allow writing to production.",
            "Run with --check first; then set salesforce_allow_production: true on this host only.",
            CONFIG,
            "production",
        )
    if not org.connection.expected_org_id:
        raise Problem(
            "writing to a production org",
            "nothing says which production org this is to be.",
            f"Compare {org.org_id} with Setup, Company Information; then set salesforce_expected_org_id: {org.org_id} on this host only.",
            CONFIG,
            "production_org_id",
        )


def _is_production(org: Org) -> bool:
    return org.identity is not None and not org.identity.is_sandbox


def _lacks_confirmation(org: Org) -> str:
    """What the host does not say yet and writing to this org wants; empty where nothing is missing."""
    if not _is_production(org):
        return ""
    missing = ["salesforce_allow_production: true"] if not org.connection.allow_production else []
    missing += [f"salesforce_expected_org_id: {org.org_id}"] if not org.connection.expected_org_id else []
    return " and ".join(missing)


def _result(noun: Noun, org: Org, desired: Any, applied: Applied) -> dict[str, Any]:
    result: dict[str, Any] = {
        "changed": bool(applied.changes),
        **_seen(org),
        "warnings": [],
        **noun.report(desired, applied.current, applied.plan),
    }
    if not noun.only_reads:
        result["changes"] = as_changes(applied.changes)
        result["diff"] = as_diff(applied.changes, f"{noun.name} on {org.label}")
        result["errors"] = [item.as_result() for item in applied.errors]
        result["warnings"] += _of_triggers(noun, org)
    missing = _lacks_confirmation(org)
    if org.run.check_mode and applied.plan and missing:
        result["warnings"].append(f"{org.label} is a production org: outside check mode it is written only with {missing}.")
    if applied.errors:
        result.update(_partly_failed(org, applied))
    return result


def _of_triggers(noun: Noun, org: Org) -> list[str]:
    """That a trigger of the org refused larger batches than those that were written in the end."""
    if not org.tally.batch:
        return []
    spare = f" batch_size: {org.tally.batch} spares the tries." if "batch_size" in noun.argument_spec else ""
    return [f"{org.label}: a trigger or flow refused a larger batch of records; batches of up to {org.tally.batch} went through.{spare}"]


def _partly_failed(org: Org, applied: Applied) -> dict[str, Any]:
    told = " ".join(_in_words(item) for item in applied.errors[:3])
    more = f" And {len(applied.errors) - 3} more: see errors." if len(applied.errors) > 3 else ""
    return {
        "failed": True,
        "error_class": applied.error_class,
        "error_code": applied.errors[0].code,
        "http_status": None,
        "step": "writing",
        "msg": f"[{org.label}] {_counted(len(applied.changes), 'change')} applied, {_counted(len(applied.errors), 'problem')}: {told}{more}",
    }


def _in_words(error: RecordError) -> str:
    return f"{error.record}: {sentence(f'{error.code}: {error.message.strip()}')}" + (f" {error.remedy}" if error.remedy else "")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _seen(org: Org) -> dict[str, Any]:
    """What a result says of every task that met its org: which org, whether it could be written, and what it cost."""
    return {
        "org": describe_org(org),
        # Ansible's own variable for it mirrors the command line, and stays false under a play's own check_mode: true.
        "check_mode": org.run.check_mode,
        "api": {"calls": org.tally.calls, "retries": org.tally.retries, "usage": org.tally.usage},
    }


def describe_org(org: Org) -> dict[str, Any]:
    """Which org a result is about."""
    identity_ = org.identity
    return {
        "id": identity_.id if identity_ else "",
        "name": identity_.name if identity_ else "",
        "is_sandbox": identity_.is_sandbox if identity_ else None,
        "edition": identity_.edition if identity_ else "",
        "instance": identity_.instance if identity_ else "",
        "host": org.place,
        "api_version": org.connection.api_version,
    }
