# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The org of the contract tests: emulated, with --live a real one.

pytest tests/contract                             the emulator
pytest tests/contract --live -n 0                 the org that SALESFORCE_* names (see docs/evidence.md)
pytest tests/contract --switches name=setting     the emulator with another setting; more with commas; `random:7` draws all from seed 7
pytest tests/contract --break RULE                a control: the emulator with one of its rules broken (conformance/broken.py)
pytest tests/contract --stub                      a control: a server that answers everything with an empty success
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import requests

from conformance.broken import broken
from conformance.stub import stub
from contract import live
from contract.door import Check, Org
from emulator import seed
from emulator.evidence import import_everything
from emulator.fleet import Fleet
from emulator.org import Org as State
from emulator.rules.registry import switches, unknown_broken_rules
from tooling import workspace

VERSION = "66.0"
import_everything()  # so that every switch can be set and every rule broken by name
GOLDEN = workspace.ROOT.parent / "shared" / "golden" / "opensdks-oas"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract")
    group.addoption("--live", action="store_true", help="run the contract tests against the org that SALESFORCE_* names")
    group.addoption("--live-production", action="store_true", help="the first of two words that allow a production org")
    group.addoption("--switches", default="", help="settings of the emulator's switches: name=setting,... or random:SEED")
    group.addoption("--break", default="", dest="broken", help="a control: these behaviours of the emulator are broken (names with commas)")
    group.addoption("--stub", action="store_true", help="run them against a stub that answers everything with an empty success")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "evidence(*rows): the rows of docs/evidence.md that this test checks")


def option(config: pytest.Config, name: str) -> Any:
    """An option, or nothing where this folder was not named on the command line and its options were therefore not read."""
    return config.getoption(name, default="")


def openapi_check() -> Check | None:
    """Checks each answer against the recorded OpenAPI document, where that is at hand."""
    if not GOLDEN.is_dir():
        return None
    try:
        from conformance import openapi
    except ImportError:
        return None
    found: Check = openapi.problems
    return found


def drawn(text: str) -> dict[str, str]:
    """The settings of switches that the option asks for."""
    if text.startswith("random:"):
        dice = random.Random(text)
        return {name: dice.choice(switch.settings) for name, switch in sorted(switches().items())}
    return dict(item.split("=", 1) for item in text.split(",") if item)


@contextmanager
def emulated(settings: dict[str, str], check: Check | None) -> Iterator[Org]:
    assert unknown_broken_rules() == set()
    features = seed.DEFAULT_FEATURES | {"user_access_policies"}
    state = seed.vonage("acme-contract", sandbox=True, features=features, switches=settings)
    other = seed.vonage("acme-other", sandbox=True)
    with Fleet([state, other]) as fleet, requests.Session() as session:
        served = fleet[state.name]
        session.trust_env = False
        session.verify = str(fleet.ca_path)
        session.headers["Authorization"] = f"Bearer {served.token(str(state.seed_info['admin_username']))}"
        org = Org(served.url, session, VERSION, is_live=False, check=check)
        org.person_name = str(state.seed_info["users"]["without_set"])
        org.limited_token = served.token(str(state.seed_info["limited_username"]))
        org.reader_token = served.token(str(state.seed_info["users"]["agent"]))
        org.state = state
        org.foreign_token = fleet[other.name].token(str(other.seed_info["admin_username"]))
        yield org


@contextmanager
def stubbed() -> Iterator[Org]:
    with stub() as url, requests.Session() as session:
        session.trust_env = False
        org = Org(url, session, VERSION, is_live=False)
        org.is_stub = True
        org.person_name = "somebody@acme.example"
        yield org


@pytest.fixture(scope="session")
def door(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    """The one org of the run."""
    if option(pytestconfig, "--live"):
        given = os.environ | workspace.own_org
        try:
            yield live.enter(
                given, tmp_path_factory.mktemp("live"), openapi_check(), production=bool(option(pytestconfig, "--live-production"))
            )
        except live.Refused as refused:
            pytest.exit(str(refused), returncode=4)
        return
    if option(pytestconfig, "--stub"):
        with stubbed() as org:
            yield org
        return
    names = [name for name in str(option(pytestconfig, "broken")).split(",") if name]
    with ExitStack() as stack:
        try:
            stack.enter_context(broken(names))
        except (AttributeError, ValueError) as unknown:
            pytest.exit(f"--break {names}: {unknown}", returncode=4)
        org = stack.enter_context(emulated(drawn(str(option(pytestconfig, "--switches"))), openapi_check()))
        yield org


@pytest.fixture
def org(door: Org) -> Iterator[Org]:
    """The org; what the test makes in it is taken away afterwards, and each answer was one that the OpenAPI document allows."""
    door.wrong.clear()
    yield door
    if door.is_stub:
        return
    left = door.clean()
    assert left == []
    assert door.wrong == []


@pytest.fixture
def limited(org: Org) -> Iterator[Org]:
    """The same org for a user who may call the API and nothing else. Skips where a real org's is not named."""
    if org.limited_token is None:
        pytest.skip(f"{live.LIMITED} holds no token of a user without rights")
    with seen_by(org, org.limited_token) as seen:
        yield seen


@pytest.fixture
def reader(org: Org) -> Iterator[Org]:
    """The same org for a user who may look at Setup and change nothing in it. Skips where a real org's is not named."""
    if org.reader_token is None:
        pytest.skip(f"{live.READER} holds no token of a user who may only look")
    with seen_by(org, org.reader_token) as seen:
        yield seen


@contextmanager
def seen_by(org: Org, token: str) -> Iterator[Org]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = org.session.verify
        session.headers["Authorization"] = f"Bearer {token}"
        seen = Org(org.base_url, session, org.version, is_live=org.is_live)
        try:
            yield seen
        finally:
            org.made += seen.made


@pytest.fixture
def state(org: Org) -> State:
    """The emulator's own view of the org, for what only an emulated org can be made to do."""
    if org.state is None:
        pytest.skip("only an emulated org can be prepared for this")
    return org.state
