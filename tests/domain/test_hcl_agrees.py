"""The HCL reader against Terraform itself: what it reads, and what of it is code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline.adapters.tools import locate
from pipeline.domain.hcl import HclError, parse
from pipeline.domain.hcl_calls import own_calls
from tests.domain.hcl_files import CHANGED, files, numbered

UNDECLARED = re.compile(r'An input variable with the name "(m\d+)"')


def terraform(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}
    return subprocess.run(
        [locate("terraform"), *arguments], cwd=folder, capture_output=True, text=True, env=environ
    )


def refused(folder: Path, names: Iterable[str]) -> set[str]:
    """The files whose syntax Terraform refuses."""
    done = terraform(folder, "fmt", "-no-color", "-check", "-list=false", "--", *names)
    return set(re.findall(r"^\s+on (\S+) line \d+", done.stderr, re.MULTILINE))


def code(text: str) -> set[str]:
    """The names after ``var.`` that our reader takes for code."""
    found = set()
    for tokens in parse(text).expressions():
        words = [token.text for token in tokens]
        found |= {
            name
            for head, dot, name in zip(words, words[1:], words[2:], strict=False)
            if (head, dot) == ("var", ".") and re.fullmatch(r"m\d+", name)
        }
    return found


def disagreements(texts: Mapping[str, str]) -> list[str]:
    """Where Terraform and our reader do not see the same in these files."""
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in texts.items():
            (folder / file).write_bytes(text.encode())
        bad = refused(folder, texts)
        ours: set[str] = set()
        for file, text in texts.items():
            if file in bad:
                (folder / file).unlink()
                continue
            try:
                ours |= code(text)
            except HclError as error:
                found.append(f"only we refuse {text!r}: {error.sentence}, line {error.line}")
                (folder / file).unlink()
                bad.add(file)
        told = json.loads(terraform(folder, "validate", "-json").stdout)["diagnostics"]
    theirs = {hit[1] for item in told if (hit := UNDECLARED.search(item.get("detail", "")))}
    # Terraform leaves an expression at its first reference that cannot be one.
    left = {item["range"]["filename"] for item in told if not UNDECLARED.search(item["detail"])}
    for each in sorted(ours ^ theirs):
        reader = "we" if each in ours else "Terraform"
        [file] = [file for file, text in texts.items() if re.search(rf"\b{each}\b", text)]
        if reader == "Terraform" or file not in left:
            found.append(f"only {reader} see {each} as code in {texts[file]!r}")
    for file in texts.keys() - bad:
        text = texts[file]
        if not text.endswith(CHANGED) and file not in left:
            found += [f"the call {name} of {text!r}" for name in calls_amiss(text, theirs)]
    return found


def calls_amiss(text: str, code: set[str]) -> set[str]:
    """The calls that our reader finds without reason, or misses, given Terraform's code."""
    ours = {call.name for tokens in parse(text).expressions() for call in own_calls(tokens)}
    real = {f"f{n}" for n in re.findall(r"\bf(\d+)\b(?!_)", text) if f"m{n}" in code}
    return real ^ {name for name in ours if re.fullmatch(r"f\d+", name)}


@pytest.mark.slow
@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(files(), min_size=15, max_size=30))
def test_what_terraform_reads_is_read_and_the_same_of_it_is_code(made: list[str]) -> None:
    assert disagreements(numbered(made)) == []


#: Structure, and what ends what: Terraform takes each of these or refuses it, and so do we.
CORPUS = [
    'locals {\n  a = <<E\n%{ for x in ["a"] ~}\n${~ local.x ~}\n%{ endfor ~}\nE\n}\n',
    "locals {\n  a = <<-E\n    x $${a} %%{b} $$ % $\n      E\n}\n",
    "locals {\n  a = <<E\nx${<<F\ny\nF\n}z\nE\n}\n",
    'locals {\n  a = "${~ "x" ~}"\n}\n',
    'locals {\n  a = "%{ if true ~} b %{~ else ~} c %{~ endif }"\n}\n',
    'locals {\n  a = "\\"\\\\\\n\\t\\r\\u00e9\\U0001F600"\n}\n',
    'locals {\n  a = "\\d"\n}\n',
    'locals {\n  a = "\\u12"\n}\n',
    'locals {\n  a = "x\ny"\n}\n',
    "locals {\n  a = [1e5, 1E-3, 0.5, 5]\n}\n",
    'locals {\n  a = provider::aws::arn_parse(core::upper("x"))\n}\n',
    'locals {\n  a = var.b[*].c.0.d["e"].*.f\n}\n',
    "locals {\n  a = { for k, v in {} : k => v... if v != null }\n}\n",
    "locals {\n  a = (1 +\n    2) /* c\n */\n} # end",
    "locals {\n  é日 = 1\n  a-b = 2\n  e\u0301 = 3\n}\n",
    "locals { a = 1 }\n",
    "locals { a = 1, b = 2 }\n",
    "locals { a = 1\n}\n",
    "locals {\n  a = 1 }\n",
    "locals {\n  a = 1\n} locals {}\n",
    "a { b {} }\n",
    "a {\n  b {}\n}\n",
    'a b "c" d {}\n',
    'a "${b}" {}\n',
    'a "$${b}" {}\n',
    "a = 1\na = 2\n",
    '"a" = 1\n',
    "a = 1 b = 2\n",
    "a = {\n  b = 1\n  c = 2, d = 3\n}\n",
    "a =\n1\n",
    "a = [1\n",
    "a = 1)\n",
    "a = <<E\nx\nE",
    "a = <<E\nx\n\u00a0E\u2003\nb = 1\n",
    "a = <<E \nx\nE\n",
    "a = << E\nx\nE\n",
    "a = 'x'\n",
    "a = 1;\n",
    "a = 1\r\nb = <<E\r\nx\r\nE\r\n",
    "\ufeffa = 1\n",
    "a\u00a0= 1\n",
    "// x\ra = 1\n",
    "",
]


@pytest.mark.slow
def test_what_terraform_refuses_of_structure_is_refused_and_nothing_else() -> None:
    texts = {f"c{number}.tf": text for number, text in enumerate(CORPUS)}
    with tempfile.TemporaryDirectory() as name:
        for file, text in texts.items():
            (Path(name) / file).write_bytes(text.encode())
        theirs = refused(Path(name), texts)
    ours = {file for file, text in texts.items() if not reads(text)}
    assert {texts[file] for file in ours} == {texts[file] for file in theirs}
    assert len(theirs) > 10


def reads(text: str) -> bool:
    try:
        parse(text)
    except HclError:
        return False
    return True
