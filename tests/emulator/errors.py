# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one error of the emulator: what a real org would answer."""

from __future__ import annotations


class ApiError(Exception):
    """A refusal by the org, raised by state and rules, rendered by the HTTP side.

    status: HTTP status of a single-record or query request (collections answer 200 and put code and message in the record's result).
    code: Salesforce's errorCode / statusCode, e.g. "DUPLICATE_VALUE".
    message: the words a real org uses where recorded or quoted (see the rule's source).
    fields: field names the error names; None where the real body carries no "fields" key at all (SOQL errors, 404).
    """

    def __init__(self, status: int, code: str, message: str, fields: tuple[str, ...] | None = ()) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields


class NotEmulated(ApiError):
    """What this emulator does not know: answered 501, never guessed."""

    def __init__(self, what: str) -> None:
        super().__init__(501, "NOT_EMULATED", f"the emulator does not implement {what}", None)


def not_found() -> ApiError:
    """What is not there, or not for this user, in the recorded words."""
    return ApiError(404, "NOT_FOUND", "The requested resource does not exist", None)
