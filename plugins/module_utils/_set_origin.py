# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Where a clone came from, kept in the last words of its description, and what its source gained or lost since. Pure.

An org remembers nothing of a clone's source, and nothing of what a package's set granted before an upgrade. The trailer remembers the source's
name and Id, the package's version, and a fingerprint of what the source granted when the clone was last written.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ._grants import Grants, each, minus, union
from ._set_sections import CONNECTED_APPS, WITH_ID

# PermissionSet.Description (Object Reference).
_DESCRIPTION = 255
_SOURCE, _ID, _VERSION, _FINGERPRINT = 40, 15, 9, 16
# Runs of spaces may not survive, so points fill up what is short; a name that is cut ends in this and some of its digest.
_FILL, _CUT, _DIGEST = ".", "~", 5
LENGTH = len(" [from    ]") + _SOURCE + _ID + _VERSION + _FINGERPRINT
MAX_TEXT = _DESCRIPTION - LENGTH

_TRAILER = re.compile(
    r"(?:^| )\[from (?=[^ ]{40} )(?P<source>[A-Za-z]\w*\.*|[A-Za-z]\w{33}~[0-9a-f]{5})"
    r" (?P<id>[A-Za-z0-9]{15}|\.{15})"
    r" (?=[^ ]{9} )(?P<version>(?:[0-9]+(?:\.[0-9]+)*)?\.*|[0-9.]{8}~)"
    r" (?P<fingerprint>[0-9a-f]{16})\]\Z",
    re.ASCII,
)

_MODULUS = 1 << 64
# So many parts are searched through in all their combinations: 2**11 sums of the one half against 2**11 of the other. With more parts, one or
# two at a time are taken in or left out. Either way a wrong answer would have to meet 64 bits by chance, in fewer than 10**10 tries.
_MAX_PARTS = 22

Triple = tuple[str, str, str]  # (section, name, right)


@dataclass(frozen=True)
class Origin:
    """Where a clone came from. source: qualified name, cut if long. id: the first 15 characters of the source's Id. version: of its package,
    such as 17.126, or "". fingerprint: of what the source granted, 16 hexadecimal digits."""

    source: str
    id: str
    version: str
    fingerprint: str


@dataclass(frozen=True)
class SourceChanges:
    """What became of a source since its clone was last written.

    confirmed: that this and nothing else is the difference is proven by the fingerprint. Otherwise gained and lost are where the source and the
    clone differ now, be it that the source changed or the clone.
    """

    changed: bool
    confirmed: bool
    gained: Grants
    lost: Grants


@dataclass(frozen=True)
class _Part:
    """Grants that a hypothesis takes in or leaves out as one. weight: what they add to the fingerprint, negative where they were lost.
    side: gained or lost; likely: whether they are a difference that is to be seen."""

    triples: tuple[Triple, ...]
    weight: int
    side: str
    likely: bool


_GAINED, _LOST = "gained", "lost"


# -- the trailer ---------------------------------------------------------------------------------------------------------------------


def origin_of(source: str, record_id: str, version: str, granted: Grants) -> Origin:
    """The origin as a trailer holds it: names and versions that are too long are cut, the Id has 15 characters."""
    return Origin(_cut_name(source), record_id[:_ID], _cut_version(version), fingerprint(granted))


def trailer(origin: Origin) -> str:
    """The words that record an origin, a space before them; always LENGTH characters."""
    source = _cut_name(origin.source).ljust(_SOURCE, _FILL)
    record_id = origin.id[:_ID].ljust(_ID, _FILL)
    version = _cut_version(origin.version).ljust(_VERSION, _FILL)
    return f" [from {source} {record_id} {version} {origin.fingerprint}]"


def described(text: str, origin: Origin) -> str:
    """The description of a clone: its own text, of which MAX_TEXT characters have room, and the trailer. Blanks around the text go, as the org
    takes them away."""
    return f"{text.strip()}{trailer(origin)}".strip()


def fitted(text: str) -> str:
    """The text, cut to what has room beside a trailer: for a description that is copied and that nobody can be asked to shorten."""
    text = text.strip()
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 3].rstrip()}..."


def parse(description: str) -> tuple[str, Origin | None]:
    """A description's own text, and the origin that its trailer records. What merely looks like a trailer is text."""
    found = _TRAILER.search(description)
    if found is None:
        return description, None
    parts = {name: value.rstrip(_FILL) for name, value in found.groupdict().items()}
    return description[: found.start()], Origin(parts["source"], parts["id"], parts["version"], parts["fingerprint"])


def moved(origin: Origin, source: str, record_id: str) -> str | None:
    """The name that the source had before it was renamed; None where it is still called so, or where it is another record."""
    if not origin.id or record_id[:_ID] != origin.id or _cut_name(source) == origin.source:
        return None
    return origin.source


def _cut_name(name: str) -> str:
    if len(name) <= _SOURCE:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGEST]
    return f"{name[: _SOURCE - _DIGEST - 1]}{_CUT}{digest}"


def _cut_version(version: str) -> str:
    return version if len(version) <= _VERSION else f"{version[: _VERSION - 1]}{_CUT}"


# -- what changed since --------------------------------------------------------------------------------------------------------------


def fingerprint(grants: Grants) -> str:
    """A sum over everything granted, in whatever order: so what came and what went can be added and subtracted.

    Of SHA-256, which interpreters under FIPS rules have too.
    """
    return f"{_sum(_triples(grants)):0{_FINGERPRINT}x}"


def confirmed(before: str, now: Grants, gained: Grants, lost: Grants) -> bool:
    """Whether a source with the fingerprint of before, that gained and lost this, grants what it does now."""
    return (_sum(_triples(now)) - _sum(_triples(gained)) + _sum(_triples(lost))) % _MODULUS == int(before, 16)


def changes_since(origin: Origin, source_now: Grants, clone: Grants, asked: Grants) -> SourceChanges:
    """What the source gained and lost since the origin was recorded.

    asked: what the task asks for beyond the source, with what that needs. Nobody remembers what the source granted then; but the clone was its
    copy, so where the two differ is where to look, and the fingerprint proves which of the differences are the source's. Looked for, in this
    order: all differences; some of them, by section, by name and by right; and then also rights that make no difference, since the clone holds
    what the source gained or the task asks for what the source lost.
    """
    change = (_sum(_triples(source_now)) - int(origin.fingerprint, 16)) % _MODULUS
    if not change:
        return SourceChanges(False, True, {}, {})
    gained = minus(source_now, clone)
    lost = minus(clone, union(source_now, asked))
    likely = [*_parts(gained, _GAINED, True), *_parts(lost, _LOST, True)]
    found = _explanation(likely, change)
    if found is None:
        unseen_gains = _parts(minus(source_now, gained), _GAINED, False)
        unseen_losses = _parts(minus(minus(clone, source_now), lost), _LOST, False)
        found = _explanation([*likely, *unseen_gains, *unseen_losses], change)
    if found is None:
        return SourceChanges(True, False, gained, lost)
    return SourceChanges(True, True, _grants_of(found, _GAINED), _grants_of(found, _LOST))


def _explanation(parts: Sequence[_Part], change: int) -> list[_Part] | None:
    """The parts that make up the change, or None. Coarse parts first: they are few, so all their combinations can be tried."""
    for length in (1, 2, 3):
        joined = _joined(parts, length)
        found = _among_few(joined, change) if len(joined) <= _MAX_PARTS else _among_many(joined, change)
        if found is not None:
            return found
    return None


def _among_few(parts: Sequence[_Part], change: int) -> list[_Part] | None:
    """Every combination: the sums of the one half, looked up in those of the other."""
    middle = len(parts) // 2
    left = {total: chosen for chosen, total in _combinations(parts[:middle])}
    for chosen, total in _combinations(parts[middle:]):
        others = left.get((change - total) % _MODULUS)
        if others is not None:
            return [*others, *chosen]
    return None


def _combinations(parts: Sequence[_Part]) -> list[tuple[tuple[_Part, ...], int]]:
    combined: list[tuple[tuple[_Part, ...], int]] = [((), 0)]
    for part in parts:
        combined += [((*chosen, part), (total + part.weight) % _MODULUS) for chosen, total in combined]
    return combined


def _among_many(parts: Sequence[_Part], change: int) -> list[_Part] | None:
    """All that is likely, only what was gained, only what was lost, or nothing, and up to two parts more or less."""
    for sides in ((_GAINED, _LOST), (_GAINED,), (_LOST,), ()):
        taken = {number for number, part in enumerate(parts) if part.likely and part.side in sides}
        missing = (change - sum(parts[number].weight for number in taken)) % _MODULUS
        toggled = _toggles([-part.weight if number in taken else part.weight for number, part in enumerate(parts)], missing)
        if toggled is not None:
            return [parts[number] for number in sorted(taken.symmetric_difference(toggled))]
    return None


def _toggles(weights: Sequence[int], missing: int) -> set[int] | None:
    """At most two numbers whose weights make up what is missing."""
    if not missing:
        return set()
    at = {weight % _MODULUS: number for number, weight in enumerate(weights)}
    if missing in at:
        return {at[missing]}
    for number, weight in enumerate(weights):
        other = at.get((missing - weight) % _MODULUS)
        if other is not None:
            return {number, other}
    return None


def _parts(grants: Grants, side: str, likely: bool) -> list[_Part]:
    sign = 1 if side == _GAINED else -1
    return [_Part((triple,), sign * _weight(triple), side, likely) for triple in _triples(grants)]


def _joined(parts: Iterable[_Part], length: int) -> list[_Part]:
    """The parts of one side whose triples begin alike, as one: by section, by name, or each by itself."""
    together: dict[tuple[str, bool, tuple[str, ...]], list[_Part]] = {}
    for part in parts:
        together.setdefault((part.side, part.likely, part.triples[0][:length]), []).append(part)
    return [
        _Part(tuple(triple for part in some for triple in part.triples), sum(part.weight for part in some), side, likely)
        for (side, likely, _unused), some in together.items()
    ]


def _grants_of(parts: Iterable[_Part], side: str) -> Grants:
    found: dict[str, dict[str, set[str]]] = {}
    for option, name, right in (triple for part in parts if part.side == side for triple in part.triples):
        found.setdefault(option, {}).setdefault(name, set()).add(right)
    return _frozen(found)


def _frozen(grants: Mapping[str, Mapping[str, set[str]]]) -> Grants:
    return {option: {name: frozenset(rights) for name, rights in names.items()} for option, names in grants.items()}


def _triples(grants: Grants) -> Iterator[Triple]:
    return ((option, name, right) for option, name, rights in each(grants) for right in rights)


def _sum(triples: Iterable[Triple]) -> int:
    return sum(_weight(triple) for triple in triples) % _MODULUS


def _weight(triple: Triple) -> int:
    option, name, right = triple
    if option == CONNECTED_APPS.option:
        # Whether another app of that name was read as well is no matter of the source.
        triple = (option, WITH_ID.sub("", name), right)
    return int.from_bytes(hashlib.sha256("\n".join(triple).encode()).digest()[:8], "big")
