# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SetupAuditTrail: who may read it, what it cannot do, and which rows a change leaves. The sentences are in audit_sentences.py."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from emulator.rules import registry
from emulator.rules.audit_sentences import SOURCE, SPOKEN_OF, sentences
from emulator.rules.registry import Change, Grade, Switch, breakable, holds, rule
from emulator.stamps import stamp

if TYPE_CHECKING:
    from emulator.org import Org

NAME = "SetupAuditTrail"
KEPT = timedelta(days=180)
BY_API = Switch("audit_trail_of_api_changes", ("nothing", "as_by_hand"))
BY_POLICY = Switch("audit_trail_of_policies", ("nothing", "by_the_administrator"))

rule(
    "audit_trail_rows",
    says="A change that an administrator makes by hand leaves rows in SetupAuditTrail: Action, Section and Display as quoted, one a thing that changed. Of "
    "what no row was seen in public (contact center members among it) none is written.",
    grade=Grade.QUOTED,
    source=SOURCE,
)
rule(
    "audit_trail_of_what_a_client_does",
    says="Changes made through the API leave no row, or the same rows as by hand.",
    grade=Grade.INFERRED,
    source="Security Implementation Guide, Monitor Setup Changes, lists what is tracked and not by which way it was done; public monitors leave out the "
    "rows of their deployment user",
    switch=BY_API,
)
rule(
    "audit_trail_of_what_a_policy_does",
    says="What a user access policy grants or revokes leaves no row, or the rows of the same change by hand, under an administrator.",
    grade=Grade.INFERRED,
    source="neither the page of the policies nor that of the trail says",
    switch=BY_POLICY,
)
rule(
    "audit_trail_view_setup",
    says="Reading SetupAuditTrail needs View Setup and Configuration; without it the object looks unknown.",
    grade=Grade.DOCUMENTED,
    source="Security Implementation Guide, Monitor Setup Changes with Setup Audit Trail; how the refusal looks is assumed",
)
rule(
    "audit_trail_180_days",
    says="Rows older than 180 days are gone.",
    grade=Grade.DOCUMENTED,
    source="Security Implementation Guide, Monitor Setup Changes with Setup Audit Trail (deleted after 180 days); Object Reference: at least 180 days",
)
rule(
    "audit_trail_no_aggregates",
    says="SetupAuditTrail takes COUNT() and refuses every other aggregate, GROUP BY included: MALFORMED_QUERY.",
    grade=Grade.DOCUMENTED,
    source="Object Reference, SetupAuditTrail: SELECT count() works, SELECT count(Id) fails; code and words are assumed",
)
breakable("audit_trail_rows")
breakable("audit_trail_no_aggregates")


@registry.readable(NAME, rule="audit_trail_view_setup")
def may_read_trail(org: Org, user: str) -> bool:
    return "ViewSetup" in org.permissions_of(user)


@registry.settles(NAME, rule="audit_trail_180_days")
def forget_old_rows(org: Org) -> None:
    oldest = stamp(org.clock() - KEPT)
    for row in org.find(NAME):
        if row["CreatedDate"] < oldest:
            org.remove(NAME, row["Id"], soft=False)


def note(org: Org, user: str, change: Change, *, at: datetime | None = None) -> list[str]:
    """Write what a change by hand leaves in the trail; the Ids of the rows. user: the Id of who made it. at: when, if not now."""
    if org.schema.sobject(NAME) is None or not holds("audit_trail_rows"):
        return []
    when = at or org.clock()
    said = sentences(org, change)
    return [org.put(NAME, Action=one.action, Section=one.section, Display=one.display, CreatedById=user, CreatedDate=when) for one in said]


def note_api_change(org: Org, user: str, change: Change) -> None:
    if org.switches[BY_API.name] == "as_by_hand":
        note(org, user, change)


registry.after("insert", *SPOKEN_OF)(note_api_change)
registry.after("update", *SPOKEN_OF)(note_api_change)
registry.after("delete", *SPOKEN_OF)(note_api_change)
