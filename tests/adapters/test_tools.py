"""Locked tools: found, fetched, checked, refused."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from pipeline.adapters import tools
from pipeline.adapters.install import binary, fetch, libraries
from pipeline.errors import Exit, Failure


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PIPELINE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def archive(name: str, text: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as bundle:
        bundle.writestr(name, text)
    return held.getvalue()


def test_a_tool_that_was_never_set_up_says_how_to_set_it_up(empty_cache: Path) -> None:
    with pytest.raises(Failure, match="make setup") as caught:
        tools.locate("terraform")
    assert caught.value.exit_code is Exit.USAGE


def test_a_tool_that_changed_since_it_was_checked_is_not_used(empty_cache: Path) -> None:
    program = empty_cache / "terraform"
    empty_cache.mkdir()
    program.write_text("one")
    tools.write_receipt("terraform", tools.Receipt.of(program, "found on PATH"))
    assert tools.locate("terraform") == program
    program.write_text("another one")
    with pytest.raises(Failure, match="has changed"):
        tools.locate("terraform")


def test_a_changed_lock_entry_makes_the_old_receipt_void(
    empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tools.receipt_file("tflint")
    changed = json.loads(json.dumps(tools.lock()))
    changed["tflint"]["go_sum"] = "h1:other"
    monkeypatch.setattr(tools, "lock", lambda: changed)
    assert tools.receipt_file("tflint") != before


def test_a_download_with_another_checksum_installs_nothing() -> None:
    with pytest.raises(Failure, match="nothing was installed") as caught:
        fetch.check_sha256(b"data", "0" * 64, "tool.zip")
    assert caught.value.exit_code is Exit.TOOL
    fetch.check_sha256(
        b"data", "3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7", "tool.zip"
    )


def test_a_wrong_version_on_path_is_not_taken(
    empty_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "bin" / "terraform"
    fake.parent.mkdir()
    fake.write_text('#!/bin/sh\necho \'{"terraform_version": "0.12.0"}\'\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(fake.parent))

    def unreachable(url: str) -> bytes:
        raise fetch.NoSuchSource(f"{url}: no network in this test")

    monkeypatch.setattr(binary, "download", unreachable)
    with pytest.raises(Failure) as caught:
        binary.install("terraform", tools.lock()["terraform"])
    assert caught.value.reason == "tool-missing"
    assert "the one on PATH is 0.12.0" in str(caught.value)
    assert "release not reachable" in str(caught.value)


def test_a_release_is_taken_by_its_locked_checksum_alone(
    empty_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    data = archive("terraform", "#!/bin/sh\n")
    monkeypatch.setattr(binary, "download", lambda url: data)
    entry = tools.lock()["terraform"] | {
        "sha256": {tools.platform_key(): hashlib.sha256(data).hexdigest()}
    }
    receipt = binary.install("terraform", entry)
    assert receipt.path.read_text() == "#!/bin/sh\n"
    assert "checksum as locked" in receipt.how
    with pytest.raises(Failure, match="nothing was installed"):
        binary.install("terraform", entry | {"sha256": {tools.platform_key(): "1" * 64}})


def test_a_release_without_a_locked_checksum_is_held_to_the_releases_own_list_and_says_so(
    empty_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    data = archive("tflint", "#!/bin/sh\n")
    system, arch = tools.platform_key().split("_", 1)
    listed = f"{hashlib.sha256(data).hexdigest()}  tflint_{system}_{arch}.zip\n".encode()
    monkeypatch.setattr(
        binary, "download", lambda url: listed if url.endswith("checksums.txt") else data
    )
    assert "none is locked here" in binary.install("tflint", tools.lock()["tflint"]).how


def debian_package(path: str, data: bytes) -> bytes:
    """A package as deb(5) has it: an ar archive with a tar archive of the files."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:xz") as bundle:
        info = tarfile.TarInfo(f"./{path}")
        info.size = len(data)
        bundle.addfile(info, io.BytesIO(data))
    package = b"!<arch>\n"
    for name, content in (("debian-binary", b"2.0"), ("data.tar.xz", held.getvalue())):
        package += f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(content):<10}`\n".encode()
        package += content + b"\n" * (len(content) % 2)
    return package


def test_without_apt_a_debian_packages_file_comes_by_its_locked_checksum_alone(
    empty_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    entry = tools.lock()["cloud-init-schema"]
    data = debian_package(entry["file"], b'{"type": "object"}')
    monkeypatch.setattr(libraries, "download", lambda url: data)
    with pytest.raises(Failure, match="nothing was installed"):
        libraries.debian_file("cloud-init-schema", entry)
    right = entry | {"sha256": hashlib.sha256(data).hexdigest()}
    receipt = libraries.debian_file("cloud-init-schema", right)
    assert receipt.path.read_text() == '{"type": "object"}'
    assert "checksum as locked" in receipt.how


def test_the_provider_mirror_setting_must_name_a_mirror(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIPELINE_PROVIDER_MIRROR", str(tmp_path))
    with pytest.raises(Failure, match="holds no registry"):
        tools.provider_mirror()
    (tmp_path / "registry.terraform.io/hashicorp/aws").mkdir(parents=True)
    assert tools.provider_mirror() == tmp_path


def test_every_tool_of_the_lock_file_is_set_up_and_runs() -> None:
    for name, entry in tools.lock().items():
        path = tools.locate(name)
        assert path.exists()
        if entry["kind"] == "binary":
            run = subprocess.run(
                [path, *entry["version_args"]], capture_output=True, text=True, check=True
            )
            assert entry["version"] in run.stdout


def test_doctor_finds_this_machine_and_this_checkout_in_order() -> None:
    root = Path(tools.LOCK).parent
    run = subprocess.run(
        [root / "bin" / "pipeline", "doctor", "--json"],
        cwd=root,
        env={"PATH": "/usr/bin:/bin", "HOME": str(Path.home()), "PIPELINE_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    checks = {c["what"]: c for c in json.loads(run.stdout)["checks"]}
    assert checks["terraform"]["ok"] is True
    assert "knowledgeweaver/dev" in checks["configuration"]["says"]
    assert checks["aws"]["ok"] is None
    assert run.returncode == 0, run.stdout
