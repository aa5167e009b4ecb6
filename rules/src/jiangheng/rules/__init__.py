"""The rules as data and pure functions: no IO but the wheel's own tables, no clock but the one passed in."""
