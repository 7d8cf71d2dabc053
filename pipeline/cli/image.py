"""``pipeline image``: the image of ``app/``, built once per tree."""

from __future__ import annotations

from pipeline.cli.context import Here
from pipeline.errors import Exit


def run(here: Here) -> Exit:
    """Build and push the image of app/, unless its tag is there already."""
    from pipeline.usecases.image import ensure_image
    from pipeline.usecases.site import site_of

    image = ensure_image(site_of(here))
    here.out.say(f"{image.reference} {'was built' if image.built else 'is there already'}")
    here.out.say(f"digest {image.digest}")
    here.out.outputs(image=image.reference, digest=image.digest)
    here.out.emit({"image": image.reference, "digest": image.digest, "built": image.built})
    return Exit.OK
