"""The story of `make demo`, part by part, on a sandbox of its own, and what must hold after it.

Bob works in a browser: he clicks on the local GitHub's pages what he approves, merges, dispatches.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest
from playwright.sync_api import Browser

from sandbox.client import Sandbox
from sandbox.demo.__main__ import CHECKOUT
from sandbox.demo.stage import UNIT, Stage
from sandbox.demo.story import Story
from sandbox.demo.teller import Teller
from tests.browser import chromium
from tests.e2e.clicks import Clicker, looked_at

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def story(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("story")
    with Sandbox.start(folder / "box") as box:
        tell = Teller(folder / "story.log")
        stage = Stage.open(box, CHECKOUT)
        stage.people["bob"] = Clicker.of(stage.bob, browser)
        yield Story(stage, tell)
        tell.close()
        children = psutil.Process(box.pids["supervisor"]).children(recursive=True)
    _, alive = psutil.wait_procs(children, timeout=60)
    assert alive == []


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: where E2E_PICTURES says, for people who want to look at them."""
    return Path(os.environ.get("E2E_PICTURES") or tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="module")
def secrets(story: Story) -> list[str]:
    """The secret values of the estate, collected while it stands."""
    return []


def test_a_bootstrap_makes_the_stores_and_the_roles(story: Story) -> None:
    story.bootstrap()
    account = "123456789012-ap-southeast-2"
    buckets = {b["Name"] for b in story.stage.aws("s3").list_buckets()["Buckets"]}
    assert {
        f"knowledgeweaver-{kind}-{account}" for kind in ("state", "records", "ledger")
    } <= buckets
    assert story.stage.pipeline("bootstrap", "--reviewer", "bob"), (
        "a second bootstrap changes nothing and says so"
    )


def test_b_a_pull_request_is_planned_checked_priced_and_refused_by_line(story: Story) -> None:
    story.review()


def test_the_pull_request_its_run_and_its_report_are_pages_for_everybody(
    story: Story, browser: Browser, pictures: Path
) -> None:
    bob = story.stage.bob
    pull = bob.pull(1)
    run = bob.run_of(pull["head"]["sha"], "pull_request")
    report = story.stage.report(run)
    pages = {"pull": pull["html_url"], "run": run["html_url"], "report": report.as_uri()}
    found = {name: looked_at(browser, url, "bob", pictures, name) for name, url in pages.items()}
    assert found == {name: [] for name in pages}


def test_c_a_merge_applies_what_was_reviewed_and_the_service_answers(
    story: Story, secrets: list[str]
) -> None:
    story.merge()
    story.verified()
    vault = story.stage.aws("secretsmanager")
    for secret in vault.list_secrets()["SecretList"]:
        value = vault.get_secret_value(SecretId=secret["ARN"])["SecretString"]
        values = json.loads(value).values() if value.startswith("{") else [value]
        secrets += [value for value in values if value not in {"neo4j", "off"}]
    assert [len(value) for value in secrets] == [40] * 6  # the graph's, the key, four of Phoenix


def test_d_a_change_of_the_application_rolls_without_a_failed_request(story: Story) -> None:
    story.roll()
    story.verified(UNIT)


def test_a_pull_request_that_affects_nothing_is_green(story: Story) -> None:
    def words(root: Path) -> None:
        (root / "NOTE.md").write_text("# A note\n")

    pull = story.stage.alice.propose("a-note", "Write a note", "Words only.", words)
    story.checked(pull, "success")
    assert "no unit is affected" in story.stage.alice.comment_of(pull)


def test_e_a_bad_image_goes_back_by_itself_and_leaves_the_way_back_open(story: Story) -> None:
    story.roll_back()


def test_f_a_change_by_hand_is_named_by_verify(story: Story) -> None:
    story.drift()


def test_g_a_change_nobody_reviewed_waits_for_a_second_persons_dispatch_of_just_that(
    story: Story,
) -> None:
    story.unreviewed()


def test_no_secret_value_was_written_anywhere_but_where_it_belongs(
    story: Story, secrets: list[str]
) -> None:
    box = story.stage.box.root
    # The emulator's own memory, the running tasks' environment and the database are the vault.
    vault = {box / name for name in ("aws", "tasks", "neo4j", "images")}
    leaks = []
    for folder, _, files in os.walk(box):
        if any(Path(folder).is_relative_to(place) for place in vault):
            continue
        for name in files:
            with suppress(FileNotFoundError):  # the sandbox is at work meanwhile
                data = (Path(folder) / name).read_bytes().replace(b"<wbr>", b"")  # a page's breaks
                leaks += [f"{folder}/{name}" for value in secrets if value.encode() in data]
    assert leaks == []


def test_no_secret_value_is_in_the_state_the_records_or_the_ledger(
    story: Story, secrets: list[str]
) -> None:
    s3 = story.stage.aws("s3")
    seen, leaks = 0, []
    for bucket in [b["Name"] for b in s3.list_buckets()["Buckets"]]:
        for item in s3.list_object_versions(Bucket=bucket).get("Versions", []):
            found = s3.get_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])
            data, seen = found["Body"].read(), seen + 1
            leaks += [f"{bucket}/{item['Key']}" for v in secrets if v.encode() in data]
    assert seen > 5
    assert leaks == []


def test_h_a_destroy_wants_the_name_a_second_person_and_leaves_nothing(story: Story) -> None:
    story.destroy()
    last = story.stage.pipeline("status")
    assert UNIT in last
    assert "destroyed" in last
    ecs = story.stage.aws("ecs")
    assert ecs.list_task_definitions(status="ACTIVE")["taskDefinitionArns"] == []


def test_every_call_and_every_answer_was_valid_under_githubs_own_description(story: Story) -> None:
    found = httpx.get(f"{story.stage.box.github_url}/_sandbox/violations", timeout=60).json()
    assert found == []


def test_the_local_aws_was_asked_nothing_it_does_not_know(story: Story) -> None:
    found = httpx.get(f"{story.stage.box.aws_url}/_sandbox/unknown", timeout=60).json()
    assert found == {}
