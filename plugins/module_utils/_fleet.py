# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""What a run over many orgs came to, as two documents. Pure: no I/O, no Ansible, no clock.

The fleet document says what is not as declared: no times, no record Ids, no usage, so that it is byte for byte the same when nothing changed.
What differs from run to run (when, how long, API calls, seats) stands in the run document. A record is one org's part of both: the entry of the
fleet document with the entry of the run document under "run". Records travel: from a job slice to the one that merges, keyed by host.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import _readiness

FORMAT = 1
CHECK, APPLY, MIXED = "check", "apply", "mixed"
AS_DECLARED, CHANGED, DRIFT, VIOLATIONS, FAILED, NOT_RUN = "as_declared", "changed", "drift", "violations", "failed", "not_run"
OUTCOMES = (AS_DECLARED, CHANGED, DRIFT, VIOLATIONS, FAILED, NOT_RUN)

API_USER, CONTACT_CENTER = "api_user_info", "contact_center_info"
# The modules that tell seats, and what kind of licence theirs is.
SEATED: Mapping[str, str] = {"package_license_assignment": "package", "permission_set_license_assignment": "permission_set_license"}
# What a change is called whose task was told to show nothing.
HIDDEN = "hidden by no_log"
# What a failed task says that was told to say nothing.
SILENT = "What was said is hidden by no_log. Run again without it to see it."

# Of a result all that a record is made of; the rest (invocation, lists of users) is not kept.
_KEPT = frozenset(
    {
        "api",
        "censored",
        "changed",
        "changes",
        "contact_centers",
        "error_class",
        "error_code",
        "held_back",
        "left_out",
        "license",
        "msg",
        "org",
        "permission_set",
        "requirements",
        "skipped",
        "source_changes",
        "user",
        "warnings",
    }
)
# The facts by which a play tells a record what its results do not show; roles/report reads the same ones.
FACTS = ("salesforce_failure", "salesforce_notes", "salesforce_changed_last", "salesforce_changed_back")

_RING = re.compile("ring[0-9]+")
# Where in memory an object was: urllib3 1 says it of a connection that failed.
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")

Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Observation:
    """One task on one host, as a callback sees it.

    action: the module of this collection, without the collection's name; empty for a task of another kind. result: as kept() leaves it. failed:
    the task failed and was not told to ignore that. verdict: its failing only tells what the record shows anyway (drift, violations). foresees:
    the task was in check mode by itself, in the middle of a play that writes. checking: its play was in check mode.
    """

    task: str
    action: str = ""
    result: Entry = field(default_factory=dict)
    seconds: float = 0.0
    failed: bool = False
    verdict: bool = False
    foresees: bool = False
    checking: bool = False

    @property
    def writes(self) -> bool:
        """Whether it is of a module that may write."""
        return bool(self.action) and not self.action.endswith("_info")


@dataclass(frozen=True)
class About:
    """What is known of a host without its results. ring: of the rollout. address: the host name that its login URL has. failed: whether the run
    ended for it with a failure that nothing rescued. checking: whether the run was in check mode as a whole; None where that is not known."""

    host: str
    ring: str = ""
    address: str = ""
    failed: bool = False
    checking: bool | None = False
    facts: Entry = field(default_factory=dict)
    # The task at which the rollout stopped for this host, since other hosts of its wave failed; empty where it went on to its end.
    stopped_at: str = ""


def kept(result: Entry) -> dict[str, Any]:
    """Of a task's result what a record is made of, with the results of a loop's items under results."""
    told: dict[str, Any] = {name: value for name, value in result.items() if name in _KEPT}
    if isinstance(told.get("contact_centers"), list):
        told["contact_centers"] = [{"internal_name": item.get("internal_name", "")} for item in told["contact_centers"]]
    if isinstance(result.get("results"), list):
        told["results"] = [{**kept(item), "failed": bool(item.get("failed"))} for item in result["results"] if isinstance(item, Mapping)]
    return told


def ring_of(variable: Any, groups: Iterable[str]) -> str:
    """The ring of a rollout that a host is in: as its variable says, else as the number of its group, as ring0."""
    said = "" if variable is None else str(variable).strip()
    return said or min((name[len("ring") :] for name in groups if _RING.fullmatch(name)), key=int, default="")


# -- one org -----------------------------------------------------------------------------------------------------------------------------


def record(about: About, observations: Sequence[Observation]) -> dict[str, Any]:
    """One org's record, from the tasks that ran for it, in their order."""
    mode = _mode(about, observations)
    counted = [item for item in observations if not (mode == APPLY and (item.foresees or item.checking))]
    ours = [(item.action, part) for item in observations if item.action for part in _parts(item.result)]
    writing = [(item.action, part) for item in counted if item.action for part in _parts(item.result)]
    failure = _failure(about, observations)
    requirements = _requirements(ours, mode)
    told = {
        "host": about.host,
        "ring": about.ring,
        "org": _org(about, ours),
        "failure": failure,
        "changes": marked(_changes(writing, mode), about.facts.get("salesforce_changed_back") or ()),
        "requirements": requirements,
        "notes": _notes(about, ours),
        "unresolved": _unresolved(ours),
    }
    ran = bool(failure or ours)
    return {**completed(told, mode, ran=ran), "run": {**_run_of(observations, ours, mode), **_changed_last(about)}}


def completed(told: Entry, mode: str, *, ran: bool) -> dict[str, Any]:
    """The entry with what follows from the rest of it: violations and outcome; keys in the document's order."""
    entry = {**told, "violations": _readiness_violations(told["requirements"])}
    outcome = _outcome(entry, mode, ran=ran)
    return {
        "host": told["host"],
        "org": told["org"],
        "ring": told["ring"],
        "outcome": outcome,
        "failure": told["failure"],
        "changes": told["changes"],
        "requirements": told["requirements"],
        "violations": entry["violations"],
        "notes": told["notes"],
        "unresolved": told["unresolved"],
    }


def _outcome(entry: Entry, mode: str, *, ran: bool) -> str:
    if entry["failure"]:
        return FAILED
    if not ran:
        return NOT_RUN
    if entry["changes"]:
        return DRIFT if mode == CHECK else CHANGED
    return VIOLATIONS if entry["violations"] else AS_DECLARED


def _mode(about: About, observations: Sequence[Observation]) -> str:
    """Whether the org was written: a play in check mode beside one that writes (a look before) does not make it a check."""
    ours = [item for item in observations if item.action]
    deciding = [item for item in ours if item.writes] or ours
    if not deciding:
        return CHECK if about.checking else APPLY
    return CHECK if any(item.checking for item in deciding) and all(item.checking for item in deciding) else APPLY


def _parts(result: Entry) -> list[Entry]:
    """The results of a loop's items that ran, or the one result of a task without a loop."""
    parts = result["results"] if isinstance(result.get("results"), list) and result["results"] else [result]
    return [item for item in parts if not item.get("skipped")]


def _org(about: About, ours: Iterable[tuple[str, Entry]]) -> dict[str, Any]:
    """Which org this is: as the last result says that met it."""
    known: dict[str, Any] = {"name": "", "host": about.address, "is_sandbox": None}
    for _unused, part in ours:
        org = part.get("org") or {}
        known = {name: value if org.get(name) in (None, "") else org[name] for name, value in known.items()}
    return known


def from_facts(about: About, told: Entry) -> dict[str, Any]:
    """One org's record from what roles and the play keep of it in facts: whoami, api_user, contact_center. What tasks cost is not among it."""
    api_user, center = told.get("api_user") or {}, told.get("contact_center") or {}
    whoami = told.get("whoami") or {}
    ours = [("org_info", whoami)] if whoami else []
    mode = "" if about.checking is None else (CHECK if about.checking else APPLY)
    name = f"contact_center {(center.get('contact_center') or {}).get('internal_name', '')}".strip()
    of_center = (center.get("found") if mode == CHECK else None) or center.get("requirements") or ()
    rows = [*rows_of("api_user", api_user.get("requirements") or ()), *rows_of(name, of_center)]
    failure = _at_its_root(_failure(about, []), api_user, center)
    entry = {
        "host": about.host,
        "ring": about.ring,
        "org": _org(about, ours),
        "failure": failure,
        "changes": marked(_changes(_as_written(api_user, center), mode), about.facts.get("salesforce_changed_back") or ()),
        "requirements": in_order(rows),
        "notes": _notes(about, []),
        "unresolved": unresolved([*(api_user.get("left_out") or ()), *(center.get("left_out") or ())]),
    }
    cost = {**_run_of([], ours, mode), "seats": seats([(str(item.get("kind", "")), item) for item in api_user.get("seats") or ()])}
    cost["api"] = {**cost["api"], "calls": None, "retries": None}
    return {**completed(entry, mode, ran=bool(failure or whoami or api_user or center)), "run": {**cost, **_changed_last(about)}}


def _at_its_root(failure: dict[str, str] | None, *outcomes: Entry) -> dict[str, str] | None:
    """The failure as the role knew it that stopped: a role ends by failing with the words of the step that stopped it."""
    for stopped in (item.get("stopped") or {} for item in outcomes):
        if failure and _is_told(stopped, failure["msg"]):
            return {**failure, **{name: value for name, value in (failure_of(stopped) or {}).items() if value}}
    return failure


def _as_written(*outcomes: Entry) -> list[tuple[str, Entry]]:
    return [("", {"changed": bool(item.get("changes")), "changes": item.get("changes") or []}) for item in outcomes]


def _changes(writing: Iterable[tuple[str, Entry]], mode: str) -> list[dict[str, Any]]:
    """What changed, in order. In check mode the same change told by two tasks is one: nothing was done between them."""
    told: list[dict[str, Any]] = []
    for action, part in writing:
        if not part.get("changed"):
            continue
        hidden = {"op": "update", "kind": action, "key": HIDDEN, "before": {}, "after": {}}
        for change in part.get("changes") or ([hidden] if "censored" in part else []):
            if mode == APPLY or change not in told:
                told.append(dict(change))
    return told


def marked(changes: Iterable[Entry], changed_back: Iterable[str]) -> list[dict[str, Any]]:
    """The changes, each with whether it undoes what somebody changed back since the last run. changed_back: "op kind key"."""
    back = set(changed_back)
    return [
        {
            "op": item["op"],
            "kind": item["kind"],
            "key": item["key"],
            "before": item.get("before") or {},
            "after": item.get("after") or {},
            "changed_back": named(item) in back,
        }
        for item in changes
    ]


def named(change: Entry) -> str:
    """A change in a few words, by which documents and facts tell one from another."""
    return f"{change['op']} {change['kind']} {change['key']}"


def _requirements(ours: Iterable[tuple[str, Entry]], mode: str) -> list[dict[str, str]]:
    """The readiness tables: of each subject the last one. In check mode the first, which says how the org is: later ones foretell."""
    tables: dict[str, list[dict[str, str]]] = {}
    users: list[str] = []
    for action, part in ours:
        rows = part.get("requirements")
        if not rows:
            continue
        if action == API_USER:
            user = (part.get("user") or {}).get("username") or ""
            users += [user] if user not in users else []
            subject = "api_user" if user == users[0] else f"api_user {user}"
        else:
            subject = _center(part)
        if mode != CHECK or subject not in tables:
            tables[subject] = rows_of(subject, rows)
    return in_order(row for rows in tables.values() for row in rows)


def _center(part: Entry) -> str:
    centers = part.get("contact_centers") or [{}]
    return f"contact_center {centers[0].get('internal_name', '')}".strip()


def rows_of(subject: str, rows: Iterable[Entry]) -> list[dict[str, str]]:
    """A readiness table as the document has it."""
    return [
        {
            "subject": subject,
            "id": item["sentence"],
            "name": item["requirement"],
            "requirement": item["says"],
            "state": item["state"],
            "reason": item["found"],
            "remedy": item["remedy"],
            "repair": item.get("repair", ""),
        }
        for item in rows
    ]


def in_order(rows: Iterable[Entry]) -> list[dict[str, str]]:
    """Rows by subject and then as the documents number their sentences: C2 before C10, D before X."""
    return sorted((dict(item) for item in rows), key=lambda item: (item["subject"], *sentence_order(item["id"]), item["name"]))


def sentence_order(name: str) -> tuple[str, int]:
    """What sorts D2 before D10."""
    letters = name.rstrip("0123456789")
    return letters, int(name[len(letters) :] or 0)


def _readiness_violations(rows: Iterable[Entry]) -> list[str]:
    return _readiness.violations(
        {"state": item["state"], "sentence": item["id"], "requirement": item["name"], "found": item["reason"], "remedy": item["remedy"]}
        for item in rows
    )


def _unresolved(ours: Iterable[tuple[str, Entry]]) -> list[dict[str, str]]:
    return unresolved(item for _unused, part in ours for item in part.get("left_out") or ())


def unresolved(left_out: Iterable[Entry]) -> list[dict[str, str]]:
    """The users who were left out and why, each reason once: tasks differ in whom else they think meant. What else is left out (rights that the
    org does not have) is no user."""
    told: dict[tuple[str, str], str] = {}
    for item in sorted(left_out, key=lambda item: len(str(item.get("reason", ""))), reverse=True):
        reason = str(item.get("reason", ""))
        if "user" in item:
            told[str(item["user"]), reason.split(" (", 1)[0]] = reason
    return [{"user": user, "reason": reason} for (user, _unused), reason in sorted(told.items())]


def _notes(about: About, ours: Iterable[tuple[str, Entry]]) -> list[str]:
    """What the play says is to be noted, or else what results show: what is left as it is, and what is new of the package."""
    if "salesforce_notes" in about.facts:
        return _once(about.facts["salesforce_notes"] or ())
    return _once(line for _unused, part in ours for line in _news(part))


def _news(part: Entry) -> list[str]:
    name = (part.get("user") or {}).get("username") or "user"
    held = [
        f"{name}: {item.get('field')} is {item.get('is')} and not {item.get('wanted')}, since {item.get('reason')}"
        for item in part.get("held_back") or ()
        if item.get("is") != f"{item.get('wanted')}.invalid"
    ]
    absent = [f"This org does not have: {item['name']}" for item in part.get("left_out") or () if "name" in item and "user" not in item]
    changed = part.get("source_changes") or {}
    return [*held, *absent, *(["The package has changed its set."] if changed.get("changed") else [])]


def _once(lines: Iterable[Any]) -> list[str]:
    return sorted({str(line) for line in lines})


# -- what stopped it -----------------------------------------------------------------------------------------------------------------------


def _failure(about: About, observations: Sequence[Observation]) -> dict[str, str] | None:
    """What stopped the org's run, at its root; None where nothing did, or where what did was rescued and nobody told of it."""
    told = about.facts.get("salesforce_failure") or {}
    failed = [(item, part) for item in observations if item.failed for part in _failed_parts(item.result)]
    if not failed or not (told or about.failed):
        return failure_of(told) or _stopped(about)
    last, words = failed[-1][0], str(told.get("msg") or failed[-1][1].get("msg") or "")
    item, part = next((found for found in failed if _is_told(found[1], words)), failed[-1])
    if item.verdict or (last.verdict and not told):
        return None
    if told and not _is_told(part, words):
        return failure_of(told)
    return failure_of({**part, "task": item.task})


def _stopped(about: About) -> dict[str, str] | None:
    said = "The rollout stopped here, since other orgs of the same wave failed: what comes after this task was not done for this org. Run again."
    return failure_of({"task": about.stopped_at, "msg": said, "error_code": "stopped"} if about.stopped_at else {})


def _is_told(part: Entry, words: str) -> bool:
    """Whether the words that ended the run repeat this failure's: roles rescue a step and fail at their end with what it said."""
    said = str(part.get("msg") or "").strip()
    return bool(said) and said in words


def _failed_parts(result: Entry) -> list[Entry]:
    """The items of a loop that failed, or the result itself."""
    parts = [item for item in result.get("results") or () if item.get("failed")]
    return parts or [result]


def failure_of(told: Entry) -> dict[str, str] | None:
    """A failure as the document has it, from the facts of a play or a failed result; None from nothing."""
    if not told:
        return None
    return {
        "task": str(told.get("task") or ""),
        "msg": _ADDRESS.sub("", str(told.get("msg") or "").strip()) or (SILENT if "censored" in told else ""),
        "error_class": str(told.get("error_class") or ""),
        "code": str(told.get("error_code") or told.get("code") or ""),
    }


# -- what it cost --------------------------------------------------------------------------------------------------------------------------


def _run_of(observations: Sequence[Observation], ours: Sequence[tuple[str, Entry]], mode: str) -> dict[str, Any]:
    """An org's part of the run document."""
    orgs = [part["org"] for _unused, part in ours if part.get("org")]
    org = orgs[-1] if orgs else {}
    mine = [item for item in observations if item.action]
    return {
        "org_id": org.get("id") or "",
        "edition": org.get("edition") or "",
        "instance": org.get("instance") or "",
        "api_version": str(org.get("api_version") or ""),
        "mode": mode,
        "seconds": round(sum(item.seconds for item in mine), 1),
        "api": api_of([part.get("api") or {} for _unused, part in ours]),
        "seats": seats([(SEATED[action], part["license"]) for action, part in ours if action in SEATED and part.get("license")]),
        "tasks": [_timed(item) for item in mine],
        "warnings": _once(line for _unused, part in ours for line in part.get("warnings") or ()),
        "changed_last": [],
    }


def _changed_last(about: About) -> dict[str, Any]:
    told = about.facts.get("salesforce_changed_last")
    return {"changed_last": [dict(item) for item in told]} if told else {}


def _timed(item: Observation) -> dict[str, Any]:
    parts = _parts(item.result)
    return {
        "task": item.task,
        "action": item.action,
        "seconds": round(item.seconds, 1),
        "calls": sum(int((part.get("api") or {}).get("calls") or 0) for part in parts),
        "changed": any(bool(part.get("changed")) for part in parts) and not item.foresees,
        "failed": item.failed,
    }


def api_of(told: Sequence[Entry]) -> dict[str, Any]:
    """Calls and retries of all results; usage and limit as the last one told them, null where none did."""
    usages = [item["usage"] for item in told if item.get("usage")]
    usage = usages[-1] if usages else {}
    return {
        "calls": sum(int(item.get("calls") or 0) for item in told),
        "retries": sum(int(item.get("retries") or 0) for item in told),
        "used": usage.get("used"),
        "limit": usage.get("limit"),
    }


def seats(licenses: Iterable[tuple[str, Entry]]) -> list[dict[str, Any]]:
    """Of each licence its seats as the last result told them. total and free are null where seats are not counted."""
    last = {
        (kind, str(item.get("label") or item.get("name") or "")): {
            "kind": kind,
            "license": str(item.get("label") or item.get("name") or ""),
            "total": item.get("total"),
            "used": item.get("used"),
            "free": item.get("free"),
        }
        for kind, item in licenses
    }
    return [last[key] for key in sorted(last)]


# -- the documents -------------------------------------------------------------------------------------------------------------------------


def fleet(records: Iterable[Entry]) -> dict[str, Any]:
    """The fleet document of these records, each host once."""
    entries = list(records)
    orgs = sorted(({name: value for name, value in item.items() if name != "run"} for item in entries), key=lambda item: str(item["host"]))
    return {"format": FORMAT, "mode": mode_of(entries), "orgs": orgs, "summary": summary(orgs)}


def mode_of(records: Iterable[Entry]) -> str:
    """check or apply, as all orgs that ran were; mixed where some were checked and some written."""
    told = list(records)
    ran = [item for item in told if item["outcome"] != NOT_RUN] or told
    modes = {str(item["run"]["mode"]) for item in ran if item["run"].get("mode")}
    return modes.pop() if len(modes) == 1 else (MIXED if modes else APPLY)


def summary(orgs: Sequence[Entry]) -> dict[str, int]:
    """How many orgs came to what, and how many changes there are in all."""
    counts = {outcome: sum(1 for item in orgs if item["outcome"] == outcome) for outcome in OUTCOMES}
    return {"orgs": len(orgs), **counts, "changes": sum(len(item["changes"]) for item in orgs)}


def run(records: Iterable[Entry], head: Entry) -> dict[str, Any]:
    """The run document of these records. head: of the run as a whole."""
    entries = sorted(records, key=lambda item: str(item["host"]))
    told = {
        "id": "",
        "started": "",
        "ended": "",
        "seconds": 0.0,
        "playbook": "",
        "mode": "",
        "ticket": "",
        "versions": {},
        "slices": 1,
        "notes": [],
    }
    stamp = {"run": head.get("id", ""), "started": head.get("started", ""), "ended": head.get("ended", "")}
    return {
        "format": FORMAT,
        "run": {**told, **head, "mode": mode_of(entries)},
        "orgs": {str(item["host"]): {**stamp, **item["run"]} for item in entries},
    }


def as_text(document: Entry) -> str:
    """A document as its file has it."""
    # Sorted keys: a controller that hands records from job to job does not keep their order.
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False, default=str) + "\n"


# -- several runs into one -------------------------------------------------------------------------------------------------------------------


def merge(pairs: Iterable[tuple[Entry, Entry]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The two documents of several runs, or of one run's slices, whatever their order.

    A host that is in several: the run that ended last counts, unless it never came to that host; that is noted. The run as a whole lasted as
    long as the longest of its parts.
    """
    told = list(pairs)
    heads = sorted((one_run["run"] for _unused, one_run in told), key=as_text)
    chosen: dict[str, dict[str, Any]] = {}
    notes = {str(line) for head in heads for line in head.get("notes") or ()}
    for entry in sorted((item for pair in told for item in records(*pair)), key=_age):
        before = chosen.get(str(entry["host"]))
        if before is not None and not _same(before, entry):
            notes.add(f"{entry['host']} is in more than one run: {_when(entry)} counts, and not {_when(before)}.")
        chosen[str(entry["host"])] = entry
    entries = [chosen[host] for host in sorted(chosen)]
    return fleet(entries), {**run(entries, {}), "run": {**_joined(heads), "mode": mode_of(entries), "notes": sorted(notes)}}


def pairs_of(loose: Iterable[Entry]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Records that travelled alone as documents again, one pair a run. Each says under run, of, which run it is of."""
    runs: dict[str, list[Entry]] = {}
    for item in loose:
        runs.setdefault(str((item["run"].get("of") or {}).get("id") or ""), []).append(item)
    return [_pair(entries) for _unused, entries in sorted(runs.items())]


def _pair(entries: Sequence[Entry]) -> tuple[dict[str, Any], dict[str, Any]]:
    heads = [item["run"].get("of") or {} for item in entries]
    plain = [{**item, "run": {name: value for name, value in item["run"].items() if name != "of"}} for item in entries]
    return fleet(plain), run(plain, {**_joined(heads), "slices": 1, "id": heads[0].get("id", "")})


def records(fleet_document: Entry, run_document: Entry) -> list[dict[str, Any]]:
    """The records that two documents of one run are made of."""
    costs = run_document.get("orgs") or {}
    head = run_document.get("run") or {}
    stamp = {"run": head.get("id", ""), "started": head.get("started", ""), "ended": head.get("ended", ""), "mode": fleet_document["mode"]}
    return [{**item, "run": {**_NO_COST, **stamp, **(costs.get(item["host"]) or {})}} for item in fleet_document["orgs"]]


# What stands of an org of which the run document says nothing.
_NO_COST: Mapping[str, Any] = {
    "org_id": "",
    "edition": "",
    "instance": "",
    "api_version": "",
    "mode": "",
    "seconds": 0.0,
    "api": {"calls": None, "retries": None, "used": None, "limit": None},
    "seats": [],
    "tasks": [],
    "warnings": [],
    "changed_last": [],
}


def _age(entry: Entry) -> tuple[bool, str, str, str]:
    """What sorts the entry that counts behind the others; the last part only makes the order certain."""
    return entry["outcome"] != NOT_RUN, str(entry["run"].get("ended") or ""), str(entry["run"].get("run") or ""), as_text(entry)


def _same(one: Entry, other: Entry) -> bool:
    """Whether two entries are of the same run: its documents were named twice."""
    return bool(one["run"].get("run")) and one["run"].get("run") == other["run"].get("run")


def _when(entry: Entry) -> str:
    outcome = "where it was not run" if entry["outcome"] == NOT_RUN else f"where it is {entry['outcome']}"
    return f"the run of {entry['run'].get('ended') or 'unknown time'} {outcome}"


def _joined(heads: Sequence[Entry]) -> dict[str, Any]:
    """One head of several; those of the same run count once as a slice."""
    once = list({as_text(item): item for item in heads}.values())
    versions = sorted({name for item in once for name in item.get("versions") or {}})
    return {
        "id": _either(once, "id", "+"),
        "started": min((item["started"] for item in once if item.get("started")), default=""),
        "ended": max((item["ended"] for item in once if item.get("ended")), default=""),
        "seconds": max((float(item.get("seconds") or 0) for item in once), default=0.0),
        "playbook": _either(once, "playbook"),
        "ticket": _either(once, "ticket"),
        "versions": {name: _either([item.get("versions") or {} for item in once], name) for name in versions},
        "slices": sum(int(item.get("slices") or 1) for item in once),
    }


def _either(heads: Iterable[Entry], name: str, joint: str = ", ") -> str:
    """What all say, or all that they say."""
    return joint.join(sorted({str(item[name]) for item in heads if item.get(name)}))
