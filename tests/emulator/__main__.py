# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m emulator`: a few seeded orgs over HTTPS on loopback, until interrupted. docs/emulator-guide.md is for those who use it."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from emulator import seed
from emulator.fleet import Fleet
from emulator.org import Org
from emulator.seed import from_file

SHOWN = 10
"""So many orgs are printed."""
# How people name the three seeded orgs on the command line.
SHORT_NAMES = {"production": "acme-production", "sandbox1": "acme-uat", "sandbox2": "acme-dev"}


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m emulator", description="Emulated Salesforce orgs over HTTPS on 127.0.0.1.")
    parser.add_argument(
        "--orgs",
        default=",".join(SHORT_NAMES),
        help="which orgs, comma separated: production, sandbox1, sandbox2, or their own names (default: all three)",
    )
    parser.add_argument("--seed", type=Path, metavar="FILE", help="orgs from a seed file instead (its format: docs/emulator-guide.md)")
    parser.add_argument(
        "--members", type=int, default=0, metavar="N", help="that many agents more in each example org, members of its center AcmeVoice"
    )
    parser.add_argument(
        "--fleet",
        type=int,
        metavar="N",
        help="instead of --orgs: a production org of the example customer and N - 1 sandboxes of it, all with one consumer key",
    )
    parser.add_argument(
        "--vendor-syncs", action="store_true", help="the telephony vendor of AcmeVoice declares user syncing in each example org"
    )
    parser.add_argument("--ports", default="", help="one port an org, comma separated (default: free ports)")
    parser.add_argument("--plain-http", action="store_true", help="each org over plain HTTP too")
    parser.add_argument("--proxy", action="store_true", help="a CONNECT proxy too, for clients that insist on *.salesforce.com")
    parser.add_argument(
        "--write-inventory",
        type=Path,
        metavar="FILE",
        help="write a YAML inventory with the connection variables (with --proxy: My Domain hosts); removed again at the end",
    )
    parser.add_argument(
        "--pid-file", type=Path, metavar="FILE", help="write the process Id, so that others can end it; removed again at the end"
    )
    parser.add_argument(
        "--write-env",
        type=Path,
        metavar="FILE",
        help="with --fleet: write what all its orgs have in common as shell lines (consumer key, private key, CA, proxy); removed again at the end",
    )
    parser.add_argument("--print-env", action="store_true", help="also print the first org's connection as environment variables")
    return parser.parse_args(argv)


def chosen(known: Sequence[str], wanted: str) -> list[str]:
    """The orgs of that list, by short or own name, in the order given. Raises SystemExit for a name nobody has."""
    names = [SHORT_NAMES.get(name.strip(), name.strip()) for name in wanted.split(",") if name.strip()]
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise SystemExit(f"no org {', '.join(unknown) or 'named'}: there are {', '.join((*SHORT_NAMES, *known))}")
    return names


def ports_of(text: str, count: int) -> list[int] | None:
    if not text.strip():
        return None
    ports = [part.strip() for part in text.split(",")]
    if len(ports) != count or not all(port.isdigit() and int(port) < 65_536 for port in ports):
        raise SystemExit(f"--ports wants {count} numbers up to 65535, comma separated")
    return [int(port) for port in ports]


def example_orgs(options: argparse.Namespace) -> dict[str, Callable[[], Org]]:
    """Org name -> how to build it as the command line asks, the same each time."""
    return {name: partial(_example_org, build, options.members, options.vendor_syncs) for name, build in seed.builders().items()}


def _example_org(build: Callable[..., Org], members: int, vendor_syncs: bool) -> Org:
    org = build(members=members)
    if vendor_syncs:
        seed.vendor_syncs(org, org.seed_info["centers"]["partner_telephony"])
    return org


def planted(path: Path) -> dict[str, from_file.Planted]:
    """The orgs of a seed file. Raises SystemExit with every mistake in it."""
    try:
        return from_file.read_file(path)
    except (OSError, UnicodeDecodeError) as unreadable:
        raise SystemExit(f"{path} cannot be read: {unreadable}") from unreadable
    except from_file.SeedError as wrong:
        raise SystemExit(str(wrong)) from wrong


def fleet_of(options: argparse.Namespace) -> Fleet:
    """The orgs that the command line asks for, running. Raises SystemExit."""
    if options.members < 0 or (options.seed is not None and (options.members or options.vendor_syncs)):
        raise SystemExit("--members wants a number from 0 on; with --vendor-syncs it is for the example orgs, a seed file says both itself")
    if options.fleet is not None:
        return _many(options)
    if options.write_env is not None:
        raise SystemExit("--write-env is for --fleet: other orgs have an app each")
    if options.seed is not None:
        found = planted(options.seed)
        ports = ports_of(options.ports, len(found))
        try:
            return from_file.serve(found, ports=ports, plain_http=options.plain_http)
        except from_file.SeedError as wrong:
            raise SystemExit(str(wrong)) from wrong
    builders = example_orgs(options)
    names = chosen(tuple(builders), options.orgs)
    orgs = [builders[name]() for name in names]
    rebuild = {name: builders[name] for name in names}
    return Fleet(orgs, ports_of(options.ports, len(orgs)), rebuild, plain_http=options.plain_http)


def _many(options: argparse.Namespace) -> Fleet:
    """Production and its sandboxes."""
    if options.fleet < 1 or options.seed is not None or options.vendor_syncs or options.orgs != ",".join(SHORT_NAMES):
        raise SystemExit("--fleet wants a number from 1 on, and neither --orgs nor --seed nor --vendor-syncs")
    builders = seed.many_builders(options.fleet, members=options.members)
    orgs = [build() for build in builders.values()]
    return Fleet(orgs, ports_of(options.ports, len(orgs)), builders, plain_http=options.plain_http, shared_app=True)


def _started(options: argparse.Namespace) -> Fleet:
    """The same; a port that somebody else has is told."""
    try:
        return fleet_of(options)
    except OSError as taken:
        raise SystemExit(f"--ports {options.ports or '(free ones)'}: {taken.strerror or taken}") from taken


def how_to_connect(fleet: Fleet, inventory: Path | None, *, own: bool = False) -> str:
    """What the program prints: where the orgs are and what to type. own: they are not the example's. Of many orgs, the first few."""
    lines = ["Emulated Salesforce orgs (Ctrl-C ends them):", ""]
    for name, served in list(fleet.orgs.items())[:SHOWN]:
        connection = fleet.connection(name)
        lines += [
            f"  {name} ({'sandbox' if served.is_sandbox else 'production'}, {served.org.id})",
            f"    url        {served.url}",
            *([f"    plain      {served.plain_home}"] if served.plain_home else []),
            f"    client id  {served.client.client_id}",
            f"    secret     {served.client.client_secret}",
            f"    username   {connection['salesforce_username']}",
        ]
    if len(fleet.orgs) > SHOWN:
        lines.append(f"  ... and {len(fleet.orgs) - SHOWN} more")
    first = next(iter(fleet.orgs.values()))
    lines += [
        "",
        f"  CA bundle    {fleet.ca_path}",
        f"  private key  {fleet.key_path}",
        "",
        "Try it:",
        f"  curl --cacert {fleet.ca_path} {first.url}/services/data",
        f"  curl --cacert {fleet.ca_path} {first.url}/services/oauth2/token -d grant_type=client_credentials \\",
        f"    -d client_id={first.client.client_id} -d client_secret={first.client.client_secret}",
    ]
    if inventory and own:
        lines.append(f"  .venv/bin/ansible-playbook -i YOUR-INVENTORY.yml -i {inventory} YOUR-PLAYBOOK.yml --check --diff")
    elif inventory:
        # The example inventory says what the orgs should be, the one just written where they are.
        lines.append(f"  .venv/bin/ansible-playbook -i playbooks/inventory/orgs.yml -i {inventory} playbooks/converge.yml --check --diff")
    return "\n".join(lines)


def environment(fleet: Fleet) -> str:
    """The first org's connection, to be sourced by a shell."""
    first = next(iter(fleet.orgs))
    return shell_lines({key.upper(): value for key, value in fleet.connection(first).items()}).rstrip("\n")


def shell_lines(variables: Mapping[str, str]) -> str:
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_unused: done.set())
    with _started(options) as fleet:
        try:
            written = _write_private(options.write_inventory, lambda: fleet.inventory(proxied=options.proxy))
            written += _write_private(options.write_env, lambda: shell_lines(fleet.environment()))
            if options.pid_file:
                options.pid_file.write_text(f"{os.getpid()}\n", encoding="utf-8")
        except OSError as refused:
            raise SystemExit(f"{refused.filename} cannot be written: {refused.strerror}") from refused
        own = options.seed is not None or options.fleet is not None
        print(how_to_connect(fleet, options.write_inventory, own=own))
        if options.proxy:
            print(f"\nFor clients that insist on Salesforce's hosts:\n  HTTPS_PROXY={fleet.proxy().url} REQUESTS_CA_BUNDLE={fleet.ca_path}")
        if options.print_env:
            print(f"\n{environment(fleet)}")
        sys.stdout.flush()
        done.wait()
        for path in written:
            path.unlink(missing_ok=True)
        if options.pid_file:
            options.pid_file.unlink(missing_ok=True)
    return 0


def _write_private(path: Path | None, text: Callable[[], str]) -> list[Path]:
    """Write it, for its owner only: it points at a private key. The file, where one is asked for."""
    if path is None:
        return []
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text())
    return [path]


if __name__ == "__main__":
    raise SystemExit(main())
