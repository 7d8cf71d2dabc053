"""Terraform in a repository that no unit looks at: told, because silence would look like green."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from pipeline.domain.links import LinkError, follow
from pipeline.domain.nested import parse_json
from pipeline.domain.sources import facts
from pipeline.domain.tree import Tree
from pipeline.errors import Problem

#: Folders whose Terraform shows or tests something and is applied by nobody.
_SHOWN = frozenset("example examples fixtures test testdata tests".split())


def unlooked(
    tree: Tree, envs: str, modules: Collection[str], unmanaged: Iterable[str]
) -> Iterator[Problem]:
    """Root modules and settings that lie where nobody reads them.

    ``envs`` is the folder of the stacks, ``modules`` are the folders of all stacks and of the
    modules they call, ``unmanaged`` what the repository applies by other means.
    """
    files = tree.files("")
    left_alone = tuple(f"{folder.strip('/')}/" for folder in unmanaged)
    for link in tree.links(envs):
        if "/" not in link[len(envs) + 1 :]:
            yield Problem(f"{link} is a link, and nobody looks for a stack behind it.", link,
                          f"Move the folder itself to {link}.")  # fmt: skip
    told: set[str] = set()
    for path in files:
        folder, _, name = path.rpartition("/")
        if folder in told or path.startswith(left_alone):
            continue
        below = folder.startswith(f"{envs}/") or folder == envs
        if name == "stack.toml":
            alone = folder.rpartition("/")[0] != envs
        elif below and name.endswith((".tfvars", ".tf.json")):
            alone = folder not in modules and not _shown(folder)
        elif name.endswith((".tf", ".tf.json")) and not name.startswith("."):
            alone = folder not in modules and not _shown(folder) and _root(tree, path) > 0
        else:
            continue
        if alone:
            told.add(folder)
            line = _root(tree, path) if name.endswith(".tf") else 0
            where = f"{path}:{line}" if line else path
            yield Problem(f"No unit looks at {folder or 'the top folder'}.", where,
                          _remedy(tree, envs, folder))  # fmt: skip
    for folder in modules:
        if folder.rpartition("/")[0] == envs:
            yield from _unread_values(tree, folder)


def out_of_context(tree: Tree, app: str) -> Iterator[Problem]:
    """Links out of the image's build context: the build would find nothing behind them."""
    for link in tree.links(app):
        try:
            inside = follow(tree, link).startswith(f"{app}/")
        except LinkError:
            inside = False
        if not inside:
            yield Problem(f"The link {link} leads out of {app}, so the image's build would not "
                          "find what it leads to.", link, "Put the file itself there.")  # fmt: skip


def _remedy(tree: Tree, envs: str, folder: str) -> str:
    """What to do about a folder that no unit looks at."""
    if folder.rpartition("/")[0] == envs:
        return f'Write {folder}/stack.toml with workspaces = ["dev"], or remove the folder.'
    if folder in ("", envs):
        files = f"{folder}/*.tf".lstrip("/")
        return (
            f"A stack lies in a folder of its own: `mkdir -p {envs}/NAME && git mv {files} "
            f"{envs}/NAME/`."
        )
    name = folder.rpartition("/")[2]
    if tree.hash(f"{envs}/{name}") is not None:
        name = "NAME"
    return (
        f"A stack lies directly in {envs}: `git mv {folder} {envs}/{name}`. Where others apply it, "
        f'write unmanaged = ["{folder}"] into [tool.pipeline].'
    )


def _unread_values(tree: Tree, folder: str) -> Iterator[Problem]:
    for path in tree.files(folder):
        name = path[len(folder) + 1 :]
        if "/" not in name and name.endswith(".tfvars.json"):
            yield Problem(
                "Values in JSON are not read.", path, f"Write {name.removesuffix('.json')}."
            )


def _shown(folder: str) -> bool:
    return not _SHOWN.isdisjoint(folder.split("/"))


def _root(tree: Tree, path: str) -> int:
    """The line of a backend or provider in a file, 0 where there is none; of JSON always 1."""
    try:
        data = tree.read(follow(tree, path)) or b""
    except LinkError:
        return 0
    return _json_root(data) if path.endswith(".json") else facts(data).root


def _json_root(data: bytes) -> int:
    """1 where a file in Terraform's JSON syntax has a backend or provider.

    A file that is no JSON may be anything, and Terraform would not get past it.
    """
    try:
        document = parse_json(data)
    except ValueError:
        return 0
    if not isinstance(document, dict):
        return 0
    blocks = document.get("terraform")
    inner = blocks if isinstance(blocks, list) else [blocks]  # either is allowed
    found = {key for block in inner if isinstance(block, dict) for key in block}
    return int("provider" in document or not found.isdisjoint(("backend", "cloud")))
