"""The blocks of a configuration: providers, backends, data sources, imports and modules."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import join, normpath

from pipeline.domain.guard_lists import (
    BACKEND_ARGUMENTS,
    BLOCKS,
    DATA_SOURCES,
    EPHEMERAL,
    IMPORTS,
    NEVER,
    PARAMETERS,
    PROVIDER_ARGUMENTS,
    PROVIDER_BLOCKS,
    PUBLIC_PARAMETER,
    REQUIRED_PROVIDER,
    TERRAFORM_ARGUMENTS,
    TERRAFORM_BLOCKS,
)
from pipeline.domain.guard_rules import Place
from pipeline.domain.hcl import Attribute, Block
from pipeline.domain.hcl_calls import Tokens
from pipeline.domain.stack_source import is_override

_ELSEWHERE = "Pass the value as a variable, or read it by a data source of AWS."


def judge_blocks(place: Place, root: Block) -> Iterator[str]:
    """Judge the blocks of a file; yields the folders of the local modules it calls."""
    for block in root.blocks:
        if block.type not in BLOCKS:
            place.say(block.line, f"A block {block.type!r} is not on the guard's list.")
        for inner in block.walk():
            _anywhere(place, inner)
        if block.type == "module":
            yield from _module(place, block)
        elif block.type == "provider":
            _provider(place, block)
        elif block.type == "terraform":
            _terraform(place, block)
        elif block.type == "import":
            _import(place, block)


def _anywhere(place: Place, block: Block) -> None:
    kind = block.labels[0] if block.labels else ""
    if block.type in ("provisioner", "connection"):
        place.say(
            block.line,
            f"A {block.type} runs programs outside Terraform's plan.",
            "Use a resource of a provider instead.",
        )
    elif block.type == "data" and kind in NEVER:
        place.say(
            block.line,
            f"The data source {kind!r} reaches outside this unit during a plan.",
            _ELSEWHERE,
        )
    elif block.type == "data" and not _describes(place, block, kind):
        place.say(
            block.line,
            f"The data source {kind!r} is not on the guard's list: it may hand on secrets, "
            "settings of others or contents.",
            f"{_ELSEWHERE} {place.or_allow('data_sources')}",
        )
    elif block.type == "ephemeral" and kind not in EPHEMERAL | place.rules.allowance.data_sources:
        place.say(
            block.line,
            f"The ephemeral resource {kind!r} reads a secret during the plan.",
            "Hand on the secret's ARN and let what runs read it, as containers' secrets do. "
            + place.or_allow("data_sources"),
        )


def _describes(place: Place, block: Block, kind: str) -> bool:
    if kind in DATA_SOURCES or kind in place.rules.allowance.data_sources:
        return True
    named = block.attributes.get(PARAMETERS.get(kind, ""))
    return named is not None and (named.literal or "").startswith(PUBLIC_PARAMETER)


def _import(place: Place, block: Block) -> None:
    to = block.attributes.get("to")
    kind = _imported(to.tokens) if to else ""
    if kind not in IMPORTS and kind not in place.rules.allowance.imports:
        place.say(
            block.line,
            f"An import of {kind or 'what is not written out'} is not on the guard's list: reading "
            "it may hand on secrets or contents.",
            place.or_allow("imports"),
        )


def _imported(tokens: Tokens) -> str:
    """The resource type of ``module.m["k"].aws_vpc.this``, empty when it cannot be said."""
    words = [token.text for token in tokens if token.kind != "newline"]
    while words[:2] == ["module", "."]:
        words = words[3:]
        if words[:1] == ["["]:
            words = words[words.index("]") + 1 :] if "]" in words else []
        if words[:1] != ["."]:
            return ""
        words = words[1:]
    return words[0] if words[1:2] == ["."] else ""


def _provider(place: Place, block: Block) -> None:
    more = place.rules.allowance.provider_arguments
    for attribute in block.attributes.values():
        if attribute.name not in PROVIDER_ARGUMENTS | more:
            _refuse_provider(place, attribute.name, attribute.line)
    for inner in block.blocks:
        if inner.type in more:
            continue
        known = PROVIDER_BLOCKS.get(inner.type)
        if known is None or inner.labels or inner.blocks or inner.attributes.keys() - known:
            _refuse_provider(place, inner.type, inner.line)


def _refuse_provider(place: Place, name: str, line: int) -> None:
    place.say(
        line,
        f"The provider setting {name!r} is not on the guard's list: it may choose credentials "
        "or whom they are sent to.",
        "Credentials and addresses come from the pipeline. " + place.or_allow("provider_arguments"),
    )


def _terraform(place: Place, block: Block) -> None:
    for attribute in block.attributes.values():
        if attribute.name not in TERRAFORM_ARGUMENTS:
            place.say(attribute.line, f"The setting {attribute.name!r} is not on the guard's list.")
    for inner in block.blocks:
        if inner.type == "cloud" or (inner.type == "backend" and inner.labels != ("s3",)):
            place.say(inner.line, 'The backend has to be `backend "s3" {}`.')
        elif inner.type not in TERRAFORM_BLOCKS:
            place.say(inner.line, f"The block {inner.type!r} is not on the guard's list.")
        elif inner.type == "backend":
            if inner.blocks or inner.attributes.keys() - BACKEND_ARGUMENTS:
                place.say(inner.line, "The backend's settings come from the pipeline.")
        else:
            for attribute in inner.attributes.values():
                _required(place, attribute)


def _required(place: Place, attribute: Attribute) -> None:
    items = _items(attribute.tokens)
    if items is None or items.keys() - REQUIRED_PROVIDER:
        place.say(attribute.line, f"The source of provider {attribute.name!r} is not written out.")
        return
    source = items.get("source") or f"hashicorp/{attribute.name}"
    place.verdict.calls.append(f"{place.folder} provider {source}")
    parts = source.lower().split("/")
    parts = [*["registry.terraform.io", "hashicorp"][: 3 - len(parts)], *parts]
    full = "/".join(parts)
    if full not in place.rules.providers and full != "terraform.io/builtin/terraform":
        place.say(
            attribute.line,
            f"The provider {full} is not allowed.",
            "Allow it in [tool.pipeline] by a change of its own.",
        )


def _items(tokens: Tokens) -> dict[str, str] | None:
    """``{ name = "text" }`` as a dict; lists are passed over; None for anything else."""
    words = [token for token in tokens if token.kind not in ("newline", ",")]
    if len(words) == 1 and words[0].value is not None:
        return {"version": words[0].value}  # the form of Terraform 0.12
    if not words or words[0].kind != "{" or words[-1].kind != "}":
        return None
    found: dict[str, str] = {}
    words = words[1:-1]
    while words:
        key = words[0].value if words[0].kind == "string" else words[0].text
        if len(words) < 3 or words[0].kind not in ("name", "string") or key is None or key in found:
            return None
        if words[1].kind not in ("=", ":"):
            return None
        if words[2].kind == "[":
            end = next((at for at, word in enumerate(words) if word.kind == "]"), None)
            if end is None or key != "configuration_aliases":
                return None
            found[key], words = "", words[end + 1 :]
            continue
        value = words[2].value
        if value is None:
            return None
        found[key], words = value, words[3:]
    return found


def _module(place: Place, block: Block) -> Iterator[str]:
    source = _text(block, "source")
    name = block.labels[0] if block.labels else ""
    if "source" not in block.attributes and is_override(place.path):
        return  # the block it is merged into says the source
    place.verdict.calls.append(f"{place.folder} {name} {source} {_text(block, 'version')}")
    if source is None:
        place.say(block.line, f"The source of module {name!r} is not a plain string.")
    elif source.startswith(("./", "../")):
        yield from _local(place, block, name, normpath(join(place.folder, source)))
    elif not any(_begins(source, prefix) for prefix in place.rules.modules):
        place.say(
            block.line,
            f"The source of module {name!r}, {source}, is not allowed.",
            "Keep the module in terraform/modules, or allow it in [tool.pipeline].",
        )


def _local(place: Place, block: Block, name: str, target: str) -> Iterator[str]:
    real = None if target.startswith("..") else place.tree.real(target)
    if real is None:
        place.say(block.line, f"The source of module {name!r} lies outside the repository.")
    elif any(not path.endswith(".tfvars") for path in place.tree.terraform_files(real)):
        yield real  # Terraform follows a link here: path.module is what it leads to
    else:
        place.say(block.line, f"The source of module {name!r} is no folder with .tf files.")


def _begins(source: str, prefix: str) -> bool:
    """Whether a source lies below an allowed one; nothing in it may lead out again."""
    rest = source[len(prefix) :]
    if not source.startswith(prefix) or ".." in rest or "%" in rest or "\\" in rest:
        return False
    return prefix.endswith(("/", "=")) or rest[:1] in ("", "/", "?")


def _text(block: Block, name: str) -> str | None:
    attribute = block.attributes.get(name)
    return attribute.literal if attribute else None
