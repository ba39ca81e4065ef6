"""What holds over the whole fleet: limits, brakes, exemptions, repos that left. Pure."""
