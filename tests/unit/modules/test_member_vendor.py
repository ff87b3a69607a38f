# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""contact_center_member where the center's vendor syncs users, or may: what is refused, what is warned of, and how large batches are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator import seed
from harness.direct import Bench
from harness.look import members, unchanged

CENTER = "AcmeVoice"


def task(bench: Bench, users: list[str], state: str = "present", **more: Any) -> dict[str, Any]:
    names = [bench.info["users"].get(user, user) for user in users]
    return bench.task("contact_center_member", **{"contact_center": CENTER, "users": names, "state": state, **more})


def name(bench: Bench, role: str) -> str:
    return str(bench.info["users"][role])


@pytest.fixture
def sandbox(make_bench: Callable[..., Bench]) -> Bench:
    """A sandbox whose vendor syncs users."""
    bench = make_bench()
    seed.vendor_syncs(bench.org, CENTER)
    return bench


@pytest.fixture
def production(make_bench: Callable[..., Bench]) -> Bench:
    """A production org whose vendor syncs users."""
    bench = make_bench(name="acme-prod", sandbox=False)
    seed.vendor_syncs(bench.org, CENTER)
    return bench


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("state", ["present", "exact"])
def test_adding_stops_until_the_task_says_by_which_route(production: Bench, state: str, check: bool) -> None:
    result = task(production, ["agent", "member"], state, check=check)
    assert (result["error_code"], result["error_class"], production.org.writes) == ("vendor_syncs_users", "config", [])
    assert [word for word in ("method: bulk", "method: user_field", "acmevoice__AcmeVendor", "seat") if word not in result["msg"]] == []


def test_a_sandbox_says_at_once_what_else_it_will_ask_for(sandbox: Bench) -> None:
    refused = task(sandbox, ["agent"])
    assert (refused["error_code"], "allow_provider_calls: true" in refused["msg"]) == ("vendor_syncs_users", True)
    assert "allow_provider_calls" not in task(sandbox, ["agent"], allow_provider_calls=True)["msg"]


def test_nothing_to_add_is_no_question_of_route(production: Bench) -> None:
    unchanged(task(production, ["member"]))
    assert task(production, ["member"], "absent").get("msg") is None
    assert members(production.org) == set()


@pytest.mark.parametrize("method", ["bulk", "user_field"])
def test_a_route_that_is_asked_for_is_taken_two_users_at_a_time(production: Bench, method: str) -> None:
    result = task(production, ["agent", "contact_admin", "via_group"], method=method)
    assert (result.get("msg"), result["batch_size"], result["contact_center"]["syncs_users"]) == (None, 2, True)
    assert members(production.org) == {name(production, one) for one in ("agent", "contact_admin", "via_group", "member")}
    batches = [len(call.users) for call in production.org.vendor_calls]
    assert batches == ([2, 1] if method == "bulk" else [])


def test_a_user_whom_the_vendor_refuses_costs_its_batch_and_no_other(production: Bench) -> None:
    seed.vendor_syncs(production.org, CENTER, refuses=[name(production, "contact_admin")])
    users = ["agent", "contact_admin", "via_group", "via_clone"]
    result = task(production, users, method="bulk", wait_timeout=20)
    assert {error["record"].split("/")[1]: error["code"] for error in result["errors"]} == {
        name(production, "agent"): "BULK_NO_EFFECT",
        name(production, "contact_admin"): "BULK_NO_EFFECT",
    }
    assert members(production.org) == {name(production, one) for one in ("via_group", "via_clone", "member")}
    alone = task(production, users, method="bulk", wait_timeout=20, batch_size=1)
    assert [error["record"] for error in alone["errors"]] == [f"{CENTER}/{name(production, 'contact_admin')}"]


def test_a_vendor_s_refusal_of_a_field_write_is_told_with_its_words(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(name="acme-prod", sandbox=False, switches={"callcenter_patch": "vendor_sync"})
    seed.vendor_syncs(bench.org, CENTER, refuses=[name(bench, "agent")])
    result = task(bench, ["agent", "contact_admin"], method="user_field")
    assert [(error["record"], error["code"]) for error in result["errors"]] == [
        (f"{CENTER}/{name(bench, 'agent')}", "FIELD_INTEGRITY_EXCEPTION")
    ]
    assert "The partner refused" in result["errors"][0]["message"]
    assert result["errors"][0]["remedy"]
    assert members(bench.org) == {name(bench, "contact_admin"), name(bench, "member")}


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("method", ["bulk", "user_field"])
@pytest.mark.parametrize(("users", "state"), [(["agent"], "present"), (["member"], "absent"), (["agent", "member"], "exact")])
def test_a_sandbox_writes_nothing_that_may_reach_production_s_provider(
    sandbox: Bench, users: list[str], state: str, method: str, check: bool
) -> None:
    result = task(sandbox, users, state, method=method, check=check)
    assert (result["error_code"], sandbox.org.writes, sandbox.org.vendor_calls) == ("provider_calls", [], [])
    assert "allow_provider_calls: true" in result["msg"]
    allowed = task(sandbox, users, state, method=method, check=check, allow_provider_calls=True)
    assert (allowed.get("msg"), len(allowed["changes"])) == (None, 1)


def test_a_sandbox_with_nothing_to_write_refuses_nothing(sandbox: Bench) -> None:
    unchanged(task(sandbox, ["member"], method="bulk"))
    unchanged(task(sandbox, ["agent"], "absent"))


def test_moving_away_from_a_center_whose_vendor_syncs_users_is_refused_in_a_sandbox_too(sandbox: Bench) -> None:
    result = task(sandbox, ["member"], contact_center="AcmeAmazonVoice", move=True, method="user_field")
    assert (result["error_code"], sandbox.org.writes) == ("provider_calls", [])
    assert CENTER in result["msg"]


def test_of_several_vendors_the_definition_tells_whose_the_center_is(sandbox: Bench) -> None:
    result = task(sandbox, ["agent"], contact_center="AcmeAmazonVoice")
    assert (result.get("msg"), result["contact_center"]["vendor"]) == (None, "c__AMAZON_CONNECT")
    assert result["contact_center"]["syncs_users"] is False


def hidden(bench: Bench) -> None:
    """The definitions of centers are not shown, and of two vendors one syncs users."""
    seed.vendor_syncs(bench.org, CENTER)
    bench.info["call_center_definitions"].clear()


def test_where_it_is_not_known_a_sandbox_refuses_bulk_and_warns_of_the_field(uat: Bench) -> None:
    hidden(uat)
    refused = task(uat, ["agent"], method="bulk")
    assert (refused["error_code"], uat.org.writes) == ("provider_calls", [])
    result = task(uat, ["agent"])
    assert (result.get("msg"), result["contact_center"]["syncs_users"], result["batch_size"]) == (None, None, 100)
    assert [warning for warning in result["warnings"] if "credentials" in warning]
    assert [warning for warning in task(uat, ["member"], "absent")["warnings"] if "credentials" in warning]


def test_a_bulk_job_into_a_center_of_which_the_vendor_is_not_known_is_warned_of(make_bench: Callable[..., Bench]) -> None:
    """It may be one of Partner Telephony from Amazon Connect, where the job needs more."""
    bench = make_bench(name="acme-prod", sandbox=False)
    known = task(bench, ["agent"], method="bulk")
    assert not [warning for warning in known["warnings"] if "Amazon Connect" in warning]
    hidden(bench)
    result = task(bench, ["contact_admin"], method="bulk")
    assert [warning for warning in result["warnings"] if "Amazon Connect" in warning and "user_field" in warning]


def test_where_it_is_not_known_production_is_warned_of_too(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(name="acme-prod", sandbox=False)
    hidden(bench)
    result = task(bench, ["agent"])
    assert result.get("msg") is None
    assert [warning for warning in result["warnings"] if "not known" in warning and "credentials" not in warning]


def test_an_org_that_shows_no_vendor_is_one_where_it_is_not_known(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench()
    for row in bench.org.find("ConversationVendorInfo"):
        bench.org.remove("ConversationVendorInfo", str(row["Id"]))
    assert task(bench, ["agent"], method="bulk")["error_code"] == "provider_calls"
    result = task(bench, ["agent"])
    assert (result.get("msg"), result["contact_center"]["syncs_users"]) == (None, None)
    assert [warning for warning in result["warnings"] if "is not known" in warning]


def test_where_nothing_is_written_nothing_is_warned_of(uat: Bench) -> None:
    hidden(uat)
    assert task(uat, ["member"])["warnings"] == []


def test_removing_in_production_warns_that_the_vendor_may_not_hear_of_it(production: Bench) -> None:
    assert [warning for warning in task(production, ["member"], "absent", check=True)["warnings"] if "provider" in warning]
    assert task(production, ["agent"], method="user_field")["warnings"] == []


def test_moving_in_production_warns_that_the_old_center_s_vendor_may_not_hear_of_it(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(name="acme-prod", sandbox=False)
    seed.vendor_syncs(bench.org, "AcmeAmazonVoice")
    for check in (True, False):
        warnings = task(bench, ["other_center"], move=True, check=check)["warnings"]
        assert [
            warning for warning in warnings if "the vendor of AcmeAmazonVoice syncs users" in warning and "provider's system" in warning
        ]
        bench.new_run()
    assert members(bench.org) == {name(bench, "other_center"), name(bench, "member")}


def test_a_vendor_that_does_not_sync_users_changes_nothing(uat: Bench) -> None:
    result = task(uat, ["agent"])
    assert (result.get("msg"), result["contact_center"]["syncs_users"], result["warnings"]) == (None, False, [])
