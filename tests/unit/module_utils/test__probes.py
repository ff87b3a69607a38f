# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from ansible_collections.voiceops.salesforce.plugins.module_utils import _probes
from ansible_collections.voiceops.salesforce.plugins.module_utils._connection import connection
from ansible_collections.voiceops.salesforce.plugins.module_utils._preflight_checks import Network
from ansible_collections.voiceops.salesforce.plugins.module_utils._session import HttpSession
from emulator.clock import clock_of
from emulator.faults import Fault, Status
from harness.direct import Bench

# The boundary keeps this off the terminal (_module.outcome).
unverified = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")


def probed(uat: Bench, environment: Mapping[str, str] | None = None, **options: Any) -> Network:
    settings = connection(uat.connection() | options)
    http = HttpSession(settings, environment or {}, uat.folder)
    return _probes.network(settings, http, environment or {}, time.time)


def test_the_machine_is_told_as_it_is() -> None:
    machine = _probes.machine()
    assert machine.python.count(".") == 2
    assert set(machine.versions) == set(_probes.LIBRARIES)
    assert all(machine.versions.values())


def test_a_library_that_is_not_there_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_probes, "LIBRARIES", ("no-such-library",))
    assert _probes.machine().versions == {"no-such-library": ""}


def test_a_host_is_asked_once_and_without_a_session(uat: Bench) -> None:
    told = probed(uat)
    (entry,) = uat.entries()
    assert (entry.path, entry.calls, entry.user) == ("/services/data", 0, None)
    assert told.problem is None
    assert (told.status, told.skew) == (200, 0)
    assert told.versions is not None
    assert told.versions == tuple(sorted(told.versions, key=float))
    assert told.certificate is not None
    assert told.certificate.days_left > 0


@unverified
def test_of_a_host_that_is_not_trusted_the_certificate_and_the_clock_are_told_and_nothing_else(uat: Bench) -> None:
    """A clock that is wrong makes a good certificate look expired."""
    clock_of(uat.org).offset = timedelta(hours=-2)
    told = probed(uat, ca_path=None)
    assert told.problem is not None
    assert told.problem.code == "untrusted_certificate"
    assert told.certificate is not None
    assert "trustme" in told.certificate.issuer
    assert (told.versions, told.status) == (None, None)
    assert told.skew is not None
    assert abs(told.skew - 7200) <= 2


@pytest.mark.parametrize(("offset", "ahead"), [(300, False), (-300, True)])
def test_how_far_the_clocks_differ_is_told_with_its_direction(uat: Bench, offset: int, ahead: bool) -> None:
    clock_of(uat.org).offset = timedelta(seconds=offset)
    skew = probed(uat).skew
    assert skew is not None
    assert abs(abs(skew) - 300) <= 2
    assert (skew > 0) is ahead


@pytest.mark.parametrize("body", ["<html>", '{"versions": []}', '[{"label": "x"}]', "[1]"])
def test_an_answer_that_is_no_list_of_versions_is_none(uat: Bench, body: str) -> None:
    uat.served.faults.add(Fault(Status(200, body=body), match_path="/services/data$", times=None))
    assert probed(uat).versions is None


PROXIES = {
    "the option": ({}, {"proxy": "http://kim:s3cret@proxy.invalid:3128"}, "proxy.invalid:3128 (with a user name)", "the option proxy"),
    "the environment": ({"HTTPS_PROXY": "http://proxy.invalid:8080"}, {}, "proxy.invalid:8080", "the environment variable HTTPS_PROXY"),
    "the environment in small letters": (
        {"HTTPS_PROXY": "http://other:1", "https_proxy": "http://proxy.invalid"},
        {},
        "proxy.invalid:80",
        "the environment variable https_proxy",
    ),
    "every protocol's": ({"ALL_PROXY": "http://proxy.invalid:1"}, {}, "proxy.invalid:1", "the environment variable ALL_PROXY"),
    "a port that is no number": (
        {"HTTPS_PROXY": "http://kim:s3cret@proxy:abc"},
        {},
        "proxy:abc (with a user name)",
        "the environment variable HTTPS_PROXY",
    ),
    "none for this host": ({"HTTPS_PROXY": "http://proxy.invalid:1", "no_proxy": "127.0.0.1"}, {}, "", ""),
}


@pytest.mark.parametrize(("environment", "options", "via", "told_by"), PROXIES.values(), ids=PROXIES.keys())
def test_which_proxy_is_in_force_is_told_and_never_its_password(
    uat: Bench, environment: dict[str, str], options: dict[str, Any], via: str, told_by: str
) -> None:
    told = probed(uat, environment, **options)
    assert (told.via, told.told_by) == (via, told_by)
    assert "s3cret" not in repr(told)
    assert bool(told.unresolved) is bool(via)


@unverified
def test_which_certificate_authorities_are_in_force_is_told(uat: Bench) -> None:
    path = uat.connection()["ca_path"]
    assert probed(uat).ca == f"{path}, from the option ca_path"
    assert probed(uat, {"CURL_CA_BUNDLE": path}, ca_path=None).ca == f"{path}, from the environment variable CURL_CA_BUNDLE"
    assert "ca_path is not set" in probed(uat, ca_path=None).ca
