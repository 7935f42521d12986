"""`outcrop serve --workers N`: a parent that accepts, and N processes that serve what it gives them.

    client --connects--> parent --the connection itself--> worker      (sharing.py, worker.py)
                            starts and replaces workers                 (parent.py)

With one listening socket for all, as is usual, whoever wakes first takes a connection, and where clients keep
theirs open most may be one worker's for long: https://github.com/benoitc/gunicorn/issues/3071
With one for each (SO_REUSEPORT) a hash decides, which is as uneven for a few connections; macOS has none, and
what waits for a worker that dies is lost: https://lwn.net/Articles/542629/
"""
