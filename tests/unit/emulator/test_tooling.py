# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Tooling API: its objects, their computed rows, and what it refuses."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from simple_salesforce import Salesforce

from emulator import metadata, seed
from emulator.errors import ApiError, NotEmulated
from emulator.fleet import Fleet
from emulator.http_api.served import Served
from emulator.org import Org
from emulator.rules import dependencies
from emulator.rules.object_permissions import general_edges
from emulator.rules.registry import break_rule
from emulator.rules.user_access_policies import OBJECTS
from emulator.seed.vonage import vonage
from emulator.soql.run import NO_ID
from emulator.tooling import NAMES, entity, not_composed, rows

from .conftest import ADMIN, LIMITED, Client, small_org, tooling_org

V = "67.0"
POLICIES = set(OBJECTS)


@pytest.fixture
def org() -> Org:
    return tooling_org()


@pytest.fixture(scope="module")
def acme() -> Org:
    """With the package and everything else; only read."""
    return vonage()


def admin(org: Org) -> str:
    return str(org.find("User", Username=org.seed_info["admin_username"])[0]["Id"])


def query(org: Org, soql: str, **options: Any) -> dict[str, Any]:
    return rows.query(org, admin(org), soql, V, **options)


def values(answer: Mapping[str, Any], column: str) -> list[Any]:
    return [record[column] for record in answer["records"]]


# --- the answer ---


def test_an_answer_has_the_shape_of_tooling(org: Org) -> None:
    answer = query(org, "SELECT Id, Name FROM Profile ORDER BY Name")
    assert list(answer) == ["size", "totalSize", "done", "queryLocator", "entityTypeName", "records"]
    assert (answer["size"], answer["totalSize"], answer["done"], answer["queryLocator"], answer["entityTypeName"]) == (
        3,
        3,
        True,
        None,
        "Profile",
    )
    record = answer["records"][0]
    assert record["attributes"] == {"type": "Profile", "url": f"/services/data/v67.0/tooling/sobjects/Profile/{record['Id']}"}


def test_pages_go_on_below_tooling(org: Org) -> None:
    org.settings.page_size = 2
    first = query(org, "SELECT Name FROM Profile ORDER BY Name")
    assert (first["done"], first["totalSize"]) == (False, 3)
    assert "/tooling/query/01g" in first["nextRecordsUrl"]
    rest = rows.query_more(org, admin(org), first["nextRecordsUrl"].rpartition("/")[2], V)
    assert (rest["done"], len(rest["records"]), rest["entityTypeName"]) == (True, 1, "Profile")
    assert "/tooling/sobjects/" in rest["records"][0]["attributes"]["url"]


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Id FROM Account", "INVALID_TYPE"),
        ("SELECT Id FROM Nothing", "INVALID_TYPE"),
        ("SELECT LicenseId FROM PermissionSet", "INVALID_FIELD"),
        ("SELECT Nothing FROM Profile", "INVALID_FIELD"),
        ("SELECT", "MALFORMED_QUERY"),
    ],
)
def test_what_tooling_does_not_know(org: Org, soql: str, code: str) -> None:
    with pytest.raises(ApiError) as refused:
        query(org, soql)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT Id FROM ApexClass",
        "SELECT Metadata FROM EntityDefinition WHERE QualifiedApiName = 'Account'",
        "SELECT QualifiedApiName FROM EntityDefinition ORDER BY LastModifiedDate",
        "SELECT Id FROM EntityDefinition WHERE IsActivityTrackable = true",
        "SELECT Id FROM ValidationRule",
    ],
)
def test_what_real_orgs_know_and_this_one_does_not_is_said(org: Org, soql: str) -> None:
    with pytest.raises(NotEmulated):
        query(org, soql)


def test_an_org_made_without_tooling_says_so() -> None:
    with pytest.raises(NotEmulated, match="made without it"):
        query(small_org(), "SELECT Id FROM EntityDefinition")


def test_names_in_literals_are_no_columns(org: Org) -> None:
    assert query(org, "SELECT Id FROM EntityDefinition WHERE QualifiedApiName = 'Description'")["totalSize"] == 0


# --- columns that only one of the two APIs shows ---


def test_a_set_shows_whether_it_is_managed_and_only_here(org: Org) -> None:
    org.put("PermissionSet", Name="Own", Label="Own")
    org.put("PermissionSet", Name="Bought", Label="Bought", NamespacePrefix="acme")
    found = query(org, "SELECT Name, ManageableState FROM PermissionSet WHERE Name IN ('Own', 'Bought') ORDER BY Name")
    assert values(found, "ManageableState") == ["installed", "unmanaged"]
    with pytest.raises(ApiError, match="ManageableState"):
        org.query(admin(org), "SELECT ManageableState FROM PermissionSet", V)
    assert org.query(admin(org), "SELECT LicenseId FROM PermissionSet", V)["totalSize"] == 2
    assert all(row["ManageableState"] is None for row in org.find("PermissionSet"))
    described = {item["name"] for item in org.describe(admin(org), "PermissionSet", V)["fields"]}
    assert "ManageableState" not in described


def test_a_profile_shows_its_metadata_one_at_a_time(org: Org) -> None:
    metadata.set_profile_conditions(
        org,
        "Standard User",
        login_hours={"sundayStart": 0, "sundayEnd": 60},
        login_ip_ranges=[{"startAddress": "1.1.1.1", "endAddress": "1.1.1.2"}],
    )
    found = query(org, "SELECT FullName, Metadata FROM Profile WHERE Name = 'Standard User'")["records"][0]
    assert found["FullName"] == "Standard"
    hours = found["Metadata"]["loginHours"]
    assert {name: value for name, value in hours.items() if value is not None} == {"sundayEnd": "60", "sundayStart": "0"}
    assert len(hours) == 14
    assert found["Metadata"]["loginIpRanges"] == [{"endAddress": "1.1.1.2", "startAddress": "1.1.1.1"}]
    assert "fullName" not in found["Metadata"]
    free = query(org, "SELECT Metadata FROM Profile WHERE Name = 'System Administrator'")["records"][0]["Metadata"]
    assert (free["loginHours"], free["loginIpRanges"]) == (None, [])


@pytest.mark.parametrize("column", ["Metadata", "FullName"])
def test_metadata_of_several_rows_is_refused(org: Org, column: str) -> None:
    with pytest.raises(ApiError, match=r"must specify no more than one row for retrieval\. Result size: 3") as refused:
        query(org, f"SELECT {column} FROM Profile")
    assert refused.value.code == "MALFORMED_QUERY"
    with break_rule("tooling_one_row"):
        assert query(org, f"SELECT {column} FROM Profile")["totalSize"] == 3


# --- permission dependencies ---


def test_dependencies_are_those_that_the_org_tells_of(acme: Org) -> None:
    found = query(
        acme, "SELECT Id, Permission, PermissionType, RequiredPermission, RequiredPermissionType FROM PermissionDependency ORDER BY Id"
    )
    shown = {
        (one["Permission"], one["PermissionType"], one["RequiredPermission"], one["RequiredPermissionType"]) for one in found["records"]
    }
    assert ("ManageUsers", "User Permission", "ViewRoles", "User Permission") in shown
    assert ("Account<create>", "Object Permission", "Account<read>", "Object Permission") in shown
    assert len(found["records"]) > len(shown) > 200, "object rows stand there twice"
    told = {(one.permission, one.permission_type, one.required, one.required_type) for one in dependencies.published(acme)}
    assert told <= shown
    ids = values(found, "Id")
    assert ids == sorted(set(ids))
    later = query(acme, f"SELECT Id FROM PermissionDependency WHERE Id > '{ids[9]}' ORDER BY Id")
    assert values(later, "Id") == ids[10:]


@pytest.mark.parametrize(("setting", "hidden"), [("all_data", True), ("none", False)])
def test_rows_may_be_hidden_though_enforced(setting: str, hidden: bool) -> None:
    org = vonage(switches={"hidden_dependency_rows": setting})
    found = query(org, "SELECT RequiredPermission FROM PermissionDependency WHERE Permission = 'ModifyAllData'")
    assert (found["totalSize"] == 0) is hidden


@pytest.mark.parametrize("setting", ["repeated", "once"])
def test_reading_on_may_never_reach_the_later_rows(setting: str) -> None:
    org = vonage(switches={"permission_dependency_paging": setting})
    org.settings.page_size = 200
    first = query(org, "SELECT Id FROM PermissionDependency ORDER BY Id")
    if setting == "repeated":
        assert first["totalSize"] == rows.WIRE_ROWS
        second = rows.query_more(org, admin(org), first["nextRecordsUrl"].rpartition("/")[2], V)
        assert values(second, "Id") == values(first, "Id")
    else:
        assert 200 < first["totalSize"] < rows.WIRE_ROWS
        second = rows.query_more(org, admin(org), first["nextRecordsUrl"].rpartition("/")[2], V)
        assert not set(values(second, "Id")) & set(values(first, "Id"))
    later = query(org, f"SELECT Id FROM PermissionDependency WHERE Id > '{values(first, 'Id')[-1]}' ORDER BY Id")
    assert later["totalSize"] > 0


FOUR = "Permission, PermissionType, RequiredPermission, RequiredPermissionType"


def quadruples(records: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    return [tuple(one[name.strip()] for name in FOUR.split(",")) for one in records]


@pytest.mark.parametrize("setting", ["repeated", "once"])
@pytest.mark.parametrize("kind", ["User Permission", "Object Permission"])
def test_paging_by_id_reads_every_row_of_a_type(setting: str, kind: str) -> None:
    org = vonage(switches={"permission_dependency_paging": setting})
    org.settings.page_size = 200
    last, read = "", []
    while True:
        where = f"PermissionType = '{kind}' AND RequiredPermissionType = '{kind}'" + (f" AND Id > '{last}'" if last else "")
        page = query(org, f"SELECT Id, {FOUR} FROM PermissionDependency WHERE {where} ORDER BY Id LIMIT 200")["records"]
        if not page:
            break
        read += quadruples(page)
        last = page[-1]["Id"]
    told = {
        (one.permission, one.permission_type, one.required, one.required_type)
        for one in dependencies.published(org, general_edges(org))
        if one.permission_type == one.required_type == kind
    }
    assert set(read) == told
    assert (len(read) > len(set(read))) is (setting == "repeated" and kind == "Object Permission")


def test_a_limit_is_passed_over(acme: Org) -> None:
    found = query(acme, f"SELECT Id, {FOUR} FROM PermissionDependency ORDER BY Id LIMIT 5")
    assert len(found["records"]) > 200
    acme.switches["metadata_view_limit"] = "honoured"
    try:
        assert len(query(acme, f"SELECT Id, {FOUR} FROM PermissionDependency ORDER BY Id LIMIT 5")["records"]) == 5
    finally:
        acme.switches["metadata_view_limit"] = "ignored"


def test_dependencies_need_view_setup_in_either_setting() -> None:
    for setting in ("all", "per_object"):
        org = tooling_org(switches={"tooling_rights": setting})
        limited = str(org.find("User", Username=LIMITED)[0]["Id"])
        with pytest.raises(ApiError) as refused:
            rows.query(org, limited, "SELECT Id FROM PermissionDependency", V)
        assert refused.value.code == "INVALID_TYPE"


@pytest.mark.parametrize(("setting", "open_"), [("all", False), ("per_object", True)])
def test_the_rest_of_tooling_may_need_view_setup_too(setting: str, open_: bool) -> None:
    org = tooling_org(switches={"tooling_rights": setting})
    limited = str(org.find("User", Username=LIMITED)[0]["Id"])
    soql = "SELECT Id FROM EntityDefinition WHERE QualifiedApiName = 'Account'"
    if open_:
        assert rows.query(org, limited, soql, V)["totalSize"] == 1
        return
    with pytest.raises(ApiError) as refused:
        rows.query(org, limited, soql, V)
    assert refused.value.code == "INVALID_TYPE"


# --- definitions ---


def test_every_object_of_the_data_api_has_a_definition(acme: Org) -> None:
    found = query(
        acme, "SELECT QualifiedApiName, DurableId, NamespacePrefix, DeveloperName, KeyPrefix, IsCustomSetting FROM EntityDefinition"
    )
    seen = {item["name"]: item for item in acme.describe_global(admin(acme), V)["sobjects"]}
    assert set(values(found, "QualifiedApiName")) == seen.keys()
    for one in found["records"]:
        described = seen[one["QualifiedApiName"]]
        assert (one["KeyPrefix"], one["IsCustomSetting"]) == (described["keyPrefix"], described["customSetting"])
        assert one["DurableId"].startswith("01I") is described["custom"]
    custom = next(one for one in found["records"] if one["NamespacePrefix"])
    assert custom["QualifiedApiName"].startswith(f"{custom['NamespacePrefix']}__{custom['DeveloperName']}")


def test_both_apis_query_definitions_with_columns_of_their_own(acme: Org) -> None:
    soql = "SELECT QualifiedApiName, IsFlsEnabled FROM EntityDefinition WHERE QualifiedApiName IN ('Account', 'Profile')"
    assert {one["QualifiedApiName"]: one["IsFlsEnabled"] for one in query(acme, soql)["records"]} == {"Account": True, "Profile": False}
    with pytest.raises(ApiError, match="IsFlsEnabled"):
        acme.query(admin(acme), soql, V)
    data = acme.query(admin(acme), "SELECT QualifiedApiName FROM EntityDefinition WHERE QualifiedApiName = 'account'", V)
    assert values(data, "QualifiedApiName") == ["Account"]


def test_columns_of_a_tooling_query_are_those_of_this_api(acme: Org) -> None:
    told = rows.query_columns(acme, admin(acme), "SELECT QualifiedApiName, IsFlsEnabled FROM EntityDefinition", V)
    assert told["entityName"] == "EntityDefinition"
    assert [(one["columnName"], one["booleanType"]) for one in told["columnMetadata"]] == [
        ("QualifiedApiName", False),
        ("IsFlsEnabled", True),
    ]
    with pytest.raises(ApiError):
        rows.query_columns(acme, admin(acme), "SELECT Id FROM Account", V)


@pytest.mark.parametrize(("setting", "shown"), [("empty", NO_ID), ("durable", "Account")])
def test_a_definition_has_no_id_of_its_own(setting: str, shown: str) -> None:
    org = tooling_org(switches={"tooling_virtual_ids": setting})
    record = query(org, "SELECT Id FROM EntityDefinition WHERE QualifiedApiName = 'Account'")["records"][0]
    assert (record["Id"], record["attributes"]["url"].rpartition("/")[2]) == (shown, "Account")
    data = org.query(admin(org), "SELECT Id FROM EntityDefinition WHERE QualifiedApiName = 'Account'", V)
    assert values(data, "Id") == [shown]


@pytest.mark.parametrize("setting", ["Private", "ReadWrite"])
def test_the_sharing_model_follows_the_default_of_the_org(setting: str) -> None:
    org = tooling_org(switches={"entity_definition_sharing": setting})
    org.set("Organization", org.id, DefaultAccountAccess="None", DefaultCaseAccess="Edit")
    org.seed_info["sharing_models"] = {"Contact": "ControlledByParent"}
    found = query(
        org,
        "SELECT QualifiedApiName, InternalSharingModel FROM EntityDefinition WHERE QualifiedApiName IN ('Account', 'Case', 'Contact', 'Task')",
    )
    shown = {one["QualifiedApiName"]: one["InternalSharingModel"] for one in found["records"]}
    assert shown == {"Account": "Private", "Case": "ReadWrite", "Contact": "ControlledByParent", "Task": setting}


def test_fields_are_defined_in_the_words_of_the_user_interface(acme: Org) -> None:
    columns = "QualifiedApiName, DataType, DurableId, ReferenceTo, EntityDefinition.QualifiedApiName"
    found = query(acme, f"SELECT {columns} FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = 'Contact'")
    shown = {one["QualifiedApiName"]: one for one in found["records"]}
    assert shown["AccountId"]["DataType"] == "Lookup(Account)"
    assert shown["AccountId"]["ReferenceTo"] == {"referenceTo": ["Account"]}
    assert (shown["Email"]["DataType"], shown["Birthdate"]["DataType"]) == ("Email", "Date")
    assert shown["Email"]["DurableId"] == "Contact.Email"
    assert shown["Email"]["EntityDefinition"]["QualifiedApiName"] == "Contact"
    by_id = query(acme, "SELECT QualifiedApiName FROM FieldDefinition WHERE EntityDefinitionId = 'Contact'")
    assert set(values(by_id, "QualifiedApiName")) == shown.keys()


@pytest.mark.parametrize(("setting", "shown"), [("left_out", False), ("shown", True)])
def test_parts_of_a_compound_field_have_no_definition(setting: str, shown: bool) -> None:
    org = tooling_org(switches={"field_definition_components": setting})
    found = values(query(org, "SELECT QualifiedApiName FROM FieldDefinition WHERE EntityDefinitionId = 'Contact'"), "QualifiedApiName")
    assert {"Name", "MailingAddress"} <= set(found)
    assert [name in found for name in ("FirstName", "MailingCity")] == [shown, shown]


def test_field_level_security_is_the_one_of_describe(acme: Org) -> None:
    found = query(acme, "SELECT QualifiedApiName, IsFlsEnabled FROM FieldDefinition WHERE EntityDefinitionId = 'Account'")
    described = {item["name"]: item["permissionable"] for item in acme.describe(admin(acme), "Account", V)["fields"]}
    assert all(described[one["QualifiedApiName"]] == one["IsFlsEnabled"] for one in found["records"])


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT Id FROM FieldDefinition",
        "SELECT COUNT() FROM EntityDefinition",
        "SELECT Id FROM EntityDefinition WHERE QualifiedApiName = 'A' OR QualifiedApiName = 'B'",
        "SELECT Id FROM EntityDefinition WHERE QualifiedApiName != 'A'",
    ],
)
def test_views_on_metadata_refuse_what_their_storage_cannot_do(org: Org, soql: str) -> None:
    with pytest.raises(ApiError) as refused:
        query(org, soql)
    assert refused.value.code == "MALFORMED_QUERY"


# --- the fields of a definition ---

OF_SEVERAL = "SELECT QualifiedApiName, ({}) FROM EntityDefinition WHERE QualifiedApiName IN ('Account', 'Case', 'UserRole')"


def fields_below(answer: Mapping[str, Any]) -> dict[str, list[str] | None]:
    return {row["QualifiedApiName"]: row["Fields"] and values(row["Fields"], "QualifiedApiName") for row in answer["records"]}


def test_a_definition_shows_its_fields_below_it(org: Org) -> None:
    found = query(
        org, OF_SEVERAL.format("SELECT QualifiedApiName, DataType FROM fields WHERE QualifiedApiName IN ('Industry', 'CaseNumber')")
    )
    assert fields_below(found) == {"Account": ["Industry"], "Case": ["CaseNumber"], "UserRole": None}
    below = next(row["Fields"] for row in found["records"] if row["QualifiedApiName"] == "Case")
    assert (below["size"], below["totalSize"], below["done"], below["entityTypeName"]) == (1, 1, True, "FieldDefinition")
    assert below["records"][0]["DataType"] == "Auto Number"
    assert below["records"][0]["attributes"] == {
        "type": "FieldDefinition",
        "url": "/services/data/v67.0/tooling/sobjects/FieldDefinition/Case.CaseNumber",
    }


@pytest.mark.parametrize("name", ["Account", "aCCount"])
@pytest.mark.parametrize(
    "where", ["QualifiedApiName = '{}'", "DurableId IN ('{}', 'Nothing')", "IsCustomSetting = false AND DurableId = '{}'"]
)
def test_the_fields_below_are_those_asked_for_by_their_object(org: Org, where: str, name: str) -> None:
    own = set(values(query(org, f"SELECT QualifiedApiName FROM FieldDefinition WHERE EntityDefinitionId = '{name}'"), "QualifiedApiName"))
    found = query(org, f"SELECT QualifiedApiName, (SELECT QualifiedApiName FROM Fields) FROM EntityDefinition WHERE {where.format(name)}")
    assert {"Name", "Industry", "BillingAddress"} <= own
    assert set(fields_below(found)["Account"] or ()) == own


def test_all_definitions_show_their_fields(org: Org) -> None:
    found = fields_below(
        query(org, "SELECT QualifiedApiName, (SELECT QualifiedApiName FROM Fields WHERE QualifiedApiName = 'Id') FROM EntityDefinition")
    )
    assert all(below == ["Id"] for below in found.values())
    assert len(found) > 30


def test_the_data_api_knows_no_such_relationship(acme: Org) -> None:
    soql = OF_SEVERAL.format("SELECT QualifiedApiName FROM Fields")
    with pytest.raises(ApiError, match="Didn't understand relationship 'Fields'") as refused:
        acme.query(admin(acme), soql, V)
    assert refused.value.code == "INVALID_TYPE"
    assert acme.describe(admin(acme), "EntityDefinition", V)["childRelationships"] == []
    shown = acme.describe(admin(acme), "EntityDefinition", V, "tooling")["childRelationships"]
    assert [(one["relationshipName"], one["childSObject"], one["field"]) for one in shown] == [
        ("Fields", "FieldDefinition", "EntityDefinitionId")
    ]


@pytest.mark.parametrize(("setting", "open_"), [("answered", True), ("refused", False)])
def test_an_org_may_refuse_the_fields_below(setting: str, open_: bool) -> None:
    org = tooling_org(switches={"field_definition_children": setting})
    soql = OF_SEVERAL.format("SELECT QualifiedApiName FROM Fields")
    if open_:
        assert fields_below(query(org, soql))["Account"]
        return
    with pytest.raises(ApiError, match="not yet supported by this SObject storage type") as refused:
        query(org, soql)
    assert refused.value.code == "MALFORMED_QUERY"


@pytest.mark.parametrize(
    "below",
    [
        "SELECT BusinessStatus FROM Fields",
        "SELECT Metadata FROM Fields",
        "SELECT FullName FROM Fields",
        "SELECT QualifiedApiName FROM Fields WHERE IsListVisible = true",
        "SELECT QualifiedApiName FROM CustomFields",
    ],
)
def test_what_real_orgs_know_of_fields_below_and_this_one_does_not_is_said(org: Org, below: str) -> None:
    with pytest.raises(NotEmulated):
        query(org, OF_SEVERAL.format(below))


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Fields FROM EntityDefinition", "INVALID_FIELD"),
        (OF_SEVERAL.format("SELECT Nothing FROM Fields"), "INVALID_FIELD"),
        (OF_SEVERAL.format("SELECT Id FROM Nothings"), "INVALID_TYPE"),
        (OF_SEVERAL.format("SELECT Id FROM Fields WHERE QualifiedApiName = 'Id' OR QualifiedApiName = 'Name'"), "MALFORMED_QUERY"),
        (OF_SEVERAL.format("SELECT Id FROM Fields WHERE QualifiedApiName != 'Id'"), "MALFORMED_QUERY"),
    ],
)
def test_what_the_fields_below_refuse(org: Org, soql: str, code: str) -> None:
    with pytest.raises(ApiError) as refused:
        query(org, soql)
    assert refused.value.code == code


def test_fields_below_pass_a_limit_over_and_have_no_second_page(org: Org) -> None:
    limited = OF_SEVERAL.format("SELECT QualifiedApiName FROM Fields LIMIT 1")
    assert len(fields_below(query(org, limited))["Account"] or ()) > 10
    org.switches["metadata_view_limit"] = "honoured"
    assert len(fields_below(query(org, limited))["Account"] or ()) == 1
    org.settings.page_size = 10
    with pytest.raises(ApiError, match="FieldDefinition does not support queryMore") as refused:
        query(org, OF_SEVERAL.format("SELECT QualifiedApiName FROM Fields"))
    assert refused.value.code == "EXCEEDED_ID_LIMIT"


def test_the_fields_of_a_hundred_objects_tell_which_are_computed_in_no_time() -> None:
    org = seed.wide()
    chosen = [org.schema.sobjects[name] for name in org.seed_info["shape"]["objects"][:100]]
    names = sorted({item.name for one in chosen for item in one.fields.values() if item.custom})
    quoted = [", ".join(f"'{name}'" for name in part) for part in (names, [one.name for one in chosen])]
    soql = (
        f"SELECT QualifiedApiName, (SELECT QualifiedApiName, IsCalculated, DataType FROM Fields WHERE QualifiedApiName IN ({quoted[0]})) "
        f"FROM EntityDefinition WHERE QualifiedApiName IN ({quoted[1]})"
    )
    started = time.process_time()
    found = query(org, soql)
    assert time.process_time() - started < 2, "0.3 s where nothing else runs"
    shown = {
        (row["QualifiedApiName"], item["QualifiedApiName"]): (item["IsCalculated"], item["DataType"] == "Auto Number")
        for row in found["records"]
        for item in row["Fields"]["records"]
    }
    assert shown == {
        (one.name, item.name): (item.calculated, item.auto_number) for one in chosen for item in one.fields.values() if item.custom
    }
    assert set(shown.values()) == {(False, False), (True, False), (False, True)}


# --- sandboxes ---


def test_only_a_production_org_knows_of_sandboxes(org: Org) -> None:
    info = org.put("SandboxInfo", SandboxName="uat", LicenseType="DEVELOPER")
    org.put("SandboxProcess", SandboxInfoId=info, SandboxName="uat", Status="Completed", CopyProgress=100, LicenseType="DEVELOPER")
    found = query(org, "SELECT Status, SandboxInfo.SandboxName FROM SandboxProcess ORDER BY CreatedDate DESC")["records"][0]
    assert (found["Status"], found["SandboxInfo"]["SandboxName"]) == ("Completed", "uat")
    with pytest.raises(ApiError, match="INVALID_TYPE"):
        query(tooling_org(production=False, sandbox=True), "SELECT Id FROM SandboxInfo")
    with pytest.raises(ApiError, match="INVALID_TYPE"):
        org.query(admin(org), "SELECT Id FROM SandboxInfo", V)


# --- the data files ---


@pytest.mark.parametrize("name", NAMES)
def test_every_field_names_its_source(name: str) -> None:
    sobject = entity(name)
    assert all(item.source for item in sobject.fields.values())
    assert not {item.lower() for item in sobject.fields} & not_composed(name)
    assert all(item.apis <= sobject.apis for item in sobject.fields.values())


# --- over HTTP ---


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    with Fleet([tooling_org()], rebuild={"acme-test": tooling_org}) as running:
        yield running


def test_simple_salesforce_queries_tooling_as_it_is(fleet: Fleet, served: Served, client: Client) -> None:
    found = Salesforce(instance_url=served.home, session_id=served.token(ADMIN), session=client.session).toolingexecute(
        "query/", params={"q": "SELECT Name FROM Profile WHERE Name = 'Standard User'"}
    )
    assert (found["size"], found["entityTypeName"]) == (1, "Profile")
    assert served.journal.since(0)[-1].calls == 1


def test_describe_is_below_tooling(client: Client) -> None:
    listed = client.get("/tooling/sobjects").json()["sobjects"]
    assert {item["name"] for item in listed} == {*NAMES, "PermissionSet", "Profile"} - POLICIES
    assert all("/tooling/sobjects/" in url for item in listed for url in item["urls"].values())
    assert {item["name"] for item in client.get("/sobjects").json()["sobjects"]} & set(NAMES) == {
        "EntityDefinition",
        "FieldDefinition",
        "Publisher",
        "TabDefinition",
    }
    described = client.get("/tooling/sobjects/permissiondependency/describe").json()
    assert {item["name"] for item in described["fields"]} == {
        "Id",
        "Permission",
        "PermissionType",
        "RequiredPermission",
        "RequiredPermissionType",
    }
    assert (described["createable"], described["updateable"], described["deletable"]) == (False, False, False)
    assert client.get("/tooling").json()["query"] == "/services/data/v67.0/tooling/query"


def test_one_record_by_its_id(client: Client, served: Served) -> None:
    profile = served.org.find("Profile", Name="Standard User")[0]["Id"]
    assert client.get(f"/tooling/sobjects/Profile/{profile}").json()["FullName"] == "Standard"
    assert client.get("/tooling/sobjects/EntityDefinition/Account?fields=Label").json()["Label"] == "Account"
    dependency = client.get("/tooling/query?q=SELECT Id FROM PermissionDependency LIMIT 1").json()["records"][0]["Id"]
    assert client.get(f"/tooling/sobjects/PermissionDependency/{dependency}").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/tooling/nothing", 404),
        ("GET", "/tooling/sobjects/Nothing", 404),
        ("GET", "/tooling/sobjects/Account", 404),
        ("GET", "/tooling/sobjects/Profile/00e000000000001AAA", 404),
        ("GET", "/tooling/sobjects/ApexClass", 501),
        ("GET", "/tooling/executeAnonymous", 501),
        ("POST", "/tooling/sobjects/SandboxInfo", 501),
        ("POST", "/tooling/query", 405),
        ("GET", "/tooling/query", 400),
        ("GET", "/tooling/query/01g000000000001AAA-2000", 400),
        ("GET", "/tooling/queryAll?q=SELECT Id FROM Profile", 200),
    ],
)
def test_paths_and_methods(client: Client, method: str, path: str, status: int) -> None:
    assert client.call(method, path).status_code == status


def test_without_view_setup_tooling_is_closed(client_for: Callable[[str], Client]) -> None:
    answer = client_for(LIMITED).get("/tooling/query?q=SELECT Id FROM PermissionDependency")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_TYPE")
