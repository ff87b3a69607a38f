# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.voiceops.salesforce.plugins.module_utils._member_standing import (
    FROZEN,
    IS_FROZEN,
    NO_RIGHT,
    NO_SERVICE_USER,
    SERVICE_CLOUD_USER,
    Grant,
    Standing,
    reasons,
)


def grant(*rights: str, group: str = "", of_profile: bool = False) -> Grant:
    return Grant("0Pa#1", "Some_Set", frozenset(rights), group, of_profile)


@pytest.mark.parametrize(
    ("active", "standing", "told"),
    [
        (True, Standing(True, False, (grant("agent"),)), ()),
        (True, Standing(True, False, (grant("admin"),)), ()),
        (True, Standing(True, None, (grant("supervisor"), grant("agent", group="0PG#1"))), ()),
        (True, Standing(True, False, (grant("supervisor"),)), (NO_RIGHT,)),
        (True, Standing(True, False, (grant(),)), (NO_RIGHT,)),
        (False, Standing(False, True), ("is inactive", NO_SERVICE_USER, IS_FROZEN, NO_RIGHT)),
    ],
)
def test_the_reasons_are_all_told_the_weightiest_first(active: bool, standing: Standing, told: tuple[str, ...]) -> None:
    assert reasons(active, standing) == told


@pytest.mark.parametrize(
    ("repaired", "gets_right", "left"),
    [
        ((), False, 4),
        ((SERVICE_CLOUD_USER,), False, 3),
        ((FROZEN,), False, 3),
        ((), True, 3),
        ((SERVICE_CLOUD_USER, FROZEN), True, 1),
    ],
)
def test_what_the_task_puts_right_is_no_reason_and_nobody_is_activated(repaired: tuple[str, ...], gets_right: bool, left: int) -> None:
    told = reasons(False, Standing(False, True), repaired, gets_right)
    assert (len(told), told[0]) == (left, "is inactive")


def test_rights_add_up_and_only_an_assignment_of_its_own_can_be_taken() -> None:
    standing = Standing(grants=(grant("agent"), grant("supervisor", group="0PG#1"), grant("admin", of_profile=True)))
    assert standing.rights == {"agent", "supervisor", "admin"}
    assert [one.direct for one in standing.grants] == [True, False, False]
