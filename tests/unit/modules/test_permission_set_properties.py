# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for every permission set in every org: random wishes, random sets to begin with, random shapes of orgs, and every point that is open
about Salesforce decided at random. What sets grant is read off the org itself, not through the collection."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, event, given, note, settings
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils._dependencies import HIGH_RISK
from harness.any_set import (
    GRANTED,
    PERMISSIONS,
    SECTIONS,
    Shape,
    Triples,
    Wish,
    any_content,
    any_org,
    fill,
    granted,
    of_sections,
    put_set,
    wishes,
)
from harness.direct import Bench, bench

NAME, SOURCE, VENDOR = "Acme_Any_Set", "Vendor_Set", "NVMContactWorld"

# Not shrunk by default: an example costs a tenth of a second, and names its org by a number.
AT_RANDOM: dict[str, Any] = {
    "derandomize": True,
    "phases": [Phase.explicit, Phase.generate],
    "suppress_health_check": list(HealthCheck),
}
numbers = st.integers(0, 5_000)
exactly = st.one_of(st.just(list(SECTIONS)), st.lists(st.sampled_from(SECTIONS), unique=True, max_size=4))


class Place(Bench):
    """One place where any org is served, one after the other. A failing example is not buried under the journal of an org."""

    def __repr__(self) -> str:
        return self.served.name


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with bench(Path(tmp_path_factory.mktemp("any")) / "run", any_org(0)) as made:
        yield Place(made.fleet, made.served, made.folder)


def in_org(place: Place, number: int, *, at_random: bool = True) -> Shape:
    """The org of that number, served at the place; what it is made of."""
    org = any_org(number, at_random=at_random)
    place.served.become(lambda: org)
    place.new_run()
    return Shape.of(org)


def set_id(shape: Shape, name: str = NAME) -> str:
    return str(shape.org.find("PermissionSet", Name=name)[0]["Id"])


def converged(place: Place, **options: Any) -> dict[str, Any]:
    """The result of a task that foretold what it did, and does nothing when it is run again."""
    written = len(place.org.writes)
    foretold = place.task("permission_set", check=True, **options)
    assert len(place.org.writes) == written, "check mode wrote"
    place.new_run()
    done = place.task("permission_set", **options)
    note(f"{done.get('msg') or 'ok'} {done.get('errors')}")
    assert not done.get("failed"), done["msg"]
    assert done["changes"] == foretold["changes"], "check mode foretold something else"
    place.new_run()
    written = len(place.org.writes)
    again = place.task("permission_set", **options)
    assert (again.get("msg"), again["changed"], again["changes"]) == (None, False, [])
    assert len(place.org.writes) == written
    return done


def added_in(result: dict[str, Any]) -> Triples:
    return frozenset((item["section"], item["name"], right) for item in result["added_dependencies"] for right in item["rights"])


def staying(had: Triples, exact: Collection[str]) -> Triples:
    """The user permissions that nobody takes away: nobody takes away what they need, either."""
    return frozenset() if PERMISSIONS in exact else of_sections(had, [PERMISSIONS])


def wish_and_mode(data: st.DataObject, shape: Shape) -> tuple[Wish, str]:
    resolve = data.draw(st.sampled_from(("objects", "all")))
    wish = data.draw(wishes(shape, resolve=resolve))
    note(str(wish))
    return wish, resolve


@settings(max_examples=45, **AT_RANDOM)
@given(number=numbers, data=st.data())
def test_a_set_becomes_what_is_asked_and_exact_sections_hold_nothing_else(place: Place, number: int, data: st.DataObject) -> None:
    shape = in_org(place, number)
    before = data.draw(st.one_of(any_content(shape), any_content(shape), st.just(None)))
    if before is not None:
        put_set(shape, NAME, before)
    wish, resolve = wish_and_mode(data, shape)
    exact = data.draw(exactly)

    done = converged(place, name=NAME, resolve_dependencies=resolve, exact=exact, **wish.options)

    holds, had = granted(shape, set_id(shape)), before or frozenset()
    assert shape.least(wish.asked) <= holds, "something asked for is not there"
    assert of_sections(had, set(SECTIONS) - set(exact)) <= holds, "something was taken away where nobody asked for it"
    assert of_sections(holds, exact) <= shape.most(wish.asked | staying(had, exact)), "an exact section holds what nobody asked for"
    assert holds <= had | shape.most(wish.asked), "something came from nowhere"
    event("taken away" if had - holds else "only added")
    told = added_in(done)
    assert told <= shape.most(wish.asked) - wish.asked
    untold = holds - had - shape.least(wish.asked) - told
    assert all(name.startswith(("Task.", "Event.")) for _section, name, _right in untold), "something was added and not told"


@settings(max_examples=20, **AT_RANDOM)
@given(number=numbers, data=st.data())
def test_where_nothing_is_to_be_resolved_nothing_is_added_and_a_new_set_is_whole_or_not_there(
    place: Place, number: int, data: st.DataObject
) -> None:
    shape = in_org(place, number)
    wish = data.draw(wishes(shape))
    note(str(wish))
    done = place.task("permission_set", name=NAME, resolve_dependencies="none", **wish.options)
    event(str(done.get("error_code", "made")))
    if done.get("failed"):
        assert done["error_code"] in ("missing_right", "FIELD_INTEGRITY_EXCEPTION"), done["msg"]
        assert not shape.least(wish.asked) <= wish.asked or done["error_code"] != "missing_right"
        assert not shape.org.find("PermissionSet", Name=NAME)
        return
    holds = granted(shape, set_id(shape))
    twins = shape.with_twins(wish.asked)
    assert wish.asked <= holds <= twins, "something else is there than what was asked for"
    assert done["added_dependencies"] == []


@settings(max_examples=25, **AT_RANDOM)
@given(number=numbers, data=st.data())
def test_a_clone_holds_what_its_source_grants_and_follows_it_as_far_as_it_is_let(place: Place, number: int, data: st.DataObject) -> None:
    shape = in_org(place, number)
    source = data.draw(any_content(shape, risky=True))
    source_id = put_set(shape, SOURCE, source, VENDOR)
    wish = data.draw(st.one_of(st.just(Wish({}, frozenset())), wishes(shape, most=1)))
    exact = data.draw(exactly)
    note(f"{sorted(source)} {wish}")
    options = {"name": NAME, "clone_from": {"namespace": VENDOR, "name": SOURCE}, "exact": exact, **wish.options}

    done = converged(place, **options)
    first = granted(shape, set_id(shape))
    assert harmless(source) <= first
    assert first <= shape.most(harmless(source) | wish.asked)
    assert bool(done["not_cloned"]) == bool(risky(source) - wish.asked)

    later = data.draw(any_content(shape, risky=True))
    fill(shape, source_id, later)
    note(f"then {sorted(later)}")
    gained, lost = harmless(later) - first, (harmless(source) - later) - shape.most(wish.asked)
    how = data.draw(st.sampled_from(("report", "merge", "fail")))
    if how == "fail":
        stopped = place.task("permission_set", **options, on_source_change=how)
        assert (stopped.get("error_code") == "source_changed") is (source != later)
        assert granted(shape, set_id(shape)) == first
        return
    followed = converged(place, **options, on_source_change=how)
    after = granted(shape, set_id(shape))
    told = followed["source_changes"]
    assert told["changed"] is (source != later)
    event(f"{how}: {'nothing' if not (gained or lost) else 'told apart' if told['confirmed'] else 'not told apart'}")
    if how == "report" and source != later:
        assert after == first, "a change of the source was taken over, and was only to be reported"
        return
    assert harmless(later) <= after
    assert of_sections(first, set(SECTIONS) - set(exact)) <= after
    assert of_sections(after, exact) <= shape.most(harmless(later) | wish.asked | staying(first, exact))


def risky(triples: Triples) -> Triples:
    """What opens an org: no clone takes it over by itself."""
    return frozenset(item for item in triples if item[0] == PERMISSIONS and item[1] in HIGH_RISK)


def harmless(triples: Triples) -> Triples:
    """All the rest."""
    return triples - risky(triples)


@settings(max_examples=12, **AT_RANDOM)
@given(number=numbers, other=numbers, data=st.data())
def test_what_another_org_does_not_have_is_left_out_and_told(place: Place, number: int, other: int, data: st.DataObject) -> None:
    wish = data.draw(wishes(Shape.of(any_org(other))))
    note(str(wish))
    shape = in_org(place, number)

    done = place.task("permission_set", name=NAME, missing="skip", check=True, **wish.options)
    if done.get("failed"):
        # The org knows the thing, and it is of another kind here.
        assert done["error_code"] in ("read_only_field", "impossible_right", "high_risk"), done["msg"]
        return
    place.new_run()
    done = converged(place, name=NAME, missing="skip", **wish.options)
    holds = granted(shape, set_id(shape))
    left_out = {(item["section"], item["name"]) for item in done["left_out"]}
    passed_over = {item["name"] for item in done["passed_over"]}
    exact = {item for item in wish.asked if item[:2] in named(wish)}
    lacking = {item for item in exact - holds if item[1] not in passed_over}
    assert {item[:2] for item in lacking} <= left_out, "something is not there, and the result does not say so"
    assert not any(shape.knows((*item, GRANTED)) for item in left_out), "something was left out that the org has"


def named(wish: Wish) -> set[tuple[str, str]]:
    """What the wish names, selectors apart."""
    found = set()
    for section, lines in wish.options.items():
        for line in lines:
            text = line if isinstance(line, str) else next((line[word] for word in ("object", "field", "tab") if word in line), "")
            found.add((section, text))
    return found


@settings(max_examples=12, **AT_RANDOM)
@given(number=numbers, data=st.data())
def test_what_is_exported_converges_to_nothing_here_and_to_the_same_set_elsewhere(place: Place, number: int, data: st.DataObject) -> None:
    shape = in_org(place, number)
    # View All Data brings rows along that a set which was put there by hand does not have.
    content = data.draw(any_content(shape, risky=True).filter(lambda triples: (PERMISSIONS, "ViewAllData", GRANTED) not in triples))
    put_set(shape, NAME, content)
    note(str(sorted(content)))

    (told,) = place.task("permission_set_info", permission_sets=[NAME])["permission_sets"]
    held = granted(shape, set_id(shape))
    again = place.task("permission_set", **told["task"])
    assert (again.get("msg"), again["changes"]) == (None, [])

    elsewhere = in_org(place, number)
    done = place.task("permission_set", **told["task"])
    assert not done.get("failed"), done["msg"]
    assert granted(elsewhere, set_id(elsewhere)) == held


@settings(max_examples=15, **AT_RANDOM)
@given(number=numbers, data=st.data())
def test_a_set_in_use_goes_in_an_order_that_the_org_takes(place: Place, number: int, data: st.DataObject) -> None:
    shape = in_org(place, number)
    org, users = shape.org, shape.org.seed_info["user_ids"]
    made = put_set(shape, NAME, data.draw(any_content(shape)))
    holders = data.draw(st.lists(st.sampled_from(sorted(set(users) - {"limited", "platform", "inactive"})), unique=True, max_size=4))
    for role in holders:
        org.put("PermissionSetAssignment", AssigneeId=users[role], PermissionSetId=made, IsActive=True)
    in_group = data.draw(st.booleans())
    if in_group:
        org.put("PermissionSetGroupComponent", PermissionSetGroupId=org.seed_info["group_id"], PermissionSetId=made)
    needed = {
        *(["groups"] if in_group else []),
        *(["users"] if set(holders) - {"automation"} else []),
        *(["running_user"] if "automation" in holders else []),
    }
    allowed = data.draw(st.sets(st.sampled_from(("users", "groups", "running_user"))))

    done = place.task("permission_set", name=NAME, state="absent", take_from=sorted(allowed))
    if not needed <= allowed:
        assert done["error_code"] in ("assigned", "in_group", "own_set")
        assert granted(shape, made) == granted(shape, set_id(shape))
        return
    assert not done.get("failed"), done["msg"]
    assert not org.find("PermissionSet", Name=NAME)
    kinds = [change["kind"] for change in done["changes"]]
    assert kinds == [*(["permission_set_group_component"] * in_group), *(["permission_set_assignment"] * len(holders)), "permission_set"]
    assert place.task("permission_set", name=NAME, state="absent")["changes"] == []
