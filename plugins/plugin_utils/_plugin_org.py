# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is private to the collection.
"""An org for plugins that are no tasks: lookups and inventory plugins, which only read.

Their sessions are kept where those of the run's tasks are, so that one run logs in to an org once, whoever comes first.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values

from ansible_collections.voiceops.salesforce.plugins.module_utils._connection import argument_spec, connection, resolve
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import CONFIG, Problem, listing, sentence
from ansible_collections.voiceops.salesforce.plugins.module_utils._org import Org, Run

Variables = Callable[[str], Any]


def open_org(options: Mapping[str, Any], variables: Variables, environment: Mapping[str, str], secrets: set[str] | None = None) -> Org:
    """The org that connection options describe; it logs in when it is first asked something.

    options: those given to the plugin, by name; None and "" count as unset. variables: returns the value of a host variable, templated, or None.
    secrets: takes up every secret that is met, now and later.
    Raises Problem for options that are unknown, of a wrong type or unusable.
    """
    met = set() if secrets is None else secrets
    return org_of(validated(options, argument_spec(), variables, environment, met), environment, met)


def org_of(params: Mapping[str, Any], environment: Mapping[str, str], secrets: set[str]) -> Org:
    """The org that validated parameters describe. secrets: takes up every secret that is met from now on."""
    folder = Path(C.DEFAULT_LOCAL_TMP)
    return Org(connection(params), Run(check_mode=False, scratch=folder, environment=environment, tokens=folder, secrets=secrets))


def validated(
    options: Mapping[str, Any],
    spec: Mapping[str, Mapping[str, Any]],
    variables: Variables,
    environment: Mapping[str, str],
    secrets: set[str],
) -> dict[str, Any]:
    """Options as the spec wants them, unset connection options filled from the host's variables, then from the environment.

    Raises Problem for options that the spec does not take.
    """
    checked = ArgumentSpecValidator(spec).validate(resolve(_plain(options), lambda name: _plain(variables(name)), environment))
    secrets.update(str(value) for value in checked._no_log_values if value)
    if checked.error_messages:
        # Of options that it does not know, the validator's words say only which ones it does.
        unknown = listing(f"there is no option {name}" for name in sorted(map(str, checked.unsupported_parameters)))
        said = str(scrubbed(unknown or "; ".join(checked.error_messages), secrets))
        raise Problem("reading the options", sentence(said), "See ansible-doc for the options of this plugin.", CONFIG, "options")
    params: dict[str, Any] = checked.validated_parameters
    return params


@contextmanager
def problems_as(error: type[AnsibleError], secrets: set[str]) -> Iterator[None]:
    """What ends in a Problem ends in that error of Ansible, in the same words, without secrets. What libraries warn of is not shown."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Problem as problem:
        raise error(str(scrubbed(str(problem), secrets))) from None


def scrubbed(value: Any, secrets: set[str]) -> Any:
    """The value without the secrets that were met."""
    # What repeats a key seldom repeats the line end after it.
    return remove_values(value, {text for secret in secrets for text in (secret, secret.strip()) if text})


def _plain(value: Any) -> Any:
    """The value as plain Python: from ansible-core 2.19 values carry tags, up to 2.18 vaulted ones are objects."""
    return json.loads(json.dumps(value, default=str))
