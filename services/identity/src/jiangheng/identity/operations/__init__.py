"""The use cases of identity, one file each. An operation opens its own transactions."""
