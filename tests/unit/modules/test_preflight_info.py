# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""preflight_info: each thing that is wrong shows in its own row, what needs it is skipped, and nothing secret shows anywhere."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import LOGIN_REMEDIES
from ansible_collections.voiceops.salesforce.plugins.module_utils._needed_rights import NEEDS, label, required
from emulator import seed
from emulator.clock import clock_of
from emulator.faults import DropBefore, Fault, HtmlPage, LoginError, RequestLimit
from harness.cases import assign, put_set
from harness.direct import Bench
from harness.switch_probes import with_package_right

AGENT = "agent@acme.example.uat"
PACKAGE = "NVMContactWorld"
PSL = "ServiceCloudVoiceExternalTelephonyPsl"
ASKED: Mapping[str, Any] = {
    "packages": [PACKAGE],
    "users": [AGENT],
    "permission_set_licenses": [PSL],
    "contact_center": "AcmeVoice",
    "retry_time": 0,
}
BEFORE_LOGIN = ("python", "ansible-core", "libraries", "proxy", "ca", "dns", "connection", "tls", "clock")


@pytest.fixture
def well(make_bench: Callable[..., Bench]) -> Bench:
    """An org in which nothing is to be said: no User Access Policies, and a running user with every right."""
    bench = make_bench(features=seed.DEFAULT_FEATURES)
    assign(bench.org, "automation", bench.info["set_ids"]["voice_admin"])
    return bench


def look(bench: Bench, **options: Any) -> dict[str, Any]:
    return bench.task("preflight_info", **{**ASKED, **options})


def rows(result: Mapping[str, Any]) -> dict[str, Mapping[str, str]]:
    return {row["check"]: row for row in result["checks"]}


def states(result: Mapping[str, Any]) -> dict[str, str]:
    return {row["check"]: row["state"] for row in result["checks"]}


def troubled(result: Mapping[str, Any]) -> dict[str, str]:
    """The rows that are neither well nor skipped."""
    return {check: state for check, state in states(result).items() if state not in ("ok", "skipped")}


# -- all is well ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check", [False, True], ids=["run", "check mode"])
def test_where_all_is_well_every_row_says_so_and_nothing_is_written(well: Bench, check: bool) -> None:
    result = look(well, check=check)
    assert result.get("msg") is None
    assert {name: state for name, state in states(result).items() if state != "ok"} == {"user_access_policies": "skipped"}
    assert result["summary"] == {"ok": len(result["checks"]) - 1, "warning": 0, "error": 0, "skipped": 1}
    assert (result["changed"], well.org.writes) == (False, [])
    assert {entry.kind for entry in well.entries()} == {"login", "read"}


def test_every_row_has_a_name_of_its_own_and_one_line_of_words(well: Bench) -> None:
    told = look(well, users=[AGENT, "nobody@acme.example", "frozen@acme.example.uat"], packages=[PACKAGE, "Other"])["checks"]
    assert len({row["check"] for row in told}) == len(told)
    assert [row for row in told if set(row) != {"check", "state", "found", "remedy"} or not row["found"] or "\n" in row["found"]] == []
    assert [row for row in told if row["state"] == "error" and not row["remedy"]] == []


def test_it_costs_four_calls_after_the_login_and_one_more_where_a_user_is_not_found_at_once(well: Bench) -> None:
    assert look(well)["api"]["calls"] == well.calls() == 5
    well.new_run()
    assert look(well, users=["nobody@acme.example"])["api"]["calls"] == well.calls() == 6
    well.new_run()
    assert look(well, needs=["api_user"])["api"]["calls"] == well.calls() == 4


def test_only_what_is_asked_for_is_looked_at(well: Bench) -> None:
    told = states(well.task("preflight_info", needs=["contact_center"]))
    assert "right:ManagePackageLicenses" not in told
    assert "user_license:Salesforce" not in told
    assert {"contact_center", "right:CustomizeApplication"} <= set(told)
    other = states(well.task("preflight_info", needs=["api_user"]))
    assert "contact_center" not in other
    assert "right:IsContactCenterAdminBYOT" not in other


def test_the_way_is_told(well: Bench) -> None:
    told = rows(look(well))
    port = well.served.url.rsplit(":", 1)[-1]
    assert told["dns"]["found"] == f"127.0.0.1:{port}: 127.0.0.1"
    assert "trustme" in told["tls"]["found"]
    assert "the option ca_path" in told["ca"]["found"]
    assert told["api_version"]["found"].startswith("66.0;")
    assert well.info["admin_username"] in told["login"]["found"]
    assert told["org"]["found"] == "Acme, sandbox, Enterprise Edition, CS999"


# -- the way to the org --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """Something wrong on the way. stops: the row that it shows in; words: what that row says."""

    stops: str
    words: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    fault: Fault | None = None
    skew: int = 0


WAYS: Mapping[str, Way] = {
    "a host that nobody knows": Way("dns", ("nowhere.invalid",), {"login_url": "https://nowhere.invalid"}),
    "a closed port": Way("connection", ("127.0.0.1:1",), {"login_url": "https://127.0.0.1:1"}),
    "a proxy that is not there": Way("connection", (), {"proxy": "http://127.0.0.1:1"}),
    "a proxy that nobody knows": Way("dns", ("proxy.invalid:3128",), {"proxy": "http://kim:s3cret@proxy.invalid:3128"}),
    "a connection that ends": Way("connection", ("no answer",), fault=Fault(DropBefore(), match_path="/services/data$", times=None)),
    "a clock that is far behind": Way("clock", ("s behind",), skew=600),
    "a clock that is far ahead": Way("clock", ("s ahead",), skew=-600),
    "an API version that is not offered": Way("api_version", ("99.0", "67.0"), {"api_version": "99.0"}),
    "a maintenance page": Way("api_version", ("HTTP 503",), fault=Fault(HtmlPage(), match_path="/services/data$", times=None)),
    "a key that is none": Way("login", ("RSA private key",), {"private_key": "no key"}),
    "an option that is missing": Way("login", ("client_id",), {"client_id": ""}),
    "an org that another host means": Way("expected_org_id", ("00D000000000009",), {"expected_org_id": "00D000000000009AAA"}),
    "API calls used up": Way("reading", ("REQUEST_LIMIT_EXCEEDED",), fault=Fault(RequestLimit(), match_path="/composite", times=None)),
    "an org that falls silent": Way("reading", ("no answer",), fault=Fault(DropBefore(), match_path="/composite", times=None)),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_what_is_wrong_on_the_way_is_one_row_and_all_beyond_is_skipped(well: Bench, way: Way) -> None:
    clock_of(well.org).offset = timedelta(seconds=way.skew)
    if way.fault:
        well.served.faults.add(way.fault)
    result = look(well, **way.options)
    assert result.get("msg") is None, "no trouble on the way fails the task"
    assert troubled(result) == {way.stops: "error"}
    told = rows(result)[way.stops]
    assert [word for word in way.words if word not in told["found"]] == []
    assert told["remedy"]
    names = [row["check"] for row in result["checks"]]
    beyond = [row for row in result["checks"][names.index(way.stops) + 1 :] if row["check"] not in BEFORE_LOGIN]
    assert beyond
    assert {row["state"] for row in beyond} == {"skipped"}
    assert {row["found"] for row in beyond} == {f"not looked at, since {way.stops} failed"}
    assert "s3cret" not in json.dumps(result)


def test_a_login_is_not_tried_where_the_way_is_closed(well: Bench) -> None:
    clock_of(well.org).offset = timedelta(seconds=600)
    look(well)
    assert [entry.path for entry in well.entries()] == ["/services/data"]


def test_a_clock_that_is_a_little_wrong_is_a_warning(well: Bench) -> None:
    clock_of(well.org).offset = timedelta(seconds=90)
    result = look(well)
    assert troubled(result) == {"clock": "warning"}
    assert "behind" in rows(result)["clock"]["found"]


def test_a_wrong_clock_does_not_stop_a_login_that_needs_none(well: Bench) -> None:
    clock_of(well.org).offset = timedelta(seconds=600)
    unset = dict.fromkeys(("private_key_file", "username", "client_id"))
    token = {"access_token": well.served.token(well.info["admin_username"]), "instance_url": well.served.url}
    assert troubled(look(well, **unset, **token)) == {"clock": "warning"}


def test_a_certificate_that_is_not_trusted_is_shown(well: Bench, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    trustme.CA(organization_name="Somebody Else").cert_pem.write_to_path(str(other))
    result = look(well, ca_path=str(other))
    assert troubled(result) == {"tls": "error"}
    told = rows(result)["tls"]
    assert "issued by" in told["found"]
    assert "Somebody Else" not in told["found"]
    assert "ca_path" in told["remedy"]
    assert str(other) in told["remedy"]


@pytest.fixture
def plain() -> Iterator[int]:
    """A port that speaks, and not TLS."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            try:
                while True:
                    talking, _unused = listening.accept()
                    with talking:
                        talking.recv(1024)
                        talking.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            except OSError:
                return

        threading.Thread(target=answer, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


def test_a_host_that_speaks_no_tls_is_told(well: Bench, plain: int) -> None:
    result = look(well, login_url=f"https://127.0.0.1:{plain}")
    assert troubled(result) == {"tls": "error"}


@pytest.mark.parametrize(("error", "words", "remedy"), LOGIN_REMEDIES, ids=lambda value: str(value)[:24])
def test_a_refused_login_is_a_row_with_the_orgs_words_and_what_to_do(well: Bench, error: str, words: str, remedy: str) -> None:
    well.served.faults.add(Fault(LoginError(error, f"{words} so it is".strip()), match_path="/services/oauth2/token", times=None))
    result = look(well)
    assert troubled(result) == {"login": "error"}
    told = rows(result)["login"]
    assert told["found"] == f"{error}: {f'{words} so it is'.strip()}."
    assert told["remedy"] == remedy


# -- in the org ----------------------------------------------------------------------------------------------------------------------


def user_id(bench: Bench, role: str) -> str:
    return str(bench.info["user_ids"][role])


def freeze(bench: Bench, role: str) -> None:
    (row,) = bench.org.find("UserLogin", UserId=user_id(bench, role))
    bench.org.set("UserLogin", row["Id"], IsFrozen=True)


def package_row(bench: Bench, **values: Any) -> None:
    (row,) = bench.org.find("PackageLicense", NamespacePrefix=PACKAGE)
    bench.org.set("PackageLicense", row["Id"], **values)


def psl_row(bench: Bench, **values: Any) -> None:
    (row,) = bench.org.find("PermissionSetLicense", DeveloperName=PSL)
    bench.org.set("PermissionSetLicense", row["Id"], **values)


def no_user_licence(bench: Bench) -> None:
    (row,) = bench.org.find("UserLicense", Name="Salesforce")
    bench.org.set("UserLicense", row["Id"], TotalLicenses=row["UsedLicenses"])


def take_from_admin(bench: Bench) -> None:
    for row in bench.org.find("PermissionSetAssignment", PermissionSetId=bench.info["set_ids"]["voice_admin"]):
        bench.org.set("PermissionSetAssignment", row["Id"], IsActive=False)


@dataclass(frozen=True)
class Wrong:
    """Something wrong in the org, and the one row that says so."""

    check: str
    state: str
    words: tuple[str, ...]
    prepare: Callable[[Bench], object] = bool
    options: Mapping[str, Any] = field(default_factory=dict)


WRONG: Mapping[str, Wrong] = {
    "a package that is not there": Wrong("package:NVMStats", "error", ("not installed",), options={"packages": ["NVMStats"]}),
    "an expired package licence": Wrong(
        f"package_license:{PACKAGE}", "error", ("expired",), lambda bench: package_row(bench, Status="Expired")
    ),
    "no seat of the package left": Wrong(
        f"package_license:{PACKAGE}", "warning", ("none is free",), lambda bench: package_row(bench, AllowedLicenses=1)
    ),
    "no seat of the package for a user that a run makes": Wrong(
        f"package_license:{PACKAGE}",
        "error",
        ("need 1 more",),
        lambda bench: package_row(bench, AllowedLicenses=1),
        options={"new_users": ["vonage.new@acme.example.uat"]},
    ),
    "a permission set licence that is not there": Wrong(
        "permission_set_license:AcmePsl", "error", ("does not have it",), options={"permission_set_licenses": ["AcmePsl"]}
    ),
    "a disabled permission set licence": Wrong(
        f"permission_set_license:{PSL}", "error", ("Disabled",), lambda bench: psl_row(bench, Status="Disabled")
    ),
    "no seat of a permission set licence left": Wrong(
        f"permission_set_license:{PSL}", "warning", ("none is free",), lambda bench: psl_row(bench, TotalLicenses=1)
    ),
    "no user licence left": Wrong("user_license:Salesforce", "warning", ("none is free",), no_user_licence),
    "a user who is not there": Wrong("user:nobody@acme.example", "error", ("no such user",), options={"users": ["nobody@acme.example"]}),
    "a user of whom there are two": Wrong(
        "user:employee_number E2000", "error", ("kim@acme.example.uat",), options={"users": [{"employee_number": "E2000"}]}
    ),
    "an inactive user": Wrong("user:inactive@acme.example.uat", "error", ("inactive",), options={"users": ["inactive@acme.example.uat"]}),
    "a frozen user": Wrong(f"user:{AGENT}", "error", ("frozen",), lambda bench: freeze(bench, "agent")),
    "a center that is not there": Wrong("contact_center", "error", ("AcmeVoice",), options={"contact_center": "AcmeVois"}),
    "few API calls left": Wrong("api_headroom", "error", ("less than 10 %",), lambda bench: bench.served.journal.charge(95_000)),
    "no rights in Setup's pages": Wrong("right:IsContactCenterAdminBYOT", "warning", ("lacking",), take_from_admin),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_in_the_org_is_one_row_and_the_others_stay_well(well: Bench, wrong: Wrong) -> None:
    wrong.prepare(well)
    result = look(well, **wrong.options)
    assert result.get("msg") is None
    assert troubled(result) == {wrong.check: wrong.state}
    told = rows(result)[wrong.check]
    assert [word for word in wrong.words if word not in told["found"]] == []
    assert told["remedy"]
    assert {check for check, state in states(result).items() if state == "skipped"} <= {"user_access_policies", "package_license:NVMStats"}


def test_a_user_whom_the_run_makes_may_be_missing_and_is_judged_where_it_is_there(well: Bench) -> None:
    result = look(well, new_users=["nobody@acme.example", "frozen@acme.example.uat"])
    assert troubled(result) == {"user:frozen@acme.example.uat": "error"}
    assert "a run makes it" in rows(result)["user:nobody@acme.example"]["found"]
    assert troubled(look(well, users=["nobody@acme.example"], new_users=[AGENT])) == {"user:nobody@acme.example": "error"}
    assert troubled(look(well, new_users=[{"employee_number": "E2000"}])) == {"user:employee_number E2000": "error"}


def test_in_a_sandbox_whose_name_is_not_known_a_missing_user_s_remedy_says_what_to_set(well: Bench) -> None:
    told = rows(look(well, users=["agent@acme.example"]))["user:agent@acme.example"]
    assert (AGENT in told["found"], "salesforce_sandbox_name" in told["remedy"]) == (True, True)
    assert rows(look(well, users=["agent@acme.example"], sandbox_name="uat"))["user:agent@acme.example"]["state"] == "ok"


def test_a_running_user_that_was_frozen_after_its_login_is_told(well: Bench) -> None:
    look(well)
    freeze(well, "automation")
    assert troubled(look(well)) == {"running_user": "warning"}


def test_a_site_licence_needs_no_seats(well: Bench) -> None:
    package_row(well, AllowedLicenses=-1)
    assert "site licence" in rows(look(well))[f"package_license:{PACKAGE}"]["found"]
    assert troubled(look(well)) == {}


def test_seats_are_counted_by_rows_and_not_by_the_figure_that_lags(well: Bench) -> None:
    before = rows(look(well))[f"package_license:{PACKAGE}"]["found"]
    package_row(well, UsedLicenses=0)
    assert rows(look(well))[f"package_license:{PACKAGE}"]["found"] == before
    assert not before.startswith("0 ")


def test_active_policies_are_named(uat: Bench) -> None:
    result = look(uat)
    assert rows(result)["user_access_policies"]["state"] == "warning"
    assert "Acme Agents" in rows(result)["user_access_policies"]["found"]
    for policy_id in uat.info["policies"].values():
        uat.org.set("UserAccessPolicy", policy_id, Status="Inactive")
    assert rows(look(uat))["user_access_policies"]["state"] == "ok"


def test_a_production_org_that_is_not_to_be_written_is_a_warning(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(name="acme-production", sandbox=False, features=seed.DEFAULT_FEATURES)
    asked = {"users": [], "needs": ["api_user"]}
    assert troubled(look(bench, **asked, allow_production=False)) == {"allow_production": "warning"}
    assert troubled(look(bench, **asked)) == {}


def test_an_org_id_that_is_not_expected_of_anybody_is_told(well: Bench) -> None:
    told = rows(look(well, expected_org_id=None))["expected_org_id"]
    assert (told["state"], well.org.id in told["remedy"]) == ("skipped", True)


# -- rights --------------------------------------------------------------------------------------------------------------------------


def holding(bench: Bench, *rights: str) -> str:
    """A user of the smallest profile with exactly these rights."""
    assign(bench.org, "minimum", put_set(bench.org, "Acme_Rights", **{f"Permissions{name}": True for name in rights}))
    bench.served.client.approve(bench.info["users"]["minimum"])
    return str(bench.info["users"]["minimum"])


LEAST = tuple(need.rights[0] for need in required())


@pytest.fixture
def wide(make_bench: Callable[..., Bench]) -> Bench:
    """An org with the permission Manage Package Licenses."""
    return make_bench(features=seed.DEFAULT_FEATURES, extend=with_package_right)


def test_the_least_rights_are_enough_and_what_lacks_is_a_warning(wide: Bench) -> None:
    result = look(wide, username=holding(wide, *LEAST))
    assert {check for check, state in troubled(result).items() if state == "error"} == set()
    assert set(troubled(result)) == {f"right:{'|'.join(need.rights)}" for need in NEEDS if need.without}


@pytest.mark.parametrize("lacking", [name for name in LEAST if name != "ApiEnabled"])
def test_a_right_that_lacks_is_an_error_that_names_it(wide: Bench, lacking: str) -> None:
    result = look(wide, username=holding(wide, *(name for name in LEAST if name != lacking)), users=[], needs=["api_user"])
    wrong = {row["check"]: row for row in result["checks"] if row["state"] == "error"}
    assert len(wrong) == 1
    (row,) = wrong.values()
    assert row["check"].startswith(f"right:{lacking}")
    assert label(lacking) in row["remedy"]


def test_without_api_enabled_the_first_answer_says_so(wide: Bench) -> None:
    result = look(wide, username=holding(wide, *(name for name in LEAST if name != "ApiEnabled")))
    assert troubled(result) == {"reading": "error"}
    assert "API Enabled" in rows(result)["reading"]["remedy"]


def test_a_user_who_may_not_see_who_is_frozen_is_told_so(wide: Bench) -> None:
    told = rows(look(wide, username=holding(wide, *LEAST)))[f"user:{AGENT}"]
    assert (told["state"], "Manage Users" in told["found"]) == ("ok", True)


# -- secrets -------------------------------------------------------------------------------------------------------------------------


def test_nothing_secret_is_in_a_row(well: Bench) -> None:
    key = Path(well.connection()["private_key_file"]).read_text(encoding="utf-8")
    result = look(well, environment={"HTTPS_PROXY": "http://kim:s3cret@127.0.0.1:1", "NO_PROXY": ""})
    assert "with a user name" in rows(result)["proxy"]["found"]
    assert "the environment variable HTTPS_PROXY" in rows(result)["proxy"]["found"]
    fine = look(well)
    (token,) = [json.loads(path.read_text(encoding="utf-8"))["token"] for path in well.folder.glob("salesforce-token-*")]
    shown = json.dumps([result, fine])
    assert [secret for secret in ("s3cret", token, key.splitlines()[1]) if secret in shown] == []
