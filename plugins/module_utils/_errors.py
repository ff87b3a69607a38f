# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""What went wrong: what was tried on which org, what the org said, and what to do about it. Pure.

Every refusal below the boundary is a Problem. Codes survive as data, so that playbooks and tests decide on codes, never on prose.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from . import _needed_rights

CONFIG = "config"
AUTH = "auth"
NETWORK = "network"
LIMIT = "limit"
ORG = "org"


@dataclass(frozen=True)
class RecordError:
    """One record that the org refused: its natural key, and the org's own code, words and fields."""

    record: str
    code: str
    message: str
    fields: tuple[str, ...] = ()
    remedy: str = ""

    def as_result(self) -> dict[str, Any]:
        return {"record": self.record, "code": self.code, "message": self.message, "fields": list(self.fields), "remedy": self.remedy}


@dataclass(eq=False)
class Problem(Exception):
    """A task that cannot go on.

    tried: what was being done, with the thing's name. said: what is wrong, in the org's words where it has some. remedy: what to do.
    error_class: config (the variables are wrong), auth, network, limit, or org (the org refused).
    seen: what of a result was known by then: which org, at what cost.
    code: the org's error code, or a word of ours in lower case. step: where in the run it happened.
    """

    tried: str
    said: str
    remedy: str
    error_class: str = CONFIG
    code: str = ""
    http_status: int | None = None
    step: str = ""
    org: str = ""
    errors: tuple[RecordError, ...] = field(default=())
    seen: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        where = f"[{self.org}] " if self.org else ""
        return f"{where}{self.tried}: {self.said} {self.remedy}".strip()

    def on(self, org: str) -> Problem:
        """The same problem, naming the org unless it names one already."""
        return self if self.org else replace(self, org=org)

    def at(self, step: str) -> Problem:
        """The same problem, naming the step of the run unless it names one already."""
        return self if self.step else replace(self, step=step)

    def as_result(self) -> dict[str, Any]:
        """The structured part of a failed result."""
        return {
            "error_class": self.error_class,
            "error_code": self.code,
            "http_status": self.http_status,
            "step": self.step,
            "errors": [item.as_result() for item in self.errors],
            **self.seen,
        }


class LostAnswer(Exception):
    """A request that may or may not have been carried out: the connection ended after it was sent."""


# What to do about a code that the org answers for a record or a request. Codes: StatusCode and ExceptionCode of the Partner WSDL.
REMEDIES: Mapping[str, str] = {
    "FIELD_INTEGRITY_EXCEPTION": (
        "The org refuses the combination. If it names permissions that are needed first, ask for those too, or set resolve_dependencies to all; "
        "if it names a user licence, take the permission out or give the user another licence."
    ),
    "CANNOT_MODIFY_MANAGED_OBJECT": "A package owns it. Clone the set with clone_from under a name of your own and extend the clone.",
    "CANNOT_DELETE_MANAGED_OBJECT": "A package owns it: it goes only with the package.",
    "DUPLICATE_VALUE": (
        "Somebody made the same record meanwhile: run again. If that does not help, a hidden one exists, such as an expired assignment: "
        "look in Setup."
    ),
    "DUPLICATE_DEVELOPER_NAME": "The API name is taken by a set that this user cannot see. Choose another name or use a user that sees it.",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": "This org does not offer that value; check the spelling and that the package is installed.",
    "INVALID_CROSS_REFERENCE_KEY": (
        "What the record points at is missing, or its licence or type does not allow it; a permission set group must have finished "
        "recalculating (status Updated)."
    ),
    "DUPLICATE_USERNAME": (
        "Another user of this or of another org has that username, deactivated ones too: choose another one; it need not be an e-mail address."
    ),
    "INVALID_EMAIL_ADDRESS": "Correct the address; the org takes only what has the form of one.",
    "CANNOT_DISABLE_LAST_ADMIN": "It is the last active user who may manage users: make another one an administrator first.",
    "DUPLICATE_COMM_NICKNAME": "Another user of the org has that nickname: choose another one with nickname.",
    "REQUIRED_FIELD_MISSING": "The org wants a field that the task does not set; its message names it.",
    "STRING_TOO_LONG": "Shorten the value; the message says how many characters the org takes.",
    "LICENSE_LIMIT_EXCEEDED": "No seat of the licence is left: free one (deactivated users keep theirs) or buy more, then run again.",
    "INSUFFICIENT_ACCESS_OR_READONLY": "Give the running user the right to write it; org_info lists the rights it has and lacks.",
    "INSUFFICIENT_ACCESS": "Give the running user the right to use it; org_info lists the rights it has and lacks.",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": "Give the running user access to the record that this one points at.",
    "INVALID_FIELD_FOR_INSERT_UPDATE": "The running user may not write that field: check its field-level security.",
    "INVALID_FIELD": "A field is missing in this org or hidden from the running user: check its licences and the running user's rights.",
    "INVALID_TYPE": "The object does not exist here, or the running user needs View Setup and Configuration to see it.",
    "UNABLE_TO_LOCK_ROW": "Somebody else is writing the same records. Run again when the org is quieter.",
    "REQUEST_LIMIT_EXCEEDED": "The org's API allocation of the last 24 hours is used up. Wait, or stop another integration.",
    "API_DISABLED_FOR_ORG": "Give the running user API Enabled, and check that the org's edition has the API.",
    "INVALID_SESSION_ID": "The session ended and a new login did not help: check session settings and login IP ranges.",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": "A validation rule of this org refuses the record. Correct the record or talk to the rule's owner.",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": "An Apex trigger or flow of this org failed on the record; its message says which.",
    "EXCEEDEDQUOTA": "The org's bulk jobs or batches of the last 24 hours are used up. Wait, or stop another integration.",
    "INVALIDENTITY": "This org takes no bulk jobs for that object: it does not have it, or the running user cannot see it.",
    "FEATURENOTENABLED": "Give the running user the right that the message names, or use another way to write.",
    "INVALIDUSER": "Only the user who made a bulk job may fill or close it: log in as that user, or make another job.",
    "InvalidBatch": "The org could not read the job's data; its message says what of it. Nothing of the job was written.",
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": "Nothing of this write was kept, because another record of it was refused.",
    "PROCESSING_HALTED": "Nothing of this write was kept, because another part of it was refused.",
    "NOT_FOUND": "It does not exist in this org, or the running user cannot see it.",
    "ENTITY_IS_DELETED": "Somebody deleted it meanwhile. Run again.",
    "UNSUPPORTED_API_VERSION": "Set api_version to one that the org offers (GET /services/data lists them).",
    "NOT_EMULATED": "The emulator does not know this request; a real org may.",
}

_LIMIT_CODES = ("REQUEST_LIMIT_EXCEEDED", "LOGIN_RATE_EXCEEDED", "CONCURRENT_REQUESTS_LIMIT_EXCEEDED", "EXCEEDEDQUOTA")

# What to do about a refusal of User.CallCenterId. Which code stands for which reason is documented nowhere: what is said holds for any of them.
_MEMBERSHIP_FIELD = "CallCenterId"
_MEMBERSHIP_REFUSED = (
    "The org, or the telephony vendor that it told, does not take this user as a member, and the message says why: an inactive user, no Service "
    "Cloud User, no Partner Telephony permission set, a member of another center, or unknown to the provider. contact_center_info with users says "
    "what the user lacks; where it is the vendor, create the user in its system first. Then run again."
)
_MEMBERSHIP_REMEDIES: Mapping[str, str] = {
    "INVALID_CROSS_REFERENCE_KEY": (
        "The contact center is gone or the running user cannot see it: check contact_center (contact_center_info lists the org's), then run again."
    ),
    "INSUFFICIENT_ACCESS_OR_READONLY": (
        "Either the running user may not write it (Manage Internal Users, Manage Call Centers; org_info lists the rights it has and lacks) or the "
        "org does not take this user as a member: see the message, and contact_center_info with users for what the user lacks."
    ),
    "FIELD_INTEGRITY_EXCEPTION": _MEMBERSHIP_REFUSED,
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": _MEMBERSHIP_REFUSED,
    "INVALID_FIELD_FOR_INSERT_UPDATE": (
        "The running user may not write User.CallCenterId: give it Manage Internal Users and Manage Call Centers, and check field-level security."
    ),
}
_TRIGGER_CODE = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
# The same code with these words is no trigger's: the running user, or nobody, may write the object.
_NO_TRIGGER = re.compile(r"entity type cannot be", re.IGNORECASE)
# Code and form: public reports of triggers that failed (SalesforceFoundation/EDA#429, SalesforceLabs/Milestones-PM#124).
_TRIGGER = re.compile(r"^\s*([\w.]+): execution of (\w+)")

# What the token endpoint answers (error, words in its description) and what to do. The first row that fits counts.
LOGIN_REMEDIES: tuple[tuple[str, str, str], ...] = (
    ("invalid_client_id", "", "Check client_id: no app of this org has that consumer key. A refreshed sandbox needs its app again."),
    ("invalid_client", "", "Check client_secret against the app's consumer secret; it may have been rotated."),
    (
        "invalid_app_access",
        "",
        "An administrator must admit the running user to the app (profile or permission set of the app's policies).",
    ),
    (
        "invalid_grant",
        "audience",
        "Set login_url to this org's My Domain, or audience to https://login.salesforce.com or https://test.salesforce.com.",
    ),
    (
        "invalid_grant",
        "approved",
        "Pre-authorise the running user: set the app to 'Admin approved users' and give it the user's profile or permission set.",
    ),
    ("invalid_grant", "expired", "Check this machine's clock; the login assertion lives for three minutes."),
    ("invalid_grant", "assertion", "Check that the private key belongs to the certificate uploaded to the app."),
    ("invalid_grant", "ip restricted", "Add this machine's address to the profile's login IP ranges; JWT logins always obey them."),
    ("invalid_grant", "inactive", "Activate the running user, unfreeze it if it is frozen (Setup, Users), or log in as another."),
    ("invalid_grant", "locked", "Unlock or unfreeze the running user in Setup."),
    (
        "invalid_grant",
        "",
        "Check username, login_url (production or sandbox) and that the private key belongs to the certificate uploaded to the app.",
    ),
    ("unsupported_grant_type", "", "This org does not allow the flow: enable it in the app's OAuth settings, or use another."),
    ("invalid_request", "", "Enable the flow in the app's OAuth settings; the client credentials flow works on the My Domain only."),
    ("unauthorized_client", "", "Enable the flow in the app's OAuth settings and admit the user."),
    ("login_rate_exceeded", "", "Too many logins in the last hour; wait, and let runs share one session."),
)


def _remedy(code: str, message: str) -> str:
    return trigger_remedy(message) if is_of_a_trigger(code, message) else remedy_for(code)


def remedy_for(code: str) -> str:
    """What to do about an error code of the org; empty where nothing better is known than the org's own words."""
    return REMEDIES.get(code, "")


def is_of_a_trigger(code: str, message: str) -> bool:
    """Whether a customer's own trigger or flow refused the record."""
    return code == _TRIGGER_CODE and not _NO_TRIGGER.search(message)


def trigger_remedy(message: str, size: int = 1, passed: int = 0) -> str:
    """What to do about a trigger that failed. size: of the batch that it refused first; passed: of the largest batch that went through after that,
    0 where none did."""
    named = _TRIGGER.search(message)
    who = f"The Apex trigger {named[1]} of this org failed ({named[2]})" if named else "An Apex trigger or flow of this org failed"
    owner = "ask its owner to correct it"
    if size <= 1:
        return f"{who} on this record: the message says why; {owner}, then run again."
    if not passed:
        return f"{who} for each of {size} records, singly too: the message says why; {owner}, then run again."
    return (
        f"{who} on this record, also when it was written alone; batches of up to {passed} of the others went through. "
        f"The message says why; {owner}, then run again."
    )


def _membership_remedy(code: str, fields: Iterable[str]) -> str:
    """What to do about a user who was refused as a member of a contact center; empty for everything else."""
    return _MEMBERSHIP_REMEDIES.get(code, "") if _MEMBERSHIP_FIELD in fields else ""


def login_remedy(error: str, description: str) -> str:
    """What to do about a refused login."""
    lowered = description.lower()
    for code, words, remedy in LOGIN_REMEDIES:
        if code == error and words in lowered:
            return remedy
    return "See the org's login history (Setup, Login History) for the reason."


def class_of(code: str, http_status: int | None) -> str:
    """The error class of a refused request."""
    if code in _LIMIT_CODES:
        return LIMIT
    if http_status == 401 or code in ("INVALID_SESSION_ID", "INVALID_AUTH_HEADER"):
        return AUTH
    return ORG


def record_errors(record: str, errors: Iterable[Mapping[str, Any]], sobject: str = "", writing: bool = False) -> list[RecordError]:
    """What the org said of one record, from either shape it uses (errorCode on single records, statusCode in collections).

    sobject: what was read or written, where that is known: the remedy then names the right that it needs.
    """
    told = []
    for item in errors:
        code = str(item.get("statusCode") or item.get("errorCode") or "UNKNOWN")
        fields = tuple(str(name) for name in item.get("fields") or ())
        words = str(item.get("message", ""))
        remedy = _membership_remedy(code, fields) or _needed_rights.remedy(code, words, sobject, writing) or _remedy(code, words)
        told.append(RecordError(record, code, words, fields, remedy))
    return told


def refused(tried: str, http_status: int | None, content: Any, *, step: str = "", sobject: str = "") -> Problem:
    """The problem that a non-2xx answer means. content: the parsed body, whatever its shape. sobject: what was read, where that is known."""
    items = content if isinstance(content, list) else [content]
    told = [item for item in items if isinstance(item, Mapping)]
    errors = tuple(record_errors(tried, told, sobject))
    code = errors[0].code if errors else ""
    words = "; ".join(f"{item.code}: {item.message.strip()}" for item in errors) or f"HTTP status {http_status}."
    remedy = next((item.remedy for item in errors if item.remedy), "")
    return Problem(tried, sentence(words), remedy, class_of(code, http_status), code, http_status, step, errors=errors)


def nearest(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Up to count known names that look most like name, the likeliest first; compared without case."""
    by_lower = {item.lower(): item for item in known}
    return [by_lower[item] for item in difflib.get_close_matches(name.lower(), sorted(by_lower), n=count, cutoff=0.5)]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """' Did you mean X, Y or Z?' or nothing."""
    candidates = nearest(name, known)
    if not candidates:
        return ""
    listed = candidates[0] if len(candidates) == 1 else ", ".join(candidates[:-1]) + " or " + candidates[-1]
    return f" Did you mean {listed}?"


def listing(names: Iterable[str], most: int = 10) -> str:
    """The names joined by commas; after most of them, how many more there are."""
    shown = list(names)
    if len(shown) <= most:
        return ", ".join(shown)
    return ", ".join(shown[:most]) + f" and {len(shown) - most} more"


def sentence(words: str) -> str:
    """The words with a full stop, unless they have an end of their own."""
    return words if words.endswith((".", "!", "?")) else words + "."
