"""Names in a stack's folders that tools read by themselves: plugins, settings, state.

Terraform takes providers from ``terraform.d/plugins`` of its working directory (Terraform: "CLI
Configuration File", "Implied Local Mirror Directories"), tflint plugins from ``.tflint.d`` (its
"Configuring Plugins"), and others look for settings in hidden files. None of them is Terraform
code, so nobody judges what they say: hidden names stand in a list, the others are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pipeline.errors import Problem

#: Hidden names that no tool of the pipeline runs or obeys. ``.terraform`` is what a person's own
#: `terraform init` leaves; the pipeline's Terraform keeps its data elsewhere.
_HIDDEN = frozenset(
    ".terraform.lock.hcl .terraform .gitignore .gitattributes .gitkeep .keep .editorconfig "
    ".ds_store .terraform-docs.yml .terraform-docs.yaml .terraform-version .opentofu-version "
    ".tool-versions .python-version .terraformignore .prettierignore .prettierrc "
    ".markdownlint.json .markdownlint.yaml .idea .vscode .envrc".split()
)
#: What editors and file systems leave beside a file: swap files, locks, resource forks.
_LEFT = re.compile(r"\..*\.sw[a-p]|\.#.*|\._.*|\.nfs[0-9a-f]+")


def judge_names(folder: str, names: Iterable[str]) -> Iterator[Problem]:
    """The problems of what lies in a folder, hidden or not."""
    for name in sorted(names):
        why, remedy = _why(name.lower())
        if why:
            yield Problem(why, f"{folder}/{name}", remedy)


def _why(name: str) -> tuple[str, str]:
    if name == "errored.tfstate":
        # what Terraform leaves where it could not store a state: perhaps the only copy
        said = "Terraform could not store this state, and nobody has pushed it since."
        return said, "Run `terraform state push errored.tfstate`, then remove it."
    if name.startswith("terraform.tfstate") or ".tfstate" in name:
        return "A state is no file of a repository.", "Keep it elsewhere."
    if name == "terraform.d":
        return "Terraform would run providers that lie in this folder.", "Remove it."
    if name.startswith(".") and name not in _HIDDEN and not _LEFT.fullmatch(name):
        said = "Tools take plugins and settings from hidden files of the folder they work in."
        return said, "Remove it."
    return "", ""
