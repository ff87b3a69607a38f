# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every switch of the emulator really changes something: under every two of its settings a probe sees something else."""

from __future__ import annotations

from itertools import combinations

import pytest

from emulator.evidence import import_everything
from emulator.rules.registry import switches
from harness import switch_probes, switch_probes_http

import_everything()
PROBES = {**switch_probes.PROBES, **switch_probes_http.PROBES}
SWITCHES = switches()


def test_every_switch_has_a_probe() -> None:
    missing = sorted(set(SWITCHES) - set(PROBES))
    assert not missing, f"no probe in tests/harness/switch_probes*.py for: {', '.join(missing)}"


def test_no_probe_is_left_over() -> None:
    assert set(PROBES) <= set(SWITCHES)
    assert not set(switch_probes.PROBES) & set(switch_probes_http.PROBES)


def test_every_switch_has_settings_to_choose_from() -> None:
    assert all(len(set(switch.settings)) == len(switch.settings) >= 2 for switch in SWITCHES.values())


@pytest.mark.parametrize("name", sorted(set(PROBES) & set(SWITCHES)))
def test_every_two_settings_differ(name: str) -> None:
    settings = SWITCHES[name].settings
    seen = {setting: PROBES[name](switch_probes.org_with(name, setting)) for setting in settings}
    assert PROBES[name](switch_probes.org_with(name, settings[0])) == seen[settings[0]], "the probe itself is not the same twice"
    same = [(one, other) for one, other in combinations(settings, 2) if seen[one] == seen[other]]
    assert not same, f"{same} cannot be told apart: {seen}"
