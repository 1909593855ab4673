"""Photos made of real digits: uneven light, grain, light on dark, EXIF, transparency; and what is no photo of a digit."""

from __future__ import annotations

import io
import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image

from engines.data.photo import MAX_BYTES, read_photo
from tests.engines.data.reader import examples, read

HEIGHT, WIDTH = 300, 400
Y, X = np.mgrid[0:HEIGHT, 0:WIDTH] / WIDTH
LIGHTS = {
    "even": np.ones((HEIGHT, WIDTH)),
    "slanting": 0.55 + 0.45 * X * (0.5 + Y),
    "corners": 1 - 0.9 * ((X - 0.5) ** 2 + (Y - 0.4) ** 2),
    "shadow": np.where(X + 0.3 * Y > 0.7, 0.5, 1.0),
    "lamp": 0.4 + 0.6 * np.exp(-8 * ((X - 0.3) ** 2 + (Y - 0.3) ** 2)),
}


def written(picture: np.ndarray, factor: int = 8, y: int = 0, x: int = 0) -> np.ndarray:
    """(300, 400), 0 to 1: a real digit, enlarged smoothly, somewhere on a sheet."""
    side = 28 * factor
    large = Image.fromarray(picture).resize((side, side), Image.Resampling.BICUBIC)
    sheet = np.zeros((HEIGHT, WIDTH))
    top, left = (HEIGHT - side) // 2 + y, (WIDTH - side) // 2 + x
    sheet[top : top + side, left : left + side] = np.asarray(large) / 255
    return sheet


def taken(ink: np.ndarray, light: str = "slanting", dark: float = 0.75, noise: float = 4, seed: int = 0) -> np.ndarray:
    """The camera's picture of ink on paper, uint8."""
    seen = 225 * LIGHTS[light] * (1 - dark * ink) + noise * np.random.default_rng(seed).standard_normal(ink.shape)
    return np.rint(seen).clip(0, 255).astype(np.uint8)


def filed(picture: np.ndarray | Image.Image, kind: str = "PNG", **options) -> bytes:
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    image.save(content := io.BytesIO(), kind, **options)
    return content.getvalue()


def picture_of(content: bytes) -> np.ndarray:
    return read_photo(content).picture


def alike(found: np.ndarray, wanted: np.ndarray) -> float:
    """Cosine of the angle between two pictures, at the best place within a pixel."""
    wide = np.pad(wanted.astype(float), 1)
    places = [wide[y : y + 28, x : x + 28] for y in range(3) for x in range(3)]
    return max(float((found * place).sum() / np.linalg.norm(found) / np.linalg.norm(place)) for place in places)


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize("inverse", [False, True])
def test_a_digit_is_found_in_any_light(light, inverse):
    pictures, labels = examples()
    rightly = plain = 0
    for i in range(6):
        photo = taken(written(pictures[i], y=i - 6, x=3 * i - 18), light, seed=i)
        found = picture_of(filed(255 - photo if inverse else photo))
        assert alike(found, pictures[i]) > 0.88
        rightly += read(found) == labels[i]
        plain += read(pictures[i]) == labels[i]
    assert rightly >= plain - 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_turns_it_upright(orientation):
    picture = examples()[0][2]
    upright = Image.fromarray(taken(written(picture)))
    undone = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    stored = upright if orientation == 1 else upright.transpose(Image.Transpose(undone[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    for kind in ("JPEG", "PNG", "WEBP"):
        assert alike(picture_of(filed(stored, kind, exif=exif)), picture) > 0.9, kind


def transparent(ink: np.ndarray, grey: int) -> Image.Image:
    """Ink of one brightness on nothing."""
    cover = np.rint(255 * ink).astype(np.uint8)
    return Image.merge("LA", (Image.fromarray(np.full_like(cover, grey)), Image.fromarray(cover)))


MODES = {
    "black and white": lambda ink: Image.fromarray(taken(ink)).convert("1", dither=Image.Dither.NONE),
    "palette": lambda ink: Image.fromarray(taken(ink)).convert("P", palette=Image.Palette.ADAPTIVE),
    "colours": lambda ink: Image.merge("RGB", [Image.fromarray(taken(ink, dark=dark)) for dark in (0.8, 0.7, 0.3)]),
    "16 bits": lambda ink: Image.fromarray(taken(ink).astype(np.uint16) * 257),
    "dark on nothing": lambda ink: transparent(ink, 20),
    "light on nothing": lambda ink: transparent(ink, 240).convert("RGBA"),
    "a transparent shade": lambda ink: Image.fromarray(np.where(ink > 0.5, 0, 255).astype(np.uint8)),
}


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_of_a_png(mode):
    picture = examples()[0][4]
    options = {"transparency": 255} if mode == "a transparent shade" else {}
    assert alike(picture_of(filed(MODES[mode](written(picture)), **options)), picture) > 0.88


def test_mnists_own_pictures_come_out_as_they_went_in():
    for picture in examples()[0][:10]:
        assert alike(picture_of(filed(picture)), picture) > 0.97
        assert alike(picture_of(filed(255 - np.kron(picture, np.ones((4, 4), np.uint8)))), picture) > 0.97


def test_a_thin_pen_is_made_as_wide_as_mnists():
    sheet = np.zeros((HEIGHT, WIDTH))
    sheet[60:240, 199:202] = 1
    found = picture_of(filed(taken(sheet)))
    assert 1.6 < found.sum() / 255 / 20 < 3 and found.max() > 240


def test_specks_a_table_and_squared_paper_are_left_out():
    picture, rng = examples()[0][2], np.random.default_rng(0)
    sheet = written(picture, 7)
    for y, x in zip(rng.integers(0, HEIGHT - 3, 25), rng.integers(0, WIDTH - 3, 25), strict=True):
        sheet[y : y + 3, x : x + 3] = np.maximum(sheet[y : y + 3, x : x + 3], 0.9)
    lines = np.zeros_like(sheet)
    lines[::30], lines[:, ::30] = 0.2, 0.2
    sheet = np.maximum(sheet, lines)
    sheet[:, :30] = 0.9
    assert alike(picture_of(filed(taken(sheet))), picture) > 0.9


def test_a_digit_in_two_parts_is_whole():
    sheet = np.zeros((HEIGHT, WIDTH))
    sheet[60:80, 150:260] = 1
    sheet[95:110, 150:165] = 1
    sheet[110:250, 180:200] = 1
    rows = np.flatnonzero(picture_of(filed(taken(sheet))).any(1))
    assert len(rows) == 20 or np.ptp(rows) == 19
    found = picture_of(filed(taken(sheet)))
    assert (~found.any(1))[rows[0] : rows[-1]].any(), "the gap between the parts"


def test_a_large_photo_is_read_at_once():
    big = Image.fromarray(taken(written(examples()[0][2]))).resize((4000, 3000))
    assert alike(picture_of(filed(big, "JPEG")), examples()[0][2]) > 0.9


# ---- what is none


def png_claiming(width: int, height: int) -> bytes:
    """A few bytes that say they are a huge picture."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    packed = [struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def flat(value: float, noise: float = 0) -> np.ndarray:
    return (value + noise * np.random.default_rng(0).standard_normal((HEIGHT, WIDTH))).clip(0, 255).astype(np.uint8)


def page() -> np.ndarray:
    ink = np.zeros((HEIGHT, WIDTH))
    for y in range(20, 270, 40):
        for x in range(20, 370, 40):
            ink[y : y + 24, x : x + 8] = 1
    return taken(ink)


JUNK = {
    "nothing": (b"", "no picture that can be read"),
    "words": (b"once upon a time " * 50, "no picture that can be read"),
    "too many bytes": (b"\x89PNG" + bytes(MAX_BYTES), "at most 10 MB"),
    "a phone's own kind": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100), "HEIC file.*save it as JPEG"),
    "gif": (filed(flat(200), "GIF"), "a GIF file"),
    "tiff": (filed(flat(200), "TIFF"), "a TIFF file"),
    "words on a company": (b"IBM BM %PDF GIF8", "no picture that can be read"),
    "pdf": (b"%PDF-1.7\n", "a PDF file"),
    "41 megapixels": (png_claiming(8200, 5000), "41 megapixels; at most 40"),
    "a bomb": (png_claiming(10_000, 10_000), "far too large|100 megapixels"),
    "a larger bomb": (png_claiming(60_000, 60_000), "far too large"),
    "an empty promise": (png_claiming(3000, 3000), "damaged"),
    "half a photo": (filed(taken(written(examples()[0][0])))[:9000], "damaged"),
    "half a jpeg": (filed(flat(128, 40), "JPEG")[:4000], "damaged"),
    "a head alone": (b"\x89PNG\r\n\x1a\n", "no picture|damaged"),
    "a sliver": (filed(flat(200)[:4]), "too few"),
    "white": (filed(flat(255)), "nothing stands out"),
    "grey and grain": (filed(flat(128, 8)), "nothing stands out"),
    "faint": (filed(taken(written(examples()[0][0]), "even", dark=0.04)), "nothing stands out"),
    "light alone": (filed(taken(np.zeros((HEIGHT, WIDTH)), "lamp")), "nothing stands out"),
    "wild grain": (filed(flat(128, 80)), "too much|nothing stands out"),
    "a board": (filed((255 * ((np.arange(HEIGHT)[:, None] // 20 + np.arange(WIDTH) // 20) % 2)).astype(np.uint8)), "too much"),
    "a page of text": (filed(page()), "too much"),
    "a dot": (filed(taken((np.hypot(Y - 0.3, X - 0.5) < 0.012) * 1.0)), "too small"),
    "an edge": (filed(taken((X > 0.9) * 1.0, "even")), "too small|too much|nothing"),
}


@pytest.mark.parametrize("name", JUNK)
def test_what_is_no_digit_is_told_in_a_sentence(name):
    content, told = JUNK[name]
    with pytest.raises(ValueError, match=told) as caught:
        picture_of(content)
    assert str(caught.value)[0].isupper() and str(caught.value)[-1] == "."


def test_a_bomb_is_no_warning_either():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ValueError, match="100 megapixels"):
            picture_of(png_claiming(10_000, 10_000))


def test_bytes_that_were_changed_never_raise_anything_else():
    rng = np.random.default_rng(0)
    for kind in ("PNG", "JPEG", "WEBP"):
        whole = np.frombuffer(filed(taken(written(examples()[0][1], 3))[::3, ::3], kind), np.uint8)
        for _ in range(8):
            changed = whole.copy()
            changed[rng.integers(0, len(whole), 8)] = rng.integers(0, 256, 8)
            try:
                assert picture_of(changed.tobytes()).shape == (28, 28)
            except ValueError as problem:
                assert str(problem).endswith(".")


def test_nothing_is_written(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a file was opened")

    content = filed(taken(written(examples()[0][1])))
    read(examples()[0][1])
    monkeypatch.setattr("builtins.open", refuse)
    monkeypatch.setattr("tempfile.mkstemp", refuse)
    assert picture_of(content).any()


def test_shapes_that_were_left_out_or_joined_are_counted():
    pictures = examples()[0]
    assert read_photo(filed(taken(written(pictures[2]))))[1:] == (0, 1)
    apart = np.maximum(written(pictures[2], 5, x=-120), written(pictures[2], 5, x=110))
    assert read_photo(filed(taken(apart))).others == 1
    close = np.maximum(written(pictures[2], 5, x=-55), written(pictures[2], 5, x=45))
    assert read_photo(filed(taken(close)))[1:] == (0, 2)


def test_a_picture_far_too_large_is_refused_in_megapixels_and_quietly():
    with (
        warnings.catch_warnings(record=True) as told,
        pytest.raises(ValueError, match="100 megapixels; at most 40 megapixels are read"),
    ):
        warnings.simplefilter("always")
        picture_of(png_claiming(10_000, 10_000))
    assert not told
