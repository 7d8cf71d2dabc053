"""What Terraform says beside its plan is told where a reviewer reads: warnings and refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.usecases.conftest import Repository

pytestmark = pytest.mark.slow

CHECK = """
check "keeper" {
  assert {
    condition     = length(var.books) == 2
    error_message = "the keeper is not two"
  }
}
"""


def reported(repository: Repository) -> str:
    """The comment on what was planned."""
    results = repository.root / ".pipeline" / "public"
    answer = repository.pipeline("--json", "report", "--results", str(results))
    return Path(json.loads(answer.out)["comment"]).read_text()


def test_a_check_that_fails_is_a_warning_in_the_comment_and_in_the_report(
    values: Repository, stores: dict[str, str]
) -> None:
    main = values.root / "terraform/modules/shelf/main.tf"
    main.write_text(main.read_text() + CHECK)
    values.commit()
    assert values.pipeline("plan", "shelf/dev").code == 0
    text = reported(values)
    assert (
        "### Warnings (1)\n\n- `shelf/dev` `module.shelf.check.keeper`: the keeper is not two"
        in (text)
    )
    page = values.root / ".pipeline/public/report.html"
    assert "Warning: the keeper is not two" in page.read_text()


def test_prevent_destroy_is_told_with_its_line_and_what_to_do(
    values: Repository, stores: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = "  lifecycle {\n    prevent_destroy = true\n  }\n"
    main = values.root / "terraform/modules/shelf/main.tf"
    main.write_text(main.read_text().replace('"shelf-${terraform.workspace}"\n',
                    f'"shelf-${{terraform.workspace}}"\n{keep}'))  # fmt: skip
    values.commit()
    record = json.loads(values.pipeline("--json", "apply", "shelf/dev").out)["record"]
    assert values.pipeline("apply", "shelf/dev", "--reviewed", record).code == 0
    main.write_text(
        main.read_text().replace('  input = "shelf', '  triggers_replace = 1\n  input = "shelf')
    )
    values.commit()
    assert values.pipeline("plan", "shelf/dev").code == 2
    text = reported(values)
    assert "the plan of shelf/dev failed (prevented)" in text
    assert "`module.shelf.terraform_data.shelf` is protected: its lifecycle says" in text
    assert "At `terraform/modules/shelf/main.tf:3`." in text
    assert "terraform validate" not in text
