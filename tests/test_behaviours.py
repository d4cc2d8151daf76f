"""Every line of behaviours.toml is shown by at least one test that names it, and no test names a line that is not there."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent


def lines() -> set[str]:
    groups = tomllib.loads((HERE / "behaviours.toml").read_text())
    return {number for group in groups.values() for number in group}


def named() -> Iterator[tuple[str, str]]:
    """Of each mark of a test: the line, and which test names it."""
    for path in sorted(HERE.rglob("test_*.py")):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and function.name.startswith("test_"):
                for mark in function.decorator_list:
                    if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.behaviour":
                        for line in mark.args:
                            yield ast.literal_eval(line), f"{path.relative_to(HERE)}::{function.name}"


def test_every_line_has_a_test_that_names_it() -> None:
    assert sorted(lines() - {line for line, _ in named()}) == []


def test_no_test_names_a_line_that_is_not_there() -> None:
    assert [(line, test) for line, test in named() if line not in lines()] == []
