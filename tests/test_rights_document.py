"""The table of rights in the documentation is the one in force."""

from pathlib import Path

from csms.domain.accounts.rules import NETWORK, RIGHTS, Right, Role

DOCUMENT = Path(__file__).parent.parent / "docs" / "rights.md"


def table() -> str:
    """Rights by role: ● everywhere the role holds, ○ only for a role that holds everywhere."""
    heads = [role.replace("_", " ") for role in Role]
    lines = [f"| right | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for right in Right:
        mark = "○" if right in NETWORK else "●"
        cells = [mark if right in RIGHTS[role] else "" for role in Role]
        lines.append(f"| `{right}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def test_the_table_is_the_one_in_force() -> None:
    assert table() in DOCUMENT.read_text(encoding="utf-8"), f"put this there:\n{table()}"
