"""``python -m knowledgeweaver``: the command; without words it serves, as the image starts it."""

from __future__ import annotations

import sys

from knowledgeweaver.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
