"""CKV_KWD_38: Nobody has a lasting key: services and GitHub's tokens assume roles."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from documents import principals, statements
from rule import Rule
from support import document


class NoLastingKeys(Rule):
    """No users, no groups, no access keys; roles trust services and identity providers only.

    Whoever leaves, or leaks a key, leaves nothing behind.
    """

    rule = "CKV_KWD_38"
    title = "Nobody has a lasting key: services and GitHub's tokens assume roles"
    finding = "Somebody would have a lasting key, or another account may assume a role."
    remedy = "Let a service or GitHub's tokens assume a role instead."
    points = ("assume_role_policy",)
    category = CheckCategories.IAM
    types = ("aws_iam_user", "aws_iam_group", "aws_iam_access_key", "aws_iam_role")

    def broken(self, conf: dict[str, Any]) -> bool:
        if self.entity_type != "aws_iam_role":
            return True
        trust = statements(document(conf, "assume_role_policy"), "Allow")
        # "*" is CKV_KWD_8's.
        return any(set(principals(one, "AWS")) - {"*"} for one in trust)


check = NoLastingKeys()
