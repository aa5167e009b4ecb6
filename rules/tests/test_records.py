"""Fields of a pack's record, read by type."""

from __future__ import annotations

import pytest

from jiangheng.rules.records import is_so, number, option, options
from jiangheng.rules.values import Record

RECORD: Record = {"number": 3, "flag": True, "option": "one", "options": ("one", "two")}


def test_fields_are_read_and_what_is_left_open_is_nothing() -> None:
    assert number(RECORD, "number") == 3
    assert is_so(RECORD, "flag") is True
    assert option(RECORD, "option") == "one"
    assert options(RECORD, "options") == ("one", "two")
    assert (number({}, "x"), is_so({}, "x"), option({}, "x"), options({}, "x")) == (None, False, None, ())


def test_a_field_of_another_type_is_a_mistake_of_the_caller() -> None:
    for read, wrong in ((number, "flag"), (is_so, "number"), (option, "options"), (options, "option")):
        with pytest.raises(ValueError, match=wrong):
            read(RECORD, wrong)
