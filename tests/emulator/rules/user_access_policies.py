# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""User access policies: who sees them, in which orgs. What one does when it is told to run is in seed/policies.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.rules import registry
from emulator.rules.registry import Grade, Switch, rule

if TYPE_CHECKING:
    from emulator.org import Org

OBJECTS = ("UserAccessPolicy", "UserAccessPolicyAction", "UserAccessPolicyFilter")
ABSENT = Switch("user_access_policies_off", ("unknown_object", "no_rows"))
REVOKES = Switch("policy_revokes", ("marks", "deletes"))
READS = Switch("user_access_policy_reads", ("view_setup", "everybody"))

rule(
    "user_access_policy_objects",
    says="UserAccessPolicy can be queried through the data API and the Tooling API, its actions (Grant or Revoke, TargetId) and filters through the "
    "Tooling API alone. No column is documented that leads from an action to its policy.",
    grade=Grade.DOCUMENTED,
    source="Object Reference, UserAccessPolicy; Tooling API guide, UserAccessPolicy, UserAccessPolicyAction, UserAccessPolicyFilter",
)
rule(
    "user_access_policies_that_are_switched_off",
    says="Where user access policies are not switched on, their objects look unknown (INVALID_TYPE); or they have no rows.",
    grade=Grade.INFERRED,
    source="the columns of user access policies on PermissionSetAssignment exist only where they are on (facts permission-api J); of the objects "
    "nothing is said",
    switch=ABSENT,
)
rule(
    "reading_user_access_policies",
    says="Reading user access policies needs View Setup and Configuration, or nothing.",
    grade=Grade.INFERRED,
    source="Object Reference, UserAccessPolicy: Manage User Access Policies is needed to create and modify them; what reading needs is not said",
    switch=READS,
)
rule(
    "what_a_policy_revokes",
    says="An assignment that a policy revokes stays with IsRevoked true and IsActive false, or is deleted. A seat that it took stays taken.",
    grade=Grade.INFERRED,
    source="Object Reference, PermissionSetAssignment.IsRevoked (available with user access policies alone) does not say who sets it; the seats: facts "
    "permission-api J",
    switch=REVOKES,
)


def switched_on(org: Org) -> bool:
    """Whether the org has user access policies: its assignments have the column that came with them."""
    assignment = org.schema.sobject("PermissionSetAssignment")
    return assignment is not None and assignment.field("IsRevoked") is not None


@registry.readable(*OBJECTS)
def may_read_policies(org: Org, user: str) -> bool:
    if not switched_on(org) and org.switches[ABSENT.name] == "unknown_object":
        return False
    return org.switches[READS.name] == "everybody" or "ViewSetup" in org.permissions_of(user)
