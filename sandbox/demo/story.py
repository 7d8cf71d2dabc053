"""The parts of the story, in order. Each checks what it tells and can be told again.

A part finds what an earlier, interrupted telling left (a pull request that is open already, a run
that ended) and goes on from there.
"""

from __future__ import annotations

from typing import ClassVar

from sandbox.demo import edits
from sandbox.demo.actors import StoryError
from sandbox.demo.client import SteadyClient
from sandbox.demo.stage import UNIT
from sandbox.demo.steps import Steps

QUESTION = "Who designed the Analytical Engine?"
DOCUMENT = (
    "Ada Lovelace wrote the first program for the Analytical Engine. "
    "The Analytical Engine was designed by Charles Babbage."
)


class Story(Steps):
    """Parts a to h; the names are those that the progress file keeps."""

    PARTS: ClassVar[dict[str, str]] = {
        "a": "bootstrap",
        "b": "review",
        "c": "merge",
        "d": "roll",
        "e": "roll_back",
        "f": "drift",
        "g": "unreviewed",
        "h": "destroy",
    }

    def bootstrap(self) -> None:
        self.tell.chapter(
            "a",
            "Bootstrap",
            "Once per account: state bucket, ledger, record store, key, OIDC provider, roles.",
        )
        self.stage.seed()
        with self.tell.doing("pipeline bootstrap --reviewer bob"):
            said = self.stage.pipeline("bootstrap", "--reviewer", "bob")
        self.tell.quote(said)
        roles = self.stage.aws("iam").list_roles()["Roles"]
        names = sorted(r["RoleName"] for r in roles if r["RoleName"].startswith("knowledgeweaver-"))
        self.tell.seen(f"roles: {', '.join(names)}")

    def review(self) -> None:
        self.tell.chapter(
            "b",
            f"A pull request creates {UNIT}",
            "Plan, lint, policy and cost for every affected unit, in one comment to decide from.",
        )
        alice = self.stage.alice
        pull = self.stage.propose_dev()
        first = self.checked(pull, "success")
        self.tell.quote(alice.comment_of(pull), 24)
        self.tell.seen(f"read it at {pull['html_url']}")

        pull = alice.push_more(pull, "Reach the database from my laptop", edits.open_the_database)
        self.checked(pull, "failure")
        comment = alice.comment_of(pull)
        if "terraform/modules/neo4j/main.tf:" not in comment or "CKV_KWD" not in comment:
            raise StoryError(f"the comment names no line of the open security group:\n{comment}")
        hits = [line for line in comment.splitlines() if "modules/neo4j/main.tf:" in line]
        self.tell.quote("\n".join(hits), 6)
        self.tell.seen("the public security group fails the check, by file and line")

        pull = alice.push_more(pull, "Take that back", edits.close_the_database)
        last = self.checked(pull, "success")
        self.tell.seen(f"taken back, green again (first run: {first['html_url']})")
        self.tell.seen(f"the whole report: {self.stage.report(last)}")

    def merge(self) -> None:
        self.tell.chapter(
            "c",
            "Merge",
            "What was reviewed is planned again, must be covered by the review, and is applied.",
        )
        pull = self.pull_from("create-dev")
        sha = self.approved_and_merged(pull)
        self.deployed(sha)
        self.serves(self.stage.tree())
        found = self.stage.aws("s3").list_buckets()["Buckets"]
        bucket = next(b["Name"] for b in found if "dev-documents" in b["Name"])
        self.stage.aws("s3").put_object(Bucket=bucket, Key="engines.txt", Body=DOCUMENT.encode())
        answer = self.answered(QUESTION)
        if answer["store"] != "neo4j" or "Charles Babbage" not in (answer["answer"] or ""):
            raise StoryError(f"{QUESTION} was answered {answer}")
        self.tell.seen(f"uploaded to {bucket}, told by its queue, read by the application:")
        self.tell.seen(
            f"{QUESTION} “{answer['answer']}” ({answer['citations'][0]['document']}, Neo4j)"
        )

    def roll(self) -> None:
        self.tell.chapter(
            "d",
            "A change of the application alone",
            "Only units that take the image are affected; the service rolls without a gap.",
        )
        pull = self.stage.alice.propose(
            "version-0.2.0", "Release 0.2.0", "A new version.", edits.new_version
        )
        self.checked(pull, "success")
        before = self.serving()
        with SteadyClient(self.stage.url()) as client:
            run = self.deployed(self.approved_and_merged(pull))
        tree = self.stage.tree()
        self.uninterrupted(client, run, len({before, tree}))
        self.serves(tree)

    def roll_back(self) -> None:
        self.tell.chapter(
            "e",
            "An image that never becomes healthy",
            "The circuit breaker trips, the service goes back, the run fails and says why.",
        )
        before = self.serving()
        pull = self.stage.alice.propose(
            "new-index", "Use the new index", "Looks good in review.", edits.never_ready
        )
        self.checked(pull, "success")
        with SteadyClient(self.stage.url()) as client:
            run = self.deployed(self.approved_and_merged(pull), "failure")
        self.uninterrupted(client, run, 1)
        self.tell.seen(f"the run failed: {run['html_url']}")
        self.serves(before)
        if "held" not in self.stage.pipeline("status"):
            raise StoryError("the ledger does not hold the unit")
        self.tell.seen("the ledger holds the unit")
        revert = self.revert_of(pull)
        self.tell.seen(f"a revert pull request is there, with the reason: {revert['html_url']}")
        self.tell.quote(revert["body"], 20)
        self.wake(self.stage.bob, revert)
        self.checked(revert, "success")
        self.deployed(self.approved_and_merged(revert))
        self.tell.quote(self.verified(UNIT))

    def drift(self) -> None:
        self.tell.chapter(
            "f",
            "Somebody changes AWS by hand",
            "pipeline verify names what drifted, and exits 1.",
        )
        logs = self.stage.aws("logs")
        groups = [g["logGroupName"] for g in logs.describe_log_groups()["logGroups"]]
        group = next(name for name in groups if name.endswith("dev/api"))
        logs.put_retention_policy(logGroupName=group, retentionInDays=1)
        said = self.verified(UNIT, expect=1)
        if "retention_in_days" not in said:
            raise StoryError(f"verify does not name the drifted value:\n{said}")
        self.tell.quote(said)

    def unreviewed(self) -> None:
        self.tell.chapter(
            "g",
            "A change that nobody reviewed reaches main",
            "The deploy stops, shows exactly that change, and waits for a review of just that.",
        )
        admin, bob = self.stage.admin, self.stage.bob
        title = "Keep logs for two weeks"
        if admin.clone.git("log", "-1", "--format=%s", "origin/main") != title:
            admin.clone.commit("main", "origin/main", title, edits.keep_logs_longer)
            with admin.past_review():
                admin.clone.push("main")
            self.tell.seen("octo-admin lifted main's protection and pushed past it")
        run = self.deployed(admin.clone.at_main())
        record = bob.asked_to_review(run)
        self.tell.seen(f"nothing applied; it waits for a review: {run['html_url']}")
        with self.tell.doing("bob dispatches the deploy of what he reviewed"):
            run = bob.dispatch("deploy.yml", {"unit": UNIT, "record": record})
        self.expect(run, "success")
        self.tell.quote(self.verified())
        self.tell.seen("the drift of before is put right too")

    def destroy(self) -> None:
        self.tell.chapter(
            "h",
            f"Destroy {UNIT}",
            "By two people: one sees what it means, the other has it done; after a backup.",
        )
        admin, bob = self.stage.admin, self.stage.bob
        wrong = admin.dispatch("destroy.yml", {"unit": UNIT, "confirmation": "yes"})
        self.expect(wrong, "failure")
        self.tell.seen("a wrong confirmation is refused")
        asked = {"unit": UNIT, "confirmation": UNIT}
        with self.tell.doing("plan of the destruction"):
            shown = self.expect(admin.dispatch("destroy.yml", asked), "success")
        record = bob.asked_to_review(shown)
        self.tell.seen(f"nothing destroyed; it waits for a second person: {shown['html_url']}")
        with self.tell.doing("bob dispatches the destroy of what he reviewed"):
            run = bob.dispatch("destroy.yml", {**asked, "record": record})
        self.expect(run, "success")
        left = self.stage.aws("elbv2").describe_load_balancers()["LoadBalancers"]
        if left:
            raise StoryError(f"a load balancer is left: {left}")
        self.tell.seen("destroyed; nothing is left")
