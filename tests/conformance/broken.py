# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ways to break the emulator, one behaviour at a time: each must make a contract test fail, or nothing tests that behaviour.

Most rules can be broken by name (emulator.rules.registry.break_rule). What is no rule of a record, but the way composites, collections and
queries work, is broken here by putting another function in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from emulator import store
from emulator.errors import ApiError
from emulator.http_api import collections_api, composite
from emulator.rules.registry import BREAKABLE, break_rule
from emulator.soql import paths as soql_paths
from emulator.soql import run as soql_run


@dataclass(frozen=True)
class Patch:
    """owner.name is replaced by make(what was there)."""

    says: str
    owner: Any
    name: str
    make: Callable[[Any], Any]


def _backwards(order: Any) -> Any:
    return lambda run, subrequests, collates: list(reversed(order(run, subrequests, collates)))


def _loose(perform: Any) -> Any:
    return lambda served, jobs, all_or_none: perform(served, jobs, False)


def _any_column(leaf: Any) -> Any:
    def found(scope: Any, names: Any, name: str, path: Any) -> Any:
        try:
            return leaf(scope, names, name, path)
        except ApiError:
            return leaf(scope, names, "Id", path)

    return found


def _parent_as_empty(shape: Any) -> Any:
    def shaped(*arguments: Any, **named: Any) -> dict[str, Any]:
        record = shape(*arguments, **named)
        names = {names[0] for names, _parent in arguments[0].parents}
        return {key: {} if value is None and key in names else value for key, value in record.items()}

    return shaped


def _exactly(_unused: Any) -> Any:
    return lambda one, other: (one > other) - (one < other)


PATCHES: Mapping[str, Patch] = {
    "composite order": Patch("subrequests run backwards", composite, "_order", _backwards),
    "composite caps": Patch("any number of subrequests", composite, "MAX_SUBREQUESTS", lambda _unused: 1000),
    "composite query cap": Patch("any number of queries and collections", composite, "MAX_QUERIES", lambda _unused: 1000),
    "composite all or none": Patch("a failure takes nothing back", composite, "_failed", lambda _unused: lambda *_given: False),
    "collections cap": Patch("any number of records", collections_api, "LIMIT", lambda _unused: 10_000),
    "collections all or none": Patch("each record on its own", collections_api, "_perform", _loose),
    "org-shaped columns": Patch("an unknown column is taken for another one", soql_paths, "leaf", _any_column),
    "null parents": Patch("a null parent is an empty object", soql_run, "shape", _parent_as_empty),
    "text without case": Patch("text compares with case", store, "compare_text", _exactly),
}

GROUPS: Mapping[str, tuple[str, ...]] = {
    "composites and collections": (
        "composite order",
        "composite caps",
        "composite query cap",
        "composite all or none",
        "collections cap",
        "collections all or none",
    ),
    "org-shaped columns": ("org-shaped columns",),
    "a patch of a user": ("one_center_a_user", "validation_rules_of_the_customer"),
    "SOQL null and case": ("null parents", "text without case"),
    "permission rows": (
        "object_rights_need_each_other",
        "a_detail_needs_its_master",
        "one_row_a_field_and_set",
        "formulas_and_auto_numbers_are_read_only",
        "user_permissions_depend_on_each_other",
        "managed_sets_are_closed",
    ),
    "assignments": ("one_assignment_a_user_and_set", "isactive_is_derived", "sets_that_are_not_assigned_directly"),
    "the running user's rights": ("setup_reads_need_a_right", "setup_writes_need_a_right", "business_records_need_object_permissions"),
}
"""What must be right first, and at least one control for each."""


def names() -> list[str]:
    """Every way there is to break something."""
    return sorted({*PATCHES, *BREAKABLE})


@contextmanager
def broken(wanted: Iterable[str]) -> Iterator[None]:
    """While inside, these behaviours are broken. Raises ValueError for a name that is none of them."""
    with ExitStack() as stack:
        for name in wanted:
            if name not in PATCHES:
                stack.enter_context(break_rule(name))
                continue
            one = PATCHES[name]
            stack.enter_context(patch.object(one.owner, one.name, one.make(getattr(one.owner, one.name))))
        yield
