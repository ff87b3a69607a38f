# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes that somebody makes by hand in Setup: past the rules of the API, but seen by the Setup Audit Trail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from emulator.ids import to_18
from emulator.rules.audit_trail import NAME, note
from emulator.rules.registry import Change, Op

if TYPE_CHECKING:
    from emulator.org import Org


def by_hand(
    org: Org,
    op: Op,
    sobject: str,
    fields: Mapping[str, Any] | None = None,
    *,
    where: Mapping[str, Any] | None = None,
    id: str | None = None,
    by: str | None = None,
    at: datetime | None = None,
) -> list[str]:
    """The Ids of the records that were inserted, updated or deleted. where: which ones, by what their columns are; or id: which one. by: the username of
    who does it, else the seed's administrator. at: when, if not now. Raises KeyError for a user, an object, a field or a record that is not there."""
    user = user_named(org, by)
    found = org.schema.sobject(sobject)
    if found is None:
        raise KeyError(sobject)
    stamps = {"LastModifiedById": user, "LastModifiedDate": at or org.clock()}
    values = {**{name: value for name, value in stamps.items() if name in found.fields}, **(fields or {})}
    with org.transaction():
        if op == "insert":
            created = {"CreatedById": user, "CreatedDate": at or org.clock()}
            record_id = org.put(found.name, **{name: value for name, value in created.items() if name in found.fields}, **values)
            note(org, user, Change(op, found.name, record_id, {}, {}, org.get(found.name, record_id) or {}), at=at)
            return [record_id]
        rows = org.find(found.name, **where) if where else [org.get(found.name, str(to_18(id or "") or id))]
        known = [row for row in rows if row is not None]
        if not where and not known:
            raise KeyError(f"no {found.name} {id}")
        for row in known:
            _change(org, user, op, found.name, row, values, at)
    return [str(row["Id"]) for row in known]


def _change(org: Org, user: str, op: Op, sobject: str, row: Mapping[str, Any], values: Mapping[str, Any], at: datetime | None) -> None:
    record_id = str(row["Id"])
    if op == "update":
        org.set(sobject, record_id, **values)
        note(org, user, Change(op, sobject, record_id, row, {}, org.get(sobject, record_id) or {}), at=at)
        return
    org.remove(sobject, record_id)
    note(org, user, Change(op, sobject, record_id, row, {}, {}), at=at)


def put_audit(
    org: Org,
    action: str,
    display: str,
    *,
    section: str | None = "Manage Users",
    by: str | None = None,
    at: datetime | None = None,
    delegate: str | None = None,
) -> str:
    """The Id of a row in the trail, whatever it says. by: a username, else the seed's administrator. delegate: who was logged in as that user. Raises
    KeyError for an unknown user."""
    values = {"CreatedById": user_named(org, by), "CreatedDate": at or org.clock(), "DelegateUser": delegate}
    return org.put(NAME, Action=action, Display=display, Section=section, **values)


def user_named(org: Org, username: str | None) -> str:
    """The Id of that user, or of the administrator. Raises KeyError."""
    wanted = username or str(org.seed_info.get("admin_username", ""))
    found = org.find("User", Username=wanted)
    if not found:
        raise KeyError(f"{org.name} has no user {wanted}")
    return str(found[0]["Id"])
