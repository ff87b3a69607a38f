# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""A managed package's licence and the users who hold a seat of it (PackageLicense, UserPackageLicense; Object Reference).

AllowedLicenses of -1 is a site licence: everybody has it, and nobody needs a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from . import _license_assignment, _license_reading
from ._converge import Noun
from ._license_assignment import Current, Desired, Objects, plan, report
from ._org import Org, Outcome
from ._plan import Change

PACKAGE = Objects(
    kind="package_license_assignment",
    what="package license",
    setup="Installed Packages",
    sobject="PackageLicense",
    names=("NamespacePrefix",),
    total="AllowedLicenses",
    seat="UserPackageLicense",
    license="PackageLicense",
    user="User",
    sites=True,
)


def desired(params: Mapping[str, Any]) -> Desired:
    """What the options ask for."""
    return _license_assignment.wished(PACKAGE, "package", params)


def read(org: Org, wish: Desired) -> Current:
    """The licence, the users and the seats; one call, and one more where seats lack."""
    return _license_reading.completed(org, wish, _license_reading.read(org, wish))


def write(org: Org, wish: Desired, current: Current, changes: Sequence[Change]) -> list[Outcome]:
    """Delete the rows of those who go, then create those of the others; a refused one does not stop the rest."""
    org.write(_license_reading.writes(PACKAGE, current, changes))
    org.outcomes[:] = [
        replace(item, errors=tuple(_license_assignment.explained(wish, current, error) for error in item.errors)) for item in org.outcomes
    ]
    return org.outcomes


NOUN = Noun(
    name=PACKAGE.kind,
    argument_spec={"package": {"type": "str", "required": True}, **_license_assignment.ARGUMENT_SPEC},
    desired=desired,
    read=read,
    plan=plan,
    report=report,
    write=write,
    reread=_license_reading.reread,
)
