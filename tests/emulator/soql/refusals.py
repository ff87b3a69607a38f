# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a real org says of a statement it refuses."""

from __future__ import annotations

from emulator.errors import ApiError

EXCERPT = 40


def refusal(code: str, text: str, at: int, message: str) -> ApiError:
    """A SOQL error with the position lines: the statement's line, a caret below, row and column, the message.

    Recorded for statements of one short line; how a real org cuts a longer line is known only roughly.
    """
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    line = text[start : len(text) if end < 0 else end]
    column = at - start
    left = 0 if len(line) <= 2 * EXCERPT else max(0, column - EXCERPT)
    excerpt = line[left : left + 2 * EXCERPT] if left else (line if len(line) <= 2 * EXCERPT else line[: 2 * EXCERPT])
    row = text.count("\n", 0, at) + 1
    return ApiError(400, code, f"\n{excerpt}\n{' ' * (column - left)}^\nERROR at Row:{row}:Column:{column + 1}\n{message}", None)


def no_such_column(text: str, at: int, name: str, entity: str) -> ApiError:
    return refusal(
        "INVALID_FIELD",
        text,
        at,
        f"No such column '{name}' on entity '{entity}'. If you are attempting to use a custom field, be sure to append the '__c' after the"
        " custom field name. Please reference your WSDL or the describe call for the appropriate names.",
    )


def no_such_object(text: str, at: int, name: str) -> ApiError:
    return refusal(
        "INVALID_TYPE",
        text,
        at,
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity"
        " name. Please reference your WSDL or the describe call for the appropriate names.",
    )


def no_such_relationship(text: str, at: int, name: str, *, in_from: bool = False) -> ApiError:
    where = "FROM part of query call" if in_from else "field path"
    return refusal(
        "INVALID_TYPE" if in_from else "INVALID_FIELD",
        text,
        at,
        f"Didn't understand relationship '{name}' in {where}. If you are attempting to use a custom relationship, be sure to append the '__r'"
        " after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.",
    )


def unexpected(text: str, at: int, token: str) -> ApiError:
    return refusal("MALFORMED_QUERY", text, at, f"unexpected token: {token}")
