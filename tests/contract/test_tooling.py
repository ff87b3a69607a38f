# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Tooling API as far as the collection asks it: many queries in one call, what depends on what, tabs, packages, which fields are computed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pytest

from contract.door import Org

REFUSALS = {"MALFORMED_QUERY", "INVALID_FIELD", "INVALID_TYPE", "EXCEEDED_ID_LIMIT"}
"""What the collection takes for "this org does not answer such a query"."""
DEPENDENCY = "Permission, PermissionType, RequiredPermission, RequiredPermissionType"
USERS = "PermissionType = 'User Permission' AND RequiredPermissionType = 'User Permission'"


def part(org: Org, ref: str, soql: str, below: str = "/tooling") -> dict[str, Any]:
    return {"method": "GET", "url": f"{org.root}{below}/query/?q={quote(soql, safe='')}", "referenceId": ref}


def together(org: Org, *parts: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """referenceId -> answer of one tooling composite, with the properties that its page documents."""
    answer = org.post("/tooling/composite", {"allOrNone": False, "compositeRequest": list(parts)})
    assert answer.status_code == 200, answer.text
    return {item["referenceId"]: item for item in answer.json()["compositeResponse"]}


def read(org: Org, soql: str) -> list[dict[str, Any]]:
    """The rows of one tooling query."""
    found = together(org, part(org, "asked", soql))["asked"]
    assert found["httpStatusCode"] == 200, found
    rows: list[dict[str, Any]] = found["body"]["records"]
    return rows


# --- one call ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.evidence("tooling-composite")
def test_five_queries_are_answered_in_one_call(org: Org) -> None:
    names = ("Publisher", "TabDefinition", "Profile", "PermissionSet", "PermissionDependency")
    asked = {f"q{number}": f"SELECT Id FROM {name}" for number, name in enumerate(names)}
    found = together(org, *(part(org, ref, soql) for ref, soql in asked.items()))
    assert found.keys() == asked.keys()
    assert [item["httpStatusCode"] for item in found.values()] == [200] * 5
    for ref, soql in asked.items():
        assert {row["attributes"]["type"] for row in found[ref]["body"]["records"]} == {soql.split()[-1]}
        assert {"done", "totalSize", "records"} <= found[ref]["body"].keys()


@pytest.mark.evidence("tooling-composite")
def test_it_is_one_call_of_the_org_s_daily_ones(org: Org) -> None:
    def used() -> int:
        return int(org.get("/sobjects/Organization/describe").headers["Sforce-Limit-Info"].split("=")[1].split("/")[0])

    before = used()
    together(org, *(part(org, f"q{number}", "SELECT Id FROM Profile") for number in range(5)))
    spent = used() - before
    # Others may work in a real org at the same time.
    assert spent < 7 if org.is_live else spent == 2


@pytest.mark.evidence("tooling-composite")
def test_a_refused_query_leaves_the_others_alone(org: Org) -> None:
    found = together(org, part(org, "bad", "SELECT Bacon FROM Profile"), part(org, "good", "SELECT Name FROM Profile"))
    assert [found["bad"]["httpStatusCode"], found["good"]["httpStatusCode"]] == [400, 200]
    assert found["bad"]["body"][0]["errorCode"] == "INVALID_FIELD"
    assert found["good"]["body"]["records"]


@pytest.mark.evidence("tooling-apart")
def test_neither_composite_takes_what_belongs_to_the_other(org: Org) -> None:
    soql = "SELECT Id FROM Profile"
    data = org.composite(part(org, "tooling", soql), part(org, "data", soql, below=""))
    assert [item["httpStatusCode"] for item in data] == [400, 200]
    tooling = together(org, part(org, "tooling", soql), part(org, "data", soql, below=""))
    assert [tooling["tooling"]["httpStatusCode"], tooling["data"]["httpStatusCode"]] == [200, 400]


# --- what depends on what ---------------------------------------------------------------------------------------------------------------


@pytest.mark.evidence("dependencies-walked")
def test_dependencies_are_walked_by_id_to_their_end(org: Org) -> None:
    walked: dict[str, dict[str, Any]] = {}
    after, rounds = "", 0
    while True:
        found = together(org, part(org, "walk", f"SELECT Id, {DEPENDENCY} FROM PermissionDependency WHERE {USERS}{after} ORDER BY Id"))[
            "walk"
        ]
        assert found["httpStatusCode"] == 200, found
        new = {row["Id"]: row for row in found["body"]["records"] if row["Id"] not in walked}
        walked.update(new)
        rounds += 1
        if not new or found["body"]["done"]:
            break
        assert rounds < 50
        after = f" AND Id > '{max(walked)}'"
    pairs = {(row["Permission"], row["RequiredPermission"]) for row in walked.values()}
    assert pairs
    # The same rows, asked for by name and without case: the walk must have come past them.
    names = sorted({permission for permission, _unused in pairs})[-3:]
    quoted = ", ".join(f"'{name.lower()}'" for name in names)
    named = read(org, f"SELECT Id, {DEPENDENCY} FROM PermissionDependency WHERE {USERS} AND Permission IN ({quoted}) ORDER BY Id")
    assert {(row["Permission"], row["RequiredPermission"]) for row in named} == {pair for pair in pairs if pair[0] in names}


@pytest.mark.evidence("dependencies-objects")
def test_rights_of_objects_are_written_with_their_verb_and_found_without_case(org: Org) -> None:
    where = "PermissionType = 'Object Permission' AND Permission IN ('account<update>')"
    rows = read(org, f"SELECT Id, {DEPENDENCY} FROM PermissionDependency WHERE {where} ORDER BY Id")
    needed = {row["RequiredPermission"].lower() for row in rows if row["RequiredPermissionType"] == "Object Permission"}
    assert "account<read>" in needed
    assert {row["Permission"].lower() for row in rows} == {"account<update>"}


# --- tabs and packages ------------------------------------------------------------------------------------------------------------------


@pytest.mark.evidence("tabs-asked")
def test_tabs_are_found_by_their_names(org: Org) -> None:
    every = {row["Name"] for row in read(org, "SELECT Name FROM TabDefinition")}
    assert "standard-Account" in every
    wanted = ["standard-Account", org.name("no_such_tab")]
    quoted = ", ".join(f"'{name}'" for name in wanted)
    assert [row["Name"] for row in read(org, f"SELECT Name FROM TabDefinition WHERE Name IN ({quoted})")] == ["standard-Account"]


@pytest.mark.evidence("package-version-asked")
def test_the_version_of_one_package_is_found_by_its_prefix(org: Org) -> None:
    columns = "NamespacePrefix, MajorVersion, MinorVersion, IsSalesforce"
    known = read(org, f"SELECT {columns} FROM Publisher")
    packages = [row for row in known if row["NamespacePrefix"] and not row["IsSalesforce"]]
    if not packages:
        pytest.skip("this org has no package")
    mine = f"NamespacePrefix = '{packages[0]['NamespacePrefix']}'"
    found = read(org, f"SELECT MajorVersion, MinorVersion FROM Publisher WHERE {mine}")
    assert [(row["MajorVersion"], row["MinorVersion"]) for row in found] == [(packages[0]["MajorVersion"], packages[0]["MinorVersion"])]
    assert read(org, f"SELECT MajorVersion FROM Publisher WHERE NamespacePrefix = '{org.prefix}'") == []


# --- which fields are computed ------------------------------------------------------------------------------------------------------------


@pytest.mark.evidence("field-kinds")
def test_an_object_s_definition_tells_which_of_its_fields_are_computed(org: Org) -> None:
    described = {f"{name}.{field}": kind for name in ("Account", "Case") for field, kind in kinds(org, name).items()}
    fields = ", ".join(f"'{field}'" for field in sorted({name.partition(".")[2] for name in described}))
    below = f"SELECT QualifiedApiName, IsCalculated, DataType FROM Fields WHERE QualifiedApiName IN ({fields})"
    soql = f"SELECT QualifiedApiName, ({below}) FROM EntityDefinition WHERE QualifiedApiName IN ('Account', 'Case')"
    found = together(org, part(org, "kinds", soql))["kinds"]
    if found["httpStatusCode"] != 200:
        # The collection then describes the objects.
        assert found["body"][0]["errorCode"] in REFUSALS
        return
    told = {
        f"{row['QualifiedApiName']}.{item['QualifiedApiName']}": (item["IsCalculated"], item["DataType"] == "Auto Number")
        for row in found["body"]["records"]
        for item in (row["Fields"] or {}).get("records", ())
    }
    assert {name: told.get(name) for name in described} == described


def kinds(org: Org, sobject: str) -> dict[str, tuple[bool, bool]]:
    """field -> (computed, numbered by the org), as describe tells it, of some fields of each kind."""
    known = (org.describe(sobject) or {"fields": []})["fields"]
    plain = [item for item in known if item["permissionable"] and not (item["calculated"] or item["autoNumber"])]
    made = [item for item in known if item["calculated"] or item["autoNumber"]]
    assert plain
    return {item["name"]: (item["calculated"], item["autoNumber"]) for item in (*plain[:3], *made[:3])}
