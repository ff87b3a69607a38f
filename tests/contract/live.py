# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real org: found by the collection's own connection options in the environment, entered by its own login, refused if it is production.

A production org is every one that says neither that it is a sandbox nor that it is a developer or scratch org. It takes two words to run there:
--live-production, and the org's Id in SALESFORCE_CONTRACT_PRODUCTION.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.voiceops.salesforce.plugins.module_utils import _connection, _session
from contract.door import Check, Org

PERSON = "SALESFORCE_CONTRACT_USER"
LIMITED = "SALESFORCE_CONTRACT_LIMITED_TOKEN"
READER = "SALESFORCE_CONTRACT_READER_TOKEN"
PRODUCTION = "SALESFORCE_CONTRACT_PRODUCTION"
IDENTITY = "SELECT Id, Name, IsSandbox, OrganizationType, TrialExpirationDate FROM Organization"


class Refused(Exception):
    """These tests do not run in that org; the text says why."""


def enter(environment: Mapping[str, str], scratch: Path, check: Check | None, *, production: bool) -> Org:
    """The org that SALESFORCE_* names, logged in. Raises Refused, or the collection's Problem where the login fails."""
    if not any(environment.get(row.environment) for row in _connection.TABLE):
        raise Refused("--live wants to know which org: set SALESFORCE_LOGIN_URL, SALESFORCE_CLIENT_ID and so on, as for the modules")
    defaults = {row.option: row.default for row in _connection.TABLE if row.default is not None}
    given = _connection.resolve({}, lambda _unused: None, environment)
    typed: dict[str, Any] = {**defaults, **given}
    typed.update({row.option: int(typed[row.option]) for row in _connection.TABLE if row.type == "int"})
    connection = _connection.connection(typed)
    http = _session.HttpSession(connection, environment, scratch)
    login = _session.log_in(connection, http, set(), None, time.time)
    http.headers["Authorization"] = f"Bearer {login.token}"
    org = Org(login.instance_url, http, connection.api_version, is_live=True, check=check)
    refuse_production(org.soql(IDENTITY)[0], environment, production=production)
    org.person_name = environment.get(PERSON) or None
    org.limited_token = environment.get(LIMITED) or None
    org.reader_token = environment.get(READER) or None
    return org


def is_production(organization: Mapping[str, Any]) -> bool:
    """By the Organization row: a sandbox says so, a developer org is of that edition, a scratch org runs out."""
    if organization["IsSandbox"] or organization["OrganizationType"] == "Developer Edition":
        return False
    return not organization["TrialExpirationDate"]


def refuse_production(organization: Mapping[str, Any], environment: Mapping[str, str], *, production: bool) -> None:
    if not is_production(organization):
        return
    told = environment.get(PRODUCTION, "")
    if production and len(told) >= 15 and told[:15] == str(organization["Id"])[:15]:
        return
    raise Refused(
        f"{organization['Name']} ({organization['Id']}) is a production org: these tests write and delete. If it must be, say it twice: "
        f"--live-production, and {PRODUCTION} with the org's Id"
    )
