# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Served orgs of a test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from emulator import seed
from emulator.fleet import Fleet


@pytest.fixture
def serve() -> Iterator[Callable[..., Fleet]]:
    """Serve one org, by default the sandbox acme-uat; arguments go to seed.vonage."""
    with ExitStack() as stack:

        def start(**seeding: Any) -> Fleet:
            org = seed.vonage(**({"name": "acme-uat", "sandbox": True} | seeding))
            return stack.enter_context(Fleet([org]))

        yield start


@pytest.fixture
def three_orgs() -> Iterator[Fleet]:
    """The three orgs of the example inventory."""
    with Fleet(seed.fleet()) as fleet:
        yield fleet
