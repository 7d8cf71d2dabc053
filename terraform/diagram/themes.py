"""Colours. Text and lines keep a contrast of 4.5 on everything that they cross."""

from __future__ import annotations

from dataclasses import dataclass

FONT = "system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif"


@dataclass(frozen=True, slots=True)
class Theme:
    """Every colour by what it is for; ``callers`` are told apart by theirs."""

    page: str
    text: str
    soft: str
    box: str
    edge: str
    network: str
    frames: dict[str, str]
    callers: tuple[str, ...]


THEMES = {
    "light": Theme(
        page="#ffffff",
        text="#1f2328",
        soft="#4c545e",
        box="#ffffff",
        edge="#8c959f",
        network="#1f2328",
        frames={
            "region": "#f6f8fa",
            "network": "#eef4fb",
            "zone": "#f8fafd",
            "public": "#fdf3dc",
            "private": "#e3eefb",
            "account": "#f6f8fa",
        },
        callers=("#0550ae", "#8a3b00", "#6639ba", "#116329", "#99286e", "#00606b"),
    ),
    "dark": Theme(
        page="#0d1117",
        text="#f0f6fc",
        soft="#b0bac4",
        box="#0d1117",
        edge="#6e7681",
        network="#f0f6fc",
        frames={
            "region": "#12171e",
            "network": "#141d29",
            "zone": "#10161f",
            "public": "#2b2514",
            "private": "#162840",
            "account": "#12171e",
        },
        callers=("#79c0ff", "#ffa657", "#d2a8ff", "#7ee787", "#ff9bce", "#76e3ea"),
    ),
}
