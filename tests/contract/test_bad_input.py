# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bad input: what an org answers to it. Recorded answers word for word, quoted ones by code, inferred ones by kind of status."""

from __future__ import annotations

import pytest

from contract.door import Org, body_of, code_of

JSON = {"Content-Type": "application/json"}


@pytest.mark.evidence("bad-json")
def test_a_body_that_is_no_json(org: Org) -> None:
    answer = org.call("POST", "/sobjects/Account", data='{"Name": ', headers=JSON)
    assert (answer.status_code, code_of(answer)) == (400, "JSON_PARSER_ERROR")


@pytest.mark.evidence("bad-content-type")
def test_a_body_of_another_content_type(org: Org) -> None:
    answer = org.call("POST", "/sobjects/Account", data="Name=x", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415


@pytest.mark.evidence("bad-path")
def test_an_unknown_path_and_an_unknown_object(org: Org) -> None:
    for path in ("/nosuchresource", "/sobjects/NoSuchThing__c", "/sobjects/NoSuchThing__c/001000000000001AAA"):
        answer = org.get(path)
        assert answer.status_code == 404
        assert body_of(answer) == [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]


@pytest.mark.evidence("bad-field")
def test_an_unknown_field(org: Org) -> None:
    name = org.name("field")
    answer = org.post("/sobjects/Account", {"Name": name, "FavoritePet__c": "Dog"})
    assert answer.status_code == 400
    told = {key: value for key, value in answer.json()[0].items() if key in ("message", "errorCode")}
    assert told == {"message": "No such column 'FavoritePet__c' on sobject of type Account", "errorCode": "INVALID_FIELD"}
    assert org.soql(f"SELECT Id FROM Account WHERE Name = '{name}'") == []


@pytest.mark.evidence("bad-length")
def test_a_value_that_is_too_long(org: Org) -> None:
    answer = org.post("/sobjects/Account", {"Name": "x" * 256})
    assert (answer.status_code, code_of(answer)) == (400, "STRING_TOO_LONG")


@pytest.mark.evidence("bad-required")
def test_a_required_field_that_is_missing(org: Org) -> None:
    answer = org.post("/sobjects/Account", {"Description": "nameless"})
    assert answer.status_code == 400
    assert answer.json() == [{"message": "Required fields are missing: [Name]", "errorCode": "REQUIRED_FIELD_MISSING", "fields": ["Name"]}]


@pytest.mark.evidence("bad-read-only")
def test_a_field_that_cannot_be_written(org: Org) -> None:
    answer = org.post("/sobjects/Account", {"Name": org.name("audit"), "IsDeleted": True})
    assert (answer.status_code, code_of(answer)) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")


@pytest.mark.evidence("bad-id")
def test_an_id_with_a_wrong_checksum(org: Org) -> None:
    made = org.create("Account", Name=org.name("checksum"))
    wrong = made[:17] + ("0" if made[17] != "0" else "1")
    answer = org.patch(f"/sobjects/Account/{wrong}", {"Name": "x"})
    assert answer.status_code == 400
    label = org.need_field("Account", "Id")["label"]
    assert answer.json() == [{"message": f"{label}: id value of incorrect type: {wrong}", "errorCode": "MALFORMED_ID", "fields": ["Id"]}]


@pytest.mark.evidence("bad-id")
def test_an_id_of_another_object(org: Org) -> None:
    made = org.create("Account", Name=org.name("prefix"))
    answer = org.patch(f"/sobjects/Contact/{made}", {"LastName": "x"})
    assert 400 <= answer.status_code < 500
    assert code_of(answer)


@pytest.mark.evidence("bad-deleted")
def test_a_record_that_is_deleted_already(org: Org) -> None:
    made = org.create("Account", Name=org.name("twice"))
    assert org.delete(f"/sobjects/Account/{made}").status_code == 204
    answer = org.delete(f"/sobjects/Account/{made}")
    assert answer.status_code == 404
    assert answer.json() == [{"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED", "fields": []}]


@pytest.mark.evidence("bad-missing")
def test_a_record_that_never_was(org: Org) -> None:
    answer = org.patch("/sobjects/Account/001000000000001AAA", {"Name": "x"})
    assert 400 <= answer.status_code < 500


@pytest.mark.evidence("bad-soql")
def test_a_statement_that_is_none(org: Org) -> None:
    answer = org.query("SELEKT Id FROM Account")
    assert answer.status_code == 400
    assert answer.json() == [{"message": "unexpected token: SELEKT", "errorCode": "MALFORMED_QUERY"}]


@pytest.mark.evidence("bad-composite")
@pytest.mark.parametrize("path", ["/tooling/query/?q=SELECT+Id+FROM+ApexClass", "/jobs/ingest"])
def test_what_a_composite_does_not_take(org: Org, path: str) -> None:
    told = org.composite({"method": "GET", "url": f"{org.root}{path}", "referenceId": "bad"})
    assert told[0]["httpStatusCode"] >= 400


@pytest.mark.evidence("bad-composite")
def test_a_composite_without_reference_ids(org: Org) -> None:
    body = {"compositeRequest": [{"method": "GET", "url": f"{org.root}/sobjects/Account/describe"}]}
    answer = org.post("/composite", body)
    assert (answer.status_code, code_of(answer)) == (400, "JSON_PARSER_ERROR")


@pytest.mark.evidence("bad-token")
@pytest.mark.parametrize("whose", ["nobody's", "an expired one", "another org's"])
def test_a_token_that_is_no_good_here(org: Org, whose: str) -> None:
    mine = str(org.soql("SELECT Id FROM Organization")[0]["Id"])[:15]
    token = {"nobody's": "nonsense", "an expired one": f"{mine}!AQ0AQexpired", "another org's": org.foreign_token}[whose]
    answer = org.get("/sobjects/Organization/describe", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert code_of(answer) == "INVALID_SESSION_ID"


@pytest.mark.evidence("bad-uri")
def test_a_uri_past_16384_bytes(org: Org) -> None:
    answer = org.query("SELECT Id FROM Account WHERE Name = '" + "x" * 17_000 + "'")
    assert answer.status_code in {414, 431}
