"""The report command's use case: files in, verdict, comment, page and SARIF out."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from pipeline.domain.model import UnitId
from pipeline.errors import Failure
from pipeline.render.graph import svg
from pipeline.usecases.report import build, read_needs
from tests.browser import SCREENS, barriers, chromium, opened
from tests.render.examples import finding, plan, result, save

SECRET = "planted_secret.value/1"


def needs(*units: str, **jobs: str) -> dict[str, str]:
    found = {"affected": {"result": "success", "outputs": {"units": json.dumps(units)}}}
    return {"NEEDS": json.dumps(found | {job: {"result": ended} for job, ended in jobs.items()})}


def test_artifacts_may_nest_and_everything_is_written(tmp_path: Path) -> None:
    save(tmp_path / "results" / "shard-1", result())
    save(tmp_path / "results" / "shard-2", result(UnitId("web", "prod")))
    made = build(
        tmp_path / "results", needs("web/dev", "web/prod", plan="success"), tmp_path, "", "T"
    )
    assert made.verdict.green
    assert "<h1>T</h1>" in made.page.read_text()
    assert made.body.read_text() == made.comment


def test_a_missing_unit_makes_it_red(tmp_path: Path) -> None:
    save(tmp_path / "r", result())
    made = build(tmp_path / "r", needs("web/dev", "web/prod"), tmp_path, "", "T")
    assert made.verdict.reasons == ("web/prod has no result",)


def test_a_damaged_result_is_red_and_does_not_stop_the_report(tmp_path: Path) -> None:
    save(tmp_path / "r", result())
    (tmp_path / "r/public/web--dev.cost.json").write_text('{"unit": "web/dev", "x": 1}')
    made = build(tmp_path / "r", needs("web/dev"), tmp_path, "", "T")
    assert "web--dev.cost.json: the result file does not fit its schema" in made.verdict.reasons[0]
    assert made.page.is_file()


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1}'])
def test_needs_that_are_no_object_are_refused(text: str) -> None:
    with pytest.raises(Failure, match="NEEDS is no JSON object"):
        read_needs(text)


def test_a_secret_that_got_into_the_results_is_in_nothing_that_is_written(tmp_path: Path) -> None:
    spoilt = [
        finding(message=f"It says {SECRET}.", remedy=f"Use {SECRET}", address=f'a.b["{SECRET}"]'),
        finding("CKV_AWS_1", excepted=SECRET),
    ]
    save(tmp_path / "r", result(findings=spoilt, plan_of=plan(secret="")))
    file = tmp_path / "r/public/web--dev.plan.json"
    file.write_text(file.read_text().replace("see  there", SECRET))
    build(tmp_path / "r", {"MY_SECRET": SECRET} | needs("web/dev"), tmp_path / "out", "", "T")
    written = list((tmp_path / "out").iterdir())
    assert len(written) == 3
    assert all(SECRET not in file.read_text().replace("<wbr>", "") for file in written)


def test_sarif_has_rules_places_and_suppressions(tmp_path: Path) -> None:
    save(tmp_path / "r", result(findings=[finding(), finding("OLD", new=False, excepted="why")]))
    made = build(tmp_path / "r", needs("web/dev"), tmp_path, "", "T")
    (run,) = json.loads(made.sarif.read_text())["runs"]
    new, old = run["results"]
    place = new["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "terraform/modules/neo4j/main.tf"
    assert place["region"]["startLine"] == 97
    assert run["tool"]["driver"]["rules"][new["ruleIndex"]]["id"] == "CKV_KWD_2"
    assert "suppressions" not in new
    assert old["suppressions"][0]["justification"] == "why"


def test_the_graph_is_well_formed_and_has_a_text_alternative() -> None:
    graph = result().graph
    assert graph is not None
    root = ET.fromstring(svg(graph))  # noqa: S314 - our own output
    text = " ".join(root.itertext())
    assert "Modules of web/dev" in text
    assert "neo4j: 1 to replace" in text
    assert len(list(root.iter("rect"))) == 2
    assert len(list(root.iter("path"))) == 1


@pytest.mark.slow
def test_the_page_in_a_browser_fits_asks_nobody_and_has_no_accessibility_violation(
    tmp_path: Path,
) -> None:
    units = [UnitId("knowledgeweaver", "staging"), UnitId("web", "dev")]
    for unit in units:
        save(tmp_path / "r", result(unit, [finding(), finding("OLD", new=False)], after=95))
    made = build(tmp_path / "r", needs(*map(str, units)), tmp_path, "https://example.com/r", "T")
    asked: list[str] = []
    with chromium() as browser:
        for scheme, width, height in SCREENS.values():
            context = opened(
                browser,
                color_scheme="dark" if scheme == "dark" else "light",
                viewport={"width": width, "height": height},
            )
            page = context.new_page()
            page.on("request", lambda request: asked.append(request.url))
            page.goto(made.page.as_uri())
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            assert barriers(page) == []
            context.close()
    assert set(asked) == {made.page.as_uri()}
