"""What became of the code that a flow was reviewed with: found, explained, told."""
