# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""/limits and /limits/recordCount."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.bulk.life import limits as bulk_limits
from emulator.errors import ApiError, not_found
from emulator.http_api.messages import Answer, require_method
from emulator.http_api.versions import require_version
from emulator.rules.registry import Grade, rule

if TYPE_CHECKING:
    from emulator.http_api.resources import Ask
    from emulator.http_api.served import Served

RECORD_COUNT = rule(
    "record_count",
    says="{sObjects: [{count, name}]} for the objects asked for, or for all; unknown names are left out; View Setup and Configuration is "
    "needed",
    grade=Grade.DOCUMENTED,
    source="REST API Developer Guide, Record Count; Record Count Response Body",
)


def answer(served: Served, user: str, ask: Ask) -> Answer:
    require_method(ask.method, "GET")
    if len(ask.parts) > 2 or ask.parts[1:] not in ((), ("recordCount",)):
        raise not_found()
    if "ViewSetup" not in served.org.permissions_of(user):
        raise ApiError(403, "INSUFFICIENT_ACCESS", "You don't have the View Setup and Configuration permission", None)
    if len(ask.parts) == 1:
        return Answer(200, _limits(served))
    require_version(ask.version, 40)
    wanted = [name.strip() for name in ask.query.get("sObjects", "").split(",") if name.strip()]
    counts = served.org.record_counts(user, wanted, ask.version)
    return Answer(200, {"sObjects": [{"count": count, "name": name} for name, count in counts.items()]})


def _limits(served: Served) -> dict[str, dict[str, int]]:
    settings = served.org.settings
    calls = served.journal.usage + 1  # this call counts too
    used = -(-served.org.data_kilobytes() // 1024)
    return {
        **bulk_limits(served.org),
        "DailyApiRequests": {"Max": settings.api_limit, "Remaining": max(0, settings.api_limit - calls)},
        "DataStorageMB": {"Max": settings.data_storage_mb, "Remaining": max(0, settings.data_storage_mb - used)},
        "FileStorageMB": {"Max": settings.file_storage_mb, "Remaining": settings.file_storage_mb},
    }
