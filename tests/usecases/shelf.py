"""A repository with one real stack, people who work on it, and a real Terraform that deploys it.

Git is real, GitHub is that of :mod:`tests.usecases.forge`, the stores are an AWS on loopback.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from pipeline.domain.model import UnitId
from pipeline.domain.record import Purpose
from pipeline.output import Output
from pipeline.usecases import apply as applying
from pipeline.usecases import record
from pipeline.usecases.plan import make_plan
from pipeline.usecases.policy import Fresh
from pipeline.usecases.record import Proposed, Sealed
from pipeline.usecases.rollout import rollout
from pipeline.usecases.site import Site
from pipeline.usecases.verify import verify_unit
from tests.usecases.forge import Forge, Request

FOLDER = "terraform/envs/shelf"
_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
MODULE = "terraform/modules/shelf/main.tf"
DEV = UnitId("shelf", "dev")
BOOKS = """
variable "books" { type = map(string) }
variable "image" { type = string }

resource "terraform_data" "image" {
  input = var.image
}

resource "terraform_data" "book" {
  for_each = var.books
  input    = each.value
}
"""
STACK = """
terraform {
  backend "s3" {}
}

variable "books" { type = map(string) }
variable "image" { type = string }

module "shelf" {
  source = "../../modules/shelf"
  books  = var.books
  image  = var.image
}
"""


def books(**named: str) -> str:
    """A tfvars file with these books."""
    lines = "\n".join(f'  "{name}" = "{text}"' for name, text in named.items())
    return f"books = {{\n{lines}\n}}\n"


ESTATE = {
    "pyproject.toml": (
        '[tool.pipeline]\nname = "knowledgeweaver"\nrepository = "o/r"\n'
        'region = "ap-southeast-2"\necr_repository = "knowledgeweaver"\n'
    ),
    "app/main.py": "print(1)\n",
    MODULE: BOOKS,
    f"{FOLDER}/main.tf": STACK,
    f"{FOLDER}/stack.toml": 'workspaces = ["dev", "staging", "prod"]\ntakes_image = true\n',
    f"{FOLDER}/.terraform.lock.hcl": "# no provider\n",
    **{f"{FOLDER}/{name}.tfvars": books(one="1") for name in ("dev", "staging", "prod")},
}
ALONE = {
    **ESTATE,
    "pyproject.toml": ESTATE["pyproject.toml"] + "\n[tool.pipeline.review]\nself = true\n",
}


class _Clock:
    """``datetime`` of the records: GitHub's clock and theirs are one."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self, zone: Any = None) -> datetime:
        return self.at


class Shelf(Forge):
    """Who works on it does it as at GitHub; ``plan`` and ``deploy`` are what the workflows do."""

    def __init__(self, folder: Path, estate: Mapping[str, str] = ESTATE) -> None:
        super().__init__(folder, estate=estate)

    def site(self, commit: str = "origin/main") -> Site:
        """The checkout at a commit, as a job of GitHub has it."""
        known = super().site()
        self._run(["checkout", "-q", "--detach", commit], self.root)
        environ = {**os.environ, "GITHUB_TOKEN": "t"}
        site = Site(self.root, self.root, self.root / ".pipeline", Output(), environ)
        site._cache["github"] = known.github
        return site

    def plan(self, request: Request, purpose: Purpose = Purpose.PULL_REQUEST, unit: UnitId = DEV,
             base: str = "") -> str:  # fmt: skip
        """What the plan of a pull request leaves: a record of it, merged into its base."""
        base = base or self._run(["rev-parse", request.base], self.origin)
        ref = f"refs/pull/{request.number}/head"
        self._run(["fetch", "-q", str(self.origin), ref, request.base], self.site().root)
        self._run(["checkout", "-q", "--detach", base], self.root)
        self._run(["merge", "-q", "--no-ff", request.head, "-m", "merge"], self.root)
        merged = self._run(["rev-parse", "HEAD"], self.root)
        site = self.site(merged)
        planned = make_plan(site, unit).plan
        assert planned is not None
        proposed = Proposed(
            purpose, request.head, merged, request.number, request.base, request.author
        )
        with patch.object(record, "datetime", _Clock(self.tick())):
            written = record.write_record(site, site.stores.records, planned, proposed, Sealed())
        return written.id

    def deploy(self, unit: UnitId = DEV, commit: str = "origin/main") -> str:
        """What a deploy of main does with one unit; "applied", "nothing" or "uncovered"."""
        site = self.site(commit)
        # what the policies say of a fresh plan is shown elsewhere, and takes seconds
        with patch.object(applying, "judge_again", lambda *given: Fresh()):
            done = applying.apply(site, unit)
        if done.result != "uncovered":
            self.image(site)
            rollout(site, unit)
        return done.result

    def image(self, site: Site) -> None:
        """The image of the checkout, as the build pushes it."""
        ecr = site.aws.client("ecr")
        manifest = json.dumps({"schemaVersion": 2, "mediaType": _MANIFEST, "tree": site.app_tree})
        with suppress(ecr.exceptions.RepositoryAlreadyExistsException):
            ecr.create_repository(repositoryName="knowledgeweaver")
        with suppress(ecr.exceptions.ImageAlreadyExistsException):
            ecr.put_image(
                repositoryName="knowledgeweaver", imageManifest=manifest, imageTag=site.app_tree
            )

    def holds(self, unit: UnitId = DEV) -> bool:
        """Whether ``pipeline verify`` finds the unit as the repository says."""
        return verify_unit(self.site(), unit).verified

    def merged(self, who: str, files: Mapping[str, str], approver: str = "bob",
               branch: str = "topic", how: str = "squash") -> Request:  # fmt: skip
        """A pull request that goes its ordinary way: planned, approved, merged."""
        request = self.propose(who, files, branch=branch)
        self.plan(request)
        self.approve(approver, request)
        self.merge(request, how)
        return request
