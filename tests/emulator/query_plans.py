# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many rows a query would have, without running it for its caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.soql.compile import compile_query
from emulator.soql.functions import install
from emulator.soql.parser import parse
from emulator.soql.run import asking

if TYPE_CHECKING:
    from emulator.org import Org


def size_of_result(org: Org, user: str, soql: str, version: str) -> tuple[str, int]:
    """(sObject, rows). Raises ApiError as the query would."""
    plan = compile_query(parse(soql), asking(org, user, version, include_deleted=False))
    with org.computed_rows(user, plan.touched):
        install(org.store.connection)
        rows = org.store.connection.execute(plan.sql, plan.parameters).fetchall()
    return plan.sobject.name, rows[0][0] if plan.shape == "count" else len(rows)
