"""Long work in turns: called off at the very moment it pauses."""

from __future__ import annotations

from engines.trials.turns import Turns


class Called(Turns):
    """Somebody calls it off between its last look at that and its pause."""

    released = False

    @property
    def share(self) -> float:
        return 0.0

    def _work(self):
        yield

    def _go_on(self, progress, cancelled):
        status = super()._go_on(progress, cancelled)
        self.cancel()
        return status

    def _release(self):
        self.released = True


def test_who_calls_it_off_while_it_pauses_is_obeyed():
    work = Called(rest_s=lambda: 0.0)
    work.pause()
    work.run()
    assert (work.status, work.released) == ("cancelled", True)
