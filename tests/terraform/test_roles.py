"""What the pipeline's roles may do, call by call; who gets them is told by test_identity.py.

The documents are those that Terraform really made; they are judged as IAM does: an explicit deny
anywhere, else the role's policy and its boundary have to allow.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.session
import pytest

from sandbox.aws.access.policy import Query, Verdict, evaluate
from sandbox.client import Sandbox
from sandbox.layout import REGION
from tests.terraform.role_calls import (
    ALLOWED,
    DENIED,
    DEV,
    DOCUMENTS,
    INSTANCE,
    KEY,
    LEDGER,
    POLICY,
    RECORD_KEY,
    RECORDS,
    REGISTRY,
    REVIEWS,
    ROLE,
    SECRET,
    SERVICE,
    STATE,
    TO_TASKS,
    WORKLOAD,
    Keys,
)
from tests.terraform.stacks import Stack, client

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Role:
    """A role's own documents and its ceiling, as text."""

    policies: tuple[str, ...]
    boundary: str
    trust: str

    def may(self, action: str, resource: str, keys: Keys) -> bool:
        whole = {"aws:requestedregion": [REGION], **{name: [v] for name, v in keys.items()}}
        query = Query(action, resource, whole)
        return all(
            evaluate(documents, query) is Verdict.ALLOW
            for documents in (self.policies, [self.boundary])
        )


@pytest.fixture(scope="module")
def role(box: Sandbox, account: Stack) -> Callable[[str], Role]:
    iam = client("iam", box.aws_url)

    @cache
    def read(name: str) -> Role:
        full = f"knowledgeweaver-{name}"
        made = iam.get_role(RoleName=full)["Role"]
        names = iam.list_role_policies(RoleName=full)["PolicyNames"]
        arn = made["PermissionsBoundary"]["PermissionsBoundaryArn"]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        boundary = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]
        return Role(
            tuple(
                json.dumps(iam.get_role_policy(RoleName=full, PolicyName=n)["PolicyDocument"])
                for n in names
            ),
            json.dumps(boundary["Document"]),
            json.dumps(made["AssumeRolePolicyDocument"]),
        )

    return read


def label(value: Any) -> str | None:
    return value if isinstance(value, str) else None


@pytest.mark.parametrize(("name", "action", "resource", "keys"), ALLOWED, ids=label)
def test_a_role_may_do_its_work(
    role: Callable[[str], Role], name: str, action: str, resource: str, keys: Keys
) -> None:
    assert role(name).may(action, resource, keys)


@pytest.mark.parametrize(("name", "action", "resource", "keys"), DENIED, ids=label)
def test_a_role_may_do_nothing_else(
    role: Callable[[str], Role], name: str, action: str, resource: str, keys: Keys
) -> None:
    assert not role(name).may(action, resource, keys)


@pytest.mark.parametrize(
    "name",
    ["plan", "report", "read", "image", "apply-shared", "apply-dev", "apply-staging", "apply-prod"],
)
def test_the_documents_fit_into_iam(role: Callable[[str], Role], name: str) -> None:
    # "IAM and AWS STS quotas": white space does not count
    def size(text: str) -> int:
        return len(json.dumps(json.loads(text), separators=(",", ":")))

    found = role(name)
    assert sum(map(size, found.policies)) <= 10_240
    assert size(found.boundary) <= 6_144
    assert size(found.trust) <= 2_048


#: Names of calls that change nothing, in all of AWS's services.
READS = ("BatchGet", "Check", "Describe", "Get", "Head", "List", "Lookup", "Search", "View")
REVIEW = f"{REVIEWS}/dev/knowledgeweaver/r.json"
ANYTHING = [STATE, RECORDS, LEDGER, REVIEW, DOCUMENTS, SECRET, ROLE, POLICY, KEY, INSTANCE, SERVICE]


@pytest.mark.parametrize(
    ("name", "writes_to"), [("plan", RECORDS), ("read", REVIEW), ("report", None)], ids=label
)
def test_of_all_calls_that_aws_has_a_role_may_write_what_it_is_for_only(
    role: Callable[[str], Role], name: str, writes_to: str | None
) -> None:
    plan = role(name)
    named = [s["Action"] for text in plan.policies for s in json.loads(text)["Statement"]]
    actions = {a for one in named for a in ([one] if isinstance(one, str) else one)}
    families = {action.partition(":")[0] for action in actions}
    assert "*" not in "".join(families)
    session = botocore.session.get_session()
    writes: set[str] = set()
    for service in session.get_available_services():
        model = session.get_service_model(service)
        prefix = model.metadata.get("signingName") or model.endpoint_prefix
        if {prefix, model.endpoint_prefix} & families:
            names = (name for name in model.operation_names if not name.startswith(READS))
            writes |= {f"{p}:{name}" for name in names for p in {prefix, model.endpoint_prefix}}
    assert len(writes) > (1000 if name != "report" else 100)
    may = {
        (call, resource)
        for call in writes
        for resource in (*ANYTHING, REGISTRY, "*")
        if plan.may(call, resource, {**DEV, **RECORD_KEY, **WORKLOAD, **TO_TASKS})
    }
    stored = {("s3:PutObject", writes_to)} if writes_to else set()
    assert may == {*stored, ("kms:GenerateMac", KEY)}
