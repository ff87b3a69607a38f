# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is private to the collection.
"""One org's section of the fleet page, from what stopped it to what it took; and the marks that the other sections share."""

from __future__ import annotations

import difflib
import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.voiceops.salesforce.plugins.module_utils._plan import in_short
from ansible_collections.voiceops.salesforce.plugins.plugin_utils._fleet_html import Child, Html, join, tag
from ansible_collections.voiceops.salesforce.plugins.plugin_utils._fleet_view import (
    CHECK,
    MET,
    NOT_ASKED,
    OUTCOMES,
    STATES,
    VIOLATED,
    Column,
    Document,
    Org,
    Word,
    column_of,
    duration,
    in_brief,
    moment,
    number,
    planned,
    plural,
    share,
    word_of,
)

# A diff of more lines than a person reads is cut; fleet.json has it whole.
MOST_LINES = 400
_CONTEXT = 3
_DEEPEST = 8
_MOST_TASKS = 8
_NEARLY, _SCARCE = 0.75, 0.9

# What to do after a failure, by its class, besides what its message says.
_ADVICE: Mapping[str, str] = {
    "network": "The org was not reached. Look at its My Domain host, at the proxy and at the network of the machine that runs Ansible; then run it again.",
    "auth": "The org refused the login. Look at the username, whether the app is authorized for that user in this org, and the key; then run it again.",
    "limit": "The org has too few API calls left. Wait until the last 24 hours hold fewer calls, or have the limit raised; then run it again.",
    "config": "What is declared does not fit this org. Correct the variable that the message names; then run it again.",
    "stopped": "Nothing is known to be wrong with this org: others of its wave failed. See to those; then run it again.",
    "org": "Salesforce refused what was tried. Do what the message asks for; then run it again.",
}


def badge(word: Word) -> Html:
    """An outcome or a state: its sign and its word."""
    return tag("span", tag("i", word.sign, aria_hidden="true"), " ", word.label, class_=f"badge {word.tone}")


def gauge(part: object, whole: object) -> Html:
    """How much of something is used; nothing where it cannot be said."""
    used = share(part, whole)
    if used is None:
        return Html()
    tone = "bad" if used >= _SCARCE else "warn" if used >= _NEARLY else "ok"
    drawn = tag("rect", class_="rest", width=100, height=6) + tag("rect", class_=tone, width=f"{used * 100:.1f}", height=6)
    label = f"{used:.0%} used"
    return tag("svg", Html(drawn), class_="bar", viewBox="0 0 100 6", preserveAspectRatio="none", role="img", aria_label=label)


def headroom(api: Document) -> Html:
    """API calls of the last 24 hours: a bar, what is used, what is left."""
    used, limit = api.get("used"), api.get("limit")
    if share(used, limit) is None:
        return tag("span", "not known", class_="soft")
    left = f"{max(0, int(limit or 0) - int(used or 0)):,} left"
    return join([gauge(used, limit), tag("span", f"{number(used)} of {number(limit)} used, ", tag("b", left), class_="figures")])


def table(heads: Sequence[Child], rows: Iterable[Sequence[Child]], caption: str, kind: str = "") -> Html:
    """A table in a box of its own; the first cell of a row is its heading."""
    head = tag("tr", *(tag("th", name, scope="col") for name in heads))
    body = join(tag("tr", tag("th", row[0], scope="row"), *(tag("td", cell) for cell in row[1:])) for row in rows)
    made = tag("table", tag("caption", caption, class_="vh"), tag("thead", head), tag("tbody", body), class_=kind or None)
    return tag("div", made, class_="scroll", tabindex=0, role="region", aria_label=caption)


def section(org: Org, columns: Mapping[Column, int], mode: str, playbook: str, opened: bool) -> Html:
    """The org's part of the page. columns: the number of each in the matrix."""
    parts = (
        _identity(org),
        _failure(org, mode, playbook),
        _listing("Violations", _further_violations(org), "rule"),
        _changes(org, mode),
        _changed_last(org),
        _unresolved(org),
        _requirements(org, columns),
        _listing("Notes", org.listed("notes"), "plain"),
        _listing("Warnings", org.ran("warnings"), "plain"),
        _cost(org),
    )
    body = tag("div", *parts, class_="body", id=org.anchor)
    return tag(
        "details", _summary(org, mode), body, class_="org", open=opened, data_o=org.number, data_outcome=org.outcome, data_ring=org.ring
    )


def _summary(org: Org, mode: str) -> Html:
    name = tag("span", org.host, class_="host")
    # Also where there is no ring: the line is a grid, and what comes next has a column of its own.
    ring = tag("span", f"ring {org.ring}" if org.ring else "", class_="soft")
    brief = tag("span", _stopped_at(org) or in_brief(org, mode), class_="brief")
    return tag("summary", tag("h3", badge(word_of(OUTCOMES, org.outcome)), name), ring, brief, class_="f")


def _stopped_at(org: Org) -> str:
    """A failed org in a line: the message itself stands right below."""
    return f"stopped at \u201c{org.failure['task']}\u201d" if org.failure.get("task") else ""


def _identity(org: Org) -> Html:
    known: Document = org.declared.get("org") or {}
    sandbox = known.get("is_sandbox")
    place = "" if sandbox is None else "sandbox" if sandbox else "production"
    facts = (
        known.get("name"),
        known.get("host"),
        place,
        org.run.get("edition"),
        f"Id {org.run['org_id']}" if org.run.get("org_id") else "",
        f"instance {org.run['instance']}" if org.run.get("instance") else "",
        f"API version {org.run['api_version']}" if org.run.get("api_version") else "",
    )
    return tag("p", join((tag("span", fact) for fact in facts if fact), " \u00b7 "), class_="facts f")


def _failure(org: Org, mode: str, playbook: str) -> Html | None:
    failure = org.failure
    if not failure:
        return None
    codes = [str(failure[name]) for name in ("error_class", "code") if failure.get(name)]
    advice = _ADVICE.get(org.stopped_by, "Put right what the message names; then run it again.")
    again = f"ansible-playbook {shlex.quote(playbook or 'PLAYBOOK')} --limit {shlex.quote(org.host)}" + (
        " --check --diff" if mode == CHECK else ""
    )
    return tag(
        "div",
        tag("h4", "What stopped it"),
        tag("p", failure.get("msg") or "It failed without a message.", class_="msg"),
        tag(
            "p",
            "Task: ",
            tag("b", failure.get("task") or "not known"),
            *(join([" \u00b7 ", tag("code", code)]) for code in codes),
            class_="soft",
        ),
        tag("p", tag("b", "What to do: "), advice, class_="advice"),
        tag("p", tag("code", again)),
        class_="block bad f",
    )


def _listing(title: str, said: Sequence[Any], tone: str) -> Html | None:
    if not said:
        return None
    return tag("div", tag("h4", title), tag("ul", *(tag("li", one) for one in said)), class_=f"block {tone} f")


def _further_violations(org: Org) -> list[Any]:
    """The violations that are no requirement's: those stand with their requirement."""
    told = tuple(f"{one.get('id')} {one.get('name')}:" for one in org.listed("requirements") if one.get("state") == VIOLATED)
    return [said for said in org.listed("violations") if not str(said).startswith(told)]


def _changes(org: Org, mode: str) -> Html | None:
    changes = org.listed("changes")
    if not changes:
        return None
    title = f"{plural(len(changes), 'change')} {'that a run would make' if planned(org, mode) else 'made'}"
    back = sum(bool(change.get("changed_back")) for change in changes)
    note = (
        f"{plural(back, 'change')} undone by someone or something since the last converge: marked \u201cchanged back\u201d."
        if back
        else None
    )
    return tag("div", tag("h4", title), tag("p", note, class_="soft") if note else None, *map(_change, changes), class_="block plain f")


def _change(change: Document) -> Html:
    signs = {"create": "+", "update": "~", "delete": "\u2212"}
    op = str(change.get("op") or "")
    back = tag("span", "changed back", class_="badge warn") if change.get("changed_back") else None
    head = tag(
        "p",
        tag("b", f"{signs.get(op, '')} {op} "),
        tag("span", change.get("kind"), class_="kind"),
        " ",
        tag("b", change.get("key")),
        " ",
        back,
    )
    return tag("div", head, _diff(change), class_="change")


def _diff(change: Document) -> Html | None:
    """Before and after like a unified diff: the sign at the line's start says which, the colour repeats it."""
    lines = unified(change)
    if not lines:
        return None
    elements = {"-": "del", "+": "ins"}
    shown = (tag(elements.get(sign, "span"), f"{sign} {line}") for sign, line in lines[:MOST_LINES])
    cut = len(lines) - MOST_LINES
    rest = tag("p", f"{cut:,} more lines are in fleet.json.", class_="soft") if cut > 0 else None
    return join([tag("pre", join(shown, "\n"), class_="diff"), rest])


def unified(change: Document) -> list[tuple[str, str]]:
    """(sign, line) of what a change does to each field: - before, + after, and a space for what stays of a list."""
    before, after = change.get("before") or {}, change.get("after") or {}
    if not before and not after:
        return []
    if not before or not after:
        sign, fields = ("+", after) if after else ("-", before)
        return [(sign, line) for line in _lines("", in_short({name: fields[name] for name in sorted(fields, key=str)}))]
    lines: list[tuple[str, str]] = []
    for name in sorted({*before, *after}, key=str):
        old = _lines(str(name), before[name]) if name in before else []
        new = _lines(str(name), after[name]) if name in after else []
        lines += _compared(old, new)
    return lines


def _compared(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, str]]:
    if max(len(old), len(new)) > MOST_LINES:  # comparing costs the square of this
        return [("-", line) for line in old] + [("+", line) for line in new]
    lines: list[tuple[str, str]] = []
    for kind, start, end, new_start, new_end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            lines += [(" ", line) for line in _shortened(old[start:end])]
            continue
        lines += [("-", line) for line in old[start:end]] + [("+", line) for line in new[new_start:new_end]]
    return lines


def _shortened(same: Sequence[str]) -> Sequence[str]:
    if len(same) <= 2 * _CONTEXT + 1:
        return same
    return (*same[:_CONTEXT], f"\u2026 {len(same) - 2 * _CONTEXT:,} more that stay", *same[-_CONTEXT:])


def _lines(name: str, value: object, depth: int = 0) -> list[str]:
    """A field as indented lines."""
    indent, label = "  " * depth, f"{name}: " if name else ""
    if depth < _DEEPEST and isinstance(value, Mapping) and value:
        inner = [line for key in sorted(value, key=str) for line in _lines(str(key), value[key], depth + bool(name))]
        return [f"{indent}{label}".rstrip(), *inner] if name else inner
    if depth < _DEEPEST and isinstance(value, (list, tuple)) and value:
        items = [f"{'  ' * (depth + 1)}{_scalar(item)}" for item in value]
        return [f"{indent}{label}".rstrip(), *items]
    first, *others = _scalar(value).split("\n")
    return [f"{indent}{label}{first}", *(f"{indent}  {line}" for line in others)]


def _scalar(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def _changed_last(org: Org) -> Html | None:
    changed = org.ran("changed_last")
    if not changed:
        return None
    rows = [(one.get("change"), one.get("who") or "not known", moment(one.get("when")), one.get("what")) for one in changed]
    return tag(
        "div",
        tag("h4", "Who changed it last"),
        table(("Change", "Who", "When", "What Setup says"), rows, "Who changed it last"),
        class_="f",
    )


def _unresolved(org: Org) -> Html | None:
    users = org.listed("unresolved")
    if not users:
        return None
    rows = [(one.get("user"), one.get("reason")) for one in users]
    return tag("div", tag("h4", "Users that were not found"), table(("User", "Why"), rows, "Users that were not found"), class_="f")


def _requirements(org: Org, columns: Mapping[Column, int]) -> Html | None:
    rows = org.listed("requirements")
    if not rows:
        return None
    quiet = [one for one in rows if one.get("state") in (MET, NOT_ASKED)]
    loud = [one for one in rows if one.get("state") not in (MET, NOT_ASKED)]
    graver = {name: place for place, name in enumerate(STATES)}
    loud.sort(key=lambda one: graver.get(str(one.get("state")), 0))
    met = sum(one.get("state") == MET for one in quiet)
    title = f"Requirements: {met:,} of {len(rows):,} met"
    return tag("div", tag("h4", title), _loud(loud, columns) if loud else None, _quiet(quiet, columns) if quiet else None)


def _loud(rows: Iterable[Document], columns: Mapping[Column, int]) -> Html:
    items = []
    for one in rows:
        column = column_of(one)
        head = tag("p", tag("b", one.get("id")), " ", one.get("requirement"), " ", tag("span", _named_subject(one), class_="soft"))
        remedy = tag("p", tag("b", "What to do: "), one["remedy"]) if one.get("remedy") else None
        said = tag("p", one.get("reason"), class_="said")
        items.append(
            tag("li", badge(word_of(STATES, one.get("state"))), tag("div", head, said, remedy), data_c=columns[column], tabindex=-1)
        )
    return tag("ul", *items, class_="loud f")


def _quiet(rows: Sequence[Document], columns: Mapping[Column, int]) -> Html:
    """What is met, by number: the sentences stand in the list of requirements."""
    by_subject: dict[str, list[Html]] = {}
    for one in rows:
        subject = " ".join(part for part in (column_of(one).kind_label, _named_subject(one)) if part)
        by_subject.setdefault(subject, []).append(_quiet_item(one, columns))
    lists = (join([tag("h5", subject), tag("ul", *items)]) for subject, items in by_subject.items())
    return tag("details", tag("summary", f"What is met or not asked for ({len(rows):,})"), *lists, class_="quiet")


def _quiet_item(one: Document, columns: Mapping[Column, int]) -> Html:
    word = word_of(STATES, one.get("state"))
    return tag(
        "li", tag("i", word.sign, title=word.label), " ", tag("b", one.get("id")), " ", one.get("reason"), data_c=columns[column_of(one)]
    )


def _named_subject(requirement: Document) -> str:
    """The contact center's name where the subject names one."""
    kind, _space, name = str(requirement.get("subject") or "").partition(" ")
    return f"({name})" if name and kind else ""


def _cost(org: Org) -> Html | None:
    if not org.run:
        return None
    figures, tasks = [part for part in (_seats(org), _api(org)) if part], _tasks(org)
    if not figures and not tasks:
        return None
    return tag("div", tag("div", *figures) if figures else None, tasks, class_="cost")


def _seats(org: Org) -> Html | None:
    seats = org.ran("seats")
    if not seats:
        return None
    rows = [
        (
            one.get("license"),
            one.get("kind"),
            join([gauge(one.get("used"), one.get("total")), f"{number(one.get('used'))} of {number(one.get('total'))}"]),
            number(one.get("free")),
        )
        for one in seats
    ]
    return tag("div", tag("h4", "Seats"), table(("Licence", "Kind", "Used", "Free"), rows, f"Seats of {org.host}", "brief-cells"))


def _api(org: Org) -> Html | None:
    api: Document = org.run.get("api") or {}
    if not api.get("calls") and not api.get("limit"):
        return None
    calls = [
        plural(api["calls"], "call") if isinstance(api.get("calls"), int) else "",
        f"{number(api['retries'])} repeated" if api.get("retries") else "",
    ]
    said = ", ".join(part for part in calls if part)
    return tag("div", tag("h4", "API calls"), tag("p", "This run: ", said or "not known"), tag("p", "Last 24 hours: ", headroom(api)))


def _tasks(org: Org) -> Html | None:
    slowest = by_seconds(org.ran("tasks"))
    if not slowest:
        return None
    rows = [
        (one.get("task") or one.get("action"), duration(one.get("seconds")), number(one.get("calls")), _ended(one))
        for one in slowest[:_MOST_TASKS]
    ]
    others = len(slowest) - len(rows)
    more = tag("p", f"{others:,} quicker ones are in run.json.", class_="soft") if others else None
    title = f"Time: {duration(org.run.get('seconds')) or 'not known'}"
    return tag(
        "div", tag("h4", title), table(("Task", "Took", "Calls", "Ended"), rows, f"Slowest tasks of {org.host}", "brief-cells"), more
    )


def _ended(task: Document) -> str:
    return "failed" if task.get("failed") else "changed" if task.get("changed") else "ok"


def by_seconds(tasks: Iterable[Document]) -> list[Document]:
    """The tasks, slowest first; those of the same time in the order they ran."""
    return sorted(tasks, key=as_seconds, reverse=True)


def as_seconds(task: Document) -> float:
    """How long a task took; 0 where that is no number."""
    seconds = task.get("seconds")
    return float(seconds) if isinstance(seconds, (int, float)) and seconds >= 0 else 0.0
