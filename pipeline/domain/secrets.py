"""Find secret values in text and take them out before anything is rendered or uploaded.

Three nets, because providers forget to mark attributes as sensitive: values that are known to be
secret, the published formats of keys and tokens, and long strings that look random. One function,
:func:`scrub`, is what every comment, report, summary, log and public file goes through.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import pairwise

from pipeline.domain.exact import Exact
from pipeline.domain.nested import parse_json
from pipeline.domain.secret_forms import CAMEL_KEYS, KEYS, REMOVED, without_forms
from pipeline.domain.spellings import spellings

#: A known value shorter than this is not searched for: it would blank ordinary words.
SHORTEST_KNOWN = 6

#: Bits per character above which a long mixed string counts as random: 24 random base64
#: characters have about 4.3, English words joined stay below 3.8 or fail the next test.
ENTROPY = 3.8

#: Share of neighbours of different kind (lower, upper, digit): random base64 has 0.6, AWS's
#: documented example key 0.34, CamelCase names and paths below 0.25.
TURNS = 0.3

#: Shortest string the entropy net looks at: `openssl rand -base64 18` gives 24 characters.
SHORTEST_RANDOM = 24

_CANDIDATE = re.compile(rf"[A-Za-z0-9+/_=-]{{{SHORTEST_RANDOM},}}")

#: Lines of base64 or hexadecimal, as tools wrap them; also within a text of JSON.
_WRAPPED = re.compile(
    r"(?<![A-Za-z0-9+/_-])(?:[A-Za-z0-9+/_-]{40,}+(?:\\r)?(?:\\n|\r?\n)[ \t]*)+[A-Za-z0-9+/_=-]+"
)
_BREAK = re.compile(r"\\[rn]|\s")

#: What looks random but is public by its nature.
_PUBLIC = re.compile(
    r"""(?x)
    [0-9a-f]+                                  # git commits, digests, Terraform lineage
    | [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}
    | h1:.*
    """
)

#: Names of variables and attributes whose value is secret whatever the schema says.
SECRET_NAME = re.compile(
    r"(?:(?:^|[_/.-])(?i:secret|secret_?string|auth_?token|client_secret|token|connection_string"
    rf"|{KEYS}|credentials?|pwd|pass)"
    r"|(?i:password|passwd|passphrase)"  # PGPASSWORD, sshpassphrase: no other word ends so
    rf"|[a-z0-9](?:Secret|SecretString|Token|ConnectionString|Credentials?|{CAMEL_KEYS}))"
    r"(?i:_wo|_?\d{1,2}|_v\d{1,2}|_(?:old|new|base|dev|staging|prod))?$"
)


#: The name of something at AWS, which is public.
_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[^:\s]*:[^:\s]*:\S+")


def secret_by_name(name: str, value: object) -> bool:
    """Whether a value is secret by its name: a text, and no switch and no ARN."""
    if not isinstance(value, str) or value.lower() in ("", "true", "false"):
        return False
    return bool(SECRET_NAME.search(name)) and not _ARN.fullmatch(value)


#: Keys that are names of attributes and no secrets themselves.
_NAME = re.compile(r"[a-z]+\d?[a-z]*(?:_[a-z0-9]+)*|[A-Za-z]+")

#: Digits from which a number is searched for.
_DIGITS = 8

#: Parts of a secret's JSON that are ordinary words; searching for them would blank the report.
_NOT_SECRET = frozenset({"username", "user", "host", "hostname", "port", "engine", "dbname"})


def entropy(text: str) -> float:
    """Shannon entropy in bits per character."""
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())


def looks_random(text: str) -> bool:
    """Whether a word is long, mixed and random enough to be a generated secret."""
    if len(text) < SHORTEST_RANDOM or _PUBLIC.fullmatch(text):
        return False
    kinds = [_kind(character) for character in text]
    if not {"lower", "upper", "digit"} <= set(kinds):
        return False
    # Separators are no turns: they join the words of paths and names.
    inside = [pair for pair in pairwise(kinds) if "other" not in pair]
    changes = sum(one != two for one, two in inside) / max(len(inside), 1)
    return changes >= TURNS and entropy(text) >= ENTROPY


def _kind(character: str) -> str:
    if character.isdigit():
        return "digit"
    return "upper" if character.isupper() else "lower" if character.islower() else "other"


@lru_cache(maxsize=64)
def _all_spellings(known: frozenset[str]) -> tuple[str, ...]:
    """Every spelling of every known value, the longest first: a value may contain another."""
    forms = {form for v in known for form in (v, v.strip()) if len(form) >= SHORTEST_KNOWN}
    found = {spelling for form in forms for spelling in spellings(form)}
    return tuple(sorted(found, key=len, reverse=True))


def scrub(text: str, known: Iterable[str] = ()) -> tuple[str, int]:
    """Replace every secret in ``text`` by :data:`REMOVED`; returns the text and how many.

    ``known`` are values that are secret for certain; those shorter than
    :data:`SHORTEST_KNOWN` characters are left to the other nets.
    """
    total = 0
    searched = _all_spellings(frozenset(known))
    for spelling in searched:
        found = text.count(spelling) if len(spelling) <= len(text) else 0
        if found:
            text = text.replace(spelling, REMOVED)
            total += found

    def joined(match: re.Match[str]) -> str:
        nonlocal total
        lines = _BREAK.sub("", match.group())
        if not any(spelling in lines for spelling in searched):
            return match.group()
        total += 1
        return REMOVED

    if searched:
        text = _WRAPPED.sub(joined, text)
    text, found = without_forms(text)
    total += found

    def judge(match: re.Match[str]) -> str:
        nonlocal total
        if not looks_random(match.group()):
            return match.group()
        total += 1
        return REMOVED

    return _CANDIDATE.sub(judge, text), total


#: Fields by which something is found, however random they look: digests, commits, ids, addresses.
_IDENTIFIERS = frozenset(
    {"digest", "record", "head", "base", "unit", "key", "schema_version", "address",
     "previous_address", "deposed"}
)  # fmt: skip


def scrub_tree(value: object, known: tuple[str, ...] = ()) -> object:
    """:func:`scrub` on every string of a JSON value (keys stay)."""
    if isinstance(value, str):
        return scrub(value, known)[0]
    if isinstance(value, list | tuple):
        return [scrub_tree(item, known) for item in value]
    if isinstance(value, Mapping):
        return {
            key: item if key in _IDENTIFIERS else scrub_tree(item, known)
            for key, item in value.items()
        }
    return value


def known_from_environment(environment: Mapping[str, str]) -> frozenset[str]:
    """Values of environment variables whose name says that they are secret."""
    folders = ("PWD", "OLDPWD")  # the shell's, no abbreviation of password
    return frozenset(v for k, v in environment.items() if k not in folders and secret_by_name(k, v))


def known_from_plan(document: Mapping[str, object]) -> frozenset[str]:
    """Secret strings of a ``terraform show -json`` document.

    Whatever Terraform marks sensitive (before and after), sensitive variables' and outputs'
    values, and attributes whose name says so though the provider did not mark them.
    """
    found: set[str] = set()
    for part in ("resource_changes", "resource_drift"):
        for change in _list(document.get(part)):
            body = _dict(change.get("change"))
            for side in ("before", "after"):
                _marked(body.get(side), body.get(f"{side}_sensitive"), found)
                _named(body.get(side), "", found)
    for output in map(_dict, _dict(document.get("output_changes")).values()):
        for side in ("before", "after"):
            _marked(output.get(side), output.get(f"{side}_sensitive"), found)
    config = _dict(_dict(_dict(document.get("configuration")).get("root_module")).get("variables"))
    for name, variable in _dict(document.get("variables")).items():
        if _dict(config.get(name)).get("sensitive") or SECRET_NAME.search(name):
            _everything(_dict(variable).get("value"), found)
    return frozenset(found)


def _dict(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Mapping[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _marked(value: object, marks: object, found: set[str]) -> None:
    if marks is True:
        _everything(value, found)
    elif isinstance(marks, dict) and isinstance(value, dict):
        for key, mark in marks.items():
            _marked(value.get(key), mark, found)
    elif isinstance(marks, list) and isinstance(value, list):
        for item, mark in zip(value, marks, strict=False):
            _marked(item, mark, found)


def _named(value: object, name: str, found: set[str]) -> None:
    """Walk a value; JSON strings are opened, since container definitions hide secrets there."""
    if isinstance(value, dict):
        # ECS writes {"name": "X", "value": "…"}, and reads it with capitals, too
        folded = {str(key).lower(): item for key, item in value.items()}
        pair = folded.get("name"), folded.get("value")
        if isinstance(pair[0], str) and secret_by_name(pair[0], pair[1]):
            found.add(str(pair[1]))
        for key, item in value.items():
            _named(item, key, found)
    elif isinstance(value, list):
        for item in value:
            _named(item, name, found)
    elif isinstance(value, str):
        if value[:1] in "{[" and value[-1:] in "]}":
            try:
                _named(parse_json(value), name, found)
            except ValueError:
                pass
            else:
                return
        if secret_by_name(name, value):
            found.add(value)


def _everything(value: object, found: set[str]) -> None:
    if isinstance(value, str):
        found.add(value)
        if value.strip()[:1] in ("{", "["):  # often JSON: its parts are secret as well
            with contextlib.suppress(ValueError):
                _everything(parse_json(value), found)
    elif isinstance(value, int | float | Exact) and not isinstance(value, bool):
        text = value.text if isinstance(value, Exact) else str(value)
        if sum(map(str.isdigit, text)) >= _DIGITS:
            found.add(text)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not _NAME.fullmatch(key):
                found.add(key)
            if key.lower() not in _NOT_SECRET:
                _everything(item, found)
    elif isinstance(value, list):
        for item in value:
            _everything(item, found)
