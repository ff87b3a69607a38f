# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which org this is, who is running, and what each answer tells of the limits."""

from __future__ import annotations

import re

import pytest

from contract.door import Org


@pytest.mark.evidence("org-identity")
def test_an_org_says_which_it_is_by_query_and_by_id(org: Org) -> None:
    fields = "Id,Name,IsSandbox,OrganizationType,InstanceName,NamespacePrefix"
    found = org.soql(f"SELECT {fields} FROM Organization")
    assert len(found) == 1
    by_id = org.get(f"/sobjects/Organization/{found[0]['Id'][:15]}?fields={fields}").json()
    assert {name: by_id[name] for name in fields.split(",")} == {name: found[0][name] for name in fields.split(",")}
    assert isinstance(found[0]["IsSandbox"], bool)


@pytest.mark.evidence("org-user")
def test_the_running_user_is_told_and_readable(org: Org) -> None:
    told = org.get("/services/oauth2/userinfo").json()
    assert told["organization_id"][:15] == org.soql("SELECT Id FROM Organization")[0]["Id"][:15]
    user = org.get(f"/sobjects/User/{told['user_id']}?fields=Id,Username,Name,IsActive,UserType,LocaleSidKey,TimeZoneSidKey").json()
    assert user["Id"][:15] == told["user_id"][:15]
    assert user["IsActive"] is True


@pytest.mark.evidence("org-rights")
def test_the_running_user_s_own_rights_are_one_row(org: Org) -> None:
    found = org.soql("SELECT PermissionsApiEnabled, PermissionsViewSetup, PermissionsAssignPermissionSets FROM UserPermissionAccess")
    assert len(found) == 1
    assert found[0]["PermissionsApiEnabled"] is True


@pytest.mark.evidence("org-limits")
def test_every_answer_tells_the_calls_used(org: Org) -> None:
    told = org.get("/sobjects/Organization/describe").headers["Sforce-Limit-Info"]
    found = re.match(r"api-usage=(\d+)/(\d+)", told)
    assert found
    assert 0 < int(found[1]) <= int(found[2])
