"""IAM's evaluation of policies, as tables from the IAM User Guide."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.aws.access.conditions import holds, unknown_operators
from sandbox.aws.access.policy import Query, Verdict, evaluate, evaluate_resource_policy

KEYS = {
    "aws:principalarn": ["arn:aws:iam::123456789012:role/team/builder"],
    "aws:requestedregion": ["ap-southeast-2"],
    "aws:securetransport": ["true"],
    "aws:tagkeys": ["Project", "Environment"],
    "aws:principaltag/team": ["blue"],
    "s3:max-keys": ["10"],
    "aws:sourceip": ["10.1.2.3"],
    "aws:currenttime": ["2026-11-25T00:00:00Z"],
}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"aws:RequestedRegion": "ap-southeast-2"}}, True),
        ({"StringEquals": {"aws:RequestedRegion": ["us-east-1", "ap-southeast-2"]}}, True),
        ({"StringEquals": {"aws:RequestedRegion": "AP-SOUTHEAST-2"}}, False),
        ({"StringEqualsIgnoreCase": {"aws:RequestedRegion": "AP-SOUTHEAST-2"}}, True),
        ({"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}, True),
        ({"StringNotEquals": {"aws:RequestedRegion": ["ap-southeast-2", "x"]}}, False),
        ({"StringLike": {"aws:RequestedRegion": "ap-*-?"}}, True),
        ({"StringLike": {"aws:RequestedRegion": "ap-*-??"}}, False),
        ({"StringEquals": {"aws:Absent": "x"}}, False),
        ({"StringEqualsIfExists": {"aws:Absent": "x"}}, True),
        ({"StringNotEquals": {"aws:Absent": "x"}}, True),
        ({"Null": {"aws:Absent": "true"}}, True),
        ({"Null": {"aws:RequestedRegion": True}}, False),
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
        ({"Bool": {"aws:SecureTransport": True}}, True),
        ({"NumericLessThanEquals": {"s3:max-keys": "10"}}, True),
        ({"NumericLessThan": {"s3:max-keys": 10}}, False),
        ({"NumericLessThan": {"aws:RequestedRegion": 10}}, False),
        ({"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}, True),
        ({"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}, False),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, True),
        ({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, False),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/team/*"}}, True),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:*:role/team/builder"}}, False),
        ({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/team/*"}}, False),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["Project", "Environment", "X"]}}, True),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["Project"]}}, False),
        ({"ForAllValues:StringEquals": {"aws:Absent": ["Project"]}}, True),
        ({"ForAnyValue:StringEquals": {"aws:TagKeys": ["Project"]}}, True),
        ({"ForAnyValue:StringLike": {"aws:TagKeys": ["Own*"]}}, False),
        ({"ForAnyValue:StringEquals": {"aws:Absent": ["Project"]}}, False),
        (
            {
                "StringEquals": {"aws:RequestedRegion": "ap-southeast-2"},
                "Bool": {"aws:SecureTransport": "false"},
            },
            False,
        ),
    ],
)
def test_a_condition_holds_as_the_user_guide_says(condition: Any, expected: bool) -> None:
    assert holds(condition, KEYS) is expected


def test_operators_that_iam_does_not_have_are_named() -> None:
    assert unknown_operators({"StringEquals": {}, "ForAnyValue:StringSame": {}}) == [
        "ForAnyValue:StringSame"
    ]


def statement(effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": "s3:Get*", "Resource": "arn:aws:s3:::docs/*", **more}


QUERY = Query("s3:GetObject", "arn:aws:s3:::docs/a/b", KEYS)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([], Verdict.NONE),
        ([statement()], Verdict.ALLOW),
        ([statement(Action="S3:GETOBJECT")], Verdict.ALLOW),
        ([statement(Action="s3:GetObjectTagging")], Verdict.NONE),
        ([statement(Resource="arn:aws:s3:::docs")], Verdict.NONE),
        ([statement(Resource="*")], Verdict.ALLOW),
        ([statement(Resource=["arn:aws:s3:::other/*", "arn:aws:s3:::docs/a/*"])], Verdict.ALLOW),
        ([statement(), statement("Deny", Resource="*")], Verdict.DENY),
        ([statement("Deny", Action="s3:Delete*"), statement()], Verdict.ALLOW),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], Verdict.ALLOW),
        ([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], Verdict.NONE),
        (
            [{"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::docs/*"}, statement()],
            Verdict.ALLOW,
        ),
        ([statement(Resource="arn:aws:s3:::${aws:PrincipalTag/team}/*")], Verdict.NONE),
        ([statement(Condition={"Bool": {"aws:SecureTransport": "false"}})], Verdict.NONE),
    ],
)
def test_identity_policies_are_judged(statements: Any, expected: Verdict) -> None:
    assert evaluate([{"Statement": statements}], QUERY) is expected


def test_policy_variables_are_filled_from_the_request() -> None:
    query = Query("s3:GetObject", "arn:aws:s3:::blue/x", KEYS)
    policy = {"Statement": statement(Resource="arn:aws:s3:::${aws:PrincipalTag/team}/*")}
    assert evaluate([policy], query) is Verdict.ALLOW


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ("*", Verdict.ALLOW),
        ({"AWS": "*"}, Verdict.ALLOW),
        ({"AWS": "arn:aws:iam::123456789012:root"}, Verdict.ALLOW),
        ({"AWS": ["x", "arn:aws:iam::123456789012:root"]}, Verdict.ALLOW),
        ({"AWS": "arn:aws:iam::123456789012:role/other"}, Verdict.NONE),
        ({"Service": "arn:aws:iam::123456789012:root"}, Verdict.NONE),
    ],
)
def test_resource_policies_look_at_the_principal(principal: Any, expected: Verdict) -> None:
    query = Query(QUERY.action, QUERY.resource, {}, ("AWS:arn:aws:iam::123456789012:root",))
    policy = {"Statement": statement(Principal=principal)}
    assert evaluate_resource_policy(policy, query) is expected


def test_a_resource_policy_without_a_principal_allows_nobody() -> None:
    assert evaluate_resource_policy({"Statement": statement()}, QUERY) is Verdict.NONE


@pytest.mark.parametrize(
    "action", ["sns:Unsubscribe", "cloudwatch:PutCompositeAlarm", "ecs:DeregisterTaskDefinition"]
)
def test_some_actions_are_allowed_for_everything_or_not_at_all(action: str) -> None:
    arn = "arn:aws:any:ap-southeast-2:123456789012:thing"

    def verdict(effect: str, resource: str) -> Verdict:
        statement = {"Effect": effect, "Action": action, "Resource": resource}
        return evaluate([{"Statement": [statement]}], Query(action, arn, {}))

    assert verdict("Allow", arn) is Verdict.NONE
    assert verdict("Allow", "arn:aws:any:*") is Verdict.NONE
    assert verdict("Allow", "*") is Verdict.ALLOW
    assert verdict("Deny", "*") is Verdict.DENY
