"""An alarm that fires reaches its readers, and does not where a policy is in the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.aws.alarm_rules import holds, names
from sandbox.layout import ACCOUNT, REGION
from tests.sandbox.aws.answers import Aws, missing, valid
from tests.sandbox.aws.conftest import document

CLOUDWATCH = {"Service": "cloudwatch.amazonaws.com"}


def alarm(aws: Aws, name: str, *actions: str, **more: Any) -> str:
    aws("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace="Test",
        MetricName="Value",
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=list(actions),
        **more,
    )
    return f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"


def topic(aws: Aws, name: str, **attributes: str) -> tuple[str, Callable[[], list[dict[str, Any]]]]:
    """A topic and what has come out of it since the last look."""
    sns, sqs = aws("sns"), aws("sqs")
    arn = sns.create_topic(Name=name, Attributes=attributes)["TopicArn"]
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")

    def came() -> list[dict[str, Any]]:
        got = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in got:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in got]

    return arn, came


def fire(aws: Aws, name: str, state: str = "ALARM") -> None:
    aws("cloudwatch").set_alarm_state(AlarmName=name, StateValue=state, StateReason="a test")


def test_an_alarm_tells_its_topic_once_when_its_state_changes(aws: Aws, plain: Aws) -> None:
    for client, expected in ((aws, 1), (plain, 0)):
        arn, came = topic(client, "fires")
        alarm(client, "fires", arn, AlarmDescription="Too much")
        fire(client, "fires")
        fire(client, "fires")
        assert len(came()) == expected  # moto keeps the state and tells nobody


def test_the_message_says_what_a_reader_needs(aws: Aws) -> None:
    arn, came = topic(aws, "words")
    identity = alarm(aws, "words", arn, AlarmDescription="Too much")
    fire(aws, "words")
    (message,) = came()
    assert message["Subject"] == 'ALARM: "words" in Asia Pacific (Sydney)'
    told = json.loads(message["Message"])
    assert told["AlarmArn"] == identity
    assert told["AlarmDescription"] == "Too much"
    assert (told["OldStateValue"], told["NewStateValue"]) == ("OK", "ALARM")
    assert told["NewStateReason"] == "a test"


def test_a_topic_that_does_not_admit_cloudwatch_gets_nothing(aws: Aws) -> None:
    arn, came = topic(aws, "closed")
    rule = {"Effect": "Allow", "Principal": CLOUDWATCH, "Action": "sns:Publish", "Resource": arn}
    other = {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:other-*"}}
    aws("sns").set_topic_attributes(
        TopicArn=arn,
        AttributeName="Policy",
        AttributeValue=document({**rule, "Condition": other}),
    )
    alarm(aws, "closed", arn)
    fire(aws, "closed")
    assert came() == []
    answer = valid(aws("cloudwatch"), "DescribeAlarmHistory", AlarmName="closed")
    latest = answer["AlarmHistoryItems"][0]["HistorySummary"]
    assert "is not authorized to perform: SNS:Publish" in latest


@pytest.mark.parametrize("admitted", [True, False])
def test_an_encrypted_topic_needs_a_key_that_admits_cloudwatch(aws: Aws, admitted: bool) -> None:
    name = f"secret-{admitted}".lower()
    use = {"Effect": "Allow", "Principal": CLOUDWATCH, "Resource": "*"}
    allowed = {**use, "Action": ["kms:Decrypt", "kms:GenerateDataKey*"]}
    owner = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"}
    policy = document(owner, *([allowed] if admitted else []))
    key = aws("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"]
    arn, came = topic(aws, name, KmsMasterKeyId=key)
    alarm(aws, name, arn)
    fire(aws, name)
    assert len(came()) == admitted


def test_the_key_that_aws_manages_lets_no_alarm_through(aws: Aws) -> None:
    arn, came = topic(aws, "managed", KmsMasterKeyId="alias/aws/sns")
    alarm(aws, "managed", arn)
    fire(aws, "managed")
    assert came() == []


def test_a_composite_alarm_follows_those_it_speaks_of(aws: Aws) -> None:
    arn, came = topic(aws, "both")
    for name in ("left", "right"):
        alarm(aws, name)
    aws("cloudwatch").put_composite_alarm(
        AlarmName="composite", AlarmRule='ALARM("left") AND ALARM("right")', AlarmActions=[arn]
    )
    fire(aws, "left")
    assert came() == []
    fire(aws, "right")
    (message,) = came()
    told = json.loads(message["Message"])
    assert told["AlarmName"] == "composite"
    assert told["NewStateReason"] == "right transitioned to ALARM"


def test_history_is_missing_in_moto(plain: Aws) -> None:
    assert missing(lambda: plain("cloudwatch").describe_alarm_history())


@pytest.mark.parametrize(
    ("rule", "firing", "expected"),
    [
        ("ALARM(a)", {"a"}, True),
        ('ALARM("a b") OR ALARM(c)', {"c"}, True),
        ("ALARM(a) AND NOT ALARM(b)", {"a", "b"}, False),
        ("ALARM(a) OR ALARM(b) AND ALARM(c)", {"a"}, True),
        ("(ALARM(a) OR ALARM(b)) AND ALARM(c)", {"a"}, False),
        ("OK(a) AND TRUE", {"b"}, True),
        (f"ALARM(arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:a)", {"a"}, True),
        ("FALSE OR INSUFFICIENT_DATA(a)", {"a"}, False),
    ],
)
def test_rules_are_read_as_cloudwatch_does(rule: str, firing: set[str], expected: bool) -> None:
    assert holds(rule, lambda name: "ALARM" if name in firing else "OK") is expected


@pytest.mark.parametrize("rule", ["", "ALARM(a) ALARM(b)", "(ALARM(a)", "MAYBE", "ALARM(a) AND"])
def test_what_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(ValueError):
        holds(rule, lambda _: "OK")


def test_a_rule_names_its_alarms() -> None:
    assert names('ALARM("a") OR NOT OK(b)') == ["a", "b"]
