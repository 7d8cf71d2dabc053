"""The resource policy that speaks about a resource: bucket, key, queue, repository, secret."""

from __future__ import annotations

from collections.abc import Callable

from moto.ecr.models import ecr_backends
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.sqs.models import sqs_backends

from sandbox.aws.access.actions import Need
from sandbox.aws.gaps import Context

Found = str | bytes | None


def find(need: Need, context: Context) -> str | None:
    """The policy's text, or None where the resource has none or is unknown.

    moto gives every KMS key AWS's default policy, which "allows the account … to use IAM
    policies"; as it names the account's root only, it allows no role by itself.
    """
    parts = need.resource.split(":", 5)
    reader = _READERS.get(parts[2] if len(parts) == 6 else "")
    if reader is None:
        return None
    document = reader(parts, context)
    if isinstance(document, bytes):
        return document.decode()
    return document or None


def _bucket(parts: list[str], context: Context) -> Found:
    name = parts[5].partition("/")[0]
    bucket = s3_backends[context.account]["aws"].buckets.get(name)
    return bucket.policy if bucket is not None else None


def _repository(parts: list[str], context: Context) -> Found:
    name = parts[5].removeprefix("repository/")
    repository = ecr_backends[context.account][parts[3]].repositories.get(name)
    return repository.policy if repository is not None else None


def _secret(parts: list[str], context: Context) -> Found:
    backend = secretsmanager_backends[context.account][parts[3]]
    secret = backend.secrets.get(":".join(parts))
    policy: Found = getattr(secret, "policy", None)  # a replica has none of its own
    return policy


def _queue(parts: list[str], context: Context) -> Found:
    queue = sqs_backends[context.account][parts[3]].queues.get(parts[5])
    return queue.policy if queue is not None else None


def _key(parts: list[str], context: Context) -> Found:
    backend = kms_backends[context.account][parts[3]]
    key = backend.keys.get(parts[5].removeprefix("key/"))
    return key.policy if key is not None else None


_READERS: dict[str, Callable[[list[str], Context], Found]] = {
    "s3": _bucket,
    "ecr": _repository,
    "secretsmanager": _secret,
    "kms": _key,
    "sqs": _queue,
}
