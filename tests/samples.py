"""What any test may need and none is about: a model that takes most things, and a picture."""

MODEL = "anthropic.claude-3-haiku-20240307-v1:0"

# The smallest valid one: one pixel.
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
