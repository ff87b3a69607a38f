# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""describeTabs(): the apps a user can choose and their tabs. The emulator's orgs have one, the standard app Sales."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.http_api.soap.envelope import Call

if TYPE_CHECKING:
    from emulator.http_api.served import Served
    from emulator.model import SObject

SALES_TABS = ("Lead", "Account", "Contact", "Opportunity", "Case")


def describe_tabs(served: Served, user: str, call: Call) -> list[Any]:
    """DescribeTabSetResult of each app; tabs of objects that the user cannot see are not among them."""
    org, base = served.org, call.endpoint.base
    seen = org.schema_at(call.endpoint.version).sobjects
    objects = [seen[name] for name in SALES_TABS if name in seen and org.readable(user, name)]
    home = _tab(base, name="standard-home", label="Home", sobject="", icon="home", path="/home/home.jsp")
    app = {
        "description": "",
        "label": "Sales",
        "logoUrl": f"{base}/img/sfa_logo_sp07.gif",
        "selected": True,
        "tabSetId": f"02u{org.id[3:6]}000000001",
        "tabs": [home, *(_object_tab(base, sobject) for sobject in objects)],
    }
    return [app]


def _object_tab(base: str, sobject: SObject) -> dict[str, Any]:
    label = sobject.label_plural
    return _tab(
        base,
        name=f"standard-{sobject.name}",
        label=label,
        sobject=sobject.name,
        icon=label.lower().replace(" ", ""),
        path=f"/{sobject.key_prefix}/o",
    )


def _tab(base: str, *, name: str, label: str, sobject: str, icon: str, path: str) -> dict[str, Any]:
    large, small = f"{base}/img/icon/{icon}32.png", f"{base}/img/icon/{icon}16.png"
    return {
        "colors": [],
        "custom": False,
        "iconUrl": large,
        "icons": [
            {"contentType": "image/png", "height": 32, "theme": "theme3", "url": large, "width": 32},
            {"contentType": "image/png", "height": 16, "theme": "theme3", "url": small, "width": 16},
        ],
        "label": label,
        "miniIconUrl": small,
        "name": name,
        "sobjectName": sobject,
        "url": f"{base}{path}",
    }
