"""What landed since a unit was last settled, and whether it was reviewed.

Git says which steps of the default branch change the unit's inputs or the referee's files; only
about those GitHub is asked. The rules are those of :mod:`pipeline.domain.review`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from pipeline.adapters.git import git, resolve
from pipeline.adapters.git_merges import Merges
from pipeline.adapters.github import GitHub, Known
from pipeline.domain.dispatch import Dispatch, judge_dispatch
from pipeline.domain.model import UnitId
from pipeline.domain.proposal import ACTIONS, REVERTS, WEB, Account, Authored, Proposal, reach
from pipeline.domain.review import Facts, Landing, Rules, judge_landing
from pipeline.usecases.moves import Moves
from pipeline.usecases.site import Site
from pipeline.usecases.steps import History, Step

BRANCH = "main"
#: Landings at most that a revert may take back.
_REVERTED = 20
#: Commits behind a landing that are looked up because they may end a rebase; GitHub rebases 100.
_REBASE = 100
_LATER = 500


def landings(
    site: Site,
    unit: UnitId,
    since: str | None,
    until: str,
    *,
    announced: bool = True,
    held: Collection[str] = (),
) -> tuple[Landing, ...]:
    """The landings after ``since`` up to ``until`` that count for the unit, oldest first.

    ``since`` None means all of the history; where it is no longer part of the history, the newest
    commit that has its unit and referee digests takes its place, else all of it counts. Without
    ``announced`` (no apply was announced since) only landings of the referee's files count where
    the unit is as it was. ``held`` are the commits that the ledger holds, of whatever unit: a
    revert that the pipeline opened may take exactly those back. Raises ``usage``, ``git``,
    ``github``, ``no-credentials``.
    """
    github = site.github
    with Merges(site.root, github.clone_url, github.token) as merges:
        history = History(merges, unit, site.settings.app, resolve(site.root, until))
        steps = history.steps(since)
        if steps and not announced and history.unchanged(since):
            steps = [step for step in steps if step.referee]
        if not steps:
            return ()
        return _Judge(site, github, history, merges, held).judge(steps)


class _Judge:
    """Looks the steps up and judges them; one for each call of :func:`landings`."""

    def __init__(
        self,
        site: Site,
        github: GitHub,
        history: History,
        merges: Merges,
        held: Collection[str],
    ) -> None:
        review = site.settings.review
        self.rules = Rules(review.approvals, review.self_, tuple(review.bots))
        self.github, self.history, self.merges = github, history, merges
        self.held = [commit for commit in held if commit in history.place]
        self.moves = Moves(github)
        self.known: dict[str, Known] = {}
        self.steps: list[str] = []

    def judge(self, steps: Sequence[Step]) -> tuple[Landing, ...]:
        self.steps = [step.commit for step in steps]
        ends = self._ends()
        pulls = self._proposals({number for numbers in ends.values() for number in numbers})
        waiting = set(self.steps)
        found: list[Landing] = []
        # From the newest on: a landing of several commits takes in those before its last one.
        for commit in sorted({*waiting, *ends}, key=self.history.place.__getitem__)[::-1]:
            # The same head may have been merged as several pull requests.
            own: list[Proposal | None] = [pulls[n] for n in sorted(ends.get(commit, ()))]
            own = own or [None]
            tried = [self._landing(commit, pull, waiting, ends) for pull in own]
            landing = next((one for one in tried if one.reviewed), tried[0])
            covered = self.history.between(landing.before, commit) & waiting
            if covered:  # else its last commit changes nothing, and the others are not its own
                found.append(landing if landing.reviewed else self._told(landing, covered))
                waiting -= covered
        return tuple(sorted(found, key=lambda item: self.history.place[item.commit]))

    def _landing(
        self, commit: str, pull: Proposal | None, waiting: set[str], ends: Collection[str]
    ) -> Landing:
        befores = self._befores(commit, pull, waiting, ends)
        facts = Facts(
            commit=commit,
            digests=self.history.digests(commit),
            befores=befores,
            pull=pull,
            inverts=self._inverts(commit, pull),
            branch=BRANCH,
            pushed=() if pull else tuple(self._pushed(commit, past=True)),
        )
        landing = judge_landing(facts, self.rules, self.history.merged, self.merges.bases)
        return landing if landing.reviewed else self._widened(landing)

    def _ends(self) -> dict[str, set[int]]:
        """The commits by which the pull requests of the steps were merged, with their numbers.

        A step that is no pull request's last commit may be one of a rebase, which ends later.
        """
        place, order = self.history.place, self.history.order
        self.known |= self.github.known_commits(self.steps)
        ends: dict[str, set[int]] = {}
        lonely: list[str] = []
        for step in self.steps:
            merged = self._merged_by(step)
            near = [c for c in merged if c in place and 0 <= place[c] - place[step] < _REBASE]
            for commit in [step] if step in near else near:
                ends.setdefault(commit, set()).update(merged[commit])
            if not near:
                lonely.append(step)
        later = dict.fromkeys(
            commit for step in lonely for commit in order[place[step] + 1 : place[step] + _REBASE]
        )
        asked = [commit for commit in later if commit not in self.known][:_LATER]
        self.known |= self.github.known_commits(asked)
        for step in lonely:
            for commit in order[place[step] + 1 : place[step] + _REBASE]:
                if own := self._merged_by(commit).get(commit):
                    ends.setdefault(commit, set()).update(own)
                    break
        return ends

    def _merged_by(self, commit: str) -> dict[str, set[int]]:
        """The pull requests that GitHub says brought a commit, by the commits that merged them."""
        found: dict[str, set[int]] = {}
        for number, end in self.known[commit].pulls.items() if commit in self.known else ():
            found.setdefault(end, set()).add(number)
        return found

    def _befores(
        self, commit: str, pull: Proposal | None, waiting: set[str], ends: Collection[str]
    ) -> tuple[str, ...]:
        """On which commits a landing may have landed, the nearest first.

        A rebase has at most as many commits as its pull request, and no other one's among them.
        """
        place, order = self.history.place, self.history.order
        befores = [self.history.before(commit)]
        count = min(len(pull.commits) if pull else 1, _REBASE)
        for at in range(place[commit] - 1, max(-1, place[commit] - count), -1):
            if order[at] in ends:
                break
            if order[at] in waiting:
                befores.append(self.history.before(order[at]))
        return tuple(befores)

    def _widened(self, landing: Landing) -> Landing:
        """A landing that was not reviewed, with those before it that GitHub says belong to it."""
        before = landing.before
        while landing.pull is not None and before in self.known:
            if self.known[before].pulls.get(landing.pull) != landing.commit:
                break
            before = self.history.before(before)
        return replace(landing, before=before)

    def _proposals(self, numbers: set[int]) -> dict[int, Proposal]:
        """The pull requests, their heads fetched, and who moved their branches."""
        found = self._asked(numbers)
        if not self.rules.alone:
            self.moves = Moves(self.github, len(found))
            newest = sorted(found.values(), key=lambda p: p.merged_at or p.created, reverse=True)
            whole = [self._with_commits(pull) for pull in newest]
            below = self._others(whole)
            for pull in whole:
                found[pull.number] = self.moves.of(self._without(pull, below))
        return found

    def _asked(self, numbers: Collection[int]) -> dict[int, Proposal]:
        """Pull requests as GitHub tells of them, with their heads and what was approved fetched."""
        found = self.github.proposals(numbers)
        self.merges.fetch(
            {pull.head for pull in found.values()}
            | {review.commit for pull in found.values() for review in pull.reviews}
        )
        return found

    def _others(self, pulls: Sequence[Proposal]) -> list[Proposal]:
        """Merged pull requests on which some of these may stand: whose commits they have."""
        foreign = {
            commit.id
            for pull in pulls
            for commit in pull.commits
            if not commit.clean and commit.author and pull.author
            if commit.author.key != pull.author.key
        }
        self.known |= self.github.known_commits(sorted(foreign - self.known.keys())[:_LATER])
        own = {pull.number for pull in pulls}
        told = [self.known[commit] for commit in foreign if commit in self.known]
        numbers = {number for one in told for number in one.pulls if number not in own}
        return [*pulls, *self._asked(numbers).values()] if numbers else list(pulls)

    def _without(self, pull: Proposal, others: Sequence[Proposal]) -> Proposal:
        """A pull request without the commits of those that it stands on.

        Only where its head has the whole of the other one, and the default branch has that too:
        where merging it once more would change nothing at all.
        """
        place, merged = self.history.place, pull.merge_commit
        before = self.history.before(merged) if merged in place else ""
        gone: set[str] = set()
        here = self.merges.tree(before) if before else ""
        for other in others if before else ():
            own = {commit.id for commit in pull.commits}
            earlier = place.get(other.merge_commit, len(place)) < place[merged]
            below = other.merged and earlier and other.head in own and other.head != pull.head
            merge = self.merges.merge(before, other.head) if below else None
            if merge is not None and not merge.conflicts and merge.tree == here:
                gone |= reach(pull.commits, other.head)
        return replace(pull, commits=tuple(c for c in pull.commits if c.id not in gone))

    def _with_commits(self, pull: Proposal) -> Proposal:
        """The pull request with its commits as git has them: GitHub lists 250 at most."""
        listed = {commit.id: commit for commit in pull.commits}
        merged = pull.merge_commit
        before = self.history.before(merged) if merged in self.history.place else ""
        if not before or not self.merges.has(pull.head):
            return pull
        commits = []
        for name, parents in self.merges.commits(pull.head, [before]).items():
            known = listed.get(name)
            commits.append(
                Authored(
                    name,
                    parents,
                    known.author if known else None,
                    known.committer if known else None,
                    clean=self._clean(name, parents),
                    listed=known is not None,
                )
            )
        return replace(pull, commits=tuple(commits))

    def _clean(self, commit: str, parents: tuple[str, ...]) -> bool:
        """Whether a commit only brings the default branch in."""
        return (
            len(parents) == 2
            and parents[1] in self.history.place
            and self.merges.clean(commit, parents)
        )

    def _inverts(self, commit: str, pull: Proposal | None) -> bool:
        """Whether the landing takes back what held landings brought, and nothing else."""
        if not pull or not pull.author or pull.author.key != ACTIONS:
            return False
        if not pull.head_ref.startswith(REVERTS):
            return False
        place, wanted = self.history.place, self.history.digests(commit)
        for held in self.held:
            tree: str | None = self.history.before(commit)
            for step in [s for s in reversed(self.steps) if place[s] <= place[held]][:_REVERTED]:
                tree = self.merges.take_back(tree, step) if tree else None
                if tree is None:
                    break
                if self.history.digests(tree) == wanted:
                    return True
        return False

    def _told(self, landing: Landing, covered: set[str]) -> Landing:
        """An unreviewed landing with everybody who made or pushed what it covers."""
        past = landing.pull is None
        known = [self.known[commit] for commit in covered if commit in self.known]
        made = {one.author for one in known} | {one.committer for one in known if past}
        for commit in covered:
            made.update(self._pushed(commit, past))
        keys = {account.key for account in made if account and account.key != WEB}
        return replace(landing, makers=landing.makers | keys)

    def _pushed(self, commit: str, past: bool) -> Iterator[Account]:
        """Who pushed a step to the default branch, by its own activity.

        Of a pull request whoever merged it made nothing; what came ``past`` any has no other word.
        """
        if self.rules.alone:
            return
        place = self.history.place
        oldest = min(place[step] for step in self.steps)
        moves = self.moves.branch(
            BRANCH, lambda items: any(place.get(item.before, oldest) < oldest for item in items)
        )
        for move in moves:
            merge = move.kind in ("pr_merge", "merge_queue_merge")
            within = place.get(move.before, -1) < place[commit] <= place.get(move.after, -1)
            if move.by and within and (past or not merge):
                yield move.by


def dispatched(site: Site, run_id: str, landings: Sequence[Landing], workflow: str) -> Dispatch:
    """Whether the run with that id is a second person's word for the landings, and whose.

    ``workflow`` is the file's name, as ``deploy.yml``. What does not count says why in
    ``refused``. Raises ``github``, ``no-credentials``.
    """
    github = site.github
    run = github.run(run_id)
    if run is None:
        return Dispatch("", "", f"GitHub knows no run {run_id}.")
    return judge_dispatch(
        run,
        landings,
        workflow=workflow,
        branch=BRANCH,
        on_branch=_on_branch(site, github, run.commit),
        writer=bool(run.actor and not run.actor.bot and github.may_write(run.actor.login)),
        alone=site.settings.review.self_,
    )


def _on_branch(site: Site, github: GitHub, commit: str) -> bool:
    """Whether a commit is a step of the default branch as it is now at GitHub.

    A dispatch deploys the commit of its record, so the branch may have gone on since.
    """
    with Merges(site.root, github.clone_url, github.token) as merges:
        tip = github.branch_head(BRANCH)
        if merges.fetch([tip]):
            return False
        return commit in git(merges.path, "rev-list", "--first-parent", tip).decode().split()
