"""A repository in memory as the guard reads it, and what the guard says of a text in it."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from pipeline.domain.guard import Rules, Verdict, guard

STACK = "terraform/envs/s"
AWS = "registry.terraform.io/hashicorp/aws"
HASHES = ", ".join(f'"zh:{n:064x}"' for n in range(4))
LOCK = f'provider "{AWS}" {{\n  version = "5.100.0"\n  hashes = [{HASHES}]\n}}\n'
RULES = Rules(modules=("git::https://example.com/ok",))


@dataclass
class Files:
    """The files; ``links`` lead somewhere else in the repository, or out of it (None)."""

    texts: dict[str, str]
    links: dict[str, str | None] = field(default_factory=dict)

    def terraform_files(self, folder: str) -> Mapping[str, str]:
        return {
            path: text
            for path, text in self.texts.items()
            if posixpath.dirname(path) == folder and path.endswith((".tf", ".tf.json", ".tfvars"))
        }

    def names(self, folder: str) -> Collection[str]:
        below = (known[len(folder) + 1 :] for known in self.texts if known.startswith(f"{folder}/"))
        return {name.partition("/")[0] for name in below}

    def real(self, path: str) -> str | None:
        if path.startswith(("/", "~", "..")) or ".git" in path.split("/"):
            return None
        return self.links.get(path, path)

    def exists(self, path: str) -> bool:
        return any(known == path or known.startswith(f"{path}/") for known in self.texts)

    def read(self, path: str) -> str | None:
        return self.texts.get(path)


def files(text: str, lock: str = LOCK, **more: str) -> Files:
    """A stack with one file, its lock file, and more files by their paths."""
    return Files({f"{STACK}/main.tf": text, f"{STACK}/.terraform.lock.hcl": lock, **more})


def told(verdict: Verdict) -> list[str]:
    return [str(problem) for problem in (*verdict.broken, *verdict.problems)]


def problems(text: str, lock: str = LOCK, rules: Rules = RULES, **more: str) -> list[str]:
    """What the guard says of a stack with one file."""
    return told(guard(STACK, files(text, lock, **more), rules))
