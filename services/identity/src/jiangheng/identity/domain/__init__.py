"""The rules of identity, without IO and without any clock but the moment passed in."""
