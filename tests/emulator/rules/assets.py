# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an asset belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.errors import ApiError
from emulator.rules import registry
from emulator.rules.registry import Change, Grade, rule

if TYPE_CHECKING:
    from emulator.org import Org

rule(
    "an_asset_needs_an_account_or_a_contact",
    says="An asset with neither AccountId nor ContactId is refused with FIELD_INTEGRITY_EXCEPTION, while assets are controlled by their parent "
    '(the default); a seed lifts it with seed_info["asset_sharing"] = "own".',
    grade=Grade.QUOTED,
    source="object reference, Asset.AccountId (API v24 page: required if ContactId is not specified); the words and the part that sharing "
    "plays: blog.loco-toys.de, Assets with or without Contact and/or Account",
)


@registry.before("insert", "Asset", rule="an_asset_needs_an_account_or_a_contact")
@registry.before("update", "Asset", rule="an_asset_needs_an_account_or_a_contact")
def somebody_s(org: Org, _user: str, change: Change) -> None:
    if change.after.get("AccountId") or change.after.get("ContactId") or org.seed_info.get("asset_sharing") == "own":
        return
    raise ApiError(400, "FIELD_INTEGRITY_EXCEPTION", "Every asset needs an account, a contact, or both.", ("AccountId", "ContactId"))
