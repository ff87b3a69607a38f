# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where an org's records live: one in-memory SQLite database, a table per sObject, no rules.

Text columns carry a collation that ignores case the way Unicode defines it, because SOQL compares text without case; Ids are compared
byte by byte. Booleans are stored as 0 and 1 and handed out as bool. An empty text is stored as null, as the platform does.
"""

from __future__ import annotations

import json
import re
import sqlite3
import threading
import weakref
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from emulator.model import Field, Schema, SObject

TEXT_TYPES = frozenset({"string", "picklist", "multipicklist", "combobox", "textarea", "email", "phone", "url"})
NUMBER_TYPES = frozenset({"int", "double", "currency", "percent"})
TRANSLATED = frozenset({"boolean", "address", "location"})
"""Types that are stored in another way than the API shows them."""
_Selection = tuple[tuple[str, ...], str, list[tuple[str, Field]]]

DELETED = "__deleted"
"""Hidden column: 1 for a soft-deleted row. Not a field; SOQL cannot name it."""


PAIRS = {
    "FieldPermissions": ("ParentId", "Field"),
    "ObjectPermissions": ("ParentId", "SobjectType"),
    "PermissionSetTabSetting": ("ParentId", "Name"),
    "SetupEntityAccess": ("ParentId", "SetupEntityId"),
}
"""Objects of which a parent may have thousands: the two columns that are looked up together."""
TOMBSTONES = "__tombstones"


@lru_cache(maxsize=8192)
def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def compare_text(left: str, right: str) -> int:
    """The collation: order and equality without case."""
    if left == right:
        return 0
    folded, other = left.casefold(), right.casefold()
    return (folded > other) - (folded < other)


@lru_cache(maxsize=512)
def like_pattern(pattern: str) -> re.Pattern[str]:
    """A LIKE pattern as written in SOQL: % any text, _ one character, a backslash before either (or before itself) means the character."""
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    return re.compile("".join(wild.get(part) or re.escape(part[-1]) for part in parts), re.IGNORECASE | re.DOTALL)


def like(pattern: str, value: object) -> int:
    return 0 if value is None else int(like_pattern(pattern).fullmatch(str(value)) is not None)


def shuffled(text: str) -> int:
    """A fixed order that looks like none."""
    return zlib.crc32(text.encode())


def column_type(item: Field) -> str:
    if item.type in TEXT_TYPES:
        return "TEXT COLLATE SOQL"
    if item.type in ("boolean", "int"):
        return "INTEGER"
    if item.type in NUMBER_TYPES:
        return "REAL"
    return "TEXT"


def to_column(item: Field, value: object) -> object:
    """A canonical value as SQLite stores it."""
    if value is None or value == "":
        return None
    if item.type == "boolean":
        return 1 if value else 0
    if item.type in ("address", "location"):
        return json.dumps(value)
    return value


def from_column(item: Field, value: Any) -> Any:
    """A stored value as the API shows it."""
    if value is None:
        return None
    if item.type == "boolean":
        return bool(value)
    if item.type in ("address", "location"):
        return json.loads(value)
    return value


def closed_with(owner: object, connection: sqlite3.Connection) -> None:
    """Close the connection when its owner is gone, or at the end. Python 3.13 warns of a connection that nobody closed; a __del__ would come
    too late where owner and connection go together."""
    weakref.finalize(owner, connection.close)


@dataclass
class _Blank:
    """Empty tables for a schema, to copy: made when a second store has that schema, as orgs of a fleet do."""

    schema: Schema
    rows: sqlite3.Connection | None = None


_BLANKS: deque[_Blank] = deque(maxlen=8)
_BLANKS_LOCK = threading.Lock()


class Store:
    """The tables of one org. Every method takes the store's lock; transactions hold it, so they never interleave."""

    def __init__(self, schema: Schema) -> None:
        self.lock = threading.RLock()
        self.schema = Schema()
        self._connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None, cached_statements=512)
        closed_with(self, self._connection)
        self._connection.create_collation("SOQL", compare_text)
        self._connection.create_function("SOQL_LIKE", 2, like, deterministic=True)
        self._connection.create_function("SOQL_SHUFFLE", 1, shuffled, deterministic=True)
        self._connection.execute(f'CREATE TABLE {quoted(TOMBSTONES)} ("Id" TEXT PRIMARY KEY, "SObject" TEXT NOT NULL, "At" TEXT NOT NULL)')
        self._depth = 0
        self._inserts: dict[str, str] = {}
        self._selections: dict[tuple[str, tuple[str, ...]], _Selection] = {}
        self._begin(schema)

    @property
    def connection(self) -> sqlite3.Connection:
        """For compiled queries only; take the lock first."""
        return self._connection

    def _begin(self, schema: Schema) -> None:
        """The empty tables: copied where they can be, which is several times quicker."""
        with _BLANKS_LOCK:
            known = next((blank for blank in _BLANKS if blank.schema is schema), None)
            if known is not None and known.rows is not None:
                self.replace(known.rows, schema)
                return
            self.evolve(schema)
            if known is None:
                _BLANKS.append(_Blank(schema))
            else:
                known.rows = self.copied()
                closed_with(known, known.rows)

    def evolve(self, schema: Schema) -> None:
        """Make room for the objects and columns of that schema; what it no longer names is kept but cannot be reached."""
        with self.lock:
            for sobject in schema.sobjects.values():
                before = self.schema.sobjects.get(sobject.name)
                if before is None:
                    self._create_table(sobject)
                    continue
                added = [item for name, item in sobject.fields.items() if name not in before.fields]
                there = {row[1] for row in self._connection.execute(f"PRAGMA table_info({quoted(sobject.name)})")} if added else set()
                for item in added:
                    if item.name not in there:
                        self._add_column(sobject, item)
            self.schema = schema
            self._inserts.clear()
            self._selections.clear()

    def _create_table(self, sobject: SObject) -> None:
        columns = ['"Id" TEXT PRIMARY KEY']
        columns += [f"{quoted(item.name)} {column_type(item)}" for item in sobject.fields.values() if item.name != "Id"]
        columns += [f"{quoted(DELETED)} INTEGER NOT NULL DEFAULT 0"]
        self._connection.execute(f"CREATE TABLE {quoted(sobject.name)} ({', '.join(columns)})")
        for item in sobject.fields.values():
            self._index(sobject, item)
        pair = PAIRS.get(sobject.name, ())
        if pair and all(name in sobject.fields for name in pair):
            self._connection.execute(
                f"CREATE INDEX {quoted(f'{sobject.name}.pair')} ON {quoted(sobject.name)} ({', '.join(map(quoted, pair))})"
            )

    def _add_column(self, sobject: SObject, item: Field) -> None:
        self._connection.execute(f"ALTER TABLE {quoted(sobject.name)} ADD COLUMN {quoted(item.name)} {column_type(item)}")
        default = to_column(item, False if item.type == "boolean" and item.default is None else item.default)
        if default is not None:
            self._connection.execute(f"UPDATE {quoted(sobject.name)} SET {quoted(item.name)} = ?", (default,))
        self._index(sobject, item)

    def _index(self, sobject: SObject, item: Field) -> None:
        wanted = (
            item.unique or item.id_lookup or item.name_field or item.type == "reference" or item.name in ("SobjectType", "DeveloperName")
        )
        if not wanted or item.name in ("Id", "CreatedById", "LastModifiedById"):
            return
        name = quoted(f"{sobject.name}.{item.name}")
        self._connection.execute(f"CREATE INDEX {name} ON {quoted(sobject.name)} ({quoted(item.name)})")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A savepoint: an exception inside takes back everything written inside. Nests."""
        with self.lock:
            name = f"level_{self._depth}"
            self._depth += 1
            self._connection.execute(f"SAVEPOINT {name}")
            try:
                yield
            except BaseException:
                self._connection.execute(f"ROLLBACK TO {name}")
                raise
            finally:
                self._depth -= 1
                self._connection.execute(f"RELEASE {name}")

    @contextmanager
    def pretending(self) -> Iterator[None]:
        """A savepoint that is always taken back: rows inserted inside exist only for what is read inside."""
        with self.lock:
            name = f"level_{self._depth}"
            self._depth += 1
            self._connection.execute(f"SAVEPOINT {name}")
            try:
                yield
            finally:
                self._depth -= 1
                self._connection.execute(f"ROLLBACK TO {name}")
                self._connection.execute(f"RELEASE {name}")

    def _sobject(self, name: str) -> SObject:
        sobject = self.schema.sobject(name)
        if sobject is None:
            raise KeyError(f"no sObject {name!r} in this org")
        return sobject

    def _columns(self, sobject: SObject, values: Mapping[str, Any]) -> dict[str, object]:
        columns: dict[str, object] = {}
        for name, value in values.items():
            item = sobject.field(name)
            if item is None:
                raise KeyError(f"no field {name!r} on {sobject.name} in this org")
            columns[item.name] = to_column(item, value)
        return columns

    def insert(self, sobject_name: str, values: Mapping[str, Any]) -> None:
        """A whole row, Id included. Raises KeyError for an unknown object or field, sqlite3.IntegrityError for a taken Id."""
        sobject = self._sobject(sobject_name)
        row = [to_column(item, values.get(name)) for name, item in sobject.fields.items()]
        with self.lock:
            self._connection.execute(self._insert_statement(sobject), row)

    def insert_many(self, sobject_name: str, common: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> None:
        """Whole rows that have `common` in common; each names what it has of its own. Raises as insert() does."""
        sobject = self._sobject(sobject_name)
        place = {name: index for index, name in enumerate(sobject.fields)}
        shared = [to_column(item, common.get(name)) for name, item in sobject.fields.items()]

        def whole(own: Mapping[str, Any]) -> list[object]:
            row = shared.copy()
            for name, value in own.items():
                row[place[name]] = to_column(sobject.fields[name], value)
            return row

        with self.lock:
            self._connection.executemany(self._insert_statement(sobject), map(whole, rows))

    def _insert_statement(self, sobject: SObject) -> str:
        statement = self._inserts.get(sobject.name)
        if statement is None:
            names = ", ".join(quoted(name) for name in sobject.fields)
            statement = f"INSERT INTO {quoted(sobject.name)} ({names}) VALUES ({', '.join('?' * len(sobject.fields))})"
            self._inserts[sobject.name] = statement
        return statement

    def update(self, sobject_name: str, record_id: str, values: Mapping[str, Any]) -> None:
        sobject = self._sobject(sobject_name)
        columns = self._columns(sobject, values)
        if not columns:
            return
        assignments = ", ".join(f"{quoted(name)} = ?" for name in columns)
        with self.lock:
            self._connection.execute(f'UPDATE {quoted(sobject.name)} SET {assignments} WHERE "Id" = ?', (*columns.values(), record_id))

    def remove(self, sobject_name: str, record_id: str, soft: bool, at: str = "") -> None:
        """Take a row away, softly or for good; at is the moment as the API writes it."""
        sobject = self._sobject(sobject_name)
        with self.lock:
            self._connection.execute(f"INSERT OR IGNORE INTO {quoted(TOMBSTONES)} VALUES (?, ?, ?)", (record_id, sobject.name, at))
            if not soft:
                self._connection.execute(f'DELETE FROM {quoted(sobject.name)} WHERE "Id" = ?', (record_id,))
                return
            marks = f"{quoted(DELETED)} = 1" + (', "IsDeleted" = 1' if "IsDeleted" in sobject.fields else "")
            self._connection.execute(f'UPDATE {quoted(sobject.name)} SET {marks} WHERE "Id" = ?', (record_id,))

    def get(self, sobject_name: str, record_id: str, *, include_deleted: bool = False) -> dict[str, Any] | None:
        rows = self._select(self._sobject(sobject_name), '"Id" = ?', [record_id], include_deleted=include_deleted)
        return rows[0] if rows else None

    def find(self, sobject_name: str, equals: Mapping[str, Any], only: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        """Rows whose columns equal these values; a list, tuple or set means any of its members. only: the columns wanted, in the schema's
        spelling (all of them where it is empty)."""
        sobject = self._sobject(sobject_name)
        conditions: list[str] = []
        parameters: list[object] = []
        for name, value in equals.items():
            item = sobject.field(name)
            if item is None:
                raise KeyError(f"no field {name!r} on {sobject.name} in this org")
            if isinstance(value, (list, tuple, set, frozenset)):
                members = [to_column(item, member) for member in value]
                known = [member for member in members if member is not None]
                null = f" OR {quoted(item.name)} IS NULL" if len(known) < len(members) else ""
                conditions.append(f"({quoted(item.name)} IN ({', '.join('?' * len(known))}){null})")
                parameters.extend(known)
                continue
            conditions.append(f"{quoted(item.name)} IS ?")
            parameters.append(to_column(item, value))
        return self._select(sobject, " AND ".join(conditions) or "1", parameters, include_deleted=False, only=only)

    def _select(
        self, sobject: SObject, condition: str, parameters: Sequence[object], *, include_deleted: bool, only: tuple[str, ...] = ()
    ) -> list[dict[str, Any]]:
        alive = "1" if include_deleted else f"{quoted(DELETED)} = 0"
        with self.lock:
            names, listed, translated = self._selection(sobject, only)
            cursor = self._connection.execute(
                f"SELECT {listed} FROM {quoted(sobject.name)} WHERE {alive} AND ({condition}) ORDER BY rowid", list(parameters)
            )
            rows = [dict(zip(names, row, strict=True)) for row in cursor]
        for record in rows:
            for name, item in translated:
                value = record[name]
                if value is not None:
                    record[name] = bool(value) if item.type == "boolean" else from_column(item, value)
        return rows

    def _selection(self, sobject: SObject, only: tuple[str, ...]) -> _Selection:
        """The columns' names, how a statement lists them, and those that are not shown as they are stored."""
        key = (sobject.name, only)
        if key not in self._selections:
            names = only or tuple(sobject.fields)
            translated = [(name, sobject.fields[name]) for name in names if sobject.fields[name].type in TRANSLATED]
            self._selections[key] = names, ", ".join(map(quoted, names)), translated
        return self._selections[key]

    def was_deleted(self, record_id: str) -> bool:
        """True where a record of that Id was removed, softly or for good."""
        with self.lock:
            return self._connection.execute(f'SELECT 1 FROM {quoted(TOMBSTONES)} WHERE "Id" = ?', (record_id,)).fetchone() is not None

    def deleted(self, sobject_name: str, start: str, end: str) -> list[tuple[str, str]]:
        """(Id, moment) of that object's records that were removed from start on and before end, oldest first."""
        statement = f'SELECT "Id", "At" FROM {quoted(TOMBSTONES)} WHERE "SObject" = ? AND "At" >= ? AND "At" < ? ORDER BY "At", rowid'
        with self.lock:
            return [(row[0], row[1]) for row in self._connection.execute(statement, (self._sobject(sobject_name).name, start, end))]

    def between(self, sobject_name: str, column: str, start: str, end: str) -> list[str]:
        """Ids of rows that are not deleted and whose column lies from start on and before end, oldest change first."""
        sobject = self._sobject(sobject_name)
        name = quoted(sobject.fields[column].name)
        statement = (
            f'SELECT "Id" FROM {quoted(sobject.name)} WHERE {quoted(DELETED)} = 0 AND {name} >= ? AND {name} < ? ORDER BY {name}, rowid'
        )
        with self.lock:
            return [row[0] for row in self._connection.execute(statement, (start, end))]

    def marked(self, sobject_name: str, columns: Sequence[str]) -> list[dict[str, Any]]:
        """Rows that are not deleted and have a value in any of these columns."""
        sobject = self._sobject(sobject_name)
        condition = " OR ".join(f"{quoted(sobject.fields[name].name)} IS NOT NULL" for name in columns)
        return self._select(sobject, condition or "0", (), include_deleted=False)

    def count(self, sobject_name: str) -> int:
        """Rows of that object that are not deleted."""
        sobject = self._sobject(sobject_name)
        with self.lock:
            found: int = self._connection.execute(f"SELECT count(*) FROM {quoted(sobject.name)} WHERE {quoted(DELETED)} = 0").fetchone()[0]
        return found

    def copied(self) -> sqlite3.Connection:
        """A copy of all tables; not inside a transaction."""
        copy = sqlite3.connect(":memory:", check_same_thread=False)
        with self.lock:
            self._connection.backup(copy)
        return copy

    def replace(self, copy: sqlite3.Connection, schema: Schema) -> None:
        """Hold what a copy holds, and nothing else; not inside a transaction."""
        with self.lock:
            copy.backup(self._connection)
            self.schema = schema
            self._inserts.clear()
            self._selections.clear()

    def tally(self, sobject_name: str, by: str, **equals: Any) -> dict[Any, int]:
        """How many rows have each value of that column, among those whose columns equal these values; deleted ones left out."""
        sobject = self._sobject(sobject_name)
        columns = self._columns(sobject, {by: None, **equals})
        group = quoted(next(iter(columns)))
        wanted = {name: value for name, value in columns.items() if quoted(name) != group}
        condition = "".join(f" AND {quoted(name)} IS ?" for name in wanted)
        with self.lock:
            rows = self._connection.execute(
                f"SELECT {group}, count(*) FROM {quoted(sobject.name)} WHERE {quoted(DELETED)} = 0{condition} GROUP BY {group}",
                list(wanted.values()),
            ).fetchall()
        return {value: int(number) for value, number in rows}

    def clear(self, names: Iterable[str] | None = None) -> None:
        """Empty these tables, or all."""
        with self.lock:
            for name in list(names if names is not None else self.schema.sobjects):
                self._connection.execute(f"DELETE FROM {quoted(self._sobject(name).name)}")

    def close(self) -> None:
        with self.lock:
            self._connection.close()
