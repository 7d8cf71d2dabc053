"""The docker stand-in as a runner's job calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from sandbox.images.store import ImageStore

DOCKER = Path(__file__).parents[3] / "sandbox" / "bin" / "docker"
REFERENCE = "123456789012.dkr.ecr.ap-southeast-2.amazonaws.com/kw:tree1"


class Shell:
    def __init__(self, folder: Path, endpoint: str = "http://127.0.0.1:1") -> None:
        self.context = folder / "app"
        self.context.mkdir()
        (self.context / "main.py").write_text("print('hello')\n")
        (self.context / "Dockerfile").write_text(
            'FROM x\nARG T=none\nENV T=$T\nWORKDIR /srv\nCMD ["python", "main.py"]\n'
        )
        self.state = folder / "state"
        self.store = ImageStore(self.state / "images")
        self.environment = {
            "PATH": f"{DOCKER.parent}:/usr/bin:/bin",
            "UV": os.environ.get("UV", ""),
            "SANDBOX_DIR": str(self.state),
            "SANDBOX_PYTHON": sys.executable,
            "AWS_ENDPOINT_URL": endpoint,
        }

    def __call__(self, *arguments: object, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["docker", *map(str, arguments)],
            env=self.environment,
            cwd=self.state.parent,
            input=given,
            capture_output=True,
            text=True,
        )


@pytest.fixture
def docker(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_the_same_inputs_give_the_same_image_and_other_inputs_another(docker: Shell) -> None:
    def built(*more: str) -> str:
        return docker("build", "-q", *more, docker.context).stdout.strip()

    with ThreadPoolExecutor(2) as pool:
        first, again = pool.map(lambda _: built("--build-arg", "T=1"), range(2))
    assert first.startswith("sha256:")
    assert first == again
    assert built("--build-arg", "T=2") != first
    (docker.context / "__pycache__").mkdir()
    (docker.context / "__pycache__" / "x.pyc").write_text("x")
    assert built("--build-arg", "T=1") == first
    (docker.context / "main.py").write_text("print('other')\n")
    assert built("--build-arg", "T=1") != first


def test_dockerignore_keeps_files_out(docker: Shell) -> None:
    (docker.context / ".dockerignore").write_text("tests\n**/*.md\n!keep.md\n")
    (docker.context / "tests").mkdir()
    for name in ("tests/t.py", "a.md", "keep.md"):
        (docker.context / name).write_text("x")
    docker("build", "-t", "r", docker.context)
    image = docker.store.find("r")
    assert image is not None
    names = sorted(p.name for p in image.workdir.rglob("*") if p.is_file())
    assert names == [".dockerignore", "Dockerfile", "keep.md", "main.py"]


def test_inspect_shows_the_configuration_and_says_when_there_is_no_image(docker: Shell) -> None:
    docker("build", "-t", REFERENCE, "--build-arg", "T=7", docker.context)
    found = json.loads(docker("image", "inspect", REFERENCE).stdout)[0]
    assert found["Config"]["Env"] == ["T=7"]
    assert found["Config"]["Cmd"] == ["python", "main.py"]
    assert found["RepoTags"] == [REFERENCE]
    missing = docker("image", "inspect", "nothing")
    assert missing.returncode == 1
    assert "No such image: nothing" in missing.stderr


def test_wrong_use_ends_with_a_sentence(docker: Shell) -> None:
    assert docker("--version").stdout.startswith("Docker version ")
    assert docker("login", "-u", "AWS", "--password-stdin", "r", given="pw").returncode == 0
    assert docker("login", "-u", "AWS", "--password-stdin", "r").returncode == 1
    no_image = docker("push", REFERENCE)
    assert (no_image.returncode, no_image.stdout) == (1, "")
    assert "There is no image" in no_image.stderr
    docker("build", "-t", "elsewhere:1", docker.context)
    assert "no reference of an ECR repository" in docker("push", "elsewhere:1").stderr


def test_a_push_puts_the_manifest_under_an_immutable_tag(tmp_path: Path) -> None:
    server = ThreadedMotoServer(port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        docker = Shell(tmp_path, f"http://{host}:{port}")
        ecr = boto3.client(
            "ecr",
            region_name="ap-southeast-2",
            endpoint_url=f"http://{host}:{port}",
            aws_access_key_id="x",
            aws_secret_access_key="x",
        )
        ecr.create_repository(repositoryName="kw", imageTagMutability="IMMUTABLE")
        docker("build", "-t", REFERENCE, docker.context)
        refused = docker("push", REFERENCE)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "no basic auth credentials" in refused.stderr
        registry = REFERENCE.partition("/")[0]
        docker("login", "-u", "AWS", "--password-stdin", registry, given="pw")
        pushed = docker("push", REFERENCE)
        detail = ecr.describe_images(repositoryName="kw")["imageDetails"][0]
        assert pushed.stdout.startswith(f"tree1: digest: {detail['imageDigest']} size: ")
        assert docker("push", REFERENCE).stdout == pushed.stdout

        docker("build", "--build-arg", "T=2", "-t", REFERENCE, docker.context)
        refused = docker("push", REFERENCE)
        assert refused.returncode == 1
        assert "ECR refused" in refused.stderr
        assert len(ecr.describe_images(repositoryName="kw")["imageDetails"]) == 1
        docker("logout", registry)
        assert "no basic auth credentials" in docker("push", REFERENCE).stderr
    finally:
        server.stop()


def test_a_locked_project_gets_an_environment_of_its_own_shared_by_lock(docker: Shell) -> None:
    project = (
        '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = []\n'
    )
    (docker.context / "pyproject.toml").write_text(project)
    (docker.context / "uv.lock").write_text(
        'version = 1\nrevision = 3\nrequires-python = ">=3.11"\n\n'
        '[[package]]\nname = "x"\nversion = "1"\nsource = { virtual = "." }\n'
    )
    docker.environment["PATH"] += os.pathsep + os.environ["PATH"]
    first = docker("build", "-t", "a", docker.context)
    assert first.returncode == 0, first.stderr
    assert "uv sync --frozen" in first.stderr
    second = docker("build", "--build-arg", "T=2", "-t", "b", docker.context)
    assert "cached" in second.stderr
    one, two = docker.store.find("a"), docker.store.find("b")
    assert one is not None
    assert two is not None
    assert one.python_bin == two.python_bin
    ran = subprocess.run(
        [one.python_bin / "python", "main.py"], cwd=one.workdir, capture_output=True, text=True
    )
    assert ran.stdout == "hello\n"
    assert not (docker.context / ".venv").exists()
