# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What cannot be done is said before anything is written, and the message names the org, the thing and the remedy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from emulator.faults import ExpireSessions, Fault, LoginError
from emulator.org import Org
from harness.cases import (
    FOLLOWER,
    clone_of_an_older_version,
    put_set,
    sell_package_seats,
    set_in_use_everywhere,
    take_package_seat,
)
from harness.direct import Bench

AGENT = "agent@acme.example.uat"
SET: Mapping[str, Any] = {"name": "Acme_Set", "user_permissions": ["ApiEnabled"]}
ASSIGNMENT: Mapping[str, Any] = {"permission_set": "ContactWorld_Supervisor", "users": [AGENT]}
MEMBER: Mapping[str, Any] = {"contact_center": "AcmeVoice", "users": [AGENT]}
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "permission_set": SET,
    "permission_set_assignment": ASSIGNMENT,
    "contact_center_member": MEMBER,
    "package_license_assignment": {"package": "NVMContactWorld", "users": [AGENT]},
    "permission_set_license_assignment": {"permission_set_license": "SalesforceAPIIntegrationPsl", "users": [AGENT]},
    "org_info": {},
}


def nothing_was_written(bench: Bench) -> None:
    assert bench.org.writes == []
    assert [entry for entry in bench.entries() if entry.kind == "write"] == []


def says(bench: Bench, result: Mapping[str, Any], *words: str) -> None:
    """The message names the org, by name or host, and holds these words."""
    host = bench.served.url.removeprefix("https://")
    assert f"[Acme ({host})]" in result["msg"] or f"[{host}]" in result["msg"]
    assert [word for word in words if word not in result["msg"]] == []


def two_alike(org: Org) -> None:
    """Two user permissions have one label, as happens in real orgs."""
    sobject = org.schema.sobjects["PermissionSet"]
    twins = [replace(sobject.fields[f"Permissions{name}"], label="Run All Reports") for name in ("RunReports", "ExportReport")]
    org.evolve(org.schema.with_sobjects([sobject.with_fields(twins)]))


def two_packages(org: Org) -> None:
    put_set(org, "ContactWorld_Supervisor", NamespacePrefix="Other")


def narrow_licence(org: Org) -> None:
    org.put(
        "PermissionSetLicense",
        DeveloperName="AcmePsl",
        PermissionSetLicenseKey="AcmePsl",
        MasterLabel="Acme Add-on",
        Language="en_US",
        TotalLicenses=5,
        UsedLicenses=0,
        Status="Active",
        MaximumPermissionsRunReports=True,
    )


def without_new_accounts(org: Org) -> None:
    """Nobody can create accounts, as is true of some of Salesforce's own objects."""
    org.evolve(org.schema.with_sobjects([replace(org.schema.sobjects["Account"], createable=False)]))


def second_app(org: Org) -> None:
    org.put("ConnectedApplication", Name="Acme Reporting")


FORMULA = "Account.NVMContactWorld__NVM_Phone__c"


@dataclass(frozen=True)
class Bad:
    """Options that cannot be met, the code of the refusal, and words of the thing and of the remedy."""

    name: str
    module: str
    options: Mapping[str, Any]
    code: str
    words: tuple[str, ...]
    prepare: Callable[[Org], object] = field(default=lambda org: None)


def objects(pattern: str) -> dict[str, Any]:
    return {"object_permissions": [{"object": pattern, "read": True}]}


def fields(pattern: str) -> dict[str, Any]:
    return {"field_permissions": [{"field": pattern, "read": True}]}


BAD = (
    Bad(
        "unknown user to assign to",
        "permission_set_assignment",
        {"users": [AGENT, "agnet@acme.example"]},
        "unknown_user",
        ("agnet@acme.example", "Check the spelling"),
    ),
    Bad(
        "unknown user to take a set from",
        "permission_set_assignment",
        {"users": ["x@acme.example"], "state": "absent"},
        "unknown_user",
        ("x@acme.example", "Check the spelling"),
    ),
    Bad("unknown user Id", "permission_set_assignment", {"users": ["005000000000001"]}, "unknown_user", ("005000000000001", "Check")),
    Bad("unknown member", "contact_center_member", {"users": ["agnet@acme.example"]}, "unknown_user", ("agnet@acme.example", "sandbox")),
    Bad(
        "unknown member, exact",
        "contact_center_member",
        {"users": ["x@acme.example"], "state": "exact"},
        "unknown_user",
        ("x@acme.example", "Check"),
    ),
    Bad(
        "a name that is no username",
        "contact_center_member",
        {"users": ["Alex Agent"]},
        "not_a_user",
        ("Alex Agent", "form of an e-mail address"),
    ),
    Bad(
        "an Id of something else",
        "permission_set_assignment",
        {"users": ["00e000000000001AAA"]},
        "not_a_user",
        ("00e000000000001AAA", "005"),
    ),
    Bad("a user given twice", "permission_set_assignment", {"users": [AGENT, AGENT]}, "user_twice", (AGENT, "once")),
    Bad(
        "a member given twice in other case",
        "contact_center_member",
        {"users": [AGENT, AGENT.upper()]},
        "user_twice",
        (AGENT.upper(), "once"),
    ),
    Bad(
        "ambiguous label",
        "permission_set",
        {"user_permissions": ["Run All Reports"]},
        "ambiguous_label",
        ("Run All Reports", "RunReports", "ExportReport", "Give the API name"),
        two_alike,
    ),
    Bad(
        "unknown permission",
        "permission_set",
        {"user_permissions": ["ApiEnabledd"]},
        "unknown_permission",
        ("ApiEnabledd", "Did you mean ApiEnabled", "Use the API name"),
    ),
    Bad(
        "unknown label",
        "permission_set",
        {"user_permissions": ["Edit Task"]},
        "unknown_permission",
        ("Edit Task", "Edit Tasks", "Use the API name"),
    ),
    Bad("unknown object", "permission_set", objects("Acount"), "unknown_name", ("Acount", "Did you mean Account", "Use the API name")),
    Bad("object that carries no permissions", "permission_set", objects("Task"), "unknown_name", ("Task", "Use the API name")),
    Bad(
        "custom setting",
        "permission_set",
        objects("NVMContactWorld__Settings__c"),
        "unknown_name",
        ("NVMContactWorld__Settings__c", "Use the API name"),
    ),
    Bad("glob without objects", "permission_set", objects("Other__*"), "unknown_name", ("Other__*", "package is installed")),
    Bad(
        "unknown field",
        "permission_set",
        fields("Case.NVMContactWorld__Skils__c"),
        "unknown_name",
        ("Skils", "Did you mean Case.NVMContactWorld__Skills__c", "Use the API name"),
    ),
    Bad("field of an unknown object", "permission_set", fields("Kase.Subject"), "unknown_name", ("Kase.Subject", "Use the API name")),
    Bad(
        "field without an object",
        "permission_set",
        fields("NVMContactWorld__Skills__c"),
        "unknown_name",
        ("field_permissions[0]", "NVMContactWorld__Skills__c", "Write a field as Object.Field"),
    ),
    Bad("glob without fields", "permission_set", fields("Other__*"), "unknown_name", ("Other__*", "package is installed")),
    Bad(
        "unknown class",
        "permission_set",
        {"apex_classes": ["NVMContactWorld__ApiUserAcess"]},
        "unknown_name",
        ("NVMContactWorld__ApiUserAcess", "Apex class", "Use the API name"),
    ),
    Bad("glob without classes", "permission_set", {"apex_classes": ["Other__*"]}, "unknown_name", ("Other__*", "package is installed")),
    Bad(
        "unknown page",
        "permission_set",
        {"visualforce_pages": ["AcmeWalboard"]},
        "unknown_name",
        ("AcmeWalboard", "Visualforce page", "Use the API name"),
    ),
    Bad(
        "unknown source",
        "permission_set",
        {"clone_from": {"namespace": "NVMContactWorld", "label": "Nothing"}},
        "unknown_source",
        ("Nothing", "NVMContactWorld", "package is installed"),
    ),
    Bad(
        "managed target",
        "permission_set",
        {"name": "ContactWorld_Agent"},
        "managed_target",
        ("NVMContactWorld__ContactWorld_Agent", "clone_from"),
    ),
    Bad(
        "managed target by its full name",
        "permission_set",
        {"name": "NVMContactWorld__ContactWorld_Agent"},
        "managed_target",
        ("NVMContactWorld__ContactWorld_Agent", "clone_from"),
    ),
    Bad(
        "licence that does not allow the permission",
        "permission_set",
        {"license": "Acme Add-on"},
        "license_forbids",
        ("Acme Add-on", "ApiEnabled", "choose a licence"),
        narrow_licence,
    ),
    Bad(
        "a field that nobody can edit",
        "permission_set",
        {"field_permissions": [{"field": FORMULA, "edit": True}]},
        "read_only_field",
        ("field_permissions[0]", FORMULA, "a formula", "read only"),
    ),
    Bad(
        "a right that nobody can have",
        "permission_set",
        {"object_permissions": [{"object": "Account", "read": True, "create": True}]},
        "impossible_right",
        ("object_permissions[0]", "create", "Account", "Take the right out"),
        without_new_accounts,
    ),
    Bad(
        "two lines that contradict each other",
        "permission_set",
        {"object_permissions": [{"object": "Acc*", "read": True, "edit": True}, {"object": "Account", "edit": False}]},
        "contradiction",
        ("object_permissions[0]", "object_permissions[1]", "edit", "Account", "narrow its selector"),
    ),
    Bad(
        "two visibilities of one tab",
        "permission_set",
        {"tabs": [{"tab": "standard-Case"}, {"tab": "standard-*", "visibility": "available"}]},
        "contradiction",
        ("tabs[0]", "tabs[1]", "standard-Case", "narrow its selector"),
    ),
    Bad(
        "a right without those that it needs, and nothing to be added",
        "permission_set",
        {"object_permissions": [{"object": "Account", "modify_all_records": True}], "resolve_dependencies": "none"},
        "missing_right",
        ("modify_all_records", "Account", "read and edit and delete and view_all_records", "resolve_dependencies"),
    ),
    Bad(
        "a right that needs one that opens the org",
        "permission_set",
        {"user_permissions": ["ManageUsers"], "resolve_dependencies": "all"},
        "high_risk",
        ("ManageInternalUsers", "user_permissions"),
    ),
    Bad(
        "two connected apps of one name",
        "permission_set",
        {"connected_apps": ["Acme Reporting"]},
        "ambiguous_name",
        ("Acme Reporting (", "with its Id"),
        second_app,
    ),
    Bad(
        "a line that names nothing",
        "permission_set",
        {"object_permissions": [{"object": " ", "read": True}]},
        "bad_selector",
        ("object_permissions[0]", "Give a name"),
    ),
    Bad(
        "a package that cannot be",
        "permission_set",
        {"apex_classes": [{"package": "NVM__Contact"}]},
        "bad_selector",
        ("apex_classes[0]", "NVM__Contact", "at most 15"),
    ),
    Bad(
        "a package of connected apps, which have none",
        "permission_set",
        {"custom_permissions": [{"package": "NVMContactWorld", "name": "x"}]},
        "bad_selector",
        ("custom_permissions[0]", "{package: namespace}"),
    ),
    *(
        Bad(
            f"unknown thing in {option}",
            "permission_set",
            {option: [item]},
            "unknown_name",
            (f"{option}[0]", str(item), "Use the API name"),
        )
        for option, item in (
            ("custom_permissions", "Acme_Refund"),
            ("custom_settings", "NVMContactWorld__Setings__c"),
            ("custom_metadata_types", "Acme_Queue_Maping__mdt"),
            ("connected_apps", "Acme Reports"),
            ("flows", "NVMContactWorld__Post_Call_Survy"),
        )
    ),
    *(
        Bad(
            f"package without {option}",
            "permission_set",
            {option: [{"package": "Other"}]},
            "unknown_name",
            ("package Other", "missing to skip"),
        )
        for option in ("apex_classes", "visualforce_pages", "custom_permissions", "custom_settings", "custom_metadata_types", "flows")
    ),
    Bad("unknown tab", "permission_set", {"tabs": [{"tab": "Acme_Walboard"}]}, "unknown_name", ("tabs[0]", "Acme_Walboard")),
    Bad(
        "a set that is in use",
        "permission_set",
        {"state": "absent"},
        "in_group",
        ("Acme_Group", "Acme_Other_Group", "add groups to take_from"),
        set_in_use_everywhere,
    ),
    Bad(
        "a set that users have",
        "permission_set",
        {"state": "absent", "take_from": ["groups", "running_user"]},
        "assigned",
        ("agent@acme.example.uat", "supervisor@acme.example.uat", "add users to take_from"),
        set_in_use_everywhere,
    ),
    Bad(
        "a set that the running user has",
        "permission_set",
        {"state": "absent", "take_from": ["groups", "users"]},
        "own_set",
        ("running user", "add running_user to take_from"),
        set_in_use_everywhere,
    ),
    Bad(
        "another licence for a set that is there",
        "permission_set",
        {"license": "Salesforce"},
        "license_fixed",
        ("Salesforce", "state: absent"),
        put_set,
    ),
    Bad(
        "a source that changed, and is to stop the task then",
        "permission_set",
        {**FOLLOWER, "on_source_change": "fail"},
        "source_changed",
        ("NVMContactWorld__ContactWorld_Agent", "gained", "lost", "release notes"),
        clone_of_an_older_version,
    ),
    Bad("unknown licence", "permission_set", {"license": "Acme Nothing"}, "unknown_license", ("Acme Nothing", "Give the name")),
    Bad(
        "unknown set",
        "permission_set_assignment",
        {"permission_set": "Acme_Nothing"},
        "unknown_set",
        ("Acme_Nothing", "Check the API name"),
    ),
    Bad(
        "set of two packages",
        "permission_set_assignment",
        {},
        "ambiguous_set",
        ("Other__ContactWorld_Supervisor", "ns__Name"),
        two_packages,
    ),
    Bad(
        "set of a group",
        "permission_set_assignment",
        {"permission_set": "Acme_Voice_Agents"},
        "group_set",
        ("Acme_Voice_Agents", "Name the group in permission_set_group"),
    ),
    Bad(
        "user who cannot have the set",
        "permission_set_assignment",
        {"users": ["inactive@acme.example.uat"]},
        "ineligible_user",
        ("inactive@acme.example.uat", "on_ineligible"),
    ),
    Bad(
        "user who cannot be a member",
        "contact_center_member",
        {"users": ["without.set@acme.example.uat"]},
        "ineligible_user",
        ("without.set@acme.example.uat", "on_ineligible"),
    ),
    Bad(
        "unknown center",
        "contact_center_member",
        {"contact_center": "AcmeVoise"},
        "unknown_center",
        ("AcmeVoise", "AcmeVoice", "made in Setup"),
    ),
    Bad(
        "center of unknown kind",
        "contact_center_member",
        {"contact_center": "AcmeConnect"},
        "unknown_flavour",
        ("AcmeConnect", "flavour: partner_telephony"),
    ),
    Bad(
        "center of another kind",
        "contact_center_member",
        {"contact_center": "AcmeOpenCti"},
        "wrong_flavour",
        ("AcmeOpenCti", "adapter"),
    ),
    Bad(
        "a package that the org has no licence of",
        "package_license_assignment",
        {"package": "NVMContactWrold"},
        "unknown_license",
        ("NVMContactWrold", "Did you mean NVMContactWorld?", "Installed Packages"),
    ),
    Bad("no package", "package_license_assignment", {"package": " "}, "no_name", ("package is empty",)),
    Bad(
        "unknown user for a package",
        "package_license_assignment",
        {"users": ["agnet@acme.example"]},
        "unknown_user",
        ("agnet@acme.example",),
    ),
    Bad(
        "an inactive user for a package",
        "package_license_assignment",
        {"users": ["inactive@acme.example.uat"]},
        "ineligible_user",
        ("inactive@acme.example.uat", "is inactive"),
        lambda org: take_package_seat(org, "inactive"),
    ),
    Bad(
        "no free seat of a package",
        "package_license_assignment",
        {"users": ["member@acme.example.uat", "via.group@acme.example.uat"]},
        "no_free_seat",
        ("NVMContactWorld", "member@acme.example.uat", "via.group@acme.example.uat", "1 of 5 seats", "inactive@acme.example.uat"),
        lambda org: sell_package_seats(org, 5),
    ),
    Bad("nobody, exactly, for a package", "package_license_assignment", {"users": [], "state": "exact"}, "empty_exact", ("allow_empty",)),
    Bad(
        "too many seats of a package to take away",
        "package_license_assignment",
        {"state": "exact", "max_removals": 2},
        "too_many_removals",
        ("supervisor@acme.example.uat", "max_removals"),
    ),
    Bad(
        "a permission set licence that the org lacks",
        "permission_set_license_assignment",
        {"permission_set_license": "SalesforceAPIIntegrationPls"},
        "unknown_license",
        ("Did you mean SalesforceAPIIntegrationPsl", "Company Information"),
    ),
    Bad("no permission set licence", "permission_set_license_assignment", {"permission_set_license": ""}, "no_name", ("is empty",)),
    Bad("nobody, exactly", "contact_center_member", {"users": [], "state": "exact"}, "empty_exact", ("AcmeVoice", "allow_empty")),
    Bad(
        "too many removals",
        "contact_center_member",
        {"state": "exact", "max_removals": 0},
        "too_many_removals",
        ("AcmeVoice", "max_removals"),
    ),
)


@pytest.mark.parametrize("check", [False, True], ids=["run", "check mode"])
@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_what_cannot_be_met_stops_the_task_before_any_write(uat: Bench, bad: Bad, check: bool) -> None:
    bad.prepare(uat.org)
    result = uat.task(bad.module, check=check, **{**DEFAULTS[bad.module], **bad.options})
    assert (result["failed"], result["changed"], result["changes"]) == (True, False, [])
    assert (result["error_code"], result["error_class"]) == (bad.code, "config")
    says(uat, result, *bad.words)
    nothing_was_written(uat)


BAD_NAMES = ("Acme Set", "1Acme", "_Acme", "Acme_", "Acme-Set", "Acmé", "Acme.Set", "", "  ", "A" * 81, "Acme_Set\nx")


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize("name", BAD_NAMES, ids=repr)
def test_a_set_name_that_salesforce_would_refuse_is_refused_before_the_org_is_asked(uat: Bench, name: str, state: str) -> None:
    result = uat.task("permission_set", name=name, state=state)
    assert (result["error_code"], result["error_class"]) == ("too_long" if len(name) > 80 else "bad_name", "config")
    assert uat.calls() == 0
    says(uat, result, name.strip(), "at most 80" if len(name) > 80 else "Use letters, digits")


@pytest.mark.parametrize(
    ("option", "text", "code"), [("label", "x" * 81, "too_long"), ("description", "x" * 256, "too_long"), ("label", "", "empty_label")]
)
def test_texts_that_salesforce_would_refuse_are_refused_before_the_org_is_asked(uat: Bench, option: str, text: str, code: str) -> None:
    result = uat.task("permission_set", name="Acme_Set", **{option: text})
    assert (result["error_code"], uat.calls()) == (code, 0)
    says(uat, result, "Acme_Set", option)


@pytest.mark.parametrize("module", [module for module, options in DEFAULTS.items() if "users" in options])
def test_a_user_given_by_name_and_by_id_is_given_twice(uat: Bench, module: str) -> None:
    users = [AGENT, uat.info["user_ids"]["agent"]]
    result = uat.task(module, **{**DEFAULTS[module], "users": users})
    assert (result["error_code"], uat.org.writes) == ("user_twice", [])
    says(uat, result, AGENT)


# -- the wrong org --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check", [False, True], ids=["run", "check mode"])
@pytest.mark.parametrize("module", DEFAULTS)
def test_another_org_than_expected_is_not_worked_on(uat: Bench, module: str, check: bool) -> None:
    result = uat.task(module, check=check, expected_org_id="00D000000000001EAA", **DEFAULTS[module])
    assert (result["error_code"], result["error_class"]) == ("wrong_org", "config")
    says(uat, result, "00D000000000001EAA", uat.org.id, "expected_org_id")
    nothing_was_written(uat)


@pytest.mark.parametrize("length", [15, 18])
@pytest.mark.parametrize("module", DEFAULTS)
def test_the_expected_org_may_be_named_by_a_short_or_a_long_id(uat: Bench, module: str, length: int) -> None:
    assert uat.task(module, expected_org_id=uat.org.id[:length], **DEFAULTS[module]).get("msg") is None


# -- reaching the org -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", DEFAULTS)
def test_a_certificate_of_a_stranger_is_not_trusted(uat: Bench, tmp_path: Path, module: str) -> None:
    stranger = tmp_path / "stranger.pem"
    trustme.CA().cert_pem.write_to_path(str(stranger))
    result = uat.task(module, ca_path=str(stranger), **DEFAULTS[module])
    assert (result["error_code"], result["error_class"]) == ("untrusted_certificate", "network")
    says(uat, result, "certificate", "ca_path")
    assert uat.entries() == ()


def test_the_authorities_that_python_brings_along_do_not_vouch_for_the_emulator(uat: Bench) -> None:
    result = uat.task("org_info", ca_path=None, environment={})
    assert (result["error_code"], result["error_class"]) == ("untrusted_certificate", "network")


def test_an_authority_may_be_given_as_text_and_by_the_environment(uat: Bench) -> None:
    text = uat.fleet.ca_path.read_text()
    assert uat.task("org_info", ca_path=text).get("msg") is None
    uat.new_run()
    assert uat.task("org_info", ca_path=None, environment={"REQUESTS_CA_BUNDLE": str(uat.fleet.ca_path)}).get("msg") is None


def test_a_file_of_authorities_that_is_not_there_is_named(uat: Bench, tmp_path: Path) -> None:
    result = uat.task("org_info", ca_path=str(tmp_path / "nothing.pem"))
    assert (result["error_code"], result["error_class"]) == ("ca_path", "config")
    says(uat, result, "nothing.pem", "ca_path")


def test_a_file_that_holds_no_authority_is_named(uat: Bench, tmp_path: Path) -> None:
    (tmp_path / "letter.pem").write_text("Dear Sir or Madam")
    result = uat.task("org_info", ca_path=str(tmp_path / "letter.pem"))
    assert result["failed"]
    assert result["error_class"] in ("config", "network")
    assert "ca_path" in result["msg"]


@pytest.mark.parametrize("module", DEFAULTS)
def test_a_host_that_nobody_answers_at_is_said_to_be_unreachable(uat: Bench, module: str) -> None:
    result = uat.task(module, login_url="https://127.0.0.1:1", **DEFAULTS[module])
    assert (result["error_code"], result["error_class"]) == ("unreachable", "network")
    assert "[127.0.0.1:1]" in result["msg"]
    assert "login_url" in result["msg"]
    assert "unreachable" not in result, "a host that Ansible takes for unreachable skips rescue and always"


def test_a_host_that_does_not_exist_is_said_to_be_unreachable(uat: Bench) -> None:
    result = uat.task("org_info", login_url="https://no-such-org.invalid")
    assert (result["error_code"], result["error_class"]) == ("unreachable", "network")
    assert "no-such-org.invalid" in result["msg"]


def test_an_instance_that_nobody_answers_at_is_said_to_be_unreachable(uat: Bench) -> None:
    token = uat.served.token(uat.info["admin_username"])
    result = uat.task("org_info", access_token=token, instance_url="https://127.0.0.1:1")
    assert (result["error_code"], result["error_class"]) == ("unreachable", "network")
    assert "127.0.0.1:1" in result["msg"]
    assert token not in repr(result)


# -- logging in -----------------------------------------------------------------------------------------------------------------------


def other_key(bench: Bench, folder: Path) -> Mapping[str, Any]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path = folder / "other.pem"
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return {"private_key_file": str(path)}


def by_secret(bench: Bench, **more: Any) -> dict[str, Any]:
    given = {"private_key_file": None, "username": None, "client_secret": bench.served.client.client_secret}
    return {"auth": "client_credentials", **given, **more}


def inactive(bench: Bench, folder: Path) -> Mapping[str, Any]:
    bench.org.set("User", bench.info["user_ids"]["automation"], IsActive=False)
    return {}


def put_login(bench: Bench, **values: Any) -> None:
    bench.org.put("UserLogin", UserId=bench.info["user_ids"]["automation"], **values)


def frozen(bench: Bench, folder: Path) -> Mapping[str, Any]:
    put_login(bench, IsFrozen=True)
    return {}


def locked(bench: Bench, folder: Path) -> Mapping[str, Any]:
    put_login(bench, IsPasswordLocked=True)
    return {}


def self_authorize(bench: Bench, folder: Path) -> Mapping[str, Any]:
    bench.served.client.policy = "self_authorize"
    return {"username": bench.info["users"]["agent"]}


def clock_of_the_org(minutes: int) -> Callable[[Bench, Path], Mapping[str, Any]]:
    def shift(bench: Bench, folder: Path) -> Mapping[str, Any]:
        bench.org.clock = lambda: datetime.now(UTC) + timedelta(minutes=minutes)
        return {}

    return shift


def flow_off(bench: Bench, folder: Path) -> Mapping[str, Any]:
    bench.served.client.client_credentials = False
    return by_secret(bench)


def nobody_to_run_as(bench: Bench, folder: Path) -> Mapping[str, Any]:
    bench.served.client.run_as = None
    return by_secret(bench)


@dataclass(frozen=True)
class Refused:
    """A login that the org refuses. options: prepares the bench and says what is given."""

    name: str
    options: Callable[[Bench, Path], Mapping[str, Any]]
    code: str
    words: tuple[str, ...]
    switches: Mapping[str, str] = field(default_factory=dict)


REFUSED = (
    Refused("another key", other_key, "invalid_grant", ("private key", "certificate")),
    Refused(
        "another key, other words", other_key, "invalid_client", ("invalid client credentials",), {"jwt_bad_signature": "invalid_client"}
    ),
    Refused("unknown client id", lambda bench, folder: {"client_id": "3MVG9nobody"}, "invalid_client_id", ("client_id",)),
    Refused("wrong secret", lambda bench, folder: by_secret(bench, client_secret="wrong"), "invalid_client", ("client_secret",)),
    Refused(
        "unknown client id with a secret",
        lambda bench, folder: by_secret(bench, client_id="3MVG9nobody"),
        "invalid_client_id",
        ("client_id",),
    ),
    Refused(
        "user who is not approved",
        lambda bench, folder: {"username": bench.info["users"]["agent"]},
        "invalid_app_access",
        ("admit the running user",),
    ),
    Refused("user who did not approve", self_authorize, "invalid_grant", ("Pre-authorise",)),
    Refused("unknown user", lambda bench, folder: {"username": "nobody@acme.example"}, "invalid_grant", ("Pre-authorise",)),
    Refused(
        "unknown user, other words",
        lambda bench, folder: {"username": "nobody@acme.example"},
        "invalid_grant",
        ("username",),
        {"oauth_unknown_user": "authentication_failure"},
    ),
    Refused("inactive user", inactive, "invalid_grant", ("inactive user", "Activate")),
    Refused("frozen user", frozen, "invalid_grant", ("inactive user",)),
    Refused("frozen user, other words", frozen, "invalid_grant", ("Unlock or unfreeze",), {"oauth_frozen_user": "user_is_locked"}),
    Refused("locked user", locked, "invalid_grant", ("user is locked", "Unlock or unfreeze")),
    Refused("clock behind", clock_of_the_org(10), "invalid_grant", ("expired authorization code", "clock")),
    Refused("clock ahead", clock_of_the_org(-10), "invalid_grant", ("expired authorization code", "clock")),
    Refused(
        "wrong audience",
        lambda bench, folder: {"audience": "https://login.salesforce.com"},
        "invalid_grant",
        ("audience is invalid", "login_url"),
    ),
    Refused("flow switched off", flow_off, "unsupported_grant_type", ("enable it in the app",)),
    Refused("nobody to run as", nobody_to_run_as, "invalid_grant", ("no client credentials user enabled",)),
)


@pytest.mark.parametrize("refused", REFUSED, ids=lambda item: item.name)
def test_a_refused_login_is_told_with_the_org_s_words_and_what_to_do(
    make_bench: Callable[..., Bench], tmp_path: Path, refused: Refused
) -> None:
    bench = make_bench(switches=refused.switches)
    options = refused.options(bench, tmp_path)
    result = bench.task("permission_set_assignment", **{**ASSIGNMENT, **options})
    assert (result["failed"], result["changed"]) == (True, False)
    assert (result["error_code"], result["error_class"], result["http_status"]) == (refused.code, "auth", 400)
    says(bench, result, "logging in to", *refused.words)
    assert [(entry.kind, entry.status) for entry in bench.entries()] == [("login", 400)]
    assert list(bench.folder.iterdir()) == [], "nothing is kept of a login that failed"


# Salesforce Help, OAuth 2.0 Authorization Errors: what the emulator does not bring about by itself.
OTHERS = (
    ("invalid_grant", "ip restricted", "login IP ranges"),
    ("invalid_request", "request not supported", "Enable the flow"),
    ("unauthorized_client", "not authorized", "Enable the flow"),
    ("login_rate_exceeded", "login rate exceeded", "Too many logins"),
    ("server_error", "something new", "login history"),
    ("invalid_grant", "", "Check username"),
)


@pytest.mark.parametrize(("error", "description", "remedy"), OTHERS)
def test_other_refusals_of_a_login_are_told_too(uat: Bench, error: str, description: str, remedy: str) -> None:
    uat.served.faults.add(Fault(LoginError(error, description)))
    result = uat.task("org_info")
    assert (result["error_code"], result["error_class"]) == (error, "auth")
    says(uat, result, description, remedy)


@pytest.mark.parametrize(
    ("options", "missing"),
    [
        ({"client_id": None}, "client_id"),
        ({"username": None}, "username"),
        ({"private_key_file": None}, "private_key_file"),
        ({"auth": "client_credentials"}, "client_secret"),
        ({"auth": "access_token"}, "access_token, instance_url"),
        ({"access_token": "x"}, "instance_url"),
        ({"client_id": " "}, "client_id"),
    ],
    ids=str,
)
def test_an_option_that_the_login_needs_is_asked_for_by_name(uat: Bench, options: Mapping[str, Any], missing: str) -> None:
    result = uat.task("org_info", **options)
    assert (result["error_code"], result["error_class"]) == ("missing_option", "config")
    says(uat, result, f"not set: {missing}", "salesforce_<option>", "SALESFORCE_<OPTION>")
    assert uat.entries() == ()


# -- keys that are none ---------------------------------------------------------------------------------------------------------------


def pem(key: Any, password: bytes | None = None) -> str:
    how = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    text: bytes = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)
    return text.decode()


def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


KEYS: Mapping[str, Callable[[], str]] = {
    "garbage": lambda: "-----BEGIN PRIVATE KEY-----\nc2VjcmV0IGdhcmJhZ2U=\n-----END PRIVATE KEY-----\n",
    "prose": lambda: "correct horse battery staple",
    "elliptic": lambda: pem(ec.generate_private_key(ec.SECP256R1())),
    "with a passphrase": lambda: pem(rsa_key(), b"secret"),
    "public": lambda: (
        rsa_key().public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    ),
    "cut short": lambda: pem(rsa_key())[:900],
}


@pytest.mark.parametrize("given_as", ["private_key", "private_key_file"])
@pytest.mark.parametrize("kind", KEYS)
def test_a_private_key_that_is_none_is_refused_before_the_org_is_asked_and_never_shown(
    uat: Bench, tmp_path: Path, kind: str, given_as: str
) -> None:
    text = KEYS[kind]()
    path = tmp_path / "key.pem"
    path.write_text(text)
    options = {"private_key": text, "private_key_file": None} if given_as == "private_key" else {"private_key_file": str(path)}
    result = uat.task("org_info", **options)
    assert (result["error_code"], result["error_class"]) == ("private_key", "auth")
    says(uat, result, "RSA private key", "openssl")
    assert uat.entries() == ()
    assert [line for line in text.splitlines() if line and not line.startswith("-----") and line in repr(result)] == []


def test_a_key_file_that_is_missing_or_no_text_is_named(uat: Bench, tmp_path: Path) -> None:
    binary = tmp_path / "binary.pem"
    binary.write_bytes(bytes(range(256)))
    for path in (tmp_path / "nothing.pem", tmp_path, binary):
        result = uat.task("org_info", private_key_file=str(path))
        assert (result["error_code"], result["error_class"]) == ("private_key", "auth")
        says(uat, result, str(path), "readable PEM file")
    assert uat.entries() == ()


def test_a_key_may_be_given_as_text_and_wins_over_a_file(uat: Bench) -> None:
    text = uat.fleet.key_path.read_text()
    assert uat.task("org_info", private_key=text, private_key_file="/nowhere").get("msg") is None


# -- a session that ends --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", ['"GET"', '"method": "POST"', "PermissionSetAssignment.*IsRevoked"], ids=["first read", "write", "read-back"]
)
def test_a_session_that_ends_in_mid_run_is_renewed_once_and_nothing_is_written_twice(uat: Bench, body: str) -> None:
    uat.served.faults.add(Fault(ExpireSessions(), match_path="/composite$", match_body=body))
    result = uat.task("permission_set_assignment", **ASSIGNMENT)
    assert (result.get("msg"), result["changed"], result["api"]["retries"]) == (None, True, 1)
    assert [entry.kind for entry in uat.entries()].count("login") == 2
    assert [entry.status for entry in uat.entries()].count(401) == 1
    assert len(uat.org.writes) == 1
    assert result["api"]["calls"] == uat.calls()


def test_a_renewed_session_serves_the_tasks_that_follow(uat: Bench) -> None:
    uat.task("org_info")
    uat.served.sessions.expire_all()
    uat.task("org_info")
    assert [entry.kind for entry in uat.entries()] == ["read", "login", "read"]
    uat.task("org_info")
    assert [entry.kind for entry in uat.entries()] == ["read"]


@pytest.mark.parametrize("module", DEFAULTS)
def test_a_session_that_ends_again_and_again_fails_the_task(uat: Bench, module: str) -> None:
    uat.served.faults.add(Fault(ExpireSessions(), match_path="/composite$", times=None))
    result = uat.task(module, **DEFAULTS[module])
    assert (result["error_code"], result["error_class"], result["http_status"]) == ("INVALID_SESSION_ID", "auth", 401)
    assert [entry.kind for entry in uat.entries()].count("login") == 2
    nothing_was_written(uat)


def by_token(bench: Bench) -> dict[str, Any]:
    return {"access_token": bench.served.token(bench.info["admin_username"]), "instance_url": bench.served.url}


@pytest.mark.parametrize("state", ["present", "exact"])
@pytest.mark.parametrize("module", DEFAULTS)
def test_a_ready_token_works_and_costs_no_login(uat: Bench, module: str, state: str) -> None:
    options = {**DEFAULTS[module], **({"state": state} if "users" in DEFAULTS[module] else {})}
    result = uat.task(module, **options, **by_token(uat))
    assert (result.get("msg"), result["org"]["id"]) == (None, uat.org.id)
    assert [entry for entry in uat.entries() if entry.kind == "login"] == []


@pytest.mark.parametrize("state", ["present", "exact"])
@pytest.mark.parametrize("module", DEFAULTS)
def test_a_ready_token_that_is_worthless_fails_the_task_with_auth(uat: Bench, module: str, state: str) -> None:
    options = {**DEFAULTS[module], **({"state": state} if "users" in DEFAULTS[module] else {})}
    given = by_token(uat)
    uat.served.sessions.expire_all()
    result = uat.task(module, **options, **given)
    assert (result["failed"], result["error_code"], result["error_class"]) == (True, "INVALID_SESSION_ID", "auth")
    says(uat, result, "fresh access_token")
    assert given["access_token"] not in repr(result)
    nothing_was_written(uat)


def test_a_ready_token_that_ends_in_mid_run_fails_the_task_with_auth(uat: Bench) -> None:
    uat.served.faults.add(Fault(ExpireSessions(), match_path="/composite$", match_body='"method": "POST"'))
    result = uat.task("permission_set_assignment", **ASSIGNMENT, **by_token(uat))
    assert (result["error_code"], result["error_class"], result["changed"]) == ("INVALID_SESSION_ID", "auth", False)
    assert uat.org.writes == []


def test_a_wrong_org_is_noticed_with_a_ready_token_too(uat: Bench) -> None:
    result = uat.task("org_info", expected_org_id="00D000000000001EAA", **by_token(uat))
    assert result["error_code"] == "wrong_org"
    says(uat, result, uat.org.id)
