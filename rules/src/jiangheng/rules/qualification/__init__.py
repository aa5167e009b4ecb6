"""Who may examine and supervise: conditions, cards, limits, loss (000 A7, A8; 001 D4, D5; 002 14)."""
