# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Whether a user may become a member of a Partner Telephony contact center, and why not. Pure.

Who may be added: a Service Cloud User with the right of an agent or of an admin (Salesforce Help, "Add and Remove Users in Your Partner Telephony
Contact Center"). The right is judged by the flag that a set carries and not by the set's name, so that clones and permission set groups count.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

AGENT, ADMIN, SUPERVISOR = "agent", "admin", "supervisor"
# User permissions, as columns of PermissionSet have them behind "Permissions".
FLAGS: Mapping[str, str] = {AGENT: "IsContactCenterAgentBYOT", ADMIN: "IsContactCenterAdminBYOT", SUPERVISOR: "IsContactCenterSupervisor"}
# Any one of these rights makes a user eligible; a supervisor's alone does not.
JOINING = (AGENT, ADMIN)
# Salesforce's own sets for these rights (names read from live orgs by several public tools); an org may have clones of them as well.
STANDARD_SETS: Mapping[str, str] = {AGENT: "ContactCenterAgentExternalTelephony", ADMIN: "ContactCenterAdminExternalTelephony"}
# The set that the bulk operation assigns by itself (Salesforce Help, Create Or Update Contact Center Users in Bulk).
PARTNER_SET = "PartnerTelephonyCustomPsl"

SERVICE_CLOUD_USER, FROZEN = "service_cloud_user", "frozen"
INACTIVE = "is inactive"
NO_SERVICE_USER = "is not a Service Cloud User (feature licence on the user's page)"
IS_FROZEN = "is frozen and cannot log in (Setup, Users)"
NO_RIGHT = "has neither Contact Center Agent nor Admin (Partner Telephony), by no active permission set"


@dataclass(frozen=True)
class Grant:
    """One assignment that gives a right now: active, not revoked, not expired. id: the assignment's; empty for one that an earlier task of a
    check-mode run would have made. name: the set's, with its namespace; for a group's, that of the set that adds the group up. group: the group's
    Id (name, where a check-mode run would have assigned it), or empty. of_profile: whether the set belongs to the user's profile."""

    id: str
    name: str
    rights: frozenset[str]
    group: str = ""
    of_profile: bool = False

    @property
    def direct(self) -> bool:
        """Whether the set itself was assigned, so that the assignment can be taken away."""
        return not self.group and not self.of_profile


@dataclass(frozen=True)
class Standing:
    """What decides whether a user may be a member, besides being active. frozen: None where the running user is not shown it. login_id: of the row
    that says so, or empty."""

    service_user: bool = False
    frozen: bool | None = False
    grants: tuple[Grant, ...] = ()
    login_id: str = ""

    @property
    def rights(self) -> frozenset[str]:
        """Any of agent, admin and (where it was asked for) supervisor."""
        return frozenset(right for grant in self.grants for right in grant.rights)

    @property
    def may_join(self) -> bool:
        """Whether the user has one of the rights that a member needs."""
        return any(right in self.rights for right in JOINING)


NOTHING_KNOWN = Standing()


def reasons(active: bool, standing: Standing, repaired: Collection[str] = (), gets_right: bool = False) -> tuple[str, ...]:
    """Why the user cannot be a member, the weightiest reason first; empty where it can. repaired: what the task is to put right by itself;
    gets_right: whether it gives the right to whoever lacks it."""
    found = (
        (not active, INACTIVE),
        (not standing.service_user and SERVICE_CLOUD_USER not in repaired, NO_SERVICE_USER),
        (bool(standing.frozen) and FROZEN not in repaired, IS_FROZEN),
        (not standing.may_join and not gets_right, NO_RIGHT),
    )
    return tuple(words for there, words in found if there)
