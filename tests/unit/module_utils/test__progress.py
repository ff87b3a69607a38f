# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines of progress: what they say, and how seldom."""

from __future__ import annotations

import pytest

from ansible_collections.voiceops.salesforce.plugins.module_utils import _progress
from ansible_collections.voiceops.salesforce.plugins.module_utils._progress import Progress
from harness.direct import Clock

LABEL = "Acme (acme.my.salesforce.com)"


@pytest.mark.parametrize(
    ("done", "seconds", "usage", "told"),
    [
        (400, 10.47, {"used": 1204, "limit": 100_000}, "members 400/1000, 38.2/s, API 1,204/100,000"),
        (0, 5, None, "members 0/1000, 0.0/s"),
        (1000, 0, {"used": 3, "limit": 15_000}, "members 1000/1000, API 3/15,000"),
    ],
)
def test_a_line_says_which_org_how_far_how_fast_and_at_what_cost(
    done: int, seconds: float, usage: dict[str, int] | None, told: str
) -> None:
    assert _progress.line(LABEL, "members", done, 1000, seconds, usage) == f"[{LABEL}] {told}"


def test_the_first_line_comes_after_five_seconds_and_then_one_each_five() -> None:
    clock, lines = Clock(), list[str]()
    progress = Progress(lines.append, clock.monotonic, LABEL, "users", 100)
    said = []
    for done in range(1, 21):
        clock.sleep(1)
        progress.tell(None, done)
        said.append(len(lines))
    assert said == [0] * 4 + [1] * 5 + [2] * 5 + [3] * 5 + [4]
    assert lines[1] == f"[{LABEL}] users 10/100, 1.0/s"


def test_what_is_done_for_certain_counts_with_what_is_coming() -> None:
    clock, lines = Clock(), list[str]()
    progress = Progress(lines.append, clock.monotonic, LABEL, "users", 100)
    progress.done += 40
    clock.sleep(10)
    progress.tell(None, 10)
    assert lines == [f"[{LABEL}] users 50/100, 5.0/s"]


def test_nobody_listens_and_nothing_is_said() -> None:
    clock = Clock()
    progress = Progress(None, clock.monotonic, LABEL, "users", 100)
    clock.sleep(100)
    progress.tell(None, 50)
