"""Problems say in words what is wrong."""

from csms.kit.errors import Conflict, NotFound, Problem


class CupboardEmpty(NotFound):
    """There is nothing left in the cupboard.

    And nobody else needs to know this line.
    """

    code = "cupboard_empty"


def test_a_problem_speaks_with_the_first_line_of_its_docstring() -> None:
    problem = CupboardEmpty(shelf=2)
    assert (problem.detail, problem.facts, str(problem)) == (
        "There is nothing left in the cupboard.", {"shelf": 2}, "There is nothing left in the cupboard.",
    )  # fmt: skip


def test_or_with_words_of_its_own() -> None:
    assert Conflict("Somebody else was quicker.").detail == "Somebody else was quicker."


def test_every_problem_has_a_code_of_its_own_and_a_sentence() -> None:
    def kinds(of: type[Problem]) -> list[type[Problem]]:
        return [kind for below in of.__subclasses__() for kind in (below, *kinds(below))]

    ours = [kind for kind in kinds(Problem) if kind.__module__.startswith("csms.")]
    assert len(ours) > 20
    for kind in ours:
        assert (kind.__doc__ or "").strip().splitlines()[0].endswith("."), kind
        assert "code" in vars(kind), kind
