"""A photograph of a handwritten digit, made into a 28x28 picture as MNIST's were. Everything stays in memory."""

from __future__ import annotations

import io
import threading
import warnings
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFilter

from engines.data.blobs import Blobs, blobs_of
from engines.data.drawn import BOX, as_digit

MAX_BYTES = 10 * 1024**2
MAX_PIXELS = 40_000_000
WORK_SIDE = 256
LEAST_SIDE = 16
FORMATS = ("PNG", "JPEG", "WEBP")
LEAST_CONTRAST = 18
LEAST_SIGMAS = 5
MOST_INK = 0.45
LEAST_PART = 0.3
"""Of all the ink that does not touch the edge: a page of writing is no digit."""
COMPARABLE = 0.5
"""A shape with this share of the digit's ink and length may be a digit itself."""
THIN, USUAL = 1.9, 2.3
"""Strokes thinner than the first, in pixels of the 20-pixel box, are made as wide as the second: MNIST's median."""
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_one_at_a_time = threading.Lock()
_OTHER_KINDS = {
    b"ftyphei": "HEIC",
    b"ftypmif": "HEIC",
    b"ftypavif": "AVIF",
    b"%PDF": "PDF",
    b"GIF8": "GIF",
    b"II*\0": "TIFF",
    b"BM": "BMP",
}
_UNREADABLE = "This file is no picture that can be read here: take a PNG, a JPEG or a WebP."
_DAMAGED = "This picture is damaged, or only part of it is here: save it again, or take another."
_FAINT = "No digit found: nothing stands out from the paper. A darker pen or more light may help."
_CROWDED = "No digit found: too much of the picture is ink or shadow. One digit on plain paper works best."
_SMALL = "No digit found: what is written is too small. Come closer, so that the digit fills most of the picture."


class Photo(NamedTuple):
    """What was found on a photo. picture: (28, 28) uint8, 0 paper to 255 ink. others: shapes about as large that were left out.

    joined: shapes about as large that lie so close together that they were taken for one digit; 1 is the digit alone.
    """

    picture: np.ndarray
    others: int = 0
    joined: int = 1


def read_photo(content: bytes) -> Photo:
    """The digit on a photo or scan (PNG, JPEG or WebP) as a picture (28, 28) uint8, 0 paper to 255 ink.

    Dark on light or light on dark, in uneven light; turned as its EXIF says; what is transparent is paper. Of several blobs
    the largest counts, with what lies close to it. Thin strokes are thickened to what MNIST's pens wrote.
    Raises ValueError with a sentence for the visitor: no such picture, more than 10 MB or 40 megapixels, no digit found.
    """
    if len(content) > MAX_BYTES:
        raise ValueError(f"This file has {-(-len(content) // 1024**2)} MB; at most {MAX_BYTES // 1024**2} MB are read.")
    with _one_at_a_time:
        grey = _grey(content)
    ink, others, joined = _digit_of(*_ink(grey))
    side = max(ink.shape)
    raster = np.zeros((side, side), np.uint8)
    raster[: ink.shape[0], : ink.shape[1]] = np.rint(255 * ink)
    picture = as_digit(raster)
    if picture is None:
        raise ValueError(_FAINT)
    return Photo(picture, others, joined)


# ---- reading


def _grey(content: bytes) -> np.ndarray:
    """Brightness (h, w) float32, 0 to 255, the longer side 256 at most. One picture at a time: a large one takes 160 MB."""
    image = _opened(content)
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise ValueError(_too_large(width * height))
    if min(width, height) < LEAST_SIDE:
        raise ValueError(f"This picture has {width} by {height} pixels: too few to find a digit on.")
    try:
        image.draft(None, (2 * WORK_SIDE, 2 * WORK_SIDE))
        turn = image.getexif().get(_ORIENTATION, 1)
        brightness, cover = (None if part is None else _turned(_shrunk(part), turn) for part in _parts(image))
    except Exception as error:
        raise ValueError(_DAMAGED) from error
    return _on_paper(brightness, cover)


def _opened(content: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # its size is looked at before it is read
            return Image.open(io.BytesIO(content), formats=FORMATS)
    except Image.DecompressionBombError:
        raise ValueError(_too_large(None)) from None
    except Image.UnidentifiedImageError:
        raise ValueError(_told_of(content)) from None
    except Exception as error:
        raise ValueError(_DAMAGED) from error


def _too_large(pixels: int | None) -> str:
    has = f"has {pixels / 1e6:.0f} megapixels" if pixels else "is far too large"
    return f"This picture {has}; at most {MAX_PIXELS // 1_000_000} megapixels are read. Make it smaller first."


def _told_of(content: bytes) -> str:
    head = content[:16]
    for mark, kind in _OTHER_KINDS.items():
        if head.startswith(mark, 4 if mark.startswith(b"ftyp") else 0):
            return (
                f"This is {'an' if kind in ('HEIC', 'AVIF') else 'a'} {kind} file, which is not read here: save it as JPEG or PNG."
            )
    return _UNREADABLE


def _parts(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Brightness, and how opaque it is: None where it is so everywhere. One channel each takes the least memory."""
    if image.mode.startswith(("I", "F")):
        return image.convert("F"), None
    if image.has_transparency_data:
        image = image if image.mode in ("RGBA", "LA") else image.convert("RGBA")
        return image.convert("L"), image.getchannel("A")
    return image.convert("L"), None


def _shrunk(image: Image.Image) -> Image.Image:
    """At most 256 pixels long; small ones are enlarged, every pixel to the same square."""
    image.thumbnail((WORK_SIDE, WORK_SIDE), Image.Resampling.BOX, reducing_gap=None)
    factor = max(1, WORK_SIDE // (2 * max(image.size)))
    return image.resize((factor * image.width, factor * image.height), Image.Resampling.NEAREST)


def _turned(image: Image.Image, orientation: int) -> np.ndarray:
    """Upright, (h, w) float32, by EXIF's orientation."""
    turn = _TURNS.get(orientation)
    return np.asarray(image if turn is None else image.transpose(turn), np.float32)


def _on_paper(brightness: np.ndarray, cover: np.ndarray | None) -> np.ndarray:
    """0 to 255; behind what is transparent lies paper: black behind light ink, else white."""
    if brightness.max() > 255 or brightness.min() < 0:
        brightness = (brightness - brightness.min()) * (255 / np.ptp(brightness))
    if cover is None:
        return brightness
    share = cover / 255
    light = float((brightness * share).sum()) > 128 * float(share.sum()) and share.mean() < 0.5
    return brightness * share + (0 if light else 255) * (1 - share)


# ---- finding the ink


def _ink(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How much of each place is ink, 0 to 1, and a mask of ink. Raises ValueError where nothing stands out."""
    excess = _standing_out(grey)
    threshold = _otsu(excess)
    above, below = excess[excess > threshold], excess[excess <= threshold]
    if not len(above) or not len(below):
        raise ValueError(_FAINT)
    noise = 1.4826 * float(np.median(np.abs(below - np.median(below))))
    contrast = float(np.median(above)) - float(np.median(below))
    if contrast < max(LEAST_CONTRAST, LEAST_SIGMAS * noise):
        raise ValueError(_FAINT)
    if len(above) > MOST_INK * excess.size:
        raise ValueError(_CROWDED)
    low = threshold / 2
    return np.clip((excess - low) / (float(np.median(above)) - low), 0, 1), excess > threshold


def _standing_out(grey: np.ndarray) -> np.ndarray:
    """How far each place is from the paper around it, towards ink, 0 or more."""
    smooth = grey - _plane(grey)
    if float((smooth**3).sum()) > 0:
        smooth, grey = -smooth, 255 - grey
    return np.clip(_paper(grey) - grey, 0, None)


def _plane(grey: np.ndarray) -> np.ndarray:
    """The quadratic surface with the least sum of absolute differences from most of the picture: paper in slanting light."""
    y, x = np.meshgrid(*(np.linspace(-1, 1, length) for length in grey.shape), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], -1).reshape(-1, 6)
    few = slice(None, None, max(1, grey.size // 4000))
    rows, values, weights = terms[few], grey.reshape(-1)[few], np.ones(len(terms[few]))
    for _ in range(12):
        found = np.linalg.lstsq(rows * weights[:, None], values * weights, rcond=None)[0]
        weights = 1 / np.sqrt(np.maximum(np.abs(rows @ found - values), 1.0))
    return (terms @ found).reshape(grey.shape)


def _paper(grey: np.ndarray) -> np.ndarray:
    """The paper's brightness under dark ink: what a closing by a square wider than any stroke leaves, blurred."""
    height, width = grey.shape
    small = Image.fromarray(grey.clip(0, 255).astype(np.uint8)).resize(
        (max(1, width // 4), max(1, height // 4)), Image.Resampling.BOX
    )
    closed = small.filter(ImageFilter.MaxFilter(13)).filter(ImageFilter.MinFilter(13)).filter(ImageFilter.GaussianBlur(2))
    return np.asarray(closed.resize((width, height), Image.Resampling.BILINEAR), np.float32)


def _otsu(values: np.ndarray) -> float:
    """The threshold that parts values into two classes with the largest variance between them. Source: Otsu 1979."""
    counts, edges = np.histogram(values, 256)
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * middles)
    with np.errstate(invalid="ignore", divide="ignore"):
        between = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return float(edges[1 + int(np.nanargmax(between))]) if np.isfinite(between).any() else float(edges[-1])


# ---- choosing and thickening


def _digit_of(ink: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, int, int]:
    """The part of `ink` with the digit, nothing else on it, its strokes no thinner than MNIST's; `others` and `joined` of Photo."""
    kept, others, joined = _chosen(blobs_of(mask), ink.shape)
    around = _grown(kept, 3)
    rows, columns = np.flatnonzero(around.any(1)), np.flatnonzero(around.any(0))
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    return _thickened((ink * around)[box], kept[box]), others, joined


def _chosen(blobs: Blobs, shape: tuple[int, ...]) -> tuple[np.ndarray, int, int]:
    """(h, w) bool: the largest blob away from the edge, and what is close to it and not tiny; `others` and `joined` of Photo."""
    least = LEAST_SIDE * max(shape) / WORK_SIDE
    length = np.maximum(blobs.bottom - blobs.top, blobs.right - blobs.left)
    high, wide = (blobs.top == 0) * 1 + (blobs.bottom == shape[0]), (blobs.left == 0) * 1 + (blobs.right == shape[1])
    candidates = (length >= least) & (high + wide == 0)
    if not candidates.any():
        candidates = (length >= least) & (high < 2) & (wide < 2)
    if not candidates.any():
        raise ValueError(_SMALL)
    main = int(np.argmax(np.where(candidates, blobs.area, 0)))
    reach = 0.35 * length[main]
    close = (
        (blobs.top < blobs.bottom[main] + reach)
        & (blobs.bottom > blobs.top[main] - reach)
        & (blobs.left < blobs.right[main] + reach)
        & (blobs.right > blobs.left[main] - reach)
    )
    kept = close & candidates & (blobs.area > 0.08 * blobs.area[main])
    kept[main] = True
    if blobs.area[kept].sum() < LEAST_PART * blobs.area[high + wide == 0].sum():
        raise ValueError(_CROWDED)
    large = candidates & (blobs.area >= COMPARABLE * blobs.area[main]) & (length >= COMPARABLE * length[main])
    return np.isin(blobs.labels, 1 + np.flatnonzero(kept)), int((large & ~kept).sum()), int((large & kept).sum())


def _thickened(ink: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Strokes as wide as MNIST's, where they are thinner. A stroke's width: twice its area over the length of its rim."""
    framed = np.pad(mask, 1)
    rim = sum(int((framed != np.roll(framed, 1, axis)).sum()) for axis in (0, 1))
    pixel = max(np.ptp(np.flatnonzero(mask.any(axis))) + 1 for axis in (0, 1)) / BOX
    width = 2.3 * float(mask.sum()) / rim
    if width >= THIN * pixel:
        return ink
    reach = max(1, round((USUAL * pixel - width) / 2))
    wide = Image.fromarray(np.rint(255 * np.pad(ink, reach)).astype(np.uint8)).filter(ImageFilter.MaxFilter(2 * reach + 1))
    return np.asarray(wide, np.float32) / 255


def _grown(mask: np.ndarray, size: int) -> np.ndarray:
    return np.asarray(Image.fromarray(mask.astype(np.uint8)).filter(ImageFilter.MaxFilter(size)), bool)
