"""``python -m pipeline``."""

from pipeline.withdraw import withdraw


def start() -> None:
    withdraw()  # before anything else is imported: it may start this process anew
    from pipeline.cli.main import main

    main()


if __name__ == "__main__":
    start()
