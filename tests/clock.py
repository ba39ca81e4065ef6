"""The moment at which every test lives: a result must not depend on the day on which the tests are run.

SYNCBOT_TEST_NOW moves the whole suite to another day.
"""

from __future__ import annotations

import os
from datetime import datetime

from syncbot.clock import VARIABLE

NOW = os.environ.get("SYNCBOT_TEST_NOW", "2026-11-25T12:00:00Z")
"""ISO 8601; a Wednesday unless told otherwise."""
START = datetime.fromisoformat(NOW)
SETTINGS = {VARIABLE: NOW}
"""What a command's environment holds, so that it lives at that moment too."""
