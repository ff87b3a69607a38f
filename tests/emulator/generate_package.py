# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write seed/vonage_package.json and seed/dependencies.json from the recorded facts (two tab-separated tables).

    python -m emulator.generate_package --shared ../shared

The facts are kept outside this repository; the two JSON files are what the emulator reads. Everything in them is either a fact with
its source (a key into the file's own "sources" list) or says that it is invented.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SEED = HERE / "seed"

FIELD_TYPES = {
    "Checkbox": "boolean",
    "Date": "date",
    "DateTime": "datetime",
    "LongTextArea": "textarea",
    "Lookup": "reference",
    "MasterDetail": "reference",
    "Number": "double",
    "Percent": "percent",
    "Phone": "phone",
    "Picklist": "picklist",
    "Text": "string",
    "TextArea": "textarea",
    "Url": "url",
}
"""Setup's names of field types -> the type that describe shows."""

INVENTED_CLASSES = (
    "ApiUserAccess",
    "CallEventReceiver",
    "CallbackScheduler",
    "CaseRoutingController",
    "ClickToDialController",
    "ContactWorldRestResource",
    "DispositionCodeProvider",
    "InteractionEventWriter",
    "InteractionNotesController",
    "LogACallController",
    "PresentedClidSelector",
    "RecordingPlayerController",
)
"""The package's real classes are not public. A dozen stand-ins, so that granting classes can be tried."""

INVENTED_METADATA_TYPES = (
    {
        "name": "NVMContactWorld__Routing_Profile__mdt",
        "label": "Routing Profile",
        "plural": "Routing Profiles",
        "fields": [{"name": "NVMContactWorld__Queue__c", "label": "Queue", "type": "string", "length": 80}],
    },
    {
        "name": "NVMContactWorld__Screen_Pop_Rule__mdt",
        "label": "Screen Pop Rule",
        "plural": "Screen Pop Rules",
        "fields": [{"name": "NVMContactWorld__Target__c", "label": "Target", "type": "string", "length": 255}],
    },
    {
        "name": "Acme_Queue_Mapping__mdt",
        "label": "Acme Queue Mapping",
        "plural": "Acme Queue Mappings",
        "fields": [{"name": "Queue__c", "label": "Queue", "type": "string", "length": 80}],
    },
)
"""The package's real custom metadata types are not public, and the last one is the customer's own."""

INVENTED_CUSTOM_PERMISSIONS = (
    ("NVMContactWorld", "Agent_Console", "Agent Console"),
    ("NVMContactWorld", "Recording_Playback", "Recording Playback"),
    ("NVMContactWorld", "Supervisor_Dashboard", "Supervisor Dashboard"),
    (None, "Acme_Refunds", "Acme Refunds"),
)
INVENTED_FLOWS = (
    ("NVMContactWorld", "Callback_Request", "Callback Request"),
    ("NVMContactWorld", "Post_Call_Survey", "Post Call Survey"),
    (None, "Acme_Missed_Call", "Acme Missed Call"),
    (None, "Acme_Escalation", "Acme Escalation"),
)
INVENTED_TABS = (
    ("NVMContactWorld__InteractionEvent__c", "Interaction Events", "NVMContactWorld__InteractionEvent__c"),
    ("NVMContactWorld__CallEndEvent__c", "Call End Events", "NVMContactWorld__CallEndEvent__c"),
    ("NVMContactWorld__Agent_Console", "Agent Console", None),
    ("Acme_Wallboard", "Acme Wallboard", None),
)
"""Name, label, object. Which tabs the package brings beside the documented one is not public."""

INVENTED_CONNECTED_APPS = ("Acme Telephony Sync", "Acme Reporting", "Vonage Contact Center")
PACKAGES = {
    "NVMContactWorld": ("Vonage Contact Center", "17.126"),
    "NVMStatsSF": ("Advanced Reporting & Statistics", "1.20"),
}
"""Prefix -> name and version; 17.126 was seen in a public org (2018), the names and the other version are composed."""

SUBSCRIBER_FIELDS = (
    {
        "object": "NVMContactWorld__InteractionEvent__c",
        "name": "Acme_Campaign_Code__c",
        "label": "Acme Campaign Code",
        "type": "string",
        "length": 40,
    },
    {"object": "Case", "name": "Acme_Escalation_Tier__c", "label": "Acme Escalation Tier", "type": "string", "length": 20},
)
"""A customer's own fields, unprefixed, one of them on a package object: public orgs have such fields, so "every field of the
package" must look at the field's own prefix."""

CONTENTS_OF_SETS = {
    "note": "Composed by the packaging guide's rule (custom objects and their fields, classes, pages, tabs, custom settings; no user permissions, "
    "nothing on standard objects' rows). Which exact rows the real sets hold is not public. The API user set leaves out some of what the API "
    "user needs, so that an extended clone has something to add. Flows and connected apps are in no packaged set.",
    "without_modify_all": ["NVMContactWorld__Background_Action__c", "NVMContactWorld__CaseRoutingRequest__c"],
    "without_fields": [
        "NVMContactWorld__CallEndEvent__c.NVMContactWorld__CallLegInfoJson__c",
        "Case.NVMContactWorld__RoutePlanIdentifier__c",
        "Task.NVMContactWorld__InteractionQuality__c",
    ],
    "without_classes": ["RecordingPlayerController"],
    "without_pages": ["QualityManagement"],
    "custom_permissions": ["NVMContactWorld.Agent_Console", "NVMContactWorld.Recording_Playback"],
    "custom_settings": ["NVMContactWorld__Settings__c"],
    "metadata_types": ["NVMContactWorld__Routing_Profile__mdt"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=HERE.parents[1].parent / "shared", help="folder that holds facts/*.tsv")
    parser.add_argument("--into", type=Path, default=SEED)
    arguments = parser.parse_args()
    for name, content in files(arguments.shared / "facts").items():
        (arguments.into / name).write_text(content, encoding="utf-8")


def files(facts: Path) -> dict[str, str]:
    """File name -> content, for both files."""
    return {
        "vonage_package.json": as_text(package(rows_of(facts / "vonage_package.tsv"))),
        "dependencies.json": as_text(dependencies(rows_of(facts / "permission_dependencies.tsv"))),
    }


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))


def as_text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=1, ensure_ascii=True) + "\n"


# --- the package -----------------------------------------------------------------------------------------------------


def package(rows: list[dict[str, str]]) -> dict[str, Any]:
    sources: list[str] = []

    def source(row: Mapping[str, str]) -> int:
        if row["source"] not in sources:
            sources.append(row["source"])
        return sources.index(row["source"])

    def of_kind(kind: str) -> list[dict[str, str]]:
        return [row for row in rows if row["kind"] == kind]

    def fields_by_owner(kind: str) -> dict[str, list[dict[str, Any]]]:
        grouped: dict[str, list[dict[str, Any]]] = {}
        for row in of_kind(kind):
            owner, name = row["api_name"].split(".")
            grouped.setdefault(owner, []).append({"name": name, **field_facts(row["detail"]), "source": source(row)})
        return grouped

    own_fields = fields_by_owner("custom_field")
    setting_fields = fields_by_owner("custom_setting_field")
    return {
        "note": "Facts about the Vonage Contact Center package, written by generate_package.py. Invented: every class under 'classes' with "
        "invented true, the API names of the permission sets and of the tab, and what the sets contain (see 'contents_of_sets').",
        "objects": [
            {**object_facts(row), "fields": own_fields.get(row["api_name"], []), "source": source(row)} for row in of_kind("custom_object")
        ],
        "settings": [
            {**object_facts(row), "fields": setting_fields.get(row["api_name"], []), "source": source(row)}
            for row in of_kind("custom_setting")
        ],
        "standard_fields": fields_by_owner("custom_field_on_standard_object"),
        "permissionable_task_fields": [row["api_name"] for row in of_kind("standard_task_field_permissionable")],
        "not_permissionable_task_fields": [row["api_name"] for row in of_kind("standard_task_field_not_permissionable")],
        "pages": [{**prefixed(row["api_name"], "__"), "source": source(row)} for row in of_kind("visualforce_page")],
        "classes": [{**prefixed(row["api_name"], "."), "source": source(row), "invented": False} for row in of_kind("apex_class")]
        + [
            {
                "namespace": "NVMContactWorld",
                "name": name,
                "source": None,
                "invented": True,
                "note": "Invented stand-in for a private class",
            }
            for name in INVENTED_CLASSES
        ],
        "permission_sets": [
            {
                "namespace": "NVMContactWorld",
                "name": set_name(label_of(row["api_name"])),
                "label": label_of(row["api_name"]),
                "note": "label documented, API name inferred",
                "source": source(row),
            }
            for row in of_kind("permission_set")
        ],
        "contents_of_sets": CONTENTS_OF_SETS,
        "tab": next(
            {
                "label": row["api_name"],
                "name": "NVMContactWorld__" + row["api_name"].replace(" ", "_"),
                "note": "label documented, API name invented",
                "source": source(row),
            }
            for row in of_kind("tab")
        ),
        "invented": {
            "note": "Invented so that every kind of access can be granted: nothing here is public, and the last of each kind is the customer's own",
            "metadata_types": list(INVENTED_METADATA_TYPES),
            "custom_permissions": [_invented(*entry) for entry in INVENTED_CUSTOM_PERMISSIONS],
            "flows": [_invented(*entry) for entry in INVENTED_FLOWS],
            "tabs": [{"name": name, "label": label, "object": sobject} for name, label, sobject in INVENTED_TABS],
            "connected_apps": list(INVENTED_CONNECTED_APPS),
        },
        "packages": {prefix: {"name": name, "version": version} for prefix, (name, version) in PACKAGES.items()},
        "subscriber_fields": {"note": "Invented fields of the example customer, not of the package", "fields": list(SUBSCRIBER_FIELDS)},
        "left_out": [
            {
                "kind": row["kind"],
                "name": row["api_name"],
                "why": "kind not public" if row["kind"] == "custom_setting_or_object" else "no API data",
            }
            for row in rows
            if row["kind"] in {"custom_setting_or_object", "list_view", "quick_action", "validation_rule", "document"}
        ],
        "sources": sources,
    }


def _invented(namespace: str | None, name: str, label: str) -> dict[str, str | None]:
    return {"namespace": namespace, "name": name, "label": label}


def object_facts(row: Mapping[str, str]) -> dict[str, Any]:
    detail = row["detail"]
    facts: dict[str, Any] = {"name": row["api_name"], "label": quoted(detail, "label")}
    plural = quoted(detail, "plural")
    facts["plural"] = facts["label"] if plural == "None" else plural
    sharing = re.search(r"sharingModel=(\w+)", detail)
    if sharing:
        facts["sharing"] = sharing[1]
        name_field = re.search(r'name field: label="([^"]*)" type=(\w+)', detail)
        facts["name_label"] = name_field[1] if name_field else "Name"
        facts["auto_number"] = bool(name_field and name_field[2] == "AutoNumber")
    setting = re.search(r"custom setting type=(\w+)", detail)
    if setting:
        facts["setting_type"] = setting[1]
    return facts


def field_facts(detail: str) -> dict[str, Any]:
    parts = [part.strip() for part in detail.split(";")]
    kind = re.search(r"type=(\w+)", detail)
    facts: dict[str, Any] = {"label": quoted(detail, "label"), "type": FIELD_TYPES[kind[1] if kind else "Text"]}
    for name, pattern in (("length", r"(?:^|; )length=(\d+)"), ("precision", r"precision=(\d+)"), ("scale", r"scale=(\d+)")):
        found = re.search(pattern, detail)
        if found:
            facts[name] = int(found[1])
    reference = re.search(r"referenceTo=([\w/]+)(?:,relationshipName=(\w+))?", detail)
    if reference:
        facts["reference_to"] = reference[1].split("/")
        facts["child_relationship"] = reference[2]
    values = re.search(r"values=([^;]+)", detail)
    if values:
        facts["values"] = values[1].strip().split("/")
    default = re.search(r"; default=([^;]+)", detail)
    if default and facts["type"] == "boolean":
        facts["default"] = default[1].strip() == "true"
    marks = {
        "required": "required",
        "unique": "unique",
        "external_id": "externalId",
        "formula": "formula(calculated,read-only)",
    }
    facts.update({name: True for name, mark in marks.items() if mark in parts})
    if kind and kind[1] == "MasterDetail":
        facts["master_detail"] = True
    return facts


def quoted(detail: str, name: str) -> str:
    found = re.search(rf'{name}="([^"]*)"', detail)
    return found[1] if found else ""


def label_of(api_name: str) -> str:
    return quoted(api_name, "label")


def set_name(label: str) -> str:
    return "_".join(word if word[0].isupper() else word.capitalize() for word in label.replace("API user", "API User").split())


def prefixed(name: str, separator: str) -> dict[str, str]:
    namespace, _unused, bare = name.partition(separator)
    return {"namespace": namespace, "name": bare}


# --- dependencies ----------------------------------------------------------------------------------------------------

LEGACY = "legacy folder"
OLD = "OLD"


def dependencies(rows: list[dict[str, str]]) -> dict[str, Any]:
    sources: list[str] = []
    edges: list[dict[str, Any]] = []
    left_out: list[dict[str, str]] = []
    for row in rows:
        why = why_left_out(row)
        if why is not None:
            left_out.append({"permission": row["permission"], "requires": row["requires"], "why": why})
            continue
        if row["source"] not in sources:
            sources.append(row["source"])
        edges.append(
            {
                "permission": row["permission"],
                "requires": row["requires"],
                "grade": grade_of(row["source"]),
                "source": sources.index(row["source"]),
            }
        )
    return {
        "note": "Which user permission needs which other one, written by generate_package.py. 'inferred' edges come from co-occurrence in "
        "published metadata and can hold noise: the switch inferred_dependencies turns them off. Object rules (create needs read, a detail "
        "needs its master) are code, in rules/object_permissions.py.",
        "user_permissions": [edge for edge in edges if ":" not in edge["permission"] and ":" not in edge["requires"]],
        "objects_of_user_permissions": [edge for edge in edges if ":" not in edge["permission"] and ":" in edge["requires"]],
        "object_permissions": [edge for edge in edges if ":" in edge["permission"]],
        "left_out": left_out,
        "sources": sources,
    }


def why_left_out(row: Mapping[str, str]) -> str | None:
    if row["requires"] == "(none)":
        return "says that there is no dependency"
    if "<" in row["permission"]:
        return "a general object or field rule: code, not data"
    if "<*>" in row["requires"]:
        return "a user permission that stands for rights on every object: code, not data"
    if LEGACY in row["source"] or "WITHOUT enhanced folder sharing" in row["source"]:
        return "only in orgs without enhanced folder sharing; the emulated orgs have it"
    if OLD in row["source"]:
        return "outdated by the source's own account"
    if "/" in row["permission"]:
        return "names two objects at once"
    return None


def grade_of(source: str) -> str:
    tag = source[1 : source.index("]")]
    if "inferred" in tag:
        return "inferred"
    if tag.startswith("documented"):
        return "documented"
    if tag.startswith("public error text"):
        return "quoted"
    return "inferred"


if __name__ == "__main__":
    main()
