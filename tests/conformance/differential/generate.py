# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SOQL statements at random: some by the grammar of docs/soql.md, some of these with a slip or two.

A statement is made as a list of pieces (a word, a literal, a sign), so that slips fall between them and not inside a word.
"""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

Pieces = list[str]
Strategy = st.SearchStrategy[Pieces]

NAMES = "Id Name Account Contact Owner.Name Amount__c Parent__r.Account.Name c.Name Group Order Group.Name Order.Id Case CloseDate Count".split()
KEYWORDS = (
    "SELECT FROM WHERE AND OR NOT IN LIKE INCLUDES EXCLUDES GROUP BY ORDER HAVING LIMIT OFFSET ASC DESC NULLS FIRST LAST FOR VIEW UPDATE"
    " USING SCOPE WITH TYPEOF WHEN THEN ELSE END ROLLUP CUBE COUNT FIELDS ALL ROWS AS NULL TRUE DATA CATEGORY"
).split()
LITERALS = (
    "'a' '' 'it\\'s' 'x\\\\y' '\\u0041' '%a_' '100\\%' 'a\\nb' '\\q' '\\u00' 'open \"a\" 1 0 007 -1 +2.5 .5 5. 1e3 1.2.3 TRUE false NULL"
    " 2026-01-31 2026-1-1 2026-01-01T00:00:00Z 2026-01-01T00:00:00.123Z 2026-01-01T00:00:00+01:00 2026-01-01T00:00:00 2026-01-01T00:00Z"
    " 12:30:00Z TODAY yesterday LAST_WEEK LAST_90_DAYS LAST_N_DAYS:3 N_WEEKS_AGO:2 NEXT_N_FISCAL_QUARTERS:1 LAST_N_DAYS LAST_N_DAYS:x"
    " TODAY:3 LAST_N_DAYS:-3 LAST_DECADE USD5 EUR100 :bound abc"
).split()
GOOD_LITERALS = [one for one in LITERALS if one not in (
    "'\\q' '\\u00' 'open \"a\" 5. 1e3 1.2.3 2026-1-1 2026-01-01T00:00:00 2026-01-01T00:00Z LAST_N_DAYS LAST_N_DAYS:x TODAY:3"
    " LAST_N_DAYS:-3 LAST_DECADE :bound abc '100\\%'"
).split()]  # fmt: skip
AGGREGATES = ["COUNT", "COUNT_DISTINCT", "MIN", "MAX", "SUM", "AVG"]
DATE_FUNCTIONS = "CALENDAR_MONTH CALENDAR_YEAR DAY_ONLY DAY_IN_WEEK FISCAL_QUARTER HOUR_IN_DAY WEEK_IN_YEAR".split()
SIGNS = ["(", ")", ",", "=", "!=", "<", ">=", "<>", ":", "+", ";", "*", "."]


def chain(parts: Iterable[Pieces]) -> Pieces:
    return [piece for part in parts for piece in part]


def row(*parts: Strategy | str) -> Strategy:
    """One after the other; a plain text is itself."""
    return st.tuples(*(st.just(part.split()) if isinstance(part, str) else part for part in parts)).map(chain)


def maybe(part: Strategy) -> Strategy:
    return st.just([]) | part


def mostly(usual: Strategy, *rare: Strategy) -> Strategy:
    """The usual one nine times in ten."""
    return st.integers(0, 9).flatmap(lambda number: st.one_of(*rare) if number == 9 else usual)


def rarely(part: Strategy) -> Strategy:
    return mostly(st.just([]), part)


def listed(part: Strategy, most: int = 3) -> Strategy:
    return st.lists(part, min_size=1, max_size=most).map(
        lambda parts: chain([*([",", *one] if at else one for at, one in enumerate(parts))])
    )


def one_of(words: Iterable[str]) -> Strategy:
    return st.sampled_from(list(words)).map(lambda word: [word])


def called(names: Iterable[str], argument: Strategy) -> Strategy:
    return row(one_of(names), "(", argument, ")")


name = one_of(NAMES)
literal = one_of(GOOD_LITERALS)
string = one_of(["'a'", "'b;c'", "''"])
aggregate = called(AGGREGATES, name)
date_function = called(DATE_FUNCTIONS, name | called(["convertTimezone"], name))
function = aggregate | date_function | called(["toLabel", "FORMAT", "convertCurrency", "GROUPING"], name)
unusual = called(["FORMAT"], aggregate) | called(["unknown"], name) | called(["toLabel"], aggregate)
distance = row("DISTANCE (", name, ", GEOLOCATION ( 1.5 , -2 ) , 'km' )")
operand = st.one_of(name, name, name, name, function, date_function)
alias = maybe(one_of(["total", "n1", "Label__c"]))
comparison = st.one_of(
    row(operand, one_of(["=", "!=", "<>", "<", "<=", ">", ">="]), literal),
    row(name, "LIKE", one_of(["'a%'", "'%b_'", "''", "'100\\_'"])),
    row(name, one_of(["IN", "NOT IN"]).map(lambda found: found[0].split()), "(", listed(literal), ")"),
    row(name, one_of(["INCLUDES", "EXCLUDES"]), "(", listed(string), ")"),
    row(distance, "< 20"),
)
semi_join = row(
    name, one_of(["IN", "NOT IN"]).map(lambda found: found[0].split()), "( SELECT", name, "FROM", name, maybe(row("WHERE", comparison)), ")"
)


def conditions(inner: Strategy) -> Strategy:
    bracketed = row("(", inner, ")")
    simple = comparison | bracketed

    def joined(word: str) -> Strategy:
        return st.lists(simple, min_size=2, max_size=3).map(
            lambda parts: chain([*([word, *one] if at else one for at, one in enumerate(parts))])
        )

    return st.one_of(simple, joined("AND"), joined("OR"), row("NOT", simple))


condition = st.recursive(comparison | semi_join, conditions, max_leaves=4)
mixed = row(comparison, one_of(["AND", "OR"]), comparison, one_of(["AND", "OR"]), comparison)
order = row(st.one_of(name, name, aggregate, distance), maybe(one_of(["ASC", "DESC"])), maybe(row("NULLS", one_of(["FIRST", "LAST"]))))
type_of = row(
    "TYPEOF", one_of(["What", "Owner"]), "WHEN Account THEN", listed(name), maybe(row("WHEN Contact THEN", name)), maybe(row("ELSE", name)), "END"
)  # fmt: skip
tail = row(
    maybe(row("ORDER BY", listed(order, 2))), maybe(one_of(["LIMIT 5", "LIMIT 0"]).map(lambda found: found[0].split())),
)  # fmt: skip
child = row(
    "( SELECT",
    listed(name),
    "FROM",
    one_of(["Contacts", "Account.Contacts"]),
    maybe(row("WHERE", condition)),
    tail,
    rarely(row("OFFSET 1")),
    ")",
)
fields_call = called(["FIELDS"], one_of(["ALL", "STANDARD", "CUSTOM"]))
rare_item = st.one_of(type_of, fields_call, fields_call, unusual, row(type_of, alias))
item = mostly(name | row(function, alias) | child, rare_item)
grouping = row(
    "GROUP BY",
    st.one_of(listed(st.one_of(name, date_function)), row(one_of(["ROLLUP", "CUBE"]), "(", listed(name), ")")),
    maybe(row("HAVING", st.one_of(row(aggregate, "> 1"), condition))),
)
with_clause = st.one_of(
    st.sampled_from(["WITH SECURITY_ENFORCED", "WITH USER_MODE", "WITH DATA CATEGORY Geo__c AT usa__c", "WITH UserId = 'a'"]).map(
        str.split
    ),
    st.just("WITH DATA CATEGORY Geo__c ABOVE usa__c AND Product__c AT ( a__c , b__c )".split()),
)
marks = st.one_of(
    *(
        st.just(text.split())
        for text in ("FOR VIEW", "FOR REFERENCE", "FOR UPDATE", "UPDATE TRACKING", "UPDATE VIEWSTAT", "ALL ROWS", "FOR VIEW FOR REFERENCE")
    )
)
source = row(name, maybe(one_of(["c", "acc"])))
statement = row(
    "SELECT",
    st.one_of(listed(item), listed(item), listed(item), st.just("COUNT ( )".split())),
    "FROM",
    mostly(source, listed(source, 2), row(name, "AS c")),
    maybe(row("USING SCOPE", one_of(["mine", "Everything"]))),
    maybe(row("WHERE", mostly(condition, mixed))),
    rarely(with_clause),
    maybe(grouping),
    tail,
    st.one_of(st.just([]), st.just([]), row("OFFSET 10")),
    rarely(marks),
)


@st.composite
def slips(draw: st.DrawFn) -> Pieces:
    """A statement with one to three slips: a piece lost, doubled, moved or replaced, a keyword or literal where none belongs."""
    pieces = list(draw(statement))
    for _unused in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        at = draw(st.integers(0, len(pieces) - 1))
        kind = draw(st.sampled_from(["drop", "double", "swap", "keyword", "literal", "sign", "move", "mix"]))
        if kind == "drop":
            del pieces[at : at + draw(st.integers(1, 2))]
        elif kind == "double":
            pieces.insert(at, pieces[at])
        elif kind == "swap" and at:
            pieces[at - 1], pieces[at] = pieces[at], pieces[at - 1]
        elif kind == "keyword":
            pieces[at : at + draw(st.integers(0, 1))] = [draw(st.sampled_from(KEYWORDS))]
        elif kind == "literal":
            pieces[at : at + draw(st.integers(0, 1))] = [draw(st.sampled_from(LITERALS))]
        elif kind == "sign":
            pieces.insert(at, draw(st.sampled_from(SIGNS)))
        elif kind == "move":
            end = draw(st.integers(at, len(pieces)))
            moved = pieces[at:end]
            del pieces[at:end]
            to = draw(st.integers(0, len(pieces)))
            pieces[to:to] = moved
        elif "AND" in pieces or "OR" in pieces:
            joiners = [place for place, piece in enumerate(pieces) if piece in ("AND", "OR")]
            place = draw(st.sampled_from(joiners))
            pieces[place] = "AND" if pieces[place] == "OR" else "OR"
        if not pieces:
            return ["SELECT"]
    return pieces


def written(pieces: Pieces, spaces: bool, lower: bool) -> str:
    """The statement's text; without spaces around signs, or all words in lower case, where the flags say so."""
    text = " ".join(pieces)
    if spaces:
        for sign in ("(", ")", ","):
            text = text.replace(f" {sign} ", sign)
    return text.lower() if lower and "\\" not in text and "Z" not in text else text


statements = st.builds(written, st.one_of(statement, slips()), st.booleans(), st.booleans())


def examples(count: int, first_seed: int) -> list[str]:
    """So many different statements, the same ones for the same seed."""
    found: dict[str, None] = {}

    @settings(max_examples=count, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(statements)
    def collect(text: str) -> None:
        found.setdefault(text)

    number = first_seed
    while len(found) < count:
        seed(number)(collect)()
        number += 1
    return list(found)[:count]
