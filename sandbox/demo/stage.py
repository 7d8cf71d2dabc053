"""What the story stands on: the running sandbox, its people, and the command ``pipeline``."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import httpx

from sandbox.client import STOP_LIMIT, Sandbox
from sandbox.demo.actors import Person, StoryError
from sandbox.demo.edits import CreateDev, without_environments
from sandbox.demo.repository import Clone
from sandbox.layout import REGION, REPOSITORY

PEOPLE = ("alice", "bob", "octo-admin")
UNIT = "knowledgeweaver/dev"


@dataclass(slots=True)
class Stage:
    """The sandbox and its people. ``checkout`` is the repository the story is told about."""

    box: Sandbox
    checkout: Path
    folder: Path
    people: dict[str, Person] = field(default_factory=dict)

    @classmethod
    def open(cls, box: Sandbox, checkout: Path) -> Stage:
        """Meet the people; give them clones."""
        stage = cls(box, checkout, box.root / "demo")
        stage.folder.mkdir(parents=True, exist_ok=True)
        users = httpx.get(f"{box.github_url}/_sandbox/users", timeout=10).json()
        tokens = {user["login"]: user["token"] for user in users}
        for login in PEOPLE:
            client = httpx.Client(
                base_url=f"{box.github_url}/api/v3/repos/{REPOSITORY}/",
                headers={
                    "Authorization": f"Bearer {tokens[login]}",
                    "Accept": "application/vnd.github+json",
                },
                timeout=60,
            )
            url = f"{box.github_url}/{REPOSITORY}.git"
            clone = Clone(stage.folder / login, url, login, tokens[login])
            stage.people[login] = Person(login, client, clone)
        return stage

    @property
    def alice(self) -> Person:
        return self.people["alice"]

    @property
    def bob(self) -> Person:
        return self.people["bob"]

    @property
    def admin(self) -> Person:
        return self.people["octo-admin"]

    # -- the repository ------------------------------------------------------------------------

    def seed(self) -> None:
        """Give the local GitHub this checkout's files, without any environment yet."""
        source = self.folder / "seed"
        if not (source / ".git").is_dir():
            source.mkdir(parents=True, exist_ok=True)
            seed = Clone(source, "", "octo-admin", self.admin.clone.token)
            seed.git("init", "--quiet", "--initial-branch", "main")
            files = subprocess.run(
                ["git", "-C", str(self.checkout), "ls-files", "-z", "--cached"],
                capture_output=True,
                check=True,
            ).stdout.split(b"\0")
            for name in filter(None, files):
                origin, target = self.checkout / os.fsdecode(name), source / os.fsdecode(name)
                if not origin.exists():
                    continue  # deleted in the working folder
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(origin.read_bytes())
                target.chmod(origin.stat().st_mode)
            without_environments(source)
            seed.git("add", "--all")
            seed.git("commit", "--quiet", "--message", "Begin with an estate and no environment")
        answer = httpx.post(
            f"{self.box.github_url}/_sandbox/seed",
            json={"path": str(source), "ref": "main", "protect": False},  # bootstrap does
            timeout=60,
        )
        if answer.is_error:
            raise StoryError(f"seeding answered {answer.status_code}: {answer.text}")
        for person in self.people.values():
            person.clone.prepare()

    def propose_dev(self) -> dict[str, Any]:
        """The first pull request: alice creates the dev environment."""
        return self.alice.propose(
            "create-dev",
            "Create the dev environment",
            "Our first environment.",
            CreateDev(self.checkout),
        )

    # -- the command ---------------------------------------------------------------------------

    def pipeline(self, *arguments: str, expect: int = 0) -> str:
        """Run the command as the administrator in a checkout of main; what it said.

        Raises StoryError when it ends with another exit code than expected.
        """
        self.admin.clone.at_main()
        environ = self.box.env | {
            "GITHUB_TOKEN": self.admin.clone.token,
            "PIPELINE_PYTHON": str(self.checkout / ".venv" / "bin" / "python"),
        }
        command = subprocess.Popen(
            [str(self.admin.clone.path / "bin" / "pipeline"), *arguments],
            cwd=self.admin.clone.path,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        try:
            said = command.communicate()[0].strip()
        except KeyboardInterrupt:  # it stores its state before it ends; run() would kill it
            command.send_signal(signal.SIGINT)
            command.wait(STOP_LIMIT)
            raise
        if command.returncode != expect:
            words = " ".join(arguments)
            raise StoryError(
                f"pipeline {words}: exit code {command.returncode}, not {expect}\n{said}"
            )
        return said

    def report(self, run: dict[str, Any]) -> Path:
        """The HTML report that a pull request's run left, unpacked beside the story's files."""
        found = self.bob.call("GET", f"actions/runs/{run['id']}/artifacts")["artifacts"]
        urls = [one["archive_download_url"] for one in found if one["name"] == "report"]
        if not urls:
            raise StoryError(f"{run['html_url']} left no report")
        answer = self.bob.api.get(urls[-1], follow_redirects=True).raise_for_status()
        folder = self.folder / "reports" / str(run["id"])
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            archive.extractall(folder)
        return next(folder.rglob("*.html"))

    # -- the deployed application --------------------------------------------------------------

    def aws(self, service: str) -> Any:
        """A client of the local AWS, as its administrator."""
        variables = self.box.variables
        return boto3.client(  # type: ignore[call-overload]  # one of very many literal names
            service,
            endpoint_url=self.box.aws_url,
            region_name=REGION,
            aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        )

    def url(self) -> str:
        """The address of dev's load balancer."""
        found = self.aws("elbv2").describe_load_balancers()["LoadBalancers"]
        names = [lb["DNSName"] for lb in found if "dev" in lb["LoadBalancerName"]]
        if len(names) != 1:
            raise StoryError(f"expected one load balancer of dev, found {names}")
        return f"http://{names[0]}"

    def api_key(self) -> str:
        """The application's key, out of Secrets Manager as an operator would."""
        secrets = self.aws("secretsmanager")
        names = [s["Name"] for s in secrets.list_secrets()["SecretList"] if "api" in s["Name"]]
        return str(secrets.get_secret_value(SecretId=names[0])["SecretString"])

    def tree(self) -> str:
        """The git tree of ``app/`` at main's head."""
        self.admin.clone.at_main()
        return self.admin.clone.git("rev-parse", "HEAD:app")


@dataclass(slots=True)
class Progress:
    """Which parts of the story were told, kept beside the sandbox's state."""

    file: Path
    told: list[str]

    @classmethod
    def read(cls, file: Path) -> Progress:
        try:
            return cls(file, list(json.loads(file.read_text())))
        except (OSError, ValueError):
            return cls(file, [])

    def tell(self, name: str, part: Callable[[], None]) -> bool:
        """Tell a part unless it was told before; True when it was told now."""
        if name in self.told:
            return False
        part()
        self.told.append(name)
        self.file.write_text(json.dumps(self.told))
        return True
