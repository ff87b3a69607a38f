# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests that others recorded against a real org, sent to the emulator: writes of single records and graphs.

Errors must be the recorded body to the letter; of successes the status, the headers and the shape count.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.http_api.served import Served
from emulator.model import PicklistValue
from emulator.org import Org

from .record_objects import add, column, custom_object

RECORDINGS = Path(__file__).resolve().parents[4] / "shared" / "golden" / "sf-fx-runtime-java"
KINDS = ("create*.json", "update*.json", "delete*.json", "composite-graph-*.json")
MOVIE = "a00B000000FSjVUIA1"
pytestmark = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings (../shared/golden) are not on this machine")


def add_movies(org: Org, prefix: str) -> None:
    """The objects of the recorded org, as far as the requests tell of them."""
    ratings = tuple(PicklistValue(name, name) for name in ("Excellent", "Good"))
    rating = column("picklist", "Rating__c", "Rating", picklist=ratings, restricted_picklist=True)
    franchise = column("reference", "Franchise__c", length=18, reference_to=("Franchise__c",), relationship_name="Franchise__r")
    add(
        org,
        custom_object("Movie__c", prefix, rating, column("date", "ReleaseDate__c", "Release Date"), franchise),
        custom_object("Franchise__c", "a03"),
        custom_object("Spaceship__c", "a04", column("string", "Website__c", nillable=False)),
    )


def movies(org: Org) -> None:
    add_movies(org, "a00")


def one_movie(org: Org) -> None:
    add_movies(org, "a00")
    org.put("Movie__c", Id=MOVIE, Name="The Empire Strikes Back")


def one_movie_of_later(record_id: str) -> Callable[[Org], None]:
    """Another org: there the prefix of a movie is a01."""

    def prepare(org: Org) -> None:
        add_movies(org, "a01")
        org.put("Movie__c", Id=record_id, Name="The Empire Strikes Back")

    return prepare


def one_account(org: Org) -> None:
    org.put("Account", Id="001B000001Lp1FxIAJ", Name="Acme")


def a_deleted_account(org: Org) -> None:
    org.put("Account", Id="001B000001Lp1G2IAJ", Name="Acme")
    org.remove("Account", "001B000001Lp1G2IAJ")


PREPARED: dict[str, Callable[[Org], None]] = {
    "create.json": movies,
    "create-invalid-field.json": movies,
    "create-invalid-picklist-value.json": movies,
    "create-required-field-missing.json": movies,
    "create-unknown-object.json": movies,
    "update.json": one_movie,
    "update-invalid-field.json": one_movie,
    "update-malformed-id.json": one_movie,
    "delete.json": one_account,
    "delete-already-deleted.json": a_deleted_account,
    "composite-graph-create.json": one_movie_of_later("a01B0000009gSrFIAU"),
    "composite-graph-create-tree.json": movies,
    "composite-graph-single-create-error.json": one_movie_of_later("a01B0000009gSrFIAU"),
    "composite-graph-single-update.json": one_movie_of_later("a01B0000009gSrFIAU"),
    "composite-graph-single-delete.json": one_movie_of_later("a01B0000009gSr9IAE"),
}


def recorded(name: str) -> dict[str, Any]:
    file = RECORDINGS / name
    if not file.is_file():
        pytest.skip(f"the recording {name} is not on this machine")
    loaded: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return loaded


def shape(value: Any) -> Any:
    """Keys and kinds, without the values; record Ids as such."""
    if isinstance(value, dict):
        return {key: shape(member) for key, member in value.items()}
    if isinstance(value, list):
        return [shape(member) for member in value]
    if isinstance(value, str):
        return re.sub(r"\ba0[0-9][A-Za-z0-9]{15}\b", "<Id>", value)
    return value


def test_every_recorded_write_is_replayed() -> None:
    assert {file.name for kind in KINDS for file in RECORDINGS.glob(kind)} == set(PREPARED)


@pytest.mark.parametrize("name", PREPARED)
def test_a_recorded_request_gets_the_recorded_answer(client: Any, served: Served, name: str) -> None:
    recording = recorded(name)
    request, response = recording["request"], recording["response"]
    PREPARED[name](served.org)
    bodies = [json.loads(pattern["equalToJson"]) for pattern in request.get("bodyPatterns", [])]
    answer = client.call(request["method"], request["url"], json=bodies[0] if bodies else None)
    assert answer.status_code == response["status"]
    for header in ("Location", "Content-Type"):
        assert shape(answer.headers.get(header)) == shape(response["headers"].get(header)), header
    assert "Sforce-Limit-Info" in answer.headers
    assert "Sforce-Limit-Info" in response["headers"]
    body = json.loads(response["body"]) if "body" in response else None
    given = answer.json() if answer.content else None
    if answer.status_code >= 400:
        assert given == body
        return
    assert shape(given) == shape(body)


def test_a_failed_graph_has_the_recorded_body_to_the_letter(client: Any, served: Served) -> None:
    name = "composite-graph-single-create-error.json"
    recording = recorded(name)
    PREPARED[name](served.org)
    sent = json.loads(recording["request"]["bodyPatterns"][0]["equalToJson"])
    assert client.call("POST", recording["request"]["url"], json=sent).json() == json.loads(recording["response"]["body"])


def test_the_recorded_tree_hangs_together(client: Any, served: Served) -> None:
    recording = recorded("composite-graph-create-tree.json")
    movies(served.org)
    sent = json.loads(recording["request"]["bodyPatterns"][0]["equalToJson"])
    client.call("POST", recording["request"]["url"], json=sent)
    franchise = served.org.find("Franchise__c")[0]["Id"]
    assert [row["Franchise__c"] for row in served.org.find("Movie__c")] == [franchise] * 3
