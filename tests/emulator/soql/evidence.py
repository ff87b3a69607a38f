# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The evidence for SOQL's semantics, as rules."""

from __future__ import annotations

from emulator.rules.registry import Grade, Switch, breakable, rule

SOQL_GUIDE = "SOQL and SOSL Reference"
FACTS = "facts emulation.md, SOQL facts"

rule(
    "soql_text_ignores_case",
    says="text comparison, LIKE, and the names of objects and fields ignore case; names come back in canonical case",
    grade=Grade.DOCUMENTED,
    source=FACTS,
)
rule(
    "soql_ids",
    says="an Id literal has 15 or 18 characters; a malformed one is INVALID_QUERY_FILTER_OPERATOR",
    grade=Grade.QUOTED,
    source=FACTS,
)
rule("soql_negation_includes_null", says="!= and NOT IN are true for null; NOT (x) has two values", grade=Grade.QUOTED, source=SOQL_GUIDE)
rule(
    "soql_empty_text_is_null",
    says="'' in a filter on a text field means null",
    grade=Grade.QUOTED,
    source="public posts; the platform stores no empty text",
)
rule("soql_null_parent", says="a record whose parent is null shows the whole parent as null", grade=Grade.QUOTED, source=FACTS)
rule(
    "soql_empty_children",
    says="a child subquery without rows is null, not an empty list",
    grade=Grade.QUOTED,
    source="facts permission-api B",
)
rule(
    "soql_no_mixed_and_or",
    says="AND and OR side by side need parentheses: MALFORMED_QUERY, unexpected token",
    grade=Grade.QUOTED,
    source="golden errors.json",
)
rule(
    "soql_not_at_start_only",
    says="NOT stands only at the start of a condition or of a parenthesis",
    grade=Grade.DOCUMENTED,
    source=SOQL_GUIDE,
)
rule(
    "soql_unknown_column", says="an unknown column is INVALID_FIELD with position lines", grade=Grade.RECORDED, source="golden errors.json"
)
rule("soql_unknown_object", says="an unknown object is INVALID_TYPE with position lines", grade=Grade.RECORDED, source="golden errors.json")
rule(
    "soql_no_select",
    says="a statement that does not begin with SELECT: MALFORMED_QUERY, no position lines",
    grade=Grade.RECORDED,
    source="golden errors.json",
)
rule(
    "soql_literal_types",
    says="a literal of another type than the field's is INVALID_FIELD (must be of type ..., should not be enclosed in quotes)",
    grade=Grade.QUOTED,
    source="public posts with this wording",
)
rule(
    "soql_field_flags",
    says="filtering, sorting or grouping by a field whose describe forbids it is INVALID_FIELD (can not be filtered in a query call)",
    grade=Grade.QUOTED,
    source="public posts with this wording; the code for sorting and grouping is less sure",
)
rule(
    "soql_semi_joins",
    says="IN (SELECT ...) only at the top level of WHERE, not nested, at most two, no ORDER BY or LIMIT inside, not on the object itself, no"
    " relationship on either side, not from Task, Event, Note or Attachment",
    grade=Grade.DOCUMENTED,
    source=f"{SOQL_GUIDE}, comparison operators; the words of the first: golden errors.json",
)
rule(
    "soql_nulls_first",
    says="ORDER BY puts nulls first unless told otherwise, also with DESC",
    grade=Grade.DOCUMENTED,
    source=f"{SOQL_GUIDE}, ORDER BY",
)
rule(
    "soql_duplicate_field",
    says="selecting a field twice is refused: duplicate field selected",
    grade=Grade.QUOTED,
    source="public issues; the code is assumed",
)
rule(
    "soql_limits",
    says="statement 100,000 characters, string literal 4,000, OFFSET 2,000, five parents deep, 55 parents and 20 child subqueries",
    grade=Grade.DOCUMENTED,
    source=f"facts permission-api E; {SOQL_GUIDE}, Understanding Relationship Query Limitations; codes assumed",
)
rule(
    "soql_grammar",
    says="what parses is in docs/soql.md; what does not is MALFORMED_QUERY, unexpected token, with position lines; a bind variable is only"
    " for Apex; ALL ROWS is no SOQL of the API",
    grade=Grade.DOCUMENTED,
    source=f"{SOQL_GUIDE}, SOQL SELECT Syntax; where it is silent: Salesforce's own grammar for editors (forcedotcom/soql-tooling)",
)
rule(
    "soql_escapes",
    says="a backslash in a string guards n r t b f (in either case), a quote, itself or uXXXX, in LIKE also % and _; anything else, and a"
    " line break, is MALFORMED_QUERY",
    grade=Grade.DOCUMENTED,
    source=f"{SOQL_GUIDE}, Quoted String Escape Sequences; the line break: forcedotcom/soql-tooling",
)
rule(
    "soql_multipicklists",
    says="INCLUDES and EXCLUDES only on multi-select picklists, which know besides only = and != (the same values, in any order); a"
    " semicolon inside a literal means all of these",
    grade=Grade.DOCUMENTED,
    source=f"{SOQL_GUIDE}, Query Multi-Select Picklists; the code: public notes (invalid operator on multipicklist field)",
)
rule(
    "soql_excludes_null",
    says="EXCLUDES is true for a record without any value, as != and NOT IN are, or is not",
    grade=Grade.INFERRED,
    source=f"{SOQL_GUIDE}, Query Multi-Select Picklists: silent",
    switch=Switch("excludes_null", ("matches", "does_not_match")),
)
rule(
    "soql_date_literals",
    says="TODAY and its like are ranges of whole days in the user's time zone; weeks begin by the user's locale (known here: en_US Sunday,"
    " en_GB Monday, others 501); LAST_N_DAYS includes today, the other ranges of several units leave the current one out",
    grade=Grade.DOCUMENTED,
    source=f"{SOQL_GUIDE}, Date Formats and Date Literals in WHERE; the week of the two locales: simplysfdc.com 2013-11",
)
rule(
    "soql_type_of",
    says="TYPEOF only on relationships to several objects, not beside functions, GROUP BY or the same relationship in the field list; ELSE"
    " takes fields of Name",
    grade=Grade.DOCUMENTED,
    source=f"{SOQL_GUIDE}, TYPEOF; codes assumed",
)
rule(
    "soql_type_of_unmatched",
    says="a record whose parent is of a type that no WHEN names, without ELSE, shows null, or the parent's attributes alone",
    grade=Grade.INFERRED,
    source=f"{SOQL_GUIDE}, TYPEOF: silent",
    switch=Switch("typeof_unmatched", ("null", "attributes")),
)
rule(
    "soql_to_label",
    says="toLabel() of a picklist shows and compares labels; not in ORDER BY; an alias is needed where the field is selected too",
    grade=Grade.DOCUMENTED,
    source=f"{SOQL_GUIDE}, toLabel()",
)
rule(
    "soql_scope",
    says="USING SCOPE everything and mine (records whose owner is the running user); not in child subqueries; other scopes 501",
    grade=Grade.DOCUMENTED,
    source=f"{SOQL_GUIDE}, SOQL SELECT Syntax (filterScope) and Understanding Relationship Query Limitations",
)
rule(
    "soql_for_view",
    says="FOR VIEW and FOR REFERENCE move LastViewedDate and LastReferencedDate; they are one for all users here",
    grade=Grade.DOCUMENTED,
    source=f"{SOQL_GUIDE}, FOR VIEW and FOR REFERENCE; RecentlyViewed is not emulated",
)
rule(
    "soql_subtotals",
    says="GROUP BY ROLLUP and CUBE of up to three fields add subtotal rows with null for the fields summed over; GROUPING() is 1 there",
    grade=Grade.DOCUMENTED,
    source=f"{SOQL_GUIDE}, GROUP BY ROLLUP; GROUP BY CUBE; GROUPING(fieldName)",
)
rule(
    "soql_having",
    says="HAVING filters by aggregates and grouped fields, without semi-joins",
    grade=Grade.DOCUMENTED,
    source=f"{SOQL_GUIDE}, HAVING; codes assumed",
)
rule(
    "soql_aggregates",
    says="fields beside aggregates must be grouped; no queryMore for aggregates (EXCEEDED_ID_LIMIT above 2,000 rows); alias only there;"
    " LIMIT needs GROUP BY",
    grade=Grade.QUOTED,
    source=f"{SOQL_GUIDE}, GROUP BY; facts permission-api D (OrgCheck notes)",
)
rule(
    "soql_fields_function",
    says="FIELDS(ALL) and FIELDS(CUSTOM) need LIMIT of at most 200",
    grade=Grade.DOCUMENTED,
    source=f"{SOQL_GUIDE}, FIELDS()",
)
rule(
    "soql_pages",
    says="a result longer than a page goes on at nextRecordsUrl; totalSize stays",
    grade=Grade.RECORDED,
    source="golden query-with-next-records-url",
)
rule(
    "fieldpermissions_select",
    says="a SELECT on FieldPermissions names both SobjectType and Field",
    grade=Grade.INFERRED,
    source="facts permission-api D says so; the error code is not known (INVALID_FIELD assumed)",
    switch=Switch("fieldpermissions_select", ("enforced", "ignored")),
)
rule(
    "row_order",
    says="without ORDER BY the order of rows is not promised: by age here, or in an order that looks like none",
    grade=Grade.INFERRED,
    source=f"{SOQL_GUIDE}, ORDER BY: no guarantee of order",
    switch=Switch("row_order", ("by_age", "shuffled")),
)

for _name in ("soql_text_ignores_case", "soql_negation_includes_null", "soql_no_mixed_and_or", "soql_nulls_first"):
    breakable(_name)
