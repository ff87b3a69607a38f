# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes tests/emulator/schema/<SObject>.json from the recorded facts; run by hand, its output is committed.

    python tests/emulator/generate_schema.py [--shared PATH] [--out PATH]

Order of belief, per property of a field: what the fact files say of this very field (FACTS below), the aligned rows of the Object
Reference (v63), the feature-complete type dump (v67), the document a real org generated (v59), the standard-schema facts (v46). What none
of them says is composed by the rules at the end of this file, and the field's source then names "composed" too. A field's source lists
every origin its properties have, joined with "+"; sources.json is the legend.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SOURCES = {
    "oas-v59": "golden/opensdks-oas: OpenAPI document of a real org, API v59.0 (fields in describe order, allowed verbs, JSON types)",
    "types-v67": "golden/sobject-types: type dump of a feature-complete scratch org, API v67.0 (names, types, relationship names)",
    "jsforce": "golden/jsforce: standard-schema facts from a real describe, about API v46 (types, nillable, relationship and child names)",
    "objectref-v63": "golden/object-reference-facts: properties per field of the Object Reference, API v63 (rows marked aligned only)",
    "objectref-v63:unaligned": "golden/object-reference-facts: rows whose property list had to be aligned by hand with the field names",
    "facts:permission-api B": "facts/permission-api.md section B: PermissionSet",
    "facts:permission-api D": "facts/permission-api.md section D: objects, key prefixes, field properties",
    "facts:permission-api J": "facts/permission-api.md section J: later reading, overrules",
    "facts:contact-center 1": "facts/contact-center-api.md section 1: User.CallCenterId",
    "facts:contact-center 4": "facts/contact-center-api.md section 4: permissions and licences of Partner Telephony",
    "facts:contact-center 5": "facts/contact-center-api.md section 5: CallCenter",
    "facts:contact-center 6": "facts/contact-center-api.md section 6: ConversationVendorInfo",
    "facts:contact-center 7": "facts/contact-center-api.md section 7: CallCenterRoutingMap",
    "facts:user-permissions": "facts/user_permissions.tsv: API names and labels of user permissions",
    "facts:vonage-package": "facts/vonage_package.tsv: which standard Task fields carry field permissions",
    "prefixes": "public lists of record Id key prefixes",
    "composed": "not recorded anywhere: composed so that the emulator is whole; never evidence of what a real org says",
}

SETUP_ONLY = (
    "Organization User Profile UserLicense UserRole UserLogin PermissionSet PermissionSetAssignment ObjectPermissions FieldPermissions"
    " SetupEntityAccess PermissionSetTabSetting PermissionSetGroup PermissionSetGroupComponent MutingPermissionSet PermissionSetLicense"
    " PermissionSetLicenseAssign PackageLicense UserPackageLicense ApexClass ApexPage CustomPermission CallCenter CallCenterRoutingMap"
    " ConversationVendorInfo UserPermissionAccess Group GroupMember"
).split()
BUSINESS = "Account Contact Lead Case Opportunity Task Event".split()
OBJECTS = (*SETUP_ONLY, *BUSINESS)

PREFIXES = {
    "Organization": "00D", "User": "005", "Profile": "00e", "UserLicense": "100", "UserRole": "00E", "UserLogin": "0Yw",
    "PermissionSet": "0PS",
    "PermissionSetAssignment": "0Pa", "ObjectPermissions": "110", "FieldPermissions": "01k", "SetupEntityAccess": "0J0",
    "PermissionSetTabSetting": "01P", "PermissionSetGroup": "0PG", "PermissionSetGroupComponent": "0PM", "MutingPermissionSet": "0QM",
    "PermissionSetLicense": "0PL", "PermissionSetLicenseAssign": "2LA", "PackageLicense": "050", "UserPackageLicense": "051",
    "ApexClass": "01p", "ApexPage": "066", "CustomPermission": "0CP", "CallCenter": "04v", "CallCenterRoutingMap": "1Rm",
    "ConversationVendorInfo": "1Cv", "UserPermissionAccess": "1Up", "Group": "00G", "GroupMember": "011", "Account": "001",
    "Contact": "003",
    "Lead": "00Q", "Case": "500", "Opportunity": "006", "Task": "00T", "Event": "00U",
}  # fmt: skip
COMPOSED_PREFIXES = {"CallCenterRoutingMap", "ConversationVendorInfo", "UserPermissionAccess"}

PLURALS = {
    "Opportunity": "Opportunities", "ObjectPermissions": "Object Permissions", "FieldPermissions": "Field Permissions",
    "SetupEntityAccess": "Setup Entity Access", "UserPermissionAccess": "User Permission Access", "ApexClass": "Apex Classes",
}  # fmt: skip

# A line: name type[(length)][->Target|Target][/RelationshipName] properties. Properties: C create, U update, N nillable, D defaulted on create,
# F filter, G group, S sort, R restricted picklist, I idLookup, M name field, X external id, Q unique. "/-" says: no relationship name.
FACTS: dict[str, tuple[str, str]] = {
    "PermissionSet": (
        "facts:permission-api B",
        """
        Name string(80) CUFGSM
        Label string(80) CUFGS
        Description string(255) CUNFGS
        HasActivationRequired boolean CUDFGS
        LicenseId reference->PermissionSetLicense|UserLicense/License CNFGS
        ProfileId reference->Profile/Profile NFGS
        IsOwnedByProfile boolean DFGS
        IsCustom boolean DFGS
        NamespacePrefix string(15) NFGS
        PermissionSetGroupId reference->PermissionSetGroup/PermissionSetGroup NFGS
        Type picklist NFGS
        """,
    ),
    "PermissionSetAssignment": (
        "facts:permission-api D",
        """
        AssigneeId reference->User/Assignee CFGS
        PermissionSetId reference->PermissionSet/PermissionSet CNFGS
        PermissionSetGroupId reference->PermissionSetGroup/PermissionSetGroup CNFGS
        """,
    ),
    "ObjectPermissions": (
        "facts:permission-api D",
        """
        ParentId reference->PermissionSet/Parent CFGS
        SobjectType picklist(40) CRFGS
        """,
    ),
    "FieldPermissions": ("facts:permission-api D", "ParentId reference->PermissionSet/Parent CFGS"),
    "SetupEntityAccess": (
        "facts:permission-api D",
        """
        ParentId reference->PermissionSet/Parent CFGS
        SetupEntityId reference->ApexClass|ApexPage|CustomPermission/- CFGS
        """,
    ),
    "PermissionSetTabSetting": (
        "facts:permission-api D",
        """
        ParentId reference->PermissionSet/Parent CFGS
        Name string(60) CFGSM
        """,
    ),
    "PermissionSetGroupComponent": (
        "facts:permission-api D",
        """
        PermissionSetGroupId reference->PermissionSetGroup/PermissionSetGroup CFGS
        PermissionSetId reference->PermissionSet|MutingPermissionSet/PermissionSet CFGS
        """,
    ),
    "PermissionSetLicenseAssign": (
        "facts:permission-api D",
        """
        PermissionSetLicenseId reference->PermissionSetLicense/PermissionSetLicense CFGS
        AssigneeId reference->User/Assignee CFGS
        """,
    ),
    "PermissionSetLicense": (
        "objectref-v63:unaligned",
        """
        DeveloperName string(80) FGS
        Language picklist(40) RFGS
        MasterLabel string(255) FGSM
        PermissionSetLicenseKey string(81) IFGS
        TotalLicenses int FGS
        Status picklist RFGS
        ExpirationDate date NFGS
        UsedLicenses int FGS
        IsAvailableForIntegrations boolean DFGS
        IsSupplementLicense boolean DFGS
        """,
    ),
    "PermissionSetGroup": ("facts:permission-api D", "DeveloperName string(80) CUFGSM"),
    "PackageLicense": ("facts:permission-api D", "NamespacePrefix string(40) FGS"),
    "UserLicense": (
        "objectref-v63:unaligned",
        """
        LicenseDefinitionKey string FGS
        MasterLabel string NFGS
        Name string IFGSM
        Status picklist RFGS
        TotalLicenses int FGS
        UsedLicenses int S
        UsedLicensesLastUpdated datetime NFS
        """,
    ),
    "UserLogin": (
        "facts:permission-api D",
        """
        UserId reference->User/- FGS
        IsFrozen boolean UDFGS
        IsPasswordLocked boolean UDFGS
        """,
    ),
    "Profile": (
        "facts:permission-api D",
        """
        Name string(255) CUFGSIM
        UserLicenseId reference->UserLicense/UserLicense CFGS
        UserType picklist NRFGS
        Description string CUNFGS
        """,
    ),
    "User": (
        "facts:permission-api D",
        """
        Username string(80) CUFGSI
        LastName string(80) CUFGS
        FirstName string(40) CUNFGS
        Name string(121) FGSM
        Email email(128) CUFGSI
        Alias string(8) CUFGS
        CommunityNickname string(40) CUDFGSQ
        FederationIdentifier string(512) CUNFGSQ
        ProfileId reference->Profile/Profile CUFGS
        UserRoleId reference->UserRole/UserRole CUNFGS
        TimeZoneSidKey picklist(40) CUFGS
        LocaleSidKey picklist(40) CUFGS
        EmailEncodingKey picklist(40) CUFGS
        LanguageLocaleKey picklist(40) CUFGS
        IsActive boolean CUDFGS
        UserType picklist(40) NFGS
        """,
    ),
    "CallCenter": (
        "facts:contact-center 5",
        """
        Name string(255) CFGSIM
        InternalName string(240) CFGS
        AdapterUrl string(2000) CNFGS
        CustomSettings string(3000) CNFS
        Version double CNFS
        """,
    ),
    "CallCenterRoutingMap": (
        "facts:contact-center 7",
        """
        CallCenterId reference->CallCenter/CallCenter CUFGS
        ReferenceRecordId reference->Group|User/ReferenceRecord CUFGS
        DeveloperName string(80) CUFGSM
        ExternalId string(255) CUFGS
        MasterLabel string(80) CUFGS
        Language picklist(40) CUDNRFGS
        QuickConnect string(255) CUNFGS
        """,
    ),
    "ConversationVendorInfo": (
        "facts:contact-center 6",
        """
        DeveloperName string(80) CUFGSM
        Language picklist(40) CUDNRFGS
        MasterLabel string(80) CUFGS
        NamespacePrefix string(15) NFGS
        VendorType picklist(255) CUNRF
        AwsAccountKey string(255) CUNF
        AwsRootEmail email(80) CUNF
        AwsTenantVersion double CUNF
        AwsMpaType picklist(255) CUNF
        IsTaxCompliant boolean CUDF
        ConnectorUrl url(255) CUNF
        CustomLoginUrl url(255) CUNF
        BridgeComponent string(80) CUNF
        TelephonySettingsComponent string(80) CUNF
        IntegrationClassId reference->ApexClass/IntegrationClass CUNF
        NamedCredentialId reference->NamedCredential/NamedCredential CUNF
        CustomIconId reference->StaticResource/CustomIcon CUNF
        CapabilitiesSupportsAgentSSO boolean CUDF
        CapabilitiesSupportsEinsteinConversationInsights boolean CUDF
        CapabilitiesSupportsIntelligence boolean CUDF
        CapabilitiesSupportsKeyProvisioning boolean CUDF
        CapabilitiesSupportsMultiVendorConfig boolean CUDF
        CapabilitiesSupportsNamedCredential boolean CUDF
        CapabilitiesSupportsPartnerContactCenterList boolean CUDF
        CapabilitiesSupportsPartnerPhoneNumbers boolean CUDF
        CapabilitiesSupportsPartnerTransferDestinations boolean CUDF
        CapabilitiesSupportsQueueManagement boolean CUDF
        CapabilitiesSupportsUnifiedRouting boolean CUDF
        CapabilitiesSupportsUniversalCallRecordingAccess boolean CUDF
        CapabilitiesSupportsUserSyncing boolean CUDF
        """,
    ),
    "UserPermissionAccess": ("objectref-v63:unaligned", "LastCacheUpdate datetime NFS"),
    "Group": (
        "objectref-v63:unaligned",
        """
        Name string(40) CUFGSIM
        DeveloperName string(80) CUNFGS
        RelatedId reference->User|UserRole/Related NFGS
        Type picklist(40) CRFGS
        Email email CUNFGS
        OwnerId reference->Organization|User/Owner FGS
        DoesSendEmailToMembers boolean CUDFGS
        DoesIncludeBosses boolean CUDFGS
        """,
    ),
    "GroupMember": (
        "facts:permission-api D",
        """
        GroupId reference->Group/Group CFGS
        UserOrGroupId reference->User|Group/- CFGS
        """,
    ),
    "UserRole": (
        "objectref-v63:unaligned",
        """
        Name string(80) CUFGSIM
        ParentRoleId reference->UserRole/- CUNFGS
        RollupDescription string(80) CUNFGS
        DeveloperName string(80) CUNFGS
        ForecastUserId reference->User/- CUNFGS
        MayForecastManagerShare boolean DFGS
        OpportunityAccessForAccountOwner picklist(40) CURFGS
        CaseAccessForAccountOwner picklist(40) CUNRFGS
        ContactAccessForAccountOwner picklist(40) NRFGS
        PortalAccountId reference->Account/- CUNFGS
        PortalType picklist(40) CNRFGS
        PortalAccountOwnerId reference->User/- NFGS
        """,
    ),
    "Lead": ("composed", "OwnerId reference->Group|User/Owner CUDFGS"),
    "Case": (
        "composed",
        """
        OwnerId reference->Group|User/Owner CUDFGS
        CaseNumber string(30) DFGSIM
        Status picklist(255) CUDNFGS
        """,
    ),
    "Task": (
        "composed",
        """
        WhoId reference->Contact|Lead/Who CUNFGS
        WhatId reference->Account|Case|Opportunity/What CUNFGS
        OwnerId reference->Group|User/Owner CUDFGS
        Status picklist(255) CUDFGS
        Priority picklist(255) CUDFGS
        Subject combobox(255) CUNFGS
        """,
    ),
    "Event": (
        "composed",
        """
        WhoId reference->Contact|Lead/Who CUNFGS
        WhatId reference->Account|Case|Opportunity/What CUNFGS
        OwnerId reference->User/Owner CUDFGS
        Subject combobox(255) CUNFGS
        """,
    ),
}

EXTRA_LINES: dict[str, tuple[tuple[str, str, str | None], ...]] = {
    "User": (
        ("facts:contact-center 1", "CallCenterId reference->CallCenter/- CUNFGS", None),
        # Both objects have the child relationship DelegatedUsers.
        ("jsforce", "DelegatedApproverId reference->Group|User/DelegatedApprover CUNFGS", None),
    ),
    "PermissionSetAssignment": (
        ("facts:permission-api D", "ExpirationDate datetime CUNFS", None),
        ("facts:permission-api J", "IsRevoked boolean UDFGS", "user_access_policies"),
    ),
    "ObjectPermissions": (("objectref-v63", "PermissionsViewAllFields boolean CUDF", "view_all_fields"),),
    # Recorded lists have such a column for each user permission that they know: assumed of the others too, feature by feature.
    "PermissionSetLicense": (
        ("types-v67+composed", "MaximumPermissionsFreezeUsers boolean DFGS", None),
        ("types-v67+composed", "MaximumPermissionsMonitorLoginHistory boolean DFGS", None),
        ("composed", "MaximumPermissionsIsContactCenterAdmin boolean DFGS", "amazon_connect"),
        ("composed", "MaximumPermissionsIsContactCenterAgent boolean DFGS", "amazon_connect"),
        ("composed", "MaximumPermissionsIsContactCenterAdminBYOT boolean DFGS", "partner_telephony"),
        ("composed", "MaximumPermissionsIsContactCenterAgentBYOT boolean DFGS", "partner_telephony"),
        ("composed", "MaximumPermissionsIsContactCenterSupervisor boolean DFGS", "partner_telephony"),
        ("composed", "MaximumPermissionsDelegatedContactCenterAdmin boolean DFGS", "partner_telephony"),
    ),
}
"""More lines with a source or a feature of their own; they win over FACTS."""

PERMISSION_HOLDERS = ("PermissionSet", "Profile", "UserPermissionAccess")
ADDED_PERMISSIONS: dict[str, tuple[str, str | None]] = {
    "PermissionsFreezeUsers": ("facts:user-permissions", None),
    "PermissionsMonitorLoginHistory": ("facts:user-permissions", None),
    "PermissionsIsContactCenterAdmin": ("facts:contact-center 4", "amazon_connect"),
    "PermissionsIsContactCenterAgent": ("facts:contact-center 4", "amazon_connect"),
    "PermissionsIsContactCenterAdminBYOT": ("facts:contact-center 4", "partner_telephony"),
    "PermissionsIsContactCenterAgentBYOT": ("facts:contact-center 4", "partner_telephony"),
    "PermissionsIsContactCenterSupervisor": ("facts:contact-center 4", "partner_telephony"),
    "PermissionsDelegatedContactCenterAdmin": ("facts:contact-center 4", "partner_telephony"),
}
"""User permissions the v59 org did not have: name -> (source, the feature without which the column is absent)."""

PICKLISTS: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {
    ("PermissionSet", "Type"): ("facts:permission-api B", ("Regular", "Standard", "Session", "Group", "Profile")),
    ("PermissionSetTabSetting", "Visibility"): ("facts:permission-api D", ("DefaultOn", "DefaultOff")),
    ("PermissionSetGroup", "Status"): ("facts:permission-api D", ("Updated", "Outdated", "Updating", "Failed")),
    ("PermissionSetLicense", "Status"): ("facts:permission-api D", ("Active", "Disabled")),
    ("PackageLicense", "Status"): ("facts:permission-api D", ("Active", "Expired", "Free", "Trial")),
    ("ConversationVendorInfo", "VendorType"): (
        "facts:contact-center 6",
        ("ServiceCloudVoicePartner", "Amazon_Connect", "BringYourOwnChannelPartner", "BringYourOwnContactCenter"),
    ),
    ("SetupEntityAccess", "SetupEntityType"): (
        "facts:permission-api D",
        (
            "ApexClass", "ApexPage", "BotDefinition", "ConnectedApplication", "CustomEntityDefinition", "CustomPermission",
            "EmailRoutingAddress", "ExternalClientApplication", "ExternalCredentialParameter", "FlowDefinition", "MessagingChannel",
            "OrgWideEmailAddress", "ServiceProvider", "StandardInvocableActionType", "TabSet",
        ),
    ),
}  # fmt: skip

MIN_VERSIONS = {("ObjectPermissions", "PermissionsViewAllFields"): 63.0, ("PermissionSetAssignment", "ExpirationDate"): 52.0}

DEFAULTS: dict[tuple[str, str], object] = {
    ("PermissionSet", "IsCustom"): True,
    ("PermissionSet", "Type"): "Regular",
    ("PermissionSetAssignment", "IsActive"): True,
    ("PermissionSetGroup", "Status"): "Updated",
    ("PermissionSetGroup", "Language"): "en_US",
    ("MutingPermissionSet", "Language"): "en_US",
    ("PermissionSetLicense", "Language"): "en_US",
    ("PermissionSetLicense", "Status"): "Active",
    ("PackageLicense", "Status"): "Active",
    ("UserLicense", "Status"): "Active",
    ("CustomPermission", "Language"): "en_US",
    ("CallCenterRoutingMap", "Language"): "en_US",
    ("ConversationVendorInfo", "Language"): "en_US",
    ("User", "IsActive"): True,
    ("User", "UserType"): "Standard",
    ("Profile", "UserType"): "Standard",
    ("Group", "DoesIncludeBosses"): True,
    ("ApexClass", "IsValid"): True,
    ("User", "DigestFrequency"): "D",
    ("User", "DefaultGroupNotificationFrequency"): "N",
    ("ApexClass", "ApiVersion"): 67.0,
    ("ApexClass", "Status"): "Active",
    ("ApexPage", "ApiVersion"): 67.0,
    ("ApexPage", "ControllerType"): "3",
    ("Lead", "Status"): "Open - Not Contacted",
    ("Case", "Status"): "New",
    ("Task", "Status"): "Not Started",
    ("Task", "Priority"): "Normal",
}

CHILDREN: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "PermissionSet": (
        ("Assignments", "PermissionSetAssignment", "PermissionSetId", "jsforce"),
        ("FieldPerms", "FieldPermissions", "ParentId", "jsforce"),
        ("ObjectPerms", "ObjectPermissions", "ParentId", "jsforce"),
        ("SetupEntityAccessItems", "SetupEntityAccess", "ParentId", "jsforce"),
    ),
    "PermissionSetGroup": (("Assignments", "PermissionSetAssignment", "PermissionSetGroupId", "types-v67"),),
    "PermissionSetLicense": (("PermissionSetLicenseAssignments", "PermissionSetLicenseAssign", "PermissionSetLicenseId", "jsforce"),),
    "Profile": (("Users", "User", "ProfileId", "jsforce"),),
    "User": (
        ("DelegatedUsers", "User", "DelegatedApproverId", "jsforce"),
        ("ManagedUsers", "User", "ManagerId", "jsforce"),
        ("PermissionSetAssignments", "PermissionSetAssignment", "AssigneeId", "jsforce"),
        ("PermissionSetLicenseAssignments", "PermissionSetLicenseAssign", "AssigneeId", "jsforce"),
    ),
    "Group": (
        ("DelegatedUsers", "User", "DelegatedApproverId", "jsforce"),
        ("GroupMembers", "GroupMember", "GroupId", "jsforce"),
    ),
    "Account": (
        ("ChildAccounts", "Account", "ParentId", "jsforce"),
        ("Cases", "Case", "AccountId", "jsforce"),
        ("Contacts", "Contact", "AccountId", "jsforce"),
        ("Opportunities", "Opportunity", "AccountId", "jsforce"),
    ),
    "Contact": (("Cases", "Case", "ContactId", "jsforce"),),
    "Case": (("Cases", "Case", "ParentId", "jsforce"),),
}

QUERY_ONLY = {"UserPermissionAccess", "PackageLicense"}
TASK_PERMISSIONABLE = {"ActivityDate", "Description", "WhatId", "WhoId"}
LONG_TEXT = {
    "Description",
    "Body",
    "Markup",
    "RollupDescriptionLong",
    "Recurrence2PatternText",
    "Comments",
    "OutOfOfficeMessage",
    "AboutMe",
}
READ_ONLY_USER = {
    "Name", "Address", "UserType", "LastLoginDate", "LastPasswordChangeDate", "NumberOfFailedLogins", "OfflineTrialExpirationDate",
    "OfflinePdaTrialExpirationDate", "FullPhotoUrl", "SmallPhotoUrl", "MediumPhotoUrl", "BannerPhotoUrl", "SmallBannerPhotoUrl",
    "MediumBannerPhotoUrl", "BadgeText", "IsExtIndicatorVisible", "IsProfilePhotoActive", "OutOfOfficeMessage", "WorkspaceId", "AccountId",
    "ContactId",
}  # fmt: skip
READ_ONLY = {
    "Id", "IsDeleted", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp", "LastActivityDate",
    "LastViewedDate", "LastReferencedDate", "MasterRecordId", "PhotoUrl", "IsClosed", "IsWon", "ClosedDate", "JigsawCompanyId",
    "JigsawContactId", "EmailBouncedReason", "EmailBouncedDate", "IsEmailBounced", "LastCURequestDate", "LastCUUpdateDate",
    "ConvertedDate", "ConvertedAccountId", "ConvertedContactId", "ConvertedOpportunityId", "ExpectedRevenue", "ForecastCategory",
    "HasOpportunityLineItem", "PushCount", "LastStageChangeDate", "FiscalQuarter", "FiscalYear", "Fiscal", "HasOpenActivity",
    "HasOverdueTask", "LastAmountChangedHistoryId", "LastCloseDateChangedHistoryId", "ContactPhone", "ContactMobile", "ContactEmail",
    "ContactFax", "IsArchived", "IsHighPriority", "CompletedDateTime", "IsRecurrence2Exclusion", "IsRecurrence2",
    "IsRecurrence2Exception", "EndDate", "GroupEventType", "IsGroupEvent", "IsChild", "NamespacePrefix", "BodyCrc",
    "LengthWithoutComments", "CaseNumber", "CompanyDunsNumber",
}  # fmt: skip
REQUIRED = {
    ("Account", "Name"), ("Contact", "LastName"), ("Lead", "LastName"), ("Lead", "Company"), ("Opportunity", "Name"),
    ("Opportunity", "StageName"), ("Opportunity", "CloseDate"), ("ApexClass", "Name"), ("ApexPage", "Name"), ("ApexPage", "MasterLabel"),
    ("ApexPage", "Markup"), ("MutingPermissionSet", "DeveloperName"), ("MutingPermissionSet", "MasterLabel"),
}  # fmt: skip
NAME_FIELDS = {
    "Task": "Subject", "Event": "Subject", "Case": "CaseNumber", "MutingPermissionSet": "DeveloperName",
    "CustomPermission": "DeveloperName",
}  # fmt: skip
COMPOUND_NAMES = {"Contact", "Lead"}
DATE_ONLY = {
    "ActivityDate", "RecurrenceStartDateOnly", "RecurrenceEndDateOnly", "EndDate", "Birthdate", "CloseDate",
    "LastActivityDate", "ConvertedDate",
    "OfflineTrialExpirationDate", "OfflinePdaTrialExpirationDate",
}  # fmt: skip
ADDRESS_PART = r"^(Billing|Shipping|Mailing|Other)?(Street|City|State|PostalCode|Country|Latitude|Longitude|GeocodeAccuracy)$"
UPPER_WORDS = {"Id": "ID", "Url": "URL", "Sso": "SSO", "Crc": "CRC"}


@dataclass
class Draft:
    """A field on its way: what is known so far, and from where."""

    name: str
    known: dict[str, Any] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    optional: str | None = None

    def learn(self, source: str, **facts: Any) -> None:
        """Take what is not known yet; the source counts only if it taught something."""
        news = {name: value for name, value in facts.items() if name not in self.known}
        if not news:
            return
        self.known.update(news)
        if source not in self.sources:
            self.sources.append(source)


@dataclass(frozen=True)
class Golden:
    oas_fields: Mapping[str, list[str]]
    oas_verbs: Mapping[str, Mapping[str, list[str]]]
    oas_schemas: Mapping[str, Any]
    types: Mapping[str, list[list[str]]]
    jsforce: Mapping[str, Any]
    reference: Mapping[str, Any]
    labels: Mapping[str, str]


def read_golden(shared: Path) -> Golden:
    def load(*parts: str) -> Any:
        return json.loads(shared.joinpath("golden", *parts).read_text(encoding="utf-8"))

    with shared.joinpath("facts", "user_permissions.tsv").open(encoding="utf-8", newline="") as lines:
        labels = {row["api_name"]: row["label"] for row in csv.DictReader(lines, delimiter="\t") if row["label"]}
    return Golden(
        load("opensdks-oas", "fields-by-sobject.json"),
        load("opensdks-oas", "verbs-by-sobject.json"),
        load("opensdks-oas", "salesforce-v59.subset.oas.json")["components"]["schemas"],
        load("sobject-types", "fields-v67.json"),
        load("jsforce", "standard-schema.facts.json"),
        load("object-reference-facts", "facts-v63.json"),
        labels,
    )


LINE = re.compile(
    r"(?P<name>\w+) (?P<type>\w+)(?:\((?P<length>\d+)\))?(?:->(?P<targets>[\w|]+))?(?:/(?P<relationship>[\w-]+))? (?P<flags>\w+)"
)


def read_line(line: str) -> tuple[str, dict[str, Any]]:
    """One line of FACTS as (field name, known properties)."""
    match = LINE.fullmatch(line.strip())
    if match is None:
        raise ValueError(f"not a field line: {line!r}")
    flags = match["flags"]
    known: dict[str, Any] = {
        "type": match["type"],
        "nillable": "N" in flags,
        "createable": "C" in flags,
        "updateable": "U" in flags,
        "filterable": "F" in flags,
        "groupable": "G" in flags,
        "sortable": "S" in flags,
        "defaulted_on_create": "D" in flags,
    }
    for flag, name in (("R", "restricted_picklist"), ("I", "id_lookup"), ("M", "name_field"), ("X", "external_id"), ("Q", "unique")):
        if flag in flags:
            known[name] = True
    if match["length"]:
        known["length"] = int(match["length"])
    if match["targets"]:
        known["reference_to"] = match["targets"].split("|")
    if match["relationship"]:
        known["relationship_name"] = None if match["relationship"] == "-" else match["relationship"]
    return match["name"], known


def fact_lines(sobject: str) -> Iterable[tuple[str, str, dict[str, Any], str | None]]:
    for source, line, optional in EXTRA_LINES.get(sobject, ()):
        name, known = read_line(line)
        yield name, source, known, optional
    source, text = FACTS.get(sobject, ("", ""))
    for line in text.splitlines():
        if line.strip():
            name, known = read_line(line)
            yield name, source, known, None


def learn_reference(draft: Draft, row: Mapping[str, Any]) -> None:
    """An aligned row of the Object Reference."""
    properties = set(row["properties"])
    kind = {"dateTime": "datetime", "ID": "id"}.get(row["type"], row["type"])
    draft.learn(
        "objectref-v63",
        type=kind,
        createable="Create" in properties,
        updateable="Update" in properties,
        nillable="Nillable" in properties,
        filterable="Filter" in properties,
        groupable="Group" in properties,
        sortable="Sort" in properties,
        defaulted_on_create="Defaulted on create" in properties,
        **({"restricted_picklist": True} if "Restricted picklist" in properties else {}),
        **({"id_lookup": True} if "idLookup" in properties else {}),
    )


TYPES_V67 = {
    "Boolean": "boolean", "Integer": "int", "Long": "int", "Double": "double", "Decimal": "double", "Date": "date", "Datetime": "datetime",
    "Address": "address", "String": "string", "Blob": "textarea",
}  # fmt: skip


def learn_types(draft: Draft, rows: list[list[str]]) -> None:
    """The v67 dump: [XId, Id] is a reference where [X, Target] exists too."""
    kinds = dict(reversed(rows))
    kind = kinds.get(draft.name)
    if kind is None:
        return
    if kind != "Id":
        draft.learn("types-v67", type=string_kind(draft.name) if kind == "String" else TYPES_V67.get(kind, "string"))
        return
    if draft.name == "Id":
        return
    relationship = draft.name[:-2]
    target = kinds.get(relationship)
    draft.learn("types-v67", type="reference")
    if target and target not in ("Name", "SObject") and not target.endswith("[]"):
        draft.learn("types-v67", reference_to=[target], relationship_name=relationship)


def learn_jsforce(draft: Draft, facts: Mapping[str, Any]) -> None:
    row = facts.get("Fields", {}).get(draft.name)
    if row is None:
        return
    parent = facts.get("ParentReferences", {}).get(draft.name[:-2]) if draft.name.endswith("Id") and draft.name != "Id" else None
    if parent is not None:
        draft.learn("jsforce", type="reference")
        if parent["type"] not in ("Name", "SObject"):
            draft.learn("jsforce", reference_to=[parent["type"]], relationship_name=draft.name[:-2])
    kinds = {"boolean": "boolean", "number": "double", "Address": "address", "BlobString": "textarea"}
    kind = kinds.get(row["type"])
    if row["type"] == "DateString":
        kind = "date" if draft.name in DATE_ONLY else "datetime"
    if row["type"] == "string" and draft.name != "Id":
        kind = (
            "reference"
            if draft.name.endswith("Id") and "type" in draft.known and draft.known["type"] == "reference"
            else string_kind(draft.name)
        )
    if kind is not None:
        draft.learn("jsforce", type=kind)
    draft.learn("jsforce", nillable=row["nillable"])


def learn_oas(draft: Draft, schema: Mapping[str, Any] | None) -> None:
    row = (schema or {}).get("properties", {}).get(draft.name)
    if row is None:
        return
    if row.get("format") in ("date", "date-time"):
        draft.learn("oas-v59", type="date" if row["format"] == "date" else "datetime")
        return
    kind = {"boolean": "boolean", "integer": "int", "number": "double", "object": "address"}.get(row.get("type", ""))
    if kind is not None:
        draft.learn("oas-v59", type=kind)


def string_kind(name: str) -> str:
    if name.endswith("Email") or name == "Email":
        return "email"
    if name.endswith("Phone") or name in ("Fax", "ContactMobile", "ContactFax"):
        return "phone"
    if name.endswith("Url") or name == "Website":
        return "url"
    if name.endswith("Street") or name in LONG_TEXT:
        return "textarea"
    return "string"


def composed_kind(name: str) -> str:
    if name.endswith("Id") and name != "Id":
        return "reference"
    if re.match(r"(Is|Has)[A-Z]", name):
        return "boolean"
    if name in DATE_ONLY:
        return "date"
    if re.search(r"(Date|DateTime|Modstamp)$", name):
        return "datetime"
    return string_kind(name)


def composed_facts(sobject: str, draft: Draft, writable: Mapping[str, bool]) -> dict[str, Any]:
    """What no source says of this field."""
    name = draft.name
    kind = draft.known.get("type") or composed_kind(name)
    read_only = name in READ_ONLY or (sobject == "User" and name in READ_ONLY_USER) or kind == "address"
    if name == "Name" and sobject in COMPOUND_NAMES:
        read_only = True
    required = (sobject, name) in REQUIRED
    long_text = kind == "textarea" and name in LONG_TEXT
    system = name in ("CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp", "IsDeleted")
    return {
        "type": kind,
        "nillable": not (kind == "boolean" or required or system),
        "createable": writable["create"] and not read_only,
        "updateable": writable["update"] and not read_only,
        "filterable": not long_text and kind != "address",
        "sortable": not long_text and kind != "address",
        "groupable": kind in ("string", "reference", "picklist", "boolean", "date", "int", "phone", "email", "url") and not long_text,
        "defaulted_on_create": kind == "boolean" or system or name == "OwnerId" or (sobject, name) in DEFAULTS,
    }


def permissionable(sobject: str, draft: Draft) -> bool:
    known = draft.known
    if sobject in ("Task", "Event"):
        return draft.name in TASK_PERMISSIONABLE
    if sobject not in BUSINESS:
        return False
    if draft.name in READ_ONLY or draft.name in ("Name", "OwnerId", "LastName", "FirstName", "Salutation") or known.get("name_field"):
        return False
    # Field permissions name the compound address, never its parts.
    return bool(known["nillable"]) and not draft.name.startswith("Is") and not re.search(ADDRESS_PART, draft.name)


def label_of(name: str, labels: Mapping[str, str]) -> str:
    if name in labels:
        return labels[name]
    words = re.findall(
        r"[A-Z]+(?![a-z])|[A-Z][a-z]*|[a-z]+|\d+", name.removeprefix("Permissions") if name.startswith("Permissions") else name
    )
    return " ".join(UPPER_WORDS.get(word, word) for word in words)


def field_names(sobject: str, golden: Golden) -> list[str]:
    names = [name for name in golden.oas_fields[sobject] if not name.endswith("__c")]
    names += [name for name, _source, _known, _optional in fact_lines(sobject) if name not in names]
    if sobject in PERMISSION_HOLDERS:
        names += [name for name in ADDED_PERMISSIONS if name not in names]
    return list(dict.fromkeys(names))


def draft_field(sobject: str, name: str, golden: Golden, writable: Mapping[str, bool]) -> Draft:
    draft = Draft(name)
    if name in golden.oas_fields[sobject]:
        draft.sources.append("oas-v59")
    if name == "Id":
        draft.learn("objectref-v63", type="id", length=18, nillable=False, createable=False, updateable=False, defaulted_on_create=True)
        draft.learn("objectref-v63", filterable=True, groupable=False, sortable=True, id_lookup=True)
    for other, source, known, optional in fact_lines(sobject):
        if other == name:
            draft.learn(source, **known)
            draft.optional = draft.optional or optional
    if sobject in PERMISSION_HOLDERS and name.startswith("Permissions"):
        source, draft.optional = ADDED_PERMISSIONS.get(name, ("objectref-v63:unaligned", None))
        writes = sobject != "UserPermissionAccess"
        draft.learn(source, type="boolean", createable=writes, updateable=writes, nillable=False, filterable=True)
        draft.learn(source, groupable=False, sortable=False, defaulted_on_create=writes)
    reference = golden.reference.get(sobject, {})
    if reference.get("aligned"):
        for row in reference["fields"]:
            if row["name"] == name:
                learn_reference(draft, row)
    learn_types(draft, golden.types.get(sobject, []))
    learn_oas(draft, golden.oas_schemas.get(sobject + "SObject"))
    learn_jsforce(draft, golden.jsforce.get(sobject, {}))
    if (sobject, name) in PICKLISTS:
        source, values = PICKLISTS[(sobject, name)]
        draft.known["type"] = "picklist"
        draft.known["picklist"] = list(values)
        if source not in draft.sources:
            draft.sources.append(source)
    draft.learn("composed", **composed_facts(sobject, draft, writable))
    if name == NAME_FIELDS.get(sobject, "Name") and draft.known["type"] not in ("boolean", "reference"):
        draft.learn("composed", name_field=True)
    finish(sobject, draft, golden)
    return draft


def finish(sobject: str, draft: Draft, golden: Golden) -> None:
    known = draft.known
    if known["type"] == "reference":
        known.setdefault("length", 18)
        if draft.name in ("CreatedById", "LastModifiedById") and "reference_to" not in known:
            draft.learn("composed", reference_to=["User"], relationship_name=draft.name[:-2])
        if "reference_to" not in known:
            draft.learn("composed", reference_to=[], relationship_name=None)
        known.setdefault("relationship_name", None)
    if known["type"] != "reference":
        known.pop("reference_to", None)
        known.pop("relationship_name", None)
    if known.get("restricted_picklist") and "picklist" not in known and (sobject, draft.name) not in DYNAMIC_PICKLISTS:
        # A restricted picklist whose values nobody recorded would refuse everything: values unknown means unrestricted here.
        known["restricted_picklist"] = False
    if (sobject, draft.name) in DEFAULTS:
        known["defaulted_on_create"] = True
        known["default"] = DEFAULTS[(sobject, draft.name)]
    if (sobject, draft.name) in MIN_VERSIONS:
        known["min_version"] = MIN_VERSIONS[(sobject, draft.name)]
    known["label"] = label_of(draft.name, golden.labels)
    known["permissionable"] = permissionable(sobject, draft)
    if draft.name in golden.labels:
        draft.sources += ["facts:user-permissions"] if "facts:user-permissions" not in draft.sources else []


DYNAMIC_PICKLISTS = {("ObjectPermissions", "SobjectType"), ("FieldPermissions", "SobjectType"), ("FieldPermissions", "Field")}
"""Restricted picklists whose values depend on the org; a rule computes them."""

PROPERTIES = (
    "type", "label", "length", "nillable", "createable", "updateable", "filterable", "groupable", "sortable",
    "defaulted_on_create", "default",
    "external_id", "unique", "id_lookup", "name_field", "permissionable", "reference_to", "relationship_name", "picklist",
    "restricted_picklist", "min_version",
)  # fmt: skip
SPARE = {
    "length": 0,
    "external_id": False,
    "unique": False,
    "id_lookup": False,
    "name_field": False,
    "permissionable": False,
    "restricted_picklist": False,
}


def field_entry(draft: Draft) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": draft.name}
    for name in PROPERTIES:
        if name in draft.known and not (name in SPARE and draft.known[name] == SPARE[name]):
            entry[name] = draft.known[name]
    if draft.optional:
        entry["optional"] = draft.optional
    entry["source"] = "+".join(draft.sources)
    return entry


def sobject_entry(sobject: str, golden: Golden) -> dict[str, Any]:
    verbs = golden.oas_verbs[sobject]
    writable = {"create": "post" in verbs["collection"], "update": "patch" in verbs["record"]}
    drafts = [draft_field(sobject, name, golden, writable) for name in field_names(sobject, golden)]
    label = label_of(sobject, golden.labels)
    return {
        "name": sobject,
        "label": label,
        "label_plural": PLURALS.get(sobject, label + "s"),
        "key_prefix": PREFIXES[sobject],
        "source": "oas-v59+composed" if sobject in COMPOSED_PREFIXES else "oas-v59+prefixes",
        "createable": writable["create"],
        "updateable": writable["update"],
        "deletable": "delete" in verbs["record"],
        "queryable": True,
        "retrieveable": sobject != "UserPermissionAccess",
        "setup": sobject in SETUP_ONLY,
        "soft_delete": sobject in BUSINESS,
        "child_relationships": [
            {"name": name, "child": child, "field": key, "source": source} for name, child, key, source in CHILDREN.get(sobject, ())
        ],
        "fields": [field_entry(draft) for draft in drafts],
    }


def render(entry: Mapping[str, Any]) -> str:
    """JSON with one field a line, so that a change of one field is a diff of one line."""
    lines = ["{"]
    for name, value in entry.items():
        if isinstance(value, list):
            rows = ",\n".join("  " + json.dumps(item, ensure_ascii=False) for item in value)
            lines.append(f" {json.dumps(name)}: [\n{rows}\n ]," if value else f" {json.dumps(name)}: [],")
            continue
        lines.append(f" {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)},")
    lines[-1] = lines[-1].removesuffix(",")
    return "\n".join([*lines, "}", ""])


def not_emulated(golden: Golden) -> dict[str, Any]:
    """Names that real orgs know and this emulator does not: they must answer 501, not "no such thing"."""
    known = {*golden.oas_verbs, *golden.types, *golden.jsforce, "ContactCenterBulkOp"}
    children: list[dict[str, Any]] = []
    for sobject in OBJECTS:
        names = set(golden.jsforce.get(sobject, {}).get("ChildRelationships", {}))
        names |= {name for name, kind in golden.types.get(sobject, []) if kind.endswith("[]")}
        names -= {name for name, _child, _key, _source in CHILDREN.get(sobject, ())}
        if names:
            children.append({"sobject": sobject, "names": sorted(names)})
    return {"sobjects": sorted(known - set(OBJECTS)), "child_relationships": children}


def write_schema(shared: Path, out: Path) -> None:
    golden = read_golden(shared)
    out.mkdir(parents=True, exist_ok=True)
    for sobject in OBJECTS:
        (out / f"{sobject}.json").write_text(render(sobject_entry(sobject, golden)), encoding="utf-8")
    (out / "not_emulated.json").write_text(render(not_emulated(golden)), encoding="utf-8")
    (out / "sources.json").write_text(json.dumps(SOURCES, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    here = Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description="generate the emulator's schema from the recorded facts")
    parser.add_argument("--shared", type=Path, default=here.parent.parent.parent / "shared", help="folder with golden/ and facts/")
    parser.add_argument("--out", type=Path, default=here / "schema", help="folder to write")
    arguments = parser.parse_args()
    write_schema(arguments.shared, arguments.out)


if __name__ == "__main__":
    main()
