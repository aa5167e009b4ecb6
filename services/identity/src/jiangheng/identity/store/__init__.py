"""Tables and queries of identity. Queries take an open transaction; none commits."""
