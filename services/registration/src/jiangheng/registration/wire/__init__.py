"""The wire's messages and the domain's records, each made from the other, one file per kind of case."""
