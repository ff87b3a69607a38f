# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""What the user asks of a permission set: its options, and the selectors that its sections are written in. Pure."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Callable

from . import _ids, _set_origin, _set_reference, _users
from ._dependencies import HIGH_RISK
from ._errors import CONFIG, Problem, did_you_mean, listing
from ._grants import Rights, tab_rights
from ._set_reference import SetReference
from ._set_sections import BY_OPTION, CONNECTED_APPS, ENTITIES, FIELDS, GRANTED, OBJECTS, TABS, USER_PERMISSIONS, VISIBLE, Section
from ._users import Allowance

NONE, ONLY_OBJECTS, ALL = "none", "objects", "all"
REPORT, MERGE, FAIL = "report", "merge", "fail"
USERS, GROUPS, RUNNING_USER = "users", "groups", "running_user"

# Object Reference, PermissionSet.Name.
_NAME = re.compile(r"^[A-Za-z](?!.*__)[A-Za-z0-9_]*(?<!_)$")
# Object Reference, PermissionSet.NamespacePrefix.
_NAMESPACE = re.compile(r"^[A-Za-z](?!.*__)[A-Za-z0-9_]{0,14}$")
_LENGTHS: Mapping[str, int] = {"name": 80, "label": 80, "description": 255}
_TEXTS = ("label", "description")
# What only accompanies other objects, and person accounts' copies of contact fields: a glob or a package never means them.
_COMPANIONS = ("share", "history", "feed", "changeevent")
_PERSON_ACCOUNT = "__pc"


@dataclass(frozen=True)
class Selector:
    """One line of a section. place: where it stands, as object_permissions[0]. pattern: a name or glob; package: a namespace instead of one.

    rights: what is asked for. denied: rights that the line says false of.
    """

    section: str
    place: str
    pattern: str
    package: str | None
    rights: Rights
    denied: Rights = frozenset()

    @property
    def is_exact(self) -> bool:
        """Whether it names one thing."""
        return self.package is None and not is_glob(self.pattern)

    def __str__(self) -> str:
        return f"package {self.package}" if self.package else self.pattern


@dataclass(frozen=True)
class Desired:
    """What the set should be. source: what it is cloned from. clone: when a clone is wanted at all. high_risk: rights of high risk that may come
    along where what is asked for needs them."""

    name: str
    state: str
    attributes: Mapping[str, Any]
    license: str | None
    source: SetReference | None
    clone: str
    on_source_change: str
    selectors: tuple[Selector, ...]
    exact: frozenset[str]
    skip_missing: bool
    resolve: str
    high_risk: frozenset[str]
    take_from: frozenset[str]
    max_removals: Allowance

    @property
    def tried(self) -> str:
        return f"shaping permission set {self.name}"

    @property
    def reference(self) -> SetReference:
        return SetReference(name=self.name)

    def of(self, section: Section) -> list[Selector]:
        """The lines of one section."""
        return [item for item in self.selectors if item.section == section.option]


def desired(params: Mapping[str, Any]) -> Desired:
    """What the options ask for. Raises Problem for names that Salesforce would refuse."""
    name = params["name"].strip()
    tried = f"shaping permission set {name}"
    _check_name(name, tried)
    source = _source(params["clone_from"], tried)
    if source is None and params["clone"] != "always":
        raise Problem(tried, f"clone is {params['clone']} and there is nothing to clone.", "Set clone_from.", CONFIG, "no_source")
    attributes: dict[str, Any] = {option: params[option].strip() for option in _TEXTS if params[option] is not None}
    _check_texts(name, attributes, cloned=source is not None, tried=tried)
    if params["session_activation"] is not None:
        attributes["session_activation"] = params["session_activation"]
    return Desired(
        name,
        params["state"],
        attributes,
        params["license"] or None,
        source,
        params["clone"],
        params["on_source_change"],
        tuple(_selectors(params, tried, needs_told=params["resolve_dependencies"] == NONE)),
        frozenset(params["exact"]),
        params["missing"] == "skip",
        params["resolve_dependencies"],
        _accepted(params["high_risk_dependencies"], params["resolve_dependencies"], tried),
        frozenset(params["take_from"]),
        _users.allowance(params["max_removals"], tried),
    )


def _accepted(names: Sequence[str], resolve: str, tried: str) -> frozenset[str]:
    """The rights of high risk that may come along. Raises Problem for names that are none, and where nothing would come along anyway."""
    by_lower = {name.lower(): name for name in HIGH_RISK}
    strange = [name for name in names if name.strip().lower() not in by_lower]
    if strange:
        raise Problem(
            tried,
            f"high_risk_dependencies names {listing(strange)}, which this collection does not count among the high-risk rights."
            + did_you_mean(strange[0], HIGH_RISK),
            "Give API names of high-risk rights; other rights come along without being named here.",
            CONFIG,
            "not_high_risk",
        )
    if names and resolve != ALL:
        raise Problem(
            tried,
            f"high_risk_dependencies names {listing(names)} and resolve_dependencies is {resolve}: no user permission is added that way.",
            "Set resolve_dependencies to all, or leave high_risk_dependencies out.",
            CONFIG,
            "contradiction",
        )
    return frozenset(by_lower[name.strip().lower()] for name in names)


def is_glob(pattern: str) -> bool:
    """Whether the name holds * or ?."""
    return "*" in pattern or "?" in pattern


def matcher(selector: Selector) -> Callable[[str], bool]:
    """Whether a name of the selector's section is one that it means. API names compare without case.

    A field is Object.Field; a glob without a dot, and a package, speak of the field's own name on every object: its own prefix counts, so a
    subscriber's field on a package's object stays out.
    """
    told_by_field = _told_by_field(selector)
    fits = _fitting(_pattern(selector))
    shuns_companions = not selector.is_exact and selector.section in (OBJECTS.option, FIELDS.option)

    def means(name: str) -> bool:
        lowered = name.lower()
        if shuns_companions and is_companion(lowered):
            return False
        return fits(lowered.partition(".")[2] if told_by_field else lowered)

    return means


def _fitting(pattern: str) -> Callable[[str], bool]:
    """Whether a name fits the pattern. What ends in its only star, as nearly every glob and each package does, is worth no regular expression:
    there may be hundreds of them."""
    start, star, rest = pattern.partition("*")
    if star and not rest and "?" not in start:
        return lambda name: name.startswith(start)
    match = re.compile(fnmatch.translate(pattern.replace("[", "[[]"))).match
    return lambda name: match(name) is not None


def literal_start(selector: Selector) -> str:
    """How every name that the selector means begins, in lower case; empty where that is not known."""
    return "" if _told_by_field(selector) else re.split(r"[*?]", _pattern(selector))[0]


def _pattern(selector: Selector) -> str:
    return (f"{selector.package}__*" if selector.package else selector.pattern).lower()


def _told_by_field(selector: Selector) -> bool:
    return selector.section == FIELDS.option and (selector.package is not None or "." not in selector.pattern)


def is_companion(name: str) -> bool:
    """Whether an object, or the object of a field, only accompanies another one, or the field is a person account's copy."""
    lowered = name.lower()
    return lowered.endswith(_PERSON_ACCOUNT) or lowered.partition(".")[0].endswith(_COMPANIONS)


# -- names and texts -----------------------------------------------------------------------------------------------------------------


def _check_name(name: str, tried: str) -> None:
    if len(name) > _LENGTHS["name"]:
        _too_long("name", name, _LENGTHS["name"], "", tried)
    if _NAME.match(name):
        return
    if "__" in name:
        raise Problem(
            tried,
            "a name with a namespace belongs to a package, whose sets cannot be written.",
            "Give the clone a name of your own and name the package's set in clone_from.",
            CONFIG,
            "managed_target",
        )
    raise Problem(
        tried,
        "Salesforce would refuse that API name.",
        "Use letters, digits and single underscores; begin with a letter; do not end with an underscore.",
        CONFIG,
        "bad_name",
    )


def _check_texts(name: str, attributes: Mapping[str, str], *, cloned: bool, tried: str) -> None:
    most = {**_LENGTHS, "description": _set_origin.MAX_TEXT if cloned else _LENGTHS["description"]}
    why = " in a clone, whose description also records where it came from" if cloned else ""
    for option, text in attributes.items():
        if len(text) > most[option]:
            _too_long(option, text, most[option], why if option == "description" else "", tried)
    if attributes.get("label") == "":
        raise Problem(tried, "its label is empty.", "Give a label or leave the option out.", CONFIG, "empty_label")


def _too_long(option: str, text: str, most: int, why: str, tried: str) -> None:
    raise Problem(tried, f"its {option} has {len(text)} characters.", f"Salesforce takes at most {most}{why}.", CONFIG, "too_long")


def _source(given: Mapping[str, Any] | None, tried: str) -> SetReference | None:
    if not given:
        return None
    given = {word: value.strip() if value else value for word, value in given.items()}
    if given["id"]:
        if not _ids.is_id(given["id"], "0PS"):
            remedy = "It begins with 0PS and has 15 characters, or 18 with their checksum; or name the set."
            raise Problem(tried, f"{given['id']} is not the Id of a permission set.", remedy, CONFIG, "not_an_id")
        return SetReference(id=given["id"])
    namespace = given["namespace"]
    if given["name"]:
        reference = _set_reference.parse(given["name"])
        return replace(reference, namespace=namespace) if namespace is not None and reference.namespace is None else reference
    if not given["label"]:
        raise Problem(tried, "clone_from names no set.", "Give id, name, or namespace with label.", CONFIG, "no_source")
    return SetReference(label=given["label"], namespace=namespace)


# -- selectors -----------------------------------------------------------------------------------------------------------------------


def _selectors(params: Mapping[str, Any], tried: str, *, needs_told: bool) -> Iterable[Selector]:
    for section in BY_OPTION.values():
        lines = list(_lines(params, section, tried))
        if needs_told:
            for selector in lines:
                _check_needs(section, selector, lines, tried)
        yield from lines


def _lines(params: Mapping[str, Any], section: Section, tried: str) -> Iterable[Selector]:
    option = section.option
    for number, item in enumerate(params[option] or ()):
        place = f"{option}[{number}]"
        if isinstance(item, Mapping):
            selector = _with_rights(section, place, item, tried)
        elif isinstance(item, str):
            selector = Selector(option, place, item.strip(), None, frozenset({GRANTED}))
        else:
            remedy = f"{option} takes names, globs and {{package: namespace}}."
            raise Problem(tried, f"{place} is not understood: {item!r}.", remedy, CONFIG, "bad_selector")
        _check_selector(selector, tried)
        yield selector


def _with_rights(section: Section, place: str, item: Mapping[str, Any], tried: str) -> Selector:
    """A line that is a mapping: a name or a package, with rights where the section has some."""
    word = {OBJECTS.option: "object", FIELDS.option: "field", TABS.option: "tab"}.get(section.option)
    package = str(item["package"]).strip() if item.get("package") else None
    if word is None:
        if set(item) != {"package"} or not package or section in (USER_PERMISSIONS, CONNECTED_APPS):
            forms = "names and globs" if section in (USER_PERMISSIONS, CONNECTED_APPS) else "names, globs and {package: namespace}"
            raise Problem(tried, f"{place} is not understood: {dict(item)}.", f"{section.option} takes {forms}.", CONFIG, "bad_selector")
        return Selector(section.option, place, "", package, frozenset({GRANTED}))
    pattern = str(item.get(word) or "").strip()
    if section is TABS:
        return Selector(section.option, place, pattern, package, tab_rights(item.get("visibility") or VISIBLE))
    asked = frozenset(right for right in section.rights if item.get(right) is True)
    denied = frozenset(right for right in section.rights if item.get(right) is False)
    return Selector(section.option, place, pattern, package, asked, denied)


def _check_selector(selector: Selector, tried: str) -> None:
    if not selector.pattern and not selector.package:
        raise Problem(tried, f"{selector.place} names nothing.", "Give a name, a glob, or package.", CONFIG, "bad_selector")
    if selector.package and not _NAMESPACE.match(selector.package):
        remedy = "A namespace has letters, digits and underscores, at most 15, and no __."
        raise Problem(tried, f"{selector.place}: {selector.package} is no package's namespace.", remedy, CONFIG, "bad_selector")
    if selector.section != FIELDS.option or not selector.is_exact or "." in selector.pattern:
        return
    raise Problem(
        tried,
        f"{selector.place}: {selector.pattern} names no object.",
        "Write a field as Object.Field, or use a glob.",
        CONFIG,
        "unknown_name",
    )


def _check_needs(section: Section, selector: Selector, lines: Sequence[Selector], tried: str) -> None:
    """Where nothing is to be added, a right without those that it needs cannot be had: the API would refuse it half-way. Another line may ask
    for them."""
    for right in section.rights:
        missing = [needed for needed in section.needs.get(right, ()) if right in selector.rights and needed not in selector.rights]
        beside = {asked for line in lines if _covers(line, selector) for asked in line.rights} if missing else set()
        missing = [needed for needed in missing if needed not in beside]
        if missing:
            remedy = "Ask for these as well, or set resolve_dependencies to objects."
            raise Problem(tried, f"{right} on {selector} needs {' and '.join(missing)} too.", remedy, CONFIG, "missing_right")


def _covers(line: Selector, other: Selector) -> bool:
    """Whether the line surely means all that the other one means."""
    return str(line).lower() == str(other).lower() or (other.is_exact and not line.is_exact and matcher(line)(other.pattern))


_RAW = {"type": "list", "elements": "raw"}

ARGUMENT_SPEC: Mapping[str, Mapping[str, Any]] = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
    "label": {"type": "str"},
    "description": {"type": "str"},
    "license": {"type": "str"},
    "session_activation": {"type": "bool"},
    "clone_from": {
        "type": "dict",
        "options": {"id": {"type": "str"}, "name": {"type": "str"}, "namespace": {"type": "str"}, "label": {"type": "str"}},
        "required_one_of": [["id", "name", "label"]],
        "mutually_exclusive": [["id", "name", "label"], ["id", "namespace"]],
    },
    "clone": {"type": "str", "default": "always", "choices": ["always", "when_needed", "never"]},
    "on_source_change": {"type": "str", "default": REPORT, "choices": [REPORT, MERGE, FAIL]},
    "user_permissions": {"type": "list", "elements": "str"},
    "object_permissions": {
        "type": "list",
        "elements": "dict",
        "options": {"object": {"type": "str"}, "package": {"type": "str"}, **{name: {"type": "bool"} for name in OBJECTS.rights}},
        "required_one_of": [["object", "package"]],
        "mutually_exclusive": [["object", "package"]],
    },
    "field_permissions": {
        "type": "list",
        "elements": "dict",
        "options": {"field": {"type": "str"}, "package": {"type": "str"}, **{name: {"type": "bool"} for name in FIELDS.rights}},
        "required_one_of": [["field", "package"]],
        "mutually_exclusive": [["field", "package"]],
    },
    **{section.option: ({"type": "list", "elements": "str"} if section is CONNECTED_APPS else _RAW) for section in ENTITIES},
    "tabs": {
        "type": "list",
        "elements": "dict",
        "options": {
            "tab": {"type": "str"},
            "package": {"type": "str"},
            "visibility": {"type": "str", "default": VISIBLE, "choices": [VISIBLE, "available"]},
        },
        "required_one_of": [["tab", "package"]],
        "mutually_exclusive": [["tab", "package"]],
    },
    "exact": {
        "type": "list",
        "elements": "str",
        "default": [],
        "choices": [USER_PERMISSIONS.option, *(name for name in BY_OPTION if name != USER_PERMISSIONS.option)],
    },
    "missing": {"type": "str", "default": "fail", "choices": ["fail", "skip"]},
    "resolve_dependencies": {"type": "str", "default": ONLY_OBJECTS, "choices": [NONE, ONLY_OBJECTS, ALL]},
    "high_risk_dependencies": {"type": "list", "elements": "str", "default": []},
    "take_from": {"type": "list", "elements": "str", "default": [], "choices": [USERS, GROUPS, RUNNING_USER]},
    "max_removals": {"type": "int", "default": 10},
}
