# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Users as they are, and where asked for what they hold. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import _user_holdings, _user_reading, _user_state, _users
from ._converge import Noun
from ._org import Answers, Get, Org, Query, Read
from ._plan import Plan
from ._soql import in_list, list_chunks
from ._user_reading import ABSENT
from ._users import Missing, Row, User

# So many users are read whole in the call that finds them (a composite has 25 parts).
_FEW = 20


@dataclass(frozen=True)
class Desired:
    """Whom to tell of. lookup: what to do about those whom the org does not have. holdings: whether to tell what they hold."""

    users: tuple[User, ...]
    lookup: str
    holdings: bool = False

    @property
    def tried(self) -> str:
        return "reading users"


@dataclass(frozen=True)
class Current:
    """The users' rows by username, whether each is frozen, whom the org does not have, and what each holds where that was asked for."""

    rows: Mapping[str, Row]
    frozen: Mapping[str, bool | None]
    missing: tuple[Missing, ...]
    holdings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def desired(params: Mapping[str, Any]) -> Desired:
    """What is asked for. Raises Problem for users that are none."""
    return Desired(_users.wanted(params["users"], "reading users"), params["lookup_failure_action"], params["holdings"])


def read(org: Org, wish: Desired) -> Current:
    """The users: in one call for a few, in two for many; one more where somebody is not found at once, and one or two for what they hold."""
    answers = org.read(_reads(org, wish))
    told = _user_reading.resolved(org, wish.users, answers, _user_state.FIELDS)
    stopping = [item for item in told.missing if item.ambiguous or wish.lookup == _users.FAIL]
    if stopping:
        raise _users.refusal(stopping, wish.tried, f"{_user_reading.advice(org)} With lookup_failure_action: warn the others are told.")
    rows = _user_reading.by_name(told.rows.values(), wish.tried)
    late = _user_reading.late(rows, answers)
    if late:
        again = [_users.condition(part) for part in _users.chunked(_users.by_username(late))]
        answers = answers.joined(org.read(_user_reading.login_reads(again, len(answers.rows))))
    frozen = {name: _user_reading.frozen(answers, str(row["Id"])) if row["Id"] else False for name, row in rows.items()}
    complete = _with_features(org, rows, answers)
    return Current(complete, frozen, told.missing, _held(org, complete, answers) if wish.holdings else {})


def _reads(org: Org, wish: Desired) -> list[Read]:
    """The users and their logins. The columns of feature licences differ from org to org: a few users are read whole, of many the org is asked
    which it has."""
    sandbox = org.sandbox_name
    logins = _user_reading.login_reads(_users.condition(part, sandbox=sandbox) for part in _users.chunked(wish.users, sandbox))
    whole = [Get(f"whole{number}", f"/sobjects/User/@{{users0.records[{number}].Id}}", ABSENT) for number in range(len(wish.users))]
    few = whole if len(whole) <= _FEW else [Get("user", "/sobjects/User/describe")]
    centers = _user_holdings.center_reads() if wish.holdings else []
    return [*_user_reading.reads(org, wish.users, _user_state.FIELDS), *few, *logins, *centers]


def _held(org: Org, rows: Mapping[str, Row], answers: Answers) -> dict[str, dict[str, Any]]:
    reads = _user_holdings.reads(str(row["Id"]) for row in rows.values() if row["Id"])
    return _user_holdings.told(org, rows, answers.joined(org.read(reads)) if reads else answers)


def _with_features(org: Org, rows: Mapping[str, Row], answers: Answers) -> dict[str, Row]:
    """The rows with the feature licences and the center of each; those of users whom check mode foresees are in their rows."""
    bodies = {str(body["Id"]): body for ref, body in answers.bodies.items() if ref.startswith("whole")}
    lacking = [str(row["Id"]) for row in rows.values() if row["Id"] and row["Id"] not in bodies]
    if "user" in answers.bodies:
        select = f"SELECT {', '.join(_columns(answers.bodies['user']))} FROM User WHERE"
        parts = list_chunks(lacking)
        found = org.read([Query(f"features{number}", f"{select} Id IN {in_list(part)}") for number, part in enumerate(parts)])
        bodies.update({str(row["Id"]): row for row in found.all("features")})
    elif lacking:
        more = org.read([Get(f"whole{number}", f"/sobjects/User/{item}", ABSENT) for number, item in enumerate(lacking)])
        bodies.update({str(body["Id"]): body for body in more.bodies.values()})
    return {name: {**bodies.get(str(row["Id"]), {}), **row, **_user_reading.foreseen_features(org, name)} for name, row in rows.items()}


def _columns(described: Mapping[str, Any]) -> list[str]:
    """What whole users are asked for: the columns that not every org has, as far as this one has them."""
    center = [item["name"] for item in described["fields"] if item["name"] == _user_holdings.CENTER_COLUMN]
    return ["Id", *center, *(f"{_user_state.FEATURE}{name}" for name in _user_state.offered(described)["features"])]


def plan(wish: Desired, current: Current) -> Plan:
    """Nothing to change."""
    return Plan()


def report(wish: Desired, current: Current, made: Plan) -> dict[str, Any]:
    """The users in the order of the wish, and those who were left out."""
    users = {name: _user_state.as_result(row, current.frozen[name]) for name, row in current.rows.items()}
    return {
        "users": [{**user, "holdings": current.holdings[name]} if wish.holdings else user for name, user in users.items()],
        "left_out": [{"user": str(item.user), "reason": _users.NOT_HERE, "candidates": list(item.candidates)} for item in current.missing],
        "warnings": _users.warned_of_unknown(_users.not_found(current.missing), wish.lookup),
    }


NOUN = Noun(
    name="user_info",
    argument_spec={
        "users": {"type": "list", "elements": "raw", "required": True},
        "lookup_failure_action": _users.OPTIONS["lookup_failure_action"],
        "holdings": {"type": "bool", "default": False},
    },
    desired=desired,
    read=read,
    plan=plan,
    report=report,
)
