"""A Bedrock that lives inside: the same wire and the same refusals, with scripted answers."""
