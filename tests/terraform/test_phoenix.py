"""The module phoenix on the local AWS: applied, run for real, used by a browser and a program."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from pipeline.adapters.tools import locate, lock
from sandbox.client import Sandbox
from tests.browser import chromium, opened
from tests.terraform.phoenix_module import BEARER, SECRET, Module, around, send, sent, wait
from tests.terraform.rotating import push_image
from tests.terraform.stacks import MODULES

pytestmark = pytest.mark.slow
VERSION = str(lock()["phoenix-python"]["version"])


@pytest.fixture(scope="module")
def both(box: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Module]]:
    """Both forms side by side, since most of their time is the provider's waiting."""
    push_image(box)
    made = {
        kind: Module(around(box, f"kw-{kind}"), tmp_path_factory.mktemp(kind) / "root", kind)
        for kind in ("efs", "rds")
    }
    with ThreadPoolExecutor() as pool:
        list(pool.map(Module.apply, made.values()))
        yield made
        list(pool.map(lambda module: module.run("destroy", "-auto-approve"), made.values()))
    aws = made["efs"].around.aws
    assert aws("efs").describe_file_systems()["FileSystems"] == []
    assert aws("servicediscovery").list_namespaces()["Namespaces"] == []
    assert aws("rds").describe_db_instances()["DBInstances"] == []
    assert [*(box.root / "volumes").iterdir(), *(box.root / "rds").iterdir()] == []


@pytest.fixture
def files(both: dict[str, Module]) -> Module:
    """Development's form: SQLite on a file system."""
    return both["efs"]


def test_traces_sent_below_the_prefix_and_by_name_are_read_back(files: Module) -> None:
    url = files.serving()
    send(f"{url}/v1/traces", "through the load balancer")
    endpoint = json.loads(files.run("output", "-json"))["endpoint"]["value"]
    assert endpoint == "http://phoenix.kw-efs.internal:6006"
    send(f"{files.direct()}/v1/traces", "straight to its port")
    names = {"through the load balancer", "straight to its port"}
    wait(lambda: names <= set(sent(url)), lambda: sent(url))


def test_whoever_does_not_sign_in_gets_nothing(files: Module) -> None:
    url = files.serving()
    assert httpx.post(f"{url}/v1/traces", timeout=60).status_code == 401
    assert httpx.get(f"{url}/v1/projects", timeout=60).status_code == 401
    query = {"query": "{ projects { edges { node { name } } } }"}
    assert httpx.post(f"{url}/graphql", json=query, timeout=60).status_code == 401
    answer = httpx.post(f"{url}/graphql", json=query, headers=BEARER, timeout=60)
    assert "knowledgeweaver" in answer.text


def test_only_its_own_paths_lead_to_it(files: Module) -> None:
    url = files.serving()
    assert httpx.get(f"{url}/arize_phoenix_version", timeout=60).text == VERSION
    assert httpx.get(f"{url}es", timeout=60).status_code == 418
    assert httpx.get(files.around.url, timeout=60).status_code == 418


def test_no_port_of_it_is_open_beyond_this_machine(files: Module) -> None:
    files.serving()
    listening = files.listening()
    assert len(listening) == 2  # HTTP, and gRPC that nobody asked for
    assert {address.removeprefix("::ffff:") for address, _ in listening} == {"127.0.0.1"}


def test_people_sign_in_at_the_page_and_see_the_traces(files: Module, tmp_path: Path) -> None:
    url = files.serving()
    send(f"{url}/v1/traces", "seen in the browser")
    with chromium() as browser:
        page = opened(browser, viewport={"width": 1280, "height": 900}).new_page()
        strangers: list[str] = []
        page.on("request", lambda request: strangers.append(request.url))
        failed: list[str] = []
        page.on("response", lambda r: failed.append(r.url) if r.status >= 400 else None)
        page.goto(url)
        page.wait_for_url(f"{url}/login**")
        page.get_by_label("Email").fill("admin@localhost")
        page.get_by_label("Password").fill(SECRET["admin_password"])
        page.screenshot(path=tmp_path / "login.png")
        page.get_by_role("button", name="Log in", exact=False).first.click()
        page.wait_for_url(f"{url}/reset-password**")
        page.screenshot(path=tmp_path / "reset.png")
        cookies = {cookie["path"] for cookie in page.context.cookies()}
        assert cookies == {"/phoenix"}
        assert [other for other in strangers if not other.startswith(url)] == []
        expect(page.get_by_role("button", name="Reset")).to_be_visible()


def test_what_was_written_outlives_the_task(files: Module) -> None:
    url = files.serving()
    send(f"{url}/v1/traces", "before the change")
    wait(lambda: "before the change" in sent(url), lambda: sent(url))
    files.roll()
    assert "before the change" in sent(url)


def test_a_second_plan_is_empty(files: Module) -> None:
    assert "No changes." in files.run("plan", "-lock=false")


@pytest.fixture
def database(both: dict[str, Module]) -> Module:
    """Staging's and production's form: PostgreSQL."""
    return both["rds"]


def test_traces_lie_in_postgresql_and_the_health_check_tells_when_it_is_gone(
    database: Module,
) -> None:
    url = database.serving()
    send(f"{url}/v1/traces", "into PostgreSQL")
    wait(lambda: "into PostgreSQL" in sent(url), lambda: sent(url))
    rds = database.around.aws("rds")
    own = f"{database.direct()}/readyz"
    rds.stop_db_instance(DBInstanceIdentifier="kw-rds-phoenix")
    wait(lambda: httpx.get(own, timeout=60).status_code == 503, lambda: own)
    rds.start_db_instance(DBInstanceIdentifier="kw-rds-phoenix")
    wait(lambda: "into PostgreSQL" in sent(url), lambda: sent(url))


def test_the_database_takes_no_connection_without_tls(database: Module) -> None:
    database.serving()
    (instance,) = database.around.aws("rds").describe_db_instances()["DBInstances"]
    where = instance["Endpoint"]
    python = str(locate("phoenix-python"))

    def connect(mode: str) -> str:
        script = (
            "import asyncio, asyncpg, sys\n"
            "async def main():\n"
            "    c = await asyncpg.connect(sys.argv[1], ssl=sys.argv[2])\n"
            "    print(await c.fetchval('select count(*) > 0 from spans'))\n"
            "asyncio.run(main())\n"
        )
        login = f"phoenix:{SECRET['database_password']}"
        address = f"postgresql://{login}@{where['Address']}:{where['Port']}/phoenix"
        done = subprocess.run(
            [python, "-c", script, address, mode], capture_output=True, text=True, check=False
        )
        return done.stdout + done.stderr

    assert connect("require").strip() == "True"
    assert "no encryption" in connect("disable")


def test_a_new_generation_changes_the_password_in_secret_and_database_alike(
    database: Module,
) -> None:
    url = database.serving()
    send(f"{url}/v1/traces", "before the new password")
    wait(lambda: "before the new password" in sent(url), lambda: sent(url))
    changed = {**SECRET, "database_password": "anotherPassw0rd"}
    database.around.aws("secretsmanager").put_secret_value(
        SecretId="kw-rds/phoenix", SecretString=json.dumps(changed)
    )
    (old,) = [task["taskArn"] for task in database.tasks()]
    database.run("apply", "-auto-approve", "-var", "generation=2")
    wait(lambda: old not in [t["taskArn"] for t in database.tasks()], database.tasks)
    assert "before the new password" in sent(database.serving())
    plan = database.run("plan", "-lock=false", "-var", "generation=2")
    assert "No changes." in plan


def test_one_version_is_locked_for_the_image_and_for_this_machine() -> None:
    assert f"version-{VERSION}-nonroot" in (MODULES / "phoenix" / "variables.tf").read_text()
    project = (MODULES.parents[1] / "sandbox" / "phoenix" / "pyproject.toml").read_text()
    assert f"arize-phoenix[pg]=={VERSION}" in project
