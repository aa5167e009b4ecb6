"""The rules of filing; no IO and no clock but the one passed in."""
