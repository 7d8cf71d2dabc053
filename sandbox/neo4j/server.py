"""One real Neo4j server on a loopback port.

Version and jars are pinned in jars.lock; how Java is called is in :mod:`sandbox.neo4j.java`.
"""

from __future__ import annotations

import hashlib
import secrets
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from pipeline.adapters.tools import locate
from pipeline.errors import failure
from sandbox.ecs.spawn import signal_group, spawn
from sandbox.neo4j.java import java
from sandbox.ports import free_port

#: Without the last three a stop takes ten seconds instead of 0.3 (data intact either way).
CONFIGURATION = """\
server.default_listen_address=127.0.0.1
server.bolt.listen_address=127.0.0.1:{bolt}
server.http.listen_address=127.0.0.1:{http}
server.https.enabled=false
server.memory.pagecache.size=64m
dbms.usage_report.enabled=false
internal.dbms.bolt.netty_server_shutdown_quiet_period=0
internal.dbms.bolt.netty_server_shutdown_timeout=1s
internal.server.bolt.thread_pool_shutdown_wait_time=1s
"""
STOP_SECONDS = 20.0
#: "dbms.security.auth_minimum_password_length", Operations Manual, Configuration settings.
SHORTEST = 8
ROUNDS = 1024


def first_user(password: str, salt: bytes) -> str:
    """What ``neo4j-admin dbms set-initial-password`` writes: the user's name, and the hash of salt
    and password, hashed again and again. The command itself is a Java that runs for three seconds.
    """
    hashed = salt + password.encode()
    for _ in range(ROUNDS):
        hashed = hashlib.sha256(hashed).digest()
    return f"neo4j:SHA-256,{hashed.hex()},{salt.hex()},{ROUNDS}:\n"


class Neo4jServer:
    """A server whose data lies in ``home``; start it from a thread that outlives it."""

    def __init__(
        self,
        home: Path,
        bolt: int,
        password: str,
        lib: Path | None = None,
        options: Sequence[str] = (),
    ) -> None:
        self.home, self.bolt = home, bolt
        self._options = options
        self._password = password
        self._lib = lib
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Set the password where the volume is new, write the configuration, start the server."""
        lib = self._lib or locate("neo4j-lib")
        for part in ("conf", "logs", "data", "run"):
            (self.home / part).mkdir(parents=True, exist_ok=True)
        settings = CONFIGURATION.format(bolt=self.bolt, http=free_port())
        conf = self.home / "conf" / "neo4j.conf"
        scratch = conf.with_suffix(".new")
        scratch.write_text(settings)
        scratch.replace(conf)  # in one step: who looks for the port may read it just now
        marker = self.home / "data" / "password-set"
        if not marker.exists():
            self._set_password()
            marker.touch()
        with (self.home / "logs" / "console.log").open("ab") as console:
            self._process = spawn(
                [
                    *java(lib, "-Xms64m", "-Xmx192m", *self._options),
                    "org.neo4j.server.CommunityEntryPoint",
                    f"--home-dir={self.home}",
                    f"--config-dir={self.home / 'conf'}",
                    "--console-mode",
                ],
                cwd=self.home,
                env={"HOME": str(self.home), "LANG": "C.UTF-8"},
                stdout=console.fileno(),
            )

    def _set_password(self) -> None:
        if len(self._password) < SHORTEST:
            raise failure("internal", f"Neo4j takes no first password under {SHORTEST} characters.")
        users = self.home / "data" / "dbms" / "auth.ini"
        users.parent.mkdir(parents=True, exist_ok=True)
        users.touch(0o600)
        users.write_text(first_user(self._password, secrets.token_bytes(32)))

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def process_id(self) -> int | None:
        return self._process.pid if self._process else None

    def stop(self) -> None:
        """SIGTERM, which lets Neo4j write its checkpoint; SIGKILL when it takes too long."""
        if self._process is None:
            return
        signal_group(self._process, signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            signal_group(self._process, signal.SIGKILL)
            self._process.wait()
        self._process = None
