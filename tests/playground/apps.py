"""What tests of panels in AppTest share."""

from __future__ import annotations

import time


def awaited(app, condition=lambda app: "job.now" not in app.session_state, seconds=90):
    """The panel once its job has ended, or a condition holds."""
    end = time.monotonic() + seconds
    while not condition(app) and time.monotonic() < end:
        time.sleep(0.05)
        app.run()
    assert condition(app) and not app.exception
    return app
