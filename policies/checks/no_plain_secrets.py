"""CKV_KWD_14: No secret stands in a task, a function or a boot script."""

from __future__ import annotations

import base64
import re
from typing import Any

from checkov.common.models.enums import CheckCategories
from containers import containers
from rule import Rule
from support import is_unknown, one, values

NAME = re.compile(
    r"(?:^|_)(?:PASSWORD|PASSWD|PWD|SECRET|SECRET_KEY|TOKEN|API_?KEY|ACCESS_KEY|PRIVATE_KEY|CREDENTIALS)$"
)
REFERENCE = re.compile(r"^(?:arn:aws|/|file:)")
FORM = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\b(?:gh[pousr]_|github_pat_)[A-Za-z0-9_]{20,}"
    r"|\bsk-(?:lf-|ant-)?[A-Za-z0-9_-]{16,}"
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}"
    r"|[a-z][a-z0-9+]*://[^/\s:@$]+:[^@\s/$]+@"
)


class NoPlainSecrets(Rule):
    """Secrets come by reference (``valueFrom``, an ARN), never as a value.

    Found by the variable's name (password, secret, token, key of an API) and by the value's form
    (key formats, private keys, addresses with a password in them). A value that is an ARN or a
    path is a reference.
    """

    rule = "CKV_KWD_14"
    title = "No secret stands in a task, a function or a boot script"
    finding = "A secret stands as plain text in a task, a function or a boot script."
    remedy = "Put it into Secrets Manager and name its ARN."
    points = ("container_definitions", "environment", "user_data")
    category = CheckCategories.SECRETS
    types = (
        "aws_ecs_task_definition",
        "aws_lambda_function",
        "aws_launch_template",
        "aws_instance",
    )

    def broken(self, conf: dict[str, Any]) -> bool:
        if self.entity_type == "aws_ecs_task_definition":
            return any(
                _secret(str(variable.get("name", "")), variable.get("value"))
                for container in containers(conf)
                for variable in values(container, "environment")
                if isinstance(variable, dict)
            )
        if self.entity_type == "aws_lambda_function":
            return any(
                _secret(name, value)
                for block in values(conf, "environment")
                for variables in values(block, "variables")
                for name in variables
                for value in values(variables, name)
            )
        return bool(FORM.search(_script(conf)))


def _secret(name: str, value: Any) -> bool:
    if value in (None, "") or is_unknown(value):
        return False
    text = str(value)
    return bool(FORM.search(text)) or bool(NAME.search(name.upper()) and not REFERENCE.match(text))


def _script(conf: dict[str, Any]) -> str:
    """What an instance runs at boot, as far as it can be read: a plan has only its hash."""
    plain = str(one(conf, "user_data") or "")
    try:
        return plain + base64.b64decode(plain, validate=True).decode()
    except ValueError:
        return plain


check = NoPlainSecrets()
