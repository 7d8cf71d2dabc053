"""One live issue for each unit that is not what the repository says; closed when it is again."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.adapters.github import Issue, run_url
from pipeline.domain.secrets import known_from_environment, scrub
from pipeline.usecases.site import Site
from pipeline.usecases.verify import Proof

LABEL = "drift"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a unit's issue: opened, updated, closed or none."""

    proof: Proof
    action: str
    url: str = ""


def tell(site: Site, proofs: list[Proof]) -> list[Told]:
    """Bring the issues in line with the proofs; the same proofs again write nothing."""
    github = site.github
    known = {issue.title: issue for issue in github.issues(LABEL)}
    found: list[Told] = []
    for proof in proofs:
        title = f"Drift: {proof.unit}"
        issue: Issue | None = known.get(title)
        if proof.verified:
            if issue is not None:
                github.comment(issue.number, f"{proof.unit} is again what the repository says.")
                github.update_issue(issue.number, state="closed")
            found.append(Told(proof, "closed" if issue else "none", issue.url if issue else ""))
            continue
        body = scrub(markdown(proof), known_from_environment(site.environ))[0]
        if issue is None:
            issue = github.create_issue(title, body + _seen(site), [LABEL])
            found.append(Told(proof, "opened", issue.url))
        elif not issue.body.startswith(body):
            github.update_issue(issue.number, body=body + _seen(site))
            found.append(Told(proof, "updated", issue.url))
        else:
            found.append(Told(proof, "unchanged", issue.url))
    return found


def markdown(proof: Proof) -> str:
    """What differs and what to do about it."""
    lines = [f"`{proof.unit}` is not what the repository says:", ""]
    lines += [f"- {item}" for item in proof.wrong]
    for change in proof.drift[:50]:
        lines.append(f"- `{change.address}` was changed outside:")
        lines += [f"  - `{x.path}`: `{x.before!r}` → `{x.after!r}`" for x in change.leaves[:20]]
    lines += ["", "The next deploy of this unit puts it right, or change the repository to match."]
    return "\n".join(lines)


def _seen(site: Site) -> str:
    url = run_url(site.environ)
    return f"\n\n[Seen by this run]({url})" if url else ""
