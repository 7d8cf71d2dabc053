"""The module secrets twice: taken over from Terraform's own versions, and made anew."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.client import Sandbox
from sandbox.layout import ACCOUNT, REGION
from tests.terraform.rotating import CEILING, push_image
from tests.terraform.stacks import ADMIN, TREE, Credentials, client
from tests.terraform.test_validations import example, root, terraform

NAMES = ("api-key", "langfuse", "neo4j", "phoenix")
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/valued"
#: Every action of Secrets Manager that answers with a value.
READS_VALUES = ["secretsmanager:BatchGetSecretValue", "secretsmanager:GetSecretValue"]
#: The module as it was when Terraform wrote the values: a version of each secret.
BEFORE = """
variable "prefix" {
  type = string
}
""" + "".join(
    f"""
ephemeral "aws_secretsmanager_random_password" "{label}" {{
  exclude_punctuation = true
}}

resource "aws_secretsmanager_secret" "{label}" {{
  name                    = "${{var.prefix}}/{name}"
  recovery_window_in_days = 0
}}

resource "aws_secretsmanager_secret_version" "{label}" {{
  secret_id                = aws_secretsmanager_secret.{label}.id
  secret_string_wo         = ephemeral.aws_secretsmanager_random_password.{label}.random_password
  secret_string_wo_version = 2
}}
"""
    for name, label in ((name, name.replace("-", "_")) for name in NAMES)
)
OLD_ROOT = """
provider "aws" {
  region = "ap-southeast-2"
}

module "m0" {
  source = "./before"
  prefix = "valued"
}
"""


def without_values(url: str, name: str) -> Credentials:
    """Keys of a user who may do everything but read a secret's value."""
    denied = {"Effect": "Deny", "Action": READS_VALUES, "Resource": "*"}
    document = {**CEILING, "Statement": [*CEILING["Statement"], denied]}
    iam = client("iam", url)
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }


def calls(**changed: str) -> list[tuple[str, dict[str, str]]]:
    """The module below ``valued``, at the generation of before, and below ``fresh``."""
    image = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/valued:{TREE}"
    return [
        (
            "modules/secrets",
            example("modules/secrets")
            | {
                "prefix": f'"{name}"',
                "name": f'"{name}"',
                "image": f'"{image}"',
                "log_group": f'{{ name = "/{name}/secrets" }}',
                "permissions_boundary": f'"{BOUNDARY}"',
                "recovery_days": "0",
                "api_key_generation": generation,
                "phoenix_generation": generation,
            }
            | changed,
        )
        for name, generation in (("valued", "2"), ("fresh", "1"))
    ]


@dataclass(frozen=True, slots=True)
class Valued:
    """The root in ``folder``, and what was in the secrets before the module took them over."""

    box: Sandbox
    folder: Path
    keys: Credentials  # of somebody who may read no value
    before: dict[str, str]
    upgrade: str  # what Terraform said when that somebody planned the take-over

    @classmethod
    def make(cls, box: Sandbox, folder: Path) -> Valued:
        push_image(box, "valued")
        iam = client("iam", box.aws_url)
        iam.create_policy(PolicyName="valued", PolicyDocument=json.dumps(CEILING))
        root(folder, calls())
        text = (folder / "main.tf").read_text()
        (folder / "before").mkdir()
        (folder / "before" / "main.tf").write_text(BEFORE)
        (folder / "main.tf").write_text(OLD_ROOT)
        made = cls(box, folder, without_values(box.aws_url, "valued"), {}, "")
        made.terraform("init")
        made.terraform("apply", "-auto-approve")
        before = {name: made.value(f"valued/{name}") for name in NAMES}
        (folder / "main.tf").write_text(text)
        made.terraform("init")
        upgrade = made.terraform("plan", "-lock=false", credentials=made.keys)
        made.terraform("apply", "-auto-approve")
        return cls(box, folder, made.keys, before, upgrade)

    def terraform(self, *arguments: str, **more: Any) -> str:
        return terraform(self.folder, *arguments, url=self.box.aws_url, **more)

    def value(self, name: str, by: Credentials = ADMIN) -> str:
        secrets = client("secretsmanager", self.box.aws_url, by)
        return str(secrets.get_secret_value(SecretId=name)["SecretString"])

    def values(self) -> dict[str, str]:
        """Every value that there is now, by the secret's name."""
        return {
            f"{prefix}/{name}": self.value(f"{prefix}/{name}")
            for prefix in ("valued", "fresh")
            for name in NAMES
        }
