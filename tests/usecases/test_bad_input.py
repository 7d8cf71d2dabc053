"""What a user is told when the surroundings are wrong: quickly, with a reason, nothing changed."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.usecases.conftest import PROJECT, STACK, Repository

UNIT = "shelf/dev"


def reason(repository: Repository, *words: str) -> tuple[int, str, str]:
    answer = repository.pipeline("--json", *words)
    told = json.loads(answer.out)
    return answer.code, told["reason"], json.dumps(told["problems"])


def test_no_credentials_are_told_before_terraform_starts(
    repository: Repository, aws: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    assert reason(repository, "plan", UNIT)[:2] == (2, "no-credentials")


def test_a_dead_endpoint_is_told_within_seconds(
    repository: Repository, aws: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    start = time.monotonic()
    code, word, told = reason(repository, "apply", UNIT)
    assert (code, word) == (3, "unreachable")
    assert "http://127.0.0.1:9" in told
    assert time.monotonic() - start < 30


def test_a_unit_that_is_not_there_names_those_that_are(
    repository: Repository, aws: Callable[[str], Any]
) -> None:
    code, word, told = reason(repository, "plan", "shelf/prod")
    assert (code, word) == (2, "unknown-unit")
    assert UNIT in told


def test_the_guard_stops_a_plan_before_it_needs_credentials(
    repository: Repository, aws: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    repository.write(f"{STACK}/evil.tf", '\ndata "external" "e" {\n  program = ["id"]\n}\n')
    code, word, told = reason(repository, "plan", UNIT)
    assert (code, word) == (2, "guard")
    assert f"{STACK}/evil.tf:1" in told


def test_a_provider_that_the_project_allows_passes_the_guard(
    repository: Repository, aws: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    main = repository.root / STACK / "main.tf"
    null = '    null = {\n      source  = "hashicorp/null"\n      version = "3.2.4"\n    }\n'
    main.write_text(
        main.read_text().replace("required_providers {\n", f"required_providers {{\n{null}")
    )
    assert reason(repository, "plan", UNIT)[1] == "guard"
    both = '["registry.terraform.io/hashicorp/aws", "registry.terraform.io/hashicorp/null"]'
    repository.write("pyproject.toml", PROJECT.replace("\nname", f"\nproviders = {both}\nname"))
    assert reason(repository, "plan", UNIT)[1] == "unreachable"


def test_a_pull_request_cannot_allow_itself_what_main_does_not_allow_its_stack(
    repository: Repository, aws: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    change = repository.root / "change"
    subprocess.run(["git", "clone", "-q", ".", change], cwd=repository.root, check=True)
    toml = (change / STACK / "stack.toml").read_text()
    allowed = (
        f'{toml}\n[guard]\nowner = "ann"\nreason = "a trial"\nexpires = 2999-01-01\n'
        'data_sources = ["aws_secretsmanager_secret_version"]\n'
    )
    (change / STACK / "read.tf").write_text(
        'data "aws_secretsmanager_secret_version" "x" {\n  secret_id = "kw/neo4j"\n}\n'
    )
    (change / STACK / "stack.toml").write_text(allowed)
    code, word, told = reason(repository, "plan", "--root", "change", UNIT)
    assert (code, word) == (2, "guard")
    assert f"{STACK}/read.tf:1" in told
    assert f"[guard] of {STACK}/stack.toml, by a change that is merged before" in told

    repository.write(f"{STACK}/stack.toml", allowed)
    assert reason(repository, "plan", "--root", "change", UNIT)[1] == "unreachable"


@pytest.mark.slow
def test_an_error_of_terraform_names_file_and_line(
    repository: Repository, stores: dict[str, str]
) -> None:
    repository.write(
        "terraform/modules/shelf/more.tf", 'resource "aws_s3_bucket" "b" {\n  buckett = "x"\n}\n'
    )
    repository.commit()
    code, word, told = reason(repository, "plan", UNIT)
    assert (code, word) == (2, "bad-hcl")
    assert "terraform/modules/shelf/more.tf:2" in told


def test_a_damaged_ledger_stops_an_apply(
    repository: Repository, stores: dict[str, str], aws: Callable[[str], Any]
) -> None:
    key = "shelf/dev/00000002.json"
    aws("s3").put_object(Bucket=stores["ledger"], Key=key, Body=b"{}")
    code, word, told = reason(repository, "apply", UNIT)
    assert (code, word) == (2, "ledger-damaged")
    assert "00000001.json" in told
