# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The facade: raw records, writes as the API checks them, transactions, describe."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from emulator.errors import ApiError, NotEmulated
from emulator.model import Field, PicklistValue, Schema, SObject
from emulator.org import Org, OrgSettings, Write
from emulator.rules import registry
from emulator.rules.registry import Change
from emulator.schema import FEATURES, load_schema

GOLDEN = Path(__file__).resolve().parents[4] / "shared" / "golden"
VERSION = "67.0"
NOW = datetime(2026, 3, 15, 12, 0, 0, 250_000, UTC)
STAMP = "2026-03-15T12:00:00.250+0000"


def of(kind: str, name: str, label: str = "", **more: Any) -> Field:
    more = {"createable": True, "updateable": True, **more}
    return Field(name, kind, label or name, "test", custom=True, **more)


FIELDS = (
    Field("Id", "id", "ID", "test", length=18, nillable=False),
    of("string", "Name", length=10, nillable=False, name_field=True),
    of("string", "Code__c", "Code", length=5, unique=True),
    of("string", "Fixed__c", updateable=False),
    of("string", "Shown__c", createable=False, updateable=False),
    of("boolean", "Good__c", nillable=False),
    of("int", "Size__c"),
    of("double", "Price__c"),
    of("date", "Day__c"),
    of("datetime", "At__c"),
    of("picklist", "Rating__c", "Rating", picklist=(PicklistValue("Hot", "Hot"),), restricted_picklist=True),
    of("picklist", "Mood__c"),
    of("reference", "Owner__c", "Owner of it", length=18, reference_to=("User",), relationship_name="Owner__r"),
    of("reference", "Far__c", "Far", length=18, reference_to=("Elsewhere__c",), relationship_name="Far__r"),
    Field("CreatedDate", "datetime", "Created Date", "test", nillable=False),
    Field("CreatedById", "reference", "Created By ID", "test", length=18, nillable=False, reference_to=("User",)),
    Field("LastModifiedDate", "datetime", "Last Modified Date", "test", nillable=False),
    Field("LastModifiedById", "reference", "Last Modified By ID", "test", length=18, nillable=False, reference_to=("User",)),
    Field("SystemModstamp", "datetime", "System Modstamp", "test", nillable=False),
    Field("IsDeleted", "boolean", "Deleted", "test", nillable=False),
)
CARD = SObject(
    "Card__c", "Card", "Cards", "a01", "test", {item.name: item for item in FIELDS}, custom=True, createable=True, updateable=True,
    deletable=True, soft_delete=True,
)  # fmt: skip
FROZEN = SObject("Frozen__c", "Frozen", "Frozens", "a02", "test", {item.name: item for item in FIELDS[:2]}, custom=True)
PLAIN = SObject(
    "Plain__c", "Plain", "Plains", "a03", "test", {item.name: item for item in FIELDS[:2]}, custom=True, createable=True, deletable=True,
)  # fmt: skip


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def org(clock: Clock) -> Org:
    return Org(Schema({**load_schema(FEATURES).sobjects}).with_sobjects([CARD, FROZEN, PLAIN]), clock=clock)


@pytest.fixture
def user(org: Org) -> str:
    profile = org.put("Profile", Name="Standard User")
    return org.put("User", Username="ann@acme.example", LastName="Ann", ProfileId=profile, TimeZoneSidKey="UTC")


def refused(call: Callable[..., object], *arguments: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        call(*arguments)
    return caught.value


@pytest.fixture
def hooks() -> Iterator[None]:
    """Whatever a test registers is gone after it."""
    tables: tuple[dict[Any, Any], ...] = (registry.BEFORE, registry.AFTER, registry.PICKLISTS, registry.READABLE, registry.ROWS)
    kept = [dict(table) for table in tables]
    yield
    for table, before in zip(tables, kept, strict=True):
        table.clear()
        table.update(before)


def test_create_fills_in_what_the_platform_fills_in(org: Org, user: str) -> None:
    card = org.create(
        user, "card__C", {"name": "Ace", "attributes": {"type": "Card__c"}, "At__c": "2026-01-01T10:00:00+02:00", "Owner__c": user[:15]}
    )
    record = org.get("Card__c", card)
    assert record == {
        "Id": card, "Name": "Ace", "Code__c": None, "Fixed__c": None, "Shown__c": None, "Good__c": False, "Size__c": None, "Price__c": None,
        "Day__c": None, "At__c": "2026-01-01T08:00:00.000+0000", "Rating__c": None, "Mood__c": None, "Owner__c": user, "Far__c": None,
        "CreatedDate": STAMP, "CreatedById": user, "LastModifiedDate": STAMP, "LastModifiedById": user, "SystemModstamp": STAMP,
        "IsDeleted": False,
    }  # fmt: skip
    given = {"Name": "Ace", "At__c": "2026-01-01T08:00:00.000+0000", "Owner__c": user}
    assert org.writes == [Write("insert", "Card__c", card, given, user, NOW)]


def test_update_moves_the_stamps_and_nothing_unsaid(org: Org, user: str, clock: Clock) -> None:
    card = org.create(user, "Card__c", {"Name": "Ace", "Size__c": 3, "Good__c": True})
    clock.now += timedelta(seconds=5)
    org.update(user, "Card__c", card, {"Size__c": None, "Mood__c": ""})
    record = org.get("Card__c", card) or {}
    assert (record["Name"], record["Size__c"], record["Good__c"], record["Mood__c"]) == ("Ace", None, True, None)
    assert (record["CreatedDate"], record["LastModifiedDate"]) == (STAMP, "2026-03-15T12:00:05.250+0000")
    assert org.writes[-1] == Write("update", "Card__c", card, {"Size__c": None, "Mood__c": None}, user, clock.now)


def test_delete_and_delete_again(org: Org, user: str) -> None:
    card = org.create(user, "Card__c", {"Name": "Ace"})
    org.delete(user, "Card__c", card[:15])
    assert org.get("Card__c", card) is None
    assert org.writes[-1].op == "delete"
    for call in (org.delete, org.update):
        error = refused(call, user, "Card__c", card, *([{}] if call == org.update else []))
        assert (error.status, error.code, error.message, error.fields) == (404, "ENTITY_IS_DELETED", "entity is deleted", ())
    assert refused(org.retrieve, user, "Card__c", card, None, VERSION).code == "NOT_FOUND"


@pytest.mark.parametrize(("setting", "code"), [("entity_is_deleted", "ENTITY_IS_DELETED"), ("missing", "NOT_FOUND")])
def test_a_record_deleted_for_good(org: Org, user: str, setting: str, code: str) -> None:
    org.switches["hard_deleted_record"] = setting
    plain = org.create(user, "Plain__c", {"Name": "x"})
    org.delete(user, "Plain__c", plain)
    assert refused(org.delete, user, "Plain__c", plain).code == code


@pytest.mark.parametrize(("setting", "code"), [("not_found", "NOT_FOUND"), ("invalid_cross_reference_key", "INVALID_CROSS_REFERENCE_KEY")])
def test_a_record_that_never_was(org: Org, user: str, setting: str, code: str) -> None:
    org.switches["missing_record"] = setting
    error = refused(org.delete, user, "Card__c", "a01000000000001")
    assert (error.status, error.code) == (404, code)
    assert refused(org.retrieve, user, "Card__c", "a01000000000001", None, VERSION).code == "NOT_FOUND"


@pytest.mark.parametrize(
    ("sobject", "verb", "status", "code", "message"),
    [
        ("PlayingCard__c", "create", 404, "NOT_FOUND", "The requested resource does not exist"),
        ("PlayingCard__c", "describe", 404, "NOT_FOUND", "The requested resource does not exist"),
        ("Frozen__c", "create", 405, "METHOD_NOT_ALLOWED", "HTTP Method 'POST' not allowed. Allowed are HEAD,GET"),
        ("Frozen__c", "update", 405, "METHOD_NOT_ALLOWED", "HTTP Method 'PATCH' not allowed. Allowed are HEAD,GET"),
        ("Frozen__c", "delete", 405, "METHOD_NOT_ALLOWED", "HTTP Method 'DELETE' not allowed. Allowed are HEAD,GET"),
        ("User", "delete", 405, "METHOD_NOT_ALLOWED", "HTTP Method 'DELETE' not allowed. Allowed are HEAD,GET,PATCH"),
    ],
)
def test_objects_and_verbs(org: Org, user: str, sobject: str, verb: str, status: int, code: str, message: str) -> None:
    calls: dict[str, Callable[[], object]] = {
        "create": lambda: org.create(user, sobject, {}),
        "update": lambda: org.update(user, sobject, "a02000000000001", {}),
        "delete": lambda: org.delete(user, sobject, "a02000000000001"),
        "describe": lambda: org.describe(user, sobject, VERSION),
    }
    error = refused(calls[verb])
    assert (error.status, error.code, error.message) == (status, code, message)


READ_ONLY = "Please check the security settings of this field and verify that it is read/write for your profile or permission set."


@pytest.mark.parametrize(
    ("body", "code", "message", "fields"),
    [
        ({"Color__c": "Red"}, "INVALID_FIELD", "No such column 'Color__c' on sobject of type Card__c", None),
        ({"Id": "a01000000000001"}, "INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", ("Id",)),
        (
            {"Shown__c": "x", "IsDeleted": True, "Rating__c": "Terrible"},
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            f"Unable to create/update fields: Shown__c, IsDeleted. {READ_ONLY}",
            ("Shown__c", "IsDeleted"),
        ),
        ({"Owner__c": "a00B000000FSjVUIB1"}, "MALFORMED_ID", "Owner of it: id value of incorrect type: a00B000000FSjVUIB1", ("Owner__c",)),
        ({"Owner__c": "a01000000000001"}, "MALFORMED_ID", "Owner of it: id value of incorrect type: a01000000000001", ("Owner__c",)),
        ({"Owner__c": ""}, "MALFORMED_ID", "Owner of it: id value of incorrect type: ", ("Owner__c",)),
        ({"Owner__c": "005000000000001"}, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ()),
        (
            {"Rating__c": "Terrible"},
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Rating: bad value for restricted picklist field: Terrible",
            ("Rating__c",),
        ),
        ({"Code__c": "123456"}, "STRING_TOO_LONG", "Code: data value too large: 123456 (max length=5)", ("Code__c",)),
        ({"Code__c": "12345"}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", ("Name",)),
        ({"Name": ""}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", ("Name",)),
    ],
)
def test_bad_bodies_on_create(org: Org, user: str, body: dict[str, Any], code: str, message: str, fields: tuple[str, ...] | None) -> None:
    error = refused(org.create, user, "Card__c", body)
    assert (error.status, error.code, error.message, error.fields) == (400, code, message, fields)
    assert org.store.count("Card__c") == 0
    assert org.writes == []


@pytest.mark.parametrize(
    "value",
    [
        {"Good__c": "yes"}, {"Good__c": 1}, {"Size__c": "3"}, {"Size__c": 3.5}, {"Size__c": True}, {"Price__c": "x"}, {"Name": 3},
        {"Name": ["x"]}, {"Name": {"x": 1}}, {"Day__c": "2026-02-30"}, {"Day__c": "tomorrow"}, {"Day__c": 20260101}, {"At__c": "2026-01-01"},
        {"At__c": "2026-01-01T00:00:00"}, {"At__c": 5}, {"Owner__c": 5},
    ],
)  # fmt: skip
def test_wrong_json_types(org: Org, user: str, value: dict[str, Any]) -> None:
    assert refused(org.create, user, "Card__c", {"Name": "Ace", **value}).code == "JSON_PARSER_ERROR"


def test_the_other_setting_converts_what_it_can(org: Org, user: str) -> None:
    org.switches["json_types"] = "converted"
    card = org.create(user, "Card__c", {"Name": 3, "Good__c": "true", "Size__c": "4", "Price__c": "2.5"})
    record = org.get("Card__c", card) or {}
    assert (record["Name"], record["Good__c"], record["Size__c"], record["Price__c"]) == ("3", True, 4, 2.5)
    assert refused(org.create, user, "Card__c", {"Name": "x", "Good__c": "yes"}).code == "JSON_PARSER_ERROR"


def test_updates_have_their_own_rules(org: Org, user: str) -> None:
    card = org.create(user, "Card__c", {"Name": "Ace", "Fixed__c": "once"})
    assert refused(org.update, user, "Card__c", card, {"Fixed__c": "twice"}).code == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert refused(org.update, user, "Card__c", card, {"Name": None}).fields == ("Name",)
    assert refused(org.update, user, "Card__c", card, {"Id": card}).code == "INVALID_FIELD"
    assert refused(org.update, user, "Card__c", card, {"Color__c": "Red"}).message == "No such column 'Color__c' on sobject of type Card__c"


@pytest.mark.parametrize("bad", ["a00B000000FSjVUIB1", "001000000000001", "abc", ""])
def test_a_malformed_record_id(org: Org, user: str, bad: str) -> None:
    error = refused(org.update, user, "Card__c", bad, {})
    assert (error.status, error.code, error.message, error.fields) == (
        400,
        "MALFORMED_ID",
        f"Record ID: id value of incorrect type: {bad}",
        ("Id",),
    )


@pytest.mark.parametrize(
    "body", [{"Good__c": None}, {"Owner__r": {"Username": "x", "Email": "y"}}, {"Name": "a", "name": "b"}, {"Far__c": "a09000000000001"}]
)
def test_what_is_not_done_says_so(org: Org, user: str, body: dict[str, Any]) -> None:
    with pytest.raises(NotEmulated):
        org.create(user, "Card__c", {"Name": "x", **body})


@pytest.mark.parametrize("name", ["EntityDefinition", "loginhistory", "SetupAssistantStep"])
def test_an_object_that_real_orgs_have_is_not_said_to_be_missing(org: Org, user: str, name: str) -> None:
    with pytest.raises(NotEmulated, match="the sObject"):
        org.describe(user, name, VERSION)
    with pytest.raises(NotEmulated, match="the sObject"):
        org.query(user, f"SELECT Id FROM {name}", VERSION)


def test_unique_values_whatever_their_case(org: Org, user: str) -> None:
    first = org.create(user, "Card__c", {"Name": "Ace", "Code__c": "abc"})
    error = refused(org.create, user, "Card__c", {"Name": "Two", "Code__c": "ABC"})
    assert (error.code, error.message) == ("DUPLICATE_VALUE", f"duplicate value found: Code__c duplicates value on record with id: {first}")
    org.update(user, "Card__c", first, {"Code__c": "ABC"})
    other = org.create(user, "Card__c", {"Name": "None"})
    assert refused(org.update, user, "Card__c", other, {"Code__c": "Abc"}).code == "DUPLICATE_VALUE"
    org.create(user, "Card__c", {"Name": "None"})


def test_a_deleted_reference(org: Org, user: str) -> None:
    other = org.put("User", LastName="Gone")
    org.remove("User", other)
    assert refused(org.create, user, "Card__c", {"Name": "Ace", "Owner__c": other}).code == "ENTITY_IS_DELETED"


def test_a_transaction_takes_back_records_and_journal(org: Org, user: str) -> None:
    kept = org.create(user, "Card__c", {"Name": "kept"})

    def both() -> None:
        with org.transaction():
            org.create(user, "Card__c", {"Name": "lost"})
            org.delete(user, "Card__c", kept)
            org.create(user, "Card__c", {})

    assert refused(both).code == "REQUIRED_FIELD_MISSING"
    assert [row["Name"] for row in org.find("Card__c")] == ["kept"]
    assert [write.op for write in org.writes] == ["insert"]
    assert refused(org.create, user, "Card__c", {}).code == "REQUIRED_FIELD_MISSING"


@pytest.mark.usefixtures("hooks")
def test_hooks_run_around_the_write_and_a_refusal_leaves_nothing(org: Org, user: str) -> None:
    seen: list[str] = []

    def everywhere(_org: Org, _user: str, change: Change) -> None:
        seen.append(f"{change.op} {change.sobject}")

    @registry.before("insert", "Card__c")
    def fill(_org: Org, _user: str, change: Change) -> None:
        assert change.id is None
        assert change.given == {"Name": change.after["Name"]}
        change.after["Size__c"] = 7

    @registry.after("insert", "Card__c")
    def follow(hooked: Org, _user: str, change: Change) -> None:
        assert change.id is not None
        hooked.put("Plain__c", Name=change.id)
        if change.after["Name"] == "bad":
            raise ApiError(400, "NO", "no")

    org.extra_before.append(everywhere)
    card = org.create(user, "Card__c", {"Name": "Ace"})
    assert (org.get("Card__c", card) or {})["Size__c"] == 7
    assert org.find("Plain__c", Name=card)
    assert refused(org.create, user, "Card__c", {"Name": "bad"}).code == "NO"
    assert (org.store.count("Card__c"), org.store.count("Plain__c"), len(org.writes)) == (1, 1, 1)
    assert seen == ["insert Card__c", "insert Card__c"]


@pytest.mark.usefixtures("hooks")
def test_a_before_hook_sees_the_record_before_and_after(org: Org, user: str) -> None:
    card = org.create(user, "Card__c", {"Name": "Ace", "Size__c": 1})

    @registry.before("update", "Card__c")
    def compare(_org: Org, _user: str, change: Change) -> None:
        assert (change.before["Size__c"], change.after["Size__c"], change.after["Name"]) == (1, 2, "Ace")
        change.after["Mood__c"] = "good"

    org.update(user, "Card__c", card, {"Size__c": 2})
    assert (org.get("Card__c", card) or {})["Mood__c"] == "good"


@pytest.mark.usefixtures("hooks")
def test_an_object_that_the_user_may_not_see(org: Org, user: str) -> None:
    registry.readable("Card__c")(lambda _org, asking: asking != user)
    assert refused(org.query, user, "SELECT Id FROM Card__c", VERSION).code == "INVALID_TYPE"
    for call in (lambda: org.describe(user, "Card__c", VERSION), lambda: org.create(user, "Card__c", {"Name": "x"})):
        assert refused(call).code == "NOT_FOUND"
    assert "Card__c" not in [one["name"] for one in org.describe_global(user, VERSION)["sobjects"]]


@pytest.mark.usefixtures("hooks")
def test_computed_rows_are_seen_by_reads_and_only_by_them(org: Org, user: str) -> None:
    virtual = "000000000000001AAA"
    registry.rows("Plain__c")(lambda _org, asking: [{"Id": virtual, "Name": asking}])
    org.put("Plain__c", Name="stored")
    assert [one["Name"] for one in org.query(user, "SELECT Name FROM Plain__c", VERSION)["records"]] == ["stored", user]
    assert org.retrieve(user, "Plain__c", virtual, ["Name"], VERSION)["Name"] == user
    assert [one["Name"] for one in org.find("Plain__c")] == ["stored"]
    assert refused(org.delete, user, "Plain__c", virtual).code == "NOT_FOUND"


@pytest.mark.usefixtures("hooks")
def test_a_picklist_that_a_rule_computes(org: Org, user: str) -> None:
    registry.picklist("Card__c", "Rating__c")(
        lambda hooked: [(name, name.upper()) for name in hooked.schema.sobjects if name.endswith("__c")]
    )
    org.create(user, "Card__c", {"Name": "x", "Rating__c": "Frozen__c"})
    assert refused(org.create, user, "Card__c", {"Name": "x", "Rating__c": "Hot"}).code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    shown = next(one for one in org.describe(user, "Card__c", VERSION)["fields"] if one["name"] == "Rating__c")
    assert shown["picklistValues"][0] == {"active": True, "defaultValue": False, "label": "CARD__C", "validFor": None, "value": "Card__c"}
    org.evolve(org.schema.without(["Frozen__c"]))
    assert refused(org.create, user, "Card__c", {"Name": "x", "Rating__c": "Frozen__c"}).code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"


def test_retrieve(org: Org, user: str) -> None:
    card = org.create(user, "Card__c", {"Name": "Ace"})
    link = {"type": "Card__c", "url": f"/services/data/v67.0/sobjects/Card__c/{card}"}
    assert org.retrieve(user, "card__c", card[:15], ["name", "ID"], VERSION) == {"attributes": link, "Name": "Ace", "Id": card}
    assert list(org.retrieve(user, "Card__c", card, None, VERSION)) == ["attributes", *CARD.fields]
    assert refused(org.retrieve, user, "Card__c", card, ["Color__c"], VERSION).code == "INVALID_FIELD"
    error = refused(org.retrieve, user, "Card__c", "abc", None, VERSION)
    assert (error.status, error.code) == (404, "NOT_FOUND")
    assert refused(org.retrieve, user, "Card__c", "a00B000000FSjVUIB1", None, VERSION).code == "MALFORMED_ID"


def test_describe_says_what_a_client_reads(org: Org, user: str) -> None:
    described = org.describe(user, "Card__c", VERSION)
    assert {name: described[name] for name in ("name", "label", "custom", "createable", "deletable", "keyPrefix", "customSetting", "queryable")} == {
        "name": "Card__c", "label": "Card", "custom": True, "createable": True, "deletable": True, "keyPrefix": "a01", "customSetting": False,
        "queryable": True,
    }  # fmt: skip
    fields = {one["name"]: one for one in described["fields"]}
    assert list(fields) == list(CARD.fields)
    assert (fields["Code__c"]["unique"], fields["Code__c"]["length"], fields["Code__c"]["nillable"]) == (True, 5, True)
    assert (fields["Owner__c"]["referenceTo"], fields["Owner__c"]["relationshipName"]) == (["User"], "Owner__r")
    assert fields["Rating__c"]["restrictedPicklist"] is True
    assert described["urls"]["rowTemplate"] == "/services/data/v67.0/sobjects/Card__c/{ID}"


@pytest.mark.skipif(not GOLDEN.is_dir(), reason="the recorded facts (../shared/golden) are not on this machine")
def test_describe_has_the_keys_of_a_real_one(org: Org, user: str) -> None:
    document = json.loads((GOLDEN / "opensdks-oas" / "salesforce-v59.subset.oas.json").read_text(encoding="utf-8"))
    schemas = document["components"]["schemas"]
    described = org.describe(user, "Card__c", VERSION)
    recorded = schemas["DescribeSObjectResult"]["properties"]
    assert set(described) == set(recorded)
    # defaultValue is there in every public describe, but not in the document.
    assert set(described["fields"][0]) == {*recorded["fields"]["items"]["properties"], "defaultValue"}
    listed = org.describe_global(user, VERSION)
    assert set(listed) == set(schemas["DescribeGlobalResult"]["properties"])
    assert set(listed["sobjects"][0]) == set(schemas["DescribeGlobalResult"]["properties"]["sobjects"]["items"]["properties"])


def test_describe_hides_what_is_newer_than_the_version(org: Org, user: str) -> None:
    org.set("Profile", org.find("Profile")[0]["Id"], PermissionsViewSetup=True, PermissionsModifyAllData=True, PermissionsManageUsers=True)
    for version, there in (("62.0", False), ("63.0", True)):
        names = [one["name"] for one in org.describe(user, "ObjectPermissions", version)["fields"]]
        assert ("PermissionsViewAllFields" in names) is there


def test_permissions_are_the_profiles_and_every_set_granted_now(org: Org, user: str, clock: Clock) -> None:
    profile = org.find("Profile")[0]["Id"]
    org.set("Profile", profile, PermissionsApiEnabled=True)
    states: dict[str, dict[str, Any]] = {
        "EditTask": {},
        "EditEvent": {"IsActive": False},
        "ViewSetup": {"IsRevoked": True},
        "ViewRoles": {"ExpirationDate": NOW - timedelta(days=1)},
        "RunReports": {"ExpirationDate": NOW + timedelta(days=1)},
    }
    for name, state in states.items():
        held = org.put("PermissionSet", Name=name, Label=name, **{f"Permissions{name}": True})
        org.put("PermissionSetAssignment", AssigneeId=user, PermissionSetId=held, **state)
    assert org.permissions_of(user) == {"ApiEnabled", "EditTask", "RunReports"}
    clock.now += timedelta(days=2)
    assert org.permissions_of(user) == {"ApiEnabled", "EditTask"}
    org.set("Profile", profile, PermissionsApiEnabled=False)
    assert org.permissions_of(user) == {"EditTask"}
    assert org.permissions_of("005000000000001AAA") == frozenset()


def test_the_same_seed_makes_the_same_ids() -> None:
    def ids(seed: int) -> list[str]:
        org = Org(load_schema(), name="twin", seed=seed)
        return [org.id, *(org.put("Group", Name=str(number)) for number in range(3))]

    assert ids(1) == ids(1)
    assert ids(1) != ids(2)
    assert ids(1)[0].startswith("00D")


def test_full_names_follow_their_parts(org: Org) -> None:
    record = org.put("User", FirstName="Ann", LastName="Example")
    assert (org.get("User", record) or {})["Name"] == "Ann Example"
    org.set("User", record, FirstName=None)
    assert (org.get("User", record) or {})["Name"] == "Example"


def test_raw_writes_leave_no_trace_in_the_journal(org: Org) -> None:
    record = org.put("Group", Name="Team")
    org.set("Group", record, Name="Crew")
    org.remove("Group", record)
    assert org.writes == []
    with pytest.raises(KeyError):
        org.put("Group", Nonsense=1)
    with pytest.raises(KeyError):
        org.set("Group", "00G000000000001AAA", Name="x")


def test_switches_have_defaults_and_no_typos() -> None:
    known = registry.switches()
    assert Org(load_schema()).switches == {name: switch.default for name, switch in known.items()}
    assert (
        Org(load_schema(), switches={"missing_record": "invalid_cross_reference_key"}).switches["missing_record"]
        == "invalid_cross_reference_key"
    )
    with pytest.raises(ValueError, match="no switch 'nonsense'"):
        Org(load_schema(), switches={"nonsense": "x"})
    with pytest.raises(ValueError, match="has no setting 'x'"):
        Org(load_schema(), switches={"missing_record": "x"})


def test_api_versions() -> None:
    assert OrgSettings().api_versions[0] == "31.0"
    assert OrgSettings(api_version_max="60.0").api_versions[-1] == "60.0"


def test_five_thousand_users_and_twenty_thousand_rows_stay_quick() -> None:
    org = Org(load_schema())
    profile = org.put("Profile", Name="P")
    held = org.put("PermissionSet", Name="S", Label="S")
    began = datetime.now(UTC)
    for number in range(5000):
        member = org.put("User", Username=f"u{number}@acme.example", LastName="U", ProfileId=profile)
        org.put("PermissionSetAssignment", AssigneeId=member, PermissionSetId=held)
    for number in range(20_000):
        org.put("FieldPermissions", ParentId=held, SobjectType="Account", Field=f"Account.F{number}__c", PermissionsRead=True)
    wanted = ", ".join(f"'U{number}@acme.example'" for number in range(0, 5000, 5))
    assert org.query("005000000000001AAA", f"SELECT Id, Profile.Name FROM User WHERE Username IN ({wanted})", VERSION)["totalSize"] == 1000
    assert len(org.find("FieldPermissions", ParentId=held)) == 20_000
    assert datetime.now(UTC) - began < timedelta(seconds=15)
