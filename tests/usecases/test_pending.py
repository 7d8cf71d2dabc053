"""What a deploy has still to do, and whether an image has to be built for it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

from tests.usecases.conftest import MAIN, STACK, Repository


def image_is_wanted(repository: Repository) -> bool:
    answer = repository.pipeline("--json", "pending")
    assert answer.code == 0, answer.err
    wanted: bool = json.loads(answer.out)["image"]
    return wanted


def push_image(repository: Repository, ecr: Any) -> None:
    """The image of the committed application, as far as the registry knows it."""
    done = subprocess.run(
        ["git", "rev-parse", "HEAD:app"],
        cwd=repository.root,
        check=True,
        capture_output=True,
        text=True,
    )
    tree = done.stdout.strip()
    manifest = {"schemaVersion": 2, "config": {"digest": f"sha256:{tree}"}, "layers": []}
    ecr.put_image(
        repositoryName="knowledgeweaver",
        imageManifest=json.dumps(manifest),
        imageManifestMediaType="application/vnd.oci.image.manifest.v1+json",
        imageTag=tree,
    )


def test_an_image_is_built_only_for_who_takes_it_and_only_where_it_is_missing(
    repository: Repository, stores: dict[str, str], aws: Callable[[str], Any]
) -> None:
    ecr = aws("ecr")
    ecr.create_repository(repositoryName="knowledgeweaver")
    assert not image_is_wanted(repository)  # nobody takes it

    repository.write(f"{STACK}/main.tf", MAIN + '\nvariable "image" { type = string }\n')
    repository.write(f"{STACK}/stack.toml", 'workspaces = ["dev"]\ntakes_image = true\n')
    repository.commit()
    assert image_is_wanted(repository)
    push_image(repository, ecr)
    assert not image_is_wanted(repository)

    repository.books(one="2")  # the infrastructure alone
    assert not image_is_wanted(repository)
    repository.write("app/main.py", "print(2)\n")
    repository.commit()
    assert image_is_wanted(repository)
    repository.write("app/main.py", "print(1)\n")
    repository.commit()  # the way back
    assert not image_is_wanted(repository)
