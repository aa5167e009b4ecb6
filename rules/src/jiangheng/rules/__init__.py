"""The rules as data and pure functions over them: no IO but the wheel's own tables, no clock but the one passed in."""
