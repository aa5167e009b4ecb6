"""supervision: the evidence ledger, in which every service's facts stand for good."""
