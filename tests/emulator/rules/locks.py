# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a locked record is answered. What locks one is a fault that a test sets; the answer is the org's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.errors import ApiError
from emulator.rules.registry import Grade, Switch, rule

if TYPE_CHECKING:
    from emulator.org import Org

LOCK_STATUS = Switch("lock_status", ("400", "409", "500"))

rule(
    "a_locked_record",
    says="Writing a record that another transaction holds answers UNABLE_TO_LOCK_ROW and names the record.",
    grade=Grade.QUOTED,
    source="facts permission-api C4 and G",
)
rule(
    "http_status_of_a_locked_record",
    says="The HTTP status of a request for one record that is locked; in collections and jobs the code stands with the record.",
    grade=Grade.INFERRED,
    source="facts permission-api C4 and I: 400 in most reports, 500 in some mocks; 409 is what the status is for",
    switch=LOCK_STATUS,
)


def locked(org: Org, record_id: str) -> ApiError:
    words = f"unable to obtain exclusive access to this record or 1 records: {record_id}"
    return ApiError(int(org.switches[LOCK_STATUS.name]), "UNABLE_TO_LOCK_ROW", words)
