# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The org that the suite of jsforce expects: what its own set-up script deploys and loads (test/bin/org-setup, test/package of the npm package).

An ordinary org with two custom objects, 2,200 rows in one of them, a user with a password, and one Apex REST endpoint that the suite calls
when it is done.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from emulator import seed
from emulator.model import Field, SObject
from emulator.org import Org
from emulator.seed.package import custom_object, key_prefix

SOURCE = "jsforce 1.9.3, test/package/JSforceTestSuite"
PASSWORD = "Conformance-1"  # of an invented user, on loopback
BIG_ROWS = 2200
CLEANED = ("Lead", "Opportunity", "Contact", "Account", "UpsertTable__c")
"""What the endpoint takes away, in its own order."""
SUITE_OBJECTS: tuple[dict[str, Any], ...] = (
    {
        "name": "UpsertTable__c",
        "label": "UpsertTable",
        "plural": "UpsertTable",
        "sharing": "ReadWrite",
        "name_label": "Name",
        "auto_number": False,
        # An external Id that is not unique: the suite makes the same one twice and wants to be told of both.
        "fields": [{"name": "ExtId__c", "type": "string", "label": "ExtId", "length": 50, "external_id": True}],
    },
    {
        "name": "BigTable__c",
        "label": "BigTable",
        "plural": "BigTable",
        "sharing": "ReadWrite",
        "name_label": "#",
        "auto_number": True,
        "fields": [],
    },
)


def suite_object(entry: dict[str, Any], number: int) -> SObject:
    made = custom_object(entry, key_prefix("a", number))
    fields: dict[str, Field] = {name: replace(item, source=SOURCE) for name, item in made.fields.items()}
    return replace(made, source=SOURCE, fields=fields)


def suite_org(name: str) -> Org:
    """An org ready for the suite; org.seed_info["admin_username"] is the user who runs it, "passwords" has that user's password."""
    org = seed.vonage(name, package=False)
    org.evolve(org.schema.with_sobjects(suite_object(entry, number) for number, entry in enumerate(SUITE_OBJECTS)))
    with org.transaction():
        grant_fields(org)
        for number in range(BIG_ROWS):
            org.put("BigTable__c", Name=f"{number + 1:08d}")
        # The suite looks for rows to sort, and for one account with contacts; every org that people work in has some.
        for number in range(3):
            account = org.put("Account", Name=f"Example {number + 1}")
            org.put("Contact", FirstName="Sam", LastName=f"Person {number + 1}", AccountId=account)
            org.put("Opportunity", Name=f"Deal {number + 1}", AccountId=account, StageName="Prospecting", CloseDate="2026-12-31")
    rename_admin(org, f"conformance@{name}.example")
    org.seed_info["passwords"] = {org.seed_info["admin_username"]: PASSWORD}
    org.seed_info["apex_rest"] = {("DELETE", "/JSforceTestData"): clean_up}
    return org


def grant_fields(org: Org) -> None:
    """The suite's own package gives its user its fields."""
    admin = org.find("User", Username=org.seed_info["admin_username"])[0]
    own_set = org.find("PermissionSet", ProfileId=admin["ProfileId"])[0]["Id"]
    for entry in SUITE_OBJECTS:
        for item in entry["fields"]:
            name = f"{entry['name']}.{item['name']}"
            org.put("FieldPermissions", ParentId=own_set, SobjectType=entry["name"], Field=name, PermissionsRead=True, PermissionsEdit=True)


def rename_admin(org: Org, username: str) -> None:
    """Give the administrator another username: clients tell orgs apart by it, and usernames are unique over all orgs."""
    user_id = org.find("User", Username=org.seed_info["admin_username"])[0]["Id"]
    org.set("User", user_id, Username=username)
    org.seed_info["admin_username"] = username


def clean_up(org: Org, user: str) -> None:
    """The suite's own Apex class: what its user made goes."""
    for sobject in CLEANED:
        for row in org.find(sobject, CreatedById=user):
            org.remove(sobject, row["Id"])
