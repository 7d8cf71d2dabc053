"""Ask for the job's ID token, change it for AWS credentials, export and mask them.

Plain urllib: AssumeRoleWithWebIdentity is an unsigned request, and importing an SDK would cost
more than the exchange. Sources: docs.github.com, "OpenID Connect reference" (the request for a
token); AWS STS API reference, AssumeRoleWithWebIdentity.
"""

import json
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from xml.etree import ElementTree

_HTTP = ("http://", "https://")


def fetch(url: str, data: bytes | None, headers: dict[str, str]) -> bytes:
    if not url.startswith(_HTTP):
        raise SystemExit(f"::error::not an HTTP address: {url}")
    request = urllib.request.Request(url, data, headers)  # noqa: S310  (checked above)
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
        body: bytes = response.read()
    return body


def id_token() -> str:
    url = os.environ.get("ACTIONS_ID_TOKEN_REQUEST_URL")
    bearer = os.environ.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
    if not url or not bearer:
        raise SystemExit(
            "::error::Credentials could not be loaded: the job has no ID token to ask for. "
            "Did you forget 'permissions: id-token: write'?"
        )
    audience = urllib.parse.quote(os.environ["INPUT_AUDIENCE"])
    joint = "&" if "?" in url else "?"
    headers = {"Authorization": f"Bearer {bearer}", "Accept": "application/json"}
    answer = json.loads(fetch(f"{url}{joint}audience={audience}", None, headers))
    return str(answer["value"])


def assume(token: str) -> dict[str, str]:
    region = os.environ["INPUT_REGION"]
    endpoint = os.environ.get("AWS_ENDPOINT_URL") or f"https://sts.{region}.amazonaws.com"
    query = {
        "Action": "AssumeRoleWithWebIdentity",
        "Version": "2011-06-15",
        "RoleArn": os.environ["INPUT_ROLE"],
        "RoleSessionName": os.environ["INPUT_SESSION"],
        "DurationSeconds": os.environ["INPUT_DURATION"],
        "WebIdentityToken": token,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    try:
        body = fetch(endpoint.rstrip("/") + "/", urllib.parse.urlencode(query).encode(), headers)
    except urllib.error.HTTPError as error:
        text = " ".join(re.findall(r"<(?:Code|Message)>([^<]*)<", error.read().decode()))
        raise SystemExit(f"::error::Could not assume role with OIDC: {text or error}") from None
    answer = ElementTree.fromstring(body)  # noqa: S314  (the endpoint is our own or Amazon's)
    return {node.tag.rpartition("}")[2]: node.text or "" for node in answer.iter()}


def main() -> None:
    values = assume(id_token())
    print("Assuming role with OIDC")
    exported = {
        "AWS_ACCESS_KEY_ID": values["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": values["SecretAccessKey"],
        "AWS_SESSION_TOKEN": values["SessionToken"],
        "AWS_REGION": os.environ["INPUT_REGION"],
        "AWS_DEFAULT_REGION": os.environ["INPUT_REGION"],
    }
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        print(f"::add-mask::{exported[name]}")
    with Path(os.environ["GITHUB_ENV"]).open("a") as env:
        env.writelines(f"{name}={value}\n" for name, value in exported.items())
    account = values["Arn"].split(":")[4]
    with Path(os.environ["GITHUB_OUTPUT"]).open("a") as output:
        output.write(f"aws-account-id={account}\n")
    print(f"Authenticated as assumedRoleId {values['AssumedRoleId']}")


try:
    main()
except urllib.error.URLError as error:
    sys.exit(f"::error::Could not reach the service: {error.reason}")
