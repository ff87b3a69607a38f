# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Orgs with hundreds of objects and thousands of fields, and small ones of a random shape."""

from __future__ import annotations

import time
from typing import Any

import pytest

from emulator import seed
from emulator.errors import ApiError
from emulator.model import SObject
from emulator.org import Org
from emulator.rules.field_permissions import field_of, permissionable_fields
from emulator.rules.object_permissions import broken_between_rows, broken_in_row, rows_of_set
from emulator.rules.permissionable import is_metadata_type, takes_object_permissions
from emulator.rules.tabs import tabs_of

V = "67.0"
RIGHTS = {f"Permissions{verb}": True for verb in ("Read", "Create", "Edit", "Delete", "ViewAllRecords", "ModifyAllRecords")}


@pytest.fixture(scope="module")
def org() -> Org:
    return seed.wide()


def admin(org: Org) -> str:
    return str(org.seed_info["user_ids"]["automation"])


def shape(org: Org) -> dict[str, Any]:
    found: dict[str, Any] = org.seed_info["shape"]
    return found


def added(org: Org) -> list[SObject]:
    return [org.schema.sobjects[name] for name in shape(org)["objects"]]


def new_set(org: Org, name: str) -> str:
    return org.create(admin(org), "PermissionSet", {"Name": name, "Label": name})


def masters_first(org: Org) -> list[str]:
    details = shape(org)["details"]
    return sorted(shape(org)["objects"], key=lambda name: name in details)


# --- wide ---


def test_a_wide_org_has_what_was_asked_for(org: Org) -> None:
    fields = [value for value, _label in permissionable_fields(org) if "Wide_" in value]
    assert (len(shape(org)["objects"]), len(fields)) == (800, 6000)
    assert len(shape(org)["details"]) == 79
    assert all(
        org.schema.sobjects[detail].fields[_parent(detail)].reference_to == (master,) for detail, master in shape(org)["details"].items()
    )
    kinds = {(item.calculated, item.auto_number) for value in fields if (item := field_of(org, value)) is not None}
    assert kinds == {(False, False), (True, False), (False, True)}
    assert {value.partition(".")[0] for value in fields} >= {"Account", "Contact", "Case", "BigPkg__Wide_0000__c", "Acme_Wide_0001__c"}
    required = [one.fields[name] for one in added(org) for name in one.fields if name.endswith("Code__c")]
    assert len(required) == 800
    assert not any(item.nillable or item.permissionable for item in required)
    prefixes = [one.key_prefix for one in org.schema.sobjects.values()]
    assert len(set(prefixes)) == len(prefixes)


def _parent(detail: str) -> str:
    return "BigPkg__Parent__c" if detail.startswith("BigPkg__") else "Parent__c"


def test_the_package_of_a_wide_org_is_whole(org: Org) -> None:
    set_id = org.seed_info["set_ids"]["big_admin"]
    own = [one for one in added(org) if one.name.startswith("BigPkg__")]
    rows = rows_of_set(org, set_id)
    assert set(rows) == {one.name for one in own}
    assert not any(broken_in_row(row) for row in rows.values())
    assert not any(broken_between_rows(org, rows, sobject) for sobject in rows)
    held = {row["Field"] for row in org.find("FieldPermissions", ParentId=set_id)}
    assert held == {f"{one.name}.{item.name}" for one in own for item in one.fields.values() if item.permissionable}
    assert org.store.tally("SetupEntityAccess", "SetupEntityType", ParentId=set_id) == {"ApexClass": 100, "ApexPage": 25}
    tabs = [tab for tab in tabs_of(org).values() if tab.sobject in shape(org)["objects"]]
    assert len(tabs) == 60
    shown = org.query(admin(org), "SELECT Name FROM TabDefinition WHERE IsCustom = true", V)["records"]
    assert {tab.name for tab in tabs} <= {row["Name"] for row in shown}


@pytest.mark.parametrize(("objects", "fields"), [(0, 0), (1, 40), (7, 600), (80, 2000)])
def test_a_wide_org_may_be_narrower(objects: int, fields: int) -> None:
    narrow = seed.wide("acme-narrow", objects=objects, fields=fields, classes=3, pages=1, tabs=2)
    found = [value for value, _label in permissionable_fields(narrow) if "Wide_" in value]
    assert (len(shape(narrow)["objects"]), len(found)) == (objects, fields)
    assert len([tab for tab in tabs_of(narrow).values() if tab.sobject in shape(narrow)["objects"]]) == min(2, objects)


def test_building_and_looking_at_a_wide_org_is_quick() -> None:
    started = time.process_time()
    fresh = seed.wide("acme-quick", objects=801)  # of a shape that nothing has been kept for
    assert time.process_time() - started < 3
    started = time.process_time()
    listed = fresh.describe_global(admin(fresh), V)["sobjects"]
    values = next(
        item["picklistValues"] for item in fresh.describe(admin(fresh), "FieldPermissions", V)["fields"] if item["name"] == "Field"
    )
    assert time.process_time() - started < 1
    assert {one["name"] for one in listed} >= set(shape(fresh)["objects"])
    assert len(values) > 6000


def _seconds(call: Any) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


def test_writing_a_row_costs_no_more_where_a_set_holds_thousands(org: Org) -> None:
    empty, full = new_set(org, "Acme_Empty"), new_set(org, "Acme_Full")
    fields = [value for value, _label in permissionable_fields(org) if "Wide_" in value]
    objects = masters_first(org)[:700]

    def field_rows(parent: str, names: list[str]) -> list[dict[str, Any]]:
        return [{"ParentId": parent, "SobjectType": one.partition(".")[0], "Field": one, "PermissionsRead": True} for one in names]

    def object_rows(parent: str, names: list[str]) -> list[dict[str, Any]]:
        return [{"ParentId": parent, "SobjectType": one, **RIGHTS} for one in names]

    org.put_many("FieldPermissions", field_rows(full, fields[200:]))
    org.put_many("ObjectPermissions", object_rows(full, objects[100:]))
    costs = [_cost_of_writing(org, "FieldPermissions", field_rows(parent, fields[:200])) for parent in (empty, full)]
    assert costs[1] < 2 * costs[0] + 0.05
    costs = [_cost_of_writing(org, "ObjectPermissions", object_rows(parent, objects[:100])) for parent in (empty, full)]
    assert costs[1] < 2 * costs[0] + 0.05


def _cost_of_writing(org: Org, sobject: str, rows: list[dict[str, Any]]) -> float:
    return _seconds(lambda: [org.create(admin(org), sobject, row) for row in rows])


def test_rules_still_look_across_a_wide_set(org: Org) -> None:
    detail, master = next(iter(shape(org)["details"].items()))
    target = new_set(org, "Acme_Detail")
    with pytest.raises(ApiError, match=f"Read {master}"):
        org.create(admin(org), "ObjectPermissions", {"ParentId": target, "SobjectType": detail, "PermissionsRead": True})
    row = org.create(admin(org), "ObjectPermissions", {"ParentId": target, "SobjectType": master, **RIGHTS})
    org.create(admin(org), "ObjectPermissions", {"ParentId": target, "SobjectType": detail, **RIGHTS})
    with pytest.raises(ApiError, match=f"depends on permission.*{master}"):
        org.delete(admin(org), "ObjectPermissions", row)


# --- random ---


def profile_of(org: Org) -> tuple[Any, ...]:
    info = shape(org)
    fields = tuple(value for value, _label in permissionable_fields(org))
    code = tuple(row["Name"] for row in org.find("ApexClass"))
    return tuple(info["objects"]), tuple(sorted(info["details"].items())), fields, tuple(info["left_out"]), code, tuple(tabs_of(org))


def test_a_random_org_is_the_same_for_the_same_number_and_another_for_another() -> None:
    assert profile_of(seed.random_org(7)) == profile_of(seed.random_org(7))
    assert len({profile_of(seed.random_org(number)) for number in range(6)}) == 6


@pytest.fixture(scope="module")
def many() -> list[Org]:
    return [seed.random_org(number, f"acme-random-{number}") for number in range(24)]


def test_random_orgs_differ_in_everything_they_may_differ_in(many: list[Org]) -> None:
    told = [shape(one) for one in many]
    assert len({len(one["details"]) for one in told}) > 2
    assert len({tuple(one["left_out"]) for one in told}) > 3
    assert any(not one["left_out"] for one in told)
    assert all(one["without_permissions"] for one in told)
    fields = [item for org in many for one in added(org) for item in one.fields.values() if item.custom]
    assert {(item.calculated, item.auto_number, item.nillable) for item in fields} >= {
        (True, False, True),
        (False, True, True),
        (False, False, False),
    }
    assert any(detail in one["details"].values() for one in told for detail in one["details"]), "a detail of a detail"
    assert any(sobject.custom_setting for org in many for sobject in added(org))
    assert any(is_metadata_type(sobject) for org in many for sobject in added(org))


def test_what_a_random_org_lacks_is_nowhere(many: list[Org]) -> None:
    for org in many:
        info = shape(org)
        listed = {one["name"] for one in org.describe_global(admin(org), V)["sobjects"]}
        assert listed.isdisjoint(info["left_out"])
        columns = {item["name"] for item in org.describe(admin(org), "PermissionSet", V)["fields"]}
        assert columns.isdisjoint(f"Permissions{name}" for name in info["without_permissions"])
        assert all(child.child in listed for one in org.schema.sobjects.values() for child in one.child_relationships if one.name in listed)
        held = {row["SobjectType"] for row in org.find("ObjectPermissions")} | {row["SobjectType"] for row in org.find("FieldPermissions")}
        assert held <= set(org.schema.sobjects)


def test_random_orgs_break_no_rule_of_their_own_and_take_everything_they_can(many: list[Org]) -> None:
    for org in many[:8]:
        target = new_set(org, "Acme_All")
        details = shape(org)["details"]
        names = [one.name for one in added(org) if takes_object_permissions(one)]
        for name in sorted(names, key=lambda one: _depth(one, details)):
            org.create(admin(org), "ObjectPermissions", {"ParentId": target, "SobjectType": name, **RIGHTS})
        for value, _label in permissionable_fields(org):
            if value.startswith(("Event.", "Task.")) and org.find("FieldPermissions", ParentId=target, Field=value):
                continue
            row = {"ParentId": target, "SobjectType": value.partition(".")[0], "Field": value, "PermissionsRead": True}
            org.create(admin(org), "FieldPermissions", row)
        found = org.query(admin(org), f"SELECT SobjectType, Field FROM FieldPermissions WHERE ParentId = '{target}'", V)
        assert found["totalSize"] == len(permissionable_fields(org)), "the administrator sees every field"


def _depth(name: str, details: dict[str, str]) -> int:
    return 1 + _depth(details[name], details) if name in details else 0


def test_random_orgs_are_quick() -> None:
    assert _seconds(lambda: [seed.random_org(number, "acme-quick") for number in range(100, 105)]) < 2.5
