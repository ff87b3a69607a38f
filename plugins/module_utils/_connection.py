# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Connection options: one row each, the same for every module, in the task, on the host and in the environment.

An option is looked for in the task (module_defaults included), then in the host variable salesforce_<option>, then in the environment
variable SALESFORCE_<OPTION> (the environment: keyword before the process environment). An empty string counts as unset.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable

from ._errors import CONFIG, Problem

try:
    from ansible.module_utils.basic import env_fallback
    from ansible.module_utils.errors import AnsibleFallbackNotFound
except ImportError:  # the pure parts are usable without Ansible
    env_fallback = None


@dataclass(frozen=True)
class Row:
    """One connection option. secret: never shown (no_log)."""

    option: str
    type: str = "str"
    default: Any = None
    choices: tuple[str, ...] | None = None
    secret: bool = False

    @property
    def host_variable(self) -> str:
        return f"salesforce_{self.option}"

    @property
    def environment(self) -> str:
        return f"SALESFORCE_{self.option.upper()}"


_URL = re.compile(
    r"^(https://(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*(?::\d{1,5})?)(?:/.*)?$"
)
# The My Domain of a sandbox (Salesforce Help, My Domain URL Formats).
_SANDBOX_HOST = re.compile(r"^[a-z0-9-]+--([a-z0-9]+)\.sandbox\.my\.salesforce\.(?:com|mil)(?::\d+)?$")
_SANDBOX_NAME = re.compile(r"^[A-Za-z0-9_-]+$")
_VERSION = re.compile(r"^v?(\d{2,3})(?:\.0)?$")
_HEADROOM = re.compile(r"^(\d+)\s*(%?)$")

FLOWS = ("access_token", "client_credentials", "jwt_bearer")

TABLE: tuple[Row, ...] = (
    Row("auth", choices=FLOWS),
    Row("login_url", default="https://login.salesforce.com"),
    Row("instance_url"),
    Row("username"),
    Row("client_id"),
    Row("client_secret", secret=True),
    Row("private_key", secret=True),
    Row("private_key_file", type="path"),
    Row("audience"),
    Row("access_token", secret=True),
    Row("api_version", default="66.0"),
    Row("ca_path"),
    # It may hold a password.
    Row("proxy", secret=True),
    Row("timeout", type="int", default=60),
    Row("retry_time", type="int", default=60),
    Row("expected_org_id"),
    Row("allow_production", type="bool", default=False),
    Row("sandbox_name"),
    Row("min_api_headroom"),
)

# Decided by the action plugin before any module runs: not an option of the modules.
IN_PROCESS = Row("in_process", type="bool", default=True)
# Whether check mode remembers what this task plans, for later tasks of the run. A role that asks for a plan in the middle of a real run, only to
# look at it, sets it to false; what was remembered counts for its task either way.
REMEMBER = Row("remember", type="bool", default=True)
# Whether two hosts of an inventory may stand for one org. Most often they are a mistake: both would write the same records, at the same time.
SHARED = Row("shared_org", type="bool", default=False)


@dataclass(frozen=True)
class Connection:
    """How to reach and enter one org, after resolution. Times are seconds."""

    auth: str
    login_url: str
    api_version: str
    timeout: int
    retry_time: int
    allow_production: bool
    instance_url: str | None = None
    username: str | None = None
    client_id: str | None = None
    client_secret: str | None = None
    private_key: str | None = None
    private_key_file: str | None = None
    audience: str | None = None
    access_token: str | None = None
    ca_path: str | None = None
    proxy: str | None = None
    expected_org_id: str | None = None
    sandbox_name: str | None = None
    min_api_headroom: str | None = None

    def headroom(self, limit: int) -> int:
        """How many API calls of the org's allocation this run must leave to others; 0 where nothing is asked for."""
        found = _HEADROOM.match(self.min_api_headroom or "")
        if not found:
            return 0
        return -(-limit * int(found.group(1)) // 100) if found.group(2) else int(found.group(1))

    @property
    def secrets(self) -> list[str]:
        """Option values that must never be shown."""
        return [value for value in (self.client_secret, self.private_key, self.access_token, self.proxy) if value]

    @property
    def place(self) -> str:
        """The host of the org, for messages before its name is known."""
        url = self.instance_url or self.login_url
        return url.split("://", 1)[-1].split("/", 1)[0]


def argument_spec() -> dict[str, dict[str, Any]]:
    """The connection part of every module's argument spec."""
    spec: dict[str, dict[str, Any]] = {}
    for row in TABLE:
        # no_log is said of every option: sanity tests guess from names otherwise.
        entry: dict[str, Any] = {"type": row.type, "no_log": row.secret}
        if row.default is not None:
            entry["default"] = row.default
        if row.choices:
            entry["choices"] = list(row.choices)
        if env_fallback is not None:
            entry["fallback"] = (_set_in_environment, [row.environment])
        spec[row.option] = entry
    return spec


def _set_in_environment(*names: str) -> Any:
    """The environment's value, an empty text being none: AWX puts one there for each field that was left empty."""
    value = env_fallback(*names)
    if _unset(value):
        raise AnsibleFallbackNotFound
    return value


def resolve(
    task: Mapping[str, Any],
    host_variable: Callable[[str], Any],
    environment: Mapping[str, str],
) -> dict[str, Any]:
    """The task's options with every unset connection option filled from the host, then from the environment.

    host_variable: returns the host's value of that variable, templated, or None.
    """
    resolved = dict(task)
    for row in TABLE:
        if not _unset(resolved.get(row.option)):
            continue
        resolved.pop(row.option, None)
        for value in (host_variable(row.host_variable), environment.get(row.environment)):
            if not _unset(value):
                resolved[row.option] = value
                break
    return resolved


def connection(params: Mapping[str, Any]) -> Connection:
    """The connection that validated options describe. The flow is told by what is given when O(auth) is unset."""
    given: dict[str, Any] = {row.option: (None if _unset(params.get(row.option)) else params[row.option]) for row in TABLE}
    for row in TABLE:
        if given[row.option] is None:
            given[row.option] = row.default
    for option, value in given.items():
        # A line's end often comes along, from a file or a vaulted text.
        given[option] = value.strip() if isinstance(value, str) else value
    given["auth"] = given["auth"] or _flow_of(given)
    for url in ("login_url", "instance_url"):
        given[url] = _as_url(url, given[url])
    given["api_version"] = _as_version(given["api_version"])
    for option in ("timeout", "retry_time"):
        if given[option] < (1 if option == "timeout" else 0):
            raise _unusable(option, given[option], "Give seconds: a positive number (0 for retry_time repeats nothing).")
    if given["sandbox_name"] and not _SANDBOX_NAME.match(given["sandbox_name"]):
        raise _unusable("sandbox_name", given["sandbox_name"], "Give the name as Setup shows it (Sandboxes), such as uat, without a dot.")
    _check_headroom(given["min_api_headroom"])
    return Connection(**given)


def sandbox_of(host: str) -> str:
    """The name of the sandbox whose My Domain host that is; empty for every other host."""
    found = _SANDBOX_HOST.match(host.lower())
    return found.group(1) if found else ""


def _flow_of(given: Mapping[str, Any]) -> str:
    if given["access_token"]:
        return "access_token"
    if given["private_key"] or given["private_key_file"]:
        return "jwt_bearer"
    if given["client_secret"]:
        return "client_credentials"
    return "jwt_bearer"


def _unset(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _as_url(option: str, text: str | None) -> str | None:
    """The URL without its path. Only https: what a login sends must not be read on the way."""
    if text is None:
        return None
    found = _URL.match(text if "://" in text else f"https://{text}")
    if not found:
        raise _unusable(option, text, "Give an https URL such as https://acme.my.salesforce.com.")
    return found.group(1).lower()


def _as_version(text: str) -> str:
    """66 and v66.0 mean 66.0."""
    found = _VERSION.match(text)
    if not found:
        raise _unusable("api_version", text, 'Give a version such as "66.0"; GET /services/data lists those of an org.')
    return f"{found.group(1)}.0"


def _check_headroom(text: str | None) -> None:
    """Raises Problem for what is neither a number of calls nor a share of the allocation."""
    found = _HEADROOM.match(text) if text else None
    if text and (not found or (found.group(2) and int(found.group(1)) > 100)):
        raise _unusable(
            "min_api_headroom", text, "Give a number of API calls, such as 5000, or a share of the org's allocation, such as 10%."
        )


def _unusable(option: str, value: Any, remedy: str) -> Problem:
    return Problem(f"reading the option {option}", f"{value!r} is no value for it.", remedy, CONFIG, option)
