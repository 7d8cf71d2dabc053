"""A small repository on the local GitHub, for an account on the local AWS: two equal units.

The stack ``estate`` is made of this repository's own modules (network, document store, alarms).
What is left out is what only waits for AWS: load balancer, machines, the service, and the secrets,
whose values a function makes out of an image that is not here. Each change sets another default
tag, so that every resource with tags is updated in place.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import boto3
import httpx

from sandbox.client import Sandbox
from sandbox.demo.actors import Person
from sandbox.demo.repository import Clone
from sandbox.layout import ACCOUNT, ADMIN_KEY, ADMIN_SECRET, REGION, REPOSITORY

ROOT = Path(__file__).resolve().parents[1]
STACK = "terraform/envs/estate"
WORKSPACES = ("piped", "bare")
STATE_BUCKET = f"knowledgeweaver-state-{ACCOUNT}-{REGION}"

MAIN = """
terraform {
  required_version = "~> 1.11.4"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
  backend "s3" {
    use_lockfile = true
  }
}

variable "release" { type = string }

locals {
  name     = "estate-${terraform.workspace}"
  boundary = "arn:aws:iam::ACCOUNT:policy/knowledgeweaver-workload-boundary"
}

provider "aws" {
  region = "REGION"
  default_tags {
    tags = {
      Project     = "KnowledgeWeaver"
      Environment = terraform.workspace
      Release     = var.release
    }
  }
}

module "vpc" {
  source  = "../../modules/vpc"
  name    = local.name
  network = { nat = "none" }
  flow_logs = {
    log_group = "/estate/${terraform.workspace}/flow-logs"
    traffic   = "none"
  }
  permissions_boundary = local.boundary
}

module "documents" {
  source            = "../../modules/documents"
  bucket            = "${local.name}-documents"
  disposable        = true
  old_versions_days = 0
  queue = {
    name              = local.name
    consumer_role_arn = "arn:aws:iam::ACCOUNT:role/${local.name}"
  }
}

resource "aws_cloudwatch_log_group" "graph_store" {
  name = "/estate/${terraform.workspace}/graph-store"
}

module "observability" {
  source    = "../../modules/observability"
  prefix    = local.name
  log_group = { name = "/estate/${terraform.workspace}" }
  watched = {
    environment       = terraform.workspace
    cluster           = local.name
    service           = local.name
    load_balancer     = "app/estate/0"
    target_group      = "targetgroup/estate/0"
    dead_letter_queue = local.name
  }
  graph_store = {
    instance_id = "i-0123456789abcdef0"
    volume_id   = "vol-0123456789abcdef0"
    log_group   = aws_cloudwatch_log_group.graph_store.name
    metrics = {
      for name in [
        "bolt_connections", "data_used_percent", "heap_used_percent", "longest_transaction",
        "memory_used_percent", "query_time", "transactions",
      ] : name => { namespace = "Estate", name = name, dimensions = {} }
    }
  }
}
"""


#: Rules that the left-out parts, or a cheaper choice than the estate's, would keep.
EXCEPTED = (
    "CKV_AWS_144", "CKV_AWS_158", "CKV_AWS_338", "CKV2_AWS_11", "CKV2_AWS_35",
)  # fmt: skip


def _exception(rule: str) -> str:
    end = date.today() + timedelta(days=30)
    reason = "A stack to measure with, which nobody uses."
    return (
        f'[[exception]]\nrule = "{rule}"\nowner = "@bob"\nreason = "{reason}"\nexpires = {end}\n\n'
    )


def release(folder: Path, number: int) -> None:
    """Set the release of both units."""
    for workspace in WORKSPACES:
        (folder / STACK / f"{workspace}.tfvars").write_text(f'release = "{number}"\n')


def write(folder: Path, number: int) -> None:
    """Write the repository's files into a folder, with both units at that release."""
    stack = folder / STACK
    stack.mkdir(parents=True)
    shutil.copytree(ROOT / "terraform" / "modules", folder / "terraform" / "modules")
    policies = folder / "policies"
    policies.mkdir()
    shutil.copy(ROOT / "policies" / "tflint.hcl", policies / "tflint.hcl")
    (policies / "exceptions.toml").write_text("".join(map(_exception, EXCEPTED)))
    lock = ROOT / "terraform" / "envs" / "knowledgeweaver" / ".terraform.lock.hcl"
    shutil.copy(lock, stack / lock.name)
    (stack / "main.tf").write_text(MAIN.replace("ACCOUNT", ACCOUNT).replace("REGION", REGION))
    names = ", ".join(f'"{name}"' for name in WORKSPACES)
    (stack / "stack.toml").write_text(f"workspaces = [{names}]\n")
    (folder / "app").mkdir()
    (folder / "app" / "main.py").write_text("print(1)\n")
    (folder / ".gitignore").write_text(".pipeline/\n")
    (folder / "pyproject.toml").write_text(
        f'[tool.pipeline]\nname = "knowledgeweaver"\nrepository = "{REPOSITORY}"\n'
        f'region = "{REGION}"\necr_repository = "knowledgeweaver"\n'
    )
    release(folder, number)


def _stores(url: str) -> None:
    """State bucket, record store, ledger and key, as `pipeline bootstrap` names them."""
    access: Any = {
        "endpoint_url": url,
        "region_name": REGION,
        "aws_access_key_id": ADMIN_KEY,
        "aws_secret_access_key": ADMIN_SECRET,
    }
    s3, kms = boto3.client("s3", **access), boto3.client("kms", **access)
    place: Any = {"LocationConstraint": REGION}
    for kind in ("state", "records", "ledger"):
        name = f"knowledgeweaver-{kind}-{ACCOUNT}-{REGION}"
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=place)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    key = kms.create_key(KeyUsage="GENERATE_VERIFY_MAC", KeySpec="HMAC_256")
    kms.create_alias(
        AliasName="alias/knowledgeweaver-records", TargetKeyId=key["KeyMetadata"]["KeyId"]
    )


@dataclass(frozen=True, slots=True)
class Place:
    """The running sandbox with an author and a reviewer, who work in clones of their own."""

    box: Sandbox
    alice: Person
    bob: Person

    @property
    def environ(self) -> dict[str, str]:
        """What both sides run with."""
        return self.box.env | {"GITHUB_TOKEN": self.bob.clone.token}


@contextmanager
def place(folder: Path) -> Iterator[Place]:
    """Start everything below ``folder``; stopped afterwards."""
    with Sandbox.start(folder / "box") as box:
        _stores(box.aws_url)
        seed = Clone(folder / "seed", "", "octo-admin", "")
        seed.path.mkdir()
        (seed.path / "README.md").write_text("An estate to measure with.\n")
        for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "Begin"]):
            seed.git(*words)
        body = {"path": os.fspath(seed.path), "ref": "main", "protect": False}
        httpx.post(f"{box.github_url}/_sandbox/seed", json=body, timeout=60).raise_for_status()
        users = httpx.get(f"{box.github_url}/_sandbox/users", timeout=10).json()
        tokens = {user["login"]: str(user["token"]) for user in users}
        people = [_person(box, folder / login, login, tokens[login]) for login in ("alice", "bob")]
        yield Place(box, *people)


def _person(box: Sandbox, folder: Path, login: str, token: str) -> Person:
    api = httpx.Client(
        base_url=f"{box.github_url}/api/v3/repos/{REPOSITORY}/",
        headers={"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"},
        timeout=60,
    )
    clone = Clone(folder, f"{box.github_url}/{REPOSITORY}.git", login, token)
    clone.prepare()
    return Person(login, api, clone)
