# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One emulated org: schema, records, rules, switches. Knows nothing of HTTP.

Everything here raises ApiError (what a real org would answer) or NotEmulated (501).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import emulator.rules  # noqa: F401  # pylint: disable=unused-import  # imported for its registrations
from emulator import external_ids, layouts, list_views, query_plans, replication
from emulator.bulk.state import new_state
from emulator.describe import describe_basic, describe_full, is_laid_out
from emulator.errors import ApiError, NotEmulated, not_found
from emulator.external_ids import Upserted
from emulator.ids import IdFactory, is_shaped_like_id, to_18
from emulator.list_views import ListView
from emulator.model import Api, Field, Schema, SObject
from emulator.rules.access import Remembered, as_permitted, as_written, at_once, may_read, seen_schema, stale
from emulator.rules.registry import AFTER, BEFORE, PICKLISTS, READABLE, ROWS, SETTLE, BeforeHook, Change, Grade, Op, Switch, rule, switches
from emulator.rules.validation_rules import FieldUpdate, ValidationRule, run_field_updates
from emulator.rules.validation_rules import check as check_validation_rules
from emulator.rules.vendor_syncing import VendorCall
from emulator.schema import not_emulated_sobjects
from emulator.soql import answer
from emulator.stamps import read_stamp, stamp
from emulator.store import TEXT_TYPES, Store
from emulator.validation import check_body, malformed, named_fields, record_id_of

rule(
    "deleted_twice",
    says="a second delete of a soft-deleted record answers 404 ENTITY_IS_DELETED",
    grade=Grade.RECORDED,
    source="golden errors.json: delete twice",
)
rule(
    "reading_a_deleted_record",
    says="GET of a deleted record answers 404 NOT_FOUND, as for one that never was",
    grade=Grade.QUOTED,
    source="jsforce 1.9.3, test/connection-crud.test.js, which its author ran against a real org",
)
rule(
    "field_names_before_the_id",
    says="an update that names an unknown field and a malformed Id is refused for the field",
    grade=Grade.RECORDED,
    source="golden update-invalid-field and update-malformed-id: one Id, refused once for each",
)
rule(
    "hard_deleted_record",
    says="writing to a record that was deleted for good (no IsDeleted column) answers as for a soft-deleted one, or as for one that never was",
    grade=Grade.INFERRED,
    source="recorded for Account only",
    switch=Switch("hard_deleted_record", ("entity_is_deleted", "missing")),
)
rule(
    "missing_record",
    says="updating or deleting a well-formed Id that no record has answers 404; the code is open",
    grade=Grade.INFERRED,
    source="facts permission-api C4: unknown Id; public posts also show INVALID_CROSS_REFERENCE_KEY",
    switch=Switch("missing_record", ("not_found", "invalid_cross_reference_key")),
)
rule(
    "verb_not_allowed",
    says="a verb the sObject does not have answers 405 METHOD_NOT_ALLOWED and names the allowed ones",
    grade=Grade.RECORDED,
    source="golden opensdks-oas verbs-by-sobject; the words: golden errors.json (grade C)",
)
rule(
    "unique_field",
    says="a taken value of a unique field is refused with DUPLICATE_VALUE, after the rules of the object have spoken",
    grade=Grade.QUOTED,
    source="facts permission-api C4: generic duplicate",
)

rule(
    "record_count_is_a_snapshot",
    says="record counts are cached and refreshed at times that nobody knows: here once an hour, or never stale",
    grade=Grade.INFERRED,
    source="REST API Developer Guide, Record Count: a cached snapshot, updated at variable intervals; how old is not stated",
    switch=Switch("record_count", ("hourly", "current")),
)
rule(
    "record_count_leaves_out_empty_objects",
    says="objects without records are left out of the record counts",
    grade=Grade.QUOTED,
    source="a public tool's notes on a live org: 0-record objects are omitted entirely",
)

RECOUNTED_AFTER = timedelta(hours=1)
EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

State = Literal["present", "deleted", "missing"]


@dataclass
class OrgSettings:
    """What a test may change while the org is up."""

    page_size: int = 2000
    api_limit: int = 100_000
    data_storage_mb: int = 10_240
    """Invented, like the next one: real sizes depend on the edition and the users."""
    file_storage_mb: int = 10_240
    group_recalculation_seconds: float = 30.0
    """How long a permission set group takes to be Updated again, where the switch group_recalculation is delayed."""
    api_version_max: str = "67.0"
    api_version_min: str = "31.0"
    soap_login: bool = True
    """Whether SOAP login() is enabled; in orgs made since Winter '26 it is not until an administrator says so."""

    @property
    def api_versions(self) -> tuple[str, ...]:
        return tuple(f"{number}.0" for number in range(int(float(self.api_version_min)), int(float(self.api_version_max)) + 1))


@dataclass(frozen=True)
class Write:
    """One record written through the API and not rolled back."""

    op: Op
    sobject: str
    id: str
    fields: Mapping[str, Any]
    """Canonical field names and values as the caller gave them; empty for a delete."""
    user: str
    at: datetime


@dataclass
class Cursor:
    """A query's whole result, waiting for queryMore."""

    records: list[dict[str, Any]]
    user: str
    page_size: int
    total: int
    """What totalSize says: more than the records where the org shows fewer than it counts."""


@dataclass(frozen=True, eq=False)
class Chunk:
    """Records of one type that one call or job writes together: what a trigger sees at once."""

    rows: int = 1


@dataclass(frozen=True)
class Holder:
    """A user's profile and the sets whose assignments grant something, from after until before an assignment expires."""

    id: str
    profile: str | None
    sets: tuple[str, ...]
    after: datetime
    until: datetime


@dataclass
class _Memo:
    """Answers that stay right until something is written that decides on rights."""

    generation: int = -1
    holders: dict[str, Holder] = field(default_factory=dict)
    permissions: dict[str, tuple[Holder, frozenset[str]]] = field(default_factory=dict)
    flags: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)


def utc_now() -> datetime:
    return datetime.now(UTC)


def ids_of(name: str, seed: int = 1) -> IdFactory:
    """The Ids of an org of that name: the first is its own (00D), whoever asks."""
    return IdFactory(random.Random(f"{name}/{seed}/ids"))


class Org:
    """See the module; the methods come in three groups: raw (no rules), as the API does it, and questions."""

    def __init__(
        self,
        schema: Schema,
        *,
        name: str = "org",
        seed: int = 1,
        clock: Callable[[], datetime] | None = None,
        switches: Mapping[str, str] | None = None,
        settings: OrgSettings | None = None,
    ) -> None:
        self.name = name
        self.seed = seed
        self.clock = clock or utc_now
        self.settings = settings or OrgSettings()
        self.random = random.Random(f"{name}/{seed}")
        self.switches = chosen_switches(switches or {})
        self.writes: list[Write] = []
        self.extra_before: list[BeforeHook] = []
        self.seed_info: dict[str, Any] = {}
        self.bulk = new_state(name, seed)
        """Bulk jobs."""
        self.vendor_calls: list[VendorCall] = []
        """Every call of a telephony vendor, in order; not taken back with a transaction, the vendor is another system."""
        self.vendor_refuses: set[str] = set()
        """Usernames, in lower case, that the vendor does not take; "*" for everybody."""
        self.validation_rules: list[ValidationRule] = []
        """The customer's own validation rules."""
        self.field_updates: list[FieldUpdate] = []
        """The customer's own automations that change a record after it was saved."""
        self.recalculations: dict[str, datetime] = {}
        """Permission set groups that are being recalculated -> since when."""
        self.feature_licenses: dict[str, int] = {}
        """Feature licence (a column of User) -> seats the org has of it; no entry means no limit."""
        self._chunk: Chunk | None = None
        self.default_user: str | None = None
        """Whom raw writes name as creator and modifier."""
        self._ids = ids_of(name, seed)
        self.id = self._ids.new("00D")
        self._store = Store(schema)
        self.schema_changed = self.clock()
        """When the schema changed last; what conditional describes go by."""
        self._setup_ids: dict[tuple[str, str], str] = {}
        """By key prefix and name, the Ids of list views and layouts that somebody has asked for."""
        self._counted: tuple[datetime, dict[str, int]] | None = None
        self._memo = _Memo()
        self.access_generation = 0
        """Moves with every write that can change what somebody sees."""
        self.remembered = Remembered()
        self._picklists: dict[tuple[str, str], tuple[Schema, list[tuple[str, str]], frozenset[str]]] = {}
        self._derived: dict[str, tuple[Schema, Any]] = {}
        self._cursors: dict[str, Cursor] = {}
        self._versions: dict[tuple[str, Api], tuple[Schema, Schema]] = {}

    # --- schema ------------------------------------------------------------------------------------------------------

    @property
    def schema(self) -> Schema:
        return self._store.schema

    @property
    def store(self) -> Store:
        return self._store

    def evolve(self, schema: Schema) -> None:
        """Give the org another schema (a package installed or upgraded); records stay."""
        self._store.evolve(schema)
        self.schema_changed = self.clock()

    def schema_at(self, version: str, api: Api = "data") -> Schema:
        """The schema as that API shows it in that version: what other APIs show and fields introduced later are absent."""
        cached = self._versions.get((version, api))
        if cached is not None and cached[0] is self.schema:
            return cached[1]
        number = float(version)
        here = Schema({name: sobject for name, sobject in self.schema.sobjects.items() if api in sobject.apis})
        seen = here.with_sobjects(as_of(sobject, number, api) for sobject in here.sobjects.values())
        self._versions[(version, api)] = (self.schema, seen)
        return seen

    def schema_seen(self, user: str, version: str, api: Api = "data") -> Schema:
        """The same without the fields that this user may not read."""
        return seen_schema(self, user, self.schema_at(version, api))

    def of_schema(self, name: str, compute: Callable[[], Any]) -> Any:
        """What follows from the schema alone, found out once for each schema."""
        known = self._derived.get(name)
        if known is None or known[0] is not self.schema:
            known = self._derived[name] = (self.schema, compute())
        return known[1]

    # --- raw, without rules --------------------------------------------------------------------------------------------

    def put(self, sobject: str, **values: Any) -> str:
        """Insert a record as it is, defaults and audit fields filled in; returns its 18-character Id."""
        found = self._known(sobject)
        with self._store.lock:
            record = self._with_defaults(found, self._canonical(found, values), self.default_user)
            self._insert(found, record)
        return str(record["Id"])

    def put_many(self, sobject: str, rows: Iterable[Mapping[str, Any]]) -> list[str]:
        """Insert records as put() does, thousands in one go; returns their Ids."""
        found = self._known(sobject)
        with self._store.lock:
            common = self._blank(found, self.default_user)
            records = [self._canonical(found, values) for values in rows]
            for record in records:
                record.update(self._named(found, record))
                record.update(full_name(found, record))
            stale(self, found.name)
            self._store.insert_many(found.name, common, records)
        return [str(record["Id"]) for record in records]

    def set(self, sobject: str, id: str, **values: Any) -> None:
        """Change a record as it is; LastModifiedDate and SystemModstamp move unless given."""
        found = self._known(sobject)
        record_id = str(to_18(id) or id)
        before = self._store.get(found.name, record_id, include_deleted=True)
        if before is None:
            raise KeyError(f"no {found.name} {id} in {self.name}")
        changed = {**self._modified(found, self.default_user or before.get("LastModifiedById")), **self._canonical(found, values)}
        self._update(found, record_id, {**before, **changed}, changed)

    def remove(self, sobject: str, id: str, *, soft: bool | None = None) -> None:
        """Take a record away; soft keeps it for queryAll. Default: as the object does it."""
        found = self._known(sobject)
        record_id = str(to_18(id) or id)
        with self._store.lock:
            stale(self, found.name)
            self._store.remove(found.name, record_id, found.soft_delete if soft is None else soft, stamp(self.clock()))

    def get(self, sobject: str, id: str) -> dict[str, Any] | None:
        """The stored record, not deleted, or None."""
        return self._alive(self._known(sobject), str(to_18(id) or id))

    def find(self, sobject: str, **equals: Any) -> list[dict[str, Any]]:
        """Stored records whose columns equal these values (text without case; a list, tuple or set means any of them), oldest first."""
        found = self._known(sobject)
        return self._store.find(found.name, self._canonical(found, equals))

    # --- as the API does it ----------------------------------------------------------------------------------------------

    def create(self, user: str, sobject: str, body: Mapping[str, Any]) -> str:
        """Insert one record as that user; returns its Id. Raises ApiError."""
        found = self._visible(user, sobject)
        if not found.createable:
            raise method_not_allowed("POST", ("GET",), found)
        with self.transaction():
            given = check_body(self, "insert", as_written(self, user, found), body)
            after = self._with_defaults(found, given, user)
            record_id = after.pop("Id")
            change = Change("insert", found.name, None, {}, given, after)
            self._before(user, change)
            self._check_unique(found, change.after, None)
            self._insert(found, {**change.after, "Id": record_id})
            self._after(user, replace(change, id=record_id))
            self.writes.append(Write("insert", found.name, record_id, given, user, self.clock()))
        return str(record_id)

    def update(self, user: str, sobject: str, id: str, body: Mapping[str, Any]) -> None:
        """Change one record as that user. Raises ApiError."""
        found = self._visible(user, sobject)
        if not found.updateable:
            raise method_not_allowed("PATCH", record_verbs(found), found)
        named_fields("update", as_written(self, user, found), body)
        record_id = record_id_of(found, id)
        with self.transaction():
            before = self._present(found, record_id)
            given = check_body(self, "update", as_written(self, user, found), body)
            after = {**before, **given}
            change = Change("update", found.name, record_id, before, given, after)
            self._before(user, change)
            self._check_unique(found, change.after, before)
            changed = {name: value for name, value in change.after.items() if value != before.get(name)}
            self._update(found, record_id, change.after, {**self._modified(found, user), **changed})
            self._after(user, change)
            self.writes.append(Write("update", found.name, record_id, given, user, self.clock()))

    def upsert(self, user: str, sobject: str, field: str, value: Any, body: Mapping[str, Any], *, update_only: bool = False) -> Upserted:
        """Change the record that the value of an external Id (or idLookup) field names, or create it. Raises ApiError,
        SeveralMatchError where the value names more than one."""
        found = self._visible(user, sobject)
        if not (found.createable or found.updateable):
            raise method_not_allowed("PATCH", record_verbs(found), found)
        seen = self._seen(user, found.name, self.settings.api_version_max)
        return external_ids.upsert(self, user, seen, field, value, body, update_only=update_only)

    def record_named(self, user: str, sobject: str, field: str, value: Any, version: str | None = None) -> str:
        """The Id of the record that an external Id (or idLookup) field names. Raises ApiError: 404 where there is none,
        SeveralMatchError where there are several."""
        found = self._seen(user, sobject, version or self.settings.api_version_max)
        item = external_ids.key_field(found, field)
        with self.computed_rows(user, {found.name}):
            record_id = external_ids.the_one(self, found, item, external_ids.key_value(self, item, value))
        if record_id is None:
            raise not_found()
        return record_id

    def deleted(self, user: str, sobject: str, start: str, end: str, version: str) -> dict[str, Any]:
        """Records deleted within a time span, as /deleted shows them. Raises ApiError."""
        return replication.deleted(self, self._visible(user, sobject, version), start, end)

    def updated(self, user: str, sobject: str, start: str, end: str, version: str) -> dict[str, Any]:
        """Ids of records added or changed within a time span, as /updated shows them. Raises ApiError."""
        return replication.updated(self, self._visible(user, sobject, version), start, end)

    def children(self, user: str, sobject: str, field: str, id: str, fields: list[str] | None, version: str) -> dict[str, Any]:
        """The records of that object whose field holds the Id, in the shape of a query. Raises ApiError."""
        found = self._seen(user, sobject, version)
        names = selected(found, fields)
        with self.computed_rows(user, {found.name}):
            rows = self._store.find(found.name, {field: id})
        records = [{"attributes": attributes(found, row["Id"], version), **{name: row[name] for name in names}} for row in rows]
        return self.open_cursor(user, records, self.settings.page_size, version)

    def record_counts(self, user: str, names: list[str], version: str) -> dict[str, int]:
        """How many records these objects have (all for none named), as the org counted last."""
        now = self.clock()
        if self._counted is None or self.switches["record_count"] == "current" or now - self._counted[0] >= RECOUNTED_AFTER:
            self._counted = now, {name: count for name in self.schema.sobjects if (count := self._store.count(name))}
        seen = self.schema_at(version)
        wanted = {found.name for name in names if (found := seen.sobject(name)) is not None} if names else set(seen.sobjects)
        return {name: count for name, count in self._counted[1].items() if name in wanted and self.readable(user, name)}

    def data_kilobytes(self) -> int:
        """About what the records take: two kilobytes each, those of Setup none."""
        return sum(2 * self._store.count(sobject.name) for sobject in self.schema.sobjects.values() if not sobject.setup)

    def delete(self, user: str, sobject: str, id: str) -> None:
        """Delete one record as that user. Raises ApiError."""
        found = self._visible(user, sobject)
        if not found.deletable:
            raise method_not_allowed("DELETE", record_verbs(found), found)
        record_id = record_id_of(found, id)
        with self.transaction():
            before = self._present(found, record_id)
            change = Change("delete", found.name, record_id, before, {}, {})
            self._before(user, change)
            self.remove(found.name, record_id)
            self._after(user, change)
            self.writes.append(Write("delete", found.name, record_id, {}, user, self.clock()))

    def retrieve(self, user: str, sobject: str, id: str, fields: list[str] | None, version: str) -> dict[str, Any]:
        """One record in REST shape; fields None means all of them. Raises ApiError."""
        found = self._seen(user, sobject, version)
        if not found.retrieveable:
            raise method_not_allowed("GET", (), found)
        if not is_shaped_like_id(id):
            raise ApiError(404, "NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {id}", None)
        record_id = to_18(id)
        if record_id is None:
            raise malformed("Record ID", id, "Id")
        with self.computed_rows(user, {found.name}):
            record = self._store.get(found.name, record_id)
        if record is None:
            raise self._absent(record_id, reading=True)
        return {"attributes": attributes(found, record_id, version), **{name: record[name] for name in selected(found, fields)}}

    def query(
        self, user: str, soql: str, version: str, *, include_deleted: bool = False, page_size: int | None = None, api: Api = "data"
    ) -> dict[str, Any]:
        """The first page of a SOQL query in REST shape. Raises ApiError."""
        return answer(self, user, soql, version, include_deleted=include_deleted, page_size=page_size, api=api)

    def query_more(self, user: str, locator: str, version: str) -> dict[str, Any]:
        """The page that a nextRecordsUrl names by its last part. Raises ApiError."""
        cursor_id, _unused, start = locator.partition("-")
        cursor = self._cursors.get(to_18(cursor_id) or cursor_id)
        if cursor is None or cursor.user != user or not start.isdigit() or int(start) > len(cursor.records):
            raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator", None)
        return self._page(to_18(cursor_id) or cursor_id, cursor, int(start), version)

    def size_of_result(self, user: str, soql: str, version: str) -> tuple[str, int]:
        """(sObject, rows) of a query that nobody runs. Raises ApiError as the query would."""
        return query_plans.size_of_result(self, user, soql, version)

    def list_views(self, user: str, sobject: str, version: str) -> list[ListView]:
        """The list views of an object. Raises ApiError."""
        found = self._seen(user, sobject, version)
        if not list_views.has_views(found):
            raise NotEmulated(f"list views of {found.name}")
        return [list_views.all_records(self._setup_id("00B", found.name), found)]

    def list_view(self, user: str, view_id: str, version: str) -> ListView | None:
        """The list view of that Id, None where there is none."""
        known = next((name for name, known_id in self._setup_ids.items() if known_id[:15] == view_id[:15] and name[0] == "00B"), None)
        return None if known is None else self.list_views(user, known[1], version)[0]

    def layouts(self, user: str, sobject: str, version: str, name: str = "Layout") -> dict[str, Any]:
        """The page layouts of an object, or the one of that name. Raises ApiError."""
        found = self._laid_out(user, sobject, version)
        if name != "Layout" and name not in layouts.NAMED.get(found.name, ()):
            raise not_found()
        return layouts.layouts(self, user, found, self._setup_id("00h", f"{found.name}.{name}"))

    def compact_layouts(self, user: str, sobject: str, version: str) -> dict[str, Any]:
        """The compact layouts of an object. Raises ApiError."""
        found = self._laid_out(user, sobject, version)
        return layouts.compact_layouts(self, found, self._setup_id("0AH", found.name), version)

    def _laid_out(self, user: str, sobject: str, version: str) -> SObject:
        found = self._seen(user, sobject, version)
        if not is_laid_out(found):
            raise NotEmulated(f"layouts of {found.name}")
        return found

    def _setup_id(self, prefix: str, name: str) -> str:
        """The Id of something in Setup that is no record here: the same for the same name."""
        if (prefix, name) not in self._setup_ids:
            self._setup_ids[(prefix, name)] = self._ids.new(prefix)
        return self._setup_ids[(prefix, name)]

    def recently_viewed(self, user: str, version: str, limit: int, sobject: str | None = None) -> list[dict[str, Any]]:
        """Records that FOR VIEW or FOR REFERENCE marked, the latest first: attributes, Id and name."""
        found: list[tuple[str, dict[str, Any]]] = []
        for one in self.schema_seen(user, version).sobjects.values():
            columns = [name for name in ("LastViewedDate", "LastReferencedDate") if name in one.fields]
            name = list_views.name_field(one)
            if not columns or name is None or (sobject and one.name != sobject) or not self.readable(user, one.name):
                continue
            for row in self._store.marked(one.name, columns):
                shown = {"attributes": attributes(one, row["Id"], version), "Id": row["Id"], name.name: row[name.name]}
                found.append((max(row[column] or "" for column in columns), shown))
        return [shown for _moment, shown in sorted(found, key=lambda pair: pair[0], reverse=True)][:limit]

    def describe(self, user: str, sobject: str, version: str, api: Api = "data") -> dict[str, Any]:
        return describe_full(self, as_permitted(self, user, self._seen(user, sobject, version, api)), version)

    def describe_global(self, user: str, version: str, api: Api = "data") -> dict[str, Any]:
        with at_once():
            seen = [sobject for sobject in self.schema_at(version, api).sobjects.values() if self.readable(user, sobject.name)]
            ordered = sorted(seen, key=lambda sobject: sobject.name)
            described = [describe_basic(as_permitted(self, user, sobject), version) for sobject in ordered]
        return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": described}

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A savepoint: an exception inside takes back records and journal. Nests; one thread at a time."""
        with self._store.lock:
            mark = len(self.writes)
            try:
                with self._store.transaction():
                    yield
            except BaseException:
                del self.writes[mark:]
                self.access_generation += 1
                raise

    @contextmanager
    def together(self, rows: int) -> Iterator[None]:
        """What is written inside is one chunk of that many records."""
        outside, self._chunk = self._chunk, Chunk(rows)
        try:
            yield
        finally:
            self._chunk = outside

    @property
    def chunk(self) -> Chunk:
        """The chunk being written; a record that is written alone is one of its own."""
        return self._chunk or Chunk()

    def forget(self) -> None:
        """Answers that were right for another state: find everything out anew."""
        self.access_generation += 1
        self._counted = None
        self._versions.clear()
        self._picklists.clear()
        self._derived.clear()

    # --- questions -----------------------------------------------------------------------------------------------------

    def permissions_of(self, user: str) -> frozenset[str]:
        """User permissions, without the prefix "Permissions", of the user's profile and of every set granted now."""
        holder = self.holder(user)
        if holder is None:
            return frozenset()
        known = self._remembered().permissions.get(user)
        if known is None or known[0] is not holder:
            granted = self._flags("Profile", holder.profile) if holder.profile else frozenset()
            known = holder, granted.union(*(self._flags("PermissionSet", one) for one in holder.sets))
            self._remembered().permissions[user] = known
        return known[1]

    def holder(self, user: str) -> Holder | None:
        """What the user's rights come from now; None for a user that is not there. The same object again for as long as nothing changes."""
        with self._store.lock:
            memo, now = self._remembered(), self.clock()
            known = memo.holders.get(user)
            if known is not None and known.after <= now < known.until:
                return known
            found = self._store.find("User", {"Id": to_18(user) or user}, ("Id", "ProfileId"))
            if not found:
                return None
            rows = [row for row in self.find("PermissionSetAssignment", AssigneeId=found[0]["Id"]) if row["PermissionSetId"]]
            ends = [read_stamp(row["ExpirationDate"]) for row in rows if row.get("ExpirationDate")]
            memo.holders[user] = Holder(
                found[0]["Id"],
                found[0]["ProfileId"],
                tuple(row["PermissionSetId"] for row in rows if self.is_granted(row)),
                max((end for end in ends if end <= now), default=EVER[0]),
                min((end for end in ends if end > now), default=EVER[1]),
            )
            return memo.holders[user]

    def _remembered(self) -> _Memo:
        if self._memo.generation != self.access_generation:
            self._memo = _Memo(self.access_generation)
        return self._memo

    def is_granted(self, assignment: Mapping[str, Any]) -> bool:
        """True for an assignment that is active, not revoked and not expired."""
        if not assignment["IsActive"] or assignment.get("IsRevoked"):
            return False
        expiry = assignment.get("ExpirationDate")
        return expiry is None or read_stamp(expiry) > self.clock()

    def _flags(self, sobject: str, record_id: str) -> frozenset[str]:
        with self._store.lock:
            flags = self._remembered().flags
            key = (sobject, record_id)
            if key not in flags:
                record = self._store.get(sobject, record_id) or {}
                flags[key] = frozenset(
                    name.removeprefix("Permissions") for name, value in record.items() if value is True and name.startswith("Permissions")
                )
            return flags[key]

    def readable(self, user: str, sobject: str) -> bool:
        """May this user see this object type at all (the READABLE rules)."""
        hook = READABLE.get(sobject)
        return may_read(self, user, sobject) if hook is None else hook(self, user)

    def picklist(self, sobject: str, item: Field) -> list[tuple[str, str]]:
        """(value, label) of a picklist; from a rule where the values depend on the org. Rules may look at the schema only: the answer is
        kept until the schema changes."""
        return self._picklist(sobject, item)[1]

    def picklist_values(self, sobject: str, item: Field) -> frozenset[str]:
        return self._picklist(sobject, item)[2]

    def _picklist(self, sobject: str, item: Field) -> tuple[Schema, list[tuple[str, str]], frozenset[str]]:
        cached = self._picklists.get((sobject, item.name))
        if cached is not None and cached[0] is self.schema:
            return cached
        hook = PICKLISTS.get((sobject, item.name))
        pairs = hook(self) if hook is not None else [(one.value, one.label) for one in item.picklist]
        entry = (self.schema, pairs, frozenset(value for value, _label in pairs))
        self._picklists[(sobject, item.name)] = entry
        return entry

    def state_of(self, sobject: str, record_id: str) -> State:
        """Whether a record is there, was there, or never was."""
        if self._alive(self._known(sobject), record_id) is not None:
            return "present"
        return "deleted" if self._store.was_deleted(record_id) else "missing"

    # --- inside --------------------------------------------------------------------------------------------------------

    def _known(self, sobject: str) -> SObject:
        found = self.schema.sobject(sobject)
        if found is None:
            raise KeyError(f"no sObject {sobject!r} in {self.name}")
        return found

    def visible(self, user: str, sobject: str, version: str | None = None) -> SObject:
        """The object as that user sees it in that version, without the fields that are hidden. Raises 404 NOT_FOUND."""
        return self._seen(user, sobject, version or self.settings.api_version_max)

    def _visible(self, user: str, sobject: str, version: str | None = None, api: Api = "data") -> SObject:
        found = self.schema_at(version or self.settings.api_version_max, api).sobject(sobject)
        if found is None and sobject.lower() in not_emulated_sobjects():
            raise NotEmulated(f"the sObject {not_emulated_sobjects()[sobject.lower()]}")
        if found is None or not self.readable(user, found.name):
            raise not_found()
        return found

    def _seen(self, user: str, sobject: str, version: str, api: Api = "data") -> SObject:
        """The object with the fields that this user may read."""
        return self.schema_seen(user, version, api).sobjects[self._visible(user, sobject, version, api).name]

    def _canonical(self, sobject: SObject, values: Mapping[str, Any]) -> dict[str, Any]:
        """Canonical field names; Ids in 18 characters, datetimes as text."""
        result: dict[str, Any] = {}
        for name, value in values.items():
            item = sobject.field(name)
            if item is None:
                raise KeyError(f"no field {name!r} on {sobject.name} in {self.name}")
            result[item.name] = _plain(item, value)
        return result

    def _with_defaults(self, sobject: SObject, given: Mapping[str, Any], user: str | None) -> dict[str, Any]:
        record = {**self._blank(sobject, user), **given}
        return {**record, **self._named(sobject, record)}

    def _blank(self, sobject: SObject, user: str | None) -> dict[str, Any]:
        """A record that nobody has said anything about, without its Id."""
        now = stamp(self.clock())
        record: dict[str, Any] = {}
        for name, item in sobject.fields.items():
            record[name] = False if item.type == "boolean" and item.default is None else item.default
        audit = {"CreatedDate": now, "CreatedById": user, "LastModifiedDate": now, "LastModifiedById": user, "SystemModstamp": now}
        record.update({name: value for name, value in audit.items() if name in sobject.fields})
        owner = sobject.field("OwnerId")
        if owner is not None and owner.defaulted_on_create:
            record["OwnerId"] = user
        return record

    def _named(self, sobject: SObject, record: Mapping[str, Any]) -> dict[str, Any]:
        """The Id, and what follows from it."""
        record_id = record.get("Id") or self._ids.new(sobject.key_prefix)
        if sobject.name == "User" and not record.get("CommunityNickname"):
            return {"Id": record_id, "CommunityNickname": f"User{record_id[6:15]}"}
        return {"Id": record_id}

    def _modified(self, sobject: SObject, user: str | None) -> dict[str, Any]:
        now = stamp(self.clock())
        audit = {"LastModifiedDate": now, "LastModifiedById": user, "SystemModstamp": now}
        return {name: value for name, value in audit.items() if name in sobject.fields}

    def _insert(self, sobject: SObject, record: dict[str, Any]) -> None:
        record.update(full_name(sobject, record))
        with self._store.lock:
            stale(self, sobject.name, record)
            self._store.insert(sobject.name, record)

    def _update(self, sobject: SObject, record_id: str, record: Mapping[str, Any], changed: Mapping[str, Any]) -> None:
        with self._store.lock:
            stale(self, sobject.name)
            self._store.update(sobject.name, record_id, {**changed, **full_name(sobject, record)})

    def _alive(self, sobject: SObject, record_id: str) -> dict[str, Any] | None:
        return self._store.get(sobject.name, record_id)

    def _present(self, sobject: SObject, record_id: str) -> dict[str, Any]:
        record = self._alive(sobject, record_id)
        if record is None:
            raise self._absent(record_id)
        return record

    def _absent(self, record_id: str, *, reading: bool = False) -> ApiError:
        if self._store.was_deleted(record_id) and not reading:
            sobject = self.schema.by_prefix(record_id[:3])
            soft = sobject is not None and self._store.get(sobject.name, record_id, include_deleted=True) is not None
            if soft or self.switches["hard_deleted_record"] == "entity_is_deleted":
                return ApiError(404, "ENTITY_IS_DELETED", "entity is deleted", ())
        if reading or self.switches["missing_record"] == "not_found":
            return not_found()
        return ApiError(404, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ())

    def _before(self, user: str, change: Change) -> None:
        for hook in (*self.extra_before, *BEFORE.get((change.op, "*"), ()), *BEFORE.get((change.op, change.sobject), ())):
            hook(self, user, change)
        check_validation_rules(self, change)

    def _after(self, user: str, change: Change) -> None:
        for hook in AFTER.get((change.op, change.sobject), ()):
            hook(self, user, change)
        run_field_updates(self, change)

    def _check_unique(self, sobject: SObject, after: Mapping[str, Any], before: Mapping[str, Any] | None) -> None:
        for item in sobject.fields.values():
            value = after.get(item.name)
            if not item.unique or value is None or (before is not None and value == before[item.name]):
                continue
            taken = [row for row in self._store.find(sobject.name, {item.name: value}) if before is None or row["Id"] != before["Id"]]
            if taken:
                message = f"duplicate value found: {item.name} duplicates value on record with id: {taken[0]['Id']}"
                raise ApiError(400, "DUPLICATE_VALUE", message, ())

    @contextmanager
    def computed_rows(self, user: str, sobjects: Collection[str]) -> Iterator[None]:
        """While inside, the rows that rules compute for these objects are in their tables."""
        for name in sorted(sobjects):
            for settle in SETTLE.get(name, ()):
                settle(self)
        hooks = [(name, ROWS[name]) for name in sorted(sobjects) if name in ROWS]
        if not hooks:
            with self._store.lock:
                yield
            return
        with self._store.pretending():
            for name, hook in hooks:
                found = self._known(name)
                rows = [{**self._canonical(found, row), "Id": row.get("Id") or self._ids.new(found.key_prefix)} for row in hook(self, user)]
                self._store.insert_many(name, self._blank(found, user), rows)  # Ids as the hook says: not every one is a record Id
            yield

    def open_cursor(
        self, user: str, records: list[dict[str, Any]], page_size: int, version: str, *, total: int | None = None
    ) -> dict[str, Any]:
        """The first page of these records, and a place to ask for the others. total: how many there are with those that are not shown."""
        cursor = Cursor(records, user, page_size, len(records) if total is None else total)
        if len(records) <= page_size:
            return {"totalSize": cursor.total, "done": True, "records": records}
        with self._store.lock:
            cursor_id = self._ids.new("01g")
            self._cursors[cursor_id] = cursor
        return self._page(cursor_id, cursor, 0, version)

    def _page(self, cursor_id: str, cursor: Cursor, start: int, version: str) -> dict[str, Any]:
        end = start + cursor.page_size
        page: dict[str, Any] = {"totalSize": cursor.total, "done": end >= len(cursor.records)}
        if not page["done"]:
            page["nextRecordsUrl"] = f"/services/data/v{version}/query/{cursor_id}-{end}"
        page["records"] = cursor.records[start:end]
        return page


def chosen_switches(chosen: Mapping[str, str]) -> dict[str, str]:
    """Every registered switch with its default, overruled by what is chosen. Raises ValueError for an unknown name or setting."""
    known = switches()
    for name, setting in chosen.items():
        if name not in known:
            raise ValueError(f"no switch {name!r}; there are {', '.join(sorted(known))}")
        if setting not in known[name].settings:
            raise ValueError(f"switch {name!r} has no setting {setting!r}; it has {', '.join(known[name].settings)}")
    return {**{name: switch.default for name, switch in known.items()}, **chosen}


def as_of(sobject: SObject, version: float, api: Api) -> SObject:
    """The object as that API shows it in that version."""
    absent = [item.name for item in sobject.fields.values() if item.min_version > version or api not in item.apis]
    closed = [item for item in sobject.fields.values() if 0 < item.filterable_before <= version]
    shown = sobject.with_fields(replace(item, filterable=False) for item in closed) if closed else sobject
    if any(api not in child.apis for child in shown.child_relationships):
        shown = replace(shown, child_relationships=tuple(child for child in shown.child_relationships if api in child.apis))
    return shown.without_fields(absent) if absent else shown


def full_name(sobject: SObject, record: Mapping[str, Any]) -> dict[str, Any]:
    """Name of objects that compose it from first and last name; nothing for the others."""
    if "FirstName" not in sobject.fields or "LastName" not in sobject.fields or "Name" not in sobject.fields:
        return {}
    return {"Name": " ".join(part for part in (record.get("FirstName"), record.get("LastName")) if part) or None}


def _plain(item: Field, value: Any) -> Any:
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item, member) for member in value]
    if isinstance(value, datetime):
        return stamp(value)
    if item.type in ("reference", "id") and isinstance(value, str):
        return to_18(value) or value
    if item.type in TEXT_TYPES and value == "":
        return None
    return value


def record_verbs(sobject: SObject) -> tuple[str, ...]:
    return (
        *(("GET",) if sobject.retrieveable else ()),
        *(("PATCH",) if sobject.updateable else ()),
        *(("DELETE",) if sobject.deletable else ()),
    )


def method_not_allowed(verb: str, allowed: tuple[str, ...], sobject: SObject) -> ApiError:
    if verb == "GET" and not allowed:
        return NotEmulated(f"retrieving one {sobject.name} by Id")
    names = ",".join(("HEAD", *allowed)) if "GET" in allowed else ",".join(allowed)
    return ApiError(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{verb}' not allowed. Allowed are {names}", None)


def attributes(sobject: SObject, record_id: str, version: str) -> dict[str, str]:
    return {"type": sobject.name, "url": f"/services/data/v{version}/sobjects/{sobject.name}/{record_id}"}


def selected(sobject: SObject, fields: list[str] | None) -> list[str]:
    """Canonical names of the wanted fields, all of them for None."""
    if fields is None:
        return list(sobject.fields)
    names: list[str] = []
    for name in fields:
        item = sobject.field(name)
        if item is None:
            raise ApiError(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}", None)
        names.append(item.name)
    return list(dict.fromkeys(names))
