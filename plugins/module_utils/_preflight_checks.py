# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""What was found before a run, judged: facts in, rows out. Pure.

A row is a check, its state, what was found and what to do about it. What could not be looked at is skipped, and says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable

from ._errors import Problem, did_you_mean, listing
from ._needed_rights import API_USER, CONTACT_CENTER, LABELS, Need, asked, label

OK, WARNING, ERROR, SKIPPED = "ok", "warning", "error", "skipped"
STATES = (OK, WARNING, ERROR, SKIPPED)

# What the collection is tried with (requirements.txt, meta/runtime.yml): older ones may do, and nobody looked.
OLDEST: Mapping[str, tuple[int, ...]] = {"python": (3, 9), "ansible-core": (2, 16), "simple-salesforce": (1, 12, 10)}
# Seconds. The assertion of a login by JWT lives for three minutes.
CLOCK_WARNING, CLOCK_ERROR = 60, 180
CERTIFICATE_DAYS = 21
JWT = "jwt_bearer"
# Where orgs of every release log in: what these hosts offer is not what the org offers.
SHARED_HOSTS = frozenset({"login.salesforce.com", "test.salesforce.com"})
WRONG_ORG = "wrong_org"

# The user licence that the first document asks for.
LICENSE = "Salesforce"


@dataclass(frozen=True)
class Row:
    check: str
    state: str
    found: str
    remedy: str = ""

    def as_result(self) -> dict[str, str]:
        # An org's words may have several lines, and a row is one.
        return {"check": self.check, "state": self.state, "found": " ".join(self.found.split()), "remedy": self.remedy}


@dataclass(frozen=True)
class Machine:
    """Where this runs. versions: library -> version, empty where it is not there."""

    python: str
    executable: str
    versions: Mapping[str, str]


@dataclass(frozen=True)
class Certificate:
    """Whom a host's certificate was issued by, and in how many days it ends."""

    issuer: str
    days_left: int


@dataclass(frozen=True)
class Network:
    """How a host was reached, without logging in. via: the proxy as host and port, empty where there is none; told_by: what names it.

    ca: the CA file in force, in words. resolved: the host (or proxy) whose name was looked up, and its addresses. problem: why the host did not
    answer; unresolved: why its name is unknown. skew: seconds by which this machine's clock is ahead. versions: those that the host offers; None
    where it answered something else.
    """

    host: str
    via: str = ""
    told_by: str = ""
    ca: str = ""
    resolved: str = ""
    addresses: tuple[str, ...] = ()
    unresolved: str = ""
    problem: Problem | None = None
    certificate: Certificate | None = None
    skew: int | None = None
    status: int | None = None
    versions: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Person:
    """One of the users asked for. username: empty where the org does not have the user. candidates: who may be meant. frozen: None where the
    running user may not see it."""

    asked: str
    username: str = ""
    active: bool = False
    frozen: bool | None = None
    ambiguous: bool = False
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wish:
    """What a run will need. new: how many of users, at their end, a run makes where they are missing."""

    needs: tuple[str, ...]
    packages: tuple[str, ...]
    users: tuple[Any, ...]
    permission_set_licenses: tuple[str, ...]
    contact_center: str
    headroom: int
    new: int = 0


@dataclass(frozen=True)
class Settings:
    """Of the connection what is judged here."""

    auth: str
    api_version: str
    username: str
    expected_org_id: str
    allow_production: bool


@dataclass(frozen=True)
class Facts:
    """All that was found. login: why there is no session. org: which org it is, None where that was not reached. problem: what ended the
    reading. rows: the records read, by what was asked, refused or never asked ones absent. advice: what to do about a user that is not
    there. usage: API calls used and allowed."""

    settings: Settings
    machine: Machine
    network: Network
    place: str = ""
    login: Problem | None = None
    org: Mapping[str, Any] | None = None
    problem: Problem | None = None
    rows: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    refusals: Mapping[str, str] = field(default_factory=dict)
    rights: Mapping[str, bool] = field(default_factory=dict)
    people: tuple[Person, ...] = ()
    advice: str = ""
    frozen_self: bool | None = None
    usage: Mapping[str, int] | None = None


Check = tuple[str, Callable[[Wish, Facts], Row]]


def checked(wish: Wish, facts: Facts) -> list[Row]:
    """Every row, in the order in which a run meets them. What an earlier failure keeps from being looked at is skipped."""
    rows = [judge(wish, facts) for _unused, judge in _HERE]
    stopped = _stopped(rows)
    for check, judge in (*_AT_THE_DOOR, *_inside(wish)):
        row = Row(check, SKIPPED, f"not looked at, since {stopped} failed") if stopped else judge(wish, facts)
        rows.append(row)
        stopped = stopped or _stopped([row]) or (row.check if row.check == "reading" and facts.org is None else "")
    return rows


def summary(rows: Iterable[Row]) -> dict[str, int]:
    """How many rows are in which state."""
    counted = dict.fromkeys(STATES, 0)
    for row in rows:
        counted[row.state] += 1
    return counted


def stops_before_login(wish: Wish, facts: Facts) -> bool:
    """Whether what was found without logging in makes a login pointless."""
    return bool(_stopped([judge(wish, facts) for _unused, judge in (*_HERE, ("api_version", _api_version))]))


def _stopped(rows: Iterable[Row]) -> str:
    return next((row.check for row in rows if row.state == ERROR and row.check in _DOORS), "")


# -- this machine and the way to the org ---------------------------------------------------------------------------------------------


def _python(wish: Wish, facts: Facts) -> Row:
    found = f"{facts.machine.python} ({facts.machine.executable})"
    return _version_row("python", found, facts.machine.python, "Run Ansible with a newer Python.")


def _ansible(wish: Wish, facts: Facts) -> Row:
    version = facts.machine.versions.get("ansible-core", "")
    return _version_row("ansible-core", version or "its version is not known here", version, "Upgrade ansible-core.")


def _version_row(name: str, found: str, version: str, remedy: str) -> Row:
    oldest = OLDEST[name]
    if not version or _numbers(version) >= oldest:
        return Row(name, OK, found)
    least = ".".join(map(str, oldest))
    return Row(name, WARNING, f"{found}; the collection is tried with {least} and later", remedy)


def _libraries(wish: Wish, facts: Facts) -> Row:
    libraries = {name: version for name, version in facts.machine.versions.items() if name != "ansible-core"}
    found = ", ".join(f"{name} {version or 'unknown'}" for name, version in libraries.items())
    version = libraries.get("simple-salesforce", "")
    old = bool(version) and _numbers(version) < OLDEST["simple-salesforce"]
    remedy = f"{facts.machine.executable} -m pip install --upgrade simple-salesforce"
    return Row("libraries", WARNING, f"{found}; simple-salesforce is old", remedy) if old else Row("libraries", OK, found)


def _proxy(wish: Wish, facts: Facts) -> Row:
    network = facts.network
    return Row("proxy", OK, f"{network.via}, from {network.told_by}" if network.via else "none")


def _ca(wish: Wish, facts: Facts) -> Row:
    return Row("ca", OK, facts.network.ca)


def _dns(wish: Wish, facts: Facts) -> Row:
    network = facts.network
    if network.unresolved:
        return Row(
            "dns",
            ERROR,
            f"{network.resolved} is unknown: {network.unresolved}",
            f"Correct {'the proxy' if network.via else 'login_url or instance_url'}; if the name is right, ask it of this machine's resolver "
            f"(getent hosts {network.resolved.rsplit(':', 1)[0]}) and repair that.",
        )
    beyond = f"; {network.host} is resolved by the proxy" if network.via else ""
    return Row("dns", OK, f"{network.resolved}: {listing(network.addresses, 3)}{beyond}")


def _connection(wish: Wish, facts: Facts) -> Row:
    network, problem = facts.network, facts.network.problem
    through = f" through {network.via}" if network.via else ""
    if network.unresolved:
        return Row("connection", SKIPPED, "not looked at, since dns failed")
    if problem and problem.code not in _TLS_CODES:
        return Row("connection", ERROR, f"{network.host}{through}: {problem.said}", problem.remedy)
    return Row("connection", OK, f"{network.host} answers{through}")


def _tls(wish: Wish, facts: Facts) -> Row:
    network, problem, shown = facts.network, facts.network.problem, facts.network.certificate
    if network.unresolved or (problem and problem.code not in _TLS_CODES):
        return Row("tls", SKIPPED, f"not looked at, since {'dns' if network.unresolved else 'connection'} failed")
    by = f"issued by {shown.issuer}" if shown else ""
    if problem:
        return Row("tls", ERROR, f"{problem.said}{f' The certificate is {by}.' if by else ''}", f"{problem.remedy} In force: {network.ca}.")
    if shown is None:
        return Row("tls", OK, "the certificate is trusted; its issuer is not told here")
    if shown.days_left < CERTIFICATE_DAYS:
        return Row("tls", WARNING, f"{by}, and ends in {shown.days_left} days", f"Tell who runs {network.host} (or the proxy) to renew it.")
    return Row("tls", OK, f"{by}, {shown.days_left} days left")


def _clock(wish: Wish, facts: Facts) -> Row:
    skew = facts.network.skew
    if skew is None and facts.network.unresolved:
        return Row("clock", SKIPPED, "not looked at, since dns failed")
    if skew is None:
        return Row(
            "clock", SKIPPED, "the host told no time" if facts.network.problem is None else "not looked at, since there was no answer"
        )
    found = f"{abs(skew)} s {'ahead of' if skew > 0 else 'behind'} {facts.network.host}" if skew else f"as {facts.network.host}"
    if abs(skew) <= CLOCK_WARNING:
        return Row("clock", OK, found)
    remedy = (
        "Set this machine's clock (timedatectl set-ntp true; chronyc tracking). The assertion of a login by JWT lives for three minutes."
    )
    return Row("clock", ERROR if abs(skew) > CLOCK_ERROR and facts.settings.auth == JWT else WARNING, found, remedy)


# -- the door ------------------------------------------------------------------------------------------------------------------------


def _api_version(wish: Wish, facts: Facts) -> Row:
    network, wanted = facts.network, facts.settings.api_version
    if network.versions is None:
        return Row(
            "api_version",
            ERROR if (network.status or 0) >= 500 else WARNING,
            f"{network.host} answered HTTP {network.status}, and not as a Salesforce API does",
            "Check login_url or instance_url and the proxy; the org may be in maintenance (status.salesforce.com).",
        )
    offered = f"{network.versions[0]} to {network.versions[-1]}" if network.versions else "none"
    if wanted in network.versions:
        return Row("api_version", OK, f"{wanted}; {network.host} offers {offered}")
    if network.host.rpartition(":")[0] in SHARED_HOSTS:
        found = f"{wanted} is not offered by {network.host}: {offered}. That host is every org's, and this one may be of another release"
        return Row("api_version", WARNING, found, "Set login_url to this org's My Domain, which tells the versions of the org itself.")
    return Row(
        "api_version",
        ERROR,
        f"{wanted} is not offered by {network.host}: {offered}",
        f"Set api_version (salesforce_api_version) to {network.versions[-1] if network.versions else 'one that it offers'}.",
    )


def _login(wish: Wish, facts: Facts) -> Row:
    if facts.login:
        # Where no org answered, what was tried names the file or the host; an org's refusal speaks for itself.
        tried = f"{facts.login.tried}: " if facts.login.http_status is None else ""
        return Row("login", ERROR, f"{tried}{facts.login.said}", facts.login.remedy)
    who = f" as {facts.settings.username}" if facts.settings.username else ""
    return Row("login", OK, f"{facts.settings.auth}{who} on {facts.place}")


def _org(wish: Wish, facts: Facts) -> Row:
    org = facts.org or {}
    kind = "sandbox" if org["is_sandbox"] else "production"
    return Row("org", OK, f"{org['name']}, {kind}, {org['edition'] or 'edition not told'}, {org['instance'] or 'instance not told'}")


def _expected_org(wish: Wish, facts: Facts) -> Row:
    is_, expected = str((facts.org or {}).get("id", "")), facts.settings.expected_org_id
    if not expected:
        return Row("expected_org_id", SKIPPED, f"not set; this is {is_}", f"Set salesforce_expected_org_id: {is_} on this host.")
    if is_[:15] == expected[:15]:
        return Row("expected_org_id", OK, is_)
    remedy = "Correct login_url, instance_url or username, or expected_org_id if the org was replaced (a refreshed sandbox has a new Id)."
    return Row("expected_org_id", ERROR, f"the host expects {expected}, and this is {is_}", remedy)


def _reading(wish: Wish, facts: Facts) -> Row:
    problem = facts.problem
    if problem is None or problem.code == WRONG_ORG:
        return Row("reading", OK, "the org answers what it is asked")
    return Row("reading", ERROR, f"{problem.tried}: {problem.said}", problem.remedy)


# -- the org -------------------------------------------------------------------------------------------------------------------------


def _production(wish: Wish, facts: Facts) -> Row:
    if (facts.org or {}).get("is_sandbox"):
        return Row("allow_production", OK, "a sandbox: not needed")
    if facts.settings.allow_production:
        return Row("allow_production", OK, "production, and its host allows writing to it")
    remedy = "Run with --check first; then set salesforce_allow_production: true on this host only."
    return Row("allow_production", WARNING, "production, and its host does not allow writing: tasks outside check mode stop", remedy)


def _running_user(wish: Wish, facts: Facts) -> Row:
    rows = facts.rows.get("running_user") or ()
    name = str(rows[0]["Username"]) if rows else ""
    if facts.frozen_self:
        return Row("running_user", WARNING, f"{name} is frozen", "Unfreeze it in Setup, Users; its next login is refused.")
    return Row("running_user", OK, name) if name else _unread("running_user", facts, "running_user")


def _right(need: Need) -> Callable[[Wish, Facts], Row]:
    def judge(wish: Wish, facts: Facts) -> Row:
        check = _right_check(need)
        if "rights" not in facts.rows:
            return _unread(check, facts, "rights")
        here = need.here(facts.rights)
        words = " or ".join(LABELS.get(name, name) for name in here)
        if here != need.rights:
            words += f" (this org has no {' or '.join(LABELS.get(name, name) for name in need.rights)})"
        if need.held(facts.rights):
            return Row(check, OK, f"{words}: held")
        if not need.lacks(facts.rights):
            return Row(check, SKIPPED, f"{words}: not known to this org")
        lacks = f"{words}: lacking; for {need.needed_for}"
        if need.without:
            return Row(check, WARNING, lacks, need.without)
        give = " or ".join(label(name) for name in here)
        # The automation's first set does not hold Manage Users.
        how = " with automation_manages_users: true" if here == ("ManageUsers",) else ""
        remedy = f"Give the running user {give} in a permission set (playbook voiceops.salesforce.automation_user{how})."
        return Row(check, ERROR, lacks, remedy)

    return judge


def _right_check(need: Need) -> str:
    # Two lines ask for Manage Users: one of them takes another right as well.
    return f"right:{'|'.join(need.rights)}"


def _package(namespace: str) -> Callable[[Wish, Facts], Row]:
    def judge(wish: Wish, facts: Facts) -> Row:
        check, rows = f"package:{namespace}", facts.rows.get("packages")
        if rows is None:
            return _unread(check, facts, "packages")
        known = {str(row["NamespacePrefix"]): row for row in rows if row["NamespacePrefix"]}
        row = next((row for name, row in known.items() if name.lower() == namespace.lower()), None)
        if row is None:
            near = did_you_mean(namespace, known)
            return Row(check, ERROR, f"not installed.{near}", "Install the package in this org, or correct the namespace.")
        return Row(check, OK, f"{row.get('Name') or namespace} {row['MajorVersion']}.{row['MinorVersion']}")

    return judge


def _package_license(namespace: str) -> Callable[[Wish, Facts], Row]:
    def judge(wish: Wish, facts: Facts) -> Row:
        check, rows = f"package_license:{namespace}", facts.rows.get("package_licenses")
        if rows is None:
            return _unread(check, facts, "package_licenses")
        row = next((row for row in rows if str(row["NamespacePrefix"]).lower() == namespace.lower()), None)
        if row is None and _package(namespace)(wish, facts).state == ERROR:
            return Row(check, SKIPPED, f"not looked at, since package:{namespace} failed")
        if row is None:
            return Row(
                check, WARNING, "the org has no licence of this package", "Look in Setup, Installed Packages, whether it is licensed."
            )
        if row["Status"] == "Expired":
            return Row(check, ERROR, f"expired ({row['ExpirationDate']})", "Ask the package's publisher to renew the licence.")
        if row["AllowedLicenses"] == -1:
            return Row(check, OK, "site licence: every user may use the package")
        if "seats" not in facts.rows:
            return _unread(check, facts, "seats")
        taken = sum(int(item["taken"]) for item in facts.rows["seats"] if item["PackageLicenseId"] == row["Id"])
        remedy = "Take it from users who left (deactivated users keep theirs), or buy more."
        return _seats(check, taken, row["AllowedLicenses"], remedy, _to_be_made(wish, facts))

    return judge


def _psl(wanted: str) -> Callable[[Wish, Facts], Row]:
    def judge(wish: Wish, facts: Facts) -> Row:
        check, rows = f"permission_set_license:{wanted}", facts.rows.get("permission_set_licenses")
        if rows is None:
            return _unread(check, facts, "permission_set_licenses")
        names = ("DeveloperName", "PermissionSetLicenseKey", "MasterLabel")
        row = next((row for name in names for row in rows if str(row[name]).lower() == wanted.lower()), None)
        if row is None:
            near = did_you_mean(wanted, [str(row["DeveloperName"]) for row in rows])
            return Row(check, ERROR, f"the org does not have it.{near}", "Buy it, or correct the name.")
        if row["Status"] != "Active":
            return Row(check, ERROR, f"{row['Status']} ({row['ExpirationDate']})", "Renew the licence.")
        remedy = "Take it from users who no longer need it, or buy more."
        return _seats(check, row["UsedLicenses"], row["TotalLicenses"], remedy, _to_be_made(wish, facts))

    return judge


def _user_license(wish: Wish, facts: Facts) -> Row:
    check, rows = f"user_license:{LICENSE}", facts.rows.get("user_licenses")
    if rows is None:
        return _unread(check, facts, "user_licenses")
    row = next((row for row in rows if row["Name"] == LICENSE), None)
    if row is None:
        return Row(check, WARNING, "the org does not have it", "The API user should have it: see Setup, Company Information.")
    remedy = "A new user needs one: deactivate somebody who left, or buy more."
    return _seats(check, row["UsedLicenses"], row["TotalLicenses"], remedy, _to_be_made(wish, facts))


def _to_be_made(wish: Wish, facts: Facts) -> int:
    """How many users a run makes: each takes a seat. Who is there already may hold one."""
    coming = facts.people[len(wish.users) - wish.new :]
    return sum(not item.username and not item.ambiguous for item in coming)


def _seats(check: str, taken: Any, all_: Any, remedy: str, wanted: int) -> Row:
    # -1 means that there is no limit.
    if all_ == -1:
        return Row(check, OK, f"{taken} seats taken, no limit")
    found, free = f"{taken} of {all_} seats taken", max(all_ - taken, 0)
    if free < wanted:
        return Row(check, ERROR, f"{found}, and users that a run makes need {wanted} more", remedy)
    return Row(check, OK, found) if free else Row(check, WARNING, f"{found}: none is free", remedy)


def _user(number: int, name: str) -> Callable[[Wish, Facts], Row]:
    def judge(wish: Wish, facts: Facts) -> Row:
        check = f"user:{name}"
        if number >= len(facts.people):
            return _unread(check, facts, "users")
        person = facts.people[number]
        if number >= len(wish.users) - wish.new and not person.username and not person.ambiguous:
            return Row(check, OK, "not there yet: a run makes it")
        return _person(check, person, facts.advice)

    return judge


def _person(check: str, person: Person, advice: str) -> Row:
    if person.ambiguous:
        return Row(check, ERROR, f"fits {listing(person.candidates)}", "Name the user by the username or Id that this org has.")
    if not person.username:
        near = f" Nearest: {listing(person.candidates)}." if person.candidates else ""
        return Row(check, ERROR, f"the org has no such user.{near}", f"{advice} Or make the user (module user).".strip())
    if not person.active:
        return Row(
            check,
            ERROR,
            f"{person.username} is inactive",
            "Activate it in Setup, Users, or by the module user with allow_change: [active].",
        )
    if person.frozen:
        remedy = "Unfreeze it in Setup, Users. Salesforce freezes users itself when a login looks wrong: see the login history first."
        return Row(check, ERROR, f"{person.username} is frozen: it cannot log in", remedy)
    unseen = "" if person.frozen is False else "; whether frozen is not shown to the running user (Manage Users)"
    return Row(check, OK, f"{person.username}, active{unseen}")


def _policies(wish: Wish, facts: Facts) -> Row:
    rows = facts.rows.get("policies")
    if rows is None:
        return _unread("user_access_policies", facts, "policies")
    active = sorted(str(row["MasterLabel"] or row["DeveloperName"]) for row in rows if row["Status"] == "Active")
    if not active:
        return Row("user_access_policies", OK, "none is active")
    remedy = "They give and take sets, groups and licences by themselves. See in Setup, User Access Policies, that none undoes what is assigned here."
    return Row("user_access_policies", WARNING, f"active: {listing(active)}", remedy)


def _center(wish: Wish, facts: Facts) -> Row:
    rows = facts.rows.get("centers")
    if rows is None:
        return _unread("contact_center", facts, "centers")
    known = sorted(str(row["InternalName"]) for row in rows)
    if not wish.contact_center:
        return Row("contact_center", OK if known else WARNING, f"the org has: {listing(known) or 'none'}", "" if known else _MAKE_CENTER)
    word = wish.contact_center.lower()
    by_id = [row for row in rows if wish.contact_center[:15] == str(row.get("Id", ""))[:15]]
    hits = by_id or [row for row in rows if word in (str(row["InternalName"]).lower(), str(row["Name"]).lower())]
    if len(hits) == 1:
        return Row("contact_center", OK, f"{hits[0]['Name']} ({hits[0]['InternalName']})")
    if hits:
        names = listing(sorted(str(row["InternalName"]) for row in hits))
        return Row("contact_center", ERROR, f"{wish.contact_center} fits {names}", "Give the internal name of the one you mean.")
    near = did_you_mean(wish.contact_center, known)
    return Row("contact_center", ERROR, f"the org has no {wish.contact_center}.{near} It has: {listing(known) or 'none'}", _MAKE_CENTER)


def _headroom(wish: Wish, facts: Facts) -> Row:
    usage = facts.usage
    if not usage or not usage.get("limit"):
        return Row("api_headroom", SKIPPED, "the org did not tell its API usage")
    left = max(0, usage["limit"] - usage["used"])
    found = f"{usage['used']} of {usage['limit']} API calls of the last 24 hours used"
    if left * 100 >= wish.headroom * usage["limit"]:
        return Row("api_headroom", OK, found)
    remedy = "Wait, or find out which integration uses them (Setup, API Usage). minimum_api_headroom is the limit of this check."
    return Row("api_headroom", ERROR, f"{found}: less than {wish.headroom} % are left", remedy)


def _unread(check: str, facts: Facts, ref: str) -> Row:
    """A row about what the org did not show."""
    if ref in facts.refusals:
        return Row(check, SKIPPED, f"the org does not have it, or does not show it to the running user ({facts.refusals[ref]})")
    return Row(check, SKIPPED, "not looked at, since reading ended before")


_MAKE_CENTER = "Contact centers are made in Setup, Partner Telephony Contact Centers; correct the name if it is there."
_TLS_CODES = ("untrusted_certificate", "no_tls")

_HERE: tuple[Check, ...] = (
    ("python", _python),
    ("ansible-core", _ansible),
    ("libraries", _libraries),
    ("proxy", _proxy),
    ("ca", _ca),
    ("dns", _dns),
    ("connection", _connection),
    ("tls", _tls),
    ("clock", _clock),
)
_AT_THE_DOOR: tuple[Check, ...] = (
    ("api_version", _api_version),
    ("login", _login),
    ("reading", _reading),
    ("org", _org),
    ("expected_org_id", _expected_org),
)
# Where the way ends when one of these fails.
_DOORS = frozenset({"dns", "connection", "tls", "clock", "api_version", "login", "expected_org_id"})


def _inside(wish: Wish) -> list[Check]:
    """What is looked at in the org."""
    found: list[Check] = [("allow_production", _production), ("running_user", _running_user)]
    found += [(_right_check(need), _right(need)) for need in asked(wish.needs)]
    for namespace in wish.packages:
        found += [(f"package:{namespace}", _package(namespace)), (f"package_license:{namespace}", _package_license(namespace))]
    found += [(f"permission_set_license:{name}", _psl(name)) for name in wish.permission_set_licenses]
    found += [(f"user_license:{LICENSE}", _user_license)] if API_USER in wish.needs else []
    found += [(f"user:{user}", _user(number, str(user))) for number, user in enumerate(wish.users)]
    found += [("user_access_policies", _policies)]
    found += [("contact_center", _center)] if CONTACT_CENTER in wish.needs else []
    return [*found, ("api_headroom", _headroom)]


def _numbers(version: str) -> tuple[int, ...]:
    """The leading numbers of a version: (2, 16) of 2.16rc1."""
    numbers: list[int] = []
    for part in version.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        numbers.append(int(digits))
    return tuple(numbers)
