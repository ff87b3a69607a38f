# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is private to the collection.
"""The two documents of a run joined for a reader: the orgs with what needs attention first, the columns of the matrix, and the sentence that
says it all. Words and order only; markup is made elsewhere."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

Document = Mapping[str, Any]

CHECK = "check"
FAILED, NOT_RUN, DRIFT, VIOLATIONS, CHANGED, AS_DECLARED = "failed", "not_run", "drift", "violations", "changed", "as_declared"


@dataclass(frozen=True)
class Word:
    """How an outcome or a state is shown: by a sign, a word, and a tone (the colour only repeats what sign and word say)."""

    sign: str
    label: str
    tone: str
    means: str


# In the order of the page: what a person has to see to comes first.
OUTCOMES: Mapping[str, Word] = {
    FAILED: Word("\u2715", "Failed", "bad", "The run stopped in this org; what it had not reached is not known."),
    NOT_RUN: Word("\u2026", "Not run", "none", "Nothing was looked at in this org: the run ended before its turn."),
    DRIFT: Word("\u2260", "Drifted", "warn", "The org differs from what is declared; nothing was written."),
    VIOLATIONS: Word(
        "!", "Violations", "rule", "Nothing is left for the roles to do, but a requirement is not met: a person must see to it."
    ),
    CHANGED: Word("\u2206", "Changed", "info", "The org differed and was put right in this run."),
    AS_DECLARED: Word("\u2713", "As declared", "ok", "The org is as declared; nothing had to be done."),
}
NEEDS_A_PERSON = (FAILED, NOT_RUN, DRIFT, VIOLATIONS)

VIOLATED, MET, NOT_ASKED = "violated", "met", "not_asked"
STATES: Mapping[str, Word] = {
    VIOLATED: Word("\u2715", "violated", "bad", "The org shows that it is not so."),
    "warning": Word("!", "warning", "warn", "It is so, with something to think of."),
    "unknown": Word("?", "unknown", "none", "The run could not find out."),
    "manual": Word("\u25cb", "by hand", "info", "Only a person can tell."),
    NOT_ASKED: Word("\u2013", "not asked", "faint", "The variables say that it does not matter here."),
    MET: Word("\u2713", "met", "ok", "The org shows that it is so."),
}

# What stopped an org, as the sentence at the top counts it.
_STOPPED: Mapping[str, str] = {
    "network": "could not be reached",
    "auth": "refused the login",
    "limit": "{was} over the API limit",
    "config": "{does} not fit what is declared",
    "stopped": "{was} stopped halfway",
}
_COUNTED: Mapping[str, str] = {
    NOT_RUN: "{was} not run",
    DRIFT: "drifted",
    VIOLATIONS: "{has} unmet requirements",
}
_KINDS: Mapping[str, str] = {"api_user": "API user", "contact_center": "Contact center"}


@dataclass(frozen=True)
class Column:
    """One requirement of the matrix. kind: what it is asked of; id: the sentence's number, which several may share; name: its own word."""

    kind: str
    id: str
    name: str
    sentence: str = field(compare=False)

    @property
    def kind_label(self) -> str:
        return _KINDS.get(self.kind, self.kind.replace("_", " "))


@dataclass(frozen=True)
class Org:
    """One org of both documents. number: its place on the page, from 0. declared: of fleet.json; run: of run.json."""

    number: int
    declared: Document
    run: Document

    @property
    def host(self) -> str:
        return str(self.declared.get("host") or "")

    @property
    def anchor(self) -> str:
        """The name of its place on the page: the same in every report of this host."""
        return "org-" + quote(self.host.encode("utf-8", "backslashreplace"), safe="")

    @property
    def outcome(self) -> str:
        return str(self.declared.get("outcome") or NOT_RUN)

    @property
    def ring(self) -> str:
        ring = self.declared.get("ring")
        return "" if ring is None else str(ring)

    @property
    def failure(self) -> Document:
        return self.declared.get("failure") or {}

    @property
    def stopped_by(self) -> str:
        """The class of its failure; "stopped" where only others of its wave failed."""
        return "stopped" if self.failure.get("code") == "stopped" else str(self.failure.get("error_class"))

    def listed(self, name: str) -> Sequence[Any]:
        """A list of fleet.json's record; empty where there is none."""
        return self.declared.get(name) or ()

    def ran(self, name: str) -> Sequence[Any]:
        """A list of run.json's record; empty where there is none."""
        return self.run.get(name) or ()


def word_of(words: Mapping[str, Word], name: object) -> Word:
    """How it is shown; a name that is not in the table is shown as it is."""
    return words.get(str(name)) or Word("?", str(name), "none", "")


def orgs_of(fleet: Document, run: Document) -> list[Org]:
    """The orgs, those that need attention first, then by host."""
    runs: Document = run.get("orgs") or {}
    places = {name: place for place, name in enumerate(OUTCOMES)}
    records = sorted(fleet.get("orgs") or (), key=lambda one: (places.get(str(one.get("outcome")), 0), str(one.get("host") or "")))
    return [Org(number, record, runs.get(str(record.get("host") or "")) or {}) for number, record in enumerate(records)]


def column_of(requirement: Document) -> Column:
    """The column that a requirement of an org's record stands in: the same for every contact center."""
    kind, sentence = str(requirement.get("subject") or "").partition(" ")[0], str(requirement.get("requirement") or "")
    return Column(kind, str(requirement.get("id") or ""), str(requirement.get("name") or sentence), sentence)


def columns_of(orgs: Iterable[Org]) -> list[Column]:
    """The columns of the matrix by subject, then by the document's numbers (D2 before D10)."""
    found = dict.fromkeys(column_of(requirement) for org in orgs for requirement in org.listed("requirements"))
    return sorted(found, key=lambda one: (one.kind, *_numbered(one.id), one.name))


def _numbered(name: str) -> tuple[str, int, str]:
    letters = name.rstrip("0123456789")
    return letters, int(name[len(letters) :][:9] or 0), name


def cells_of(org: Org) -> dict[Column, str]:
    """The state in each column; the gravest where several contact centers share one."""
    graver = {name: place for place, name in enumerate(STATES)}
    cells: dict[Column, str] = {}
    for requirement in org.listed("requirements"):
        column, state = column_of(requirement), str(requirement.get("state") or "")
        if column not in cells or graver.get(state, 0) < graver.get(cells[column], 0):
            cells[column] = state
    return cells


def planned(org: Org, mode: str) -> bool:
    """Whether the org's changes are still to be made."""
    return (org.run.get("mode") or mode) == CHECK or org.outcome == DRIFT


def headline(orgs: Sequence[Org]) -> str:
    """The report in one sentence."""
    if not orgs:
        return "No org was looked at."
    return "; ".join((_in_order(orgs), *_out_of_order(orgs))) + "."


def _in_order(orgs: Sequence[Org]) -> str:
    counts = Counter(org.outcome for org in orgs)
    changed, good, total = counts[CHANGED], counts[CHANGED] + counts[AS_DECLARED], len(orgs)
    if total == 1:
        told = "The org is as declared" if good else "The org is not known to be as declared"
    elif good == total:
        told = f"All {total:,} orgs are as declared"
    elif good:
        told = f"{good:,} of {total:,} orgs {'is' if good == 1 else 'are'} as declared"
    else:
        told = f"None of {total:,} orgs is known to be as declared"
    if not changed:
        return told
    return f"{told}, {'' if changed == total else f'{changed:,} of them '}since this run put {'it' if changed == 1 else 'them'} right"


def _out_of_order(orgs: Sequence[Org]) -> Iterable[str]:
    """What the others are, the most frequent reading first: by drift, by reason of failure."""
    for outcome in (DRIFT, VIOLATIONS):
        yield from _told(sum(org.outcome == outcome for org in orgs), _COUNTED[outcome])
    stopped = Counter(_STOPPED.get(org.stopped_by, "failed") for org in orgs if org.outcome == FAILED)
    for words in (*_STOPPED.values(), "failed"):
        yield from _told(stopped[words], words)
    yield from _told(sum(org.outcome == NOT_RUN for org in orgs), _COUNTED[NOT_RUN])


def _told(count: int, words: str) -> Iterable[str]:
    if count:
        yield f"{count:,} " + words.format(
            was="was" if count == 1 else "were", has="has" if count == 1 else "have", does="does" if count == 1 else "do"
        )


def plural(count: int, one: str, many: str = "") -> str:
    """A count with its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def in_brief(org: Org, mode: str) -> str:
    """Why the org stands where it does, in one line."""
    if org.outcome == FAILED:
        return first_line(org.failure.get("msg")) or "It failed without a message."
    if org.outcome == NOT_RUN:
        return OUTCOMES[NOT_RUN].means
    if org.outcome == VIOLATIONS and org.listed("violations"):
        more = len(org.listed("violations")) - 1
        return first_line(org.listed("violations")[0]) + (f" And {plural(more, 'more', 'more')}." if more else "")
    changes, violations, back = len(org.listed("changes")), len(org.listed("violations")), sum(map(_is_back, org.listed("changes")))
    said = []
    if changes:
        said.append(f"{plural(changes, 'change')} {'to be made' if planned(org, mode) else 'made'}")
    if back:
        said.append("changed back since the last converge" if changes == 1 else f"{back:,} of them changed back since the last converge")
    if violations:
        said.append(plural(violations, "violation"))
    unresolved = len(org.listed("unresolved"))
    if unresolved:
        said.append(f"{plural(unresolved, 'user')} not found")
    return ", ".join(said)


def _is_back(change: Document) -> bool:
    return bool(change.get("changed_back"))


def first_line(message: object, most: int = 240) -> str:
    """The beginning of a message, for a list; the whole of it stands in the org's section."""
    line = next(iter(str(message or "").strip().splitlines()), "")
    if len(line) <= most:
        return line
    words, _space, _half = line[:most].rpartition(" ")
    return (words or line[:most]) + " \u2026"


def number(value: object) -> str:
    """A count with its thousands apart; anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return "" if value is None else str(value)
    return f"{value:,.1f}" if isinstance(value, float) and not value.is_integer() else f"{int(value):,}"


def duration(seconds: object) -> str:
    """Seconds in words: 4.2 s, 3 min 5 s, 1 h 2 min."""
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds < 10**9:
        return "" if seconds is None else str(seconds)
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def moment(value: object) -> str:
    """An ISO time as people read it: 2026-11-22 14:05 UTC."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(?:Z|\+00:?00)", str(value or ""), re.ASCII)
    return f"{found[1]} {found[2]} UTC" if found else str(value or "")


def share(part: object, whole: object) -> float | None:
    """part of whole, from 0 to 1; None where they are no such numbers."""
    if isinstance(part, bool) or isinstance(whole, bool) or not isinstance(part, (int, float)) or not isinstance(whole, (int, float)):
        return None
    return min(1.0, max(0.0, part / whole)) if whole > 0 else None
