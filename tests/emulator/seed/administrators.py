# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an org's administrators may set at any time, and a session against it cannot: login hours and addresses of a profile, sharing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from emulator.metadata import set_profile_conditions
from emulator.tooling.rows import DEFAULTS, MODELS

if TYPE_CHECKING:
    from emulator.org import Org


def restrict_profile(
    org: Org,
    name: str,
    hours: Mapping[str, tuple[int, int]] | None = None,
    ranges: Iterable[tuple[str, ...]] = (),
) -> None:
    """Login hours and IP ranges of a profile, in place of what it had. hours: day ("monday") -> first and last full hour, 0 to 24; a day that is
    not named is open all day. ranges: first address, last address, and a description. Raises KeyError for an unknown profile, ValueError."""
    minutes = {f"{day}{end}": hour * 60 for day, pair in (hours or {}).items() for end, hour in zip(("Start", "End"), pair, strict=True)}
    given = [dict(zip(("startAddress", "endAddress", "description"), one, strict=False)) for one in ranges]
    set_profile_conditions(org, name, login_hours=minutes, login_ip_ranges=given)


def lift_profile(org: Org, name: str) -> None:
    """Neither login hours nor IP ranges for that profile any more. Raises KeyError."""
    set_profile_conditions(org, name)


def share(org: Org, models: Mapping[str, str]) -> None:
    """Organization-wide defaults: object -> Private, Read, ReadWrite, ReadWriteTransfer, ControlledByParent and so on, as EntityDefinition tells
    them; Organization says the same in its own words. Raises KeyError for an unknown object."""
    unknown = sorted(name for name in models if org.schema.sobject(name) is None)
    if unknown:
        raise KeyError(", ".join(unknown))
    words = {model: word for word, model in MODELS.items()}
    columns = {DEFAULTS[name]: words.get(model, model) for name, model in models.items() if name in DEFAULTS}
    if columns:
        org.set("Organization", org.id, **columns)
    others = {name: model for name, model in models.items() if name not in DEFAULTS}
    kept = {name: model for name, model in org.seed_info.get("sharing_models", {}).items() if name not in models}
    org.seed_info["sharing_models"] = {**kept, **others}


def confirm_address(org: Org, username: str) -> str:
    """The owner of a user's new e-mail address follows the link: the address, which stands there from now on. Raises KeyError where none waits."""
    user_id = str(org.find("User", Username=username)[0]["Id"])
    address: str = org.seed_info.get("unconfirmed_addresses", {}).pop(user_id)
    org.set("User", user_id, Email=address)
    return address
