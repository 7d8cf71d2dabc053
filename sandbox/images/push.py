"""``docker push``: a manifest into ECR whose configuration digest is the image's id."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from pipeline.errors import failure
from sandbox.images.logins import Logins
from sandbox.images.store import Image

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
_REFERENCE = re.compile(
    r"^(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/"
    r"(?P<repository>[^:@]+):(?P<tag>[\w.-]{1,128})$"
)


def manifest(image: Image) -> str:
    """The image manifest (Docker registry v2, schema 2), the same text for the same image."""
    size = (image.folder / "config.json").stat().st_size
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, "size": size, "digest": f"sha256:{image.id}"},
            "layers": [
                {"mediaType": LAYER, "size": size, "digest": f"sha256:{image.config.files}"}
            ],
        },
        sort_keys=True,
    )


def digest(image: Image) -> str:
    """The digest under which a registry knows the image."""
    return "sha256:" + hashlib.sha256(manifest(image).encode()).hexdigest()


def push(reference: str, image: Image, logins: Logins) -> str:
    """Put the manifest under the reference's tag and give its digest.

    Pushing what is already there is fine. Raises Failure ``build`` for a reference outside ECR,
    ``no-credentials`` where nobody is logged in there, and ``aws`` for what ECR refuses, such as
    another image under an immutable tag.
    """
    match = _REFERENCE.match(reference)
    if match is None:
        raise failure(
            "build",
            f"{reference} is no reference of an ECR repository with a tag.",
            remedy="Push to <account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>.",
        )
    settings = Config(retries={"total_max_attempts": 3}, connect_timeout=5)
    account = logins.account(reference.partition("/")[0])
    ecr = boto3.client(
        "ecr",
        region_name=match["region"],
        config=settings,
        endpoint_url=account.url or None,
        aws_access_key_id=account.access_key,
        aws_secret_access_key="unchecked",  # noqa: S106 - the local AWS looks at the key's id
        aws_session_token=account.token or None,
    )
    where = {"registryId": match["account"], "repositoryName": match["repository"]}
    try:
        if _held(ecr, where, match["tag"]) == digest(image):
            return digest(image)
        answer = ecr.put_image(
            **where,
            imageManifest=manifest(image),
            imageManifestMediaType=MANIFEST,
            imageTag=match["tag"],
            imageDigest=digest(image),
        )
    except ClientError as error:
        raise failure("aws", f"ECR refused {reference}: {error}") from None
    except BotoCoreError as error:
        raise failure("aws", f"ECR cannot be reached for {reference}: {error}") from None
    return str(answer["image"]["imageId"]["imageDigest"])


def _held(ecr: Any, where: dict[str, str], tag: str) -> str:
    """The digest that the repository holds under the tag, as docker asks before it sends."""
    found = ecr.batch_get_image(**where, imageIds=[{"imageTag": tag}]).get("images") or []
    return str(found[0]["imageId"]["imageDigest"]) if found else ""
