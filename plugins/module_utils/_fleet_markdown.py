# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""The two documents of a run as one Markdown text, for tickets and pull requests. Pure.

What comes from an org or an inventory is text and stays text: it is escaped where it would become markup, a link or a mention of a person, and
nowhere else, since these texts are also read as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ._fleet import AS_DECLARED, CHANGED, CHECK, DRIFT, FAILED, MIXED, NOT_RUN, VIOLATIONS, named, sentence_order
from ._plan import in_short

Document = Mapping[str, Any]

# In the order in which a person looks at them.
WORDS: Mapping[str, str] = {
    FAILED: "failed",
    NOT_RUN: "not run",
    DRIFT: "drifted",
    VIOLATIONS: "with violations",
    CHANGED: "changed",
    AS_DECLARED: "as declared",
}
STATES: Mapping[str, str] = {
    "met": "ok",
    "violated": "**NO**",
    "warning": "warn",
    "unknown": "?",
    "manual": "hand",
    "not_asked": "-",
}
MODES: Mapping[str, str] = {CHECK: "looked for drift, nothing was written", MIXED: "some orgs were written, others only looked at"}
# What Markdown takes for more than text wherever it stands; underscores only where they stand at the edge of a word.
_SPECIAL = re.compile(r"([\\`*\[\]<>|~&]|(?<![A-Za-z0-9_])_+|_+(?![A-Za-z0-9_])|(?<=http)(?=s?://)|(?<=www)(?=\.))", re.IGNORECASE)
# What begins a heading, a list, a rule or a number at the start of a line.
_BEGINNING = re.compile(r"^([#+=-]|[0-9]+(?=[.)]))")
# GitHub looks for mentions after it has read the Markdown: only a break in the name keeps it from that.
_MENTION = re.compile(r"(?<![A-Za-z0-9_.])@(?=[A-Za-z0-9])")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]+")
# A comment on a pull request takes 65,536 characters: the document has the rest.
MOST, MOST_CHANGES = 500, 50


def markdown(fleet: Document, run: Document) -> str:
    """The report as Markdown."""
    costs = run.get("orgs") or {}
    orgs = fleet["orgs"]
    parts = [
        _head(fleet, run.get("run") or {}),
        _overview(orgs, costs),
        *_matrices(orgs),
        *(_org(item, costs.get(item["host"]) or {}) for item in orgs if _has_more(item)),
        _seats(costs),
        _cost(costs),
        _versions(run.get("run") or {}),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _has_more(org: Document) -> bool:
    """Whether the tables do not say all of an org."""
    return any(org[name] for name in ("failure", "changes", "violations", "notes", "unresolved"))


def text(value: Any) -> str:
    """A value as text of one line that Markdown leaves alone."""
    words = _UNSEEN.sub(" ", str(value)).strip()
    words = _SPECIAL.sub(_escaped, words if len(words) <= MOST else f"{words[:MOST]} ...")
    return _MENTION.sub("@<!-- -->", _BEGINNING.sub(_at_the_start, words))


def _escaped(found: re.Match[str]) -> str:
    return "".join(f"\\{sign}" for sign in found.group()) or "<!-- -->"


def _at_the_start(found: re.Match[str]) -> str:
    sign = found.group()
    return f"{sign}<!-- -->" if sign.isdigit() else f"\\{sign}"


def code(value: Any) -> str:
    """A value as code of one line, whatever stands in it."""
    words = _UNSEEN.sub(" ", str(value))
    words = words if len(words) <= MOST else f"{words[:MOST]} ..."
    longest = max((len(item) for item in re.findall("`+", words)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if words.startswith("`") or words.endswith("`") or not words.strip() else ""
    return f"{fence}{pad}{words}{pad}{fence}"


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table, or nothing where it has no rows. The cells are Markdown already."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([f"| {' | '.join(titles)} |", f"|{'---|' * len(titles)}", *lines]) if lines else ""


def verdict(summary: Document) -> str:
    """What the run came to, in one sentence."""
    total = summary["orgs"]
    if not total:
        return "No org is in this report."
    right = summary[AS_DECLARED]
    told = [f"{right} of {total} {'org is' if total == 1 else 'orgs are'} as declared"]
    told += [f"{summary[outcome]} {words}" for outcome, words in WORDS.items() if outcome != AS_DECLARED and summary[outcome]]
    return "; ".join(told) + "."


def _head(fleet: Document, head: Document) -> str:
    lines = ["# Salesforce fleet report", "", f"**{verdict(fleet['summary'])}**", ""]
    facts = {
        "Run": f"{text(head.get('started') or '')}, {head.get('seconds') or 0} s, {text(head.get('playbook') or '')}",
        "Mode": MODES.get(fleet["mode"], "what differed was to be put right"),
        "Changes": fleet["summary"]["changes"],
        "Change ticket": text(head.get("ticket") or ""),
        "Slices": head.get("slices") if (head.get("slices") or 1) > 1 else "",
    }
    lines += [f"- {name}: {value}" for name, value in facts.items() if value != ""]
    lines += [f"- {text(note)}" for note in head.get("notes") or ()]
    return "\n".join(lines)


def _overview(orgs: Sequence[Document], costs: Document) -> str:
    order = list(WORDS)
    rows = [
        (
            text(item["host"]),
            text(item["ring"]),
            _kind(item["org"]),
            f"**{WORDS[item['outcome']]}**" if item["outcome"] != AS_DECLARED else WORDS[AS_DECLARED],
            str(len(item["changes"])),
            str(len(item["violations"])),
            str(len(item["unresolved"])),
            usage((costs.get(item["host"]) or {}).get("api") or {}),
        )
        for item in sorted(orgs, key=lambda item: (order.index(item["outcome"]), item["host"]))
    ]
    titles = ("org", "ring", "kind", "outcome", "changes", "violations", "unresolved users", "API used")
    return f"## Orgs\n\n{table(titles, rows)}" if rows else ""


def _kind(org: Document) -> str:
    return "" if org["is_sandbox"] is None else ("sandbox" if org["is_sandbox"] else "production")


def usage(api: Document) -> str:
    """API calls of the last 24 hours against the allocation, and how much of it is left."""
    used, limit = api.get("used"), api.get("limit")
    if used is None or not limit:
        return ""
    return f"{used:,} of {limit:,} ({max(limit - used, 0) * 100 // limit} % left)"


def _matrices(orgs: Sequence[Document]) -> list[str]:
    """For each subject the orgs by its requirements, and what these say."""
    subjects = sorted({row["subject"] for org in orgs for row in org["requirements"]})
    return [_matrix(subject, orgs) for subject in subjects]


def _matrix(subject: str, orgs: Sequence[Document]) -> str:
    of_orgs = {org["host"]: {row["id"]: row for row in org["requirements"] if row["subject"] == subject} for org in orgs}
    says = {name: row["requirement"] for rows in of_orgs.values() for name, row in rows.items()}
    names = sorted(says, key=sentence_order)
    rows = [
        (text(host), *(STATES.get(rows[name]["state"], text(rows[name]["state"])) if name in rows else "" for name in names))
        for host, rows in of_orgs.items()
        if rows
    ]
    legend = "\n".join(f"- {text(name)}: {text(says[name])}" for name in names)
    shown = table(("org", *(text(name) for name in names)), rows)
    return f"## {text(subject)}\n\n{shown}\n\n<details><summary>What these ask</summary>\n\n{legend}\n\n</details>"


def _org(org: Document, cost: Document) -> str:
    lines = [f"## {text(org['host'])}: {WORDS[org['outcome']]}"]
    failure = org["failure"]
    if failure:
        what = " ".join(code(item) for item in (failure["error_class"], failure["code"]) if item)
        lines += ["", f"Stopped at {code(failure['task'])}{f' ({what})' if what else ''}: {text(failure['msg'])}"]
    last = {item.get("change"): item for item in cost.get("changed_last") or ()}
    if org["changes"]:
        lines += ["", _DONE.get(org["outcome"], "What was changed, or in check mode would be:"), ""]
        lines += [line for change in org["changes"][:MOST_CHANGES] for line in _change(change, last)]
        left = len(org["changes"]) - MOST_CHANGES
        lines += [f"- and {left} more: see fleet.json"] if left > 0 else []
    lines += _listed("Not as the documents ask", org["violations"])
    lines += _listed("To be noted", org["notes"])
    lines += _listed("Users who were left out", [f"{item['user']} {item['reason']}" for item in org["unresolved"]])
    lines += _listed("Warnings", cost.get("warnings") or ())
    return "\n".join(lines)


_DONE: Mapping[str, str] = {DRIFT: "What a run would change:", CHANGED: "What was changed:"}


def _listed(title: str, lines: Iterable[str]) -> list[str]:
    told = [f"- {text(line)}" for line in lines]
    return ["", f"{title}:", "", *told] if told else []


def _change(change: Document, last: Mapping[Any, Document]) -> list[str]:
    """One change: what it is, and the fields before and after."""
    back = "; it was changed back since the last run" if change["changed_back"] else ""
    lines = [f"- {code(named(change))}{_whole(change)}{back}"]
    told = last.get(named(change))
    if told:
        lines.append(f"  - changed last by {text(told.get('who', ''))}, {text(told.get('when', ''))}: {text(told.get('what', ''))}")
    if change["op"] != "update":
        return lines
    fields = sorted({*change["before"], *change["after"]})
    return lines + [f"  - {text(item)}: {_value(change['before'], item)} -> {_value(change['after'], item)}" for item in fields]


def _whole(change: Document) -> str:
    """The fields of what is made or goes as a whole."""
    fields = change["before"] if change["op"] == "delete" else change["after"]
    if change["op"] == "update" or not fields:
        return ""
    short = in_short(fields)
    return f": {code(short if isinstance(short, str) else json.dumps(short, ensure_ascii=False, sort_keys=True, default=str))}"


def _value(fields: Document, name: str) -> str:
    return code(json.dumps(fields[name], ensure_ascii=False, sort_keys=True, default=str)) if name in fields else "nothing"


def _seats(costs: Document) -> str:
    rows = [
        (text(host), text(seat["license"]), _number(seat["total"]), _number(seat["used"]), _number(seat["free"]))
        for host, cost in sorted(costs.items())
        for seat in cost.get("seats") or ()
    ]
    shown = table(("org", "licence", "seats", "used", "free"), rows)
    return f"## Seats\n\n{shown}" if shown else ""


def _number(value: Any) -> str:
    return "not counted" if value is None else f"{value:,}"


def _cost(costs: Document) -> str:
    rows = [
        (text(host), str(cost.get("seconds") or 0), _number((cost.get("api") or {}).get("calls")), _slowest(cost.get("tasks") or ()))
        for host, cost in sorted(costs.items())
        if cost.get("tasks")
    ]
    shown = table(("org", "seconds", "API calls", "slowest task"), rows)
    return f"## Time and calls\n\n{shown}" if shown else ""


def _slowest(tasks: Sequence[Document]) -> str:
    found = max(tasks, key=lambda item: item["seconds"], default=None)
    return f"{text(found['task'])} ({found['seconds']} s)" if found else ""


def _versions(head: Document) -> str:
    told = [text(f"{name} {value}") for name, value in sorted((head.get("versions") or {}).items()) if value]
    return f"Made by {', '.join(told)}." if told else ""
