# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What big permission sets cost: API calls with the login and the read-back, describes, and the machine's own time; and what is left where a
first run that takes many writes is cut off."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.permission_set_size import pure_part
from emulator import seed, snapshots
from emulator.faults import DropAfter, DropBefore, Fault
from harness.any_set import Shape, granted, put_set
from harness.big_set import HAND_MADE, SIZES, as_selectors, by_name, content
from harness.direct import Bench, bench
from harness.look import unchanged

NAME = "Acme_Big_Set"
WRITES = '"method": "(POST|PATCH|DELETE)"'
DESCRIBE = re.compile(r"/sobjects/(\w+)/describe$")
ALWAYS_DESCRIBED = {"PermissionSet", "ObjectPermissions", "FieldPermissions"}


@pytest.fixture(scope="module")
def _served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bench, snapshots.Snapshot]]:
    """An org that has room for the hand-made set."""
    with bench(Path(tmp_path_factory.mktemp("big")) / "run", seed.wide("acme-uat", sandbox=True, **HAND_MADE)) as made:
        yield made, snapshots.take(made.org)


@pytest.fixture(scope="module")
def _served_wide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bench, snapshots.Snapshot]]:
    """An org of 800 objects and 6,000 fields more."""
    with bench(Path(tmp_path_factory.mktemp("wide")) / "run", seed.wide("acme-uat", sandbox=True)) as made:
        yield made, snapshots.take(made.org)


@pytest.fixture
def big(_served: tuple[Bench, snapshots.Snapshot]) -> Bench:
    return _as_seeded(*_served)


@pytest.fixture
def wide(_served_wide: tuple[Bench, snapshots.Snapshot]) -> Bench:
    return _as_seeded(*_served_wide)


def _as_seeded(place: Bench, snapshot: snapshots.Snapshot) -> Bench:
    place.served.faults.clear()
    snapshots.restore(place.org, snapshot)
    place.new_run()
    return place


def run(place: Bench, **options: Any) -> dict[str, Any]:
    """A task of a run of its own, with its login."""
    place.new_run()
    return place.task("permission_set", name=NAME, **options)


def described(place: Bench) -> set[str]:
    """The objects that the last task described, those aside that say what sets can hold at all."""
    found = {match[1] for entry in place.entries() for sub in entry.subrequests if (match := DESCRIBE.search(sub.url))}
    return found - ALWAYS_DESCRIBED


def holds(place: Bench) -> frozenset[tuple[str, str, str]]:
    return granted(Shape.of(place.org), place.org.find("PermissionSet", Name=NAME)[0]["Id"])


# -- the hand-made set: 40 objects, 600 fields, 80 classes, 20 pages, 30 tabs ---------------------------------------------------------


def test_a_hand_made_set_costs_twelve_calls_then_three_and_five_for_one_field(big: Bench) -> None:
    shape = Shape.of(big.org)
    wanted = content(shape, SIZES)
    options = by_name(wanted)
    assert {section: len(lines) for section, lines in options.items()} == dict(SIZES)

    first = run(big, **options)
    assert first.get("msg") is None
    assert big.calls() <= 12
    assert holds(big) >= wanted

    unchanged(run(big, **options))
    assert big.calls() <= 3
    assert described(big) == set()

    more = next(name for name in sorted(shape.fields) if ("field_permissions", name, "read") not in wanted)
    one = run(big, **{**options, "field_permissions": [*options["field_permissions"], {"field": more, "read": True}]})
    assert [change["key"] for change in one["changes"]] == [f"{NAME}/{more}"]
    assert big.calls() <= 5
    assert described(big) == {more.partition(".")[0]}


def test_the_same_by_selectors_costs_four_calls_when_nothing_changes(big: Bench) -> None:
    options = as_selectors()
    first = run(big, **options)
    assert first.get("msg") is None
    assert len(first["changes"]) > 1000

    again = run(big, **options)
    unchanged(again)
    assert big.calls() <= 4
    assert described(big) == set()
    assert {item["name"] for item in again["passed_over"]} == computed(big), "fields that nobody can edit, and no others"


def computed(place: Bench) -> set[str]:
    """The invented fields of which describe says that nobody can edit them."""
    return {name for name, rights in Shape.of(place.org).fields.items() if "Wide" in name and "edit" not in rights}


# -- a wide org: 800 objects, 6,000 fields --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["names", "selectors"])
def test_an_unchanged_run_over_a_whole_wide_org_costs_twenty_calls_and_no_describe(wide: Bench, way: str) -> None:
    shape = Shape.of(wide.org)
    everything = content(shape)
    assert len({name for section, name, _right in everything if section == "field_permissions"}) == 6000
    options = by_name(everything) if way == "names" else as_selectors()
    put_set(shape, NAME, everything)

    started = time.thread_time()
    result = run(wide, **options)
    assert time.thread_time() - started < 2
    unchanged(result)
    assert {item["name"] for item in result["passed_over"]} == (computed(wide) if way == "selectors" else set())
    assert wide.calls() <= 20
    assert described(wide) == set()


def test_only_objects_with_a_missing_or_a_short_row_are_described(wide: Bench) -> None:
    shape = Shape.of(wide.org)
    everything = content(shape)
    missing_field = next(name for name in sorted(shape.fields) if "Wide_0100" in name)
    short_field = next(name for name in sorted(shape.fields) if "Wide_0200" in name and "edit" in shape.fields[name])
    short_object = next(name for name in shape.objects if "Wide_0300" in name)
    lacking = {
        *(item for item in everything if item[1] == missing_field),
        ("field_permissions", short_field, "edit"),
        ("object_permissions", short_object, "delete"),
    }
    put_set(shape, NAME, everything - lacking)

    done = run(wide, **by_name(everything))
    assert described(wide) == {missing_field.partition(".")[0], short_field.partition(".")[0], short_object}
    assert sorted(change["key"] for change in done["changes"]) == sorted(
        f"{NAME}/{name}" for name in (missing_field, short_field, short_object)
    )
    assert wide.calls() <= 20
    assert holds(wide) == everything


def test_no_step_of_the_pure_part_is_quadratic() -> None:
    """The best of a few rounds: what else the machine does makes one of them slower, and a quadratic step all of them, by a hundred times.
    A steady step costs ten times, and somewhat more for memory that no cache holds."""
    assert min(pure_part(6000) / pure_part(600) for _round in range(4)) < 20


# -- a first run that is cut off ------------------------------------------------------------------------------------------------------

# Eight collections, and five fit into the composite that makes the set.
MANY = {"object_permissions": 40, "field_permissions": 1100, "apex_classes": 30, "tabs": 10}


def writes(place: Bench) -> int:
    return sum(entry.kind == "write" for entry in place.entries())


def cut_off(place: Bench, action: DropBefore | DropAfter, at: int) -> None:
    """From that write on nothing goes through; after: the org still carries out that one."""
    place.served.faults.add(Fault(action, match_path="/composite$", match_body=WRITES, skip=at, times=1))
    place.served.faults.add(Fault(DropBefore(), match_path="/composite$", match_body=WRITES, skip=at + 1, times=None))


@pytest.mark.parametrize("action", [DropBefore(), DropAfter()], ids=["before", "after"])
@pytest.mark.parametrize("at", [0, 1])
def test_a_first_run_that_is_cut_off_leaves_nothing_or_what_the_next_one_completes(
    big: Bench, action: DropBefore | DropAfter, at: int
) -> None:
    wanted = content(Shape.of(big.org), MANY)
    options = by_name(wanted)
    cut_off(big, action, at)

    stopped = run(big, **options)
    assert writes(big) > at, "the run was over before it could be cut off"
    left = big.org.find("PermissionSet", Name=NAME)
    assert bool(left) is (at > 0 or isinstance(action, DropAfter))
    last = at == 1 and isinstance(action, DropAfter)
    assert bool(stopped.get("failed")) is not last, "what the org carried out without an answer is found when it is read back"
    assert stopped.get("changed", False) is bool(left)
    if left:
        assert holds(big) == wanted if last else holds(big) < wanted

    big.served.faults.clear()
    done = run(big, **options)
    assert not done.get("failed"), done["msg"]
    assert holds(big) == wanted
    unchanged(run(big, **options))
