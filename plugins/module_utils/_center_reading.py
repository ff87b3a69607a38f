# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Contact centers, their kinds and their vendors: how the org is asked for them.

All centers and vendors are read by two queries that fit beside others in one call. The definition of a center costs a call more, and a running
user who may use the Metadata API: it is read only where something hangs on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from . import _centers
from ._centers import UNKNOWN, Center, Vendor
from ._errors import Problem
from ._org import Answers, Org, Query

_CENTERS = "SELECT Id, Name, InternalName, CustomSettings FROM CallCenter"
_VENDORS = "SELECT DeveloperName, NamespacePrefix, VendorType, CapabilitiesSupportsUserSyncing FROM ConversationVendorInfo"
_NOT_SHOWN = ("INVALID_TYPE", "INVALID_FIELD", "INSUFFICIENT_ACCESS")
# What the Metadata API answers to a user who may not use it, and to an org whose edition does not have it.
_NO_METADATA = ("INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY", "API_DISABLED_FOR_ORG", "UNSUPPORTED_API_VERSION")
_NEEDED = "the running user needs Modify Metadata Through Metadata API Functions or Modify All Data"


def reads() -> list[Query]:
    """The two queries that bring every center and every vendor of the org."""
    return [Query("centers", _CENTERS), Query("vendors", _VENDORS, tolerate=_NOT_SHOWN)]


def vendors(answers: Answers) -> tuple[Vendor, ...] | None:
    """The org's vendors; None where it does not show them."""
    if "vendors" in answers.refusals or "vendors" in answers.hidden:
        return None
    return tuple(_centers.vendor(row) for row in answers.rows["vendors"])


def centers(answers: Answers) -> tuple[Center, ...]:
    """Every center of the org, as far as the rows tell."""
    known = vendors(answers)
    return tuple(_centers.center(row, known) for row in answers.rows["centers"])


def chosen(org: Org, name: str, answers: Answers, flavour: str | None, tried: str) -> Center:
    """The center that is meant, with its definition where its row does not tell its kind; of the flavour that the task asserts where that tells
    nothing either. Raises Problem for none and for two."""
    found = _centers.choose(name, centers(answers), tried)
    return _centers.asserted(defined(org, found, answers) if found.flavour == UNKNOWN else found, flavour)


def defined(org: Org, center: Center, answers: Answers) -> Center:
    """The center with what its definition tells; one call. Where the definition cannot be read, told_by and vendor_told_by say why."""
    return all_defined(org, [center], answers)[0]


def all_defined(org: Org, centers_: Sequence[Center], answers: Answers) -> tuple[Center, ...]:
    """These centers with what their definitions tell; one call for ten of them, none for none."""
    if not centers_:
        return ()
    try:
        found = org.components("CallCenter", [center.internal_name for center in centers_])
    except Problem as problem:
        if problem.code not in _NO_METADATA:
            raise
        why = f"its definition could not be read ({problem.code}: {_NEEDED})"
        return tuple(_without_definition(center, why) for center in centers_)
    known = vendors(answers)
    return tuple(_with_definition(center, found.get(center.internal_name), known) for center in centers_)


def settled(org: Org, center: Center, answers: Answers) -> Center:
    """The center, its definition read only where its kind is not known, or where the vendors that it may have differ in whether they sync users."""
    undecided = center.is_partner_telephony and center.syncs_users is None and vendors(answers) is not None
    return defined(org, center, answers) if center.flavour == UNKNOWN or undecided else center


def _with_definition(center: Center, definition: Mapping[str, Any] | None, known: Sequence[Vendor] | None) -> Center:
    if definition is None:
        return _without_definition(center, "the Metadata API does not show its definition")
    return _centers.as_defined(center, definition, known)


def _without_definition(center: Center, why: str) -> Center:
    told_by = f"{center.told_by}; {why}" if center.flavour == UNKNOWN else center.told_by
    return replace(center, told_by=told_by, vendor_told_by=center.vendor_told_by if center.vendor else f"{center.vendor_told_by}; {why}")
