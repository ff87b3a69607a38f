# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The evidence list of docs/emulator.md, rendered from the rules that are registered.

python -m emulator.evidence               print it
python -m emulator.evidence --into FILE   put it between the markers of that file
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
import textwrap
from pathlib import Path

import emulator
from emulator.rules.registry import RULES, Grade, Rule

BEGIN = "<!-- begin: python -m emulator.evidence -->"
END = "<!-- end -->"
WIDTH = 140
PROGRAMS = ("emulator.__main__", "emulator.generate_", "emulator.evidence")


def import_everything() -> None:
    """Rules are registered where they are enforced: import every module of the emulator."""
    for module in pkgutil.walk_packages(emulator.__path__, "emulator."):
        if not module.name.startswith(PROGRAMS):
            importlib.import_module(module.name)


def entry(rule: Rule) -> str:
    says = rule.says[0].upper() + rule.says[1:].rstrip(".") + "."
    words = f"- `{rule.name}`: {says} Source: {rule.source}."
    if rule.switch is not None:
        first, *others = rule.switch.settings
        words += f" Switch `{rule.switch.name}`: **{first}**" + "".join(f", {other}" for other in others) + "."
    return "\n".join(textwrap.wrap(words, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False))


def rendered() -> str:
    """The whole list, a section a grade, strongest first."""
    import_everything()
    sections = []
    for grade in Grade:
        rules = sorted((rule for rule in RULES.values() if rule.grade is grade), key=lambda rule: rule.name)
        if rules:
            sections.append("\n".join([f"### {grade.value[0].upper()}{grade.value[1:]} ({len(rules)})", "", *map(entry, rules)]))
    return "\n\n".join(sections)


def put_into(text: str) -> str:
    """The text with the list between its markers. Raises ValueError where they are missing."""
    before, begin, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no {BEGIN} ... {END} in the text")
    return f"{before}{BEGIN}\n\n{rendered()}\n\n{END}{after}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--into", type=Path)
    arguments = parser.parse_args()
    if arguments.into is None:
        sys.stdout.write(rendered() + "\n")
        return
    arguments.into.write_text(put_into(arguments.into.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
