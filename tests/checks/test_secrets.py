"""Secret detection: three nets, and what must pass through them untouched."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.secrets import (
    REMOVED,
    known_from_environment,
    known_from_plan,
    looks_random,
    scrub,
)


@pytest.mark.parametrize(
    "secret",
    [
        "AKIA" + "IOSFODNN7EXAMPLE",
        "ghp_" + "a1B2" * 9,
        "github_pat_" + "A1b2C3d4" * 8,
        "xoxb-" + "1234567890-abcdef",
        "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
        "sk-ant-" + "abcdefghijklmnopqrstuvwx",
        "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkw" + ".dozjgNryP4J3jVmNHl0w5N",
        "wJalrXUtnFEMI/K7MDENG" + "/bPxRfiCYEXAMPLEKEY",
        "npm_" + "a1B2c3D4e5F6" * 3,
        "glpat-" + "abcdefghij1234567890",
        "SG." + "a" * 22 + "." + "b" * 43,
        "https://hooks.slack.com/services/" + "T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
        "Bearer " + "abc123def456ghi",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_published_formats_are_found_without_being_known(secret: str) -> None:
    text, found = scrub(f"before {secret} after")
    assert text == f"before {REMOVED} after"
    assert found == 1


@pytest.mark.parametrize(
    "text",
    [
        "module.ecs.aws_ecs_service.api changes 74 leaves",
        "commit 0123456789abcdef0123456789abcdef01234567",
        "sha256:" + "0f" * 32,
        "lineage 9b2f4a0e-1c1d-4e2f-8a3b-5c6d7e8f9a0b",
        "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:loadbalancer/app/kw/50dc6c495c0c9188",
        "terraform/modules/observability/CloudWatch2/DashboardsOfTheEstate.tf:12",
        "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
        "Ensure that S3 bucket has cross-region replication enabled",
    ],
)
def test_ordinary_words_of_a_plan_pass(text: str) -> None:
    assert scrub(text) == (text, 0)


def test_a_password_in_an_address_and_in_an_assignment_is_found() -> None:
    text, found = scrub('postgres://kw:hunter2@db:5432/kw and {"db_password": "correct horse"}')
    assert "hunter2" not in text
    assert scrub('{"db_password": "correcthorse"}')[1] == 1
    assert found >= 1


@given(st.binary(min_size=30, max_size=60))
def test_a_long_random_string_is_removed_whenever_it_is_mixed(data: bytes) -> None:
    value = base64.b64encode(data).decode()
    if looks_random(value.rstrip("=")):
        assert value.rstrip("=") not in scrub(f"x {value} y")[0]


_VALUES = st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=0x17F), min_size=6)


@given(_VALUES, st.sampled_from(["{}", 'say "{}"', "a\n{}\nb", "<code>{}</code>"]))
def test_a_known_value_never_survives(value: str, frame: str) -> None:
    for spelled in (value, json.dumps(value), base64.b64encode(value.encode()).decode()):
        text, _ = scrub(frame.replace("{}", spelled), [value])
        assert value not in text.replace(REMOVED, "")


def test_a_value_that_contains_another_known_one_is_removed_whole() -> None:
    text, _ = scrub("longersecretvalue", ["secret-value", "secretvalue", "longersecretvalue"])
    assert text == REMOVED


def test_a_plan_gives_marked_and_unmarked_secrets() -> None:
    definitions = json.dumps(
        [{"environment": [{"name": "KW_API_KEY", "value": "key-in-a-container"}]}]
    )
    document = {
        "resource_changes": [
            {
                "change": {
                    "before": {"password": "old-password"},
                    "after": {
                        "secret_string": '{"username": "neo4j", "password": "marked-secret"}',
                        "auth_token": "unmarked-token",
                        "container_definitions": definitions,
                        "nested": [{"inner": "listed-secret"}],
                        "arn": "arn:aws:public",
                    },
                    "after_sensitive": {"secret_string": True, "nested": [{"inner": True}]},
                    "before_sensitive": False,
                }
            }
        ],
        "output_changes": {"x": {"after": "output-secret", "after_sensitive": True}},
        "configuration": {"root_module": {"variables": {"v": {"sensitive": True}}}},
        "variables": {"v": {"value": "variable-secret"}, "w": {"value": "public"}},
    }
    known = known_from_plan(document)
    assert {
        "old-password",
        "marked-secret",
        "unmarked-token",
        "key-in-a-container",
        "listed-secret",
        "output-secret",
        "variable-secret",
    } <= known
    assert not {"neo4j", "public", "arn:aws:public"} & known


def test_the_environment_gives_values_of_secret_names_only() -> None:
    known = known_from_environment({"GITHUB_TOKEN": "t-1", "AWS_SECRET_ACCESS_KEY": "k", "A": "b"})
    assert known == {"t-1", "k"}


def test_a_path_of_an_attribute_is_no_secret() -> None:
    path = "/policy/Statement/0/Condition/Bool/aws:SecureTransport"
    assert scrub(path) == (path, 0)


@pytest.mark.parametrize(
    "text",
    [
        "DB_PASS=s3cretpw",
        "password: s3cretpw",
        "password=s3cretpw",
        "jdbc:mysql://h/db?user=u&password=s3cretpw",
        "export API_TOKEN=s3cretpw",
    ],
)
def test_an_assignment_without_quotes_is_found(text: str) -> None:
    assert "s3cretpw" not in scrub(text)[0]


@pytest.mark.parametrize(
    "text",
    [
        "password: (known after apply)",
        "secret = arn:aws:secretsmanager:ap-southeast-2:1:secret:a",
        "the password is rotated every 30 days",
        "token_wo_version: 3",
    ],
)
def test_a_word_that_only_speaks_of_secrets_stays(text: str) -> None:
    assert scrub(text) == (text, 0)


@given(_VALUES.filter(lambda v: len(v.encode()) >= 8), st.binary(max_size=5), st.binary(max_size=5))
def test_a_known_value_inside_a_longer_base64_or_hex_text_is_not_whole_any_more(
    value: str, before: bytes, after: bytes
) -> None:
    data = before + value.encode() + after
    for text, decode in (
        (base64.b64encode(data).decode(), base64.b64decode),
        (data.hex(), bytes.fromhex),
    ):
        shown = scrub(text, [value])[0]
        assert REMOVED in shown
        for part in shown.split(REMOVED):
            try:
                assert value.encode() not in decode(part)
            except ValueError:
                continue
    escaped = "".join(f"\\u{ord(c):04x}" for c in value)
    assert escaped not in scrub(escaped, [value])[0]


def test_the_formats_are_those_of_the_locked_detect_secrets() -> None:
    from pipeline.data.formats import FILE, text

    assert FILE.read_text() == text(), "run `python -m pipeline.data.formats`"


def test_the_name_of_a_secret_is_none() -> None:
    arn = "arn:aws:secretsmanager:ap-southeast-2:123456789012:secret:team/dev/store-??????"
    assert scrub(arn) == (arn, 0)
