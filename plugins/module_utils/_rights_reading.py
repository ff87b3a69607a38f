# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""The running user's own rights: how the org is asked for them. UserPermissionAccess tells every user its own (Object Reference)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ._needed_rights import Need, named
from ._org import Answers, Query

# Columns that not every org has, by the ref under which they are asked for: each apart, so that other orgs can still be read.
_APART: Mapping[str, str] = {
    "ActivitiesAccess": "activity_rights",
    "IsContactCenterAdminBYOT": "telephony_rights",
    "ManagePackageLicenses": "package_rights",
}
_REFS = ("rights", *_APART.values())


def reads(needs: Sequence[Need]) -> list[Query]:
    """The queries that tell which rights of these lines the running user has."""
    everywhere = [name for name in named(needs) if name not in _APART]
    found = [Query("rights", f"SELECT {_columns(everywhere)} FROM UserPermissionAccess")]
    for name, ref in _APART.items():
        if name in named(needs):
            found.append(Query(ref, f"SELECT {_columns([name])} FROM UserPermissionAccess", tolerate=("INVALID_FIELD",)))
    return found


def held(answers: Answers) -> dict[str, bool]:
    """The rights that were asked for, and whether the running user has them. A right that the org does not know is absent."""
    rows = [row for ref in _REFS for row in answers.rows.get(ref, ())]
    return {name[len("Permissions") :]: bool(value) for row in rows for name, value in row.items() if name.startswith("Permissions")}


def knows_partner_telephony(answers: Answers) -> bool:
    """Whether the org knows the rights of Partner Telephony, which come with its licence."""
    return "telephony_rights" in answers.rows and "telephony_rights" not in answers.refusals


def _columns(rights: Sequence[str]) -> str:
    return ", ".join(f"Permissions{name}" for name in rights)
