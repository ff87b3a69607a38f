# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Profiles and user licences of the example orgs: names and user permissions as recorded, the gaps composed."""

from __future__ import annotations

from dataclasses import dataclass

STANDARD_USER = frozenset(
    """
    AddDirectMessageMembers ApexRestServices ApiEnabled AssignTopics ChatterEditOwnPost ChatterFileLink ChatterInternalUser
    ChatterInviteExternalUsers ChatterOwnGroups ContentWorkspaces ConvertLeads CreateCustomizeFilters CreateTopics DistributeFromPersWksp EditEvent
    EditOppLineItemUnitPrice EditReports EditTask EditTopics EmailMass EmailSingle EnableCommunityAppLauncher EnableNotifications ExportReport
    ImportPersonal LightningConsoleAllowedForUser LightningExperienceUser ListEmailSend ManageCssUsers MassInlineEdit RemoveDirectMessageMembers
    RunReports SelectFilesFromSalesforce SendSitRequests ShowCompanyNameAsUserBadge SubmitMacrosAllowed SubscribeToLightningReports UseWebLink
    ViewGlobalHeader ViewHelpLink ViewRoles ViewSetup
    """.split()
) | {"ActivitiesAccess"}
"""A real org's Standard User profile (facts permission-api D, 2018); Access Activities came later and is composed."""

ADMINISTRATOR = STANDARD_USER | frozenset(
    """
    AuthorApex CustomizeApplication ManageCallCenters ManageUsers ModifyAllData ViewAllData ManagePackageLicenses InstallPackaging ScheduleReports
    TransferAnyCase ActivitiesAccess ManageSessionPermissionSets
    """.split()
)
"""Composed: what an administrator of these tests needs; the seed adds everything these depend on."""

PLATFORM_USER = STANDARD_USER - frozenset(
    "ConvertLeads EditOppLineItemUnitPrice ManageCssUsers SubmitMacrosAllowed LightningConsoleAllowedForUser".split()
)
"""Composed: Standard User without what needs a Sales or Service licence."""

API_ONLY = frozenset("ApiEnabled ApiUserOnly ChatterInternalUser".split())
"""Salesforce API Only System Integrations as seen in public orgs (facts permission-api D)."""

MINIMUM_ACCESS = frozenset(
    "ChatterInternalUser EnableNotifications LightningExperienceUser ShowCompanyNameAsUserBadge ViewHelpLink".split()
)
"""Composed: no API, no setup, no records."""


@dataclass(frozen=True)
class License:
    """key: UserLicense.LicenseDefinitionKey; SFDC and AUL are documented, the third is invented."""

    name: str
    key: str
    seats: int


@dataclass(frozen=True)
class Profile:
    name: str
    license: str
    permissions: frozenset[str]
    objects: tuple[str, ...] = ()
    """Standard objects with read, create, edit and delete."""
    fields: tuple[str, ...] = ()
    """Objects whose standard fields are open to read and edit; "*" for every field of every object."""
    tabs: tuple[str, ...] = ()
    """Objects whose standard tabs are visible; "*" for every tab there is, but for those that a seed shows to nobody."""


LICENSES = (
    License("Salesforce", "SFDC", 100),
    License("Salesforce Platform", "AUL", 20),
    License("Salesforce Integration", "INTEGRATION", 5),
)

ADMIN = "System Administrator"
STANDARD = "Standard User"
MINIMUM = "Minimum Access - Salesforce"
PLATFORM = "Standard Platform User"
INTEGRATION = "Salesforce API Only System Integrations"

SALES_OBJECTS = ("Account", "Case", "Contact", "Lead", "Opportunity")
ACTIVITIES = ("Task", "Event")

PROFILES = (
    Profile(ADMIN, "Salesforce", ADMINISTRATOR, fields=("*",), tabs=("*",)),
    Profile(STANDARD, "Salesforce", STANDARD_USER, SALES_OBJECTS, (*SALES_OBJECTS, *ACTIVITIES), SALES_OBJECTS),
    Profile(MINIMUM, "Salesforce", MINIMUM_ACCESS),
    Profile(
        PLATFORM, "Salesforce Platform", PLATFORM_USER, ("Account", "Contact"), ("Account", "Contact", *ACTIVITIES), ("Account", "Contact")
    ),
    Profile(INTEGRATION, "Salesforce Integration", API_ONLY),
)
