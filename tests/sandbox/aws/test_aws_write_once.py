"""Buckets whose policy demands conditional writes, as the stores' do: nothing is overwritten."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from pipeline.adapters.aws.state_bucket import policy
from sandbox.client import Sandbox
from sandbox.layout import REGION
from tests.sandbox.aws.answers import Aws, code

STORE, OTHER = "written-once", "anything-goes"
#: As terraform/modules/stores writes it.
ONCE = [
    {
        "Sid": "WriteOnce",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{STORE}/*",
        "Condition": {
            "Null": {"s3:if-none-match": "true"},
            "Bool": {"s3:ObjectCreationOperation": "true"},
        },
    },
    {
        "Sid": "NeverDelete",
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
        "Resource": f"arn:aws:s3:::{STORE}/*",
    },
]


@pytest.fixture(scope="module")
def s3(aws: Aws) -> Any:
    client = aws("s3")
    for name in (STORE, OTHER):
        client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    client.put_object(Bucket=OTHER, Key="source", Body=b"false")
    document = {"Version": "2012-10-17", "Statement": ONCE}
    client.put_bucket_policy(Bucket=STORE, Policy=json.dumps(document))
    return client


def put(s3: Any, key: str, body: bytes = b"true", **more: Any) -> Callable[[], Any]:
    return lambda: s3.put_object(Bucket=STORE, Key=key, Body=body, **more)


def test_only_a_conditional_write_makes_an_object_and_only_once(s3: Any) -> None:
    assert code(put(s3, "one")) == "AccessDenied"
    assert code(put(s3, "one", IfNoneMatch="*")) == "allowed"
    assert code(put(s3, "one", b"false")) == "AccessDenied"
    assert code(put(s3, "one", b"false", IfNoneMatch="*")) == "PreconditionFailed"
    etag = s3.head_object(Bucket=STORE, Key="one")["ETag"]
    assert code(put(s3, "one", b"false", IfMatch=etag)) == "AccessDenied"
    assert code(put(s3, "one", b"false", IfNoneMatch='"another"')) == "NotImplemented"
    assert s3.get_object(Bucket=STORE, Key="one")["Body"].read() == b"true"


def test_a_copy_is_refused_with_or_without_a_condition(s3: Any) -> None:
    s3.put_object(Bucket=STORE, Key="copied", Body=b"true", IfNoneMatch="*")

    def copy(key: str, **more: Any) -> str:
        source = {"Bucket": OTHER, "Key": "source"}
        return code(lambda: s3.copy_object(Bucket=STORE, Key=key, CopySource=source, **more))

    assert copy("copied") == "AccessDenied"
    assert copy("fresh") == "AccessDenied"
    assert copy("fresh", IfNoneMatch="*") == "NotImplemented"
    assert s3.get_object(Bucket=STORE, Key="copied")["Body"].read() == b"true"


def test_a_multipart_upload_may_send_its_parts_and_is_completed_conditionally(s3: Any) -> None:
    s3.put_object(Bucket=STORE, Key="large", Body=b"true", IfNoneMatch="*")

    def upload(key: str, **more: Any) -> str:
        about: dict[str, Any] = {"Bucket": STORE, "Key": key}
        upload = s3.create_multipart_upload(**about)["UploadId"]
        part = s3.upload_part(**about, UploadId=upload, PartNumber=1, Body=b"false")
        parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
        about |= {"UploadId": upload, "MultipartUpload": parts}
        return code(lambda: s3.complete_multipart_upload(**about, **more))

    assert upload("large") == "AccessDenied"
    assert upload("large", IfNoneMatch="*") == "PreconditionFailed"
    assert upload("new", IfNoneMatch="*") == "allowed"
    assert s3.get_object(Bucket=STORE, Key="large")["Body"].read() == b"true"


def test_nothing_is_deleted_and_no_version_of_it(s3: Any) -> None:
    made = s3.put_object(Bucket=STORE, Key="kept", Body=b"true", IfNoneMatch="*")
    about = {"Bucket": STORE, "Key": "kept"}
    assert code(lambda: s3.delete_object(**about)) == "AccessDenied"
    version = made["VersionId"]
    assert code(lambda: s3.delete_object(**about, VersionId=version)) == "AccessDenied"
    both = {"Objects": [{"Key": "kept"}, {"Key": "kept", "VersionId": version}]}
    assert code(lambda: s3.delete_objects(Bucket=STORE, Delete=both)) == "AccessDenied"
    assert s3.get_object(**about)["Body"].read() == b"true"


def test_a_form_in_a_browser_is_no_way_around(s3: Any, box: Sandbox) -> None:
    answer = httpx.post(f"{box.aws_url}/{STORE}", data={"key": "one"}, files={"file": b"false"})
    assert answer.status_code >= 400
    assert "one" not in {
        v["Key"] for v in s3.list_object_versions(Bucket=STORE)["Versions"] if not v["IsLatest"]
    }


def test_the_state_bucket_keeps_reviews_likewise_and_states_can_change(aws: Aws, s3: Any) -> None:
    s3.put_bucket_policy(Bucket=OTHER, Policy=policy(OTHER))

    def write(key: str, **more: Any) -> str:
        return code(lambda: s3.put_object(Bucket=OTHER, Key=key, Body=b"1", **more))

    review, state = "reviews/dev/shelf/r.json", "env/dev/shelf/terraform.tfstate"
    assert [write(review), write(review, IfNoneMatch="*")] == ["AccessDenied", "allowed"]
    assert write(review, IfNoneMatch="*") == "PreconditionFailed"
    assert code(lambda: s3.delete_object(Bucket=OTHER, Key=review)) == "AccessDenied"
    assert [write(state), write(state)] == ["allowed", "allowed"]
    assert code(lambda: s3.delete_object(Bucket=OTHER, Key=state)) == "allowed"
