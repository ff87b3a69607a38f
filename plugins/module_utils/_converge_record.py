# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""What converging runs have done to one org, kept beside the org and never in it; which of it has been undone since; who did it, as far as the org's
Setup Audit Trail tells. Pure.

A record is {"when", "ticket", "changes": [{"op", "kind", "key", "fields", "when", "ticket", "times"}]}: the last run, and of each thing that was
ever changed the last change. times: how often the same was done again, which is how often somebody undid it. It may come as JSON text, as fact
caches should keep it: Ansible reads an org's facts again for every task, and a text is read at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# An org's record stays small, since fact caches are made for small things: the newest changes are kept.
KEPT = 500


def continued(record: Mapping[str, Any] | str | None, changes: Sequence[Mapping[str, Any]], when: str, ticket: str = "") -> dict[str, Any]:
    """The record after a run that made these changes. when: ISO 8601."""
    kept = {(item["kind"], item["key"]): dict(item) for item in _changes(record)}
    for change in changes:
        before = kept.pop((change["kind"], change["key"]), None)
        again = before["times"] + 1 if before and _same_again(before, change) else 1
        kept[change["kind"], change["key"]] = {**_named(change), "when": when, "ticket": ticket, "times": again}
    newest = sorted(kept.values(), key=lambda item: (item["when"], item["kind"], item["key"]), reverse=True)[:KEPT]
    return {"when": when, "ticket": ticket, "changes": sorted(newest, key=lambda item: (item["kind"], item["key"]))}


def undone(record: Mapping[str, Any] | str | None, changes: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Which of the changes that are to be made now a run has made before: the change as it is to be made, with when it was made last, for which ticket
    and how often. Somebody or something, such as a user access policy, undid them."""
    made = {(item["kind"], item["key"]): item for item in _changes(record)}
    found = [(change, made.get((change["kind"], change["key"]))) for change in changes]
    return [{**item, **_named(change)} for change, item in found if item is not None and _same_again(item, change)]


def _same_again(before: Mapping[str, Any], change: Mapping[str, Any]) -> bool:
    """Whether a change does again what one before it did: takes away what it took away, or has again what it made; of two updates, at least one of the
    same fields."""
    if "delete" in (before["op"], change["op"]):
        return bool(before["op"] == change["op"])
    if "create" in (before["op"], change["op"]):
        return True
    return bool(set(before.get("fields", ())) & set(change.get("after") or ()))


def in_words(change: Mapping[str, Any]) -> str:
    """A change in short: op, kind and key."""
    return f"{change['op']} {change['kind']} {change['key']}"


def subjects(changes: Iterable[Mapping[str, Any]]) -> list[str]:
    """What to look for in the audit trail to learn who touched what is to be changed: the names that the keys are made of, each once."""
    return sorted({part for change in changes for part in _parts(change)})


def last_touched(changes: Iterable[Mapping[str, Any]], entries: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Who touched last what is to be changed: for each change the newest entry of the audit trail that names all parts of its key, else the newest that
    names the last of them that any entry names. Changes of which the trail says nothing are left out. entries: newest first, with who, when, display
    and subjects, which are those of subjects() that it names."""
    told = []
    for change in changes:
        parts = _parts(change)
        entry = next((found for wanted in [parts, *([part] for part in reversed(parts))] if (found := _newest(entries, wanted))), None)
        if entry is not None:
            told.append({"change": in_words(change), "who": entry["who"], "when": entry["when"], "what": entry["display"]})
    return told


def _parts(change: Mapping[str, Any]) -> list[str]:
    """The names in a change's key: of a center and a user, of a set and what it grants."""
    return [part for part in change["key"].split("/") if part]


def _newest(entries: Sequence[Mapping[str, Any]], wanted: Sequence[str]) -> Mapping[str, Any] | None:
    return next((entry for entry in entries if wanted and set(wanted) <= set(entry["subjects"])), None)


def _changes(record: Mapping[str, Any] | str | None) -> Sequence[Mapping[str, Any]]:
    told = json.loads(record) if isinstance(record, str) and record else record
    found: Sequence[Mapping[str, Any]] = told.get("changes", ()) if isinstance(told, Mapping) else ()
    return found


def _named(change: Mapping[str, Any]) -> dict[str, Any]:
    return {"op": change["op"], "kind": change["kind"], "key": change["key"], "fields": sorted(change.get("after") or ())}
