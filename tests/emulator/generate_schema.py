# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes tests/emulator/schema/<SObject>.json from the recorded facts; run by hand, its output is committed.

    python tests/emulator/generate_schema.py [--shared PATH] [--out PATH]

Order of belief, per property of a field: the exceptions below (OVERRULES), describes recorded from real orgs (recorded.tsv: v62, and the
UI API's object infos), what the fact files say of this very field (FACTS below), the aligned rows of the Object Reference (v63), the
feature-complete type dump (v67), the document a real org generated (v59), the standard-schema facts (v46). Recorded comes before
documented. What none of them says is composed by the rules at the end of this file, and the field's source then names "composed" too. A
field's source lists every origin its properties have, joined with "+"; sources.json is the legend. Where two sources contradict each
other, conflicts.json names the property, the winner and the loser.
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
    "describe-v62": "facts read in the describe cache of a developer org, API v62, January 2025 (public project derickporter1993/CloudCode101,"
    " commit d9a73618, .sfdx/tools/soqlMetadata): type, nillable, filter, group, sort, targets, names, labels, picklists",
    "uiapi-recipes": "facts read in the UI API object infos that Salesforce's trailheadapps/lwc-recipes (commit 3c27819d) recorded for Account"
    " and User: createable, updateable, length",
    "oas-v59:text": "golden/opensdks-oas: a maximum length named in the text of a property",
    "facts:permission-api B": "facts/permission-api.md section B: PermissionSet",
    "facts:permission-api D": "facts/permission-api.md section D: objects, key prefixes, field properties",
    "facts:permission-api J": "facts/permission-api.md section J: later reading, overrules",
    "facts:contact-center 1": "facts/contact-center-api.md section 1: User.CallCenterId",
    "facts:contact-center 4": "facts/contact-center-api.md section 4: permissions and licences of Partner Telephony",
    "facts:contact-center 5": "facts/contact-center-api.md section 5: CallCenter",
    "facts:contact-center 6": "facts/contact-center-api.md section 6: ConversationVendorInfo",
    "facts:contact-center 7": "facts/contact-center-api.md section 7: CallCenterRoutingMap",
    "facts:user-permissions": "facts/user_permissions.tsv: API names and labels of user permissions",
    "facts:bulk-op": "golden/object-reference-facts/ContactCenterBulkOp.json and facts/contact-center-api.md sections 2a and 8: name and columns",
    "facts:vonage-package": "facts/vonage_package.tsv: which standard Task fields carry field permissions",
    "object-reference": "Object Reference on developer.salesforce.com, the page of the object itself (v260 and v264): types and properties of its fields,"
    " supported calls",
    "record-classes": "names and coarse types of columns in public client classes (forcedotcom/sfdx-core scratchOrgTypes.ts, CNSDose Salesforce records)",
    "prefixes": "public lists of record Id key prefixes",
    "composed": "not recorded anywhere: composed so that the emulator is whole; never evidence of what a real org says",
}

SETUP_ONLY = (
    "Organization User Profile UserLicense UserRole UserLogin PermissionSet PermissionSetAssignment ObjectPermissions FieldPermissions"
    " SetupEntityAccess PermissionSetTabSetting PermissionSetGroup PermissionSetGroupComponent MutingPermissionSet PermissionSetLicense"
    " PermissionSetLicenseAssign PackageLicense UserPackageLicense ApexClass ApexPage CustomPermission CallCenter CallCenterRoutingMap"
    " ConversationVendorInfo UserPermissionAccess Group GroupMember ContactCenterBulkOp ContactCenterChannel QueueSobject RecordType"
    " ConnectedApplication FlowDefinitionView NamedCredential StaticResource CustomPermissionDependency SessionPermSetActivation SetupAuditTrail"
).split()
BUSINESS = "Account Contact Lead Case Opportunity Task Event Asset Campaign Product2".split()
DEV_HUB = ("ScratchOrgInfo", "ActiveScratchOrg")
OBJECTS = (*SETUP_ONLY, *BUSINESS, *DEV_HUB)
OPTIONAL_OBJECTS = {
    "ContactCenterBulkOp": "partner_telephony|amazon_connect",
    "ContactCenterChannel": "partner_telephony|amazon_connect",
    "ConversationVendorInfo": "partner_telephony|amazon_connect",
    **dict.fromkeys(DEV_HUB, "dev_hub"),
}
"""Objects that exist only in orgs with one of these features."""

PREFIXES = {
    "Organization": "00D", "User": "005", "Profile": "00e", "UserLicense": "100", "UserRole": "00E", "UserLogin": "0Yw",
    "PermissionSet": "0PS",
    "PermissionSetAssignment": "0Pa", "ObjectPermissions": "110", "FieldPermissions": "01k", "SetupEntityAccess": "0J0",
    "PermissionSetTabSetting": "01P", "PermissionSetGroup": "0PG", "PermissionSetGroupComponent": "0PM", "MutingPermissionSet": "0QM",
    "PermissionSetLicense": "0PL", "PermissionSetLicenseAssign": "2LA", "PackageLicense": "050", "UserPackageLicense": "051",
    "ApexClass": "01p", "ApexPage": "066", "CustomPermission": "0CP", "CallCenter": "04v", "CallCenterRoutingMap": "1Rm",
    "ConversationVendorInfo": "1Cv", "UserPermissionAccess": "1Up", "Group": "00G", "GroupMember": "011", "Account": "001",
    "Contact": "003",
    "Lead": "00Q", "Case": "500", "Opportunity": "006", "Task": "00T", "Event": "00U", "Asset": "02i", "Campaign": "701", "Product2": "01t",
    "RecordType": "012", "QueueSobject": "03g", "StaticResource": "081", "ConnectedApplication": "0H4", "NamedCredential": "0XA",
    "ContactCenterBulkOp": "1Bu", "ContactCenterChannel": "1Cc", "FlowDefinitionView": "1Fd", "CustomPermissionDependency": "1Cd",
    "SessionPermSetActivation": "1Sa", "SetupAuditTrail": "0Ym", "ScratchOrgInfo": "2SR", "ActiveScratchOrg": "1Ao",
}  # fmt: skip
COMPOSED_PREFIXES = {
    "CallCenterRoutingMap", "ConversationVendorInfo", "UserPermissionAccess", "ContactCenterBulkOp", "ContactCenterChannel",
    "FlowDefinitionView", "CustomPermissionDependency", "SessionPermSetActivation", "NamedCredential",
    "ActiveScratchOrg", "SetupAuditTrail",
}  # fmt: skip
"""No list that was read names these prefixes: they are made up, so that Ids of different objects can be told apart."""
VERBS_WITHOUT_DOCUMENT = {
    "ContactCenterBulkOp": ("facts:bulk-op+composed", {"collection": ["get", "post"], "record": []}),
    "ContactCenterChannel": ("objectref-v63", {"collection": ["get", "post"], "record": ["delete", "get", "patch"]}),
    "ScratchOrgInfo": ("object-reference", {"collection": ["get", "post"], "record": ["delete", "get", "patch"]}),
    "ActiveScratchOrg": ("object-reference", {"collection": ["get"], "record": ["delete", "get", "patch"]}),
}
"""Objects that the v59 document lacks: where their verbs come from, and the verbs."""
CALLS_COMPOSED = {
    **{name: {"replicateable", "undeletable", "searchable"} for name in BUSINESS},
    "Account": {"replicateable", "undeletable", "searchable", "mergeable"},
    "Contact": {"replicateable", "undeletable", "searchable", "mergeable"},
    "Lead": {"replicateable", "undeletable", "searchable", "mergeable"},
    "Case": {"replicateable", "undeletable", "searchable", "mergeable"},
}
"""Calls beyond the verbs, for objects whose page is not among the recorded facts."""

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
    "Case": ("composed", "CaseNumber string(30) DFSIM"),
    "SetupAuditTrail": (
        "object-reference",
        """
        Action string FS
        Section string NS
        Display string NS
        DelegateUser string NFS
        CreatedByContext string NFGS
        CreatedByIssuer string NFGS
        """,
    ),
    "ScratchOrgInfo": (
        "object-reference",
        """
        Name string DIFSM
        AdminEmail email CNFGS
        AuthCode string NFGS
        ConnectedAppCallbackUrl textarea C
        ConnectedAppConsumerKey string CFGS
        Country string CNFGS
        """,
    ),
    "ActiveScratchOrg": (
        "object-reference",
        """
        Name string DIFSM
        Description textarea CNU
        Edition picklist NRFGS
        ExpirationDate date NFGS
        Features textarea N
        HasSampleData boolean CDFGS
        LastLoginDate date NFGS
        LastReferencedDate datetime NFS
        """,
    ),
    "ContactCenterBulkOp": (
        "facts:bulk-op+composed",
        """
        Argument1 string(255) CNFS
        Argument2 string(255) CNFS
        Argument3 string(255) CNFS
        Argument4 string(255) CNFS
        Argument5 string(255) CNFS
        Argument6 string(255) CNFS
        BulkAction picklist(255) CRFS
        """,
    ),
    "ContactCenterChannel": (
        "composed",
        """
        ContactCenterId reference->CallCenter/ContactCenter CUFGS
        ChannelId reference->MessagingChannel/Channel CUFGS
        """,
    ),
    "QueueSobject": ("composed", "SobjectType picklist(40) CFGS"),
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
    # The classes name the columns; what can be done with each is composed. That Description cannot be filtered is quoted in public.
    "ScratchOrgInfo": (
        ("record-classes+composed", "OwnerId reference->Group|User/Owner DFGS", None),
        ("record-classes+composed", "LastViewedDate datetime NFS", None),
        ("record-classes+composed", "LastReferencedDate datetime NFS", None),
        ("record-classes+composed", "Edition picklist CNFGS", None),
        ("record-classes+composed", "Username string(80) CNFGS", None),
        ("record-classes+composed", "OrgName string(80) CNFGS", None),
        ("record-classes+composed", "DurationDays int CUNFGS", None),
        ("record-classes+composed", "Namespace string(15) CNFGS", None),
        ("record-classes+composed", "Features textarea(32000) CN", None),
        ("record-classes+composed", "Language string(40) CNFGS", None),
        ("record-classes+composed", "Instance string(40) CNFGS", None),
        ("record-classes+composed", "Package2AncestorIds textarea CN", None),
        ("record-classes+composed", "HasSampleData boolean CDFGS", None),
        ("record-classes+composed", "Release picklist CNFGS", None),
        ("record-classes+composed", "SignupUsername string(80) NFGS", None),
        ("record-classes+composed", "Status picklist NFGS", None),
        ("record-classes+composed", "ErrorCode string(255) NFGS", None),
        ("record-classes+composed", "ScratchOrg string(15) NFGS", None),
        ("record-classes+composed", "SignupInstance string(40) NFGS", None),
        ("record-classes+composed", "SignupCountry string(2) NFGS", None),
        ("record-classes+composed", "SignupLanguage string(40) NFGS", None),
        ("record-classes+composed", "SignupEmail email(80) NFGS", None),
        ("record-classes+composed", "SignupTrialDays int NFGS", None),
        ("record-classes+composed", "LoginUrl url(255) NFGS", None),
        ("record-classes+composed", "Description textarea(32000) CUN", None),
        ("record-classes+composed", "ExpirationDate date NFGS", None),
        ("record-classes+composed", "LastLoginDate date NFGS", None),
        ("record-classes+composed", "DeletedBy string(80) NFGS", None),
        ("record-classes+composed", "DeletedDate datetime NFS", None),
    ),
    "ActiveScratchOrg": (
        ("record-classes+composed", "OwnerId reference->Group|User/Owner DFGS", None),
        ("record-classes+composed", "LastViewedDate datetime NFS", None),
        ("record-classes+composed", "ScratchOrg string(15) NFGS", None),
        ("record-classes+composed", "ScratchOrgInfoId reference->ScratchOrgInfo/ScratchOrgInfo NFGS", None),
        ("record-classes+composed", "SignupInstance string(40) NFGS", None),
        ("record-classes+composed", "Namespace string(15) NFGS", None),
        ("record-classes+composed", "SignupUsername string(80) NFGS", None),
        ("record-classes+composed", "SignupEmail email(80) NFGS", None),
        ("record-classes+composed", "OrgName string(80) NFGS", None),
        ("record-classes+composed", "SignupTrialDays int NFGS", None),
    ),
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

OVERRULES: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {
    # The describe names the target that an org without muting sets shows; muting sets are members by the same field.
    ("PermissionSetGroupComponent", "PermissionSetId"): (
        "facts:permission-api D",
        {"reference_to": ["PermissionSet", "MutingPermissionSet"], "relationship_name": "PermissionSet"},
    ),
}
"""Properties where a fact file knows better than a describe of one org."""

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
    ("ContactCenterBulkOp", "BulkAction"): ("facts:bulk-op", ("AddUsers", "AddGroups")),
    ("ScratchOrgInfo", "Status"): ("record-classes", ("New", "Creating", "Active", "Error", "Deleted")),
    ("ScratchOrgInfo", "Edition"): ("object-reference", ("Group", "Developer", "Enterprise", "Professional")),
    ("ActiveScratchOrg", "Edition"): ("object-reference", ("Group", "Developer", "Enterprise", "Professional")),
    ("SetupEntityAccess", "SetupEntityType"): (
        "facts:permission-api D",
        (
            "ApexClass", "ApexPage", "BotDefinition", "ConnectedApplication", "CustomEntityDefinition", "CustomPermission",
            "EmailRoutingAddress", "ExternalClientApplication", "ExternalCredentialParameter", "FlowDefinition", "MessagingChannel",
            "OrgWideEmailAddress", "ServiceProvider", "StandardInvocableActionType", "TabSet",
        ),
    ),
}  # fmt: skip

FILTERABLE_BEFORE = {("UserLicense", "UsedLicenses"): 64.0}
"""facts permission-api D: not filterable from that version on."""

MIN_VERSIONS = {
    ("ObjectPermissions", "PermissionsViewAllFields"): 63.0,
    ("PermissionSetAssignment", "ExpirationDate"): 52.0,
    ("User", "UserPreferencesActionLauncherEinsteinGptConsent"): 62.0,
    ("User", "UserPreferencesAssistiveActionsEnabledInActionLauncher"): 62.0,
}

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
    "CallCenter": (("ContactCenterChannels", "ContactCenterChannel", "ContactCenterId", "facts:contact-center 5"),),
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
    "CustomPermission": "DeveloperName", "FlowDefinitionView": "Label", "NamedCredential": "DeveloperName",
}  # fmt: skip
COMPOUND_NAMES = {"Contact", "Lead"}
DATE_ONLY = {
    "ActivityDate", "RecurrenceStartDateOnly", "RecurrenceEndDateOnly", "EndDate", "Birthdate", "CloseDate",
    "LastActivityDate", "ConvertedDate",
    "OfflineTrialExpirationDate", "OfflinePdaTrialExpirationDate",
}  # fmt: skip
READ_ONLY_OF = {
    "Asset": {"RootAssetId", "ProductCode", "AssetLevel", "HasLifecycleManagement", "CurrentMrr", "CurrentLifecycleEndDate",
              "CurrentQuantity", "CurrentAmount", "TotalLifecycleAmount", "LifecycleStartDate", "LifecycleEndDate", "IsInternal"},
    "Campaign": {"NumberOfLeads", "NumberOfConvertedLeads", "NumberOfContacts", "NumberOfResponses", "NumberOfOpportunities",
                 "NumberOfWonOpportunities", "AmountAllOpportunities", "AmountWonOpportunities"},
    "Product2": {"IsArchived"},
    "StaticResource": {"BodyLength"},
}  # fmt: skip
LENGTHS = {
    "phone": 40, "email": 80, "url": 255, "picklist": 255, "multipicklist": 4099, "combobox": 255, "string": 255, "textarea": 255,
}  # fmt: skip
"""Lengths where none is recorded, by type: what standard describes mostly show. Composed."""
LENGTHS_OF_NAMES = {
    "FirstName": 40, "LastName": 80, "Salutation": 40, "City": 40, "State": 80, "PostalCode": 20, "Country": 80, "GeocodeAccuracy": 40,
    "CleanStatus": 40, "Title": 128, "Department": 80, "AssistantName": 40, "SuppliedName": 80, "SuppliedCompany": 80, "Comments": 4000,
    "Language": 40, "NamespacePrefix": 15, "DeveloperName": 80, "TaskSubtype": 40, "EventSubtype": 40, "ShowAs": 40, "Body": 1000000,
    "Markup": 1048576,
}  # fmt: skip
"""Likewise by field name; an address part counts with its prefix (MailingCity)."""
STATED_LENGTH = (
    r"(?:[Mm]aximum (?:size|length)(?: is)?|[Mm]aximum of|[Ll]imit:|[Ll]imited to|up to|Up to) (\d[\d,]*) (?:characters|KB)(?! long)"
)
"""How the texts of the v59 document state a length; 32 KB is 32,000 characters in describes."""
FEATURE_COLUMNS = (
    ("multi_currency", r"(Default)?CurrencyIsoCode"),
    ("state_country_picklists", r"(Billing|Shipping|Mailing|Other)?(State|Country)Code"),
    ("record_types", r"RecordTypeId"),
    ("divisions", r"(Default)?Division"),
)
"""Columns of the feature-complete dump (v67) that ordinary orgs lack: the feature that brings them, and their names."""
LATER_COLUMNS = r"UserPreferences(?!Disable(Feedback|Work)Email$|HideLegacyRetirementModal$)\w+"
"""Columns of the v67 dump that no feature explains: newer than the documents of v59 and v62. The three left out were recorded in an older
org: they come with some feature, which one is not known."""
ORDINARY_COLUMNS = {
    "Contact": ("DoNotCall", "HasOptedOutOfEmail", "HasOptedOutOfFax"),
    "Lead": ("DoNotCall", "HasOptedOutOfEmail", "HasOptedOutOfFax"),
}
"""Columns that describes leave out where the describing user may not read them: the dump has them and the v62 org's field permissions name them."""
SUBSTANTIATED = {"describe-v62": 62.0, "types-v67": 67.0}
"""Sources newer than the v59 document: a column that is only there exists, as far as is known, from that version on."""
ADDRESS_PART = (
    r"^(Billing|Shipping|Mailing|Other)?(Street|City|State|StateCode|PostalCode|Country|CountryCode|Latitude|Longitude|GeocodeAccuracy)$"
)
UPPER_WORDS = {"Id": "ID", "Url": "URL", "Sso": "SSO", "Crc": "CRC"}


@dataclass
class Draft:
    """A field on its way: what is known so far, and from where."""

    name: str
    known: dict[str, Any] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    optional: str | None = None
    origin: dict[str, str] = field(default_factory=dict)
    conflicts: list[dict[str, Any]] = field(default_factory=list)

    def learn(self, source: str, **facts: Any) -> None:
        """Take what is not known yet; the source counts only if it taught something. What contradicts is noted."""
        for name, value in facts.items():
            if name in self.known and contradicts(name, self.known[name], value) and "composed" not in (source, self.origin.get(name)):
                winner = {"property": name, "won": self.known[name], "by": self.origin.get(name, "?"), "lost": value, "of": source}
                self.conflicts.append({"field": self.name, **winner})
        news = {name: value for name, value in facts.items() if name not in self.known}
        if not news:
            return
        self.known.update(news)
        self.origin.update(dict.fromkeys(news, source))
        if source not in self.sources:
            self.sources.append(source)


COARSE_TYPES = {"string", "double", "textarea", "phone", "email", "url", "reference"}
"""Types read off a JSON or Apex type or a field's name: a finer type elsewhere does not contradict them."""


def contradicts(name: str, known: Any, other: Any) -> bool:
    if known == other or name in ("label", "default", "picklist"):
        return False
    if name == "type":
        return other not in COARSE_TYPES and {known, other} != {"date", "datetime"}
    if name == "reference_to":
        return not set(other) <= set(known)
    return not (name == "relationship_name" and None in (known, other))


RECORDED = Path(__file__).resolve().parent / "schema" / "recorded.tsv"


@dataclass(frozen=True)
class Golden:
    oas_fields: Mapping[str, list[str]]
    oas_verbs: Mapping[str, Mapping[str, list[str]]]
    oas_schemas: Mapping[str, Any]
    types: Mapping[str, list[list[str]]]
    jsforce: Mapping[str, Any]
    reference: Mapping[str, Any]
    labels: Mapping[str, str]
    recorded: Recorded


@dataclass
class Recorded:
    """recorded.tsv, sorted by what its lines are about."""

    objects: dict[str, str] = field(default_factory=dict)
    fields: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    patterns: list[list[str]] = field(default_factory=list)
    children: list[list[str]] = field(default_factory=list)
    permissions: list[str] = field(default_factory=list)
    permissionable: dict[str, frozenset[str]] = field(default_factory=dict)
    writes: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)


def read_recorded() -> Recorded:
    found = Recorded()
    for line in RECORDED.read_text(encoding="utf-8").splitlines():
        kind, *cells = line.split("\t")
        if kind == "object":
            found.objects[cells[0]] = cells[1]
        if kind == "field":
            found.fields[(cells[0], cells[1])] = [*cells[2:], *[""] * (8 - len(cells))]
        if kind == "pattern":
            found.patterns.append(cells)
        if kind == "child":
            found.children.append([*cells, *[""] * (5 - len(cells))])
        if kind == "permissions":
            found.permissions = cells[1].split(" ")
        if kind == "permissionable":
            found.permissionable[cells[0]] = frozenset(cells[1].split(" "))
        if kind == "writes":
            found.writes[(cells[0], cells[1])] = (cells[2], int(cells[3]))
    return found


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
        read_recorded(),
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


def compound_of(sobject: str, name: str) -> str | None:
    """The compound field that the field is a part of: addresses, and names of people (as recorded for Account and User)."""
    if sobject in PEOPLE and name in ("FirstName", "LastName", "Salutation"):
        return "Name"
    part = re.fullmatch(ADDRESS_PART, name)
    if part is None or (part[1] is None and sobject not in PLAIN_ADDRESSES):
        return None
    return f"{part[1] or ''}Address"


PEOPLE = {"Contact", "Lead", "User"}
AUTO_NUMBERS = {("Case", "CaseNumber"), ("ScratchOrgInfo", "Name"), ("ActiveScratchOrg", "Name")}
PLAIN_ADDRESSES = {"Lead", "User", "Organization", "Asset"}


def flags_of(letters: str) -> dict[str, bool]:
    words = (("nillable", "N"), ("filterable", "F"), ("groupable", "G"), ("sortable", "S"), ("aggregatable", "A"))
    return {word: letter in letters for word, letter in words}


def learn_recorded(sobject: str, draft: Draft, recorded: Recorded) -> None:
    """What describes of real orgs say of this field."""
    row = recorded.fields.get((sobject, draft.name))
    if row is not None:
        kind, letters, reference, label, default, values = row
        draft.learn("describe-v62", type=kind, label=label, **flags_of(letters))
        if kind == "reference" and reference:
            targets, _slash, relationship = reference.removeprefix("->").partition("/")
            draft.learn("describe-v62", reference_to=targets.split("|"), relationship_name=None if relationship == "-" else relationship)
        if values:
            draft.learn("describe-v62", picklist=values.split("|"))
        if default and kind == "picklist":
            draft.learn("describe-v62", default=default, defaulted_on_create=True)
    for holder, prefix, kind, letters in recorded.patterns:
        if holder == sobject and draft.name.startswith(prefix.removesuffix("*")):
            draft.learn("describe-v62", type=kind, **flags_of(letters))
    writes = recorded.writes.get((sobject, draft.name))
    if writes is not None:
        letters, length = writes
        draft.learn("uiapi-recipes", createable="C" in letters, updateable="U" in letters)
        if length and draft.known.get("type") != "picklist":
            draft.learn("uiapi-recipes", length=length)


def learn_stated_length(sobject: str, draft: Draft, schema: Mapping[str, Any] | None) -> None:
    """A length that the text of the v59 document names."""
    text = (schema or {}).get("properties", {}).get(draft.name, {}).get("description", "")
    stated = re.search(STATED_LENGTH, text)
    composed_name = draft.name == "Name" and sobject in PEOPLE
    if stated is None or draft.known.get("type") not in TEXT_KINDS - {"picklist"} or composed_name:
        return
    length = int(stated[1].replace(",", ""))
    draft.learn("oas-v59:text", length=32000 if length in (32, 32000) else length)


TEXT_KINDS = {"string", "picklist", "multipicklist", "combobox", "textarea", "email", "phone", "url"}


def composed_length(sobject: str, draft: Draft) -> int:
    kind = draft.known["type"]
    if kind not in TEXT_KINDS:
        return 0
    if draft.name == "Name" and sobject in COMPOUND_NAMES:
        return 121
    named = LENGTHS_OF_NAMES.get(draft.name) or LENGTHS_OF_NAMES.get(re.sub(r"^(Billing|Shipping|Mailing|Other)(?=[A-Z])", "", draft.name))
    if named:
        return named
    return 32000 if kind == "textarea" and not draft.known.get("filterable", False) else LENGTHS[kind]


def composed_facts(sobject: str, draft: Draft, writable: Mapping[str, bool]) -> dict[str, Any]:
    """What no source says of this field."""
    name = draft.name
    kind = draft.known.get("type") or composed_kind(name)
    read_only = (
        name in READ_ONLY or name in READ_ONLY_OF.get(sobject, ()) or (sobject == "User" and name in READ_ONLY_USER) or kind == "address"
    )
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
        "filterable": not long_text,
        "sortable": not long_text and kind != "address",
        "aggregatable": not long_text and kind not in ("address", "boolean"),
        "groupable": kind in ("string", "reference", "picklist", "boolean", "date", "int", "phone", "email", "url") and not long_text,
        "defaulted_on_create": kind == "boolean" or system or name == "OwnerId" or (sobject, name) in DEFAULTS,
    }


def permissionable(sobject: str, draft: Draft, recorded: Recorded) -> bool:
    """Whether field permissions can name the field: the v62 org's list of them, where it has the object."""
    if sobject not in BUSINESS:
        return False
    return draft.name in recorded.permissionable[sobject] or (sobject, draft.name) in ALSO_PERMISSIONABLE


ALSO_PERMISSIONABLE = {
    ("Account", "OperatingHoursId"),
    ("Contact", "IndividualId"),
    ("Lead", "IndividualId"),
    ("Opportunity", "Pricebook2Id"),
}
"""Lookups of features which that org has switched off."""


def label_of(name: str, labels: Mapping[str, str]) -> str:
    if name in labels:
        return labels[name]
    words = re.findall(
        r"[A-Z]+(?![a-z])|[A-Z][a-z]*|[a-z]+|\d+", name.removeprefix("Permissions") if name.startswith("Permissions") else name
    )
    return " ".join(UPPER_WORDS.get(word, word) for word in words)


def feature_of(name: str) -> str | None:
    return next((feature for feature, pattern in FEATURE_COLUMNS if re.fullmatch(pattern, name)), None)


def field_names(sobject: str, golden: Golden) -> list[str]:
    """In describe order as far as it is known: the v59 document, then what newer or fuller sources add."""
    names = [name for name in golden.oas_fields.get(sobject, ["Id"]) if not name.endswith("__c")]
    names += [name for name, _source, _known, _optional in fact_lines(sobject)]
    names += [name for holder, name in golden.recorded.fields if holder == sobject]
    names += ORDINARY_COLUMNS.get(sobject, ())
    if sobject not in golden.oas_fields:
        names += SYSTEM_COLUMNS
    if sobject in PERMISSION_HOLDERS:
        names += ADDED_PERMISSIONS
    names += [prefix + name.removeprefix("Permissions") for prefix in prefixes_of(sobject) for name in golden.recorded.permissions]
    names += [name for name, kind in golden.types.get(sobject, []) if not kind.endswith("[]") and (feature_of(name) or is_later(name))]
    return list(dict.fromkeys(names))


SYSTEM_COLUMNS = ("IsDeleted", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp")


def prefixes_of(sobject: str) -> tuple[str, ...]:
    """How the object's columns for user permissions begin."""
    if sobject in (*PERMISSION_HOLDERS, "MutingPermissionSet"):
        return ("Permissions",)
    return ("MaximumPermissions",) if sobject == "PermissionSetLicense" else ()


def is_later(name: str) -> bool:
    return re.fullmatch(LATER_COLUMNS, name) is not None


def shape(sobject: str, draft: Draft, golden: Golden) -> None:
    """In which orgs and from which version on the column exists."""
    name = draft.name
    if (sobject, name) in MIN_VERSIONS:
        draft.known["min_version"] = MIN_VERSIONS[(sobject, name)]
    if (sobject, name) in FILTERABLE_BEFORE:
        draft.known["filterable_before"] = FILTERABLE_BEFORE[(sobject, name)]
        draft.sources.append("facts:permission-api D")
    if name in golden.oas_fields.get(sobject, ()) or draft.optional or sobject not in golden.oas_fields:
        return
    if any(other == name for other, _source, _known, _optional in fact_lines(sobject)) or name in ORDINARY_COLUMNS.get(sobject, ()):
        return
    if any(name == prefix + one.removeprefix("Permissions") for prefix in prefixes_of(sobject) for one in golden.recorded.permissions):
        draft.optional = None if name in ADDED_PERMISSIONS else "developer_edition"
        return
    draft.optional = feature_of(name)
    if draft.optional is None and name not in ADDED_PERMISSIONS:
        newest = "describe-v62" if (sobject, name) in golden.recorded.fields else "types-v67"
        draft.known.setdefault("min_version", SUBSTANTIATED[newest])


def learn_permission_column(sobject: str, draft: Draft) -> None:
    if sobject not in PERMISSION_HOLDERS or not draft.name.startswith("Permissions"):
        return
    source, draft.optional = ADDED_PERMISSIONS.get(draft.name, ("objectref-v63:unaligned", None))
    writes = sobject != "UserPermissionAccess"
    draft.learn(source, type="boolean", createable=writes, updateable=writes, nillable=False, filterable=True)
    draft.learn(source, groupable=False, sortable=False, defaulted_on_create=writes)


def draft_field(sobject: str, name: str, golden: Golden, writable: Mapping[str, bool]) -> Draft:
    draft = Draft(name)
    if name in golden.oas_fields.get(sobject, ()):
        draft.sources.append("oas-v59")
    if (sobject, name) in OVERRULES:
        source, facts = OVERRULES[(sobject, name)]
        draft.learn(source, **facts)
    learn_recorded(sobject, draft, golden.recorded)
    if name == "Id":
        draft.learn("objectref-v63", type="id", length=18, nillable=False, createable=False, updateable=False, defaulted_on_create=True)
        draft.learn("objectref-v63", filterable=True, sortable=True, id_lookup=True)
        draft.learn("composed", groupable=True)
    for other, source, known, optional in fact_lines(sobject):
        if other == name:
            draft.learn(source, **known)
            draft.optional = draft.optional or optional
    learn_permission_column(sobject, draft)
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
    learn_stated_length(sobject, draft, golden.oas_schemas.get(sobject + "SObject"))
    if composed_length(sobject, draft):
        draft.learn("composed", length=composed_length(sobject, draft))
    if name == NAME_FIELDS.get(sobject, "Name") and draft.known["type"] not in ("boolean", "reference"):
        draft.learn("composed", name_field=True)
    finish(sobject, draft, golden)
    shape(sobject, draft, golden)
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
    if not known["nillable"] and not known["createable"] and known["type"] in ("int", "double", "currency", "percent"):
        # Counters and totals that the platform fills: never null.
        known.setdefault("default", 0)
    known["auto_number"] = (sobject, draft.name) in AUTO_NUMBERS
    known["compound_field_name"] = compound_of(sobject, draft.name)
    known.setdefault("label", label_of(draft.name, golden.labels))
    known["permissionable"] = permissionable(sobject, draft, golden.recorded)
    if draft.name in golden.labels and known["label"] == golden.labels[draft.name]:
        draft.sources += ["facts:user-permissions"] if "facts:user-permissions" not in draft.sources else []


DYNAMIC_PICKLISTS = {("ObjectPermissions", "SobjectType"), ("FieldPermissions", "SobjectType"), ("FieldPermissions", "Field")}
"""Restricted picklists whose values depend on the org; a rule computes them."""

PROPERTIES = (
    "type", "label", "length", "nillable", "createable", "updateable", "filterable", "groupable", "sortable", "aggregatable",
    "defaulted_on_create", "default",
    "auto_number", "external_id", "unique", "id_lookup", "name_field", "permissionable", "reference_to", "relationship_name", "picklist",
    "restricted_picklist", "compound_field_name", "min_version", "filterable_before",
)  # fmt: skip
SPARE = {
    "length": 0,
    "auto_number": False,
    "aggregatable": True,
    "compound_field_name": None,
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


def verbs_of(sobject: str, golden: Golden) -> tuple[str, Mapping[str, list[str]]]:
    """Where the object's verbs come from, and the verbs of its two resources."""
    if sobject in golden.oas_verbs:
        return "oas-v59", golden.oas_verbs[sobject]
    source, verbs = VERBS_WITHOUT_DOCUMENT[sobject]
    return source, verbs


def calls_of(sobject: str, golden: Golden) -> tuple[str, set[str]]:
    """Where the object's further calls come from, and the flags that they set."""
    reference = golden.reference.get(sobject)
    if reference is None:
        return "composed", CALLS_COMPOSED.get(sobject, set())
    calls = set(reference["supported_calls"])
    flags = {"replicateable": {"getDeleted", "getUpdated"}, "searchable": {"search"}, "mergeable": {"merge"}, "undeletable": {"undelete"}}
    return "objectref-v63", {flag for flag, needed in flags.items() if needed <= calls}


def child_entries(sobject: str, golden: Golden) -> list[dict[str, Any]]:
    """Relationships to objects that are emulated; the hand-written ones win."""
    entries: list[dict[str, Any]] = [
        {"name": name, "child": child, "field": key, "source": source} for name, child, key, source in CHILDREN.get(sobject, ())
    ]
    taken = {entry["name"] for entry in entries}
    for parent, name, child, key, flags in golden.recorded.children:
        known = next((entry for entry in entries if entry["name"] == name), None)
        if parent != sobject or child not in OBJECTS:
            continue
        deletes = {flag: True for flag, letter in (("cascade_delete", "C"), ("restricted_delete", "R")) if letter in flags}
        if known is not None:
            known.update(deletes)
        if name not in taken:
            entries.append({"name": name, "child": child, "field": key, "source": "describe-v62", **deletes})
    return entries


def sobject_entry(sobject: str, golden: Golden) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The object's file, and what its sources do not agree on."""
    verbs_source, verbs = verbs_of(sobject, golden)
    calls_source, calls = calls_of(sobject, golden)
    writable = {"create": "post" in verbs["collection"], "update": "patch" in verbs["record"]}
    drafts = [draft_field(sobject, name, golden, writable) for name in field_names(sobject, golden)]
    label = golden.recorded.objects.get(sobject) or label_of(sobject, golden.labels)
    prefix_source = "composed" if sobject in COMPOSED_PREFIXES else "prefixes"
    entry = {
        "name": sobject,
        "label": label,
        "label_plural": PLURALS.get(sobject, label + "s"),
        "key_prefix": PREFIXES[sobject],
        "key_prefix_source": prefix_source,
        "source": "+".join(dict.fromkeys([*verbs_source.split("+"), prefix_source])),
        **({"optional": OPTIONAL_OBJECTS[sobject]} if sobject in OPTIONAL_OBJECTS else {}),
        "createable": writable["create"],
        "updateable": writable["update"],
        "deletable": "delete" in verbs["record"],
        "queryable": sobject not in NOT_QUERYABLE,
        "retrieveable": "get" in verbs["record"] and sobject != "UserPermissionAccess",
        **{flag: flag in calls for flag in ("replicateable", "undeletable", "searchable", "mergeable")},
        "calls_source": calls_source,
        "setup": sobject in SETUP_ONLY,
        "soft_delete": sobject in BUSINESS or sobject in DEV_HUB,
        "child_relationships": child_entries(sobject, golden),
        "fields": [field_entry(draft) for draft in drafts],
    }
    return entry, [{"sobject": sobject, **conflict} for draft in drafts for conflict in draft.conflicts]


NOT_QUERYABLE = {"ContactCenterBulkOp"}
"""The fact file advises: createable, everything else unknown."""


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
    known = {*golden.oas_verbs, *golden.types, *golden.jsforce}
    children: list[dict[str, Any]] = []
    for sobject in OBJECTS:
        names = set(golden.jsforce.get(sobject, {}).get("ChildRelationships", {}))
        names |= {name for name, kind in golden.types.get(sobject, []) if kind.endswith("[]")}
        names -= {entry["name"] for entry in child_entries(sobject, golden)}
        if names:
            children.append({"sobject": sobject, "names": sorted(names)})
    return {"sobjects": sorted(known - set(OBJECTS)), "child_relationships": children}


def write_schema(shared: Path, out: Path) -> None:
    golden = read_golden(shared)
    out.mkdir(parents=True, exist_ok=True)
    conflicts: list[dict[str, Any]] = []
    for sobject in OBJECTS:
        entry, found = sobject_entry(sobject, golden)
        conflicts += found
        (out / f"{sobject}.json").write_text(render(entry), encoding="utf-8")
    (out / "not_emulated.json").write_text(render(not_emulated(golden)), encoding="utf-8")
    (out / "conflicts.json").write_text(render({"conflicts": conflicts}), encoding="utf-8")
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
