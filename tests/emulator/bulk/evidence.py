# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The evidence for Bulk API 2.0.

Guide = Bulk API 2.0 and Bulk API Developer Guide (developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch). Recorded =
golden sf-fx-runtime-java, bulk-*.json.
"""

from __future__ import annotations

from emulator.rules.registry import Grade, Switch, rule

GUIDE = "Bulk API 2.0 Developer Guide"
RECORDINGS = "golden sf-fx-runtime-java"

PACE = Switch("bulk_pace", ("two_polls", "one_poll", "immediate"))
LOCK_SCOPE = Switch("bulk_lock_scope", ("chunk", "row"))
RAGGED = Switch("bulk_malformed_rows", ("job_failed", "row_failed"))
HEADER_CASE = Switch("bulk_header_case", ("exact", "any_case"))
BOOLEANS = Switch("bulk_booleans", ("xsd", "words"))
EMPTY_JOB = Switch("bulk_job_without_data", ("failed", "complete"))
EARLY = Switch("bulk_early_results", ("refused", "no_content"))
TOO_LARGE = Switch("bulk_upload_too_large", ("refused", "job_failed"))
BAD_PROPERTY = Switch("bulk_bad_property_code", ("JSON_PARSER_ERROR", "INVALIDJOB"))
QUERY_REFUSAL = Switch("bulk_query_refusal", ("at_creation", "job_failed"))
DATETIMES = Switch("bulk_datetimes", ("zulu", "offset"))
UNPROCESSED = Switch("bulk_unprocessed_form", ("as_uploaded", "quoted"))
SECOND_UPLOAD = Switch("bulk_second_upload_code", ("INVALIDJOB", "BULK_API_ERROR"))
VERSION_CODE = Switch("bulk_version_conflict_code", ("INVALIDJOB", "API_ERROR"))
UNKNOWN_OBJECT = Switch("bulk_unknown_object_code", ("INVALIDENTITY", "INVALIDJOB"))

rule(
    "bulk_ingest_life",
    says="an ingest job goes Open, UploadComplete, InProgress, JobComplete or Failed; a client closes (UploadComplete) or aborts it by PATCH; "
    "the answers have the keys of the recordings",
    grade=Grade.RECORDED,
    source=f"{RECORDINGS} bulk-ingest-*; {GUIDE}, Create a Job, Close or Abort a Job, Get Job Info",
)
rule(
    "bulk_pace",
    says="a closed job is done after some polls of it (InProgress before the last), or after ten seconds of the org's clock, or at once",
    grade=Grade.INFERRED,
    source=f"that processing is asynchronous is documented ({GUIDE}, How Requests Are Processed), its pace is not",
    switch=PACE,
)
rule(
    "bulk_unknown_column",
    says="a column that is no field fails the whole job: 'InvalidBatch : InvalidBatch : Field name not found : X', every row unprocessed",
    grade=Grade.RECORDED,
    source=f"{RECORDINGS} bulk-ingest-get-info, -get-unprocessed-records",
)
rule(
    "bulk_header_case",
    says="column headers are the field's API name, letter for letter, or in any case",
    grade=Grade.INFERRED,
    source=f"{GUIDE}, Prepare CSV Files: 'must be the same as the field's Field Name'; nothing on case",
    switch=HEADER_CASE,
)
rule(
    "bulk_cells",
    says="an empty cell is ignored, #N/A is null, cells are not trimmed, a parent is named by Relationship.IndexedField in the header",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Prepare CSV Files; Sample CSV Files",
)
rule(
    "bulk_cell_types",
    says="a cell that is not of its field's type fails the row: 'INVALID_FIELD:Failed to deserialize field at col N. Due to, 'x' is not a valid "
    "value for the type xsd:date:Field --'; N is counted from 0 here, which is assumed",
    grade=Grade.QUOTED,
    source="a tutorial and the test suites of two connectors, all public, quote the line",
)
rule(
    "bulk_booleans",
    says="true, false, 1, 0 for a boolean; or also yes, y, on, no, n, off",
    grade=Grade.INFERRED,
    source="xsd:boolean is what the error line names for other types; the guide's own list could not be read",
    switch=BOOLEANS,
)
rule(
    "bulk_row_errors",
    says="sf__Error is 'CODE:message:Field,Field --', with nothing before the dashes where no field is named",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Get Batch Results (example), the same line in results of Bulk API 2.0 in public tools",
)
rule(
    "bulk_results",
    says="successfulResults has sf__Id, sf__Created and the columns sent, failedResults sf__Id (from v53.0) and sf__Error, unprocessedrecords "
    "only the columns sent; text/csv, a header also where there is no row; deleted rows say false for created",
    grade=Grade.RECORDED,
    source=f"{RECORDINGS} bulk-ingest-get-*-results, -unprocessed-records; {GUIDE}, Get Job Failed Record Results",
)
rule(
    "bulk_results_order",
    says="rows of successfulResults and failedResults come in another order than they were sent",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Get Job Failed Record Results: the order is not guaranteed to match; here it never does for more than a few rows",
)
rule(
    "bulk_unprocessed_form",
    says="unprocessed rows come back as they were uploaded, or with every cell quoted",
    grade=Grade.INFERRED,
    source=f"{RECORDINGS} bulk-ingest-get-unprocessed-records: header quoted, numbers not, no last line end: looks like an echo",
    switch=UNPROCESSED,
)
rule(
    "bulk_chunks",
    says="rows are written in chunks of 200, each a transaction of its own; a row that fails does not undo the others of its chunk",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Limits: each chunk of 200 records is processed as a separate transaction",
)
rule(
    "bulk_lock_scope",
    says="a lock that cannot be had fails its whole chunk, or only the row",
    grade=Grade.INFERRED,
    source="that locks are taken a chunk is the platform's way of writing (each chunk one transaction); how a failure spreads is stated nowhere",
    switch=LOCK_SCOPE,
)
rule(
    "bulk_line_ending",
    says="another line ending than the job's fails the job: 'ClientInputError : LineEnding is invalid on user data. Current LineEnding setting "
    "is LF'; it is judged where rows end, not inside quotes",
    grade=Grade.QUOTED,
    source="forcedotcom/cli#3113 and many public notes with the words",
)
rule(
    "bulk_malformed_rows",
    says="quotes in the wrong place or another number of cells than the header has: that row fails, or the job",
    grade=Grade.INFERRED,
    source=f"{GUIDE}, Valid CSV Record Rows: 'generates an error for the row'; neither code nor words are given",
    switch=RAGGED,
)
rule(
    "bulk_delete_ids_only",
    says="a delete takes the one column Id: else the job fails, \"InvalidBatch : The 'delete' batch must contain only ids\"",
    grade=Grade.QUOTED,
    source="a recorded job in a public PowerShell module; simple-salesforce checks the same before it sends",
)
rule(
    "bulk_hard_delete",
    says="hardDelete needs Bulk API Hard Delete: else FEATURENOTENABLED 'hardDelete operation requires special user profile permission, please "
    "contact your system administrator'; rows do not go to the recycle bin",
    grade=Grade.QUOTED,
    source=f"{GUIDE}, Create a Job; forcedotcom/dataloader (the words)",
)
rule(
    "bulk_one_upload",
    says="a second PUT is taken, and then closing is refused: 'Found multipe contents for job: <id>, please …'",
    grade=Grade.QUOTED,
    source="salesforce.stackexchange.com, Providing multiple batches to the Bulk API 2.0 (the answer of v43.0); comments in a public Java client",
)
rule(
    "bulk_one_upload_code",
    says="the code of that refusal",
    grade=Grade.INFERRED,
    source="both are quoted: INVALIDJOB on salesforce.stackexchange.com, BULK_API_ERROR in public notes on ingest jobs",
    switch=SECOND_UPLOAD,
)
rule(
    "bulk_upload_size",
    says="a job's data is at most 150 MB as base64",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Upload Job Data",
)
rule(
    "bulk_upload_too_large",
    says="more than that is refused as it comes (413), or fails the job",
    grade=Grade.INFERRED,
    source="no page says how the limit shows",
    switch=TOO_LARGE,
)
rule(
    "bulk_job_without_data",
    says="closing a job that got no data: it fails, or it is complete with no row",
    grade=Grade.INFERRED,
    source="no page says",
    switch=EMPTY_JOB,
)
rule(
    "bulk_multipart",
    says="a job with its data in one multipart/form-data request (parts job and content, up to 100,000 characters) is UploadComplete at once",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Bulk Insert with a Multipart Request",
)
rule(
    "bulk_job_states",
    says="a change that the state does not allow: 400 INVALIDJOBSTATE 'Aborting already Completed Job not allowed'; the words for other states "
    "are shaped after it; delete needs UploadComplete (ingest), JobComplete, Aborted or Failed",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Abort a Query Job (example), Delete a Job; restforce#905",
)
rule(
    "bulk_job_owner",
    says="only the creator closes a job; the creator or a user with Manage Data Integrations aborts it: else INVALIDUSER",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Limits (job close, job abort), Errors (InvalidUser)",
)
rule(
    "bulk_unknown_job",
    says="an Id that names no job of that kind: 404 NOT_FOUND",
    grade=Grade.RECORDED,
    source=f"{RECORDINGS} bulk-ingest-abort-nonexistent",
)
rule(
    "bulk_list",
    says="jobs are listed up to 1,000 a page, in no order: {done, records, nextRecordsUrl}; filters jobType, isPkChunkingEnabled, concurrencyMode",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Get All Jobs; Get Information About All Query Jobs",
)
rule(
    "bulk_early_results",
    says="results of a job that is not finished are refused (INVALIDJOBSTATE), or answered 204",
    grade=Grade.INFERRED,
    source=f"{GUIDE}, Get Results for a Query Job: the job must have the state JobComplete; v50.0's page: an unsuccessful request is a 204",
    switch=EARLY,
)
rule(
    "bulk_bad_property",
    says="a job with a property that is missing, unknown or of a wrong value is a 400; the code is",
    grade=Grade.INFERRED,
    source=f"{GUIDE}, Create a Job names the values and no code",
    switch=BAD_PROPERTY,
)
rule(
    "bulk_upsert_field",
    says="an upsert without externalIdFieldName is refused: INVALIDJOB 'External ID was blank for X. An External ID must be specified for upsert.'",
    grade=Grade.QUOTED,
    source="public notes quoting the answer (InvalidJob in Bulk API 1.0); required by the guide",
)
rule(
    "bulk_unknown_object",
    says="a job for an object that the org or the user does not have is a 400; the code is",
    grade=Grade.INFERRED,
    source="airbytehq/airbyte#7518 has INVALIDENTITY \"Entity 'X' is not supported by the Bulk API.\" for query jobs; ingest is not quoted",
    switch=UNKNOWN_OBJECT,
)
rule(
    "bulk_query_life",
    says="a query job starts as UploadComplete; results are CSV, every value quoted, null is empty; Sforce-NumberOfRecords, Sforce-Locator "
    "(null at the end), maxRecords and locator page them; here 2,000 rows a page where maxRecords is not given",
    grade=Grade.RECORDED,
    source=f"{RECORDINGS} bulk-query-*",
)
rule(
    "bulk_query_columns",
    says="columns in the order of the query from v50.0, alphabetical before",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Get Results for a Query Job",
)
rule(
    "bulk_query_limits",
    says="GROUP BY, OFFSET, TYPEOF, aggregate functions, compound fields and child subqueries are not supported: FEATURENOTENABLED; the words are "
    "quoted for subqueries, compound fields and blobs only",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Create a Query Job; OpenFn/adaptors#395; airbytehq/airbyte#8206; jsforce#732 (FeatureNotEnabled); a public DuckDB extension (blobs)",
)
rule(
    "bulk_query_refusal",
    says="a query that cannot be run is refused when the job is created, or fails the job ('InvalidBatch : Failed to process query: …')",
    grade=Grade.INFERRED,
    source="airbytehq/airbyte#7518 (400 at creation); simple-salesforce#502 (the failed batch of Bulk API 1.0)",
    switch=QUERY_REFUSAL,
)
rule(
    "bulk_datetimes",
    says="dateTime values end in Z in results, or in +0000 as in REST",
    grade=Grade.INFERRED,
    source="no page states the form; REST writes +0000",
    switch=DATETIMES,
)
rule(
    "bulk_version_conflict",
    says="results are read in the API version that made the query job, else 409 (documented); the code is",
    grade=Grade.INFERRED,
    source=f"{GUIDE}, Get Results for a Query Job (note)",
    switch=VERSION_CODE,
)
rule(
    "bulk_allocations",
    says="10,000 query jobs and 15,000 batches of 10,000 rows in 24 hours; beyond: EXCEEDEDQUOTA; each HTTP request is one API call",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Limits and Allocations; Errors (ExceededQuota)",
)
rule(
    "bulk_availability",
    says="ingest from v41.0, query jobs from v47.0; older versions do not have the resource",
    grade=Grade.DOCUMENTED,
    source=f"{GUIDE}, Create a Job; Create a Query Job",
)
