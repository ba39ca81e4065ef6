"""Parameter groups are read from every format we render and from what people write, and nothing is passed over."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.formats.parameter_group import ApplyMethod, GroupParameter, ParameterGroup, described_group, read_groups

ROWS = (("work_mem", "65536"), ("search_path", "${a}%{b}"))


def terraform(rows: object) -> object:
    return {"resource": {"aws_db_parameter_group": {"x": {"family": "postgres16", "parameter": rows}}}}


@pytest.mark.parametrize(
    "document",
    [
        terraform([{"name": "work_mem", "value": "65536"}, {"name": "search_path", "value": "$${a}%%{b}"}]),
        {
            "Resources": {
                "x": {
                    "Type": "AWS::RDS::DBParameterGroup",
                    "Properties": {"Family": "postgres16", "Parameters": dict(ROWS)},
                },
                "y": {"Type": "AWS::RDS::DBInstance", "Properties": {"Family": "no"}},
            }
        },
        {
            "create": {"DBParameterGroupName": "x", "DBParameterGroupFamily": "postgres16"},
            "modify": [{"Parameters": [{"ParameterName": name, "ParameterValue": value}]} for name, value in ROWS],
        },
    ],
)
def test_the_same_group_in_every_format(document: object) -> None:
    """`${` means something in Terraform alone, where it is escaped."""
    (group,) = read_groups(document)
    assert group == ParameterGroup(
        name="x",
        family="postgres16",
        parameters=tuple(GroupParameter(name=name, value=value) for name, value in ROWS),
    )
    assert (group.major, group.values) == (16, dict(ROWS))


def test_what_only_terraform_could_work_out_is_named() -> None:
    """Expressions, dynamic blocks and values of no known kind are left unread, each by itself."""
    rows = [{"name": "a", "value": "${var.a}"}, {"name": "b", "value": None}, {"name": "c", "value": True}, 7]
    (group,) = read_groups(terraform(rows))
    assert group.values == {"c": "1"}
    assert [json.loads(each.subject) for each in group.diagnostics] == [rows[0], rows[1], rows[3]]
    (dynamic,) = read_groups({"resource": {"aws_db_parameter_group": {"x": {"dynamic": [1], "family": "${x}"}}}})
    assert (dynamic.family, dynamic.major) == (None, None)
    assert [each.subject for each in dynamic.diagnostics] == ['{"dynamic": [1]}']


def test_when_a_change_takes_hold() -> None:
    """In Terraform's words and in the API's, which are the same; anything else is as good as not said."""
    for method, meant in (
        ("immediate", ApplyMethod.IMMEDIATE),
        ("pending-reboot", ApplyMethod.PENDING_REBOOT),
        (1, None),
    ):
        rows = [{"name": "jit", "value": "1", "apply_method": method}]
        call = {"ParameterName": "jit", "ParameterValue": "1", "ApplyMethod": method}
        (written,) = read_groups(terraform(rows))
        described = described_group("x", "postgres16", [call])
        assert [each.apply_method for each in (*written.parameters, *described.parameters)] == [meant, meant]


def test_what_rds_sets_itself_is_not_read() -> None:
    """describe-db-parameters lists hundreds of rows: without a value, or with one that nobody set."""
    rows = [
        {"ParameterName": "work_mem", "ParameterValue": "65536", "Source": "user"},
        {"ParameterName": "jit", "ParameterValue": "1", "Source": "system"},
        {"ParameterName": "port", "Source": "user"},
        {"ParameterName": "fsync"},
    ]
    assert described_group("x", "postgres16", rows).values == {"work_mem": "65536"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["resource", "aws_db_parameter_group", "parameter", "name", "value", "family", "create", "modify"]
            )
            | st.sampled_from(["Resources", "Type", "Properties", "Parameters", "x"]),
            inner | st.just("AWS::RDS::DBParameterGroup"),
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(JSON)
@settings(derandomize=True, deadline=None, max_examples=500)
def test_any_document(document: object) -> None:
    """Whatever the JSON is, there is an answer."""
    for group in read_groups(document):
        assert all(isinstance(text, str) for row in group.values.items() for text in row)
