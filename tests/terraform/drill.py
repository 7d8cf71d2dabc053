"""A small workspace to lose data in, and what its graph store answers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neo4j import GraphDatabase

from sandbox.client import Sandbox
from sandbox.layout import ACCOUNT, REGION
from tests.terraform.runbook import Block, Shell, blocks
from tests.terraform.stacks import ROOT, client
from tests.terraform.test_validations import terraform
from tests.waiting import until

PAGE = (ROOT / "docs" / "recovery.md").read_text()
NAME = "knowledgeweaver-drill"
BUCKET = f"{NAME}-documents-{ACCOUNT}-{REGION}"
STATE_KEY = "env/drill/knowledgeweaver/terraform.tfstate"
PASSWORD = "password-of-the-graph-store"


def store(box: Sandbox, volume: str) -> str | None:
    """Where the sandbox's Neo4j of a volume answers, or None while it does not."""
    conf = box.root / "neo4j" / volume / "conf" / "neo4j.conf"
    if not conf.exists():
        return None
    [port] = re.findall(r"^server.bolt.listen_address=127.0.0.1:(\d+)$", conf.read_text(), re.M)
    address = f"bolt://127.0.0.1:{port}"
    with GraphDatabase.driver(address, auth=("neo4j", PASSWORD)) as driver:
        try:
            driver.verify_connectivity()
        except Exception:
            return None
    return address


def ask(address: str, query: str) -> list[Any]:
    with GraphDatabase.driver(address, auth=("neo4j", PASSWORD)) as driver:
        return [record.values()[0] for record in driver.execute_query(query)[0]]


def section(title: str) -> list[Block]:
    """The blocks of a section that can be run here."""
    return [block for block in blocks(PAGE) if block.section == title and not block.only_aws]


@dataclass(frozen=True)
class Drill:
    """A small workspace with a graph store, documents and backups, and a shell beside it."""

    folder: Path
    box: Sandbox
    shell: Shell

    def terraform(self, *arguments: str) -> str:
        return terraform(self.folder, *arguments, url=self.box.aws_url)

    def resources(self) -> str:
        """What the state knows; nothing where there is no state."""
        return terraform(self.folder, "state", "list", url=self.box.aws_url, fine=(0, 1))

    def client(self, service: str) -> Any:
        return client(service, self.box.aws_url)

    def output(self, name: str) -> str:
        """One of the graph store module's outputs."""
        return str(json.loads(self.terraform("output", "-json"))["it"]["value"][name])

    def volume(self) -> str:
        return self.output("volume_id")

    def neo4j(self) -> str:
        volume = self.volume()
        return str(until(lambda: store(self.box, volume)))

    def saved(self, resource: str) -> str:
        """What the nightly job does: a recovery point of a resource."""
        job = self.client("backup").start_backup_job(
            BackupVaultName=NAME,
            ResourceArn=resource,
            IamRoleArn=f"arn:aws:iam::{ACCOUNT}:role/{NAME}-backup",
        )
        return str(job["RecoveryPointArn"])
