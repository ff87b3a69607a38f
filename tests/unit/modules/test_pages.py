# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Queries come in pages of whatever size the org likes: plan and end state are the same."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from harness.cases import CASES, Case, state_of
from harness.direct import Bench
from harness.look import unchanged


@pytest.mark.parametrize("size", ["1", "200", "random"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_plan_and_end_state_do_not_depend_on_the_size_of_pages(make_bench: Callable[..., Bench], case: Case, size: str) -> None:
    whole, paged = make_bench(), make_bench()
    paged.org.settings.page_size = random.randint(2, 40) if size == "random" else int(size)
    results: list[dict[str, Any]] = []
    for bench in (whole, paged):
        case.prepare(bench.org)
        results.append(case.run(bench))
        assert results[-1].get("msg") is None
    told = f"pages of {paged.org.settings.page_size} rows"
    assert results[0]["changes"] == results[1]["changes"], told
    assert state_of(whole.org) == state_of(paged.org), told
    unchanged(case.run(paged))


@pytest.mark.parametrize("size", [1, 7, 200])
def test_every_member_of_a_large_center_is_seen_whatever_the_size_of_pages(make_bench: Callable[..., Bench], size: int) -> None:
    bench = make_bench(agents=60)
    bench.org.settings.page_size = size
    joined = bench.info["agents"]
    bench.task("contact_center_member", contact_center="AcmeVoice", users=joined)
    kept = joined[:5]
    result = bench.task("contact_center_member", contact_center="AcmeVoice", users=kept, state="exact", max_removals=100)
    left = {change["key"].split("/")[1] for change in result["changes"]}
    assert left == {*joined[5:], bench.info["users"]["member"]}
    assert bench.calls() >= 60 // size
