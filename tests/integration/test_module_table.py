# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One table for every module, in process and as a module: missing option, check mode predicts, make it so, again, change one thing, again,
take it away, again; each row in one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from emulator.fleet import Fleet
from emulator.org import Org
from harness.look import license_holders, package_holders, routing_maps
from harness.plays import Played, host_variables, play
from tooling.workspace import ROOT

AGENT = "agent@acme.example.uat"
ADMIN = "contact.admin@acme.example.uat"
NEW_USER = "table@acme.example.uat"
MEMBER = "member@acme.example.uat"
OTHER = "other.center@acme.example.uat"
PSL = "SalesforceAPIIntegrationPsl"


@dataclass(frozen=True)
class Row:
    """missing: options that lack a required one. made, changed, gone: options of three states of the thing, or None where the module has no
    such state. shows: what the org's records then are."""

    missing: Mapping[str, Any]
    made: Mapping[str, Any]
    changed: Mapping[str, Any] | None
    gone: Mapping[str, Any] | None
    shows: Callable[[Org], Any]


@dataclass(frozen=True)
class Look:
    """How many records were ever written to the org, and what its records are."""

    writes: int
    shown: Any


def sets_called(name: str) -> Callable[[Org], Any]:
    return lambda org: [(row["Label"], row["PermissionsApiEnabled"]) for row in org.find("PermissionSet", Name=name)]


def groups_called(name: str) -> Callable[[Org], Any]:
    def shows(org: Org) -> list[Any]:
        groups = org.find("PermissionSetGroup", DeveloperName=name)
        ids = [row["Id"] for row in groups]
        members = org.find("PermissionSetGroupComponent", PermissionSetGroupId=ids) if ids else []
        return [[row["MasterLabel"] for row in groups], len(members), len(org.find("MutingPermissionSet"))]

    return shows


def assignees(name: str) -> Callable[[Org], Any]:
    def shows(org: Org) -> list[str]:
        sets = [row["Id"] for row in org.find("PermissionSet", Name=name)]
        users = [row["AssigneeId"] for row in org.find("PermissionSetAssignment", PermissionSetId=sets)]
        return sorted(row["Username"] for row in org.find("User", Id=users))

    return shows


def members(internal_name: str) -> Callable[[Org], Any]:
    def shows(org: Org) -> list[str]:
        centers = [row["Id"] for row in org.find("CallCenter", InternalName=internal_name)]
        return sorted(row["Username"] for row in org.find("User", CallCenterId=centers))

    return shows


TABLE: Mapping[str, Row] = {
    "api_user_info": Row({}, {"user": AGENT}, None, None, lambda org: len(org.writes)),
    "contact_center_info": Row(
        {"users": [AGENT]},
        {"contact_centers": ["AcmeVoice"], "users": [AGENT], "roster": [AGENT]},
        None,
        None,
        lambda org: len(org.writes),
    ),
    "org_info": Row({"timeout": "soon"}, {}, None, None, lambda org: len(org.writes)),
    "package_license_assignment": Row(
        {"users": [ADMIN]},
        {"package": "NVMContactWorld", "users": [ADMIN]},
        {"package": "NVMContactWorld", "users": [ADMIN, MEMBER]},
        {"package": "NVMContactWorld", "users": [ADMIN, MEMBER], "state": "absent"},
        lambda org: sorted(package_holders(org)),
    ),
    "permission_set_license_assignment": Row(
        {"users": [AGENT]},
        {"permission_set_license": PSL, "users": [AGENT]},
        {"permission_set_license": PSL, "users": [AGENT, ADMIN]},
        {"permission_set_license": PSL, "users": [AGENT, ADMIN], "state": "absent"},
        lambda org: sorted(license_holders(org, PSL)),
    ),
    "permission_set": Row(
        {"label": "No name"},
        {"name": "Acme_Table", "user_permissions": ["ApiEnabled"]},
        {"name": "Acme_Table", "label": "Another label"},
        {"name": "Acme_Table", "state": "absent"},
        sets_called("Acme_Table"),
    ),
    "permission_set_assignment": Row(
        {"users": [AGENT]},
        {"permission_set": "ContactWorld_Supervisor", "users": [AGENT]},
        {"permission_set": "ContactWorld_Supervisor", "users": [AGENT, ADMIN]},
        {"permission_set": "ContactWorld_Supervisor", "users": [AGENT, ADMIN], "state": "absent"},
        assignees("ContactWorld_Supervisor"),
    ),
    "permission_set_group": Row(
        {"label": "No name"},
        {"name": "Acme_Table_Group", "permission_sets": ["Acme_Voice_Agent"], "muted_user_permissions": ["EditTask"]},
        {"name": "Acme_Table_Group", "label": "Another label"},
        {"name": "Acme_Table_Group", "state": "absent"},
        groups_called("Acme_Table_Group"),
    ),
    "permission_set_group_info": Row({"timeout": "soon"}, {"names": ["Acme_Voice_Agents"]}, None, None, lambda org: len(org.writes)),
    "preflight_info": Row(
        {"timeout": "soon"}, {"packages": ["NVMContactWorld"], "users": [AGENT]}, None, None, lambda org: len(org.writes)
    ),
    "permission_set_info": Row({}, {"permission_sets": ["*"], "user": AGENT}, None, None, lambda org: len(org.writes)),
    "profile_info": Row({}, {"profiles": ["Standard User"]}, None, None, lambda org: len(org.writes)),
    "setup_audit_info": Row({"limit": "many"}, {"subjects": [AGENT]}, None, None, lambda org: len(org.writes)),
    "soql_info": Row({}, {"query": "SELECT COUNT() FROM User"}, None, None, lambda org: len(org.writes)),
    "user": Row(
        {"last_name": "Nobody"},
        {"user": NEW_USER, "last_name": "Table", "email": "table@acme.example", "profile": "Standard User"},
        {"user": NEW_USER, "first_name": "Kim", "active": False, "allow_change": ["active"]},
        None,
        lambda org: [(row["FirstName"], row["LastName"], row["IsActive"]) for row in org.find("User", Username=NEW_USER)],
    ),
    "user_info": Row({}, {"users": [AGENT]}, None, None, lambda org: len(org.writes)),
    "contact_center_member": Row(
        {"users": [AGENT]},
        {"contact_center": "AcmeVoice", "users": [AGENT]},
        {"contact_center": "AcmeVoice", "users": [AGENT, ADMIN]},
        {"contact_center": "AcmeVoice", "users": [AGENT, ADMIN], "state": "absent"},
        members("AcmeVoice"),
    ),
    "contact_center_routing_map": Row(
        {"contact_center": "AcmeAmazonVoice"},
        {"contact_center": "AcmeAmazonVoice", "mappings": [{"user": OTHER, "external_id": "agent.7"}]},
        {"contact_center": "AcmeAmazonVoice", "mappings": [{"user": OTHER, "external_id": "agent.8"}]},
        {"contact_center": "AcmeAmazonVoice", "mappings": [{"user": OTHER}], "state": "absent"},
        lambda org: routing_maps(org, "partner_telephony_amazon"),
    ),
}

PATHS = {"in process": True, "as a module": False}


def test_every_module_has_a_row() -> None:
    assert set(TABLE) == {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")}


@pytest.mark.parametrize("in_process", PATHS.values(), ids=PATHS.keys())
@pytest.mark.parametrize("module", TABLE)
def test_the_table(module: str, in_process: bool, tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    row = TABLE[module]
    fleet = serve()
    org = fleet["acme-uat"].org
    states = [state for state in (row.made, row.changed, row.gone) if state is not None]
    # Each state is foretold by a task that leaves no trace, made, and made again; what the org is like is looked at after every task.
    steps = [(row.missing, False), *((state, check) for state in states for check in (True, False, False))]
    tasks = [
        {
            f"voiceops.salesforce.{module}": dict(options),
            "check_mode": check,
            "diff": True,
            "ignore_errors": True,
            "vars": {"salesforce_remember": not check},
        }
        for options, check in steps
    ]
    looks = [Look(len(org.writes), row.shows(org))]
    played = play(
        tmp_path,
        host_variables(fleet, in_process=in_process),
        tasks,
        look=lambda: looks.append(Look(len(org.writes), row.shows(org))),
    )
    refused, *results = played.of(module)
    assert len(results) == 3 * len(states), played.output
    assert refused["failed"]
    assert "invocation" not in refused or "BEGIN" not in str(refused["invocation"])

    seen: list[Any] = [looks[0].shown]
    for number in range(len(states)):
        predicted, done, again = results[3 * number : 3 * number + 3]
        before, foretold, made, remade = looks[3 * number + 1 : 3 * number + 5]
        assert foretold == before, "check mode wrote something"
        assert not done.get("failed"), done
        for key in ("changed", "changes", "diff"):
            assert predicted.get(key) == done.get(key), f"check mode foretold another {key}"
        seen.append(made.shown)
        assert again["changed"] is False
        assert again.get("changes", []) == []
        assert remade == made, "the second run wrote something"

    if row.gone is not None:
        assert seen[-1] == seen[0], "taking it away did not bring back what was there"
        assert len({str(item) for item in seen}) == len(seen) - 1, f"a state did not show in the org: {seen}"


def test_the_two_paths_give_the_same_result(tmp_path: Path, serve: Callable[..., Fleet]) -> None:
    results = []
    for number, in_process in enumerate((True, False)):
        fleet = serve()
        played: Played = play(
            tmp_path / str(number),
            host_variables(fleet, in_process=in_process),
            [{"voiceops.salesforce.contact_center_member": {"contact_center": "AcmeVoice", "users": [AGENT]}}],
        )
        results.append({**played.of("contact_center_member")[0]})
    for key in ("changes", "contact_center", "left_out", "reminder", "errors"):
        assert results[0][key] == results[1][key]
