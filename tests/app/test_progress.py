"""How far long work is: a bar for people, lines for logs, nothing for what is over at once."""

from io import StringIO

from csms.app.progress import Progress


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


class Seconds:
    """A clock that the test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def work(out: StringIO, *steps: tuple[float, int]) -> str:
    """Tell of 1,000 rows at these seconds from the beginning; what was shown."""
    clock = Seconds()
    progress = Progress("rows", out, clock)
    progress("copying", 0, 1_000)
    for at, done in steps:
        clock.now = 100.0 + at
        progress("copying", done, 1_000)
    progress.end()
    return out.getvalue()


def test_what_takes_less_than_a_second_shows_nothing() -> None:
    assert work(Terminal(), (0.4, 500), (0.9, 1_000)) == ""


def test_a_log_gets_a_line_now_and_then() -> None:
    shown = work(StringIO(), (1.5, 100), (2.0, 200), (6.5, 400), (7.0, 500), (12.0, 750))
    assert shown.splitlines() == [
        "copying: 10%, 100 of 1,000 rows, 14 s left",
        "copying: 40%, 400 of 1,000 rows, 10 s left",
        "copying: 75%, 750 of 1,000 rows, 4 s left",
    ]


def test_a_terminal_gets_a_bar_that_ends_with_its_line() -> None:
    shown = work(Terminal(), (2.0, 500), (2.05, 501), (3.0, 1_000))
    assert shown.count("\r") == 2
    assert f"copying {'█' * 15}{'░' * 15}  50% 500 of 1,000 rows, 2 s left" in shown
    assert f"{'█' * 30} 100%" in shown
    assert shown.endswith("\n")


def test_each_piece_of_work_begins_anew() -> None:
    clock, out = Seconds(), StringIO()
    progress = Progress("rows", out, clock)
    progress("copying", 1, 10)
    clock.now += 2
    progress("copying", 5, 10)
    progress("checking", 1, 10)
    clock.now += 2
    progress("checking", 5, 10)
    assert [line.partition(":")[0] for line in out.getvalue().splitlines()] == ["copying", "checking"]
