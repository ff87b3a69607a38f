# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Who changed what in Setup: the Setup Audit Trail, as far as the org keeps it. Reads only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import _soql_statement, _users
from ._converge import Noun
from ._errors import CONFIG, Problem
from ._org import Answers, Org, Query
from ._plan import Plan
from ._soql import in_list, list_chunks

# A page of the REST API.
MOST = 2000
_TRIED = "reading the setup audit trail"
_COLUMNS = "Id, CreatedDate, CreatedBy.Username, CreatedBy.Name, Action, Section, Display, DelegateUser"
_API_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)
# Of an org that does not have the object nothing is called otherwise.
_NOT_HERE = ("INVALID_TYPE", "INVALID_FIELD")
_TIME = re.compile(r"(?P<seconds>[0-9-]+T[0-9:]+)(?:\.[0-9]+)?(?:Z|\+00:?00)")


@dataclass(frozen=True)
class Desired:
    """Since when (a datetime of SOQL, or empty), how many entries, and the names to look for in them."""

    since: str
    limit: int
    subjects: tuple[str, ...]


@dataclass(frozen=True)
class Current:
    """The entries, newest first, and whether they are all since then. called: by subject, what entries call it besides."""

    rows: tuple[Mapping[str, Any], ...]
    complete: bool
    called: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def desired(params: Mapping[str, Any]) -> Desired:
    """What is asked for. Raises Problem for what is no time, no number of entries or no name."""
    told = str(params["since"] or "").strip()
    since = _soql_statement.moment(told) if told else ""
    if since is None:
        raise Problem(_TRIED, f"since is {told!r}.", "Write it as 2026-11-01 or 2026-11-01T08:30:00Z.", CONFIG, "since")
    if not 1 <= params["limit"] <= MOST:
        raise Problem(
            _TRIED, f"limit is {params['limit']}.", f"Give 1 to {MOST}; with since, older entries are out of the way.", CONFIG, "limit"
        )
    subjects = tuple(dict.fromkeys(str(name).strip() for name in params["subjects"]))
    if not all(subjects):
        raise Problem(
            _TRIED, "subjects has an empty name.", "A name that comes from a variable may have come out empty.", CONFIG, "no_name"
        )
    return Desired(since, params["limit"], subjects)


def read(org: Org, wish: Desired) -> Current:
    """The newest entries, and what they call the subjects, in one call. What they say cannot be filtered by, so it is looked through here. One more
    than asked for tells whether there are more."""
    since = f" WHERE CreatedDate >= {wish.since}" if wish.since else ""
    soql = f"SELECT {_COLUMNS} FROM SetupAuditTrail{since} ORDER BY CreatedDate DESC LIMIT {wish.limit + 1}"
    sandbox = org.sandbox_name if any(map(_is_username, wish.subjects)) else ""
    answers = org.read([Query("setup_audit_trail", soql, most=wish.limit), *name_reads(wish.subjects, sandbox)])
    rows = answers.rows["setup_audit_trail"]
    return Current(tuple(rows[: wish.limit]), answers.counted["setup_audit_trail"] <= wish.limit, called(wish.subjects, answers, sandbox))


def name_reads(subjects: Iterable[str], sandbox: str) -> list[Query]:
    """What tells how entries call users, of whom they give the Id, and permission sets and groups, of which they give the label."""
    users = dict.fromkeys(name for subject in subjects if _is_username(subject) for name in (subject, _users.suffixed(subject, sandbox)))
    names = dict.fromkeys(subject.rsplit("__", 1)[-1] for subject in subjects if _API_NAME.fullmatch(subject))
    asked = (
        ("users", "SELECT Id, Username FROM User WHERE Username", users),
        ("sets", "SELECT Name, Label, NamespacePrefix FROM PermissionSet WHERE IsOwnedByProfile = false AND Name", names),
        ("groups", "SELECT DeveloperName, MasterLabel, NamespacePrefix FROM PermissionSetGroup WHERE DeveloperName", names),
    )
    return [
        Query(f"{ref}{number}", f"{select} IN {in_list(part)}", _NOT_HERE)
        for ref, select, values in asked
        for number, part in enumerate(list_chunks(values))
    ]


def called(subjects: Iterable[str], answers: Answers, sandbox: str) -> dict[str, tuple[str, ...]]:
    """By subject, what entries call it besides its own name. A name without a namespace is one's own set or group, else that of any package."""
    by_name: dict[str, list[str]] = {}
    of_packages: dict[str, list[str]] = {}
    for row in answers.all("users"):
        by_name.setdefault(row["Username"].lower(), []).append(row["Id"][:15])
    for ref, name, label in (("sets", "Name", "Label"), ("groups", "DeveloperName", "MasterLabel")):
        for row in answers.all(ref):
            whole = f"{row['NamespacePrefix']}__{row[name]}" if row["NamespacePrefix"] else row[name]
            by_name.setdefault(whole.lower(), []).append(row[label])
            of_packages.setdefault(row[name].lower(), []).append(row[label])
    names = {subject: dict.fromkeys((subject.lower(), _users.suffixed(subject, sandbox).lower())) for subject in subjects}
    found = {subject: [text for name in own for text in by_name.get(name, ())] for subject, own in names.items()}
    return {subject: tuple(texts or of_packages.get(subject.lower(), ())) for subject, texts in found.items()}


def plan(wish: Desired, current: Current) -> Plan:
    """Nothing to change."""
    return Plan()


def report(wish: Desired, current: Current, made: Plan) -> dict[str, Any]:
    """The entries that matter, and the newest that names each subject."""
    texts = {subject: (subject, *current.called.get(subject, ())) for subject in wish.subjects}
    told = [{**as_entry(row), "subjects": subjects_in(str(row["Display"] or ""), texts)} for row in current.rows]
    last: dict[str, Any] = dict.fromkeys(wish.subjects)
    for entry in reversed(told):
        last.update(dict.fromkeys(entry["subjects"], entry))
    return {
        "entries": [entry for entry in told if entry["subjects"] or not wish.subjects],
        "last": last,
        "complete": current.complete,
    }


def as_entry(row: Mapping[str, Any]) -> dict[str, Any]:
    """An entry as people read it."""
    by = row["CreatedBy"] or {}
    time = _TIME.fullmatch(row["CreatedDate"])
    return {
        "when": f"{time['seconds']}Z" if time else row["CreatedDate"],
        "who": by.get("Username") or "",
        "name": by.get("Name") or "",
        "action": row["Action"] or "",
        "section": row["Section"] or "",
        "display": row["Display"] or "",
        "delegate": row["DelegateUser"] or "",
    }


def subjects_in(text: str, texts: Mapping[str, Iterable[str]]) -> list[str]:
    """The subjects that the text names, each by any of its texts, standing by itself: not as a part of a longer word or username, nor of a longer one
    of these texts."""
    by_lower: dict[str, list[str]] = {}
    for subject, names in texts.items():
        for name in names:
            by_lower.setdefault(name.strip().lower(), []).append(subject)
    if not by_lower:
        return []
    longest_first = sorted(by_lower, key=len, reverse=True)
    # A dot, dash or plus goes on with a name only where something follows it: kim@acme.com. ends a sentence, kim@acme.com.uat is another user.
    pattern = rf"(?<![\w@.+-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w@])(?![.+-]\w)"
    found = dict.fromkeys(match[0] for match in re.finditer(pattern, text.lower()))
    return list(dict.fromkeys(subject for lowered in found for subject in by_lower[lowered]))


def _is_username(subject: str) -> bool:
    return "@" in subject


NOUN = Noun(
    name="setup_audit_info",
    argument_spec={
        "subjects": {"type": "list", "elements": "str", "default": []},
        "since": {"type": "str"},
        "limit": {"type": "int", "default": 200},
    },
    desired=desired,
    read=read,
    plan=plan,
    report=report,
)
