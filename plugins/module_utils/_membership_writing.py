# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection.
"""Writing membership: what members need first, then who leaves, then who joins by either route, then what those who left lose.

Whoever is refused something that has to come first is left as it is, and the error says so. A mover who cannot be written from one center to the
other in one step leaves and joins; if joining fails, it goes back to where it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from . import _member_standing
from ._errors import LostAnswer, Problem, RecordError, record_errors
from ._membership_planning import (
    ASSIGNMENT_KIND,
    BULK,
    KIND,
    LARGEST_BATCH,
    USER_KIND,
    Current,
    Desired,
    is_of,
    not_added,
    size_of_batch,
    username_of,
)
from ._org import Ingested, Org, Outcome, Query, Write
from ._plan import Change, Create, Delete, Update, identity
from ._set_groups import pauses
from ._soql import chunks, in_list, list_chunks

BULK_OBJECT = "ContactCenterBulkOp"
# Columns and action as Salesforce Help has them for Partner Telephony (Create Or Update Contact Center Users in Bulk).
_COLUMNS = ("Argument1", "Argument2", "Argument5", "BulkAction")
_ADD = "AddUsers"
_COMPLETE = "JobComplete"
_ENDED_EARLY = ("Failed", "Aborted")
_SEE_JOB = "Setup, Bulk Data Load Jobs, shows the job."
# What is documented of the Setup page that does the same (Salesforce Help, Add and Remove Users in Your Partner Telephony Contact Center).
_REFUSALS = ("INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY")
_NO_RIGHT = (
    "The bulk operation may need Manage Call Centers or Contact Center Admin (Partner Telephony): give the running user one of these, or set method: "
    "user_field."
)
_NOTHING_CAME = (
    "Look there whether its rows failed; then whether seats of the Partner Telephony licence are left, and whether the telephony vendor takes the "
    "users (it takes all of a batch or nobody: a smaller batch_size tells which). Run again, with a longer wait_timeout if the org is only slow, or "
    "with method: user_field."
)

_WAIT = "Run again, with a longer wait_timeout if the org is only slow."

Stopped = Mapping[str, RecordError]


def write_all(org: Org, wish: Desired, current: Current, changes: Sequence[Change]) -> list[Outcome]:
    """Apply the changes in their order. What became of each is in org.outcomes, also where an answer never came."""
    leaving = [change for change in changes if change.kind == KIND and isinstance(change, Delete) and is_of(current.center, change)]
    moving = {
        username_of(change): change
        for change in changes
        if change.kind == KIND and isinstance(change, Delete) and not is_of(current.center, change)
    }
    joining = [change for change in changes if change.kind == KIND and isinstance(change, Create)]
    stopped = _unprepared(current, changes, _prepare(org, current, changes))
    for change in joining:
        because = stopped.get(username_of(change))
        if because:
            leave = moving.get(username_of(change))
            held: list[Change] = [change, leave] if leave else [change]
            org.outcomes.extend(Outcome(item, None, (not_added(item.key, because, "what it needs first"),)) for item in held)
    going = [change for change in joining if username_of(change) not in stopped]
    # Who leaves and who joins by the same field goes in one go, the former first.
    by_field = [] if wish.method == BULK else going
    _write_fields(org, wish, current, leaving, by_field, moving)
    if wish.method == BULK:
        _join_by_bulk(org, wish, current, going, moving)
    _take(org, wish, current, [change for change in changes if isinstance(change, Delete) and _is_taken(change)], leaving)
    return org.outcomes


def _is_taken(change: Change) -> bool:
    """Whether an assignment goes because its user leaves, and not to make room for one that grants."""
    return change.kind == ASSIGNMENT_KIND and isinstance(change, Delete) and "assigned" in change.before


def _center_write(change: Change, current: Current, center_id: str | None) -> Write:
    return Write(change, "update", "User", current.person(username_of(change)).id, {"CallCenterId": center_id})


# -- what comes first ---------------------------------------------------------------------------------------------------------------------


def _prepare(org: Org, current: Current, changes: Sequence[Change]) -> Stopped:
    """Repair users and give them the role's set; who was refused something, and the first refusal, by username."""
    writes: list[Write] = []
    for change in changes:
        if change.kind == USER_KIND and isinstance(change, Update):
            writes += _repair_writes(change, current.standing(change.key).login_id)
    given = [change for change in changes if change.kind == ASSIGNMENT_KIND and not _is_taken(change)]
    # A row that grants nothing goes before its successor comes.
    for change in sorted(given, key=lambda item: isinstance(item, Create)):
        writes.append(_assignment_write(change, current))
    if not writes:
        return {}
    start = len(org.outcomes)
    org.write(writes, what="users and permission sets")
    org.outcomes[start:] = _merged(org.outcomes[start:])
    refused: dict[str, RecordError] = {}
    for outcome in org.outcomes[start:]:
        for error in outcome.errors[:1]:
            refused.setdefault(_whose(outcome.change), error)
    return refused


def _repair_writes(change: Update, login_id: str) -> list[Write]:
    writes = []
    if "SupportUser" in change.after:
        writes.append(Write(change, "update", "User", change.id, {"UserPermissionsSupportUser": change.after["SupportUser"]}))
    if "frozen" in change.after:
        writes.append(Write(change, "update", "UserLogin", login_id, {"IsFrozen": change.after["frozen"]}))
    return writes


def _assignment_write(change: Change, current: Current) -> Write:
    if isinstance(change, Create):
        given = current.offer.role_set
        fields = {"AssigneeId": current.person(username_of(change)).id, "PermissionSetId": given.id if given else ""}
        return Write(change, "create", "PermissionSetAssignment", None, fields)
    if isinstance(change, Update):
        columns = {"revoked": "IsRevoked", "expires": "ExpirationDate"}
        fields = {columns[name]: value for name, value in change.after.items()}
        return Write(change, "update", "PermissionSetAssignment", change.id, fields)
    return Write(change, "delete", "PermissionSetAssignment", change.id, {})


def _merged(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """One outcome for each change, though two records may have been written for it: both had to be taken."""
    found: dict[tuple[str, str, str], Outcome] = {}
    for outcome in outcomes:
        known = found.setdefault(identity(outcome.change), outcome)
        if known is not outcome:
            found[identity(outcome.change)] = replace(known, errors=(*known.errors, *outcome.errors))
    return list(found.values())


def _whose(change: Change) -> str:
    return change.key if change.kind == USER_KIND else username_of(change)


def _unprepared(current: Current, changes: Sequence[Change], refused: Stopped) -> Stopped:
    """Who cannot join: who was refused what it needs first just now, or in a round before this one."""
    prepared = {_whose(change) for change in changes if change.kind in (USER_KIND, ASSIGNMENT_KIND)}
    stopped = dict(refused)
    for change in changes:
        name = username_of(change) if change.kind == KIND and isinstance(change, Create) else ""
        lacking = _member_standing.reasons(True, current.standing(name)) if name and name not in prepared else ()
        if lacking:
            stopped[name] = RecordError(
                change.key, "NOT_PREPARED", f"the user {lacking[0]}.", (), "See the error before this one, then run again."
            )
    return stopped


# -- leaving and joining by the user's field -------------------------------------------------------------------------------------------------


def _write_fields(
    org: Org, wish: Desired, current: Current, leaving: Sequence[Change], joining: Sequence[Change], moving: Mapping[str, Delete]
) -> None:
    start = len(org.outcomes)
    writes = [_center_write(change, current, None) for change in leaving]
    writes += [_center_write(change, current, current.center.id) for change in joining]
    org.write(writes, size_of_batch(wish, current), "members")
    refused = []
    for outcome in org.outcomes[start:]:
        leave = moving.get(username_of(outcome.change))
        if leave and outcome.errors:
            refused.append(outcome)
        elif leave:
            org.outcomes.append(Outcome(leave, outcome.id))
    if refused:
        _move_in_two_steps(org, wish, current, refused, moving)


def _move_in_two_steps(org: Org, wish: Desired, current: Current, refused: Sequence[Outcome], moving: Mapping[str, Delete]) -> None:
    """The org did not take the users from one center to the other at once: out of the old one, then into the new one, else back."""
    first = {username_of(item.change): item for item in refused}
    _forget(org, [item.change for item in refused])
    left = _leave_old(org, wish, current, [moving[name] for name in first])
    # Whoever cannot leave was told why it cannot join, too.
    org.outcomes.extend(item for name, item in first.items() if name not in left)
    start = len(org.outcomes)
    joining = [first[name].change for name in first if name in left]
    org.write([_center_write(change, current, current.center.id) for change in joining], size_of_batch(wish, current), "members moving")
    _put_back(org, wish, current, [item for item in org.outcomes[start:] if item.errors], moving)


def _leave_old(org: Org, wish: Desired, current: Current, leaving: Sequence[Delete]) -> set[str]:
    """Out of the centers that they were in; who is seen to be out, by username: what comes next counts on it."""
    start = len(org.outcomes)
    org.write([_center_write(change, current, None) for change in leaving], size_of_batch(wish, current), "members moving")
    return _await(org, wish, current, {username_of(item.change): "" for item in org.outcomes[start:] if not item.errors})


def _put_back(org: Org, wish: Desired, current: Current, failed: Sequence[Outcome], moving: Mapping[str, Delete]) -> None:
    """Who left an old center and could not join the new one goes back, and the errors say where the user is now."""
    lost = {username_of(item.change): item for item in failed if username_of(item.change) in moving}
    if not lost:
        return
    leaves = [moving[name] for name in lost]
    _forget(org, [*leaves, *(item.change for item in lost.values())])
    start = len(org.outcomes)
    old_centers = {name: current.person(name).center_id for name in lost}
    writes = [_center_write(change, current, old_centers[username_of(change)]) for change in leaves]
    org.write(writes, size_of_batch(wish, current), "members going back")
    back = {username_of(item.change): item for item in org.outcomes[start:]}
    del org.outcomes[start:]
    _await(org, wish, current, {name: old_centers[name] for name, item in back.items() if not item.errors})
    for name, item in lost.items():
        old = moving[name].key.split("/", 1)[0]
        refusal = next(iter(back[name].errors), None) if name in back else None
        if refusal:
            words = (
                f"the user left {old} for it and is in no center now, since going back was refused too ({refusal.code}: {refusal.message})"
            )
            org.outcomes.append(Outcome(moving[name], item.id))
        else:
            words = f"the user is back in {old}"
            org.outcomes.append(Outcome(moving[name], None, (not_added(moving[name].key, item.errors[0], "joining the other center"),)))
        told = tuple(replace(error, message=f"{error.message.rstrip('.')}; {words}.") for error in item.errors)
        org.outcomes.append(replace(item, errors=told))


def _forget(org: Org, changes: Iterable[Change]) -> None:
    """Take these changes' outcomes off the list: others follow."""
    gone = {identity(change) for change in changes}
    org.outcomes[:] = [item for item in org.outcomes if identity(item.change) not in gone]


# -- joining by the bulk operation --------------------------------------------------------------------------------------------------------


def _join_by_bulk(org: Org, wish: Desired, current: Current, joining: Sequence[Change], moving: Mapping[str, Delete]) -> None:
    """Ask the org to add users, job by job, and wait until they are members: a row that was taken is a request only."""
    left = _leave_old(org, wish, current, [moving[username_of(change)] for change in joining if username_of(change) in moving])
    refused = {item.change.key: item.errors[0] for item in org.outcomes if item.errors and item.change.kind == KIND}
    going = []
    for change in joining:
        leave = moving.get(username_of(change))
        if leave and username_of(change) not in left:
            because = refused.get(leave.key) or RecordError(
                leave.key, "NOT_AS_PLANNED", "the org took it, and the user is still there", (), _WAIT
            )
            org.outcomes.append(Outcome(change, None, (not_added(change.key, because, "leaving the other center"),)))
        else:
            going.append(change)
    start = len(org.outcomes)
    try:
        _ask_and_await(org, wish, current, going)
    except Problem as problem:
        # Nobody is to be left without a center because a job was refused.
        out = [change for change in going if username_of(change) in left]
        there = _shown(org, current, {username_of(change): current.center.id for change in out})
        unasked = [Outcome(change, None, (_unasked(change, problem),)) for change in out if username_of(change) not in there]
        _put_back(org, wish, current, unasked, moving)
        raise
    failed = [item for item in org.outcomes[start:] if item.errors]
    _put_back(org, wish, current, failed, moving)


def _unasked(change: Change, problem: Problem) -> RecordError:
    return RecordError(change.key, problem.code, f"the bulk operation could not be used: {problem.said}", (), problem.remedy)


def _ask_and_await(org: Org, wish: Desired, current: Current, joining: Sequence[Change]) -> None:
    if not joining:
        return
    size = size_of_batch(wish, current)
    told = org.progress("members", len(joining))
    asked: list[tuple[Change, Ingested]] = []
    # One job may hold them all: the API itself makes batches of 200 of its rows.
    parts = [joining] if size == LARGEST_BATCH else list(chunks(joining, size))
    for number, part in enumerate(parts):
        rows = [_row(current, change) for change in part]
        try:
            job = org.ingest(BULK_OBJECT, "insert", _COLUMNS, rows, wish.wait_timeout, told=told)
        except LostAnswer as lost:
            # The job may be at work: what comes of it is seen before anybody is asked for once more.
            _await(org, wish, current, {username_of(change): current.center.id for change in (*(one for one, _unused in asked), *part)})
            raise LostAnswer(f"{lost}; the bulk job may be at work all the same, see Bulk Data Load Jobs in Setup") from None
        asked += _accepted(org, current, part, job)
        if job.state != _COMPLETE:
            rest = [change for later in parts[number + 1 :] for change in later]
            org.outcomes.extend(Outcome(change, None, (_not_asked(change, job),)) for change in rest)
            break
    there = _await(org, wish, current, {username_of(change): current.center.id for change, _unused in asked})
    for change, job in asked:
        errors = () if username_of(change) in there else (_no_effect(change, job, wish),)
        org.outcomes.append(Outcome(change, current.person(username_of(change)).id, errors))


def _row(current: Current, change: Change) -> dict[str, str | None]:
    user = current.person(username_of(change))
    return {"Argument1": user.email, "Argument2": user.id, "Argument5": current.center.id, "BulkAction": _ADD}


def _accepted(org: Org, current: Current, part: Sequence[Change], job: Ingested) -> list[tuple[Change, Ingested]]:
    """The requests that may still come to something. Rows that were refused, and those that a job did not get to, are errors at once."""
    refused = {row.cells.get("Argument2", ""): row for row in job.failed}
    left = {row.get("Argument2", "") for row in job.unprocessed}
    taken = []
    for change in part:
        row = refused.get(current.person(username_of(change)).id)
        if row is not None:
            told = [{"statusCode": row.code, "message": row.message, "fields": row.fields}]
            (error,) = record_errors(change.key, told, BULK_OBJECT, True)
            remedy = _NO_RIGHT if row.code in _REFUSALS else error.remedy
            org.outcomes.append(Outcome(change, None, (replace(error, remedy=f"{remedy} {_see(job)}".strip()),)))
        elif job.state in _ENDED_EARLY and current.person(username_of(change)).id in left:
            org.outcomes.append(Outcome(change, None, (_job_ended(change, job),)))
        else:
            taken.append((change, job))
    return taken


def _see(job: Ingested) -> str:
    return f"It was a row of bulk job {job.job_id}: {_SEE_JOB}"


def _job_ended(change: Change, job: Ingested) -> RecordError:
    words = f": {job.error_message}" if job.error_message else ""
    remedy = (
        "Somebody aborted it: find out why before running again." if job.state == "Aborted" else "Correct what it names, then run again."
    )
    return RecordError(
        change.key, f"BULK_JOB_{job.state.upper()}", f"bulk job {job.job_id} ended as {job.state}{words}", (), f"{_SEE_JOB} {remedy}"
    )


def _not_asked(change: Change, job: Ingested) -> RecordError:
    ended = "was still at work" if job.timed_out else f"ended as {job.state}"
    said = f"nothing was asked for this user, since bulk job {job.job_id} before it {ended}"
    return RecordError(change.key, "BULK_NOT_SENT", said, (), f"{_SEE_JOB} Run again once that is clear.")


def _no_effect(change: Change, job: Ingested, wish: Desired) -> RecordError:
    if job.timed_out:
        said = f"bulk job {job.job_id} was still {job.state} after {wish.wait_timeout} s, and the user is no member yet"
    else:
        said = f"bulk job {job.job_id} took the request, and {wish.wait_timeout} s later the user is still no member"
    return RecordError(change.key, "BULK_NO_EFFECT", said, (), f"{_SEE_JOB} {_NOTHING_CAME}")


# -- looking --------------------------------------------------------------------------------------------------------------------------------


def _await(org: Org, wish: Desired, current: Current, wanted: Mapping[str, str]) -> set[str]:
    """Look until each of these users, by username, is in the center of that Id (in none, where it is empty), or the time is up; who is, by username."""
    there = _shown(org, current, wanted)
    for pause in pauses(wish.wait_timeout):
        missing = {name: center_id for name, center_id in wanted.items() if name not in there}
        if not missing:
            break
        org.run.sleep(pause)
        there |= _shown(org, current, missing)
    return there


def _shown(org: Org, current: Current, wanted: Mapping[str, str]) -> set[str]:
    asked = [
        Query(f"shown{number}", f"SELECT Username, CallCenterId FROM User WHERE Id IN {in_list(part)}")
        for number, part in enumerate(list_chunks(current.person(name).id for name in wanted))
    ]
    rows = org.read(asked).all("shown") if asked else []
    return {str(row["Username"]) for row in rows if (row["CallCenterId"] or "") == wanted.get(str(row["Username"]))}


# -- what those who left lose -------------------------------------------------------------------------------------------------------------


def _take(org: Org, wish: Desired, current: Current, taken: Sequence[Delete], leaving: Sequence[Change]) -> None:
    """Take assignments away from those who are seen to be out, and from nobody who could not be removed."""
    if not taken:
        return
    removed = {identity(change) for change in leaving}
    told = [item for item in org.outcomes if identity(item.change) in removed]
    out = _await(org, wish, current, {username_of(item.change): "" for item in told if not item.errors})
    refused = {username_of(item.change): item.errors[0] for item in told if item.errors}
    writes = []
    for change in taken:
        name = username_of(change)
        if name in out or current.person(name).center_id != current.center.id:
            writes.append(Write(change, "delete", "PermissionSetAssignment", change.id, {}))
        else:
            because = refused.get(name) or RecordError(change.key, "NOT_PREPARED", "the user is still a member", (), "Run again.")
            org.outcomes.append(Outcome(change, None, (not_added(change.key, because, "leaving the contact center"),)))
    org.write(writes, what="permission sets")
