# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control API under /emulator."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from emulator import faults, snapshots
from emulator.clock import Clock, clock_of
from emulator.faults import Fault
from emulator.http_api import control, passwords
from emulator.http_api.served import Served

V = "/services/data/v67.0"
ADMIN = "admin@acme.example"


def test_the_control_api_says_what_is_here(client: Any, served: Served) -> None:
    client.session.headers.pop("Authorization")
    about = client.get("/emulator").json()
    assert (about["org"], about["id"]) == ("acme-test", served.org.id)
    assert client.get("/emulator/nothing").status_code == 404
    assert served.journal.entries == ()


def test_faults_over_the_control_api(client: Any, served: Served) -> None:
    added = client.post("/emulator/faults", {"action": "status", "status": 503, "match_path": "/sobjects", "times": 1})
    assert added.status_code == 200
    assert client.get("/emulator/faults").json()[0]["action"] == "status"
    assert client.get("/sobjects").status_code == 503
    client.post("/emulator/faults", {"action": "refuse", "sobject": "Account", "where": {"Name": "x"}, "ops": ["insert"], "times": None})
    assert client.post("/sobjects/Account", {"Name": "x"}).status_code == 400
    assert client.call("DELETE", "/emulator/faults").status_code == 200
    assert client.post("/sobjects/Account", {"Name": "x"}).status_code == 201
    for wrong in ({}, {"action": "magic"}, {"action": "status"}, {"action": "delay", "second": 1}):
        assert client.post("/emulator/faults", wrong).status_code == 400
    assert client.call("POST", "/emulator/faults", data="{").status_code == 400


def test_settings_over_the_control_api(client: Any, served: Served) -> None:
    wanted = {"page_size": 1, "api_limit": 5000, "latency_ms": 1, "switches": {"composite_collation": "any_independent"}}
    changed = client.post("/emulator/settings", wanted).json()
    assert (changed["page_size"], changed["api_limit"], changed["latency_ms"]) == (1, 5000, 1)
    assert served.org.switches["composite_collation"] == "any_independent"
    assert client.get("/emulator/settings").json()["possible"]["composite_collation"] == ["neighbours", "any_independent"]
    client.account()
    client.account()
    assert client.get("/query?q=SELECT+Id+FROM+Account").json()["done"] is False
    for wrong in (
        {"page": 1},
        {"page_size": "1"},
        {"page_size": True},
        {"switches": {"magic": "on"}},
        {"switches": {"composite_collation": "x"}},
    ):
        assert client.post("/emulator/settings", wrong).status_code == 400, wrong


def test_the_journal_over_the_control_api(client: Any, served: Served) -> None:
    client.account()
    mark = served.journal.last_seq
    client.get("/sobjects")
    shown = client.get(f"/emulator/journal?since={mark}").json()
    assert (shown["usage"], shown["calls"], [entry["path"] for entry in shown["entries"]]) == (2, 1, [f"{V}/sobjects"])
    assert client.get("/emulator/journal?since=x").status_code == 400
    client.call("DELETE", "/emulator/journal")
    assert [entry["path"] for entry in client.get("/emulator/journal").json()["entries"]] == ["/emulator/journal"]


def test_drift_is_a_change_by_hand(client: Any, served: Served) -> None:
    made = client.account(Name="Acme")
    writes = len(served.org.writes)
    client.post("/emulator/drift", {"op": "update", "sobject": "account", "id": made, "fields": {"name": "By hand"}})
    assert client.get(f"/sobjects/Account/{made}").json()["Name"] == "By hand"
    added = client.post("/emulator/drift", {"op": "insert", "sobject": "Account", "fields": {"Name": "Another"}}).json()
    assert served.org.get("Account", added["ids"][0]) is not None
    gone = client.post("/emulator/drift", {"op": "delete", "sobject": "Account", "where": {"Name": "Another"}}).json()
    assert gone == added
    assert len(served.org.writes) == writes
    assert served.journal.usage == 2
    for wrong in (
        {"op": "insert", "sobject": "Nothing__c"},
        {"op": "insert", "sobject": "Account", "fields": {"Nope": 1}},
        {"op": "update", "sobject": "Account", "fields": {"Name": "x"}},
        {"op": "delete", "sobject": "Account", "id": "001000000000001AAA"},
        {"op": "upsert", "sobject": "Account", "id": made},
    ):
        assert client.post("/emulator/drift", wrong).status_code == 400, wrong


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"action": "delay", "seconds": -5}),
        ("faults", {"action": "status", "status": 7}),
        ("faults", {"action": "status", "status": 503, "times": 0}),
        ("faults", {"action": "truncate", "keep": 7}),
        ("faults", {"action": "lock", "sobject": "Nope"}),
        ("settings", {"page_size": 1.5}),
        ("clock", {"advance_seconds": 1e30}),
    ],
)
def test_what_cannot_be_is_refused(client: Any, served: Served, path: str, body: dict[str, Any]) -> None:
    assert client.post(f"/emulator/{path}", body).status_code == 400
    assert served.faults.active() == {}


def test_a_mistake_of_the_emulator_itself_is_answered(client: Any, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(control.ROUTES, ("GET", "/emulator/clock"), lambda _served, _request: 1 // 0)
    answer = client.get("/emulator/clock")
    assert (answer.status_code, "ZeroDivisionError" in answer.text) == (500, True)


def test_drift_keeps_times_as_the_api_writes_them_and_refuses_other_kinds(client: Any, served: Served) -> None:
    def drift(**fields: Any) -> Any:
        return client.post("/emulator/drift", {"op": "update", "sobject": "User", "where": {"Username": ADMIN}, "fields": fields})

    assert drift(LastLoginDate="2030-01-01T01:00:00+01:00").status_code == 200
    assert served.org.find("User", Username=ADMIN)[0]["LastLoginDate"] == "2030-01-01T00:00:00.000+0000"
    assert drift(LastLoginDate="yesterday").status_code == 400
    assert drift(IsActive="no").status_code == 400


def test_sessions_expire_by_hand(client: Any) -> None:
    assert client.post("/emulator/expire-sessions").json() == {"expired": 1}
    assert client.get("/sobjects").status_code == 401


def test_reset_gives_back_the_seeded_org(client: Any, served: Served) -> None:
    before = served.org.id
    client.account()
    served.faults.add(Fault(faults.Status(503), match_path="/query", times=None))
    assert client.post("/emulator/reset").json() == {"org": "acme-test", "id": before}
    assert client.get("/sobjects").status_code == 401
    client.session.headers["Authorization"] = f"Bearer {client.login().json()['access_token']}"
    assert client.get("/query?q=SELECT+Id+FROM+Account").json()["totalSize"] == 0
    assert served.journal.usage == 2
    served.faults.add(Fault(faults.Refuse("Account")))
    assert client.post("/sobjects/Account", {"Name": "x"}).status_code == 400


def test_a_ready_made_org_cannot_be_reset(client: Any, served: Served) -> None:
    served.rebuild = None
    assert client.post("/emulator/reset").status_code == 400


# --- all of it ---


def test_the_page_describes_every_route_and_action(client: Any, served: Served) -> None:
    about = client.get("/emulator").json()
    routes = {f"{method} {path}" for method, path in control.ROUTES}
    routes |= {f"{method} {path}/{'NUMBER' if path.endswith('faults') else 'NAME'}" for method, path in control.NAMED_ROUTES}
    assert set(about["here"]) == routes
    assert set(about["actions"]) == set(faults.ACTIONS)
    assert about["actions"]["slow_body"] == {"seconds": None, "pieces": 20}
    assert about["urls"] == [served.home]
    assert about["my_domain"] == "https://acme-test.my.salesforce.com"
    served.org.switches["missing_record"] = "invalid_cross_reference_key"
    assert client.get("/emulator").json()["now"]["changed_switches"] == {"missing_record": "invalid_cross_reference_key"}
    assert served.client.client_secret not in client.get("/emulator").text + client.get("/emulator/app").text


def test_a_fault_is_shown_as_it_was_armed_and_goes_by_number(client: Any, served: Served) -> None:
    number = client.post("/emulator/faults", {"action": "lock", "sobject": "User", "where": {"Alias": "x"}, "times": 3}).json()["number"]
    other = client.post("/emulator/faults", {"action": "delay", "seconds": 0, "times": 2}).json()["number"]
    client.get("/sobjects")
    shown = client.get("/emulator/faults").json()
    assert [(one["number"], one["action"], one["left"]) for one in shown] == [(number, "lock", 3), (other, "delay", 1)]
    assert shown[0]["where"] == {"Alias": "x"}
    assert client.call("DELETE", f"/emulator/faults/{number}").status_code == 200
    assert client.call("DELETE", f"/emulator/faults/{number}").status_code == 400
    assert client.call("DELETE", "/emulator/faults/x").status_code == 400


def test_settings_out_of_range_change_nothing(client: Any, served: Served) -> None:
    for wrong in ({"page_size": 0}, {"latency_ms": -1}, {"api_limit": -1}, {"switches": []}):
        assert client.post("/emulator/settings", wrong).status_code == 400, wrong
    assert served.org.settings.page_size == 2000


# --- snapshots ---


def test_a_snapshot_brings_everything_back(client: Any, served: Served) -> None:
    kept = client.account(Name="Kept")
    client.post("/emulator/settings", {"page_size": 7, "switches": {"missing_record": "invalid_cross_reference_key"}})
    assert client.post("/emulator/snapshots", {"name": "before"}).status_code == 200
    client.call("DELETE", f"/sobjects/Account/{kept}")
    first = client.account(Name="Gone")
    admin = served.org.find("User", Username=ADMIN)[0]["Id"]
    served.org.set("User", admin, LastName="Changed")
    client.post("/emulator/settings", {"page_size": 8, "switches": {"missing_record": "not_found"}})
    usage = served.journal.usage
    assert client.post("/emulator/snapshots/before").json() == {"name": "before"}
    assert [row["Name"] for row in served.org.find("Account")] == ["Kept"]
    assert served.org.get("User", admin)["LastName"] != "Changed"  # type: ignore[index]
    assert (served.org.settings.page_size, served.org.switches["missing_record"]) == (7, "invalid_cross_reference_key")
    assert [write.id for write in served.org.writes] == [kept]
    assert served.journal.usage == usage
    assert client.account(Name="Again") == first  # Ids go on from where they were
    assert client.get("/query?q=SELECT+Name+FROM+Account+WHERE+Name+LIKE+'k%25'").json()["totalSize"] == 1
    client.post("/emulator/snapshots/before")
    assert len(served.org.find("Account")) == 1  # a snapshot is good more than once


def test_rights_are_found_out_anew_after_a_snapshot(client: Any, served: Served) -> None:
    client.post("/emulator/snapshots", {"name": "with rights"})
    profile = served.org.find("Profile", Name="System Administrator")[0]["Id"]
    served.org.set("Profile", profile, PermissionsApiEnabled=False)
    assert client.get("/sobjects").status_code == 403
    client.post("/emulator/snapshots/with rights")
    assert client.get("/sobjects").status_code == 200


def test_snapshots_have_names(client: Any, served: Served) -> None:
    for name in ("b", "a"):
        client.post("/emulator/snapshots", {"name": name})
    assert [one["name"] for one in client.get("/emulator/snapshots").json()] == ["a", "b"]
    assert client.call("DELETE", "/emulator/snapshots/a").status_code == 200
    assert client.call("DELETE", "/emulator/snapshots/a").status_code == 400
    assert client.post("/emulator/snapshots/nothing").status_code == 400
    for wrong in ({}, {"name": ""}, {"name": "a/b"}, {"name": 1}):
        assert client.post("/emulator/snapshots", wrong).status_code == 400, wrong
    client.post("/emulator/reset")
    assert client.get("/emulator/snapshots").json() == []


def test_passwords_and_jobs_belong_to_the_state(served: Served) -> None:
    passwords.set_password(served.org, ADMIN, "first")
    saved = snapshots.take(served.org)
    passwords.set_password(served.org, ADMIN, "second")
    snapshots.restore(served.org, saved)
    assert passwords.check(served, ADMIN, "first")
    with pytest.raises(passwords.LoginRefused):
        passwords.check(served, ADMIN, "second")


# --- clock ---


def test_the_clock_can_be_set_and_runs_on(client: Any, served: Served) -> None:
    assert client.post("/emulator/clock", {"at": "2030-01-01T00:00:00Z"}).json()["time"].startswith("2030-01-01T00:00:0")
    assert client.get("/sobjects").status_code == 401  # the session of before is over
    made = client.use(ADMIN).account()
    assert client.get(f"/sobjects/Account/{made}").json()["CreatedDate"].startswith("2030-01-01T00:00:0")
    assert client.post("/emulator/clock", {"advance_seconds": 86400}).json()["time"].startswith("2030-01-02T00:00:0")
    assert client.get("/sobjects").status_code == 401


def test_the_clock_can_stand(client: Any, served: Served) -> None:
    client.post("/emulator/clock", {"at": "2030-01-01T00:00:00+01:00", "stands": True})
    assert served.now() == served.now() == datetime(2029, 12, 31, 23, tzinfo=UTC)
    client.post("/emulator/clock", {"advance_seconds": 60})
    assert served.now() == datetime(2029, 12, 31, 23, 1, tzinfo=UTC)
    client.post("/emulator/clock", {"stands": False})
    assert 0 <= (served.now() - datetime(2029, 12, 31, 23, 1, tzinfo=UTC)).total_seconds() < 5


def test_a_snapshot_knows_how_the_clock_was_set(client: Any, served: Served) -> None:
    client.post("/emulator/clock", {"at": "2030-01-01T00:00:00Z", "stands": True})
    client.post("/emulator/snapshots", {"name": "then"})
    client.post("/emulator/clock", {"stands": False})
    client.post("/emulator/clock", {"at": "2040-01-01T00:00:00Z"})
    client.post("/emulator/snapshots/then")
    assert client.get("/emulator/clock").json()["time"] == "2030-01-01T00:00:00.000+0000"


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"at": "soon"},
        {"at": 1},
        {"advance_seconds": "1"},
        {"advance_seconds": True},
        {"stands": 1},
        {"to": 1},
        {"at": "2030-01-01", "advance_seconds": 1},
    ],
)
def test_a_clock_is_set_by_times_and_numbers(client: Any, served: Served, wrong: dict[str, Any]) -> None:
    assert client.post("/emulator/clock", wrong).status_code == 400
    assert abs((served.now() - datetime.now(UTC)).total_seconds()) < 5


def test_a_clock_of_ones_own_is_kept(served: Served) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    served.org.clock = lambda: moment
    clock = clock_of(served.org)
    assert isinstance(clock, Clock)
    assert clock() == moment
    assert clock_of(served.org) is clock


# --- app, passwords, seed ---


def test_the_app_can_be_changed(client: Any, served: Served) -> None:
    callbacks = ["http://localhost:1/x"]
    wanted = {"policy": "self_authorize", "scope": "api refresh_token", "password_flow": True, "callback_urls": callbacks}
    shown = client.post("/emulator/app", {**wanted, "approve": ["New@acme.example"], "run_as": None}).json()
    assert {name: shown[name] for name in wanted} == wanted
    assert "new@acme.example" in served.client.approved
    assert served.client.run_as is None
    for wrong in ({"policy": "x"}, {"scope": 1}, {"client_secret": "x"}, {"callback_urls": "x"}, {"approve": [1]}, {"run_as": 1}):
        assert client.post("/emulator/app", wrong).status_code == 400, wrong


def test_passwords_over_the_control_api(client: Any, served: Served) -> None:
    assert client.post("/emulator/passwords", {"username": ADMIN, "password": "p", "security_token": "T"}).json() == {"username": ADMIN}
    assert passwords.check(served, ADMIN, "pT")
    for wrong in ({"username": "nobody", "password": "p"}, {"username": ADMIN}, {"username": ADMIN, "password": 1}, {"user": ADMIN}):
        assert client.post("/emulator/passwords", wrong).status_code == 400, wrong


def test_an_org_can_be_seeded_over_the_control_api(client: Any, served: Served) -> None:
    text = "orgs:\n  - name: other\n    users: [{username: a@b.example}]\n    faults: [{action: status, status: 500, match_path: /limits, times: 1}]\n"
    old = client.session.headers["Authorization"]
    answer = client.call("POST", "/emulator/seed", data=text)
    assert (answer.status_code, answer.json()["org"]) == (200, "other")
    assert client.get("/sobjects").status_code == 401
    assert served.org.find("User", Username="a@b.example")
    client.use("admin@other.example")
    assert client.session.headers["Authorization"] != old
    assert [client.get("/limits").status_code for _unused in range(2)] == [500, 200]
    served.org.remove("User", served.org.find("User", Username="a@b.example")[0]["Id"])
    client.post("/emulator/reset")
    assert served.org.find("User", Username="a@b.example")
    client.use("admin@other.example")
    assert client.get("/limits").status_code == 500


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"orgs: [{name: a, magic: 1}]", "the body:1: orgs[0].magic: is not known here"),
        (b"orgs: [{name: a}, {name: b}]", "one org is wanted, not 2"),
        (b"orgs: [{name: a, users: [{username: a@b.c, profile: X}]}]", "the body:1: orgs[0].users[0].profile: the org has no profile X"),
        (b"\xff", "not UTF-8"),
    ],
)
def test_a_seed_that_is_wrong_changes_nothing(client: Any, served: Served, text: bytes, told: str) -> None:
    answer = client.call("POST", "/emulator/seed", data=text)
    assert (answer.status_code, told in answer.json()["error"]) == (400, True)
    assert client.get("/sobjects").status_code == 200
    assert served.name == "acme-test"
