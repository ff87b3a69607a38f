# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from harness.direct import VONAGE_CLONE, Bench


def test_smoke(uat: Bench) -> None:
    result = uat.task("permission_set", **VONAGE_CLONE)
    assert result["changed"]
    assert uat.calls() <= 8
