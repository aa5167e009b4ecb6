"""Printed forms: Typst templates, and the one place that sets them."""
