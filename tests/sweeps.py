"""Whether the long sweeps run in full, as `make test-all` has it, or as a sample."""

from __future__ import annotations

import os

FULL = os.environ.get("SYNCBOT_FULL_SWEEPS") == "1"
