"""Create the state bucket: the one store that Terraform cannot make, since it keeps the state."""

from __future__ import annotations

import json

from pipeline.adapters.aws.session import Aws, code_of, told
from pipeline.errors import failure


def policy(bucket: str) -> str:
    """Refuse what does not come by TLS (AWS: "Security best practices for Amazon S3").

    Records of what a person is asked to review lie here beside the states, and are written once
    like those in the record store (AWS: "Enforce conditional writes on Amazon S3 buckets").
    """
    reviews = f"arn:aws:s3:::{bucket}/reviews/*"
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "TlsOnly",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                },
                {
                    "Sid": "ReviewsWriteOnce",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:PutObject",
                    "Resource": reviews,
                    "Condition": {
                        "Null": {"s3:if-none-match": "true"},
                        "Bool": {"s3:ObjectCreationOperation": "true"},
                    },
                },
                {
                    "Sid": "ReviewsNeverDelete",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
                    "Resource": reviews,
                },
            ],
        }
    )


def exists(aws: Aws, bucket: str) -> bool:
    """Whether the bucket is there and ours; raises ``aws`` when it belongs to somebody else."""
    from botocore.exceptions import ClientError

    with told(f"S3 HeadBucket {bucket}"):
        try:
            aws.s3.head_bucket(Bucket=bucket)
        except ClientError as error:
            if code_of(error) in ("404", "NoSuchBucket"):
                return False
            if code_of(error) == "403":
                raise failure(
                    "aws", f"The bucket {bucket} exists, but these credentials may not use it."
                ) from error
            raise
    return True


def ensure(aws: Aws, bucket: str) -> bool:
    """Create the bucket if need be and give it its settings; True when it was created."""
    created = not exists(aws, bucket)
    with told(f"S3 CreateBucket {bucket}"):
        if created and aws.region == "us-east-1":  # the one region that must not be named
            aws.s3.create_bucket(Bucket=bucket)
        elif created:
            place = {"LocationConstraint": aws.region}
            aws.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=place)  # type: ignore[arg-type]
        aws.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        aws.s3.put_bucket_encryption(
            Bucket=bucket,
            ServerSideEncryptionConfiguration={
                "Rules": [
                    {
                        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"},
                        "BucketKeyEnabled": True,
                    }
                ]
            },
        )
        aws.s3.put_public_access_block(
            Bucket=bucket,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            },
        )
        aws.s3.put_bucket_policy(Bucket=bucket, Policy=policy(bucket))
    return created
