"""Calls of a role like the pipeline's plan role, and how each of them ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.layout import ACCOUNT

BUCKET = "records-of-test"


def definition(client: Any, role: str) -> Any:
    return client.register_task_definition(
        family="api",
        taskRoleArn=f"arn:aws:iam::{ACCOUNT}:role/{role}",
        containerDefinitions=[{"name": "api", "image": "api", "memory": 64}],
    )


put = {"Bucket": BUCKET, "Body": b"{}"}
TABLE: list[tuple[str, str, Callable[[Any], Any], str]] = [
    ("lists a bucket", "s3", lambda c: c.list_objects_v2(Bucket=BUCKET), "allowed"),
    ("looks at a bucket", "s3", lambda c: c.head_bucket(Bucket=BUCKET), "allowed"),
    ("reads an object", "s3", lambda c: c.get_object(Bucket=BUCKET, Key="dev/1.json"), "allowed"),
    (
        "a denied prefix",
        "s3",
        lambda c: c.get_object(Bucket=BUCKET, Key="secret/1"),
        "AccessDenied",
    ),
    ("writes anew", "s3", lambda c: c.put_object(Key="dev/2", IfNoneMatch="*", **put), "allowed"),
    ("overwrites", "s3", lambda c: c.put_object(Key="dev/2", **put), "AccessDenied"),
    (
        "writes elsewhere",
        "s3",
        lambda c: c.put_object(Key="prod/2", IfNoneMatch="*", **put),
        "AccessDenied",
    ),
    ("deletes", "s3", lambda c: c.delete_object(Bucket=BUCKET, Key="dev/1.json"), "AccessDenied"),
    (
        "deletes many",
        "s3",
        lambda c: c.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "dev/1.json"}]}),
        "AccessDenied",
    ),
    (
        "signs by alias",
        "kms",
        lambda c: c.generate_mac(
            KeyId="alias/records", MacAlgorithm="HMAC_SHA_256", Message=b"plan"
        ),
        "allowed",
    ),
    ("lists keys", "kms", lambda c: c.list_keys(), "AccessDeniedException"),
    ("looks at clusters", "ecs", lambda c: c.describe_clusters(clusters=["dev"]), "allowed"),
    (
        "deletes a cluster",
        "ecs",
        lambda c: c.delete_cluster(cluster="dev"),
        "AccessDeniedException",
    ),
    ("passes a role", "ecs", lambda c: definition(c, "task"), "allowed"),
    ("passes another", "ecs", lambda c: definition(c, "admin"), "AccessDeniedException"),
    ("looks at networks", "ec2", lambda c: c.describe_vpcs(), "allowed"),
    (
        "makes a network",
        "ec2",
        lambda c: c.create_vpc(CidrBlock="10.0.0.0/16"),
        "UnauthorizedOperation",
    ),
    ("lists roles", "iam", lambda c: c.list_roles(), "AccessDenied"),
    ("asks who it is", "sts", lambda c: c.get_caller_identity(), "allowed"),
    (
        "pushes an image",
        "ecr",
        lambda c: c.put_image(repositoryName="knowledge", imageManifest="{}"),
        "AccessDeniedException",
    ),
]
