# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: orgs
short_description: Salesforce orgs as hosts
version_added: 0.1.0
description:
  - Makes a host of every org, from a list in the file, from a production org's sandboxes, from a Dev Hub's scratch orgs, from the files of the
    sf CLI, or from what the sf CLI says. An org that several sources know is one host.
  - The hosts have the variables with which the modules of this collection reach their orgs. What is secret is never among them - it comes from the
    environment (an AWX credential), and one key serves many orgs.
  - Files of this plugin end in C(.salesforce_orgs.yml) or C(.salesforce_orgs.yaml).
  - Every option can be given in the environment too. The file wins. An empty text counts as unset. In the environment, a list is words with commas
    between, or YAML or JSON text; a list of dictionaries, and a dictionary, is YAML or JSON text; a list of conditions is one condition, or YAML or
    JSON text.
author: The voiceops.salesforce contributors (@voiceops)
extends_documentation_fragment:
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
  - voiceops.salesforce.plugin_connection
options:
  plugin:
    description: The name of this plugin.
    type: str
    required: true
    choices: [voiceops.salesforce.orgs]
  orgs:
    description:
      - Orgs that the file names itself. They win over what other sources say of them.
      - When it is left out, only O(sources) count.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - What the host is called.
          - When it is left out, it is told by O(orgs[].login_url) - C(acme-uat) for C(https://acme--uat.sandbox.my.salesforce.com), and
            C(acme-production) for C(https://acme.my.salesforce.com).
        type: str
      login_url:
        description:
          - Where to log in, by https - the org's My Domain.
          - When it is left out, the host has none, and E(SALESFORCE_LOGIN_URL) counts for it.
        type: str
      username:
        description:
          - The user to run as.
          - When it is left out, a sandbox has the username of O(orgs[].parent) with its own name behind it, where both are known. Other hosts have
            none, and E(SALESFORCE_USERNAME) counts for them.
        type: str
      org_id:
        description:
          - The Id of the org, 15 or 18 characters. A task that meets another org there stops.
          - When it is left out, nothing is checked, unless another source tells the Id.
        type: str
      sandbox_name:
        description:
          - The sandbox's name, as it stands behind its usernames.
          - When it is left out, it is taken from a sandbox's My Domain.
        type: str
      type:
        description:
          - What kind of org it is - V(production), V(sandbox), or the type of the sandbox, V(developer), V(developer_pro), V(partial) or V(full), or
            V(scratch).
          - When it is left out, it is told by the My Domain; an org at another host counts as production.
        type: str
      parent:
        description:
          - The host of the production org that it is a sandbox of.
          - When it is left out, the org has none, unless another source tells it.
        type: str
      alias:
        description:
          - Another name of it, for O(merge_with).
          - When it is left out, there is none, unless the sf CLI has one.
        type: str
      ring:
        description:
          - The ring of a rollout that it belongs to, such as V(0). It becomes the variable C(salesforce_ring) and the group C(ring0).
          - When it is left out, it belongs to none.
        type: raw
      vars:
        description:
          - Variables of your own for the host. Templates in them are worked out when they are used.
          - When it is left out, there are none.
        type: dict
    env:
      - name: SALESFORCE_INVENTORY_ORGS
  sources:
    description:
      - Where else to find orgs.
      - V(sandboxes) asks the production org of the connection options for itself and its sandboxes.
      - V(scratch_orgs) asks the same org, which must be a Dev Hub, for itself and its scratch orgs.
      - V(sf_files) reads the files that the sf CLI keeps of the orgs somebody logged in to. Only what is no secret is taken; nothing is decrypted.
      - V(sf_org_list) runs C(sf org list --json --skip-connection-status).
      - When it is left out, only O(orgs) counts.
    type: list
    elements: str
    default: []
    env:
      - name: SALESFORCE_INVENTORY_SOURCES
  my_domain:
    description:
      - The name in the production org's My Domain, V(acme) for C(https://acme.my.salesforce.com). The login URLs of its sandboxes are made of it.
      - When it is left out, it is told by where the org answers.
    type: str
    default: ""
    env:
      - name: SALESFORCE_INVENTORY_MY_DOMAIN
  include_production:
    description:
      - Whether the org that is asked for sandboxes or scratch orgs is a host as well.
    type: bool
    default: true
    env:
      - name: SALESFORCE_INVENTORY_INCLUDE_PRODUCTION
  include_unready:
    description:
      - Whether sandboxes are hosts while they are being copied, and scratch orgs while they are being made. They are left out with a warning
        otherwise. C(salesforce_org.status) says how far they are.
    type: bool
    default: false
    env:
      - name: SALESFORCE_INVENTORY_INCLUDE_UNREADY
  include_expired:
    description:
      - Whether scratch orgs that have expired are hosts. Those that were deleted never are.
    type: bool
    default: false
    env:
      - name: SALESFORCE_INVENTORY_INCLUDE_EXPIRED
  recently_refreshed_days:
    description:
      - For how many days after it was copied a sandbox is in the group C(sf_recently_refreshed). A whole number.
    type: raw
    default: 7
    env:
      - name: SALESFORCE_INVENTORY_RECENTLY_REFRESHED_DAYS
  sf_state_folder:
    description:
      - The folder where the sf CLI keeps its files. The CLI itself knows no other than C(.sfdx) in the home directory.
    type: str
    default: ~/.sfdx
    env:
      - name: SALESFORCE_INVENTORY_SF_STATE_FOLDER
  sf_program:
    description:
      - The sf CLI, by name or by path.
    type: str
    default: sf
    env:
      - name: SALESFORCE_INVENTORY_SF_PROGRAM
  sf_timeout:
    description:
      - For how many seconds the sf CLI may run. A whole number.
    type: raw
    default: 60
    env:
      - name: SALESFORCE_INVENTORY_SF_TIMEOUT
  on_unreadable_file:
    description:
      - What to do about files of the sf CLI that cannot be read - V(warn) goes on with the others, V(fail) stops.
    type: str
    default: warn
    env:
      - name: SALESFORCE_INVENTORY_ON_UNREADABLE_FILE
  merge_with:
    description:
      - YAML files that add variables to orgs, such as owner and ring. Each is a dictionary of orgs, by host name, org Id or alias, and each org a
        dictionary of variables. C(ring) in it is short for C(salesforce_ring).
      - A later file wins over an earlier one, and O(orgs[].vars) over all of them. A relative path starts where the inventory file stands.
      - When it is left out, nothing is added.
    type: list
    elements: str
    default: []
    env:
      - name: SALESFORCE_INVENTORY_MERGE_WITH
  merge_unmatched:
    description:
      - What to do about entries of O(merge_with) that fit no org - V(warn), V(fail) or V(ignore).
    type: str
    default: warn
    env:
      - name: SALESFORCE_INVENTORY_MERGE_UNMATCHED
  hostname:
    description:
      - A template for the names of the hosts, such as V({{ salesforce_org.alias or inventory_hostname }}). The variables of the host can be used in
        it, and its usual name as C(inventory_hostname), but not those of O(merge_with).
      - When it is left out, a host is called as O(orgs[].name) says, by its alias in the sf CLI, or by its My Domain.
    type: str
    default: ""
    env:
      - name: SALESFORCE_INVENTORY_HOSTNAME
  hostname_prefix:
    description:
      - What to put before the name of every host.
    type: str
    default: ""
    env:
      - name: SALESFORCE_INVENTORY_HOSTNAME_PREFIX
  include_names:
    description:
      - Patterns of host names, such as V(acme-*). Hosts that fit none of them are left out.
      - When it is left out, every name will do.
    type: list
    elements: str
    default: []
    env:
      - name: SALESFORCE_INVENTORY_INCLUDE_NAMES
  exclude_names:
    description:
      - Patterns of host names. Hosts that fit one of them are left out.
    type: list
    elements: str
    default: []
    env:
      - name: SALESFORCE_INVENTORY_EXCLUDE_NAMES
  include_filters:
    description:
      - Conditions in Jinja on the variables of a host. Hosts for which none of them is true are left out.
      - A condition that cannot be worked out stops the inventory with O(strict), and counts as not true with a warning otherwise.
      - When it is left out, every host will do.
    type: list
    elements: str
    default: []
    env:
      - name: SALESFORCE_INVENTORY_INCLUDE_FILTERS
  exclude_filters:
    description:
      - Conditions in Jinja on the variables of a host. Hosts for which one of them is true are left out.
      - A condition that cannot be worked out stops the inventory with O(strict). Otherwise it counts as true, with a warning.
    type: list
    elements: str
    default: []
    env:
      - name: SALESFORCE_INVENTORY_EXCLUDE_FILTERS
  strict:
    description:
      - Whether entries of O(compose), O(groups) and O(keyed_groups), and conditions, that cannot be worked out for a host stop the inventory.
    type: bool
    default: false
    env:
      - name: SALESFORCE_INVENTORY_STRICT
  compose:
    description: Variables made by Jinja expressions, by name.
    type: raw
    default: {}
    env:
      - name: SALESFORCE_INVENTORY_COMPOSE
  groups:
    description: Groups of the hosts for which a Jinja condition is true, by name.
    type: raw
    default: {}
    env:
      - name: SALESFORCE_INVENTORY_GROUPS
  keyed_groups:
    description: Groups by the values of an expression.
    type: list
    elements: dict
    default: []
    suboptions:
      parent_group:
        description: A group above it.
        type: str
      prefix:
        description: What the name of the group begins with.
        type: str
        default: ""
      separator:
        description: What stands between prefix and value.
        type: str
        default: "_"
      key:
        description: The expression, such as V(salesforce_org.sandbox_type).
        type: str
      default_value:
        description: What stands for an empty value. Not together with O(keyed_groups[].trailing_separator).
        type: str
      trailing_separator:
        description: Whether the separator stays behind the prefix where the value is empty.
        type: bool
        default: true
    env:
      - name: SALESFORCE_INVENTORY_KEYED_GROUPS
  leading_separator:
    description: Whether the name of a keyed group without prefix begins with the separator.
    type: bool
    default: true
    env:
      - name: SALESFORCE_INVENTORY_LEADING_SEPARATOR
notes:
  - Connection options are used for the sources V(sandboxes) and V(scratch_orgs). Those that are no secrets (O(auth), O(client_id),
    O(private_key_file), O(ca_path), O(api_version), O(timeout), O(retry_time), O(min_api_headroom)) become variables of the hosts where the file sets them.
  - Ansible goes on with a warning when an inventory cannot be read. Set E(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED) to V(true) where that should
    end the run.
  - The cache keeps what the sources told, and nothing secret. The list, O(merge_with) and filters are read anew each time.
"""

EXAMPLES = r"""
# acme.salesforce_orgs.yml: a list.
plugin: voiceops.salesforce.orgs
orgs:
  - name: acme-production
    login_url: https://acme.my.salesforce.com
    username: automation@acme.com
    org_id: 00D000000000001EAA
    ring: 2
  - login_url: https://acme--uat.sandbox.my.salesforce.com
    parent: acme-production
    type: partial
    ring: 0
    vars:
      owner: telephony

---
# Every sandbox of a production org; the login comes from the environment (SALESFORCE_USERNAME, SALESFORCE_CLIENT_ID,
# SALESFORCE_PRIVATE_KEY_FILE).
plugin: voiceops.salesforce.orgs
sources: [sandboxes]
login_url: https://acme.my.salesforce.com
merge_with: [rings.yml]
exclude_filters:
  - salesforce_org.sandbox_type == 'full'
keyed_groups:
  - key: owner
    prefix: owner

---
# What somebody logged in to with the sf CLI.
plugin: voiceops.salesforce.orgs
sources: [sf_files]
include_names: ["acme-*"]
compose:
  salesforce_private_key_file: "'/etc/salesforce/' ~ inventory_hostname ~ '.pem'"
"""

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml
from ansible import constants as C
from ansible.errors import AnsibleError, AnsibleParserError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.vars import combine_vars

from ansible_collections.voiceops.salesforce.plugins.module_utils._connection import TABLE
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import CONFIG, Problem, did_you_mean, listing
from ansible_collections.voiceops.salesforce.plugins.module_utils._inventory_entries import (
    RING,
    Written,
    from_list,
    merge_entries,
    with_variables,
)
from ansible_collections.voiceops.salesforce.plugins.module_utils._inventory_hosts import (
    ALL,
    SHARED_OPTIONS,
    facts,
    groups,
    named,
    parents,
    related,
    renamed,
    shared,
)
from ansible_collections.voiceops.salesforce.plugins.module_utils._inventory_options import (
    OPTIONS,
    Option,
    converted,
    is_set,
    is_structured,
)
from ansible_collections.voiceops.salesforce.plugins.module_utils._inventory_orgs import (
    SANDBOXES,
    SCRATCH_ORGS,
    SF_FILES,
    SF_ORG_LIST,
    Found,
    fit,
    from_sf_files,
    from_sf_org_list,
    left_out,
    require_one_name_each,
    together,
)
from ansible_collections.voiceops.salesforce.plugins.plugin_utils._located_yaml import Document
from ansible_collections.voiceops.salesforce.plugins.plugin_utils._plugin_org import open_org, problems_as
from ansible_collections.voiceops.salesforce.plugins.plugin_utils._production_orgs import orgs_of
from ansible_collections.voiceops.salesforce.plugins.plugin_utils._sf_cli import org_list, read_files

try:
    from ansible.template import trust_as_template
except ImportError:  # up to ansible-core 2.18 every text is a template, unless it is marked
    from ansible.utils.unsafe_proxy import wrap_var as _marked

    trust_as_template = None
else:

    def _marked(value: str) -> str:
        """The text itself: what is not trusted is no template."""
        return value


SUFFIXES = (".salesforce_orgs.yml", ".salesforce_orgs.yaml")
DAY = 86_400
# Words, names, URLs and times: nothing in them opens a template or calls anything.
_PLAIN = re.compile(r"^[\w .,:;@/+&-]*$")
# A change of what is kept makes what was kept before useless.
CACHE_FORMAT = 1


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """Orgs as hosts."""

    NAME = "voiceops.salesforce.orgs"
    # What is recent or expired is told by it.
    clock: Callable[[], float] = staticmethod(time.time)

    def verify_file(self, path: str) -> bool:
        """Whether the file is one of this plugin, by its name."""
        return path.endswith(SUFFIXES) and bool(super().verify_file(path))

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Add every org of the file to the inventory, or nothing. Raises AnsibleParserError."""
        super().parse(inventory, loader, path, cache)
        secrets: set[str] = set()
        with problems_as(AnsibleParserError, secrets):
            written = Document(path, _text_of(loader, path))
            self._require_known_keys(written)
            config = self._configured(written)
            options = self._options_of(config, written)
            connection = {name: self._worked_out(config[name]) for name in _connection_names() if is_set(config.get(name))}
            hosts = self._hosts(options, connection, written, cache, secrets)
            self._add(hosts, options)

    # -- options -------------------------------------------------------------------------------------------------------------------

    def _require_known_keys(self, written: Document) -> None:
        """Raises Problem for keys that nobody reads, and for keys that stand there twice."""
        if not written.top_keys():
            raise Problem(
                f"reading {written.path}",
                "it is no dictionary of options.",
                "Begin with plugin: voiceops.salesforce.orgs.",
                CONFIG,
                "no_options",
            )
        known = set(C.config.get_configuration_definitions("inventory", self._load_name))
        wrong = [f"{written.at((key,))}: {key} is no option.{did_you_mean(key, known)}" for key in written.top_keys() if key not in known]
        wrong += written.repeated()
        if wrong:
            raise Problem(
                f"reading {written.path}",
                " ".join(wrong),
                "ansible-doc -t inventory voiceops.salesforce.orgs lists the options.",
                CONFIG,
                "unknown_key",
            )

    def _configured(self, written: Document) -> Mapping[str, Any]:
        """What the file says, Ansible's own options (cache) taken over."""
        try:
            config: Mapping[str, Any] = self._read_config_data(written.path)
        except AnsibleParserError:
            raise
        except AnsibleError as error:
            raise AnsibleParserError(f"reading {written.path}: {error}") from None
        return config

    def _options_of(self, config: Mapping[str, Any], written: Document) -> dict[str, Any]:
        """Every option of ours: from the file, else from the environment, else as it is when it is left out."""
        options = {}
        for option in OPTIONS:
            value, place = config.get(option.name), written.at((option.name,))
            if is_set(value):
                value = self._worked_out(value) if option.templated else value
            if not is_set(value):
                value, place = _of_environment(option), f"the environment variable {option.environment}"
            options[option.name] = converted(option, value, place) if is_set(value) else option.default
        # Where Ansible's own helpers look it up themselves.
        self.set_option("leading_separator", options["leading_separator"])
        return options

    def _worked_out(self, value: Any) -> Any:
        """A value with its templates worked out. Raises AnsibleParserError."""
        self.templar.available_variables = self._vars
        try:
            return self.templar.template(value)
        except AnsibleError as error:
            raise AnsibleParserError(f"a template in the inventory file fails: {error}") from None

    # -- orgs ----------------------------------------------------------------------------------------------------------------------

    def _hosts(
        self, options: dict[str, Any], connection: dict[str, Any], written: Document, cache: bool, secrets: set[str]
    ) -> list[tuple[Found, dict[str, Any]]]:
        """The orgs of all sources as hosts, each with its variables. Raises Problem."""
        if options["orgs"] is None and not options["sources"]:
            raise Problem(f"reading {written.path}", "it names no orgs.", "Set orgs, or sources, or both.", CONFIG, "no_source")
        found = self._listed(options["orgs"], written) + self._discovered(options, connection, written.path, cache, secrets)
        joined = together(found)
        self._tell(joined.warnings, joined.notes)
        common = shared({name: connection.get(name) for name in SHARED_OPTIONS})
        orgs, unknown = related(joined.orgs)
        orgs = renamed(orgs, [self._name(org, options, common) for org in orgs])
        # What is said of an org that is being copied is no mistake: it is merged before that org is left out.
        orgs = self._merged(orgs, options, written)
        kept, warnings, notes = left_out(orgs, self._today(), unready=options["include_unready"], expired=options["include_expired"])
        self._tell((*unknown, *warnings), notes)
        require_one_name_each(kept)
        hosts = [(org, _variables(org, common)) for org in sorted(kept, key=lambda org: org.key)]
        return [(org, variables) for org, variables in hosts if self._wanted(org.key, variables, options)]

    def _listed(self, entries: Any, written: Document) -> list[Found]:
        if entries is None:
            return []
        plain = [self._entry(entry) for entry in entries]
        from_file = ("orgs",) in written.lines
        return from_list(plain, written.placed() if from_file else Written(lambda path: _place_in_environment("orgs", path)))

    def _entry(self, entry: Any) -> Any:
        """An entry of the list with its templates worked out, but for the variables: those are for the host."""
        if not isinstance(entry, Mapping):
            return entry
        return {str(key): value if key == "vars" else self._worked_out(value) for key, value in entry.items()}

    def _discovered(self, options: dict[str, Any], connection: dict[str, Any], path: str, cache: bool, secrets: set[str]) -> list[Found]:
        """What the sources tell, or what they told when that was kept."""
        if not options["sources"]:
            return []
        asked = _asked(options, connection)
        keeps, key = bool(self.get_option("cache")), self.get_cache_key(path)
        kept = self._kept(key) if keeps and cache else None
        if kept is None or kept.get("asked") != asked:
            found, warnings = self._ask(options, connection, secrets)
            kept = {"asked": asked, "found": [asdict(org) for org in found], "warnings": warnings}
            if keeps:
                self._cache[key] = kept
        self._tell(kept["warnings"], ())
        return [Found(**org) for org in kept["found"]]

    def _kept(self, key: str) -> dict[str, Any] | None:
        try:
            kept: dict[str, Any] = self._cache[key]
        except KeyError:
            return None
        return kept

    def _ask(self, options: dict[str, Any], connection: dict[str, Any], secrets: set[str]) -> tuple[list[Found], list[str]]:
        """(orgs, warnings) of every source."""
        found: list[Found] = []
        warnings: list[str] = []
        if {SANDBOXES, SCRATCH_ORGS} & set(options["sources"]):
            org = open_org(connection, lambda name: None, os.environ, secrets)
            asked = orgs_of(org, options["sources"], options["my_domain"])
            found += asked if options["include_production"] else asked[1:]
        if SF_FILES in options["sources"]:
            files = read_files(options["sf_state_folder"])
            if files.unreadable and options["on_unreadable_file"] == "fail":
                raise Problem(
                    f"reading the files of the sf CLI in {options['sf_state_folder']}",
                    " ".join(f"{name}: {why}." for name, why in files.unreadable.items()),
                    "Log in to these orgs again, remove the files, or set on_unreadable_file: warn.",
                    CONFIG,
                    "sf_unreadable",
                )
            warnings += [f"{name} is left out: {why}." for name, why in files.unreadable.items()]
            found += from_sf_files(files.orgs, files.aliases, files.sandboxes)
        if SF_ORG_LIST in options["sources"]:
            listed = org_list(options["sf_program"], options["sf_timeout"], os.environ, options["include_expired"])
            found += from_sf_org_list(listed)
        return found, warnings

    def _today(self) -> str:
        return time.strftime("%Y-%m-%d", time.gmtime(self.clock()))

    # -- names, variables, filters -------------------------------------------------------------------------------------------------

    def _name(self, org: Found, options: dict[str, Any], common: Mapping[str, Any]) -> str:
        """The name of the org's host."""
        key = org.key
        if options["hostname"]:
            variables = {**_variables(org, common), "inventory_hostname": key}
            key = fit(str(self._for_host(options["hostname"], variables, f"hostname of {org.called}")).strip())
        return f"{options['hostname_prefix']}{key}" if key else ""

    def _merged(self, orgs: list[Found], options: dict[str, Any], written: Document) -> list[Found]:
        """The orgs with what files add to them."""
        added: dict[str, dict[str, Any]] = {}
        for name in options["merge_with"]:
            for org, variables in self._merge_file(name, written).items():
                added[org] = {**added.get(org, {}), **variables}
        joined = with_variables(orgs, added)
        if joined.unmatched and options["merge_unmatched"] != "ignore":
            words = f"merge_with names orgs that are not there: {listing(_like(name, orgs) for name in joined.unmatched)}."
            if options["merge_unmatched"] == "fail":
                raise Problem(
                    f"merging {listing(options['merge_with'])}",
                    words,
                    "Correct the names, or set merge_unmatched: warn.",
                    CONFIG,
                    "merge_unmatched",
                )
            self._tell((words,), ())
        return list(joined.orgs)

    def _merge_file(self, name: str, written: Document) -> dict[str, dict[str, Any]]:
        path = Path(name).expanduser()
        path = path if path.is_absolute() else Path(written.path).parent / path
        if not path.is_file():
            raise Problem(
                f"reading merge_with ({written.at(('merge_with',))})",
                f"there is no file {path}.",
                "Correct the path: a relative one starts where the inventory file stands.",
                CONFIG,
                "merge_with",
            )
        document = Document(str(path), _text_of(self.loader, str(path)))
        if document.twice:
            raise Problem(f"reading {path}", " ".join(document.repeated()), "Take one of them out.", CONFIG, "key_twice")
        told_values = self.loader.load(document.text, file_name=str(path)) or {}
        return merge_entries(_trusted(told_values), document.placed())

    def _wanted(self, name: str, variables: Mapping[str, Any], options: dict[str, Any]) -> bool:
        if not named(name, options["include_names"], options["exclude_names"]):
            return False
        seen = {**variables, "inventory_hostname": name}
        strict, include = options["strict"], options["include_filters"]
        # A condition that fails never lets an org in.
        if include and not any(self._holds(condition, seen, strict, False) for condition in include):
            return False
        return not any(self._holds(condition, seen, strict, True) for condition in options["exclude_filters"])

    def _holds(self, condition: str, variables: Mapping[str, Any], strict: bool, otherwise: bool) -> bool:
        """Whether a condition is true of a host; otherwise: what it counts as where it cannot be worked out."""
        host = variables["inventory_hostname"]
        try:
            return boolean(
                self._for_host(
                    f"{{% if {condition} %}}true{{% else %}}false{{% endif %}}", variables, f"the filter {condition!r} for {host}"
                )
            )
        except Problem as problem:
            if strict:
                raise
            self._tell((f"{problem} The host is left out.",), ())
            return otherwise

    def _for_host(self, template: str, variables: Mapping[str, Any], what: str) -> Any:
        """A template worked out with a host's variables. Raises Problem."""
        self.templar.available_variables = combine_vars(variables, self._vars) if self.get_option("use_extra_vars") else variables
        try:
            return self.templar.template(_trusted(template))
        except AnsibleError as error:
            raise Problem("working out a template", f"{what}: {error}", "Correct it.", CONFIG, "template") from None

    # -- the inventory -------------------------------------------------------------------------------------------------------------

    def _add(self, hosts: Iterable[tuple[Found, dict[str, Any]]], options: dict[str, Any]) -> None:
        since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.clock() - options["recently_refreshed_days"] * DAY))
        self.inventory.add_group(ALL)
        for org, variables in hosts:
            self.inventory.add_host(org.key)
            for name, value in sorted(variables.items()):
                self.inventory.set_variable(org.key, name, value)
            for group in groups(org, since):
                self._put(org.key, group)
            self._put_in_ring(org.key, variables)
            self._construct(org.key, options)

    def _put(self, host: str, group: str) -> None:
        """The host in the group, and the group in those above it."""
        below = group
        self.inventory.add_group(group)
        self.inventory.add_child(group, host)
        for above in parents(group):
            self.inventory.add_group(above)
            self.inventory.add_child(above, below)
            below = above

    def _put_in_ring(self, host: str, variables: Mapping[str, Any]) -> None:
        ring = variables.get(RING)
        if not is_set(ring):
            return
        told = self._for_host(str(ring), variables, f"{RING} of {host}")
        group = self._sanitize_group_name(f"ring{told}")
        self.inventory.add_group(group)
        self.inventory.add_child(group, host)

    def _construct(self, host: str, options: dict[str, Any]) -> None:
        """What compose, groups and keyed_groups make of the host."""
        strict = options["strict"]
        variables = self.inventory.get_host(host).get_vars()
        self._set_composite_vars(options["compose"], variables, host, strict=strict)
        variables = self.inventory.get_host(host).get_vars()
        self._add_host_to_composed_groups(options["groups"], variables, host, strict=strict)
        self._add_host_to_keyed_groups(list(options["keyed_groups"]), variables, host, strict=strict)

    def _tell(self, warnings: Iterable[str], notes: Iterable[str]) -> None:
        for words in warnings:
            self.display.warning(words)
        for words in notes:
            self.display.v(words)


def _text_of(loader: Any, path: str) -> str:
    """The text of a file, decrypted where it is vaulted."""
    try:
        return str(loader._get_file_contents(path)[0].decode("utf-8"))
    except UnicodeDecodeError:
        raise Problem(f"reading {path}", "it is no text.", "It must be a YAML file in UTF-8.", CONFIG, "no_text") from None


def _connection_names() -> list[str]:
    return [row.option for row in TABLE]


def _of_environment(option: Option) -> Any:
    """An option's value in the environment, structures read; None where there is none. Raises Problem."""
    text = os.environ.get(option.environment, "")
    if not is_structured(option, text) or not text.strip():
        return _trusted(text) or None
    try:
        return _trusted(yaml.safe_load(text))
    except yaml.YAMLError:
        raise Problem(
            f"reading the environment variable {option.environment}",
            "it is neither YAML nor JSON.",
            f"Give {option.name} as YAML or JSON text.",
            CONFIG,
            option.name,
        ) from None


def _place_in_environment(name: str, path: tuple[Any, ...]) -> str:
    steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path[1:])
    return f"{name}{steps} in the environment variable SALESFORCE_INVENTORY_{name.upper()}"


def _trusted(value: Any) -> Any:
    """What the user wrote, so that its templates may be worked out (up to ansible-core 2.18 all may)."""
    if trust_as_template is None:
        return value
    if isinstance(value, str):
        return trust_as_template(value)
    if isinstance(value, Mapping):
        return {key: _trusted(item) for key, item in value.items()}
    return [_trusted(item) for item in value] if isinstance(value, (list, tuple)) else value


def _guarded(value: Any) -> Any:
    """What somebody else may have written, so that no template in it is ever worked out. What can be none is left unmarked: the mark shows in what
    ansible-inventory exports, as a dictionary in the place of the text, and AWX keeps that."""
    if isinstance(value, Mapping):
        return {key: _guarded(item) for key, item in value.items()}
    if not isinstance(value, str) or _PLAIN.match(value):
        return _trusted(value)
    return _marked(value)


def _variables(org: Found, common: Mapping[str, Any]) -> dict[str, Any]:
    """The variables of a host: of the file, of its org, and of the user's own, each winning over those before."""
    return {**_guarded(common), **_guarded(facts(org)), **org.own}


def _like(name: str, orgs: Iterable[Found]) -> str:
    near = did_you_mean(name, [org.key for org in orgs]).strip()
    return f"{name} ({near})" if near else name


def _asked(options: Mapping[str, Any], connection: Mapping[str, Any]) -> str:
    """What decides what the sources tell, in a text that tells nothing itself."""
    environment = {row.option: os.environ.get(row.environment) for row in TABLE}
    where = ("login_url", "instance_url", "username", "client_id", "expected_org_id")
    names = ("sources", "my_domain", "include_production", "include_expired", "sf_state_folder", "sf_program")
    told = [CACHE_FORMAT, [str(options[name]) for name in names], [str(connection.get(name) or environment[name] or "") for name in where]]
    return hashlib.sha256(repr(told).encode()).hexdigest()
