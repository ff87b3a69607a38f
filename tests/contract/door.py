# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The org that contract tests talk to, emulated or real: plain REST on requests, and a memory of everything that was made.

Whatever a test makes is taken away again, the last first, and looked for afterwards: in a real org nothing may stay.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import requests

if TYPE_CHECKING:
    from emulator.org import Org as State

Check = Callable[[str, str, int, Any], list[str]]
"""(method, path, status, body) -> what is wrong with that answer."""
DELETED_AT_ONCE = 200
GONE = frozenset({"ENTITY_IS_DELETED", "NOT_FOUND", "INVALID_CROSS_REFERENCE_KEY"})
"""What a delete may answer for something that a cascade, or the test itself, has taken away."""


class Org:
    """One org. Paths are below /services/data/vXX.0 unless they begin with /services."""

    def __init__(self, base_url: str, session: requests.Session, version: str, *, is_live: bool, check: Check | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        self.session = session
        self.version = version
        self.is_live = is_live
        self.person_name: str | None = None
        """The username of a test user whom tests may give permission sets and a contact center."""
        self.limited_token: str | None = None
        """An access token of a user who may call the API and nothing else."""
        self.reader_token: str | None = None
        """An access token of a user who may look at Setup and change nothing in it."""
        self.foreign_token = "00D000000000001!AQ0AQexpiredexpiredexpiredexpired"
        """A token that is no good here; of an emulated org, a good one of the org beside it."""
        self.is_stub = False
        self.state: State | None = None
        """The emulated org's state; None for a real org."""
        self.prefix = f"Ct{''.join(secrets.choice(string.ascii_lowercase) for _unused in range(6))}"
        """Names of this run begin so."""
        self.made: list[tuple[str, str]] = []
        self.restore: list[tuple[str, str, dict[str, Any]]] = []
        """(sObject, Id, values) to write back at the end."""
        self.wrong: list[str] = []
        """Answers that the recorded OpenAPI document does not allow."""
        self._check = check
        self._described: dict[str, dict[str, Any] | None] = {}
        self._types: dict[str, str] = {}

    # --- requests ------------------------------------------------------------------------------------------------------------------

    @property
    def root(self) -> str:
        return f"/services/data/v{self.version}"

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """One request, exactly as given; what it makes is remembered."""
        full = path if path.startswith("/services") else f"{self.root}{path}"
        answer = self.session.request(method, f"{self.base_url}{full}", timeout=60, **options)
        body = body_of(answer)
        self.made += made_by(method, full, options.get("json"), answer.status_code, body)
        if self._check is not None:
            self.wrong += [
                f"{method} {full} {answer.status_code}: {found}" for found in self._check(method, full, answer.status_code, body)
            ]
        return answer

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> requests.Response:
        return self.call("POST", path, json=body, **options)

    def patch(self, path: str, body: Any, **options: Any) -> requests.Response:
        return self.call("PATCH", path, json=body, **options)

    def delete(self, path: str, **options: Any) -> requests.Response:
        return self.call("DELETE", path, **options)

    # --- shorter ways --------------------------------------------------------------------------------------------------------------

    def query(self, soql: str, path: str = "/query", **options: Any) -> requests.Response:
        return self.get(f"{path}?q={quote(soql, safe='')}", **options)

    def soql(self, soql: str) -> list[dict[str, Any]]:
        """All records of a query, pages followed."""
        answer = self.query(soql)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        found: list[dict[str, Any]] = list(body["records"])
        while not body["done"]:
            body = self.get(body["nextRecordsUrl"]).json()
            found += body["records"]
        return found

    def create(self, sobject: str, **fields: Any) -> str:
        """The Id of a new record. Fails the test where the org refuses."""
        answer = self.post(f"/sobjects/{sobject}", fields)
        assert answer.status_code == 201, answer.text
        assert answer.json()["success"] is True
        return str(answer.json()["id"])

    def composite(self, *subrequests: Mapping[str, Any], all_or_none: bool = False) -> list[dict[str, Any]]:
        """The subresponses of one composite with collation off, as the collection sends it."""
        body = {"allOrNone": all_or_none, "collateSubrequests": False, "compositeRequest": list(subrequests)}
        answer = self.post("/composite", body)
        assert answer.status_code == 200, answer.text
        told: list[dict[str, Any]] = answer.json()["compositeResponse"]
        return told

    def name(self, word: str) -> str:
        """A name of this run that no test has used."""
        return f"{self.prefix}_{word}_{secrets.token_hex(3)}"

    def permission_set(self, word: str = "set", **fields: Any) -> str:
        """The Id of a new permission set."""
        name = self.name(word)
        return self.create("PermissionSet", Name=name, Label=name, **fields)

    # --- what the org has ----------------------------------------------------------------------------------------------------------

    def describe(self, sobject: str) -> dict[str, Any] | None:
        """The object's describe, or None where the org has no such object."""
        if sobject not in self._described:
            answer = self.get(f"/sobjects/{sobject}/describe")
            self._described[sobject] = answer.json() if answer.status_code == 200 else None
        return self._described[sobject]

    def field(self, sobject: str, name: str) -> dict[str, Any] | None:
        described = self.describe(sobject) or {"fields": []}
        return next((item for item in described["fields"] if item["name"] == name), None)

    def need_field(self, sobject: str, name: str) -> dict[str, Any]:
        """The field's describe. Skips the test where the org has none."""
        found = self.field(sobject, name)
        if found is None:
            pytest.skip(f"this org has no {sobject}.{name}")
        return found

    def picklist(self, sobject: str, name: str) -> set[str]:
        return {item["value"] for item in self.need_field(sobject, name)["picklistValues"]}

    def person(self) -> dict[str, Any]:
        """The test user. Skips the test where a real org's is not named."""
        if self.person_name is None:
            pytest.skip("SALESFORCE_CONTRACT_USER names no test user of this org")
        fields = "Id, Username, IsActive, ProfileId, Profile.UserLicenseId"
        found = self.soql(f"SELECT {fields} FROM User WHERE Username = '{self.person_name}'")
        assert len(found) == 1, f"no user {self.person_name}"
        return found[0]

    # --- leaving nothing behind ----------------------------------------------------------------------------------------------------

    def clean(self) -> list[str]:
        """Take away everything made, the last first, and write back what was changed; returns what is, or may be, still there."""
        changed = [
            f"{sobject} {record_id}: {values}"
            for sobject, record_id, values in reversed(self.restore)
            if not self._put_back(sobject, record_id, values)
        ]
        left = self._delete(list(dict.fromkeys(reversed(self.made))))
        # Rows hold each other: a set that was still assigned goes once the assignment is gone.
        left = self._delete(left) if left else left
        self.restore, self.made = [], []
        return changed + [f"{sobject} {record_id}" for sobject, record_id in left if self._is_there(sobject, record_id)]

    def _put_back(self, sobject: str, record_id: str, values: dict[str, Any]) -> bool:
        answer = self.session.patch(f"{self.base_url}{self.root}/sobjects/{sobject}/{record_id}", json=values, timeout=60)
        return answer.status_code == 204

    def _delete(self, records: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Those that may still be there. Neighbours of one type go in one call."""
        known = [(sobject or self._type_of(record_id), record_id) for sobject, record_id in records]
        left = []
        for kind, neighbours in groupby(known, key=itemgetter(0)):
            ids = [record_id for _kind, record_id in neighbours]
            for start in range(0, len(ids), DELETED_AT_ONCE):
                left += [(kind, record_id) for record_id in self._still_there(ids[start : start + DELETED_AT_ONCE])]
        return left

    def _still_there(self, ids: list[str]) -> list[str]:
        """Of these records of one type, those that were not deleted."""
        url = f"{self.base_url}{self.root}/composite/sobjects?ids={','.join(ids)}&allOrNone=false"
        told = body_of(self.session.delete(url, timeout=60))
        if not isinstance(told, list) or len(told) != len(ids):
            return ids
        codes = [{error.get("statusCode") for error in item.get("errors", ())} for item in told]
        return [record_id for record_id, item, found in zip(ids, told, codes, strict=True) if not item.get("success") and not found & GONE]

    def _is_there(self, sobject: str, record_id: str) -> bool:
        """Anything but a plain no counts as yes: a session that ended in mid-run proves nothing."""
        answer = self.session.get(f"{self.base_url}{self.root}/sobjects/{sobject}/{record_id}?fields=Id", timeout=60)
        return answer.status_code != 404

    def _type_of(self, record_id: str) -> str:
        if not self._types:
            told = self.session.get(f"{self.base_url}{self.root}/sobjects", timeout=60).json()["sobjects"]
            self._types = {item["keyPrefix"]: item["name"] for item in told if item.get("keyPrefix")}
        return self._types.get(record_id[:3], "")


def body_of(answer: requests.Response) -> Any:
    try:
        return answer.json() if answer.content else None
    except ValueError:
        return answer.text


def code_of(answer: requests.Response) -> str:
    """The first error's code."""
    body = body_of(answer)
    first = body[0] if isinstance(body, list) and body else body
    return str(first.get("errorCode")) if isinstance(first, dict) else ""


def made_by(method: str, path: str, sent: Any, status: int, body: Any) -> list[tuple[str, str]]:
    """(sObject, or nothing where only the Id tells it; Id) of every record that an answer says it made."""
    if method != "POST" or status >= 300:
        return []
    resource = path.partition("?")[0].rstrip("/").split("/")
    if resource[-1] == "composite" and isinstance(body, dict):
        asked = {item.get("referenceId"): item for item in (sent or {}).get("compositeRequest", ())}
        return list(_made_by_parts(asked, body.get("compositeResponse", ())))
    if isinstance(body, list):
        return [("", item["id"]) for item in body if isinstance(item, dict) and item.get("success") and item.get("id")]
    if "sobjects" in resource and isinstance(body, dict) and body.get("success") and body.get("id"):
        return [(resource[resource.index("sobjects") + 1], str(body["id"]))]
    return []


def _made_by_parts(asked: Mapping[Any, Any], parts: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for part in parts:
        request = asked.get(part.get("referenceId"), {})
        status, body = int(part.get("httpStatusCode", 0)), part.get("body")
        yield from made_by(str(request.get("method")), str(request.get("url")), request.get("body"), status, body)
