# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""contact_center_member with a thousand users to add and with ten thousand members: API calls (the login counted), time and memory."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from emulator import seed
from harness.direct import Bench
from harness.look import last_read, members, queries, unchanged

CENTER = "AcmeVoice"
MEGABYTE = 1_000_000


def task(bench: Bench, users: list[str], state: str = "present", **more: Any) -> dict[str, Any]:
    return bench.task("contact_center_member", contact_center=CENTER, users=users, state=state, batch_size=200, **more)


def polls(bench: Bench) -> int:
    """Questions for a job's state, and for whether users are members yet."""
    waiting = [entry for entry in bench.entries() if entry.method == "GET" and "/jobs/ingest/" in entry.path]
    asking = [
        entry
        for entry in bench.entries()
        if any("SELECT%20Username%2C%20CallCenterId%20FROM%20User" in sub.url for sub in entry.subrequests)
    ]
    return len(waiting) + len(asking)


@pytest.mark.parametrize("more", [{}, {"role": "agent"}], ids=["as they are", "with the role's set where it is needed"])
def test_a_thousand_users_are_added_by_field_in_seven_calls_and_two_when_nothing_changes(
    make_bench: Callable[..., Bench], more: dict[str, Any]
) -> None:
    bench = make_bench(agents=1000)
    first = task(bench, bench.info["agents"], **more)
    assert (first.get("msg"), len(first["changes"])) == (None, 1000)
    assert bench.calls() <= 7
    assert members(bench.org) >= set(bench.info["agents"])
    bench.new_run()
    unchanged(task(bench, bench.info["agents"], **more))
    assert bench.calls() <= 2


def test_a_thousand_users_are_added_by_bulk_in_ten_calls_and_polls(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(name="acme-prod", sandbox=False, agents=1000)
    seed.vendor_syncs(bench.org, CENTER)
    first = task(bench, bench.info["agents"], method="bulk")
    assert (first.get("msg"), len(first["changes"])) == (None, 1000)
    assert polls(bench) >= 2
    assert bench.calls() - polls(bench) <= 10
    assert members(bench.org) >= set(bench.info["agents"])
    bench.new_run()
    unchanged(task(bench, bench.info["agents"], method="bulk"))
    assert bench.calls() <= 2


def test_fifty_changes_among_ten_thousand_members_cost_nine_calls_and_read_back_the_fifty(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(members=9_999, agents=10_024)
    everybody = [*bench.info["agents"][:9_999], bench.info["users"]["member"]]
    started = time.process_time()
    unchanged(task(bench, everybody, "exact"))
    assert bench.calls() <= 6

    wanted = [*bench.info["agents"][25:10_024], bench.info["users"]["member"]]
    bench.new_run()
    result = task(bench, wanted, "exact", max_removals=25)
    assert (result.get("msg"), len(result["changes"]), result["unchanged"]) == (None, 50, 9_975)
    assert bench.calls() <= 9
    (query,) = last_read(bench.entries())
    assert query.count("@acme.example") == 50
    assert members(bench.org) == set(wanted)
    # The emulator serves in this process, too.
    assert time.process_time() - started < 20


def test_names_of_production_cost_no_more_in_a_sandbox(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(members=9_999, agents=10_024)
    names = [name.removesuffix(".uat") for name in bench.info["agents"]]
    wanted = [*names[25:], bench.info["users"]["member"]]
    result = task(bench, wanted, "exact", max_removals=25, sandbox_name="uat")
    assert (result.get("msg"), len(result["changes"])) == (None, 50)
    assert bench.calls() <= 9
    bench.new_run()
    unchanged(task(bench, wanted, "exact", sandbox_name="uat"))
    assert bench.calls() <= 6


def test_so_many_users_are_not_asked_for_by_name_where_they_are_members(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(members=2_500, agents=2_510)
    result = task(bench, bench.info["agents"])
    assert (result.get("msg"), len(result["changes"])) == (None, 10)
    assert bench.calls() <= 6
    named = [query.count("@acme.example") for entry in bench.entries() for query in queries(entry)]
    assert max(named) == 10
    bench.new_run()
    unchanged(task(bench, bench.info["agents"]))


def test_so_many_users_are_removed_where_few_of_them_are_members(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(members=60, agents=2_110)
    result = task(bench, bench.info["agents"], "absent")
    assert (result.get("msg"), len(result["changes"]), members(bench.org)) == (None, 60, {bench.info["users"]["member"]})
    assert bench.calls() <= 7


def test_ten_thousand_members_take_less_than_150_megabytes(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(members=9_999, agents=10_024)
    wanted = [*bench.info["agents"][25:10_024], bench.info["users"]["member"]]
    tracemalloc.start()
    try:
        result = task(bench, wanted, "exact", max_removals=25, check=True)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(result["changes"]) == 50
    assert peak < 150 * MEGABYTE


def test_what_is_unchanged_is_read_without_its_rights_and_seats(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(members=50)
    unchanged(task(bench, bench.info["agents"], role="agent", method="bulk", repair=["frozen", "service_cloud_user"]))
    words = " ".join(sub.url for entry in bench.entries() for sub in entry.subrequests)
    assert [name for name in ("PermissionSet", "UserLogin", "ContactCenterBulkOp", "UserPermissionsSupportUser") if name in words] == []
