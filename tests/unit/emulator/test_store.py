# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ids and the raw store."""

from __future__ import annotations

import random
import sqlite3
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.ids import IdFactory, checksum, is_shaped_like_id, to_18
from emulator.model import Field, Schema, SObject
from emulator.stamps import read_stamp, stamp
from emulator.store import Store, like

ID = Field("Id", "id", "ID", "test", length=18, nillable=False)
NAME = Field("Name", "string", "Name", "test", length=80, name_field=True)
FLAG = Field("IsGood__c", "boolean", "Good", "test", nillable=False)
OTHER = Field("Other__c", "reference", "Other", "test", reference_to=("Thing__c",), relationship_name="Other__r")
GONE = Field("IsDeleted", "boolean", "Deleted", "test", nillable=False)
THING = SObject("Thing__c", "Thing", "Things", "a01", "test", {item.name: item for item in (ID, NAME, FLAG, OTHER, GONE)}, soft_delete=True)


@pytest.fixture
def store() -> Store:
    return Store(Schema({"Thing__c": THING}))


@pytest.mark.parametrize(
    "known", ["001B000001Lp1G2IAJ", "01gB000003OCxSPIA1", "0037Q000007vKjpQAE", "04vO8000003sS41IAE", "005xx000001X9qLAAS"]
)
def test_the_checksum_is_the_platforms(known: str) -> None:
    """Ids seen in recordings of real orgs."""
    assert known[:15] + checksum(known[:15]) == known
    assert to_18(known) == to_18(known[:15]) == known


@pytest.mark.parametrize(
    "bad", ["", "001", "001B000001Lp1G", "001B000001Lp1G2IAA", "a00B000000FSjVUIB1", "001B000001Lp1G2!AJ", "001B000001Lp1G2IAJ0"]
)
def test_what_is_no_id_has_no_long_form(bad: str) -> None:
    assert to_18(bad) is None


def test_shape_and_checksum_are_two_questions() -> None:
    assert is_shaped_like_id("a00B000000FSjVUIB1")
    assert not is_shaped_like_id("abc")


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", min_size=15, max_size=15))
def test_lower_casing_the_long_form_loses_nothing(short: str) -> None:
    whole = short + checksum(short)
    bits = ["ABCDEFGHIJKLMNOPQRSTUVWXYZ012345".index(letter) for letter in whole[15:]]
    restored = "".join(
        letter.upper() if bits[place // 5] >> (place % 5) & 1 else letter.lower() for place, letter in enumerate(whole.lower()[:15])
    )
    assert restored == short


def test_new_ids_are_the_same_for_the_same_seed_and_never_twice() -> None:
    first, second, third = IdFactory(random.Random(1)), IdFactory(random.Random(1)), IdFactory(random.Random(2))
    ids = [first.new("005") for _unused in range(200)]
    assert ids == [second.new("005") for _unused in range(200)]
    assert len(set(ids)) == 200
    assert ids[0] != third.new("005")
    assert all(to_18(record_id) == record_id for record_id in ids)


def test_text_ignores_case_and_ids_do_not(store: Store) -> None:
    store.insert("Thing__c", {"Id": "a01000000000001", "Name": "Straße", "IsGood__c": True})
    assert store.find("thing__c", {"name": "STRASSE"})[0]["IsGood__c"] is True
    assert store.find("Thing__c", {"Id": "A01000000000001"}) == []


def test_find_takes_null_and_any_of(store: Store) -> None:
    for number, name in enumerate(["a", None, "b"]):
        store.insert("Thing__c", {"Id": f"a0100000000000{number}", "Name": name})
    assert [row["Name"] for row in store.find("Thing__c", {"Name": None})] == [None]
    assert [row["Name"] for row in store.find("Thing__c", {"Name": ["A", None]})] == ["a", None]
    assert store.find("Thing__c", {"Name": []}) == []
    assert store.find("Thing__c", {"Name": ""}) == store.find("Thing__c", {"Name": None})


def test_an_unknown_name_is_a_programmer_error(store: Store) -> None:
    with pytest.raises(KeyError, match="no sObject"):
        store.get("Nothing", "x")
    with pytest.raises(KeyError, match="no field"):
        store.find("Thing__c", {"Nothing": 1})
    with pytest.raises(KeyError, match="no field"):
        store.update("Thing__c", "x", {"Nothing": 1})


def test_soft_and_hard_removal(store: Store) -> None:
    for number in (1, 2):
        store.insert("Thing__c", {"Id": f"a0100000000000{number}"})
    store.remove("Thing__c", "a01000000000001", soft=True)
    store.remove("Thing__c", "a01000000000002", soft=False)
    assert store.count("Thing__c") == 0
    deleted = store.get("Thing__c", "a01000000000001", include_deleted=True)
    assert deleted is not None
    assert deleted["IsDeleted"] is True
    assert store.get("Thing__c", "a01000000000002", include_deleted=True) is None
    assert store.was_deleted("a01000000000001")
    assert store.was_deleted("a01000000000002")


def test_a_transaction_takes_back_what_failed_inside_and_no_more(store: Store) -> None:
    def both() -> None:
        with store.transaction():
            store.insert("Thing__c", {"Id": "a01000000000001"})
            with store.transaction():
                store.insert("Thing__c", {"Id": "a01000000000002"})
                store.remove("Thing__c", "a01000000000001", soft=False)
                raise RuntimeError

    with pytest.raises(RuntimeError):
        both()
    assert store.count("Thing__c") == 0

    def twice() -> None:
        with store.transaction():
            store.insert("Thing__c", {"Id": "a01000000000002"})
            store.insert("Thing__c", {"Id": "a01000000000001"})

    with store.transaction():
        store.insert("Thing__c", {"Id": "a01000000000001"})
        with pytest.raises(sqlite3.IntegrityError):
            twice()
    assert [row["Id"] for row in store.find("Thing__c", {})] == ["a01000000000001"]
    assert not store.was_deleted("a01000000000001")


def test_pretended_rows_are_gone_afterwards(store: Store) -> None:
    with store.pretending():
        store.insert("Thing__c", {"Id": "a01000000000001"})
        assert store.count("Thing__c") == 1
    assert store.count("Thing__c") == 0


def test_a_new_column_gets_its_default_in_old_rows(store: Store) -> None:
    store.insert("Thing__c", {"Id": "a01000000000001"})
    more = Field("Level__c", "int", "Level", "test", default=3)
    flag = Field("New__c", "boolean", "New", "test", nillable=False)
    store.evolve(Schema({"Thing__c": THING.with_fields([more, flag])}))
    row = store.get("Thing__c", "a01000000000001")
    assert row is not None
    assert (row["Level__c"], row["New__c"]) == (3, False)


def test_a_field_may_leave_and_come_back(store: Store) -> None:
    store.insert("Thing__c", {"Id": "a01000000000001", "Name": "kept"})
    store.evolve(Schema({"Thing__c": THING.without_fields(["Name"])}))
    assert "Name" not in (store.get("Thing__c", "a01000000000001") or {})
    store.evolve(Schema({"Thing__c": THING}))
    assert (store.get("Thing__c", "a01000000000001") or {})["Name"] == "kept"


def test_threads_do_not_interleave_in_a_transaction(store: Store) -> None:
    def insert_then_fail(number: int) -> None:
        try:
            with store.transaction():
                store.insert("Thing__c", {"Id": f"a010000000{number:05d}"})
                if number % 2:
                    raise RuntimeError
        except RuntimeError:
            return

    threads = [threading.Thread(target=insert_then_fail, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.count("Thing__c") == 20


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("a%", "ABC", True),
        ("a_c", "abc", True),
        ("a_c", "abbc", False),
        (r"a\_c", "abc", False),
        (r"a\_c", "a_c", True),
        (r"100\%", "100%", True),
        (r"100\%", "1000", False),
        ("%.%", "a.b", True),
        ("a.c", "abc", False),
        (r"\\%", r"\x", True),
        ("%", "two\nlines", True),
        ("%", None, False),
    ],
)
def test_like(pattern: str, text: str | None, expected: bool) -> None:
    assert bool(like(pattern, text)) is expected


def test_moments_are_read_in_every_form_people_write_and_written_in_one() -> None:
    assert stamp(read_stamp("2026-01-02T03:04:05Z")) == "2026-01-02T03:04:05.000+0000"
    assert stamp(read_stamp("2026-01-02T03:04:05.678+02:00")) == "2026-01-02T01:04:05.678+0000"
    assert stamp(read_stamp("2026-01-02T03:04:05.000+0000")) == "2026-01-02T03:04:05.000+0000"
    with pytest.raises(ValueError):
        read_stamp("2026-01-02")
