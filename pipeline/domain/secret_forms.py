"""Secrets that are told by how they look: published formats, and what stands before a value.

The published formats are many and not ours, and some of them try a long text again at each of its
characters. So they see a text piece by piece, and the work grows as the text does; our own patterns
begin only where a word that says "secret" stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.data.secret_formats import PATTERNS

REMOVED = "(secret removed)"

# Formats as their owners publish them, beside those of detect-secrets: AWS IAM identifiers
# reference (AKIA, ASIA), GitHub token formats (2021-04-05), Slack, Stripe, OpenAI, Anthropic,
# Google, npm, Hugging Face, DigitalOcean, Docker, Vault, HCP Terraform, Pulumi, Databricks, Groq,
# Linear, Shopify and Atlassian key prefixes; age's secret keys; RFC 6750, 7468 and 7519.
_KEY_BLOCK = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)",
    re.DOTALL,
)
#: A JSON web token, which may be longer than a piece.
_WEB_TOKEN = re.compile(r"(?<![A-Za-z0-9_-])eyJ[\w-]{10,}+\.[\w-]{10,}+\.[\w-]{10,}+", re.ASCII)
_FORMATS = re.compile(
    r"""
    \b(?:AKIA|ASIA)[A-Z2-7]{16}\b
    | \bgh[pousr]_[A-Za-z0-9]{36,255}\b
    | \bgithub_pat_[A-Za-z0-9_]{50,255}\b
    | \bxox[abeoprs]-[A-Za-z0-9-]{10,}
    | \b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}
    | \bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{20,}
    | \bAIza[A-Za-z0-9_-]{35}
    | \beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}
    | \bnpm_[A-Za-z0-9]{36}\b
    | \bhf_[A-Za-z0-9]{30,}
    | \bdo[opr]_v1_[a-f0-9]{64}\b
    | \bdckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}
    | \bxapp-\d-[A-Za-z0-9]+-\d+-[A-Za-z0-9]+
    | \bAGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{50,}
    | \bhv[sbr]\.[A-Za-z0-9_-]{20,}
    | \b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,}
    | \bpul-[a-f0-9]{40}\b
    | \bdapi[a-f0-9]{32}\b
    | \bgsk_[A-Za-z0-9]{40,}
    | \blin_(?:api|oauth)_[A-Za-z0-9]{32,}
    | \bshp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}\b
    | \bATATT3[A-Za-z0-9_=-]{40,}
    | \b[Bb]earer[ ]+[A-Za-z0-9._~+/=-]{12,}
    """,
    re.VERBOSE | re.DOTALL,
)
_OTHERS = re.compile("|".join(PATTERNS))

#: No format is shorter; most strings of a plan are, and need no look.
_SHORTEST_FORMAT = 11

#: Characters that a format sees at once, and how far the next piece begins after this one: what is
#: no longer than their difference is whole in one of them.
PIECE, STEP = 1024, 512
#: What goes on behind the end of a piece.
_GOES_ON = re.compile(r"""[^\s"'<>&;,]*""")

#: Keys that are secret, in names of attributes and in text alike.
KEYS = r"(?:api|private|access|secret|auth|account|encryption|signing)[_-]?key"
CAMEL_KEYS = r"(?:Api|API|Private|Access|Secret|Auth|Account|Encryption|Signing)Key"
#: A whole word, or the end of one as in PGPASSWORD and clientSecret.
_KEYWORD = (
    rf"(?:password|passwd|passphrase|pass|pwd|secret|token|{KEYS}"
    rf"|[a-z0-9]{{1,32}}(?:password|passwd|passphrase|(?-i:Secret|Token|{CAMEL_KEYS})))"
)
_QUOTE = r"""\\{0,8}["']"""
#: No address of something at AWS, no template, no command: a reviewer has to see those.
_SHOWN = r"arn:|\(|\$|<|`"
#: A bare word that may be a secret: it has something beside letters, or is long.
_WORD = (
    rf"""(?!{_SHOWN})(?=[^\s&;,"'`<>]*[^a-z\s&;,"'`<>]|[^\s&;,"'`<>]{{12}})[^\s&;,"'`<>]{{6,}}"""
)
#: ``password = "…"``, ``"api_key": "…"``, also within a text of JSON; up to the closing quote.
_ASSIGNED = re.compile(
    rf"""(?ix)
    (?P<head>(?<![a-z0-9]){_KEYWORD}
        (?:{_QUOTE})?\s*(?:=>|:=|[:=])\s*(?P<quote>{_QUOTE}))
    (?P<value>(?!arn:)(?:(?!\$[({{]|`).){{6,4096}}?)(?=(?<!\\)(?P=quote))
    """
)
#: A line of YAML whose value has blanks and no quotes.
_LINE = re.compile(
    rf"""(?im)
    ^(?P<head>[\ \t]*(?:-[ ]+)?[a-z0-9_-]*?(?<![a-z0-9]){_KEYWORD}:[ ]+)
    (?P<value>(?!arn:|[(${{<"'|>&*!])(?=[^\s]+[ ]+[^\s])(?:(?!\$[({{]|[`|;]|&&)[^\n]){{6,}})$
    """,
    re.VERBOSE,
)
#: The same without quotes, as in an environment file, a URL's query, a YAML or an INI file; not
#: the name of a secret, which stands behind the account's number in an ARN, and no reference.
_BARE = re.compile(
    rf"""(?ix)
    (?P<head>(?<![a-z0-9])(?<!\d:){_KEYWORD}
        (?:=>?|:[ ]?|[ ]=>?[ ](?![a-z_][\w-]*[.\[(])))
    (?P<value>{_WORD})
    """
)
#: The option of a command: ``--password …``, ``-p…`` of mysql, ``-u user:…`` of curl.
_OPTION = re.compile(
    rf"""(?ix)
    (?P<head>
        (?<![^\s"'\[])--?(?:[a-z0-9-]{{1,40}}-)?{_KEYWORD}(?:[ \t]+|["'],[ ]?["'])["']?
        | \bmysql\w{{0,9}}\b[^\n;|&]{{0,300}}?\s-p["']?
        | \bsshpass\s+-p\s*["']?
        | \bredis-cli\b[^\n;|&]{{0,300}}?\s-a\s+["']?
        | \bcurl\b[^\n;|&]{{0,300}}?\s(?:-u|--user)[ =]?["']?[^\s:"']{{1,64}}:
    )
    (?P<value>(?!-|id=){_WORD})
    """
)
#: ``Authorization: Basic …``; RFC 9110, section 11.6.2.
_AUTHORIZATION = re.compile(
    rf"""(?ix)
    (?P<head>\b(?:proxy-)?authorization(?:{_QUOTE})?\s*[:=]\s*(?:{_QUOTE})?
        (?:basic|bearer|digest|token|apikey|negotiate)\s+)
    (?P<value>(?!\$)[^\s"',;\\]{{6,}})
    """
)
#: ``<db.password>…</db.password>``.
_TAG = re.compile(
    rf"""(?ix)
    (?P<head><(?:[\w.:-]{{0,40}}[_.:-])?{_KEYWORD}(?:\s[^<>]{{0,200}})?>\s*)
    (?P<value>(?!\$)[^<>\s][^<>]{{2,4095}}?)(?=\s*</)
    """
)
_NAMED = (
    rf"(?<![a-z0-9])(?:{_QUOTE})?(?:name|key)(?:{_QUOTE})?\s*[:=]\s*(?:{_QUOTE})?"
    rf"(?:[\w./-]{{0,100}}[_./-])?{_KEYWORD}(?:_?[0-9]{{1,2}}|_[a-z]{{1,8}})?(?:{_QUOTE})?\s*,?\s*"
)
_VALUE = rf"(?<![a-z0-9])(?:{_QUOTE})?value(?:{_QUOTE})?\s*[:=]\s*"
#: ``"name": "DB_PASSWORD", "value": "…"``, as containers and charts write their variables.
_PAIR = re.compile(
    rf"""(?ix)
    (?P<head>{_NAMED}{_VALUE}(?P<quote>{_QUOTE}))
    (?P<value>(?!arn:)(?:(?!\$[({{]|`).){{3,4096}}?)(?=(?<!\\)(?P=quote))
    """
)
_PAIR_BARE = re.compile(
    rf"""(?ix)
    (?P<head>{_NAMED}{_VALUE})
    (?P<value>(?!{_SHOWN}|["'\\|>&*!{{\[]|[a-z_][\w-]*[.\[(])[^\s"',}}]{{3,}}[^\n"',}}`$]*)
    """
)
#: The same the other way around.
_PAIR_TURNED = re.compile(
    rf"""(?ix)
    (?P<head>{_VALUE}(?P<quote>{_QUOTE}))
    (?P<value>(?!arn:)(?:(?!\$[({{]|`)[^"'\n]){{3,500}}?)(?=(?<!\\)(?P=quote)\s*,?\s*{_NAMED})
    """
)
#: ``scheme://user:password@host``, up to the last ``@``; a port is no password.
_USERINFO = re.compile(
    r"""(?x)
    (?P<head>://[^\s:/@]*:)
    (?P<value>(?!\d{1,5}[/?\#,'")\]])(?:(?!://)[^\s"<>`]){3,})(?=@)
    """
)

_BY_CONTEXT = (
    _PAIR,
    _PAIR_BARE,
    _PAIR_TURNED,
    _ASSIGNED,
    _LINE,
    _BARE,
    _OPTION,
    _AUTHORIZATION,
    _TAG,
    _USERINFO,
)


def without_forms(text: str) -> tuple[str, int]:
    """The text without what looks like a secret, and how many there were."""
    if len(text) < _SHORTEST_FORMAT:
        return text, 0
    text, total = _KEY_BLOCK.subn(REMOVED, text)
    text, found = _WEB_TOKEN.subn(REMOVED, text)
    total += found
    for pattern in (_FORMATS, _OTHERS):
        text, found = _without(pattern, text)
        total += found
    for pattern in _BY_CONTEXT:
        text, found = pattern.subn(_keep_head, text)
        total += found
    return text, total


def _keep_head(match: re.Match[str]) -> str:
    return f"{match['head']}{REMOVED}"


def _without(pattern: re.Pattern[str], text: str) -> tuple[str, int]:
    """The text without what a pattern finds in any piece of it."""
    shown: list[str] = []
    end = 0
    for begins, ends in sorted(set(_spans(pattern, text))):
        if begins >= end:
            shown += [text[end:begins], REMOVED]
        end = max(end, ends)
    return "".join([*shown, text[end:]]), len(shown) // 2


def _spans(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    for at in range(0, max(len(text) - PIECE + STEP, 1), STEP):
        last = at + PIECE
        for found in pattern.finditer(text, at, last):
            begins, ends = found.span()
            if ends < last or ends == len(text):
                yield begins, ends
            elif begins < at + STEP:  # else the next piece has it whole
                goes_on = _GOES_ON.match(text, ends)
                yield begins, goes_on.end() if goes_on else ends
