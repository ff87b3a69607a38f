# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is calling: login, logout, getUserInfo, getServerTimestamp."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.http_api import passwords, restrictions
from emulator.http_api.sessions import LIFETIME
from emulator.http_api.soap import evidence
from emulator.http_api.soap.envelope import Call, SoapFault
from emulator.ids import to_18
from emulator.stamps import stamp

if TYPE_CHECKING:
    from emulator.http_api.served import Served

LOGIN_UNTIL = 65.0
"""The first API version without login()."""
ATTACHMENT_LIMIT = 5_242_880
"""orgAttachmentFileSizeLimit, as the login answers of ordinary orgs show it."""


def login(served: Served, call: Call, peer: str = "") -> tuple[dict[str, Any], str]:
    """LoginResult and the user; peer is the address that the login comes from. Raises SoapFault."""
    _require_login_allowed(served, call)
    try:
        user = passwords.check(served, call.body.value("username") or "", call.body.value("password") or "")
    except passwords.LoginRefused as refused:
        raise SoapFault(refused.code, refused.message, "LoginFault") from refused
    kept_out = restrictions.password_refusal(served.org, served.org.get("User", user) or {}, peer)
    if kept_out is not None:
        raise SoapFault(*kept_out, "LoginFault")
    endpoint = call.endpoint
    suffix = f"{endpoint.version}/{served.org.id[:15]}"
    result = {
        "metadataServerUrl": f"{endpoint.base}/services/Soap/m/{suffix}",
        "passwordExpired": False,
        "sandbox": served.is_sandbox,
        "serverUrl": f"{endpoint.base}/services/Soap/{endpoint.kind}/{suffix}",
        "sessionId": served.sessions.issue(user),
        "userId": user,
        "userInfo": user_info(served, user),
    }
    return result, user


def _require_login_allowed(served: Served, call: Call) -> None:
    version = call.endpoint.version
    if float(version) >= LOGIN_UNTIL:
        raise SoapFault(
            "INVALID_OPERATION",
            f"The SOAP Login operation is not available in the API version specified ({version}). Refer to the documentation for supported "
            "versions.",
            "LoginFault",
        )
    if not served.org.settings.soap_login:
        raise SoapFault(
            "INVALID_OPERATION",
            "SOAP API login() is disabled by default in this org. Contact the org administrator to enable SOAP API login().",
            "LoginFault",
        )
    scope = call.header("LoginScopeHeader", "organizationId")
    elsewhere = scope is not None and to_18(scope.strip()) != to_18(served.org.id)
    if elsewhere and evidence.setting(served.org, evidence.LOGIN_SCOPE) == "refused":
        raise SoapFault("INVALID_LOGIN", "Invalid username, password, security token; or user locked out.", "LoginFault")


def user_info(served: Served, user: str) -> dict[str, Any]:
    """GetUserInfoResult, in the order of the WSDL. What no record says is nil where the WSDL allows that."""
    record = served.org.get("User", user) or {}
    organization = next(iter(served.org.find("Organization")), {})
    return {
        "accessibilityMode": False,
        "chatterExternal": False,
        "currencySymbol": None,
        "orgAttachmentFileSizeLimit": ATTACHMENT_LIMIT,
        "orgDefaultCurrencyIsoCode": None,
        "orgDefaultCurrencyLocale": None,
        "orgDisallowHtmlAttachments": False,
        "orgHasPersonAccounts": False,
        "organizationId": served.org.id,
        "organizationMultiCurrency": False,
        "organizationName": organization.get("Name") or "",
        "profileId": record.get("ProfileId") or "",
        "roleId": record.get("UserRoleId"),
        "sessionSecondsValid": int(LIFETIME.total_seconds()),
        "userDefaultCurrencyIsoCode": None,
        "userEmail": record.get("Email") or "",
        "userFullName": record.get("Name") or "",
        "userId": user,
        "userLanguage": record.get("LanguageLocaleKey") or "",
        "userLocale": record.get("LocaleSidKey") or "",
        "userName": record.get("Username") or "",
        "userTimeZone": record.get("TimeZoneSidKey") or "",
        "userType": record.get("UserType") or "",
        "userUiSkin": "Theme3",
    }


def get_user_info(served: Served, user: str, _call: Call) -> list[Any]:
    return [user_info(served, user)]


def get_server_timestamp(served: Served, _user: str, _call: Call) -> list[Any]:
    return [{"timestamp": stamp(served.org.clock()).replace("+0000", "Z")}]


def logout(served: Served, _user: str, call: Call) -> list[Any]:
    served.sessions.revoke(call.session_id)
    return []
