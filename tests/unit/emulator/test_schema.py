# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The generated schema: reproducible, sourced, complete enough."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulator import generate_schema, schema
from emulator.schema import DEFAULT_FEATURES, FEATURES, load_schema

ROOT = Path(__file__).resolve().parents[3]
SHARED = ROOT.parent / "shared"
FILES = ROOT / "tests" / "emulator" / "schema"


@pytest.mark.skipif(not (SHARED / "golden").is_dir(), reason="the recorded facts (../shared/golden) are not on this machine")
def test_the_committed_files_are_what_the_script_writes(tmp_path: Path) -> None:
    generate_schema.write_schema(SHARED, tmp_path)
    written = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    committed = {path.name: path.read_text(encoding="utf-8") for path in FILES.glob("*.json")}
    assert written == committed


def test_every_field_names_sources_that_the_legend_explains() -> None:
    legend = set(schema.sources())
    for sobject in load_schema(FEATURES).sobjects.values():
        assert set(sobject.source.split("+")) <= legend, sobject.name
        for item in sobject.fields.values():
            assert item.source, (sobject.name, item.name)
            assert set(item.source.split("+")) <= legend, (sobject.name, item.name)


def test_every_object_that_the_work_needs_is_there_with_its_own_prefix() -> None:
    sobjects = load_schema(FEATURES).sobjects
    assert set(generate_schema.OBJECTS) == set(sobjects)
    assert set(generate_schema.OPTIONAL_OBJECTS) == set(sobjects) - set(load_schema(frozenset()).sobjects)
    prefixes = [sobject.key_prefix for sobject in sobjects.values()]
    assert len(set(prefixes)) == len(prefixes)
    assert all(len(prefix) == 3 for prefix in prefixes)


def test_every_object_has_an_id_first_and_every_reference_a_length() -> None:
    for sobject in load_schema(FEATURES).sobjects.values():
        assert next(iter(sobject.fields)) == "Id"
        assert all(item.length == 18 for item in sobject.fields.values() if item.type in ("id", "reference"))


def test_child_relationships_point_at_fields_that_point_back() -> None:
    loaded = load_schema(FEATURES)
    for sobject in loaded.sobjects.values():
        for child in sobject.child_relationships:
            assert sobject.name in loaded.sobjects[child.child].fields[child.field].reference_to, (sobject.name, child.name)


@pytest.mark.parametrize(
    ("feature", "sobject", "column"),
    [
        ("user_access_policies", "PermissionSetAssignment", "IsRevoked"),
        ("partner_telephony", "PermissionSet", "PermissionsIsContactCenterAgentBYOT"),
        ("partner_telephony", "Profile", "PermissionsIsContactCenterAdminBYOT"),
        ("partner_telephony", "UserPermissionAccess", "PermissionsDelegatedContactCenterAdmin"),
        ("amazon_connect", "PermissionSet", "PermissionsIsContactCenterAgent"),
        ("view_all_fields", "ObjectPermissions", "PermissionsViewAllFields"),
        ("developer_edition", "PermissionSet", "PermissionsManageTranslation"),
        ("developer_edition", "MutingPermissionSet", "PermissionsManageTranslation"),
        ("developer_edition", "PermissionSetLicense", "MaximumPermissionsManageTranslation"),
        ("multi_currency", "Account", "CurrencyIsoCode"),
        ("multi_currency", "User", "DefaultCurrencyIsoCode"),
        ("state_country_picklists", "Contact", "MailingStateCode"),
        ("record_types", "Case", "RecordTypeId"),
        ("divisions", "Lead", "Division"),
    ],
)
def test_a_column_of_a_feature_exists_only_with_the_feature(feature: str, sobject: str, column: str) -> None:
    assert load_schema(FEATURES).sobjects[sobject].field(column) is not None
    assert load_schema(FEATURES - {feature}).sobjects[sobject].field(column) is None


@pytest.mark.parametrize("feature", ["partner_telephony", "amazon_connect"])
def test_an_object_of_several_features_exists_with_any_of_them(feature: str) -> None:
    assert load_schema(DEFAULT_FEATURES).sobject("ContactCenterBulkOp") is None
    assert load_schema(DEFAULT_FEATURES | {feature}).sobject("contactcenterbulkop") is not None


def test_relationships_to_objects_and_columns_that_an_org_lacks_are_absent() -> None:
    for features in (frozenset[str](), DEFAULT_FEATURES, FEATURES):
        loaded = load_schema(features).sobjects
        for sobject in loaded.values():
            assert all(one.field in loaded[one.child].fields for one in sobject.child_relationships)


def test_an_unknown_feature_is_a_programmer_error() -> None:
    with pytest.raises(ValueError, match="unknown features: nonsense"):
        load_schema(frozenset({"nonsense"}))


def test_allowed_verbs_are_the_recorded_ones() -> None:
    sobjects = load_schema(DEFAULT_FEATURES).sobjects
    verbs = {name: (one.createable, one.updateable, one.deletable) for name, one in sobjects.items()}
    assert verbs["PermissionSet"] == (True, True, True)
    assert verbs["SetupEntityAccess"] == (True, False, True)
    assert verbs["CallCenter"] == (True, False, False)
    assert verbs["User"] == (True, True, False)
    assert verbs["PackageLicense"] == (False, False, False)
    assert verbs["UserPermissionAccess"] == (False, False, False)
    assert not sobjects["UserPermissionAccess"].retrieveable


def test_facts_that_the_collection_leans_on() -> None:
    sobjects = load_schema(DEFAULT_FEATURES).sobjects
    center = sobjects["User"].fields["CallCenterId"]
    assert (center.reference_to, center.relationship_name, center.updateable, center.nillable) == (("CallCenter",), None, True, True)
    licence = sobjects["PermissionSet"].fields["LicenseId"]
    assert (set(licence.reference_to), licence.createable, licence.updateable) == ({"PermissionSetLicense", "UserLicense"}, True, False)
    assert sobjects["PermissionSet"].fields["Name"].length == 80
    assert sum(name.startswith("Permissions") for name in sobjects["PermissionSet"].fields) > 300
    assert sobjects["PermissionSet"].fields["PermissionsApiEnabled"].label == "API Enabled"
    assert sobjects["UserLicense"].fields["UsedLicenses"].filterable


def test_the_three_holders_of_user_permissions_agree() -> None:
    sobjects = load_schema(FEATURES).sobjects
    flags = {
        holder: {name for name in sobjects[holder].fields if name.startswith("Permissions")}
        for holder in generate_schema.PERMISSION_HOLDERS
    }
    packaging = {f"Permissions{verb}{kind}" for verb in ("Create", "Install", "Publish") for kind in ("Packaging", "Multiforce")}
    assert flags["PermissionSet"] - packaging == flags["Profile"] - packaging == flags["UserPermissionAccess"] - packaging


def test_the_files_hold_no_machine_paths() -> None:
    for path in FILES.glob("*.json"):
        text = path.read_text(encoding="utf-8")
        assert "/work" not in text
        json.loads(text)
