"""The GraphQL endpoint: GitHub's schema, its bounds and errors, what it tells of merges."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    build_schema,
)

from pipeline.adapters.tools import locate
from sandbox.github.graphql.endpoint import schema

from .local import Box, git, write

LANDING = """
query($oid: GitObjectID!) {
  rateLimit { cost remaining nodeCount }
  repository(owner: "knowledgeweaver", name: "delivery") {
    object(oid: $oid) { ... on Commit {
      oid
      associatedPullRequests(first: 5) { nodes {
        number title url state merged mergedAt mergeCommit { oid } baseRefName headRefName
        headRefOid isCrossRepository author { login __typename }
        labels(first: 10) { nodes { name } }
        reviews(first: 50) {
          totalCount pageInfo { hasNextPage endCursor }
          nodes { author { login __typename } state submittedAt commit { oid } }
        }
        commits(first: 50) {
          totalCount pageInfo { hasNextPage endCursor }
          nodes { commit {
            oid parents(first: 2) { nodes { oid } } author { user { login } }
            committer { user { login } } authors(first: 5) { nodes { user { login } } }
          } }
        }
        timelineItems(first: 50, itemTypes: [
          BASE_REF_CHANGED_EVENT, AUTOMATIC_BASE_CHANGE_SUCCEEDED_EVENT,
          HEAD_REF_FORCE_PUSHED_EVENT
        ]) { nodes {
          __typename
          ... on BaseRefChangedEvent { createdAt previousRefName currentRefName }
          ... on AutomaticBaseChangeSucceededEvent { createdAt oldBase newBase }
          ... on HeadRefForcePushedEvent { createdAt beforeCommit { oid } afterCommit { oid } }
        } }
      } }
    } }
  }
}
"""


def ask(box: Box, query: str, who: str = "alice", **variables: Any) -> dict[str, Any]:
    body = {"query": query, "variables": variables}
    answer = httpx.post(
        f"{box.url}/api/graphql", json=body,
        headers={"Authorization": f"Bearer {box.tokens.get(who, who)}"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def landing(box: Box, sha: str, who: str = "alice") -> list[dict[str, Any]]:
    answer = ask(box, LANDING, who, oid=sha)
    assert "errors" not in answer, answer
    found: list[dict[str, Any]] = answer["data"]["repository"]["object"]["associatedPullRequests"][
        "nodes"
    ]
    return found


def test_every_type_field_and_argument_is_one_of_githubs() -> None:
    whole = build_schema(locate("octokit-graphql").read_text(), assume_valid=True)
    for name, kind in schema().type_map.items():
        if name.startswith("__"):
            continue
        other: Any = whole.type_map[name]
        assert type(other) is type(kind), name
        if isinstance(kind, (GraphQLObjectType, GraphQLInterfaceType)):
            for field, ours in kind.fields.items():
                theirs = other.fields[field]
                assert str(theirs.type) == str(ours.type), f"{name}.{field}"
                for argument, given in ours.args.items():
                    assert str(theirs.args[argument].type) == str(given.type)
        elif isinstance(kind, GraphQLInputObjectType):
            assert {n: str(f.type) for n, f in kind.fields.items()} == {
                n: str(f.type) for n, f in other.fields.items()
            }
        elif isinstance(kind, GraphQLEnumType):
            assert set(kind.values) == set(other.values), name
        elif isinstance(kind, GraphQLUnionType):
            assert {t.name for t in kind.types} <= {t.name for t in other.types}


def test_a_merged_commit_tells_its_pull_request_reviews_and_commits(box: Box) -> None:
    pull = box.propose("asked", {"docs/asked.txt": "x\n"})
    number, head = pull["number"], pull["head"]["sha"]
    box.ask("POST", f"/issues/{number}/labels", "bob", json={"labels": ["allow-destroy"]})
    box.ask("POST", f"/pulls/{number}/reviews", "bob", json={"event": "APPROVE"})
    sha = box.ask("PUT", f"/pulls/{number}/merge", "octo-admin", json={}).json()["sha"]
    (found,) = landing(box, sha, box.job_token(contents="read", pull_requests="read"))
    assert found["number"] == number
    assert (found["state"], found["merged"]) == ("MERGED", True)
    assert found["mergeCommit"]["oid"] == sha
    assert (found["baseRefName"], found["headRefName"]) == ("main", "asked")
    assert (found["headRefOid"], found["isCrossRepository"]) == (head, False)
    assert found["author"] == {"login": "alice", "__typename": "User"}
    assert found["labels"]["nodes"] == [{"name": "allow-destroy"}]
    (review,) = found["reviews"]["nodes"]
    assert (review["author"]["login"], review["state"]) == ("bob", "APPROVED")
    assert review["commit"]["oid"] == head
    (commit,) = found["commits"]["nodes"]
    assert commit["commit"]["oid"] == head
    assert commit["commit"]["author"]["user"] == {"login": "alice"}
    assert len(commit["commit"]["parents"]["nodes"]) == 1


def test_people_are_known_by_their_addresses_and_the_web_is_nobody(box: Box) -> None:
    pull = box.propose("people", {"docs/people.txt": "x\n"})
    clone = box.clone()
    git(clone, "switch", "-q", "people")
    write(clone, {"docs/people.txt": "y\n"})
    trailer = "Co-authored-by: Bob <5002+bob@users.noreply.github.com>"
    git(clone, "-c", "user.name=x", "commit", "-qam", f"Two of us\n\n{trailer}")
    git(clone, "push", "-q", "origin", "people")
    query = """query($n: Int!) { repository(owner: "knowledgeweaver", name: "delivery") {
      pullRequest(number: $n) { commits(last: 1) { nodes { commit {
        authors(first: 5) { nodes { user { login } } } committer { user { login } } } } } } } }"""
    answer = ask(box, query, n=pull["number"])
    (node,) = answer["data"]["repository"]["pullRequest"]["commits"]["nodes"]
    people = [who["user"]["login"] for who in node["commit"]["authors"]["nodes"]]
    assert people == ["alice", "bob"]
    sha = box.ask("PUT", f"/pulls/{pull['number']}/merge", "octo-admin", json={}).json()["sha"]
    query = """query($oid: GitObjectID!) { repository(owner: "knowledgeweaver", name: "delivery") {
      object(oid: $oid) { ... on Commit { committer { email user { login } } } } } }"""
    committer = ask(box, query, oid=sha)["data"]["repository"]["object"]["committer"]
    assert committer == {"email": "noreply@github.com", "user": None}
    assert box.ask("GET", f"/commits/{sha}").json()["committer"]["login"] == "web-flow"


def test_an_app_is_a_bot_without_brackets(box: Box) -> None:
    box.branch("botted", {"docs/botted.txt": "x\n"})
    token = box.job_token(pull_requests="write")
    body = {"title": "By a job", "head": "botted", "base": "main"}
    number = box.ask("POST", "/pulls", token, json=body).json()["number"]
    query = """query($n: Int!) { repository(owner: "knowledgeweaver", name: "delivery") {
      pullRequest(number: $n) { author { login __typename } } } }"""
    author = ask(box, query, n=number)["data"]["repository"]["pullRequest"]["author"]
    assert author == {"login": "github-actions", "__typename": "Bot"}


def test_a_changed_base_and_a_force_push_stand_in_the_timeline(box: Box) -> None:
    clone = box.branch("other-base", {"docs/base.txt": "x\n"})
    pull = box.propose("moved", {"docs/moved.txt": "x\n"})
    at = f"/pulls/{pull['number']}"
    assert box.ask("PATCH", at, json={"base": "nowhere"}).status_code == 422
    moved = box.ask("PATCH", at, json={"base": "other-base"})
    assert (moved.status_code, moved.json()["base"]["ref"]) == (200, "other-base")
    box.ask("PATCH", at, json={"base": "main"})
    git(clone, "fetch", "-q", "origin", "moved")
    git(clone, "switch", "-q", "moved")
    git(clone, "commit", "-q", "--amend", "-m", "Once more")
    git(clone, "push", "-q", "--force", "origin", "moved")
    sha = git(clone, "rev-parse", "HEAD").stdout.strip()
    (found,) = landing(box, sha)
    changed, back, forced = found["timelineItems"]["nodes"]
    assert (changed["previousRefName"], changed["currentRefName"]) == ("main", "other-base")
    assert (back["__typename"], back["currentRefName"]) == ("BaseRefChangedEvent", "main")
    assert forced["beforeCommit"]["oid"] == pull["head"]["sha"]
    assert forced["afterCommit"]["oid"] == sha
    events = [event["event"] for event in box.ask("GET", f"/issues/{pull['number']}/events").json()]
    assert events == ["base_ref_changed", "base_ref_changed", "head_ref_force_pushed"]


def test_a_stacked_pull_request_moves_on_when_its_base_was_merged_and_deleted(box: Box) -> None:
    lower = box.propose("lower", {"docs/lower.txt": "x\n"})
    clone = box.clone()
    git(clone, "switch", "-q", "lower")
    git(clone, "switch", "-qc", "upper")
    write(clone, {"docs/upper.txt": "x\n"})
    git(clone, "add", "--all")
    git(clone, "commit", "-qm", "On top")
    git(clone, "push", "-q", "origin", "upper")
    body = {"title": "On top", "head": "upper", "base": "lower"}
    upper = box.ask("POST", "/pulls", json=body).json()["number"]
    box.ask("PUT", f"/pulls/{lower['number']}/merge", "octo-admin", json={})
    assert box.ask("DELETE", "/git/refs/heads/lower").status_code == 204
    now = box.ask("GET", f"/pulls/{upper}").json()
    assert (now["state"], now["base"]["ref"]) == ("open", "main")
    (found,) = landing(box, now["head"]["sha"])
    (event,) = found["timelineItems"]["nodes"]
    assert event["__typename"] == "AutomaticBaseChangeSucceededEvent"
    assert (event["oldBase"], event["newBase"]) == ("lower", "main")


def test_pages_follow_their_cursor(box: Box) -> None:
    query = """query($after: String) { repository(owner: "knowledgeweaver", name: "delivery") {
      pullRequests(first: 2, after: $after) {
        totalCount nodes { number } pageInfo { hasNextPage endCursor } } } }"""
    seen: list[int] = []
    after: str | None = None
    while True:
        page = ask(box, query, after=after)["data"]["repository"]["pullRequests"]
        seen += [node["number"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert seen == sorted(set(seen))
    assert len(seen) == page["totalCount"]


REPO = 'repository(owner: "knowledgeweaver", name: "delivery")'


@pytest.mark.parametrize(
    ("query", "kind", "words"),
    [
        (f"{{ {REPO} {{ stars }} }}", None, "Cannot query field 'stars'"),
        (f"{{ {REPO} {{ pullRequests {{ totalCount }} }} }}", "MISSING_PAGINATION_BOUNDARIES",
         "`first` or `last`"),
        (f"{{ {REPO} {{ pullRequests(first: 101) {{ totalCount }} }} }}", "EXCESSIVE_PAGINATION",
         "limit of 100"),
        (f"{{ {REPO} {{ pullRequests(first: 100) {{ nodes {{ commits(first: 100) {{ nodes {{ commit"
         " { authors(first: 100) { totalCount } } } } } } } }", "MAX_NODE_LIMIT_EXCEEDED",
         "1,010,100"),
        (f"{{ {REPO} {{ pullRequest(number: 99999) {{ title }} }} }}", "NOT_FOUND", "99999"),
        (f'{{ {REPO} {{ object(oid: "main") {{ oid }} }} }}', None, "GitObjectID"),
        ('{ repository(owner: "x", name: "y") { id } }', "NOT_FOUND", "'x/y'"),
    ],
)  # fmt: skip
def test_what_github_refuses_is_refused(box: Box, query: str, kind: str | None, words: str) -> None:
    (error,) = ask(box, query)["errors"]
    assert error.get("type") == kind
    assert words in error["message"]


def test_a_job_token_needs_the_permission_for_what_it_asks(box: Box) -> None:
    sha = box.hub.head()
    answer = ask(box, LANDING, box.job_token(contents="read"), oid=sha)
    assert {error["type"] for error in answer["errors"]} == {"FORBIDDEN"}
    team = '{ organization(login: "knowledgeweaver") { team(slug: "platform") { members(first: 9) '
    team += "{ nodes { login } } } } }"
    everything = box.job_token(contents="write", pull_requests="write")
    assert ask(box, team, everything)["errors"][0]["type"] == "FORBIDDEN"
    people = ask(box, team)["data"]["organization"]["team"]["members"]["nodes"]
    assert people == [{"login": "bob"}, {"login": "octo-admin"}]


def test_strangers_get_nothing_and_points_are_counted(box: Box) -> None:
    assert httpx.post(f"{box.url}/api/graphql", json={"query": "{ __typename }"}).status_code == 401
    first = ask(box, LANDING, oid=box.hub.head())["data"]["rateLimit"]
    second = ask(box, LANDING, oid=box.hub.head())["data"]["rateLimit"]
    assert first["cost"] == second["cost"] >= 1
    assert first["remaining"] - second["remaining"] == second["cost"]
