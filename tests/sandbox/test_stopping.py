"""How the sandbox ends while a job of its GitHub runs."""

from __future__ import annotations

import subprocess
from pathlib import Path

from sandbox.client import Sandbox
from tests.waiting import until

TOKEN = "octo-admin-token-for-the-local-sandbox-only-0123456789"

#: Asks AWS a second after it was interrupted, as Terraform does to store its state.
JOB = """
on: push
permissions: {{}}
jobs:
  one:
    runs-on: ubuntu-24.04
    timeout-minutes: 1
    permissions: {{}}
    steps:
      - run: |
          trap 'sleep 1; curl -sf "$AWS_ENDPOINT_URL/_sandbox/health" > {said}; exit 1' INT
          touch {begun}
          sleep 60 & wait $!
"""


def test_an_interrupted_job_finds_aws_until_it_has_ended(tmp_path: Path) -> None:
    begun, said, files = tmp_path / "begun", tmp_path / "said", tmp_path / "files"
    workflow = files / ".github/workflows/one.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(JOB.format(said=said, begun=begun))
    with Sandbox.start(tmp_path / "box") as box:
        url = box.github_url.replace("//", f"//x-access-token:{TOKEN}@")
        for words in (
            ["init", "-q", "-b", "main"],
            ["add", "."],
            ["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "one"],
            ["push", "-q", f"{url}/knowledgeweaver/delivery.git", "main"],
        ):
            subprocess.run(["git", *words], cwd=files, check=True)
        until(begun.exists)
    assert said.read_text(), "AWS was gone before the job"
