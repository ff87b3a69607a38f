# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""What an org is as a host of the inventory: its variables and its groups. Pure."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ._inventory_orgs import PRODUCTION, SANDBOX, SCRATCH, Found, id18

ALL = "salesforce_orgs"
GROUPS = {PRODUCTION: "sf_production", SANDBOX: "sf_sandbox", SCRATCH: "sf_scratch"}
RECENT = "sf_recently_refreshed"
# Connection options that are no secrets and the same for every org: an inventory file that sets them sets them for its hosts.
SHARED_OPTIONS = ("auth", "client_id", "private_key_file", "ca_path", "api_version", "timeout", "retry_time", "min_api_headroom")


def related(orgs: Sequence[Found]) -> tuple[list[Found], list[str]]:
    """(the orgs, their parents by host name and usernames of sandboxes told from their parent's; warnings)."""
    by_name = {name: org for org in reversed(orgs) for name in (org.username, org.id, org.key) if name}
    found, warnings = [], []
    for org in orgs:
        parent = by_name.get(org.parent) if org.parent else None
        if parent is None:
            # An Id or a username, left so, would be taken for a host; that it is not in this inventory is nothing special.
            if org.parent and "@" not in org.parent and not id18(org.parent):
                warnings.append(f"{org.called}: its parent {org.parent} is no host of this inventory ({org.place}).")
            found.append(replace(org, parent=""))
            continue
        derived = f"{parent.username}.{org.sandbox_name}" if org.kind == SANDBOX and org.sandbox_name and parent.username else ""
        found.append(replace(org, parent=parent.key, username=org.username or derived))
    return found, warnings


def renamed(orgs: Sequence[Found], names: Sequence[str]) -> list[Found]:
    """The orgs under other names, in the same order; parents too."""
    new = {org.key: name for org, name in zip(orgs, names)}
    return [replace(org, key=name, parent=new.get(org.parent, "")) for org, name in zip(orgs, names)]


def facts(org: Found) -> dict[str, Any]:
    """The host variables that tell of the org and make the modules reach it. None of them is a secret."""
    told = {
        "ansible_host": org.host.partition(":")[0],
        "salesforce_login_url": org.login_url,
        "salesforce_username": org.username,
        "salesforce_expected_org_id": org.id,
        "salesforce_sandbox_name": org.sandbox_name,
    }
    return {
        **{name: value for name, value in told.items() if value},
        "salesforce_org": {
            "source": org.source,
            "name": org.name,
            "id": org.id,
            "is_sandbox": org.kind != PRODUCTION,
            "sandbox_type": SCRATCH if org.kind == SCRATCH else org.sandbox_type,
            "refreshed_at": org.refreshed_at,
            "parent": org.parent,
            "status": org.status,
            "alias": org.alias,
            "expires": org.expires,
            "edition": org.edition,
            "instance_url": org.instance_url or (org.login_url if org.host else ""),
            "is_dev_hub": org.is_dev_hub,
        },
    }


def shared(options: Mapping[str, Any]) -> dict[str, Any]:
    """The host variables of connection options that an inventory file sets for all of its hosts."""
    return {f"salesforce_{name}": options[name] for name in SHARED_OPTIONS if options.get(name) not in (None, "")}


def groups(org: Found, recent_since: str) -> list[str]:
    """The groups that the org is put in itself. recent_since: the time from which a refresh counts as recent."""
    own = GROUPS.get(org.kind, GROUPS[PRODUCTION])
    typed = f"{own}_{org.sandbox_type}" if org.kind == SANDBOX and org.sandbox_type else own
    return [typed, *([RECENT] if org.refreshed_at and org.refreshed_at >= recent_since else [])]


def parents(group: str) -> list[str]:
    """The groups above one of those, the nearest first."""
    sandboxes = GROUPS[SANDBOX]
    return [sandboxes, ALL] if group.startswith(f"{sandboxes}_") else [ALL]


def named(name: str, include: Iterable[str], exclude: Iterable[str]) -> bool:
    """Whether a host of that name is wanted: it fits one of include, where there are any, and none of exclude."""
    wanted = list(include)
    fits = not wanted or any(fnmatch.fnmatchcase(name, pattern) for pattern in wanted)
    return fits and not any(fnmatch.fnmatchcase(name, pattern) for pattern in exclude)
