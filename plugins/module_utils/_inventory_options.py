# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""The inventory plugin's options: one row each, the same in the file and in the environment. Pure.

An option is looked for in the file, then in the environment; an empty text counts as unset. AWX passes no extra variables to an inventory source,
and puts empty texts into the environment: that is why Ansible's own reading of the environment would not do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ._errors import CONFIG, Problem, did_you_mean, listing
from ._inventory_orgs import DISCOVERING

TEXT = "text"
FLAG = "flag"
COUNT = "count"
WORDS = "words"
# A list of Jinja conditions: commas mean something in them.
CONDITIONS = "conditions"
# Structures: in the environment they are YAML or JSON.
LIST_OF = "list"
MAPPING = "mapping"


@dataclass(frozen=True)
class Option:
    """kind: what a value of it is. templated: whether a template in the file is worked out when the file is read, and not for each host."""

    name: str
    kind: str
    default: Any = None
    choices: tuple[str, ...] = ()
    templated: bool = True

    @property
    def environment(self) -> str:
        return f"SALESFORCE_INVENTORY_{self.name.upper()}"


OPTIONS: tuple[Option, ...] = (
    Option("orgs", LIST_OF, templated=False),
    Option("sources", WORDS, (), DISCOVERING),
    Option("my_domain", TEXT, ""),
    Option("include_production", FLAG, True),
    Option("include_unready", FLAG, False),
    Option("include_expired", FLAG, False),
    Option("recently_refreshed_days", COUNT, 7),
    Option("sf_state_folder", TEXT, "~/.sfdx"),
    Option("sf_program", TEXT, "sf"),
    Option("sf_timeout", COUNT, 60),
    Option("on_unreadable_file", TEXT, "warn", ("warn", "fail")),
    Option("merge_with", WORDS, ()),
    Option("merge_unmatched", TEXT, "warn", ("warn", "fail", "ignore")),
    Option("hostname", TEXT, "", templated=False),
    Option("hostname_prefix", TEXT, ""),
    Option("include_names", WORDS, ()),
    Option("exclude_names", WORDS, ()),
    Option("include_filters", CONDITIONS, (), templated=False),
    Option("exclude_filters", CONDITIONS, (), templated=False),
    Option("strict", FLAG, False),
    Option("compose", MAPPING, {}, templated=False),
    Option("groups", MAPPING, {}, templated=False),
    Option("keyed_groups", LIST_OF, (), templated=False),
    Option("leading_separator", FLAG, True),
)

_FLAGS: Mapping[str, bool] = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}


def is_set(value: Any) -> bool:
    """Whether that is a value: neither nothing nor an empty text."""
    return value is not None and not (isinstance(value, str) and not value.strip())


def is_structured(option: Option, text: str) -> bool:
    """Whether a text is to be read as YAML (or JSON, which is YAML): always for structures, for lists where it looks like it."""
    stripped = text.strip()
    looks = stripped.startswith(("[", "- ", "---")) or "\n" in stripped
    return option.kind in (LIST_OF, MAPPING) or (option.kind in (WORDS, CONDITIONS) and looks)


def converted(option: Option, value: Any, place: str) -> Any:
    """The value as the option wants it. place: where it stands, for messages. Raises Problem."""
    if option.kind == FLAG:
        found = value if isinstance(value, bool) else _FLAGS.get(str(value).strip().lower())
        return found if found is not None else _refuse(option, value, place, "Give true or false.")
    if option.kind == COUNT:
        text = str(value).strip()
        return int(text) if text.isdigit() and not isinstance(value, bool) else _refuse(option, value, place, "Give a whole number.")
    if option.kind == MAPPING:
        return dict(value) if isinstance(value, Mapping) else _refuse(option, value, place, "Give a dictionary.")
    if option.kind == LIST_OF:
        return list(value) if _is_list(value) else _refuse(option, value, place, "Give a list of dictionaries.")
    if option.kind in (WORDS, CONDITIONS):
        return _words(option, value, place)
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        return _refuse(option, value, place, "Give a text.")
    return _chosen(option, str(value).strip(), place)


def _words(option: Option, value: Any, place: str) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [value] if option.kind == CONDITIONS else value.split(",")
    if isinstance(value, bool) and option.kind == CONDITIONS:
        value = [str(value).lower()]
    if not _is_list(value) or not all(isinstance(item, (str, int, float)) for item in value):
        return tuple(_refuse(option, value, place, "Give a list of texts."))
    # Conditions stay as they are: where they come from decides whether they may be worked out.
    words = (item if isinstance(item, str) else str(item).lower() if isinstance(item, bool) else str(item) for item in value)
    kept = words if option.kind == CONDITIONS else (word.strip() for word in words)
    return tuple(_chosen(option, word, place) for word in kept if word.strip())


def _chosen(option: Option, word: str, place: str) -> str:
    if option.choices and word not in option.choices:
        _refuse(option, word, place, f"Choose among {listing(option.choices)}.{did_you_mean(word, option.choices)}")
    return word


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def _refuse(option: Option, value: Any, place: str, remedy: str) -> Any:
    shown = str(value) if len(str(value)) <= 80 else f"{str(value)[:80]}..."
    raise Problem(f"reading {option.name} ({place})", f"{shown!r} is no value for it.", remedy, CONFIG, option.name)
