# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every molecule scenario: an emulated org is created, converged, converged again without a change and verified; somebody changes it by hand, which is
found and repaired; it is destroyed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tooling.workspace import ROOT

SCENARIOS = sorted(path.parent.name for path in (ROOT / "extensions" / "molecule").glob("*/molecule.yml"))


def test_every_role_has_a_scenario() -> None:
    roles = sorted(path.name for path in (ROOT / "roles").iterdir())
    assert roles == SCENARIOS


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_scenario_passes(scenario: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("molecule")), "--base-config", "molecule/config.yml", "test", "-s", scenario],
        cwd=ROOT / "extensions",
        env=os.environ | {"HOME": str(tmp_path), "MOLECULE_EPHEMERAL_DIRECTORY": str(tmp_path / "scenario"), "ANSIBLE_NOCOLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    told = re.sub(r"\x1b\[\d+m", "", done.stdout)
    # In its place, and again in the summary.
    for action, times in {"converge": 1, "idempotence": 1, "verify": 2, "side_effect": 1, "destroy": 2}.items():
        assert told.count(f"{action}: Executed: Successful") == 2 * times, done.stdout
    assert not list((tmp_path / "scenario").glob("emulator.pid")), "the emulator was left running"
