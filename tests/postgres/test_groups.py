"""Parameter groups are read from every format we render and from what people write, and nothing is passed over."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.postgres.groups import Group, read_groups

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
    assert read_groups(document) == (Group(name="x", family="postgres16", parameters=ROWS),)


def test_what_only_terraform_could_work_out_is_named() -> None:
    """Expressions, dynamic blocks and values of no known kind are left unread, each by itself."""
    rows = [{"name": "a", "value": "${var.a}"}, {"name": "b", "value": None}, {"name": "c", "value": True}, 7]
    (group,) = read_groups(terraform(rows))
    assert group.parameters == (("c", "1"),)
    assert [json.loads(each) for each in group.unread] == [rows[0], rows[1], rows[3]]
    (dynamic,) = read_groups({"resource": {"aws_db_parameter_group": {"x": {"dynamic": [1], "family": "${x}"}}}})
    assert (dynamic.family, dynamic.major, dynamic.unread) == (None, None, ('{"dynamic": [1]}',))


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
        assert all(isinstance(text, str) for row in group.parameters for text in row)
