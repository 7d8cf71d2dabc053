"""One secret and the version that a rotation makes of it, in Secrets Manager."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

Stage = Literal["AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"]


@dataclass(frozen=True, slots=True)
class Pair:
    """Username and password; the password is shown nowhere."""

    username: str
    password: str

    def __repr__(self) -> str:
        return f"Pair({self.username!r})"


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret by its ARN or name, and the id of the new version."""

    client: Any
    id: str
    version: str

    def stages(self) -> dict[str, list[str]]:
        """Each version's labels; a secret that does not rotate has none for a rotation."""
        described = self.client.describe_secret(SecretId=self.id)
        if not described.get("RotationEnabled", True):
            return {}
        return dict(described.get("VersionIdsToStages", {}))

    def read(self, stage: Stage) -> Pair | None:
        """The pair with this label (AWSPENDING: of the new version only), or None."""
        value = self._value(stage)
        return None if value is None else Pair(str(value["username"]), str(value["password"]))

    def put_pending(self, password: str) -> None:
        """Write the new version: the current one with another password."""
        value = {**(self._value("AWSCURRENT") or {}), "password": password}
        self.client.put_secret_value(
            SecretId=self.id,
            ClientRequestToken=self.version,
            SecretString=json.dumps(value),
            VersionStages=["AWSPENDING"],
        )

    def make_current(self, instead_of: str) -> None:
        """Move AWSCURRENT; Secrets Manager labels the old version AWSPREVIOUS itself."""
        self.client.update_secret_version_stage(
            SecretId=self.id,
            VersionStage="AWSCURRENT",
            MoveToVersionId=self.version,
            RemoveFromVersionId=instead_of,
        )

    def _value(self, stage: Stage) -> dict[str, Any] | None:
        which = {"VersionId": self.version} if stage == "AWSPENDING" else {}
        try:
            answer = self.client.get_secret_value(SecretId=self.id, VersionStage=stage, **which)
        except self.client.exceptions.ResourceNotFoundException:
            return None
        return dict(json.loads(answer["SecretString"]))
