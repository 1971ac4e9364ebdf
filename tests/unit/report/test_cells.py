"""Columns of a terminal: wide characters take two, and where there are no blanks lines end too."""

from __future__ import annotations

import pytest

from printstd.report.cells import cells, padded, wrapped


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("layer", 5),
        ("слой", 4),
        ("қабат", 5),
        ("层高", 4),
        ("レイヤー", 8),
        ("층", 2),
        ("e\u0301", 1),
        ("", 0),
    ],
)
def test_cells_are_those_of_a_terminal(text: str, width: int) -> None:
    from rich.cells import cell_len

    assert cells(text) == width == cell_len(text)
    assert cells(padded(text, 12)) == 12
    assert padded(text, 0) == text


@pytest.mark.parametrize("width", [24, 31, 60])
@pytest.mark.parametrize(
    "text",
    [
        "the walls lie outside the outline, by more than the process allows",
        "стенки лежат снаружи контура дальше, чем допускает процесс изготовления",
        "壁が全体として輪郭の外側にあり、プロセスの許容を超えている（第 3 層、0.2 mm）。",
        "壁整体位于轮廓外侧，超出工艺允许的范围，共三层，最大偏差为 0.2 mm。",
        "벽이 전체적으로 윤곽 바깥쪽에 있어 공정의 허용을 넘습니다",
    ],
)
def test_lines_fit_and_lose_nothing(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert len(lines) > 1 or cells(text) <= width
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        # A mark that may not begin a line hangs over by its own width at most.
        assert cells(line) <= width + 2
        assert line[0] not in "、。，）"
        assert line == line.strip()


def test_a_word_that_is_too_long_is_not_cut() -> None:
    assert wrapped("a 0123456789abcdef", 8) == ["a", "0123456789abcdef"]
    assert wrapped("слово ооооооооочень", 8) == ["слово", "ооооооооочень"]
