# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is private to the collection.
"""Where in a YAML text a value stands, so that a mistake can be told with its line. Nothing is constructed: tags mean nothing here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import CONFIG, Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._inventory_entries import Written

Path = tuple[Any, ...]


class Document:
    """A YAML file: its text, and where everything stands in it.

    lines: path of keys and positions -> line, from 1. vaulted: paths of values with the tag !vault. twice: (path, line, line before) of keys that
    a dictionary has twice. Raises Problem where the text is no YAML.
    """

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.lines: dict[Path, int] = {}
        self.vaulted: set[Path] = set()
        self.twice: list[tuple[Path, int, int]] = []
        try:
            root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError as error:
            raise _unreadable(path, error) from None
        if root is not None:
            self.lines[()] = root.start_mark.line + 1
            self._walk(root, (), frozenset())

    def _walk(self, node: Any, path: Path, above: frozenset[int]) -> None:
        if node.tag == "!vault":
            self.vaulted.add(path)
        for key, line, child in _children(node):
            below = (*path, key)
            if below in self.lines and key is not None:
                self.twice.append((below, line, self.lines[below]))
            self.lines[below] = line
            # An alias may name what it stands in.
            if id(child) not in above:
                self._walk(child, below, above | {id(node)})

    def top_keys(self) -> list[str]:
        """The keys of the dictionary that the file is."""
        return [path[0] for path in self.lines if len(path) == 1 and isinstance(path[0], str)]

    def at(self, path: Path) -> str:
        """The place of what stands at that path, or of what it would stand in."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.path}:{self.lines.get(path, 1)}"

    def repeated(self) -> list[str]:
        """Every key that a dictionary has twice, in words."""
        return [f"{self.path}:{line}: {path[-1]} stands there already, in line {before}." for path, line, before in self.twice]

    def placed(self) -> Written:
        return Written(self.at, frozenset(self.vaulted))


def _children(node: Any) -> Iterator[tuple[Any, int, Any]]:
    """(key or position, line, node) of everything in a dictionary or list."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key.value if isinstance(key, yaml.ScalarNode) else None, key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode):
        for number, child in enumerate(node.value):
            yield number, child.start_mark.line + 1, child


def _unreadable(path: str, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    where = f"{path}:{mark.line + 1}" if mark else path
    return Problem(
        f"reading {where}", f"it is no YAML ({getattr(error, 'problem', None) or 'unreadable'}).", "Correct the file.", CONFIG, "no_yaml"
    )
