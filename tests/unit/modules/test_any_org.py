# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An org that nobody has seen: every open point decided at random, pages of any size. Whatever such an org does, no result lies about it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, event, given, note, settings
from hypothesis import strategies as st

from emulator import seed
from emulator.evidence import import_everything
from emulator.rules.registry import switches
from harness.cases import CASES, Case
from harness.direct import VONAGE_CLONE, Bench, bench

import_everything()  # every switch, whichever module it is in

FEATURES = seed.DEFAULT_FEATURES | {"user_access_policies"}
ROLES = (
    "agent",
    "contact_admin",
    "via_group",
    "via_clone",
    "expired",
    "revoked",
    "inactive",
    "without_set",
    "without_service",
    "other_center",
    "member",
)

orgs = st.fixed_dictionaries({name: st.sampled_from(switch.settings) for name, switch in sorted(switches().items())})
pages = st.sampled_from((1, 3, 50, 2000))
some = st.lists(st.sampled_from(ROLES), min_size=1, max_size=5, unique=True)


def memberships(org: Bench) -> dict[str, bool]:
    """Username -> whether the user is in the Partner Telephony center, as the org has it."""
    center = org.info["center_ids"]["partner_telephony"]
    return {str(row["Username"]): row["CallCenterId"] == center for row in org.org.find("User")}


def holders(org: Bench, name: str) -> dict[str, bool]:
    """Username -> whether an assignment of that set grants it now."""
    sets = org.org.find("PermissionSet", Name=name)
    rows = org.org.find("PermissionSetAssignment", PermissionSetId=sets[0]["Id"]) if sets else []
    granted = {row["AssigneeId"] for row in rows if org.org.is_granted(row)}
    return {str(row["Username"]): row["Id"] in granted for row in org.org.find("User")}


def keys(changes: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(change["kind"], change["key"]) for change in changes}


def honest(org: Bench, what: str, run: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """Foretold, run, and foretold again: the three agree with each other and with what was written. Returns what the run said."""
    records = len(org.org.writes)
    foretold = run(check=True)
    assert len(org.org.writes) == records, "check mode wrote"
    org.new_run()
    done = run()
    event(f"{what} {'fails' if done.get('failed') else 'ends right'}")
    note(f"{what}: {done.get('msg') or 'ok'} {done.get('errors')}")
    org.new_run()
    left = run(check=True)
    if done.get("failed"):
        assert done["msg"]
        assert all(error["code"] and error["remedy"] for error in done.get("errors", ()))
        if not foretold.get("failed"):
            assert keys(done.get("changes", [])) <= keys(foretold["changes"])
            assert done.get("errors") or done.get("error_class"), "a failure without a reason"
        return done
    assert done["changes"] == foretold["changes"]
    assert not left["changed"], "it said it was done, and there is more to do"
    return done


def task(org: Bench, module: str, **options: Any) -> dict[str, Any]:
    return honest(org, module, partial(org.task, module, **options))


@contextmanager
def any_org(decided: dict[str, str], page: int) -> Iterator[Bench]:
    with tempfile.TemporaryDirectory() as folder, bench(Path(folder) / "run", features=FEATURES, switches=decided) as org:
        org.org.settings.page_size = page
        yield org


# Not shrunk: an org that does strange things is told by its switches, and a smaller one takes minutes to find.
AT_RANDOM: dict[str, Any] = {
    "derandomize": True,
    "phases": [Phase.explicit, Phase.generate],
    "suppress_health_check": [HealthCheck.too_slow],
}


@settings(max_examples=20, **AT_RANDOM)
@given(decided=orgs, page=pages, chosen=some, state=st.sampled_from(("present", "absent")))
def test_no_result_lies_whatever_the_org_does(decided: dict[str, str], page: int, chosen: list[str], state: str) -> None:
    with any_org(decided, page) as org:
        users = [org.info["users"][role] for role in chosen if role in org.info["users"]]
        task(org, "permission_set", **VONAGE_CLONE)

        wanted = task(org, "permission_set_assignment", permission_set=VONAGE_CLONE["name"], users=users, state=state, on_ineligible="skip")
        if not wanted.get("failed"):
            held = holders(org, str(VONAGE_CLONE["name"]))
            left_out = {one["user"] for one in wanted.get("left_out", ())}
            assert all(held[user] is (state == "present") for user in users if user not in left_out)

        before = memberships(org)
        joined = task(
            org,
            "contact_center_member",
            contact_center="AcmeVoice",
            users=users,
            state=state,
            flavour="partner_telephony",
            on_ineligible="skip",
        )
        after = memberships(org)
        moved = {user for user, member in after.items() if member is not before[user]}
        said = {key.split("/", 1)[1] for kind, key in keys(joined.get("changes", [])) if kind == "contact_center_member"}
        if decided["callcenter_patch"] == "late" and joined.get("failed"):
            assert said <= moved  # what the task no longer saw arrived after it
        else:
            assert moved == said, "what the task said it changed is not what changed"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_task_of_any_kind_lies_whatever_the_org_does(case: Case) -> None:
    asserted = {"flavour": "partner_telephony"} if case.module == "contact_center_member" else {}

    @settings(max_examples=3, **AT_RANDOM)
    @given(decided=orgs, page=pages)
    def try_out(decided: dict[str, str], page: int) -> None:
        with any_org(decided, page) as org:
            case.prepare(org.org)
            honest(org, case.name, partial(case.run, org, **asserted))

    try_out()
