# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Orgs as the sources of an inventory tell them, and what they come to together. Pure: rows and files in, orgs out.

Nothing of a source is kept but what is named here, so that no secret gets further than the source itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from ._errors import CONFIG, Problem, listing
from ._ids import checksum, is_id

LIST = "list"
SANDBOXES = "sandboxes"
SCRATCH_ORGS = "scratch_orgs"
SF_FILES = "sf_files"
SF_ORG_LIST = "sf_org_list"
# Whom to believe first, where two tell of one org.
SOURCES = (LIST, SANDBOXES, SCRATCH_ORGS, SF_FILES, SF_ORG_LIST)
DISCOVERING = SOURCES[1:]

PRODUCTION = "production"
SANDBOX = "sandbox"
SCRATCH = "scratch"
# SandboxInfo.LicenseType (Tooling API reference), and how the groups call it.
SANDBOX_TYPES: Mapping[str, str] = {
    "DEVELOPER": "developer",
    "DEVELOPER_PRO": "developer_pro",
    "PARTIAL": "partial",
    "FULL": "full",
}
TYPES = (PRODUCTION, SANDBOX, *SANDBOX_TYPES.values(), SCRATCH)

# What may become of an org between its source and the inventory.
READY = "ready"
UNREADY = "unready"
EXPIRED = "expired"
GONE = "gone"

# Where nobody's org answers: everybody logs in there.
COMMON_HOSTS = frozenset({"login.salesforce.com", "test.salesforce.com"})

# My Domain hosts (Salesforce Help, My Domain URL Formats).
_MY_DOMAIN = re.compile(r"^([a-z0-9-]+)(?:\.([a-z]+))?\.my\.salesforce\.(com|mil)$")
_UNFIT = re.compile(r"[^A-Za-z0-9_.@-]+")
_DATETIME = re.compile(r"^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.\d+)?(?:Z|\+00:?00)$")
# Words of SandboxProcess.Status for copies that are under way, as forcedotcom/sfdx-core knows them. "Pending Activation" may have its end already.
_UNDER_WAY = frozenset({"activating", "pending", "pending activation", "processing", "sampling"})
# What `sf` shows in the place of a secret.
_REDACTED = "[REDACTED]"


@dataclass(frozen=True)
class Found:
    """One org as a source tells it; empty texts are what it does not tell.

    key: the host's name, as the source would call it. kind: production, sandbox or scratch. place: where it stands, for messages. parent: the
    production org or Dev Hub, by its Id, username or host name. state: whether it can be worked with. own: the user's variables.
    """

    source: str
    place: str
    key: str = ""
    id: str = ""
    kind: str = ""
    sandbox_type: str = ""
    sandbox_name: str = ""
    name: str = ""
    login_url: str = ""
    instance_url: str = ""
    username: str = ""
    alias: str = ""
    status: str = ""
    refreshed_at: str = ""
    expires: str = ""
    edition: str = ""
    parent: str = ""
    is_dev_hub: bool = False
    state: str = READY
    own: Mapping[str, Any] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """The host that is this org's alone; empty where only a common login host is known."""
        found = [host_of(url) for url in (self.instance_url, self.login_url)]
        return next((host for host in found if host and host not in COMMON_HOSTS), "")

    @property
    def called(self) -> str:
        """How messages call it."""
        return self.key or self.alias or self.username or self.host or self.id


# -- hosts and names ---------------------------------------------------------------------------------------------------------------


def host_of(url: str) -> str:
    """Host and port of a URL, in lower case."""
    return url.split("://", 1)[-1].split("/", 1)[0].lower()


def my_domain_of(host: str) -> str:
    """acme of acme.my.salesforce.com; empty for every other kind of host, sandboxes included."""
    found = _MY_DOMAIN.match(host)
    return found.group(1) if found and not found.group(2) and "--" not in found.group(1) else ""


def kind_of(host: str) -> str:
    """What kind of org answers at that host, where the host's name tells; test.salesforce.com is for sandboxes and scratch orgs."""
    found = _MY_DOMAIN.match(host)
    if not found:
        return ""
    return {"sandbox": SANDBOX, "scratch": SCRATCH}.get(found.group(2) or "", PRODUCTION)


def key_of(host: str) -> str:
    """The name of the host in the inventory that a My Domain suggests: acme-production, acme-uat; empty for other hosts."""
    found = _MY_DOMAIN.match(host)
    if not found:
        return ""
    label, kind = found.group(1), found.group(2)
    if kind == "sandbox":
        return label.replace("--", "-")
    return f"{label}-production" if not kind else label


def fit(name: str) -> str:
    """The name without what would mean something in a pattern of hosts."""
    return _UNFIT.sub("-", name).strip("-")


def id18(text: str) -> str:
    """The Id with its checksum; empty for what is no org Id."""
    return (text if len(text) == 18 else text + checksum(text)) if is_id(text, "00D") else ""


def iso(text: Any) -> str:
    """A datetime of the API (always UTC) as 2026-11-02T07:00:00Z; empty for anything else."""
    found = _DATETIME.match(str(text or ""))
    return f"{found.group(1)}T{found.group(2)}Z" if found else ""


def sandbox_url(production_host: str, my_domain: str, name: str) -> str:
    """The My Domain of a production org's sandbox."""
    found = _MY_DOMAIN.match(production_host)
    return f"https://{my_domain}--{name.lower()}.sandbox.my.salesforce.{found.group(3) if found else 'com'}"


# -- a production org's sandboxes --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Production:
    """The org that is asked for its sandboxes or scratch orgs."""

    id: str
    name: str
    edition: str
    host: str
    username: str
    my_domain: str

    @property
    def called(self) -> str:
        return f"{self.name} ({self.host})"


def from_production(production: Production, source: str, is_dev_hub: bool = False) -> Found:
    """The asked org itself."""
    return Found(
        source,
        f"the org logged in to, {production.host}",
        key=fit(key_of(production.host) or f"{production.my_domain or 'salesforce'}-production"),
        id=id18(production.id),
        kind=PRODUCTION,
        name=production.name,
        login_url=f"https://{production.host}",
        instance_url=f"https://{production.host}",
        username=production.username,
        edition=production.edition,
        is_dev_hub=is_dev_hub,
    )


def from_sandboxes(
    production: Production,
    infos: Sequence[Mapping[str, Any]],
    copies: Sequence[Mapping[str, Any]],
    deleted: Sequence[Mapping[str, Any]],
) -> list[Found]:
    """Its sandboxes, those that were deleted included. infos: rows of SandboxInfo; copies and deleted: rows of SandboxProcess, the newest first, of
    copies (not of those that were discarded) and of deletions."""
    present = {str(row["SandboxName"]).lower(): row for row in infos}
    found = []
    for _unused, row in sorted(present.items()):
        own, over = _of_info(row, copies), _of_info(row, deleted)
        gone = bool(over) and (not own or str(over[0].get("CreatedDate")) > str(own[0].get("CreatedDate")))
        found.append(_sandbox(production, row, own, GONE if gone else _state_of(own[0] if own else {})))
    absent: dict[str, list[Mapping[str, Any]]] = {}
    for row in (*deleted, *copies):
        absent.setdefault(str(row["SandboxName"]).lower(), []).append(row)
    return found + [_sandbox(production, rows[0], rows, GONE) for name, rows in sorted(absent.items()) if name not in present]


def _of_info(info: Mapping[str, Any], processes: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those of a sandbox, and not of an earlier one of the same name."""
    return [row for row in processes if str(row.get("SandboxInfoId"))[:15] == str(info["Id"])[:15]]


def _sandbox(production: Production, told: Mapping[str, Any], copies: Sequence[Mapping[str, Any]], state: str) -> Found:
    name = str(told["SandboxName"])
    latest: Mapping[str, Any] = copies[0] if copies else {}
    copied: Mapping[str, Any] = next((row for row in copies if _state_of(row) == READY), {})
    url = sandbox_url(production.host, production.my_domain, name)
    return Found(
        SANDBOXES,
        f"the sandboxes of {production.called}",
        key=fit(key_of(host_of(url))),
        id=id18(str((copied or latest).get("SandboxOrganization") or "")),
        kind=SANDBOX,
        sandbox_type=SANDBOX_TYPES.get(str(told.get("LicenseType") or "").replace(" ", "_").upper(), ""),
        sandbox_name=name.lower(),
        name=name,
        login_url=url,
        instance_url=url,
        username=f"{production.username}.{name.lower()}" if production.username else "",
        status=_progress(str(latest.get("Status") or ""), latest.get("CopyProgress"), state),
        refreshed_at=iso(copied.get("EndDate")),
        parent=id18(production.id),
        state=state,
    )


def _state_of(copy: Mapping[str, Any]) -> str:
    """The word of a status is in the language of the user who asks: that a copy is done is told by what only a copy that is done has."""
    done = copy.get("EndDate") and copy.get("SandboxOrganization")
    return READY if done and str(copy.get("Status")).lower() not in _UNDER_WAY else UNREADY


def _progress(status: str, percent: Any, state: str) -> str:
    return f"{status}, {percent} %" if status and state == UNREADY and percent not in (None, "") else status


def from_scratch_orgs(production: Production, rows: Sequence[Mapping[str, Any]]) -> list[Found]:
    """The scratch orgs of a Dev Hub: rows of ScratchOrgInfo."""
    return [_scratch_org(production, row) for row in sorted(rows, key=lambda row: str(row.get("SignupUsername") or ""))]


def _scratch_org(production: Production, row: Mapping[str, Any]) -> Found:
    url = f"https://{host_of(str(row['LoginUrl']))}" if row.get("LoginUrl") else ""
    status, expires = str(row.get("Status") or ""), str(row.get("ExpirationDate") or "")
    username = str(row.get("SignupUsername") or "")
    return Found(
        SCRATCH_ORGS,
        f"the scratch orgs of {production.called}",
        key=fit(key_of(host_of(url)) or username),
        id=id18(str(row.get("ScratchOrg") or "")),
        kind=SCRATCH,
        name=str(row.get("OrgName") or ""),
        login_url=url,
        instance_url=url if host_of(url) not in COMMON_HOSTS else "",
        username=username,
        status=status,
        expires=expires,
        edition=str(row.get("Edition") or ""),
        parent=id18(production.id),
        state=_scratch_state(status),
    )


def _scratch_state(status: str) -> str:
    if status.lower() == "deleted":
        return GONE
    return READY if not status or status.lower() == "active" else UNREADY


# -- the sf command line -----------------------------------------------------------------------------------------------------------

# What is taken from a file of the command line, or from an entry of `sf org list`. Nothing else of it is looked at: the others are secrets, or of
# no use here.
SF_FIELDS = (
    "username",
    "orgId",
    "instanceUrl",
    "loginUrl",
    "alias",
    "name",
    "orgEdition",
    "edition",
    "orgName",
    "status",
    "isSandbox",
    "isScratch",
    "isScratchOrg",
    "isDevHub",
    "isExpired",
    "devHubUsername",
    "expirationDate",
    # Written so by the command line itself.
    "trailExpirationDate",
)
SF_SANDBOX_FIELDS = ("sandboxOrgId", "prodOrgUsername", "sandboxName", "sandboxUsername")


def taken(told: Mapping[str, Any], names: Iterable[str] = SF_FIELDS) -> dict[str, Any]:
    """What of it may be used: the named fields that are there and are not redacted."""
    kept = {name: told[name] for name in names if isinstance(told.get(name), (str, bool))}
    return {name: value for name, value in kept.items() if not str(value).startswith(_REDACTED)}


def from_sf_files(
    orgs: Mapping[str, Mapping[str, Any]], aliases: Mapping[str, str], sandboxes: Mapping[str, Mapping[str, Any]]
) -> list[Found]:
    """The orgs of the command line's own files. orgs: by file name; aliases: alias -> username; sandboxes: by the org's Id of 15 characters."""
    by_username: dict[str, str] = {}
    for alias, username in sorted(aliases.items()):
        by_username.setdefault(username, alias)
    found = []
    for name, told in sorted(orgs.items()):
        username = str(told.get("username") or name.removesuffix(".json"))
        more = sandboxes.get(str(told.get("orgId") or "")[:15], {})
        known = {**told, "username": username, "alias": by_username.get(username, "")}
        found.append(_of_sf(SF_FILES, name, known, more))
    return found


def from_sf_org_list(result: Mapping[str, Any]) -> list[Found]:
    """The orgs that `sf org list --json` tells: its lists overlap. Of several users of one org the one with an alias is named first."""
    told: dict[str, dict[str, Any]] = {}
    for section, entries in sorted(result.items()):
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, Mapping) and entry.get("username"):
                kept = told.setdefault(str(entry["username"]), {})
                kept.update(taken(entry))
                kept.update({"isScratch": True} if section == "scratchOrgs" else {})
    return [_of_sf(SF_ORG_LIST, "sf org list", entry, {}) for _unused, entry in sorted(told.items())]


def _of_sf(source: str, place: str, told: Mapping[str, Any], sandbox: Mapping[str, Any]) -> Found:
    instance, login = (_https(told.get(name)) for name in ("instanceUrl", "loginUrl"))
    host = host_of(instance)
    kind = _sf_kind(told, sandbox, host)
    expires = str(told.get("expirationDate") or told.get("trailExpirationDate") or "")[:10] if kind == SCRATCH else ""
    alias, status = str(told.get("alias") or ""), str(told.get("status") or "")
    state = _scratch_state(status) if kind == SCRATCH else READY
    return Found(
        source,
        place,
        key=fit(alias or key_of(host) or str(told["username"])),
        id=id18(str(told.get("orgId") or "")),
        kind=kind,
        sandbox_type=SCRATCH if kind == SCRATCH else "",
        sandbox_name=_sandbox_name(host, sandbox) if kind == SANDBOX else "",
        name=str(told.get("orgName") or told.get("name") or ""),
        login_url=instance if kind_of(host) or not login else login,
        instance_url=instance,
        username=str(told["username"]),
        alias=alias,
        status=status,
        expires=expires,
        edition=str(told.get("orgEdition") or told.get("edition") or ""),
        parent=str(told.get("devHubUsername") or sandbox.get("prodOrgUsername") or ""),
        is_dev_hub=told.get("isDevHub") is True,
        state=EXPIRED if told.get("isExpired") is True and state == READY else state,
    )


def _https(url: Any) -> str:
    text = str(url or "")
    return f"https://{host_of(text)}" if text.startswith("https://") else ""


def _sf_kind(told: Mapping[str, Any], sandbox: Mapping[str, Any], host: str) -> str:
    if told.get("isScratch") is True or told.get("isScratchOrg") is True or told.get("devHubUsername") or kind_of(host) == SCRATCH:
        return SCRATCH
    if told.get("isSandbox") is True or sandbox or kind_of(host) == SANDBOX:
        return SANDBOX
    return PRODUCTION


def _sandbox_name(host: str, sandbox: Mapping[str, Any]) -> str:
    named = str(sandbox.get("sandboxName") or "")
    return (named or (host.split(".", 1)[0].partition("--")[2] if kind_of(host) == SANDBOX else "")).lower()


# -- together ----------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Together:
    """The orgs that all sources came to, by host name, and what there is to say of that. warnings: to everybody; notes: to those who ask."""

    orgs: tuple[Found, ...]
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def together(found: Iterable[Found]) -> Together:
    """One org each, in the words of the source that is believed first, what it leaves open filled by the others.

    Raises Problem where the list names one org twice, or where two orgs have one name.
    """
    orgs: list[Found] = []
    warnings: list[str] = []
    notes: list[str] = []
    for one in sorted(found, key=lambda item: (SOURCES.index(item.source), not item.alias)):
        place = _known(orgs, one)
        if place is None:
            orgs.append(one)
            continue
        known = orgs[place]
        if known.source == one.source == LIST:
            raise Problem(
                f"reading {known.place} and {one.place}",
                f"both entries are one org ({_shared(known, one)}): {known.called} and {one.called}.",
                "Take one of them out. Two hosts for one org would write the same records at the same time.",
                CONFIG,
                "org_twice",
            )
        warnings += _contradictions(known, one)
        notes.append(f"{known.called} ({known.place}) and {one.called} ({one.place}) are one org ({_shared(known, one)}).")
        orgs[place] = merged(known, one)
    return Together(tuple(sorted(orgs, key=lambda item: item.key)), tuple(warnings), tuple(notes))


def _known(orgs: Sequence[Found], one: Found) -> int | None:
    """Where the same org stands already: by its Id, or by its host."""
    by_id = (place for place, org in enumerate(orgs) if one.id and org.id == one.id)
    by_host = (place for place, org in enumerate(orgs) if one.host and org.host == one.host)
    return next(by_id, next(by_host, None))


def _shared(one: Found, other: Found) -> str:
    return f"Id {one.id}" if one.id and one.id == other.id else f"host {one.host}"


def _contradictions(known: Found, other: Found) -> list[str]:
    """What the user should hear of: a list that is older than the org."""
    told = []
    if known.id and other.id and known.id != other.id and other.state != GONE:
        told.append(
            f"{known.called}: its Id is {known.id} according to {known.place}, and {other.id} according to {other.place}. The first counts. "
            "A refresh gives a sandbox a new Id: correct or remove the one that is out of date."
        )
    if known.source == LIST and other.state != READY:
        told.append(
            f"{known.called}: {known.place} names it, but according to {other.place} it is {_why(other)}. It stays in the inventory."
        )
    return told


def merged(known: Found, other: Found) -> Found:
    """The first one, with what it does not say filled from the other."""
    open_fields = [
        item.name for item in fields(Found) if item.name not in ("source", "place", "state", "own") and not getattr(known, item.name)
    ]
    if known.kind and other.kind and known.kind != other.kind:
        open_fields = [name for name in open_fields if name not in ("sandbox_type", "sandbox_name", "parent", "expires")]
    return replace(known, **{name: getattr(other, name) for name in open_fields})


def _why(org: Found) -> str:
    if org.state == GONE:
        return "deleted"
    if org.state == EXPIRED:
        return f"expired ({org.expires})" if org.expires else "expired"
    return f"not ready ({org.status or 'no copy of it is known'})"


def left_out(orgs: Iterable[Found], today: str, *, unready: bool, expired: bool) -> tuple[list[Found], list[str], list[str]]:
    """(those that can be worked with, warnings, notes). today: the date in UTC, such as 2026-11-22. unready, expired: whether these are wanted."""
    kept, warnings, notes = [], [], []
    for one in orgs:
        org = replace(one, state=EXPIRED) if one.state == READY and one.expires and one.expires < today else one
        if org.state == READY or (org.state == UNREADY and unready) or (org.state == EXPIRED and expired):
            kept.append(org)
        elif org.state == UNREADY:
            warnings.append(f"{org.called} is left out: it is {_why(org)}. Set include_unready to have it all the same.")
        else:
            notes.append(f"{org.called} is left out: it is {_why(org)}.")
    return kept, warnings, notes


def require_one_name_each(orgs: Sequence[Found]) -> None:
    """Raises Problem where two orgs would be one host, or one would have no name."""
    nameless = [org.place for org in orgs if not org.key]
    if nameless:
        raise Problem(
            "naming the hosts",
            f"an org would have no name ({listing(nameless)}).",
            "Correct hostname so that it gives a name to every org.",
            CONFIG,
            "hostname",
        )
    seen: dict[str, Found] = {}
    for org in orgs:
        other = seen.setdefault(org.key, org)
        if other is not org:
            raise Problem(
                "naming the hosts",
                f"two orgs would be called {org.key}: {_identified(other)} and {_identified(org)}.",
                "Give them names of their own: name in the list, another alias in the sf CLI, hostname or hostname_prefix; or leave one out.",
                CONFIG,
                "host_twice",
            )


def _identified(org: Found) -> str:
    return f"{org.id or org.host or org.username} ({org.place})"
