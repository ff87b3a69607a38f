# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils import _users
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._soql import LIST_BUDGET
from ansible_collections.voiceops.salesforce.plugins.module_utils._users import Missing, Skipped, User
from emulator.soql import parse
from emulator.soql.ast import Condition, Membership, Or

TRIED = "assigning permission set Agent"

usernames = st.text("abz'\\\\", min_size=1, max_size=4).map(lambda text: f"{text}@acme.example")
user_ids = st.integers(0, 9999).map(lambda number: f"005000000{number:06}")
long_ids = user_ids.map(lambda text: f"{text}AAA")
anybody = st.lists(st.one_of(usernames, user_ids, long_ids), min_size=1, max_size=6, unique_by=lambda name: name[:15].lower())


def row(number: int, username: str, **more: Any) -> dict[str, Any]:
    return {"Id": f"005000000{number:06}AAA", "Username": username, **more}


def one(given: Any) -> User:
    """The user that a task names so."""
    (user,) = _users.wanted([given], TRIED)
    return user


def meant(given: Any, rows: list[dict[str, Any]], sandbox: str = "uat", *, in_sandbox: bool = True) -> list[str]:
    """The usernames that fit what a task gives."""
    return sorted(found["Username"] for found in _users.hits(one(given), _users.index(rows, sandbox, in_sandbox)))


# -- what a task gives -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("005000000000001", True),
        ("005000000000001AAA", True),
        ("00500000000000bAAA", True),
        ("00500000000000BAAA", False),
        ("00500000000000BAAQ", True),
        ("00500000000000", False),
        ("0050000000000011", False),
        ("003000000000001", False),
        ("005000000000001@acme.example", False),
        ("", False),
    ],
)
def test_an_id_is_told_by_prefix_and_length(name: str, expected: bool) -> None:
    assert _users.is_id(name) is expected


@pytest.mark.parametrize(
    ("given", "keys"),
    [
        (" kim@acme.example ", (("username", "kim@acme.example"),)),
        ("005000000000001", (("id", "005000000000001"),)),
        ({"employee_number": 4711}, (("employee_number", "4711"),)),
        ({"federation_id": " acme-kim "}, (("federation_id", "acme-kim"),)),
        (
            {"email": "kim@acme.example", "id": "", "federation_id": None, "username": "k@acme.example"},
            (("username", "k@acme.example"), ("email", "kim@acme.example")),
        ),
    ],
)
def test_a_user_is_a_text_or_a_dictionary_of_keys_in_their_order(given: Any, keys: tuple[tuple[str, str], ...]) -> None:
    assert one(given).keys == keys


@pytest.mark.parametrize(
    "strange",
    [
        "Kim",
        "",
        " ",
        "003000000000001",
        "kim.acme.example",
        None,
        4711,
        True,
        {},
        {"username": "Kim"},
        {"username": ""},
        {"id": "kim@acme.example"},
        {"name": "kim@acme.example"},
        {"username": "kim@acme.example", "mail": "x"},
        {"employee_number": True},
        {"employee_number": ["4711"]},
        {"email": "kim"},
        ["kim@acme.example"],
    ],
    ids=str,
)
def test_what_is_no_user_stops_the_task_by_name(strange: Any) -> None:
    with pytest.raises(Problem) as told:
        _users.wanted(["alex@acme.example", strange], TRIED)
    assert told.value.code == "not_a_user"
    assert str(strange).strip() in str(told.value)
    assert TRIED in str(told.value)
    assert "federation_id" in told.value.remedy


@pytest.mark.parametrize(
    ("given", "other"),
    [
        ("kim@acme.example", "kim@acme.example"),
        ("kim@acme.example", "KIM@acme.example "),
        ("005000000000001", "005000000000001AAA"),
        ("kim@acme.example", {"username": "Kim@acme.example", "federation_id": "x"}),
        ({"employee_number": "1"}, {"employee_number": 1}),
    ],
    ids=["same", "other case", "both lengths of an Id", "text and dictionary", "text and number"],
)
def test_a_user_given_twice_stops_the_task(given: Any, other: Any) -> None:
    with pytest.raises(Problem) as told:
        _users.wanted([given, "alex@acme.example", other], TRIED)
    assert told.value.code == "user_twice"


def test_ids_that_differ_in_case_are_two_users() -> None:
    both = ("00500000000000a", "00500000000000A")
    assert [str(user) for user in _users.wanted(both, TRIED)] == list(both)


def test_messages_call_a_user_by_the_first_key() -> None:
    assert [str(one(item)) for item in ("kim@acme.example", {"employee_number": "7", "email": "kim@acme.example"})] == [
        "kim@acme.example",
        "employee_number 7",
    ]


# -- asking the org --------------------------------------------------------------------------------------------------------------------


def named(condition: Condition) -> dict[str, list[Any]]:
    """column -> the values a condition asks for."""
    parts = condition.parts if isinstance(condition, Or) else (condition,)
    found: dict[str, list[Any]] = {}
    for part in parts:
        assert isinstance(part, Membership)
        assert not part.negated
        found[str(part.operand)] = [value.value for value in part.values]
    return found


def asked(soql: str) -> dict[str, list[Any]]:
    where = parse(f"SELECT Id FROM PermissionSetAssignment WHERE {soql}").where
    assert where is not None
    return named(where)


@given(anybody)
def test_the_condition_asks_for_each_user_once_by_the_right_column(given: list[str]) -> None:
    users = _users.wanted(given, TRIED)
    where = parse(f"SELECT Id FROM User WHERE {_users.condition(users)} AND IsActive = true").where
    assert where is not None
    found = named(where.parts[0])  # type: ignore[union-attr]
    assert found.get("Username", []) == [name for name in given if "@" in name]
    assert found.get("Id", []) == [name for name in given if "@" not in name]


@given(anybody)
def test_the_condition_follows_a_relation(given: list[str]) -> None:
    found = asked(_users.condition(_users.wanted(given, TRIED), "Assignee"))
    assert set(found) <= {"Assignee.Username", "AssigneeId"}
    assert sorted(name for names in found.values() for name in names) == sorted(given)


def test_the_condition_asks_for_what_a_sandbox_made_of_names_and_addresses() -> None:
    keys = {"username": "kim@acme.example", "email": "desk@acme.example", "federation_id": "f", "employee_number": "7"}
    users = _users.wanted([keys, "alex@acme.example.UAT", {"email": "x@acme.example.invalid"}], TRIED)
    assert asked(_users.condition(users, sandbox="uat")) == {
        "Username": ["kim@acme.example", "kim@acme.example.uat", "alex@acme.example.UAT"],
        "Email": ["desk@acme.example", "desk@acme.example.invalid", "x@acme.example.invalid"],
        "EmployeeNumber": ["7"],
        "FederationIdentifier": ["f"],
    }


@given(st.integers(1, 4000), st.sampled_from(["", "uat"]))
@settings(max_examples=10, deadline=None)
def test_a_statement_of_each_part_keeps_within_what_the_org_takes(number: int, sandbox: str) -> None:
    users = _users.by_username(f"somebody.with.a.long.name.{index}@subsidiary.acme.example" for index in range(number))
    parts = _users.chunked(users, sandbox)
    assert [user for part in parts for user in part] == list(users)
    assert all(len(_users.condition(part, "Assignee", sandbox)) <= LIST_BUDGET for part in parts)


def test_what_a_copy_put_in_front_is_asked_for_in_sandboxes_alone_and_wildcards_are_guarded() -> None:
    users = _users.wanted(["k_m%@acme.example", {"employee_number": "7"}], TRIED)
    assert _users.late_conditions(users, "") == []
    assert _users.late_conditions(users, "uat") == ["Username LIKE '%k\\_m\\%@acme.example.uat'"]


def test_conditions_for_what_is_in_front_are_split_too() -> None:
    users = _users.by_username(f"somebody.with.a.long.name.{index}@subsidiary.acme.example" for index in range(3000))
    parts = _users.late_conditions(users, "uat")
    assert len(parts) > 1
    assert max(map(len, parts)) <= LIST_BUDGET
    assert sum(part.count(" LIKE ") for part in parts) == 3000


# -- telling who is meant --------------------------------------------------------------------------------------------------------------

KIM, SUFFIXED, IN_FRONT = row(1, "kim@acme.example"), row(2, "Kim@acme.example.uat"), row(3, "00x7Vqkim@acme.example.uat")
JOAKIM = row(4, "joakim@acme.example.uat")
OTHERS = {
    "FederationIdentifier": "acme-kim",
    "EmployeeNumber": "E1",
    "Email": "desk@acme.example.invalid",
}
KEYED = row(5, "someone@acme.example.uat", **OTHERS)


@pytest.mark.parametrize(
    ("given", "rows", "expected"),
    [
        ("KIM@acme.example", [KIM, SUFFIXED, IN_FRONT], ["kim@acme.example"]),
        ("kim@acme.example", [SUFFIXED, IN_FRONT, JOAKIM], ["Kim@acme.example.uat"]),
        ("kim@acme.example.uat", [SUFFIXED, IN_FRONT], ["Kim@acme.example.uat"]),
        ("kim@acme.example", [IN_FRONT, JOAKIM], ["00x7Vqkim@acme.example.uat"]),
        ("kim@acme.example.UAT", [IN_FRONT], ["00x7Vqkim@acme.example.uat"]),
        ("kim@acme.example", [JOAKIM], []),
        ("kim@acme.example", [row(9, "123456kim@acme.example.uat")], []),
        ("kim@acme.example", [row(9, "001234kim@acme.example.uat")], []),
        ("kim@acme.example", [row(9, "00x7V-kim@acme.example.uat")], []),
        ("kim@acme.example", [row(9, "a00x7Vqkim@acme.example.uat")], []),
        ("kim@acme.example", [row(9, "00x7Vqkim@acme.example")], []),
        (
            "kim@acme.example",
            [IN_FRONT, row(9, "00aB3xkim@acme.example.uat")],
            ["00aB3xkim@acme.example.uat", "00x7Vqkim@acme.example.uat"],
        ),
        ("005000000000001", [KIM], ["kim@acme.example"]),
        ({"federation_id": "acme-kim"}, [KEYED], ["someone@acme.example.uat"]),
        ({"federation_id": "ACME-kim"}, [KEYED], ["someone@acme.example.uat"]),
        ({"federation_id": "acme-kim"}, [KEYED, row(9, "x@a.b", FederationIdentifier="ACME-KIM")], ["someone@acme.example.uat"]),
        ({"employee_number": "e1"}, [KEYED], ["someone@acme.example.uat"]),
        ({"employee_number": "E1"}, [KEYED, row(9, "x@a.b", EmployeeNumber="E1")], ["someone@acme.example.uat", "x@a.b"]),
        ({"email": "DESK@acme.example"}, [KEYED], ["someone@acme.example.uat"]),
        ({"email": "desk@acme.example"}, [KEYED, row(9, "x@a.b", Email="desk@acme.example")], ["someone@acme.example.uat", "x@a.b"]),
        ({"username": "kim@acme.example", "federation_id": "acme-kim"}, [KEYED, SUFFIXED], ["Kim@acme.example.uat"]),
        ({"username": "kim@acme.example", "federation_id": "acme-kim"}, [KEYED, IN_FRONT], ["someone@acme.example.uat"]),
        ({"id": "005000000000001", "username": "alex@acme.example"}, [SUFFIXED, row(9, "alex@acme.example")], ["alex@acme.example"]),
        ("desk@acme.example", [KEYED], []),
    ],
)
def test_who_is_meant_in_a_sandbox(given: Any, rows: list[dict[str, Any]], expected: list[str]) -> None:
    assert meant(given, rows) == expected


@pytest.mark.parametrize(
    ("given", "row_"),
    [
        ("kim@acme.example", SUFFIXED),
        ("kim@acme.example", IN_FRONT),
        ({"email": "desk@acme.example"}, KEYED),
    ],
)
def test_production_knows_no_forms_of_a_sandbox(given: Any, row_: dict[str, Any]) -> None:
    assert meant(given, [row_], in_sandbox=False) == []


def test_a_sandbox_without_a_name_hides_addresses_all_the_same() -> None:
    assert meant({"email": "desk@acme.example"}, [KEYED], "") == ["someone@acme.example.uat"]
    assert meant("kim@acme.example", [SUFFIXED, IN_FRONT], "") == []


fronts = st.one_of(st.text("abc019XZ", max_size=8), st.from_regex(r"00[0-9a-zA-Z]{4}", fullmatch=True))
near = st.builds(
    "{}{}@acme.example{}".format, fronts, st.sampled_from(["kim", "joakim", "ki", "kim.lee"]), st.sampled_from(["", ".uat", ".dev"])
)


@given(near)
def test_a_near_name_is_never_taken_for_the_user(username: str) -> None:
    in_front = username[: -len("kim@acme.example.uat")]
    right = username.lower() in ("kim@acme.example", "kim@acme.example.uat") or (
        username.endswith("kim@acme.example.uat") and len(in_front) == 6 and in_front.startswith("00") and not in_front.isdigit()
    )
    assert (meant("kim@acme.example", [row(1, username)]) == [username]) == right


people = st.lists(st.integers(0, 50), min_size=1, max_size=8, unique=True)


@given(people, st.data())
def test_a_user_is_found_by_each_key_among_all_others(numbers: list[int], data: st.DataObject) -> None:
    rows = [
        row(
            number,
            f"user{number}@acme.example.uat",
            FederationIdentifier=f"f{number}",
            EmployeeNumber=f"E{number}",
            Email=f"u{number}@x.y.invalid",
        )
        for number in numbers
    ]
    number = data.draw(st.sampled_from(numbers))
    for given_ in (
        f"user{number}@acme.example",
        f"USER{number}@acme.example.uat",
        f"005000000{number:06}",
        {"federation_id": f"f{number}"},
        {"employee_number": f"e{number}"},
        {"email": f"u{number}@x.y"},
    ):
        assert meant(given_, rows) == [f"user{number}@acme.example.uat"]


def test_several_that_fit_are_all_listed_and_those_who_only_look_so_are_candidates() -> None:
    rows = [row(1, "joakim@acme.example.uat"), row(2, "kin@acme.example.uat")]
    (told,) = _users.missing([one("kim@acme.example")], _users.index(rows, "uat", True), ["kim@acme.exmaple.uat"])
    assert (told.ambiguous, told.candidates[0], len(told.candidates)) == (False, "joakim@acme.example.uat", 3)
    both = [row(number, f"someone{number}@acme.example", EmployeeNumber="E1") for number in range(5)]
    (told,) = _users.missing([one({"employee_number": "E1"})], _users.index(both, "", False))
    assert (told.ambiguous, len(told.candidates)) == (True, 5)


def test_a_user_who_is_not_there_is_told_with_the_nearest() -> None:
    user = one("kim@acme.example")
    problem = _users.refusal([Missing(user, ("kin@acme.example",), False)], TRIED, "Check the spelling.")
    assert (problem.code, problem.remedy) == ("unknown_user", "Check the spelling.")
    assert "no such user: kim@acme.example. Nearest to kim@acme.example: kin@acme.example." in problem.said


def test_an_uncertain_user_is_told_before_unknown_ones() -> None:
    users = [Missing(one("kim@acme.example"), (), False), Missing(one({"employee_number": "E1"}), ("a@x.y", "b@x.y"), True)]
    problem = _users.refusal(users, TRIED, "")
    assert problem.code == "ambiguous_user"
    assert "employee_number E1 fits a@x.y, b@x.y" in problem.said


# -- who is left out -------------------------------------------------------------------------------------------------------------------


LEFT_OUT = [Skipped(f"user{number}@acme.example", "is inactive") for number in range(12)]


def test_ineligible_users_stop_the_task_and_are_counted_beyond_ten() -> None:
    with pytest.raises(Problem) as told:
        _users.stop_or_skip(LEFT_OUT, "fail", TRIED)
    assert told.value.code == "ineligible_user"
    assert told.value.said.startswith("12 of the users")
    assert "user9@acme.example is inactive; and 2 more." in told.value.said
    assert "user10@" not in told.value.said
    assert "on_ineligible: skip" in told.value.remedy


def test_up_to_ten_ineligible_users_are_all_named() -> None:
    with pytest.raises(Problem) as told:
        _users.stop_or_skip(LEFT_OUT[:10], "fail", TRIED)
    assert told.value.said.endswith("user9@acme.example is inactive.")


@pytest.mark.parametrize(("left_out", "on_ineligible"), [(LEFT_OUT, "skip"), ([], "fail"), ([], "skip")])
def test_ineligible_users_are_left_out_where_the_task_says_so(left_out: list[Skipped], on_ineligible: str) -> None:
    _users.stop_or_skip(left_out, on_ineligible, TRIED)


@pytest.mark.parametrize(
    ("leaving", "staying", "most", "allow_empty", "code"),
    [
        (0, 1, 0, False, ""),
        (3, 1, 3, False, ""),
        (4, 1, 3, False, "too_many_removals"),
        (1, 1, 0, False, "too_many_removals"),
        (0, 0, 10, False, "empty_exact"),
        (0, 0, 10, True, ""),
        (11, 0, 10, True, "too_many_removals"),
    ],
)
def test_exact_is_guarded(leaving: int, staying: int, most: int, allow_empty: bool, code: str) -> None:
    names = [f"user{number}@acme.example" for number in range(leaving)]
    allowed = _users.allowance(most, TRIED)
    if not code:
        _users.guard_exact(names, staying, allowed, allow_empty, TRIED)
        return
    with pytest.raises(Problem) as told:
        _users.guard_exact(names, staying, allowed, allow_empty, TRIED)
    assert (told.value.code, told.value.tried) == (code, TRIED)
    assert {"empty_exact": "allow_empty", "too_many_removals": f"max_removals to at least {leaving}"}[code] in told.value.remedy
    if code == "too_many_removals":
        assert f"{leaving} users" in told.value.said
        assert "user0@acme.example" in told.value.said


@pytest.mark.parametrize(
    ("given", "shown", "of_ten", "of_thousand"),
    [
        (0, "0", 0, 0),
        (10, "10", 10, 10),
        ("10", "10", 10, 10),
        (" 25 ", "25", 25, 25),
        ("0%", "0%", 0, 0),
        ("5%", "5%", 0, 50),
        ("25%", "25%", 2, 250),
        (" 25 % ", "25%", 2, 250),
        ("99%", "99%", 9, 990),
        ("100%", "100%", 10, 1000),
    ],
)
def test_an_allowance_is_a_number_or_a_share(given: Any, shown: str, of_ten: int, of_thousand: int) -> None:
    told = _users.allowance(given, TRIED)
    assert (str(told), told.of(10), told.of(1000), told.of(0)) == (shown, of_ten, of_thousand, 0 if "%" in shown else int(shown))


@pytest.mark.parametrize(
    "given", ["150%", "101%", -1, "-1", "-5%", "ten", 2.5, "2.5", "2.5%", True, "", "%", [], {}, "1e3", "\u0661", "9" * 5000]
)
def test_what_is_no_allowance_is_refused(given: Any) -> None:
    with pytest.raises(Problem) as told:
        _users.allowance(given, TRIED)
    assert (told.value.code, told.value.error_class, told.value.tried) == ("max_removals", "config", TRIED)
    assert "25%" in told.value.remedy


@pytest.mark.parametrize(
    ("leaving", "of", "share", "said", "remedy"),
    [
        (1, 10, "5%", "allows 5% (of the 10 who have it now, rounded down: 0)", "at least 1, which is 10% here"),
        (3, 7, "28%", "allows 28% (of the 7 who have it now, rounded down: 1)", "at least 3, which is 43% here"),
        (2, 0, "100%", "allows 100% (of the 0 who have it now, rounded down: 0)", "at least 2, if"),
    ],
)
def test_a_share_that_is_too_small_says_how_many_it_is_of_how_many(leaving: int, of: int, share: str, said: str, remedy: str) -> None:
    names = [f"user{number}@acme.example" for number in range(leaving)]
    with pytest.raises(Problem) as told:
        _users.guard_exact(names, 1, _users.allowance(share, TRIED), False, TRIED, of)
    assert told.value.code == "too_many_removals"
    assert said in told.value.said
    assert remedy in told.value.remedy


@given(there=st.integers(1, 5000), data=st.data())
def test_the_share_that_a_refusal_names_is_the_least_that_does(there: int, data: st.DataObject) -> None:
    leaving = [str(number) for number in range(data.draw(st.integers(1, there)))]
    with pytest.raises(Problem) as told:
        _users.guard_removals(leaving, _users.allowance("0%", TRIED), TRIED, there)
    least = int(told.value.remedy.split("which is ", 1)[1].split("%", 1)[0])
    _users.guard_removals(leaving, _users.allowance(f"{least}%", TRIED), TRIED, there)
    with pytest.raises(Problem):
        _users.guard_removals(leaving, _users.allowance(f"{least - 1}%", TRIED), TRIED, there)


def test_who_is_not_there_is_left_out_with_the_nearest_and_warned_of_once() -> None:
    lost = _users.not_found(
        [_users.Missing(one("kin@acme.example"), ("kim@acme.example",), False), _users.Missing(one("x@y.z"), (), False)]
    )
    assert [item.as_result() for item in lost] == [
        {"user": "kin@acme.example", "reason": "is not in this org (nearest: kim@acme.example)"},
        {"user": "x@y.z", "reason": "is not in this org"},
    ]
    assert _users.warned_of_unknown(lost, "warn") == [
        "left out, since the org has no such user: kin@acme.example (nearest: kim@acme.example), x@y.z."
    ]
    assert _users.warned_of_unknown(lost, "ignore") == _users.warned_of_unknown([], "warn") == []


def test_a_left_out_user_is_told_with_the_reason() -> None:
    assert LEFT_OUT[0].as_result() == {"user": "user0@acme.example", "reason": "is inactive"}
