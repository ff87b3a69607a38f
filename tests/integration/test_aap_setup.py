# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""playbooks/aap_setup.yml with awx.awx's own modules, against a store that keeps what they send as the controller's API would, and knows none of
its rules: it shows that every name is found in the order in which things are made, and that a second run changes nothing."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from harness import aap
from tooling import awx_options
from tooling.workspace import ROOT, WORKSPACE

TYPES = {
    "job_templates": "job_template",
    "workflow_job_templates": "workflow_job_template",
    "projects": "project",
    "inventory_sources": "inventory_source",
}
# What the API calls the lists of the kit.
ENDPOINTS = {
    "controller_credential_types": "credential_types",
    "controller_credentials": "credentials",
    "controller_execution_environments": "execution_environments",
    "controller_notifications": "notification_templates",
    "controller_projects": "projects",
    "controller_inventories": "inventories",
    "controller_inventory_sources": "inventory_sources",
    "controller_templates": "job_templates",
    "controller_workflows": "workflow_job_templates",
    "controller_schedules": "schedules",
}


class Store:
    """Records by endpoint and Id, what is associated with them, and every request that was no GET."""

    def __init__(self) -> None:
        self.records: dict[str, dict[int, dict[str, Any]]] = {
            "organizations": {1: {"id": 1, "name": "Default", "url": "/api/v2/organizations/1/"}}
        }
        self.associated: dict[str, list[int]] = {}
        self.surveys: dict[str, Any] = {}
        self.writes: list[str] = []
        self._ids = itertools.count(2)

    def answer(self, method: str, path: str, query: dict[str, str], data: Any) -> tuple[int, Any]:
        parts = path.removeprefix("/api/v2/").strip("/").split("/")
        if method != "GET":
            self.writes.append(f"{method} {path}")
        if len(parts) == 1:
            return self._list(parts[0], query) if method == "GET" else (201, self.create(parts[0], data))
        if len(parts) == 2:
            record = self.records[parts[0]][int(parts[1])]
            record.update(data if method == "PATCH" else {})
            return 200, record
        if parts[2] == "survey_spec":
            self.surveys[path] = data if method == "POST" else self.surveys.get(path, {})
            return 200, self.surveys[path]
        if parts[2] == "create_approval_template":
            approval = self.create("workflow_approval_templates", data)
            self.records[parts[0]][int(parts[1])]["related"]["unified_job_template"] = approval["url"]
            return 201, approval
        return self._associations(method, path, data)

    def create(self, endpoint: str, data: dict[str, Any]) -> dict[str, Any]:
        number = next(self._ids)
        url = f"/api/v2/{endpoint}/{number}/"
        related = {"survey_spec": f"{url}survey_spec/"}
        record = {**data, "id": number, "url": url, "type": TYPES.get(endpoint, endpoint), "related": related, "summary_fields": {}}
        if endpoint == "projects":
            # It was fetched at once.
            record |= {"scm_revision": "1", "status": "successful"}
        self.records.setdefault(endpoint, {})[number] = record
        return record

    def _list(self, endpoint: str, query: dict[str, str]) -> tuple[int, Any]:
        kinds = list(TYPES) if endpoint == "unified_job_templates" else [endpoint]
        found = [record for kind in kinds for record in self.records.get(kind, {}).values()]
        # An inventory source has the organization of its inventory.
        asked = {name: value for name, value in query.items() if name != "page_size"}
        found = [record for record in found if all(str(record.get(name, value)) == value for name, value in asked.items())]
        return 200, {"count": len(found), "next": None, "results": found}

    def _associations(self, method: str, path: str, data: Any) -> tuple[int, Any]:
        ids = self.associated.setdefault(path, [])
        if method == "GET":
            return 200, {"count": len(ids), "next": None, "results": [{"id": number} for number in ids]}
        ids.remove(data["id"]) if data.get("disassociate") else ids.append(data["id"])
        return 204, None

    def named(self, endpoint: str) -> dict[str, dict[str, Any]]:
        return {record["name"]: record for record in self.records.get(endpoint, {}).values()}


@pytest.fixture
def store() -> Iterator[tuple[Store, str]]:
    kept = Store()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with lock:
                status, data = kept.answer(self.command, url.path, dict(parse_qsl(url.query)), json.loads(body) if body else None)
            text = b"" if data is None else json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_unused: Any) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield kept, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def set_up(tmp_path: Path, host: str, *arguments: str, collections: Path | None = None) -> subprocess.CompletedProcess[str]:
    paths = [str(WORKSPACE), *([str(collections)] if collections else [])]
    environment = os.environ | {
        "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(paths),
        "ANSIBLE_NOCOLOR": "1",
        "CONTROLLER_HOST": host,
        "CONTROLLER_OAUTH_TOKEN": "a token",
        "HOME": str(tmp_path),
    }
    command = [sys.executable, "-m", "ansible", "playbook", str(ROOT / "playbooks" / "aap_setup.yml"), *arguments]
    return subprocess.run(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False
    )


def test_without_the_modules_it_says_what_to_install(tmp_path: Path) -> None:
    if awx_options.installed() is not None and "AWX_AWX_FOLDER" not in os.environ:
        pytest.skip("awx.awx is installed")
    done = set_up(tmp_path, "http://127.0.0.1:9")
    assert done.returncode == 2
    assert "ansible-galaxy collection install awx.awx" in done.stdout
    assert "127.0.0.1:9" not in done.stdout


def test_the_controller_is_asked_for_all_of_it_once(tmp_path: Path, store: tuple[Store, str]) -> None:
    found = awx_options.installed()
    if found is None:
        pytest.skip(awx_options.MISSING)
    collections = found.parents[2]
    kept, host = store
    secret = "-----BEGIN PRIVATE KEY-----\\ncanary\\n-----END PRIVATE KEY-----"
    settings = json.dumps({"salesforce_aap_credential_inputs": {"client_id": "3MVG9", "private_key": secret}, "salesforce_aap_slices": 4})
    first = set_up(tmp_path, host, "-e", settings, collections=collections)
    assert first.returncode == 0, first.stdout
    assert "canary" not in first.stdout
    kit = aap.kit({"salesforce_aap_slices": 4})
    for name, endpoint in ENDPOINTS.items():
        assert set(kept.named(endpoint)) == {entry["name"] for entry in kit[name]}, endpoint
    injected = kept.named("credential_types")["Salesforce orgs"]["injectors"]
    assert injected == kit["controller_credential_types"][0]["injectors"]
    drift = kept.named("job_templates")["Salesforce drift"]
    assert drift["job_slice_count"] == 4
    assert json.loads(drift["extra_vars"]) == {"salesforce_fail_on_drift": True}
    assert kept.associated[f"{drift['url']}credentials/"] == [kept.named("credentials")["Salesforce fleet"]["id"]]
    nodes = {record["identifier"]: record for record in kept.records["workflow_job_template_nodes"].values()}
    assert kept.associated[f"{nodes['approval']['url']}success_nodes/"] == [nodes["apply"]["id"]]
    assert kept.named("workflow_approval_templates")["Make the orgs what the inventory says"]["timeout"] == 43200
    asked = [survey for survey in kept.surveys.values() if survey]
    assert {question["variable"] for survey in asked for question in survey["spec"]} >= {"salesforce_hosts", "salesforce_change_ticket"}
    kept.writes.clear()
    again = set_up(tmp_path, host, "-e", settings, collections=collections)
    assert again.returncode == 0, again.stdout
    assert kept.writes == []
    assert re.search(r"changed=0 ", again.stdout)
