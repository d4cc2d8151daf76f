"""Our own lint rules: what ruff, mypy and import-linter cannot know. Prints each finding; exit code 1 if there is any."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "csms"

LINES_AT_MOST = 500
FUNCTION_LINES_AT_MOST = 60
TSX_LINES_AT_MOST = 250

# The glossary's right-hand column: the wire's words stay in ocpp/, simulator/ and the dialects.
WIRE_WORDS = re.compile(r"\b(charge_?point|charge_?box|id_?tag|meter_?values?|tenant|rfid)s?\b", re.IGNORECASE)
WIRE_ROOMS = ("ocpp/", "simulator/", "gateway/dialects/")
ROOMS_WITH_VOCABULARY = ("domain/", "gateway/", "api/", "jobs/", "kit/")

# An `except Exception` stands at an edge, where somebody else's failure must not spread.
EDGES = {
    "gateway/link.py", "gateway/server.py", "api/edge.py", "jobs/schedule.py", "jobs/relay.py",
    "adapters/db/recorder.py", "adapters/db/postgres_writer.py", "adapters/bus/memory.py", "adapters/bus/nats.py",
    "kit/batching.py",
}  # fmt: skip

# Nobody outside adapters/ and app/ may ask which database or bus there is: not by a name of theirs, in code or in a string that
# something may be compared with, nor by asking a connection what it is.
BACKENDS = re.compile(
    r"\b(sqlite|postgres(ql)?|asyncpg|aiosqlite|nats)\b|(?-i:(Sqlite|SQLite|Postgres|Nats)[A-Z])", re.IGNORECASE
)
BACKEND_BLIND = ("domain/", "gateway/", "api/")
ASKS_THE_ENGINE = {
    "drivername", "get_backend_name", "get_driver_name", "get_dialect", "get_bind", "server_version_info",
}  # fmt: skip
ASKS_A_DIALECT = {"name", "driver"}  # of `….dialect`; the gateway's own dialects, of OCPP, have none of both

SECRET_PLACES = re.compile(r"(/work/|/home/\w+/|/root/)")
REGISTRY_HOSTS = re.compile(r"\b(pypi\.org|pythonhosted\.org|registry\.npmjs\.org|deb\.debian\.org)\b")


def tracked(*patterns: str) -> list[Path]:
    """The files git knows, by pattern; new ones too."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in sorted(set(names.splitlines())) if (ROOT / name).is_file()]


def code_only(path: Path) -> Iterator[tuple[int, str]]:
    """Identifiers of a Python file with their line numbers: no comments, no strings."""
    for node in ast.walk(ast.parse(path.read_text())):
        for name in ("id", "attr", "arg", "name"):
            value = getattr(node, name, None)
            if isinstance(value, str) and hasattr(node, "lineno"):
                yield node.lineno, value


def room_path(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def sizes() -> Iterator[str]:
    for path in tracked("*.py"):
        if "migrations/versions" in str(path):
            continue
        text = path.read_text()
        if (count := len(text.splitlines())) > LINES_AT_MOST:
            yield f"{path.relative_to(ROOT)}: {count} lines; split it (at most {LINES_AT_MOST})"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION_LINES_AT_MOST:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}: {node.name} has {length} lines; split it"
    for path in tracked("*.tsx"):
        if (count := len(path.read_text().splitlines())) > TSX_LINES_AT_MOST:
            yield f"{path.relative_to(ROOT)}: {count} lines; split it (at most {TSX_LINES_AT_MOST})"


def vocabulary() -> Iterator[str]:
    for path in tracked("src/csms/*.py"):
        room = room_path(path)
        if room.startswith(WIRE_ROOMS) or not room.startswith(ROOMS_WITH_VOCABULARY):
            continue
        for line, name in code_only(path):
            if WIRE_WORDS.search(name):
                yield f"{path.relative_to(ROOT)}:{line}: {name!r} is the wire's word; see docs/glossary.md"


def edges() -> Iterator[str]:
    for path in tracked("src/csms/*.py"):
        if room_path(path) in EDGES or room_path(path).startswith("simulator/"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ExceptHandler) and isinstance(node.type, ast.Name) and node.type.id == "Exception":
                yield f"{path.relative_to(ROOT)}:{node.lineno}: `except Exception` stands at the edges only"


def asked_of_the_backend(source: str) -> Iterator[tuple[int, str]]:
    """Where the text of a module names or asks for a database or bus: line, and what stands there. Docstrings may."""
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        named = [getattr(node, name, None) for name in ("id", "attr", "arg", "name", "module")]
        if isinstance(node, ast.Constant) and id(node) not in docstrings:
            named.append(node.value)
        line = getattr(node, "lineno", 0)
        yield from ((line, value) for value in named if isinstance(value, str) and BACKENDS.search(value))
        if isinstance(node, ast.Attribute):
            owner = getattr(node.value, "attr", getattr(node.value, "id", None))
            if node.attr in ASKS_THE_ENGINE or (owner == "dialect" and node.attr in ASKS_A_DIALECT):
                yield line, ast.unparse(node)


def backends() -> Iterator[str]:
    for path in tracked("src/csms/*.py"):
        if not room_path(path).startswith(BACKEND_BLIND):
            continue
        for line, words in asked_of_the_backend(path.read_text()):
            yield f"{path.relative_to(ROOT)}:{line}: {words!r}: only adapters/ and app/ know which database or bus there is"


def places() -> Iterator[str]:
    for path in tracked():
        if path.suffix in {".png", ".ico", ".woff2"} or path.name == "lint.py":
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if REGISTRY_HOSTS.search(line):
                yield f"{path.relative_to(ROOT)}:{number}: names a package registry's host"
            if SECRET_PLACES.search(line):
                yield f"{path.relative_to(ROOT)}:{number}: names a path of some machine"


def rooms() -> Iterator[str]:
    """Every package says in its `__init__` what it holds, in at most five lines."""
    for path in tracked("src/csms/**/__init__.py"):
        if "ocpp/v" in str(path) or "migrations" in str(path):
            continue
        words = ast.get_docstring(ast.parse(path.read_text()))
        if not words:
            yield f"{path.relative_to(ROOT)}: says nothing of what it holds"
        elif len(words.splitlines()) > 5:
            yield f"{path.relative_to(ROOT)}: more than five lines"


def migrations() -> Iterator[str]:
    """They stand in one line: two that follow the same one, written side by side, would not run."""
    known: dict[str, str] = {}
    followed: set[str] = set()
    for path in tracked("src/csms/adapters/db/migrations/versions/*.py"):
        said = dict(re.findall(r"^(revision|down_revision)\b.*?= [\"'](\w+)[\"']", path.read_text(), re.MULTILINE))
        known[said["revision"]] = path.name
        followed.add(said.get("down_revision", ""))
    last = sorted(known[revision] for revision in known.keys() - followed)
    if len(last) > 1:
        yield f"more than one is the last: {', '.join(last)}; set the down_revision of yours to the other's revision"


RULES: tuple[Callable[[], Iterator[str]], ...] = (
    sizes, vocabulary, edges, backends, places, rooms, migrations,
)  # fmt: skip


def main() -> int:
    findings = [f"{rule.__name__}: {finding}" for rule in RULES for finding in rule()]
    print("\n".join(findings) if findings else f"own rules: {len(RULES)} kept")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
