"""``pipeline image``: the image of ``app/``, built once per tree."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.cli.context import Here
from pipeline.errors import Exit


def run(
    here: Here,
    build: Annotated[bool, typer.Option("--build", help="Only build; needs no account.")] = False,
    push: Annotated[bool, typer.Option("--push", help="Only push what was built here.")] = False,
    commit: Annotated[str, typer.Option(help="The commit whose app/ it is.")] = "HEAD",
) -> Exit:
    """Build and push the image of app/, unless its tag is there already.

    On GitHub these are two steps: credentials appear only after the build.
    """
    from pipeline.usecases.image import build_image, image_is_missing, push_image, tree_of
    from pipeline.usecases.site import site_of

    site = site_of(here)
    tree = tree_of(site, commit)
    if build or (not push and image_is_missing(site, tree)):
        here.out.say(f"{build_image(site, tree)} was built")
    if build and not push:
        here.out.emit({"tree": tree, "built": True})
        return Exit.OK
    image = push_image(site, tree)
    here.out.say(f"{image.reference} {'was pushed' if image.pushed else 'is there already'}")
    here.out.say(f"digest {image.digest}")
    here.out.outputs(image=image.reference, digest=image.digest)
    here.out.emit({"image": image.reference, "digest": image.digest, "pushed": image.pushed})
    return Exit.OK
