# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""What users write of orgs: the list of an inventory file, and the files that add variables to orgs. Pure.

Every mistake is told with its place, and all of them at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Callable

from ._errors import CONFIG, Problem, did_you_mean, listing
from ._ids import is_id
from ._inventory_orgs import LIST, PRODUCTION, SANDBOX, SANDBOX_TYPES, SCRATCH, TYPES, Found, fit, host_of, id18, key_of, kind_of

Path = tuple[Any, ...]

ENTRY = ("name", "login_url", "username", "org_id", "sandbox_name", "type", "parent", "alias", "ring", "vars")
RING = "salesforce_ring"
# Host variables that hold a secret: the rows of the connection's table that are never shown (a test compares the two).
SECRET_VARIABLES = ("salesforce_access_token", "salesforce_client_secret", "salesforce_private_key", "salesforce_proxy")

_VARIABLE = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
_URL = re.compile(r"^https://[A-Za-z0-9.-]+(?::\d{1,5})?(?:/.*)?$")
_SANDBOX_NAME = re.compile(r"^[A-Za-z0-9_-]+$")
_TEMPLATE = re.compile(r"\{\{|\{%")


@dataclass(frozen=True)
class Written:
    """Where values stand. at: the place of a path of keys and positions, for messages. vaulted: the paths of values that are encrypted."""

    at: Callable[[Path], str]
    vaulted: frozenset[Path] = frozenset()


@dataclass
class Mistakes:
    """Mistakes with their places, as they are found."""

    told: list[str] = field(default_factory=list)

    def add(self, place: str, words: str) -> None:
        self.told.append(f"{place}: {words}")

    def stop(self, tried: str) -> None:
        """Raises Problem where there were any."""
        if self.told:
            count = "a mistake" if len(self.told) == 1 else f"{len(self.told)} mistakes"
            raise Problem(
                tried, f"{count}. " + " ".join(self.told), "See ansible-doc -t inventory voiceops.salesforce.orgs.", CONFIG, "inventory"
            )


# -- the list ----------------------------------------------------------------------------------------------------------------------


def from_list(entries: Any, written: Written) -> list[Found]:
    """The orgs of a list. Raises Problem with every mistake in it."""
    mistakes = Mistakes()
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        mistakes.add(written.at(("orgs",)), f"orgs must be a list of dictionaries, not {_kind_word(entries)}.")
        mistakes.stop("reading the list of orgs")
    found = [_entry(entry, ("orgs", number), written, mistakes) for number, entry in enumerate(entries)]
    orgs = [org for org in found if org is not None]
    _names_once(orgs, mistakes)
    mistakes.stop("reading the list of orgs")
    return orgs


def _entry(entry: Any, path: Path, written: Written, mistakes: Mistakes) -> Found | None:
    place = written.at(path)
    if not isinstance(entry, Mapping):
        mistakes.add(place, f"an org must be a dictionary with name and login_url, not {_kind_word(entry)}.")
        return None
    before = len(mistakes.told)
    for key in entry:
        if key not in ENTRY:
            mistakes.add(
                written.at((*path, key)), f"{key} is no key of an org.{did_you_mean(str(key), ENTRY)} Variables of your own go below vars."
            )
    texts = {key: _text(entry.get(key), (*path, key), written, mistakes) for key in ENTRY if key not in ("ring", "vars")}
    host = _checked_url(texts["login_url"], (*path, "login_url"), written, mistakes)
    _check_texts(texts, path, written, mistakes)
    kind, sandbox_type = _kind(texts["type"], host, (*path, "type"), written, mistakes)
    key = texts["name"] or key_of(host)
    if not key:
        mistakes.add(
            place, "an org needs name, or a login_url that is its My Domain." if not texts["login_url"] else "the org needs a name."
        )
    own = _variables(entry.get("vars") or {}, (*path, "vars"), written, mistakes)
    if entry.get("ring") is not None:
        own = {RING: entry["ring"], **own}
    if len(mistakes.told) > before:
        return None
    return Found(
        LIST,
        place,
        key=key,
        id=id18(texts["org_id"]),
        kind=kind,
        sandbox_type=sandbox_type,
        sandbox_name=(texts["sandbox_name"] or _name_in(host)).lower() if kind == SANDBOX else "",
        login_url=f"https://{host}" if host else "",
        username=texts["username"],
        alias=texts["alias"],
        parent=texts["parent"],
        own=own,
    )


def _text(value: Any, path: Path, written: Written, mistakes: Mistakes) -> str:
    if value is None or isinstance(value, str):
        return (value or "").strip()
    mistakes.add(written.at(path), f"{path[-1]} must be a text, not {_kind_word(value)}: put it in quotes.")
    return ""


def _checked_url(url: str, path: Path, written: Written, mistakes: Mistakes) -> str:
    """The host of a login URL."""
    if url and not _URL.match(url if "://" in url else f"https://{url}"):
        mistakes.add(written.at(path), f"{url!r} is no https URL, such as https://acme.my.salesforce.com.")
        return ""
    return host_of(url)


def _check_texts(texts: Mapping[str, str], path: Path, written: Written, mistakes: Mistakes) -> None:
    if texts["name"] and fit(texts["name"]) != texts["name"]:
        mistakes.add(
            written.at((*path, "name")), f"{texts['name']!r} is no name for a host: use letters, digits, dots, dashes, @ and underscores."
        )
    if texts["org_id"] and not is_id(texts["org_id"], "00D"):
        mistakes.add(
            written.at((*path, "org_id")), f"{texts['org_id']!r} is no org Id: 15 or 18 characters that begin with 00D, in their own case."
        )
    if texts["sandbox_name"] and not _SANDBOX_NAME.match(texts["sandbox_name"]):
        mistakes.add(written.at((*path, "sandbox_name")), f"{texts['sandbox_name']!r} is no name of a sandbox, such as uat.")


def _kind(told: str, host: str, path: Path, written: Written, mistakes: Mistakes) -> tuple[str, str]:
    """(kind, type of the sandbox): as the entry says, else as its host tells, else production."""
    by_host = kind_of(host) or (SANDBOX if host == "test.salesforce.com" else "")
    if not told:
        kind = by_host or PRODUCTION
        return kind, SCRATCH if kind == SCRATCH else ""
    if told not in TYPES:
        mistakes.add(written.at(path), f"{told!r} is no type of org.{did_you_mean(told, TYPES)} There are {listing(TYPES)}.")
        return by_host, ""
    kind = SANDBOX if told in SANDBOX_TYPES.values() else told
    if kind_of(host) and kind_of(host) != kind:
        mistakes.add(written.at(path), f"the org is said to be {told}, but {host} is the My Domain of a {kind_of(host)} org.")
    return kind, "" if told in (PRODUCTION, SANDBOX) else told


def _name_in(host: str) -> str:
    return host.split(".", 1)[0].partition("--")[2] if kind_of(host) == SANDBOX else ""


def _names_once(orgs: Iterable[Found], mistakes: Mistakes) -> None:
    seen: dict[str, Found] = {}
    for org in orgs:
        other = seen.setdefault(org.key, org)
        if other is not org:
            mistakes.add(org.place, f"{org.key} is the name of another org already ({other.place}).")


# -- variables of the user's own ---------------------------------------------------------------------------------------------------


def _variables(told: Any, path: Path, written: Written, mistakes: Mistakes) -> dict[str, Any]:
    if not isinstance(told, Mapping):
        mistakes.add(written.at(path), f"variables must be a dictionary, not {_kind_word(told)}.")
        return {}
    for name, value in told.items():
        place = written.at((*path, name))
        if not isinstance(name, str) or not _VARIABLE.match(name):
            mistakes.add(place, f"{name!r} is no name for a variable: letters, digits and underscores, not a digit first.")
        if name in SECRET_VARIABLES and value and (*path, name) not in written.vaulted and not _TEMPLATE.search(str(value)):
            mistakes.add(
                place,
                f"{name} holds a secret, and everybody who sees the inventory would read it. "
                "Put it into the environment, a lookup or a vaulted value.",
            )
    return dict(told)


def merge_entries(told: Any, written: Written) -> dict[str, dict[str, Any]]:
    """What a file adds: host name, org Id or alias -> variables. Raises Problem with every mistake in it."""
    mistakes = Mistakes()
    if not isinstance(told, Mapping):
        mistakes.add(written.at(()), f"the file must be a dictionary of orgs, by host name, org Id or alias, not {_kind_word(told)}.")
        mistakes.stop("reading what is merged with the orgs")
    added = {}
    for name, variables in told.items():
        own = _variables(variables or {}, (name,), written, mistakes)
        added[str(name)] = {RING if key == "ring" else key: value for key, value in own.items()}
    mistakes.stop("reading what is merged with the orgs")
    return added


@dataclass(frozen=True)
class Added:
    """Orgs with what files add to them, and the entries that fit none."""

    orgs: tuple[Found, ...]
    unmatched: tuple[str, ...]


def with_variables(orgs: Sequence[Found], added: Mapping[str, Mapping[str, Any]]) -> Added:
    """Each org with the variables added to its host name, its Id or its alias; what its own entry in the list says wins."""
    used: set[str] = set()
    result = []
    for org in orgs:
        names = [name for name in added if (name and name in (org.key, org.alias)) or (org.id and id18(name) == org.id)]
        used.update(names)
        # The host's own name speaks last, and so wins over Id and alias.
        ordered = sorted(names, key=lambda name: name == org.key)
        variables = {key: value for name in ordered for key, value in added[name].items()}
        result.append(replace(org, own={**variables, **org.own}))
    return Added(tuple(result), tuple(name for name in added if name not in used))


def _kind_word(value: Any) -> str:
    words = {bool: "true or false", int: "a number", float: "a number", str: "a text", type(None): "nothing"}
    found = next((word for kind, word in words.items() if isinstance(value, kind)), None)
    return found or ("a dictionary" if isinstance(value, Mapping) else "a list")
