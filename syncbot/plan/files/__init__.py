"""What each owned file of a repo is: wanted, live and delivered, and why they differ. Pure."""
