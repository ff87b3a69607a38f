# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a permission set of 600, 2,000 and 6,000 fields costs when nothing changes: API calls, this side's own time, and whether that grows faster
than the set. Time is that of the calling thread: the emulated org, which answers in other threads, is not in it.

The pure part is what happens between reading and writing: options to wishes, wishes to names, the plan, the report.
"""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.voiceops.salesforce.plugins.module_utils import _set_planning
from ansible_collections.voiceops.salesforce.plugins.module_utils._grants import Row
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_offer import Offer
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_planning import Current
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_state import SetState
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_wish import ARGUMENT_SPEC, desired
from emulator import seed
from harness.any_set import FIELDS, OBJECTS, Shape, Triples, put_set
from harness.big_set import by_name, content
from harness.direct import Bench, bench

SIZES = (600, 2000, 6000)
FIELDS_AN_OBJECT = 7
NAME = "Acme_Big_Set"


@dataclass(frozen=True)
class Cost:
    """seconds: of the whole unchanged task. pure: of its pure part."""

    fields: int
    calls: int
    seconds: float
    pure: float


def quickest(task: Callable[[], Any], times: int = 3) -> float:
    """Seconds of this thread's own time that the task takes at its quickest; without the garbage collection, as timeit does it, which would look
    through everything else that the process holds."""
    seconds = []
    gc.collect()
    gc.disable()
    try:
        for _unused in range(times):
            started = time.thread_time()
            task()
            seconds.append(time.thread_time() - started)
    finally:
        gc.enable()
    return min(seconds)


def pure_part(fields: int, times: int = 3) -> float:
    """Seconds that the pure part takes for a set of that many fields which is already as it should be: half of them asked for by name, all of them
    by a glob for each object and by their package."""
    names = [f"Big__Object_{number // FIELDS_AN_OBJECT:04d}__c.Big__Field_{number:05d}__c" for number in range(fields)]
    objects = sorted({name.partition(".")[0] for name in names})
    rights = {OBJECTS: ("read", "create", "edit", "delete"), FIELDS: ("read", "edit")}
    options = {
        "name": NAME,
        OBJECTS: [{"object": name, **dict.fromkeys(rights[OBJECTS], True)} for name in objects],
        FIELDS: [
            *({"field": name, "read": True, "edit": True} for name in names[::2]),
            *({"field": f"{name}.*", "read": True} for name in objects),
            {"package": "Big", "read": True, "edit": True},
        ],
    }
    checked = ArgumentSpecValidator(dict(ARGUMENT_SPEC)).validate(options)
    held = {
        section: {name: Row(f"row {name}", frozenset(rights[section])) for name in known}
        for section, known in ((OBJECTS, objects), (FIELDS, names))
    }
    empty = ("IsOwnedByProfile", "PermissionSetGroupId", "NamespacePrefix", "LicenseId", "Description", "HasActivationRequired")
    row = {**dict.fromkeys(empty), "Id": "0PS000000000001AAA", "Name": NAME, "Label": NAME, "IsCustom": True}
    current = Current(SetState(row, held), None, Offer({}, {name: name for name in objects}, frozenset(names)))

    def plan_and_report() -> None:
        wish = desired(checked.validated_parameters)
        plan = _set_planning.plan(wish, current)
        assert not plan, "the set is not as it should be: this measures something else"
        _set_planning.report(wish, current, plan)

    return quickest(plan_and_report, times)


def measured(fields: int, folder: Path) -> Cost:
    """An unchanged task over all of a wide org, by exact names."""
    with bench(folder, seed.wide("acme-uat", sandbox=True, objects=fields // FIELDS_AN_OBJECT, fields=fields)) as place:
        shape = Shape.of(place.org)
        everything = content(shape)
        put_set(shape, NAME, everything)
        seconds = quickest(lambda: _unchanged(place, everything))
        return Cost(fields, place.calls(), seconds, pure_part(fields))


def _unchanged(place: Bench, everything: Triples) -> None:
    place.new_run()
    options: dict[str, Any] = {"name": NAME, **by_name(everything)}
    result = place.task("permission_set", **options)
    assert not result.get("failed"), result["msg"]
    assert not result["changed"]


def table(costs: Sequence[Cost]) -> str:
    """A line for each size; the last columns say how dear a field is against one of the smallest set."""
    least = costs[0]
    lines = [f"{'fields':>7} {'calls':>6} {'own CPU s':>10} {'pure CPU s':>11} {'a field':>8} {'pure':>6}"]
    for cost in costs:
        per_field = [
            taken / cost.fields / (first / least.fields) for taken, first in ((cost.seconds, least.seconds), (cost.pure, least.pure))
        ]
        lines.append(f"{cost.fields:>7} {cost.calls:>6} {cost.seconds:>10.3f} {cost.pure:>11.3f} {per_field[0]:>8.2f} {per_field[1]:>6.2f}")
    return "\n".join(lines)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        print(table([measured(size, Path(folder) / str(size)) for size in SIZES]))


if __name__ == "__main__":
    main()
