# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Benches: an emulated org of its own for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from emulator.org import Org
from harness.direct import Bench, bench


@pytest.fixture
def make_bench(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    """A maker of benches; each goes when the test ends. Arguments go to seed.vonage, or give an org."""
    with ExitStack() as stack:
        count = 0

        def make(org: Org | None = None, **seeding: Any) -> Bench:
            nonlocal count
            count += 1
            return stack.enter_context(bench(tmp_path / f"run{count}", org, **seeding))

        yield make


@pytest.fixture
def uat(make_bench: Callable[..., Bench]) -> Bench:
    """The sandbox acme-uat, where User Access Policies are on."""
    return make_bench()
