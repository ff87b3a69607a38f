# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is sent to an org: the bodies of composites."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voiceops.salesforce.plugins.module_utils._org import Org
from harness.direct import Bench


def test_a_tooling_composite_carries_only_what_its_page_documents(uat: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tooling API Guide, Composite Request Body: allOrNone and compositeRequest; collateSubrequests is the REST API's."""
    call, sent = Org._call, list[tuple[str, dict[str, Any]]]()

    def noting(self: Org, method: str, path: str, body: Any, writing: bool) -> Any:
        sent.append((path, body))
        return call(self, method, path, body, writing)

    monkeypatch.setattr(Org, "_call", noting)
    result = uat.task("permission_set", name="Acme_Tabs", tabs=[{"tab": "standard-Account"}])
    assert result.get("msg") is None
    tooling = [body for path, body in sent if path == "tooling/composite"]
    others = [body for path, body in sent if path == "composite"]
    assert [body.keys() for body in tooling] == [{"allOrNone", "compositeRequest"}] * len(tooling) != []
    assert [body["collateSubrequests"] for body in others] == [False] * len(others) != []
