"""What registration keeps, one file per kind of case; every query takes the transaction it runs in."""
