"""The local Bedrock's admin door, and the one request that most of these tests look at."""

from typing import Any

from tests.door import AdminDoor


class Door(AdminDoor):
    def converse(self) -> dict[str, Any]:
        """The body of the only request."""
        (request,) = self.requests()
        body: dict[str, Any] = request["body"]
        return body
