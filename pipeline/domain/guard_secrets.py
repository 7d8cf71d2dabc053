"""What would show secrets to whoever writes a pull request: blocks that read them during a plan.

The plan role can read the secrets of the estate, because providers refresh what holds them. A
block that reads one makes its value usable in every other expression, from where it could leave
in pieces that no detection of secrets knows. So a pull request may not bring such a block; what
main has already, its owners have put there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.domain.hcl import Block, Token
from pipeline.errors import Problem

#: Data sources of the AWS provider that hand out secrets, or bodies of objects (states are some).
DATA = frozenset(
    "aws_ecr_authorization_token aws_eks_cluster_auth aws_kms_secret aws_kms_secrets "
    "aws_lambda_invocation aws_s3_bucket_object aws_s3_object aws_secretsmanager_secret_version "
    "aws_ssm_parameter aws_ssm_parameters_by_path".split()
)
#: Ephemeral resources are made for secrets; this one invents them.
HARMLESS_EPHEMERAL = frozenset({"aws_secretsmanager_random_password"})
#: Importing these reads the secret, or lets a block of main read another one.
IMPORTED = frozenset(
    {"aws_secretsmanager_secret", "aws_secretsmanager_secret_version", "aws_ssm_parameter"}
)
#: Parameters that AWS itself publishes, such as the newest machine images.
PUBLIC_PARAMETER = "/aws/service/"
#: References that a pull request may change without touching the block.
INDIRECT = frozenset({"data", "local", "module", "var"})


@dataclass(frozen=True, slots=True)
class SecretRead:
    """A block that reads secrets; ``text`` is what two of them have in common when they are one.

    ``fixed`` says that which secret it reads is written in the block or is a resource of the state.
    """

    what: str
    place: str
    text: tuple[str, ...]
    fixed: bool


def secret_reads(root: Block, folder: str, path: str) -> Iterator[SecretRead]:
    """The blocks of a file that read secrets, also those inside checks."""
    for block in root.blocks:
        yield from secret_reads(block, folder, path)
        what = _what(block)
        if what:
            tokens = tuple(block.tokens())
            fixed = not any(token.kind == "name" and token.text in INDIRECT for token in tokens)
            yield SecretRead(what, f"{path}:{block.line}", (folder, *_text(block)), fixed)


def secret_problems(
    reads: Iterable[SecretRead], on_main: Iterable[SecretRead]
) -> Iterator[Problem]:
    """What is wrong with the reads of a pull request, given those that main has."""
    known = {read.text for read in on_main}
    for read in reads:
        if read.text not in known:
            yield Problem(
                f"{read.what} reads a secret during the plan, and main has no such block.",
                read.place,
                "Hand on the secret's ARN and let what runs read it, as containers' secrets do.",
            )
        elif not read.fixed:
            yield Problem(
                f"{read.what} does not say in itself which secret it reads.",
                read.place,
                "Write the name out or refer to the secret's resource.",
            )


def _what(block: Block) -> str:
    kind = block.labels[0] if block.labels else ""
    if block.type == "data" and kind in DATA and not _public(block):
        return f'data "{kind}"'
    if block.type == "ephemeral" and kind not in HARMLESS_EPHEMERAL:
        return f'ephemeral "{kind}"'
    if block.type == "import" and (to := block.attributes.get("to")):
        found = [token.text for token in to.tokens if token.text in IMPORTED]
        return f"The import of {found[0]}" if found else ""
    return ""


def _public(block: Block) -> bool:
    """Whether a parameter is AWS's own, or stays encrypted."""
    decrypted = block.attributes.get("with_decryption")
    if decrypted and [token.text for token in decrypted.tokens] == ["false"]:
        return "ssm" in block.labels[0]
    named = block.attributes.get("name") or block.attributes.get("path")
    return (
        "ssm" in block.labels[0]
        and named is not None
        and (named.literal or "").startswith(PUBLIC_PARAMETER)
    )


def _text(block: Block) -> Iterator[str]:
    yield from (block.type, *block.labels, "{")
    for name, attribute in sorted(block.attributes.items()):
        yield from (name, "=", *_words(attribute.tokens))
    for inner in block.blocks:
        yield from _text(inner)
    yield "}"


def _words(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        yield f"{token.kind} {token.text}"
