"""Every certification case has exactly one test, which bears its title; the README tells how many there are."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
README = HERE.parents[1] / "README.md"


def cases() -> dict[str, str]:
    """The titles of all cases by their ids."""
    groups = tomllib.loads((HERE / "cases.toml").read_text())
    return {number: title for group in groups.values() for number, title in group.items()}


def marked() -> Iterator[tuple[str, str, str]]:
    """Of each test of a case: the case, the name of the test, and its docstring."""
    for path in sorted(HERE.glob("test_*.py")):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.AsyncFunctionDef):
                for mark in function.decorator_list:
                    if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.case":
                        yield ast.literal_eval(mark.args[0]), function.name, ast.get_docstring(function) or ""


def test_every_case_has_exactly_one_test() -> None:
    assert sorted(case for case, _, _ in marked()) == sorted(cases())


def test_every_test_bears_the_name_of_its_case() -> None:
    titles = cases()
    for case, name, docstring in marked():
        assert name.startswith(f"test_{case.lower()}_"), name
        assert docstring == titles[case], name


def test_the_readme_tells_how_many_there_are() -> None:
    count = len(list(marked()))
    assert f"{count} of {len(cases())} certification cases" in README.read_text()
