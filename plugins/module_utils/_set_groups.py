# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Permission set groups: naming one, its row in the shape of a set's, what it mutes, and how long to wait for it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from . import _ids, _set_reference
from ._errors import CONFIG, Problem
from ._set_reference import SetReference
from ._soql import quote

# How plans call what belongs to groups; a member's key is <group>/<set>, an assignment's <group>/<username>.
KIND = "permission_set_group"
MEMBER_KIND = "permission_set_group_component"
MUTED_KIND = "muted_user_permissions"
MUTING_KIND = "muting_permission_set"
ASSIGNMENT_KIND = "permission_set_group_assignment"

FIELDS = "Id, DeveloperName, MasterLabel, Description, NamespacePrefix, Status, HasActivationRequired"
# PermissionSetGroup.Status (Object Reference): a group is recalculated after each change, and only an updated one can be assigned.
UPDATED, FAILED = "Updated", "Failed"
# A member of a group is a permission set or the group's muting set (Object Reference, MutingPermissionSet).
MUTING_PREFIX = "0QM"
# What an org answers that has no groups, or does not show them.
NOT_SHOWN = ("INVALID_TYPE", "INVALID_FIELD")

_PERMISSIONS = "Permissions"
_LONGEST_PAUSE = 15.0


def parse(text: str) -> SetReference:
    """The group that one word names: an Id, ns__Name, or Name."""
    word = text.strip()
    return SetReference(id=word) if _ids.is_id(word, "0PG") else _set_reference.parse(word)


def condition(reference: SetReference, relation: str = "") -> str:
    """The WHERE condition that finds the group. relation: the path to PermissionSetGroup, or nothing on PermissionSetGroup itself."""
    if reference.id:
        return f"{relation}Id = {quote(reference.id)}"
    path = f"{relation}." if relation else ""
    found = f"{path}DeveloperName = {quote(str(reference.name))}"
    if reference.namespace is None:
        return found
    return f"{found} AND {path}NamespacePrefix = {quote(reference.namespace) if reference.namespace else 'null'}"


def as_set(row: Mapping[str, Any]) -> dict[str, Any]:
    """A group's row with the names that a permission set's row has, so that both are found, named and assigned by the same rules."""
    return {
        "Id": row["Id"],
        "Name": row["DeveloperName"],
        "Label": row["MasterLabel"],
        "NamespacePrefix": row["NamespacePrefix"],
        "Description": row["Description"],
        "HasActivationRequired": bool(row["HasActivationRequired"]),
        "Status": row["Status"],
        "IsOwnedByProfile": False,
        "PermissionSetGroupId": None,
        "LicenseId": None,
        "License": None,
    }


def foreseen_row(name: str, planned: Mapping[str, Any]) -> dict[str, Any]:
    """The row, in the shape of a set's, of a group that an earlier task of a check-mode run would have made; it has no Id yet."""
    return {
        **_set_reference.foreseen_row(name, planned),
        "HasActivationRequired": bool(planned.get("session_activation")),
        "Status": UPDATED,
    }


def qualified(row: Mapping[str, Any]) -> str:
    """The name, with its namespace, of the group that a row points at by its relation PermissionSetGroup."""
    group = row["PermissionSetGroup"]
    return f"{group['NamespacePrefix']}__{group['DeveloperName']}" if group["NamespacePrefix"] else str(group["DeveloperName"])


def muted(columns: Mapping[str, Any]) -> frozenset[str]:
    """The user permissions that a muting set takes away: its columns that are on."""
    return frozenset(name[len(_PERMISSIONS) :] for name, value in columns.items() if name.startswith(_PERMISSIONS) and value)


def can_be_muted(described: Mapping[str, Any]) -> dict[str, str]:
    """API name -> label of the user permissions that an org can mute. described: the describe of MutingPermissionSet."""
    return {item["name"][len(_PERMISSIONS) :]: str(item["label"]) for item in described["fields"] if item["name"].startswith(_PERMISSIONS)}


def permission(word: str, known: Mapping[str, str], tried: str) -> str | None:
    """The API name, without its prefix, of a user permission given by API name or label; None where this org has none. Raises Problem for a
    label that two permissions share."""
    lowered = word.strip().lower()
    bare = lowered[len(_PERMISSIONS) :] if lowered.startswith(_PERMISSIONS.lower()) else lowered
    named = [item for item in known if item.lower() == bare]
    labelled = sorted(item for item, label in known.items() if label.lower() == lowered)
    if not named and len(labelled) > 1:
        remedy = "Give the API name of the one you mean."
        raise Problem(tried, f"the label {word!r} means {' and '.join(labelled)}.", remedy, CONFIG, "ambiguous_label")
    return next(iter(named or labelled), None)


def not_shown(tried: str, code: str) -> Problem:
    """What to tell where the org answers that it has no groups. code: the org's."""
    return Problem(
        tried,
        f"this org shows no permission set groups ({code}).",
        "Its edition lacks them, or the running user lacks View Setup and Configuration; org_info lists the rights that it has.",
        CONFIG,
        code,
    )


def pauses(seconds: float) -> Iterator[float]:
    """How long to wait before each new look at a group: longer each time, together just these seconds."""
    pause, left = 1.0, float(seconds)
    while left > 0:
        yield min(pause, left)
        left -= pause
        pause = min(pause * 2, _LONGEST_PAUSE)
