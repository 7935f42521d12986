"""python -m proxy: the outcrop command where its script is not on the path."""

import sys

from proxy.cli import main

sys.exit(main())
