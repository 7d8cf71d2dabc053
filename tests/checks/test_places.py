"""From a resource address to file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.adapters.places import Place, Places


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "terraform/envs/web/main.tf": 'module "a" {\n  source = "../../modules/a"\n}\n'
        'module "far" {\n  source = "registry/x/y"\n}\n'
        'module "out" {\n  source = "../../../../outside"\n}\n',
        "terraform/modules/a/main.tf": 'module "b" {\n  source = "../b"\n}\n',
        "terraform/modules/b/main.tf": '# head\nresource "aws_x" "y" {\n'
        "  # checkov:skip=CKV_1:because\n  name = 1\n  ingress {\n    port = 1\n  }\n}\n"
        'resource "aws_x" "z" {\n  # checkov:skip=CKV_2\n}\n',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_it_follows_modules_and_ignores_indices(root: Path) -> None:
    address = 'module.a[0].module.b["x.y[0]"].aws_x.y["k"]'
    place = Places(root).of("terraform/envs/web", address)
    assert (place.file, place.line) == ("terraform/modules/b/main.tf", 2)
    assert place.skips == {"CKV_1": "because"}


def test_a_hint_points_into_the_block(root: Path) -> None:
    places = Places(root)
    address = "module.a.module.b.aws_x.y"
    assert places.of("terraform/envs/web", address, ["none", "ingress"]).line == 5
    assert places.of("terraform/envs/web", address, ["name", "ingress"]).line == 4


def test_a_skip_belongs_to_its_own_block_and_may_lack_a_reason(root: Path) -> None:
    assert Places(root).of("terraform/envs/web", "module.a.module.b.aws_x.z").skips == {"CKV_2": ""}


def test_a_module_from_elsewhere_points_at_its_call(root: Path) -> None:
    place = Places(root).of("terraform/envs/web", "module.far.aws_x.y")
    assert (place.file, place.line) == ("terraform/envs/web/main.tf", 4)


@pytest.mark.parametrize("address", ["module.a.module.b.aws_x.none", "module.out.aws_x.y"])
def test_what_cannot_be_found_or_lies_outside_has_no_place(root: Path, address: str) -> None:
    assert Places(root).of("terraform/envs/web", address) == Place()


def test_what_an_override_file_changes_is_shown_where_it_is_written(root: Path) -> None:
    web = root / "terraform/envs/web"
    (web / "a_override.tf").write_text('resource "aws_x" "y" {\n  name = 2\n}\n')
    (web / "z.tf").write_text('\nresource "aws_x" "y" {\n  name = 1\n}\n')
    (web / "lost.tf").symlink_to("nowhere.tf")
    place = Places(root).of("terraform/envs/web", "aws_x.y")
    assert (place.file, place.line) == ("terraform/envs/web/z.tf", 2)
