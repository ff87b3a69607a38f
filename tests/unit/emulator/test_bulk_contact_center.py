# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ContactCenterBulkOp: what a bulk job of it does to users, under each setting of what is not known."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from emulator import faults
from emulator.bulk import ingest, life
from emulator.errors import ApiError
from emulator.fleet import Fleet
from emulator.org import Org
from emulator.rules.bulk_contact_center import settle
from emulator.rules.registry import switches
from emulator.seed.vonage import DEFAULT_FEATURES, vonage

from .conftest import Client

CAPABLE = {"CapabilitiesSupportsUserSyncing": True, "CapabilitiesSupportsNamedCredential": True}
PARTNER_SET = "PartnerTelephonyCustomPsl"


@dataclass(frozen=True)
class Scene:
    """The example org, with the people and places of these tests."""

    org: Org
    center: str
    other_center: str

    def user(self, role: str) -> dict[str, Any]:
        found = self.org.get("User", self.org.seed_info["user_ids"][role])
        assert found is not None
        return found

    @property
    def admin(self) -> str:
        return str(self.user("automation")["Id"])

    def row(self, role: str, **changed: str) -> dict[str, str]:
        """A good row for that user, with these columns changed."""
        person = self.user(role)
        good = {"Argument1": person["Email"], "Argument2": person["Id"], "Argument5": self.center, "BulkAction": "AddUsers"}
        return {**good, **changed}

    def load(self, *rows: dict[str, str]) -> list[str]:
        """Run a job with these rows as the administrator; the errors of those that failed."""
        job = ingest.create(self.org, self.admin, "67.0", {"object": "ContactCenterBulkOp", "operation": "insert"})
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        ingest.upload(self.org, self.admin, job, text.getvalue().encode())
        ingest.close(self.org, self.admin, job)
        life.finish(self.org, job, ingest.process)
        assert job.state == "JobComplete", (job.error, job.not_emulated)
        return [row.error.split(":")[0] for row in job.refused]

    def members(self) -> set[str]:
        """Who is in the center now, once every late effect has shown."""
        for _unused in range(3):
            self.ask()
        return {role for role, user_id in self.org.seed_info["user_ids"].items() if self.center_of(user_id) == self.center}

    def ask(self) -> None:
        self.org.query(self.admin, "SELECT Id, CallCenterId FROM User", "67.0")

    def center_of(self, user_id: str) -> str | None:
        row = self.org.get("User", user_id)
        return None if row is None else row["CallCenterId"]

    def holds_partner_set(self, role: str) -> bool:
        wanted = self.org.find("PermissionSet", Name=PARTNER_SET)[0]["Id"]
        return bool(self.org.find("PermissionSetAssignment", AssigneeId=self.user(role)["Id"], PermissionSetId=wanted))


@pytest.fixture
def scene() -> Scene:
    org = vonage("acme-bulk")
    ids = org.seed_info["center_ids"]
    return Scene(org, ids["partner_telephony"], ids["partner_telephony_amazon"])


def set_switch(scene: Scene, name: str, setting: str) -> None:
    assert name in scene.org.switches
    scene.org.switches[name] = setting


# --- what is documented ---


def test_users_are_added_and_get_the_partner_set(scene: Scene) -> None:
    before = scene.members()
    assert not scene.holds_partner_set("agent")
    assert scene.load(scene.row("agent"), scene.row("contact_admin")) == []
    assert scene.members() == before | {"agent", "contact_admin"}
    assert scene.holds_partner_set("agent")
    assert scene.holds_partner_set("contact_admin")
    assert not scene.holds_partner_set("supervisor")


def test_a_row_more_or_twice_changes_nothing(scene: Scene) -> None:
    assert scene.load(scene.row("agent"), scene.row("agent"), scene.row("member")) == []
    assert scene.members() == {"agent", "member"}
    rows = scene.org.find("PermissionSetAssignment", AssigneeId=scene.user("agent")["Id"])
    assert len({row["PermissionSetId"] for row in rows}) == len(rows)


@pytest.mark.parametrize(("setting", "held"), [("nothing", False), ("partner_set", True)])
def test_a_row_for_a_member_is_a_switch(scene: Scene, setting: str, held: bool) -> None:
    set_switch(scene, "bulk_entity_member_again", setting)
    assert scene.load(scene.row("member")) == []
    assert scene.members() == {"member"}
    assert scene.holds_partner_set("member") is held
    assert scene.org.vendor_calls == []


def test_a_seat_is_taken_with_the_set(scene: Scene) -> None:
    licence = scene.org.find("PermissionSetLicense", DeveloperName="ServiceCloudVoiceExternalTelephonyPsl")[0]
    via = scene.user("without_set")
    set_switch(scene, "bulk_entity_ineligible", "accepted")
    assert scene.org.find("PermissionSetLicenseAssign", AssigneeId=via["Id"], PermissionSetLicenseId=licence["Id"]) == []
    scene.load(scene.row("without_set"))
    assert "without_set" in scene.members()
    assert len(scene.org.find("PermissionSetLicenseAssign", AssigneeId=via["Id"], PermissionSetLicenseId=licence["Id"])) == 1


# --- late, or at once ---


def test_the_effect_comes_late(scene: Scene) -> None:
    assert scene.load(scene.row("agent")) == []
    agent = scene.user("agent")["Id"]
    assert scene.center_of(agent) is None
    scene.ask()
    assert scene.center_of(agent) is None
    scene.ask()
    assert scene.center_of(agent) == scene.center


def test_the_effect_comes_with_time_too(scene: Scene) -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    scene.org.clock = lambda: now
    scene.load(scene.row("agent"))
    now += timedelta(seconds=61)
    scene.ask()
    assert scene.center_of(scene.user("agent")["Id"]) == scene.center


def test_the_effect_at_once(scene: Scene) -> None:
    set_switch(scene, "bulk_entity_effect", "at_once")
    scene.load(scene.row("agent"))
    scene.ask()
    assert scene.center_of(scene.user("agent")["Id"]) == scene.center


def test_requests_of_a_chunk_that_was_lost_have_no_effect(scene: Scene) -> None:
    scene.org.extra_before.append(locked_on("supervisor@", scene))
    assert scene.load(scene.row("agent"), scene.row("supervisor")) == ["UNABLE_TO_LOCK_ROW"] * 2
    assert "agent" not in scene.members()


def locked_on(start: str, scene: Scene) -> Any:
    def hook(org: Org, user: str, change: Any) -> None:
        if change.sobject == "ContactCenterBulkOp" and str(change.after["Argument2"]) == scene.user("supervisor")["Id"]:
            raise ApiError(400, "UNABLE_TO_LOCK_ROW", f"unable to obtain exclusive access to this record ({start})")

    return hook


# --- what an org may mind about a row ---

FLAWED = {
    "bulk_entity_bad_arguments": ("agent", {"Argument2": "005000000000001AAA"}),
    "bulk_entity_short_ids": ("agent", {"Argument2": "short"}),
    "bulk_entity_email": ("agent", {"Argument1": "somebody.else@acme.example"}),
    "bulk_entity_ineligible": ("without_set", {}),
    "bulk_entity_member_elsewhere": ("other_center", {}),
}


def flawed(scene: Scene, switch: str) -> tuple[str, dict[str, str]]:
    role, changed = FLAWED[switch]
    if changed.get("Argument2") == "short":
        changed = {"Argument2": scene.user(role)["Id"][:15]}
    return role, scene.row(role, **changed)


@pytest.mark.parametrize(("switch", "setting"), [(name, setting) for name in FLAWED for setting in switches()[name].settings])
def test_flawed_rows(scene: Scene, switch: str, setting: str) -> None:
    set_switch(scene, switch, setting)
    role, row = flawed(scene, switch)
    errors = scene.load(scene.row("contact_admin"), row)
    assert errors == (["FIELD_INTEGRITY_EXCEPTION"] if setting == "refused" else [])
    members = scene.members()
    assert (role in members) is (setting == "accepted")
    assert "contact_admin" in members


@pytest.mark.parametrize("center", ["", "04v000000000001AAA", "nonsense"])
def test_no_such_center(scene: Scene, center: str) -> None:
    before = scene.members()
    assert scene.load(scene.row("agent", Argument5=center)) == []
    assert scene.members() == before
    set_switch(scene, "bulk_entity_bad_arguments", "refused")
    assert scene.load(scene.row("agent", Argument5=center)) == ["FIELD_INTEGRITY_EXCEPTION"]


@pytest.mark.parametrize("kind", ["open_cti", "amazon_connect"])
def test_a_center_of_another_flavour(scene: Scene, kind: str) -> None:
    center = scene.org.seed_info["center_ids"][kind]
    assert scene.load(scene.row("agent", Argument5=center)) == []
    for _unused in range(3):
        scene.ask()
    assert scene.center_of(scene.user("agent")["Id"]) is None
    set_switch(scene, "bulk_entity_bad_arguments", "refused")
    assert scene.load(scene.row("agent", Argument5=center)) == ["FIELD_INTEGRITY_EXCEPTION"]


@pytest.mark.parametrize("role", ["inactive", "without_service", "without_set"])
def test_who_is_not_eligible(scene: Scene, role: str) -> None:
    assert scene.load(scene.row(role)) == []
    assert role not in scene.members()


@pytest.mark.parametrize("role", ["agent", "contact_admin", "via_group", "via_clone"])
def test_who_is_eligible(scene: Scene, role: str) -> None:
    scene.load(scene.row(role))
    assert role in scene.members()


def test_other_actions_are_refused_or_not_emulated(scene: Scene) -> None:
    assert scene.load(scene.row("agent", BulkAction="RemoveUsers")) == ["INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"]
    for row in (scene.row("agent", BulkAction="AddGroups"), {**scene.row("agent"), "Argument3": "Agent"}):
        with pytest.raises(AssertionError, match=r"bulk action|Amazon"):
            scene.load(row)
    assert "agent" not in scene.members()


# --- seats ---


@pytest.mark.parametrize(("setting", "added"), [("not_added", False), ("added_without_set", True)])
def test_without_a_seat(scene: Scene, setting: str, added: bool) -> None:
    set_switch(scene, "bulk_entity_no_seat", setting)
    set_switch(scene, "bulk_entity_ineligible", "accepted")
    licence = scene.org.find("PermissionSetLicense", DeveloperName="ServiceCloudVoiceExternalTelephonyPsl")[0]
    taken = len(scene.org.find("PermissionSetLicenseAssign", PermissionSetLicenseId=licence["Id"]))
    scene.org.set("PermissionSetLicense", licence["Id"], TotalLicenses=taken, UsedLicenses=taken)
    assert scene.load(scene.row("without_set")) == []
    assert ("without_set" in scene.members()) is added
    assert not scene.holds_partner_set("without_set")


# --- the vendor ---


def with_vendor(scene: Scene) -> None:
    vendor = scene.org.find("ConversationVendorInfo", DeveloperName="AcmeVendor")[0]
    scene.org.set("ConversationVendorInfo", vendor["Id"], **CAPABLE)
    scene.org.seed_info["center_vendors"] = {scene.center: "acmevoice__AcmeVendor"}


def test_the_vendor_is_told_of_a_chunk_at_once(scene: Scene) -> None:
    with_vendor(scene)
    scene.load(scene.row("agent"), scene.row("contact_admin"), scene.row("without_set"))
    assert {"agent", "contact_admin"} <= scene.members()
    assert [(call.center_id, call.direction, len(call.users), call.success) for call in scene.org.vendor_calls] == [
        (scene.center, "add", 2, True)
    ]
    maps = scene.org.find("CallCenterRoutingMap", CallCenterId=scene.center, ReferenceRecordId=scene.user("agent")["Id"])
    assert len(maps) == 1


def test_one_user_that_the_vendor_refuses_costs_all_of_them(scene: Scene) -> None:
    with_vendor(scene)
    scene.org.vendor_refuses.add(scene.user("agent")["Username"].lower())
    before = scene.members()
    assert scene.load(scene.row("agent"), scene.row("contact_admin")) == []
    assert scene.members() == before
    assert not scene.holds_partner_set("contact_admin")
    assert [call.success for call in scene.org.vendor_calls] == [False]


def test_the_vendor_may_not_be_told(scene: Scene) -> None:
    with_vendor(scene)
    set_switch(scene, "bulk_entity_vendor", "not_synced")
    scene.load(scene.row("agent"))
    assert "agent" in scene.members()
    assert scene.org.vendor_calls == []


# --- the customer's own rules ---


def test_a_rule_of_the_customer_stops_one_user_in_silence(scene: Scene) -> None:
    trouble = faults.Faults()
    trouble.add(faults.Fault(faults.Refuse("User", {"Id": scene.user("agent")["Id"]}), times=None))
    scene.org.extra_before.append(trouble.before_write)
    assert scene.load(scene.row("agent"), scene.row("contact_admin")) == []
    members = scene.members()
    assert "contact_admin" in members
    assert "agent" not in members
    assert not scene.holds_partner_set("agent")


def test_a_trigger_at_its_limit_stops_a_whole_chunk_in_silence(scene: Scene) -> None:
    trouble = faults.Faults()
    trouble.add(faults.Fault(faults.ApexLimit(over=1), times=None))
    scene.org.extra_before.append(trouble.before_write)
    assert scene.load(scene.row("agent"), scene.row("contact_admin")) == []
    assert scene.members() == {"member"}
    assert scene.load(scene.row("agent")) == []
    assert scene.members() == {"member", "agent"}


# --- Partner Telephony from Amazon Connect ---

WITH_PROFILES = {"Argument3": "Agent", "Argument4": "arn:aws:connect:eu-west-2:111122223333:instance/1/routing-profile/2"}


def to_amazon(scene: Scene, **more: str) -> dict[str, str]:
    return scene.row("agent", Argument5=scene.other_center, **more)


def joined_amazon(scene: Scene) -> bool:
    for _unused in range(3):
        scene.ask()
    return scene.center_of(scene.user("agent")["Id"]) == scene.other_center


def test_a_center_from_amazon_connect_wants_profile_and_routing_profile(scene: Scene) -> None:
    assert scene.load(to_amazon(scene, **WITH_PROFILES)) == []
    assert joined_amazon(scene)


@pytest.mark.parametrize("lacking", [{"Argument3": ""}, {"Argument4": ""}, {"Argument3": "agent"}])
@pytest.mark.parametrize(("setting", "errors"), [("silent", []), ("refused", ["FIELD_INTEGRITY_EXCEPTION"]), ("accepted", [])])
def test_without_them_it_is_a_switch(scene: Scene, setting: str, errors: list[str], lacking: dict[str, str]) -> None:
    set_switch(scene, "bulk_entity_amazon_arguments", setting)
    assert scene.load(to_amazon(scene, **{**WITH_PROFILES, **lacking})) == errors
    assert joined_amazon(scene) is (setting == "accepted")


# --- is it there, by which door, for whom ---


@pytest.fixture
def client() -> Iterator[Client]:
    with Fleet([vonage("acme-bulk")]) as running:
        served = running["acme-bulk"]
        made = Client(served, running.ca_path, running.key_path)
        yield made.use(served.org.seed_info["admin_username"])
        made.session.close()


def test_an_org_without_it(client: Client) -> None:
    assert client.get("/sobjects/ContactCenterBulkOp/describe").status_code == 200
    client.served.org.switches["bulk_entity"] = "absent"
    assert client.get("/sobjects/ContactCenterBulkOp/describe").status_code == 404
    made = client.post("/jobs/ingest", {"object": "ContactCenterBulkOp", "operation": "insert"})
    assert (made.status_code, made.json()[0]["errorCode"]) == (400, "INVALIDENTITY")
    assert "ContactCenterBulkOp" not in {item["name"] for item in client.get("/sobjects").json()["sobjects"]}


def test_an_org_without_the_feature() -> None:
    org = vonage("acme-plain", features=DEFAULT_FEATURES - {"partner_telephony", "amazon_connect"})
    assert org.schema.sobject("ContactCenterBulkOp") is None
    settle(org)


def test_the_door(client: Client) -> None:
    org = client.served.org
    user, center = org.seed_info["user_ids"]["agent"], org.seed_info["center_ids"]["partner_telephony"]
    email = (org.get("User", user) or {})["Email"]
    body = {"Argument1": email, "Argument2": user, "Argument5": center, "BulkAction": "AddUsers"}
    refused = client.post("/sobjects/ContactCenterBulkOp", body)
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, "INVALID_TYPE_FOR_OPERATION")
    assert org.find("ContactCenterBulkOp") == []
    org.switches["bulk_entity_door"] = "any"
    assert client.post("/sobjects/ContactCenterBulkOp", body).status_code == 201
    for _unused in range(2):
        found = client.get("/query", params={"q": f"SELECT CallCenterId FROM User WHERE Id = '{user}'"}).json()
    assert found["records"][0]["CallCenterId"] == center


@pytest.mark.parametrize(("setting", "errors"), [("enforced", ["INSUFFICIENT_ACCESS_OR_READONLY"]), ("open", [])])
def test_the_right(scene: Scene, setting: str, errors: list[str]) -> None:
    set_switch(scene, "bulk_entity_right", setting)
    profile = scene.org.get("Profile", scene.user("automation")["ProfileId"])
    assert profile is not None
    off = {f"Permissions{name}": False for name in ("ManageCallCenters", "IsContactCenterAdminBYOT", "DelegatedContactCenterAdmin")}
    known = scene.org.schema.sobjects["Profile"].fields
    off = {name: value for name, value in off.items() if name in known}
    scene.org.set("Profile", profile["Id"], **off)
    for own in scene.org.find("PermissionSet", ProfileId=profile["Id"]):
        scene.org.set("PermissionSet", own["Id"], **off)
    assert scene.load(scene.row("agent")) == errors
    assert ("agent" in scene.members()) is (not errors)


def test_by_the_documented_file(client: Client) -> None:
    """Salesforce's own sample file, with this org's Ids, through HTTPS and back through a query."""
    org = client.served.org
    user, center = org.seed_info["user_ids"]["agent"], org.seed_info["center_ids"]["partner_telephony"]
    email = (org.get("User", user) or {})["Email"]
    job = client.post("/jobs/ingest", {"object": "ContactCenterBulkOp", "operation": "insert"}).json()["id"]
    data = f"Argument1,Argument2,Argument5,BulkAction\n{email},{user},{center},AddUsers\n"
    put = client.call("PUT", f"/jobs/ingest/{job}/batches", data=data, headers={"Content-Type": "text/csv"})
    assert put.status_code == 201
    client.call("PATCH", f"/jobs/ingest/{job}", json={"state": "UploadComplete"})
    states = [client.get(f"/jobs/ingest/{job}").json()["state"] for _unused in range(2)]
    assert states[-1] == "JobComplete"
    done = list(csv.DictReader(io.StringIO(client.get(f"/jobs/ingest/{job}/successfulResults").text)))
    assert [(row["sf__Created"], row["Argument2"]) for row in done] == [("true", user)]
    seen = []
    for _unused in range(3):
        found = client.get("/query", params={"q": f"SELECT CallCenterId FROM User WHERE Id = '{user}'"}).json()
        seen.append(found["records"][0]["CallCenterId"])
    assert seen == [None, center, center]
