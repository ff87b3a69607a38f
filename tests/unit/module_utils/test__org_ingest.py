# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an org is told in jobs and over SOAP: ingest jobs to each of their ends, and components of the Metadata API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import AUTH, LIMIT, NETWORK, LostAnswer, Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._org import FailedRow, Org, Query
from emulator.bulk import life
from emulator.faults import DropAfter, EndJob, ExpireSessions, Fault, HtmlPage, RequestLimit, Status
from harness.cases import assign, put_set
from harness.direct import Bench

COLUMNS = ("Id", "Title")
JOBS = "/jobs/ingest"


def rows_of(bench: Bench, title: str, *people: str) -> list[dict[str, str | None]]:
    return [{"Id": bench.info["user_ids"][name], "Title": title} for name in people]


def titles(bench: Bench, *people: str) -> list[Any]:
    return [(bench.org.get("User", bench.info["user_ids"][name]) or {})["Title"] for name in people]


# -- jobs ----------------------------------------------------------------------------------------------------------------------------


def test_a_short_job_is_made_in_one_call_and_asked_for_until_it_is_done(uat: Bench) -> None:
    org = uat.meet()
    ended = org.ingest("User", "update", COLUMNS, rows_of(uat, 'Gru\u00df, "x"\nnext', "agent", "kim"), 60)
    assert (ended.state, ended.processed, ended.failed, ended.unprocessed, ended.timed_out) == ("JobComplete", 2, (), (), False)
    assert titles(uat, "agent", "kim") == ['Gru\u00df, "x"\nnext'] * 2
    assert [entry.method for entry in uat.entries()] == ["POST", "GET", "GET"]
    assert uat.clock.slept == [1.0, 2.0]
    assert org.tally.calls == uat.calls() + 1  # the login


def test_null_empties_and_an_empty_cell_leaves(uat: Bench) -> None:
    org = uat.meet()
    org.ingest("User", "update", COLUMNS, rows_of(uat, "Old", "agent", "kim"), 60)
    agent, kim = rows_of(uat, "", "agent", "kim")
    org.ingest("User", "update", COLUMNS, [{**agent, "Title": None}, kim], 60)
    assert titles(uat, "agent", "kim") == [None, "Old"]


def test_refused_rows_are_told_with_code_and_words(uat: Bench) -> None:
    wrong: dict[str, str | None] = {"Id": "005000000000000AAA", "Title": "\u00dc"}
    ended = uat.meet().ingest("User", "update", COLUMNS, [*rows_of(uat, "New", "agent"), wrong], 60)
    assert (ended.state, ended.processed, ended.failures) == ("JobComplete", 2, 1)
    assert ended.failed == (FailedRow(wrong, "NOT_FOUND", "The requested resource does not exist"),)  # type: ignore[arg-type]
    assert titles(uat, "agent") == ["New"]
    assert [entry.path.rpartition("/")[2] for entry in uat.entries()] == ["ingest", ended.job_id, ended.job_id, "failedResults"]


def test_a_job_that_fails_at_once_says_why_and_left_every_row(uat: Bench) -> None:
    rows = rows_of(uat, "New", "agent", "kim")
    ended = uat.meet().ingest("User", "update", ("Id", "Nope"), rows, 60)
    assert (ended.state, ended.processed) == ("Failed", 0)
    assert ended.error_message == "InvalidBatch : InvalidBatch : Field name not found : Nope"
    assert ended.unprocessed == tuple(rows)
    assert uat.calls() == 3


@pytest.mark.parametrize("state", ["Failed", "Aborted"])
def test_a_job_that_ends_half_way_tells_what_it_left(state: str, uat: Bench) -> None:
    uat.served.faults.add(Fault(EndJob("User", state=state), skip=1))
    rows = rows_of(uat, "New", "agent", "kim", "joakim")
    ended = uat.meet().ingest("User", "update", COLUMNS, rows, 60)
    assert (ended.state, ended.processed, ended.unprocessed) == (state, 1, tuple(rows[1:]))
    assert titles(uat, "agent", "kim", "joakim") == ["New", None, None]


def test_a_job_that_somebody_aborts_is_over(uat: Bench) -> None:
    org, rows = uat.meet(), rows_of(uat, "New", "agent")

    def abort(_seconds: float) -> None:
        (job,) = uat.org.bulk.jobs.values()
        if not job.finished:
            life.abort(uat.org, job.user, job)

    org.run = replace(org.run, sleep=abort)
    ended = org.ingest("User", "update", COLUMNS, rows, 60)
    assert (ended.state, ended.unprocessed, ended.timed_out) == ("Aborted", tuple(rows), False)
    assert titles(uat, "agent") == [None]


@pytest.mark.parametrize(("timeout", "polls"), [(0, 0), (1, 1)])
def test_a_job_that_takes_too_long_is_left_to_itself(timeout: float, polls: int, uat: Bench) -> None:
    org = uat.meet()
    ended = org.ingest("User", "update", COLUMNS, rows_of(uat, "New", "agent"), timeout)
    assert (ended.timed_out, ended.failed, ended.unprocessed) == (True, (), ())
    assert [entry.method for entry in uat.entries()] == ["POST"] + ["GET"] * polls
    assert [job.state for job in uat.org.bulk.jobs.values()] != ["Aborted"]


def test_the_time_between_two_questions_grows_up_to_ten_seconds(uat: Bench) -> None:
    org = uat.meet()
    asked_for: list[float] = []

    def never(method: str, path: str, body: Any, writing: bool) -> dict[str, Any]:
        asked_for.append(uat.clock.monotonic())
        return {"id": "750", "state": "InProgress"}

    org._call = never  # type: ignore[method-assign]
    told = org.progress("users", 1)
    ended = org._ended("jobs/ingest/750", {"id": "750", "state": "UploadComplete"}, 40, told)
    assert ended["state"] == "InProgress"
    assert uat.clock.slept == [1, 2, 4, 8, 10, 10, 5]
    assert asked_for[-1] == 40


def long_rows(bench: Bench, characters: int) -> list[dict[str, str | None]]:
    """One row, too long for its field, of which a job's data has that many characters."""
    bare = len("Id,Title\n") + len(f"{bench.info['user_ids']['agent']},\n")
    return rows_of(bench, "N" * (characters - bare), "agent")


@pytest.mark.parametrize("characters", [100_000, 100_001])
def test_long_data_is_uploaded_by_itself(characters: int, uat: Bench) -> None:
    ended = uat.meet().ingest("User", "update", COLUMNS, long_rows(uat, characters), 60)
    assert [(row.code, row.fields) for row in ended.failed] == [("STRING_TOO_LONG", ("Title",))]
    methods = [entry.method for entry in uat.entries()]
    assert methods == (["POST", "GET", "GET", "GET"] if characters == 100_000 else ["POST", "PUT", "PATCH", "GET", "GET", "GET"])


def test_a_job_whose_making_had_no_answer_is_not_made_again(uat: Bench) -> None:
    org = uat.meet()
    uat.served.faults.add(Fault(DropAfter(), match_method="POST", match_path=JOBS))
    with pytest.raises(LostAnswer):
        org.ingest("User", "update", COLUMNS, rows_of(uat, "New", "agent"), 60)
    assert len(uat.org.bulk.jobs) == 1


@pytest.mark.parametrize(("fault", "closed"), [(DropAfter(), True), (Status(503), False)], ids=["closed", "not closed"])
def test_a_closing_without_an_answer_is_asked_for(fault: Any, closed: bool, uat: Bench) -> None:
    org = uat.meet()
    uat.served.faults.add(Fault(fault, match_method="PATCH", match_path=JOBS))
    rows = long_rows(uat, 100_001)
    if not closed:
        with pytest.raises(LostAnswer):
            org.ingest("User", "update", COLUMNS, rows, 60)
        assert [job.state for job in uat.org.bulk.jobs.values()] == ["Open"]
        return
    assert org.ingest("User", "update", COLUMNS, rows, 60).state == "JobComplete"
    assert len(uat.org.bulk.jobs) == 1


def test_a_question_without_an_answer_is_asked_again(uat: Bench) -> None:
    org = uat.meet()
    uat.served.faults.add(Fault(DropAfter(), match_method="GET", match_path=JOBS))
    assert org.ingest("User", "update", COLUMNS, rows_of(uat, "New", "agent"), 60).state == "JobComplete"
    assert org.tally.retries == 1


def test_a_session_that_ends_while_the_job_is_at_work_is_renewed(uat: Bench) -> None:
    org = uat.meet()
    uat.served.faults.add(Fault(ExpireSessions(), match_path="failedResults"))
    wrong: dict[str, str | None] = {"Id": "005000000000000AAA", "Title": "x"}
    assert len(org.ingest("User", "update", COLUMNS, [wrong], 60).failed) == 1


def test_a_job_that_can_no_longer_be_asked_for_is_named(uat: Bench) -> None:
    org = uat.meet()
    uat.served.faults.add(Fault(RequestLimit(), match_method="GET", match_path=JOBS, times=None))
    with pytest.raises(Problem) as raised:
        org.ingest("User", "update", COLUMNS, rows_of(uat, "New", "agent"), 60)
    (job_id,) = uat.org.bulk.jobs
    assert (raised.value.code, raised.value.error_class) == ("REQUEST_LIMIT_EXCEEDED", LIMIT)
    assert raised.value.tried == f"asking what became of the bulk job {job_id} (update of User)"


def test_an_object_that_takes_no_jobs_is_refused(uat: Bench) -> None:
    uat.org.switches["bulk_entity"] = "absent"
    with pytest.raises(Problem) as raised:
        uat.meet().ingest("ContactCenterBulkOp", "insert", ("BulkAction",), [{"BulkAction": "AddUsers"}], 60)
    assert raised.value.code == "INVALIDENTITY"
    assert "takes no bulk jobs for that object" in raised.value.remedy


def test_the_quota_of_jobs_is_a_limit(uat: Bench) -> None:
    uat.org.bulk.batches_a_day = 0
    with pytest.raises(Problem) as raised:
        uat.meet().ingest("User", "update", COLUMNS, rows_of(uat, "New", "agent"), 60)
    assert (raised.value.code, raised.value.error_class) == ("EXCEEDEDQUOTA", LIMIT)


# -- components ----------------------------------------------------------------------------------------------------------------------


def test_components_are_read_ten_a_call(uat: Bench) -> None:
    org = uat.meet()
    names = ["AcmeVoice", *(f"Nope{number}" for number in range(9)), "AcmeOpenCti"]
    found = org.components("CallCenter", names)
    assert list(found) == names
    assert [name for name, component in found.items() if component] == ["AcmeVoice", "AcmeOpenCti"]
    assert uat.calls() == 2


@pytest.mark.parametrize("missing", ["nil", "empty"])
def test_a_component_is_a_tree_of_texts_or_nothing(missing: str, uat: Bench) -> None:
    uat.org.switches["metadata_unknown_name"] = missing
    org = uat.meet()
    component = org.component("CallCenter", "AcmeVoice") or {}
    (general,) = [section for section in component["sections"] if section["name"] == "reqGeneralInfo"]
    assert {item["name"]: item["value"] for item in general["items"]}["reqVendorInfoApiName"] == "acmevoice__AcmeVendor"
    assert org.component("CallCenter", "Nope") is None


def test_a_component_can_be_the_first_that_is_asked_of_an_org(uat: Bench) -> None:
    org = Org(uat.meet().connection, uat.meet().run)
    assert org.component("CallCenter", "AcmeVoice") is not None


def test_who_may_not_use_the_metadata_api_is_told_so(uat: Bench) -> None:
    limited = uat.info["limited_username"]
    assign(uat.org, "limited", put_set(uat.org, "Acme_Sees", PermissionsViewSetup=True, PermissionsViewRoles=True))
    with pytest.raises(Problem) as raised:
        uat.meet(username=limited).component("CallCenter", "AcmeVoice")
    assert (raised.value.code, raised.value.tried) == ("INSUFFICIENT_ACCESS", "reading the CallCenter AcmeVoice over the Metadata API")
    assert "ModifyMetadata" in str(raised.value)


def test_a_session_that_ended_is_renewed_for_soap_too(uat: Bench) -> None:
    org = uat.meet()
    uat.served.faults.add(Fault(ExpireSessions(), match_path="/Soap/"))
    assert org.component("CallCenter", "AcmeVoice") is not None
    assert [entry.kind for entry in uat.entries()] == ["read", "login", "read"]


def test_a_ready_token_that_ended_is_told(uat: Bench) -> None:
    token = uat.served.token(uat.info["admin_username"])
    org = uat.meet(auth="access_token", access_token=token, instance_url=uat.served.url)
    uat.served.faults.add(Fault(ExpireSessions(), match_path="/Soap/"))
    with pytest.raises(Problem) as raised:
        org.component("CallCenter", "AcmeVoice")
    assert (raised.value.code, raised.value.error_class) == ("INVALID_SESSION_ID", AUTH)


@pytest.mark.parametrize(
    ("fault", "times", "code"), [(HtmlPage(503), 1, ""), (HtmlPage(503), None, "not_the_api"), (HtmlPage(200), 1, "not_the_api")]
)
def test_pages_of_gateways_are_no_answers(fault: Any, times: int | None, code: str, uat: Bench) -> None:
    org = uat.meet()
    uat.served.faults.add(Fault(fault, match_path="/Soap/", times=times))
    if not code:
        assert org.component("CallCenter", "AcmeVoice") is not None
        return
    with pytest.raises(Problem) as raised:
        org.component("CallCenter", "AcmeVoice")
    assert (raised.value.code, raised.value.error_class) == (code, NETWORK)


def test_the_org_is_known_by_name_where_it_was_read_before(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench()
    org = bench.meet()
    org.read([Query("a", "SELECT Id FROM CallCenter")])
    assert org.component("CallCenter", "AcmeVoice")
    assert [entry.calls for entry in bench.entries()] == [1, 1]
