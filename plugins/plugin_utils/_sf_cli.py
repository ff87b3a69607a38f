# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is private to the collection.
"""What the sf command line knows of orgs: its own files, or what the program says. Nothing is decrypted, and what is secret is dropped at once.

Where things stand is read from forcedotcom/sfdx-core: ~/.sfdx holds <username>.json for each user, <org Id>.sandbox.json for sandboxes that were
created with it, and alias.json. The folder's name is fixed there; only the home directory decides where it is.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import CONFIG, Problem, sentence
from ansible_collections.voiceops.salesforce.plugins.module_utils._inventory_orgs import SF_SANDBOX_FIELDS, taken

ALIASES = "alias.json"
SANDBOX_SUFFIX = ".sandbox.json"
# It would make the program print secrets.
SHOWS_SECRETS = "SF_TEMP_SHOW_SECRETS"

_TOKEN = re.compile(r"00D[A-Za-z0-9]{12,15}![A-Za-z0-9_.]+|\b(?:eyJ|5Aep)[A-Za-z0-9._-]{20,}")


@dataclass
class SfFiles:
    """What the files tell. orgs: by file name; aliases: alias -> username; sandboxes: by the org's Id of 15 characters. unreadable: file -> why."""

    orgs: dict[str, dict[str, Any]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    sandboxes: dict[str, dict[str, Any]] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)


def read_files(folder: str) -> SfFiles:
    """Everything there that tells of orgs; a file that cannot be read does not hide the others. Raises Problem where there is no such folder."""
    found = SfFiles()
    try:
        names = sorted(path.name for path in Path(folder).expanduser().iterdir() if path.is_file())
    except OSError as error:
        raise Problem(
            f"reading the files of the sf CLI in {folder}",
            f"{error.strerror or 'it cannot be read'}.",
            "Log in with the sf CLI as the user who runs this (sf org login), set sf_state_folder, or take sf_files out of sources.",
            CONFIG,
            "sf_state_folder",
        ) from None
    for name in names:
        sort = _sort_of(name)
        if sort is None:
            continue
        try:
            sort(found, name, _content(Path(folder).expanduser() / name))
        except (OSError, ValueError, TypeError) as error:
            found.unreadable[str(Path(folder) / name)] = _why(error)
    return found


def _sort_of(name: str) -> Callable[[SfFiles, str, dict[str, Any]], None] | None:
    """What to do with a file of that name."""
    if name == ALIASES:
        return _take_aliases
    if name.endswith(SANDBOX_SUFFIX):
        return _take_sandbox
    # A username has the form of an e-mail address; every other file there is about something else.
    return _take_org if name.endswith(".json") and "@" in name and not name.startswith(".") else None


def _content(path: Path) -> dict[str, Any]:
    told = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(told, dict):
        raise TypeError("it holds no JSON object")
    return told


def _take_org(found: SfFiles, name: str, told: dict[str, Any]) -> None:
    kept = taken(told)
    if not kept.get("instanceUrl") and not kept.get("loginUrl") and not kept.get("orgId"):
        raise ValueError("it names no org: neither instanceUrl, nor loginUrl, nor orgId")
    found.orgs[name] = kept


def _take_sandbox(found: SfFiles, name: str, told: dict[str, Any]) -> None:
    found.sandboxes[name.removesuffix(SANDBOX_SUFFIX)[:15]] = taken(told, SF_SANDBOX_FIELDS)


def _take_aliases(found: SfFiles, name: str, told: dict[str, Any]) -> None:
    aliases = told.get("orgs", {})
    if not isinstance(aliases, dict):
        raise TypeError("orgs in it is no JSON object")
    found.aliases.update({alias: username for alias, username in aliases.items() if isinstance(username, str)})


def _why(error: OSError | ValueError | TypeError) -> str:
    """What is wrong with a file, without anything that stands in it."""
    if isinstance(error, json.JSONDecodeError):
        return f"it is no JSON (line {error.lineno})"
    if isinstance(error, UnicodeDecodeError):
        return "it is no text"
    return (error.strerror or "it cannot be read") if isinstance(error, OSError) else str(error)


def org_list(program: str, timeout: int, environment: Mapping[str, str], everything: bool) -> dict[str, Any]:
    """The result of `sf org list --json`. everything: expired and deleted scratch orgs too. Raises Problem where it gives none."""
    command = [str(Path(program).expanduser()) if program.startswith("~") else program, "org", "list", "--json", "--skip-connection-status"]
    command += ["--all"] if everything else []
    quiet = {name: value for name, value in environment.items() if name != SHOWS_SECRETS}
    tried = f"running {' '.join(command)}"
    try:
        done = subprocess.run(
            command,
            env={**quiet, "SF_AUTOUPDATE_DISABLE": "true"},
            capture_output=True,
            check=False,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )
    except OSError as error:
        raise Problem(
            tried,
            f"the program cannot be started ({error.strerror}).",
            "Install the Salesforce CLI where Ansible runs (an execution environment has none), name it in sf_program, "
            "or use the source sf_files, which needs no program.",
            CONFIG,
            "sf_program",
        ) from None
    except subprocess.TimeoutExpired:
        raise Problem(
            tried,
            f"it had not ended after {timeout} seconds.",
            "Run it by hand to see what it waits for, or raise sf_timeout.",
            CONFIG,
            "sf_timeout",
        ) from None
    return _result(tried, done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


def _result(tried: str, code: int, told: str, complained: str) -> dict[str, Any]:
    try:
        # Older versions write a line before the JSON, such as that there is a newer one.
        answer, _end = json.JSONDecoder().raw_decode(told, told.index("{"))
    except ValueError:
        last = next(iter(complained.strip().splitlines()[-1:]), "") or next(iter(told.strip().splitlines()[-1:]), "nothing")
        raise Problem(tried, f"it wrote no JSON (exit code {code}), but: {_clean(last)}", "Run it by hand.", CONFIG, "sf_no_json") from None
    result = answer.get("result") if isinstance(answer, dict) else None
    if code or not isinstance(result, dict):
        name, message = str(answer.get("name") or "no name"), str(answer.get("message") or f"exit code {code}")
        raise Problem(tried, sentence(_clean(f"{name}: {message}")), "Run it by hand; sf org login renews a login.", CONFIG, "sf_failed")
    return result


def _clean(words: str) -> str:
    """The words without what looks like a token."""
    return _TOKEN.sub("********", words)[:300]
