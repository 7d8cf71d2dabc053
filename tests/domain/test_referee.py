"""Which files judge, and that a change of any of them is seen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.referee import is_referee, referee_digest
from pipeline.domain.tree import MemoryTree

FILES = {
    "pipeline/cli/main.py": b"1",
    "policies/a.yml": b"1",
    "bin/pipeline": b"1",
    ".github/workflows/deploy.yml": b"1",
    ".github/actions/setup/action.yml": b"1",
    ".github/CODEOWNERS": b"* @bob",
    "uv.lock": b"1",
    "tools.lock.toml": b"1",
    "pyproject.toml": b'[project]\nname = "a"\n[tool.pipeline]\nname = "kw"\n',
    "terraform/envs/web/main.tf": b"1",
    "app/main.py": b"1",
}
BEFORE = referee_digest(MemoryTree(FILES))


@pytest.mark.parametrize(
    "path",
    [
        *(path for path in FILES if not path.startswith(("terraform", "app", "pyproject"))),
        "pipeline/new.py",
        "CODEOWNERS",
        "docs/CODEOWNERS",
        "uv.toml",
        ".gitmodules",
        ".gitattributes",
        "terraform/envs/web/.gitattributes",
    ],
)
def test_a_change_of_what_judges_changes_its_digest(path: str) -> None:
    assert referee_digest(MemoryTree(FILES | {path: b"2"})) != BEFORE
    assert is_referee(path)
    without = {name: data for name, data in FILES.items() if name != path}
    assert (referee_digest(MemoryTree(without)) != BEFORE) is (path in FILES)


@pytest.mark.parametrize(
    "path",
    [
        "terraform/envs/web/main.tf",
        "app/main.py",
        "README.md",
        "pipelines/a",
        "a/uv.lock",
        "hmac.py",
    ],
)
def test_a_change_of_something_else_does_not(path: str) -> None:
    assert referee_digest(MemoryTree(FILES | {path: b"2"})) == BEFORE
    assert not is_referee(path)


def test_of_pyproject_all_but_the_linters_counts_and_a_broken_one_counts_whole() -> None:
    def with_text(text: str) -> str:
        return referee_digest(MemoryTree(FILES | {"pyproject.toml": text.encode()}))

    same = '[project]\nname = "a"\n[tool.pipeline]\nname="kw"  # same\n'
    assert with_text(same) == BEFORE
    assert with_text(same + "[tool.ruff.lint]\nselect = []\n[tool.mypy]\nstrict = false") == BEFORE
    for more in ('[tool.uv]\nindex-url = "https://evil"\n', '[tool.uv.sources]\na.path = "."\n',
                 '[build-system]\nrequires = []\nbuild-backend = "b"\n', '[tool.new]\na = 1\n',
                 '[project.scripts]\na = "b:c"\n', "[dependency-groups]\ndev = []\n"):  # fmt: skip
        assert with_text(same + more) != BEFORE
    assert with_text(same.replace('"a"', '"b"')) != BEFORE
    assert with_text('[tool.pipeline]\nname = "other"\n') != BEFORE
    assert (
        with_text('[tool.pipeline]\nname = "kw"\n[tool.pipeline.review]\nself = true\n') != BEFORE
    )
    assert with_text("[tool\n") != with_text("[tool \n") != BEFORE
    assert with_text("tool = 1\n") != BEFORE


@given(st.dictionaries(st.sampled_from(sorted(FILES)), st.binary(max_size=3)))
def test_no_tree_breaks_it_and_equal_trees_have_equal_digests(files: dict[str, bytes]) -> None:
    assert referee_digest(MemoryTree(files)) == referee_digest(MemoryTree(dict(files)))
