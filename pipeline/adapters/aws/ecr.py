"""The image repository: does a tag exist, under which digest."""

from __future__ import annotations

from pipeline.adapters.aws.session import Aws, code_of, told


def digest_of(aws: Aws, repository: str, tag: str) -> str | None:
    """The digest of a tag, None when it was never pushed (ECR API: DescribeImages)."""
    from botocore.exceptions import ClientError

    with told(f"ECR DescribeImages {repository}:{tag}"):
        try:
            answer = aws.ecr.describe_images(
                repositoryName=repository, imageIds=[{"imageTag": tag}]
            )
        except ClientError as error:
            if code_of(error) == "ImageNotFoundException":
                return None
            raise
    found = answer["imageDetails"]
    return found[0]["imageDigest"] if found else None


def login_token(aws: Aws) -> str:
    """The token for ``docker login`` (ECR API: GetAuthorizationToken)."""
    with told("ECR GetAuthorizationToken"):
        return aws.ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
