"""The report command's use case: files in, verdict, comment, page and SARIF out."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from pipeline.domain.model import Action, Change, Leaf, Plan, UnitId
from pipeline.errors import Exit, Failure
from pipeline.output import Output
from pipeline.render.graph import svg
from pipeline.results import FindingsReport, UnitResult, load, plan_report
from pipeline.results.verdict import judge
from pipeline.usecases.report import Rendered, by_hand, render
from pipeline.usecases.site import Site
from tests.browser import SCREENS, barriers, chromium, opened
from tests.render.examples import finding, plan, result, save

SECRET = "planted_secret.value/1"


def build(folder: Path, out: Path, secrets: tuple[str, ...] = (), link: str = "") -> Rendered:
    results = load(folder, secrets)
    return render(judge(results), results, out, link, "T", secrets)


def site(tmp_path: Path, **environ: str) -> Site:
    return Site(tmp_path, tmp_path, tmp_path, Output(), environ)


def test_artifacts_may_nest_and_everything_is_written(tmp_path: Path) -> None:
    save(tmp_path / "results" / "shard-1", result())
    save(tmp_path / "results" / "shard-2", result(UnitId("web", "prod")))
    made = by_hand(site(tmp_path), tmp_path / "results", tmp_path)
    assert made.verdict.green
    assert "<h1>Delivery</h1>" in made.page.read_text()
    assert made.body.read_text() == made.comment


def test_a_damaged_result_is_red_and_does_not_stop_the_report(tmp_path: Path) -> None:
    save(tmp_path / "r", result())
    (tmp_path / "r/public/web--dev.cost.json").write_text('{"unit": "web/dev", "x": 1}')
    made = by_hand(site(tmp_path), tmp_path / "r", tmp_path)
    assert "web--dev.cost.json: the result file does not fit its schema" in made.verdict.reasons[0]
    assert made.page.is_file()


@pytest.mark.parametrize("there", [True, False])
def test_without_a_result_there_is_no_verdict_at_all(tmp_path: Path, there: bool) -> None:
    folder = tmp_path / "r"
    if there:
        folder.mkdir()
    with pytest.raises(Failure, match="pipeline plan UNIT") as raised:
        by_hand(site(tmp_path), folder, tmp_path)
    assert raised.value.exit_code is Exit.USAGE


def test_a_secret_that_got_into_the_results_is_in_nothing_that_is_written(tmp_path: Path) -> None:
    spoilt = [
        finding(message=f"It says {SECRET}.", remedy=f"Use {SECRET}"),
        finding("CKV_AWS_1", excepted=SECRET),
    ]
    save(tmp_path / "r", result(findings=spoilt, plan_of=plan(secret="")))
    file = tmp_path / "r/public/web--dev.plan.json"
    file.write_text(file.read_text().replace("see  there", SECRET))
    build(tmp_path / "r", tmp_path / "out", (SECRET,))
    written = list((tmp_path / "out").iterdir())
    assert len(written) == 3
    assert all(SECRET not in file.read_text().replace("<wbr>", "") for file in written)


def test_a_secret_that_is_a_word_blanks_no_address_file_or_rule(tmp_path: Path) -> None:
    changed = Change(
        "terraform_data.postgres",
        Action.REPLACE,
        (Leaf("/triggers_replace", "mysql", "postgres"), Leaf("/note", "a", "it is postgres")),
        type="terraform_data",
    )
    spoilt = finding(
        "POSTGRES_1",
        address=changed.address,
        file="terraform/modules/postgres/main.tf",
        message="terraform_data.postgres has the user postgres.",
    )
    shown = plan_report(Plan(UnitId("postgres", "dev"), (changed,)), "", ["postgres"])
    one = UnitResult(shown.unit_id, shown, FindingsReport(unit=shown.unit, findings=[spoilt]))
    save(tmp_path / "r", one)
    made = build(tmp_path / "r", tmp_path / "out", ("postgres",))
    text = made.comment + made.page.read_text().replace("<wbr>", "") + made.sarif.read_text()
    assert "`terraform_data.postgres` in `postgres/dev` is **replaced**" in made.comment
    for name in ("terraform_data.postgres", "terraform/modules/postgres/main.tf", "postgres/dev"):
        text = text.replace(name, "")
    assert "postgres" not in text
    assert "has the user (secret removed)" in text


def test_sarif_has_rules_places_and_suppressions(tmp_path: Path) -> None:
    save(tmp_path / "r", result(findings=[finding(), finding("OLD", new=False, excepted="why")]))
    made = build(tmp_path / "r", tmp_path)
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
    made = build(tmp_path / "r", tmp_path, link="https://example.com/r")
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
