"""The verdict on a pull request hangs on sealed records, and on nothing that its own jobs say."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.domain.ledger import Entry, Status
from pipeline.domain.model import Action, Change, Leaf, Plan, UnitId
from pipeline.domain.record import Purpose, RecordFacts, make_record, record_id
from pipeline.errors import failure
from pipeline.output import Output
from pipeline.results import PlanReport, plan_report
from pipeline.usecases.request import Request
from pipeline.usecases.results import newest
from pipeline.usecases.site import Site
from pipeline.usecases.telling import comment_on
from tests.render.examples import finding, result, save
from tests.usecases.conftest import STACK, Answer, Repository

DEV = UnitId("shelf", "dev")
NUMBER = 7
#: The repository of these tests is one person's.
SELF = (
    'One person\'s repository: nobody else has to approve, and the ledger will say "self-reviewed".'
)


def git(root: Path, *words: str) -> str:
    named = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *words]
    return subprocess.run(
        named, cwd=root, check=True, capture_output=True, text=True
    ).stdout.strip()


@dataclass
class Proposal:
    """A pull request: its merge commit is checked out, and its run's event and results are here."""

    repository: Repository
    folder: Path
    monkeypatch: pytest.MonkeyPatch
    head: str = ""
    base: str = ""
    results: Path = field(init=False)
    records: int = 0

    def __post_init__(self) -> None:
        self.results = self.folder / "results"

    def propose(self, *, fork: bool = False, branch: str = "") -> None:
        """Check out the merge of a branch with main, as GitHub does.

        Without a branch, what was written is committed to a new one.
        """
        root = self.repository.root
        self.base = git(root, "rev-parse", "main")
        if not branch:
            git(root, "checkout", "-q", "-B", "change")
            self.repository.commit()
        self.head = git(root, "rev-parse", branch or "change")
        git(root, "checkout", "-q", "main")
        git(root, "merge", "-q", "--no-ff", "-m", "merge", "change")
        full = "acme/delivery"
        repos = ({"full_name": "eve/delivery" if fork else full}, {"full_name": full})
        event = {
            "pull_request": {
                "number": NUMBER,
                "head": {"sha": self.head, "repo": repos[0]},
                "base": {"sha": self.base, "ref": "main", "repo": repos[1]},
            },
            "sender": {"login": "alice"},
            "repository": {"default_branch": "main"},
        }
        file = self.folder / "event.json"
        file.write_text(json.dumps(event))
        self.monkeypatch.setenv("GITHUB_EVENT_NAME", "pull_request")
        self.monkeypatch.setenv("GITHUB_EVENT_PATH", str(file))
        self.monkeypatch.setenv("GITHUB_SHA", git(root, "rev-parse", "HEAD"))

    def site(self) -> Site:
        root = self.repository.root
        return Site(root, root, self.folder / "work", Output())

    def leave(
        self, unit: UnitId = DEV, folder: str = "results-1", **changes: Any
    ) -> dict[str, str]:
        """The results of a unit as a job leaves them; returns their digests by kind."""
        save(self.results / folder, result(unit, **changes))
        public = self.results / folder / "public"
        kinds = ("plan", "findings", "cost", "graph")
        files = {kind: public / f"{unit.slug}.{kind}.json" for kind in kinds}
        return {k: hashlib.sha256(f.read_bytes()).hexdigest() for k, f in files.items()}

    def record(self, results: dict[str, str], unit: UnitId = DEV, **more: Any) -> None:
        """Seal a verdict over results, as the trusted job does."""
        self.records += 1
        store = self.site().stores.records
        head = more.pop("head", self.head)
        identity = record_id(head, f"1-{self.records}")
        facts: dict[str, Any] = {
            "purpose": Purpose.PULL_REQUEST,
            "pull_request": NUMBER,
            "verdict": "pass",
            "commit": git(self.repository.root, "rev-parse", "HEAD"),
            "time": datetime.now(UTC) + timedelta(seconds=self.records),
        }
        record = make_record(
            Plan(unit, ()),
            store.key_for(identity),
            RecordFacts(id=identity, head=head, results=results, **(facts | more)),
        )
        store.put(unit, identity, record.to_bytes())

    def report(self, code: int) -> dict[str, Any]:
        """What ``pipeline report`` says; the comment's text is in it."""
        answer = self.run()
        assert answer.code == code, answer
        said: dict[str, Any] = json.loads(answer.out.strip().splitlines()[-1])
        if "comment" in said:
            said["text"] = Path(said["comment"]).read_text()
        return said

    def run(self) -> Answer:
        return self.repository.pipeline(
            "--json", "--work", str(self.folder / "work"), "report", "--results", str(self.results)
        )


@pytest.fixture
def proposal(
    values: Repository, stores: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Proposal:
    return Proposal(values, tmp_path, monkeypatch)


def test_results_that_the_newest_record_holds_are_shown_and_green(proposal: Proposal) -> None:
    proposal.repository.write(f"{STACK}/dev.tfvars", 'books = { two = "2" }\n')
    proposal.propose()
    proposal.record({"plan": "0" * 64}, verdict="fail", reasons=("an older run",))
    proposal.record(proposal.leave())
    said = proposal.report(0)
    assert said["sentence"] == "Ready to merge: 1 unit with 3 changes, no new finding."
    assert "| `shelf/dev` | 1 to destroy, 2 to change | fine | fine |" in said["text"]
    assert said["notes"] == [SELF]


def test_a_forged_result_beside_the_true_one_changes_nothing(proposal: Proposal) -> None:
    proposal.repository.write(f"{STACK}/dev.tfvars", 'books = { two = "2" }\n')
    proposal.propose()
    digests = proposal.leave(findings=[finding(unit=str(DEV))])
    proposal.leave(folder="results-zz", findings=[])
    proposal.record(digests, verdict="fail", reasons=("shelf/dev has 1 new finding (CKV_KWD_2)",))
    said = proposal.report(1)
    assert said["reasons"] == ["shelf/dev has 1 new finding (CKV_KWD_2)"]
    assert "Neo4j can be reached" in said["text"]


def test_a_changed_result_is_red_though_the_record_says_pass(proposal: Proposal) -> None:
    proposal.repository.write(f"{STACK}/dev.tfvars", 'books = { two = "2" }\n')
    proposal.propose()
    proposal.record(proposal.leave())
    proposal.leave(plan_of=PlanReport(unit=str(DEV)))
    said = proposal.report(1)
    assert said["reasons"] == ["the plan of shelf/dev is not what its record holds the digest of"]


@pytest.mark.parametrize(
    "other", [{"pull_request": 8}, {"head": "f" * 40}, {"purpose": Purpose.REVIEW}]
)
def test_a_record_of_another_request_counts_for_nothing(
    proposal: Proposal, other: dict[str, Any]
) -> None:
    proposal.repository.write(f"{STACK}/dev.tfvars", 'books = { two = "2" }\n')
    proposal.propose()
    proposal.record(proposal.leave(), **other)
    assert proposal.report(1)["reasons"] == [
        f"shelf/dev has no plan record of commit {proposal.head[:10]}"
    ]


def test_a_record_of_an_earlier_merge_of_the_same_head_is_not_taken(proposal: Proposal) -> None:
    proposal.repository.write(f"{STACK}/dev.tfvars", 'books = { two = "2" }\n')
    proposal.propose()
    proposal.record(proposal.leave(), commit="e" * 40)
    [reason] = proposal.report(1)["reasons"]
    assert reason.startswith("the newest plan record of shelf/dev is of another merge, eeeeeeeeee")


def test_an_entry_of_the_merge_queue_takes_the_record_of_the_pull_request_that_it_lands(
    proposal: Proposal,
) -> None:
    class Queue:
        def pull(self, number: int) -> SimpleNamespace:
            return SimpleNamespace(head=proposal.head, number=number)

    proposal.propose()
    proposal.record({}, purpose=Purpose.MERGE_GROUP, reasons=("of the entry",))
    proposal.record({}, reasons=("of the pull request",))
    site = proposal.site()
    site._cache["github"] = Queue()
    asked = Request(
        "merge_group", None, "a" * 40, proposal.base, "main", "a" * 40, "alice", queued=NUMBER
    )
    found = newest(site, DEV, asked)
    assert found is not None
    assert found.reasons == ("of the entry",)


def test_a_damaged_record_is_red_and_says_so(
    proposal: Proposal, aws: Callable[[str], Any], stores: dict[str, str]
) -> None:
    proposal.repository.write(f"{STACK}/dev.tfvars", 'books = { two = "2" }\n')
    proposal.propose()
    proposal.record(proposal.leave())
    [item] = aws("s3").list_objects_v2(Bucket=stores["records"])["Contents"]
    body = aws("s3").get_object(Bucket=stores["records"], Key=item["Key"])["Body"].read()
    forged = body.replace(b'"pass"', b'"fail"')
    aws("s3").put_object(Bucket=stores["records"], Key=item["Key"], Body=forged)
    assert "the plan record of shelf/dev is damaged" in proposal.report(1)["reasons"][0]


def test_without_any_results_an_affected_unit_is_red_and_nothing_affected_is_green(
    proposal: Proposal,
) -> None:
    proposal.repository.write("README.md", "words\n")
    proposal.propose()
    assert proposal.report(0)["sentence"] == "Ready to merge: no unit is affected."
    proposal.repository.write(f"{STACK}/dev.tfvars", 'books = { two = "2" }\n')
    proposal.propose()
    assert proposal.report(1)["green"] is False


def test_a_fork_is_told_what_plans_need_and_what_touches_no_unit_is_green(
    proposal: Proposal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as alone:
        alone.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")  # a fork has no credentials
        proposal.repository.write("README.md", "words\n")
        proposal.propose(fork=True)
        assert proposal.report(0)["green"] is True
        proposal.repository.write(f"{STACK}/dev.tfvars", 'books = { two = "2" }\n')
        proposal.propose(fork=True)
        [reason] = proposal.report(1)["reasons"]
    assert "plans need a branch of this repository" in reason


def test_a_broken_configuration_is_red_and_named(proposal: Proposal) -> None:
    proposal.repository.write(f"{STACK}/stack.toml", "workspaces = 3\n")
    proposal.propose()
    [reason] = proposal.report(2)["reasons"]
    assert reason.startswith("the configuration is broken: terraform/envs/shelf/stack.toml")


def test_a_repository_without_a_stack_is_a_mistake_of_configuration(proposal: Proposal) -> None:
    git(proposal.repository.root, "rm", "-rqf", "terraform")
    proposal.repository.commit()
    proposal.repository.write("README.md", "words\n")
    proposal.propose()
    assert (
        "the configuration is broken: terraform/envs: There is no stack"
        in proposal.report(2)["sentence"]
    )


# -- what goes, and what is told beforehand ---------------------------------------------------


def deployed(proposal: Proposal, unit: UnitId, *statuses: Status) -> None:
    store = proposal.site().stores.ledger
    chain: list[Entry] = []
    for status in statuses:
        entry = Entry(str(unit), status, "c" * 40, "d" * 64, datetime.now(UTC))
        chain.append(store.append(chain, entry))


def take_away(proposal: Proposal) -> UnitId:
    """A second workspace that was there and that the pull request removes."""
    proposal.repository.write(f"{STACK}/stack.toml", 'workspaces = ["dev", "stage"]\n')
    proposal.repository.write(f"{STACK}/stage.tfvars", "books = {}\n")
    proposal.repository.commit()
    proposal.repository.write(f"{STACK}/stack.toml", 'workspaces = ["dev"]\n')
    (proposal.repository.root / STACK / "stage.tfvars").unlink()
    return UnitId("shelf", "stage")


@pytest.mark.parametrize(
    ("statuses", "code", "told"),
    [
        ((Status.DEPLOYED,), 1, "removed from the repository but still deployed: destroy it first"),
        ((Status.DEPLOYED, Status.HELD), 1, "still deployed"),
        ((Status.DEPLOYED, Status.APPLYING), 1, "still deployed"),
        ((Status.DEPLOYED, Status.DESTROYING), 1, "still deployed"),
        ((Status.DEPLOYED, Status.DESTROYED), 0, "it is destroyed"),
        ((Status.DEPLOYED, Status.FORGOTTEN), 0, "it is forgotten"),
        ((), 0, "it is never deployed"),
    ],
)
def test_a_removed_unit_is_told_and_red_while_anything_of_it_may_run(
    proposal: Proposal, statuses: tuple[Status, ...], code: int, told: str
) -> None:
    unit = take_away(proposal)
    proposal.propose()
    deployed(proposal, unit, *statuses)
    said = proposal.report(code)
    assert told in " ".join([*said["reasons"], *said["notes"]])
    assert "shelf/stage" in said["text"]


def test_a_removal_together_with_the_repair_of_a_broken_base_is_red(proposal: Proposal) -> None:
    unit = take_away(proposal)
    root = proposal.repository.root
    proposal.repository.write(f"{STACK}/broken.tfvars", "x = 1\n")
    git(root, "add", f"{STACK}/broken.tfvars")
    git(root, "-c", "user.name=t", "commit", "-qm", "broken")
    (root / STACK / "broken.tfvars").unlink()
    proposal.propose()
    deployed(proposal, unit, Status.DEPLOYED)
    said = proposal.report(1)
    assert any("shelf/stage is removed" in reason for reason in said["reasons"])


def test_a_unit_that_is_given_up_on_purpose_is_told_and_green(proposal: Proposal) -> None:
    unit = take_away(proposal)
    settings = proposal.repository.root / "pyproject.toml"
    given_up = '[[tool.pipeline.retired]]\nunit = "shelf/stage"\naction = "forget"\nwhy = "sold"\n'
    settings.write_text(f"{settings.read_text()}\n{given_up}")
    proposal.propose()
    deployed(proposal, unit, Status.DEPLOYED)
    [note] = [n for n in proposal.report(0)["notes"] if n != SELF]
    assert "goes on running unwatched. Why: sold." in note


def test_values_that_never_stay_and_a_branch_that_is_behind_are_told_beforehand(
    proposal: Proposal,
) -> None:
    root = proposal.repository.root
    git(root, "checkout", "-q", "-b", "change")
    proposal.repository.books(two="2")
    git(root, "checkout", "-q", "main")
    proposal.repository.write("README.md", "something else was merged\n")
    proposal.repository.commit()
    proposal.propose(branch="change")
    leaf = Leaf("/input", None, "2026")
    shown = plan_report(Plan(DEV, (Change("terraform_data.x", Action.UPDATE, (leaf,)),)))
    never = shown.model_copy(update={"never_equal": ["terraform_data.x input: plantimestamp()"]})
    proposal.record(proposal.leave(plan_of=never))
    said = proposal.report(0)
    assert len(said["notes"]) == 3
    assert "plantimestamp() differs at every plan" in said["notes"][0]
    assert "This branch lacks commits of main" in said["notes"][1]
    assert "self-reviewed" in said["notes"][2]
    assert "### To know beforehand" in said["text"]


# -- a comment that cannot be written ----------------------------------------------------------


@pytest.mark.parametrize("answered", ["403", "422", "503"])
def test_a_comment_that_cannot_be_written_fails_nothing(
    answered: str, capsys: pytest.CaptureFixture[str]
) -> None:
    class Refusing:
        def sticky_comment(self, number: int, marker: str, body: str) -> None:
            raise failure("github", f"GitHub answered {answered}.")

    out = Output(github=True)
    assert comment_on(out, Refusing(), 7, "<!-- m -->", "text") is False  # type: ignore[arg-type]
    assert "::warning::The comment on pull request 7 could not be written: GitHub answered " in (
        capsys.readouterr().err
    )
