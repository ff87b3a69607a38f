# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils._grants import Grants, minus, union
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_origin import (
    LENGTH,
    MAX_TEXT,
    Origin,
    SourceChanges,
    changes_since,
    confirmed,
    described,
    fingerprint,
    fitted,
    moved,
    origin_of,
    parse,
    trailer,
)
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_sections import GRANTED

ON = frozenset({GRANTED})
NOTHING: Grants = {}
PRINT = "00ff00ff00ff00ff"
PLAIN = Origin("NVMContactWorld__ContactWorld_Agent", "0PS5g000004XyZa", "17.126", PRINT)
WORDS = " [from NVMContactWorld__ContactWorld_Agent..... 0PS5g000004XyZa 17.126... 00ff00ff00ff00ff]"


def reading(names: Iterable[str]) -> Grants:
    return {"object_permissions": {name: frozenset({"read"}) for name in names}}


def fields(names: Iterable[str], *rights: str) -> Grants:
    return {"field_permissions": {name: frozenset(rights) for name in names}}


def switched_on(names: Iterable[str]) -> Grants:
    return {"user_permissions": dict.fromkeys(names, ON)}


def numbered(count: int, start: int = 0) -> list[str]:
    return [f"Account.Field{number}__c" for number in range(start, start + count)]


# -- the trailer ---------------------------------------------------------------------------------------------------------------------


def test_a_trailer_is_these_words() -> None:
    assert trailer(PLAIN) == WORDS
    assert described("Ours", PLAIN) == f"Ours{WORDS}"
    assert parse(f"Ours{WORDS}") == ("Ours", PLAIN)


def test_a_description_without_text_of_its_own_begins_with_no_blank() -> None:
    assert described("", PLAIN) == WORDS[1:]
    assert parse(WORDS[1:]) == ("", PLAIN)


def test_text_and_trailer_have_room_together() -> None:
    assert (LENGTH, MAX_TEXT) == (91, 164)
    assert len(described("x" * MAX_TEXT, PLAIN)) == 255


@pytest.mark.parametrize("version", ["", "1", "1.0", "17.126", "17.126.10", "100.2000.30"])
@pytest.mark.parametrize("source", ["A", "Own_Set", "n__" + "x" * 37, "n__" + "x" * 38, "namespace_prefix__" + "y" * 80])
@pytest.mark.parametrize("record_id", ["", "0PS5g000004XyZa", "0PS5g000004XyZaGAF"])
def test_a_trailer_has_one_length_whatever_it_records(source: str, record_id: str, version: str) -> None:
    origin = origin_of(source, record_id, version, NOTHING)
    assert len(trailer(origin)) == LENGTH
    assert parse(described("Ours", origin)) == ("Ours", origin)


def test_names_that_fit_stay_whole_and_longer_ones_that_differ_differ() -> None:
    whole = "n__" + "x" * 37
    assert origin_of(whole, "", "", NOTHING).source == whole
    cut = {origin_of(whole + end, "", "", NOTHING).source for end in ("a", "b", "ab")}
    assert len(cut) == 3
    assert all(len(name) == 40 and name[:35] == whole[:34] + "~" for name in cut)


def test_a_cut_name_is_recorded_as_it_is() -> None:
    """An origin that was read can be written again."""
    origin = origin_of("x" * 80, "0PS5g000004XyZaGAF", "100.2000.30", NOTHING)
    assert parse(described("", origin)) == ("", origin)
    assert trailer(Origin("x" * 80, "0PS5g000004XyZaGAF", "100.2000.30", origin.fingerprint)) == trailer(origin)
    assert origin.version == "100.2000~"


@pytest.mark.parametrize(
    "description",
    [
        "",
        "Ours",
        f"Ours{WORDS}.",
        f"Ours{WORDS}\n",
        f"Ours{WORDS[1:]}",
        f"Ours{WORDS} and more",
        f"Ours{WORDS[:-1]}",
        WORDS.replace("[from", "[From"),
        WORDS.replace("00ff00ff00ff00ff", "00FF00FF00FF00FF"),
        WORDS.replace("00ff00ff00ff00ff", "00ff00ff00ff00f"),
        WORDS.replace("Agent.....", "Agent...."),
        WORDS.replace("Agent.....", "Agent......"),
        WORDS.replace("Agent.....", "Agent.x..."),
        WORDS.replace("NVM", "1VM"),
        WORDS.replace("NVM", "\u00c4VM"),
        WORDS.replace("NVM", "N\u00c4M"),
        WORDS.replace("0PS5g000004XyZa", "0PS5g000004XyZ-"),
        WORDS.replace("0PS5g000004XyZa", "0PS5g000004Xy.."),
        WORDS.replace("17.126...", "17.126.."),
        WORDS.replace("17.126...", "v17.126.."),
        WORDS.replace(" 17", "  17"),
    ],
)
def test_what_merely_looks_like_a_trailer_is_text(description: str) -> None:
    assert parse(description) == (description, None)


def test_only_the_last_trailer_counts() -> None:
    other = replace(PLAIN, version="18.1")
    assert parse(f"Ours{WORDS}{trailer(other)}") == (f"Ours{WORDS}", other)
    assert parse(f"One line\nand another{WORDS}") == ("One line\nand another", PLAIN)


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("", ""),
        (" Ours ", "Ours"),
        ("x" * 164, "x" * 164),
        ("x" * 165, "x" * 161 + "..."),
        ("x" * 160 + " " + "x" * 30, "x" * 160 + "..."),
    ],
)
def test_a_text_without_room_is_cut(text: str, cut: str) -> None:
    assert fitted(text) == cut
    assert len(described(fitted(text), PLAIN)) <= 255


api_names = st.from_regex(r"\A[A-Za-z]\w{0,90}\Z", fullmatch=True).filter(str.isascii)
record_ids = st.one_of(st.just(""), st.from_regex(r"0PS[A-Za-z0-9]{12}([A-Z0-5]{3})?", fullmatch=True))
versions = st.from_regex(r"([0-9]{1,4}\.[0-9]{1,4}(\.[0-9]{1,3})?)?", fullmatch=True).filter(str.isascii)
origins = st.builds(origin_of, api_names, record_ids, versions, st.just(NOTHING)).flatmap(
    lambda origin: st.integers(0, 2**64 - 1).map(lambda number: replace(origin, fingerprint=f"{number:016x}"))
)


@given(st.text(max_size=MAX_TEXT).map(str.strip), origins)
def test_what_is_described_can_be_read(text: str, origin: Origin) -> None:
    description = described(text, origin)
    assert parse(description) == (text, origin)
    assert len(description) <= 255
    assert described(*_read(description)) == description


def _read(description: str) -> tuple[str, Origin]:
    text, origin = parse(description)
    assert origin is not None
    return text, origin


@given(st.text(max_size=255))
def test_no_text_is_taken_for_a_trailer(text: str) -> None:
    assert parse(text) == (text, None)


# -- the name of the source ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "record_id", "before"),
    [
        ("NVMContactWorld__ContactWorld_Agent", "0PS5g000004XyZaGAF", None),
        ("NVMContactWorld__Voice_Agent", "0PS5g000004XyZaGAF", "NVMContactWorld__ContactWorld_Agent"),
        ("NVMContactWorld__Voice_Agent", "0PS5g000004XyZa", "NVMContactWorld__ContactWorld_Agent"),
        # Installed anew: the same name and another record; and another source altogether.
        ("NVMContactWorld__ContactWorld_Agent", "0PS5g000004XyZbGAF", None),
        ("NVMContactWorld__Voice_Agent", "0PS5g000004XyZbGAF", None),
    ],
)
def test_a_source_that_was_renamed(source: str, record_id: str, before: str | None) -> None:
    assert moved(PLAIN, source, record_id) == before


def test_a_long_name_is_no_other_name() -> None:
    origin = origin_of("x" * 80, "0PS5g000004XyZa", "", NOTHING)
    assert moved(origin, "x" * 80, "0PS5g000004XyZa") is None
    assert moved(origin, "x" * 79, "0PS5g000004XyZa") == origin.source


def test_without_an_id_nothing_is_known_of_a_rename() -> None:
    assert moved(replace(PLAIN, id=""), "Other", "") is None


# -- the fingerprint -----------------------------------------------------------------------------------------------------------------

sections = st.sampled_from(["object_permissions", "field_permissions", "apex_classes"])
names = st.text("abcdef", min_size=1, max_size=2)
some_rights = st.frozensets(st.sampled_from(["read", "edit", "delete"]), min_size=1)
grants = st.dictionaries(sections, st.dictionaries(names, some_rights, max_size=4), max_size=3)


def count(held: Grants) -> int:
    return sum(len(rights) for rows in held.values() for rights in rows.values())


@given(grants)
def test_a_fingerprint_knows_no_order(held: dict[str, dict[str, frozenset[str]]]) -> None:
    turned = {option: dict(reversed(rows.items())) for option, rows in reversed(held.items())}
    assert fingerprint(turned) == fingerprint(held)
    assert len(fingerprint(held)) == 16


@given(grants, grants)
def test_what_differs_has_another_fingerprint(here: Grants, there: Grants) -> None:
    same = not minus(here, there) and not minus(there, here)
    assert (fingerprint(here) == fingerprint(there)) == same


def test_a_fingerprint_is_the_same_tomorrow() -> None:
    """It is kept in orgs: another way to reckon it would make every clone look changed."""
    assert fingerprint(NOTHING) == "0000000000000000"
    assert fingerprint(reading(["Account"])) == "1f504efce48686ed"


@given(grants, grants, grants)
def test_a_true_difference_is_confirmed(before: Grants, came: Grants, went: Grants) -> None:
    now = minus(union(before, came), went)
    came_since, gone_since = minus(now, before), minus(before, now)
    assert confirmed(fingerprint(before), now, came_since, gone_since)


@given(grants, grants, grants)
def test_a_false_difference_is_not(before: Grants, came: Grants, extra: Grants) -> None:
    now = union(before, came)
    false = minus(extra, now)
    assume(count(false))
    assert not confirmed(fingerprint(before), now, minus(now, before), false)


# -- what changed since --------------------------------------------------------------------------------------------------------------


def since(before: Grants, now: Grants, clone: Grants, asked: Grants | None = None) -> SourceChanges:
    return changes_since(origin_of("Source", "", "", before), now, clone, asked or NOTHING)


def test_an_unchanged_source_changed_nothing_whatever_the_clone_holds() -> None:
    assert since(reading("ABC"), reading("ABC"), reading("AX")) == SourceChanges(False, True, {}, {})


@pytest.mark.parametrize("clone_as_it_was", [True, False])
def test_what_came_and_went(clone_as_it_was: bool) -> None:
    """Whatever somebody did to the clone meanwhile: here took a field away and added a class by hand."""
    before = union(reading(["Account", "Old"]), fields(numbered(9), "read"))
    now = union(reading(["Account", "New"]), fields(numbered(9), "read"))
    by_hand = union(minus(before, fields(numbered(2), "read")), {"apex_classes": {"ByHand": ON}})
    found = since(before, now, before if clone_as_it_was else by_hand)
    assert found == SourceChanges(True, True, reading(["New"]), reading(["Old"]))


def test_what_the_task_asks_for_beyond_the_source_was_not_lost() -> None:
    before, now, asked = reading("AB"), reading("ABC"), switched_on(["ApiEnabled"])
    assert since(before, now, union(before, asked), asked) == SourceChanges(True, True, reading("C"), {})


def test_what_the_clone_never_got_was_not_gained() -> None:
    """Rights of high risk are not copied, so they are lacking then and now."""
    risky = switched_on([f"Risky{number}" for number in range(60)])
    before = union(risky, reading(["Account"]), fields(numbered(30), "read"))
    now = union(before, fields(numbered(12, 100), "read", "edit"))
    found = since(before, now, minus(before, risky))
    assert found == SourceChanges(True, True, fields(numbered(12, 100), "read", "edit"), {})


def test_a_gain_that_the_clone_has_already_and_a_loss_that_is_asked_for() -> None:
    before, now = reading("AB"), reading("AC")
    clone = union(reading("ABC"), switched_on(["ApiEnabled"]))
    asked = union(reading("BC"), switched_on(["ApiEnabled"]))
    assert since(before, now, clone, asked) == SourceChanges(True, True, reading("C"), reading("B"))


def test_one_right_of_a_row_whose_other_rights_differ_too() -> None:
    before: Grants = {"object_permissions": {"Account": frozenset({"read", "edit"})}}
    gained: Grants = {"object_permissions": {"Account": frozenset({"delete"})}}
    assert since(before, union(before, gained), reading(["Account"])) == SourceChanges(True, True, gained, {})


@pytest.mark.parametrize("gains", [0, 30])
@pytest.mark.parametrize("losses", [0, 30])
@pytest.mark.parametrize("has_already", [0, 1])
def test_many_changes_and_one_thing_done_by_hand(gains: int, losses: int, has_already: int) -> None:
    """All in one section and too many for every combination: here somebody added to the clone what the source gained, or what it never had."""
    gained = fields(numbered(gains + has_already, 100), "read")
    lost = fields(numbered(losses, 200), "read")
    before = union(fields(numbered(50), "read"), lost)
    now = union(minus(before, lost), gained)
    by_hand = fields(["Lead.ByHand__c"], "read")
    clone = union(
        minus(before, fields(numbered(1), "read")) if has_already else union(before, by_hand), fields(numbered(has_already, 100), "read")
    )
    changed = bool(gains or losses or has_already)
    assert since(before, now, clone) == SourceChanges(changed, True, gained if gains or has_already else {}, lost if losses else {})


def test_a_new_object_with_all_its_rights_among_many_that_were_taken_away_by_hand() -> None:
    before = reading(f"Object{number}" for number in range(40))
    gained: Grants = {"object_permissions": {"New": frozenset({"read", "create", "edit", "delete"})}}
    assert since(before, union(before, gained), NOTHING) == SourceChanges(True, True, gained, {})


def test_one_row_among_thousands_of_differences() -> None:
    before = fields(numbered(3000), "read")
    now = union(before, fields(["Lead.New__c"], "read", "edit"))
    assert since(before, now, NOTHING) == SourceChanges(True, True, fields(["Lead.New__c"], "read", "edit"), {})


def test_a_difference_that_nothing_proves_is_shown_as_it_is() -> None:
    """The source lost what nobody knows of any more: the clone does not hold it either."""
    before, now, clone = reading(["A", "Forgotten"]), reading(["A", "B"]), reading(["A", "X"])
    assert since(before, now, clone) == SourceChanges(True, False, reading(["B"]), reading(["X"]))


@given(grants, grants, grants, grants, grants)
def test_what_is_confirmed_is_true(before: Grants, came: Grants, went: Grants, by_hand: Grants, asked: Grants) -> None:
    now = minus(union(before, came), went)
    clone = union(minus(before, by_hand), asked)
    found = since(before, now, clone, asked)
    gained, lost = minus(now, before), minus(before, now)
    assert found.changed == bool(gained or lost)
    if found.confirmed:
        assert (found.gained, found.lost) == (gained, lost)
    else:
        assert (found.gained, found.lost) == (minus(now, clone), minus(clone, union(now, asked)))


@given(grants, grants, grants, grants)
def test_every_change_is_proven_where_the_clone_was_left_alone(before: Grants, came: Grants, went: Grants, asked: Grants) -> None:
    now = minus(union(before, came), went)
    beyond = minus(minus(asked, before), now)
    found = since(before, now, union(before, beyond), beyond)
    assert found == SourceChanges(bool(minus(now, before) or minus(before, now)), True, minus(now, before), minus(before, now))


few_grants = st.dictionaries(sections, st.dictionaries(st.sampled_from("ab"), some_rights, max_size=2), max_size=2)


@given(few_grants, few_grants, st.data())
def test_few_differences_are_all_told_apart(before: Grants, came: Grants, data: Any) -> None:
    """However the drift of the clone and the change of the source lie among each other, up to some twenty rights."""
    now = union(before, came)
    truly = minus(now, before)
    assume(truly and count(before) + count(truly) <= 22)
    taken: Mapping[str, Any] = {
        option: {name: data.draw(st.frozensets(st.sampled_from(sorted(rights)))) for name, rights in rows.items()}
        for option, rows in before.items()
    }
    assert since(before, now, minus(before, taken)) == SourceChanges(True, True, truly, {})


# -- time ----------------------------------------------------------------------------------------------------------------------------


def seconds(number: int) -> float:
    """The least process time of three searches that find nothing: the source lost what nobody knows of."""
    before = fields([*numbered(number), "Lead.Forgotten__c"], "read", "edit")
    now = fields(numbered(number, number // 2), "read", "edit")
    clone = fields(numbered(number, number // 4), "read")
    taken = []
    for _unused in range(3):
        begun = time.process_time()
        assert not since(before, now, clone).confirmed
        taken.append(time.process_time() - begun)
    return min(taken)


def test_ten_times_as_much_takes_about_ten_times_as_long() -> None:
    few, many = seconds(600), seconds(6000)
    assert many < 1
    assert many < 40 * few
