# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which records of an object were deleted, or added and changed, within a time span."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from emulator.errors import ApiError, NotEmulated
from emulator.model import SObject
from emulator.rules.registry import Grade, Switch, rule
from emulator.stamps import read_stamp, stamp

if TYPE_CHECKING:
    from emulator.org import Org

OLDEST_START = timedelta(days=30)
OLDEST_DELETED = timedelta(days=15)
MINUTE = timedelta(minutes=1)

rule(
    "get_deleted",
    says="{deletedRecords: [{id, deletedDate}], earliestDateAvailable, latestDateCovered}; seconds of start and end are ignored; nothing "
    "older than 15 days; a start that does not precede the end: INVALID_REPLICATION_DATE. latestDateCovered is the end, or now where "
    "that is earlier (the guide's example fits); earliestDateAvailable is the day 15 days ago, real orgs tell of their last purge",
    grade=Grade.DOCUMENTED,
    source="REST API Developer Guide, sObject Get Deleted; Get a List of Deleted Records; SOAP API Developer Guide, getDeleted()",
)
rule(
    "get_deleted_span",
    says="the start precedes the end by more than a minute (documented), or by a minute at least, as clients do",
    grade=Grade.INFERRED,
    source="SOAP API Developer Guide, getDeleted(); the Drupal and WordPress clients ask for exactly 60 seconds",
    switch=Switch("get_deleted_span", ("more_than_a_minute", "a_minute")),
)
rule(
    "get_updated",
    says="{ids, latestDateCovered} of records that are not deleted, by SystemModstamp, else LastModifiedDate; seconds are ignored",
    grade=Grade.DOCUMENTED,
    source="REST API Developer Guide, sObject Get Updated; SOAP API Developer Guide, getUpdated()",
)
rule(
    "replication_start",
    says="a start of more than 30 days ago: INVALID_REPLICATION_DATE 'startDate cannot be more than 30 days ago'",
    grade=Grade.QUOTED,
    source="Object Reference, EventLogFile (API event type) prints the words; public clients name the code",
)
rule(
    "not_replicateable",
    says="an object whose describe says replicateable false has neither resource (documented); the code is not",
    grade=Grade.INFERRED,
    source="SOAP API Developer Guide, getDeleted(); both codes are ExceptionCodes of the Partner WSDL",
    switch=Switch("not_replicateable_code", ("INVALID_TYPE_FOR_OPERATION", "INVALID_TYPE")),
)


def deleted(org: Org, sobject: SObject, start: str, end: str) -> dict[str, Any]:
    """What GET .../deleted/ answers. Raises ApiError."""
    begin, until = _span(org, sobject, start, end)
    shortest = MINUTE if org.switches["get_deleted_span"] == "a_minute" else 2 * MINUTE  # whole minutes: more than one is two
    if until - begin < shortest:
        raise _bad_date("startDate must be at least one minute greater than endDate")
    earliest = _minute(org.clock()) - OLDEST_DELETED
    rows = org.store.deleted(sobject.name, stamp(max(begin, earliest)), stamp(until))
    return {
        "deletedRecords": [{"id": record_id, "deletedDate": at} for record_id, at in rows],
        "earliestDateAvailable": stamp(earliest),
        "latestDateCovered": _covered(org, until),
    }


def updated(org: Org, sobject: SObject, start: str, end: str) -> dict[str, Any]:
    """What GET .../updated/ answers. Raises ApiError."""
    begin, until = _span(org, sobject, start, end)
    if begin >= until:
        raise _bad_date("startDate must precede endDate")
    column = next((name for name in ("SystemModstamp", "LastModifiedDate") if name in sobject.fields), None)
    if column is None:
        raise NotEmulated(f"changes of {sobject.name}, which has no SystemModstamp")
    return {"ids": org.store.between(sobject.name, column, stamp(begin), stamp(until)), "latestDateCovered": _covered(org, until)}


def _span(org: Org, sobject: SObject, start: str, end: str) -> tuple[datetime, datetime]:
    if not sobject.replicateable:
        raise ApiError(400, org.switches["not_replicateable_code"], f"{sobject.name} is not replicateable", None)
    begin, until = _moment(start), _moment(end)
    if begin < org.clock() - OLDEST_START:
        raise _bad_date("startDate cannot be more than 30 days ago")
    return begin, until


def _moment(text: str) -> datetime:
    try:
        return _minute(read_stamp(text))
    except ValueError as broken:
        raise NotEmulated(f"the dateTime {text!r} for a time span") from broken


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _covered(org: Org, until: datetime) -> str:
    return stamp(min(until, _minute(org.clock())))


def _bad_date(words: str) -> ApiError:
    return ApiError(400, "INVALID_REPLICATION_DATE", words, None)
