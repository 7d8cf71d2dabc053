"""Run a stack of the estate as the pipeline does: real Terraform, S3 backend, one workspace."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from pipeline.adapters.terraform_settings import checked_by_init, config_file
from pipeline.adapters.tools import locate
from sandbox.layout import ACCOUNT, ADMIN_KEY, ADMIN_SECRET, REGION
from tests.terraform.provider import staying_provider

ROOT = Path(__file__).resolve().parents[2]
ENVS = ROOT / "terraform" / "envs"
MODULES = ROOT / "terraform" / "modules"
STATE_BUCKET = f"knowledgeweaver-state-{ACCOUNT}-{REGION}"
TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

Credentials = Mapping[str, str]
ADMIN: Credentials = {
    "AWS_ACCESS_KEY_ID": ADMIN_KEY,
    "AWS_SECRET_ACCESS_KEY": ADMIN_SECRET,
}


def image(tree: str = TREE) -> str:
    """The reference that the pipeline hands to Terraform for a tree of app/."""
    return f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/knowledgeweaver:{tree}"


def terraform_env(data: Path, workspace: str = "default") -> dict[str, str]:
    """Variables of a terraform run that touches nothing of the checkout or of the user."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {
        **kept,
        "TF_CLI_CONFIG_FILE": str(checked_by_init(data) or config_file()),
        "TF_DATA_DIR": str(data),
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "TF_WORKSPACE": workspace,
        "CHECKPOINT_DISABLE": "1",
        "GOGC": "400",  # a fifth less processor time for a process that lives for seconds
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@dataclass(frozen=True, slots=True)
class Stack:
    """One unit of the estate against one AWS endpoint; ``data`` holds Terraform's working files."""

    name: str
    workspace: str
    url: str
    data: Path
    _staying: dict[str, str] = field(default_factory=dict, compare=False)

    @contextmanager
    def one_provider(self) -> Iterator[None]:
        """Let one process of the provider serve all of the administrator's commands in here."""
        environ = {**terraform_env(self.data), **ADMIN, "AWS_ENDPOINT_URL": self.url}
        with staying_provider(self.data, environ) as found:
            self._staying.update(found)
            try:
                yield
            finally:
                self._staying.clear()

    def run(
        self, *arguments: str, credentials: Credentials = ADMIN, fine: tuple[int, ...] = (0,)
    ) -> subprocess.CompletedProcess[str]:
        """``terraform ARGUMENTS`` in the stack's folder; any other exit code fails the test."""
        done = subprocess.run(
            [str(locate("terraform")), *arguments, "-no-color"],
            cwd=ENVS / self.name,
            env={
                # init refuses to choose a workspace that has no state yet
                **terraform_env(self.data, "default" if arguments[0] == "init" else self.workspace),
                **credentials,
                "AWS_ENDPOINT_URL": self.url,
                **({"TF_VAR_image": image()} if self.name == "knowledgeweaver" else {}),
                **(self._staying if credentials is ADMIN else {}),
            },
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode in fine, f"{arguments}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done

    def init(self) -> None:
        self.run(
            "init",
            "-lockfile=readonly",
            f"-backend-config=bucket={STATE_BUCKET}",
            f"-backend-config=region={REGION}",
            f"-backend-config=key={self.name}/terraform.tfstate",
            "-backend-config=workspace_key_prefix=env",
        )

    def apply(self, *more: str, credentials: Credentials = ADMIN) -> str:
        return self.run("apply", "-auto-approve", *self._with(more), credentials=credentials).stdout

    def destroy(self, *more: str, credentials: Credentials = ADMIN) -> str:
        return self.run(
            "destroy", "-auto-approve", *self._with(more), credentials=credentials
        ).stdout

    def plan(self, *more: str, credentials: Credentials = ADMIN) -> dict[str, Any]:
        """The plan as JSON, with ``changes``: address to actions, of all that is not a no-op."""
        self.run(
            "plan", "-lock=false", f"-out={self._file}", *self._with(more), credentials=credentials
        )
        shown = self.run("show", "-json", str(self._file), credentials=credentials)
        plan: dict[str, Any] = json.loads(shown.stdout)
        changes = {
            change["address"]: change["change"]["actions"]
            for change in plan.get("resource_changes", [])
            if change["change"]["actions"] not in (["no-op"], ["read"])
        }
        return {**plan, "changes": changes}

    def apply_planned(self) -> None:
        """Apply what :meth:`plan` has planned last."""
        self.run("apply", str(self._file))

    @property
    def _file(self) -> Path:
        return self.data / "tfplan"

    def _with(self, more: tuple[str, ...]) -> list[str]:
        return [f"-var-file={self.workspace}.tfvars", *more]


def client(service: str, url: str, credentials: Credentials = ADMIN) -> Any:
    """A boto3 client of the endpoint, as the administrator unless told otherwise."""
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=credentials["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=credentials["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=credentials.get("AWS_SESSION_TOKEN"),
    )
