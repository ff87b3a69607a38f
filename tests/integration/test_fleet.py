# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What `make fleet` does, stage by stage: a hundred orgs are discovered, converged in rings, changed by hand, looked at, put right, looked at again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from demo import fleet as demo
from emulator import seed
from emulator.fleet import Fleet


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[demo.Rehearsal, dict[str, Any]]]:
    """The whole rehearsal, once."""
    with Fleet(seed.many(demo.ORGS, members=demo.MEMBERS), shared_app=True) as fleet:
        rehearsal = demo.Rehearsal(fleet, tmp_path_factory.mktemp("fleet"))
        yield rehearsal, demo.rehearse(rehearsal)


Rehearsed = tuple[demo.Rehearsal, dict[str, Any]]


def test_every_org_is_discovered_and_none_that_cannot_be_worked_with(rehearsed: Rehearsed) -> None:
    rehearsal, listed = rehearsed
    hosts = listed["_meta"]["hostvars"]
    assert sorted(hosts) == sorted(rehearsal.fleet.orgs)
    assert {name: values["salesforce_expected_org_id"] for name, values in hosts.items()} == {
        name: served.org.id for name, served in rehearsal.fleet.orgs.items()
    }
    assert listed["sf_production"]["hosts"] == ["acme-production"]
    assert len(listed["sf_sandbox"].get("hosts", [])) in (0, demo.ORGS - 1)
    assert sorted(listed["ring0"]["hosts"]) == ["acme-s01", "acme-s02"]
    assert len(listed["ring1"]["hosts"]) == 8
    assert len(listed["ring2"]["hosts"]) == demo.ORGS - 11
    assert 0 < len(listed["sf_recently_refreshed"]["hosts"]) < demo.ORGS


def test_no_secret_is_in_the_inventory(rehearsed: Rehearsed) -> None:
    rehearsal, listed = rehearsed
    text = json.dumps(listed)
    served = rehearsal.fleet["acme-production"]
    assert served.client.client_secret not in text
    assert rehearsal.fleet.key_path.read_text(encoding="utf-8") not in text
    assert "PRIVATE KEY" not in text


def test_all_orgs_are_converged_ring_by_ring(rehearsed: Rehearsed) -> None:
    rehearsal, _listed = rehearsed
    stage = rehearsal.stages["converge"]
    assert stage.status == 0, stage.output[-3000:]
    assert stage.order() == ["Converge ring 0", "Converge ring 1", "Converge ring 2", "Converge the orgs of no ring"]
    assert stage.summary["changed"] == demo.ORGS
    for served in rehearsal.fleet.orgs.values():
        assert served.org.find("PermissionSet", Name=demo.SET)


def test_drift_names_what_was_changed_by_hand_and_nothing_else(rehearsed: Rehearsed) -> None:
    rehearsal, _listed = rehearsed
    stage = rehearsal.stages["drift"]
    assert stage.status == 2
    assert stage.outcomes("drift") == sorted(demo.CHANGED)
    assert stage.summary["as_declared"] == demo.ORGS - len(demo.CHANGED)
    assert sum(stage.writes.values()) == 0
    found = {org["host"]: [f"{item['op']} {item['kind']} {item['key']}" for item in org["changes"]] for org in stage.fleet["orgs"]}
    api_user = {host: rehearsal.fleet[host].org.seed_info["api_user"] for host in demo.CHANGED}
    assert {host: changes for host, changes in found.items() if changes} == {
        "acme-s03": [f"create contact_center_member {demo.CENTER}/agent00007@acme.example.s03"],
        "acme-s17": [f"create user_permissions {demo.SET}"],
        "acme-s42": [f"create permission_set_assignment {demo.SET}/{api_user['acme-s42']}"],
        "acme-s71": [f"update permission_set_assignment {demo.SET}/{api_user['acme-s71']}"],
        "acme-production": [f"create package_license_assignment NVMContactWorld/{api_user['acme-production']}"],
    }


def test_what_a_run_had_made_is_told_as_changed_back(rehearsed: Rehearsed) -> None:
    """Not the agent and the licence: both were there before the first run."""
    rehearsal, _listed = rehearsed
    orgs = {org["host"]: org for org in rehearsal.stages["drift"].fleet["orgs"]}
    back = {host for host in demo.CHANGED if any(change["changed_back"] for change in orgs[host]["changes"])}
    assert back == {"acme-s17", "acme-s42", "acme-s71"}


def test_who_did_it_is_told_where_the_audit_trail_knows(rehearsed: Rehearsed) -> None:
    rehearsal, _listed = rehearsed
    data = json.loads((rehearsal.stages["drift"].folder / "run.json").read_text(encoding="utf-8"))
    told = {host: {item["who"] for item in data["orgs"][host]["changed_last"]} for host in demo.CHANGED}
    assert told["acme-s17"] == {"contact.admin@acme.example.s17"}
    assert told["acme-s42"] == {"contact.admin@acme.example.s42"}
    # The trail does not say whose licence of a package was taken away.
    assert told["acme-production"] == set()


def test_the_repair_touches_these_orgs_alone_and_then_all_is_clean(rehearsed: Rehearsed) -> None:
    rehearsal, _listed = rehearsed
    repair, clean = rehearsal.stages["repair"], rehearsal.stages["clean"]
    assert repair.status == 0, repair.output[-3000:]
    assert {host for host, written in repair.writes.items() if written} == set(demo.CHANGED)
    assert (clean.status, clean.summary["as_declared"], clean.summary["drift"]) == (0, demo.ORGS, 0)
    assert sum(clean.writes.values()) == 0


def test_an_org_that_is_as_declared_costs_few_calls_and_one_login_a_run(rehearsed: Rehearsed) -> None:
    rehearsal, _listed = rehearsed
    calls = rehearsal.stages["clean"].calls
    # Production's is that of the inventory, whose session the tasks take over.
    assert {count for stage in rehearsal.stages.values() for count in stage.logins.values()} <= {0, 1}
    assert set(rehearsal.stages["clean"].logins.values()) == {1}
    assert max(count for host, count in calls.items() if host != "acme-production") <= 14
    # Production is asked for its sandboxes too.
    assert calls["acme-production"] <= 17


def test_the_page_names_every_org(rehearsed: Rehearsed) -> None:
    rehearsal, _listed = rehearsed
    page = (rehearsal.stages["drift"].folder / "fleet.html").read_text(encoding="utf-8")
    assert all(host in page for host in rehearsal.fleet.orgs)
    assert len(page) < 1_500_000


def test_the_page_of_the_drift_run_is_read_in_a_browser(rehearsed: Rehearsed) -> None:
    browser = pytest.importorskip("harness.browser", reason="no playwright: pip install playwright")
    program = browser.executable()
    if not program:
        pytest.skip(browser.MISSING)
    rehearsal, _listed = rehearsed
    with browser.started(program) as chromium:
        tab = chromium.new_page(viewport=browser.DESKTOP)
        complaints: list[str] = []
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("console", lambda message: complaints.append(message.text))
        tab.goto((rehearsal.stages["drift"].folder / "fleet.html").as_uri())
        assert (
            tab.locator("h1").inner_text()
            == f"{demo.ORGS - len(demo.CHANGED)} of {demo.ORGS} orgs are as declared; {len(demo.CHANGED)} drifted."
        )
        tab.get_by_label("Search").fill("agent00007@acme.example.s03")
        assert tab.locator("#matrix tbody tr:visible").count() == 1
        assert tab.locator("details.org:visible").count() == 1
        assert complaints == []


def test_the_rehearsal_itself_finds_nothing_wrong(rehearsed: Rehearsed) -> None:
    rehearsal, listed = rehearsed
    assert demo.wrong(rehearsal, listed) == []
