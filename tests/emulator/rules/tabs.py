# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tabs: which ones an org has, who sees them, and the settings that permission sets hold.

Standard tabs follow from the schema; the others are in org.seed_info["tab_definitions"], name -> (label, object or None).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.rules import registry
from emulator.rules.access import sets_of
from emulator.rules.permissionable import takes_object_permissions
from emulator.rules.refusals import duplicate, field_integrity, invalid_reference
from emulator.rules.registry import Change, Grade, Switch, breakable, holds, rule

if TYPE_CHECKING:
    from emulator.org import Org

UNKNOWN_TAB = Switch("unknown_tab_code", ("INVALID_CROSS_REFERENCE_KEY", "FIELD_INTEGRITY_EXCEPTION"))
HOME = "standard-home"

rule(
    "tab_settings",
    says="Name of a tab setting is standard-<Object> for standard tabs, the object's name for tabs of custom objects, and the developer name for the "
    "others, with the package's prefix; Visibility is DefaultOn or DefaultOff, and a tab without a row is hidden.",
    grade=Grade.DOCUMENTED,
    source="Tooling API guide, PermissionSetTabSetting; Metadata API guide, CustomTab; facts permission-api D",
)
rule(
    "one_tab_setting_a_tab_and_set",
    says="A second row for the same tab and set is refused with DUPLICATE_VALUE 'Permission set already has a tab setting defined for tab. Update the "
    "existing tab setting.'",
    grade=Grade.QUOTED,
    source="crsinfosolutions.com, Updating PermissionSetTabSetting Without Metadata API (a DmlException in full)",
)
rule(
    "a_tab_setting_names_a_tab_of_the_org",
    says="A setting for a tab that the org does not have is refused; the code.",
    grade=Grade.INFERRED,
    source="the code is published nowhere",
    switch=UNKNOWN_TAB,
)
rule(
    "tab_definitions_of_the_running_user",
    says="TabDefinition of the data API returns only the tabs that the running user has access to: those with a setting in the profile's own set or in "
    "a set granted now.",
    grade=Grade.DOCUMENTED,
    source="object reference, TabDefinition; that access means a setting: Tooling API guide, PermissionSetTabSetting (no row is hidden)",
)
rule(
    "tab_definitions_of_the_org",
    says="TabDefinition of the Tooling API returns every tab of the org, and only users with View Setup and Configuration can read it.",
    grade=Grade.DOCUMENTED,
    source="Tooling API guide, TabDefinition",
)
for _name in (
    "one_tab_setting_a_tab_and_set",
    "a_tab_setting_names_a_tab_of_the_org",
    "tab_definitions_of_the_running_user",
    "tab_definitions_of_the_org",
):
    breakable(_name)

_WHOLE_ORG: ContextVar[bool] = ContextVar("whole_org", default=False)


@dataclass(frozen=True)
class Tab:
    name: str
    label: str
    sobject: str | None
    custom: bool


def tabs_of(org: Org) -> dict[str, Tab]:
    """Every tab of the org by name: standard ones, then those of packages and the customer's own."""
    given: dict[str, tuple[str, str | None]] = org.seed_info.get("tab_definitions", {})
    standard: dict[str, Tab] = org.of_schema("standard_tabs", lambda: _standard_tabs(org))
    return {**standard, **{name: Tab(name, label, sobject, True) for name, (label, sobject) in given.items()}}


def _standard_tabs(org: Org) -> dict[str, Tab]:
    objects = [one for one in org.schema.sobjects.values() if not one.custom and takes_object_permissions(one)]
    tabs = [Tab(HOME, "Home", None, False)]
    tabs += [Tab(f"standard-{one.name}", one.label_plural, one.name, False) for one in sorted(objects, key=lambda one: one.name)]
    return {tab.name: tab for tab in tabs}


@contextmanager
def whole_org() -> Iterator[None]:
    """While inside, TabDefinition shows every tab, as it does through the Tooling API."""
    token = _WHOLE_ORG.set(True)
    try:
        yield
    finally:
        _WHOLE_ORG.reset(token)


@registry.rows("TabDefinition")
def tab_rows(org: Org, user: str) -> list[dict[str, Any]]:
    return [_row(org, tab) for tab in _shown(org, user)]


def _shown(org: Org, user: str) -> list[Tab]:
    tabs = tabs_of(org)
    if _WHOLE_ORG.get() and holds("tab_definitions_of_the_org"):
        return list(tabs.values())
    sets = sets_of(org, user)
    if not sets or not holds("tab_definitions_of_the_running_user"):
        return list(tabs.values())  # an org whose profiles have no sets of their own says nothing of tabs either
    granted = {str(row["Name"]) for row in org.find("PermissionSetTabSetting", ParentId=sets)}
    return [tab for name, tab in tabs.items() if name in granted]


def _row(org: Org, tab: Tab) -> dict[str, Any]:
    sobject = org.schema.sobject(tab.sobject) if tab.sobject else None
    url = f"/{sobject.key_prefix}/o" if sobject is not None else f"/lightning/n/{tab.name}"
    return {
        "Id": tab.name,
        "DurableId": tab.name,
        "Name": tab.name,
        "Label": tab.label,
        "SobjectName": tab.sobject,
        "IsCustom": tab.custom,
        "IsAvailableInAloha": True,
        "IsAvailableInLightning": True,
        "IsAvailableInDesktop": True,
        "IsAvailableInMobile": False,
        "Url": url,
    }


@registry.before("insert", "PermissionSetTabSetting")
def new_tab_setting(org: Org, user: str, change: Change) -> None:
    name = str(change.after["Name"])
    known = {tab.lower(): tab for tab in tabs_of(org)}
    if name.lower() not in known and holds("a_tab_setting_names_a_tab_of_the_org"):
        if org.switches[UNKNOWN_TAB.name] == "FIELD_INTEGRITY_EXCEPTION":
            raise field_integrity(f"The tab {name} doesn't exist.", "Name")
        raise invalid_reference("Name")
    change.after["Name"] = known.get(name.lower(), name)
    existing = org.find("PermissionSetTabSetting", ParentId=change.after["ParentId"], Name=name)
    if existing and holds("one_tab_setting_a_tab_and_set"):
        raise duplicate("Permission set already has a tab setting defined for tab. Update the existing tab setting.")
