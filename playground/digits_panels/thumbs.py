"""Small pictures of digits in rows that wrap: for every panel that shows some."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np
import streamlit as st

from playground.colours import INK
from playground.figures.digits_data import VERDICT
from playground.figures.png import png_uri
from playground.theme import is_dark

SIZE = 48


def uri(image: np.ndarray, *, dark: bool) -> str:
    """image (h, w) uint8, 0 paper and 255 ink, as an address: ink in the page's text colour, paper transparent."""
    ink = INK["dark" if dark else "light"]
    pixels = np.empty((*image.shape, 4), np.uint8)
    pixels[..., :3] = [int(ink[i : i + 2], 16) for i in (1, 3, 5)]
    pixels[..., 3] = image
    return png_uri(pixels)


def grid(
    images: np.ndarray,
    captions: Sequence[str] = (),
    *,
    dark: bool,
    size: int = SIZE,
    right: Sequence[bool] = (),
    names: Sequence[str] = (),
) -> str:
    """HTML of images (k, 28, 28) uint8, or (k, r, 28, 28) for r of them one below the other, with a line of text under each.

    right: colours the line green where true, purple where false. names: what a screen reader says; the captions unless given.
    size: pixels on a side.
    """
    stacked = images if images.ndim == 4 else images[:, None]
    names = names or captions or [""] * len(stacked)
    cells = []
    for i, column in enumerate(stacked):
        tone = f"color:{VERDICT['dark' if dark else 'light'][not right[i]]};font-weight:600;" if len(right) else ""
        pictures = "".join(_picture(image, names[i], dark, size) for image in column)
        text = f'<div style="{tone}font-size:0.75rem;line-height:1.3">{html.escape(captions[i])}</div>' if len(captions) else ""
        cells.append(f'<div role="listitem" style="text-align:center;min-width:{size}px">{pictures}{text}</div>')
    return f'<div role="list" style="display:flex;flex-wrap:wrap;gap:8px 6px">{"".join(cells)}</div>'


def _picture(image: np.ndarray, name: str, dark: bool, size: int) -> str:
    style = (
        "display:block;margin:0 auto 2px;image-rendering:pixelated;border-radius:3px;"
        f"background:color-mix(in srgb,{INK['dark' if dark else 'light']} 6%,transparent)"
    )
    return f'<img src="{uri(image, dark=dark)}" alt="{html.escape(name)}" width="{size}" height="{size}" style="{style}">'


def show(
    images: np.ndarray,
    captions: Sequence[str] = (),
    *,
    size: int = SIZE,
    right: Sequence[bool] = (),
    names: Sequence[str] = (),
) -> None:
    """Draw `grid` in the visitor's theme."""
    if len(images):
        st.html(grid(images, captions, dark=is_dark(), size=size, right=right, names=names))
