"""What can be asked of registration: one file per use case, one transaction each."""
