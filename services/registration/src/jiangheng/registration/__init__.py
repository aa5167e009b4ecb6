"""Institutions and their filing (机构备案): who applied, who decided, under which code."""
