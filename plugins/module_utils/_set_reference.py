# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Naming a permission set: by Id, by API name, by namespace and API name (ns__Name), or by namespace and label. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import _ids
from ._errors import CONFIG, Problem
from ._soql import quote

# What choose() and its callers need of a row.
FIELDS = (
    "Id, Name, Label, NamespacePrefix, IsCustom, IsOwnedByProfile, PermissionSetGroupId, LicenseId, License.Name, "
    "HasActivationRequired, Description"
)


@dataclass(frozen=True)
class SetReference:
    """How the user names a set. namespace: None where not said, "" for the subscriber's own sets."""

    id: str | None = None
    name: str | None = None
    label: str | None = None
    namespace: str | None = None

    def __str__(self) -> str:
        if self.id:
            return self.id
        prefix = f"{self.namespace}__" if self.namespace else ""
        return f"{prefix}{self.name}" if self.name else f"{self.label!r} of namespace {self.namespace or '(none)'}"


def parse(text: str) -> SetReference:
    """The set that one word names: an Id, ns__Name, or Name."""
    word = text.strip()
    if _ids.is_id(word, "0PS"):
        return SetReference(id=word)
    namespace, separator, name = word.partition("__")
    if separator and namespace and name:
        return SetReference(name=name, namespace=namespace)
    return SetReference(name=word)


def require_named(references: Iterable[SetReference], option: str, tried: str) -> None:
    """Raise Problem for an empty word: no condition would come of it, and the org's refusal of the query would tell nobody why."""
    if not all(item.id or item.name for item in references):
        remedy = "Give API names or Ids; a name that comes from a variable may have come out empty."
        raise Problem(tried, f"{option} holds an empty name.", remedy, CONFIG, "no_name")


def condition(reference: SetReference, relation: str = "") -> str:
    """The WHERE condition that finds the set. relation: the path to PermissionSet, such as Parent, or nothing on PermissionSet itself.

    Text compares without case in SOQL, so names and labels do too.
    """
    if reference.id:
        return f"{relation}Id = {quote(reference.id)}"
    path = f"{relation}." if relation else ""
    parts = []
    if reference.name:
        parts.append(f"{path}Name = {quote(reference.name)}")
    if reference.label:
        parts.append(f"{path}Label = {quote(reference.label)}")
    if reference.namespace is not None:
        parts.append(f"{path}NamespacePrefix = {quote(reference.namespace) if reference.namespace else 'null'}")
    return " AND ".join(parts)


def fits(reference: SetReference, row: Mapping[str, Any]) -> bool:
    """Whether the row is one that the reference may mean; profile-owned sets have made-up names and are never meant by name."""
    if reference.id:
        return _ids.same(str(row["Id"]), reference.id)
    if row["IsOwnedByProfile"]:
        return False
    if reference.namespace is not None and (row["NamespacePrefix"] or "").lower() != reference.namespace.lower():
        return False
    if reference.name and str(row["Name"]).lower() != reference.name.lower():
        return False
    return not reference.label or str(row["Label"]).lower() == reference.label.lower()


def choose(reference: SetReference, rows: Sequence[Mapping[str, Any]], tried: str) -> Mapping[str, Any] | None:
    """The one set that is meant, or None where there is none: a bare name means the unmanaged set, and where there is none the one set of
    that name in any namespace. Labels are not unique, so no namespace is preferred for them. Raises Problem for two."""
    fitting: list[Mapping[str, Any]] = [row for row in rows if fits(reference, row)]
    # The sum of a group may bear the group's name, and with it the name of a set.
    meant = [row for row in fitting if not row["PermissionSetGroupId"]] or fitting
    unmanaged = [row for row in meant if not row["NamespacePrefix"]]
    if reference.name and reference.namespace is None and len(unmanaged) == 1:
        return unmanaged[0]
    if len(meant) > 1:
        names = ", ".join(sorted(qualified(row) for row in meant))
        raise Problem(
            tried, f"{reference} could be any of {names}.", "Write the one you mean as ns__Name, or give its Id.", CONFIG, "ambiguous_set"
        )
    return meant[0] if meant else None


def foreseen_row(name: str, planned: Mapping[str, Any], license_id: str | None = None) -> dict[str, Any]:
    """The row of a set that an earlier task of a check-mode run would have made; it has no Id yet."""
    return {
        "Id": "",
        "Name": name,
        "Label": planned.get("label", name),
        "NamespacePrefix": None,
        "IsCustom": True,
        "IsOwnedByProfile": False,
        "PermissionSetGroupId": None,
        "LicenseId": license_id,
        "License": {"Name": planned["license"]} if planned.get("license") else None,
        "HasActivationRequired": False,
        "Description": planned.get("description"),
    }


def qualified(row: Mapping[str, Any]) -> str:
    """The set's name with its namespace, the same in every org."""
    return f"{row['NamespacePrefix']}__{row['Name']}" if row["NamespacePrefix"] else str(row["Name"])
