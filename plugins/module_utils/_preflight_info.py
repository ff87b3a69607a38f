# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""What a run will need, looked at before it: this machine, the way to the org, the login, the running user's rights, licences and users. Reads
only. What fails is a row, and what needs it is skipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from . import _preflight_checks, _user_reading, _users
from ._converge import Noun, describe_org
from ._errors import CONFIG, Problem
from ._needed_rights import API_USER, AREAS, CONTACT_CENTER, asked
from ._org import Answers, Get, Org, Query, Read
from ._plan import Plan
from ._preflight_checks import Facts, Person, Settings, Wish
from ._rights_reading import held, reads
from ._soql import in_list

TRIED = "looking at the org before a run"
_USER_FIELDS = "Id, Username, IsActive"
_UNSEEN = ("INVALID_TYPE", "INSUFFICIENT_ACCESS")


def desired(params: Mapping[str, Any]) -> Wish:
    """What to look for. Raises Problem for users that are no users, and for a share of API calls that is no percentage."""
    headroom = params["minimum_api_headroom"]
    if not 0 <= headroom <= 100:
        raise Problem(TRIED, f"minimum_api_headroom is {headroom}.", "Give a percentage from 0 to 100.", CONFIG, "minimum_api_headroom")
    return Wish(
        tuple(params["needs"]),
        tuple(dict.fromkeys(params["packages"])),
        _users.wanted([*params["users"], *params["new_users"]], TRIED),
        tuple(dict.fromkeys(params["permission_set_licenses"])),
        params["contact_center"].strip(),
        headroom,
        len(params["new_users"]),
    )


def read(org: Org, wish: Wish) -> Facts:
    """What can be seen: without logging in first, then, where that is worth while, in the org. At most four calls after the login; one more
    where a user is not found at once."""
    known = org.connection
    settings = Settings(known.auth, known.api_version, known.username or "", known.expected_org_id or "", known.allow_production)
    facts = Facts(settings, org.machine(), org.network(), org.place)
    if _preflight_checks.stops_before_login(wish, facts):
        return facts
    try:
        org.log_in()
    except Problem as problem:
        return replace(facts, login=problem)
    return _inside(org, wish, replace(facts, place=org.place))


def plan(wish: Wish, current: Facts) -> Plan:
    """Nothing to change."""
    return Plan()


def report(wish: Wish, current: Facts, made: Plan) -> dict[str, Any]:
    """The rows, and how many are in which state."""
    rows = _preflight_checks.checked(wish, current)
    return {"checks": [row.as_result() for row in rows], "summary": _preflight_checks.summary(rows)}


def _inside(org: Org, wish: Wish, facts: Facts) -> Facts:
    """The facts with what the org shows, as far as it answers."""
    answers = Answers({}, {}, {})
    people: tuple[Person, ...] = ()
    problem: Problem | None = None
    try:
        answers = org.read(_first(org, wish))
        told = _user_reading.resolved(org, wish.users, answers, _USER_FIELDS)
        people = tuple(_person(user, told) for user in wish.users)
        answers = answers.joined(org.read(_second(org, wish, [str(row["Id"]) for row in told.rows.values() if row["Id"]])))
        people = tuple(replace(item, frozen=_frozen(answers, told, user)) for item, user in zip(people, wish.users))
        answers = answers.joined(org.read(_third()))
    except Problem as error:
        problem = error
    rows = {ref: found for ref, found in answers.rows.items() if ref not in answers.refusals}
    if "running_user" in answers.bodies:
        rows["running_user"] = [answers.bodies["running_user"]]
    return replace(
        facts,
        org=describe_org(org) if org.identity else None,
        problem=problem,
        rows=rows,
        refusals={ref: error.code for ref, error in answers.refusals.items()},
        rights=held(answers),
        people=people,
        advice=_user_reading.advice(org),
        frozen_self=_is_frozen(answers, org.user_id) if problem is None else None,
        usage=org.tally.usage,
    )


def _first(org: Org, wish: Wish) -> list[Read]:
    """Who is running, with which rights, and the users asked for."""
    found: list[Read] = [Get("running_user", f"/sobjects/User/{org.user_id}?fields=Id,Username,Name"), *reads(asked(wish.needs))]
    return [*found, *_user_reading.reads(org, wish.users, _USER_FIELDS)]


def _second(org: Org, wish: Wish, user_ids: Sequence[str]) -> list[Read]:
    """Licences, contact centers, and who is frozen."""
    found: list[Read] = []
    if CONTACT_CENTER in wish.needs:
        found.append(Query("centers", "SELECT Id, Name, InternalName FROM CallCenter", tolerate=_UNSEEN))
    if wish.packages:
        columns = "Id, NamespacePrefix, AllowedLicenses, Status, ExpirationDate"
        found.append(Query("package_licenses", f"SELECT {columns} FROM PackageLicense", tolerate=_UNSEEN))
        # Rows and not UsedLicenses, which lags.
        counted = "SELECT PackageLicenseId, COUNT(Id) taken FROM UserPackageLicense GROUP BY PackageLicenseId"
        found.append(Query("seats", counted, tolerate=_UNSEEN))
    if wish.permission_set_licenses:
        columns = "DeveloperName, PermissionSetLicenseKey, MasterLabel, TotalLicenses, UsedLicenses, Status, ExpirationDate"
        found.append(Query("permission_set_licenses", f"SELECT {columns} FROM PermissionSetLicense", tolerate=_UNSEEN))
    if API_USER in wish.needs:
        found.append(Query("user_licenses", "SELECT Name, TotalLicenses, UsedLicenses FROM UserLicense", tolerate=_UNSEEN))
    ids = in_list(dict.fromkeys([org.user_id, *user_ids]))
    return [*found, *_user_reading.login_reads([f"Id IN {ids}"])]


def _third() -> list[Read]:
    """What the Tooling API shows: the packages installed, and the User Access Policies."""
    packages = "SELECT NamespacePrefix, Name, MajorVersion, MinorVersion FROM Publisher"
    policies = "SELECT DeveloperName, MasterLabel, Status FROM UserAccessPolicy"
    return [
        Query("packages", packages, tolerate=_UNSEEN, tooling=True),
        Query("policies", policies, tolerate=_UNSEEN, tooling=True),
    ]


def _person(user: _users.User, told: _user_reading.Resolved) -> Person:
    row = told.rows.get(user)
    if row is not None:
        return Person(str(user), str(row["Username"]), bool(row["IsActive"]))
    lost = next(item for item in told.missing if item.user == user)
    return Person(str(user), ambiguous=lost.ambiguous, candidates=tuple(lost.candidates))


def _frozen(answers: Answers, told: _user_reading.Resolved, user: _users.User) -> bool | None:
    row = told.rows.get(user)
    return _is_frozen(answers, str(row["Id"])) if row is not None else None


def _is_frozen(answers: Answers, user_id: str) -> bool | None:
    """None where the running user may not see it."""
    return _user_reading.frozen(answers, user_id) if "logins0" in answers.rows else None


NOUN = Noun(
    name="preflight_info",
    argument_spec={
        "needs": {"type": "list", "elements": "str", "choices": list(AREAS), "default": list(AREAS)},
        "packages": {"type": "list", "elements": "str", "default": []},
        "users": {"type": "list", "elements": "raw", "default": []},
        "new_users": {"type": "list", "elements": "raw", "default": []},
        "permission_set_licenses": {"type": "list", "elements": "str", "default": [], "no_log": False},
        "contact_center": {"type": "str", "default": ""},
        "minimum_api_headroom": {"type": "int", "default": 10},
    },
    desired=desired,
    read=read,
    plan=plan,
    report=report,
)
