# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asking the org for centers and vendors: what the rows tell, when a definition is read, and what goes where it may not be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.voiceops.salesforce.plugins.module_utils import _center_reading, _centers
from ansible_collections.voiceops.salesforce.plugins.module_utils._centers import Center
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._org import Answers, Org
from emulator import seed
from emulator.faults import Fault, Status
from harness.direct import Bench


def asked(bench: Bench, **options: Any) -> tuple[Org, Answers]:
    org = bench.meet(**options)
    return org, org.read(_center_reading.reads())


def center(answers: Answers, name: str = "AcmeVoice") -> Center:
    return _centers.choose(name, _center_reading.centers(answers), "trying")


def only_vendor(bench: Bench, *names: str) -> None:
    """The org has these vendors and no other."""
    for row in bench.org.find("ConversationVendorInfo"):
        if row["DeveloperName"] not in names:
            bench.org.remove("ConversationVendorInfo", row["Id"])


def test_centers_and_vendors_are_two_queries_of_one_call(uat: Bench) -> None:
    _org, answers = asked(uat)
    assert uat.calls() == 1
    assert {one.internal_name for one in _center_reading.centers(answers)} == {"AcmeVoice", "AcmeAmazonVoice", "AcmeConnect", "AcmeOpenCti"}
    assert {one.name for one in _center_reading.vendors(answers) or ()} == {"acmevoice__AcmeVendor", "c__AMAZON_CONNECT", "c__Acme_Amazon"}


@pytest.mark.parametrize(
    ("vendors", "flavour", "vendor", "syncs"),
    [
        (["AcmeVendor", "Acme_Amazon"], "partner_telephony", "acmevoice__AcmeVendor", False),
        (["AMAZON_CONNECT", "Acme_Amazon"], "partner_telephony_amazon_connect", "c__AMAZON_CONNECT", False),
        (["AcmeVendor", "AMAZON_CONNECT"], "partner_telephony", None, False),
        # A center of Partner Telephony has a vendor: one that is not shown may sync.
        ([], "partner_telephony", None, None),
    ],
)
def test_a_lone_vendor_is_the_center_s(uat: Bench, vendors: list[str], flavour: str, vendor: str | None, syncs: bool | None) -> None:
    only_vendor(uat, *vendors)
    _org, answers = asked(uat)
    found = center(answers)
    assert (found.flavour, found.vendor.name if found.vendor else None, found.syncs_users) == (flavour, vendor, syncs)


@pytest.mark.parametrize("shown", ["reveals", "null", "other"])
@pytest.mark.parametrize(
    ("name", "flavour", "vendor"),
    [
        ("AcmeVoice", "partner_telephony", "acmevoice__AcmeVendor"),
        ("AcmeAmazonVoice", "partner_telephony_amazon_connect", "c__AMAZON_CONNECT"),
        ("AcmeOpenCti", "open_cti", None),
    ],
)
def test_the_definition_tells_kind_and_vendor_whatever_the_settings_show(
    make_bench: Callable[..., Bench], shown: str, name: str, flavour: str, vendor: str | None
) -> None:
    bench = make_bench(switches={"customsettings": shown})
    org, answers = asked(bench)
    found = _center_reading.defined(org, center(answers, name), answers)
    assert (found.flavour, found.vendor.name if found.vendor else None) == (flavour, vendor)
    assert "definition" in found.told_by
    assert bench.calls() == 2


@pytest.mark.parametrize(("named", "flavour"), [("named", "amazon_connect"), ("absent", "unknown")])
def test_a_resold_center_is_told_where_its_definition_names_the_vendor(make_bench: Callable[..., Bench], named: str, flavour: str) -> None:
    bench = make_bench(switches={"metadata_vendor_of_a_resold_center": named})
    org, answers = asked(bench)
    found = _center_reading.defined(org, center(answers, "AcmeConnect"), answers)
    assert (found.flavour, found.is_partner_telephony) == (flavour, False)


def test_ten_definitions_are_one_call(uat: Bench) -> None:
    org, answers = asked(uat)
    found = _center_reading.all_defined(org, _center_reading.centers(answers), answers)
    assert uat.calls() == 2
    assert [one.flavour for one in found] == ["partner_telephony", "partner_telephony_amazon_connect", "unknown", "open_cti"]
    assert _center_reading.all_defined(org, [], answers) == ()
    assert uat.calls() == 2


@pytest.mark.parametrize(("shown", "calls"), [("reveals", 1), ("null", 2), ("other", 2)])
def test_a_definition_is_read_only_where_the_kind_is_open(make_bench: Callable[..., Bench], shown: str, calls: int) -> None:
    bench = make_bench(switches={"customsettings": shown})
    org, answers = asked(bench)
    found = _center_reading.settled(org, center(answers), answers)
    assert (found.flavour, found.syncs_users, bench.calls()) == ("partner_telephony", False, calls)


@pytest.mark.parametrize(("name", "syncs"), [("AcmeVoice", True), ("AcmeAmazonVoice", False)])
def test_a_definition_is_read_where_some_vendors_sync_users_and_some_do_not(uat: Bench, name: str, syncs: bool) -> None:
    seed.vendor_syncs(uat.org, "AcmeVoice")
    org, answers = asked(uat)
    assert center(answers, name).syncs_users is None
    found = _center_reading.settled(org, center(answers, name), answers)
    assert (found.syncs_users, uat.calls()) == (syncs, 2)


def test_where_every_vendor_syncs_users_no_definition_is_needed(uat: Bench) -> None:
    seed.vendor_syncs(uat.org, "AcmeVoice")
    seed.vendor_syncs(uat.org, "AcmeAmazonVoice")
    org, answers = asked(uat)
    assert _center_reading.settled(org, center(answers), answers).syncs_users is True
    assert uat.calls() == 1


def test_where_vendors_are_not_shown_nothing_is_known_of_syncing_and_no_call_is_spent_on_it(uat: Bench) -> None:
    uat.served.client.approve(uat.info["users"]["kim"])
    org, answers = asked(uat, username=uat.info["users"]["kim"])
    assert _center_reading.vendors(answers) is None
    found = _center_reading.settled(org, center(answers), answers)
    assert (found.syncs_users, found.vendor, found.flavour) == (None, None, "partner_telephony")
    assert "does not show ConversationVendorInfo" in found.vendor_told_by


@pytest.mark.parametrize("shown", ["null", "other"])
def test_whoever_may_not_read_definitions_is_told_why_the_kind_is_open(make_bench: Callable[..., Bench], shown: str) -> None:
    bench = make_bench(switches={"customsettings": shown})
    limited = bench.info["users"]["contact_admin"]
    bench.served.client.approve(limited)
    org, answers = asked(bench, username=limited)
    found = _center_reading.settled(org, center(answers), answers)
    assert (found.flavour, found.vendor) == ("unknown", None)
    for told in (found.told_by, found.vendor_told_by):
        assert "INSUFFICIENT_ACCESS" in told
        assert "Modify Metadata" in told


def test_a_definition_that_is_not_there_is_no_error(uat: Bench) -> None:
    org, answers = asked(uat)
    gone = Center("04v1", "Gone", "Gone", "unknown", "because")
    assert _center_reading.defined(org, gone, answers).told_by == "because; the Metadata API does not show its definition"


def test_trouble_on_the_way_is_not_taken_for_a_refusal(uat: Bench) -> None:
    org, answers = asked(uat, retry_time=0)
    uat.served.faults.add(Fault(Status(503), times=20))
    with pytest.raises(Problem) as caught:
        _center_reading.defined(org, center(answers), answers)
    assert caught.value.code == "SERVER_UNAVAILABLE"
