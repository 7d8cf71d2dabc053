"""What an AWS service has to be allowed to before its message reaches a topic.

"To allow CloudWatch to publish to an encrypted topic, the key's policy has to grant the service
kms:Decrypt and kms:GenerateDataKey*" and "the access policy of the topic has to grant the service
sns:Publish" (SNS Developer Guide, Key management and Access control). The key that AWS manages for
SNS grants that to nobody, and its policy cannot be changed.
"""

from __future__ import annotations

from dataclasses import dataclass

from moto.kms.models import kms_backends
from moto.sns.models import sns_backends

from sandbox.aws.access.policy import Query, Verdict, evaluate_resource_policy
from sandbox.aws.gaps import Context

KEY_ACTIONS = ("kms:Decrypt", "kms:GenerateDataKey")
#: Services that say to KMS on whose behalf they ask; EventBridge does not (SNS Developer Guide).
_NAMES_ITS_SOURCE = ("cloudwatch.amazonaws.com", "budgets.amazonaws.com")


@dataclass(frozen=True, slots=True)
class Message:
    """What a service tells a topic, on behalf of a resource (``source``, its ARN)."""

    service: str
    source: str
    subject: str | None
    text: str


def publish(message: Message, topic_arn: str, context: Context) -> str:
    """Hand a message to a topic; what stood in its way in AWS's words, or nothing."""
    region = topic_arn.split(":")[3]
    backend = sns_backends[context.account][region]
    topic = backend.topics.get(topic_arn)
    if topic is None:
        return "Topic does not exist"
    source = {"aws:sourcearn": [message.source], "aws:sourceaccount": [context.account]}
    keys = {**source, "aws:sourceowner": [context.account], "aws:securetransport": ["true"]}
    if not _allowed(topic.policy, "sns:Publish", topic_arn, message.service, keys):
        return f"{message.service} is not authorized to perform: SNS:Publish on {topic_arn}"
    if topic.kms_master_key_id:
        known = source if message.service in _NAMES_ITS_SOURCE else {}
        keys = {**known, "kms:encryptioncontext:aws:sns:topicarn": [topic_arn]}
        policy, key_arn = _key(topic.kms_master_key_id, region, context)
        for action in KEY_ACTIONS:
            if not _allowed(policy, action, key_arn, message.service, keys):
                return f"{message.service} is not authorized to perform: {action} on {key_arn}"
    backend.publish(message.text, topic_arn, subject=message.subject)
    return ""


def _allowed(
    policy: str, action: str, resource: str, service: str, keys: dict[str, list[str]]
) -> bool:
    query = Query(action, resource, keys, (f"Service:{service}", "AWS:*"))
    return evaluate_resource_policy(policy, query) is Verdict.ALLOW


def _key(key_id: str, region: str, context: Context) -> tuple[str, str]:
    """Policy and ARN of the key that a topic is encrypted with."""
    if key_id.startswith("alias/aws/"):
        return "{}", key_id
    keys = kms_backends[context.account][region]
    key = keys.keys.get(keys.any_id_to_key_id(key_id))
    return ("{}", key_id) if key is None else (str(key.policy), str(key.arn))
