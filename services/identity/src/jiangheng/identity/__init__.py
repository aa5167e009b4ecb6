"""Persons, credentials, keys, grants and tokens: who somebody is and what he may do."""
