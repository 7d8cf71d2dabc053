"""A scratch git repository with a small estate, for tests that need real git objects."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

ENV = {
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}

PROJECT = (
    '[tool.pipeline]\nname = "kw"\nrepository = "kw/delivery"\nregion = "ap-southeast-2"\n'
    'ecr_repository = "kw"\n'
)
ESTATE = {
    "pyproject.toml": (
        f'{PROJECT}\n[[tool.pipeline.tests]]\nname = "app"\n'
        'paths = ["app/"]\ncommand = ["sh", "app/test.sh"]\n'
    ),
    "app/main.py": "print(1)\n",
    "app/test.sh": "exit 0\n",
    "docs/readme.md": "words\n",
    "terraform/modules/net/main.tf": 'variable "cidr" {}\nmodule "tag" { source = "../tag" }\n',
    "terraform/modules/tag/main.tf": 'variable "x" { default = 1 }\n',
    "terraform/modules/unused/main.tf": 'variable "x" { default = 1 }\n',
    "terraform/shared/motd.txt": "hello\n",
    "terraform/envs/base/stack.toml": 'workspaces = ["shared"]\n',
    "terraform/envs/base/main.tf": "",
    "terraform/envs/base/shared.tfvars": "",
    "terraform/envs/web/stack.toml": (
        'workspaces = ["dev", "prod"]\ndepends_on = ["base"]\ntakes_image = true\n'
        "\n[workspace.prod]\nprotected = true\n"
    ),
    "terraform/envs/web/variables.tf": 'variable "image" {}\nvariable "size" { type = number }\n',
    "terraform/envs/web/main.tf": (
        'module "net" {\n  source = "../../modules/net"\n  cidr = "10.0.0.0/16"\n}\n'
        'locals { motd = file("${path.module}/../../shared/motd.txt") }\n'
    ),
    "terraform/envs/web/.terraform.lock.hcl": "# lock\n",
    "terraform/envs/web/dev.tfvars": "size = 1\n",
    "terraform/envs/web/prod.tfvars": "size = 3\n",
}


class Scratch:
    """The repository; ``commit`` writes files (None removes one) and returns the commit id."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.git("init", "-q", "-b", "main")
        self.first = self.commit(ESTATE)

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.root,
            env={**os.environ, **ENV},
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def write(self, files: Mapping[str, str | None]) -> None:
        for name, text in files.items():
            path = self.root / name
            if text is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def commit(self, files: Mapping[str, str | None]) -> str:
        self.write(files)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "change")
        return self.git("rev-parse", "HEAD")
