# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The running user's rights on records and fields, for reads as well as writes; rules that can be broken to prove that a test notices."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from emulator import seed
from emulator.errors import ApiError
from emulator.evidence import import_everything
from emulator.org import Org
from emulator.rules import registry
from emulator.rules.registry import break_rule

EVENT = "NVMContactWorld__InteractionEvent__c"
CODE = "Acme_Campaign_Code__c"
VERSION = "67.0"
EMULATOR = Path(registry.__file__).parents[1]


@pytest.fixture
def org() -> Org:
    return seed.vonage()


def admin(org: Org) -> str:
    return str(org.seed_info["user_ids"]["automation"])


def user(org: Org, role: str) -> str:
    return str(org.seed_info["user_ids"][role])


def refused(org: Org, op: str, *arguments: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        getattr(org, op)(*arguments)
    return caught.value


def grant(org: Org, assignee: str, *, name: str = "Acme_Helper", **flags: Any) -> str:
    """A new set with these flags, assigned; returns its Id."""
    set_id = org.create(admin(org), "PermissionSet", {"Name": name, "Label": name, **flags})
    org.create(admin(org), "PermissionSetAssignment", {"AssigneeId": assignee, "PermissionSetId": set_id})
    return set_id


def give_object(org: Org, set_id: str, sobject: str, *rights: str) -> str:
    body = {"ParentId": set_id, "SobjectType": sobject, **{f"Permissions{right}": True for right in rights}}
    return org.create(admin(org), "ObjectPermissions", body)


def give_field(org: Org, set_id: str, qualified: str, *, edit: bool = False) -> str:
    body = {"ParentId": set_id, "SobjectType": qualified.partition(".")[0], "Field": qualified, "PermissionsRead": True}
    return org.create(admin(org), "FieldPermissions", {**body, "PermissionsEdit": edit})


def fields_in_describe(org: Org, user_id: str, sobject: str) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in org.describe(user_id, sobject, VERSION)["fields"]}


# --- objects ---


def test_custom_objects_need_rights_like_standard_ones(org: Org) -> None:
    agent, stranger = user(org, "agent"), user(org, "without_set")
    assert refused(org, "query", stranger, f"SELECT Id FROM {EVENT}", VERSION).code == "INVALID_TYPE"
    assert refused(org, "describe", stranger, EVENT, VERSION).status == 404
    assert EVENT not in {one["name"] for one in org.describe_global(stranger, VERSION)["sobjects"]}
    assert org.query(agent, f"SELECT Id FROM {EVENT}", VERSION)["totalSize"] == 0
    assert EVENT in {one["name"] for one in org.describe_global(agent, VERSION)["sobjects"]}


def test_each_verb_needs_its_own_right(org: Org) -> None:
    stranger = user(org, "without_set")
    mapping = "NVMContactWorld__CLID_Prefix_Mapping__c"
    set_id = grant(org, stranger)
    row = give_object(org, set_id, mapping, "Read")
    record = org.create(admin(org), mapping, {"Name": "P", "NVMContactWorld__Prefix__c": "44"})
    assert org.query(stranger, f"SELECT Id FROM {mapping}", VERSION)["totalSize"] == 1
    assert (
        refused(org, "create", stranger, mapping, {"Name": "P", "NVMContactWorld__Prefix__c": "49"}).code
        == "INSUFFICIENT_ACCESS_OR_READONLY"
    )
    assert refused(org, "update", stranger, mapping, record, {"NVMContactWorld__Prefix__c": "49"}).code == "INSUFFICIENT_ACCESS_OR_READONLY"
    org.update(admin(org), "ObjectPermissions", row, {"PermissionsCreate": True, "PermissionsEdit": True})
    org.create(stranger, mapping, {"Name": "P", "NVMContactWorld__Prefix__c": "49"})
    org.update(stranger, mapping, record, {"NVMContactWorld__Prefix__c": "43"})
    assert refused(org, "delete", stranger, mapping, record).code == "INSUFFICIENT_ACCESS_OR_READONLY"
    org.update(admin(org), "ObjectPermissions", row, {"PermissionsDelete": True})
    org.delete(stranger, mapping, record)


def test_describe_says_what_the_user_may_do(org: Org) -> None:
    agent, limited = user(org, "agent"), user(org, "platform")

    def may(user_id: str, sobject: str) -> tuple[bool, bool, bool]:
        shown = org.describe(user_id, sobject, VERSION)
        (listed,) = [one for one in org.describe_global(user_id, VERSION)["sobjects"] if one["name"] == sobject]
        names = ("createable", "updateable", "deletable")
        assert [shown[name] for name in names] == [listed[name] for name in names]
        return shown["createable"], shown["updateable"], shown["deletable"]

    assert may(admin(org), EVENT) == (True, True, True)
    assert may(agent, EVENT) == (True, True, False)
    assert may(limited, "Account") == (True, True, True)
    assert may(agent, "Task") == (True, True, True)
    with break_rule("describe_shows_the_running_user_s_rights"):
        assert may(agent, EVENT) == (True, True, True)


def test_a_right_ends_with_its_assignment(org: Org) -> None:
    stranger = user(org, "without_set")
    set_id = grant(org, stranger)
    give_object(org, set_id, EVENT, "Read")
    assert org.readable(stranger, EVENT)
    (assignment,) = org.find("PermissionSetAssignment", AssigneeId=stranger, PermissionSetId=set_id)
    org.delete(admin(org), "PermissionSetAssignment", assignment["Id"])
    assert not org.readable(stranger, EVENT)


def test_activities_need_user_permissions(org: Org) -> None:
    limited = user(org, "limited")
    assert refused(org, "query", limited, "SELECT Id FROM Task", VERSION).code == "INVALID_TYPE"
    agent = user(org, "agent")
    task = org.create(agent, "Task", {"Subject": "Call back"})
    profile = org.find("User", Id=agent)[0]["ProfileId"]
    org.set("Profile", profile, PermissionsEditTask=False)
    for owned in org.find("PermissionSet", ProfileId=profile):
        org.set("PermissionSet", owned["Id"], PermissionsEditTask=False)
    assert org.query(agent, "SELECT Id FROM Task", VERSION)["totalSize"] == 1
    assert refused(org, "update", agent, "Task", task, {"Subject": "Later"}).code == "INSUFFICIENT_ACCESS_OR_READONLY"
    assert refused(org, "create", agent, "Task", {"Subject": "Another"}).code == "INSUFFICIENT_ACCESS_OR_READONLY"


# --- fields ---


def test_a_field_without_read_is_absent(org: Org) -> None:
    stranger = user(org, "without_set")
    set_id = grant(org, stranger)
    give_object(org, set_id, EVENT, "Read", "Create", "Edit")
    assert CODE not in fields_in_describe(org, stranger, EVENT)
    assert CODE in fields_in_describe(org, admin(org), EVENT)
    assert refused(org, "query", stranger, f"SELECT {CODE} FROM {EVENT}", VERSION).code == "INVALID_FIELD"
    assert refused(org, "query", stranger, f"SELECT Id FROM {EVENT} WHERE {CODE} = 'x'", VERSION).code == "INVALID_FIELD"
    record = org.create(admin(org), EVENT, {"Name": "E-1", "NVMContactWorld__IndexedCallObjectIdentifier__c": "1", CODE: "spring"})
    assert CODE not in org.retrieve(stranger, EVENT, record, None, VERSION)
    assert org.retrieve(admin(org), EVENT, record, None, VERSION)[CODE] == "spring"
    assert refused(org, "retrieve", stranger, EVENT, record, [CODE], VERSION).code == "INVALID_FIELD"
    (row,) = org.query(stranger, f"SELECT FIELDS(ALL) FROM {EVENT} LIMIT 1", VERSION)["records"]
    assert CODE not in row
    give_field(org, set_id, f"{EVENT}.{CODE}")
    assert org.retrieve(stranger, EVENT, record, None, VERSION)[CODE] == "spring"


def test_a_field_without_edit_is_read_only(org: Org) -> None:
    stranger = user(org, "without_set")
    set_id = grant(org, stranger)
    give_object(org, set_id, EVENT, "Read", "Create", "Edit")
    row = give_field(org, set_id, f"{EVENT}.{CODE}")
    described = fields_in_describe(org, stranger, EVENT)[CODE]
    assert (described["createable"], described["updateable"]) == (False, False)
    record = org.create(stranger, EVENT, {"Name": "E-1", "NVMContactWorld__IndexedCallObjectIdentifier__c": "1"})
    error = refused(org, "update", stranger, EVENT, record, {CODE: "spring"})
    assert (error.code, error.fields) == ("INVALID_FIELD_FOR_INSERT_UPDATE", (CODE,))
    assert (org.get(EVENT, record) or {})[CODE] is None
    org.update(admin(org), "FieldPermissions", row, {"PermissionsEdit": True})
    org.update(stranger, EVENT, record, {CODE: "spring"})
    assert (org.get(EVENT, record) or {})[CODE] == "spring"


@pytest.mark.parametrize("code", ["INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE"])
def test_writing_a_hidden_field(org: Org, code: str) -> None:
    org.switches["write_to_hidden_field"] = code
    stranger = user(org, "without_set")
    give_object(org, grant(org, stranger), EVENT, "Read", "Create", "Edit")
    assert (
        refused(org, "create", stranger, EVENT, {"Name": "E-1", "NVMContactWorld__IndexedCallObjectIdentifier__c": "1", CODE: "x"}).code
        == code
    )
    assert org.find(EVENT) == []


@pytest.mark.parametrize("flag", ["PermissionsViewAllData", "PermissionsModifyAllData"])
def test_all_data_does_not_open_fields(org: Org, flag: str) -> None:
    stranger = user(org, "without_set")
    set_id = grant(org, stranger)
    org.set("PermissionSet", set_id, **{flag: True})
    assert org.readable(stranger, EVENT)
    assert CODE not in fields_in_describe(org, stranger, EVENT)


def test_view_all_fields_opens_reading_only(org: Org) -> None:
    stranger = user(org, "without_set")
    row = give_object(org, grant(org, stranger), EVENT, "Read", "Edit")
    assert CODE not in fields_in_describe(org, stranger, EVENT)
    org.update(admin(org), "ObjectPermissions", row, {"PermissionsViewAllFields": True})
    described = fields_in_describe(org, stranger, EVENT)
    assert described[CODE]["updateable"] is False


def test_standard_fields_come_from_the_profile(org: Org) -> None:
    agent = user(org, "agent")
    account = org.create(agent, "Account", {"Name": "Acme", "Phone": "1"})
    assert org.query(agent, "SELECT Phone FROM Account", VERSION)["records"][0]["Phone"] == "1"
    (own,) = org.find("PermissionSet", ProfileId=org.find("User", Id=agent)[0]["ProfileId"])
    (row,) = org.find("FieldPermissions", ParentId=own["Id"], Field="Account.Phone")
    org.delete(admin(org), "FieldPermissions", row["Id"])
    assert refused(org, "query", agent, "SELECT Phone FROM Account", VERSION).code == "INVALID_FIELD"
    assert "Phone" not in org.retrieve(agent, "Account", account, None, VERSION)


def test_an_org_that_describes_no_profiles_shows_every_field() -> None:
    org = seed.vonage()
    agent = user(org, "agent")
    for own in org.find("PermissionSet", IsOwnedByProfile=True):
        org.remove("PermissionSet", own["Id"])
    assert "Phone" in fields_in_describe(org, agent, "Account") if org.readable(agent, "Account") else True
    assert CODE in fields_in_describe(org, agent, EVENT)


# --- breaking a rule ---


def test_a_broken_rule_does_nothing_and_holds_again(org: Org) -> None:
    limited = user(org, "limited")
    assert not org.readable(limited, "PermissionSet")
    with break_rule("setup_reads_need_a_right"):
        assert org.readable(limited, "PermissionSet")
    assert not org.readable(limited, "PermissionSet")


def test_breaking_field_security_shows_the_field(org: Org) -> None:
    stranger = user(org, "without_set")
    give_object(org, grant(org, stranger), EVENT, "Read")
    assert CODE not in fields_in_describe(org, stranger, EVENT)
    with break_rule("fields_are_hidden_without_field_permissions"):
        assert CODE in fields_in_describe(org, stranger, EVENT)
    assert CODE not in fields_in_describe(org, stranger, EVENT)


def test_only_known_rules_can_be_broken() -> None:
    with pytest.raises(ValueError, match="not breakable: nothing"), break_rule("nothing"):
        pass
    with pytest.raises(KeyError):
        registry.holds("nothing")
    assert registry.unknown_broken_rules() == set()
    assert set(registry.RULES) >= registry.BREAKABLE


def test_every_breakable_rule_is_asked_for_somewhere() -> None:
    import_everything()
    source = "\n".join(path.read_text(encoding="utf-8") for path in EMULATOR.rglob("*.py"))
    asked = set(re.findall(r"""holds\(\s*"(\w+)"\s*\)""", source)) | set(re.findall(r"""rule="(\w+)\"""", source))
    assert asked >= registry.BREAKABLE, f"breaking these does nothing: {sorted(registry.BREAKABLE - asked)}"


@pytest.mark.parametrize(("broken", "seen"), [("", "False set()"), ("setup_reads_need_a_right, no_such_rule", "True {'no_such_rule'}")])
def test_rules_are_broken_for_a_whole_process(broken: str, seen: str) -> None:
    program = (
        "from emulator import seed; from emulator.rules import registry; org = seed.vonage();"
        "print(org.readable(org.seed_info['user_ids']['limited'], 'PermissionSet'), registry.unknown_broken_rules())"
    )
    environment = {**os.environ, "EMULATOR_BROKEN_RULES": broken, "PYTHONPATH": str(EMULATOR.parent)}
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.strip() == seen


def test_nesting_keeps_what_was_broken_outside(org: Org) -> None:
    with break_rule("setup_reads_need_a_right"):
        with break_rule("setup_reads_need_a_right", "user_licence_seats"):
            pass
        assert not registry.holds("setup_reads_need_a_right")
        assert registry.holds("user_licence_seats")
    assert registry.holds("setup_reads_need_a_right")
