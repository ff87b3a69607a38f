# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Orgs out of a YAML file: the format is format.json (a JSON Schema, for editors too), an example is example.yml.

Records are put as they are, without the rules: an org may hold what its own API would refuse today. What the file names must be there.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from importlib.resources import files
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from emulator import faults, metadata
from emulator.fleet import Fleet
from emulator.http_api import passwords
from emulator.ids import is_shaped_like_id
from emulator.model import Field, SObject
from emulator.org import Org
from emulator.rules.contact_centers import shown_settings
from emulator.rules.dependencies import closure
from emulator.rules.licences import count_seats
from emulator.rules.registry import switches
from emulator.rules.user_logins import put_logins
from emulator.schema import FEATURES, load_schema
from emulator.seed import centers, people, profiles, sets
from emulator.seed.located import Document, Path, SeedError, load
from emulator.seed.package import with_package
from emulator.seed.vonage import DEFAULT_FEATURES, SEED_FEATURES, put_organization, vonage
from emulator.tooling import with_tooling

if TYPE_CHECKING:
    from emulator.http_api.served import Served

__all__ = ["Planted", "SeedError", "read", "read_file", "serve"]

RIGHTS = {
    "read": "Read",
    "create": "Create",
    "edit": "Edit",
    "delete": "Delete",
    "view_all": "ViewAllRecords",
    "modify_all": "ModifyAllRecords",
}
PACKAGE_SEATS = 100
NUMBERS = frozenset({"int", "double", "currency", "percent"})


@dataclass(frozen=True)
class Planted:
    """One org of a file. build makes its state, the same each time; prepare does the rest (app, faults, latency) to it as served."""

    name: str
    build: Callable[[], Org]
    prepare: Callable[[Served], None]


def read_file(path: FilePath) -> dict[str, Planted]:
    """Org name -> how to have it, in the file's order. Raises SeedError, OSError."""
    return read(path.read_text(encoding="utf-8"), str(path))


def read(text: str, name: str) -> dict[str, Planted]:
    """The same from the text of a file of that name. Raises SeedError for what can be told without building."""
    document = load(text, name, json.loads(files(__package__).joinpath("format.json").read_text(encoding="utf-8")))
    planted: dict[str, Planted] = {}
    taken: dict[tuple[bool, str], str] = {}
    for index, wanted in enumerate(document.data["orgs"]):
        path: Path = ("orgs", index)
        _require_known(document, path, wanted)
        for one in _each(wanted):
            if one["name"] in planted:
                raise document.wrong((*path, "name"), f"two orgs are called {one['name']}")
            _require_own_names(document, path, one, taken)
            planted[one["name"]] = Planted(one["name"], partial(_build, document, path, one), partial(_prepare, document, path, one))
    return planted


def serve(planted: Mapping[str, Planted], **options: Any) -> Fleet:
    """The orgs, running; options as Fleet takes them. Raises SeedError."""
    orgs = [one.build() for one in planted.values()]
    fleet = Fleet(orgs, rebuild={name: one.build for name, one in planted.items()}, **options)
    try:
        for name, one in planted.items():
            fleet[name].prepare = one.prepare
            one.prepare(fleet[name])
    except BaseException:
        fleet.close()
        raise
    return fleet


def _each(wanted: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The org itself, or so many like it: names and usernames get a number."""
    if "count" not in wanted:
        yield {**wanted, "suffix": ""}
        return
    for number in range(1, wanted["count"] + 1):
        yield {
            **wanted,
            "name": f"{wanted['name']}-{number}",
            "my_domain": f"{wanted.get('my_domain', wanted['name'].lower())}-{number}",
        } | {"suffix": f".{number}"}


def _require_own_names(document: Document, path: Path, one: Mapping[str, Any], taken: dict[tuple[bool, str], str]) -> None:
    """My Domain names and usernames are one org's alone; production and sandboxes each have a world of their own."""
    names: dict[Path, list[str]] = {("my_domain",): [str(one.get("my_domain", one["name"].lower()))]}
    if "admin" in one:
        names[("admin",)] = [one["admin"] + one["suffix"]]
    for number, user in enumerate(one.get("users", ())):
        names[("users", number, "username")] = _usernames(user, one["suffix"])
    for key, listed in names.items():
        for name in listed:
            holder = taken.setdefault((bool(one.get("sandbox")), name.casefold()), one["name"])
            if holder != one["name"]:
                raise document.wrong((*path, *key), f"{name} is the org {holder}'s already")


def _require_known(document: Document, path: Path, wanted: Mapping[str, Any]) -> None:
    """What a schema cannot say: features, switches and faults by name, and what does not go together."""
    known = switches()
    for name, setting in wanted.get("switches", {}).items():
        if name not in known:
            raise document.wrong((*path, "switches", name), f"no such switch{_near(name, known)}; docs/emulator.md lists them")
        if setting not in known[name].settings:
            raise document.wrong((*path, "switches", name), f"{setting!r} is none of {', '.join(known[name].settings)}")
    for index, feature in enumerate(wanted.get("features", ())):
        if feature not in FEATURES | SEED_FEATURES:
            raise document.wrong((*path, "features", index), f"{feature!r} is none of {', '.join(sorted(FEATURES))}")
    for index, described in enumerate(wanted.get("faults", ())):
        try:
            faults.from_json(described)
        except ValueError as refused:
            raise document.wrong((*path, "faults", index), str(refused)) from refused
    if wanted.get("base") == "example" and "count" in wanted:
        raise document.wrong((*path, "count"), "many orgs of a kind want base: standard")


# --- the org's state ---


def _build(document: Document, path: Path, wanted: Mapping[str, Any]) -> Org:
    org = _base(wanted)
    planter = _Planter(document, path, wanted, org)
    with org.transaction():
        planter.plant()
    return org


def _base(wanted: Mapping[str, Any]) -> Org:
    name, sandbox, seed = wanted["name"], bool(wanted.get("sandbox")), int(wanted.get("random_seed", 1))
    features = frozenset(wanted.get("features", DEFAULT_FEATURES))
    if wanted.get("base") == "example":
        package = sets.PACKAGE in wanted.get("packages", [sets.PACKAGE])
        return vonage(name, sandbox=sandbox, seed=seed, features=features, switches=wanted.get("switches"), package=package)
    schema = with_tooling(
        with_package(load_schema(features - SEED_FEATURES), frozenset(wanted.get("packages", ()))), production=not sandbox
    )
    org = Org(schema, name=name, seed=seed, switches=wanted.get("switches"))
    with org.transaction():
        put_organization(org, sandbox)
        profile_ids = people.put_licenses_and_profiles(org, sum(user.get("count", 1) for user in wanted.get("users", ())))
        admin_id, admin = people.Roster(org, profile_ids, "").add(people.PEOPLE[0])
        org.default_user = admin_id
        org.seed_info = {"sandbox": sandbox, "admin_username": admin}
        if sets.PACKAGE in wanted.get("packages", ()):
            sets.put_package(org, wanted["packages"])
        for namespace in wanted.get("packages", ()):
            seats = {"AllowedLicenses": PACKAGE_SEATS, "UsedLicenses": 0}
            org.put("PackageLicense", NamespacePrefix=namespace, Status="Active", IsProvisioned=True, **seats)
    return org


class _Planter:
    """Puts what one org's part of the file names; looks names up, and says where a name stood that nobody has."""

    def __init__(self, document: Document, path: Path, wanted: Mapping[str, Any], org: Org) -> None:
        self._document = document
        self._path = path
        self._wanted = wanted
        self._org = org
        self._refs: dict[str, str] = {}

    def plant(self) -> None:
        org, wanted = self._org, self._wanted
        for name in ("page_size", "api_limit"):
            if name in wanted.get("settings", {}):
                setattr(org.settings, name, wanted["settings"][name])
        if "my_domain" in wanted:
            org.seed_info["my_domain"] = wanted["my_domain"]
        self._name_administrator()
        for number, one in self._items("licenses"):
            self._put_license(number, one)
        for number, one in self._items("permission_set_licenses"):
            self._put_permission_set_license(number, one)
        for number, one in self._items("profiles"):
            self._put_profile(number, one)
        for number, one in self._items("profile_conditions"):
            self._restrict_profile(number, one)
        for number, one in self._items("permission_sets"):
            self._put_set(number, one)
        for number, one in self._items("permission_set_groups"):
            self._put_group(number, one)
        for number, one in self._items("vendors"):
            self._put_vendor(number, one)
        for number, one in self._items("contact_centers"):
            self._put_center(number, one)
        self._put_users()
        self._require_app_users()
        for number, one in self._items("records"):
            self._put_record(number, one)

    def _items(self, key: str) -> Iterable[tuple[int, dict[str, Any]]]:
        return enumerate(self._wanted.get(key, ()))

    def _wrong(self, path: Path, why: str) -> SeedError:
        return self._document.wrong((*self._path, *path), why)

    def _name_administrator(self) -> None:
        org = self._org
        example = self._wanted.get("base") == "example"
        default = org.seed_info["admin_username"] if example else f"admin@{self._wanted['name'].lower()}.example"
        name = self._wanted["admin"] + self._wanted["suffix"] if "admin" in self._wanted else default
        if name == org.seed_info["admin_username"]:
            return
        found = org.find("User", Username=org.seed_info["admin_username"])[0]
        org.set("User", found["Id"], Username=name, Email=name)
        org.seed_info["admin_username"] = name

    def _put_license(self, number: int, one: Mapping[str, Any]) -> None:
        if self._org.find("UserLicense", Name=one["name"]):
            raise self._wrong(("licenses", number, "name"), f"the org already has the licence {one['name']}")
        self._org.put(
            "UserLicense",
            Name=one["name"],
            MasterLabel=one["name"],
            LicenseDefinitionKey=one["key"],
            TotalLicenses=one["seats"],
            UsedLicenses=0,
            Status="Active",
        )

    def _put_permission_set_license(self, number: int, one: Mapping[str, Any]) -> None:
        path: Path = ("permission_set_licenses", number)
        if self._org.find("PermissionSetLicense", DeveloperName=one["name"]):
            raise self._wrong((*path, "name"), f"the org already has the permission set licence {one['name']}")
        admitted = self._columns("PermissionSetLicense", "MaximumPermissions", one.get("permissions", ()), (*path, "permissions"))
        self._org.put(
            "PermissionSetLicense",
            DeveloperName=one["name"],
            PermissionSetLicenseKey=one["name"],
            MasterLabel=one.get("label", one["name"]),
            Language="en_US",
            TotalLicenses=one["seats"],
            UsedLicenses=0,
            Status="Active",
            **admitted,
        )

    def _columns(self, sobject: str, prefix: str, names: Iterable[str], path: Path) -> dict[str, bool]:
        """The columns of these user permissions, on."""
        known = self._sobject(sobject, path)
        held = [column.removeprefix(prefix) for column in known.fields if column.startswith(prefix)]
        for index, name in enumerate(names):
            if f"{prefix}{name}" not in known.fields:
                raise self._wrong((*path, index), f"{sobject} has no {prefix}{name} in this org{_near(name, held)}")
        return {f"{prefix}{name}": True for name in names}

    def _put_profile(self, number: int, one: Mapping[str, Any]) -> None:
        path: Path = ("profiles", number)
        if self._org.find("Profile", Name=one["name"]):
            raise self._wrong((*path, "name"), f"the org already has the profile {one['name']}")
        license_id = self._named("UserLicense", {"Name": one["license"]}, (*path, "license"), one["license"])
        self._columns("Profile", "Permissions", one.get("permissions", ()), (*path, "permissions"))
        profile = profiles.Profile(one["name"], one["license"], frozenset(one.get("permissions", ())))
        profile_id = people.put_profile(self._org, profile, license_id)
        own_set = str(self._org.find("PermissionSet", ProfileId=profile_id)[0]["Id"])
        self._put_rights(own_set, one, path)
        if "fields" not in one:
            self._open_standard_fields(own_set, one.get("objects", {}))

    def _open_standard_fields(self, own_set: str, objects: Mapping[str, Iterable[str]]) -> None:
        """What a profile that says nothing of fields shows of its objects: read, and edit where it may create or edit records."""
        canonical = {self._sobject(name, ()).name: set(rights) for name, rights in objects.items()}
        people.put_field_security(self._org, own_set, tuple(name for name, rights in canonical.items() if rights))
        for row in self._org.find("FieldPermissions", ParentId=own_set, PermissionsEdit=True):
            if canonical[row["SobjectType"]].isdisjoint({"create", "edit", "modify_all"}):
                self._org.set("FieldPermissions", row["Id"], PermissionsEdit=False)

    def _restrict_profile(self, number: int, one: Mapping[str, Any]) -> None:
        path: Path = ("profile_conditions", number)
        profile_id = self._named("Profile", {"Name": one["profile"]}, (*path, "profile"), one["profile"])
        try:
            metadata.set_profile_conditions(
                self._org, profile_id, login_hours=one.get("login_hours"), login_ip_ranges=one.get("login_ip_ranges", ())
            )
        except ValueError as wrong:
            raise self._wrong(path, str(wrong)) from wrong

    def _put_set(self, number: int, one: Mapping[str, Any]) -> None:
        path: Path = ("permission_sets", number)
        if one["name"].casefold() in self._sets():
            raise self._wrong((*path, "name"), f"the org already has the permission set {one['name']}")
        self._columns("PermissionSet", "Permissions", one.get("permissions", ()), (*path, "permissions"))
        license_id = None
        if "license" in one:
            license_id = self._named("PermissionSetLicense", {"DeveloperName": one["license"]}, (*path, "license"), one["license"])
        held = closure(self._org, set(one.get("permissions", ())))
        set_id = self._org.put(
            "PermissionSet",
            Name=one["name"],
            Label=one.get("label", one["name"].replace("_", " ")),
            Description=one.get("description"),
            LicenseId=license_id,
            IsCustom=True,
            IsOwnedByProfile=False,
            Type="Regular",
            **people.permission_flags(self._org, "PermissionSet", held),
        )
        self._put_rights(set_id, one, path)

    def _put_rights(self, set_id: str, one: Mapping[str, Any], path: Path) -> None:
        for name, rights in one.get("objects", {}).items():
            sobject = self._sobject(name, (*path, "objects", name))
            sets.put_rights(self._org, set_id, sobject.name, [RIGHTS[right] for right in rights])
        rows = []
        for qualified, rights in one.get("fields", {}).items():
            sobject, field = self._field(qualified, (*path, "fields", qualified))
            row = {"ParentId": set_id, "SobjectType": sobject.name, "Field": f"{sobject.name}.{field.name}"}
            rows.append({**row, "PermissionsRead": bool(rights), "PermissionsEdit": "edit" in rights})
        self._org.put_many("FieldPermissions", rows)

    def _put_group(self, number: int, one: Mapping[str, Any]) -> None:
        path: Path = ("permission_set_groups", number)
        if self._org.find("PermissionSetGroup", DeveloperName=one["name"]):
            raise self._wrong((*path, "name"), f"the org already has the group {one['name']}")
        known = self._sets()
        members = [self._member(known, name, (*path, "permission_sets", index)) for index, name in enumerate(one["permission_sets"])]
        sets.put_group(self._org, members, one["name"], one.get("label", one["name"].replace("_", " ")))

    def _member(self, known: Mapping[str, Mapping[str, Any]], name: str, path: Path) -> str:
        found = known.get(name.casefold())
        if found is None:
            raise self._wrong(path, f"the org has no permission set {name}{_near(name, known)}")
        return str(found["Id"])

    def _sets(self) -> dict[str, dict[str, Any]]:
        """Permission sets that can be assigned, by name in lower case, with the prefix of a namespace."""
        rows = self._org.find("PermissionSet", IsOwnedByProfile=False)
        named = {f"{row['NamespacePrefix']}__{row['Name']}" if row.get("NamespacePrefix") else str(row["Name"]): row for row in rows}
        return {name.casefold(): row for name, row in named.items() if not row.get("PermissionSetGroupId")}

    def _put_center(self, number: int, one: Mapping[str, Any]) -> None:
        if self._org.find("CallCenter", InternalName=one["internal_name"]):
            raise self._wrong(("contact_centers", number, "internal_name"), f"the org already has the center {one['internal_name']}")
        settings = json.dumps(one["settings"]) if "settings" in one else None
        name = one.get("name", one["internal_name"])
        center_id = self._org.put(
            "CallCenter",
            Name=name,
            InternalName=one["internal_name"],
            AdapterUrl=one.get("adapter_url"),
            Version=one.get("version"),
            CustomSettings=shown_settings(self._org, settings),
        )
        if "vendor" not in one:
            metadata.define_call_center(self._org, center_id, metadata.plain_definition(settings or "{}", one["internal_name"], name, ()))
            return
        if self._vendor_row(one["vendor"], ("contact_centers", number, "vendor")) is None:
            raise self._wrong(("contact_centers", number, "vendor"), f"the org has no vendor {one['vendor']}")
        definition = metadata.partner_telephony_definition(settings or "{}", one["internal_name"], name, one["vendor"])
        metadata.define_call_center(self._org, center_id, definition)
        self._org.seed_info.setdefault("center_vendors", {})[center_id] = one["vendor"]

    def _vendor_row(self, name: str, path: Path) -> dict[str, Any] | None:
        prefix, _unused, developer_name = name.partition("__")
        sobject = self._sobject("ConversationVendorInfo", path).name
        found = self._org.find(sobject, DeveloperName=developer_name, NamespacePrefix=None if prefix == "c" else prefix)
        return found[0] if found else None

    def _put_vendor(self, number: int, one: Mapping[str, Any]) -> None:
        path: Path = ("vendors", number)
        prefix, _unused, developer_name = one["name"].partition("__")
        row = self._vendor_row(one["name"], path)
        if row is None:
            vendor_id = self._org.put(
                "ConversationVendorInfo",
                DeveloperName=developer_name,
                NamespacePrefix=None if prefix == "c" else prefix,
                MasterLabel=developer_name,
                Language="en_US",
                VendorType=one.get("type", "ServiceCloudVoicePartner"),
            )
        elif "type" in one:
            raise self._wrong((*path, "type"), f"the org already has the vendor {one['name']}: its type stays")
        else:
            vendor_id = str(row["Id"])
        syncs = bool(one.get("syncs_users"))
        centers.declare_vendor(self._org, vendor_id, syncs=syncs, named_credential=one.get("named_credential", syncs))
        self._org.vendor_refuses |= {name.lower() for name in one.get("refuses", ())}

    # --- users

    def _put_users(self) -> None:
        org = self._org
        profile_ids = {str(row["Name"]): str(row["Id"]) for row in org.find("Profile")}
        own_sets = {row["ProfileId"]: row["Id"] for row in org.find("PermissionSet", IsOwnedByProfile=True)}
        center_ids = {str(row["InternalName"]): str(row["Id"]) for row in org.find("CallCenter")}
        assignments: list[dict[str, Any]] = []
        for number, one in self._items("users"):
            path: Path = ("users", number)
            profile_id = _looked_up(profile_ids, one.get("profile", profiles.STANDARD))
            if profile_id is None:
                wanted = one.get("profile", profiles.STANDARD)
                raise self._wrong((*path, "profile"), f"the org has no profile {wanted}{_near(wanted, profile_ids)}")
            center_id = _looked_up(center_ids, one["contact_center"]) if "contact_center" in one else None
            if "contact_center" in one and center_id is None:
                raise self._wrong((*path, "contact_center"), f"the org has no contact center {one['contact_center']}")
            values = [self._user(one, name, profile_id, center_id, path) for name in self._usernames(one, path)]
            user_ids = org.put_many("User", values)
            put_logins(org, user_ids, frozen=one.get("frozen", False))
            granted = self._granted(one, path)
            for user_id in user_ids:
                assignments.append({"AssigneeId": user_id, "PermissionSetId": own_sets[profile_id], "IsActive": True})
                assignments += [{"AssigneeId": user_id, "IsActive": True, **grant} for grant in granted]
            self._seat(user_ids, granted)
            if "password" in one:
                for value in values:
                    passwords.set_password(org, value["Username"], one["password"], one.get("security_token", ""))
        org.put_many("PermissionSetAssignment", assignments)
        people.count_user_licenses(org)

    def _usernames(self, one: Mapping[str, Any], path: Path) -> list[str]:
        template = str(one["username"])
        if ("count" in one) != ("{n}" in template):
            raise self._wrong((*path, "username"), "{n} and count go together")
        names = _usernames(one, self._wanted["suffix"])
        for name in names:
            if "@" not in name:
                raise self._wrong((*path, "username"), f"{name!r} does not look like an e-mail address")
        if len(names) < 100:
            taken = [name for name in names if self._org.find("User", Username=name)]
        else:
            held = {str(name).casefold() for name in self._org.store.tally("User", "Username")}
            taken = [name for name in names if name.casefold() in held]
        if taken:
            raise self._wrong((*path, "username"), f"the org already has the user {taken[0]}")
        return names

    def _user(self, one: Mapping[str, Any], name: str, profile_id: str, center_id: str | None, path: Path) -> dict[str, Any]:
        for key, column in (("first_name", "FirstName"), ("last_name", "LastName"), ("email", "Email"), ("alias", "Alias")):
            if key in one:
                self._value(self._field(f"User.{column}", (*path, key))[1], one[key], (*path, key))
        local = name.partition("@")[0]
        first, _unused, last = local.replace(".", " ").replace("_", " ").title().rpartition(" ")
        values = {
            "Username": name,
            "Email": one.get("email", name.removesuffix(self._wanted["suffix"])),
            "FirstName": one.get("first_name", first or None),
            "LastName": one.get("last_name", last),
            "Alias": one.get("alias", local.replace(".", "")[:8]),
            "ProfileId": profile_id,
            "CallCenterId": center_id,
            "IsActive": one.get("active", True),
            "UserType": "Standard",
            "TimeZoneSidKey": "Europe/London",
            "LocaleSidKey": "en_GB",
            "EmailEncodingKey": "UTF-8",
            "LanguageLocaleKey": "en_US",
            "DigestFrequency": "D",
            "DefaultGroupNotificationFrequency": "N",
        }
        return {**values, **self._values("User", one.get("fields", {}), (*path, "fields"))}

    def _granted(self, one: Mapping[str, Any], path: Path) -> list[dict[str, Any]]:
        """What each assignment says, beside the user."""
        known = self._sets() if one.get("permission_sets") else {}
        found: list[dict[str, Any]] = [
            {"PermissionSetId": self._member(known, name, (*path, "permission_sets", index))}
            for index, name in enumerate(one.get("permission_sets", ()))
        ]
        for index, name in enumerate(one.get("permission_set_groups", ())):
            group_id = self._named("PermissionSetGroup", {"DeveloperName": name}, (*path, "permission_set_groups", index), name)
            aggregate = self._org.find("PermissionSet", PermissionSetGroupId=group_id)[0]["Id"]
            found.append({"PermissionSetId": aggregate, "PermissionSetGroupId": group_id})
        if len({grant["PermissionSetId"] for grant in found}) < len(found):
            raise self._wrong(path, "the same permission set or group is assigned twice")
        return found

    def _require_app_users(self) -> None:
        asked = self._wanted.get("app", {})
        for path, name in [(("app", "run_as"), asked.get("run_as")), *((("app", "approved"), name) for name in asked.get("approved", ()))]:
            if name is not None and not self._org.find("User", Username=name + self._wanted["suffix"]):
                raise self._wrong(path, f"the org has no user {name}")

    def _seat(self, user_ids: list[str], granted: list[dict[str, Any]]) -> None:
        """The seats that these assignments take, as assigning them would have taken them."""
        group_ids = [grant["PermissionSetGroupId"] for grant in granted if "PermissionSetGroupId" in grant]
        members = self._org.find("PermissionSetGroupComponent", PermissionSetGroupId=group_ids) if group_ids else []
        set_ids = [row["PermissionSetId"] for row in (*granted, *members)]
        license_ids = {row["LicenseId"] for row in self._org.find("PermissionSet", Id=set_ids)} if set_ids else set()
        for license_id in sorted(one for one in license_ids if one and str(one).startswith("0PL")):
            rows = [{"AssigneeId": user_id, "PermissionSetLicenseId": license_id} for user_id in user_ids]
            self._org.put_many("PermissionSetLicenseAssign", rows)
            count_seats(self._org, str(license_id))

    # --- other records

    def _put_record(self, number: int, one: Mapping[str, Any]) -> None:
        path: Path = ("records", number)
        sobject = self._sobject(one["sobject"], (*path, "sobject"))
        record_id = self._org.put(sobject.name, **self._values(sobject.name, one["fields"], (*path, "fields")))
        if "ref" in one:
            if one["ref"] in self._refs:
                raise self._wrong((*path, "ref"), "is another record's already")
            self._refs[one["ref"]] = record_id

    def _values(self, sobject_name: str, given: Mapping[str, Any], path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, value in given.items():
            _sobject, field = self._field(f"{sobject_name}.{name}", (*path, name))
            values[field.name] = self._value(field, value, (*path, name))
        return values

    def _value(self, field: Field, value: Any, path: Path) -> Any:
        if isinstance(value, str) and value.startswith("@{") and value.endswith("}"):
            if value[2:-1] not in self._refs:
                raise self._wrong(path, f"no record above has the ref {value[2:-1]}")
            return self._refs[value[2:-1]]
        kind: tuple[type, ...] = (bool,) if field.type == "boolean" else (int, float) if field.type in NUMBERS else (str,)
        if value is not None and (not isinstance(value, kind) or (isinstance(value, bool) and field.type != "boolean")):
            raise self._wrong(path, f"{field.name} is of the type {field.type}, {value!r} is not")
        if not isinstance(value, str) or not value:
            return value
        if field.type == "reference" and not is_shaped_like_id(value):
            raise self._wrong(path, f'{field.name} wants an Id or "@{{ref}}", {value!r} is neither')
        if field.type in ("date", "datetime"):
            return self._moment(field, value, path)
        if field.length and len(value) > field.length:
            raise self._wrong(path, f"{field.name} holds {field.length} characters, not {len(value)}")
        return value

    def _moment(self, field: Field, value: str, path: Path) -> str | datetime:
        try:
            if field.type == "date":
                return date.fromisoformat(value).isoformat()
            moment = datetime.fromisoformat(value)
        except ValueError as wrong:
            raise self._wrong(path, f"{field.name} wants a {field.type}, {value!r} is none") from wrong
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)

    def _sobject(self, name: str, path: Path) -> SObject:
        found = self._org.schema.sobject(name)
        if found is None:
            raise self._wrong(path, f"the org has no sObject {name}{_near(name, self._org.schema.sobjects)}")
        return found

    def _field(self, qualified: str, path: Path) -> tuple[SObject, Field]:
        name, _dot, field_name = qualified.partition(".")
        sobject = self._sobject(name, path)
        field = sobject.field(field_name)
        if field is None:
            raise self._wrong(path, f"{sobject.name} has no field {field_name!r} in this org{_near(field_name, sobject.fields)}")
        return sobject, field

    def _named(self, sobject: str, equals: Mapping[str, Any], path: Path, name: str) -> str:
        found = self._org.find(sobject, **equals)
        if not found:
            raise self._wrong(path, f"the org has no {sobject} {name}")
        return str(found[0]["Id"])


def _usernames(one: Mapping[str, Any], suffix: str) -> list[str]:
    """Of one entry of users: as it stands, or with a number each."""
    numbers = range(1, one.get("count", 1) + 1)
    return [str(one["username"]).replace("{n}", f"{number:05d}") + suffix for number in numbers]


def _near(name: str, known: Iterable[str]) -> str:
    """A hint at what may have been meant, or nothing."""
    by_fold = {one.casefold(): one for one in known}
    found = difflib.get_close_matches(name.casefold(), by_fold, n=1, cutoff=0.75)
    return f"; did you mean {by_fold[found[0]]}?" if found else ""


def _looked_up(ids: Mapping[str, str], name: str) -> str | None:
    """By name, whatever the case."""
    return ids.get(name) or next((found for known, found in ids.items() if known.casefold() == name.casefold()), None)


# --- the org as served ---


def _prepare(document: Document, path: Path, wanted: Mapping[str, Any], served: Served) -> None:
    app, asked = served.client, wanted.get("app", {})
    for name in ("client_id", "client_secret", "policy", "run_as", "client_credentials", "password_flow"):
        if name in asked:
            setattr(app, name, asked[name])
    for name in ("require_secret", "require_pkce", "rotate_refresh_tokens"):
        if name in asked:
            setattr(app, name, asked[name])
    if "scopes" in asked:
        app.scope = " ".join(asked["scopes"])
    if "callback_urls" in asked:
        app.callback_urls = set(asked["callback_urls"])
    admin = str(served.org.seed_info["admin_username"])
    if "run_as" not in asked:
        app.run_as = admin
    elif app.run_as is not None:
        app.run_as += wanted["suffix"]
    for name in (admin, *(f"{name}{wanted['suffix']}" for name in asked.get("approved", ()))):
        app.approve(name)
    for user in wanted.get("users", ()):
        for name in _usernames(user, wanted["suffix"]) if user.get("approved") else ():
            app.approve(name)
    served.latency_ms = float(wanted.get("settings", {}).get("latency_ms", 0.0))
    for number, described in enumerate(wanted.get("faults", ())):
        fault = faults.from_json(described)
        try:
            faults.require_sobject(served.org, fault)
        except ValueError as unknown:
            raise document.wrong((*path, "faults", number), str(unknown)) from unknown
        served.faults.add(fault)
