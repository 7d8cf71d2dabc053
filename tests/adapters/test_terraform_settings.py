"""What every terraform run is started with."""

from __future__ import annotations

from pathlib import Path

from pipeline.adapters.terraform_settings import checked_by_init, environment

DATA, CONFIG = Path("/data"), Path("/config.tfrc")


def test_go_collects_less_often_unless_the_user_says_how_often() -> None:
    assert environment({}, DATA, CONFIG)["GOGC"] == "400"
    assert environment({"GOGC": "50"}, DATA, CONFIG)["GOGC"] == "50"


def test_nothing_that_steers_terraform_or_opens_github_is_handed_on() -> None:
    given = {"TF_CLI_ARGS_apply": "-target=x", "TF_VAR_a": "1", "GITHUB_TOKEN": "t", "HOME": "/h"}
    made = environment(given | {"TF_DATA_DIR": "/other"}, DATA, CONFIG)
    assert not made.keys() & (given.keys() - {"HOME"})
    assert (made["TF_DATA_DIR"], made["HOME"]) == ("/data", "/data/home")


def test_the_sdks_look_for_keys_nowhere_but_where_they_are_told() -> None:
    given = {"AWS_PROFILE": "p", "AWS_ACCESS_KEY_ID": "a", "AWS_ENDPOINT_URL_S3": "http://s3"}
    made = environment(given, DATA, CONFIG, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://x"})
    assert {name: value for name, value in made.items() if name.startswith("AWS_")} == {
        "AWS_ENDPOINT_URL_S3": "http://s3",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://x",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def test_what_init_has_checked_is_named_for_the_commands_after_it(tmp_path: Path) -> None:
    assert checked_by_init(tmp_path) is None
    folder = tmp_path / "providers" / "registry.terraform.io/hashicorp/aws/5.100.0/linux_amd64"
    folder.mkdir(parents=True)
    made = checked_by_init(tmp_path)
    assert made is not None
    overrides = made.read_text().partition("dev_overrides {\n")[2].partition("}")[0]
    assert overrides.strip() == f'"registry.terraform.io/hashicorp/aws" = "{folder}"'
