# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""/tooling/composite: a composite, as /composite works them, of the resources below /tooling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.errors import NotEmulated
from emulator.http_api import composite, evidence
from emulator.http_api.composite import Taking
from emulator.http_api.messages import Answer, require_method
from emulator.http_api.versions import require_version
from emulator.journal import Sub
from emulator.rules.registry import Grade, Switch, breakable, holds, rule

if TYPE_CHECKING:
    from emulator.http_api.resources import Ask
    from emulator.http_api.served import Served
    from emulator.org import Org

GUIDE = "Tooling API guide, Improve Performance with the Composite Resource"
FIRST_VERSION = 40

TOOLING_COMPOSITE = rule(
    "tooling_composite",
    says="/tooling/composite works as /composite does (references, allOrNone, headers of a subrequest; one API call) from v40.0 on, with up to 25 "
    "subrequests, of which up to five are queries; what lies over that is answered as /composite answers it",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}; SalesforceLabs/OrgCheck sends 25 and 5; the words of a refusal, and that collateSubrequests works there too, are assumed",
)
TOOLING_COMPOSITE_RESOURCES = rule(
    "tooling_composite_resources",
    says="it takes what is below /tooling/sobjects, and /tooling/query with its further pages; anything else, the data API's resources included, is "
    "PROCESSING_HALTED",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, the two resources that support composite; the code is that of /composite: assumed",
)
TOOLING_COMPOSITE_QUERY_ALL = rule(
    "tooling_composite_query_all",
    says="/tooling/queryAll, which the page does not list, is refused there as other resources are, or answered",
    grade=Grade.INFERRED,
    source=f"{GUIDE}: lists the Query resource only, while /composite takes both",
    switch=Switch("tooling_composite_query_all", ("refused", "answered")),
)
breakable("tooling_composite_resources")


def _takes(org: Org, parts: tuple[str, ...]) -> bool:
    if parts[:1] == ("queryAll",):
        return evidence.setting(org, TOOLING_COMPOSITE_QUERY_ALL) == "answered"
    return parts[:1] in (("sobjects",), ("query",)) or not holds("tooling_composite_resources")


TOOLING = Taking(("tooling",), _takes)


def answer(served: Served, user: str, ask: Ask, known_versions: frozenset[str]) -> tuple[Answer, tuple[Sub, ...]]:
    """POST /tooling/composite. Raises ApiError for a refusal of the whole request."""
    require_version(ask.version, FIRST_VERSION)
    require_method(ask.method, "GET", "POST")
    if ask.method != "POST":
        raise NotEmulated("the list of composite resources below /tooling")
    return composite.perform(served, user, ask, known_versions, TOOLING)
