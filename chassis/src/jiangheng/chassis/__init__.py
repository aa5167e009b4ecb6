"""Plumbing that every service stands on, without one domain word."""
