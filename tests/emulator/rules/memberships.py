# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an org may mind about a user who is written into a contact center through User.CallCenterId: each point is open by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.rules.refusals import refuse
from emulator.rules.registry import Change, Grade, Switch, rule

if TYPE_CHECKING:
    from emulator.org import Org

ENFORCE_SET = Switch("enforce_permset_on_patch", ("off", "on"))
ENFORCE_SERVICE_USER = Switch("enforce_service_user_on_patch", ("off", "on"))
ENFORCE_ACTIVE = Switch("enforce_active_on_patch", ("off", "on"))
MOVE = Switch("callcenter_move", ("moved", "refused"))
CODE = Switch("membership_refusal_code", ("FIELD_INTEGRITY_EXCEPTION", "INSUFFICIENT_ACCESS_OR_READONLY"))

rule(
    "membership_needs_the_contact_center_permission",
    says="Writing CallCenterId for a user without the admin or agent permission of Partner Telephony is accepted, or refused as the Setup page "
    "would not offer the user.",
    grade=Grade.INFERRED,
    source="facts contact-center-api 0.6, 11 and 14.2: unknown",
    switch=ENFORCE_SET,
)
rule(
    "membership_needs_a_service_cloud_user",
    says="Writing CallCenterId for a user who is no Service Cloud User (UserPermissionsSupportUser) is accepted, or refused.",
    grade=Grade.INFERRED,
    source="facts contact-center-api 11 and 14.2: documented for Setup, unknown for the API",
    switch=ENFORCE_SERVICE_USER,
)
rule(
    "membership_needs_an_active_user",
    says="Writing CallCenterId for an inactive user is accepted, or refused.",
    grade=Grade.INFERRED,
    source="facts contact-center-api 11 and 14.2: unknown",
    switch=ENFORCE_ACTIVE,
)
rule(
    "moving_from_one_center_to_another",
    says="Writing another center over the one that a user has moves the user at once, or is refused until the user has left it.",
    grade=Grade.INFERRED,
    source="facts contact-center-api 2b and 11: inferred there; the Setup page hides members of other centers",
    switch=MOVE,
)
rule(
    "code_of_a_refused_membership",
    says="What the org answers to a write of CallCenterId that it minds for one of these reasons.",
    grade=Grade.INFERRED,
    source="facts contact-center-api 14.2: with what code is not known",
    switch=CODE,
)

MEMBERS = frozenset({"IsContactCenterAdminBYOT", "IsContactCenterAgentBYOT"})


@dataclass(frozen=True)
class Objection:
    """switch: raised under every setting but its default; found: whether the change gives the reason; words: as the org would say it."""

    switch: Switch
    found: Callable[[Org, Change], bool]
    words: str


def _without_permission(org: Org, change: Change) -> bool:
    """A user who is being created has no permission set yet."""
    return change.id is None or org.permissions_of(change.id).isdisjoint(MEMBERS)


def _elsewhere(org: Org, change: Change) -> bool:
    return change.before.get("CallCenterId") not in (None, change.after["CallCenterId"])


OBJECTIONS = (
    Objection(
        ENFORCE_ACTIVE, lambda org, change: not change.after.get("IsActive", True), "Inactive users can't be added to a contact center."
    ),
    Objection(ENFORCE_SET, _without_permission, "The user needs the contact center admin or agent permission set."),
    Objection(
        ENFORCE_SERVICE_USER, lambda org, change: not change.after.get("UserPermissionsSupportUser"), "The user isn't a Service Cloud User."
    ),
    Objection(MOVE, _elsewhere, "The user is a member of another contact center."),
)


def check_membership(org: Org, change: Change) -> None:
    """Refuse a user who is not to join the center that the change names. Raises ApiError for the first objection."""
    if not change.after.get("CallCenterId"):
        return
    for one in OBJECTIONS:
        if org.switches[one.switch.name] != one.switch.default and one.found(org, change):
            raise refuse(org.switches[CODE.name], one.words, "CallCenterId")
