"""Outcrop's shell: HTTP, AWS, time and settings around the pure translators."""
