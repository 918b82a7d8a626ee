"""Stand-ins that keep the ports' contracts in memory, for tests of what is built on them."""
