# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SOQL text to a tree: tokens by regular expression, then recursive descent.

The grammar is in docs/soql.md; each of its productions is a method of the reader below, of the same name. Only the form of a statement is
judged here, never what its names mean; parse() therefore never answers "not emulated".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeVar

from emulator.errors import ApiError
from emulator.rules.registry import BROKEN, holds
from emulator.soql.ast import (
    And,
    Call,
    Choice,
    Column,
    Comparison,
    Condition,
    CountRows,
    Distance,
    FieldsCall,
    Item,
    Membership,
    Not,
    Operand,
    Or,
    Order,
    Path,
    Query,
    SemiJoin,
    Source,
    Subquery,
    TypeOf,
    Value,
    When,
)
from emulator.soql.dates import COUNTED, RELATIVE
from emulator.soql.refusals import refusal, unexpected

MAX_STATEMENT = 100_000
MAX_STRING = 4_000
MAX_OFFSET = 2_000
MAX_INTEGER = 2**31 - 1
LONG_DIGITS = 18
"""Whole numbers longer than that may not fit into the store's 64 bits."""

TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<datetime>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2}))
    |(?P<date>\d{4}-\d{2}-\d{2}(?![\w-]))
    |(?P<time>\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2}))
    |(?P<number>(?:\d*\.)?\d+(?![\w.]))
    |(?P<string>'(?:[^'\\]|\\.)*')
    |(?P<word>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
    |(?P<symbol><=|>=|!=|<>|[=<>(),:+-])""",
    re.VERBOSE | re.DOTALL | re.ASCII | re.IGNORECASE,
)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
ESCAPED = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
NOT_NAMES = frozenset(
    "AND AS ASC BIND BY CUBE DESC ELSE EXCLUDES FALSE FIRST FOR FROM HAVING IN INCLUDES LAST LIKE LIMIT LOOKUP NOT NULL NULLS OR ROLLUP"
    " SELECT TRUE UPDATE USING WHERE WITH".split()
)
"""Words that are never the name of an object or field; inside a path, behind a dot, any word may stand."""
NOT_ALIASES = NOT_NAMES | {"GROUP"}
COMPARISONS = {"=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
CURRENCY = re.compile(r"[A-Za-z]{3}\d+")
CATEGORY_SELECTORS = ("AT", "ABOVE", "BELOW", "ABOVE_OR_BELOW")
Listed = TypeVar("Listed")


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    at: int

    @property
    def upper(self) -> str:
        return self.text.upper() if self.kind == "word" else ""


def parse(text: str) -> Query:
    """The tree of one statement. Raises ApiError (MALFORMED_QUERY) for what SOQL refuses."""
    return _parsed(text, frozenset(BROKEN))


@lru_cache(maxsize=512)
def _parsed(text: str, _broken: frozenset[str]) -> Query:
    """The same statement comes again and again, from one org and from many. Which rules are broken is known beside it."""
    if len(text) > MAX_STATEMENT:
        raise ApiError(400, "MALFORMED_QUERY", f"SOQL statements cannot be longer than {MAX_STATEMENT} characters.", None)
    return _Reader(text, tokens(text)).statement()


def tokens(text: str) -> list[Token]:
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise unexpected(text, at, f"'{text[at]}'")
        if match.lastgroup != "space":
            found.append(Token(str(match.lastgroup), match.group(), at))
        at = match.end()
    return [*found, Token("end", "<EOF>", len(text))]


def unescaped(text: str, token: Token) -> tuple[str, str]:
    """A string literal's text, and the same as a LIKE pattern (in which a backslash still guards % and _)."""

    def plain(match: re.Match[str]) -> str:
        code = match[1]
        if code[0] == "u" and len(code) == 5:
            return chr(int(code[1:], 16))
        if code.lower() in ESCAPES:
            return ESCAPES[code.lower()]
        if code in "%_'\"\\":
            return code
        message = f"Invalid string literal {token.text}. Illegal character sequence '\\{code}' in string literal."
        raise refusal("MALFORMED_QUERY", text, token.at, message)

    def pattern(match: re.Match[str]) -> str:
        return match[0] if match[1] in "%_\\" else plain(match)

    body = token.text[1:-1]
    if "\n" in body:
        raise refusal("MALFORMED_QUERY", text, token.at, "a string literal cannot go on over a line break")
    return ESCAPED.sub(plain, body), ESCAPED.sub(pattern, body)


class _Reader:
    """A place in the list of tokens. The methods from statement() on are the productions of the grammar."""

    def __init__(self, text: str, found: list[Token]) -> None:
        self.text = text
        self._tokens = found
        self._place = 0

    @property
    def token(self) -> Token:
        return self._tokens[self._place]

    def ahead(self, count: int = 1) -> Token:
        return self._tokens[min(self._place + count, len(self._tokens) - 1)]

    def take(self) -> Token:
        token = self.token
        self._place = min(self._place + 1, len(self._tokens) - 1)
        return token

    def fail(self) -> ApiError:
        token = self.token
        if token.text == ":" and token.kind == "symbol":
            return refusal("MALFORMED_QUERY", self.text, token.at, "Bind variables only allowed in Apex code")
        return unexpected(self.text, token.at, token.text if token.kind != "end" else "'<EOF>'")

    def word(self, *words: str) -> bool:
        """Take the next token if it is one of these words."""
        if self.token.kind == "word" and self.token.upper in words:
            self.take()
            return True
        return False

    def symbol(self, text: str) -> bool:
        if self.token.kind == "symbol" and self.token.text == text:
            self.take()
            return True
        return False

    def need_word(self, *words: str) -> str:
        if self.token.upper not in words:
            raise self.fail()
        return self.take().upper

    def need_symbol(self, text: str) -> None:
        if not self.symbol(text):
            raise self.fail()

    def several(self, one: Callable[[], Listed]) -> tuple[Listed, ...]:
        """one {"," one}"""
        found = [one()]
        while self.symbol(","):
            found.append(one())
        return tuple(found)

    def called(self) -> bool:
        """Is the next token a word with a parenthesis behind it?"""
        return self.token.kind == "word" and self.ahead().text == "(" and self.ahead().kind == "symbol"

    def clause_ahead(self) -> bool:
        """ORDER BY and OFFSET 5 begin a clause; else both words may be names."""
        upper = self.token.upper
        return (upper == "ORDER" and self.ahead().upper == "BY") or (upper == "OFFSET" and self.ahead().kind == "number")

    # --- the statement and its clauses -----------------------------------------------------------------------------------

    def statement(self) -> Query:
        if self.token.upper != "SELECT":
            # Recorded without position lines when the very first word is wrong.
            raise ApiError(400, "MALFORMED_QUERY", f"unexpected token: {self.token.text}", None)
        query = self.query()
        if self.token.kind != "end":
            raise self.fail()
        return query

    def query(self) -> Query:
        items = self.select()
        self.need_word("FROM")
        sources = self.several(self.source)
        scope = self.scope()
        where = self.where()
        security = self.security()
        group_by, grouping = self.group_by()
        having = self.condition() if group_by and self.word("HAVING") else None
        order_by = self.order_by()
        limit = self.whole_number() if self.word("LIMIT") else None
        offset = self.offset()
        return Query(
            items, sources, scope, where, security, group_by, grouping, having, order_by, limit, offset, self.marks(), self.text
        )  # fmt: skip

    def select(self) -> tuple[Item, ...]:
        self.need_word("SELECT")
        start = self.token
        if start.upper == "COUNT" and self.called() and self.ahead(2).text == ")":
            for _unused in range(3):
                self.take()
            if self.token.upper != "FROM":
                raise refusal("MALFORMED_QUERY", self.text, start.at, "COUNT() must be the only element of SELECT")
            return (CountRows(start.at),)
        return self.several(self.item)

    def item(self) -> Item:
        start = self.token
        if start.kind == "symbol" and start.text == "(":
            query = self.subquery()
            return Subquery(query, start.at, self.alias())
        if start.upper == "TYPEOF" and self.ahead(2).upper == "WHEN":
            return self.type_of()
        if start.upper == "FIELDS" and self.called():
            return self.fields_call()
        operand = self.operand()
        return Column(operand, self.alias())

    def subquery(self) -> Query:
        self.need_symbol("(")
        query = self.query()
        self.need_symbol(")")
        return query

    def type_of(self) -> TypeOf:
        start = self.take()
        path = self.path()
        whens = [self.when()]
        while self.token.upper == "WHEN":
            whens.append(self.when())
        otherwise = self.several(self.path) if self.word("ELSE") else ()
        self.need_word("END")
        return TypeOf(path, tuple(whens), otherwise, start.at, self.alias())

    def when(self) -> When:
        self.need_word("WHEN")
        sobject = self.path()
        self.need_word("THEN")
        return When(sobject, self.several(self.path))

    def fields_call(self) -> FieldsCall:
        start = self.take()
        self.need_symbol("(")
        kinds: dict[str, Literal["ALL", "STANDARD", "CUSTOM"]] = {"ALL": "ALL", "STANDARD": "STANDARD", "CUSTOM": "CUSTOM"}
        kind = kinds[self.need_word(*kinds)]
        self.need_symbol(")")
        self.alias()
        return FieldsCall(kind, start.at)

    def alias(self) -> str | None:
        token = self.token
        if token.kind != "word" or "." in token.text or token.upper in NOT_ALIASES or self.clause_ahead():
            return None
        return self.take().text

    def source(self) -> Source:
        path = self.path()
        if self.word("AS"):
            alias = self.alias()
            if alias is None:
                raise self.fail()
            return Source(path, alias)
        return Source(path, self.alias())

    def scope(self) -> str | None:
        if not self.word("USING"):
            return None
        self.need_word("SCOPE")
        return str(self.path())

    def where(self) -> Condition | None:
        return self.condition() if self.word("WHERE") else None

    def security(self) -> str | None:
        """The WITH clause; named after what it is used for most."""
        if not self.word("WITH"):
            return None
        if self.token.upper == "DATA" and self.ahead().upper == "CATEGORY":
            self.take()
            self.take()
            self.category()
            while self.word("AND"):
                self.category()
            return "DATA CATEGORY"
        name = str(self.path())
        if self.symbol("="):
            self.value()
        elif self.symbol("("):
            self.several(self.setting)
            self.need_symbol(")")
        return name

    def category(self) -> None:
        self.path()
        self.need_word(*CATEGORY_SELECTORS)
        if self.symbol("("):
            self.several(self.path)
            self.need_symbol(")")
            return
        self.path()

    def setting(self) -> None:
        self.path()
        self.need_symbol("=")
        self.value()

    def group_by(self) -> tuple[tuple[Operand, ...], Literal["", "ROLLUP", "CUBE"]]:
        if not self.word("GROUP"):
            return (), ""
        self.need_word("BY")
        if self.token.upper in ("ROLLUP", "CUBE"):
            grouping: Literal["ROLLUP", "CUBE"] = "ROLLUP" if self.take().upper == "ROLLUP" else "CUBE"
            self.need_symbol("(")
            operands = self.several(self.operand)
            self.need_symbol(")")
            return operands, grouping
        return self.several(self.operand), ""

    def order_by(self) -> tuple[Order, ...]:
        if not self.word("ORDER"):
            return ()
        self.need_word("BY")
        return self.several(self.order)

    def order(self) -> Order:
        by = self.operand()
        descending = self.token.upper == "DESC"
        self.word("ASC", "DESC")
        nulls_last = self.word("NULLS") and self.need_word("FIRST", "LAST") == "LAST"
        return Order(by, descending, nulls_last)

    def offset(self) -> int | None:
        at = self.ahead().at
        offset = self.whole_number() if self.word("OFFSET") else None
        if offset is not None and offset > MAX_OFFSET:
            raise refusal("NUMBER_OUTSIDE_VALID_RANGE", self.text, at, f"Maximum SOQL offset allowed is {MAX_OFFSET}")
        return offset

    def marks(self) -> tuple[str, ...]:
        """FOR and UPDATE at the end of a statement."""
        found: list[str] = []
        while self.word("FOR"):
            found.append(f"FOR {self.need_word('VIEW', 'REFERENCE', 'UPDATE')}")
        if self.word("UPDATE"):
            found += [f"UPDATE {word}" for word in self.several(lambda: self.need_word("TRACKING", "VIEWSTAT"))]
            if self.word("FOR"):
                found.append(f"FOR {self.need_word('UPDATE')}")
        return tuple(found)

    # --- conditions ----------------------------------------------------------------------------------------------------------

    def condition(self) -> Condition:
        if self.token.upper == "NOT":
            self.take()
            return Not(self.simple())
        first = self.simple()
        joiner = self.token.upper
        if joiner not in ("AND", "OR"):
            return first
        parts = [first]
        while self.word(*([joiner] if holds("soql_no_mixed_and_or") else ["AND", "OR"])):
            parts.append(self.simple())
        return And(tuple(parts)) if joiner == "AND" else Or(tuple(parts))

    def simple(self) -> Condition:
        if self.symbol("("):
            condition = self.condition()
            self.need_symbol(")")
            return condition
        operand = self.operand()
        if self.word("LIKE"):
            return Comparison(operand, "LIKE", self.value())
        if self.token.upper in ("INCLUDES", "EXCLUDES"):
            negated = self.take().upper == "EXCLUDES"
            return Choice(operand, negated, self.values())
        negated = self.word("NOT")
        if negated or self.token.upper == "IN":
            self.need_word("IN")
            return self.membership(operand, negated)
        operator = COMPARISONS.get(self.token.text) if self.token.kind == "symbol" else None
        if operator is None:
            raise self.fail()
        self.take()
        return Comparison(operand, operator, self.value())

    def membership(self, operand: Operand, negated: bool) -> Condition:
        at = self.token.at
        if self.ahead().upper == "SELECT":
            return SemiJoin(operand, negated, self.subquery(), at)
        return Membership(operand, negated, self.values())

    def values(self) -> tuple[Value, ...]:
        self.need_symbol("(")
        found = self.several(self.value)
        self.need_symbol(")")
        return found

    # --- names and literals ----------------------------------------------------------------------------------------------------

    def operand(self) -> Operand:
        return self.function() if self.called() and self.token.upper not in NOT_NAMES else self.path()

    def function(self) -> Operand:
        if self.token.upper == "DISTANCE":
            return self.distance()
        start = self.take()
        self.need_symbol("(")
        argument = self.operand()
        self.need_symbol(")")
        return Call(start.upper, argument, start.at)

    def distance(self) -> Distance:
        start = self.take()
        self.need_symbol("(")
        self.location()
        self.need_symbol(",")
        self.location()
        self.need_symbol(",")
        if self.token.kind != "string":
            raise self.fail()
        self.take()
        self.need_symbol(")")
        return Distance(start.at)

    def location(self) -> None:
        if not (self.token.upper == "GEOLOCATION" and self.called()):
            self.path()
            return
        self.take()
        self.need_symbol("(")
        self.number()
        self.need_symbol(",")
        self.number()
        self.need_symbol(")")

    def path(self) -> Path:
        if self.token.kind != "word" or self.token.upper in NOT_NAMES or self.clause_ahead():
            raise self.fail()
        token = self.take()
        return Path(tuple(token.text.split(".")), token.at)

    def value(self) -> Value:
        token = self.token
        if token.kind == "string":
            return self.string()
        if token.kind == "number" or (token.kind == "symbol" and token.text in "+-"):
            return Value("number", self.number(), token.at)
        if token.kind in ("date", "datetime", "time"):
            self.take()
            kinds: dict[str, Literal["date", "datetime", "time"]] = {"date": "date", "datetime": "datetime", "time": "time"}
            return Value(kinds[token.kind], token.text.upper(), token.at)
        if self.word("TRUE", "FALSE"):
            return Value("boolean", token.upper == "TRUE", token.at)
        if self.word("NULL"):
            return Value("null", None, token.at)
        if token.upper in RELATIVE:
            return self.relative()
        if token.kind == "word" and CURRENCY.fullmatch(token.text):
            return Value("currency", self.take().text, token.at)
        raise self.fail()

    def string(self) -> Value:
        token = self.take()
        if len(token.text) - 2 > MAX_STRING:
            raise refusal("MALFORMED_QUERY", self.text, token.at, f"A string literal cannot be longer than {MAX_STRING} characters.")
        plain, pattern = unescaped(self.text, token)
        return Value("string", plain, token.at, pattern)

    def relative(self) -> Value:
        token = self.take()
        if token.upper not in COUNTED:
            return Value("relative", token.upper, token.at)
        self.need_symbol(":")
        return Value("relative", f"{token.upper}:{self.whole_number()}", token.at)

    def number(self) -> int | float:
        sign = -1 if self.token.text == "-" else 1
        if self.token.kind == "symbol" and self.token.text in "+-":
            self.take()
        if self.token.kind != "number":
            raise self.fail()
        text = self.take().text
        return sign * (float(text) if "." in text or len(text) > LONG_DIGITS else int(text))

    def whole_number(self) -> int:
        text = self.token.text
        if self.token.kind != "number" or not text.isdigit() or len(text) > LONG_DIGITS or int(text) > MAX_INTEGER:
            raise self.fail()
        return int(self.take().text)
