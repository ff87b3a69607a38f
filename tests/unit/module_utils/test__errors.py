# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import (
    AUTH,
    CONFIG,
    LIMIT,
    LOGIN_REMEDIES,
    NETWORK,
    ORG,
    REMEDIES,
    Problem,
    RecordError,
    class_of,
    did_you_mean,
    is_of_a_trigger,
    listing,
    login_remedy,
    nearest,
    record_errors,
    refused,
    remedy_for,
    trigger_remedy,
)

PROBLEM = Problem("assigning permission set Agent", "the org has no such user: a@b.c.", "Check the spelling.", CONFIG, "unknown_user", 404)


def test_a_problem_says_what_was_tried_what_is_wrong_and_what_to_do() -> None:
    assert str(PROBLEM) == "assigning permission set Agent: the org has no such user: a@b.c. Check the spelling."
    assert str(PROBLEM.on("Acme")) == f"[Acme] {PROBLEM}"


def test_a_problem_without_a_remedy_ends_with_what_was_said() -> None:
    assert str(Problem("reading", "it failed.", "")) == "reading: it failed."


def test_the_first_org_and_step_that_are_named_stay() -> None:
    told = PROBLEM.on("Acme").at("reading").on("Other").at("writing")
    assert (told.org, told.step) == ("Acme", "reading")
    assert (PROBLEM.org, PROBLEM.step) == ("", ""), "the problem itself is not changed"


def test_a_problem_keeps_its_structure_in_the_result() -> None:
    record = RecordError("Acme/Account", "DUPLICATE_VALUE", "twice", ("Name",), "Run again.")
    told = Problem("a", "b", "c", ORG, "DUPLICATE_VALUE", 400, "writing", errors=(record,))
    assert told.as_result() == {
        "error_class": "org",
        "error_code": "DUPLICATE_VALUE",
        "http_status": 400,
        "step": "writing",
        "errors": [{"record": "Acme/Account", "code": "DUPLICATE_VALUE", "message": "twice", "fields": ["Name"], "remedy": "Run again."}],
    }


@pytest.mark.parametrize(
    ("said", "code", "fields", "message"),
    [
        ({"statusCode": "DUPLICATE_VALUE", "message": "m", "fields": ["Name"]}, "DUPLICATE_VALUE", ("Name",), "m"),
        ({"errorCode": "INVALID_FIELD", "message": "m"}, "INVALID_FIELD", (), "m"),
        ({"errorCode": "INVALID_FIELD", "message": "m", "fields": None}, "INVALID_FIELD", (), "m"),
        ({}, "UNKNOWN", (), ""),
    ],
    ids=["collection", "single record", "null fields", "nothing known"],
)
def test_both_shapes_of_a_record_error_are_read(said: dict[str, Any], code: str, fields: tuple[str, ...], message: str) -> None:
    assert record_errors("Acme", [said]) == [RecordError("Acme", code, message, fields, remedy_for(code))]


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("REQUEST_LIMIT_EXCEEDED", 403, LIMIT),
        ("CONCURRENT_REQUESTS_LIMIT_EXCEEDED", 503, LIMIT),
        ("LOGIN_RATE_EXCEEDED", 401, LIMIT),
        ("INVALID_SESSION_ID", None, AUTH),
        ("INVALID_AUTH_HEADER", 400, AUTH),
        ("", 401, AUTH),
        ("INVALID_FIELD", 400, ORG),
        ("", 500, ORG),
    ],
)
def test_the_class_of_a_refusal_comes_from_its_code_then_its_status(code: str, status: int | None, expected: str) -> None:
    assert class_of(code, status) == expected


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        ([{"errorCode": "INVALID_FIELD", "message": "No such column 'X'"}], "INVALID_FIELD", "INVALID_FIELD: No such column 'X'."),
        ({"errorCode": "NOT_FOUND", "message": " gone.\n"}, "NOT_FOUND", "NOT_FOUND: gone."),
        (
            [{"errorCode": "A", "message": "one"}, {"errorCode": "INVALID_FIELD", "message": "two"}],
            "A",
            "A: one; INVALID_FIELD: two.",
        ),
        (None, "", "HTTP status 400."),
        ([], "", "HTTP status 400."),
        ("<html>", "", "HTTP status 400."),
    ],
    ids=["list", "object", "several", "nothing", "empty list", "text"],
)
def test_a_refused_request_keeps_the_orgs_code_and_words(content: Any, code: str, said: str) -> None:
    told = refused("reading sets", 400, content, step="reading")
    assert (told.code, told.said, told.http_status, told.step, told.tried) == (code, said, 400, "reading", "reading sets")
    assert told.error_class == ORG
    assert told.remedy == next((remedy for remedy in map(remedy_for, [item.code for item in told.errors]) if remedy), "")


def test_a_refused_request_takes_the_first_remedy_that_is_known() -> None:
    content = [{"errorCode": "A", "message": "one"}, {"errorCode": "INVALID_FIELD", "message": "two"}]
    assert refused("reading", 400, content).remedy == REMEDIES["INVALID_FIELD"]


@pytest.mark.parametrize("code", sorted(REMEDIES))
def test_each_remedy_is_a_sentence(code: str) -> None:
    assert remedy_for(code) == REMEDIES[code]
    assert REMEDIES[code].endswith(".")


def test_an_unknown_code_gets_no_invented_remedy() -> None:
    assert remedy_for("SOMETHING_NEW") == ""


@pytest.mark.parametrize(("error", "words", "remedy"), LOGIN_REMEDIES)
def test_every_row_of_the_login_remedies_can_be_reached(error: str, words: str, remedy: str) -> None:
    assert login_remedy(error, f"Some {words.upper()} words") == remedy
    assert remedy.endswith(".")


@pytest.mark.parametrize(
    ("error", "description", "names"),
    [
        ("invalid_client_id", "client identifier invalid", "client_id"),
        ("invalid_client", "invalid client credentials", "client_secret"),
        ("invalid_grant", "audience is invalid", "login_url"),
        ("invalid_grant", "user hasn't approved this consumer", "Pre-authorise"),
        ("invalid_grant", "expired authorization code", "clock"),
        ("invalid_grant", "invalid assertion", "private key"),
        ("invalid_grant", "ip restricted or invalid login hours", "login IP ranges"),
        ("invalid_grant", "inactive user", "Activate"),
        ("invalid_grant", "user is locked", "Unlock"),
        ("invalid_grant", "authentication failure", "username"),
        ("invalid_app_access", "user is not admin approved to access this app", "app's policies"),
        ("unsupported_grant_type", "grant type not supported", "flow"),
        ("something_new", "unheard of", "Login History"),
    ],
)
def test_a_refused_login_says_what_to_do_about_it(error: str, description: str, names: str) -> None:
    assert names in login_remedy(error, description)


@pytest.mark.parametrize(
    ("name", "known", "told"),
    [
        ("ApiEnabld", ["ApiEnabled", "EditTask"], " Did you mean ApiEnabled?"),
        ("APIENABLED", ["apiEnabled"], " Did you mean apiEnabled?"),
        ("apienabled", ["APIENABLED"], " Did you mean APIENABLED?"),
        ("Agent_1", ["Agent_2", "Agent_3"], " Did you mean Agent_3 or Agent_2?"),
        ("xyz", ["ApiEnabled"], ""),
        ("ApiEnabled", [], ""),
    ],
)
def test_likely_names_are_offered_as_they_are_spelt(name: str, known: list[str], told: str) -> None:
    assert did_you_mean(name, known) == told


@given(st.text(max_size=8), st.lists(st.text("abAB_", min_size=1, max_size=6), max_size=8))
def test_only_known_names_are_offered_and_at_most_three(name: str, known: list[str]) -> None:
    offered = nearest(name, known)
    assert set(offered) <= set(known)
    assert len(offered) == len(set(offered)) <= 3


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, ""), (1, "n0"), (3, "n0, n1, n2"), (4, "n0, n1, n2 and 1 more"), (9, "n0, n1, n2 and 6 more")],
)
def test_a_long_list_of_names_is_cut_and_counted(count: int, told: str) -> None:
    assert listing((f"n{number}" for number in range(count)), most=3) == told


def test_the_error_classes_are_the_five_that_playbooks_may_test_for() -> None:
    assert {CONFIG, AUTH, NETWORK, LIMIT, ORG} == {"config", "auth", "network", "limit", "org"}


TRIGGER = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
LIMIT_WORDS = "AcmeUserTrigger: execution of BeforeUpdate\n\ncaused by: System.LimitException: Too many SOQL queries: 101"


@pytest.mark.parametrize(
    ("code", "message", "of_a_trigger"),
    [
        (TRIGGER, LIMIT_WORDS, True),
        (TRIGGER, "a flow failed", True),
        (TRIGGER, "entity type cannot be inserted: User", False),
        ("FIELD_INTEGRITY_EXCEPTION", LIMIT_WORDS, False),
    ],
)
def test_a_trigger_is_told_from_a_right_that_is_lacking(code: str, message: str, of_a_trigger: bool) -> None:
    assert is_of_a_trigger(code, message) is of_a_trigger


@pytest.mark.parametrize(
    ("message", "size", "passed", "words"),
    [
        (LIMIT_WORDS, 1, 0, "The Apex trigger AcmeUserTrigger of this org failed (BeforeUpdate) on this record: "),
        ("a flow failed", 1, 0, "An Apex trigger or flow of this org failed on this record: "),
        (LIMIT_WORDS, 200, 0, "for each of 200 records, singly too"),
        (LIMIT_WORDS, 200, 25, "batches of up to 25 of the others went through"),
    ],
)
def test_the_remedy_of_a_trigger_names_it_and_says_what_went_through(message: str, size: int, passed: int, words: str) -> None:
    assert words in trigger_remedy(message, size, passed)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("INVALID_CROSS_REFERENCE_KEY", "The contact center is gone"),
        ("FIELD_INTEGRITY_EXCEPTION", "where it is the vendor, create the user in its system first"),
        (TRIGGER, "where it is the vendor, create the user in its system first"),
        ("INSUFFICIENT_ACCESS_OR_READONLY", "Manage Internal Users, Manage Call Centers"),
        ("INVALID_FIELD_FOR_INSERT_UPDATE", "User.CallCenterId"),
    ],
)
def test_a_refused_membership_is_told_as_one(code: str, words: str) -> None:
    (error,) = record_errors("a@b.c", [{"statusCode": code, "message": "no", "fields": ["CallCenterId"]}], "User", True)
    assert words in error.remedy
    (other,) = record_errors("a@b.c", [{"statusCode": code, "message": "no", "fields": ["ProfileId"]}], "User", True)
    assert words not in other.remedy


@pytest.mark.parametrize("code", ["LICENSE_LIMIT_EXCEEDED", "FIELD_CUSTOM_VALIDATION_EXCEPTION"])
def test_other_refusals_of_that_field_are_told_as_ever(code: str) -> None:
    (error,) = record_errors("a@b.c", [{"statusCode": code, "message": "no", "fields": ["CallCenterId"]}], "User", True)
    assert error.remedy == remedy_for(code) != ""


def test_the_quota_of_bulk_jobs_is_a_limit() -> None:
    assert class_of("EXCEEDEDQUOTA", 400) == LIMIT
