# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: report
type: aggregate
short_description: One report on a run over many orgs, as JSON, Markdown and a web page
version_added: 0.1.0
description:
  - Writes at the end of a run what it came to - which org is as declared, which was changed, which has drifted, which failed and why, and which the
    run did not come to; the plan of each, its requirements, users who could not be found, seats, API usage, and how long it took.
  - "C(fleet.json) says what is not as declared. It has no times, Ids or usage, and is the same byte for byte when nothing changed. C(run.json) has what
    differs from run to run. C(fleet.md) and C(fleet.html) join the two for people."
  - It writes nothing where no task of the collection ran, or where all of them only read, as in a preflight, since then nothing was compared with what
    is declared. It never makes a run fail. What it cannot write is a warning.
  - A change counts where a task was changed. Where a play writes, what a task with C(check_mode) on only plans does not count.
  - Whether a run fails where it finds drift is the play's own affair, since a callback is not asked whether a run succeeded. See
    C(playbooks/drift.yml) and its variable C(salesforce_fail_on_drift).
  - A task whose failing only tells a verdict (drift, something that is violated) says so with the variable C(salesforce_verdict); its host is not told as
    failed, but as what was found.
requirements:
  - Enable it in C(ansible.cfg) with C(callbacks_enabled = voiceops.salesforce.report), or with the environment variable E(ANSIBLE_CALLBACKS_ENABLED).
options:
  directory:
    description:
      - The folder for the report. It is made where it is not there. In C(ansible.cfg) a path is relative to that file, else to the folder in which
        Ansible was started.
    type: path
    default: salesforce_reports
    env:
      - name: SALESFORCE_REPORT_DIRECTORY
    ini:
      - section: callback_salesforce_report
        key: directory
  formats:
    description:
      - Which files to write, any of V(json) (C(fleet.json) and C(run.json)), V(md) (C(fleet.md)) and V(html) (C(fleet.html)).
    type: list
    elements: str
    default: [json, md, html]
    env:
      - name: SALESFORCE_REPORT_FORMATS
    ini:
      - section: callback_salesforce_report
        key: formats
  ticket:
    description:
      - The change ticket that the report names. Where it is left out, the variable C(salesforce_change_ticket) of the hosts or of the run.
    type: str
    default: ""
    env:
      - name: SALESFORCE_CHANGE_TICKET
    ini:
      - section: callback_salesforce_report
        key: ticket
seealso:
  - name: The report
    description: What stands in it, how slices are merged, and how to use the page.
    link: https://github.com/voiceops/salesforce/blob/main/docs/report.md
author:
  - The voiceops.salesforce contributors (@voiceops)
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.callback import CallbackBase
from ansible.template import Templar

from ansible_collections.voiceops.salesforce.plugins.module_utils import _fleet
from ansible_collections.voiceops.salesforce.plugins.plugin_utils import _fleet_files

COLLECTION = "voiceops.salesforce."
SET_FACT = frozenset({"set_fact", "ansible.builtin.set_fact", "ansible.legacy.set_fact"})
# What a failing task of any collection says by this variable: it only tells what was found.
VERDICT = "salesforce_verdict"
# What the report tells of a host that its results do not.
RING = "salesforce_ring"
LOGIN_URL = "salesforce_login_url"
TICKET = "salesforce_change_ticket"
VARIABLES = (RING, LOGIN_URL, TICKET)
# Where something is wrong with a document, the others are written all the same.
UNWRITABLE = (OSError, LookupError, TypeError, ValueError, AttributeError)


@dataclass
class Play:
    """A play of the run. hosts: all of it, whatever the wave. ours: whether a task of the collection ran in it."""

    hosts: tuple[str, ...]
    checking: bool
    ours: bool = False


@dataclass
class Org:
    """What was seen of one host."""

    observations: list[_fleet.Observation] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    stopped_at: str = ""


class CallbackModule(CallbackBase):
    """Gathers the results of the collection's tasks, and writes the report when the play has ended."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "voiceops.salesforce.report"
    CALLBACK_NEEDS_ENABLED = True
    CALLBACK_NEEDS_WHITELIST = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._begun = datetime.now(timezone.utc)
        self._playbooks: list[Any] = []
        self._plays: dict[str, Play] = {}
        self._play: Any = None
        self._task: Any = None
        self._orgs: dict[str, Org] = {}
        self._starts: dict[tuple[str, str], float] = {}

    # -- what Ansible tells -----------------------------------------------------------------------------------------------------------

    def v2_playbook_on_start(self, playbook: Any) -> None:
        self._playbooks.append(playbook)

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """A play begins, or the next wave of it."""
        self._play = play
        if play._uuid not in self._plays:
            self._plays[play._uuid] = Play(_hosts(play, play.hosts), bool(play.check_mode))

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self._task = task

    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        self._task = task

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        self._starts[host.name, task._uuid] = time.monotonic()

    def v2_runner_on_ok(self, result: Any) -> None:
        self._see(result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._see(result, failed=not ignore_errors)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """No module of the collection says so; a task of another kind may."""
        told = {"error_class": "network", "error_code": "unreachable"}
        self._see(result, failed=not _Seen(result).says("ignore_unreachable"), told=told)

    def v2_playbook_on_no_hosts_remaining(self) -> None:
        """The wave is over: also for hosts that did not fail themselves."""
        if self._play is None or self._task is None or _is_over(self._play, self._task):
            return
        for host in _hosts(self._play, self._play.hosts, of_this_wave=True):
            org = self._orgs.get(host)
            if org and not org.stopped_at:
                org.stopped_at = self._task.get_name().strip()

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """The playbook has ended. With several in one command the report grows with each."""
        if not any(_tells(org) for org in self._orgs.values()):
            return
        try:
            fleet, run = self._documents(stats)
        except (*UNWRITABLE, AnsibleError) as error:
            self._display.warning(f"The report on the orgs could not be made: {error!r}. The run itself is not concerned.")
            return
        folder = Path(self.get_option("directory"))
        for name in self._names():
            self._write(folder / name, fleet, run)

    # -- what is kept of it -----------------------------------------------------------------------------------------------------------

    def _see(self, result: Any, *, failed: bool = False, told: Mapping[str, Any] | None = None) -> None:
        seen = _Seen(result)
        began = self._starts.pop((seen.host, seen.task._uuid), None)
        if seen.action in SET_FACT:
            self._learn(seen.host, seen.result)
        action = seen.action[len(COLLECTION) :] if seen.action.startswith(COLLECTION) else ""
        if not action and not failed:
            return
        play = self._plays.get(self._play._uuid) if self._play is not None else None
        if play and action:
            play.ours = True
        checking = bool(play and play.checking)
        observation = _fleet.Observation(
            task=str(result.task_name),
            action=action,
            result={**_fleet.kept(seen.result), **(told or {})},
            seconds=0.0 if began is None else time.monotonic() - began,
            failed=failed,
            verdict=_is_verdict(seen.task),
            foresees=seen.is_plan and not checking,
            checking=checking,
        )
        self._orgs.setdefault(seen.host, Org()).observations.append(observation)

    def _learn(self, host: str, result: Mapping[str, Any]) -> None:
        """What the play tells of the host in facts."""
        for part in [result, *(item for item in result.get("results") or () if isinstance(item, Mapping))]:
            facts = part.get("ansible_facts") or {}
            found = {name: facts[name] for name in _fleet.FACTS if name in facts}
            if found:
                self._orgs.setdefault(host, Org()).facts.update(found)

    # -- what becomes of it -----------------------------------------------------------------------------------------------------------

    def _documents(self, stats: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        ended = datetime.now(timezone.utc)
        variables = _Variables([play for playbook in self._playbooks for play in playbook.get_plays()])
        checking = [play.checking for play in self._plays.values() if play.ours]
        records = [
            _fleet.record(self._about(host, stats, variables, all(checking)), self._orgs.get(host, Org()).observations)
            for host in self._concerned(variables)
        ]
        head = {
            "id": _fleet_files.run_id(),
            "started": _stamp(self._begun),
            "ended": _stamp(ended),
            "seconds": round((ended - self._begun).total_seconds(), 1),
            "playbook": ", ".join(dict.fromkeys(Path(playbook._file_name).name for playbook in self._playbooks)),
            "ticket": self.get_option("ticket") or variables.ticket(item["host"] for item in records),
            "versions": _fleet_files.versions(),
        }
        return _fleet.fleet(records), _fleet.run(records, head)

    def _concerned(self, variables: _Variables) -> list[str]:
        """Every host of a play in which the collection worked, whether the run came to it or not, and those of plays that did not begin."""
        begun = [host for play in self._plays.values() if play.ours for host in play.hosts]
        seen = [host for host, org in self._orgs.items() if any(item.action for item in org.observations)]
        never = variables.hosts_of_others(set(self._plays))
        return sorted({*begun, *seen, *never})

    def _about(self, host: str, stats: Any, variables: _Variables, checking: bool) -> _fleet.About:
        org = self._orgs.get(host, Org())
        told = variables.of(host)
        return _fleet.About(
            host=host,
            ring=told[RING],
            address=urlsplit(told[LOGIN_URL]).hostname or "",
            failed=bool(stats.failures.get(host) or stats.dark.get(host)),
            checking=checking,
            facts=org.facts,
            stopped_at=org.stopped_at,
        )

    def _names(self) -> Iterable[str]:
        for form in self.get_option("formats"):
            if form not in _fleet_files.FILES:
                self._display.warning(f"The report knows no format {form}: the option formats takes {', '.join(_fleet_files.FILES)}.")
            yield from _fleet_files.FILES.get(form, ())

    def _write(self, path: Path, fleet: Mapping[str, Any], run: Mapping[str, Any]) -> None:
        try:
            _fleet_files.write(path, _fleet_files.text_of(path.name, fleet, run))
        except UNWRITABLE as error:
            said = getattr(error, "strerror", None) or repr(error)
            self._display.warning(f"The report {path} could not be written: {said}. The run itself is not concerned.")


def _tells(org: Org) -> bool:
    """Whether it shows how the org stands to what is declared, or what kept it from showing that. Of a run that only reads, such as a preflight, no org
    is to be called as declared, and the report of the run before stays."""
    return bool(org.facts) or any(
        item.action
        and (item.writes or item.failed or any("requirements" in part for part in (item.result, *item.result.get("results", ()))))
        for item in org.observations
    )


class _Seen:
    """A result as Ansible hands it over: from 2.19 on by names of its own, before by private ones."""

    def __init__(self, result: Any) -> None:
        self.task = getattr(result, "task", None) or result._task
        self.host = str((getattr(result, "host", None) or result._host).name)
        # Up to 2.20 the task is as it is written; what its templates came to stands here, and later in the task.
        self._fields: Mapping[str, Any] = getattr(result, "_task_fields", None) or {}
        self.result: Mapping[str, Any] = getattr(result, "result", None) or result._result
        self.action = str(getattr(self.task, "resolved_action", None) or self.task.action)

    @property
    def is_plan(self) -> bool:
        """Whether the task was in check mode, by itself or with its play."""
        return self.says("check_mode")

    def says(self, keyword: str) -> bool:
        """A keyword of the task that is true or false."""
        return bool(self._fields.get(keyword, getattr(self.task, keyword, False)))


class _Variables:
    """The inventory's view of hosts, after the run."""

    def __init__(self, plays: list[Any]) -> None:
        self._plays = plays
        self._known: dict[str, dict[str, str]] = {}

    def of(self, host: str) -> dict[str, str]:
        """A host's variables VARIABLES as text, empty where they are not set or do not resolve."""
        if host not in self._known:
            self._known[host] = self._read(host)
        return self._known[host]

    def _read(self, host: str) -> dict[str, str]:
        for play in self._plays[:1]:
            manager = play.get_variable_manager()
            known = manager._inventory.get_host(host)
            if known is None:
                break
            variables = manager.get_vars(host=known, include_hostvars=False)
            told = {name: _templated(play.get_loader(), variables, variables.get(name)) for name in VARIABLES}
            return {**told, RING: _fleet.ring_of(told[RING], [group.name for group in known.get_groups()])}
        return dict.fromkeys(VARIABLES, "")

    def ticket(self, hosts: Iterable[str]) -> str:
        """The change ticket of the first host that has one."""
        return next((ticket for ticket in (self.of(host)[TICKET] for host in hosts) if ticket), "")

    def hosts_of_others(self, begun: set[str]) -> list[str]:
        """The orgs of plays that never began, since one before them stopped the run: hosts that have a login URL."""
        others = [play for play in self._plays if play._uuid not in begun]
        found = [host for play in others for host in _hosts(play, _pattern(play))]
        return [host for host in dict.fromkeys(found) if self.of(host)[LOGIN_URL]]


def _hosts(play: Any, pattern: Any, *, of_this_wave: bool = False) -> tuple[str, ...]:
    """The names of the hosts that a play's pattern fits, as far as the run's limit goes."""
    inventory = play.get_variable_manager()._inventory
    return tuple(host.name for host in inventory.get_hosts(pattern, ignore_restrictions=not of_this_wave))


def _pattern(play: Any) -> Any:
    """The hosts of a play that Ansible did not come to, and so left as they are written."""
    templar = Templar(loader=play.get_loader(), variables=play.get_variable_manager().get_vars(play=play, include_hostvars=False))
    try:
        return templar.template(play.hosts)
    except AnsibleError:
        return []


def _templated(loader: Any, variables: Mapping[str, Any], value: Any) -> str:
    if value is None:
        return ""
    try:
        return str(Templar(loader=loader, variables=variables).template(value)).strip()
    except AnsibleError:
        return ""


def _is_verdict(task: Any) -> bool:
    value = task.get_vars().get(VERDICT, False)
    return boolean(value, strict=False) is True


def _is_over(play: Any, task: Any) -> bool:
    """Whether nothing of the collection comes after a task of a play, as far as can be told: what an include brings cannot."""
    tasks = [item for block in play.compile() for item in _flat(block.block)]
    places = [number for number, item in enumerate(tasks) if item._uuid == task._uuid]
    return bool(places) and not any(_may_work(item) for item in tasks[places[-1] + 1 :])


def _may_work(task: Any) -> bool:
    name = str(getattr(task, "resolved_action", None) or task.action)
    return name.startswith(COLLECTION) or name.rsplit(".", 1)[-1] in ("include_role", "include_tasks")


def _flat(items: Iterable[Any]) -> Iterable[Any]:
    for item in items:
        if hasattr(item, "block"):
            yield from _flat([*item.block, *item.rescue, *item.always])
        else:
            yield item


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
