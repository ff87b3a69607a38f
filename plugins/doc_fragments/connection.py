# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """How to reach and enter an org: the options of every module. Their one table in code is module_utils/_connection.py."""

    DOCUMENTATION = r"""
options:
  auth:
    description:
      - The login flow.
      - When it is left out, it is told by what is given, in this order - O(access_token), O(private_key) or O(private_key_file), O(client_secret).
      - Host variable C(salesforce_auth), environment E(SALESFORCE_AUTH).
    type: str
    choices: [access_token, client_credentials, jwt_bearer]
  login_url:
    description:
      - Where to log in, by https. Use the org's My Domain, such as V(https://acme.my.salesforce.com) or V(https://acme--uat.sandbox.my.salesforce.com).
      - O(auth=client_credentials) works on the My Domain only.
      - Host variable C(salesforce_login_url), environment E(SALESFORCE_LOGIN_URL).
    type: str
    default: https://login.salesforce.com
  instance_url:
    description:
      - Where the org answers. Needed with O(auth=access_token); the other flows are told it when they log in.
      - Host variable C(salesforce_instance_url), environment E(SALESFORCE_INSTANCE_URL).
    type: str
  username:
    description:
      - The user to run as. Needed with O(auth=jwt_bearer).
      - Host variable C(salesforce_username), environment E(SALESFORCE_USERNAME).
    type: str
  client_id:
    description:
      - The consumer key of the external client app or connected app. Needed to log in.
      - Host variable C(salesforce_client_id), environment E(SALESFORCE_CLIENT_ID).
    type: str
  client_secret:
    description:
      - The consumer secret. Needed with O(auth=client_credentials).
      - Host variable C(salesforce_client_secret), environment E(SALESFORCE_CLIENT_SECRET).
    type: str
  private_key:
    description:
      - The text of the RSA private key, in PEM form and without a passphrase, whose certificate the app knows. It wins over O(private_key_file).
      - Host variable C(salesforce_private_key), environment E(SALESFORCE_PRIVATE_KEY).
    type: str
  private_key_file:
    description:
      - The file that holds the private key, on the controller. One key serves many orgs.
      - Host variable C(salesforce_private_key_file), environment E(SALESFORCE_PRIVATE_KEY_FILE).
    type: path
  audience:
    description:
      - Whom the signed assertion is for. When it is left out, it is V(https://login.salesforce.com) or V(https://test.salesforce.com) as
        O(login_url) tells, and O(login_url) itself for any other host.
      - Host variable C(salesforce_audience), environment E(SALESFORCE_AUDIENCE).
    type: str
  access_token:
    description:
      - A ready access token. It cannot be renewed - when it expires in the middle of a run, the run fails.
      - Host variable C(salesforce_access_token), environment E(SALESFORCE_ACCESS_TOKEN).
    type: str
  api_version:
    description:
      - The version of the REST API to speak, such as V(66.0).
      - Host variable C(salesforce_api_version), environment E(SALESFORCE_API_VERSION).
    type: str
    default: "66.0"
  ca_path:
    description:
      - A PEM file with the certificate authorities to trust, on the controller, or the PEM text itself.
      - When it is left out, E(REQUESTS_CA_BUNDLE) or E(CURL_CA_BUNDLE) counts, and without these what the C(certifi) package trusts.
      - Host variable C(salesforce_ca_path), environment E(SALESFORCE_CA_PATH).
    type: str
  proxy:
    description:
      - The proxy to go through, such as V(http://proxy.example.com:8080). When it is left out, E(HTTPS_PROXY) and E(NO_PROXY) count.
      - Host variable C(salesforce_proxy), environment E(SALESFORCE_PROXY).
    type: str
  timeout:
    description:
      - How many seconds to wait for a connection, and between two packets of an answer.
      - Host variable C(salesforce_timeout), environment E(SALESFORCE_TIMEOUT).
    type: int
    default: 60
  retry_time:
    description:
      - For how many seconds a task may go on repeating what failed because records were locked or the org was busy. V(0) repeats nothing.
      - Host variable C(salesforce_retry_time), environment E(SALESFORCE_RETRY_TIME).
    type: int
    default: 60
  expected_org_id:
    description:
      - The Id of the org that this must be, 15 or 18 characters. A task that meets another org stops before it does anything.
      - When it is left out, nothing is checked, and an org that is not a sandbox is not written.
      - Host variable C(salesforce_expected_org_id), environment E(SALESFORCE_EXPECTED_ORG_ID).
    type: str
  allow_production:
    description:
      - Whether an org that is not a sandbox may be written. O(expected_org_id) must say which one it is. Reading and check mode are always allowed.
      - Host variable C(salesforce_allow_production), environment E(SALESFORCE_ALLOW_PRODUCTION).
    type: bool
    default: false
  sandbox_name:
    description:
      - The sandbox's name, as it stands behind its usernames - V(uat) where C(kim@acme.com) became C(kim@acme.com.uat).
      - When it is left out, it is taken from a My Domain such as V(https://acme--uat.sandbox.my.salesforce.com). It means nothing in production.
      - Host variable C(salesforce_sandbox_name), environment E(SALESFORCE_SANDBOX_NAME).
    type: str
  min_api_headroom:
    description:
      - How much of the org's API allocation of 24 hours must be left when a task begins, as a number of calls (V(5000)) or a share (V(10%)). With less,
        the task stops before it writes (C(error_class) is V(limit)), so that a scheduled run never takes the last calls from others.
      - When it is left out, nothing is kept back.
      - Host variable C(salesforce_min_api_headroom), environment E(SALESFORCE_MIN_API_HEADROOM).
    type: str
requirements:
  - simple-salesforce, in the Python that runs Ansible
notes:
  - An option is looked for in the task (C(module_defaults) included), then in the host variable, then in the environment. An empty string counts as unset.
  - The work is done on the controller, whatever the host's connection says. Set C(salesforce_in_process) to V(false) to run the module itself instead.
  - Two hosts of an inventory that turn out to be one org are refused when the second of them is to be compared or written. Where both are meant, set
    C(salesforce_shared_org) to V(true) on them, or E(SALESFORCE_SHARED_ORG) in the environment.
"""
