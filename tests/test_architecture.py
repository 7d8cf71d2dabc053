"""Which part may import which: the arrows of the design, held for every module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

#: part -> the parts it must not import.
FORBIDDEN = {
    "pipeline/domain": ["pipeline.adapters", "pipeline.usecases", "pipeline.cli", "pipeline.output",
                        "pipeline.config", "pipeline.settings", "pipeline.results",
                        "pipeline.render", "sandbox", "app", "knowledgeweaver"],
    "pipeline/adapters": ["pipeline.usecases", "pipeline.cli", "sandbox", "app", "knowledgeweaver"],
    "pipeline/usecases": ["pipeline.cli", "sandbox", "app", "knowledgeweaver"],
    "pipeline": ["sandbox", "app", "knowledgeweaver"],
    "app": ["pipeline", "sandbox"],
}  # fmt: skip

#: What the domain may not use either: it does no I/O.
IO = [
    "os",
    "subprocess",
    "socket",
    "pathlib",
    "tempfile",
    "shutil",
    "boto3",
    "httpx",
    "urllib.request",
]

#: All that the sandbox may know of the pipeline.
SANDBOX_MAY = ("pipeline.errors", "pipeline.domain", "pipeline.adapters.tools")


def imports(file: Path) -> Iterator[tuple[str, int]]:
    """Every imported module of a file, those inside functions included, with its line."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from ((name.name, node.lineno) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((f"{node.module}.{name.name}", node.lineno) for name in node.names)


def modules(part: str) -> list[Path]:
    return [
        p for p in (ROOT / part).rglob("*.py") if ".venv" not in p.parts and "tests" not in p.parts
    ]


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def broken(part: str, forbidden: list[str]) -> list[str]:
    return [
        f"{file.relative_to(ROOT)}:{line} imports {name}"
        for file in modules(part)
        for name, line in imports(file)
        if any(within(name, package) for package in forbidden)
    ]


@pytest.mark.parametrize("part", FORBIDDEN)
def test_no_arrow_points_the_wrong_way(part: str) -> None:
    assert modules(part), f"{part} holds no module; the rule would hold nothing"
    assert broken(part, FORBIDDEN[part]) == []


def test_the_domain_does_no_io() -> None:
    assert broken("pipeline/domain", IO) == []


def test_every_document_is_read_where_its_depth_is_limited() -> None:
    wrong = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in modules("pipeline")
        if file.name != "withdraw.py"  # reads what the same command wrote
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in ("json", "tomllib")
        and node.attr in ("load", "loads")
    ]
    assert [where.partition(":")[0] for where in wrong] == ["pipeline/domain/nested.py"] * 2, wrong


def test_the_sandbox_knows_only_the_words_of_the_pipeline() -> None:
    wrong = [
        f"{file.relative_to(ROOT)}:{line} imports {name}"
        for file in modules("sandbox")
        for name, line in imports(file)
        if within(name, "pipeline") and not any(within(name, may) for may in SANDBOX_MAY)
    ]
    assert wrong == []
