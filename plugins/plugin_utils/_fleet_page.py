# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is private to the collection.
"""The fleet report as one HTML page that needs nothing but itself.

Everything stands in the page as HTML, so that it reads and prints without JavaScript; the script only filters and moves. The page's own policy
lets the browser load nothing, and run no script and no style but the two that are hashed in it. The same documents make the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from string import Template

from ansible_collections.voiceops.salesforce.plugins.plugin_utils._fleet_html import Html, join, tag, text, visible
from ansible_collections.voiceops.salesforce.plugins.plugin_utils._fleet_page_org import as_seconds, badge, by_seconds, headroom, section
from ansible_collections.voiceops.salesforce.plugins.plugin_utils._fleet_view import (
    AS_DECLARED,
    CHECK,
    NEEDS_A_PERSON,
    OUTCOMES,
    STATES,
    VIOLATED,
    Column,
    Document,
    Org,
    cells_of,
    columns_of,
    duration,
    headline,
    in_brief,
    moment,
    number,
    orgs_of,
    plural,
    share,
    word_of,
)

ASSETS = Path(__file__).parent / "fleet_page"
_FEW = 12  # so many orgs that need attention, and so many requirements, are unfolded at once
_MANY = 200  # from here on the browser lays out an org's section when it comes into sight
_MOST_LISTED = 20
_SLOWEST = 10
_NAME_WIDTH, _CELL_WIDTH = 272, 40
_HINT = "Point at a cell, touch it, or go there with the arrow keys, and read here what it says. A click, a second touch or Enter opens the org there."
_MODES: Mapping[str, str] = {CHECK: "Check: nothing was written", "apply": "Applied: differences were put right"}


def page(fleet: Document, run: Document) -> str:
    """The page for the two documents of a run (their shapes: module_utils/_fleet.py)."""
    orgs, about = orgs_of(fleet, run), run.get("run") or {}
    mode, sentence = str(fleet.get("mode") or ""), headline(orgs)
    style, script = _asset("page.css"), _asset("page.js")
    parts = {name: (title, part) for name, title, part in _parts(orgs, mode, about) if part is not None}
    return Template(_asset("page.html")).substitute(
        style_hash=_hash(style),
        script_hash=_hash(script),
        style=style,
        script=script,
        title=text(f"{sentence} Salesforce fleet report"),
        headline=text(sentence),
        navigation=_navigation(parts),
        about=_about(mode, about),
        overview=_overview(orgs),
        rings=_rings(orgs),
        body=join((_section(name, title, part) for name, (title, part) in parts.items()), "\n"),
        foot=_foot(about),
    )


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    """The content's name in a content security policy."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def _parts(orgs: Sequence[Org], mode: str, about: Document) -> Iterable[tuple[str, str, Html | None]]:
    """(name, title, content) of each part of the page, in order; no content where there is nothing to say."""
    columns = columns_of(orgs)
    yield "attention", "Needs attention", _attention(orgs, mode)
    yield "requirements", "Requirements", _matrix(orgs, columns)
    yield "orgs", "Orgs", _details(orgs, columns, mode, str(about.get("playbook") or ""))
    yield "capacity", "API calls and seats", _capacity(orgs)
    yield "slowest", "Slowest tasks", _slowest(orgs)
    yield "run", "The run", _run(about)


def _section(name: str, title: str, content: Html) -> Html:
    return tag("section", tag("h2", title, id=f"{name}-title"), content, id=name, aria_labelledby=f"{name}-title")


def _navigation(parts: Mapping[str, tuple[str, Html]]) -> Html:
    links = (tag("a", title, href=f"#{name}") for name, (title, _part) in parts.items())
    return tag("nav", *links, aria_label="Parts of the report")


def _about(mode: str, about: Document) -> Html:
    facts = (
        _MODES.get(mode, mode),
        moment(about.get("started")),
        f"took {duration(about['seconds'])}" if about.get("seconds") else "",
        f"change ticket {visible(about['ticket'])}" if about.get("ticket") else "",
    )
    return tag("p", join((tag("span", fact) for fact in facts if fact), " \u00b7 "), class_="about")


def _overview(orgs: Sequence[Org]) -> Html:
    """Counts by outcome: a bar, and a tile each that is also the filter."""
    counts = Counter(org.outcome for org in orgs)
    names = [*OUTCOMES, *sorted(set(counts) - set(OUTCOMES))]
    tiles = (_tile(name, counts[name]) for name in names)
    return join([_proportions(counts, names), tag("div", *tiles, class_="tiles", role="group", aria_label="Orgs by outcome")])


def _tile(name: str, count: int) -> Html:
    word = word_of(OUTCOMES, name)
    shown = (tag("b", f"{count:,}"), " ", badge(word))
    kind = "tile" if count else "tile zero"
    return tag(
        "button", *shown, type="button", class_=kind, disabled=True, aria_pressed="false", data_outcome=name, title=word.means or None
    )


def _proportions(counts: Mapping[str, int], names: Iterable[str]) -> Html:
    total, at, drawn = sum(counts.values()), 0.0, []
    for name in (name for name in names if counts[name]):
        width = 1000 * counts[name] / total
        drawn.append(tag("rect", class_=word_of(OUTCOMES, name).tone, x=f"{at:.1f}", width=f"{max(2.0, width - 2):.1f}", height=10))
        at += width
    return tag("svg", *drawn, class_="whole", viewBox="0 0 1000 10", preserveAspectRatio="none", aria_hidden="true")


def _rings(orgs: Sequence[Org]) -> Html:
    """A filter a ring, where there is more than one."""
    rings = Counter(org.ring for org in orgs)
    if len(rings) < 2:
        return Html()
    chips = (_chip(ring, rings[ring]) for ring in sorted(rings, key=lambda ring: (not ring, len(ring), ring)))
    return tag("div", *chips, class_="chips", role="group", aria_label="Orgs by ring")


def _chip(ring: str, count: int) -> Html:
    shown = (tag("span", f"Ring {ring}" if ring else "No ring"), " ", tag("small", f"{count:,}"))
    return tag("button", *shown, type="button", class_="chip", aria_pressed="false", data_ring=ring)


def _link(org: Org) -> Html:
    return tag("a", org.host or "(no name)", href=f"#{org.anchor}")


def _attention(orgs: Sequence[Org], mode: str) -> Html | None:
    if not orgs:
        return None
    items = [_attended(org, mode) for org in orgs if org.outcome in NEEDS_A_PERSON]
    if not items:
        return tag("p", "Nothing: no org needs a person.", class_="calm")
    more = items[_MOST_LISTED:]
    rest = tag("details", tag("summary", f"{len(more):,} more"), tag("ul", *more, class_="attention")) if more else None
    return join([tag("ul", *items[:_MOST_LISTED], class_="attention"), rest])


def _attended(org: Org, mode: str) -> Html:
    said = (badge(word_of(OUTCOMES, org.outcome)), " ", _link(org), " ", tag("span", in_brief(org, mode), class_="brief"))
    return tag("li", *said, data_o=org.number)


def _box(caption: str, head: Html, body: Iterable[Html], name: str, width: int | None = None) -> Html:
    """A table of many rows, which scrolls by itself. width: in pixels, where the columns are to be laid out without looking at every cell."""
    made = tag("table", tag("caption", caption, class_="vh"), tag("thead", head), tag("tbody", *body), class_=name, id=name, width=width)
    return tag("div", made, class_="scroll tall", tabindex=0, role="region", aria_label=caption)


def _matrix(orgs: Sequence[Org], columns: Sequence[Column]) -> Html | None:
    if not columns:
        return None
    key = tag("p", join((badge(word) for word in STATES.values()), " "), class_="key")
    hint = tag("p", _HINT, id="readout", hidden=True)
    box = _box(
        "Orgs by requirement",
        _matrix_head(columns),
        (_matrix_row(org, columns) for org in orgs),
        "matrix",
        _NAME_WIDTH + _CELL_WIDTH * len(columns),
    )
    return join([key, hint, box, _legend(orgs, columns)])


def _matrix_head(columns: Sequence[Column]) -> Html:
    kinds = Counter(column.kind_label for column in columns)
    groups = (tag("th", tag("span", label), colspan=count, scope="colgroup") for label, count in kinds.items())
    names = (tag("th", column.id, scope="col", title=column.sentence) for column in columns)
    return join([tag("tr", tag("th", "Org", scope="col", rowspan=2), *groups), tag("tr", *names)])


def _matrix_row(org: Org, columns: Sequence[Column]) -> Html:
    cells, word = cells_of(org), word_of(OUTCOMES, org.outcome)
    sign = tag("i", word.sign, class_=word.tone, title=word.label)
    return tag("tr", tag("th", sign, _link(org), scope="row"), *(_cell(cells.get(column)) for column in columns), data_o=org.number)


def _cell(state: str | None) -> Html:
    if state is None:
        return tag("td")
    word = word_of(STATES, state)
    return tag("td", word.sign, class_=word.tone, title=word.label)


def _legend(orgs: Sequence[Org], columns: Sequence[Column]) -> Html:
    """Each requirement's sentence, and how many orgs violate it."""
    broken = Counter(column for org in orgs for column, state in cells_of(org).items() if state == VIOLATED)
    items = (_explained(column, broken[column]) for column in columns)
    title = tag("summary", f"What each of the {plural(len(columns), 'requirement')} says")
    return tag("details", title, tag("ol", *items, class_="legend"), open=len(columns) <= _FEW)


def _explained(column: Column, violated: int) -> Html:
    said = (tag("b", column.id), " ", tag("span", column.sentence or column.name), " ", tag("span", column.kind_label, class_="soft"), " ")
    return tag("li", *said, tag("span", f"violated in {plural(violated, 'org')}", class_="badge bad") if violated else None)


def _details(orgs: Sequence[Org], columns: Sequence[Column], mode: str, playbook: str) -> Html:
    if not orgs:
        return tag("p", "The run had no org: look at the inventory and at --limit.", class_="calm")
    numbers = {column: place for place, column in enumerate(columns)}
    restless = [org.number for org in orgs if org.outcome != AS_DECLARED]
    opened = restless if len(restless) <= _FEW else ()
    button = tag("button", "Open all", type="button", id="unfold", class_="chip", hidden=True)
    none = tag("p", "No org fits the search and the filters. Escape clears them.", id="none", hidden=True)
    folded = (section(org, numbers, mode, playbook, org.number in opened) for org in orgs)
    return tag("div", button, none, *folded, class_="many" if len(orgs) > _MANY else "few")


def _capacity(orgs: Sequence[Org]) -> Html | None:
    known = [org for org in orgs if _has_figures(org)]
    if not known:
        return None
    heads = ("Org", "API calls, last 24 hours", "This run", "Time", "Scarcest seats")
    head = tag("tr", *(tag("th", one, scope="col") for one in heads))
    note = tag("p", "The orgs with the least headroom first.", class_="soft")
    return join([note, _box("API calls, time and seats", head, map(_capacity_row, sorted(known, key=_fullness)), "capacity-table")])


def _has_figures(org: Org) -> bool:
    api: Document = org.run.get("api") or {}
    return bool(api.get("calls") or api.get("limit") or org.run.get("seconds") or org.ran("seats"))


def _fullness(org: Org) -> tuple[float, int]:
    api: Document = org.run.get("api") or {}
    return -(share(api.get("used"), api.get("limit")) or 0.0), org.number


def _capacity_row(org: Org) -> Html:
    api: Document = org.run.get("api") or {}
    cells = (headroom(api), number(api.get("calls")), duration(org.run.get("seconds")), _scarcest(org))
    return tag("tr", tag("th", _link(org), scope="row"), *(tag("td", cell) for cell in cells), data_o=org.number)


def _scarcest(org: Org) -> str:
    """The licence of which the largest share is taken."""
    seats = [one for one in org.ran("seats") if share(one.get("used"), one.get("total")) is not None]
    if not seats:
        return ""
    least = max(seats, key=lambda one: share(one.get("used"), one.get("total")) or 0.0)
    return f"{number(least.get('free'))} free of {number(least.get('total'))}: {visible(least.get('license'))}"


def _slowest(orgs: Sequence[Org]) -> Html | None:
    owners = [(task, org) for org in orgs for task in by_seconds(org.ran("tasks"))[:_SLOWEST]]
    owners.sort(key=lambda pair: (-as_seconds(pair[0]), pair[1].number))
    if not owners:
        return None
    return tag("ol", *(_slow(task, org) for task, org in owners[:_SLOWEST]), class_="slowest")


def _slow(task: Document, org: Org) -> Html:
    said = (tag("b", duration(task.get("seconds"))), " ", tag("span", task.get("task") or task.get("action")), " ", _link(org))
    return tag("li", *said, data_o=org.number)


def _run(about: Document) -> Html:
    versions: Document = about.get("versions") or {}
    facts = (
        ("Playbook", about.get("playbook")),
        ("Change ticket", about.get("ticket")),
        ("Started", moment(about.get("started"))),
        ("Ended", moment(about.get("ended"))),
        ("Took", duration(about.get("seconds"))),
        ("Slices", number(about.get("slices"))),
        ("Run", about.get("id")),
        *((str(name).replace("_", "-"), versions[name]) for name in sorted(versions)),
    )
    pairs = (tag("div", tag("dt", name), tag("dd", value)) for name, value in facts if value not in (None, ""))
    notes = [tag("li", note) for note in about.get("notes") or ()]
    return join([tag("dl", *pairs), tag("ul", *notes) if notes else None])


def _foot(about: Document) -> Html:
    versions: Document = about.get("versions") or {}
    said = f"voiceops.salesforce {visible(versions.get('collection'))}".strip()
    return tag("p", said, " \u00b7 this page loads nothing: it can be mailed, archived and read offline.")
