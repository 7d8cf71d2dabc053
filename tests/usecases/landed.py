"""What landed on the default branch of a small GitHub, as a deploy of one unit sees it."""

from __future__ import annotations

from typing import Any

from pipeline.domain.model import UnitId
from pipeline.domain.review import Landing
from pipeline.usecases.landings import landings
from tests.usecases.forge import Forge

UNIT = UnitId("web", "dev")
MAIN = "terraform/envs/web/main.tf"
TFVARS = "terraform/envs/web/dev.tfvars"
README = "docs/readme.md"
A = "locals {\n  a = 1\n}\n"
B = "locals {\n  b = 2\n}\n"
X = "locals {\n  evil = true\n}\n"


def at(name: str) -> str:
    return f"terraform/envs/web/{name}.tf"


def since(forge: Forge, commit: str = "", **more: Any) -> tuple[Landing, ...]:
    site = forge.site()
    return landings(site, UNIT, commit or forge.first, "HEAD", **more)


def only(forge: Forge, **more: Any) -> Landing:
    [landing] = since(forge, **more)
    return landing
