"""A machine in a folder: runs what EC2 would run of a user data, with the real Neo4j.

Its scripts run as they are, with the real bash, jq, curl, awk and blkid, against the real Neo4j and
the local AWS's Secrets Manager. What would change the computer itself (packages, mounts, systemd)
is asked of :class:`Hands`.
"""

from __future__ import annotations

import json
import signal
import socketserver
import subprocess
import sys
import threading
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from botocore.exceptions import ClientError

from pipeline.adapters.tools import locate
from sandbox.ecs.spawn import signal_group, spawn
from sandbox.neo4j.java import java
from sandbox.ports import free_port

#: What the package brings: where it keeps things, and what Java needs.
PACKAGED = """\
# a comment
server.directories.data=/var/lib/neo4j/data
server.directories.logs=/var/log/neo4j
server.directories.import=/var/lib/neo4j/import
server.http.enabled=true
server.bolt.enabled=true
#server.bolt.listen_address=:7687
server.https.enabled=false
server.memory.pagecache.size=512m
server.jvm.additional=-XX:+UseG1GC
server.jvm.additional=--add-opens=java.base/java.nio=ALL-UNNAMED
"""
#: Small, and quick to stop (see sandbox/neo4j/server.py).
SMALL = {
    "server.memory.heap.initial_size": "64m",
    "server.memory.heap.max_size": "192m",
    "server.memory.pagecache.size": "64m",
    "internal.dbms.bolt.netty_server_shutdown_quiet_period": "0",
    "internal.dbms.bolt.netty_server_shutdown_timeout": "1s",
    "internal.server.bolt.thread_pool_shutdown_wait_time": "1s",
}
AGENT = "opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl"
CLIENT = """\
#!{python} -SE
import json, socket, sys
line = socket.create_connection(("127.0.0.1", {port}))
line.sendall(json.dumps([{name!r}, *sys.argv[1:]]).encode() + b"\\n")
code, said = json.loads(line.makefile().readline())
print(said, end="", file=sys.stderr if code else sys.stdout)
sys.exit(code)
"""


@dataclass
class Volume:
    """A disk that outlives machines: an image for what looks at disks, a folder for the files."""

    folder: Path
    serial: str

    def __post_init__(self) -> None:
        self.files.mkdir(parents=True)
        with self.disk.open("wb") as disk:
            disk.truncate(16 * 2**20)

    @property
    def disk(self) -> Path:
        return self.folder / "disk"

    @property
    def files(self) -> Path:
        return self.folder / "files"


class Hands:
    """Does what a script asks of the computer, and keeps what was asked, in order."""

    def __init__(self, root: Path, volume: Volume, secrets: Any) -> None:
        self.root, self.volume, self.secrets = root, volume, secrets
        self.bolt, self.http = free_port(), free_port()
        self.calls: list[list[str]] = []
        self.invocation = ""
        self.process: subprocess.Popen[bytes] | None = None
        #: systemd answers and notes, and leaves the database as it is; is it running, it says
        self.pretends: bool | None = None

    def do(self, name: str, *words: str) -> tuple[int, str]:
        """Exit code and output of a command."""
        self.calls.append([name, *words])
        action = getattr(self, "_" + name.replace(".", "_").replace("-", "_"), None)
        return action(*words) if action else (0, "")

    def _aws(self, *words: str) -> tuple[int, str]:
        asked = dict(zip(words[2::2], words[3::2], strict=True))
        assert words[:2] == ("secretsmanager", "get-secret-value")
        assert asked["--query"] == "SecretString"
        try:
            answer = self.secrets.get_secret_value(
                SecretId=asked["--secret-id"], VersionStage=asked["--version-stage"]
            )
        except ClientError as error:
            return 254, f"{error}\n"
        return 0, f"{answer['SecretString']}\n"

    def _dnf(self, *words: str) -> tuple[int, str]:
        conf = self.root / "etc/neo4j/neo4j.conf"
        if words[-1].startswith("neo4j-") and not conf.exists():
            conf.write_text(PACKAGED)
        return 0, ""

    def _lsblk(self, *_: str) -> tuple[int, str]:
        return 0, f"/dev/nvme0n1 vol0root\n{self.volume.disk} {self.volume.serial}\n"

    def _mkfs_xfs(self, disk: str) -> tuple[int, str]:
        # any file system that blkid knows will do
        subprocess.run(["mkfs.ext4", "-q", "-F", disk], check=True)
        return 0, ""

    def _mount(self, place: str) -> tuple[int, str]:
        Path(place).rmdir()
        Path(place).symlink_to(self.volume.files)
        return 0, ""

    def _mountpoint(self, *words: str) -> tuple[int, str]:
        return (0 if Path(words[-1]).is_symlink() else 1), ""

    def _neo4j_admin(self, *words: str) -> tuple[int, str]:
        home = self.root / "var/lib/neo4j"
        done = subprocess.run(
            [
                *java(locate("neo4j-lib")),
                f"-Dbasedir={home}",
                "org.neo4j.server.startup.Neo4jAdminCommand",
                *words,
            ],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def _systemctl(self, verb: str, *words: str) -> tuple[int, str]:
        running = self.process is not None and self.process.poll() is None
        if self.pretends is not None:
            running = self.pretends
        if verb == "is-active":
            return (0 if running else 3), ""
        if verb == "show":
            return 0, f"{self.invocation}\n"
        if self.pretends is not None:
            self.invocation = uuid.uuid4().hex
        elif verb in ("restart", "stop"):
            self.stop()
            if verb == "restart":
                self._start()
        return 0, ""

    def _start(self) -> None:
        home, conf = self.root / "var/lib/neo4j", self.root / "run/conf"
        conf.mkdir(parents=True, exist_ok=True)
        text = (self.root / "etc/neo4j/neo4j.conf").read_text()
        text = text.replace("=/var/", f"={self.root}/var/")
        text = text.replace(":7687", f":{self.bolt}").replace(":7474", f":{self.http}")
        lines = [line for line in text.splitlines() if line.split("=")[0] not in SMALL]
        lines += [f"{name}={value}" for name, value in SMALL.items()]
        (conf / "neo4j.conf").write_text("\n".join(lines) + "\n")
        self.invocation = uuid.uuid4().hex
        with (self.root / "var/log/neo4j/console.log").open("ab") as console:
            self.process = spawn(
                [
                    *java(locate("neo4j-lib"), "-Xmx192m"),
                    "org.neo4j.server.CommunityEntryPoint",
                    f"--home-dir={home}",
                    f"--config-dir={conf}",
                    "--console-mode",
                ],
                cwd=home,
                env={"HOME": str(home), "LANG": "C.UTF-8"},
                stdout=console.fileno(),
            )

    def stop(self) -> None:
        """End the database, as systemd does."""
        if self.process is not None:
            signal_group(self.process, signal.SIGTERM)
            self.process.wait(30)
            self.process = None


class Machine:
    """One instance, from its user data; ``root`` is its file system."""

    def __init__(self, root: Path, user_data: str, volume: Volume, secrets: Any) -> None:
        self.root = root
        self.hands = Hands(root, volume, secrets)
        self.first = yaml.safe_load(user_data)["runcmd"][0]
        hands = self.hands

        class Line(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                answer = hands.do(*json.loads(self.rfile.readline()))
                self.wfile.write(json.dumps(answer).encode() + b"\n")

        # One thread answers all: what it starts ends with it.
        self._server = socketserver.TCPServer(("127.0.0.1", 0), Line)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        for folder in ("bin", "etc/neo4j", "etc/yum.repos.d", "var/log/neo4j", "run"):
            (root / folder).mkdir(parents=True)
        (root / "etc/fstab").touch()
        names = "aws chown dnf lsblk mkfs.xfs mount mountpoint neo4j-admin rpm systemctl xfs_growfs"
        for path in [*(root / "bin" / name for name in names.split()), root / AGENT]:
            port = self._server.server_address[1]
            client = CLIENT.format(python=sys.executable, port=port, name=path.name)
            self._write(path, client, 0o755)
        for file in yaml.safe_load(user_data)["write_files"]:
            mode = int(file.get("permissions", "0644"), 8)
            self._write(root / file["path"].lstrip("/"), file["content"], mode)

    @staticmethod
    def _write(path: Path, text: str, mode: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def boot(self) -> subprocess.CompletedProcess[str]:
        """What cloud-init does after it wrote the files."""
        return self.run(*self.first)

    def run(self, script: str, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run one of its scripts; ``more`` are variables for this run."""
        return subprocess.run(
            [str(self.root / script.lstrip("/")), *words],
            env={
                "PATH": f"{self.root}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
                "ROOT": str(self.root),
                "PAUSE": "0.2",
                "NEO4J_HTTP": f"http://127.0.0.1:{self.hands.http}",
                **more,
            },
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def called(self, *names: str) -> list[str]:
        """What was asked of the computer, in order: of all commands or of some."""
        return [" ".join(call) for call in self.hands.calls if not names or call[0] in names]

    def stop(self) -> None:
        """Switch it off."""
        self.hands.stop()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
