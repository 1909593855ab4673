"""A Chromium for benchmarks and browser tests: the installed one, else Playwright's own."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def executable() -> str | None:
    """Path of an installed Chromium or Chrome; None lets Playwright take its own."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextlib.contextmanager
def browser(**options: Any) -> Iterator[Any]:
    """A headless Chromium (Playwright's synchronous Browser). Raises playwright's Error where there is none."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=executable(), args=[*ARGUMENTS], **options)
        try:
            yield opened
        finally:
            opened.close()
