"""CKV_KWD_15: Values of secrets are write-only and never in the state."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories
from rule import Rule
from support import AFTER_UNKNOWN, values

#: The settings that end up in the state.
KEPT = {
    "aws_secretsmanager_secret_version": ("secret_string", "secret_binary"),
    "aws_ssm_parameter": ("value", "insecure_value"),
    "aws_db_instance": ("password",),
    "aws_rds_cluster": ("master_password",),
    "aws_iam_access_key": (),
    "aws_iam_user_login_profile": (),
}


class WriteOnlySecrets(Rule):
    """Who reads the state reads no secret in it: ``secret_string_wo``, not ``secret_string``.

    A database takes ``password_wo`` or lets AWS manage its password. Access keys and login
    profiles are nothing but a secret in the state.
    """

    rule = "CKV_KWD_15"
    title = "Values of secrets are write-only and never in the state"
    finding = "The value of a secret would be in the state."
    remedy = "Use the write-only form (its name ends in _wo), or let AWS manage the password."
    points = ("secret_string", "secret_binary", "value", "password", "master_password")
    category = CheckCategories.SECRETS
    types = (
        "aws_secretsmanager_secret_version",
        "aws_ssm_parameter",
        "aws_db_instance",
        "aws_rds_cluster",
        "aws_iam_access_key",
        "aws_iam_user_login_profile",
    )

    def broken(self, conf: dict[str, Any]) -> bool:
        if self.entity_type == "aws_ssm_parameter" and values(conf, "type") != ["SecureString"]:
            return False
        # An unknown value is one all the same: it will be in the state.
        kept = [item for key in KEPT[self.entity_type] for item in values(conf, key)]
        return self.entity_type.startswith("aws_iam_") or any(not _not_given(item) for item in kept)


def _not_given(value: Any) -> bool:
    return bool(value == AFTER_UNKNOWN)


check = WriteOnlySecrets()
