# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The telephony vendor's part in membership of a contact center: told of a batch of users, it takes all of them or none.

Who is told is in the org: seed_info["center_vendors"] names the vendor of a center as the center's definition does (prefix__Name, c__Name
for one without a namespace), and the vendor's ConversationVendorInfo row says what it supports. What was told stays in org.vendor_calls,
also where the org takes its own records back: the vendor is another system.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from emulator.rules import registry
from emulator.rules.registry import Grade, Switch, breakable, holds, rule

if TYPE_CHECKING:
    from emulator.org import Org

CAPABILITIES = Switch("vendor_sync_capabilities", ("user_syncing", "with_named_credential"))
MAPPING = Switch("vendor_sync_routing_maps", ("created", "none"))
READS = Switch("vendor_info_reads", ("contact_center_right", "everybody"))

rule(
    "a_vendor_that_syncs_users_is_told",
    says="Where the center's vendor declares user syncing, its addUsersToContactCenter or removeUsersFromContactCenter is called with the users "
    "of the batch.",
    grade=Grade.DOCUMENTED,
    source="facts contact-center-api 2d (Partner Telephony developer guide, Apex reference: service_cloud_voice.UserSyncing)",
)
rule(
    "a_batch_is_synced_as_a_whole",
    says="Users of a batch are added or removed in Salesforce only if every one of them succeeds at the vendor.",
    grade=Grade.DOCUMENTED,
    source="facts contact-center-api 2d (Partner Telephony developer guide)",
)
rule(
    "what_declares_user_syncing",
    says="CapabilitiesSupportsUserSyncing alone, or only together with CapabilitiesSupportsNamedCredential.",
    grade=Grade.INFERRED,
    source="facts contact-center-api 2d: the pages of the guide name different companions",
    switch=CAPABILITIES,
)
rule(
    "the_vendor_s_user_ids_become_routing_maps",
    says="The partner user ids that the vendor answers are stored as CallCenterRoutingMap rows, ExternalId the vendor's id; or the vendor answers none.",
    grade=Grade.INFERRED,
    source="facts contact-center-api 2d and 2e: documented for vendors that map users; which do is not in the data",
    switch=MAPPING,
)
rule(
    "who_sees_the_vendors",
    says="ConversationVendorInfo can be read with Customize Application or one of the rights of contact centers only, and is an unknown object to others; "
    "or by everybody.",
    grade=Grade.INFERRED,
    source="facts contact-center-api 3 and 6: the rights are those of the Setup page that shows centers; the object's page names a licence only",
    switch=READS,
)
for _name in ("a_vendor_that_syncs_users_is_told", "a_batch_is_synced_as_a_whole"):
    breakable(_name)

SEES_VENDORS = frozenset(
    {
        "CustomizeApplication",
        "ManageCallCenters",
        "IsContactCenterAdminBYOT",
        "IsContactCenterAdmin",
        "IsContactCenterSupervisor",
        "DelegatedContactCenterAdmin",
    }
)

REFUSES_EVERYBODY = "*"


@dataclass(frozen=True)
class VendorCall:
    """One call of the vendor. users: Ids of the batch; partner_ids: user Id -> the vendor's id of that user, empty for a failure."""

    center_id: str
    vendor: str
    direction: Literal["add", "remove"]
    users: tuple[str, ...]
    success: bool
    error: str | None
    partner_ids: tuple[tuple[str, str], ...] = ()


@registry.readable("ConversationVendorInfo")
def sees_vendors(org: Org, user: str) -> bool:
    return org.switches[READS.name] == "everybody" or not SEES_VENDORS.isdisjoint(org.permissions_of(user))


def vendor_of(org: Org, center_id: str) -> dict[str, Any] | None:
    """The ConversationVendorInfo row that the center's definition names; None where it names none, or one the org does not have."""
    named: Mapping[str, str] = org.seed_info.get("center_vendors", {})
    prefix, _unused, name = named.get(center_id, "").partition("__")
    if not name or org.schema.sobject("ConversationVendorInfo") is None:
        return None
    found = org.find("ConversationVendorInfo", DeveloperName=name, NamespacePrefix=None if prefix == "c" else prefix)
    return found[0] if found else None


def syncing_vendor(org: Org, center_id: str) -> dict[str, Any] | None:
    """The center's vendor if it is to be told of users."""
    vendor = vendor_of(org, center_id)
    if vendor is None or not vendor.get("CapabilitiesSupportsUserSyncing"):
        return None
    if org.switches[CAPABILITIES.name] == "with_named_credential" and not vendor.get("CapabilitiesSupportsNamedCredential"):
        return None
    return vendor


def sync(org: Org, center_id: str, user_ids: Sequence[str], added: bool) -> VendorCall | None:
    """Tell the center's vendor of one batch; None where no vendor is told. After a call without success nobody of the batch may be added
    or removed: that is the caller's part, as is writing User.CallCenterId. Routing maps of added users are written here."""
    vendor = syncing_vendor(org, center_id)
    if vendor is None or not user_ids or not holds("a_vendor_that_syncs_users_is_told"):
        return None
    users = {user_id: org.get("User", user_id) or {} for user_id in user_ids}
    refused = sorted(str(row.get("Username")) for row in users.values() if _refused(org, row))
    partner_ids = tuple((user_id, str(row.get("Username"))) for user_id, row in users.items() if not _refused(org, row))
    whole = holds("a_batch_is_synced_as_a_whole")
    success = not refused or not whole
    call = VendorCall(
        center_id=center_id,
        vendor=str(vendor["DeveloperName"]),
        direction="add" if added else "remove",
        users=tuple(users),
        success=success,
        error=None if success else f"The partner refused: {', '.join(refused)}",
        partner_ids=partner_ids if success and added else (),
    )
    org.vendor_calls.append(call)
    if org.switches[MAPPING.name] == "created":
        for user_id, partner_id in call.partner_ids:
            map_user(org, center_id, user_id, partner_id)
    return call


def _refused(org: Org, user_row: Mapping[str, Any]) -> bool:
    return REFUSES_EVERYBODY in org.vendor_refuses or str(user_row.get("Username", "")).lower() in org.vendor_refuses


def map_user(org: Org, center_id: str, user_id: str, external_id: str) -> None:
    """The routing map of that user and center, new or with another id. The developer name is shaped like the one official sample."""
    existing = org.find("CallCenterRoutingMap", CallCenterId=center_id, ReferenceRecordId=user_id)
    if existing:
        org.set("CallCenterRoutingMap", existing[0]["Id"], ExternalId=external_id)
        return
    org.put(
        "CallCenterRoutingMap",
        CallCenterId=center_id,
        ReferenceRecordId=user_id,
        DeveloperName=f"User_{user_id}_{center_id[:15]}",
        MasterLabel=external_id[:80],
        ExternalId=external_id,
        Language="en_US",
    )
