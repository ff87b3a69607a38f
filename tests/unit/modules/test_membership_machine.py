# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever is asked of membership, in whatever org, with whatever going wrong and whoever else at work: it converges to the wish, and nobody else is
touched. What should become of whom is told by a model that reads the org itself (harness.membership)."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from emulator import faults, seed
from emulator.errors import ApiError
from emulator.org import Org
from harness import membership
from harness.direct import Bench, bench
from harness.membership import AMAZON, CENTER, Forecast, Person, Wish

ROLES = (
    "agent",
    "contact_admin",
    "supervisor",
    "via_group",
    "via_clone",
    "without_set",
    "inactive",
    "without_service",
    "other_center",
    "member",
)
SETS = ("voice_agent", "voice_admin", "voice_clone")
# The same runs each time, unless somebody asks for so many others; MEMBERSHIP_SHRINK makes a failing example small.
ASKED = os.environ.get("MEMBERSHIP_RUNS", "")
RUNS = range(10)
EXAMPLES_A_RUN = 4
STEPS = 6

SWITCHES = membership.concerning()
numbers = st.integers(0, 2**32)


def any_settings(chance: Random) -> dict[str, str]:
    """What is not as by default of the points that are open: some of those that are near, few of the others."""
    near = membership.near()
    likely = {name: 0.35 if name.startswith("callcenter_") else 0.2 if name in near else 0.1 for name in SWITCHES}
    return {name: chance.choice(switch.settings[1:]) for name, switch in sorted(SWITCHES.items()) if chance.random() < likely[name]}


def some_people(chance: Random, least: int = 0) -> tuple[str, ...]:
    return tuple(chance.sample(ROLES, chance.randint(least, 7)))


def a_center(chance: Random) -> str:
    return chance.choice((CENTER, CENTER, AMAZON))


def options_of_a_task(chance: Random) -> dict[str, Any]:
    return {
        "state": chance.choice(("present", "present", "absent", "exact")),
        "role": chance.choice(("none", "none", "agent", "admin")),
        "method": chance.choice(("user_field", "user_field", "bulk", "auto")),
        "move": chance.random() < 0.5,
        "on_ineligible": chance.choice(("skip", "skip", "skip", "fail")),
        "batch_size": chance.choice((None, 1, 2, 200)),
        "repair": frozenset(chance.sample(("service_cloud_user", "frozen"), chance.randint(0, 2))),
        "remove_permission_sets": chance.random() < 0.3,
        "allow_provider_calls": chance.random() < 0.6,
    }


WANTED = "the center that the task wants"
# Each strikes some of the time, or always; a lost answer may come after any of the requests.
troubles = st.one_of(
    st.builds(lambda times: faults.Fault(faults.Lock("User"), times=times), st.integers(1, 3)),
    st.builds(lambda skip: faults.Fault(faults.Status(503), match_path="/composite|/jobs", skip=skip), st.integers(0, 4)),
    st.builds(lambda skip: faults.Fault(faults.DropAfter(), match_path="/composite|/jobs", skip=skip), st.integers(0, 4)),
    st.builds(lambda skip: faults.Fault(faults.DropBefore(), match_path="/composite|/jobs", skip=skip), st.integers(0, 4)),
    st.builds(lambda over: faults.Fault(faults.ApexLimit(over=over), times=None), st.integers(1, 3)),
    st.builds(
        lambda sobject, skip: faults.Fault(faults.Refuse(sobject, message="Ask HR first"), skip=skip, times=2),
        st.sampled_from(("User", "PermissionSetAssignment", "ContactCenterBulkOp")),
        st.integers(0, 2),
    ),
    st.just(faults.Fault(faults.Refuse("User", {"CallCenterId": WANTED}, message="Not into this one"), times=None)),
    st.builds(
        lambda state, skip: faults.Fault(faults.EndJob("ContactCenterBulkOp", state), skip=skip),
        st.sampled_from(("Failed", "Aborted")),
        st.integers(0, 2),
    ),
)


# What the examples must come to, so that the test is no empty one.
MET = {"converged", "joined by user_field", "joined by bulk", "moved by user_field", "left (absent)", "left (exact)"}


class Membership(RuleBasedStateMachine):
    """One org a run; every step is a task or something that somebody else does."""

    met: ClassVar[Counter[str]] = Counter()

    def __init__(self, place: Bench, run: int) -> None:
        super().__init__()
        self.place = place
        self.drawn = [run]

    def chance(self, number: int) -> Random:
        """Hypothesis prefers small values, and such as it had before, with which little happens: what it draws only starts an even draw."""
        self.drawn.append(number)
        return Random(str(self.drawn))

    @property
    def org(self) -> Org:
        return self.place.org

    def name(self, role: str) -> str:
        return str(self.org.seed_info["users"][role])

    def center(self, kind: str) -> str:
        return str(self.org.seed_info["center_ids"][kind])

    @initialize(number=numbers)
    def an_org(self, number: int) -> None:
        chance = self.chance(number)
        chosen, sandbox, syncs = any_settings(chance), chance.random() < 0.5, chance.random() < 0.5
        org = seed.vonage("acme-uat", sandbox=sandbox, package=False, switches=chosen)
        refuses = [org.seed_info["users"][role] for role in chance.sample(ROLES, chance.choice((0, 0, 1, 2)))] if syncs else []
        if syncs:
            seed.vendor_syncs(org, "AcmeVoice", refuses=refuses)
        for role in some_people(chance, 2):
            org.set("User", org.seed_info["user_ids"][role], CallCenterId=org.seed_info["center_ids"][a_center(chance)])
        for role in chance.sample(ROLES, 2):
            seed.freeze(org, org.seed_info["users"][role])
        self.place.served.become(lambda: org)
        self.place.served.client.approve(org.seed_info["admin_username"])
        self.place.new_run()
        note(f"run={self.drawn[0]} sandbox={sandbox} syncs={syncs} refuses={refuses} {chosen}")

    # --- what others do ---

    @rule(number=numbers)
    def somebody(self, number: int) -> None:
        chance = self.chance(number)
        role, what = chance.choice(ROLES), chance.choice((self.somebody_moves, self.somebody_changes, self.somebody_assigns))
        try:
            what(role, str(self.org.seed_info["user_ids"][role]), chance)
        except ApiError as refused:
            note(f"{role}: {refused}")

    def somebody_moves(self, role: str, user_id: str, chance: Random) -> None:
        kind = chance.choice((CENTER, AMAZON, "open_cti", None))
        note(f"{role} into {kind}")
        self.org.set("User", user_id, CallCenterId=self.center(kind) if kind else None)

    def somebody_changes(self, role: str, user_id: str, chance: Random) -> None:
        frozen, active, service = (chance.random() < likely for likely in (0.4, 0.6, 0.6))
        note(f"{role} frozen={frozen} active={active} service={service}")
        seed.freeze(self.org, self.name(role), frozen=frozen)
        self.org.update(str(self.org.default_user), "User", user_id, {"IsActive": active, "UserPermissionsSupportUser": service})

    def somebody_assigns(self, role: str, user_id: str, chance: Random) -> None:
        admin, which = str(self.org.default_user), chance.choice(SETS)
        set_id = self.org.seed_info["set_ids"][which]
        rows = self.org.find("PermissionSetAssignment", AssigneeId=user_id, PermissionSetId=set_id)
        note(f"{role} {'without' if rows else 'with'} {which}")
        if rows:
            self.org.delete(admin, "PermissionSetAssignment", str(rows[0]["Id"]))
        else:
            self.org.create(admin, "PermissionSetAssignment", {"AssigneeId": user_id, "PermissionSetId": set_id})

    # --- what tasks do ---

    def a_wish(self, chance: Random) -> Wish:
        return Wish(self.center(a_center(chance)), tuple(map(self.name, some_people(chance))), **options_of_a_task(chance))

    @rule(number=numbers)
    def a_task(self, number: int) -> None:
        self.converges(self.a_wish(self.chance(number)))

    @rule(number=numbers, trouble=troubles)
    def a_task_in_trouble(self, number: int, trouble: faults.Fault) -> None:
        wish = self.a_wish(self.chance(number))
        before = membership.settled(self.org)
        expected = membership.forecast(self.org, wish, self.place.served.is_sandbox, before)
        note(f"{wish} {trouble}")
        refuses = isinstance(trouble.action, faults.Refuse) and trouble.action.where == {"CallCenterId": WANTED}
        if refuses:
            trouble = replace(trouble, action=faults.Refuse("User", {"CallCenterId": wish.center}, ops=("update",)))
        self.place.served.faults.add(trouble)
        done = self.run(wish)
        self.place.served.faults.clear()
        after = membership.settled(self.org)
        assert not membership.untouched(before, after, expected.touched)
        # Nobody ends anywhere but where the user was, where the user should be, or, where something broke half-way, in no center.
        somewhere = {
            name: {before[name].center, self.wanted(wish, expected, name), *([] if refuses else [None])} for name in expected.touched
        }
        assert [name for name, those in somewhere.items() if after[name].center not in those] == []
        ends = membership.events(self.org, before, after)
        assert {one for one in membership.told(done) if one[1] == membership.MEMBER} <= ends, done
        if not done.get("failed"):
            self.as_expected(wish, expected, before, after)
            self.counted(wish, expected, before, done)
        self.converges(wish)

    @rule(number=numbers)
    def a_map(self, number: int) -> None:
        chance = self.chance(number)
        kind, state = a_center(chance), chance.choice(("present", "absent", "exact"))
        mappings = [{"user": self.name(role), "external_id": f"{role}-{chance.randint(1, 2)}"} for role in some_people(chance)]
        options = {"contact_center": self.internal_name(self.center(kind)), "mappings": mappings, "state": state}
        options |= {"on_ineligible": "skip", "max_removals": "100%", "allow_empty": True}
        note(f"maps {options}")
        before = membership.settled(self.org)
        done = self.twice("contact_center_routing_map", options)
        assert not done.get("failed"), done["msg"]
        after = membership.settled(self.org)
        assert membership.events(self.org, before, after) == set()
        assert membership.map_events(self.org, before, after) == membership.told(done)
        inside = {name: dict(person.maps.values()).get(self.center(kind)) for name, person in after.items()}
        for item in mappings:
            is_member = before[item["user"]].center == self.center(kind)
            if state == "absent":
                assert inside[item["user"]] is None
            elif is_member:
                assert inside[item["user"]] == item["external_id"]
        others = {name: one for name, one in inside.items() if name not in {item["user"] for item in mappings}}
        if state == "exact":
            assert set(others.values()) <= {None}
        else:
            assert all(dict(before[name].maps.values()).get(self.center(kind)) == one for name, one in others.items())

    @invariant()
    def nothing_is_armed(self) -> None:
        assert not self.place.served.faults.active()

    # --- how that is seen ---

    def internal_name(self, center_id: str) -> str:
        return membership.centers(self.org)[center_id]

    def run(self, wish: Wish, **more: Any) -> dict[str, Any]:
        return self.place.task(membership.MEMBER, **wish.options(self.internal_name(wish.center)), **more)

    def twice(self, module: str, options: Mapping[str, Any]) -> dict[str, Any]:
        """The result of a task that check mode foretold, and that finds nothing to do when it is run again."""
        foretold, done, again = self.foretold_done_again(module, options)
        assert done["changes"] == foretold["changes"], "check mode foretold something else"
        assert (again.get("msg"), again.get("changes")) == (None, []), again
        return done

    def foretold_done_again(self, module: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
        results = []
        for check in (True, False, False):
            written = len(self.org.writes)
            results.append(self.place.task(module, check=check, **options))
            assert not check or len(self.org.writes) == written, "check mode wrote"
            self.place.new_run()
        return tuple(results)

    def wanted(self, wish: Wish, expected: Forecast, name: str) -> str | None:
        return wish.center if name in expected.joining else None

    def converges(self, wish: Wish) -> None:
        """Run the task where nothing goes wrong but what the model knows of."""
        before = membership.settled(self.org)
        expected = membership.forecast(self.org, wish, self.place.served.is_sandbox, before)
        note(f"{wish} {expected}")
        foretold, done, again = self.foretold_done_again(membership.MEMBER, wish.options(self.internal_name(wish.center)))
        after = membership.settled(self.org)
        assert not membership.untouched(before, after, expected.touched)
        self.counted(wish, expected, before, done)
        if expected.refusals:
            assert done.get("failed"), f"nothing stopped it: {expected.refusals}"
            assert done["error_code"] in expected.refusals, done["msg"]
            assert foretold.get("error_code") == done["error_code"]
            assert after == before
            return
        assert "error_code" not in foretold, foretold["msg"]
        if not done.get("failed"):
            assert done["changes"] == foretold["changes"], "check mode foretold something else"
            assert (again.get("msg"), again["changes"]) == (None, []), again
            # The second run changed nothing, so what the first one told is what the org became.
            assert membership.events(self.org, before, after) == membership.told(done)
        else:
            assert expected.unsure, done["msg"]
            assert done["errors"]
            assert all(error["remedy"] for error in done["errors"]), done["errors"]
        self.as_expected(wish, expected, before, after, sure=not done.get("failed"))
        assert {item["user"] for item in done["left_out"]} == expected.left_out

    def counted(self, wish: Wish, expected: Forecast, before: Mapping[str, Person], done: Mapping[str, Any]) -> None:
        """What the examples came to: they should meet all there is."""
        if done.get("failed"):
            self.met[f"{'stopped' if expected.refusals else 'failed'}: {done['error_code']}"] += 1
            return
        self.met["converged"] += 1
        for name in expected.joining:
            self.met[
                f"{'moved' if before[name].center else 'joined'} by {wish.method}{'' if before[name].may_join else ' with a set'}"
            ] += 1
        for name in expected.leaving:
            self.met[f"left ({wish.state})"] += 1
            self.met["left though inactive"] += not before[name].active

    def as_expected(
        self, wish: Wish, expected: Forecast, before: Mapping[str, Person], after: Mapping[str, Person], *, sure: bool = True
    ) -> None:
        for name in expected.touched:
            old, new = before[name], after[name]
            unsure = not sure and name in expected.unsure
            allowed = {self.wanted(wish, expected, name), *((old.center,) if unsure else ())}
            assert new.center in allowed, (name, new.center)
            assert new.rest == old.rest
            assert (new.active, new.frozen or old.frozen, old.service or new.service) == (old.active, old.frozen, new.service)
            assert new.frozen == (old.frozen and not (name in expected.joining and "frozen" in wish.repair)) or unsure
            self.sets_as_expected(wish, expected, name, old, new)

    def sets_as_expected(self, wish: Wish, expected: Forecast, name: str, old: Person, new: Person) -> None:
        """Whoever joins keeps all sets and has the right; whoever leaves loses what the task was told to take, and no more."""
        carrying = self.carrying_sets()
        if name in expected.joining:
            assert old.sets <= new.sets
            assert new.sets - old.sets <= {membership.PARTNER_SET, membership.ROLE_SETS.get(wish.role, membership.PARTNER_SET)}
            assert new.may_join or new.center != wish.center
            assert not old.may_join or new.sets - old.sets <= {membership.PARTNER_SET}
            return
        lost = old.sets - new.sets
        assert not lost or new.center != wish.center, "somebody who is still a member lost sets"
        assert lost <= (carrying if wish.remove_permission_sets else set())
        if wish.remove_permission_sets and new.center is None and name not in expected.unsure:
            assert not new.sets & carrying
        assert new.sets <= old.sets

    def carrying_sets(self) -> Collection[str]:
        """Sets that a member may have been given: with one of the rights that let a user join, and the one that comes by itself."""
        rows = self.org.find("PermissionSet", IsOwnedByProfile=False)
        return {
            membership.qualified(row)
            for row in rows
            if any(row.get(f"Permissions{flag}") for flag in membership.JOINING) or row["Name"] == membership.PARTNER_SET
        }


class Place(Bench):
    """A failing example is not buried under the journal of an org."""

    def __repr__(self) -> str:
        return self.served.name


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with bench(Path(tmp_path_factory.mktemp("machine")) / "run", package=False) as made:
        yield Place(made.fleet, made.served, made.folder)


def test_membership_converges_whatever_happens(place: Place) -> None:
    for run in [Random().randrange(10**9) for _unused in range(int(ASKED))] if ASKED else RUNS:
        run_state_machine_as_test(  # type: ignore[no-untyped-call]
            partial(Membership, place, run),
            settings=settings(
                max_examples=EXAMPLES_A_RUN,
                stateful_step_count=STEPS,
                deadline=None,
                derandomize=True,
                database=None,
                print_blob=False,
                phases=[Phase.explicit, Phase.generate, *([Phase.shrink] if "MEMBERSHIP_SHRINK" in os.environ else [])],
                suppress_health_check=list(HealthCheck),
            ),
        )
    assert set(Membership.met) >= MET or ASKED, f"no example came to: {sorted(MET - set(Membership.met))}"
