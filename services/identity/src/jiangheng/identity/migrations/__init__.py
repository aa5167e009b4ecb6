"""The steps that bring identity's database to its present form."""
