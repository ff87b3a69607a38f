# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Orgs to start from: vonage() builds one, fleet() the three of the example inventory, many() a production org with as many sandboxes as one likes;
builders() and many_builders() say how to build each of those again.

wide() builds one with hundreds of objects and thousands of fields, random_org() a small one of a random shape (seed/wide.py). upgrade(),
rename_set(), remove_set() and expire_licence() do to an org what the vendor may do later (seed/upgrade.py); put_policy(), restrict_profile(),
lift_profile(), share() and confirm_address() what its administrators and users may do. vendor_syncs() lets a contact center's telephony vendor sync
users, leave_seats() says how many seats are free, freeze() freezes a user (seed/centers.py).
by_hand() is a change that somebody makes in Setup, put_audit() a row of the Setup Audit Trail (seed/by_hand.py); run_policy() has a user access policy do what
it says. put_sandbox() and put_scratch_org() tell production of orgs that it made.

What a caller may rely on is in org.seed_info:

admin_username, limited_username, api_user   usernames: administrator; API user without rights; the user Vonage links to
users, user_ids                              role -> username, role -> Id (roles: seed/people.py)
agents                                       usernames of the bulk agents
members                                      those of them who are members of the Partner Telephony center from the start
user_roles                                   DeveloperName -> Id of the roles in the hierarchy (UserRole)
centers, center_ids                          kind -> internal name, kind -> Id (kinds: seed/centers.py)
namespace, vonage_sets                       namespace of the package; api_user, agent, supervisor -> API name of the packaged set
sets, set_ids                                role -> API name, role -> Id, packaged ones included (roles: seed/sets.py)
group, group_id                              the permission set group that holds the agent set
center_vendors                               Id of a center -> its vendor as the definition names it (prefix__DeveloperName)
policies                                     DeveloperName -> Id of the user access policies, where the org can have them
tabs                                         names of the package's tabs
tab_definitions                              name -> (label, object or None) of every tab that is not a standard one
packages                                     prefix -> (name, version) of what is installed
sandbox                                      whether the org is one
my_domain                                    its My Domain name, where that is not the org's name
"""

from __future__ import annotations

import emulator.http_api.evidence  # noqa: F401  # pylint: disable=unused-import  # so that a seed may set the switches of the HTTP side too
from emulator.seed.administrators import confirm_address, lift_profile, restrict_profile, share
from emulator.seed.by_hand import by_hand, put_audit
from emulator.seed.centers import freeze, leave_seats, vendor_syncs
from emulator.seed.many import many, many_builders
from emulator.seed.policies import put_policy, run_policy
from emulator.seed.sandboxes import put_sandbox, put_scratch_org
from emulator.seed.upgrade import expire_licence, remove_set, rename_set, upgrade
from emulator.seed.vonage import DEFAULT_FEATURES, builders, fleet, vonage
from emulator.seed.wide import random_org, wide

__all__ = [
    "DEFAULT_FEATURES",
    "builders",
    "by_hand",
    "confirm_address",
    "expire_licence",
    "fleet",
    "freeze",
    "leave_seats",
    "lift_profile",
    "many",
    "many_builders",
    "put_audit",
    "put_policy",
    "put_sandbox",
    "put_scratch_org",
    "random_org",
    "remove_set",
    "rename_set",
    "restrict_profile",
    "run_policy",
    "share",
    "upgrade",
    "vendor_syncs",
    "vonage",
    "wide",
]
