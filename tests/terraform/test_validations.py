"""Bad input is refused with a sentence that names the variable and shows a right value."""

from __future__ import annotations

import json
import re
import subprocess
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.tools import locate
from sandbox.client import Sandbox
from tests.terraform.provider import staying_provider
from tests.terraform.stacks import ADMIN, ENVS, MODULES, TREE, image, terraform_env

pytestmark = pytest.mark.slow

ZONE_A = '{ suffix = "a", public = "10.0.1.0/24", private = "10.0.2.0/24" }'
WATCHED = (
    '{ cluster = "c", service = "s", load_balancer = "l", target_group = "t", '
    'dead_letter_queue = "d", nat = { kind = "two" } }'
)
GRAPH_STORE = '{ instance_id = "i-1", volume_id = "vol-1", log_group = "/x", metrics = {} }'
#: module, variable, bad value as HCL, words of the message beside the example
CASES = [
    ("modules/vpc", "name", '"Knowledge Weaver"', "lower-case letters"),
    ("modules/vpc", "network", '{ cidr = "10.0.0.0" }', "IPv4 block"),
    ("modules/vpc", "network", '{ cidr = "10.0.0.0/8" }', "between /16 and /24"),
    ("modules/vpc", "network", f"{{ zones = [{ZONE_A}] }}", "at least two different zones"),
    (
        "modules/vpc",
        "network",
        f'{{ zones = [{ZONE_A}, {{ suffix = "b", public = "10.0.2.128/25", private = "10.0.4.0/24"'
        " }] }",
        "must not overlap",
    ),
    (
        "modules/vpc",
        "network",
        f'{{ zones = [{ZONE_A}, {{ suffix = "b", public = "10.1.3.0/24", private = "10.0.4.0/24"'
        " }] }",
        "lies inside network.cidr",
    ),
    ("modules/vpc", "network", '{ nat = "two" }', '"gateway", "gateways", "instance" or "none"'),
    ("modules/vpc", "network", '{ nat = "instance" }\n  nat_ami = "an image"', "nat_ami is needed"),
    ("modules/vpc", "flow_logs", '{ log_group = "my logs" }', "name of a log group"),
    ("modules/vpc", "flow_logs", '{ log_group = "/x/y", traffic = "some" }', '"ALL", "REJECT"'),
    ("modules/vpc", "flow_logs", '{ log_group = "/x/y", retention_days = 10 }', "CloudWatch knows"),
    ("modules/alb", "subnet_ids", '["subnet-0aaaaaaaaaaaaaaaa"]', "at least two zones"),
    ("modules/alb", "tls", "{}", "either certificate_arn"),
    ("modules/alb", "tls", '{ certificate_arn = "my-certificate" }', "ARN of an ACM certificate"),
    (
        "modules/alb",
        "target",
        "{ interval_seconds = 5, timeout_seconds = 5 }",
        "smaller than target.interval_seconds",
    ),
    ("modules/alb", "target", '{ health_path = "health" }', "starts with a slash"),
    ("modules/alb", "ingress_cidrs", '["everyone"]', "IPv4 blocks"),
    ("modules/alb", "access_logs", '{ bucket = "My Logs" }', "lower-case letters"),
    ("modules/alb", "access_logs", '{ bucket = "logs", days = 0 }', "whole number of days from 1"),
    ("modules/ecs", "image", '"knowledgeweaver:latest"', "git tree hash"),
    ("modules/ecs", "size", "{ cpu = 300 }", "size.cpu is 256"),
    ("modules/ecs", "size", '{ architecture = "arm" }', '"ARM64" or "X86_64"'),
    ("modules/ecs", "scaling", "{ min = 3, max = 2 }", "not below it"),
    ("modules/ecs", "scaling", "{ cpu_percent = 100 }", "between 1 and 99"),
    ("modules/ecs", "scaling", "{ spot_percent = 120 }", "whole percentage"),
    ("modules/ecs", "scaling", "{ spot_percent = 100, on_demand = 1 }", "below 100"),
    ("modules/ecs", "bedrock_models", '["*"]', "ids of models or inference profiles"),
    ("modules/ecs", "rollout", "{ maximum_percent = 100 }", "101 to 200"),
    ("modules/ecs", "rollout", "{ stop_seconds = 300 }", "as Fargate allows"),
    ("modules/ecs", "environment", '{ "neo4j-uri" = "x" }', "capitals, digits and underscores"),
    ("modules/ecs", "container_insights", '"on"', '"disabled", "enabled" or "enhanced"'),
    ("modules/neo4j", "ami", '"al2023"', "AMI id"),
    ("modules/neo4j", "instance", '{ type = "medium" }', "EC2 instance type"),
    ("modules/neo4j", "instance", "{ data_gib = 1 }", "instance.data_gib 10 to 16384"),
    ("modules/neo4j", "instance", '{ snapshot_id = "vol-1" }', "EBS snapshot"),
    ("modules/neo4j", "release", '"5"', "full Neo4j 5 version"),
    ("modules/neo4j", "environment", '"Dev"', "lower-case letters, digits and dashes"),
    ("modules/neo4j", "memory", "{ heap_mib = 100 }", "whole number from 512"),
    ("modules/neo4j", "logs", '{ prefix = "neo4j" }', "starts with a slash"),
    (
        "modules/neo4j",
        "logs",
        '{ prefix = "/neo4j", retention_days = 8 }',
        "periods CloudWatch knows",
    ),
    ("modules/documents", "bucket", '"My Documents"', "lower-case letters, digits and dashes"),
    ("modules/documents", "old_versions_days", "-1", "0 to keep everything"),
    (
        "modules/documents",
        "queue",
        '{ name = "My Queue", consumer_role_arn = "arn:aws:iam::123456789012:role/x" }',
        "queue.name has 3 to 61",
    ),
    (
        "modules/documents",
        "queue",
        '{ name = "kw-dev", consumer_role_arn = "the task" }',
        "ARN of a role",
    ),
    (
        "modules/documents",
        "queue",
        '{ name = "kw-dev", consumer_role_arn = "arn:aws:iam::123456789012:role/x", attempts = 0 }',
        "queue.attempts between 1 and 1000",
    ),
    ("modules/secrets", "prefix", '"/knowledgeweaver/"', "inner slashes"),
    ("modules/secrets", "api_key_generation", "0", "whole number from 1"),
    ("modules/secrets", "password_length", "8", "24 to 128"),
    ("modules/secrets", "phoenix_generation", "1.5", "whole number from 1"),
    ("modules/secrets", "recovery_days", "3", "0 or 7 to 30"),
    ("modules/rotation", "days", "0", "1 to 1000"),
    ("modules/rotation", "password_length", "12", "24 to 128"),
    ("modules/rotation", "architecture", '"arm64"', '"ARM64" or "X86_64"'),
    ("modules/phoenix", "name", '"Traces"', "lower-case letters"),
    ("modules/phoenix", "image", '"arizephoenix/phoenix:latest"', "full version"),
    ("modules/phoenix", "size", "{ cpu = 256, memory = 512 }", "at least 1024"),
    ("modules/phoenix", "size", '{ architecture = "arm" }', '"ARM64" or "X86_64"'),
    ("modules/phoenix", "storage", '{ kind = "s3" }', '"efs" (development) or "rds"'),
    ("modules/phoenix", "storage", '{ kind = "rds", instance = "small" }', "RDS instance class"),
    ("modules/phoenix", "storage", '{ kind = "rds", gib = 5 }', "20 to 1000"),
    ("modules/phoenix", "storage", '{ kind = "rds", backup_days = 0 }', "1 to 35"),
    ("modules/phoenix", "logs", '{ group = "phoenix" }', "starts with a slash"),
    ("modules/phoenix", "trace_days", "0.5", "whole number from 0"),
    ("modules/rotation", "image", '"knowledgeweaver:latest"', "git tree hash"),
    (
        "modules/rotation",
        "graph_store",
        '{ uri = "10.0.2.10", security_group_id = "sg-0123456789abcdef0" }',
        "Bolt address",
    ),
    ("modules/observability", "alert_email", '"the team"', "e-mail address"),
    ("modules/observability", "watched", WATCHED, '"gateway", "instance" or "none"'),
    ("modules/observability", "graph_store", GRAPH_STORE, "output metrics"),
    (
        "modules/observability",
        "log_group",
        '{ name = "/x", retention_days = 10 }',
        "CloudWatch knows",
    ),
    (
        "modules/observability",
        "thresholds",
        "{ error_percent = 500 }",
        "percentages between 0 and 100",
    ),
    ("modules/audit", "name", '"kw"', "3 to 20"),
    ("modules/audit", "object_buckets", '["*"]', "beginnings of bucket names"),
    ("modules/audit", "lock", '{ mode = "SOME" }', '"GOVERNANCE" or "COMPLIANCE"'),
    ("modules/audit", "keep_days", "30", "not less than lock.days"),
    ("modules/audit", "log_days", "10", "CloudWatch knows"),
    ("modules/backup", "name", '"Knowledge Weaver"', "lower-case letters"),
    ("modules/backup", "keep", "{ daily_days = 35, weekly_days = 7 }", "keep.weekly_days not less"),
    ("modules/backup", "lock", "{ min_days = 40 }", "1 to keep.daily_days"),
    ("modules/backup", "lock", "{ final_after_days = 1 }", "at least 3"),
    ("modules/budget", "daily_usd", "-5", "amount above 0"),
    ("modules/budget", "monthly_usd", "0", "amount above 0"),
    ("modules/budget", "tell", "{}", "at least one reader"),
    ("modules/budget", "tell", '{ emails = ["the team"] }', "e-mail addresses"),
    ("modules/cost_guard", "emails", '["the team"]', "e-mail address"),
    ("modules/cost_guard", "impact_usd", "0", "amount above 0"),
    (
        "modules/github_oidc",
        "github",
        '{ repository = "delivery", repository_id = 2001, owner_id = 1001 }',
        "owner/name",
    ),
    (
        "modules/github_oidc",
        "github",
        '{ repository = "knowledgeweaver/delivery", repository_id = 0, owner_id = 1001 }',
        "numbers that GitHub gave",
    ),
    ("modules/github_oidc", "workspaces", '["shared"]', "the account's own"),
    ("modules/github_oidc", "session_seconds", "60", "3600 to 43200"),
    ("modules/ecr", "name", '"Knowledge Weaver"', "lower-case letters"),
    ("modules/ecr", "keep_images", "1", "at least 10"),
    ("modules/stores", "name", '"kw"', "3 to 20"),
    ("envs/knowledgeweaver", "environment", '"test"', '"dev", "staging" or "prod"'),
    ("envs/knowledgeweaver", "environment", '"staging"', "but the Terraform workspace is"),
    ("envs/knowledgeweaver", "region", '"Sydney"', "name of an AWS region"),
    ("envs/knowledgeweaver", "image", f'"knowledgeweaver:{TREE}"', "git tree hash"),
    ("envs/knowledgeweaver", "graph_store", "{ rotation_days = 2000 }", "or 0 for never"),
    ("envs/knowledgeweaver", "base_image", '"ubuntu"', "Amazon Linux 2023 image"),
    (
        "envs/knowledgeweaver",
        "tls",
        "{ allow_plain_http = true }",
        "tls.certificate_arn is needed in prod",
    ),
    (
        "envs/knowledgeweaver",
        "keep",
        "{ secret_recovery_days = 0 }",
        "keep.secret_recovery_days is at least 7 in prod",
    ),
    ("envs/account", "alert_email", '"the team"', "e-mail address"),
    ("envs/account", "budgets", "{ test = { monthly_usd = 1 } }", "budgets names workspaces"),
    ("envs/account", "cost", '{ monthly_usd = 1, topic_arn = "x" }', "ARN of an SNS topic"),
    ("envs/account", "github", '{ repository = "x", repository_id = 1, owner_id = 1 }', "one"),
]


def example(module: str) -> dict[str, str]:
    """The right inputs of a module by name, as HCL: those of its README's example."""
    if module == "envs/knowledgeweaver":
        return {
            "environment": '"prod"',
            "image": f'"{image()}"',
            "tls": '{ certificate_arn = "x" }',
        }
    if module == "envs/account":
        return {
            "alert_email": '"oncall@example.com"',
            "cost": "{ monthly_usd = 430 }",
            "github": '{ repository = "acme/delivery", repository_id = 1, owner_id = 1 }',
        }
    text = (MODULES.parent / module / "README.md").read_text()
    block = text.split("```hcl\n")[1].split("```")[0]
    inputs = re.findall(r"^  (\w+) += (.*?)(?=^  \w|^})", block, re.M | re.S)
    return {name: value.strip() for name, value in inputs if name != "source"}


def root(folder: Path, parts: list[tuple[str, dict[str, str]]]) -> list[int]:
    """Write a root module that calls modules with inputs; the line on which each call starts."""
    (folder / "terraform").symlink_to(MODULES.parent)
    lock = (ENVS / "account" / ".terraform.lock.hcl").read_text()
    (folder / ".terraform.lock.hcl").write_text(lock)
    text = 'provider "aws" {\n  region = "ap-southeast-2"\n}\n'
    starts = []
    for number, (module, inputs) in enumerate(parts):
        starts.append(text.count("\n") + 1)
        lines = [f"  {name} = {value}" for name, value in inputs.items()]
        source = f'  source = "./terraform/{module}"'
        text += "\n".join([f'module "m{number}" {{', source, *lines, "}", ""])
    (folder / "main.tf").write_text(text)
    terraform(folder, "init")
    return starts


def terraform(
    folder: Path,
    *arguments: str,
    workspace: str = "default",
    url: str = "",
    fine: tuple[int, ...] = (0,),
) -> str:
    """What ``terraform ARGUMENTS`` prints in a scratch folder; ``url`` is the AWS it may ask.

    All runs of a ``terraform test`` talk to one process of the provider.
    """
    data = folder / "data"
    environ = {**terraform_env(data, workspace), **ADMIN, "AWS_ENDPOINT_URL": url}
    staying = staying_provider(data, environ) if arguments[0] == "test" else nullcontext({})
    with staying as provider:
        done = subprocess.run(
            [str(locate("terraform")), *arguments, "-no-color"],
            cwd=folder,
            env=environ | provider,
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )
    assert done.returncode in fine, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def refused(folder: Path, cases: list[int]) -> dict[int, list[str]]:
    """Plan some cases at once; what was said about each."""
    calls = [(CASES[n][0], example(CASES[n][0]) | {CASES[n][1]: CASES[n][2]}) for n in cases]
    starts = root(folder, calls)
    mock = 'mock_provider "aws" {}\n\nrun "plan" {\n  command = plan\n}\n'
    (folder / "all.tftest.hcl").write_text(mock)
    said: dict[int, list[str]] = {n: [] for n in cases}
    printed = terraform(folder, "test", "-json", workspace="prod", fine=(1,))
    for line in map(json.loads, printed.splitlines()):
        diagnostic: dict[str, Any] = line.get("diagnostic", {})
        where = diagnostic.get("range", {})
        if where.get("filename") == "main.tf" and diagnostic["severity"] == "error":
            place = max(i for i, start in enumerate(starts) if start <= where["start"]["line"])
            said[cases[place]].append(diagnostic["detail"])
    return said


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> dict[int, list[str]]:
    """What Terraform says about each case."""
    said = refused(tmp_path_factory.mktemp("bad"), list(range(len(CASES))))
    # A rule that looks at a second variable is not asked once anything else has failed.
    silent = [n for n, messages in said.items() if not messages]
    return said | refused(tmp_path_factory.mktemp("silent"), silent)


@pytest.mark.parametrize("case", range(len(CASES)), ids=lambda n: f"{CASES[n][1]} {CASES[n][2]}")
def test_a_wrong_value_is_refused_with_a_right_one(
    refusals: dict[int, list[str]], case: int
) -> None:
    _, name, _, words = CASES[case]
    fitting = [message for message in refusals[case] if words in message]
    assert fitting, refusals[case]
    assert name in fitting[0] or words.startswith("nat_ami")
    assert "for example" in fitting[0]


def test_every_example_of_a_readme_can_be_planned(tmp_path: Path, box: Sandbox) -> None:
    modules = sorted(f"modules/{path.name}" for path in MODULES.iterdir())
    root(tmp_path, [(module, example(module)) for module in modules])
    # a real provider: mocked ones know no ephemeral resources, which the secrets come from
    planned = terraform(tmp_path, "plan", url=box.aws_url)
    for number in range(len(modules)):
        assert f"# module.m{number}." in planned
