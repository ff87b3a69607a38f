# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes the clone importable as the collection, and keeps the settings of the person who runs the tests out of them."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))

from tooling import workspace

sys.path.insert(0, str(workspace.make()))
workspace.own_org.update({name: value for name, value in os.environ.items() if name.startswith("SALESFORCE_")})
expected = workspace.environment(os.environ)
# What the tests start must see the same: the modules' own interpreter, ansible-playbook beside it.
expected["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), expected.get("PATH", os.defpath)])
os.environ.clear()
os.environ.update(expected)

# How long an example takes says more about the machine than about the code.
settings.register_profile("voiceops", deadline=None)
settings.load_profile("voiceops")

# An org is made of many small things that live as long as it does: looking through them every 700 new ones is a tenth of the time of the tests.
gc.set_threshold(20_000, 20, 20)
