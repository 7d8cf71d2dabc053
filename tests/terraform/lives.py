"""One graph store's life: a volume, a secret, and the machines that come and go."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import Any

from neo4j import GraphDatabase

from tests.terraform.machine import Machine, Volume
from tests.terraform.stacks import client


class Life:
    """One volume, one secret, and the machines that come and go."""

    def __init__(self, folder: Path, user_data: str, aws_url: str) -> None:
        self.folder, self.aws = folder, client("secretsmanager", aws_url)
        [serial] = re.findall("VOLUME_SERIAL=(.*)", user_data)
        self.volume = Volume(folder / "volume", serial)
        self.secret = self.aws.create_secret(Name=f"graph-{uuid.uuid4()}")["ARN"]
        self.user_data = re.sub("NEO4J_SECRET_ID=.*", f"NEO4J_SECRET_ID={self.secret}", user_data)
        self.machines: list[Machine] = []

    def put(self, password: str, stage: str = "AWSCURRENT") -> None:
        self.aws.put_secret_value(
            SecretId=self.secret,
            SecretString=json.dumps({"username": "neo4j", "password": password}),
            VersionStages=[stage],
        )

    def launch(self) -> Machine:
        """Replace the machine by a new one with the same volume."""
        for machine in self.machines[-1:]:
            machine.stop()
        root = self.folder / f"machine{len(self.machines)}"
        self.machines.append(Machine(root, self.user_data, self.volume, self.aws))
        return self.machines[-1]

    def ask(self, password: str, query: str) -> list[Any]:
        address = f"bolt://127.0.0.1:{self.machines[-1].hands.bolt}"
        with GraphDatabase.driver(address, auth=("neo4j", password)) as driver:
            return [record.values()[0] for record in driver.execute_query(query)[0]]
