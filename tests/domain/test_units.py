"""Unit digests on real git repositories: what counts, what does not, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.adapters.git import GitTree, snapshot
from pipeline.config import load_estate
from pipeline.domain.model import UnitId
from pipeline.domain.tree import MemoryTree
from pipeline.domain.units import Estate, affected, explain, shards
from pipeline.errors import Failure
from pipeline.settings import StackConfig
from tests.scratch import ESTATE, Scratch

DEV, PROD, BASE = UnitId("web", "dev"), UnitId("web", "prod"), UnitId("base", "shared")
WEB = "terraform/envs/web"


@pytest.fixture
def repo(tmp_path: Path) -> Scratch:
    return Scratch(tmp_path)


def estate(repo: Scratch, commit: str = "HEAD") -> Estate[StackConfig]:
    return load_estate(GitTree(repo.root, commit))


def what(repo: Scratch, before: str, after: str = "HEAD") -> dict[str, tuple[str, ...]]:
    found = affected(estate(repo, before), estate(repo, after))
    return {str(item.unit): item.files for item in found}


MAIN = ESTATE[f"{WEB}/main.tf"]


@pytest.mark.parametrize(
    ("file", "text", "units"),
    [
        ("docs/readme.md", "other", []),
        ("terraform/modules/unused/main.tf", "", []),
        ("terraform/modules/net/more.tf", "locals { a = 1 }", ["dev", "prod"]),
        ("terraform/modules/tag/new.tf", "locals { a = 1 }", ["dev", "prod"]),
        ("terraform/shared/motd.txt", "goodbye", ["dev", "prod"]),
        ("terraform/shared/other.txt", "goodbye", []),
        (f"{WEB}/main.tf", MAIN + "locals { b = 1 }\n", ["dev", "prod"]),
        (f"{WEB}/.terraform.lock.hcl", "# other", ["dev", "prod"]),
        (f"{WEB}/prod.tfvars", "size = 4\n", ["prod"]),
        ("app/main.py", "print(2)\n", ["dev", "prod"]),
        ("app/new/file.py", "", ["dev", "prod"]),
    ],
)
def test_a_changed_file_affects_exactly_these(
    repo: Scratch, file: str, text: str, units: list[str]
) -> None:
    repo.commit({file: text})
    assert what(repo, repo.first) == {f"web/{name}": (file,) for name in units}


def test_the_settings_of_another_workspace_and_comments_do_not_count(repo: Scratch) -> None:
    toml = ESTATE[f"{WEB}/stack.toml"]
    repo.commit({f"{WEB}/stack.toml": toml.replace("protected = true", "protected = false")})
    assert list(what(repo, repo.first)) == ["web/prod"]
    second = repo.git("rev-parse", "HEAD")
    repo.commit({f"{WEB}/stack.toml": "# words\n" + (repo.root / WEB / "stack.toml").read_text()})
    assert what(repo, second) == {}


def test_a_file_that_is_read_but_not_there_counts_once_it_appears(repo: Scratch) -> None:
    before = repo.commit({f"{WEB}/x.tf": 'locals { x = fileexists("../../maybe.txt") }\n'})
    repo.commit({"terraform/maybe.txt": "now"})
    assert what(repo, before) == {
        "web/dev": ("terraform/maybe.txt",),
        "web/prod": ("terraform/maybe.txt",),
    }


def test_a_computed_path_counts_as_its_whole_folder(repo: Scratch) -> None:
    code = 'locals { x = templatefile("${path.root}/../../shared/${var.size}.tftpl", {}) }\n'
    before = repo.commit({f"{WEB}/x.tf": code})
    repo.commit({"terraform/shared/9.tftpl": "x"})
    assert what(repo, before)["web/dev"] == ("terraform/shared/9.tftpl",)


def test_a_module_that_is_no_longer_used_is_named(repo: Scratch) -> None:
    repo.commit({"terraform/modules/net/main.tf": 'variable "cidr" {}\n'})
    assert what(repo, repo.first)["web/dev"] == (
        "terraform/modules/net/main.tf",
        "terraform/modules/tag/main.tf",
    )


def test_an_executable_bit_counts(repo: Scratch) -> None:
    (repo.root / "app/test.sh").chmod(0o755)
    repo.commit({})
    assert what(repo, repo.first)["web/dev"] == ("app/test.sh",)


def test_a_squash_merge_has_the_digests_of_the_branch(repo: Scratch) -> None:
    repo.git("switch", "-q", "-c", "topic")
    repo.commit({f"{WEB}/dev.tfvars": "size = 2\n"})
    tip = repo.commit({"docs/readme.md": "more"})
    repo.git("switch", "-q", "main")
    repo.git("merge", "-q", "--squash", "topic")
    repo.git("commit", "-q", "-m", "squashed")
    assert what(repo, tip) == {}
    assert list(what(repo, repo.first)) == ["web/dev"]


def test_a_revert_brings_the_digest_back(repo: Scratch) -> None:
    repo.commit({f"{WEB}/dev.tfvars": "size = 2\n"})
    repo.git("revert", "--no-edit", "HEAD")
    assert what(repo, repo.first) == {}


def test_a_force_push_to_an_unrelated_history_compares_contents_alone(repo: Scratch) -> None:
    repo.git("switch", "-q", "--orphan", "fresh")
    repo.commit({**ESTATE, "app/main.py": "print(3)\n"})
    assert set(what(repo, repo.first)) == {"web/dev", "web/prod"}


def test_a_removed_workspace_is_told_last(repo: Scratch) -> None:
    repo.commit({f"{WEB}/prod.tfvars": None, "app/main.py": ""})
    found = affected(estate(repo, repo.first), estate(repo))
    assert [(str(item.unit), item.after is None) for item in found] == [
        ("web/dev", False),
        ("web/prod", True),
    ]


def test_the_working_folder_has_the_digest_of_its_commit_to_be(repo: Scratch) -> None:
    repo.write({"app/main.py": "print(9)\n", "untracked.txt": "x"})
    before = repo.git("status", "--porcelain")
    working = load_estate(GitTree(repo.root, snapshot(repo.root)))
    assert repo.git("status", "--porcelain") == before
    repo.commit({})
    assert working.digest(DEV) == estate(repo).digest(DEV)
    assert working.digest(DEV) != estate(repo, repo.first).digest(DEV)


def test_a_tree_in_memory_hashes_as_git_does(repo: Scratch) -> None:
    memory = MemoryTree({path: text.encode() for path, text in ESTATE.items()})
    tree = GitTree(repo.root, repo.first)
    for path in ("", "app", "terraform", WEB, "app/main.py", "nowhere"):
        assert memory.hash(path) == tree.hash(path)
    assert load_estate(memory).digest(DEV) == load_estate(tree).digest(DEV)


def test_units_come_after_what_they_depend_on_and_workspace_after_workspace(repo: Scratch) -> None:
    whole = estate(repo)
    assert whole.waves(None) == [[BASE], [DEV], [PROD]]
    assert whole.waves([PROD, BASE]) == [[BASE], [PROD]]
    assert whole.waves([PROD]) == [[PROD]]


def test_an_unknown_unit_is_told_with_the_known_ones(repo: Scratch) -> None:
    with pytest.raises(Failure, match="Known: base/shared, web/dev, web/prod"):
        estate(repo).stack(UnitId("web", "qa"))


def test_no_more_than_256_shards_however_many_units() -> None:
    units = [UnitId("s", f"w{n}") for n in range(10_000)]
    packed = shards(units)
    assert len(packed) == 250
    assert [unit for shard in packed for unit in shard] == units
    assert [len(shard) for shard in shards(units[:3])] == [1, 1, 1]
    assert [len(shard) for shard in shards(units[:5], 2)] == [2, 2, 1]
    assert shards([]) == []


def test_explaining_equal_estates_names_no_file(repo: Scratch) -> None:
    assert explain(estate(repo), estate(repo), DEV) == ()
