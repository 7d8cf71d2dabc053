"""Plan a copy of the estate, as new or as deployed, without changing anything anywhere."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.adapters.tools import locate
from tests.terraform.stacks import ADMIN, ROOT, image, terraform_env

PROVIDER = 'provider["registry.terraform.io/hashicorp/aws"]'
#: Types whose id is their ARN; the ids of buckets and roles are their names.
_ARN_IDS = {
    "aws_backup_plan",
    "aws_ecs_cluster",
    "aws_ecs_service",
    "aws_lb",
    "aws_lb_listener",
    "aws_lb_listener_rule",
    "aws_lb_target_group",
    "aws_secretsmanager_secret",
    "aws_sns_topic",
}
#: Attributes that are text by their name (one is a list for all that), and a number.
_TEXT = re.compile(r"^(?!listener_)(?:\w+_)?(?:id|arn|name|suffix|address|endpoint|url|zone|port)$")


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of ``terraform/`` in which files may be changed."""

    root: Path
    aws_url: str

    @classmethod
    def make(cls, root: Path, aws_url: str) -> Copy:
        ignored = shutil.ignore_patterns(".terraform", "tests", "__pycache__")
        shutil.copytree(ROOT / "terraform", root / "terraform", ignore=ignored)
        return cls(root, aws_url)

    def change(self, file: str, old: str, new: str) -> None:
        """Put other text for the one place where ``old`` stands in a file of ``terraform/``."""
        path = self.root / "terraform" / file
        text = path.read_text()
        assert text.count(old) == 1, f"{file} has {text.count(old)} times: {old}"
        path.write_text(text.replace(old, new))

    def plan(self, unit: str, deployed: Mapping[str, Any] | None = None) -> Path:
        """The plan's JSON file; ``deployed`` is the plan that has been applied before, if any."""
        stack, workspace = unit.split("/")
        folder = self.root / "terraform" / "envs" / stack
        data = self.root / f"data-{stack}-{workspace}"
        (folder / "backend_override.tf").write_text('terraform {\n  backend "local" {}\n}\n')
        environ = {
            **terraform_env(data, workspace),
            **ADMIN,
            "AWS_ENDPOINT_URL": self.aws_url,
            "TF_VAR_image": image(),
        }

        def run(*arguments: str, **more: str) -> str:
            done = subprocess.run(
                [str(locate("terraform")), *arguments, "-no-color"],
                cwd=folder,
                env=environ | more,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"{unit}\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}"
            return done.stdout

        run("init", "-lockfile=readonly", TF_WORKSPACE="default")
        if deployed is not None:
            state = folder / "terraform.tfstate.d" / workspace / "terraform.tfstate"
            state.parent.mkdir(parents=True)
            state.write_text(json.dumps(applied(deployed)))
        made = data / "tfplan"
        given = (f"-var-file={workspace}.tfvars", f"-out={made}")
        run("plan", "-lock=false", "-refresh=false", *given)
        file = data / "plan.json"
        file.write_text(run("show", "-json", str(made)))
        return file


def applied(plan: Mapping[str, Any]) -> dict[str, Any]:
    """The state that applying a plan leaves, with invented values for what AWS decides.

    So a plan over it knows what one of an estate that runs knows: the ids and addresses that task
    definitions and policies are made of. What the configuration takes from another resource is
    left out of it; Terraform puts that in by itself, in place or by planning the resource anew.
    """
    unknown = {
        change["address"]: change["change"].get("after_unknown") or {}
        for change in plan["resource_changes"]
    }
    written = dict(_written(plan["configuration"]["root_module"], ""))
    resources: dict[str, dict[str, Any]] = {}
    for number, resource in enumerate(_managed(plan["planned_values"]["root_module"]), 1):
        kind, address = resource["type"], resource["address"]
        if kind.startswith("aws_vpc_security_group_"):
            continue  # nobody needs their ids, and the provider cannot move one to a new group
        plain = re.sub(r"\[[^\]]*\]", "", address)
        invented = {
            name: _invented(resource, name, number)
            for name, value in unknown[address].items()
            if value is True and name not in written[plain] and _TEXT.search(name)
        }
        instance = {
            "schema_version": resource["schema_version"],
            "attributes": resource["values"] | invented,
        }
        if "index" in resource:
            instance["index_key"] = resource["index"]
        module = address.rpartition(f"{kind}.{resource['name']}")[0].rstrip(".")
        one = {"mode": "managed", "type": kind, "name": resource["name"], "provider": PROVIDER}
        one |= {"module": module} if module else {}
        resources.setdefault(f"{module} {plain}", one | {"instances": []})["instances"] += [
            instance
        ]
    return {
        "version": 4,
        "terraform_version": plan["terraform_version"],
        "serial": 1,
        "lineage": "00000000-0000-0000-0000-000000000000",
        "outputs": {},
        "resources": list(resources.values()),
    }


def _written(module: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, set[str]]]:
    """Address without instance keys, and the names of what the configuration sets."""
    for resource in module.get("resources") or []:
        yield prefix + resource["address"], set(resource.get("expressions") or {})
    for name, call in (module.get("module_calls") or {}).items():
        yield from _written(call["module"], f"{prefix}module.{name}.")


def _managed(module: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (r for r in module.get("resources") or [] if r["mode"] == "managed")
    for child in module.get("child_modules") or []:
        yield from _managed(child)


def _invented(resource: Mapping[str, Any], name: str, number: int) -> str | int:
    if name == "port":
        return 5432
    kind = resource["type"].removeprefix("aws_")
    arn = f"arn:aws:{kind.replace('_', '-')}:ap-southeast-2:123456789012:invented/{number:017x}"
    if name.endswith("arn"):
        return arn
    if name == "id":
        if resource["type"] in _ARN_IDS:
            return arn
        given = resource["values"].get("bucket") or resource["values"].get("name")
        return str(given or f"{kind.split('_')[-1]}-{number:017x}")
    return f"invented-{name.replace('_', '-')}-{number}"
