"""Merges by real git: nothing of the checkout decides how they come out."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.adapters.git_merges import Merges
from pipeline.errors import Failure
from tests.scratch import Scratch


@pytest.fixture
def repo(tmp_path: Path) -> Scratch:
    (tmp_path / "root").mkdir()
    return Scratch(tmp_path / "root")


def branch(repo: Scratch, name: str, start: str, files: dict[str, str | None]) -> str:
    repo.git("checkout", "-q", "-B", name, start)
    return repo.commit(files)


def test_a_merge_without_a_conflict_gives_its_tree_and_leaves_nothing(repo: Scratch) -> None:
    one = branch(repo, "one", repo.first, {"a": "1\n"})
    two = branch(repo, "two", repo.first, {"b": "2\n"})
    objects = sorted((repo.root / ".git/objects").rglob("*"))
    with Merges(repo.root) as merges:
        merged = merges.merge(one, two)
        assert merged is not None
        assert merged.conflicts == ()
        folder = merges.path
        assert merges.merge(two, one) == merged
    assert not folder.exists()
    assert sorted((repo.root / ".git/objects").rglob("*")) == objects
    repo.git("merge", "-q", "one")
    assert repo.git("rev-parse", "HEAD^{tree}") == merged.tree


def test_conflicts_are_named_and_commits_without_anything_in_common_do_not_merge(
    repo: Scratch,
) -> None:
    one = branch(repo, "one", repo.first, {"a b": "1\n", "c": "1\n"})
    two = branch(repo, "two", repo.first, {"a b": "2\n", "d": "1\n"})
    repo.git("checkout", "-q", "--orphan", "alone")
    alone = repo.commit({"x": "1\n"})
    with Merges(repo.root) as merges:
        merged = merges.merge(one, two)
        assert merged is not None
        assert merged.conflicts == ("a b",)
        assert merges.merge(one, alone) is None
        assert merges.merge(one, "1" * 40) is None
        assert merges.bases(one, alone) == frozenset()
        assert merges.bases(one, two) == {repo.first}


def test_with_a_base_only_what_lies_behind_it_is_merged(repo: Scratch) -> None:
    evil = branch(repo, "topic", repo.first, {"evil": "1\n"})
    good = repo.commit({"good": "1\n"})
    with Merges(repo.root) as merges:
        merged = merges.merge(repo.first, good, evil)
        assert merged is not None
        listed = repo_files(merges, merged.tree)
    assert "good" in listed
    assert "evil" not in listed


def repo_files(merges: Merges, tree: str) -> list[str]:
    from pipeline.adapters.git import git

    return git(merges.path, "ls-tree", "-r", "--name-only", tree).decode().split()


@pytest.mark.parametrize("place", [".gitattributes", ".git/info/attributes", "global"])
@pytest.mark.parametrize("driver", ["union", "ours", "fake"])
def test_no_attribute_and_no_driver_decides(
    repo: Scratch, place: str, driver: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = tmp_path / "ran"
    repo.git("config", "merge.fake.driver", f"touch {ran}; true")
    line = f"* merge={driver}\n"
    start = repo.first
    if place == ".gitattributes":
        start = repo.commit({place: line})
    elif place == "global":
        (tmp_path / "git").mkdir()
        (tmp_path / "git/attributes").write_text(line)
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    else:
        (repo.root / ".git/info").mkdir(exist_ok=True)
        (repo.root / place).write_text(line)
    one = branch(repo, "one", start, {"a": "1\n"})
    two = branch(repo, "two", start, {"a": "2\n"})
    with Merges(repo.root) as merges:
        merged = merges.merge(one, two)
    assert merged is not None
    assert merged.conflicts == ("a",)
    assert not ran.exists()


def test_a_replaced_commit_stays_what_it_is(repo: Scratch) -> None:
    one = branch(repo, "one", repo.first, {"a": "1\n"})
    evil = branch(repo, "evil", repo.first, {"a": "evil\n"})
    with Merges(repo.root) as merges:
        tree = merges.tree(one)
    repo.git("replace", one, evil)
    with Merges(repo.root) as merges:
        assert merges.tree(one) == tree


def test_a_clean_merge_is_one_without_an_edit_and_of_two_parents(repo: Scratch) -> None:
    topic = branch(repo, "topic", repo.first, {"a": "1\n"})
    main = branch(repo, "base", repo.first, {"b": "1\n"})
    repo.git("checkout", "-q", "topic")
    repo.git("merge", "-q", "--no-ff", "-m", "m", "base")
    clean = repo.git("rev-parse", "HEAD")
    (repo.root / "slipped").write_text("in")
    repo.git("add", "-A")
    repo.git("commit", "-q", "--amend", "-m", "m")
    edited = repo.git("rev-parse", "HEAD")
    with Merges(repo.root) as merges:
        assert merges.clean(clean, (topic, main))
        assert not merges.clean(edited, (topic, main))
        assert not merges.clean(topic, (repo.first,))
        assert not merges.clean(clean, (topic, main, main))


def test_what_a_commit_brought_is_taken_back_and_a_conflict_says_no(repo: Scratch) -> None:
    one = branch(repo, "one", repo.first, {"a": "1\n"})
    two = repo.commit({"b": "1\n"})
    three = repo.commit({"b": "2\n"})
    with Merges(repo.root) as merges:
        back = merges.take_back(two, one)
        assert back is not None
        assert "a" not in repo_files(merges, back)
        assert merges.take_back(three, two) is None


def test_commits_that_are_not_here_are_fetched_and_those_that_are_nowhere_are_told(
    repo: Scratch, tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    repo.git("clone", "-q", str(repo.root), str(clone))
    away = branch(repo, "away", repo.first, {"a": "1\n"})
    repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
    wanted = {away, "1" * 40, "--upload-pack=touch x", ""}
    with Merges(clone, f"file://{repo.root}") as merges:
        assert merges.fetch(wanted) == wanted - {away}
        assert merges.has(away)
        assert merges.commits(away, [repo.first]) == {away: (repo.first,)}
    with Merges(clone) as merges:
        assert merges.fetch([away]) == {away}
    assert not (clone / ".git/FETCH_HEAD").exists()


def test_a_part_of_the_history_is_refused(repo: Scratch, tmp_path: Path) -> None:
    repo.commit({"a": "1\n"})
    clone = tmp_path / "clone"
    repo.git("clone", "-q", "--depth", "1", f"file://{repo.root}", str(clone))
    with pytest.raises(Failure, match="only a part of the history") as told:
        Merges(clone)
    assert "fetch-depth: 0" in str(told.value)
