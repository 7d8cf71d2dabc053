"""CKV_KWD_9: GitHub's tokens are bound to repository, subject and workflow file."""

from __future__ import annotations

import re
from typing import Any

from checkov.common.models.enums import CheckCategories
from documents import conditions, principals, statements
from rule import Rule
from support import Unknown, document, is_unknown

ISSUER = "token.actions.githubusercontent.com"
#: GitHub's immutable subject: repo:OWNER@NUMBER/NAME@NUMBER:…
SUBJECT = re.compile(r"repo:[^/*@:]+@[0-9]+/[^/*@:]+@[0-9]+:.+")
FILE = re.compile(r"[^/*]+/[^/*]+/\.github/workflows/[^*@]+@refs/heads/[^*]+")


class GithubTrust(Rule):
    """A role that GitHub Actions assumes asks for audience, repository, subject and workflow file.

    The subject has GitHub's numbers in it, so a repository that somebody else makes anew under the
    same name never matches; the workflow file stands on a branch, so a pull request cannot bring
    its own.
    """

    rule = "CKV_KWD_9"
    title = "GitHub's tokens are bound to repository, subject and workflow file"
    finding = "A role takes GitHub's tokens without asking whose they are."
    remedy = (
        "Ask for aud, repository_id, sub with GitHub's numbers, and job_workflow_ref on a branch."
    )
    points = ("assume_role_policy",)
    category = CheckCategories.IAM
    types = ("aws_iam_role",)

    def broken(self, conf: dict[str, Any]) -> bool:
        trust = statements(document(conf, "assume_role_policy"), "Allow")
        return any(not _bound(one) for one in trust if _github(one))


def _github(statement: dict[str, Any]) -> bool:
    return any(ISSUER in principal for principal in principals(statement, "Federated"))


def _bound(statement: dict[str, Any]) -> bool:
    asked = {
        key.removeprefix(f"{ISSUER}:"): given
        for operator, key, given in conditions(statement)
        if operator in ("StringEquals", "StringLike") and given
    }
    if any(is_unknown(value) for given in asked.values() for value in given):
        raise Unknown("assume_role_policy")
    return (
        asked.get("aud") == ["sts.amazonaws.com"]
        and all(number.isdigit() for number in asked.get("repository_id", ["?"]))
        and all(SUBJECT.fullmatch(subject) for subject in asked.get("sub", [""]))
        and all(FILE.fullmatch(file) for file in asked.get("job_workflow_ref", [""]))
    )


check = GithubTrust()
