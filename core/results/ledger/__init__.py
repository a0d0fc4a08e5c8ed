"""The ledger of certificates (发证登记册): where each paper is, and the acts by which it gets there."""
