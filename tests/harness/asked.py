# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of the emulator's switches a job depends on at all: another setting of one that nobody asks about cannot make a difference to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator import org as emulated
from emulator.org import utc_now
from emulator.snapshots import Noted
from harness.direct import Bench, bench


def asked_by(job: Callable[[Bench], None], folder: Path, **seeding: Any) -> frozenset[str]:
    """Names of the switches that an org was asked about, from its making on, while the job was done in it, every switch as by default."""
    made: list[Noted] = []
    usual = emulated.chosen_switches

    def noted(chosen: Any) -> Noted:
        made.append(Noted(usual(chosen)))
        return made[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(emulated, "chosen_switches", noted)
        # With a clock of its own the org is none that was made before.
        with bench(folder, clock=utc_now, **seeding) as one:
            job(one)
    (switches,) = made
    assert len(switches.asked) > 25, "hardly anything was asked: the switches are no longer looked up as they were"
    return frozenset(switches.asked)
