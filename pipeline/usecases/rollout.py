"""Wait for ECS, smoke test, write the ledger; a rollback holds the unit, with evidence."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.adapters.aws import ecr, ecs
from pipeline.domain import ledger
from pipeline.domain.model import UnitId
from pipeline.domain.rollout import Judgement, Service, Verdict, judge, short
from pipeline.domain.stored import live
from pipeline.errors import Failure, Problem, failure
from pipeline.render.evidence import evidence
from pipeline.render.markdown import plain
from pipeline.usecases.announce import settle
from pipeline.usecases.site import Site

_POLL = 1.0  # seconds between looks
_SMOKE_LIMIT = 90.0  # seconds until the load balancer has to answer with the new tree


@dataclass(frozen=True, slots=True)
class Rollout:
    """How it went; ``entry`` is the ledger's new entry, None when nothing had to be written."""

    unit: UnitId
    entry: ledger.Entry | None
    judgement: Judgement | None
    evidence: ecs.Evidence | None = None
    service: Service | None = None
    url: str = ""


def rollout(site: Site, unit: UnitId, *, minutes: float = 30) -> Rollout:
    """Bring the deployment of the checked-out commit to its verdict and into the ledger.

    The result's entry says deployed or held. Raises ``usage`` where no apply of this commit ended
    well in this work folder.
    """
    began = datetime.fromisoformat(_ended_well(site, unit)["began"])
    stack = site.stack(unit)
    if stack.config.rollout is None:
        return Rollout(unit, _settle(site, unit, ledger.Status.DEPLOYED), None)
    facts = service_facts(site, unit)
    service, judgement = _wait(site, facts, began, minutes * 60)
    if judgement.verdict is Verdict.COMPLETED:
        problem = smoke(facts["url"], site.app_tree if stack.config.takes_image else "")
        if not problem:
            entry = _settle(site, unit, ledger.Status.DEPLOYED)
            return Rollout(unit, entry, judgement, service=service, url=facts["url"])
        judgement = Judgement(Verdict.FAILED, problem)
    found = ecs.evidence(site.aws, service, facts["revision"])
    entry = _settle(site, unit, ledger.Status.HELD, judgement.reason)
    return Rollout(unit, entry, judgement, found, service, facts["url"])


def service_facts(site: Site, unit: UnitId) -> dict[str, str]:
    """Cluster, service, URL and applied task definition, out of the unit's state.

    The state says which revision Terraform last set; the service itself may have gone back since.
    """
    settings = site.stack(unit).config.rollout
    if settings is None:
        raise failure("bad-config", f"{unit.stack} has no [rollout] in its stack.toml.")
    terraform = site.terraform(unit)
    terraform.init()
    state = terraform.state()
    outputs = state.get("outputs") or {}
    found: dict[str, str] = {}
    for name in ("cluster", "service", "url"):
        output = getattr(settings, name)
        if output not in outputs:
            raise failure(
                "not-deployed",
                f"The state of {unit} has no output {output!r}.",
                f"{site.stack(unit).folder}/stack.toml",
                "Apply the unit first, or correct [rollout].",
            )
        found[name] = str(outputs[output].get("value", ""))
    services = [one.attributes for one in live(state) if one.kind == "aws_ecs_service"]
    own = [s for s in services if s.get("name") == short(found["service"])]
    if not own:
        raise failure("not-deployed", f"The state of {unit} has no service {found['service']}.")
    found["revision"] = str(own[0].get("task_definition", ""))
    found["service"], found["cluster"] = short(found["service"]), short(found["cluster"])
    return found


def _wait(
    site: Site, facts: dict[str, str], began: datetime, limit: float
) -> tuple[Service, Judgement]:
    start, seen, last = time.monotonic(), False, ""
    while True:
        service = ecs.need_service(site.aws, facts["cluster"], facts["service"])
        waited = time.monotonic() - start
        judgement = judge(service, facts["revision"], began=began, seen=seen, waited=waited)
        if judgement.verdict is not Verdict.WAITING:
            return service, judgement
        primary = service.primary
        seen = seen or (primary is not None and primary.task_definition == facts["revision"])
        if judgement.reason != last:
            site.out.say(f"{short(facts['revision'])}: {judgement.reason}")
            last = judgement.reason
        if waited > limit:
            told = f"no verdict after {limit / 60:.0f} minutes: {judgement.reason}"
            return service, Judgement(Verdict.FAILED, told)
        time.sleep(_POLL)


def smoke(url: str, tree: str, limit: float = _SMOKE_LIMIT) -> str:
    """Ask the deployed service; returns what is wrong, or nothing.

    ``/health/ready`` has to answer 200 and ``/version`` the tree that was deployed. Retried until
    the limit, since a load balancer takes a moment to see its targets.
    """
    import httpx

    deadline, problem = time.monotonic() + limit, ""
    with httpx.Client(timeout=10, follow_redirects=False) as client:
        while True:
            try:
                ready = client.get(f"{url.rstrip('/')}/health/ready")
                version = client.get(f"{url.rstrip('/')}/version")
                shown = version.json().get("tree", "") if version.is_success else ""
                if ready.status_code != 200:
                    problem = f"{url}/health/ready answers {ready.status_code}"
                elif tree and shown != tree:
                    problem = f"{url}/version says tree {shown or 'nothing'}, not {tree}"
                else:
                    return ""
            except (httpx.HTTPError, ValueError, AttributeError) as error:
                problem = f"{url} does not answer as it should ({type(error).__name__})"
            if time.monotonic() > deadline:
                return f"smoke test: {problem}"
            time.sleep(_POLL)


def _settle(
    site: Site, unit: UnitId, status: ledger.Status, reason: str = ""
) -> ledger.Entry | None:
    """Tell the ledger what became of the apply that this job's earlier step ended.

    None when the last entry says the same already (a run was repeated).
    """
    noted = _ended_well(site, unit)
    image_digest = ""
    if site.stack(unit).config.takes_image:
        image_digest = ecr.digest_of(site.aws, site.settings.ecr_repository, site.app_tree) or ""
    return settle(
        site,
        unit,
        status,
        after=noted["after"],
        evidence=ledger.Evidence(
            **{**noted["evidence"], "approvals": tuple(noted["evidence"]["approvals"])}
        ),
        serial=noted["serial"],
        objects=tuple(noted["objects"]),
        image_digest=image_digest,
        reason=reason,
    )


def _ended_well(site: Site, unit: UnitId) -> dict[str, Any]:
    """What the apply of this commit left in the work folder.

    Raises ``usage`` where there is none: nobody knows then what stands, and "deployed" would be a
    guess.
    """
    noted = site.noted(unit)
    if (noted.get("commit"), noted.get("digest")) != (site.commit, site.estate.digest(unit)):
        raise failure(
            "usage",
            f"No apply of {unit} at {site.commit[:10]} ended well here, so nothing can be settled.",
            str(unit),
            f"Run `pipeline apply {unit}` first, with the same work folder.",
        )
    return noted


def failed(result: Rollout) -> Failure:
    """The failure that tells a held rollout."""
    reason = result.judgement.reason.rstrip(".") if result.judgement else ""
    verdict = result.judgement.verdict if result.judgement else Verdict.FAILED
    return Failure(
        "rolled-back",
        Problem(
            f"The rollout of {result.unit} {verdict}: {reason}.",
            str(result.unit),
            "The unit is held until another change is merged; the evidence is in the summary.",
        ),
    )


def markdown(result: Rollout, known: Iterable[str] = ()) -> str:
    """The outcome for a step summary and for the body of a revert pull request, scrubbed."""
    if result.evidence is None or result.judgement is None:
        state = "deployed" if result.entry else "deployed already"
        return f"### {plain(result.unit)}: {state}\n"
    judged = result.judgement
    return evidence(str(result.unit), judged.verdict, judged.reason, result.evidence, known)
