# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Membership under every setting of every open point that concerns it: by both methods, with a set given, moved, mapped, removed, set exactly, and
told of. Settings are taken from the registry: a new switch is run here without being named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from emulator import seed
from harness import membership
from harness.asked import asked_by
from harness.direct import Bench
from harness.membership import CENTER, MAP, MEMBER

INFO = "contact_center_info"
NEAR = [(name, setting) for name, switch in membership.near().items() for setting in switch.settings[1:]]
# The org answers success and does nothing; or wants of the caller what the module does not do. What is made of that has tests of its own below.
IGNORED = ("callcenter_patch", "ignored")
LICENCE_FIRST = ("set_licence_comes_along", "required")
USUAL = [one for one in NEAR if one not in (IGNORED, LICENCE_FIRST)]
# Those that a vendor that syncs users may make a difference to.
SYNCING = [("", ""), *(one for one in USUAL if any(word in one[0] for word in ("vendor", "callcenter", "bulk_entity", "routing_map")))]
OTHERS = max(len(switch.settings) for switch in membership.beside().values())


def ids(pairs: list[tuple[str, str]]) -> list[str]:
    return [f"{name}={setting}" if name else "as by default" for name, setting in pairs]


@dataclass
class Day:
    """One org, and who should be in its center as the day goes on."""

    bench: Bench
    inside: set[str]

    def user(self, role: str) -> str:
        return str(self.bench.info["users"][role])

    def members(self) -> set[str]:
        """Who is in the center now, once everything late has shown."""
        known = membership.settled(self.bench.org)
        center = self.bench.info["center_ids"][CENTER]
        return {role for role, name in self.bench.info["users"].items() if known[name].center == center}

    def task(self, module: str, **options: Any) -> dict[str, Any]:
        """The result of a task that check mode foretold, and that changes nothing when it is run again."""
        org = self.bench.org
        written = len(org.writes)
        foretold = self.bench.task(module, check=True, **options)
        assert len(org.writes) == written, "check mode wrote"
        self.bench.new_run()
        done = self.bench.task(module, **options)
        assert not done.get("failed"), done["msg"]
        assert done["changes"] == foretold["changes"]
        membership.settled(org)
        written = len(org.writes)
        again = self.bench.task(module, **options)
        assert not again.get("failed"), again["msg"]
        assert (again["changes"], len(org.writes)) == ([], written)
        return done

    def member(self, *roles: str, **options: Any) -> dict[str, Any]:
        given = {"contact_center": "AcmeVoice", "users": [self.user(role) for role in roles], "max_removals": "100%", **options}
        return self.task(MEMBER, **given)

    def joins(self, *roles: str, **options: Any) -> None:
        done = self.member(*roles, **options)
        assert {person["username"] for person in done["joining"]} == {self.user(role) for role in roles} - {
            self.user(role) for role in self.inside
        }
        self.inside |= set(roles)
        assert self.members() == self.inside

    def stays(self, *roles: str, state: str, **options: Any) -> None:
        """Whoever is left after a removal."""
        done = self.member(*roles, state=state, **options)
        stays = self.inside - set(roles) if state == "absent" else set(roles)
        assert {person["username"] for person in done["leaving"]} == {self.user(role) for role in self.inside - stays}
        self.inside = stays
        assert self.members() == self.inside

    def maps(self, state: str, **ids: str) -> None:
        mappings = [{"user": self.user(role), "external_id": one} for role, one in ids.items()]
        self.task(MAP, contact_center="AcmeVoice", mappings=mappings, state=state, max_removals="100%")
        center = self.bench.info["center_ids"][CENTER]
        known = membership.people(self.bench.org)
        held = {role: dict(known[name].maps.values()).get(center) for role, name in self.bench.info["users"].items()}
        assert {role: one for role, one in held.items() if role in ids} == ids
        if state == "exact":
            assert {role for role, one in held.items() if one} == set(ids)

    def is_told(self) -> None:
        """The reader says the same as the org."""
        done = self.bench.task(INFO, contact_centers=["AcmeVoice"], users=[self.user(role) for role in sorted(self.inside)], state="exact")
        assert not done.get("failed"), done["msg"]
        (center,) = done["contact_centers"]
        assert {person["username"] for person in center["members"]} == {self.user(role) for role in self.inside}
        assert center["flavour"] == "partner_telephony"
        (row,) = [row for row in done["requirements"] if row["requirement"] == "members"]
        assert row["state"] == "met", row


def a_day(bench: Bench) -> Day:
    return Day(bench, {"member"})


def the_whole_day(day: Day, **options: Any) -> None:
    """Everything that is done to members, in one org; options go to every task that adds or removes."""
    offers_bulk = day.bench.org.switches["bulk_entity"] == "present"
    day.joins("agent", "via_group", method="user_field", **options)
    day.joins("contact_admin", "via_clone", method="bulk" if offers_bulk else "user_field", **options)
    day.joins("without_set", method="user_field", role="agent", **options)
    day.joins("other_center", method="user_field", move=True, **options)
    day.is_told()
    day.maps("present", agent="x-1", contact_admin="x-2")
    day.maps("exact", agent="x-3", via_group="x-4")
    deactivated = day.bench.info["user_ids"]["via_clone"]
    day.bench.org.update(str(day.bench.org.default_user), "User", deactivated, {"IsActive": False})
    day.inside = day.members()
    day.stays("agent", "via_group", "other_center", state="exact", **options)
    day.stays("via_group", state="absent", **options)
    day.is_told()


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """The switches that such a day depends on."""
    return asked_by(lambda bench: the_whole_day(a_day(bench)), tmp_path_factory.mktemp("asked") / "run", package=False)


@pytest.mark.parametrize(("name", "setting"), USUAL, ids=ids(USUAL))
def test_membership_ends_right_under_every_setting(
    name: str, setting: str, asked: frozenset[str], make_bench: Callable[..., Bench]
) -> None:
    if name in asked:
        the_whole_day(a_day(make_bench(package=False, switches={name: setting})))


@pytest.mark.parametrize("number", range(1, OTHERS))
def test_membership_ends_right_whatever_holds_beside_it(number: int, make_bench: Callable[..., Bench]) -> None:
    """Points that concern more than membership, each in its n-th setting, all at once."""
    chosen = {name: switch.settings[min(number, len(switch.settings) - 1)] for name, switch in membership.beside().items()}
    the_whole_day(a_day(make_bench(package=False, switches=chosen)))


def a_day_in_production(bench: Bench) -> None:
    """Where the center's vendor syncs users."""
    seed.vendor_syncs(bench.org, "AcmeVoice")
    the_whole_day(a_day(bench))


PRODUCTION: dict[str, Any] = {"name": "acme-production", "sandbox": False, "package": False}


@pytest.fixture(scope="module")
def asked_in_production(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """The switches that such a day depends on there."""
    return asked_by(a_day_in_production, tmp_path_factory.mktemp("asked") / "run", **PRODUCTION)


@pytest.mark.parametrize(("name", "setting"), SYNCING, ids=ids(SYNCING))
def test_the_same_where_the_vendor_syncs_users(
    name: str, setting: str, asked_in_production: frozenset[str], make_bench: Callable[..., Bench]
) -> None:
    if not name or name in asked_in_production:
        a_day_in_production(make_bench(**PRODUCTION, switches={name: setting} if name else {}))


def test_the_same_in_a_sandbox_that_may_call_the_provider(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(package=False)
    seed.vendor_syncs(bench.org, "AcmeVoice")
    the_whole_day(a_day(bench), allow_provider_calls=True)


def test_a_field_that_is_not_written_is_not_believed(make_bench: Callable[..., Bench]) -> None:
    """Success is what reading back shows: nobody is told to have joined or left, and everybody who was to has an error with a remedy."""
    bench = make_bench(package=False, switches=dict([IGNORED]))
    day = a_day(bench)
    before = membership.people(bench.org)
    users = [day.user("agent"), day.user("via_group")]
    result = bench.task(MEMBER, contact_center="AcmeVoice", users=users, state="exact", wait_timeout=20)
    assert (result["failed"], result["changed"], result["changes"]) == (True, False, [])
    assert {error["code"] for error in result["errors"]} == {"NOT_AS_PLANNED"}
    assert {error["record"].split("/")[1] for error in result["errors"]} == {*users, day.user("member")}
    assert all(error["remedy"] for error in result["errors"])
    assert (result["joining"], result["leaving"]) == ([], [])
    assert membership.people(bench.org) == before
    day.joins("agent", "via_group", method="bulk")


def test_an_org_that_wants_the_licence_before_the_set_adds_nobody_without_it(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(package=False, switches=dict([LICENCE_FIRST]))
    day = a_day(bench)
    users = [day.user("without_set"), day.user("agent")]
    result = bench.task(MEMBER, contact_center="AcmeVoice", users=users, role="agent")
    assert result["failed"]
    assert {error["record"].rpartition("/")[2] for error in result["errors"]} == {day.user("without_set")}
    assert all(error["remedy"] for error in result["errors"])
    assert day.members() == {"member", "agent"}
    licence = "ServiceCloudVoiceExternalTelephonyPsl"
    assert not bench.task("permission_set_license_assignment", permission_set_license=licence, users=[day.user("without_set")]).get(
        "failed"
    )
    day.inside |= {"agent"}
    day.joins("without_set", role="agent")
