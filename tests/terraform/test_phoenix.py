"""The module phoenix on the local AWS: applied, run for real, used by a browser and a program."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from playwright.sync_api import expect

from pipeline.adapters.tools import locate, lock
from sandbox.client import Sandbox
from sandbox.layout import ACCOUNT, REGION
from tests.browser import chromium
from tests.terraform.stacks import ADMIN, ENVS, MODULES, client, terraform_env

pytestmark = pytest.mark.slow
VERSION = str(lock()["phoenix-python"]["version"])
SECRET = {
    "secret": "a-secret-of-more-than-32-characters-1",
    "admin_secret": "another-secret-of-more-than-32-chars-2",
    "admin_password": "first-Passw0rd",
    "database_password": "databasePassw0rd",
}
BEARER = {"Authorization": f"Bearer {SECRET['admin_secret']}"}
ROOT = """
variable "storage" {{ type = string }}
variable "generation" {{
  type    = number
  default = 1
}}
variable "database_password" {{
  type      = string
  ephemeral = true
}}
provider "aws" {{}}
module "phoenix" {{
  source = "{module}"

  name    = "kw-${{var.storage}}"
  cluster = "{cluster}"
  size    = {{ cpu = 256 }}
  network = {{
    vpc_id          = "{vpc}"
    subnet_ids      = {subnets}
    client_group_id = "{groups[1]}"
  }}
  load_balancer = {{
    group_id     = "{groups[0]}"
    listener_arn = "{listener}"
    https        = false
  }}
  storage                      = {{ kind = var.storage, protect = false }}
  secret                       = {{ arn = "{secret}", pattern = "{secret}" }}
  database_password            = var.database_password
  database_password_generation = var.generation
  logs                         = {{ group = "/${{var.storage}}/phoenix" }}
  permissions_boundary         = "arn:aws:iam::{account}:policy/b"
}}
output "endpoint" {{ value = module.phoenix.endpoint }}
"""


@dataclass(frozen=True, slots=True)
class Around:
    """What a module of the estate finds there, made without Terraform's waits."""

    box: Sandbox
    cluster: str
    url: str
    text: str  # a root module that calls phoenix

    def aws(self, service: str) -> Any:
        return client(service, self.box.aws_url)


def around(box: Sandbox, name: str) -> Around:
    """Network, cluster, load balancer and secret of one test."""
    ec2, elb = client("ec2", box.aws_url), client("elbv2", box.aws_url)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{REGION}{'ab'[n]}"
        )["Subnet"]["SubnetId"]
        for n in range(2)
    ]
    groups = [
        ec2.create_security_group(GroupName=f"{name}-{who}", Description=who, VpcId=vpc)["GroupId"]
        for who in ("balancer", "application")
    ]
    client("ecs", box.aws_url).create_cluster(clusterName=name)
    balancer = elb.create_load_balancer(Name=name, Subnets=subnets)["LoadBalancers"][0]
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "418"}}
    listener = elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[answer],
    )["Listeners"][0]["ListenerArn"]
    secret = client("secretsmanager", box.aws_url).create_secret(
        Name=f"{name}/phoenix", SecretString=json.dumps(SECRET)
    )["ARN"]
    text = ROOT.format(
        module=MODULES / "phoenix",
        cluster=name,
        vpc=vpc,
        subnets=json.dumps(subnets),
        groups=groups,
        listener=listener,
        secret=secret,
        account=ACCOUNT,
    )
    return Around(box, name, f"http://{balancer['DNSName']}", text)


@dataclass(frozen=True, slots=True)
class Module:
    """The module in a root of its own, its state in a file."""

    around: Around
    folder: Path
    storage: str

    def run(self, *arguments: str, **variables: str) -> str:
        done = subprocess.run(
            [str(locate("terraform")), *arguments, "-no-color"],
            cwd=self.folder,
            env={
                **terraform_env(self.folder / ".terraform"),
                **ADMIN,
                "AWS_ENDPOINT_URL": self.around.box.aws_url,
                "TF_VAR_storage": self.storage,
                "TF_VAR_database_password": SECRET["database_password"],
                **variables,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, f"{arguments}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def apply(self) -> None:
        self.folder.mkdir()
        (self.folder / "main.tf").write_text(self.around.text)
        shutil.copy(ENVS / "account" / ".terraform.lock.hcl", self.folder)
        shutil.copy(MODULES / "phoenix" / "versions.tf", self.folder)
        self.run("init", "-lockfile=readonly")
        self.run("apply", "-auto-approve")

    def tasks(self) -> list[dict[str, Any]]:
        ecs = self.around.aws("ecs")
        name = {"cluster": self.around.cluster}
        arns = ecs.list_tasks(**name, serviceName="knowledgeweaver-phoenix")["taskArns"]
        return list(ecs.describe_tasks(**name, tasks=arns)["tasks"]) if arns else []

    def serving(self) -> str:
        """Wait until the load balancer finds it healthy; its address below the prefix."""
        url = f"{self.around.url}/phoenix"
        wait(lambda: httpx.get(f"{url}/readyz", timeout=60).status_code == 200, self.tasks)
        return url

    def listening(self) -> list[tuple[str, int]]:
        """Addresses and ports that its process listens on."""
        (task,) = [task["taskArn"].rpartition("/")[2] for task in self.tasks()]
        home = str(self.around.box.root / "tasks" / task)
        (process,) = [
            process
            for process in psutil.process_iter(["cmdline"])
            if "class Prefixed" in " ".join(process.info["cmdline"] or ())
            and process.environ()["HOME"] == home
        ]
        return [
            (connection.laddr.ip, connection.laddr.port)
            for connection in process.net_connections()
            if connection.status == psutil.CONN_LISTEN
        ]

    def direct(self) -> str:
        """Its own port, which the load balancer and the application's name lead to."""
        (port,) = [port for address, port in self.listening() if address == "127.0.0.1"]
        return f"http://127.0.0.1:{port}"

    def roll(self) -> str:
        """Let a new task take the old one's place; the new one's ARN."""
        (old,) = [task["taskArn"] for task in self.tasks()]
        self.around.aws("ecs").update_service(
            cluster=self.around.cluster, service="knowledgeweaver-phoenix", forceNewDeployment=True
        )

        def replaced() -> bool:
            now = [task["taskArn"] for task in self.tasks()]
            return len(now) == 1 and old not in now

        wait(replaced, self.tasks)
        self.serving()
        return str(self.tasks()[0]["taskArn"])


def wait(there: Callable[[], bool], say: Callable[[], object]) -> None:
    end = time.monotonic() + 180
    while not there():
        assert time.monotonic() < end, say()
        time.sleep(0.3)


@pytest.fixture(scope="module")
def both(box: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Module]]:
    """Both forms side by side, since most of their time is the provider's waiting."""
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


#: What any program does that sends traces, with the exporter that Phoenix's own environment has.
SEND = """
import sys
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
url, key, name = sys.argv[1:]
exporter = OTLPSpanExporter(url, headers={"Authorization": f"Bearer {key}"})
provider = TracerProvider(resource=Resource({"openinference.project.name": "knowledgeweaver"}))
provider.add_span_processor(SimpleSpanProcessor(exporter))
provider.get_tracer("test").start_span(name).end()
provider.shutdown()
"""


def send(url: str, name: str) -> None:
    """Send one span with this name."""
    python = str(locate("phoenix-python"))
    arguments = [url, SECRET["admin_secret"], name]
    subprocess.run([python, "-c", SEND, *arguments], check=True, timeout=60, capture_output=True)


def sent(url: str) -> list[str]:
    """Names of the spans that Phoenix has."""
    answer = httpx.get(f"{url}/v1/projects/knowledgeweaver/spans", headers=BEARER, timeout=60)
    return [one["name"] for one in answer.json()["data"]] if answer.status_code == 200 else []


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
        page = browser.new_page(viewport={"width": 1280, "height": 900})
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
    database.run(
        *("apply", "-auto-approve", "-var", "generation=2"),
        TF_VAR_database_password=changed["database_password"],
    )
    wait(lambda: old not in [t["taskArn"] for t in database.tasks()], database.tasks)
    assert "before the new password" in sent(database.serving())
    plan = database.run("plan", "-lock=false", "-var", "generation=2")
    assert "No changes." in plan


def test_one_version_is_locked_for_the_image_and_for_this_machine() -> None:
    assert f"version-{VERSION}-nonroot" in (MODULES / "phoenix" / "variables.tf").read_text()
    project = (MODULES.parents[1] / "sandbox" / "phoenix" / "pyproject.toml").read_text()
    assert f"arize-phoenix[pg]=={VERSION}" in project
