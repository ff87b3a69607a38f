# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A company with as many orgs as one likes: production and sandboxes of it, each with the example's package and centers.

Production knows its sandboxes (seed/sandboxes.py) and is a Dev Hub. Every tenth sandbox, the first to begin with, has user access policies.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from emulator.org import Org, ids_of
from emulator.seed.sandboxes import put_sandbox, put_scratch_org
from emulator.seed.vonage import DEFAULT_FEATURES, vonage

LICENSES = ("DEVELOPER", "DEVELOPER_PRO", "PARTIAL", "FULL")
OLDEST = 120
"""Days since the oldest refresh."""


def many(count: int, *, members: int = 20, production: str = "acme", clock: Callable[[], datetime] | None = None) -> list[Org]:
    """Production and count - 1 sandboxes of it; members: agents of each in its center AcmeVoice. production: its My Domain name; the orgs are
    called acme-production, acme-s01, acme-s02 and so on, usernames of a sandbox end in its name. Raises ValueError for less than one org."""
    return [build() for build in many_builders(count, members=members, production=production, clock=clock).values()]


def many_builders(
    count: int, *, members: int = 20, production: str = "acme", clock: Callable[[], datetime] | None = None
) -> dict[str, Callable[[], Org]]:
    """Org name -> how to build it, the same each time."""
    if count < 1:
        raise ValueError(f"a fleet has one org or more, not {count}")
    sandboxes = [f"s{number:02d}" for number in range(1, count)]
    hub: Callable[[], Org] = partial(_production, production, sandboxes, members, clock)
    below = {
        f"{production}-{name}": partial(_sandbox, production, name, number, members, clock)
        for number, name in enumerate(sandboxes, start=1)
    }
    return {f"{production}-production": hub, **below}


def days_since_refresh(number: int) -> int:
    """Of the sandbox of that number, from 1 on: the first two days, the others spread over weeks, in no order."""
    return (11 * number - 10) % OLDEST + 1


def _production(my_domain: str, sandboxes: list[str], members: int, clock: Callable[[], datetime] | None) -> Org:
    org = vonage(f"{my_domain}-production", members=members, features=DEFAULT_FEATURES | {"dev_hub"}, clock=clock, my_domain=my_domain)
    now = org.clock()
    for number, name in enumerate(sandboxes, start=1):
        put_sandbox(
            org,
            name,
            license_type=LICENSES[number % len(LICENSES)],
            organization=ids_of(f"{my_domain}-{name}").new("00D"),
            ended=now - timedelta(days=days_since_refresh(number)),
            description=f"Sandbox {number} of {len(sandboxes)}",
        )
    put_sandbox(org, "copying", license_type="FULL", status="Processing", progress=42, started=now - timedelta(hours=3))
    put_sandbox(org, "gone", organization=ids_of(f"{my_domain}-gone").new("00D"), ended=now - timedelta(days=200), deleted=True)
    put_scratch_org(org, "Feature 1", expires=now + timedelta(days=5))
    put_scratch_org(org, "Feature 0", expires=now - timedelta(days=2))
    return org


def _sandbox(my_domain: str, name: str, number: int, members: int, clock: Callable[[], datetime] | None) -> Org:
    policies = {"user_access_policies"} if number % 10 == 1 else set()
    features = DEFAULT_FEATURES | policies
    return vonage(f"{my_domain}-{name}", sandbox=True, members=members, features=features, clock=clock, my_domain=f"{my_domain}--{name}")
