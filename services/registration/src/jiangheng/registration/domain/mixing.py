"""The order of seats in a paper exam: neighbours of the same occupation and level are avoided (000 A3 7(1)).

Seats are numbered row by row. Coloured like a chess board, no two seats of one
colour are neighbours: the largest group is put on one colour first, the others
follow. So a room has neighbours alike only where one group is more than half of
it, and then as few as there can be in a line.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

Group = Hashable


def mixed(drawn: Sequence[str], group: Mapping[str, Group], columns: int) -> list[str]:
    """The ids in the order of their seats; within a group they keep the order in which they were drawn."""
    by_group: dict[Group, list[str]] = {}
    for id in drawn:
        by_group.setdefault(group[id], []).append(id)
    groups = sorted(by_group.values(), key=len, reverse=True)  # stable: of groups alike the first drawn
    seats = [""] * len(drawn)
    order = _order(len(drawn), columns, len(groups[0]) if groups else 0)
    for seat, id in zip(order, (id for each in groups for id in each), strict=True):
        seats[seat] = id
    return seats


def _order(seats: int, columns: int, largest: int) -> list[int]:
    """The seats in the order in which they are filled: one colour, then the other."""
    width = columns or max(seats, 1)
    light = [seat for seat in range(seats) if (seat // width + seat % width) % 2 == 0]
    dark = [seat for seat in range(seats) if (seat // width + seat % width) % 2]
    # What is left of a group beyond half goes to the far end, where it has the fewest neighbours.
    return light + (dark[::-1] if largest > len(light) else dark)
