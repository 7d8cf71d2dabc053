"""What a stack may not do before a reviewer has seen it: judged from its text, before init.

``terraform init`` downloads what a configuration names and ``terraform plan`` runs providers, data
sources and functions. A pull request is a stranger's text, so what it may use stands in lists
(:mod:`pipeline.domain.guard_lists`) and what is on no list is refused. A second wall stands behind
this one: Terraform's process has no credentials in its surroundings.
"""

from __future__ import annotations

from dataclasses import replace

from pipeline.domain.guard_blocks import judge_blocks
from pipeline.domain.guard_lists import NOTHING_MORE, Allowance
from pipeline.domain.guard_lock import lock_problems, unreadable
from pipeline.domain.guard_names import judge_names
from pipeline.domain.guard_reads import judge_expression
from pipeline.domain.guard_rules import Place, Rules, Tree, Verdict
from pipeline.domain.hcl import HclError, parse
from pipeline.errors import Problem

__all__ = ["NOTHING_MORE", "Allowance", "Rules", "Tree", "Verdict", "guard"]


def guard(
    stack: str, tree: Tree, rules: Rules, base: Tree | None = None, renewal: Allowance | None = None
) -> Verdict:
    """Judge the stack folder and every local module below it.

    ``base`` are the files of the default branch when a pull request is judged, ``renewal`` its
    own ``[guard]``: where the one of the default branch has ended, a change that brings a new one
    and leaves what was judged as it is may pass, so that an ended allowance can be renewed.
    """
    allowance = rules.allowance
    if allowance.expires >= rules.today:
        return _judged(stack, tree, rules)
    if base is not None and renewal is not None and renewal.expires >= rules.today:
        verdict = _judged(stack, tree, replace(rules, allowance=renewal))
        before = _judged(stack, base, rules)
        same = verdict.files == before.files and not verdict.computed
        if same and all(tree.read(path) == base.read(path) for path in verdict.reads):
            return verdict
    verdict = _judged(stack, tree, replace(rules, allowance=NOTHING_MORE))
    verdict.problems.append(
        Problem(
            f"What [guard] allows ended on {allowance.expires}.",
            allowance.where,
            "Remove it, or write a later day by a change of its own.",
        )
    )
    return verdict


def _judged(stack: str, tree: Tree, rules: Rules) -> Verdict:
    verdict = Verdict()
    folders, seen = [stack], {stack}
    while folders:
        folder = folders.pop()
        verdict.problems += judge_names(folder, tree.names(folder))
        for path, text in sorted(tree.terraform_files(folder).items()):
            for source in _file(Place(path, folder, stack, tree, rules, verdict), text):
                if source not in seen:
                    seen.add(source)
                    folders.append(source)
    _lock_file(f"{stack}/.terraform.lock.hcl", tree, rules, verdict)
    return verdict


def _file(place: Place, text: str) -> list[str]:
    """Judge a file; the folders of the local modules that it calls."""
    verdict, path = place.verdict, place.path
    verdict.files[path] = text
    if place.tree.real(path) is None:
        verdict.problems.append(Problem("The file is a link out of the repository.", path))
        return []
    if path.endswith(".tfvars"):
        return []
    if not path.endswith(".tf"):
        verdict.problems.append(
            Problem(
                "Configuration in JSON syntax is not read by the guard.",
                f"{path}:1",
                "Write it in HCL.",
            )
        )
        return []
    try:
        root = parse(text)
    except HclError as error:
        verdict.broken.append(
            Problem(f"This is no valid HCL: {error.sentence}.", f"{path}:{error.line or 1}")
        )
        return []
    variables = {id(block) for block in root.blocks if block.type == "variable"}
    for block in root.walk():
        for attribute in block.attributes.values():
            # A type is no expression: its words look like calls and nothing in it is evaluated.
            if attribute.name != "type" or id(block) not in variables:
                judge_expression(place, attribute.tokens)
    return list(judge_blocks(place, root))


def _lock_file(path: str, tree: Tree, rules: Rules, verdict: Verdict) -> None:
    if tree.real(path) is None:
        verdict.problems.append(Problem("The file is a link out of the repository.", path))
        return
    text = tree.read(path)
    verdict.files[path] = text or ""
    broken = unreadable(text, path) if text is not None else None
    if broken is not None:
        verdict.broken.append(broken)
    else:
        verdict.problems += lock_problems(text, path, rules.providers)
