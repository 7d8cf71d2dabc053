"""The git database: refs, commits, trees, blobs."""

from __future__ import annotations

import base64
from typing import Any

from sandbox.github import refs
from sandbox.github.api.core import Answer, Call, operation
from sandbox.github.api.errors import ApiError, invalid, not_found
from sandbox.github.api.repos import READ, WRITE, guard_push, guard_workflows
from sandbox.github.gitrepo import GitError, Person
from sandbox.github.model import ZERO, now
from sandbox.github.shapes import common


@operation("get", "~/git/ref/{ref}", READ)
def get_ref(call: Call) -> Answer:
    ref = f"refs/{call.path['ref']}"
    if ref not in call.hub.state.refs:
        raise not_found()
    return Answer(200, _ref(call, ref))


@operation("get", "~/git/matching-refs/{ref}", READ)
def matching_refs(call: Call) -> Answer:
    prefix = f"refs/{call.path['ref']}"
    found = sorted(ref for ref in call.hub.state.refs if ref.startswith(prefix))
    return call.page(found, lambda ref: _ref(call, ref))


def _ref(call: Call, ref: str) -> dict[str, Any]:
    sha = call.hub.state.refs[ref]
    return {
        "ref": ref,
        "node_id": common.node("Ref", ref),
        "url": f"{common.root(call.hub)}/git/{ref}",
        "object": {
            "type": "commit",
            "sha": sha,
            "url": f"{common.root(call.hub)}/git/commits/{sha}",
        },
    }


@operation("post", "~/git/refs", WRITE)
def create_ref(call: Call) -> Answer:
    ref, sha = call.body["ref"], call.body["sha"]
    if not ref.startswith(refs.BRANCHES):
        raise ApiError(422, "Reference name must start with 'refs/heads/' or 'refs/tags/'.")
    if ref in call.hub.state.refs:
        raise ApiError(422, "Reference already exists")
    if call.hub.repo.resolve(sha) != sha:
        raise ApiError(422, "Object does not exist")
    guard_workflows(call, ZERO, sha)
    refs.update(call.hub, ref, sha, call.by)
    return Answer(201, _ref(call, ref))


@operation("patch", "~/git/refs/{ref}", WRITE)
def update_ref(call: Call) -> Answer:
    ref, sha = f"refs/{call.path['ref']}", call.body["sha"]
    old = call.hub.state.refs.get(ref)
    if old is None:
        raise ApiError(422, "Reference does not exist")
    guard_push(call, ref)
    if call.hub.repo.resolve(sha) != sha:
        raise ApiError(422, "Object does not exist")
    if not call.body.get("force") and not call.hub.repo.is_ancestor(old, sha):
        raise ApiError(422, "Update is not a fast forward")
    guard_workflows(call, old, sha)
    refs.update(call.hub, ref, sha, call.by)
    return Answer(200, _ref(call, ref))


@operation("delete", "~/git/refs/{ref}", WRITE)
def delete_ref(call: Call) -> Answer:
    ref = f"refs/{call.path['ref']}"
    if ref not in call.hub.state.refs:
        raise ApiError(422, "Reference does not exist")
    rules = call.hub.state.protections.get(ref.removeprefix("refs/heads/"))
    if rules and not rules.allow_deletions:
        raise ApiError(422, "Cannot delete this protected branch")
    refs.delete(call.hub, ref, call.by)
    return Answer(204)


@operation("get", "~/git/commits/{commit_sha}", READ)
def get_git_commit(call: Call) -> Answer:
    try:
        return Answer(
            200, common.git_commit(call.hub, call.hub.repo.commit(call.path["commit_sha"]))
        )
    except GitError as error:
        raise not_found() from error


@operation("post", "~/git/commits", WRITE)
def create_git_commit(call: Call) -> Answer:
    body = call.body
    account = call.hub.user(call.by.login)
    people = []
    for part in ("author", "committer"):
        raw = body.get(part) or body.get("author") or {}
        people.append(
            Person(raw.get("name", account.name), raw.get("email", account.email),
                   raw.get("date", now()))
        )  # fmt: skip
    try:
        sha = call.hub.repo.commit_tree(
            body["tree"], list(body.get("parents", [])), body["message"], people[0], people[1]
        )
    except GitError as error:
        raise ApiError(422, "Tree SHA does not exist") from error
    return Answer(201, common.git_commit(call.hub, call.hub.repo.commit(sha)))


def _tree(call: Call, sha: str, recursive: bool) -> dict[str, Any]:
    rows = []
    for mode, kind, blob, size, path in call.hub.repo.tree(sha, recursive):
        folder = "trees" if kind == "tree" else "blobs"
        row = {"path": path, "mode": mode, "type": kind, "sha": blob,
               "url": f"{common.root(call.hub)}/git/{folder}/{blob}"}  # fmt: skip
        rows.append(row if size is None else {**row, "size": size})
    url = f"{common.root(call.hub)}/git/trees/{sha}"
    return {"sha": sha, "url": url, "tree": rows, "truncated": False}


@operation("get", "~/git/trees/{tree_sha}", READ)
def get_tree(call: Call) -> Answer:
    rev = call.path["tree_sha"]
    try:
        commit = call.hub.repo.resolve(rev)
        sha = call.hub.repo.git("rev-parse", "--verify", "--end-of-options",
                                f"{commit or rev}^{{tree}}").strip()  # fmt: skip
    except GitError as error:
        raise not_found() from error
    return Answer(200, _tree(call, sha, "recursive" in call.query))


@operation("post", "~/git/trees", WRITE)
def create_tree(call: Call) -> Answer:
    entries = []
    for raw in call.body["tree"]:
        sha = raw.get("sha")
        if "content" in raw:
            sha = call.hub.repo.write_blob(raw["content"].encode())
        entries.append((raw.get("mode", "100644"), sha, raw["path"]))
    try:
        sha = call.hub.repo.edit_tree(call.body.get("base_tree"), entries)
    except GitError as error:
        raise invalid("Tree", "tree", "invalid", str(error)) from error
    return Answer(201, _tree(call, sha, False))


@operation("post", "~/git/blobs", WRITE)
def create_blob(call: Call) -> Answer:
    raw = call.body["content"]
    encoded = call.body.get("encoding") == "base64"
    sha = call.hub.repo.write_blob(base64.b64decode(raw) if encoded else raw.encode())
    return Answer(201, {"sha": sha, "url": f"{common.root(call.hub)}/git/blobs/{sha}"})
