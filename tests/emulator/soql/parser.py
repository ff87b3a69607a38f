# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SOQL text to a tree: tokens by regular expression, then recursive descent.

    query      = SELECT item {"," item} FROM source [[AS] alias] [WHERE condition] [GROUP BY path {"," path}]
                 [ORDER BY order {"," order}] [LIMIT number] [OFFSET number]
    item       = path [alias] | COUNT "(" ")" | function "(" path ")" [alias] | FIELDS "(" (ALL|STANDARD|CUSTOM) ")" | "(" query ")"
    condition  = simple {AND simple} | simple {OR simple} | NOT simple
    simple     = "(" condition ")" | path operator value | path [NOT] IN "(" value {"," value} | query ")"
    operator   = "=" | "!=" | "<>" | "<" | "<=" | ">" | ">=" | LIKE
    order      = (path | function "(" path ")") [ASC|DESC] [NULLS (FIRST|LAST)]
    value      = string | number | TRUE | FALSE | NULL | date | dateTime | relative date
    function   = COUNT | COUNT_DISTINCT | MIN | MAX | SUM | AVG

AND and OR may not stand side by side without parentheses, and NOT stands only at the start of a condition: both as the platform's own
grammar has it. Whatever else SOQL knows (TYPEOF, HAVING, USING SCOPE, WITH, FOR, toLabel() ...) is NotEmulated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from emulator.errors import ApiError, NotEmulated
from emulator.soql.ast import (
    Aggregate,
    And,
    Column,
    Comparison,
    Condition,
    CountRows,
    FieldsCall,
    Item,
    Membership,
    Not,
    Or,
    Order,
    Path,
    Query,
    SemiJoin,
    Subquery,
    Value,
)
from emulator.soql.refusals import refusal, unexpected

MAX_STATEMENT = 100_000
MAX_STRING = 4_000
MAX_OFFSET = 2_000

TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<datetime>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?(?:Z|[+-]\d{2}:?\d{2}))
    |(?P<date>\d{4}-\d{2}-\d{2}(?![\w-]))
    |(?P<number>[+-]?\d+(?:\.\d+)?(?!\w))
    |(?P<string>'(?:[^'\\]|\\.)*')
    |(?P<word>[A-Za-z_]\w*)
    |(?P<symbol><=|>=|!=|<>|[=<>(),.:])""",
    re.VERBOSE | re.DOTALL,
)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
ESCAPED = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
RESERVED = frozenset(
    "ALL AND ASC DESC EXCLUDES FIRST FOR FROM GROUP HAVING IN INCLUDES LAST LIKE LIMIT NOT NULL NULLS OFFSET OR ORDER SELECT USING WHERE"
    " WITH".split()
)
AGGREGATES = frozenset({"COUNT", "COUNT_DISTINCT", "MIN", "MAX", "SUM", "AVG"})
COMPARISONS = {"=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
UNSUPPORTED_CLAUSES = frozenset({"USING", "WITH", "HAVING", "FOR", "UPDATE", "ALL"})
RELATIVE = re.compile(r"(YESTERDAY|TODAY|TOMORROW|(LAST|THIS|NEXT|N)_\w+)", re.IGNORECASE)
CURRENCY = re.compile(r"[A-Z]{3}\d+")


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    at: int

    @property
    def upper(self) -> str:
        return self.text.upper() if self.kind == "word" else ""


def parse(text: str) -> Query:
    """The tree of one statement. Raises ApiError (MALFORMED_QUERY) for what SOQL refuses, NotEmulated for what is not done here."""
    if len(text) > MAX_STATEMENT:
        raise ApiError(400, "MALFORMED_QUERY", f"SOQL statements cannot be longer than {MAX_STATEMENT} characters.", None)
    reader = _Reader(text, tokens(text))
    query = reader.query()
    reader.end()
    return query


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
        if code in ESCAPES:
            return ESCAPES[code]
        if code in "%_":
            return code
        raise refusal(
            "MALFORMED_QUERY",
            text,
            token.at,
            f"Invalid string literal {token.text}. Illegal character sequence '\\{code}' in string literal.",
        )

    def pattern(match: re.Match[str]) -> str:
        return match[0] if match[1] in "%_\\" else plain(match)

    body = token.text[1:-1]
    return ESCAPED.sub(plain, body), ESCAPED.sub(pattern, body)


class _Reader:
    """A place in the list of tokens."""

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
        if self.token.upper in words and self.token.kind == "word":
            self.take()
            return True
        return False

    def symbol(self, text: str) -> bool:
        if self.token.kind == "symbol" and self.token.text == text:
            self.take()
            return True
        return False

    def need_word(self, word: str) -> Token:
        if self.token.upper != word:
            raise self.fail()
        return self.take()

    def need_symbol(self, text: str) -> None:
        if not self.symbol(text):
            raise self.fail()

    def end(self) -> None:
        if self.token.kind != "end":
            raise self.fail()

    def query(self) -> Query:
        if self._place == 0 and self.token.upper != "SELECT":
            # Recorded without position lines when the very first word is wrong.
            raise ApiError(400, "MALFORMED_QUERY", f"unexpected token: {self.token.text}", None)
        self.need_word("SELECT")
        items = [self.item()]
        while self.symbol(","):
            items.append(self.item())
        self.need_word("FROM")
        source, alias = self.source()
        where = self.where()
        group_by = self.group_by()
        order_by = self.order_by()
        limit = self.whole_number() if self.word("LIMIT") else None
        at = self.ahead().at
        offset = self.whole_number() if self.word("OFFSET") else None
        if offset is not None and offset > MAX_OFFSET:
            raise refusal("NUMBER_OUTSIDE_VALID_RANGE", self.text, at, f"Maximum SOQL offset allowed is {MAX_OFFSET}")
        self.refuse_clauses()
        return Query(tuple(items), source, alias, where, group_by, order_by, limit, offset, self.text)

    def refuse_clauses(self) -> None:
        if self.token.upper in UNSUPPORTED_CLAUSES:
            raise NotEmulated(f"the SOQL clause {self.token.upper}")

    def source(self) -> tuple[Path, str | None]:
        path = self.path()
        alias = None
        self.word("AS")
        if self.token.kind == "word" and self.token.upper not in RESERVED and self.token.upper not in UNSUPPORTED_CLAUSES:
            alias = self.take().text
        if self.token.text == ",":
            raise NotEmulated("more than one object in FROM")
        self.refuse_clauses()
        return path, alias

    def path(self) -> Path:
        if self.token.kind != "word" or self.token.upper in RESERVED:
            raise self.fail()
        first = self.take()
        parts = [first.text]
        while self.symbol("."):
            if self.token.kind != "word":
                raise self.fail()
            parts.append(self.take().text)
        return Path(tuple(parts), first.at)

    def item(self) -> Item:
        start = self.token
        if self.symbol("("):
            if self.token.upper != "SELECT":
                raise self.fail()
            subquery = Subquery(self.query(), start.at)
            self.need_symbol(")")
            return subquery
        if start.upper == "TYPEOF":
            raise NotEmulated("TYPEOF in SOQL")
        if start.upper == "FIELDS" and self.ahead().text == "(":
            return self.fields_call()
        if start.upper == "COUNT" and self.ahead().text == "(" and self.ahead(2).text == ")":
            for _unused in range(3):
                self.take()
            return CountRows(start.at)
        if self.ahead().text == "(" and start.kind == "word":
            return replace(self.aggregate(), alias=self.alias())
        path = self.path()
        return Column(path, self.alias())

    def alias(self) -> str | None:
        if self.token.kind == "word" and self.token.upper not in RESERVED:
            return self.take().text
        return None

    def fields_call(self) -> FieldsCall:
        start = self.take()
        self.need_symbol("(")
        kind = self.take().upper
        self.need_symbol(")")
        kinds: dict[str, Literal["ALL", "STANDARD", "CUSTOM"]] = {"ALL": "ALL", "STANDARD": "STANDARD", "CUSTOM": "CUSTOM"}
        if kind not in kinds:
            raise unexpected(self.text, start.at, start.text)
        return FieldsCall(kinds[kind], start.at)

    def aggregate(self) -> Aggregate:
        start = self.take()
        if start.upper not in AGGREGATES:
            raise NotEmulated(f"the SOQL function {start.text}()")
        self.need_symbol("(")
        path = self.path()
        self.need_symbol(")")
        return Aggregate(start.upper, path, start.at)

    def where(self) -> Condition | None:
        if not self.word("WHERE"):
            return None
        condition = self.condition()
        if self.token.upper in ("AND", "OR"):
            raise self.fail()
        return condition

    def condition(self) -> Condition:
        if self.word("NOT"):
            return Not(self.simple())
        first = self.simple()
        joiner = self.token.upper
        if joiner not in ("AND", "OR"):
            return first
        parts = [first]
        while self.word(joiner):
            parts.append(self.simple())
        return And(tuple(parts)) if joiner == "AND" else Or(tuple(parts))

    def simple(self) -> Condition:
        if self.symbol("("):
            condition = self.condition()
            self.need_symbol(")")
            return condition
        if self.token.kind == "word" and self.ahead().text == "(" and self.token.upper not in RESERVED:
            raise NotEmulated(f"the SOQL function {self.token.text}() in WHERE")
        path = self.path()
        if self.token.upper in ("INCLUDES", "EXCLUDES"):
            raise NotEmulated(f"the SOQL operator {self.token.upper}")
        if self.word("LIKE"):
            return Comparison(path, "LIKE", self.value())
        negated = self.token.upper == "NOT"
        if negated:
            if self.ahead().upper != "IN":
                self.take()
                raise self.fail()
            self.take()
        if self.word("IN"):
            return self.membership(path, negated)
        operator = COMPARISONS.get(self.token.text) if self.token.kind == "symbol" else None
        if operator is None:
            raise self.fail()
        self.take()
        return Comparison(path, operator, self.value())

    def membership(self, path: Path, negated: bool) -> Condition:
        at = self.token.at
        self.need_symbol("(")
        if self.token.upper == "SELECT":
            query = self.query()
            self.need_symbol(")")
            return SemiJoin(path, negated, query, at)
        values = [self.value()]
        while self.symbol(","):
            values.append(self.value())
        self.need_symbol(")")
        return Membership(path, negated, tuple(values))

    def value(self) -> Value:
        token = self.token
        if token.kind == "string":
            self.take()
            if len(token.text) - 2 > MAX_STRING:
                raise refusal("MALFORMED_QUERY", self.text, token.at, f"A string literal cannot be longer than {MAX_STRING} characters.")
            plain, pattern = unescaped(self.text, token)
            return Value("string", plain, token.at, pattern)
        if token.kind == "number":
            self.take()
            return Value("number", float(token.text) if "." in token.text else int(token.text), token.at)
        if token.kind in ("date", "datetime"):
            self.take()
            return Value("date" if token.kind == "date" else "datetime", token.text, token.at)
        if token.upper in ("TRUE", "FALSE"):
            self.take()
            return Value("boolean", token.upper == "TRUE", token.at)
        if token.upper == "NULL":
            self.take()
            return Value("null", None, token.at)
        if token.kind == "word" and RELATIVE.fullmatch(token.text):
            return self.relative()
        if token.kind == "word" and CURRENCY.fullmatch(token.text):
            raise NotEmulated("currency literals in SOQL")
        raise self.fail()

    def relative(self) -> Value:
        token = self.take()
        name = token.upper
        if self.symbol(":"):
            name = f"{name}:{self.whole_number()}"
        return Value("relative", name, token.at)

    def group_by(self) -> tuple[Path, ...]:
        if not self.word("GROUP"):
            return ()
        self.need_word("BY")
        if self.ahead().text == "(":
            raise NotEmulated(f"GROUP BY {self.token.text}()")
        paths = [self.path()]
        while self.symbol(","):
            paths.append(self.path())
        self.refuse_clauses()
        return tuple(paths)

    def order_by(self) -> tuple[Order, ...]:
        if not self.word("ORDER"):
            return ()
        self.need_word("BY")
        orders = [self.order()]
        while self.symbol(","):
            orders.append(self.order())
        return tuple(orders)

    def order(self) -> Order:
        by = self.aggregate() if self.ahead().text == "(" and self.token.kind == "word" else self.path()
        descending = self.token.upper == "DESC"
        self.word("ASC", "DESC")
        nulls_last = False
        if self.word("NULLS"):
            nulls_last = self.token.upper == "LAST"
            if not self.word("FIRST", "LAST"):
                raise self.fail()
        return Order(by, descending, nulls_last)

    def whole_number(self) -> int:
        if self.token.kind != "number" or not self.token.text.isdigit():
            raise self.fail()
        return int(self.take().text)
