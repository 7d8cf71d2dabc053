"""The repository, its branches and commits, contents, the git database, the user."""

from __future__ import annotations

import base64
from typing import Any

from sandbox.github import refs
from sandbox.github.api.core import REPO, Answer, Call, operation
from sandbox.github.api.errors import ApiError, not_found
from sandbox.github.api.protection import required
from sandbox.github.diffs import changed_files
from sandbox.github.gitrepo import GitError, Person
from sandbox.github.model import DEFAULT_BRANCH
from sandbox.github.shapes import common

READ, WRITE = "contents:read", "contents:write"


def _repo(call: Call) -> dict[str, Any]:
    role = call.by.role
    rights = {
        "admin": role == "admin", "maintain": role in ("maintain", "admin"),
        "push": role in ("write", "maintain", "admin"), "triage": role != "read", "pull": True,
    }  # fmt: skip
    return {**common.repository(call.hub), "permissions": rights}


@operation("get", REPO, "metadata:read")
def get_repo(call: Call) -> Answer:
    return Answer(200, _repo(call))


@operation("patch", REPO, "administration:write")
def update_repo(call: Call) -> Answer:
    """Of all settings only the visibility can be changed here."""
    body = call.body
    if "private" in body:
        call.hub.state.visibility = "private" if body["private"] else "public"
    call.hub.state.visibility = body.get("visibility", call.hub.state.visibility)
    return Answer(200, _repo(call))


@operation("get", "~/branches", READ)
def list_branches(call: Call) -> Answer:
    def short(name: str) -> dict[str, Any]:
        sha = call.hub.head(name) or ""
        url = f"{common.root(call.hub)}/commits/{sha}"
        protected = name in call.hub.state.protections
        return {"name": name, "commit": {"sha": sha, "url": url}, "protected": protected}

    names = sorted(
        ref.removeprefix("refs/heads/")
        for ref in call.hub.state.refs
        if ref.startswith("refs/heads/")
    )
    return call.page(names, short)


@operation("get", "~/branches/{branch}", READ)
def get_branch(call: Call) -> Answer:
    name = call.path["branch"]
    sha = call.hub.head(name)
    if sha is None:
        raise ApiError(404, "Branch not found")
    url = f"{common.root(call.hub)}/branches/{name}"
    rules = call.hub.state.protections.get(name)
    wanted = (rules.checks or []) if rules else []
    level = "non_admins" if rules and not rules.enforce_admins else "everyone"
    checks = {
        "enforcement_level": level if rules else "off",
        "contexts": [check.context for check in wanted],
        "checks": required(wanted),
    }
    return Answer(
        200,
        {
            "name": name,
            "commit": common.commit(call.hub, call.hub.repo.commit(sha)),
            "_links": {"self": url, "html": f"{common.page(call.hub)}/tree/{name}"},
            "protected": rules is not None,
            "protection": {"enabled": rules is not None, "required_status_checks": checks},
            "protection_url": f"{url}/protection",
        },
    )


@operation("get", "~/commits", READ)
def list_commits(call: Call) -> Answer:
    start = call.query.get("sha", DEFAULT_BRANCH)
    sha = call.hub.repo.resolve(start)
    if sha is None:
        raise not_found()
    found = call.hub.repo.log(sha, limit=1000, path=call.query.get("path"))
    return call.page(found, lambda commit: common.commit(call.hub, commit))


@operation("get", "~/commits/{ref}", READ)
def get_commit(call: Call) -> Answer:
    item = call.hub.repo.commit(call.sha())
    old = item.parents[0] if item.parents else "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    files = changed_files(call.hub.repo, old, item.sha)
    return Answer(200, common.commit(call.hub, item, files))


@operation("get", "~/compare/{basehead}", READ)
def compare(call: Call) -> Answer:
    left, dots, right = call.path["basehead"].partition("...")
    base, head = call.hub.repo.resolve(left), call.hub.repo.resolve(right)
    if not dots or base is None or head is None:
        raise not_found()
    repo = call.hub.repo
    start = repo.merge_base(base, head)
    if start is None:
        raise ApiError(404, f"No common ancestor between {left} and {right}.")
    ahead, behind = repo.count(f"{base}..{head}"), repo.count(f"{head}..{base}")
    kinds = {(True, True): "diverged", (True, False): "ahead", (False, True): "behind"}
    at = f"{common.page(call.hub)}/compare/{left}...{right}"
    commits = [common.commit(call.hub, c) for c in reversed(repo.log(f"{base}..{head}"))]
    files = changed_files(repo, start, head)
    return Answer(
        200,
        {
            "url": f"{common.root(call.hub)}/compare/{left}...{right}",
            "html_url": at,
            "permalink_url": at,
            "diff_url": f"{at}.diff",
            "patch_url": f"{at}.patch",
            "base_commit": common.commit(call.hub, repo.commit(base)),
            "merge_base_commit": common.commit(call.hub, repo.commit(start)),
            "status": kinds.get((ahead > 0, behind > 0), "identical"),
            "ahead_by": ahead,
            "behind_by": behind,
            "total_commits": ahead,
            "commits": commits,
            "files": [common.diff_entry(call.hub, file, head) for file in files[:300]],
        },
    )


@operation("get", "~/contents/{path}", READ)
def get_contents(call: Call) -> Answer:
    sha = call.hub.repo.resolve(call.query.get("ref", DEFAULT_BRANCH))
    if sha is None:
        raise ApiError(404, f"No commit found for the ref {call.query.get('ref')}")
    path = call.path["path"].strip("/")
    folder, _, name = path.rpartition("/")
    try:
        entries = call.hub.repo.tree(f"{sha}:{folder}" if folder else sha)
    except GitError as error:
        raise not_found() from error
    for _, kind, blob, size, entry in entries:
        if entry == name and kind == "blob":
            shape = _entry(call, sha, path, kind, blob, size)
            content = call.hub.repo.blob(sha, path) or b""
            text = base64.encodebytes(content).decode()
            return Answer(200, {**shape, "encoding": "base64", "content": text})
        if entry == name and kind == "tree":
            inner = call.hub.repo.tree(f"{sha}:{path}")
            rows = [_entry(call, sha, f"{path}/{e}", k, b, s) for _, k, b, s, e in inner]
            return Answer(200, rows)
    raise not_found()


def _entry(
    call: Call, ref: str, path: str, kind: str, sha: str, size: int | None
) -> dict[str, Any]:
    url = f"{common.root(call.hub)}/contents/{path}?ref={ref}"
    git = f"{common.root(call.hub)}/git/{'trees' if kind == 'tree' else 'blobs'}/{sha}"
    html = f"{common.page(call.hub)}/{kind}/{ref}/{path}"
    return {
        "type": "dir" if kind == "tree" else "file",
        "size": size or 0,
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": sha,
        "url": url,
        "git_url": git,
        "html_url": html,
        "download_url": None if kind == "tree" else html,
        "_links": {"self": url, "git": git, "html": html},
    }


@operation("put", "~/contents/{path}", WRITE)
def put_contents(call: Call) -> Answer:
    body, path = call.body, call.path["path"].strip("/")
    branch = body.get("branch", DEFAULT_BRANCH)
    head = call.hub.head(branch)
    if head is None:
        raise ApiError(404, f"Branch {branch} not found")
    guard_push(call, f"refs/heads/{branch}")
    old = next((e[2] for e in call.hub.repo.tree(head, True) if e[4] == path), None)
    if old is not None and body.get("sha") != old:
        status = 409 if body.get("sha") else 422
        raise ApiError(status, f'Invalid request.\n\n"sha" wasn\'t supplied or {path} changed.')
    blob = call.hub.repo.write_blob(base64.b64decode(body["content"]))
    tree = call.hub.repo.edit_tree(head, [("100644", blob, path)])
    account = call.hub.user(call.by.login)
    me = Person(account.name, account.email)
    who = [Person(p["name"], p["email"]) if (p := body.get(k)) else me
           for k in ("author", "committer")]  # fmt: skip
    sha = call.hub.repo.commit_tree(tree, [head], body["message"], who[0], who[1])
    guard_workflows(call, head, sha)
    refs.update(call.hub, f"refs/heads/{branch}", sha, call.by)
    size = len(base64.b64decode(body["content"]))
    shape = _entry(call, sha, path, "blob", blob, size)
    commit = common.git_commit(call.hub, call.hub.repo.commit(sha))
    return Answer(200 if old else 201, {"content": shape, "commit": commit})


def guard_workflows(call: Call, before: str, after: str) -> None:
    """Refuse an app's change of workflow files, as a push would be."""
    if reason := refs.workflow_refusal(call.hub, call.by, before, after):
        raise ApiError(403, reason)


def guard_push(call: Call, ref: str) -> None:
    """Refuse what a push to a protected branch would be refused, too."""
    rules = call.hub.state.protections.get(ref.removeprefix("refs/heads/"))
    if rules and (reason := refs.push_refusal(rules, call.by)):
        raise ApiError(409, f"Repository rule violations found\n\n{reason}")
