"""What the policies found only after the apply is told within what a comment can hold."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.domain.model import Finding, Severity, UnitId
from pipeline.domain.review import Landing
from pipeline.render.fit import COMMENT, size
from pipeline.usecases.basis import Basis
from pipeline.usecases.uncovered import tell_late


class Said:
    """A site that keeps what is said: at GitHub, in the summary and as annotations."""

    def __init__(self) -> None:
        self.comments: list[str] = []
        self.annotated = 0
        self.environ: dict[str, str] = {}
        self.out = self.github = self.github_or_none = self

    def sticky_comment(self, number: int, marker: str, body: str) -> None:
        assert body.startswith(marker)
        self.comments.append(body)

    def summary(self, text: str) -> None:
        assert text

    def annotate(self, *words: Any) -> None:
        self.annotated += 1


def finding(number: int) -> Finding:
    return Finding(
        tool="checkov", rule=f"CKV_AWS_{number}", severity=Severity.ERROR, unit="shelf/dev",
        message="Ensure that it is encrypted with a key of the customer's own and more words.",
        remedy="Set kms_key_id of the resource to the key of the workspace.",
        file="terraform/envs/shelf/main.tf", line=number, address=f"aws_s3_bucket.b[{number}]",
    )  # fmt: skip


@pytest.mark.parametrize("many", [1, 600])
def test_findings_after_an_apply_fit_a_comment_and_what_has_no_room_is_counted(many: int) -> None:
    site: Any = Said()
    basis = Basis(UnitId("shelf", "dev"), (), None, (Landing("c", "b", pull=4, reviewed=True),))
    tell_late(site, basis, tuple(map(finding, range(1, many + 1))))
    [body] = site.comments
    assert size(body) <= COMMENT
    assert "shelf/dev: found only when the apply had made it known" in body
    assert "- `terraform/envs/shelf/main.tf:1`: **CKV_AWS_1** Ensure that it" in body
    assert ("not shown whole" in body or "more findings" in body) == (many == 600)
    assert site.annotated == many
