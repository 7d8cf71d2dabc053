"""Clients of AWS, made lazily, with time limits; and the check that comes before everything.

Endpoints, region and credentials come by AWS's standard variables alone. The preflight is one
call of STS with short limits, so that missing credentials or a dead endpoint are told within
seconds; Terraform's provider would retry for minutes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pipeline.adapters.aws.broker import Broker
from pipeline.errors import Failure, failure

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_resourcegroupstaggingapi import ResourceGroupsTaggingAPIClient
    from mypy_boto3_s3 import S3Client

#: Error codes that mean "these credentials are no good" (AWS: "Common error types").
_CREDENTIAL_CODES = frozenset(
    "ExpiredToken ExpiredTokenException InvalidClientTokenId UnrecognizedClientException "
    "SignatureDoesNotMatch InvalidAccessKeyId AuthFailure".split()
)


class Aws:
    """One account and region as the current credentials see them."""

    def __init__(self, region: str) -> None:
        self._making = Lock()
        self.region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or region

    @cached_property
    def account(self) -> str:
        """The account id; the first use is the preflight. Raises no-credentials, unreachable."""
        from botocore.config import Config

        limits = Config(
            connect_timeout=4, read_timeout=8, retries={"max_attempts": 2, "mode": "standard"}
        )
        with told("STS GetCallerIdentity"):
            with self._making:
                sts = self._session.client("sts", config=limits)
            identity = sts.get_caller_identity()
        return str(identity["Account"])

    def credentials(self) -> dict[str, str]:
        """The keys of this moment as the SDKs' container provider wants them; never printed.

        Raises ``no-credentials`` where there are none.
        """
        with told("credentials"):
            found = self._session.get_credentials()
            if found is None:
                raise failure("no-credentials", "There are no AWS credentials.")
            keys = found.get_frozen_credentials()
        document = {"AccessKeyId": keys.access_key, "SecretAccessKey": keys.secret_key}
        if keys.token:
            document["Token"] = keys.token
        expires = getattr(found, "_expiry_time", None)
        if expires is not None:
            document["Expiration"] = expires.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return document

    @cached_property
    def broker(self) -> Broker:
        """Where Terraform gets these credentials from."""
        return Broker(self.credentials)

    @cached_property
    def _session(self) -> Any:
        import boto3

        return boto3.session.Session(region_name=self.region)

    def client(self, service: str, region: str | None = None, attempts: int = 5) -> Any:
        """A client with time limits and retries; path-style S3 where the endpoint is an address."""
        from botocore.config import Config

        style: Any = {"addressing_style": "path" if path_style() else "auto"}
        config = Config(
            connect_timeout=5,
            read_timeout=30,
            retries={"max_attempts": attempts, "mode": "standard"},
            s3=style,
        )
        with self._making:  # clients may be shared between threads, a session may not
            return self._session.client(service, region_name=region, config=config)

    @cached_property
    def s3(self) -> S3Client:
        found: S3Client = self.client("s3")
        return found

    @cached_property
    def kms(self) -> KMSClient:
        found: KMSClient = self.client("kms")
        return found

    @cached_property
    def ecs(self) -> ECSClient:
        found: ECSClient = self.client("ecs")
        return found

    @cached_property
    def ecr(self) -> ECRClient:
        found: ECRClient = self.client("ecr")
        return found

    @cached_property
    def ec2(self) -> EC2Client:
        found: EC2Client = self.client("ec2")
        return found

    @cached_property
    def elb(self) -> ElasticLoadBalancingv2Client:
        found: ElasticLoadBalancingv2Client = self.client("elbv2")
        return found

    @cached_property
    def logs(self) -> CloudWatchLogsClient:
        found: CloudWatchLogsClient = self.client("logs")
        return found

    @cached_property
    def tagging(self) -> ResourceGroupsTaggingAPIClient:
        found: ResourceGroupsTaggingAPIClient = self.client("resourcegroupstaggingapi")
        return found


def path_style() -> bool:
    """Whether S3's endpoint is a plain address, where bucket host names cannot be resolved."""
    url = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
    return bool(url) and not (urlsplit(url).hostname or "").endswith("amazonaws.com")


@dataclass(frozen=True, slots=True)
class Names:
    """The names of the stores; see the account stack for what they are."""

    name: str
    account: str
    region: str

    @property
    def state_bucket(self) -> str:
        return f"{self.name}-state-{self.account}-{self.region}"

    @property
    def records_bucket(self) -> str:
        return f"{self.name}-records-{self.account}-{self.region}"

    @property
    def ledger_bucket(self) -> str:
        return f"{self.name}-ledger-{self.account}-{self.region}"

    @property
    def records_key(self) -> str:
        return f"alias/{self.name}-records"


@contextmanager
def told(what: str) -> Iterator[None]:
    """Turn botocore's errors into failures of ours; ``what`` names the call in the sentence."""
    from botocore import exceptions as wrong

    try:
        yield
    except (wrong.NoCredentialsError, wrong.PartialCredentialsError) as error:
        raise failure(
            "no-credentials",
            "There are no AWS credentials.",
            remedy="Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in (aws sso login).",
        ) from error
    except (wrong.TokenRetrievalError, wrong.CredentialRetrievalError) as error:
        raise failure("no-credentials", f"AWS credentials cannot be had: {error}.") from error
    except (wrong.EndpointConnectionError, wrong.HTTPClientError, wrong.ConnectionError) as error:
        endpoint = os.environ.get("AWS_ENDPOINT_URL", "AWS")
        raise failure(
            "unreachable",
            f"{endpoint} does not answer ({what}).",
            remedy="Check the network and AWS_ENDPOINT_URL, then run the command again.",
        ) from error
    except wrong.ClientError as error:
        raise _refused(what, error) from error
    except wrong.BotoCoreError as error:
        raise failure("aws", f"{what} failed: {error}.") from error


def code_of(error: Exception) -> str:
    """The error code of a botocore ClientError, else nothing."""
    response = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))


def _refused(what: str, error: Any) -> Failure:
    code = code_of(error)
    message = str(error.response.get("Error", {}).get("Message", "")).strip()
    if code in _CREDENTIAL_CODES:
        return failure(
            "no-credentials",
            f"AWS does not accept the credentials ({code}).",
            remedy="Get fresh ones and run the command again.",
        )
    return failure("aws", f"{what} was refused: {code}. {message}".strip())
