"""Build the image of ``app/`` once per tree and push it under that tree's hash."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters import docker
from pipeline.adapters.aws import ecr
from pipeline.adapters.git import git
from pipeline.errors import failure
from pipeline.usecases.site import Site


@dataclass(frozen=True, slots=True)
class Image:
    """The image of a tree: its reference, its digest in the registry, whether it was built now."""

    reference: str
    digest: str
    built: bool


def ensure_image(site: Site) -> Image:
    """Push the image of the checkout's ``app/`` unless its tag exists (a revert is instant)."""
    reference, tree = site.image(), site.app_tree
    repository = site.settings.ecr_repository
    digest = ecr.digest_of(site.aws, repository, tree)
    if digest is not None:
        return Image(reference, digest, built=False)
    docker.login(reference.partition("/")[0], ecr.login_token(site.aws))
    with tempfile.TemporaryDirectory(prefix="pipeline-image-") as folder:
        context = Path(folder) / "app"
        _export(site.root, tree, context)
        with site.out.step(f"Building {repository}:{tree[:12]}"):
            docker.build(context, reference, site.settings.platform, {"KW_TREE": tree})
        with site.out.step(f"Pushing {repository}:{tree[:12]}"):
            docker.push(reference)
    digest = ecr.digest_of(site.aws, repository, tree)
    if digest is None:
        raise failure("build", f"The image was pushed, but {repository}:{tree} is not there.")
    return Image(reference, digest, built=True)


def image_is_missing(site: Site, tree: str) -> bool:
    """Whether the image of a tree of ``app/`` was never pushed."""
    return ecr.digest_of(site.aws, site.settings.ecr_repository, tree) is None


def _export(root: Path, tree: str, target: Path) -> None:
    """Exactly the committed files: what lies about in the folder cannot get into an image."""
    try:
        archive = git(root, "archive", "--format=tar", tree)
    except subprocess.SubprocessError as error:
        raise failure("git", f"git archive {tree} failed.") from error
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(target, filter="data")
