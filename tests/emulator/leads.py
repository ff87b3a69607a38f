# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Leads that become accounts, contacts and opportunities, and records merged into one: what SOAP's convertLead() and merge() do.

Both are several writes in one transaction, made as the running user through the org's own create, update and delete, so that rights and
rules apply. Only the columns that no client may write (IsConverted, MasterRecordId ...) are set directly.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from emulator.errors import ApiError, NotEmulated
from emulator.ids import to_18
from emulator.rules.registry import Change, Grade, Switch, before, holds, rule

if TYPE_CHECKING:
    from emulator.model import SObject
    from emulator.org import Org

GUIDE = "SOAP API Developer Guide"

rule(
    "lead_conversion",
    says="converting a lead makes an account, a contact and, unless not wanted, an opportunity, or fills only the empty fields of an account and "
    "a contact that are named; the lead keeps their Ids, its status is the converted status; needs Convert Leads",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, convertLead(); standard field mapping: Salesforce Help, Lead Conversion Field Mapping",
)
rule(
    "lead_conversion_opportunity",
    says="the new opportunity is named after the lead's company unless a name is given; first value of the Stage picklist, closing on the last "
    "day of the current quarter",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, LeadConvert.opportunityName; Salesforce Help 000384436 and Lead Conversion Field Mapping",
)
rule(
    "lead_status_converted",
    says="only a status marked as converted converts a lead: INVALID_STATUS 'invalid convertedStatus: X'. A new org has Open - Not Contacted, "
    "Working - Contacted, Closed - Converted (converted) and Closed - Not Converted",
    grade=Grade.QUOTED,
    source="public test logs of lead conversion; starrdata.com, Salesforce lead to opportunity process",
)
rule(
    "lead_converted_once",
    says="a converted lead can be neither converted again nor updated: CANNOT_UPDATE_CONVERTED_LEAD 'cannot reference converted lead'",
    grade=Grade.QUOTED,
    source="gravityplus/Gravity-Forms-Salesforce#342; simple-salesforce#341",
)
rule(
    "lead_conversion_contact",
    says="a contact to merge into needs the account it belongs to; the code of the refusal is open",
    grade=Grade.INFERRED,
    source=f"{GUIDE}, LeadConvert.contactId, demands the account and that the contact belongs to it",
    switch=Switch("lead_conversion_contact", ("INVALID_CROSS_REFERENCE_KEY", "INVALID_ID_FIELD")),
)
rule(
    "merge_records",
    says="merge keeps the master, updated with the values given, deletes the one or two others with MasterRecordId set, and makes the master the "
    "parent of their children; leads, contacts and accounts here (cases: 501)",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, merge()",
)
rule(
    "merge_wrong_type",
    says="another type: INVALID_TYPE_FOR_OPERATION 'entity type does not support merge'",
    grade=Grade.QUOTED,
    source="StevenMMortimer/salesforcer#102",
)
rule(
    "merge_too_many",
    says="more than two records to merge, none, or the master among them is refused; the code is open",
    grade=Grade.INFERRED,
    source=f"{GUIDE}, merge(): up to three records including the master",
    switch=Switch("merge_refusal", ("MERGE_FAILED", "INVALID_ID_FIELD")),
)


@before("update", "Lead", rule="lead_converted_once")
def not_again(_org: Org, _user: str, change: Change) -> None:
    if change.before.get("IsConverted"):
        raise ApiError(400, "CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", ())


@dataclass(frozen=True)
class LeadStatus:
    value: str
    converted: bool = False
    default: bool = False


STATUSES = (
    LeadStatus("Open - Not Contacted", default=True),
    LeadStatus("Working - Contacted"),
    LeadStatus("Closed - Converted", converted=True),
    LeadStatus("Closed - Not Converted"),
)
FIRST_STAGE = "Prospecting"
"""Where the schema names no stages."""


@dataclass(frozen=True)
class Conversion:
    """One LeadConvert. Ids in 15 or 18 characters."""

    lead_id: str
    converted_status: str
    account_id: str | None = None
    contact_id: str | None = None
    opportunity_name: str | None = None
    owner_id: str | None = None
    create_opportunity: bool = True
    overwrite_lead_source: bool = False


@dataclass(frozen=True)
class Converted:
    lead_id: str
    account_id: str
    contact_id: str
    opportunity_id: str | None


@dataclass(frozen=True)
class Merged:
    id: str
    merged_ids: tuple[str, ...]
    updated_related_ids: tuple[str, ...]


def statuses(org: Org) -> tuple[LeadStatus, ...]:
    """The org's lead statuses; a seed sets others in seed_info["lead_statuses"]."""
    given: tuple[LeadStatus, ...] = org.seed_info.get("lead_statuses", STATUSES)
    return given


# Lead field -> field of the account, of the contact, of the opportunity (Help, Lead Conversion Field Mapping). An address is its parts.
_ADDRESS = ("Street", "City", "State", "PostalCode", "Country")
TO_ACCOUNT = {
    "Company": "Name",
    "AnnualRevenue": "AnnualRevenue",
    "Fax": "Fax",
    "Industry": "Industry",
    "NumberOfEmployees": "NumberOfEmployees",
    "Phone": "Phone",
    "Rating": "Rating",
    "Website": "Website",
    **{part: f"Billing{part}" for part in _ADDRESS},
}
TO_CONTACT = {
    "FirstName": "FirstName",
    "LastName": "LastName",
    "Salutation": "Salutation",
    "Title": "Title",
    "Description": "Description",
    "Email": "Email",
    "Fax": "Fax",
    "LeadSource": "LeadSource",
    "MobilePhone": "MobilePhone",
    "Phone": "Phone",
    **{part: f"Mailing{part}" for part in _ADDRESS},
}
TO_OPPORTUNITY = {"LeadSource": "LeadSource"}


def convert(org: Org, user: str, asked: Conversion) -> Converted:
    """Convert one lead, all or nothing. Raises ApiError."""
    if "ConvertLeads" not in org.permissions_of(user):
        raise ApiError(403, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", ())
    _require_objects(org, "Lead", "Account", "Contact", "Opportunity")
    with org.transaction():
        lead = _present(org, "Lead", asked.lead_id)
        if lead["IsConverted"] and holds("lead_converted_once"):
            raise ApiError(400, "CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", ())
        if asked.converted_status not in {status.value for status in statuses(org) if status.converted}:
            raise ApiError(400, "INVALID_STATUS", f"invalid convertedStatus: {asked.converted_status}", ("Status",))
        owner = asked.owner_id or str(lead["OwnerId"])
        account_id = _account(org, user, asked, lead, owner)
        contact_id = _contact(org, user, asked, lead, account_id, owner)
        opportunity_id = _opportunity(org, user, asked, lead, account_id, owner) if asked.create_opportunity else None
        # The update as the user brings the rules and rights of leads; the rest no client could write.
        org.update(user, "Lead", str(lead["Id"]), {"Status": asked.converted_status})
        org.set(
            "Lead",
            str(lead["Id"]),
            IsConverted=True,
            ConvertedDate=org.clock().date().isoformat(),
            ConvertedAccountId=account_id,
            ConvertedContactId=contact_id,
            ConvertedOpportunityId=opportunity_id,
        )
    return Converted(str(lead["Id"]), account_id, contact_id, opportunity_id)


def _account(org: Org, user: str, asked: Conversion, lead: Mapping[str, Any], owner: str) -> str:
    values = _mapped(org, "Account", lead, TO_ACCOUNT)
    if asked.account_id is None:
        return org.create(user, "Account", {**values, "OwnerId": owner})
    return _filled(org, user, "Account", _present(org, "Account", asked.account_id), values)


def _contact(org: Org, user: str, asked: Conversion, lead: Mapping[str, Any], account_id: str, owner: str) -> str:
    values = _mapped(org, "Contact", lead, TO_CONTACT)
    if asked.contact_id is None:
        return org.create(user, "Contact", {**values, "AccountId": account_id, "OwnerId": owner})
    contact = _present(org, "Contact", asked.contact_id)
    if asked.account_id is None or contact["AccountId"] != account_id:
        raise ApiError(400, org.switches["lead_conversion_contact"], "the contact does not belong to the account", ("contactId",))
    if asked.overwrite_lead_source and values.get("LeadSource"):
        org.update(user, "Contact", str(contact["Id"]), {"LeadSource": values["LeadSource"]})
    return _filled(org, user, "Contact", contact, values)


def _opportunity(org: Org, user: str, asked: Conversion, lead: Mapping[str, Any], account_id: str, owner: str) -> str:
    values = {
        **_mapped(org, "Opportunity", lead, TO_OPPORTUNITY),
        "Name": asked.opportunity_name or lead["Company"],
        "AccountId": account_id,
        "StageName": _first_stage(org),
        "CloseDate": quarter_end(org.clock().date()).isoformat(),
        "OwnerId": owner,
    }
    return org.create(user, "Opportunity", values)


def quarter_end(day: date) -> date:
    month = (day.month + 2) // 3 * 3
    return date(day.year, month, monthrange(day.year, month)[1])


def _first_stage(org: Org) -> str:
    opportunity = org.schema.sobject("Opportunity")
    stage = opportunity.field("StageName") if opportunity is not None else None
    values = org.picklist("Opportunity", stage) if stage is not None else []
    return values[0][0] if values else FIRST_STAGE


def _mapped(org: Org, target: str, lead: Mapping[str, Any], mapping: Mapping[str, str]) -> dict[str, Any]:
    """The lead's values under the names of the other object, as far as that object can be given them."""
    sobject = org.schema.sobject(target)
    fields = sobject.fields if sobject is not None else {}
    return {to: lead[name] for name, to in mapping.items() if lead.get(name) is not None and to in fields and fields[to].createable}


def _filled(org: Org, user: str, sobject: str, record: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    """Give a record what it lacks, nothing else; returns its Id."""
    missing = {name: value for name, value in values.items() if record.get(name) is None}
    if missing:
        org.update(user, sobject, str(record["Id"]), missing)
    return str(record["Id"])


MERGEABLE = ("Lead", "Contact", "Account")
MERGED_ELSEWHERE = ("case", "individual")
"""Types that real orgs merge, too."""


def require_mergeable(sobject: str) -> None:
    """Raises ApiError for a type that cannot be merged: real orgs refuse the whole call for it."""
    if sobject.lower() in MERGED_ELSEWHERE:
        raise NotEmulated(f"merging {sobject} records")
    if sobject.lower() not in {name.lower() for name in MERGEABLE}:
        raise ApiError(400, "INVALID_TYPE_FOR_OPERATION", "entity type does not support merge", ())


def merge(org: Org, user: str, sobject: str, master_id: str, values: Mapping[str, Any], losers: Sequence[str]) -> Merged:
    """Merge records of one type into the master, all or nothing. Raises ApiError."""
    require_mergeable(sobject)
    _require_objects(org, sobject)
    found = org.schema.sobject(sobject)
    assert found is not None
    with org.transaction():
        master = _present(org, found.name, master_id)
        kept = str(master["Id"])
        victims = [str(_present(org, found.name, loser)["Id"]) for loser in losers]
        if not 1 <= len(set(victims)) <= 2 or len(set(victims)) != len(victims) or kept in victims:
            raise ApiError(400, org.switches["merge_refusal"], "one or two other records can be merged into the master", ())
        if values:
            org.update(user, found.name, kept, values)
        moved = [child for victim in victims for child in _reparent(org, user, found, victim, kept)]
        for victim in victims:
            # Set first: a deleted record can no longer be changed.
            org.set(found.name, victim, MasterRecordId=kept)
            org.delete(user, found.name, victim)
    return Merged(kept, tuple(victims), tuple(moved))


def _reparent(org: Org, user: str, sobject: SObject, victim: str, master: str) -> list[str]:
    moved: list[str] = []
    for child in sobject.child_relationships:
        known = org.schema.sobject(child.child)
        item = known.field(child.field) if known is not None else None
        if known is None or item is None or not item.updateable or not known.updateable:
            continue
        for row in org.find(known.name, **{item.name: victim}):
            org.update(user, known.name, str(row["Id"]), {item.name: master})
            moved.append(str(row["Id"]))
    return moved


def _require_objects(org: Org, *names: str) -> None:
    for name in names:
        if org.schema.sobject(name) is None:
            raise NotEmulated(f"{name} in this org")


def _present(org: Org, sobject: str, record_id: str) -> dict[str, Any]:
    known = org.schema.sobject(sobject)
    whole = to_18(record_id)
    if known is None or whole is None or whole[:3] != known.key_prefix:
        raise ApiError(400, "MALFORMED_ID", f"bad id {record_id}", ("Id",))
    record = org.get(sobject, whole)
    if record is None:
        if org.state_of(sobject, whole) == "deleted":
            raise ApiError(404, "ENTITY_IS_DELETED", "entity is deleted", ())
        raise ApiError(404, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ())
    return record
