# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The refusals that several rules share: code and words in one place, with how they are known."""

from __future__ import annotations

from emulator.errors import ApiError


def refuse(code: str, message: str, *fields: str, status: int = 400) -> ApiError:
    return ApiError(status, code, message, tuple(fields))


def field_integrity(message: str, *fields: str) -> ApiError:
    return refuse("FIELD_INTEGRITY_EXCEPTION", message, *fields)


def invalid_reference(*fields: str) -> ApiError:
    return refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", *fields)


def duplicate(message: str, *fields: str) -> ApiError:
    return refuse("DUPLICATE_VALUE", message, *fields)


def masked_duplicate() -> ApiError:
    """A unique violation on a setup object, as people quote it: the org tells neither field nor record (golden errors.json, grade B)."""
    return duplicate("duplicate value found: <unknown> duplicates value on record with id: <unknown>")


def seats_exhausted(message: str, *fields: str) -> ApiError:
    return refuse("LICENSE_LIMIT_EXCEEDED", message, *fields)
