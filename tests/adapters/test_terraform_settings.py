"""What every terraform run is started with."""

from __future__ import annotations

from pathlib import Path

from pipeline.adapters.terraform_settings import environment

DATA, CONFIG = Path("/data"), Path("/config.tfrc")


def test_go_collects_less_often_unless_the_user_says_how_often() -> None:
    assert environment({}, DATA, CONFIG)["GOGC"] == "400"
    assert environment({"GOGC": "50"}, DATA, CONFIG)["GOGC"] == "50"


def test_nothing_that_steers_terraform_or_opens_github_is_handed_on() -> None:
    given = {"TF_CLI_ARGS_apply": "-target=x", "TF_VAR_a": "1", "GITHUB_TOKEN": "t", "HOME": "/h"}
    made = environment(given | {"TF_DATA_DIR": "/other"}, DATA, CONFIG)
    assert not made.keys() & (given.keys() - {"HOME"})
    assert (made["TF_DATA_DIR"], made["HOME"]) == ("/data", "/h")
