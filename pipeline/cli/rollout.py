"""``pipeline rollout``: wait for the verdict of ECS and write the ledger."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.cli.context import Here
from pipeline.errors import Exit


def run(
    here: Here,
    unit: Annotated[str, typer.Argument(help="The unit, e.g. knowledgeweaver/dev.")],
    minutes: Annotated[float, typer.Option(help="How long to wait for a verdict.")] = 30,
    revert: Annotated[
        bool, typer.Option(help="Open a revert pull request after a rollback.")
    ] = True,
) -> Exit:
    """Wait for the applied revision, smoke test it, write the ledger; 4 after a rollback."""
    from pipeline.domain.rollout import Verdict
    from pipeline.domain.secrets import known_from_environment
    from pipeline.render.markdown import plain
    from pipeline.usecases.orphans import forgotten_by, known_units
    from pipeline.usecases.revert import open_revert
    from pipeline.usecases.rollout import failed, markdown, rollout
    from pipeline.usecases.site import site_of

    site = site_of(here)
    [name] = known_units([unit], site)
    if forgotten_by(site, name):
        here.out.say(f"{unit}: it is forgotten, so nothing rolls out")
        return Exit.OK
    result = rollout(site, name, minutes=minutes)
    # what a container said last goes into the log and into a pull request
    text = markdown(result, known_from_environment(here.environ))
    verdict = result.judgement.verdict if result.judgement else Verdict.COMPLETED
    document: dict[str, object] = {
        "unit": unit,
        "verdict": verdict,
        "reason": result.judgement.reason if result.judgement else "",
        "entry": result.entry.number if result.entry else None,
        "url": result.url,
    }
    if verdict is Verdict.COMPLETED:
        here.out.say(f"{unit}: deployed {result.url}".rstrip())
        here.out.summary(text)
        here.out.emit(document)
        return Exit.OK
    if revert:
        reverted = open_revert(site, name, text)
        document["revert"] = reverted.url
        text += f"\nRevert: {reverted.url or plain(f'none, because {reverted.why_not}')}\n"
    here.out.say(text)
    here.out.summary(text)
    here.out.emit(document)
    raise failed(result)
