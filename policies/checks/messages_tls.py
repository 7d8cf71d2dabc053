"""CKV_KWD_28: Topics and queues take messages over TLS only, and queues are encrypted."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from documents import tls_only
from rule import Rule, setting
from support import document

OFF = (False, "false")


class MessagesTls(Rule):
    """A policy denies everybody without TLS. SQS encrypts with its own key unless told not to."""

    rule = "CKV_KWD_28"
    title = "Topics and queues take messages over TLS only, and queues are encrypted"
    finding = "A topic or queue takes messages without TLS, or a queue is not encrypted."
    remedy = "Deny requests without TLS in its policy (aws:SecureTransport); leave encryption on."
    category = CheckCategories.ENCRYPTION
    types = ("aws_sns_topic", "aws_sqs_queue")

    def broken(self, conf: dict[str, Any]) -> bool:
        queue = self.entity_type == "aws_sqs_queue"
        plain = queue and setting(conf, "sqs_managed_sse_enabled") in OFF
        if plain and not setting(conf, "kms_master_key_id"):
            return True
        if setting(conf, "policy"):
            return not tls_only(document(conf, "policy"))
        kind, key = (
            ("aws_sqs_queue_policy", "queue_url") if queue else ("aws_sns_topic_policy", "arn")
        )
        found = self.partners(conf, kind, key)
        return not any(tls_only(document(policy, "policy")) for policy in found)


check = MessagesTls()
