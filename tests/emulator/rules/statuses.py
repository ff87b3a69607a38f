# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What follows from a record's status: closed or not, won or not, probability and forecast category.

Which status means what is the org's own setup: the tables below are what the emulated orgs have, and a seed sets others in
org.seed_info["closed_statuses"] and org.seed_info["opportunity_stages"].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.rules import registry
from emulator.rules.registry import Change, Grade, breakable, holds, rule
from emulator.stamps import stamp

if TYPE_CHECKING:
    from emulator.org import Org

rule(
    "a_status_says_whether_a_case_is_closed",
    says="Case.IsClosed follows from Status and cannot be set; ClosedDate is when it was closed. Likewise Task.IsClosed and CompletedDateTime, "
    "and IsHighPriority from Priority.",
    grade=Grade.DOCUMENTED,
    source="golden opensdks-oas: texts of Case.IsClosed and Case.Status (for tasks: by analogy with the same columns)",
)
rule(
    "a_stage_rules_its_opportunity",
    says="A written StageName sets IsClosed, IsWon, Probability and ForecastCategoryName; the last two can be given another value with it or "
    "later. ForecastCategory follows ForecastCategoryName; ExpectedRevenue is Amount times Probability; the fiscal columns follow CloseDate.",
    grade=Grade.DOCUMENTED,
    source="golden opensdks-oas: texts of Opportunity.StageName, IsClosed, IsWon, Probability, ForecastCategory, ExpectedRevenue and Fiscal",
)
rule(
    "cases_are_numbered",
    says="A case gets the next CaseNumber, eight digits; a number is not given twice.",
    grade=Grade.DOCUMENTED,
    source="golden opensdks-oas: text of Case.CaseNumber (assigned automatically when a case is inserted, cannot be set)",
)
breakable("a_status_says_whether_a_case_is_closed")
breakable("a_stage_rules_its_opportunity")

CLOSED = {"Case": frozenset({"Closed"}), "Task": frozenset({"Completed"})}
FIRST_CASE_NUMBER = 1000
HIGH_PRIORITIES = frozenset({"High"})
CATEGORIES = {"Omitted": "Omitted", "Pipeline": "Pipeline", "Best Case": "BestCase", "Commit": "Forecast", "Closed": "Closed"}
"""ForecastCategoryName, which an org can rename, to ForecastCategory, which is fixed."""


@dataclass(frozen=True)
class Stage:
    """An opportunity stage as the org's administrator has set it up. probability in percent, category as ForecastCategoryName has it."""

    probability: float
    category: str = "Pipeline"
    closed: bool = False
    won: bool = False


STAGES: Mapping[str, Stage] = {
    "Prospecting": Stage(10),
    "Qualification": Stage(10),
    "Needs Analysis": Stage(20),
    "Value Proposition": Stage(50),
    "Id. Decision Makers": Stage(60),
    "Perception Analysis": Stage(70),
    "Proposal/Price Quote": Stage(75),
    "Negotiation/Review": Stage(90),
    "Closed Won": Stage(100, "Closed", closed=True, won=True),
    "Closed Lost": Stage(0, "Omitted", closed=True),
}
UNKNOWN_STAGE = Stage(0)
"""StageName is an open picklist: a value that nobody set up says nothing."""


def closed_statuses(org: Org, sobject: str) -> frozenset[str]:
    given: Mapping[str, frozenset[str]] = org.seed_info.get("closed_statuses", CLOSED)
    return given.get(sobject, frozenset())


def stage_of(org: Org, name: object) -> Stage:
    stages: Mapping[str, Stage] = org.seed_info.get("opportunity_stages", STAGES)
    return stages.get(str(name), UNKNOWN_STAGE)


@registry.before("insert", "Case", "Task")
@registry.before("update", "Case", "Task")
def status_followed(org: Org, _user: str, change: Change) -> None:
    if not holds("a_status_says_whether_a_case_is_closed"):
        return
    after = change.after
    closed = after.get("Status") in closed_statuses(org, change.sobject)
    was_closed = bool(change.before.get("IsClosed"))
    after["IsClosed"] = closed
    moment = "ClosedDate" if change.sobject == "Case" else "CompletedDateTime"
    if closed != was_closed:
        after[moment] = stamp(org.clock()) if closed else None
    if change.sobject == "Task":
        after["IsHighPriority"] = after.get("Priority") in HIGH_PRIORITIES


@registry.before("insert", "Case", rule="cases_are_numbered")
def numbered(org: Org, _user: str, change: Change) -> None:
    number = int(org.seed_info.get("last_case_number", FIRST_CASE_NUMBER - 1)) + 1
    org.seed_info["last_case_number"] = number
    change.after["CaseNumber"] = f"{number:08d}"


@registry.before("insert", "Opportunity")
@registry.before("update", "Opportunity")
def stage_followed(org: Org, _user: str, change: Change) -> None:
    if not holds("a_stage_rules_its_opportunity"):
        return
    after = change.after
    stage = stage_of(org, after.get("StageName"))
    after.update(IsClosed=stage.closed, IsWon=stage.won)
    if "StageName" in change.given and change.given["StageName"] != change.before.get("StageName"):
        implied: dict[str, Any] = {"Probability": float(stage.probability), "ForecastCategoryName": stage.category}
        after.update({name: value for name, value in implied.items() if name not in change.given})
    after["ForecastCategory"] = CATEGORIES.get(str(after.get("ForecastCategoryName")), "Pipeline")
    after["ExpectedRevenue"] = expected_revenue(after)
    after.update(fiscal_period(after.get("CloseDate")))


def expected_revenue(record: Mapping[str, Any]) -> float | None:
    amount, probability = record.get("Amount"), record.get("Probability")
    return None if amount is None or probability is None else round(float(amount) * float(probability) / 100, 2)


def fiscal_period(close_date: object) -> dict[str, Any]:
    """The columns of a fiscal year that begins in January."""
    if not close_date:
        return {}
    year, month = int(str(close_date)[:4]), int(str(close_date)[5:7])
    quarter = (month + 2) // 3
    return {"FiscalYear": year, "FiscalQuarter": quarter, "Fiscal": f"{year} {quarter}"}
