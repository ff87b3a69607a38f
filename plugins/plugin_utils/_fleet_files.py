# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is private to the collection.
"""The report's files: their texts, written and read again; and which run this is. The callback and the filters both stand on it."""

from __future__ import annotations

import hashlib
import json
import platform
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from ansible import constants as C
from ansible.release import __version__ as ansible_version

from ansible_collections.voiceops.salesforce.plugins.module_utils import _fleet
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import CONFIG, Problem
from ansible_collections.voiceops.salesforce.plugins.module_utils._fleet_markdown import markdown
from ansible_collections.voiceops.salesforce.plugins.plugin_utils._fleet_page import page

FLEET, RUN = "fleet.json", "run.json"
# What each format is made of.
FILES: Mapping[str, tuple[str, ...]] = {"json": (FLEET, RUN), "md": ("fleet.md",), "html": ("fleet.html",)}
_ENTRY_KEYS = {"host", "org", "outcome", "changes", "requirements", "run"}


def text_of(name: str, fleet: Mapping[str, Any], run: Mapping[str, Any]) -> str:
    """The text of one of the report's files."""
    if name == FLEET:
        return _fleet.as_text(fleet)
    if name == RUN:
        return _fleet.as_text(run)
    return markdown(fleet, run) if name.endswith(".md") else page(fleet, run)


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all, since somebody may be reading the one that is there. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        Path(draft).chmod(0o644)
        Path(draft).replace(path)
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise


def run_id() -> str:
    """What tells this run from others, the same in all its processes: its own temporary folder has a name that nobody else's has."""
    return hashlib.sha256(str(C.DEFAULT_LOCAL_TMP).encode()).hexdigest()[:12]


def versions() -> dict[str, str]:
    """What ran."""
    # With it come the libraries that talk to orgs, which a run that talks to none should not wait for.
    from ansible_collections.voiceops.salesforce.plugins.module_utils._session import VERSION

    try:
        library = metadata.version("simple-salesforce")
    except metadata.PackageNotFoundError:
        library = ""
    return {"collection": VERSION, "ansible": ansible_version, "python": platform.python_version(), "simple_salesforce": library}


# -- reading -------------------------------------------------------------------------------------------------------------------------------


def merged(sources: Iterable[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The two documents of all sources: records by host, or files and folders of records or of earlier reports. Raises Problem."""
    pairs: list[tuple[Any, Any]] = []
    loose: list[Any] = []
    for source in sources:
        if isinstance(source, Mapping):
            loose += _loose(source, "a variable")
            continue
        for found_pairs, found in map(_read, _files(Path(str(source)).expanduser())):
            pairs += found_pairs
            loose += found
    return _fleet.merge([*pairs, *_fleet.pairs_of(loose)])


def _files(path: Path) -> list[Path]:
    """A file, or what a folder holds: the two documents of a report, or one file an org."""
    if not path.exists():
        raise _unusable(path, "it is not there.")
    if not path.is_dir():
        return [path]
    found = [path / FLEET] if (path / FLEET).is_file() else sorted(path.glob("*.json")) or sorted((path / "orgs").glob("*.json"))
    if not found:
        raise _unusable(path, f"the folder has neither {FLEET} nor files of single orgs.")
    return found


def _read(path: Path) -> tuple[list[tuple[Any, Any]], list[Any]]:
    """A report as a pair of documents, or single records."""
    document = _json(path)
    if not isinstance(document, Mapping):
        raise _unusable(path, "it holds no JSON object.")
    if "orgs" not in document:
        return [], _loose({"": document} if "host" in document else document, str(path))
    if not isinstance(document["orgs"], Sequence):
        raise _unusable(path, f"it is a run document; name the {FLEET} beside it, or their folder.")
    if document.get("format") != _fleet.FORMAT:
        raise _unusable(path, f"its format is {document.get('format')}, and this collection reads {_fleet.FORMAT}.")
    beside = path.with_name(RUN)
    return [(document, _json(beside) if beside.is_file() else {"run": {}, "orgs": {}})], []


def _loose(told: Mapping[str, Any], where: str) -> list[Any]:
    for item in told.values():
        if not isinstance(item, Mapping) or not set(item) >= _ENTRY_KEYS:
            raise _unusable(where, "it is no record of an org.")
    return list(told.values())


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _unusable(path, f"{error.strerror}.") from None
    except ValueError as error:
        raise _unusable(path, f"it is no JSON ({error}).") from None


def _unusable(what: object, said: str) -> Problem:
    remedy = "Name the folder of a report (fleet.json, run.json), a file of it, or what roles/report keeps of single orgs."
    return Problem(f"reading the report {what}", said, remedy, CONFIG, "report_source")
