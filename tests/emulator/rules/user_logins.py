# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What lets a user log in beside the user: the UserLogin row that freezes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from emulator.rules import registry
from emulator.rules.refusals import field_integrity
from emulator.rules.registry import Change, Grade, Switch, rule

if TYPE_CHECKING:
    from emulator.org import Org

LOGINS = Switch("user_login_rows", ("every_user", "frozen_ones"))

rule(
    "every_user_has_a_login_row",
    says="Every user has one row of UserLogin from the start; or only those have one who are, or were, frozen or locked.",
    grade=Grade.INFERRED,
    source="Object Reference, UserLogin: it can be updated and not created, and updating it is how a user is frozen; that it is there for everybody "
    "is not stated",
    switch=LOGINS,
)
rule(
    "a_password_is_only_unlocked",
    says="UserLogin.IsPasswordLocked can be set to false through the API, not to true: FIELD_INTEGRITY_EXCEPTION.",
    grade=Grade.DOCUMENTED,
    source="Object Reference, UserLogin.IsPasswordLocked; the code is assumed",
)


def put_logins(org: Org, user_ids: Iterable[str], *, frozen: bool = False) -> None:
    """The login rows of users who have none yet."""
    if org.schema.sobject("UserLogin") is not None and (frozen or org.switches[LOGINS.name] == "every_user"):
        org.put_many("UserLogin", [{"UserId": user_id, "IsFrozen": frozen, "IsPasswordLocked": False} for user_id in user_ids])


@registry.after("insert", "User")
def new_login(org: Org, user: str, change: Change) -> None:
    put_logins(org, [str(change.id)])


@registry.before("update", "UserLogin", rule="a_password_is_only_unlocked")
def only_unlocked(org: Org, user: str, change: Change) -> None:
    if change.after["IsPasswordLocked"] and not change.before["IsPasswordLocked"]:
        raise field_integrity("A user can't be locked through the API.", "IsPasswordLocked")
