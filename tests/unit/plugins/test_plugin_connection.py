# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection options of plugins that are no modules are those of the one table, and of the modules' documentation."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.voiceops.salesforce.plugins.doc_fragments import connection, plugin_connection
from ansible_collections.voiceops.salesforce.plugins.module_utils._connection import TABLE, Row, argument_spec


def options_of(fragment: Any) -> dict[str, Any]:
    options: dict[str, Any] = yaml.safe_load(fragment.ModuleDocFragment.DOCUMENTATION)["options"]
    return options


DOCUMENTED = options_of(plugin_connection)


def test_every_option_of_the_table_is_documented_in_its_order() -> None:
    assert list(DOCUMENTED) == [row.option for row in TABLE] == list(options_of(connection))


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.option)
def test_an_option_has_its_variable_and_its_place_in_the_environment(row: Row) -> None:
    told = DOCUMENTED[row.option]
    assert told["env"] == [{"name": row.environment}]
    assert told["vars"] == [{"name": row.host_variable}]
    assert told.get("default") == row.default
    assert all(line.strip() for line in told["description"])


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.option)
def test_an_empty_text_fits_every_option(row: Row) -> None:
    """AWX injects one for each field that was left empty, and Ansible itself would refuse it for a number or a choice."""
    told = DOCUMENTED[row.option]
    assert "choices" not in told
    assert told["type"] == ("str" if row.type in ("str", "path") else "raw")


def test_empty_texts_in_the_environment_are_no_values_for_modules_either(monkeypatch: pytest.MonkeyPatch) -> None:
    for row in TABLE:
        monkeypatch.setenv(row.environment, "")
    checked = ArgumentSpecValidator(argument_spec()).validate({})
    assert checked.error_messages == []
    assert {row.option: checked.validated_parameters[row.option] for row in TABLE} == {row.option: row.default for row in TABLE}


@pytest.mark.parametrize("row", [row for row in TABLE if row.choices], ids=lambda row: row.option)
def test_what_may_be_chosen_is_said_in_words(row: Row) -> None:
    assert all(f"V({choice})" in str(DOCUMENTED[row.option]["description"]) for choice in row.choices or ())
