"""The ledger's rules, without IO."""
