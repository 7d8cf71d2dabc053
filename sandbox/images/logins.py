"""Where ``docker login`` keeps what it was given, and where the registry is.

As docker does, for each registry the base64 of user and password (``auths`` of its config.json);
below the sandbox's folder, so that nobody's own logins are touched.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import failure
from sandbox.aws.gaps.ecr import keys_of
from sandbox.layout import Layout, read_json


def state_folder() -> Path:
    """The sandbox's folder, else ``.sandbox``.

    The pipeline starts docker without what tells of the sandbox, but with docker's own variables.
    """
    named = os.environ.get("SANDBOX_DIR") or os.environ.get("DOCKER_SANDBOX")
    return Path(named or ".sandbox").resolve()


@dataclass(frozen=True, slots=True)
class Account:
    """Whose keys a push is signed with, and the address of the local AWS ("" for Amazon's)."""

    access_key: str
    token: str
    url: str


@dataclass(frozen=True, slots=True)
class Logins:
    """The logins that a sandbox's docker keeps."""

    folder: Path

    def keep(self, server: str, user: str, password: str) -> None:
        """Remember a login; another one for the same registry takes its place."""
        auths = self._auths()
        auths[server] = {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}
        self.folder.mkdir(parents=True, exist_ok=True)
        self._file.touch(mode=0o600)
        self._file.write_text(json.dumps({"auths": auths}))

    def forget(self, server: str) -> None:
        """Forget a login, if there is one."""
        auths = self._auths()
        if auths.pop(server, None) is not None:
            self._file.write_text(json.dumps({"auths": auths}))

    def account(self, server: str) -> Account:
        """Who is logged in at a registry; raises Failure ``no-credentials`` as docker says it."""
        kept = self._auths().get(server)
        if kept is None:
            raise failure("no-credentials", f"{server}: no basic auth credentials")
        password = base64.b64decode(kept["auth"]).decode().partition(":")[2]
        endpoints = read_json(Layout(self.folder).endpoints) or {}
        url = os.environ.get("AWS_ENDPOINT_URL") or str(endpoints.get("aws", ""))
        return Account(*keys_of(password), url)

    @property
    def _file(self) -> Path:
        return self.folder / "docker.json"

    def _auths(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = (read_json(self._file) or {}).get("auths", {})
        return found
