"""Garbage collection as a server wants it: what start-up made is never looked at again, and the rest seldom.

Nearly all that a request makes is freed by its reference count; errors too, where they are let go. What the
collector is for are cycles, and it looks for them in everything that lives: hundreds of thousands of objects
of libraries, unless told not to.
"""

import gc

# Objects made and not freed yet, between two looks at the youngest. A long history is one burst of them, all
# alive until it is answered, so that Python's 700 would have them looked at again and again in vain. A look
# at as many takes 6 ms.
YOUNGEST = 100_000
# Such looks, between two at all that was found alive. Chats leave no cycles behind, so that little waits for
# it; within a burst it would be a look at millions, and take tenths of a second.
OLDER = 100


def settle() -> None:
    """Call once a process, when all has been imported that serves."""
    gc.freeze()
    gc.set_threshold(YOUNGEST, OLDER, 10)


def sweep() -> None:
    """Call after work that leaves much behind, garbage and what stays, such as a client of botocore."""
    gc.collect()
    gc.freeze()


def let_go(error: BaseException) -> None:
    """Of the frames that an error came through, once all is done that is done about it.

    Some hold the error too. Then they would stay, the request's bytes in them, until the garbage collector
    looks for what holds itself.
    """
    left: BaseException | None = error
    while left is not None:
        left.__traceback__ = None
        left = left.__cause__ or left.__context__
