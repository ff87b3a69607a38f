# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """How plugins that are no modules (lookups, the inventory plugin) reach and enter an org: the options of doc_fragments/connection.py, each with
    its variable and its place in the environment.

    No option has a type that an empty text would not fit, and none has choices: AWX puts an empty text into the environment for a field that
    was left empty. What is given is checked as for a module.
    """

    DOCUMENTATION = r"""
options:
  auth:
    description:
      - The login flow - V(access_token), V(client_credentials) or V(jwt_bearer).
      - When it is left out, it is told by what is given, in this order - O(access_token), O(private_key) or O(private_key_file), O(client_secret).
    type: str
    env:
      - name: SALESFORCE_AUTH
    vars:
      - name: salesforce_auth
  login_url:
    description:
      - Where to log in, by https. Use the org's My Domain, such as V(https://acme.my.salesforce.com) or V(https://acme--uat.sandbox.my.salesforce.com).
      - O(auth=client_credentials) works on the My Domain only.
    type: str
    default: https://login.salesforce.com
    env:
      - name: SALESFORCE_LOGIN_URL
    vars:
      - name: salesforce_login_url
  instance_url:
    description:
      - Where the org answers. Needed with O(auth=access_token); the other flows are told it when they log in.
    type: str
    env:
      - name: SALESFORCE_INSTANCE_URL
    vars:
      - name: salesforce_instance_url
  username:
    description:
      - The user to run as. Needed with O(auth=jwt_bearer).
    type: str
    env:
      - name: SALESFORCE_USERNAME
    vars:
      - name: salesforce_username
  client_id:
    description:
      - The consumer key of the external client app or connected app. Needed to log in.
    type: str
    env:
      - name: SALESFORCE_CLIENT_ID
    vars:
      - name: salesforce_client_id
  client_secret:
    description:
      - The consumer secret. Needed with O(auth=client_credentials).
    type: str
    env:
      - name: SALESFORCE_CLIENT_SECRET
    vars:
      - name: salesforce_client_secret
  private_key:
    description:
      - The text of the RSA private key, in PEM form and without a passphrase, whose certificate the app knows. It wins over O(private_key_file).
    type: str
    env:
      - name: SALESFORCE_PRIVATE_KEY
    vars:
      - name: salesforce_private_key
  private_key_file:
    description:
      - The file that holds the private key, on the controller. One key serves many orgs.
    type: str
    env:
      - name: SALESFORCE_PRIVATE_KEY_FILE
    vars:
      - name: salesforce_private_key_file
  audience:
    description:
      - Whom the signed assertion is for. When it is left out, it is V(https://login.salesforce.com) or V(https://test.salesforce.com) as
        O(login_url) tells, and O(login_url) itself for any other host.
    type: str
    env:
      - name: SALESFORCE_AUDIENCE
    vars:
      - name: salesforce_audience
  access_token:
    description:
      - A ready access token. It cannot be renewed.
    type: str
    env:
      - name: SALESFORCE_ACCESS_TOKEN
    vars:
      - name: salesforce_access_token
  api_version:
    description:
      - The version of the REST API to speak, such as V(66.0).
    type: str
    default: "66.0"
    env:
      - name: SALESFORCE_API_VERSION
    vars:
      - name: salesforce_api_version
  ca_path:
    description:
      - A PEM file with the certificate authorities to trust, on the controller, or the PEM text itself.
      - When it is left out, E(REQUESTS_CA_BUNDLE) or E(CURL_CA_BUNDLE) counts, and without these what the C(certifi) package trusts.
    type: str
    env:
      - name: SALESFORCE_CA_PATH
    vars:
      - name: salesforce_ca_path
  proxy:
    description:
      - The proxy to go through, such as V(http://proxy.example.com:8080). When it is left out, E(HTTPS_PROXY) and E(NO_PROXY) count.
    type: str
    env:
      - name: SALESFORCE_PROXY
    vars:
      - name: salesforce_proxy
  timeout:
    description:
      - How many seconds to wait for a connection, and between two packets of an answer. A whole number.
    type: raw
    default: 60
    env:
      - name: SALESFORCE_TIMEOUT
    vars:
      - name: salesforce_timeout
  retry_time:
    description:
      - For how many seconds to go on repeating what failed because the org was busy. A whole number; V(0) repeats nothing.
    type: raw
    default: 60
    env:
      - name: SALESFORCE_RETRY_TIME
    vars:
      - name: salesforce_retry_time
  expected_org_id:
    description:
      - The Id of the org that this must be, 15 or 18 characters. Nothing is read from another org.
      - When it is left out, nothing is checked.
    type: str
    env:
      - name: SALESFORCE_EXPECTED_ORG_ID
    vars:
      - name: salesforce_expected_org_id
  allow_production:
    description:
      - Whether an org that is not a sandbox may be written. It means nothing here, where orgs are only read.
    type: raw
    default: false
    env:
      - name: SALESFORCE_ALLOW_PRODUCTION
    vars:
      - name: salesforce_allow_production
  sandbox_name:
    description:
      - The sandbox's name, as it stands behind its usernames - V(uat) where C(kim@acme.com) became C(kim@acme.com.uat).
      - When it is left out, it is taken from a My Domain such as V(https://acme--uat.sandbox.my.salesforce.com). It means nothing in production.
    type: str
    env:
      - name: SALESFORCE_SANDBOX_NAME
    vars:
      - name: salesforce_sandbox_name
  min_api_headroom:
    description:
      - How much of the org's API allocation of 24 hours must be left, as a number of calls (V(5000)) or a share (V(10%)).
      - When it is left out, nothing is kept back.
    type: str
    env:
      - name: SALESFORCE_MIN_API_HEADROOM
    vars:
      - name: salesforce_min_api_headroom
requirements:
  - simple-salesforce, in the Python that runs Ansible
notes:
  - A connection option is looked for where the plugin is used, then in the variable, then in the environment. An empty string counts as unset.
"""
