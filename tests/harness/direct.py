# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one procedure without Ansible around it: options in, result out, against one served org."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.voiceops.salesforce.plugins.module_utils import (
    _api_user_info,
    _contact_center_info,
    _contact_center_member,
    _contact_center_routing_map,
    _org_info,
    _package_license_assignment,
    _permission_set,
    _permission_set_assignment,
    _permission_set_group,
    _permission_set_group_info,
    _permission_set_info,
    _permission_set_license_assignment,
    _preflight_info,
    _profile_info,
    _setup_audit_info,
    _soql_info,
    _user,
    _user_info,
)
from ansible_collections.voiceops.salesforce.plugins.module_utils._auth import jwt_bearer
from ansible_collections.voiceops.salesforce.plugins.module_utils._connection import connection
from ansible_collections.voiceops.salesforce.plugins.module_utils._converge import Noun
from ansible_collections.voiceops.salesforce.plugins.module_utils._module import full_spec, outcome
from ansible_collections.voiceops.salesforce.plugins.module_utils._org import Org as MetOrg
from ansible_collections.voiceops.salesforce.plugins.module_utils._org import Run
from emulator import seed
from emulator.fleet import Fleet
from emulator.http_api.served import Served
from emulator.journal import Entry
from emulator.org import Org

# Parsing a key proves its primes, 30 ms each time: a process whose every login uses the same one need not wait for that again.
jwt_bearer.load_pem_private_key = lru_cache(maxsize=8)(jwt_bearer.load_pem_private_key)

NOUNS: Mapping[str, Noun] = {
    noun.name: noun
    for noun in (
        _api_user_info.NOUN,
        _contact_center_info.NOUN,
        _contact_center_member.NOUN,
        _contact_center_routing_map.NOUN,
        _org_info.NOUN,
        _package_license_assignment.NOUN,
        _permission_set.NOUN,
        _permission_set_assignment.NOUN,
        _permission_set_group.NOUN,
        _permission_set_group_info.NOUN,
        _permission_set_info.NOUN,
        _permission_set_license_assignment.NOUN,
        _preflight_info.NOUN,
        _profile_info.NOUN,
        _setup_audit_info.NOUN,
        _soql_info.NOUN,
        _user.NOUN,
        _user_info.NOUN,
    )
}

# What the first document asks for, by globs; the api_user role asks the same by package.
VONAGE_CLONE: Mapping[str, Any] = {
    "name": "Acme_Vonage_API_User",
    "clone_from": {"namespace": "NVMContactWorld", "label": "ContactWorld API user"},
    "user_permissions": ["ApiEnabled", "EditTask", "PasswordNeverExpires"],
    "object_permissions": [
        {
            "object": "NVMContactWorld__*",
            "read": True,
            "create": True,
            "edit": True,
            "delete": True,
            "view_all_records": True,
            "modify_all_records": True,
        }
    ],
    "field_permissions": [{"field": "NVMContactWorld__*", "read": True, "edit": True}],
    "apex_classes": ["NVMContactWorld__*"],
    "visualforce_pages": ["NVMContactWorld__*"],
}


class Clock:
    """A clock that only sleeping moves, so that retries cost a test no time."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@dataclass
class Bench:
    """One served org and a run's folder: every task of a bench belongs to one run, and shares its login and its memory."""

    fleet: Fleet
    served: Served
    folder: Path
    clock: Clock = field(default_factory=Clock)
    mark: int = 0

    @property
    def org(self) -> Org:
        return self.served.org

    @property
    def info(self) -> dict[str, Any]:
        return self.org.seed_info

    def connection(self) -> dict[str, Any]:
        """The org's connection options, production allowed."""
        given = self.fleet.connection(self.served.name)
        return {name.removeprefix("salesforce_"): value for name, value in given.items()} | {"allow_production": True}

    def task(self, module: str, *, check: bool = False, environment: Mapping[str, str] | None = None, **options: Any) -> dict[str, Any]:
        """Run a module's procedure; its result as Ansible would get it. Connection options may be overridden, None unsets one."""
        self.mark = self.served.journal.last_seq
        noun = NOUNS[module]
        given = {name: value for name, value in (self.connection() | options).items() if value is not None}
        checked = ArgumentSpecValidator(full_spec(noun), **noun.constraints).validate(given)
        assert not checked.error_messages, checked.error_messages
        run = Run(
            check_mode=check,
            scratch=self.folder,
            environment=dict(os.environ) if environment is None else dict(environment),
            tokens=self.folder,
            memory=self.folder,
            monotonic=self.clock.monotonic,
            sleep=self.clock.sleep,
        )
        return outcome(noun, checked.validated_parameters, run)

    def meet(self, *, lines: list[str] | None = None, **options: Any) -> MetOrg:
        """The org as a noun's functions meet it, logged in. lines: where progress is told."""
        run = Run(
            check_mode=False,
            scratch=self.folder,
            environment=dict(os.environ),
            tokens=self.folder,
            memory=self.folder,
            monotonic=self.clock.monotonic,
            sleep=self.clock.sleep,
            progress=None if lines is None else lines.append,
        )
        org = MetOrg(connection(self.connection() | options), run)
        org.log_in()
        self.mark = self.served.journal.last_seq
        return org

    def entries(self) -> tuple[Entry, ...]:
        """What the last task asked of the org, request by request."""
        return self.served.journal.since(self.mark)

    def calls(self) -> int:
        """API calls of the last task, its login included."""
        return sum(entry.calls for entry in self.entries())

    def new_run(self) -> None:
        """Forget login and memory: the next task belongs to another run."""
        for path in self.folder.iterdir():
            path.unlink()


@contextmanager
def bench(folder: Path, org: Org | None = None, **seeding: Any) -> Iterator[Bench]:
    """A bench with an org of its own, by default the sandbox acme-uat; seeding goes to seed.vonage."""
    if org is None:
        org = seed.vonage(**({"name": "acme-uat", "sandbox": True, "features": seed.DEFAULT_FEATURES | {"user_access_policies"}} | seeding))
    folder.mkdir(parents=True, exist_ok=True)
    with Fleet([org]) as fleet:
        yield Bench(fleet, fleet.orgs[org.name], folder)
