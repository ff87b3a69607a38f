# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an org refuses and what it does by itself. Importing this package registers every rule."""

from __future__ import annotations

from importlib import import_module

ORDER = (
    "rights",
    "permission_sets",
    "dependencies",
    "object_permissions",
    "complete_sets",
    "field_permissions",
    "setup_entity_access",
    "tabs",
    "groups",
    "licences",
    "assignments",
    "vendor_syncing",
    "locks",
    "users",
    "user_values",
    "user_logins",
    "user_access_policies",
    "contact_centers",
    "bulk_contact_center",
    "tooling",
    "assets",
    "cascades",
    "statuses",
    "validation_rules",
    "sandboxes",
    "scratch_orgs",
    "audit_trail",
)
"""The hooks of one object run in this order: rights first, then what the record says. Import statements would be sorted."""

for _name in ORDER:
    import_module(f"emulator.rules.{_name}")
