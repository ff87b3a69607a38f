# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils._ids import checksum, is_id, same
from emulator.ids import to_18

fifteen = st.text("0159abyzABYZ", min_size=15, max_size=15)


@pytest.mark.parametrize(
    ("text", "prefix", "expected"),
    [
        ("0015000000VALDt", "001", True),
        ("0015000000VALDtAAP", "001", True),
        ("0015000000VALDtAAQ", "001", False),
        ("0015000000VALDtaap", "001", False),
        ("0015000000VALDt", "003", False),
        ("0015000000VALD", "001", False),
        ("0015000000VALDtAA", "001", False),
        ("0015000000VALDtAAPP", "001", False),
        ("0015000000VAL-t", "001", False),
        (" 0015000000VALDt", "001", False),
        ("", "001", False),
    ],
)
def test_an_id_has_its_prefix_fifteen_characters_or_three_more_that_fit(text: str, prefix: str, expected: bool) -> None:
    assert is_id(text, prefix) is expected


@given(fifteen)
def test_the_checksum_is_the_orgs_own(text: str) -> None:
    assert text + checksum(text) == to_18(text)
    assert is_id(to_18(text), text[:3])


@given(fifteen, st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345", min_size=3, max_size=3))
def test_only_the_right_checksum_makes_an_id(text: str, ending: str) -> None:
    assert is_id(text + ending, text[:3]) == (ending == checksum(text))


@given(fifteen, fifteen)
def test_two_ids_are_the_same_in_either_length_and_only_then(one: str, other: str) -> None:
    assert same(one, to_18(one))
    assert same(to_18(one), one)
    assume(one != other)
    assert not same(to_18(one), to_18(other))
