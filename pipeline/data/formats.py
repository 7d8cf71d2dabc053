"""Write secret_formats.py: the token formats that detect-secrets knows, as plain patterns.

``python -m pipeline.data.formats``, with the development environment. The library itself takes
0.4 s to import, because it can also ask the services whether a token is alive; its patterns are
what every command needs. A test holds the file to the locked version.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

FILE = Path(__file__).with_name("secret_formats.py")

#: Not formats of one owner: words, entropy and public addresses, which have nets of their own.
_OTHER = frozenset({"BasicAuthDetector", "IPPublicDetector", "KeywordDetector"})


def text() -> str:
    """The module's text: the patterns by detector, with their flags written into them."""
    from detect_secrets import plugins
    from detect_secrets.plugins.base import RegexBasedDetector

    found: dict[str, list[str]] = {}
    for module in pkgutil.iter_modules(plugins.__path__):
        loaded = importlib.import_module(f"detect_secrets.plugins.{module.name}")
        for name, kind in vars(loaded).items():
            if (
                isinstance(kind, type)
                and issubclass(kind, RegexBasedDetector)
                and isinstance(kind.denylist, list | tuple)
                and name not in _OTHER
            ):
                found[name] = [_scoped(re.compile(pattern)) for pattern in kind.denylist]
    lines = [
        '"""Token formats, written by ``python -m pipeline.data.formats``. Do not edit."""',
        "",
    ]
    lines.append("PATTERNS = (")
    for name, patterns in sorted(found.items()):
        lines.append(f"    # {name}")
        lines += [f"    {pattern!r}," for pattern in patterns]
    return "\n".join([*lines, ")", ""])


def _scoped(pattern: re.Pattern[str]) -> str:
    """The pattern with its flags inside, so that all can be joined into one."""
    flags = "".join(
        letter
        for letter, flag in (("i", re.IGNORECASE), ("s", re.DOTALL), ("x", re.VERBOSE))
        if pattern.flags & flag
    )
    return f"(?{flags}:{pattern.pattern})"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
