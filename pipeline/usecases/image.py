"""Build the image of ``app/`` once per tree and push it under that tree's hash.

Building runs what the tree holds, so it needs no credentials and gets none on GitHub; pushing runs
nothing of it.
"""

from __future__ import annotations

import io
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters import docker
from pipeline.adapters.aws import ecr
from pipeline.adapters.git import first_parent, git, resolve
from pipeline.errors import Failure, failure
from pipeline.usecases.site import Site


@dataclass(frozen=True, slots=True)
class Image:
    """The image of a tree: its reference, its digest in the registry, whether it was pushed now."""

    reference: str
    digest: str
    pushed: bool


def tree_of(site: Site, commit: str) -> str:
    """The tree of ``app/`` at a commit of the checked-out history; raises ``usage``."""
    wanted = resolve(site.root, commit)
    if wanted not in first_parent(site.root, None, site.commit):
        raise failure(
            "usage",
            f"Commit {wanted[:10]} is none of the default branch's at {site.commit[:10]}.",
            remedy="Images are built from what was merged.",
        )
    try:
        found = git(site.root, "rev-parse", "--verify", f"{wanted}:{site.settings.app}")
        return found.decode().strip()
    except Failure as error:
        raise failure("bad-config", f"There is no folder {site.settings.app}.") from error


def build_image(site: Site, tree: str) -> str:
    """Build the image of a tree of ``app/``; its name on this machine. Needs no account."""
    name = f"{site.settings.ecr_repository}:{tree}"
    with tempfile.TemporaryDirectory(prefix="pipeline-image-") as folder:
        context = Path(folder) / "app"
        _export(site.root, tree, context)
        with site.out.step(f"Building {site.settings.ecr_repository}:{tree[:12]}"):
            docker.build(context, name, site.settings.platform, {"KW_TREE": tree})
    return name


def push_image(site: Site, tree: str) -> Image:
    """Push the image that was built here, unless its tag exists (a revert is instant)."""
    repository = site.settings.ecr_repository
    reference = f"{site.image().rpartition(':')[0]}:{tree}"
    digest = ecr.digest_of(site.aws, repository, tree)
    if digest is not None:
        return Image(reference, digest, pushed=False)
    docker.login(reference.partition("/")[0], ecr.login_token(site.aws))
    docker.tag(f"{repository}:{tree}", reference)
    pushed = True
    try:
        with site.out.step(f"Pushing {repository}:{tree[:12]}"):
            docker.push(reference)
    except Failure:
        # the tag is immutable: another run may have been faster
        if image_is_missing(site, tree):
            raise
        pushed = False
    digest = ecr.digest_of(site.aws, repository, tree)
    if digest is None:
        raise failure("build", f"The image was pushed, but {repository}:{tree} is not there.")
    return Image(reference, digest, pushed)


def image_is_missing(site: Site, tree: str) -> bool:
    """Whether the image of a tree of ``app/`` was never pushed."""
    return ecr.digest_of(site.aws, site.settings.ecr_repository, tree) is None


def _export(root: Path, tree: str, target: Path) -> None:
    """Exactly the committed files: what lies about in the folder cannot get into an image."""
    archive = git(root, "archive", "--format=tar", tree)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(target, filter="data")
