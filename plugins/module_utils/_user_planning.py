# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""What a task says of a user, what is to be made or changed for it, and what is told. Pure.

What lets people in and out, or tells who they are (profile, username, e-mail address, role, activity), is changed on a user that exists only where
the task names it in allow_change. What is left as it is although the task says otherwise is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from . import _user_state, _users
from ._errors import CONFIG, Problem, RecordError, did_you_mean, listing
from ._plan import Create, Plan, Update
from ._users import INVALID, KIND, Row, User

GUARDED = ("profile", "username", "email", "role", "active")
# What a new user cannot do without, and the task has to say.
_NEEDED = ("username", "last_name", "email", "profile")
_PLAIN = ("first_name", "last_name", "alias", "nickname", "locale", "language", "time_zone", "email_encoding")
# A key that the user was not found by, and has no value of yet, is written; another person's is not taken over.
_OTHER_KEYS = ("federation_id", "employee_number")
_SPOKEN = (*_PLAIN, "email", "profile", "role", "active")
FROM_ORGANIZATION: Mapping[str, str] = {
    "locale": "DefaultLocaleSidKey",
    "language": "LanguageLocaleKey",
    "time_zone": "TimeZoneSidKey",
}
COLUMNS: Mapping[str, str] = {**_users.COLUMNS, **_users.ATTRIBUTES}
_FORM = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_USERNAME_FORM = "A Salesforce username has the form of an e-mail address (it need not be one)."
_FREE_A_SEAT = "Deactivate a user who holds one (deactivated users do not count), choose a profile of another licence, or buy more."
# Salesforce takes no more characters (Object Reference, User).
_LENGTHS: Mapping[str, int] = {"username": 80, "first_name": 40, "last_name": 80, "email": 128, "alias": 8, "nickname": 40}
# What every user has: it is said or left out, and never cleared.
_NEVER_EMPTY = ("last_name", "email", "profile", "alias", "nickname", *_user_state.PICKLISTS)
_WAITS = "the org has taken the new address and waits for its owner to confirm it by the link in an e-mail; until then the old one counts"

_MISFIT = (
    "If the org names a permission set or a licence, the user has something that the wanted profile's user licence does not allow: take it from the user "
    "first, or choose a profile of another licence. Else it names the value that it does not take."
)
_TEXT: Mapping[str, Any] = {"type": "str"}
ARGUMENT_SPEC: Mapping[str, Mapping[str, Any]] = {
    "user": {"type": "raw", "required": True},
    **dict.fromkeys(("new_username", "email", "profile", "role", *_PLAIN), _TEXT),
    "features": {"type": "dict"},
    "active": {"type": "bool"},
    "allow_change": {"type": "list", "elements": "str", "choices": list(GUARDED), "default": []},
}


@dataclass(frozen=True)
class Desired:
    """Who is meant, and what the task says of that user; fields holds only what it speaks of. renamed: the username that it is to get, or empty."""

    user: User
    fields: Mapping[str, Any]
    features: Mapping[str, bool]
    allowed: frozenset[str]
    renamed: str = ""

    @property
    def tried(self) -> str:
        return f"setting user {self.user}"

    @property
    def users(self) -> list[User]:
        """Who is meant, and who it is when it was renamed before."""
        return [self.user, *_users.by_username([self.renamed])] if self.renamed else [self.user]


@dataclass(frozen=True)
class Current:
    """The user with all columns (None where there is none), and what a change of it needs. used: active users by user licence. values: what the org
    offers for an option, where it was asked. running: the running user's Id, where it matters. awaited: an address that the org has taken and
    not put in force. alike: usernames that may be meant, where nobody is found or made. reread: whether the row is of after the write."""

    row: Row | None
    frozen: bool | None
    profile: Row | None = None
    role: Row | None = None
    used: Mapping[str, int] = field(default_factory=dict)
    organization: Row = field(default_factory=dict)
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    running: str = ""
    sandbox: str = ""
    in_sandbox: bool = False
    awaited: str = ""
    alike: Sequence[str] = ()
    reread: bool = False


# -- what is wanted -----------------------------------------------------------------------------------------------------------------------


def desired(params: Mapping[str, Any]) -> Desired:
    """What the options ask for. Raises Problem for a username or an address that has not the form of one, and for features that are no flags."""
    named = params["user"]
    tried = f"setting user {named.get('username', '') if isinstance(named, Mapping) else named}".strip()
    given = named if isinstance(named, Mapping) else {"username": named}
    if not _users.is_id(str(named).strip()):
        _check_form(given.get("username"), tried, "not_a_username", _USERNAME_FORM)
    (user,) = _users.wanted([named], tried)
    _check_form(params["new_username"], tried, "not_a_username", _USERNAME_FORM)
    _check_form(params["email"], tried, "not_an_email", "Give an e-mail address such as kim@acme.example.")
    _check_texts(params, tried)
    keys = {option: value for option, value in user.keys if option in _OTHER_KEYS}
    fields = {**keys, **{option: params[option] for option in _SPOKEN if params.get(option) is not None}}
    fields = {option: value.strip() if isinstance(value, str) else value for option, value in fields.items()}
    renamed = (params.get("new_username") or "").strip()
    return Desired(user, fields, _flags(params.get("features") or {}, tried), frozenset(params["allow_change"]), renamed)


def _check_form(text: Any, tried: str, code: str, remedy: str) -> None:
    if isinstance(text, str) and text.strip() and not _FORM.fullmatch(text.strip()):
        raise Problem(tried, f"{text!r} is {'no username' if code == 'not_a_username' else 'no e-mail address'}.", remedy, CONFIG, code)


def _check_texts(params: Mapping[str, Any], tried: str) -> None:
    """Raise Problem for an option that would clear what every user has, and for one that is longer than the org takes."""
    empty = [option for option in _NEVER_EMPTY if params.get(option) is not None and not params[option].strip()]
    if empty:
        raise Problem(
            tried, f"{listing(empty)} cannot be empty.", "Give a value, or leave the option out to keep it.", CONFIG, "empty_value"
        )
    for option in _LENGTHS:
        if option != "username" and params.get(option):
            _check_length(option, params[option].strip(), tried)


def _check_length(option: str, text: str, tried: str) -> None:
    if len(text) > _LENGTHS[option]:
        said = f"{option} {text} has {len(text)} characters."
        raise Problem(tried, said, f"Salesforce takes at most {_LENGTHS[option]}: shorten it.", CONFIG, "too_long")


def _flags(given: Mapping[str, Any], tried: str) -> dict[str, bool]:
    """Feature licences by name, as the API has it without UserPermissions."""
    # Templates of older Ansible make text of what was true or false.
    flags = {name: {"true": True, "false": False}.get(str(value).lower()) for name, value in given.items()}
    strange = [f"{name}: {given[name]!r}" for name, flag in flags.items() if flag is None]
    if strange:
        raise Problem(
            tried, f"features are on or off, and these are neither: {listing(strange)}.", "Give true or false.", CONFIG, "not_a_flag"
        )
    prefix = _user_state.FEATURE
    return {name[len(prefix) :] if name.startswith(prefix) else name: bool(flag) for name, flag in flags.items()}


def may_lock_out(wish: Desired) -> bool:
    """Whether the task may do to the running user what the run, or the next one, would not survive."""
    return wish.fields.get("active") is False or "profile" in wish.allowed or bool(wish.renamed and "username" in wish.allowed)


# -- the difference -----------------------------------------------------------------------------------------------------------------------


def plan(wish: Desired, current: Current) -> Plan:
    """What is to be made or changed. Raises Problem for what the org does not have or does not offer, for a licence without a free seat, and for
    the running user locking itself out."""
    if current.row is None:
        return Plan((_creation(wish, current),))
    after = _after(wish, current, current.row)
    if not after:
        return Plan()
    _check_values(wish, current, after)
    # Of a user that is not there yet it is not known which feature licences the org would give it columns for.
    _check_features(wish, _user_state.features(current.row) if current.row["Id"] else current.values.get("features", ()))
    _check_own(wish, current, after)
    if after.get("active") or ("profile" in after and current.row["IsActive"] and _is_other_licence(current)):
        _check_seat(wish, current)
    _check_length("username", str(after.get("username", "")), wish.tried)
    before = {option: _is(option, current.row) for option in after}
    return Plan((Update(KIND, str(current.row["Username"]), str(current.row["Id"] or ""), before, after),))


def _creation(wish: Desired, current: Current) -> Create:
    unsaid = lacking(wish)
    if unsaid:
        nearest_ = f" Nearest: {listing(current.alike)}." if current.alike else ""
        raise Problem(
            wish.tried,
            f"the org has no such user, and a new one needs {listing(unsaid)} too.{nearest_}",
            "Add what is lacking, or correct the name if the user should be there.",
            CONFIG,
            "not_enough_to_create",
        )
    email = wish.fields.get("email") or dict(wish.user.keys)["email"]
    rename = wish.renamed and "username" in wish.allowed
    username = _users.suffixed(wish.renamed if rename else wish.user.username, current.sandbox)
    _check_length("username", username, wish.tried)
    standing = {option: current.organization.get(column) for option, column in FROM_ORGANIZATION.items()}
    made: dict[str, Any] = {
        "username": username,
        "alias": _alias(wish.user.username),
        **{option: value for option, value in standing.items() if value},
        "email_encoding": "UTF-8",
        **{option: value for option, value in {**wish.fields, "email": email}.items() if value != ""},
        **wish.features,
        "profile": str((current.profile or {}).get("Name") or wish.fields["profile"]),
    }
    if current.role:
        made["role"] = str(current.role["Name"])
    _check_values(wish, current, made)
    _check_features(wish, current.values.get("features", ()))
    if made.get("active", True):
        _check_seat(wish, current)
    return Create(KIND, username, made)


def lacking(wish: Desired) -> list[str]:
    """What a new user needs and the task does not say."""
    said = {**dict(wish.user.keys), **wish.fields}
    return [option for option in _NEEDED if not said.get(option)]


def _alias(username: str) -> str:
    local = re.sub(r"[^A-Za-z0-9]", "", username.split("@", 1)[0])
    return local[: _LENGTHS["alias"]] or "user"


def _after(wish: Desired, current: Current, row: Row) -> dict[str, Any]:
    """What of the user is to be changed, by option."""
    after = {option: wish.fields[option] for option in _PLAIN if option in wish.fields and _differs(option, wish.fields[option], row)}
    for option in _OTHER_KEYS:
        if option in wish.fields and not _is(option, row):
            after[option] = wish.fields[option]
    coming = {option: wanted for option, wanted in _guarded(wish, current, row).items() if option in wish.allowed}
    if current.awaited:
        coming.pop("email", None)
    after.update(coming)
    on = _user_state.features(row)
    after.update({name: value for name, value in wish.features.items() if on.get(name, False) != value or (name not in on and row["Id"])})
    return after


def _guarded(wish: Desired, current: Current, row: Row) -> dict[str, Any]:
    """What is otherwise than the task says, of what only allow_change lets it change."""
    wanted = {option: wish.fields[option] for option in GUARDED if option in wish.fields}
    if current.profile:
        wanted["profile"] = str(current.profile["Name"])
    if current.role:
        wanted["role"] = _role_wanted(current.role, row)
    if wish.renamed:
        wanted["username"] = _users.suffixed(wish.renamed, current.sandbox)
    return {option: value for option, value in wanted.items() if _differs(option, value, row)}


def _role_wanted(role: Row, row: Row) -> str:
    """The role by its name; by its API name where the row has another one of the same name, and as the row has it where it is the one."""
    has, name = _user_state.role_of(row), str(role["Name"])
    # Of a role that an earlier task of a check-mode run would have given only the name is known.
    is_it = str(row["UserRoleId"]) == str(role["Id"]) if row.get("UserRoleId") else has in (name, role["DeveloperName"])
    if is_it:
        return has
    return name if has != name else str(role["DeveloperName"])


def _differs(option: str, wanted: Any, row: Row) -> bool:
    is_ = _is(option, row)
    if option in ("username", "email", "profile"):
        return str(wanted).lower() != str(is_ or "").lower()
    return bool((wanted or None) != (is_ or None))


def _is(option: str, row: Row) -> Any:
    """What the row holds for an option, or for a feature licence."""
    if option == "profile":
        return _user_state.profile_of(row)
    if option == "role":
        return _user_state.role_of(row)
    if option in COLUMNS:
        return row.get(COLUMNS[option])
    return bool(row.get(f"{_user_state.FEATURE}{option}"))


def needs_values(wish: Desired, current: Current) -> bool:
    """Whether something is written that only the org can say it offers."""
    if current.row is None or not current.row["Id"]:
        return bool(wish.features) or any(option in wish.fields for option in _user_state.PICKLISTS)
    return any(option in wish.fields and wish.fields[option] != _is(option, current.row) for option in _user_state.PICKLISTS)


def _is_other_licence(current: Current) -> bool:
    return bool(
        current.profile and current.row and current.profile["UserLicenseId"] != (current.row.get("Profile") or {}).get("UserLicenseId")
    )


def _check_seat(wish: Desired, current: Current) -> None:
    """Raise Problem where the user would take a seat that its licence does not have."""
    profile = (
        current.profile if current.profile and (current.row is None or "profile" in wish.allowed) else (current.row or {}).get("Profile")
    )
    licence = (profile or {}).get("UserLicense") or {}
    total, used = licence.get("TotalLicenses"), current.used.get(str((profile or {}).get("UserLicenseId")), 0)
    if total is None or total < 0 or used < total:
        return
    raise Problem(
        wish.tried,
        f"the user licence {licence.get('Name')} has no free seat: {used} of {total} are used by active users.",
        _FREE_A_SEAT,
        CONFIG,
        "no_free_seat",
    )


def _check_values(wish: Desired, current: Current, after: Mapping[str, Any]) -> None:
    for option in _user_state.PICKLISTS:
        offered = current.values.get(option) or ()
        if option in after and option in wish.fields and offered and after[option] not in offered:
            raise Problem(
                wish.tried,
                f"the org does not offer {after[option]!r} for {option}.{did_you_mean(str(after[option]), offered)}",
                "Give a value of User as the API has it, such as Europe/London, en_GB, en_US or UTF-8; languages must be switched on in Setup.",
                CONFIG,
                "unknown_value",
            )


def _check_features(wish: Desired, known: Iterable[str]) -> None:
    names = list(known)
    for name in wish.features:
        if name not in names:
            raise Problem(
                wish.tried,
                f"this org has no feature licence {name}.{did_you_mean(name, names)}",
                f"It may not be bought. Names are those of User's columns without {_user_state.FEATURE}, such as SupportUser (Service Cloud User).",
                CONFIG,
                "unknown_feature",
            )


def _check_own(wish: Desired, current: Current, after: Mapping[str, Any]) -> None:
    risky = [option for option in ("active", "profile", "username") if option in after and after[option] is not True]
    if risky and current.row and current.running and str(current.row["Id"])[:15] == current.running[:15]:
        raise Problem(
            wish.tried,
            f"this is the running user, who may lock itself out by another {' and '.join(risky)}."
            if "active" not in risky
            else "this is the running user, who would lock itself out.",
            f"Run as another user, or take {' and '.join(risky)} out of the task.",
            CONFIG,
            "own_user",
        )


# -- what is told -------------------------------------------------------------------------------------------------------------------------


def report(wish: Desired, current: Current, made: Plan) -> dict[str, Any]:
    """The user as it is now, or as a real run would leave it, and what was held back."""
    row = current.row if current.reread else _as_planned(current, made)
    told = _user_state.as_result(row, current.frozen) if row else None
    held = held_back(wish, current)
    return {
        "user": told,
        "created": any(isinstance(item, Create) for item in made.changes),
        "held_back": held,
        "warnings": [*_warned(wish, told, held, current)],
    }


def held_back(wish: Desired, current: Current) -> list[dict[str, Any]]:
    """What is left as it is although the task says otherwise, and why."""
    row = current.row
    if row is None:
        return []
    told = []
    for option, wanted in _guarded(wish, current, row).items():
        is_ = _is(option, row)
        if option == "email" and current.awaited:
            told.append({"field": option, "is": is_, "wanted": wanted, "reason": _WAITS})
        elif option not in wish.allowed:
            told.append({"field": option, "is": is_, "wanted": wanted, "reason": _why_held(option, is_, wanted, current)})
    for option in _OTHER_KEYS:
        is_ = _is(option, row)
        if is_ and option in wish.fields and wish.fields[option] != is_:
            told.append(
                {"field": option, "is": is_, "wanted": wish.fields[option], "reason": "the user has another one, and may be another person"}
            )
    return told


def _why_held(option: str, is_: Any, wanted: Any, current: Current) -> str:
    if option == "email" and _is_hidden(is_, wanted, current):
        return f"the sandbox put {INVALID} behind the address when it was made, so that no mail leaves it"
    return f"allow_change does not name {option}"


def _is_hidden(is_: Any, wanted: Any, current: Current) -> bool:
    """Whether the address is the wanted one as a sandbox hides it."""
    return current.in_sandbox and str(is_ or "").lower() == f"{wanted}{INVALID}".lower()


def _as_planned(current: Current, made: Plan) -> Row | None:
    row = dict(current.row or {"Id": None, "UserType": "Standard", "IsActive": True})
    for change in made.changes:
        after = change.after if isinstance(change, (Create, Update)) else {}
        row.update({COLUMNS[option]: None if value == "" else value for option, value in after.items() if option in COLUMNS})
        row.update({f"{_user_state.FEATURE}{name}": value for name, value in after.items() if name[:1].isupper()})
        if "profile" in after:
            row["Profile"] = current.profile
        if "role" in after:
            row["UserRole"] = current.role
    row["Name"] = " ".join(str(part) for part in (row.get("FirstName"), row.get("LastName")) if part)
    return row if current.row or made.changes else None


def _warned(wish: Desired, told: Mapping[str, Any] | None, held: Sequence[Mapping[str, Any]], current: Current) -> Iterable[str]:
    if told is None:
        return
    name = told["username"]
    for item in held:
        if item["field"] == "email" and _is_hidden(item["is"], item["wanted"], current) and not current.awaited:
            continue
        remedy = f" Add {item['field']} to allow_change to change it." if item["reason"].startswith("allow_change") else ""
        yield f"{name}: {item['field']} is {item['is']!r} and not {item['wanted']!r}: {item['reason']}.{remedy}"
    if told["frozen"]:
        yield f"{name} is frozen and cannot log in: unfreeze it in Setup, Users, once it is known why it was frozen."
    if not told["active"] and "active" not in wish.fields:
        yield f"{name} is inactive and cannot log in: set active to true and name active in allow_change to activate it."


def explained(current: Current, error: RecordError) -> RecordError:
    """The refusal with a remedy that knows whether this is a sandbox, and which feature licence is meant."""
    feature = next((name for name in error.fields if name.startswith(_user_state.FEATURE)), "")
    if feature:
        name = feature[len(_user_state.FEATURE) :]
        remedy = (
            f"This is about the feature licence {name}: free a seat of it (Setup, Company Information), or leave {name} out of features."
        )
        return replace(error, remedy=remedy)
    if error.code == "LICENSE_LIMIT_EXCEEDED":
        return replace(error, remedy=_FREE_A_SEAT)
    if error.code == "FIELD_INTEGRITY_EXCEPTION":
        return replace(error, remedy=_MISFIT)
    if error.code == "DUPLICATE_VALUE":
        return replace(
            error, remedy="Another user of the org has that value, which only one may have (federation_id, nickname): look who it is."
        )
    if error.code == "DUPLICATE_USERNAME" and current.in_sandbox and not current.sandbox:
        return replace(error, remedy=f"{error.remedy} In a sandbox set salesforce_sandbox_name: then usernames end with it.")
    return error
