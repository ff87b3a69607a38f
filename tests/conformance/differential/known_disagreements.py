# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the emulator's SOQL parser and @apexdevtools/apex-parser differ, and why.

The sources: "guide" is Salesforce's SOQL and SOSL Reference; "editor grammar" is Salesforce's own SOQL grammar for editors, published in
forcedotcom/soql-tooling (SoqlParser, SoqlLexer). The other parser reads SOQL inside Apex, where more is allowed, and it takes most keywords for
names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from emulator.soql.ast import And, Call, Column, Condition, Not, Operand, Or, Path, Query, SemiJoin, Subquery, TypeOf, Value
from emulator.soql.functions import AGGREGATES, DATE_PARTS
from emulator.soql.parser import NOT_ALIASES

EDITOR = "editor grammar"
STRING = re.compile(r"'(?:[^'\\]|\\.)*'")


@dataclass(frozen=True)
class Answer:
    """Ours: the tree, or what was refused."""

    query: Query | None
    error: str


@dataclass(frozen=True)
class Oracle:
    """Theirs; the rest is about accepted statements only."""

    accept: bool
    error: str | None
    names: tuple[tuple[str, int], ...] = ()
    """Every word taken for an alias or for a whole, undotted name, and where it stands."""
    spaced: bool = False
    bind: bool = False
    allRows: bool = False
    countRows: int = 0
    signed: bool = False
    withCondition: bool = False
    loose: bool = False
    """IN, INCLUDES and their like without a list, or another operator with one."""


@dataclass(frozen=True)
class Case:
    statement: str
    ours: Answer
    oracle: Oracle


@dataclass(frozen=True)
class Known:
    """mended: the statement without what the two disagree about; both must then accept it, else something else is wrong too."""

    reason: str
    source: str
    holds: Callable[[Case], bool]
    mended: Callable[[Case], str] | None = None


# --- accepted there, refused here -----------------------------------------------------------------------------------------------


def named(case: Case, reserved: Iterable[str]) -> str:
    """With another name for each reserved word that was taken for one."""
    text = case.statement
    for name, at in sorted(case.oracle.names, key=lambda pair: -pair[1]):
        if name.upper() in reserved:
            text = f"{text[:at]}{'X' * len(name)}{text[at + len(name) :]}"
    return text


def replaced(pattern: str, by: str) -> Callable[[Case], str]:
    """Outside of strings."""

    def mend(case: Case) -> str:
        strings = STRING.findall(case.statement)
        pieces = [re.sub(pattern, by, piece, flags=re.IGNORECASE) for piece in STRING.split(case.statement)]
        return "".join(piece + string for piece, string in zip(pieces, [*strings, ""], strict=True))

    return mend


def refused_at(case: Case, *signs: str) -> bool:
    """Was it one of these that the parser here stumbled over?"""
    return any(case.ours.error == f"unexpected token: {sign}" for sign in signs)


STRICTER = (
    Known(
        "a bind variable: only Apex has variables to bind",
        "quoted from orgs: Bind variables only allowed in Apex code",
        lambda case: case.oracle.bind and case.ours.error == "Bind variables only allowed in Apex code",
    ),
    Known(
        "ALL ROWS: a clause of Apex",
        f"guide, SOQL SELECT Syntax, has no such clause; neither has the {EDITOR}",
        lambda case: case.oracle.allRows,
        replaced(r"\bALL\s+ROWS\b", " "),
    ),
    Known(
        "a reserved word taken for a name or alias",
        f"guide, Alias Notation, lists the words; {EDITOR}, soqlIdentifier",
        lambda case: any(name.upper() in NOT_ALIASES for name, _at in case.oracle.names),
        lambda case: named(case, NOT_ALIASES),
    ),
    Known(
        "COUNT() that is not alone in SELECT",
        f"{EDITOR}, soqlSelectClause",
        lambda case: case.oracle.countRows > 0,
        replaced(r"\bCOUNT\s*\(\s*\)", "COUNT(Id)"),
    ),
    Known(
        "IN, INCLUDES and EXCLUDES take a list in parentheses, other operators a single value",
        f"guide, Comparison Operators; {EDITOR}, soqlWhereExpr",
        lambda case: case.oracle.loose and (refused_at(case, "(") or case.ours.error.startswith("unexpected token: ")),
    ),
    Known(
        "a space inside a dotted path",
        f"{EDITOR}, IDENTIFIER",
        lambda case: case.oracle.spaced,
        replaced(r"\s*\.\s*(?=[A-Za-z_])", "."),
    ),
    Known(
        "a sign in LAST_N_DAYS:n",
        f"{EDITOR}, soqlDateFormulaLiteral",
        lambda case: case.oracle.signed and refused_at(case, "-", "+"),
        replaced(r"(?<=:)\s*[-+]", ""),
    ),
    Known(
        "WITH takes one setting, no condition",
        f"guide, WITH; {EDITOR}, soqlWithClause",
        lambda case: case.oracle.withCondition,
        replaced(r"\bWITH\b.*?(?=\bGROUP\s+BY\b|\bORDER\s+BY\b|\bLIMIT\b|\bOFFSET\b|\bFOR\b|\bUPDATE\b|$)", ""),
    ),
)

# --- accepted here, refused there -------------------------------------------------------------------------------------------------

CLOSED = AGGREGATES | DATE_PARTS.keys() | {"TOLABEL", "FORMAT", "CONVERTCURRENCY", "GROUPING"}


def queries(query: Query) -> Iterator[Query]:
    """The query and all inside it."""
    yield query
    for item in query.items:
        if isinstance(item, Subquery):
            yield from queries(item.query)
    for condition in (query.where, query.having):
        for join in semi_joins(condition):
            yield from queries(join.query)


def semi_joins(condition: Condition | None) -> Iterator[SemiJoin]:
    if isinstance(condition, SemiJoin):
        yield condition
    if isinstance(condition, (And, Or)):
        for part in condition.parts:
            yield from semi_joins(part)
    if isinstance(condition, Not):
        yield from semi_joins(condition.part)


def comparisons(condition: Condition | None) -> Iterator[Condition]:
    if isinstance(condition, (And, Or)):
        for part in condition.parts:
            yield from comparisons(part)
    elif isinstance(condition, Not):
        yield from comparisons(condition.part)
    elif condition is not None:
        yield condition


def operands(query: Query) -> Iterator[Operand]:
    for one in queries(query):
        yield from (item.operand for item in one.items if isinstance(item, Column))
        yield from one.group_by
        yield from (order.by for order in one.order_by)
        for condition in (one.where, one.having):
            yield from (part.operand for part in comparisons(condition) if not isinstance(part, (And, Or, Not)))


def unusual_call(operand: Operand) -> bool:
    """A function that the other parser does not list, or with an argument that it does not foresee."""
    if not isinstance(operand, Call):
        return False
    inner = operand.argument
    if operand.name not in CLOSED:
        return True
    if isinstance(inner, Path):
        return False
    if not isinstance(inner, Call):
        return True
    if operand.name == "FORMAT":
        return unusual_call(inner)
    return not (operand.name in DATE_PARTS and inner.name == "CONVERTTIMEZONE" and isinstance(inner.argument, Path))


def inner_queries(case: Case) -> list[Query]:
    return list(queries(case.ours.query))[1:] if case.ours.query is not None else []


def literals(query: Query) -> Iterator[Value]:
    for one in queries(query):
        for condition in (one.where, one.having):
            for part in comparisons(condition):
                yield from getattr(part, "values", ()) or ([part.value] if hasattr(part, "value") else [])


NOT_APEX_NAMES = frozenset("FOR UPDATE NULL ELSE TRUE FALSE".split())


def words(case: Case) -> str:
    return STRING.sub("''", case.statement)


def query_of(case: Case) -> Query:
    assert case.ours.query is not None
    return case.ours.query


def plain_calls(case: Case) -> str:
    """With every unusual call made one of MIN; the text inside the outer parentheses of a nested one stays."""
    text = case.statement
    found = [operand for operand in operands(query_of(case)) if unusual_call(operand)]
    for call in sorted(found, key=lambda one: -one.at):
        end = closing(text, text.index("(", call.at))
        inner: Operand = call
        while isinstance(inner, Call):
            inner = inner.argument
        text = f"{text[: call.at]}MIN({inner if isinstance(inner, Path) else 'Id'}){text[end + 1 :]}"
    return text


def closing(text: str, at: int) -> int:
    """Where the parenthesis that opens at that place closes."""
    depth = 0
    for place in range(at, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return place
    return len(text) - 1


CATEGORY = r"\w+\s+(?:AT|ABOVE|BELOW|ABOVE_OR_BELOW)\s*(?:\w+|\([^)]*\))"
MODES = ("SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE")
LOOSER = (
    Known(
        "OFFSET inside a child subquery",
        f"{EDITOR}, soqlInnerQuery",
        lambda case: any(inner.offset is not None for inner in inner_queries(case)),
        replaced(r"\bOFFSET\s+\d+", ""),
    ),
    Known(
        "GROUP BY, WITH or USING SCOPE inside a child subquery",
        f"{EDITOR}, soqlInnerQuery; the guide limits them by meaning, not form",
        lambda case: any(inner.group_by or inner.security is not None or inner.scope is not None for inner in inner_queries(case)),
    ),
    Known(
        "AS before an alias in FROM",
        f"{EDITOR}, soqlFromExpr",
        lambda case: re.search(r"\bAS\s+\w", words(case), re.IGNORECASE) is not None,
        replaced(r"\bAS\s+(?=\w)", ""),
    ),
    Known(
        "\\% and \\_ in a string",
        "guide, Quoted String Escape Sequences (in LIKE; elsewhere refused here too, once the operator is looked at)",
        lambda case: any(re.search(r"\\[%_]", value.pattern) for value in literals(query_of(case))),
        lambda case: re.sub(r"\\([%_])", r"\1", case.statement),
    ),
    Known(
        "several data categories, or a list of them",
        f"guide, WITH DATA CATEGORY; {EDITOR}, soqlDataCategoryExpr (the other grammar wants && and two opening parentheses)",
        lambda case: query_of(case).security == "DATA CATEGORY",
        replaced(rf"\bWITH\s+DATA\s+CATEGORY\s+{CATEGORY}(?:\s*AND\s+{CATEGORY})*", " "),
    ),
    Known(
        "WITH and any one word",
        f"{EDITOR}, soqlWithIdentifierClause (the guide names SECURITY_ENFORCED, USER_MODE, SYSTEM_MODE, RecordVisibilityContext)",
        lambda case: any((one.security or "").upper() not in ("", *MODES, "DATA CATEGORY") for one in queries(query_of(case))),
        replaced(r"\bWITH\s+(?!DATA\s+CATEGORY\b)[\w.]+(?:\s*\([^()]*\))?", "WITH USER_MODE"),
    ),
    Known(
        "a function of any name, or inside another one",
        f"{EDITOR}, soqlField; an unknown function is refused by its name, not its form",
        lambda case: any(unusual_call(operand) for operand in operands(query_of(case))),
        plain_calls,
    ),
    Known(
        "an alias behind TYPEOF",
        f"{EDITOR}, soqlSelectTypeofExpr",
        lambda case: any(isinstance(item, TypeOf) and item.alias is not None for one in queries(query_of(case)) for item in one.items),
        replaced(r"\bEND\s+(?!FROM\b)\w+(?=\s*(?:,|\bFROM\b))", "END"),
    ),
    Known(
        "any word behind a dot",
        f"{EDITOR}, IDENTIFIER: a dotted path is one word",
        lambda case: any(part.upper() in NOT_APEX_NAMES for path in re.findall(r"\w+(?:\.\w+)+", words(case)) for part in path.split(".")),
        replaced(rf"\.(?:{'|'.join(sorted(NOT_APEX_NAMES))})\b", ".Xx"),
    ),
    Known(
        "FOR UPDATE behind UPDATE TRACKING",
        "guide, SOQL SELECT Syntax: FOR UPDATE is the last clause",
        lambda case: any(len(one.marks) > 1 and one.marks[-1] == "FOR UPDATE" for one in queries(query_of(case))),
        replaced(r"\bFOR\s+UPDATE\s*$", ""),
    ),
)


def applying(case: Case) -> list[Known]:
    """The known disagreements that this one may be."""
    return [one for one in (STRICTER if case.oracle.accept else LOOSER) if one.holds(case)]
