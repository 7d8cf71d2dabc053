"""A small repository with one real stack, and a real HTTP AWS to apply it to."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from pipeline.cli.main import run

REGION = "ap-southeast-2"
STACK = "terraform/envs/shelf"
LOCK_FILE = Path(__file__).parents[2] / "terraform/envs/knowledgeweaver/.terraform.lock.hcl"

CALL = """
variable "books" { type = map(string) }

module "shelf" {
  source = "../../modules/shelf"
  books  = var.books
}
"""
MAIN = (
    """
terraform {
  backend "s3" {}
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region            = "ap-southeast-2"
  s3_use_path_style = true
  max_retries       = 2
}
"""
    + CALL
)
MODULE = """
variable "books" { type = map(string) }

resource "aws_s3_bucket" "shelf" {
  # checkov:skip=CKV2_AWS_6:a shelf of tests
  # checkov:skip=CKV2_AWS_61:a shelf of tests
  # checkov:skip=CKV2_AWS_62:a shelf of tests
  # checkov:skip=CKV_AWS_18:a shelf of tests
  # checkov:skip=CKV_AWS_21:a shelf of tests
  # checkov:skip=CKV_AWS_144:a shelf of tests
  # checkov:skip=CKV_AWS_145:a shelf of tests
  bucket = "shelf-${terraform.workspace}"
}

resource "aws_s3_object" "book" {
  # checkov:skip=CKV_AWS_186:a shelf of tests
  for_each = var.books
  bucket   = aws_s3_bucket.shelf.id
  key      = each.key
  content  = each.value
}
"""
#: The same shelf of Terraform's own resources.
WITHOUT_PROVIDER = (
    """
terraform {
  backend "s3" {}
}
"""
    + CALL
)
WITHOUT_PROVIDER_MODULE = """
variable "books" { type = map(string) }

resource "terraform_data" "shelf" {
  input = "shelf-${terraform.workspace}"
}

resource "terraform_data" "book" {
  for_each = var.books
  input    = { shelf = terraform_data.shelf.id, text = each.value }
}
"""


#: Of one person: on a laptop nobody else could be asked.
PROJECT = """
[tool.pipeline]
name = "knowledgeweaver"
repository = "knowledgeweaver/delivery"
region = "ap-southeast-2"
ecr_repository = "knowledgeweaver"

[tool.pipeline.review]
self = true
"""


@dataclass(frozen=True)
class Answer:
    """What a command said."""

    code: int
    out: str
    err: str


@dataclass
class Repository:
    """A git repository in a folder of its own; commands run in this process."""

    root: Path
    capture: Any

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).lstrip())

    def books(self, **books: str) -> str:
        """Set the books of dev and commit; returns the commit."""
        lines = "\n".join(f'  "{name}" = "{text}"' for name, text in books.items())
        self.write(f"{STACK}/dev.tfvars", f"books = {{\n{lines}\n}}\n")
        return self.commit()

    def commit(self) -> str:
        git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com"]
        for words in (["add", "-A"], ["commit", "-qm", "change", "--allow-empty"]):
            subprocess.run([*git, *words], cwd=self.root, check=True)
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=self.root, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def deploy(self, unit: str = "shelf/dev") -> Answer:
        """Apply, review what nobody reviewed, and settle it: as a person alone does."""
        told = self.pipeline("--json", "apply", unit)
        if told.code == 1:
            told = self.pipeline("apply", unit, "--reviewed", json.loads(told.out)["record"])
        assert told.code == 0, told.err
        return self.pipeline("rollout", unit)

    def pipeline(self, *words: str) -> Answer:
        self.capture.readouterr()
        code = run(words, os.environ, self.root)
        said = self.capture.readouterr()
        return Answer(int(code), said.out, said.err)


@pytest.fixture(scope="session")
def aws_url() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws(aws_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """An empty account: returns a function that makes clients of it."""
    for name in list(os.environ):
        if name.startswith(("GITHUB_", "AWS_")):
            monkeypatch.delenv(name)
    for name, value in {
        "AWS_ENDPOINT_URL": aws_url,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
        "PIPELINE_CHECK_PROVIDERS": "init",
    }.items():
        monkeypatch.setenv(name, value)

    def client(service: str) -> Any:
        return boto3.client(service, region_name=REGION, endpoint_url=aws_url)  # type: ignore[call-overload]

    return client


@pytest.fixture
def stores(aws: Callable[[str], Any]) -> Iterator[dict[str, str]]:
    """The stores that account/shared would have made; emptied afterwards."""
    account = aws("sts").get_caller_identity()["Account"]
    s3, names = aws("s3"), {}
    place = {"LocationConstraint": REGION}
    for kind in ("state", "records", "ledger"):
        names[kind] = f"knowledgeweaver-{kind}-{account}-{REGION}"
        s3.create_bucket(Bucket=names[kind], CreateBucketConfiguration=place)
        s3.put_bucket_versioning(Bucket=names[kind], VersioningConfiguration={"Status": "Enabled"})
    key = aws("kms").create_key(KeyUsage="GENERATE_VERIFY_MAC", KeySpec="HMAC_256")
    aws("kms").create_alias(
        AliasName="alias/knowledgeweaver-records", TargetKeyId=key["KeyMetadata"]["KeyId"]
    )
    yield names
    import httpx

    httpx.post(f"{os.environ['AWS_ENDPOINT_URL']}/moto-api/reset")


@pytest.fixture
def repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Repository:
    """The stack ``shelf`` with workspace ``dev``, committed, with one book."""
    root = tmp_path / "repository"
    root.mkdir()
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=root, check=True)
    made = Repository(root, capsys)
    made.write(".gitignore", ".pipeline/\n")
    made.write("pyproject.toml", PROJECT)
    made.write(f"{STACK}/main.tf", MAIN)
    made.write(f"{STACK}/stack.toml", 'description = "A shelf"\nworkspaces = ["dev"]\n')
    made.write(f"{STACK}/.terraform.lock.hcl", LOCK_FILE.read_text())
    made.write("terraform/modules/shelf/main.tf", MODULE)
    made.write("app/main.py", "print(1)\n")
    made.books(one="1")
    return made


@pytest.fixture
def values(repository: Repository) -> Repository:
    """The same for tests that ask nothing of AWS: no seconds for a provider in each command."""
    repository.write(f"{STACK}/main.tf", WITHOUT_PROVIDER)
    repository.write("terraform/modules/shelf/main.tf", WITHOUT_PROVIDER_MODULE)
    repository.write(f"{STACK}/.terraform.lock.hcl", "# no provider\n")
    repository.commit()
    return repository
