"""Secrets in attributes that the provider does not mark: through every stage, nothing shows them.

Each value is planted in a resource of a real stack, then all commands of a pull request and of a
merge run on it; whatever they print, write, upload or store is searched for every value.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.aws.ecs import Evidence, StoppedTask
from pipeline.cli.main import run
from pipeline.domain.model import UnitId
from pipeline.domain.rollout import Judgement, Verdict
from pipeline.errors import failure
from pipeline.usecases.plan import Planned, without_secrets
from pipeline.usecases.revert import Reverted
from pipeline.usecases.rollout import Rollout
from tests.usecases.conftest import STACK, Answer, Repository

ROOT = Path(__file__).parents[2]
UNIT = "shelf/dev"

#: What is planted, by what gives it away.
PLANTED = {
    "its format, in a tag": "AKIA" + "Q3EGRZXWPLMN7V2T",
    "its format, in a content": "ghp_" + "k2J9" * 9,
    "a password in an address": "tr0ub4dor-and-3",
    "its looks": "Zk9vQ2x7TnB1" + "V8rLw3YpXs6J",
    "the attribute's name": "correct-horse-battery",
    "the name in a container's environment": "staple-in-a-container",
    "the variable that Terraform calls sensitive": "washed-by-nonsensitive",
    "the same value, marked elsewhere": "marked-in-one-place",
}
(TAG, CONTENT, ADDRESS, RANDOM, NAMED, CONTAINER, WASHED, TWICE) = PLANTED.values()

RESOURCES = f"""
variable "washed" {{
  type      = string
  sensitive = true
}}

resource "aws_s3_bucket" "planted" {{
  bucket = "planted-${{terraform.workspace}}"
  tags = {{
    Note   = "key {TAG}"
    Washed = "it is ${{nonsensitive(var.washed)}}"
    Twice  = "{TWICE}"
  }}
}}

resource "aws_s3_object" "planted" {{
  bucket   = aws_s3_bucket.planted.id
  key      = "planted"
  content  = "postgres://kw:{ADDRESS}@db:5432/kw and {CONTENT}"
  metadata = {{ password = "{NAMED}", note = "{RANDOM}" }}
}}

resource "aws_ecs_task_definition" "planted" {{
  family = "planted"
  container_definitions = jsonencode([{{
    name        = "one"
    image       = "one"
    memory      = 128
    environment = [{{ name = "DB_PASSWORD", value = "{CONTAINER}" }}]
  }}])
}}

resource "aws_secretsmanager_secret" "planted" {{
  name = "planted"
}}

resource "aws_secretsmanager_secret_version" "planted" {{
  secret_id     = aws_secretsmanager_secret.planted.id
  secret_string = "{TWICE}"
}}

output "planted" {{
  value = "{TAG} {RANDOM}"
}}
"""


class Watched:
    """Runs commands as in a job of GitHub and keeps all they say."""

    def __init__(self, repository: Repository, summary: Path) -> None:
        self.repository = repository
        self.summary = summary
        self.said: dict[str, str] = {}

    def run(self, *words: str, code: int | None = 0) -> Answer:
        answer = self.repository.pipeline(*words)
        if code is not None:
            assert answer.code == code, answer.err
        name = " ".join(words[:2])
        self.said[name] = self.said.get(name, "") + answer.out + answer.err
        return answer

    def everything(self, aws: Callable[[str], Any], stores: dict[str, str]) -> Iterator[Any]:
        """(where, text) of what people, artifacts and stores have got."""
        yield from self.said.items()
        yield "step summary", self.summary.read_text()
        for file in (self.repository.root / ".pipeline/public").rglob("*"):
            if file.is_file():
                yield str(file), file.read_text().replace("<wbr>", "")  # the page's breaks
        s3 = aws("s3")
        for kind in ("records", "ledger", "state"):
            for item in s3.list_objects_v2(Bucket=stores[kind]).get("Contents", []):
                if not item["Key"].endswith(".tfstate") and "/backups/" not in item["Key"]:
                    body = s3.get_object(Bucket=stores[kind], Key=item["Key"])["Body"].read()
                    yield item["Key"], body.decode()


#: What these resources break, so that they can be applied at all.
RULES = (
    "CKV_AWS_336 CKV_KWD_31 CKV_KWD_32 CKV_KWD_14 CKV_KWD_18 CKV_KWD_16 CKV_KWD_19 CKV_KWD_17 "
    "CKV_KWD_3 CKV_AWS_149 CKV_KWD_15 CKV2_AWS_6 CKV2_AWS_62 CKV2_AWS_57 CKV_AWS_21 CKV_AWS_145 "
    "CKV_AWS_144 CKV_AWS_18 CKV2_AWS_61 CKV_AWS_186 CKV_AWS_249 CKV_AWS_97 CKV_KWD_9"
).split()
EXCEPTION = """
[[exception]]
rule = "{rule}"
owner = "@bob"
reason = "Planted for a test."
expires = 2999-12-31
"""


@pytest.mark.slow
def test_no_planted_secret_reaches_a_person_a_file_or_a_record(
    repository: Repository,
    stores: dict[str, str],
    aws: Callable[[str], Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    shutil.copytree(ROOT / "policies", repository.root / "policies")
    exceptions = "".join(EXCEPTION.format(rule=rule) for rule in RULES)
    repository.write("policies/exceptions.toml", exceptions)
    repository.write(f"{STACK}/planted.tf", RESOURCES)
    head = repository.books(one="1")
    tfvars = repository.root / STACK / "dev.tfvars"
    tfvars.write_text(f'{tfvars.read_text()}washed = "{WASHED}"\n')
    head = repository.commit()
    watched = Watched(repository, summary)

    # a pull request
    watched.run("plan", UNIT, "--github")
    watched.run("--json", "plan", UNIT)
    watched.run("check", UNIT, "--github", code=None)
    watched.run("--json", "check", UNIT, code=None)
    watched.run("--json", "cost", UNIT)
    watched.run("--json", "record", UNIT)
    public = str(repository.root / ".pipeline/public")
    watched.run("report", "--results", public, "--github", code=None)

    # a merge: not reviewed, then reviewed
    watched.run("apply", UNIT, "--github", code=1)
    record = json.loads(watched.run("--json", "apply", UNIT, code=1).out)["record"]
    watched.run("apply", UNIT, "--reviewed", record, "--github")
    watched.run("rollout", UNIT, "--github")

    # somebody changes it by hand
    tag = [{"Key": "Note", "Value": f"key {TAG[:-1]}Z"}, {"Key": "Twice", "Value": TWICE}]
    aws("s3").put_bucket_tagging(Bucket="planted-dev", Tagging={"TagSet": tag})
    drifted = watched.run("verify", UNIT, "--github", code=1)
    assert "aws_s3_bucket.planted drifted" in drifted.err
    watched.run("--json", "verify", UNIT, code=1)

    # and it goes
    watched.run("destroy", UNIT, "--confirm", UNIT, "--plan-only", "--github")
    shown = watched.run("--json", "destroy", UNIT, "--confirm", UNIT, "--plan-only")
    named = json.loads(shown.out)["record"]
    watched.run("--json", "destroy", UNIT, "--confirm", UNIT, "--reviewed", named)

    told = dict(watched.everything(aws, stores))
    names = {Path(name).name for name in told}
    assert {"comment.md", "report.html", "findings.sarif", "shelf--dev.plan.json"} <= names
    assert any(name.startswith(f"{UNIT}/{head}") for name in told), "no record was looked at"
    assert "(secret removed)" in "".join(told.values())
    values = {**PLANTED, "its format, planted by hand": f"{TAG[:-1]}Z"}
    leaks = [
        f"{where} shows what is known by {why}"
        for where, text in told.items()
        for why, value in values.items()
        if value in text or base64.b64encode(value.encode()).decode() in text
    ]
    assert leaks == []


def test_what_aws_repeats_of_a_value_is_not_told() -> None:
    refused = failure("terraform", f"InvalidValue: {NAMED} is too long.", "a.tf:1", f"Not {NAMED}.")
    told = without_secrets(refused, Planned(UnitId("shelf", "dev"), None, None, frozenset({NAMED})))
    assert (told.reason, told.problems[0].where) == ("terraform", "a.tf:1")
    assert NAMED not in str(told)


def test_what_a_container_said_last_is_told_without_its_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    task = StoppedTask("1", "stopped", ("one: exit code 1",), (f"login with {CONTENT}",))
    made = Rollout(
        UnitId("shelf", "dev"),
        None,
        Judgement(Verdict.ROLLED_BACK, "the service went back"),
        Evidence((task,), (), ()),
    )
    reverts: list[str] = []

    def open_revert(site: object, unit: object, evidence: str) -> Reverted:
        reverts.append(evidence)
        return Reverted(why_not="this is a test")

    monkeypatch.setattr("pipeline.usecases.rollout.rollout", lambda *_, **__: made)
    monkeypatch.setattr("pipeline.usecases.revert.open_revert", open_revert)
    monkeypatch.setattr("pipeline.usecases.orphans.known_units", lambda *_: [made.unit])
    monkeypatch.setattr("pipeline.usecases.orphans.forgotten_by", lambda *_: False)
    summary = tmp_path / "summary.md"
    environ = {"GITHUB_STEP_SUMMARY": str(summary)}
    assert run(["rollout", UNIT, "--github"], environ, tmp_path) == 4
    shown = capsys.readouterr()
    for text in (*reverts, summary.read_text(), shown.out):
        assert "login with (secret removed)" in text
        assert CONTENT not in text
