"""How requests wait for GitHub's limits, and what they say when that would take too long."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from pipeline.adapters.github import GitHub
from pipeline.adapters.github_rest import LONGEST_WAIT, Rest
from pipeline.adapters.github_types import Protection
from pipeline.errors import Failure


class Server:
    """Gives its answers one after the other, the last one for ever."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.answers, self.asked = list(answers), 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    found: list[float] = []
    monkeypatch.setattr(time, "sleep", found.append)
    return found


def rest(server: Server) -> Rest:
    made = Rest("o/r", "t", "https://api.test")
    made.__dict__["_client"] = httpx.Client(transport=httpx.MockTransport(server))
    return made


def limited(status: int = 403, text: str = "", **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json={"message": text}, headers=names)


FINE = httpx.Response(200, json={"ok": True})


def test_it_waits_until_the_limit_is_reset(slept: list[float]) -> None:
    reset = str(int(time.time()) + 30)
    server = Server(limited(x_ratelimit_remaining="0", x_ratelimit_reset=reset), FINE)
    assert rest(server).json("GET", "x") == {"ok": True}
    [seconds] = slept
    assert 25 < seconds < 35


@pytest.mark.parametrize("status", [403, 429])
def test_it_waits_as_long_as_a_secondary_limit_asks_also_to_post(
    slept: list[float], status: int
) -> None:
    server = Server(limited(status, retry_after="7"), FINE)
    assert rest(server).json("POST", "x", {}) == {"ok": True}
    assert slept == [7.0]


def test_a_secondary_limit_without_a_time_is_a_minute(slept: list[float]) -> None:
    server = Server(limited(text="You have exceeded a secondary rate limit"), FINE)
    rest(server).json("GET", "x")
    assert slept == [60.0]


def test_longer_than_a_job_may_wait_it_says_when_to_try_again(slept: list[float]) -> None:
    reset = str(int(time.time()) + 3000)
    server = Server(limited(x_ratelimit_remaining="0", x_ratelimit_reset=reset))
    with pytest.raises(Failure, match="no more requests for now") as told:
        rest(server).json("GET", "x")
    assert (told.value.reason, slept, server.asked) == ("github", [], 1)
    assert "Run it again from 20" in str(told.value)


def test_all_waits_of_a_command_together_are_bounded(slept: list[float]) -> None:
    server = Server(limited(retry_after="100"))
    with pytest.raises(Failure, match="no more requests for now"):
        rest(server).json("GET", "x")
    assert sum(slept) <= LONGEST_WAIT


def test_a_refusal_that_is_no_limit_is_told_at_once(slept: list[float]) -> None:
    server = Server(limited(text="Resource not accessible by integration"))
    with pytest.raises(Failure, match=r"403 to GET .*not accessible"):
        rest(server).json("GET", "x")
    assert slept == []


def graphql(server: Server) -> dict[str, Any]:
    return rest(server).graphql("https://api.test/graphql", "query", {})


def test_a_query_that_met_the_limit_is_sent_again_and_an_error_is_told(slept: list[float]) -> None:
    over = {"errors": [{"type": "RATE_LIMITED", "message": "limit"}]}
    again = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + 20)}
    server = Server(
        httpx.Response(502, json={}),
        httpx.Response(200, json=over, headers=again),
        httpx.Response(200, json={"data": {"a": 1}}),
    )
    assert graphql(server) == {"a": 1}
    assert len(slept) == 2
    with pytest.raises(Failure, match="refused a GraphQL query: no such field"):
        graphql(
            Server(httpx.Response(200, json={"data": {}, "errors": [{"message": "no such field"}]}))
        )


def test_a_token_that_does_not_see_the_repository_is_told() -> None:
    github = GitHub("o/r", "t", "https://api.test", "https://web.test")
    github._rest.__dict__["_client"] = httpx.Client(
        transport=httpx.MockTransport(
            Server(httpx.Response(200, json={"data": {"repository": None}}))
        )
    )
    with pytest.raises(Failure, match="shows no repository o/r to this token"):
        github.known_commits(["1" * 40])


@pytest.mark.parametrize(
    ("api", "url"),
    [
        ("https://api.github.com", "https://api.github.com/graphql"),
        ("https://ghe.test/api/v3", "https://ghe.test/api/graphql"),
        ("https://ghe.test/api/v3/", "https://ghe.test/api/graphql"),
    ],
)
def test_graphql_is_found_beside_the_rest_api(api: str, url: str) -> None:
    assert GitHub("o/r", "t", api, "https://web.test")._graphql == url


def test_a_jobs_own_token_writes_as_its_app() -> None:
    server = Server(limited(text="Resource not accessible by integration"))
    github = GitHub("o/r", "t", "https://api.test", "https://web.test")
    github._rest.__dict__["_client"] = httpx.Client(transport=httpx.MockTransport(server))
    assert (github.own.login, github.own.bot) == ("github-actions[bot]", True)


# -- what a branch demands ---------------------------------------------------------------------

PULLS_ONLY = {
    "type": "pull_request", "ruleset_id": 1,
    "parameters": {"required_approving_review_count": 2, "require_code_owner_review": True},
}  # fmt: skip
CHECKS = {
    "type": "required_status_checks", "ruleset_id": 1,
    "parameters": {
        "required_status_checks": [{"context": "delivery", "integration_id": 15368}],
        "strict_required_status_checks_policy": True,
    },
}  # fmt: skip


def test_a_branch_without_any_protection_is_open_to_whoever_may_write() -> None:
    assert Protection().bypass == ("whoever may write",)
    assert Protection().with_rules([CHECKS], {}).bypass == ("whoever may write",)


def test_a_ruleset_says_what_it_demands_and_who_may_pass_it_by() -> None:
    admins = {"actor_type": "RepositoryRole", "actor_id": 5, "bypass_mode": "always"}
    by_pull = {"actor_type": "RepositoryRole", "actor_id": 4, "bypass_mode": "pull_request"}
    found = Protection().with_rules([PULLS_ONLY, CHECKS, {"type": "merge_queue"}],
                                    {1: {"bypass_actors": [admins, by_pull]}})  # fmt: skip
    assert found.checks == {"delivery": 15368}
    assert (found.strict, found.approvals, found.code_owners, found.queue) == (True, 2, True, True)
    assert found.bypass == ("administrators",)
    assert Protection().with_rules([PULLS_ONLY], {1: {"bypass_actors": []}}).bypass == ()
    assert Protection().with_rules([PULLS_ONLY], {1: {}}).bypass is None


def test_who_may_pass_by_both_kinds_of_protection_may_push() -> None:
    item = {
        "required_status_checks": {"strict": False, "checks": [{"context": "c", "app_id": None}]},
        "required_pull_request_reviews": {
            "required_approving_review_count": 1,
            "bypass_pull_request_allowances": {
                "users": [{"login": "eve"}],
                "teams": [],
                "apps": [],
            },
        },
        "enforce_admins": {"enabled": False},
    }
    classic = Protection.classic(item)
    assert classic.bypass == ("administrators", "eve")
    assert classic.with_rules([PULLS_ONLY], {1: {"bypass_actors": []}}).bypass == ()
    item["enforce_admins"] = {"enabled": True}
    assert Protection.classic(item).bypass == ("eve",)
