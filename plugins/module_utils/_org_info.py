# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Which org this is, who is running, and what that user may do here. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ._converge import Noun
from ._needed_rights import AREAS, asked, required
from ._org import Get, Org
from ._plan import Plan
from ._rights_reading import held, knows_partner_telephony, reads


@dataclass(frozen=True)
class Current:
    """The running user, and its rights as far as they matter here. A right that the org does not know is absent."""

    user: Mapping[str, Any]
    rights: Mapping[str, bool]
    partner_telephony: bool


def desired(params: Mapping[str, Any]) -> tuple[()]:
    """Nothing is wanted but to know."""
    return ()


def read(org: Org, wish: tuple[()]) -> Current:
    """All of it in one call."""
    org.log_in()
    user = Get("running_user", f"/sobjects/User/{org.user_id}?fields=Id,Username,Name,IsActive,UserType,LocaleSidKey,TimeZoneSidKey")
    answers = org.read([user, *reads(asked(AREAS))])
    return Current(answers.bodies["running_user"], held(answers), knows_partner_telephony(answers))


def plan(wish: tuple[()], current: Current) -> Plan:
    """Nothing to change."""
    return Plan()


def report(wish: tuple[()], current: Current, made: Plan) -> dict[str, Any]:
    """The running user and its rights, by the words that permission sets use."""
    return {
        "user": {"username": current.user["Username"], "name": current.user["Name"], "type": current.user["UserType"]},
        "rights": dict(sorted(current.rights.items())),
        "lacking": [
            {"right": " or ".join(need.here(current.rights)), "needed_for": need.needed_for}
            for need in required()
            if need.lacks(current.rights)
        ],
        "partner_telephony": current.partner_telephony,
    }


NOUN = Noun(name="org_info", argument_spec={}, desired=desired, read=read, plan=plan, report=report)
