"""How fast text is read, cut and extracted without a model, in megabytes a processor second.

    python -m evaluation.speed FILE...

The seconds are those of this process; on a busy machine even they are longer than on an idle one.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from knowledgeweaver.extract.offline import Offline
from knowledgeweaver.reading import read
from knowledgeweaver.text.chunks import pieces


def measure(data: bytes, name: str) -> tuple[float, float, float]:
    """The processor seconds of reading, of cutting and of extracting."""
    started = time.process_time()
    text = read(data, name)
    was_read = time.process_time()
    found = pieces(text)
    was_cut = time.process_time()
    extractor = Offline()
    for piece in found:
        extractor.extract(piece.text, title=text.title, language=text.language)
    return was_read - started, was_cut - was_read, time.process_time() - was_cut


def main(paths: list[str]) -> None:
    for path in map(Path, paths):
        data = path.read_bytes()
        reading, cutting, extracting = measure(data, path.name)
        rates = [
            f"{what} {len(data) / 1e6 / max(seconds, 1e-9):.1f}"
            for what, seconds in (
                ("read", reading),
                ("cut", cutting),
                ("extract", extracting),
                ("together", reading + cutting + extracting),
            )
        ]
        print(f"{path.name}, {len(data) / 1e6:.2f} MB: {', '.join(rates)} MB/s")


if __name__ == "__main__":
    main(sys.argv[1:])
