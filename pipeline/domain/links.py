"""Symbolic links of a tree: what a path leads to, and what therefore has to be looked at."""

from __future__ import annotations

from pipeline.domain.tree import Tree

#: As many as Linux follows (path_resolution(7)).
_MOST = 40
#: Folders of a checkout that are no part of its commit.
_PRIVATE = frozenset({".git", ".terraform"})


class LinkError(ValueError):
    """A link that cannot be followed inside the repository; ``path`` is the link."""

    def __init__(self, path: str, sentence: str) -> None:
        super().__init__(sentence)
        self.path = path
        self.sentence = sentence


def follow(tree: Tree, path: str) -> str:
    """The path with every link in it followed; raises :class:`LinkError`.

    The path need not be there. A tree without links costs nothing.
    """
    known = set(tree.links(""))
    if not known:
        return path
    left, done, hops, last = path.split("/")[::-1], list[str](), 0, ""
    while left:
        part = left.pop()
        if part in ("", "."):
            continue
        if part == "..":
            if not done:
                raise LinkError(last, "leads out of the repository")
            done.pop()
            continue
        done.append(part)
        here = "/".join(done)
        if here not in known:
            continue
        last, hops = here, hops + 1
        if hops > _MOST:
            raise LinkError(here, "goes in a circle")
        target = (tree.read(here) or b"").decode(errors="replace")
        if target.startswith("/"):
            raise LinkError(here, "leads out of the repository")
        done.pop()
        left += target.split("/")[::-1]
    if hops and any(part.lower() in _PRIVATE for part in done):
        raise LinkError(last, "leads to what is no part of the repository")
    return "/".join(done)


def observed(tree: Tree, path: str) -> dict[str, str]:
    """What is to be seen at a path: it and all that its links lead to, each with its object id.

    ``absent`` where nothing is there. Raises :class:`LinkError`.
    """
    found: dict[str, str] = {}
    seen: set[str] = set()
    left = [path]
    while left:
        here = left.pop()
        real = follow(tree, here)
        found |= dict.fromkeys((here, real), tree.hash(real) or "absent")
        if real not in seen:
            seen.add(real)
            left += tree.links(real)
    return found
