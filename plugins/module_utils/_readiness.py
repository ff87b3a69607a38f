# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""A readiness table: what a document asks, sentence by sentence, and whether it is so. Pure; which sentences there are is each table's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

MET, VIOLATED, WARNING, UNKNOWN, MANUAL, NOT_ASKED = "met", "violated", "warning", "unknown", "manual", "not_asked"
# Who puts a row right: the role, a person in Salesforce, a person in another system.
ROLE, REPORT, BY_HAND = "role", "report", "manual"


@dataclass(frozen=True)
class Verdict:
    """Whether a requirement is met. found: what the org shows. remedy: what to do."""

    state: str
    found: str
    remedy: str = ""


class Sentence(Protocol):
    """One row of a table before it is judged, as far as all tables have it. sentence: of the document, or beyond it (X). says: that sentence in
    our words. repair: who puts it right."""

    @property
    def id(self) -> str: ...

    @property
    def sentence(self) -> str: ...

    @property
    def says(self) -> str: ...

    @property
    def repair(self) -> str: ...


def row(item: Sentence, verdict: Verdict) -> dict[str, str]:
    """The row as results and roles have it."""
    return {
        "requirement": item.id,
        "sentence": item.sentence,
        "says": item.says,
        "state": verdict.state,
        "found": verdict.found,
        "remedy": "" if verdict.state == MET else verdict.remedy,
        "repair": item.repair,
    }


def is_ready(rows: Iterable[Mapping[str, str]]) -> bool:
    """Whether nothing is violated; what is not known, warned of or left to people does not count."""
    return all(item["state"] != VIOLATED for item in rows)


def violations(rows: Iterable[Mapping[str, str]]) -> list[str]:
    """What is violated, in words."""
    return [f"{item['sentence']} {item['requirement']}: {item['found']} {item['remedy']}" for item in rows if item["state"] == VIOLATED]
