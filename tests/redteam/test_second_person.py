"""One person alone deploys nothing that they wrote, whatever they dispatch in which order."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest

from pipeline.domain.ledger import Status, read_chain
from pipeline.domain.model import UnitId
from pipeline.errors import Failure
from pipeline.usecases import apply as applying
from pipeline.usecases.destroy import destroy
from pipeline.usecases.policy import Fresh
from pipeline.usecases.rollout import rollout
from pipeline.usecases.site import Site
from tests.usecases.shelf import DEV, ESTATE, FOLDER, Shelf, books
from tests.usecases.test_ordinary import bootstrapped

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("stores")]
TFVARS = f"{FOLDER}/dev.tfvars"
DESTROY = ".github/workflows/destroy.yml"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """alice pushed something to main past review, and nothing of dev is there yet."""
    made = bootstrapped(Shelf(tmp_path, {**ESTATE, TFVARS: books()}))
    made.past("alice", {TFVARS: books(one="1")})
    return made


def deploy(shelf: Shelf, who: str, record: str) -> str:
    """A dispatch of deploy.yml that names a record."""
    site = shelf.site()
    site.environ = {**site.environ, "GITHUB_RUN_ID": shelf.dispatch(who)}
    with patch.object(applying, "judge_again", lambda *given: Fresh()):
        done = applying.apply(site, DEV, record)
    shelf.image(site)
    rollout(site, DEV)
    return done.result


def end(shelf: Shelf, who: str, record: str = "") -> str:
    """A dispatch of destroy.yml; the record of what a second person has to name."""
    site = shelf.site()
    run = shelf.dispatch(who, path=DESTROY)
    site.environ = {**site.environ, "GITHUB_RUN_ID": run, "GITHUB_ACTOR": who}
    return destroy(site, DEV, str(DEV), reviewed=record).record


def waiting(shelf: Shelf) -> str:
    """The record that a plain deploy leaves for its review."""
    with patch.object(applying, "judge_again", lambda *given: Fresh()):
        return applying.apply(shelf.site(), DEV).record


def test_a_destroy_of_nothing_needs_a_second_person_as_any_other(shelf: Shelf) -> None:
    record = waiting(shelf)
    with pytest.raises(Failure, match="alice had a hand in"):
        deploy(shelf, "alice", record)
    nothing = end(shelf, "alice")
    assert nothing, "there is nothing to destroy, and yet it is asked for"
    for named in ("nonsense", nothing):
        with pytest.raises(Failure):
            end(shelf, "alice", named)
    assert read_chain(shelf.site().stores.ledger, DEV) == []
    with pytest.raises(Failure, match="alice had a hand in"):
        deploy(shelf, "alice", record)
    assert deploy(shelf, "bob", record) == "applied"


def test_a_record_ends_with_the_deploy_or_destroy_after_it(shelf: Shelf) -> None:
    record = waiting(shelf)
    assert deploy(shelf, "bob", record) == "applied"
    with pytest.raises(Failure, match="older than the ledger's entry") as caught:
        deploy(shelf, "carol", record)
    assert caught.value.reason == "superseded"
    end(shelf, "bob", end(shelf, "carol"))
    assert read_chain(shelf.site().stores.ledger, DEV)[-1].status is Status.DESTROYED
    with pytest.raises(Failure, match="older than the ledger's entry"):
        deploy(shelf, "alice", record)


def test_who_ran_a_killed_deploy_on_is_not_the_one_who_reviewed_it(shelf: Shelf) -> None:
    record = waiting(shelf)

    def killed(site: Site, unit: UnitId) -> None:
        real(site, unit)
        raise Failure("killed")

    real = applying.run_apply
    with patch.object(applying, "run_apply", killed), pytest.raises(Failure):
        deploy(shelf, "bob", record)
    assert shelf.deploy() == "nothing"
    told = read_chain(shelf.site().stores.ledger, DEV)[-1]
    assert (told.status, told.evidence.record) == (Status.DEPLOYED, record)
    assert told.evidence.dispatched_by == "bob"


def test_whoever_reviews_sees_what_was_taken_away_and_what_git_calls_binary(shelf: Shelf) -> None:
    shelf.past("alice", {f"{FOLDER}/guard.tf": "locals {\n  guarded = true\n}\n"})
    assert deploy(shelf, "bob", waiting(shelf)) == "applied"
    (shelf.work / FOLDER / "guard.tf").unlink()
    changed = {".gitattributes": "*.tfvars -diff\n", TFVARS: books(one="seen")}
    shelf.past("alice", changed)
    waiting(shelf)
    page = (shelf.root / ".pipeline/public/shelf--dev.uncovered.html").read_text()
    assert "guarded = true" in page
    assert "seen" in page
    assert "Binary files" not in page


def test_a_destroy_is_told_once_and_its_record_ends_with_it(shelf: Shelf) -> None:
    assert deploy(shelf, "bob", waiting(shelf)) == "applied"
    gone = end(shelf, "carol")
    end(shelf, "bob", gone)
    chain = read_chain(shelf.site().stores.ledger, DEV)
    shelf.past("mallory", {TFVARS: books(evil="1")})
    with pytest.raises(Failure):
        end(shelf, "mallory", "anything")
    assert read_chain(shelf.site().stores.ledger, DEV) == chain
    # what mallory pushed still waits for a review, and so does another destruction
    assert deploy(shelf, "bob", waiting(shelf)) == "applied"
    with pytest.raises(Failure) as caught:
        end(shelf, "bob", gone)
    assert caught.value.reason in ("superseded", "not-covered")
