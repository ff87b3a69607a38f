# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bulk API 2.0 through real HTTPS: jobs, their data, what they do to the org."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceOperationError

from emulator import faults, snapshots
from emulator.bulk import csv_text
from emulator.http_api.served import Served

ADMIN = "admin@acme.example"
LIMITED = "limited@acme.example"


def code(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()[0]["errorCode"]


def opened(client: Any, sobject: str = "Account", operation: str = "insert", **more: str) -> str:
    made = client.post("/jobs/ingest", {"object": sobject, "operation": operation, **more})
    assert made.status_code == 200, made.text
    assert made.json()["state"] == "Open"
    return str(made.json()["id"])


def put(client: Any, job: str, data: str | bytes) -> requests.Response:
    body = data.encode() if isinstance(data, str) else data
    return client.call("PUT", f"/jobs/ingest/{job}/batches", data=body, headers={"Content-Type": "text/csv"})


def patch(client: Any, job: str, state: str, kind: str = "ingest") -> requests.Response:
    return client.call("PATCH", f"/jobs/{kind}/{job}", json={"state": state})


def settled(client: Any, job: str, kind: str = "ingest") -> dict[str, Any]:
    for _unused in range(5):
        told = client.get(f"/jobs/{kind}/{job}").json()
        if told["state"] in ("JobComplete", "Failed", "Aborted"):
            return dict(told)
    raise AssertionError(told)


def ran(client: Any, data: str | bytes, sobject: str = "Account", operation: str = "insert", **more: str) -> dict[str, Any]:
    """The job's information once it is finished."""
    job = opened(client, sobject, operation, **more)
    assert put(client, job, data).status_code == 201
    assert patch(client, job, "UploadComplete").status_code == 200
    return settled(client, job)


def results(client: Any, job: str, which: str) -> list[dict[str, str]]:
    answer = client.get(f"/jobs/ingest/{job}/{which}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/csv")
    return list(csv.DictReader(io.StringIO(answer.text)))


def asked(client: Any, soql: str, **more: str) -> str:
    made = client.post("/jobs/query", {"operation": "query", "query": soql, **more})
    assert made.status_code == 200, made.text
    return str(made.json()["id"])


# --- the life of an ingest job ---


def test_rows_become_records_of_the_running_user(client: Any, served: Served) -> None:
    told = ran(client, "Name,NumberOfEmployees\nAcme,12\nBeta,\n")
    assert (told["state"], told["numberRecordsProcessed"], told["numberRecordsFailed"]) == ("JobComplete", 2, 0)
    admin = served.org.find("User", Username=ADMIN)[0]["Id"]
    rows = served.org.find("Account")
    assert [(row["Name"], row["NumberOfEmployees"], row["CreatedById"]) for row in rows] == [("Acme", 12, admin), ("Beta", None, admin)]
    assert {(row["sf__Id"], row["sf__Created"], row["Name"]) for row in results(client, told["id"], "successfulResults")} == {
        (rows[0]["Id"], "true", "Acme"),
        (rows[1]["Id"], "true", "Beta"),
    }
    assert client.get(f"/jobs/ingest/{told['id']}/failedResults").text == '"sf__Id","sf__Error","Name","NumberOfEmployees"\n'
    assert client.get(f"/jobs/ingest/{told['id']}/unprocessedrecords").text == '"Name","NumberOfEmployees"\n'


def test_nothing_happens_before_the_job_is_worked_on(client: Any, served: Served) -> None:
    job = opened(client)
    put(client, job, "Name\nAcme\n")
    assert patch(client, job, "UploadComplete").json()["state"] == "UploadComplete"
    assert served.org.find("Account") == []
    assert client.get(f"/jobs/ingest/{job}").json()["state"] == "InProgress"
    assert served.org.find("Account") == []
    assert client.get(f"/jobs/ingest/{job}").json()["state"] == "JobComplete"
    assert len(served.org.find("Account")) == 1


@pytest.mark.parametrize(("pace", "states"), [("two_polls", ["InProgress", "JobComplete"]), ("one_poll", ["JobComplete"] * 2)])
def test_the_pace_is_a_switch(client: Any, served: Served, pace: str, states: list[str]) -> None:
    served.org.switches["bulk_pace"] = pace
    job = opened(client)
    put(client, job, "Name\nAcme\n")
    patch(client, job, "UploadComplete")
    assert [client.get(f"/jobs/ingest/{job}").json()["state"] for _unused in states] == states


def test_an_immediate_job_is_done_before_anybody_asks(client: Any, served: Served) -> None:
    served.org.switches["bulk_pace"] = "immediate"
    job = opened(client)
    put(client, job, "Name\nAcme\n")
    assert patch(client, job, "UploadComplete").json()["state"] == "UploadComplete"
    assert len(served.org.find("Account")) == 1


def test_time_finishes_a_job_that_nobody_polls(client: Any, served: Served) -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    served.org.clock = lambda: now
    job = opened(client)
    put(client, job, "Name\nAcme\n")
    patch(client, job, "UploadComplete")
    client.get("/sobjects")
    assert served.org.find("Account") == []
    now += timedelta(seconds=11)
    client.get("/query", params={"q": "SELECT Id FROM Contact"})
    assert len(served.org.find("Account")) == 1
    assert served.org.bulk.jobs[job].state == "JobComplete"


def test_each_request_is_one_call(client: Any, served: Served) -> None:
    before = served.journal.usage
    told = ran(client, "Name\n" + "Acme\n" * 300)
    assert told["numberRecordsProcessed"] == 300
    assert served.journal.usage - before == 5  # create, upload, close, two polls


def test_a_body_that_fails_its_rules_fails_its_row_only(client: Any, served: Served) -> None:
    told = ran(client, "Name,Phone\nAcme,1\n,2\n")
    assert (told["state"], told["numberRecordsProcessed"], told["numberRecordsFailed"]) == ("JobComplete", 2, 1)
    assert results(client, told["id"], "failedResults") == [
        {"sf__Id": "", "sf__Error": "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --", "Name": "", "Phone": "2"}
    ]
    assert [row["Name"] for row in served.org.find("Account")] == ["Acme"]


def test_results_come_in_another_order(client: Any) -> None:
    names = [f"A{number}" for number in range(20)]
    told = ran(client, "Name\n" + "\n".join(names) + "\n")
    found = [row["Name"] for row in results(client, told["id"], "successfulResults")]
    assert found != names
    assert sorted(found) == sorted(names)
    assert found == [row["Name"] for row in results(client, told["id"], "successfulResults")]


def test_failed_results_have_no_id_column_before_v53(client: Any) -> None:
    told = ran(client, "Phone\n1\n")
    base = f"/services/data/v52.0/jobs/ingest/{told['id']}"
    assert client.get(f"{base}/failedResults").text.splitlines()[0] == '"sf__Id","sf__Error","Phone"'  # the job's version counts
    made = client.post("/services/data/v52.0/jobs/ingest", {"object": "Account", "operation": "insert"}).json()
    put(client, made["id"], "Phone\n1\n")
    patch(client, made["id"], "UploadComplete")
    settled(client, made["id"])
    assert client.get(f"/jobs/ingest/{made['id']}/failedResults").text.splitlines()[0] == '"sf__Error","Phone"'


def test_an_unknown_column_fails_the_whole_job(client: Any, served: Served) -> None:
    told = ran(client, "Name,Employees\nFoo,12\nBar,1138\n")
    assert (told["state"], told["numberRecordsProcessed"]) == ("Failed", 0)
    assert told["errorMessage"] == "InvalidBatch : InvalidBatch : Field name not found : Employees"
    assert served.org.find("Account") == []
    assert client.get(f"/jobs/ingest/{told['id']}/unprocessedrecords").text == "Name,Employees\nFoo,12\nBar,1138\n"
    served.org.switches["bulk_unprocessed_form"] = "quoted"
    assert client.get(f"/jobs/ingest/{told['id']}/unprocessedrecords").text == '"Name","Employees"\n"Foo","12"\n"Bar","1138"\n'


@pytest.mark.parametrize(("setting", "state"), [("exact", "Failed"), ("any_case", "JobComplete")])
def test_the_case_of_headers_is_a_switch(client: Any, served: Served, setting: str, state: str) -> None:
    served.org.switches["bulk_header_case"] = setting
    assert ran(client, "name\nAcme\n")["state"] == state


# --- cells ---


def test_empty_is_ignored_and_na_is_null(client: Any, served: Served) -> None:
    one = served.org.put("Account", Name="One", Phone="1", Website="https://one.example")
    told = ran(client, f"Id,Phone,Website\n{one[:15]},,#N/A\n", operation="update")
    assert told["numberRecordsFailed"] == 0
    row = served.org.get("Account", one)
    assert row is not None
    assert (row["Phone"], row["Website"]) == ("1", None)
    assert results(client, told["id"], "successfulResults")[0]["sf__Id"] == one
    assert results(client, told["id"], "successfulResults")[0]["sf__Created"] == "false"


def test_cells_are_not_trimmed_and_quotes_hold_anything(client: Any, served: Served) -> None:
    ran(client, 'Name;Description\n Acme;"a ""b"";\nc"\n', columnDelimiter="SEMICOLON")
    row = served.org.find("Account")[0]
    assert (row["Name"], row["Description"]) == (" Acme", 'a "b";\nc')


@pytest.mark.parametrize(("name", "character"), csv_text.DELIMITERS.items())
def test_every_delimiter(client: Any, served: Served, name: str, character: str) -> None:
    told = ran(client, f"Name{character}Phone\nAcme{character}1\n", columnDelimiter=name)
    assert [(row["Name"], row["Phone"]) for row in served.org.find("Account")] == [("Acme", "1")]
    header = client.get(f"/jobs/ingest/{told['id']}/successfulResults").text.splitlines()[0]
    assert header == character.join(['"sf__Id"', '"sf__Created"', '"Name"', '"Phone"'])


def test_crlf(client: Any, served: Served) -> None:
    told = ran(client, 'Name\r\nAcme\r\n"Be\nta"\r\n', lineEnding="CRLF")
    assert sorted(row["Name"] for row in served.org.find("Account")) == ["Acme", "Be\nta"]
    assert client.get(f"/jobs/ingest/{told['id']}/failedResults").text.endswith("\r\n")


@pytest.mark.parametrize(("ending", "data"), [("LF", "Name\r\nAcme\r\n"), ("CRLF", "Name\nAcme\n")])
def test_another_line_ending_fails_the_job(client: Any, served: Served, ending: str, data: str) -> None:
    told = ran(client, data, lineEnding=ending)
    assert told["state"] == "Failed"
    assert told["errorMessage"] == f"ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is {ending}"
    assert served.org.find("Account") == []
    assert client.get(f"/jobs/ingest/{told['id']}/unprocessedrecords").text == data


@pytest.mark.parametrize("row", ['"Acme" ,1', ' "Acme",1', "Acme", "Acme,1,2", 'Ac"me,1'])
def test_malformed_rows_are_a_switch(client: Any, served: Served, row: str) -> None:
    assert ran(client, f"Name,Phone\nGood,1\n{row}\n")["state"] == "Failed"
    assert served.org.find("Account") == []
    served.org.switches["bulk_malformed_rows"] = "row_failed"
    told = ran(client, f"Name,Phone\nGood,1\n{row}\n")
    assert (told["state"], told["numberRecordsProcessed"], told["numberRecordsFailed"]) == ("JobComplete", 2, 1)
    assert [item["Name"] for item in served.org.find("Account")] == ["Good"]


def test_a_cell_of_the_wrong_type_fails_its_row(client: Any, served: Served) -> None:
    told = ran(client, "Name,NumberOfEmployees\nAcme,many\nBeta,7\n")
    assert [row["sf__Error"] for row in results(client, told["id"], "failedResults")] == [
        "INVALID_FIELD:Failed to deserialize field at col 1. Due to, 'many' is not a valid value for the type xsd:int:NumberOfEmployees --"
    ]
    assert [row["Name"] for row in served.org.find("Account")] == ["Beta"]


@pytest.mark.parametrize(
    ("setting", "cell", "stored"),
    [
        ("xsd", "true", True),
        ("xsd", "FALSE", False),
        ("xsd", "1", True),
        ("xsd", "yes", None),
        ("words", "yes", True),
        ("words", "off", False),
    ],
)
def test_booleans_are_a_switch(client: Any, served: Served, setting: str, cell: str, stored: bool | None) -> None:
    served.org.switches["bulk_booleans"] = setting
    user = served.org.find("User", Username=LIMITED)[0]
    was = not stored
    served.org.set("User", user["Id"], UserPermissionsSupportUser=was)
    told = ran(client, f"Id,UserPermissionsSupportUser\n{user['Id']},{cell}\n", "User", "update")
    assert told["numberRecordsFailed"] == (1 if stored is None else 0), results(client, told["id"], "failedResults")
    changed = served.org.get("User", user["Id"])
    assert changed is not None
    assert changed["UserPermissionsSupportUser"] is (was if stored is None else stored)


# --- update, upsert, delete ---


def test_an_update_names_its_records(client: Any, served: Served) -> None:
    one = served.org.put("Account", Name="One")
    told = ran(client, f"Id,Name\n{one},Uno\n,Nobody\n001000000000001,Ghost\n", operation="update")
    assert (told["numberRecordsProcessed"], told["numberRecordsFailed"]) == (3, 2)
    assert [row["Name"] for row in served.org.find("Account")] == ["Uno"]
    errors = {row["sf__Error"].split(":")[0] for row in results(client, told["id"], "failedResults")}
    assert errors == {"MISSING_ARGUMENT", "NOT_FOUND"}
    without = ran(client, "Name\nUno\n", operation="update")
    assert without["errorMessage"] == "InvalidBatch : InvalidBatch : Field name not found : Id"


def test_a_delete_takes_ids_only(client: Any, served: Served) -> None:
    one, two = served.org.put("Account", Name="One"), served.org.put("Account", Name="Two")
    told = ran(client, f"Id,Name\n{one},One\n", operation="delete")
    assert told["errorMessage"] == "InvalidBatch : The 'delete' batch must contain only ids"
    assert len(served.org.find("Account")) == 2
    told = ran(client, f"Id\n{one}\n", operation="delete")
    assert results(client, told["id"], "successfulResults") == [{"sf__Id": one, "sf__Created": "false", "Id": one}]
    assert [row["Id"] for row in served.org.find("Account")] == [two]
    assert served.org.state_of("Account", one) == "deleted"
    assert (
        served.org.query(served.org.find("User", Username=ADMIN)[0]["Id"], "SELECT Id FROM Account", "67.0", include_deleted=True)[
            "totalSize"
        ]
        == 2
    )


def test_hard_delete_needs_its_right_and_leaves_nothing(client: Any, served: Served) -> None:
    one = served.org.put("Account", Name="One")
    profile = served.org.find("Profile", Name="System Administrator")[0]["Id"]
    served.org.set("Profile", profile, PermissionsBulkApiHardDelete=False)
    answer = client.post("/jobs/ingest", {"object": "Account", "operation": "hardDelete"})
    assert code(answer) == (400, "FEATURENOTENABLED")
    assert answer.json()[0]["message"].startswith("hardDelete operation requires special user profile permission")
    served.org.set("Profile", profile, PermissionsBulkApiHardDelete=True)
    assert ran(client, f"Id\n{one}\n", operation="hardDelete")["numberRecordsFailed"] == 0
    assert (
        served.org.query(served.org.find("User", Username=ADMIN)[0]["Id"], "SELECT Id FROM Account", "67.0", include_deleted=True)[
            "totalSize"
        ]
        == 0
    )


def test_upsert_by_id_creates_and_updates(client: Any, served: Served) -> None:
    one = served.org.put("Account", Name="One")
    told = ran(client, f"Id,Name\n{one},Uno\n,New\n", operation="upsert", externalIdFieldName="Id")
    assert told["externalIdFieldName"] == "Id"
    created = {row["Name"]: row["sf__Created"] for row in results(client, told["id"], "successfulResults")}
    assert created == {"Uno": "false", "New": "true"}
    assert sorted(row["Name"] for row in served.org.find("Account")) == ["New", "Uno"]


def test_upsert_by_an_indexed_field(client: Any, served: Served) -> None:
    limited = served.org.find("User", Username=LIMITED)[0]
    told = ran(client, f"Username,LastName\n{LIMITED},Renamed\n", "User", "upsert", externalIdFieldName="Username")
    assert told["numberRecordsFailed"] == 0, results(client, told["id"], "failedResults")
    changed = served.org.get("User", limited["Id"])
    assert changed is not None
    assert changed["LastName"] == "Renamed"


@pytest.mark.parametrize("field", [None, "Description", "Nothing__c"])
def test_upsert_needs_a_field_that_can_identify(client: Any, field: str | None) -> None:
    wanted = {"object": "Account", "operation": "upsert", **({"externalIdFieldName": field} if field else {})}
    assert code(client.post("/jobs/ingest", wanted)) == (400, "INVALIDJOB")


def test_the_running_user_s_rights_count(client_for: Callable[[str], Any], served: Served) -> None:
    user = served.org.find("User", Username=LIMITED)[0]
    limited = client_for(LIMITED)
    told = ran(limited, f"Id,LastName\n{user['Id']},Mine\n", "User", "update")
    assert told["numberRecordsFailed"] == 1
    assert results(limited, told["id"], "failedResults")[0]["sf__Error"].startswith("INSUFFICIENT_ACCESS_OR_READONLY:")
    assert served.org.get("User", user["Id"])["LastName"] == user["LastName"]  # type: ignore[index]


def test_an_object_out_of_sight_is_no_object(client_for: Callable[[str], Any], client: Any, served: Served) -> None:
    for asking, name in ((client, "Nothing__c"), (client_for(LIMITED), "PermissionSetAssignment")):
        assert code(asking.post("/jobs/ingest", {"object": name, "operation": "insert"})) == (400, "INVALIDENTITY")
    served.org.switches["bulk_unknown_object_code"] = "INVALIDJOB"
    assert code(client.post("/jobs/ingest", {"object": "Nothing__c", "operation": "insert"})) == (400, "INVALIDJOB")


# --- chunks ---


@pytest.mark.parametrize(("scope", "failed"), [("chunk", 200), ("row", 1)])
def test_a_lock_costs_its_chunk(client: Any, served: Served, scope: str, failed: int) -> None:
    served.org.switches["bulk_lock_scope"] = scope
    served.faults.add(faults.Fault(faults.Lock("Account", {"Name": "A250"})))
    told = ran(client, "Name\n" + "".join(f"A{number}\n" for number in range(450)))
    assert (told["state"], told["numberRecordsProcessed"], told["numberRecordsFailed"]) == ("JobComplete", 450, failed)
    written = {row["Name"] for row in served.org.find("Account")}
    assert len(written) == 450 - failed
    assert {"A0", "A199", "A400", "A449"} <= written
    assert "A250" not in written
    errors = {row["sf__Error"].split(":")[0] for row in results(client, told["id"], "failedResults")}
    assert errors == {"UNABLE_TO_LOCK_ROW"}


def test_a_trigger_at_its_limit_costs_its_chunk(client: Any, served: Served) -> None:
    served.faults.add(faults.Fault(faults.ApexLimit("Account", over=199), times=None))
    told = ran(client, "Name\n" + "".join(f"A{number}\n" for number in range(350)))
    assert (told["state"], told["numberRecordsFailed"]) == ("JobComplete", 200)
    assert {row["Name"] for row in served.org.find("Account")} == {f"A{number}" for number in range(200, 350)}
    errors = {row["sf__Error"] for row in results(client, told["id"], "failedResults")}
    assert len(errors) == 1
    assert "System.LimitException: Too many SOQL queries: 101" in errors.pop()


@pytest.mark.parametrize("written", [0, 3, 200, 250])
@pytest.mark.parametrize(("state", "message"), [("Failed", "InternalServerError : the emulator was told to fail"), ("Aborted", "")])
def test_a_job_that_ends_half_way_keeps_what_it_wrote(client: Any, served: Served, state: str, message: str, written: int) -> None:
    served.faults.add(faults.Fault(faults.EndJob("Account", state), skip=written))
    names = [f"A{number}" for number in range(300)]
    told = ran(client, "Name\n" + "".join(f"{name}\n" for name in names))
    assert (told["state"], told["numberRecordsProcessed"], told["numberRecordsFailed"]) == (state, written, 0)
    assert told.get("errorMessage", "") == message
    assert {row["Name"] for row in served.org.find("Account")} == set(names[:written])
    assert len(results(client, told["id"], "successfulResults")) == written
    left = client.get(f"/jobs/ingest/{told['id']}/unprocessedrecords").text
    assert [row["Name"] for row in csv.DictReader(io.StringIO(left))] == names[written:]
    assert ran(client, "Name\nNext\n")["state"] == "JobComplete"


def test_only_bulk_jobs_of_that_object_end_so(client: Any, served: Served) -> None:
    served.faults.add(faults.Fault(faults.EndJob("Account")))
    client.account()
    assert ran(client, "LastName\nAnybody\n", "Contact")["state"] == "JobComplete"
    assert ran(client, "Name\nA\n")["state"] == "Failed"


def test_how_a_job_ends_is_one_of_two(client: Any) -> None:
    asked = {"action": "end_job", "sobject": "Account", "state": "JobComplete"}
    assert client.post("/emulator/faults", asked).status_code == 400
    assert client.post("/emulator/faults", {**asked, "state": "Aborted"}).status_code == 200


def test_a_customer_s_rule_costs_its_row(client: Any, served: Served) -> None:
    served.faults.add(faults.Fault(faults.Refuse("Account", {"Name": "Bad"}, message="not so", fields=("Name",)), times=None))
    told = ran(client, "Name\nGood\nBad\n")
    assert results(client, told["id"], "failedResults")[0]["sf__Error"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION:not so:Name --"
    assert [row["Name"] for row in served.org.find("Account")] == ["Good"]


def test_what_is_not_emulated_is_said_and_undone(client: Any, served: Served) -> None:
    told = opened(client, "Group")
    put(client, told, "Name,Type,DeveloperName\nAll,Regular,All1\n")
    patch(client, told, "UploadComplete")
    served.org.bulk.jobs[told].uploads = [b"\xef\xbb\xbfName\nAll\n"]
    client.get(f"/jobs/ingest/{told}")
    assert client.get(f"/jobs/ingest/{told}").status_code == 501
    assert client.get(f"/jobs/ingest/{told}/failedResults").status_code == 501
    assert served.org.find("Group") == []


# --- states and refusals ---


def test_an_open_job_shows_where_its_data_goes(client: Any) -> None:
    job = opened(client)
    told = client.get(f"/jobs/ingest/{job}").json()
    assert told["contentUrl"] == f"services/data/v67.0/jobs/ingest/{job}/batches"
    patch(client, job, "Aborted")
    assert "contentUrl" not in client.get(f"/jobs/ingest/{job}").json()


@pytest.mark.parametrize(
    ("wanted", "state"), [({}, None), ({"object": "Account"}, None), ({"object": "Account", "operation": "merge"}, None)]
)
def test_a_job_needs_its_properties(client: Any, served: Served, wanted: dict[str, str], state: None) -> None:
    assert code(client.post("/jobs/ingest", wanted)) == (400, "JSON_PARSER_ERROR")
    served.org.switches["bulk_bad_property_code"] = "INVALIDJOB"
    assert code(client.post("/jobs/ingest", wanted)) == (400, "INVALIDJOB")
    assert served.org.bulk.jobs == {}


@pytest.mark.parametrize("more", [{"columnDelimiter": ","}, {"lineEnding": "CR"}, {"contentType": "XML"}, {"color": "red"}])
def test_a_job_takes_known_values_only(client: Any, more: dict[str, str]) -> None:
    assert code(client.post("/jobs/ingest", {"object": "Account", "operation": "insert", **more})) == (400, "JSON_PARSER_ERROR")


def test_a_job_of_json_is_wanted(client: Any) -> None:
    assert code(client.call("POST", "/jobs/ingest", data="{", headers={"Content-Type": "application/json"})) == (400, "JSON_PARSER_ERROR")
    assert code(client.call("POST", "/jobs/ingest", data="{}", headers={"Content-Type": "text/plain"})) == (415, "UNSUPPORTED_MEDIA_TYPE")
    job = opened(client)
    wrong = client.call("PUT", f"/jobs/ingest/{job}/batches", data="{}", headers={"Content-Type": "application/json"})
    assert code(wrong) == (415, "UNSUPPORTED_MEDIA_TYPE")
    for body, refused in (
        ({"state": "Done"}, "INVALIDJOBSTATE"),
        ({}, "INVALIDJOBSTATE"),
        ({"state": "Aborted", "object": "Contact"}, "JSON_PARSER_ERROR"),
    ):
        assert code(client.call("PATCH", f"/jobs/ingest/{job}", json=body)) == (400, refused)
    assert client.get(f"/jobs/ingest/{job}").json()["state"] == "Open"


def test_two_uploads_cannot_be_closed(client: Any, served: Served) -> None:
    job = opened(client)
    assert [put(client, job, "Name\nAcme\n").status_code for _unused in range(2)] == [201, 201]
    answer = patch(client, job, "UploadComplete")
    assert code(answer) == (400, "INVALIDJOB")
    assert answer.json()[0]["message"].startswith("Found multipe contents for job: <")
    assert client.get(f"/jobs/ingest/{job}").json()["state"] == "Open"
    assert patch(client, job, "Aborted").status_code == 200
    assert served.org.find("Account") == []


@pytest.mark.parametrize(("setting", "state"), [("failed", "Failed"), ("complete", "JobComplete")])
def test_closing_without_data_is_a_switch(client: Any, served: Served, setting: str, state: str) -> None:
    served.org.switches["bulk_job_without_data"] = setting
    job = opened(client)
    assert patch(client, job, "UploadComplete").status_code == 200
    assert settled(client, job)["state"] == state


def test_what_a_state_does_not_allow(client: Any) -> None:
    finished = ran(client, "Name\nAcme\n")["id"]
    for state in ("UploadComplete", "Aborted"):
        answer = patch(client, finished, state)
        doing = {"UploadComplete": "Closing", "Aborted": "Aborting"}[state]
        assert (answer.status_code, answer.json()) == (
            400,
            [{"message": f"{doing} already Completed Job not allowed", "errorCode": "INVALIDJOBSTATE"}],
        )
    assert code(put(client, finished, "Name\nAcme\n")) == (400, "INVALIDJOBSTATE")
    opened_job = opened(client)
    assert code(client.call("DELETE", f"/jobs/ingest/{opened_job}")) == (400, "INVALIDJOBSTATE")
    assert patch(client, opened_job, "Aborted").json()["state"] == "Aborted"
    assert client.call("DELETE", f"/jobs/ingest/{opened_job}").status_code == 204
    assert code(client.get(f"/jobs/ingest/{opened_job}")) == (404, "NOT_FOUND")


def test_an_aborted_job_is_not_processed(client: Any, served: Served) -> None:
    job = opened(client)
    put(client, job, "Name\nAcme\n")
    patch(client, job, "UploadComplete")
    assert client.get(f"/jobs/ingest/{job}").json()["state"] == "InProgress"
    assert patch(client, job, "Aborted").json()["state"] == "Aborted"
    assert client.get(f"/jobs/ingest/{job}").json()["state"] == "Aborted"
    assert served.org.find("Account") == []
    assert client.get(f"/jobs/ingest/{job}/unprocessedrecords").text == "Name\nAcme\n"


def test_a_big_job_is_worked_on_batch_by_batch(client: Any, served: Served) -> None:
    served.org.bulk.rows_a_step = 200
    job = opened(client)
    put(client, job, "Name\n" + "".join(f"A{number}\n" for number in range(500)))
    patch(client, job, "UploadComplete")
    told = [client.get(f"/jobs/ingest/{job}").json() for _unused in range(3)]
    assert [(one["state"], one["numberRecordsProcessed"]) for one in told] == [("InProgress", 0), ("InProgress", 200), ("InProgress", 400)]
    assert patch(client, job, "Aborted").status_code == 200
    assert len(served.org.find("Account")) == 400  # what was written stays
    assert len(results(client, job, "successfulResults")) == 400
    left = client.get(f"/jobs/ingest/{job}/unprocessedrecords").text
    assert left == "Name\n" + "".join(f"A{number}\n" for number in range(400, 500))


def test_a_parent_is_named_by_its_relationship(client: Any, served: Served) -> None:
    boss, one, two = (served.org.find("User", Username=name)[0]["Id"] for name in (ADMIN, LIMITED, "no-api@acme.example"))
    told = ran(client, f"Id,Manager.Username\n{one},{ADMIN}\n{two},nobody@acme.example\n", "User", "update")
    assert served.org.get("User", one)["ManagerId"] == boss
    assert served.org.get("User", two)["ManagerId"] is None
    assert [row["sf__Error"] for row in results(client, told["id"], "failedResults")] == [
        "INVALID_FIELD:Foreign key external ID: nobody@acme.example not found for field Username in entity User:--"
    ]
    ran(client, f"Id,Manager.Username\n{one},\n", "User", "update")
    assert served.org.get("User", one)["ManagerId"] == boss
    ran(client, f"Id,Manager.Username\n{one},#N/A\n", "User", "update")
    assert served.org.get("User", one)["ManagerId"] is None


def test_a_relationship_that_is_none_is_no_column(client: Any) -> None:
    assert ran(client, "Name,Nothing.Name\nAcme,x\n")["errorMessage"].endswith("Field name not found : Nothing.Name")


@pytest.mark.parametrize(("setting", "status"), [("refused", 400), ("no_content", 204)])
def test_early_results_are_a_switch(client: Any, served: Served, setting: str, status: int) -> None:
    served.org.switches["bulk_early_results"] = setting
    assert client.get(f"/jobs/ingest/{opened(client)}/successfulResults").status_code == status
    assert client.get(f"/jobs/query/{asked(client, 'SELECT Id FROM Account')}/results").status_code == status


def test_whose_job_it_is(client: Any, client_for: Callable[[str], Any], served: Served) -> None:
    job, other = opened(client), client_for(LIMITED)
    put(client, job, "Name\nAcme\n")
    assert code(patch(other, job, "UploadComplete")) == (400, "INVALIDUSER")
    assert code(patch(other, job, "Aborted")) == (400, "INVALIDUSER")
    served.org.set("Profile", served.org.find("Profile", Name="Standard User")[0]["Id"], PermissionsManageDataIntegrations=True)
    assert code(patch(other, job, "UploadComplete")) == (400, "INVALIDUSER")
    assert patch(other, job, "Aborted").status_code == 200


@pytest.mark.parametrize(("setting", "statuses"), [("refused", (413, "Open")), ("job_failed", (201, "Failed"))])
def test_the_size_limit(client: Any, served: Served, setting: str, statuses: tuple[int, str]) -> None:
    served.org.switches["bulk_upload_too_large"] = setting
    served.org.bulk.upload_limit = 40
    job = opened(client)
    assert put(client, job, "Name\n" + "A" * 26).status_code == statuses[0]  # 31 bytes are 44 in base64
    if statuses[0] == 201:
        patch(client, job, "UploadComplete")
        client.get(f"/jobs/ingest/{job}")
    assert client.get(f"/jobs/ingest/{job}").json()["state"] == statuses[1]
    assert put(client, opened(client), "Name\n" + "A" * 25).status_code == 201


def test_a_multipart_request_is_a_whole_job(client: Any, served: Served) -> None:
    body = (
        '--BOUNDARY\r\nContent-Type: application/json\r\nContent-Disposition: form-data; name="job"\r\n\r\n'
        + json.dumps({"object": "Account", "operation": "insert"})
        + '\r\n\r\n--BOUNDARY\r\nContent-Type: text/csv\r\nContent-Disposition: form-data; name="content"; filename="content"\r\n\r\n'
        + "Name\nAcme\nBeta\n\r\n--BOUNDARY--\r\n"
    )
    made = client.call("POST", "/jobs/ingest", data=body, headers={"Content-Type": 'multipart/form-data; boundary="BOUNDARY"'})
    assert (made.status_code, made.json()["state"]) == (200, "UploadComplete")
    assert "contentUrl" not in made.json()
    assert settled(client, made.json()["id"])["numberRecordsProcessed"] == 2
    assert [row["Name"] for row in served.org.find("Account")] == ["Acme", "Beta"]


def test_jobs_are_listed_by_page_and_type(client: Any, served: Served) -> None:
    served.org.bulk.list_page = 2
    ids = [opened(client) for _unused in range(3)]
    query = asked(client, "SELECT Id FROM Account")
    first = client.get("/jobs/ingest").json()
    assert (len(first["records"]), first["done"]) == (2, False)
    second = client.get(first["nextRecordsUrl"]).json()
    assert (len(second["records"]), second["done"], second["nextRecordsUrl"]) == (1, True, None)
    assert sorted(job["id"] for job in first["records"] + second["records"]) == sorted(ids)
    assert [job["id"] for job in client.get("/jobs/query").json()["records"]] == [query]
    assert [job["jobType"] for job in client.get("/jobs/ingest?jobType=V2Query").json()["records"]] == ["V2Query"]
    for nothing in ("jobType=Classic", "isPkChunkingEnabled=true", "concurrencyMode=serial"):
        assert client.get(f"/jobs/ingest?{nothing}").json()["records"] == []
    assert code(client.get("/jobs/ingest?queryLocator=nothing")) == (400, "INVALID_QUERY_LOCATOR")


def test_a_job_is_found_by_its_kind_only(client: Any) -> None:
    ingest, query = opened(client), asked(client, "SELECT Id FROM Account")
    assert client.get(f"/jobs/ingest/{ingest[:15]}").status_code == 200
    for path in (f"/jobs/query/{ingest}", f"/jobs/ingest/{query}", "/jobs/other", "/jobs", f"/jobs/ingest/{ingest}/nothing"):
        assert code(client.get(path)) == (404, "NOT_FOUND")


def test_the_version_resource_names_jobs(client: Any) -> None:
    assert client.get("/services/data/v67.0").json()["jobs"] == "/services/data/v67.0/jobs"


@pytest.mark.parametrize(("kind", "version"), [("ingest", "40.0"), ("query", "46.0")])
def test_older_versions_do_not_have_it(client: Any, kind: str, version: str) -> None:
    assert client.get(f"/services/data/v{version}/jobs/{kind}").status_code == 404
    assert client.get(f"/services/data/v{float(version) + 1}/jobs/{kind}").status_code == 200


def test_batches_and_queries_are_rationed(client: Any, served: Served) -> None:
    served.org.bulk.batches_a_day, served.org.bulk.query_jobs_a_day = 1, 1
    ran(client, "Name\nAcme\n")
    assert code(client.post("/jobs/ingest", {"object": "Account", "operation": "insert"})) == (400, "EXCEEDEDQUOTA")
    asked(client, "SELECT Id FROM Account")
    assert code(client.post("/jobs/query", {"operation": "query", "query": "SELECT Id FROM Account"})) == (400, "EXCEEDEDQUOTA")
    shown = client.get("/limits").json()
    assert shown["DailyBulkApiBatches"] == {"Max": 1, "Remaining": 0}
    assert shown["DailyBulkV2QueryJobs"] == {"Max": 1, "Remaining": 0}
    day = served.org.clock() + timedelta(hours=25)
    served.org.clock = lambda: day
    client.use(ADMIN)  # the session has expired meanwhile
    assert client.get("/limits").json()["DailyBulkApiBatches"] == {"Max": 1, "Remaining": 1}


def test_a_query_job_is_a_read_and_a_load_is_none(client: Any, served: Served) -> None:
    since = served.journal.last_seq
    asked(client, "SELECT Id FROM Account")
    assert served.journal.writes(since=since) == ()
    opened(client)
    assert [entry.path for entry in served.journal.writes(since=since)] == ["/services/data/v67.0/jobs/ingest"]


def test_jobs_go_back_with_a_snapshot(client: Any, served: Served) -> None:
    job = opened(client)
    put(client, job, "Name\nAcme\n")
    patch(client, job, "UploadComplete")
    before = snapshots.take(served.org)
    assert settled(client, job)["state"] == "JobComplete"
    snapshots.restore(served.org, before)
    assert served.org.find("Account") == []
    assert [client.get(f"/jobs/ingest/{job}").json()["state"] for _unused in range(2)] == ["InProgress", "JobComplete"]
    assert len(served.org.find("Account")) == 1


# --- query jobs ---


def test_a_query_s_rows_come_as_csv(client: Any, served: Served) -> None:
    parent = served.org.put("Account", Name="Parent, Inc.", NumberOfEmployees=5)
    served.org.put("Account", Name='Chi"ld', ParentId=parent)
    job = asked(client, "SELECT Name, NumberOfEmployees, Parent.Name, IsDeleted, CreatedDate FROM Account ORDER BY Name")
    told = settled(client, job, "query")
    assert (told["state"], told["object"], told["numberRecordsProcessed"]) == ("JobComplete", "Account", 2)
    answer = client.get(f"/jobs/query/{job}/results")
    assert (answer.headers["Sforce-Locator"], answer.headers["Sforce-NumberOfRecords"]) == ("null", "2")
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["Name", "NumberOfEmployees", "Parent.Name", "IsDeleted", "CreatedDate"]
    assert [row[:4] for row in rows[1:]] == [['Chi"ld', "", "Parent, Inc.", "false"], ["Parent, Inc.", "5", "", "false"]]
    assert all(row[4].endswith("Z") for row in rows[1:])
    served.org.switches["bulk_datetimes"] = "offset"
    again = asked(client, "SELECT CreatedDate FROM Account")
    settled(client, again, "query")
    assert client.get(f"/jobs/query/{again}/results").text.splitlines()[1].endswith('+0000"')


def test_the_query_is_run_when_the_job_is_worked_on(client: Any, served: Served) -> None:
    job = asked(client, "SELECT Id FROM Account")
    served.org.put("Account", Name="Late")
    assert settled(client, job, "query")["numberRecordsProcessed"] == 1
    served.org.put("Account", Name="Too late")
    assert client.get(f"/jobs/query/{job}/results").headers["Sforce-NumberOfRecords"] == "1"


def test_results_come_in_pages(client: Any, served: Served) -> None:
    served.org.settings.page_size = 7
    for number in range(25):
        served.org.put("Account", Name=f"A{number:02}")
    job = asked(client, "SELECT Name FROM Account ORDER BY Name")
    settled(client, job, "query")
    names: list[str] = []
    locators: list[str] = []
    locator = ""
    while locator != "null":
        answer = client.get(f"/jobs/query/{job}/results", params={"maxRecords": 10, **({"locator": locator} if locator else {})})
        names += answer.text.splitlines()[1:]
        locator = answer.headers["Sforce-Locator"]
        locators.append(locator)
    assert names == [f'"A{number:02}"' for number in range(25)]
    assert locators == ["MTA", "MjA", "null"]
    served.org.bulk.result_page = 24
    assert client.get(f"/jobs/query/{job}/results").headers["Sforce-NumberOfRecords"] == "24"
    for wrong in ("locator=MTAw", "locator=***", "locator=QQ"):
        assert code(client.get(f"/jobs/query/{job}/results?{wrong}")) == (400, "INVALID_QUERY_LOCATOR")
    assert client.get(f"/jobs/query/{job}/results?maxRecords=none").status_code == 400


def test_query_all_sees_the_deleted(client: Any, served: Served) -> None:
    served.org.remove("Account", served.org.put("Account", Name="Gone"))
    made = client.post("/jobs/query", {"operation": "queryAll", "query": "SELECT Name FROM Account"}).json()
    settled(client, made["id"], "query")
    assert client.get(f"/jobs/query/{made['id']}/results").text == '"Name"\n"Gone"\n'
    plain = asked(client, "SELECT Name FROM Account")
    settled(client, plain, "query")
    assert client.get(f"/jobs/query/{plain}/results").text == '"Name"\n'


def test_columns_were_alphabetical_once(client: Any, served: Served) -> None:
    served.org.put("Account", Name="Acme", Phone="1")
    for version, header in (("49.0", '"Name","Phone"'), ("50.0", '"Phone","Name"')):
        base = f"/services/data/v{version}/jobs/query"
        job = client.post(base, {"operation": "query", "query": "SELECT Phone, Name FROM Account"}).json()["id"]
        settled(client, job, "query")
        assert client.get(f"{base}/{job}/results").text.splitlines()[0] == header


def test_results_are_read_in_the_job_s_version(client: Any, served: Served) -> None:
    job = asked(client, "SELECT Id FROM Account")
    settled(client, job, "query")
    assert code(client.get(f"/services/data/v60.0/jobs/query/{job}/results")) == (409, "INVALIDJOB")
    served.org.switches["bulk_version_conflict_code"] = "API_ERROR"
    assert code(client.get(f"/services/data/v60.0/jobs/query/{job}/results")) == (409, "API_ERROR")


@pytest.mark.parametrize(
    ("soql", "refused"),
    [
        ("SELECT COUNT() FROM Account", "FEATURENOTENABLED"),
        ("SELECT COUNT(Id) FROM Account", "FEATURENOTENABLED"),
        ("SELECT Name FROM Account GROUP BY Name", "FEATURENOTENABLED"),
        ("SELECT Name FROM Account ORDER BY Name LIMIT 1 OFFSET 1", "FEATURENOTENABLED"),
        ("SELECT Name, (SELECT Id FROM Contacts) FROM Account", "FEATURENOTENABLED"),
        ("SELECT TYPEOF Who WHEN Contact THEN Name END FROM Task", "FEATURENOTENABLED"),
        ("SELECT BillingAddress FROM Account", "FEATURENOTENABLED"),
        ("SELECT Nothing FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Nothing", "INVALID_TYPE"),
        ("SELECT FROM", "MALFORMED_QUERY"),
    ],
)
def test_what_cannot_be_queried(client: Any, served: Served, soql: str, refused: str) -> None:
    assert code(client.post("/jobs/query", {"operation": "query", "query": soql})) == (400, refused)
    assert served.org.bulk.jobs == {}
    served.org.switches["bulk_query_refusal"] = "job_failed"
    told = settled(client, asked(client, soql), "query")
    assert told["state"] == "Failed"
    assert told["errorMessage"].startswith(f"InvalidBatch : Failed to process query: {refused}: ")
    assert client.get(f"/jobs/query/{told['id']}/results").status_code == 400


@pytest.mark.parametrize(
    "wanted", [{"operation": "query"}, {"query": "SELECT Id FROM Account"}, {"operation": "insert", "query": "SELECT Id FROM Account"}]
)
def test_a_query_job_needs_its_properties(client: Any, wanted: dict[str, str]) -> None:
    assert code(client.post("/jobs/query", wanted)) == (400, "JSON_PARSER_ERROR")


def test_query_jobs_are_aborted_and_deleted(client: Any) -> None:
    job = asked(client, "SELECT Id FROM Account")
    assert code(client.call("DELETE", f"/jobs/query/{job}")) == (400, "INVALIDJOBSTATE")
    assert code(patch(client, job, "UploadComplete", "query")) == (400, "INVALIDJOBSTATE")
    assert patch(client, job, "Aborted", "query").json()["state"] == "Aborted"
    assert client.get(f"/jobs/query/{job}").json()["state"] == "Aborted"
    assert client.call("DELETE", f"/jobs/query/{job}").status_code == 204
    assert client.get(f"/jobs/query/{job}").status_code == 404


# --- simple-salesforce, unmodified ---


def logged_in(client: Any, fleet: Any) -> Salesforce:
    session = requests.Session()
    session.trust_env = False
    session.verify = str(fleet.ca_path)
    token = client.served.token(ADMIN)
    return Salesforce(instance_url=client.served.url, session_id=token, session=session, version="67.0")


def test_simple_salesforce_loads_and_queries(client: Any, served: Served, fleet: Any) -> None:
    sf = logged_in(client, fleet)
    loaded = sf.bulk2.Account.insert(records=[{"Name": "Acme"}, {"Name": "Beta, Inc."}], batch_size=1, wait=0)
    assert [(job["numberRecordsProcessed"], job["numberRecordsFailed"], job["numberRecordsTotal"]) for job in loaded] == [(1, 0, 1)] * 2
    assert [row["Name"] for row in served.org.find("Account")] == ["Acme", "Beta, Inc."]
    pages = list(sf.bulk2.Account.query("SELECT Id, Name FROM Account ORDER BY Name", wait=0))
    rows = [row for page in pages for row in csv.DictReader(io.StringIO(page))]
    assert [row["Name"] for row in rows] == ["Acme", "Beta, Inc."]
    deleted = sf.bulk2.Account.delete(records=[{"Id": rows[0]["Id"]}], wait=0)
    assert deleted[0]["numberRecordsFailed"] == 0
    assert [row["Name"] for row in served.org.find("Account")] == ["Beta, Inc."]
    assert sf.bulk2.Account.get_successful_records(deleted[0]["job_id"]).splitlines()[1].startswith(f'"{rows[0]["Id"]}","false"')


def test_simple_salesforce_sees_a_failed_job(client: Any, fleet: Any) -> None:
    with pytest.raises(SalesforceOperationError, match="Field name not found : Nothing"):
        logged_in(client, fleet).bulk2.Account.insert(records=[{"Nothing": "x"}], wait=0)
