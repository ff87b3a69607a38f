# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is sent to an org: the bodies of composites."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.voiceops.salesforce.plugins.module_utils import _composite
from ansible_collections.voiceops.salesforce.plugins.module_utils._org import Get, Org, Query
from harness.cases import assign, put_set
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


@pytest.mark.parametrize(
    ("read", "sobject"),
    [
        (Query("a", "SELECT Id FROM User"), "User"),
        (Query("a", "select Id from User where Name = 'x'"), "User"),
        (Query("a", "SELECT Id, (SELECT Id FROM Assignments WHERE Name IN ('a', 'b)')) FROM PermissionSet"), "PermissionSet"),
        (Query("a", "SELECT Id FROM UserLogin WHERE UserId IN (SELECT Id FROM User WHERE (Name = 'it\\'s FROM here)'))"), "UserLogin"),
        (Query("a", "nothing"), ""),
        (Get("a", "/sobjects/PermissionSet/describe"), "PermissionSet"),
        (Get("a", "/limits"), ""),
    ],
)
def test_a_refused_reading_is_told_by_the_object_it_was_of(read: Any, sobject: str) -> None:
    assert _composite.asked(read) == sobject


def test_a_refused_write_names_the_right_that_its_object_needs(uat: Bench) -> None:
    limited = uat.info["limited_username"]
    options = {"permission_set": "ContactWorld_Agent", "users": [uat.info["users"]["kim"]]}
    assign(uat.org, "limited", put_set(uat.org, "Acme_Sees", PermissionsViewSetup=True, PermissionsViewRoles=True))
    result = uat.task("permission_set_assignment", **options, username=limited)
    assert "Writing PermissionSetAssignment needs Assign Permission Sets (AssignPermissionSets)" in result["errors"][0]["remedy"]
