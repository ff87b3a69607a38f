# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Profiles: their licence, user permissions, and when and from where their users may log in. Reads only; nothing here writes a profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import _profile_reading
from ._converge import Noun
from ._errors import CONFIG, Problem, did_you_mean, listing, nearest
from ._org import Org, Query
from ._plan import Plan
from ._profile_reading import Profile
from ._soql import chunks

# A query for the rows, and the retrieval of each: a composite takes 25 together, and the first one of a task also asks which org this is.
_AT_ONCE = 20
_SKIP = "skip"


@dataclass(frozen=True)
class Desired:
    """Which profiles to tell of, and whether the task goes on without those that the org does not have."""

    names: tuple[str, ...]
    skip_missing: bool
    tried: str = "reading profiles"


@dataclass(frozen=True)
class Current:
    """The profiles in the order in which they were asked for. left_out: name -> those of the org that look most like it."""

    profiles: tuple[Profile, ...]
    left_out: Mapping[str, tuple[str, ...]]


def desired(params: Mapping[str, Any]) -> Desired:
    """What is asked for. Raises Problem for an empty name."""
    names: dict[str, str] = {}
    for name in params["profiles"]:
        names.setdefault(str(name).strip().lower(), str(name).strip())
    wish = Desired(tuple(names.values()), params["missing"] == _SKIP)
    if not wish.names or "" in names:
        remedy = "Give the names of profiles as Setup shows them; a name that comes from a variable may have come out empty."
        raise Problem(wish.tried, "profiles holds no name, or an empty one.", remedy, CONFIG, "no_name")
    return wish


def read(org: Org, wish: Desired) -> Current:
    """The rows in one call for 20 profiles, their login conditions in one for each five; one more where a name is not found.

    Raises Problem for names that the org does not have, unless they are to be left out.
    """
    rows: dict[str, Mapping[str, Any]] = {}
    wholes: dict[str, Mapping[str, Any]] = {}
    for part in chunks(wish.names, _AT_ONCE):
        answers = org.read(_profile_reading.profile_reads(part))
        rows.update({str(row["Name"]).lower(): row for row in answers.rows["profiles"]})
        wholes.update({str(body["Id"]): body for ref, body in answers.bodies.items() if ref.startswith("whole_")})
    left_out = _left_out(org, wish, rows)
    found = [rows[name.lower()] for name in wish.names if name.lower() in rows]
    shown = org.read(_profile_reading.conditions_reads([str(row["Id"]) for row in found]))
    told = [
        _profile_reading.profile_of(row, wholes.get(str(row["Id"])), _profile_reading.metadata_in(shown, f"conditions{number}"))
        for number, row in enumerate(found)
    ]
    return Current(tuple(told), left_out)


def plan(wish: Desired, current: Current) -> Plan:
    """Nothing to change."""
    return Plan()


def report(wish: Desired, current: Current, made: Plan) -> dict[str, Any]:
    """The profiles, and what was asked for and is not there."""
    hidden = [item.name for item in current.profiles if item.conditions is None]
    warnings = [f"{name}: this org has no such profile, or the running user cannot see it." for name in current.left_out]
    if hidden:
        warnings.append(
            f"The org does not show the login hours and login IP ranges of {listing(hidden)} to the running user, who needs {_profile_reading.NEEDS}."
        )
    return {
        "profiles": [item.as_result() for item in current.profiles],
        "left_out": [
            {"profile": name, "reason": "the org has no such profile", "candidates": list(candidates)}
            for name, candidates in current.left_out.items()
        ],
        "warnings": warnings,
    }


def _left_out(org: Org, wish: Desired, rows: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    missing = [name for name in wish.names if name.lower() not in rows]
    if not missing:
        return {}
    known = [str(row["Name"]) for row in org.read([Query("profile_names", "SELECT Name FROM Profile")]).rows["profile_names"]]
    if wish.skip_missing:
        return {name: tuple(nearest(name, known)) for name in missing}
    raise Problem(
        wish.tried,
        f"the org has no profile {listing(missing)}.{did_you_mean(missing[0], known)}",
        "Use the name that Setup shows. A user without View Setup and Configuration may see no profile but its own; or set missing to skip.",
        CONFIG,
        "unknown_profile",
    )


NOUN = Noun(
    name="profile_info",
    argument_spec={
        "profiles": {"type": "list", "elements": "str", "required": True},
        "missing": {"type": "str", "choices": ["fail", _SKIP], "default": "fail"},
    },
    desired=desired,
    read=read,
    plan=plan,
    report=report,
)
