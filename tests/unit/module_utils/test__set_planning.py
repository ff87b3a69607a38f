# Copyright (c) 2026, the voiceops.salesforce contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ansible_collections.voiceops.salesforce.plugins.module_utils import _permission_set as noun
from ansible_collections.voiceops.salesforce.plugins.module_utils import _set_origin
from ansible_collections.voiceops.salesforce.plugins.module_utils import _set_planning as planning
from ansible_collections.voiceops.salesforce.plugins.module_utils._dependencies import HIGH_RISK, Needs, object_closure
from ansible_collections.voiceops.salesforce.plugins.module_utils._errors import Problem, RecordError
from ansible_collections.voiceops.salesforce.plugins.module_utils._grants import (
    Grants,
    Row,
    fields_of,
    granted_by,
    minus,
    tab_rights,
    union,
)
from ansible_collections.voiceops.salesforce.plugins.module_utils._org import Write
from ansible_collections.voiceops.salesforce.plugins.module_utils._plan import (
    Change,
    Create,
    Delete,
    Plan,
    Update,
    as_changes,
    as_diff,
    identity,
)
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_offer import FieldTraits, ObjectTraits, Offer, expand
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_planning import Current, License
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_sections import BY_KIND, BY_OPTION, OBJECT_NEEDS, SECTIONS, Section
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_state import SetState
from ansible_collections.voiceops.salesforce.plugins.module_utils._set_wish import Desired

NAME = "Acme_Set"
CALL, ZONE = "pkg__Call__c", "pkg__Zone__c"
GRANTED = frozenset({"granted"})
ADDING = ["permission_set", *(section.kind for section in SECTIONS)]
OBJECT_RIGHTS = list(BY_OPTION["object_permissions"].rights)

NO_NEEDS = Needs()
PLAIN = FieldTraits(True, False, "")
# pkg__Zone__c is the master of pkg__Call__c, so that the order of names is not the order of writing.
OFFER = Offer(
    {
        "ApiEnabled": "API Enabled",
        "EditTask": "Edit Tasks",
        "RunReports": "Run Reports",
        "ViewAllData": "View All Data",
        "ManageUsers": "Manage Users",
    },
    {"Account": "Account", CALL: "Call", ZONE: "Zone"},
    frozenset({"Account.Industry", f"{CALL}.pkg__Size__c", f"{CALL}.pkg__Total__c", "Task.pkg__Kind__c", "Event.pkg__Kind__c"}),
    {
        "apex_classes": {"pkg__Dial": "01p#1", "pkg__Hang": "01p#2", "Own": "01p#3"},
        "visualforce_pages": {"pkg__Panel": "066#1"},
        "custom_permissions": {"pkg__Refund": "0CP#1"},
        "custom_settings": {"pkg__Nodes__c": "01I#1"},
        "custom_metadata_types": {"pkg__Route__mdt": "01I#2"},
        "connected_apps": {"Acme Sync": "0H4#1"},
        "flows": {"pkg__Wrap_Up": "300#1"},
        "tabs": {"standard-Case": "", "pkg__Tab": ""},
    },
    {
        "Account": ObjectTraits({"Industry": PLAIN}),
        CALL: ObjectTraits(
            {
                "pkg__Size__c": PLAIN,
                "pkg__Total__c": FieldTraits(True, True, "a formula"),
                "pkg__Zone__c": FieldTraits(False, False, "a master-detail field follows its master"),
            },
            frozenset({ZONE}),
        ),
        ZONE: ObjectTraits(),
        "Task": ObjectTraits({"pkg__Kind__c": PLAIN}),
        "Event": ObjectTraits({"pkg__Kind__c": PLAIN}),
    },
)


def options(**given: Any) -> dict[str, Any]:
    """The module's own options, validated as Ansible does."""
    checked = ArgumentSpecValidator(noun.NOUN.argument_spec, **noun.NOUN.constraints).validate({"name": NAME} | given)
    assert not checked.error_messages, checked.error_messages
    return dict(checked.validated_parameters)


def desired(**given: Any) -> Desired:
    return noun.desired(options(**given))


def row(name: str = NAME, **more: Any) -> dict[str, Any]:
    return {
        "Id": f"0PSid{name.replace('_', '')}".ljust(18, "0"),
        "Name": name,
        "Label": name,
        "Description": None,
        "NamespacePrefix": None,
        "IsCustom": True,
        "IsOwnedByProfile": False,
        "PermissionSetGroupId": None,
        "LicenseId": None,
        "License": None,
        "HasActivationRequired": False,
        **more,
    }


def a_set(grants: Grants | None = None, name: str = NAME, other: Mapping[str, str] | None = None, **more: Any) -> SetState:
    held = {
        option: {name: Row("row#1", rights) for name, rights in names.items()}
        for option, names in {**{key: {} for key in BY_OPTION}, **(grants or {})}.items()
    }
    return SetState(row(name, **more), held, other or {})


def packaged(grants: Grants | None = None, **more: Any) -> SetState:
    return a_set(grants, "Packaged", **{"NamespacePrefix": "pkg", **more})


def now(target: SetState | None = None, source: SetState | None = None, **more: Any) -> Current:
    return Current(target, source, OFFER, **more)


def apply(made: Plan, wish: Desired, current: Current) -> Current:
    """The set after the org has taken every change, one after the other."""
    after = current
    for change in made.changes:
        if change.kind in (planning.ASSIGNMENT_KIND, planning.MEMBER_KIND):
            after = _taken_away(change, after)
        elif change.kind == planning.KIND:
            after = replace(after, target=_set_applied(change, wish, current, after))
        else:
            assert after.target is not None, "a row before its set"
            after = replace(after, target=replace(after.target, held=_row_applied(change, after.target)))
    return after


def _taken_away(change: Change, current: Current) -> Current:
    assert isinstance(change, Delete)
    first, last = change.key.split("/", 1)
    if change.kind == planning.ASSIGNMENT_KIND:
        assert not current.groups, "users lose it last"
        return replace(current, assignments={user: item for user, item in current.assignments.items() if user != last})
    return replace(current, groups={group: item for group, item in current.groups.items() if group != first})


def _set_applied(change: Change, wish: Desired, before: Current, current: Current) -> SetState | None:
    if isinstance(change, Delete):
        assert not current.assignments, "a set that users have cannot go"
        assert not current.groups, "a set of a group cannot go"
        return None
    target = current.target
    if isinstance(change, Create):
        assert target is None
        target = a_set(LicenseId=planning.license_of_new(before)[0] or None)
    assert target is not None
    words = {"label": "Label", "session_activation": "HasActivationRequired"}
    changed = {words[name]: value for name, value in change.after.items() if name in words}
    if "description" in change.after or planning.ORIGIN in change.after:
        changed["Description"] = planning.described_as(wish, before, change)
    return replace(target, row={**target.row, **changed})


def _row_applied(change: Change, target: SetState) -> dict[str, Mapping[str, Row]]:
    section = BY_KIND[change.kind]
    rows = dict(target.held[section.option])
    if section.option == "user_permissions":
        assert change.key == NAME
        for name in change.before if isinstance(change, Delete) else change.after:
            assert (name in rows) is isinstance(change, Delete), "switched on or off already"
            if isinstance(change, Delete):
                rows.pop(name)
            else:
                rows[name] = Row(None, GRANTED)
        return {**target.held, section.option: rows}
    owner, name = change.key.split("/", 1)
    assert owner == NAME
    if isinstance(change, Create):
        assert name not in rows
        rows[name] = Row("row#new", _rights(section, change.after))
    elif isinstance(change, Update):
        assert {key: fields_of(section, rows[name].rights)[key] for key in change.before} == change.before
        rows[name] = Row(change.id, _rights(section, {**fields_of(section, rows[name].rights), **change.after}))
    else:
        assert fields_of(section, rows[name].rights) == change.before
        del rows[name]
    return {**target.held, section.option: rows}


def _rights(section: Section, fields: Mapping[str, Any]) -> frozenset[str]:
    if section.option == "tabs":
        return tab_rights(fields["visibility"])
    return frozenset(name for name, value in fields.items() if value) if section.rights else GRANTED


# -- strategies ----------------------------------------------------------------------------------------------------------------------

# Rights as they can be asked for where nothing is added: each with those that it needs.
sensible = st.sampled_from(
    [
        (),
        ("read",),
        ("read", "create"),
        ("read", "edit"),
        ("read", "edit", "delete"),
        ("read", "view_all_records"),
        ("read", "view_all_fields"),
        ("read", "edit", "delete", "view_all_records", "modify_all_records"),
        tuple(OBJECT_RIGHTS),
    ]
)
object_wishes = st.lists(
    st.builds(
        lambda name, rights: {**name, **dict.fromkeys(rights, True)},
        st.sampled_from([{"object": "Account"}, {"object": CALL}, {"package": "pkg"}, {"object": "*"}]),
        sensible,
    ),
    max_size=3,
)
field_wishes = st.lists(
    st.builds(
        lambda name, rights: {**name, **dict.fromkeys(rights, True)},
        st.sampled_from([{"package": "pkg"}, {"field": "Account.Industry"}, {"field": "*.*"}, {"field": "Task.pkg__Kind__c"}]),
        st.sampled_from([(), ("read",), ("read", "edit")]),
    ),
    max_size=3,
)
wishes = st.fixed_dictionaries(
    {},
    optional={
        "label": st.sampled_from(["Acme Set", "Other"]),
        "description": st.sampled_from(["", "words"]),
        "session_activation": st.booleans(),
        "user_permissions": st.lists(st.sampled_from(["ApiEnabled", "EditTask", "View All Data", "Edit*"]), max_size=3),
        "object_permissions": object_wishes,
        "field_permissions": field_wishes,
        "apex_classes": st.lists(st.sampled_from(["pkg__*", "pkg__Dial", {"package": "pkg"}]), max_size=2),
        "visualforce_pages": st.lists(st.just("pkg__Panel"), max_size=1),
        "custom_permissions": st.lists(st.just("pkg__Refund"), max_size=1),
        "custom_settings": st.lists(st.just("pkg__Nodes__c"), max_size=1),
        "custom_metadata_types": st.lists(st.just({"package": "pkg"}), max_size=1),
        "connected_apps": st.lists(st.just("Acme *"), max_size=1),
        "flows": st.lists(st.just("pkg__Wrap_Up"), max_size=1),
        "tabs": st.lists(
            st.builds(
                lambda name, visibility: {"tab": name, "visibility": visibility},
                st.sampled_from(["standard-Case", "pkg__*"]),
                st.sampled_from(["visible", "available"]),
            ),
            max_size=2,
            unique_by=lambda line: line["tab"],
        ),
        "exact": st.lists(st.sampled_from(list(BY_OPTION)), unique=True),
        "clone": st.sampled_from(["always", "when_needed", "never"]),
        "on_source_change": st.sampled_from(["report", "merge"]),
        "resolve_dependencies": st.sampled_from(["none", "objects", "all"]),
    },
).map(lambda given: desired(clone_from={"name": "pkg__Packaged"}, **given))


def closed(grants: Grants, needs: Needs = NO_NEEDS) -> dict[str, Any]:
    """The grants as an org would have them: with what each right needs."""
    objects = object_closure(grants.get("object_permissions", {}), OFFER.masters, needs)
    fields = {
        name: frozenset({"read"}) if name.endswith("Total__c") else rights | {"read"}
        for name, rights in grants.get("field_permissions", {}).items()
    }
    return {**grants, "object_permissions": objects, "field_permissions": fields}


def some(option: str, *more: str) -> st.SearchStrategy[dict[str, frozenset[str]]]:
    names = [*OFFER.names.get(option, OFFER.permissions), *more]
    return st.dictionaries(st.sampled_from(names), st.just(GRANTED))


contents = st.fixed_dictionaries(
    {
        "user_permissions": some("user_permissions", "NotHere"),
        "object_permissions": st.dictionaries(
            st.sampled_from(["Account", CALL, ZONE, "Gone__c"]), st.frozensets(st.sampled_from(OBJECT_RIGHTS), min_size=1)
        ),
        "field_permissions": st.dictionaries(
            st.sampled_from([*sorted(OFFER.fields), "Account.Gone__c"]), st.frozensets(st.sampled_from(["read", "edit"]), min_size=1)
        ),
        "apex_classes": some("apex_classes", "pkg__Gone"),
        "flows": some("flows"),
        "tabs": st.dictionaries(
            st.sampled_from(["standard-Case", "pkg__Tab"]), st.sampled_from([tab_rights("visible"), tab_rights("available")])
        ),
    }
).map(closed)
sources = st.builds(
    packaged,
    contents,
    other=st.sampled_from([{}, {"0XU#1": "ExternalCredentialParameter"}]),
    HasActivationRequired=st.booleans(),
    Description=st.sampled_from([None, "theirs"]),
)
texts = st.sampled_from([None, "words", "old"])
several_needs = st.sampled_from(
    [
        Needs(),
        Needs(user={"EditTask": frozenset({"RunReports"})}),
        Needs(objects={"EditTask": frozenset({("Account", "edit")})}),
        Needs(between={(CALL, "edit"): frozenset({("Account", "view_all_records")})}),
    ]
)


@st.composite
def currents(draw: st.DrawFn, *, cloned: bool | None = None) -> Current:
    """A set, or none, and its source, or none; the set may say that it was cloned from what the source grants now, or granted once."""
    source = draw(sources if cloned else st.none() | sources)
    text = draw(texts)
    if source and draw(st.booleans() if cloned is None else st.just(cloned)):
        then = draw(st.just(granted_by(source.held)) | contents)
        text = _set_origin.described(text or "", _set_origin.origin_of("pkg__Packaged", source.id, "1.0", then))
    held = draw(contents)
    target = a_set(held, Label=draw(st.sampled_from(["Acme Set", "Else"])), Description=text, HasActivationRequired=draw(st.booleans()))
    current = now(target if cloned else draw(st.sampled_from([None, target])), source, needs=draw(several_needs), version="2.0")
    # What an org holds is closed by its own needs.
    return replace(current, target=current.target and a_set_closed(current))


def a_set_closed(current: Current) -> SetState:
    assert current.target is not None
    grants = dict(granted_by(current.target.held))
    needs = current.needs
    more = {needed for name in grants["user_permissions"] for needed in needs.user.get(name, ())}
    grants["user_permissions"] = {**grants["user_permissions"], **dict.fromkeys(more, GRANTED)}
    pairs = {pair for name in grants["user_permissions"] for pair in needs.objects.get(name, ())}
    objects = union(grants, {"object_permissions": {name: frozenset({right}) for name, right in pairs}})
    return replace(a_set(closed({**grants, "object_permissions": objects.get("object_permissions", {})}, needs)), row=current.target.row)


def planned(wish: Desired, current: Current) -> tuple[Plan, Current]:
    """The plan, and the current state as the noun's read leaves it: with what became of the source, and what is needed as far as is followed."""
    if wish.resolve == "objects":
        current = replace(current, needs=replace(current.needs, user={}))
    current = replace(current, since=planning.since(wish, current))
    return planning.plan(wish, current), current


# -- the plan ------------------------------------------------------------------------------------------------------------------------


@given(wishes, currents())
def test_an_applied_plan_leaves_nothing_to_do(wish: Desired, current: Current) -> None:
    made, current = planned(wish, current)
    applied = apply(made, wish, current)
    assert planning.plan(wish, applied) == Plan()
    assert planned(wish, replace(applied, version="", since=None))[0] == Plan(), "nor in the next run, which does not ask for the version"


@given(wishes, currents())
def test_an_applied_plan_leaves_nothing_missing(wish: Desired, current: Current) -> None:
    made, current = planned(wish, current)
    told = planning.report(wish, apply(made, wish, current), made)
    assert told["missing"] == [] or (wish.clone == "never" and told["permission_set"]["namespace"] == "pkg")


@given(wishes, currents())
def test_check_mode_reports_what_the_run_then_reports(wish: Desired, current: Current) -> None:
    made, current = planned(wish, current)
    foretold = planning.report(wish, current, made)
    # That some of it cannot be foretold is all that only check mode has to say.
    foretold["warnings"] = [words for words in foretold["warnings"] if "does not tell beforehand" not in words]
    assert foretold == planning.report(wish, apply(made, wish, current), made)


@given(wishes, currents())
def test_where_a_section_is_not_exact_nothing_is_taken_away_or_lowered(wish: Desired, current: Current) -> None:
    made, current = planned(wish, current)
    exact = {section.kind for section in SECTIONS if section.option in wish.exact}
    for change in made.changes:
        assert not isinstance(change, Delete) or change.kind in exact
        if isinstance(change, Update) and change.kind not in (planning.KIND, "tab_setting", *exact):
            assert set(change.after.values()) == {True}
    after = granted_by(apply(made, wish, current).held)
    kept = {option: names for option, names in granted_by(current.held).items() if option not in wish.exact}
    assert minus(kept, after) == {}


@given(wishes, currents())
def test_exact_removes_all_that_is_neither_asked_for_nor_needed_nor_the_source_s(wish: Desired, current: Current) -> None:
    made, current = planned(wish, current)
    assume(made != Plan() or wish.clone == "always")
    after = granted_by(apply(made, wish, current).held)
    source = granted_by(current.source.held) if current.source else {}
    lost = current.since.changes.lost if current.since and current.since.changes and wish.on_source_change == "report" else {}
    asked = expand(wish, OFFER, granted_by(current.held)).grants
    everything = (
        union(asked, source) if wish.resolve == "none" else closed_with(union(asked, source), current.needs, users=wish.resolve == "all")
    )
    known = union(everything, lost, twins(everything), rows_of_view_all_data(everything))
    for option in wish.exact:
        assert minus({option: after.get(option, {})}, known) == {}
        kept = union(asked, source)
        assert minus(minus({option: granted_by(current.held).get(option, {})}, after), {option: kept.get(option, {})}).get(
            option, {}
        ) == minus({option: granted_by(current.held).get(option, {})}, after).get(option, {}), (
            "what is asked for and what the source grants stays"
        )


def closed_with(grants: Grants, needs: Needs, *, users: bool) -> Grants:
    permissions = set(grants.get("user_permissions", {}))
    permissions |= {more for name in permissions for more in needs.user.get(name, ())} if users else set()
    pairs = {pair for name in permissions for pair in needs.objects.get(name, ())}
    whole = union(
        grants,
        {"user_permissions": dict.fromkeys(permissions, GRANTED)},
        *({"object_permissions": {name: frozenset({right})}} for name, right in pairs),
    )
    return union(whole, closed(whole, needs))


def twins(grants: Grants) -> Grants:
    other = {"Task": "Event", "Event": "Task"}
    pairs = ((name.split(".", 1), rights) for name, rights in grants.get("field_permissions", {}).items())
    return {"field_permissions": {f"{other[parts[0]]}.{parts[1]}": rights for parts, rights in pairs if parts[0] in other}}


def rows_of_view_all_data(grants: Grants) -> Grants:
    if "ViewAllData" not in grants.get("user_permissions", {}):
        return {}
    return {"object_permissions": dict.fromkeys(OFFER.objects, frozenset({"read", "view_all_records"}))}


@given(wishes, currents())
def test_an_event_field_is_never_removed_while_its_task_field_stays(wish: Desired, current: Current) -> None:
    """The org writes both when one is written, and would take both away."""
    made, current = planned(wish, current)
    before, after = (granted_by(item.held).get("field_permissions", {}) for item in (current, apply(made, wish, current)))
    for one, other in (("Task.pkg__Kind__c", "Event.pkg__Kind__c"), ("Event.pkg__Kind__c", "Task.pkg__Kind__c")):
        if one in after and other in before:
            assert after.get(other, frozenset()) >= before[other] & after[one]


@given(wishes, currents())
def test_attributes_that_nobody_named_are_never_in_a_plan(wish: Desired, current: Current) -> None:
    made, current = planned(wish, current)
    for change in made.changes:
        if change.kind == planning.KIND and isinstance(change, Update):
            assert set(change.after) - {planning.ORIGIN} <= set(wish.attributes)
            assert set(change.before) == set(change.after)
        if change.kind == planning.KIND and isinstance(change, Create):
            taken_over = {"description", "session_activation", planning.ORIGIN} if current.source else set()
            assert set(change.after) - {"label", "license"} - taken_over <= set(wish.attributes)


@given(wishes, currents())
def test_rows_that_nobody_asked_for_are_never_added(wish: Desired, current: Current) -> None:
    """Without a source, only what the wishes name and what that needs."""
    assume(current.source is None)
    made, current = planned(wish, current)
    asked = expand(wish, OFFER, granted_by(current.held)).grants
    named = asked if wish.resolve == "none" else closed_with(asked, current.needs, users=True)
    after = granted_by(apply(made, wish, current).held)
    assert minus(minus(after, granted_by(current.held)), named) == {}


@given(wishes, currents())
def test_what_is_removed_goes_first_and_what_is_added_comes_in_the_order_of_the_sections(wish: Desired, current: Current) -> None:
    made, current = planned(wish, current)
    changes = list(made.changes)
    first_other = next((number for number, change in enumerate(changes) if not taking(change)), len(changes))
    going, coming = changes[:first_other], changes[first_other:]
    assert [ADDING.index(change.kind) for change in going] == sorted((ADDING.index(change.kind) for change in going), reverse=True)
    assert [ADDING.index(change.kind) for change in coming] == sorted(ADDING.index(change.kind) for change in coming)
    assert not [change for change in coming if isinstance(change, Delete)]
    if current.target is None and changes:
        assert changes[0].kind == planning.KIND


def taking(change: Change) -> bool:
    lowered = isinstance(change, Update) and change.kind != planning.KIND
    return isinstance(change, Delete) or (lowered and (True not in change.after.values() and change.after != {"visibility": "visible"}))


class Refused(AssertionError):
    """An org would have refused that write at that moment."""


def written_in_turn(writes: list[Write], start: Grants) -> Grants:
    """Object and field rights as an org has them after these writes. Raises Refused where one of its rules does not hold in between."""
    held = {
        option: {name: set(rights) for name, rights in start.get(option, {}).items()}
        for option in ("object_permissions", "field_permissions")
    }
    for write in writes:
        section = BY_KIND.get(write.change.kind)
        if section is None or section.option not in held:
            continue
        name = write.change.key.split("/", 1)[1]
        rights = {column: right for right, column in section.rights.items()}
        if write.op == "delete":
            del held[section.option][name]
        else:
            mine = held[section.option].setdefault(name, set())
            for column, value in write.fields.items():
                if column in rights:
                    (mine.add if value else mine.discard)(rights[column])
        _hold(held["object_permissions"], held["field_permissions"])
    return {option: {name: frozenset(rights) for name, rights in rows.items()} for option, rows in held.items()}


def _hold(objects: Mapping[str, set[str]], fields: Mapping[str, set[str]]) -> None:
    for name, rights in objects.items():
        if any(needed not in rights for right in rights for needed in OBJECT_NEEDS.get(right, ())):
            raise Refused(f"{name} with {rights}")
    for right in ("read", "view_all_records"):
        if right in objects.get(CALL, ()) and right not in objects.get(ZONE, ()):
            raise Refused(f"{right} on the detail without its master's")
    if any("edit" in rights and "read" not in rights for rights in fields.values()):
        raise Refused("edit without read")


@given(wishes, currents())
def test_no_write_comes_at_a_moment_at_which_an_org_refuses_it(wish: Desired, current: Current) -> None:
    """Masters before their details and the reverse, rows that lose one right and gain another included."""
    assume(wish.resolve != "none")
    made, current = planned(replace(wish, skip_missing=True), current)
    rows = [change for change in made.changes if change.kind in BY_KIND]
    end = written_in_turn(noun._in_order(rows, wish, current), granted_by(current.held))
    after = granted_by(apply(made, wish, current).held)
    for option, names in end.items():
        assert {name: rights for name, rights in names.items() if rights} == {
            name: rights for name, rights in after.get(option, {}).items() if rights
        }


object_rows = st.fixed_dictionaries(
    {}, optional={name: st.sets(st.sampled_from(OBJECT_RIGHTS), min_size=1).map(frozenset) for name in ("Account", CALL, ZONE)}
).map(lambda rows: closed({"object_permissions": rows})["object_permissions"])


@example(
    {CALL: frozenset({"read", "view_all_records"}), ZONE: frozenset({"read", "view_all_records"})},
    {CALL: frozenset({"read", "create"}), ZONE: frozenset({"read"})},
)
@given(object_rows, object_rows)
def test_from_any_rights_to_any_others_there_is_a_way_that_an_org_lets_one_go(held: Grants, wanted: Grants) -> None:
    lines = [{"object": name, **dict.fromkeys(sorted(rights), True)} for name, rights in wanted.items()]
    wish = desired(object_permissions=lines, exact=["object_permissions"])
    current = now(a_set({"object_permissions": held}))
    rows = planning.plan(wish, current).changes
    end = written_in_turn(noun._in_order(rows, wish, current), granted_by(current.held))
    assert end["object_permissions"] == wanted


@given(wishes, currents())
def test_rights_that_open_an_org_are_granted_only_where_they_are_named(wish: Desired, current: Current) -> None:
    named = {"ViewAllData"} if "View All Data" in [line.pattern for line in wish.selectors] else set()
    made, _unused = planned(wish, current)
    for change in made.changes:
        if change.kind == "user_permissions" and isinstance(change, Create):
            assert set(change.after) & set(HIGH_RISK) <= named


@given(wishes, currents())
def test_no_record_id_is_ever_shown(wish: Desired, current: Current) -> None:
    made, current = planned(wish, current)
    shown = json.dumps([as_changes(made.changes), as_diff(made.changes, "x"), planning.report(wish, current, made)])
    assert "#" not in shown
    assert "0PSid" not in shown


@given(wishes, currents())
def test_each_change_of_a_plan_is_of_its_own(wish: Desired, current: Current) -> None:
    told = [identity(change) for change in planned(wish, current)[0].changes]
    assert len(told) == len(set(told))


@given(wishes, currents())
def test_a_source_that_suffices_is_used_as_it_is(wish: Desired, current: Current) -> None:
    assume(current.source is not None)
    made, current = planned(wish, current)
    told = planning.report(wish, current, made)
    if wish.clone == "never":
        assert made == Plan()
    if wish.clone == "always":
        assert told["permission_set"]["is_clone"]
    if told["permission_set"]["namespace"] == "pkg":
        assert made == Plan()
        assert wish.clone == "never" or told["missing"] == []
        assert told["permission_set"]["qualified_name"] == "pkg__Packaged"
        assert told["source_changes"] is None


@given(wishes, currents(cloned=True))
def test_where_a_set_came_from_is_written_only_with_its_content_and_is_no_drift(wish: Desired, current: Current) -> None:
    made, current = planned(wish, current)
    own = [change for change in made.changes if change.kind == planning.KIND]
    # A merge that finds the source changed and nothing to take over still notes that it has followed: else it would be told for ever.
    told = current.since.changes if current.since else None
    followed = wish.on_source_change == planning.MERGE and told is not None and told.changed
    if len(own) == len(made.changes) and not followed:
        assert not [change for change in own if isinstance(change, Update) and planning.ORIGIN in change.after]
    before = planning.own_text(current.target.row) if current.target else ""
    applied = apply(made, wish, current)
    assert applied.target is not None
    assert planning.own_text(applied.target.row) == (wish.attributes.get("description", before) if made else before)
    assert applied.origin is not None, "and it is never lost"


@given(wishes, currents(cloned=True))
def test_a_change_of_the_source_that_is_only_told_is_told_until_it_is_taken_over(wish: Desired, current: Current) -> None:
    made, current = planned(wish, current)
    assume(current.since is not None and wish.clone == "always")
    applied = apply(made, wish, current)
    assert current.since is not None
    assert current.since.changes is not None
    later = planning.since(wish, applied)
    assert later is not None
    assert later.changes is not None
    if wish.on_source_change == "report" or not made:
        assert later.changes.changed == current.since.changes.changed
    else:
        assert not later.changes.changed


@given(currents(cloned=True))
def test_a_source_that_is_as_it_was_is_completed_whatever_is_to_be_done_about_changes(current: Current) -> None:
    source = current.source
    assert source is not None
    origin = _set_origin.origin_of("pkg__Packaged", source.id, "1.0", granted_by(source.held))
    assert current.target is not None
    current = replace(current, target=replace(current.target, row={**current.target.row, "Description": _set_origin.described("", origin)}))
    plans = {
        mode: planning.plan(desired(clone_from={"name": "pkg__Packaged"}, on_source_change=mode), current)
        for mode in ("report", "merge", "fail")
    }
    assert plans["report"].changes == plans["merge"].changes == plans["fail"].changes
    lacking = minus(granted_by(source.held), granted_by(apply(plans["fail"], desired(), current).held))
    assert set(lacking.get("user_permissions", {})) <= {*HIGH_RISK, "NotHere"}
    assert all(
        name in {"Gone__c", "Account.Gone__c", "pkg__Gone"}
        for option, names in lacking.items()
        if option != "user_permissions"
        for name in names
    )


# -- what is written -----------------------------------------------------------------------------------------------------------------

NONE = dict.fromkeys(["read", "create", "edit", "delete", "view_all_records", "modify_all_records"], False)
ALL_READ = {"object_permissions": {"Account": frozenset({"read"})}}


def test_a_new_set_is_called_after_its_name_and_holds_what_is_asked_for() -> None:
    wish = desired(
        user_permissions=["Edit Tasks", "ApiEnabled"],
        object_permissions=[{"object": CALL, "read": True, "edit": True}],
        field_permissions=[{"field": f"{CALL}.*", "read": True, "edit": True}],
        apex_classes=["pkg__Dial"],
        visualforce_pages=["pkg__*"],
        tabs=[{"tab": "pkg__Tab"}],
        session_activation=True,
    )
    made = planning.plan(wish, now())
    assert made.changes == (
        Create("permission_set", NAME, {"label": "Acme Set", "session_activation": True}),
        Create("object_permissions", f"{NAME}/{ZONE}", {**NONE, "read": True}),
        Create("object_permissions", f"{NAME}/{CALL}", {**NONE, "read": True, "edit": True}),
        Create("field_permissions", f"{NAME}/{CALL}.pkg__Size__c", {"read": True, "edit": True}),
        Create("field_permissions", f"{NAME}/{CALL}.pkg__Total__c", {"read": True, "edit": False}),
        Create("apex_class_access", f"{NAME}/pkg__Dial", {"access": True}),
        Create("visualforce_page_access", f"{NAME}/pkg__Panel", {"access": True}),
        Create("tab_setting", f"{NAME}/pkg__Tab", {"visibility": "visible"}),
        Create("user_permissions", NAME, {"ApiEnabled": True, "EditTask": True}),
    )
    (added,) = planning.report(wish, now(), made)["added_dependencies"]
    assert added == {"section": "object_permissions", "name": ZONE, "rights": ["read"], "needed_by": [f"read on object {CALL}"]}


def test_an_exact_set_loses_user_permissions_first_and_masters_last() -> None:
    held = {
        "user_permissions": {"ApiEnabled": GRANTED, "EditTask": GRANTED},
        "object_permissions": {ZONE: frozenset({"read"}), CALL: frozenset({"read"}), "Account": frozenset({"read", "edit"})},
        "field_permissions": {"Account.Industry": frozenset({"read", "edit"})},
        "flows": {"pkg__Wrap_Up": GRANTED},
        "tabs": {"pkg__Tab": tab_rights("visible"), "standard-Case": tab_rights("visible")},
    }
    wish = desired(
        user_permissions=["EditTask"],
        object_permissions=[{"object": "Account", "read": True}],
        field_permissions=[{"field": "Account.Industry", "read": True}],
        tabs=[{"tab": "standard-Case", "visibility": "available"}],
        exact=list(BY_OPTION),
    )
    assert planning.plan(wish, now(a_set(held))).changes == (
        Delete("user_permissions", NAME, "0PSidAcmeSet000000", {"ApiEnabled": True}),
        Update("tab_setting", f"{NAME}/standard-Case", "row#1", {"visibility": "visible"}, {"visibility": "available"}),
        Delete("tab_setting", f"{NAME}/pkg__Tab", "row#1", {"visibility": "visible"}),
        Delete("flow_access", f"{NAME}/pkg__Wrap_Up", "row#1", {"access": True}),
        Update("field_permissions", f"{NAME}/Account.Industry", "row#1", {"edit": True}, {"edit": False}),
        Delete("object_permissions", f"{NAME}/{CALL}", "row#1", {**fields_of(BY_OPTION["object_permissions"], frozenset({"read"}))}),
        Delete("object_permissions", f"{NAME}/{ZONE}", "row#1", {**fields_of(BY_OPTION["object_permissions"], frozenset({"read"}))}),
        Update("object_permissions", f"{NAME}/Account", "row#1", {"edit": True}, {"edit": False}),
    )


def test_exact_without_anything_asked_for_empties_a_section_and_leaves_the_others() -> None:
    held = {**ALL_READ, "apex_classes": {"Own": GRANTED}}
    made = planning.plan(desired(exact=["apex_classes"]), now(a_set(held)))
    assert [identity(change) for change in made.changes] == [("delete", "apex_class_access", f"{NAME}/Own")]


def test_an_existing_row_gains_only_what_it_lacks() -> None:
    held = {"object_permissions": {"Account": frozenset({"read", "edit", "delete"})}}
    wish = desired(object_permissions=[{"object": "Account", "read": True, "create": True}])
    assert planning.plan(wish, now(a_set(held))).changes == (
        Update("object_permissions", f"{NAME}/Account", "row#1", {"create": False}, {"create": True}),
    )


def test_a_row_that_loses_one_right_and_gains_another_is_one_change_of_both() -> None:
    held = {"object_permissions": {"Account": frozenset({"read", "edit"})}}
    wish = desired(object_permissions=[{"object": "Account", "create": True}], exact=["object_permissions"])
    assert planning.plan(wish, now(a_set(held))).changes == (
        Update("object_permissions", f"{NAME}/Account", "row#1", {"create": False, "edit": True}, {"create": True, "edit": False}),
    )


def test_a_row_without_any_right_grants_nothing_and_goes_where_the_section_is_exact() -> None:
    held = {"object_permissions": {"Account": frozenset()}}
    assert planning.plan(desired(), now(a_set(held))) == Plan()
    (change,) = planning.plan(desired(exact=["object_permissions"]), now(a_set(held))).changes
    assert identity(change) == ("delete", "object_permissions", f"{NAME}/Account")


@pytest.mark.parametrize(
    ("given", "held", "after"),
    [
        ({"description": ""}, {"Description": "words"}, {"description": ""}),
        ({"description": ""}, {}, None),
        ({}, {"Description": "words", "HasActivationRequired": True}, None),
        ({"description": "new"}, {}, {"description": "new"}),
        ({"label": NAME}, {}, None),
        ({"session_activation": True}, {}, {"session_activation": True}),
        ({"session_activation": False}, {"HasActivationRequired": True}, {"session_activation": False}),
        ({"session_activation": False}, {}, None),
    ],
    ids=["an empty text clears", "what is clear stays", "left out is not managed", "set", "unchanged", "on", "off", "off already"],
)
def test_an_attribute_is_managed_only_where_it_is_given(given: dict[str, Any], held: dict[str, Any], after: dict[str, Any] | None) -> None:
    made = planning.plan(desired(**given), now(a_set(**held)))
    assert [change.after for change in made.changes if isinstance(change, Update)] == ([after] if after else [])


def test_a_column_that_not_every_org_has_is_written_only_where_it_is_wanted() -> None:
    for wanted in (True, False):
        wish = desired(object_permissions=[{"object": "Account", "read": True, "view_all_fields": wanted}])
        created = planning.plan(wish, now()).changes[1]
        assert isinstance(created, Create)
        assert created.after.get("view_all_fields", False) is wanted
        assert ("view_all_fields" in created.after) is wanted


# -- a clone and its source ----------------------------------------------------------------------------------------------------------

SOURCE = {"clone_from": {"name": "pkg__Packaged"}}
BEFORE = {"object_permissions": {"Account": frozenset({"read", "create"})}, "apex_classes": {"pkg__Dial": GRANTED}}
AFTER = {"object_permissions": {"Account": frozenset({"read", "edit"})}, "apex_classes": {"pkg__Dial": GRANTED, "pkg__Hang": GRANTED}}


def a_clone(held: Grants | None = None, then: Grants | None = None, source: str = "pkg__Packaged", text: str = "words") -> SetState:
    origin = _set_origin.origin_of(source, packaged().id, "1.0", BEFORE if then is None else then)
    return a_set(BEFORE if held is None else held, Description=_set_origin.described(text, origin))


def follow(held: Grants | None = None, **given: Any) -> tuple[Plan, dict[str, Any], Current]:
    wish = desired(**{**SOURCE, **given})
    made, current = planned(wish, now(a_clone(held), packaged(AFTER), version="2.0"))
    return made, planning.report(wish, current, made), current


def test_what_became_of_the_source_is_told_and_by_default_not_taken_over() -> None:
    made, told, _unused = follow()
    assert made == Plan()
    assert told["source_changes"] == {
        "changed": True,
        "confirmed": True,
        "gained": ["edit on object Account", "Apex class pkg__Hang"],
        "lost": ["create on object Account"],
        "version": {"before": "1.0", "now": "2.0"},
        "renamed_from": None,
        "removed": False,
        "license": "",
    }
    assert any("on_source_change: merge" in words for words in told["warnings"])


def test_merge_takes_over_what_was_gained_and_keeps_what_was_lost() -> None:
    made, told, current = follow(on_source_change="merge")
    assert [identity(change) for change in made.changes] == [
        ("update", "permission_set", NAME),
        ("update", "object_permissions", f"{NAME}/Account"),
        ("create", "apex_class_access", f"{NAME}/pkg__Hang"),
    ]
    (own, raised, _unused) = made.changes
    assert isinstance(own, Update)
    assert set(own.after) == {planning.ORIGIN}
    assert (own.before[planning.ORIGIN].split()[1], own.after[planning.ORIGIN].split()[1]) == ("1.0", "2.0")
    assert isinstance(raised, Update)
    assert raised.after == {"edit": True}
    assert told["source_changes"]["changed"]
    applied = apply(made, desired(**SOURCE, on_source_change="merge"), current)
    assert applied.target is not None
    assert planning.own_text(applied.target.row) == "words"


def test_merge_takes_away_what_was_lost_where_the_section_is_exact() -> None:
    made, _told, current = follow(on_source_change="merge", exact=["object_permissions"])
    after = granted_by(apply(made, desired(**SOURCE, on_source_change="merge", exact=["object_permissions"]), current).held)
    assert after["object_permissions"] == AFTER["object_permissions"]


def test_an_exact_section_keeps_what_the_source_lost_while_that_is_only_told() -> None:
    made, _told, _unused = follow(exact=["object_permissions", "apex_classes"])
    assert made == Plan()


@pytest.mark.parametrize(
    ("held", "source"),
    [
        (BEFORE, {"object_permissions": BEFORE["object_permissions"]}),
        ({**BEFORE, "user_permissions": {"EditTask": GRANTED}}, {**BEFORE, "user_permissions": {"EditTask": GRANTED}}),
    ],
    ids=["only lost", "held already"],
)
def test_a_change_that_merge_has_nothing_to_write_for_is_recorded_and_told_no_more(held: Grants, source: Grants) -> None:
    merge, fail = desired(**SOURCE, on_source_change="merge"), desired(**SOURCE, on_source_change="fail")
    made, current = planned(merge, now(a_clone(held), packaged(source), version="2.0"))
    (change,) = made.changes
    assert isinstance(change, Update)
    assert set(change.after) == {planning.ORIGIN}
    later = replace(apply(made, merge, current), since=None)
    for wish in (merge, fail, desired(**SOURCE)):
        made, after = planned(wish, later)
        assert made == Plan()
        assert planning.report(wish, after, made)["source_changes"]["changed"] is False


def test_a_change_that_is_not_proven_is_laid_to_nobody_s_charge() -> None:
    # Both lost the object, and the clone gained what the source never had: no sum tells what of that was the source's doing.
    wish = desired(**SOURCE)
    classes = {"apex_classes": BEFORE["apex_classes"]}
    made, current = planned(wish, now(a_clone({**classes, "user_permissions": {"EditTask": GRANTED}}), packaged(classes)))
    told = planning.report(wish, current, made)
    assert told["source_changes"]["confirmed"] is False
    (warning,) = told["warnings"]
    assert "so did the clone: the clone has more than it: user permission EditTask" in warning
    assert "lost" not in warning


def test_fail_stops_and_says_what_was_gained_and_lost() -> None:
    with pytest.raises(Problem) as told:
        planning.plan(desired(**SOURCE, on_source_change="fail"), now(a_clone(), packaged(AFTER)))
    assert told.value.code == "source_changed"
    assert "Apex class pkg__Hang" in told.value.said
    assert "create on object Account" in told.value.said
    assert "merge" in told.value.remedy


def test_a_clone_that_somebody_stripped_is_completed_where_the_source_is_as_it_was() -> None:
    wish = desired(**SOURCE)
    made, current = planned(wish, now(a_clone({}, AFTER), packaged(AFTER), version="1.0"))
    assert {change.kind for change in made.changes} == {"object_permissions", "apex_class_access"}
    assert current.since is not None
    assert current.since.changes is not None
    assert not current.since.changes.changed


@pytest.mark.parametrize(
    ("given", "target"),
    [(SOURCE, a_set(Description="x" * 200)), ({"description": "x" * 200}, a_clone())],
    ids=["its own text, and it becomes a clone", "a text for a clone"],
)
def test_a_description_that_leaves_no_room_for_the_record_stops_before_any_write(given: dict[str, Any], target: SetState) -> None:
    with pytest.raises(Problem) as told:
        planning.plan(desired(**given), now(target, packaged(BEFORE) if given is SOURCE else None))
    assert (told.value.code, "200 characters" in told.value.said) == ("too_long", True)
    assert str(_set_origin.MAX_TEXT) in told.value.remedy


def test_a_set_that_was_no_clone_becomes_one_without_being_told_a_change() -> None:
    wish = desired(**SOURCE)
    made, current = planned(wish, now(a_set(BEFORE), packaged(AFTER)))
    assert planning.report(wish, current, made)["source_changes"] is None
    assert minus(AFTER, granted_by(apply(made, wish, current).held)) == {}


def test_a_source_under_another_name_is_known_by_its_id() -> None:
    wish = desired(clone_from={"name": "pkg__Packaged"})
    made, current = planned(wish, now(a_clone(source="pkg__Old_Name"), packaged(BEFORE)))
    told = planning.report(wish, current, made)
    assert told["source_changes"]["renamed_from"] == "pkg__Old_Name"
    assert told["source_changes"]["changed"]
    assert any("pkg__Old_Name" in words for words in told["warnings"])
    assert not any("Correct clone_from" in words for words in told["warnings"]), "it has the new name already"


def test_a_name_that_the_source_no_longer_has_is_to_be_corrected() -> None:
    wish = desired(clone_from={"name": "pkg__Old_Name"})
    made, current = planned(wish, now(a_clone(source="pkg__Old_Name"), packaged(BEFORE)))
    (warning,) = planning.report(wish, current, made)["warnings"]
    assert warning.endswith("it was pkg__Old_Name. Correct clone_from.")


def test_a_clone_of_something_else_is_no_clone_of_this_source() -> None:
    other = replace(packaged(AFTER), row=row("Packaged", NamespacePrefix="pkg", Id="0PSidOther00000000"))
    clone = a_clone(source="pkg__Something_Else")
    made, current = planned(desired(**SOURCE), now(clone, other))
    assert current.since is None
    assert minus(AFTER, granted_by(apply(made, desired(**SOURCE), current).held)) == {}


def test_a_source_that_is_gone_is_told_and_removes_nothing() -> None:
    wish = desired(**SOURCE, user_permissions=["ApiEnabled"])
    made, current = planned(wish, now(a_clone()))
    told = planning.report(wish, current, made)
    assert [change.kind for change in made.changes] == ["user_permissions"]
    assert (told["source_changes"]["removed"], told["source_changes"]["changed"]) == (True, True)
    assert "is gone" in told["warnings"][0]


@pytest.mark.parametrize(("given", "code"), [({"exact": ["tabs"]}, "source_gone"), ({"on_source_change": "fail"}, "source_changed")])
def test_a_source_that_is_gone_stops_what_depends_on_it(given: dict[str, Any], code: str) -> None:
    with pytest.raises(Problem) as told:
        planning.plan(desired(**SOURCE, **given), now(a_clone()))
    assert told.value.code == code
    assert "gone" in told.value.said


def test_a_licence_that_no_longer_stands_is_told() -> None:
    wish = desired(**SOURCE)
    made, current = planned(wish, now(a_clone(), packaged(BEFORE), source_trouble="the package license of pkg is Expired"))
    told = planning.report(wish, current, made)
    assert made == Plan()
    assert told["source_changes"]["license"] == "the package license of pkg is Expired"
    assert told["source_changes"]["changed"]
    assert any("Expired" in words for words in told["warnings"])


def test_a_new_clone_takes_over_description_licence_and_activation_unless_told_otherwise() -> None:
    source = packaged(BEFORE, Description="theirs", HasActivationRequired=True, LicenseId="100#1", License={"Name": "Salesforce"})
    taken = planning.plan(desired(**SOURCE), now(source=source)).changes[0].after  # type: ignore[union-attr]
    assert {name: value for name, value in taken.items() if name != planning.ORIGIN} == {
        "label": "Acme Set",
        "description": "theirs",
        "session_activation": True,
        "license": "Salesforce",
    }
    told = planning.plan(desired(**SOURCE, description="", session_activation=False), now(source=source)).changes[0].after  # type: ignore[union-attr]
    assert (told["description"], told["session_activation"]) == ("", False)


@pytest.mark.parametrize(
    ("given", "row_now", "source_row", "expected"),
    [
        ({"session_activation": True}, None, None, True),
        ({}, {"HasActivationRequired": True}, None, True),
        ({"session_activation": False}, {"HasActivationRequired": True}, None, False),
        ({}, None, {"HasActivationRequired": True}, True),
        ({}, {}, {"HasActivationRequired": True}, False),
        ({}, None, None, False),
    ],
    ids=["asked for", "there already", "taken away", "a new clone's source", "an older clone's source", "not at all"],
)
def test_a_set_that_needs_activation_says_so(
    given: dict[str, Any], row_now: dict[str, Any] | None, source_row: dict[str, Any] | None, expected: bool
) -> None:
    wish = desired(**given, **(SOURCE if source_row is not None else {}))
    current = now(None if row_now is None else a_set(**row_now), None if source_row is None else packaged(**source_row))
    told = planning.report(wish, current, planning.plan(wish, current))
    assert told["permission_set"]["needs_activation"] is expected
    assert any("needs activation" in words for words in told["warnings"]) is expected


def test_nothing_of_a_source_is_dropped_in_silence() -> None:
    source = packaged(
        {
            "user_permissions": dict.fromkeys(["ApiEnabled", "ManageUsers", "NotHere"], GRANTED),
            "object_permissions": {"Gone__c": frozenset({"read"})},
            "field_permissions": {"Account.Gone__c": frozenset({"read"})},
            "custom_permissions": {"pkg__Gone": GRANTED},
            "tabs": {"pkg__Tab": tab_rights("visible")},
        },
        other={"0XU#1": "ExternalCredentialParameter", "0XU#2": "ExternalCredentialParameter", "0DS#1": "TabSet"},
        HasActivationRequired=True,
    )
    wish = desired(**SOURCE, session_activation=False)
    made, current = planned(wish, now(source=source))
    assert planning.report(wish, current, made)["not_cloned"] == [
        "user permission ManageUsers",
        "user permission NotHere",
        "read on object Gone__c",
        "read on field Account.Gone__c",
        "custom permission pkg__Gone",
        "session activation",
        "access to 2 ExternalCredentialParameter",
        "access to 1 TabSet",
    ]


def test_a_source_that_is_only_checked_says_what_it_lacks() -> None:
    wish = desired(**SOURCE, clone="never", user_permissions=["ApiEnabled"])
    made, current = planned(wish, now(source=packaged()))
    told = planning.report(wish, current, made)
    assert told["missing"] == ["user permission ApiEnabled"]
    assert "pkg__Packaged lacks 1 of the rights" in told["warnings"][0]
    assert told["source"] == told["permission_set"]["qualified_name"] == "pkg__Packaged"
    assert told["not_cloned"] == []


# -- what needs what -----------------------------------------------------------------------------------------------------------------

NEEDY = Needs(user={"EditTask": frozenset({"RunReports"})}, objects={"EditTask": frozenset({("Account", "edit")})})


@pytest.mark.parametrize(
    ("mode", "kinds"),
    [
        ("none", ["permission_set", "user_permissions"]),
        ("objects", ["permission_set", "object_permissions", "user_permissions"]),
        ("all", ["permission_set", "object_permissions", "user_permissions"]),
    ],
)
def test_what_is_needed_is_added_as_far_as_is_wished(mode: str, kinds: list[str]) -> None:
    wish = desired(user_permissions=["EditTask"], resolve_dependencies=mode)
    current = now(needs=NEEDY if mode == "all" else replace(NEEDY, user={}))
    made = planning.plan(wish, current)
    assert [change.kind for change in made.changes] == kinds
    told = planning.report(wish, current, made)["added_dependencies"]
    assert [(item["name"], item["rights"]) for item in told] == {
        "none": [],
        "objects": [("Account", ["read", "edit"])],
        "all": [("Account", ["read", "edit"]), ("RunReports", ["granted"])],
    }[mode]
    assert all("EditTask" in repr(item["needed_by"]) or item["name"] == "Account" for item in told)


def test_a_right_that_opens_the_org_is_never_added_and_the_task_says_which() -> None:
    current = now(needs=Needs(user={"EditTask": frozenset({"ManageUsers"})}))
    with pytest.raises(Problem) as told:
        planning.plan(desired(user_permissions=["EditTask"], resolve_dependencies="all"), current)
    assert told.value.code == "high_risk"
    assert "ManageUsers" in told.value.said
    assert HIGH_RISK["ManageUsers"] in told.value.said
    assert "user_permissions" in told.value.remedy


@pytest.mark.parametrize("held", [{"user_permissions": {"ManageUsers": GRANTED}}, None])
def test_a_right_that_opens_the_org_is_no_hindrance_where_it_is_named_or_held(held: Grants | None) -> None:
    named = [] if held else ["ManageUsers"]
    current = now(a_set(held), needs=Needs(user={"EditTask": frozenset({"ManageUsers"})}))
    made = planning.plan(desired(user_permissions=["EditTask", *named], resolve_dependencies="all"), current)
    assert made.changes == (Create("user_permissions", NAME, dict.fromkeys(sorted(["EditTask", *named]), True)),)


REFUSAL = RecordError(NAME, "FIELD_INTEGRITY_EXCEPTION", "Permission EditTask depends on permission(s): RunReports, Edit Account", (), "")


@pytest.mark.parametrize(
    ("mode", "user", "objects"),
    [
        ("all", {"EditTask": {"RunReports"}}, {"EditTask": {("Account", "edit")}}),
        ("objects", {}, {"EditTask": {("Account", "edit")}}),
        ("none", None, None),
    ],
)
def test_a_refusal_teaches_as_far_as_dependencies_are_resolved(mode: str, user: Any, objects: Any) -> None:
    learned = planning.learn(desired(resolve_dependencies=mode), now(), [(REFUSAL,)])
    assert (learned and dict(learned.needs.user), learned and dict(learned.needs.objects)) == (user, objects)


def test_a_refusal_that_says_nothing_new_teaches_nothing() -> None:
    wish = desired(resolve_dependencies="all")
    learned = planning.learn(wish, now(), [(REFUSAL,)])
    assert learned is not None
    assert planning.learn(wish, learned, [(REFUSAL,)]) is None
    assert planning.learn(wish, now(), [(replace(REFUSAL, code="DUPLICATE_VALUE"),), ()]) is None
    assert planning.learn(desired(state="absent"), now(), [(REFUSAL,)]) is None


# -- who may be written --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"NamespacePrefix": "pkg"}, "managed_target"),
        ({"IsCustom": False}, "standard_target"),
        ({"IsCustom": False, "NamespacePrefix": "force"}, "standard_target"),
        ({"PermissionSetGroupId": "0PG#1"}, "group_target"),
        ({"IsOwnedByProfile": True}, "profile_target"),
    ],
)
def test_sets_that_are_not_the_users_own_are_refused(more: dict[str, Any], code: str, state: str) -> None:
    with pytest.raises(Problem) as told:
        planning.plan(desired(state=state), now(a_set(**more)))
    assert told.value.code == code
    assert NAME in str(told.value)
    assert told.value.remedy


LICENCE = License("0PL#1", "Voice Seat", frozenset({"ApiEnabled"}))


@pytest.mark.parametrize(
    ("target", "code"),
    [(a_set(LicenseId="0PL#2"), "license_fixed"), (a_set(), "license_fixed"), (None, "license_forbids")],
    ids=["another licence", "none", "a permission that it does not allow"],
)
def test_a_licence_that_cannot_be_is_refused(target: SetState | None, code: str) -> None:
    with pytest.raises(Problem) as told:
        planning.plan(desired(license="Voice Seat", user_permissions=["EditTask"]), now(target, license=LICENCE))
    assert told.value.code == code
    assert "Voice Seat" in told.value.said
    assert code != "license_forbids" or "EditTask" in told.value.said


@pytest.mark.parametrize(
    ("licence", "source", "expected"),
    [
        (LICENCE, packaged(LicenseId="100#1", License={"Name": "Salesforce"}), "Voice Seat"),
        (None, packaged(LicenseId="100#1", License={"Name": "Salesforce"}), "Salesforce"),
        (None, packaged(), None),
        (None, None, None),
    ],
    ids=["as asked for", "the source's", "the source has none", "none"],
)
def test_a_new_set_gets_the_licence_asked_for_or_its_sources(
    licence: License | None, source: SetState | None, expected: str | None
) -> None:
    created = planning.plan(desired(**(SOURCE if source else {})), now(source=source, license=licence)).changes[0]
    assert isinstance(created, Create)
    assert created.after.get("license") == expected


# -- taking a set away ---------------------------------------------------------------------------------------------------------------

users = st.dictionaries(st.integers(0, 9).map(lambda number: f"user{number}@acme.example"), st.just("0Pa#1"), max_size=4)
groups = st.dictionaries(st.sampled_from(["Sales", "Service"]), st.just("0PM#1"))
takings = st.lists(st.sampled_from(["users", "groups", "running_user"]), unique=True)


@given(users, groups, takings, st.sampled_from(["", "user1@acme.example"]))
def test_a_set_goes_out_of_groups_then_from_users_and_only_if_that_was_asked(
    assignments: dict[str, str], members: dict[str, str], taken: list[str], running: str
) -> None:
    current = now(a_set(), assignments=assignments, groups=members, running_user=running if running in assignments else "")
    wish = desired(state="absent", take_from=taken)
    others = set(assignments) - {running}
    in_the_way = [
        code
        for code, what, option in (
            ("in_group", members, "groups"),
            ("assigned", others, "users"),
            ("own_set", set(assignments) - others, "running_user"),
        )
        if what and option not in taken
    ]
    if in_the_way:
        with pytest.raises(Problem) as told:
            planning.plan(wish, current)
        assert told.value.code == in_the_way[0]
        assert "take_from" in told.value.remedy
        return
    made = planning.plan(wish, current)
    kinds = [change.kind for change in made.changes]
    assert kinds == [planning.MEMBER_KIND] * len(members) + [planning.ASSIGNMENT_KIND] * len(assignments) + ["permission_set"]
    assert all(isinstance(change, Delete) for change in made.changes)
    applied = apply(made, wish, current)
    assert applied.target is None
    assert planning.plan(wish, applied) == Plan()


@pytest.mark.parametrize(("most", "stops"), [(2, True), (3, False)])
def test_a_set_that_more_users_have_than_may_lose_it_stays(most: int, stops: bool) -> None:
    current = now(a_set(), assignments={f"user{number}@acme.example": "0Pa#1" for number in range(3)})
    wish = desired(state="absent", take_from=["users"], max_removals=most)
    if not stops:
        assert len(planning.plan(wish, current).changes) == 4
        return
    with pytest.raises(Problem) as told:
        planning.plan(wish, current)
    assert told.value.code == "too_many_removals"
    assert "max_removals" in told.value.remedy
    assert NAME in told.value.tried


def test_a_set_that_is_not_there_needs_no_removal() -> None:
    assert planning.plan(desired(state="absent"), now()) == Plan()
    assert planning.report(desired(state="absent"), now(), Plan())["permission_set"]["name"] == NAME
